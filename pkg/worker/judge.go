package worker

import (
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// verdict is what one fetch means for what is stored.
type verdict struct {
	page    store.Page       // its new state
	article *article.Article // extracted from it
	seen    []store.Page     // what it links to
	listed  int              // articles among seen: what a section's schedule learns from
	next    string           // id of the page among seen that goes on where this listing ends
	visited bool             // the page was visited before
	section bool             // next_at follows from the section's yield, which is known once seen is stored
}

// judge follows from the page, its site and the answer alone.
func (w *Worker) judge(page store.Page, s *site.Site, res fetch.Response) verdict {
	now := time.Now().UTC()
	// The crawl state is written anew; what the next fetch or visit needs of the last one is kept.
	next := page
	next.Outcome, next.Reason, next.LastError, next.RedirectTo = res.Outcome, res.Reason, "", ""
	next.RobotsRule = res.RobotsRule
	if res.Status != 0 {
		next.FetchedAt, next.HTTP = &now, httpOf(page.HTTP, res)
	}
	if res.Err != nil {
		next.LastError = res.Err.Error()
	}
	v := verdict{page: next, visited: page.FetchedAt != nil}
	switch res.Outcome {
	case outcome.OK:
		v.page.Attempts = 0
		if err := protect(func() { w.read(&v, s, res, now) }); err != nil {
			v = w.dead(next, outcome.Crash, outcome.ReasonPanic, err.Error())
		}
	case outcome.NotModified:
		v.page.Attempts = 0
		w.done(&v, now)
	case outcome.Redirected:
		v.page.Attempts = 0
		w.redirected(&v, s, res, now)
	case outcome.Gone:
		v.page.Status, v.page.NextAt = store.StatusGone, nil
	case outcome.Robots, outcome.Refused, outcome.TooLarge, outcome.NotText:
		v.page.Status, v.page.NextAt = store.StatusExcluded, nil
	case outcome.Retry, outcome.RobotsUnavailable:
		w.failed(&v, res.RetryAfter, now)
	default:
		v.page.Status, v.page.NextAt = store.StatusDead, nil
	}
	if isRoot(page) && v.page.NextAt == nil && v.page.Status != store.StatusDone {
		// A section is worth another look however it failed: sites move, block and break for a while.
		at := now.Add(w.policyOf(page).Max)
		v.page.NextAt = &at
	}
	if v.page.HTTP != nil && (v.page.Outcome == outcome.Unreadable || v.page.Outcome == outcome.Crash) {
		v.page.HTTP.ETag, v.page.HTTP.LastModified = "", "" // what was not understood is read again, changed or not
	}
	return v
}

// httpOf is what is kept of an answer. The validators belong to what was read last, so they outlive answers that brought
// no page.
func httpOf(old *store.HTTP, res fetch.Response) *store.HTTP {
	h := &store.HTTP{Status: res.Status, ETag: res.ETag, LastModified: res.LastModified, ContentType: res.ContentType, Bytes: res.Bytes}
	if old == nil || res.Outcome != outcome.NotModified && res.Outcome != outcome.Retry {
		return h
	}
	h.ETag, h.LastModified = orOld(h.ETag, old.ETag), orOld(h.LastModified, old.LastModified)
	h.ContentType = orOld(h.ContentType, old.ContentType)
	return h
}

// read discovers or extracts, by the page's kind.
func (w *Worker) read(v *verdict, s *site.Site, res fetch.Response, now time.Time) {
	if isSection(v.page.Kind) {
		w.readSection(v, s, res, now)
		return
	}
	w.readArticle(v, s, res, now)
}

// done schedules the next visit of a page that needs no further work now.
func (w *Worker) done(v *verdict, now time.Time) {
	v.page.Status, v.page.NextAt = store.StatusDone, nil
	if isSection(v.page.Kind) {
		v.section = isRoot(v.page)
		return
	}
	if v.page.ArticleID == "" {
		return // no article: nothing to check for edits
	}
	first := v.page.DiscoveredAt
	if a := v.article; a != nil && a.PublishedAt != nil && a.PublishedAt.Before(first) {
		first = *a.PublishedAt
	}
	if at, ok := w.cfg.Policy.Article(first, now); ok {
		v.page.NextAt = &at
	}
}

// failed schedules another attempt, or gives the page up.
func (w *Worker) failed(v *verdict, after time.Duration, now time.Time) {
	v.page.Attempts++
	if v.page.Attempts < w.cfg.Policy.MaxAttempts {
		at := now.Add(w.cfg.Policy.Retry(v.page.ID, v.page.Attempts, after))
		v.page.Status, v.page.NextAt = store.StatusDue, &at
		return
	}
	v.page.Status, v.page.NextAt = store.StatusDead, nil
	if at, ok := w.cfg.Policy.Again(v.page.ID, v.page.DiscoveredAt, now); ok || isRoot(v.page) {
		v.page.NextAt = &at
	}
}

// unasked is the verdict on a page for which no request was made.
func (w *Worker) unasked(page store.Page, o outcome.Outcome, why outcome.Reason) verdict {
	v := verdict{page: page}
	v.page.Outcome, v.page.Reason, v.page.LastError = o, why, ""
	w.failed(&v, 0, time.Now().UTC())
	return v
}

// redirected follows a redirect to another host as a page of its own, in that host's lane.
func (w *Worker) redirected(v *verdict, s *site.Site, res fetch.Response, now time.Time) {
	v.page.RedirectTo = res.Location
	target, err := weburl.Canonical(res.Location)
	switch {
	case err != nil || !s.Owns(target):
		v.page.Status, v.page.NextAt, v.page.Reason = store.StatusExcluded, nil, outcome.ReasonOffSite
		return
	case v.page.Kind == store.KindArticle && s.IsArticle(target) == site.NotArticle:
		v.page.Status, v.page.NextAt, v.page.Reason = store.StatusExcluded, nil, outcome.ReasonLeadsElsewhere
		return
	}
	v.page.RedirectTo, v.page.ArticleID = target, ""
	w.done(v, now)
	if v.page.Depth >= maxRedirectPages {
		return
	}
	p := w.newPage(s, v.page, target, v.page.Kind, v.page.Section, v.page.Depth+1, now)
	p.Priority = v.page.Priority
	if isRoot(v.page) {
		// The section lives there now, and is visited there.
		p.Interval = int64(w.policyOf(v.page).Start / time.Second)
	}
	v.seen = append(v.seen, p)
}

// maxRedirectPages bounds a chain of redirects that goes from host to host, each hop being a page of its own.
const maxRedirectPages = 5

// dead gives a page up for good.
func (w *Worker) dead(page store.Page, o outcome.Outcome, why outcome.Reason, text string) verdict {
	page.Status, page.NextAt = store.StatusDead, nil
	page.Outcome, page.Reason, page.LastError = o, why, text
	return verdict{page: page}
}

func isSection(k store.Kind) bool { return k != store.KindArticle }

// isRoot is true for sections, which are visited again and again. The further pages of a listing and of an index of
// sitemaps, whose depth is not zero, are not; where a section has moved to has an interval.
func isRoot(p store.Page) bool { return isSection(p.Kind) && (p.Depth == 0 || p.Interval > 0) }

func orOld(s, old string) string {
	if s == "" {
		return old
	}
	return s
}
