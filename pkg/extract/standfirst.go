package extract

import (
	"strings"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/page"
)

const (
	// standfirstReach is how many blocks above the container a standfirst is looked for: share bars, bylines and
	// captions stand in between.
	standfirstReach = 40
	// standfirstWords is the least of a standfirst that nothing but its place tells.
	standfirstWords = 8
	// deckGain is how many times the headline's words a deck has that says all of them again.
	deckGain = 1.5
	// standfirstMost: longer leads are met ("kısa spot" of Turkish pages has 120 words), whole texts are not leads.
	standfirstMost = 130
)

// traitsNoStandfirst are what no standfirst stands in.
const traitsNoStandfirst = page.TraitNav | page.TraitComment | page.TraitAd | page.TraitShare | page.TraitCaption | page.TraitModal | page.TraitHidden |
	page.TraitAuthor | page.TraitNewsletter | page.TraitTags | page.TraitMedia | page.TraitPoll | page.TraitEmbed | page.TraitToc | page.TraitDate | page.TraitPaywall

// lead is what is known while a standfirst is looked for.
type lead struct {
	found   bool // one was found
	heading bool // and it is a heading
	headed  bool // a heading was taken for the headline of a page without <h1>
}

// belowHeadline gives the blocks between the headline and the container.
func (p *progress) belowHeadline() (from, to int) {
	for k := p.a - 1; k >= 0 && k > p.a-standfirstReach; k-- {
		if p.blocks[k].Tag == atom.H1 || !p.blocks[k].Hidden && p.repeatsTitle(comparable(p.blocks[k].Text), p.begun) {
			return k + 1, p.a
		}
	}
	return p.a, p.a
}

// mayLead says whether a block can be a standfirst at all.
func (p *progress) mayLead(k int) bool {
	b := &p.blocks[k]
	if b.Hidden || b.Words < 3 || int(b.Words) > standfirstMost || b.LinkShare() > 0.5 || b.Table || p.captions(b.Node) {
		return false
	}
	key := p.key(k)
	_, said := p.seen[key]
	return !p.repeatsTitle(key, p.begun) && !said && !(page.IsHeading(b.Tag) && p.restates(b))
}

// restates says whether a heading is the headline in other words. A deck may have all of the headline's words and has more of its own.
func (p *progress) restates(b *page.Block) bool {
	return sharedWords(b.Text, p.title) > 0.5 && (b.Words < deckWords || float64(b.Words) < deckGain*float64(page.CountWords(p.title)))
}

// textBefore says whether a block is a paragraph of the text that stands before its container.
func (p *progress) textBefore(k int) bool {
	b := &p.blocks[k]
	return p.sameMake(b) && b.Words >= 20 && (p.d.Traits(b.Node)|p.near(b.Node))&traitsFar == 0
}

func (p *progress) leads(k int) {
	p.seen[comparable(p.blocks[k].Text)] = k
	p.lead.found = true
}

// clear says whether neither a block's place nor its words speak against a standfirst.
func (p *progress) clear(k int) bool {
	b := &p.blocks[k]
	own, t := p.d.Traits(b.Node), p.near(b.Node)
	if own&page.TraitSummary != 0 && own&traitsNoStandfirst == 0 {
		t &= page.TraitRelated | page.TraitComment | page.TraitNav | page.TraitAd | page.TraitHidden | page.TraitModal
	}
	if own&traitsNoStandfirst != 0 || t&(traitsNoStandfirst&^(page.TraitMedia|page.TraitCaption)) != 0 {
		return false
	}
	return !isDateLine(b) && !p.isLine(k) && !startsByline(b.Text) && !(len(b.Text) <= maxCredit && p.holds(words.Photo, k))
}

// calledLead says whether a block's name calls it a summary.
func (p *progress) calledLead(k int) bool {
	b := &p.blocks[k]
	own, t := p.d.Traits(b.Node), p.near(b.Node)
	return (own|t)&page.TraitSummary != 0
}

// described says whether the page's description says what a block says.
func (f *scene) described(b *page.Block) bool {
	key := comparable(b.Text)
	return f.deck != "" && len(key) > 20 && (strings.HasPrefix(f.deck, key) || strings.HasPrefix(key, f.deck))
}

