package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// ofStatus is the outcome of an answer that is no redirect and no wall. says is what the site wrote on it, "" for nothing.
func ofStatus(status int, conditional bool, says string) (outcome.Outcome, error) {
	switch {
	case hasPage(status), status == http.StatusNoContent, status == http.StatusResetContent:
		return outcome.OK, nil
	case status == http.StatusNotModified && conditional:
		return outcome.NotModified, nil
	}
	err := fmt.Errorf("%w: %d %s", ErrStatus, status, http.StatusText(status))
	switch status {
	case http.StatusProxyAuthRequired: // the operator's mistake, not the site's answer
		return outcome.Retry, fmt.Errorf("%w: %w", ErrProxy, err)
	case http.StatusNotFound, http.StatusGone:
		return outcome.Gone, err
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusUnavailableForLegalReasons,
		http.StatusNotAcceptable: // Accept takes anything, so it is who asks that is not acceptable
		return outcome.Blocked, &blockedError{reason: outcome.ReasonForbidden, evidence: evidenceOf(status, says)}
	case http.StatusTooManyRequests:
		return outcome.Blocked, &blockedError{reason: outcome.ReasonTooMany, evidence: evidenceOf(status, says)}
	case http.StatusRequestTimeout, http.StatusTooEarly,
		http.StatusAccepted,    // not ready yet, or a challenge to robots
		http.StatusNotModified: // nobody asked: a confused cache in between
		return outcome.Retry, err
	}
	if status >= 500 && status < 600 {
		return outcome.Retry, err
	}
	return outcome.Failed, err
}

// evidenceOf is a status that refuses, with what the page says that came with it.
func evidenceOf(status int, says string) string {
	text := fmt.Sprintf("status %d %s", status, http.StatusText(status))
	if says != "" {
		text += fmt.Sprintf(", saying %.*q", maxEvidence, says)
	}
	return text
}

// failure is a request that brought no usable answer.
type failure struct {
	outcome  outcome.Outcome
	hostDown bool
	err      error
}

// classify sorts the error of a request. answered says that a response header had come.
func classify(ctx context.Context, err error, answered bool) failure {
	if cause := context.Cause(ctx); cause != nil {
		return failure{outcome: outcome.Canceled, err: cause}
	}
	f := failure{outcome: outcome.Retry, err: err}
	var (
		connect *connectError
		timeout net.Error
		op      *net.OpError
	)
	switch {
	case errors.Is(err, ErrRefused):
		f.outcome = outcome.Refused
	case errors.Is(err, ErrTooLarge):
		f.outcome = outcome.TooLarge
	case errors.Is(err, zstd.ErrWindowSizeExceeded):
		f.outcome, f.err = outcome.TooLarge, fmt.Errorf("%w: %w", ErrTooLarge, err)
	case isHeaderFlood(err):
		f.outcome, f.err = outcome.TooLarge, fmt.Errorf("%w: header: %w", ErrTooLarge, err)
	case errors.Is(err, ErrNotText):
		f.outcome = outcome.NotText
	case errors.Is(err, ErrEncoding), errors.Is(err, ErrURL), isPermanent(err):
		f.outcome = outcome.Failed
	case answered:
		// The host is up; this answer went wrong.
	case errors.As(err, &connect):
		// 407 is the operator's mistake: no page is to be given up for it.
		if f.hostDown = connect.status >= 500 || connect.status == http.StatusProxyAuthRequired; !f.hostDown {
			f.outcome = outcome.Failed
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
func isPermanent(err error) bool { return isTLS(err) || isProtocol(err) }

// isTLS says that no encrypted connection could be agreed on: a certificate that cannot be trusted, an alert, no TLS at
// all.
func isTLS(err error) bool {
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
	return says(err, "server gave HTTP response to HTTPS client", "tls: server selected unsupported", "tls: no cipher suite")
}

// isProtocol says that what came is no HTTP. net/http has no type for it.
func isProtocol(err error) bool { return says(err, "malformed HTTP", "malformed MIME header") }

func says(err error, texts ...string) bool {
	text := err.Error()
	return slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(text, s) })
}

// reasonOf puts the error of a response into a word to count by. status is that of the answer which the error is about: the
// page's, or that of the robots.txt without which the page could not be asked for.
func reasonOf(r *Response, status int) outcome.Reason {
	var dns *net.DNSError
	var blocked *blockedError
	var timeout interface{ Timeout() bool }
	switch err := r.Err; {
	case errors.As(err, &blocked):
		return blocked.reason
	case r.Outcome == outcome.Robots:
		return outcome.ReasonRobotsRule
	case errors.Is(err, ErrProxy):
		return outcome.ReasonProxy
	case errors.Is(err, ErrStatus):
		return outcome.HTTP(status)
	case errors.Is(err, ErrRefused):
		return outcome.ReasonAddress
	case errors.Is(err, ErrTooLarge):
		return outcome.ReasonTooLarge
	case errors.Is(err, ErrNotText):
		return outcome.ReasonNotText
	case errors.Is(err, ErrRedirects):
		return outcome.ReasonRedirect
	case errors.Is(err, ErrEncoding):
		return outcome.ReasonEncoding
	case errors.Is(err, ErrURL):
		return outcome.ReasonURL
	case errors.As(err, &dns) && dns.IsNotFound:
		return outcome.ReasonNoHost
	case errors.As(err, &dns):
		return outcome.ReasonLookup
	case errors.Is(err, ErrTimeout), errors.Is(err, ErrStalled), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return outcome.ReasonTimeout
	case isTLS(err):
		return outcome.ReasonTLS
	case isProtocol(err):
		return outcome.ReasonProtocol
	}
	return outcome.ReasonConnection
}

// isHeaderFlood recognises net/http's errors for headers beyond MaxResponseHeaderBytes, which have no type.
func isHeaderFlood(err error) bool {
	return says(err, "server response headers exceeded", "response header list larger than advertised limit")
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

// pages is how many pages a list of WordPress's REST API has, 0 where the header does not say.
func pages(h http.Header) int {
	n, err := strconv.Atoi(h.Get("X-WP-TotalPages"))
	if err != nil || n < 0 {
		return 0
	}
	return n
}
