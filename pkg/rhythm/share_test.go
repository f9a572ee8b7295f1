package rhythm

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// paper is a site whose sections list some of the same articles.
type paper struct {
	articles []print
	sections []*shown
	known    map[int]finding
	sharing  bool
	shifts   map[string]float64
}

// print is an article, by the sections that show it.
type print struct {
	at time.Time
	on map[string]bool
}

type finding struct {
	at time.Time
	by string
}

// shown is a section: it lists the latest of its articles, some time after they were published.
type shown struct {
	id     string
	list   int
	bytes  int64
	behind time.Duration
	paged  bool

	stats  Stats
	last   []int
	next   time.Time
	visits int
	missed int // left the list unseen
}

// visit has a section looked at.
func (p *paper) visit(s *shown, now time.Time) {
	var all []int
	for i, a := range p.articles {
		if a.on[s.id] && !a.at.Add(s.behind).After(now) {
			all = append(all, i)
		}
	}
	listed := all[max(0, len(all)-s.list):]
	v := Visit{At: now, Bytes: s.bytes, Tied: map[string]int{}}
	for _, i := range listed {
		f, known := p.known[i]
		if !known {
			v.Fresh++
			p.known[i] = finding{now, s.id}
		}
		if slices.Contains(s.last, i) || s.last == nil {
			continue
		}
		v.Moved++
		switch {
		case !known:
		case f.at.After(s.stats.At):
			v.Tied[f.by]++
		default:
			v.Late++
		}
	}
	if n := len(all) - s.list - 1; s.last != nil && n >= 0 && len(s.last) > 0 && all[n] > s.last[len(s.last)-1] {
		for _, i := range all[:n+1] {
			if _, known := p.known[i]; !known && i > s.last[len(s.last)-1] {
				s.missed++
			}
		}
	}
	s.last = listed
	prior := Unknown()
	s.stats.Learn(v, &prior, baghdad)
	plan := policy
	plan.Threshold, plan.Shift = 30, p.shifts[s.id]
	if !s.paged {
		plan.List = len(listed)
	}
	s.next, _ = plan.Next(&s.stats, &prior, baghdad)
	s.visits++
}

// run lives through days, of which the second half is counted, and gives the mean delay of the articles of one kind each.
func (p *paper) run(days int) {
	end := monday.Add(time.Duration(days) * 24 * time.Hour)
	half := monday.Add(time.Duration(days/2) * 24 * time.Hour)
	pooled, counted := monday, false
	for {
		first := slices.MinFunc(p.sections, func(a, b *shown) int { return a.next.Compare(b.next) })
		if first.next.After(end) {
			return
		}
		if !counted && first.next.After(half) {
			counted = true
			for _, s := range p.sections {
				s.visits, s.missed = 0, 0
			}
		}
		if first.next.Sub(pooled) > time.Hour && p.sharing {
			pooled = first.next
			all := map[string]*Stats{}
			for _, s := range p.sections {
				all[s.id] = &s.stats
			}
			p.shifts = Shifts(all)
		}
		p.visit(first, first.next)
	}
}

// delay is the mean of what was published in the second half and is shown by these sections and no others.
func (p *paper) delay(days int, on ...string) (mean time.Duration, lost int) {
	n := 0
	for i, a := range p.articles {
		if a.at.Before(monday.Add(time.Duration(days/2)*24*time.Hour)) || a.at.After(monday.Add(time.Duration(days-2)*24*time.Hour)) || len(a.on) != len(on) {
			continue
		}
		if slices.ContainsFunc(on, func(id string) bool { return !a.on[id] }) {
			continue
		}
		f, known := p.known[i]
		if !known {
			lost++
			continue
		}
		mean, n = mean+f.at.Sub(a.at), n+1
	}
	return mean / time.Duration(max(n, 1)), lost
}

// newPaper prints sixty articles a day: most are in the feed, on the front page and in the section of their kind; some are in the
// section or on the front page alone.
func newPaper(seed uint64, days int, sharing bool) *paper {
	random := rand.New(rand.NewPCG(seed, 3))
	p := &paper{known: map[int]finding{}, sharing: sharing, sections: []*shown{
		{id: "front", list: 60, bytes: 200_000},
		{id: "feed", list: 20, bytes: 9_000},
		{id: "world", list: 15, bytes: 90_000},
		{id: "copy", list: 20, bytes: 5_000, behind: 2 * time.Hour}, // another feed, cheaper, that is made late
	}}
	for _, s := range p.sections {
		s.next = monday
	}
	for at := monday; at.Sub(monday) < time.Duration(days)*24*time.Hour; at = at.Add(time.Duration(random.ExpFloat64() * float64(24*time.Minute))) {
		on := map[string]bool{"front": true, "feed": true, "copy": true}
		switch random.IntN(10) {
		case 0:
			on = map[string]bool{"world": true}
		case 1:
			on = map[string]bool{"front": true}
		case 2, 3, 4:
			on["world"] = true
		}
		p.articles = append(p.articles, print{at, on})
	}
	return p
}

// TestSharing: of sections that list the same articles the cheapest that shows them first is polled, the others are visited for
// what they alone have and before their lists have gone by, and nobody's articles are found later for that.
func TestSharing(t *testing.T) {
	const days = 40
	for seed := range uint64(2) {
		apart, together := newPaper(seed, days, false), newPaper(seed, days, true)
		apart.run(days)
		together.run(days)
		visits := map[string]int{}
		sum, before, bytes, bytesBefore := 0, 0, int64(0), int64(0)
		for i, s := range together.sections {
			visits[s.id] = s.visits
			sum, bytes = sum+s.visits, bytes+s.bytes*int64(s.visits)
			before, bytesBefore = before+apart.sections[i].visits, bytesBefore+s.bytes*int64(apart.sections[i].visits)
			t.Logf("%s: %d visits in %d days, %d without sharing; missed %d; shift %.1f, late %v", s.id, s.visits, days/2, apart.sections[i].visits, s.missed, together.shifts[s.id], s.stats.isLate())
			if s.missed > 0 {
				t.Errorf("%s: %d articles left the list unseen", s.id, s.missed)
			}
		}
		for _, on := range [][]string{{"front", "feed", "copy"}, {"front", "feed", "copy", "world"}, {"world"}, {"front"}} {
			alike := apart
			if len(on) == 1 { // as late as where the section has nothing but these
				alike = newPaper(seed, days, false)
				alike.articles = slices.DeleteFunc(alike.articles, func(a print) bool { return len(a.on) != 1 || !a.on[on[0]] })
				alike.sections = slices.DeleteFunc(alike.sections, func(s *shown) bool { return s.id != on[0] })
				alike.run(days)
			}
			got, lost := together.delay(days, on...)
			want, _ := alike.delay(days, on...)
			t.Logf("%v: found after %v, want %v", on, got.Round(time.Minute), want.Round(time.Minute))
			if lost > 0 {
				t.Errorf("%v: %d lost", on, lost)
			}
			if float64(got) > 1.2*float64(want) {
				t.Errorf("%v: found after %v, want %v", on, got, want)
			}
		}
		if 2*visits["front"] > visits["feed"] || 2*visits["world"] > visits["feed"] || 2*visits["copy"] > visits["feed"] {
			t.Errorf("visits: %v", visits)
		}
		if sum > before || 10*bytes > 6*bytesBefore {
			t.Errorf("%d visits and %d bytes, %d and %d without sharing", sum, bytes, before, bytesBefore)
		}
	}
}
