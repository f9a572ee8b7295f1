package page

import (
	"bytes"
	_ "embed" // common.txt
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"

	"github.com/khabar-crawler/khabar/pkg/lang"
)

//go:embed common.txt
var commonFile string

const (
	// guessSample bytes of text beyond ASCII are read in each encoding that may be: a thousand characters and more.
	guessSample = 3 << 10
	// guessWindow is how far into a page they are looked for.
	guessWindow = 512 << 10
	// leastHigh bytes beyond ASCII: fewer tell nothing, and a declaration stands.
	leastHigh = 12
	// nearAsGood: a declared encoding stands in which the text reads so nearly as well as in the best. Turkish or Polish read as
	// windows-1252 have a tenth to a third fewer points, other alphabets half; Hungarian, of which one letter in fifty is at stake,
	// cannot be told.
	nearAsGood = 0.94
	// spoiltShare of a text's letters that an encoding does not have: then it is not in that.
	spoiltShare = 0.02
)

// alphabets are the encodings of one byte a letter that pages are in, told apart by how well the text reads; where two read alike,
// the first of them. (Those of other scripts are in common.txt.)
var alphabets = []string{"windows-1252", "windows-1256", "windows-1251", "windows-1253", "windows-1255", "windows-1254", "windows-1250", "iso-8859-2", "windows-1257", "koi8-u", "ibm866"}

// common is what texts in an encoding are full of.
type common struct {
	name  string
	share float64
	signs map[rune]bool
	words []string
}

var knownCommon = sync.OnceValue(func() []common {
	var out []common
	for line := range strings.Lines(commonFile) {
		line = strings.TrimSuffix(line, "\n")
		switch signs, isSigns := strings.CutPrefix(line, " "); {
		case strings.HasPrefix(line, "#"), line == "":
		case isSigns:
			c := &out[len(out)-1]
			c.signs = map[rune]bool{}
			for _, r := range signs {
				c.signs[r] = true
			}
		case line[0] == '=':
			c := &out[len(out)-1]
			c.words = strings.Fields(line[1:])
		default:
			name, share, _ := strings.Cut(line, " ")
			c := common{name: name}
			c.share, _ = strconv.ParseFloat(share, 64) // a test reads them all
			out = append(out, c)
		}
	}
	return out
})

// reading is a text as it reads in one encoding.
type reading struct {
	name   string
	sign   float64 // how many times the share of common signs that is asked for, for those that are known by them
	points float64 // how well it reads as a language, for the others
}

// evidence is the text of a page beyond ASCII, and how it reads.
type evidence struct {
	text []byte
	best reading
}

// weigh reads the page's text in every encoding that may be. nil: there is too little of it.
func weigh(body []byte) *evidence {
	e := &evidence{text: highText(body)}
	high := 0
	for _, b := range e.text {
		if b >= utf8.RuneSelf {
			high++
		}
	}
	if high < leastHigh {
		return nil
	}
	for _, c := range knownCommon() {
		if r := e.read(c.name); r.sign > e.best.sign {
			e.best = r
		}
	}
	if e.best.sign >= 1 {
		return e
	}
	e.best = reading{}
	for _, name := range alphabets {
		if r := e.read(name); r.points > e.best.points {
			e.best = r
		}
	}
	return e
}

// read reads the text in one encoding.
func (e *evidence) read(name string) reading {
	r := reading{name: name}
	enc, err := htmlindex.Get(name)
	if err != nil {
		return r
	}
	out, err := enc.NewDecoder().Bytes(e.text)
	if err != nil {
		return r
	}
	text := string(out)
	letters, spoilt := soundness(text)
	if float64(spoilt) > spoiltShare*float64(letters)+1 {
		return r
	}
	for _, c := range knownCommon() {
		if c.name == name {
			r.sign = c.in(text, max(letters, 1)) / c.share
			return r
		}
	}
	r.points = lang.Read(text).Points()
	return r
}

// soundness counts the letters beyond ASCII, and what no text has: signs that stand for nothing, boxes to draw forms with, and
// letters of another alphabet in a word of Latin ones.
func soundness(text string) (letters, spoilt int) {
	latin := false // the character before is a Latin letter
	for _, c := range text {
		letter := c >= utf8.RuneSelf && unicode.In(c, unicode.L, unicode.M)
		switch {
		case c == utf8.RuneError, c >= utf8.RuneSelf && c < 0xA0, c >= 0xE000 && c < 0xF900, c >= 0x2320 && c < 0x2600:
			spoilt++
		case latin && (letter && c >= 0x370 && c < 0x700 || c == 0x200E || c == 0x200F):
			spoilt++ // with marks of direction, which the bytes of Turkish letters are in Arabic
		case letter:
			letters++
		}
		latin = c < 0x250 && unicode.IsLetter(c)
	}
	return letters, spoilt
}

// in gives the share of a text's letters that are common ones.
func (c common) in(text string, letters int) float64 {
	n := 0
	for _, r := range text {
		if c.signs[r] {
			n++
		}
	}
	for _, w := range c.words {
		n += strings.Count(text, w) * utf8.RuneCountInString(w)
	}
	return float64(n) / float64(letters)
}

// bears says whether the text may be in a declared encoding.
func (e *evidence) bears(name string) bool {
	if name == "gb18030" {
		name = "gbk" // which it holds, and has the same decoder
	}
	if name == e.best.name {
		return true
	}
	r := e.read(name)
	switch {
	case r.sign > 0:
		return r.sign >= 0.5 && r.sign >= e.best.sign/2
	case e.best.sign >= 1:
		return false
	}
	return r.points >= nearAsGood*e.best.points
}

// highText gives the words of a page's text that have bytes beyond ASCII. (No encoding of pages has a sign whose second byte is <, >
// or a space.)
func highText(body []byte) []byte {
	body = body[:min(len(body), guessWindow)]
	out := []byte{' '}
	for len(body) > 0 && len(out) < guessSample {
		i := bytes.IndexByte(body, '<')
		if i < 0 {
			i = len(body)
		}
		for word := range bytes.SplitSeq(body[:min(i, guessSample)], []byte(" ")) {
			if slices.ContainsFunc(word, func(b byte) bool { return b >= utf8.RuneSelf }) {
				out = append(append(out, word...), ' ')
			}
		}
		if body = body[i:]; len(body) > 0 {
			_, body, _ = bytes.Cut(body, []byte(">"))
		}
	}
	return out
}

// encodingOf gives a declared encoding by its label: nil where none is called so.
func encodingOf(label string) (encoding.Encoding, string) {
	enc, err := htmlindex.Get(label)
	if err != nil || enc == nil {
		return nil, ""
	}
	name, _ := htmlindex.Name(enc)
	return enc, name
}
