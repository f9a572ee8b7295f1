package edit

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

//go:embed words.yaml
var wordsYAML []byte

// everywhere is the language of words that are for all.
const everywhere = "*"

// words is words.yaml for looking words up.
type words struct {
	abbreviations map[string]map[string]bool // by language
	ordinals      map[string]bool            // languages that write them with a full stop
	counts        map[string]bool            // of a counter: whether it is a head, or a filler
}

// abbreviates says whether a full stop behind the word ends no sentence.
func (w *words) abbreviates(language, word string) bool {
	return w.abbreviations[language][word] || w.abbreviations[everywhere][word]
}

// readWords reads words.yaml or what is written like it. Its error lists all that is wrong, with line and column.
func readWords(file string, data []byte) (*words, error) {
	var into struct {
		Abbreviations []struct {
			Language string   `yaml:"language"`
			Ordinals bool     `yaml:"ordinals"`
			Words    []string `yaml:"words"`
		} `yaml:"abbreviations"`
		Counters []struct {
			Language string   `yaml:"language"`
			Heads    []string `yaml:"heads"`
			Fillers  []string `yaml:"fillers"`
		} `yaml:"counters"`
	}
	doc := yamlfile.Decode(file, data, &into)
	w := &words{abbreviations: map[string]map[string]bool{}, ordinals: map[string]bool{}, counts: map[string]bool{}}
	check := func(path string, all []string) {
		for i, word := range all {
			if word == "" || word != strings.ToLower(word) || strings.HasSuffix(word, ".") {
				doc.Add(fmt.Sprintf("%s[%d]", path, i), "must be there, in lower case, without a full stop at its end")
			}
		}
	}
	for i, entry := range into.Abbreviations {
		at := fmt.Sprintf("abbreviations[%d]", i)
		if entry.Language == "" {
			doc.Add(at+".language", "is missing")
		}
		check(at+".words", entry.Words)
		known := map[string]bool{}
		for _, word := range entry.Words {
			known[word] = true
		}
		w.abbreviations[entry.Language], w.ordinals[entry.Language] = known, entry.Ordinals
	}
	for i, entry := range into.Counters {
		at := fmt.Sprintf("counters[%d]", i)
		check(at+".heads", entry.Heads)
		check(at+".fillers", entry.Fillers)
		for _, word := range entry.Fillers {
			w.counts[evened(word)] = w.counts[evened(word)]
		}
		for _, word := range entry.Heads {
			w.counts[evened(word)] = true
		}
	}
	return w, doc.Problems().Err()
}

// known is what the shipped words say, which a test holds to be right.
var known = sync.OnceValue(func() *words {
	w, _ := readWords("words.yaml", wordsYAML)
	return w
})
