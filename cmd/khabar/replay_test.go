package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/article"
)

// TestReplay crawls saved pages of real publishers, served as live sites through a proxy, from the sites' home pages
// alone: every article must be stored, nothing excluded fetched, and every host asked by one request at a time. The pages
// and the tools that serve and score them are not part of the project: without them there is nothing to run.
func TestReplay(t *testing.T) {
	if testing.Short() {
		t.Skip("crawls a hundred sites")
	}
	shared := os.Getenv("KHABAR_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	corpora := []string{
		filepath.Join(shared, "corpus", "world-dev.tar.gz"),
		filepath.Join(shared, "corpus", "regional-dev.tar.gz"),
	}
	for _, f := range append(corpora, filepath.Join(shared, "tools", "replay")) {
		if _, err := os.Stat(f); err != nil {
			t.Skipf("saved pages are not here: %v", err)
		}
	}
	bin := t.TempDir()
	replay, eval := buildTool(t, bin, shared, "replay"), buildTool(t, bin, shared, "eval")
	khabar := filepath.Join(bin, "khabar")
	run(t, exec.CommandContext(t.Context(), "go", "build", "-o", khabar, "."))

	for _, c := range []struct {
		name  string
		args  []string // of replay
		delay time.Duration
	}{
		{name: "plain"},
		{name: "crawl delay", args: []string{"-crawl-delay", "1"}, delay: time.Second},
		{name: "failing", args: []string{"-fail-every", "5"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			proxy := startReplay(t, replay, append(c.args, corpora...))
			hosts := replayStats(t, proxy, "sites")
			dir := t.TempDir()
			args := []string{"crawl", "--once", "--delay", "0s", "--dir", dir, "--proxy", proxy}
			articles := 0
			for _, h := range hosts {
				args = append(args, "http://"+h.Host+"/")
				articles += len(h.Articles)
			}
			crawl := exec.CommandContext(t.Context(), khabar, args...)
			crawl.Env = append(os.Environ(), "KHABAR_REVISIT_RETRY_BASE=1s") // the default minute is for real sites
			t.Logf("%s", run(t, crawl))

			for _, h := range replayStats(t, proxy, "stats") {
				if h.MaxRunning > 1 {
					t.Errorf("%s: %d requests at once", h.Host, h.MaxRunning)
				}
				if c.delay > 0 && h.MinGap >= 0 && h.MinGap < c.delay {
					t.Errorf("%s: two requests %v apart, with a crawl delay of %v", h.Host, h.MinGap, c.delay)
				}
			}
			stored := exported(t, khabar, dir)
			missing := 0
			for _, h := range hosts {
				for _, uri := range h.Articles {
					if _, ok := stored[h.Host+uri]; !ok {
						missing++
						t.Errorf("not stored: http://%s%s", h.Host, uri)
					}
				}
			}
			t.Logf("%d of %d articles stored", articles-missing, articles)
			pages := run(t, exec.CommandContext(t.Context(), khabar, "pages", "--json", "--dir", dir))
			checkNothingPrivate(t, khabar, dir, hosts)
			t.Logf("%s", pages)
			score(t, eval, corpora, stored)
		})
	}
}

// replayHost is what the replay proxy says of a host.
type replayHost struct {
	Host       string        `json:"host"`
	Articles   []string      `json:"articles"`
	Requests   int           `json:"requests"`
	MaxRunning int           `json:"max_running"`
	MinGap     time.Duration `json:"min_gap_ns"`
}

func buildTool(t *testing.T, bin, shared, name string) string {
	t.Helper()
	out := filepath.Join(bin, name)
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", out, "./"+name)
	cmd.Dir = filepath.Join(shared, "tools")
	run(t, cmd)
	return out
}

// run gives the command's standard output; its standard error is shown when it fails.
func run(t *testing.T, cmd *exec.Cmd) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s%s", strings.Join(cmd.Args[:min(len(cmd.Args), 8)], " "), err, out.Bytes(), errs.Bytes())
	}
	return out.Bytes()
}

