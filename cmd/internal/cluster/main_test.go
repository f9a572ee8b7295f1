package cluster

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

var bin proctest.Binaries

func TestMain(m *testing.M) { proctest.Main(m, &bin, "scheduler", "worker") }

// fleet is a web, the two servers, and whatever processes a test starts on them.
type fleet struct {
	t     *testing.T
	web   *demosite.Web
	nats  *proctest.NATS
	mongo *proctest.Mongo
	store *store.Store // to look at
	env   []string     // of every process

	mu       sync.Mutex
	handler  http.Handler                   // what answers: the web, or what stands before it
	byAgent  map[string]int                 // requests by worker, robots.txt aside
	before   func(*http.Request)            // called before such a request is answered
	after    func(*http.Request, time.Time) // and after, with the time at which the answer's last bytes began to be sent
	replies  int                            // how many of them were answered
	answered chan struct{}                  // has something once there are more
}

// newFleet starts the servers and a web, and writes the configuration: site files, the rest in the environment.
func newFleet(t *testing.T, web demosite.Config, settings ...string) *fleet {
	t.Helper()
	return newFleetOn(t, bin.StartNATS(t), bin.StartMongo(t), web, settings...)
}

func newFleetOn(t *testing.T, nats *proctest.NATS, mongo *proctest.Mongo, web demosite.Config, settings ...string) *fleet {
	t.Helper()
	w, err := demosite.New(web)
	if err != nil {
		t.Fatal(err)
	}
	f := &fleet{t: t, web: w, nats: nats, mongo: mongo, handler: w, byAgent: map[string]int{}, answered: make(chan struct{}, 1)}
	server := httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(server.Close)
	f.env = append(proctest.Environment(t,
		"KHABAR_SITES="+writeSites(t, w),
		"KHABAR_NATS_URL="+f.nats.URL, "KHABAR_NATS_PREFIX="+f.nats.Prefix,
		"KHABAR_MONGO_URI="+f.mongo.URI, "KHABAR_MONGO_DATABASE="+f.mongo.Database,
		"KHABAR_FETCH_PROXY="+server.URL,
		"KHABAR_POLITENESS_DELAY=0s", // taking turns is what is tested
		"KHABAR_SCHEDULER_SPREAD=0s", "KHABAR_SCHEDULER_INTERVAL=100ms",
		"KHABAR_WORKER_SLOTS=2", "KHABAR_WORKER_TURN_WORK=4", // so few that no worker can do it all, and lanes change hands
		"KHABAR_LOG_LEVEL=debug",
	), settings...)
	f.store, err = store.Open(t.Context(), store.Config{URI: f.mongo.URI, Database: f.mongo.Database}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.store.Close(context.Background()) }) // nothing was written
	return f
}

