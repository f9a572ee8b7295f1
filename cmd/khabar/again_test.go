package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
)

// town is a news web behind a proxy's address, of pages that a test changes as it goes.
type town struct {
	proxy string

	mu    sync.Mutex
	pages map[string]string // by URL; what is not there is answered with 404
	fails map[string]int    // by URL: the status of its answer
	asked []string          // robots.txt aside
}

func newTown(t *testing.T) *town {
	t.Helper()
	w := &town{pages: map[string]string{}, fails: map[string]int{}}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.proxy = server.URL
	return w
}

func (w *town) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	url := r.URL.String()
	if r.URL.Path != "/robots.txt" {
		w.asked = append(w.asked, url)
	}
	page, ok := w.pages[url]
	switch status, fails := w.fails[url]; {
	case fails:
		http.Error(rw, "<h1>It does not work</h1>", status)
	case !ok:
		http.Error(rw, "<h1>Not found</h1>", http.StatusNotFound)
	default:
		tag := fmt.Sprintf(`"%x"`, len(page))
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		rw.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = rw.Write([]byte(page))
	}
}

// requests gives what was asked for since the last call.
func (w *town) requests() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := w.asked
	w.asked = nil
	return asked
}

// story prints an article.
func (w *town) story(url, title string) {
	w.storyAt(url, title, time.Date(2026, time.November, 25, 9, 30, 0, 0, time.UTC))
}

// storyAt prints an article with the time of its publication.
func (w *town) storyAt(url, title string, published time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := strings.Repeat("<p>The council of the old town met on Monday, and after a long debate it agreed to repair the stone bridge.</p>", 6)
	w.pages[url] = fmt.Sprintf(`<!doctype html><html lang="en"><head><title>%[1]s</title><meta property="og:type" content="article">`+
		`<meta property="article:published_time" content="%[3]s"></head><body><article><h1>%[1]s</h1>%[2]s</article></body></html>`,
		title, text, published.UTC().Format(time.RFC3339))
}

// list prints a page that lists articles.
func (w *town) list(url string, stories ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	items := ""
	for _, s := range stories {
		items += fmt.Sprintf(`<li><h3><a href="%s">The council of the old town plans a bridge, and more</a></h3></li>`, s)
	}
	w.pages[url] = `<!doctype html><html lang="en"><head><title>News</title></head><body><main><ul>` + items + `</ul></main></body></html>`
}

func (w *town) fail(url string, status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if status == 0 {
		delete(w.fails, url)
	} else {
		w.fails[url] = status
	}
}

func (w *town) crawl(dir string, more ...string) []string {
	return append([]string{"crawl", "--once", "--dir", dir, "--proxy", w.proxy, "--delay", "0s", "--attempts", "1"}, more...)
}

// record is a page as pages prints it.
type record struct {
	ID          string `json:"id"`
	URL         string `json:"url"`
	Kind        string `json:"kind"`
	Status      string `json:"status"`
	Outcome     string `json:"outcome"`
	Reason      string `json:"reason"`
	Next        string `json:"next"`
	ArticleID   string `json:"article_id"`
	ContentHash string `json:"content_hash"`
	Attempts    int    `json:"attempts"`
}

