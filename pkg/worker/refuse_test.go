package worker

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// feedOf is a feed of n articles of a host.
func feedOf(host string, n int) (urls []string) {
	for i := range n {
		urls = append(urls, fmt.Sprintf("http://%s/news/2026/story-%d-of-the-day", host, i))
	}
	return urls
}

// TestRefusingHost has a host refuse every article, in ways that guards do: it is asked ten times at most, robots.txt and its
// feed included, its pages say so and are due when it has rested, and the rest grows.
func TestRefusingHost(t *testing.T) {
	t.Parallel()
	const pages = 30
	for name, refuse := range map[string]func(w http.ResponseWriter, url string){
		"forbidden": func(w http.ResponseWriter, _ string) {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<title>No robots</title>")
		},
		"challenge": func(w http.ResponseWriter, _ string) {
			w.Header().Set("CF-Mitigated", "challenge")
			fmt.Fprint(w, "<title>Just a moment...</title>")
		},
		"consent": func(w http.ResponseWriter, url string) {
			if strings.Contains(url, ".example/consent") {
				fmt.Fprint(w, story)
				return
			}
			w.Header().Set("Location", "/consent?return="+strings.TrimPrefix(url, "http://consent.example"))
			w.WriteHeader(http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := name + ".example"
			web := newScript(t, func(w http.ResponseWriter, url string, _ int) {
				if url == "http://"+host+"/feed" {
					listing(w, feedOf(host, pages)...)
					return
				}
				refuse(w, url)
			})
			w := newWorld(t, shared, web.URL, feedSite(t, host))
			core, logged := observer.New(zap.WarnLevel)
			w.log = zap.New(core)
			w.crawl()

			asked := len(web.asked())
			if asked > 9 { // and robots.txt
				t.Errorf("%d requests to a host that refuses", asked)
			}
			if n := len(w.articles()); n > 0 {
				t.Errorf("%d refusals are stored as articles", n)
			}
			unasked := 0
			for url, p := range w.pages() {
				if p.Kind != store.KindArticle {
					continue
				}
				if p.Status != store.StatusDead || p.Outcome != outcome.Blocked || string(p.Reason) == "" || p.LastError == "" || p.NextAt == nil {
					t.Errorf("%s: %s, %s, %q (%s), due %v", url, p.Status, p.Outcome, p.Reason, p.LastError, p.NextAt)
				}
				if p.FetchedAt == nil {
					unasked++
					if !strings.Contains(p.LastError, "left alone until") {
						t.Errorf("%s, which was not asked for: %s", url, p.LastError)
					}
				}
			}
			if unasked < pages-8 {
				t.Errorf("%d of %d pages were put off", unasked, pages)
			}
			if told := logged.FilterMessage("host refuses and is left alone").All(); len(told) != 1 || !strings.Contains(fmt.Sprint(told[0].ContextMap()["error"]), "blocked") {
				t.Errorf("told %d times: %v", len(told), told)
			}

			// As if the time to ask again had come: one page is, and the others wait for longer.
			failures := func() int {
				p := w.start(nil)
				defer p.end()
				st, err := p.front.Lane(t.Context(), w.sites[0].Lane("http://"+host+"/"))
				if err != nil {
					t.Fatal(err)
				}
				return st.Failures
			}
			before := failures()
			p := w.start(nil)
			due := time.Now()
			for _, page := range w.pages() {
				if page.Kind == store.KindArticle {
					page.Status, page.NextAt = store.StatusDue, &due
					if _, err := p.committer.Commit(t.Context(), store.Effect{Page: page}); err != nil {
						t.Fatal(err)
					}
				}
			}
			p.end()
			w.crawl()
			again := len(web.asked()) - asked
			if most := 2; again == 0 || again > most { // a redirect takes two
				t.Errorf("%d requests after the rest", again)
			}
			if after := failures(); after != before+1 {
				t.Errorf("%d refusals in a row, then %d", before, after)
			}
		})
	}
}

