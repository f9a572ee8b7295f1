package extract

import (
	"strings"
	"unicode"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// What pages look like that offer things or list them. Numbers of parts are for a hundred words of text.
const (
	fewPrices   = 3   // prices that stand alone
	manyPrices  = 10  // …of a list of things
	manyPriced  = 0.5 // prices for a hundred words
	manyButtons = 1.5
	manyImages  = 2.0
	manyLinks   = 8.0
	manyHeads   = 4.0
	linkedPage  = 0.4 // share of the page's words that are links
	linkedText  = 0.6 // …of the container's words
	littleKept  = 0.6 // share of the container's words that are its text
	nearlyKept  = 0.9 // …of a text that has its container to itself
	littleAlike = 0.6 // share of the text that is made the same way
	shortParts  = 15  // words that a paragraph has
	strayHeads  = 16  // headings over what is no text
	priceWords  = 8   // words of a line that is a price
)

// look is what a page looks like, in weights.
type look struct {
	says  int          // what makes it look like another kind by itself
	shows int          // what pages of other kinds have more of than articles
	runs  int          // the text is one long run that is made one way
	kind  article.Kind // of a page that looks like another kind
}

// thingCounts are the numbers of what stands in a container and on its page.
type thingCounts struct {
	buttons, images, links int // in the container
	prices, priced         int // lines that are a price, and those that hold one
	heads, stray           int // headings, and those over no text that lead nowhere
	linkWords, words       int // of the page
	inLinks, inside        int // of the container
}

// look weighs what a page looks like whose text has so many words and paragraphs.
func (f *finding) look(words, paragraphs int) look {
	n := f.count()
	per := func(things int) float64 { return 100 * float64(things) / float64(max(words, 1)) }
	weight := func(signs ...bool) (n int) {
		for _, s := range signs {
			if s {
				n++
			}
		}
		return n
	}
	share := func(a, b int) float64 { return float64(a) / float64(max(b, 1)) }
	linked := share(n.linkWords, n.words) >= linkedPage || per(n.links) >= manyLinks
	kept, longest := f.runs()
	dense := share(kept, n.inside)
	if kept == 0 { // a text out of a script: how it would be printed is not known
		n.stray, dense = 0, littleKept
	}
	l := look{
		says: weight(n.prices >= manyPrices, n.stray >= strayHeads, share(n.inLinks, n.inside) >= linkedText),
		shows: weight(n.prices >= fewPrices && per(n.priced) >= manyPriced, per(n.buttons) >= manyButtons, per(n.images) >= manyImages, linked,
			dense < littleKept, kept > 0 && f.uniform < littleAlike || words < shortParts*paragraphs, per(n.heads) >= manyHeads),
		runs: weight(dense > nearlyKept && f.uniform > littleAlike && longest > leastRun),
		kind: article.KindService,
	}
	if linked || n.prices >= manyPrices {
		l.kind = article.KindListing
	}
	return l
}

// count counts what stands on the page and in the container.
func (f *finding) count() (n thingCounts) {
	for k := range f.blocks {
		b := &f.blocks[k]
		n.words += int(b.Words)
		n.linkWords += int(b.LinkWords)
		if f.root >= 0 && k >= f.a && k < f.b {
			n.inside += int(b.Words)
			n.inLinks += int(b.LinkWords)
		}
		if hasPrice(b.Text) {
			n.priced++
			if b.Words <= priceWords {
				n.prices++
			}
		}
		if page.IsHeading(b.Tag) && !b.Hidden {
			n.heads++
			if !f.out[k].keep {
				n.stray++
			}
		}
	}
	f.countElements(&n)
	return n
}

// countElements counts what the container holds beside text.
func (f *finding) countElements(n *thingCounts) {
	if f.root < 0 {
		return
	}
	for i := f.root; i < f.d.Nodes[f.root].End; i++ {
		switch f.d.Nodes[i].Tag {
		case atom.Button:
			n.buttons++
		case atom.Img:
			n.images++
		case atom.A:
			if isButton(f.d.Attr(i, page.AttrClass)) {
				n.buttons++
			} else {
				n.links++
			}
		}
	}
}

// isButton says whether a link's classes make it a button.
func isButton(class string) bool {
	if class == "" {
		return false
	}
	class = strings.ToLower(class)
	for _, b := range knownSigns().buttons {
		if strings.Contains(class, b) {
			return true
		}
	}
	return false
}

// hasPrice says whether a text has a currency's sign before or behind a number.
func hasPrice(text string) bool {
	before := [2]rune{}
	for _, r := range text {
		near := before[1]
		if near == ' ' || near == '\u00a0' {
			near = before[0]
		}
		if unicode.Is(unicode.Sc, r) && unicode.IsDigit(near) || unicode.IsDigit(r) && unicode.Is(unicode.Sc, near) {
			return true
		}
		before[0], before[1] = before[1], r
	}
	return false
}
