// Package scheduler finds the pages that are due and puts them in the frontier.
//
// A section to visit again, a failed fetch to retry and an article to re-check for edits are the same thing: a page
// whose next_at has come. The scheduler claims each with a compare-and-set that moves next_at to the end of a lease, and
// puts its task in the frontier. Nothing is kept in memory but hints.
//
// What a lane of the frontier has no room for is held in the store, and feed puts it there as the lane drains. So no site
// uses up what all share, and what is put next is what is the most urgent and the newest then.
//
// A scheduler looks after whole sites, after pages that were named, and after what its run finds through these. A run that
// is to end (Config.Once) visits once what was due when it began, and what it finds; what it tries again it waits for, an
// hour at most. The sites may be exchanged while it runs: sections of new ones are made, and those of sites that are gone or
// paused wait with all their pages.
//
// Invariants: a page is claimed by one scheduler, however many run; a claimed page whose task got lost anywhere is due
// again when its lease ends; a page that is still pending when its lease ends is refused by the frontier and so not
// fetched twice. Failure modes: a store or a broker that is away makes the loop wait and try again; what was claimed
// and not put is put then, or by others after the lease. What is held and never fed is due after a day. The frontier as a whole being
// full is told once, and sections are put all the same.
package scheduler

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/backfill"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/revisit"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// Config says how the scheduler works. Start from Default.
type Config struct {
	Run      string        // the crawl run that seeded pages are recorded under
	Interval time.Duration // between two looks for due pages when the last one found none
	Batch    int           // pages claimed at once
	Lease    time.Duration // how long a claimed page may be under way before it is due again
	MaxDepth int           // pending tasks above which sections alone are put: what else is due waits in the store, which is larger
	Spread   time.Duration // over which the first visits of sections are spread
	// Once is a run that ends: what was due when it began is visited, sections and rechecks of articles alike, and what
	// becomes due for another visit meanwhile is left to the next run, as is what is to be tried again much later.
	Once  bool
	Named []Named // visited now, beside the sites
	// Backfill is the backfill whose pages alone are scheduled; "" for none.
	Backfill string
	// Spent lists the sites of which a run that ends takes no more. nil: none.
	Spent func() []string
}

// Named is a page that somebody asked for by its address. It is visited when the run begins, without conditions, whenever
// it was visited last and whatever became of it.
type Named struct {
	URL     string // canonical
	Site    *site.Site
	Kind    store.Kind // what it is taken for unless it is known
	Section string     // the section that it is; "" where what it turns out to be decides
	// Alone leaves the rest of its site to itself, but for what the run finds through the page.
	Alone bool
}

// maxLease bounds how long the lease of a page grows that waits in a long queue, and so how late a task is that got lost
// twice.
const maxLease = 6 * time.Hour

// sweepEvery is how often it is looked for pages that are never due for what somebody, or a wrong clock, did to them. They are few,
// and they wait for people.
const sweepEvery = time.Hour

// Default gives the configuration used where nothing else is said.
func Default() Config {
	return Config{
		Interval: time.Second,        // sections are minutes apart, and an idle look is one indexed query
		Batch:    1000,               // one bulk write
		Lease:    store.DefaultLease, // in a long queue it grows
		MaxDepth: 1_000_000,          // about half a gigabyte in the broker
		Spread:   time.Minute,        // enough for a restart not to ask every site in the same second
	}
}

// Scheduler moves due pages into the frontier.
type Scheduler struct {
	cfg        Config
	store      *store.Store
	frontier   *frontier.Frontier
	sites      *site.Current
	view       atomic.Pointer[view]
	seeded     *site.Set // whose sections were made last; of the goroutine of Run
	began      time.Time // of a run that ends; zero for others
	full       atomic.Bool
	feeder     feeder               // of the goroutine of Run
	halfway    halfway              // of the goroutine of Run
	entered    map[string]time.Time // when the lists of backfills were looked for last, by id; of the goroutine of Run
	pulse      store.Pulse          // of the goroutine of Run
	unnumbered string               // why changes were not numbered the last time; of the goroutine of Run
	log        *zap.Logger
}

// view is what a set of sites, with the pages that were named, comes to.
type view struct {
	set   *site.Set
	byID  map[string]*site.Site
	scope store.Scope
	idle  bool // no page is to be looked after
}

