package demosite

import (
	"maps"
	"net/url"
	"strings"
	"time"
)

// Stats is what a crawler can be held to.
type Stats struct {
	Hosts     map[string]HostStats
	Strangers int // requests for hosts that are not of the web
}

// HostStats counts the requests of one host.
type HostStats struct {
	Requests      int // robots.txt included
	Failed        int // answered 503 on purpose
	Private       int // requests for what robots.txt excludes
	Unknown       int // requests for paths that no page links
	MaxConcurrent int
	MinGap        time.Duration  // shortest time from the end of a request to the start of the next, robots.txt aside; negative before the second
	Hits          map[string]int // by request URI, as asked: path and query
}

type counter struct {
	HostStats
	running int
	lastEnd time.Time
}

func newCounter() counter {
	return counter{HostStats: HostStats{MinGap: -1, Hits: map[string]int{}}}
}

// Stats gives the counts since the start or the last ResetStats.
func (w *Web) Stats() Stats {
	w.counting.Lock()
	defer w.counting.Unlock()
	out := Stats{Hosts: map[string]HostStats{}, Strangers: w.strangers}
	for _, s := range w.sites {
		st := s.count.HostStats
		st.Hits = maps.Clone(st.Hits)
		out.Hosts[s.host] = st
	}
	return out
}

// ResetStats begins to count anew; call it while nothing is being asked.
func (w *Web) ResetStats() {
	w.counting.Lock()
	defer w.counting.Unlock()
	w.strangers, w.asked = 0, 0
	for _, s := range w.sites {
		s.count = newCounter()
	}
}

func (w *Web) stranger() {
	w.counting.Lock()
	w.strangers++
	w.counting.Unlock()
}

// enter counts a request in and gives the function that counts it out.
func (w *Web) enter(s *news, u *url.URL) func() {
	w.counting.Lock()
	defer w.counting.Unlock()
	c := &s.count
	c.Requests++
	c.Hits[u.RequestURI()]++
	c.running++
	c.MaxConcurrent = max(c.MaxConcurrent, c.running)
	if strings.HasPrefix(u.Path, "/private/") {
		c.Private++
	}
	robots := u.Path == "/robots.txt"
	if gap := time.Since(c.lastEnd); !robots && !c.lastEnd.IsZero() && (c.MinGap < 0 || gap < c.MinGap) {
		c.MinGap = gap
	}
	return func() {
		w.counting.Lock()
		defer w.counting.Unlock()
		c.running--
		if !robots {
			c.lastEnd = time.Now()
		}
	}
}

// fails decides whether an article request is to fail.
func (w *Web) fails(s *news) bool {
	w.counting.Lock()
	defer w.counting.Unlock()
	w.asked++
	if w.cfg.FailEvery <= 0 || w.asked%w.cfg.FailEvery != 0 {
		return false
	}
	s.count.Failed++
	return true
}

func (w *Web) countUnknown(s *news) {
	w.counting.Lock()
	s.count.Unknown++
	w.counting.Unlock()
}
