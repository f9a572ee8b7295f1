package worker

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/store"
)

// newsMap is a news sitemap of one article.
func newsMap(url, title string, at time.Time, access string) string {
	return fmt.Sprintf(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>%s</loc>`+
		`<news:news><news:title>%s</news:title><news:publication_date>%s</news:publication_date>%s</news:news></url></urlset>`, url, title, at.Format(time.RFC3339), access)
}

// TestToldAgain: what a news sitemap corrects reaches the page that is known, and its article where the page says nothing; nothing
// is written where it says the same; and a page that was found otherwise learns what it says.
func TestToldAgain(t *testing.T) {
	t.Parallel()
	const host = "told.example"
	story, list := "http://"+host+"/the-harbour-is-open-again", "http://"+host+"/index.xml"
	wrong, right := time.Now().Add(-30*time.Hour).UTC().Truncate(time.Second), time.Now().Add(-20*time.Hour).UTC().Truncate(time.Second)
	undated := strings.Replace(tale("/the-harbour-is-open-again"), `<meta property="article:published_time" content="2026-01-02T10:00:00Z">`, "", 1)
	w, web := indexed(t, host, map[string]string{host + "/index.xml": sitemapOf(story), host + "/the-harbour-is-open-again": undated})
	w.crawl()
	if p := w.pages()[story]; p.Told != nil || w.articles()[story].PublishedAt != nil {
		t.Fatalf("told before: %+v", p.Told)
	}
	web.put(host+"/index.xml", newsMap(story, "The harbour is open", wrong, ""))
	w.visit(list)
	if p := w.pages()[story]; p.Told == nil || !p.Told.PublishedAt.Equal(wrong) || p.Told.Access != "" {
		t.Errorf("found without: %+v", p.Told)
	}
	web.put(host+"/index.xml", newsMap(story, "The harbour is open", right, "<news:access>Subscription</news:access>"))
	w.visit(list)
	if p := w.pages()[story]; p.Told == nil || !p.Told.PublishedAt.Equal(right) || p.Told.Access != "Subscription" || p.HTTP.ETag+p.HTTP.LastModified != "" {
		t.Errorf("corrected: %+v", p.Told)
	}
	w.visit(story)
	if a := w.articles()[story]; a.PublishedAt == nil || !a.PublishedAt.Equal(right) || a.Published.Source != "sitemap" {
		t.Errorf("the article: %v, %+v", a.PublishedAt, a.Published)
	}
	// Read again, it says the same.
	var writes atomic.Int32
	w.set("pages", doc{"url": list}, doc{"status": store.StatusDue, "next_at": time.Now()})
	p := w.start(func(point, _ string) bool {
		if point == "before tell" {
			writes.Add(1)
		}
		return false
	})
	_, stop := p.seed()
	p.run()
	w.drained(p)
	stop()
	p.end()
	if n := writes.Load(); n > 0 {
		t.Errorf("%d writes where nothing changed", n)
	}
}
