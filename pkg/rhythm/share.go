package rhythm

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

const (
	// mostTied bounds the sections of which a section keeps what they found before it: a site's others that list the same are a
	// few, as a feed, a front page and the sections below.
	mostTied = 24
	// lateShare is from which share of articles on a section shows them later than others do: some are always late, as those that
	// an editor sets aside for it.
	lateShare = 0.25
	// leastRate is the rate, in articles a day, that a section keeps whose articles others show: it is still a section.
	leastRate = 0.01
)

// Account is what a section has taught of its articles and of those that other sections of its site list too.
type Account struct {
	Moved float64            `bson:"moved,omitempty"` // articles that came into its list, whoever found them first; fading
	Late  float64            `bson:"late,omitempty"`  // of them: others had shown these when it did not yet
	Tied  map[string]float64 `bson:"tied,omitempty"`  // of them: others found these since it was visited last, by the ids of their pages
	Cost  float64            `bson:"cost,omitempty"`  // bytes on the wire for a visit, a moving mean
}

// add adds a visit, with what is left of the past.
func (a *Account) add(v Visit, fade float64) {
	const latest = .2 // of the mean cost is the last visit's
	if a.Cost == 0 {
		a.Cost = float64(max(v.Bytes, 0))
	}
	a.Cost += latest * (float64(max(v.Bytes, 0)) - a.Cost)
	a.Moved, a.Late = a.Moved*fade+float64(max(v.Moved, 0)), a.Late*fade+float64(max(v.Late, 0))
	tied := make(map[string]float64, len(a.Tied)+len(v.Tied)) // the old one may be in others' hands
	for id, n := range a.Tied {
		if n *= fade; n > leastRate {
			tied[id] = n
		}
	}
	for id, n := range v.Tied {
		tied[id] += float64(max(n, 0))
	}
	if len(tied) > mostTied {
		ids := slices.SortedFunc(maps.Keys(tied), func(x, y string) int { return cmp.Or(cmp.Compare(tied[y], tied[x]), cmp.Compare(x, y)) })
		for _, id := range ids[mostTied:] {
			delete(tied, id)
		}
	}
	a.Tied = tied
	if len(tied) == 0 {
		a.Tied = nil
	}
}

// all is all that came into the list.
func (a *Account) all() (n float64) {
	for _, t := range a.Tied {
		n += t
	}
	return n
}

// isLate says whether the section shows articles later than others of its site.
func (s *Stats) isLate() bool { return s.Late > lateShare*(s.Late+s.all()+s.Count) }

// Shifts is how the sections of one site share the articles that several of them list, by the ids of their pages: so many a day
// each is to be visited for more, or less, than it found first itself. An article counts for the cheapest of the sections that
// show it as early as any: what others found since that one was visited last, it would have found as well. So it is visited for
// all that it shows, and the others for what it does not show.
func Shifts(sections map[string]*Stats) map[string]float64 {
	ids := slices.DeleteFunc(slices.Collect(maps.Keys(sections)), func(id string) bool { return sections[id].Days < fresh })
	slices.SortFunc(ids, func(x, y string) int {
		a, b := sections[x], sections[y]
		if a.isLate() != b.isLate() {
			if a.isLate() {
				return 1
			}
			return -1
		}
		return cmp.Or(cmp.Compare(a.Cost, b.Cost), cmp.Compare(x, y))
	})
	shifts := make(map[string]float64)
	claimed := make(map[string]float64, len(ids)) // of what each found first
	for i, first := range ids {
		for _, other := range ids[i+1:] {
			// What was claimed before is taken for a part of what is now: most of it is.
			claim := min(sections[first].Tied[other]/sections[first].Days, sections[other].Rate()) - claimed[other]
			if claim <= 0 {
				continue
			}
			claimed[other] += claim
			shifts[first] += claim
			shifts[other] -= claim
		}
	}
	return shifts
}

// AreShifts is false for what Shifts never makes, as somebody else may have written it.
func AreShifts(shifts map[string]float64) bool {
	for _, v := range shifts {
		if !(math.Abs(v) <= math.MaxFloat32) { // which no NaN is
			return false
		}
	}
	return true
}