func writeSites(t *testing.T, w *demosite.Web) string {
	dir := t.TempDir()
	for _, s := range w.Sites() {
		content := fmt.Sprintf("id: %s\nname: %q\nhome: %s\nlanguage: %s\ncountry: %s\ntime_zone: %s\n", s.ID, s.Name, s.Home, s.Language, s.Country, s.TimeZone)
		if err := os.WriteFile(filepath.Join(dir, s.ID+".yaml"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// serve answers as the web does, and tells the test.
func (f *fleet) serve(rw http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	handler, before, after := f.handler, f.before, f.after
	if r.URL.Path != "/robots.txt" {
		f.byAgent[r.UserAgent()]++
	}
	f.mu.Unlock()
	if r.URL.Path == "/robots.txt" {
		handler.ServeHTTP(rw, r)
		return
	}
	if before != nil {
		before(r)
	}
	sent := &sender{ResponseWriter: rw, at: time.Now()}
	handler.ServeHTTP(sent, r)
	if after != nil {
		after(r, sent.at)
	}
	f.mu.Lock()
	f.replies++
	f.mu.Unlock()
	select {
	case f.answered <- struct{}{}:
	default: // there is something in it
	}
}

// sender notes when it is written to.
type sender struct {
	http.ResponseWriter
	at time.Time // before the last write
}

func (s *sender) Write(p []byte) (int, error) {
	s.at = time.Now()
	return s.ResponseWriter.Write(p)
}

// onRequest sets what happens before each answer from now on.
func (f *fleet) onRequest(before func(*http.Request)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before = before
}

// answersYet is how many requests have been answered.
func (f *fleet) answersYet() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.replies
}

// awaitAnswers waits until n more requests have been answered, or the crawl is over.
func (f *fleet) awaitAnswers(n int) {
	f.t.Helper()
	end := f.answersYet() + n
	f.comes(fmt.Sprintf("%d more answers", n), func() bool { return f.answersYet() >= end })
}

const (
	// lookEvery is how often comes looks for what is no answer.
	lookEvery = 100 * time.Millisecond
	// overEvery is how often comes asks the store whether the crawl is over: so seldom that the crawl does not feel it.
	overEvery = time.Second
	// overWithin is how long the store may take for that. It takes milliseconds, but for ever where the store is stopped.
	overWithin = 10 * time.Second
)

// comes waits for something that comes for certain as long as there is work, or until the crawl is over: then it need not
// come, as where a slow machine was long in waking the test. What neither comes nor is over stands still, and fails.
func (f *fleet) comes(what string, has func() bool) {
	f.t.Helper()
	patience, look := time.NewTimer(proctest.Patience), time.NewTicker(lookEvery)
	defer patience.Stop()
	defer look.Stop()
	for asked := time.Now(); !has(); {
		select {
		case <-f.answered:
			patience.Reset(proctest.Patience)
		case <-look.C:
		case <-patience.C:
			left, err := f.left()
			f.t.Fatalf("waited for %s: nothing was answered in %v, with %d pages to be fetched (%v)", what, proctest.Patience, left, err)
		}
		if time.Since(asked) < overEvery || has() {
			continue
		}
		if f.over() {
			return
		}
		asked = time.Now()
	}
}

// over says that nothing is left to be fetched. A store that does not answer says nothing.
func (f *fleet) over() bool {
	if f.answersYet() == 0 {
		return false // nor was there anything yet
	}
	left, err := f.left()
	return err == nil && left == 0
}

// left is how many pages are still to be fetched.
func (f *fleet) left() (int64, error) {
	ctx, cancel := context.WithTimeout(f.t.Context(), overWithin)
	defer cancel()
	return f.store.Outstanding(ctx, store.OutstandingQuery{})
}

// asked is how many pages each worker has asked for.
func (f *fleet) asked(worker string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.byAgent[agent(worker)]
}

func agent(worker string) string { return "Mozilla/5.0 (compatible; khabar/1.0; " + worker + ")" }

// scheduler starts a scheduler and waits until it runs.
func (f *fleet) scheduler(settings ...string) *proctest.Process {
	f.t.Helper()
	p := f.startScheduler(settings...)
	p.Await(f.t, `"scheduler runs"`)
	return p
}

func (f *fleet) startScheduler(settings ...string) *proctest.Process {
	f.t.Helper()
	return proctest.Start(f.t, append(f.env[:len(f.env):len(f.env)], settings...), bin.Path("scheduler"))
}

// worker starts a worker that names itself to the web, and waits until it runs.
func (f *fleet) worker(name string, settings ...string) *proctest.Process {
	f.t.Helper()
	p := f.startWorker(name, settings...)
	p.Await(f.t, `"worker runs"`)
	return p
}

func (f *fleet) startWorker(name string, settings ...string) *proctest.Process {
	f.t.Helper()
	env := append(append(f.env[:len(f.env):len(f.env)], "KHABAR_FETCH_USER_AGENT="+agent(name)), settings...)
	return proctest.Start(f.t, env, bin.Path("worker"))
}

// lookFor is how long an answer is waited for that does not come where there is no leader yet.
const lookFor = 2 * time.Second

// drained waits until no page is due or queued, and no task is left.
func (f *fleet) drained() {
	f.t.Helper()
	nc, err := nats.Connect(f.nats.URL, nats.Timeout(time.Minute))
	if err != nil {
		f.t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		f.t.Fatal(err)
	}
	proctest.Until(f.t, "the crawl has not ended", func(ctx context.Context) error {
		left, err := f.store.Outstanding(ctx, store.OutstandingQuery{})
		if err != nil {
			return err
		}
		if left > 0 {
			return fmt.Errorf("%d pages are still to be fetched", left)
		}
		ctx, cancel := context.WithTimeout(ctx, lookFor)
		defer cancel()
		for _, stream := range []string{"FRONTIER", "TURNS"} {
			s, err := js.Stream(ctx, f.nats.Prefix+stream)
			if err != nil {
				return err
			}
			if n := s.CachedInfo().State.Msgs; n > 0 {
				return fmt.Errorf("%d messages are left in %s", n, stream)
			}
		}
		return nil
	})
}

// stored checks that every article is there once and was never revised, and that every page has ended. It counts the articles
// that are not there, and those that are there twice, under another address or as a revision.
func (f *fleet) stored() (lost, doubled int) {
	t, ctx := f.t, f.t.Context()
	t.Helper()
	all := f.web.Articles()
	for _, truth := range all {
		canonical, err := weburl.Canonical(truth.URL)
		if err != nil {
			t.Fatal(err)
		}
		id := weburl.ID(canonical)
		a, err := f.store.Article(ctx, id)
		if err != nil {
			lost++
			p, perr := f.store.Page(ctx, id)
			t.Errorf("article %s: %v; its page: %+v, %v", truth.URL, err, p, perr)
			continue
		}
		if a.Revision != 1 || a.Title != truth.Title {
			t.Errorf("article %s: revision %d, title %q, want %q", truth.URL, a.Revision, a.Title, truth.Title)
		}
		if r, err := f.store.Revisions(ctx, id); err != nil || len(r) > 0 {
			doubled++
			t.Errorf("article %s: revisions %+v, %v", truth.URL, r, err)
		}
	}
	there, err := f.store.CountArticles(ctx, store.ArticleFilter{})
	if err != nil {
		t.Fatal(err)
	}
	if more := int(there) - (len(all) - lost); more > 0 {
		doubled += more
		t.Errorf("%d articles are stored that the web does not have", more)
	}
	counts, err := f.store.Counts(ctx, store.CountQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range counts {
		switch c.Status {
		case store.StatusDone, store.StatusGone, store.StatusExcluded:
		default:
			t.Errorf("%d pages: %+v", c.Count, c)
		}
	}
	return lost, doubled
}

// polite checks that no host was ever asked twice at once, nor for what its robots.txt excludes.
func (f *fleet) polite() {
	f.t.Helper()
	for host, s := range f.web.Stats().Hosts {
		if s.MaxConcurrent != 1 || s.Private > 0 {
			f.t.Errorf("%s: %d requests at once, %d of private pages", host, s.MaxConcurrent, s.Private)
		}
	}
}

// once checks that no page was asked for more often than need be: once, and once more where a redirect leads to it.
func (f *fleet) once(workers int) {
	f.t.Helper()
	for host, s := range f.web.Stats().Hosts {
		again := 0
		for uri, n := range s.Hits {
			switch {
			case uri == "/robots.txt" && n <= workers: // each worker reads it for itself
			case uri != "/robots.txt" && n == 1:
			case n == 2:
				again++
			default:
				f.t.Errorf("%s%s was asked for %d times", host, uri, n)
			}
		}
		if again > 1 {
			f.t.Errorf("%s: %d pages were asked for twice; one is a redirect's target", host, again)
		}
	}
}
