package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// childVariable makes this test binary a worker process, of which it holds the description.
const childVariable = "KHABAR_TEST_WORKER"

// child is a worker process with a page that takes it down.
type child struct {
	World, NATS, Store, Proxy string
	Frontier                  frontier.Config
	Worker                    Config
	Homes                     []string
	Deadly                    string // the page
	Death                     string // one of deaths, or endless
}

// deaths are the ways in which a page can take its process down, none of which can be recovered from.
var deaths = map[string]func(){
	"exit":   func() { os.Exit(3) },
	"memory": func() { keep = make([]byte, math.MaxInt>>16) },                      // more than there are addresses
	"killed": func() { _ = syscall.Kill(os.Getpid(), syscall.SIGKILL); select {} }, // as the kernel does when memory is out
	"stack":  func() { debug.SetMaxStack(1 << 20); keep = deeper(math.MaxInt) },
}

const endless = "endless"

var keep []byte // so that the compiler leaves nothing out

func deeper(n int) []byte {
	if n == 0 {
		return nil
	}
	return append(deeper(n-1), byte(n))
}

// together is how many pages are in hand when the deadly one is read.
const together = 10

// runChild is the process's main function.
func runChild(description string) error {
	var c child
	if err := json.Unmarshal([]byte(description), &c); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log := zap.Must(zap.NewDevelopment())
	nc, err := nats.Connect(c.NATS, nats.Timeout(longest))
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	f, err := frontier.Open(ctx, js, c.Frontier, log)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := store.Open(ctx, store.Config{URI: c.Store, Database: c.World}, log)
	if err != nil {
		return err
	}
	defer st.Close(context.Background())
	committer := store.NewCommitter(st, store.CommitterConfig{})
	defer committer.Stop()
	client, err := fetch.New(fetch.Config{ProxyURL: c.Proxy, AllowPrivate: true}, log)
	if err != nil {
		return err
	}
	defer client.Close()
	var sites []*site.Site
	for _, home := range c.Homes {
		s, err := site.FromHome(home)
		if err != nil {
			return err
		}
		s.SetDefaultDelay(0)
		sites = append(sites, s)
	}
	w := New(c.Worker, Deps{Frontier: f, Fetch: &deadlyFetch{Fetcher: client, child: c}, Store: st, Committer: committer, Sites: site.NewCurrent(sites...), Log: log})
	judge := w.opinion
	w.opinion = func(p store.Page, s *site.Site, res fetch.Response) verdict {
		for c.Death == endless && p.URL == c.Deadly {
			runtime.Gosched()
		}
		return judge(p, s, res)
	}
	return w.Run(ctx)
}

// deadlyFetch fetches slowly what is no article, and dies of one page when as many others as can be are in hand.
type deadlyFetch struct {
	Fetcher
	child
	slow atomic.Int32
}

func (d *deadlyFetch) Fetch(ctx context.Context, r fetch.Request) fetch.Response {
	res := d.Fetcher.Fetch(ctx, r)
	patience := time.After(time.Second)
	if die := deaths[d.Death]; die != nil && r.URL == d.Deadly {
		for waiting := true; waiting && d.slow.Load() < together-1; {
			select {
			case <-patience:
				waiting = false // it is tried alone
			case <-time.After(time.Millisecond):
			}
		}
		die()
	}
	for _, home := range d.Homes {
		if r.URL == home {
			d.slow.Add(1)
			defer d.slow.Add(-1)
			select {
			case <-patience:
			case <-ctx.Done():
			}
		}
	}
	return res
}

// guarded is a crawl by processes that a page takes down, and that are started again whenever they end.
type guarded struct {
	*world
	web    *demosite.Server
	looker *process
	poison string

	mu   sync.Mutex
	ends []string // how processes ended before they were told to
}

func newGuarded(t *testing.T, death string, slots, workers int) *guarded {
	t.Helper()
	w, web := demoWorld(t, demosite.Config{Sites: together, PerSection: 1})
	w.frontier.AckWait = 2 * time.Second // a turn that a living worker loses counts as a death
	w.worker.Slots, w.worker.ReadTimeout = slots, 5*time.Second
	c := child{World: w.name, NATS: w.servers.natsURL, Store: w.servers.storeURI, Proxy: w.proxy, Frontier: w.frontier, Worker: w.worker, Death: death}
	for _, s := range w.sites {
		c.Homes = append(c.Homes, s.Home)
	}
	c.Deadly = w.sites[together/2].Home
	g := &guarded{world: w, web: web, looker: w.start(nil), poison: c.Deadly}
	_, unseed := g.looker.seed()
	description, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var supervisors sync.WaitGroup
	for range workers {
		supervisors.Go(func() { g.supervise(ctx, string(description)) })
	}
	g.eventually(g.looker.isDrained)
	stop()
	supervisors.Wait()
	unseed()
	return g
}

// supervise runs a process, and another one when it has ended, until ctx ends.
func (g *guarded) supervise(ctx context.Context, description string) {
	for ctx.Err() == nil {
		cmd := exec.CommandContext(ctx, os.Args[0])
		cmd.Env = append(os.Environ(), childVariable+"="+description)
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		out, err := cmd.CombinedOutput()
		if ctx.Err() != nil {
			if err != nil && cmd.ProcessState.ExitCode() != 0 {
				g.t.Errorf("told to stop: %v\n%s", err, out)
			}
			return
		}
		g.mu.Lock()
		g.ends = append(g.ends, fmt.Sprint(err))
		g.mu.Unlock()
		g.t.Logf("a worker ended: %v", err)
	}
}

