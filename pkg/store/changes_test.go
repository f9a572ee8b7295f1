package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// follow reads the changes after a token and gives them with the token after them.
func follow(t *testing.T, s *Store, after Token) (changes []Change, end Token) {
	t.Helper()
	end = after
	for c, err := range s.Changes(t.Context(), after) {
		if err != nil {
			t.Fatal(err)
		}
		changes, end = append(changes, c), c.Token
	}
	return changes, end
}

func numberAll(t *testing.T, s *Store) {
	t.Helper()
	if err := s.NumberAll(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func idsOf(changes []Change) []string {
	var ids []string
	for _, c := range changes {
		ids = append(ids, c.Article.ID)
	}
	return ids
}

// TestChanges: what a reader of articles should see is in the list once, with the document as it is, and nothing else is.
func TestChanges(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		read := func(n, version, minute int, more ...func(*article.Article)) Effect {
			a := story(n, version, minute)
			a.URL = done(n, minute).URL
			for _, f := range more {
				f(a)
			}
			return Effect{Page: done(n, minute), Article: a}
		}
		mustCommit(t, s, read(1, 1, 1), read(2, 1, 1))
		if got, _ := follow(t, s, Token{}); len(got) > 0 {
			t.Errorf("not numbered yet: %v", idsOf(got))
		}
		numberAll(t, s)
		got, token := follow(t, s, Token{})
		ids := idsOf(got)
		slices.Sort(ids)
		if !slices.Equal(ids, []string{id(1), id(2)}) || token.Seq != 2 {
			t.Fatalf("%v, to %s", ids, token)
		}
		for _, c := range got {
			a, err := s.Article(t.Context(), c.Article.ID)
			if err != nil || a.Seq != c.Token.Seq || a.UpdatedAt == nil || a.Mark != "" {
				t.Errorf("%+v, %v", a, err)
			}
		}
		again, end := follow(t, s, Token{})
		if !slices.Equal(idsOf(again), idsOf(got)) || end != token {
			t.Errorf("read again: %v", idsOf(again))
		}

		gone := func(n, minute int) Effect {
			p := done(n, minute)
			p.Status, p.Outcome, p.Reason = StatusGone, "gone", "http_404"
			return Effect{Page: p, Gone: &article.Gone{At: at(minute), Reason: "http_404"}}
		}
		for i, step := range []struct {
			about string
			do    func(t *testing.T)
			want  []string
		}{
			{"read again, the same", func(t *testing.T) { mustCommit(t, s, read(1, 1, 5)) }, nil},
			{"listed by another section", func(t *testing.T) {
				mustCommit(t, s, read(1, 1, 6, func(a *article.Article) { a.Sections = []string{"another"} }))
			}, nil},
			{"an edit", func(t *testing.T) { mustCommit(t, s, read(1, 2, 7)) }, []string{id(1)}},
			{"two edits before anybody looks", func(t *testing.T) {
				mustCommit(t, s, read(1, 3, 8))
				mustCommit(t, s, read(1, 4, 9))
			}, []string{id(1)}},
			{"two edits, each in the list", func(t *testing.T) {
				mustCommit(t, s, read(1, 5, 10))
				numberAll(t, s)
				mustCommit(t, s, read(1, 6, 11))
			}, []string{id(1)}},
			{"gone", func(t *testing.T) { mustCommit(t, s, gone(2, 12)) }, []string{id(2)}},
			{"gone, said again", func(t *testing.T) { mustCommit(t, s, gone(2, 12)) }, nil},
			{"back", func(t *testing.T) { mustCommit(t, s, Effect{Page: done(2, 13), Back: true}) }, []string{id(2)}},
			{"a field that was not known", func(t *testing.T) {
				mustCommit(t, s, read(1, 6, 14, func(a *article.Article) { a.Category = "News" }))
			}, []string{id(1)}},
			{"cleaned", func(t *testing.T) {
				was, err := s.Article(t.Context(), id(2))
				if err != nil {
					t.Fatal(err)
				}
				now := was
				now.Text, now.ContentHash = "Cleaned.", "cleaned"
				if n, refused, err := s.UpdateCleaned(t.Context(), []Cleaning{{was, now}}); n != 1 || len(refused) > 0 || err != nil {
					t.Fatal(n, refused, err)
				}
			}, []string{id(2)}},
		} {
			step.do(t)
			numberAll(t, s)
			got, end := follow(t, s, token)
			if !slices.Equal(idsOf(got), step.want) {
				t.Errorf("%d: %s: %v", i, step.about, idsOf(got))
			}
			for _, c := range got {
				a, err := s.Article(t.Context(), c.Article.ID)
				if err != nil || a.Seq != c.Token.Seq || a.Mark != "" || a.Revision != c.Article.Revision || a.Text != c.Article.Text {
					t.Errorf("%s: %+v, %v", step.about, a, err)
				}
			}
			token = end
		}
		if last, err := s.LastChange(t.Context()); err != nil || last.Seq < token.Seq {
			t.Errorf("the end is %s, %v", last, err)
		}
	})
}