// firstHeading knows the headline of a page without <h1>: its first heading.
func (p *progress) firstHeading(k int) bool {
	b := &p.blocks[k]
	return page.IsHeading(b.Tag) && len(p.s.Heads) == 0 && !p.lead.headed && p.clear(k) && !p.calledLead(k) && !p.described(b)
}

func (p *progress) takesHeading(int) { p.lead.headed = true }

// placedLead says whether a block reads like a standfirst and stands where one does.
func (p *progress) placedLead(k int) bool {
	b := &p.blocks[k]
	t := p.near(b.Node)
	if own := p.d.Traits(b.Node); own&page.TraitSummary != 0 {
		t &= page.TraitRelated | page.TraitComment | page.TraitNav | page.TraitAd | page.TraitHidden | page.TraitModal
	}
	if t&page.TraitRelated != 0 && p.leadsNowhere(b) {
		t &^= page.TraitRelated
	}
	return (!p.lead.found || p.lead.heading && b.Tag == atom.P) && b.Words >= standfirstWords && !b.List && (b.Stops > 0 || b.Words > 12) &&
		b.LinkShare() < 0.3 && t&(page.TraitRelated|page.TraitMeta|page.TraitNote|page.TraitMedia|page.TraitCaption) == 0
}

// standfirst says whether a block is a summary of the text, by its name, by the page's description or by its place.
func (p *progress) standfirst(k int) bool {
	b := &p.blocks[k]
	return p.clear(k) && (p.calledLead(k) && b.Words >= 4 || p.described(b) || p.placedLead(k))
}

func (p *progress) deckAbove(k int) bool { return p.deckApart && p.standfirst(k) }

func (p *progress) takesLead(k int) {
	p.leads(k)
	p.takesDeck(k)
	p.lead.heading = page.IsHeading(p.blocks[k].Tag)
}

// maxCredit bounds a caption with its credit, in bytes.
const maxCredit = 400

// captions says whether a block stands in a picture's caption or beside an author's portrait.
func (f *scene) captions(i int32) bool {
	for n := 0; n < 5 && i >= 0; n++ {
		tag := f.d.Nodes[i].Tag
		if tag == atom.Figcaption || tag == atom.Figure {
			return true
		}
		if tag == atom.Body || tag == atom.Main || tag == atom.Article || tag == atom.Header {
			return false
		}
		i = f.d.Nodes[i].Parent
	}
	return false
}

// leadsNowhere says whether the element that is called a teaser has no link in it: many content systems call an
// article's own deck its teaser.
func (f *scene) leadsNowhere(b *page.Block) bool {
	if b.LinkWords > 0 || b.Words < standfirstWords || !endsSentence(b.Text) {
		return false
	}
	i := b.Node
	for i >= 0 && f.d.Traits(i)&page.TraitRelated == 0 {
		i = f.d.Nodes[i].Parent
	}
	if i < 0 {
		return false
	}
	a, e := f.blockRange(i)
	for k := a; k < e; k++ {
		if f.blocks[k].LinkWords > 0 {
			return false
		}
	}
	return true
}

// near gathers the traits of a node and of the three around it.
func (f *scene) near(i int32) page.Trait {
	var t page.Trait
	for n := 0; n < 3 && i >= 0; n++ {
		tag := f.d.Nodes[i].Tag
		if tag == atom.Body || tag == atom.Main || tag == atom.Article {
			break
		}
		t |= f.d.Traits(i)
		i = f.d.Nodes[i].Parent
	}
	return t
}

// repeatsTitle says whether a block is the headline again, alone or with a kicker before it.
func (f *scene) repeatsTitle(key string, begun bool) bool {
	if key == f.titleKey {
		return true
	}
	for _, t := range f.titles {
		if key == t {
			return true
		}
		if len(t) > 24 && len(key) < len(t)*2+40 && (strings.HasSuffix(key, t) || !begun && strings.HasSuffix(t, key) && len(key) > 24) {
			return true
		}
	}
	return false
}

// endsSentence says whether a text ends as sentences do.
func endsSentence(s string) bool {
	s = strings.TrimRight(s, " \"'”’»)]“")
	for _, stop := range []string{".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।"} {
		if strings.HasSuffix(s, stop) {
			return true
		}
	}
	return false
}

// deckLike says whether a block in the container is its deck, told by its name or by the page's description.
func (f *scene) deckLike(b *page.Block) bool {
	return f.near(b.Node)&page.TraitSummary != 0 || f.described(b)
}
