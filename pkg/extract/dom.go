package extract

import (
	"bytes"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// The page's tree is one slice of nodes in document order: a node's subtree is nodes[i+1:nodes[i].end], so walking
// it takes no recursion, and a page of any depth costs the same stack. It is built from x/net/html's tokenizer and
// not by its parser: that one refuses pages nested deeper than 512 elements, and re-opens formatting elements in
// every block that follows an unclosed one, which lets a small page grow a thousandfold.

const (
	// maxNodes bounds the tree; what follows on a larger page is not read. No article page seen has 50,000.
	maxNodes = 1_000_000
	// maxDepth bounds the stack of open elements; deeper elements stand beside one another at that depth.
	// Pages seen stay below 80. It also bounds what looking for an open element costs per tag.
	maxDepth = 256
	// maxToken bounds one token (a script, a text run): more than any page may weigh.
	maxToken = 32 << 20
)

type kind uint8

const (
	kindElement kind = iota
	kindText
)

// node is an element or a run of text.
type node struct {
	parent int32
	end    int32 // first node after the subtree
	tag    atom.Atom
	kind   kind
	linked bool  // text: inside an <a>
	a0, a1 int32 // element: its attributes in document.attrs
	t0, t1 int32 // text: its bytes in document.text; script: its bytes in document.source; other element: its name
}

// document is a parsed page.
type document struct {
	source    []byte // UTF-8
	nodes     []node
	attrs     []attr
	buf       []byte
	text      string // buf, when parsing is over
	truncated bool   // more nodes than maxNodes
	scripts   []int32
	html      int32
	traits    []trait // of the elements that were asked for
}

// parent gives the element around a node, -1 for the outermost and for none.
func (d *document) parent(i int32) int32 {
	if i < 0 {
		return -1
	}
	return d.nodes[i].parent
}

// raw gives a script's text.
func (d *document) raw(i int32) []byte {
	n := &d.nodes[i]
	return d.source[n.t0:n.t1]
}

// builder makes a document from tokens.
type builder struct {
	*document
	z        *html.Tokenizer
	open     []int32
	over     int // open elements beyond maxDepth
	openP    int
	link     int32 // the open <a>, or -1
	foreign  int   // open svg and math elements
	head     bool  // in <head>
	sawBody  bool
	rawStart int32 // node whose raw text comes next, or -1
}

// parse builds the tree of a page in UTF-8. It cannot fail: whatever is no markup is text.
func parse(source []byte) *document {
	d := &document{source: source, html: -1}
	// Measured on the dev pages: a node each 40 to 60 bytes, an attribute kept each 80, text and attribute
	// values together a third of the page.
	d.nodes = make([]node, 0, len(source)/56+64)
	d.attrs = make([]attr, 0, len(source)/96+64)
	d.buf = make([]byte, 0, len(source)/4+256)
	b := &builder{document: d, z: html.NewTokenizer(bytes.NewReader(source)), link: -1, rawStart: -1}
	b.z.SetMaxBuf(maxToken)
	b.open = make([]int32, 0, maxDepth)
	b.run()
	d.text = string(d.buf)
	d.buf = nil
	d.traits = make([]trait, len(d.nodes))
	return d
}

func (b *builder) run() {
	pos := 0
	for len(b.nodes) < maxNodes {
		tt := b.z.Next()
		if tt == html.ErrorToken {
			if b.z.Err() != io.EOF {
				b.truncated = true
			}
			break
		}
		raw := len(b.z.Raw())
		switch tt {
		case html.TextToken:
			b.addText(pos, raw)
		case html.StartTagToken, html.SelfClosingTagToken:
			b.startTag(tt == html.SelfClosingTagToken)
		case html.EndTagToken:
			name, _ := b.z.TagName()
			b.endTag(tagOf(name))
		}
		pos += raw
	}
	if len(b.nodes) >= maxNodes {
		b.truncated = true
	}
	b.popTo(0)
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
		n := &b.nodes[b.rawStart]
		switch n.tag {
		case atom.Script, atom.Style, atom.Noscript, atom.Iframe, atom.Noembed, atom.Noframes, atom.Xmp:
			n.t0, n.t1 = int32(pos), int32(pos+raw)
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
	i := int32(len(b.nodes))
	b.nodes = append(b.nodes, node{parent: b.top(), end: i + 1, kind: kindText, linked: b.link >= 0, t0: t0, t1: int32(len(b.buf))})
}

// inHeadText says whether text stands in an element of the head that holds text, as <title>.
func (b *builder) inHeadText() bool {
	t := b.top()
	return t >= 0 && b.nodes[t].tag == atom.Title
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
		if b.nodes[b.open[k]].tag == atom.Head {
			b.popTo(k)
			return
		}
	}
}

// popTo closes open elements until k are left.
func (b *builder) popTo(k int) {
	end := int32(len(b.nodes))
	for len(b.open) > k {
		i := b.open[len(b.open)-1]
		b.open = b.open[:len(b.open)-1]
		n := &b.nodes[i]
		n.end = end
		switch n.tag {
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
		t := b.nodes[b.open[k]].tag
		if t == tag {
			return k
		}
		if stop(t) {
			return -1
		}
	}
	return -1
}

func (b *builder) startTag(selfClosing bool) {
	name, hasAttr := b.z.TagName()
	tag := tagOf(name)
	switch tag {
	case atom.Html:
		if b.html >= 0 {
			b.htmlAttrs(hasAttr)
			b.rawStart = -1
			return
		}
	case atom.Head:
		if b.head || b.sawBody {
			return
		}
	case atom.Body:
		if b.sawBody {
			return
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
	if b.foreign > 0 && breaksOut(tag) {
		for k := range b.open {
			if t := b.nodes[b.open[k]].tag; t == atom.Svg || t == atom.Math {
				b.popTo(k)
				break
			}
		}
	}
	if b.foreign == 0 {
		if !b.impliedEnds(tag) {
			return
		}
	} else {
		b.z.NextIsNotRawText() // <style/> in a drawing ends where it begins
	}
	i := int32(len(b.nodes))
	n := node{parent: b.top(), tag: tag, end: i + 1, a0: int32(len(b.attrs))}
	if tag >= 1<<31 {
		n.t0 = int32(len(b.buf))
		b.buf = append(b.buf, name...)
		n.t1 = int32(len(b.buf))
	}
	n.a1 = b.addAttrs(hasAttr)
	b.nodes = append(b.nodes, n)
	b.rawStart = -1
	switch tag {
	case atom.Html:
		b.html = i
	case atom.Head:
		b.head = true
	case atom.Script:
		b.scripts = append(b.scripts, i)
	}
	if voidTag(tag) || selfClosing && b.foreign > 0 {
		return
	}
	if len(b.open) >= maxDepth {
		b.over++
		return
	}
	b.open = append(b.open, i)
	switch tag {
	case atom.P:
		b.openP++
	case atom.Svg, atom.Math:
		if selfClosing {
			b.open = b.open[:len(b.open)-1]
			return
		}
		b.foreign++
	case atom.A:
		if b.foreign == 0 {
			b.link = i
		}
	case atom.Script, atom.Style, atom.Noscript, atom.Iframe, atom.Noembed, atom.Noframes, atom.Xmp:
		if b.foreign == 0 {
			b.rawStart = i
		}
	}
}

// implyHTML opens the <html> that a page leaves out, so that every page has one root.
func (b *builder) implyHTML() {
	if b.html >= 0 {
		return
	}
	b.html = int32(len(b.nodes))
	a := int32(len(b.attrs))
	b.nodes = append(b.nodes, node{parent: -1, tag: atom.Html, end: b.html + 1, a0: a, a1: a})
	b.open = append(b.open, b.html)
}

// htmlAttrs gives the attributes of an <html> that comes late or twice to the root, where that has none.
func (b *builder) htmlAttrs(more bool) {
	n := &b.nodes[b.html]
	if n.a0 < n.a1 {
		return
	}
	n.a0 = int32(len(b.attrs))
	n.a1 = b.addAttrs(more)
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
		if t := b.top(); t >= 0 && isHeading(b.nodes[t].tag) {
			b.popTo(len(b.open) - 1)
		}
		return true
	case atom.A:
		if b.link >= 0 {
			b.endFormatting(atom.A)
		}
	case atom.Option, atom.Optgroup:
		if t := b.top(); t >= 0 && b.nodes[t].tag == atom.Option {
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
		t := b.nodes[b.open[k]].tag
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
		t := b.nodes[b.open[k]].tag
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
		i := int32(len(b.nodes))
		b.nodes = append(b.nodes, node{parent: b.top(), tag: atom.Br, end: i + 1})
		return
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		for k := len(b.open) - 1; k >= 0; k-- {
			t := b.nodes[b.open[k]].tag
			if isHeading(t) {
				b.popTo(k)
				return
			}
			if scopeEnd(t) {
				return
			}
		}
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

// marked lists the elements that a site file's body selector chose, outermost only.
func (d *document) marked() []int32 {
	var out []int32
	for i := int32(0); i < int32(len(d.nodes)); i++ {
		if d.nodes[i].kind == kindElement && d.nodes[i].a1 > d.nodes[i].a0 && d.has(i, attrMark) {
			out = append(out, i)
			i = d.nodes[i].end - 1
		}
	}
	return out
}

// common gives the innermost element around all of the nodes.
func (d *document) common(nodes []int32) int32 {
	at := nodes[0]
	last := nodes[len(nodes)-1]
	for d.nodes[at].end <= last {
		if d.nodes[at].parent < 0 {
			return at
		}
		at = d.nodes[at].parent
	}
	return at
}

// path names an element and up to depth-1 elements around it (0: all).
func (d *document) path(i int32, depth int) string {
	var parts []string
	for n := 0; i >= 0 && (depth == 0 || n < depth); n++ {
		nd := &d.nodes[i]
		name := nd.tag.String()
		if nd.tag >= 1<<31 {
			name = d.text[nd.t0:nd.t1]
		}
		if id := d.attr(i, attrID); id != "" {
			name += "#" + id
		}
		if c := d.attr(i, attrClass); c != "" {
			name += "." + strings.Join(strings.Fields(runePrefix(c, 60)), ".")
		}
		parts = append(parts, name)
		i = nd.parent
	}
	for a, b := 0, len(parts)-1; a < b; a, b = a+1, b-1 {
		parts[a], parts[b] = parts[b], parts[a]
	}
	return strings.Join(parts, " > ")
}

// textOf gives an element's text on one line.
func textOf(d *document, i int32) string {
	var sb strings.Builder
	for k := i + 1; k < d.nodes[i].end; k++ {
		n := &d.nodes[k]
		if n.kind == kindText {
			sb.WriteString(d.text[n.t0:n.t1])
			if sb.Len() > 4000 {
				break
			}
			continue
		}
		switch n.tag {
		case atom.Br:
			sb.WriteByte(' ')
		case atom.Script, atom.Style, atom.Svg, atom.Noscript:
			k = n.end - 1
		default:
			if !isInline(n.tag) {
				sb.WriteByte(' ')
			}
		}
	}
	return squeeze(sb.String())
}

func inForeign(d *document, i int32) bool {
	for ; i >= 0; i = d.nodes[i].parent {
		if t := d.nodes[i].tag; t == atom.Svg || t == atom.Math {
			return true
		}
	}
	return false
}