// New makes a scheduler for the sites that are current; it does nothing until Seed and Run. Only those sites' pages, and those
// of Config.Named, are scheduled: what the store knows of others waits until they are defined again, and what it knows of a
// paused one until that goes on. Another set of sites is taken up at the next look.
func New(cfg Config, st *store.Store, f *frontier.Frontier, sites *site.Current, log *zap.Logger) *Scheduler {
	s := &Scheduler{cfg: cfg, store: st, frontier: f, sites: sites, entered: make(map[string]time.Time), log: log}
	if cfg.Once {
		s.began = time.Now().UTC()
	}
	return s
}

// now is the view of the sites that are current.
func (s *Scheduler) now() *view {
	set := s.sites.Set()
	if v := s.view.Load(); v != nil && v.set == set {
		return v
	}
	v := &view{set: set, byID: make(map[string]*site.Site)}
	scoped := make(map[string]bool)
	for _, st := range set.All() {
		v.byID[st.ID] = st
		if !st.Paused {
			scoped[st.ID] = true
			v.scope.Sites = append(v.scope.Sites, st.ID)
		}
	}
	for _, n := range s.cfg.Named {
		v.byID[n.Site.ID] = n.Site
		switch {
		case n.Alone:
			v.scope.IDs, v.scope.Run = append(v.scope.IDs, weburl.ID(n.URL)), s.cfg.Run
		case !scoped[n.Site.ID]:
			scoped[n.Site.ID] = true
			v.scope.Sites = append(v.scope.Sites, n.Site.ID)
		}
	}
	if s.cfg.Once {
		v.scope.Before = backfill.Priority // they have their own end
	}
	if v.idle = len(v.scope.Sites)+len(v.scope.IDs) == 0; v.idle {
		v.scope.Sites = []string{""} // an empty scope would be all pages
	}
	if s.cfg.Backfill != "" {
		v.scope, v.idle = store.Scope{Backfill: s.cfg.Backfill}, false
	}
	s.view.Store(v)
	return v
}

// Seed makes the pages of the sites' sections, or of the home page where a site has none, and the named pages, unless they
// are known. A page that is known as something else, as an address that was taken for an article, becomes the section that
// the site's file says it is. Named pages are due then. Seed gives the number of new sections.
func (s *Scheduler) Seed(ctx context.Context) (int, error) { return s.make(ctx, s.cfg.Named) }

// make is Seed for the sites that are current and these named pages.
func (s *Scheduler) make(ctx context.Context, these []Named) (int, error) {
	v := s.now()
	var pages []store.Page
	now := time.Now().UTC()
	named := make([]string, len(these))
	for i, n := range these {
		p := s.seed(n, now)
		p.NextAt, named[i] = &now, p.ID
		pages = append(pages, p)
	}
	for _, st := range v.set.All() {
		for _, n := range Seeds(st) {
			pages = append(pages, s.seed(n, now))
		}
	}
	created, refused, err := s.store.EnsurePages(ctx, pages)
	for _, p := range refused {
		if errors.Is(p.Err, store.ErrServer) {
			err = errors.Join(err, fmt.Errorf("section %s: %w", p.URL, p.Err))
			continue
		}
		s.log.Warn("section not stored", zap.String("page", p.ID), zap.String("url", p.URL), zap.Error(p.Err))
	}
	if err != nil {
		return 0, fmt.Errorf("seed %d sections: %w", len(pages), err)
	}
	adopted, err := s.adopt(ctx, pages)
	if err != nil {
		return 0, fmt.Errorf("seed %d sections: %w", len(pages), err)
	}
	known, err := s.store.Pages(ctx, named)
	if err == nil {
		_, err = s.store.Again(ctx, slices.Collect(maps.Values(known)), now)
	}
	if err != nil {
		return 0, fmt.Errorf("visit %d named pages: %w", len(named), err)
	}
	s.seeded = v.set
	return len(created) + adopted, nil
}

