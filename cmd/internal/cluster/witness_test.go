//go:build unix

package cluster

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// witness sees the crawl from the web's side: what was asked for how often, and whether the delay between two requests to
// a host was kept. Requests for robots.txt
// are aside.
type witness struct {
	delay time.Duration

	mu       sync.Mutex
	hosts    map[string]*visits
	requests int
	pages    int            // different ones
	broken   []string       // the requests that came too soon
	last     time.Time      // of the latest request
	silence  time.Duration  // longest between two requests
	asked    map[string]int // by URL
	traps    map[*trap]struct{}
}

// visits are the requests to one host.
type visits struct {
	running int
	end     time.Time // of the latest
	pages   int       // different ones
}

// trap waits for a request.
type trap struct {
	isFor  func(agent, host string) bool // called with the witness locked
	act    func()                        // called while the request waits for its answer; may be nil
	host   string                        // of the request, once it has sprung
	sprung chan struct{}                 // closed then, and when act is done
}

// sprang says that the request came.
func (t *trap) sprang() bool {
	select {
	case <-t.sprung:
		return true
	default:
		return false
	}
}

func newWitness(delay time.Duration) *witness {
	return &witness{delay: delay, hosts: map[string]*visits{}, asked: map[string]int{}, traps: map[*trap]struct{}{}}
}

// begin is called before a request is answered.
func (w *witness) begin(r *http.Request) {
	now, host := time.Now(), r.URL.Host
	w.mu.Lock()
	if !w.last.IsZero() {
		w.silence = max(w.silence, now.Sub(w.last))
	}
	w.last = now
	v := w.hosts[host]
	if v == nil {
		v = &visits{}
		w.hosts[host] = v
	}
	// From the end of one to the start of the next: the worker sees the end after it was sent, and counts from there. So the
	// gap is the whole delay here too, however slow the machine is.
	switch gap := now.Sub(v.end); {
	case v.running > 0:
		w.broken = append(w.broken, fmt.Sprintf("%s asked while another asked (%s)", r.URL, r.UserAgent()))
	case gap < w.delay:
		w.broken = append(w.broken, fmt.Sprintf("%s asked %v after the one before (%s)", r.URL, gap, r.UserAgent()))
	}
	v.running++
	w.requests++
	if w.asked[r.URL.String()]++; w.asked[r.URL.String()] == 1 {
		w.pages++
		v.pages++
	}
	var caught []*trap
	for t := range w.traps {
		if t.isFor(r.UserAgent(), host) {
			caught = append(caught, t)
			delete(w.traps, t)
		}
	}
	w.mu.Unlock()
	for _, t := range caught {
		if t.act != nil {
			t.act()
		}
		t.host = host
		close(t.sprung)
	}
}

// end is called once a request has been answered. What counts is when the last bytes were sent: on a busy machine they are
// read, and the next delay has begun, before whoever wrote them comes to run again.
func (w *witness) end(r *http.Request, sent time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	v := w.hosts[r.URL.Host]
	v.running--
	v.end = sent
}

// catch sets a trap for the next request that isFor.
func (w *witness) catch(isFor func(agent, host string) bool, act func()) *trap {
	t := &trap{isFor: isFor, act: act, sprung: make(chan struct{})}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.traps[t] = struct{}{}
	return t
}

// release takes back a trap. false: it has sprung.
func (w *witness) release(t *trap) bool {
	w.mu.Lock()
	_, set := w.traps[t]
	delete(w.traps, t)
	w.mu.Unlock()
	if !set {
		<-t.sprung // act may still be at it
	}
	return set
}

// pagesSeen is how many different pages were asked for.
func (w *witness) pagesSeen() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pages
}
