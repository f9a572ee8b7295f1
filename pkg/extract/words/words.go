// Package words knows what pages say to their readers beside the news: how lines open that lead elsewhere, bylines, source
// lines and datelines, notices and labels, in each language. The phrases are data: a file for each language, named for its
// code, with a line for each kind:
//
//	kind: phrase, phrase, phrase
//	   more phrases of the kind
//
// To add a language is to add its file. kinds.go says what the kinds are. Phrases are compared as Fold writes them, so
// capitals, Arabic and Persian spellings of a letter, vowel signs and kinds of space and quote need not be repeated. A phrase
// ends at a word's end, unless a "*" follows it; a "+" says that pages print it without a space before a capital ("ByAda Lund").
// A few kinds take a word more, as "agency IQ:", which its phrases stand for.
//
// Every phrase is tried on every page, whatever its language, since pages mix them; so no phrase may be the beginning of
// ordinary sentences in any language.
package words

import (
	"cmp"
	"embed"
	"fmt"
	"iter"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/page"
)

//go:embed *.txt
var files embed.FS

// Phrase is an entry of a language's file.
type Phrase struct {
	Kind     Kind
	Raw      string // as the file has it
	Text     string // folded
	Of       string // the word after the kind, "" for most
	Language string // code of the file
	Part     bool   // may be the beginning of a longer word
	Glued    bool   // is printed without a space before a capital, too
	Line     int
}

// Lexicon is the phrases of all languages, for looking them up. It does not change.
type Lexicon struct {
	phrases []Phrase
	byKind  [kinds][]int32             // in the order of the files
	starts  [kinds]map[[2]byte][]int32 // by the first two bytes, the longest first
}

// Known is the lexicon of the files here, which a test holds to be right.
func Known() *Lexicon { return known() }

var known = sync.OnceValue(func() *Lexicon {
	x, _ := readAll()
	return x
})

// readAll reads the files. Its problems name file and line.
func readAll() (*Lexicon, []string) {
	x := &Lexicon{}
	var problems []string
	entries, err := files.ReadDir(".")
	if err != nil {
		return x, []string{err.Error()}
	}
	for _, e := range entries {
		data, err := files.ReadFile(e.Name())
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		phrases, wrong := read(e.Name(), string(data))
		x.phrases = append(x.phrases, phrases...)
		problems = append(problems, wrong...)
	}
	x.index()
	return x, problems
}

// read reads one file.
func read(file, data string) (phrases []Phrase, problems []string) {
	language := strings.TrimSuffix(path.Base(file), ".txt")
	kind, of, isKind := Kind(0), "", false
	n := 0
	for line := range strings.Lines(data) {
		n++
		said := strings.TrimRight(line, " \r\n")
		if said == "" || said[0] == '#' {
			continue
		}
		if said[0] != ' ' && said[0] != '\t' {
			head, rest, colon := strings.Cut(said, ":")
			name, arg, _ := strings.Cut(strings.TrimSpace(head), " ")
			if kind, isKind = kindNamed(name); !isKind || !colon {
				problems = append(problems, fmt.Sprintf("%s:%d: %q is no kind", file, n, head))
				continue
			}
			of, said = arg, rest
		}
		if !isKind {
			continue
		}
		for p := range strings.SplitSeq(said, ",") {
			whole, part := strings.CutSuffix(strings.TrimSpace(p), "*")
			whole, glued := strings.CutSuffix(whole, "+")
			if text := Fold(whole); text != "" {
				phrases = append(phrases, Phrase{Kind: kind, Raw: whole, Text: text, Of: of, Language: language, Part: part, Glued: glued, Line: n})
			}
		}
	}
	return phrases, problems
}

func (x *Lexicon) index() {
	for i := range x.starts {
		x.starts[i] = map[[2]byte][]int32{}
	}
	for i := range x.phrases {
		p := &x.phrases[i]
		at := start(p.Text)
		x.starts[p.Kind][at] = append(x.starts[p.Kind][at], int32(i))
		x.byKind[p.Kind] = append(x.byKind[p.Kind], int32(i))
	}
	for _, byStart := range x.starts {
		for _, list := range byStart {
			slices.SortStableFunc(list, func(a, b int32) int { return cmp.Compare(len(x.phrases[b].Text), len(x.phrases[a].Text)) })
		}
	}
}

func start(s string) [2]byte {
	if len(s) == 1 {
		return [2]byte{s[0], ' '}
	}
	return [2]byte{s[0], s[1]}
}

// Opens gives the longest phrase of a kind that a folded text begins with; nil where there is none.
func (x *Lexicon) Opens(kind Kind, folded string) *Phrase {
	if folded == "" {
		return nil
	}
	for _, i := range x.starts[kind][start(folded)] {
		if p := &x.phrases[i]; strings.HasPrefix(folded, p.Text) && p.endsAt(folded[len(p.Text):]) {
			return p
		}
	}
	return nil
}

// endsAt says whether the phrase may end where the rest of a text goes on.
func (p *Phrase) endsAt(rest string) bool {
	if p.Part || rest == "" {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(p.Text)
	next, _ := utf8.DecodeRuneInString(rest)
	return !unicode.IsLetter(last) || !unicode.IsLetter(next) || page.Unspaced(last)
}

// Is gives the phrase of a kind that a folded text is; nil where it is none.
func (x *Lexicon) Is(kind Kind, folded string) *Phrase {
	if folded == "" {
		return nil
	}
	for _, i := range x.starts[kind][start(folded)] {
		if p := &x.phrases[i]; p.Text == folded {
			return p
		}
	}
	return nil
}

// Holds gives the first phrase of a kind that stands in a folded text as words of their own; nil where none does.
func (x *Lexicon) Holds(kind Kind, folded string) *Phrase {
	p, _ := x.Find(kind, folded)
	return p
}

// Find is Holds, with the place of the phrase.
func (x *Lexicon) Find(kind Kind, folded string) (*Phrase, int) {
	inWord := false
	for i, r := range folded {
		letter := unicode.IsLetter(r)
		if !letter || !inWord || page.Unspaced(r) {
			if p := x.Opens(kind, folded[i:]); p != nil {
				return p, i
			}
		}
		inWord = letter
	}
	return nil, -1
}

// Cut takes a phrase of a kind off the beginning of a text, and gives what is left of the text as it is written.
func (x *Lexicon) Cut(kind Kind, text string) (rest string, p *Phrase) {
	folded := Fold(text)
	if p = x.Opens(kind, folded); p == nil {
		return text, nil
	}
	_, at := foldUntil(text, len(p.Text))
	return text[at:], p
}

// CutGlued takes a phrase that is printed without a space before a capital off the beginning of a text.
func (x *Lexicon) CutGlued(kind Kind, text string) string {
	for p := range x.All(kind) {
		if !p.Glued || len(text) <= len(p.Text) || Fold(text[:len(p.Text)]) != p.Text {
			continue
		}
		rest := text[len(p.Text):]
		if r, _ := utf8.DecodeRuneInString(rest); unicode.IsUpper(r) {
			return rest
		}
	}
	return text
}

// All goes over the phrases of a kind, in the order of the files.
func (x *Lexicon) All(kind Kind) iter.Seq[*Phrase] {
	return func(yield func(*Phrase) bool) {
		for _, i := range x.byKind[kind] {
			if !yield(&x.phrases[i]) {
				return
			}
		}
	}
}

// Has says whether a language has a phrase of a kind.
func (x *Lexicon) Has(kind Kind, language string) bool {
	for p := range x.All(kind) {
		if p.Language == language {
			return true
		}
	}
	return false
}
