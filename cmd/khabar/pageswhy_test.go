package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/spare"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
	yields "github.com/khabar-crawler/khabar/pkg/yield" // yield is what a crawl gave, here
)

// TestPagesWhy asks after each kind of page of a crawled site, and after addresses that no crawl saw.
func TestPagesWhy(t *testing.T) {
	web, dir := newWeb(t, demosite.Config{Sites: 1, PerSection: 3}), t.TempDir()
	succeeds(t, web.crawl(dir, "--once")...)
	d := web.Sites()[0]
	story := web.Articles()[0].URL
	config := written(t, "khabar.yaml", "sites: ["+written(t, "rafidain.yaml", "id: paper\nname: Rafidain\nhome: http://paper.example/\narticles:\n  include: ['^/news/']\n  exclude: ['^/news/calendar']\n")+"]\n")
	for _, c := range []struct {
		url  string
		want []string
	}{
		{story, []string{"crawled: it is an article", "status done", "priority 1 (news)", "which no site file here describes"}},
		{story + "?utm_source=x&fbclid=1", []string{"crawled: it is an article", "taken as " + story}},
		{d.Sections[0].URL, []string{"crawled: it is visited again and again", "kind listing", "new pages a visit"}},
		{d.Private, []string{"not crawled any more (excluded): robots", "Disallow: /private/", "found"}},
		{d.Gone, []string{"not crawled any more (gone): gone: http_404", "HTTP status 404"}},
		{d.Home + "2026/11/a-story-that-nobody-has-seen-yet-of-the-bridge/", []string{"never seen: no page that was read lists it; linked under a headline, it would be fetched as an article, in lane rafidain.example"}},
		{d.Home + "login", []string{"never seen, and left out wherever it is linked: about the site, its readers or writers"}},
		{d.Home + "media/1.jpg", []string{"never seen, and left out wherever it is linked: a file by its ending"}},
		{"https://www.rafidain.example/", []string{"other form", d.Home + " is known"}},
		{"https://elsewhere.example/2026/11/a-story/", []string{"never seen, and of no site that is known"}},
		{"http://paper.example/news/calendar?day=3", []string{"left out wherever it is linked: no article by the site's patterns or by its looks", "it fits articles.exclude ^/news/calendar", "paper, described in "}},
		{"http://paper.example/sport/3", []string{"left out wherever it is linked: no article by the site's patterns or by its looks", "it fits none of articles.include"}},
		{"http://paper.example/news/3", []string{"would be fetched as an article", "it fits articles.include ^/news/"}},
	} {
		out := succeeds(t, "pages", "why", c.url, "--dir", dir, "--config", config)
		for _, w := range c.want {
			if !strings.Contains(out, w) {
				t.Errorf("%s: %q is not said:\n%s", c.url, w, out)
			}
		}
	}
	var told struct {
		URL, ID, Site, Verdict string
		Known                  bool
		Why                    []finding
	}
	if out := succeeds(t, "pages", "why", story, "--json", "--dir", dir); json.Unmarshal([]byte(out), &told) != nil ||
		told.URL != story || !told.Known || told.Site != "rafidain.example" || len(told.Why) < 5 {
		t.Errorf("as JSON: %s", out)
	}
	fails(t, []string{"pages", "why", "mailto:/x", "--dir", dir}, "khabar takes no such address")
	fails(t, []string{"pages", "why", "0123456789abcdef0123456789abcdef", "--dir", dir}, "is the id of no known page")
}

// TestWhyOfRecords: whatever state a record is in, one sentence says where its page stands.
func TestWhyOfRecords(t *testing.T) {
	now := time.Now()
	s, err := site.FromHome("http://x.example/")
	if err != nil {
		t.Fatal(err)
	}
	page := store.Page{ID: "x", URL: "http://x.example/a/1", Site: "x.example", Kind: store.KindArticle, Lane: "x.example", NextAt: &now}
	for _, c := range []struct {
		change func(*store.Page)
		want   string
	}{
		{func(p *store.Page) { p.Status = store.StatusDue }, "waits to be fetched"},
		{func(p *store.Page) { p.Status, p.Held = store.StatusDue, "x.example" }, "waits: its site has more pages waiting"},
		{func(p *store.Page) { p.Status = store.StatusQueued }, "under way"},
		{func(p *store.Page) { p.Status, p.Attempts, p.Outcome = store.StatusDue, 2, outcome.Retry }, "failed, and is tried again"},
		{func(p *store.Page) { p.Status = store.StatusDone }, "left out of a run that ended"},
		{func(p *store.Page) { p.Status, p.FetchedAt, p.Outcome = store.StatusDone, &now, outcome.NotArticle }, "crawled, and left: not_article"},
		{func(p *store.Page) {
			p.Status, p.Outcome, p.Reason = store.StatusDead, outcome.Retry, outcome.ReasonTimeout
		}, "not crawled any more (dead): retry: timeout"},
		{func(p *store.Page) { p.Status, p.URL, p.Kind = store.StatusAside, "", "" }, "set aside"},
	} {
		p := page
		c.change(&p)
		q := &why{asked: page.URL, address: page.URL, id: p.ID, now: now, page: &p, site: s, given: "made up", learned: yields.NewPast(), spare: &spare.Parts{}}
		verdict, all := q.findings()
		if !strings.HasPrefix(verdict, c.want) || len(all) < 3 {
			t.Errorf("%s, %v; want %s", verdict, all, c.want)
		}
	}
}

