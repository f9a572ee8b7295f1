package extract

import (
	"sort"
	"strings"

	"golang.org/x/net/html/atom"
)

// verdict is what became of a block, and why.
type verdict struct {
	keep bool
	why  string
}

// bodyFinder chooses the container of the article's text and decides on each block in it.
type bodyFinder struct {
	d           *document
	s           *segmenter
	blocks      []block
	sum         []float64 // sum[i]: prose weight of blocks[:i]
	out         []verdict
	root        int32 // the container
	title       string
	deck        string // description, normalised: a standfirst before the body is known by it
	seen        map[string]bool
	names       []string // what the site is called
	titles      []string // every form of the headline that the page has, comparable
	people      []string // authors that metadata names, comparable
	template    Template
	chosen      []int32 // elements that a site file's body selector chose
	lastParent  int32   // the element that holdsParagraphs looked at last, and its answer
	lastHolds   bool
	begun       bool  // text was kept already
	cardEnd     int32 // first node after a card that leads to another article
	lastList    int32 // the list judged last, and the judgement
	lastBelongs bool
	make        string             // class of most kept paragraphs
	weights     map[string]float64 // prose by class, in the container
	agency      string             // named by a source line
	byline      string             // printed in the text
	subtitle    string
	uniform     float64 // share of the kept text that is made the same way
	deckApart   bool    // the deck restates the text and is kept apart from it
	showHidden  bool    // the text stands in elements that the page hides
}

// prose weighs a block as running text: its words outside links, none for what reads like a label or a list of links.
func prose(b *block, showHidden bool) float64 {
	if b.words == 0 || b.hidden && !showHidden {
		return 0
	}
	if b.linkShare() > 0.4 {
		return 0
	}
	w := float64(b.words - b.linkWords)
	if strings.HasSuffix(b.text, "...") || strings.HasSuffix(b.text, "…") {
		w *= 0.3 // most are teasers cut off
	}
	long := b.chars >= 60
	switch b.tag {
	case atom.P:
		if !long {
			w *= 0.5
		}
	case atom.Li, atom.Td, atom.Dd, atom.Dt, atom.Th:
		w *= 0.5
		if !long {
			return 0
		}
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Figcaption, atom.Caption, atom.Address, atom.Summary, atom.Legend:
		return 0
	default:
		if !long || b.stops == 0 {
			return 0
		}
	}
	return w
}

const (
	// traitsOff are traits whose elements hold no article text, whatever stands in them.
	traitsOff = traitRelated | traitShare | traitComment | traitNav | traitAd | traitCaption | traitAuthor | traitNewsletter |
		traitTags | traitHidden | traitPaywall | traitMedia | traitPoll | traitNote | traitToc | traitModal | traitAside | traitFooter | traitEmbed | traitDate | traitMeta | traitBox | traitKicker
	// traitsLayout are traits that wrappers of a page's whole layout carry too ("sidebar-grid__content").
	traitsLayout = traitAside | traitWidget | traitHeader | traitFooter | traitMeta | traitMedia | traitKicker | traitBox
	// traitsForeign are traits of elements that stand in texts many times and are never the text's own wrappers.
	traitsForeign = traitEmbed | traitModal | traitComment | traitShare | traitNewsletter | traitAd | traitPoll
	// traitsFar are traits that make prose count little when the container is chosen.
	traitsFar = traitRelated | traitComment | traitNav | traitAside | traitFooter | traitModal | traitNewsletter | traitHidden | traitPaywall | traitAd
)

// minHidden is how much hidden prose, in words, can be an article: dialogs and consent texts are shorter.
const minHidden = 120

// blockRange gives the blocks whose text starts inside a node's subtree.
func (f *bodyFinder) blockRange(i int32) (int, int) {
	end := f.d.nodes[i].end
	a := sort.Search(len(f.blocks), func(k int) bool { return f.blocks[k].raw >= i })
	b := a + sort.Search(len(f.blocks)-a, func(k int) bool { return f.blocks[a+k].raw >= end })
	return a, b
}

func (f *bodyFinder) weight(i int32) float64 {
	a, b := f.blockRange(i)
	return f.sum[b] - f.sum[a]
}

