package worker

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

func TestClaimOf(t *testing.T) {
	_, s := judging(t)
	s.Sections = []site.Section{{ID: "world", URL: "http://news.example/world"}}
	const own = "http://news.example/2026/page"
	for _, tc := range []struct {
		said, at, want string
		wrong          bool
	}{
		{"", own, own, false},
		{own, own, own, false},
		{"http://news.example/", own, own, true}, // a template that names the home page
		{"http://news.example", own, own, true},
		{"https://www.news.example/index.php", own, own, true},
		{"http://feeds.example/", own, own, true},
		{"http://news.example/world", own, own, true}, // or the section
		{"/world", own, own, true},
		{"http://other.example/2026/page", own, own, false},
		{"http://news.example.evil.test/2026/x", own, own, false},
		{"javascript:alert(1)", own, own, false},
		{"www.news.example/2026/other", own, own, false},
		{"https://news.example/2026/page", own, "https://news.example/2026/page", false},
		{"http://www.news.example/2026/page", own, "http://www.news.example/2026/page", false},
		{"http://feeds.example/2026/page", own, "http://feeds.example/2026/page", false},
		{"//news.example/2026/page/", own, "http://news.example/2026/page/", false},
		{"/2026/another-page", own, "http://news.example/2026/another-page", false},
		{"http://news.example/2026/page?utm_source=x#top", own, own, false},
		{"http://news.example/?p=7", own, "http://news.example/?p=7", false},

		// What is left out told the article from others.
		{"http://news.example/article.php", "http://news.example/article.php?id=1000", "http://news.example/article.php?id=1000", true},
		{"https://www.news.example/article.php", "http://news.example/article.php?id=1000&amp=1", "http://news.example/article.php?id=1000&amp=1", true},
		{"http://news.example/article.php?lang=ar", "http://news.example/article.php?lang=ar&id=1000", "http://news.example/article.php?lang=ar&id=1000", true},
		{"http://news.example/?lang=ar", "http://news.example/?lang=ar&p=1000", "http://news.example/?lang=ar&p=1000", true},
		{"http://news.example/politics/", "http://news.example/politics/2026/story-of-the-town-1000", "http://news.example/politics/2026/story-of-the-town-1000", true},
		{"https://news.example/politics/2026", "http://news.example/politics/2026/story-of-the-town-1000", "http://news.example/politics/2026/story-of-the-town-1000", true},
		{"http://news.example/ar", "http://news.example/ar/1234567", "http://news.example/ar/1234567", true},
		{"http://news.example/story", "http://news.example/story/town?id=5", "http://news.example/story/town?id=5", true},

		// And what did not.
		{"http://news.example/article.php?id=1000", "http://news.example/article.php?id=1000&from=home", "http://news.example/article.php?id=1000", false},
		{"http://news.example/2026/page", "http://news.example/2026/page?ref=front", "http://news.example/2026/page", false},
		{"http://news.example/1234567", "http://news.example/1234567/its-headline", "http://news.example/1234567", false},
		{"http://news.example/story-of-the-town", "http://news.example/story-of-the-town/amp", "http://news.example/story-of-the-town", false},
		{"http://news.example/story-of-the-town", "http://news.example/story-of-the-town/2", "http://news.example/story-of-the-town", false},
		{"http://news.example/article.php?id=1000", "http://news.example/print.php?id=1000", "http://news.example/article.php?id=1000", false},
		{"http://news.example/2026/11/story", "http://news.example/?p=1000", "http://news.example/2026/11/story", false},
		{"http://news.example/pol", "http://news.example/politics", "http://news.example/pol", false},
	} {
		if got, wrong := claimOf(tc.said, tc.at, s); got != tc.want || wrong != tc.wrong {
			t.Errorf("claimOf(%q, %q) = %q, %v; want %q, %v", tc.said, tc.at, got, wrong, tc.want, tc.wrong)
		}
	}
}

