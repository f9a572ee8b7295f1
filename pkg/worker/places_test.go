package worker

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// shelves is a web of hosts: what stands at each address. What begins with "-> " is where it redirects to.
type shelves struct {
	*httptest.Server
	mu    sync.Mutex
	texts map[string]string
	asks  []string
}

func newShelves(t *testing.T, texts map[string]string) *shelves {
	t.Helper()
	s := &shelves{texts: texts}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		url := strings.TrimPrefix(r.URL.String(), "http://")
		s.mu.Lock()
		s.asks = append(s.asks, url)
		text, ok := s.texts[url]
		s.mu.Unlock()
		to, redirects := strings.CutPrefix(text, "-> ")
		switch {
		case redirects:
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusMovedPermanently)
		case ok && strings.HasPrefix(text, "User-agent"):
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, text)
		case ok:
			w.Header().Set("Content-Type", "text/html; charset=utf-8") // whatever it is: the bytes tell
			_, _ = io.WriteString(w, text)
		case strings.Contains(r.URL.Path, "/story-"):
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, tale(url))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *shelves) put(url, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.texts[url] = text
}

// asked is what was asked for so far.
func (s *shelves) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asks)
}

// count is how often an address was asked for.
func (s *shelves) count(url string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.asks {
		if a == url {
			n++
		}
	}
	return n
}

func itemsAt(urls ...string) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>n</title>`)
	for _, u := range urls {
		fmt.Fprintf(&b, "<item><title>A headline of some words</title><link>%s</link></item>", u)
	}
	return b.String() + "</channel></rss>"
}

func sitemapOf(urls ...string) string {
	var b strings.Builder
	b.WriteString(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
	for _, u := range urls {
		fmt.Fprintf(&b, "<url><loc>%s</loc></url>", u)
	}
	return b.String() + "</urlset>"
}

// indexOf makes an index of sitemaps; an address may have its lastmod behind a blank.
func indexOf(entries ...string) string {
	var b strings.Builder
	b.WriteString(`<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
	for _, e := range entries {
		loc, at, _ := strings.Cut(e, " ")
		fmt.Fprintf(&b, "<sitemap><loc>%s</loc>", loc)
		if at != "" {
			fmt.Fprintf(&b, "<lastmod>%s</lastmod>", at)
		}
		b.WriteString("</sitemap>")
	}
	return b.String() + "</sitemapindex>"
}

const scripted = `<html><head><title>News</title></head><body><div id="root"></div><script src="/app.js"></script></body></html>`

// TestUsualPlaces has a site name neither feed nor sitemap: the usual places are looked at until one is found of each, once, and
// what is not there is no failure. When the site names one of those later, it is a section as any other.
func TestUsualPlaces(t *testing.T) {
	t.Parallel()
	const host = "silent.example"
	web := newShelves(t, map[string]string{
		host + "/":                  scripted,
		host + "/rss.xml":           scripted, // what a server says to everything
		host + "/rss":               itemsAt("http://silent.example/story-1", "http://silent.example/story-2"),
		host + "/sitemap_index.xml": sitemapOf("http://silent.example/2020/story-3", "http://silent.example/2020/story-4"),
	})
	w := newWorld(t, shared, web.URL, homeSite(t, "http://silent.example/"))
	p := w.crawl()
	if n := len(w.articles()); n != 4 {
		t.Errorf("%d articles", n)
	}
	if s := p.worker.Spent(); len(s) != 0 {
		t.Errorf("spent: %q", s)
	}
	for path, want := range map[string]string{
		"/feed/": "absent http_404", "/rss.xml": "absent wrong_kind", "/rss": "ok ", "/sitemap.xml": "absent http_404", "/sitemap_index.xml": "ok ",
	} {
		r := w.pages()["http://"+host+path]
		if got := string(r.Outcome) + " " + string(r.Reason); got != want || r.Status != store.StatusDone || web.count(host+path) != 1 {
			t.Errorf("%s: %s, %s, asked for %d times", path, got, r.Status, web.count(host+path))
		}
		if found := r.Outcome == outcome.OK; found != (r.Guess == "") || found && r.Priority != prioritySection ||
			!found && (r.NextAt == nil || time.Until(*r.NextAt) < 6*24*time.Hour) {
			t.Errorf("%s: guess %q, priority %d, next at %v", path, r.Guess, r.Priority, r.NextAt)
		}
	}
	if n := web.count(host + "/feed.xml"); n != 0 {
		t.Errorf("asked for a place after one was found, %d times", n)
	}
	asked := len(web.asked())
	w.visit("http://" + host + "/")
	if n := len(web.asked()) - asked; n != 2 { // robots.txt and the home page
		t.Errorf("%d requests of a second visit: %q", n, web.asked()[asked:])
	}
	web.put(host+"/", strings.Replace(scripted, "</head>", `<link rel="alternate" type="application/rss+xml" href="/feed/"></head>`, 1))
	w.visit("http://" + host + "/")
	if r := w.pages()["http://"+host+"/feed/"]; web.count(host+"/feed/") != 2 || r.Guess != "" || r.Outcome != outcome.Gone {
		t.Errorf("a feed that is named and missing: asked for %d times, %s, guess %q", web.count(host+"/feed/"), r.Outcome, r.Guess)
	}
}

