package worker

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
	"github.com/khabar-crawler/khabar/pkg/yield"
)

// once crawls until nothing is left that the run takes, and gives the sites of which it left something.
func (w *world) once(b Bounds) (left []string) {
	w.t.Helper()
	b.Once = true
	w.worker.Bounds = b
	p := w.start(nil)
	s, stop := p.seed()
	p.run()
	w.eventually(func(ctx context.Context) bool {
		depth, err := p.front.Depth(ctx)
		if err != nil || depth.Tasks > 0 {
			return false
		}
		n, err := s.Left(ctx)
		return err == nil && n == 0
	})
	stop()
	p.end()
	if p.err != nil {
		w.t.Error(p.err)
	}
	return p.worker.Left()
}

// TestLimit takes so many articles of a site, the news first; the next runs go on with the rest, and nothing is lost.
func TestLimit(t *testing.T) {
	t.Parallel()
	w, web := trove{pages: 3, sitemaps: 2, stories: 20}.world(t)
	w.frontier.LanePending = 6
	if left := w.once(Bounds{Limit: 5}); len(left) != 1 || len(w.articles()) != 5 {
		t.Fatalf("%d articles, left something of %q: %q", len(w.articles()), left, web.paths())
	}
	for url := range w.articles() {
		if !strings.Contains(url, "listed-") {
			t.Errorf("%s came before the news", url)
		}
	}
	w.once(Bounds{Limit: 10})
	if n := len(w.articles()); n != 15 {
		t.Errorf("%d articles after the next run", n)
	}
	if left := w.once(Bounds{}); len(left) != 0 || len(w.articles()) != 9+40 {
		t.Errorf("%d articles at the end, left something of %q", len(w.articles()), left)
	}
	for url, n := range counts(web.paths()) {
		if n > 1 && strings.Contains(url, "html") {
			t.Errorf("%s was asked for %d times", url, n)
		}
	}
}

func counts(paths []string) map[string]int {
	n := make(map[string]int)
	for _, p := range paths {
		n[p]++
	}
	return n
}

// TestInvented has a sitemap list other pages at each visit. A run that ends visits it once, and ends.
func TestInvented(t *testing.T) {
	t.Parallel()
	web := newScript(t, func(rw http.ResponseWriter, url string, nth int) {
		if !strings.HasSuffix(url, "/map.xml") {
			http.NotFound(rw, nil)
			return
		}
		rw.Header().Set("Content-Type", "text/xml")
		rw.Header().Set("ETag", `"the same"`)
		fmt.Fprint(rw, `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
		for i := range 100 {
			fmt.Fprintf(rw, `<url><loc>http://invented.example/2026/story-of-no-town-%d-%d.html</loc></url>`, nth, i)
		}
		fmt.Fprint(rw, `</urlset>`)
	})
	st := homeSite(t, "http://invented.example/")
	st.Sections = []site.Section{{ID: "map", URL: "http://invented.example/map.xml", Kind: site.Sitemap}}
	w := newWorld(t, shared, web.URL, st)
	w.worker.Policy.Start, w.worker.Policy.Min = time.Millisecond, time.Millisecond
	w.worker.MaxNew = 60
	if left := w.once(Bounds{Limit: 1000}); len(left) != 1 {
		t.Errorf("left something of %q", left)
	}
	asked := web.paths()
	if n := counts(asked)["map.xml"]; n != 1 || len(asked) != 1+60 {
		t.Errorf("the sitemap was visited %d times of %d", n, len(asked))
	}
	p := w.pages()["http://invented.example/map.xml"]
	if p.Status != store.StatusDone || p.NextAt == nil || p.NextAt.After(time.Now()) || p.HTTP.ETag != "" {
		t.Errorf("the sitemap is not due for the next run: %+v", p)
	}
}

// TestFullSite does not read what leads to more than is taken.
func TestFullSite(t *testing.T) {
	tl := newTally(Bounds{Once: true, Limit: 1})
	further := store.Page{Site: "a.example", Kind: store.KindSitemap, Depth: 1}
	if tl.note(Event{Page: store.Page{Site: "a.example", Outcome: "ok"}, Created: 2*minTrials - 1}, nil); tl.leaves(further) {
		t.Error("left too soon")
	}
	tl.note(Event{Page: store.Page{Site: "a.example", Outcome: "ok"}, Created: 1}, nil)
	if root := (store.Page{Site: "a.example", Section: "news", Kind: store.KindFeed}); !tl.leaves(further) || tl.leaves(root) {
		t.Error("not left, or a section was")
	}
}

// TestOldPagesAreLeft: pages that an earlier run found and left are left too where they are too old, but not what is an
// article already.
func TestOldPagesAreLeft(t *testing.T) {
	since := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
	old, young := since.Add(-time.Hour), since
	tl := newTally(Bounds{Once: true, Since: since})
	for _, c := range []struct {
		page store.Page
		want bool
	}{
		{store.Page{Kind: store.KindArticle, DatedAt: &old}, true},
		{store.Page{Kind: store.KindArticle, DatedAt: &young}, false},
		{store.Page{Kind: store.KindArticle}, false},
		{store.Page{Kind: store.KindArticle, DatedAt: &old, ArticleID: "a"}, false},
		{store.Page{Kind: store.KindFeed, Section: "news", DatedAt: &old}, false},
	} {
		if got := tl.leaves(c.page); got != c.want {
			t.Errorf("%+v: left %v", c.page, got)
		}
	}
}

