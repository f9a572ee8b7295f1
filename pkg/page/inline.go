package page

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// What stands in the middle of a line and is no word of it: notes that are hidden, explain a word or lead to the foot of the page.

// maxLookedAt bounds the nodes of an element that are looked at for what it says, so that no page makes work that squares: notes and
// questions have a few.
const maxLookedAt = 100

// maxHiddenNote bounds in bytes what is hidden in the middle of a line and is no part of its text: notes for machines and for those
// who copy. What is longer is text that a reader unfolds.
const maxHiddenNote = 200

// isNote says whether a part of a line is hidden from who reads the line.
func (s *segmenter) isNote(i int32, nd *Node) bool {
	if nd.A0 == nd.A1 || !s.d.Hides(i) && !s.invisible(nd) {
		return false
	}
	n := int32(0)
	if nd.End-i > maxLookedAt {
		return false
	}
	for k := i + 1; k < nd.End; k++ {
		if t := &s.d.Nodes[k]; t.Kind == KindText {
			if n += t.T1 - t.T0; n > maxHiddenNote {
				return false
			}
		}
	}
	return true
}

// invisible says whether an element's style puts it where, or makes it so small that, nobody sees it.
func (s *segmenter) invisible(nd *Node) bool {
	for _, a := range s.d.attrs[nd.A0:nd.A1] {
		if a.key == attrStyle {
			v := s.d.Text[a.v0:a.v1]
			return isZero(declared(v, "font-size")) || isZero(declared(v, "opacity")) ||
				hasDeclaration(v, "overflow", "hidden") && (isZero(declared(v, "height")) || isZero(declared(v, "width")) || isZero(declared(v, "max-height"))) ||
				hasDeclaration(v, "clip", "rect(0") || hasDeclaration(v, "clip-path", "inset(50%") || hasDeclaration(v, "clip-path", "inset(100%") ||
				strings.HasPrefix(declared(v, "left"), "-9") || strings.HasPrefix(declared(v, "top"), "-9") || strings.HasPrefix(declared(v, "text-indent"), "-9")
		}
	}
	return false
}

// unseenClass knows the class names of what stands in a line and is not read there.
func unseenClass(c string) bool {
	return slices.ContainsFunc(vocabulary().unseen, func(n string) bool { return strings.Contains(c, n) })
}

// explains says whether a part of a line is shown to who points at the words beside it.
func (s *segmenter) explains(i int32, nd *Node) bool {
	return nd.A0 < nd.A1 && s.d.Attr(i, AttrRole) == "tooltip"
}

// maxMark bounds the mark of a footnote, in bytes: "[123]", a dagger.
const maxMark = 6

// refers says whether a part of a line is the mark of a footnote: a number or a star that leads to another place of the page.
func (s *segmenter) refers(i int32, nd *Node) bool {
	mark, link := "", nd.Tag == atom.A || nd.Parent >= 0 && s.d.Nodes[nd.Parent].Tag == atom.A || s.d.Traits(i)&TraitNote != 0
	at := i
	if nd.End-i > maxLookedAt {
		return false
	}
	for k := i + 1; k < nd.End; k++ {
		t := &s.d.Nodes[k]
		if t.Kind == KindText {
			mark += s.d.Text[t.T0:t.T1]
		}
		if t.Tag == atom.A {
			link, at = true, k
		}
		if len(mark) > maxMark {
			return false
		}
	}
	if nd.Tag == atom.Sup && at == i {
		at = nd.Parent
	}
	mark = strings.Trim(mark, " [](){}")
	if !link || mark == "" || strings.Trim(mark, "0123456789*†‡§,") != "" {
		return false
	}
	to := strings.TrimSpace(s.d.Attr(at, AttrHref))
	return strings.HasPrefix(to, "#") || nd.Tag == atom.Sup && (strings.Contains(to, "#") || s.d.Traits(i)&TraitNote != 0)
}

// counts says whether a number that comes next in the line is said there: in brackets of the text's own, or in a row of numbers.
func (s *segmenter) counts(tag atom.Atom) bool {
	switch last := s.buf[len(s.buf)-1]; {
	case last == '[' || last == '(':
		return true
	case tag == atom.Sup:
		return false
	default:
		return last == ',' || last == '-' || last >= 0x80 || last >= '0' && last <= '9' && s.space
	}
}

