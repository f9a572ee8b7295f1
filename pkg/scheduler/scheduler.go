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

// Default gives the configuration used where nothing else is said.
func Default() Config {
	return Config{
		Interval: time.Second,      // sections are minutes apart, and an idle look is one indexed query
		Batch:    1000,             // one bulk write
		Lease:    10 * time.Minute, // longer than a worker's turns take; a page pending longer is refused, not doubled
		MaxDepth: 1_000_000,        // about half a gigabyte in the broker
		Spread:   time.Minute,      // enough for a restart not to ask every site in the same second
	}
}

// Scheduler moves due pages into the frontier.
type Scheduler struct {
	cfg      Config
	store    *store.Store
	frontier *frontier.Frontier
	sites    []*site.Site
	log      *zap.Logger
}

// New makes a scheduler for the given sites; it does nothing until Seed and Run. With Config.Once only those sites' pages are
// scheduled, otherwise all that the store knows.
func New(cfg Config, st *store.Store, f *frontier.Frontier, sites []*site.Site, log *zap.Logger) *Scheduler {
	return &Scheduler{cfg: cfg, store: st, frontier: f, sites: sites, log: log}
}

// Seed makes the pages of the sites' sections, or of the home page where a site has none, unless they are known. It gives
// the number of new ones.
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
	created, err := s.store.EnsurePages(ctx, pages)
	if err != nil {
		return 0, fmt.Errorf("seed %d sections: %w", len(pages), err)
	}
	return len(created), nil
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
	for ctx.Err() == nil {
		n, err := s.Tick(ctx)
		wait := s.cfg.Interval
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

// Tick makes one pass: at most Config.Batch due pages are claimed and put. It gives their number.
func (s *Scheduler) Tick(ctx context.Context) (int, error) {
	depth, err := s.frontier.Depth(ctx)
	if err != nil {
		return 0, fmt.Errorf("frontier depth: %w", err)
	}
	if depth.Tasks >= s.cfg.MaxDepth {
		return 0, nil
	}
	now := time.Now().UTC()
	q := store.DueQuery{Now: now, Limit: s.cfg.Batch}
	if s.cfg.Once {
		q.Statuses = []store.Status{store.StatusDue, store.StatusQueued}
		for _, st := range s.sites {
			q.Sites = append(q.Sites, st.ID)
		}
	}
	due, err := s.store.Due(ctx, q)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	won, err := s.store.Claim(ctx, due, now.Add(s.cfg.Lease))
	if err != nil {
		return 0, err
	}
	tasks := make([]frontier.Task, len(won))
	for i, p := range won {
		tasks[i] = frontier.Task{PageID: p.ID, Lane: p.Lane, Priority: p.Priority, URL: p.URL, Site: p.Site, Kind: string(p.Kind)}
	}
	if _, err := s.frontier.Put(ctx, tasks); err != nil {
		if errors.Is(err, frontier.ErrStorageFull) {
			return 0, fmt.Errorf("%w: raise the broker's limit, or let the workers catch up", err)
		}
		return 0, fmt.Errorf("queue %d due pages: %w", len(tasks), err)
	}
	return len(won), nil
}
