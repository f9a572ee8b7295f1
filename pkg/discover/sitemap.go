package discover

import (
	"bytes"
	"encoding/xml"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/site"
)

// record is an entry of a sitemap or of an index of sitemaps.
type record struct {
	loc, modified, published, title string
	news                            bool
}

// Sitemap reads a sitemap: its pages are articles, unless their addresses or the site's patterns say otherwise; an
// index gives further sitemaps, the newest first. Lists of plain URLs and feeds in a sitemap's place are read
// too, and all of them also gzipped. The error is a *KindError or the base URL's.
func Sitemap(base string, body []byte, contentType string, s *site.Site) (Result, error) {
	c, err := newCollector(base, s)
	if err != nil {
		return Result{}, err
	}
	body = c.unpack(body)
	switch format := sniff(body); format {
	case FormatURLSet:
		c.urlset(xmlText(body, contentType))
	case FormatIndex:
		c.index(xmlText(body, contentType))
	case FormatURLs:
		for line := range strings.Lines(string(xmlText(body, contentType))) {
			if line = strings.TrimSpace(line); line != "" && !c.addPage(record{loc: line}) {
				break
			}
		}
	case FormatRSS, FormatAtom, FormatJSONFeed:
		c.feed(body, contentType, format)
	default:
		return Result{}, &KindError{Want: "sitemap", Got: format}
	}
	return c.result, nil
}

func (c *collector) urlset(body []byte) {
	c.result.Broken = !records(body, "url", c.addPage) || c.result.Broken
}

// addPage takes a sitemap's page; false when there is room for no more.
func (c *collector) addPage(r record) bool {
	canonical, why := c.resolve(r.loc)
	switch {
	case why != "":
		c.drop(why)
	case isFile(canonical):
		c.drop(File)
	case c.verdict(canonical) == site.NotArticle:
		c.drop(NotArticle)
	case c.verdict(canonical) == site.Unknown && !r.news && (isUtility(canonical) || looksLikeSection(canonical)):
		c.drop(NotArticle)
	default:
		c.add(Link{URL: canonical, Title: r.title, Kind: KindArticle, Published: c.when(r.published), Modified: c.when(r.modified)}, MaxEntries)
	}
	return c.result.Dropped[TooMany] == 0
}

// index reads an index of sitemaps.
func (c *collector) index(body []byte) {
	var links []Link
	whole := records(body, "sitemap", func(r record) bool {
		canonical, vouched, why := c.resolveChild(r.loc)
		switch {
		case why != "":
			c.drop(why)
		case canonical == c.page:
			c.drop(Self)
		case c.seen[canonical]:
			c.drop(Duplicate)
		default:
			c.seen[canonical] = true
			links = append(links, Link{URL: canonical, Kind: KindSitemap, Vouched: vouched, Modified: c.when(r.modified)})
		}
		return len(links) < MaxSitemaps
	})
	c.result.Broken = c.result.Broken || !whole
	newestFirst(links, c.site)
	c.result.Links = links
}

// records streams the entries of a sitemap to take until it says no; false where the document is malformed or cut off
// before that.
// Elements of the image and video extensions have addresses too, which are no pages.
func records(body []byte, element string, take func(record) bool) bool {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict = false
	d.Entity = xml.HTMLEntity
	var r record
	var text strings.Builder
	inside, closed := false, false // an entry is open; the root was closed
	foreign := 0                   // depth within an extension's element
	for {
		token, err := d.RawToken()
		if err != nil {
			return closed
		}
		switch t := token.(type) {
		case xml.StartElement:
			text.Reset()
			switch {
			case foreign > 0 || isForeign(t.Name.Space):
				foreign++
			case t.Name.Local == element:
				r, inside = record{}, true
			case t.Name.Local == "news":
				r.news = true
			}
		case xml.CharData:
			if foreign == 0 && inside && text.Len() < 8<<10 {
				text.Write(t)
			}
		case xml.EndElement:
			if foreign > 0 {
				foreign--
				continue
			}
			if t.Name.Local == element && inside {
				inside = false
				if r.loc != "" && !take(r) {
					return true // as far as it was wanted
				}
				continue
			}
			closed = t.Name.Local == "urlset" || t.Name.Local == "sitemapindex"
			r.set(t.Name.Local, text.String())
			text.Reset()
		}
	}
}

// isForeign names the extensions by the prefixes that everybody uses for them.
func isForeign(prefix string) bool {
	return prefix == "image" || prefix == "video" || prefix == "xhtml"
}

func (r *record) set(name, text string) {
	text = strings.TrimSpace(text)
	switch name {
	case "loc":
		r.loc = text
	case "lastmod":
		r.modified = text
	case "publication_date":
		r.published = text
	case "title":
		r.title = plain(text)
	}
}
