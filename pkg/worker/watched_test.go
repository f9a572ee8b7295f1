package worker

import (
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// TestWatchedSince: what is found by way of a section is watched since khabar came to know that section, whatever lies between.
func TestWatchedSince(t *testing.T) {
	s, err := site.FromHome("https://news.example/")
	if err != nil {
		t.Fatal(err)
	}
	w := &Worker{cfg: Default()}
	known := time.Date(2026, time.November, 1, 8, 0, 0, 0, time.UTC)
	now := known.Add(30 * 24 * time.Hour)
	section := store.Page{ID: "s", URL: "https://news.example/politics/", Kind: store.KindListing, DiscoveredAt: known}
	further := w.newPage(s, section, "https://news.example/politics/2", store.KindListing, "politics", 1, now)
	redirect := w.newPage(s, section, "https://news.example/r/1", store.KindArticle, "politics", 0, now)
	for about, from := range map[string]store.Page{"a section": section, "a further page of it": further, "a redirect": redirect} {
		p := w.newPage(s, from, "https://news.example/1", store.KindArticle, "politics", 0, now)
		if p.WatchedSince == nil || !p.WatchedSince.Equal(known) || !p.DiscoveredAt.Equal(now) {
			t.Errorf("found by %s: watched since %v, found at %v", about, p.WatchedSince, p.DiscoveredAt)
		}
	}
	named := store.Page{ID: "n", URL: "https://news.example/2", Kind: store.KindArticle, DiscoveredAt: known}
	if p := w.newPage(s, named, "https://news.example/3", store.KindArticle, "", 1, now); p.WatchedSince != nil {
		t.Errorf("where a page leads that somebody named: watched since %v", p.WatchedSince)
	}
}
