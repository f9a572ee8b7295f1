//go:build unix

package cluster

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/embedded/disktest"
)

var (
	chaosMinutes = flag.Float64("chaos.minutes", 0, "how long new crawls are begun that have faults made to them; one is at least")
	chaosSeed    = flag.Uint64("chaos.seed", 0, "of the faults; 0: another one each time")
)

const (
	chaosDelay = time.Second // between two requests to a host
	// chaosSites is more than the workers' slots together, so that no worker can hold all lanes.
	chaosSites   = 14
	chaosWorkers = 3
	chaosSlots   = 4
	// A site has four sections of so many articles, and about ownPages pages beside these: listings, feeds, sitemaps, traps.
	// So a crawl without faults takes half a minute, which is what FerretDB's writers, one at a time, keep up with.
	perSection = 3
	ownPages   = 10
	diskSize   = 128 // MiB, of a file system to be filled: what the servers need here is a tenth
)

// chaos is a fleet that faults happen to. Each follows some answers of the web, and what ends it is an event too.
type chaos struct {
	*fleet
	*witness
	*tally
	workers   []*member
	scheduler *member
}

// tally is what came of all crawls of a test.
type tally struct {
	random *rand.Rand

	happened                                       map[string]int // by fault
	faults, pages, requests, articles, lost, twice int
	broken                                         int
	silence                                        time.Duration
}

// inChaos has crawls happen for as long as the flag says, and tells what came of them.
func inChaos(t *testing.T, crawl func(*testing.T, *tally)) {
	t.Helper()
	if proctest.RaceDetector && *chaosMinutes == 0 {
		t.Skip("takes minutes under the race detector, which the other tests of the processes run under too: give -chaos.minutes")
	}
	seed := *chaosSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-chaos.seed %d -chaos.minutes %g", seed, *chaosMinutes)
	all := &tally{random: rand.New(rand.NewPCG(seed, 0)), happened: map[string]int{}}
	began, crawls := time.Now(), 0
	for !t.Failed() && (crawls == 0 || time.Since(began).Minutes() < *chaosMinutes) {
		crawls++
		t.Run(fmt.Sprintf("crawl %d", crawls), func(t *testing.T) { crawl(t, all) })
	}
	for _, name := range slices.Sorted(maps.Keys(all.happened)) {
		t.Logf("%3d %s", all.happened[name], name)
	}
	t.Logf("| minutes | crawls | faults | pages | articles | lost | doubled | pace broken | fetched again | longest silence |")
	t.Logf("| %.1f | %d | %d | %d | %d | %d | %d | %d | %.1f %% | %.1f s |", time.Since(began).Minutes(), crawls, all.faults, all.pages, all.articles,
		all.lost, all.twice, all.broken, 100*float64(all.requests-all.pages)/float64(max(all.pages, 1)), all.silence.Seconds())
}

// next chooses one of the faults that have happened least. The first of them is the first to happen: a short test has few.
func (a *tally) next(faults []fault) fault {
	if a.faults == 0 {
		return faults[0]
	}
	least := slices.MinFunc(faults, func(x, y fault) int { return a.happened[x.name] - a.happened[y.name] })
	for {
		if f := faults[a.random.IntN(len(faults))]; a.happened[f.name] == a.happened[least.name] {
			return f
		}
	}
}

// member is a process of the fleet, with ways to the servers of its own.
type member struct {
	*proctest.Process
	agent string
	nats  []*link // one to each server
	mongo *link
	start func() *proctest.Process
}

// fault is one kind of mishap.
type fault struct {
	name   string
	happen func()
}

// newChaos starts a fleet.
func newChaos(t *testing.T, all *tally, nats *proctest.NATS, mongo *proctest.Mongo, settings ...string) *chaos {
	t.Helper()
	f := newFleetOn(t, nats, mongo, demosite.Config{Sites: chaosSites, PerSection: perSection}, append([]string{
		"KHABAR_POLITENESS_DELAY=" + chaosDelay.String(), "KHABAR_WORKER_SLOTS=" + strconv.Itoa(chaosSlots),
		// Short, so that what is lost is soon found; long enough for a heartbeat on a busy machine.
		"KHABAR_NATS_ACK_WAIT=3s", "KHABAR_NATS_REQUEST_TIMEOUT=500ms", "KHABAR_MONGO_CONNECT_TIMEOUT=2s",
		"KHABAR_REVISIT_RETRY_BASE=200ms",
		"KHABAR_SCHEDULER_LEASE=20s",    // most pages wait in the frontier no longer
		"KHABAR_WORKER_MAX_STRIKES=100", // giving up a page that takes workers down is not what is tested
	}, settings...)...)
	c := &chaos{fleet: f, witness: newWitness(chaosDelay), tally: all}
	f.before, f.after = c.begin, c.end
	c.scheduler = c.join("scheduler", f.scheduler)
	for i := range chaosWorkers {
		name := "worker-" + strconv.Itoa(i)
		m := c.join(name, func(settings ...string) *proctest.Process { return f.worker(name, settings...) })
		m.agent = agent(name)
		c.workers = append(c.workers, m)
	}
	return c
}

