package store

import (
	"errors"
	"maps"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// TestSiteFiles: definitions are written by compare-and-set, and a change of any is seen by the revisions.
func TestSiteFiles(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		now := time.Date(2026, 11, 27, 4, 0, 0, 123456789, time.UTC)
		f := SiteFile{ID: "a", Text: "id: a\n", AddedAt: now, UpdatedAt: now}
		first, err := s.SaveSiteFile(t.Context(), f)
		if err != nil || first.Revision != 1 {
			t.Fatal(first, err)
		}
		if _, err := s.SaveSiteFile(t.Context(), f); !errors.Is(err, ErrConflict) {
			t.Errorf("added twice: %v", err)
		}
		changed := first
		changed.Paused, changed.Text = true, "id: a\nname: A\n"
		second, err := s.SaveSiteFile(t.Context(), changed)
		if err != nil || second.Revision != 2 {
			t.Fatal(second, err)
		}
		if _, err := s.SaveSiteFile(t.Context(), changed); !errors.Is(err, ErrConflict) {
			t.Errorf("changed over an old revision: %v", err)
		}
		files, err := s.SiteFiles(t.Context())
		if err != nil || len(files) != 1 || files[0] != second {
			t.Errorf("%+v, %v; want %+v", files, err, second)
		}
		if got, err := s.SiteRevisions(t.Context()); err != nil || !maps.Equal(got, map[string]int64{"a": 2}) {
			t.Errorf("%v, %v", got, err)
		}
		if err := s.RemoveSiteFile(t.Context(), "nobody"); !errors.Is(err, ErrNotFound) {
			t.Errorf("removed nobody: %v", err)
		}
		// What somebody spoilt is no removed site.
		if _, err := s.sites.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "odd"}, {Key: "text", Value: 7}}); err == nil {
			if _, err := s.SiteFiles(t.Context()); !errors.Is(err, ErrUnreadable) {
				t.Errorf("a document that is no definition: %v", err)
			}
			_ = s.RemoveSiteFile(t.Context(), "odd")
		}
		if err := s.RemoveSiteFile(t.Context(), "a"); err != nil {
			t.Error(err)
		}
	})
}

// TestForgetPages deletes the pages of one site, and nothing else.
func TestForgetPages(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		a, b := duePage(1, 0), duePage(2, 0)
		a.Site, b.Site = "a", "b"
		if _, _, err := s.EnsurePages(t.Context(), []Page{a, b}); err != nil {
			t.Fatal(err)
		}
		if n, err := s.ForgetPages(t.Context(), "a"); err != nil || n != 1 {
			t.Errorf("%d, %v", n, err)
		}
		if _, err := s.Page(t.Context(), b.ID); err != nil {
			t.Error(err)
		}
		if _, err := s.Page(t.Context(), a.ID); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
		if _, err := s.ForgetPages(t.Context(), ""); err == nil {
			t.Error("the pages of every site")
		}
	})
}

// TestStale: an article that was read by other rules is stale, until it is read by these: then it is as they have it, and that is
// no edit of the site's.
func TestStale(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		read := func(fetched int, rules string, zone int) ArticleChange {
			t.Helper()
			e := Effect{Page: done(1, fetched), Article: story(1, 1, fetched)}
			e.Article.Extractor.Rules, e.Article.PublishedAt = rules, ptr(at(zone))
			return mustCommit(t, s, e)[0].Article
		}
		stale := func(rules string, want int64) {
			t.Helper()
			if n, err := s.CountStale(t.Context(), "news.example", rules); err != nil || n != want {
				t.Errorf("%d stale by %q, %v; want %d", n, rules, err, want)
			}
		}
		read(1, "", -50)
		stale("one", 1)
		if c := read(2, "one", -50); c != ArticleUnchanged {
			t.Errorf("as it was by other rules: %s", c)
		}
		stale("one", 0)
		stale("two", 1)
		if c := read(3, "two", -40); c != ArticleRemade { // they give another date
			t.Errorf("by other rules another: %s", c)
		}
		stale("two", 0)
		a, err := s.Article(t.Context(), id(1))
		revs, rerr := s.Revisions(t.Context(), id(1))
		if err != nil || rerr != nil || a.Revision != 1 || len(revs) != 0 || !a.PublishedAt.Equal(at(-40)) {
			t.Errorf("%+v, %d revisions, %v, %v", a, len(revs), err, rerr)
		}
		if c := read(4, "two", -50); c != ArticleRevised { // the site's own correction
			t.Errorf("another date by the same rules: %s", c)
		}
	})
}
