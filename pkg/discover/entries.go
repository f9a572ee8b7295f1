package discover

import (
	"bytes"
	"net/url"
	"strings"
)

const (
	// maxDepth bounds the elements that are open at a time: feeds and sitemaps need six, text constructs in Atom some dozens.
	maxDepth = 200
	// maxText bounds what is kept of an element's text, in bytes: longer than any address, title or list of keywords.
	maxText = 8 << 10
	// maxBase bounds the path of a base, to which each element within may add: longer than any address that is fetched.
	maxBase = 8 << 10
	// maxSpaces bounds the prefixes that a document declares; the largest feeds have twenty.
	maxSpaces = 64
)

// spaces are the vocabularies that are told apart, by a part of their names: many a document has the rest of it wrong. The
// own words of feeds and sitemaps have no prefix here, whichever they have there.
var spaces = []struct{ part, prefix string }{
	{"sitemap-news", "news"}, {"sitemap-image", "image"}, {"sitemap-video", "video"}, {"sitemap-mobile", "mobile"}, {"/xhtml", "xhtml"},
	{"purl.org/dc/terms", "dcterms"}, {"purl.org/dc/", "dc"}, {"mrss", "media"}, {"feedburner", "feedburner"}, {"syndication/thread", "thr"},
	{"sitemaps.org", ""}, {"schemas/sitemap/", ""}, {"/2005/atom", ""}, {"purl.org/atom", ""}, {"purl.org/rss", ""}, {"/rdf/simple", ""},
}

// roots are the elements that documents with entries are made of.
var roots = map[string]bool{"rss": true, "rdf": true, "channel": true, "feed": true, "urlset": true, "sitemapindex": true}

// textFields are the elements that hold text alone. One in another says that the end of that was forgotten.
var textFields = words(`loc lastmod changefreq priority publication_date title name language keywords genres access
	link guid id pubdate published updated issued modified date`)

// element is an element that is open.
type element struct {
	prefix, name string   // as written, in lower case
	space        string   // the vocabulary, as in spaces
	parent       string   // the name of what it stands in
	depth        int      // in its entry: 1 for what stands in it directly, 0 outside of entries
	foreign      bool     // a picture's, a video's, a page's: what is in it is not said of the entry
	base         *url.URL // what addresses in it are relative to
	text         int      // where its text begins
}

// form reads one format's entries.
type form interface {
	isEntry(name string) bool
	begin(name string, attribute func(string) string, base *url.URL)
	opened(e element, attribute func(string) string)
	closed(e element, text string)
	ended(text string) (more bool) // with the text that stands in no element of the entry
}

// entries takes a document apart into its entries, each by itself: what is wrong in one does not reach the next.
type entries struct {
	*tokens
	form   form
	spaces map[string]string // prefix → as in the table above
	open   []element
	text   []byte
	entry  int // the place in open of the entry that is read; -1: none
	before int // flaws up to its beginning
	whole  bool

	count, bad int    // the entries, and those that were no XML
	flaw       string // of the first of those
}

// readEntries reads all entries that the form wants. whole is false where the document breaks off before its end.
func readEntries(body []byte, base *url.URL, f form) *entries {
	r := &entries{tokens: newTokens(body), form: f, spaces: map[string]string{}, entry: -1}
	for {
		tok := r.next()
		switch tok.kind {
		case noToken:
			if r.entry >= 0 { // what was said to its end counts
				r.text = r.text[:r.open[r.entry].text]
				r.finish()
			}
			return r
		case textToken, dataToken:
			r.take(tok)
		case openToken:
			if !r.start(tok, base) {
				r.whole = true // as far as it was wanted
				return r
			}
		case closeToken:
			if !r.end(tok) {
				r.whole = true
				return r
			}
		}
	}
}

// take keeps the text of the innermost element.
func (r *entries) take(tok token) {
	if len(r.open) == 0 {
		return
	}
	within := len(r.open) - 1
	if r.entry >= 0 {
		within = min(within, r.entry+1) // the field, which has the text of all that is in it
	}
	room := maxText - (len(r.text) - r.open[within].text)
	if room <= 0 || room == maxText && len(bytes.TrimLeft(tok.text, " \t\r\n")) == 0 {
		return
	}
	if tok.kind == dataToken {
		var b strings.Builder
		r.plain(&b, tok.text[:min(len(tok.text), room)])
		r.text = append(r.text, b.String()...)
		return
	}
	r.text = append(r.text, r.meant(tok.text, room)...)
}

