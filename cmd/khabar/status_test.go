package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/embedded"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/status"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// statusOf is what status --json says.
func statusOf(t *testing.T, args ...string) status.Report {
	t.Helper()
	var r status.Report
	out := succeeds(t, append([]string{"status", "--json"}, args...)...)
	if err := json.Unmarshal([]byte(out), &r); err != nil || strings.Count(out, "\n") != 1 {
		t.Fatalf("%v in %q", err, out)
	}
	return r
}

func pagesOf(counts []status.Count, o outcome.Outcome) (n int64) {
	for _, c := range counts {
		if o == "" || c.Outcome == o {
			n += c.Pages
		}
	}
	return n
}

// TestStatus looks at a directory in which nothing runs, and compares what it says with what the web knows.
func TestStatus(t *testing.T) {
	web, dir := newWeb(t, demosite.Config{Sites: 3, PerSection: 3}), t.TempDir()
	fails(t, []string{"status", "--dir", dir}, dir+" holds no crawl", "--mongo and --nats")
	succeeds(t, web.crawl(dir, "--once")...)
	r := statusOf(t, "--dir", dir)
	all := int64(len(web.Articles()))
	gone := int64(len(web.Sites())) // one each
	for _, w := range []status.Window{r.LastHour, r.LastDay} {
		if w.New != all || w.Revised != 0 || pagesOf(w.Articles, outcome.Gone) != gone || pagesOf(w.Sections, outcome.OK) == 0 {
			t.Errorf("since %v: %+v; want %d new, %d gone", w.Since, w, all, gone)
		}
	}
	if r.DelayLastDay.New != all || r.DelayLastDay.Articles != 0 { // they were there before the web was known
		t.Errorf("%+v", r.DelayLastDay)
	}
	if r.Work.Workers != status.WorkersUnseen || r.Queue == nil || r.Queue.Tasks != 0 || r.Sections.Known == 0 || len(r.Sites.Trouble) > 0 {
		t.Errorf("%+v, queue %+v, %+v", r.Work, r.Queue, r.Sites)
	}
	site := web.Sites()[0]
	one := statusOf(t, "--dir", dir, "--site", site.ID+".example")
	if one.LastDay.New != all/int64(len(web.Sites())) || len(one.Sections.States) == 0 {
		t.Errorf("of one site: %+v", one)
	}
	text := succeeds(t, "status", "--dir", dir, "--site", site.ID+".example")
	for _, want := range []string{site.Home, "gone: http_404", "nothing runs in this directory", "new articles", "p95", "0 tasks in 0 lanes"} {
		if !strings.Contains(text, want) {
			t.Errorf("does not say %q:\n%s", want, text)
		}
	}
	fails(t, []string{"status", "--dir", dir, "--site", "nowhere"}, `no site "nowhere"`, "khabar sites list")
	if files, err := os.ReadDir(dir); err != nil || len(files) != 2 { // nats and store
		t.Errorf("left behind: %v, %v", files, err)
	}
}

// TestStatusDelay: the delay is that of what was published while its section was known, by the times that the pages say.
func TestStatusDelay(t *testing.T) {
	w, dir := newTown(t), t.TempDir()
	const home = "http://town.example/"
	url := func(n int) string { return fmt.Sprintf("%sbridge-story-%d", home, 1000+n) }
	now := time.Now()
	w.storyAt(url(0), "A story of before", now.Add(-3*time.Hour))
	w.list(home, url(0))
	succeeds(t, w.crawl(dir, home)...)
	watchedFor(t, dir, home, 24*time.Hour)
	ages := []time.Duration{2 * time.Minute, 20 * time.Minute, 20 * time.Minute, 20 * time.Minute, 5 * time.Hour}
	stories := []string{url(0)}
	for i, age := range append(ages, 30*time.Hour, -2*time.Hour) { // the last two: of before, and of a clock that is wrong
		w.storyAt(url(i+1), fmt.Sprintf("Story %d of the old town and its bridge", i+1), now.Add(-age))
		stories = append(stories, url(i+1))
	}
	w.list(home, stories...)
	succeeds(t, w.crawl(dir, home)...)
	about := func(got *int64, want time.Duration) bool { // the run itself takes a while
		return got != nil && float64(*got) > 0.95*want.Seconds() && float64(*got) < 1.05*(want+time.Since(now)).Seconds()
	}
	for _, args := range [][]string{{"--dir", dir}, {"--dir", dir, "--site", "town.example"}} {
		r := statusOf(t, args...)
		for _, d := range []status.Delay{r.DelayLastDay, r.DelayLastWeek} {
			if d.New != int64(len(stories)) || d.Articles != int64(len(ages)) || !about(d.P50, 20*time.Minute) || !about(d.P95, 5*time.Hour) {
				t.Errorf("%v: %d of %d articles, p50 %v, p95 %v", args, d.Articles, d.New, d.P50, d.P95)
			}
		}
	}
	var a struct {
		PublishedAt  time.Time `json:"published_at"`
		DiscoveredAt time.Time `json:"discovered_at"`
		StoredAt     time.Time `json:"stored_at"`
	}
	if err := json.Unmarshal([]byte(succeeds(t, "articles", "show", url(1), "--json", "--dir", dir)), &a); err != nil ||
		a.PublishedAt.Unix() != now.Add(-ages[0]).Unix() || a.DiscoveredAt.Before(now) || a.StoredAt.Before(a.DiscoveredAt) || a.StoredAt.After(time.Now()) {
		t.Errorf("%+v, %v", a, err)
	}
}