// container finds the smallest element that holds nearly all of the page's prose.
func (f *bodyFinder) container() int32 {
	f.sum = make([]float64, len(f.blocks)+1)
	var shown, hidden float64
	for k := range f.blocks {
		b := &f.blocks[k]
		if b.tag != atom.P && b.chars < 120 {
			continue
		}
		if b.hidden {
			hidden += prose(b, true)
		} else if f.chain(b.node, -1)&traitsFar == 0 {
			shown += prose(b, false)
		}
	}
	// The text behind a reader's click, a soft paywall or a streamed page is the article all the same.
	f.showHidden = hidden > 2*shown && hidden > minHidden
	for k := range f.blocks {
		b := &f.blocks[k]
		w := prose(b, f.showHidden)
		if w > 0 && f.chain(b.node, -1)&traitsFar != 0 {
			w *= 0.2
		}
		f.sum[k+1] = f.sum[k] + w
	}
	total := f.sum[len(f.blocks)]
	if total == 0 {
		return -1
	}
	cur := f.marked(total)
	if cur < 0 {
		cur = max(f.d.html, 0)
		if art := f.headed(); art >= 0 && f.weight(art) > 0.3*total {
			cur = art
		}
	}
	for {
		best, bestW := int32(-1), 0.0
		n := &f.d.nodes[cur]
		for k := cur + 1; k < n.end; k = f.d.nodes[k].end {
			if f.d.nodes[k].kind != kindElement || f.d.nodes[k].end == k+1 {
				continue
			}
			if w := f.weight(k); w > bestW {
				best, bestW = k, w
			}
		}
		if best < 0 || bestW < 0.85*f.weight(cur) {
			return cur
		}
		if t := f.d.nodes[best].tag; t == atom.P || isInline(t) || isHeading(t) || t == atom.Li {
			return cur
		}
		cur = best
	}
}

// headed finds the <article> that holds the headline, where a page has several.
func (f *bodyFinder) headed() int32 {
	for _, h := range f.s.heads {
		if !f.repeatsTitle(comparable(textOf(f.d, h)), comparable(f.title)) {
			continue
		}
		for i := f.d.nodes[h].parent; i >= 0; i = f.d.nodes[i].parent {
			if f.d.nodes[i].tag == atom.Article {
				return i
			}
		}
	}
	return -1
}

// marked finds the element that the page itself marks as the article's text, when that holds enough of the prose.
func (f *bodyFinder) marked(total float64) int32 {
	best, bestW := int32(-1), 0.0
	for k := int32(0); k < int32(len(f.d.nodes)); k++ {
		n := &f.d.nodes[k]
		if n.kind != kindElement || n.a1 == n.a0 || n.end-k < 2 {
			continue
		}
		t := f.d.traitsOf(k, f.s.memo)
		if t&traitBody == 0 || t&(traitsFar) != 0 || n.tag == atom.Body || n.tag == atom.Html {
			continue
		}
		if w := f.weight(k); w > bestW*1.02 && w > 0.3*total {
			best, bestW = k, w
		}
	}
	return best
}

// chain gathers the traits of a node and of what is around it, up to a node that is left out.
func (f *bodyFinder) chain(i, stop int32) trait {
	var t trait
	for ; i >= 0 && i != stop; i = f.d.nodes[i].parent {
		tag := f.d.nodes[i].tag
		if tag == atom.Body || tag == atom.Html {
			break
		}
		t |= f.d.traitsOf(i, f.s.memo)
	}
	return t
}

// find decides on every block of the page.
func (f *bodyFinder) find() {
	f.out = make([]verdict, len(f.blocks))
	f.root = f.container()
	if len(f.chosen) > 0 {
		f.root = f.d.common(f.chosen)
	}
	if f.root < 0 {
		return
	}
	a, b := f.blockRange(f.root)
	whole := f.sum[b] - f.sum[a]
	f.seen = make(map[string]bool, b-a)
	title := comparable(f.title)
	f.groupWeights(a, b)
	for k := a; k < b; k++ {
		f.out[k] = f.judge(k, whole, title)
		f.begun = f.begun || f.out[k].keep && !isHeading(f.blocks[k].tag)
	}
	if len(f.chosen) == 0 {
		f.shape(a, b, whole)
	}
	f.edges(a, b)
	f.bios(a, b)
	f.ends(a, b)
	f.headings(a, b)
	if len(f.chosen) == 0 {
		f.standfirst(a, title)
	}
}

