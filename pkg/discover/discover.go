// Package discover finds links in what a site serves: the feeds, sections and articles of a home page, the articles
// and the next page of a listing, the items of a feed, the entries of a sitemap.
//
// Invariants: all functions are pure; every link is canonical (weburl), belongs to the site (or is its feed, kept by a feed
// service), and comes once; the number
// of links, the bytes read and the depth of nesting are bounded; what was left out is counted by reason. A site's own
// article patterns win over every guess made here.
//
// Failure modes: a document of another kind than the one asked for gives a *KindError and no links, so that the caller
// can record what the address serves now; a feed or sitemap that breaks off gives the links read so far, and Broken.
// Judging links by their looks is uncertain: in doubt a link is an article, for extraction recognises what is none.
package discover

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/newsdate"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// Kind says what a link leads to.
type Kind string

// The kinds of link.
const (
	KindArticle Kind = "article"
	KindListing Kind = "listing"
	KindFeed    Kind = "feed"
	KindSitemap Kind = "sitemap"
	KindNext    Kind = "next" // the listing's next, older page; at most one
)

// The caps on what one document can give.
const (
	// MaxLinks is ten times the links of the largest front pages met; what lies beyond comes with the next visit.
	MaxLinks = 2000
	// MaxEntries is what sitemaps.org allows in one sitemap.
	MaxEntries = 50_000
	// MaxSitemaps bounds the sitemaps taken from one index, newest first: archives have thousands, by day.
	MaxSitemaps = 500
	// MaxSections bounds the listings taken from one page: a menu with more is a list of places or tags.
	MaxSections = 100
	// MaxFeeds bounds the feeds taken from one page.
	MaxFeeds = 50
	// MaxBytes is how much of a document is read, after decompression: a sitemap's largest size by sitemaps.org.
	MaxBytes = 50 << 20
	// MaxTitle bounds a link's text, in runes: longer than any headline.
	MaxTitle = 300
)

// Link is one link found.
type Link struct {
	URL       string // canonical
	Title     string // the link's text or the item's title; may be empty
	Kind      Kind
	Published *time.Time // as the feed or news sitemap says; nil: unknown
	Modified  *time.Time // as the feed or sitemap says; nil: unknown
	Section   string     // the first category of a feed's item
	NoFollow  bool       // the page asks that the link lend no weight: mostly advertisements
}

// Reason is why a link was left out.
type Reason string

// The reasons for leaving a link out.
const (
	OffSite    Reason = "off_site"    // another publisher's: in feeds and sitemaps mostly advertisements
	FeedProxy  Reason = "feed_proxy"  // rewritten by a feed service, without the original beside it
	NotHTTP    Reason = "not_http"    // mailto:, javascript: …
	BadURL     Reason = "bad_url"     // no canonical form
	File       Reason = "file"        // by its ending no page: picture, PDF, archive …
	Self       Reason = "self"        // the page itself, or a place in it
	Duplicate  Reason = "duplicate"   // found before
	Utility    Reason = "utility"     // login, search, contact, privacy, tags, authors …
	Language   Reason = "language"    // the site in another language
	Pagination Reason = "pagination"  // a page of the listing other than the next
	NotArticle Reason = "not_article" // by the site's patterns, or by all that can be seen of it
	TooMany    Reason = "too_many"    // beyond the caps
	NoLink     Reason = "no_link"     // an item without a usable address
	Section    Reason = "section"     // a section or feed that is linked elsewhere than on the home page
	TooOld     Reason = "too_old"     // dated before what the crawl is to go back to
	Unyielding Reason = "unyielding"  // of addresses of its form next to none led to an article
	TooDeep    Reason = "too_deep"    // a further page, or a sitemap of sitemaps, beyond those that are followed
)

// Result is what a document gave.
type Result struct {
	Links   []Link         // in the document's order
	Dropped map[Reason]int // how many links were left out, by reason
	Broken  bool           // the document is cut off or malformed; Links is what could be read
	Script  bool           // the page's HTML shows readers nothing to speak of, and loads scripts that may
	List    bool           // the page shows as many headlines in its body as a list of articles does
	Refresh string         // where the page sends its readers at once, on the site or off it; "": nowhere
}

// Left says in words what was left out, the most frequent reason first: "off_site 12, utility 3"; "" for nothing.
func (r Result) Left() string {
	reasons := slices.SortedFunc(maps.Keys(r.Dropped), func(a, b Reason) int {
		return cmp.Or(cmp.Compare(r.Dropped[b], r.Dropped[a]), cmp.Compare(a, b))
	})
	var b strings.Builder
	for i, why := range reasons {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %d", why, r.Dropped[why])
	}
	return b.String()
}

