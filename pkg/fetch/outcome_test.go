package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// status is a handler that answers with a status and headers (name, value, …).
func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Add(header[i], header[i+1])
		}
		w.WriteHeader(code)
		if code != http.StatusNoContent && code != http.StatusNotModified {
			_, _ = io.WriteString(w, "<p>an answer that nobody reads</p>")
		}
	}
}

// typed is a handler that sends a body as a content type ("": none at all).
func typed(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{contentType}
		if contentType == "" {
			w.Header()["Content-Type"] = nil
		}
		_, _ = io.WriteString(w, body)
	}
}

// hijacked is a handler that writes an answer of its own to the connection and closes it.
func hijacked(answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(conn, answer)
		_ = conn.Close()
	}
}

func TestOutcomes(t *testing.T) {
	const doc = "<!doctype html><title>خبر</title><p>نص"
	noise := make([]byte, 512) // as compressed bytes are
	for i, r := 0, rand.New(rand.NewPCG(1, 2)); i < len(noise); i++ {
		noise[i] = byte(r.Uint32())
	}
	png := "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 100)
	for _, tc := range []struct {
		name   string
		page   http.HandlerFunc
		want   outcome.Outcome
		status int
		err    error
		check  func(t *testing.T, r Response)
	}{
		{name: "page", page: html(doc), want: outcome.OK, status: 200, check: func(t *testing.T, r Response) {
			if string(r.Body) != doc || r.ContentType != "text/html; charset=utf-8" || r.Bytes != int64(len(doc)) {
				t.Errorf("%q as %q, %d bytes", r.Body, r.ContentType, r.Bytes)
			}
		}},
		{name: "empty page", page: html(""), want: outcome.OK, status: 200, check: func(t *testing.T, r Response) {
			if len(r.Body) != 0 {
				t.Errorf("%q", r.Body)
			}
		}},
		{name: "no content", page: status(204), want: outcome.OK, status: 204},
		{name: "validators", page: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `W/"1"`)
			w.Header().Set("Last-Modified", "Tue, 24 Nov 2026 10:00:00 GMT")
			html(doc)(w, r)
		}, want: outcome.OK, status: 200, check: func(t *testing.T, r Response) {
			if r.ETag != `W/"1"` || r.LastModified != "Tue, 24 Nov 2026 10:00:00 GMT" {
				t.Errorf("%q, %q", r.ETag, r.LastModified)
			}
		}},
		{name: "not modified, unasked", page: status(304), want: outcome.Retry, status: 304, err: ErrStatus},
		{name: "not found", page: http.NotFound, want: outcome.Gone, status: 404, err: ErrStatus},
		{name: "gone", page: status(410), want: outcome.Gone, status: 410, err: ErrStatus},
		{name: "forbidden", page: status(403), want: outcome.Blocked, status: 403, err: ErrBlocked},
		{name: "unauthorized", page: status(401), want: outcome.Blocked, status: 401, err: ErrBlocked},
		{name: "legal reasons", page: status(451), want: outcome.Blocked, status: 451, err: ErrBlocked},
		{name: "payment required", page: status(402), want: outcome.Blocked, status: 402, err: ErrBlocked},
		{name: "not acceptable", page: status(406), want: outcome.Blocked, status: 406, err: ErrBlocked},
		{name: "bad request", page: status(400), want: outcome.Failed, status: 400, err: ErrStatus},
		{name: "partial content, unasked", page: status(206), want: outcome.Failed, status: 206, err: ErrStatus},
		{name: "accepted", page: status(202), want: outcome.Retry, status: 202, err: ErrStatus},
		{name: "request timeout", page: status(408), want: outcome.Retry, status: 408, err: ErrStatus},
		{name: "too many requests", page: status(429, "Retry-After", "120"), want: outcome.Blocked, status: 429, err: ErrBlocked, check: func(t *testing.T, r Response) {
			if r.RetryAfter != 2*time.Minute || r.HostDown {
				t.Errorf("retry after %v, host down %v", r.RetryAfter, r.HostDown)
			}
		}},
		{name: "unavailable until a date", page: status(503, "Date", "Tue, 24 Nov 2026 10:00:00 GMT", "Retry-After", "Tue, 24 Nov 2026 11:00:00 GMT"), want: outcome.Retry, status: 503, err: ErrStatus, check: func(t *testing.T, r Response) {
			if r.RetryAfter != time.Hour {
				t.Errorf("retry after %v", r.RetryAfter)
			}
		}},
		{name: "server error", page: status(500), want: outcome.Retry, status: 500, err: ErrStatus},
		{name: "status beyond the known", page: status(799), want: outcome.Failed, status: 799, err: ErrStatus},
		{name: "redirect without location", page: status(302), want: outcome.Failed, status: 302, err: ErrRedirects},
		{name: "redirect to another scheme", page: status(302, "Location", "ftp://h/"), want: outcome.Failed, status: 302, err: ErrRedirects},
		{name: "redirect to nowhere", page: status(302, "Location", "http://[x/"), want: outcome.Failed, status: 302, err: ErrURL},
		{name: "redirect to a novel", page: status(302, "Location", "/"+strings.Repeat("a", maxURL)), want: outcome.Failed, status: 302, err: ErrURL},

		{name: "feed", page: typed("application/rss+xml", "<rss/>"), want: outcome.OK, status: 200},
		{name: "JSON", page: typed("application/feed+json", "{}"), want: outcome.OK, status: 200},
		{name: "type that somebody typed", page: typed("html; charset", doc), want: outcome.OK, status: 200},
		{name: "no type, HTML", page: typed("", doc), want: outcome.OK, status: 200},
		{name: "no type, binary", page: typed("", png), want: outcome.NotText, status: 200, err: ErrNotText},
		{name: "octet-stream, HTML", page: typed("application/octet-stream", doc), want: outcome.OK, status: 200},
		{name: "octet-stream, binary", page: typed("application/octet-stream", "\x00\x01\x02\x03"), want: outcome.NotText, status: 200, err: ErrNotText},
		{name: "octet-stream, one NUL in a page", page: typed("application/octet-stream", "<section>"+strings.Repeat("A sentence of a page. ", 10)+"\x00</section>"), want: outcome.OK, status: 200},
		{name: "octet-stream, compressed", page: typed("application/octet-stream", string(noise)), want: outcome.NotText, status: 200, err: ErrNotText},
		{name: "octet-stream, empty", page: typed("application/octet-stream", ""), want: outcome.OK, status: 200},
		{name: "image", page: typed("image/png", png), want: outcome.NotText, status: 200, err: ErrNotText},
		{name: "PDF", page: typed("application/pdf", "%PDF-1.7"), want: outcome.NotText, status: 200, err: ErrNotText},
		{name: "PDF that claims to be HTML", page: typed("text/html", "%PDF-1.7"), want: outcome.NotText, status: 200, err: ErrNotText},
		{name: "HTML with control characters", page: typed("text/html", "\x00\x01<p>x"), want: outcome.OK, status: 200},

		{name: "body cut short", page: hijacked("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<p>only this"), want: outcome.Retry, status: 200, err: io.ErrUnexpectedEOF},
		{name: "chunks cut short", page: hijacked("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n<p>only this"), want: outcome.Retry, status: 200, err: io.ErrUnexpectedEOF},
		{name: "connection closed without an answer", page: hijacked(""), want: outcome.Retry, err: io.EOF},
		{name: "no HTTP", page: hijacked("220 mail.example ESMTP\r\n"), want: outcome.Failed},
		{name: "header flood", page: hijacked("HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Flood: "+strings.Repeat("x", 1000)+"\r\n", 1000) + "\r\n"), want: outcome.TooLarge, err: ErrTooLarge},
		{name: "broken header", page: hijacked("HTTP/1.1 200 OK\r\n\x00\x01 : \r\n\r\n"), want: outcome.Failed},
		{name: "validators that cannot be stored", page: hijacked("HTTP/1.1 200 OK\r\nContent-Type: text/html; x=\xff\r\nETag: \"\xff\"\r\nContent-Length: 2\r\n\r\nok"), want: outcome.OK, status: 200, check: func(t *testing.T, r Response) {
			if r.ETag != "" || r.ContentType != "text/html; x=\uFFFD" {
				t.Errorf("%q, %q", r.ETag, r.ContentType)
			}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, tc.page)
			r := newClient(t).Fetch(t.Context(), Request{URL: s.URL + "/page"})
			if r.Outcome != tc.want || r.Status != tc.status || r.URL != s.URL+"/page" {
				t.Fatalf("%s, status %d, url %s (%v); want %s, %d", r.Outcome, r.Status, r.URL, r.Err, tc.want, tc.status)
			}
			if tc.err != nil && !errors.Is(r.Err, tc.err) || (r.Err == nil) != (tc.want == outcome.OK) {
				t.Errorf("error %v, want %v", r.Err, tc.err)
			}
			if (r.Reason == "") != (r.Err == nil) || r.Err != nil && r.Reason.Meaning() == "" {
				t.Errorf("reason %q of %v", r.Reason, r.Err)
			}
			if tc.want != outcome.OK && r.Body != nil {
				t.Errorf("a body came with %s", r.Outcome)
			}
			if r.HostDown {
				t.Error("host down")
			}
			if tc.check != nil {
				tc.check(t, r)
			}
		})
	}
}