// TestPaywall has a host refuse some articles for themselves: the others are stored, and those are asked for again some day.
func TestPaywall(t *testing.T) {
	t.Parallel()
	web := newScript(t, func(w http.ResponseWriter, url string, _ int) {
		var n int
		switch _, err := fmt.Sscanf(url, "http://paywall.example/news/2026/story-%d-of-the-day", &n); {
		case err != nil:
			listing(w, feedOf("paywall.example", 24)...)
		case n%3 == 0:
			w.WriteHeader(http.StatusForbidden)
		default:
			pageAt(w, url)
		}
	})
	w := newWorld(t, shared, web.URL, feedSite(t, "paywall.example"))
	w.crawl()
	if n := len(w.articles()); n != 16 {
		t.Errorf("%d articles, want 16 of 24", n)
	}
	for url, p := range w.pages() {
		if p.Outcome == outcome.Blocked && (p.FetchedAt == nil || p.NextAt == nil) {
			t.Errorf("%s: fetched at %v, due %v", url, p.FetchedAt, p.NextAt)
		}
	}
}

// TestBusyHost has a host answer 429 with a Retry-After: it is heard, and the page is had in the end.
func TestBusyHost(t *testing.T) {
	t.Parallel()
	web := newScript(t, func(w http.ResponseWriter, url string, nth int) {
		switch {
		case url == "http://many.example/feed":
			listing(w, "http://many.example/news/2026/one-of-two", "http://many.example/news/2026/two-of-two")
		case url == "http://many.example/news/2026/one-of-two" && nth == 1:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			page(w)
		}
	})
	w := newWorld(t, shared, web.URL, feedSite(t, "many.example"))
	w.crawl()
	asks := web.asked()
	if len(asks) != 4 {
		t.Fatalf("%d requests, want the feed, two pages and one again: %v", len(asks), asks)
	}
	if gap := asks[2].start.Sub(asks[1].end); gap < time.Second {
		t.Errorf("asked again %v after a 429 that asked for a second", gap)
	}
	for url, p := range w.pages() {
		if p.Status != store.StatusDone || p.Attempts != 0 {
			t.Errorf("%s: %s, %d attempts", url, p.Status, p.Attempts)
		}
	}
}

// TestSectionBlip has a section answer once with what is no section: it is visited again as soon as after a 500.
func TestSectionBlip(t *testing.T) {
	t.Parallel()
	for name, blip := range map[string]http.HandlerFunc{
		"html": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "<title>Maintenance</title><h1>We will be back in five minutes</h1>")
		},
		"empty":     func(w http.ResponseWriter, _ *http.Request) { listing(w) },
		"forbidden": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
		"gone":      func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) },
		"picture":   func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "image/png") },
		"away": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://parked.test/")
			w.WriteHeader(http.StatusFound)
		},
		"error": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := "blip-" + name + ".example"
			articles := feedOf(host, 2)
			web := newScript(t, func(w http.ResponseWriter, url string, nth int) {
				switch {
				case url != "http://"+host+"/feed":
					page(w)
				case nth == 1:
					listing(w, articles[0])
				case nth == 2:
					blip(w, nil)
				default:
					listing(w, articles...)
				}
			})
			w := newWorld(t, shared, web.URL, feedSite(t, host))
			soon(w)
			w.worker.Policy.Max = 24 * time.Hour
			p := w.start(nil)
			_, stop := p.seed()
			p.run()
			w.eventually(func(context.Context) bool { return len(w.articles()) == 2 || w.pages()[articles[1]].ArticleID != "" })
			stop()
		})
	}
}

