package worker

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/semaphore"

	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// company is the pages that a process has in hand. A death strikes them all, and whose fault it was cannot be told: so a
// page that was in hand of a worker that died is a suspect, and a suspect is taken in hand only alone. The guilty one
// dies alone, and is known by it; the others are done, and cleared.
//
// Who waits is let in in the order of coming: a suspect waits for the pages in hand then, and keeps back those that come
// after it, until it is done.
type company struct {
	size int64
	room *semaphore.Weighted
}

func newCompany(slots int) *company {
	size := int64(max(1, slots))
	return &company{size: size, room: semaphore.NewWeighted(size)}
}

// join waits until a page may be taken in hand, a suspect alone: until part is called.
func (c *company) join(ctx context.Context, suspect bool) (part func(), err error) {
	n := int64(1)
	if suspect {
		n = c.size
	}
	if c.room.Acquire(ctx, n) != nil {
		return nil, context.Cause(ctx)
	}
	return func() { c.room.Release(n) }, nil
}

// takeUp waits until a page of the lane may be taken in hand; it stays there until setDown. When no more work is to be
// begun it is left to others.
func (w *Worker) takeUp(ctx context.Context, l *lane, suspect bool) error {
	either, cancel := joined(ctx, l.stop)
	defer cancel()
	part, err := w.company.join(either, suspect)
	if err != nil {
		if ctx.Err() == nil {
			err = errLater
		}
		return err
	}
	l.part, l.suspect = part, suspect
	return nil
}

// setDown says that the page is in hand no more.
func (l *lane) setDown() {
	if l.part != nil {
		l.part()
	}
	l.part = nil
}

// begin takes a page in hand, a suspect alone.
func (w *Worker) begin(ctx context.Context, turn *lane, t frontier.Task, page store.Page, against frontier.Suspicion, delay time.Duration) error {
	suspect := against.Deaths() > 0 || knownDeadly(page)
	pause(ctx, time.Until(turn.NextAt())) // not with a place in the company
	if err := w.takeUp(ctx, turn, suspect); err != nil {
		return err
	}
	if suspect {
		w.Log.Info("a page that was in hand when a worker died is tried alone", zap.String("page", page.ID), zap.String("url", page.URL),
			zap.Int("deaths", against.Deaths()), zap.Int("alone", against.Alone))
	}
	return turn.Begin(ctx, t, delay, suspect && w.stuck.Load() == 0) // what is stuck may be to blame as well
}

// guilty says that a page takes workers down: it did as often as Config.Strikes allows, or once more after that.
func (w *Worker) guilty(page store.Page, against frontier.Suspicion) bool {
	if knownDeadly(page) {
		return against.Alone > 0
	}
	return against.Alone >= w.cfg.Strikes
}

// knownDeadly is true for a page that was given up for it the last time.
func knownDeadly(page store.Page) bool {
	return page.Outcome == outcome.Crash && page.Reason == outcome.ReasonKilledWorker
}

// convicted gives a page up that does harm to the worker. It is tried again: a new version of khabar, or of the page, may
// do better.
func (w *Worker) convicted(page store.Page, reason outcome.Reason, why string) verdict {
	v := w.dead(page, outcome.Crash, reason, why)
	w.Log.Error("a page is given up for what it does to the worker", zap.String("page", page.ID), zap.String("url", page.URL),
		zap.String("reason", string(reason)), zap.String("why", why), zap.Timep("next_at", v.page.NextAt))
	return v
}

// deadly is the verdict on a page that is guilty.
func (w *Worker) deadly(page store.Page, against frontier.Suspicion) verdict {
	return w.convicted(page, outcome.ReasonKilledWorker, fmt.Sprintf("a worker died %d times with this page in hand, %d times with no other", against.Deaths(), against.Alone))
}
