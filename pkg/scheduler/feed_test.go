package scheduler

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// bounded has the plant's lanes hold so many tasks of a priority.
func (p *plant) bounded(tasks int) *plant {
	p.t.Helper()
	nc, err := nats.Connect(servers.nats.URL(), nats.Timeout(time.Minute))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		p.t.Fatal(err)
	}
	p.front, err = frontier.Open(p.t.Context(), js, frontier.Config{
		Prefix: fmt.Sprintf("bounded%d", servers.n.Add(1)), Storage: jetstream.MemoryStorage, LanePending: tasks,
	}, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(p.front.Close)
	return p
}

func (p *plant) fed(s *Scheduler, want int) {
	p.t.Helper()
	if n, err := s.feed(p.t.Context()); err != nil || n != want {
		p.t.Fatalf("fed %d pages, %v; want %d", n, err, want)
	}
}

// work does n tasks of a lane, and gives their pages' addresses.
func (p *plant) work(lane string, n int) (urls []string) {
	p.t.Helper()
	for {
		turn, err := p.front.Take(p.t.Context())
		if err != nil {
			p.t.Fatal(err)
		}
		if turn.Lane() != lane {
			defer turn.Release(p.t.Context(), time.Time{}, 0)
			continue
		}
		for range n {
			task, err := turn.Next(p.t.Context())
			if err == nil {
				urls = append(urls, task.URL)
				err = turn.Done(p.t.Context(), task)
			}
			if err != nil {
				p.t.Fatal(err)
			}
		}
		if err := turn.Release(p.t.Context(), time.Time{}, 0); err != nil {
			p.t.Fatal(err)
		}
		return urls
	}
}

// TestFloodedLane has one site with a hundred times what its lane may hold, due before all others. The others are put all
// the same, by the next look; the flood follows as its lane drains, the newest first.
func TestFloodedLane(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://flood.example/", "http://calm.example/").bounded(10)
	i := 0
	flood := p.grow(1000, p.sites[0], func(pg *store.Page) {
		dated := time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC)
		pg.Priority, pg.DatedAt, i = 3, &dated, i+1
	})
	later := time.Now().Add(-time.Minute)
	p.grow(3, p.sites[1], func(pg *store.Page) { pg.NextAt = &later })
	s := p.scheduler(func(c *Config) { c.Batch = 1000 })
	p.tick(s, 1000)
	p.tick(s, 3)
	p.tick(s, 0) // what is held is not looked at again and again
	p.pending(13)
	p.fed(s, 0)
	p.work("flood.example", 5)
	p.fed(s, 0) // half of it is there
	p.work("flood.example", 1)
	p.fed(s, 6)
	p.pending(13)
	p.work("flood.example", 4) // of those that were put first
	for k, url := range p.work("flood.example", 6) {
		if want := flood[999-k].URL; url != want {
			t.Errorf("no. %d that was fed is %s, want %s", k, url, want)
		}
	}
	if n, err := s.Left(t.Context()); err != nil || n != 1003 {
		t.Errorf("%d pages are left, %v", n, err) // nothing was stored of those that were done
	}
	// News of the flooded site has room of its own.
	p.grow(1, p.sites[0], func(pg *store.Page) { pg.ID, pg.URL = pg.ID[1:]+"0", pg.URL+"?fresh"; pg.NextAt = &later })
	p.tick(s, 1)
	if d := p.work("flood.example", 1); d[0] != p.sites[0].Home+"story-0?fresh" {
		t.Errorf("news of a flooded lane waits for %s", d[0])
	}
}

// TestFeedersAtOnce has several schedulers feed the same lanes: each page is put once.
func TestFeedersAtOnce(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://flood.example/").bounded(20)
	p.grow(100, p.sites[0], func(pg *store.Page) { *pg = pg.Hold(time.Now()) })
	results := make(chan error)
	for range 3 {
		s := p.scheduler(nil)
		go func() {
			_, err := s.feed(t.Context())
			results <- err
		}()
	}
	for range 3 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	d, err := p.front.Depth(t.Context())
	if err != nil || d.Tasks < 20 || d.Tasks > 60 { // others may put at the same time: then there are more
		t.Errorf("%+v, %v", d, err)
	}
	s := p.scheduler(nil)
	if n, err := s.Left(t.Context()); err != nil || n != 100 {
		t.Errorf("%d pages are left, %v", n, err)
	}
}

// TestFull has the frontier as a whole be full: sections are put all the same, nothing else, and it is told once.
func TestFull(t *testing.T) {
	t.Parallel()
	core, logs := observer.New(zap.InfoLevel)
	p := newPlant(t, "http://a.example/", "http://b.example/").bounded(10)
	p.grow(20, p.sites[0], nil)
	s := p.scheduler(func(c *Config) { c.MaxDepth, c.Batch = 10, 10 })
	s.log = zap.New(core)
	p.tick(s, 10)
	p.grow(2, p.sites[1], func(pg *store.Page) { pg.Kind, pg.Priority = store.KindListing, 0 })
	p.tick(s, 2)
	p.tick(s, 0)
	p.pending(12)
	if !s.Full() || logs.FilterMessageSnippet("the frontier is full").Len() != 1 {
		t.Errorf("full is %t, told: %v", s.Full(), logs.All())
	}
	p.work("a.example", 10)
	p.tick(s, 8)
	if s.Full() || logs.FilterMessageSnippet("room again").Len() != 1 {
		t.Errorf("full is %t, told: %v", s.Full(), logs.All())
	}
}

// TestHeldForLong: pages that have been held for as long as pages may be wait on, and nobody waits behind them.
func TestHeldForLong(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://flood.example/", "http://calm.example/").bounded(10)
	held := p.grow(1000, p.sites[0], func(pg *store.Page) { pg.Held = pg.Lane })
	later := time.Now().Add(-time.Minute)
	p.grow(3, p.sites[1], func(pg *store.Page) { pg.NextAt = &later })
	moved := p.grow(1, p.sites[1], func(pg *store.Page) {
		pg.ID, pg.URL, pg.Held, pg.NextAt = pg.ID[1:]+"0", pg.URL+"?moved", "a lane of before", &later
	})
	s := p.scheduler(func(c *Config) { c.Batch = 1000 })
	p.tick(s, 0)
	p.pending(0)
	p.tick(s, 4) // the one whose lane has another name now is due as any other
	got, err := p.store.Page(t.Context(), held[0].ID)
	if err != nil || got.Held != held[0].Lane || got.Status != store.StatusDue || got.Claim != "" || !got.NextAt.After(time.Now()) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := p.store.Page(t.Context(), moved[0].ID); err != nil || got.Held != "" || got.Status != store.StatusQueued {
		t.Errorf("%+v, %v", got, err)
	}
	p.fed(s, 10)
}

// TestChangedPriority: what a page's priority is when it is fed counts, not what it was when the page was held.
func TestChangedPriority(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://flood.example/").bounded(3)
	held := p.grow(20, p.sites[0], func(pg *store.Page) {
		pg.Priority = 3
		*pg = pg.Hold(time.Now())
	})
	s := p.scheduler(nil)
	p.fed(s, 3)
	p.spoil(held[7].ID, "priority", 1)
	s.feeder.look = time.Time{}
	p.fed(s, 1) // it has room of its own
	if got := p.work("flood.example", 1); got[0] != held[7].URL {
		t.Errorf("the first is %s, want %s", got[0], held[7].URL)
	}
}
