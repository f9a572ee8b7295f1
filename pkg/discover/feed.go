package discover

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// reference is an address as a feed gives it, and what it is relative to.
type reference struct {
	text string
	base *url.URL
}

// item is an item of a feed, as far as discovery goes: where the article may be, by what the address is called there.
type item struct {
	original  []reference // by a redirector beside its own
	page      []reference // links to the item as a page
	id        []reference // a name for it that is an address too
	self      []reference // the item as data, which is seldom a page
	inner     []reference // links that stand deeper than they should
	title     string
	category  string // the first
	keywords  []string
	language  string
	published string
	modified  string
}

// Feed reads an RSS (0.9x, 1.0, 2.0), Atom (0.3, 1.0) or JSON feed: its items are articles. The error is a *KindError or
// the base URL's.
func Feed(base string, body []byte, contentType string, s *site.Site) (Result, error) {
	c, err := newCollector(base, s)
	if err != nil {
		return Result{}, err
	}
	return c.document("feed", body, contentType)
}

// feedForm reads the items of RSS, RDF and Atom, which are often mixed.
type feedForm struct {
	*collector
	item      item
	permalink bool   // the guid says that it is an address
	rel       string // of the link in hand
	home      string // the canonical URL of the page that the feed is of
	next      string // where the feed goes on with older items, canonical
	renewal   renewal
	under     *url.URL // what addresses without any base are relative to; nil: the feed's own address
}

func (f *feedForm) isEntry(name string) bool { return name == "item" || name == "entry" }

func (f *feedForm) begin(_ string, attribute func(string) string, base *url.URL) {
	f.item = item{}
	if about := intended(attribute("rdf:about")); isAbsolute(about) { // RDF's name of the item
		f.item.id = append(f.item.id, reference{about, base})
	}
}

// opened takes what is said in attributes.
func (f *feedForm) opened(e element, attribute func(string) string) {
	if e.space != "" || e.foreign {
		return
	}
	switch e.name {
	case "guid":
		f.permalink = strings.EqualFold(strings.TrimSpace(attribute("isPermaLink")), "true")
	case "category":
		if e.depth == 1 {
			f.item.tag(cmp.Or(attribute("label"), attribute("term")))
		}
	case "link":
		f.rel = strings.ToLower(strings.TrimSpace(attribute("rel")))
		ref := intended(attribute("href"))
		switch {
		case ref == "":
		case e.depth > 0:
			f.addLink(e, ref, attribute("type"))
		case e.parent == "feed" && (f.rel == "" || f.rel == "alternate") && f.home == "":
			f.home, _ = f.resolve(ref)
		case (e.parent == "feed" || e.parent == "channel") && f.rel == "next" && f.next == "":
			f.next, _ = f.resolve(ref)
		}
	}
}

// addLink sorts a link of an item by its relation to it. Those to its comments, to its pictures, to where it can be edited and
// to what it is about lead to other things.
func (f *feedForm) addLink(e element, ref, mediaType string) {
	r := reference{ref, e.base}
	switch {
	case e.depth > 1:
		if e.parent != "source" && f.rel == "" {
			f.item.inner = append(f.item.inner, r)
		}
	case f.rel == "" || f.rel == "alternate" || strings.HasSuffix(f.rel, "/alternate"):
		if mediaType = strings.ToLower(strings.TrimSpace(mediaType)); mediaType == "" || strings.Contains(mediaType, "html") {
			f.item.page = append(f.item.page, r)
		} else {
			f.item.self = append(f.item.self, r)
		}
	case f.rel == "self", f.rel == "canonical", f.rel == "bookmark":
		f.item.self = append(f.item.self, r)
	}
}