// join starts a process that reaches the servers by links.
func (c *chaos) join(name string, start func(settings ...string) *proctest.Process) *member {
	c.t.Helper()
	m := &member{}
	var urls []string
	for server := range strings.SplitSeq(c.nats.URL, ",") {
		l := newLink(c.t, strings.TrimPrefix(server, "nats://"))
		m.nats, urls = append(m.nats, l), append(urls, "nats://"+l.addr)
	}
	u, err := url.Parse(c.mongo.URI)
	if err != nil {
		c.t.Fatal(err)
	}
	m.mongo = newLink(c.t, u.Host)
	u.Host = m.mongo.addr
	lives := 0
	m.start = func() *proctest.Process {
		p := start("KHABAR_NATS_URL="+strings.Join(urls, ","), "KHABAR_MONGO_URI="+u.String())
		lives++
		lives := lives
		path := filepath.Join(c.t.ArtifactDir(), fmt.Sprintf("%s.%d.log", name, lives)) // go test -artifacts keeps them
		c.t.Cleanup(func() {
			if err := os.WriteFile(path, []byte(p.Log()), 0o600); err != nil {
				c.t.Error(err)
			}
			if c.t.Failed() { // a fault that comes once in many runs is to be understood from that one
				lines := strings.SplitAfter(p.Log(), "\n")
				c.t.Logf("the last words of %s.%d:\n%s", name, lives, strings.Join(lines[max(len(lines)-lastWords, 0):], ""))
			}
		})
		return p
	}
	m.Process = m.start()
	return m
}

// lastWords is how many lines of a process's log are shown where a test failed: what it did in its last seconds, or why it did nothing.
const lastWords = 40

func (m *member) restart() { m.Process = m.start() }

// expected is about how many pages a site has.
const expected = 4*perSection + ownPages

// run has faults happen, one after another, until three quarters of the crawl are done, and then compares what is stored
// with the web. What is left of the crawl is there for the last of them to happen to. A fault that the crawl is over before is
// undone, and not counted: whether it happened to anything is not known.
func (c *chaos) run(faults ...fault) {
	t := c.t
	t.Helper()
	began := time.Now()
	for c.pagesSeen() < chaosSites*expected*3/4 {
		c.awaitAnswers(1 + c.random.IntN(3*chaosSites))
		f := c.next(faults)
		t.Logf("%6.1f s, %4d pages: %s", time.Since(began).Seconds(), c.pagesSeen(), f.name)
		f.happen()
		if c.over() {
			t.Logf("%6.1f s, %4d pages: the crawl was over first", time.Since(began).Seconds(), c.pagesSeen())
			break
		}
		c.happened[f.name]++
		c.faults++
	}
	c.comes("the end of the crawl", func() bool { return false }) // however long that takes
	c.drained()
	lost, doubled := c.stored()
	w, all := c.witness, c.tally
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range w.broken {
		t.Errorf("pace broken: %s", b)
	}
	all.pages, all.requests, all.articles = all.pages+w.pages, all.requests+w.requests, all.articles+len(c.web.Articles())
	all.lost, all.twice, all.broken, all.silence = all.lost+lost, all.twice+doubled, all.broken+len(w.broken), max(all.silence, w.silence)
}

func (c *chaos) anyWorker() *member { return c.workers[c.random.IntN(len(c.workers))] }

// some is a number of answers that a fault lasts.
func (c *chaos) some() int { return 1 + c.random.IntN(10) }

// said waits until any process has written the text since happen was called, or the crawl is over.
func (c *chaos) said(text string, happen func()) {
	c.t.Helper()
	marks := map[*member]int{}
	for _, m := range append(c.workers[:len(c.workers):len(c.workers)], c.scheduler) {
		marks[m] = m.Mark()
	}
	happen()
	c.comes(fmt.Sprintf("a process to write %q", text), func() bool {
		for m, mark := range marks {
			if strings.Contains(m.LogSince(mark), text) {
				return true
			}
		}
		return false
	})
}