// startReplay starts the proxy on a free port and waits until it says that it serves.
func startReplay(t *testing.T, replay string, args []string) string {
	t.Helper()
	addr := net.JoinHostPort("127.0.0.1", proctest.FreePort(t))
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, replay, append([]string{"-listen", addr}, args...)...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // killed: its status says so
	})
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "hosts on http://") {
			go func() {
				for lines.Scan() { // until it is killed
				}
			}()
			awaitListening(t, addr)
			return "http://" + addr
		}
		t.Logf("replay: %s", lines.Text())
	}
	t.Fatal("replay ended before it served")
	return ""
}

// awaitListening dials until the address answers.
func awaitListening(t *testing.T, addr string) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("%s never listened", addr)
		}
	}
}

func replayStats(t *testing.T, proxy, what string) []replayHost {
	t.Helper()
	u, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{Proxy: http.ProxyURL(u)}
	defer tr.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://replay.invalid/"+what, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var hosts []replayHost
	if err := json.NewDecoder(res.Body).Decode(&hosts); err != nil {
		t.Fatal(err)
	}
	return hosts
}

type exportedArticle struct {
	article.Article
	Published string `json:"published"`
}

// exported gives the stored articles by host and request URI of the address they were fetched from.
func exported(t *testing.T, khabar, dir string) map[string]exportedArticle {
	t.Helper()
	stored := map[string]exportedArticle{}
	dec := json.NewDecoder(bytes.NewReader(run(t, exec.CommandContext(t.Context(), khabar, "export", "--dir", dir))))
	for dec.More() {
		var a exportedArticle
		if err := dec.Decode(&a); err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(a.URL)
		if err != nil {
			t.Fatal(err)
		}
		stored[u.Host+u.RequestURI()] = a
	}
	return stored
}

// checkNothingPrivate asks for the record of an excluded page that every home page links.
func checkNothingPrivate(t *testing.T, khabar, dir string, hosts []replayHost) {
	t.Helper()
	for _, h := range hosts[:min(3, len(hosts))] {
		out, err := exec.CommandContext(t.Context(), khabar, "pages", "--json", "--dir", dir, "http://"+h.Host+"/private/admin").Output()
		if err != nil {
			continue // never even noted
		}
		var p struct {
			Status string          `json:"status"`
			HTTP   json.RawMessage `json:"http"`
		}
		if err := json.Unmarshal(out, &p); err != nil || p.Status != "excluded" || p.HTTP != nil {
			t.Errorf("%s/private/admin was fetched: %s, %v", h.Host, out, err)
		}
	}
}

// score runs the corpora's own scorer over what was stored.
func score(t *testing.T, eval string, corpora []string, stored map[string]exportedArticle) {
	t.Helper()
	for _, corpus := range corpora {
		file := filepath.Join(t.TempDir(), strings.TrimSuffix(filepath.Base(corpus), ".tar.gz")+".jsonl")
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		enc := json.NewEncoder(f)
		for id, key := range corpusAddresses(t, corpus) {
			a := stored[key]
			if err := enc.Encode(map[string]any{"id": id, "title": a.Title, "text": a.Text, "authors": a.Authors, "published": a.Published}); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s", run(t, exec.CommandContext(t.Context(), eval, "-corpus", corpus, file)))
	}
}

// gold is what is known of a saved page.
type gold struct {
	ID, URL, Canonical, Language, Country string

	host, uri string // that it is served at
}

// corpusAddresses gives for each page of a corpus the host and request URI that it is served at.
func corpusAddresses(t *testing.T, corpus string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, g := range corpusGold(t, corpus) {
		out[g.ID] = g.host + g.uri
	}
	return out
}

func corpusGold(t *testing.T, corpus string) (out []gold) {
	t.Helper()
	f, err := os.Open(corpus)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		t.Fatalf("%s: %v", corpus, err)
	}
	for files := tar.NewReader(zr); ; {
		h, err := files.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatalf("%s: %v", corpus, err)
		}
		if path.Base(h.Name) != "gold.json" {
			continue
		}
		var g gold
		if err := json.NewDecoder(files).Decode(&g); err != nil {
			t.Fatalf("%s: %s: %v", corpus, h.Name, err)
		}
		u, err := url.Parse(g.Canonical)
		if err != nil || g.Canonical == "" {
			if u, err = url.Parse(g.URL); err != nil {
				t.Fatal(err)
			}
		}
		g.host, g.uri = u.Host, u.RequestURI()
		out = append(out, g)
	}
}
