package extract

import (
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

var traitNames = [...]string{"body", "related", "share", "comment", "nav", "ad", "caption", "author", "date", "newsletter", "tags",
	"hidden", "paywall", "summary", "title", "media", "poll", "box", "note", "toc", "kicker", "meta", "aside", "footer", "header",
	"embed", "modal", "widget", "live", "quote", "article"}

// String names the traits, parted by commas.
func (t trait) String() string {
	var out []string
	for i, n := range traitNames {
		if t&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return strings.Join(out, ",")
}
