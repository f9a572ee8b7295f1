package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/edit"
	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// insertRaw stores a document as it is, whatever it is.
func insertRaw(t *testing.T, s *Store, c *mongo.Collection, doc any, changes ...bson.E) {
	t.Helper()
	d, err := s.toDoc(doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		d = slices.DeleteFunc(d, func(e bson.E) bool { return e.Key == change.Key })
		if change.Value != nil {
			d = append(d, change)
		}
	}
	opts := options.InsertOne()
	if s.caps.Validators {
		opts.SetBypassDocumentValidation(true)
	}
	if _, err := c.InsertOne(t.Context(), d, opts); err != nil {
		t.Fatal(err)
	}
}

// badPages are changes that make a due page useless, each with what is said of it.
var badPages = []struct {
	change bson.E
	says   string
}{
	{bson.E{Key: "attempts", Value: "three"}, "attempts"},
	{bson.E{Key: "kind", Value: "podcast"}, "podcast"},
	{bson.E{Key: "kind", Value: 7}, "kind"},
	{bson.E{Key: "url"}, "url"},
	{bson.E{Key: "url", Value: bson.D{}}, "url"},
	{bson.E{Key: "lane"}, "lane"},
	{bson.E{Key: "v", Value: "two"}, "v"},
	{bson.E{Key: "http", Value: "200"}, "http"},
	{bson.E{Key: "discovered_at", Value: bson.DateTime(math.MaxInt64)}, "year"},
	{bson.E{Key: "_id", Value: "short"}, "_id"},
	{bson.E{Key: "_id", Value: 42}, "_id"},
	{bson.E{Key: "_id", Value: bson.D{{Key: "a", Value: strings.Repeat("x", 5000)}}}, "_id"},
}

// TestDueSetsAside: whatever stands in one page, the others are listed, and it is set aside and told.
func TestDueSetsAside(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		for n, bad := range badPages {
			insertRaw(t, s, s.pages, duePage(n+1, 1), bad.change)
		}
		good := []Page{duePage(100, 2), duePage(101, 3), duePage(102, 4)}
		if _, _, err := s.EnsurePages(t.Context(), good); err != nil {
			t.Fatal(err)
		}
		q := DueQuery{Now: at(10), Limit: 2, Scope: Scope{Sites: []string{"news.example"}}}
		if due, err := s.Due(t.Context(), q); err != nil || !slices.EqualFunc(due, good[:2], samePage) {
			t.Errorf("due: %v, %v; want the first two that can be read", due, err)
		}
		if n, err := s.Outstanding(t.Context(), OutstandingQuery{Scope: q.Scope}); err != nil || n != 3 {
			t.Errorf("outstanding: %d, %v", n, err)
		}
		var told []string
		for p, err := range s.FindPages(t.Context(), PageFilter{Reasons: []outcome.Reason{outcome.ReasonUnreadableStore}}) {
			var u *UnreadableError
			if !errors.As(err, &u) || !errors.Is(err, ErrUnreadable) || p != (Page{}) {
				t.Errorf("%+v, %v", p, err)
				continue
			}
			told = append(told, u.Why)
			if len(u.ID) > maxShownID {
				t.Errorf("an id of %d bytes is shown", len(u.ID))
			}
		}
		for n, bad := range badPages {
			if !slices.ContainsFunc(told, func(why string) bool { return strings.Contains(why, bad.says) }) {
				t.Errorf("nothing says what is wrong with %v: %q", bad.change, told)
			}
			if _, err := s.Page(t.Context(), id(n+1)); bad.change.Key != "_id" && !errors.Is(err, ErrUnreadable) {
				t.Errorf("page with %v: %v", bad.change, err)
			}
		}
		counts, err := s.Counts(t.Context(), CountQuery{})
		aside := int64(0)
		for _, c := range counts {
			if c.Status == StatusAside && c.Reason == outcome.ReasonUnreadableStore {
				aside += c.Count
			}
		}
		if err != nil || aside != int64(len(badPages)) || len(told) != len(badPages) {
			t.Errorf("%d counted and %d listed of %d: %+v, %v", aside, len(told), len(badPages), counts, err)
		}
		if all, err := s.Pages(t.Context(), []string{id(1), id(2), id(100)}); err != nil || len(all) != 1 {
			t.Errorf("pages: %v, %v", all, err)
		}

		// Mended, it is a page again.
		if _, err := s.pages.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: id(1)}}, bson.D{{Key: "$set", Value: bson.D{
			{Key: "attempts", Value: 3}, {Key: "status", Value: StatusDue}, {Key: "next_at", Value: at(0)},
		}}}); err != nil {
			t.Fatal(err)
		}
		if due, err := s.Due(t.Context(), q); err != nil || len(due) == 0 || due[0].ID != id(1) {
			t.Errorf("after it was mended: %v, %v", due, err)
		}
	})
}

