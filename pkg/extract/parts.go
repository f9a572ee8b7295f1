package extract

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/newsdate"
	"github.com/khabar-crawler/khabar/pkg/page"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// A text that is built of parts has a card, a box, a tab or a linked heading for each, as lists of other articles have.
// A part is told by what it holds: more prose than a teaser, a number, a link that leads off the site, or that the
// headline says how many there are.

const (
	// partWords is how much prose, in words, makes what stands under a heading a part of the text: teasers on the dev
	// pages have fewer.
	partWords = 60
	// partReach is how many blocks below its heading a part's prose is looked for: facts and labels stand in between.
	partReach = 24
	// leastParts and mostParts bound how many parts a headline announces: what is beyond is a year or a price.
	leastParts, mostParts = 3, 150
	// mostOfParts is the share of the prose that announced parts hold.
	mostOfParts = 0.5
	// manyParts with nothingElse but them, as a share of the prose, are the text, however short each is.
	manyParts, nothingElse = 10, 0.95
)

// traitsOfParts are traits of elements that hold parts of a text as well: what is for sale, shown or rubricated is what
// the article is about.
const traitsOfParts = page.TraitAd | page.TraitEmbed | page.TraitMedia | page.TraitKicker

// opensPart says whether a heading, or a label that is printed as one, opens a part of the text.
func (p *progress) opensPart(k int) bool {
	b := &p.blocks[k]
	return p.announcedParts || numbered(b.Text) || p.leadsOff(b) || p.partBelow(k)
}

// partBelow says whether as much prose follows a heading as makes a part, in the element around what it stands in.
func (p *progress) partBelow(k int) bool {
	around := p.d.Parent(p.d.Parent(p.blocks[k].Node))
	if around < 0 {
		return false
	}
	for j := k + 1; j < p.b && j <= k+partReach && p.blocks[j].Raw < p.d.Nodes[around].End && !page.IsHeading(p.blocks[j].Tag); j++ {
		if p.plain[j+1]-p.plain[k+1] >= partWords {
			return true
		}
	}
	return false
}

// holdsPart says whether an element holds as much prose as makes a part in one run, with no linked heading between.
func (f *scene) holdsPart(i int32) bool {
	a, b := f.blockRange(i)
	if f.plain[b]-f.plain[a] < partWords {
		return false
	}
	from := a
	for k := a; k < b; k++ {
		if bl := &f.blocks[k]; page.IsHeading(bl.Tag) && bl.LinkShare() >= linkedHead {
			from = k
		}
		if f.plain[k+1]-f.plain[from] >= partWords {
			return true
		}
	}
	return false
}

// numbered says whether a heading begins with its number: "3. …", "#3 …", "3) …".
func numbered(text string) bool {
	rest := strings.TrimPrefix(text, "#")
	after := strings.TrimLeftFunc(rest, unicode.IsDigit)
	n := len(rest) - len(after)
	if n == 0 || n > 6 || after == "" {
		return false
	}
	if len(rest) < len(text) {
		return after[0] == ' ' || after[0] == ':'
	}
	return len(after) > 1 && strings.IndexByte(".):", after[0]) >= 0 && after[1] == ' '
}

// leadsOff says whether a block's first link leads off the site. One publisher has domains in several countries that
// differ in what follows its name alone.
func (f *scene) leadsOff(b *page.Block) bool {
	if b.LinkWords == 0 || f.url == "" {
		return false
	}
	there, _, _ := strings.Cut(weburl.Domain(weburl.Host(f.linkOf(b))), ".")
	here, _, _ := strings.Cut(weburl.Domain(weburl.Host(f.url)), ".")
	return there != "" && there != here
}

// linkOf gives where the link around a block's first text, or the first one inside the block, leads.
func (f *scene) linkOf(b *page.Block) string {
	for i, n := b.Raw, 0; i >= 0 && n < wrapDepth; i, n = f.d.Nodes[i].Parent, n+1 {
		if f.d.Nodes[i].Tag == atom.A {
			return f.d.Attr(i, page.AttrHref)
		}
	}
	if b.Node < 0 {
		return ""
	}
	for i := b.Node + 1; i < f.d.Nodes[b.Node].End; i++ {
		if f.d.Nodes[i].Tag == atom.A {
			return f.d.Attr(i, page.AttrHref)
		}
	}
	return ""
}

// announces says whether the headline tells a number, as many linked headings stand in the container, and most of its
// prose is under them.
func (f *scene) announces() bool {
	heads, under, from := 0, 0.0, -1
	for k := f.a; k < f.b; k++ {
		b := &f.blocks[k]
		if !page.IsHeading(b.Tag) {
			continue
		}
		if from >= 0 {
			under += f.plain[k] - f.plain[from]
			from = -1
		}
		if b.LinkShare() > 0.5 {
			heads++
			from = k
		}
	}
	if from >= 0 {
		under += f.plain[f.b] - f.plain[from]
	}
	all := f.plain[f.b] - f.plain[f.a]
	if heads >= manyParts && under >= nothingElse*all {
		return true
	}
	if heads < leastParts || under < mostOfParts*all {
		return false
	}
	for _, n := range numbersIn(f.title) {
		if n >= leastParts && n <= mostParts && 4*heads >= 3*n && 4*heads <= 5*n+4 {
			return true
		}
	}
	return false
}

// numbersIn reads the whole numbers of a headline, in digits of any script.
func numbersIn(s string) (out []int) {
	n, in := 0, false
	for _, r := range s + " " {
		if d, ok := newsdate.DigitValue(r); ok && n < 1e6 {
			n, in = 10*n+d, true
		} else if in {
			out, n, in = append(out, n), 0, false
		}
	}
	return out
}

// listWords is how many words a heading of a list has at least: rubrics and labels have fewer.
const listWords = 3

// headingList finds the element around a list that has headings and pictures alone: they are numbered, sentences, or as many as the
// headline says; -1 where the page says more elsewhere.
func (f *scene) headingList() int32 {
	own := f.ownHeading()
	if own < 0 || f.sum[len(f.blocks)] > maxBrief {
		return -1
	}
	var nodes []int32
	tag, words, all := atom.Atom(0), int32(0), true
	for k := own + 1; k < len(f.blocks) && len(nodes) <= mostParts; k++ {
		b := &f.blocks[k]
		if !page.IsHeading(b.Tag) || b.Hidden || b.LinkWords > 0 || b.Words < listWords || tag != 0 && b.Tag != tag || f.chain(b.Node, -1)&traitsFar != 0 {
			continue
		}
		tag, words, all = b.Tag, words+b.Words, all && (numbered(b.Text) || b.Words >= sentenceWords && endsSentence(b.Text))
		nodes = append(nodes, b.Node)
	}
	if len(nodes) < leastParts || float64(words) < f.sum[len(f.blocks)] || !all && !slices.Contains(numbersIn(f.title), len(nodes)) {
		return -1
	}
	return f.d.Common(nodes)
}