func TestReasons(t *testing.T) {
	for _, tc := range []struct {
		want outcome.Reason
		r    Response
	}{
		{outcome.HTTP(503), Response{Outcome: outcome.Retry, Status: 503, Err: fmt.Errorf("%w: 503", ErrStatus)}},
		{outcome.ReasonRobotsRule, Response{Outcome: outcome.Robots, Err: ErrRobots}},
		{outcome.HTTP(503), Response{Outcome: outcome.RobotsUnavailable, Status: 503, Err: fmt.Errorf("%w: %w: 503", ErrRobots, ErrStatus)}},
		{outcome.ReasonTLS, Response{Outcome: outcome.RobotsUnavailable, Err: fmt.Errorf("%w: %w", ErrRobots, &tls.CertificateVerificationError{Err: errors.New("unknown authority")})}},
		{outcome.ReasonNoHost, Response{Outcome: outcome.RobotsUnavailable, HostDown: true, Err: fmt.Errorf("%w: %w", ErrRobots, &net.DNSError{IsNotFound: true})}},
		{outcome.ReasonLookup, Response{Outcome: outcome.Retry, HostDown: true, Err: &net.DNSError{Err: "server misbehaving", IsTemporary: true}}},
		{outcome.ReasonForbidden, Response{Outcome: outcome.Blocked, Status: 403, Err: &blockedError{reason: outcome.ReasonForbidden}}},
		{outcome.ReasonProxy, Response{Outcome: outcome.Retry, Status: 407, Err: fmt.Errorf("%w: %w", ErrProxy, ErrStatus)}},
		{outcome.ReasonAddress, Response{Outcome: outcome.Refused, Err: ErrRefused}},
		{outcome.ReasonTLS, Response{Outcome: outcome.Failed, Err: &tls.CertificateVerificationError{Err: errors.New("unknown authority")}}},
		{outcome.ReasonTLS, Response{Outcome: outcome.Failed, Err: &net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}}},
		{outcome.ReasonProtocol, Response{Outcome: outcome.Failed, Err: errors.New("malformed HTTP response")}},
		{outcome.ReasonTimeout, Response{Outcome: outcome.Retry, Err: ErrStalled}},
		{outcome.ReasonConnection, Response{Outcome: outcome.Retry, Err: io.ErrUnexpectedEOF}},
	} {
		if got := reasonOf(&tc.r, tc.r.Status); got != tc.want {
			t.Errorf("%v: %s, want %s", tc.r.Err, got, tc.want)
		}
	}
}

