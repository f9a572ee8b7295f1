package worker

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/fetch"
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
	section bool             // next_at follows from the section's yield, which is known once seen is stored
}

// Outcomes that a page has beside those of its fetch.
const (
	outcomeNotArticle = "not_article" // fetched, but there is no article on it
	outcomeUnreadable = "unreadable"  // fetched, but not what its kind says: a feed that is none, an empty page
	outcomeRefused    = "not_stored"  // the store refuses what was extracted: too large for a document
	outcomeCrash      = "crash"       // reading it failed in khabar's own code, or took workers down
)

// judge is a pure function of the page, its site and the answer.
func (w *Worker) judge(page store.Page, s *site.Site, res fetch.Response) verdict {
	now := time.Now().UTC()
	// The crawl state is written anew; what the next fetch or visit needs of the last one is kept.
	next := page
	next.Outcome, next.Reason, next.LastError, next.RedirectTo = string(res.Outcome), "", "", ""
	next.RobotsRule, next.FetchedAt = res.RobotsRule, &now
	if res.Status != 0 {
		h := store.HTTP{Status: res.Status, ETag: res.ETag, LastModified: res.LastModified, ContentType: res.ContentType, Bytes: res.Bytes}
		if res.Outcome == fetch.NotModified && page.HTTP != nil {
			h.ContentType = page.HTTP.ContentType
			h.ETag, h.LastModified = orOld(h.ETag, page.HTTP.ETag), orOld(h.LastModified, page.HTTP.LastModified)
		}
		next.HTTP = &h
	}
	if res.Err != nil {
		next.Reason, next.LastError = reasonOf(res), res.Err.Error()
	}
	v := verdict{page: next}
	switch res.Outcome {
	case fetch.OK:
		v.page.Attempts = 0
		if err := protect(func() { w.read(&v, s, res, now) }); err != nil {
			v = w.dead(next, outcomeCrash, err.Error())
		}
	case fetch.NotModified:
		v.page.Attempts = 0
		w.done(&v, now)
	case fetch.Redirected:
		w.redirected(&v, s, res, now)
	case fetch.Gone:
		v.page.Status, v.page.NextAt = store.StatusGone, nil
	case fetch.Robots, fetch.Refused, fetch.TooLarge, fetch.NotText:
		v.page.Status, v.page.NextAt = store.StatusExcluded, nil
	case fetch.Retry, fetch.RobotsUnavailable:
		w.failed(&v, res.RetryAfter, now)
	default:
		v.page.Status, v.page.NextAt = store.StatusDead, nil
	}
	if isSection(page.Kind) && v.page.NextAt == nil && v.page.Status != store.StatusDone && page.Depth == 0 {
		// A section is worth another look however it failed: sites move, block and break for a while.
		at := now.Add(w.cfg.Policy.Max)
		v.page.NextAt = &at
	}
	return v
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
		v.section = v.page.Depth == 0 // further pages of a listing are walked once
		return
	}
	first := v.page.DiscoveredAt
	if at, ok := w.cfg.Policy.Article(first, now); ok {
		v.page.NextAt = &at
	}
}

// failed schedules another attempt, or gives the page up.
func (w *Worker) failed(v *verdict, after time.Duration, now time.Time) {
	v.page.Attempts++
	if v.page.Attempts >= w.cfg.Policy.MaxAttempts {
		v.page.Status, v.page.NextAt = store.StatusDead, nil
		return
	}
	at := now.Add(w.cfg.Policy.Retry(v.page.ID, v.page.Attempts, after))
	v.page.Status, v.page.NextAt = store.StatusDue, &at
}

// redirected follows a redirect to another host as a page of its own, in that host's lane.
func (w *Worker) redirected(v *verdict, s *site.Site, res fetch.Response, now time.Time) {
	v.page.RedirectTo = res.Location
	target, err := weburl.Canonical(res.Location)
	if err != nil || s == nil || !s.Owns(target) {
		v.page.Status, v.page.NextAt = store.StatusExcluded, nil
		v.page.Reason = "leads off the site"
		return
	}
	w.done(v, now)
	if v.page.Depth < maxRedirectPages {
		v.seen = append(v.seen, w.newPage(s, v.page, target, v.page.Kind, v.page.Section, v.page.Depth+1, now))
	}
}

// maxRedirectPages bounds a chain of redirects that goes from host to host, each hop being a page of its own.
const maxRedirectPages = 5

// dead gives a page up.
func (w *Worker) dead(page store.Page, outcome, why string) verdict {
	now := time.Now().UTC()
	page.Status, page.NextAt, page.FetchedAt = store.StatusDead, nil, &now
	page.Outcome, page.Reason, page.LastError = outcome, outcome, why
	return verdict{page: page}
}

func isSection(k store.Kind) bool { return k != store.KindArticle }

func orOld(s, old string) string {
	if s == "" {
		return old
	}
	return s
}

// reasonOf puts a failure into a few fixed words, to count by.
func reasonOf(res fetch.Response) string {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(res.Err, fetch.ErrStatus) && res.Status != 0:
		return "http " + strconv.Itoa(res.Status)
	case errors.Is(res.Err, fetch.ErrRobots):
		return "robots.txt"
	case errors.Is(res.Err, fetch.ErrRefused):
		return "address refused"
	case errors.Is(res.Err, fetch.ErrTooLarge):
		return "too large"
	case errors.Is(res.Err, fetch.ErrNotText):
		return "not text"
	case errors.Is(res.Err, fetch.ErrRedirects):
		return "bad redirect"
	case errors.Is(res.Err, fetch.ErrEncoding):
		return "unknown encoding"
	case errors.Is(res.Err, fetch.ErrURL):
		return "bad url"
	case errors.As(res.Err, &dns):
		return "no such host"
	case errors.Is(res.Err, fetch.ErrTimeout), errors.Is(res.Err, fetch.ErrStalled), errors.Is(res.Err, os.ErrDeadlineExceeded),
		errors.As(res.Err, &timeout) && timeout.Timeout():
		return "timeout"
	case res.Outcome == fetch.Retry || res.HostDown:
		return "connection"
	}
	return fmt.Sprint(res.Outcome)
}
