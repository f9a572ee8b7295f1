package store

import (
	"slices"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// TestGone: an article whose page is no more is marked and nothing else; the mark goes when the page is there again, read or not.
func TestGone(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		first := story(1, 1, 1)
		first.URL = done(1, 1).URL
		mustCommit(t, s, Effect{Page: done(1, 1), Article: first})
		stored := func() article.Article {
			t.Helper()
			a, err := s.Article(t.Context(), id(1))
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		gone := func(minute int) Effect {
			p := done(1, minute)
			p.Status, p.Outcome, p.Reason = StatusGone, "gone", "http_404"
			return Effect{Page: p, Gone: &article.Gone{At: at(minute), Reason: "http_404"}}
		}
		mustCommit(t, s, gone(5))
		a := stored()
		if a.Gone == nil || !a.Gone.At.Equal(at(5)) || a.Gone.Reason != "http_404" || a.Text != first.Text || a.Revision != 1 {
			t.Fatalf("%+v", a)
		}
		before := dump(t, s)
		other := gone(6)
		other.Page.ID, other.Page.URL = id(2), "https://news.example/2" // another address of the article
		mustCommit(t, s, gone(5), other)
		after := dump(t, s)
		delete(after, "pages/"+id(2))
		if d := diff(before, after); len(d) > 0 {
			t.Errorf("again:\n%s", strings.Join(d, "\n"))
		}

		mustCommit(t, s, Effect{Page: done(1, 7), Back: true})
		if a = stored(); a.Gone != nil || a.ReturnedAt == nil || !a.ReturnedAt.Equal(at(7)) {
			t.Errorf("not modified: %+v", a)
		}
		for i, version := range []int{1, 2} { // as it was, and edited meanwhile
			minute := 20 + 10*i
			mustCommit(t, s, gone(minute))
			next := story(1, version, minute+1)
			next.URL = first.URL
			mustCommit(t, s, Effect{Page: done(1, minute+1), Article: next})
			if a = stored(); a.Gone != nil || a.ReturnedAt == nil || !a.ReturnedAt.Equal(at(minute+1)) || a.Revision != version {
				t.Errorf("version %d is back: %+v", version, a)
			}
		}
	})
}

// TestRevisionSays what an edit changed, and that what is none leaves no revision.
func TestRevisionSays(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		minute := 0
		read := func(change func(e *Effect)) ArticleChange {
			t.Helper()
			minute++
			e := Effect{Page: done(1, minute), Article: story(1, 1, minute)}
			change(&e)
			e.Article.ContentHash = article.HashContent(e.Article.Title, e.Article.Subtitle, e.Article.Text)
			return mustCommit(t, s, e)[0].Article
		}
		text := func(text string) func(*Effect) { return func(e *Effect) { e.Article.Text = text } }
		const v1 = "Story 1 is here. It has two paragraphs.\n\nThis is the second."
		read(text(v1))
		for about, c := range map[string]func(*Effect){
			"typography": text(strings.ReplaceAll(v1, " ", "\u00a0")),
			"a counter":  text(v1 + "\n\n12 views"),
			"the same page, cleaned of what is known now": func(e *Effect) { e.Article.Text, e.Same = "Story 1 is here. It has two paragraphs.", true },
			"what the template repeats": func(e *Effect) {
				e.Article.Text, e.Template = "Story 1 is here. It has two paragraphs.", template("\n\nThis is the second.")
			},
		} {
			if got := read(c); got != ArticleUnchanged {
				t.Errorf("%s: %s", about, got)
			}
		}
		if got := read(func(e *Effect) {
			e.Article.Text, e.Article.Authors = "Story 1 is here. It has three paragraphs.", []string{"A"}
		}); got != ArticleRevised {
			t.Fatal(got)
		}
		read(func(e *Effect) {
			e.Article.Text, e.Article.Authors = "Story 1 is here. It has three paragraphs.", []string{"B"}
		})
		revs, err := s.Revisions(t.Context(), id(1))
		want := []article.Change{
			{Kind: article.ChangeChanged, Before: "It has two paragraphs.", After: "It has three paragraphs.", Paragraph: 1},
			{Kind: article.ChangeRemoved, Before: "This is the second.", Paragraph: 2},
		}
		if err != nil || len(revs) != 2 || !slices.Equal(revs[0].Changes, want) || !slices.Equal(revs[0].Fields, []string{"text"}) || revs[0].Rewritten ||
			!slices.Equal(revs[1].Fields, []string{"authors"}) || revs[1].Changes != nil || revs[1].Authors[0] != "A" {
			t.Errorf("%+v, %v", revs, err)
		}
	})
}

// template is a site's that repeats one line.
type template string

func (l template) Clean(_, text string) (string, int) {
	return strings.Replace(text, string(l), "", 1), strings.Count(text, string(l))
}
