// Package simulation runs a schedule against sections that publish as those of news sites do, on a clock of its own, and
// says how late it finds their articles and what that costs.
//
// The sections' rates are log-normal; each follows the hours and the week of its zone in a way of its own, has bursts, and
// shares one day on which all publish four times as much. A section shows its latest so many articles, whatever their
// dates: what has scrolled away before a visit is never found. The schedule sees what a crawler sees: how many of what is
// listed it did not know.
//
// Everything follows from the seed. The first third of the days is for learning and not measured.
package simulation

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/khabar-crawler/khabar/pkg/rhythm"
)

// Config describes a simulated fleet.
type Config struct {
	Sections int
	Days     int // of which the first third is not measured
	List     int // how many articles a section shows
	Seed     uint64
	// Schedule and Goal are khabar's own; all policies keep to the bounds.
	Schedule rhythm.Schedule
	Goal     rhythm.Goal
	// Own, where there are any, are the habits of the sections, one after the other, in place of drawn ones.
	Own []Habit
}

// Habit is how a section publishes: so many articles a day, by the clock of a zone.
type Habit struct {
	rhythm.Prior
	Zone *time.Location
}

// Result is what a schedule came to.
type Result struct {
	Policy   string  `json:"policy"`
	Requests float64 `json:"requests_per_section_day"`
	Delay    Delay   `json:"delay_minutes"`
	// News is the delay of what was published on the day of four times the news.
	News Delay `json:"news_day_delay_minutes"`
	// Beyond is the share of articles that had scrolled away before a visit.
	Beyond float64 `json:"beyond_share"`
}

// Delay is the time from an article's publication to the visit that found it, in minutes, over all that were found.
type Delay struct {
	Median float64 `json:"median"`
	Mean   float64 `json:"mean"`
	P95    float64 `json:"p95"`
}

// A section's rate.
const (
	medianRate = 6.0 // articles a day
	sigmaRate  = 1.2 // of its logarithm: one section in forty has ten times the median, or a tenth of it
	leastRate  = 0.01
	mostRate   = 400.0
)

// Bursts, batches, and the day of breaking news.
const (
	burstEvery = 5.0 // days from one to the next, in the mean
	burstFrom  = 2.0 // hours that one lasts at least
	burstTo    = 6.0 // and at most
	burstTimes = 4.0 // of the rate
	newsTimes  = 4.0
	// Desks put up some articles together: so many in the mean, within so many minutes. With them StormCrawler's rule, which
	// goes by whether there was anything new, spends about what was measured of it: 6 to 8 requests a day with a floor of ten
	// minutes.
	batch       = 3.5
	batchWithin = 10.0
)

// section is one that publishes.
type section struct {
	zone   *time.Location // one of places
	rate   float64        // articles a day, bursts aside
	truth  rhythm.Profile
	times  []time.Time // of its articles
	shown  int         // how many a visit has seen, or are lost
	next   time.Time
	last   time.Time // the visit before; zero for none
	policy state
}

// place is where sections stand.
type place struct {
	zone    *time.Location
	weekend [2]time.Weekday
	share   float64
}

func places() []place {
	fixed := func(name string, h float64) *time.Location {
		return time.FixedZone(name, int(h*3600))
	}
	return []place{
		{fixed("+03", 3), [2]time.Weekday{time.Friday, time.Saturday}, .35},
		{fixed("+02", 2), [2]time.Weekday{time.Friday, time.Saturday}, .2},
		{fixed("+0330", 3.5), [2]time.Weekday{time.Thursday, time.Friday}, .15},
		{fixed("+01", 1), [2]time.Weekday{time.Saturday, time.Sunday}, .15},
		{fixed("-05", -5), [2]time.Weekday{time.Saturday, time.Sunday}, .15},
	}
}

// begin is a Monday.
var begin = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// dayOf is the hours of a newsroom, from midnight on: a quiet night, a peak before noon and one in the evening.
func dayOf() [24]float64 {
	return [24]float64{.45, .3, .2, .18, .2, .3, .5, .8, 1.2, 1.5, 1.65, 1.7, 1.65, 1.6, 1.5, 1.4, 1.35, 1.35, 1.4, 1.45, 1.4, 1.2, .95, .67}
}

