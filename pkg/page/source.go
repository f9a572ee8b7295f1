package page

import (
	"bytes"
	"io"

	"golang.org/x/net/html/atom"
)

// source feeds a page to the tokenizer so that the texts of scripts and styles can be passed over, which are a third of a page and
// would be read a byte at a time: it stops where the tag of one may end, and goes on behind its text when told to.
type source struct {
	page []byte
	at   int // what was fed
	stop int // where to wait for whether something is passed over
	vain int // how many bytes there are no stops in behind the next one that is in vain
}

// leastVain is how many bytes there are no stops in behind one in vain, and twice as many behind each further one: the tokenizer copies
// what it has of a token whenever it is fed.
const leastVain = 64

// Read feeds what stands before the next stop.
func (s *source) Read(p []byte) (int, error) {
	if s.at == len(s.page) {
		return 0, io.EOF
	}
	if s.at == s.stop {
		s.stop = s.nextStop(min(s.at+s.vain, len(s.page)))
		s.vain = max(2*s.vain, leastVain)
	}
	n := copy(p, s.page[s.at:s.stop])
	s.at += n
	return n, nil
}

// nextStop is where the next tag of a script or style may end, from a place on. What only looks like one, in a comment or a value, is a
// stop at which nothing is passed over.
func (s *source) nextStop(at int) int {
	for {
		n := bytes.Index(s.page[at:], []byte("<s"))
		if n < 0 {
			return len(s.page)
		}
		at += n + len("<s")
		if rest := s.page[at:]; bytes.HasPrefix(rest, []byte("cript")) || bytes.HasPrefix(rest, []byte("tyle")) {
			if n = bytes.IndexByte(rest, '>'); n < 0 {
				return len(s.page)
			}
			return at + n + 1
		}
	}
}

// pass passes over the text of a script or style whose tag ended, and gives the place of the tag that ends it; the same place where
// more was fed already, or the text is none that is passed over.
func (s *source) pass(at int, tag atom.Atom) int {
	if s.at != at || tag != atom.Script && tag != atom.Style { // others hold raw text too, but little of it
		return at
	}
	text := s.page[at:]
	end := rawEnd(text, tag.String())
	if end < 0 || bytes.Contains(text[:end], []byte("<!--")) { // behind which a script may hold another one
		return at
	}
	s.at += end
	s.stop, s.vain = s.at, 0
	return s.at
}

// rawEnd is where the tag begins that ends an element of raw text, -1 where none does.
func rawEnd(text []byte, name string) int {
	for at := 0; ; {
		n := bytes.Index(text[at:], []byte("</"))
		if n < 0 {
			return -1
		}
		at += n
		if tag := text[at+2:]; len(tag) > len(name) && EqualFoldASCII(string(tag[:len(name)]), name) && (isGap(tag[len(name)]) || tag[len(name)] == '/' || tag[len(name)] == '>') {
			return at
		}
		at += 2
	}
}
