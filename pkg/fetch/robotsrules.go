package fetch

import (
	"bytes"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// maxRobotsBody is how much of a robots.txt is parsed: what RFC 9309 section 2.5 asks for at least, and no more.
	maxRobotsBody = 500 << 10
	// maxSitemaps caps the sitemaps taken from one robots.txt. The largest news sites name a few dozen.
	maxSitemaps = 500
	// maxSitemapURL caps the length of one: the limit of the sitemap protocol.
	maxSitemapURL = 2048
	// tokenChars may stand in a product token. RFC 9309 has no digits; operators do.
	tokenChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	// robotsPath is where robots.txt is. It may always be fetched (RFC 9309 section 2.2.2).
	robotsPath = "/robots.txt"
)

// rules are the lines of one robots.txt that apply to khabar. They hold no part of the file they were read from.
type rules struct {
	list     []rule // longest pattern first, allow before disallow: the first that matches decides
	delay    time.Duration
	sitemaps []string
	group    string // the user-agent whose group applies: the token, or "*"
	note     string // what to report when no rule matches
}

type rule struct {
	allow   bool
	pattern string // normalised as matchable does
	line    int
}

func (r rule) String() string {
	verb := "Disallow"
	if r.allow {
		verb = "Allow"
	}
	return verb + ": " + r.pattern + " (line " + strconv.Itoa(r.line) + ")"
}

