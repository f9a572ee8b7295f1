// Package rhythm learns when a section publishes and says when to visit it next, so that its articles wait as little as the
// visits that may be spent on it allow.
//
// A section is visited when the articles that are to be expected since the last visit are expected to have waited for a
// threshold together, in article-minutes: the integral, over the hours passed, of the rate at which the section publishes at
// each of them, times the time since. For rates that are known this is the schedule that makes the mean delay least for so
// many visits: with an equal threshold everywhere, one visit more would save as much at any section. At a constant rate it is
// the square-root rule of web crawling (the interval grows with one over the root of the rate: Cho and Garcia-Molina 2003,
// Sia and Cho 2007); where rates change over the day, nights cost nothing and mornings are quick.
//
// What a section has taught is a Stats: how many articles it has shown over how much time, at which hours and on which days of
// the week, fading over weeks. A section that has shown little is taken for one of its kind: its Stats are shrunk to a Prior,
// which a Pool learns from others (those of its site, its country, the fleet). Newsrooms of one kind begin their day at different
// hours, so the prior's day may be an hour earlier or later, as the section's own articles speak for it. A visit that found
// nothing of what it knew counts for as many as were to be expected beyond what it saw. An hour or a weekday counts by how long it was
// watched: in the first weeks some come once more than others.
//
// Everything here is a pure function of its arguments. Invariants: a plan lies between the bounds, after the visit that it
// follows; a Stats is bounded in size and finite, whatever clocks and counts it was given.
package rhythm

import (
	"maps"
	"math"
	"slices"
	"time"
)

const (
	hours = 24
	days  = 7

	// halfLife is how long ago counts half: four weeks show each weekday four times, and a section that changes its habits is
	// followed within some weeks.
	halfLife = 28 * 24 * time.Hour
	// burstLife is how long ago counts half for a burst: news that breaks fills some hours.
	burstLife = 2 * time.Hour
	// burstDoubt is how many articles are to be expected anyway before a burst is believed half. They come in batches, so that
	// four together are no burst yet.
	burstDoubt = 20.0
	// leastBurst and mostBurst bound what a burst, or a lull, makes of the rate.
	leastBurst, mostBurst = 0.5, 8.0
	// profileDoubt is for how many articles the profile of its kind counts at a section, spread over the hours or the days of
	// the week: with as many of its own, a section's profile is half its own. It is large because articles come in batches,
	// so that few of these say little of 24 hours, and because a site's sections together teach their site's soon.
	profileDoubt = 3000.0
	// rateDoubt is the same for its rate, in articles: rates of sections differ by a hundred times, so their own first ones
	// say more than all that others do. It is less than a batch.
	rateDoubt = 2.0
	// batched is the variance of the number of articles as a multiple of its mean: of batches of three or four on average.
	batched = 6.0
	// mostShift is how many hours earlier or later than its kind's a section's day may be: newsrooms of one country differ by about
	// one.
	mostShift = 1
	// leastHour bounds what an hour in which nothing was to be expected says against a shift.
	leastHour = 1e-3
	// farOut is from how many standard deviations on the tail of a normal distribution is taken for its limit: there it is within a
	// tenth, and is none that rounds to zero.
	farOut = 5.0
	// What one visit may add is bounded, by a day of a busy section or so many times what was to be expected: more is a site
	// that publishes its archive, and not how it will go on.
	mostCount, mostTimes = 50, 10
	// mostSpan is the longest time that is looked at hour by hour: as long as a section may be left alone.
	mostSpan = 31 * 24 * time.Hour
	// longestSpan is the longest time between two visits from which something is learned: they may come late.
	longestSpan = mostSpan + 24*time.Hour
)

// Profile is how a rate goes through the day and the week, as multiples of its mean: each of the two lists has a mean of 1. The
// rate at an hour is the product of its hour's and its weekday's.
type Profile struct {
	Hour [hours]float64 `bson:"hour"`
	Day  [days]float64  `bson:"day"` // Sunday first
}

// Prior is what is taken for true of a section as long as it has shown little itself.
type Prior struct {
	Rate    float64 `bson:"rate"` // articles a day
	Profile Profile `bson:"profile"`
}