// closed takes what is said in text.
func (f *feedForm) closed(e element, text string) {
	if text == "" {
		return
	}
	if e.depth == 0 {
		if e.name == "link" && e.space == "" && (e.parent == "channel" || roots[e.parent]) && f.rel == "" {
			f.isOf(intended(text))
		}
		f.renewal.closed(e.name, text)
		return
	}
	if e.depth > 1 {
		if e.name == "link" && e.space == "" && !e.foreign && e.parent != "source" {
			f.item.inner = append(f.item.inner, reference{intended(text), e.base})
		}
		return
	}
	i := &f.item
	switch e.space {
	case "":
		f.core(e, text)
	case "feedburner", "pheedo":
		if e.name == "origlink" {
			i.original = append(i.original, reference{intended(text), e.base})
		}
	case "dc", "dcterms":
		switch e.name {
		case "date", "issued", "created":
			i.published = cmp.Or(i.published, text)
		case "modified":
			i.modified = cmp.Or(i.modified, text)
		case "subject":
			i.tag(text)
		case "language":
			i.language = title(text)
		case "identifier":
			i.id = append(i.id, reference{intended(text), e.base})
		}
	}
}

// core takes an element of the formats themselves.
func (f *feedForm) core(e element, text string) {
	i := &f.item
	switch e.name {
	case "link":
		i.page = append(i.page, reference{intended(text), e.base})
	case "guid", "id":
		ref := intended(text)
		if isAbsolute(ref) || f.permalink && strings.HasPrefix(ref, "/") {
			i.id = append(i.id, reference{ref, e.base})
		}
	case "title":
		i.title = plain(text)
	case "category":
		i.tag(text)
	case "pubdate", "published", "issued", "created", "date":
		i.published = cmp.Or(i.published, text)
	case "updated", "modified", "lastmod":
		i.modified = cmp.Or(i.modified, text)
	}
}

// tag takes a category of the item.
func (i *item) tag(text string) {
	if text = title(plain(text)); text == "" || slices.Contains(i.keywords, text) || len(i.keywords) == maxKeywords {
		return
	}
	i.category = cmp.Or(i.category, text)
	i.keywords = append(i.keywords, text)
}

// isOf notes the page that the feed is of: what items' addresses are relative to in RSS, which has no other way of saying so.
func (f *feedForm) isOf(ref string) {
	canonical, why := f.resolve(ref)
	if why != "" || f.home != "" {
		return
	}
	f.home = canonical
	if u, err := url.Parse(canonical); err == nil {
		f.under = u
	}
}

func (f *feedForm) ended(loose string) bool {
	i := &f.item
	if len(i.page) == 0 { // <link/>http://…, as makers of HTML write it
		for word := range strings.FieldsSeq(loose) {
			if isAbsolute(word) {
				i.page = append(i.page, reference{intended(word), f.base})
				break
			}
		}
	}
	var all []reference
	for _, refs := range [][]reference{i.original, i.page, i.id, i.self, i.inner} {
		all = append(all, refs...)
	}
	own := f.base
	for n, r := range all {
		if r.base == own && f.under != nil {
			all[n].base = f.under
		}
	}
	return f.addItem(i, all, f.home)
}

// finish takes what is said of the feed as a whole.
func (f *feedForm) finish() {
	f.goesOn(f.next)
	f.result.Renewed = f.renewal.period()
}

// goesOn takes where a feed goes on with older items (RFC 5005, section 3).
func (c *collector) goesOn(canonical string) {
	if canonical != "" && canonical != c.page {
		c.add(Link{URL: canonical, Kind: KindNext}, MaxEntries+1)
	}
}

// maxRefs bounds the addresses of one item that are tried.
const maxRefs = 20