// judge decides on one block of the container by what it is and what stands around it.
func (f *bodyFinder) judge(k int, whole float64, title string) verdict {
	b := &f.blocks[k]
	if b.hidden && !f.showHidden {
		return verdict{false, "hidden"}
	}
	if b.words == 0 {
		return verdict{false, "no words"}
	}
	if !f.inChosen(b.raw) {
		return verdict{false, "outside the site file's body"}
	}
	if b.raw < f.cardEnd {
		return verdict{false, "card of another article"}
	}
	deck := !f.begun && b.words >= standfirstWords && b.linkWords == 0 && f.d.traitsOf(b.node, f.s.memo)&(traitSummary|traitsOff) == traitSummary
	for i := b.node; i >= 0 && i != f.root; i = f.d.nodes[i].parent {
		own := f.d.traitsOf(i, f.s.memo)
		t := own & traitsOff
		if b.list && !f.begun && own&traitSummary != 0 {
			return verdict{false, "list of the text's points"}
		}
		if t == 0 || own&traitBody != 0 && t&^(traitsLayout) == 0 {
			continue
		}
		if deck && t&(traitRelated|traitNav|traitComment|traitAd|traitModal|traitHidden|traitFooter) == 0 {
			continue
		}
		if t&^(traitMeta|traitKicker|traitDate) == 0 && b.words >= sentenceWords && b.tag == atom.P {
			continue // a whole sentence is no label
		}
		if t&traitsForeign == 0 && f.classWeight(i) > 0.3*whole || f.weight(i) > 0.3*whole {
			continue // wrappers of the text itself
		}
		// A deck is named for what it is wherever its theme puts it.
		if i == b.node && !f.begun && b.linkWords == 0 && b.words >= standfirstWords && own&(traitSummary|traitRelated) != 0 &&
			own&traitsOff&^(traitRelated|traitMeta|traitKicker) == 0 && b.tag != atom.Li {
			continue
		}
		return verdict{false, "inside " + t.String()}
	}
	switch b.tag {
	case atom.Figcaption, atom.Caption, atom.Legend, atom.Summary, atom.Address:
		return verdict{false, "caption"}
	}
	key := comparable(b.text)
	if b.tag == atom.H1 || f.repeatsTitle(key, title) {
		return verdict{false, "repeats the title"}
	}
	if f.seen[key] && b.words > 3 {
		return verdict{false, "said before"}
	}
	f.seen[key] = true
	if why := f.lineKind(b); why != "" {
		return verdict{false, why}
	}
	if f.template != nil && f.template.Recurs(fingerprint(b.text)) {
		return verdict{false, "recurs on the site"}
	}
	if f.isDateLine(b) {
		return verdict{false, "date"}
	}
	if isHeading(b.tag) {
		if b.linkShare() > 0.5 {
			if p := f.d.parent(b.node); p >= 0 && p != f.root && f.weight(p) < 0.2*whole {
				f.cardEnd = f.d.nodes[p].end
			}
			return verdict{false, "heading that is a link"}
		}
		if !f.begun && f.d.traitsOf(b.node, f.s.memo)&(traitSummary|traitTitle) == traitSummary|traitTitle && b.words <= 5 {
			return verdict{false, "heading of a summary"}
		}
		if f.deckApart && !f.begun && b.words >= 10 {
			if f.subtitle == "" {
				f.subtitle = b.text
			}
			return verdict{false, "standfirst"}
		}
		return verdict{true, "heading"}
	}
	if b.linkShare() > 0.45 && b.words <= 25 && b.words > 4 && !endsSentence(b.text) {
		return verdict{false, "label with a link"}
	}
	if b.linkShare() > 0.6 && (b.words > 3 || b.linkShare() == 1) && !(b.tag == atom.P && b.words >= 10 && endsSentence(b.text)) {
		return verdict{false, "mostly links"}
	}
	if b.tag != atom.P && !b.list && !b.quote && !b.table && b.chars < 25 && b.stops == 0 && !b.joined && b.node != f.root {
		return verdict{false, "label"}
	}
	return verdict{true, "text"}
}

