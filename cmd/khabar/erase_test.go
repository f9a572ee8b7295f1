package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/store"
)

// TestErase has articles erased, by address and by author: they are gone from all that is read, are asked for no more however the
// site lists them, and the record of it says who and why.
func TestErase(t *testing.T) {
	web, dir := newTown(t), t.TempDir()
	config := siteFiles(t, map[string]string{"town": home})
	web.story(storyURL(1), "The council plans a bridge")
	web.story(storyURL(2), "The market is closed on Sunday")
	web.list(home, storyURL(1), storyURL(2))
	succeeds(t, web.crawl(dir, "--config", config)...)
	all := fedLines(t, succeeds(t, "feed", "--dir", dir))
	id := recordOf(t, dir, storyURL(1)).ArticleID

	if out := succeeds(t, "erase", storyURL(1), "--dir", dir); !strings.Contains(out, id) || !strings.Contains(out, "1 would be erased: give --yes") {
		t.Errorf("without --yes:\n%s", out)
	}
	if n := len(jsonLines(t, succeeds(t, "export", "--dir", dir))); n != 2 {
		t.Errorf("%d articles", n)
	}
	unseen := storyURL(3)
	if out := succeeds(t, "erase", storyURL(1), unseen, "--why", "letter of 3 March", "--by", "Jane", "--yes", "--dir", dir); !strings.Contains(out, "2 erased") {
		t.Errorf("with --yes:\n%s", out)
	}

	web.requests()
	web.story(unseen, "A story that nobody is to keep")
	web.story(storyURL(4), "The bakery wins a prize")
	web.list(home, storyURL(1), storyURL(2), unseen, storyURL(4))
	succeeds(t, web.crawl(dir, "--config", config)...)
	fails(t, web.crawl(dir, "--config", config, storyURL(1)), "erased: asked", "khabar erase list")
	if asked := web.requests(); slices.Contains(asked, storyURL(1)) || slices.Contains(asked, unseen) || !slices.Contains(asked, storyURL(4)) {
		t.Errorf("asked for %v", asked)
	}
	for _, args := range [][]string{{"export"}, {"articles"}, {"feed"}} {
		out := succeeds(t, append(args, "--dir", dir)...)
		if strings.Contains(out, "plans a bridge") || strings.Contains(out, "nobody is to keep") || !strings.Contains(out, "wins a prize") {
			t.Errorf("%q:\n%s", args, out)
		}
	}
	told := 0
	for s := range strings.Lines(succeeds(t, "feed", "--dir", dir, "--since", all[len(all)-1].Token)) {
		var l struct {
			ID     string `json:"id"`
			Erased bool   `json:"erased"`
		}
		if err := json.Unmarshal([]byte(s), &l); err != nil {
			t.Fatal(err)
		}
		if l.Erased && l.ID == id {
			told++
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
	var e store.Erasure
	first, _, _ := strings.Cut(succeeds(t, "erase", "list", "--json", "--dir", dir), "\n")
	if err := json.Unmarshal([]byte(first), &e); err != nil || e.ID != id || e.By != "Jane" || e.Why != "letter of 3 March" || e.DoneAt == nil {
		t.Errorf("%+v, %v", e, err)
	}
	if out := succeeds(t, "erase", "list", "--dir", dir); !strings.Contains(out, "2 erased") || !strings.Contains(out, "Jane") {
		t.Errorf("list:\n%s", out)
	}
	if out := succeeds(t, "pages", "again", storyURL(1), "--yes", "--dir", dir); !strings.Contains(out, "were erased") {
		t.Errorf("again:\n%s", out)
	}
	for _, args := range [][]string{{"pages", storyURL(1)}, {"pages", "why", storyURL(1)}} {
		if out := succeeds(t, append(args, "--dir", dir)...); !strings.Contains(out, "erased") || !strings.Contains(out, "khabar erase list") {
			t.Errorf("%q:\n%s", args, out)
		}
	}

	// A stranger's mistakes.
	fails(t, []string{"erase", "--dir", dir}, "erase which articles?", "--site or --author")
	fails(t, []string{"erase", "--author", "Nobody", "--yes", "--dir", dir}, "no such articles", "khabar articles")
	fails(t, []string{"erase", strings.Repeat("0", 32), "--yes", "--dir", dir}, "no article and no page", "by its URL")
	fails(t, []string{"erase", storyURL(2), "--site", "town", "--dir", dir}, "not both")

	if out := succeeds(t, "erase", "--site", "town", "--yes", "--dir", dir); !strings.Contains(out, "2 erased") {
		t.Errorf("of the site:\n%s", out)
	}
	if out := succeeds(t, "export", "--dir", dir); out != "" {
		t.Errorf("left: %s", out)
	}
}
