package extract

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// block is a run of text that a reader sees as one piece: a paragraph, a heading, an item, a line between <br>.
type block struct {
	text      string
	node      int32     // the block-level element it stands in
	tag       atom.Atom // that element's tag, or the nearest one above that says more than div
	joined    bool      // a single <br> parts it from the block before
	hidden    bool      // inside an element that the page hides
	list      bool      // inside <li>
	table     bool      // inside <table>
	quote     bool      // inside <blockquote>
	dated     bool      // holds a <time>
	chars     int32
	words     int32 // as thresholds count them: two characters of a script without spaces are one
	counted   int32 // as UAX #29 counts them: there every character is one
	linkWords int32
	boldWords int32
	stops     int32 // sentence punctuation
	t0, t1    int32 // text's place in the page's collected text
	raw       int32 // first text node
}

// linkShare is the share of a block's words that are links.
func (b *block) linkShare() float64 {
	if b.words == 0 {
		return 0
	}
	return float64(b.linkWords) / float64(b.words)
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
	node    int32
	tag     atom.Atom // tag of blocks in it
}

const (
	// maxHeads bounds the <h1> and <title> elements looked at: pages seen have up to a dozen.
	maxHeads = 40
	// maxListed bounds the meta, link, time and img elements looked at: a hundred meta elements are met.
	maxListed = 1000
)

// parts are what a page is made of, each in the page's order.
type parts struct {
	blocks []block
	heads  []int32 // <h1>
	titles []int32 // <title>
	metas  []int32
	links  []int32
	times  []int32
	images []int32
}

// segmenter cuts a page into blocks in one walk.
type segmenter struct {
	parts
	d      *document
	skip   func(text string) bool
	buf    []byte
	cur    block
	open   bool // cur has text
	space  bool // white space is due before the next text
	brs    int
	stack  []frame
	inWord bool
}

// segment cuts a page into its parts. What stands in an element inside a link is left out where skip says so: notes for
// those who cannot see the link's sign.
func segment(d *document, skip func(text string) bool) *parts {
	s := &segmenter{d: d, skip: skip}
	s.blocks = make([]block, 0, len(d.nodes)/12+16)
	s.buf = make([]byte, 0, len(d.text)/2+64)
	s.stack = make([]frame, 1, 64)
	s.stack[0] = frame{end: int32(len(d.nodes)), isBlock: true, node: -1}
	s.walk()
	text := string(s.buf)
	for i := range s.blocks {
		b := &s.blocks[i]
		b.text = text[b.t0:b.t1]
	}
	return &s.parts
}

func (s *segmenter) walk() {
	n := int32(len(s.d.nodes))
	for i := int32(0); i < n; {
		for len(s.stack) > 1 && s.stack[len(s.stack)-1].end <= i {
			if s.stack[len(s.stack)-1].isBlock {
				s.flush(false)
			}
			s.stack = s.stack[:len(s.stack)-1]
		}
		nd := &s.d.nodes[i]
		if nd.kind == kindText {
			s.text(i, nd)
			i++
			continue
		}
		i = s.element(i, nd)
	}
	s.flush(false)
}

