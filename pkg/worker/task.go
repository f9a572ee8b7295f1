package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/budget"
	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// task does one page: everything between taking it in hand and its leaving the frontier.
func (w *Worker) task(work, ctx context.Context, turn *lane, t frontier.Task) error {
	start := time.Now()
	page, err := w.Store.Page(ctx, t.PageID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		w.Log.Warn("dropped a task of no known page", zap.String("page", t.PageID), zap.String("url", t.URL))
		return turn.Done(work, t)
	case errors.Is(err, store.ErrUnreadable):
		if err := w.Store.SetAside(work, t.PageID, err); err != nil {
			return err
		}
		return turn.Done(work, t)
	case errors.Is(err, store.ErrNewer), err == nil && page.Version > store.PageVersion:
		// Due again when its lease ends; a newer scheduler claims it, and sooner or later a newer worker takes it.
		w.Log.Warn("page left to a newer khabar", zap.String("page", t.PageID), zap.String("url", t.URL), zap.Error(err))
		return turn.Done(work, t)
	case err != nil:
		return err
	case page.Status != store.StatusQueued:
		return turn.Done(work, t) // done already: its worker died, or it was put twice, after the outcome was stored
	}
	set := w.Sites.Set() // the same until the page is done
	s := siteOf(set, page)
	if s != nil {
		// As the site's politeness stands now: a lane of before the last change would be one more request at a time.
		if page.Lane = s.Lane(page.URL); page.Lane != t.Lane {
			return w.move(work, turn, t, page)
		}
	}
	switch {
	case s != nil && s.Paused:
		return w.leave(work, turn, t, page, store.StatusDue)
	case w.tally.Once && isOfBackfill(page): // it is no part of the run
		return w.leave(work, turn, t, page, store.StatusDue)
	case w.tally.leaves(page):
		return w.leave(work, turn, t, page, store.StatusDone)
	}
	if isOfBackfill(page) {
		if over, err := w.consider(work, ctx, turn, t, &page, s); over || err != nil {
			return err
		}
	}
	v, again, err := w.work(work, ctx, turn, t, page, s)
	if err != nil {
		return err
	}
	// From here on the page is fetched: its outcome is stored even if the turn is lost meanwhile.
	out, err := w.record(work, v, again)
	if err != nil {
		return err
	}
	w.tally.note(out, publishedOf(v))
	if page.Kind == store.KindArticle {
		w.learned.watch(page, out, &w.rhythms.known.Load().edits)
	}
	if page.FetchedAt == nil {
		w.learned.note(out)
	}
	if err := turn.Done(work, t); err != nil {
		return err
	}
	out.Took = time.Since(start)
	w.Observe(out)
	w.Log.Debug("page done", zap.String("site", page.Site), zap.String("url", page.URL),
		zap.String("outcome", string(out.Page.Outcome)), zap.String("reason", string(out.Page.Reason)))
	return nil
}

// siteOf is a page's site, as it is where the page lives; nil where it is not defined. A feed or a sitemap outside of the
// site's path makes nothing else the site's.
func siteOf(set *site.Set, page store.Page) *site.Site {
	s := set.Get(page.Site)
	if s == nil || page.Vouched || (page.Kind == store.KindFeed || page.Kind == store.KindSitemap) && s.Serves(page.URL) {
		return s
	}
	return s.At(page.URL)
}

// publishedOf is when a verdict's article says that it was published.
func publishedOf(v verdict) *time.Time {
	if v.article == nil {
		return nil
	}
	return v.article.PublishedAt
}

// move puts a page's task in the lane where the page belongs now.
func (w *Worker) move(work context.Context, turn *lane, t frontier.Task, page store.Page) error {
	if err := w.put(work, []store.Page{page}); err != nil {
		return fmt.Errorf("move page %s from lane %s to %s: %w", page.ID, t.Lane, page.Lane, err)
	}
	return turn.Done(work, t)
}

