package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/revisit"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// Config bounds a worker. Start from Default.
type Config struct {
	Name     string        // names this worker in logs
	Run      string        // the crawl run that new pages are recorded under
	Slots    int           // turns worked on at once
	TurnWork int           // tasks done in one turn before it goes back, so that lanes share the slots
	Hold     time.Duration // a lane that may be asked again within this time is waited for with the turn in hand
	Grace    time.Duration // time for in-flight pages to end after a stop was asked for
	Lease    time.Duration // how soon a new page whose task got lost is due
	Strikes  int           // deaths of a worker with the same task in hand after which the task is dead
	Pages    int           // pages of a listing that are followed where the site's section does not say
	Policy   revisit.Policy
}

// Default gives the configuration used where nothing else is said.
func Default() Config {
	return Config{
		Slots:    16,               // slots mostly wait for sites; parsing is bounded by the cores, not by them
		TurnWork: 32,               // taking and giving back a turn costs a few round trips, shared by this many pages
		Hold:     time.Second,      // below this the round trips of giving a turn back cost as much as waiting
		Grace:    25 * time.Second, // inside the 30 s that Kubernetes gives a pod
		Lease:    10 * time.Minute, // a lost task is rare, and until the lease ends its page is merely late
		Strikes:  3,                // once may be the machine's fault and twice bad luck
		Pages:    10,               // of a section: the days before the first visit; what is older comes with sitemaps
		Policy:   revisit.Default(),
	}
}

// Sites finds a site's definition by its id; nil where it is not defined here.
type Sites map[string]*site.Site

// Event tells what became of one task, for progress displays and metrics.
type Event struct {
	Page    store.Page // as it was committed
	Article store.ArticleChange
	Created int // pages seen for the first time
	Took    time.Duration
}

// Deps are the parts that a worker joins. All are needed but Observe, which is called from many goroutines.
type Deps struct {
	Frontier  *frontier.Frontier
	Fetch     *fetch.Client
	Store     *store.Store
	Committer *store.Committer
	Sites     Sites
	Observe   func(Event)
	Log       *zap.Logger
}

// Worker joins the frontier, the fetcher, the extractor and the store.
type Worker struct {
	cfg Config
	Deps
}

// New makes a worker; it does nothing until Run.
func New(cfg Config, deps Deps) *Worker {
	if deps.Observe == nil {
		deps.Observe = func(Event) {}
	}
	deps.Log = deps.Log.With(zap.String("worker", cfg.Name))
	return &Worker{cfg: cfg, Deps: deps}
}

// Run works until ctx ends, then lets the pages in flight end within the grace period, gives the turns back and
// returns. Its error is nil after a stop that was asked for.
func (w *Worker) Run(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stopGrace := context.AfterFunc(ctx, func() {
		t := time.AfterFunc(w.cfg.Grace, cancel)
		context.AfterFunc(work, func() { t.Stop() })
	})
	defer stopGrace()
	var slots sync.WaitGroup
	for range w.cfg.Slots {
		slots.Go(func() { w.slot(ctx, work) })
	}
	slots.Wait()
	return nil
}

// slot takes turns until stop ends.
func (w *Worker) slot(stop, work context.Context) {
	for failures := 0; stop.Err() == nil; {
		turn, err := w.Frontier.Take(stop)
		if err == nil {
			err = w.serve(stop, work, turn)
		}
		switch {
		case err == nil:
			failures = 0
		case stop.Err() != nil:
			return
		case errors.Is(err, frontier.ErrClosed):
			w.Log.Error("frontier closed under the worker", zap.Error(err))
			return
		default:
			// The broker or the store is away: wait a little longer each time, so that neither is hammered.
			failures++
			w.Log.Warn("turn ended early; trying again", zap.Int("attempt", failures), zap.Error(err))
			pause(stop, min(time.Second<<min(failures, 5), 30*time.Second))
		}
	}
}

// serve works on one lane and gives its turn back.
func (w *Worker) serve(stop, work context.Context, turn *frontier.Turn) error {
	l := &lane{Turn: turn, failures: turn.State().Failures}
	ctx, cancel := joined(work, turn.Context())
	defer cancel()
	for range w.cfg.TurnWork {
		if stop.Err() != nil || time.Until(l.nextAt()) > w.cfg.Hold {
			break
		}
		task, err := turn.Next(ctx)
		if errors.Is(err, frontier.ErrLaneEmpty) && l.quietUntil.IsZero() {
			return ended(turn, turn.Retire(work))
		}
		if errors.Is(err, frontier.ErrLaneEmpty) {
			break // a host that wants quiet keeps its turn, which carries the time
		}
		if err == nil {
			err = w.task(work, ctx, l, task)
		}
		switch {
		case errors.Is(err, errLater):
			return w.release(work, l)
		case errors.Is(err, frontier.ErrTurnLost):
			return nil // somebody else has the lane: its pages are theirs
		case err != nil:
			return errors.Join(err, w.release(work, l))
		}
	}
	return w.release(work, l)
}

// release gives the turn back until the lane may be asked again. The context is the worker's own: a turn that
// could not go on must still be given back.
func (w *Worker) release(work context.Context, l *lane) error {
	return ended(l.Turn, l.Release(work, l.nextAt(), l.failures))
}

// ended names the lane; a turn that was lost is no failure of giving it back.
func ended(turn *frontier.Turn, err error) error {
	if err == nil || errors.Is(err, frontier.ErrTurnLost) {
		return nil
	}
	return fmt.Errorf("give back turn of %s: %w", turn.Lane(), err)
}

// joined gives a context that ends with either.
func joined(a, b context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(a)
	unlink := context.AfterFunc(b, func() { cancel(context.Cause(b)) })
	return ctx, func() { unlink(); cancel(nil) }
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
