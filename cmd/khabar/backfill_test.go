package main

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/site"
)

// past is a web whose past is to be gone back to, with what names a backfill of one of its sites.
func past(t *testing.T) (w *webServer, args func(dir string, more ...string) []string) {
	t.Helper()
	w = newWeb(t, demosite.Config{Past: true, PerSection: 20})
	return w, func(dir string, more ...string) []string {
		return append([]string{"backfill", "http://rafidain.example/", "--dir", dir, "--once", "--proxy", w.proxy, "--delay", "0s"}, more...)
	}
}

// asked is how many requests the site of past had.
func (w *webServer) asked() int { return w.Stats().Hosts["rafidain.example"].Requests }

// wholeOf checks that of the site of past all articles of a time are stored, each once, and none that a day or more parts from it.
func (w *webServer) wholeOf(t *testing.T, dir string, from, to time.Time) {
	t.Helper()
	stored := map[string]bool{}
	for _, l := range jsonLines(t, succeeds(t, "export", "--dir", dir)) {
		if stored[l.Canonical] {
			t.Errorf("%s is there twice", l.Canonical)
		}
		stored[l.Canonical] = true
	}
	n := 0
	for _, a := range w.Articles() {
		is := a.Site == "rafidain" && !a.Published.Before(from) && a.Published.Before(to)
		near := a.Site == "rafidain" && !a.Published.Before(from.AddDate(0, 0, -1)) && a.Published.Before(to.AddDate(0, 0, 1))
		switch {
		case is && !stored[a.URL], stored[a.URL] && !near:
			t.Errorf("%s of %v: stored %v", a.URL, a.Published, stored[a.URL])
		case is:
			n++
		}
	}
	if n == 0 {
		t.Error("nothing is of that time")
	}
}

// TestBackfillOnce does a backfill in one process, and says what it came to when it is given again.
func TestBackfillOnce(t *testing.T) {
	t.Parallel()
	w, args := past(t)
	dir := t.TempDir()
	these := args(dir, "--from", "2026-10-16", "--to", "2026-10-31")
	if out := succeeds(t, these...); !strings.Contains(out, "done: ") || !strings.Contains(out, "posts wp-json/wp/v2/posts") {
		t.Error(out)
	}
	w.wholeOf(t, dir, time.Date(2026, 10, 16, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	before := w.asked()
	if out := succeeds(t, these...); !strings.Contains(out, "it is done; --again") || w.asked() != before {
		t.Error(out)
	}
	if out := succeeds(t, "backfill", "list", "--dir", dir); !strings.HasPrefix(out, "done     rafidain") {
		t.Error(out)
	}
	if out := succeeds(t, "backfill", "list", "--dir", dir, "--json"); !strings.Contains(out, `"state":"done"`) {
		t.Error(out)
	}
	if out := succeeds(t, append(these, "--again")...); !strings.Contains(out, "known before; ") || w.asked()-before > 10 {
		t.Errorf("%d requests: %s", w.asked()-before, out)
	}
}

// TestBackfillInterrupted kills the process in the middle, and gives the command again: nothing is lost or fetched twice but what was
// in hand.
func TestBackfillInterrupted(t *testing.T) {
	t.Parallel()
	w, args := past(t)
	dir := t.TempDir()
	these := args(dir, "--from", "2026-10-16", "--to", "2026-10-31")
	for _, after := range []string{"/wp-json/", "/2026/10/"} {
		asked, release := w.holdBackAt(t, after)
		p := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), these...)
		<-asked
		p.Kill()
		p.Exit(t)
		release()
	}
	if out := succeeds(t, these...); !strings.Contains(out, "done: ") {
		t.Error(out)
	}
	w.wholeOf(t, dir, time.Date(2026, 10, 16, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	for uri, n := range w.Stats().Hosts["rafidain.example"].Hits {
		if n > 3 && uri != "/robots.txt" {
			t.Errorf("%s was asked for %d times", uri, n)
		}
	}
}

// holdBackAt holds back the requests below a path, and says when there is one; they go on when released.
func (w *webServer) holdBackAt(t *testing.T, path string) (asked <-chan struct{}, release func()) {
	held, released := make(chan struct{}, 1), make(chan struct{})
	var once sync.Once
	release = func() {
		once.Do(func() {
			w.onRequest(nil)
			close(released)
		})
	}
	t.Cleanup(release)
	w.onRequest(func(r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, path) {
			return
		}
		select {
		case held <- struct{}{}:
		default:
		}
		wait(r.Context(), released)
	})
	return held, release
}

// TestBackfillMistakes: each mistake is told for what it is.
func TestBackfillMistakes(t *testing.T) {
	t.Parallel()
	_, args := past(t)
	dir := t.TempDir()
	next := time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"backfill", "news.example", "--dir", dir}, "back to when?"},
		{[]string{"backfill", "news.example", "--dir", dir, "--from", "90d"}, "nothing runs on "},
		{[]string{"backfill", "news.example", "--dir", dir, "--from", "90d", "--delay", "1s"}, "--delay is for --once"},
		{[]string{"backfill", "nowhere", "--once", "--dir", dir, "--from", "90d"}, `no site "nowhere"`},
		{args(dir, "--from", "yesterday"), `--from "yesterday": give a date`},
		{args(dir, "--from", "2026-13-01"), "meant at the site's place"},
		{args(dir, "--from", next), "is in the future"},
		{args(dir, "--from", "90d", "--to", next), "is in the future"},
		{args(dir, "--from", "2026-03-02", "--to", "2026-03-01"), "is not before --to"},
		{args(dir, "--from", "1066-10-14"), "before the web"},
		{[]string{"backfill", "stop", "rafidain.example", "--dir", dir}, "no backfill of \"rafidain.example\" is under way"},
	} {
		fails(t, c.args, c.want)
	}
}

