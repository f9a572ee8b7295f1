package discover

import (
	"strings"
	"unicode"

	markup "github.com/khabar-crawler/khabar/pkg/page"
)

// phrase evens a link's text out for looking it up: lower case, without arrows and punctuation round it.
func phrase(text string) string {
	return strings.ToLower(strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }))
}

func isNextWord(text string) bool {
	if len(text) > 64 {
		return false
	}
	switch strings.TrimSpace(text) {
	case "»", "›", ">", ">>", "→":
		return true
	}
	return known().has("text", "next", phrase(text))
}

func isUtilityText(text string) bool {
	return len(text) <= 80 && known().has("text", "service", phrase(text))
}

// isFeedText says whether a link is called a feed, or feeds.
func isFeedText(text string) bool {
	return len(text) <= 80 && known().has("text", "feed", phrase(text))
}

// isLanguage says whether a text is a language's name for itself.
func isLanguage(text string) bool {
	return len(text) <= 80 && known().has("text", "language", phrase(text))
}

// isLabel says whether a text stands for a headline that is elsewhere, as "read more" and "12 comments" do.
func isLabel(text string) bool {
	if len(text) > 80 {
		return false
	}
	text, _, _ = strings.Cut(text, "(") // how many there are, and such
	text, _, _ = strings.Cut(text, ":")
	return known().has("text", "label", strings.TrimFunc(phrase(text), func(r rune) bool { return unicode.IsDigit(r) || unicode.IsSpace(r) }))
}

// isAll says whether a text leads to a section: "see all", "more from the desk".
func isAll(text string) bool {
	return len(text) <= 160 && known().begins("text", "all", phrase(text))
}

// isCall says whether a short text asks its reader to do something: "subscribe now".
func isCall(text string) bool {
	return len(text) <= 80 && known().begins("text", "call", phrase(text))
}

// letters are the letters and digits of a text in lower case, to compare a link's text with its address.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// countWords weighs a text by its words; of scripts that do not part them, five characters count as two, the length of common
// words there. Numbers count no more than the words beside them: rates and results are no headlines.
func countWords(text string) float64 {
	c := markup.CountOf(text)
	words := c.Words - c.Numbers
	return float64(words+min(c.Numbers, max(words+c.Unspaced, 1))) + float64(c.Unspaced)*2/5
}

// digitCount counts the digits of a text.
func digitCount(text string) int {
	n := 0
	for _, r := range text {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
