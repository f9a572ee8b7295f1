package extract

import (
	"sort"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/page"
	"golang.org/x/net/html/atom"
)

// facts are what is known of a page before its text is looked for.
type facts struct {
	d         *page.Tree
	s         *page.Parts
	blocks    []page.Block
	title     string
	titles    []string  // every form of the headline that the page has, comparable
	deck      string    // description, comparable: a standfirst before the body is known by it
	people    []string  // authors that metadata names, comparable
	names     []string  // what the site is called
	url       string    // where the page is from
	chosen    []int32   // elements that a site file's body selector chose
	told      []string  // headlines of other articles that linked data tells of, comparable
	deckApart bool      // the deck restates the text and is kept apart from it
	rests     []stretch // what is hidden of the text until a reader asks for it
	without   Reason    // for tests: the rules that give this reason are left out
}

// scene is a page as the rules see it: facts, the container of the text, and what stands in it. Nothing changes a scene.
type scene struct {
	facts
	relaxed        bool               // names of what most of the text stands in are not believed
	titleKey       string             // title, comparable
	showHidden     bool               // the text stands in elements that the page hides
	others         []stretch          // where other whole articles stand
	said           []float64          // said[i]: prose of blocks[:i], whosever it is; for finding others
	sum            []float64          // sum[i]: prose weight of blocks[:i]
	root           int32              // the container, -1 where there is none
	a, b           int                // its blocks
	whole          float64            // its prose
	weights        map[string]float64 // its prose by the class of the elements around it
	off            page.Trait         // traits whose elements hold no article text
	plain          []float64          // as sum, wherever on the page it stands
	headsAlone     bool               // the text is a list of headings
	announcedParts bool               // the headline says how many parts the text has
}

// newScene chooses the container of a page's text. Relaxed, it believes less of what elements are called.
func newScene(of facts, relaxed bool) *scene {
	f := &scene{facts: of, relaxed: relaxed, titleKey: comparable(of.title), off: traitsOff &^ insideTraits[of.without]}
	f.root = f.container()
	if len(f.chosen) > 0 {
		f.root = f.d.Common(f.chosen)
	}
	if f.root >= 0 {
		f.a, f.b = f.blockRange(f.root)
		f.whole = f.sum[f.b] - f.sum[f.a]
		f.groupWeights()
		f.announcedParts = f.announces()
	}
	return f
}

// prose weighs a block as running text: its words outside links, none for what reads like a label or a list of links.
func prose(b *page.Block, showHidden bool) float64 {
	if b.Words == 0 || b.Hidden && !showHidden {
		return 0
	}
	if b.LinkShare() > 0.4 {
		return 0
	}
	w := float64(b.Words - b.LinkWords)
	if strings.HasSuffix(b.Text, "...") || strings.HasSuffix(b.Text, "…") {
		w *= 0.3 // most are teasers cut off
	}
	long := b.Chars >= 60
	switch b.Tag {
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
		if !long || b.Stops == 0 {
			return 0
		}
	}
	return w
}

// blockRange gives the blocks whose text starts inside a node's subtree.
func (f *scene) blockRange(i int32) (int, int) { return f.blocksOf(i, f.d.Nodes[i].End) }

// blocksOf gives the blocks whose text starts in a run of nodes.
func (f *scene) blocksOf(i, end int32) (int, int) {
	a := sort.Search(len(f.blocks), func(k int) bool { return f.blocks[k].Raw >= i })
	b := a + sort.Search(len(f.blocks)-a, func(k int) bool { return f.blocks[a+k].Raw >= end })
	return a, b
}

func (f *scene) weight(i int32) float64 {
	a, b := f.blockRange(i)
	return f.sum[b] - f.sum[a]
}

