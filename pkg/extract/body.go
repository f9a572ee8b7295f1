package extract

import (
	"sort"
	"strings"

	"golang.org/x/net/html/atom"
)

// verdict is what became of a block, and why.
type verdict struct {
	keep bool
	why  string
}

// bodyFinder chooses the container of the article's text and decides on each block in it.
type bodyFinder struct {
	d           *document
	s           *segmenter
	blocks      []block
	sum         []float64 // sum[i]: prose weight of blocks[:i]
	out         []verdict
	root        int32 // the container
	title       string
	deck        string // description, normalised: a standfirst before the body is known by it
	seen        map[string]bool
	names       []string // what the site is called
	titles      []string // every form of the headline that the page has, comparable
	people      []string // authors that metadata names, comparable
	chosen      []int32  // elements that a site file's body selector chose
	lastParent  int32    // the element that holdsParagraphs looked at last, and its answer
	lastHolds   bool
	begun       bool  // text was kept already
	cardEnd     int32 // first node after a card that leads to another article
	lastList    int32 // the list judged last, and the judgement
	lastBelongs bool
	make        string             // class of most kept paragraphs
	weights     map[string]float64 // prose by class, in the container
	agency      string             // named by a source line
	byline      string             // printed in the text
	subtitle    string
	place       string  // printed alone above the text
	uniform     float64 // share of the kept text that is made the same way
	deckApart   bool    // the deck restates the text and is kept apart from it
	showHidden  bool    // the text stands in elements that the page hides
	paywalled   bool    // a line says that the rest is for subscribers
	relaxed     bool    // names of what most of the text stands in are not believed
}

// prose weighs a block as running text: its words outside links, none for what reads like a label or a list of links.
func prose(b *block, showHidden bool) float64 {
	if b.words == 0 || b.hidden && !showHidden {
		return 0
	}
	if b.linkShare() > 0.4 {
		return 0
	}
	w := float64(b.words - b.linkWords)
	if strings.HasSuffix(b.text, "...") || strings.HasSuffix(b.text, "…") {
		w *= 0.3 // most are teasers cut off
	}
	long := b.chars >= 60
	switch b.tag {
	case atom.P:
		if !long {
			w *= 0.5
		}
	case atom.Li, atom.Td, atom.Dd, atom.Dt, atom.Th:
		w *= 0.5
		if !long {
			return 0
		}
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Figcaption, atom.Caption, atom.Address, atom.Summary, atom.Legend:
		return 0
	default:
		if !long || b.stops == 0 {
			return 0
		}
	}
	return w
}

const (
	// traitsOff are traits whose elements hold no article text, whatever stands in them.
	traitsOff = traitRelated | traitShare | traitComment | traitNav | traitAd | traitCaption | traitAuthor | traitNewsletter |
		traitTags | traitHidden | traitPaywall | traitMedia | traitPoll | traitNote | traitToc | traitModal | traitAside | traitFooter | traitEmbed | traitDate | traitMeta | traitBox | traitKicker
	// traitsLayout are traits that wrappers of a page's whole layout carry too ("sidebar-grid__content").
	traitsLayout = traitAside | traitWidget | traitHeader | traitFooter | traitMeta | traitMedia | traitKicker | traitBox
	// traitsForeign are traits of elements that stand in texts many times and are never the text's own wrappers.
	traitsForeign = traitEmbed | traitModal | traitComment | traitShare | traitNewsletter | traitAd | traitPoll
	// traitsDialog are traits of hidden elements that never hold the article, however much they say.
	traitsDialog = traitModal | traitEmbed | traitNav | traitComment | traitFooter
	// traitsFar are traits that make prose count little when the container is chosen.
	traitsFar = traitRelated | traitComment | traitNav | traitAside | traitFooter | traitModal | traitNewsletter | traitHidden | traitPaywall | traitAd
)

// minHidden is how much hidden prose, in words, can be an article: dialogs and consent texts are shorter.
const minHidden = 120

// blockRange gives the blocks whose text starts inside a node's subtree.
func (f *bodyFinder) blockRange(i int32) (int, int) {
	end := f.d.nodes[i].end
	a := sort.Search(len(f.blocks), func(k int) bool { return f.blocks[k].raw >= i })
	b := a + sort.Search(len(f.blocks)-a, func(k int) bool { return f.blocks[a+k].raw >= end })
	return a, b
}

func (f *bodyFinder) weight(i int32) float64 {
	a, b := f.blockRange(i)
	return f.sum[b] - f.sum[a]
}

