package discover

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"github.com/mmcdole/gofeed"
	ext "github.com/mmcdole/gofeed/extensions"
	"golang.org/x/net/html"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// entry is an item of a feed, as far as discovery goes.
type entry struct {
	links               []string // where the article may be, best first
	title, category     string
	published, modified string
}

// Feed reads an RSS (0.9x, 1.0, 2.0), Atom or JSON feed: its items are articles. The error is a *KindError or
// the base URL's.
func Feed(base string, body []byte, contentType string, s *site.Site) (Result, error) {
	c, err := newCollector(base, s)
	if err != nil {
		return Result{}, err
	}
	body = c.unpack(body)
	format := sniff(body)
	if !format.IsFeed() {
		return Result{}, &KindError{Want: "feed", Got: format}
	}
	c.feed(body, contentType, format)
	return c.result, nil
}

// unpack decompresses and cuts a document to what is read of it.
func (c *collector) unpack(body []byte) []byte {
	if isGzip(body) {
		var full bool
		body, full = gunzip(body, MaxBytes)
		c.result.Broken = !full
	}
	if len(body) > MaxBytes {
		body, c.result.Broken = body[:MaxBytes], true
	}
	return body
}

func (c *collector) feed(body []byte, contentType string, format Format) {
	var entries []entry
	ok := false
	if format == FormatPosts {
		entries, ok = parsePosts(body)
	} else if format == FormatJSONFeed {
		if bytes.Count(body, []byte("{")) <= maxElements {
			entries, ok = c.parseFeed(bytes.TrimPrefix(body, []byte("\ufeff")))
		}
	} else {
		body = xmlText(body, contentType)
		if !tooMuch(body) {
			entries, ok = c.parseFeed(body)
		}
		// A parser that forgives crossed tags may lose links to them, where a look at each item finds them.
		if !ok || linked(entries) < len(entries) || len(entries) == 0 {
			if scanned := scanFeed(body); linked(scanned) > linked(entries) {
				entries, ok = scanned, false
			}
		}
	}
	c.result.Broken = c.result.Broken || !ok
	for _, e := range entries {
		c.addEntry(e)
	}
}

// linked counts the items that have an address at all.
func linked(entries []entry) int {
	n := 0
	for _, e := range entries {
		if slices.ContainsFunc(e.links, func(ref string) bool { return ref != "" }) {
			n++
		}
	}
	return n
}

// parseFeed reads a well-formed feed.
func (c *collector) parseFeed(body []byte) ([]entry, bool) {
	f, err := gofeed.NewParser().Parse(bytes.NewReader(body))
	if err != nil {
		return nil, false
	}
	var entries []entry
	for _, item := range f.Items {
		if item == nil {
			continue
		}
		e := entry{title: plain(item.Title), published: item.Published, modified: item.Updated}
		if original := extension(item.Extensions, "feedburner", "origLink"); original != "" {
			e.links = append(e.links, original)
		}
		e.links = append(append(e.links, item.Link), item.Links...)
		e.links = append(e.links, item.GUID)
		if len(item.Categories) > 0 {
			e.category = title(item.Categories[0])
		}
		entries = append(entries, e)
	}
	return entries, true
}

// addEntry takes the first of an item's addresses that is a page of the site, or else the one by which a feed service leads
// there.
func (c *collector) addEntry(e entry) {
	reason, through := NoLink, ""
	for _, ref := range e.links {
		ref = strings.TrimSpace(ref)
		canonical, why := c.resolve(ref)
		if why == "" && (isFile(canonical) || canonical == c.page) {
			why = File
		}
		if why == "" && strings.Contains(ref, "://") || why == "" && ref == e.links[0] {
			l := Link{URL: canonical, Title: e.title, Kind: KindArticle, Section: e.category, Published: c.when(e.published), Modified: c.when(e.modified)}
			if c.verdict(canonical) == site.NotArticle {
				c.drop(NotArticle)
				return
			}
			c.add(l, MaxEntries)
			return
		}
		if why == OffSite && IsFeedService(ref) {
			why = FeedProxy
			if at, err := weburl.Canonical(ref); err == nil && through == "" && !isRoot(at) {
				through = at
			}
		}
		if reason == NoLink && why != "" {
			reason = why
		}
	}
	if through != "" {
		c.add(Link{URL: through, Title: e.title, Kind: KindArticle, Section: e.category, Vouched: true,
			Published: c.when(e.published), Modified: c.when(e.modified)}, MaxEntries)
		return
	}
	c.drop(reason)
}

