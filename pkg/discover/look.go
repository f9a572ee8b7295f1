package discover

import (
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
