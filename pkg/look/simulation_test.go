package look

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// fleet is a simulated one, on a clock of its own: sites with so many articles a day for so many days, of which the first third
// is for learning and not measured.
type fleet struct {
	sites, days, perDay int
	seed                uint64
}

// truth is how a site edits: how many edits an article has in the mean, and the age by which half of them came, about.
type truth struct {
	scale, half float64
	site        int
}

// sitesOf draws sites: one in five never edits; others' means are log-normal, and some take minutes over it and some a day.
func (f fleet) sitesOf(random *rand.Rand) []truth {
	all := make([]truth, f.sites)
	for i := range all {
		all[i] = truth{scale: min(0.25*math.Exp(1.2*random.NormFloat64()), 4), half: math.Exp2(5*random.Float64() - 2.5), site: i}
		if i%5 == 0 {
			all[i].scale = 0
		}
	}
	return all
}

// edits draws the ages of an article's edits in hours: gamma-distributed frailty, and ages as of a log-logistic distribution.
func (s truth) edits(random *rand.Rand) []float64 {
	var ages []float64
	mean := s.scale * gamma(random, 0.6) / 0.6
	for t := random.ExpFloat64(); t < mean; t += random.ExpFloat64() {
		u := random.Float64()
		if age := s.half * u / (1 - u); age < 30*24 {
			ages = append(ages, age)
		}
	}
	slices.Sort(ages)
	return ages
}

