package extract

import (
	"sort"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/page"
)

// cards tells what stands in the card of another article: a box with that one's headline, which is a heading or an item of a
// list that links, or an <article> of its own, and neither this one's headline nor any of its text. Who signed it and when says nothing of this article.
type cards struct {
	d     *page.Tree
	heads []int32 // headings that link to other articles, in the page's order
	own   []int32 // the first text nodes of this article's text, and its headline, in the page's order
}

const (
	// headlineWords is how many words a headline has at the least; a heading of fewer is an author's name or a label.
	headlineWords = 4
	// itemWords is that for an item of a list, where "Jane Doe, Agency, Berlin" may stand too.
	itemWords = 6
	// maxCardDepth is how many elements a card is around its byline; six are met.
	maxCardDepth = 8
)

// newCards looks the page's cards up. A heading that links says so in its words: a link that leads to an author is none.
func newCards(f *finding) *cards {
	c := &cards{d: f.d}
	for k := range f.blocks {
		b := &f.blocks[k]
		switch own := f.out[k].keep || b.Tag == atom.H1 || b.Chars <= maxHeadline && f.repeatsTitle(comparable(b.Text), f.begun); {
		case own:
			c.own = append(c.own, b.Raw)
		case (page.IsHeading(b.Tag) && b.Words >= headlineWords || b.List && b.Words >= itemWords) && b.LinkShare() > 0.5 && !c.namesAuthor(b.Raw):
			c.heads = append(c.heads, b.Raw)
		}
	}
	return c
}

// namesAuthor says whether a text is a link to its author's page: "More stories by Jane Doe".
func (c *cards) namesAuthor(text int32) bool {
	for i, depth := c.d.Parent(text), 0; i >= 0 && depth < maxCardDepth; i, depth = c.d.Nodes[i].Parent, depth+1 {
		if c.d.Nodes[i].Tag == atom.A {
			return leadsToAuthor(c.d.Attr(i, page.AttrHref))
		}
	}
	return false
}

// hold says whether a node stands in another article's card.
func (c *cards) hold(i int32) bool {
	if i < 0 {
		return false
	}
	inside := i
	for at, depth := c.d.Parent(i), 0; at >= 0 && depth < maxCardDepth; at, depth = c.d.Nodes[at].Parent, depth+1 {
		end := c.d.Nodes[at].End
		if among(c.own, at, end) > 0 {
			return c.follows(at, inside)
		}
		switch n := among(c.heads, at, end); {
		case n == 1, c.d.Nodes[at].Tag == atom.Article && len(c.own) > 0:
			return true
		case n > 1:
			return c.follows(at, inside)
		}
		inside = at
	}
	return false
}

// follows says whether a part of a box stands behind the headline of another article, which is a part of that box too: in
// lists without boxes of their own for each, its byline does.
func (c *cards) follows(box, part int32) bool {
	k := sort.Search(len(c.heads), func(k int) bool { return c.heads[k] >= part }) - 1
	if k < 0 || c.heads[k] < box || among(c.own, c.heads[k], part) > 0 {
		return false
	}
	at := c.heads[k]
	for depth := 0; c.d.Parent(at) != box && depth < maxCardDepth; depth++ {
		if at = c.d.Parent(at); at < 0 {
			return false
		}
	}
	return c.d.Parent(at) == box && page.IsHeading(c.d.Nodes[at].Tag)
}

// among counts the nodes of a list from one node up to another.
func among(list []int32, from, to int32) int {
	a := sort.Search(len(list), func(k int) bool { return list[k] >= from })
	b := sort.Search(len(list), func(k int) bool { return list[k] >= to })
	return b - a
}
