package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// TestSitesDiscover: of a list with rubbish in it each site has a file, each line that names none is told by its place, one bad
// site does not stop the others, and the same command goes on where it was stopped without asking again.
func TestSitesDiscover(t *testing.T) {
	web := newWeb(t, demosite.Config{Sites: 3})
	var asked atomic.Int64
	web.onRequest(func(*http.Request) { asked.Add(1) })
	var hosts []string
	for _, s := range web.Sites() {
		hosts = append(hosts, s.Host)
	}
	dir := filepath.Join(t.TempDir(), "sites")
	list := written(t, "hosts.txt", "# the region\n\n"+hosts[0]+"\nthis is no host\nhttp://"+hosts[1]+"/ # with a remark\n"+
		"http://"+hosts[0]+"/\nftp://"+hosts[2]+"\nnowhere.example\n1,2,3\n\x00\xff\n"+hosts[2])
	args := []string{"sites", "discover", list, "--out", dir, "--delay", "0s", "--proxy", web.proxy, "--at-once", "1"}

	out, err := onCommandLine(t, args...)
	if err == nil {
		t.Error("a list with rubbish ends as if all were well")
	}
	for _, want := range []string{list + ":4: ", list + ":6: ", list + ":3 already", list + ":7: ", list + ":9: ", list + ":10: ",
		"https://nowhere.example/: refused: unreachable", "4 sites: 3 files written, 0 were there, 1 refused, 0 not finished; 5 lines that name none"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not said:\n%s", want, out)
		}
	}
	sites, err := site.LoadAll(dir)
	if err != nil || len(sites) != 3 {
		t.Fatalf("%d sites: %v", len(sites), err)
	}
	for _, s := range sites {
		if len(s.Sections) != 6 {
			t.Errorf("%s has %d sections", s.ID, len(s.Sections))
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("left in the directory: %v, %v", entries, err)
	}

	// One of the files is lost: that site alone is asked again.
	if err := os.Remove(filepath.Join(dir, sites[0].ID+".yaml")); err != nil {
		t.Fatal(err)
	}
	asked.Store(0)
	if out, _ = onCommandLine(t, args...); !strings.Contains(out, "1 files written, 2 were there, 1 refused") || asked.Load() == 0 || asked.Load() > 25 {
		t.Errorf("the second run asked %d times:\n%s", asked.Load(), out)
	}

	// The files are crawled as they are, and nothing is missed.
	data := t.TempDir()
	p := proctest.Run(t, append(proctest.Environment(t), "KHABAR_SITES="+dir), bin.Path("khabar"), "crawl", "--once", "--dir", data, "--proxy", web.proxy, "--delay", "0s")
	if code := p.Exit(t); code != 0 {
		t.Errorf("the crawl ended with %d:\n%s", code, p.Log())
	}
	web.whole(t, data)
}

// TestSitesDiscoverPrints: without a directory the file goes to standard output, and is one that sites check takes.
func TestSitesDiscoverPrints(t *testing.T) {
	web := newWeb(t, demosite.Config{Sites: 1})
	home := web.Sites()[0].Home
	out := succeeds(t, "sites", "discover", home, "--delay", "0s", "--proxy", web.proxy)
	if said, err := onCommandLine(t, "sites", "check", written(t, "found.yaml", out)); err != nil {
		t.Errorf("%s\n%s", said, out)
	}
	p := fails(t, []string{"sites", "discover", web.Sites()[0].Gone, "--delay", "0s", "--proxy", web.proxy}, "refused: no_page")
	if p.Output() != "" {
		t.Errorf("printed for a page that is gone: %s", p.Output())
	}
	fails(t, []string{"sites", "discover", "no-such-file"}, "no-such-file is no file, and no address of a site")
}