func TestConditionalGet(t *testing.T) {
	const tag, modified = `"v1"`, "Tue, 24 Nov 2026 10:00:00 GMT"
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag && r.Header.Get("If-Modified-Since") == modified {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		html("<p>new")(w, r)
	})
	c := newClient(t)
	if r := c.Fetch(t.Context(), Request{URL: s.URL, ETag: tag, LastModified: modified}); r.Outcome != outcome.NotModified || r.Status != 304 || r.ETag != tag || r.Err != nil {
		t.Errorf("known copy: %+v", r)
	}
	if r := c.Fetch(t.Context(), Request{URL: s.URL, ETag: `"v0"`}); r.Outcome != outcome.OK || string(r.Body) != "<p>new" {
		t.Errorf("old copy: %+v", r)
	}
	if r := c.Fetch(t.Context(), Request{URL: s.URL, ETag: "a\r\nX: y"}); r.Outcome != outcome.OK {
		t.Errorf("an ETag that is no header value: %+v", r)
	}
}

func TestBadURLs(t *testing.T) {
	c := newClient(t)
	for _, raw := range []string{"", "/path", "http://", "http:///path", "mailto:x@y", "ftp://h/", "javascript:alert(1)", "http://h:99999/", "http://a b/", "http://[::1/", "://", "http://h/" + strings.Repeat("a", maxURL)} {
		if r := c.Fetch(t.Context(), Request{URL: raw}); r.Outcome != outcome.Failed || !errors.Is(r.Err, ErrURL) || r.URL != raw {
			t.Errorf("%q: %s, %v", raw, r.Outcome, r.Err)
		}
	}
}

