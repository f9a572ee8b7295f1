package extract

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// FingerprintOf gives the fingerprint that Extract gives to a block that says text.
func FingerprintOf(text string) Fingerprint { return fingerprint(text) }

// Shorten gives an article that Extract made a text from which paragraphs or lines were taken, and makes what derives from
// the text that of the new one: paragraphs, words, content hash, and what the quality says of its length. Everything
// else stays. The result depends on the article and the text alone, so that what is shortened later, from the stored
// article, is the same as what is shortened at once.
func Shorten(a *article.Article, text string) {
	if text == a.Text {
		return
	}
	a.WordCount = max(0, a.WordCount-WordsIn(a.Text)+WordsIn(text))
	a.Text, a.Paragraphs = text, 0
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if paragraph != "" {
			a.Paragraphs++
		}
	}
	a.ContentHash = article.HashContent(a.Title, a.Subtitle, a.Text)
	if a.Text != "" && a.WordCount < shortWords && !slices.Contains(a.Quality.Flags, FlagShort) {
		a.Quality.Flags = slices.Insert(slices.Clone(a.Quality.Flags), 0, FlagShort)
		a.Quality.Score = penalised(a.Quality.Score, FlagShort)
	}
}

// WordsIn counts the words of a text, or of a line of it, as Extract counts those of a page's blocks: every character of
// scripts that write no spaces between words is one.
func WordsIn(s string) int {
	n := 0
	inWord := false
	for k := 0; k < len(s); {
		r, size := utf8.DecodeRuneInString(s[k:])
		k += size
		switch {
		case r == '\'' || r == 0x2019 || r == 0x200C || r == 0x200D || r == 0x200E || r == 0x200F:
		case isSpaceless(r):
			inWord = false
			n++
		case isWordRune(r):
			if !inWord {
				inWord = true
				n++
			}
		default:
			inWord = false
		}
	}
	return n
}

// isWordRune says whether the segmenter counts a character as part of a word.
func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= '0' && r <= '9' || r < 0x80 && isLetterASCII(byte(r))
	}
	return r < 0x2000 && r >= 0xC0 && r != 0xD7 && r != 0xF7 && r != 0x60C && r != 0x61B && r != 0x61F && r != 0x6D4 ||
		unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r)
}
