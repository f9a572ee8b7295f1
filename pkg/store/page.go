package store

import (
	"slices"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/coverage"
	"github.com/khabar-crawler/khabar/pkg/look"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/rhythm"
)

// Status is what is to become of a page.
type Status string

// The statuses. A page with a next_at in the past is due, whatever its status: due (new, or to be tried again), done
// (a section or an article to visit again) or queued (its task was lost, and the lease has ended). One that is set aside
// has none.
const (
	StatusDue      Status = "due"      // to be fetched at next_at, which a crawl that is to end waits for
	StatusQueued   Status = "queued"   // in the frontier; next_at is the end of the lease
	StatusDone     Status = "done"     // nothing to do until the next visit at next_at, absent for none
	StatusGone     Status = "gone"     // the site says that it is no more (404, 410)
	StatusExcluded Status = "excluded" // not to be fetched, or no page of the site: robots.txt, the guard, size, type
	StatusDead     Status = "dead"     // given up, at least until next_at: it failed too often, is refused or took workers down
	StatusAside    Status = "aside"    // what is stored cannot be read; it waits for somebody to mend it
)

var statuses = []Status{StatusDue, StatusQueued, StatusDone, StatusGone, StatusExcluded, StatusDead, StatusAside}

// Kind is what a page is for.
type Kind string

// The kinds of a page.
const (
	KindHome    Kind = "home"
	KindListing Kind = "listing"
	KindFeed    Kind = "feed"
	KindSitemap Kind = "sitemap"
	KindArticle Kind = "article"
)

var kinds = []Kind{KindHome, KindListing, KindFeed, KindSitemap, KindArticle}

// Statuses lists the statuses.
func Statuses() []Status { return slices.Clone(statuses) }

// Kinds lists the kinds.
func Kinds() []Kind { return slices.Clone(kinds) }

// PageVersion is the version of the pages' schema that this code writes; docs/schema.md says what each one changed. A page
// of a newer one is left to the code that wrote it: it is not listed as due, not claimed and not overwritten.
const PageVersion = 1

