package worker

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/extract"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// lists are the reasons why a page holds no article that make it a section: those of pages that hold several.
var lists = []outcome.Reason{outcome.ReasonHomePage, outcome.ReasonCollection, outcome.ReasonList, outcome.ReasonHeadlines}

// settle decides by what came of it what a page is that somebody named: its kind was guessed from its address alone. No
// page links to it and no site file says what it is; once it is a section or has an article, it stays that.
//
// Extraction takes many lists for articles (on 98 list pages of shops, courses and the like 22), and addresses mislead
// too. So an address that looks like a section's is an article where extraction finds one that says when it was
// published, and one that looks like an article's is a section where extraction finds a list.
func settle(page *store.Page, s *site.Site, res fetch.Response, now time.Time) {
	switch {
	case isUnsettled(*page):
	case isFound(*page):
		if is := listIn(res.Body); is != "" {
			page.Kind = is // whatever the link to it looked like
		}
		return
	default:
		return
	}
	switch is := listIn(res.Body); {
	case is != "":
		page.Kind = is
	case page.Kind == store.KindFeed, page.Kind == store.KindSitemap:
		return // not what its address says: that may pass
	default:
		got := extract.Extract(
			extract.Page{URL: res.URL, Body: res.Body, ContentType: res.ContentType}, extract.Options{Site: s, Now: now})
		at, err := weburl.Canonical(res.URL)
		switch here := err == nil && at == page.URL; {
		case page.Kind != store.KindArticle && got.Outcome == extract.OutcomeArticle && got.Article.PublishedAt != nil:
			page.Kind = store.KindArticle
		case page.Kind == store.KindArticle && here && (slices.Contains(lists, got.Reason) || got.Reason == outcome.ReasonNoBody && isList(page.URL, s, res)):
			page.Kind = store.KindHome
		}
	}
	if page.Kind != store.KindArticle {
		page.Section = sectionID(page.URL)
	}
}

// listIn says whether a document is a feed or a sitemap, "" for neither.
func listIn(body []byte) store.Kind {
	switch format := discover.Sniff(body); {
	case format.IsFeed():
		return store.KindFeed
	case format == discover.FormatURLSet, format == discover.FormatIndex:
		return store.KindSitemap
	}
	return ""
}

// isFound is true for a section that a page or robots.txt named. What a site file says of one stands, and so does what a usual place is
// asked for.
func isFound(p store.Page) bool {
	return p.DiscoveredFrom != "" && p.Guess == "" && (p.Kind == store.KindListing || p.Kind == store.KindFeed || p.Kind == store.KindSitemap) && p.IsSection()
}

// isUnsettled is true for a page that somebody named and that has not shown yet what it is.
func isUnsettled(p store.Page) bool {
	return p.DiscoveredFrom == "" && p.Section == "" && p.ArticleID == ""
}

// isList says whether a page without a text of its own is a list of headlines. An address with a number in it is an
// article's whose text was not found: around it stand as many headlines.
func isList(address string, s *site.Site, res fetch.Response) bool {
	if u, err := url.Parse(address); err != nil || strings.ContainsAny(u.RequestURI(), "0123456789") {
		return false
	}
	found, err := discover.Listing(res.URL, res.Body, res.ContentType, s, nil)
	return err == nil && found.List
}