// addItem takes the first of an item's addresses that is a page of the site: not the home page, nor what the feed is of, which
// some feeds give for all items. Where none is, the address by which a feed service leads there does. False where no more are
// wanted.
func (c *collector) addItem(i *item, refs []reference, home string) bool {
	reason, through := NoLink, ""
	own := c.base
	defer func() { c.base = own }()
	for _, r := range refs[:min(len(refs), maxRefs)] {
		c.base = r.base
		canonical, why := c.resolve(r.text)
		if why == OffSite && r.base != own && !isAbsolute(r.text) { // the base is where the feed was made, as on localhost
			c.base = own
			canonical, why = c.resolve(r.text)
		}
		if why == OffSite {
			canonical, why = c.originalOf(r.text)
		}
		switch {
		case why != "":
		case isFile(canonical):
			why = File
		case canonical == c.page || canonical == home || isRoot(canonical):
			why = Self
		case c.verdict(canonical) == site.NotArticle:
			why = NotArticle
		default:
			return c.addLinkOf(i, canonical, false)
		}
		if why == FeedProxy && through == "" {
			if at, err := weburl.Canonical(r.text); err == nil && !isRoot(at) {
				through = at
			}
		}
		if reason == NoLink {
			reason = why
		}
	}
	if through != "" {
		return c.addLinkOf(i, through, true)
	}
	c.drop(reason)
	return true
}

// addLinkOf takes an item's link; false where no more are wanted.
func (c *collector) addLinkOf(i *item, canonical string, vouched bool) bool {
	l := Link{
		URL: canonical, Title: i.title, Kind: KindArticle, Section: i.category, Vouched: vouched,
		Modified: c.when(i.modified), Keywords: i.keywords, Language: i.language,
	}
	l.Published, l.Day = c.whenExactly(i.published)
	c.add(l, MaxEntries)
	return c.result.Dropped[TooMany] == 0
}

// originalOf finds the site's own address in one of a redirector, which has it in its query.
func (c *collector) originalOf(ref string) (canonical string, why Reason) {
	u, err := url.Parse(ref)
	if err != nil {
		return "", OffSite
	}
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		_, value, _ := strings.Cut(part, "=")
		if value, err = url.QueryUnescape(value); err != nil || !isAbsolute(value) {
			continue
		}
		if canonical, why := c.resolve(value); why == "" {
			return canonical, ""
		}
	}
	if IsFeedService(ref) {
		return "", FeedProxy
	}
	return "", OffSite
}

// isRoot is true for a host's first page, which names no item.
func isRoot(canonical string) bool {
	u, err := url.Parse(canonical)
	return err != nil || (u.Path == "" || u.Path == "/") && u.RawQuery == ""
}

// plain undoes markup and entities in a title that was escaped twice.
func plain(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for b.Len() < 8*MaxTitle {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			b.Write(z.Text())
		}
	}
	return b.String()
}

// isAbsolute says whether text begins as an address on the web does.
func isAbsolute(s string) bool {
	return len(s) > 8 && (strings.EqualFold(s[:7], "http://") || strings.EqualFold(s[:8], "https://"))
}

// intended is an address as it was meant: without what it was broken into lines with, escaped once, with a scheme, and with
// its host once.
func intended(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) // with marks that nobody sees
	if strings.ContainsAny(s, "\r\n\t") {
		s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\r' || r == '\n' || r == '\t' }), "")
	}
	for range 3 { // times escaped: by the CMS, by its feed, by a plugin
		if !strings.Contains(s, "&") || !strings.Contains(s, ";") {
			break
		}
		s = ampersand.ReplaceAllLiteralString(s, "&")
	}
	if strings.HasPrefix(s, "www.") {
		s = "http://" + s
	}
	if i := max(strings.LastIndex(s, "http://"), strings.LastIndex(s, "https://")); i > 0 { // http://n.example/http://n.example/1
		host := afterScheme(strings.TrimSuffix(s[:i], "/"))
		if isAbsolute(s) && !strings.Contains(host, "/") && strings.HasPrefix(afterScheme(s[i:]), host) {
			s = s[i:]
		}
	}
	return s
}

func afterScheme(s string) string {
	_, rest, _ := strings.Cut(s, "://")
	return rest
}

// ampersand is an "&" that was escaped.
var ampersand = regexp.MustCompile(`&(?i:amp|#0*38|#x0*26);`)