// container finds the smallest element that holds nearly all of the page's prose.
func (f *bodyFinder) container() int32 {
	f.sum = make([]float64, len(f.blocks)+1)
	var shown, hidden float64
	for k := range f.blocks {
		b := &f.blocks[k]
		if b.tag != atom.P && b.chars < 120 {
			continue
		}
		if b.hidden {
			if f.chain(b.node, -1)&traitsDialog == 0 {
				hidden += prose(b, true)
			}
		} else if f.chain(b.node, -1)&traitsFar == 0 {
			shown += prose(b, false)
		}
	}
	// The text behind a reader's click, a soft paywall or a streamed page is the article all the same.
	f.showHidden = hidden > 2*shown && hidden > minHidden
	for k := range f.blocks {
		b := &f.blocks[k]
		w := prose(b, f.showHidden)
		far := traitsFar
		if f.relaxed {
			far &= traitComment | traitNav | traitFooter | traitModal | traitHidden
		}
		if w > 0 && f.chain(b.node, -1)&far != 0 {
			w *= 0.2
		}
		f.sum[k+1] = f.sum[k] + w
	}
	total := f.sum[len(f.blocks)]
	if total == 0 {
		return -1
	}
	cur := f.marked(total)
	if cur < 0 {
		cur = max(f.d.html, 0)
		if art := f.headed(); art >= 0 && f.weight(art) > 0.3*total {
			cur = art
		}
	}
	return f.widened(f.narrowed(cur))
}

// besideOne is how many blocks with a text of one paragraph are still its own lines and not the page's.
const besideOne = 6

// narrowed goes down from an element to the smallest one in it that holds nearly all of its prose.
func (f *bodyFinder) narrowed(cur int32) int32 {
	for {
		best, bestW := int32(-1), 0.0
		n := &f.d.nodes[cur]
		for k := cur + 1; k < n.end; k = f.d.nodes[k].end {
			if f.d.nodes[k].kind != kindElement || f.d.nodes[k].end == k+1 {
				continue
			}
			if w := f.weight(k); w > bestW {
				best, bestW = k, w
			}
		}
		if best < 0 || bestW < 0.85*f.weight(cur) {
			return cur
		}
		if t := f.d.nodes[best].tag; t == atom.P || isInline(t) || isHeading(t) || t == atom.Li {
			return cur
		}
		// A text of one paragraph: what little stands beside it may be its reporter or its source.
		if a, b := f.blockRange(best); b-a < 2 {
			if a, b := f.blockRange(cur); b-a <= besideOne {
				return cur
			}
		}
		cur = best
	}
}

// headed finds the <article> that holds the headline, where a page has several.
func (f *bodyFinder) headed() int32 {
	for i := f.d.parent(f.printedHead()); i >= 0; i = f.d.nodes[i].parent {
		if f.d.nodes[i].tag == atom.Article {
			return i
		}
	}
	return -1
}

// marked finds the element that the page itself marks as the article's text, when that holds enough of the prose.
func (f *bodyFinder) marked(total float64) int32 {
	best, bestW := int32(-1), 0.0
	for k := int32(0); k < int32(len(f.d.nodes)); k++ {
		n := &f.d.nodes[k]
		if n.kind != kindElement || n.a1 == n.a0 || n.end-k < 2 {
			continue
		}
		t := f.d.traitsOf(k, f.s.memo)
		if t&traitBody == 0 || t&(traitsFar) != 0 || n.tag == atom.Body || n.tag == atom.Html {
			continue
		}
		if w := f.weight(k); w > bestW*1.02 && w > 0.3*total {
			best, bestW = k, w
		}
	}
	return best
}

// printedHead gives the <h1> that is the headline; -1 where there is none.
func (f *bodyFinder) printedHead() int32 {
	title := comparable(f.title)
	for _, h := range f.s.heads {
		if f.repeatsTitle(comparable(textOf(f.d, h)), title) {
			return h
		}
	}
	return -1
}

// chain gathers the traits of a node and of what is around it, up to a node that is left out.
func (f *bodyFinder) chain(i, stop int32) trait {
	var t trait
	for ; i >= 0 && i != stop; i = f.d.nodes[i].parent {
		tag := f.d.nodes[i].tag
		if tag == atom.Body || tag == atom.Html {
			break
		}
		t |= f.d.traitsOf(i, f.s.memo)
	}
	return t
}

// whyTitle is why a block that says the headline again was dropped.
const whyTitle = "repeats the title"

// find decides on every block of the page.
func (f *bodyFinder) find() {
	f.out = make([]verdict, len(f.blocks))
	f.root = f.container()
	if len(f.chosen) > 0 {
		f.root = f.d.common(f.chosen)
	}
	if f.root < 0 {
		return
	}
	a, b := f.blockRange(f.root)
	whole := f.sum[b] - f.sum[a]
	f.seen = make(map[string]bool, b-a)
	title := comparable(f.title)
	f.groupWeights(a, b)
	for k := a; k < b; k++ {
		f.out[k] = f.judge(k, whole, title)
		f.begun = f.begun || f.out[k].keep && !isHeading(f.blocks[k].tag)
	}
	if len(f.chosen) == 0 {
		f.shape(a, b, whole)
	}
	f.edges(a, b)
	f.bios(a, b)
	f.ends(a, b)
	f.headings(a, b)
	if len(f.chosen) == 0 {
		f.standfirst(a, title)
	}
}

