package extract

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// card marks what stands together with a linked headline as a card that leads to another article.
func (f *bodyFinder) card(b *block, whole float64) {
	if p := f.d.parent(b.node); p >= 0 && p != f.root && f.weight(p) < 0.2*whole && (isHeading(b.tag) || !f.holdsParagraphs(p) || f.weight(p) < 0.1*whole) {
		f.cardEnd = max(f.cardEnd, f.d.nodes[p].end)
	}
}

// shape drops what is built differently from the paragraphs that make up the text: where nearly all prose stands in
// <p>, other text in the container is captions, widgets and labels.
func (f *bodyFinder) shape(a, b int, whole float64) {
	inP, all := 0.0, 0.0
	groups := map[uint64]float64{}
	for k := a; k < b; k++ {
		if !f.out[k].keep || isHeading(f.blocks[k].tag) {
			continue
		}
		w := float64(f.blocks[k].words)
		all += w
		if f.blocks[k].tag == atom.P {
			inP += w
		}
		groups[f.signature(&f.blocks[k])] += w
	}
	if all == 0 {
		return
	}
	f.make = f.mostCommonClass(a, b)
	for _, w := range groups {
		f.uniform = max(f.uniform, w/all)
	}
	started := false
	f.tail(a, b, groups, all)
	for k := a; k < b; k++ {
		bl := &f.blocks[k]
		if !f.out[k].keep || isHeading(bl.tag) {
			continue
		}
		share := groups[f.signature(bl)] / all
		if bl.tag == atom.P && share > 0.1 {
			started = true
		}
		switch {
		case inP >= 0.7*all && bl.list && !f.listBelongs(k, a, b):
			f.out[k] = verdict{false, "list of fragments"}
		case f.uniform > 0.6 && share < 0.1 && inP < 0.7*all && bl.tag != atom.P && !bl.list && !bl.quote && bl.node != f.root:
			f.out[k] = verdict{false, "built unlike most of the text"}
		case inP < 0.7*all || share > 0.15:
		case bl.table:
			f.out[k] = verdict{false, "table beside paragraphs"}
		case bl.list:
		case !started && bl.words >= standfirstWords && f.deckLike(bl):
		case bl.tag != atom.P && !bl.list && !bl.quote && !(bl.words >= 10 && f.holdsParagraphs(bl.node)):
			f.out[k] = verdict{false, "built unlike the paragraphs"}
		}
	}
}

// tail drops what follows the last paragraph of the prevailing make and is made otherwise: teasers, offers and notices
// that share the container with the text.
func (f *bodyFinder) tail(a, b int, groups map[uint64]float64, all float64) {
	main, best := uint64(0), 0.0
	for k := a; k < b; k++ {
		if f.out[k].keep && f.blocks[k].tag == atom.P {
			if sig := f.signature(&f.blocks[k]); groups[sig] > best {
				main, best = sig, groups[sig]
			}
		}
	}
	if best < 0.6*all {
		return
	}
	for k := b - 1; k >= a; k-- {
		if !f.out[k].keep {
			continue
		}
		if isHeading(f.blocks[k].tag) {
			continue
		}
		sig := f.signature(&f.blocks[k])
		if sig == main || groups[sig] > 0.15*all {
			break
		}
		if f.blocks[k].list && f.listOf(f.blocks[k].node) >= 0 && f.holdsParagraphs(f.d.nodes[f.listOf(f.blocks[k].node)].parent) {
			break
		}
		f.out[k] = verdict{false, "made unlike the text, after it"}
	}
}

// holdsParagraphs says whether an element is the parent of kept paragraphs.
func (f *bodyFinder) holdsParagraphs(i int32) bool {
	if i < 0 {
		return false
	}
	if i == f.lastParent {
		return f.lastHolds
	}
	n := 0
	for k := i + 1; k < f.d.nodes[i].end && n < 3; k = f.d.nodes[k].end {
		if f.d.nodes[k].tag == atom.P {
			n++
		}
	}
	f.lastParent, f.lastHolds = i, n >= 3
	return n >= 3
}

