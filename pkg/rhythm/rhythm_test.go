package rhythm

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var (
	baghdad = time.FixedZone("+03", 3*3600)
	monday  = time.Date(2026, 3, 2, 0, 0, 0, 0, baghdad)
	policy  = Schedule{Threshold: 10, Start: 30 * time.Minute, Min: 10 * time.Minute, Max: 24 * time.Hour}
)

// watch has a section that publishes at a rate, in articles a day, visited by its schedule for a time.
func watch(s *Stats, from time.Time, span time.Duration, rate func(time.Time) float64) (visits int) {
	prior := Unknown()
	left := 0.0
	s.Learn(Visit{At: from}, &prior, baghdad)
	for at := from; at.Sub(from) < span; {
		next, _ := policy.Next(s, &prior, baghdad)
		for m := at; m.Before(next); m = m.Add(time.Minute) {
			left += rate(m.In(baghdad)) / (24 * 60)
		}
		fresh := math.Floor(left)
		left -= fresh
		s.Learn(Visit{At: next, Fresh: int(fresh)}, &prior, baghdad)
		at, visits = next, visits+1
	}
	return visits
}

func TestLearnsRate(t *testing.T) {
	for _, want := range []float64{.5, 6, 100} {
		var s Stats
		watch(&s, monday, 20*24*time.Hour, func(time.Time) float64 { return want })
		prior := Unknown()
		m := s.Model(&prior, baghdad)
		if got := m.rate; math.Abs(got/want-1) > .3 {
			t.Errorf("%g articles a day are taken for %.2f", want, got)
		}
	}
}

// TestLearnsHours has sections of one site publish from nine to five alone: what they teach together is soon expected of each.
func TestLearnsHours(t *testing.T) {
	var p Pool
	var s Stats
	for range 4 {
		s = Stats{}
		watch(&s, monday, 60*24*time.Hour, func(at time.Time) float64 {
			if at.Hour() >= 9 && at.Hour() < 17 {
				return 72
			}
			return 0
		})
		p.Add(&s, 0)
	}
	wider := Unknown()
	prior := p.Prior(&wider)
	wait := func(hour int) time.Duration {
		s.At = monday.Add(70*24*time.Hour + time.Duration(hour)*time.Hour)
		at, _ := policy.Next(&s, &prior, baghdad)
		return at.Sub(s.At)
	}
	if noon, night := wait(12), wait(22); noon > time.Hour || night < 2*noon {
		t.Errorf("visited after %v at noon and %v at night", noon, night)
	}
}

func TestNext(t *testing.T) {
	prior := Unknown()
	seen := func(perDay float64) *Stats {
		return &Stats{At: monday.Add(12 * time.Hour), Count: 14 * perDay, Days: 14}
	}
	for _, c := range []struct {
		name  string
		stats *Stats
		s     Schedule
		want  Why
	}{
		{"known", seen(6), policy, WhyExpected},
		{"nothing known", &Stats{At: monday}, policy, WhyFresh},
		{"a ticker", seen(5000), policy, WhyLeast},
		{"dead", seen(0), Schedule{Threshold: 300, Start: time.Hour, Min: time.Minute, Max: 24 * time.Hour}, WhyMost},
		{"said", seen(6), Schedule{Threshold: 10, Min: time.Hour, Max: time.Hour}, WhySaid},
	} {
		at, why := c.s.Next(c.stats, &prior, baghdad)
		if wait := at.Sub(c.stats.At); why != c.want || wait < c.s.Min || wait > c.s.Max {
			t.Errorf("%s: after %v, for %s; want %s", c.name, wait, why, c.want)
		}
	}
	busy, _ := policy.Next(seen(40), &prior, baghdad)
	quiet, _ := policy.Next(seen(10), &prior, baghdad)
	from := monday.Add(12 * time.Hour)
	if ratio := quiet.Sub(from).Seconds() / busy.Sub(from).Seconds(); ratio < 1.8 || ratio > 2.2 {
		t.Errorf("a quarter of the rate makes the wait %.2f times as long, want about 2", ratio)
	}
}

