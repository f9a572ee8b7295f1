package store

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// fullStory is an article of the usual size, about 3 KB of text.
func fullStory(n int) *article.Article {
	a := story(n, 1, 1)
	a.Text = strings.Repeat("أعلنت وزارة الموارد المائية اليوم عن خطة جديدة لإدارة المياه في المحافظات.\n\n", 20)
	a.Tags, a.Images = []string{"مياه", "العراق"}, []article.Image{{URL: "https://news.example/1.jpg"}}
	a.ContentHash = article.HashContent(a.Title, "", fmt.Sprint(a.Text, n))
	return a
}

// BenchmarkCommit measures commits of a page's state, its article and one new page, in batches.
func BenchmarkCommit(b *testing.B) {
	for _, srv := range testServers {
		for _, size := range []int{1, 16, 64, 256} {
			b.Run(fmt.Sprintf("%s/batch=%d", srv.name, size), func(b *testing.B) {
				s := newDB(b, srv.uri).open(b)
				n := 0
				for b.Loop() {
					effects := make([]Effect, size)
					for i := range effects {
						n++
						effects[i] = Effect{Page: done(n, 1), Article: fullStory(n), Seen: []Page{duePage(1_000_000+n, 1)}}
					}
					if _, err := s.Commit(b.Context(), effects); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "articles/s")
			})
		}
	}
}

// BenchmarkCommitter measures the same from many goroutines, each with one effect at a time.
func BenchmarkCommitter(b *testing.B) {
	for _, workers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("%s/goroutines=%d", testServers[0].name, workers), func(b *testing.B) {
			c := NewCommitter(newDB(b, testServers[0].uri).open(b), CommitterConfig{})
			defer c.Stop()
			var next atomic.Int64
			var wg sync.WaitGroup
			for range workers {
				wg.Go(func() {
					for n := int(next.Add(1)); n <= b.N; n = int(next.Add(1)) {
						e := Effect{Page: done(n, 1), Article: fullStory(n), Seen: []Page{duePage(1_000_000+n, 1)}}
						if _, err := c.Commit(b.Context(), e); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "articles/s")
		})
	}
}

// BenchmarkPages measures the scheduler's queries among 10,000 pages.
func BenchmarkPages(b *testing.B) {
	const n = 10_000
	s := newDB(b, testServers[0].uri).open(b)
	pages := make([]Page, n)
	for i := range pages {
		pages[i] = duePage(i, 10_000)
		if i < 100 {
			pages[i].NextAt = ptr(at(0))
		}
	}
	b.Run("EnsurePages of 10000", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := s.EnsurePages(b.Context(), pages); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("EnsurePages of 40 known", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := s.EnsurePages(b.Context(), pages[:40]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Due", func(b *testing.B) {
		for b.Loop() {
			if due, err := s.Due(b.Context(), DueQuery{Now: at(1)}); err != nil || len(due) != 100 {
				b.Fatal(len(due), err)
			}
		}
	})
	b.Run("Outstanding", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Outstanding(b.Context(), OutstandingQuery{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("NextDue", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.NextDue(b.Context(), Scope{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Claim of 100", func(b *testing.B) {
		due, until := pages[:100], 2
		for b.Loop() {
			won, err := s.Claim(b.Context(), due, at(until))
			if err != nil || len(won) != len(due) {
				b.Fatal(len(won), err)
			}
			due = won
			until++
		}
	})
}