// container finds the smallest element that holds nearly all of the page's prose.
func (f *scene) container() int32 {
	f.showHidden = f.hidesText()
	f.findOthers()
	f.weigh()
	if list := f.headingList(); list >= 0 {
		f.headsAlone = true
		return list
	}
	total := f.sum[len(f.blocks)]
	if total == 0 {
		return -1
	}
	cur := f.marked(total)
	if cur < 0 {
		cur = max(f.d.HTML, 0)
		if art := f.headed(); art >= 0 && f.weight(art) > 0.3*total {
			cur = art
		}
	}
	if brief := f.brief(); brief >= 0 {
		return f.narrowed(brief)
	}
	return f.widened(f.narrowed(cur))
}

// hidesText says whether the page hides its text: what stands behind a reader's click, a soft paywall or a script that
// streams the page is the article all the same.
func (f *scene) hidesText() bool {
	var shown, hidden float64
	for k := range f.blocks {
		b := &f.blocks[k]
		switch {
		case b.Tag != atom.P && b.Chars < 120:
		case b.Hidden && f.chain(b.Node, -1)&traitsDialog == 0:
			hidden += prose(b, true)
		case !b.Hidden && f.chain(b.Node, -1)&traitsFar == 0:
			shown += prose(b, false)
		}
	}
	return hidden > 2*shown && hidden > minHidden
}

// farShare is what prose counts that stands in other articles, comments, menus and the like.
const farShare = 0.2

// calledHidden is how many times more prose than is shown must stand in elements that are called hidden where a script shows it.
// Beside panes of which readers see one at a time, saved pages show more than that.
const calledHidden = 8

// weigh sums the page's prose. Where nearly all of it is called hidden, the name says nothing. Where all is, its class tells that.
func (f *scene) weigh() {
	far := traitsFar
	if f.relaxed {
		far &= page.TraitComment | page.TraitNav | page.TraitFooter | page.TraitModal | page.TraitHidden
	}
	if shown, called := f.weighBut(far); shown > 0 && called > calledHidden*shown && called > minHidden {
		f.off &^= page.TraitHidden
		f.weighBut(far &^ page.TraitHidden)
	}
}

// weighBut sums the page's prose, what stands in elements of some traits as little. It gives how much stands in none of them, and
// how much in what is called hidden alone.
func (f *scene) weighBut(far page.Trait) (shown, called float64) {
	f.sum, f.plain = make([]float64, len(f.blocks)+1), make([]float64, len(f.blocks)+1)
	for k := range f.blocks {
		b := &f.blocks[k]
		w := prose(b, f.showHidden)
		if w > 0 && f.inOther(b.Raw) {
			w = 0
		}
		f.plain[k+1] = f.plain[k] + w
		if w > 0 {
			switch t := f.chain(b.Node, -1) & far; {
			case f.inRest(b.Raw), t == 0:
				shown += w
			case t == page.TraitHidden:
				called += w
				w *= farShare
			default:
				w *= farShare
			}
		}
		f.sum[k+1] = f.sum[k] + w
	}
	return shown, called
}

// nearlyAll is the share of an element's prose that the smaller one in it must hold.
const nearlyAll = 0.85

