package extract

import (
	"strings"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/extract/words"
)

const (
	// standfirstReach is how many blocks above the container a standfirst is looked for: share bars, bylines and
	// captions stand in between.
	standfirstReach = 40
	// standfirstWords is the least of a standfirst that nothing but its place tells.
	standfirstWords = 8
	// standfirstMost: longer leads are met ("kısa spot" of Turkish pages has 120 words), whole texts are not leads.
	standfirstMost = 130
)

// traitsNoStandfirst are what no standfirst stands in.
const traitsNoStandfirst = traitNav | traitComment | traitAd | traitShare | traitCaption | traitModal | traitHidden |
	traitAuthor | traitNewsletter | traitTags | traitMedia | traitPoll | traitEmbed | traitToc | traitDate | traitPaywall

// lead is what is known while a standfirst is looked for.
type lead struct {
	found   bool // one was found
	heading bool // and it is a heading
	headed  bool // a heading was taken for the headline of a page without <h1>
}

// belowHeadline gives the blocks between the headline and the container.
func (p *progress) belowHeadline() (from, to int) {
	for k := p.a - 1; k >= 0 && k > p.a-standfirstReach; k-- {
		if p.blocks[k].tag == atom.H1 || !p.blocks[k].hidden && p.repeatsTitle(comparable(p.blocks[k].text), p.begun) {
			return k + 1, p.a
		}
	}
	return p.a, p.a
}

// mayLead says whether a block can be a standfirst at all.
func (p *progress) mayLead(k int) bool {
	b := &p.blocks[k]
	if b.hidden || b.words < 3 || int(b.words) > standfirstMost || b.linkShare() > 0.5 || b.table || p.captions(b.node) {
		return false
	}
	key := p.key(k)
	return !p.repeatsTitle(key, p.begun) && !p.seen[key] && !(isHeading(b.tag) && sharedWords(b.text, p.title) > 0.5)
}

// textBefore says whether a block is a paragraph of the text that stands before its container.
func (p *progress) textBefore(k int) bool {
	b := &p.blocks[k]
	return p.sameMake(b) && b.words >= 20 && (p.d.traitsOf(b.node)|p.near(b.node))&traitsFar == 0
}

func (p *progress) leads(k int) {
	p.seen[comparable(p.blocks[k].text)] = true
	p.lead.found = true
}

// clear says whether neither a block's place nor its words speak against a standfirst.
func (p *progress) clear(k int) bool {
	b := &p.blocks[k]
	own, t := p.d.traitsOf(b.node), p.near(b.node)
	if own&traitSummary != 0 && own&traitsNoStandfirst == 0 {
		t &= traitRelated | traitComment | traitNav | traitAd | traitHidden | traitModal
	}
	if own&traitsNoStandfirst != 0 || t&(traitsNoStandfirst&^(traitMedia|traitCaption)) != 0 {
		return false
	}
	return !isDateLine(b) && !p.isLine(k) && !startsByline(b.text) && !(len(b.text) <= maxCredit && p.holds(words.Photo, k))
}

// calledLead says whether a block's name calls it a summary.
func (p *progress) calledLead(k int) bool {
	b := &p.blocks[k]
	own, t := p.d.traitsOf(b.node), p.near(b.node)
	return (own|t)&traitSummary != 0
}

// described says whether the page's description says what a block says.
func (f *scene) described(b *block) bool {
	key := comparable(b.text)
	return f.deck != "" && len(key) > 20 && (strings.HasPrefix(f.deck, key) || strings.HasPrefix(key, f.deck))
}

// firstHeading knows the headline of a page without <h1>: its first heading.
func (p *progress) firstHeading(k int) bool {
	b := &p.blocks[k]
	return isHeading(b.tag) && len(p.s.heads) == 0 && !p.lead.headed && p.clear(k) && !p.calledLead(k) && !p.described(b)
}

func (p *progress) takesHeading(int) { p.lead.headed = true }

// placedLead says whether a block reads like a standfirst and stands where one does.
func (p *progress) placedLead(k int) bool {
	b := &p.blocks[k]
	t := p.near(b.node)
	if own := p.d.traitsOf(b.node); own&traitSummary != 0 {
		t &= traitRelated | traitComment | traitNav | traitAd | traitHidden | traitModal
	}
	if t&traitRelated != 0 && p.leadsNowhere(b) {
		t &^= traitRelated
	}
	return (!p.lead.found || p.lead.heading && b.tag == atom.P) && b.words >= standfirstWords && !b.list && (b.stops > 0 || b.words > 12) &&
		b.linkShare() < 0.3 && t&(traitRelated|traitMeta|traitNote|traitMedia|traitCaption) == 0
}

// standfirst says whether a block is a summary of the text, by its name, by the page's description or by its place.
func (p *progress) standfirst(k int) bool {
	b := &p.blocks[k]
	return p.clear(k) && (p.calledLead(k) && b.words >= 4 || p.described(b) || p.placedLead(k))
}

func (p *progress) deckAbove(k int) bool { return p.deckApart && p.standfirst(k) }

func (p *progress) takesLead(k int) {
	p.leads(k)
	p.takesDeck(k)
	p.lead.heading = isHeading(p.blocks[k].tag)
}

// maxCredit bounds a caption with its credit, in bytes.
const maxCredit = 400

// captions says whether a block stands in a picture's caption or beside an author's portrait.
func (f *scene) captions(i int32) bool {
	for n := 0; n < 5 && i >= 0; n++ {
		tag := f.d.nodes[i].tag
		if tag == atom.Figcaption || tag == atom.Figure {
			return true
		}
		if tag == atom.Body || tag == atom.Main || tag == atom.Article || tag == atom.Header {
			return false
		}
		i = f.d.nodes[i].parent
	}
	return false
}

// leadsNowhere says whether the element that is called a teaser has no link in it: many content systems call an
// article's own deck its teaser.
func (f *scene) leadsNowhere(b *block) bool {
	if b.linkWords > 0 || b.words < standfirstWords || !endsSentence(b.text) {
		return false
	}
	i := b.node
	for i >= 0 && f.d.traitsOf(i)&traitRelated == 0 {
		i = f.d.nodes[i].parent
	}
	if i < 0 {
		return false
	}
	a, e := f.blockRange(i)
	for k := a; k < e; k++ {
		if f.blocks[k].linkWords > 0 {
			return false
		}
	}
	return true
}

// near gathers the traits of a node and of the three around it.
func (f *scene) near(i int32) trait {
	var t trait
	for n := 0; n < 3 && i >= 0; n++ {
		tag := f.d.nodes[i].tag
		if tag == atom.Body || tag == atom.Main || tag == atom.Article {
			break
		}
		t |= f.d.traitsOf(i)
		i = f.d.nodes[i].parent
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
func (f *scene) deckLike(b *block) bool { return f.near(b.node)&traitSummary != 0 || f.described(b) }
