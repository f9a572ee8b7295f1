package worker

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// script is a proxy that answers for any host as the test says, and notes what it was asked and when.
type script struct {
	*httptest.Server
	answer func(w http.ResponseWriter, url string, nth int) // nth request for this URL, from 1

	mu   sync.Mutex
	asks []ask
}

type ask struct {
	url        string
	start, end time.Time
}

func newScript(t *testing.T, answer func(w http.ResponseWriter, url string, nth int)) *script {
	t.Helper()
	s := &script{answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		url := r.URL.String()
		if r.URL.Host == "" {
			url = "http://" + r.Host + url
		}
		s.mu.Lock()
		nth := 1
		for _, a := range s.asks {
			if a.url == url {
				nth++
			}
		}
		i := len(s.asks)
		s.asks = append(s.asks, ask{url: url, start: start})
		s.mu.Unlock()
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
		} else {
			s.answer(w, url, nth)
		}
		s.mu.Lock()
		s.asks[i].end = time.Now()
		s.mu.Unlock()
	}))
	t.Cleanup(s.Close)
	return s
}

// asked are the requests so far, robots.txt aside, in the order of their arrival.
func (s *script) asked() []ask {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []ask
	for _, a := range s.asks {
		if a.url[len(a.url)-11:] != "/robots.txt" {
			out = append(out, a)
		}
	}
	return out
}

// listing is a feed of articles.
func listing(w http.ResponseWriter, urls ...string) {
	w.Header().Set("Content-Type", "application/rss+xml")
	_, _ = w.Write([]byte(`<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>`))
	for _, u := range urls {
		_, _ = w.Write([]byte(`<item><title>A</title><link>` + u + `</link></item>`))
	}
	_, _ = w.Write([]byte(`</channel></rss>`))
}

const story = `<!doctype html><html lang="en"><head><title>Bridge reopens after repairs</title>
<meta property="og:type" content="article"><meta property="og:title" content="Bridge reopens after repairs">
<meta property="article:published_time" content="2026-01-02T10:00:00Z"></head><body><article><h1>Bridge reopens after repairs</h1>
<p>The old bridge over the river was opened to traffic again on Friday morning, eleven months after the flood that had damaged two of its piers.</p>
<p>Engineers of the city said that the work had cost less than planned, and that lorries would be let across from the first of March on.</p>
<p>Shopkeepers on both banks, who had lost most of their customers in the meantime, hung flags from their windows and gave bread to those who passed.</p>
</article></body></html>`

func page(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(story))
}

// pageAt is page with a text of its own: the same text at two addresses is one article.
func pageAt(w http.ResponseWriter, url string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, strings.Replace(story, "<p>", "<p>This is what stands at "+url+". ", 1))
}

// feedSite is a site whose one section is a feed.
func feedSite(t *testing.T, host string) *site.Site {
	t.Helper()
	s := homeSite(t, "http://"+host+"/")
	s.Sections = []site.Section{{ID: "news", URL: "http://" + host + "/feed", Kind: site.Feed}}
	return s
}

// TestSiteDelay crawls with two processes and looks at the gaps from the web's side.
func TestSiteDelay(t *testing.T) {
	t.Parallel()
	const delay = 60 * time.Millisecond
	w, web := demoWorld(t, demosite.Config{Sites: 2, PerSection: 1, PageSize: 1, Latency: 5 * time.Millisecond})
	for _, s := range w.sites {
		s.SetDefaultDelay(delay)
	}
	w.worker.Hold = 20 * time.Millisecond // turns go back and forth between the processes
	a, b := w.start(nil), w.start(nil)
	a.seed()
	a.run()
	b.run()
	w.drained(a)
	expectAll(t, w, web)
	expectPolite(t, web, 1)
	for host, s := range web.Stats().Hosts {
		if s.MinGap < delay {
			t.Errorf("%s was asked again after %v, want at least %v", host, s.MinGap, delay)
		}
	}
}

func TestCrawlDelay(t *testing.T) {
	t.Parallel()
	w, web := demoWorld(t, demosite.Config{Sites: 1, PerSection: 1, CrawlDelay: time.Second})
	d := web.Sites()[0]
	w.sites[0].Sections = []site.Section{{ID: "news", URL: d.Sitemap, Kind: site.Sitemap}}
	w.worker.Hold = 100 * time.Millisecond
	w.crawl()
	expectAll(t, w, web)
	if s := web.Stats().Hosts[d.Host]; s.MinGap < time.Second || s.MaxConcurrent > 1 {
		t.Errorf("asked again after %v, %d at once", s.MinGap, s.MaxConcurrent)
	}
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	w, web := demoWorld(t, demosite.Config{Sites: 1, PerSection: 3, Latency: 3 * time.Millisecond})
	w.sites[0].Politeness.Concurrency = 2
	w.crawl()
	expectAll(t, w, web)
	expectPolite(t, web, 2)
}

