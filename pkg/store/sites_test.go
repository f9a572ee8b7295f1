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

// TestStale: an article that was read by other rules is stale, until what they give is what is stored.
func TestStale(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		read := func(fetched int, rules string, zone int) {
			t.Helper()
			e := Effect{Page: done(1, fetched), Article: story(1, 1, fetched)}
			e.Article.Extractor.Rules, e.Article.PublishedAt = rules, ptr(at(zone))
			mustCommit(t, s, e)
		}
		stale := func(rules string, want int64) {
			t.Helper()
			if n, err := s.CountStale(t.Context(), "news.example", rules); err != nil || n != want {
				t.Errorf("%d stale by %q, %v; want %d", n, rules, err, want)
			}
		}
		read(1, "", 0)
		stale("one", 1)
		read(2, "one", 0)
		stale("one", 0)
		read(3, "two", 60) // which would give another date: what is stored is not that
		stale("two", 1)
		read(4, "two", 0)
		stale("two", 0)
	})
}