// parseRobots reads the rules for token out of a robots.txt by RFC 9309: groups that name the token (without case) are
// merged; without any, those of "*" are. Usual typing errors are forgiven. Crawl-delay counts as a member of its group,
// so it also ends the group's list of user-agents, as in the crawlers that honour it. base is the URL of the robots.txt;
// sitemaps are resolved against it. maxDelay caps the delay.
//
// It is written here because neither library does it right: temoto/robotstxt takes a group "kha" for one that names
// khabar, gives up on a file with one bad line, and lets the first of two rules of one length win; jimsmart/grobotstxt
// 1.0.3 damages the digits of a percent-encoding in every pattern that it normalises ("/%6f").
func parseRobots(body []byte, token string, base *url.URL, maxDelay time.Duration) *rules {
	if len(body) > maxRobotsBody {
		// A line that is cut would be another, wider rule.
		body = body[:maxRobotsBody]
		body = body[:max(bytes.LastIndexAny(body, "\r\n"), 0)]
	}
	p := robotsParser{token: token, base: base, maxDelay: maxDelay}
	p.parse(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	g, name := &p.star, "*"
	if p.own.seen {
		g, name = &p.own, token
	}
	r := &rules{list: g.list, delay: g.delay, sitemaps: p.sitemaps, group: name, note: "no rule matches"}
	if !g.seen {
		r.note = "no group applies"
	}
	slices.SortStableFunc(r.list, func(a, b rule) int {
		if d := len(b.pattern) - len(a.pattern); d != 0 {
			return d
		}
		switch {
		case a.allow == b.allow:
			return 0
		case a.allow:
			return -1
		}
		return 1
	})
	r.list = slices.Clip(r.list)
	return r
}

// allows decides about a URL, and says why.
func (r *rules) allows(u *url.URL) (bool, string) {
	if u.Path == robotsPath {
		return true, "robots.txt itself"
	}
	path := matchablePath(u)
	for _, rule := range r.list {
		if matchRobots(rule.pattern, path) {
			return rule.allow, rule.String() + " for " + r.group
		}
	}
	return true, r.note
}

// size estimates the memory that the rules take, in bytes.
func (r *rules) size() int64 {
	const perRule, perString, base = 40, 16, 256
	n := int64(base + len(r.note))
	for _, rule := range r.list {
		n += int64(perRule + len(rule.pattern))
	}
	for _, s := range r.sitemaps {
		n += int64(perString + len(s))
	}
	return n
}

// robotsParser collects the groups that matter to one token.
type robotsParser struct {
	token    string
	base     *url.URL
	maxDelay time.Duration

	own, star     robotsGroup
	inOwn, inStar bool
	sawRule       bool // since the last user-agent line: the next one starts another group
	sitemaps      []string
}

type robotsGroup struct {
	seen  bool
	list  []rule
	delay time.Duration
}

// parse reads a file line by line. Lines end with CR, LF or both; what is no "key: value" is passed over.
func (p *robotsParser) parse(body []byte) {
	for line := 1; len(body) > 0; line++ {
		text := body
		if end := bytes.IndexAny(body, "\r\n"); end >= 0 {
			text = body[:end]
			if bytes.HasPrefix(body[end:], []byte("\r\n")) {
				end++
			}
			body = body[end+1:]
		} else {
			body = nil
		}
		text, _, _ = bytes.Cut(text, []byte("#"))
		if key, value, ok := keyValue(string(bytes.TrimSpace(text))); ok {
			p.line(line, strings.ToLower(key), value)
		}
	}
}

// keyValue splits a line at its colon, or at its blank where somebody forgot the colon.
func keyValue(line string) (key, value string, ok bool) {
	if key, value, ok = strings.Cut(line, ":"); ok {
		return strings.TrimSpace(key), strings.TrimSpace(value), true
	}
	if f := strings.Fields(line); len(f) == 2 {
		return f[0], f[1], true
	}
	return "", "", false
}

// line takes in one line. The misspelt keys are those that Google's parser forgives.
func (p *robotsParser) line(n int, key, value string) {
	switch key {
	case "user-agent", "useragent", "user agent":
		p.userAgent(value)
	case "allow":
		p.rule(true, value, n)
	case "disallow", "dissallow", "dissalow", "disalow", "diaslow", "diasllow", "disallaw":
		p.rule(false, value, n)
	case "crawl-delay", "crawldelay", "crawl delay":
		p.crawlDelay(value)
	case "sitemap", "site-map":
		p.sitemap(value)
	}
}

func (p *robotsParser) userAgent(value string) {
	if p.sawRule {
		p.inOwn, p.inStar, p.sawRule = false, false, false
	}
	switch {
	case value == "*", strings.HasPrefix(value, "* "), strings.HasPrefix(value, "*\t"):
		p.inStar, p.star.seen = true, true
	case strings.EqualFold(productToken(value), p.token):
		p.inOwn, p.own.seen = true, true
	}
}

// productToken is the part of a user-agent line that names the product: "khabar/1.0" is for khabar.
func productToken(value string) string {
	return value[:len(value)-len(strings.TrimLeft(value, tokenChars))]
}

func (p *robotsParser) rule(allow bool, value string, line int) {
	p.sawRule = true
	if value == "" || !p.inOwn && !p.inStar {
		return // an empty rule matches nothing
	}
	r := rule{allow: allow, pattern: matchablePattern(value), line: line}
	if p.inOwn {
		p.own.list = append(p.own.list, r)
	}
	if p.inStar {
		p.star.list = append(p.star.list, r)
	}
}

func (p *robotsParser) sitemap(value string) {
	if value == "" || len(value) > maxSitemapURL || len(p.sitemaps) >= maxSitemaps {
		return
	}
	u, err := p.base.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	p.sitemaps = append(p.sitemaps, u.String())
}

func (p *robotsParser) crawlDelay(value string) {
	p.sawRule = true
	s, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(s) || s <= 0 {
		return
	}
	d := p.maxDelay
	if s < p.maxDelay.Seconds() {
		d = time.Duration(s * float64(time.Second))
	}
	if p.inOwn {
		p.own.delay = max(p.own.delay, d)
	}
	if p.inStar {
		p.star.delay = max(p.star.delay, d)
	}
}

// matchRobots says whether a path matches a pattern from its beginning; "*" in the pattern stands for any octets and "$"
// at its end for the end of the path. Each part between two "*" is taken where it first occurs, which is as good as
// anywhere, so that hostile patterns cost no more than one pass over the path.
func matchRobots(pattern, path string) bool {
	pattern, anchored := strings.CutSuffix(pattern, "$")
	part, rest, more := strings.Cut(pattern, "*")
	if !strings.HasPrefix(path, part) {
		return false
	}
	path = path[len(part):]
	for more {
		part, rest, more = strings.Cut(rest, "*")
		if !more && anchored {
			return strings.HasSuffix(path, part)
		}
		i := strings.Index(path, part)
		if i < 0 {
			return false
		}
		path = path[i+len(part):]
	}
	return !anchored || path == ""
}

// matchablePath is a URL's path and query in the form that patterns are compared with. Asterisks and dollar signs are
// encoded, because a pattern has to encode them to mean them.
func matchablePath(u *url.URL) string {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" || u.ForceQuery {
		path += "?" + u.RawQuery
	}
	return normalizeOctets(path, func(c byte, _ bool) bool { return c == '*' || c == '$' })
}

// matchablePattern is a pattern in the form that it is compared in. A dollar sign that does not end it is literal.
func matchablePattern(p string) string {
	return normalizeOctets(p, func(c byte, last bool) bool { return c == '$' && !last })
}

// normalizeOctets brings percent-encodings to one form (RFC 9309 section 2.2.2): unreserved characters decoded, all else
// that is encoded in upper case, octets outside of ASCII and those that special names encoded. It always copies.
func normalizeOctets(s string, special func(c byte, last bool) bool) string {
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(s)+len(s)/8)
	for i := 0; i < len(s); i++ {
		c, last := s[i], i == len(s)-1
		encode := c >= 0x80 || c <= ' ' || special(c, last)
		if c == '%' && i+2 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				c, i = byte(v), i+2
				encode = !unreserved(c)
			}
		}
		if encode {
			b = append(b, '%', hex[c>>4], hex[c&15])
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}

// unreserved characters mean the same encoded or not (RFC 3986 section 2.3).
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

// noRules allow everything, for a stated reason.
func noRules(format string, args ...any) *rules {
	return &rules{group: "*", note: fmt.Sprintf(format, args...)}
}
