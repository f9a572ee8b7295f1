package store

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// onLocks runs a test on the servers where updates are not atomic, with n stores that lock against one another.
func onLocks(t *testing.T, n int, f func(t *testing.T, locks []*writeLock)) {
	onServers(t, func(t *testing.T, db testDB) {
		var locks []*writeLock
		for range n {
			s := db.open(t)
			if s.lock == nil {
				t.Skip("the server's updates are atomic")
			}
			locks = append(locks, s.lock)
		}
		f(t, locks)
	})
}

func TestLockExcludes(t *testing.T) {
	onLocks(t, 4, func(t *testing.T, locks []*writeLock) {
		var inside sync.Mutex
		n := 0
		var wg sync.WaitGroup
		for _, l := range locks {
			for range 2 {
				wg.Go(func() {
					for range 3 {
						err := l.do(t.Context(), func(context.Context) error {
							if !inside.TryLock() {
								t.Error("two hold the lock")
								return nil
							}
							n++
							inside.Unlock()
							return nil
						})
						if err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
		wg.Wait()
		if n != 4*2*3 {
			t.Errorf("%d turns", n)
		}
	})
}

func TestLockOfTheDead(t *testing.T) {
	onLocks(t, 2, func(t *testing.T, locks []*writeLock) {
		put := func(n int64, until time.Time) {
			if _, err := locks[0].coll.InsertOne(t.Context(), lockDoc{N: n, Owner: "dead", Until: until}); err != nil {
				t.Fatal(err)
			}
		}
		put(7, time.Now().Add(-time.Second))
		ran := false
		if err := locks[1].do(t.Context(), func(context.Context) error { ran = true; return nil }); err != nil || !ran {
			t.Fatalf("a lease that has ended holds the lock: %v", err)
		}
		put(50, time.Now().Add(time.Hour))
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan error)
		go func() { got <- locks[1].do(ctx, func(context.Context) error { return nil }) }()
		cancel()
		if err := <-got; !errors.Is(err, context.Canceled) {
			t.Fatalf("while another holds the lock: %v", err)
		}
	})
}

// TestLockBesideOddDocuments: whatever stands in the collection, the lock can be had.
func TestLockBesideOddDocuments(t *testing.T) {
	onLocks(t, 1, func(t *testing.T, locks []*writeLock) {
		for _, odd := range []bson.D{
			{{Key: "_id", Value: "odd"}, {Key: "until", Value: "never"}},
			{{Key: "_id", Value: bson.NewObjectID()}},
			{{Key: "_id", Value: int64(7)}, {Key: "owner", Value: 7}, {Key: "until", Value: "never"}, {Key: "released", Value: "no"}},
		} {
			if _, err := locks[0].coll.InsertOne(t.Context(), odd); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if err := locks[0].do(t.Context(), func(context.Context) error { return nil }); err != nil {
					t.Fatalf("beside %v: %v", odd, err)
				}
			}
		}
	})
}

// TestLockOfAWrongClock: a lock that is to end in years, taken while the clock was wrong, is waited for no longer than a
// lease.
func TestLockOfAWrongClock(t *testing.T) {
	onLocks(t, 1, func(t *testing.T, locks []*writeLock) {
		l := locks[0]
		l.lease = 10 * lockRetryMax
		if _, err := l.coll.InsertOne(t.Context(), lockDoc{N: 50, Owner: "dead", Until: time.Now().AddDate(20, 0, 0)}); err != nil {
			t.Fatal(err)
		}
		if err := l.do(t.Context(), func(context.Context) error { return nil }); err != nil {
			t.Fatal(err)
		}
	})
}

func TestLockPassesErrors(t *testing.T) {
	onLocks(t, 1, func(t *testing.T, locks []*writeLock) {
		for range 2 {
			if err := locks[0].do(t.Context(), func(context.Context) error { return ErrConflict }); !errors.Is(err, ErrConflict) {
				t.Fatal(err)
			}
		}
	})
}

// TestLockIsHeldForFew: however many documents are claimed, edited or cleaned, few are written under one hold of the lock,
// so that a machine on which each takes a quarter of a second is not too slow for it.
func TestLockIsHeldForFew(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		var mu sync.Mutex
		under, most, all := 0, 0, 0
		s := db.openWith(t, Config{monitor: &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
			mu.Lock()
			defer mu.Unlock()
			switch coll, _ := e.Command.Index(0).Value().StringValueOK(); {
			case coll == "locks" && e.CommandName == "insert":
				under = 0
			case coll != "locks" && e.CommandName == "update":
				writes, err := e.Command.Lookup("updates").Array().Values()
				if err != nil {
					t.Error(err)
				}
				all, under = all+len(writes), under+len(writes)
				most = max(most, under)
			}
		}}})
		if s.lock == nil {
			t.Skip("the server's updates are atomic")
		}
		const n = 3 * lockedBatch
		var pages []Page
		var first, edited []Effect
		var cleanings []Cleaning
		for i := range n {
			pages = append(pages, duePage(i, i))
			first = append(first, Effect{Page: done(i, 1), Article: story(i, 1, 1)})
			edited = append(edited, Effect{Page: done(i, 2), Article: story(i, 2, 2)})
			was := *story(i, 2, 2)
			was.Revision = 2
			now := was
			now.Text, now.Paragraphs = "Shorter.", 1
			now.ContentHash = article.HashContent(now.Title, "", now.Text)
			cleanings = append(cleanings, Cleaning{Was: was, Now: now})
		}
		if _, _, err := s.EnsurePages(t.Context(), pages); err != nil {
			t.Fatal(err)
		}
		mustCommit(t, s, first...)
		for name, write := range map[string]func() (int, error){
			"claim": func() (int, error) {
				for i := range pages {
					pages[i].Status, pages[i].NextAt = StatusDone, nil
				}
				won, err := s.Claim(t.Context(), pages, at(1000))
				return len(won), err
			},
			"edit and clean": func() (int, error) {
				if err := s.commitArticles(t.Context(), edited, make([]EffectResult, n)); err != nil {
					return 0, err
				}
				updated, _, err := s.UpdateCleaned(t.Context(), cleanings)
				return updated, err
			},
		} {
			mu.Lock()
			under, most, all = 0, 0, 0
			mu.Unlock()
			if got, err := write(); err != nil || got != n {
				t.Errorf("%s: %d of %d, %v", name, got, n, err)
			}
			mu.Lock()
			if all < n || most > lockedBatch {
				t.Errorf("%s: %d documents written, %d under one hold", name, all, most)
			}
			mu.Unlock()
		}
	})
}
