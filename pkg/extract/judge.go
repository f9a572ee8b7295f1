package extract

import (
	"github.com/khabar-crawler/khabar/pkg/page"
)

import "github.com/khabar-crawler/khabar/pkg/article"

// rule says of a block that it belongs to the article's text, or that it does not, and why.
type rule struct {
	reason Reason
	keep   bool
	when   func(p *progress, k int) bool
	then   func(p *progress, k int) // what else is learned from the block; nil: nothing
	rest   Reason                   // why what is kept behind it goes with it; "": it does not
}

// pass goes over blocks once and asks its rules of each, in order: the first that fits decides. A pass may overrule
// those before it.
type pass struct {
	prepare  func(p *progress) bool        // what the rules look at; false: the pass is left out
	span     func(p *progress) (a, b int)  // the blocks; nil: those of the container
	looks    func(p *progress, k int) bool // which of them; nil: all
	backward bool
	most     int  // blocks looked at; 0: all
	spare    bool // what is dropped does not count among these
	ends     bool // at the first block that no rule fits
	rules    []rule
}

// verdict is what became of a block, and why. The zero value is a block outside of the container.
type verdict struct {
	keep bool
	why  Reason
}

// finding is what became of a scene's blocks, and what the lines that were dropped said.
type finding struct {
	*scene
	out       []verdict
	begun     bool    // text was kept
	agency    string  // named by a source line
	byline    string  // printed in the text
	subtitle  string  // the deck
	place     string  // printed alone above the text
	uniform   float64 // share of the kept text that is made the same way
	paywalled bool    // a line says that the rest is for subscribers
	broken    bool    // the rest of the text is not on the page
}

// progress is a finding on its way, with what the rules know so far.
type progress struct {
	finding
	looked  int            // blocks that the pass has looked at, with the one in hand
	seen    map[string]int // where a text was last, by its key
	copied  int            // where the block before was already, -1 where it was not
	cardEnd int32          // first node after a card that leads to another article
	insideK int            // the block that inside was asked of last, from 1, and its answer
	insideT page.Trait
	line    lineMemo
	lists   listMemo
	tables  listMemo
	parents parentMemo
	makes   makes
	own     *article.Dateline // the site's own dateline that opens the text
	offers  int               // the line by which a paywall begins
	lead    lead
}

// judge decides on every block of a scene.
func (f *scene) judge() *finding {
	p := &progress{finding: finding{scene: f, out: make([]verdict, len(f.blocks))}}
	if f.root < 0 {
		return &p.finding
	}
	p.seen, p.copied = make(map[string]int, f.b-f.a), -1
	for _, s := range passes {
		p.run(s)
	}
	return &p.finding
}

// run goes over the blocks of one pass.
func (p *progress) run(s pass) {
	if s.prepare != nil && !s.prepare(p) {
		return
	}
	a, b := p.a, p.b
	if s.span != nil {
		a, b = s.span(p)
	}
	p.looked = 0
	for n := range b - a {
		k := a + n
		if s.backward {
			k = b - 1 - n
		}
		if s.looks != nil && !s.looks(p, k) {
			continue
		}
		p.looked++
		fits := p.decide(s.rules, k, b)
		if fits && s.spare {
			p.looked--
		}
		if !fits && s.ends || s.most > 0 && p.looked == s.most {
			return
		}
	}
}

// decide asks rules of a block; false where none fits. b is the end of the pass's blocks.
func (p *progress) decide(rules []rule, k, b int) bool {
	for _, r := range rules {
		if r.reason == p.without || !r.when(p, k) {
			continue
		}
		p.out[k] = verdict{r.keep, r.reason}
		if r.then != nil {
			r.then(p, k)
		}
		for j := k + 1; r.rest != "" && r.rest != p.without && j < b; j++ {
			if p.out[j].keep {
				p.out[j] = verdict{false, r.rest}
			}
		}
		return true
	}
	return false
}
