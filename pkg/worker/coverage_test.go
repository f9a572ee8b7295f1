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

	"github.com/khabar-crawler/khabar/pkg/coverage"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

const shelfURL = "http://shelf.example/world/"

// shelfWorld has crawled a shelf once, and goes on with a worker whose sections are visited when visit says so. Others are sections
// that were known before.
func shelfWorld(t *testing.T, s *shelf, pages int, others ...string) (w *world, visit func()) {
	t.Helper()
	web := newScript(t, s.serve)
	st := homeSite(t, "http://shelf.example/")
	w = newWorld(t, shared, web.URL, st)
	for i, url := range append(others, shelfURL) { // one after the other is known
		st.Sections = append(st.Sections, site.Section{ID: fmt.Sprintf("world-%d", i), URL: url, Kind: site.Listing, Pages: pages})
		w.crawl()
	}
	w.schedule.Once, w.schedule.Spread = false, 0
	w.worker.Policy.Min, w.worker.Policy.Start = 24*time.Hour, 24*time.Hour // nothing but what is made due
	p := w.start(nil)
	_, _ = p.seed()
	p.run()
	return w, func() {
		t.Helper()
		before := *w.pages()[shelfURL].FetchedAt
		again(t, p, shelfURL)
		w.eventually(func(context.Context) bool {
			page := w.pages()[shelfURL]
			return page.FetchedAt.After(before) && (page.Gaps == nil || page.Gaps.Open == 0)
		})
		w.drained(p)
	}
}

// again makes a page due now.
func again(t *testing.T, p *process, url string) {
	t.Helper()
	page := p.pages()[url]
	if n, err := p.store.Again(t.Context(), []store.Page{page}, time.Now()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
}

func (s *shelf) print(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first += n
}

// TestGapsAreClosed has a section print more than it lists between two visits, often: each gap is found, read back to what was
// known and closed, and nothing is lost.
func TestGapsAreClosed(t *testing.T) {
	t.Parallel()
	s := &shelf{first: 3}
	w, visit := shelfWorld(t, s, 10)
	gaps, total := 0, 3
	for _, n := range []int{2, 7, 0, 12, 3, 4} { // three stand on a page
		s.print(n)
		total += n
		if n > 3 || n == 3 {
			gaps++
		}
		visit()
		page := w.pages()[shelfURL]
		if got := len(slices.Collect(articlePages(w))); got != total+1 {
			t.Fatalf("%d printed since: %d articles known, want %d", n, got, total+1)
		}
		g := page.Gaps
		if g == nil {
			g = &coverage.Gaps{}
		}
		if g.Found != gaps || g.Closed != gaps || g.Told != 0 || g.Open != 0 || g.Before != nil {
			t.Fatalf("%d printed since: %+v, want %d found and closed", n, g, gaps)
		}
		if want := map[bool]coverage.Proof{true: coverage.Gap, false: coverage.Overlap}[n >= 3]; page.Listed.Proof != want {
			t.Fatalf("%d printed since: %s, want %s", n, page.Listed.Proof, want)
		}
	}
}

// TestGapOfSharedPages: a gap is read back over pages that another section led to first, or that are sections themselves.
func TestGapOfSharedPages(t *testing.T) {
	t.Parallel()
	for name, other := range map[string]string{"another section's": shelfURL + "latest/", "a section": shelfURL + "page/2/", "a later section": shelfURL + "page/3/"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &shelf{first: 9}
			w, visit := shelfWorld(t, s, 10, other)
			for gaps, n := range []int{12, 4, 7} {
				s.print(n)
				visit()
				if g := w.pages()[shelfURL].Gaps; g == nil || g.Found != gaps+1 || g.Closed != g.Found {
					t.Errorf("%d printed since: %+v, want %d found and closed", n, g, gaps+1)
				}
			}
			if n := len(slices.Collect(articlePages(w))); n != 9+12+4+7+1 {
				t.Errorf("%d articles are known", n)
			}
			for url, p := range w.pages() {
				if p.GapOf != "" {
					t.Errorf("%s is still read for %s", url, p.GapOf)
				}
			}
		})
	}
}

// TestGapThatLasts: a gap that nobody reads back any more is read back by a later visit.
func TestGapThatLasts(t *testing.T) {
	t.Parallel()
	s := &shelf{first: 9}
	w, visit := shelfWorld(t, s, 10)
	p := w.start(nil)
	page := w.pages()[shelfURL]
	since := time.Now().UTC().Add(-2 * time.Hour)
	page.Gaps = (*coverage.Gaps)(nil).Opened(since, page.Listed)
	if _, err := p.committer.Commit(t.Context(), store.Effect{Page: page}); err != nil {
		t.Fatal(err)
	}
	visit()
	if g := w.pages()[shelfURL].Gaps; g.Found != 1 || g.Closed != 1 || g.Since != nil {
		t.Errorf("%+v", g)
	}
}

