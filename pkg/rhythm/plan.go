package rhythm

import "time"

// Why is what decided when a section is visited next.
type Why string

// What decides.
const (
	WhyExpected Why = "expected" // by then its articles are expected to have waited long enough
	WhyFresh    Why = "fresh"    // little is known of it yet
	WhyLeast    Why = "least"    // no section is visited more often
	WhyMost     Why = "most"     // none is visited less often
	WhySaid     Why = "said"     // its site's definition says how often
	WhyCron     Why = "cron"     // its site's definition says at what times
)

// fresh is how many days a section is watched eagerly: in one it has shown whether it publishes at all.
const fresh = 1.0

// Schedule is how much is spent on visits.
type Schedule struct {
	Threshold float64       // article-minutes that articles may wait together, to be expected: see Goal
	Start     time.Duration // a section of which little is known waits no longer
	Min, Max  time.Duration // between two visits, whatever is to be expected; where they are the same nothing is learned from
	// Cron, where there is one, decides in place of what is to be expected. Min and Max bound it where they are not zero.
	Cron Timetable
}

// Timetable says at what times a section is visited.
type Timetable interface {
	// Next is the first of them after another; zero for none.
	Next(after time.Time) time.Time
}

// Next says when to visit a section after a visit that Learn was told of.
func (s Schedule) Next(stats *Stats, prior *Prior, zone *time.Location) (time.Time, Why) {
	now := stats.At
	if s.Cron != nil {
		return s.atTimes(now)
	}
	if s.Min >= s.Max {
		return now.Add(s.Min), WhySaid
	}
	m := stats.Model(prior, zone)
	at, why := m.Due(now, s.Threshold, s.Max), WhyExpected
	if at.Sub(now) >= s.Max {
		at, why = now.Add(s.Max), WhyMost
	}
	if stats.Days < fresh && at.Sub(now) > s.Start {
		at, why = now.Add(s.Start), WhyFresh
	}
	if at.Sub(now) < s.Min {
		at, why = now.Add(s.Min), WhyLeast
	}
	return at, why
}

// atTimes is Next by the timetable.
func (s Schedule) atTimes(now time.Time) (time.Time, Why) {
	at := s.Cron.Next(now.Add(s.Min))
	switch {
	case s.Max > 0 && (at.IsZero() || at.Sub(now) > s.Max):
		return now.Add(s.Max), WhyMost
	case at.IsZero(): // it has come to its end
		return now.Add(endOfTimes), WhyMost
	}
	return at, WhyCron
}

// endOfTimes is how often a section is visited whose timetable has no time any more, so that it is not lost.
const endOfTimes = 24 * time.Hour