// Page is one URL that khabar knows, with its crawl state: one document of the pages collection.
//
// The first group of fields says what the page is and where it came from: Commit writes those of them that are set
// and leaves the others as they are. The second group is the crawl state: Commit writes it whole, so that a field that
// is not set is removed.
type Page struct {
	ID             string    `bson:"_id"`         // 32 hex digits, of the canonical URL
	Version        int       `bson:"v,omitempty"` // as stored; what is written is of PageVersion. 0: of before there were versions
	URL            string    `bson:"url"`
	Site           string    `bson:"site"`
	Section        string    `bson:"section,omitempty"` // the section that it is, or was found in
	Kind           Kind      `bson:"kind"`
	Lane           string    `bson:"lane"`
	Priority       int       `bson:"priority"`                  // lower is sooner
	Depth          int       `bson:"depth,omitempty"`           // links followed from the home page or section
	DiscoveredAt   time.Time `bson:"discovered_at"`             // when the page was first seen
	DiscoveredFrom string    `bson:"discovered_from,omitempty"` // id of the page that links to it
	Run            string    `bson:"run,omitempty"`             // the crawl run that found it
	// WatchedSince is when khabar came to know the section that led to it: what was published before that is no news missed.
	WatchedSince *time.Time `bson:"watched_since,omitempty"`
	// DatedAt is when it was published, or else changed, as the feed or sitemap says in which it was found.
	DatedAt *time.Time `bson:"dated_at,omitempty"`
	// Vouched is for a page on a host that is not the site's, which the site itself names: nothing else there is the site's.
	Vouched bool `bson:"vouched,omitempty"`
	// LinkedAs is the address that it was linked at, where that is another: what changes nothing at the site was taken off.
	LinkedAs string `bson:"linked_as,omitempty"`
	// Block is the part of its site's template in which a page linked it.
	Block string `bson:"block,omitempty"`
	// Backfill is the backfill that the page is of, or that met it last.
	Backfill string `bson:"backfill,omitempty"`
	// Told is what a feed or news sitemap says of the article beside, as it was read last (see Tell).
	Told *article.Told `bson:"told,omitempty"`
	// Gaps is what may have gone by a section's visits unseen. What Commit writes of it is what one visit found; SettleGaps ends it.
	Gaps *coverage.Gaps `bson:"gaps,omitempty"`

	Status      Status          `bson:"status"`
	NextAt      *time.Time      `bson:"next_at,omitempty"`      // when it is due; absent for never
	Held        string          `bson:"held,omitempty"`         // the lane that has no room for it yet, while that is so
	Attempts    int             `bson:"attempts,omitempty"`     // failed attempts since the last success
	Outcome     outcome.Outcome `bson:"outcome,omitempty"`      // of the last attempt
	Reason      outcome.Reason  `bson:"reason,omitempty"`       // why
	LastError   string          `bson:"last_error,omitempty"`   // the reason in full, at most MaxLastError bytes
	RobotsRule  string          `bson:"robots_rule,omitempty"`  // the robots.txt line that excludes it
	RedirectTo  string          `bson:"redirect_to,omitempty"`  // the canonical URL that it leads to
	HTTP        *HTTP           `bson:"http,omitempty"`         // of the last answer
	FetchedAt   *time.Time      `bson:"fetched_at,omitempty"`   // the last answer, of any kind
	ContentHash string          `bson:"content_hash,omitempty"` // of what it held, to tell a change
	Interval    int64           `bson:"interval,omitempty"`     // seconds between two visits
	Yield       float64         `bson:"yield,omitempty"`        // new articles a visit, a moving mean (sections); at first what is to be expected
	Rhythm      *rhythm.Stats   `bson:"rhythm,omitempty"`       // what its visits have taught of when it publishes (sections)
	NextWhy     rhythm.Why      `bson:"next_why,omitempty"`     // what decided when the next visit is (sections), or look (articles: a look.Why)
	Listed      *coverage.List  `bson:"listed,omitempty"`       // what its last visit found, and what that proves (sections)
	GapOf       string          `bson:"gap_of,omitempty"`       // id of the section for whose gap it is read now (further pages)
	Look        *look.Record    `bson:"look,omitempty"`         // what looks for edits have seen (articles)
	ArticleID   string          `bson:"article_id,omitempty"`   // the article that was extracted from it
	Guess       string          `bson:"guess,omitempty"`        // the content system that has feeds or sitemaps here as a rule, while only that speaks for the page
	Walk        *Walk           `bson:"walk,omitempty"`         // of a page that a backfill goes back by
	Claim       string          `bson:"claim,omitempty"`        // of the scheduler that queued it last; Claim writes it

	Archived *article.Archived `bson:"archived,omitempty"` // where its last answer that was kept is
}

// MaxLastError bounds a page's LastError in bytes: a panic's message and the innermost of its stack.
const MaxLastError = 4 << 10

// HTTP is what the server answered last.
type HTTP struct {
	Status       int    `bson:"status,omitempty"`
	ETag         string `bson:"etag,omitempty"`
	LastModified string `bson:"last_modified,omitempty"` // as sent
	ContentType  string `bson:"content_type,omitempty"`  // as sent
	Bytes        int64  `bson:"bytes,omitempty"`         // on the wire
	Unchanged    int    `bson:"unchanged,omitempty"`     // answers in a row that it is as it was
	Fixed        bool   `bson:"fixed,omitempty"`         // its validators stay the same when it changes (sections)
}

// IsSection is true for pages that are visited again and again. The further pages of a listing and of an index of sitemaps, whose
// depth is not zero, are not; where a section has moved to has an interval. Nor is an address that somebody named and that never
// turned out to be a section: it has no section's id yet.
func (p Page) IsSection() bool {
	return p.Kind != KindArticle && (p.Depth == 0 || p.Interval > 0) && (p.Section != "" || p.DiscoveredFrom != "")
}

// isIdentity is true for the fields of Page's first group.
func isIdentity(field string) bool {
	switch field {
	case "url", "site", "section", "kind", "lane", "priority", "depth", "discovered_at", "discovered_from", "run", "watched_since", "dated_at", "vouched", "linked_as", "block",
		"backfill", "told", "gaps":
		return true
	}
	return false
}