// TestSweep finds what Due never lists.
func TestSweep(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		for n, change := range []bson.E{
			{Key: "next_at", Value: "soon"}, {Key: "next_at", Value: "2026-01-02T03:04:05Z"}, {Key: "next_at", Value: int64(1)},
			{Key: "next_at", Value: bson.D{}}, {Key: "site"}, {Key: "site", Value: 5},
		} {
			insertRaw(t, s, s.pages, duePage(n+1, 1), change)
		}
		for n, change := range []bson.E{{Key: "v", Value: 2}, {Key: "status", Value: StatusDone}, {Key: "next_at"}} {
			insertRaw(t, s, s.pages, duePage(n+20, 1), change)
		}
		before := dump(t, s)
		if n, err := s.Outstanding(t.Context(), OutstandingQuery{}); err != nil || n != 2 { // those without a site
			t.Errorf("outstanding before: %d, %v", n, err)
		}
		if got, err := s.Sweep(t.Context()); err != nil || got != (Swept{Aside: 6, Newer: 1, Woken: 1}) {
			t.Errorf("swept %+v, %v", got, err)
		}
		after := dump(t, s)
		for key, doc := range after {
			kept := key[len(key)-2:] >= "14" && key[len(key)-2:] != "16" // 20 and up in hexadecimal, but for the one without a time
			if kept != (doc == before[key]) {
				t.Errorf("%s is now %s", key, doc)
			}
		}
		if due, err := s.Due(t.Context(), DueQuery{Now: time.Now().Add(time.Hour)}); err != nil || !slices.ContainsFunc(due, func(p Page) bool { return p.ID == id(22) }) {
			t.Errorf("the page without a time is not due: %v, %v", due, err)
		}
		if got, err := s.Sweep(t.Context()); err != nil || got.Aside != 0 || got.Woken != 0 {
			t.Errorf("swept again: %+v, %v", got, err)
		}
	})
}

// TestSweepOfTheFuture: what a clock put off that was ahead is due when it is right again; what is to come late for another reason is not.
func TestSweepOfTheFuture(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		year := time.Now().AddDate(1, 0, 0)
		recalled := 0
		for n, c := range []struct {
			priority      int
			status        Status
			fetched, next time.Time
			recalled      bool
		}{
			{0, StatusDone, year, year.Add(time.Hour), true},                                            // a section that was visited then
			{0, StatusDone, time.Now().Add(24 * time.Hour), time.Now().Add(25 * time.Hour), true},       // or a day ahead
			{0, StatusDone, time.Now().Add(time.Minute), time.Now().Add(time.Hour), false},              // clocks differ
			{0, StatusDone, time.Now().Add(-time.Hour), year, false},                                    // by a crontab of its own
			{0, StatusQueued, time.Now().Add(-time.Hour), year, true},                                   // claimed then
			{1, StatusQueued, time.Time{}, year, true},                                                  // and an article
			{1, StatusDone, year, year.Add(time.Hour), true},                                            // one that was fetched then
			{1, StatusExcluded, time.Now().Add(-time.Hour), time.Now().Add(90 * 24 * time.Hour), false}, // by a rule
			{1, StatusDone, time.Now().Add(-time.Hour), time.Now().Add(3 * 24 * time.Hour), false},      // a look for edits
		} {
			change := []bson.E{{Key: "priority", Value: c.priority}, {Key: "status", Value: c.status}, {Key: "next_at", Value: c.next}}
			if !c.fetched.IsZero() {
				change = append(change, bson.E{Key: "fetched_at", Value: c.fetched})
			}
			insertRaw(t, s, s.pages, duePage(n+1, 1), change...)
			if c.recalled {
				recalled++
			}
		}
		for range 2 {
			if got, err := s.Sweep(t.Context()); err != nil || got != (Swept{Early: recalled}) {
				t.Errorf("swept %+v, %v; want %d", got, err, recalled)
			}
			recalled = 0
		}
		due, err := s.Due(t.Context(), DueQuery{Now: time.Now()})
		var ids []string
		for _, p := range due {
			ids = append(ids, p.ID)
		}
		slices.Sort(ids)
		if want := []string{id(1), id(2), id(5), id(6), id(7)}; err != nil || !slices.Equal(ids, want) {
			t.Errorf("due: %q, %v; want %q", ids, err, want)
		}
	})
}

