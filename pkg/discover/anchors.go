package discover

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"

	markup "github.com/khabar-crawler/khabar/pkg/page"
)

// anchor is one link of a page and where it stands.
type anchor struct {
	ref, text, rel string
	zone           zone
	classed        bool   // by a class or id of its own the next page, or more of the list
	heading        bool   // in a heading, or around one
	place          uint64 // the elements around it, by names and classes: alike for links of one list
	block          string // the part of the site's template that it stands in: alike on all pages that are made by it
}

// The caps on reading a page.
const (
	maxAnchors = 20_000   // ten front pages of the largest kind
	maxHTML    = 20 << 20 // bytes of a page that are read; the largest front pages have a tenth of it
	maxValue   = 8 << 10  // bytes of an attribute: longer addresses lead nowhere
)

// document is what reading a page's markup gives.
type document struct {
	anchors   []anchor
	feeds     []anchor // <link rel=alternate> to feeds
	sitemaps  []string // <link rel=sitemap>
	next      string   // <link rel=next>
	base      string
	canonical string
	ogURL     string // <meta property=og:url>
	noFollow  bool
	cut       bool              // there are more anchors than maxAnchors, or more elements than a tree has
	refresh   string            // where <meta http-equiv=refresh> leads at once
	scripts   int               // script elements
	words     float64           // that readers see, counted up to a little over fewWords
	encoding  encoding.Encoding // that of addresses' queries; nil for UTF-8
}

// openElement is an element whose end has not come yet.
type openElement struct {
	tag     atom.Atom
	zone    zone
	named   bool // the zone comes of a class or id, not of a tag or role
	heading bool
	name    uint64 // hash of the tag and first class; 0 until a link asks for it
	id      string
	class   string // the first one
}

// reader is shown a page's elements once, and remembers those that are open.
type reader struct {
	doc    document
	within []atom.Atom   // the open elements
	open   []openElement // those of them that links may stand in
	seed   maphash.Seed
	zones  map[named]zone // of the classes and ids met
	anchor *anchor        // open <a>
	inside int            // how many elements are open in it, itself among them
	leads  bool           // it leads off the page, and what is in it is marked as linked
	text   strings.Builder
	label  string // what a link without text is called by: title, aria-label, a picture's alt
	unseen int    // open elements that show nothing: templates, drawings
	titles int    // open titles
}

// named is what an element is called.
type named struct{ class, id string }

// readPage reads the links of a page in any encoding.
func readPage(body []byte, contentType string) document {
	text, name, _ := markup.Decode(body[:min(len(body), maxHTML)], contentType)
	r := &reader{seed: maphash.MakeSeed(), zones: map[named]zone{}}
	r.doc.encoding = queryEncoding(name)
	r.doc.cut = !markup.Visit(text, markup.ForLinks, r)
	r.closeAnchor()
	r.doc.unwrap()
	return r.doc
}

// queryEncoding is what browsers write the queries of a page's addresses in: its own encoding, or else UTF-8, as for pages in
// UTF-16 too.
func queryEncoding(name string) encoding.Encoding {
	if strings.HasPrefix(name, "utf-") {
		return nil
	}
	e, err := htmlindex.Get(name)
	if err != nil {
		return nil
	}
	return e
}

// Enter goes into an element.
func (r *reader) Enter(d *markup.Tree, i int32) bool {
	n := &d.Nodes[i]
	r.endLink(n)
	if len(r.doc.anchors) >= maxAnchors {
		return false
	}
	r.within = append(r.within, n.Tag)
	r.inside++
	r.start(entered{d, i}, n.Tag)
	return true
}

// Leave ends an element.
func (r *reader) Leave() {
	tag := r.within[len(r.within)-1]
	r.within = r.within[:len(r.within)-1]
	switch partOf(tag) {
	case unseen:
		r.unseen--
	case heading:
		r.titles--
	case container:
		r.open = r.open[:len(r.open)-1]
		r.part()
	}
	if r.inside--; r.inside == 0 {
		r.closeAnchor()
	}
}

// endLink ends a link that ended before a node though its element did not, as one does that is closed inside of a block that
// it holds the beginning of.
func (r *reader) endLink(n *markup.Node) {
	if r.anchor != nil && r.leads && !n.Linked {
		r.closeAnchor()
	}
}

// Text takes a run of text.
func (r *reader) Text(n *markup.Node, text []byte) {
	r.endLink(n)
	if r.unseen > 0 || r.titles > 0 {
		return
	}
	if r.doc.words <= fewWords {
		r.doc.words += countWords(string(text[:min(len(text), 1<<10)]))
	}
	if r.anchor != nil && r.text.Len() < 8*MaxTitle {
		r.text.Write(text)
	}
}

// part parts the words of a link.
func (r *reader) part() {
	if r.anchor != nil {
		r.text.WriteByte(' ')
	}
}

