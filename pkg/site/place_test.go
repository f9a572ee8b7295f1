package site

import (
	"cmp"
	"fmt"
	"testing"
)

// TestOwners: of the sites that are known together, a URL belongs to the one with the longest matching host and path.
func TestOwners(t *testing.T) {
	set := NewSet(
		parsed(t, "id: root\nhome: https://www.paper.com/\n"),
		parsed(t, "id: sport\nhome: https://sport.paper.com/\n"),
		parsed(t, "id: ckb\nhome: https://www.paper.com/sorani\n"),
		parsed(t, "id: ar\nhome: https://ar.paper.com/home.aspx\nhosts: [feeds.org, paper-arabic.com]\n"),
		parsed(t, "id: other\nhome: https://other.com/\nhosts: [feeds.org]\n"),
		parsed(t, "id: english\nhome: https://english.other.com/news/\n"),
	)
	for raw, want := range map[string]string{
		"https://paper.com/x":                     "root",
		"https://m.paper.com:8080/x?y":            "root",
		"https://news.paper.com/sorani-music":     "root",
		"https://paper.com/soranian/x":            "root",
		"https://sport.paper.com/sorani":          "sport",
		"https://live.sport.paper.com/":           "sport",
		"https://paper.com/sorani":                "ckb",
		"http://www.paper.com/Sorani/news/2?x=/y": "ckb",
		"https://ar.paper.com/sorani":             "ar",
		"https://www.ar.paper.com/x":              "ar",
		"https://x.paper-arabic.com/":             "ar",
		"https://english.paper.com/":              "", // an edition that nobody named
		"https://a.english.paper.com/":            "",
		"https://other.com/":                      "other",
		"https://english.other.com/":              "", // outside of its path
		"https://english.other.com/news":          "english",
		"https://feeds.org/x":                     "ar,other",
		"https://nobody.com/":                     "",
		"mailto:x@paper.com":                      "",
		"":                                        "",
	} {
		got := ""
		for _, s := range set.All() {
			if s.Owns(raw) {
				got += "," + s.ID
			}
		}
		if got = got[min(1, len(got)):]; got != want {
			t.Errorf("%s belongs to %q; want %q", raw, got, want)
		}
		if of := set.Of(raw); of == nil != (want == "") || of != nil && !of.Owns(raw) {
			t.Errorf("Of(%s) = %v", raw, of)
		}
	}
	if s := set.At("http://paper.com/index.html"); s == nil || s.ID != "root" {
		t.Errorf("the root's other address is that of %v", s)
	}
	if s := set.At("https://paper.com/kurmanji/"); s != nil {
		t.Errorf("an edition that nobody named is %s", s.ID)
	}
	ckb, ar := set.Get("ckb"), set.Get("ar")
	for raw, want := range map[string]bool{
		"https://paper.com/sitemap.xml": true, "https://paper.com/rss/sorani.xml": true, "https://paper.com/sorani/feed": true,
		"https://paper.com/english/feed": false, "https://paper.org/feed": false, "https://ar.paper.com/feed": false,
	} {
		if got := ckb.Serves(raw); got != want {
			t.Errorf("%s may be a file of the site under a path: %v", raw, got)
		}
	}
	if ckb.Other("https://ar.paper.com/x") != ar || ckb.Other("https://paper.com/sorani/x") != nil {
		t.Error("Other does not give the other site")
	}
}

// TestWide: a file of the whole domain may list what is another site's, which is judged by that one's patterns.
func TestWide(t *testing.T) {
	set := NewSet(
		parsed(t, "id: ar\nhome: https://paper.com/ar/\narticles: {include: [^/ar/story/]}\n"),
		parsed(t, "id: en\nhome: https://paper.com/en/\narticles: {include: [^/en/story/]}\n"),
		parsed(t, "id: far\nhome: https://far.com/\n"),
	)
	wide := set.Get("ar").Wide()
	for raw, want := range map[string]Verdict{
		"https://paper.com/ar/story/1": Article, "https://paper.com/en/story/1": Article, "https://paper.com/en/ar/story/": NotArticle,
	} {
		if !wide.Owns(raw) || wide.IsArticle(raw) != want {
			t.Errorf("%s: owned %v, %v", raw, wide.Owns(raw), wide.IsArticle(raw))
		}
	}
	if !wide.Owns("https://paper.com/sitemap-2.xml") || wide.Owns("https://far.com/x") || wide.Owns("https://elsewhere.org/x") {
		t.Error("the whole domain is either not all the site's, or more than that is")
	}
}

// TestMoved: where a page of the site lives, the site goes on, unless that is another one's.
func TestMoved(t *testing.T) {
	set := NewSet(parsed(t, "id: old\nhome: https://old.com/\n"), parsed(t, "id: taken\nhome: https://taken.com/\n"))
	old := set.Get("old")
	if there := old.At("https://www.new.com/2026/x"); !there.Owns("https://new.com/y") || !there.Owns("https://old.com/y") || there.Owns("https://ar.new.com/") {
		t.Error("the site does not go on where it moved to")
	}
	if there := old.At("https://new.com/en/x"); there.Owns("https://new.com/ar/y") || !there.Owns("https://new.com/en/y") {
		t.Error("an edition that it moved to is the whole host")
	}
	if old.At("https://taken.com/x").Owns("https://taken.com/y") || old.Owns("https://new.com/y") {
		t.Error("the site has what is not its own")
	}
}

