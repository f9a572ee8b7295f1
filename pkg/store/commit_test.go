package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/likeness"
)

// story is an article for tests: version v of number n, fetched at minute fetched.
func story(n, v, fetched int) *article.Article {
	text := fmt.Sprintf("Story %d in version %d.\n\nIt has two paragraphs.", n, v)
	return &article.Article{
		ID: id(n), URL: fmt.Sprintf("https://news.example/%d?x", n), CanonicalURL: fmt.Sprintf("https://news.example/%d", n),
		Site: "news.example", Sections: []string{"front"}, Language: "ar", Title: "خبر", Text: text, Paragraphs: 2,
		PublishedAt: ptr(at(-60)), Published: &article.Provenance{Source: "json-ld", Precision: article.PrecisionMinute, Zone: "Asia/Baghdad"},
		ContentHash: article.HashContent("خبر", "", text),
		Quality:     article.Quality{Score: 0.5}, FetchedAt: at(fetched), Extractor: article.Extractor{Version: "1", Method: "dom"},
	}
}

// done is page n's state after a fetch at minute fetched.
func done(n, fetched int) Page {
	p := duePage(n, 0)
	p.Status, p.NextAt, p.Outcome, p.FetchedAt = StatusDone, nil, "ok", ptr(at(fetched))
	p.HTTP = &HTTP{Status: 200, ETag: `"e"`, ContentType: "text/html; charset=utf-8", Bytes: 1234}
	p.ArticleID = id(n)
	return p
}

func mustCommit(t *testing.T, s *Store, effects ...Effect) []EffectResult {
	t.Helper()
	results, err := s.Commit(t.Context(), effects)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range results {
		if r.Err != nil {
			t.Fatalf("effect %d: %v", i, r.Err)
		}
	}
	return results
}

func changes(results []EffectResult) []ArticleChange {
	var out []ArticleChange
	for _, r := range results {
		out = append(out, r.Article)
	}
	return out
}

func TestCommit(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		if _, _, err := s.EnsurePages(t.Context(), []Page{duePage(1, 1)}); err != nil {
			t.Fatal(err)
		}
		effects := []Effect{
			{Page: done(1, 1), Article: story(1, 1, 1), Seen: []Page{duePage(1, 9), duePage(10, 9), duePage(11, 9)}},
			{Page: done(2, 1), Seen: []Page{duePage(11, 9), duePage(12, 9)}},
		}
		results := mustCommit(t, s, effects...)
		if results[0].Article != ArticleNew || results[1].Article != ArticleNone {
			t.Errorf("articles: %v", changes(results))
		}
		slices.Sort(results[0].CreatedPages)
		if !slices.Equal(results[0].CreatedPages, []string{id(10), id(11)}) || !slices.Equal(results[1].CreatedPages, []string{id(12)}) {
			t.Errorf("created %v and %v", results[0].CreatedPages, results[1].CreatedPages)
		}
		want := *story(1, 1, 1)
		want.Revision, want.FirstSeenAt, want.StoredAt, want.SchemaVersion = 1, at(1), results[0].StoredAt, article.SchemaVersion
		got, err := s.Article(t.Context(), id(1))
		want.UpdatedAt, want.Mark, want.TextHash = want.StoredAt, got.Mark, likeness.Read(want.Text).Hash()
		if err != nil || got.Mark == "" || !sameArticle(got, want) {
			t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
		}
		if p, err := s.Page(t.Context(), id(1)); err != nil || !samePage(p, done(1, 1)) {
			t.Errorf("page: %+v, %v", p, err)
		}
		if p, err := s.Page(t.Context(), id(2)); err != nil || !samePage(p, done(2, 1)) {
			t.Errorf("a page that was not there: %+v, %v", p, err)
		}

		before := dump(t, s)
		results = mustCommit(t, s, effects...)
		if results[0].Article != ArticleUnchanged || len(results[0].CreatedPages)+len(results[1].CreatedPages) != 0 {
			t.Errorf("again: %+v", results)
		}
		if d := diff(before, dump(t, s)); len(d) > 0 {
			t.Errorf("committing again changed\n%s", strings.Join(d, "\n"))
		}
	})
}

func sameArticle(a, b article.Article) bool {
	for _, x := range []*article.Article{&a, &b} {
		*x = normalArticle(*x)
	}
	return reflect.DeepEqual(a, b)
}

