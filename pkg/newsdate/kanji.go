package newsdate

import (
	"strings"
	"unicode/utf8"
)

// kanjiDigits are the numerals of East Asia, each at its value; both forms of nought are in use.
const kanjiDigits = "〇一二三四五六七八九"

// kanjiValue gives the value of a numeral.
func kanjiValue(r rune) (int, bool) {
	if r == '零' {
		return 0, true
	}
	i := strings.IndexRune(kanjiDigits, r)
	return i / len("〇"), i >= 0
}

// kanjiNumber reads a number of up to four numerals, digit by digit (二〇二五) or with tens (二十五), and gives its end.
func kanjiNumber(text string, i int) (value, end int) {
	digit, any := 0, false
	for n := 0; n < 4; n++ {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch v, ok := kanjiValue(r); {
		case ok:
			digit = 10*digit + v
		case r == '十':
			if value = 10; digit > 0 {
				value = 10 * digit
			}
			digit = 0
		default:
			n = 4
			continue
		}
		any = true
		i += size
	}
	if !any {
		return 0, -1
	}
	return value + digit, i
}

// kanjiDate reads a whole date in numerals (二〇二五年八月六日; 七年八月六日 behind an era) as the tokens that it would have in
// digits. Less than that is counting: "三年".
func kanjiDate(text string, start int, lx *lexicon) ([]token, int) {
	var toks []token
	i := start
	for _, mark := range []string{"年", "月", "日"} {
		value, end := kanjiNumber(text, i)
		if end < 0 || !strings.HasPrefix(text[end:], mark) {
			return nil, start
		}
		digits := 2
		if mark == "年" {
			digits = (end - i) / len(mark)
		}
		next := end + len(mark)
		toks = append(toks, token{kind: tokenNumber, start: int32(i), end: int32(end), digits: int32(digits), value: int64(value)},
			token{kind: tokenWord, start: int32(end), end: int32(next), senses: lx.words[mark].senses})
		i = next
	}
	return toks, i
}

// MayDate says that a short text may hold a date in numbers: digits of any script, or a month and day in numerals.
func MayDate(text string) bool {
	return HasDigit(text) || strings.Contains(text, "月") && strings.Contains(text, "日") && strings.ContainsAny(text, kanjiDigits+"十")
}
