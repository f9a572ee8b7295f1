package worker

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/khabar-crawler/khabar/pkg/archive"
	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/coverage"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/embedded"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/revisit"
	"github.com/khabar-crawler/khabar/pkg/scheduler"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// pair is a nats-server and a store on directories and ports of their own, so that they can be stopped and come back.
type pair struct {
	dir        string
	nats       *embedded.NATS
	store      *embedded.Store
	natsAddr   string
	natsURL    string
	storeURI   string
	databases  atomic.Int64
	lookClient *mongo.Client
}

// shared serves all tests that do not stop their servers; every world has a database and a frontier of its own.
var shared = &pair{}

func (p *pair) start(ctx context.Context) (err error) {
	if err = p.startNATS(ctx); err == nil {
		err = p.startStore(ctx)
	}
	if err == nil {
		p.lookClient, err = mongo.Connect(options.Client().ApplyURI(p.storeURI))
	}
	return err
}

func (p *pair) startNATS(ctx context.Context) (err error) {
	if p.nats, err = embedded.StartNATS(ctx, embedded.NATSConfig{Dir: p.dir + "/nats", Addr: p.natsAddr}); err == nil {
		p.natsURL, p.natsAddr = p.nats.URL(), p.nats.Addr()
	}
	return err
}

func (p *pair) startStore(ctx context.Context) (err error) {
	if p.store, err = embedded.StartStore(ctx, embedded.StoreConfig{Dir: p.dir + "/store"}); err == nil {
		p.storeURI = p.store.URI()
	}
	return err
}

func (p *pair) stop() {
	if p.lookClient != nil {
		_ = p.lookClient.Disconnect(context.Background())
	}
	p.store.Stop()
	p.nats.Stop()
}

// served stops the shared servers between the last test and the search for leaks.
type served struct{ m *testing.M }

func (s served) Run() int {
	defer os.RemoveAll(shared.dir)
	defer shared.stop()
	return s.m.Run()
}

func TestMain(m *testing.M) {
	if description := os.Getenv(childVariable); description != "" {
		if err := runChild(description); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	dir, err := os.MkdirTemp("", "khabar-worker-")
	if err == nil {
		shared.dir = dir
		err = shared.start(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(served{m})
}

// world is a web, the servers and what is configured: all that outlives a process.
type world struct {
	t        *testing.T
	servers  *pair
	name     string // of the database, and the frontier's prefix
	proxy    string
	sites    []*site.Site
	worker   Config
	schedule scheduler.Config
	frontier frontier.Config
	log      *zap.Logger
	// unlearning workers learn nothing of the sites' templates.
	unlearning bool
	// storeURI is how processes reach the store; "" for the servers' own.
	storeURI string
	// kept is the directory of the archive; "" for none.
	kept string
}

func newWorld(t *testing.T, servers *pair, proxy string, sites ...*site.Site) *world {
	w := &world{
		t: t, servers: servers, name: fmt.Sprintf("world%d", servers.databases.Add(1)), proxy: proxy, sites: sites,
		worker: Default(), schedule: scheduler.Default(),
		log: zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel)),
	}
	w.worker.Slots = 4
	w.worker.Policy = quick()
	w.schedule.Interval, w.schedule.Once = 50*time.Millisecond, true
	w.frontier = frontier.Config{Prefix: w.name, Storage: jetstream.MemoryStorage} // with the usual AckWait: a busy machine loses no turn
	return w
}

// quick is the usual policy with failures forgotten soon.
func quick() revisit.Policy {
	p := revisit.Default()
	p.RetryBase, p.HostBase, p.HostDown = 20*time.Millisecond, 20*time.Millisecond, 100*time.Millisecond
	return p
}

// demoWorld is a world with a small demo web.
func demoWorld(t *testing.T, cfg demosite.Config) (*world, *demosite.Server) {
	t.Helper()
	web, err := demosite.Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = web.Close() })
	var sites []*site.Site
	for _, d := range web.Sites() {
		sites = append(sites, homeSite(t, d.Home))
	}
	return newWorld(t, shared, web.ProxyURL(), sites...), web
}

