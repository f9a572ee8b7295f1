package worker

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// double is a site that shows its articles in a feed and on a page.
type double struct {
	mu         sync.Mutex
	feed, page int // the newest article that each shows
}

func (d *double) serve(w http.ResponseWriter, url string, _ int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	story := func(i int) string {
		return fmt.Sprintf("http://double.example/2026/11/24/story-number-%d-of-two.html", i)
	}
	switch _, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/"); path {
	case "feed":
		w.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprint(w, `<rss version="2.0"><channel><title>Double</title>`)
		for i := d.feed; i > d.feed-6; i-- {
			fmt.Fprintf(w, `<item><title>Story number %d</title><link>%s</link></item>`, i, story(i))
		}
		fmt.Fprint(w, "</channel></rss>")
	case "world/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, "<!doctype html><html><head><title>World</title></head><body><main>")
		for i := d.page; i > d.page-6; i-- {
			fmt.Fprintf(w, `<article><h2><a href="%s">Story number %d tells what happened today</a></h2><p>And more.</p></article>`, story(i), i)
		}
		fmt.Fprint(w, strings.Repeat("<!-- a page is larger -->", 200), "</main></body></html>")
	default:
		pageAt(w, url)
	}
}

func (d *double) show(feed, page int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.feed, d.page = feed, page
}

// TestShares: a section learns what others found since it was visited last, and what they had shown before it did.
func TestShares(t *testing.T) {
	t.Parallel()
	const feed, world = "http://double.example/feed", "http://double.example/world/"
	d := &double{feed: 10, page: 10}
	web := newScript(t, d.serve)
	st := homeSite(t, "http://double.example/")
	st.Sections = []site.Section{{ID: "feed", URL: feed, Kind: site.Feed}, {ID: "world", URL: world, Kind: site.Listing}}
	w := newWorld(t, shared, web.URL, st)
	w.crawl()
	w.schedule.Once, w.schedule.Spread = false, 0
	w.worker.Policy.Min, w.worker.Policy.Start = 24*time.Hour, 24*time.Hour
	p := w.start(nil)
	p.seed()
	p.run()
	visit := func(url string) store.Page {
		before := *w.pages()[url].FetchedAt
		again(t, p, url)
		w.eventually(func(context.Context) bool { return w.pages()[url].FetchedAt.After(before) })
		w.drained(p)
		return w.pages()[url]
	}
	d.show(12, 12)
	first := visit(feed)
	if r := first.Rhythm; r.Count < 1.9 || r.Moved < 1.9 || len(r.Tied) > 0 || r.Late > 0 || r.Cost == 0 || r.Delay() <= 0 {
		t.Errorf("the feed found two: %+v", r)
	}
	if r := visit(world).Rhythm; r.Count > 0.1 || r.Moved < 1.9 || r.Tied[first.ID] < 1.9 || r.Late > 0 || r.Cost < first.Rhythm.Cost {
		t.Errorf("the page shows what the feed has found since: %+v", r)
	}
	d.show(13, 12)
	visit(feed)
	visit(world)
	d.show(13, 13)
	if r := visit(world).Rhythm; r.Late < 0.9 || r.Tied[first.ID] > 2.1 {
		t.Errorf("the page shows one when the feed has shown it for long: %+v", r)
	}
}
