package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// errLater ends a task whose next request is further off than the turn is held: waiting must not occupy a slot. The page
// stays in the frontier. robots.txt is in the cache by then, so the next turn goes straight to the page.
var errLater = errors.New("the lane is to be asked later")

// lane is a turn with what its requests have taught: how long the host is to be left alone beyond its delay.
type lane struct {
	*frontier.Turn
	quietUntil time.Time
	failures   int
}

// task does one page: everything between taking it in hand and its leaving the frontier.
func (w *Worker) task(work, ctx context.Context, turn *lane, t frontier.Task) error {
	start := time.Now()
	page, err := w.Store.Page(ctx, t.PageID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		w.Log.Warn("dropped a task of no known page", zap.String("page", t.PageID), zap.String("url", t.URL))
		return turn.Done(work, t)
	case err != nil:
		return err
	case page.Status != store.StatusQueued:
		return turn.Done(work, t) // done already: its worker died, or it was put twice, after the outcome was stored
	}
	s := w.Sites[page.Site]
	attempt, err := turn.Begin(ctx, t, delayOf(s))
	if err != nil {
		return err
	}
	var v verdict
	if attempt.Strikes >= w.cfg.Strikes {
		v = w.dead(page, outcomeCrash, fmt.Sprintf("in hand %d times when its worker died", attempt.Strikes))
	} else {
		res := w.fetch(ctx, turn, s, page)
		if res.Outcome == fetch.Canceled {
			return canceled(ctx, res.Err)
		}
		turn.noteHost(w.cfg.Policy, res)
		v = w.judge(page, s, res)
	}
	// From here on the page is fetched: its outcome is stored even if the turn is lost meanwhile.
	out, err := w.record(work, v, attempt.Strikes > 0)
	if err != nil {
		return err
	}
	if err := turn.Done(work, t); err != nil {
		return err
	}
	w.Observe(Event{Page: out.page, Article: out.article, Created: out.created, Took: time.Since(start)})
	w.Log.Debug("page done", zap.String("site", page.Site), zap.String("url", page.URL),
		zap.String("outcome", out.page.Outcome), zap.String("reason", out.page.Reason))
	return nil
}

// fetch asks for the page under the turn: every request waits for the lane.
func (w *Worker) fetch(ctx context.Context, turn *lane, s *site.Site, page store.Page) fetch.Response {
	req := fetch.Request{URL: page.URL}
	if page.HTTP != nil && page.Outcome != "" {
		req.ETag, req.LastModified = page.HTTP.ETag, page.HTTP.LastModified
	}
	if s != nil {
		key := s.Key(weburl.Host(page.URL))
		req.SameLane = func(host string) bool { return s.Key(host) == key }
	}
	asked, delay := false, time.Duration(0)
	req.Pace = func(ctx context.Context, crawlDelay time.Duration) error {
		delay = max(delayOf(s), crawlDelay)
		if asked {
			turn.Rest(delay)
			if time.Until(turn.NextAt()) > w.cfg.Hold {
				return errLater
			}
		}
		asked = true
		return turn.Pace(ctx, delay)
	}
	res := w.Fetch.Fetch(ctx, req)
	if asked {
		turn.Rest(max(delay, res.CrawlDelay))
	}
	return res
}

// delayOf is the site's own delay. A page whose site is not defined here is paced as a site that says nothing.
func delayOf(s *site.Site) time.Duration {
	if s == nil {
		return site.DefaultDelay
	}
	return s.Politeness.Delay
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
