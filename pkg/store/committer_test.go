package store

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"go.mongodb.org/mongo-driver/v2/event"
)

func TestCommitter(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		c := NewCommitter(s, CommitterConfig{MaxEffects: 8})
		defer c.Stop()
		const workers, each = 16, 4
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for i := range each {
					n := w*each + i
					effects := []Effect{{Page: done(n, 1), Article: story(n, 1, 1), Seen: []Page{duePage(1000+n, 1)}}}
					if i == 0 {
						bad := done(2000+n, 1)
						bad.Status = "somehow"
						effects = append(effects, Effect{Page: bad})
					}
					results, err := c.Commit(t.Context(), effects...)
					if err != nil || len(results) != len(effects) || results[0].Article != ArticleNew ||
						len(results[0].CreatedPages) != 1 || results[0].CreatedPages[0] != id(1000+n) {
						t.Errorf("effect %d: %+v, %v", n, results, err)
						return
					}
					if i == 0 && !errors.Is(results[1].Err, ErrRefused) {
						t.Errorf("effect %d: the bad one: %v", n, results[1].Err)
					}
					if p, err := s.Page(t.Context(), id(n)); err != nil || p.Status != StatusDone {
						t.Errorf("effect %d is not durable when Commit returns: %v", n, err)
					}
				}
			})
		}
		wg.Wait()
		if n, err := s.CountArticles(t.Context(), ArticleFilter{}); err != nil || n != workers*each {
			t.Errorf("%d articles, %v", n, err)
		}
		if r, err := c.Commit(t.Context()); r != nil || err != nil {
			t.Errorf("nothing: %v, %v", r, err)
		}
	})
}

// TestCommitterMerges holds the first batch until many callers wait, and counts the batches that follow.
func TestCommitterMerges(t *testing.T) {
	db := newDB(t, testServers[0].uri)
	writing, hold := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var mu sync.Mutex
	updates := 0
	armed := false
	s := db.openWith(t, Config{monitor: &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		mu.Lock()
		on := armed
		if on && e.CommandName == "update" {
			updates++
		}
		mu.Unlock()
		if on && e.CommandName == "update" {
			once.Do(func() {
				close(writing)
				<-hold
			})
		}
	}}})
	mu.Lock()
	armed = true
	mu.Unlock()
	c := NewCommitter(s, CommitterConfig{})
	var wg sync.WaitGroup
	commit := func(n int) {
		if _, err := c.Commit(t.Context(), Effect{Page: done(n, 1)}); err != nil {
			t.Error(err)
		}
	}
	wg.Go(func() { commit(0) })
	<-writing
	const n = 50
	for i := range n {
		wg.Go(func() { commit(i + 1) })
	}
	for c.Waiting() < n+1 {
		runtime.Gosched()
	}
	close(hold)
	wg.Wait()
	c.Stop()
	c.Stop()
	if _, err := c.Commit(t.Context(), Effect{Page: done(99, 1)}); !errors.Is(err, ErrClosed) {
		t.Errorf("after Stop: %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if updates > n/2 {
		t.Errorf("%d commits made %d bulks", n+1, updates)
	}
	t.Logf("%d commits made %d bulks", n+1, updates)
}

func TestCommitterCanceledCaller(t *testing.T) {
	db := newDB(t, testServers[0].uri)
	c := NewCommitter(db.open(t), CommitterConfig{})
	defer c.Stop()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 10 {
		// It may be written all the same; what counts is that neither side is left waiting.
		if _, err := c.Commit(ctx, Effect{Page: done(1, 1)}); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	if _, err := c.Commit(t.Context(), Effect{Page: done(2, 1)}); err != nil {
		t.Fatal(err)
	}
}
