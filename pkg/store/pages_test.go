package store

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func ids(pages []Page) []string {
	var out []string
	for _, p := range pages {
		out = append(out, p.ID)
	}
	return out
}

func TestEnsurePages(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		first := duePage(1, 5)
		first.Depth, first.DiscoveredFrom, first.Run, first.Section = 2, id(9), "r1", "politics"
		created, _, err := s.EnsurePages(t.Context(), []Page{first, duePage(2, 6), first})
		slices.Sort(created)
		if err != nil || !slices.Equal(created, []string{id(1), id(2)}) {
			t.Fatalf("created %v, %v", created, err)
		}
		other := duePage(1, 50)
		other.Site = "other.example"
		created, _, err = s.EnsurePages(t.Context(), []Page{other, duePage(3, 7), duePage(2, 50)})
		if err != nil || !slices.Equal(created, []string{id(3)}) {
			t.Fatalf("created %v, %v; want the third only", created, err)
		}
		got, err := s.Page(t.Context(), id(1))
		if err != nil || !samePage(got, first) {
			t.Fatalf("got %+v, %v\nwant %+v", got, err, first)
		}
		if _, err := s.Page(t.Context(), id(77)); !errors.Is(err, ErrNotFound) {
			t.Fatalf("a page that is not there: %v", err)
		}
		all, err := s.Pages(t.Context(), []string{id(3), id(77), id(1)})
		if err != nil || len(all) != 2 || !samePage(all[id(3)], duePage(3, 7)) {
			t.Fatalf("pages: %v, %v", all, err)
		}
		if created, _, err := s.EnsurePages(t.Context(), nil); err != nil || created != nil {
			t.Fatalf("no pages: %v, %v", created, err)
		}
	})
}

func samePage(a, b Page) bool {
	a.DiscoveredAt, b.DiscoveredAt = a.DiscoveredAt.UTC(), b.DiscoveredAt.UTC()
	for _, p := range []*Page{&a, &b} {
		p.NextAt, p.FetchedAt = millisPtr(p.NextAt), millisPtr(p.FetchedAt)
	}
	return reflect.DeepEqual(a, b)
}

func TestEnsurePagesRefusesOne(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		bad := duePage(2, 1)
		bad.Kind = "picture"
		worse := duePage(4, 1)
		worse.Status = "somehow"
		created, refused, err := s.EnsurePages(t.Context(), []Page{duePage(1, 1), bad, duePage(3, 1), worse})
		slices.Sort(created)
		if err != nil || !slices.Equal(created, []string{id(1), id(3)}) {
			t.Fatalf("created %v, %v", created, err)
		}
		if len(refused) != 2 || refused[0].ID != bad.ID || refused[0].URL != bad.URL || refused[1].ID != worse.ID ||
			!errors.Is(refused[0].Err, ErrRefused) || !errors.Is(refused[1].Err, ErrRefused) {
			t.Fatalf("refused %v", refused)
		}
	})
}