// lapse has something happen to a worker while it makes a request, and undoes it when another worker asks the same host,
// for which the first one's lease must have ended. Neither need come: others may make the requests that are left, and of a
// worker that is only cut off the page in hand may have been the host's last. So hosts that have little left to be asked for
// are let be, and the end of the crawl ends both waits.
func (c *chaos) lapse(w *member, happen, undo func()) {
	c.t.Helper()
	first := c.catch(func(agent, host string) bool { return agent == w.agent && c.hosts[host].pages < expected*9/10 }, happen)
	c.comes("a request of "+w.agent, first.sprang)
	if c.release(first) {
		return
	}
	defer undo()
	next := c.catch(func(agent, host string) bool { return agent != w.agent && host == first.host }, nil)
	c.comes("another worker to ask "+first.host, next.sprang)
	c.release(next)
}

// memberFaults are the same whatever the servers are.
func (c *chaos) memberFaults() []fault {
	return []fault{
		{"worker killed", func() {
			w := c.anyWorker()
			w.Kill()
			c.awaitAnswers(c.some())
			w.restart()
		}},
		{"scheduler killed", func() {
			c.scheduler.Kill()
			c.scheduler.restart()
		}},
		{"worker stopped past its lease", func() {
			w := c.anyWorker()
			c.lapse(w, func() { w.Signal(c.t, syscall.SIGSTOP) }, func() { w.Signal(c.t, syscall.SIGCONT) })
		}},
		{"worker cut off from NATS past its lease", func() {
			w := c.anyWorker()
			c.lapse(w, w.all((*link).sever), w.all((*link).mend))
		}},
		{"worker hears nothing of NATS past its lease", func() {
			w := c.anyWorker()
			c.lapse(w, w.all((*link).silence), w.all((*link).speak))
		}},
		{"worker cut off from the store", func() {
			w := c.anyWorker()
			w.mongo.sever()
			defer w.mongo.mend()
			c.awaitAnswers(c.some())
		}},
		{"worker hears nothing of the store", func() {
			w := c.anyWorker()
			w.mongo.silence()
			defer w.mongo.speak()
			c.awaitAnswers(c.some())
		}},
		{"scheduler cut off from NATS", func() {
			c.scheduler.all((*link).sever)()
			c.scheduler.all((*link).mend)()
		}},
	}
}

// all does something to each way to NATS.
func (m *member) all(do func(*link)) func() {
	return func() {
		for _, l := range m.nats {
			do(l)
		}
	}
}

// rollBack ends a server and starts it again with what it had some answers before. The members die for that time: none, or
// all of them.
func (c *chaos) rollBack(s *proctest.Server, members ...*member) {
	c.t.Helper()
	before := c.t.TempDir()
	s.Kill()
	c.copy(before, s.Dir)
	s.Restart()
	c.awaitAnswers(c.some())
	for _, m := range members {
		m.Kill()
	}
	s.Kill()
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, e := range entries { // not the directory, which may be a mount
		if err := os.RemoveAll(filepath.Join(s.Dir, e.Name())); err != nil {
			c.t.Fatal(err)
		}
	}
	c.copy(s.Dir, before)
	s.Restart()
	for _, m := range members {
		m.restart()
	}
}

func (c *chaos) copy(to, from string) {
	c.t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		c.t.Fatal(err)
	}
}

// TestChaos: a crawl by three workers comes to what the web holds, whatever happens to the processes, to one NATS server
// and to the store: each article is stored once, no host is asked twice at once nor before the delay has passed.
func TestChaos(t *testing.T) {
	t.Parallel()
	small := false // whether file systems may be mounted that can be filled
	t.Run("a disk that can be filled", func(t *testing.T) {
		disktest.Mount(t, t.TempDir(), 1)
		small = true
	})
	inChaos(t, func(t *testing.T, all *tally) { chaosOfOne(t, all, small) })
}

