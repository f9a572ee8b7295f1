package worker

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/look"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// when a page is due again.
type when string

const (
	never   when = "never"
	retry   when = "as Policy.Retry says"
	hour    when = "in an hour or a little more"
	paced   when = "in its own rhythm"
	day     when = "in a day or a little more"
	week    when = "in a week or a little more"
	byYield when = "when its yield is known"
)

// dueOf puts the time that a verdict gives into one of these words.
func dueOf(w *Worker, v verdict, interval time.Duration, now time.Time) when {
	if v.section {
		return byYield
	}
	if v.page.NextAt == nil {
		return never
	}
	wait := v.page.NextAt.Sub(now)
	in := func(d time.Duration) bool { return wait >= d && wait <= d+d/10+time.Minute }
	switch {
	case in(w.cfg.Policy.Retry(v.page.ID, max(v.page.Attempts, 1), 0)) && v.page.Attempts < w.cfg.Policy.MaxAttempts:
		return retry
	case interval > 0 && in(interval):
		return paced
	case in(time.Hour):
		return hour
	case in(24 * time.Hour):
		return day
	case in(7 * 24 * time.Hour):
		return week
	}
	return when(wait.String())
}

func judging(t *testing.T) (*Worker, *site.Site) {
	t.Helper()
	s := homeSite(t, "http://news.example/")
	s.Hosts = []string{"feeds.example"}
	return New(Default(), Deps{Sites: site.NewCurrent(s)}), s
}

func known(kind store.Kind, rawURL string, first time.Time) store.Page {
	return store.Page{ID: weburl.ID(rawURL), URL: rawURL, Site: "news.example", Section: "news", Kind: kind, Lane: "news.example",
		DiscoveredAt: first, Status: store.StatusQueued}
}

