package store

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// Redact gives a connection string that may be shown: the password is replaced, everything else is kept.
func Redact(uri string) string {
	start, end := passwordSpan(uri)
	if start == end {
		return uri
	}
	return uri[:start] + "xxxxx" + uri[end:]
}

// passwordSpan is where the password stands in uri; an empty span where there is none. The last @ before the path ends
// the user information, since a password that was not escaped may have an @ of its own. A broken URI without the
// slashes is searched as well.
func passwordSpan(uri string) (start, end int) {
	rest := uri
	if i := strings.Index(uri, "://"); i >= 0 {
		start = i + len("://")
		rest = uri[start:]
	}
	at := strings.LastIndexByte(rest, '@')
	if at < 0 {
		return 0, 0
	}
	colon := strings.IndexByte(rest[:at], ':')
	if colon < 0 {
		return 0, 0
	}
	return start + colon + 1, start + at
}

// redactedError is an error whose text had the password taken out. What it wraps is still there for errors.Is.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

// redacted takes uri's password out of err's text, as it stands in the URI and decoded.
func redacted(err error, uri string) error {
	start, end := passwordSpan(uri)
	if start == end {
		return err
	}
	secrets := []string{uri[start:end]}
	if dec, decErr := url.QueryUnescape(uri[start:end]); decErr == nil {
		secrets = append(secrets, dec)
	}
	if dec, decErr := url.PathUnescape(uri[start:end]); decErr == nil {
		secrets = append(secrets, dec)
	}
	text := err.Error()
	for _, s := range secrets {
		text = strings.ReplaceAll(text, s, "xxxxx")
	}
	if text == err.Error() {
		return err
	}
	// The wrapped error's own text still has the password, so only the sentinels go on.
	for _, kind := range []error{ErrConfig, ErrUnauthorized, ErrUnreachable} {
		if errors.Is(err, kind) {
			return &redactedError{text: text, err: kind}
		}
	}
	return errors.New(text)
}

// credentials are the user and the password in any URL.
var credentials = regexp.MustCompile(`(://[^/?#@\s:]*):[^/?#@\s]*@`)

// shown is an error's text as it may be logged and stored: without passwords, and of at most that many bytes.
func shown(text string, bytes int) string {
	text = credentials.ReplaceAllString(text, "$1:xxxxx@")
	if len(text) > bytes {
		const cut = "…"
		text = strings.ToValidUTF8(text[:bytes-len(cut)], "") + cut
	}
	return text
}
