package extract

import (
	"strings"

	"github.com/khabar-crawler/khabar/pkg/page"
	"golang.org/x/net/html/atom"
)

// The rules that tell a block by how it is built: where nearly all prose stands in paragraphs of one make, other text
// in the container is captions, widgets and labels.

// makes are how the kept text is built.
type makes struct {
	all, inP float64            // its words, and those in <p>
	groups   map[uint64]float64 // words by signature
	main     uint64             // the signature of most paragraphs
	class    string             // the class of most paragraphs
	start    int                // the first paragraph of a make that is not rare
}

// parentMemo is the element that holdsParagraphs looked at last, and its answer.
type parentMemo struct {
	of    int32 // the element + 1
	holds bool
}

// listMemo is the list or table that was judged last, and the judgement.
type listMemo struct {
	of      int32 // the element + 2, as -1 is no list
	belongs bool
}

const (
	// mostInP is the share of the words in <p> from which on other text is suspect.
	mostInP = 0.7
	// rareMake, oddMake and commonMake are shares of the words that are built one way.
	rareMake   = 0.1
	oddMake    = 0.15
	commonMake = 0.6
)

func (p *progress) notRuled() bool { return len(p.chosen) == 0 }

// weighMakes sums the kept text by how it is built. What a site file chose is not looked at, nor what no make prevails in.
func (p *progress) weighMakes() bool {
	if !p.notRuled() {
		return false
	}
	m := &p.makes
	m.groups = map[uint64]float64{}
	for k := p.a; k < p.b; k++ {
		if !p.keptText(k) {
			continue
		}
		b := &p.blocks[k]
		w := float64(b.Words)
		m.all += w
		if b.Tag == atom.P {
			m.inP += w
		}
		m.groups[p.signature(b)] += w
	}
	if m.all == 0 {
		return false
	}
	m.class = p.mostCommonClass()
	for _, w := range m.groups {
		p.uniform = max(p.uniform, w/m.all)
	}
	best := 0.0
	for k := p.a; k < p.b; k++ {
		if p.out[k].keep && p.blocks[k].Tag == atom.P {
			if sig := p.signature(&p.blocks[k]); m.groups[sig] > best {
				m.main, best = sig, m.groups[sig]
			}
		}
	}
	return best >= commonMake*m.all
}

// madeOtherwise says whether a block is neither of the prevailing make nor of another that is common.
func (p *progress) madeOtherwise(k int) bool {
	b := &p.blocks[k]
	sig := p.signature(b)
	if sig == p.makes.main || p.makes.groups[sig] > oddMake*p.makes.all {
		return false
	}
	list := int32(-1)
	if b.List {
		list = p.listOf(b.Node)
	}
	return list < 0 || !p.holdsParagraphs(p.d.Nodes[list].Parent)
}

// hasMake finds where the paragraphs begin.
func (p *progress) hasMake() bool {
	if p.makes.all == 0 {
		return false
	}
	p.makes.start = p.b
	for k := p.a; k < p.b; k++ {
		if p.keptText(k) && p.blocks[k].Tag == atom.P && p.makeShare(k) > rareMake {
			p.makes.start = k
			break
		}
	}
	return true
}

// makeShare is the share of the text that is built as a block is.
func (p *progress) makeShare(k int) float64 {
	return p.makes.groups[p.signature(&p.blocks[k])] / p.makes.all
}

func (p *progress) inParagraphs() bool { return p.makes.inP >= mostInP*p.makes.all }

func (p *progress) fragment(k int) bool {
	return p.inParagraphs() && p.blocks[k].List && !p.listBelongs(k)
}

func (p *progress) unlikeMost(k int) bool {
	b := &p.blocks[k]
	return p.uniform > commonMake && p.makeShare(k) < rareMake && !p.inParagraphs() && b.Tag != atom.P && !b.List && !b.Quote && b.Node != p.root
}

func (p *progress) tableBeside(k int) bool {
	return p.inParagraphs() && p.blocks[k].Table && p.makeShare(k) <= oddMake && !p.tableBelongs(k)
}

// tableBelongs says whether a table stands right behind a paragraph, which then speaks of it; one with a heading of its own
// is a box.
func (p *progress) tableBelongs(k int) bool {
	table := p.tableOf(p.blocks[k].Node)
	if m := &p.tables; table+2 != m.of {
		*m = listMemo{of: table + 2, belongs: p.followsText(k) && !p.heading(k-1)}
	}
	return p.tables.belongs
}