// printed is an article's page: a text of its own for each number, and a head.
func printed(w http.ResponseWriter, n int, head string) {
	r := rand.New(rand.NewPCG(uint64(n), 7))
	words := strings.Fields("council bridge river town people repair winter storm school market road farmers ministry plan money water library harvest doctors port")
	title := fmt.Sprintf("Story number %d tells what the %s decided today", n, words[n%len(words)])
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<!doctype html><html lang="en"><head><title>%s</title><meta property="og:type" content="article">
<meta property="article:published_time" content="2026-01-02T10:00:00Z">%s</head><body><article><h1>%s</h1>`, title, head, title)
	for range 4 {
		fmt.Fprint(w, "<p>The report says")
		for range 25 {
			fmt.Fprint(w, " "+words[r.IntN(len(words))])
		}
		fmt.Fprint(w, ".</p>")
	}
	fmt.Fprint(w, "</article></body></html>")
}

// TestClaimsAreWeighed crawls a site whose templates name wrong addresses, and one that prints each article under several:
// each text is one article, under an address where it can be read.
func TestClaimsAreWeighed(t *testing.T) {
	t.Parallel()
	const host = "http://claims.example"
	var urls []string
	for n := range 6 {
		urls = append(urls,
			fmt.Sprintf("%s/story-%d-of-the-day", host, n), // calls an address its own that all of these do
			fmt.Sprintf("%s/article?id=%d", host, 100+n),   // drops its number
			fmt.Sprintf("%s/world/2026/story-%d", host, n), // calls the section its own
			fmt.Sprintf("%s/news/2026/twice-%d", host, n), fmt.Sprintf("%s/sport/2026/twice-%d", host, n),
			fmt.Sprintf("http://www.claims.example/news/2026/twice-%d/", n),
			fmt.Sprintf("%s/forms/2026/form-%d", host, n), fmt.Sprintf("%s/forms/2026/form-%d/amp", host, n))
	}
	web := newScript(t, func(w http.ResponseWriter, url string, _ int) {
		var n int
		switch u := strings.Replace(url, "www.", "", 1); {
		case strings.HasSuffix(u, "/feed"):
			listing(w, urls...)
		case scans(u, host+"/story-%d-of-the-day", &n):
			printed(w, 10+n, `<link rel="canonical" href="http://claims.example/top-story-of-the-day">`)
		case scans(u, host+"/article?id=%d", &n):
			printed(w, n, `<link rel="canonical" href="http://claims.example/article">`)
		case scans(u, host+"/world/2026/story-%d", &n):
			printed(w, 20+n, `<link rel="canonical" href="http://claims.example/world">`)
		case scans(u, host+"/news/2026/twice-%d", &n), scans(u, host+"/sport/2026/twice-%d", &n):
			printed(w, 30+n, "")
		case scans(u, host+"/forms/2026/form-%d", &n):
			printed(w, 40+n, fmt.Sprintf(`<link rel="canonical" href="http://claims.example/forms/2026/form-%d">`, n))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
	s := feedSite(t, "claims.example")
	s.Politeness.Concurrency = 4
	w := newWorld(t, shared, web.URL, s)
	w.crawl()
	stories := map[string]bool{}
	for canonical, a := range w.articles() {
		stories[a.Title] = true
		wrong := slices.Contains(a.Quality.Flags, article.FlagWrongCanonical)
		switch {
		case strings.Contains(canonical, "twice"):
			if len(a.Aliases) != 2 || wrong {
				t.Errorf("%s: aliases %v, flags %v", canonical, a.Aliases, a.Quality.Flags)
			}
		case strings.Contains(canonical, "form"):
			if amp := canonical + "/amp"; a.URL != amp && !slices.Contains(a.Aliases, amp) || len(a.Aliases) > 1 || wrong {
				t.Errorf("%s: read at %s, aliases %v, flags %v", canonical, a.URL, a.Aliases, a.Quality.Flags)
			}
		case canonical != a.URL || !wrong || len(a.Aliases) != 0:
			t.Errorf("%s: read at %s, aliases %v, flags %v", canonical, a.URL, a.Aliases, a.Quality.Flags)
		}
	}
	if len(stories) != 30 || len(w.articles()) != 30 {
		t.Errorf("%d stories in %d articles, want 30", len(stories), len(w.articles()))
	}
	if n := len(all[article.Revision](w, "revisions")); n != 0 {
		t.Errorf("%d revisions of what nobody edited", n)
	}
	for _, u := range urls {
		if p := w.pages()[u]; p.Status != store.StatusDone || p.ArticleID == "" {
			t.Errorf("%s: %s, article %q", u, p.Status, p.ArticleID)
		}
	}
}

// scans reads a number out of a URL of that form.
func scans(url, form string, n *int) bool {
	got, err := fmt.Sscanf(url, form, n)
	return err == nil && got == 1
}
