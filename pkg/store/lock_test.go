package store

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
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

func TestLockPassesErrors(t *testing.T) {
	onLocks(t, 1, func(t *testing.T, locks []*writeLock) {
		for range 2 {
			if err := locks[0].do(t.Context(), func(context.Context) error { return ErrConflict }); !errors.Is(err, ErrConflict) {
				t.Fatal(err)
			}
		}
	})
}
