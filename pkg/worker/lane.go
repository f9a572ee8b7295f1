package worker

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/revisit"
	"github.com/khabar-crawler/khabar/pkg/site"
)

// lastWords is how long turns may still be given back when the grace period is over. It is a write and a message;
// with Default's Grace the whole stays within 30 s.
const lastWords = 3 * time.Second

// errLater ends a task whose next request is further off than the turn is held: waiting must not occupy a slot. The page
// stays in the frontier. robots.txt is in the cache by then, so the next turn goes straight to the page.
var errLater = errors.New("the lane is to be asked later")

// lane is a turn with what its requests have taught of the host.
type lane struct {
	*frontier.Turn
	crew     *crew
	stop     context.Context // ends when no more work is to be begun
	failures int             // in a row, of the host and not of a page
	hopeless bool            // the host failed so often that its failure counts for every page that waits for it
	refusal  outcome.Reason  // why, where the host refuses; "" where it fails

	part    func() // out of the company with the page in hand; nil without one
	suspect bool   // the page in hand is one
}

// serve works on one lane and gives its turn back.
func (w *Worker) serve(stop context.Context, c *crew, turn *frontier.Turn) error {
	work := c.work
	l := &lane{Turn: turn, crew: c, stop: stop, failures: turn.State().Failures}
	defer l.setDown() // once the turn is given back: until then the lane's record says that its page is in hand
	ctx, cancel := joined(work, turn.Context())
	defer cancel()
	hold := w.cfg.Hold
	if turn.Crowded() {
		hold = 0 // somebody else has work for this slot
	}
	for n := 0; n < w.cfg.TurnWork || l.hopeless; n++ {
		if stop.Err() != nil || n > 0 && !l.hopeless && time.Until(l.NextAt()) > hold {
			break
		}
		task, err := turn.Next(ctx)
		if errors.Is(err, frontier.ErrLaneEmpty) {
			return w.empty(work, l)
		}
		if err == nil {
			err = w.task(work, ctx, l, task)
		}
		if err == nil {
			l.setDown()
		}
		switch {
		case errors.Is(err, errLater), errors.Is(err, frontier.ErrNewer): // the task is for another time, or for other workers
			return w.release(work, l)
		case errors.Is(err, frontier.ErrTurnLost), err != nil && errors.Is(context.Cause(turn.Context()), frontier.ErrTurnLost):
			return nil // somebody else has the lane: its pages are theirs
		case err != nil:
			return errors.Join(err, w.release(work, l))
		}
	}
	return w.release(work, l)
}

// empty ends the turn of a lane without tasks. Only a turn that is given back carries how often the host failed: it is
// taken once more then.
func (w *Worker) empty(work context.Context, l *lane) error {
	if l.failures != l.State().Failures {
		return w.release(work, l)
	}
	ctx, cancel := outlive(work, lastWords)
	defer cancel()
	return ended(l.Turn, l.Retire(ctx))
}

// release gives the turn back until the lane may be asked again: also when the worker's own time is up, for a turn
// that is merely dropped is a strike against the page in hand.
func (w *Worker) release(work context.Context, l *lane) error {
	ctx, cancel := outlive(work, lastWords)
	defer cancel()
	return ended(l.Turn, l.Release(ctx, l.NextAt(), l.failures))
}

// ended names the lane; a turn that was lost is no failure of giving it back.
func ended(turn *frontier.Turn, err error) error {
	if err == nil || errors.Is(err, frontier.ErrTurnLost) {
		return nil
	}
	return fmt.Errorf("give back turn of %s: %w", turn.Lane(), err)
}

// noteHost learns from an answer whether the whole host is to be left alone: it was not there, it said that it is asked
// too much, its robots.txt could not be had, or it refuses robots. Any other answer forgives what was before; where nothing
// was asked, as for a page that robots.txt excludes, nothing is learned.
func (w *Worker) noteHost(l *lane, s *site.Site, res fetch.Response) {
	p := w.cfg.Policy
	switch {
	case res.HostDown:
		l.failures++
		l.quiet(p, p.Down(l.Lane(), l.failures))
	case res.Outcome == outcome.Blocked && res.Reason != outcome.ReasonTooMany:
		l.failures++
		w.refused(l, s, res)
	case res.Outcome == outcome.RobotsUnavailable, res.Outcome == outcome.Blocked,
		res.Outcome == outcome.Retry && res.Status == http.StatusServiceUnavailable:
		l.failures++
		l.quiet(p, p.Quiet(l.Lane(), l.failures, res.RetryAfter))
		if l.hopeless && res.Outcome == outcome.Blocked {
			w.refused(l, s, res)
		}
	case res.Status != 0:
		l.failures = 0
	}
}

// The refusals in a row after which a host is left alone, over all its lanes: few enough that it is not asked more than ten
// times, robots.txt included, and more than a page or two that need a subscription. A wall of consent takes two requests
// each, and is never for one page alone.
const (
	mostRefusals = 8
	mostConsents = 4
)

// refused leaves a host alone that has refused too often, longer with each further refusal, and says so.
func (w *Worker) refused(l *lane, s *site.Site, res fetch.Response) {
	most := mostRefusals
	switch res.Reason {
	case outcome.ReasonConsent:
		most = mostConsents
	case outcome.ReasonTooMany:
		most = min(most, w.cfg.Policy.MaxAttempts)
	}
	most = max(most/max(s.Politeness.Concurrency, 1), 1)
	if l.failures < most {
		return
	}
	rest := max(w.cfg.Policy.Quiet(l.Lane(), l.failures-most+1, 0), min(res.RetryAfter, w.cfg.Policy.HostMax))
	l.Rest(rest)
	l.hopeless, l.refusal = true, res.Reason
	w.Log.Warn("host refuses and is left alone", zap.String("lane", l.Lane()), zap.String("site", s.ID),
		zap.String("reason", string(res.Reason)), zap.Int("failures", l.failures), zap.Time("until", l.NextAt().UTC()), zap.Error(res.Err))
}

// quiet leaves the host alone for that long.
func (l *lane) quiet(p revisit.Policy, d time.Duration) {
	l.Rest(d)
	l.hopeless = l.failures >= p.MaxAttempts
}

// joined gives a context that ends with either.
func joined(a, b context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(a)
	unlink := context.AfterFunc(b, func() { cancel(context.Cause(b)) })
	if b.Err() != nil {
		cancel(context.Cause(b)) // at once: the function above runs in its own time
	}
	return ctx, func() { unlink(); cancel(nil) }
}

// outlive gives a context that ends d after ctx does.
func outlive(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	callOff := after(ctx, d, cancel)
	return longer, func() { callOff(); cancel() }
}