// watchedFor has khabar know a page for so long.
func watchedFor(t *testing.T, dir, url string, long time.Duration) {
	t.Helper()
	server, err := embedded.StartStore(t.Context(), embedded.StoreConfig{Dir: filepath.Join(dir, "store")})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	client, err := mongo.Connect(options.Client().ApplyURI(server.URI()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Disconnect(context.Background())
	res, err := client.Database(store.DefaultDatabase).Collection("pages").UpdateOne(t.Context(),
		map[string]any{"_id": weburl.ID(url)}, map[string]any{"$set": map[string]any{"discovered_at": time.Now().Add(-long)}})
	if err != nil || res.ModifiedCount != 1 {
		t.Fatal(res, err)
	}
}

// TestStatusOfRunning joins a crawl that runs, and a worker on servers of its own; one of which, or both, may be away.
func TestStatusOfRunning(t *testing.T) {
	web, dir := newWeb(t, demosite.Config{Sites: 2, PerSection: 2}), t.TempDir()
	asked, release := web.holdBack(t)
	p := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), web.crawl(dir)...)
	<-asked
	proctest.Until(t, "no task is in hand", func(context.Context) error {
		if r := statusOf(t, "--dir", dir); r.Queue == nil || r.Queue.Tasks != 2 || r.Queue.Lanes != 2 {
			return fmt.Errorf("queue %+v (%s)", r.Queue, r.QueueError)
		}
		return nil
	})
	release()
	proctest.Until(t, "the crawl does not rest", func(context.Context) error {
		r := statusOf(t, "--dir", dir)
		if r.Queue == nil || r.Queue.Tasks > 0 || r.Work.IdleTurns == 0 || r.Work.Workers != status.WorkersSeen || r.Sections.Known < 2 ||
			r.Work.Schedulers.Alive != 1 || r.Work.Schedulers.LastRoundAt == nil {
			return fmt.Errorf("%+v, queue %+v (%s), %+v", r.Work, r.Queue, r.QueueError, r.Sections)
		}
		return nil
	})
	var there struct{ NATS, Mongo string }
	data, err := os.ReadFile(filepath.Join(dir, "servers.json"))
	if err == nil {
		err = json.Unmarshal(data, &there)
	}
	if err != nil {
		t.Fatal(err)
	}
	if r := statusOf(t, "--nats", there.NATS, "--mongo", there.Mongo, "--dir", t.TempDir()); r.Queue == nil || r.Work.IdleTurns == 0 {
		t.Errorf("by address: %+v, %s", r.Work, r.QueueError)
	}
	nowhere := "127.0.0.1:" + proctest.FreePort(t)
	if r := statusOf(t, "--nats", "nats://"+nowhere, "--mongo", there.Mongo); r.Queue != nil || !strings.Contains(r.QueueError, nowhere) ||
		!strings.Contains(r.QueueError, "is the server running") || r.Sections.Known < 2 || r.Work.Workers == status.WorkersUnseen {
		t.Errorf("without NATS: %+v, %q", r.Work, r.QueueError)
	}
	env := proctest.Environment(t, "KHABAR_MONGO_CONNECT_TIMEOUT=100ms")
	failed(t, proctest.Run(t, env, bin.Path("khabar"), "status", "--mongo", "mongodb://"+nowhere+"/"), []string{"status"}, nowhere, "is the server running, and mongo.uri right")
	fails(t, []string{"status", "--mongo", strings.TrimSuffix(there.Mongo, "/") + "/elsewhere"}, "holds nothing of khabar's")

	looks := filepath.Join(t.TempDir(), "looks")
	watch := proctest.Start(t, proctest.Environment(t), "/bin/sh", "-c", `exec "$0" status --watch --json --dir "$1" >"$2"`, bin.Path("khabar"), dir, looks)
	proctest.Until(t, "--watch shows nothing", func(context.Context) error {
		data, err := os.ReadFile(looks)
		if err == nil && !strings.HasSuffix(string(data), "}\n") {
			err = fmt.Errorf("it wrote %q", data)
		}
		return err
	})
	p.Signal(t, syscall.SIGTERM)
	if code := p.Exit(t); code != 0 {
		t.Errorf("the crawl ended with status %d:\n%s", code, p.Log())
	}
	watch.Await(t, "khabar:") // the servers have gone with the crawl
	watch.Signal(t, syscall.SIGINT)
	if code := watch.Exit(t); code != 0 {
		t.Errorf("--watch ended with status %d:\n%s", code, watch.Log())
	}
	if r := statusOf(t, "--dir", dir); r.LastDay.New != int64(len(web.Articles())) || r.Work.Workers != status.WorkersUnseen ||
		r.Work.Schedulers.Alive != 0 || !r.Work.Schedulers.Ended {
		t.Errorf("after the crawl: %+v, %+v", r.Work, r.LastDay)
	}
}