// TestBurst: news that breaks is followed at once, and forgotten the next day.
func TestBurst(t *testing.T) {
	prior := Unknown()
	s := Stats{At: monday.Add(12 * time.Hour), Count: 14 * 6, Days: 14}
	usual, _ := policy.Next(&s, &prior, baghdad)
	s.Learn(Visit{At: usual, Fresh: 30}, &prior, baghdad)
	burst, _ := policy.Next(&s, &prior, baghdad)
	if burst.Sub(usual) > usual.Sub(monday.Add(12*time.Hour))*3/4 {
		t.Errorf("visited after %v when news broke, after %v as usual", burst.Sub(usual), usual.Sub(monday.Add(12*time.Hour)))
	}
	at := usual
	for range 24 {
		at = at.Add(time.Hour)
		s.Learn(Visit{At: at}, &prior, baghdad)
	}
	s.At = monday.Add(36 * time.Hour)
	if later, _ := policy.Next(&s, &prior, baghdad); later.Sub(s.At) < usual.Sub(monday.Add(12*time.Hour))*2/3 {
		t.Errorf("a day later visited after %v", later.Sub(s.At))
	}
}

// TestShifted: a section whose day begins earlier or later than its kind's is soon taken for one, while one that has shown nothing,
// or nothing that speaks for it, is not.
func TestShifted(t *testing.T) {
	prior := Unknown()
	peak := func(s *Stats) float64 { // the mean hour of a day, weighed around the prior's noon
		at, total := 0.0, 0.0
		for h, v := range s.shifted(&prior) {
			if h >= 9 && h <= 21 {
				at, total = at+(v-.25)*float64(h), total+v-.25
			}
		}
		return at / total
	}
	// like are the articles of a section whose clock is so many hours behind the prior's.
	like := func(n float64, hours int) *Stats {
		s := &Stats{Count: n}
		for h := range s.Hour {
			s.Hour[(h+hours+24)%24] = n / 24 * prior.Profile.Hour[h]
		}
		return s
	}
	usual := peak(&Stats{})
	for _, c := range []struct {
		name     string
		stats    *Stats
		from, to float64 // hours later than the prior's
	}{
		{"nothing seen", &Stats{}, 0, 0},
		{"as its kind", like(1000, 0), -.05, .05},
		{"an hour later", like(1000, 1), .3, 1},
		{"an hour earlier", like(1000, -1), -1, -.3},
		{"a batch or two, an hour later", like(8, 1), 0, .05},
		{"every hour alike", &Stats{Count: 240, Hour: [hours]float64{10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10}}, -.01, .01},
	} {
		day := c.stats.shifted(&prior)
		total := 0.0
		for _, v := range day {
			total += v
		}
		later := peak(c.stats) - usual
		if math.Abs(total-hours) > 1e-9 || later < c.from-1e-9 || later > c.to+1e-9 {
			t.Errorf("%s: its day is %.3f hours later, and %g long; want %g to %g", c.name, later, total, c.from, c.to)
		}
	}
	// Hours that the prior says nothing comes in are no proof against a shift for ever.
	narrow := Prior{Rate: 6}
	narrow.Profile.Hour[8] = hours
	odd := &Stats{Count: 1e6}
	odd.Hour[20] = 1e6
	for h, v := range odd.shifted(&narrow) {
		if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			t.Errorf("hour %d: %g", h, v)
		}
	}
}

// TestNotWatched: an hour or a weekday that no section was watched in yet is not taken for empty, nor one that was watched once more
// than others for busier.
func TestNotWatched(t *testing.T) {
	wider := Unknown()
	for _, span := range []time.Duration{12 * time.Hour, 4 * 24 * time.Hour, 10 * 24 * time.Hour} {
		var p Pool
		for range 100 {
			s := Stats{}
			watch(&s, monday, span, func(time.Time) float64 { return 100 })
			p.Add(&s, 0)
		}
		prior := p.Prior(&wider)
		for d, v := range prior.Profile.Day {
			if v < .8 || v > 1.25 {
				t.Errorf("after %v the rate on %ss is taken for %.2f of the mean", span, time.Weekday(d), v)
			}
		}
		for h, v := range prior.Profile.Hour {
			if v < wider.Profile.Hour[h]/2 {
				t.Errorf("after %v the rate at %d is taken for %.2f of the mean; %.2f was expected", span, h, v, wider.Profile.Hour[h])
			}
		}
	}
}