// TestBackfillBounds reads dates at the site's place.
func TestBackfillBounds(t *testing.T) {
	zone := time.FixedZone("there", 3*60*60)
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ from, to, want string }{
		{"2026-09-01", "", "2026-08-31T21:00:00Z 2026-11-27T12:00:00Z"},
		{"2026-09-01", "2026-09-01", "2026-08-31T21:00:00Z 2026-09-01T21:00:00Z"},
		{"2026-09-01", "2026-11-27", "2026-08-31T21:00:00Z 2026-11-27T12:00:00Z"}, // today, as far as it has come
		{"2026-09-01T06:30", "2026-09-01T08:00:00Z", "2026-09-01T03:30:00Z 2026-09-01T08:00:00Z"},
		{"2d", "24h", "2026-11-25T12:00:00Z 2026-11-26T12:00:00Z"},
	} {
		f := backfillFlags{from: c.from, to: c.to}
		from, to, said, err := f.bounds(zone, now)
		if got := from.Format(time.RFC3339) + " " + to.Format(time.RFC3339); got != c.want || err != nil || said != (c.to != "") {
			t.Errorf("%s to %s: %s, %v", c.from, c.to, got, err)
		}
	}
}

// TestSitesLike names the sites that somebody may have meant.
func TestSitesLike(t *testing.T) {
	var sites []*site.Site
	for _, home := range []string{"https://rafidain.example/", "https://shatt.example/"} {
		s, err := site.FromHome(home)
		if err != nil {
			t.Fatal(err)
		}
		sites = append(sites, s)
	}
	set := site.NewSet(sites...)
	for name, want := range map[string]string{"rafid": "rafidain.example", "shat.example": "shatt.example", "other": ""} {
		if got := strings.Join(set.Like(name), " "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestBackfillOfCrawl has a crawl that runs do a backfill. Ctrl-C ends the command that shows it, and not the backfill; given again, it
// shows it to its end.
func TestBackfillOfCrawl(t *testing.T) {
	t.Parallel()
	w, _ := past(t)
	dir, files := t.TempDir(), t.TempDir()
	config := filepath.Join(files, "khabar.yaml")
	for name, text := range map[string]string{
		"rafidain.yaml": "id: rafidain\nhome: http://rafidain.example/\ntime_zone: UTC\npoliteness: {delay: 0s}\n",
		"khabar.yaml":   "sites: [rafidain.yaml]\nscheduler: {spread: 0s}\nfetch: {proxy: " + w.proxy + "}\n",
	} {
		if err := os.WriteFile(filepath.Join(files, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	asked, release := w.holdBackAt(t, "/wp-json/")
	crawl := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), "crawl", "--dir", dir, "--config", config)
	crawl.Await(t, "pages,") // its servers are there
	these := []string{"backfill", "rafidain", "--dir", dir, "--config", config, "--from", "2026-10-16", "--to", "2026-10-31"}
	first := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), these...)
	<-asked
	first.Signal(t, syscall.SIGINT)
	if code := first.Exit(t); code != 0 || !strings.Contains(first.Output(), "the backfill goes on") {
		t.Errorf("status %d: %s\n%s", code, first.Output(), first.Log())
	}
	fails(t, append(slices.Clone(these[:6]), "--from", "2026-10-01"), "another backfill of rafidain is under way")
	fails(t, append([]string{"backfill", "rafidian"}, these[2:]...), "did you mean rafidain?")
	release()
	if out := succeeds(t, these...); !strings.Contains(out, "done: rafidain") {
		t.Error(out)
	}
	crawl.Signal(t, syscall.SIGINT)
	crawl.Exit(t)
	if out := succeeds(t, "backfill", "list", "--dir", dir); !strings.HasPrefix(out, "done     rafidain  2026-10-16 to 2026-11-01") {
		t.Error(out)
	}
}
