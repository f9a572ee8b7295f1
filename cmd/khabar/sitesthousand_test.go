package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/site"
)

// crowd is a web of many small papers, of which every tenth is a name for sale and every twentieth refuses. It keeps what a
// crawler must be held to.
type crowd struct {
	mu     sync.Mutex
	hosts  map[string]*crowdHost
	asked  int
	notice chan struct{} // closed when so many were asked
	after  int
}

type crowdHost struct {
	asked, running, most int
	last                 time.Time
	gap                  time.Duration // the shortest between the begins of two requests
	private              int
}

// enter counts a request in, and gives what counts it out.
func (c *crowd) enter(host, path string) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.hosts[host]
	if h == nil {
		h = &crowdHost{gap: time.Hour}
		c.hosts[host] = h
	}
	if now := time.Now(); path != "/robots.txt" {
		if !h.last.IsZero() {
			h.gap = min(h.gap, now.Sub(h.last))
		}
		h.last = now
	}
	if strings.HasPrefix(path, "/private/") {
		h.private++
	}
	h.asked++
	h.running++
	h.most = max(h.most, h.running)
	if c.asked++; c.asked == c.after {
		close(c.notice)
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		h.running--
	}
}

func (c *crowd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := r.Host
	defer c.enter(host, r.URL.Path)()
	n, _ := strconv.Atoi(strings.Trim(host, "abcdefghijklmnopqrstuvwxyz."))
	switch {
	case n%20 == 0:
		http.Error(w, "no", http.StatusForbidden)
	case n%10 == 0:
		fmt.Fprint(w, "<html><head><title>This domain is for sale</title></head><body><p>Make an offer.</p></body></html>")
	case r.URL.Path == "/robots.txt":
		fmt.Fprint(w, "User-agent: *\nDisallow: /private/\n")
	case r.URL.Path == "/":
		fmt.Fprintf(w, `<html lang=en><head><title>The Ferry %d</title><link rel=alternate type="application/rss+xml" href=/feed/></head><body>
			<nav><a href=/private/x>Private</a></nav><main><h2><a href=/2026/11/20/council-hears-of-the-bridge>Council hears of the bridge again</a></h2></main></body></html>`, n)
	case r.URL.Path == "/feed/":
		fmt.Fprintf(w, `<rss version="2.0"><channel><title>The Ferry %d</title><item><title>Council hears of the bridge again</title><link>http://%s/2026/11/20/council-hears-of-the-bridge</link></item></channel></rss>`, n, host)
	case strings.HasPrefix(r.URL.Path, "/2026/"):
		line := "The council met in the old hall on the river and heard what the engineers had to say about the bridge, which has been shut since the floods. "
		fmt.Fprintf(w, `<html lang=en><head><title>Council hears of the bridge again</title><meta property="article:published_time" content="2026-11-20T08:00:00Z"></head>
			<body><article><h1>Council hears of the bridge again</h1><p>%s</p><p>%s</p></article></body></html>`, strings.Repeat(line, 3), strings.Repeat(line, 2))
	default:
		http.NotFound(w, r)
	}
}

// counts says how often each host was asked.
func (c *crowd) counts() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]int{}
	for name, h := range c.hosts {
		out[name] = h.asked
	}
	return out
}

// rest fails while anything is answered. What is asked after it is another process's.
func (c *crowd) rest() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, h := range c.hosts {
		if h.last = (time.Time{}); h.running > 0 {
			return fmt.Errorf("%s is answered", name)
		}
	}
	return nil
}

// TestSitesDiscoverThousand: a thousand hosts are discovered by a command that is killed in the middle. Given again, it goes on:
// every paper has its file, every other its reason, and who had either before the kill is not asked again. No host is asked by two
// requests at once, sooner than the delay, or for what its robots.txt excludes.
func TestSitesDiscoverThousand(t *testing.T) {
	hosts := 1000
	if testing.Short() {
		hosts = 100
	}
	const delay = 5 * time.Millisecond
	web := &crowd{hosts: map[string]*crowdHost{}, notice: make(chan struct{}), after: 4 * hosts} // of some seven each: half of the hosts are done
	proxy := httptest.NewServer(web)
	defer proxy.Close()
	var list strings.Builder
	for i := range hosts {
		fmt.Fprintf(&list, "http://ferry%d.example/\n", i)
	}
	dir := t.TempDir()
	args := []string{"sites", "discover", written(t, "hosts.txt", list.String()), "--out", dir, "--delay", delay.String(), "--proxy", proxy.URL, "--at-once", "8"}
	first := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), args...)
	<-web.notice
	first.Kill()
	_ = first.Exit(t)
	proctest.Until(t, "the last answers are given", func(context.Context) error { return web.rest() })

	settled := func() (files, reasons int, names []string) {
		for i := range hosts {
			id := fmt.Sprintf("ferry%d.example", i)
			if _, err := os.Stat(filepath.Join(dir, id+".yaml")); err == nil {
				files++
				names = append(names, id)
			}
			if _, err := os.Stat(filepath.Join(dir, id+".refused.txt")); err == nil {
				reasons++
				names = append(names, id)
			}
		}
		return files, reasons, names
	}
	files, reasons, names := settled()
	if files == 0 || reasons == 0 || files+reasons == hosts {
		t.Fatalf("killed too early or too late: %d files and %d reasons", files, reasons)
	}
	before := web.counts()
	p := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), args...)
	if code := p.Exit(t); code != 1 { // for those that were refused
		t.Errorf("ended with %d:\n%s", code, p.Log())
	}
	if want := fmt.Sprintf("%d sites: %d files written, %d were there, %d refused, 0 not finished", hosts, hosts*9/10-files, files, hosts/10); !strings.Contains(p.Log(), want) {
		t.Errorf("%q is not said:\n%s", want, p.Log())
	}
	if f, r, _ := settled(); f != hosts*9/10 || r != hosts/10 {
		t.Errorf("%d files and %d reasons", f, r)
	}
	if sites, err := site.LoadAll(dir); err != nil || len(sites) != hosts*9/10 {
		t.Errorf("%d sites: %v", len(sites), err)
	}
	after := web.counts()
	for _, name := range names {
		if after[name] != before[name] {
			t.Errorf("%s was asked %d times more", name, after[name]-before[name])
		}
	}
	requests := 0
	for name, h := range web.hosts {
		requests += h.asked
		if h.most > 1 || h.private > 0 {
			t.Errorf("%s: %d at once, %d of what is excluded", name, h.most, h.private)
		}
		if h.gap < delay {
			t.Errorf("%s: two requests %v apart", name, h.gap)
		}
	}
	t.Logf("%d requests of %d hosts", requests, hosts)
}