func TestJudge(t *testing.T) {
	w, s := judging(t)
	attempts := w.cfg.Policy.MaxAttempts
	status := func(n int) error { return fmt.Errorf("%w: %d", fetch.ErrStatus, n) }
	html := "text/html; charset=utf-8"
	rss := []byte(`<rss version="2.0"><channel><item><link>http://news.example/2026/a-long-story</link></item></channel></rss>`)
	gone := fetch.Response{Outcome: outcome.Gone, Reason: "http_404", Status: 404, Err: status(404)}
	forbidden := fetch.Response{Outcome: outcome.Blocked, Reason: outcome.ReasonForbidden, Status: 403, Err: fetch.ErrBlocked}
	busy := fetch.Response{Outcome: outcome.Blocked, Reason: outcome.ReasonTooMany, Status: 429, Err: fetch.ErrBlocked}
	maintenance := fetch.Response{Outcome: outcome.OK, Status: 200, Body: []byte("<title>Maintenance</title><h1>Back in five minutes</h1>"), ContentType: html, ETag: "x"}
	away := func(to string) fetch.Response {
		return fetch.Response{Outcome: outcome.Redirected, Status: 302, Location: to}
	}
	for _, c := range []struct {
		name    string
		kind    store.Kind
		known   func(p *store.Page) // what was known before
		age     time.Duration
		res     fetch.Response
		status  store.Status
		outcome outcome.Outcome
		reason  outcome.Reason
		due     when
	}{
		{name: "article", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.OK, Status: 200, Body: []byte(story), ContentType: html},
			status: store.StatusDone, outcome: "ok", due: never}, // published long ago
		{name: "empty page", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.OK, Status: 200, ContentType: html},
			status: store.StatusDone, outcome: outcome.Unreadable, reason: outcome.ReasonNoText, due: hour},
		{name: "no article by nature", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.OK, Status: 200, Body: []byte(page20), ContentType: html},
			status: store.StatusDone, outcome: outcome.NotArticle, due: never},
		{name: "maintenance for an article", kind: store.KindArticle, res: maintenance,
			status: store.StatusDone, outcome: outcome.NotArticle, due: hour},
		{name: "feed", kind: store.KindFeed, res: fetch.Response{Outcome: outcome.OK, Status: 200, Body: rss, ContentType: "application/rss+xml"},
			status: store.StatusDone, outcome: "ok", due: byYield},
		{name: "home", kind: store.KindHome, known: found, res: fetch.Response{Outcome: outcome.OK, Status: 200, Body: []byte("<a href=/x>x</a>"), ContentType: html},
			status: store.StatusDone, outcome: "ok", due: byYield},
		{name: "section not modified", kind: store.KindListing, res: fetch.Response{Outcome: outcome.NotModified, Status: 304},
			status: store.StatusDone, outcome: "not_modified", due: byYield},
		{name: "second page of a listing", kind: store.KindListing, known: deep, res: fetch.Response{Outcome: outcome.OK, Status: 200, Body: []byte("<p>No more."), ContentType: html},
			status: store.StatusDone, outcome: outcome.Nothing, reason: outcome.ReasonNoLinks, due: never},

		// What is said once of an article is asked again, but for what nobody says by mistake.
		{name: "not found", kind: store.KindArticle, res: gone, status: store.StatusGone, outcome: "gone", reason: "http_404", due: hour},
		{name: "not found, an hour later", kind: store.KindArticle, known: said(gone, 1, time.Hour), res: gone, status: store.StatusGone, outcome: "gone", due: day},
		{name: "not found, a day later", kind: store.KindArticle, known: said(gone, 2, 24*time.Hour), res: gone, status: store.StatusGone, outcome: "gone", due: never},
		{name: "not found after failures", kind: store.KindArticle, known: said(fetch.Response{Outcome: outcome.Retry, Reason: "http_500"}, 4, 24*time.Hour), res: gone, status: store.StatusGone, due: hour},
		{name: "gone for good", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Gone, Reason: "http_410", Status: 410, Err: status(410)},
			status: store.StatusGone, outcome: "gone", reason: "http_410", due: never},
		{name: "too large", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.TooLarge, Reason: "too_large", Status: 200, Err: fetch.ErrTooLarge},
			status: store.StatusExcluded, outcome: "too_large", reason: "too_large", due: hour},
		{name: "not text", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.NotText, Reason: "not_text", Status: 200, Err: fetch.ErrNotText},
			status: store.StatusExcluded, outcome: "not_text", reason: "not_text", due: hour},
		{name: "robots", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Robots, Reason: "robots_rule", Err: fetch.ErrRobots},
			status: store.StatusExcluded, outcome: "robots", reason: "robots_rule", due: week},
		{name: "refused", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Refused, Reason: "address_refused", Err: fetch.ErrRefused},
			status: store.StatusExcluded, outcome: "refused", reason: "address_refused", due: week},
		{name: "forbidden", kind: store.KindArticle, res: forbidden, status: store.StatusDead, outcome: outcome.Blocked, reason: outcome.ReasonForbidden, due: hour},
		{name: "forbidden again", kind: store.KindArticle, known: said(forbidden, 1, time.Hour), res: forbidden, status: store.StatusDead, outcome: outcome.Blocked, due: day},
		{name: "forbidden for a week", kind: store.KindArticle, known: said(forbidden, 8, day24), age: 8 * day24, res: forbidden, status: store.StatusDead, outcome: outcome.Blocked, due: never},
		{name: "bad certificate", kind: store.KindArticle, known: said(fetch.Response{Outcome: outcome.Failed, Reason: "tls"}, 1, time.Hour), res: fetch.Response{Outcome: outcome.Failed, Reason: "tls", Err: errors.New("x509")},
			status: store.StatusDead, outcome: "failed", reason: "tls", due: day},
		{name: "no address", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Failed, Reason: outcome.ReasonURL, Err: fetch.ErrURL},
			status: store.StatusDead, outcome: "failed", due: never},
		{name: "an outcome of a later version", kind: store.KindArticle, res: fetch.Response{Outcome: "odd", Reason: "odd", Err: errors.New("?")},
			status: store.StatusDead, outcome: "odd", reason: "odd", due: hour},
		{name: "leads off the site", kind: store.KindArticle, res: away("http://other.example/x"), status: store.StatusExcluded, outcome: "redirected", reason: "off_site", due: hour},
		{name: "leads to the home page", kind: store.KindArticle, res: away("http://news.example/"), status: store.StatusExcluded, outcome: "redirected", reason: "leads_to_no_article", due: hour},
		{name: "leads nowhere", kind: store.KindArticle, res: away("mailto:x"), status: store.StatusExcluded, outcome: "redirected", reason: "off_site", due: hour},

		// What may pass soon is retried.
		{name: "unavailable", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Retry, Reason: "http_503", Status: 503, Err: status(503)},
			status: store.StatusDue, outcome: "retry", reason: "http_503", due: retry},
		{name: "too many requests", kind: store.KindArticle, res: busy, status: store.StatusDue, outcome: outcome.Blocked, reason: outcome.ReasonTooMany, due: retry},
		{name: "no such host", kind: store.KindArticle, res: fetch.Response{Outcome: outcome.Retry, Reason: "no_such_host", HostDown: true, Err: &net.DNSError{IsNotFound: true}},
			status: store.StatusDue, outcome: "retry", reason: "no_such_host", due: retry},
		{name: "once too often", kind: store.KindArticle, known: tried(attempts - 1), res: fetch.Response{Outcome: outcome.Retry, Reason: "http_500", Status: 500, Err: status(500)},
			status: store.StatusDead, outcome: "retry", reason: "http_500", due: day},
		{name: "too often for too long", kind: store.KindArticle, known: tried(30), age: 8 * day24, res: fetch.Response{Outcome: outcome.Retry, Reason: "http_500", Status: 500, Err: status(500)},
			status: store.StatusDead, outcome: "retry", reason: "http_500", due: never},

		// A section is retried whatever it says. A crawl that is to end waits for what may pass.
		{name: "section, server error", kind: store.KindListing, res: fetch.Response{Outcome: outcome.Retry, Reason: "http_500", Status: 500}, status: store.StatusDue, due: retry},
		{name: "section, no robots.txt to be had", kind: store.KindFeed, res: fetch.Response{Outcome: outcome.RobotsUnavailable, Reason: "http_503", Err: fetch.ErrRobots},
			status: store.StatusDue, outcome: "robots_unavailable", reason: "http_503", due: retry},
		{name: "section, no such host", kind: store.KindHome, res: fetch.Response{Outcome: outcome.RobotsUnavailable, Reason: "no_such_host", HostDown: true, Err: fetch.ErrRobots},
			status: store.StatusDone, outcome: "robots_unavailable", reason: "no_such_host", due: retry},
		{name: "section, too many requests", kind: store.KindFeed, res: busy, status: store.StatusDue, outcome: outcome.Blocked, due: retry},
		{name: "section forbidden", kind: store.KindFeed, res: forbidden, status: store.StatusDone, outcome: outcome.Blocked, due: retry},
		{name: "section not found", kind: store.KindListing, res: gone, status: store.StatusGone, outcome: "gone", reason: "http_404", due: retry},
		{name: "section gone for good", kind: store.KindListing, res: fetch.Response{Outcome: outcome.Gone, Reason: "http_410", Status: 410}, status: store.StatusGone, due: retry},
		{name: "section, robots", kind: store.KindHome, res: fetch.Response{Outcome: outcome.Robots, Reason: "robots_rule", Err: fetch.ErrRobots},
			status: store.StatusExcluded, outcome: "robots", reason: "robots_rule", due: retry},
		{name: "section refused", kind: store.KindFeed, res: fetch.Response{Outcome: outcome.Refused, Reason: "address_refused"}, status: store.StatusExcluded, due: retry},
		{name: "section too large", kind: store.KindFeed, res: fetch.Response{Outcome: outcome.TooLarge, Reason: "too_large", Status: 200}, status: store.StatusExcluded, due: retry},
		{name: "section no text", kind: store.KindFeed, res: fetch.Response{Outcome: outcome.NotText, Reason: "not_text", Status: 200}, status: store.StatusExcluded, due: retry},
		{name: "section, bad certificate", kind: store.KindFeed, res: fetch.Response{Outcome: outcome.Failed, Reason: "tls"}, status: store.StatusDone, due: retry},
		{name: "section, an outcome of a later version", kind: store.KindFeed, res: fetch.Response{Outcome: "odd"}, status: store.StatusDone, due: retry},
		{name: "moved", kind: store.KindHome, res: away("http://new.example/"), status: store.StatusExcluded, outcome: "redirected", reason: outcome.ReasonMoved, due: retry},
		{name: "section leads nowhere", kind: store.KindHome, res: away("mailto:x"), status: store.StatusExcluded, outcome: "redirected", reason: "off_site", due: retry},
		{name: "maintenance of a feed", kind: store.KindFeed, known: read, res: maintenance, status: store.StatusDue, outcome: outcome.Unreadable, reason: outcome.ReasonWrongKind, due: retry},
		{name: "maintenance of a feed of the site's file", kind: store.KindFeed, res: maintenance, status: store.StatusDue, outcome: outcome.Unreadable, due: retry},
		{name: "a page taken for a feed", kind: store.KindFeed, known: found, res: maintenance, status: store.StatusDone, outcome: outcome.Unreadable, due: paced},
		{name: "maintenance of a home page", kind: store.KindHome, known: read, res: maintenance, status: store.StatusDue, outcome: outcome.Nothing, reason: outcome.ReasonNoLinks, due: retry},
		{name: "a home page that never gave a link", kind: store.KindHome, res: maintenance, status: store.StatusDone, outcome: outcome.Nothing, due: retry},
		{name: "a section that never gave a link", kind: store.KindListing, known: found, res: maintenance, status: store.StatusDone, outcome: outcome.Nothing, due: paced},
		{name: "section, after its retries", kind: store.KindListing, known: many(tried(attempts-1), read), res: gone, status: store.StatusGone, due: paced},
		{name: "section, server error for long", kind: store.KindListing, known: tried(30), age: 8 * day24, res: fetch.Response{Outcome: outcome.Retry, Reason: "http_500", Status: 500}, status: store.StatusDone, due: day},
		{name: "section, forbidden for long", kind: store.KindHome, known: tried(1000), age: 80 * day24, res: forbidden, status: store.StatusDone, due: day},
	} {
		t.Run(c.name, func(t *testing.T) {
			now := time.Now()
			p := known(c.kind, "http://news.example/2026/page", now.Add(-c.age))
			if c.known != nil {
				c.known(&p)
			}
			before := p
			c.res.URL = p.URL
			v := w.judge(p, s, c.res)
			got := v.page
			if got.Status != c.status || c.outcome != "" && got.Outcome != c.outcome || c.reason != "" && got.Reason != c.reason {
				t.Errorf("%s, %s, %q (%s); want %s, %s, %q", got.Status, got.Outcome, got.Reason, got.LastError, c.status, c.outcome, c.reason)
			}
			interval := w.cfg.Policy.Start
			if p.Interval > 0 {
				interval = time.Duration(p.Interval) * time.Second
			}
			if due := dueOf(w, v, interval, now); due != c.due {
				t.Errorf("due %s (%v), want %s", due, got.NextAt, c.due)
			}
			if c.res.Status != 0 && (got.FetchedAt == nil || got.HTTP.Status != c.res.Status) || c.res.Status == 0 && got.FetchedAt != before.FetchedAt {
				t.Errorf("answer %d: fetched at %v, %+v", c.res.Status, got.FetchedAt, got.HTTP)
			}
			if got.HTTP != nil && got.HTTP.ETag == "x" {
				t.Error("what was not understood would not be read again")
			}
			if isRoot(p) && !v.section && got.NextAt == nil {
				t.Error("a section is given up")
			}
		})
	}
}

