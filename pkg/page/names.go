package page

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed names.txt
var namesFile string

// wordClass is the part that a word plays in pairs.
type wordClass uint8

const (
	classOther  wordClass = iota
	classThing            // article, story, post …
	classBody             // body, content, text …
	classMore             // more, read, also, see, next …
	classItem             // list, card, item …
	classHaving           // has, with, no …
)

type wordTrait struct {
	traits Trait
	class  wordClass
}

// cutter cuts the names of an element (classes, ids) into words: they are parted by anything but letters and by capitals
// ("relatedArticles", "related-articles").
type cutter struct {
	names string
	terms bool // names of topics are passed over
	at    int
	word  [maxWord]byte
}

// maxWord bounds a word, in bytes; the longest that is known has 18.
const maxWord = 48

// next gives the next word in lower case, and whether it is the first of its name; none at the end. The word holds until
// the next call.
func (c *cutter) next() (word []byte, first bool) {
	n, lower := 0, false
	first = c.at == 0
	for ; c.at < len(c.names); c.at++ {
		b := c.names[c.at]
		if c.terms && n == 0 && (c.at == 0 || c.names[c.at-1] == ' ') {
			if skip := termName(c.names[c.at:]); skip > 0 {
				c.at += skip - 1
				continue
			}
		}
		capital := b >= 'A' && b <= 'Z'
		if n > 0 && (capital && lower || !IsLetterASCII(b)) {
			break
		}
		if !IsLetterASCII(b) {
			first = first || b == ' ' || b == '\n' || b == '\t'
			lower = false
			continue
		}
		lower = !capital
		if n < maxWord {
			c.word[n] = b | 0x20
			n++
		}
	}
	return c.word[:n], first
}

// NameWords cuts a class name or id into words: "newMainMenu" into new, main, menu.
func NameWords(name string) []string {
	var out []string
	c := cutter{names: name}
	for w, _ := c.next(); len(w) > 0; w, _ = c.next() {
		out = append(out, string(w))
	}
	return out
}

// Zone is a part of a page that holds links.
type Zone string

// The zones that names tell.
const (
	ZoneCrumbs Zone = "crumbs" // where the page stands in the site
	ZonePager  Zone = "pager"  // to further pages of a list
	ZoneNav    Zone = "nav"    // menus
	ZoneFooter Zone = "footer" // the end of the page
	ZoneMeta   Zone = "meta"   // share bars, tags, comments, authors
	ZoneAside  Zone = "aside"  // side columns
	ZoneFrame  Zone = "frame"  // a frame around all of the page, whatever else its name says
)

var zones = []Zone{ZoneCrumbs, ZonePager, ZoneNav, ZoneFooter, ZoneMeta, ZoneAside, ZoneFrame}

// ZoneOf gives the zone that a word of a name tells of, "" for most words.
func ZoneOf(word string) Zone { return vocabulary().zones[word] }

// SaysMissing says whether a class or id is one of those that error pages have around what they say.
func SaysMissing(names string) bool {
	for name := range strings.FieldsSeq(names) {
		if slices.ContainsFunc(vocabulary().missing, func(known string) bool { return strings.EqualFold(known, name) }) {
			return true
		}
	}
	return false
}

// names is names.txt for looking words up.
type names struct {
	words  map[string]wordTrait
	zones  map[string]Zone
	unseen []string
	lines  []string
	posts  []string
	terms  []string
	beside []string

	missing []string
}

// vocabulary is the shipped names.txt, which a test holds to be right.
var vocabulary = sync.OnceValue(func() *names {
	n, _ := readNames(namesFile)
	return n
})

var wordClasses = map[string]wordClass{"thing": classThing, "part": classBody, "more": classMore, "item": classItem, "having": classHaving}

// readNames reads names.txt or what is written like it. Its problems name the line.
func readNames(data string) (*names, []string) {
	n := &names{words: map[string]wordTrait{}, zones: map[string]Zone{}}
	var problems []string
	key := ""
	line := 0
	for l := range strings.Lines(data) {
		line++
		said := strings.TrimRight(l, " \r\n")
		if said == "" || said[0] == '#' {
			continue
		}
		if head, rest, ok := strings.Cut(said, ":"); ok {
			key, said = head, rest
		}
		for w := range strings.SplitSeq(said, ",") {
			if w = strings.TrimSpace(w); w == "" {
				continue
			}
			if wrong := n.add(key, w); wrong != "" {
				problems = append(problems, fmt.Sprintf("names.txt:%d: %s: %q %s", line, key, w, wrong))
			}
		}
	}
	return n, problems
}

// add takes a word in, and says what is wrong with it.
func (n *names) add(key, word string) string {
	switch key {
	case "unseen":
		n.unseen = append(n.unseen, word)
		return ""
	case "lines":
		n.lines = append(n.lines, word)
		return ""
	case "post":
		n.posts = append(n.posts, word)
		return ""
	case "beside":
		n.beside = append(n.beside, word)
		return ""
	case "term":
		n.terms = append(n.terms, word)
		return ""
	case "missing":
		n.missing = append(n.missing, word)
		return ""
	}
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" {
		return "is no word in lower case"
	}
	if zone, ok := strings.CutPrefix(key, "zone "); ok {
		if !slices.Contains(zones, Zone(zone)) {
			return "belongs to no zone"
		}
		n.zones[word] = Zone(zone)
		return ""
	}
	said := wordTrait{class: wordClasses[key]}
	for i, name := range traitNames {
		if name == key {
			said.traits = 1 << i
		}
	}
	if said == (wordTrait{}) {
		return "belongs to no trait"
	}
	if _, twice := n.words[word]; twice {
		return "stands there twice"
	}
	n.words[word] = said
	return ""
}
