// Package weburl gives each web page one name: the canonical form of its URL, the page id hashed from it, and the
// registrable domain that politeness is counted by.
//
// Invariants: Canonical(Canonical(x)) == Canonical(x); a canonical URL is plain ASCII, is http or https, has a host,
// is at most MaxLength bytes, and comes back unchanged from net/url; its host is the one a browser would connect to,
// so that exampl%65.org, EXAMPLE.org. and example.org:80 are one host and one politeness key.
//
// What it does not do: it does not sort or guess at query parameters (only those listed in tracking.go go), join http
// with https or www with the bare domain, or normalise Unicode: servers tell these apart. Neutral does join them, for
// comparing. It does no I/O. Input is foreign: every failure is one of the errors below, never a panic.
package weburl

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// MaxLength is the most bytes that a canonical URL has. sitemaps.org allows 2,048; an Arabic or Persian letter costs six
// bytes once percent-encoded, so real headlines used as slugs pass that, and twice as much takes all that were met.
const MaxLength = 4096

// maxRaw bounds the work done before MaxLength can be checked: encoding lengthens a URL up to threefold, but
// what is dropped (tracking parameters, fragments) can make up for it, so raw input may be longer than its result.
const maxRaw = 4 * MaxLength

// The reasons why a URL has no canonical form, to be told apart with errors.Is.
var (
	ErrScheme  = errors.New("not an absolute http or https URL") // another scheme, or none
	ErrHost    = errors.New("no valid host")                     // no host, or one no DNS name or address could be
	ErrTooLong = errors.New("URL too long")                      // more than MaxLength bytes
)

// Canonical gives the canonical form of an absolute http or https URL: lower-case host in punycode (percent-decoded
// first), no default port, no userinfo, no fragment, no dot segments, one percent-encoding (upper-case hex, unreserved
// characters decoded, all else that RFC 3986 does not allow encoded), tracking parameters and empty query dropped, the
// other parameters kept in their order. White space is treated as browsers do: trimmed outside, tabs and line ends
// removed inside. Errors: ErrScheme, ErrHost, ErrTooLong.
func Canonical(raw string) (string, error) {
	if len(raw) > maxRaw {
		return "", fmt.Errorf("%w: %d bytes, %.80q…", ErrTooLong, len(raw), raw)
	}
	s := clean(raw)
	scheme, rest, ok := cutScheme(s)
	if !ok {
		return "", fmt.Errorf("%w: %.200q", ErrScheme, raw)
	}
	authority, rest, ok := cutAuthority(rest)
	if !ok {
		return "", fmt.Errorf("%w: %.200q", ErrHost, raw)
	}
	host, ok := normalHost(authority, scheme)
	if !ok {
		return "", fmt.Errorf("%w: %.200q", ErrHost, raw)
	}
	rest, _, _ = strings.Cut(rest, "#")
	path, query, _ := strings.Cut(rest, "?")

	var b strings.Builder
	b.Grow(len(s) + 8)
	b.WriteString(scheme)
	b.WriteString("://")
	b.WriteString(host)
	b.WriteString(normalPath(path))
	writeQuery(&b, query)
	if b.Len() > MaxLength {
		return "", fmt.Errorf("%w: %d bytes, %.80q…", ErrTooLong, b.Len(), raw)
	}
	return b.String(), nil
}

// Resolve gives the canonical form of a reference met on the page base, which must be an absolute http or https URL.
// Besides Canonical's errors, ErrScheme stands for references that are not to be fetched, such as mailto: and data:.
func Resolve(base *url.URL, ref string) (string, error) {
	if len(ref) > maxRaw {
		return "", fmt.Errorf("%w: %d bytes, %.80q…", ErrTooLong, len(ref), ref)
	}
	ref = clean(ref)
	if hasScheme(ref) {
		return Canonical(ref)
	}
	origin := base.Scheme + "://" + base.Host
	switch {
	case len(ref) > 1 && isSlash(ref[0]) && isSlash(ref[1]):
		return Canonical(base.Scheme + ":" + ref)
	case ref != "" && isSlash(ref[0]):
		return Canonical(origin + ref)
	case ref == "" || ref[0] == '#':
		return Canonical(origin + base.EscapedPath() + "?" + base.RawQuery)
	case ref[0] == '?':
		return Canonical(origin + base.EscapedPath() + ref)
	}
	path := base.EscapedPath()
	return Canonical(origin + path[:strings.LastIndexByte(path, '/')+1] + pathStart(path) + ref)
}

// pathStart is the slash that a base without any path ("https://a.example") lacks.
func pathStart(path string) string {
	if path == "" {
		return "/"
	}
	return ""
}

// ID is the page id: 32 hex digits, the first 16 bytes of the SHA-256 of the canonical URL. Half of the hash keeps keys
// short, and at a billion pages the chance that any two collide is still about 10^-21.
func ID(canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	return hex.EncodeToString(sum[:16])
}

// clean trims what browsers trim (C0 controls and spaces) and removes the tabs and line ends that they remove.
func clean(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	if strings.ContainsAny(s, "\t\n\r") {
		s = strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
	}
	return s
}

// hasScheme says whether a reference begins with a scheme (RFC 3986 section 3.1).
func hasScheme(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c == ':':
			return i > 0
		case isAlpha(c):
		case i > 0 && (isDigit(c) || c == '+' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return false
}

// cutScheme splits "http" or "https" off, in lower case.
func cutScheme(s string) (scheme, rest string, ok bool) {
	for _, scheme := range []string{"https", "http"} {
		n := len(scheme)
		if len(s) > n && s[n] == ':' && strings.EqualFold(s[:n], scheme) {
			return scheme, s[n+1:], true
		}
	}
	return "", "", false
}

// cutAuthority splits "//user@host:port" off. A browser would take the host from "http:/host" and "http:///host" too;
// here these are URLs without a host, as RFC 3986 has it.
func cutAuthority(s string) (authority, rest string, ok bool) {
	if len(s) < 3 || !isSlash(s[0]) || !isSlash(s[1]) {
		return "", "", false
	}
	s = s[2:]
	end := strings.IndexAny(s, `/\?#`)
	if end < 0 {
		end = len(s)
	}
	authority, rest = s[:end], s[end:]
	return authority[strings.LastIndexByte(authority, '@')+1:], rest, true
}

func isSlash(c byte) bool { return c == '/' || c == '\\' } // browsers read both alike in http URLs
func isAlpha(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