// TestNewerPage: a page of a newer version is not listed, not claimed and not set aside, whatever it holds.
func TestNewerPage(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		newer := bson.E{Key: "v", Value: PageVersion + 1}
		insertRaw(t, s, s.pages, duePage(1, 1), newer)
		insertRaw(t, s, s.pages, duePage(2, 1), newer, bson.E{Key: "attempts", Value: bson.D{{Key: "of", Value: "another kind"}}})
		insertRaw(t, s, s.pages, duePage(3, 1), bson.E{Key: "v"}) // of before there were versions
		before := dump(t, s)
		due, err := s.Due(t.Context(), DueQuery{Now: at(10)})
		if err != nil || len(due) != 1 || due[0].ID != id(3) {
			t.Errorf("due: %v, %v", due, err)
		}
		if won, err := s.Claim(t.Context(), []Page{duePage(1, 1), duePage(2, 1)}, at(30)); err != nil || len(won) != 0 {
			t.Errorf("claimed %v, %v", won, err)
		}
		if p, err := s.Page(t.Context(), id(1)); err != nil || p.Version != PageVersion+1 {
			t.Errorf("what can be read is read: %+v, %v", p, err)
		}
		if _, err := s.Page(t.Context(), id(2)); !errors.Is(err, ErrNewer) || errors.Is(err, ErrUnreadable) {
			t.Errorf("what cannot is said to be newer: %v", err)
		}
		if n, err := s.Outstanding(t.Context(), OutstandingQuery{}); err != nil || n != 1 {
			t.Errorf("outstanding: %d, %v", n, err)
		}
		if s.caps.AtomicUpdates {
			results, err := s.Commit(t.Context(), []Effect{{Page: done(1, 1)}, {Page: done(4, 1)}})
			if err != nil || !errors.Is(results[0].Err, ErrNewer) || results[1].Err != nil {
				t.Errorf("committed over it: %+v, %v", results, err)
			}
			before["pages/"+id(4)] = dump(t, s)["pages/"+id(4)]
		}
		if d := diff(before, dump(t, s)); len(d) > 0 {
			t.Errorf("changed:\n%s", strings.Join(d, "\n"))
		}
	})
}

// TestUnreadableArticle: an article that is none fails its own effect, is kept as it is, and is told among the others.
func TestUnreadableArticle(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		mustCommit(t, s, Effect{Page: done(1, 1), Article: story(1, 1, 1)})
		bad := map[string]bson.E{
			id(2): {Key: "title", Value: 42},
			id(3): {Key: "schema_version", Value: article.SchemaVersion + 98},
			id(4): {Key: "images", Value: bson.D{{Key: "url", Value: "https://news.example/i.jpg"}}},
			id(5): {Key: "published_at", Value: time.Date(20_000, 1, 1, 0, 0, 0, 0, time.UTC)},
		}
		for n := 2; n <= 5; n++ {
			insertRaw(t, s, s.articles, firstVersion(*story(n, 1, 1)), bad[id(n)])
		}
		before := dump(t, s)
		var effects []Effect
		for n := range 6 {
			effects = append(effects, Effect{Page: done(n+1, 5), Article: story(n+1, 2, 5)})
		}
		results, err := s.Commit(t.Context(), effects)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []error{nil, ErrUnreadable, ErrNewer, ErrUnreadable, ErrUnreadable, nil} {
			if err := results[i].Err; !errors.Is(err, want) || (err == nil) != (want == nil) {
				t.Errorf("article %d: %v; want %v", i+1, err, want)
			}
		}
		after := dump(t, s)
		for n := 2; n <= 5; n++ {
			if key := "articles/" + id(n); after[key] != before[key] {
				t.Errorf("article %d is now %s", n, after[key])
			}
			if _, ok := after["pages/"+id(n)]; ok {
				t.Errorf("page %d is done without its article", n)
			}
		}
		var got, unread []string
		for a, err := range s.Articles(t.Context(), ArticleFilter{}) {
			var u *UnreadableError
			switch {
			case errors.As(err, &u):
				unread = append(unread, u.ID)
			case err != nil:
				t.Error(err)
			default:
				got = append(got, a.ID)
			}
		}
		slices.Sort(got)
		slices.Sort(unread)
		if !slices.Equal(got, []string{id(1), id(3), id(6)}) || !slices.Equal(unread, []string{id(2), id(4), id(5)}) {
			t.Errorf("read %v, and not %v", got, unread)
		}
		if _, err := s.Article(t.Context(), id(2)); !errors.Is(err, ErrUnreadable) {
			t.Error(err)
		}
	})
}

