package page

import (
	_ "embed"
	"fmt"
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

// names is names.txt for looking words up.
type names struct {
	words  map[string]wordTrait
	zones  map[string][]string // zones by word
	unseen []string
	posts  []string
	terms  []string
}

// vocabulary is the shipped names.txt, which a test holds to be right.
var vocabulary = sync.OnceValue(func() *names {
	n, _ := readNames(namesFile)
	return n
})

var wordClasses = map[string]wordClass{"thing": classThing, "part": classBody, "more": classMore, "item": classItem, "having": classHaving}

// readNames reads names.txt or what is written like it. Its problems name the line.
func readNames(data string) (*names, []string) {
	n := &names{words: map[string]wordTrait{}, zones: map[string][]string{}}
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
	case "post":
		n.posts = append(n.posts, word)
		return ""
	case "term":
		n.terms = append(n.terms, word)
		return ""
	}
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" {
		return "is no word in lower case"
	}
	if zone, ok := strings.CutPrefix(key, "zone "); ok {
		n.zones[word] = append(n.zones[word], zone)
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