// fleet draws the sections with all that they publish.
func fleet(cfg Config) []*section {
	all := make([]*section, cfg.Sections)
	at := places()
	for i := range all {
		random := rand.New(rand.NewPCG(cfg.Seed, uint64(i))) // the same whatever others there are
		if len(cfg.Own) > 0 {
			all[i] = own(cfg.Own[i%len(cfg.Own)])
		} else {
			all[i] = draw(random, at)
		}
		all[i].publish(random, cfg)
	}
	return all
}

// measured is from which day on is measured.
func measured(cfg Config) int { return cfg.Days / 3 }

// newsDay is the day of breaking news.
func newsDay(cfg Config) int { return measured(cfg) + (cfg.Days-measured(cfg))/2 }

// own is a section of the operator's.
func own(h Habit) *section {
	return &section{rate: min(max(h.Rate, leastRate), mostRate), truth: h.Profile, zone: h.Zone}
}

// draw makes a section.
func draw(random *rand.Rand, at []place) *section {
	s := &section{rate: min(medianRate*math.Exp(sigmaRate*random.NormFloat64()), mostRate)}
	some, p := random.Float64(), at[len(at)-1]
	for _, candidate := range at {
		if some -= candidate.share; some < 0 {
			p = candidate
			break
		}
	}
	s.zone = p.zone
	s.truth = habits(random, p)
	return s
}

// publish draws all that a section publishes.
func (s *section) publish(random *rand.Rand, cfg Config) {
	end := begin.Add(time.Duration(cfg.Days) * 24 * time.Hour)
	bursts, news := burstsOf(random, end), newsDay(cfg)
	for at := begin; at.Before(end); at = at.Add(time.Hour) {
		local := at.In(s.zone)
		rate := s.rate / 24 * s.truth.Hour[local.Hour()] * s.truth.Day[local.Weekday()]
		for len(bursts) > 0 && !bursts[0].to.After(at) {
			bursts = bursts[1:]
		}
		if len(bursts) > 0 && !bursts[0].from.After(at) {
			rate *= burstTimes
		}
		if int(at.Sub(begin)/(24*time.Hour)) == news {
			rate *= newsTimes
		}
		// Batches are a Poisson process, and how many are in each is geometric.
		for t := random.ExpFloat64() * batch / rate; t < 1; t += random.ExpFloat64() * batch / rate {
			for {
				s.times = append(s.times, at.Add(hoursOf(t+batchWithin/60*random.Float64())))
				if random.Float64() < 1/batch {
					break
				}
			}
		}
	}
	slices.SortFunc(s.times, time.Time.Compare)
}

// span is a burst.
type span struct{ from, to time.Time }

func burstsOf(random *rand.Rand, end time.Time) (bursts []span) {
	for at := begin; ; {
		from := at.Add(hoursOf(24 * burstEvery * random.ExpFloat64()))
		if !from.Before(end) {
			return bursts
		}
		at = from.Add(hoursOf(burstFrom + (burstTo-burstFrom)*random.Float64()))
		bursts = append(bursts, span{from, at})
	}
}

func hoursOf(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }

// habits are a section's own: its place's, an hour earlier or later, with hours and days of its own.
func habits(random *rand.Rand, at place) rhythm.Profile {
	const ownHours, ownDays = .25, .15 // of the logarithms
	var p rhythm.Profile
	base, shift := dayOf(), random.IntN(3)-1
	for h := range p.Hour {
		p.Hour[h] = base[(h+shift+24)%24] * math.Exp(ownHours*random.NormFloat64())
	}
	for d := range p.Day {
		p.Day[d] = math.Exp(ownDays * random.NormFloat64())
		if time.Weekday(d) == at.weekend[0] || time.Weekday(d) == at.weekend[1] {
			p.Day[d] *= .55
		}
	}
	level(p.Hour[:])
	level(p.Day[:])
	return p
}

// level gives a list a mean of 1.
func level(list []float64) {
	total := 0.0
	for _, v := range list {
		total += v
	}
	for i := range list {
		list[i] *= float64(len(list)) / total
	}
}

