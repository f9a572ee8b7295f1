package frontier

import "time"

// Rest counts the lane's delay from now: politeness asks for a pause after a request has ended, and Pace, which runs
// before it, can only record one that begins when the request does. It never shortens a wait.
func (t *Turn) Rest(delay time.Duration) { t.restUntil(time.Now().Add(delay)) }

func (t *Turn) restUntil(at time.Time) {
	t.sem <- struct{}{}
	defer func() { <-t.sem }()
	if at.After(t.nextAt) {
		t.nextAt = at
	}
}

// NextAt is when this turn may ask the lane again.
func (t *Turn) NextAt() time.Time {
	t.sem <- struct{}{}
	defer func() { <-t.sem }()
	return t.nextAt
}