// Stats is what the visits of a section have taught. The zero value has seen nothing.
type Stats struct {
	At    time.Time      `bson:"at"`    // when the last visit was that counts, in UTC
	Count float64        `bson:"count"` // articles seen, fading
	Days  float64        `bson:"days"`  // over so many days at mean rate, fading
	Hour  [hours]float64 `bson:"hour"`  // of Count, by the hour in which they came
	Day   [days]float64  `bson:"day"`   // and by weekday
	// OverHour and OverDay are the parts of Days in which each hour, and each weekday, was watched: in the first weeks not all were
	// alike, and one that was not is not taken for empty.
	OverHour [hours]float64 `bson:"over_hour"`
	OverDay  [days]float64  `bson:"over_day"`
	Recent   float64        `bson:"recent"`   // articles seen, fading within hours
	Expected float64        `bson:"expected"` // and how many were to be expected, likewise
	// Waited is how long the articles of Count have waited for the visit that found them, in minutes together, if they came when
	// they were to be expected.
	Waited  float64 `bson:"waited,omitempty"`
	Account `bson:",inline"`
	Promise `bson:",inline"`
}

// Rate is how many articles a day the section has shown first; 0 where nothing is known.
func (s *Stats) Rate() float64 {
	if s.Days <= 0 {
		return 0
	}
	return s.Count / s.Days
}

// Delay is how late these were found, in the mean, as far as can be told; 0 where there were none.
func (s *Stats) Delay() time.Duration {
	if s.Count <= 0 {
		return 0
	}
	return time.Duration(s.Waited / s.Count * float64(time.Minute))
}

// Valid is false for what Learn never makes, as somebody else may have written it.
func (s *Stats) Valid() bool {
	tied := slices.Collect(maps.Values(s.Tied))
	return len(tied) <= mostTied && positive([]float64{s.Count, s.Days, s.Recent, s.Expected, s.Waited, s.Moved, s.Late, s.Cost, s.Kept, float64(s.Said)}, s.Hour[:], s.Day[:], s.OverHour[:], s.OverDay[:], tied)
}

// positive is true for lists of numbers that are none below zero, and finite with room for sums.
func positive(lists ...[]float64) bool {
	for _, list := range lists {
		for _, v := range list {
			if !(v >= 0 && v <= math.MaxFloat32) { // which no NaN is
				return false
			}
		}
	}
	return true
}

// Visit is one visit of a section.
type Visit struct {
	At    time.Time
	Fresh int  // articles that it showed and nobody had before
	Full  bool // nothing proves that there were no more: some may have gone by
	// Moved is how many came into its list since the visit before, whoever had found them first; of these others had shown Late
	// then already, and found Tied since, by the ids of their pages.
	Moved, Late int
	Tied        map[string]int
	Bytes       int64 // that it took on the wire
	// Said is how often the publisher says that the section is made anew; 0 for nothing. Same is an answer that nothing has changed.
	Said time.Duration
	Same bool
}

// Model is a section's Stats under a Prior: what is to be expected of it.
type Model struct {
	profile Profile
	rate    float64 // articles a day in the mean of a week
	burst   float64 // multiple of the rate, at since, fading
	since   time.Time
	zone    *time.Location
}

// Model shrinks the stats to the prior. The zone is the section's.
func (s *Stats) Model(prior *Prior, zone *time.Location) Model {
	m := Model{zone: zone, since: s.At, burst: 1}
	day := s.shifted(prior)
	shrink(m.profile.Hour[:], s.Hour[:], s.OverHour[:], s.Rate(), day[:])
	shrink(m.profile.Day[:], s.Day[:], s.OverDay[:], s.Rate(), prior.Profile.Day[:])
	m.rate = (rateDoubt + s.Count) / (rateDoubt/prior.Rate + s.Days)
	m.burst = min(max((burstDoubt+s.Recent)/(burstDoubt+s.Expected), leastBurst), mostBurst)
	return m
}

// Exactly is the model of a section whose rate, hours and weekdays are known.
func Exactly(p *Prior, zone *time.Location) Model {
	return Model{profile: p.Profile, rate: p.Rate, burst: 1, zone: zone}
}

