package scheduler

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
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

	"github.com/khabar-crawler/khabar/pkg/embedded"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// servers are shared by the tests: each has a database and a frontier of its own.
var servers struct {
	nats  *embedded.NATS
	store *embedded.Store
	n     atomic.Int64
}

// served stops the servers between the last test and the search for leaks.
type served struct {
	m   *testing.M
	dir string
}

func (s served) Run() int {
	defer os.RemoveAll(s.dir)
	defer servers.nats.Stop()
	defer servers.store.Stop()
	return s.m.Run()
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "khabar-scheduler-")
	if err == nil {
		servers.nats, err = embedded.StartNATS(context.Background(), embedded.NATSConfig{Dir: dir + "/nats"})
	}
	if err == nil {
		servers.store, err = embedded.StartStore(context.Background(), embedded.StoreConfig{Dir: dir + "/store"})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(served{m, dir})
}

// plant is a database and a frontier.
type plant struct {
	t     *testing.T
	name  string // of the database, and the frontier's prefix
	store *store.Store
	front *frontier.Frontier
	sites []*site.Site
}

func newPlant(t *testing.T, homes ...string) *plant {
	t.Helper()
	name := fmt.Sprintf("plant%d", servers.n.Add(1))
	p := &plant{t: t, name: name}
	nc, err := nats.Connect(servers.nats.URL(), nats.Timeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if p.front, err = frontier.Open(t.Context(), js, frontier.Config{Prefix: name, Storage: jetstream.MemoryStorage}, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.front.Close)
	if p.store, err = store.Open(t.Context(), store.Config{URI: servers.store.URI(), Database: name}, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.store.Close(context.Background()) })
	if err := servers.store.Tune(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, h := range homes {
		s, err := site.FromHome(h)
		if err != nil {
			t.Fatal(err)
		}
		p.sites = append(p.sites, s)
	}
	return p
}

func (p *plant) scheduler(set func(*Config)) *Scheduler {
	cfg := Default()
	cfg.Interval = 10 * time.Millisecond
	if set != nil {
		set(&cfg)
	}
	return New(cfg, p.store, p.front, site.NewCurrent(p.sites...), zap.NewNop())
}

// grow makes n pages of a site that are due since an hour ago.
func (p *plant) grow(n int, s *site.Site, set func(*store.Page)) []store.Page {
	p.t.Helper()
	pages := make([]store.Page, n)
	at := time.Now().Add(-time.Hour)
	for i := range pages {
		url := fmt.Sprintf("%sstory-%d", s.Home, i)
		pages[i] = store.Page{ID: weburl.ID(url), URL: url, Site: s.ID, Kind: store.KindArticle, Lane: s.Lane(url), Priority: 1,
			DiscoveredAt: at, Status: store.StatusDue, NextAt: &at}
		if set != nil {
			set(&pages[i])
		}
	}
	if _, _, err := p.store.EnsurePages(p.t.Context(), pages); err != nil {
		p.t.Fatal(err)
	}
	return pages
}

func (p *plant) tick(s *Scheduler, want int) {
	p.t.Helper()
	if n, err := s.Tick(p.t.Context()); err != nil || n != want {
		p.t.Fatalf("scheduled %d pages, %v; want %d", n, err, want)
	}
}

func (p *plant) pending(want int) {
	p.t.Helper()
	if d, err := p.front.Depth(p.t.Context()); err != nil || d.Tasks != want {
		p.t.Fatalf("%d pending tasks, %v; want %d", d.Tasks, err, want)
	}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/", "http://b.example/")
	p.sites[1].Sections = []site.Section{
		{ID: "feed", URL: "http://b.example/feed", Kind: site.Feed}, {ID: "map", URL: "http://b.example/map.xml", Kind: site.Sitemap},
	}
	s := p.scheduler(func(c *Config) { c.Once = true })
	for _, want := range []int{3, 0} {
		if n, err := s.Seed(t.Context()); err != nil || n != want {
			t.Fatalf("seeded %d, %v; want %d", n, err, want)
		}
	}
	p.tick(s, 3)
	p.tick(s, 0)
	p.pending(3)
	page, err := p.store.Page(t.Context(), weburl.ID("http://a.example/"))
	if err != nil || page.Kind != store.KindHome || page.Status != store.StatusQueued || page.Priority != 0 {
		t.Errorf("home page: %+v, %v", page, err)
	}
}

func TestSeedSpreads(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/", "http://b.example/", "http://c.example/")
	s := p.scheduler(func(c *Config) { c.Spread = time.Hour })
	if _, err := s.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := make(map[time.Time]bool)
	for _, st := range p.sites {
		page, err := p.store.Page(t.Context(), weburl.ID(st.Home))
		if err != nil || page.NextAt.After(time.Now().Add(time.Hour)) {
			t.Fatalf("%+v, %v", page, err)
		}
		seen[*page.NextAt] = true
	}
	if len(seen) != len(p.sites) {
		t.Error("sites are asked at the same instant")
	}
}

// TestSeedAdopts has a section configured whose address was taken for an article before.
func TestSeedAdopts(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/")
	url := p.grow(1, p.sites[0], func(pg *store.Page) { pg.Status, pg.NextAt, pg.Outcome = store.StatusDone, nil, "not_article" })[0].URL
	p.sites[0].Sections = []site.Section{{ID: "world", URL: url, Kind: site.Listing}}
	s := p.scheduler(func(c *Config) { c.Spread = 0 })
	for _, want := range []int{1, 0} {
		if n, err := s.Seed(t.Context()); err != nil || n != want {
			t.Fatalf("seeded %d, %v; want %d", n, err, want)
		}
	}
	page, err := p.store.Page(t.Context(), weburl.ID(url))
	if err != nil || page.Kind != store.KindListing || page.Section != "world" || page.Status != store.StatusDue || page.NextAt == nil {
		t.Errorf("%+v, %v", page, err)
	}
	p.tick(s, 1)
}

func TestTwoSchedulers(t *testing.T) {
	t.Parallel()
	const n = 100
	p := newPlant(t, "http://a.example/")
	p.grow(n, p.sites[0], nil)
	var total atomic.Int64
	var both sync.WaitGroup
	for range 2 {
		s := p.scheduler(func(c *Config) { c.Batch = 10 })
		both.Go(func() {
			for {
				k, err := s.Tick(context.Background())
				if err != nil {
					t.Error(err)
					return
				}
				if total.Add(int64(k)); k == 0 && total.Load() >= n {
					return
				}
			}
		})
	}
	both.Wait()
	if total.Load() != n {
		t.Errorf("%d claims of %d pages", total.Load(), n)
	}
	p.pending(n)
}

// TestLease has a task get lost, and one be still pending, when the lease ends.
func TestLease(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/")
	s := p.scheduler(func(c *Config) { c.Lease = -time.Second }) // has ended when it begins
	p.grow(2, p.sites[0], nil)
	p.tick(s, 2)
	turn, err := p.front.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	task, err := turn.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := turn.Done(t.Context(), task); err != nil { // lost: nothing was stored
		t.Fatal(err)
	}
	if err := turn.Release(t.Context(), time.Time{}, 0); err != nil {
		t.Fatal(err)
	}
	p.pending(1)
	p.tick(s, 2)
	p.pending(2)
}

func TestLeaseGrows(t *testing.T) {
	now := time.Now()
	s := New(Default(), nil, nil, site.NewCurrent(), zap.NewNop())
	ago := func(d time.Duration) *time.Time { at := now.Add(-d); return &at }
	for _, c := range []struct {
		page store.Page
		want time.Duration
	}{
		{store.Page{Status: store.StatusDue, DiscoveredAt: *ago(time.Hour)}, s.cfg.Lease},
		{store.Page{Status: store.StatusDone, DiscoveredAt: *ago(time.Hour)}, s.cfg.Lease},
		{store.Page{Status: store.StatusQueued, DiscoveredAt: *ago(s.cfg.Lease)}, s.cfg.Lease},
		{store.Page{Status: store.StatusQueued, DiscoveredAt: *ago(3 * s.cfg.Lease)}, 4 * s.cfg.Lease},
		{store.Page{Status: store.StatusQueued, DiscoveredAt: *ago(1000 * time.Hour), FetchedAt: ago(3 * s.cfg.Lease)}, 4 * s.cfg.Lease},
	} {
		if got := s.lease(c.page, now); got != c.want {
			t.Errorf("%+v: %v, want %v", c.page, got, c.want)
		}
	}
	if got := s.lease(store.Page{Status: store.StatusQueued}, now); got < maxLease || got >= 2*maxLease {
		t.Errorf("the longest lease is %v", got)
	}
}

func TestMaxDepth(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/")
	p.grow(10, p.sites[0], nil)
	s := p.scheduler(func(c *Config) { c.MaxDepth = 4 })
	p.tick(s, 4)
	p.tick(s, 0)
	p.pending(4)
	left, err := p.store.Due(t.Context(), store.DueQuery{Now: time.Now()})
	if err != nil || len(left) != 6 {
		t.Errorf("%d pages wait in the store, %v; want 6", len(left), err)
	}
}

// TestOnce has a run that ends visit what was due when it began, whatever its status, and of what has become due since only
// what is new or to be tried again.
func TestOnce(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/")
	statuses := []store.Status{store.StatusDue, store.StatusQueued, store.StatusDone, store.StatusGone, store.StatusExcluded, store.StatusDead}
	i := 0
	p.grow(len(statuses), p.sites[0], func(pg *store.Page) { pg.Status = statuses[i]; i++ })
	s := p.scheduler(func(c *Config) { c.Once = true })
	began := s.began
	s.began = began.Add(-2 * time.Hour) // before they were due
	if n, err := s.Left(t.Context()); err != nil || n != 2 {
		t.Errorf("%d pages are left, %v; want 2", n, err)
	}
	p.tick(s, 2)
	s.began = began
	if n, err := s.Left(t.Context()); err != nil || n != 6 {
		t.Errorf("%d pages are left, %v; want 6", n, err)
	}
	p.tick(s, 4)
}

// TestPatience has pages wait to be tried again, one of them for longer than a run that ends does.
func TestPatience(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/")
	i := 0
	p.grow(3, p.sites[0], func(pg *store.Page) {
		at := time.Now().Add([]time.Duration{time.Minute, patience - time.Minute, patience + time.Hour}[i])
		pg.NextAt, pg.Attempts, i = &at, 1, i+1
	})
	for _, tc := range []struct {
		once bool
		left int64
	}{{true, 2}, {false, 3}} {
		s := p.scheduler(func(c *Config) { c.Once = tc.once })
		left, err := s.Left(t.Context())
		later, lerr := s.Later(t.Context())
		if err != nil || lerr != nil || left != tc.left || later != 3 {
			t.Errorf("once %v: %d left, %v; %d later, %v", tc.once, left, err, later, lerr)
		}
	}
}

// TestNamed names a page alone that was dealt with: it is due now, as if it had never been fetched, and of its site nothing
// else but what the run finds.
func TestNamed(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/", "http://b.example/")
	later := time.Now().Add(time.Hour)
	pages := p.grow(3, p.sites[0], func(pg *store.Page) {
		pg.Status, pg.NextAt, pg.Attempts, pg.ArticleID = store.StatusDone, &later, 3, pg.ID
		pg.HTTP = &store.HTTP{Status: 200, ETag: "e"}
	})
	p.grow(2, p.sites[1], func(pg *store.Page) { pg.Run = "found" })
	named := []Named{
		{URL: pages[1].URL, Site: p.sites[0], Kind: store.KindHome, Alone: true},
		{URL: "http://a.example/unknown", Site: p.sites[0], Kind: store.KindFeed, Alone: true},
	}
	p.sites = nil
	s := p.scheduler(func(c *Config) { c.Named, c.Once, c.Run = named, true, "found" })
	for range 2 { // naming it twice is naming it
		if _, err := s.Seed(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	known, err := p.store.Page(t.Context(), pages[1].ID)
	if err != nil || known.Kind != store.KindArticle || known.ArticleID != known.ID || known.Status != store.StatusDue ||
		known.NextAt.After(time.Now()) || known.Attempts != 0 || known.HTTP.ETag != "" {
		t.Errorf("the known page: %+v, %v", known, err)
	}
	unknown, err := p.store.Page(t.Context(), weburl.ID(named[1].URL))
	if err != nil || unknown.Kind != store.KindFeed || unknown.Site != "a.example" || unknown.Status != store.StatusDue {
		t.Errorf("the unknown page: %+v, %v", unknown, err)
	}
	p.tick(s, 4)
	p.tick(s, 0)
}

// TestArticleStays has the home page of a site named that is known as an article: only a site file makes it something
// else, and the article is not forgotten then.
func TestArticleStays(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/")
	page := p.grow(1, p.sites[0], func(pg *store.Page) {
		pg.Status, pg.NextAt, pg.ArticleID, pg.ContentHash = store.StatusDone, nil, pg.ID, "hash"
	})[0]
	p.sites[0].Home = page.URL
	for _, tc := range []struct {
		source string
		kind   store.Kind
	}{{"", store.KindArticle}, {"a.yaml", store.KindHome}} {
		p.sites[0].Source = tc.source
		if _, err := p.scheduler(nil).Seed(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := p.store.Page(t.Context(), page.ID)
		if err != nil || got.Kind != tc.kind || got.ArticleID != page.ID || got.ContentHash != "hash" {
			t.Errorf("file %q: %+v, %v", tc.source, got, err)
		}
	}
}

// TestUndefinedSites wants what the store knows of other sites left alone until they are defined.
func TestUndefinedSites(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/", "http://b.example/")
	p.grow(3, p.sites[0], nil)
	p.grow(3, p.sites[1], nil)
	both := p.sites
	p.sites = both[:1]
	p.tick(p.scheduler(nil), 3)
	p.tick(p.scheduler(nil), 0)
	p.sites = nil
	p.tick(p.scheduler(nil), 0)
	p.sites = both
	p.tick(p.scheduler(nil), 3)
}

// TestSitesAreExchanged: a running scheduler takes up other sites, leaves those that are gone or paused, and goes on with them.
func TestSitesAreExchanged(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/", "http://b.example/")
	a, b := p.sites[0], p.sites[1]
	paused := *b
	paused.Paused = true
	p.sites = p.sites[:1]
	s := p.scheduler(func(c *Config) { c.Once = true }) // its sections are due at once
	if n, err := s.Seed(t.Context()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	p.grow(2, b, nil)
	s.began = time.Time{}
	p.tick(s, 1)
	for _, step := range []struct {
		sites []*site.Site
		want  int
	}{
		{[]*site.Site{a, &paused}, 0},
		{[]*site.Site{&paused}, 0}, // of all sites that are paused, no page is meant, and not every one
		{nil, 0},
		{[]*site.Site{a, b}, 3}, // its home page, and what was known of it
	} {
		s.sites.Exchange(site.NewSet(step.sites...))
		if err := s.takeUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.tick(s, step.want)
		if n, err := s.feed(t.Context()); err != nil || n != 0 {
			t.Fatalf("fed %d pages, %v", n, err)
		}
	}
}

// TestLaneOfToday has a site's concurrency lowered after its pages were stored.
func TestLaneOfToday(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/")
	p.sites[0].Politeness.Concurrency = 4
	p.grow(8, p.sites[0], nil)
	p.sites[0].Politeness.Concurrency = 1
	p.tick(p.scheduler(nil), 8)
	if d, err := p.front.Depth(t.Context()); err != nil || d.Lanes != 1 {
		t.Errorf("%d lanes, %v; want 1", d.Lanes, err)
	}
}

// TestInvalidTask has one page that the frontier will not take among many.
func TestInvalidTask(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/")
	i := 0
	p.grow(9, p.sites[0], func(pg *store.Page) {
		if i++; i == 4 {
			pg.Priority = 77
		}
	})
	p.tick(p.scheduler(nil), 9)
	p.pending(8)
	asides := 0
	for pg, err := range p.store.FindPages(t.Context(), store.PageFilter{Statuses: []store.Status{store.StatusAside}}) {
		if asides++; err != nil || pg.NextAt != nil || !strings.Contains(pg.LastError, "77") {
			t.Errorf("%+v, %v", pg, err)
		}
	}
	if asides != 1 {
		t.Errorf("%d pages set aside", asides)
	}
}

// spoil changes a field of a page, as anybody may.
func (p *plant) spoil(id, field string, value any) {
	p.t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(servers.store.URI()))
	if err != nil {
		p.t.Fatal(err)
	}
	defer client.Disconnect(context.Background())
	res, err := client.Database(p.store.Database()).Collection("pages").UpdateOne(p.t.Context(),
		map[string]any{"_id": id}, map[string]any{"$set": map[string]any{field: value}})
	if err != nil || res.ModifiedCount != 1 {
		p.t.Fatal(res, err)
	}
}

// TestSpoiltPages: one bad page stops no other, whatever is wrong with it.
func TestSpoiltPages(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/")
	pages := p.grow(8, p.sites[0], nil)
	for i, spoilt := range []struct {
		field string
		value any
	}{{"attempts", "three"}, {"kind", "podcast"}, {"lane", ""}, {"url", nil}, {"next_at", "soon"}, {"site", 3}} {
		p.spoil(pages[i].ID, spoilt.field, spoilt.value)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- p.scheduler(nil).Run(ctx) }()
	asides := func() (n int) {
		for _, err := range p.store.FindPages(t.Context(), store.PageFilter{Statuses: []store.Status{store.StatusAside}}) {
			if err != nil && !errors.Is(err, store.ErrUnreadable) {
				t.Error(err)
			}
			n++
		}
		return n
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for d, err := p.front.Depth(t.Context()); d.Tasks < 2 || asides() < 6; d, err = p.front.Depth(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		<-tick.C
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	p.pending(2)
}

// TestSeedMends: a section that cannot be read begins anew, and one of a newer khabar stays; neither stops the start.
func TestSeedMends(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/", "http://b.example/", "http://c.example/")
	s := p.scheduler(func(c *Config) { c.Spread = 0 })
	if n, err := s.Seed(t.Context()); err != nil || n != 3 {
		t.Fatal(n, err)
	}
	p.spoil(weburl.ID("http://a.example/"), "depth", "deep")
	p.spoil(weburl.ID("http://b.example/"), "v", store.PageVersion+1)
	p.spoil(weburl.ID("http://b.example/"), "attempts", "many")
	if n, err := s.Seed(t.Context()); err != nil || n != 1 {
		t.Fatalf("seeded %d, %v; want 1", n, err)
	}
	p.tick(s, 2)
	if _, err := p.store.Page(t.Context(), weburl.ID("http://b.example/")); !errors.Is(err, store.ErrNewer) {
		t.Error(err)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/")
	p.grow(50, p.sites[0], nil)
	s := p.scheduler(func(c *Config) { c.Batch = 20 })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if d, err := p.front.Depth(t.Context()); err != nil {
			t.Fatal(err)
		} else if d.Tasks == 50 {
			break
		}
		<-tick.C
	}
	pulse := func() store.Pulse {
		all, err := p.store.Pulses(t.Context())
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v, %v; want one scheduler that is alive", all, err)
		}
		return all[0]
	}
	for { // its first round ends after the last task was put
		if all, err := p.store.Pulses(t.Context()); err != nil {
			t.Fatal(err)
		} else if len(all) > 0 {
			break
		}
		<-tick.C
	}
	if alive := pulse(); alive.RoundAt.IsZero() || alive.At.Before(alive.Since.Truncate(time.Millisecond)) || alive.Ended || alive.Problem != "" {
		t.Errorf("while it runs: %+v", alive)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if stopped := pulse(); !stopped.Ended {
		t.Errorf("after its end: %+v", stopped)
	}
	// One that is long gone is forgotten.
	later := store.Pulse{ID: "later", Since: time.Now(), At: time.Now().Add(30 * 24 * time.Hour)}
	if err := p.store.Beat(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	if left := pulse(); left.ID != "scheduler later" {
		t.Errorf("%+v is left", left)
	}
}

// TestDayAway: what became due while the store was away for a day is put once, however often its time would have come, and
// sections before all else.
func TestDayAway(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/", "http://b.example/")
	yesterday := time.Now().Add(-24 * time.Hour)
	for i, s := range p.sites {
		p.grow(30, s, func(pg *store.Page) {
			pg.URL += fmt.Sprint("?section=", i)
			pg.ID, pg.Kind, pg.Priority = weburl.ID(pg.URL), store.KindListing, 0
			pg.Status, pg.Interval, pg.NextAt, pg.FetchedAt = store.StatusDone, 600, &yesterday, &yesterday
		})
	}
	s := p.scheduler(nil)
	p.tick(s, 60)
	p.tick(s, 0)
	p.pending(60)
}
