package extract

import (
	"github.com/khabar-crawler/khabar/pkg/page"
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

// address is an address without characters that steer: they are encoded, as browsers do in all of it and net/url does in the
// path alone.
func address(s string) string {
	if !strings.ContainsFunc(s, page.Steers) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if page.Steers(r) {
			b.WriteString(url.QueryEscape(string(r)))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