// shifted is the prior's day as the section keeps it, which may begin earlier or later than others': each shift of it is weighed by
// how well it goes with the hours at which articles have come.
func (s *Stats) shifted(prior *Prior) (day [hours]float64) {
	at := func(h, shift int) float64 { return prior.Profile.Hour[(h+shift-mostShift+hours)%hours] }
	var fit [2*mostShift + 1]float64
	best, rate := math.Inf(-1), s.Rate()
	for i := range fit {
		for h, n := range s.Hour {
			a := max(at(h, i), leastHour)
			fit[i] += (n*math.Log(a) - rate*s.OverHour[h]*a) / batched // a batch is one piece of evidence
		}
		best = max(best, fit[i])
	}
	total := 0.0
	for i := range fit {
		fit[i] = math.Exp(fit[i] - best)
		total += fit[i]
	}
	for i := range fit {
		for h := range day {
			day[h] += fit[i] / total * at(h, i)
		}
	}
	return day
}

// Habit is what is to be expected of the section now: its rate and its profile, bursts aside.
func (s *Stats) Habit(prior *Prior) Prior {
	m := s.Model(prior, time.UTC)
	return Prior{Rate: m.rate, Profile: m.profile}
}

// shrink gives the profile of counts, at a rate over times, shrunk to prior, a mean of 1.
func shrink(profile, counts, over []float64, rate float64, prior []float64) {
	total, doubt := 0.0, profileDoubt/float64(len(prior))
	for i := range profile {
		profile[i] = (doubt*prior[i] + counts[i]) / (doubt + rate*over[i])
		total += profile[i]
	}
	for i := range profile {
		profile[i] *= float64(len(profile)) / total
	}
}

// Learn adds a visit. The first one only says from when on articles are counted. A time before the last one's, as of a clock that
// was set back, says it anew, and so does one that is further ahead than any section is left alone.
func (s *Stats) Learn(v Visit, prior *Prior, zone *time.Location) {
	from := s.At
	if from.IsZero() || !v.At.After(from) || v.At.Sub(from) > longestSpan {
		s.At = v.At.UTC()
		s.Promise = Promise{Said: int64(max(v.Said, 0) / time.Second)}
		return
	}
	m := s.Model(prior, zone)
	// The articles came when they were to be expected.
	var inHour, overHour [hours]float64
	var onDay, overDay [days]float64
	mean, expected, waited := 0.0, 0.0, 0.0
	m.walk(from, v.At, func(p piece) bool {
		weight := m.profile.Hour[p.hour] * m.profile.Day[p.day] * p.days()
		inHour[p.hour] += weight
		onDay[p.day] += weight
		overHour[p.hour] += m.profile.Day[p.day] * p.days()
		overDay[p.day] += m.profile.Hour[p.hour] * p.days()
		mean += weight
		expected += p.rate * p.days()
		waited += weight * (v.At.Sub(p.at) - p.length/2).Minutes()
		return true
	})
	n := float64(max(v.Fresh, 0))
	if v.Full {
		n = atLeast(n, expected)
	}
	n = min(n, max(mostCount, mostTimes*expected))
	fade := decay(v.At.Sub(from), halfLife)
	s.Count, s.Days = s.Count*fade+n, s.Days*fade+mean
	s.Waited = s.Waited*fade + n*share(waited, mean)
	s.add(v, fade)
	s.Promise.learn(v, from, expected)
	for i := range s.Hour {
		s.Hour[i] = s.Hour[i]*fade + n*share(inHour[i], mean)
		s.OverHour[i] = s.OverHour[i]*fade + overHour[i]
	}
	for i := range s.Day {
		s.Day[i] = s.Day[i]*fade + n*share(onDay[i], mean)
		s.OverDay[i] = s.OverDay[i]*fade + overDay[i]
	}
	fade = decay(v.At.Sub(from), burstLife)
	s.Recent, s.Expected = s.Recent*fade+n, s.Expected*fade+m.rate*mean
	s.At = v.At.UTC()
}

// atLeast is how many articles are to be expected where at least n came, and so many were expected before: the mean of a
// normal distribution cut off below n, with the variance of articles that come in batches.
func atLeast(n, expected float64) float64 {
	deviation := math.Sqrt(batched * expected)
	if deviation == 0 {
		return n
	}
	z := (n - expected) / deviation
	if z > farOut {
		return n + deviation/z
	}
	density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
	beyond := math.Erfc(z/math.Sqrt2) / 2
	return expected + deviation*density/beyond
}

