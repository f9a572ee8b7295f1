package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/store"
	yields "github.com/khabar-crawler/khabar/pkg/yield"
)

const linkedPage = `<!doctype html><html lang="en"><head><title>River Post</title><link rel="canonical" href="https://riverpost.example/">
<link rel="alternate" type="application/rss+xml" href="/feed.xml"></head><body><nav><a href="/town">Town</a><a href="/login">Log in</a></nav>
<main><h2><a href="/2026/11/24/dam">The old dam above the town holds</a></h2><a href="https://shop.test/boots">Boots for the river</a></main>
<div class="pager"><a href="/?page=2">2</a><a href="/?page=3">3</a></div></body></html>`

// linksShown runs khabar links --json and gives what each address is taken for.
func linksShown(t *testing.T, args ...string) map[string]string {
	t.Helper()
	out, err := onCommandLine(t, append([]string{"links", "--json"}, args...)...)
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	as := map[string]string{}
	for line := range strings.Lines(out) {
		var l struct{ URL, As, Why string }
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.Why == "" || as[l.URL] != "" {
			t.Errorf("%v: %s: %v, before it %q", args, line, err, as[l.URL])
		}
		as[l.URL] = l.As
	}
	return as
}

func TestLinks(t *testing.T) {
	got := linksShown(t, written(t, "home.html", linkedPage))
	for url, want := range map[string]string{
		"https://riverpost.example/2026/11/24/dam": "article", "https://riverpost.example/town": "section",
		"https://riverpost.example/feed.xml": "feed", "https://riverpost.example/?page=2": "page", "https://riverpost.example/?page=3": "page",
		"https://riverpost.example/login": "other", "https://shop.test/boots": "other",
	} {
		if got[url] != want {
			t.Errorf("%s is %q, want %q", url, got[url], want)
		}
	}
	feed := written(t, "feed.xml", `<rss version="2.0"><channel><item><link>https://riverpost.example/2026/11/24/dam</link></item></channel></rss>`)
	if got := linksShown(t, feed); got["https://riverpost.example/2026/11/24/dam"] != "article" {
		t.Errorf("a feed: %v", got)
	}
	moved := written(t, "moved.xml", `<rss version="2.0"><channel><title>River Post</title><atom:link rel="self" href="https://feeds.test/river"/>
		<link>https://www.riverpost.example/</link><item><link>https://riverpost.example/2026/11/24/dam</link></item>
		<item><link>https://shop.test/boots</link></item></channel></rss>`)
	if got := linksShown(t, "--url", "https://feeds.test/river", moved); got["https://riverpost.example/2026/11/24/dam"] != "article" || got["https://shop.test/boots"] != "other" {
		t.Errorf("a feed kept elsewhere: %v", got)
	}
	second := written(t, "second.xml", `<rss version="2.0"><channel><title>River Post</title><link>https://riverpost.example/</link>
		<item><link>https://river.test/2026/11/24/dam</link></item><item><link>https://river.test/2026/11/24/mill</link></item>
		<item><link>https://shop.test/boots</link></item></channel></rss>`)
	if got := linksShown(t, "--url", "https://riverpost.example/feed.xml", second); got["https://river.test/2026/11/24/dam"] != "article" || got["https://shop.test/boots"] != "other" {
		t.Errorf("a feed of a paper with two domains: %v", got)
	}
	index := written(t, "map.xml", `<sitemapindex><sitemap><loc>https://riverpost.example/map-1.xml</loc></sitemap></sitemapindex>`)
	if got := linksShown(t, "--url", "https://riverpost.example/map.xml", "--kind", "sitemap", index); got["https://riverpost.example/map-1.xml"] != "sitemap" {
		t.Errorf("an index: %v", got)
	}
	out, err := onCommandLine(t, "links", written(t, "home.html", linkedPage))
	if err != nil || !strings.Contains(out, "article  https://riverpost.example/2026/11/24/dam  +") || !strings.Contains(out, "in a heading") {
		t.Errorf("for people: %v\n%s", err, out)
	}
}