// homeSite is a site without delay.
func homeSite(t *testing.T, home string) *site.Site {
	t.Helper()
	s, err := site.FromHome(home)
	if err != nil {
		t.Fatal(err)
	}
	s.SetDefaultDelay(0)
	return s
}

// process is what a worker process holds. kill ends it as a kill would: nothing is given back, stored or said any more.
type process struct {
	*world
	nc        *nats.Conn
	front     *frontier.Frontier
	store     *store.Store
	committer *store.Committer
	fetch     *fetch.Client
	archive   *archive.Writer
	worker    *Worker
	seen      chan Event

	stop context.CancelFunc
	done chan struct{} // closed when the worker has ended
	err  error         // of Run

	mu   sync.Mutex
	dead bool
	tap  func(point string, url string) bool // true: die here
}

// start makes a process. Its worker runs when go is called.
func (w *world) start(tap func(point, url string) bool) *process {
	w.t.Helper()
	ctx := context.Background()
	p := &process{world: w, tap: tap, seen: make(chan Event, 10_000), done: make(chan struct{})}
	var err error
	check := func(err error) {
		if err != nil {
			w.t.Helper()
			w.t.Fatal(err)
		}
	}
	p.nc, err = nats.Connect(w.servers.natsURL, nats.Timeout(longest),
		nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond), nats.ReconnectJitter(0, 0))
	check(err)
	js, err := jetstream.New(p.nc)
	check(err)
	p.front, err = frontier.Open(ctx, js, w.frontier, w.log)
	check(err)
	p.store, err = store.Open(ctx, store.Config{URI: cmp.Or(w.storeURI, w.servers.storeURI), Database: w.name, ConnectTimeout: longest}, w.log)
	check(err)
	check(w.servers.store.Tune(ctx))
	p.committer = store.NewCommitter(p.store, store.CommitterConfig{})
	p.fetch, err = fetch.New(fetch.Config{ProxyURL: w.proxy, AllowPrivate: true}, w.log)
	check(err)
	deps := Deps{
		Frontier: tapped{p}, Fetch: tapped{p}, Store: tapped{p}, Committer: tapped{p}, Profiles: tapped{p}, Sites: site.NewCurrent(w.sites...), Log: w.log,
		Observe: func(e Event) { p.at("done", e.Page.URL); p.seen <- e },
	}
	if w.kept != "" {
		p.archive, err = archive.New(archive.Config{Dir: w.kept}, w.log)
		check(err)
		deps.Archive = tapped{p}
	}
	if w.unlearning {
		deps.Profiles = nil
	}
	p.worker = New(w.worker, deps)
	w.t.Cleanup(p.end)
	return p
}

// run starts the worker.
func (p *process) run() *process {
	ctx, stop := context.WithCancel(context.Background())
	p.mu.Lock()
	p.stop = stop
	p.mu.Unlock()
	go func() {
		defer close(p.done)
		p.err = p.worker.Run(ctx)
	}()
	return p
}

// end stops the worker as SIGTERM does, and takes the process down.
func (p *process) end() {
	if p.stop != nil {
		p.stop()
		<-p.done
	}
	p.front.Close()
	p.nc.Close()
	p.committer.Stop()
	if p.archive != nil {
		p.archive.Close()
	}
	_ = p.store.Close(context.Background())
	p.fetch.Close()
}

// kill is the process's death. It returns at once.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return
	}
	p.dead = true
	p.nc.Close()
	p.stop()
}

// errKilled is what the effects of a dead process answer: nothing tries them again.
var errKilled = fmt.Errorf("killed: %w", store.ErrClosed)

// at is a step of the worker: the process may be dead, or die here.
func (p *process) at(point, url string) error {
	p.mu.Lock()
	dead := p.dead
	p.mu.Unlock()
	if !dead && p.tap != nil && p.tap(point, url) {
		p.kill()
		dead = true
	}
	if dead {
		return errKilled
	}
	return nil
}

