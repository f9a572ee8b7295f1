// Package page knows HTML, and nothing of news: it makes a page's bytes UTF-8, its markup a flat tree, and that the blocks
// that a reader sees as one piece each, and says what the names of elements (names.txt) tell of what stands in them.
//
// Invariants: nothing here fails, whatever the bytes are; what is made is bounded, and costs time and memory linear in the
// page's size, however it is nested. Visit shows the tree that Parse makes, and keeps none of it. A Tree belongs to one goroutine:
// it remembers the traits that were asked for.
//
// Failure modes: what is beyond a bound is not read, and Tree.Truncated says so; an encoding that was guessed is told as such.
package page

import (
	"io"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The page's tree is one slice of nodes in document order: a node's subtree is nodes[i+1:nodes[i].end], so walking
// it takes no recursion, and a page of any depth costs the same stack. It is built from x/net/html's tokenizer and
// not by its parser: that one refuses pages nested deeper than 512 elements, and re-opens formatting elements in
// every block that follows an unclosed one, which lets a small page grow a thousandfold.

const (
	// MaxNodes bounds the tree; what follows on a larger page is not read. No article page seen has 50,000.
	MaxNodes = 1_000_000
	// maxDepth bounds the stack of open elements; deeper elements stand beside one another at that depth.
	// Pages seen stay below 80. It also bounds what looking for an open element costs per tag.
	maxDepth = 256
	// maxToken bounds one token (a script, a text run): more than any page may weigh.
	maxToken = 32 << 20
)

// Kind tells nodes apart.
type Kind uint8

// The kinds of nodes. Comments and declarations are none.
const (
	KindElement Kind = iota // an element
	KindText                // a run of text
)

// Node is an element or a run of text. An element is Linked as the text in its place would be.
type Node struct {
	Parent int32
	End    int32 // first node after the subtree
	Tag    atom.Atom
	Kind   Kind
	Linked bool  // text: inside an <a> that leads somewhere
	Script bool  // text: inside an <a> that calls a script; it is Linked too
	A0, A1 int32 // element: its attributes in Tree.attrs
	T0, T1 int32 // text: its bytes in Tree.Text; script: its bytes in Tree.Source; other element: its name
}

// Tree is a parsed page.
type Tree struct {
	Source    []byte // UTF-8
	Nodes     []Node
	attrs     []attr
	buf       []byte
	Text      string // buf, when parsing is over
	Truncated bool   // more nodes than maxNodes
	Scripts   []int32
	HTML      int32
	headline  int32            // the first <h1>, -1 where there is none
	traits    []Trait          // of the elements that were asked for
	classes   map[string]Trait // of their classes
}

// Parent gives the element around a node, -1 for the outermost and for none.
func (d *Tree) Parent(i int32) int32 {
	if i < 0 {
		return -1
	}
	return d.Nodes[i].Parent
}

// Raw gives a script's text.
func (d *Tree) Raw(i int32) []byte {
	n := &d.Nodes[i]
	return d.Source[n.T0:n.T1]
}

// builder makes a document from tokens.
type builder struct {
	*Tree
	reading  Reading
	after    func() bool // called behind each token; false is enough. nil: nobody asks
	z        *html.Tokenizer
	source   *source
	raw      []byte // the token
	name     []byte // of the tag or attribute that is read, in lower case
	open     []int32
	over     int // open elements beyond maxDepth
	openP    int
	link     int32 // the open <a>, or -1
	leads    bool  // it leads somewhere
	calls    bool  // to a script
	foreign  int   // open svg and math elements
	head     bool  // in <head>
	sawBody  bool
	rawStart int32 // node whose raw text comes next, or -1
}

// Parse builds the tree of a page in UTF-8, to read an article from. It cannot fail: whatever is no markup is text.
func Parse(source []byte) *Tree {
	d := &Tree{Source: source, HTML: -1, headline: -1}
	// Measured on the dev pages: a node each 40 to 60 bytes, an attribute kept each 80, text and attribute
	// values together a third of the page.
	d.Nodes = make([]Node, 0, len(source)/56+64)
	d.attrs = make([]attr, 0, len(source)/96+64)
	d.buf = make([]byte, 0, len(source)/4+256)
	b := newBuilder(d, ForText)
	b.run()
	d.Text = string(d.buf)
	d.buf = nil
	d.traits = make([]Trait, len(d.Nodes))
	return d
}

func newBuilder(d *Tree, reading Reading) *builder {
	s := &source{page: d.Source}
	b := &builder{Tree: d, reading: reading, source: s, z: html.NewTokenizer(s), open: make([]int32, 0, maxDepth), link: -1, rawStart: -1}
	b.z.SetMaxBuf(maxToken)
	return b
}

func (b *builder) run() {
	pos := 0
	for len(b.Nodes) < MaxNodes {
		tt := b.z.Next()
		if tt == html.ErrorToken {
			if b.z.Err() != io.EOF {
				b.Truncated = true
			}
			break
		}
		b.raw = b.z.Raw()
		raw := len(b.raw)
		switch tt {
		case html.TextToken:
			b.addText(pos, raw)
		case html.StartTagToken, html.SelfClosingTagToken:
			b.startTag(tt == html.SelfClosingTagToken)
			raw += b.passRaw(pos + raw)
		case html.EndTagToken:
			b.endTag(tagOf(b.tagName()))
		}
		pos += raw
		if b.after != nil && !b.after() {
			return
		}
	}
	if len(b.Nodes) >= MaxNodes {
		b.Truncated = true
	}
	b.popTo(0)
	if b.after != nil {
		b.after()
	}
}

// passRaw passes over the raw text of the element that was opened, if any, and gives its length.
func (b *builder) passRaw(at int) int {
	if b.rawStart < 0 {
		return 0
	}
	n := &b.Nodes[b.rawStart]
	end := b.source.pass(at, n.Tag)
	if end > at {
		n.T0, n.T1 = int32(at), int32(end)
	}
	return end - at
}

// tagOf gives a tag's atom; an unknown name gets a number of its own outside the range of atoms.
func tagOf(name []byte) atom.Atom {
	if a := atom.Lookup(name); a != 0 {
		return a
	}
	h := uint32(2166136261)
	for _, c := range name {
		h = (h ^ uint32(c)) * 16777619
	}
	return atom.Atom(h | 1<<31)
}

func (b *builder) top() int32 {
	if len(b.open) == 0 {
		return -1
	}
	return b.open[len(b.open)-1]
}

func (b *builder) addText(pos, raw int) {
	if b.rawStart >= 0 {
		n := &b.Nodes[b.rawStart]
		switch n.Tag {
		case atom.Script, atom.Style, atom.Noscript, atom.Iframe, atom.Noembed, atom.Noframes, atom.Xmp:
			n.T0, n.T1 = int32(pos), int32(pos+raw)
			return
		}
	}
	t := b.z.Text()
	blank := isBlank(t)
	if blank && (b.head || !b.sawBody && len(b.open) < 2 || len(t) == 0) {
		return
	}
	b.implyHTML()
	if b.head && !b.inHeadText() {
		b.closeHead()
	}
	t0 := int32(len(b.buf))
	if blank {
		b.buf = append(b.buf, ' ')
	} else {
		b.buf = append(b.buf, t...)
	}
	i := int32(len(b.Nodes))
	b.Nodes = append(b.Nodes, Node{Parent: b.top(), End: i + 1, Kind: KindText, Linked: b.link >= 0 && b.leads, Script: b.link >= 0 && b.calls, T0: t0, T1: int32(len(b.buf))})
}

// inHeadText says whether text stands in an element of the head that holds text, as <title>.
func (b *builder) inHeadText() bool {
	t := b.top()
	return t >= 0 && b.Nodes[t].Tag == atom.Title
}

func isBlank(t []byte) bool {
	for _, c := range t {
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' && c != '\f' {
			return false
		}
	}
	return true
}

