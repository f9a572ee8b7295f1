package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
)

var bin proctest.Binaries

func TestMain(m *testing.M) { proctest.Main(m, &bin, "khabar") }

// command runs khabar to its end.
func command(t *testing.T, args ...string) *proctest.Process {
	t.Helper()
	return proctest.Run(t, proctest.Environment(t), bin.Path("khabar"), args...)
}

// succeeds runs khabar, which must end with status 0, and gives what it printed.
func succeeds(t *testing.T, args ...string) string {
	t.Helper()
	p := command(t, args...)
	if code := p.Exit(t); code != 0 {
		t.Errorf("khabar %q ended with status %d:\n%s\n%s", args, code, p.Output(), p.Log())
	}
	return p.Output()
}

// fails runs khabar, which must end with status 1 and say each of these on standard error.
func fails(t *testing.T, args []string, want ...string) *proctest.Process {
	t.Helper()
	p := command(t, args...)
	failed(t, p, args, want...)
	return p
}

func failed(t *testing.T, p *proctest.Process, args []string, want ...string) {
	t.Helper()
	if code := p.Exit(t); code != 1 {
		t.Errorf("khabar %q ended with status %d:\n%s", args, code, p.Output())
	}
	for _, w := range want {
		if !strings.Contains(p.Log(), w) {
			t.Errorf("khabar %q does not say %q:\n%s", args, w, p.Log())
		}
	}
}

// webServer is a small news web behind a proxy's address.
type webServer struct {
	*demosite.Web
	proxy string

	mu     sync.Mutex
	before func(*http.Request)
}

func newWeb(t *testing.T, cfg demosite.Config) *webServer {
	t.Helper()
	web, err := demosite.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w := &webServer{Web: web}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		before := w.before
		w.mu.Unlock()
		if before != nil && r.URL.Path != "/robots.txt" {
			before(r)
		}
		web.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	w.proxy = server.URL
	return w
}

// onRequest sets what happens before each answer from now on, robots.txt aside.
func (w *webServer) onRequest(before func(*http.Request)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before = before
}

// crawl gives the arguments of a crawl of the whole web.
func (w *webServer) crawl(dir string, more ...string) []string {
	args := append([]string{"crawl", "--dir", dir, "--proxy", w.proxy, "--delay", "0s"}, more...)
	for _, s := range w.Sites() {
		args = append(args, s.Home)
	}
	return args
}

// line is an exported article, as far as the tests look at it.
type line struct {
	ID          string `json:"id"`
	URL         string `json:"url"` // that was fetched: it may have led to the article by a redirect
	Canonical   string `json:"canonical_url"`
	Site        string `json:"site"`
	Language    string `json:"language"`
	Title       string `json:"title"`
	Text        string `json:"text"`
	Outcome     string `json:"outcome"`
	Reason      string `json:"reason"`
	PublishedAt string `json:"published_at"`
	Published   string `json:"published"`
	Revision    int    `json:"revision"`
}

// jsonLines reads an export.
func jsonLines(t *testing.T, text string) []line {
	t.Helper()
	var all []line
	for s := range strings.Lines(text) {
		var l line
		if err := json.Unmarshal([]byte(s), &l); err != nil {
			t.Fatalf("%v in %q", err, s)
		}
		all = append(all, l)
	}
	return all
}

// whole checks that every article of the web is stored, in its first version.
func (w *webServer) whole(t *testing.T, dir string) {
	t.Helper()
	stored := map[string]line{}
	for _, l := range jsonLines(t, succeeds(t, "export", "--dir", dir)) {
		if _, twice := stored[l.Canonical]; twice {
			t.Errorf("%s is there twice", l.Canonical)
		}
		stored[l.Canonical] = l
	}
	for _, truth := range w.Articles() {
		if l := stored[truth.URL]; l.Revision != 1 || l.Title != truth.Title || l.Text == "" {
			t.Errorf("%s: %+v", truth.URL, l)
		}
	}
}

// holdBack holds all requests back from now on, and gives the first; they go on when released, or end with their client.
func (w *webServer) holdBack(t *testing.T) (asked <-chan string, release func()) {
	held, released := make(chan string, 1), make(chan struct{})
	var once sync.Once
	release = func() {
		once.Do(func() {
			w.onRequest(nil)
			close(released)
		})
	}
	t.Cleanup(release)
	w.onRequest(func(r *http.Request) {
		select {
		case held <- r.URL.String():
		default:
		}
		wait(r.Context(), released)
	})
	return held, release
}

func wait(ctx context.Context, c <-chan struct{}) {
	select {
	case <-c:
	case <-ctx.Done():
	}
}
