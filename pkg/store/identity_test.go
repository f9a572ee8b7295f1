package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// prose is a text of its own for each n, of that many paragraphs.
func prose(n, paragraphs int) string {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	words := strings.Fields("council bridge river town people repair winter storm school market road farmers ministry plan money water library harvest doctors port")
	var ps []string
	for range paragraphs {
		var b strings.Builder
		for range 25 {
			b.WriteString(words[r.IntN(len(words))] + " ")
		}
		ps = append(ps, b.String()+"end.")
	}
	return strings.Join(ps, "\n\n")
}

// reading is a page as it is read.
type reading struct {
	url, claim string // claim: what it calls its own address; "" for nothing
	to         string // where it redirects; "" for nowhere
	title      string
	text       string
	day        int  // of publication; 0: not said
	section    bool // it lists articles
}

// effect is what the worker makes of a reading at minute n.
func (r reading) effect(n int) Effect {
	p := Page{ID: weburl.ID(r.url), URL: r.url, Site: "news.example", Kind: KindArticle, Lane: "news.example", Priority: 1, DiscoveredAt: at(0),
		Status: StatusDone, NextAt: ptr(at(9999)), Outcome: outcome.OK, FetchedAt: ptr(at(n))}
	if r.section {
		p.Kind = KindListing
		return Effect{Page: p}
	}
	address := r.url
	if r.to != "" {
		address = r.to
	}
	a := &article.Article{ID: weburl.ID(address), URL: r.url, CanonicalURL: address, Site: p.Site, Title: r.title, Text: r.text, WordCount: len(strings.Fields(r.text)),
		ContentHash: article.HashContent(r.title, "", r.text), Quality: article.Quality{Score: 1}, FetchedAt: at(n), Extractor: article.Extractor{Version: "1"}}
	if r.claim != "" {
		a.CanonicalURL = r.claim
	}
	if r.day > 0 {
		a.PublishedAt, a.Published = ptr(at(24*60*r.day)), &article.Provenance{Source: "text", Precision: article.PrecisionMinute}
	}
	return Effect{Page: p, Article: a, Address: address}
}

// visit commits readings as the worker does: with what the page was known as.
func visit(t testing.TB, s *Store, n int, all ...reading) []EffectResult {
	t.Helper()
	effects := make([]Effect, len(all))
	for i, r := range all {
		effects[i] = r.effect(n)
		if p, err := s.Page(context.Background(), effects[i].Page.ID); err == nil {
			effects[i].Before = p.ArticleID
		}
	}
	results, err := s.Commit(context.Background(), effects)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Err != nil {
			t.Fatalf("%s: %v", all[i].url, r.Err)
		}
	}
	return results
}

