package worker

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// indexed is a site that has nothing but an index of sitemaps.
func indexed(t *testing.T, host string, texts map[string]string) (*world, *shelves) {
	t.Helper()
	web := newShelves(t, texts)
	s := homeSite(t, "http://"+host+"/")
	s.Sections = []site.Section{{ID: "map", URL: "http://" + host + "/index.xml", Kind: site.Sitemap}}
	return newWorld(t, shared, web.URL, s), web
}

// TestChildAgain has an index say that a sitemap of it has changed: that one is read again, and no other. What the index lists
// no more is not asked for again.
func TestChildAgain(t *testing.T) {
	t.Parallel()
	const host = "grows.example"
	at := func(path string) string { return "http://" + host + path }
	old := time.Now().Add(-48 * time.Hour).UTC().Format(time.RFC3339)
	w, web := indexed(t, host, map[string]string{
		host + "/index.xml": indexOf(at("/a.xml ")+old, at("/b.xml ")+old, at("/c.xml?t=1 ")+old),
		host + "/a.xml":     sitemapOf(at("/2020/01/02/story-1")),
		host + "/b.xml":     sitemapOf(at("/2020/01/02/story-2")),
		host + "/c.xml?t=1": sitemapOf(at("/2020/01/02/story-3")),
	})
	w.crawl()
	web.put(host+"/a.xml", sitemapOf(at("/2020/01/02/story-1"), at("/2026/11/26/story-4")))
	web.put(host+"/index.xml", indexOf(at("/a.xml ")+time.Now().Add(-24*time.Hour).UTC().Format(time.RFC3339), at("/b.xml ")+old))
	w.visit(at("/index.xml"))
	if n := len(w.articles()); n != 4 || web.count(host+"/a.xml") != 2 || web.count(host+"/b.xml") != 1 || web.count(host+"/c.xml?t=1") != 1 {
		t.Errorf("%d articles, %q", n, web.asked())
	}
	p := w.pages()
	if a, b := p[at("/a.xml")], p[at("/b.xml")]; a.Yield < newsYield || b.Yield > 0.1 || a.NextAt != nil || a.Priority != priorityFurther {
		t.Errorf("yields %v and %v, next %v, priority %d", a.Yield, b.Yield, a.NextAt, a.Priority)
	}
	w.visit(at("/index.xml")) // nothing is new
	if n := web.count(host + "/a.xml"); n != 2 {
		t.Errorf("a.xml was asked for %d times", n)
	}
	web.put(host+"/a.xml", sitemapOf(at("/2020/01/02/story-1"), at("/2026/11/26/story-5")))
	web.put(host+"/index.xml", indexOf(at("/a.xml ")+time.Now().Add(time.Minute).UTC().Format(time.RFC3339), at("/b.xml ")+old))
	w.visit(at("/index.xml")) // a.xml brought news last time: that it changed is news of the index
	if r := w.pages()[at("/index.xml")].Rhythm; r == nil || r.Count < .9 || len(w.articles()) != 5 {
		t.Errorf("%d articles; of the index it is known that %+v", len(w.articles()), r)
	}
}

// TestLargeIndex has an archive of sitemaps: the newest are read first, and no old one before the articles that are newer.
func TestLargeIndex(t *testing.T) {
	t.Parallel()
	const host, months = "deep.example", 60
	texts := map[string]string{}
	var entries []string
	for i := range months {
		month := time.Date(2020, time.Month(1+i), 1, 0, 0, 0, 0, time.UTC)
		name := month.Format("/map-2006-01.xml")
		entries = append(entries, "http://"+host+name)
		texts[host+name] = sitemapOf("http://" + host + month.Format("/2006/01/02/") + fmt.Sprintf("story-%d", i))
	}
	texts[host+"/index.xml"] = indexOf(entries...) // the oldest first
	w, web := indexed(t, host, texts)
	w.frontier.LanePending = front + 5
	w.crawl()
	asks := slices.DeleteFunc(web.asked(), func(u string) bool { return strings.HasSuffix(u, "robots.txt") || strings.HasSuffix(u, "index.xml") })
	if len(asks) != 2*months || len(w.articles()) != months {
		t.Fatalf("%d requests, %d articles", len(asks), len(w.articles()))
	}
	for i, u := range asks[:front] {
		if want := host + strings.TrimPrefix(entries[months-1-i], "http://"+host); u != want {
			t.Errorf("request %d is %s, want %s", i, u, want)
		}
	}
	at := func(part string) int {
		return slices.IndexFunc(asks, func(u string) bool { return strings.HasSuffix(u, part) })
	}
	for i := range months - front - 1 { // each of the older ones when the articles of the newer ones are read
		older := at(strings.TrimPrefix(entries[i], "http://"+host))
		if article := at(fmt.Sprintf("story-%d", i+1)); article > older {
			t.Errorf("the sitemap of month %d is request %d, the article of month %d request %d", i, older, i+1, article)
		}
	}
}