// TestLinksLearned: with --learned, what a crawl knows of the site's links decides and is said; without it, looks do.
func TestLinksLearned(t *testing.T) {
	web, dir := newWeb(t, demosite.Config{Sites: 1, PerSection: 1}), t.TempDir()
	succeeds(t, web.crawl(dir, "--once")...)
	st, done, err := readStore(t.Context(), serverFlags{dir: dir}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	past := yields.NewPast()
	for i := range 60 {
		past.Note(fmt.Sprintf("https://riverpost.example/offers/ways-to-save-%d", i), "section#partners h3", false)
	}
	p := store.Profile{Site: "riverpost.example"}
	if err = p.Encode(map[string]any{"forms": past.Forms.States(), "blocks": past.Blocks.States()}); err == nil {
		_, err = st.SaveProfile(t.Context(), p)
	}
	done()
	if err != nil {
		t.Fatal(err)
	}
	page := written(t, "partners.html", strings.Replace(linkedPage, "</main>",
		`</main><section id="partners"><h3><a href="/offers/seven-ways-to-save-on-kitchens">Seven ways to save on your next kitchen</a></h3></section>`, 1))
	const offer = "https://riverpost.example/offers/seven-ways-to-save-on-kitchens"
	if got := linksShown(t, page); got[offer] != "article" {
		t.Errorf("by its looks: %q", got[offer])
	}
	out := succeeds(t, "links", "--learned", "--dir", dir, page)
	if !strings.Contains(out, "other    "+offer) || !strings.Contains(out, "of 60 links tried in its block (section#partners h3) none was an article") {
		t.Errorf("learned:\n%s", out)
	}
	fails(t, []string{"links", "--learned", "--dir", t.TempDir(), page}, "--learned: ")
}

// TestLinksOfTheDemoWeb: on its home pages all articles are articles, and all sections sections.
func TestLinksOfTheDemoWeb(t *testing.T) {
	web, err := demosite.New(demosite.Config{Sites: 8, PerSection: 3})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(web)
	t.Cleanup(srv.Close)
	known := map[string]bool{}
	for _, a := range web.Articles() {
		known[a.URL] = true
	}
	for _, s := range web.Sites() {
		known[s.Redirect] = true // to an article
		as := linksShown(t, "--proxy", srv.URL, "--allow-private", s.Home)
		articles := 0
		for url, is := range as {
			if is == "article" != known[url] {
				t.Errorf("%s on %s is %q", url, s.Home, is)
			}
			if is == "article" {
				articles++
			}
		}
		if articles == 0 {
			t.Errorf("no articles on %s: %v", s.Home, as)
		}
	}
}

func TestLinksRefuses(t *testing.T) {
	nameless := written(t, "nameless.html", `<p><a href="/a">A story of the town and its bridge</a></p>`)
	for want, args := range map[string][]string{
		"nothing to look at":                {},
		"name it with --url":                {nameless},
		`--kind "page": give one of home`:   {"--kind", "page", nameless},
		"--url: not an absolute":            {"--url", "n.example", nameless},
		"--url names one page":              {"--url", "https://n.example/", nameless, nameless},
		"a feed was expected, html came":    {"--url", "https://n.example/", "--kind", "feed", nameless},
		"no such file":                      {"/no/such/page.html"},
		"an address begins with http://":    {"n.example"},
		"neither a site file nor the id of": {"--site", "nosuchsite", nameless},
	} {
		out, err := onCommandLine(t, append([]string{"links"}, args...)...)
		if said := out + errorText(err); err == nil || !strings.Contains(said, want) {
			t.Errorf("%v: %q is not in %s", args, want, said)
		}
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(gone.Close)
	if out, err := onCommandLine(t, "links", "--allow-private", gone.URL+"/news"); !errors.Is(err, errReported) || !strings.Contains(out, "404") {
		t.Errorf("a page that is gone: %v, %s", err, out)
	}
	routes := http.NewServeMux()
	routes.Handle("/news", http.RedirectHandler("http://elsewhere.example/news", http.StatusMovedPermanently))
	moved := httptest.NewServer(routes)
	t.Cleanup(moved.Close)
	if out, err := onCommandLine(t, "links", "--allow-private", moved.URL+"/news"); !errors.Is(err, errReported) ||
		!strings.Contains(out, "it redirects to another site, http://elsewhere.example/news: name that address") {
		t.Errorf("a page that moved to another site: %v, %s", err, out)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
