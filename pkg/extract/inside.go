package extract

import (
	"github.com/khabar-crawler/khabar/pkg/page"
)

import "golang.org/x/net/html/atom"

// The rules that tell a block by what it is and by the elements around it.

func (p *progress) any(int) bool { return true }

func (p *progress) unseen(k int) bool    { return p.blocks[k].Hidden && !p.showHidden }
func (p *progress) wordless(k int) bool  { return p.blocks[k].Words == 0 }
func (p *progress) notChosen(k int) bool { return !p.inChosen(p.blocks[k].Raw) }
func (p *progress) inCard(k int) bool    { return p.blocks[k].Raw < p.cardEnd }

// starts notes that the text has begun.
func (p *progress) starts(int) { p.begun = true }

// inPoints says whether a block is an item of a summary in points, above the text.
func (p *progress) inPoints(k int) bool {
	b := &p.blocks[k]
	if !b.List || p.begun {
		return false
	}
	for i := b.Node; i >= 0 && i != p.root; i = p.d.Nodes[i].Parent {
		if p.d.Traits(i)&page.TraitSummary != 0 {
			return true
		}
	}
	return false
}

// inside gives the traits of the innermost element around a block that say that it is no text; 0 where none does.
func (p *progress) inside(k int) page.Trait {
	if p.insideK != k+1 {
		p.insideK, p.insideT = k+1, p.lookInside(k)
	}
	return p.insideT
}

func (p *progress) lookInside(k int) page.Trait {
	b := &p.blocks[k]
	deck := !p.begun && b.Words >= standfirstWords && b.LinkWords == 0 && p.d.Traits(b.Node)&(page.TraitSummary|p.off) == page.TraitSummary
	for i := b.Node; i >= 0 && i != p.root; i = p.d.Nodes[i].Parent {
		own := p.d.Traits(i)
		if t := own & p.off; t != 0 && !p.spares(b, i, own, deck) {
			return t
		}
	}
	return 0
}

// traitsNoDeck are what no deck stands in, whatever it is called itself.
const traitsNoDeck = page.TraitRelated | page.TraitNav | page.TraitComment | page.TraitAd | page.TraitModal | page.TraitHidden | page.TraitFooter | page.TraitAuthor

// spares says whether an element around a block holds the text, whatever its traits say.
func (p *progress) spares(b *page.Block, i int32, own page.Trait, deck bool) bool {
	t := own & p.off
	switch {
	case own&page.TraitBody != 0 && t&^traitsLayout == 0:
		return true
	case deck && t&traitsNoDeck == 0:
		return true
	case t&^(page.TraitMeta|page.TraitKicker|page.TraitDate) == 0 && b.Words >= sentenceWords && b.Tag == atom.P:
		return true // a whole sentence is no label
	case p.wraps(i, t), t == page.TraitHidden && p.inRest(b.Raw):
		return true
	case t&traitsOfParts != 0 && t&^(traitsOfParts|page.TraitBox) == 0 && p.holdsPart(i):
		return true
	case t == page.TraitMedia && (b.Table || b.Quote && p.d.Nodes[i].Tag == atom.Figure && b.Tag != atom.Figcaption):
		return true // tables and quotations may be framed as pictures are
	}
	// A deck is named for what it is wherever its theme puts it.
	return i == b.Node && !p.begun && b.LinkWords == 0 && b.Words >= standfirstWords && own&(page.TraitSummary|page.TraitRelated) != 0 &&
		own&p.off&^(page.TraitRelated|page.TraitMeta|page.TraitKicker) == 0 && b.Tag != atom.Li
}

// wrapShare is the share of the container's prose that an element, or all of its class, must hold to be a wrapper of
// the text itself.
const wrapShare = 0.3

// wraps says whether an element, or its class, holds much of the text.
func (p *progress) wraps(i int32, t page.Trait) bool {
	often := t&traitsForeign == 0 || p.relaxed && t&page.TraitComment == 0
	return often && p.classWeight(i) > wrapShare*p.whole || p.weight(i) > wrapShare*p.whole
}

// sentenceWords: a paragraph of that many words is no line of metadata.
const sentenceWords = 12

