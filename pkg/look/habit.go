// Package look says when a stored article is looked at again for edits, so that the looks that may be spent catch as many edits
// as they can, and soon.
//
// What is learned is a Habit: per site, how often its articles are edited at which age. Each look says whether an article
// was edited since the look before; in which hours of that span, is taken to be as it was to be expected. A site that has
// shown little is taken for one of the fleet (Model shrinks its Habit to a Prior, as package rhythm does with sections). One
// article is edited more than another: one that was edited before is expected to be edited again, and one that was not, less
// (a gamma-distributed frailty, as in survival analysis).
//
// A Plan looks where an edit is expected for the price of a look. An edit counts by how soon it is found: half where the
// article has become twice as old. The looks at one article are chosen together, by dynamic programming over ages, and one
// price for all is the best way to spend any number of looks: at each site one look more would catch as much. The price
// follows from how many looks an article may cost, in the mean of the fleet.
//
// Everything here is a pure function of its arguments. Invariants: looks at one article are at least Least apart, and none comes
// after Horizon; a Habit is bounded in size and finite, whatever clocks it was given. Failure modes: a site that changes its
// habits is followed after some thousands of looks.
package look

import (
	"math"
	"time"
)

// The ages of an article that are told apart double from one to the next: edits come fast at first, and ever more seldom.
const (
	ages = 11
	// Least is the first of them, and the least time between two looks: by then the second thoughts of a desk are out.
	Least = 10 * time.Minute
	// Horizon is the age at which an article is looked at last: a week. What is corrected later is a matter of courts.
	Horizon = Least << (ages - 1)
)

const (
	// siteDoubt is for how many edits the fleet counts in how much a site edits, and ageDoubt in how that is spread over each
	// age. Sites differ by ten times in the one, and less in the other.
	siteDoubt, ageDoubt = 2.0, 10.0
	// frailty is the shape of the distribution by which articles of one site differ: a few are edited all day, and most never.
	frailty = 0.7
	// halveAt is after how many articles a Habit's counts are halved, so that what a site does now outweighs what it did.
	halveAt = 5_000
)

// Habit is what the looks at a site's articles have taught. The zero value has seen nothing.
type Habit struct {
	Articles float64       `bson:"articles"` // that might have been looked at
	Looks    float64       `bson:"looks"`    // how many
	Hours    [ages]float64 `bson:"hours"`    // that articles were watched at each age, those that are edited more counting for more
	Edits    [ages]float64 `bson:"edits"`    // found, by the age at which they were to be expected
}

// Valid is false for what Learn never makes, as somebody else may have written it.
func (h *Habit) Valid() bool {
	for _, v := range append(append([]float64{h.Articles, h.Looks}, h.Hours[:]...), h.Edits[:]...) {
		if !(v >= 0 && v <= math.MaxFloat32) { // which no NaN is
			return false
		}
	}
	return true
}

// Add adds what others saw.
func (h *Habit) Add(o *Habit) {
	h.add(o, 1)
	for h.Articles > halveAt || h.Looks > mostLooks*halveAt {
		h.add(h, -0.5)
	}
}

// mostLooks is how many looks the articles of a site have in the mean at most, about; one alone has 41 at most, as a Plan has times.
const mostLooks = 10

func (h *Habit) add(o *Habit, share float64) {
	h.Articles += share * o.Articles
	h.Looks += share * o.Looks
	for i := range h.Hours {
		h.Hours[i] += share * o.Hours[i]
		h.Edits[i] += share * o.Edits[i]
	}
}

// Read counts an article that was read for the first time.
func (h *Habit) Read() { h.Add(&Habit{Articles: 1}) }

// Record is what the looks at one article have seen.
type Record struct {
	From  time.Time `bson:"from"`            // its age counts from there: when it was published, or found
	At    time.Time `bson:"at"`              // of the last look
	Looks int       `bson:"looks,omitempty"` // after the first reading
	Edits int       `bson:"edits,omitempty"` // of these, how many found another text
	Mark  string    `bson:"mark,omitempty"`  // of the text as it was then: see package edit
}

// Look gives the record after one more look.
func (r Record) Look(at time.Time, edited bool) Record {
	r.At = at
	r.Looks++
	if edited {
		r.Edits++
	}
	return r
}

// age is in hours, from 0 to Horizon.
func (r *Record) age(at time.Time) float64 {
	return min(max(at.Sub(r.From).Hours(), 0), Horizon.Hours())
}

// Model is how often a site's articles are edited.
type Model struct {
	rate [ages]float64 // edits an hour at each age
}

// Unknown is what is taken for true where no look has taught anything: two edits of five articles, each doubling of the age
// from half an hour on bringing as many.
func Unknown() Model {
	const edits, from = 0.4, 0.5
	var m Model
	scale := edits / math.Log(1+Horizon.Hours()/from)
	for i := range m.rate {
		begin, end := edges(i)
		m.rate[i] = scale * math.Log((end+from)/(begin+from)) / (end - begin)
	}
	return m
}

// edges are where an age begins and ends, in hours.
func edges(i int) (begin, end float64) {
	end = Least.Hours() * math.Exp2(float64(i))
	if i > 0 {
		begin = end / 2
	}
	return begin, end
}

// Model shrinks a site's habit to what is known of others.
func (h *Habit) Model(prior *Model) Model { return h.model(prior, 0) }

// hopeful is the model by which looks are planned: as many standard deviations above what is known as hope says, so that a
// site of which little is known is looked at rather than not.
func (h *Habit) hopeful(prior *Model) Model { return h.model(prior, hope) }

const hope = 1.0

func (h *Habit) model(prior *Model, hope float64) Model {
	found, expected := siteDoubt, siteDoubt
	for i := range h.Hours {
		found += h.Edits[i]
		expected += h.Hours[i] * prior.rate[i]
	}
	scale := (found + hope*math.Sqrt(found)) / expected
	var m Model
	for i := range m.rate {
		of := scale * prior.rate[i]
		m.rate[i] = of * (ageDoubt + h.Edits[i]) / (ageDoubt + of*h.Hours[i])
	}
	return m
}

// Learn adds a look at an article, of which the record is that of before.
func (h *Habit) Learn(r *Record, at time.Time, edited bool, m *Model) {
	from, to := r.age(r.At), r.age(at)
	if to <= from {
		return
	}
	factor := m.frailty(r)
	var one Habit
	one.Looks = 1
	expected := m.edits(from, to)
	for i := range m.rate {
		begin, end := edges(i)
		hours := max(min(end, to)-max(begin, from), 0)
		one.Hours[i] = factor * hours
		if edited {
			one.Edits[i] = hours * m.rate[i] / expected * atLeastOne(factor*expected)
		}
	}
	h.Add(&one)
}

// atLeastOne is how many edits there were where there was one, and so many were to be expected.
func atLeastOne(expected float64) float64 {
	if expected < 1e-6 {
		return 1
	}
	return min(expected/-math.Expm1(-expected), 5) // five in one span are a page that changes at each look
}

// frailty is by how much more an article is edited than others of its site, as far as its record tells.
func (m *Model) frailty(r *Record) float64 {
	return (frailty + float64(r.Edits)) / (frailty + m.edits(0, r.age(r.At)))
}

// edits is how many are to be expected of an article between two ages in hours.
func (m *Model) edits(from, to float64) float64 {
	n := 0.0
	for i, rate := range m.rate {
		begin, end := edges(i)
		n += rate * max(min(end, to)-max(begin, from), 0)
	}
	return n
}
