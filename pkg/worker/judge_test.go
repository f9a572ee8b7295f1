package worker

import (
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// when a page is due again.
type when int

const (
	never   when = iota
	retry        // as Policy.Retry says
	someday      // in Policy.Max or a little more
	checked      // as an article
	byYield      // decided when the section's yield is known
)

func judging(t *testing.T) (*Worker, *site.Site) {
	t.Helper()
	s := homeSite(t, "http://news.example/")
	s.Hosts = []string{"feeds.example"}
	return New(Default(), Deps{Sites: Sites{s.ID: s}}), s
}

func known(kind store.Kind, rawURL string, first time.Time) store.Page {
	return store.Page{ID: weburl.ID(rawURL), URL: rawURL, Site: "news.example", Kind: kind, Lane: "news.example",
		DiscoveredAt: first, Status: store.StatusQueued}
}

func TestJudge(t *testing.T) {
	w, s := judging(t)
	max, attempts := w.cfg.Policy.Max, w.cfg.Policy.MaxAttempts
	status := func(n int) error { return fmt.Errorf("%w: %d", fetch.ErrStatus, n) }
	html := "text/html; charset=utf-8"
	rss := []byte(`<rss version="2.0"><channel><item><link>http://news.example/2026/a-long-story</link></item></channel></rss>`)
	for _, c := range []struct {
		name     string
		kind     store.Kind
		depth    int
		attempts int
		age      time.Duration
		res      fetch.Response
		status   store.Status
		outcome  outcome.Outcome
		reason   outcome.Reason
		due      when
	}{
		{name: "article", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.OK, Status: 200, Body: []byte(story), ContentType: html},
			status: store.StatusDone, outcome: "ok", due: never}, // published long ago
		{name: "no article", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.OK, Status: 200, ContentType: html},
			status: store.StatusDone, due: never},
		{name: "feed", kind: store.KindFeed, res: fetch.Response{Outcome: outcome.OK, Status: 200, Body: rss, ContentType: "application/rss+xml"},
			status: store.StatusDone, outcome: "ok", due: byYield},
		{name: "feed that is none", kind: store.KindFeed, res: fetch.Response{Outcome: outcome.OK, Status: 200, Body: []byte(story), ContentType: html, ETag: "x"},
			status: store.StatusDone, outcome: outcome.Unreadable, reason: outcome.ReasonWrongKind, due: byYield},
		{name: "home", kind: store.KindHome, res: fetch.Response{Outcome: outcome.OK, Status: 200, Body: []byte("<a href=/x>x</a>"), ContentType: html},
			status: store.StatusDone, outcome: "ok", due: byYield},
		{name: "second page of a listing", kind: store.KindListing, depth: 1, res: fetch.Response{Outcome: outcome.OK, Status: 200, ContentType: html},
			status: store.StatusDone, due: never},
		{name: "section not modified", kind: store.KindListing, res: fetch.Response{Outcome: outcome.NotModified, Status: 304},
			status: store.StatusDone, outcome: "not_modified", due: byYield},
		{name: "gone", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Gone, Reason: "http_404", Status: 404, Err: status(404)},
			status: store.StatusGone, outcome: "gone", reason: "http_404", due: never},
		{name: "section gone", kind: store.KindListing, res: fetch.Response{Outcome: outcome.Gone, Reason: "http_410", Status: 410, Err: status(410)},
			status: store.StatusGone, outcome: "gone", reason: "http_410", due: someday},
		{name: "second page gone", kind: store.KindListing, depth: 1, res: fetch.Response{Outcome: outcome.Gone, Reason: "http_404", Status: 404, Err: status(404)},
			status: store.StatusGone, outcome: "gone", reason: "http_404", due: never},
		{name: "robots", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Robots, Reason: "robots_rule", Err: fetch.ErrRobots},
			status: store.StatusExcluded, outcome: "robots", reason: "robots_rule", due: never},
		{name: "section, robots", kind: store.KindHome, res: fetch.Response{Outcome: outcome.Robots, Reason: "robots_rule", Err: fetch.ErrRobots},
			status: store.StatusExcluded, outcome: "robots", reason: "robots_rule", due: someday},
		{name: "refused", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Refused, Reason: "address_refused", Err: fetch.ErrRefused},
			status: store.StatusExcluded, outcome: "refused", reason: "address_refused", due: never},
		{name: "too large", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.TooLarge, Reason: "too_large", Status: 200, Err: fetch.ErrTooLarge},
			status: store.StatusExcluded, outcome: "too_large", reason: "too_large", due: never},
		{name: "not text", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.NotText, Reason: "not_text", Status: 200, Err: fetch.ErrNotText},
			status: store.StatusExcluded, outcome: "not_text", reason: "not_text", due: never},
		{name: "unavailable", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Retry, Reason: "http_503", Status: 503, Err: status(503)},
			status: store.StatusDue, outcome: "retry", reason: "http_503", due: retry},
		{name: "time-out", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Retry, Reason: "timeout", HostDown: true, Err: fetch.ErrTimeout},
			status: store.StatusDue, outcome: "retry", reason: "timeout", due: retry},
		{name: "no such host", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Retry, Reason: "no_such_host", HostDown: true, Err: &net.DNSError{IsNotFound: true}},
			status: store.StatusDue, outcome: "retry", reason: "no_such_host", due: retry},
		{name: "no robots.txt to be had", kind: store.KindFeed, res: fetch.Response{Outcome: outcome.RobotsUnavailable, Reason: "http_503", Err: fetch.ErrRobots},
			status: store.StatusDue, outcome: "robots_unavailable", reason: "http_503", due: retry},
		{name: "once too often", kind: store.KindArticle, attempts: attempts - 1, res: fetch.Response{Outcome: outcome.Retry, Reason: "http_500", Status: 500, Err: status(500)},
			status: store.StatusDead, outcome: "retry", reason: "http_500", due: someday},
		{name: "too often for too long", kind: store.KindArticle, attempts: 30, age: 8 * 24 * time.Hour, res: fetch.Response{Outcome: outcome.Retry, Reason: "http_500", Status: 500, Err: status(500)},
			status: store.StatusDead, outcome: "retry", reason: "http_500", due: never},
		{name: "section, too often for long", kind: store.KindListing, attempts: 30, age: 8 * 24 * time.Hour, res: fetch.Response{Outcome: outcome.Retry, Reason: "http_500", Status: 500, Err: status(500)},
			status: store.StatusDead, outcome: "retry", reason: "http_500", due: someday},
		{name: "forbidden", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Failed, Reason: "http_403", Status: 403, Err: status(403)},
			status: store.StatusDead, outcome: "failed", reason: "http_403", due: never},
		{name: "section forbidden", kind: store.KindFeed, res: fetch.Response{Outcome: outcome.Failed, Reason: "http_403", Status: 403, Err: status(403)},
			status: store.StatusDead, outcome: "failed", reason: "http_403", due: someday},
		{name: "an outcome of a later version", kind: store.KindArticle, res: fetch.Response{Outcome: "odd", Reason: "odd", Err: errors.New("?")},
			status: store.StatusDead, outcome: "odd", reason: "odd", due: never},
		{name: "leads off the site", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Redirected, Status: 302, Location: "http://other.example/x"},
			status: store.StatusExcluded, outcome: "redirected", reason: "off_site", due: never},
		{name: "leads to the home page", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Redirected, Status: 302, Location: "http://news.example/"},
			status: store.StatusExcluded, outcome: "redirected", reason: "leads_to_no_article", due: never},
		{name: "leads nowhere", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Redirected, Status: 302, Location: "mailto:x"},
			status: store.StatusExcluded, outcome: "redirected", reason: "off_site", due: never},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := time.Now()
			p := known(c.kind, "http://news.example/2026/page", now.Add(-c.age))
			p.Depth, p.Attempts = c.depth, c.attempts
			c.res.URL = p.URL
			v := w.judge(p, s, c.res)
			got := v.page
			if got.Status != c.status || c.outcome != "" && got.Outcome != c.outcome || c.reason != "" && got.Reason != c.reason {
				t.Errorf("%s, %s, %q; want %s, %s, %q", got.Status, got.Outcome, got.Reason, c.status, c.outcome, c.reason)
			}
			var due when
			switch at := got.NextAt; {
			case v.section:
				due = byYield
			case at == nil:
				due = never
			case at.Before(now.Add(max)):
				due = retry
			default:
				due = someday
			}
			if due != c.due {
				t.Errorf("due %v (%v), want %v", due, got.NextAt, c.due)
			}
			if c.res.Status != 0 && (got.FetchedAt == nil || got.HTTP.Status != c.res.Status) || c.res.Status == 0 && got.FetchedAt != nil {
				t.Errorf("answer %d: fetched at %v, %+v", c.res.Status, got.FetchedAt, got.HTTP)
			}
			if got.Outcome == outcome.Unreadable && got.HTTP.ETag != "" {
				t.Error("what was not understood would not be read again")
			}
		})
	}
}