// around runs an effect between two steps.
func around[T any](p *process, name, url string, f func() (T, error)) (T, error) {
	var zero T
	if err := p.at("before "+name, url); err != nil {
		return zero, err
	}
	v, err := f()
	if dead := p.at("after "+name, url); dead != nil {
		return zero, dead
	}
	return v, err
}

// tapped is a process's effects, each between two steps.
type tapped struct{ p *process }

func (t tapped) Take(ctx context.Context) (*frontier.Turn, error) { return t.p.front.Take(ctx) }

func (t tapped) Put(ctx context.Context, tasks []frontier.Task) (frontier.PutReport, error) {
	return around(t.p, "put", tasks[0].URL, func() (frontier.PutReport, error) { return t.p.front.Put(ctx, tasks) })
}

func (t tapped) Room(ctx context.Context, lanes []string) ([]frontier.Room, error) {
	return t.p.front.Room(ctx, lanes)
}

func (t tapped) Withdraw(ctx context.Context, tasks []frontier.Task) error {
	_, err := around(t.p, "withdraw", tasks[0].URL, func() (struct{}, error) { return struct{}{}, t.p.front.Withdraw(ctx, tasks) })
	return err
}

func (t tapped) Backfill(ctx context.Context, id string) (store.Backfill, error) {
	return t.p.store.Backfill(ctx, id)
}

func (t tapped) HasBackfill(ctx context.Context, site string) (bool, error) {
	return t.p.store.HasBackfill(ctx, site)
}

func (t tapped) MarkBackfill(ctx context.Context, backfill string, ids []string) error {
	_, err := around(t.p, "mark", backfill, func() (struct{}, error) { return struct{}{}, t.p.store.MarkBackfill(ctx, backfill, ids) })
	return err
}

func (t tapped) PublishedAt(ctx context.Context, articles []string) (map[string]time.Time, error) {
	return t.p.store.PublishedAt(ctx, articles)
}

func (t tapped) Fetch(ctx context.Context, r fetch.Request) fetch.Response {
	res, err := around(t.p, "fetch", r.URL, func() (fetch.Response, error) { return t.p.fetch.Fetch(ctx, r), nil })
	if err != nil {
		return fetch.Response{Outcome: outcome.Canceled, Err: err}
	}
	return res
}

func (t tapped) Pack(c archive.Capture) (archive.Record, error) { return t.p.archive.Pack(c) }

func (t tapped) Append(ctx context.Context, r archive.Record) (archive.Place, error) {
	return around(t.p, "keep", r.URL(), func() (archive.Place, error) { return t.p.archive.Append(ctx, r) })
}

func (t tapped) Forget(pages ...string) error { return t.p.archive.Forget(pages...) }

func (t tapped) Page(ctx context.Context, id string) (store.Page, error) {
	return around(t.p, "page", id, func() (store.Page, error) { return t.p.store.Page(ctx, id) })
}

func (t tapped) Pages(ctx context.Context, ids []string) (map[string]store.Page, error) {
	return t.p.store.Pages(ctx, ids)
}

func (t tapped) SetAside(ctx context.Context, id string, why error) error {
	return t.p.store.SetAside(ctx, id, why)
}

func (t tapped) SettleGaps(ctx context.Context, id string, why coverage.Why, at time.Time) (int, error) {
	return around(t.p, "settle", id, func() (int, error) { return t.p.store.SettleGaps(ctx, id, why, at) })
}

func (t tapped) Claim(ctx context.Context, pages []store.Page, until time.Time) ([]store.Page, error) {
	return around(t.p, "claim", pages[0].URL, func() ([]store.Page, error) { return t.p.store.Claim(ctx, pages, until) })
}

func (t tapped) Hold(ctx context.Context, pages []store.Page, now time.Time) (int, error) {
	return around(t.p, "hold", pages[0].URL, func() (int, error) { return t.p.store.Hold(ctx, pages, now) })
}