// visit crawls once more, with the page at url due.
func (w *world) visit(url string) {
	w.t.Helper()
	w.set("pages", doc{"url": url}, doc{"status": store.StatusDue, "next_at": time.Now()})
	w.crawl()
}

// TestGuessesNeedAnAnswer: a place of which nothing can be said is looked at again, without the next one being tried, and a
// crawl that is to end does not wait for it.
func TestGuessesNeedAnAnswer(t *testing.T) {
	w, s := judging(t)
	old := known(store.KindFeed, "http://news.example/feed/", time.Now())
	old.Guess, old.DiscoveredFrom = "any", "home"
	for _, c := range []struct {
		name  string
		is    outcome.Outcome
		why   outcome.Reason
		next  string
		again time.Duration // at least
	}{
		{"missing", outcome.Gone, outcome.HTTP(404), "http://news.example/rss.xml", 7 * 24 * time.Hour},
		{"excluded", outcome.Robots, outcome.ReasonRobotsRule, "http://news.example/rss.xml", 7 * 24 * time.Hour},
		{"refused", outcome.Blocked, outcome.ReasonForbidden, "", time.Hour},
		{"an outage", outcome.Retry, outcome.HTTP(503), "", time.Hour},
	} {
		v := verdict{page: old}
		v.page.Outcome, v.page.Reason = c.is, c.why
		now := time.Now()
		w.Sites = site.NewCurrent(s)
		w.next(&v, old, 0, now)
		next := ""
		if len(v.seen) > 0 {
			next = v.seen[0].URL
		}
		if v.page.Outcome != outcome.Absent || v.page.Reason != c.why || v.page.Status != store.StatusDone || next != c.next ||
			v.page.NextAt.Sub(now) < c.again {
			t.Errorf("%s: %s %s %s, then %q, again at %v", c.name, v.page.Outcome, v.page.Reason, v.page.Status, next, v.page.NextAt)
		}
	}
}

