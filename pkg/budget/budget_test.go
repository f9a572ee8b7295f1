package budget

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
)

func TestHoldWaitsForRoom(t *testing.T) {
	b := New(Cost(4*SmallBody, false), 0, 0)
	first, err := b.Hold(t.Context(), Cost(3*SmallBody, false))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Hold(ctx, Cost(2*SmallBody, false)); !errors.Is(err, context.Canceled) {
		t.Fatalf("held beyond the budget: %v", err)
	}
	first.Shrink(Cost(2*SmallBody, false)) // it was smaller than it could have been
	second, err := b.Hold(t.Context(), Cost(2*SmallBody, false))
	if err != nil {
		t.Fatal(err)
	}
	first.Release()
	first.Release()
	second.Release()
	if h, err := b.Hold(t.Context(), 100*Cost(4*SmallBody, true)); err != nil { // larger than all: alone
		t.Fatal(err)
	} else {
		h.Release()
	}
	var none *Held
	none.Release()
}

// TestReaders: many cores leave half of the budget to large pages, and a small budget lets one page be read.
func TestReaders(t *testing.T) {
	for _, c := range []struct {
		total int64
		cores int
		want  int
	}{
		{384 << 20, 2, 2}, {384 << 20, 12, 12}, {384 << 20, 64, 12}, {32 << 20, 8, 1}, {1, 8, 1},
	} {
		if got := Readers(c.total, c.cores); got != c.want {
			t.Errorf("%d bytes, %d cores: %d, want %d", c.total, c.cores, got, c.want)
		}
	}
}

// TestNeverOver: whatever many pages ask for and give back, the pool is never exceeded and everybody has a turn.
func TestNeverOver(t *testing.T) {
	const pool = 1000
	b := New(pool, 0, 0)
	var used, most atomic.Int64
	var pages sync.WaitGroup
	for i := range 200 {
		pages.Go(func() {
			n := int64(1 + i*37%pool)
			h, err := b.Hold(t.Context(), n)
			if err != nil {
				t.Error(err)
				return
			}
			now := used.Add(n)
			for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
			}
			used.Add(-n)
			h.Release()
		})
	}
	pages.Wait()
	if most.Load() > pool {
		t.Errorf("%d bytes held at once of %d", most.Load(), pool)
	}
}