// adopt makes known pages the sections that they should be, also those that cannot be read: what they should be is known.
// What gave an article stays one unless a site's file says otherwise, and its record keeps the article then.
func (s *Scheduler) adopt(ctx context.Context, sections []store.Page) (int, error) {
	want := make(map[string]store.Page, len(sections))
	ids := make([]string, len(sections))
	for i, p := range sections {
		want[p.ID], ids[i] = p, p.ID
	}
	known, err := s.store.Pages(ctx, ids)
	if err != nil {
		return 0, err
	}
	var effects []store.Effect
	adopted := 0
	for id, to := range want {
		p, ok := known[id]
		switch {
		case !ok:
			replaced, err := s.store.ReplacePage(ctx, to)
			switch {
			case errors.Is(err, store.ErrRefused):
				s.log.Error("section not made", zap.String("page", id), zap.String("url", to.URL), zap.Error(err))
			case err != nil:
				return adopted, err
			case replaced:
				s.log.Warn("section could not be read, and begins anew", zap.String("page", id), zap.String("url", to.URL))
				adopted++
			}
		case p.Version > store.PageVersion:
			s.log.Warn("section left to a newer khabar", zap.String("page", id), zap.String("url", to.URL))
		case to.Section == "" || p.Kind == to.Kind && p.Section == to.Section && p.Site == to.Site:
		case p.ArticleID != "" && s.now().byID[to.Site].Source == "":
			s.log.Warn("this page is a known article, and stays one: only a site file makes it a section", zap.String("url", p.URL))
		default:
			to.DiscoveredAt, to.ArticleID, to.ContentHash = p.DiscoveredAt, p.ArticleID, p.ContentHash
			effects = append(effects, store.Effect{Page: to})
		}
	}
	results, err := s.store.Commit(ctx, effects)
	for i, r := range results {
		if r.Err != nil {
			s.log.Error("section not made", zap.String("url", effects[i].Page.URL), zap.Error(r.Err))
		} else {
			adopted++
		}
	}
	return adopted, err
}

// Seeds are the pages that a site begins with: its sections, or its home page where it has none.
func Seeds(s *site.Site) []Named {
	if len(s.Sections) == 0 {
		return []Named{{URL: s.Home, Site: s, Kind: store.KindHome, Section: "home"}}
	}
	seeds := make([]Named, len(s.Sections))
	for i, sec := range s.Sections {
		seeds[i] = Named{URL: sec.URL, Site: s, Kind: store.Kind(sec.Kind), Section: sec.ID}
	}
	return seeds
}

func (s *Scheduler) seed(n Named, now time.Time) store.Page {
	id := weburl.ID(n.URL)
	first := now
	if !s.cfg.Once {
		first = now.Add(revisit.Spread(id, s.cfg.Spread))
	}
	return store.Page{
		ID: id, URL: n.URL, Site: n.Site.ID, Section: n.Section, Kind: n.Kind, Lane: n.Site.Lane(n.URL),
		DiscoveredAt: now, Run: s.cfg.Run, Status: store.StatusDue, NextAt: &first,
	}
}

// Run moves due pages into the frontier until ctx ends. Its error is nil after a stop that was asked for.
func (s *Scheduler) Run(ctx context.Context) error {
	s.pulse = newPulse()
	defer s.lastBeat(ctx)
	var others sync.WaitGroup
	defer others.Wait()
	others.Go(func() { s.cluster(ctx) })
	failures := 0
	var swept, pooled, fed, tended time.Time // when pages were looked through, and rhythms put together; when lanes and backfills are due again
	for ctx.Err() == nil {
		if time.Since(swept) >= sweepEvery {
			s.sweep(ctx)
			swept = time.Now()
		}
		if time.Since(pooled) >= poolEvery {
			s.pool(ctx)
			pooled = time.Now()
		}
		s.number(ctx)
		began := time.Now()
		err := s.takeUp(ctx)
		n := 0
		if err == nil {
			n, err = s.Tick(ctx)
		}
		// A store that scans its pages for those that are due: at most a tenth of the time goes into looking.
		wait := max(s.cfg.Interval, 10*time.Since(began))
		if began = time.Now(); err == nil && began.After(fed) {
			var put int
			put, err = s.feed(ctx)
			n += put
			// The embedded store reads all that is held for it: half the time, for lanes wait for it.
			fed = time.Now().Add(max(s.cfg.Interval, time.Since(began)))
		}
		if began = time.Now(); err == nil && began.After(tended) && !s.cfg.Once {
			err = s.tend(ctx)
			tended = time.Now().Add(max(tendEvery, 10*time.Since(began))) // the embedded store scans
		}
		if ctx.Err() == nil {
			s.beat(ctx, err)
		}
		switch {
		case err != nil && ctx.Err() != nil:
			return nil
		case err != nil:
			failures++
			wait = min(s.cfg.Interval<<min(failures, 5), 30*time.Second)
			s.log.Warn("due pages not scheduled; trying again", zap.Int("attempt", failures), zap.Error(err))
		case n > 0:
			failures = 0
			s.log.Info("scheduled due pages", zap.Int("pages", n))
			continue // there may be more
		default:
			failures = 0
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
		}
	}
	return nil
}

