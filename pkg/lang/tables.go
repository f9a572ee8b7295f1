package lang

import (
	_ "embed" // the tables
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed scripts.txt
var scriptsFile string

//go:embed kin.txt
var kinFile string

//go:embed ngrams.txt
var ngramsFile string

// tables is what is known of languages.
type tables struct {
	scripts   []scriptRow
	byBlock   []uint8  // the script of each sixteen characters of the basic plane
	languages []string // of the n-gram tables
	script    []uint8  // of each
	kins      map[string]string
	slots     []slot // of n-grams, by their keys; a power of two, at most half of them taken
	posts     []post
}

type scriptRow struct {
	name      string
	languages []string // none: the tables tell
}

// post is what an n-gram counts for one language.
type post struct {
	lang  uint8
	steps uint8 // of weightStep
}

// slot is an n-gram and where its posts are; a map costs three times as much to ask.
type slot struct {
	key      uint64
	from, to uint32
}

const (
	blockBits          = 4
	weightStep         = 0.25 // points: finer steps tell no more
	maxOrder           = 3    // letters of a sequence
	wordOrder          = 4    // in the tables, the order of whole words
	kanaName, hanName  = "Jpan", "Hani"
	wordBit            = 1 << 63
	fnvBase, fnvFactor = 14695981039346656037, 1099511628211 // FNV-1a
	goldenFactor       = 0x9E3779B97F4A7C15                  // 2^64 by the golden ratio: spreads keys that are alike (Knuth)
)

// kanaScript and hanScript are the lines of scripts.txt that hold them, counted from 1.
const kanaScript, hanScript = 28, 29

// known gives the tables; they are the project's own files, and one that cannot be read is a fault of the build, which the tests
// of this package find.
var known = sync.OnceValue(func() *tables {
	t, err := load(scriptsFile, kinFile, ngramsFile)
	if err != nil {
		panic(err)
	}
	return t
})

// lines gives a file's lines that hold something, by their fields.
func lines(file string) [][]string {
	var out [][]string
	for line := range strings.Lines(file) {
		if f := strings.Fields(line); len(f) > 0 && f[0] != "#" {
			out = append(out, f)
		}
	}
	return out
}

func load(scripts, kin, ngrams string) (*tables, error) {
	t := &tables{scripts: []scriptRow{{}}, byBlock: make([]uint8, 1<<(16-blockBits)), kins: map[string]string{}}
	for _, f := range lines(scripts) {
		if err := t.addScript(f); err != nil {
			return nil, fmt.Errorf("scripts.txt: %w", err)
		}
	}
	if len(t.scripts) <= hanScript || t.scripts[kanaScript].name != kanaName || t.scripts[hanScript].name != hanName {
		return nil, fmt.Errorf("scripts.txt: %s and %s are not lines %d and %d", kanaName, hanName, kanaScript, hanScript)
	}
	for _, f := range lines(kin) {
		for _, l := range f {
			t.kins[l] = f[0]
		}
	}
	return t, t.addGrams(ngrams)
}

func (t *tables) addScript(f []string) error {
	if len(f) < 3 {
		return fmt.Errorf("%q has no ranges and languages", f[0])
	}
	row := scriptRow{name: f[0], languages: f[2:]}
	if f[2] == "tables" {
		row.languages = nil
	}
	for _, r := range strings.Split(f[1], ",") {
		from, to, _ := strings.Cut(r, "-")
		a, err := strconv.ParseUint(from, 16, 16)
		if err != nil {
			return err
		}
		b, err := strconv.ParseUint(to, 16, 16)
		if err != nil {
			return err
		}
		for i := a >> blockBits; i <= b>>blockBits; i++ {
			t.byBlock[i] = uint8(len(t.scripts))
		}
	}
	t.scripts = append(t.scripts, row)
	return nil
}

// scriptOf gives a letter's script, 0 where it is of none in the table.
func (t *tables) scriptOf(r rune) uint8 {
	if r >= 0x20000 && r < 0x32000 {
		return hanScript
	}
	if i := int(r >> blockBits); i < len(t.byBlock) {
		return t.byBlock[i]
	}
	return 0
}

// addGrams reads lines of "language script", then "order steps grams": sequences of letters one after the other, or words.
func (t *tables) addGrams(file string) error {
	found := map[uint64][]post{}
	for _, f := range lines(file) {
		if len(f) == 2 {
			script := slices.IndexFunc(t.scripts, func(s scriptRow) bool { return s.name == f[1] })
			if script < 0 {
				return fmt.Errorf("ngrams.txt: %s: no script %s", f[0], f[1])
			}
			t.languages, t.script = append(t.languages, f[0]), append(t.script, uint8(script))
			continue
		}
		order, err := strconv.Atoi(f[0])
		if err != nil {
			return fmt.Errorf("ngrams.txt: order %w", err)
		}
		steps, err := strconv.ParseUint(f[1], 10, 8)
		if err != nil {
			return fmt.Errorf("ngrams.txt: steps %w", err)
		}
		p := post{lang: uint8(len(t.languages) - 1), steps: uint8(steps)}
		for _, key := range keysOf(order, f[2:]) {
			found[key] = append(found[key], p)
		}
	}
	size := 2
	for size < 2*len(found) {
		size *= 2
	}
	t.slots = make([]slot, size)
	for key, posts := range found {
		*t.find(key) = slot{key, uint32(len(t.posts)), uint32(len(t.posts) + len(posts))}
		t.posts = append(t.posts, posts...)
	}
	return nil
}

// find gives an n-gram's slot, or the empty one where it would be.
func (t *tables) find(key uint64) *slot {
	mask := uint64(len(t.slots) - 1)
	for i := (key * goldenFactor) >> 32 & mask; ; i = (i + 1) & mask {
		if s := &t.slots[i]; s.key == key || s.key == 0 {
			return s
		}
	}
}

// keysOf gives the keys of one line's n-grams.
func keysOf(order int, fields []string) []uint64 {
	var out []uint64
	for _, f := range fields {
		runes := []rune(strings.ReplaceAll(f, "_", " "))
		if order == wordOrder {
			out = append(out, wordKey(runes))
			continue
		}
		for ; len(runes) >= order; runes = runes[order:] {
			out = append(out, gramKey(runes[:order]))
		}
	}
	return out
}

// gramKey packs up to three letters.
func gramKey(runes []rune) uint64 {
	key := uint64(0)
	for _, r := range runes {
		key = key<<21 | uint64(r)
	}
	return key
}

func wordKey(runes []rune) uint64 {
	h := uint64(fnvBase)
	for _, r := range runes {
		h = (h ^ uint64(r)) * fnvFactor
	}
	return h | wordBit
}

// gauge gives each language's points for a text of one script, which begins with a space.
func (t *tables) gauge(text []rune, script uint8) []float64 {
	sums := make([]uint32, len(t.languages))
	word := 1
	for i := 1; i < len(text); i++ {
		r := text[i]
		switch {
		case r == ' ':
			t.add(sums, wordKey(text[word:i]))
			word = i + 1
		case !asciiLetter(r):
			t.add(sums, uint64(r))
		}
		pair := uint64(text[i-1])<<21 | uint64(r)
		t.add(sums, pair)
		if i > 1 {
			t.add(sums, uint64(text[i-2])<<42|pair)
		}
	}
	points := make([]float64, len(sums))
	for i, s := range sums {
		if t.script[i] == script {
			points[i] = float64(s) * weightStep
		}
	}
	return points
}

// add counts one sequence or word.
func (t *tables) add(sums []uint32, key uint64) {
	s := t.find(key)
	for _, p := range t.posts[s.from:s.to] {
		sums[p.lang] += uint32(p.steps)
	}
}

// kin says whether two languages are one, or cannot be told apart.
func (t *tables) kin(a, b string) bool {
	if a == b {
		return true
	}
	k, ok := t.kins[a]
	return ok && k == t.kins[b]
}

// writes says whether the tables hold a language in a script.
func (t *tables) writes(lang, script string) bool {
	for i, l := range t.languages {
		if t.kin(l, lang) && t.scripts[t.script[i]].name == script {
			return true
		}
	}
	return false
}
