// Package yield learns what becomes of a site's links by the form of their addresses and by the block of the page that they stand
// in, so that what a site invents without end (days of a calendar, combinations of filters, sessions, paths that grow) costs a
// bounded number of requests, and links are told by more than their looks. A form is an address with what varies among pages of
// one sort taken out; a block is named by whoever reads the page.
//
// Invariants: a form that gives articles loses no page; one that gives none after Trials pages gets ever fewer, and never none,
// so that it is noticed when it changes; what is decided of an address follows from the form's counts and the address alone, so
// that asking again decides the same. No verdict is final: what is decided against is tried ever more seldom, and counts. A Counts has at most MaxKnown keys, whatever a site invents; they are at most maxKey
// bytes. All functions are pure but for the Counts they are called on.
//
// Failure modes: forms are told by looks, so that articles among a hundred times as many other pages of the same form come late. A block whose articles all turn
// out to be known by other addresses counts as one that gives none.
package yield

import (
	"cmp"
	"maps"
	"slices"
)

const (
	// Trials is how many pages of a form are tried before it counts that none was an article: as many as the widest menus of
	// places and tags have, whose links are taken for articles' once.
	Trials = 100
	// poor is the least number of pages for one article at which a form counts as one that gives none.
	poor = 100
	// MaxKnown bounds the forms kept of one site, and the blocks: real ones have some dozens.
	MaxKnown = 300
	// halveAt is the number of pages from which on the counts are halved, so that what a form gives now outweighs what it gave.
	halveAt = 5000
)

// Count is what came of the pages of one form, or of the links of one block.
type Count struct {
	Tried    int // fetched for the first time, with a result that says what they are
	Articles int // of these, new ones
}

// Poor says whether the form gives next to nothing.
func (c Count) Poor() bool { return c.Tried >= Trials && c.Articles*poor < c.Tried }

// Share is the part of a form's new pages that is fetched: all of one that is not poor, and of one that is ever fewer, falling
// with the square of how often it was tried in vain, so that a million addresses cost some three thousand requests.
func (c Count) Share() float64 {
	if !c.Poor() {
		return 1
	}
	return c.falling(Trials)
}

func (c Count) falling(trials int) float64 {
	part := float64(trials) / float64(c.Tried)
	return min(1, part*part)
}

// Counts is what came of a site's pages by a key: the form of their address, or the block that they were linked in. The zero
// value is empty.
type Counts struct {
	counts map[string]Count
}

// Note counts one page of a key.
func (k *Counts) Note(key string, article bool) {
	c := Count{Tried: 1}
	if article {
		c.Articles = 1
	}
	k.add(key, c)
}

func (k *Counts) add(key string, c Count) {
	if key == "" {
		return
	}
	if k.counts == nil {
		k.counts = map[string]Count{}
	}
	was, known := k.counts[key]
	if !known && len(k.counts) >= MaxKnown {
		k.forget()
	}
	was.Tried, was.Articles = was.Tried+c.Tried, was.Articles+c.Articles
	for was.Tried > halveAt {
		was.Tried, was.Articles = was.Tried/2, was.Articles/2
	}
	k.counts[key] = was
}

// forget drops the half of the keys that tell least: those that were tried least.
func (k *Counts) forget() {
	keys := slices.SortedFunc(maps.Keys(k.counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(k.counts[a].Tried, k.counts[b].Tried), cmp.Compare(a, b))
	})
	for _, key := range keys[:len(keys)/2] {
		delete(k.counts, key)
	}
}

// Add adds what others counted.
func (k *Counts) Add(other *Counts) {
	for _, key := range slices.Sorted(maps.Keys(other.counts)) {
		k.add(key, other.counts[key])
	}
}

// Len is how many keys are known.
func (k *Counts) Len() int { return len(k.counts) }

// Of is what came of a key.
func (k *Counts) Of(key string) Count { return k.counts[key] }

// State is one key as it is stored.
type State struct {
	Key      string `bson:"key"`
	Tried    int32  `bson:"tried"`
	Articles int32  `bson:"articles"`
}

// States gives what is known as it is to be stored, in the order of the keys.
func (k *Counts) States() []State {
	var out []State
	for _, key := range slices.Sorted(maps.Keys(k.counts)) {
		c := k.counts[key]
		out = append(out, State{Key: key, Tried: int32(c.Tried), Articles: int32(c.Articles)})
	}
	return out
}

// Restore makes a Counts of what was stored. What cannot be is left out: it is learned anew.
func Restore(states []State) *Counts {
	k := &Counts{}
	for _, s := range states[:min(len(states), MaxKnown)] {
		if s.Tried > 0 && s.Articles >= 0 && s.Articles <= s.Tried && len(s.Key) <= maxKey {
			k.add(s.Key, Count{Tried: int(s.Tried), Articles: int(s.Articles)})
		}
	}
	return k
}
