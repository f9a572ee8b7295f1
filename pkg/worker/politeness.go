package worker

import (
	"net/http"
	"time"

	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/revisit"
)

// noteHost learns from an answer whether the whole host is to be left alone: it was not there, it said that it is asked
// too much, or its robots.txt could not be had. Any other answer forgives what was before.
func (l *lane) noteHost(p revisit.Policy, res fetch.Response) {
	var quiet time.Duration
	switch {
	case res.HostDown:
		l.failures++
		quiet = p.HostDown
	case res.Outcome == fetch.Retry && (res.Status == http.StatusTooManyRequests || res.Status == http.StatusServiceUnavailable):
		l.failures++
		quiet = p.Quiet(l.Lane(), l.failures, res.RetryAfter)
	case res.Outcome == fetch.RobotsUnavailable:
		l.failures++
		quiet = p.Quiet(l.Lane(), l.failures, res.RetryAfter)
	default:
		l.failures = 0
	}
	if quiet > 0 {
		l.quietUntil = time.Now().Add(quiet)
	}
}

// nextAt is when the lane may be asked again, all considered.
func (l *lane) nextAt() time.Time {
	if at := l.NextAt(); at.After(l.quietUntil) {
		return at
	}
	return l.quietUntil
}
