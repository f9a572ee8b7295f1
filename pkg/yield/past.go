package yield

import (
	"fmt"
	"hash/fnv"
)

const (
	// blockTrials is how many links of a block are tried before it counts that none became an article: two rows of a block of
	// headlines. It is fewer than of a form, for only links that look like articles' stand there, whose forms speak for them as little.
	blockTrials = 12
	// barren is the least number of links for one article at which a block counts as one of something else.
	barren = 20
	// fewOfForm is how many pages of a form are known before it counts that they were no articles.
	fewOfForm = 3
	// sure is how many pages show that a form, or a block, is of articles, where nine in ten of them were.
	sure = 10
)

// Past is what became of a site's links before: by the form of their address, and by the block of the page that they stood in.
// A nil one knows nothing.
type Past struct {
	Forms, Blocks *Counts
}

// NewPast gives a past of which nothing is known yet.
func NewPast() *Past { return &Past{Forms: &Counts{}, Blocks: &Counts{}} }

// Note counts what came of a page that was fetched for the first time, by its canonical address and the block that it was linked
// in; "" for none.
func (p *Past) Note(address, block string, article bool) {
	p.Forms.Note(FormOf(address), article)
	p.Blocks.Note(block, article)
}

// Add adds what others counted.
func (p *Past) Add(other *Past) {
	p.Forms.Add(other.Forms)
	p.Blocks.Add(other.Blocks)
}

// Len is how many forms and blocks are known.
func (p *Past) Len() int { return p.Forms.Len() + p.Blocks.Len() }

// Clone gives a copy.
func (p *Past) Clone() *Past {
	c := NewPast()
	c.Add(p)
	return c
}

// Takes says whether a new page is fetched, by the form of its canonical address.
func (p *Past) Takes(address string) bool {
	return isTaken(address, p.Forms.Of(FormOf(address)).Share())
}

// isTaken picks a share of all addresses.
func isTaken(address string, share float64) bool {
	if share >= 1 {
		return true
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(address)) // a hash never fails
	return float64(h.Sum32())/(1<<32) < share
}

// Verdict is what a past says of a link.
type Verdict int

// The verdicts.
const (
	Silent  Verdict = iota // its looks decide
	Article                // it leads to an article, whatever it looks like
	Other                  // it leads to something else, though it looks like an article's
)

// Judge says what became of links like the one to a canonical address in a block, and why for people. No verdict is final: of
// links whose block gave none a share is tried all the same, ever fewer, and what became of those counts.
func (p *Past) Judge(address, block string) (v Verdict, why string) {
	if p == nil {
		return Silent, ""
	}
	name := FormOf(address)
	form, where := p.Forms.Of(name), p.Blocks.Of(block)
	switch {
	case where.Barren() && form.isOfOthers() && !isTaken(address, where.falling(blockTrials/2)):
		return Other, fmt.Sprintf("of %d links tried in its block (%s) %s", where.Tried, block, articles(where.Articles))
	case where.Barren() || form.Poor():
		return Silent, ""
	case form.isSure():
		return Article, fmt.Sprintf("of %d addresses tried of its form (%s) %s", form.Tried, name, articles(form.Articles))
	case where.isSure():
		return Article, fmt.Sprintf("of %d links tried in its block (%s) %s", where.Tried, block, articles(where.Articles))
	}
	return Silent, ""
}

func articles(n int) string {
	switch n {
	case 0:
		return "none was an article"
	case 1:
		return "one was an article"
	}
	return fmt.Sprintf("%d were articles", n)
}

// Barren says whether a block's links lead to something else than articles.
func (c Count) Barren() bool { return c.Tried >= blockTrials && c.Articles*barren < c.Tried }

// isOfOthers says whether a form speaks for no link: some of its pages are known, and most of them were no articles. What is of
// another form than the block's other links is tried.
func (c Count) isOfOthers() bool { return c.Tried >= fewOfForm && 2*c.Articles < c.Tried }

// isSure says whether next to all were articles.
func (c Count) isSure() bool { return c.Tried >= sure && 10*c.Articles >= 9*c.Tried }