// TestUnwritableArticle: what JSON has no form for would break off every export.
func TestUnwritableArticle(t *testing.T) {
	for about, change := range map[string]func(*article.Article){
		"no number": func(a *article.Article) { a.Quality.Score = math.NaN() },
		"infinite":  func(a *article.Article) { a.Quality.Score = math.Inf(-1) },
		"far":       func(a *article.Article) { a.ModifiedAt = ptr(time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)) },
		"long ago":  func(a *article.Article) { a.FirstSeenAt = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		a := firstVersion(*story(1, 1, 1))
		change(&a)
		raw, err := bson.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(a); err == nil {
			t.Errorf("%s: it can be written", about)
		}
		if _, err := articleDocs.decode(raw); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: %v", about, err)
		}
	}
}

func TestUnreadableRevision(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		for version := range 3 {
			mustCommit(t, s, Effect{Page: done(1, version+1), Article: story(1, version+1, version+1)})
		}
		bad := s.replacedBy(*story(1, 9, 9), *story(1, 9, 9), edit.Edit{})
		bad.ID = id(1) + ".9"
		insertRaw(t, s, s.revisions, bad, bson.E{Key: "authors", Value: "A"})
		got, err := s.Revisions(t.Context(), id(1))
		if len(got) != 2 || !errors.Is(err, ErrUnreadable) || !strings.Contains(err.Error(), id(1)+".9") {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// TestCleanedGoesOn: an article that the server refuses, or that a newer version wrote, keeps no other from being cleaned.
func TestCleanedGoesOn(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		var all []Cleaning
		for n := range 3 {
			mustCommit(t, s, Effect{Page: done(n, 1), Article: story(n, 1, 1)})
			was, err := s.Article(t.Context(), id(n))
			if err != nil {
				t.Fatal(err)
			}
			now := was
			now.Text, now.ContentHash = "cleaned", "cleaned"
			all = append(all, Cleaning{was, now})
		}
		all[0].Now.Country = "iraq"
		all[1].Was.SchemaVersion = article.SchemaVersion + 1
		if n, refused, err := s.UpdateCleaned(t.Context(), all); err != nil || n != 1 || len(refused) != 1 {
			t.Errorf("%d, %v, %v", n, refused, err)
		}
		for n, want := range []bool{false, false, true} {
			if a, err := s.Article(t.Context(), id(n)); err != nil || (a.Text == "cleaned") != want {
				t.Errorf("article %d: %q, %v", n, a.Text, err)
			}
		}
	})
}

func TestFindPages(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		other := duePage(2, 1)
		other.Site, other.Kind = "other.example", KindFeed
		old, fresh := done(3, 10), done(4, 20)
		fresh.Reason = outcome.ReasonAlias
		if _, _, err := s.EnsurePages(t.Context(), []Page{duePage(1, 1), other}); err != nil {
			t.Fatal(err)
		}
		mustCommit(t, s, Effect{Page: old}, Effect{Page: fresh})
		for _, tc := range []struct {
			about  string
			filter PageFilter
			want   []int
		}{
			{"all", PageFilter{}, []int{1, 2, 3, 4}},
			{"site", PageFilter{Sites: []string{"other.example"}}, []int{2}},
			{"kind", PageFilter{Kinds: []Kind{KindFeed, KindHome}}, []int{2}},
			{"status", PageFilter{Statuses: []Status{StatusDone}}, []int{3, 4}},
			{"outcome", PageFilter{Outcomes: []outcome.Outcome{outcome.OK}}, []int{3, 4}},
			{"reason", PageFilter{Reasons: []outcome.Reason{outcome.ReasonAlias}}, []int{4}},
			{"since", PageFilter{Since: at(15)}, []int{4}},
			{"until: what was never fetched was found at 0", PageFilter{Until: at(20)}, []int{1, 2, 3}},
			{"together", PageFilter{Sites: []string{"news.example"}, Statuses: []Status{StatusDue, StatusDone}, Until: at(15)}, []int{1, 3}},
		} {
			var got []int
			for p, err := range s.FindPages(t.Context(), tc.filter) {
				if err != nil {
					t.Fatal(err)
				}
				var n int
				if _, err := fmt.Sscanf(p.ID, "%x", &n); err != nil {
					t.Fatal(err)
				}
				got = append(got, n)
			}
			slices.Sort(got)
			if !slices.Equal(got, tc.want) {
				t.Errorf("%s: got %v, want %v", tc.about, got, tc.want)
			}
		}
		n := 0
		for range s.FindPages(t.Context(), PageFilter{Limit: 3}) {
			n++
		}
		if n != 3 {
			t.Errorf("%d pages; the limit was 3", n)
		}
	})
}