func TestJudgeRedirectToAnotherLane(t *testing.T) {
	w, s := judging(t)
	res := fetch.Response{Outcome: outcome.Redirected, Status: 301, Location: "http://FEEDS.example:80/news/#top"}
	for _, kind := range []store.Kind{store.KindArticle, store.KindFeed} {
		v := w.judge(known(kind, "http://news.example/2026/page", time.Now()), s, res)
		if v.page.Status != store.StatusDone || v.page.RedirectTo != "http://feeds.example/news/" || len(v.seen) != 1 {
			t.Fatalf("%s: %+v", kind, v)
		}
		p := v.seen[0]
		if p.URL != v.page.RedirectTo || p.Lane != "feeds.example" || p.Kind != kind || p.Status != store.StatusQueued {
			t.Errorf("%s: goes on as %+v", kind, p)
		}
		if isRoot(p) != (kind == store.KindFeed) {
			t.Errorf("%s: visited again: %v", kind, isRoot(p))
		}
		// From host to host and back, but not for ever.
		for range 2 * maxRedirectPages {
			if v = w.judge(p, s, res); len(v.seen) > 0 {
				p = v.seen[0]
			}
		}
		if len(v.seen) > 0 {
			t.Error("a chain of redirects does not end")
		}
	}
}

func TestJudgeRecentArticle(t *testing.T) {
	w, s := judging(t)
	now := time.Now()
	p := known(store.KindArticle, "http://news.example/2026/page", now)
	p.ArticleID = "x"
	v := w.judge(p, s, fetch.Response{Outcome: outcome.NotModified, Status: 304})
	if want := now.Add(w.cfg.Policy.ArticleAges[0]); v.page.NextAt == nil || !v.page.NextAt.Equal(want) {
		t.Errorf("due %v, want %v", v.page.NextAt, want)
	}
}

