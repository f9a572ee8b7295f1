package look

import (
	"hash/fnv"
	"math"
	"time"
)

// Why is what decided when an article is looked at next.
type Why string

// What decides.
const (
	WhyEdits   Why = "edits"   // by then an edit is to be expected for the price of a look
	WhyEdited  Why = "edited"  // likewise, for it was edited before
	WhyUnknown Why = "unknown" // likewise, as of any site: little is known of this one
	WhyTrial   Why = "trial"   // no look is worth its price, and one in fifty articles is looked at once all the same
	WhySettled Why = "settled" // no look is worth its price any more
)

// Meaning is what it says, for people; "" for a word of another version.
func (w Why) Meaning() string {
	switch w {
	case WhyEdits:
		return "by then its site is expected to have edited it"
	case WhyEdited:
		return "it was edited before, and is expected to be edited again"
	case WhyUnknown:
		return "little is known of how its site edits"
	case WhyTrial:
		return "its site hardly ever edits, and one in fifty articles is looked at all the same"
	case WhySettled:
		return "no edit is to be expected that is worth a look"
	}
	return ""
}

const (
	// steps is how many times are looked into for each doubling of the age.
	steps = 4
	times = steps*(ages-1) + 1
	// grace is the age in hours up to which a young article's edits do not lose in worth: nobody minds half an hour.
	grace = 0.5
	// known is how many edits a site has shown that is known.
	known = 3
)

// Plan is what a look must bring. The zero value never looks.
type Plan struct {
	Price float64 // in edits, each counting by how soon it is found; 0: never look
}

// One in trials articles is looked at, at the age of a day, where no look is worth its price: so a site that begins to edit is noticed.
const (
	trials  = 50
	trialAt = 24 * time.Hour
)

// Next says when an article is looked at again, after the last look of its record; false for never. The id is the article's: what
// was published together is not looked at together, but up to a tenth of the wait later.
func (p Plan) Next(id string, r *Record, h *Habit, prior *Model) (time.Time, Why, bool) {
	if p.Price <= 0 {
		return time.Time{}, WhySettled, false
	}
	m := h.hopeful(prior)
	age, lot := r.age(r.At), lotOf(id)
	path := p.path(&m, m.frailty(r), age)
	why := WhyEdits
	switch {
	case len(path) == 0 && r.Looks == 0 && age < trialAt.Hours() && lot%trials == 0:
		path, why = []float64{trialAt.Hours()}, WhyTrial
	case len(path) == 0:
		return time.Time{}, WhySettled, false
	case r.Edits > 0:
		why = WhyEdited
	case sum(h.Edits[:]) < known && h.Looks < known*known:
		why = WhyUnknown
	}
	wait := (path[0] - age) * (1 + 0.1*float64(lot%1000)/1000)
	return r.At.Add(time.Duration(wait * float64(time.Hour))), why, true
}

// lotOf is a stable number that an id draws.
func lotOf(id string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash never fails
	return h.Sum32()
}

func sum(list []float64) (total float64) {
	for _, v := range list {
		total += v
	}
	return total
}

// path are the ages in hours at which an article is best looked at that was looked at last at an age, by what is known now.
func (p Plan) path(m *Model, factor, age float64) []float64 {
	var at [times + 1]float64 // the ages
	at[0] = age
	n := 1
	for i := range times {
		if t := Least.Hours() * math.Exp2(float64(i)/steps); t >= age+Least.Hours() {
			at[n] = t
			n++
		}
	}
	var edits, worth [times + 1]float64 // from the first age on, and their worth if they were found at age -grace+1 h
	for i := 1; i < n; i++ {
		edits[i], worth[i] = edits[i-1], worth[i-1]
		m.between(at[i-1], at[i], &edits[i], &worth[i])
	}
	var value [times + 1]float64 // of all looks after the one at that age
	var next [times + 1]int
	for i := n - 1; i >= 0; i-- {
		for j := i + 1; j < n; j++ {
			if at[j] < at[i]+Least.Hours()-1e-9 {
				continue
			}
			expected := edits[j] - edits[i]
			if expected <= 0 {
				continue
			}
			mean := (worth[j] - worth[i]) / (at[j] + grace) / expected
			if gain := mean*-math.Expm1(-factor*expected) - p.Price + value[j]; gain > value[i] {
				value[i], next[i] = gain, j
			}
		}
	}
	var path []float64
	for i := next[0]; i > 0; i = next[i] {
		path = append(path, at[i])
	}
	return path
}