func TestEnsurePagesConcurrently(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		const workers, n = 4, 120
		var pages []Page
		for i := range n {
			pages = append(pages, duePage(i, i))
		}
		made := make([][]string, workers)
		var wg sync.WaitGroup
		for w := range workers {
			s := db.open(t)
			wg.Go(func() {
				var err error
				if made[w], _, err = s.EnsurePages(t.Context(), pages); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		all := slices.Concat(made...)
		slices.Sort(all)
		if len(all) != n || len(slices.Compact(all)) != n {
			t.Fatalf("%d pages were said to be made, %d different ones; want %d each", len(all), len(slices.Compact(all)), n)
		}
	})
}

func TestDue(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		if _, err := s.NextDue(t.Context(), Scope{}); !errors.Is(err, ErrNotFound) {
			t.Fatalf("next due of nothing: %v", err)
		}
		never := duePage(1, 0)
		never.NextAt, never.Status = nil, StatusGone
		revisit := duePage(2, 3)
		revisit.Status, revisit.Kind = StatusDone, KindListing
		lost := duePage(3, 1)
		lost.Status = StatusQueued
		elsewhere := duePage(4, 2)
		elsewhere.Site = "else.example"
		found := duePage(5, 4)
		found.Run = "r2"
		if _, _, err := s.EnsurePages(t.Context(), []Page{never, revisit, lost, elsewhere, found, duePage(6, 99)}); err != nil {
			t.Fatal(err)
		}
		for _, tc := range []struct {
			q    DueQuery
			want []string
		}{
			{DueQuery{Now: at(0)}, nil},
			{DueQuery{Now: at(10)}, []string{id(3), id(4), id(2), id(5)}},
			{DueQuery{Now: at(4)}, []string{id(3), id(4), id(2), id(5)}},
			{DueQuery{Now: at(10), Limit: 2}, []string{id(3), id(4)}},
			{DueQuery{Now: at(10), Scope: Scope{Sites: []string{"news.example"}}}, []string{id(3), id(2), id(5)}},
			{DueQuery{Now: at(10), Scope: Scope{Sites: []string{"news.example", "else.example"}}}, []string{id(3), id(4), id(2), id(5)}},
			{DueQuery{Now: at(10), Scope: Scope{Sites: []string{"else.example"}, IDs: []string{id(2), id(6)}, Run: "r2"}}, []string{id(4), id(2), id(5)}},
			{DueQuery{Now: at(10), Scope: Scope{Run: "r2"}}, []string{id(5)}},
			{DueQuery{Now: at(10), Began: at(2)}, []string{id(3), id(4), id(5)}},
			{DueQuery{Now: at(10), Began: at(3)}, []string{id(3), id(4), id(2), id(5)}},
			{DueQuery{Now: at(10), Scope: Scope{IDs: []string{id(2), id(3)}, Run: "r2"}, Began: at(2)}, []string{id(3), id(5)}},
		} {
			got, err := s.Due(t.Context(), tc.q)
			if err != nil || !slices.Equal(ids(got), tc.want) {
				t.Errorf("%+v: %v, %v; want %v", tc.q, ids(got), err, tc.want)
			}
		}
		if next, err := s.NextDue(t.Context(), Scope{}); err != nil || !next.Equal(at(1)) {
			t.Errorf("next due: %v, %v", next, err)
		}
		for _, tc := range []struct {
			q    OutstandingQuery
			want int64
		}{
			{OutstandingQuery{}, 4},
			{OutstandingQuery{Scope: Scope{Sites: []string{"else.example"}}}, 1},
			{OutstandingQuery{Scope: Scope{Run: "r1"}}, 0},
			{OutstandingQuery{Scope: Scope{IDs: []string{id(1), id(2), id(3)}, Run: "r2"}}, 2},
			{OutstandingQuery{Began: at(2)}, 4},
			{OutstandingQuery{Began: at(3)}, 5},
			{OutstandingQuery{Until: at(50)}, 3},
			{OutstandingQuery{Began: at(3), Until: at(0)}, 3},
		} {
			if n, err := s.Outstanding(t.Context(), tc.q); err != nil || n != tc.want {
				t.Errorf("outstanding %+v: %d, %v; want %d", tc.q, n, err, tc.want)
			}
		}
	})
}

func TestCounts(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		failed := func(n int) Page {
			p := duePage(n, n)
			p.Outcome, p.Reason, p.Run = "retry", "timeout", "r1"
			return p
		}
		home := duePage(4, 4)
		home.Kind, home.Status = KindHome, StatusDone
		if _, _, err := s.EnsurePages(t.Context(), []Page{duePage(1, 1), failed(2), failed(3), home}); err != nil {
			t.Fatal(err)
		}
		got, err := s.Counts(t.Context(), CountQuery{})
		if err != nil {
			t.Fatal(err)
		}
		want := []PageCount{
			{"news.example", KindArticle, StatusDue, "", "", 1},
			{"news.example", KindArticle, StatusDue, "retry", "timeout", 2},
			{"news.example", KindHome, StatusDone, "", "", 1},
		}
		byText := func(a, b PageCount) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }
		slices.SortFunc(got, byText)
		slices.SortFunc(want, byText)
		if !slices.Equal(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
		got, err = s.Counts(t.Context(), CountQuery{Run: "r1", Sites: []string{"news.example"}})
		if err != nil || len(got) != 1 || got[0].Count != 2 {
			t.Fatalf("of the run: %+v, %v", got, err)
		}
	})
}

