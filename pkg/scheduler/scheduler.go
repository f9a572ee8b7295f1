// Package scheduler finds the pages that are due and puts them in the frontier.
//
// A section to visit again, a failed fetch to retry and an article to re-check for edits are the same thing: a page
// whose next_at has come. The scheduler claims each with a compare-and-set that moves next_at to the end of a lease, and
// puts its task in the frontier. Nothing is kept in memory.
//
// Invariants: a page is claimed by one scheduler, however many run; a claimed page whose task got lost anywhere is due
// again when its lease ends; a page that is still pending when its lease ends is refused by the frontier and so not
// fetched twice. Failure modes: a store or a broker that is away makes the loop wait and try again; what was claimed
// and not put is due again after the lease.
package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

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
	MaxDepth int           // pending tasks above which nothing is put: what is due waits in the store, which is larger
	Spread   time.Duration // over which the first visits of sections are spread
	// Once leaves alone what was visited before: a crawl that ends does not go round again.
	Once bool
}

// maxLease bounds how long the lease of a page grows that waits in a long queue, and so how late a task is that got lost
// twice.
const maxLease = 6 * time.Hour

// sweepEvery is how often it is looked for pages that are never due for what somebody did to them. They are few, and they
// wait for people.
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
	cfg      Config
	store    *store.Store
	frontier *frontier.Frontier
	sites    []*site.Site
	byID     map[string]*site.Site
	log      *zap.Logger
}

// New makes a scheduler for the given sites; it does nothing until Seed and Run. Only those sites' pages are scheduled: what
// the store knows of others waits until they are defined again.
func New(cfg Config, st *store.Store, f *frontier.Frontier, sites []*site.Site, log *zap.Logger) *Scheduler {
	s := &Scheduler{cfg: cfg, store: st, frontier: f, sites: sites, byID: make(map[string]*site.Site, len(sites)), log: log}
	for _, st := range sites {
		s.byID[st.ID] = st
	}
	return s
}

// Seed makes the pages of the sites' sections, or of the home page where a site has none, unless they are known. A page that
// is known as something else, as an address that was taken for an article, becomes the section that the site's file says
// it is. Seed gives the number of new sections.
func (s *Scheduler) Seed(ctx context.Context) (int, error) {
	var pages []store.Page
	now := time.Now().UTC()
	for _, st := range s.sites {
		if len(st.Sections) == 0 {
			pages = append(pages, s.seed(st, st.Home, store.KindHome, "home", now))
		}
		for _, sec := range st.Sections {
			pages = append(pages, s.seed(st, sec.URL, store.Kind(sec.Kind), sec.ID, now))
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
	return len(created) + adopted, nil
}

// adopt makes known pages the sections that they should be, also those that cannot be read: what they should be is known.
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
			if err := s.store.ReplacePage(ctx, to); err != nil {
				return adopted, err
			}
			s.log.Warn("section could not be read, and begins anew", zap.String("page", id), zap.String("url", to.URL))
			adopted++
		case p.Version > store.PageVersion:
			s.log.Warn("section left to a newer khabar", zap.String("page", id), zap.String("url", to.URL))
		case p.Kind != to.Kind || p.Section != to.Section || p.Site != to.Site:
			to.DiscoveredAt = p.DiscoveredAt
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

func (s *Scheduler) seed(st *site.Site, url string, kind store.Kind, section string, now time.Time) store.Page {
	id := weburl.ID(url)
	first := now
	if !s.cfg.Once {
		first = now.Add(revisit.Spread(id, s.cfg.Spread))
	}
	return store.Page{
		ID: id, URL: url, Site: st.ID, Section: section, Kind: kind, Lane: st.Lane(url),
		DiscoveredAt: now, Run: s.cfg.Run, Status: store.StatusDue, NextAt: &first,
	}
}

// Run moves due pages into the frontier until ctx ends. Its error is nil after a stop that was asked for.
func (s *Scheduler) Run(ctx context.Context) error {
	failures := 0
	var swept time.Time
	for ctx.Err() == nil {
		if time.Since(swept) >= sweepEvery {
			s.sweep(ctx)
			swept = time.Now()
		}
		began := time.Now()
		n, err := s.Tick(ctx)
		// The embedded store scans its pages for those that are due: at most a tenth of the time goes into looking.
		wait := max(s.cfg.Interval, 10*time.Since(began))
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

// sweep looks for pages that no look for due ones finds.
func (s *Scheduler) sweep(ctx context.Context) {
	swept, err := s.store.Sweep(ctx)
	if err != nil && ctx.Err() == nil {
		s.log.Warn("pages not looked through; trying again", zap.Duration("after", sweepEvery), zap.Error(err))
	}
	if swept.Newer > 0 {
		s.log.Warn("due pages left to a newer khabar", zap.Int("pages", swept.Newer))
	}
}

// Tick makes one pass: at most Config.Batch due pages are claimed and put, and no more than Config.MaxDepth leaves room
// for. It gives their number.
func (s *Scheduler) Tick(ctx context.Context) (int, error) {
	if len(s.sites) == 0 {
		return 0, nil
	}
	depth, err := s.frontier.Depth(ctx)
	if err != nil {
		return 0, fmt.Errorf("frontier depth: %w", err)
	}
	room := min(s.cfg.Batch, s.cfg.MaxDepth-depth.Tasks)
	if room <= 0 {
		return 0, nil
	}
	now := time.Now().UTC()
	q := store.DueQuery{Now: now, Limit: room}
	for _, st := range s.sites {
		q.Sites = append(q.Sites, st.ID)
	}
	if s.cfg.Once {
		q.Statuses = []store.Status{store.StatusDue, store.StatusQueued}
	}
	due, err := s.store.Due(ctx, q)
	if err != nil {
		return 0, err
	}
	leases := make(map[time.Duration][]store.Page)
	for _, p := range due {
		d := s.lease(p, now)
		leases[d] = append(leases[d], p)
	}
	total := 0
	for d, pages := range leases {
		won, err := s.store.Claim(ctx, pages, now.Add(d))
		if err == nil {
			err = s.put(ctx, won)
		}
		if err != nil {
			return total, err
		}
		total += len(won)
	}
	return total, nil
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

// put queues claimed pages, each in the lane where its site's politeness puts it now. One that the frontier does not take
// for what it is is set aside: it must not hold up the others.
func (s *Scheduler) put(ctx context.Context, won []store.Page) error {
	tasks := make([]frontier.Task, len(won))
	for i, p := range won {
		lane := p.Lane
		if st := s.byID[p.Site]; st != nil {
			lane = st.Lane(p.URL)
		}
		tasks[i] = frontier.Task{PageID: p.ID, Lane: lane, Priority: p.Priority, URL: p.URL, Site: p.Site, Kind: string(p.Kind)}
	}
	_, err := s.frontier.Put(ctx, tasks)
	switch {
	case err == nil:
		return nil
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
