package store

import (
	"sync"
	"testing"
	"time"
)

// settled is a page that was dealt with: fetched, with the validators that the site sent.
func settled(n int, status Status, next *time.Time) Page {
	p := duePage(n, 0)
	p.Status, p.NextAt, p.FetchedAt = status, next, ptr(at(1))
	p.HTTP = &HTTP{Status: 200, ETag: `"e"`, LastModified: "Mon, 01 Jan 2026 00:00:00 GMT", ContentType: "text/html", Bytes: 9}
	p.Outcome, p.ArticleID, p.ContentHash, p.LastError = "ok", id(n), "hash", "why"
	return p
}

// TestAgain makes pages of every status due again, article and all else kept, and leaves those that are under way.
func TestAgain(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		dead := settled(4, StatusDead, ptr(at(999)))
		dead.Attempts = 5
		retried := settled(6, StatusDue, ptr(at(500)))
		retried.Attempts = 2
		pages := []Page{
			settled(1, StatusDone, nil), settled(2, StatusGone, nil), settled(3, StatusExcluded, nil), dead,
			settled(5, StatusQueued, ptr(at(20))), retried, duePage(7, 2), settled(8, StatusDone, ptr(at(3))),
		}
		if _, _, err := s.EnsurePages(t.Context(), pages); err != nil {
			t.Fatal(err)
		}
		now := at(10)
		for _, want := range []int{6, 0} { // the second time the same records are out of date
			if n, err := s.Again(t.Context(), pages, now); err != nil || n != want {
				t.Fatalf("made %d due, %v; want %d", n, err, want)
			}
		}
		for _, was := range pages {
			got, err := s.Page(t.Context(), was.ID)
			if err != nil {
				t.Fatal(err)
			}
			want := was
			if was.ID != id(5) && was.ID != id(7) {
				want.Status, want.NextAt, want.Attempts = StatusDue, &now, 0
				h := *was.HTTP
				h.ETag, h.LastModified = "", ""
				want.HTTP = &h
			}
			if !samePage(got, want) {
				t.Errorf("was  %+v\nis   %+v\nwant %+v", was, got, want)
			}
		}
		read, err := s.Pages(t.Context(), []string{id(1), id(2), id(3), id(4), id(6)})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range read {
			if r := p.Repeat(now); r != RepeatAsItIs {
				t.Errorf("page %s, made due: %s", p.ID, r)
			}
		}
	})
}

// TestAgainAndClaim has callers make pages due again while others claim them: each page is moved by one of them.
func TestAgainAndClaim(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		const n = 60
		s := db.open(t)
		var pages []Page
		for i := range n {
			pages = append(pages, settled(i+1, StatusDone, ptr(at(1))))
		}
		if _, _, err := s.EnsurePages(t.Context(), pages); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		again := 0
		var claimed []Page
		for range 2 {
			wg.Go(func() {
				made, err := s.Again(t.Context(), pages, at(10))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				again += made
			})
			wg.Go(func() {
				won, err := s.Claim(t.Context(), pages, at(20))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				claimed = append(claimed, won...)
			})
		}
		wg.Wait()
		if again+len(claimed) != n {
			t.Errorf("%d made due and %d claimed, of %d", again, len(claimed), n)
		}
		due, err := s.Due(t.Context(), DueQuery{Now: at(10)})
		if err != nil || len(due) != again {
			t.Errorf("%d due, %v; %d were made so", len(due), err, again)
		}
	})
}

// TestAgainWhileReading makes pages due while they are read, as a command does that goes through very many.
func TestAgainWhileReading(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		const n = 250 // more than the first batch of a cursor
		s := db.open(t)
		var pages []Page
		for i := range n {
			pages = append(pages, settled(i+1, StatusDead, nil))
		}
		if _, _, err := s.EnsurePages(t.Context(), pages); err != nil {
			t.Fatal(err)
		}
		total, seen := 0, 0
		var part []Page
		again := func() {
			made, err := s.Again(t.Context(), part, at(10))
			if err != nil {
				t.Fatal(err)
			}
			total, part = total+made, nil
		}
		for p, err := range s.FindPages(t.Context(), PageFilter{Statuses: []Status{StatusDead}}) {
			if err != nil {
				t.Fatal(err)
			}
			seen++
			if part = append(part, p); len(part) == 100 {
				again()
			}
		}
		again()
		if total != n || seen != n {
			t.Errorf("saw %d and made %d due, of %d", seen, total, n)
		}
	})
}
