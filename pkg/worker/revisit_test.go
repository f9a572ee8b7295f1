package worker

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/rhythm"
	"github.com/khabar-crawler/khabar/pkg/scheduler"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// soon makes every interval short and every article young enough to be checked.
func soon(w *world) {
	w.schedule.Once, w.schedule.Spread = false, 0
	w.worker.Policy.Start, w.worker.Policy.Min, w.worker.Policy.Max = 200*time.Millisecond, 200*time.Millisecond, 200*time.Millisecond
}

// TestEdit has an editor change an article, and wants the edit stored and what it replaced kept.
func TestEdit(t *testing.T) {
	t.Parallel()
	w, web := demoWorld(t, demosite.Config{Sites: 1, PerSection: 1})
	w.crawl()
	before := web.Articles()[0]
	w.schedule.Once = false
	truth, _ := web.Edit(before.URL)
	p := w.start(nil)
	// As if the time to look again had come for this article.
	stored := w.pages()[before.URL]
	at := time.Now()
	stored.NextAt = &at
	if _, err := p.committer.Commit(t.Context(), store.Effect{Page: stored}); err != nil {
		t.Fatal(err)
	}
	p.seed()
	p.run()
	w.eventually(func(context.Context) bool { return w.articles()[before.URL].Revision == 2 })
	now, revs := w.articles()[before.URL], all[article.Revision](w, "revisions")
	if !strings.HasSuffix(now.Text, truth.Paragraphs[len(truth.Paragraphs)-1]) || len(revs) != 1 || strings.Contains(revs[0].Text, truth.Paragraphs[len(truth.Paragraphs)-1]) {
		t.Errorf("after an edit: %d revisions, text ends with %q", len(revs), now.Text[max(0, len(now.Text)-100):])
	}
}

// shelf is a section of a site that prints articles and pushes the older ones to further pages, three on each, below one that
// stands on every page.
type shelf struct {
	mu    sync.Mutex
	first int // the newest is the number of articles
	least int // those up to this number are gone
	twice int // the page that shows what the one before it shows; 0 for none
}

func (s *shelf) serve(w http.ResponseWriter, url string, _ int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	if !strings.HasPrefix(path, "world/") {
		pageAt(w, url)
		return
	}
	n := 1
	_, _ = fmt.Sscanf(path, "world/page/%d/", &n)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, "<!doctype html><html><head><title>World</title></head><body><main>")
	fmt.Fprint(w, `<article><h2><a href="/2026/11/01/what-all-should-read-about-the-shelf.html">What all should read about the shelf</a></h2></article>`)
	shown := n
	if n == s.twice {
		shown--
	}
	for i := s.first - 3*(shown-1); i > s.first-3*shown && i > s.least; i-- {
		fmt.Fprintf(w, `<article><h2><a href="/2026/11/24/story-number-%d-of-the-shelf.html">Story number %d tells what happened today</a></h2><p>And more.</p></article>`, i, i)
	}
	if s.first-s.least > 3*n {
		fmt.Fprintf(w, `<nav class="pagination"><a rel="next" href="/world/page/%d/">Next</a></nav>`, n+1)
	}
	fmt.Fprint(w, "</main></body></html>")
}

// TestWalkOn prints more than a page's worth of articles between two visits: none may be missed.
func TestWalkOn(t *testing.T) {
	t.Parallel()
	s := &shelf{first: 8}
	web := newScript(t, s.serve)
	st := homeSite(t, "http://shelf.example/")
	st.Sections = []site.Section{{ID: "world", URL: "http://shelf.example/world/", Kind: site.Listing}}
	w := newWorld(t, shared, web.URL, st)
	w.crawl()
	if n := len(w.articles()) + len(slices.Collect(articlePages(w))); n == 0 {
		t.Fatal("no articles")
	}
	if n := len(slices.Collect(articlePages(w))); n != 8+1 {
		t.Fatalf("%d articles known after the first visit, want 9", n)
	}
	s.mu.Lock()
	s.first = 15 // seven more: two pages and one
	s.mu.Unlock()
	soon(w)
	p := w.start(nil)
	stored := w.pages()["http://shelf.example/world/"]
	at := time.Now()
	stored.NextAt = &at
	if _, err := p.committer.Commit(t.Context(), store.Effect{Page: stored}); err != nil {
		t.Fatal(err)
	}
	_, stop := p.seed()
	p.run()
	w.eventually(func(context.Context) bool { return len(slices.Collect(articlePages(w))) == 15+1 })
	stop()
}

// TestStopsWhereNothingIsNew has a further page show what the one before it shows: what comes behind it is left.
func TestStopsWhereNothingIsNew(t *testing.T) {
	t.Parallel()
	web := newScript(t, (&shelf{first: 30, twice: 3}).serve)
	st := homeSite(t, "http://shelf.example/")
	st.Sections = []site.Section{{ID: "world", URL: "http://shelf.example/world/", Kind: site.Listing, Pages: 9}}
	w := newWorld(t, shared, web.URL, st)
	w.crawl()
	asked := counts(web.paths())
	if asked["world/page/3/"] != 1 || asked["world/page/4/"] != 0 {
		t.Errorf("asked for %v", asked)
	}
}

func articlePages(w *world) func(func(string) bool) {
	return func(yield func(string) bool) {
		for url, p := range w.pages() {
			if p.Kind == store.KindArticle && !yield(url) {
				return
			}
		}
	}
}