// narrowed goes down from an element to the smallest one in it that holds nearly all of its prose.
func (f *scene) narrowed(cur int32) int32 {
	for {
		best := f.heaviest(cur)
		if best < 0 || f.weight(best) < nearlyAll*f.weight(cur) {
			return cur
		}
		if t := f.d.Nodes[best].Tag; t == atom.P || page.IsInline(t) || page.IsHeading(t) || t == atom.Li {
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

// heaviest gives the element right inside another that holds most prose; -1 where none holds any.
func (f *scene) heaviest(i int32) int32 {
	best, most := int32(-1), 0.0
	for k := i + 1; k < f.d.Nodes[i].End; k = f.d.Nodes[k].End {
		if f.d.Nodes[k].Kind != page.KindElement || f.d.Nodes[k].End == k+1 {
			continue
		}
		if w := f.weight(k); w > most {
			best, most = k, w
		}
	}
	return best
}

// headed finds the <article> that holds the headline, where a page has several.
func (f *scene) headed() int32 {
	for i := f.d.Parent(f.printedHead()); i >= 0; i = f.d.Nodes[i].Parent {
		if f.d.Nodes[i].Tag == atom.Article {
			return i
		}
	}
	return -1
}

// marked finds the element that the page itself marks as the article's text, when that holds enough of the prose.
func (f *scene) marked(total float64) int32 {
	best, bestW := int32(-1), 0.0
	for k := int32(0); k < int32(len(f.d.Nodes)); k++ {
		n := &f.d.Nodes[k]
		if n.Kind != page.KindElement || n.A1 == n.A0 || n.End-k < 2 {
			continue
		}
		t := f.d.Traits(k)
		if t&page.TraitBody == 0 || t&(traitsFar) != 0 || n.Tag == atom.Body || n.Tag == atom.Html {
			continue
		}
		if w := f.weight(k); w > bestW*1.02 && w > 0.3*total {
			best, bestW = k, w
		}
	}
	return best
}

// printedHead gives the <h1> that is the headline; -1 where there is none.
func (f *scene) printedHead() int32 {
	for _, h := range f.s.Heads {
		if f.repeatsTitle(comparable(headText(f.d, h)), false) {
			return h
		}
	}
	return -1
}

// chain gathers the traits of a node and of what is around it, up to a node that is left out.
func (f *scene) chain(i, stop int32) page.Trait {
	var t page.Trait
	for ; i >= 0 && i != stop; i = f.d.Nodes[i].Parent {
		tag := f.d.Nodes[i].Tag
		if tag == atom.Body || tag == atom.Html {
			break
		}
		t |= f.d.Traits(i)
	}
	return t
}

const (
	// traitsLayout are traits that wrappers of a page's whole layout carry too ("sidebar-grid__content").
	traitsLayout = page.TraitAside | page.TraitWidget | page.TraitHeader | page.TraitFooter | page.TraitMeta | page.TraitMedia | page.TraitKicker | page.TraitBox
	// traitsForeign are traits of elements that stand in texts many times and are never the text's own wrappers.
	traitsForeign = page.TraitEmbed | page.TraitModal | page.TraitComment | page.TraitShare | page.TraitNewsletter | page.TraitAd | page.TraitPoll
	// traitsDialog are traits of hidden elements that never hold the article, however much they say.
	traitsDialog = page.TraitModal | page.TraitEmbed | page.TraitNav | page.TraitComment | page.TraitFooter
	// traitsFar are traits that make prose count little when the container is chosen.
	traitsFar = page.TraitRelated | page.TraitComment | page.TraitNav | page.TraitAside | page.TraitFooter | page.TraitModal | page.TraitNewsletter | page.TraitHidden | page.TraitPaywall | page.TraitAd
)

const (
	// minHidden is how much hidden prose, in words, can be an article: dialogs and consent texts are shorter.
	minHidden = 120
	// besideOne is how many blocks with a text of one paragraph are still its own lines and not the page's.
	besideOne = 6
	// wrapDepth is how many elements around a block are looked at for what they wrap.
	wrapDepth = 24
)

// groupWeights sums the container's prose by the class of the elements around it, so that a class that wraps all
// paragraphs one by one is known as the text's own.
func (f *scene) groupWeights() {
	f.weights = map[string]float64{}
	for k := f.a; k < f.b; k++ {
		w := f.sum[k+1] - f.sum[k]
		if w == 0 {
			w = float64(f.blocks[k].Words) * 0.1
		}
		for i, n := f.blocks[k].Node, 0; i >= 0 && i != f.root && n < wrapDepth; i, n = f.d.Nodes[i].Parent, n+1 {
			if c := f.d.Attr(i, page.AttrClass); c != "" {
				f.weights[c] += w
			}
		}
	}
}

func (f *scene) classWeight(i int32) float64 {
	if c := f.d.Attr(i, page.AttrClass); c != "" {
		return f.weights[c]
	}
	return f.weight(i)
}