// TestCommitState is about what of a page a commit replaces, removes and keeps.
func TestCommitState(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		first := duePage(1, 1)
		first.Section, first.Depth, first.DiscoveredFrom, first.Run = "politics", 3, id(9), "r1"
		if _, _, err := s.EnsurePages(t.Context(), []Page{first}); err != nil {
			t.Fatal(err)
		}
		won, err := s.Claim(t.Context(), []Page{first}, at(30))
		if err != nil || len(won) != 1 {
			t.Fatal(won, err)
		}
		failed := Page{ID: id(1), Status: StatusDue, NextAt: ptr(at(20)), Attempts: 2, Outcome: "retry", Reason: "timeout", LastError: "dial: timeout"}
		mustCommit(t, s, Effect{Page: failed})
		got, err := s.Page(t.Context(), id(1))
		want := first
		want.NextAt, want.Attempts, want.Outcome, want.Reason, want.LastError = failed.NextAt, 2, "retry", "timeout", "dial: timeout"
		want.Claim = got.Claim
		if err != nil || !samePage(got, want) || got.Claim == "" {
			t.Fatalf("got  %+v, %v\nwant %+v", got, err, want)
		}
		mustCommit(t, s, Effect{Page: Page{ID: id(1), Status: StatusGone, Outcome: "gone", Priority: 2, FetchedAt: ptr(at(5))}})
		want.Status, want.NextAt, want.Attempts, want.Outcome, want.Reason, want.LastError = StatusGone, nil, 0, "gone", "", ""
		want.Priority, want.FetchedAt = 2, ptr(at(5))
		if got, err := s.Page(t.Context(), id(1)); err != nil || !samePage(got, want) {
			t.Fatalf("got  %+v, %v\nwant %+v", got, err, want)
		}
		mustCommit(t, s, Effect{Page: done(1, 3)}, Effect{Page: Page{ID: id(1), Status: StatusDead}})
		if got, err := s.Page(t.Context(), id(1)); err != nil || got.Status != StatusDead {
			t.Fatalf("of two states in one commit the later one counts: %+v, %v", got, err)
		}
	})
}

func TestCommitEdits(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		v1 := story(1, 1, 1)
		v1.Authors = []string{"A"}
		mustCommit(t, s, Effect{Page: done(1, 1), Article: v1})

		// The same text: the time, a further section, and metadata that was missing.
		same := story(1, 1, 2)
		same.Sections, same.Authors, same.Tags, same.Country = []string{"sport"}, nil, []string{"x"}, "IQ"
		if got := changes(mustCommit(t, s, Effect{Page: done(1, 2), Article: same})); got[0] != ArticleUnchanged {
			t.Fatalf("the same text: %v", got)
		}
		got, err := s.Article(t.Context(), id(1))
		if err != nil || got.Revision != 1 || !got.FetchedAt.Equal(at(2)) || !got.FirstSeenAt.Equal(at(1)) ||
			!slices.Equal(got.Sections, []string{"front", "sport"}) || !slices.Equal(got.Authors, []string{"A"}) ||
			!slices.Equal(got.Tags, []string{"x"}) || got.Country != "IQ" {
			t.Fatalf("%+v, %v", got, err)
		}

		// Somebody else's field, which an edit leaves alone.
		if _, err := s.articles.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: id(1)}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "topic", Value: "water"}}}}); err != nil {
			t.Fatal(err)
		}
		v2 := story(1, 2, 3)
		if got := changes(mustCommit(t, s, Effect{Page: done(1, 3), Article: v2})); got[0] != ArticleRevised {
			t.Fatalf("an edit: %v", got)
		}
		got, err = s.Article(t.Context(), id(1))
		if err != nil || got.Revision != 2 || got.Text != v2.Text || got.Authors != nil || !got.FirstSeenAt.Equal(at(1)) ||
			!slices.Equal(got.Sections, []string{"front", "sport"}) {
			t.Fatalf("%+v, %v", got, err)
		}
		var raw bson.M
		if err := s.articles.FindOne(t.Context(), bson.D{{Key: "_id", Value: id(1)}}).Decode(&raw); err != nil || raw["topic"] != "water" {
			t.Fatalf("topic: %v, %v", raw["topic"], err)
		}
		revs, err := s.Revisions(t.Context(), id(1))
		if err != nil || len(revs) != 1 || revs[0].ID != id(1)+".1" || revs[0].Text != v1.Text || !revs[0].ReplacedAt.Equal(at(3)) ||
			!slices.Equal(revs[0].Authors, []string{"A"}) || !revs[0].FetchedAt.Equal(at(2)) {
			t.Fatalf("%+v, %v", revs, err)
		}

		// What was fetched before the stored version changes nothing, however late it is committed.
		before := dump(t, s)
		if got := changes(mustCommit(t, s, Effect{Page: done(1, 3), Article: v1})); got[0] != ArticleUnchanged {
			t.Fatalf("an old version: %v", got)
		}
		if d := diff(before, dump(t, s)); len(d) > 0 {
			t.Fatalf("an old version changed\n%s", strings.Join(d, "\n"))
		}

		// Several versions in one commit take their turns.
		results := mustCommit(t, s,
			Effect{Page: done(2, 5), Article: story(2, 1, 5)}, Effect{Page: done(1, 5), Article: story(1, 3, 5)},
			Effect{Page: done(3, 6), Article: story(2, 1, 6)}, Effect{Page: done(1, 6), Article: story(1, 4, 6)},
			Effect{Page: done(4, 7), Article: story(2, 2, 7)})
		want := []ArticleChange{ArticleNew, ArticleRevised, ArticleUnchanged, ArticleRevised, ArticleRevised}
		if !slices.Equal(changes(results), want) {
			t.Fatalf("got %v, want %v", changes(results), want)
		}
		for n, revisions := range map[int]int{1: 3, 2: 1} {
			revs, err := s.Revisions(t.Context(), id(n))
			a, aerr := s.Article(t.Context(), id(n))
			if err != nil || aerr != nil || len(revs) != revisions || a.Revision != revisions+1 {
				t.Fatalf("article %d: %d revisions, at %d: %v, %v", n, len(revs), a.Revision, err, aerr)
			}
		}
	})
}

