package extract

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// A brief may stand on a page that says more of other things: of cookies, of the paper, of the rules of a form. Which of them is
// the article is told by place, for a text follows its headline, and by the headline's words.

const (
	// maxBrief bounds the prose of a page on which a brief is looked for, in words: an article outweighs what stands beside it.
	maxBrief = 700
	// briefTells is the share of the headline's words that a brief says again at least, and foreignTells what stands elsewhere says
	// at most: a paper's own words name its city, as headlines do. It says half of what the brief says, or less.
	briefTells, foreignTells = 0.4, 0.34
	// boxName is how many words the name of a box has at most: headings of a text have more, or stand among others.
	boxName = 4
	// leastStem and mostStem are how many letters of a word tell it from others and are the same in its other forms.
	leastStem, mostStem = 4, 5
)

// traitsBehind are what stands behind an article, or beside it.
const traitsBehind = page.TraitFooter | page.TraitNav | page.TraitAside

// brief gives the largest element that holds the text below the headline without what stands before the headline and behind the
// page's menus; -1 where that is the whole text, or where what stands elsewhere tells of the headline's news too.
func (f *scene) brief() int32 {
	total := f.sum[len(f.blocks)]
	if total > maxBrief {
		return -1
	}
	own := f.ownHeading()
	if own < 0 {
		return -1
	}
	first, end := f.belowHeading(own)
	if first < 0 {
		return -1
	}
	most := foreignTells
	if box := f.boxBehind(first, end); box > first {
		end, most = box, 0
	}
	if f.sum[end]-f.sum[first] >= nearlyAll*total {
		return -1
	}
	root := f.apartFrom(first, own, end)
	if root < 0 || f.bodyElsewhere(own, end) {
		return -1
	}
	stems := stemsOf(f.title)
	tells, foreign := f.tellsOf(stems, first, end), max(f.tellsOf(stems, 0, own), f.tellsOf(stems, end, len(f.blocks)))
	if tells < briefTells || foreign > most || 2*foreign > tells {
		return -1
	}
	f.showHidden = f.showHidden && f.blocks[first].Hidden
	return root
}

// belowHeading gives the first block of prose below a heading, and the end of the blocks before the page's menus, when these
// hold a brief; -1 where they do not.
func (f *scene) belowHeading(own int) (first, end int) {
	first = -1
	said := int32(0)
	for end = own + 1; end < len(f.blocks); end++ {
		told := f.sum[end+1] > f.sum[end]
		if (told || first >= 0) && f.chain(f.blocks[end].Node, -1)&traitsBehind != 0 {
			break
		}
		if told {
			said += f.blocks[end].Words
		}
		if told && first < 0 {
			first = end
		}
	}
	if said < briefBehind {
		return -1, end
	}
	return first, end
}

// boxBehind gives the heading of the one box that stands behind a brief and holds all prose up to another block: its own heading
// says what it is. -1 where there is none: texts are built of several such boxes.
func (f *scene) boxBehind(first, end int) int {
	head := -1
	for k := first + 1; k < end; k++ {
		b := &f.blocks[k]
		if !page.IsHeading(b.Tag) || b.Hidden || b.Words == 0 {
			continue
		}
		if head >= 0 {
			return -1
		}
		head = k
	}
	if head < 0 || f.blocks[head].Words > boxName || f.sum[end]-f.sum[head] <= f.sum[head]-f.sum[first] {
		return -1
	}
	box, text := f.outermost(f.blocks[head].Node, f.blocks[first].Raw), f.outermost(f.blocks[first].Node, f.blocks[head].Raw)
	if box < 0 || text >= 0 && f.twins(text, box) {
		return -1
	}
	if _, b := f.blockRange(box); f.sum[min(b, end)] < f.sum[end] {
		return -1
	}
	return head
}

// outermost gives the largest element around a node that another one stands outside of, -1 where there is none.
func (f *scene) outermost(i, outside int32) int32 {
	top := int32(-1)
	for ; i >= 0 && !f.holds(i, outside); i = f.d.Nodes[i].Parent {
		top = i
	}
	return top
}

// apartFrom gives the largest element around a block that holds no prose from before one block, nor from another on.
func (f *scene) apartFrom(k, before, from int) int32 {
	root := int32(-1)
	for i := f.blocks[k].Node; i >= 0; i = f.d.Nodes[i].Parent {
		a, b := f.blockRange(i)
		if f.sum[max(a, before)]-f.sum[a] > 0 || f.sum[b]-f.sum[min(b, from)] > 0 {
			return root
		}
		if t := f.d.Nodes[i].Tag; t != atom.P && !page.IsInline(t) {
			root = i
		}
	}
	return root
}

// bodyElsewhere says whether prose before one block, or from another on, stands in what the page calls its text.
func (f *scene) bodyElsewhere(before, from int) bool {
	for k := range f.blocks {
		if (k < before || k >= from) && f.sum[k+1] > f.sum[k] && f.chain(f.blocks[k].Node, -1)&(page.TraitBody|page.TraitSummary) != 0 {
			return true
		}
	}
	return false
}

// stemsOf cuts a headline into the beginnings of its words, or into pairs of characters where it has no spaces.
func stemsOf(title string) []string {
	var out []string
	for w := range strings.FieldsSeq(words.Fold(page.RunePrefix(title, maxHeadline))) {
		r := []rune(w)
		if page.Unspaced(r[0]) {
			for i := 0; i+2 <= len(r); i++ {
				out = append(out, string(r[i:i+2]))
			}
			continue
		}
		if len(r) >= leastStem {
			out = append(out, string(r[:min(len(r), mostStem)]))
		}
	}
	return out
}

// tellsOf is the share of the stems that stand in a run of blocks.
func (f *scene) tellsOf(stems []string, a, b int) float64 {
	if len(stems) == 0 || a >= b {
		return 0
	}
	var text strings.Builder
	for k := a; k < b && text.Len() < maxBrief*2*utf8.UTFMax; k++ {
		if f.sum[k+1] > f.sum[k] {
			text.WriteString(f.blocks[k].Text)
			text.WriteByte(' ')
		}
	}
	said, n := words.Fold(text.String()), 0
	for _, s := range stems {
		if strings.Contains(said, s) {
			n++
		}
	}
	return float64(n) / float64(len(stems))
}
