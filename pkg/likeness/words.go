package likeness

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxRead bounds what is read of a text, in bytes: ten times the longest reports. Two texts that are one begin alike.
const maxRead = 256 << 10

// reader cuts a text into words as a reader tells them apart, and hashes each: case, vowel signs, invisible characters, quotation marks
// and dashes, the digits of several scripts and the several forms of one Arabic letter make no difference. Where words are not
// parted by spaces each character is one.
type reader struct {
	word    func(hash uint64, kind kind) // is given each word
	hash    uint64
	inWord  bool
	letters bool // in the word
	table   *table
}

// kind is what a word is made of.
type kind int

const (
	ofLetters kind = iota
	ofDigits
	unparted // a character of a script that parts no words
)

func (r *reader) read(text string) {
	r.table = tables()
	if len(text) > maxRead {
		text = text[:maxRead]
	}
	if !r.isPlain(text) && !norm.NFKC.IsNormalString(text) {
		text = norm.NFKC.String(text)
	}
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			i++
			r.ascii(c)
			continue
		}
		c, size := utf8.DecodeRuneInString(text[i:])
		i += size
		r.beyondASCII(c)
	}
	r.end()
}

func (r *reader) ascii(c byte) {
	switch {
	case c|0x20 >= 'a' && c|0x20 <= 'z':
		r.add(rune(c|0x20), true)
	case c >= '0' && c <= '9':
		r.add(rune(c), false)
	case c == '\'': // within a word, or at its edge, where it is nothing
	default:
		r.end()
	}
}

func (r *reader) beyondASCII(c rune) {
	if c < tableEnd {
		switch to := r.table.form[c]; {
		case to == splits:
			r.end()
		case to != nothing:
			r.add(to, to > '9')
		}
		return
	}
	if isUnparted(c) {
		r.end()
		r.add(c, true)
		r.inWord = false
		r.word(mixed(r.hash), unparted)
		return
	}
	switch to := form(c); to {
	case splits:
		r.end()
	case nothing:
	default:
		r.add(to, to > '9')
	}
}

// What becomes of a character that is no part of a word as it is compared.
const (
	splits  rune = -1 // it parts words
	nothing rune = 0  // it is as if it were not there
)

// form is what a character beyond ASCII is compared as: a letter or an ASCII digit, splits or nothing.
func form(c rune) rune {
	switch {
	case isLeftOut(c):
		return nothing
	case unicode.IsLetter(c):
		return folded(c)
	case unicode.IsDigit(c):
		return digit(c)
	case unicode.In(c, unicode.Mn, unicode.Cf, unicode.Variation_Selector): // vowel signs, joiners, directions
		return nothing
	}
	return splits
}

// tableEnd is where the scripts end that are looked up in a table: Latin to Arabic, for form takes a quarter of a microsecond.
const tableEnd = 0x900

type table struct {
	form  [tableEnd]rune
	plain [tableEnd]bool // the characters of which each is itself in Unicode's normal form (NFKC), whatever stands before it
}

// tables makes the table, once.
var tables = sync.OnceValue(func() *table {
	t := new(table)
	for c := rune(utf8.RuneSelf); c < tableEnd; c++ {
		t.form[c] = form(c)
		s := string(c)
		t.plain[c] = norm.NFKC.IsNormalString(s) && (norm.NFKC.PropertiesString(s).BoundaryBefore() || isVowelSign(c))
	}
	return t
})

// isVowelSign is true for signs of Hebrew and Arabic that are left out and become one with no letter: all but those of hamza and madda.
func isVowelSign(c rune) bool {
	return c >= 0x0591 && c <= 0x05C7 || c >= 0x064B && c <= 0x0652 || c == 0x0670
}

// isPlain is true for a text that its normal form says nothing new of; most are that, and to ask Unicode's tables takes longer than
// all the rest.
func (r *reader) isPlain(text string) bool {
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		c, size := utf8.DecodeRuneInString(text[i:])
		i += size
		switch {
		case c < tableEnd:
			if !r.table.plain[c] {
				return false
			}
		case c >= 0x3400 && c <= 0x4DBF, c >= 0x4E00 && c <= 0x9FFF: // ideographs
		case c >= 0x2000 && c <= 0x206F: // punctuation, which is that in any form
		case c == '\u3000' || c == '、' || c == '。':
		default:
			return false
		}
	}
	return true
}

// The offset and the prime of FNV-1a, 64 bits (RFC 9923).
const (
	fnvOffset = 0xcbf29ce484222325
	fnvPrime  = 0x100000001b3
)

func (r *reader) add(c rune, letter bool) {
	if !r.inWord {
		r.inWord, r.letters, r.hash = true, false, fnvOffset
	}
	r.letters = r.letters || letter
	r.hash = (r.hash ^ uint64(c)) * fnvPrime
}

func (r *reader) end() {
	if !r.inWord {
		return
	}
	r.inWord = false
	of := ofLetters
	if !r.letters {
		of = ofDigits
	}
	r.word(mixed(r.hash), of)
}

// mixed spreads a hash over all its bits, as the finalizer of SplitMix64 does.
func mixed(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// isLeftOut is true for apostrophes, which are printed in several forms, and the tatweel, which draws a word out.
func isLeftOut(c rune) bool { return c == '’' || c == '‘' || c == 'ʼ' || c == '׳' || c == 'ـ' }

// folded is a letter in the form in which it is compared. The dot of a Turkish i is left out, for which case is another one.
func folded(c rune) rune {
	switch c {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ك':
		return 'ک'
	case 'ي', 'ى':
		return 'ی'
	case 'ة':
		return 'ه'
	case 'ı', 'İ':
		return 'i'
	}
	if c >= 0x590 && c <= 0x8ff { // Hebrew, Arabic, Syriac: no case
		return c
	}
	return unicode.ToLower(c)
}

// digit is the ASCII form of a decimal digit, whose ten stand in a row in every script (Unicode, section 4.6).
func digit(c rune) rune {
	zero := c
	for c-zero < 9 && unicode.IsDigit(zero-1) {
		zero--
	}
	return '0' + c - zero
}

// isUnparted is true for scripts that part no words: Thai, Lao, Myanmar, Khmer, kana and Han.
func isUnparted(c rune) bool {
	return c >= 0x0E00 && (c <= 0x0EFF || c >= 0x1000 && c <= 0x109F || c >= 0x1780 && c <= 0x17FF ||
		c >= 0x3040 && c <= 0x30FF || c >= 0x3400 && c <= 0x4DBF || c >= 0x4E00 && c <= 0x9FFF ||
		c >= 0xF900 && c <= 0xFAFF || c >= 0x20000 && c <= 0x3FFFF) && (unicode.IsLetter(c) || unicode.IsMark(c))
}