// TestSpentByAliases leaves a site of which address after address holds the same text.
func TestSpentByAliases(t *testing.T) {
	tl := newTally(Bounds{Once: true, Limit: 1})
	for range minTrials {
		tl.note(Event{Page: store.Page{Site: "a.example", Outcome: outcome.OK}, Article: store.ArticleAlias}, nil)
	}
	if !tl.leaves(store.Page{Site: "a.example", Kind: store.KindArticle}) {
		t.Error("not left")
	}
}

// TestSpentByFailures leaves a site of which page after page is not there.
func TestSpentByFailures(t *testing.T) {
	tl := newTally(Bounds{Once: true, Limit: 2000})
	bad := Event{Page: store.Page{Site: "a.example", Outcome: "gone"}}
	for range 1999 {
		tl.note(bad, nil)
	}
	if tl.leaves(bad.Page) {
		t.Error("left too soon")
	}
	if tl.note(bad, nil); !tl.leaves(bad.Page) || tl.leaves(store.Page{Site: "b.example"}) {
		t.Error("not left, or another site was")
	}
}

// TestSince leaves what its source dates earlier, and ends a listing where all is older.
func TestSince(t *testing.T) {
	t.Parallel()
	w, web := trove{pages: 5, sitemaps: 1, stories: 10}.world(t)
	w.once(Bounds{Since: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)})
	asked := web.paths()
	if n := len(w.articles()); n != 3 || len(asked) != 2+1+3 {
		t.Errorf("%d articles, asked for %q", n, asked)
	}
	if p := w.pages()["http://archive.example/map-0.xml"]; p.Reason != "links_refused" || !strings.Contains(p.LastError, "too_old 10") {
		t.Errorf("the sitemap's record: %s, %s", p.Reason, p.LastError)
	}
	if left := w.once(Bounds{}); len(left) != 0 || len(w.articles()) != 5*3 {
		t.Errorf("%d articles at last, left something of %q", len(w.articles()), left)
	}
}

// TestTrap: a section that links other days of an empty calendar at each visit gets ever fewer of them fetched, in the run that
// meets it and in those after it, and no article of the site is missed. What was cut says so, and is fetched when somebody
// asks for it.
func TestTrap(t *testing.T) {
	t.Parallel()
	const days, stories = 300, 4
	story := strings.Repeat("<p>The council met in the old hall on the river and heard what the engineers had to say about the bridge.</p>", 6)
	web := newScript(t, func(rw http.ResponseWriter, url string, nth int) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch {
		case strings.HasSuffix(url, "/town/"):
			fmt.Fprint(rw, "<html><body><main>")
			for i := range stories {
				fmt.Fprintf(rw, "<h2><a href=/news/2026/council-hears-of-the-bridge-%d-%d>Council hears of the bridge for the time number %d</a></h2>", nth, i, i)
			}
			for i := range days {
				fmt.Fprintf(rw, "<h2><a href=/calendar/%d/%d/%d>What is on in the town on that day</a></h2>", 2100+nth, i/28+1, i%28+1)
			}
		case strings.Contains(url, "/news/"):
			n := url[strings.Index(url, "bridge-"):]
			fmt.Fprintf(rw, `<html lang=en><head><title>Council hears of %s</title><meta property="article:published_time" content="2026-11-20T08:00:00Z"></head><body><article><h1>Council hears of %s</h1><p>It is the story %s.</p>%s</article></body></html>`, n, n, n, story)
		default:
			fmt.Fprint(rw, "<html><head><title>Calendar</title></head><body><main><h1>Calendar</h1><ul><li><a href=/>Nothing is on</a></li></ul></main></body></html>")
		}
	})
	st := homeSite(t, "http://trap.example/")
	st.Sections = []site.Section{{ID: "town", URL: "http://trap.example/town/", Kind: site.Listing}}
	w := newWorld(t, shared, web.URL, st)
	calendar := func() (n int) {
		for _, p := range web.paths() {
			if strings.HasPrefix(p, "calendar/") {
				n++
			}
		}
		return n
	}
	w.once(Bounds{})
	first := calendar()
	if first < yield.Trials || first > 260 {
		t.Errorf("%d of %d days were fetched at the first visit", first, days)
	}
	cut := 0
	var one store.Page
	for _, p := range w.pages() {
		if p.Outcome == outcome.Cut {
			if cut++; p.Status != store.StatusExcluded || p.Reason != outcome.ReasonForm || p.NextAt == nil || p.FetchedAt != nil {
				t.Errorf("cut: %+v", p)
			}
			one = p
		}
	}
	if cut+first != days {
		t.Errorf("%d cut and %d fetched of %d", cut, first, days)
	}

	// The next visit lists as many other days: hardly any is even stored.
	again := func(id string) {
		p := w.start(nil)
		defer p.end()
		page, err := p.store.Page(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := p.store.Again(t.Context(), []store.Page{page}, time.Now()); err != nil || n != 1 {
			t.Fatalf("%d made due: %v", n, err)
		}
	}
	again(weburl.ID("http://trap.example/town/"))
	w.once(Bounds{})
	second := calendar() - first
	if second > first/2 {
		t.Errorf("%d days were fetched at the second visit, after %d at the first", second, first)
	}
	if n := len(w.pages()); n > 1+2*stories+days+days/3 {
		t.Errorf("%d pages are stored", n)
	}
	if n := len(w.articles()); n != 2*stories {
		t.Errorf("%d articles, not %d", n, 2*stories)
	}

	again(one.ID)
	w.once(Bounds{})
	if p := w.pages()[one.URL]; p.Outcome != outcome.NotArticle || p.FetchedAt == nil {
		t.Errorf("asked for by hand: %+v", p)
	}
}
