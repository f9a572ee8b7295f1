package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
)

// fed is a line of a feed.
type fed struct {
	Token string `json:"token"`
	Seq   int64  `json:"seq"`
	ID    string `json:"id"`
	Title string `json:"title"`
	Gone  *struct {
		Reason string `json:"reason"`
	} `json:"gone"`
}

// fedLines reads a feed, of which the last line may be cut off.
func fedLines(t *testing.T, text string) []fed {
	t.Helper()
	var all []fed
	for s := range strings.Lines(text) {
		var l fed
		if err := json.Unmarshal([]byte(s), &l); err != nil {
			if strings.HasSuffix(s, "\n") {
				t.Fatalf("%v in %q", err, s)
			}
			continue
		}
		if !strings.HasPrefix(l.Token, fmt.Sprintf("%d-", l.Seq)) || len(all) > 0 && l.Seq <= all[len(all)-1].Seq {
			t.Errorf("%+v after %+v", l, all[max(0, len(all)-1)])
		}
		all = append(all, l)
	}
	return all
}

// TestFeed crawls twice, and asks what changed after the first time.
func TestFeed(t *testing.T) {
	web, dir := newTown(t), t.TempDir()
	config := siteFiles(t, map[string]string{"town": home})
	web.story(storyURL(1), "The council plans a bridge")
	web.story(storyURL(2), "The market is closed on Sunday")
	web.list(home, storyURL(1), storyURL(2))
	succeeds(t, web.crawl(dir, "--config", config)...)
	first := fedLines(t, succeeds(t, "feed", "--dir", dir))
	if len(first) != 2 {
		t.Fatalf("%+v", first)
	}
	last := first[1].Token
	if again := fedLines(t, succeeds(t, "feed", "--dir", dir, "--since", first[0].Token)); len(again) != 1 || again[0].Token != last {
		t.Errorf("after the first: %+v", again)
	}
	if more := succeeds(t, "feed", "--dir", dir, "--since", last) + succeeds(t, "feed", "--dir", dir, "--since", "now"); more != "" {
		t.Errorf("after the last: %s", more)
	}
	between := time.Now()

	web.story(storyURL(1), "The council drops its plan of a bridge")
	web.story(storyURL(3), "The bakery wins a prize")
	web.list(home, storyURL(1), storyURL(2), storyURL(3))
	succeeds(t, "pages", "again", storyURL(1), storyURL(2), "--yes", "--dir", dir)
	succeeds(t, web.crawl(dir, "--config", config)...)
	titles := []string{"The bakery wins a prize", "The council drops its plan of a bridge"}
	for name, out := range map[string]string{
		"feed":   succeeds(t, "feed", "--dir", dir, "--since", last),
		"token":  succeeds(t, "export", "--dir", dir, "--changed-since", last),
		"time":   succeeds(t, "export", "--dir", dir, "--changed-since", between.Format(time.RFC3339Nano)),
		"nobody": succeeds(t, "feed", "--dir", dir, "--since", last, "--language", "xx") + succeeds(t, "feed", "--dir", dir, "--since", last),
	} {
		var got []string
		for s := range strings.Lines(out) {
			var l fed
			if err := json.Unmarshal([]byte(s), &l); err != nil {
				t.Fatal(err)
			}
			got = append(got, l.Title)
		}
		slices.Sort(got)
		if !slices.Equal(got, titles) {
			t.Errorf("%s: %q", name, got)
		}
	}

	// A stranger's mistakes.
	fails(t, []string{"feed", "--dir", dir, "--since", "yesterday"}, "--since", "yesterday", "0 is the beginning")
	fails(t, []string{"feed", "--dir", dir, "--since", "99" + strings.TrimLeft(last, "0123456789")}, "beyond the end", "begin anew at 0")
	fails(t, []string{"feed", "--dir", dir, "--since", "1-000000000000000000000000"}, "another database", "begin anew at 0")
	fails(t, []string{"export", "--dir", dir, "--changed-since", "1-000000000000000000000000"}, "another database")
	fails(t, []string{"export", "--dir", dir, "--changed-since", "lately"}, "--changed-since", "lately", "a token of khabar feed")
	fails(t, []string{"feed", "--dir", dir, "--follow"}, "nothing runs in "+dir, "khabar crawl")
	fails(t, []string{"feed", "--dir", filepath.Join(dir, "x")}, "holds no crawl")
}