func recordOf(t *testing.T, dir, url string) record {
	t.Helper()
	var r record
	if err := json.Unmarshal([]byte(succeeds(t, "pages", url, "--json", "--dir", dir)), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// pagesIn lists pages by their URLs.
func pagesIn(t *testing.T, dir string, choice ...string) map[string]record {
	t.Helper()
	found := map[string]record{}
	for s := range strings.Lines(succeeds(t, append([]string{"pages", "list", "--json", "--dir", dir}, choice...)...)) {
		var r record
		if err := json.Unmarshal([]byte(s), &r); err != nil {
			t.Fatalf("%v in %q", err, s)
		}
		found[r.URL] = r
	}
	return found
}

const home = "http://town.example/"

func storyURL(n int) string {
	return fmt.Sprintf("%s2026/11/25/the-council-plans-bridge-%d", home, n)
}

// siteFiles writes site files for home pages, and a configuration that names them.
func siteFiles(t *testing.T, homes map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for id, home := range homes {
		text := fmt.Sprintf("id: %s\nhome: %s\n", id, home)
		if err := os.WriteFile(filepath.Join(dir, id+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(dir, "khabar.conf")
	// What was visited is due again at once, and only the next run may visit it.
	text := fmt.Sprintf("sites: [%s]\nrevisit: {start: 1ms, min: 1ms, max: 1ms}\n", dir)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config
}

// TestOnceAgain: a run that ends visits what is due in a directory of yesterday, and goes round once.
func TestOnceAgain(t *testing.T) {
	web, dir := newTown(t), t.TempDir()
	config := siteFiles(t, map[string]string{"town": home})
	for day := 1; day <= 3; day++ {
		web.story(storyURL(day), fmt.Sprintf("The council plans bridge %d", day))
		stories := []string{}
		for n := range day {
			stories = append(stories, storyURL(n+1))
		}
		web.list(home, stories...)
		succeeds(t, web.crawl(dir, "--config", config)...)
		homes := 0
		for _, url := range web.requests() {
			if url == home {
				homes++
			}
		}
		if n := len(jsonLines(t, succeeds(t, "export", "--dir", dir))); n != day || homes != 1 {
			t.Errorf("day %d: %d articles, home page asked for %d times", day, n, homes)
		}
	}
}

// TestNamedAgain: what is named on the command line is visited now, however lately it was visited.
func TestNamedAgain(t *testing.T) {
	web, dir := newTown(t), t.TempDir()
	for n := 1; n <= 2; n++ {
		web.story(storyURL(n), fmt.Sprintf("The council plans bridge %d", n))
		web.list(home, storyURL(1), storyURL(n))
		succeeds(t, web.crawl(dir, home)...)
		if got := len(jsonLines(t, succeeds(t, "export", "--dir", dir))); got != n {
			t.Errorf("crawl %d: %d articles", n, got)
		}
	}
}

// TestArticleNamed: an article that is named is fetched, and nothing else is: the known one again, without conditions, and
// as what it is; the unknown one, in a directory of its own.
func TestArticleNamed(t *testing.T) {
	web, dir := newTown(t), t.TempDir()
	web.list(home, storyURL(1), storyURL(2))
	web.story(storyURL(1), "The council plans a bridge")
	web.story(storyURL(2), "The council plans a road")
	web.story(storyURL(3), "The council plans a school")
	succeeds(t, web.crawl(dir, home)...)
	before, all := recordOf(t, dir, storyURL(1)), len(pagesIn(t, dir))

	web.list(home, storyURL(1), storyURL(2), storyURL(3))
	web.requests()
	succeeds(t, web.crawl(dir, storyURL(1))...)
	if asked := web.requests(); len(asked) != 1 || asked[0] != storyURL(1) {
		t.Errorf("asked for %q", asked)
	}
	web.story(storyURL(1), "The council plans a tunnel")
	succeeds(t, web.crawl(dir, storyURL(1))...)
	after := recordOf(t, dir, storyURL(1))
	if after.Kind != "article" || after.ArticleID != before.ArticleID || after.Outcome != "ok" || after.ContentHash == before.ContentHash {
		t.Errorf("was %+v, is %+v", before, after)
	}
	if n := len(pagesIn(t, dir)); n != all {
		t.Errorf("%d pages were known, and %d are", all, n)
	}

	fresh := t.TempDir()
	succeeds(t, web.crawl(fresh, storyURL(2))...)
	if found := pagesIn(t, fresh); len(found) != 1 || found[storyURL(2)].Kind != "article" || found[storyURL(2)].ArticleID == "" {
		t.Errorf("an unknown article: %+v", found)
	}
	// Its site is crawled as ever afterwards.
	succeeds(t, web.crawl(fresh, home)...)
	if n := len(jsonLines(t, succeeds(t, "export", "--dir", fresh))); n != 3 {
		t.Errorf("%d articles of the site", n)
	}
}

// TestPagesAgain brings back what was given up.
func TestPagesAgain(t *testing.T) {
	web, dir := newTown(t), t.TempDir()
	web.list(home, storyURL(1), storyURL(2), storyURL(3))
	web.story(storyURL(1), "The council plans a bridge")
	web.fail(storyURL(2), http.StatusInternalServerError)
	web.fail(storyURL(3), http.StatusGone)
	succeeds(t, web.crawl(dir, home)...)

	t.Run("list", func(t *testing.T) {
		for _, tc := range []struct {
			choice []string
			want   []string
		}{
			{[]string{"--kind", "home,article"}, []string{home, storyURL(1), storyURL(2), storyURL(3)}},
			{[]string{"--status", "dead,gone"}, []string{storyURL(2), storyURL(3)}},
			{[]string{"--reason", "http_500"}, []string{storyURL(2)}},
			{[]string{"--outcome", "ok", "--kind", "article"}, []string{storyURL(1)}},
			{[]string{"--site", "elsewhere.example"}, nil},
			{[]string{"--older", "1h"}, nil},
			{[]string{"--since", "1h", "--kind", "home"}, []string{home}},
			{[]string{"--limit", "2"}, nil},
		} {
			got := pagesIn(t, dir, tc.choice...)
			if len(tc.choice) > 0 && tc.choice[0] == "--limit" {
				if len(got) != 2 {
					t.Errorf("%q: %d pages", tc.choice, len(got))
				}
				continue
			}
			for _, url := range tc.want {
				if _, ok := got[url]; !ok {
					t.Errorf("%q does not list %s", tc.choice, url)
				}
			}
			if len(got) != len(tc.want) {
				t.Errorf("%q lists %v", tc.choice, got)
			}
		}
		table := succeeds(t, "pages", "list", "--dir", dir, "--limit", "3")
		if strings.Count(table, "\n") != 5 || !strings.Contains(table, "there are more: --limit 0") {
			t.Errorf("three pages:\n%s", table)
		}
		for _, line := range []string{"gone      gone: http_410", storyURL(3) + "\n", "4 pages\n"} {
			if table := succeeds(t, "pages", "list", "--kind", "home,article", "--dir", dir); !strings.Contains(table, line) {
				t.Errorf("does not say %q:\n%s", line, table)
			}
		}
		for flag, words := range map[string]string{"--status": "excluded", "--outcome": "not_article", "--reason": "host_failed", "--kind": "sitemap"} {
			fails(t, []string{"pages", "list", "--dir", dir, flag, "ded"}, flag+` "ded"`, words)
		}
	})
	t.Run("next", func(t *testing.T) {
		for url, want := range map[string]string{
			home: "visited again at 20", storyURL(3): "nothing: gone; khabar pages again " + storyURL(3), storyURL(2): "looked at once more at 20",
		} {
			if r := recordOf(t, dir, url); !strings.HasPrefix(r.Next, want) {
				t.Errorf("%s: %+v; want %q", url, r, want)
			}
			if out := succeeds(t, "pages", url, "--dir", dir); !strings.Contains(out, "\nnext             "+want) || !strings.Contains(out, "\nmeaning          The ") {
				t.Errorf("%s does not say %q:\n%s", url, want, out)
			}
		}
	})
	t.Run("again", func(t *testing.T) {
		fails(t, []string{"pages", "again", "--dir", dir}, "which pages?", "--status")
		fails(t, []string{"pages", "again", "--dir", dir, home, "--status", "dead"}, "not both")
		fails(t, []string{"pages", "again", "--dir", dir, storyURL(9)}, storyURL(9)+" is not known", "khabar crawl --once "+storyURL(9))
		fails(t, []string{"pages", "again", "--dir", dir, "--status", "ded"}, `"ded"`)
		choice := []string{"pages", "again", "--dir", dir, "--status", "gone,dead"}
		for range 2 { // shown, not done
			out := succeeds(t, choice...)
			for _, want := range []string{"1  gone      gone: http_410", "1  dead      retry: http_500", storyURL(2), storyURL(3), "2 pages would be due now: give --yes"} {
				if !strings.Contains(out, want) {
					t.Errorf("does not say %q:\n%s", want, out)
				}
			}
		}
		if r := recordOf(t, dir, storyURL(3)); r.Status != "gone" {
			t.Errorf("changed without --yes: %+v", r)
		}
		if out := succeeds(t, append(choice, "--yes")...); !strings.Contains(out, "2 pages are due now") {
			t.Error(out)
		}
		if out := succeeds(t, "pages", "again", "--dir", dir, storyURL(2), "--yes"); !strings.Contains(out, "1  are due already") || !strings.Contains(out, "0 pages are due now") {
			t.Error(out)
		}
		if r := recordOf(t, dir, storyURL(2)); r.Status != "due" || r.Attempts != 0 || r.Reason != "http_500" || !strings.Contains(r.Next, "due since") {
			t.Errorf("made due: %+v", r)
		}

		web.fail(storyURL(2), 0)
		web.fail(storyURL(3), 0)
		web.story(storyURL(2), "The council plans a road")
		web.story(storyURL(3), "The council plans a school")
		config := siteFiles(t, map[string]string{"town.example": home}) // home is not named, and not due
		succeeds(t, web.crawl(dir, "--config", config)...)
		if n := len(jsonLines(t, succeeds(t, "export", "--dir", dir))); n != 3 {
			t.Errorf("%d articles", n)
		}
		// A done article is fetched whole.
		web.requests()
		succeeds(t, "pages", "again", "--dir", dir, storyURL(1), "--yes")
		succeeds(t, web.crawl(dir, "--config", config)...)
		if r := recordOf(t, dir, storyURL(1)); r.Outcome != "ok" || r.Kind != "article" {
			t.Errorf("fetched again: %+v", r)
		}
	})
}

// TestAgainMeanwhile makes a page due while a crawl runs in the same directory, which fetches it.
func TestAgainMeanwhile(t *testing.T) {
	web, dir := newTown(t), t.TempDir()
	web.list(home, storyURL(1), storyURL(2))
	web.story(storyURL(1), "The council plans a bridge")
	args := []string{"crawl", "--dir", dir, "--proxy", web.proxy, "--delay", "0s", home}
	p := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), args...)
	p.Await(t, "data in "+dir)
	proctest.Until(t, "the page is not fetched", func(context.Context) error {
		p := command(t, "pages", "list", "--dir", dir, "--status", "gone")
		if p.Exit(t) != 0 || !strings.Contains(p.Output(), storyURL(2)) {
			return fmt.Errorf("%s%s", p.Output(), p.Log())
		}
		return nil
	})
	web.story(storyURL(2), "The council plans a road")
	succeeds(t, "pages", "again", "--dir", dir, "--status", "gone", "--yes")
	proctest.Until(t, "the page is not fetched again", func(context.Context) error {
		if r := recordOf(t, dir, storyURL(2)); r.Outcome != "ok" {
			return fmt.Errorf("%+v", r)
		}
		return nil
	})
}

// TestNothingFound: a crawl that finds nothing fails, and says what became of the pages that it began with.
func TestNothingFound(t *testing.T) {
	other := "http://village.example/"
	t.Run("no links", func(t *testing.T) {
		web, dir := newTown(t), t.TempDir()
		web.list(home)
		fails(t, web.crawl(dir, home), "nothing was found: "+home+": nothing: no_links; ")
	})
	t.Run("another page's reason", func(t *testing.T) {
		web, dir := newTown(t), t.TempDir()
		web.fail(home, http.StatusInternalServerError)
		p := fails(t, web.crawl(dir, home, other+"2026/11/25/the-council-plans-bridge-1", other+"2026/11/25/the-council-plans-bridge-2"),
			"nothing could be fetched at 3 of 3", home+": retry: http_500", "looked at once more at 20", "gone: http_404")
		t.Log(p.Log())
	})
	t.Run("all articles fail", func(t *testing.T) {
		web, dir := newTown(t), t.TempDir()
		web.list(home, storyURL(1), storyURL(2), storyURL(3))
		fails(t, web.crawl(dir, home), "nothing was found: town.example has no article: gone: http_404 (3 pages)")
	})
	t.Run("one of many", func(t *testing.T) {
		web, dir := newTown(t), t.TempDir()
		web.list(home, storyURL(1))
		web.story(storyURL(1), "The council plans a bridge")
		web.fail(other, http.StatusInternalServerError)
		config := siteFiles(t, map[string]string{"town": home, "village": other})
		out := succeeds(t, web.crawl(dir, "--config", config)...)
		if want := "1 of 2 sites gave nothing:\n  " + other + ": retry: http_500"; !strings.Contains(out, want) {
			t.Errorf("does not say %q:\n%s", want, out)
		}
		// All as it was is no failure; all broken is one.
		succeeds(t, web.crawl(dir, "--config", config)...)
		web.fail(home, http.StatusInternalServerError)
		web.fail(storyURL(1), http.StatusInternalServerError)
		fails(t, web.crawl(dir, "--config", config), "nothing could be fetched", home+": retry: http_500")
	})
	t.Run("the named one", func(t *testing.T) {
		web, dir := newTown(t), t.TempDir()
		web.list(home, storyURL(1))
		web.story(storyURL(1), "The council plans a bridge")
		web.fail(other, http.StatusInternalServerError)
		fails(t, web.crawl(dir, home, other), "nothing was found: "+other+": retry: http_500")
	})
}

// TestNothingDue: with nothing to do, the time of the next visit is told, of what was to be crawled.
func TestNothingDue(t *testing.T) {
	web, dir := newTown(t), t.TempDir()
	web.list(home, storyURL(1))
	web.story(storyURL(1), "The council plans a bridge")
	succeeds(t, web.crawl(dir, home)...)
	config := siteFiles(t, map[string]string{"town.example": home})
	if out := succeeds(t, web.crawl(dir, "--config", config)...); !strings.Contains(out, "nothing is due; the next visit is at 20") {
		t.Error(out)
	}
}

// TestNewerNamed: what is named and was written by a newer khabar is not visited, and nobody takes that for success.
func TestNewerNamed(t *testing.T) {
	web, dir := newTown(t), t.TempDir()
	web.list(home, storyURL(1), storyURL(2))
	web.story(storyURL(1), "The council plans a bridge")
	web.story(storyURL(2), "The council plans a road")
	succeeds(t, web.crawl(dir, home)...)
	spoil(t, dir, "pages", recordOf(t, dir, storyURL(1)).ID, "v")
	for _, named := range [][]string{{storyURL(1)}, {storyURL(1), storyURL(2)}, {home, storyURL(1)}} {
		fails(t, web.crawl(dir, named...), storyURL(1), "a newer one wrote it")
	}
	if next := recordOf(t, dir, storyURL(1)).Next; !strings.Contains(next, "a newer one wrote it") {
		t.Errorf("what comes next: %q", next)
	}
}

// TestSectionNamed: a feed, a sitemap or a section's page that is named is read, and of its site nothing else.
func TestSectionNamed(t *testing.T) {
	web := newWeb(t, demosite.Config{Sites: 1, PerSection: 3})
	site := web.Sites()[0]
	for kind, url := range map[string]string{"feed": site.Feed, "sitemap": site.Sitemap} {
		dir := t.TempDir()
		succeeds(t, "crawl", "--once", "--dir", dir, "--proxy", web.proxy, "--delay", "0s", url)
		found := pagesIn(t, dir)
		if found[url].Kind != kind {
			t.Errorf("%s: %+v", url, found[url])
		}
		if _, ok := found[site.Home]; ok || len(jsonLines(t, succeeds(t, "export", "--dir", dir))) == 0 {
			t.Errorf("%s: home page known: %v; %d pages", url, ok, len(found))
		}
	}
}

// TestDescribedPageNamed: of a site that a file describes, a section or an article that is named is visited alone, and stays
// the site's.
func TestDescribedPageNamed(t *testing.T) {
	web, dir := newTown(t), t.TempDir()
	world, sport := home+"world", home+"sport"
	web.list(world, storyURL(1))
	web.list(sport, storyURL(2))
	for n := range 3 {
		web.story(storyURL(n+1), fmt.Sprintf("The council plans bridge %d", n+1))
	}
	file := filepath.Join(t.TempDir(), "town.yaml")
	text := fmt.Sprintf("id: the-town\nhome: %s\nsections:\n  - {id: world, url: %s, kind: listing}\n  - {id: sport, url: %s, kind: listing}\n", home, world, sport)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	crawl := func(urls ...string) {
		t.Helper()
		args := web.crawl(dir, urls...)
		p := proctest.Run(t, proctest.Environment(t, "KHABAR_SITES="+file), bin.Path("khabar"), args...)
		if code := p.Exit(t); code != 0 {
			t.Errorf("%q ended with status %d: %s", args, code, p.Log())
		}
	}
	crawl(world)
	crawl(storyURL(3))
	if asked, want := web.requests(), []string{world, storyURL(1), storyURL(3)}; !slices.Equal(asked, want) {
		t.Errorf("asked for %q, want %q", asked, want)
	}
	for _, l := range jsonLines(t, succeeds(t, "export", "--dir", dir)) {
		if l.Site != "the-town" {
			t.Errorf("%s is of site %s", l.URL, l.Site)
		}
	}
	// Known pages stay their site's where no file is at hand.
	succeeds(t, web.crawl(dir, storyURL(1))...)
	if asked := web.requests(); len(asked) != 1 {
		t.Errorf("asked for %q", asked)
	}
	if found := pagesIn(t, dir, "--site", "the-town"); len(found) != 3 {
		t.Errorf("pages of the site: %v", found)
	}
}