// signs says whether a part of a button or a summary is only the sign of what it does: a plus, an arrow.
func (s *segmenter) signs(i int32, nd *Node) bool {
	if nd.Parent < 0 || nd.End != i+2 {
		return false
	}
	if t := s.d.Nodes[nd.Parent].Tag; t != atom.Button && t != atom.Summary {
		return false
	}
	t := &s.d.Nodes[i+1]
	return t.Kind == KindText && !strings.ContainsFunc(s.d.Text[t.T0:t.T1], isWordRune)
}

// maxNote bounds a note inside a link, in bytes.
const maxNote = 60

// notes says whether an element inside a link holds nothing but a note that is left out.
func (s *segmenter) notes(i int32, nd *Node) bool {
	if nd.End != i+2 || s.skip == nil {
		return false
	}
	t := &s.d.Nodes[i+1]
	return t.Kind == KindText && t.Linked && t.T1-t.T0 <= maxNote && s.skip(strings.Trim(s.d.Text[t.T0:t.T1], " ()[]\n\t.,"))
}

// initial writes the letter that a picture stands for, where a word goes on behind it.
func (s *segmenter) initial(i int32, nd *Node) {
	letter := s.d.Attr(i, AttrAlt)
	if letter == "" || s.open || int(nd.End) >= len(s.d.Nodes) {
		return
	}
	next := &s.d.Nodes[nd.End]
	if next.Kind != KindText || next.Parent != nd.Parent || !strings.ContainsFunc(RunePrefix(s.d.Text[next.T0:next.T1], utf8.UTFMax), isWordRune) || strings.HasPrefix(s.d.Text[next.T0:next.T1], " ") {
		return
	}
	top := &s.stack[len(s.stack)-1]
	s.begin(nd.End, top)
	s.buf = append(s.buf, letter...)
	s.cur.Chars++
	s.inside(next, top)
}

const (
	// sentenceRest is how much text, in bytes, goes on behind a button that stands in a sentence: labels of buttons in a row have less.
	sentenceRest = 20
	// leastAnswer is how much text, in bytes, stands behind a question that unfolds it.
	leastAnswer = 60
	// leastQuestion tells questions from signs, in bytes.
	leastQuestion = 8
)

// inSentence says whether a button is some words of a sentence, which goes on behind it.
func (s *segmenter) inSentence(nd *Node) bool {
	if nd.Parent < 0 || s.d.Nodes[nd.Parent].Tag != atom.P || nd.End >= s.d.Nodes[nd.Parent].End {
		return false
	}
	next := &s.d.Nodes[nd.End]
	return next.Kind == KindText && len(strings.TrimSpace(s.d.Text[next.T0:next.T1])) >= sentenceRest
}

// asks says whether a button is a question, with what it unfolds right behind it.
func (s *segmenter) asks(i int32, nd *Node) bool {
	text := ""
	for k := i + 1; k < min(nd.End, i+maxLookedAt) && len(text) <= maxQuestion; k++ {
		if t := &s.d.Nodes[k]; t.Kind == KindText {
			text += s.d.Text[t.T0:t.T1]
		}
	}
	text = strings.TrimRightFunc(text, func(r rune) bool { return !isWordRune(r) && !strings.ContainsRune("?？؟", r) })
	if r, _ := utf8.DecodeLastRuneInString(text); !strings.ContainsRune("?？؟", r) || len(text) < leastQuestion || len(text) > maxQuestion {
		return false
	}
	at := nd.End
	if nd.Parent >= 0 && s.d.Nodes[nd.Parent].End == at && int(at) < len(s.d.Nodes) {
		at = s.d.Nodes[nd.Parent].End
	}
	for int(at) < len(s.d.Nodes) && at < nd.End+maxLookedAt && s.d.Nodes[at].Kind == KindText && isBlank([]byte(s.d.Text[s.d.Nodes[at].T0:s.d.Nodes[at].T1])) {
		at++
	}
	return int(at) < len(s.d.Nodes) && s.d.Nodes[at].Kind == KindElement && s.d.Nodes[at].Tag != atom.Button && s.saysMore(at, leastAnswer)
}

// maxQuestion bounds a question, in bytes.
const maxQuestion = 300

// saysMore says whether an element holds so many bytes of text outside of links.
func (s *segmenter) saysMore(i int32, least int) bool {
	n := 0
	for k := i + 1; k < min(s.d.Nodes[i].End, i+maxLookedAt) && n < least; k++ {
		if t := &s.d.Nodes[k]; t.Kind == KindText && !t.Linked {
			n += len(strings.TrimSpace(s.d.Text[t.T0:t.T1]))
		}
	}
	return n >= least
}
