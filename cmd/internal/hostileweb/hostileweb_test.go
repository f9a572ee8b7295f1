package hostileweb

import (
	"bufio"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

var bin proctest.Binaries

func TestMain(m *testing.M) { proctest.Main(m, &bin, "khabar") }

// longVariable has the long tests run.
const longVariable = "KHABAR_TEST_LONG"

// endless are the sites that a crawl has no end on, each with the reason. They are out of the run of all at once.
var endless = map[string]string{
	"map-huge":      "five million pages are listed, and --once fetches all that is found",
	"map-inventing": "each visit of the sitemap lists new pages, and --once fetches all that is found",
}

// TestAllAtOnce crawls the hostile sites beside a healthy web, in one process: the crawl ends, the healthy web is complete,
// every hostile site gets what it deserves, and the memory is bounded.
func TestAllAtOnce(t *testing.T) {
	healthy, err := demosite.New(demosite.Config{})
	if err != nil {
		t.Fatal(err)
	}
	web := start(t, healthy)
	var sites []*Site
	for _, s := range Sites() {
		if endless[s.Name] == "" {
			sites = append(sites, s)
		}
	}
	found := crawl(t, web, sites, healthy)
	for _, a := range healthy.Articles() {
		if _, ok := found.articles[a.URL]; !ok {
			t.Errorf("%s is missing: %+v", a.URL, found.pages[a.URL])
		}
		delete(found.articles, a.URL)
	}
	found.compare(t, sites)
}

// TestEach crawls each of the sites alone.
func TestEach(t *testing.T) {
	if os.Getenv(longVariable) == "" {
		t.Skip("takes minutes: set " + longVariable + "=1")
	}
	web := start(t, http.NotFoundHandler())
	for _, s := range Sites() {
		t.Run(s.Name, func(t *testing.T) {
			if why := endless[s.Name]; why != "" {
				t.Skip(why)
			}
			found := crawl(t, web, []*Site{s}, nil)
			found.compare(t, []*Site{s})
		})
	}
}

func start(t *testing.T, healthy http.Handler) *Server {
	web, err := Start(healthy)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(web.Close)
	return web
}

// crawled is what a crawl left.
type crawled struct {
	pages    map[string]record // by URL
	articles map[string]string // titles by URL
}

// record is of a line of khabar pages list what is compared.
type record struct {
	URL, Outcome, Reason, Status string
	LastError                    string `json:"last_error"`
}

func (r record) verdict() string {
	if r.Reason == "" {
		return r.Outcome
	}
	return r.Outcome + ": " + r.Reason
}

// base is what a crawl's process has resident beside the pages in hand: the servers in it, the connections and the code.
// 120 MB were measured for the demo's web; the collector lets what is alive double before it looks (GOGC=100).
const base = 256 * megabyte

func crawl(t *testing.T, web *Server, sites []*Site, healthy *demosite.Web) crawled {
	t.Helper()
	dir := t.TempDir()
	args := []string{"crawl", "--once", "--dir", dir, "--delay", "0s", "--proxy", web.ProxyURL()}
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
	t.Logf("%d MB at most\n%s", p.PeakMemory()/megabyte, p.Output())
	if limit := worker.Default().Memory + base; proctest.RaceDetector {
		t.Log("memory is not compared: the race detector takes several times as much")
	} else if p.PeakMemory() > limit {
		t.Errorf("the crawl took %d MB of memory, more than %d", p.PeakMemory()/megabyte, limit/megabyte)
	}

	found := crawled{pages: map[string]record{}, articles: map[string]string{}}
	lines(t, env, []string{"pages", "list", "--json", "--dir", dir}, func(r record) { found.pages[r.URL] = r })
	lines(t, env, []string{"export", "--dir", dir}, func(a struct {
		CanonicalURL string `json:"canonical_url"`
		Title        string
	}) {
		found.articles[a.CanonicalURL] = a.Title
	})
	return found
}

// lines runs khabar and hands over each line of JSON that it prints.
func lines[T any](t *testing.T, env, args []string, f func(T)) {
	t.Helper()
	p := proctest.Run(t, env, bin.Path("khabar"), args...)
	if code := p.Exit(t); code != 0 {
		t.Fatalf("khabar %q ended with status %d:\n%s", args, code, p.Log())
	}
	r := bufio.NewScanner(strings.NewReader(p.Output()))
	r.Buffer(nil, 64*megabyte)
	for r.Scan() {
		var line T
		if err := json.Unmarshal(r.Bytes(), &line); err != nil {
			t.Fatalf("khabar %q printed %.200q: %v", args, r.Text(), err)
		}
		f(line)
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
}

// compare holds what was found to what the sites are to give, and nothing else.
func (c crawled) compare(t *testing.T, sites []*Site) {
	t.Helper()
	for _, s := range sites {
		home, ok := c.pages[s.URL()]
		if !ok || home.verdict() != s.Home {
			t.Errorf("%s is %q (%.200s), should be %q", s.URL(), home.verdict(), home.LastError, s.Home)
		}
		for url, title := range s.Stories() {
			if got, ok := c.articles[url]; !ok || got != title {
				t.Errorf("%s has the title %q, should be %q: %+v", url, got, title, c.pages[url])
			}
			delete(c.articles, url)
		}
	}
	for _, url := range slices.Sorted(maps.Keys(c.articles)) {
		t.Errorf("%s was stored, and is no article: %q", url, c.articles[url])
	}
}
