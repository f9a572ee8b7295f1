// Package site defines what khabar knows of a publisher before it crawls: the home page, language, country and time zone,
// how gently it is asked, the sections that list its articles, and what its article URLs look like. A site comes from
// a file (Load) or from its home page alone (FromHome).
//
// A site has a place: the host of its home page with those below it, and the path that the page is in. Editions, on
// sub-domains or under paths, are sites of their own. A Set is the sites that are known together, in which each URL belongs
// to the one with the longest matching host and path.
//
// Invariants: a loaded site is valid as a whole; its URLs are canonical; every section is the site's own; ids and places
// are unique among the sites loaded together; sites that share a politeness key agree on their pace. A Set never changes. Failure modes: each is a
// Problem with file, line, column and what is allowed, and all problems of all files are reported at once.
package site

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash/fnv"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// Site is one publisher. The yaml tags are the keys of a site file, which schema.json describes for editors.
type Site struct {
	ID       string `yaml:"id"`        // names the site in the store: lower-case letters, digits, dot, hyphen, underscore
	Name     string `yaml:"name"`      // as readers know it; the id where the file is silent
	Home     string `yaml:"home"`      // canonical URL
	Language string `yaml:"language"`  // BCP 47; empty: found out per article
	Country  string `yaml:"country"`   // ISO 3166-1 alpha-2; empty: unknown
	TimeZone string `yaml:"time_zone"` // IANA name, in which the site prints times without a zone; empty: unknown

	Hosts []string `yaml:"hosts"` // further hosts that belong, each with its subdomains
	// FollowMoves has the site crawled where its home page or a section redirects to another domain.
	FollowMoves bool `yaml:"follow_moves"`

	// Paused has the site's pages wait, sections included, until it is not paused any more.
	Paused bool `yaml:"paused"`

	Politeness Politeness `yaml:"politeness"`
	Schedule   Schedule   `yaml:"schedule"`
	Sections   []Section  `yaml:"sections"` // none: found from the home page
	Articles   Patterns   `yaml:"articles"`
	Extract    Rules      `yaml:"extract"`

	Source string `yaml:"-"` // the file it was loaded from; empty for a site made of its home page

	delaySaid bool          // the file names a delay, which SetDefaultDelay then leaves alone
	elsewhere time.Duration // the delay of hosts that are not the site's: the default, whatever the file says
	location  *time.Location
	include   []*regexp.Regexp
	exclude   []*regexp.Regexp

	around *atlas // of the sites that are known together; nil: of this one
	moved  place  // where the page in hand lives; see At
	wide   bool   // see Wide
}

// Politeness is how gently a site is asked.
type Politeness struct {
	Delay       time.Duration `yaml:"delay"`       // least time between two requests on one lane; robots.txt can only lengthen it
	Concurrency int           `yaml:"concurrency"` // lanes, each with one request at a time
	// Key is whose clock counts, for sites that share a server under several domains; empty: a URL's registrable domain.
	Key string `yaml:"key"`
}

// The politeness of a site that says nothing of it, and the bounds of what it may say.
const (
	// DefaultDelay is the floor that Media Cloud's story-indexer keeps and lies low in Heritrix's 3 to 30 s. A day of it is
	// 17,000 pages, many times what one publisher prints.
	DefaultDelay = 5 * time.Second
	// MinDelay keeps a typing error from becoming an attack. It does not bind sites on loopback and on the names that are
	// reserved for tests, where there is nobody to be polite to.
	MinDelay = time.Second
	// MaxDelay is where Heritrix stops honouring a crawl-delay: at 300 requests a day a site is not followed any more.
	MaxDelay = 5 * time.Minute
	// MaxConcurrency bounds the lanes of one host: browsers open six connections to a host, and a crawler is no better.
	MaxConcurrency = 6
)

// Schedule is how often sections are visited. Zero values stand for the scheduler's own policy, which learns from what
// each visit brings.
type Schedule struct {
	Every time.Duration `yaml:"every"` // kept to; beside Min or Max the first interval
	Cron  string        `yaml:"cron"`  // a crontab line, in place of Every
	Zone  string        `yaml:"zone"`  // IANA name, of Cron; empty: the site's
	Min   time.Duration `yaml:"min"`   // no section is visited more often
	Max   time.Duration `yaml:"max"`   // no section is visited less often

	cron *Cron
}

