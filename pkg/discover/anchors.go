package discover

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	unicode8 "golang.org/x/text/encoding/unicode"

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
	maxOpen    = 512      // open elements kept; browsers stop at about as many
	maxToken   = 8 << 20  // longest tag, script, style or text: some pages carry 2 MB of style, or of data for their scripts
	metaBytes  = 4 << 10  // in which a page must say its encoding: four times what HTML asks, as not all obey
	maxHTML    = 20 << 20 // bytes of a page that are read; the largest front pages have a tenth of it
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
	cut       bool    // there are more anchors than maxAnchors
	refresh   string  // where <meta http-equiv=refresh> leads at once
	scripts   int     // script elements
	words     float64 // that readers see, counted up to a little over fewWords
	encoding  encoding.Encoding
}

// openElement is an element whose end has not come yet.
type openElement struct {
	tag     atom.Atom
	zone    zone
	named   bool // the zone comes of a class or id, not of a tag or role
	heading bool
	name    uint64 // hash of the tag and first class
	id      string
	class   string // the first one
}

// reader walks the tags of a page once, with a stack of open elements of its own: of the tree that a browser would
// build only the ancestors of links count, and so deep or broken nesting costs neither time nor memory.
type reader struct {
	doc    document
	open   []openElement
	seed   maphash.Seed
	anchor *anchor // open <a>
	text   strings.Builder
	label  string // what a link without text is called by: title, aria-label, a picture's alt
	skip   int    // inside script, style …
	title  bool   // inside the page's title
}

// readPage reads the links of a page in any encoding.
func readPage(body []byte, contentType string) document {
	body = body[:min(len(body), maxHTML)]
	r := &reader{seed: maphash.MakeSeed()}
	var text io.Reader
	text, r.doc.encoding = decoder(body, contentType)
	z := html.NewTokenizer(text)
	z.SetMaxBuf(maxToken)
	for len(r.doc.anchors) < maxAnchors {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			r.closeAnchor()
			r.doc.unwrap()
			return r.doc
		case html.TextToken:
			r.read(z.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			r.start(atom.Lookup(name), attributes(z, more), kind == html.SelfClosingTagToken)
		case html.EndTagToken:
			name, _ := z.TagName()
			r.end(atom.Lookup(name))
		}
	}
	r.doc.cut = true
	r.doc.unwrap()
	return r.doc
}