// TestRetryAfter wants the whole host left alone for as long as it asks, and the page asked for again.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	web := newScript(t, func(w http.ResponseWriter, url string, nth int) {
		switch {
		case url == "http://busy.example/feed":
			listing(w, "http://busy.example/news/2026/one-of-two", "http://busy.example/news/2026/two-of-two")
		case url == "http://busy.example/news/2026/one-of-two" && nth == 1:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			page(w)
		}
	})
	w := newWorld(t, shared, web.URL, feedSite(t, "busy.example"))
	w.crawl()
	asks := web.asked()
	if len(asks) != 4 {
		t.Fatalf("%d requests, want the feed, two pages and one again: %v", len(asks), asks)
	}
	if gap := asks[2].start.Sub(asks[1].end); gap < time.Second {
		t.Errorf("asked again %v after a 503 that asked for a second", gap)
	}
	for url, p := range w.pages() {
		if p.Status != store.StatusDone || p.Attempts != 0 {
			t.Errorf("%s: %s, %d attempts", url, p.Status, p.Attempts)
		}
	}
}

// TestHostDown wants one request per quiet period while nothing listens, and the host forgiven when it is back.
func TestHostDown(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	s := homeSite(t, "http://"+addr+"/")
	s.Sections = []site.Section{{ID: "a", URL: "http://" + addr + "/a", Kind: site.Feed}, {ID: "b", URL: "http://" + addr + "/b", Kind: site.Feed}}
	w := newWorld(t, shared, "", s)
	w.worker.Policy.MaxAttempts = 1000
	w.worker.Policy.HostMax = 100 * time.Millisecond // heard of the robots.txt that could not be had
	looker, p := w.start(nil), w.start(nil)
	looker.seed()
	p.run()
	lane := s.Lane(s.Home)
	w.eventually(func(ctx context.Context) bool {
		st, err := p.front.Lane(ctx, lane)
		return err == nil && st.Failures >= 3 && st.NextAt.After(time.Now())
	})
	for _, page := range w.pages() {
		if page.Attempts > 0 && (page.Outcome != "robots_unavailable" || page.Status == store.StatusDead) {
			t.Errorf("%s: %s, %s", page.URL, page.Outcome, page.Status)
		}
	}
	if l, err = net.Listen("tcp", addr); err != nil {
		t.Skip("the port was taken meanwhile:", err)
	}
	back := &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(rw, r)
			return
		}
		listing(rw)
	})}
	served := make(chan struct{})
	go func() { defer close(served); _ = back.Serve(l) }()
	defer func() { _ = back.Close(); <-served }()
	p.stop() // robots.txt that could not be had is asked for again after a while; another process asks at once
	q := w.start(nil).run()
	w.drained(looker)
	w.eventually(func(ctx context.Context) bool {
		st, err := q.front.Lane(ctx, lane)
		return err == nil && st.Failures == 0 && !st.Held
	})
}