func (b *builder) closeHead() {
	b.head = false
	for k := len(b.open) - 1; k >= 0; k-- {
		if b.Nodes[b.open[k]].Tag == atom.Head {
			b.popTo(k)
			return
		}
	}
}

// popTo closes open elements until k are left.
func (b *builder) popTo(k int) {
	end := int32(len(b.Nodes))
	for len(b.open) > k {
		i := b.open[len(b.open)-1]
		b.open = b.open[:len(b.open)-1]
		n := &b.Nodes[i]
		n.End = end
		switch n.Tag {
		case atom.P:
			b.openP--
		case atom.Svg, atom.Math:
			b.foreign--
		case atom.A:
			if b.link == i {
				b.link = -1
			}
		}
	}
	b.rawStart = -1
}

// find gives the place of the innermost open element with the tag, looking no further than an element for which
// stop is true; -1 when there is none.
func (b *builder) find(tag atom.Atom, stop func(atom.Atom) bool) int {
	for k := len(b.open) - 1; k >= 0; k-- {
		t := b.Nodes[b.open[k]].Tag
		if t == tag {
			return k
		}
		if stop(t) {
			return -1
		}
	}
	return -1
}

// startTag opens an element.
func (b *builder) startTag(selfClosing bool) {
	name := b.tagName()
	tag := tagOf(name)
	if !b.admits(tag) {
		return
	}
	if b.foreign > 0 && breaksOut(tag) {
		b.leaveForeign()
	}
	if b.foreign > 0 {
		b.z.NextIsNotRawText() // <style/> in a drawing ends where it begins
	} else if !b.impliedEnds(tag) {
		return
	}
	i := b.put(tag, name)
	if voidTag(tag) || selfClosing && (b.foreign > 0 || tag == atom.Svg || tag == atom.Math) {
		return
	}
	if len(b.open) >= maxDepth {
		b.over++
		return
	}
	b.open = append(b.open, i)
	b.opened(i, tag)
}

