package extract

import (
	"strings"

	"github.com/khabar-crawler/khabar/pkg/page"
	"golang.org/x/net/html/atom"
)

const (
	// twinShare is how much prose, as a share of the container's own, its twins must hold to be taken in: a teaser or
	// a caption that happens to be made alike has less.
	twinShare = 0.1
	// twinNames is the share of class names that two twins have in common: builders number and vary the rest
	// ("layout-1 left", "layout-2 center").
	twinNames = 0.5
)

// widened takes in the other parts of a text that is cut into several containers of one make, as page builders and
// sites that place advertisements between parts cut it. It climbs as long as the headline stays outside: what stands
// beside an element with a headline of its own is another article.
func (f *scene) widened(root int32) int32 {
	best, w := root, f.weight(root)
	for branch, p := root, f.d.Parent(root); p >= 0; branch, p = p, f.d.Nodes[p].Parent {
		if t := f.d.Nodes[branch].Tag; t == atom.Body || t == atom.Html || t == atom.Main || f.headlined(branch) {
			break
		}
		twins := 0.0
		for k := p + 1; k < f.d.Nodes[p].End; k = f.d.Nodes[k].End {
			if k != branch && f.twins(branch, k) && f.proseDepth(k, k) == f.proseDepth(branch, root) {
				twins += f.weight(k)
			}
		}
		if twins > twinShare*w {
			best, w = p, w+twins
		}
	}
	return best
}

// headlined says whether a headline stands inside an element.
func (f *scene) headlined(i int32) bool {
	for _, h := range f.s.Heads {
		if h >= i && h < f.d.Nodes[i].End {
			return true
		}
	}
	return false
}

// twins says whether two elements are made alike: the same tag, most class names in common, and no other purpose.
func (f *scene) twins(a, b int32) bool {
	na, nb := &f.d.Nodes[a], &f.d.Nodes[b]
	if nb.Kind != page.KindElement || na.Tag != nb.Tag || nb.End == b+1 || f.headlined(b) {
		return false
	}
	if f.d.Traits(b)&^f.d.Traits(a)&traitsOff != 0 {
		return false
	}
	return sharedNames(f.d.Attr(a, page.AttrClass), f.d.Attr(b, page.AttrClass)) >= twinNames
}

// proseDepth is how deep below an element the first prose stands that is inside another: the texts of twins stand
// equally deep.
func (f *scene) proseDepth(from, inside int32) int {
	a, b := f.blockRange(inside)
	for k := a; k < b; k++ {
		if f.sum[k+1] == f.sum[k] {
			continue
		}
		depth := 0
		for i := f.blocks[k].Node; i >= 0 && i != from; i = f.d.Nodes[i].Parent {
			depth++
		}
		return depth
	}
	return -1
}

// sharedNames is the share of class names that two elements have in common; one where neither has any.
func sharedNames(a, b string) float64 {
	if a == b {
		return 1
	}
	x, y := strings.Fields(a), strings.Fields(b)
	if len(x) == 0 || len(y) == 0 {
		return 0
	}
	common := 0
	for _, n := range x {
		for _, m := range y {
			if strings.TrimRight(n, "0123456789") == strings.TrimRight(m, "0123456789") {
				common++
				break
			}
		}
	}
	return float64(common) / float64(max(len(x), len(y)))
}
