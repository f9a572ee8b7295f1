package rhythm

import "time"

// Why is what decided when a section is visited next.
type Why string

// What decides.
const (
	WhyExpected Why = "expected" // by then its articles are expected to have waited long enough
	WhyFresh    Why = "fresh"    // little is known of it yet
	WhyCover    Why = "cover"    // by then half of what it lists is new, which others may not have shown
	WhyTold     Why = "told"     // before then nothing comes, as the publisher says and has kept to
	WhyLeast    Why = "least"    // no section is visited more often
	WhyMost     Why = "most"     // none is visited less often
	WhySaid     Why = "said"     // its site's definition says how often
	WhyCron     Why = "cron"     // its site's definition says at what times
)

// Meaning says it in a sentence; "" for what is none of these.
func (w Why) Meaning() string {
	switch w {
	case WhyExpected:
		return "its articles are expected to have waited long enough by then"
	case WhyFresh:
		return "little is known of it yet"
	case WhyCover:
		return "half of what it lists is expected to be new by then, and others may not have shown it"
	case WhyTold:
		return "the publisher says that nothing comes before then, and has kept to that"
	case WhyLeast:
		return "no section is visited sooner"
	case WhyMost:
		return "no section is left alone for longer"
	case WhySaid:
		return "the site's definition says how often"
	case WhyCron:
		return "the site's definition says at what times"
	}
	return ""
}

// fresh is how many days a section is watched eagerly: in one it has shown whether it publishes at all.
const fresh = 1.0

// turned is how much of a list may be new at a visit: articles come in batches, so that of a list that is expected to be new by
// half hardly ever all is. It is also the share of a list's articles below which most of them are others' finds.
const turned = 0.5

// Schedule is how much is spent on visits.
type Schedule struct {
	Threshold float64       // article-minutes that articles may wait together, to be expected: see Goal
	Start     time.Duration // a section of which little is known waits no longer
	Min, Max  time.Duration // between two visits, whatever is to be expected; where they are the same nothing is learned from
	// Shift is how many articles a day more, or less, than it found first the section is visited for: see Shifts.
	Shift float64
	// List is how many articles the section lists, where it has no further pages; 0 where it has, or nothing is known. Where
	// most of them are others' finds it is visited before they have all gone by, for its own would go with them.
	List int
	// Cron, where there is one, decides in place of what is to be expected. Min and Max bound it where they are not zero.
	Cron Timetable
}

// Timetable says at what times a section is visited.
type Timetable interface {
	// Next is the first of them after another; zero for none.
	Next(after time.Time) time.Time
}

// Next says when to visit a section after a visit that Learn was told of. Where a publisher's promise decides, the stats note that.
func (s Schedule) Next(stats *Stats, prior *Prior, zone *time.Location) (time.Time, Why) {
	now := stats.At
	if s.Cron != nil {
		return s.atTimes(now)
	}
	if s.Min >= s.Max {
		return now.Add(s.Min), WhySaid
	}
	m := stats.Model(prior, zone)
	m.rate = max(m.rate+s.Shift, leastRate)
	at, why := s.wanted(stats, &m)
	if at.Sub(now) >= s.Max {
		at, why = now.Add(s.Max), WhyMost
	}
	start := s.Start
	if stats.Said > 0 {
		start = min(start, max(stats.every(), s.Min)) // it may be busier than most; that it is not, content systems say for all
	}
	if stats.Days < fresh && at.Sub(now) > start {
		at, why = now.Add(start), WhyFresh
	}
	if at.Sub(now) < s.Min {
		at, why = now.Add(s.Min), WhyLeast
	}
	return at, why
}

// wanted is Next by what is to be expected alone.
func (s Schedule) wanted(stats *Stats, m *Model) (time.Time, Why) {
	now := stats.At
	at, why := m.Due(now, s.Threshold, s.Max), WhyExpected
	if turnover := stats.Moved / max(stats.Days, fresh); s.List > 0 && stats.Count < turned*stats.Moved {
		if full := m.Filled(now, turned*float64(s.List), turnover, s.Max); full.Before(at) {
			at, why = full, WhyCover
		}
	}
	if until, ok := stats.holds(now); ok && until.After(at) {
		at, why = until, WhyTold
		stats.Kept -= keptUse
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