// admits says whether a tag opens an element here, and opens and closes the page's frame as the standard does.
func (b *builder) admits(tag atom.Atom) bool {
	switch tag {
	case atom.Html:
		if b.HTML >= 0 {
			b.htmlAttrs()
			b.rawStart = -1
			return false
		}
	case atom.Head:
		if b.head || b.sawBody {
			return false
		}
	case atom.Body:
		if b.sawBody {
			return false
		}
		b.closeHead()
		b.sawBody = true
	}
	if tag != atom.Html {
		b.implyHTML()
	}
	if b.head && !headTag(tag) {
		b.closeHead()
	}
	return true
}

// leaveForeign closes the outermost open drawing or formula.
func (b *builder) leaveForeign() {
	for k := range b.open {
		if t := b.Nodes[b.open[k]].Tag; t == atom.Svg || t == atom.Math {
			b.popTo(k)
			return
		}
	}
}

// put adds an element's node.
func (b *builder) put(tag atom.Atom, name []byte) int32 {
	i := int32(len(b.Nodes))
	n := Node{Parent: b.top(), Tag: tag, End: i + 1, Linked: b.link >= 0 && b.leads, A0: int32(len(b.attrs))}
	if tag >= 1<<31 {
		n.T0 = int32(len(b.buf))
		b.buf = append(b.buf, name...)
		n.T1 = int32(len(b.buf))
	}
	n.A1 = b.addAttrs()
	b.Nodes = append(b.Nodes, n)
	b.rawStart = -1
	switch tag {
	case atom.Html:
		b.HTML = i
	case atom.H1:
		if b.headline < 0 {
			b.headline = i
		}
	case atom.Head:
		b.head = true
	case atom.Script:
		b.Scripts = append(b.Scripts, i)
	}
	return i
}

// opened notes what an element that was opened means for what follows.
func (b *builder) opened(i int32, tag atom.Atom) {
	switch tag {
	case atom.P:
		b.openP++
	case atom.Svg, atom.Math:
		b.foreign++
	case atom.A:
		if b.foreign == 0 {
			b.link = i
			b.leads, b.calls = b.leadsOff(i)
		}
	case atom.Script, atom.Style, atom.Noscript, atom.Iframe, atom.Noembed, atom.Noframes, atom.Xmp:
		if b.foreign == 0 {
			b.rawStart = i
		}
	}
}

// implyHTML opens the <html> that a page leaves out, so that every page has one root.
func (b *builder) implyHTML() {
	if b.HTML >= 0 {
		return
	}
	b.HTML = int32(len(b.Nodes))
	a := int32(len(b.attrs))
	b.Nodes = append(b.Nodes, Node{Parent: -1, Tag: atom.Html, End: b.HTML + 1, A0: a, A1: a})
	b.open = append(b.open, b.HTML)
}

// htmlAttrs gives the attributes of an <html> that comes late or twice to the root, where that has none.
func (b *builder) htmlAttrs() {
	n := &b.Nodes[b.HTML]
	if n.A0 < n.A1 {
		return
	}
	n.A0 = int32(len(b.attrs))
	n.A1 = b.addAttrs()
}

