package store

import (
	"errors"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/coverage"
)

// TestSettleGaps ends a section's gaps once, and leaves them as they are when the section's state is written without them.
func TestSettleGaps(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		section := settled(1, StatusDone, ptr(at(5)))
		section.Kind = KindListing
		last, _ := coverage.Follow(nil, []string{"aaaaaaaa1", "bbbbbbbb2"})
		section.Listed = &last
		var none *coverage.Gaps
		section.Gaps = none.Opened(at(1), &last).Opened(at(2), &last)
		if _, err := s.Commit(t.Context(), []Effect{{Page: section}}); err != nil {
			t.Fatal(err)
		}
		visited := section
		visited.Gaps = nil
		if _, err := s.Commit(t.Context(), []Effect{{Page: visited}}); err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{2, 0} {
			if n, err := s.SettleGaps(t.Context(), section.ID, coverage.WhyEnd, at(6)); err != nil || n != want {
				t.Fatalf("time %d: %d settled, %v", i, n, err)
			}
		}
		got, err := s.Page(t.Context(), section.ID)
		if err != nil || got.Gaps == nil || got.Listed == nil || len(got.Listed.Newest) != 2 {
			t.Fatalf("%+v, %v", got, err)
		}
		if g := got.Gaps; g.Found != 2 || g.Told != 2 || g.Open != 0 || g.Since != nil || g.Why != coverage.WhyEnd || !g.ToldAt.Equal(at(6)) {
			t.Errorf("%+v", g)
		}
		if _, err := s.SettleGaps(t.Context(), id(99), "", at(6)); !errors.Is(err, ErrNotFound) {
			t.Errorf("of no page: %v", err)
		}
	})
}
