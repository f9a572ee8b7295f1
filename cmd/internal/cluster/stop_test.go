package cluster

import (
	"net/http"
	"sync"
	"syscall"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// slowPage holds one request back until it is released.
type slowPage struct {
	asked    chan string // the URL that is held back
	released chan struct{}
	once     sync.Once
}

// holdBack makes the web hold back the next request that it gets.
func (f *fleet) holdBack() *slowPage {
	s := &slowPage{asked: make(chan string, 1), released: make(chan struct{})}
	f.t.Cleanup(s.release)
	var first sync.Once
	f.onRequest(func(r *http.Request) {
		first.Do(func() {
			s.asked <- r.URL.String()
			select {
			case <-s.released:
			case <-r.Context().Done():
			}
		})
	})
	return s
}

func (s *slowPage) release() { s.once.Do(func() { close(s.released) }) }

// TestStop: a worker that is asked to stop finishes the page in flight, gives its turns back and ends with status 0.
// Turns that are not given back would be missed for an hour here, and the second worker could not end the crawl.
func TestStop(t *testing.T) {
	f := newFleet(t, demosite.Config{Sites: 2, PerSection: 2}, "KHABAR_NATS_ACK_WAIT=1h", "KHABAR_WORKER_GRACE=2m")
	slow := f.holdBack()
	f.scheduler()
	first := f.worker("first")
	url := <-slow.asked
	first.Signal(t, syscall.SIGTERM)
	first.Await(t, "asked to stop")
	slow.release()
	if code := first.Exit(t); code != 0 {
		t.Errorf("ended with status %d:\n%s", code, first.Log())
	}
	canonical, err := weburl.Canonical(url)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := f.store.Page(t.Context(), weburl.ID(canonical)); err != nil || p.Status != store.StatusDone {
		t.Errorf("the page in flight, %s: %+v, %v", url, p, err)
	}
	f.worker("second")
	f.drained()
	f.stored()
	f.polite()
	f.once(2)
}

// TestStopOutOfPatience: a page that does not end within the grace period is left to another worker, at once.
func TestStopOutOfPatience(t *testing.T) {
	f := newFleet(t, demosite.Config{Sites: 2, PerSection: 2}, "KHABAR_NATS_ACK_WAIT=1h", "KHABAR_WORKER_GRACE=100ms")
	slow := f.holdBack()
	f.scheduler()
	first := f.worker("first")
	<-slow.asked
	first.Signal(t, syscall.SIGTERM)
	if code := first.Exit(t); code != 0 {
		t.Errorf("ended with status %d:\n%s", code, first.Log())
	}
	f.worker("second")
	f.drained()
	f.stored()
	f.polite()
}