func (t tapped) Tell(ctx context.Context, pages []store.Page) (int, error) {
	return around(t.p, "tell", pages[0].URL, func() (int, error) { return t.p.store.Tell(ctx, pages) })
}

func (t tapped) EnsurePages(ctx context.Context, pages []store.Page) (created []string, refused []store.Refusal, err error) {
	created, err = around(t.p, "ensure", pages[0].URL, func() (ids []string, err error) {
		ids, refused, err = t.p.store.EnsurePages(ctx, pages)
		return ids, err
	})
	return created, refused, err
}

func (t tapped) Commit(ctx context.Context, e ...store.Effect) ([]store.EffectResult, error) {
	return around(t.p, "commit", e[0].Page.URL, func() ([]store.EffectResult, error) { return t.p.committer.Commit(ctx, e...) })
}

// seed runs a scheduler on the process's connections until stop is called.
func (p *process) seed() (s *scheduler.Scheduler, stop func()) {
	p.t.Helper()
	cfg := p.schedule
	cfg.Spent = p.worker.Spent
	s = scheduler.New(cfg, p.store, p.front, site.NewCurrent(p.sites...), p.log)
	if _, err := s.Seed(context.Background()); err != nil {
		p.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	var once sync.Once
	stop = func() { once.Do(func() { cancel(); <-done }) }
	p.t.Cleanup(stop)
	return s, stop
}

// drained waits until nothing is left to be fetched.
func (w *world) drained(p *process) {
	w.t.Helper()
	w.eventually(p.isDrained)
}

func (p *process) isDrained(ctx context.Context) bool {
	if depth, err := p.front.Depth(ctx); err != nil || depth.Tasks > 0 {
		return false
	}
	left, err := p.store.Outstanding(ctx, store.OutstandingQuery{}) // costs a scan
	return err == nil && left == 0
}

// longest bounds what only elapses where a test fails: the slowest is a crawl on a machine with twenty other things to
// do, under the race detector.
const longest = 5 * time.Minute

// eventually waits for what must come to be. It looks again after four times what a look took, for on a busy machine
// looking is what keeps the others from their work.
func (w *world) eventually(f func(context.Context) bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	for {
		began := time.Now()
		if f(ctx) {
			return
		}
		again := time.NewTimer(max(50*time.Millisecond, 4*time.Since(began)))
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			for _, p := range w.pages() {
				if p.Status != store.StatusDone {
					w.t.Logf("%s %s %s %s %s", p.URL, p.Status, p.Outcome, p.Reason, p.LastError)
				}
			}
			w.t.Fatal("did not come to be")
		}
	}
}

func all[T any](w *world, collection string) []T {
	w.t.Helper()
	cur, err := w.servers.lookClient.Database(w.name).Collection(collection).Find(context.Background(), struct{}{})
	if err != nil {
		w.t.Fatal(err)
	}
	var docs []T
	if err := cur.All(context.Background(), &docs); err != nil {
		w.t.Fatal(err)
	}
	return docs
}

// pages are all pages by URL.
func (w *world) pages() map[string]store.Page {
	w.t.Helper()
	m := make(map[string]store.Page)
	for _, p := range all[store.Page](w, "pages") {
		m[p.URL] = p
	}
	return m
}

// articles are all articles by canonical URL.
func (w *world) articles() map[string]article.Article {
	w.t.Helper()
	m := make(map[string]article.Article)
	for _, a := range all[article.Article](w, "articles") {
		m[a.CanonicalURL] = a
	}
	return m
}

// crawl crawls the world with one process until nothing is left.
func (w *world) crawl() *process {
	w.t.Helper()
	p := w.start(nil)
	_, stop := p.seed()
	p.run()
	w.drained(p)
	stop()
	p.end()
	return p
}

func fetchOf(url string) fetch.Request { return fetch.Request{URL: url} }
