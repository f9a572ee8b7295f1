package worker

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// trove is a site with a listing of several pages and an index of sitemaps: per sitemap so many old stories, in the
// order of their age, the oldest first. Where it is ahead, its sitemaps say that all of them are published in so long.
type trove struct {
	pages, sitemaps, stories int
	ahead                    time.Duration
}

func (a trove) serve(w http.ResponseWriter, url string, _ int) {
	_, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	var n int
	switch {
	case path == "world/", strings.HasPrefix(path, "world/page/"):
		n = 1
		_, _ = fmt.Sscanf(path, "world/page/%d/", &n)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><html><head><title>World</title></head><body><main>")
		for i := range 3 {
			fmt.Fprintf(w, `<article><h2><a href="/2026/11/24/listed-%d-%d.html">Story number %d of page %d tells what happened</a></h2><p>And more.</p></article>`, n, i, i, n)
		}
		if n < a.pages {
			fmt.Fprintf(w, `<nav class="pagination"><a rel="next" href="/world/page/%d/">Next</a></nav>`, n+1)
		}
		fmt.Fprint(w, "</main></body></html>")
	case path == "index.xml":
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprint(w, `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
		for i := range a.sitemaps {
			fmt.Fprintf(w, `<sitemap><loc>http://archive.example/map-%d.xml</loc></sitemap>`, i)
		}
		fmt.Fprint(w, `</sitemapindex>`)
	case strings.HasPrefix(path, "map-"):
		_, _ = fmt.Sscanf(path, "map-%d.xml", &n)
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprint(w, `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">`)
		for i := range a.stories {
			at, news := time.Date(2020, 1, 1, n, i, 0, 0, time.UTC).Format(time.RFC3339), ""
			if a.ahead > 0 {
				at = time.Now().Add(a.ahead).Format(time.RFC3339)
				news = "<news:news><news:publication_date>" + at + "</news:publication_date></news:news>"
			}
			fmt.Fprintf(w, `<url><loc>http://archive.example/old/story-of-long-ago-%04d.html</loc><lastmod>%s</lastmod>%s</url>`, n*a.stories+i, at, news)
		}
		fmt.Fprint(w, `</urlset>`)
	case strings.Contains(path, ".html"):
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, tale(path))
	default:
		http.NotFound(w, nil)
	}
}

// tale is an article of January 2026 with a text of its own for each path.
func tale(path string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(path))
	rnd := rand.New(rand.NewPCG(h.Sum64(), 0))
	words := strings.Fields("bridge council river farmers ministry works district teachers school harbour doctors clinic engineers " +
		"office merchants market water drivers road museum harvest canal orchard citadel wall bus village loan bakery nurses map wells " +
		"said opened closed planned repaired counted promised refused began ended near behind after before without old new northern")
	title := fmt.Sprintf("%s %d", path[strings.LastIndex(path, "/")+1:], rnd.IntN(1000))
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><html lang="en"><head><title>%[1]s</title><meta property="og:type" content="article">`+
		`<meta property="article:published_time" content="2026-01-02T10:00:00Z"></head><body><article><h1>%[1]s</h1>`, title)
	for range 4 {
		b.WriteString("<p>The")
		for range 25 {
			b.WriteString(" " + words[rnd.IntN(len(words))])
		}
		b.WriteString(".</p>")
	}
	b.WriteString("</article></body></html>")
	return b.String()
}

func (a trove) world(t *testing.T) (*world, *script) {
	web := newScript(t, a.serve)
	st := homeSite(t, "http://archive.example/")
	st.Sections = []site.Section{
		{ID: "map", URL: "http://archive.example/index.xml", Kind: site.Sitemap},
		{ID: "world", URL: "http://archive.example/world/", Kind: site.Listing},
	}
	return newWorld(t, shared, web.URL, st), web
}

// paths are what was asked for, in order, without what comes before the path.
func (s *script) paths() (paths []string) {
	for _, a := range s.asked() {
		_, path, _ := strings.Cut(strings.TrimPrefix(a.url, "http://"), "/")
		paths = append(paths, path)
	}
	return paths
}

// TestNewsOfTheFuture: what a site's sitemaps date in the future is no news by that, and does not go before it.
func TestNewsOfTheFuture(t *testing.T) {
	t.Parallel()
	w, web := trove{pages: 3, sitemaps: 1, stories: 12, ahead: 365 * 24 * time.Hour}.world(t)
	w.crawl()
	asked := web.paths()
	old := slices.IndexFunc(asked, func(p string) bool { return strings.Contains(p, "story-of-long-ago") })
	listed := slices.IndexFunc(asked, func(p string) bool { return strings.Contains(p, "listed-3") })
	if listed < 0 || old < listed {
		t.Errorf("what the listing shows is asked for behind what is dated in the future: %q", asked)
	}
}

// TestNewsFirst asks a site for its sections' first pages, then for the news on them, then for what leads further back, and
// then for the past, the newest of it first: also where the lane has room for a small part of that.
func TestNewsFirst(t *testing.T) {
	t.Parallel()
	const sitemaps, stories = 3, 20
	w, web := trove{pages: 3, sitemaps: sitemaps, stories: stories}.world(t)
	w.frontier.LanePending = 4
	w.crawl()
	asked := web.paths()
	at := func(part string) (first, last, n int) {
		first, last = slices.IndexFunc(asked, func(p string) bool { return strings.Contains(p, part) }), -1
		for i, p := range asked {
			if strings.Contains(p, part) {
				last, n = i, n+1
			}
		}
		return first, last, n
	}
	before := func(a, b string) {
		t.Helper()
		_, last, _ := at(a)
		if first, _, _ := at(b); last < 0 || first < last {
			t.Errorf("%s was asked for before %s: %q", b, a, asked)
		}
	}
	if _, _, n := at("/"); len(asked) != 2+9+2+sitemaps+sitemaps*stories {
		t.Errorf("%d requests, %d below a directory: %q", len(asked), n, asked)
	}
	before("index.xml", "listed-1")
	before("listed-1", "page/2")
	before("listed-1", "map-")
	before("listed-2", "page/3")
	before("map-2", "story-of-long-ago")
	// The lane had room for four when the first sitemap was read, which is that with the highest number; what follows comes from
	// the store.
	var old []string
	for _, p := range asked {
		if strings.Contains(p, "story-of-long-ago") {
			old = append(old, p)
		}
	}
	for i, p := range old[:24] {
		if want := fmt.Sprintf("old/story-of-long-ago-%04d.html", sitemaps*stories-1-i); p != want {
			t.Errorf("no. %d of the past is %s, want %s", i, p, want)
		}
	}
	for url, p := range w.pages() {
		if p.Status != store.StatusDone || p.Held != "" {
			t.Errorf("%s is %s, held for %q", url, p.Status, p.Held)
		}
	}
}
