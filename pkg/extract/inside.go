package extract

import "golang.org/x/net/html/atom"

// The rules that tell a block by what it is and by the elements around it.

func (p *progress) any(int) bool { return true }

func (p *progress) unseen(k int) bool    { return p.blocks[k].hidden && !p.showHidden }
func (p *progress) wordless(k int) bool  { return p.blocks[k].words == 0 }
func (p *progress) notChosen(k int) bool { return !p.inChosen(p.blocks[k].raw) }
func (p *progress) inCard(k int) bool    { return p.blocks[k].raw < p.cardEnd }

// starts notes that the text has begun.
func (p *progress) starts(int) { p.begun = true }

// inPoints says whether a block is an item of a summary in points, above the text.
func (p *progress) inPoints(k int) bool {
	b := &p.blocks[k]
	if !b.list || p.begun {
		return false
	}
	for i := b.node; i >= 0 && i != p.root; i = p.d.nodes[i].parent {
		if p.d.traitsOf(i)&traitSummary != 0 {
			return true
		}
	}
	return false
}

// inside gives the traits of the innermost element around a block that say that it is no text; 0 where none does.
func (p *progress) inside(k int) trait {
	if p.insideK != k+1 {
		p.insideK, p.insideT = k+1, p.lookInside(k)
	}
	return p.insideT
}

func (p *progress) lookInside(k int) trait {
	b := &p.blocks[k]
	deck := !p.begun && b.words >= standfirstWords && b.linkWords == 0 && p.d.traitsOf(b.node)&(traitSummary|p.off) == traitSummary
	for i := b.node; i >= 0 && i != p.root; i = p.d.nodes[i].parent {
		own := p.d.traitsOf(i)
		if t := own & p.off; t != 0 && !p.spares(b, i, own, deck) {
			return t
		}
	}
	return 0
}

// traitsNoDeck are what no deck stands in, whatever it is called itself.
const traitsNoDeck = traitRelated | traitNav | traitComment | traitAd | traitModal | traitHidden | traitFooter | traitAuthor

// spares says whether an element around a block holds the text, whatever its traits say.
func (p *progress) spares(b *block, i int32, own trait, deck bool) bool {
	t := own & p.off
	switch {
	case own&traitBody != 0 && t&^traitsLayout == 0:
		return true
	case deck && t&traitsNoDeck == 0:
		return true
	case t&^(traitMeta|traitKicker|traitDate) == 0 && b.words >= sentenceWords && b.tag == atom.P:
		return true // a whole sentence is no label
	case p.wraps(i, t):
		return true
	}
	// A deck is named for what it is wherever its theme puts it.
	return i == b.node && !p.begun && b.linkWords == 0 && b.words >= standfirstWords && own&(traitSummary|traitRelated) != 0 &&
		own&p.off&^(traitRelated|traitMeta|traitKicker) == 0 && b.tag != atom.Li
}

// wrapShare is the share of the container's prose that an element, or all of its class, must hold to be a wrapper of
// the text itself.
const wrapShare = 0.3

// wraps says whether an element, or its class, holds much of the text.
func (p *progress) wraps(i int32, t trait) bool {
	often := t&traitsForeign == 0 || p.relaxed && t&traitComment == 0
	return often && p.classWeight(i) > wrapShare*p.whole || p.weight(i) > wrapShare*p.whole
}

// sentenceWords: a paragraph of that many words is no line of metadata.
const sentenceWords = 12

// headline says whether a block is the headline, or says it again.
func (p *progress) headline(k int) bool {
	b := &p.blocks[k]
	return b.tag == atom.H1 && !p.begun || p.repeatsTitle(p.key(k), p.begun)
}

// saidBefore says whether a block of more than a few words was there already, and remembers it.
func (p *progress) saidBefore(k int) bool {
	key := p.key(k)
	said := p.seen[key] && p.blocks[k].words > 3
	p.seen[key] = true
	return said
}

func (p *progress) dateLine(k int) bool { return isDateLine(&p.blocks[k]) }

func (p *progress) heading(k int) bool { return isHeading(p.blocks[k].tag) }

func (p *progress) linkedHeading(k int) bool { return p.heading(k) && p.blocks[k].linkShare() > 0.5 }

// overSummary knows headings like "In brief".
func (p *progress) overSummary(k int) bool {
	b := &p.blocks[k]
	return p.heading(k) && !p.begun && p.d.traitsOf(b.node)&(traitSummary|traitTitle) == traitSummary|traitTitle && b.words <= 5
}

// placeHeading knows a dateline's place that is printed as a small heading.
func (p *progress) placeHeading(k int) bool {
	b := &p.blocks[k]
	return !p.begun && p.deckApart && (b.tag == atom.H5 || b.tag == atom.H6) && b.words <= 2 && isPlace(b.text)
}

func (p *progress) takesPlace(k int) { p.place = p.blocks[k].text }

// deckWords: a heading of that many words above the text is a deck, where the language keeps decks apart.
const deckWords = 10

func (p *progress) deckHeading(k int) bool {
	return p.heading(k) && p.deckApart && !p.begun && p.blocks[k].words >= deckWords
}

func (p *progress) takesDeck(k int) {
	if p.subtitle == "" {
		p.subtitle = p.blocks[k].text
	}
}

func (p *progress) linkedLabel(k int) bool {
	b := &p.blocks[k]
	return b.linkShare() > 0.45 && b.words <= 25 && b.words > 4 && !endsSentence(b.text)
}

func (p *progress) mostlyLinks(k int) bool {
	b := &p.blocks[k]
	return b.linkShare() > 0.6 && (b.words > 3 || b.linkShare() == 1) && !(b.tag == atom.P && b.words >= 10 && endsSentence(b.text))
}

func (p *progress) bareLabel(k int) bool {
	b := &p.blocks[k]
	return b.tag != atom.P && !b.list && !b.quote && !b.table && b.chars < 25 && b.stops == 0 && !b.joined && b.node != p.root && b.text[0] != '('
}

// opensCard marks what stands together with a linked headline as a card that leads to another article.
func (p *progress) opensCard(k int) {
	b := &p.blocks[k]
	at := p.d.parent(b.node)
	if at < 0 || at == p.root {
		return
	}
	if w := p.weight(at); w < 0.2*p.whole && (isHeading(b.tag) || !p.holdsParagraphs(at) || w < 0.1*p.whole) {
		p.cardEnd = max(p.cardEnd, p.d.nodes[at].end)
	}
}

func (p *progress) opensCardOfWords(k int) {
	if p.blocks[k].words > 4 {
		p.opensCard(k)
	}
}
