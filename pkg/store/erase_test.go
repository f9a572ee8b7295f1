package store

import (
	"slices"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// longStory is a story whose text is long enough to be known by.
func longStory(n, version, minute int) *article.Article {
	a := story(n, version, minute)
	a.Text = strings.Repeat("The council of the town has said what it says each day of the week. ", 5) + a.Text
	a.WordCount = leastWords + 1
	a.ContentHash = article.HashContent(a.Title, "", a.Text)
	return a
}

// TestErase: nothing of what was erased is left but its addresses, no later visit brings it back, at its own address or at another
// one, and readers of the changes are told once.
func TestErase(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		read := func(n, at, version, minute int) Effect {
			a := longStory(n, version, minute)
			p := done(at, minute)
			a.ID, a.URL, a.CanonicalURL = weburl.ID(p.URL), p.URL, p.URL
			p.ID = a.ID
			return Effect{Page: p, Article: a}
		}
		first, other := read(1, 1, 1, 1), read(2, 2, 1, 1)
		mustCommit(t, s, first, other)
		mustCommit(t, s, read(1, 1, 2, 2))
		numberAll(t, s)
		_, token := follow(t, s, Token{})
		stored, err := s.Article(t.Context(), first.Article.ID)
		if err != nil || stored.Revision != 2 {
			t.Fatalf("%+v, %v", stored, err)
		}
		e := ErasureOf(stored)
		e.At, e.By, e.Why = at(3), "somebody", "a letter"
		e.Addresses = append(e.Addresses, "https://news.example/never-seen")
		if err := s.Erase(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		gone := func(about string) {
			t.Helper()
			for key, doc := range dump(t, s) {
				if strings.Contains(doc, "Story 1") || strings.HasPrefix(key, "articles/"+e.ID) {
					t.Errorf("%s: %s is %s", about, key, doc)
				}
			}
			if r, err := s.Revisions(t.Context(), e.ID); err != nil || len(r) > 0 {
				t.Errorf("%s: %d revisions, %v", about, len(r), err)
			}
		}
		gone("erased")
		for _, address := range e.Addresses {
			p, err := s.Page(t.Context(), weburl.ID(address))
			if err != nil || p.Status != StatusExcluded || p.Outcome != outcome.Erased || p.NextAt != nil || p.ArticleID != "" || p.ContentHash != "" {
				t.Errorf("page %s: %+v, %v", address, p, err)
			}
			if n, err := s.Again(t.Context(), []Page{p}, at(4)); n != 0 || err != nil {
				t.Errorf("page %s is due again: %d, %v", address, n, err)
			}
		}
		got, token := follow(t, s, token)
		if len(got) != 1 || !got[0].Erased || got[0].Article.ID != e.ID {
			t.Errorf("changes: %+v", got)
		}

		// A worker had it in hand, the site edits it, and prints it at another address.
		for _, again := range []Effect{read(1, 1, 2, 5), read(1, 1, 3, 6), read(1, 9, 1, 7)} {
			r := mustCommit(t, s, again)
			if r[0].Article != ArticleErased || r[0].Page.Outcome != outcome.Erased || r[0].Page.NextAt != nil {
				t.Errorf("%+v", r[0])
			}
			gone(again.Page.URL)
		}
		claims := read(4, 4, 1, 8) // another text that calls the address of the erased one its own
		claims.Article.CanonicalURL, claims.Address = first.Article.URL, claims.Article.URL
		if r := mustCommit(t, s, claims); r[0].Article != ArticleNew {
			t.Errorf("%+v", r[0])
		}
		if a, err := s.Article(t.Context(), claims.Article.ID); err != nil || a.CanonicalURL != claims.Address {
			t.Errorf("%+v, %v", a, err)
		}
		if r := mustCommit(t, s, read(3, 3, 1, 8), read(2, 2, 2, 8)); r[0].Article != ArticleNew || r[1].Article != ArticleRevised {
			t.Errorf("others: %v", changes(r))
		}
		if n, err := s.ForgetPages(t.Context(), "news.example"); err != nil || n == 0 {
			t.Errorf("%d, %v", n, err)
		}
		if p, err := s.Page(t.Context(), e.ID); err != nil || p.Outcome != outcome.Erased {
			t.Errorf("forgotten: %+v, %v", p, err)
		}

		// Once more, by somebody else, and by a scheduler.
		e.By = "somebody else"
		if err := s.Erase(t.Context(), e); err != nil {
			t.Error(err)
		}
		if n, err := s.FinishErasures(t.Context(), at(9)); n != 0 || err != nil {
			t.Error(n, err)
		}
		numberAll(t, s)
		for _, c := range first2(follow(t, s, token)) {
			if c.Erased || c.Article.ID == e.ID {
				t.Errorf("told again: %+v", c)
			}
		}
		all, err := s.Erasures(t.Context())
		if err != nil || len(all) != 1 || all[0].By != "somebody" || all[0].DoneAt == nil || !slices.Equal(all[0].Addresses, e.Addresses) {
			t.Errorf("%+v, %v", all, err)
		}
	})
}

func first2(changes []Change, _ Token) []Change { return changes }

// TestEraseBrokenOff: what was begun is completed by the scheduler, wherever it was broken off, and what a worker stored a moment
// later is erased as well.
func TestEraseBrokenOff(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		for n := range 3 {
			mustCommit(t, s, Effect{Page: done(n+1, 1), Article: longStory(n+1, 1, 1)})
		}
		for n := range 2 {
			a, err := s.Article(t.Context(), id(n+1))
			if err != nil {
				t.Fatal(err)
			}
			e := ErasureOf(a)
			e.At, e.Mark = at(2), newMark()
			if _, err := s.erasures.InsertOne(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			if n == 1 {
				if err := s.buryIdentities(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n, err := s.FinishErasures(t.Context(), at(3)); n != 2 || err != nil {
			t.Fatal(n, err)
		}
		late := firstVersion(*longStory(1, 1, 1))
		if _, err := s.articles.InsertOne(t.Context(), late); err != nil {
			t.Fatal(err)
		}
		if n, err := s.FinishErasures(t.Context(), at(4)); n != 0 || err != nil {
			t.Error(n, err)
		}
		if left, err := s.CountArticles(t.Context(), ArticleFilter{}); left != 1 || err != nil {
			t.Errorf("%d articles, %v", left, err)
		}
		numberAll(t, s)
		got, _ := follow(t, s, Token{})
		if len(got) != 3 || slices.IndexFunc(got, func(c Change) bool { return c.Erased == (c.Article.ID == id(3)) }) >= 0 {
			t.Errorf("%+v", got)
		}
	})
}
