package edit

import (
	"slices"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// What a comparison may take, so that texts of a million sentences which somebody made for it cost seconds at the worst: beyond
// it, less is found in common.
const (
	maxDepth = 12      // fixed points within fixed points: real texts have three or four
	maxCells = 1 << 22 // of the tables of common subsequences, together: forty times two hundred sentences that are all repeated
	maxPairs = 1 << 14 // sentences that are compared for likeness, together
)

// diff lists what is different in two lists of sentences. rewritten says that it is more than a list may hold.
func diff(before, after []sentence) (changes []article.Change, rewritten bool) {
	c := &comparison{before: before, after: after, match: make([]int, len(before)), cells: maxCells, pairs: maxPairs}
	ids := map[string]int{}
	intern := func(all []sentence) []int {
		out := make([]int, len(all))
		for i, s := range all {
			id, ok := ids[s.key]
			if !ok {
				id = len(ids)
				ids[s.key] = id
			}
			out[i] = id
		}
		return out
	}
	c.a, c.b = intern(before), intern(after)
	for i := range c.match {
		c.match[i] = none
	}
	c.align(0, len(c.a), 0, len(c.b), 0)
	return c.list()
}

// none is no place in a list.
const none = -1

// comparison is of two lists of sentences, whose ids are equal where they say the same.
type comparison struct {
	before, after []sentence
	a, b          []int
	match         []int // of each in a its place in b
	cells, pairs  int   // of the bounds, what is left
}

// align finds what a[i:j] and b[k:l] have in common.
func (c *comparison) align(i, j, k, l, depth int) {
	for i < j && k < l && c.a[i] == c.b[k] {
		c.match[i] = k
		i, k = i+1, k+1
	}
	for i < j && k < l && c.a[j-1] == c.b[l-1] {
		j, l = j-1, l-1
		c.match[j] = l
	}
	if i == j || k == l {
		return
	}
	points := c.points(i, j, k, l)
	if len(points) == 0 || depth == maxDepth {
		c.subsequence(i, j, k, l)
		return
	}
	for _, p := range append(points, point{j, l}) {
		c.align(i, p.a, k, p.b, depth+1)
		if p.a < j {
			c.match[p.a] = p.b
		}
		i, k = p.a+1, p.b+1
	}
}

// point is a sentence that stands once in either list.
type point struct{ a, b int }

// points are the longest row of such sentences that stand in the same order in both.
func (c *comparison) points(i, j, k, l int) []point {
	type count struct{ a, b, at int }
	counts := make(map[int]count, j-i)
	for _, id := range c.a[i:j] {
		n := counts[id]
		n.a++
		counts[id] = n
	}
	for at := k; at < l; at++ {
		if n, ok := counts[c.b[at]]; ok {
			n.b++
			n.at = at
			counts[c.b[at]] = n
		}
	}
	var all []point
	for at := i; at < j; at++ {
		if n := counts[c.a[at]]; n.a == 1 && n.b == 1 {
			all = append(all, point{at, n.at})
		}
	}
	return rising(all)
}

// rising is the longest subsequence whose places in b rise, by patience sorting.
func rising(all []point) []point {
	var tops []int // of each pile, the point on it
	before := make([]int, len(all))
	for i, p := range all {
		pile, _ := slices.BinarySearchFunc(tops, p.b, func(top, b int) int { return all[top].b - b })
		before[i] = none
		if pile > 0 {
			before[i] = tops[pile-1]
		}
		if pile == len(tops) {
			tops = append(tops, i)
		} else {
			tops[pile] = i
		}
	}
	row := make([]point, len(tops))
	if len(tops) == 0 {
		return row
	}
	for i, n := tops[len(tops)-1], len(row)-1; n >= 0; n-- {
		row[n] = all[i]
		i = before[i]
	}
	return row
}

// subsequence finds the longest common subsequence of what both have, where the table is within what is left for it.
func (c *comparison) subsequence(i, j, k, l int) {
	inB := map[int]bool{}
	for _, id := range c.b[k:l] {
		inB[id] = true
	}
	inA := map[int]bool{}
	var a, b []int // places
	for at := i; at < j; at++ {
		if inB[c.a[at]] {
			inA[c.a[at]] = true
			a = append(a, at)
		}
	}
	for at := k; at < l; at++ {
		if inA[c.b[at]] {
			b = append(b, at)
		}
	}
	if len(a) == 0 || len(b) > c.cells/len(a) {
		return
	}
	c.cells -= len(a) * len(b)
	width := len(b) + 1
	table := make([]int32, (len(a)+1)*width) // the length from there on
	for x := len(a) - 1; x >= 0; x-- {
		for y := len(b) - 1; y >= 0; y-- {
			if c.a[a[x]] == c.b[b[y]] {
				table[x*width+y] = table[(x+1)*width+y+1] + 1
			} else {
				table[x*width+y] = max(table[(x+1)*width+y], table[x*width+y+1])
			}
		}
	}
	for x, y := 0, 0; x < len(a) && y < len(b); {
		switch {
		case c.a[a[x]] == c.b[b[y]]:
			c.match[a[x]] = b[y]
			x, y = x+1, y+1
		case table[(x+1)*width+y] >= table[x*width+y+1]:
			x++
		default:
			y++
		}
	}
}

// list gives what is not matched, in the order of the next version, as far as it may be listed.
func (c *comparison) list() (changes []article.Change, rewritten bool) {
	size := 0
	add := func(ch article.Change) bool {
		changes = append(changes, ch)
		size += len(ch.Before) + len(ch.After)
		return len(changes) <= article.MaxChanges && size <= article.MaxChangeBytes
	}
	i, k := 0, 0
	for i < len(c.a) || k < len(c.b) {
		// The next gap: all up to the next sentence that both have.
		j := i
		for j < len(c.a) && c.match[j] == none {
			j++
		}
		l := len(c.b)
		if j < len(c.a) {
			l = c.match[j]
		}
		if j-i+l-k > 2*article.MaxChanges {
			return nil, true
		}
		for _, ch := range c.gap(c.before[i:j], c.after[k:l]) {
			if !add(ch) {
				return nil, true
			}
		}
		i, k = j+1, l+1
	}
	return changes, false
}

// gap pairs the sentences between two that both versions have.
func (c *comparison) gap(before, after []sentence) []article.Change {
	pair := c.pair(before, after)
	var out []article.Change
	k := 0
	added := func(to int) {
		for ; k < to; k++ {
			out = append(out, article.Change{Kind: article.ChangeAdded, After: after[k].text, Paragraph: after[k].paragraph})
		}
	}
	for i, s := range before {
		if pair[i] == none {
			out = append(out, article.Change{Kind: article.ChangeRemoved, Before: s.text, Paragraph: s.paragraph})
			continue
		}
		added(pair[i])
		out = append(out, article.Change{Kind: article.ChangeChanged, Before: s.text, After: after[k].text, Paragraph: after[k].paragraph})
		k++
	}
	added(len(after))
	return out
}

// pair gives for each sentence before its place after, so that the pairs are as much alike as can be together and stand in
// one order.
func (c *comparison) pair(before, after []sentence) []int {
	pairs := make([]int, len(before))
	for i := range pairs {
		pairs[i] = none
	}
	n := len(before) * len(after)
	if n == 0 || n > c.pairs {
		return pairs
	}
	c.pairs -= n
	was, is := gramsOf(before), gramsOf(after)
	width := len(after) + 1
	likeness := make([]float64, n)
	best := make([]float64, (len(before)+1)*width)
	for x := len(before) - 1; x >= 0; x-- {
		for y := len(after) - 1; y >= 0; y-- {
			best[x*width+y] = max(best[(x+1)*width+y], best[x*width+y+1])
			if like := was[x].likeness(is[y]); like >= alike {
				likeness[x*len(after)+y] = like
				best[x*width+y] = max(best[x*width+y], best[(x+1)*width+y+1]+like)
			}
		}
	}
	for x, y := 0, 0; x < len(before) && y < len(after); {
		switch like := likeness[x*len(after)+y]; {
		case like > 0 && best[x*width+y] == best[(x+1)*width+y+1]+like:
			pairs[x] = y
			x, y = x+1, y+1
		case best[x*width+y] == best[(x+1)*width+y]:
			x++
		default:
			y++
		}
	}
	return pairs
}

// Two sentences are versions of one where half of what they say is in both: their likeness is Dice's coefficient of the runs
// of three characters, which serve scripts that part no words too. Of a hundred pairs of sentences of one text that say different
// things, 99 have less than a quarter in common; where one word of a sentence is changed, more than three quarters are left.
const (
	alike    = 0.5
	gram     = 3
	maxGrams = 1000 // of a sentence: what is longer begins alike where it is alike
)

type grams map[[gram]rune]bool

func gramsOf(all []sentence) []grams {
	out := make([]grams, len(all))
	for i, s := range all {
		set := grams{}
		var last [gram]rune
		for _, r := range s.key {
			last = [gram]rune{last[1], last[2], r}
			if set[last] = true; len(set) == maxGrams {
				break
			}
		}
		out[i] = set
	}
	return out
}

func (g grams) likeness(other grams) float64 {
	if len(g) > len(other) {
		g, other = other, g
	}
	if 3*len(g) < len(other) {
		return 0 // cannot come to half
	}
	n := 0
	for run := range g {
		if other[run] {
			n++
		}
	}
	return 2 * float64(n) / float64(len(g)+len(other))
}
