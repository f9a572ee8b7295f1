package fetch

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// clock is a time that tests move.
type clock struct{ at atomic.Int64 }

func newClock(c *Client) *clock {
	k := &clock{}
	k.at.Store(time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC).UnixNano())
	c.now = func() time.Time { return time.Unix(0, k.at.Load()) }
	return k
}

func (k *clock) advance(d time.Duration) { k.at.Add(int64(d)) }

// TestRobotsAnswers holds RFC 9309 section 2.3.1: what an answer for robots.txt means for the pages.
func TestRobotsAnswers(t *testing.T) {
	redirects := func(n int, last http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if hop := len(r.URL.Query().Get("hop")); hop < n {
				w.Header().Set("Location", "/robots.txt?hop="+strings.Repeat("x", hop+1))
				w.WriteHeader(302)
				return
			}
			last(w, r)
		}
	}
	exclude := text("User-agent: *\nDisallow: /\n")
	for _, tc := range []struct {
		name   string
		robots http.HandlerFunc
		want   outcome.Outcome
		rule   string
	}{
		{"allows", text("User-agent: *\nAllow: /\n"), outcome.OK, "Allow: / (line 2) for *"},
		{"excludes", exclude, outcome.Robots, "Disallow: / (line 2) for *"},
		{"empty", text(""), outcome.OK, "no group applies"},
		{"no content", status(204), outcome.OK, "no group applies"},
		{"400", status(400), outcome.OK, "no robots.txt (status 400)"},
		{"401", status(401), outcome.OK, "no robots.txt (status 401)"},
		{"403", status(403), outcome.OK, "no robots.txt (status 403)"},
		{"404", status(404), outcome.OK, "no robots.txt (status 404)"},
		{"410", status(410), outcome.OK, "no robots.txt (status 410)"},
		{"429", status(429), outcome.RobotsUnavailable, "robots.txt is unavailable (status 429)"},
		{"500", status(500), outcome.RobotsUnavailable, "robots.txt is unavailable (status 500)"},
		{"503", status(503), outcome.RobotsUnavailable, "robots.txt is unavailable (status 503)"},
		{"304, unasked", status(304), outcome.RobotsUnavailable, "robots.txt is unavailable (status 304)"},
		{"connection closed", hijacked(""), outcome.RobotsUnavailable, "robots.txt is unavailable"},
		{"cut short", hijacked("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nUser-agent: *\n"), outcome.RobotsUnavailable, "robots.txt is unavailable"},
		{"five redirects", redirects(5, exclude), outcome.Robots, "Disallow: / (line 2) for *"},
		{"endless redirects", redirects(1000, exclude), outcome.OK, "robots.txt redirects without end"},
		{"redirect loop", status(302, "Location", "/robots.txt"), outcome.OK, "robots.txt redirects without end"},
		{"redirect to nowhere", status(302), outcome.OK, "robots.txt redirects nowhere"},
		{"HTML", html("<!doctype html><title>Home</title><p>User-agent: all"), outcome.OK, "no group applies"},
		{"declared as an image", typed("image/png", "User-agent: *\nDisallow: /\n"), outcome.Robots, "Disallow: / (line 2) for *"},
		{"binary", typed("application/octet-stream", "\x89PNG\x00\x00\xff"), outcome.OK, "no group applies"},
		{"gzip", encoded("text/plain", "gzip", gz([]byte("User-agent: *\nDisallow: /\n"))), outcome.Robots, "Disallow: / (line 2) for *"},
		{"gzip bomb", encoded("text/plain", "gzip", gz(append([]byte("User-agent: *\nDisallow: /\n"), bytes.Repeat([]byte("#\n"), 2<<20)...))), outcome.Robots, "Disallow: / (line 2) for *"},
		{"gzip in gzip", encoded("text/plain", "gzip, gzip", gz(gz([]byte("User-agent: *\nDisallow: /\n")))), outcome.Robots, "Disallow: / (line 2) for *"},
		{"brotli", encoded("text/plain", "br", br([]byte("User-agent: *\nDisallow: /\n"))), outcome.Robots, "Disallow: / (line 2) for *"},
		{"zstd in brotli", encoded("text/plain", "zstd, br", br(zs([]byte("User-agent: *\nDisallow: /\n")))), outcome.Robots, "Disallow: / (line 2) for *"},
		{"brotli in brotli in brotli", encoded("text/plain", "br, br, br", br(br(br([]byte("User-agent: *\nDisallow: /\n"))))), outcome.Robots, "Disallow: / (line 2) for *"},
		{"brotli that is none", encoded("text/plain", "br", []byte("User-agent: *\nDisallow: /\n")), outcome.Robots, "Disallow: / (line 2) for *"},
		{"too many encodings", encoded("text/plain", "gzip, gzip, gzip, gzip", gz([]byte("User-agent: *\n"))), outcome.RobotsUnavailable, "robots.txt is unavailable"},
		{"long", text("User-agent: *\nDisallow: /\n" + strings.Repeat("# more\n", 1<<20)), outcome.Robots, "Disallow: / (line 2) for *"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			pages := 0
			s := serveRobots(t, tc.robots, func(w http.ResponseWriter, r *http.Request) {
				pages++
				html("page")(w, r)
			})
			r := newClient(t).Fetch(t.Context(), Request{URL: s.URL + "/page"})
			if r.Outcome != tc.want || r.RobotsRule != tc.rule {
				t.Fatalf("%s by %q: %v; want %s by %q", r.Outcome, r.RobotsRule, r.Err, tc.want, tc.rule)
			}
			if (pages == 1) != (tc.want == outcome.OK) {
				t.Errorf("the page was asked %d times", pages)
			}
			if (tc.want != outcome.OK) != errors.Is(r.Err, ErrRobots) {
				t.Errorf("error %v", r.Err)
			}
			if status, ok := strings.CutPrefix(tc.rule, "robots.txt is unavailable (status "); ok && string(r.Reason) != "http_"+strings.TrimSuffix(status, ")") {
				t.Errorf("reason %s", r.Reason)
			}
			if tc.want == outcome.RobotsUnavailable && r.RetryAfter != robotsBackoffMin && r.RetryAfter < robotsBackoffMin-time.Minute/2 {
				t.Errorf("retry after %v", r.RetryAfter)
			}
		})
	}
}

