package boilerplate

import (
	"math"
	"slices"
	"time"
)

const (
	// minSupport is on how many articles a line must stand at the least. Four that follow one another by chance are
	// what an editor's note on a few articles of one day may do.
	minSupport = 5
	// minShare of the articles since a line first stood on one carries it, with confidence95. A notice of correction
	// and a phrase of the trade stand on fewer than one in six; a promotion that takes turns with two others on more.
	minShare = 1.0 / 6
	// minAgencyShare is that of the articles of one agency, for lines that stand after the text on its articles alone.
	minAgencyShare = 1.0 / 2
	// mostShare is the share of a line that is on nearly every article.
	mostShare = 1.0 / 2
	// rareShare: a line that was learned and turns out to stand on fewer is an article's own after all.
	rareShare = 1.0 / 12
	// confidence95 is the quantile of the normal distribution for a one-sided bound at 95 %.
	confidence95 = 1.645
)

const (
	// minDays and minSpread: a weekend's matches, a court case and an election night are over within that many days of
	// publication.
	minDays, minSpread = 3, 4
	// minSections is how many sections stand in for days, for a line that is on nearly every article: one event fills
	// the news of one or two.
	minSections, minSectionSupport = 3, 8
	// minMidWords: shorter lines between paragraphs are headings that a site uses again and again.
	minMidWords = 4
)

// Learn decides anew what is boilerplate, and says whether what is known changed. What was learned stays known until it
// has not been seen for as long as the sample reaches back, so that articles fetched again come out the same.
func (p *Profile) Learn(now time.Time) (changed bool) {
	p.thin()
	sample := p.newestFirst()
	slices.Reverse(sample)
	now = seconds(now)
	found := p.count(sample)
	for key, e := range found {
		known, old := p.known[key]
		switch {
		case old && e.rare(sample):
			delete(p.known, key)
			changed = true
		case !old && e.boilerplate(sample):
			known = knownLine{Learned: now, Since: e.since(sample)}
			fallthrough
		case old:
			seen := later(known.Seen, time.Unix(sample[e.carriers[len(e.carriers)-1]].at, 0).UTC())
			changed = changed || !old
			known.Seen = seen
			p.known[key] = known
		}
	}
	for key, k := range p.known {
		if found[key] == nil && p.seenAfter(k.Seen) >= newest {
			delete(p.known, key)
			changed = true
		}
	}
	p.bound()
	return changed
}

func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// seenAfter counts the articles seen after a time.
func (p *Profile) seenAfter(t time.Time) int {
	n := 0
	for _, s := range p.sample {
		if s.at > t.Unix() {
			n++
		}
	}
	return n
}

// evidence is how a line stands on the articles that carry it.
type evidence struct {
	carriers []int // their places in the sample
	// Of the carriers those that tell something: most of their text is their own, and some of it stands beside the line.
	telling          []int
	dropped          int // articles that could, and on which the extractor dropped the line
	among            int // articles that could tell something, from the first carrier on
	lead, mid, tail  int
	titled, sentence int
	words            int // of the line
}

// count gathers the evidence on every line that enough articles carry, or that is known.
func (p *Profile) count(sample []seen) map[Key]*evidence {
	support := make(map[Key]int, 8*len(sample))
	for _, s := range sample {
		for j, l := range s.lines {
			if l.key != gap && !carriedBefore(s.lines[:j], l.key) {
				support[l.key]++
			}
		}
	}
	for key := range p.known {
		if n := support[key]; n > 0 {
			support[key] = max(n, minSupport)
		}
	}
	found := map[Key]*evidence{}
	telling := make([]int, len(sample)+1) // articles before each that could tell something
	for i, s := range sample {
		form := isForm(s.lines, support)
		telling[i+1] = telling[i]
		if !form {
			telling[i+1]++
		}
		tail := len(s.lines) // where the run of shared lines begins that ends the text
		for tail > 0 && support[s.lines[tail-1].key] >= minSupport {
			tail--
		}
		for j, l := range s.lines {
			if support[l.key] < minSupport || carriedBefore(s.lines[:j], l.key) {
				continue
			}
			e := found[l.key]
			if e == nil {
				e = &evidence{words: int(l.words)}
				found[l.key] = e
			}
			e.carriers = append(e.carriers, i)
			if !form && besideOwn(s.lines, j, support) {
				e.add(i, j, tail, s.lines)
			}
		}
	}
	for i, s := range sample {
		for _, key := range s.dropped {
			if e := found[key]; e != nil && i > e.carriers[0] && telling[i+1] > telling[i] && !carriedBefore(s.lines, key) {
				e.dropped++
			}
		}
	}
	for _, e := range found {
		e.among = telling[len(sample)] - telling[e.carriers[0]]
	}
	return found
}

func carriedBefore(lines []line, k Key) bool {
	return slices.ContainsFunc(lines, func(l line) bool { return l.key == k })
}

// isForm says whether more of a text is shared with other articles than is its own: weather reports, tables of rates,
// copies of one story. What recurs on them says nothing of the site.
func isForm(lines []line, support map[Key]int) bool {
	shared, all := 0, 0
	for _, l := range lines {
		all += int(l.words)
		if support[l.key] >= minSupport {
			shared += int(l.words)
		}
	}
	return 2*shared > all
}