// TestClaim has many schedulers want the same pages at the same moment.
// TestClaimMany claims more pages at once than FerretDB has connections to its files (100), which each update of one
// document would keep until the last was done.
func TestClaimMany(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		const n = 250
		s := db.open(t)
		var pages []Page
		for i := range n {
			pages = append(pages, duePage(i, i))
		}
		if _, _, err := s.EnsurePages(t.Context(), pages); err != nil {
			t.Fatal(err)
		}
		if won, err := s.Claim(t.Context(), pages, at(1000)); err != nil || len(won) != n {
			t.Fatalf("claimed %d of %d pages: %v", len(won), n, err)
		}
	})
}

func TestClaim(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		const schedulers, n = 5, 60
		var stores []*Store
		for range schedulers {
			stores = append(stores, db.open(t))
		}
		var pages []Page
		for i := range n {
			pages = append(pages, duePage(i, i))
		}
		if _, _, err := stores[0].EnsurePages(t.Context(), pages); err != nil {
			t.Fatal(err)
		}
		for round := range 2 { // the second round claims what the first one's lease lost
			until := at(1000 * (round + 1))
			var mu sync.Mutex
			wins := make(map[string]int)
			var wg sync.WaitGroup
			start := make(chan struct{})
			for w, s := range stores {
				due, err := s.Due(t.Context(), DueQuery{Now: until.Add(-time.Minute)})
				if err != nil || len(due) != n {
					t.Fatalf("due: %d, %v", len(due), err)
				}
				if w%2 == 1 {
					slices.Reverse(due)
				}
				wg.Go(func() {
					<-start
					for part := range slices.Chunk(due, 20+w) {
						won, err := s.Claim(t.Context(), part, until)
						if err != nil {
							t.Error(err)
							return
						}
						mu.Lock()
						for _, p := range won {
							wins[p.ID]++
							if p.Status != StatusQueued || !p.NextAt.Equal(until) {
								t.Errorf("claimed page says %s, %v", p.Status, p.NextAt)
							}
						}
						mu.Unlock()
					}
				})
			}
			close(start)
			wg.Wait()
			for _, p := range pages {
				if wins[p.ID] != 1 {
					t.Errorf("round %d: page %s was won %d times", round, p.ID, wins[p.ID])
				}
				now, err := stores[0].Page(t.Context(), p.ID)
				if err != nil || now.Status != StatusQueued || !now.NextAt.Equal(until) || now.URL != p.URL {
					t.Errorf("after the claim: %+v, %v", now, err)
				}
			}
		}
		won, err := stores[0].Claim(t.Context(), pages, at(9999))
		if err != nil || len(won) != 0 {
			t.Errorf("claimed %d pages by what they were once, %v", len(won), err)
		}
	})
}

// TestClaimNotes: whoever claims a page may have learned its date, and that it is no guess any more, where it is listed.
func TestClaimNotes(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		page := duePage(1, 1)
		page.Guess = "any"
		if _, _, err := s.EnsurePages(t.Context(), []Page{page}); err != nil {
			t.Fatal(err)
		}
		for round, guess := range []string{"any", ""} {
			p, err := s.Page(t.Context(), page.ID)
			if err != nil {
				t.Fatal(err)
			}
			said := at(10 + round)
			p.DatedAt, p.Guess = &said, guess
			if won, err := s.Claim(t.Context(), []Page{p}, at(1000*(round+1))); err != nil || len(won) != 1 {
				t.Fatalf("won %d, %v", len(won), err)
			}
			if p, err = s.Page(t.Context(), page.ID); err != nil || p.Guess != guess || p.DatedAt == nil || !p.DatedAt.Equal(said) {
				t.Errorf("guess %q, dated %v, %v", p.Guess, p.DatedAt, err)
			}
		}
	})
}