// TestSitesDiscoverAlias: of two addresses that lead to one home page, one has the file.
func TestSitesDiscoverAlias(t *testing.T) {
	web := newWeb(t, demosite.Config{Sites: 1})
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Host == "www.rafidain.example" || r.URL.Path == "/old" {
			http.Redirect(w, r, "http://rafidain.example/", http.StatusMovedPermanently)
			return
		}
		web.ServeHTTP(w, r)
	}))
	defer front.Close()
	dir := t.TempDir()
	out, err := onCommandLine(t, "sites", "discover", "http://rafidain.example/", "http://rafidain.example/old", "-o", dir,
		"--delay", "0s", "--proxy", front.URL, "--at-once", "1")
	if err == nil || !strings.Contains(out, "alias: it leads to http://rafidain.example/, which is the site rafidain.example") ||
		!strings.Contains(out, "1 files written, 0 were there, 1 refused") {
		t.Errorf("%v\n%s", err, out)
	}
	dir2 := t.TempDir()
	out, err = onCommandLine(t, "sites", "discover", "http://rafidain.example/", "rafidain.example:80", "-o", dir2, "--delay", "0s", "--proxy", front.URL, "--at-once", "1")
	if err == nil || !strings.Contains(out, "alias: it leads to http://rafidain.example/, which is the site rafidain.example") || !strings.Contains(out, "1 files written") {
		t.Errorf("by http where it does not answer by https: %v\n%s", err, out)
	}
	if out, _ = onCommandLine(t, "sites", "discover", "http://rafidain.example/old", "-o", dir, "--proxy", front.URL); !strings.Contains(out, "refused before: ") {
		t.Errorf("an alias is asked again:\n%s", out)
	}
}

// otherwise says what saved pages are in, where their publisher's name or their own claim says another thing: the claim is a
// system's default, or the gold keeps another code for the same.
var otherwise = map[string]string{
	"dizindaba.co.za": "xh", "isolezwelesixhosa.co.za": "xh", "eyethunews.co.za": "zu", "isolezwe.co.za": "zu",
	"www.israel-nachrichten.org": "de", "www.dagbladet.no": "nb",
}

// TestReplayDiscover finds out what the publishers of saved pages are, from a home page, a section, a feed and a sitemap of
// one to five articles. Where a publisher of English is, hardly anything on such a page tells; all else does.
func TestReplayDiscover(t *testing.T) {
	if testing.Short() {
		t.Skip("asks a hundred sites")
	}
	shared := os.Getenv("KHABAR_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	corpora := []string{filepath.Join(shared, "corpus", "world-dev.tar.gz"), filepath.Join(shared, "corpus", "regional-dev.tar.gz")}
	for _, f := range append(corpora, filepath.Join(shared, "tools", "replay")) {
		if _, err := os.Stat(f); err != nil {
			t.Skipf("saved pages are not here: %v", err)
		}
	}
	languages, countries := map[string]string{}, map[string]string{}
	for _, c := range corpora {
		for _, g := range corpusGold(t, c) {
			languages[g.host], _, _ = strings.Cut(g.Language, "-")
			if country := strings.ToUpper(g.Country); country != "" {
				countries[g.host] = strings.NewReplacer("UK", "GB", "ISL", "IS", "IND", "IN").Replace(country)
			}
		}
	}
	maps.Copy(languages, otherwise)
	proxy := startReplay(t, buildTool(t, t.TempDir(), shared, "replay"), corpora)
	var list strings.Builder
	hosts := replayStats(t, proxy, "sites")
	for _, h := range hosts {
		fmt.Fprintf(&list, "http://%s/\n", h.Host)
	}
	dir := t.TempDir()
	out, err := onCommandLine(t, "sites", "discover", written(t, "hosts.txt", list.String()), "--out", dir, "--delay", "0s", "--proxy", proxy)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, h := range replayStats(t, proxy, "stats") {
		if h.MaxRunning > 1 {
			t.Errorf("%s: %d requests at once", h.Host, h.MaxRunning)
		}
	}
	sites, err := site.LoadAll(dir)
	if err != nil {
		t.Fatal(err)
	}
	right, sections := map[string]int{}, 0
	for _, s := range sites {
		host := weburl.Host(s.Home)
		base, _, _ := strings.Cut(s.Language, "-")
		if base == languages[host] {
			right["language"]++
		} else {
			t.Logf("%s: language %q, not %q", host, s.Language, languages[host])
		}
		if want := countries[host]; want == "" || s.Country == want {
			right["country"]++
		} else {
			t.Logf("%s: country %q, not %q", host, s.Country, want)
		}
		for _, sec := range s.Sections {
			switch sec.URL {
			case s.Home + "section/1", s.Home + "feed.xml", s.Home + "sitemap-news.xml":
				sections++
			default:
				t.Errorf("%s is no section", sec.URL)
			}
		}
	}
	for what, n := range map[string]int{"sites": len(sites), "language": right["language"], "country": right["country"], "sections": sections / 3} {
		if n*100 < 97*len(hosts) {
			t.Errorf("%s: %d of %d", what, n, len(hosts))
		}
	}
	t.Log(out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:])
}