// TestCommitConcurrentEdits has several workers commit different versions of one article at once: each version but the
// last one stored is a revision, or was older than what it met.
func TestCommitConcurrentEdits(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		const workers = 4
		first := db.open(t)
		mustCommit(t, first, Effect{Page: done(1, 0), Article: story(1, 0, 0)})
		var revised atomic.Int64
		var wg sync.WaitGroup
		for w := range workers {
			s := db.open(t)
			wg.Go(func() {
				r, err := s.Commit(t.Context(), []Effect{{Page: done(100+w, w+1), Article: story(1, w+1, w+1)}})
				if err != nil || r[0].Err != nil {
					t.Error(err, r)
				} else if r[0].Article == ArticleRevised {
					revised.Add(1)
				}
			})
		}
		wg.Wait()
		a, err := first.Article(t.Context(), id(1))
		if err != nil || a.Text != story(1, workers, 0).Text || int64(a.Revision) != revised.Load()+1 {
			t.Fatalf("at revision %d after %d edits: %q, %v", a.Revision, revised.Load(), a.Text, err)
		}
		revs, err := first.Revisions(t.Context(), id(1))
		if err != nil || len(revs) != a.Revision-1 {
			t.Fatalf("%d revisions of an article at revision %d, %v", len(revs), a.Revision, err)
		}
		for i, r := range revs {
			if r.Revision != i+1 || i > 0 && !r.FetchedAt.After(revs[i-1].FetchedAt) {
				t.Errorf("revision %d of %d: %d, fetched %v", i+1, len(revs), r.Revision, r.FetchedAt)
			}
		}
	})
}

func TestCommitRefusesOne(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		huge := story(1, 1, 1)
		huge.Text = strings.Repeat("x", 17<<20)
		nameless := story(3, 1, 1)
		nameless.ID = ""
		badSeen := duePage(9, 1)
		badSeen.Status = "somehow"
		badState := done(5, 1)
		badState.Status = "somehow"
		broken := story(6, 1, 1)
		broken.Title = "no \xff UTF-8"
		results, err := s.Commit(t.Context(), []Effect{
			{Page: done(1, 1), Article: huge, Seen: []Page{duePage(20, 1)}},
			{Page: done(2, 1), Article: story(2, 1, 1)},
			{Page: done(3, 1), Article: nameless},
			{Page: done(4, 1), Seen: []Page{badSeen, duePage(21, 1)}},
			{Page: badState},
			{Page: done(6, 1), Article: broken},
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, refused := range []bool{true, false, true, true, true, false} {
			if got := errors.Is(results[i].Err, ErrRefused); got != refused || !refused && results[i].Err != nil {
				t.Errorf("effect %d: refused should be %v: %v", i, refused, results[i].Err)
			}
			if i == 4 {
				continue // there is no page to be found
			}
			if _, err := s.Page(t.Context(), id(i+1)); errors.Is(err, ErrNotFound) != refused {
				t.Errorf("effect %d: its page's state was written, or not: %v", i, err)
			}
		}
		for _, n := range []int{20, 21} {
			if _, err := s.Page(t.Context(), id(n)); err != nil {
				t.Errorf("a new page beside what was refused: %v", err)
			}
		}
		if a, err := s.Article(t.Context(), id(6)); err != nil || a.Title != "no \uFFFD UTF-8" {
			t.Errorf("%q, %v", a.Title, err)
		}
	})
}