// headline says whether a block is the headline, or says it again.
func (p *progress) headline(k int) bool {
	b := &p.blocks[k]
	return b.Tag == atom.H1 && !p.begun || p.repeatsTitle(p.key(k), p.begun)
}

// saidBefore says whether a block of more than a few words was there already, and remembers where.
func (p *progress) saidBefore(k int) bool {
	key := p.key(k)
	at, said := p.seen[key]
	copied := said && p.copies(k, at)
	p.seen[key], p.copied = k, -1
	if said {
		p.copied = at
	}
	return copied && p.blocks[k].Words > 3
}

// copies says whether a block that was there already is a copy. A value may recur from list to list and from row to row: it is one
// if what stands before or behind it stood there too.
func (p *progress) copies(k, at int) bool {
	if b := &p.blocks[k]; !b.List && !b.Table {
		return true
	}
	if p.copied >= 0 && p.copied+1 == at {
		return true
	}
	next, said := -1, false
	if k+1 < p.b {
		next, said = p.seen[comparable(p.blocks[k+1].Text)]
	}
	return said && next == at+1
}

func (p *progress) dateLine(k int) bool { return isDateLine(&p.blocks[k]) }

func (p *progress) heading(k int) bool { return page.IsHeading(p.blocks[k].Tag) }

func (p *progress) linkedHeading(k int) bool {
	return p.heading(k) && p.blocks[k].LinkShare() > 0.5 && !p.opensPart(k)
}

// overSummary knows headings like "In brief".
func (p *progress) overSummary(k int) bool {
	b := &p.blocks[k]
	return p.heading(k) && !p.begun && p.d.Traits(b.Node)&(page.TraitSummary|page.TraitTitle) == page.TraitSummary|page.TraitTitle && b.Words <= 5
}

// placeHeading knows a dateline's place that is printed as a small heading.
func (p *progress) placeHeading(k int) bool {
	b := &p.blocks[k]
	return !p.begun && p.deckApart && (b.Tag == atom.H5 || b.Tag == atom.H6) && b.Words <= 2 && isPlace(b.Text)
}

func (p *progress) takesPlace(k int) { p.place = p.blocks[k].Text }

// deckWords: a heading of that many words above the text is a deck, where the language keeps decks apart.
const deckWords = 10

func (p *progress) deckHeading(k int) bool {
	return p.heading(k) && p.deckApart && !p.headsAlone && !p.begun && p.blocks[k].Words >= deckWords
}

func (p *progress) takesDeck(k int) {
	if p.subtitle == "" {
		p.subtitle = p.blocks[k].Text
	}
}

func (p *progress) linkedLabel(k int) bool {
	b := &p.blocks[k]
	return b.LinkShare() > 0.45 && b.Words <= 25 && b.Words > 4 && !endsSentence(b.Text)
}

func (p *progress) mostlyLinks(k int) bool {
	b := &p.blocks[k]
	return b.LinkShare() > 0.6 && (b.Words > 3 || b.LinkShare() == 1) && !(b.Tag == atom.P && b.Words >= 10 && endsSentence(b.Text))
}

func (p *progress) bareLabel(k int) bool {
	b := &p.blocks[k]
	return b.Tag != atom.P && b.Tag != atom.Pre && !b.List && !b.Quote && !b.Table && b.Chars < 25 && b.Stops == 0 && !b.Joined && b.Node != p.root && b.Text[0] != '('
}

// opensCard marks what stands together with a linked headline as a card that leads to another article.
func (p *progress) opensCard(k int) {
	b := &p.blocks[k]
	at := p.d.Parent(b.Node)
	if at < 0 || at == p.root {
		return
	}
	if p.holdsPart(at) || p.opensPart(k) {
		return
	}
	if w := p.weight(at); w < 0.2*p.whole && (page.IsHeading(b.Tag) || !p.holdsParagraphs(at) || w < 0.1*p.whole) {
		p.cardEnd = max(p.cardEnd, p.d.Nodes[at].End)
	}
}

func (p *progress) opensCardOfWords(k int) {
	if p.blocks[k].Words > 4 {
		p.opensCard(k)
	}
}
