package store

import (
	"errors"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// TestBackfills: of several that move a backfill one does, and pages that it met are its pages, whatever became of them.
func TestBackfills(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		now := time.Now().UTC().Truncate(time.Millisecond)
		b := Backfill{ID: "a 1", Site: "a", From: now.AddDate(0, -1, 0), To: now, State: BackfillRunning, StartedAt: now}
		if err := s.AddBackfill(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if err := s.AddBackfill(t.Context(), b); !errors.Is(err, ErrConflict) {
			t.Errorf("added twice: %v", err)
		}
		if got, err := s.Backfill(t.Context(), b.ID); err != nil || got != b {
			t.Errorf("%+v, %v, want %+v", got, err, b)
		}
		if _, err := s.Backfill(t.Context(), "nobody's"); !errors.Is(err, ErrNotFound) {
			t.Errorf("of nobody: %v", err)
		}
		open := func(site string) bool {
			t.Helper()
			is, err := s.HasBackfill(t.Context(), site)
			if err != nil {
				t.Error(err)
			}
			return is
		}
		if !open("a") || open("b") {
			t.Error("a has one that runs, and b has none")
		}
		done := b
		done.State, done.EndedAt, done.Result = BackfillDone, &now, &BackfillResult{Found: 3}
		for _, want := range []bool{true, false} {
			if moved, err := s.MoveBackfill(t.Context(), done, BackfillRunning); err != nil || moved != want {
				t.Errorf("moved %v, %v", moved, err)
			}
		}
		if all, err := s.Backfills(t.Context(), "a"); err != nil || len(all) != 1 || all[0].Result == nil || all[0].Result.Found != 3 || open("a") {
			t.Errorf("%+v, %v", all, err)
		}
		var pages []Page
		for _, url := range []string{"https://a.example/1", "https://a.example/2"} {
			pages = append(pages, Page{ID: weburl.ID(url), URL: url, Site: "a", Kind: KindArticle, Lane: "a.example", Priority: 5, Status: StatusDone, DiscoveredAt: now})
		}
		if _, _, err := s.EnsurePages(t.Context(), pages); err != nil {
			t.Fatal(err)
		}
		if err := s.MarkBackfill(t.Context(), b.ID, []string{pages[0].ID, weburl.ID("https://a.example/unknown")}); err != nil {
			t.Fatal(err)
		}
		var met []string
		for p, err := range s.BackfillPages(t.Context(), b.ID) {
			if err != nil {
				t.Fatal(err)
			}
			met = append(met, p.URL)
		}
		if len(met) != 1 || met[0] != pages[0].URL {
			t.Errorf("met %q", met)
		}
		if at, err := s.PublishedAt(t.Context(), []string{pages[0].ID}); err != nil || len(at) != 0 {
			t.Errorf("published at %v, %v", at, err)
		}
	})
}
