package extract

import (
	"fmt"
	"github.com/khabar-crawler/khabar/pkg/page"
	"hash/fnv"
	"io"
)

// Fingerprint identifies what a block says, however it is cased, spaced and numbered.
type Fingerprint uint64

// Block is a block of a page as a learner of templates needs it.
type Block struct {
	Fingerprint Fingerprint
	Words       int
	Kept        bool // part of the article's text
	Inside      bool // in the container that the text was taken from
}

// fingerprint hashes a text's letters; digits count as one, so that dates and counters do not tell blocks apart.
func fingerprint(text string) Fingerprint {
	h := fnv.New64a()
	var b [1]byte
	digit := false
	for _, c := range []byte(comparable(text)) {
		if c >= '0' && c <= '9' {
			if digit {
				continue
			}
			digit, c = true, '0'
		} else {
			digit = false
		}
		b[0] = c
		h.Write(b[:])
	}
	return Fingerprint(h.Sum64())
}

// Trace is how an extraction came to its result.
type Trace struct {
	Fields []TraceField
	Blocks []TraceBlock
}

// TraceField is where a field came from.
type TraceField struct {
	Name, Value, Source string
}

// TraceBlock is what became of a block and why.
type TraceBlock struct {
	Path  string // the element and what is around it, outermost first
	Text  string
	Words int
	Kept  bool
	Why   Reason // "": outside of the text's container
}

func (t *Trace) note(name, value, source string) {
	if t != nil {
		t.Fields = append(t.Fields, TraceField{name, value, source})
	}
}

func (t *Trace) body(f *finding) {
	if t == nil {
		return
	}
	if f.root >= 0 {
		t.note("container", f.d.Path(f.root, 0), "")
	}
	for k := range f.blocks {
		b := &f.blocks[k]
		t.Blocks = append(t.Blocks, TraceBlock{Path: f.d.Path(b.Node, 4), Text: b.Text, Words: int(b.Words), Kept: f.out[k].keep, Why: f.out[k].why})
	}
}

// Write prints the trace for a person.
func (t *Trace) Write(w io.Writer) error {
	for _, f := range t.Fields {
		if _, err := fmt.Fprintf(w, "%-14s %s\t(%s)\n", f.Name, f.Value, f.Source); err != nil {
			return err
		}
	}
	for _, b := range t.Blocks {
		mark := "-"
		if b.Kept {
			mark = "+"
		}
		if _, err := fmt.Fprintf(w, "%s %-28s %s\t%s\n", mark, b.Why, b.Path, page.RunePrefix(b.Text, 100)); err != nil {
			return err
		}
	}
	return nil
}
