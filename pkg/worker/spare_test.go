package worker

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
)

// twice is a site whose section links each story in two ways, stories of its own at each visit.
func twice(t *testing.T, host string, link func(nth, story, way int) string, served func(query string) bool) (*world, *script) {
	web := newScript(t, func(rw http.ResponseWriter, url string, nth int) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		path, query, _ := strings.Cut(url, "?")
		switch {
		case strings.HasSuffix(path, "/town/"):
			fmt.Fprint(rw, "<html><body><main>")
			for i := range 8 {
				for way := range 2 {
					fmt.Fprintf(rw, "<h2><a href=%s>Council hears of the bridge for the time number %d</a></h2>", link(nth, i, way), i)
				}
			}
		case strings.Contains(path, "story-") && served(query):
			fmt.Fprint(rw, tale(path[strings.Index(path, "story-"):]))
		default:
			http.NotFound(rw, nil)
		}
	})
	st := homeSite(t, "http://"+host+"/")
	st.Sections = []site.Section{{ID: "town", URL: "http://" + host + "/town/", Kind: site.Listing}}
	return newWorld(t, shared, web.URL, st), web
}

// asked counts the requests for what has a word in its address.
func (s *script) about(word string) (n int) {
	for _, p := range s.paths() {
		if strings.Contains(p, word) {
			n++
		}
	}
	return n
}

// TestSpareParts: a parameter that changes nothing, and a session in the path, are learned and left off from then on, so that each
// story costs one request; no story is doubled, those that are known with it included, nor lost.
func TestSpareParts(t *testing.T) {
	t.Parallel()
	for host, link := range map[string]func(nth, story, way int) string{
		"refs.example": func(nth, story, way int) string {
			return fmt.Sprintf("/story-of-no-town-%d-%d?ref=%d", nth, story, way)
		},
		"sessions.example": func(nth, story, way int) string {
			return fmt.Sprintf("/%016xab/story-of-no-town-%d-%d", 0xabc0+nth*100+story*10+way, nth, story)
		},
	} {
		w, web := twice(t, host, link, func(string) bool { return true })
		w.once(Bounds{})
		if n := web.about("story-"); n != 16 || len(w.articles()) != 8 {
			t.Fatalf("%s: %d requests, %d articles at the first visit", host, n, len(w.articles()))
		}
		for visit := 2; visit <= 3; visit++ {
			w.dueNow("http://" + host + "/town/")
			w.once(Bounds{})
			if n := len(w.articles()); n != 8*visit {
				t.Errorf("%s: %d articles after visit %d", host, n, visit)
			}
		}
		if n := web.about("story-"); n > 16+2*8+4 { // an address in sixteen is left as it is
			t.Errorf("%s: %d requests for %d stories", host, n, len(w.articles()))
		}
		bare := 0
		for _, p := range w.pages() {
			if p.LinkedAs != "" {
				if bare++; p.URL == p.LinkedAs || p.Outcome != outcome.OK {
					t.Errorf("%+v", p)
				}
			}
		}
		if bare == 0 {
			t.Errorf("%s: nothing was left off", host)
		}
	}
}

// TestSpareRelisted: stories that are listed again, and are known by the address as it is linked, are not asked for at another.
func TestSpareRelisted(t *testing.T) {
	t.Parallel()
	w, web := twice(t, "again.example", func(_, story, way int) string { return fmt.Sprintf("/story-of-no-town-%d?ref=%d", story, way) }, func(string) bool { return true })
	for visit := range 3 {
		if visit > 0 {
			w.dueNow("http://again.example/town/")
		}
		w.once(Bounds{})
	}
	if n := web.about("story-"); n != 16 || len(w.articles()) != 8 {
		t.Errorf("%d requests, %d articles", n, len(w.articles()))
	}
}

// TestSpareIsNeeded: where the address is not served without the part, stories are read as they were linked, and the part is left
// where it is from then on.
func TestSpareIsNeeded(t *testing.T) {
	t.Parallel()
	w, web := twice(t, "needed.example", func(nth, story, way int) string {
		return fmt.Sprintf("/story-of-no-town-%d-%d?ref=%d", nth, story, way)
	},
		func(query string) bool { return query != "" })
	for visit := range 4 {
		if visit > 0 {
			w.dueNow("http://needed.example/town/")
		}
		w.once(Bounds{})
	}
	if n := len(w.articles()); n != 32 {
		t.Errorf("%d articles of 32", n)
	}
	p := w.start(nil)
	defer p.end()
	profile, err := p.store.Profile(t.Context(), "needed.example")
	if err != nil {
		t.Fatal(err)
	}
	if parts := Spare(profile).Of(); len(parts) != 1 || parts[0].Against == 0 {
		t.Errorf("%v, after %d requests", parts, web.about("story-"))
	}
}