// TestFlood has a sitemap give more than one visit may add: the rest comes with the next visits, even if the sitemap
// has not changed.
func TestFlood(t *testing.T) {
	t.Parallel()
	const total, most = 250, 100
	var urls []string
	for i := range total {
		urls = append(urls, fmt.Sprintf("<url><loc>http://flood.example/2026/story-number-%d-of-many</loc></url>", i))
	}
	body := []byte(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + strings.Join(urls, "") + `</urlset>`)
	web := newScript(t, func(w http.ResponseWriter, url string, _ int) {
		if url != "http://flood.example/sitemap.xml" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/xml")
		w.Header().Set("ETag", `"same"`)
		_, _ = w.Write(body)
	})
	s := homeSite(t, "http://flood.example/")
	s.SetDefaultDelay(time.Hour) // the articles themselves are not asked for
	s.Sections = []site.Section{{ID: "all", URL: "http://flood.example/sitemap.xml", Kind: site.Sitemap}}
	w := newWorld(t, shared, web.URL, s)
	w.worker.MaxNew = most
	p := w.start(nil)
	res := p.fetch.Fetch(t.Context(), fetchOf("http://flood.example/sitemap.xml"))
	page := known(store.KindSitemap, "http://flood.example/sitemap.xml", time.Now())
	page.Site = s.ID
	for visit, want := range []int{most, most, total - 2*most} {
		out, err := p.worker.record(t.Context(), p.worker.judge(page, s, res), false)
		if err != nil {
			t.Fatal(err)
		}
		if last := visit == 2; out.Created != want || (out.Page.Status == store.StatusDone) != last || (out.Page.HTTP.ETag != "") != last {
			t.Errorf("visit %d: %d new pages, then %s, ETag %q", visit, out.Created, out.Page.Status, out.Page.HTTP.ETag)
		}
	}
	if d, err := p.front.Depth(t.Context()); err != nil || d.Tasks != total {
		t.Errorf("%d tasks, %v", d.Tasks, err)
	}
}

// TestSectionTeaches: each visit of a section teaches when it publishes, and the page says why its next one is then.
func TestSectionTeaches(t *testing.T) {
	t.Parallel()
	s := &shelf{first: 3}
	web := newScript(t, s.serve)
	st := homeSite(t, "http://taught.example/")
	st.Sections = []site.Section{{ID: "world", URL: "http://taught.example/world/", Kind: site.Listing}}
	w := newWorld(t, shared, web.URL, st)
	w.crawl()
	section := func() store.Page { return w.pages()["http://taught.example/world/"] }
	first := section()
	if first.Rhythm == nil || first.Rhythm.At.IsZero() || first.Rhythm.Count != 0 || first.NextWhy == "" {
		t.Fatalf("after one visit: %+v, next %s", first.Rhythm, first.NextWhy)
	}
	s.mu.Lock()
	s.first = 5
	s.mu.Unlock()
	soon(w)
	p := w.start(nil)
	at := time.Now()
	first.NextAt = &at
	if _, err := p.committer.Commit(t.Context(), store.Effect{Page: first}); err != nil {
		t.Fatal(err)
	}
	_, stop := p.seed()
	p.run()
	w.eventually(func(context.Context) bool { return section().Rhythm.Count > 0 })
	stop()
	if got := section(); !got.Rhythm.At.After(first.Rhythm.At) || got.NextWhy != rhythm.WhySaid { // its interval is fixed here
		t.Errorf("after another: %+v, next %s", got.Rhythm, got.NextWhy)
	}
}

// TestPausedSite: a page that is in the queue when its site is paused waits without a request, and goes on afterwards.
func TestPausedSite(t *testing.T) {
	t.Parallel()
	web := newScript(t, func(w http.ResponseWriter, _ string, _ int) { listing(w) })
	s := feedSite(t, "paused.example")
	w := newWorld(t, shared, web.URL, s)
	p := w.start(nil)
	paused := *s
	paused.Paused = true
	p.worker.Sites.Exchange(site.NewSet(&paused))
	schedule := scheduler.New(p.schedule, p.store, p.front, site.NewCurrent(s), p.log)
	if _, err := schedule.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := schedule.Tick(t.Context()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	p.run()
	w.eventually(func(context.Context) bool { return w.pages()["http://paused.example/feed"].Status == store.StatusDue })
	if page := w.pages()["http://paused.example/feed"]; len(web.asked()) > 0 || page.NextAt == nil || page.NextAt.After(time.Now()) || page.Attempts > 0 || page.Outcome != "" {
		t.Errorf("%d requests; %+v", len(web.asked()), page)
	}
	p.worker.Sites.Exchange(site.NewSet(s))
	if n, err := schedule.Tick(t.Context()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if e := <-p.seen; e.Page.FetchedAt == nil {
		t.Errorf("not fetched: %+v", e.Page)
	}
	p.end()
}

// TestUnknownSite: a page of a site that this worker does not know yet is tried again in seconds, and then as others are.
func TestUnknownSite(t *testing.T) {
	w := New(Default(), Deps{Sites: site.NewCurrent()})
	p := known(store.KindListing, "http://new.example/", time.Now())
	for _, most := range []time.Duration{2 * newsOfSites, time.Hour} {
		began := time.Now()
		v := w.siteless(p)
		if v.page.Outcome != outcome.NoSite || v.page.Status != store.StatusDue || v.page.NextAt.Sub(began) > most || v.page.Attempts != p.Attempts+1 {
			t.Errorf("%s, %s, attempt %d, due %v after %v", v.page.Outcome, v.page.Status, v.page.Attempts, v.page.NextAt, began)
		}
		p = v.page
	}
	if wait := time.Until(*p.NextAt); wait < 2*newsOfSites {
		t.Errorf("tried a third time after %v", wait)
	}
}