// TestVouched has robots.txt name an index on another host: it is read in that host's own lane, as its robots.txt allows, with
// what stands beside it, and articles count only where they are the site's.
func TestVouched(t *testing.T) {
	t.Parallel()
	const home, files = "named.example", "files.test"
	web := newShelves(t, map[string]string{
		home + "/robots.txt":       "User-agent: *\nSitemap: http://files.test/named/index.xml\nSitemap: http://files.test/barred/s.xml\n",
		home + "/":                 scripted,
		files + "/robots.txt":      "User-agent: *\nDisallow: /barred/\n",
		files + "/named/index.xml": indexOf("http://files.test/named/a.xml", "http://files.test/other/b.xml", "http://third.test/c.xml", "http://named.example/d.xml"),
		files + "/named/a.xml":     sitemapOf("http://named.example/2020/story-1", "http://files.test/named/story-2", "http://third.test/story-3"),
		home + "/d.xml":            sitemapOf("http://named.example/2020/story-4"),
		files + "/other/b.xml":     sitemapOf("http://named.example/2020/story-5"),
		"third.test/c.xml":         sitemapOf("http://named.example/2020/story-6"),
		home + "/feed/":            itemsAt("http://named.example/2020/story-4"),
		files + "/barred/s.xml":    sitemapOf("http://named.example/2020/story-7"),
	})
	s := homeSite(t, "http://named.example/")
	s.Politeness.Key = "named" // speaks for its own hosts alone
	w := newWorld(t, shared, web.URL, s)
	w.crawl()
	var got []string
	for u := range w.articles() {
		got = append(got, u)
	}
	slices.Sort(got)
	if want := []string{"http://named.example/2020/story-1", "http://named.example/2020/story-4"}; !slices.Equal(got, want) {
		t.Errorf("articles %q, want %q", got, want)
	}
	for _, u := range []string{files + "/other/b.xml", "third.test/c.xml", files + "/barred/s.xml", files + "/named/story-2", "third.test/story-3"} {
		if n := web.count(u); n != 0 {
			t.Errorf("%s was asked for %d times", u, n)
		}
	}
	pages := w.pages()
	if p := pages["http://files.test/named/index.xml"]; p.Lane != "files.test" || p.Outcome != outcome.OK || p.NextAt == nil {
		t.Errorf("the index: lane %q, %s, next %v", p.Lane, p.Outcome, p.NextAt)
	}
	if p := pages["http://files.test/barred/s.xml"]; p.Outcome != outcome.Robots {
		t.Errorf("what the other host's robots.txt excludes: %s", p.Outcome)
	}
	if p := pages["http://named.example/2020/story-1"]; p.Lane != "named" {
		t.Errorf("an article's lane: %q", p.Lane)
	}
}

// TestFeedService has a site keep its feed at a feed service, which leads readers on to its articles.
func TestFeedService(t *testing.T) {
	t.Parallel()
	const home = "burnt.example"
	web := newShelves(t, map[string]string{
		home + "/":                             strings.Replace(scripted, "</head>", `<link rel="alternate" type="application/rss+xml" href="/feed/"></head>`, 1),
		home + "/feed/":                        "-> http://feeds.feedburner.com/burnt",
		home + "/sitemap.xml":                  sitemapOf("http://burnt.example/2020/story-1"),
		"feeds.feedburner.com/burnt":           itemsAt("http://burnt.example/2020/story-1", "http://feedproxy.google.com/~r/burnt/~3/2/", "http://feedproxy.google.com/~r/burnt/~3/story-3"),
		"feedproxy.google.com/~r/burnt/~3/2/":  "-> http://burnt.example/2020/story-2?utm_source=feed",
		home + "/2020/story-2?utm_source=feed": tale("2020/story-2"),
	})
	w := newWorld(t, shared, web.URL, homeSite(t, "http://burnt.example/"))
	w.crawl()
	got := w.articles()
	if len(got) != 2 || got["http://burnt.example/2020/story-1"].ID == "" || got["http://burnt.example/2020/story-2"].ID == "" {
		t.Errorf("%d articles", len(got))
	}
	pages := w.pages()
	if p := pages["http://feeds.feedburner.com/burnt"]; p.Kind != store.KindFeed || p.Lane != "feedburner.com" || p.Interval == 0 {
		t.Errorf("the feed: %s, lane %q, interval %d", p.Kind, p.Lane, p.Interval)
	}
	if p := pages["http://feedproxy.google.com/~r/burnt/~3/story-3"]; p.Outcome != outcome.NotArticle || p.Reason != outcome.ReasonOffSite {
		t.Errorf("a page that the service shows itself: %s, %s", p.Outcome, p.Reason)
	}
}

// TestDelayOfOthers: a site's own delay is for its own hosts, and that of a host which is another site's for everybody.
func TestDelayOfOthers(t *testing.T) {
	a, b := homeSite(t, "http://a.example/"), homeSite(t, "http://b.example/")
	a.SetDefaultDelay(3 * time.Second)
	a.Politeness.Delay, b.Politeness.Delay = time.Second, time.Minute
	w := &Worker{Deps: Deps{Sites: site.NewCurrent(a, b)}}
	for address, want := range map[string]time.Duration{
		"http://www.a.example/x": time.Second, "http://files.test/s.xml": 3 * time.Second, "http://cdn.b.example/s.xml": time.Minute,
	} {
		if got := w.delay(a, address); got != want {
			t.Errorf("%s: %v, want %v", address, got, want)
		}
	}
}