// unwrap forgets a zone that nearly all links are in: a wrapper of the whole page was misnamed.
func (d *document) unwrap() {
	var counts [zoneMeta + 1]int
	for _, a := range d.anchors {
		counts[a.zone]++
	}
	for z := zoneAside; z <= zoneMeta; z++ {
		if n := len(d.anchors); n < 20 || counts[z]*10 < n*9 {
			continue
		}
		for i := range d.anchors {
			if d.anchors[i].zone == z {
				d.anchors[i].zone = zoneNone
			}
		}
	}
}

// queried writes the query of a reference as browsers do: in the page's encoding, which its server reads it in.
func (d *document) queried(ref string) string {
	i := strings.IndexByte(ref, '?')
	if i < 0 || d.encoding == nil || strings.IndexFunc(ref[i:], func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return ref
	}
	query, fragment, _ := strings.Cut(ref[i:], "#")
	encoded, err := encoding.HTMLEscapeUnsupported(d.encoding.NewEncoder()).String(query)
	if err != nil {
		return ref
	}
	var b strings.Builder
	b.WriteString(ref[:i])
	for j := range len(encoded) {
		if c := encoded[j]; c >= utf8.RuneSelf {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	if fragment != "" {
		b.WriteString("#" + fragment)
	}
	return b.String()
}

// entered is an element that is being shown.
type entered struct {
	tree *markup.Tree
	node int32
}

// attr gives an attribute, "" where there is none.
func (e entered) attr(key markup.AttrKey) string {
	v := e.tree.Attr(e.node, key)
	return v[:min(len(v), maxValue)]
}

// calls says whether class or id call the element a link of a kind.
func (e entered) calls(kind markup.Link) bool {
	return calls(e.attr(markup.AttrClass), kind) || calls(e.attr(markup.AttrID), kind)
}

// maxCalled is how much of an element's names is read, in bytes: some carry data.
const maxCalled = 512

func calls(names string, kind markup.Link) bool {
	return markup.CallsLink(names[:min(len(names), maxCalled)], kind)
}

// partOfPage is what an element is to who looks for links.
type partOfPage uint8

const (
	container partOfPage = iota // links may stand in it
	leaf                        // nothing does
	unseen                      // what is in it is not shown
	heading                     // the page's title
	link                        // a link
)

func partOf(tag atom.Atom) partOfPage {
	switch tag {
	case atom.Template, atom.Svg:
		return unseen
	case atom.Title:
		return heading
	case atom.A:
		return link
	case atom.Script, atom.Style, atom.Noscript, atom.Link, atom.Base, atom.Meta, atom.Img,
		atom.Br, atom.Hr, atom.Input, atom.Wbr, atom.Source, atom.Col, atom.Embed, atom.Area, atom.Param, atom.Track:
		return leaf
	}
	return container
}

// start reads an element.
func (r *reader) start(e entered, tag atom.Atom) {
	switch partOf(tag) {
	case unseen:
		r.unseen++
	case heading:
		r.titles++
	case leaf:
		r.leaf(e, tag)
	case link:
		r.closeAnchor()
		r.loadMore(e)
		if e.tree.Has(e.node, markup.AttrHref) {
			r.openAnchor(e)
		}
	default:
		r.loadMore(e)
		r.part()
		r.enter(e, tag)
	}
}

// leaf reads an element that holds no others.
func (r *reader) leaf(e entered, tag atom.Atom) {
	switch tag {
	case atom.Script:
		r.doc.scripts++
	case atom.Style, atom.Noscript:
	case atom.Link:
		r.link(e)
	case atom.Base:
		if r.doc.base == "" {
			r.doc.base = e.attr(markup.AttrHref)
		}
	case atom.Meta:
		r.meta(e)
	case atom.Img:
		if r.anchor != nil && r.label == "" {
			r.label = e.attr(markup.AttrAlt)
		}
	default:
		r.part()
	}
}

// enter opens an element that links may stand in.
func (r *reader) enter(e entered, tag atom.Atom) {
	o := openElement{tag: tag, heading: markup.IsHeading(tag)}
	if k := len(r.open); k > 0 {
		parent := &r.open[k-1]
		o.zone, o.named, o.heading = parent.zone, parent.named, o.heading || parent.heading
	}
	class := e.attr(markup.AttrClass)
	o.id = e.attr(markup.AttrID)
	o.zone, o.named = r.zoneOf(tag, e.attr(markup.AttrRole), named{class, o.id}, o.zone, o.named)
	o.class, _, _ = strings.Cut(strings.TrimSpace(class), " ")
	r.open = append(r.open, o)
	if r.anchor != nil && o.heading {
		r.anchor.heading = true
	}
}

// meta reads a <meta> of the head.
func (r *reader) meta(e entered) {
	content := e.attr(markup.AttrContent)
	if strings.EqualFold(e.attr(markup.AttrName), "robots") && strings.Contains(strings.ToLower(content), "nofollow") {
		r.doc.noFollow = true
	}
	if strings.EqualFold(e.attr(markup.AttrProperty), "og:url") {
		r.doc.ogURL = content
	}
	if strings.EqualFold(e.attr(markup.AttrHTTPEquiv), "refresh") && r.doc.refresh == "" {
		r.doc.refresh = refreshOf(content)
	}
}

// maxRefresh is the longest wait, in seconds, of a refresh that stands for a redirect. Pages that renew themselves take
// minutes.
const maxRefresh = 5

// refreshOf reads the content of a meta refresh, as in "0; url='/ar/'": where it leads to, "" where it only renews the page
// or takes its time.
func refreshOf(content string) string {
	wait, target, ok := strings.Cut(strings.TrimSpace(content), ";")
	if !ok {
		wait, target, ok = strings.Cut(wait, ",")
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(wait), 64)
	if !ok || err != nil || !(seconds <= maxRefresh) {
		return ""
	}
	target = strings.TrimSpace(target)
	if len(target) >= 3 && strings.EqualFold(target[:3], "url") {
		if _, after, ok := strings.Cut(target, "="); ok {
			target = strings.TrimSpace(after)
		}
	}
	return strings.Trim(target, "'\" ")
}

// loadMore takes the address that a script loads a listing's next page from, where an element or the attribute is called so.
func (r *reader) loadMore(e entered) {
	ref := e.attr(markup.AttrNextURL)
	if ref == "" {
		if ref = e.attr(markup.AttrDataURL); ref == "" || !e.calls(markup.LinkNext) {
			return
		}
	}
	r.doc.anchors = append(r.doc.anchors, anchor{ref: ref, zone: zonePager, classed: true})
}

func (r *reader) openAnchor(e entered) {
	class, id := e.attr(markup.AttrClass), e.attr(markup.AttrID)
	a := &anchor{ref: e.attr(markup.AttrHref), rel: strings.ToLower(e.attr(markup.AttrRel))}
	a.classed = calls(class, markup.LinkNext) || calls(id, markup.LinkNext)
	if r.label = e.attr(markup.AttrTitle); r.label == "" {
		r.label = e.attr(markup.AttrAriaLabel)
	}
	isNamed := false
	if k := len(r.open); k > 0 {
		a.zone, a.heading, isNamed = r.open[k-1].zone, r.open[k-1].heading, r.open[k-1].named
		a.place, a.block = r.place(), blockOf(r.open)
	}
	a.zone, _ = r.zoneOf(atom.A, e.attr(markup.AttrRole), named{class, id}, a.zone, isNamed)
	if calls(class, markup.LinkByline) || slices.ContainsFunc(strings.Fields(a.rel), func(rel string) bool { return rel == "author" || rel == "tag" || rel == "category" }) {
		a.zone = narrower(a.zone, zoneMeta)
	}
	href := strings.TrimSpace(a.ref)
	r.anchor, r.inside, r.leads = a, 1, href != "" && href[0] != '#'
	r.text.Reset()
}

// place hashes the four elements around a link.
func (r *reader) place() (hash uint64) {
	for k := max(0, len(r.open)-4); k < len(r.open); k++ {
		e := &r.open[k]
		if e.name == 0 {
			var h maphash.Hash
			h.SetSeed(r.seed)
			_, _ = h.WriteString(e.tag.String())
			_ = h.WriteByte('.')
			_, _ = h.WriteString(e.class)
			e.name = max(h.Sum64(), 1)
		}
		hash = hash*31 + e.name
	}
	return hash
}

func (r *reader) closeAnchor() {
	if r.anchor == nil {
		return
	}
	r.anchor.text = title(r.text.String())
	if r.anchor.text == "" {
		r.anchor.text = title(r.label)
	}
	r.doc.anchors = append(r.doc.anchors, *r.anchor)
	r.anchor = nil
}

// link reads a <link> of the head.
func (r *reader) link(e entered) {
	href, kind := e.attr(markup.AttrHref), e.attr(markup.AttrType)
	for rel := range strings.FieldsSeq(strings.ToLower(e.attr(markup.AttrRel))) {
		switch rel {
		case "canonical":
			r.doc.canonical = cmp.Or(r.doc.canonical, href)
		case "next":
			r.doc.next = cmp.Or(r.doc.next, href)
		case "alternate", "feed":
			if (rel == "feed" || isFeedType(kind) || looksLikeFeed(href) && maybeFeedType(kind)) && len(r.doc.feeds) < MaxFeeds {
				r.doc.feeds = append(r.doc.feeds, anchor{ref: href, text: e.attr(markup.AttrTitle)})
			}
		case "sitemap":
			if len(r.doc.sitemaps) < MaxFeeds {
				r.doc.sitemaps = append(r.doc.sitemaps, href)
			}
		}
	}
}

func isFeedType(mime string) bool {
	mime, _, _ = strings.Cut(strings.ToLower(mime), ";")
	switch strings.TrimSpace(mime) {
	case "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "text/xml", "application/xml", "application/x.atom+xml":
		return true
	}
	return false
}

// maybeFeedType says whether a feed may be sent as what a link says: JSON is mostly a page's data.
func maybeFeedType(mime string) bool {
	return mime == "" || strings.Contains(strings.ToLower(mime), "json")
}