// TestNumberAfterDeath: whoever died between adding to the list and saying so in the articles leaves nothing to be given twice or
// left out.
func TestNumberAfterDeath(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		for n := range 5 {
			mustCommit(t, s, Effect{Page: done(n+1, 1), Article: story(n+1, 1, 1)})
		}
		found, err := s.markedArticles(t.Context())
		if err != nil || len(found) != 5 {
			t.Fatal(found, err)
		}
		if _, err := s.place(t.Context(), found[1:3]); err != nil {
			t.Fatal(err)
		}
		first, token := follow(t, s, Token{})
		if len(first) != 2 {
			t.Fatalf("in the list and not numbered: %v", idsOf(first))
		}
		numberAll(t, s)
		rest, token := follow(t, s, token)
		all := append(idsOf(first), idsOf(rest)...)
		slices.Sort(all)
		if !slices.Equal(all, []string{id(1), id(2), id(3), id(4), id(5)}) || token.Seq != 5 {
			t.Errorf("%v, to %s", all, token)
		}
	})
}

// TestFollowWriters: several workers write and several schedulers number while readers follow, each with breaks: each reader gets
// every article's last change, no change twice, and places that only rise.
func TestFollowWriters(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		const articles, writers, versions = 8, 3, 4
		var work sync.WaitGroup
		for w := range writers {
			s := db.open(t)
			work.Go(func() {
				for v := range versions {
					for n := range articles {
						minute := 1 + v*writers + w
						e := Effect{Page: done(n+1, minute), Article: story(n+1, 1+v*writers+w, minute)}
						e.Article.URL = e.Page.URL
						if r, err := s.Commit(t.Context(), []Effect{e}); err != nil || r[0].Err != nil && !errors.Is(r[0].Err, ErrConflict) {
							t.Error(err, r)
						}
					}
				}
			})
		}
		written := make(chan struct{})
		var numbering, readers sync.WaitGroup
		for range 2 {
			s := db.open(t)
			numbering.Go(func() {
				for !isClosed(written) {
					if _, err := s.Number(t.Context()); err != nil && !errors.Is(err, ErrConflict) {
						t.Error(err)
					}
				}
			})
		}
		numbered := make(chan struct{})
		got := make([]map[string]Change, 2)
		for r := range got {
			s := db.open(t)
			got[r] = make(map[string]Change)
			readers.Go(func() {
				for last := (Token{}); ; {
					done := isClosed(numbered)
					kept, err := ParseToken(last.String())
					if err == nil {
						err = s.CheckToken(t.Context(), kept)
					}
					read := 0
					for c, e := range s.Changes(t.Context(), kept) {
						if err = errors.Join(err, e); e != nil {
							break
						}
						if c.Token.Seq <= last.Seq {
							err = fmt.Errorf("%s after %s", c.Token, last)
						}
						got[r][c.Article.ID], last = c, c.Token
						if read++; read == 7+r {
							break // and begins anew there
						}
					}
					if err != nil {
						t.Error(err)
						return
					}
					if done && read == 0 {
						return
					}
				}
			})
		}
		work.Wait()
		close(written)
		numbering.Wait()
		s := db.open(t)
		numberAll(t, s)
		close(numbered)
		readers.Wait()
		for r := range got {
			if len(got[r]) != articles {
				t.Errorf("reader %d has %d articles: %v", r, len(got[r]), slices.Sorted(maps.Keys(got[r])))
			}
			for key, c := range got[r] {
				a, err := s.Article(t.Context(), key)
				if err != nil || a.Mark != "" || a.Seq != c.Token.Seq || a.Text != c.Article.Text || a.Revision != c.Article.Revision {
					t.Errorf("reader %d: article %s is at %d with mark %q, and was read at %s; %v", r, key, a.Seq, a.Mark, c.Token, err)
				}
			}
		}
	})
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// TestToken: a token of another database, and one of this one before it was put back to an earlier state, are refused, and say why.
func TestToken(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		mustCommit(t, s, Effect{Page: done(1, 1), Article: story(1, 1, 1)})
		numberAll(t, s)
		_, token := follow(t, s, Token{})
		if err := s.CheckToken(t.Context(), token); err != nil {
			t.Error(err)
		}
		for text, want := range map[string]string{
			"42-" + newMark(): "beyond the end of database",
			"1-" + newMark():  "another database's than",
		} {
			token, err := ParseToken(text)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.CheckToken(t.Context(), token); !errors.Is(err, ErrToken) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", text, err)
			}
		}
		for _, text := range []string{"", "1", "-", "x-" + newMark(), "0-" + newMark(), "-1-" + newMark(), "1-xyz", token.String() + "0", "2026-11-24"} {
			if _, err := ParseToken(text); !errors.Is(err, ErrToken) {
				t.Errorf("%q: %v", text, err)
			}
		}
		// Put back: the list is empty, whatever was known of its end.
		if _, err := s.changes.DeleteMany(t.Context(), bson.D{}); err != nil {
			t.Fatal(err)
		}
		if err := s.CheckToken(t.Context(), token); !errors.Is(err, ErrToken) {
			t.Error(err)
		}
		if last, err := s.LastChange(t.Context()); err != nil || last != (Token{}) {
			t.Error(last, err)
		}
	})
}

