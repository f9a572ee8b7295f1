package site

import (
	"errors"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/language"

	"github.com/khabar-crawler/khabar/pkg/weburl"
	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

// The bounds of a file's texts and lists, far above what any real site needs, so that a file cannot make the crawler
// compile without end.
const (
	maxText = 500 // characters
	maxList = 1000
)

var (
	idForm  = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)
	keyForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,252}(:[0-9]{1,5})?$`)
)

// checker holds one site against the rules; path names the key that each problem is about.
type checker struct {
	site *Site
	doc  *yamlfile.Document
	free bool // on loopback or a reserved name: the floors do not bind
}

// validate reports every problem of a decoded site, makes its URLs and hosts canonical, and compiles its patterns.
func validate(s *Site, doc *yamlfile.Document) {
	c := &checker{site: s, doc: doc}
	c.identity()
	c.hosts()
	c.politeness()
	at := &s.Schedule
	at.cron = c.timing("schedule.", at.Every, at.Min, at.Max, at.Cron, at.Zone)
	c.sections()
	s.include = c.patterns("articles.include", s.Articles.Include)
	s.exclude = c.patterns("articles.exclude", s.Articles.Exclude)
	r := s.Extract
	for _, rule := range []struct {
		key       string
		selectors []string
	}{
		{"title", r.Title}, {"subtitle", r.Subtitle}, {"body", r.Body}, {"authors", r.Authors},
		{"date", r.Date}, {"tags", r.Tags}, {"images", r.Images}, {"remove", r.Remove},
	} {
		c.selectors("extract."+rule.key, rule.selectors)
	}
}

// need reports a key that is missing, and says whether it is there.
func (c *checker) need(path, want string) bool {
	if c.doc.Has(path) {
		return true
	}
	c.doc.Add(path, "is missing; want %s", want)
	return false
}

func (c *checker) identity() {
	s := c.site
	c.id("id", s.ID)
	if c.doc.Has("name") {
		c.text("name", s.Name)
	}
	if c.need("home", "the URL of the site's home page") {
		s.Home = c.url("home", s.Home)
		c.free = isFree(weburl.Host(s.Home))
	}
	if c.doc.Has("language") {
		tag, err := language.Parse(s.Language)
		if err != nil || tag == language.Und || strings.Contains(s.Language, "_") {
			c.doc.Add("language", "%.40q is no language tag (BCP 47); want one such as ar, ckb, fa or en-GB", s.Language)
		} else if tag.String() != s.Language {
			c.doc.Add("language", "%q is written %s", s.Language, tag)
		}
	}
	if c.doc.Has("country") {
		if meant := countryMeant(s.Country); meant == "" {
			c.doc.Add("country", "%.40q is no country; want two letters of ISO 3166-1 such as IQ, EG or TR", s.Country)
		} else if meant != s.Country {
			c.doc.Add("country", "%q is written %s", s.Country, meant)
		}
	}
	if c.doc.Has("time_zone") {
		loc, err := time.LoadLocation(s.TimeZone)
		if err != nil || s.TimeZone == "" || s.TimeZone == "Local" {
			c.doc.Add("time_zone", "%.60q is no time zone; want a name of the IANA database such as Asia/Baghdad", s.TimeZone)
		}
		s.location = loc
	}
}

func (c *checker) id(path, id string) {
	if c.need(path, "a short name of lower-case letters, digits, . _ or -") && !idForm.MatchString(id) {
		c.doc.Add(path, "%.80q is no id; want up to 64 lower-case letters, digits, . _ or -, a letter or digit first", id)
	}
}

// url gives the canonical form, or "" after reporting what is wrong.
func (c *checker) url(path, raw string) string {
	canonical, err := weburl.Canonical(raw)
	switch {
	case errors.Is(err, weburl.ErrScheme):
		c.doc.Add(path, "%.80q is no web address; want one that begins with https:// or http://", raw)
	case errors.Is(err, weburl.ErrHost):
		c.doc.Add(path, "%.80q has no valid host; want https://host/path", raw)
	case err != nil:
		c.doc.Add(path, "is longer than %d bytes", weburl.MaxLength)
	}
	return canonical
}

func (c *checker) text(path, s string) {
	switch {
	case strings.TrimSpace(s) == "":
		c.doc.Add(path, "is empty")
	case utf8.RuneCountInString(s) > maxText:
		c.doc.Add(path, "is longer than %d characters", maxText)
	case strings.ContainsFunc(s, unicode.IsControl):
		c.doc.Add(path, "has line ends or control characters in it")
	}
}

func (c *checker) hosts() {
	for i, h := range c.site.Hosts {
		path := item("hosts", i)
		host := weburl.Host("https://" + h)
		switch suffix, _ := publicsuffix.PublicSuffix(host); {
		case host == "" || strings.ContainsAny(h, "/?#@\\"):
			c.doc.Add(path, "%.80q is no host; want a name such as feeds.example.org, without https:// or a path", h)
		case host == suffix && strings.Contains(host, "."):
			c.doc.Add(path, "%q is a suffix under which anybody registers; name the site's own host", h)
		}
		c.site.Hosts[i] = host
	}
	c.length("hosts", len(c.site.Hosts))
}

func (c *checker) politeness() {
	p := c.site.Politeness
	if c.doc.Has("politeness.delay") {
		if p.Delay < MinDelay && !c.free {
			c.doc.Add("politeness.delay", "%s is too short; want from %s to %s (less only for sites on loopback and reserved test names)",
				yamlfile.Brief(p.Delay), yamlfile.Brief(MinDelay), yamlfile.Brief(MaxDelay))
		}
		if p.Delay > MaxDelay {
			c.doc.Add("politeness.delay", "%s is too long; want from %s to %s", yamlfile.Brief(p.Delay), yamlfile.Brief(MinDelay), yamlfile.Brief(MaxDelay))
		}
	}
	if c.doc.Has("politeness.concurrency") && (p.Concurrency < 1 || p.Concurrency > MaxConcurrency) {
		c.doc.Add("politeness.concurrency", "%d is out of range; want from 1 to %d", p.Concurrency, MaxConcurrency)
	}
	if c.doc.Has("politeness.key") && !keyForm.MatchString(p.Key) {
		c.doc.Add("politeness.key", "%.80q is no key; want a host name that the sites of one server share, such as hosting.example", p.Key)
	}
}

func (c *checker) interval(path string, d time.Duration) {
	low := MinEvery
	if c.free {
		low = time.Millisecond
	}
	if c.doc.Has(path) && (d < low || d > MaxEvery) {
		c.doc.Add(path, "%s is out of range; want from %s to %s", yamlfile.Brief(d), yamlfile.Brief(low), yamlfile.Brief(MaxEvery))
	}
}

func (c *checker) sections() {
	ids, urls := map[string]int{}, map[string]int{}
	for i := range c.site.Sections {
		sec := &c.site.Sections[i]
		path := item("sections", i)
		c.id(path+".id", sec.ID)
		if first, again := ids[sec.ID]; again && sec.ID != "" {
			c.doc.Add(path+".id", "%q is the id of sections[%d] too; each section needs its own", sec.ID, first)
		} else {
			ids[sec.ID] = i
		}
		if c.need(path+".url", "the section's URL") {
			c.sectionURL(path+".url", sec, i, urls)
		}
		if c.need(path+".kind", "one of listing, feed, sitemap") && !slices.Contains([]Kind{Listing, Feed, Sitemap}, sec.Kind) {
			c.doc.Add(path+".kind", "%.40q is no kind of section; want one of listing, feed, sitemap", sec.Kind)
		}
		if c.doc.Has(path + ".pages") {
			switch {
			case sec.Pages < 1 || sec.Pages > MaxPages:
				c.doc.Add(path+".pages", "%d is out of range; want from 1 to %d", sec.Pages, MaxPages)
			case sec.Kind == Feed || sec.Kind == Sitemap:
				c.doc.Add(path+".pages", "a %s has no pages to follow; only a listing has", sec.Kind)
			}
		}
		sec.cron = c.timing(path+".", sec.Every, sec.Min, sec.Max, sec.Cron, sec.Zone)
		c.against(path+".", sec)
	}
	c.length("sections", len(c.site.Sections))
}

func (c *checker) sectionURL(path string, sec *Section, i int, seen map[string]int) {
	raw := sec.URL
	if sec.URL = c.url(path, raw); sec.URL == "" {
		return
	}
	belongs := c.site.Owns
	if sec.Kind != Listing {
		belongs = c.site.Serves
	}
	if c.site.Home != "" && !belongs(sec.URL) {
		c.doc.Add(path, "%s is not in the site's place, %s; want a URL there, or its host under hosts",
			weburl.Host(sec.URL), homePlace(c.site.Home))
	}
	if first, again := seen[sec.URL]; again {
		c.doc.Add(path, "%.200s is the URL of sections[%d] too", sec.URL, first)
		return
	}
	seen[sec.URL] = i
}

func (c *checker) patterns(path string, exprs []string) []*regexp.Regexp {
	c.length(path, len(exprs))
	var compiled []*regexp.Regexp
	for i, expr := range exprs {
		re, err := regexp.Compile(expr)
		switch {
		case expr == "":
			c.doc.Add(item(path, i), "is empty, which matches everything")
		case utf8.RuneCountInString(expr) > maxText:
			c.doc.Add(item(path, i), "is longer than %d characters", maxText)
		case err != nil:
			c.doc.Add(item(path, i), "is no regular expression (RE2): %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		default:
			compiled = append(compiled, re)
		}
	}
	return compiled
}

func (c *checker) selectors(path string, selectors []string) {
	c.length(path, len(selectors))
	for i, s := range selectors {
		if utf8.RuneCountInString(s) > maxText {
			c.doc.Add(item(path, i), "is longer than %d characters", maxText)
		} else if _, err := cascadia.ParseGroup(s); err != nil {
			c.doc.Add(item(path, i), "%.80q is no CSS selector: %v", s, err)
		}
	}
}

func (c *checker) length(path string, n int) {
	if n > maxList {
		c.doc.Add(path, "has %d entries; at most %d", n, maxList)
	}
}

// isFree says whether a host is one where there is nobody to be polite to: loopback, or a name that RFC 2606 and RFC 6761
// reserve for tests and examples.
func isFree(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if addr, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return addr.IsLoopback()
	}
	tld := host[strings.LastIndexByte(host, '.')+1:]
	return slices.Contains([]string{"localhost", "example", "test", "invalid"}, tld)
}

func item(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }
