package worker

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// standIns is how many pages to a slot may wait for the next hop of a redirect with others working in their place. Such a
// page costs a goroutine and a turn that is kept; with the usual delay of five seconds, pages that take one second and
// redirects wherever one looks, three wait to each one that is worked on.
const standIns = 4

// crew is the goroutines of one Run: Config.Slots that take turns, and the stand-ins.
type crew struct {
	w     *Worker
	work  context.Context // under which pages are finished
	fail  func(error)     // ends the run
	all   sync.WaitGroup
	spare *semaphore.Weighted
}

func (w *Worker) newCrew(work context.Context, fail func(error)) *crew {
	return &crew{w: w, work: work, fail: fail, spare: semaphore.NewWeighted(int64(standIns * w.cfg.Slots))}
}

// start has one more goroutine take turns until stop ends.
func (c *crew) start(stop context.Context, done func()) {
	c.all.Go(func() {
		defer done()
		if err := c.w.slot(stop, c); err != nil {
			c.fail(err)
		}
	})
}

// standIn has somebody else take turns until it is over; false where too many do.
func (c *crew) standIn(stop context.Context) (over context.CancelFunc, ok bool) {
	if !c.spare.TryAcquire(1) {
		return nil, false
	}
	stop, over = context.WithCancel(stop)
	c.start(stop, func() { c.spare.Release(1) })
	return over, true
}

// awaitHop waits until the lane may be asked for the next hop of a redirect, with the turn kept and without occupying a
// slot. A suspect does: it is alone until it is done. Short waits are left to Pace.
func (w *Worker) awaitHop(ctx context.Context, l *lane) error {
	wait := time.Until(l.NextAt())
	if l.suspect || wait <= w.cfg.Hold {
		return nil
	}
	over, ok := l.crew.standIn(l.stop)
	if !ok {
		return nil
	}
	l.setDown()
	either, cancel := joined(ctx, l.stop)
	pause(either, wait)
	cancel()
	over() // whoever stands in finishes its page, which is one of the company
	return w.takeUp(ctx, l, false)
}