// besideOwn says whether the nearest line before or after one that fewer than minSupport articles have stands on this
// article alone. Boilerplate stands beside another text each time; a story's sentence beside the same story.
func besideOwn(lines []line, j int, support map[Key]int) bool {
	own := func(from, step int) bool {
		for k := from; k >= 0 && k < len(lines); k += step {
			if n := support[lines[k].key]; lines[k].key == gap || n < minSupport {
				return n == 1
			}
		}
		return false
	}
	return own(j-1, -1) || own(j+1, 1)
}

func (e *evidence) add(i, j, tail int, lines []line) {
	e.telling = append(e.telling, i)
	switch {
	case j == 0:
		e.lead++
	case j >= tail || j >= len(lines)-2:
		e.tail++
	case j == 1: // below a standfirst or a byline
		e.lead++
	default:
		e.mid++
	}
	if lines[j].flags&titled != 0 {
		e.titled++
	}
	if lines[j].flags&sentence != 0 {
		e.sentence++
	}
}

// boilerplate is the decision on a line that is not known.
func (e *evidence) boilerplate(sample []seen) bool {
	k := len(e.telling)
	if k < minSupport || 5*e.titled > k {
		return false
	}
	// The first carrier does not count: counting begins with it, whatever the share.
	share := lowerBound(k+e.dropped-1, e.among-1)
	days, spread, sections := e.spread(sample)
	switch {
	case days >= minDays && spread >= minSpread:
	case sections >= minSections && k >= minSectionSupport && share >= mostShare:
	default:
		return false
	}
	switch {
	case 2*e.lead > k && (2*e.sentence > k || share < mostShare || sections < 2):
		return false // what opens articles is theirs, but for labels on nearly all of them
	case e.tail < e.mid+e.lead && e.words < minMidWords:
		return false
	case share < minShare && !e.ofAgency(sample):
		return false
	}
	return !e.ofSeries(sample)
}

// spread is over how many days of publication and sections the carriers are spread.
func (e *evidence) spread(sample []seen) (days, width, sections int) {
	day, section := map[int32]bool{}, map[uint32]bool{}
	low, high := int32(math.MaxInt32), int32(math.MinInt32)
	for _, i := range e.telling {
		s := &sample[i]
		day[s.day] = true
		low, high = min(low, s.day), max(high, s.day)
		if s.section != 0 {
			section[s.section] = true
		}
	}
	return len(day), int(high) - int(low), len(section)
}

// ofAgency says whether the line ends the articles of one agency, and stands on no others.
func (e *evidence) ofAgency(sample []seen) bool {
	agency := sample[e.carriers[0]].agency
	if agency == 0 || 10*e.tail < 9*len(e.telling) {
		return false
	}
	all := 0
	for i, s := range sample[e.carriers[0]:] {
		if s.agency == agency {
			all++
		} else if slices.Contains(e.carriers, e.carriers[0]+i) {
			return false
		}
	}
	return lowerBound(len(e.telling)-1, all-1) >= minAgencyShare
}

// ofSeries says whether the carriers are a series, as the weather of each day is: half of their titles have a word in
// common that the other articles' titles have not.
func (e *evidence) ofSeries(sample []seen) bool {
	common := map[uint16]int{}
	for _, i := range e.telling {
		for _, t := range sample[i].topics {
			common[t]++
		}
	}
	for topic, n := range common {
		if 2*n < len(e.telling) {
			continue
		}
		others, have := 0, 0
		for i, s := range sample {
			if _, carries := slices.BinarySearch(e.carriers, i); carries {
				continue
			}
			others++
			if _, ok := slices.BinarySearch(s.topics, topic); ok {
				have++
			}
		}
		// As common among the others: a word of the site's, not of the series.
		if others < minSupport || have*len(e.telling)*2 < n*others {
			return true
		}
	}
	return false
}

// rare says whether a known line stands on so few articles that it should not have been learned.
func (e *evidence) rare(sample []seen) bool {
	first, last := e.carriers[0], e.carriers[len(e.carriers)-1]
	return upperBound(len(e.carriers)+e.dropped, last-first+1) < rareShare && !e.ofAgency(sample)
}

// sinceMargin is how many sampled articles before the first known carrier others may carry the line too that were not
// kept in the sample.
const sinceMargin = 16

// since is a time before which no article was seen with the line; zero where the sample does not reach back so far.
func (e *evidence) since(sample []seen) time.Time {
	if e.carriers[0] < sinceMargin {
		return time.Time{}
	}
	return time.Unix(sample[e.carriers[0]-sinceMargin].at, 0).UTC()
}

// lowerBound is the least share of which k in n are to be expected, with confidence95 (Wilson, JASA 22, 1927).
func lowerBound(k, n int) float64 { return wilson(k, n, -1) }

// upperBound is the greatest such share.
func upperBound(k, n int) float64 { return wilson(k, n, 1) }

func wilson(k, n int, side float64) float64 {
	if n <= 0 {
		return 0
	}
	const z = confidence95
	f := float64(n)
	p := float64(k) / f
	return (p + z*z/(2*f) + side*z*math.Sqrt(p*(1-p)/f+z*z/(4*f*f))) / (1 + z*z/f)
}
