package main

import (
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/cmd/internal/hostileweb"
	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

// longVariable has the long tests run.
const longVariable = "KHABAR_TEST_LONG"

// TestHostileWeb crawls the hostile sites beside a healthy web, in one process: the crawl ends, the healthy web is complete,
// every hostile site gets what it deserves, and the memory is bounded.
func TestHostileWeb(t *testing.T) {
	if proctest.RaceDetector && os.Getenv(longVariable) == "" {
		t.Skip("takes five minutes under the race detector, which the tests of fetch, discover and the worker run under too: set " + longVariable + "=1")
	}
	healthy, err := demosite.New(demosite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	web := startHostile(t, healthy)
	sites := hostileweb.Sites()
	found := crawlHostile(t, web, sites, healthy)
	for _, a := range healthy.Articles() {
		if _, ok := found.articles[a.URL]; !ok {
			t.Errorf("%s is missing: %+v", a.URL, found.pages[a.URL])
		}
		delete(found.articles, a.URL)
	}
	found.compare(t, sites)
}

// TestHostileSites crawls each of the sites alone.
func TestHostileSites(t *testing.T) {
	if os.Getenv(longVariable) == "" {
		t.Skip("takes minutes: set " + longVariable + "=1")
	}
	web := startHostile(t, http.NotFoundHandler())
	for _, s := range hostileweb.Sites() {
		t.Run(s.Name, func(t *testing.T) {
			found := crawlHostile(t, web, []*hostileweb.Site{s}, nil)
			found.compare(t, []*hostileweb.Site{s})
		})
	}
}

func startHostile(t *testing.T, healthy http.Handler) *hostileweb.Server {
	web, err := hostileweb.Start(healthy)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(web.Close)
	return web
}

// harvest is what a crawl left in the store.
type harvest struct {
	pages    map[string]line   // by URL
	articles map[string]string // titles by canonical URL
}

// residentBase is what a crawl's process may have resident beside the pages in hand: the servers in it, the connections and
// the code. 72 MB were measured with one small site; the collector lets what is alive double before it looks.
const residentBase = 256 << 20

func crawlHostile(t *testing.T, web *hostileweb.Server, sites []*hostileweb.Site, healthy *demosite.Web) harvest {
	t.Helper()
	dir := t.TempDir()
	// The limit is more than any of the sites has articles: it ends those that invent addresses.
	args := []string{"crawl", "--once", "--limit", "100", "--dir", dir, "--delay", "0s", "--proxy", web.ProxyURL()}
	if healthy != nil {
		for _, s := range healthy.Sites() {
			args = append(args, s.Home)
		}
	}
	for _, s := range sites {
		args = append(args, s.URL())
	}
	env := proctest.Environment(t,
		// Short, and yet much longer than an honest answer takes on a busy machine.
		"KHABAR_FETCH_HEADER_TIMEOUT=5s", "KHABAR_FETCH_TIMEOUT=6s",
		"KHABAR_REVISIT_MAX_ATTEMPTS=3", "KHABAR_REVISIT_RETRY_BASE=100ms", "KHABAR_REVISIT_RETRY_MAX=200ms",
		"KHABAR_REVISIT_HOST_BASE=100ms", "KHABAR_REVISIT_HOST_MAX=200ms", "KHABAR_REVISIT_HOST_DOWN=100ms",
	)
	p := proctest.Run(t, env, bin.Path("khabar"), args...)
	// 1 is for what was named and gave nothing, which most of the sites do.
	if code := p.Exit(t); code != 0 && code != 1 || strings.Contains(p.Log(), "stopped before") {
		t.Errorf("the crawl ended with status %d:\n%s\n%s", code, p.Output(), p.Log())
	}
	if strings.Contains(p.Log(), "Unsolicited") {
		t.Errorf("what net/http complains of is not in the log alone:\n%s", p.Log())
	}
	t.Logf("%d MB at most\n%s", p.PeakMemory()>>20, p.Output())
	if limit := worker.Default().Memory + residentBase; proctest.RaceDetector {
		t.Log("memory is not compared: the race detector takes several times as much")
	} else if p.PeakMemory() > limit {
		t.Errorf("the crawl took %d MB of memory, more than %d", p.PeakMemory()>>20, limit>>20)
	}

	found := harvest{pages: map[string]line{}, articles: map[string]string{}}
	for _, l := range jsonLines(t, succeeds(t, "pages", "list", "--json", "--dir", dir)) {
		found.pages[l.URL] = l
	}
	for _, l := range jsonLines(t, succeeds(t, "export", "--dir", dir)) {
		found.articles[l.Canonical] = l.Title
	}
	return found
}

// compare holds what was found to what the sites are to give, and nothing else.
func (h harvest) compare(t *testing.T, sites []*hostileweb.Site) {
	t.Helper()
	for _, s := range sites {
		home := h.pages[s.URL()]
		if got := outcome.Text(outcome.Outcome(home.Outcome), outcome.Reason(home.Reason)); got != s.Home {
			t.Errorf("%s came to %q, should be %q", s.URL(), got, s.Home)
		}
		if s.Story != "" {
			story := h.pages[s.StoryURL()]
			if got := outcome.Text(outcome.Outcome(story.Outcome), outcome.Reason(story.Reason)); got != s.Story {
				t.Errorf("%s came to %q, should be %q", s.StoryURL(), got, s.Story)
			}
		}
		for url, title := range s.Stories() {
			if got, ok := h.articles[url]; !ok || got != title {
				t.Errorf("%s has the title %q, should be %q: %+v", url, got, title, h.pages[url])
			}
			delete(h.articles, url)
		}
	}
	for _, url := range slices.Sorted(maps.Keys(h.articles)) {
		t.Errorf("%s was stored, and is no article: %q", url, h.articles[url])
	}
}
