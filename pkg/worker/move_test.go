package worker

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// TestMovedArticles: when a site has moved to another domain and is followed there, none of its articles is stored twice, be it
// listed on the new domain with another template around it or visited again on the old one; pages of the old domain that were not
// fetched yet are read on the new one, and what redirects to a third domain is not.
func TestMovedArticles(t *testing.T) {
	t.Parallel()
	const old, now = "http://former.example", "http://latter.test"
	var moved atomic.Bool
	web := newScript(t, func(rw http.ResponseWriter, url string, _ int) {
		host, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
		isOld := host == "former.example"
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch {
		case moved.Load() && isOld && path == "story-of-partners":
			http.Redirect(rw, nil, "http://partner.test/story-of-partners", http.StatusMovedPermanently)
		case moved.Load() && isOld:
			rw.Header().Set("Location", now+"/"+path)
			rw.WriteHeader(http.StatusMovedPermanently)
		case path == "" || path == "?":
			n := 2
			if moved.Load() {
				n = 3
			}
			fmt.Fprint(rw, "<html><body><main>")
			for i := range n {
				fmt.Fprintf(rw, "<h2><a href=/story-of-the-town-%d>Council hears of the bridge for the time number %d</a></h2>", i, i)
			}
		case strings.HasPrefix(path, "story-"):
			text := tale(path)
			if moved.Load() {
				text = strings.Replace(text, "</article>", "<p>The new pages of the paper have this line below each of the stories.</p></article>", 1)
			}
			fmt.Fprint(rw, text)
		default:
			http.NotFound(rw, nil)
		}
	})
	st := homeSite(t, old+"/")
	st.FollowMoves = true
	w := newWorld(t, shared, web.URL, st)
	w.once(Bounds{})
	if n := len(w.articles()); n != 2 {
		t.Fatalf("%d articles on the old domain", n)
	}
	moved.Store(true)
	p := w.start(nil)
	due := time.Now()
	for _, path := range []string{"/story-of-the-town-8", "/story-of-partners"} {
		page := store.Page{
			ID: weburl.ID(old + path), URL: old + path, Site: st.ID, Kind: store.KindArticle, Lane: st.Lane(old + path), Priority: priorityNews,
			DiscoveredAt: due, DiscoveredFrom: weburl.ID(old + "/"), Status: store.StatusDue, NextAt: &due,
		}
		if _, refused, err := p.store.EnsurePages(t.Context(), []store.Page{page}); err != nil || len(refused) > 0 {
			t.Fatal(err, refused)
		}
	}
	p.end()
	w.dueNow(old + "/")
	w.once(Bounds{}) // the home page goes on on the new domain
	for _, path := range []string{"/story-of-the-town-0", "/story-of-the-town-8", "/story-of-partners"} {
		w.dueNow(old + path)
	}
	w.once(Bounds{})
	titles := map[string]int{}
	for _, a := range w.articles() {
		titles[a.Title]++
	}
	if len(titles) != 4 || len(w.articles()) != 4 {
		t.Errorf("articles: %v", titles)
	}
	pages := w.pages()
	if p := pages[now+"/story-of-the-town-8"]; p.Outcome != outcome.OK || p.ArticleID == "" {
		t.Errorf("not fetched on the old domain: %s, %s", p.Outcome, p.Reason)
	}
	if p := pages[now+"/story-of-the-town-0"]; p.ArticleID != weburl.ID(old+"/story-of-the-town-0") {
		t.Errorf("an article of the old domain is %q", p.ArticleID)
	}
	if p := pages[old+"/story-of-partners"]; p.Outcome != outcome.Redirected || p.Reason != outcome.ReasonOffSite {
		t.Errorf("what redirects to a third domain: %s, %s", p.Outcome, p.Reason)
	}
	for _, path := range web.paths() {
		if strings.Contains(path, "partners") && strings.Contains(path, "partner.test") {
			t.Errorf("asked for %s", path)
		}
	}
}
