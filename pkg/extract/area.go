package extract

import (
	"sort"
	"strings"

	"golang.org/x/net/html/atom"
)

// text joins the kept blocks: paragraphs parted by a blank line, lines of one paragraph by a line break.
func (f *finding) text() (text string, paragraphs, words int) {
	var sb strings.Builder
	for k := range f.blocks {
		if k >= len(f.out) || !f.out[k].keep {
			continue
		}
		b := &f.blocks[k]
		if sb.Len() > 0 {
			if b.Joined && f.out[k-1].keep {
				sb.WriteByte('\n')
			} else {
				sb.WriteString("\n\n")
				paragraphs++
			}
		} else {
			paragraphs++
		}
		sb.WriteString(b.Text)
		words += int(b.Counted)
	}
	return sb.String(), paragraphs, words
}

// fingerprints gives the blocks to a learner.
func (f *finding) fingerprints() []Block {
	out := make([]Block, 0, len(f.blocks))
	a, b := 0, 0
	if f.root >= 0 {
		a, b = f.a, f.b
	}
	for k := range f.blocks {
		bl := &f.blocks[k]
		if bl.Words == 0 {
			continue
		}
		out = append(out, Block{Fingerprint: fingerprint(bl.Text), Words: int(bl.Words), Kept: f.out[k].keep, Inside: k >= a && k < b})
	}
	return out
}

// articleArea tells nodes that belong to the article from those around it: from its headline, or the smallest
// <article> around the container, to the container's end.
func (f *scene) articleArea() func(int32) bool {
	if f.root < 0 {
		return func(int32) bool { return true }
	}
	from, to := f.areaNodes()
	return func(i int32) bool { return i >= from && i < to && !f.inOther(i) }
}

func (f *scene) areaNodes() (int32, int32) {
	from, to := f.root, f.d.Nodes[f.root].End
	for i := f.root; i >= 0; i = f.d.Nodes[i].Parent {
		if t := f.d.Nodes[i].Tag; t == atom.Article || t == atom.Main {
			from, to = i, f.d.Nodes[i].End
			break
		}
	}
	for k := len(f.s.Heads) - 1; k >= 0; k-- {
		h := f.s.Heads[k]
		if h < f.root && (len(f.s.Heads) == 1 || comparable(headText(f.d, h)) == f.titleKey) {
			from = min(from, h)
			break
		}
	}
	return from, to
}

// dateArea gives the blocks in which a printed date is the article's own: from a little above the headline to the
// container's first paragraph; bylines also stand between a deck and the text, up to next. head is the headline's place.
func (f *finding) dateArea() (from, head, to, next int) {
	if f.root < 0 {
		to = min(len(f.blocks), 60)
		return 0, 0, to, to
	}
	start, _ := f.areaNodes()
	a := sort.Search(len(f.blocks), func(k int) bool { return f.blocks[k].Raw >= start })
	c, e := f.blockRange(f.root)
	first := c
	for first < e && !f.out[first].keep {
		first++
	}
	from, to = max(0, a-6), min(first+1, len(f.blocks))
	head = a
	for k := to - 1; k >= from; k-- {
		if f.blocks[k].Tag == atom.H1 || f.repeatsTitle(comparable(f.blocks[k].Text), f.begun) {
			head = k
			break
		}
	}
	for next = to; next < min(to+deckReach, len(f.blocks)) && !f.out[next].keep; next++ {
	}
	return from, min(head, to), to, next
}

// deckReach is how many blocks lie between a deck and the text at the most: a byline, share buttons, a picture's caption.
const deckReach = 20

// inChosen says whether a node is in the elements that the site file chose; without any, all are.
func (f *scene) inChosen(i int32) bool {
	if len(f.chosen) == 0 {
		return true
	}
	for _, c := range f.chosen {
		if i >= c && i < f.d.Nodes[c].End {
			return true
		}
	}
	return false
}
