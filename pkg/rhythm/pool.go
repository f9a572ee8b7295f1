package rhythm

import "math"

const (
	// poolDoubt is for how many sections the wider pool's rate counts.
	poolDoubt = 3.0
	// known is over how many days a section must have been seen for its rate to count in a pool.
	known = 2.0
	// mostVoice is how many articles of one section count in a pool's profile, so that a ticker does not speak for all.
	mostVoice = 500.0

	// The classes of rates are half octaves: the first is of an article in half a year, the last of 1,500 a day.
	classes    = 36
	firstClass = -7.5 // its binary logarithm, in articles a day
)

// Pool is what sections of one kind have taught together: those of a site, of a country, of the fleet. The zero value has
// none.
type Pool struct {
	Rates [classes]float64 `bson:"rates"` // how many sections there are of each class
	Hour  [hours]float64   `bson:"hour"`  // articles, by the hour of their place
	Day   [days]float64    `bson:"day"`
	// OverHour and OverDay are how many were to be expected if all hours, or all weekdays, were alike.
	OverHour [hours]float64 `bson:"over_hour"`
	OverDay  [days]float64  `bson:"over_day"`
}

// Valid is false for what Add never makes, as somebody else may have written it.
func (p *Pool) Valid() bool {
	return positive(p.Rates[:], p.Hour[:], p.Day[:], p.OverHour[:], p.OverDay[:])
}

// IsKnown says whether a section was seen for long enough to count.
func (s *Stats) IsKnown() bool { return s.Days >= known }

// Add adds what a section has taught, with its shift.
func (p *Pool) Add(s *Stats, shift float64) {
	if s.IsKnown() {
		rate := max((s.Count+0.5)/s.Days+shift, leastRate) // half an article for those that showed none
		class := math.Round(2 * (math.Log2(rate) - firstClass))
		p.Rates[int(min(max(class, 0), classes-1))]++
	}
	voice := 1.0
	if s.Count > mostVoice {
		voice = mostVoice / s.Count
	}
	rate := s.Rate()
	for i, n := range s.Hour {
		p.Hour[i] += n * voice
		p.OverHour[i] += rate * s.OverHour[i] * voice
	}
	for i, n := range s.Day {
		p.Day[i] += n * voice
		p.OverDay[i] += rate * s.OverDay[i] * voice
	}
}

// Prior is what is to be expected of another section of the kind; wider is what is known of a wider one.
func (p *Pool) Prior(wider *Prior) Prior {
	log, n := poolDoubt*math.Log(wider.Rate), poolDoubt
	for class, some := range p.Rates {
		log += some * math.Log(rateOf(class))
		n += some
	}
	prior := Prior{Rate: math.Exp(log / n)}
	shrink(prior.Profile.Hour[:], p.Hour[:], p.OverHour[:], 1, wider.Profile.Hour[:])
	shrink(prior.Profile.Day[:], p.Day[:], p.OverDay[:], 1, wider.Profile.Day[:])
	return prior
}

// rateOf is the middle of a class, in articles a day.
func rateOf(class int) float64 { return math.Exp2(firstClass + float64(class)/2) }

// Unknown is what is taken for true where no section has taught anything: six articles a day, the median of sections of news
// sites; few at night, most from morning to evening.
func Unknown() Prior {
	p := Prior{Rate: 6}
	for i := range p.Profile.Day {
		p.Profile.Day[i] = 1
	}
	total := 0.0
	for i := range p.Profile.Hour {
		// A wave with its trough at three in the morning; the amplitude leaves a quarter of the mean there.
		p.Profile.Hour[i] = 1 - 0.75*math.Cos(2*math.Pi*(float64(i)-3)/hours)
		total += p.Profile.Hour[i]
	}
	for i := range p.Profile.Hour {
		p.Profile.Hour[i] *= hours / total
	}
	return p
}
