package extract

import (
	"slices"

	"github.com/khabar-crawler/khabar/pkg/page"
	"golang.org/x/net/html/atom"
)

// A page may hold several whole articles: those that an endless scroll has loaded, the next one, the one before. What
// stands behind another article's headline is not the page's, however long it is.

// stretch is a run of nodes that another article stands in.
type stretch struct {
	from, to int32
	a, b     int // its blocks
}

const (
	// maxHeadings bounds the headings that are looked at; pages of several articles have a few dozen.
	maxHeadings = 400
	// maxOthers bounds the other articles; an endless scroll that was saved has a dozen.
	maxOthers = 50
	// leastHeading tells headlines from rubrics, in characters.
	leastHeading = 12
	// someProse is a word: sums are not exact.
	someProse = 1
	// signedWithin is how many blocks behind a headline its author or date stands: a deck and a picture may be between.
	signedWithin = 5
	// textBehind is how much prose, in words, behind the page's headline is its text and no deck: with less, a heading that
	// follows is one of the text's own. The shortest briefs have a dozen words.
	textBehind  = 40
	briefBehind = 12
)

// findOthers finds the other articles of a page that prints its own headline.
func (f *scene) findOthers() {
	own := f.ownHeading()
	if own < 0 || f.without == ReasonOther {
		return
	}
	looked := 0
	for k := range f.blocks {
		b := &f.blocks[k]
		if k == own || !page.IsHeading(b.Tag) || b.Node < 0 || f.inOther(b.Raw) {
			continue
		}
		if looked++; looked > maxHeadings || len(f.others) == maxOthers {
			return
		}
		if f.headsAnother(k, own) {
			if s := f.stretchOf(k, own); s.to > s.from {
				s.a, s.b = f.blocksOf(s.from, s.to)
				f.others = slices.DeleteFunc(f.others, func(o stretch) bool { return o.from >= s.from && o.to <= s.to })
				f.others = append(f.others, s)
			}
		}
	}
}

// ownHeading gives the block of the page's headline; an <h1> before other headings, -1 where none is it.
func (f *scene) ownHeading() int {
	own, headings := -1, 0
	for k := range f.blocks {
		b := &f.blocks[k]
		if !page.IsHeading(b.Tag) || b.Node < 0 || b.Hidden || own >= 0 && b.Tag != atom.H1 {
			continue
		}
		if headings++; headings > maxHeadings {
			break
		}
		if f.repeatsTitle(comparable(headText(f.d, b.Node)), false) {
			if own = k; b.Tag == atom.H1 {
				break
			}
		}
	}
	return own
}

// headsAnother says whether a heading is another article's headline: linked data tells of an article that is called so,
// or it is made like the page's own and has an author or a date, an <article> of its own, or a box like that of the page's own.
func (f *scene) headsAnother(k, own int) bool {
	b, o := &f.blocks[k], &f.blocks[own]
	class, ownClass := f.d.Attr(b.Node, page.AttrClass), f.d.Attr(o.Node, page.AttrClass)
	alike := b.Tag == o.Tag && class == ownClass || class != "" && class == ownClass || b.Tag == atom.H1 && o.Tag == atom.H1
	if b.Chars < leastHeading || b.Hidden && !f.showHidden || !alike && len(f.told) == 0 {
		return false
	}
	key := comparable(page.RunePrefix(b.Text, maxHeadline))
	told := slices.Contains(f.told, key)
	if f.repeatsTitle(key, false) || !alike && !told {
		return false
	}
	f.sumProse()
	return told || f.twinBoxes(b.Node, o.Node) || f.madeApart(k, own)
}

// madeApart says whether a heading that is made like the page's own has an author, a date or an <article> of its own, and does
// not head a part of the page's own text.
func (f *scene) madeApart(k, own int) bool {
	b, o := &f.blocks[k], &f.blocks[own]
	class := f.d.Attr(b.Node, page.AttrClass)
	apart, signed := f.articleApart(b.Node, o.Node) >= 0, f.signed(k)
	switch {
	case !apart && !signed:
		return false
	case own > k, apart && f.articleApart(o.Node, b.Node) >= 0:
		return true
	case signed && (class != "" && class == f.d.Attr(o.Node, page.AttrClass) || f.signed(own)):
		return f.ownProse(own, k) >= briefBehind
	}
	return f.ownProse(own, k) >= textBehind
}