// signature names how a block is built: its tag, and the tag and classes of what it stands in.
func (f *bodyFinder) signature(b *block) uint64 {
	h := uint64(14695981039346656037)
	mix := func(s string) {
		for i := 0; i < len(s); i++ {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
	}
	h = (h ^ uint64(b.tag)) * 1099511628211
	i := b.node
	if i >= 0 && b.tag == atom.P {
		i = f.d.nodes[i].parent
	}
	if i >= 0 {
		h = (h ^ uint64(f.d.nodes[i].tag)) * 1099511628211
		// The first class is the element's kind, the others its variants.
		c := f.d.attr(i, attrClass)
		if cut := strings.IndexByte(c, ' '); cut > 0 {
			c = c[:cut]
		}
		mix(c)
	}
	return h
}

// headings drops headings that no kept text follows before the next heading or the end.
func (f *bodyFinder) headings(a, b int) {
	text := false
	for k := b - 1; k >= a; k-- {
		if !f.out[k].keep {
			continue
		}
		if isHeading(f.blocks[k].tag) {
			// Lists in pictures have numbered headings and no text.
			if c := f.blocks[k].text[0]; !text && !(c >= '0' && c <= '9' && f.blocks[k].words >= 5) {
				f.out[k] = verdict{false, "heading without text"}
			}
			continue
		}
		text = true
	}
}

// wrapDepth is how many elements around a block are looked at for what they wrap.
const wrapDepth = 24

// groupWeights sums the container's prose by the class of the elements around it, so that a class that wraps all
// paragraphs one by one is known as the text's own.
func (f *bodyFinder) groupWeights(a, b int) {
	f.weights = map[string]float64{}
	for k := a; k < b; k++ {
		w := f.sum[k+1] - f.sum[k]
		if w == 0 {
			w = float64(f.blocks[k].words) * 0.1
		}
		for i, n := f.blocks[k].node, 0; i >= 0 && i != f.root && n < wrapDepth; i, n = f.d.nodes[i].parent, n+1 {
			if c := f.d.attr(i, attrClass); c != "" {
				f.weights[c] += w
			}
		}
	}
}

func (f *bodyFinder) classWeight(i int32) float64 {
	if c := f.d.attr(i, attrClass); c != "" {
		return f.weights[c]
	}
	return f.weight(i)
}

// mostCommonClass gives the class of the paragraphs that hold most of the kept text.
func (f *bodyFinder) mostCommonClass(a, b int) string {
	w := map[string]int32{}
	best := ""
	for k := a; k < b; k++ {
		bl := &f.blocks[k]
		if f.out[k].keep && bl.tag == atom.P && bl.node >= 0 {
			c := f.d.attr(bl.node, attrClass)
			w[c] += bl.words
			if w[c] > w[best] || best == "" {
				best = c
			}
		}
	}
	return best
}

// sameMake says whether a block is a paragraph of the same class as the text's, where they have one.
func (f *bodyFinder) sameMake(b *block) bool {
	return f.make != "" && b.tag == atom.P && b.node >= 0 && f.d.attr(b.node, attrClass) == f.make
}

// listBelongs says whether a list is told in sentences, as lists that belong to a text are; lists of names, figures
// and links are boxes beside it.
func (f *bodyFinder) listBelongs(k, a, b int) bool {
	list := f.listOf(f.blocks[k].node)
	if list == f.lastList {
		return f.lastBelongs
	}
	if k > a && f.out[k-1].keep && !f.blocks[k-1].list && strings.HasSuffix(f.blocks[k-1].text, ":") {
		f.lastList, f.lastBelongs = list, true // what the paragraph before it announces
		return true
	}
	words, items, told := 0, 0, 0
	count := func(j int) {
		words += int(f.blocks[j].words)
		items++
		if t := f.blocks[j].text; endsSentence(t) || strings.HasSuffix(t, ";") || strings.HasSuffix(t, ",") {
			told++
		}
	}
	for j := k; j < b && f.blocks[j].list && f.listOf(f.blocks[j].node) == list; j++ {
		count(j)
	}
	f.lastList, f.lastBelongs = list, words >= minItemWords*items || told*2 > items
	return f.lastBelongs
}

// minItemWords: items of fewer words are fragments.
const minItemWords = 9

func (f *bodyFinder) listOf(i int32) int32 {
	for ; i >= 0; i = f.d.nodes[i].parent {
		if t := f.d.nodes[i].tag; t == atom.Ul || t == atom.Ol || t == atom.Dl {
			return i
		}
	}
	return -1
}

// ends drops what stands at the two ends of the text and is no sentence: rubrics and names before it, labels after it.
func (f *bodyFinder) ends(a, b int) {
	for k := b - 1; k >= a; k-- {
		if !f.out[k].keep {
			continue
		}
		bl := &f.blocks[k]
		if isHeading(bl.tag) {
			continue
		}
		if !bl.joined && bl.chars < 60 && bl.words <= 5 && !endsSentence(bl.text) && !(f.deckApart && bl.tag != atom.P) || strings.HasSuffix(bl.text, ":") && bl.words <= 8 {
			f.out[k] = verdict{false, "label after the text"}
			continue
		}
		break
	}
	for k := a; k < b; k++ {
		if !f.out[k].keep {
			continue
		}
		bl := &f.blocks[k]
		if findDateline(bl.text, f.names) != nil {
			break
		}
		if bl.tag == atom.P && bl.chars < 40 && bl.words <= 3 && !endsSentence(bl.text) && k+1 < b && !f.blocks[k+1].joined {
			f.out[k] = verdict{false, "label before the text"}
			continue
		}
		break
	}
}

// bios drops the lines after the text that tell who its authors are.
func (f *bodyFinder) bios(a, b int) {
	if len(f.people) == 0 {
		return
	}
	kept := 0
	for k := b - 1; k >= a && kept < 4; k-- {
		if !f.out[k].keep {
			continue
		}
		kept++
		head := comparable(runePrefix(f.blocks[k].text, 70))
		for _, p := range f.people {
			if strings.Contains(head, p) {
				f.out[k] = verdict{false, "about the author"}
				kept--
				break
			}
		}
	}
}