func TestUserinfoAndFragmentAreDropped(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, _, ok := r.BasicAuth(); ok {
			http.Error(w, "credentials", http.StatusBadRequest)
			return
		}
		html("ok")(w, r)
	})
	r := newClient(t).Fetch(t.Context(), Request{URL: strings.Replace(s.URL, "http://", "http://user:secret@", 1) + "/a#b"})
	if r.Outcome != outcome.OK || r.URL != s.URL+"/a" {
		t.Errorf("%s at %s: %v", r.Outcome, r.URL, r.Err)
	}
}

func TestHostDown(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := closed.Addr().String()
	_ = closed.Close()
	c := newClient(t)
	if r := c.Fetch(t.Context(), Request{URL: "http://" + addr + "/"}); r.Outcome != outcome.RobotsUnavailable || !r.HostDown || r.RetryAfter <= 0 {
		t.Errorf("robots.txt of a dead host: %+v", r)
	}

	// The same once robots.txt is known: the host dies between two pages.
	s := serve(t, html("ok"))
	if r := c.Fetch(t.Context(), Request{URL: s.URL}); r.Outcome != outcome.OK {
		t.Fatalf("%+v", r)
	}
	s.Close()
	if r := c.Fetch(t.Context(), Request{URL: s.URL}); r.Outcome != outcome.Retry || !r.HostDown || r.Err == nil {
		t.Errorf("dead host: %+v", r)
	}
}

func TestBadCertificate(t *testing.T) {
	s := httptest.NewUnstartedServer(html("ok"))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	c := newClient(t)
	r := c.Fetch(t.Context(), Request{URL: s.URL})
	if r.Outcome != outcome.RobotsUnavailable || r.HostDown || r.Err == nil {
		t.Errorf("before robots.txt is known: %+v", r)
	}
	putRobots(c, s.URL, noRules("known"))
	var certificate *tls.CertificateVerificationError
	if r := c.Fetch(t.Context(), Request{URL: s.URL}); r.Outcome != outcome.Failed || r.HostDown || !errors.As(r.Err, &certificate) {
		t.Errorf("after: %+v", r)
	}
	plain := serve(t, html("ok"))
	https := strings.Replace(plain.URL, "http://", "https://", 1)
	putRobots(c, https, noRules("known"))
	if r := c.Fetch(t.Context(), Request{URL: https}); r.Outcome != outcome.Failed || r.HostDown {
		t.Errorf("http on an https port: %+v", r)
	}
}

// putRobots makes the rules of an authority known.
func putRobots(c *Client, authority string, r *rules) {
	c.robots.mu.Lock()
	defer c.robots.mu.Unlock()
	c.robots.putLocked(authority, c.robotsGood(r))
}

func TestHTTP2(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == robotsPath {
			http.NotFound(w, r)
			return
		}
		html(r.Proto)(w, r)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(s.Close)
	c := newClient(t)
	c.transport.base.TLSClientConfig.RootCAs = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	if r := c.Fetch(t.Context(), Request{URL: s.URL}); r.Outcome != outcome.OK || string(r.Body) != "HTTP/2.0" {
		t.Errorf("%s over %q: %v", r.Outcome, r.Body, r.Err)
	}
}