// Run has a policy visit a fleet. Knob is how much it spends. The error is the context's.
func Run(ctx context.Context, cfg Config, policy Policy, knob float64) (Result, error) {
	r := run(ctx, cfg, fleet(cfg), policy, knob)
	return r, context.Cause(ctx)
}

// run ends early, with a result of no use, when ctx does.
func run(ctx context.Context, cfg Config, all []*section, policy Policy, knob float64) Result {
	p := policy.start(cfg, knob)
	first := begin.Add(time.Duration(measured(cfg)) * 24 * time.Hour)
	for i, s := range all {
		// First visits are spread.
		s.shown, s.last, s.policy = 0, time.Time{}, state{}
		s.next = begin.Add(cfg.Schedule.Max * time.Duration(i) / time.Duration(4*len(all)))
	}
	var delays, onNews []float64
	newsFrom := begin.Add(time.Duration(newsDay(cfg)) * 24 * time.Hour)
	newsTo := newsFrom.Add(24 * time.Hour)
	visits, beyond := 0, 0
	for day := range cfg.Days {
		end := begin.Add(time.Duration(day+1) * 24 * time.Hour)
		if ctx.Err() != nil {
			break
		}
		for _, s := range all {
			for s.next.Before(end) {
				now := s.next
				until := s.shown
				for until < len(s.times) && !s.times[until].After(now) {
					until++
				}
				fresh := until - s.shown
				counts := !now.Before(first)
				if counts {
					visits++
				}
				if lost := fresh - cfg.List; lost > 0 {
					if counts {
						beyond += lost
					}
					s.shown, fresh = until-cfg.List, cfg.List
				}
				if counts {
					for _, at := range s.times[s.shown:until] {
						delay := now.Sub(at).Minutes()
						delays = append(delays, delay)
						if !at.Before(newsFrom) && at.Before(newsTo) {
							onNews = append(onNews, delay)
						}
					}
				}
				s.shown = until
				listed := min(until, cfg.List)
				s.next = p.next(s, now, fresh, listed)
				s.last = now
			}
		}
		p.night(day, all)
	}
	r := Result{Policy: policy.Name, Requests: float64(visits) / float64(cfg.Days-measured(cfg)) / float64(len(all))}
	r.Delay, r.News = delayOf(delays), delayOf(onNews)
	if n := len(delays) + beyond; n > 0 {
		r.Beyond = float64(beyond) / float64(n)
	}
	return r
}

func delayOf(delays []float64) Delay {
	if len(delays) == 0 {
		return Delay{}
	}
	slices.Sort(delays)
	total := 0.0
	for _, d := range delays {
		total += d
	}
	at := func(share float64) float64 { return delays[min(int(share*float64(len(delays))), len(delays)-1)] }
	return Delay{Median: at(.5), Mean: total / float64(len(delays)), P95: at(.95)}
}

// searched is how many sections a knob is turned for, and steps how often: enough for a hundredth of the requests.
const (
	searched = 200
	steps    = 14
)

// Spend turns the policy's knob until it spends so many requests a section and day, or as near to that as it comes, and gives
// what that leads to. The error is the context's.
func Spend(ctx context.Context, cfg Config, policy Policy, requests float64) (r Result, err error) {
	var knob float64
	some := cfg
	some.Sections = min(cfg.Sections, searched)
	all := fleet(some)
	low, high := policy.low, policy.high
	for range steps { // more of any knob is fewer requests
		knob = math.Sqrt(low * high)
		if run(ctx, some, all, policy, knob).Requests > requests {
			low = knob
		} else {
			high = knob
		}
	}
	whole := fleet(cfg)
	r = run(ctx, cfg, whole, policy, knob)
	// The others are not quite as those: a few steps of proportion, until it is a thousandth.
	for range 3 {
		if math.Abs(r.Requests-requests) < requests/1000 {
			break
		}
		knob = min(max(knob*math.Pow(r.Requests/requests, policy.power), policy.low), policy.high)
		r = run(ctx, cfg, whole, policy, knob)
	}
	return r, context.Cause(ctx)
}