// element enters an element and gives the node to go on with.
func (s *segmenter) element(i int32, nd *node) int32 {
	switch nd.tag {
	case atom.Meta:
		if len(s.metas) < maxListed {
			s.metas = append(s.metas, i)
		}
		return nd.end
	case atom.Link:
		if len(s.links) < maxListed {
			s.links = append(s.links, i)
		}
		return nd.end
	case atom.Title:
		if len(s.titles) < maxHeads {
			s.titles = append(s.titles, i)
		}
		return nd.end
	case atom.Script, atom.Style, atom.Noscript, atom.Svg, atom.Math, atom.Iframe, atom.Object, atom.Select, atom.Textarea,
		atom.Input, atom.Canvas, atom.Audio, atom.Video, atom.Map, atom.Noembed, atom.Noframes, atom.Xmp, atom.Button,
		atom.Datalist, atom.Progress, atom.Meter, atom.Area, atom.Embed, atom.Rp, atom.Rt:
		return nd.end
	case atom.Template:
		if !s.d.has(i, attrShadow) {
			return nd.end
		}
	case atom.Br:
		s.br()
		return nd.end
	case atom.Hr:
		s.flush(false)
		return nd.end
	case atom.Wbr:
		return nd.end
	case atom.Img:
		if len(s.images) < maxListed {
			s.images = append(s.images, i)
		}
		return nd.end
	}
	if nd.tag >= 1<<31 {
		switch name := s.d.text[nd.t0:nd.t1]; {
		case name == "amp-img":
			if len(s.images) < maxListed {
				s.images = append(s.images, i)
			}
			return nd.end // what stands in it is shown until the picture comes
		case ampApart(name):
			return nd.end
		}
	}
	top := &s.stack[len(s.stack)-1]
	f := frame{end: nd.end, node: i, tag: top.tag, bold: top.bold, hidden: top.hidden, list: top.list, table: top.table, quote: top.quote}
	if !f.hidden {
		f.hidden = s.hides(i, nd)
	}
	switch nd.tag {
	case atom.B, atom.Strong:
		f.bold = true
	case atom.Time:
		if len(s.times) < maxListed {
			s.times = append(s.times, i)
		}
		s.cur.dated = true
	case atom.H1:
		if len(s.heads) < maxHeads {
			s.heads = append(s.heads, i)
		}
	case atom.Span, atom.Small, atom.I, atom.Em:
		if c := s.d.attr(i, attrClass); c != "" && unseenClass(c) || s.notes(i, nd) {
			return nd.end
		}
	}
	f.isBlock = !isInline(nd.tag)
	if f.isBlock && nd.tag >= 1<<31 && s.open && top.tag == atom.P {
		f.isBlock = false // a custom element in the middle of a sentence
	}
	if f.isBlock {
		s.flush(false)
		switch nd.tag {
		case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Li, atom.Figcaption, atom.Td, atom.Th, atom.Dt,
			atom.Dd, atom.Pre, atom.Caption, atom.Address, atom.Summary, atom.Legend:
			f.tag = nd.tag
		case atom.Div, atom.Section, atom.Article:
			if f.tag != atom.Figcaption {
				f.tag = atom.Div
			}
		}
		switch nd.tag {
		case atom.Li:
			f.list = true
		case atom.Table:
			f.table = true
		case atom.Blockquote:
			f.quote = true
		}
	} else {
		f.node = top.node
	}
	s.stack = append(s.stack, f)
	return i + 1
}

// hides says whether the element itself hides its content from readers.
func (s *segmenter) hides(i int32, nd *node) bool {
	for _, a := range s.d.attrs[nd.a0:nd.a1] {
		switch a.key {
		case attrHidden:
			return s.d.text[a.v0:a.v1] != "false"
		case attrStyle:
			if hiddenStyle(s.d.text[a.v0:a.v1]) {
				return true
			}
		}
	}
	return false
}

// unseenClass knows the class names by which frameworks hide text from all but screen readers.
func unseenClass(c string) bool {
	return slices.ContainsFunc(vocabulary().unseen, func(n string) bool { return strings.Contains(c, n) })
}

// maxNote bounds a note inside a link, in bytes.
const maxNote = 60

// notes says whether an element inside a link holds nothing but a note that is left out.
func (s *segmenter) notes(i int32, nd *node) bool {
	if nd.end != i+2 || s.skip == nil {
		return false
	}
	t := &s.d.nodes[i+1]
	return t.kind == kindText && t.linked && t.t1-t.t0 <= maxNote && s.skip(strings.Trim(s.d.text[t.t0:t.t1], " ()[]\n\t.,"))
}

// hiddenStyle finds display:none and visibility:hidden in an inline style.
func hiddenStyle(v string) bool {
	return hasDeclaration(v, "display", "none") || hasDeclaration(v, "visibility", "hidden")
}

func hasDeclaration(v, name, value string) bool {
	for i := 0; i+len(name) < len(v); i++ {
		if v[i]|0x20 != name[0] || !equalFoldASCII(v[i:i+len(name)], name) || i > 0 && (isLetterASCII(v[i-1]) || v[i-1] == '-') {
			continue
		}
		rest := v[i+len(name):]
		for len(rest) > 0 && rest[0] == ' ' {
			rest = rest[1:]
		}
		if len(rest) == 0 || rest[0] != ':' {
			continue
		}
		rest = rest[1:]
		for len(rest) > 0 && rest[0] == ' ' {
			rest = rest[1:]
		}
		if len(rest) >= len(value) && equalFoldASCII(rest[:len(value)], value) {
			return true
		}
	}
	return false
}