// TestCommitCrash ends the connection before, or after, each write of a commit in turn. What is there then must be
// whole, and the same commit again must end where one that ran through would have.
func TestCommitCrash(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		prepare := func(s *Store) {
			if _, _, err := s.EnsurePages(t.Context(), []Page{duePage(1, 1), duePage(2, 1), duePage(3, 1)}); err != nil {
				t.Fatal(err)
			}
			mustCommit(t, s, Effect{Page: done(2, 0), Article: story(2, 1, 0)}, Effect{Page: done(3, 0), Article: story(3, 1, 0)})
		}
		refreshed := story(3, 1, 1)
		refreshed.Sections = []string{"sport"}
		effects := []Effect{
			{Page: done(1, 1), Article: story(1, 1, 1), Seen: []Page{duePage(10, 9), duePage(11, 9)}},
			{Page: done(2, 1), Article: story(2, 2, 1)},
			{Page: done(3, 1), Article: refreshed, Seen: []Page{duePage(12, 9)}},
		}
		whole := db.open(t)
		prepare(whole)
		mustCommit(t, whole, effects...)
		want := dump(t, whole)

		for _, after := range []bool{false, true} {
			for n := 1; ; n++ {
				crashed := newDB(t, db.uri)
				s := crashed.open(t)
				prepare(s)
				ended := crashingCommit(t, crashed, effects, n, after)
				checkWhole(t, s, effects)
				mustCommit(t, s, effects...)
				if d := diff(want, dump(t, s)); len(d) > 0 {
					t.Errorf("crash at write %d (after it: %v), then again:\n%s", n, after, strings.Join(d, "\n"))
				}
				if ended {
					if n < 5 {
						t.Fatalf("the commit had %d writes only; the test looks at the wrong thing", n-1)
					}
					break
				}
			}
		}
	})
}

// crashingCommit commits over a connection that ends at the n-th write. It reports true if there were fewer.
func crashingCommit(t *testing.T, db testDB, effects []Effect, n int, after bool) (ended bool) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var writes atomic.Int64
	isWrite := func(name string) bool { return name == "insert" || name == "update" || name == "delete" }
	hit := func() {
		if writes.Add(1) == int64(n) {
			cancel()
		}
	}
	armed := new(atomic.Bool)
	s := db.openWith(t, Config{monitor: &event.CommandMonitor{
		Started: func(_ context.Context, e *event.CommandStartedEvent) {
			if armed.Load() && !after && isWrite(e.CommandName) {
				hit()
			}
		},
		Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) {
			if armed.Load() && after && isWrite(e.CommandName) {
				hit()
			}
		},
	}})
	armed.Store(true)
	_, err := s.Commit(ctx, effects)
	if err == nil && writes.Load() < int64(n) {
		return true
	}
	if err != nil && !errors.Is(err, context.Canceled) && ctx.Err() == nil {
		t.Fatalf("crash at write %d: %v", n, err)
	}
	return false
}

// checkWhole checks what must hold at any moment: a page's state is the new one only if its article and the pages that
// it links to are there, and an article at revision r has the r-1 revisions before it.
func checkWhole(t *testing.T, s *Store, effects []Effect) {
	t.Helper()
	for _, e := range effects {
		p, err := s.Page(t.Context(), e.Page.ID)
		if err != nil {
			t.Fatal(err)
		}
		a, aerr := s.Article(t.Context(), e.Article.ID)
		if aerr == nil {
			revs, err := s.Revisions(t.Context(), a.ID)
			if err != nil || len(revs) < a.Revision-1 {
				t.Errorf("article %s is at revision %d and has %d revisions, %v", a.ID, a.Revision, len(revs), err)
			}
		}
		if !samePage(p, e.Page) {
			continue
		}
		if aerr != nil || a.ContentHash != e.Article.ContentHash {
			t.Errorf("page %s is done before its article: %v", p.ID, aerr)
		}
		for _, seen := range e.Seen {
			if _, err := s.Page(t.Context(), seen.ID); err != nil {
				t.Errorf("page %s is done before the page that it found: %v", p.ID, err)
			}
		}
	}
}

// TestClaimUndoesNothing: a page that is claimed and finished at the same moment is finished, whichever comes first.
func TestClaimUndoesNothing(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		scheduler, worker := db.open(t), db.open(t)
		const rounds, n = 10, 20
		for round := range rounds {
			var pages []Page
			var effects []Effect
			for i := range n {
				p := duePage(round*n+i, 0)
				pages = append(pages, p)
				effects = append(effects, Effect{Page: done(round*n+i, 1)})
			}
			if _, _, err := scheduler.EnsurePages(t.Context(), pages); err != nil {
				t.Fatal(err)
			}
			claimed := make(chan error)
			go func() {
				_, err := scheduler.Claim(t.Context(), pages, at(1000))
				claimed <- err
			}()
			for _, e := range effects {
				mustCommit(t, worker, e)
			}
			if err := <-claimed; err != nil {
				t.Fatal(err)
			}
			for _, p := range pages {
				if got, err := worker.Page(t.Context(), p.ID); err != nil || got.Status != StatusDone {
					t.Fatalf("a page that was finished is %s, %v", got.Status, err)
				}
			}
		}
	})
}