// TestGapTooDeep has more printed than the pages that are followed hold: that is told.
func TestGapTooDeep(t *testing.T) {
	t.Parallel()
	s := &shelf{first: 30}
	w, visit := shelfWorld(t, s, 3)
	s.print(12)
	visit()
	if g := w.pages()[shelfURL].Gaps; g == nil || g.Found != 1 || g.Told != 1 || g.Why != coverage.WhyTooDeep || g.ToldAt == nil {
		t.Errorf("%+v", g)
	}
}

// TestGapOfLastPage: what was known is on none of the section's pages any more.
func TestGapOfLastPage(t *testing.T) {
	t.Parallel()
	s := &shelf{first: 3}
	w, visit := shelfWorld(t, s, 10)
	s.mu.Lock()
	s.first, s.least = 109, 100 // the site was made anew, with nine articles
	s.mu.Unlock()
	visit()
	if g := w.pages()[shelfURL].Gaps; g == nil || g.Found != 1 || g.Told != 1 || g.Why != coverage.WhyEnd {
		t.Errorf("%+v", g)
	}
}

// ticker is a feed that lists its latest items, and has no further pages unless it says so.
type ticker struct {
	mu    sync.Mutex
	first int
	paged bool
	dated func(int) string // when an item says that it was published; nil: it does not
}

func (f *ticker) serve(w http.ResponseWriter, url string, _ int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !strings.Contains(url, "/feed") {
		pageAt(w, url)
		return
	}
	n := 1
	if _, query, ok := strings.Cut(url, "?paged="); ok {
		_, _ = fmt.Sscan(query, &n)
	}
	w.Header().Set("Content-Type", "application/rss+xml")
	fmt.Fprint(w, `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Ticker</title>`)
	if f.paged && f.first > 4*n {
		fmt.Fprintf(w, `<atom:link rel="next" href="http://ticker.example/feed?paged=%d"/>`, n+1)
	}
	for i := f.first - 4*(n-1); i > f.first-4*n && i > 0; i-- {
		date := ""
		if f.dated != nil {
			date = "<pubDate>" + f.dated(i) + "</pubDate>"
		}
		fmt.Fprintf(w, `<item><title>Item number %d</title><link>http://ticker.example/2026/story-%d-of-the-ticker.html</link>%s</item>`, i, i, date)
	}
	fmt.Fprint(w, "</channel></rss>")
}

// TestGapOfFeed: a feed that is cut off has its gaps told, and one that says where it goes on is read back.
func TestGapOfFeed(t *testing.T) {
	t.Parallel()
	for _, paged := range []bool{false, true} {
		f := &ticker{first: 4, paged: paged}
		web := newScript(t, f.serve)
		st := homeSite(t, "http://ticker.example/")
		st.Sections = []site.Section{{ID: "feed", URL: "http://ticker.example/feed", Kind: site.Feed}}
		w := newWorld(t, shared, web.URL, st)
		w.crawl()
		f.mu.Lock()
		f.first = 14
		f.mu.Unlock()
		p := w.start(nil)
		again(t, p, "http://ticker.example/feed")
		_, stop := p.seed()
		p.run()
		w.drained(p)
		stop()
		g, n := w.pages()["http://ticker.example/feed"].Gaps, len(slices.Collect(articlePages(w)))
		switch {
		case g == nil || g.Found != 1 || g.Open != 0:
			t.Errorf("paged %v: %+v", paged, g)
		case !paged && (g.Told != 1 || g.Why != coverage.WhyNoPages || n != 8):
			t.Errorf("told %+v with %d articles", g, n)
		case paged && (g.Closed != 1 || n != 14):
			t.Errorf("closed %+v with %d articles", g, n)
		}
	}
}