// onlyGuilty checks that one page is given up, to be tried again, and everything else stored.
func (g *guarded) onlyGuilty(reason outcome.Reason) {
	t := g.t
	t.Helper()
	pages := g.pages()
	for url, p := range pages {
		switch {
		case url == g.poison:
			if p.Outcome != outcome.Crash || p.Reason != reason || p.NextAt == nil {
				t.Errorf("the page to blame is %s, %s, %s (%s), due %v", p.Status, p.Outcome, p.Reason, p.LastError, p.NextAt)
			}
		case p.Status == store.StatusDead || p.Outcome == outcome.Crash:
			t.Errorf("%s is innocent, and is %s, %s (%s)", url, p.Status, p.Outcome, p.LastError)
		}
	}
	have, lost := g.articles(), 0
	for _, a := range g.web.Articles() {
		if _, ok := have[a.URL]; !ok && !strings.HasPrefix(a.URL, g.poison) {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d articles of innocent sites are not stored", lost)
	}
}

// TestOneIsGuilty has one of ten home pages that are in hand together take its worker down, time and again.
func TestOneIsGuilty(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		death          string
		slots, workers int
	}{{"memory", together, 1}, {"killed", 1, 1}, {"exit", together, 2}, {"stack", 2, 1}} {
		t.Run(fmt.Sprintf("%s in %d of %d slots", c.death, c.workers, c.slots), func(t *testing.T) {
			t.Parallel()
			g := newGuarded(t, c.death, c.slots, c.workers)
			g.onlyGuilty(outcome.ReasonKilledWorker)
			if want := 1 + g.worker.Strikes; len(g.ends) != want {
				t.Errorf("%d deaths, want %d, once in company and then alone: %q", len(g.ends), want, g.ends)
			}
		})
	}
}

// TestEndlessPage wants a page that is never done with to cost its worker a core at most.
func TestEndlessPage(t *testing.T) {
	t.Parallel()
	newGuarded(t, endless, together, 1).onlyGuilty(outcome.ReasonEndless)
}

// reader is a worker that reads by f and does nothing else.
func reader(f func(store.Page) verdict) *Worker {
	cfg := Default()
	w := New(cfg, Deps{})
	w.opinion = func(p store.Page, _ *site.Site, _ fetch.Response) verdict { return f(p) }
	return w
}

func TestWatched(t *testing.T) {
	for name, c := range map[string]struct {
		takes time.Duration
		given bool // up
	}{
		"in time": {DefaultReadTimeout - time.Second, false}, "too long": {DefaultReadTimeout + time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := reader(func(p store.Page) verdict {
					<-time.After(c.takes)
					return verdict{page: store.Page{ID: p.ID, Status: store.StatusDone}}
				})
				v, err := w.watched(t.Context(), store.Page{ID: "p", Kind: store.KindArticle, DiscoveredAt: time.Now()}, nil, fetch.Response{}, nil)
				if err != nil {
					t.Fatal(err)
				}
				if up := v.page.Status == store.StatusDead && v.page.Reason == outcome.ReasonEndless && v.page.NextAt != nil; up != c.given {
					t.Errorf("given up %v, want %v: %+v", up, c.given, v.page)
				}
				if got := w.stuck.Load() > 0; got != c.given {
					t.Errorf("stuck %v", got)
				}
				<-time.After(2 * time.Second) // until it has been read after all
				synctest.Wait()
				if w.stuck.Load() != 0 || len(w.reading) != 0 {
					t.Errorf("%d stuck and %d places taken when all is read", w.stuck.Load(), len(w.reading))
				}
			})
		})
	}
}

// TestStuck wants a worker with which nothing can be read any more to say so, and a stop to wait for no page.
func TestStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open := make(chan struct{})
		w := reader(func(store.Page) verdict { <-open; return verdict{} })
		var pages sync.WaitGroup
		for range cap(w.reading) {
			if err := w.isStuck(); err != nil {
				t.Error(err)
			}
			pages.Go(func() {
				if _, err := w.watched(t.Context(), store.Page{Kind: store.KindHome}, nil, fetch.Response{}, nil); err != nil {
					t.Error(err)
				}
			})
		}
		pages.Wait()
		if err := w.isStuck(); !errors.Is(err, ErrStuck) {
			t.Errorf("all places are taken for good: %v", err)
		}
		stopped, stop := context.WithCancel(t.Context())
		stop()
		if _, err := w.watched(stopped, store.Page{}, nil, fetch.Response{}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("a page that waits for a place: %v", err)
		}
		close(open)
		synctest.Wait()
		if err := w.isStuck(); err != nil {
			t.Error(err)
		}
	})
}

// TestCompany wants a suspect to be alone, others to go on before and after it, and none to wait for ever.
func TestCompany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slots, pages = 4, 200
		c := newCompany(slots)
		var in, suspects, most atomic.Int32
		work := func(n int) {
			suspect := n%7 == 0
			part, err := c.join(t.Context(), suspect)
			if err != nil {
				t.Error(err)
				return
			}
			now := in.Add(1)
			if suspect && now != 1 || suspects.Load() > 0 {
				t.Errorf("page %d (a suspect: %v) among %d", n, suspect, now)
			}
			most.Store(max(most.Load(), now))
			if suspect {
				suspects.Add(1)
			}
			<-time.After(time.Second)
			if suspect {
				suspects.Add(-1)
			}
			in.Add(-1)
			part()
		}
		next := make(chan int)
		var all sync.WaitGroup
		for range slots {
			all.Go(func() {
				for n := range next {
					work(n)
				}
			})
		}
		for n := range pages {
			next <- n
		}
		close(next)
		all.Wait()
		if most.Load() != slots {
			t.Errorf("at most %d pages at once, want %d", most.Load(), slots)
		}
	})
	c := newCompany(2)
	if _, err := c.join(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.join(gone, true); !errors.Is(err, context.Canceled) {
		t.Errorf("joined with a context that has ended: %v", err)
	}
}