// stored is all articles, in lines such as "canonical < alias alias: title".
func stored(t testing.TB, s *Store) []string {
	t.Helper()
	var out []string
	for a, err := range s.Articles(context.Background(), ArticleFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		addresses := slices.Concat([]string{a.URL}, a.Aliases)
		addresses = slices.DeleteFunc(addresses, func(u string) bool { return u == a.CanonicalURL })
		slices.Sort(addresses)
		line := strings.Join(slices.Concat([]string{a.CanonicalURL, "<"}, addresses), " ") + ": " + a.Title
		if slices.Contains(a.Quality.Flags, article.FlagWrongCanonical) {
			line += " !"
		}
		if a.Revision != 1 {
			line += fmt.Sprintf(" (revision %d)", a.Revision)
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}

// permutations calls f with every order of n things.
func permutations(n int, f func([]int)) {
	order := make([]int, 0, n)
	var next func()
	next = func() {
		if len(order) == n {
			f(slices.Clone(order))
			return
		}
		for i := range n {
			if !slices.Contains(order, i) {
				order = append(order, i)
				next()
				order = order[:len(order)-1]
			}
		}
	}
	next()
}

const (
	web  = "http://news.example"
	long = 6 // paragraphs
)

// weighed are pages and the articles that they are, in whatever order they are read. "*" stands for an address that depends
// on the order.
var weighed = map[string]struct {
	pages []reading
	want  []string
}{
	"www, bare and https are one": {
		[]reading{
			{url: web + "/a", title: "A", text: prose(1, long)},
			{url: "http://www.news.example/a/", title: "A", text: prose(1, long)},
			{url: "https://news.example/a", title: "A", text: prose(1, long)},
		},
		[]string{"* < * *: A"},
	},
	"short texts at forms of one address are one": {
		[]reading{{url: web + "/a", title: "A", text: "Watch."}, {url: "https://www.news.example/a", title: "A", text: "Watch."}},
		[]string{"* < *: A"},
	},
	"two sections' paths are one": {
		[]reading{
			{url: web + "/news/123-a", title: "A", text: prose(1, long)},
			{url: web + "/sport/123-a", title: "A", text: prose(1, long), claim: web + "/sport/123-a"},
		},
		[]string{"* < *: A"},
	},
	"AMP and print are forms": {
		[]reading{
			{url: web + "/2026/a", title: "The bridge is open", text: prose(1, long)},
			{url: web + "/2026/a/amp", title: "The bridge is open", text: prose(1, long-1), claim: web + "/2026/a"},
			{url: web + "/print.php?id=7", title: "The bridge is open", text: prose(1, long) + "\n\nPrinted.", claim: web + "/2026/a"},
		},
		[]string{web + "/2026/a < " + web + "/2026/a/amp " + web + "/print.php?id=7: The bridge is open"},
	},
	"a claim of which nothing is known": {
		[]reading{{url: web + "/?p=7", title: "A", text: prose(1, long), claim: web + "/2026/a"}},
		[]string{web + "/2026/a < " + web + "/?p=7: A"},
	},
	"two forms claim an address that is never read": {
		[]reading{
			{url: web + "/?p=7", title: "A", text: prose(1, long), claim: web + "/2026/a"},
			{url: web + "/node/7", title: "A", text: prose(1, long), claim: web + "/2026/a"},
		},
		[]string{web + "/2026/a < " + web + "/?p=7 " + web + "/node/7: A"},
	},
	"texts that claim one address": {
		[]reading{
			{url: web + "/1", title: "A", text: prose(1, long), claim: web + "/all"},
			{url: web + "/2", title: "B", text: prose(2, long), claim: web + "/all"},
			{url: web + "/3", title: "C", text: prose(3, long), claim: web + "/all"},
		},
		[]string{web + "/1 <: A !", web + "/2 <: B !", web + "/3 <: C !"},
	},
	"short texts that claim one address": {
		[]reading{
			{url: web + "/1", title: "A", text: "Gold is up.", claim: web + "/all"},
			{url: web + "/2", title: "B", text: "Gold is down.", claim: web + "/all"},
		},
		[]string{web + "/1 <: A !", web + "/2 <: B !"},
	},
	"the address of another text": {
		[]reading{
			{url: web + "/1", title: "A", text: prose(1, long), claim: web + "/3"},
			{url: web + "/2", title: "B", text: prose(2, long), claim: "https://www.news.example/3/"},
			{url: web + "/3", title: "C", text: prose(3, long), claim: web + "/3"},
		},
		[]string{web + "/1 <: A !", web + "/2 <: B !", web + "/3 <: C"},
	},
	"another address of another text": {
		[]reading{
			{url: web + "/2026/a", title: "A", text: prose(1, long), claim: web + "/2026/a"},
			{url: web + "/sport/a", title: "A", text: prose(1, long), claim: web + "/2026/a"},
			{url: web + "/b", title: "B", text: prose(2, long), claim: web + "/sport/a"},
		},
		[]string{web + "/2026/a < " + web + "/sport/a: A", web + "/b <: B !"},
	},
	"the address of a section": {
		[]reading{
			{url: web + "/1", title: "A", text: prose(1, long), claim: web + "/politics"},
			{url: "http://www.news.example/politics/", section: true},
			{url: web + "/2", title: "B", text: prose(2, long), claim: web + "/politics/"},
		},
		[]string{web + "/1 <: A !", web + "/2 <: B !"},
	},
	"only the claimant of a section": {
		[]reading{
			{url: web + "/1", title: "A", text: prose(1, long), claim: web + "/politics"},
			{url: web + "/politics", section: true},
		},
		[]string{web + "/1 <: A !"},
	},
	"short texts at addresses of their own": {
		[]reading{{url: web + "/video/1", title: "Video", text: "Watch it here."}, {url: web + "/video/2", title: "Video", text: "Watch it here."}},
		[]string{web + "/video/1 <: Video", web + "/video/2 <: Video"},
	},
	"a text that is printed again another day": {
		[]reading{{url: web + "/1", title: "A", text: prose(1, long), day: 1}, {url: web + "/2", title: "A", text: prose(1, long), day: 8}},
		[]string{web + "/1 <: A", web + "/2 <: A"},
	},
	"another text at a form of the address": {
		[]reading{{url: web + "/a", title: "A", text: prose(1, long), claim: web + "/a"}, {url: web + "/a/amp", title: "B", text: prose(2, long), claim: web + "/a"}},
		[]string{web + "/a <: A", web + "/a/amp <: B !"},
	},
	"a redirect and its target": {
		[]reading{
			{url: web + "/old", to: web + "/new", title: "A", text: prose(1, long)},
			{url: web + "/new", title: "A", text: prose(1, long)},
			{url: web + "/older", to: web + "/new", title: "A", text: prose(1, long)},
		},
		[]string{web + "/new < " + web + "/old " + web + "/older: A"},
	},
	"the same beginning": {
		[]reading{
			{url: web + "/1", title: "A", text: prose(1, 2) + "\n\n" + prose(2, long), claim: web + "/x"},
			{url: web + "/2", title: "B", text: prose(1, 2) + "\n\n" + prose(3, long), claim: web + "/x"},
		},
		[]string{web + "/1 <: A !", web + "/2 <: B !"},
	},
}

// matches compares lines, "*" being any address.
func matches(got, want []string) bool {
	return slices.EqualFunc(got, want, func(got, want string) bool {
		g, w := strings.Fields(got), strings.Fields(want)
		return slices.EqualFunc(g, w, func(g, w string) bool {
			return g == w || w == "*" && strings.HasPrefix(g, "http") || w == "*:" && strings.HasPrefix(g, "http") && strings.HasSuffix(g, ":")
		})
	})
}

// TestClaims reads the pages in every order, one by one and all in one batch, and again: it makes no difference.
func TestClaims(t *testing.T) {
	for _, srv := range testServers {
		for name, c := range weighed {
			t.Run(srv.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				s := newDB(t, srv.uri).open(t)
				permutations(len(c.pages), func(order []int) {
					for _, together := range []bool{false, true} {
						clear(t, s)
						var pages []reading
						for n, i := range order {
							pages = append(pages, c.pages[i])
							if !together {
								visit(t, s, n, c.pages[i])
							}
						}
						if together {
							visit(t, s, 1, pages...)
						}
						if got := stored(t, s); !matches(got, c.want) {
							t.Errorf("read in order %v, together %v:\n%s\nwant\n%s", order, together, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
						}
						visit(t, s, 10, pages...)
						if got := stored(t, s); !matches(got, c.want) {
							t.Errorf("read in order %v, together %v, and again:\n%s\nwant\n%s", order, together, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
						}
						if n := count(t, s, "revisions"); n != 0 {
							t.Errorf("%d revisions of what nobody edited", n)
						}
					}
				})
			})
		}
	}
}

// TestAliasesEditNothing: a change is an edit where it is seen at the page that the article is read from.
func TestAliasesEditNothing(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		main := reading{url: web + "/a", title: "A", text: prose(1, long)}
		amp := reading{url: web + "/a/amp", title: "A", text: prose(1, long-1), claim: web + "/a"}
		wants := func(about string, revisions int64, want ...string) {
			t.Helper()
			if got := stored(t, s); !slices.Equal(got, want) || count(t, s, "revisions") != revisions {
				t.Errorf("%s:\n%s\nwant\n%s\nwith %d revisions", about, strings.Join(got, "\n"), strings.Join(want, "\n"), revisions)
			}
		}
		visit(t, s, 1, main)
		r := visit(t, s, 2, amp)[0]
		if r.Article != ArticleAlias || r.Page.Reason != outcome.ReasonAlias || r.Page.NextAt != nil || r.Page.ArticleID != weburl.ID(main.url) {
			t.Errorf("the alias: %s, %+v", r.Article, r.Page)
		}
		if p, err := s.Page(t.Context(), r.Page.ID); err != nil || !samePage(p, r.Page) {
			t.Errorf("its page is stored as %+v, %v; reported as %+v", p, err, r.Page)
		}
		wants("an alias with a paragraph less", 0, web+"/a < "+web+"/a/amp: A")

		// An edit that comes to the store after a later visit of the alias is one all the same.
		visit(t, s, 5, amp)
		main.text = prose(1, long-1) + "\n\n" + prose(2, 1)
		if r := visit(t, s, 4, main)[0]; r.Article != ArticleRevised || r.Page.NextAt == nil {
			t.Errorf("an edit: %+v", r)
		}
		visit(t, s, 6, amp, main)
		wants("an edit", 1, web+"/a < "+web+"/a/amp: A (revision 2)")
		if a, err := s.Article(t.Context(), weburl.ID(main.url)); err != nil || a.Text != main.text {
			t.Errorf("the text is the alias's, or %v", err)
		}
		for address, want := range map[string]error{"https://www.news.example/a/": nil, web + "/a/print": nil, web + "/b": ErrNotFound} {
			if got, err := s.ArticleAt(t.Context(), address); !errors.Is(err, want) || err == nil && got.ID != weburl.ID(main.url) {
				t.Errorf("at %s: %s, %v", address, got.ID, err)
			}
		}

		// What was an alias is an article of its own once it has another text.
		amp.title, amp.text = "B", prose(3, long)
		if r := visit(t, s, 7, amp)[0]; r.Article != ArticleNew || r.Page.ArticleID != weburl.ID(amp.url) {
			t.Errorf("another text: %+v", r)
		}
		visit(t, s, 8, main, amp)
		wants("another text", 1, web+"/a < "+web+"/a/amp: A (revision 2)", web+"/a/amp <: B !")

		// Rewritten as a whole: at its own page that is an edit.
		main.title, main.text = "C", prose(4, long)
		visit(t, s, 9, main)
		wants("rewritten", 2, web+"/a < "+web+"/a/amp: C (revision 3)", web+"/a/amp <: B !")
	})
}

// TestRedirectedArticles: a page goes on being its article's where it leads to another form of its address or to the same
// text, and is another one's where it leads to another text.
func TestRedirectedArticles(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		a := reading{url: web + "/a", title: "A", text: prose(1, long)}
		b := reading{url: web + "/b", title: "B", text: prose(2, long)}
		visit(t, s, 1, a, b)
		a.to, a.text = "https://www.news.example/a/", prose(3, long)
		if r := visit(t, s, 2, a)[0]; r.Article != ArticleRevised || r.Page.NextAt == nil {
			t.Errorf("the site moved to https and edited: %+v", r)
		}
		b.to = web + "/2026/b"
		if r := visit(t, s, 2, b)[0]; r.Article != ArticleUnchanged || r.Page.NextAt == nil {
			t.Errorf("the same text elsewhere: %+v", r)
		}
		b.to = a.to
		b.title, b.text = a.title, a.text
		if r := visit(t, s, 3, b)[0]; r.Article != ArticleAlias || r.Page.ArticleID != weburl.ID(a.url) {
			t.Errorf("led to another article: %+v", r)
		}
		a.to, a.title, a.text = web+"/welcome", "W", prose(4, long)
		if r := visit(t, s, 4, a)[0]; r.Article != ArticleNew || r.Page.ArticleID != weburl.ID(a.to) {
			t.Errorf("led to a text that was not known: %+v", r)
		}
		got := stored(t, s)
		want := []string{
			"http://news.example/2026/b < http://news.example/b: B",
			"http://news.example/welcome < http://news.example/a: W",
			"https://www.news.example/a/ < http://news.example/a http://news.example/b: A (revision 2)",
		}
		if !slices.Equal(got, want) {
			t.Errorf("stored:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// TestArticlesOfBefore: articles that were stored under the ids of addresses which they claimed, without identities.
func TestArticlesOfBefore(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		good := reading{url: web + "/?p=1", title: "A", text: prose(1, long), claim: web + "/2026/a"}
		var bad []reading
		for n := range 3 {
			bad = append(bad, reading{url: fmt.Sprintf("%s/x/%d", web, n), title: fmt.Sprint("B", n), text: prose(10+n, long), claim: web + "/x"})
		}
		for _, r := range append([]reading{good}, bad...) {
			e := r.effect(1)
			e.Article.ID = weburl.ID(r.claim)
			e.Page.ArticleID = e.Article.ID
			a := firstVersion(*e.Article)
			if _, err := s.articles.DeleteOne(t.Context(), map[string]any{"_id": a.ID}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.articles.InsertOne(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			if _, err := s.pages.InsertOne(t.Context(), e.Page); err != nil {
				t.Fatal(err)
			}
		}
		good.text += "\n\n" + prose(2, 1)
		visit(t, s, 2, append(bad, good)...)
		got := stored(t, s)
		want := []string{
			web + "/2026/a < " + web + "/?p=1: A (revision 2)",
			web + "/x/0 <: B0 !",
			web + "/x/1 <: B1 !",
			web + "/x/2 <: B2 !",
		}
		if !slices.Equal(got, want) {
			t.Errorf("stored:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// TestClaimsAtOnce has several processes read forms of the same texts, and texts that claim one address, at the same time:
// each text is one article, and no text is lost.
func TestClaimsAtOnce(t *testing.T) {
	const texts, processes = 12, 4
	onServers(t, func(t *testing.T, db testDB) {
		db.open(t) // makes the collections
		var all []reading
		for n := range texts {
			r := reading{title: fmt.Sprint("T", n), text: prose(n, long), claim: web + "/claimed-by-all"}
			for _, form := range []string{"http://news.example/%d", "https://www.news.example/%d", "http://news.example/sport/%d"} {
				r.url = fmt.Sprintf(form, n)
				all = append(all, r)
			}
		}
		var wg sync.WaitGroup
		for p := range processes {
			s := db.open(t)
			wg.Go(func() {
				mine := slices.Clone(all)
				r := rand.New(rand.NewPCG(uint64(p), 2))
				r.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
				for part := range chunks(mine, 5) {
					visit(t, s, 1, part...)
				}
			})
		}
		wg.Wait()
		s := db.open(t)
		visit(t, s, 2, all...)
		visit(t, s, 3, all...)
		canonical := make(map[string]bool)
		titles := make(map[string]int)
		for a, err := range s.Articles(t.Context(), ArticleFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			titles[a.Title]++
			if canonical[a.CanonicalURL] || a.CanonicalURL == web+"/claimed-by-all" || len(a.Aliases) != 2 || a.Revision != 1 {
				t.Errorf("%s at %s, revision %d, aliases %v", a.Title, a.CanonicalURL, a.Revision, a.Aliases)
			}
			canonical[a.CanonicalURL] = true
		}
		for n := range texts {
			if title := fmt.Sprint("T", n); titles[title] != 1 {
				t.Errorf("%s is stored %d times", title, titles[title])
			}
		}
	})
}

// clear empties the collections.
func clear(t testing.TB, s *Store) {
	t.Helper()
	for _, c := range []string{"pages", "articles", "revisions", "identities"} {
		if _, err := s.db.Collection(c).DeleteMany(context.Background(), map[string]any{}); err != nil {
			t.Fatal(err)
		}
	}
}

func count(t testing.TB, s *Store, collection string) int64 {
	t.Helper()
	n, err := s.db.Collection(collection).CountDocuments(context.Background(), map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