// TestDemoScrolls has the demo web put out more than its section pages list between two visits of these, which are all that is
// crawled: the gaps are found, read back and closed, and no article is missed.
func TestDemoScrolls(t *testing.T) {
	t.Parallel()
	web, err := demosite.Start(t.Context(), demosite.Config{Sites: 3, PerSection: 5, PageSize: 3, Coming: 60})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = web.Close() })
	var sites []*site.Site
	var urls []string
	for _, d := range web.Sites() {
		s := homeSite(t, d.Home)
		for _, sec := range d.Sections {
			urls = append(urls, sec.URL)
			s.Sections = append(s.Sections, site.Section{ID: sec.Key, URL: sec.URL, Kind: site.Listing})
		}
		sites = append(sites, s)
	}
	w := newWorld(t, shared, web.ProxyURL(), sites...)
	w.crawl()
	w.schedule.Once, w.schedule.Spread = false, 0
	w.worker.Policy.Min, w.worker.Policy.Start = 24*time.Hour, 24*time.Hour
	p := w.start(nil)
	p.seed()
	p.run()
	for _, n := range []int{4, 28, 20} { // of each site: one of each section, seven, and five; three stand on a page
		web.Publish(n)
		for _, url := range urls {
			again(t, p, url)
		}
		w.drained(p)
	}
	stored, sum := w.articles(), coverage.Gaps{}
	for _, truth := range web.Articles() {
		if _, ok := stored[truth.URL]; !ok {
			t.Errorf("%s was missed", truth.URL)
		}
	}
	pages := w.pages()
	for _, url := range urls {
		if g := pages[url].Gaps; g != nil {
			sum.Found, sum.Closed, sum.Told, sum.Open = sum.Found+g.Found, sum.Closed+g.Closed, sum.Told+g.Told, sum.Open+g.Open
		}
	}
	t.Logf("%d articles in %d sections; gaps: %d found, %d closed, %d told, %d open", len(stored), len(urls), sum.Found, sum.Closed, sum.Told, sum.Open)
	if sum.Found != 2*len(urls) || sum.Closed != sum.Found {
		t.Errorf("%+v, want twice a gap in %d sections, all closed", sum, len(urls))
	}
}

// TestLyingClock: whatever a feed's clock says, in the future, in the past or anew for all that it lists, its visits go on as any
// other's, prove what they prove, and bring nothing twice.
func TestLyingClock(t *testing.T) {
	t.Parallel()
	const url = "http://ticker.example/feed"
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	f := &ticker{first: 4, dated: func(i int) string { return at.Add(time.Duration(i) * time.Hour).Format(time.RFC1123Z) }}
	web := newScript(t, f.serve)
	st := homeSite(t, "http://ticker.example/")
	st.Sections = []site.Section{{ID: "feed", URL: url, Kind: site.Feed}}
	w := newWorld(t, shared, web.URL, st)
	w.crawl()
	w.schedule.Once, w.schedule.Spread = false, 0
	p := w.start(nil)
	p.seed()
	p.run()
	known := 4
	for _, step := range []struct {
		name  string
		fresh int
		dated func(int) string
	}{
		{"in a hundred years", 2, func(i int) string { return at.AddDate(100, 0, i).Format(time.RFC1123Z) }},
		{"long ago", 2, func(int) string { return "Thu, 01 Jan 1970 00:00:00 GMT" }},
		{"each later than the next", 2, func(i int) string { return at.Add(-time.Duration(i%3) * time.Hour).Format(time.RFC1123Z) }},
		{"all anew", 0, func(int) string { return time.Now().Format(time.RFC1123Z) }},
	} {
		f.mu.Lock()
		f.first, f.dated = f.first+step.fresh, step.dated
		f.mu.Unlock()
		known += step.fresh
		before := *w.pages()[url].FetchedAt
		again(t, p, url)
		w.eventually(func(context.Context) bool { return w.pages()[url].FetchedAt.After(before) })
		w.drained(p)
		page := w.pages()[url]
		if n := len(slices.Collect(articlePages(w))); n != known || page.Listed.Proof != coverage.Overlap || page.Gaps != nil {
			t.Errorf("%s: %d articles known, want %d; %s, gaps %+v", step.name, n, known, page.Listed.Proof, page.Gaps)
		}
		if wait := page.NextAt.Sub(*page.FetchedAt); wait < w.worker.Policy.Min || wait > w.worker.Policy.Start+time.Minute {
			t.Errorf("%s: next after %v, for %s", step.name, wait, page.NextWhy)
		}
	}
	for _, page := range w.pages() {
		if page.DatedAt != nil && page.DatedAt.After(time.Now().Add(maxAhead)) {
			t.Errorf("%s is of %v", page.URL, page.DatedAt)
		}
	}
}

// TestNewestFirst keeps a feed's order, whatever some dates say, and turns one round that has the oldest first.
func TestNewestFirst(t *testing.T) {
	for dates, want := range map[string]string{"5 4 3 2": "0 1 2 3", "2 3 4 5": "3 2 1 0", "9 4 3 2": "0 1 2 3", "1 1 5 4 3": "0 1 2 3 4", "- - -": "0 1 2", "3 - 4": "0 1 2", "4 4 4": "0 1 2"} {
		var pages []store.Page
		for i, d := range strings.Fields(dates) {
			p := store.Page{ID: fmt.Sprint(i), Kind: store.KindArticle}
			if d != "-" {
				at := time.Date(2026, 1, int(d[0]-'0'), 0, 0, 0, 0, time.UTC)
				p.DatedAt = &at
			}
			pages = append(pages, p)
		}
		if got := strings.Join(newestFirst(pages), " "); got != want {
			t.Errorf("%s: %s, want %s", dates, got, want)
		}
	}
}