func TestEditionHome(t *testing.T) {
	for raw, want := range map[string]struct{ edition, domain string }{
		"https://a.com/2026/x":            {"https://a.com/", ""},
		"https://www.a.com/en/2026/x":     {"https://www.a.com/en/", "https://a.com/"},
		"https://www.a.com/ar-IQ/x":       {"https://www.a.com/ar-IQ/", "https://a.com/"},
		"https://www.a.com/en-vogue/x":    {"https://www.a.com/", "https://a.com/"},
		"https://feeds.ar.a.com:8443/rss": {"https://feeds.ar.a.com:8443/", "https://ar.a.com:8443/"},
		"http://127.0.0.1:80/fa/x":        {"http://127.0.0.1:80/fa/", "http://127.0.0.1:80/"},
	} {
		if got := EditionHome(raw); got != want.edition {
			t.Errorf("EditionHome(%s) = %s", raw, got)
		}
		if got, want := DomainHome(raw), cmp.Or(want.domain, want.edition); got != want {
			t.Errorf("DomainHome(%s) = %s; want %s", raw, got, want)
		}
	}
}

// TestEditions: each name of an edition stands for one language, in lower case.
func TestEditions(t *testing.T) {
	for name, language := range editions {
		doc := fmt.Sprintf("id: a\nhome: https://a.com/\nlanguage: %s\n", language)
		if s, problems := parse("x.yaml", []byte(doc)); problems.Err() != nil || Edition(name) != s.Language {
			t.Errorf("%s is %q: %v", name, language, problems)
		}
	}
	if len(editions) < 50 || editions["#"] != "" {
		t.Errorf("%d names", len(editions))
	}
}

// TestPatternsWithHosts: a pattern with two slashes is held against the whole URL, others against path and query alone.
func TestPatternsWithHosts(t *testing.T) {
	s := parsed(t, `
id: a
home: https://a.com/
articles:
  include: ['^https?://(www\.)?a\.com/خبر/', ^/story/]
  exclude: ['//video\.']
`)
	for raw, want := range map[string]Verdict{
		"https://a.com/%D8%AE%D8%A8%D8%B1/7":   Article,
		"https://m.a.com/%D8%AE%D8%A8%D8%B1/7": NotArticle,
		"https://m.a.com/story/1":              Article,
		"https://video.a.com/story/1":          NotArticle,
		"https://a.com/x/a.com/story/":         NotArticle,
	} {
		if got := s.IsArticle(raw); got != want {
			t.Errorf("IsArticle(%s) = %v; want %v", raw, got, want)
		}
	}
}

// FuzzPlaces holds any address to: no panic, and one answer to whose it is, whoever is asked.
func FuzzPlaces(f *testing.F) {
	for _, raw := range []string{"https://ar.a.com:80/en/x", "http://[::1]:9/", "https://a.com/%2e%2e/../ar//x?y#z", "//a.com", "https://a.com.", "ar.a.com/en", "http://[::]/"} {
		f.Add(raw)
	}
	set := NewSet(
		&Site{ID: "a", Home: "https://a.com/"}, &Site{ID: "en", Home: "https://a.com/en/"}, &Site{ID: "six", Home: "http://[::1]:9/x/y/z"},
		&Site{ID: "hosts", Home: "https://b.com/", Hosts: []string{"ar.a.com", "c.com:80"}},
	)
	f.Fuzz(func(t *testing.T, raw string) {
		of := set.Of(raw)
		for _, s := range set.All() {
			if s.Owns(raw) && s.Other(raw) != nil || s.Owns(raw) != (of != nil && of.ID == s.ID) || s.Owns(raw) && !s.Serves(raw) {
				t.Errorf("%q: %s owns it %v, and it is of %v", raw, s.ID, s.Owns(raw), of)
			}
			if at := s.At(raw); at.Owns(raw) && s.Other(raw) != nil {
				t.Errorf("%q: %s takes what is another's", raw, s.ID)
			}
		}
		if s, err := FromHome(raw); err == nil && (!idForm.MatchString(s.ID) || !s.Owns(s.Home)) {
			t.Errorf("%q makes %+v", raw, s)
		}
	})
}

func BenchmarkOwns(b *testing.B) {
	set := NewSet(&Site{ID: "a", Home: "https://www.a.com/"}, &Site{ID: "en", Home: "https://www.a.com/en/"})
	a := set.Get("a")
	for b.Loop() {
		if !a.Owns("https://www.a.com/2026/11/27/the-council-of-the-old-town-plans-a-bridge") {
			b.Fatal("not its own")
		}
	}
}