// takeUp makes the sections of the sites that are current where these have changed since the last time.
func (s *Scheduler) takeUp(ctx context.Context) error {
	if s.seeded == nil || s.seeded == s.sites.Set() {
		return nil // without Seed nothing is made
	}
	n, err := s.make(ctx, nil)
	if err == nil {
		s.log.Info("other sites are scheduled from now on", zap.Int("sites", s.seeded.Len()), zap.Int("new_sections", n))
	}
	return err
}

// number puts changes of articles in the list for those who follow them. Where that fails, pages are scheduled all the same,
// and the changes wait.
func (s *Scheduler) number(ctx context.Context) {
	_, err := s.store.Number(ctx)
	if err == nil {
		s.unnumbered = ""
	} else if ctx.Err() == nil && err.Error() != s.unnumbered {
		s.unnumbered = err.Error() // once for each problem: it comes again every second
		s.log.Warn("changes of articles are not put in their list, and khabar feed gives none; trying again", zap.Error(err))
	}
}

// cluster keeps the clusters of articles up to date, until ctx ends: half of the time at most, for all others read the same store.
func (s *Scheduler) cluster(ctx context.Context) {
	told := ""
	for ctx.Err() == nil {
		began := time.Now()
		more, err := s.store.Cluster(ctx)
		wait := time.Since(began)
		if !more {
			wait = max(wait, s.cfg.Interval)
		}
		if err == nil {
			told = ""
		} else if ctx.Err() == nil && err.Error() != told {
			told = err.Error() // once for each problem
			s.log.Warn("near-duplicates are not marked; trying again", zap.Error(err))
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
		}
	}
}

// sweep looks for pages that no look for due ones finds, and for articles that no list of changes has.
func (s *Scheduler) sweep(ctx context.Context) {
	marked, err := s.store.MarkStored(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.Warn("articles not looked through; trying again", zap.Duration("after", sweepEvery), zap.Error(err))
	}
	if marked > 0 {
		s.log.Info("articles of before there was a list of changes are put in it", zap.Int("articles", marked))
	}
	completed, err := s.store.FinishErasures(ctx, time.Now().UTC())
	if err != nil && ctx.Err() == nil {
		s.log.Warn("erasures not looked through; trying again", zap.Duration("after", sweepEvery), zap.Error(err))
	}
	if completed > 0 {
		s.log.Info("completed erasures that were broken off", zap.Int("erasures", completed))
	}
	swept, err := s.store.Sweep(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.Warn("pages not looked through; trying again", zap.Duration("after", sweepEvery), zap.Error(err))
	}
	if swept.Woken > 0 {
		s.log.Warn("pages that were to be fetched at no time are due now", zap.Int("pages", swept.Woken))
	}
	if swept.Early > 0 {
		s.log.Warn("a clock was ahead, and has put pages off: they are due now", zap.Int("pages", swept.Early))
	}
	if swept.Newer > 0 {
		s.log.Warn("due pages left to a newer khabar", zap.Int("pages", swept.Newer))
	}
}

