package worker

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

func TestAsksWhole(t *testing.T) {
	for _, c := range []struct {
		name string
		page store.Page
		want bool
	}{
		{"never fetched", store.Page{Kind: store.KindFeed}, false},
		{"changed last time", store.Page{Kind: store.KindFeed, Interval: 86400, HTTP: &store.HTTP{ETag: "a"}}, false},
		{"three answers in a row", store.Page{Kind: store.KindFeed, HTTP: &store.HTTP{Unchanged: 3}}, false},
		{"four answers in a row", store.Page{Kind: store.KindHome, HTTP: &store.HTTP{Unchanged: 4}}, true},
		{"six hours in two answers", store.Page{Kind: store.KindSitemap, Interval: 3 * 3600, HTTP: &store.HTTP{Unchanged: 2}}, true},
		{"five hours in two answers", store.Page{Kind: store.KindListing, Interval: 2.5 * 3600, HTTP: &store.HTTP{Unchanged: 2}}, false},
		{"known to lie", store.Page{Kind: store.KindFeed, HTTP: &store.HTTP{ETag: "a", Fixed: true}}, true},
		{"an article, which has no list to fall off", store.Page{Kind: store.KindArticle, HTTP: &store.HTTP{Unchanged: 99}}, false},
	} {
		if got := asksWhole(c.page); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestUnchanged: what the record of an answer says of those before it.
func TestUnchanged(t *testing.T) {
	same := fetch.Response{Outcome: outcome.OK, Status: 200, ETag: "a"}
	other := fetch.Response{Outcome: outcome.OK, Status: 200, ETag: "b"}
	not := fetch.Response{Outcome: outcome.NotModified, Status: 304}
	for _, c := range []struct {
		name string
		old  *store.HTTP
		res  fetch.Response
		want store.HTTP
	}{
		{"first", nil, same, store.HTTP{Status: 200, ETag: "a"}},
		{"not modified", &store.HTTP{ETag: "a", Unchanged: 3}, not, store.HTTP{Status: 304, ETag: "a", Unchanged: 4}},
		{"whole after many", &store.HTTP{ETag: "a", Unchanged: 8}, same, store.HTTP{Status: 200, ETag: "a"}},
		{"still lying", &store.HTTP{ETag: "a", Fixed: true}, same, store.HTTP{Status: 200, ETag: "a", Fixed: true}},
		{"lying no more", &store.HTTP{ETag: "a", Fixed: true}, other, store.HTTP{Status: 200, ETag: "b"}},
		{"no answer of worth", &store.HTTP{ETag: "a", Unchanged: 3}, fetch.Response{Outcome: outcome.Retry, Status: 503}, store.HTTP{Status: 503}},
	} {
		if got := *httpOf(c.old, c.res); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	dated := &store.HTTP{LastModified: "Mon"}
	if !isSame(dated, fetch.Response{Outcome: outcome.OK, LastModified: "Mon"}) || isSame(dated, fetch.Response{Outcome: outcome.OK, LastModified: "Tue"}) ||
		isSame(&store.HTTP{}, fetch.Response{Outcome: outcome.OK}) || isSame(nil, same) || isSame(dated, not) {
		t.Error("the dates of two answers are not compared")
	}
}

// TestETagThatNeverChanges: a feed whose ETag is that of its theme is read again all the same, and whole from then on.
func TestETagThatNeverChanges(t *testing.T) {
	t.Parallel()
	var stories, whole atomic.Int64
	stories.Store(2)
	web := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/feed":
		case "/robots.txt":
			http.NotFound(rw, r)
			return
		default:
			page(rw)
			return
		}
		rw.Header().Set("ETag", `"theme"`)
		if r.Header.Get("If-None-Match") != "" {
			rw.WriteHeader(http.StatusNotModified)
			return
		}
		whole.Add(1)
		rw.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprint(rw, `<rss version="2.0"><channel><title>Theme</title>`)
		for i := range stories.Load() {
			fmt.Fprintf(rw, `<item><link>http://theme.example/2026/11/24/story-number-%d-of-the-theme</link></item>`, i)
		}
		fmt.Fprint(rw, `</channel></rss>`)
	}))
	t.Cleanup(web.Close)
	s := homeSite(t, "http://theme.example/")
	s.Sections = []site.Section{{ID: "feed", URL: "http://theme.example/feed", Kind: site.Feed}}
	w := newWorld(t, shared, web.URL, s)
	w.crawl()
	known := func() int { return len(slices.Collect(articlePages(w))) }
	if n := known(); n != 2 {
		t.Fatalf("%d articles known after the first visit", n)
	}
	stories.Store(3)
	soon(w)
	p := w.start(nil)
	feed := w.pages()["http://theme.example/feed"]
	at := time.Now()
	feed.NextAt, feed.HTTP.Unchanged = &at, maxUnchanged // as after many visits
	if _, err := p.committer.Commit(t.Context(), store.Effect{Page: feed}); err != nil {
		t.Fatal(err)
	}
	_, stop := p.seed()
	p.run()
	w.eventually(func(context.Context) bool { return known() == 3 && w.pages()[feed.URL].HTTP.Fixed })
	before := whole.Load()
	w.eventually(func(context.Context) bool { return whole.Load() > before+1 })
	stop()
}
