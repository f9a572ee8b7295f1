package scheduler

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// feedLanes is how many lanes are fed at once: it bounds the pages in memory, some hundreds a lane.
const feedLanes = 64

// feeder remembers where pages are held, as far as is known: looking for that costs the embedded store a walk through all of
// them, and what the lanes have in the frontier is known without it. It is a hint, and may be wrong.
type feeder struct {
	shelves map[string]*[frontier.Priorities]bool // by lane: the priorities that may be held for it
	look    time.Time                             // when to look for more of them
}

func (f *feeder) add(lane string, priority int) {
	if f.shelves == nil {
		f.shelves = make(map[string]*[frontier.Priorities]bool)
	}
	if f.shelves[lane] == nil {
		f.shelves[lane] = new([frontier.Priorities]bool)
	}
	f.shelves[lane][priority] = true
}

// remove notes that nothing is held there.
func (f *feeder) remove(at store.Shelf) {
	if known := f.shelves[at.Lane]; known != nil {
		if known[at.Priority] = false; *known == ([frontier.Priorities]bool{}) {
			delete(f.shelves, at.Lane)
		}
	}
}

// feed puts pages that are held in the frontier, where of a lane and priority less than half of what it may hold is pending.
// So nobody but those who overfill a lane waits for it. It gives the number of pages that it put.
func (s *Scheduler) feed(ctx context.Context) (int, error) {
	if s.now().idle {
		return 0, nil
	}
	if began := time.Now(); !began.Before(s.feeder.look) {
		found, err := s.store.HeldLanes(ctx)
		if err != nil {
			return 0, err
		}
		clear(s.feeder.shelves)
		for _, lane := range found {
			for p := range frontier.Priorities {
				s.feeder.add(lane, p)
			}
		}
		s.feeder.look = time.Now().Add(max(s.cfg.Interval, 10*time.Since(began)))
	}
	if len(s.feeder.shelves) == 0 {
		return 0, nil
	}
	depth, err := s.frontier.Depth(ctx)
	if err != nil {
		return 0, fmt.Errorf("frontier depth: %w", err)
	}
	total := 0
	// In the order of a map, which is another one each time: the whole may not hold all.
	for some := range slices.Chunk(slices.Collect(maps.Keys(s.feeder.shelves)), feedLanes) {
		left := s.cfg.MaxDepth - depth.Tasks - total
		if left <= 0 {
			break
		}
		n, err := s.feedSome(ctx, some, left)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// feedSome feeds lanes with so many pages at most.
func (s *Scheduler) feedSome(ctx context.Context, lanes []string, most int) (int, error) {
	hungry, err := s.hungry(ctx, lanes)
	if err != nil || len(hungry) == 0 {
		return 0, err
	}
	now := time.Now().UTC()
	held, err := s.store.Held(ctx, s.scopeNow(), hungry)
	if err != nil {
		return 0, err
	}
	found := make(map[store.Shelf]int)
	for _, p := range held {
		found[store.Shelf{Lane: p.Held, Priority: p.Priority}]++
	}
	for shelf, room := range hungry {
		if found[shelf] < room {
			s.feeder.remove(shelf)
		}
	}
	slices.SortStableFunc(held, func(a, b store.Page) int { return a.Priority - b.Priority })
	return s.send(ctx, held[:min(len(held), most)], now.Add(s.cfg.Lease))
}

// hungry says how many pages each lane is to be fed with, by priority: all that there is room for, as soon as one of the lanes
// is less than half full. So they are fed together, for a look at what is held costs the embedded store much the same for one
// lane and for all.
func (s *Scheduler) hungry(ctx context.Context, lanes []string) (map[store.Shelf]int, error) {
	rooms, err := s.frontier.Room(ctx, lanes)
	if err != nil {
		return nil, err
	}
	fed := make(map[store.Shelf]int)
	bound, hungry := s.frontier.LanePending(), false
	for i, lane := range lanes {
		for p, room := range rooms[i] {
			if s.feeder.shelves[lane][p] && room > 0 {
				fed[store.Shelf{Lane: lane, Priority: p}] = min(room, s.cfg.Batch)
				hungry = hungry || room > bound/2
			}
		}
	}
	if !hungry {
		return nil, nil
	}
	return fed, nil
}

// hold leaves pages that their lanes have no room for to feed. Should that fail, they are due again when their lease ends.
func (s *Scheduler) hold(ctx context.Context, pages []store.Page, r frontier.PutReport) error {
	if len(r.Over) == 0 {
		return nil
	}
	over := make(map[string]bool, len(r.Over))
	for _, id := range r.Over {
		over[id] = true
	}
	pages = slices.DeleteFunc(slices.Clone(pages), func(p store.Page) bool { return !over[p.ID] })
	for _, p := range pages {
		s.feeder.add(p.Lane, p.Priority)
	}
	_, err := s.store.Hold(ctx, pages, time.Now())
	return err
}

// calm is the share of MaxDepth below which the frontier counts as full no more: each task done makes room for one, and
// a bound that bites is told once.
const calm = 0.9

// noteDepth tells when the frontier as a whole comes to be full, and when it is no more.
func (s *Scheduler) noteDepth(tasks int) {
	switch {
	case tasks >= s.cfg.MaxDepth && !s.full.Swap(true):
		s.log.Warn("the frontier is full; all but sections wait in the store until there is room: add workers, or raise scheduler.max_pending",
			zap.Int("tasks", tasks), zap.Int("max_pending", s.cfg.MaxDepth))
	case float64(tasks) < calm*float64(s.cfg.MaxDepth) && s.full.Swap(false):
		s.log.Info("the frontier has room again", zap.Int("tasks", tasks), zap.Int("max_pending", s.cfg.MaxDepth))
	}
}

// Full says whether the frontier as a whole holds as much as it may, so that all but sections wait in the store.
func (s *Scheduler) Full() bool { return s.full.Load() }
