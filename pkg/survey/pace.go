package survey

import (
	"context"
	"sync"
	"time"

	"github.com/khabar-crawler/khabar/pkg/fetch"
)

// Paces has one request at a time go to a host, the delay after the one before it ended.
type Paces struct {
	mu    sync.Mutex
	hosts map[string]*pace // by politeness key
}

func newPaces() *Paces { return &Paces{hosts: map[string]*pace{}} }

func (p *Paces) of(key string) *pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hosts[key] == nil {
		p.hosts[key] = &pace{turn: make(chan struct{}, 1)}
	}
	return p.hosts[key]
}

// pace is that of one host.
type pace struct {
	turn chan struct{} // holds one token while a page of the host is fetched
	next time.Time     // when the host may be asked again; guarded by turn
}

// fetch gets one page in its turn, and calls asked for each request that goes out.
func (p *pace) fetch(ctx context.Context, f Fetcher, r fetch.Request, delay time.Duration, asked func(crawlDelay time.Duration)) fetch.Response {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return f.Fetch(ctx, r) // which says so
	}
	defer func() { <-p.turn }()
	hops, quiet := 0, delay
	r.Pace = func(ctx context.Context, crawlDelay time.Duration) error {
		quiet = max(delay, crawlDelay)
		if hops > 0 { // the request before it has ended just now
			p.next = time.Now().Add(quiet)
		}
		hops++
		if err := wait(ctx, time.Until(p.next)); err != nil {
			return err
		}
		asked(crawlDelay)
		return nil
	}
	res := f.Fetch(ctx, r)
	p.next = time.Now().Add(max(quiet, res.CrawlDelay))
	return res
}

func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
