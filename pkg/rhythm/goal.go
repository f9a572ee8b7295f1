package rhythm

import (
	"math"
	"time"
)

// Goal is what a fleet's visits are for: Requests, where it is set, or else Delay.
type Goal struct {
	Delay    time.Duration // from an article's publication to the visit that finds it, in the median of all articles
	Requests float64       // visits of a section a day, in the mean of all sections
}

// A goal's threshold is searched between these, in article-minutes, by halves of their ratio: sixteen of them leave a thousandth.
const (
	leastThreshold = 1e-2
	mostThreshold  = 1e6
	halvings       = 16
)

// Threshold is that of a schedule that comes to the goal with sections such as those of the pool, with its prior's profile.
// The schedule's own threshold does not count.
func (g Goal) Threshold(p *Pool, prior *Prior, s Schedule) float64 {
	if s.Min >= s.Max {
		return 0 // it is of no use
	}
	rates := p.Rates
	for class := range rates { // and of those that are not known yet
		rates[class] += poolDoubt * usual(class)
	}
	low, high := leastThreshold, mostThreshold
	for range halvings {
		s.Threshold = math.Sqrt(low * high)
		visits, delay := s.outlook(&rates, prior)
		short := delay < g.Delay // more of it is fewer visits and a longer delay
		if g.Requests > 0 {
			short = visits > g.Requests
		}
		if short {
			low = s.Threshold
		} else {
			high = s.Threshold
		}
	}
	return s.Threshold
}

// usual is the share of sections of a class where nothing is known: log-normal around Unknown's rate, with as wide a spread as
// sections of news sites have, where one in forty has ten times the median.
func usual(class int) float64 {
	const sigma = 1.2 // of the natural logarithm
	z := math.Log(rateOf(class)/Unknown().Rate) / sigma
	return math.Exp(-z*z/2) / (sigma * math.Sqrt(2*math.Pi)) * math.Ln2 / 2
}

// An outlook is of so long, with weekdays alike, and takes visits for no closer together than this: what is asked more often
// is a ticker, and there are few.
const (
	outlookOver  = 48 * time.Hour
	outlookLeast = 5 * time.Minute
)

// outlook is what a schedule comes to with sections of known rates: visits of a section a day, and the median delay.
func (s Schedule) outlook(rates *[classes]float64, prior *Prior) (visits float64, delay time.Duration) {
	least := max(s.Min, outlookLeast)
	most := max(s.Max, least)
	begin := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC) // any day
	var found histogram
	sections := 0.0
	for class, some := range rates {
		if some == 0 {
			continue
		}
		sections += some
		m := Model{profile: Profile{Hour: prior.Profile.Hour}, rate: rateOf(class), burst: 1, zone: time.UTC}
		for i := range m.profile.Day {
			m.profile.Day[i] = 1
		}
		for at := begin; at.Sub(begin) < outlookOver; {
			next := m.Waited(at, s.Threshold, most)
			next = at.Add(max(next.Sub(at), least))
			visits += some
			m.walk(at, next, func(p piece) bool {
				found.add(some*p.rate*p.days(), next.Sub(p.at)-p.length/2)
				return true
			})
			at = next
		}
	}
	return visits * 24 * float64(time.Hour) / float64(outlookOver) / max(sections, 1), found.median()
}

// histogram is of times, weighted: by eighths of octaves of a second.
type histogram struct {
	weight [8 * 24]float64
	total  float64
}

func (h *histogram) add(weight float64, d time.Duration) {
	i := int(8 * math.Log2(max(d.Seconds(), 1)))
	h.weight[min(i, len(h.weight)-1)] += weight
	h.total += weight
}

func (h *histogram) median() time.Duration {
	left := h.total / 2
	for i, w := range h.weight {
		if left -= w; left <= 0 {
			return time.Duration(math.Exp2((float64(i)+.5)/8) * float64(time.Second))
		}
	}
	return 0
}
