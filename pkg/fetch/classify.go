package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"unicode/utf8"
)

// ofStatus is the outcome of an answer that is no redirect.
func ofStatus(status int, conditional bool) (Outcome, error) {
	switch {
	case hasPage(status), status == http.StatusNoContent, status == http.StatusResetContent:
		return OK, nil
	case status == http.StatusNotModified && conditional:
		return NotModified, nil
	}
	err := fmt.Errorf("%w: %d %s", ErrStatus, status, http.StatusText(status))
	switch status {
	case http.StatusProxyAuthRequired: // the operator's mistake, not the site's answer
		return Retry, fmt.Errorf("%w: %w", ErrProxy, err)
	case http.StatusNotFound, http.StatusGone:
		return Gone, err
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		http.StatusAccepted,    // not ready yet, or a challenge to robots
		http.StatusNotModified: // nobody asked: a confused cache in between
		return Retry, err
	}
	if status >= 500 && status < 600 {
		return Retry, err
	}
	return Failed, err
}

// failure is a request that brought no usable answer.
type failure struct {
	outcome  Outcome
	hostDown bool
	err      error
}

// classify sorts the error of a request. answered says that a response header had come.
func classify(ctx context.Context, err error, answered bool) failure {
	if cause := context.Cause(ctx); cause != nil {
		return failure{outcome: Canceled, err: cause}
	}
	f := failure{outcome: Retry, err: err}
	var (
		connect *connectError
		timeout net.Error
		op      *net.OpError
	)
	switch {
	case errors.Is(err, ErrRefused):
		f.outcome = Refused
	case errors.Is(err, ErrTooLarge):
		f.outcome = TooLarge
	case isHeaderFlood(err):
		f.outcome, f.err = TooLarge, fmt.Errorf("%w: header: %w", ErrTooLarge, err)
	case errors.Is(err, ErrNotText):
		f.outcome = NotText
	case errors.Is(err, ErrEncoding), errors.Is(err, ErrURL), isPermanent(err):
		f.outcome = Failed
	case answered:
		// The host is up; this answer went wrong.
	case errors.As(err, &connect):
		// 407 is the operator's mistake: no page is to be given up for it.
		if f.hostDown = connect.status >= 500 || connect.status == http.StatusProxyAuthRequired; !f.hostDown {
			f.outcome = Failed
		}
	case errors.Is(err, ErrTimeout), errors.As(err, &timeout) && timeout.Timeout():
		f.hostDown = true
	case errors.As(err, &op):
		// A connection that breaks after it was made (op read, write) is no sign that the next one will.
		f.hostDown = op.Op == "dial" || op.Op == "proxyconnect" || op.Op == "socks connect"
	}
	return f
}

// isPermanent says whether trying again would bring the same error: the host speaks no HTTP, or TLS that cannot be
// trusted.
func isPermanent(err error) bool {
	var (
		record      tls.RecordHeaderError
		certificate *tls.CertificateVerificationError
		op          *net.OpError
	)
	if errors.As(err, &record) || errors.As(err, &certificate) {
		return true
	}
	if errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") { // TLS alerts
		return true
	}
	// crypto/tls and net/http have no types for these.
	text := err.Error()
	for _, s := range []string{"malformed HTTP", "malformed MIME header", "server gave HTTP response to HTTPS client", "tls: server selected unsupported", "tls: no cipher suite"} {
		if strings.Contains(text, s) {
			return true
		}
	}
	return false
}

// isHeaderFlood recognises net/http's errors for headers beyond MaxResponseHeaderBytes, which have no type.
func isHeaderFlood(err error) bool {
	text := err.Error()
	return strings.Contains(text, "server response headers exceeded") || strings.Contains(text, "response header list larger than advertised limit")
}

// maxHeaderText caps the header values that go on a page's record. Entity tags are a few dozen characters long.
const maxHeaderText = 1024

// validator is an ETag or Last-Modified as it may be stored and sent back: "" if it is too long or not clean, which
// only costs an unconditional request.
func validator(v string) string {
	if len(v) > maxHeaderText || !utf8.ValidString(v) || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return ""
	}
	return v
}

// headerText makes a header value fit to be stored: valid UTF-8, and cut if overlong.
func headerText(v string) string {
	if len(v) > maxHeaderText {
		v = v[:maxHeaderText]
	}
	return strings.ToValidUTF8(v, "\uFFFD")
}
