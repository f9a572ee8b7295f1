package worker

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// named is a page that nobody linked to.
func named(kind store.Kind, rawURL string) store.Page {
	p := known(kind, rawURL, time.Now())
	p.Section = ""
	return p
}

// TestSettle names addresses that look like one thing and are another.
func TestSettle(t *testing.T) {
	w, s := judging(t)
	var heads strings.Builder
	for i := range 15 {
		fmt.Fprintf(&heads, `<li><h3><a href="/2026/11/25/story-%d">The council of the old town plans a bridge over river %d</a></h3></li>`, i, i)
	}
	list := `<!doctype html><html><head><title>World</title></head><body><main><ul>` + heads.String() + `</ul></main></body></html>`
	rss := `<rss version="2.0"><channel><item><link>http://news.example/2026/a-long-story</link></item></channel></rss>`
	sitemap := `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://news.example/2026/a-long-story</loc></url></urlset>`
	note := `<!doctype html><html><head><title>We are closed</title></head><body><p>We will be back in five minutes.</p></body></html>`
	const slug = "http://news.example/news-of-the-region-and-beyond"
	const article, home = "http://news.example/2026/11/25/what-the-council-plans-now", "http://news.example/world"
	for _, c := range []struct {
		name    string
		page    store.Page
		body    string
		at      string // where the answer came from
		kind    store.Kind
		section string
	}{
		{"article", named(store.KindArticle, article), story, "", store.KindArticle, ""},
		{"list under an article's address", named(store.KindArticle, slug), list, "", store.KindHome, "news-of-the-region-and-beyond"},
		{"headlines around a text that was not found", named(store.KindArticle, article), list, "", store.KindArticle, ""},
		{"article that leads to a list", named(store.KindArticle, article), list, "http://news.example/world", store.KindArticle, ""},
		{"article under a section's address", named(store.KindHome, home), story, "", store.KindArticle, ""},
		{"section", named(store.KindHome, home), list, "", store.KindHome, "world"},
		{"section without articles", named(store.KindHome, home), note, "", store.KindHome, "world"},
		{"feed under a section's address", named(store.KindHome, home), rss, "", store.KindFeed, "world"},
		{"sitemap under a feed's address", named(store.KindFeed, home), sitemap, "", store.KindSitemap, "world"},
		{"feed that is away", named(store.KindFeed, home), note, "", store.KindFeed, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.at == "" {
				c.at = c.page.URL
			}
			got := w.judge(c.page, s, fetch.Response{URL: c.at, Outcome: outcome.OK, Status: 200, Body: []byte(c.body), ContentType: "text/html; charset=utf-8"}).page
			if got.Kind != c.kind || got.Section != c.section {
				t.Errorf("%s of section %q, want %s of %q; %s", got.Kind, got.Section, c.kind, c.section, outcome.Text(got.Outcome, got.Reason))
			}
			if is := got.ArticleID != ""; is != (c.name == "article" || c.name == "article under a section's address") {
				t.Errorf("article: %v", is)
			}
			for _, settled := range []func(*store.Page){
				func(p *store.Page) { p.DiscoveredFrom = "00" }, func(p *store.Page) { p.Section = "x" }, func(p *store.Page) { p.ArticleID = "00" },
			} {
				page := c.page
				settled(&page)
				if isFound(page) {
					continue // its bytes tell, whoever linked it
				}
				if got := w.judge(page, s, fetch.Response{URL: c.at, Outcome: outcome.OK, Status: 200, Body: []byte(c.body), ContentType: "text/html; charset=utf-8"}).page; got.Kind != c.page.Kind {
					t.Errorf("a page that is settled became %s", got.Kind)
				}
			}
		})
	}
}

// TestMistypedAddress: an address that somebody named and that is not there becomes no section that is visited for ever.
func TestMistypedAddress(t *testing.T) {
	w, s := judging(t)
	gone := fetch.Response{Outcome: outcome.Gone, Reason: outcome.HTTP(404), Status: 404, Err: fetch.ErrStatus}
	page := named(store.KindHome, "http://news.example/nosuch-page")
	for range 10 {
		gone.URL = page.URL
		v := w.judge(page, s, gone)
		if v.page.NextAt == nil {
			return
		}
		page = v.page
		earlier := page.FetchedAt.Add(-48 * time.Hour)
		page.FetchedAt, page.Status = &earlier, store.StatusQueued
	}
	t.Errorf("still %s, due %v", page.Status, page.NextAt)
}

// TestListOfAnother: whoever names a feed or sitemap by itself that lists another site's pages is told whose.
func TestListOfAnother(t *testing.T) {
	w, s := judging(t)
	for name, body := range map[string]string{
		"feed":    `<rss version="2.0"><channel><title>n</title><item><link>http://paper.example/2026/a-long-story</link></item></channel></rss>`,
		"sitemap": `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://paper.example/2026/a-long-story</loc></url></urlset>`,
	} {
		page := named(store.KindHome, "http://news.example/of-another")
		got := w.judge(page, s, fetch.Response{URL: page.URL, Outcome: outcome.OK, Status: 200, Body: []byte(body)}).page
		if got.Outcome != outcome.Nothing || !strings.Contains(got.LastError, "of http://paper.example/: crawl that") {
			t.Errorf("%s: %s: %q", name, got.Outcome, got.LastError)
		}
	}
}
