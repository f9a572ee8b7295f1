package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/site"
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
