package store

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkViews measures what the scheduler asks of the embedded store, among more and more pages of which few are due.
func BenchmarkViews(b *testing.B) {
	s := newDB(b, testServers[0].uri).open(b)
	now := time.Now()
	stored := 0
	for _, total := range []int{1_000, 10_000, 100_000} {
		var pages []Page
		for ; stored < total; stored++ {
			p := duePage(stored, 0)
			next := now.Add(time.Hour + time.Duration(stored)*time.Second)
			if p.Status = StatusDone; stored%1000 == 0 {
				p.Status, next = StatusDue, now.Add(-time.Minute)
			}
			p.NextAt = &next
			pages = append(pages, p)
		}
		if _, _, err := s.EnsurePages(b.Context(), pages); err != nil {
			b.Fatal(err)
		}
		run := func(name string, f func() error) {
			b.Run(fmt.Sprintf("%s/pages=%d", name, total), func(b *testing.B) {
				for b.Loop() {
					if err := f(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("due", func() error {
			_, err := s.Due(b.Context(), DueQuery{Now: now, Scope: Scope{Sites: []string{"news.example"}}})
			return err
		})
		run("next", func() error { _, err := s.NextDue(b.Context(), Scope{}); return err })
		run("outstanding", func() error { _, err := s.Outstanding(b.Context(), OutstandingQuery{}); return err })
	}
}

// BenchmarkHeld measures what feeding asks of the embedded store, among more and more pages that are held for a hundred lanes.
func BenchmarkHeld(b *testing.B) {
	const lanes = 100
	s := newDB(b, testServers[0].uri).open(b)
	now := time.Now()
	room := make(map[Shelf]int)
	for n := range lanes {
		room[Shelf{fmt.Sprintf("%d.example", n), 3}] = 150
	}
	stored := 0
	for _, total := range []int{1_000, 10_000, 100_000} {
		var pages []Page
		for ; stored < total; stored++ {
			pages = append(pages, shelved(stored, 3, stored%997, fmt.Sprintf("%d.example", stored%lanes)).Hold(now))
		}
		if _, _, err := s.EnsurePages(b.Context(), pages); err != nil {
			b.Fatal(err)
		}
		run := func(name string, f func() error) {
			b.Run(fmt.Sprintf("%s/held=%d", name, total), func(b *testing.B) {
				for b.Loop() {
					if err := f(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		run("lanes", func() error { _, err := s.HeldLanes(b.Context()); return err })
		run("pages", func() error { _, err := s.Held(b.Context(), Scope{}, room); return err })
		run("due", func() error { _, err := s.Due(b.Context(), DueQuery{Now: now}); return err })
	}
}
