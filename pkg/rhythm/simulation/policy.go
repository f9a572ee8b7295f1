package simulation

import (
	"math"
	"time"

	"github.com/khabar-crawler/khabar/pkg/rhythm"
)

// Policy is a way to say when a section is visited next.
type Policy struct {
	Name string
	// Knob is how much the policy spends where nothing is said, in its own measure. More of it is fewer requests.
	Knob float64
	// low and high bound the knob, and power is how it goes with the requests, about: half of them cost 2^power of it.
	low, high, power float64
	start            func(cfg Config, knob float64) schedule
}

// schedule is a policy at work.
type schedule interface {
	next(s *section, now time.Time, fresh, listed int) time.Time
	night(day int, all []*section) // called once a day
}

// state is what a schedule keeps of a section.
type state struct {
	interval time.Duration
	stats    rhythm.Stats
	articles float64
	days     float64
}

// Policies are those that can be compared, khabar's own first.
func Policies() []Policy {
	return []Policy{
		// No knob is the goal of the configuration.
		{"khabar", 0, .01, 1e5, 2, func(cfg Config, k float64) schedule { return newKhabar(cfg, k) }},
		{"fixed", 60, 1, 1 << 12, 1, func(_ Config, k float64) schedule { return fixed(minutes(k)) }},
		{"known-share", 10, 10, 1 << 12, 1, func(cfg Config, k float64) schedule { return knownShare{minutes(k), cfg.Schedule.Max} }},
		{"stormcrawler", 10, 10, 1 << 12, 1, func(cfg Config, k float64) schedule { return stormCrawler{minutes(k), cfg.Schedule.Max} }},
		{"sqrt", 10, .01, 1e5, 2, func(cfg Config, k float64) schedule { return squareRoot{k, cfg} }},
		{"oracle", 10, .01, 1e5, 2, func(cfg Config, k float64) schedule { return oracle{k, cfg} }},
	}
}

func minutes(m float64) time.Duration { return time.Duration(m * float64(time.Minute)) }

func clamp(cfg Config, now, at time.Time) time.Time {
	if floor := now.Add(cfg.Schedule.Min); at.Before(floor) {
		return floor
	}
	if ceiling := now.Add(cfg.Schedule.Max); at.After(ceiling) {
		return ceiling
	}
	return at
}

// khabar is the product's own: what package rhythm says, with the pools of each night.
type khabar struct {
	cfg      Config
	schedule rhythm.Schedule
	goal     bool // whether the threshold follows from the goal
	fleet    rhythm.Prior
	places   map[*time.Location]*rhythm.Prior
}

func newKhabar(cfg Config, threshold float64) *khabar {
	k := &khabar{cfg: cfg, schedule: cfg.Schedule, goal: threshold == 0, fleet: rhythm.Unknown(), places: map[*time.Location]*rhythm.Prior{}}
	k.schedule.Threshold = threshold
	k.aim(&rhythm.Pool{})
	return k
}

// aim sets the threshold that comes to the goal.
func (k *khabar) aim(fleet *rhythm.Pool) {
	if k.goal {
		k.schedule.Threshold = k.cfg.Goal.Threshold(fleet, &k.fleet, k.schedule)
	}
}

func (k *khabar) next(s *section, now time.Time, fresh, listed int) time.Time {
	prior := k.places[s.zone]
	if prior == nil {
		prior = &k.fleet
	}
	st := &s.policy.stats
	st.Learn(rhythm.Visit{At: now, Fresh: fresh, Full: fresh == listed && listed > 0}, prior, s.zone)
	at, _ := k.schedule.Next(st, prior, s.zone)
	return at
}

// night puts together what the sections have taught, in their order, so that the sums are the same each time.
func (k *khabar) night(day int, all []*section) {
	pools := map[*time.Location]*rhythm.Pool{}
	var whole rhythm.Pool
	for _, s := range all {
		if pools[s.zone] == nil {
			pools[s.zone] = &rhythm.Pool{}
		}
		pools[s.zone].Add(&s.policy.stats, 0)
		whole.Add(&s.policy.stats, 0)
	}
	unknown := rhythm.Unknown()
	k.fleet = whole.Prior(&unknown)
	for zone, p := range pools {
		prior := p.Prior(&k.fleet)
		k.places[zone] = &prior
	}
	if day%7 == 0 { // it takes as long as thousands of visits, and changes little
		k.aim(&whole)
	}
}

// fixed visits all alike.
type fixed time.Duration

func (f fixed) next(_ *section, now time.Time, _, _ int) time.Time { return now.Add(time.Duration(f)) }
func (fixed) night(int, []*section)                                {}

// knownShare is the rule that a list of which over two thirds are known was asked too soon, and one of which under a third
// is known too late. The knob is its floor.
type knownShare struct{ floor, ceiling time.Duration }

func (k knownShare) next(s *section, now time.Time, fresh, listed int) time.Time {
	d := s.policy.interval
	switch known := listed - fresh; {
	case d == 0:
		d = 30 * time.Minute
	case listed == 0:
		d *= 2
	case known*3 < listed:
		d /= 2
	case known*3 > listed*2:
		d += d / 2
	}
	s.policy.interval = min(max(d, k.floor), k.ceiling)
	return now.Add(s.policy.interval)
}
func (knownShare) night(int, []*section) {}

// stormCrawler is that crawler's adaptive rule: half more where nothing changed, half less where something did. The knob is its floor.
type stormCrawler struct{ floor, ceiling time.Duration }

func (c stormCrawler) next(s *section, now time.Time, fresh, _ int) time.Time {
	d := s.policy.interval
	switch {
	case d == 0:
		d = time.Hour
	case fresh == 0:
		d += d / 2
	default:
		d /= 2
	}
	s.policy.interval = min(max(d, c.floor), c.ceiling)
	return now.Add(s.policy.interval)
}
func (stormCrawler) night(int, []*section) {}

// squareRoot learns the mean rate, and visits in proportion to its root. The knob is the threshold, in article-minutes.
type squareRoot struct {
	threshold float64
	cfg       Config
}

func (q squareRoot) next(s *section, now time.Time, fresh, _ int) time.Time {
	if !s.last.IsZero() {
		s.policy.articles += float64(fresh)
		s.policy.days += now.Sub(s.last).Hours() / 24
	}
	rate := (1 + s.policy.articles) / (1/medianRate + s.policy.days) / (24 * 60)
	return clamp(q.cfg, now, now.Add(minutes(math.Sqrt(2*q.threshold/rate))))
}
func (squareRoot) night(int, []*section) {}

// oracle is khabar's rule where everything is known but the moments and the bursts.
type oracle struct {
	threshold float64
	cfg       Config
}

func (o oracle) next(s *section, now time.Time, _, _ int) time.Time {
	prior := rhythm.Prior{Rate: s.rate, Profile: s.truth}
	m := rhythm.Exactly(&prior, s.zone)
	return clamp(o.cfg, now, m.Due(now, o.threshold, o.cfg.Schedule.Max))
}
func (oracle) night(int, []*section) {}
