package discover_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/discover"
)

// fetch asks the demo web for a URL without a network.
func fetch(t *testing.T, web http.Handler, rawURL string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	web.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, rawURL, nil))
	return w
}

// From its home page alone, a site's articles are all found, by each of the ways on its own, and little else is taken
// for an article.
func TestDemoSitesAreFoundFromTheirHomePage(t *testing.T) {
	for _, design := range []int{0, 1} {
		web, err := demosite.New(demosite.Config{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range web.Sites() {
			if design == 1 {
				web.Redesign(s.Host)
			}
			truth := map[string]bool{}
			for _, a := range web.Articles() {
				if a.Site == s.ID {
					truth[a.URL] = true
				}
			}
			page := fetch(t, web, s.Home)
			home, err := discover.Home(s.Home, page.Body.Bytes(), page.Header().Get("Content-Type"), nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			feeds := home.Of(discover.KindFeed)
			if len(feeds) != 1 || feeds[0].URL != s.Feed {
				t.Errorf("%s: feeds %v", s.ID, feeds)
			}
			sections := map[string]bool{}
			for _, l := range home.Of(discover.KindListing) {
				sections[l.URL] = true
			}
			for _, section := range s.Sections {
				if !sections[section.URL] {
					t.Errorf("%s: section %s not found in %v", s.ID, section.URL, sections)
				}
				delete(sections, section.URL)
			}
			if delete(sections, s.Gallery); len(sections) > 0 {
				t.Errorf("%s: taken for sections: %v", s.ID, sections)
			}
			found := map[string]bool{}
			for _, section := range s.Sections {
				for at, pages := section.URL, 0; at != "" && pages < 10; pages++ {
					page := fetch(t, web, at)
					listing, err := discover.Listing(at, page.Body.Bytes(), page.Header().Get("Content-Type"), nil, nil)
					if err != nil {
						t.Fatal(err)
					}
					for _, l := range listing.Of(discover.KindArticle) {
						found[l.URL] = true
					}
					if at = ""; len(listing.Of(discover.KindNext)) == 1 {
						at = listing.Of(discover.KindNext)[0].URL
					}
				}
			}
			for u := range truth {
				if !found[u] {
					t.Errorf("%s: %s is in no listing read", s.ID, u)
				}
				delete(found, u)
			}
			// The links that answer 404, redirect, say that there is no such page, or are excluded look like articles.
			for _, u := range []string{s.Gone, s.Redirect, s.NotFound, s.Private} {
				delete(found, u)
			}
			if len(found) > 0 {
				t.Errorf("%s: taken for articles: %v", s.ID, found)
			}
			feed := fetch(t, web, s.Feed)
			if r, err := discover.Feed(s.Feed, feed.Body.Bytes(), feed.Header().Get("Content-Type"), nil); err != nil || len(r.Links) != 20 || !truth[r.Links[0].URL] || r.Links[0].Published == nil {
				t.Errorf("%s: feed gave %+v, %v", s.ID, r, err)
			}
			inSitemaps := map[string]bool{}
			for queue := []string{s.Sitemap}; len(queue) > 0; queue = queue[1:] {
				sitemap := fetch(t, web, queue[0])
				r, err := discover.Sitemap(queue[0], sitemap.Body.Bytes(), sitemap.Header().Get("Content-Type"), nil)
				if err != nil || r.Broken {
					t.Fatalf("%s: %+v, %v", queue[0], r, err)
				}
				for _, l := range r.Of(discover.KindArticle) {
					inSitemaps[l.URL] = true
				}
				for _, l := range r.Of(discover.KindSitemap) {
					queue = append(queue, l.URL)
				}
			}
			if len(inSitemaps) != len(truth) {
				t.Errorf("%s: %d of %d articles from the sitemap", s.ID, len(inSitemaps), len(truth))
			}
			robots := fetch(t, web, s.Home+"robots.txt").Body.String()
			if u, err := url.Parse(s.Sitemap); err != nil || !strings.Contains(robots, u.Path) {
				t.Errorf("%s: robots.txt names no sitemap: %s", s.ID, robots)
			}
		}
	}
}
