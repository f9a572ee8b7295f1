package store

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// TestUpdateCleaned: more articles than one batch of a cursor are read and cleaned in one go, without revisions; those
// that were edited meanwhile are left alone; and doing it again changes nothing.
func TestUpdateCleaned(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		const count = 130
		var effects []Effect
		for n := range count {
			effects = append(effects, Effect{Page: done(n, n), Article: story(n, 1, n)})
		}
		mustCommit(t, s, effects...)
		other := story(1000, 1, 500)
		other.Site = "other.example"
		mustCommit(t, s, Effect{Page: done(1000, 500), Article: other})

		clean := func(since time.Time) (all []Cleaning) {
			t.Helper()
			for a, err := range s.ArticlesFetchedSince(t.Context(), "news.example", since) {
				if err != nil {
					t.Fatal(err)
				}
				now := a
				now.Text, _, _ = strings.Cut(a.Text, "\n\n")
				now.Paragraphs, now.ContentHash = 1, article.HashContent(now.Title, "", now.Text)
				now.Quality = article.Quality{Score: 0.4, Flags: []string{"short"}}
				all = append(all, Cleaning{Was: a, Now: now})
			}
			return all
		}
		if got := clean(at(80)); len(got) != 50 {
			t.Errorf("%d articles since the 80th", len(got))
		}
		all := clean(time.Time{})
		if len(all) != count {
			t.Fatalf("%d articles", len(all))
		}
		mustCommit(t, s, Effect{Page: done(7, 600), Article: story(7, 2, 600)}) // an edit meanwhile
		before := dump(t, s)
		n, _, err := s.UpdateCleaned(t.Context(), all)
		if err != nil || n != count-1 {
			t.Fatalf("%d updated, %v", n, err)
		}
		a, err := s.Article(t.Context(), id(3))
		if err != nil || a.Revision != 1 || a.Text != "Story 3 in version 1." || a.Paragraphs != 1 || !reflect.DeepEqual(a.Quality.Flags, []string{"short"}) {
			t.Errorf("cleaned: %+v, %v", a, err)
		}
		if a, err = s.Article(t.Context(), id(7)); err != nil || a.Revision != 2 || a.Paragraphs != 2 {
			t.Errorf("edited meanwhile: %+v, %v", a, err)
		}
		after := dump(t, s)
		for key := range after {
			if strings.HasPrefix(key, "revisions/") && before[key] == "" {
				t.Errorf("a revision was made: %s", after[key])
			}
		}
		if n, _, err = s.UpdateCleaned(t.Context(), all); err != nil || n != 0 {
			t.Errorf("again: %d updated, %v", n, err)
		}
		if d := diff(after, dump(t, s)); len(d) > 0 {
			t.Errorf("doing it again changed\n%s", strings.Join(d, "\n"))
		}
		// What is fetched then and has the cleaned text is no edit.
		next := all[3].Now
		next.FetchedAt = at(700)
		if got := mustCommit(t, s, Effect{Page: done(3, 700), Article: &next}); got[0].Article != ArticleUnchanged {
			t.Errorf("fetched again: %s", got[0].Article)
		}
	})
}