func TestCanceled(t *testing.T) {
	asked := make(chan struct{}, 1)
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	})
	c := newClient(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if r := c.Fetch(ctx, Request{URL: s.URL}); r.Outcome != outcome.Canceled || !errors.Is(r.Err, context.Canceled) || r.HostDown {
		t.Errorf("during the request: %+v", r)
	}
	if r := c.Fetch(ctx, Request{URL: s.URL}); r.Outcome != outcome.Canceled {
		t.Errorf("before it: %+v", r)
	}
	lost := errors.New("turn lost")
	if r := c.Fetch(t.Context(), Request{URL: s.URL, Pace: func(context.Context, time.Duration) error { return lost }}); r.Outcome != outcome.Canceled || !errors.Is(r.Err, lost) {
		t.Errorf("by Pace: %+v", r)
	}
}

func TestPanicsAreOutcomes(t *testing.T) {
	s := serve(t, status(302, "Location", "/x"))
	c := newClient(t)
	boom := func(context.Context, time.Duration) error { panic("boom") }
	if r := c.Fetch(t.Context(), Request{URL: s.URL, Pace: boom}); r.Outcome != outcome.Failed || !errors.Is(r.Err, ErrPanic) {
		t.Errorf("Pace: %+v", r)
	}
	// The robots.txt flight that panicked must not hold up the next caller.
	if r := c.Fetch(t.Context(), Request{URL: s.URL, SameLane: func(string) bool { panic("boom") }}); r.Outcome != outcome.Failed || !errors.Is(r.Err, ErrPanic) {
		t.Errorf("SameLane: %+v", r)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		value, date string
		want        time.Duration
	}{
		{"", "", 0},
		{"0", "", 0},
		{"120", "", 2 * time.Minute},
		{" 120 ", "", 2 * time.Minute},
		{"86401", "", 24 * time.Hour},
		{"99999999999999999999", "", 24 * time.Hour},
		{"-5", "", 0},
		{"1.5", "", 0},
		{"soon", "", 0},
		{"Tue, 24 Nov 2026 10:05:00 GMT", "", 5 * time.Minute},
		{"Tuesday, 24-Nov-26 10:05:00 GMT", "", 5 * time.Minute},
		{"Tue Nov 24 10:05:00 2026", "", 5 * time.Minute},
		{"Tue, 24 Nov 2026 09:00:00 GMT", "", 0},
		{"Fri, 31 Dec 2099 23:59:59 GMT", "", 24 * time.Hour},
		{"Tue, 24 Nov 2020 10:05:00 GMT", "Tue, 24 Nov 2020 10:00:00 GMT", 5 * time.Minute},
	} {
		h := http.Header{"Retry-After": {tc.value}, "Date": {tc.date}}
		if got := retryAfter(h, now); got != tc.want {
			t.Errorf("%q at %q: %v, want %v", tc.value, tc.date, got, tc.want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"120", "Tue, 24 Nov 2026 10:05:00 GMT", "-1", "9e99"} {
		f.Add(s, "Tue, 24 Nov 2026 10:00:00 GMT")
	}
	f.Fuzz(func(t *testing.T, value, date string) {
		if d := retryAfter(http.Header{"Retry-After": {value}, "Date": {date}}, time.Unix(0, 0)); d < 0 || d > maxRetryAfter {
			t.Errorf("%q: %v", value, d)
		}
	})
}

// TestConcurrent fetches many pages at once and checks that no Fetch gets another's answer.
func TestConcurrent(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { html(r.URL.Path)(w, r) })
	c := newClient(t)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			path := "/page/" + strconv.Itoa(i)
			for range 4 {
				if r := c.Fetch(t.Context(), Request{URL: s.URL + path}); r.Outcome != outcome.OK || string(r.Body) != path {
					t.Errorf("%s: %s, %q: %v", path, r.Outcome, r.Body, r.Err)
				}
			}
		})
	}
	wg.Wait()
}
