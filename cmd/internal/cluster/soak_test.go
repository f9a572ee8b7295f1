package cluster

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"testing"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/cmd/internal/wire"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/scheduler"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

// A section that is visited every half hour, as the first visits are apart (revisit.start), is visited 48 times a day.
var soakVisits = flag.Int("soak.visits", 9, "of each home page in TestSoak; 48 stand for a day")

// editEvery is the number of requests between two edits of articles: each visit of a site makes some ten requests, so that
// it edits an article between two visits, now and then.
const editEvery = 20

// soakGrowth is what the live heap may grow by from the end of the first third of the work to the end of the last: a megabyte
// for each of the 16 hours that lie between them in a day. It is above what the pages in hand take at one moment and not at
// another. A short run finds only what keeps whole pages.
const soakGrowth = 16 << 20

// soakGoroutines may be more at the end: those of ten connections, which come and go.
const soakGoroutines = 30

// TestSoak has a scheduler and a worker visit sections again and again, with the day's intervals shortened, while articles are
// edited: what they hold in memory at the end of the last third of the work is what they held at the end of the first.
func TestSoak(t *testing.T) {
	f := newFleet(t, demosite.Config{},
		"KHABAR_REVISIT_START=500ms", "KHABAR_REVISIT_MIN=500ms", "KHABAR_REVISIT_MAX=500ms", "KHABAR_WORKER_SLOTS=8",
	)
	articles := f.web.Articles()
	var counting sync.Mutex
	asked := 0
	f.onRequest(func(*http.Request) {
		counting.Lock()
		defer counting.Unlock()
		if asked++; asked%editEvery == 0 {
			f.web.Edit(articles[asked/editEvery%len(articles)].URL)
		}
	})
	defer f.crawlHere()()
	var heap [3]uint64
	var goroutines [3]int
	for third := range heap {
		visits := *soakVisits * (third + 1) / len(heap)
		proctest.Until(t, "the sections are not visited again", func(context.Context) error {
			for _, s := range f.web.Sites() {
				if n := f.web.Stats().Hosts[s.Host].Hits["/"]; n < visits {
					return fmt.Errorf("the home page of %s was asked for %d times", s.Host, n)
				}
			}
			return nil
		})
		var m runtime.MemStats
		runtime.GC()
		runtime.GC() // what the first one found in pools
		runtime.ReadMemStats(&m)
		heap[third], goroutines[third] = m.HeapAlloc, runtime.NumGoroutine()
		t.Logf("%d visits: %d KB live, %d goroutines", visits, m.HeapAlloc>>10, goroutines[third])
	}
	if heap[2] > heap[0]+soakGrowth {
		t.Errorf("the live heap grew from %d to %d bytes", heap[0], heap[2])
	}
	if goroutines[2] > goroutines[0]+soakGoroutines {
		t.Errorf("the goroutines grew from %d to %d", goroutines[0], goroutines[2])
	}
}

// crawlHere runs a scheduler and a worker in this process, as their commands do, and gives the function that stops them.
func (f *fleet) crawlHere() (stop func()) {
	t := f.t
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.Load("", f.env)
	must(err)
	sites, err := wire.ReadSites(cfg, zap.NewNop())
	must(err)
	log := zap.NewNop()
	ctx, cancel := context.WithCancel(t.Context())
	health, err := wire.Health(cfg) // nowhere
	must(err)
	st, err := wire.AwaitStore(ctx, cfg, "soak", health, log)
	must(err)
	stopBuilding, err := wire.MakeSchema(ctx, st, health, log, true)
	must(err)
	front, nc, err := wire.OpenFrontier(ctx, cfg, "soak", health, log)
	must(err)
	fetchCfg, err := wire.Fetch(cfg)
	must(err)
	client, err := fetch.New(fetchCfg, log)
	must(err)
	committer := store.NewCommitter(st, wire.Committer(cfg))
	s := scheduler.New(wire.Scheduler(cfg), st, front, sites.Current(), log)
	_, err = s.Seed(ctx)
	must(err)
	w := worker.New(wire.Worker(cfg, "soak"), worker.Deps{
		Frontier: front, Fetch: client, Store: st, Committer: committer, Profiles: st, Rhythms: st, Sites: sites.Current(), Log: log,
	})
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("scheduler: %v", err)
		}
	})
	running.Go(func() {
		if err := w.Run(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("worker: %v", err)
		}
	})
	return func() {
		cancel()
		running.Wait()
		committer.Stop()
		front.Close()
		nc.Close()
		client.Close()
		stopBuilding()
		wire.CloseStore(st, log)
	}
}
