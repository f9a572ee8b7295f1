package boilerplate

import "strings"

// Template is what was learned of a site at one time. It does not change, and may be used by many goroutines.
type Template struct {
	known map[Key]bool
}

// Template gives what is known now.
func (p *Profile) Template() *Template {
	t := &Template{known: make(map[Key]bool, len(p.known))}
	for k := range p.known {
		t.known[k] = true
	}
	return t
}

// Empty says whether nothing is known.
func (t *Template) Empty() bool { return t == nil || len(t.known) == 0 }

// Clean takes the boilerplate out of a text and counts the lines taken. The first line stays whatever it is, and so do
// lines that speak of the title.
func (t *Template) Clean(title, text string) (cleaned string, taken int) {
	if t.Empty() || text == "" {
		return text, 0
	}
	var out strings.Builder
	var told words
	first := true
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		joint := "\n\n" // a line whose neighbour above was taken begins a paragraph
		for line := range strings.SplitSeq(paragraph, "\n") {
			if line == "" {
				continue
			}
			if !first && t.known[keyOf(line)] {
				if told == nil {
					told = wordsOf(title)
				}
				if !told.sharedWith(line) {
					taken++
					joint = "\n\n"
					continue
				}
			}
			if !first {
				out.WriteString(joint)
			}
			out.WriteString(line)
			joint, first = "\n", false
		}
	}
	if taken == 0 {
		return text, 0
	}
	return out.String(), taken
}