// TestMarkStored: articles of before the list was there are put in it, once.
func TestMarkStored(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		for n := range 3 {
			mustCommit(t, s, Effect{Page: done(n+1, 1), Article: story(n+1, 1, 1)})
		}
		numberAll(t, s)
		_, token := follow(t, s, Token{})
		for _, n := range []int{1, 3} {
			if _, err := s.articles.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: id(n)}},
				bson.D{{Key: "$unset", Value: bson.D{{Key: "seq", Value: ""}, {Key: "updated_at", Value: ""}}}}); err != nil {
				t.Fatal(err)
			}
		}
		for i, want := range []int{2, 0} {
			if n, err := s.MarkStored(t.Context()); n != want || err != nil {
				t.Errorf("%d: %d, %v", i, n, err)
			}
		}
		numberAll(t, s)
		got, _ := follow(t, s, token)
		ids := idsOf(got)
		slices.Sort(ids)
		if !slices.Equal(ids, []string{id(1), id(3)}) || got[0].Article.UpdatedAt == nil {
			t.Error(ids)
		}
	})
}

// TestUnreadableChange: an article that somebody spoilt is named with its place, and the others are given.
func TestUnreadableChange(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		for n := range 3 {
			mustCommit(t, s, Effect{Page: done(n+1, 1), Article: story(n+1, 1, 1)})
			numberAll(t, s)
		}
		if _, err := s.articles.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: id(2)}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "published_at", Value: "yesterday"}}}}); err != nil {
			t.Fatal(err)
		}
		var seqs []int64
		bad := 0
		for c, err := range s.Changes(t.Context(), Token{}) {
			if err != nil && !errors.Is(err, ErrUnreadable) {
				t.Fatal(err)
			}
			if err != nil {
				bad++
			}
			seqs = append(seqs, c.Token.Seq)
		}
		if !slices.Equal(seqs, []int64{1, 2, 3}) || bad != 1 {
			t.Error(seqs, bad)
		}
	})
}

// BenchmarkNumber is what a change costs that is put in the list.
func BenchmarkNumber(b *testing.B) {
	for _, srv := range testServers {
		b.Run(srv.name, func(b *testing.B) {
			s := newDB(b, srv.uri).open(b)
			if srv.tune != nil {
				if err := srv.tune(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			n := 0
			for b.Loop() {
				b.StopTimer()
				effects := make([]Effect, 100)
				for i := range effects {
					n++
					effects[i] = Effect{Page: done(n, 1), Article: fullStory(n)}
				}
				if _, err := s.Commit(b.Context(), effects); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				if err := s.NumberAll(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/article")
		})
	}
}
