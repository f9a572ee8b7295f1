package backfill

import (
	"fmt"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// on is noon of a day in June 2026.
func on(day int) time.Time { return time.Date(2026, 6, day, 12, 0, 0, 0, time.UTC) }

// of is a walk within the third week of June.
func of() store.Walk { return store.Walk{Way: WayListing, From: on(15), To: on(22)} }

// TestListEnds goes through lists page by page. Each article is its day of June, as "15", with an id where there are several of a
// day, or "?" where nothing dates it but its page.
func TestListEnds(t *testing.T) {
	for name, c := range map[string]struct {
		pages [][]string
		asked int // pages that are asked for
		why   outcome.Reason
	}{
		"all in bounds":            {[][]string{{"21", "20", "19"}, {"18", "17", "16"}}, 2, ""},
		"one page wholly older":    {[][]string{{"17", "16"}, {"14", "13", "12"}, {"11"}}, 2, outcome.ReasonBound},
		"two older ones say less":  {[][]string{{"17", "16"}, {"14", "13"}, {"12", "11"}, {"10"}}, 3, outcome.ReasonBound},
		"pinned old ones":          {[][]string{{"1", "2", "3", "21"}, {"1", "2", "3", "20"}, {"1", "2", "3", "19"}}, 3, ""},
		"pinned new ones":          {[][]string{{"20", "17", "16"}, {"20", "14", "13", "12"}, {"20", "11"}}, 2, outcome.ReasonBound},
		"one was brought up again": {[][]string{{"14", "13", "12", "11", "20a"}, {"10", "9", "8", "7", "20b"}, {"6"}}, 2, outcome.ReasonBound},
		"newer than the bounds":    {[][]string{{"30", "29"}, {"28", "27"}, {"26", "25"}, {"24", "23"}}, 4, ""},
		"the same for ever":        {[][]string{{"20"}, {"20"}, {"20"}, {"20"}, {"20"}, {"20"}, {"20"}}, 6, outcome.ReasonFurther},
		"days off":                 {[][]string{{"20"}, {}, {}, {}, {"19"}, {}, {}, {}, {"18"}}, 9, ""},
		"undated":                  {[][]string{{"?17", "?16"}, {"?14", "?13", "?12"}, {"?11"}}, 2, outcome.ReasonBound},
	} {
		w, asked, why := of(), 0, outcome.Reason("")
		for depth, page := range c.pages {
			asked++
			l := NewListed(w)
			dates := map[string]time.Time{}
			for _, a := range page {
				day, undated := 0, a[0] == '?'
				if undated {
					a = a[1:]
				}
				if _, err := fmt.Sscanf(a, "%d", &day); err != nil {
					t.Fatal(err)
				}
				at := on(day)
				if undated {
					dates[a] = at
					l.Add(w, a, nil)
				} else {
					l.Add(w, a, &at)
				}
			}
			if w, why = l.Next(w, depth); why == "" && len(w.Undated) > 0 {
				if _, early := Settle(w, nil, w.Undated); early != "" {
					t.Errorf("%s: ended before the dates were known", name)
				}
				w, why = Settle(w, dates, nil)
			}
			if again, still := Settle(w, nil, nil); again.Past != w.Past || why == "" && still != "" {
				t.Errorf("%s: weighed twice it is %v, %q", name, again, still)
			}
			if why != "" {
				break
			}
		}
		if asked != c.asked || why != c.why {
			t.Errorf("%s: %d pages, %q; want %d, %q", name, asked, why, c.asked, c.why)
		}
	}
	if _, why := NewListed(of()).Next(of(), MaxSteps); why != outcome.ReasonFurther {
		t.Errorf("a list without end: %q", why)
	}
}

// TestEntries: a backfill begins with the home page, what the site's file names and what the crawl found, each once.
func TestEntries(t *testing.T) {
	s, err := site.FromHome("https://n.example/")
	if err != nil {
		t.Fatal(err)
	}
	s.Sections = []site.Section{
		{ID: "world", URL: "https://n.example/world/", Kind: site.Listing}, {ID: "rss", URL: "https://n.example/rss", Kind: site.Feed},
	}
	page := func(url string, kind store.Kind, change func(*store.Page)) store.Page {
		p := store.Page{URL: url, Kind: kind, Section: "s", Outcome: outcome.OK, Interval: 60}
		if change != nil {
			change(&p)
		}
		return p
	}
	known := []store.Page{
		page("https://n.example/world/", store.KindListing, nil),
		page("https://n.example/map.xml", store.KindSitemap, nil),
		page("https://n.example/sport/", store.KindListing, nil),
		page("https://n.example/gone/", store.KindListing, func(p *store.Page) { p.Outcome = outcome.Gone }),
		page("https://n.example/guess.xml", store.KindSitemap, func(p *store.Page) { p.Guess = "any" }),
		page("https://n.example/world/?page=2", store.KindListing, func(p *store.Page) { p.Depth, p.Interval = 1, 0 }),
		page("https://n.example/walk/", store.KindListing, func(p *store.Page) { p.Walk = &store.Walk{} }),
		page("https://other.example/map.xml", store.KindSitemap, nil),
		page("https://files.example/map.xml", store.KindSitemap, func(p *store.Page) { p.Vouched = true }),
	}
	b := store.Backfill{ID: "b", From: on(1), To: on(9)}
	got := ""
	for _, p := range Entries(b, s, known, on(10)) {
		got += p.URL + " " + p.Walk.Way + "\n"
		if p.ID != PageID("b", p.URL) || p.Backfill != "b" || p.Walk.From != b.From || p.Status != store.StatusDue || p.Section == "" {
			t.Errorf("%+v", p)
		}
	}
	want := "https://n.example/ home\nhttps://n.example/world/ listing\nhttps://n.example/map.xml sitemap\nhttps://n.example/sport/ listing\nhttps://files.example/map.xml sitemap\n"
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestMeasure counts what became of a backfill's pages, and how much is left to do.
func TestMeasure(t *testing.T) {
	b := store.Backfill{ID: "b", From: on(1), To: on(21), StartedAt: on(25)}
	at := func(day int) *time.Time { d := on(day); return &d }
	list := func(id string, change func(*store.Page)) store.Page {
		p := store.Page{ID: id, Kind: store.KindListing, Section: "world", Walk: &store.Walk{Way: WayListing}, Status: store.StatusDone, Outcome: outcome.OK, FetchedAt: at(26), Depth: 2}
		if change != nil {
			change(&p)
		}
		return p
	}
	story := func(day int, change func(*store.Page)) store.Page {
		p := store.Page{Kind: store.KindArticle, Status: store.StatusDone, Outcome: outcome.OK, ArticleID: "a", DatedAt: at(day), DiscoveredAt: on(26), DiscoveredFrom: "1", FetchedAt: at(26)}
		if change != nil {
			change(&p)
		}
		return p
	}
	pages := []store.Page{
		list("1", func(p *store.Page) { p.Depth = 1 }),
		list("2", nil),
		list("3", func(p *store.Page) { p.Status, p.FetchedAt, p.Outcome = store.StatusQueued, nil, "" }),
		story(20, nil),
		story(11, nil),
		story(12, func(p *store.Page) { p.DiscoveredAt = on(3) }), // known
		story(12, func(p *store.Page) { p.Status, p.FetchedAt, p.ArticleID = store.StatusQueued, nil, "" }),
		story(12, func(p *store.Page) { p.Status, p.ArticleID, p.Outcome = store.StatusGone, "", outcome.Gone }),
		story(23, nil), // turned out to be newer
	}
	m, err := Measure(b, func(yield func(store.Page, error) bool) {
		for _, p := range pages {
			if !yield(p, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := (store.BackfillResult{Found: 5, Stored: 3, Known: 1, Requests: 6, Lists: 2, Further: 2}); m.BackfillResult != want || m.Pending != 1 || m.Ahead != 1 || m.Failed != 1 {
		t.Errorf("%+v, want %+v", m, want)
	}
	// Ten of twenty days were gone through with two lists and five articles; two pages wait.
	if l := m.Lists[0]; len(m.Lists) != 1 || l.Oldest == nil || !l.Oldest.Equal(on(11)) || m.Left(b) != 2+7 || !m.HasWayBack() {
		t.Errorf("%+v, %d left", m.Lists, m.Left(b))
	}
}
