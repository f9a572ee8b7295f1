package words

import (
	"math"
	"unicode"
	"unicode/utf8"
)

// Fold writes a text as phrases are compared: in lower case, the spellings of one Arabic letter made one, without vowel
// signs and tatweel, one space where there is any, and no space before a colon.
func Fold(s string) string {
	if plain(s) {
		return s
	}
	folded, _ := foldUntil(s, math.MaxInt)
	return folded
}

// foldUntil folds a text up to so many bytes of what it folds to, and says how far it came in the text.
func foldUntil(s string, most int) (folded string, at int) {
	b := make([]byte, 0, min(len(s)+8, most))
	space := false
	for i, r := range s {
		if r >= utf8.RuneSelf && dropped(r) {
			continue
		}
		if len(b) >= most {
			return string(b), i
		}
		if blank(r) {
			space = len(b) > 0
			continue
		}
		if r = letter(r); space && r != ':' {
			b = append(b, ' ')
		}
		space = false
		b = utf8.AppendRune(b, r)
	}
	return string(b), len(s)
}

// plain says whether a text is written so already.
func plain(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' || c < ' ' || c == ' ' && (i == 0 || i+1 == len(s) || s[i+1] == ' ' || s[i+1] == ':') {
			return false
		}
	}
	return true
}

// blank says whether a character parts words: white space, and the joiner that Persian writes between the parts of one.
func blank(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || r >= '\t' && r <= '\r'
	}
	return r == 0x200C || r < 0x100 && (r == 0xA0 || r == 0x85) || r >= 0x1680 && r < 0x3001 && unicode.IsSpace(r)
}

// dropped says whether a character is no part of a word's spelling: vowel signs, tatweel, marks of direction.
func dropped(r rune) bool {
	switch {
	case r < 0x300:
		return r == 0xAD
	case r <= 0x36F, r == 0x61C, r == 0x640, r >= 0x64B && r <= 0x65F, r == 0x670, r >= 0x5B0 && r <= 0x5BD, r == 0x5BF, r == 0x5C1, r == 0x5C2,
		r == 0x200B, r >= 0x200D && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2069, r == 0xFEFF:
		return true
	}
	return false
}

// letter folds one character.
func letter(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	case r >= 0x0620 && r <= 0x06FF:
		return arabic(r)
	}
	switch r {
	case 'ı', 'İ':
		return 'i'
	case '’', '‘', 'ʼ', '`':
		return '\''
	case '“', '”', '„', '«', '»':
		return '"'
	}
	if r >= 0xFF01 && r <= 0xFF5E {
		return letter(r - 0xFEE0) // full width
	}
	return unicode.ToLower(r)
}

func arabic(r rune) rune {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ؤ':
		return 'و'
	case 'ي', 'ى', 'ئ':
		return 'ی'
	case 'ك':
		return 'ک'
	case 'ة', 'ە', 'ہ', 'ھ', 'ۀ', 'ۂ', 'ۃ':
		return 'ه'
	}
	return r
}