func (p *progress) unlikeParagraphs(k int) bool {
	b := &p.blocks[k]
	if !p.inParagraphs() || p.makeShare(k) > oddMake || b.Table || b.List || b.Tag == atom.P || b.Quote {
		return false
	}
	if k < p.makes.start && b.Words >= standfirstWords && p.deckLike(b) {
		return false
	}
	return b.Words < 10 || !p.holdsParagraphs(b.Node)
}

// holdsParagraphs says whether an element is the parent of three paragraphs or more.
func (p *progress) holdsParagraphs(i int32) bool {
	if i < 0 {
		return false
	}
	if m := &p.parents; i+1 != m.of {
		n := 0
		for k := i + 1; k < p.d.Nodes[i].End && n < 3; k = p.d.Nodes[k].End {
			if p.d.Nodes[k].Tag == atom.P {
				n++
			}
		}
		*m = parentMemo{of: i + 1, holds: n >= 3}
	}
	return p.parents.holds
}

// signature names how a block is built: its tag, and the tag and first class of what it stands in. The first class is
// an element's kind, the others are variants.
func (f *scene) signature(b *page.Block) uint64 {
	const prime = 1099511628211 // FNV-1a
	h := uint64(14695981039346656037)
	h = (h ^ uint64(b.Tag)) * prime
	i := b.Node
	if i >= 0 && b.Tag == atom.P {
		i = f.d.Nodes[i].Parent
	}
	if i < 0 {
		return h
	}
	h = (h ^ uint64(f.d.Nodes[i].Tag)) * prime
	class, _, _ := strings.Cut(f.d.Attr(i, page.AttrClass), " ")
	for c := range []byte(class) {
		h = (h ^ uint64(class[c])) * prime
	}
	return h
}

// mostCommonClass gives the class of the paragraphs that hold most of the kept text.
func (p *progress) mostCommonClass() string {
	w := map[string]int32{}
	best := ""
	for k := p.a; k < p.b; k++ {
		b := &p.blocks[k]
		if p.out[k].keep && b.Tag == atom.P && b.Node >= 0 {
			c := p.d.Attr(b.Node, page.AttrClass)
			w[c] += b.Words
			if w[c] > w[best] || best == "" {
				best = c
			}
		}
	}
	return best
}

// sameMake says whether a block is a paragraph of the same class as the text's, where they have one.
func (p *progress) sameMake(b *page.Block) bool {
	return p.makes.class != "" && b.Tag == atom.P && b.Node >= 0 && p.d.Attr(b.Node, page.AttrClass) == p.makes.class
}

// minItemWords: items of fewer words are fragments.
const minItemWords = 9

// listBelongs says whether a list is told in sentences, as lists that belong to a text are; lists of names, figures
// and links are boxes beside it.
func (p *progress) listBelongs(k int) bool {
	list := p.listOf(p.blocks[k].Node)
	if m := &p.lists; list+2 != m.of {
		*m = listMemo{of: list + 2, belongs: p.announced(k) || p.inSentences(k, list) || p.followsText(k)}
	}
	return p.lists.belongs
}

// announced says whether the paragraph before a list announces it.
func (p *progress) announced(k int) bool {
	return k > p.a && p.out[k-1].keep && !p.blocks[k-1].List && strings.HasSuffix(p.blocks[k-1].Text, ":")
}

// followsText says whether a paragraph or heading of the text stands right before a block: lists and tables that do are
// what it speaks of.
func (p *progress) followsText(k int) bool {
	return k > p.a && p.out[k-1].keep && (p.heading(k-1) || p.blocks[k-1].Tag == atom.P)
}

// inSentences says whether the items of a list, from a block on, are sentences or at least long.
func (p *progress) inSentences(k int, list int32) bool {
	words, items, told := 0, 0, 0
	for j := k; j < p.b && p.blocks[j].List && p.listOf(p.blocks[j].Node) == list; j++ {
		words += int(p.blocks[j].Words)
		items++
		if t := p.blocks[j].Text; endsSentence(t) || strings.HasSuffix(t, ";") || strings.HasSuffix(t, ",") {
			told++
		}
	}
	return words >= minItemWords*items || told*2 > items
}

func (f *scene) listOf(i int32) int32 {
	for ; i >= 0; i = f.d.Nodes[i].Parent {
		if t := f.d.Nodes[i].Tag; t == atom.Ul || t == atom.Ol || t == atom.Dl {
			return i
		}
	}
	return -1
}

func (f *scene) tableOf(i int32) int32 {
	for ; i >= 0 && f.d.Nodes[i].Tag != atom.Table; i = f.d.Nodes[i].Parent {
	}
	return i
}