// The bounds of intervals: a minute is as often as any feed is made anew; a month is the longest for which
// visiting again is a schedule at all.
const (
	MinEvery = time.Minute
	MaxEvery = 31 * 24 * time.Hour
)

// Section is a page of the site that lists articles.
type Section struct {
	ID    string `yaml:"id"`
	URL   string `yaml:"url"` // canonical
	Kind  Kind   `yaml:"kind"`
	Pages int    `yaml:"pages"` // how many pages of a listing are followed, 1 being the first alone; 0: the worker decides
	// The section's own schedule, as Schedule has it for all; what is left out is the site's.
	Every time.Duration `yaml:"every"`
	Cron  string        `yaml:"cron"`
	Zone  string        `yaml:"zone"`
	Min   time.Duration `yaml:"min"`
	Max   time.Duration `yaml:"max"`

	cron *Cron
}

// MaxPages bounds how deep a listing is followed: at twenty articles a page that is ten thousand, and what is older is
// found faster through a sitemap.
const MaxPages = 500

// Kind is the kind of a section.
type Kind string

// The kinds of section.
const (
	Listing Kind = "listing" // an HTML page
	Feed    Kind = "feed"    // RSS, Atom or JSON feed
	Sitemap Kind = "sitemap" // a sitemap or an index of them
)

// Patterns say by a URL's path and query whether it is an article: RE2 expressions, matched anywhere, against the
// canonical (percent-encoded) form and against the readable one, so that Arabic can be written as it is. One that has two
// slashes in it names the host: it is matched against the whole URL, as "^https?://video[.]example[.]com/".
type Patterns struct {
	Include []string `yaml:"include"` // articles match one of these; none: not known by the URL
	Exclude []string `yaml:"exclude"` // what matches one of these is no article, even if it is included
}

// Rules are CSS selectors for a site that extraction misreads, tried in order before anything else. Empty: the
// extractor's own judgement.
type Rules struct {
	Title    []string `yaml:"title"`
	Subtitle []string `yaml:"subtitle"`
	Body     []string `yaml:"body"` // the element around the paragraphs
	Authors  []string `yaml:"authors"`
	Date     []string `yaml:"date"`
	Tags     []string `yaml:"tags"`
	Images   []string `yaml:"images"`
	Remove   []string `yaml:"remove"` // taken out of the page before anything is read
}

// Verdict is what a site's patterns say of a URL.
type Verdict int

// The verdicts on a URL.
const (
	Unknown    Verdict = iota // the patterns are silent: look at the page
	Article                   // an article
	NotArticle                // the home page, a section, or excluded, or not included
)

// IsArticle says by its URL whether a page is an article of the site. The URL must be canonical.
func (s *Site) IsArticle(canonical string) Verdict {
	if s.wide {
		if o := s.Other(canonical); o != nil {
			return o.IsArticle(canonical)
		}
	}
	u, err := url.Parse(canonical)
	if err != nil || canonical == s.Home {
		return NotArticle
	}
	for _, sec := range s.Sections {
		if canonical == sec.URL {
			return NotArticle
		}
	}
	encoded := u.RequestURI()
	readable, err := url.PathUnescape(encoded)
	if err != nil {
		readable = encoded
	}
	origin := u.Scheme + "://" + u.Host
	match := func(res []*regexp.Regexp) bool {
		for _, re := range res {
			before := ""
			if strings.Contains(re.String(), "//") {
				before = origin
			}
			if re.MatchString(before+encoded) || re.MatchString(before+readable) {
				return true
			}
		}
		return false
	}
	switch {
	case match(s.exclude):
		return NotArticle
	case len(s.include) == 0:
		return Unknown
	case match(s.include):
		return Article
	}
	return NotArticle
}

