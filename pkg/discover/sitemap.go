package discover

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/site"
)

// record is an entry of a sitemap or of an index of sitemaps.
type record struct {
	loc, modified, published, title string
	language, keywords, access      string
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
	return c.document("sitemap", body, contentType)
}

// list reads an address a line. What is behind it in its line says something else.
func (c *collector) list(text []byte) {
	for line := range strings.Lines(string(text)) {
		ref := strings.TrimSpace(line)
		if i := strings.IndexAny(ref, " \t"); i >= 0 {
			ref = ref[:i]
		}
		if !isAbsolute(ref) {
			continue // a comment, a heading
		}
		if !c.addPage(record{loc: ref}) {
			return
		}
	}
}

// sitemap reads a sitemap or an index of them; some are both.
func (c *collector) sitemap(text []byte, format Format) {
	f := &sitemapForm{collector: c, index: format == FormatIndex}
	c.read(text, f)
	newestFirst(f.children, c.site)
	c.result.Links = append(c.result.Links, f.children...)
}

// sitemapForm reads the entries of sitemaps and of their indexes.
type sitemapForm struct {
	*collector
	index    bool // the document calls itself one
	child    bool // the entry is an index's
	record   record
	children []Link
}

func (f *sitemapForm) isEntry(name string) bool { return name == "url" || name == "sitemap" }

func (f *sitemapForm) begin(name string, _ func(string) string, _ *url.URL) {
	f.record, f.child = record{}, name == "sitemap"
}

func (f *sitemapForm) opened(e element, _ func(string) string) {
	f.record.news = f.record.news || e.name == "news" && e.depth == 1
}

// closed takes what is said of the page. Elements of the image and video extensions have addresses too, which are no pages.
func (f *sitemapForm) closed(e element, text string) {
	if e.depth == 0 || e.foreign || text == "" {
		return
	}
	switch r := &f.record; e.name {
	case "loc":
		r.loc = text
	case "lastmod":
		r.modified = text
	case "publication_date":
		r.published = text
	case "title":
		r.title = text
	case "language":
		r.language = text
	case "keywords":
		r.keywords = text
	case "access":
		r.access = text
	}
}

func (f *sitemapForm) ended(string) bool {
	for _, loc := range locations(f.record.loc) {
		r := f.record
		r.loc = loc
		if f.child || f.index && !isPage(loc) || looksLikeSitemap(loc) {
			f.addSitemap(r)
		} else if !f.addPage(r) {
			return false
		}
	}
	return len(f.children) < MaxSitemaps
}

// isPage tells a page from a sitemap in an index that calls its entries pages.
func isPage(loc string) bool {
	u, err := url.Parse(loc)
	if err != nil {
		return false
	}
	switch strings.ToLower(path.Ext(u.Path)) {
	case ".xml", ".gz", ".txt", ".php", ".aspx":
		return false
	}
	return true
}

// locations are the addresses of an entry: one, but where somebody put several into it.
func locations(loc string) []string {
	if parts := strings.Fields(loc); len(parts) > 1 && !slices.ContainsFunc(parts, func(s string) bool { return !isAbsolute(s) }) {
		return parts
	}
	return []string{loc}
}

// addPage takes a sitemap's page; false when there is room for no more.
func (c *collector) addPage(r record) bool {
	canonical, why := c.resolve(intended(r.loc))
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
		l := Link{
			URL: canonical, Title: plain(r.title), Kind: KindArticle, Modified: c.when(r.modified),
			Language: title(r.language), Keywords: keywords(r.keywords), Access: title(r.access),
		}
		l.Published, l.Day = c.whenExactly(r.published)
		c.add(l, MaxEntries)
	}
	return c.result.Dropped[TooMany] == 0
}

// addSitemap takes a sitemap of an index.
func (f *sitemapForm) addSitemap(r record) {
	canonical, vouched, why := f.resolveChild(intended(r.loc))
	switch {
	case why != "":
		f.drop(why)
	case canonical == f.page:
		f.drop(Self)
	case f.seen[canonical]:
		f.drop(Duplicate)
	default:
		f.seen[canonical] = true
		f.children = append(f.children, Link{URL: canonical, Kind: KindSitemap, Vouched: vouched, Modified: f.when(r.modified)})
	}
}

// maxKeywords bounds the keywords of a page: Google reads ten, and sites put their whole vocabulary there.
const maxKeywords = 30

// keywords parts a list of keywords: commas do, in any script.
func keywords(list string) []string {
	var out []string
	for word := range strings.FieldsFuncSeq(list, func(r rune) bool { return strings.ContainsRune(",،、;؛|", r) }) {
		if word = title(plain(word)); word != "" && !slices.Contains(out, word) {
			out = append(out, word)
		}
		if len(out) == maxKeywords {
			break
		}
	}
	return out
}