func chaosOfOne(t *testing.T, all *tally, small bool) {
	natsDir, mongoDir := t.TempDir(), t.TempDir()
	if small {
		disktest.Mount(t, natsDir, diskSize)
		disktest.Mount(t, mongoDir, diskSize)
	}
	mongo := bin.StartMongoIn(t, mongoDir, proctest.FreePort(t))
	c := newChaos(t, all, bin.StartNATSIn(t, natsDir), mongo)
	server, store := c.nats.Server, c.mongo.Server
	faults := append([]fault{
		{"both servers killed", func() {
			c.said("NATS connection lost", func() {
				server.Kill()
				store.Kill()
			})
			server.Restart()
			store.Restart()
		}},
		{"NATS killed", func() {
			c.said("NATS connection lost", server.Kill)
			server.Restart()
		}},
		{"NATS stopped", func() {
			c.said("JetStream does not answer", func() { server.Signal(t, syscall.SIGSTOP) })
			server.Signal(t, syscall.SIGCONT)
		}},
		{"NATS rolled back", func() { c.rollBack(server) }},
		{"store killed", func() {
			store.Kill()
			store.Restart()
		}},
		// What the store has said to be written is gone then. So nobody may be about to write what follows from it, as the
		// page's state does from its article: whoever restores a backup stops the processes first.
		{"store rolled back", func() { c.rollBack(store, append(c.workers[:len(c.workers):len(c.workers)], c.scheduler)...) }},
	}, c.memberFaults()...)
	if small {
		faults = append(faults,
			fault{"disk of NATS full", func() {
				var room func()
				c.said("JetStream does not answer", func() { room = disktest.Ballast(t, natsDir) })
				room()
				server.Kill() // it stores nothing more until it is started anew
				server.Restart()
			}},
			fault{"disk of the store full", func() {
				var room func()
				c.said("not stored", func() { room = disktest.Ballast(t, mongoDir) })
				room()
			}},
		)
	}
	c.run(faults...)
}

// TestChaosOfCluster: the same where NATS is three servers that replicate, of which the one is killed or stopped that leads
// the stream of tasks, while the crawl goes on, and all three.
func TestChaosOfCluster(t *testing.T) {
	t.Parallel()
	inChaos(t, chaosOfThree)
}

func chaosOfThree(t *testing.T, all *tally) {
	n := bin.StartNATSIn(t, t.TempDir(), t.TempDir(), t.TempDir())
	nc, err := nats.Connect(n.URL, nats.Timeout(time.Minute), nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	proctest.Until(t, "the cluster has no leader", func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, lookFor)
		defer cancel()
		_, err := js.AccountInfo(ctx)
		return err
	})
	c := newChaos(t, all, n, bin.StartMongoIn(t, t.TempDir(), proctest.FreePort(t)), "KHABAR_NATS_REPLICAS=3")
	// leader waits until all replicas have caught up, for without a majority nothing goes on, and gives who leads FRONTIER.
	leader := func() (s *proctest.Server) {
		proctest.Until(t, "the cluster is not whole", func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, lookFor)
			defer cancel()
			for _, name := range []string{"KV_" + n.Prefix + "hosts", n.Prefix + "TURNS", n.Prefix + "FRONTIER"} {
				stream, err := js.Stream(ctx, name)
				if err != nil {
					return err
				}
				info := stream.CachedInfo().Cluster
				if info == nil || info.Leader == "" || len(info.Replicas) != 2 {
					return fmt.Errorf("stream %s has no leader", name)
				}
				for _, r := range info.Replicas {
					if !r.Current || r.Offline {
						return fmt.Errorf("server %s is behind with stream %s", r.Name, name)
					}
				}
				i, err := strconv.Atoi(info.Leader)
				if err != nil {
					return err
				}
				s = n.Nodes[i]
			}
			return nil
		})
		return s
	}
	c.run(append([]fault{
		{"leader killed", func() {
			s := leader()
			s.Kill()
			c.awaitAnswers(c.some())
			s.Restart()
		}},
		{"leader stopped", func() {
			s := leader()
			s.Signal(t, syscall.SIGSTOP)
			defer s.Signal(t, syscall.SIGCONT)
			c.awaitAnswers(c.some())
		}},
		{"all three killed", func() {
			c.said("NATS connection lost", func() {
				for _, s := range n.Nodes {
					s.Kill()
				}
			})
			for _, s := range n.Nodes {
				s.Restart()
			}
		}},
	}, c.memberFaults()...)...)
}

// TestWaitsEnd: what chaos waits for need not come once the crawl is over, and is waited for no longer.
func TestWaitsEnd(t *testing.T) {
	f := newFleet(t, demosite.Config{Sites: 1, PerSection: 1})
	c := &chaos{fleet: f, witness: newWitness(0)}
	c.scheduler = &member{Process: f.scheduler()}
	c.workers = []*member{{Process: f.worker("worker"), agent: agent("worker")}}
	c.drained()
	c.awaitAnswers(1)
	c.said("never written", func() {})
	never := func() { t.Error("a worker that asks for nothing was caught") }
	c.lapse(c.workers[0], never, never)
	if n := len(c.traps); n > 0 {
		t.Errorf("%d traps are left", n)
	}
}
