package worker

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/budget"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// sectionSite is a site with one listing, as a host of a scripted web.
func sectionSite(t *testing.T, host string) *site.Site {
	t.Helper()
	s := homeSite(t, "http://"+host+"/")
	s.Sections = []site.Section{{ID: "a", URL: s.Home + "section", Kind: site.Listing}}
	return s
}

// TestLargePagesWaitForMemory: a page that turns out to be large waits until there is memory for it, and small ones do not
// wait with it.
func TestLargePagesWaitForMemory(t *testing.T) {
	t.Parallel()
	web := newScript(t, func(rw http.ResponseWriter, url string, _ int) {
		if strings.Contains(url, "large.example") {
			rw.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(rw, strings.Repeat("<p>more of it", 2*budget.SmallBody/10))
			return
		}
		page(rw)
	})
	w := newWorld(t, shared, web.URL, sectionSite(t, "large.example"), sectionSite(t, "small.example"))
	w.worker.Memory = 1 // all pages that are not small go one by one
	p := w.start(nil)
	others, err := p.worker.memory.Hold(t.Context(), 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	p.seed()
	p.run()
	if e := <-p.seen; e.Page.URL != "http://small.example/section" {
		t.Fatalf("%s was done while others held all memory", e.Page.URL)
	}
	others.Release()
	if e := <-p.seen; e.Page.URL != "http://large.example/section" || e.Page.Outcome != outcome.OK && e.Page.Outcome != outcome.Nothing {
		t.Fatalf("%s: %s", e.Page.URL, e.Page.Outcome)
	}
	w.drained(p)
	if h, err := p.worker.memory.Hold(t.Context(), 1<<40); err != nil {
		t.Error(err)
	} else {
		h.Release() // nothing is held any more
	}
}

// TestStopWhileWaiting: a stop does not wait for pages that wait to be read, or for memory.
func TestStopWhileWaiting(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{}, 10)
	web := newScript(t, func(rw http.ResponseWriter, _ string, _ int) {
		page(rw)
		asked <- struct{}{}
	})
	w := newWorld(t, shared, web.URL, sectionSite(t, "waits.example"))
	w.worker.Grace = time.Millisecond
	p := w.start(nil)
	for range cap(p.worker.reading) {
		p.worker.reading <- struct{}{} // as pages do that take for ever
	}
	_, stop := p.seed()
	p.run()
	<-asked
	stop()
	p.stop()
	<-p.done
	if got := w.pages()["http://waits.example/section"]; p.err != nil || got.Status != store.StatusQueued {
		t.Errorf("the page that waited is %s, %s; Run: %v", got.Status, got.Outcome, p.err)
	}
}

// TestKindsHaveCaps: what is too large for an article may be a sitemap.
func TestKindsHaveCaps(t *testing.T) {
	w := New(Config{MaxArticle: 1000, MaxListing: 2000, Slots: 1}, Deps{})
	for kind, want := range map[store.Kind]int64{store.KindArticle: 1000, store.KindHome: 2000, store.KindListing: 2000, store.KindSitemap: 50 << 20, store.KindFeed: 50 << 20} {
		got, tree := w.maxBody(store.Page{Kind: kind, Section: "news"})
		if got != want || tree != (kind == store.KindArticle) {
			t.Errorf("%s: %d bytes, a tree %v, want %d", kind, got, tree, want)
		}
	}
	if _, tree := w.maxBody(store.Page{Kind: store.KindHome}); !tree {
		t.Error("a named page is looked at for an article too")
	}
}