// TestRobotsAcrossHosts: robots.txt may redirect to another host, also out of the lane.
func TestRobotsAcrossHosts(t *testing.T) {
	other := serve(t, text("User-agent: *\nDisallow: /private\nSitemap: /s.xml\n"))
	s := serveRobots(t, status(301, "Location", other.URL+"/robots-of-all.txt"), html("page"))
	c := newClient(t)
	if r := c.Fetch(t.Context(), Request{URL: s.URL + "/private"}); r.Outcome != outcome.Robots {
		t.Errorf("%+v", r)
	}
	if r := c.Fetch(t.Context(), Request{URL: s.URL + "/"}); r.Outcome != outcome.OK || len(r.Sitemaps) != 1 || r.Sitemaps[0] != other.URL+"/s.xml" {
		t.Errorf("%+v", r)
	}
}

// TestRobotsIsCached: one request per authority until the copy is due again; a copy that cannot be refreshed stands for
// 24 hours, attempts at it are spaced, and then nothing is fetched.
func TestRobotsIsCached(t *testing.T) {
	var asked atomic.Int32
	var answer atomic.Value
	answer.Store(text("User-agent: *\nDisallow: /private\nCrawl-delay: 2\n"))
	s := serveRobots(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		answer.Load().(http.HandlerFunc)(w, r)
	}, html("page"))
	c := newClient(t)
	k := newClock(c)
	step := func(name string, wantAsked int32, path string, want outcome.Outcome) Response {
		t.Helper()
		r := c.Fetch(t.Context(), Request{URL: s.URL + path})
		if r.Outcome != want || asked.Load() != wantAsked {
			t.Fatalf("%s: %s (%s), robots.txt asked %d times; want %s and %d", name, r.Outcome, r.RobotsRule, asked.Load(), want, wantAsked)
		}
		return r
	}
	step("first", 1, "/a", outcome.OK)
	k.advance(6*time.Hour - time.Second)
	step("young copy", 1, "/private", outcome.Robots)

	answer.Store(status(503))
	k.advance(time.Second)
	if r := step("due, and failing", 2, "/a", outcome.OK); r.RobotsRule != "no rule matches; copy of 2026-11-24T10:00:00Z" || r.CrawlDelay != 2*time.Second {
		t.Errorf("%+v", r)
	}
	step("old copy still excludes", 2, "/private", outcome.Robots)
	k.advance(time.Minute)
	step("second attempt", 3, "/a", outcome.OK)
	k.advance(time.Minute)
	step("not yet", 3, "/a", outcome.OK)
	k.advance(time.Minute)
	step("third attempt", 4, "/a", outcome.OK)

	k.advance(18 * time.Hour)
	if r := step("24 hours are over", 5, "/a", outcome.RobotsUnavailable); r.RetryAfter != 8*time.Minute {
		t.Errorf("retry after %v", r.RetryAfter)
	}
	k.advance(time.Minute)
	if r := step("not asked again before its time", 5, "/a", outcome.RobotsUnavailable); r.RetryAfter != 7*time.Minute {
		t.Errorf("retry after %v", r.RetryAfter)
	}
	answer.Store(status(503, "Retry-After", "7200"))
	k.advance(7 * time.Minute)
	if r := step("the site names a time", 6, "/a", outcome.RobotsUnavailable); r.RetryAfter != 2*time.Hour {
		t.Errorf("retry after %v", r.RetryAfter)
	}
	answer.Store(text("User-agent: *\nDisallow: /a\n"))
	k.advance(2 * time.Hour)
	step("back, with other rules", 7, "/a", outcome.Robots)
	step("and cached", 7, "/private", outcome.OK)
}

