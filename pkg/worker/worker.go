package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/archive"
	"github.com/khabar-crawler/khabar/pkg/budget"
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
	Grace    time.Duration // time for in-flight pages to end after a stop was asked for; giving turns back comes on top
	Lease    time.Duration // how soon a new page whose task got lost is due
	Strikes  int           // deaths of a worker with the same page alone in hand after which the page is given up
	// ReadTimeout is how long a page may be read before it is given up. 0: DefaultReadTimeout.
	ReadTimeout time.Duration
	// Memory bounds in bytes what the pages in hand take together: bodies, and the trees that they are read by. MaxArticle and
	// MaxListing cap a page of these kinds; sitemaps and feeds have the fetcher's cap alone. 0: as Default says.
	Memory, MaxArticle, MaxListing int64
	Pages                          int // pages of a listing that are followed where the site's section does not say
	MaxNew                         int // pages that one visit of a section may add; the rest comes with the next visit. 0: DefaultMaxNew
	Policy                         revisit.Policy
	Bounds                         Bounds       // of a run that ends
	Keep                           archive.Keep // what is kept where Deps has an Archive
}

// DefaultMaxNew is half a day's work for one lane at the default delay. A sitemap of 50,000 is read in five visits, and
// one that invents addresses does not fill the store faster than it can be asked for them.
const DefaultMaxNew = 10_000

// DefaultReadTimeout is far beyond what any page takes that can be read: seconds, for the worst, on a busy machine.
const DefaultReadTimeout = 2 * time.Minute

// Default gives the configuration used where nothing else is said.
func Default() Config {
	return Config{
		Slots:    16,               // slots mostly wait for sites; parsing is bounded by the cores, not by them
		TurnWork: 32,               // taking and giving back a turn costs a few round trips, shared by this many pages
		Hold:     time.Second,      // below this the round trips of giving a turn back cost as much as waiting
		Grace:    25 * time.Second, // with lastWords inside the 30 s that Kubernetes gives a pod
		Lease:    store.DefaultLease,
		Strikes:  3,  // once may be the machine's fault and twice bad luck
		Pages:    10, // of a section: the days before the first visit; what is older comes with sitemaps
		MaxNew:   DefaultMaxNew,

		ReadTimeout: DefaultReadTimeout,
		// Ten times the longest articles met, pictures in the text aside; and as much of a page as is searched for links.
		MaxArticle: 10 << 20,
		MaxListing: 20 << 20,
		// Beside 112 MB for small pages on two cores this lets a large sitemap be read, or two articles of some megabytes.
		Memory: 384 << 20,
		Policy: revisit.Default(),
		Keep:   archive.KeepNone,
	}
}

// Worker joins the frontier, the fetcher, the extractor and the store.
type Worker struct {
	cfg Config
	Deps
	learned *templates
	rhythms *rhythms
	tally   *tally
	company *company
	memory  *budget.Budget
	reading chan struct{} // bounds the pages that are read at once, and so the trees of small ones
	stuck   atomic.Int32  // of these the ones that were given up
	opinion opinion
}

// opinion is judge; tests put another one in its place.
type opinion func(store.Page, *site.Site, fetch.Response) verdict

// New makes a worker; it does nothing until Run.
func New(cfg Config, deps Deps) *Worker {
	if deps.Observe == nil {
		deps.Observe = func(Event) {}
	}
	if deps.Log == nil {
		deps.Log = zap.NewNop()
	}
	cfg = cfg.withDefaults()
	deps.Log = deps.Log.With(zap.String("worker", cfg.Name))
	readers := budget.Readers(cfg.Memory, runtime.GOMAXPROCS(0))
	w := &Worker{
		cfg: cfg, Deps: deps, learned: newTemplates(cfg.Name, deps.Profiles, deps.Log), company: newCompany(cfg.Slots), tally: newTally(cfg.Bounds),
		rhythms: newRhythms(deps.Rhythms, cfg.Policy, deps.Log),
		memory:  budget.New(cfg.Memory, cfg.Slots, readers), reading: make(chan struct{}, readers),
	}
	w.opinion = w.judge
	return w
}

// withDefaults fills in what is zero and may not be.
func (c Config) withDefaults() Config {
	def := Default()
	c.MaxNew = cmp.Or(max(c.MaxNew, 0), def.MaxNew)
	c.ReadTimeout = cmp.Or(max(c.ReadTimeout, 0), def.ReadTimeout)
	c.Memory = cmp.Or(max(c.Memory, 0), def.Memory)
	c.MaxArticle = cmp.Or(max(c.MaxArticle, 0), def.MaxArticle)
	c.MaxListing = cmp.Or(max(c.MaxListing, 0), def.MaxListing)
	return c
}

// Run works until ctx ends, then lets the pages in flight end within the grace period, gives the turns back and
// returns. Its error is nil after a stop that was asked for; otherwise it is ErrStuck, or says that the frontier was closed.
func (w *Worker) Run(ctx context.Context) error {
	stop, end := context.WithCancelCause(ctx)
	defer end(nil)
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer after(stop, w.cfg.Grace, cancel)()
	defer w.learned.start(work)()
	defer w.rhythms.start(work)()
	c := w.newCrew(work, end)
	for range w.cfg.Slots {
		c.start(stop, func() {})
	}
	c.all.Wait()
	if err := context.Cause(stop); err != nil && ctx.Err() == nil {
		return fmt.Errorf("worker: %w", err)
	}
	return nil
}

// slot takes turns until stop ends. Its error is ErrStuck, or that of a frontier that is closed.
func (w *Worker) slot(stop context.Context, c *crew) error {
	for failures := 0; stop.Err() == nil; {
		turn, err := w.Frontier.Take(stop)
		if err != nil && stop.Err() != nil {
			return nil
		}
		if err == nil {
			err = w.serve(stop, c, turn)
		}
		if stuck := w.isStuck(); stuck != nil {
			return errors.Join(stuck, err)
		}
		switch {
		case err == nil:
			failures = 0
		case stop.Err() != nil:
			w.Log.Info("turn ended by the stop", zap.Error(err))
		case errors.Is(err, frontier.ErrClosed), errors.Is(err, nats.ErrConnectionClosed):
			return err
		default:
			// The broker or the store is away: wait a little longer each time, so that neither is hammered.
			failures++
			w.Log.Warn("turn ended early; trying again", zap.Int("attempt", failures), zap.Error(err))
			pause(stop, patience(failures))
		}
	}
	return nil
}

// patience is the wait after so many failures in a row of a server of our own: soon at first, for most are restarts, and
// at most half a minute, so that work goes on soon after a long outage.
func patience(failures int) time.Duration {
	return min(250*time.Millisecond<<min(failures, 10), 30*time.Second)
}

// after runs f once, d after ctx has ended. The function that it gives calls that off.
func after(ctx context.Context, d time.Duration, f func()) func() {
	var mu sync.Mutex
	var timer *time.Timer
	off := false
	unlink := context.AfterFunc(ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		if !off {
			timer = time.AfterFunc(d, f)
		}
	})
	return func() {
		unlink()
		mu.Lock()
		defer mu.Unlock()
		off = true
		if timer != nil {
			timer.Stop()
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
