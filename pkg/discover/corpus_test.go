package discover

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// saved reads a page of the listings that were saved from real sites; they are not khabar's and stay out of it.
func saved(t *testing.T, name string) []byte {
	t.Helper()
	shared := os.Getenv("KHABAR_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	matches, err := filepath.Glob(filepath.Join(shared, "corpus", "listings", name, "page.*"))
	if err != nil || len(matches) != 1 {
		t.Skipf("no saved listings in %s: set KHABAR_SHARED", shared)
	}
	body, err := os.ReadFile(matches[0])
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// The counts were taken by eye from the pages: how many different article links each has.
func TestSavedListings(t *testing.T) {
	for _, test := range []struct {
		name, base  string
		home        bool
		mark        string // in the address of every article of the page's main list
		articles    int
		most        int // all links taken for articles, side columns included
		next, feeds string
		sections    []string
	}{
		{"elbilad-home", "https://www.elbilad.net/", true, "elbilad.net/", 50, 55, "", "https://www.elbilad.net/feed",
			[]string{"https://www.elbilad.net/national", "https://www.elbilad.net/sports", "https://www.elbilad.net/culture"}},
		{"jang-home", "https://jang.com.pk/", true, "/news/", 60, 60, "", "https://jang.com.pk/rss",
			[]string{"https://jang.com.pk/category/latest-news", "https://jang.com.pk/category/latest-news/sports"}},
		{"walla-breaking", "https://news.walla.co.il/breaking?page=2", false, "/break/", 14, 70, "https://news.walla.co.il/breaking?page=3", "https://www.walla.co.il/rss", nil},
		{"mehrnews-text", "http://www.mehrnews.com/fa/txtNewsView_fa.aspx?t=News&Page=1", true, "NewsID=", 358, 358, "", "",
			[]string{"http://www.mehrnews.com/fa/txtNewsView_fa.aspx?t=Sport&page=1"}},
	} {
		body := saved(t, test.name)
		read := Listing
		if test.home {
			read = Home
		}
		r, err := read(test.base, body, "text/html", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		marked := 0
		for _, l := range r.Of(KindArticle) {
			if strings.Contains(l.URL, test.mark) {
				marked++
			}
			if strings.Contains(l.Title, "\ufffd") || strings.Contains(l.Title, "×") {
				t.Errorf("%s: title %q", test.name, l.Title)
			}
		}
		if n := len(r.Of(KindArticle)); marked < test.articles || n > test.most {
			t.Errorf("%s: %d articles of its list, want %d; %d in all, want at most %d", test.name, marked, test.articles, n, test.most)
		}
		if got := urls(r.Of(KindNext)); got != test.next {
			t.Errorf("%s: next %q, want %q", test.name, got, test.next)
		}
		if got := urls(r.Of(KindFeed)); got != test.feeds {
			t.Errorf("%s: feeds %q, want %q", test.name, got, test.feeds)
		}
		sections := " " + urls(r.Of(KindListing)) + " "
		for _, want := range test.sections {
			if !strings.Contains(sections, " "+want+" ") {
				t.Errorf("%s: section %s not among %s", test.name, want, sections)
			}
		}
		if r.Script || r.Refresh != "" {
			t.Errorf("%s: taken for a page made by a script, or for a redirect to %q", test.name, r.Refresh)
		}
	}
}

func TestSavedFeeds(t *testing.T) {
	for _, test := range []struct {
		name, base string
		items      int
		title      string
	}{
		{"walla-rss", "https://rss.walla.co.il/feed/22", 1, "ההתרעה על חדירת כלי טיס עוין - התרעת שווא"},
		{"hagada-rss-1255", "http://www.hagada.org.il/hagada/html/backend.php", 3, ""},
		{"divxplanet-8859-9", "http://divxplanet.com/rss.xml", 20, "Arctic Air English 1 CD altyazısı"},
	} {
		r, err := Feed(test.base, saved(t, test.name), "text/xml", nil)
		if err != nil || len(r.Links) < test.items {
			t.Fatalf("%s: %d links, %v, dropped %v", test.name, len(r.Links), err, r.Dropped)
		}
		for _, l := range r.Links {
			if strings.ContainsAny(l.Title, "\ufffdÃ×") {
				t.Errorf("%s: title %q", test.name, l.Title)
			}
		}
		if test.title != "" && r.Links[0].Title != test.title {
			t.Errorf("%s: title %q, want %q", test.name, r.Links[0].Title, test.title)
		}
		if test.name == "hagada-rss-1255" && !strings.ContainsAny(r.Links[0].Title, "אבגדהוזחטיכלמנסעפצקרשת") {
			t.Errorf("%s: title %q", test.name, r.Links[0].Title)
		}
	}
}
