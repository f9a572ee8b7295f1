package fetch

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// Back-off between attempts at a robots.txt that cannot be had: the first minute lets a restart pass, the hour is a
// compromise between a site that is back and one that is never coming back.
const (
	robotsBackoffMin = time.Minute
	robotsBackoffMax = time.Hour
)

// robotsEntry is what is known of the robots.txt of one authority. Immutable once it is in the cache.
type robotsEntry struct {
	rules   *rules    // the last good copy; nil: none that is young enough to be used
	goodAt  time.Time // when rules were fetched
	askAt   time.Time // when to ask again
	strikes int       // failed attempts since goodAt
	failure robotsFailure
}

// robotsFailure is why the last attempt failed; zero after a good one.
type robotsFailure struct {
	err      error
	status   int
	hostDown bool
}

// usable says whether the rules may be followed at a time.
func (e *robotsEntry) usable(now time.Time) bool {
	return e.rules != nil && now.Sub(e.goodAt) < maxRobotsAge
}

// after is the entry that follows e (which may be nil) when an attempt failed: the good copy stays as long as it is
// usable, and the next attempt is put off, longer each time, or as long as the site asked.
func (e *robotsEntry) after(f robotsFailure, wait time.Duration, now time.Time) *robotsEntry {
	next := &robotsEntry{failure: f, strikes: 1}
	if e != nil {
		next.strikes = e.strikes + 1
		if e.usable(now) {
			next.rules, next.goodAt = e.rules, e.goodAt
		}
	}
	backoff := robotsBackoffMax
	if n := next.strikes - 1; n < 6 { // 2^6 minutes is over the maximum
		backoff = robotsBackoffMin << n
	}
	next.askAt = now.Add(max(backoff, wait))
	return next
}

// robotsCache keeps the robots.txt of the authorities used last, bounded in number and in bytes, and lets one caller at
// a time ask for each.
type robotsCache struct {
	maxEntries int
	maxBytes   int64

	mu      sync.Mutex
	entries map[string]*list.Element // of *cached
	order   *list.List               // used last at the front
	bytes   int64
	flights map[string]*flight
}

type cached struct {
	authority string
	entry     *robotsEntry
	bytes     int64
}

// flight is one caller's attempt that others wait for.
type flight struct {
	done  chan struct{}
	entry *robotsEntry // set before done is closed; nil: the attempt was given up and says nothing
}

func newRobotsCache(maxEntries int, maxBytes int64) *robotsCache {
	return &robotsCache{maxEntries: maxEntries, maxBytes: maxBytes, entries: map[string]*list.Element{}, order: list.New(), flights: map[string]*flight{}}
}

// get returns the authority's entry, through ask if there is none or it is due again. One caller asks, with its own
// context and pace; the others wait for it, and ask themselves if it gave up (ask returned an error, which get hands to
// that caller alone).
func (c *robotsCache) get(ctx context.Context, authority string, now func() time.Time, ask func(prev *robotsEntry) (*robotsEntry, error)) (*robotsEntry, error) {
	for {
		prev, fl, mine := c.join(authority, now())
		switch {
		case fl == nil:
			return prev, nil
		case mine:
			return c.fly(authority, prev, fl, ask)
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-fl.done:
		}
		if fl.entry != nil {
			return fl.entry, nil
		}
	}
}

// join returns the entry alone if it need not be asked for, else the flight to wait for, or to make if it is mine.
func (c *robotsCache) join(authority string, now time.Time) (prev *robotsEntry, fl *flight, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if el := c.entries[authority]; el != nil {
		c.order.MoveToFront(el)
		prev = el.Value.(*cached).entry
		if now.Before(prev.askAt) {
			return prev, nil, false
		}
	}
	if fl = c.flights[authority]; fl != nil {
		return prev, fl, false
	}
	fl = &flight{done: make(chan struct{})}
	c.flights[authority] = fl
	return prev, fl, true
}

// fly asks, and ends the flight even if ask panics.
func (c *robotsCache) fly(authority string, prev *robotsEntry, fl *flight, ask func(*robotsEntry) (*robotsEntry, error)) (entry *robotsEntry, err error) {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.flights, authority)
		if entry != nil {
			c.putLocked(authority, entry)
		}
		fl.entry = entry
		close(fl.done)
	}()
	return ask(prev)
}

func (c *robotsCache) putLocked(authority string, e *robotsEntry) {
	if el := c.entries[authority]; el != nil {
		c.dropLocked(el)
	}
	const perEntry = 512 // list element, map slots, entry, and room for the error's text
	n := perEntry + 2*int64(len(authority))
	if e.rules != nil {
		n += e.rules.size()
	}
	c.entries[authority] = c.order.PushFront(&cached{authority: authority, entry: e, bytes: n})
	c.bytes += n
	for c.order.Len() > 1 && (c.order.Len() > c.maxEntries || c.bytes > c.maxBytes) {
		c.dropLocked(c.order.Back())
	}
}

func (c *robotsCache) dropLocked(el *list.Element) {
	v := c.order.Remove(el).(*cached)
	delete(c.entries, v.authority)
	c.bytes -= v.bytes
}
