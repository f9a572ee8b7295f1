// Package discover finds links in what a site serves: the feeds, sections and articles of a home page, the articles
// and the next page of a listing, the items of a feed, the entries of a sitemap.
//
// Invariants: all functions are pure; every link is canonical (weburl), belongs to the site (or is its feed, kept by a feed
// service), and comes once; the number
// of links, the bytes read and the depth of nesting are bounded; what was left out is counted by reason, and named. A site's own
// article patterns win over every guess made here. Words that links are told by stand in words.yaml, by language, and weigh
// beside other signs: none condemns a link by itself.
//
// Failure modes: a document of another kind than the one asked for gives a *KindError and no links, so that the caller
// can record what the address serves now; a feed or sitemap that breaks off gives the links read so far, and Broken, and
// one that is malformed all links that can be told, and Flaw.
// Judging links by their looks is uncertain: in doubt a link is an article, for extraction recognises what is none.
package discover

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
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
	// MaxSitemaps is what sitemaps.org allows in one index.
	MaxSitemaps = 50_000
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
	Published *time.Time // as the feed or news sitemap says; of a sitemap the end of the time in its name; nil: unknown
	Since     *time.Time // of a sitemap, the begin of that time
	Modified  *time.Time // as the feed or sitemap says; nil: unknown
	Day       bool       // Published is a day without a time
	Language  string     // as the feed's item or the news sitemap says
	Keywords  []string   // all categories of a feed's item, or as the news sitemap says
	Access    string     // as the news sitemap says: "Subscription" or "Registration"; "" for open to all
	Section   string     // the first category of a feed's item
	NoFollow  bool       // the page asks that the link lend no weight: mostly advertisements
	Vouched   bool       // not of the site's hosts: the site itself names this address, and vouches for nothing beside it
	Block     string     // of a page: the part of the site's template that the link stands in
	told      *evidence  // nil where the document itself says what it is
}

// Other is a link that was left out.
type Other struct {
	URL  string // canonical, or as the document has it where it has no such form
	Why  Reason
	Past string    // what became of such links before, where that decided; ""
	told *evidence // nil where its looks did not decide
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
	Advert     Reason = "advert"      // paid for, as the page says
	Language   Reason = "language"    // the site in another language
	Pagination Reason = "pagination"  // a page of the listing other than the next
	NotArticle Reason = "not_article" // by the site's patterns, or by all that can be seen of it
	TooMany    Reason = "too_many"    // beyond the caps
	NoLink     Reason = "no_link"     // an item without a usable address
	Section    Reason = "section"     // a section or feed that is linked elsewhere than on the home page
	TooOld     Reason = "too_old"     // dated before what the crawl is to go back to
	Unyielding Reason = "unyielding"  // of links of its form, or in its block, next to none led to an article
	TooDeep    Reason = "too_deep"    // a further page, or a sitemap of sitemaps, beyond those that are followed
)

// reasonWords say the reasons to people.
var reasonWords = map[Reason]string{
	OffSite: "another site's", FeedProxy: "rewritten by a feed service", NotHTTP: "no address of the web", BadURL: "no valid address",
	File: "a file by its ending", Self: "the page itself, or the home page", Duplicate: "found before", Utility: "about the site, its readers or writers",
	Advert: "paid for, as the page says", Language: "the site in another language", Pagination: "a page of the section other than the next", NotArticle: "no article by the site's patterns or by its looks",
	TooMany: "beyond what is taken of one document", NoLink: "an item without an address", Section: "a section that is not linked from the home page",
	TooOld: "older than what is crawled", TooDeep: "beyond the pages that are followed",
	Unyielding: "of links like it next to none led to an article, and ever fewer of them are tried",
}

// String says the reason in words.
func (r Reason) String() string { return cmp.Or(reasonWords[r], string(r)) }

// Result is what a document gave.
type Result struct {
	Links   []Link         // in the document's order
	Dropped map[Reason]int // how many links were left out, by reason
	Others  []Other        // the first MaxEntries of them, each address once
	Broken  bool           // the document is cut off or malformed; Links is what could be read
	Script  bool           // the page's HTML shows readers nothing to speak of, and loads scripts that may
	List    bool           // the page shows as many headlines in its body as a list of articles does
	Refresh string         // where the page sends its readers at once, on the site or off it; "": nowhere
	Entries int            // the entries of a feed or sitemap, whatever became of them
	Bad     int            // those that are malformed: what could be read of them was
	Renewed time.Duration  // how long a feed stays as it is, as it says itself; 0: it does not say
	Flaw    string         // what is wrong with the first of those, or else with the document; "": it is well-formed
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
		fmt.Fprintf(&b, "%s %d", string(why), r.Dropped[why])
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
	hand   string     // the reference in hand, that drop is about
	seen   map[string]bool
	left   map[string]bool // what Others has
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
	return &collector{site: s, base: u, page: page, seen: map[string]bool{}, left: map[string]bool{}, result: Result{Dropped: map[Reason]int{}}}, nil
}

// drop leaves out the reference in hand. One that was met before is counted and not told again.
func (c *collector) drop(r Reason) {
	c.result.Dropped[r]++
	if r == Duplicate || c.hand == "" || c.seen[c.hand] || c.left[c.hand] || len(c.result.Others) >= MaxEntries {
		return
	}
	c.left[c.hand] = true
	c.result.Others = append(c.result.Others, Other{URL: c.hand, Why: r})
}

// resolve gives the canonical form of a reference to a page of the site, or the reason why it is none.
func (c *collector) resolve(ref string) (string, Reason) {
	ref = strings.TrimSpace(ref)
	if ref == "" {
		return "", NoLink
	}
	c.hand = ref
	if strings.HasPrefix(ref, "#") {
		return "", Self
	}
	canonical, err := weburl.Resolve(c.base, ref)
	switch {
	case errors.Is(err, weburl.ErrScheme):
		return "", NotHTTP
	case err != nil:
		return "", BadURL
	}
	c.hand = canonical
	if !c.owns(canonical) {
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
	c.hand = l.URL
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
	at, _ := c.whenExactly(s)
	return at
}

// whenExactly is when, and whether only the day was given.
func (c *collector) whenExactly(s string) (at *time.Time, day bool) {
	if s = strings.TrimSpace(s); s == "" {
		return nil, false
	}
	if monthOnly.MatchString(s) { // as sitemaps may say it
		s += "-01"
	}
	t, ok := newsdate.ParseMachine(s, hintOf(c.site))
	if !ok {
		return nil, false
	}
	utc := t.At.UTC()
	return &utc, t.Precision == article.PrecisionDay
}

var monthOnly = regexp.MustCompile(`^[12]\d\d\d-[01]\d$`)