// ErrKind is what errors.Is finds in a *KindError.
var ErrKind = errors.New("not the kind of document asked for")

// KindError says that an address served another kind of document than the one asked for, as a feed's address that now
// answers with a web page.
type KindError struct {
	Want string // "feed", "sitemap", "page"
	Got  Format
}

// Error describes the mismatch; the URL is the caller's to add.
func (e *KindError) Error() string {
	return fmt.Sprintf("%v: a %s was expected, %s came", ErrKind, e.Want, e.Got)
}

// Unwrap makes errors.Is(err, ErrKind) true.
func (e *KindError) Unwrap() error { return ErrKind }

// collector gathers the links of one document.
type collector struct {
	site   *site.Site // may be nil
	base   *url.URL   // what references are relative to
	page   string     // canonical URL of the document
	also   string     // its rel=canonical
	seen   map[string]bool
	result Result
}

func newCollector(base string, s *site.Site) (*collector, error) {
	page, err := weburl.Canonical(base)
	if err != nil {
		return nil, fmt.Errorf("discover: base: %w", err)
	}
	u, err := url.Parse(page)
	if err != nil {
		return nil, fmt.Errorf("discover: base: %w", err)
	}
	return &collector{site: s, base: u, page: page, seen: map[string]bool{}, result: Result{Dropped: map[Reason]int{}}}, nil
}

func (c *collector) drop(r Reason) { c.result.Dropped[r]++ }

// resolve gives the canonical form of a reference to a page of the site, or the reason why it is none.
func (c *collector) resolve(ref string) (string, Reason) {
	ref = strings.TrimSpace(ref)
	if ref == "" {
		return "", NoLink
	}
	if strings.HasPrefix(ref, "#") {
		return "", Self
	}
	canonical, err := weburl.Resolve(c.base, ref)
	switch {
	case errors.Is(err, weburl.ErrScheme):
		return "", NotHTTP
	case err != nil:
		return "", BadURL
	case !c.owns(canonical):
		return "", OffSite
	}
	return canonical, ""
}

// owns says whether a canonical URL belongs to the site.
func (c *collector) owns(canonical string) bool {
	if c.site != nil {
		return c.site.Owns(canonical)
	}
	return weburl.SameSite(c.page, canonical)
}

// verdict is what the site's patterns say.
func (c *collector) verdict(canonical string) site.Verdict {
	if c.site == nil {
		return site.Unknown
	}
	return c.site.IsArticle(canonical)
}

// add takes a link unless it was taken before or there are limit links already.
func (c *collector) add(l Link, limit int) bool {
	if c.seen[l.URL] {
		c.drop(Duplicate)
		return false
	}
	if len(c.result.Links) >= limit {
		c.drop(TooMany)
		return false
	}
	c.seen[l.URL] = true
	l.Title = title(l.Title)
	c.result.Links = append(c.result.Links, l)
	return true
}

// title evens out white space and cuts at MaxTitle.
func title(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ")
	n := 0
	for i := range s {
		if n == MaxTitle {
			return s[:i]
		}
		n++
	}
	return s
}

// when reads a time meant for machines; nil where there is none or it cannot be right.
func (c *collector) when(s string) *time.Time {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	hint := newsdate.Hint{}
	if c.site != nil {
		hint = newsdate.Hint{Language: c.site.Language, Country: c.site.Country, Location: c.site.Location()}
	}
	t, ok := newsdate.ParseMachine(s, hint)
	if !ok {
		return nil
	}
	at := t.At.UTC()
	return &at
}

// Guesses gives the addresses where sites keep what their home page and robots.txt do not name, most usual first:
// news sitemaps, sitemaps and feeds of the common systems. Most of them will not exist.
func Guesses(home string) []Link {
	base, err := weburl.Canonical(home)
	if err != nil {
		return nil
	}
	u, err := url.Parse(base)
	if err != nil {
		return nil
	}
	var out []Link
	for _, g := range []struct {
		path string
		kind Kind
	}{
		{"/sitemap-news.xml", KindSitemap}, {"/news-sitemap.xml", KindSitemap}, {"/feed/", KindFeed}, {"/rss.xml", KindFeed}, {"/rss", KindFeed},
		{"/sitemap_index.xml", KindSitemap}, {"/sitemap.xml", KindSitemap}, {"/feed.xml", KindFeed}, {"/atom.xml", KindFeed},
	} {
		if ref, err := weburl.Resolve(u, g.path); err == nil {
			out = append(out, Link{URL: ref, Kind: g.kind})
		}
	}
	return out
}
