package discover

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

//go:embed words.yaml
var wordsYAML []byte

// wordKey is where a word stands and what it means there, as words.yaml has it.
type wordKey struct{ in, means string }

// meanings are the keys that words.yaml may have.
var meanings = map[wordKey]bool{
	{"address", "service"}: true, {"address", "name"}: true, {"address", "subject"}: true, {"address", "offer"}: true, {"address", "section"}: true, {"address", "call"}: true,
	{"address", "media"}: true, {"address", "month"}: true, {"address", "page"}: true, {"host", "service"}: true, {"host", "landing"}: true,
	{"parameter", "id"}: true, {"parameter", "page"}: true, {"parameter", "offset"}: true, {"parameter", "cursor"}: true, {"parameter", "service"}: true,
	{"text", "next"}: true, {"text", "service"}: true, {"text", "language"}: true, {"text", "label"}: true, {"text", "all"}: true, {"text", "call"}: true, {"text", "feed"}: true,
}

// lexicon is words.yaml for looking words up: each with its place in its entry, from 1.
type lexicon map[wordKey]map[string]int

func (x lexicon) has(in, means, word string) bool { return x[wordKey{in, means}][word] > 0 }

// begins says whether a text, or a page's name in an address, begins with one of the words, at a word's end.
func (x lexicon) begins(in, means, text string) bool {
	all := x[wordKey{in, means}]
	for i, r := range text + " " {
		if (r == ' ' || r == '-' && in == "address") && all[text[:i]] > 0 {
			return true
		}
	}
	return false
}

// readWords reads words.yaml or what is written like it. Its error lists all that is wrong, with line and column.
func readWords(file string, data []byte) (lexicon, error) {
	var into struct {
		Words []struct {
			In       string   `yaml:"in"`
			Means    string   `yaml:"means"`
			Language string   `yaml:"language"`
			Words    []string `yaml:"words"`
		} `yaml:"words"`
	}
	doc := yamlfile.Decode(file, data, &into)
	x := lexicon{}
	for i, entry := range into.Words {
		at := fmt.Sprintf("words[%d]", i)
		key := wordKey{entry.In, entry.Means}
		if !meanings[key] {
			doc.Add(at+".means", "%q says nothing in %q", entry.Means, entry.In)
		}
		if x[key] == nil {
			x[key] = map[string]int{}
		}
		for j, w := range entry.Words {
			if w == "" || w != strings.ToLower(w) {
				doc.Add(fmt.Sprintf("%s.words[%d]", at, j), "must be there, in lower case")
			}
			x[key][w] = j + 1
		}
	}
	return x, doc.Problems().Err()
}

// known is the lexicon of the shipped words, which a test holds to be right.
var known = sync.OnceValue(func() lexicon {
	x, _ := readWords("words.yaml", wordsYAML)
	return x
})
