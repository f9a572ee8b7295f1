// Package budget bounds the memory that pages take while they are fetched and read.
//
// Most pages are small, and go through without asking: there are never more of them than slots, nor more parse trees of
// them than Readers, so what they take is set apart beforehand. A page that turns out to be large asks once, for all that a
// page of its kind may come to take, before it is read on; what it does not need it gives back as soon as its size is known.
// So large pages queue among themselves, in the order in which they came, and none of them ever holds a part of what it
// needs while it waits for the rest: there is no deadlock.
//
// Invariants: what is held never exceeds the pool, but for a single page that is larger than the pool, which is let in
// alone. Waiting ends with its context.
package budget

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/semaphore"
)

// SmallBody is the size in bytes up to which a body needs no permission. Nine of ten pages of the news sites measured have
// less than 400 KiB.
const SmallBody = 512 << 10

const (
	// bodyCost is what a body takes at most in multiples of its size while it is read: the buffer that holds it, and the
	// next larger one that it is being copied to.
	bodyCost = 3
	// treeCost is what reading a page for its article takes at most beside, in multiples of its body: 39 were measured for
	// a page of nothing but elements, 13 for a page of sentences.
	treeCost = 32
)

// Budget is the memory of one worker. Its methods may be called concurrently.
type Budget struct {
	total int64
	pool  *semaphore.Weighted
}

// Readers is how many pages may be read at once within total bytes on that many cores: as many as there are cores, as long as
// the trees of small pages take no more than half of the budget.
func Readers(total int64, cores int) int {
	return max(min(cores, int(total/2/(treeCost*SmallBody))), 1)
}

// New makes a budget of total bytes for a worker with that many slots, which reads so many pages at once. What small pages
// may take is set apart; where that leaves nothing, large pages are let in one at a time.
func New(total int64, slots, readers int) *Budget {
	pool := max(total-int64(slots*bodyCost+readers*treeCost)*SmallBody, 1)
	return &Budget{total: pool, pool: semaphore.NewWeighted(pool)}
}

// Cost is what a page with a body of that many bytes takes at most. A page that is only searched for links is read without a
// tree.
func Cost(body int64, tree bool) int64 {
	if tree {
		return body * (bodyCost + treeCost)
	}
	return body * (bodyCost + 1)
}

// Hold waits for n bytes of the pool. The error is the context's.
func (b *Budget) Hold(ctx context.Context, n int64) (*Held, error) {
	n = min(max(n, 0), b.total)
	if err := b.pool.Acquire(ctx, n); err != nil {
		return nil, fmt.Errorf("wait for %d bytes of memory: %w", n, err)
	}
	return &Held{budget: b, n: n}, nil
}

// Held is a part of a budget.
type Held struct {
	budget *Budget
	mu     sync.Mutex
	n      int64
}

// Shrink gives back what is held beyond n bytes. A nil Held holds nothing.
func (h *Held) Shrink(n int64) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if n = max(n, 0); n < h.n {
		h.budget.pool.Release(h.n - n)
		h.n = n
	}
}

// Release gives all back. Twice is harmless.
func (h *Held) Release() { h.Shrink(0) }
