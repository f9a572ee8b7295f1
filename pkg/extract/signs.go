package extract

import (
	_ "embed" // kinds.yaml
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/page"
	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

//go:embed kinds.yaml
var kindsYAML []byte

// signs is kinds.yaml for looking words up: each word's kind, by where it stands.
type signs struct {
	types, graph, templates, addresses, tails map[string]article.Kind
	generators                                []generatorSign
	buttons                                   []string
	order                                     []article.Kind // as the file has them: the first counts where several fit
}

// generatorSign is how the name of a content system begins, and the kind of its pages.
type generatorSign struct {
	name string
	kind article.Kind
}

// readSigns reads kinds.yaml or what is written like it. Its error lists all that is wrong, with line and column.
func readSigns(file string, data []byte) (*signs, error) {
	var into struct {
		Kinds []struct {
			Kind      article.Kind `yaml:"kind"`
			Type      []string     `yaml:"type"`
			Graph     []string     `yaml:"graph"`
			Generator []string     `yaml:"generator"`
			Template  []string     `yaml:"template"`
			Address   []string     `yaml:"address"`
			Tail      []string     `yaml:"tail"`
		} `yaml:"kinds"`
		Buttons []string `yaml:"buttons"`
	}
	doc := yamlfile.Decode(file, data, &into)
	s := &signs{types: map[string]article.Kind{}, graph: map[string]article.Kind{}, templates: map[string]article.Kind{},
		addresses: map[string]article.Kind{}, tails: map[string]article.Kind{}, buttons: into.Buttons}
	for i, entry := range into.Kinds {
		at := fmt.Sprintf("kinds[%d]", i)
		if !slices.Contains(article.Kinds(), entry.Kind) || slices.Contains(s.order, entry.Kind) {
			doc.Add(at+".kind", "must be one of those of pkg/article, each once")
		}
		s.order = append(s.order, entry.Kind)
		add := func(key string, words []string, to map[string]article.Kind) {
			for j, w := range words {
				if _, twice := to[w]; twice || w == "" || key != "type" && w != strings.ToLower(w) {
					doc.Add(fmt.Sprintf("%s.%s[%d]", at, key, j), "must be there, in lower case, once among the kinds")
				}
				to[w] = entry.Kind
			}
		}
		add("type", entry.Type, s.types)
		add("graph", entry.Graph, s.graph)
		add("template", entry.Template, s.templates)
		add("address", entry.Address, s.addresses)
		add("tail", entry.Tail, s.tails)
		for _, g := range entry.Generator {
			s.generators = append(s.generators, generatorSign{g, entry.Kind})
		}
	}
	return s, doc.Problems().Err()
}

// knownSigns is what the shipped file says, which a test holds to be right.
var knownSigns = sync.OnceValue(func() *signs {
	s, _ := readSigns("kinds.yaml", kindsYAML)
	return s
})

// first gives the kind that comes first in the file; "" of none.
func (s *signs) first(kinds []article.Kind) article.Kind {
	for _, k := range s.order {
		if slices.Contains(kinds, k) {
			return k
		}
	}
	return ""
}

// declared gives the kinds that a page's linked data and og:type name.
func (s *signs) declared(m *pageMeta) []article.Kind {
	kinds := slices.Clone(m.ld.kinds)
	graph := strings.ToLower(m.get("og:type"))
	_, part, _ := strings.Cut(graph, ":")
	for _, g := range []string{graph, part} {
		if k, ok := s.graph[g]; ok {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// templated gives the kinds that the classes and ids of <html> and <body> name.
func (s *signs) templated(d *page.Tree) []article.Kind {
	var kinds []article.Kind
	if d.HTML < 0 {
		return nil
	}
	nodes := []int32{d.HTML}
	for i := d.HTML + 1; i < d.Nodes[d.HTML].End; i = d.Nodes[i].End {
		if d.Nodes[i].Kind == page.KindElement {
			nodes = append(nodes, i)
		}
	}
	for _, i := range nodes[:min(len(nodes), maxTemplates)] {
		for _, names := range []string{d.Attr(i, page.AttrClass), d.Attr(i, page.AttrID)} {
			for name := range strings.FieldsSeq(names) {
				if k, ok := s.templates[strings.ToLower(name)]; ok {
					kinds = append(kinds, k)
				}
			}
		}
	}
	return kinds
}

// maxTemplates is how many elements are asked for a template's name: <html>, <head> and <body>.
const maxTemplates = 3

// generated gives the kind of the pages that the content system named in metadata makes, "" where it makes any.
func (s *signs) generated(m *pageMeta) article.Kind {
	name := strings.ToLower(m.get("generator"))
	for _, g := range s.generators {
		if strings.HasPrefix(name, g.name) {
			return g.kind
		}
	}
	return ""
}

// addressed gives the kinds that the parts of an address name. Its last part may be a headline, which says nothing of an article.
func (s *signs) addressed(parts []string) []article.Kind {
	var kinds []article.Kind
	for i, part := range parts {
		k, ok := s.addresses[part]
		if first, tail, two := strings.Cut(part, "-"); !ok && two && first != "" {
			k, ok = s.tails[tail]
		}
		if ok && (k != article.KindArticle || i+1 < len(parts)) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

const (
	// maxAddress bounds the parts of an address that are looked at; addresses seen have up to nine.
	maxAddress = 20
	// slugWords is how many words the last part of an address has at least where it is a headline.
	slugWords = 4
	// idDigits is how many digits in a row a number has that tells one article from others, or a year.
	idDigits = 4
)

// addressParts cuts an address's path into its parts, in lower case and without endings.
func addressParts(raw string) []string {
	u, err := url.Parse(raw)
	if err != nil {
		return nil
	}
	var parts []string
	for part := range strings.FieldsFuncSeq(strings.ToLower(u.Path), func(r rune) bool { return r == '/' }) {
		if i := strings.LastIndexByte(part, '.'); i > 0 && len(part)-i <= len(".shtml") {
			part = part[:i]
		}
		if parts = append(parts, part); len(parts) == maxAddress {
			break
		}
	}
	return parts
}

// isSlug says whether a part of an address is a headline.
func isSlug(part string) bool {
	words := 0
	for w := range strings.FieldsFuncSeq(part, func(r rune) bool { return r == '-' || r == '_' }) {
		if strings.IndexFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) < 0 {
			words++
		}
	}
	return words >= slugWords
}

// hasNumber says whether a part of an address has a number that tells articles apart.
func hasNumber(part string) bool {
	run := 0
	for _, r := range part {
		if r < '0' || r > '9' {
			run = 0
		} else if run++; run == idDigits {
			return true
		}
	}
	return false
}
