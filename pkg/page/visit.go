package page

// Visitor is shown a page's nodes in the order in which they stand, each as it is met.
type Visitor interface {
	// Enter is called for an element, whose attributes can be asked for; false is enough of the page.
	Enter(d *Tree, i int32) bool
	// Leave is called where the element that was entered last, and not yet left, ends.
	Leave()
	// Text is called for a run of text, which is not to be kept.
	Text(n *Node, text []byte)
}

// Visit shows a page in UTF-8 as Parse reads it, without keeping more of it than the elements that are open: a list of
// thousands of links costs no more memory than a short one. It says whether all of the page was shown.
func Visit(source []byte, reading Reading, v Visitor) bool {
	d := &Tree{Source: source, HTML: -1, buf: make([]byte, 0, 4<<10)}
	b := newBuilder(d, reading)
	s := &shower{b: b, v: v}
	b.after = s.after
	b.run()
	return !b.Truncated && !s.enough
}

// shower tells a visitor what a token changed, and forgets what is closed.
type shower struct {
	b      *builder
	v      Visitor
	shown  []shownElement // the elements that were entered
	packed int            // bytes of text that the open elements had when they were packed last
	enough bool
}

type shownElement struct {
	node int32
	buf  int // how much of the builder's text belongs to it and to those around it
}

const (
	// mostHoles is how many closed nodes may be left among the open ones: an element that another one's begin ended stands before
	// that. Taking them out costs as much as there are open elements, which are no more.
	mostHoles = maxDepth
	// mostText is how much text, in bytes, such nodes may leave beside as much again as the open ones have.
	mostText = 64 << 10
)

// after is called when a token is read; false is enough. No node takes the place of another within one token: what ended
// with it ended before what it begins.
func (s *shower) after() bool {
	b := s.b
	same := min(len(s.shown), len(b.open))
	for same > 0 && s.shown[same-1].node != b.open[same-1] {
		same--
	}
	for n := len(s.shown); n > same; n-- {
		s.v.Leave()
	}
	next := int32(0) // the first node that was not shown
	if n := len(s.shown); n > 0 {
		next = s.shown[n-1].node + 1
	}
	s.shown = s.shown[:same]
	for ; next < int32(len(b.Nodes)); next++ {
		n := &b.Nodes[next]
		if n.Kind == KindText {
			s.v.Text(n, b.buf[n.T0:n.T1])
			continue
		}
		if !s.v.Enter(b.Tree, next) {
			s.enough = true
			return false
		}
		if k := len(s.shown); k < len(b.open) && b.open[k] == next {
			s.shown = append(s.shown, shownElement{next, len(b.buf)})
		} else {
			s.v.Leave() // it holds nothing
		}
	}
	s.forget()
	if len(b.Nodes)-len(b.open) > mostHoles || len(b.buf) > 2*s.packed+mostText {
		s.pack()
	}
	return true
}

// forget drops all nodes but the open ones.
func (s *shower) forget() {
	b, kept := s.b, shownElement{node: -1}
	if n := len(s.shown); n > 0 {
		kept = s.shown[n-1]
	}
	b.Nodes, b.buf, b.Scripts = b.Nodes[:kept.node+1], b.buf[:kept.buf], b.Scripts[:0]
	attrs := int32(0)
	for _, e := range s.shown[max(0, len(s.shown)-1):] {
		attrs = b.Nodes[e.node].A1
	}
	b.attrs = b.attrs[:attrs]
}

// pack closes the holes that closed nodes left among the open ones.
func (s *shower) pack() {
	b := s.b
	attrs, buf := make([]attr, 0, len(s.shown)), make([]byte, 0, 4<<10)
	keep := func(v0, v1 int32) (int32, int32) {
		from := int32(len(buf))
		buf = append(buf, b.buf[v0:v1]...)
		return from, int32(len(buf))
	}
	for k := range s.shown {
		from, to := s.shown[k].node, int32(k)
		n := b.Nodes[from]
		a0 := int32(len(attrs))
		for _, a := range b.attrs[n.A0:n.A1] {
			a.v0, a.v1 = keep(a.v0, a.v1)
			attrs = append(attrs, a)
		}
		n.Parent, n.A0, n.A1 = to-1, a0, int32(len(attrs))
		if n.Tag >= 1<<31 {
			n.T0, n.T1 = keep(n.T0, n.T1)
		}
		b.Nodes[to], b.open[k] = n, to
		s.shown[k] = shownElement{to, len(buf)}
		for _, known := range []*int32{&b.link, &b.rawStart, &b.HTML} {
			if *known == from {
				*known = to
			}
		}
	}
	b.Nodes, b.attrs, b.buf, s.packed = b.Nodes[:len(s.shown)], attrs, buf, len(buf)
}
