package store

import (
	"reflect"
	"slices"
	"testing"
	"time"
)

// shelved is a page that is held at a lane, dated by its source at minute dated or, if that is 0, not at all.
func shelved(n, priority, dated int, lane string) Page {
	p := duePage(n, 0)
	p.Lane, p.Priority, p.DiscoveredAt = lane, priority, at(n)
	if dated > 0 {
		p.DatedAt = ptr(at(dated))
	}
	return p.Hold(at(0))
}

func heldIDs(t *testing.T, s *Store, scope Scope, shelf Shelf, limit int) (ids []string) {
	t.Helper()
	pages, err := s.Held(t.Context(), scope, map[Shelf]int{shelf: limit})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pages {
		ids = append(ids, p.ID)
	}
	return ids
}

// TestHeld finds what is held for a lane by priority, the newest first, and Due finds nothing of it.
func TestHeld(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		spoilt := shelved(9, 3, 500, "a.example")
		spoilt.URL = ""
		pages := []Page{
			shelved(1, 3, 0, "a.example"), shelved(2, 3, 30, "a.example"), shelved(3, 3, 40, "a.example"), shelved(4, 3, 0, "a.example"),
			shelved(5, 1, 0, "a.example"), shelved(6, 3, 99, "b.example"), duePage(7, 0),
		}
		if _, _, err := s.EnsurePages(t.Context(), pages); err != nil {
			t.Fatal(err)
		}
		if _, err := s.pages.InsertOne(t.Context(), spoilt); err != nil && !s.caps.Validators {
			t.Fatal(err)
		}
		lanes, err := s.HeldLanes(t.Context())
		slices.Sort(lanes)
		if err != nil || !reflect.DeepEqual(lanes, []string{"a.example", "b.example"}) {
			t.Errorf("lanes %v, %v", lanes, err)
		}
		for limit, want := range map[int][]string{9: {id(3), id(2), id(4), id(1)}, 2: {id(3), id(2)}, 1: {id(3)}, 0: nil} {
			if got := heldIDs(t, s, Scope{Sites: []string{"news.example"}}, Shelf{"a.example", 3}, limit); !reflect.DeepEqual(got, want) {
				t.Errorf("the first %d of the archive: %v", limit, got)
			}
		}
		if got := heldIDs(t, s, Scope{}, Shelf{"a.example", 1}, 5); !reflect.DeepEqual(got, []string{id(5)}) {
			t.Errorf("news: %v", got)
		}
		if got := heldIDs(t, s, Scope{Sites: []string{"other.example"}}, Shelf{"a.example", 3}, 5); got != nil {
			t.Errorf("of another site: %v", got)
		}
		due, err := s.Due(t.Context(), DueQuery{Now: at(1)})
		if err != nil || len(due) != 1 || due[0].ID != id(7) {
			t.Errorf("due %v, %v", due, err)
		}
		if due, err = s.Due(t.Context(), DueQuery{Now: at(0).Add(HoldFor)}); err != nil || len(due) != 7 {
			t.Errorf("%d pages are due when they were forgotten, %v", len(due), err)
		}
		// A run that ends waits for them.
		if n, err := s.Outstanding(t.Context(), OutstandingQuery{Until: at(1)}); err != nil || n != 7 {
			t.Errorf("%d pages are outstanding, %v", n, err)
		}
	})
}

// TestHold has pages held that are as they were, and no others; whoever takes such a page in hand ends that.
func TestHold(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		var pages []Page
		for n := range 4 {
			p := duePage(n, 10)
			p.Status = StatusQueued
			pages = append(pages, p)
		}
		if _, _, err := s.EnsurePages(t.Context(), pages); err != nil {
			t.Fatal(err)
		}
		done := pages[3]
		done.Status, done.NextAt = StatusDone, nil
		mustCommit(t, s, Effect{Page: done})
		for _, want := range []int{3, 0} {
			if n, err := s.Hold(t.Context(), pages, at(1)); err != nil || n != want {
				t.Fatalf("held %d, %v; want %d", n, err, want)
			}
		}
		want := pages[0]
		want.Status, want.NextAt, want.Held = StatusDue, ptr(at(1).Add(HoldFor)), want.Lane
		held, err := s.Page(t.Context(), want.ID)
		if err != nil || !samePage(held, want) {
			t.Errorf("%+v, %v", held, err)
		}
		if p, err := s.Page(t.Context(), done.ID); err != nil || p.Held != "" || p.Status != StatusDone {
			t.Errorf("a page that was done meanwhile: %+v, %v", p, err)
		}
		claimed, err := s.Claim(t.Context(), []Page{held}, at(20))
		if err != nil || len(claimed) != 1 || claimed[0].Held != "" {
			t.Fatalf("claimed %+v, %v", claimed, err)
		}
		again, err := s.Page(t.Context(), id(1))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := s.Again(t.Context(), []Page{again}, at(2)); err != nil || n != 1 {
			t.Fatalf("again %d, %v", n, err)
		}
		if got := heldIDs(t, s, Scope{}, Shelf{"news.example", 1}, 9); !reflect.DeepEqual(got, []string{id(2)}) {
			t.Errorf("held are %v", got)
		}
	})
}

// TestUrgent finds sections among what is due.
func TestUrgent(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		section := duePage(2, 5)
		section.Priority = 0
		if _, _, err := s.EnsurePages(t.Context(), []Page{duePage(1, 0), section}); err != nil {
			t.Fatal(err)
		}
		due, err := s.Due(t.Context(), DueQuery{Now: time.Now(), Limit: 1, Urgent: true})
		if err != nil || len(due) != 1 || due[0].ID != section.ID {
			t.Errorf("%v, %v", due, err)
		}
	})
}
