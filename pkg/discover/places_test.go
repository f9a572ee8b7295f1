package discover

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/site"
)

// TestPlacesFile: the table that is built in has no problems, and one that has is told with line and column.
func TestPlacesFile(t *testing.T) {
	if _, err := readPlaces("places.yaml", placesYAML); err != nil {
		t.Error(err)
	}
	for name, c := range map[string]struct{ text, want string }{
		"empty":              {"news: [news]\n", "systems"},
		"no source":          {"systems:\n  - system: any\n    feeds: [feed/]\n", "source"},
		"no signs":           {"systems:\n  - system: A\n    source: s\n  - system: any\n    source: s\n", "signs"},
		"twice":              {"systems:\n  - system: A\n    signs: [a]\n    source: s\n  - system: A\n    source: s\n", "twice"},
		"another host":       {"systems:\n  - system: any\n    source: s\n    feeds: ['http://x.example/feed']\n", "no address of another host"},
		"a service's URL":    {"services: ['http://x.example/']\nsystems:\n  - system: any\n    source: s\n", "must be a host"},
		"a key nobody knows": {"systems:\n  - system: any\n    source: s\n    feed: [x]\n", "feed"},
	} {
		if _, err := readPlaces("a.yaml", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "a.yaml:") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// allGuesses are the usual places in their order.
func allGuesses(t *testing.T, home, system string, kind Kind) (all []string) {
	t.Helper()
	for at, ok := Guess(home, system, kind, ""); ok; at, ok = Guess(home, system, kind, at) {
		if all = append(all, at); len(all) > 30 {
			t.Fatalf("no end: %q", all)
		}
	}
	return all
}

func TestGuess(t *testing.T) {
	for _, c := range []struct {
		home, system string
		kind         Kind
		first        []string
	}{
		{"http://n.example/", "WordPress", KindFeed, []string{"http://n.example/feed/", "http://n.example/?feed=rss2"}},
		{"http://n.example/", "any", KindSitemap, []string{"http://n.example/sitemap.xml", "http://n.example/sitemap_index.xml"}},
		{"http://n.example/ar", "any", KindFeed, []string{"http://n.example/ar/feed/"}},
		{"http://n.example/ar/index.php", "any", KindFeed, []string{"http://n.example/ar/feed/"}},
		{"http://n.example/", "a system of tomorrow", KindFeed, []string{"http://n.example/feed/"}},
		{"http://n.example/", "any", KindListing, nil},
	} {
		got := allGuesses(t, c.home, c.system, c.kind)
		if len(got) < len(c.first) || !slices.Equal(got[:len(c.first)], c.first) || len(got) > 12 || c.first == nil && len(got) > 0 {
			t.Errorf("%s by %s: %q, want %q first", c.home, c.system, got, c.first)
		}
		slices.Sort(got)
		if len(slices.Compact(slices.Clone(got))) != len(got) {
			t.Errorf("%s by %s: some twice: %q", c.home, c.system, got)
		}
	}
	if got := allGuesses(t, "http://n.example/ar/", "any", KindSitemap); got[len(got)-1] != "http://n.example/sitemap.xml" {
		t.Errorf("the host's own sitemap is not the last of %q", got)
	}
	if at, ok := Guess("http://n.example/", "any", KindFeed, "http://n.example/none-of-them"); ok {
		t.Errorf("after what is no usual place: %s", at)
	}
	if at, ok := Guess("%", "any", KindFeed, ""); ok {
		t.Errorf("of no home: %s", at)
	}
}

func TestSystem(t *testing.T) {
	for body, want := range map[string]string{
		`<link rel=stylesheet href="/wp-content/themes/x/style.css">`: "WordPress",
		`<meta name="Generator" content="Drupal 10">`:                 "Drupal",
		`<p>We moved from WordPress to something else</p>`:            "any",
		"": "any",
		strings.Repeat(" ", signBytes) + "/wp-content/": "any",
	} {
		if got := System([]byte(body)); got != want {
			t.Errorf("%.60q: %s, want %s", body, got, want)
		}
	}
}

// TestPlacesOfAPage: feeds and sitemaps are found in the head, the footer and behind icons, at feed services too.
func TestPlacesOfAPage(t *testing.T) {
	body := `<html><head><link rel="sitemap" type="application/xml" href="/map.xml"><link rel="alternate" href="/feed/"></head><body>
<main><a href="/2026/11/25/a-story-of-the-old-town">A story of the old town and its bridge</a></main>
<footer><a href="https://feeds.feedburner.com/n"><img src="rss.png" alt="RSS"></a><a href="https://feeds.feedburner.com/"><img></a>
<a href="/news-sitemap.xml">Sitemap</a><a href="/index.php?format=feed&type=rss">RSS</a><a href="http://other.example/sitemap.xml">x</a></footer></body></html>`
	r, err := Home("http://n.example/", []byte(body), "text/html", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "http://n.example/feed/ https://feeds.feedburner.com/n http://n.example/index.php?format=feed&type=rss"
	if got := urls(r.Of(KindFeed)); got != want {
		t.Errorf("feeds %s, want %s", got, want)
	}
	if got, want := urls(r.Of(KindSitemap)), "http://n.example/map.xml http://n.example/news-sitemap.xml"; got != want {
		t.Errorf("sitemaps %s, want %s", got, want)
	}
	for _, l := range r.Links {
		if l.Vouched != strings.Contains(l.URL, "feedburner") {
			t.Errorf("%+v", l)
		}
	}
}

// TestPosts reads what WordPress's REST API lists.
func TestPosts(t *testing.T) {
	body := `[{"date_gmt":"2026-11-25T08:00:00","modified_gmt":"2026-11-25T09:00:00","link":"https:\/\/n.example\/2026\/a","title":{"rendered":"One &amp; two"}},
{"date_gmt":"2026-11-24T08:00:00","link":"https:\/\/other.example\/b","title":{"rendered":"Elsewhere"}},{"id":3}`
	for _, c := range []struct {
		text   string
		broken bool
	}{{body + "]", false}, {body + ",{", true}} {
		r, err := Feed("https://n.example/wp-json/wp/v2/posts", []byte(c.text), "application/json", nil)
		if err != nil || r.Broken != c.broken || len(r.Links) != 1 || r.Dropped[OffSite] != 1 || r.Dropped[NoLink] != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		if l := r.Links[0]; l.URL != "https://n.example/2026/a" || l.Title != "One & two" || l.Published == nil ||
			!l.Published.Equal(time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)) || l.Modified == nil {
			t.Errorf("%+v", l)
		}
	}
	if got := Sniff([]byte(`{"code":"rest_forbidden","message":"No","data":{"status":401}}`)); got != FormatJSON {
		t.Errorf("a refusal is %s", got)
	}
}

// TestNewestFirst: where in an index news is to be expected, however it is sorted.
func TestNewestFirst(t *testing.T) {
	at := func(s string) *time.Time {
		when, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return &when
	}
	row := func(n int) (links []Link) {
		for i := range n {
			links = append(links, Link{URL: "http://n.example/map-" + string(rune('0'+i)) + ".xml"})
		}
		return links
	}
	for name, c := range map[string]struct {
		links []Link
		want  string
	}{
		"by months, the oldest first": {
			[]Link{{URL: "http://n.example/s-2025-12.xml"}, {URL: "http://n.example/s-2026-01.xml"}, {URL: "http://n.example/s-2026-02.xml"}},
			"s-2026-02.xml s-2026-01.xml s-2025-12.xml",
		},
		"by years, in no order": {
			[]Link{{URL: "http://n.example/s2024.xml"}, {URL: "http://n.example/s2026.xml"}, {URL: "http://n.example/s2025.xml"}},
			"s2026.xml s2025.xml s2024.xml",
		},
		"by parameters": {
			[]Link{{URL: "http://n.example/s?yyyy=2025&mm=9&dd=1"}, {URL: "http://n.example/s?yyyy=2026&mm=10"}, {URL: "http://n.example/s?yyyy=2026&mm=9"}},
			"s?yyyy=2026&mm=10 s?yyyy=2026&mm=9 s?yyyy=2025&mm=9&dd=1",
		},
		"by days": {
			[]Link{{URL: "http://n.example/s/20261030.xml"}, {URL: "http://n.example/s/20261102.xml"}}, "s/20261102.xml s/20261030.xml",
		},
		"as they changed": {
			[]Link{{URL: "http://n.example/a.xml", Modified: at("2026-01-01")}, {URL: "http://n.example/b.xml"}, {URL: "http://n.example/c.xml", Modified: at("2026-02-01")}},
			"c.xml a.xml b.xml",
		},
		"what says news and nothing else": {
			[]Link{{URL: "http://n.example/a.xml", Modified: at("2026-01-01")}, {URL: "http://n.example/news-sitemap.xml"}}, "news-sitemap.xml a.xml",
		},
		"numbers, from both ends": {row(6), "map-5.xml map-0.xml map-4.xml map-1.xml map-3.xml map-2.xml"},
		"numbers as numbers": {
			[]Link{{URL: "http://n.example/m10.xml"}, {URL: "http://n.example/m9.xml"}, {URL: "http://n.example/m2.xml"}}, "m10.xml m2.xml m9.xml",
		},
	} {
		newestFirst(c.links, nil)
		if got := strings.ReplaceAll(urls(c.links), "http://n.example/", ""); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestPeriod: from when and up to when a sitemap goes by its name.
func TestPeriod(t *testing.T) {
	for ref, want := range map[string]string{
		"sitemap-2026-11.xml": "2026-11-01 2026-12-01", "sitemap_202612.xml": "2026-12-01 2027-01-01", "2026/3/map.xml": "2026-03-01 2026-04-01",
		"sitemap-pt-post-p1-2026-02.xml": "2026-02-01 2026-03-01", "posts-2026-11-25.xml": "2026-11-25 2026-11-26",
		"sitemap-2019.xml": "2019-01-01 2020-01-01", "s?year=2026&month=2&day=3": "2026-02-03 2026-02-04", "s?year=2026&month=77": "2026-01-01 2027-01-01",
		"sitemap-12.xml": "", "sitemap-2026-1.xml": "2026-01-01 2027-01-01", "sitemap-99999.xml": "", "sitemap.xml": "", "%zz": "",
	} {
		got := ""
		if from, to := period("http://n.example/"+ref, true, hintOf(nil)); to != nil {
			got = from.Format(time.DateOnly) + " " + to.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
	if _, at := period("http://n.example/map-2019.xml", false, hintOf(&site.Site{})); at != nil {
		t.Errorf("one of a long row of numbers: %v", at)
	}
}

// TestVouchedIndex: an index on another host speaks for what stands beside it, and for the site's own sitemaps.
func TestVouchedIndex(t *testing.T) {
	s, err := site.FromHome("http://n.example/")
	if err != nil {
		t.Fatal(err)
	}
	body := `<sitemapindex><sitemap><loc>https://files.test/n/a.xml</loc></sitemap><sitemap><loc>https://files.test/b.xml</loc></sitemap>
<sitemap><loc>http://n.example/c.xml</loc></sitemap><sitemap><loc>https://files.test/n/../d.xml</loc></sitemap><sitemap><loc>http://files.test/n/e.xml</loc></sitemap></sitemapindex>`
	for base, want := range map[string]string{
		"https://files.test/n/index.xml": "http://n.example/c.xml https://files.test/n/a.xml",
		"http://n.example/index.xml":     "http://n.example/c.xml",
	} {
		r, err := Sitemap(base, []byte(body), "", s)
		links := r.Of(KindSitemap)
		slices.SortFunc(links, func(a, b Link) int { return strings.Compare(a.URL, b.URL) })
		if got := urls(links); err != nil || got != want || r.Dropped[OffSite] != 5-len(links) {
			t.Errorf("%s: %s, want %s; %v, %v", base, got, want, r.Dropped, err)
		}
	}
}

// TestWaysBack: where systems list all articles, and those of months, and which addresses are archives.
func TestWaysBack(t *testing.T) {
	from, to := time.Date(2026, 8, 30, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for n, want := range map[int]string{1: "start-index=1", 3: "start-index=301"} {
		if at, ok := Posts("http://n.example/ar", "Blogger", from, to, n); !ok || !strings.HasPrefix(at, "http://n.example/ar/feeds/") || !strings.Contains(at, want) ||
			!strings.Contains(at, "published-min=2026-08-29T") || !strings.Contains(at, "published-max=2026-11-02T") {
			t.Errorf("page %d: %s", n, at)
		}
	}
	if at, ok := Posts("http://n.example/", "Joomla", from, to, 1); ok {
		t.Errorf("of a system without one: %s", at)
	}
	if got := strings.Join(Months("http://n.example/", "WordPress", from, to, time.UTC)[0], " "); got != "http://n.example/2026/10/ http://n.example/2026/09/ http://n.example/2026/08/" {
		t.Error(got)
	}
	for ref, want := range map[string]string{
		"2026/10/": "2026-10-01 2026-11-01", "archive/2026/02": "2026-02-01 2026-03-01", "2026/10/31/": "2026-10-31 2026-11-01",
		"2026/": "", "2026/13/": "", "2026/10/a-story-of-the-month": "", "?m=202610": "", "1405/08/": "",
		"2026/10/page/2/": "", "world/2026/10/page/12": "",
	} {
		got := ""
		if from, to, ok := ArchiveOf("http://n.example/"+ref, nil); ok {
			got = from.Format(time.DateOnly) + " " + to.Format(time.DateOnly)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", ref, got, want)
		}
	}
}

// TestNextPosts: after a full page of WordPress's REST API comes the next one.
func TestNextPosts(t *testing.T) {
	for page, want := range map[string]string{
		"http://n.example/posts?per_page=1":               "http://n.example/posts?per_page=1&page=2",
		"http://n.example/posts?page=2&per_page=1&_f=a,b": "http://n.example/posts?per_page=1&_f=a,b&page=3",
		"http://n.example/posts?per_page=2":               "",
		"http://n.example/posts":                          "",
	} {
		r, err := Feed(page, []byte(`[{"link":"http://n.example/2026/11/a-story","date_gmt":"2026-11-01T10:00:00","title":{"rendered":"A"}}]`), "application/json", nil)
		got := ""
		for _, l := range r.Links {
			if l.Kind == KindNext {
				got = l.URL
			}
		}
		if err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", page, got, err, want)
		}
	}
}
