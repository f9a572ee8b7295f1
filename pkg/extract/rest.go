package extract

import (
	"slices"
	"strings"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/page"
)

// The rest of a text may be hidden until a reader asks for it. It is told by where it stands: right behind the text's first
// paragraphs, with no text behind it, or behind a question. What is hidden elsewhere are notes, forms and copies of what is shown.

const (
	// restWords is the least of a rest, in words of prose: notes that end a text and are not shown have fewer.
	restWords = 30
	// restReach is how many lines may stand between the text and its rest: the label that unfolds it, an advertisement's.
	restReach = 4
	// restDepth is how many elements around what is hidden the text before it stands in.
	restDepth = 2
	// maxRests bounds the places that are looked at.
	maxRests = 50
)

// unfolded shows the rest of the text where the page hides it.
func (f *facts) unfolded() {
	tried, rest := 0, false // there is one rest, and any number of answers
	for k := 0; k < len(f.blocks) && tried < maxRests; k++ {
		b := &f.blocks[k]
		if prose(b, true) == 0 {
			continue
		}
		hidden := f.hiddenBy(b)
		if hidden < 0 {
			continue
		}
		tried++
		s := f.hiddenRun(k, hidden)
		switch {
		case f.answers(s, hidden):
			f.show(s)
		case !rest && f.isRest(s, hidden):
			f.show(s)
			rest = true
		}
		k = s.b - 1
	}
}

// show takes what was hidden for text.
func (f *facts) show(s stretch) {
	if f.rests == nil {
		f.blocks = slices.Clone(f.blocks)
	}
	f.rests = append(f.rests, s)
	for k := s.a; k < s.b; k++ {
		f.blocks[k].Hidden = false
	}
}

// answers says whether what is hidden stands right behind a heading that is a question.
func (f *facts) answers(s stretch, hidden int32) bool {
	if s.a == 0 || f.d.Nodes[hidden].Parent < 0 {
		return false
	}
	b := &f.blocks[s.a-1]
	return page.IsHeading(b.Tag) && b.Raw > f.d.Nodes[hidden].Parent && endsQuestion(b.Text) && f.hiddenBy(b) < 0 &&
		f.around(hidden)&traitsFar&^page.TraitHidden == 0
}

// endsQuestion says whether a line is a question, whatever sign unfolds it.
func endsQuestion(text string) bool {
	return strings.HasSuffix(text, "?") || strings.HasSuffix(text, "？") || strings.HasSuffix(text, "؟")
}

// hiddenBy gives the outermost element that hides a block, -1 where it is shown.
func (f *facts) hiddenBy(b *page.Block) int32 {
	hidden := int32(-1)
	for i := b.Node; i >= 0; i = f.d.Nodes[i].Parent {
		if f.hides(i) {
			hidden = i
		}
	}
	return hidden
}

func (f *facts) hides(i int32) bool {
	if t := f.d.Nodes[i].Tag; t == atom.Body || t == atom.Html {
		return false
	}
	return f.d.Traits(i)&page.TraitHidden != 0 || f.d.Hides(i)
}

// hiddenRun gives what is hidden from a block on, with what is hidden beside it.
func (f *facts) hiddenRun(k int, hidden int32) stretch {
	s := stretch{from: hidden, to: f.d.Nodes[hidden].End, a: k}
	end := s.to
	if p := f.d.Nodes[hidden].Parent; p >= 0 {
		end = f.d.Nodes[p].End
	}
	for i := s.to; i < end; i = f.d.Nodes[i].End {
		switch {
		case f.d.Nodes[i].Kind == page.KindElement && f.hides(i):
			s.to = f.d.Nodes[i].End
			continue
		case f.d.Nodes[i].Kind == page.KindText || f.d.Nodes[i].End == i+1:
			continue // white space, a line break
		}
		break
	}
	for s.b = k; s.b < len(f.blocks) && f.blocks[s.b].Raw < s.to; s.b++ {
	}
	return s
}

// isRest says whether what is hidden goes on where the text before it broke off.
func (f *facts) isRest(s stretch, hidden int32) bool {
	words := int32(0)
	for k := s.a; k < s.b; k++ {
		if b := &f.blocks[k]; prose(b, true) > 0 && !b.Table && b.Tag != atom.Pre {
			words += b.Words
		}
	}
	if words < restWords || f.around(hidden)&(traitsFar|traitsDialog|page.TraitCaption|page.TraitMedia)&^(page.TraitHidden|page.TraitPaywall) != 0 {
		return false
	}
	if f.d.Nodes[hidden].Tag != atom.P && f.paneBehind(hidden, s.to) {
		return false
	}
	text := f.textBefore(s.a, hidden)
	return text >= 0 && !f.textBehind(s, hidden) && !f.saidIn(f.blocks[:text+1], &f.blocks[s.a])
}

// paneBehind says whether another hidden element of the same kind stands behind one: panes of which a reader sees one at a time.
func (f *facts) paneBehind(hidden, to int32) bool {
	for i := f.d.Nodes[hidden].End; i < to; i = f.d.Nodes[i].End {
		if n := &f.d.Nodes[i]; n.Kind == page.KindElement && n.Tag == f.d.Nodes[hidden].Tag {
			return true
		}
	}
	return false
}

// around gathers the traits of an element and of those around it.
func (f *facts) around(i int32) page.Trait {
	var t page.Trait
	for ; i >= 0; i = f.d.Nodes[i].Parent {
		if tag := f.d.Nodes[i].Tag; tag == atom.Body || tag == atom.Html {
			break
		}
		t |= f.d.Traits(i)
	}
	return t
}

// outside gives the element that a rest stands in together with the text before it, at most.
func (f *facts) outside(hidden int32) int32 {
	at := hidden
	for range restDepth {
		p := f.d.Nodes[at].Parent
		if p < 0 || f.d.Nodes[p].Tag == atom.Body || f.d.Nodes[p].Tag == atom.Html {
			break
		}
		at = p
	}
	return at
}

// textBefore gives the paragraph that stands before what is hidden, -1 where none does.
func (f *facts) textBefore(k int, hidden int32) int {
	in := f.outside(hidden)
	for j := k - 1; j >= 0 && j >= k-restReach && f.blocks[j].Raw >= in; j-- {
		if b := &f.blocks[j]; prose(b, false) > 0 && f.hiddenBy(b) < 0 && f.around(b.Node)&traitsFar == 0 {
			return j
		}
	}
	return -1
}

// textBehind says whether text is shown behind what is hidden, in the same element.
func (f *facts) textBehind(s stretch, hidden int32) bool {
	end := f.d.Nodes[f.outside(hidden)].End
	for k := s.b; k < len(f.blocks) && f.blocks[k].Raw < end; k++ {
		if b := &f.blocks[k]; prose(b, false) > 0 && f.hiddenBy(b) < 0 && f.around(b.Node)&(traitsFar|page.TraitNote|page.TraitAuthor) == 0 {
			return true
		}
	}
	return false
}

// saidIn says whether a block's text stands among others.
func (f *facts) saidIn(blocks []page.Block, b *page.Block) bool {
	key := comparable(b.Text)
	return slices.ContainsFunc(blocks, func(o page.Block) bool { return o.Words == b.Words && comparable(o.Text) == key })
}

// inRest says whether a node stands in the rest that was hidden.
func (f *facts) inRest(i int32) bool {
	return slices.ContainsFunc(f.rests, func(s stretch) bool { return i >= s.from && i < s.to })
}
