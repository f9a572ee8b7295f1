// Package likeness tells which texts of different articles are one text: printed by several sites, under another lead or
// dateline, cut, with paragraphs added or moved.
//
// A text is taken as the set of its shingles, the runs of five words (of eight characters where words are not parted), and each
// of these as a hash. What two texts have in common is measured on the whole sets: containment is the share of the smaller set that is
// in the larger one, likeness the share of the larger one (after Broder, "On the resemblance and containment of documents", 1997).
// Which texts are to be compared is found by keys: a text's are the least hashes of its set (bottom-k), so that one of two texts
// that are cut from each other has of the other's keys as large a share as it has of its shingles. Two texts that share
// LeastShared keys are compared, wherever the keys are kept.
//
// Not one text are: other words for the same, as translations; what a template prints on every page, which is short beside a
// report; and serial reports (weather, prices, prayer times), which have sentences in common and not their numbers.
//
// A cluster is a tree: each article is of the earliest one before it, within Window, that Compare finds to be one with it, and the
// root is the cluster's first. Before is by publication, then by id. So clusters follow from the articles alone; neither the order in
// which these came nor who compared them counts. It is not all that is connected: a digest of five reports is of the earliest, and
// makes no cluster of the five.
//
// Invariants: everything is pure, and says of two texts the same whichever comes first; typography changes nothing (case, vowel
// signs, quotation marks, dashes, digits of another script, forms of one letter); the work is linear in the lengths of texts.
// Failure modes: a text below Least shingles has no keys; a part of less than a sixth of a text is seldom found by keys.
package likeness

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"time"
)

const (
	// run is how many words a shingle has: with fewer, the phrases that all reports are made of are shingles; with more, one
	// changed word costs more of them. unpartedRun is the same in characters of scripts that part no words: four words of two.
	run         = 5
	unpartedRun = 8
	// Least is how many shingles a text has that can be told from others: a paragraph of news.
	Least = 25
	// keys is how many keys a text has. Of a report that was cut to two fifths and led anew a third of the keys is left: of
	// twenty, two or more in 997 texts of a thousand.
	keys = 20
	// LeastShared is how many keys two texts share that are compared: one is a phrase.
	LeastShared = 2
	// Crowd is how many texts one key leads to at most, the earliest in a window: so many sites do not print one report, and what is
	// in more is a phrase of a template. Up to it clusters are exactly as said above.
	Crowd = 500
	// Window is how far apart two publications of one report are at most: a weekly prints it after seven days.
	Window = 7 * 24 * time.Hour
	// contained is the share of the smaller text that is in the larger one where they are one: a report cut to two fifths with a
	// new lead of its own. Reports of one agency are told to be that by a smaller share.
	contained       = 0.5
	containedAgency = 0.4
	// alike is the share of the larger text that is in the smaller one where one is the other's copy, and not a part of it: a lead
	// or a paragraph or two may differ.
	alike = 0.6
	// Of serial reports the numbers are others: where there are leastNumbers in the smaller text, so many of them are in the
	// larger one where they are one text. Those of a new lead are not.
	leastNumbers  = 3
	sharedNumbers = 0.5
)

// Text is a text as it is compared.
type Text struct {
	hash     string
	shingles []uint64 // ascending, each once
	numbers  []uint64 // the same
}

// Read takes a text apart.
func Read(text string) Text {
	var (
		t    Text
		last [unpartedRun]uint64
		n    int
		sum  [2]uint64 // of all words in their order
	)
	t.shingles = make([]uint64, 0, min(len(text), maxRead)/6+1)
	r := reader{word: func(h uint64, of kind) {
		last[n%unpartedRun] = h
		n++
		sum[0] = (sum[0] ^ h) * fnvPrime
		sum[1] = mixed(sum[1] + h + 1)
		if of == ofDigits {
			t.numbers = append(t.numbers, h)
		}
		size := run
		if of == unparted {
			size = unpartedRun
		}
		if n < size {
			return
		}
		var s uint64
		for i := n - size; i < n; i++ {
			s = (s ^ last[i%unpartedRun]) * fnvPrime
			s ^= s >> 29
		}
		t.shingles = append(t.shingles, mixed(s))
	}}
	r.read(text)
	t.shingles, t.numbers = set(t.shingles), set(t.numbers)
	if n > 0 {
		var b [16]byte
		binary.BigEndian.PutUint64(b[:8], mixed(sum[0]))
		binary.BigEndian.PutUint64(b[8:], sum[1])
		t.hash = hex.EncodeToString(b[:])
	}
	return t
}

func set(all []uint64) []uint64 {
	slices.Sort(all)
	return slices.Compact(all)
}

// Hash is a hash of the text's words: 32 hex digits, the same for texts that differ in typography alone; "" for a text without words.
func (t Text) Hash() string { return t.hash }

// Keys are those by which texts like this one are found, 20 at most; none for one that cannot be told from others. They are the
// same for every text of the same words.
func (t Text) Keys() []uint64 {
	if len(t.shingles) < Least {
		return nil
	}
	return t.shingles[:min(len(t.shingles), keys)]
}

// Relation is what two texts are to each other.
type Relation int

// The relations.
const (
	Other Relation = iota // two texts
	Part                  // what they share is most of the shorter one alone: one was cut from the other, or added to
	Copy                  // one text, but for a lead, a dateline, a paragraph or typography
)

// Compare says what two texts are to each other. sameAgency says that both articles name the same agency.
func Compare(a, b Text, sameAgency bool) Relation {
	if len(a.shingles) < Least || len(b.shingles) < Least {
		return Other
	}
	if a.hash == b.hash {
		return Copy
	}
	if len(a.shingles) > len(b.shingles) {
		a, b = b, a
	}
	least := contained
	if sameAgency {
		least = containedAgency
	}
	shared := float64(common(a.shingles, b.shingles))
	if shared < least*float64(len(a.shingles)) {
		return Other
	}
	few := a.numbers
	if len(few) >= leastNumbers && float64(common(few, b.numbers)) < sharedNumbers*float64(len(few)) {
		return Other
	}
	if shared >= alike*float64(len(b.shingles)) {
		return Copy
	}
	return Part
}

// common counts what two sets share.
func common(a, b []uint64) int {
	n := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			n, i, j = n+1, i+1, j+1
		}
	}
	return n
}