func TestRobotsBackoff(t *testing.T) {
	now := time.Unix(0, 0)
	var e *robotsEntry
	for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60, 60} {
		e = e.after(robotsFailure{err: errors.New("x")}, 0, now)
		if got := e.askAt.Sub(now); got != want*time.Minute {
			t.Errorf("after %d failures: %v, want %v min", i+1, got, int(want))
		}
	}
}

// TestRobotsOnce: many fetches of one authority ask for robots.txt once; if the one that asks gives up, another asks.
func TestRobotsOnce(t *testing.T) {
	var asked atomic.Int32
	first := make(chan struct{})
	s := serveRobots(t, func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			close(first)
			<-r.Context().Done()
			return
		}
		http.NotFound(w, r)
	}, html("page"))
	c := newClient(t)
	ctx, giveUp := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if r := c.Fetch(ctx, Request{URL: s.URL}); r.Outcome != outcome.Canceled {
			t.Errorf("who gave up: %+v", r)
		}
	})
	<-first
	for range 20 {
		wg.Go(func() {
			if r := c.Fetch(t.Context(), Request{URL: s.URL}); r.Outcome != outcome.OK {
				t.Errorf("who waited: %+v", r)
			}
		})
	}
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if r := c.Fetch(impatient, Request{URL: s.URL}); r.Outcome != outcome.Canceled {
		t.Errorf("who cannot wait: %+v", r)
	}
	giveUp()
	wg.Wait()
	if n := asked.Load(); n != 2 {
		t.Errorf("robots.txt was asked for %d times", n)
	}
}

func TestRobotsCacheIsBounded(t *testing.T) {
	now := time.Now()
	entry := func(n int) *robotsEntry {
		return &robotsEntry{rules: &rules{list: []rule{{pattern: strings.Repeat("x", n)}}}, goodAt: now, askAt: now.Add(time.Hour)}
	}
	put := func(c *robotsCache, authority string, n int) {
		_, err := c.get(t.Context(), authority, func() time.Time { return now }, func(*robotsEntry) (*robotsEntry, error) { return entry(n), nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	few := newRobotsCache(3, 1<<20)
	for _, a := range []string{"a", "b", "c", "a", "d"} {
		put(few, a, 1)
	}
	if _, ok := few.entries["b"]; ok || len(few.entries) != 3 || few.order.Len() != 3 {
		t.Errorf("kept %d, with the one used longest ago: %v", len(few.entries), ok)
	}
	small := newRobotsCache(1000, 10_000)
	for i := range 100 {
		put(small, itoa(i), 1000)
		if small.bytes > 10_000 {
			t.Fatalf("%d bytes", small.bytes)
		}
	}
	put(small, "large", 50_000)
	if len(small.entries) != 1 {
		t.Errorf("%d entries beside one over the cap", len(small.entries))
	}
	for el := small.order.Front(); el != nil; el = small.order.Front() {
		small.dropLocked(el)
	}
	if small.bytes != 0 || len(small.entries) != 0 {
		t.Errorf("%d bytes in %d entries of an empty cache", small.bytes, len(small.entries))
	}
}