// Tick makes one pass: at most Config.Batch due pages are claimed and put, and of all but sections no more than
// Config.MaxDepth leaves room for. It gives their number.
func (s *Scheduler) Tick(ctx context.Context) (int, error) {
	if s.now().idle {
		return 0, nil
	}
	total, err := s.resume(ctx)
	if err != nil {
		return total, err
	}
	depth, err := s.frontier.Depth(ctx)
	if err != nil {
		return total, fmt.Errorf("frontier depth: %w", err)
	}
	s.noteDepth(depth.Tasks)
	now := time.Now().UTC()
	q := store.DueQuery{Now: now, Limit: min(s.cfg.Batch, s.cfg.MaxDepth-depth.Tasks), Scope: s.scopeNow(), Began: s.began}
	if q.Limit <= 0 {
		q.Urgent, q.Limit = true, s.cfg.Batch
	}
	due, err := s.store.Due(ctx, q)
	if err != nil {
		return total, err
	}
	due, waiting := s.apart(due)
	if _, err := s.store.Hold(ctx, waiting, now); err != nil {
		return total, err
	}
	leases := make(map[time.Duration][]store.Page)
	for _, p := range due {
		d := s.lease(p, now)
		leases[d] = append(leases[d], p)
	}
	for d, pages := range leases {
		n, err := s.send(ctx, pages, now.Add(d))
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// apart takes out of due pages those that have been held for as long as held pages may be, for the lane that they belong in
// still: they wait on, and are fed when there is room. To claim and put them would find that out one by one, day after day.
func (s *Scheduler) apart(due []store.Page) (others, waiting []store.Page) {
	sites := s.now().byID
	for _, p := range due {
		if st := sites[p.Site]; st != nil && p.Held != "" {
			p.Lane = st.Lane(p.URL)
		}
		if p.Held != "" && p.Held == p.Lane {
			waiting = append(waiting, p)
		} else {
			others = append(others, p)
		}
	}
	return others, waiting
}

// patience is how long a run that ends waits for a page that is to be tried again: longer than all attempts of the default
// policy take together. Sites and guards that ask for more are left to the next run.
const patience = time.Hour

// Left counts the pages that still have to be visited: of a run that ends, none is left at its end.
func (s *Scheduler) Left(ctx context.Context) (int64, error) {
	q := store.OutstandingQuery{Scope: s.scopeNow(), Began: s.began}
	if s.cfg.Once {
		q.Until = time.Now().Add(patience)
	}
	return s.store.Outstanding(ctx, q)
}

// Later counts the pages that are to be tried again, those included that Left does not count.
func (s *Scheduler) Later(ctx context.Context) (int64, error) {
	return s.store.Outstanding(ctx, store.OutstandingQuery{Scope: s.scopeNow()})
}

// ForNext counts the pages of sites that are due already for the next run.
func (s *Scheduler) ForNext(ctx context.Context, sites []string) (int64, error) {
	now := time.Now()
	return s.store.Outstanding(ctx, store.OutstandingQuery{Scope: store.Scope{Sites: sites}, Began: now, Until: now})
}

// scopeNow is the scope without the sites of which the run takes no more.
func (s *Scheduler) scopeNow() store.Scope {
	scope := s.now().scope
	if s.cfg.Spent != nil {
		scope.Without = s.cfg.Spent()
	}
	return scope
}

// NextVisit is when the next page is due. The error wraps store.ErrNotFound where none will ever be.
func (s *Scheduler) NextVisit(ctx context.Context) (time.Time, error) {
	return s.store.NextDue(ctx, s.now().scope)
}

// lease is how long a page may be under way before it is due again. One that is due because its lease ended is as a rule
// still pending in a long queue: its lease doubles with the time that it waits, so that a backlog is not claimed over
// and over.
func (s *Scheduler) lease(p store.Page, now time.Time) time.Duration {
	d := s.cfg.Lease
	if p.Status != store.StatusQueued {
		return d
	}
	since := p.DiscoveredAt
	if p.FetchedAt != nil && p.FetchedAt.After(since) {
		since = *p.FetchedAt
	}
	for d < now.Sub(since) && d < maxLease {
		d *= 2
	}
	return d
}

// put queues claimed pages, each in the lane where its site's politeness puts it now, and has those held that the lane has no
// room for. One that the frontier does not take for what it is is set aside: it must not hold up the others.
func (s *Scheduler) put(ctx context.Context, won []store.Page) error {
	sites := s.now().byID
	tasks := make([]frontier.Task, len(won))
	for i, p := range won {
		if st := sites[p.Site]; st != nil {
			won[i].Lane = st.Lane(p.URL)
		}
		tasks[i] = frontier.Task{PageID: p.ID, Lane: won[i].Lane, Priority: p.Priority, URL: p.URL, Site: p.Site, Kind: string(p.Kind)}
	}
	report, err := s.frontier.Put(ctx, tasks)
	switch {
	case err == nil:
		return s.hold(ctx, won, report)
	case errors.Is(err, frontier.ErrInvalidTask) && len(won) == 1:
		return s.store.SetAside(ctx, won[0].ID, err)
	case errors.Is(err, frontier.ErrInvalidTask):
		half := len(won) / 2
		return errors.Join(s.put(ctx, won[:half]), s.put(ctx, won[half:]))
	case errors.Is(err, frontier.ErrStorageFull):
		return fmt.Errorf("%w: raise the broker's limit, or let the workers catch up", err)
	}
	return fmt.Errorf("queue %d due pages: %w", len(tasks), err)
}