// br ends a line; a second one in a row ends the paragraph. In a heading it is a space.
func (s *segmenter) br() {
	if top := &s.stack[len(s.stack)-1]; isHeading(top.tag) {
		s.space = s.open
		return
	}
	s.brs++
	s.flush(s.brs == 1)
}

// flush ends the current block. joined says that only a line ends, not a paragraph.
func (s *segmenter) flush(joined bool) {
	if !joined && !s.open {
		s.cur.joined = false
	}
	if !s.open {
		if !joined {
			s.cur.dated = false
		}
		return
	}
	s.cur.t1 = int32(len(s.buf))
	s.blocks = append(s.blocks, s.cur)
	s.cur = block{joined: joined}
	s.open, s.space, s.inWord = false, false, false
	if !joined {
		s.brs = 0
	}
}

// text adds a text node to the current block: white space evened out, invisible characters that only steer line
// breaking dropped, NBSP as a space. Joiners and direction marks are the page's own spelling and stay.
func (s *segmenter) text(i int32, nd *node) {
	v := s.d.text[nd.t0:nd.t1]
	top := &s.stack[len(s.stack)-1]
	bold := top.bold
	for k := 0; k < len(v); {
		c := v[k]
		if c < utf8.RuneSelf {
			if steers(rune(c)) {
				k++
				continue
			}
			if c <= ' ' {
				s.space, s.inWord = s.open, false
				k++
				continue
			}
			s.begin(i, top)
			s.buf = append(s.buf, c)
			s.cur.chars++
			switch {
			case isLetterASCII(c) || c >= '0' && c <= '9':
				if !s.inWord {
					s.inWord = true
					s.word(nd.linked, bold)
				}
			case c == '\'':
			default:
				s.inWord = false
				if c == '.' || c == '!' || c == '?' || c == ',' || c == ':' || c == ';' {
					s.cur.stops++
				}
			}
			k++
			continue
		}
		r, n := utf8.DecodeRuneInString(v[k:])
		k += n
		switch {
		case r == 0xA0 || r == 0x202F || r == 0x3000 || r >= 0x2000 && r <= 0x200A || r == 0x2028 || r == 0x2029 || r == 0x85:
			s.space, s.inWord = s.open, false
			continue
		case r == 0xAD || r == 0x200B || r == 0xFEFF || r == 0x2060 || steers(r):
			continue
		case (r == 0x200E || r == 0x200F || r == 0x200C || r == 0x200D) && !s.open:
			continue
		}
		s.begin(i, top)
		s.buf = append(s.buf, v[k-n:k]...)
		s.cur.chars++
		switch {
		case isSpaceless(r):
			s.inWord = false
			if s.cur.counted%2 == 0 {
				s.word(nd.linked, bold)
			} else {
				s.cur.counted++
			}
		case r < 0x2000 && r >= 0xC0 && r != 0xD7 && r != 0xF7 && r != 0x60C && r != 0x61B && r != 0x61F && r != 0x6D4, unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
			if !s.inWord {
				s.inWord = true
				s.word(nd.linked, bold)
			}
		case r == 0x2019 || r == 0x200C || r == 0x200D || r == 0x200E || r == 0x200F:
		default:
			s.inWord = false
			switch r {
			case 0x60C, 0x61B, 0x61F, 0x6D4, '。', '、', '！', '？', '，', '।', '…':
				s.cur.stops++
			}
		}
	}
}

func (s *segmenter) begin(i int32, top *frame) {
	if s.open {
		if s.space {
			s.buf = append(s.buf, ' ')
			s.space = false
		}
		return
	}
	s.open, s.space, s.brs = true, false, 0
	s.cur.t0 = int32(len(s.buf))
	s.cur.raw = i
	s.cur.node, s.cur.tag = top.node, top.tag
	s.cur.hidden, s.cur.list, s.cur.table, s.cur.quote = top.hidden, top.list, top.table, top.quote
}

func (s *segmenter) word(linked, bold bool) {
	s.cur.words++
	s.cur.counted++
	if linked {
		s.cur.linkWords++
	}
	if bold {
		s.cur.boldWords++
	}
}
