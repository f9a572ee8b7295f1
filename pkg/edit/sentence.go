package edit

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	breaks "github.com/clipperhouse/uax29/v2/sentences"
	"golang.org/x/text/unicode/norm"
)

// sentence is one of a text.
type sentence struct {
	text      string // as it is printed
	key       string // what it is compared by
	paragraph int    // that it stands in, from 1
}

// sentences cuts a text into those that are compared. Language is a BCP 47 tag, or "" where it is not known.
func sentences(text, language string) []sentence {
	language, _, _ = strings.Cut(language, "-")
	var all []sentence
	paragraph := 0
	for part := range strings.SplitSeq(text, gap) {
		paragraph++
		for line := range strings.SplitSeq(part, "\n") {
			if isCounter(line) {
				continue
			}
			for _, s := range split(line, language) {
				if key := evened(s); key != "" && !isCounter(s) {
					all = append(all, sentence{text: s, key: key, paragraph: paragraph})
				}
			}
		}
	}
	return all
}

// maxRun is how many signs in a row, without a letter or digit among them, are given to the rules of Unicode at once: those
// look back over all of a run for each sign of it. No sentence has so many.
const maxRun = 64

// split cuts a line into its sentences.
func split(line, language string) (all []string) {
	begin, run := 0, 0
	for i, r := range line {
		if run++; unicode.IsLetter(r) || unicode.IsDigit(r) {
			run = 0
		}
		if run > maxRun {
			all = appendSplit(all, line[begin:i], language)
			begin, run = i, 0
		}
	}
	return appendSplit(all, line[begin:], language)
}

func appendSplit(all []string, line, language string) []string {
	begin := 0
	for pieces := breaks.FromString(line); pieces.Next(); {
		next, _ := utf8.DecodeRuneInString(line[pieces.End():])
		if unicode.IsLower(next) { // “Is it true?” he asked.
			continue
		}
		if s := line[begin:pieces.End()]; pieces.End() == len(line) || !endsWithin(s, language) {
			all = append(all, strings.TrimSpace(s))
			begin = pieces.End()
		}
	}
	return all
}

// endsWithin says whether the full stop that a piece ends with does not end its sentence: that of an abbreviation, of initials,
// of a number of a list or of an ordinal.
func endsWithin(piece, language string) bool {
	piece, stopped := strings.CutSuffix(strings.TrimRightFunc(piece, unicode.IsSpace), ".")
	if !stopped || strings.HasSuffix(piece, ".") {
		return false
	}
	if len(piece) > maxWord {
		piece = piece[len(piece)-maxWord:]
	}
	begin := strings.LastIndexFunc(piece, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '.' && r != '-' && r != '\u200c' && r != '\u200d'
	})
	_, size := utf8.DecodeRuneInString(piece[max(begin, 0):])
	if begin < 0 {
		size, begin = 0, 0
	}
	word := piece[begin+size:]
	switch {
	case word == "":
		return false
	case isInitials(word):
		return true
	case isNumber(word):
		return begin == 0 && size == 0 && len(word) <= maxListed || known().ordinals[language] && len(word) <= maxListed
	}
	return known().abbreviates(language, strings.ToLower(word))
}

const (
	maxWord   = 64 // bytes of a piece that are looked at for its last word: no abbreviation is longer
	maxListed = 4  // bytes of the number of an item or a day
)

// isInitials is true for single letters, parted by full stops where there are several.
func isInitials(word string) bool {
	for part := range strings.SplitSeq(word, ".") {
		if first, n := utf8.DecodeRuneInString(part); n != len(part) || !unicode.IsLetter(first) {
			return false
		}
	}
	return true
}

func isNumber(s string) bool {
	for _, r := range s {
		if !unicode.IsDigit(r) {
			return false
		}
	}
	return s != ""
}

// evened is what a reader takes in of a text: white space, invisible characters and tatweel are left out, and the forms of
// one sign, as quotation marks, dashes, the digits of several scripts and the two encodings of Arabic kaf and yeh, are one.
func evened(s string) string {
	if !norm.NFKC.IsNormalString(s) {
		s = norm.NFKC.String(strings.Map(func(r rune) rune {
			if r == '´' || r == '″' { // which would come apart
				return '"'
			}
			return r
		}, s))
	}
	return strings.Map(even, s)
}

// even is what becomes of one character; -1 for nothing.
func even(r rune) rune {
	switch {
	case r == '\'' || r == '"' || r == '`':
		return '"'
	case r < utf8.RuneSelf && r > ' ' && r != 0x7f:
		return r
	case r == 'ك':
		return 'ک'
	case r == 'ي':
		return 'ی'
	case r == 'ـ', r <= ' ', r == 0x7f:
		return -1
	case unicode.IsLetter(r):
		return r
	case unicode.IsDigit(r):
		return digit(r)
	case isQuote(r):
		return '"'
	case unicode.Is(unicode.Pd, r):
		return '-'
	case unicode.IsSpace(r), unicode.In(r, unicode.Cf, unicode.Cc, unicode.Variation_Selector):
		return -1
	}
	return r
}

// isQuote says whether a character beyond ASCII is a quotation mark, or is put for one.
func isQuote(r rune) bool {
	return unicode.In(r, unicode.Pi, unicode.Pf) || r >= '「' && r <= '』' || r == '„' || r == '‚' || r == '′' || r == '׳' || r == '״'
}

// digit is the ASCII form of a decimal digit, whose ten stand in a row in every script (Unicode, section 4.6).
func digit(r rune) rune {
	zero := r
	for unicode.IsDigit(zero-1) && r-zero < 9 {
		zero--
	}
	return '0' + r - zero
}

// The longest line that counts, in bytes and words.
const (
	maxCounter      = 160
	maxCounterWords = 10
)

// isCounter says whether a line is one of numbers and of words that go with them: how often the page was read, how many
// comments it has, how long ago it was written.
func isCounter(line string) bool {
	if len(line) > maxCounter {
		return false
	}
	n, head := 0, false
	for word := range strings.FieldsFuncSeq(line, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\u200c'
	}) {
		isHead, counts := known().counts[evened(strings.ToLower(word))]
		if n++; !counts || n > maxCounterWords {
			return false
		}
		head = head || isHead
	}
	return head
}

// Mark is a hash of what a reader takes in of a page's article: the same where nothing but typography, the cut of paragraphs
// and counters has changed.
func Mark(title, subtitle, text string) string {
	h := sha256.New()
	for _, part := range []string{title, subtitle, text} {
		for line := range strings.SplitSeq(part, "\n") {
			if !isCounter(line) {
				h.Write([]byte(evened(line)))
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