func share(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}

// decay is what is left of 1 after a time.
func decay(after, half time.Duration) float64 { return math.Exp2(-float64(after) / float64(half)) }

// piece is a part of a span of time in which the rate is constant: at most until the hour is over.
type piece struct {
	at        time.Time // its begin
	length    time.Duration
	hour, day int     // at the section's place
	rate      float64 // articles a day
}

func (p piece) days() float64 { return float64(p.length) / float64(24*time.Hour) }

// walk calls f for the pieces from from on, until to or until f says that it is enough.
func (m *Model) walk(from, to time.Time, f func(piece) bool) {
	if to.Sub(from) > mostSpan {
		from = to.Add(-mostSpan)
	}
	for at := from; at.Before(to); {
		local := at.In(m.zone)
		// To the end of the hour on the clock of the place, some of which are half an hour aside.
		hour, minute, second := local.Clock()
		length := time.Hour - time.Duration(minute)*time.Minute - time.Duration(second)*time.Second - time.Duration(local.Nanosecond())
		p := piece{at: at, length: min(length, to.Sub(at)), hour: hour, day: int(local.Weekday())}
		p.rate = m.rate * m.profile.Hour[hour] * m.profile.Day[p.day]
		if over := at.Sub(m.since); over > 0 {
			p.rate *= 1 + (m.burst-1)*decay(over, burstLife)
		} else {
			p.rate *= m.burst
		}
		if !f(p) {
			return
		}
		at = at.Add(p.length)
	}
}

// Waited is when the articles that are to be expected from a visit on have waited for a threshold together, in
// article-minutes, but no later than most after it.
func (m *Model) Waited(visit time.Time, threshold float64, most time.Duration) time.Time {
	end := visit.Add(most)
	articles, waited := 0.0, 0.0 // since the visit
	m.walk(visit, end, func(p piece) bool {
		perMinute, minutes := p.rate/(24*60), p.length.Minutes()
		after := waited + articles*minutes + perMinute*minutes*minutes/2
		if after < threshold {
			articles, waited = articles+perMinute*minutes, after
			return true
		}
		// waited + articles·x + perMinute·x²/2 = threshold
		left := threshold - waited
		x := 2 * left / (articles + math.Sqrt(articles*articles+2*perMinute*left))
		end = p.at.Add(time.Duration(min(x, minutes) * float64(time.Minute)))
		return false
	})
	return end
}

// Filled is when so many articles are to be expected since a visit, at another rate, in articles a day, than the model's own, but
// no later than most after it.
func (m *Model) Filled(visit time.Time, n, rate float64, most time.Duration) time.Time {
	end := visit.Add(most)
	m.walk(visit, end, func(p piece) bool {
		some := p.rate * rate / m.rate * p.days()
		if some < n {
			n -= some
			return true
		}
		end = p.at.Add(time.Duration(n / some * float64(p.length)))
		return false
	})
	return end
}

// Due is when to visit next after a visit, but no later than most after it. The threshold alone looks back; what is to come
// counts too: a visit that is put off by a moment has the articles that wait for it wait for that moment, and finds those that
// come in it, which else would wait until the visit after. Where the rate is about to rise it is worth putting off, as before
// the morning. At the best time the two are equal.
func (m *Model) Due(visit time.Time, threshold float64, most time.Duration) time.Time {
	d := m.Waited(visit, threshold, most).Sub(visit)
	if d >= most {
		return visit.Add(most)
	}
	soonest, latest := d/2, min(2*d, most)
	for range 8 { // to a hundredth
		at := visit.Add((soonest + latest) / 2)
		waiting, rate := 0.0, 0.0
		m.walk(visit, at, func(p piece) bool {
			waiting, rate = waiting+p.rate*p.days(), p.rate
			return true
		})
		next := m.Waited(at, threshold, most).Sub(at)
		if waiting >= rate*next.Hours()/24 {
			latest = at.Sub(visit)
		} else {
			soonest = at.Sub(visit)
		}
	}
	return visit.Add((soonest + latest) / 2)
}
