package extract

import (
	"bytes"
	"strings"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/newsdate"
	"github.com/khabar-crawler/khabar/pkg/page"
	"github.com/khabar-crawler/khabar/pkg/site"
)

// maxRulesPage bounds the pages that a site's own selectors are run on. They need the standard's tree, which can grow
// far beyond the page that it is made from.
const maxRulesPage = 4 << 20

// wishes is what a site file says of reading its pages, and what its selectors found on this one. It is laid over what the stages
// find, here alone: no other file asks what site it is. That of an unknown site is empty.
type wishes struct {
	name, language, country string
	zone                    *time.Location // nil: it is not said
	bodies                  []string       // the selectors of the body
	ruled
}

// wishesOf reads a site file's wishes for a page. The source that it gives is the page as it is to be read.
func wishesOf(s *site.Site, source []byte) (w wishes, read []byte) {
	if s == nil {
		return w, source
	}
	w = wishes{name: s.Name, language: s.Language, country: s.Country, bodies: s.Extract.Body}
	if s.TimeZone != "" {
		if loc, err := time.LoadLocation(s.TimeZone); err == nil {
			w.zone = loc
		}
	}
	rules := applyRules(source, &s.Extract)
	if rules == nil {
		return w, source
	}
	w.ruled = *rules
	return w, rules.source
}

// layTitle lays the wished title over an article's.
func (w *wishes) layTitle(a *article.Article, t *Trace) {
	if w.title != "" {
		a.Title = w.title
		t.note("title", a.Title, siteFile)
	}
}

// laySubtitle lays the wished subtitle over an article's.
func (w *wishes) laySubtitle(a *article.Article) {
	if w.subtitle != "" {
		a.Subtitle = w.subtitle
	}
}

// layByline gives the wished byline in the place of the one that was found.
func (w *wishes) layByline(found byline, names []string) byline {
	if len(w.authors) == 0 {
		return found
	}
	wished := byline{source: siteFile}
	for _, t := range w.authors {
		wished.add(t, names)
	}
	return wished
}

// layDate gives the wished date in the place of the one that was found.
func (w *wishes) layDate(found stamp, hint newsdate.Hint) stamp {
	for _, v := range w.date {
		if t, ok := newsdate.ParseMachine(v, hint); ok {
			return stamp{t, siteFile, true}
		}
	}
	return found
}

// layDetails lays wished topics and pictures over an article's.
func (w *wishes) layDetails(a *article.Article, pageURL string) {
	if tags := ruleTags(w.tags); len(tags) > 0 {
		a.Tags = tags
	}
	if len(w.images) > 0 {
		a.Images = ruleImages(w.images, pageURL)
	}
}

// siteFile is the source of a field that a site file's selector found.
const siteFile = "site file"

// ruled is what the selectors of a site file found on a page.
type ruled struct {
	root     *html.Node // the page, while it is read
	source   []byte     // the page without what was to be removed, the body's elements marked
	title    string
	subtitle string
	authors  []string
	date     []string // datetime attributes and texts
	tags     []string
	images   []string
	body     bool
	drift    []string // selectors of fields that matched nothing at all
}

// applyRules runs a site file's selectors; nil when there are none or the page cannot be read that way.
func applyRules(source []byte, r *site.Rules) *ruled {
	if r == nil || len(r.Title)+len(r.Subtitle)+len(r.Body)+len(r.Authors)+len(r.Date)+len(r.Tags)+len(r.Images)+len(r.Remove) == 0 {
		return nil
	}
	if len(source) > maxRulesPage {
		return nil
	}
	root, err := html.Parse(bytes.NewReader(source))
	if err != nil {
		return nil // nested deeper than the parser allows
	}
	out := &ruled{root: root}
	// A removal that matches nothing is no drift: most pages have no such box.
	for _, sel := range r.Remove {
		for _, n := range selectAll(root, sel) {
			if n.Parent != nil {
				n.Parent.RemoveChild(n)
			}
		}
	}
	out.fields(r)
	var buf bytes.Buffer
	if err := html.Render(&buf, root); err != nil {
		return nil
	}
	out.source, out.root = buf.Bytes(), nil
	return out
}

// first gives what the first selector of a field finds that finds anything.
func (out *ruled) first(field string, sels []string) []*html.Node {
	for _, sel := range sels {
		if nodes := selectAll(out.root, sel); len(nodes) > 0 {
			return nodes
		}
	}
	if len(sels) > 0 {
		out.drift = append(out.drift, field+": "+strings.Join(sels, ", "))
	}
	return nil
}

// fields reads the fields that the site file has selectors for.
func (out *ruled) fields(r *site.Rules) {
	if n := out.first("title", r.Title); n != nil {
		out.title = nodeText(n[0])
	}
	if n := out.first("subtitle", r.Subtitle); n != nil {
		out.subtitle = nodeText(n[0])
	}
	for _, n := range out.first("authors", r.Authors) {
		out.authors = append(out.authors, nodeText(n))
	}
	for _, n := range out.first("date", r.Date) {
		out.date = append(out.date, nodeAttrs(n, "datetime", "content")...)
		out.date = append(out.date, nodeText(n))
	}
	for _, n := range out.first("tags", r.Tags) {
		out.tags = append(out.tags, nodeText(n))
	}
	for _, n := range out.first("images", r.Images) {
		if at := nodeAttrs(n, "data-src", "src", "href", "content"); len(at) > 0 {
			out.images = append(out.images, at[0])
		}
	}
	for _, n := range out.first("body", r.Body) {
		n.Attr = append(n.Attr, html.Attribute{Key: page.BodyMark, Val: "1"})
		out.body = true
	}
}

// nodeAttrs gives the values that an element has of some attributes.
func nodeAttrs(n *html.Node, keys ...string) []string {
	var out []string
	for _, k := range keys {
		if v := nodeAttr(n, k); v != "" {
			out = append(out, v)
		}
	}
	return out
}

func selectAll(root *html.Node, selector string) []*html.Node {
	sel, err := cascadia.ParseGroup(selector)
	if err != nil {
		return nil // site files are checked when they are loaded
	}
	return cascadia.QueryAll(root, sel)
}

func nodeAttr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

// nodeText gives an element's text on one line; of a meta element, its content.
func nodeText(n *html.Node) string {
	if n.DataAtom == atom.Meta {
		return page.Squeeze(nodeAttr(n, "content"))
	}
	var sb strings.Builder
	for c := range n.Descendants() {
		switch {
		case c.Type == html.TextNode && (c.Parent == nil || c.Parent.DataAtom != atom.Script && c.Parent.DataAtom != atom.Style):
			sb.WriteString(c.Data)
		case c.Type == html.ElementNode && !page.IsInline(c.DataAtom):
			sb.WriteByte(' ')
		}
	}
	return page.Squeeze(sb.String())
}
