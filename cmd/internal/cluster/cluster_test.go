package cluster

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/demosite"
)

// TestOneCrawl: a scheduler and three workers share one crawl. Every page is asked for once, no host twice at once, all
// three take part, every article is stored, and all four stop when asked to.
func TestOneCrawl(t *testing.T) {
	t.Parallel()
	f := newFleet(t, demosite.Config{PerSection: 5})
	var workers []string

	for i := range 3 {
		name := fmt.Sprintf("worker-%d", i+1)
		p := f.startWorker(name) // waits for the scheduler
		defer func() {
			p.Signal(t, syscall.SIGTERM)
			if code := p.Exit(t); code != 0 {
				t.Errorf("%s ended with status %d:\n%s", name, code, p.Log())
			}
		}()
		workers = append(workers, name)
	}
	s := f.scheduler()
	f.drained()
	f.stored()
	f.polite()
	f.once(len(workers))
	for _, w := range workers {
		if n := f.asked(w); n == 0 {
			t.Errorf("%s asked for no page", w)
		} else {
			t.Logf("%s asked for %d pages", w, n)
		}
	}
	s.Signal(t, syscall.SIGTERM)
	if code := s.Exit(t); code != 0 {
		t.Errorf("scheduler ended with status %d:\n%s", code, s.Log())
	}
}