const day24 = 24 * time.Hour

// page20 is a page of headlines, which no outage makes.
var page20 = "<html><head><title>News</title></head><body><main>" + strings.Repeat(`<article><h2><a href="/2026/11/24/x">A headline with enough words in it</a></h2><p>And a teaser that tells in a sentence or two what the story below it is about.</p></article>`, 20) + "</main></body></html>"

// What was known of a page before.
func deep(p *store.Page)  { p.Depth = 1 }
func found(p *store.Page) { p.DiscoveredFrom = "home" }
func read(p *store.Page)  { found(p); p.Interval, p.Yield = 45*60, 2 }

func tried(n int) func(*store.Page) { return func(p *store.Page) { p.Attempts = n } }

func many(all ...func(*store.Page)) func(*store.Page) {
	return func(p *store.Page) {
		for _, f := range all {
			f(p)
		}
	}
}

// said is what a page answered so long ago, the nth time in a row without a good answer.
func said(res fetch.Response, n int, ago time.Duration) func(*store.Page) {
	return func(p *store.Page) {
		at := time.Now().Add(-ago)
		p.Outcome, p.Reason, p.Attempts, p.FetchedAt = res.Outcome, res.Reason, n, &at
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

// TestJudgeRecentArticle: an article is looked at again as its site edits, and not at all where it never does.
func TestJudgeRecentArticle(t *testing.T) {
	w, s := judging(t)
	now := time.Now()
	judged := func(habit look.Habit) (store.Page, time.Duration) {
		w.learned = newTemplates("", nothingLearned{}, w.Log)
		if err := w.learned.open(t.Context(), s.ID); err != nil {
			t.Fatal(err)
		}
		w.learned.of(s.ID, false).taught.habit = &habit
		p := known(store.KindArticle, "http://news.example/2026/page", now)
		p.ArticleID = "x"
		p = w.judge(p, s, fetch.Response{Outcome: outcome.NotModified, Status: 304}).page
		if p.NextAt == nil {
			return p, 0
		}
		return p, p.NextAt.Sub(now)
	}
	much, never := look.Habit{Articles: 100, Looks: 300}, look.Habit{Articles: 1000, Looks: 3000}
	for i := range much.Edits {
		much.Edits[i], much.Hours[i], never.Hours[i] = 20, 17*math.Exp2(float64(i)), 170*math.Exp2(float64(i))
	}
	if p, wait := judged(look.Habit{}); wait == 0 || string(p.NextWhy) != string(look.WhyUnknown) || p.Look == nil || !p.Look.From.Equal(now) {
		t.Errorf("of an unknown site: %v, %s, %+v", wait, p.NextWhy, p.Look)
	}
	if p, wait := judged(much); wait < 10*time.Minute || wait > 22*time.Minute || string(p.NextWhy) != string(look.WhyEdits) {
		t.Errorf("where much is edited: %v, %s", wait, p.NextWhy)
	}
	if p, wait := judged(never); wait > 0 && string(p.NextWhy) != string(look.WhyTrial) || wait == 0 && string(p.NextWhy) != string(look.WhySettled) {
		t.Errorf("where nothing is: %v, %s", wait, p.NextWhy)
	}
}

// nothingLearned is a store of profiles that has none.
type nothingLearned struct{ Profiles }

func (nothingLearned) Profile(context.Context, string) (store.Profile, error) {
	return store.Profile{}, store.ErrNotFound
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
	ok := fetch.Response{Outcome: outcome.OK, Status: 200, ContentType: "text/html", URL: p.URL}
	ok.Body = []byte(`<a href="/2026/11/24/story">A headline with enough words in it</a>`)
	if h := w.judge(p, s, ok).page.HTTP; h.ETag != "" {
		t.Errorf("the old version's validator is kept for the new one: %+v", h)
	}
	// A feed whose end is missing, and a maintenance page: what was read before them is what is known.
	feed := known(store.KindFeed, "http://news.example/feed", time.Now())
	feed.HTTP = &store.HTTP{Status: 200, ETag: "a", LastModified: "b"}
	for name, body := range map[string]string{
		"cut off":     `<rss version="2.0"><channel><item><link>http://news.example/2026/a-long-story</link></item><item><li`,
		"maintenance": "<h1>Back in five minutes</h1>",
		"empty":       `<rss version="2.0"><channel></channel></rss>`,
	} {
		got := w.judge(feed, s, fetch.Response{Outcome: outcome.OK, Status: 200, URL: feed.URL, Body: []byte(body), ETag: "new", LastModified: "new"}).page
		if got.HTTP.ETag != "a" || got.HTTP.LastModified != "b" {
			t.Errorf("%s (%s, %s): %+v", name, got.Outcome, got.Reason, got.HTTP)
		}
		if feed.HTTP.ETag != "a" {
			t.Fatal("the page as it was is changed")
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

// TestWhyNothing: a section that gives nothing, or not all, says why.
func TestWhyNothing(t *testing.T) {
	w, s := judging(t)
	home := known(store.KindHome, "http://news.example/", time.Now())
	feed := known(store.KindFeed, "http://news.example/feed", time.Now())
	list := known(store.KindListing, "http://news.example/world", time.Now())
	for _, c := range []struct {
		name     string
		page     store.Page
		body     string
		sitemaps []string
		outcome  outcome.Outcome
		reason   outcome.Reason
		says     string
	}{
		{"made by a script", home, `<div id=root></div><script src=/main.js></script><noscript>You need JavaScript.</noscript>`, nil, outcome.Nothing, outcome.ReasonScript, "scripts"},
		{"no links", home, `<h1>Welcome</h1><p>This is the paper of the town of Marwan, which is read by all of its people.</p>`, nil, outcome.Nothing, outcome.ReasonNoLinks, ""},
		{"only others' links", home, `<p>We are partners of these great papers of the region: <a href="http://a.example/">A</a> <a href="http://b.example/">B</a> <a href="/login">Log in</a></p>`, nil,
			outcome.Nothing, outcome.ReasonLinksRefused, "off_site 2, utility 1"},
		{"a listing of sections", list, `<nav><a href="/category/a">A</a> <a href="/category/b">B</a></nav>`, nil, outcome.Nothing, outcome.ReasonLinksRefused, "section 2"},
		{"an empty feed", feed, `<rss version="2.0"><channel><title>News</title></channel></rss>`, nil, outcome.Nothing, outcome.ReasonNoLinks, ""},
		{"others' feed", feed, `<rss version="2.0"><channel><item><link>http://a.example/1</link></item></channel></rss>`, nil, outcome.Nothing, outcome.ReasonLinksRefused, "off_site 1"},
		{"a feed that breaks off at once", feed, `<rss version="2.0"><channel><title>Ne`, nil, outcome.Nothing, outcome.ReasonCutOff, "0 links"},
		{"a feed that breaks off", feed, `<rss version="2.0"><channel><item><link>http://news.example/2026/a-long-story</link></item><item><ti`, nil, outcome.OK, outcome.ReasonCutOff, "1 links"},
		{"a feed of which an item is malformed", feed, "<rss version=\"2.0\"><channel><item><title>a\x01b</title><link>http://news.example/2026/a-long-story</link></item></channel></rss>", nil, outcome.OK, outcome.ReasonMalformed, "1 of 1 entries are malformed, the first: a control character"},
		{"a feed behind a warning", feed, `<b>Warning</b>: x<rss version="2.0"><channel><item><link>http://news.example/2026/a-long-story</link></item></channel></rss>`, nil, outcome.OK, outcome.ReasonMalformed, "something before its beginning"},
		{"others' malformed feed", feed, "<rss version=\"2.0\"><channel><item><title>1 < 2</title><link>http://a.example/1</link></item></channel></rss>", nil, outcome.Nothing, outcome.ReasonLinksRefused, "off_site 1; 1 of 1 entries"},
		{"a script, but robots.txt names a sitemap", home, `<div id=root></div><script src=/main.js></script>`, []string{"http://news.example/sitemap.xml"}, outcome.OK, outcome.ReasonScript, "scripts"},
		{"all is well", home, `<a href="/2026/11/24/story">A headline with enough words in it</a> <a href="/login">Log in</a>`, nil, outcome.OK, "", ""},
		{"renews itself", home, `<meta http-equiv=refresh content="0; url=/">`, nil, outcome.Nothing, outcome.ReasonNoLinks, ""},
		{"sends its readers on", home, `<meta http-equiv=refresh content="0; url=/ar/">`, nil, outcome.Redirected, "", ""},
		{"a page that sends on to the feed", feed, `<html><head><meta http-equiv="Refresh" content="0; URL=http://news.example/f2/feed.xml"></head></html>`, nil, outcome.Redirected, "", ""},
		{"sends its readers away", home, `<meta http-equiv=refresh content="0; url=http://new.example/">`, nil, outcome.Redirected, outcome.ReasonMoved, "new.example"},
	} {
		v := w.judge(c.page, s, fetch.Response{Outcome: outcome.OK, Status: 200, URL: c.page.URL, Body: []byte(c.body), Sitemaps: c.sitemaps})
		if p := v.page; p.Outcome != c.outcome || p.Reason != c.reason || !strings.Contains(p.LastError, c.says) || c.says == "" && c.reason == "" && p.LastError != "" {
			t.Errorf("%s: %s, %q (%s); want %s, %q, saying %q", c.name, p.Outcome, p.Reason, p.LastError, c.outcome, c.reason, c.says)
		}
		if c.name == "sends its readers on" && (len(v.seen) != 1 || v.seen[0].URL != "http://news.example/ar/" || !isRoot(v.seen[0])) {
			t.Errorf("%s: goes on at %+v", c.name, v.seen)
		}
	}
}

// TestDead: strikes and refused documents end no section, and what khabar's own fault may be is tried again.
func TestDead(t *testing.T) {
	w, _ := judging(t)
	now := time.Now()
	home, article := known(store.KindHome, "http://news.example/", now), known(store.KindArticle, "http://news.example/2026/a", now)
	for _, c := range []struct {
		page store.Page
		o    outcome.Outcome
		why  outcome.Reason
		due  when
	}{
		{home, outcome.Crash, outcome.ReasonKilledWorker, day},
		{home, outcome.Crash, outcome.ReasonPanic, retry},
		{home, outcome.NotStored, outcome.ReasonDocument, paced},
		{article, outcome.Crash, outcome.ReasonKilledWorker, day},
		{article, outcome.Crash, outcome.ReasonEndless, day},
		{home, outcome.Crash, outcome.ReasonEndless, day},
		{article, outcome.Crash, outcome.ReasonPanic, hour},
		{article, outcome.NotStored, outcome.ReasonDocument, day},
	} {
		v := w.dead(c.page, c.o, c.why, "text")
		want := store.StatusDead
		if c.page.Kind == store.KindHome {
			want = store.StatusDone
		}
		if due := dueOf(w, v, w.cfg.Policy.Start, now); due != c.due || v.page.Status != want || v.page.LastError != "text" {
			t.Errorf("%s, %s: %s, due %s; want %s, %s", c.page.Kind, c.why, v.page.Status, due, want, c.due)
		}
	}
}

func TestLeadsAway(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"http://n.example/2026/11/20/story-of-the-town", "http://n.example/consent?return=%2F2026%2F11%2F20%2Fstory-of-the-town", true},
		{"http://n.example/2026/11/20/story-of-the-town", "http://n.example/anmelden", true},
		{"http://n.example/news/article.php?id=7", "http://n.example/news/login.php", true},
		{"http://n.example/2026/11/20/story", "http://www.n.example/2026/11/20/story/", false},
		{"http://n.example/news/8888", "http://n.example/?id=8888", false},
		{"http://n.example/?p=77", "http://n.example/2026/11/77-title", false},
		{"http://n.example/a/old-name", "http://n.example/b/new-name", false},
		{"http://n.example/خبر/123", "http://n.example/ar/123", false},
		{"http://n.example/x", "http://n.example/x", false},
	} {
		if got := leadsAway(c.from, c.to); got != c.want {
			t.Errorf("%s to %s: %v, want %v", c.from, c.to, got, c.want)
		}
	}
}

// TestTold: what a news sitemap says of an article goes with its page, and fills what the page does not say.
func TestTold(t *testing.T) {
	w, s := judging(t)
	now := time.Now().UTC().Truncate(time.Second)
	sitemap := known(store.KindSitemap, "http://news.example/news.xml", now)
	body := `<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>http://news.example/2026/a-long-story</loc><news:news>` +
		`<news:publication><news:language>en</news:language></news:publication><news:publication_date>` + now.Format(time.RFC3339) + `</news:publication_date>` +
		`<news:title>A long story</news:title><news:keywords>oil, gas</news:keywords><news:access>Registration</news:access></news:news></url>` +
		`<url><loc>http://news.example/2026/another-long-story</loc></url></urlset>`
	v := w.judge(sitemap, s, fetch.Response{Outcome: outcome.OK, Status: 200, URL: sitemap.URL, Body: []byte(body)})
	if len(v.seen) != 2 || v.seen[1].Told != nil {
		t.Fatalf("%+v", v.seen)
	}
	p := v.seen[0]
	if told := p.Told; told == nil || told.By != "sitemap" || told.Title != "A long story" || told.Language != "en" || told.Access != "Registration" ||
		!slices.Equal(told.Keywords, []string{"oil", "gas"}) || told.PublishedAt == nil || !told.PublishedAt.Equal(now) || told.Day {
		t.Fatalf("told %+v", told)
	}
	undated := "<html><head><title>A long story</title></head><body><article><h1>A long story</h1>" +
		strings.Repeat("<p>The council of the town met on Monday and said that it would begin the repair of the old bridge at once.</p>", 6) + "</article></body></html>"
	v = w.judge(p, s, fetch.Response{Outcome: outcome.OK, Status: 200, URL: p.URL, Body: []byte(undated), ContentType: "text/html"})
	if a := v.article; a == nil || a.PublishedAt == nil || !a.PublishedAt.Equal(now) || a.Published.Source != "sitemap" || !slices.Equal(a.Tags, []string{"oil", "gas"}) ||
		!slices.Contains(a.Quality.Flags, "paywalled") || v.page.Told == nil {
		t.Errorf("%+v", a)
	}
	p.URL = "http://news.example/2026/7"
	brief := "<html><head><title>A brief story</title></head><body><div><h1>A brief story</h1><p>The council of the town met on Monday and said that it would begin the repair at once.</p></div></body></html>"
	for title, want := range map[string]outcome.Outcome{"A brief story": outcome.OK, "Another altogether": outcome.NotArticle} {
		p.Told.Title = title
		if v = w.judge(p, s, fetch.Response{Outcome: outcome.OK, Status: 200, URL: p.URL, Body: []byte(brief), ContentType: "text/html"}); v.page.Outcome != want {
			t.Errorf("a brief that is listed as %q: %s %s", title, v.page.Outcome, v.page.Reason)
		}
	}
	ahead := now.Add(2 * maxAhead)
	if told := toldBy(store.KindFeed, discover.Link{Published: &ahead}, now); told != nil {
		t.Errorf("a date to come is believed: %+v", told)
	}
	if told := toldBy(store.KindListing, discover.Link{Title: "A headline"}, now); told != nil {
		t.Errorf("a headline is no word of a feed: %+v", told)
	}
}