// TestExactly: what is known is not blurred by what else could be.
func TestExactly(t *testing.T) {
	known := Prior{Rate: 7}
	known.Profile.Hour[8], known.Profile.Day[2] = hours, days
	if m := Exactly(&known, baghdad); m.profile != known.Profile || m.rate != 7 || m.zone != baghdad || m.burst != 1 {
		t.Errorf("%+v", m)
	}
}

// TestAtLeast: a visit that may have missed some counts for more than it saw, by as much as was to be expected.
func TestAtLeast(t *testing.T) {
	for _, c := range []struct{ seen, expected, from, to float64 }{
		{0, 0, 0, 0},
		{10, 0, 10, 10},              // nothing to go by
		{0, 10, 10, 12},              // that there were none or more says next to nothing
		{10, 10, 15, 17},             // the upper half
		{20, 10, 22, 24},             // more than expected, and some more beyond
		{100, 10, 100, 101},          // so many that the rest hardly counts
		{1e6, 10, 1e6, 1e6 + 1},      // far out
		{10, 1e6, 1e6, 1e6},          // far short
		{100, 100, 119, 121},         // wider where more were expected
		{30, 1e-300, 30, 30},         // next to nothing expected
		{1e300, 1e300, 1e300, 2e300}, // finite
	} {
		got := atLeast(c.seen, c.expected)
		if math.IsNaN(got) || got < c.from-1e-9 || got > c.to+1e-9 {
			t.Errorf("%g seen of %g expected count as %g; want %g to %g", c.seen, c.expected, got, c.from, c.to)
		}
	}
	// More seen is never less, nor less than what was seen.
	last := 0.0
	for n := range 200 {
		got := atLeast(float64(n), 25)
		if got < last || got < float64(n) {
			t.Errorf("%d seen count as %g, after %g", n, got, last)
		}
		last = got
	}
}

// TestHostileClocks: whatever times and counts a section is said to have, its next visit is between the bounds, and what is
// kept stays finite.
func TestHostileClocks(t *testing.T) {
	prior := Unknown()
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 0))
		var s Stats
		at := monday
		for range 200 {
			switch random.IntN(5) {
			case 0:
				at = at.Add(-time.Duration(random.Int64N(int64(1000 * time.Hour))))
			case 1:
				at = at.Add(time.Duration(random.Int64N(int64(100_000 * time.Hour))))
			case 2: // it stands still
			default:
				at = at.Add(time.Duration(random.Int64N(int64(3 * time.Hour))))
			}
			s.Learn(Visit{At: at, Fresh: random.IntN(1<<random.IntN(31)) - 1, Full: random.IntN(3) == 0}, &prior, baghdad)
			next, _ := policy.Next(&s, &prior, baghdad)
			if wait := next.Sub(at); !s.Valid() || wait < policy.Min || wait > policy.Max {
				t.Fatalf("seed %d: next after %v, %+v", seed, wait, s)
			}
		}
	}
}

// TestRepublished: a site that publishes its archive anew is not asked as a ticker is for weeks.
func TestRepublished(t *testing.T) {
	prior := Unknown()
	s := Stats{At: monday.Add(12 * time.Hour), Count: 14 * 6, Days: 14}
	s.Learn(Visit{At: monday.Add(13 * time.Hour), Fresh: 10_000, Full: true}, &prior, baghdad)
	m := s.Model(&prior, baghdad)
	if m.rate > 12 {
		t.Errorf("%g articles a day are expected now", m.rate)
	}
}

