package extract

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/newsdate"
	"github.com/khabar-crawler/khabar/pkg/page"
)

const (
	// leastNamed is how often a page must name a country to be taken for printed there, and namedMore how many times
	// as often as any other: a national site names its own in its menus, sections and headlines all over the page.
	leastNamed = 4
	namedMore  = 2
)

// printedWhere guesses where a page is printed whose language many countries share: by the zone of a time that it states,
// the country in the site's name or host, or, in Arabic, the one that it names most.
func (x *extraction) printedWhere() (country string, zone *time.Location) {
	if zone = statedZone(x.d, x.s, x.m); zone != nil {
		return "", zone
	}
	for _, name := range x.names {
		for _, word := range strings.Fields(name) {
			if c := countryOfWord(words.Fold(word)); c != "" {
				return c, nil
			}
		}
	}
	if country = countryInHost(hostName(x.page.URL)); country == "" && x.Article.Language == "ar" {
		country = countryNamed(x.s.Blocks)
	}
	return country, nil
}

// statedZone gives the zone of the first time on the page, of whatever, that has an offset to UTC; nil where none has.
func statedZone(d *page.Tree, s *page.Parts, m *pageMeta) *time.Location {
	stated := func(v string) *time.Location {
		if len(v) < len("2006-01-02T15:04+03") || len(v) > maxStamp || !strings.ContainsAny(v, "+-") {
			return nil
		}
		t, ok := newsdate.ParseMachine(v, newsdate.Hint{})
		if !ok || !t.ZoneGiven || t.Relative || utcZone(t.At) {
			return nil
		}
		return t.At.Location()
	}
	for _, v := range []string{m.ld.published, m.ld.modified, m.ld.created} {
		if zone := stated(v); zone != nil {
			return zone
		}
	}
	for _, kind := range []string{metaPublished, metaIssued, metaModified} {
		for _, key := range metaNames()[kind] {
			if zone := stated(m.get(key)); zone != nil {
				return zone
			}
		}
	}
	for _, i := range s.Times[:min(len(s.Times), maxStated)] {
		if zone := stated(d.Attr(i, page.AttrDatetime)); zone != nil {
			return zone
		}
	}
	return nil
}

const (
	// maxStamp is how long a time for machines is, in bytes, with the fraction of its second.
	maxStamp = 40
	// maxStated is how many times are asked for a zone: a page writes all in one way.
	maxStated = 20
)

// leastInHost is how many letters a country's name has that is looked for within the words of a host: "oman" stands in "woman".
const leastInHost = 5

// countryInHost gives the country that a host is named for: "iraq-harbour.example"; "" where there is none.
func countryInHost(host string) string {
	for p := range words.Known().All(words.Country) {
		if p.Text[0] < utf8.RuneSelf && len(p.Text) >= leastInHost && strings.Contains(host, p.Text) {
			return p.Of
		}
	}
	return ""
}

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
