package page

import (
	"slices"
	"strings"

	"golang.org/x/net/html/atom"
)

// breaks is what the line breaks of the source are to the reader of an element.
type breaks uint8

const (
	breaksInherited breaks = iota // as in the element around it; at the root, white space
	breaksNone                    // white space: programs, which are no paragraphs
	breaksWrapped                 // as in a letter: a blank line parts paragraphs, and full lines go on in the next
	breaksKept                    // each is one, as a style says
)

// fullLine is from how many bytes on a line is taken for one that was broken because it was full: wrapped texts have sixty
// letters and more to a line, of scripts with wide letters twenty, and the lines of poems and addresses are shorter.
const fullLine = 48

// breaksOf says what an element itself says of the line breaks in it.
func (s *segmenter) breaksOf(i int32, nd *Node) breaks {
	switch nd.Tag {
	case atom.Pre:
		if s.program(i, nd) {
			return breaksNone
		}
		return breaksWrapped
	case atom.Code, atom.Samp, atom.Kbd:
		return breaksNone
	}
	for _, a := range s.d.attrs[nd.A0:nd.A1] {
		switch v := s.d.Text[a.v0:a.v1]; a.key {
		case attrStyle:
			if hasDeclaration(v, "white-space", "pre") || hasDeclaration(v, "white-space", "break-spaces") {
				return breaksKept
			}
		case AttrClass:
			if strings.Contains(v, "pre") && slices.ContainsFunc(strings.Fields(v), func(n string) bool { return slices.Contains(vocabulary().lines, n) }) {
				return breaksKept
			}
		}
	}
	return breaksInherited
}

const (
	// programSample is how many bytes of a preformatted text are looked at for what it is.
	programSample = 2000
	// programSigns: one byte in so many is a sign that prose has none of, and it is a program, a table or what one printed.
	programSigns = 60
)

// program says whether a preformatted text is no prose.
func (s *segmenter) program(i int32, nd *Node) bool {
	signs, all := 0, 0
	for k := i + 1; k < min(nd.End, i+programSample) && all < programSample; k++ {
		n := &s.d.Nodes[k]
		if n.Kind != KindText {
			continue
		}
		text := s.d.Text[n.T0:n.T1]
		text = text[:min(len(text), programSample-all)]
		all += len(text)
		for _, sign := range "{}[]<>=$#_|\\;*/+~^`@" {
			signs += strings.Count(text, string(sign))
		}
	}
	return programSigns*signs > all
}

// newline ends a line of the source where that is one to the reader too.
func (s *segmenter) newline(top *frame) {
	s.lines++
	switch {
	case s.lines > 1:
		s.flush(false)
	case s.open && top.breaks == breaksWrapped && len(s.buf)-s.line >= fullLine:
		s.space, s.inWord = true, false
		s.line = len(s.buf)
	default:
		s.br()
	}
}