// TestUndatedIsTold: what --since and --until leave out for want of a date is told, and not where they are not given.
func TestUndatedIsTold(t *testing.T) {
	web, dir := newTown(t), t.TempDir()
	config := siteFiles(t, map[string]string{"town": home})
	undated := home + "news/the-council-plans-bridge"
	web.storyAt(undated, "The council plans a bridge", time.Time{})
	web.story(storyURL(2), "The market is closed on Sunday")
	web.list(home, undated, storyURL(2))
	succeeds(t, web.crawl(dir, "--config", config)...)
	if n := len(jsonLines(t, succeeds(t, "export", "--dir", dir))); n != 2 {
		t.Fatalf("%d articles", n)
	}
	const told = "articles without a publication date, which --since and --until leave out: 1"
	for _, args := range [][]string{{"export"}, {"articles"}} {
		args = append(args, "--dir", dir)
		if p := command(t, args...); strings.Contains(p.Log(), "publication date") {
			t.Errorf("%q: %s", args, p.Log())
		}
		if p := command(t, append(args, "--since", "2000-01-01")...); !strings.Contains(p.Log(), told) || strings.Contains(p.Output(), "plans a bridge") {
			t.Errorf("%q: %s\n%s", args, p.Log(), p.Output())
		}
	}
}

// TestFeedFollows a crawl that runs, by readers that are killed and go on at their last token, to beyond its end: each article is
// given, and none twice.
func TestFeedFollows(t *testing.T) {
	web, dir := newWeb(t, demosite.Config{Sites: 3, PerSection: 3}), t.TempDir()
	crawl := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), web.crawl(dir)...)
	proctest.Until(t, "nothing is stored", func(context.Context) error {
		p := command(t, "feed", "--dir", dir)
		if p.Exit(t) != 0 || len(fedLines(t, p.Output())) == 0 {
			return fmt.Errorf("%s", p.Log())
		}
		return nil
	})
	got, since := map[string]int{}, "0"
	take := func(out string) {
		for _, l := range fedLines(t, out) {
			got[l.ID]++
			since = l.Token
		}
	}
	all := len(web.Articles())
	for range 3 {
		reader := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), "feed", "--dir", dir, "--follow", "--since", since)
		before := len(got)
		proctest.Until(t, "nothing more is stored", func(context.Context) error {
			if n := len(fedLines(t, succeeds(t, "feed", "--dir", dir))); n < min(before+all/4, all) {
				return fmt.Errorf("%d articles", n)
			}
			return nil
		})
		reader.Kill()
		take(reader.Output())
	}
	reader := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), "feed", "--dir", dir, "--follow", "--since", since)
	proctest.Until(t, "not all is stored", func(context.Context) error {
		if n := len(fedLines(t, succeeds(t, "feed", "--dir", dir))); n < all {
			return fmt.Errorf("%d articles", n)
		}
		return nil
	})
	crawl.Signal(t, syscall.SIGTERM)
	if code := crawl.Exit(t); code != 0 {
		t.Errorf("the crawl ended with status %d:\n%s", code, crawl.Log())
	}
	if code := reader.Exit(t); code != 0 {
		t.Errorf("the reader ended with status %d:\n%s", code, reader.Log())
	}
	take(reader.Output())
	stored := jsonLines(t, succeeds(t, "export", "--dir", dir))
	for _, l := range stored {
		if got[l.ID] == 0 {
			t.Errorf("not given: %+v", l)
		}
	}
	changes := 0
	for id, n := range got {
		changes += n
		if n > 2 { // new, and cleaned of what its site repeats
			t.Errorf("article %s is given %d times", id, n)
		}
	}
	if len(got) != len(stored) || changes > 2*len(stored) {
		t.Errorf("%d articles given of %d: %q", len(got), len(stored), slices.Sorted(maps.Keys(got)))
	}
}

// TestExportFirsts: of a report that is printed twice the one that was published first is given, which a crawl that has ended knows.
func TestExportFirsts(t *testing.T) {
	web, dir := newTown(t), t.TempDir()
	config := siteFiles(t, map[string]string{"town": home})
	const report = "<p>The mayor said that the old mill by the lake will be a library next spring.</p><p>Forty builders have worked there since March, " +
		"and half of the money comes from the sale of timber.</p><p>Neighbours asked for a path along the water and were promised one by the summer.</p>"
	for n, title := range []string{"A library in the mill", "The mill will be a library"} {
		web.storyAt(storyURL(n+1), title, time.Date(2026, time.November, 25, 12-n, 0, 0, 0, time.UTC))
		web.pages[storyURL(n+1)] = strings.Replace(web.pages[storyURL(n+1)], "<p>", report+"<p>", 1)
	}
	web.list(home, storyURL(1), storyURL(2))
	succeeds(t, web.crawl(dir, "--config", config)...)
	if all := succeeds(t, "export", "--dir", dir); strings.Count(all, "\n") != 2 || !strings.Contains(all, `"role":"copy"`) {
		t.Errorf("all: %s", all)
	}
	out := succeeds(t, "export", "--dir", dir, "--cluster", "first")
	if strings.Count(out, "\n") != 1 || !strings.Contains(out, "The mill will be a library") || !strings.Contains(out, `"role":"first"`) {
		t.Errorf("--cluster first: %s", out)
	}
	fails(t, []string{"export", "--dir", dir, "--cluster", "copies"}, `--cluster "copies"`, "first is what there is")
}
