// Package article defines the documents that khabar delivers: the article as it stands on its page, and the
// revisions that later edits of it replaced.
//
// Invariants: an article's id is the page id of the address that it was first read at, and never changes, whatever the
// page later calls its own address; ContentHash changes exactly when a reader would see another title or another text;
// absent means unknown, so no field is ever stored as an empty string or an empty list. The package does no I/O and imports
// nothing of khabar's.
package article

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// SchemaVersion is the version of the articles collection's schema; docs/schema.md says what each one changed.
const SchemaVersion = 1

// The bounds of what a page says beside its title, subtitle and text; the store takes no more. They keep all of it
// together far below the 16 MB that a document may have.
const (
	// MaxName bounds names and topics, in characters: several times what a newsroom, a place or a rubric is called. What
	// is longer is a text that was taken for a name.
	MaxName = 500
	// MaxCaption bounds a picture's caption, in characters: a long paragraph, a few times over.
	MaxCaption = 5000
	// MaxImageURL bounds a picture's address, in characters: browsers and servers take no longer one.
	MaxImageURL = 8192
	// MaxItems bounds the lists of authors, tags and images.
	MaxItems = 400
)

// Article is one document of the articles collection. docs/schema.md describes every field.
type Article struct {
	ID           string   `bson:"_id" json:"id"`                              // page id of the address it was first read at, 32 hex digits
	URL          string   `bson:"url" json:"url"`                             // the page that its versions are read from
	CanonicalURL string   `bson:"canonical_url" json:"canonical_url"`         // what the page calls its own address, as far as that is believed
	Aliases      []string `bson:"aliases,omitempty" json:"aliases,omitempty"` // further addresses of the same text, MaxAliases at most
	Site         string   `bson:"site" json:"site"`
	Sections     []string `bson:"sections,omitempty" json:"sections,omitempty"` // ids of the site's sections that list it
	Country      string   `bson:"country,omitempty" json:"country,omitempty"`   // ISO 3166-1 alpha-2, upper case
	Language     string   `bson:"language,omitempty" json:"language,omitempty"` // BCP 47

	Title      string    `bson:"title,omitempty" json:"title,omitempty"`
	Subtitle   string    `bson:"subtitle,omitempty" json:"subtitle,omitempty"`
	Text       string    `bson:"text,omitempty" json:"text,omitempty"` // paragraphs parted by a blank line
	Paragraphs int       `bson:"paragraphs,omitempty" json:"paragraphs,omitempty"`
	Authors    []string  `bson:"authors,omitempty" json:"authors,omitempty"` // persons only
	Agency     string    `bson:"agency,omitempty" json:"agency,omitempty"`
	Dateline   *Dateline `bson:"dateline,omitempty" json:"dateline,omitempty"`

	PublishedAt *time.Time  `bson:"published_at,omitempty" json:"published_at,omitempty"` // UTC
	Published   *Provenance `bson:"published,omitempty" json:"-"`
	ModifiedAt  *time.Time  `bson:"modified_at,omitempty" json:"modified_at,omitempty"` // UTC
	Modified    *Provenance `bson:"modified,omitempty" json:"-"`

	Kind     Kind     `bson:"kind,omitempty" json:"kind,omitempty"`
	Images   []Image  `bson:"images,omitempty" json:"images,omitempty"`
	Tags     []string `bson:"tags,omitempty" json:"tags,omitempty"`
	Category string   `bson:"category,omitempty" json:"category,omitempty"` // the section as the page names it

	WordCount   int      `bson:"word_count,omitempty" json:"word_count,omitempty"` // words by UAX #29, so that scripts without spaces count too
	ContentHash string   `bson:"content_hash" json:"content_hash"`
	TextHash    string   `bson:"text_hash,omitempty" json:"text_hash,omitempty"` // of the words alone: the same for exact copies
	Cluster     *Cluster `bson:"cluster,omitempty" json:"cluster,omitempty"`     // nil: no other article is known to be one with it
	Quality     Quality  `bson:"quality" json:"quality"`

	Revision int `bson:"revision" json:"revision"` // 1 for the first version stored
	// DiscoveredAt is when khabar first saw a link to the page that the article was first read at; nil where that was not noted.
	DiscoveredAt *time.Time `bson:"discovered_at,omitempty" json:"discovered_at,omitempty"`
	FirstSeenAt  time.Time  `bson:"first_seen_at" json:"first_seen_at"` // the fetch that the first version is from
	// StoredAt is when the article was first stored; nil where that was not noted. No edit changes it, nor DiscoveredAt.
	StoredAt   *time.Time `bson:"stored_at,omitempty" json:"stored_at,omitempty"`
	FetchedAt  time.Time  `bson:"fetched_at" json:"fetched_at"`
	Gone       *Gone      `bson:"gone,omitempty" json:"gone,omitempty"`               // nil: as far as is known its page is there
	ReturnedAt *time.Time `bson:"returned_at,omitempty" json:"returned_at,omitempty"` // when its page was there again after it had been gone
	// UpdatedAt is when khabar last changed what a reader of the document sees, and Seq the place of that change among those of all
	// articles: 0 until it has one, and Mark is there meanwhile.
	UpdatedAt     *time.Time `bson:"updated_at,omitempty" json:"updated_at,omitempty"`
	Seq           int64      `bson:"seq,omitempty" json:"seq,omitempty"`
	Mark          string     `bson:"mark,omitempty" json:"-"`
	Extractor     Extractor  `bson:"extractor" json:"extractor"`
	Archived      *Archived  `bson:"archived,omitempty" json:"archived,omitempty"` // nil: the page that this version is from was not kept
	SchemaVersion int        `bson:"schema_version" json:"schema_version"`
}

