// Package coverage says whether the visits of a section prove that no article of it went by unseen.
//
// A section lists its articles in an order, the newest first, and as many as it has room for. So a visit proves that nothing is
// missing between it and the one before where what was newest then is still listed; where it is not, any number may have come
// and gone: a gap. A List keeps what was newest, and Follow compares.
//
// What stays whatever comes proves nothing. An article that is kept on top stands ahead of what is new; one in a column at the
// side stays though all that stood ahead of it is gone. Neither counts. A listing whose articles change places, as of what is
// most read, has no order, and nothing follows from it: that is said too.
//
// A gap is open until it is settled: closed, where older pages were read back to what was known, or told, where they cannot be.
//
// Everything here is a pure function of its arguments. Invariants: a List and a Gaps are bounded in size; of the gaps found each
// is closed, told or open. Failure modes: in doubt there is a gap, which costs a request for the page behind the first one; a
// front page of many blocks is taken for one list, so that it proves its first block.
package coverage

import (
	"slices"
	"time"
)

const (
	// Kept is how many of the newest articles are kept: what was newest is the last to leave a list, so that a few would do,
	// but for those that are withdrawn and those that stay for ever.
	Kept = 50
	// mark is how many characters of an article's id are kept: among fifty, one in a hundred million pairs is alike.
	mark = 8

	// disordered is the share of neighbours that change places from one visit to the next from which on a list has no order: in
	// one that is shuffled it is a half, and where an editor moves one of twenty, a twentieth.
	disordered = 0.2
	// fewCommon is of how many articles at least it is told whether they changed places.
	fewCommon = 5
	// mostWithdrawn is how many of the newest may be missing where what comes behind them is there: editors withdraw an
	// article, or give it another address.
	mostWithdrawn = 3
)

// Proof is what a visit of a section shows of the time since the last one.
type Proof string

// What a visit shows.
const (
	Overlap Proof = "overlap" // what was newest is still there: nothing is missing
	Gap     Proof = "gap"     // it is gone: something may be
	First   Proof = "first"   // there is nothing to compare it with yet
	NoOrder Proof = "no_order"
)

// List is what a visit found listed.
type List struct {
	Newest   []string `bson:"newest"`             // marks of the first ones, in order
	Size     int      `bson:"size"`               // how many there were
	More     bool     `bson:"more,omitempty"`     // it goes on on a further page
	Disorder float64  `bson:"disorder,omitempty"` // the share of neighbours that changed places, a moving mean
	Proof    Proof    `bson:"proof"`              // what that visit showed
}

// Mark is what is kept of an article's id.
func Mark(id string) string { return id[:min(len(id), mark)] }

// Follow compares what is listed now, by the ids in their order, with the list of the last visit, which may be nil. Moved are those
// of them that are new to the list, whoever knows them.
func Follow(last *List, ids []string) (now List, moved []string) {
	now = List{Size: len(ids), Proof: First}
	for _, id := range ids[:min(len(ids), Kept)] {
		now.Newest = append(now.Newest, Mark(id))
	}
	if last == nil || len(last.Newest) == 0 {
		return now, nil
	}
	c := compare(last.Newest[:min(len(last.Newest), Kept)], ids)
	now.Disorder = last.Disorder
	if len(c.common) >= fewCommon {
		now.Disorder = (last.Disorder + c.disorder()) / 2
	}
	switch {
	case now.Disorder > disordered:
		now.Proof = NoOrder
	case c.overlaps():
		now.Proof = Overlap
	default:
		now.Proof = Gap
	}
	return now, c.moved(ids)
}

// comparison is of two lists.
type comparison struct {
	last   []string
	common []int        // places in last of what both have, in the order of now
	has    map[int]bool // the same as a set
	isNew  []bool       // of now's, whether last does not have it
	known  int          // how many of now's come up to the last one that last has
}

func compare(last, ids []string) comparison {
	at := make(map[string]int, len(last))
	for i, m := range last {
		at[m] = i
	}
	c := comparison{last: last, has: make(map[int]bool), isNew: make([]bool, len(ids))}
	for n, id := range ids {
		i, ok := at[Mark(id)]
		if c.isNew[n] = !ok; ok && !c.has[i] {
			c.common, c.known = append(c.common, i), n+1
			c.has[i] = true
		}
	}
	return c
}

// disorder is the share of neighbours in what both lists have that stood the other way round before.
func (c comparison) disorder() float64 {
	n := 0
	for i := range c.common[1:] {
		if c.common[i] > c.common[i+1] {
			n++
		}
	}
	return float64(n) / float64(len(c.common)-1)
}

