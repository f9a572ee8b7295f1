package boilerplate

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"

	"github.com/khabar-crawler/khabar/pkg/extract"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// Key identifies a line: 48 bits. With 256 known lines of a site, one line in 10^12 would be taken for one of them by
// chance.
type Key uint64

const keyBits = 48 // of Key

// keyOf is extract's fingerprint with the line's figures, which that leaves out: "Attendance: 45,300" and "High: 31" say
// something new on every article, and only what does not change is boilerplate.
func keyOf(line string) Key {
	k := uint64(extract.FingerprintOf(line))
	if strings.ContainsAny(line, "0123456789") {
		h := fnv.New64a()
		var sep [1]byte
		for i := 0; i < len(line); i++ {
			if c := line[i]; c >= '0' && c <= '9' {
				sep[0] = c
				h.Write(sep[:])
			} else if i > 0 && line[i-1] >= '0' && line[i-1] <= '9' {
				sep[0] = ' '
				h.Write(sep[:])
			}
		}
		k ^= h.Sum64()
	}
	return fold(k)
}

// fold makes a key of a 64-bit hash; 0 stands for lines that were left out.
func fold(h uint64) Key {
	k := Key((h ^ h>>keyBits) & (1<<keyBits - 1))
	if k == gap {
		k++
	}
	return k
}

// hashOf hashes names: articles, sections, agencies. 0 is the empty one.
func hashOf(s string) uint64 {
	if s == "" {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(s))
	x := h.Sum64()
	// FNV's low bits follow the last bytes of similar names; sampling by hash needs them mixed (the finaliser of
	// MurmurHash3, public domain).
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	return max(x, 1)
}

// line is one line of a sampled article.
type line struct {
	key   Key
	flags flags
	words uint8 // at most 255
}

// gap is the key of a place where lines of a long article were left out.
const gap Key = 0

// flags are what is known of a line beside its hash and length.
type flags uint8

const (
	titled   flags = 1 << iota // shares words with the title
	sentence                   // ends as sentences do
	allFlags = titled | sentence
)

// linesOf splits a text as extract joins it: paragraphs parted by a blank line, lines by a line break.
func linesOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}

func newLine(text string, title words) line {
	l := line{key: keyOf(text), words: uint8(min(page.CountWords(text), 255))}
	if title.sharedWith(text) {
		l.flags |= titled
	}
	if endsSentence(text) {
		l.flags |= sentence
	}
	return l
}

// endsSentence says whether a line ends as sentences do.
func endsSentence(s string) bool {
	s = strings.TrimRight(s, " \"'”’»)]“")
	for _, stop := range []string{".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।"} {
		if strings.HasSuffix(s, stop) {
			return true
		}
	}
	return false
}

// words are the telling words of a title, or pairs of characters where the script writes no spaces.
type words map[string]bool

// minTelling: shorter words are mostly articles and prepositions, and letters joined to them.
const minTelling = 4

func wordsOf(title string) words {
	w := words{}
	eachWord(title, func(word string) { w[word] = true })
	return w
}

// maxTopics is how many words of a title are kept of a sampled article: headlines have five to ten telling ones.
const maxTopics = 10

// topics are the title's words as hashes, sorted. 16 bits are enough: they are compared by how often they come together.
func (w words) topics() []uint16 {
	t := make([]uint16, 0, len(w))
	for word := range w {
		t = append(t, uint16(hashOf(word)))
	}
	slices.Sort(t)
	t = slices.Compact(t)
	return t[:min(len(t), maxTopics)]
}

// sharedWith says whether a line speaks of what the title does: it has two of its words, and a third of them.
func (w words) sharedWith(text string) bool {
	if len(w) == 0 {
		return false
	}
	found := make(map[string]bool, 4)
	eachWord(text, func(word string) {
		if w[word] {
			found[word] = true
		}
	})
	return len(found) >= 2 && 3*len(found) >= len(w)
}

func eachWord(text string, visit func(string)) {
	for _, word := range strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r) && r != 0x200c
	}) {
		runes := []rune(word)
		if isSpaceless(runes[0]) {
			for i := 0; i+1 < len(runes); i++ {
				visit(string(runes[i : i+2]))
			}
		} else if len(runes) >= minTelling {
			visit(strings.ToLower(word))
		}
	}
}

// isSpaceless says whether a script writes no spaces between words: Thai, Lao, Burmese, Khmer, kana, Han.
func isSpaceless(r rune) bool {
	return unicode.In(r, unicode.Thai, unicode.Lao, unicode.Myanmar, unicode.Khmer, unicode.Hiragana, unicode.Katakana, unicode.Han)
}
