package discover

import (
	"bytes"
	"cmp"
	"net/url"
	"strings"

	"golang.org/x/net/html"

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

// channelBytes is how far into a feed the address of its site is looked for: it stands before the first item, mostly in the
// first kilobyte.
const channelBytes = 64 << 10

// Channel is the address of the site that a feed says it is of, which may be on another domain than the feed, "" where it
// says none.
func Channel(body []byte, contentType string) string {
	if isGzip(body) {
		body, _ = gunzip(body, channelBytes)
	}
	text, _ := xmlText(body[:min(len(body), channelBytes)], contentType)
	z := html.NewTokenizer(bytes.NewReader(text))
	z.SetMaxBuf(channelBytes)
	for inLink := false; ; {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			switch token.Data {
			case "item", "entry", "image", "textinput":
				return ""
			case "link":
				at := map[string]string{}
				for _, a := range token.Attr {
					at[a.Key] = a.Val
				}
				if ref := at["href"]; ref != "" && (at["rel"] == "" || at["rel"] == "alternate") {
					return ref
				}
				inLink = len(at) == 0 && kind == html.StartTagToken
			default:
				inLink = false
			}
		case html.TextToken:
			if ref := strings.TrimSpace(string(z.Text())); inLink && ref != "" {
				return ref
			}
		}
	}
}
