package extract

import (
	"strings"

	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/page"
)

const (
	// leastNamed is how often a page must name a country to be taken for printed there, and namedMore how many times
	// as often as any other: a national site names its own in its menus, sections and headlines all over the page.
	leastNamed = 4
	namedMore  = 2
)

// countryNamed guesses where an Arabic page is printed by the country that it names most; "" where that is not clear.
// The guess is good enough for a zone where the page gives none, and for nothing else.
func countryNamed(blocks []page.Block) string {
	count := map[string]int{}
	for k := range blocks {
		for _, word := range strings.Fields(blocks[k].Text) {
			if len(word) > 40 {
				continue
			}
			if c := countryOfWord(words.Fold(word)); c != "" {
				count[c]++
			}
		}
	}
	best, second := "", 0
	for c, n := range count {
		switch {
		case best == "" || n > count[best] || n == count[best] && c < best:
			if best != "" {
				second = max(second, count[best])
			}
			best = c
		default:
			second = max(second, n)
		}
	}
	if best == "" || count[best] < leastNamed || count[best] < namedMore*second {
		return ""
	}
	return best
}

// countryOfWord gives the country that one word names, behind the article and the particles that are written on to it.
func countryOfWord(w string) string {
	for _, particle := range []string{"و", "ب", "ل", "ف", "ک"} {
		if rest, ok := strings.CutPrefix(w, particle); ok && (strings.HasPrefix(rest, "ال") || particle == "ل" && strings.HasPrefix(rest, "ل")) {
			w = rest
			break
		}
	}
	w = strings.TrimPrefix(w, "ال")
	// Names that are other words too are not known: Riyadh is written as sports is, Amman as Oman.
	if p := words.Known().Opens(words.Country, w); p != nil && len(w) <= len(p.Text)+maxEnding {
		return p.Of
	}
	return ""
}

// maxEnding is how much longer a word may be than the stem of a country's name, in bytes: four letters.
const maxEnding = 8