// read takes the text between two tags.
func (r *reader) read(text []byte) {
	if r.skip > 0 {
		return
	}
	if r.doc.words <= fewWords && !r.title {
		r.doc.words += countWords(string(text[:min(len(text), 1<<10)]))
	}
	if r.anchor != nil && r.text.Len() < 8*MaxTitle {
		r.text.Write(text)
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

// decoder reads a page as UTF-8, and says what it was in. Bytes that are UTF-8 are taken as such whatever is declared, as in
// xmlText.
func decoder(body []byte, contentType string) (io.Reader, encoding.Encoding) {
	if bytes.IndexFunc(body, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 && utf8.Valid(body) {
		return bytes.NewReader(body), unicode8.UTF8
	}
	e, name, _ := charset.DetermineEncoding(body[:min(len(body), metaBytes)], contentType)
	text := e.NewDecoder().Reader(bytes.NewReader(body))
	if strings.HasPrefix(name, "utf-") {
		e = unicode8.UTF8 // what browsers send for pages in UTF-16 too
	}
	return text, e
}

// queried writes the query of a reference as browsers do: in the page's encoding, which its server reads it in.
func (d *document) queried(ref string) string {
	i := strings.IndexByte(ref, '?')
	if i < 0 || d.encoding == nil || d.encoding == unicode8.UTF8 || strings.IndexFunc(ref[i:], func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
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

// attributes reads those that matter.
func attributes(z *html.Tokenizer, more bool) map[string]string {
	var out map[string]string
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "class", "id", "role", "href", "rel", "type", "title", "aria-label", "alt", "name", "property", "content", "http-equiv",
			"data-url", "data-href", "data-next", "data-next-url", "data-next-page", "data-nextpage", "data-ajax-url", "data-load-more-url", "data-link":
			if out == nil {
				out = map[string]string{}
			}
			if _, twice := out[string(key)]; !twice {
				out[string(key)] = string(value[:min(len(value), 8<<10)])
			}
		}
	}
	return out
}

func (r *reader) start(tag atom.Atom, attr map[string]string, closed bool) {
	switch tag {
	case atom.Script, atom.Style, atom.Template, atom.Svg, atom.Noscript:
		if tag == atom.Script {
			r.doc.scripts++
		}
		if !closed {
			r.skip++
		}
		return
	case atom.Title:
		r.title = true
		return
	case atom.Link:
		r.link(attr)
		return
	case atom.Base:
		if r.doc.base == "" {
			r.doc.base = attr["href"]
		}
		return
	case atom.Meta:
		if strings.EqualFold(attr["name"], "robots") && strings.Contains(strings.ToLower(attr["content"]), "nofollow") {
			r.doc.noFollow = true
		}
		if strings.EqualFold(attr["property"], "og:url") {
			r.doc.ogURL = attr["content"]
		}
		if strings.EqualFold(attr["http-equiv"], "refresh") && r.doc.refresh == "" {
			r.doc.refresh = refreshOf(attr["content"])
		}
		return
	case atom.Img:
		if r.anchor != nil && r.label == "" {
			r.label = attr["alt"]
		}
		return
	case atom.Br, atom.Hr, atom.Input, atom.Wbr, atom.Source, atom.Col, atom.Embed, atom.Area, atom.Param, atom.Track:
		if r.anchor != nil {
			r.text.WriteByte(' ')
		}
		return
	case atom.A:
		r.closeAnchor()
		r.loadMore(attr)
		if href, ok := attr["href"]; ok {
			r.openAnchor(href, attr)
		}
		return
	}
	r.loadMore(attr)
	if r.anchor != nil {
		r.text.WriteByte(' ')
	}
	if closed && tag == 0 {
		return
	}
	r.imply(tag)
	if len(r.open) >= maxOpen {
		return
	}
	e := openElement{tag: tag, heading: isHeading(tag)}
	if n := len(r.open); n > 0 {
		parent := r.open[n-1]
		e.zone, e.named, e.heading = parent.zone, parent.named, e.heading || parent.heading
	}
	e.zone, e.named = zoneOf(tag, attr, e.zone, e.named)
	first, _, _ := strings.Cut(strings.TrimSpace(attr["class"]), " ")
	e.name = maphash.String(r.seed, tag.String()+"."+first)
	e.id, e.class = attr["id"], first
	r.open = append(r.open, e)
	if r.anchor != nil && e.heading {
		r.anchor.heading = true
	}
}

// imply closes what a start tag closes without saying so (HTML, section 13.1.2.4), so that lists and tables without
// end tags do not nest.
func (r *reader) imply(tag atom.Atom) {
	var closes, within []atom.Atom
	switch tag {
	case atom.Li:
		closes, within = []atom.Atom{atom.Li}, []atom.Atom{atom.Ul, atom.Ol, atom.Menu}
	case atom.Td, atom.Th:
		closes, within = []atom.Atom{atom.Td, atom.Th}, []atom.Atom{atom.Table, atom.Tr}
	case atom.Tr:
		closes, within = []atom.Atom{atom.Tr}, []atom.Atom{atom.Table}
	case atom.P, atom.Div, atom.Ul, atom.Section, atom.Article, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4:
		if n := len(r.open); n > 0 && r.open[n-1].tag == atom.P {
			r.open = r.open[:n-1]
		}
		return
	default:
		return
	}
	for i := len(r.open) - 1; i >= 0; i-- {
		if slices.Contains(within, r.open[i].tag) {
			return
		}
		if slices.Contains(closes, r.open[i].tag) {
			r.open = r.open[:i]
			return
		}
	}
}

func (r *reader) end(tag atom.Atom) {
	switch tag {
	case atom.Script, atom.Style, atom.Template, atom.Svg, atom.Noscript:
		r.skip = max(r.skip-1, 0)
		return
	case atom.Title:
		r.title = false
		return
	case atom.A:
		r.closeAnchor()
		return
	}
	// An end tag that belongs to nothing near is a mistake of the page's, not the end of half of it.
	for i := len(r.open) - 1; i >= 0 && i >= len(r.open)-64; i-- {
		if r.open[i].tag == tag && tag != 0 {
			r.open = r.open[:i]
			break
		}
	}
	if r.anchor != nil {
		r.text.WriteByte(' ')
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

// loadMore takes the address that a script loads a listing's next page from, where an element that is called so names it.
func (r *reader) loadMore(attr map[string]string) {
	for _, name := range []string{"data-next-url", "data-next-page", "data-nextpage", "data-load-more-url", "data-next", "data-ajax-url", "data-url", "data-href", "data-link"} {
		if ref := attr[name]; strings.ContainsAny(ref, "/?") && isNextName(attr["class"]+" "+attr["id"]+" "+name) {
			r.doc.anchors = append(r.doc.anchors, anchor{ref: ref, zone: zonePager, classed: true})
			return
		}
	}
}

// isNextName says whether classes and ids call something the next page, or more of the list.
func isNextName(names string) bool {
	for name := range strings.FieldsSeq(names[:min(len(names), 512)]) {
		words := markup.NameWords(name)
		for i, w := range words {
			switch w {
			case "next", "older", "loadmore", "showmore", "nextpostslink", "nextpage", "morelink":
				return !slices.Contains(words, "slick") && !slices.Contains(words, "swiper") && !slices.Contains(words, "carousel") && !slices.Contains(words, "slider")
			case "more":
				if i > 0 && (words[i-1] == "load" || words[i-1] == "show" || words[i-1] == "view") {
					return true
				}
			}
		}
	}
	return false
}

func (r *reader) openAnchor(href string, attr map[string]string) {
	a, named := &anchor{ref: href, rel: strings.ToLower(attr["rel"])}, false
	a.classed = isNextName(attr["class"] + " " + attr["id"])
	r.label = attr["title"]
	if r.label == "" {
		r.label = attr["aria-label"]
	}
	if n := len(r.open); n > 0 {
		a.zone, a.heading = r.open[n-1].zone, r.open[n-1].heading
		named = r.open[n-1].named
		for _, e := range r.open[max(0, n-4):] {
			a.place = a.place*31 + e.name
		}
		a.block = blockOf(r.open)
	}
	a.zone, _ = zoneOf(atom.A, attr, a.zone, named)
	if isByline(attr["class"]) || slices.ContainsFunc(strings.Fields(a.rel), func(rel string) bool { return rel == "author" || rel == "tag" || rel == "category" }) {
		a.zone = narrower(a.zone, zoneMeta)
	}
	r.anchor = a
	r.text.Reset()
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

// isByline says whether the classes of a link call it an article's author, category or tag.
func isByline(classes string) bool {
	for name := range strings.FieldsSeq(classes[:min(len(classes), 512)]) {
		for _, w := range markup.NameWords(name) {
			switch w {
			case "author", "byline", "tag", "category", "cat", "kicker", "topic", "avatar":
				return true
			}
		}
	}
	return false
}

// link reads a <link> of the head.
func (r *reader) link(attr map[string]string) {
	for _, rel := range strings.Fields(strings.ToLower(attr["rel"])) {
		switch rel {
		case "canonical":
			if r.doc.canonical == "" {
				r.doc.canonical = attr["href"]
			}
		case "next":
			if r.doc.next == "" {
				r.doc.next = attr["href"]
			}
		case "alternate", "feed":
			if (rel == "feed" || isFeedType(attr["type"]) || looksLikeFeed(attr["href"]) && maybeFeedType(attr["type"])) && len(r.doc.feeds) < MaxFeeds {
				r.doc.feeds = append(r.doc.feeds, anchor{ref: attr["href"], text: attr["title"]})
			}
		case "sitemap":
			if len(r.doc.sitemaps) < MaxFeeds {
				r.doc.sitemaps = append(r.doc.sitemaps, attr["href"])
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

func isHeading(tag atom.Atom) bool {
	switch tag {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}
