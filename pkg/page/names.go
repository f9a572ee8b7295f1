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

// Link is what a link's own names say of it.
type Link string

// The kinds of link that names tell.
const (
	LinkNext   Link = "next"   // to the next page of a list, or more of it
	LinkSlides Link = "slides" // to the next picture or card in the same place
	LinkByline Link = "byline" // to an article's author, category or tag
)

var links = []Link{LinkNext, LinkSlides, LinkByline}

// CallsLink says whether one of the names of an element calls it a link of a kind.
func CallsLink(all string, kind Link) bool {
	for name := range strings.FieldsSeq(all) {
		if callsLink(name, kind) {
			return true
		}
	}
	return false
}

func callsLink(name string, kind Link) bool {
	c, n := cutter{names: name}, vocabulary()
	found, before := false, ""
	for w, _ := c.next(); len(w) > 0; w, _ = c.next() {
		word := n.linkWords[string(w)]
		if word != "" {
			alone, both := n.links[[2]string{"", word}], n.links[[2]string{before, word}]
			if kind == LinkNext && alone == LinkSlides {
				return false // "slick-next"
			}
			found = found || alone == kind || both == kind
		}
		before = word
	}
	return found
}

// CallsIcon says whether one of the names of an element calls it an icon.
func CallsIcon(all string) bool {
	c, n := cutter{names: all}, vocabulary()
	for w, _ := c.next(); len(w) > 0; w, _ = c.next() {
		if slices.Contains(n.icons, string(w)) {
			return true
		}
	}
	return false
}

// CallsSite says whether names call an element the one that holds the site's name.
func CallsSite(all string) bool {
	return slices.ContainsFunc(vocabulary().sites, func(name string) bool { return strings.Contains(all, name) })
}

// names is names.txt for looking words up.
type names struct {
	words      map[string]wordTrait
	zones      map[string]Zone
	links      map[[2]string]Link // of pairs of words, and of words behind ""
	linkWords  map[string]string  // those of links, each as its own value
	unseen     []string
	lines      []string
	posts      []string
	terms      []string
	loaded     []string
	beside     []string
	icons      []string
	missing    []string
	sites      []string
	attributes map[string]AttrKey
}

// vocabulary is the shipped names.txt, which a test holds to be right.
var vocabulary = sync.OnceValue(func() *names {
	n, _ := readNames(namesFile)
	return n
})

var wordClasses = map[string]wordClass{"thing": classThing, "part": classBody, "more": classMore, "item": classItem, "having": classHaving}

// readNames reads names.txt or what is written like it. Its problems name the line.
func readNames(data string) (*names, []string) {
	n := &names{words: map[string]wordTrait{}, zones: map[string]Zone{}, links: map[[2]string]Link{}, linkWords: map[string]string{}, attributes: map[string]AttrKey{}}
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

// list gives the list that a key's names stand in as they are, nil for other keys.
func (n *names) list(key string) *[]string {
	switch key {
	case "unseen":
		return &n.unseen
	case "lines":
		return &n.lines
	case "post":
		return &n.posts
	case "term":
		return &n.terms
	case "loaded":
		return &n.loaded
	case "beside":
		return &n.beside
	case "icon":
		return &n.icons
	case "site":
		return &n.sites
	case "missing":
		return &n.missing
	}
	return nil
}

// add takes a word in, and says what is wrong with it.
func (n *names) add(key, word string) string {
	if list := n.list(key); list != nil {
		*list = append(*list, word)
		return ""
	}
	if kind, ok := strings.CutPrefix(key, "attribute "); ok {
		return n.addAttribute(kind, word)
	}
	if link, ok := strings.CutPrefix(key, "link "); ok {
		return n.addLink(Link(link), word)
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
	if known, twice := n.words[word]; twice {
		if known.class != classHaving || said.class != classOther {
			return "stands there twice"
		}
		said.class = classHaving // "label-hidden" is about a label, and "label" is one
	}
	n.words[word] = said
	return ""
}

// scriptKeys are the keys of the attributes for scripts.
var scriptKeys = map[string]AttrKey{"time": AttrDataTime, "more": AttrNextURL, "address": AttrDataURL, "name": attrHint}

// addAttribute takes the name of an attribute for scripts.
func (n *names) addAttribute(kind, name string) string {
	switch key, known := scriptKeys[kind]; {
	case !known:
		return "belongs to no kind of attribute"
	case !strings.HasPrefix(name, "data-"):
		return "is no attribute for scripts"
	case n.attributes[name] != attrNone || fixedKey([]byte(name)) != attrNone:
		return "stands there twice"
	default:
		n.attributes[name] = key
	}
	return ""
}

// addLink takes a word, or a pair of them, that links are called by.
func (n *names) addLink(kind Link, said string) string {
	before, word, two := strings.Cut(said, " ")
	if !two {
		before, word = "", before
	}
	switch {
	case strings.Trim(before+word, "abcdefghijklmnopqrstuvwxyz") != "":
		return "is no word in lower case, or two"
	case !slices.Contains(links, kind):
		return "belongs to no kind of link"
	case n.links[[2]string{before, word}] != "":
		return "stands there twice"
	}
	n.links[[2]string{before, word}] = kind
	n.linkWords[word] = word
	if two {
		n.linkWords[before] = before
	}
	return ""
}
