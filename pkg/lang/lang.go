// Package lang tells the language that a text is written in, by its letters, their sequences and its commonest words.
//
// Script comes first: most scripts are written by one language or few (scripts.txt). Languages that share one (Latin, Cyrillic,
// Arabic, Devanagari) are told apart by tables of sequences of one to three letters and of words (ngrams.txt), which are made from
// the texts of testdata/texts by TestTables -update: to add a language, write a text of it. Languages that no page of news tells
// apart are kin (kin.txt): one is as good as the other.
//
// Invariants: a text is read in bounded time whatever its length (sampleLetters), and the same text gives the same answer. Failure
// modes: a short text reads as a neighbour; one in a language that the tables do not hold reads as the nearest of them, weakly
// where none is near (Reading.Known).
package lang

import (
	"slices"

	"golang.org/x/text/language"
)

// Reading is what a text's letters say of its language.
type Reading struct {
	script  string
	sole    []string // the languages of a script that needs no table, the likeliest first
	points  []float64
	letters int // letters of the script that were looked at
	tables  *tables
}

const (
	// leastLetters: fewer letters tell no language.
	leastLetters = 12
	// knownPoints a letter: the measured texts of 200 letters have 5.3 and more; those in languages that are far from all of the
	// tables (Icelandic, Welsh, Basque) have 3.8 to 4.5.
	knownPoints = 5
)

// Read reads a text.
func Read(text string) Reading {
	t := known()
	s := t.sample(text)
	script, n := s.script()
	r := Reading{letters: n, tables: t}
	if n < leastLetters {
		return r
	}
	r.script = t.scripts[script].name
	if sole := t.scripts[script].languages; len(sole) > 0 {
		r.sole = sole
		return r
	}
	r.points = t.gauge(s.folded(script), script)
	return r
}

// Language gives the likeliest language (ISO 639-1 where it has a code there); "" where there are too few letters.
func (r Reading) Language() string {
	if len(r.sole) > 0 {
		return r.sole[0]
	}
	best := r.best()
	if best < 0 {
		return ""
	}
	return r.tables.languages[best]
}

func (r Reading) best() int {
	best := -1
	for i, p := range r.points {
		if p > 0 && (best < 0 || p > r.points[best]) {
			best = i
		}
	}
	return best
}

// Known says whether the text reads as one in a language of the tables does, rather than as its nearest neighbour among them.
func (r Reading) Known() bool {
	best := r.best()
	return len(r.sole) > 0 || best >= 0 && r.points[best] >= knownPoints*float64(r.letters)
}

// Behind says by how many points a language (a base tag) is behind the likeliest: 0 for that and its kin, and for all where the
// letters tell nothing. It is false for a language of which the letters say nothing but that it is written in them.
func (r Reading) Behind(lang string) (points float64, told bool) {
	best := r.Language()
	switch {
	case best == "" || r.tables.kin(best, lang) || slices.Contains(r.sole, lang):
		return 0, true
	case !r.Writes(lang):
		return never, true
	case len(r.sole) > 0:
		return never, true
	}
	most := 0.0
	for i, l := range r.tables.languages {
		if r.tables.kin(l, lang) {
			most, told = max(most, r.points[i]), true
		}
	}
	if !told {
		return 0, false
	}
	return r.Points() - most, true
}

// Points is how well the text reads as its likeliest language: comparable between decodings of the same bytes.
func (r Reading) Points() float64 {
	if best := r.best(); best >= 0 {
		return r.points[best]
	}
	return 0
}

// never: what is this far behind is out of the question.
const never = 1e9

// Writes says whether a language is written in the text's script.
func (r Reading) Writes(lang string) bool {
	if slices.ContainsFunc(r.tables.languages, func(l string) bool { return r.tables.kin(l, lang) }) {
		return r.tables.writes(lang, r.script)
	}
	base, err := language.ParseBase(lang)
	if err != nil {
		return false
	}
	tag, err := language.Compose(base)
	if err != nil {
		return false
	}
	script, _ := tag.Script()
	return script.String() == r.script
}