// work finds out what becomes of a page. again says that an earlier attempt may have died on the way to storing it.
func (w *Worker) work(work, ctx context.Context, turn *lane, t frontier.Task, page store.Page, s *site.Site) (v verdict, again bool, err error) {
	if s == nil {
		return w.siteless(page), false, nil
	}
	if turn.hopeless {
		return w.putOff(page, turn), false, nil
	}
	if err := w.learned.open(ctx, page.Site); err != nil {
		return verdict{}, false, err
	}
	if w.cuts(page, s) {
		return w.unasked(page, outcome.Cut, outcome.ReasonForm), false, nil
	}
	against := turn.Suspicion(t)
	again = against.Deaths() > 0
	if w.guilty(page, against) {
		return w.deadly(page, against), again, nil
	}
	if err := w.begin(ctx, turn, t, page, against, w.delay(s, page.URL)); err != nil {
		return verdict{}, false, err
	}
	res, memory := w.fetch(ctx, turn, s, page)
	if res.Outcome == outcome.Canceled {
		memory.Release()
		return verdict{}, false, canceled(ctx, res.Err)
	}
	w.noteHost(turn, s, res)
	if s, err = w.whereMoved(work, s, page, res); err != nil {
		memory.Release()
		return verdict{}, false, err
	}
	v, err = w.watched(work, page, s, res, memory)
	return v, again, err
}

// newsOfSites is how long it takes until a worker knows a site that a scheduler knows: each looks every two seconds.
const newsOfSites = 5 * time.Second

// siteless is the verdict on a page whose site is not defined here. As a rule that is a new one which has not reached this worker
// yet: the first time the page is tried again at once. A site that was removed is scheduled no more.
func (w *Worker) siteless(page store.Page) verdict {
	v := w.unasked(page, outcome.NoSite, outcome.ReasonSiteUndefined)
	if page.Attempts == 0 && v.page.NextAt != nil {
		soon := time.Now().UTC().Add(newsOfSites)
		v.page.NextAt = &soon
	}
	return v
}

// hopWait is the longest delay that a turn is kept for between the hops of a redirect, of which there are
// Config.MaxRedirects of fetch at most.
const hopWait = time.Minute

// fetch asks for the page under the turn: every request waits for the lane.
//
// The page's own request may be put off after robots.txt was asked for (errLater). A redirect's next hop must not be: the
// next attempt would begin with the first hop again, and never come further. It is waited for with the turn in hand, or
// where that would take too long left to the caller, who makes a page of it.
//
// A page that turns out to be large waits for memory in the middle of its body, and what it holds comes with the response.
func (w *Worker) fetch(ctx context.Context, turn *lane, s *site.Site, page store.Page) (fetch.Response, *budget.Held) {
	var memory *budget.Held
	maxBody, tree := w.maxBody(page)
	req := fetch.Request{URL: page.URL, MaxBody: maxBody, Free: budget.SmallBody, Room: func(ctx context.Context) (err error) {
		memory, err = w.memory.Hold(ctx, budget.Cost(maxBody, tree))
		return err
	}}
	if page.HTTP != nil && !asksWhole(page) {
		req.ETag, req.LastModified = page.HTTP.ETag, page.HTTP.LastModified
	}
	key, least := s.Key(weburl.Host(page.URL)), w.delay(s, page.URL)
	delay := least
	asked, hopping := false, false
	req.SameLane = func(host string) bool {
		hopping = s.Key(host) == key && delay <= hopWait
		return hopping
	}
	req.Pace = func(ctx context.Context, crawlDelay time.Duration) error {
		delay = max(least, crawlDelay)
		if asked {
			turn.Rest(delay)
			if !hopping && time.Until(turn.NextAt()) > w.cfg.Hold {
				return errLater
			}
			if hopping {
				if err := w.awaitHop(ctx, turn); err != nil {
					return err
				}
			}
		}
		asked = true
		return turn.Pace(ctx, delay)
	}
	res := w.Fetch.Fetch(ctx, req)
	if asked && !errors.Is(res.Err, errLater) {
		turn.Rest(max(delay, res.CrawlDelay))
	}
	memory.Shrink(budget.Cost(int64(len(res.Body)), tree))
	return res, memory
}

// maxBody is how long a page may be in bytes, by its kind, and whether a tree is made of it.
func (w *Worker) maxBody(p store.Page) (bytes int64, tree bool) {
	if p.Guess != "" {
		return w.cfg.MaxArticle, false // as a rule what says that nothing is there
	}
	switch p.Kind {
	case store.KindArticle:
		return w.cfg.MaxArticle, true
	case store.KindHome, store.KindListing:
		return w.cfg.MaxListing, isUnsettled(p)
	}
	return discover.MaxBytes, false
}

// canceled says why a fetch came to nothing: it was put off, the turn is lost, or the worker stops.
func canceled(ctx context.Context, err error) error {
	if errors.Is(err, errLater) || errors.Is(err, frontier.ErrTurnLost) {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// protect runs f and turns a panic into an error with its stack: a page must not take the worker down.
func protect(f func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	f()
	return nil
}