// Cluster says of which other articles this one is a near-duplicate.
type Cluster struct {
	ID   string `bson:"id" json:"id"`                     // of the first article, which all that are in the cluster have
	Role string `bson:"role" json:"role"`                 // RoleFirst, RoleCopy or RolePart
	Of   string `bson:"of,omitempty" json:"of,omitempty"` // the earliest article that it is one with; "" for the first
}

// The roles of articles in a cluster.
const (
	RoleFirst = "first" // published before all others
	RoleCopy  = "copy"  // the text of the other article, but for a lead, a dateline or a paragraph
	RolePart  = "part"  // cut from the other article, or the other one with as much again
)

// Dateline is the place and the agency or site that open a report ("بغداد/المسلة الحدث:").
type Dateline struct {
	Place  string `bson:"place,omitempty" json:"place,omitempty"`
	Agency string `bson:"agency,omitempty" json:"agency,omitempty"`
}

// Provenance says where a time was read and how far it can be trusted.
type Provenance struct {
	Source    string    `bson:"source" json:"source"` // as "json-ld", "meta article:published_time", "text", "url"
	Precision Precision `bson:"precision" json:"precision"`
	Zone      string    `bson:"zone,omitempty" json:"zone,omitempty"` // IANA name or +hh:mm that the time was read in
}

// Format gives t in the zone it was read in, as RFC 3339, or as a date alone where the page gave no time. It is empty
// for an unknown time, and UTC where the zone is not known here.
func (p *Provenance) Format(t *time.Time) string {
	if p == nil || t == nil {
		return ""
	}
	local := t.UTC()
	if loc, err := time.LoadLocation(p.Zone); err == nil {
		local = t.In(loc)
	} else if off, err := time.Parse("-07:00", p.Zone); err == nil {
		local = t.In(off.Location())
	}
	if p.Precision == PrecisionDay {
		return local.Format(time.DateOnly)
	}
	return local.Format(time.RFC3339)
}

// Precision is the finest part of a time that the page gave.
type Precision string

// The precisions of a time.
const (
	PrecisionDay    Precision = "day"
	PrecisionMinute Precision = "minute"
	PrecisionSecond Precision = "second"
)

// Kind is what the page of an article is, as far as it says so or looks like it.
type Kind string

// The kinds of pages. Of those from KindListing on none is an article's, so none is stored.
const (
	KindArticle       Kind = "article"
	KindLive          Kind = "live"          // one that is added to while something goes on
	KindDocumentation Kind = "documentation" // a manual, a reference
	KindListing       Kind = "listing"       // a section, a collection, a list of offers
	KindForum         Kind = "forum"         // a discussion, or questions with answers
	KindProduct       Kind = "product"       // one thing that is for sale
	KindService       Kind = "service"       // what somebody offers to do, or a tool to do it with
)

// Kinds gives all kinds.
func Kinds() []Kind {
	return []Kind{KindArticle, KindLive, KindDocumentation, KindListing, KindForum, KindProduct, KindService}
}

// Image is a picture of the article with its caption as printed.
type Image struct {
	URL     string `bson:"url" json:"url"`
	Caption string `bson:"caption,omitempty" json:"caption,omitempty"`
}