// start opens an element; false where no more entries are wanted.
func (r *entries) start(tok token, base *url.URL) bool {
	space := r.space(tok)
	if space == "" && r.form.isEntry(tok.name) {
		if r.entry >= 0 {
			r.wrong("an entry without an end")
			for r.entry >= 0 {
				if !r.pop() {
					return false
				}
			}
		}
		r.entry, r.before = len(r.open), r.flaws
		if len(r.open) >= maxDepth { // nothing around it is of use any more
			r.open, r.entry = r.open[:0], 0
		}
	} else if n := len(r.open); r.entry >= 0 && n > r.entry+1 && textFields[tok.name] && textFields[r.open[n-1].name] && space == r.open[n-1].space {
		r.wrong("an element without an end")
		r.pop()
	}
	if len(r.open) >= maxDepth {
		r.wrong("elements nested too deep")
		return true
	}
	e := element{prefix: tok.prefix, name: tok.name, space: space, base: base, text: len(r.text)}
	if n := len(r.open); n > 0 {
		e.parent, e.base, e.foreign = r.open[n-1].name, r.open[n-1].base, r.open[n-1].foreign
	}
	if bytes.Contains(tok.text, []byte(":base")) {
		if u, err := url.Parse(strings.TrimSpace(r.attribute(tok, "xml:base"))); err == nil && len(e.base.Path)+len(u.Path) < maxBase {
			e.base = e.base.ResolveReference(u)
		}
	}
	switch space {
	case "image", "video", "mobile", "xhtml", "media", "thr":
		e.foreign = true
	}
	if r.entry >= 0 {
		e.depth = len(r.open) - r.entry
	}
	r.open = append(r.open, e)
	attribute := func(name string) string { return r.attribute(tok, name) }
	if e.depth == 0 && r.entry >= 0 {
		r.form.begin(tok.name, attribute, e.base)
	} else {
		r.form.opened(e, attribute)
	}
	if tok.empty {
		return r.pop()
	}
	return true
}

// end closes an element, and what was left open in it; false where no more entries are wanted.
func (r *entries) end(tok token) bool {
	at := len(r.open) - 1
	for at >= 0 && (r.open[at].name != tok.name || r.open[at].prefix != tok.prefix) {
		at--
	}
	if at < 0 {
		r.wrong("an end without a beginning")
		return true
	}
	if at < len(r.open)-1 {
		r.wrong("an element without an end")
	}
	for len(r.open) > at {
		if !r.pop() {
			return false
		}
	}
	return true
}

// pop closes the innermost element; false where no more entries are wanted.
func (r *entries) pop() bool {
	n := len(r.open) - 1
	if n == r.entry {
		return r.finish()
	}
	e := r.open[n]
	r.form.closed(e, strings.TrimSuffix(strings.TrimSpace(string(r.text[e.text:])), "]]>"))
	r.open = r.open[:n]
	if e.depth <= 1 {
		r.text = r.text[:e.text]
	}
	r.whole = r.whole || e.space == "" && roots[e.name]
	return true
}

// finish ends the entry; false where no more are wanted.
func (r *entries) finish() bool {
	from := r.open[r.entry].text
	loose := string(bytes.TrimSpace(r.text[from:]))
	r.open, r.text, r.entry = r.open[:r.entry], r.text[:from], -1
	r.count++
	if r.flaws > r.before {
		if r.bad++; r.flaw == "" {
			r.flaw = r.tokens.flaw
		}
	}
	return r.form.ended(loose)
}

// space is the vocabulary of a tag's name. A root's own is that of its document, whatever it is called.
func (r *entries) space(tok token) string {
	own := ""
	if bytes.Contains(tok.text, []byte("xmlns")) {
		for name, value := range attributesIn(tok.text) {
			prefix, isPrefix := bytes.CutPrefix(name, []byte("xmlns:"))
			if !isPrefix && string(name) != "xmlns" {
				continue
			}
			known, ok := vocabulary(value)
			switch {
			case !isPrefix:
				own = known
			case ok && len(r.spaces) < maxSpaces:
				r.spaces[strings.ToLower(string(prefix))] = known
			}
		}
	}
	if roots[tok.name] && r.entry < 0 && r.count == 0 && len(r.spaces) < maxSpaces {
		r.spaces[tok.prefix], own = "", ""
	}
	if tok.prefix == "" {
		return own
	}
	if known, ok := r.spaces[tok.prefix]; ok {
		return known
	}
	if tok.prefix == "atom" { // undeclared
		return ""
	}
	return tok.prefix
}

// vocabulary knows a vocabulary by its name.
func vocabulary(name []byte) (prefix string, known bool) {
	low := bytes.ToLower(name[:min(len(name), 200)])
	for _, s := range spaces {
		if bytes.Contains(low, []byte(s.part)) {
			return s.prefix, true
		}
	}
	return "", false
}