// TestRefreshOfAnArticle follows a page that only sends its readers on.
func TestRefreshOfAnArticle(t *testing.T) {
	t.Parallel()
	const home = "sender.example"
	web := newShelves(t, map[string]string{
		home + "/feed.xml":  itemsAt("http://sender.example/story-old"),
		home + "/story-old": `<html><head><meta http-equiv="refresh" content="0; url=/2020/story-new"></head><body></body></html>`,
	})
	s := homeSite(t, "http://sender.example/")
	s.Sections = []site.Section{{ID: "feed", URL: "http://sender.example/feed.xml", Kind: site.Feed}}
	w := newWorld(t, shared, web.URL, s)
	w.crawl()
	if a := w.articles(); len(a) != 1 || a["http://sender.example/2020/story-new"].ID == "" {
		t.Errorf("%d articles", len(a))
	}
	if p := w.pages()["http://sender.example/story-old"]; p.Outcome != outcome.Redirected || p.RedirectTo != "http://sender.example/2020/story-new" {
		t.Errorf("%s to %q", p.Outcome, p.RedirectTo)
	}
}

// TestSectionsByTheirBytes: what links call a feed, a sitemap or a section may be another of these, and what they call feeds may
// be a page that lists them. What a site file says of a section stands.
func TestSectionsByTheirBytes(t *testing.T) {
	t.Parallel()
	const home = "bytes.example"
	story := func(n int) string { return fmt.Sprintf("http://bytes.example/2020/story-%d", n) }
	links := func(links ...string) string {
		return "<html><body><main>" + strings.Join(links, " ") + "</main></body></html>"
	}
	web := newShelves(t, map[string]string{
		home + "/": `<html><head><link rel="alternate" type="application/rss+xml" href="/news.xml"></head><body><nav><a href="/latest">Latest</a></nav>` +
			`<footer><a href="/syndicate/7" aria-label="RSS"><svg></svg></a> <a href="/rss">RSS</a></footer></body></html>`,
		home + "/news.xml":    sitemapOf(story(1)),
		home + "/latest":      itemsAt(story(2)),
		home + "/syndicate/7": itemsAt(story(3)),
		home + "/rss":         links(`<a href="/rss/town">The town</a>`, `<a href="/rss/more">RSS</a>`, `<a href="/rss">RSS</a>`),
		home + "/rss/town":    itemsAt(story(4)),
		home + "/rss/more":    links(`<a href="/rss/hidden">RSS</a>`),
		home + "/rss/hidden":  itemsAt(story(5)),
		home + "/said":        itemsAt(story(6)),
	})
	s := homeSite(t, "http://bytes.example/")
	w := newWorld(t, shared, web.URL, s)
	w.crawl()
	for n := 1; n <= 4; n++ {
		if w.articles()[story(n)].ID == "" {
			t.Errorf("no article at %s", story(n))
		}
	}
	for path, want := range map[string]string{
		"/news.xml": "sitemap ok ", "/latest": "feed ok ", "/syndicate/7": "feed ok ", "/rss": "feed ok ", "/rss/town": "feed ok ", "/rss/more": "feed unreadable wrong_kind",
	} {
		p := w.pages()["http://"+home+path]
		if got := fmt.Sprint(p.Kind, " ", p.Outcome, " ", p.Reason); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if n := web.count(home + "/rss/hidden"); n != 0 {
		t.Errorf("a list of feeds that a list of feeds names is followed")
	}
	w.visit("http://" + home + "/latest")
	if p := w.pages()["http://"+home+"/latest"]; p.Kind != store.KindFeed || p.Outcome != outcome.OK {
		t.Errorf("a second time: %s, %s", p.Kind, p.Outcome)
	}

	s.Sections = []site.Section{{ID: "said", URL: "http://bytes.example/said", Kind: site.Listing}}
	w = newWorld(t, shared, web.URL, s)
	w.crawl()
	if p := w.pages()["http://"+home+"/said"]; p.Kind != store.KindListing || p.Reason != outcome.ReasonWrongKind {
		t.Errorf("what the site file calls a listing: %s, %s %s", p.Kind, p.Outcome, p.Reason)
	}
}