// twinBoxes says whether two headings stand in boxes beside each other that are made alike, each with a text behind it.
func (f *scene) twinBoxes(head, own int32) bool {
	a, b := head, own
	for p := f.d.Nodes[a].Parent; p >= 0 && !f.holds(p, own); p = f.d.Nodes[p].Parent {
		a = p
	}
	for p := f.d.Nodes[b].Parent; p >= 0 && !f.holds(p, head); p = f.d.Nodes[p].Parent {
		b = p
	}
	class := f.d.Attr(a, page.AttrClass)
	return a != head && b != own && f.d.Nodes[a].Tag == f.d.Nodes[b].Tag && class != "" && class == f.d.Attr(b, page.AttrClass) &&
		f.proseIn(a) >= textBehind && f.proseIn(b) >= briefBehind
}

// articleApart gives the <article> around a node that another node stands outside of; -1 where there is none.
func (f *scene) articleApart(i, outside int32) int32 {
	for ; i >= 0 && !f.holds(i, outside); i = f.d.Nodes[i].Parent {
		if f.d.Nodes[i].Tag == atom.Article {
			return i
		}
	}
	return -1
}

// holds says whether a node is inside another, or is it.
func (f *scene) holds(i, inside int32) bool { return inside >= i && inside < f.d.Nodes[i].End }

// signed says whether an author or a date stands right behind a heading, before its text.
func (f *scene) signed(k int) bool {
	for n := k + 1; n < len(f.blocks) && n <= k+signedWithin; n++ {
		b := &f.blocks[n]
		if page.IsHeading(b.Tag) || b.Words >= textBehind {
			return false
		}
		if b.Words > 0 && b.Words < sentenceWords && (f.d.Traits(b.Node)|f.d.Traits(f.d.Parent(b.Node)))&(page.TraitAuthor|page.TraitDate) != 0 || isDateLine(b) {
			return true
		}
	}
	return false
}

// stretchOf gives the nodes that an article with a headline of its own stands in: the largest element around the headline
// with nothing of the page's own article in it, or all behind the headline where both stand in one element.
func (f *scene) stretchOf(k, own int) stretch {
	head, ownHead := f.blocks[k].Node, f.blocks[own].Node
	top := head
	if a := f.articleApart(head, ownHead); a >= 0 && !f.proseBefore(a, k) {
		top = a
	}
	// Where the page's own text does not lie between the headlines, it may follow: no more than holds some text is taken.
	behind := own > k || f.ownProse(own, k) >= briefBehind
	for p := f.d.Nodes[top].Parent; p >= 0 && !f.holds(p, ownHead) && !f.proseBefore(p, k); p = f.d.Nodes[p].Parent {
		if t := f.d.Nodes[p].Tag; t == atom.Body || t == atom.Html || !behind && f.proseIn(top) >= someProse {
			break
		}
		top = p
	}
	s := stretch{from: top, to: f.d.Nodes[top].End}
	if f.proseIn(top) < someProse {
		p := f.d.Nodes[top].Parent
		if p < 0 || !behind {
			return stretch{}
		}
		s.to = f.d.Nodes[p].End
	}
	if ownHead > s.from {
		s.to = min(s.to, ownHead)
	}
	return s
}

// sumProse sums the page's prose, once.
func (f *scene) sumProse() {
	if f.said != nil {
		return
	}
	f.said = make([]float64, len(f.blocks)+1)
	for k := range f.blocks {
		f.said[k+1] = f.said[k] + prose(&f.blocks[k], f.showHidden)
	}
}

// proseIn is an element's prose, whosever it is.
func (f *scene) proseIn(i int32) float64 {
	a, b := f.blockRange(i)
	return f.said[b] - f.said[a]
}

// proseBefore says whether an element holds prose before a block that is not another article's.
func (f *scene) proseBefore(i int32, k int) bool {
	a, _ := f.blockRange(i)
	return f.ownProse(a-1, k) >= someProse
}

// ownProse is the prose between two blocks that is not another article's.
func (f *scene) ownProse(after, before int) float64 {
	from := min(after+1, before)
	sum := f.said[before] - f.said[from]
	for _, s := range f.others {
		if a, b := max(s.a, from), min(s.b, before); a < b {
			sum -= f.said[b] - f.said[a]
		}
	}
	return sum
}

// inOther says whether a node stands in another article.
func (f *scene) inOther(i int32) bool {
	for _, s := range f.others {
		if i >= s.from && i < s.to {
			return true
		}
	}
	return false
}

func (p *progress) inAnother(k int) bool { return p.inOther(p.blocks[k].Raw) }
