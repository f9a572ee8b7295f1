package discover

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/site"
)

// Look says what a page of the site most likely is by its canonical address alone, as where somebody names it: a feed, a
// sitemap, an article, or else a listing. The site's patterns decide first; s may be nil.
func Look(canonical string, s *site.Site) Kind {
	a := readAddress(canonical)
	switch {
	case s != nil && s.IsArticle(canonical) == site.Article:
		return KindArticle
	case looksLikeFeed(canonical):
		return KindFeed
	case looksLikeSitemap(canonical):
		return KindSitemap
	case s != nil && s.IsArticle(canonical) == site.NotArticle, a.isUtility(), a.isMedia(), a.score < articleScore:
		return KindListing
	}
	return KindArticle
}

// looksLikeSitemap knows the addresses that content systems give their sitemaps.
func looksLikeSitemap(canonical string) bool {
	u, err := url.Parse(canonical)
	if err != nil {
		return false
	}
	name := strings.ToLower(u.Path[strings.LastIndexByte(u.Path, '/')+1:])
	name = strings.TrimSuffix(name, ".gz")
	return strings.Contains(name, "sitemap") && (strings.HasSuffix(name, ".xml") || strings.HasSuffix(name, ".txt") || strings.HasSuffix(name, ".php"))
}

// Own is the address that a document gives as its own, in any form, "" where it gives none: a page by its canonical link, a
// feed or sitemap by the home page of the first address in it.
func Own(body []byte, contentType string) string {
	const nowhere = "https://nowhere.invalid/"
	read := Sitemap
	switch format := Sniff(body); {
	case format.IsFeed():
		read = Feed
	case format == FormatHTML, format == FormatXML, format == FormatText:
		doc := readPage(body, contentType)
		return cmp.Or(doc.canonical, doc.ogURL)
	}
	r, err := read(nowhere, body, contentType, nil)
	if err != nil {
		return ""
	}
	for _, o := range r.Others {
		if u, err := url.Parse(o.URL); err == nil && o.Why == OffSite {
			return u.Scheme + "://" + u.Host + "/"
		}
	}
	return ""
}