// between adds up the edits to be expected between two ages, and their ages.
func (m *Model) between(from, to float64, edits, worth *float64) {
	for i, rate := range m.rate {
		begin, end := edges(i)
		begin, end = max(begin, from), min(end, to)
		if end <= begin {
			continue
		}
		*edits += rate * (end - begin)
		*worth += rate * ((end*end-begin*begin)/2 + grace*(end-begin))
	}
}

// The prices that are looked into, in edits, by halves of their ratio: twelve of them leave a three-hundredth.
const (
	leastPrice = 1e-5
	mostPrice  = 1.0
	halvings   = 12
)

// Pool is what the sites of the fleet have taught together. The zero value has none.
type Pool struct {
	Habit Habit            `bson:"habit"`
	Sites [classes]float64 `bson:"sites"` // articles, by how many edits one of their site has
}

// The classes are half octaves: the first is of an edit in a thousand articles, the last of two or more an article.
const (
	classes    = 24
	firstClass = -10.0
	// poolVoice is how many looks of one site count in what is expected of others, so that a ticker does not speak for all.
	poolVoice = 500.0
	// poolDoubt is for how many articles the usual spread of sites counts.
	poolDoubt = 100.0
)

// Valid is false for what Add never makes, as somebody else may have written it.
func (p *Pool) Valid() bool {
	for _, v := range p.Sites {
		if !(v >= 0 && v <= math.MaxFloat32) {
			return false
		}
	}
	return p.Habit.Valid()
}

// Add adds a site's habit.
func (p *Pool) Add(h *Habit) {
	unknown := Unknown()
	m := h.hopeful(&unknown)
	// Not rounded: many sites are just below what is worth a look.
	class := 2 * (math.Log2(m.edits(0, Horizon.Hours())) - firstClass)
	p.Sites[int(min(max(class, 0), classes-1))] += h.Articles
	if h.Looks > 0 {
		p.Habit.add(h, min(h.Looks, poolVoice)/h.Looks)
	}
}

// Prior is what is to be expected of another site.
func (p *Pool) Prior() Model {
	unknown := Unknown()
	return p.Habit.Model(&unknown)
}

// Plan gives the plan by which articles cost so many looks, in the mean over sites such as those of the pool.
func (p *Pool) Plan(looks float64) Plan {
	if looks <= 0 {
		return Plan{}
	}
	prior := p.Prior()
	whole := prior.edits(0, Horizon.Hours())
	sites := p.Sites
	for i := range sites {
		sites[i] += poolDoubt * usual(i)
	}
	low, high := leastPrice, mostPrice
	for range halvings {
		plan := Plan{math.Sqrt(low * high)}
		spent, total := 0.0, 0.0
		for i, some := range sites {
			m := prior
			for j := range m.rate {
				m.rate[j] *= editsOf(i) / whole
			}
			spent += some * plan.spends(&m)
			total += some
		}
		if spent > looks*total {
			low = plan.Price
		} else {
			high = plan.Price
		}
	}
	return Plan{math.Sqrt(low * high)}
}

// usual is the share of a class where nothing is known: log-normal around Unknown's, where one site in six edits three times
// as much as the median or more.
func usual(class int) float64 {
	const median, sigma = 0.2, 1.2
	z := math.Log(editsOf(class)/median) / sigma
	return math.Exp(-z*z/2) / (sigma * math.Sqrt(2*math.Pi)) * math.Ln2 / 2
}

// editsOf is the least that an article of a class has.
func editsOf(class int) float64 { return math.Exp2(firstClass + float64(class)/2) }

// spends is how many looks an article costs that is edited as the model says, where they find edits as they are to be
// expected: the mean over those that turn out to be edited seldom, as most, and often.
func (p Plan) spends(m *Model) float64 {
	looks := 0.0
	// By its record: never edited (again), once, and three times. The weights are those of the negative binomial distribution
	// of counts that gamma-distributed frailties lead to.
	whole := m.edits(0, Horizon.Hours())
	none := math.Pow(frailty/(frailty+whole), frailty)
	once := none * frailty * whole / (frailty + whole)
	for _, c := range []struct {
		edits  int
		weight float64
	}{{0, none}, {1, once}, {3, max(1-none-once, 0)}} {
		if c.weight > 1e-3 {
			looks += c.weight * float64(p.follow(m, c.edits))
		}
	}
	return looks
}

// follow counts the looks at an article of which the first so many find an edit.
func (p Plan) follow(m *Model, edits int) (looks int) {
	begin := time.Time{}
	r := Record{From: begin, At: begin}
	for {
		path := p.path(m, m.frailty(&r), r.age(r.At))
		if len(path) == 0 {
			return looks
		}
		looks++
		r = r.Look(begin.Add(time.Duration(path[0]*float64(time.Hour))), r.Edits < edits)
	}
}