// TestStatusAfterKills: whatever a crawl is killed in the middle of, nothing is counted twice, and what it does after is counted.
func TestStatusAfterKills(t *testing.T) {
	web, dir := newWeb(t, demosite.Config{Sites: 2, PerSection: 6}), t.TempDir()
	var requests atomic.Int64
	kills := make(chan struct{}, 1)
	web.onRequest(func(*http.Request) {
		if n := requests.Add(1); n == 12 || n == 40 {
			kills <- struct{}{}
		}
	})
	for range 2 {
		p := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), web.crawl(dir, "--once")...)
		<-kills
		p.Kill()
	}
	had := int64(len(jsonLines(t, succeeds(t, "export", "--dir", dir))))
	succeeds(t, web.crawl(dir, "--once")...)
	web.whole(t, dir)
	r := statusOf(t, "--dir", dir)
	all := int64(len(web.Articles()))
	// What was stored before the kills may have been counted or not: of no run that was killed was a minute old.
	if n := r.LastDay.New; n < all-had || n > all {
		t.Errorf("%d articles are counted as new; there are %d, and %d of them were there before the last run", n, all, had)
	}
	done := pagesOf(r.LastDay.Articles, outcome.OK) + pagesOf(r.LastDay.Sections, "")
	if done > requests.Load() || done < all-had {
		t.Errorf("%d attempts are counted, of %d requests", done, requests.Load())
	}
}

// TestWatchedOnTerminal: on a terminal, one look takes the place of the last one, which as JSON it does not.
func TestWatchedOnTerminal(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		var screen bytes.Buffer
		err := shown(t.Context(), terminal.NewScreen(&screen), !asJSON, asJSON, func(_ context.Context, w io.Writer) error {
			_, err := fmt.Fprintf(w, "\u2068خبر\u2069 \x1b[31m\n")
			return err
		})
		cleared := strings.HasPrefix(screen.String(), "\x1b[H\x1b[2J")
		if err != nil || cleared == asJSON || strings.Contains(screen.String(), "\x1b[31m") || strings.Contains(screen.String(), "\u2068") == asJSON {
			t.Errorf("json %v: %q, %v", asJSON, screen.String(), err)
		}
	}
}

func TestAge(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour: "0 s", 42 * time.Second: "42 s", 59*time.Second + 600*time.Millisecond: "1 min", 90 * time.Second: "2 min",
		3*time.Hour + 5*time.Minute: "3 h 05", 47 * time.Hour: "47 h 00", 73 * time.Hour: "3 days",
	} {
		if got := age(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