// judge decides on one block of the container by what it is and what stands around it.
func (f *bodyFinder) judge(k int, whole float64, title string) verdict {
	b := &f.blocks[k]
	if b.hidden && !f.showHidden {
		return verdict{false, "hidden"}
	}
	if b.words == 0 {
		return verdict{false, "no words"}
	}
	if !f.inChosen(b.raw) {
		return verdict{false, "outside the site file's body"}
	}
	if b.raw < f.cardEnd {
		return verdict{false, "card of another article"}
	}
	deck := !f.begun && b.words >= standfirstWords && b.linkWords == 0 && f.d.traitsOf(b.node, f.s.memo)&(traitSummary|traitsOff) == traitSummary
	for i := b.node; i >= 0 && i != f.root; i = f.d.nodes[i].parent {
		own := f.d.traitsOf(i, f.s.memo)
		t := own & traitsOff
		if b.list && !f.begun && own&traitSummary != 0 {
			return verdict{false, "list of the text's points"}
		}
		if t == 0 || own&traitBody != 0 && t&^(traitsLayout) == 0 {
			continue
		}
		if deck && t&(traitRelated|traitNav|traitComment|traitAd|traitModal|traitHidden|traitFooter|traitAuthor) == 0 {
			continue
		}
		if t&^(traitMeta|traitKicker|traitDate) == 0 && b.words >= sentenceWords && b.tag == atom.P {
			continue // a whole sentence is no label
		}
		if (t&traitsForeign == 0 || f.relaxed && t&traitComment == 0) && f.classWeight(i) > 0.3*whole || f.weight(i) > 0.3*whole {
			continue // wrappers of the text itself
		}
		// A deck is named for what it is wherever its theme puts it.
		if i == b.node && !f.begun && b.linkWords == 0 && b.words >= standfirstWords && own&(traitSummary|traitRelated) != 0 &&
			own&traitsOff&^(traitRelated|traitMeta|traitKicker) == 0 && b.tag != atom.Li {
			continue
		}
		return verdict{false, "inside " + t.String()}
	}
	switch b.tag {
	case atom.Figcaption, atom.Caption, atom.Legend, atom.Summary, atom.Address:
		return verdict{false, "caption"}
	}
	key := comparable(b.text)
	if b.tag == atom.H1 && !f.begun || f.repeatsTitle(key, title) {
		return verdict{false, whyTitle}
	}
	if f.seen[key] && b.words > 3 {
		return verdict{false, "said before"}
	}
	f.seen[key] = true
	if why := f.lineKind(b); why != "" {
		return verdict{false, why}
	}
	if f.isDateLine(b) {
		return verdict{false, whyDate}
	}
	if isHeading(b.tag) {
		if b.linkShare() > 0.5 {
			f.card(b, whole)
			return verdict{false, "heading that is a link"}
		}
		if !f.begun && f.d.traitsOf(b.node, f.s.memo)&(traitSummary|traitTitle) == traitSummary|traitTitle && b.words <= 5 {
			return verdict{false, "heading of a summary"}
		}
		if !f.begun && f.deckApart && (b.tag == atom.H5 || b.tag == atom.H6) && b.words <= 2 && isPlace(b.text) {
			f.place = b.text
			return verdict{false, "place"}
		}
		if f.deckApart && !f.begun && b.words >= 10 {
			if f.subtitle == "" {
				f.subtitle = b.text
			}
			return verdict{false, "standfirst"}
		}
		return verdict{true, "heading"}
	}
	if b.linkShare() > 0.45 && b.words <= 25 && b.words > 4 && !endsSentence(b.text) {
		f.card(b, whole)
		return verdict{false, whyLinkedLabel}
	}
	if b.linkShare() > 0.6 && (b.words > 3 || b.linkShare() == 1) && !(b.tag == atom.P && b.words >= 10 && endsSentence(b.text)) {
		if b.words > 4 {
			f.card(b, whole)
		}
		return verdict{false, "mostly links"}
	}
	if b.tag != atom.P && !b.list && !b.quote && !b.table && b.chars < 25 && b.stops == 0 && !b.joined && b.node != f.root && !strings.HasPrefix(b.text, "(") {
		return verdict{false, "label"}
	}
	return verdict{true, "text"}
}

// sentenceWords: a paragraph of that many words is no line of metadata.
const sentenceWords = 12