// shape drops what is built differently from the paragraphs that make up the text: where nearly all prose stands in
// <p>, other text in the container is captions, widgets and labels.
func (f *bodyFinder) shape(a, b int, whole float64) {
	inP, all := 0.0, 0.0
	groups := map[uint64]float64{}
	for k := a; k < b; k++ {
		if !f.out[k].keep || isHeading(f.blocks[k].tag) {
			continue
		}
		w := float64(f.blocks[k].words)
		all += w
		if f.blocks[k].tag == atom.P {
			inP += w
		}
		groups[f.signature(&f.blocks[k])] += w
	}
	if all == 0 {
		return
	}
	f.make = f.mostCommonClass(a, b)
	for _, w := range groups {
		f.uniform = max(f.uniform, w/all)
	}
	started := false
	f.tail(a, b, groups, all)
	for k := a; k < b; k++ {
		bl := &f.blocks[k]
		if !f.out[k].keep || isHeading(bl.tag) {
			continue
		}
		share := groups[f.signature(bl)] / all
		if bl.tag == atom.P && share > 0.1 {
			started = true
		}
		switch {
		case inP >= 0.7*all && bl.list && !f.listBelongs(k, a, b):
			f.out[k] = verdict{false, "list of fragments"}
		case inP < 0.7*all || share > 0.15:
		case bl.table:
			f.out[k] = verdict{false, "table beside paragraphs"}
		case bl.list:
		case !started && bl.words >= standfirstWords && f.deckLike(bl):
		case bl.tag != atom.P && !bl.list && !bl.quote && !(bl.words >= 10 && f.holdsParagraphs(bl.node)):
			f.out[k] = verdict{false, "built unlike the paragraphs"}
		}
	}
}

// tail drops what follows the last paragraph of the prevailing make and is made otherwise: teasers, offers and notices
// that share the container with the text.
func (f *bodyFinder) tail(a, b int, groups map[uint64]float64, all float64) {
	main, best := uint64(0), 0.0
	for k := a; k < b; k++ {
		if f.out[k].keep && f.blocks[k].tag == atom.P {
			if sig := f.signature(&f.blocks[k]); groups[sig] > best {
				main, best = sig, groups[sig]
			}
		}
	}
	if best < 0.6*all {
		return
	}
	for k := b - 1; k >= a; k-- {
		if !f.out[k].keep {
			continue
		}
		sig := f.signature(&f.blocks[k])
		if sig == main {
			break
		}
		if !isHeading(f.blocks[k].tag) && groups[sig] > 0.15*all {
			break
		}
		if f.blocks[k].list && f.listOf(f.blocks[k].node) >= 0 && f.holdsParagraphs(f.d.nodes[f.listOf(f.blocks[k].node)].parent) {
			break
		}
		f.out[k] = verdict{false, "made unlike the text, after it"}
	}
}

// holdsParagraphs says whether an element is the parent of kept paragraphs.
func (f *bodyFinder) holdsParagraphs(i int32) bool {
	if i < 0 {
		return false
	}
	if i == f.lastParent {
		return f.lastHolds
	}
	n := 0
	for k := i + 1; k < f.d.nodes[i].end && n < 3; k = f.d.nodes[k].end {
		if f.d.nodes[k].tag == atom.P {
			n++
		}
	}
	f.lastParent, f.lastHolds = i, n >= 3
	return n >= 3
}