// TestNoFlood: after what a section is not used to, it is visited as before within days: an archive put out at once, a store that
// was away for a day, a clock that went ahead by a year and came back, and one that stood still.
func TestNoFlood(t *testing.T) {
	usual := 0
	for _, c := range []struct {
		name string
		then func(s *Stats, at time.Time, prior *Prior) time.Time
	}{
		{"nothing", func(_ *Stats, at time.Time, _ *Prior) time.Time { return at }},
		{"a burst of 10,000", func(s *Stats, at time.Time, prior *Prior) time.Time {
			s.Learn(Visit{At: at.Add(time.Hour), Fresh: 10_000, Moved: 10_000, Full: true}, prior, baghdad)
			return at.Add(time.Hour)
		}},
		{"a day away", func(s *Stats, at time.Time, prior *Prior) time.Time {
			s.Learn(Visit{At: at.Add(24 * time.Hour), Fresh: 6, Moved: 6, Full: true}, prior, baghdad)
			return at.Add(24 * time.Hour)
		}},
		{"a year ahead and back", func(s *Stats, at time.Time, prior *Prior) time.Time {
			s.Learn(Visit{At: at.AddDate(1, 0, 0), Fresh: 1}, prior, baghdad)
			return at.Add(time.Hour)
		}},
		{"a clock that stands", func(s *Stats, at time.Time, prior *Prior) time.Time {
			for range 100 {
				s.Learn(Visit{At: at, Fresh: 1}, prior, baghdad)
			}
			return at
		}},
		{"republished with new dates", func(s *Stats, at time.Time, prior *Prior) time.Time {
			s.Learn(Visit{At: at.Add(time.Hour)}, prior, baghdad) // addresses that are known: nothing is new
			return at.Add(time.Hour)
		}},
	} {
		prior := Unknown()
		s := Stats{}
		six := func(time.Time) float64 { return 6 }
		watch(&s, monday, 20*24*time.Hour, six)
		at := c.then(&s, monday.Add(20*24*time.Hour), &prior)
		visits := watch(&s, at, 7*24*time.Hour, six)
		if usual == 0 {
			usual = visits
		}
		if 4*visits > 5*usual || 4*visits < 3*usual {
			t.Errorf("%s: %d visits in the week after, %d usually", c.name, visits, usual)
		}
	}
}

func TestValid(t *testing.T) {
	good := Stats{At: monday, Count: 1, Days: 1}
	if !good.Valid() || !(&Pool{}).Valid() {
		t.Error("refused")
	}
	for _, v := range []float64{-1, math.NaN(), math.Inf(1), math.MaxFloat64} {
		bad := good
		bad.Hour[3] = v
		if p := (&Pool{Day: [days]float64{2: v}}); bad.Valid() || p.Valid() {
			t.Errorf("%g passes", v)
		}
	}
}

// TestPool: what sections of a kind have taught is what is expected of another one.
func TestPool(t *testing.T) {
	var country Pool
	for range 40 {
		s := Stats{Count: 400, Days: 10}
		s.Hour[8], s.Day[time.Friday] = 400, 400
		country.Add(&s, 0)
	}
	unheard := Stats{Count: 1, Days: 1}
	country.Add(&unheard, 0)
	wider := Unknown()
	p := country.Prior(&wider)
	if p.Rate < 30 || p.Rate > 40 {
		t.Errorf("%g articles a day", p.Rate)
	}
	if p.Profile.Hour[8] < 20 || p.Profile.Day[time.Friday] < 5 {
		t.Errorf("%+v", p.Profile)
	}
}

// TestGoal: the threshold comes to what is asked for, in requests or in delay.
func TestGoal(t *testing.T) {
	wider := Unknown()
	for _, g := range []Goal{{Requests: 3}, {Requests: 12}, {Requests: 40}, {Delay: 10 * time.Minute}, {Delay: 3 * time.Hour}} {
		s := policy
		s.Threshold = g.Threshold(&Pool{}, &wider, s)
		var rates [classes]float64
		for class := range rates {
			rates[class] = usual(class)
		}
		visits, delay := s.outlook(&rates, &wider)
		if g.Requests > 0 && math.Abs(visits/g.Requests-1) > .02 || g.Delay > 0 && math.Abs(delay.Seconds()/g.Delay.Seconds()-1) > .1 {
			t.Errorf("%+v: %.2f visits a day, found after %v", g, visits, delay)
		}
	}
	// What cannot be had comes as near to it as the bounds let it.
	if th := (Goal{Delay: time.Second}).Threshold(&Pool{}, &wider, policy); th > 2*leastThreshold {
		t.Errorf("a second: %g", th)
	}
}

func BenchmarkVisit(b *testing.B) {
	prior := Unknown()
	s := Stats{At: monday, Count: 84, Days: 14}
	at := monday
	for b.Loop() {
		at = at.Add(time.Hour)
		s.Learn(Visit{At: at, Fresh: 1}, &prior, baghdad)
		policy.Next(&s, &prior, baghdad)
	}
}
