package extract

import (
	"net/url"
	"strings"
	"unicode"
)

// comparable reduces a text to what two printings of it share: letters and digits in lower case, Arabic and Persian
// spellings of one letter made one, without marks and tatweel. It is for comparing only.
func comparable(s string) string {
	var sb strings.Builder
	sb.Grow(len(s))
	for _, r := range s {
		if r < 0x80 {
			switch {
			case r >= 'A' && r <= 'Z':
				sb.WriteByte(byte(r) + 'a' - 'A')
			case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
				sb.WriteByte(byte(r))
			}
			continue
		}
		switch r {
		case 'أ', 'إ', 'آ', 'ٱ':
			r = 'ا'
		case 'ي', 'ى':
			r = 'ی'
		case 'ك':
			r = 'ک'
		case 'ة':
			r = 'ه'
		case 'ـ':
			continue
		}
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			sb.WriteRune(unicode.ToLower(r))
		}
	}
	return sb.String()
}

// steers says whether a character is no part of a text but steers the terminal or program that shows it: a control
// character other than white space, or one that turns the direction of the text around it. No field holds one. The joiners
// and the marks U+200C to U+200F stay: Persian and Arabic are spelt with them.
func steers(r rune) bool {
	switch {
	case r < ' ':
		return r != '\t' && r != '\n' && r != '\v' && r != '\f' && r != '\r'
	case r < 0x7f:
		return false
	}
	return r <= 0x9f && r != 0x85 || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// address is an address without characters that steer: they are encoded, as browsers do in all of it and net/url does in the
// path alone.
func address(s string) string {
	if !strings.ContainsFunc(s, steers) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if steers(r) {
			b.WriteString(url.QueryEscape(string(r)))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