// TestRipe: which sitemaps of an index are read again.
func TestRipe(t *testing.T) {
	w, _ := judging(t)
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) *time.Time { at := now.Add(-d); return &at }
	child := func(i int, yield float64, fetched, dated *time.Time) store.Page {
		p := known(store.KindSitemap, fmt.Sprintf("http://news.example/map-%d.xml", i), *fetched)
		p.Depth, p.Status, p.Yield, p.FetchedAt, p.DatedAt = 1, store.StatusDone, yield, fetched, dated
		return p
	}
	many := func(n int, changed int) (pages []store.Page, said []*time.Time) {
		for i := range n {
			pages, said = append(pages, child(i, 0, ago(time.Hour), ago(72*time.Hour))), append(said, ago(72*time.Hour))
			if i < changed {
				said[i] = ago(time.Duration(i) * time.Minute)
			}
		}
		return pages, said
	}
	stored := func(pages []store.Page, said []*time.Time) (ids []string, listed, known map[string]store.Page) {
		listed, known = map[string]store.Page{}, map[string]store.Page{}
		for i, p := range pages {
			ids, known[p.ID] = append(ids, p.ID), p
			p.DatedAt = said[i]
			listed[p.ID] = p
		}
		return ids, listed, known
	}
	for _, c := range []struct {
		name  string
		pages []store.Page
		said  []*time.Time
		want  int
	}{
		{"nothing has changed or is to be expected", []store.Page{child(1, 0.01, ago(time.Hour), ago(24*time.Hour))}, []*time.Time{ago(24 * time.Hour)}, 0},
		{"one has changed", []store.Page{child(1, 0.01, ago(time.Hour), ago(24*time.Hour))}, []*time.Time{ago(2 * time.Hour)}, 1},
		{"nobody dates them, and news comes in one", []store.Page{child(1, 2, ago(time.Hour), nil), child(2, 0.1, ago(time.Hour), nil)}, []*time.Time{nil, nil}, 1},
		{"first dated, after its visit", []store.Page{child(1, 0.01, ago(time.Hour), nil)}, []*time.Time{ago(time.Minute)}, 1},
		{"first dated, before its visit", []store.Page{child(1, 0.01, ago(time.Hour), nil)}, []*time.Time{ago(2 * time.Hour)}, 0},
		{"not looked at for two months", []store.Page{child(1, 0, ago(60*24*time.Hour), nil)}, []*time.Time{nil}, 1},
	} {
		ids, listed, all := stored(c.pages, c.said)
		if got := w.ripe(ids, listed, all, now); len(got) != c.want {
			t.Errorf("%s: %d, want %d", c.name, len(got), c.want)
		}
	}
	for _, c := range []struct {
		name          string
		n, changed    int
		want, inARun  int
		firstIsNewest bool
	}{
		{"some of many have changed", 200, 60, mostWoken, 60, true},
		{"all are dated anew: none is believed", 200, 200, 0, 0, false},
		{"all of few", 5, 5, 5, 5, true},
	} {
		ids, listed, all := stored(many(c.n, c.changed))
		got := w.ripe(ids, listed, all, now)
		if len(got) != c.want || c.firstIsNewest && got[0].ID != ids[0] {
			t.Errorf("%s: %d, want %d, of the newest", c.name, len(got), c.want)
		}
		w.tally.Once = true
		if got := w.ripe(ids, listed, all, now); len(got) != c.inARun {
			t.Errorf("%s: %d in a run that ends, want %d", c.name, len(got), c.inARun)
		}
		w.tally.Once = false
	}
	// What is in somebody's hands, has a time of its own or was written by a newer khabar is left alone.
	for name, change := range map[string]func(*store.Page){
		"queued": func(p *store.Page) { p.Status = store.StatusQueued }, "newer": func(p *store.Page) { p.Version = store.PageVersion + 1 },
		"never visited": func(p *store.Page) { p.FetchedAt = nil }, "set aside": func(p *store.Page) { p.Status = store.StatusAside },
	} {
		p := child(1, 5, ago(48*time.Hour), ago(24*time.Hour))
		change(&p)
		ids, listed, all := stored([]store.Page{p}, []*time.Time{ago(time.Minute)})
		if got := w.ripe(ids, listed, all, now); len(got) != 0 {
			t.Errorf("%s: read again", name)
		}
	}
}

// TestReachedBy: up to when a sitemap goes.
func TestReachedBy(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	past, recent, ahead, far := now.Add(-90*24*time.Hour), now.Add(-time.Hour), now.Add(5*24*time.Hour), now.Add(30*24*time.Hour)
	for _, c := range []struct {
		name           string
		named, changed *time.Time
		want           *time.Time
	}{
		{"nothing is said", nil, nil, nil},
		{"it changed", nil, &recent, &recent},
		{"it will have changed", nil, &far, nil},
		{"a month that is over, whatever else is said", &past, &recent, &past},
		{"the current month, and when it changed", &ahead, &recent, &recent},
		{"the current month", &ahead, nil, &now},
	} {
		got := reachedBy(discover.Link{Published: c.named, Modified: c.changed}, now)
		if (got == nil) != (c.want == nil) || got != nil && !got.Equal(*c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
