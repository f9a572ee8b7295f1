package page

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// Steers says whether a character is no part of a text but steers the terminal or program that shows it: a control
// character other than white space, or one that turns the direction of the text around it. No field holds one. The joiners
// and the marks U+200C to U+200F stay: Persian and Arabic are spelt with them.
func Steers(r rune) bool {
	switch {
	case r < ' ':
		return r != '\t' && r != '\n' && r != '\v' && r != '\f' && r != '\r'
	case r < 0x7f:
		return false
	}
	return r <= 0x9f && r != 0x85 || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069
}

// Squeeze evens out white space and drops characters that only steer line breaking or whatever shows the text.
func Squeeze(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0xC2 && c <= 0xE3 || c == 0xEF || c < ' ' || c == 0x7f || c == ' ' && (i == 0 || i+1 == len(s) || s[i+1] == ' ') {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == 0xAD || r == 0x200B || r == 0xFEFF || r == 0x2060 || Steers(r):
			return -1
		case r == 0xA0 || r == 0x202F || r == 0x3000 || r >= 0x2000 && r <= 0x200A:
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// Count is what a text has of words.
type Count struct {
	Words    int // runs of letters and digits
	Numbers  int // those of them that begin with a digit
	Unspaced int // characters of scripts that write no spaces between words
}

// CountWords counts the words of a text, or of a line of it, as Extract counts those of a page's blocks: every character of
// scripts that write no spaces between words is one.
func CountWords(s string) int {
	c := CountOf(s)
	return c.Words + c.Unspaced
}

// CountOf counts the words of a text.
func CountOf(s string) Count {
	var c Count
	inWord := false
	for k := 0; k < len(s); {
		r, size := utf8.DecodeRuneInString(s[k:])
		k += size
		switch {
		case r == '\'' || joinsWord(r):
		case Unspaced(r):
			inWord = false
			c.Unspaced++
		case isWordRune(r):
			if inWord {
				continue
			}
			inWord = true
			c.Words++
			if unicode.IsDigit(r) {
				c.Numbers++
			}
		default:
			inWord = false
		}
	}
	return c
}

// isWordRune says whether the segmenter counts a character as part of a word.
func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= '0' && r <= '9' || r < 0x80 && IsLetterASCII(byte(r))
	}
	return r < 0x2000 && r >= 0xC0 && r != 0xD7 && r != 0xF7 && r != 0x60C && r != 0x61B && r != 0x61F && r != 0x6D4 ||
		unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) && (r < 0xFE00 || r > 0xFE0F) // what tells a sign's colour
}

// Unspaced says whether a script writes no spaces between words; there every character counts as a word.
func Unspaced(r rune) bool {
	return r >= 0x0E00 && r <= 0x0EFF || r >= 0x1000 && r <= 0x109F || r >= 0x1780 && r <= 0x17FF ||
		r >= 0x3040 && r <= 0x30FF || r >= 0x3400 && r <= 0x4DBF || r >= 0x4E00 && r <= 0x9FFF ||
		r >= 0xF900 && r <= 0xFAFF || r >= 0x20000 && r <= 0x3FFFF
}

// IsLetterASCII says whether a byte is a letter of ASCII.
func IsLetterASCII(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// EqualFoldASCII says whether two texts differ in the case of ASCII letters at the most.
func EqualFoldASCII(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		x, y := a[i], b[i]
		if x >= 'A' && x <= 'Z' {
			x += 'a' - 'A'
		}
		if y >= 'A' && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			return false
		}
	}
	return true
}

// IsBinary says whether more than one in forty bytes is a control character that no text has. A page in which a few got
// is a page all the same, as browsers show it; of compressed or encrypted bytes one in nine is such a character.
func IsBinary(head []byte) bool {
	n := 0
	for _, c := range head {
		if c < ' ' && c != '\x1b' && Steers(rune(c)) {
			n++
		}
	}
	return 40*n > len(head)
}

// HeadLen is how far a body is looked at to tell what it is: as far as browsers look, and no signature reaches further.
const HeadLen = 512

// RunePrefix gives the first n characters of a text.
func RunePrefix(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// TextOf gives an element's text on one line.
func TextOf(d *Tree, i int32) string {
	var sb strings.Builder
	for k := i + 1; k < d.Nodes[i].End; k++ {
		n := &d.Nodes[k]
		if n.Kind == KindText {
			sb.WriteString(d.Text[n.T0:n.T1])
			if sb.Len() > 4000 {
				break
			}
			continue
		}
		switch n.Tag {
		case atom.Br:
			sb.WriteByte(' ')
		case atom.Script, atom.Style, atom.Svg, atom.Noscript:
			k = n.End - 1
		default:
			if !IsInline(n.Tag) {
				sb.WriteByte(' ')
			}
		}
	}
	return Squeeze(sb.String())
}

// InForeign says whether a node stands in a drawing or a formula.
func InForeign(d *Tree, i int32) bool {
	for ; i >= 0; i = d.Nodes[i].Parent {
		if t := d.Nodes[i].Tag; t == atom.Svg || t == atom.Math {
			return true
		}
	}
	return false
}
