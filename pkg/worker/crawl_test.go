package worker

import (
	"reflect"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// expectAll checks that the world's articles are the web's, once each.
func expectAll(t *testing.T, w *world, web *demosite.Server) {
	t.Helper()
	have := w.articles()
	for _, truth := range web.Articles() {
		a, ok := have[truth.URL]
		if !ok {
			t.Errorf("not stored: %s", truth.URL)
		} else if a.Revision != 1 || a.Site == "" || a.ContentHash == "" {
			t.Errorf("%s: revision %d, site %q, hash %q", truth.URL, a.Revision, a.Site, a.ContentHash)
		}
	}
	if revs := all[article.Revision](w, "revisions"); len(revs) != 0 {
		t.Errorf("%d revisions of articles that nobody edited", len(revs))
	}
}

// expectPolite checks what the web saw.
func expectPolite(t *testing.T, web *demosite.Server, concurrency int) {
	t.Helper()
	for host, s := range web.Stats().Hosts {
		if s.Private != 0 || s.Unknown != 0 || s.MaxConcurrent > concurrency {
			t.Errorf("%s: %d requests for private pages, %d for unknown ones, %d at once", host, s.Private, s.Unknown, s.MaxConcurrent)
		}
	}
}

func TestCrawl(t *testing.T) {
	t.Parallel()
	w, web := demoWorld(t, demosite.Config{Sites: 2, PerSection: 2, PageSize: 2})
	p := w.start(nil)
	_, stop := p.seed()
	p.run()
	w.drained(p)
	stop()
	p.end()
	if p.err != nil {
		t.Error(p.err)
	}
	expectAll(t, w, web)
	expectPolite(t, web, 1)
	for url, page := range w.pages() {
		switch page.Status {
		case store.StatusDone, store.StatusGone, store.StatusExcluded:
		default:
			t.Errorf("%s: %s, %s", url, page.Status, page.LastError)
		}
		if page.Outcome == "" || page.Reason != "alias" && page.Status == store.StatusDone && page.FetchedAt == nil {
			t.Errorf("%s: outcome %q, fetched at %v", url, page.Outcome, page.FetchedAt)
		}
	}
	for _, d := range web.Sites() {
		if got := w.pages()[d.Private]; got.ID != "" && (got.Status != store.StatusExcluded || got.RobotsRule == "") {
			t.Errorf("%s: %s by rule %q", d.Private, got.Status, got.RobotsRule)
		}
		if got := w.pages()[d.Gone]; got.ID != "" && got.Status != store.StatusGone {
			t.Errorf("%s: %s", d.Gone, got.Status)
		}
		for uri, n := range web.Stats().Hosts[d.Host].Hits {
			if n > 1 && uri != "/robots.txt" {
				// The target of the one redirect is asked for by its own address too.
				if truth, ok := web.Article("http://" + d.Host + uri); !ok || n > 2 {
					t.Errorf("%s was asked for %d times (%v)", uri, n, truth.URL)
				}
			}
		}
	}

	// A second run has nothing to do.
	web.ResetStats()
	before := w.articles()
	w.crawl()
	for host, s := range web.Stats().Hosts {
		if s.Requests != 0 {
			t.Errorf("%s: %d requests by a second run", host, s.Requests)
		}
	}
	if after := w.articles(); !reflect.DeepEqual(after, before) {
		t.Error("a second run changed articles")
	}
}