// moved are those of ids that are new; what is behind the last known one may be as old as what was not kept.
func (c comparison) moved(ids []string) (moved []string) {
	for i, isNew := range c.isNew {
		if isNew && (i < c.known || c.known == 0) {
			moved = append(moved, ids[i])
		}
	}
	return moved
}

// overlaps says whether what was newest is still there.
func (c comparison) overlaps() bool {
	first := slices.Index(c.isNew, true)
	if first < 0 {
		return true // nothing is new
	}
	// What stands ahead of the first new one stays there, unless that is all there was: then the new one is older.
	pinned := make(map[int]bool)
	for _, i := range c.common[:min(first, len(c.common))] {
		pinned[i] = true
	}
	if len(pinned) >= len(c.last)-1 && len(pinned) > 1 {
		return true
	}
	gone, there := 0, 0
	for i := range c.last {
		switch {
		case pinned[i]:
		case c.has[i]:
			there++
		case there == 0:
			gone++
		}
	}
	switch {
	case there == 0:
		return len(pinned) == len(c.last)
	case gone == 0:
		return true
	case gone > mostWithdrawn || there <= 2*gone:
		return false // what is there stays when all that was ahead of it has gone
	}
	// Withdrawn: then what came behind has moved, unless one took the other's place.
	fresh := 0
	for _, isNew := range c.isNew[first:c.known] {
		if isNew {
			fresh++
		}
	}
	return gone == 1 || fresh > gone
}

// Gaps is what became of a section's gaps. The zero value has none.
type Gaps struct {
	Found  int        `bson:"found"`
	Closed int        `bson:"closed,omitempty"` // by reading on to what was known
	Told   int        `bson:"told,omitempty"`   // that they cannot be
	Open   int        `bson:"open,omitempty"`   // of them, being read
	Since  *time.Time `bson:"since,omitempty"`  // the last visit before the first open one
	Before []string   `bson:"before,omitempty"` // marks of what was newest then
	Why    Why        `bson:"why,omitempty"`    // the last one was told
	ToldAt *time.Time `bson:"told_at,omitempty"`
}

// Why is the reason for which a gap is told and not closed.
type Why string

// The reasons.
const (
	WhyNoPages   Why = "no_pages"    // the section has no further page
	WhyTooDeep   Why = "too_deep"    // it goes on behind the last page that is followed
	WhyEnd       Why = "end"         // what was known is on none of its pages
	WhyUnreached Why = "unreachable" // a further page could not be read
)

// Meaning says it in a sentence; "" for what is none of these.
func (w Why) Meaning() string {
	switch w {
	case WhyNoPages:
		return "it has no further page on which they may be"
	case WhyTooDeep:
		return "it goes on behind the last page that is followed"
	case WhyEnd:
		return "what was known before is on none of its pages any more"
	case WhyUnreached:
		return "a further page could not be read"
	}
	return ""
}

// Opened is the gaps with one more, since a visit that had listed these.
func (g *Gaps) Opened(since time.Time, last *List) *Gaps {
	var now Gaps
	if g != nil {
		now = *g
	}
	now.Found++
	if now.Open++; now.Open == 1 {
		now.Since, now.Before = &since, last.Newest
	}
	return &now
}

// lasting is how long a gap may take to be read back: a page behind the other, with the news of its host before them.
const lasting = time.Hour

// Lasts says whether a gap has been open for so long that it may not be read back any more, as where what was to be the next page was
// under way for another section: then it is begun anew.
func (g *Gaps) Lasts(now time.Time) bool {
	return g != nil && g.Open > 0 && g.Since != nil && now.Sub(*g.Since) > lasting
}

// Settled is the gaps with those that are open closed or, where why is not "", told at a time.
func (g *Gaps) Settled(why Why, at time.Time) *Gaps {
	now := *g
	if why == "" {
		now.Closed += now.Open
	} else {
		now.Told += now.Open
		now.Why, now.ToldAt = why, &at
	}
	now.Open, now.Since, now.Before = 0, nil, nil
	return &now
}

// Reaches says whether a further page, by its ids, lists something that was newest before the open gap, other than what the first
// page lists too: that stands on every page.
func (g *Gaps) Reaches(ids []string, first *List) bool {
	return slices.ContainsFunc(ids, func(id string) bool {
		m := Mark(id)
		return slices.Contains(g.Before, m) && (first == nil || !slices.Contains(first.Newest, m))
	})
}
