package worker

import (
	"fmt"
	"net/http"
	"time"

	"github.com/khabar-crawler/khabar/pkg/archive"
	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/backfill"
	"github.com/khabar-crawler/khabar/pkg/boilerplate"
	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/rhythm"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// verdict is what one fetch means for what is stored.
type verdict struct {
	page      store.Page            // its new state
	article   *article.Article      // extracted from it
	address   string                // where the article was read, after redirects
	former    string                // where that may have been before the site moved
	before    string                // the id of the article that the page was
	extracted string                // the article's content hash before the site's template was taken out
	seen      []store.Page          // what it links to
	listed    int                   // articles among seen: what a section's schedule learns from
	size      int                   // of what was read, in bytes
	order     []string              // ids of the articles that a feed lists, the newest first
	renewed   time.Duration         // how often the publisher says that a section is made anew
	children  int                   // sitemaps among seen that this one, an index, lists
	newest    *time.Time            // the date of the newest article that a sitemap lists
	next      string                // id of the page among seen that goes on where this listing ends
	packed    *archive.Record       // of the answer, which is to be kept
	visited   bool                  // the page was visited before
	visitedAt time.Time             // when it was answered last before
	same      bool                  // its validators are those that it had before
	older     bool                  // it links to what is left out for its date
	mark      string                // of the article's text, as it stands on the page
	unedited  bool                  // it is what it was when the page was read last
	template  *boilerplate.Template // what is known of the site's
	why       rhythm.Why            // what decided when the page is looked at next
	gone      *article.Gone         // the article's page is no more, which is certain
	back      bool                  // it is as it was, and had not been had before
	section   bool                  // next_at follows from the section's yield, which is known once seen is stored
}

// judge follows from the page, its site and the answer alone.
func (w *Worker) judge(page store.Page, s *site.Site, res fetch.Response) verdict {
	now := time.Now().UTC()
	// The crawl state is written anew; what the next fetch or visit needs of the last one is kept.
	next := page
	next.Outcome, next.Reason, next.LastError, next.RedirectTo = res.Outcome, res.Reason, "", ""
	next.RobotsRule = res.RobotsRule
	if res.Status != 0 {
		at := fetchedAt(res, now)
		next.FetchedAt, next.HTTP = &at, httpOf(page.HTTP, res)
	}
	if res.Err != nil {
		next.LastError = res.Err.Error()
	}
	v := verdict{page: next, visited: page.FetchedAt != nil, same: isSame(page.HTTP, res), size: len(res.Body)}
	v.renewed = res.MaxAge
	if v.visited {
		v.visitedAt = *page.FetchedAt
	}
	switch res.Outcome {
	case outcome.OK:
		if err := protect(func() { w.read(&v, s, res, now) }); err != nil {
			v = verdict{page: next, visited: v.visited}
			v.page.Outcome, v.page.Reason, v.page.LastError = outcome.Crash, outcome.ReasonPanic, err.Error()
		}
	case outcome.NotModified:
		v.back = page.Kind == store.KindArticle && page.Attempts > 0
		w.done(&v, now)
		if page.Kind == store.KindHome {
			w.readRobots(&v, s, res, now)
		}
	case outcome.Redirected:
		w.redirected(&v, s, res, now)
	}
	if res.Status != 0 && !wasRead(v.page) {
		keepValidators(v.page.HTTP, page.HTTP)
	}
	w.next(&v, page, res.RetryAfter, now)
	w.whole(&v, s, page, res, now)
	return v
}

// fetchedAt is when an answer came. Who has it from others may have it from somebody whose clock is ahead.
func fetchedAt(res fetch.Response, now time.Time) time.Time {
	if res.At.IsZero() || res.At.After(now) {
		return now
	}
	return res.At.UTC()
}

// httpOf is what is kept of an answer.
func httpOf(old *store.HTTP, res fetch.Response) *store.HTTP {
	h := &store.HTTP{Status: res.Status, ETag: res.ETag, LastModified: res.LastModified, ContentType: res.ContentType, Bytes: res.Bytes}
	h.Fixed = old != nil && old.Fixed && isSame(old, res)
	if old != nil && res.Outcome == outcome.NotModified {
		h.Unchanged, h.Fixed = old.Unchanged+1, old.Fixed
		h.ETag, h.LastModified = orOld(h.ETag, old.ETag), orOld(h.LastModified, old.LastModified)
		h.ContentType = orOld(h.ContentType, old.ContentType)
	}
	return h
}

// wasRead says whether the page's last answer was read to its end, so that its validators stand for what is known of it.
func wasRead(p store.Page) bool {
	switch p.Outcome {
	case outcome.OK:
		return p.Reason != outcome.ReasonCutOff
	case outcome.NotModified, outcome.NotArticle:
		return courseOf(p) == fine
	}
	return false
}

// keepValidators leaves those of the answer that was read last, if any: what was not understood is read again, changed or
// not, and an outage does not make a site send again what it has sent.
func keepValidators(h, old *store.HTTP) {
	h.ETag, h.LastModified = "", ""
	if old != nil {
		h.ETag, h.LastModified, h.ContentType = old.ETag, old.LastModified, orOld(h.ContentType, old.ContentType)
	}
}

// read discovers or extracts, by the page's kind.
func (w *Worker) read(v *verdict, s *site.Site, res fetch.Response, now time.Time) {
	settle(&v.page, s, res, now)
	switch {
	case v.page.Walk != nil:
		w.readBack(v, s, res, now)
		return
	case isSection(v.page.Kind):
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
	w.lookAgain(v, now)
}

// unasked is the verdict on a page for which no request was made.
func (w *Worker) unasked(page store.Page, o outcome.Outcome, why outcome.Reason) verdict {
	v := verdict{page: page}
	v.page.Outcome, v.page.Reason, v.page.LastError = o, why, ""
	w.next(&v, page, 0, time.Now().UTC())
	return v
}

// putOff is the verdict on a page that waits for a host that is left alone.
func (w *Worker) putOff(page store.Page, l *lane) verdict {
	if l.refusal == "" {
		return w.unasked(page, outcome.Host, outcome.ReasonHostFailed)
	}
	v := verdict{page: page}
	v.page.Outcome, v.page.Reason = outcome.Blocked, l.refusal
	v.page.LastError = fmt.Sprintf("not asked: the host refused %d requests in a row, and is left alone until %s",
		l.failures, l.NextAt().UTC().Format(time.RFC3339))
	w.next(&v, page, time.Until(l.NextAt()), time.Now().UTC())
	return v
}

// redirected follows a redirect to another host as a page of its own, in that host's lane.
func (w *Worker) redirected(v *verdict, s *site.Site, res fetch.Response, now time.Time) {
	v.page.RedirectTo = res.Location
	target, err := weburl.Canonical(res.Location)
	if err == nil {
		v.page.RedirectTo = target
	}
	// A feed that is kept by a feed service is the site's, which sends there.
	kept := err == nil && v.page.Kind == store.KindFeed && discover.IsFeedService(target)
	switch {
	case kept:
	case err == nil && !s.Owns(target) && isRoot(v.page):
		if !w.followsMove(v, s, target) {
			return
		}
	case err != nil || !s.Owns(target):
		v.page.Reason = outcome.ReasonOffSite
		return
	case v.page.Kind == store.KindArticle && s.IsArticle(target) == site.NotArticle:
		v.page.Reason = outcome.ReasonLeadsElsewhere
		return
	}
	was := v.page.ArticleID
	v.page.ArticleID = ""
	w.done(v, now)
	if v.page.Depth >= maxRedirectPages {
		return
	}
	p := w.newPage(s, v.page, target, v.page.Kind, v.page.Section, v.page.Depth+1, now)
	p.Priority, p.DatedAt, p.Told, p.Guess, p.Block = v.page.Priority, v.page.DatedAt, v.page.Told, v.page.Guess, v.page.Block
	p.Vouched, p.Backfill, p.ArticleID = kept, v.page.Backfill, was // it is that article's page now
	if v.page.Walk != nil {
		p.ID, p.Walk = backfill.PageID(p.Backfill, p.URL), v.page.Walk
	}
	if isRoot(v.page) {
		// The section lives there now, and is visited there.
		p.Interval = int64(w.policyOf(v.page).Start / time.Second)
	}
	v.seen = append(v.seen, p)
}

// followsMove says whether a section is followed to a place that is not the site's, and puts on its record where it is now.
// On the site's own domain it is, as from an old edition's host to a new one. To another domain it is where the site's file
// says so; one that gave links before must say that it moved for good, for a site that was broken into redirects too.
func (w *Worker) followsMove(v *verdict, s *site.Site, target string) bool {
	v.page.Reason = outcome.ReasonMoved
	other := s.Other(target)
	lasting := v.page.HTTP == nil || v.page.HTTP.Status == http.StatusMovedPermanently || v.page.HTTP.Status == http.StatusPermanentRedirect
	switch gave := v.page.Yield > 0; {
	case other != nil:
		v.page.LastError = fmt.Sprintf("redirects to %s, which is the site %s: this one is another address of it, and not needed", target, other.ID)
		return false
	case weburl.SameSite(target, v.page.URL):
		v.page.Reason = ""
		return true
	case !s.FollowMoves:
		v.page.LastError = fmt.Sprintf("redirects to %s, which is not the site's: crawl that address, name its host under hosts in the site's file, "+
			"or say follow_moves there", weburl.Host(target))
		return false
	case gave && !lasting:
		v.page.LastError = fmt.Sprintf("redirects to %s for now, and gave links before: not followed until it says that it moved for good", weburl.Host(target))
		return false
	}
	v.page.Reason = outcome.ReasonFollowed
	return true
}

// maxRedirectPages bounds a chain of redirects that goes from host to host, each hop being a page of its own.
const maxRedirectPages = 5

// dead is the verdict on a page that is given up.
func (w *Worker) dead(page store.Page, o outcome.Outcome, why outcome.Reason, text string) verdict {
	v := verdict{page: page}
	v.page.Outcome, v.page.Reason, v.page.LastError = o, why, text
	w.next(&v, page, 0, time.Now().UTC())
	return v
}

func isSection(k store.Kind) bool { return k != store.KindArticle }

// isRoot is true for sections.
func isRoot(p store.Page) bool { return p.IsSection() }

func orOld(s, old string) string {
	if s == "" {
		return old
	}
	return s
}
