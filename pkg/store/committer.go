package store

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// CommitterConfig bounds a Committer's batches.
type CommitterConfig struct {
	MaxEffects int // effects in a batch; 0 means DefaultMaxEffects
	MaxBytes   int // about as many bytes of documents in a batch; 0 means DefaultMaxBytes
}

// The bounds of a batch. By 256 effects the round trips are a small part of a batch's time; 8 MB is a sixth of the 48 MB
// that MongoDB takes in one message, and bounds what a batch holds in memory beside the effects themselves.
const (
	DefaultMaxEffects = 256
	DefaultMaxBytes   = 8 << 20
)

// Committer merges the commits of many goroutines into batches: while one batch is being written, the next collects.
// There is no artificial wait: a commit that comes alone is written at once. It also counts what it has committed (see package
// ledger), and adds the counts to the stored ones now and then.
type Committer struct {
	store *Store
	cfg   CommitterConfig

	in   chan commitCall // not buffered: what waits, waits with its caller, whose number bounds the memory
	done chan struct{}   // closed when the goroutine has ended

	mu      sync.RWMutex // guards closed, so that no caller is counted in after Stop waits for them
	closed  bool
	callers sync.WaitGroup
	waiting atomic.Int64

	counted *counter // of the goroutine
}

type commitCall struct {
	effects []Effect
	bytes   int
	reply   chan commitReply // one deep, so that the committer never waits for a caller that left
}

type commitReply struct {
	results []EffectResult
	err     error
}

// NewCommitter starts a committer on s. Stop ends it; s must be closed after that.
func NewCommitter(s *Store, cfg CommitterConfig) *Committer {
	if cfg.MaxEffects <= 0 {
		cfg.MaxEffects = DefaultMaxEffects
	}
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = DefaultMaxBytes
	}
	c := &Committer{store: s, cfg: cfg, in: make(chan commitCall), done: make(chan struct{}), counted: newCounter(s)}
	go c.run()
	return c
}

// Commit is Store.Commit, in a batch with what others commit at the same time. It returns when these effects are
// durable. Where ctx ends first they may be written all the same. After Stop the error wraps ErrClosed.
func (c *Committer) Commit(ctx context.Context, effects ...Effect) ([]EffectResult, error) {
	if len(effects) == 0 {
		return nil, nil
	}
	call := commitCall{effects: effects, reply: make(chan commitReply, 1)}
	for _, e := range effects {
		call.bytes += size(e)
	}
	if !c.enter() {
		return nil, fmt.Errorf("commit: %w", ErrClosed)
	}
	defer c.callers.Done()
	c.waiting.Add(1)
	defer c.waiting.Add(-1)
	select {
	case c.in <- call:
	case <-ctx.Done():
		return nil, fmt.Errorf("commit: %w", ctx.Err())
	}
	select {
	case r := <-call.reply:
		return r.results, r.err
	case <-ctx.Done():
		return nil, fmt.Errorf("commit: %w", ctx.Err())
	}
}

// Waiting is how many commits are under way: a gauge of whether the store keeps up.
func (c *Committer) Waiting() int { return int(c.waiting.Load()) }

// enter counts a caller in, unless the committer is stopped.
func (c *Committer) enter() bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.closed {
		return false
	}
	c.callers.Add(1)
	return true
}

// Stop refuses new commits, writes those that wait, and returns when all is done. Twice is harmless.
func (c *Committer) Stop() {
	c.mu.Lock()
	first := !c.closed
	c.closed = true
	c.mu.Unlock()
	if first {
		c.callers.Wait()
		close(c.in)
	}
	<-c.done
}

// first waits for the first call of a batch, and adds the counts meanwhile; false when the committer is stopped.
func (c *Committer) first(post *time.Timer) (commitCall, bool) {
	for {
		select {
		case call, ok := <-c.in:
			return call, ok
		case <-post.C:
			c.post(post)
		}
	}
}

// post adds the counts to the stored ones, and sets the timer for the next time.
func (c *Committer) post(timer *time.Timer) {
	c.counted.post(false)
	timer.Reset(c.counted.next())
}

func (c *Committer) run() {
	defer close(c.done)
	defer c.counted.close()
	post := time.NewTimer(c.counted.next())
	defer post.Stop()
	var held *commitCall // came for the last batch, and did not fit
	for {
		select {
		case <-post.C: // also when there is always a commit to write
			c.post(post)
		default:
		}
		var batch []commitCall
		var n, bytes int
		add := func(call commitCall) {
			batch = append(batch, call)
			n += len(call.effects)
			bytes += call.bytes
		}
		if held != nil {
			add(*held)
			held = nil
		} else {
			call, ok := c.first(post)
			if !ok {
				return
			}
			add(call)
		}
	collect:
		for n < c.cfg.MaxEffects && bytes < c.cfg.MaxBytes {
			select {
			case call, ok := <-c.in:
				if !ok {
					break collect
				}
				if n+len(call.effects) > c.cfg.MaxEffects || bytes+call.bytes > c.cfg.MaxBytes {
					held = &call
					break collect
				}
				add(call)
			default:
				break collect
			}
		}
		c.write(batch, n)
	}
}

// write commits a batch and gives each caller its own results.
func (c *Committer) write(batch []commitCall, n int) {
	all := make([]Effect, 0, n)
	for _, call := range batch {
		all = append(all, call.effects...)
	}
	// The batch belongs to all its callers: none of their contexts may end it. The store's own time-outs bound it.
	results, err := c.store.Commit(context.Background(), all)
	if err == nil {
		c.counted.enter(all, results, time.Now())
	}
	for _, call := range batch {
		r := commitReply{err: err}
		if err == nil {
			r.results, results = results[:len(call.effects):len(call.effects)], results[len(call.effects):]
		}
		call.reply <- r
	}
}

// documentBytes is about what a document weighs without its long fields.
const documentBytes = 512

// size is about how many bytes an effect has in BSON.
func size(e Effect) int {
	n := documentBytes * (1 + len(e.Seen))
	if a := e.Article; a != nil {
		n += documentBytes + textBytes(a)
	}
	return n
}

func textBytes(a *article.Article) int {
	n := len(a.Text) + len(a.Title) + len(a.Subtitle)
	for _, img := range a.Images {
		n += len(img.URL) + len(img.Caption)
	}
	for _, t := range a.Tags {
		n += len(t)
	}
	return n
}