// signature names how a block is built: its tag, and the tag and classes of what it stands in.
func (f *bodyFinder) signature(b *block) uint64 {
	h := uint64(14695981039346656037)
	mix := func(s string) {
		for i := 0; i < len(s); i++ {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
	}
	h = (h ^ uint64(b.tag)) * 1099511628211
	i := b.node
	if i >= 0 && b.tag == atom.P {
		i = f.d.nodes[i].parent
	}
	if i >= 0 {
		h = (h ^ uint64(f.d.nodes[i].tag)) * 1099511628211
		// The first class is the element's kind, the others its variants.
		c := f.d.attr(i, attrClass)
		if cut := strings.IndexByte(c, ' '); cut > 0 {
			c = c[:cut]
		}
		mix(c)
	}
	return h
}

// headings drops headings that no kept text follows before the next heading or the end.
func (f *bodyFinder) headings(a, b int) {
	text := false
	for k := b - 1; k >= a; k-- {
		if !f.out[k].keep {
			continue
		}
		if isHeading(f.blocks[k].tag) {
			if !text {
				f.out[k] = verdict{false, "heading without text"}
			}
			continue
		}
		text = true
	}
}

// sentenceWords: a paragraph of that many words is no line of metadata.
const sentenceWords = 12

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

// standfirst keeps a summary that stands between the headline and the container.
func (f *bodyFinder) standfirst(a int, title string) {
	from := -1
	for k := a - 1; k >= 0 && k > a-standfirstReach; k-- {
		if f.blocks[k].tag == atom.H1 || !f.blocks[k].hidden && f.repeatsTitle(comparable(f.blocks[k].text), title) {
			from = k + 1
			break
		}
	}
	if from < 0 {
		return
	}
	found := false
	for k := from; k < a; k++ {
		b := &f.blocks[k]
		if b.hidden || b.words < 3 || int(b.words) > standfirstMost || b.linkShare() > 0.5 || b.tag == atom.Figcaption || b.table {
			continue
		}
		key := comparable(b.text)
		if f.repeatsTitle(key, title) || f.seen[key] || isHeading(b.tag) && sharedWords(b.text, f.title) > 0.5 {
			continue
		}
		t := f.near(b.node)
		own := f.d.traitsOf(b.node, f.s.memo)
		if f.sameMake(b) && b.words >= 20 && (own|t)&traitsFar == 0 {
			f.out[k] = verdict{true, "text before the container"}
			f.seen[key] = true
			found = true
			continue
		}
		if own&traitSummary != 0 && own&traitsNoStandfirst == 0 {
			t &= traitRelated | traitComment | traitNav | traitAd | traitHidden | traitModal
		}
		if own&traitsNoStandfirst != 0 || t&(traitsNoStandfirst&^(traitMedia|traitCaption)) != 0 {
			continue
		}
		if f.isDateLine(b) || f.lineKind(b) != "" || startsByline(b.text) {
			continue
		}
		named := (own|t)&traitSummary != 0
		told := f.deck != "" && len(key) > 20 && (strings.HasPrefix(f.deck, key) || strings.HasPrefix(key, f.deck))
		placed := !found && b.words >= standfirstWords && !b.list && (b.stops > 0 || b.words > 12) && b.linkShare() < 0.3 && t&(traitRelated|traitMeta|traitNote|traitMedia|traitCaption) == 0
		if named && b.words >= 4 || told || placed {
			f.out[k] = verdict{!f.deckApart, "standfirst"}
			if f.subtitle == "" {
				f.subtitle = b.text
			}
			f.seen[key] = true
			found = true
		}
	}
}

// near gathers the traits of a node and of the three around it.
func (f *bodyFinder) near(i int32) trait {
	var t trait
	for n := 0; n < 3 && i >= 0; n++ {
		tag := f.d.nodes[i].tag
		if tag == atom.Body || tag == atom.Main || tag == atom.Article {
			break
		}
		t |= f.d.traitsOf(i, f.s.memo)
		i = f.d.nodes[i].parent
	}
	return t
}

// text joins the kept blocks: paragraphs parted by a blank line, lines of one paragraph by a line break.
func (f *bodyFinder) text() (text string, paragraphs, words int) {
	var sb strings.Builder
	for k := range f.blocks {
		if k >= len(f.out) || !f.out[k].keep {
			continue
		}
		b := &f.blocks[k]
		if sb.Len() > 0 {
			if b.joined && f.out[k-1].keep {
				sb.WriteByte('\n')
			} else {
				sb.WriteString("\n\n")
				paragraphs++
			}
		} else {
			paragraphs++
		}
		sb.WriteString(b.text)
		words += int(b.counted)
	}
	return sb.String(), paragraphs, words
}

// fingerprints gives the blocks to a learner.
func (f *bodyFinder) fingerprints() []Block {
	out := make([]Block, 0, len(f.blocks))
	a, b := 0, 0
	if f.root >= 0 {
		a, b = f.blockRange(f.root)
	}
	for k := range f.blocks {
		bl := &f.blocks[k]
		if bl.words == 0 {
			continue
		}
		out = append(out, Block{Fingerprint: fingerprint(bl.text), Words: int(bl.words), Kept: f.out[k].keep, Inside: k >= a && k < b})
	}
	return out
}

// articleArea tells nodes that belong to the article from those around it: from its headline, or the smallest
// <article> around the container, to the container's end.
func (f *bodyFinder) articleArea() func(int32) bool {
	if f.root < 0 {
		return func(int32) bool { return true }
	}
	from, to := f.areaNodes()
	return func(i int32) bool { return i >= from && i < to }
}

func (f *bodyFinder) areaNodes() (int32, int32) {
	from, to := f.root, f.d.nodes[f.root].end
	for i := f.root; i >= 0; i = f.d.nodes[i].parent {
		if t := f.d.nodes[i].tag; t == atom.Article || t == atom.Main {
			from, to = i, f.d.nodes[i].end
			break
		}
	}
	title := comparable(f.title)
	for k := len(f.s.heads) - 1; k >= 0; k-- {
		h := f.s.heads[k]
		if h < f.root && (len(f.s.heads) == 1 || comparable(textOf(f.d, h)) == title) {
			from = min(from, h)
			break
		}
	}
	return from, to
}

// dateArea gives the blocks in which a printed date is the article's own: from a little above the headline to the
// container's first paragraph. head is the headline's place in it.
func (f *bodyFinder) dateArea() (from, head, to int) {
	if f.root < 0 {
		return 0, 0, min(len(f.blocks), 60)
	}
	start, _ := f.areaNodes()
	a := sort.Search(len(f.blocks), func(k int) bool { return f.blocks[k].raw >= start })
	c, e := f.blockRange(f.root)
	first := c
	for first < e && !f.out[first].keep {
		first++
	}
	from, to = max(0, a-6), min(first+1, len(f.blocks))
	head = a
	title := comparable(f.title)
	for k := to - 1; k >= from; k-- {
		if f.blocks[k].tag == atom.H1 || f.repeatsTitle(comparable(f.blocks[k].text), title) {
			head = k
			break
		}
	}
	return from, min(head, to), to
}

// repeatsTitle says whether a block is the headline again, alone or with a kicker before it.
func (f *bodyFinder) repeatsTitle(key, title string) bool {
	if key == title {
		return true
	}
	for _, t := range f.titles {
		if key == t {
			return true
		}
		if len(t) > 24 && len(key) < len(t)*2+40 && (strings.HasSuffix(key, t) || !f.begun && strings.HasSuffix(t, key) && len(key) > 24) {
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

// wrapDepth is how many elements around a block are looked at for what they wrap.
const wrapDepth = 24

// groupWeights sums the container's prose by the class of the elements around it, so that a class that wraps all
// paragraphs one by one is known as the text's own.
func (f *bodyFinder) groupWeights(a, b int) {
	f.weights = map[string]float64{}
	for k := a; k < b; k++ {
		w := f.sum[k+1] - f.sum[k]
		if w == 0 {
			w = float64(f.blocks[k].words) * 0.1
		}
		for i, n := f.blocks[k].node, 0; i >= 0 && i != f.root && n < wrapDepth; i, n = f.d.nodes[i].parent, n+1 {
			if c := f.d.attr(i, attrClass); c != "" {
				f.weights[c] += w
			}
		}
	}
}

func (f *bodyFinder) classWeight(i int32) float64 {
	if c := f.d.attr(i, attrClass); c != "" {
		return f.weights[c]
	}
	return f.weight(i)
}

// mostCommonClass gives the class of the paragraphs that hold most of the kept text.
func (f *bodyFinder) mostCommonClass(a, b int) string {
	w := map[string]int32{}
	best := ""
	for k := a; k < b; k++ {
		bl := &f.blocks[k]
		if f.out[k].keep && bl.tag == atom.P && bl.node >= 0 {
			c := f.d.attr(bl.node, attrClass)
			w[c] += bl.words
			if w[c] > w[best] || best == "" {
				best = c
			}
		}
	}
	return best
}

// sameMake says whether a block is a paragraph of the same class as the text's, where they have one.
func (f *bodyFinder) sameMake(b *block) bool {
	return f.make != "" && b.tag == atom.P && b.node >= 0 && f.d.attr(b.node, attrClass) == f.make
}

// deckLike says whether a block in the container is its deck, told by its name or by the page's description.
func (f *bodyFinder) deckLike(b *block) bool {
	if f.near(b.node)&traitSummary != 0 {
		return true
	}
	key := comparable(b.text)
	return f.deck != "" && len(key) > 20 && (strings.HasPrefix(f.deck, key) || strings.HasPrefix(key, f.deck))
}

// listBelongs says whether a list is told in sentences, as lists that belong to a text are; lists of names, figures
// and links are boxes beside it.
func (f *bodyFinder) listBelongs(k, a, b int) bool {
	list := f.listOf(f.blocks[k].node)
	if list == f.lastList {
		return f.lastBelongs
	}
	words, items, told := 0, 0, 0
	count := func(j int) {
		words += int(f.blocks[j].words)
		items++
		if t := f.blocks[j].text; endsSentence(t) || strings.HasSuffix(t, ";") || strings.HasSuffix(t, ",") {
			told++
		}
	}
	for j := k; j < b && f.blocks[j].list && f.listOf(f.blocks[j].node) == list; j++ {
		count(j)
	}
	f.lastList, f.lastBelongs = list, words >= minItemWords*items || told*2 > items
	return f.lastBelongs
}

// minItemWords: items of fewer words are fragments.
const minItemWords = 9

func (f *bodyFinder) listOf(i int32) int32 {
	for ; i >= 0; i = f.d.nodes[i].parent {
		if t := f.d.nodes[i].tag; t == atom.Ul || t == atom.Ol || t == atom.Dl {
			return i
		}
	}
	return -1
}

// ends drops what stands at the two ends of the text and is no sentence: rubrics and names before it, labels after it.
func (f *bodyFinder) ends(a, b int) {
	for k := b - 1; k >= a; k-- {
		if !f.out[k].keep {
			continue
		}
		bl := &f.blocks[k]
		if isHeading(bl.tag) || !bl.joined && bl.chars < 60 && bl.words <= 5 && !endsSentence(bl.text) && !(f.deckApart && bl.tag != atom.P) || strings.HasSuffix(bl.text, ":") && bl.words <= 8 {
			f.out[k] = verdict{false, "label after the text"}
			continue
		}
		break
	}
	for k := a; k < b; k++ {
		if !f.out[k].keep {
			continue
		}
		bl := &f.blocks[k]
		if findDateline(bl.text, f.names) != nil {
			break
		}
		if bl.tag == atom.P && bl.chars < 40 && bl.words <= 3 && !endsSentence(bl.text) && k+1 < b && !f.blocks[k+1].joined {
			f.out[k] = verdict{false, "label before the text"}
			continue
		}
		break
	}
}

// bios drops the lines after the text that tell who its authors are.
func (f *bodyFinder) bios(a, b int) {
	if len(f.people) == 0 {
		return
	}
	kept := 0
	for k := b - 1; k >= a && kept < 4; k-- {
		if !f.out[k].keep {
			continue
		}
		kept++
		head := comparable(runePrefix(f.blocks[k].text, 70))
		for _, p := range f.people {
			if strings.Contains(head, p) {
				f.out[k] = verdict{false, "about the author"}
				kept--
				break
			}
		}
	}
}

// inChosen says whether a node is in the elements that the site file chose; without any, all are.
func (f *bodyFinder) inChosen(i int32) bool {
	if len(f.chosen) == 0 {
		return true
	}
	for _, c := range f.chosen {
		if i >= c && i < f.d.nodes[c].end {
			return true
		}
	}
	return false
}