// TestWhyBlock: where a page was linked in a block whose links never led to articles, that is said, and of an address that was never
// seen too.
func TestWhyBlock(t *testing.T) {
	s, err := site.FromHome("http://x.example/")
	if err != nil {
		t.Fatal(err)
	}
	const address = "http://x.example/offers/seven-ways-to-save"
	learned := yields.NewPast()
	for i := range 60 {
		learned.Note(fmt.Sprintf("http://x.example/offers/ways-to-save-%d", i), "section#partners div.card h3", false)
	}
	p := store.Page{ID: weburl.ID(address), URL: address, Site: s.ID, Kind: store.KindArticle, Block: "section#partners div.card h3"}
	for _, page := range []*store.Page{&p, nil} {
		q := &why{asked: address, address: address, now: time.Now(), site: s, given: "made up", page: page, learned: learned, spare: &spare.Parts{}}
		if _, all := q.findings(); !strings.Contains(fmt.Sprint(all), "of 60 links tried in its block (section#partners div.card h3) none was an article") {
			t.Errorf("%v", all)
		}
	}
	var shown strings.Builder
	if showCut(&shown, learned); !strings.Contains(shown.String(), "links in section#partners div.card h3: 60 were fetched, 0 gave an article") {
		t.Errorf("a site's blocks that are cut off: %q", shown.String())
	}
}

// TestWhySpare: what is left off an address is said, and by which site's show.
func TestWhySpare(t *testing.T) {
	s, err := site.FromHome("http://x.example/")
	if err != nil {
		t.Fatal(err)
	}
	parts := spare.Restore([]spare.Part{{Name: "?ref", For: 40}, {Name: "?id", For: 40, Against: 9}}, nil)
	for address, want := range map[string]string{"http://x.example/news/a?ref=home&id=7": "http://x.example/news/a?id=7", "http://x.example/news/b?id=7": ""} {
		q := &why{asked: address, address: address, now: time.Now(), site: s, given: "made up", learned: yields.NewPast(), spare: parts}
		if _, all := q.findings(); strings.Contains(fmt.Sprint(all), "taken as links to "+want) != (want != "") {
			t.Errorf("%s: %v", address, all)
		}
	}
	var shown strings.Builder
	if showSpare(&shown, parts); !strings.Contains(shown.String(), "?ref in addresses: 40 articles") || strings.Contains(shown.String(), "?id") {
		t.Errorf("what is left off: %q", shown.String())
	}
}

// TestWhyCut: of an address whose form leads nowhere it is said that it is left out, and what that follows from.
func TestWhyCut(t *testing.T) {
	s, err := site.FromHome("http://x.example/")
	if err != nil {
		t.Fatal(err)
	}
	learned := &yields.Past{Blocks: &yields.Counts{}, Forms: yields.Restore([]yields.State{{Key: "x.example/calendar/n/n/n", Tried: 4000}, {Key: "x.example/news/n/s", Tried: 4000, Articles: 3000}})}
	for address, want := range map[string][]string{
		"http://x.example/calendar/2101/4/5":                   {"never seen, and left out wherever it is linked: of links like it next to none led to an article", "x.example/calendar/n/n/n: of 4000 pages tried 0 were new articles, so that of further ones 0.063% are fetched; this is none"},
		"http://x.example/news/77/council-hears-of-the-bridge": {"it would be fetched as an article", "of 4000 pages tried 3000 were new articles"},
	} {
		q := &why{asked: address, address: address, now: time.Now(), site: s, given: "made up", learned: learned, spare: &spare.Parts{}}
		verdict, all := q.findings()
		for _, w := range want {
			if told := fmt.Sprint(verdict, all); !strings.Contains(told, w) {
				t.Errorf("%s: %q is not said: %s", address, w, told)
			}
		}
	}
	var shown strings.Builder
	showCut(&shown, learned)
	if got := shown.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "x.example/calendar/n/n/n: 4000 of its addresses were fetched, 0 gave an article") {
		t.Errorf("a site's forms that are cut off: %q", got)
	}
}
