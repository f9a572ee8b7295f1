package weburl

import (
	"net/netip"
	"strconv"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
	"golang.org/x/net/publicsuffix"
)

// The limits that DNS sets (RFC 1035 section 2.3.4), in bytes of the ASCII form.
const (
	maxName  = 253
	maxLabel = 63
	// maxRawHost bounds IDNA processing: a longer host, even wholly percent-encoded Arabic, cannot fit in maxName.
	maxRawHost = 2048
)

// Host gives the normalised host[:port] of an absolute http or https URL, or "" where it has none. The default port of
// the scheme is left out.
func Host(rawURL string) string {
	if len(rawURL) > maxRaw {
		return ""
	}
	scheme, rest, ok := cutScheme(clean(rawURL))
	if !ok {
		return ""
	}
	authority, _, ok := cutAuthority(rest)
	if !ok {
		return ""
	}
	host, _ := normalHost(authority, scheme)
	return host
}

// Domain gives the registrable domain of a host[:port]: the part that one publisher registers, by the Public Suffix List
// (bbc.co.uk for www.bbc.co.uk; blogs under a shared suffix such as blogspot.com are each their own). The port does not
// count. IP addresses and localhost have no domain: they keep their host:port, and a public suffix itself stands for
// itself. It is "" for what is no host.
func Domain(host string) string {
	host, ok := normalHost(host, "") // no scheme: no port is a default one
	if !ok {
		return ""
	}
	name, _ := cutPort(host)
	if name == "localhost" || strings.HasSuffix(name, ".localhost") || !strings.Contains(name, ".") {
		return host // single labels are names of one machine's network, where the port tells the servers apart
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return host
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(name)
	if err != nil {
		return name
	}
	return domain
}

// SameSite says whether two absolute URLs belong to the same registrable domain.
func SameSite(a, b string) bool {
	ha, hb := Host(a), Host(b)
	if ha == "" || hb == "" {
		return false
	}
	return ha == hb || Domain(ha) == Domain(hb)
}

// normalHost normalises the host[:port] of a URL of the given scheme; false where no server could have that name.
func normalHost(hostport, scheme string) (string, bool) {
	host, port := cutPort(hostport)
	port, ok := normalPort(port, scheme)
	if !ok || host == "" || len(host) > maxRawHost {
		return "", false
	}
	if host[0] == '[' {
		addr, err := netip.ParseAddr(strings.TrimSuffix(host[1:], "]"))
		if err != nil || !addr.Is6() || addr.Zone() != "" || host[len(host)-1] != ']' {
			return "", false
		}
		return "[" + addr.String() + "]" + port, true
	}
	if !isPlainName(host) {
		if host, ok = browserHost(host); !ok {
			return "", false
		}
	}
	return host + port, true
}

// cutPort splits host:port; the colons inside an IPv6 literal's brackets are not its port's.
func cutPort(hostport string) (host, port string) {
	if i := strings.LastIndexByte(hostport, ':'); i >= 0 && !strings.Contains(hostport[i:], "]") {
		return hostport[:i], hostport[i+1:]
	}
	return hostport, ""
}

// normalPort gives ":port", or "" for no port and for the scheme's own.
func normalPort(port, scheme string) (string, bool) {
	if port == "" {
		return "", true
	}
	n, err := strconv.ParseUint(port, 10, 16)
	switch {
	case err != nil || n == 0:
		return "", false
	case scheme == "http" && n == 80, scheme == "https" && n == 443:
		return "", true
	}
	return ":" + strconv.FormatUint(n, 10), true
}

// isPlainName says whether a host is already in normal form and certainly a DNS name: this is nearly every host met,
// and spares it the general parser, which takes seven microseconds.
func isPlainName(host string) bool {
	labels := strings.Split(host, ".")
	for _, l := range labels {
		if strings.HasPrefix(l, "xn--") {
			return false // to be checked
		}
	}
	return isName(host) && !isDigit(labels[len(labels)-1][0]) // a last label of digits makes an IPv4 address
}

// isName says whether a host is lower-case letters, digits, hyphens and underscores (which DNS allows and blogs use) in
// labels within DNS's limits.
func isName(host string) bool {
	if len(host) > maxName {
		return false
	}
	label := 0
	for i := range len(host) {
		switch c := host[i]; {
		case c == '.':
			if label == 0 {
				return false
			}
			label = 0
		case 'a' <= c && c <= 'z' || isDigit(c) || c == '-' || c == '_':
			if label++; label > maxLabel {
				return false
			}
		default:
			return false
		}
	}
	return label > 0
}

// browserHost reads a host as browsers do (WHATWG URL): percent-decoding, IDNA mapping and punycode, and the odd ways of
// writing an IPv4 address (0x7f.1), which would otherwise hide a private address from a look at the URL.
func browserHost(host string) (string, bool) {
	u, err := whatwg.Parse("http://" + host + "/")
	if err != nil || u.Pathname() != "/" || u.Port() != "" {
		return "", false
	}
	host = strings.TrimSuffix(u.Hostname(), ".")
	if addr, err := netip.ParseAddr(host); err == nil {
		return host, addr.Is4()
	}
	return host, isName(host)
}