// TestMovedHome: a site that moved to another domain is not crawled there, and says where it is now.
func TestMovedHome(t *testing.T) {
	t.Parallel()
	web := newScript(t, func(w http.ResponseWriter, url string, _ int) {
		w.Header().Set("Location", "http://www.new-name.test/")
		w.WriteHeader(http.StatusMovedPermanently)
	})
	w := newWorld(t, shared, web.URL, homeSite(t, "http://old-name.example/"))
	w.crawl() // ends, though the page is due again
	p := w.pages()["http://old-name.example/"]
	if p.Outcome != outcome.Redirected || p.Reason != outcome.ReasonMoved || p.RedirectTo != "http://www.new-name.test/" || p.NextAt == nil || !strings.Contains(p.LastError, "www.new-name.test") {
		t.Errorf("%s, %s, %q (%s), due %v", p.Outcome, p.Reason, p.RedirectTo, p.LastError, p.NextAt)
	}
	if n := len(web.asked()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// TestFollowedMove: where a site's definition says so, it is crawled on its new domain, and its record says which that is.
func TestFollowedMove(t *testing.T) {
	t.Parallel()
	web := newScript(t, func(w http.ResponseWriter, url string, _ int) {
		switch {
		case strings.HasPrefix(url, "http://old-home.example/"):
			w.Header().Set("Location", "http://www.new-home.test/")
			w.WriteHeader(http.StatusFound)
		case url == "http://www.new-home.test/":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			for _, of := range []string{"http://www.new-home.test", "http://elsewhere.test"} {
				fmt.Fprintf(w, `<h3><a href="%s/2026/01/02/the-council-plans-a-bridge">The council of the old town plans a bridge</a></h3>`, of)
			}
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, story)
		}
	})
	s := homeSite(t, "http://old-home.example/")
	s.FollowMoves = true
	w := newWorld(t, shared, web.URL, s)
	w.crawl()
	p := w.pages()["http://old-home.example/"]
	if p.Outcome != outcome.Redirected || p.Reason != outcome.ReasonFollowed || p.RedirectTo != "http://www.new-home.test/" {
		t.Errorf("%s, %s, %q (%s)", p.Outcome, p.Reason, p.RedirectTo, p.LastError)
	}
	if found := w.articles(); len(found) != 1 {
		t.Errorf("%d articles", len(found))
	}
	for _, url := range web.asked() {
		if strings.Contains(url.url, "elsewhere") {
			t.Errorf("asked for %s", url.url)
		}
	}
}

// TestMovesThatAreNotFollowed: a site that is another's alias says so, and one that gave links before is not led away by a
// redirect for the time being.
func TestMovesThatAreNotFollowed(t *testing.T) {
	t.Parallel()
	alias, real := homeSite(t, "http://alias.example/"), homeSite(t, "http://real.test/")
	alias.FollowMoves = true
	set := site.NewSet(alias, real)
	w := New(Default(), Deps{Sites: site.NewCurrent(alias, real)})
	for _, tc := range []struct {
		to     string
		status int
		yield  float64
		reason outcome.Reason
		says   string
	}{
		{"http://www.real.test/", 301, 0, outcome.ReasonMoved, "the site real.test"},
		{"http://new.test/", 302, 1, outcome.ReasonMoved, "for now"},
		{"http://new.test/", 301, 1, outcome.ReasonFollowed, ""},
		{"http://new.test/", 302, 0, outcome.ReasonFollowed, ""},
		{"http://english.alias.example/", 302, 1, "", ""},
	} {
		p := store.Page{ID: "x", URL: alias.Home, Site: alias.ID, Kind: store.KindHome, Section: "home", Yield: tc.yield}
		v := w.judge(p, set.Get(alias.ID), fetch.Response{Outcome: outcome.Redirected, Status: tc.status, Location: tc.to})
		if v.page.Reason != tc.reason || !strings.Contains(v.page.LastError, tc.says) || (len(v.seen) == 1) == (tc.reason == outcome.ReasonMoved) {
			t.Errorf("%+v: %s (%s), %d pages", tc, v.page.Reason, v.page.LastError, len(v.seen))
		}
	}
}

// TestSharedSitemap: of a sitemap of the whole host, each site under a path gets what is under it, whichever reads it.
func TestSharedSitemap(t *testing.T) {
	t.Parallel()
	const host = "http://paths.example"
	web := newScript(t, func(w http.ResponseWriter, url string, _ int) {
		switch path := strings.TrimPrefix(url, host); {
		case path == "/sitemap.xml":
			w.Header().Set("Content-Type", "application/xml")
			fmt.Fprint(w, `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>`+host+`/all.xml</loc></sitemap></sitemapindex>`)
		case path == "/all.xml":
			w.Header().Set("Content-Type", "application/xml")
			fmt.Fprint(w, `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
			for _, edition := range []string{"ar", "en", "fa"} {
				fmt.Fprintf(w, "<url><loc>%s/%s/2026/01/02/the-council-plans-a-bridge</loc></url>", host, edition)
			}
			fmt.Fprint(w, "</urlset>")
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, story)
		}
	})
	ar, en := homeSite(t, host+"/ar/"), homeSite(t, host+"/en/")
	ar.Sections = []site.Section{{ID: "map", URL: host + "/sitemap.xml", Kind: site.Sitemap}}
	en.Sections = []site.Section{{ID: "missing", URL: host + "/en/none.xml", Kind: site.Feed}}
	w := newWorld(t, shared, web.URL, ar, en)
	w.crawl()
	for edition, want := range map[string]string{"ar": "paths.example_ar", "en": "paths.example_en", "fa": ""} {
		if p := w.pages()[host+"/"+edition+"/2026/01/02/the-council-plans-a-bridge"]; p.Site != want {
			t.Errorf("the article of %s is of %q", edition, p.Site)
		}
	}
}

// TestGates has articles redirect to one page each time, which nobody knows for a wall: it is no article, let alone six.
func TestGates(t *testing.T) {
	t.Parallel()
	gate := strings.NewReplacer(`<meta property="article:published_time" content="2026-01-02T10:00:00Z">`, "", `<meta property="og:type" content="article">`, "").Replace(story)
	for name, to := range map[string]string{"same": "/anmelden", "return": "/anmelden?back="} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			host := "gate-" + name + ".example"
			web := newScript(t, func(w http.ResponseWriter, url string, _ int) {
				path := strings.TrimPrefix(url, "http://"+host)
				switch {
				case path == "/feed":
					listing(w, feedOf(host, 6)...)
				case strings.HasPrefix(path, "/anmelden"):
					w.Header().Set("Content-Type", "text/html; charset=utf-8")
					fmt.Fprint(w, gate)
				case name == "return":
					w.Header().Set("Location", to+path)
					w.WriteHeader(http.StatusFound)
				default:
					w.Header().Set("Location", to)
					w.WriteHeader(http.StatusFound)
				}
			})
			w := newWorld(t, shared, web.URL, feedSite(t, host))
			w.crawl()
			if n := len(w.articles()); n > 0 {
				t.Errorf("%d articles", n)
			}
			for url, p := range w.pages() {
				if p.Kind == store.KindArticle && (p.Outcome != outcome.NotArticle || p.Reason != outcome.ReasonLeadsElsewhere || p.RedirectTo == "") {
					t.Errorf("%s: %s, %s, to %q", url, p.Outcome, p.Reason, p.RedirectTo)
				}
			}
		})
	}
}

// TestConcurrentRefusals: the lanes of a host do not each ask as often as one may.
func TestConcurrentRefusals(t *testing.T) {
	t.Parallel()
	web := newScript(t, func(w http.ResponseWriter, url string, _ int) {
		if url == "http://lanes.example/feed" {
			listing(w, feedOf("lanes.example", 60)...)
			return
		}
		w.WriteHeader(http.StatusForbidden)
	})
	s := feedSite(t, "lanes.example")
	s.Politeness.Concurrency = site.MaxConcurrency
	w := newWorld(t, shared, web.URL, s)
	w.crawl()
	if n := len(web.asked()); n > 9 {
		t.Errorf("%d requests over %d lanes to a host that refuses", n, s.Politeness.Concurrency)
	}
}