// Key gives the politeness key of a host[:port]: the key that the site names for its own hosts, or the host's registrable
// domain, so that a feed kept at a feed service is paced with everything else that is asked of that service.
func (s *Site) Key(host string) string {
	if s.Politeness.Key != "" && s.speaksFor(host) {
		return s.Politeness.Key
	}
	return weburl.Domain(host)
}

// speaksFor says whether a host[:port] is the publisher's: of its home's registrable domain, or one of the further hosts.
func (s *Site) speaksFor(host string) bool {
	return weburl.Domain(host) == weburl.Domain(weburl.Host(s.Home)) ||
		slices.ContainsFunc(s.Hosts, func(h string) bool { return host == h || strings.HasSuffix(host, "."+h) })
}

// Delay is the least time between two requests to a host[:port]: what the site says for its own hosts, and the default for
// those of others, as a feed service, for whom the site cannot speak.
func (s *Site) Delay(host string) time.Duration {
	if s.speaksFor(host) {
		return s.Politeness.Delay
	}
	return s.elsewhere
}

// Lane gives the lane of one of the site's URLs: its politeness key, and where the site allows several requests at once
// a number after a slash, which spreads URLs evenly and always gives the same URL the same lane. Hosts that are paced by
// a domain other than the site's own have a single lane, for their owners allowed nothing more. It is "" for what
// is no http or https URL.
func (s *Site) Lane(canonical string) string {
	key := s.Key(weburl.Host(canonical))
	if s.Politeness.Concurrency <= 1 || key == "" || key != s.Key(weburl.Host(s.Home)) {
		return key
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(canonical)) // a hash never fails
	return key + "/" + strconv.Itoa(int(h.Sum32()%uint32(s.Politeness.Concurrency)))
}

// Location gives the time zone that the site prints its times in; UTC where the site names none.
func (s *Site) Location() *time.Location {
	if s.location != nil {
		return s.location
	}
	return time.UTC
}

// Rules names by a hash all that the site says of how its pages are read: two definitions by which a page gives the same article
// have the same, as far as that can be told without the page.
func (s *Site) Rules() string {
	text, err := json.Marshal([]any{s.Name, s.Language, s.Country, s.TimeZone, s.Articles, s.Extract})
	if err != nil {
		return "" // never: it is all text
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:4])
}

// SetDefaultDelay sets the delay of a site whose file names none, and of hosts that are not the site's.
func (s *Site) SetDefaultDelay(d time.Duration) {
	s.elsewhere = d
	if !s.delaySaid {
		s.Politeness.Delay = d
	}
}

// SetTimeZone sets the time zone by its IANA name; "" is unknown. The error is time.LoadLocation's.
func (s *Site) SetTimeZone(name string) error {
	if name == "" {
		s.TimeZone, s.location = "", nil
		return nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return err
	}
	s.TimeZone, s.location = name, loc
	return nil
}

// FromHome makes a site of its home page alone: the id is its place, which is the registrable domain (host-port where there
// is none) unless it is an edition on a host or under a path of its own. All else is to be found out. Its errors are
// weburl.Canonical's.
func FromHome(rawURL string) (*Site, error) {
	home, err := weburl.Canonical(rawURL)
	if err != nil {
		return nil, err
	}
	at := homePlace(home)
	s := &Site{ID: idOf(at), Home: home, Language: at.language()}
	s.Politeness = Politeness{Delay: DefaultDelay, Concurrency: 1}
	s.elsewhere = DefaultDelay
	s.Name = s.ID
	return s, nil
}

// maxID is the longest id that a site may have.
const maxID = 64

// idOf makes an id of a place. What an id cannot hold, it has a hash of.
func idOf(p place) string {
	exact := true
	id := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '.', r == '-':
			return r
		case r == ':', r == '[', r == ']':
			return '-'
		case r == '/':
			return '_'
		}
		exact = exact && r == '_'
		return '-'
	}, p.String())
	id = strings.Trim(id, "-_.")
	if exact && len(id) <= maxID && id != "" {
		return id
	}
	id = cmp.Or(id, "site")
	sum := sha256.Sum256([]byte(p.String()))
	tail := "-" + hex.EncodeToString(sum[:4])
	return id[:min(len(id), maxID-len(tail))] + tail
}
