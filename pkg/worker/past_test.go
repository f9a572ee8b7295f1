package worker

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// dueNow has a page be due now, as khabar pages again does.
func (w *world) dueNow(url string) {
	w.t.Helper()
	p := w.start(nil)
	defer p.end()
	page, err := p.store.Page(w.t.Context(), weburl.ID(url))
	if err != nil {
		w.t.Fatal(err)
	}
	if n, err := p.store.Again(w.t.Context(), []store.Page{page}, time.Now()); err != nil || n != 1 {
		w.t.Fatalf("%d made due: %v", n, err)
	}
}

// letters writes a number as a word.
func letters(n int) string {
	return strings.Map(func(r rune) rune { return r - '0' + 'k' }, fmt.Sprint(n))
}

// TestPastOfLinks: a block of a section's page whose headlines never led to articles gives ever fewer of them at the next visits, in
// other runs too; stories whose addresses and links look like nothing are taken once such addresses have led to articles.
func TestPastOfLinks(t *testing.T) {
	t.Parallel()
	const offers, stories = 14, 12
	web := newScript(t, func(rw http.ResponseWriter, url string, nth int) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch {
		case strings.HasSuffix(url, "/feed.xml"):
			rw.Header().Set("Content-Type", "application/rss+xml")
			fmt.Fprint(rw, `<rss version="2.0"><channel><title>Town</title>`)
			for i := range stories {
				fmt.Fprintf(rw, "<item><title>Of harbour %d</title><link>http://past.example/harbour-%s</link></item>", i, letters(i))
			}
			fmt.Fprint(rw, "</channel></rss>")
		case strings.HasSuffix(url, "/town/"):
			fmt.Fprint(rw, `<html><body><ul class="list">`)
			for i := range 3 {
				fmt.Fprintf(rw, "<li><a href=/harbour-%s>Harbour</a></li>", letters(1000*nth+i))
			}
			fmt.Fprint(rw, `</ul><section id="partners">`)
			for i := range offers {
				fmt.Fprintf(rw, "<h3><a href=/offers/seven-ways-to-save-%s>Seven ways to save on your next kitchen</a></h3>", letters(1000*nth+i))
			}
			fmt.Fprint(rw, "</section></body></html>")
		case strings.Contains(url, "/harbour-"):
			fmt.Fprint(rw, tale(url[strings.Index(url, "harbour-"):]))
		default:
			fmt.Fprint(rw, "<html><head><title>Offers</title></head><body><main><h1>Offers</h1><ul><li><a href=/>Nothing is left</a></li></ul></main></body></html>")
		}
	})
	st := homeSite(t, "http://past.example/")
	st.Sections = []site.Section{{ID: "town", URL: "http://past.example/town/", Kind: site.Listing}, {ID: "feed", URL: "http://past.example/feed.xml", Kind: site.Feed}}
	w := newWorld(t, shared, web.URL, st)
	asked := func(what string) (n int) {
		for _, p := range web.paths() {
			if strings.Contains(p, what) {
				n++
			}
		}
		return n
	}
	w.once(Bounds{})
	if n, all := asked("offers/"), asked("harbour-"); n != offers || all < stories {
		t.Fatalf("%d offers and %d stories were asked for at the first visit", n, all)
	}
	listed := asked("harbour-") - stories // the feed may have been read first
	for range 2 {
		w.dueNow("http://past.example/town/")
		w.once(Bounds{})
	}
	if n := asked("offers/"); n > offers+offers/2 {
		t.Errorf("%d offers were asked for at three visits", n)
	}
	if n := asked("harbour-"); n != stories+listed+6 || len(w.articles()) != n {
		t.Errorf("%d stories were asked for and %d are articles; want %d", n, len(w.articles()), stories+listed+6)
	}
	p := w.pages()["http://past.example/town/"]
	if p.Reason != "" || p.LastError != "" {
		t.Errorf("the section's record: %s, %s", p.Reason, p.LastError)
	}
}
