package survey

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// slow answers after two redirects, each hop of which takes a second.
type slow struct {
	mu      sync.Mutex
	began   []time.Time
	ended   []time.Time
	running int
	t       *testing.T
	asks    time.Duration // robots.txt's delay
}

func (s *slow) Fetch(ctx context.Context, r fetch.Request) fetch.Response {
	for range 3 {
		if err := r.Pace(ctx, s.asks); err != nil {
			return fetch.Response{Outcome: outcome.Canceled}
		}
		s.mu.Lock()
		s.began = append(s.began, time.Now())
		if s.running++; s.running > 1 {
			s.t.Error("two requests of one host at once")
		}
		s.mu.Unlock()
		_ = wait(ctx, time.Second)
		s.mu.Lock()
		s.running--
		s.ended = append(s.ended, time.Now())
		s.mu.Unlock()
	}
	return fetch.Response{Outcome: outcome.OK, CrawlDelay: s.asks}
}

// TestPace: however many surveys ask one host, each request goes out the delay after the one before it ended, redirects and
// all, and robots.txt lengthens the delay.
func TestPace(t *testing.T) {
	for _, c := range []struct{ own, asks, want time.Duration }{
		{5 * time.Second, 0, 5 * time.Second},
		{5 * time.Second, time.Second, 5 * time.Second},
		{5 * time.Second, 20 * time.Second, 20 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			paces, web := newPaces(), &slow{t: t, asks: c.asks}
			asked := 0
			var mu sync.Mutex
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					paces.of("news.example").fetch(t.Context(), web, fetch.Request{}, c.own, func(time.Duration) { mu.Lock(); asked++; mu.Unlock() })
				})
			}
			all.Wait()
			if asked != 12 || len(web.began) != 12 {
				t.Errorf("%d requests, %d told", len(web.began), asked)
			}
			for i := range web.began[1:] {
				if gap := web.began[i+1].Sub(web.ended[i]); gap < c.want {
					t.Errorf("request %d came %v after the one before, not %v", i+1, gap, c.want)
				}
			}
		})
	}
}