// TestHopelessHost wants a crawl that is to end to end, though pages wait for a host that does not come back.
func TestHopelessHost(t *testing.T) {
	t.Parallel()
	web := newScript(t, func(w http.ResponseWriter, url string, nth int) {
		if url == "http://lost.example/feed" {
			var urls []string
			for _, c := range "abcdefghijklmnopqrstuvwxyz" {
				urls = append(urls, "http://lost.example/news/2026/article-"+string(c))
			}
			listing(w, urls...)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	w := newWorld(t, shared, web.URL, feedSite(t, "lost.example"))
	w.worker.Policy.HostMax = 100 * time.Millisecond
	w.worker.Policy.MaxAttempts = 3
	w.crawl()
	n := 0
	for _, p := range w.pages() {
		if p.Kind == store.KindArticle {
			n++
			if p.Status != store.StatusDead || p.NextAt == nil {
				t.Errorf("%s: %s, due %v; want it given up, and due again some day", p.URL, p.Status, p.NextAt)
			}
		}
	}
	if asked := len(web.asked()); n != 26 || asked > 15 {
		t.Errorf("%d requests for %d pages of a host that does not answer", asked, n)
	}
}

// TestSlowRedirect has a page that redirects within its lane, on a site whose delay is longer than turns are held.
func TestSlowRedirect(t *testing.T) {
	t.Parallel()
	const delay = 100 * time.Millisecond
	web := newScript(t, func(w http.ResponseWriter, url string, nth int) {
		switch url {
		case "http://moved.example/feed":
			listing(w, "http://moved.example/news/2026/old-address")
		case "http://moved.example/news/2026/old-address":
			w.Header().Set("Location", "http://www.moved.example/news/2026/new-address")
			w.WriteHeader(http.StatusMovedPermanently)
		default:
			page(w)
		}
	})
	s := feedSite(t, "moved.example")
	s.SetDefaultDelay(delay)
	w := newWorld(t, shared, web.URL, s)
	w.worker.Hold = 10 * time.Millisecond
	w.crawl()
	asks := web.asked()
	if len(asks) != 3 {
		t.Fatalf("%d requests, want the feed and two hops: %v", len(asks), asks)
	}
	for i := range asks[1:] {
		if gap := asks[i+1].start.Sub(asks[i].end); gap < delay {
			t.Errorf("asked again after %v, want at least %v", gap, delay)
		}
	}
	pages := w.pages()
	if p := pages["http://moved.example/news/2026/old-address"]; p.Status != store.StatusDone || p.ArticleID == "" {
		t.Errorf("the page that moved: %s, %s, article %q", p.Status, p.Outcome, p.ArticleID)
	}
	if p := pages["http://www.moved.example/news/2026/new-address"]; p.Reason != "alias" {
		t.Errorf("its new address: %+v", p)
	}
}

// TestRedirectLeavesTheSlot has a page that waits a long delay between two hops, at a worker with one slot.
func TestRedirectLeavesTheSlot(t *testing.T) {
	t.Parallel()
	hopped := make(chan struct{}, 10)
	web := newScript(t, func(w http.ResponseWriter, url string, nth int) {
		switch url {
		case "http://slow.example/feed":
			w.Header().Set("Location", "http://www.slow.example/feed")
			w.WriteHeader(http.StatusMovedPermanently)
			hopped <- struct{}{}
		case "http://fast.example/feed":
			listing(w, "http://fast.example/news/2026/one-of-two", "http://fast.example/news/2026/two-of-two")
		default:
			pageAt(w, url)
		}
	})
	slow, fast := feedSite(t, "slow.example"), feedSite(t, "fast.example")
	slow.SetDefaultDelay(hopWait - 5*time.Second) // longer than all else takes
	w := newWorld(t, shared, web.URL, slow, fast)
	w.worker.Slots = 1
	p := w.start(nil)
	p.fetch.Fetch(t.Context(), fetchOf(slow.Home)) // for its robots.txt, after which the delay would be waited too
	w.sites = []*site.Site{slow}
	w.start(nil).seed()
	p.run()
	<-hopped
	w.sites = []*site.Site{fast}
	w.start(nil).seed()
	w.eventually(func(context.Context) bool {
		pages := w.pages()
		return pages["http://fast.example/news/2026/one-of-two"].ArticleID != "" && pages["http://fast.example/news/2026/two-of-two"].ArticleID != ""
	})
	for _, a := range web.asked() {
		if a.url == "http://www.slow.example/feed" {
			t.Error("the other site waited for the redirect's delay")
		}
	}
	p.end()
	if p.err != nil {
		t.Error(p.err)
	}
	// The page that waited is left to others, without suspicion.
	lane, err := w.start(nil).front.Lane(t.Context(), slow.Lane(slow.Home))
	if err != nil || lane.Held || lane.InHand != "" {
		t.Errorf("%+v, %v", lane, err)
	}
}

// TestLanesFollowTheSite has tasks that were queued before the site's concurrency was lowered.
func TestLanesFollowTheSite(t *testing.T) {
	t.Parallel()
	w, web := demoWorld(t, demosite.Config{Sites: 1, PerSection: 2, Latency: 3 * time.Millisecond})
	w.sites[0].Politeness.Concurrency = 6
	p := w.start(nil)
	s, stop := p.seed()
	w.eventually(func(ctx context.Context) bool { d, err := p.front.Depth(ctx); return err == nil && d.Tasks == 1 })
	stop()
	var urls []string
	for _, a := range web.Articles() {
		urls = append(urls, a.URL)
	}
	var pages []store.Page
	due := time.Now()
	for _, u := range urls {
		pages = append(pages, store.Page{ID: weburl.ID(u), URL: u, Site: w.sites[0].ID, Kind: store.KindArticle, Priority: 1,
			Lane: w.sites[0].Lane(u), DiscoveredAt: due, Status: store.StatusDue, NextAt: &due})
	}
	if _, _, err := p.store.EnsurePages(t.Context(), pages); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.end()

	w.sites[0].Politeness.Concurrency = 1
	w.crawl()
	expectAll(t, w, web)
	expectPolite(t, web, 1)
	for url, page := range w.pages() {
		if page.Lane != w.sites[0].Lane(url) && page.FetchedAt != nil {
			t.Errorf("%s is still in lane %s", url, page.Lane)
		}
	}
}

// TestNewerTask wants a task of a newer khabar left where it is, and its lane given back.
func TestNewerTask(t *testing.T) {
	t.Parallel()
	w := newWorld(t, shared, "", homeSite(t, "http://newer.example/"))
	p := w.start(nil)
	subject := w.name + "frontier.newer_example.0.p"
	ctx := context.Background()
	js, err := jetstream.New(p.nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(ctx, subject, []byte(`{"v":99}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(ctx, w.name+"turn.newer_example", []byte(`{"v":1}`)); err != nil {
		t.Fatal(err)
	}
	p.run()
	w.eventually(func(ctx context.Context) bool {
		lane, err := p.front.Lane(ctx, "newer.example")
		return err == nil && !lane.NextAt.IsZero() && !lane.Held
	})
	p.end()
	if p.err != nil {
		t.Error(p.err)
	}
	looker := w.start(nil)
	if d, err := looker.front.Depth(ctx); err != nil || d.Tasks != 1 || d.Lanes != 1 {
		t.Errorf("%+v, %v: want task and turn left", d, err)
	}
}
