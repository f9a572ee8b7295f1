package page

import (
	"slices"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// Block is a run of text that a reader sees as one piece: a paragraph, a heading, an item, a line between <br>.
type Block struct {
	Text      string
	Node      int32     // the block-level element it stands in
	Tag       atom.Atom // that element's tag, or the nearest one above that says more than div
	Joined    bool      // a single <br> parts it from the block before
	Hidden    bool      // inside an element that the page hides
	List      bool      // inside <li>
	Table     bool      // inside <table>
	Quote     bool      // inside <blockquote>
	Chars     int32
	Words     int32 // as thresholds count them: two characters of a script without spaces are one
	Counted   int32 // as UAX #29 counts them: there every character is one
	LinkWords int32
	boldWords int32
	scripted  int32 // those of LinkWords that call a script
	Stops     int32 // sentence punctuation
	T0, T1    int32 // text's place in the page's collected text
	Raw       int32 // first text node
}

// LinkShare is the share of a block's words that are links.
func (b *Block) LinkShare() float64 {
	if b.Words == 0 {
		return 0
	}
	return float64(b.LinkWords) / float64(b.Words)
}

// frame is an element that the walk is inside of.
type frame struct {
	end     int32
	isBlock bool
	bold    bool
	hidden  bool
	list    bool
	table   bool
	quote   bool
	breaks  breaks
	node    int32
	tag     atom.Atom // tag of blocks in it
}

const (
	// maxHeads bounds the <h1> and <title> elements looked at: pages seen have up to a dozen.
	maxHeads = 40
	// maxListed bounds the meta, link, time and img elements looked at: a hundred meta elements are met.
	maxListed = 1000
)

// Parts are what a page is made of, each in the page's order.
type Parts struct {
	Blocks []Block
	Heads  []int32 // <h1>
	Titles []int32 // <title>
	Metas  []int32
	Links  []int32
	Times  []int32
	Stamps []int32 // other elements with a time for machines in an attribute
	Images []int32
}

// segmenter cuts a page into blocks in one walk.
type segmenter struct {
	Parts
	d      *Tree
	skip   func(text string) bool
	buf    []byte
	cur    Block
	open   bool // cur has text
	space  bool // white space is due before the next text
	brs    int
	lines  int // line breaks of the source since the last text, where they count
	line   int // where the line of the source began, in buf
	stack  []frame
	inWord bool
}

// Split cuts a page into its parts. What stands in an element inside a link is left out where skip says so: notes for
// those who cannot see the link's sign.
func Split(d *Tree, skip func(text string) bool) *Parts {
	s := &segmenter{d: d, skip: skip}
	s.Blocks = make([]Block, 0, len(d.Nodes)/12+16)
	s.buf = make([]byte, 0, len(d.Text)/2+64)
	s.stack = make([]frame, 1, 64)
	s.stack[0] = frame{end: int32(len(d.Nodes)), isBlock: true, node: -1}
	s.walk()
	text := string(s.buf)
	for i := range s.Blocks {
		b := &s.Blocks[i]
		b.Text = text[b.T0:b.T1]
	}
	return &s.Parts
}

func (s *segmenter) walk() {
	n := int32(len(s.d.Nodes))
	for i := int32(0); i < n; {
		for len(s.stack) > 1 && s.stack[len(s.stack)-1].end <= i {
			if s.stack[len(s.stack)-1].isBlock {
				s.flush(false)
			}
			s.stack = s.stack[:len(s.stack)-1]
		}
		nd := &s.d.Nodes[i]
		if nd.Kind == KindText {
			s.text(i, nd)
			i++
			continue
		}
		i = s.element(i, nd)
	}
	s.flush(false)
}

// element enters an element and gives the node to go on with.
func (s *segmenter) element(i int32, nd *Node) int32 {
	s.list(i, nd)
	if nd.Tag == atom.Img && nd.A0 < nd.A1 {
		s.initial(i, nd)
	}
	if s.passesOver(i, nd) || IsInline(nd.Tag) && s.isNote(i, nd) {
		return nd.End
	}
	switch nd.Tag {
	case atom.Br:
		s.br()
		return nd.End
	case atom.Hr:
		s.flush(false)
		return nd.End
	}
	top := &s.stack[len(s.stack)-1]
	f := frame{end: nd.End, node: i, tag: top.tag, bold: top.bold, hidden: top.hidden || s.d.Hides(i), list: top.list, table: top.table, quote: top.quote, breaks: top.breaks}
	if b := s.breaksOf(i, nd); b != breaksInherited {
		f.breaks = b
	}
	f.bold = f.bold || nd.Tag == atom.B || nd.Tag == atom.Strong
	f.isBlock = !IsInline(nd.Tag)
	if nd.Tag == atom.Button && s.inSentence(nd) {
		f.isBlock = false
		s.space = s.space || s.open && IsLetterASCII(s.buf[len(s.buf)-1]) // its own edge parts it
	}
	if f.isBlock && nd.Tag >= 1<<31 && s.open && top.tag == atom.P {
		f.isBlock = false // a custom element in the middle of a sentence
	}
	if f.isBlock {
		s.flush(false)
		f.block(nd.Tag)
		if nd.A0 < nd.A1 && nd.Tag == atom.Div && s.d.Attr(i, AttrRole) == "button" && s.asks(i, nd) {
			f.tag = atom.H4
		}
	} else {
		f.node = top.node
	}
	s.stack = append(s.stack, f)
	return i + 1
}

// list notes the elements that are looked for by their kind.
func (s *segmenter) list(i int32, nd *Node) {
	listed := func(list *[]int32, most int) {
		if len(*list) < most {
			*list = append(*list, i)
		}
	}
	switch {
	case nd.Tag == atom.Meta:
		listed(&s.Metas, maxListed)
	case nd.Tag == atom.Link:
		listed(&s.Links, maxListed)
	case nd.Tag == atom.Title:
		listed(&s.Titles, maxHeads)
	case nd.Tag == atom.H1:
		listed(&s.Heads, maxHeads)
	case nd.Tag == atom.Time:
		listed(&s.Times, maxListed)
	case nd.Tag == atom.Img, nd.Tag >= 1<<31 && s.d.Text[nd.T0:nd.T1] == "amp-img":
		listed(&s.Images, maxListed)
	case nd.A1 > nd.A0 && s.d.stamped(i):
		listed(&s.Stamps, maxListed)
	}
}

// passesOver says whether what an element holds is not read by those who read the page.
func (s *segmenter) passesOver(i int32, nd *Node) bool {
	switch nd.Tag {
	case atom.Meta, atom.Link, atom.Title, atom.Img, atom.Wbr,
		atom.Script, atom.Style, atom.Noscript, atom.Svg, atom.Math, atom.Iframe, atom.Object, atom.Select, atom.Textarea,
		atom.Input, atom.Canvas, atom.Audio, atom.Video, atom.Map, atom.Noembed, atom.Noframes, atom.Xmp,
		atom.Datalist, atom.Progress, atom.Meter, atom.Area, atom.Embed, atom.Rp, atom.Rt:
		return true
	case atom.Button:
		if s.inSentence(nd) || s.asks(i, nd) {
			return false
		}
		// Unless it is all of a heading, which unfolds what is under it.
		return s.open || !IsHeading(s.stack[len(s.stack)-1].tag) || nd.Parent < 0 || s.d.Nodes[nd.Parent].End != nd.End
	case atom.Template:
		return !s.d.Has(i, attrShadow)
	case atom.Sup, atom.A:
		return s.open && !s.counts(nd.Tag) && s.refers(i, nd)
	case atom.Span, atom.Small, atom.I, atom.Em:
		c := s.d.Attr(i, AttrClass)
		return c != "" && unseenClass(c) || s.notes(i, nd) || s.explains(i, nd) || s.signs(i, nd)
	}
	if nd.Tag < 1<<31 {
		return false
	}
	name := s.d.Text[nd.T0:nd.T1]
	return slices.Contains(vocabulary().loaded, name) || unseenClass(name) // what stands in a picture is shown until it comes
}

// block makes a frame that of an element that is no part of a line.
func (f *frame) block(tag atom.Atom) {
	switch tag {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Li, atom.Figcaption, atom.Td, atom.Th, atom.Dt,
		atom.Dd, atom.Pre, atom.Caption, atom.Address, atom.Legend:
		f.tag = tag
	case atom.Summary, atom.Button:
		if !IsHeading(f.tag) {
			f.tag = atom.H4 // it heads what it unfolds
		}
	case atom.Div, atom.Section, atom.Article:
		if f.tag != atom.Figcaption {
			f.tag = atom.Div
		}
	}
	f.list = f.list || tag == atom.Li
	f.table = f.table || tag == atom.Table
	f.quote = f.quote || tag == atom.Blockquote
}

// br ends a line; a second one in a row ends the paragraph. In a heading it is a space.
func (s *segmenter) br() {
	if top := &s.stack[len(s.stack)-1]; IsHeading(top.tag) {
		s.space = s.open
		return
	}
	s.brs++
	s.flush(s.brs == 1)
}

// mostScripted is the share of a block's words up to which links that call scripts explain its words, as dictionaries and
// glossaries do, and lead nowhere. The items of menus are such links as a whole.
const mostScripted = 0.9

// scriptedText is how many words in links to scripts are a text that is wrapped in one, and no item of a menu.
const scriptedText = 15

// flush ends the current block. joined says that only a line ends, not a paragraph.
func (s *segmenter) flush(joined bool) {
	if !joined && !s.open {
		s.cur.Joined = false
	}
	if !s.open {
		return
	}
	s.cur.T1 = int32(len(s.buf))
	if s.cur.scripted > 0 && (s.cur.scripted >= scriptedText || float64(s.cur.scripted) < mostScripted*float64(s.cur.Words)) {
		s.cur.LinkWords -= s.cur.scripted
	}
	s.Blocks = append(s.Blocks, s.cur)
	s.cur = Block{Joined: joined}
	s.open, s.space, s.inWord = false, false, false
	if !joined {
		s.brs = 0
	}
}

// text adds a text node to the current block: white space evened out, invisible characters that only steer line
// breaking dropped, NBSP as a space. Joiners and direction marks are the page's own spelling and stay.
func (s *segmenter) text(i int32, nd *Node) {
	v := s.d.Text[nd.T0:nd.T1]
	top := &s.stack[len(s.stack)-1]
	for k := 0; k < len(v); {
		if n := wordRun(v[k:]); n > 0 {
			s.begin(i, top)
			s.buf = append(s.buf, v[k:k+n]...)
			s.cur.Chars += int32(n)
			s.inside(nd, top)
			k += n
			continue
		}
		if c := v[k]; c < utf8.RuneSelf {
			k++
			s.ascii(i, top, c)
			continue
		}
		r, n := utf8.DecodeRuneInString(v[k:])
		k += n
		switch {
		case isSpace(r):
			s.space, s.inWord = s.open, false
		case isUnwritten(r), (r == 0x200E || r == 0x200F || r == 0x200C || r == 0x200D) && !s.open:
		default:
			s.begin(i, top)
			s.buf = append(s.buf, v[k-n:k]...)
			s.letter(nd, top, r)
		}
	}
}

// wordRun counts the letters and digits of ASCII that a text begins with.
func wordRun(v string) int {
	n := 0
	for n < len(v) && (IsLetterASCII(v[n]) || v[n] >= '0' && v[n] <= '9') {
		n++
	}
	return n
}

// ascii adds one character of ASCII that is neither letter nor digit.
func (s *segmenter) ascii(i int32, top *frame, c byte) {
	switch {
	case c == '\n' && top.breaks != breaksInherited && top.breaks != breaksNone:
		s.newline(top)
		return
	case c == ' ' || c >= '\t' && c <= '\r':
		s.space, s.inWord = s.open, false
		return
	case c < ' ' || c == 0x7f:
		return // steers what shows the text
	}
	s.begin(i, top)
	s.buf = append(s.buf, c)
	s.cur.Chars++
	switch c {
	case '\'':
		return
	case '.', '!', '?', ',', ':', ';':
		s.cur.Stops++
	}
	s.inWord = false
}

// letter counts one character beyond ASCII.
func (s *segmenter) letter(nd *Node, top *frame, r rune) {
	s.cur.Chars++
	switch {
	case Unspaced(r):
		s.inWord = false
		if s.cur.Counted%2 == 0 {
			s.word(nd, top.bold)
		} else {
			s.cur.Counted++
		}
	case isWordRune(r):
		s.inside(nd, top)
	case joinsWord(r):
	default:
		s.inWord = false
		switch r {
		case 0x60C, 0x61B, 0x61F, 0x6D4, '。', '、', '！', '？', '，', '।', '…':
			s.cur.Stops++
		}
	}
}

// inside counts a word where one begins.
func (s *segmenter) inside(nd *Node, top *frame) {
	if !s.inWord {
		s.inWord = true
		s.word(nd, top.bold)
	}
}

// isSpace says whether a character beyond ASCII is white space.
func isSpace(r rune) bool {
	return r == 0xA0 || r == 0x202F || r == 0x3000 || r >= 0x2000 && r <= 0x200A || r == 0x2028 || r == 0x2029 || r == 0x85
}

// isUnwritten says whether a character only steers line breaking, or whatever shows the text.
func isUnwritten(r rune) bool {
	return r == 0xAD || r == 0x200B || r == 0xFEFF || r == 0x2060 || Steers(r)
}

// joinsWord says whether a character beyond ASCII may stand inside a word: an apostrophe, joiners and marks of direction.
func joinsWord(r rune) bool {
	return r == 0x2019 || r == 0x200C || r == 0x200D || r == 0x200E || r == 0x200F
}

func (s *segmenter) begin(i int32, top *frame) {
	s.lines = 0
	if s.open {
		if s.space {
			s.buf = append(s.buf, ' ')
			s.space = false
		}
		return
	}
	s.open, s.space, s.brs = true, false, 0
	s.cur.T0, s.line = int32(len(s.buf)), len(s.buf)
	s.cur.Raw = i
	s.cur.Node, s.cur.Tag = top.node, top.tag
	s.cur.Hidden, s.cur.List, s.cur.Table, s.cur.Quote = top.hidden, top.list, top.table, top.quote
}

func (s *segmenter) word(nd *Node, bold bool) {
	s.cur.Words++
	s.cur.Counted++
	if nd.Linked {
		s.cur.LinkWords++
	}
	if nd.Script {
		s.cur.scripted++
	}
	if bold {
		s.cur.boldWords++
	}
}