// Quality says how far the extraction can be trusted.
type Quality struct {
	Score float64  `bson:"score" json:"score"` // 0..1
	Flags []string `bson:"flags,omitempty" json:"flags,omitempty"`
}

// The quality flags that are set where an article is stored; package extract has the others.
const (
	FlagDroppedField   = "dropped_field"   // a field whose value does not pass the schema was left out
	FlagWrongCanonical = "wrong_canonical" // the page calls an address its own that is not
)

// MaxAliases bounds the addresses that are kept of one text: a page under every tag and section of a site has dozens.
const MaxAliases = 50

// Gone says that an article's page is no more. What was read of it stays.
type Gone struct {
	At     time.Time `bson:"at" json:"at"`         // when that was certain
	Reason string    `bson:"reason" json:"reason"` // the page's, as http_404, http_410, error_page or leads_to_no_article
}

// Archived says where an answer is kept, for package archive to read.
type Archived struct {
	File   string    `bson:"file" json:"file"`     // a WARC file of the archive's directory
	Offset int64     `bson:"offset" json:"offset"` // of the record in it, in bytes
	Digest string    `bson:"digest" json:"digest"` // of the body, as sha256:…
	URL    string    `bson:"url" json:"url"`       // that was asked, after redirects
	At     time.Time `bson:"at" json:"at"`         // when it was fetched
}

// Extractor names the code that made the document.
type Extractor struct {
	Version string `bson:"version" json:"version"`
	Method  string `bson:"method,omitempty" json:"method,omitempty"` // where the body came from: "dom", "json-ld", "rules" …
	Rules   string `bson:"rules,omitempty" json:"rules,omitempty"`   // of the site, by a hash: another one than today's is stale
}

// Revision is what an edit replaced: one document of the revisions collection.
type Revision struct {
	ID          string     `bson:"_id" json:"id"` // "<article id>.<revision>"
	ArticleID   string     `bson:"article_id" json:"article_id"`
	Revision    int        `bson:"revision" json:"revision"`
	ReplacedAt  time.Time  `bson:"replaced_at" json:"replaced_at"`
	Title       string     `bson:"title,omitempty" json:"title,omitempty"`
	Subtitle    string     `bson:"subtitle,omitempty" json:"subtitle,omitempty"`
	Text        string     `bson:"text,omitempty" json:"text,omitempty"`
	Authors     []string   `bson:"authors,omitempty" json:"authors,omitempty"`
	PublishedAt *time.Time `bson:"published_at,omitempty" json:"published_at,omitempty"`
	ModifiedAt  *time.Time `bson:"modified_at,omitempty" json:"modified_at,omitempty"`
	ContentHash string     `bson:"content_hash" json:"content_hash"`
	FetchedAt   time.Time  `bson:"fetched_at" json:"fetched_at"`

	// What the edit changed.
	Fields    []string `bson:"fields,omitempty" json:"fields,omitempty"`       // of those above, by name
	Changes   []Change `bson:"changes,omitempty" json:"changes,omitempty"`     // of the text, sentence by sentence
	Rewritten bool     `bson:"rewritten,omitempty" json:"rewritten,omitempty"` // more of the text than is listed
}

// HashContent is the ContentHash of an article: 32 hex digits of SHA-256 over title, subtitle and text, white space
// evened out so that markup changes alone make no revision.
func HashContent(title, subtitle, text string) string {
	h := sha256.New()
	for _, s := range []string{title, subtitle, text} {
		h.Write([]byte(strings.Join(strings.Fields(s), " ")))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// The bounds of what a revision lists of its edit, beyond which the text counts as rewritten.
const (
	// MaxChanges bounds a revision's changes: an edit of a long report touches some dozens of sentences.
	MaxChanges = 200
	// MaxChangeBytes bounds their texts together, in bytes: a fiftieth of what is left in a document beside the longest text.
	MaxChangeBytes = 128 << 10
)

// ChangeKind is what became of a sentence.
type ChangeKind string

// The kinds of a change.
const (
	ChangeAdded   ChangeKind = "added"
	ChangeRemoved ChangeKind = "removed"
	ChangeChanged ChangeKind = "changed" // into one that has more in common with it than not
)

// Change is one sentence that an edit added, removed or changed.
type Change struct {
	Kind      ChangeKind `bson:"kind" json:"kind"`
	Before    string     `bson:"before,omitempty" json:"before,omitempty"`
	After     string     `bson:"after,omitempty" json:"after,omitempty"`
	Paragraph int        `bson:"paragraph" json:"paragraph"` // of the next version, or where it is removed of this one; 1 for the first
}