// gamma draws by Marsaglia and Tsang; shapes below one by the usual power.
func gamma(random *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(random, shape+1) * math.Pow(random.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	for {
		x := random.NormFloat64()
		v := math.Pow(1+x/math.Sqrt(9*d), 3)
		if v > 0 && math.Log(random.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// rule is a way to look.
type rule interface {
	next(s truth, id string, r *Record) (time.Time, bool)
	read(s truth)
	learn(s truth, r *Record, at time.Time, edited bool)
	night()
}

// atAges is the rule of fixed ages, in hours.
type atAges []float64

func (a atAges) next(_ truth, _ string, r *Record) (time.Time, bool) {
	for _, h := range a {
		if at := r.From.Add(hours(h)); at.After(r.At) {
			return at, true
		}
	}
	return time.Time{}, false
}
func (atAges) learn(truth, *Record, time.Time, bool) {}
func (atAges) read(truth)                            {}
func (atAges) night()                                {}

func hours(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }

// own is the product's own.
type own struct {
	looks  float64
	habits []Habit
	prior  Model
	plan   Plan
}

func newOwn(f fleet, looks float64) *own {
	o := &own{looks: looks, habits: make([]Habit, f.sites)}
	o.night()
	return o
}

func (o *own) next(s truth, id string, r *Record) (time.Time, bool) {
	at, _, ok := o.plan.Next(id, r, &o.habits[s.site], &o.prior)
	return at, ok
}

func (o *own) read(s truth) { o.habits[s.site].Read() }

func (o *own) learn(s truth, r *Record, at time.Time, edited bool) {
	m := o.habits[s.site].Model(&o.prior)
	o.habits[s.site].Learn(r, at, edited, &m)
}

func (o *own) night() {
	var p Pool
	for i := range o.habits {
		p.Add(&o.habits[i])
	}
	o.prior, o.plan = p.Prior(), p.Plan(o.looks)
}

// result is what a rule comes to.
type result struct {
	looks   float64 // an article
	caught  float64 // versions that a look saw, of all
	noticed float64 // edits after which there was a look, of all within a week
	late    float64 // hours from these to the look, in the mean
	median  float64
	first   float64 // minutes to the first look at the tenth of the sites that edits most, in the median
	quiet   float64 // looks an article of sites that never edit
}

func (f fleet) run(rule rule) result {
	random := rand.New(rand.NewPCG(f.seed, 1))
	sites := f.sitesOf(random)
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var r result
	var lates, firsts []float64
	articles, edits, quiet, quietLooks := 0, 0, 0, 0
	busy := slices.Clone(sites)
	slices.SortFunc(busy, func(a, b truth) int { return int(math.Copysign(1, b.scale-a.scale)) })
	least := busy[len(busy)/10].scale
	for day := range f.days {
		for _, s := range sites {
			for n := range f.perDay {
				from := begin.Add(time.Duration(day)*24*time.Hour + time.Duration(n)*24*time.Hour/time.Duration(f.perDay))
				truth := s.edits(rand.New(rand.NewPCG(f.seed, uint64((day*f.sites+s.site)*f.perDay+n))))
				found := 0.2 * rand.New(rand.NewPCG(f.seed+1, uint64(n))).ExpFloat64()
				rec := Record{From: from, At: from.Add(hours(found))}
				counts := day >= f.days/3
				id := fmt.Sprint(day, s.site, n)
				rule.read(s)
				for {
					at, ok := rule.next(s, id, &rec)
					if !ok {
						break
					}
					was, age := rec.At.Sub(from).Hours(), at.Sub(from).Hours()
					in := 0
					for _, e := range truth {
						if e > was && e <= age {
							in++
							if counts {
								lates = append(lates, age-e)
							}
						}
					}
					rule.learn(s, &rec, at, in > 0)
					if counts {
						if rec.Looks == 0 && s.scale >= least {
							firsts = append(firsts, (age-was)*60)
						}
						r.looks++
						if in > 0 {
							r.caught++
						}
						if s.scale == 0 {
							quietLooks++
						}
					}
					rec = rec.Look(at, in > 0)
				}
				if counts {
					articles++
					if s.scale == 0 {
						quiet++
					}
					for _, e := range truth {
						if e > found && e <= 7*24 {
							edits++
						}
					}
				}
			}
		}
		rule.night()
	}
	r.noticed = float64(len(lates)) / float64(edits)
	r.caught /= float64(edits)
	r.looks /= float64(articles)
	r.quiet = float64(quietLooks) / float64(quiet)
	for _, l := range lates {
		r.late += l / float64(len(lates))
	}
	r.median, r.first = middle(lates), middle(firsts)
	return r
}

func middle(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[len(list)/2]
}

// TestAgainstFixedAges holds the plan to what it is for: for no more looks than at fixed ages it finds more of the edits, and sooner; where
// much is edited the first look comes within twenty minutes, and few come where nothing is. With -v it prints the table of
// docs/freshness.md.
func TestAgainstFixedAges(t *testing.T) {
	t.Parallel()
	f := fleet{sites: 40, days: 18, perDay: 6, seed: 3}
	t.Logf("%-22s %6s %8s %8s %8s %8s %8s %8s", "rule", "looks", "caught", "noticed", "late h", "median", "first m", "quiet")
	show := func(name string, rule rule) result {
		r := f.run(rule)
		t.Logf("%-22s %6.2f %8.3f %8.3f %8.2f %8.2f %8.0f %8.2f", name, r.looks, r.caught, r.noticed, r.late, r.median, r.first, r.quiet)
		return r
	}
	one, two, four := show("24 h", atAges{24}), show("6, 24 h", atAges{6, 24}), show("1, 6, 24, 72 h", atAges{1, 6, 24, 72})
	for _, c := range []struct {
		looks  float64
		fixed  result
		caught float64 // at least, as a multiple of the fixed ages'
		first  float64 // minutes at most
	}{{1, one, 0.9, 90}, {2, two, 1.15, 60}, {4, four, 1.15, 25}, {6, four, 1.2, 20}} {
		r := show(fmt.Sprintf("by habit, %g at most", c.looks), newOwn(f, c.looks))
		if r.looks > c.looks || r.caught < c.caught*c.fixed.caught || r.median > c.fixed.median || r.first > c.first || r.quiet > 0.2*c.looks {
			t.Errorf("%+v\nfixed %+v", r, c.fixed)
		}
	}
}

func BenchmarkPlan(b *testing.B) {
	for b.Loop() {
		(&Pool{}).Plan(3)
	}
}
func BenchmarkNext(b *testing.B) {
	p, u := (&Pool{}).Plan(3), Unknown()
	now := time.Now()
	for b.Loop() {
		p.Next("x", &Record{From: now, At: now}, &Habit{}, &u)
	}
}