// isRoot is true for a host's first page, which names no item.
func isRoot(canonical string) bool {
	u, err := url.Parse(canonical)
	return err != nil || u.Path == "/" && u.RawQuery == ""
}

func extension(all ext.Extensions, prefix, name string) string {
	for _, e := range all[prefix][name] {
		return e.Value
	}
	return ""
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

// scanFeed reads the items of a feed that no XML parser takes: it looks for the elements that matter and ignores
// everything about their surroundings.
func scanFeed(body []byte) []entry {
	name := "item"
	start := opening(body, name)
	if first := opening(body, "entry"); first >= 0 && (start < 0 || first < start) {
		start, name = first, "entry"
	}
	var entries []entry
	for start >= 0 && len(entries) < MaxEntries {
		body = body[start:]
		item, next := body, opening(body[1:], name)
		if next >= 0 {
			item, next = body[:next+1], next+1
		}
		if end := bytes.Index(item, []byte("</"+name)); end >= 0 {
			item = item[:end]
		}
		if e := scanItem(item); len(e.links) > 0 {
			entries = append(entries, e)
		}
		start = next
	}
	return entries
}

// opening finds the next start tag of that name, -1 if there is none.
func opening(body []byte, name string) int {
	for from := 0; ; {
		i := bytes.Index(body[from:], []byte("<"+name))
		if i < 0 {
			return -1
		}
		from += i + 1
		if after := from + len(name); after < len(body) && bytes.IndexByte([]byte("> \t\r\n"), body[after]) >= 0 {
			return from - 1
		}
	}
}

func scanItem(item []byte) entry {
	var e entry
	for _, name := range []string{"link", "guid", "id"} {
		if text := element(item, name); text != "" && strings.Contains(text, "://") {
			e.links = append(e.links, text)
		}
	}
	if i := bytes.Index(item, []byte("<link")); i >= 0 {
		z := html.NewTokenizer(bytes.NewReader(item[i:]))
		if z.Next() != html.ErrorToken {
			for _, a := range z.Token().Attr {
				if a.Key == "href" {
					e.links = append([]string{a.Val}, e.links...)
				}
			}
		}
	}
	e.title = plain(element(item, "title"))
	for _, name := range []string{"pubDate", "published", "dc:date"} {
		if e.published == "" {
			e.published = element(item, name)
		}
	}
	e.modified = element(item, "updated")
	return e
}

// element is the text of the first element of that name.
func element(item []byte, name string) string {
	_, rest, found := bytes.Cut(item, []byte("<"+name))
	if !found || len(rest) == 0 || (rest[0] != '>' && rest[0] != ' ') {
		return ""
	}
	_, rest, _ = bytes.Cut(rest, []byte(">"))
	text, _, found := bytes.Cut(rest, []byte("</"+name))
	if !found {
		text, _, _ = bytes.Cut(rest, []byte("\n"))
	}
	text = bytes.TrimSpace(text)
	if inner, ok := bytes.CutPrefix(text, []byte("<![CDATA[")); ok {
		inner, _, _ = bytes.Cut(inner, []byte("]]>"))
		return strings.TrimSpace(string(inner))
	}
	if len(text) > 1<<13 {
		text = text[:1<<13]
	}
	return strings.TrimSpace(html.UnescapeString(string(text)))
}
