package extract

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/page"
)

// Topics that a page tells machines. What is called a tag of the article is believed; lists of keywords are often the same on
// all pages of a site, or the headline cut into words, and are held against the text.

const (
	// fewKeywords: of fewer it cannot be told whose they are.
	fewKeywords = 3
	// spokenOf is the share of keywords, one in so many, that a text mentions at least whose own they are.
	spokenOf = 5
	// mentionedWithin is how far a text is looked at for its topics, in characters.
	mentionedWithin = 5000
	// stem is how much of a word must be met, in parts of four: the rest is bent.
	stem = 3
)

// tags are the topics that the page's own metadata lists.
func (m *pageMeta) tags(title, text string, names []string) []string {
	c := &tagCollector{names: names, seen: map[string]bool{comparable(title): true}}
	said := ""
	for k, list := range [][]string{m.all("article:tag"), m.ld.keywords, m.all("news_keywords"), m.all("keywords")} {
		if len(list) == 0 || k > 1 && len(c.out) > 0 {
			continue // what is made for search engines says less than tags
		}
		have := len(c.out)
		c.add(list)
		if k > 0 && said == "" {
			said = comparable(title + page.RunePrefix(text, mentionedWithin))
		}
		if own := c.out[have:]; cutTitle(own, title) || k > 0 && foreignKeywords(own, said) {
			c.out = c.out[:have]
		}
	}
	return c.out
}

// tagCollector gathers topics, each once.
type tagCollector struct {
	names []string
	seen  map[string]bool // comparable
	out   []string
}

func (c *tagCollector) add(list []string) {
	for _, v := range list {
		for _, t := range splitAny(v, []string{",", "،", ";", "|"}) {
			t = strings.TrimPrefix(cleanLine(t), "#")
			key := comparable(t)
			if key == "" || c.seen[key] || utf8.RuneCountInString(t) > maxTag || len(c.out) == maxTags || isSiteName(t, c.names) || isNumberOfMachine(t) {
				continue
			}
			c.seen[key] = true
			c.out = append(c.out, t)
		}
	}
}

// cutTitle says whether topics are the headline's words, one after another.
func cutTitle(tags []string, title string) bool {
	words := strings.Fields(title)
	if len(tags) < fewKeywords || len(words) < fewKeywords {
		return false
	}
	in, single, at := 0, 0, 0
	for _, t := range tags {
		key := comparable(t)
		if !strings.ContainsRune(t, ' ') {
			single++
		}
		if k := slices.IndexFunc(words[at:], func(w string) bool { return comparable(w) == key }); k >= 0 {
			in, at = in+1, at+k+1
		}
	}
	return in >= fewKeywords && 3*in >= 2*single && 3*in >= 2*len(tags) && 2*in >= len(words)
}

// foreignKeywords says whether a text speaks of next to none of some keywords.
func foreignKeywords(tags []string, said string) bool {
	if len(tags) < fewKeywords {
		return false
	}
	n := 0
	for _, t := range tags {
		if slices.ContainsFunc(strings.Fields(t), func(w string) bool { return speaksOf(said, comparable(w)) }) {
			n++
		}
	}
	return spokenOf*n < len(tags)
}

// speaksOf says whether a word, or most of it, stands in a text; both are comparable.
func speaksOf(said, word string) bool {
	r := []rune(word)
	if len(r) < 2 {
		return false
	}
	return strings.Contains(said, string(r[:max(2, (len(r)*stem+3)/4)]))
}

// isNumberOfMachine knows names that machines give things: long rows of digits with letters and dashes in them, no spaces.
func isNumberOfMachine(t string) bool {
	digits := 0
	for _, r := range t {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'a' && r <= 'f', r == '-':
		default:
			return false
		}
	}
	return len(t) >= 20 && digits >= 6
}