// TestJudgeRedirectedHome has an article's address lead to the home page, as many sites do for what is no more.
func TestJudgeRedirectedHome(t *testing.T) {
	w, s := judging(t)
	v := w.judge(known(store.KindArticle, "http://news.example/2026/page", time.Now()), s,
		fetch.Response{Outcome: outcome.OK, Status: 200, URL: "http://news.example/", Body: []byte(story), ContentType: "text/html"})
	if v.article != nil || v.page.Outcome != outcome.NotArticle || v.page.Status != store.StatusDone {
		t.Errorf("%+v", v.page)
	}
}

func TestValidatorsOutliveFailures(t *testing.T) {
	w, s := judging(t)
	p := known(store.KindListing, "http://news.example/world", time.Now())
	p.HTTP = &store.HTTP{Status: 200, ETag: "a", LastModified: "b", ContentType: "text/html"}
	for _, res := range []fetch.Response{
		{Outcome: outcome.Retry, Status: 503, Err: fetch.ErrStatus}, {Outcome: outcome.Retry, HostDown: true, Err: fetch.ErrTimeout}, {Outcome: outcome.NotModified, Status: 304},
	} {
		if h := w.judge(p, s, res).page.HTTP; h.ETag != "a" || h.LastModified != "b" {
			t.Errorf("%s %d: %+v", res.Outcome, res.Status, h)
		}
	}
	if h := w.judge(p, s, fetch.Response{Outcome: outcome.OK, Status: 200, ContentType: "text/html"}).page.HTTP; h.ETag != "" {
		t.Errorf("the old version's validator is kept for the new one: %+v", h)
	}
}

func TestCanonicalOf(t *testing.T) {
	_, s := judging(t)
	s.Sections = []site.Section{{ID: "world", URL: "http://news.example/world"}}
	const own = "http://news.example/2026/page"
	for said, want := range map[string]string{
		"":                                     own,
		own:                                    own,
		"http://news.example/":                 own, // a template that names the home page
		"http://news.example":                  own,
		"http://news.example/world":            own, // or the section
		"http://other.example/2026/page":       own,
		"http://news.example.evil.test/2026/x": own,
		"javascript:alert(1)":                  own,
		"https://news.example/2026/page":       "https://news.example/2026/page",
		"http://www.news.example/2026/page":    "http://www.news.example/2026/page",
		"http://feeds.example/2026/page":       "http://feeds.example/2026/page",
		"http://news.example/2026/page?utm_source=x#top": own,
		"http://news.example/?p=7":                       "http://news.example/?p=7",
	} {
		if got := canonicalOf(said, own, s); got != want {
			t.Errorf("canonicalOf(%q) = %q, want %q", said, got, want)
		}
	}
}

func TestUndefinedSite(t *testing.T) {
	w, _ := judging(t)
	v := w.unasked(store.Page{ID: "x", Site: "unknown", Kind: store.KindArticle, DiscoveredAt: time.Now()}, outcome.NoSite, "?")
	if v.page.Status != store.StatusDue || v.page.FetchedAt != nil || v.page.Attempts != 1 {
		t.Errorf("%+v", v.page)
	}
}