// impliedEnds closes what a start tag closes without saying so; false when the tag itself is to be left out.
func (b *builder) impliedEnds(tag atom.Atom) bool {
	switch tag {
	case atom.Li:
		b.closeItem(atom.Li, atom.Li)
	case atom.Dd, atom.Dt:
		b.closeItem(atom.Dd, atom.Dt)
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		b.closeP()
		if t := b.top(); t >= 0 && IsHeading(b.Nodes[t].Tag) {
			b.popTo(len(b.open) - 1)
		}
		return true
	case atom.A:
		if b.link >= 0 {
			b.endFormatting(atom.A)
		}
	case atom.Option, atom.Optgroup:
		if t := b.top(); t >= 0 && b.Nodes[t].Tag == atom.Option {
			b.popTo(len(b.open) - 1)
		}
	case atom.Button:
		if k := b.find(atom.Button, scopeEnd); k >= 0 {
			b.popTo(k)
		}
	case atom.Td, atom.Th:
		return b.tableContext(func(t atom.Atom) bool { return t == atom.Tr })
	case atom.Tr:
		return b.tableContext(func(t atom.Atom) bool { return t == atom.Tbody || t == atom.Thead || t == atom.Tfoot })
	case atom.Tbody, atom.Thead, atom.Tfoot, atom.Caption, atom.Colgroup:
		return b.tableContext(func(atom.Atom) bool { return false })
	}
	if closesP(tag) {
		b.closeP()
	}
	return true
}

// tableContext closes open elements down to the innermost one that may hold a row or cell, at least the table.
func (b *builder) tableContext(holds func(atom.Atom) bool) bool {
	for k := len(b.open) - 1; k >= 0; k-- {
		t := b.Nodes[b.open[k]].Tag
		if t == atom.Table || holds(t) {
			b.popTo(k + 1)
			return true
		}
		if t == atom.Template || t == atom.Body {
			break
		}
	}
	return false
}

func (b *builder) closeP() {
	if b.openP == 0 {
		return
	}
	if k := b.find(atom.P, buttonScopeEnd); k >= 0 {
		b.popTo(k)
	}
}

func (b *builder) closeItem(x, y atom.Atom) {
	for k := len(b.open) - 1; k >= 0; k-- {
		t := b.Nodes[b.open[k]].Tag
		if t == x || t == y {
			b.popTo(k)
			return
		}
		if t != atom.Address && t != atom.Div && t != atom.P && isSpecial(t) {
			return
		}
	}
}

func (b *builder) endTag(tag atom.Atom) {
	b.rawStart = -1
	if b.over > 0 && !voidTag(tag) {
		b.over--
		return
	}
	switch tag {
	case atom.Html, atom.Body:
		return
	case atom.Head:
		if b.head {
			b.closeHead()
		}
		return
	case atom.P:
		b.closeP()
		return
	case atom.Br:
		i := int32(len(b.Nodes))
		b.Nodes = append(b.Nodes, Node{Parent: b.top(), Tag: atom.Br, End: i + 1})
		return
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		b.endHeading()
		return
	case atom.Table, atom.Tbody, atom.Thead, atom.Tfoot, atom.Tr, atom.Td, atom.Th, atom.Caption:
		if k := b.find(tag, func(t atom.Atom) bool { return t == atom.Table || t == atom.Template }); k >= 0 {
			b.popTo(k)
		}
		return
	}
	switch {
	case isFormatting(tag):
		b.endFormatting(tag)
	case isSpecial(tag):
		if k := b.find(tag, scopeEnd); k >= 0 {
			b.popTo(k)
		}
	default:
		if k := b.find(tag, isSpecial); k >= 0 {
			b.popTo(k)
		}
	}
}

// endHeading closes the innermost open heading, whatever its level.
func (b *builder) endHeading() {
	for k := len(b.open) - 1; k >= 0; k-- {
		t := b.Nodes[b.open[k]].Tag
		if IsHeading(t) {
			b.popTo(k)
			return
		}
		if scopeEnd(t) {
			return
		}
	}
}

// endFormatting closes a formatting element. Where a block stands in between, the block stays open: a link ends
// there all the same, other formatting lasts until its own block ends.
func (b *builder) endFormatting(tag atom.Atom) {
	if tag == atom.A {
		b.link = -1
	}
	if k := b.find(tag, isSpecial); k >= 0 {
		b.popTo(k)
	}
}
