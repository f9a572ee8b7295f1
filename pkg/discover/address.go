package discover

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// address is what a canonical URL shows of itself.
type address struct {
	host     string
	segments []string // of the path, decoded, without empty ones
	query    url.Values
	shape    string // the URL with what varies among pages of one sort taken out
	date     []int  // the numbers of a date in the path: year, month, day
	dated    bool   // has a year and a month, and something behind them
	id       bool   // carries an article's number
	number   string // that number, where it is in the query
	slug     int    // hyphens in the part that names the page: headlines have three or more
	role     role   // what a word of the path says of it
	page     int    // its page number, 0 where it has none
	paging   int    // how many of the last segments are the page number
	score    float64
}

// role is what a word of a path says of the page. It weighs beside other signs.
type role uint8

const (
	roleNone    role = iota
	roleService      // of the site, for its readers
	roleName         // a person's or a tag's
	roleSubject      // of service, or an article about that
	roleOffer        // an event, a product, an advertiser's
	roleSection
)

// marked says whether the address has what only articles' have on most sites: a date, or a number that is the page's own.
func (a *address) marked() bool {
	return a.dated || a.id && a.isPlain()
}

// isPlain says whether no word of the path makes it something else than an article or a section.
func (a *address) isPlain() bool { return a.role == roleNone || a.role == roleSection }

// isCalled says whether a text is the page's own name in the address, as "Middle East" is in /region/middle-east.
func (a *address) isCalled(text string) bool {
	n := len(a.segments)
	if n == 0 {
		return false
	}
	own, name := letters(text), letters(stem(a.segments[n-1]))
	return own != "" && own == name
}

// files are the endings of what is no page, feed or sitemap.
var files = words(`jpg jpeg png gif webp avif svg ico bmp tif tiff
	pdf doc docx xls xlsx ppt pptx odt epub zip rar 7z gz tar apk exe dmg ics
	mp3 m4a ogg wav wma mp4 m4v avi mov wmv webm flv m3u8 3gp
	css js json txt woff woff2 ttf`)

func words(list string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(list) {
		out[w] = true
	}
	return out
}

// isFile tells by its ending that an address is no page, feed or sitemap.
func isFile(canonical string) bool {
	u, err := url.Parse(canonical)
	return err != nil || files[strings.ToLower(strings.TrimPrefix(path.Ext(u.Path), "."))]
}

// readAddress looks at a canonical URL.
func readAddress(canonical string) address {
	u, err := url.Parse(canonical)
	if err != nil {
		return address{shape: canonical}
	}
	a := address{host: u.Host, query: u.Query()}
	for s := range strings.SplitSeq(u.Path, "/") {
		if s != "" {
			a.segments = append(a.segments, s)
		}
	}
	a.judge()
	return a
}

// stem is a segment in lower case without its ending.
func stem(segment string) string {
	low := strings.ToLower(segment)
	if ext := path.Ext(low); len(ext) > 1 && len(ext) <= 6 && !isNumber(ext[1:]) {
		low = strings.TrimSuffix(low, ext)
	}
	return low
}

// named are the segments that name the page: without an index document, which stands for its folder.
func (a *address) named() []string {
	if n := len(a.segments); n > 1 {
		switch strings.ToLower(a.segments[n-1]) {
		case "index.html", "index.htm", "index.php", "index.asp", "index.aspx", "default.aspx", "default.asp":
			return a.segments[:n-1]
		}
	}
	return a.segments
}

// judge sets all that follows from the segments, and the score: how far the address alone looks like an article's. The weights
// are set against listings of many sites so that a date, a number or a headline in the address is enough with
// any text at all, and none of them can be missing without other signs.
func (a *address) judge() {
	var shape []string
	segments := a.named()
	short := 0      // numbers of two digits in a row, as in /26/10/24
	closed := false // the last segment is part of the date
	for i, s := range segments {
		last := i == len(segments)-1
		low := stem(s)
		if len(low) > 11 && isDate(low[:10]) && !unicode.IsDigit(rune(low[10])) { // 2026-10-24-a-headline
			a.date = append(a.date[:0], dateParts(low[:10])...)
			a.dated, low = true, low[11:]
		}
		hyphens := strings.Count(low, "-") + strings.Count(low, "_") + strings.Count(low, " ") + strings.Count(low, "+")
		closed = false
		n, isMonth := known()[wordKey{"address", "month"}][low]
		switch {
		case isNumber(low):
			if short++; len(low) > 2 {
				short = 0
			} else if short == 3 && !last {
				a.dated = true
			}
			if isDatePart(low, len(a.date)) {
				a.date, closed = append(a.date, small(low)), true
			} else if len(low) >= 4 {
				a.id = true
			}
			shape = append(shape, "#")
			continue
		case isMonth && len(a.date) == 1:
			a.date, closed = append(a.date, n), true
			shape = append(shape, "#")
			continue
		case isDate(low):
			a.date, closed = append(a.date[:0], dateParts(low)...), true
			shape = append(shape, "#")
			continue
		case hyphens >= 3 || len([]rune(low)) > 40:
			shape = append(shape, "*")
		case hyphens == 2 && last:
			shape = append(shape, "*")
		case carriesNumber(low):
			shape = append(shape, "*#")
		case last && i > 0:
			shape = append(shape, "~")
		default:
			shape = append(shape, low)
		}
		a.id = a.id || carriesNumber(low)
		if len([]rune(low)) > 40 {
			hyphens = max(hyphens, 3)
		}
		if hyphens > 0 || a.slug < 3 || !isNumbered(segments[i+1:]) {
			a.slug = hyphens // of the last that is no number, nor the word before it, as in /a-long-headline/articleshow/126062150.cms
		}
		if ext := strings.ToLower(path.Ext(s)); last && (ext == ".html" || ext == ".htm" || ext == ".shtml") {
			a.score += 0.5
		}
	}
	a.dated = a.dated || len(a.date) >= 2 && (!closed || a.slug >= 3) // /a-long-headline/2026/11 too
	a.judgeQuery(&shape)
	a.role = a.roleOf(segments)
	a.weigh(len(segments))
	a.shape = a.host + "/" + strings.Join(shape, "/")
	a.page, a.paging = a.pageNumber()
}

// isNumbered says whether what is left of a path is a page's number.
func isNumbered(left []string) bool { return len(left) == 1 && isNumber(stem(left[0])) }

// weigh sets the score.
func (a *address) weigh(depth int) {
	switch {
	case a.slug >= 3:
		a.score += 2
	case a.slug == 2:
		a.score++
	}
	if a.dated {
		a.score += 2.5
	}
	if a.id && a.isPlain() {
		a.score += 1.5
	}
	switch {
	case depth > 1:
		a.score += 0.5
	case depth == 1 && !a.id && len(a.query) == 0 && a.score < 1:
		a.score -= 1.5
	}
	if len(a.date) >= 2 && !a.dated || depth > 0 && depth == len(a.date) {
		a.score = -2 // a day's or month's archive
	}
	switch a.role {
	case roleSection, roleSubject:
		a.score -= 2
	case roleName, roleService:
		a.score -= 3
	case roleOffer:
		a.score -= 4 // a product's name is as long as a headline
	}
}

func (a *address) judgeQuery(shape *[]string) {
	if len(a.query) == 0 {
		return
	}
	var names []string
	for name := range a.query {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		value, low := a.query.Get(name), strings.ToLower(name)
		if known().has("parameter", "id", low) && isNumber(value) && len(value) >= 3 {
			a.id, a.number = true, value
		}
		if isNumber(value) {
			value = "#"
		} else {
			value = "w"
		}
		*shape = append(*shape, "?"+low+"="+value)
	}
}

// roleDepth is how many segments of a path are looked at for words: deeper ones are the page's own name.
const roleDepth = 3

// roleOf finds the first word of the path that says what the page is. What looks like an article behind the word is one all
// the same: opinion sections are called after their columnists, and floods are news of the weather.
func (a *address) roleOf(segments []string) role {
	x := known()
	for i, s := range segments[:min(len(segments), roleDepth)] {
		word := stem(s)
		b := tailOf(segments[i+1:])
		isName, isSubject := x.has("address", "name", word), x.has("address", "subject", word)
		switch {
		case (isName || isSubject) && b.parts == 0:
			return roleSection // all columnists, all comment
		case x.has("address", "service", word):
			if b.dated || b.hyphens >= 1 && b.number {
				return roleNone
			}
			return roleService
		case isName: // of a person or tag; the article is behind that
			if b.parts > 1 && (b.dated || b.hyphens >= 3 || b.hyphens >= 1 && b.number || b.hyphens == 2 && !isNumber(segments[i+1])) ||
				b.hyphens >= 4 && b.number {
				return roleNone
			}
			return roleName
		case isSubject:
			if b.dated || b.headline || b.hyphens >= 3 || b.number && (b.hyphens >= 1 || b.parts == 1) {
				return roleNone
			}
			return roleSubject
		case x.has("address", "offer", word):
			if b.dated || b.headline && b.number || b.hyphens >= 3 && (b.number || b.parts > 1 && carriesNumber(segments[i+1])) {
				return roleNone
			}
			return roleOffer
		case i < 2 && x.has("address", "section", word):
			if b.parts > 1 && (b.dated || b.hyphens >= 3 || b.hyphens >= 1 && b.number) {
				return roleNone
			}
			return roleSection
		}
	}
	if a.query.Has("s") && len(a.segments) == 0 {
		return roleService
	}
	for name, values := range a.query {
		if x.has("parameter", "service", strings.ToLower(name)) || carriesAddress(values) {
			return roleService
		}
	}
	return roleNone
}

// carriesAddress says whether a parameter is another page's address, as where readers share, report or log in.
func carriesAddress(values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return strings.HasPrefix(v, "http://") || strings.HasPrefix(v, "https://") })
}

// tail is what follows a word in a path.
type tail struct {
	parts    int
	dated    bool // has a date before its last part
	hyphens  int  // in its last part
	number   bool // its last part carries an article's number
	headline bool // one of its parts is as long as headlines are
}

func tailOf(behind []string) tail {
	n := len(behind)
	if n == 0 {
		return tail{}
	}
	parts := 0
	for _, s := range behind[:n-1] {
		if isDate(s) {
			parts = 3
		} else if isDatePart(s, parts) {
			parts++
		}
	}
	last := stem(behind[n-1])
	headline := slices.ContainsFunc(behind, func(s string) bool { return hyphensIn(stem(s)) >= longHeadline })
	return tail{parts: n, dated: parts >= 2, hyphens: hyphensIn(last), number: carriesNumber(last), headline: headline}
}

// longHeadline is how many hyphens a headline in an address has that no name has: of companies, events, people.
const longHeadline = 6

func hyphensIn(segment string) int {
	return strings.Count(segment, "-") + strings.Count(segment, "_") + strings.Count(segment, " ")
}

// pageNumber reads /page/2, ?page=2 and their like, and says how many segments of the path are that; 0 where there is
// none.
func (a *address) pageNumber() (number, segments int) {
	x := known()
	for name, values := range a.query {
		if x.has("parameter", "page", strings.ToLower(name)) && len(values) == 1 {
			if n := small(values[0]); n > 0 {
				return n, 0
			}
		}
	}
	n := len(a.segments)
	if n == 0 {
		return 0, 0
	}
	last := strings.ToLower(a.segments[n-1])
	if n > 1 && isNumber(last) && x.has("address", "page", strings.ToLower(a.segments[n-2])) {
		return small(last), 2
	}
	word := strings.TrimRight(stem(last), "0123456789")
	if digits := stem(last)[len(word):]; digits != "" {
		if x.has("address", "page", strings.TrimRight(word, "-_")) && (strings.ContainsAny(word, "-_") || len(word) > 2) {
			return small(digits), 1
		}
	}
	return 0, 0
}

// small reads a page number: listings with more pages than this are archives.
func small(s string) int {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' || n > 9999 {
			return 0
		}
		n = 10*n + int(r-'0')
	}
	return n
}

func isNumber(s string) bool {
	if s == "" {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// carriesNumber says whether a name has an article's number in it: four digits or more that are no year, or a key, which is
// ten characters or more of digits among letters.
func carriesNumber(name string) bool {
	digits, from := 0, 0
	for i, r := range name + "-" {
		if unicode.IsDigit(r) {
			if digits++; digits == 1 {
				from = i
			}
			continue
		}
		if digits > 4 || digits == 4 && !isYear(name[from:i]) {
			return true
		}
		digits = 0
	}
	key := name[strings.LastIndexAny(name, "-_")+1:]
	turns, wasDigit := 0, false
	for i := range len(key) {
		isDigit := key[i] >= '0' && key[i] <= '9'
		if !isDigit && (key[i] < 'a' || key[i] > 'z') {
			return false
		}
		if i > 0 && isDigit != wasDigit {
			turns++
		}
		wasDigit = isDigit
	}
	return len(key) >= 10 && turns >= 3
}

// isYear says whether four digits are a year that news is written in, by the common or the Persian and Islamic calendars.
func isYear(s string) bool {
	n := small(s)
	return len(s) == 4 && (n >= 1990 && n <= 2099 || n >= 1370 && n <= 1500)
}

// isDatePart reports whether a number continues a date that has the given number of parts: year, month, day.
func isDatePart(s string, parts int) bool {
	n := small(s)
	switch parts {
	case 0:
		return isYear(s)
	case 1:
		return len(s) <= 2 && n >= 1 && n <= 12
	case 2:
		return len(s) <= 2 && n >= 1 && n <= 31
	}
	return false
}

// isDate reads 20261024, 2026-10-24 and 24-10-2026.
func isDate(s string) bool { return dateParts(s) != nil }

// dateParts are the year, month and day of what isDate reads.
func dateParts(s string) []int {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' })
	if len(parts) == 1 && len(s) == 8 && isNumber(s) {
		parts = []string{s[:4], s[4:6], s[6:]}
	}
	if len(parts) != 3 {
		return nil
	}
	if len(parts[2]) == 4 {
		slices.Reverse(parts)
	}
	for i, part := range parts {
		if !isDatePart(part, i) {
			return nil
		}
	}
	return []int{small(parts[0]), small(parts[1]), small(parts[2])}
}

// isUtility tells by its address a page that is about the site, its readers or its writers.
func isUtility(canonical string) bool {
	a := readAddress(canonical)
	return a.isUtility()
}

func (a *address) isUtility() bool {
	return a.role == roleService || a.role == roleName || a.role == roleSubject
}

// isUtilityHost tells hosts of the publisher's other business.
func (a *address) isUtilityHost() bool { return a.hostMeans("service") || a.isLandingHost() }

// isLandingHost tells hosts of pages to sign up at and to be counted by.
func (a *address) isLandingHost() bool { return a.hostMeans("landing") }

func (a *address) hostMeans(means string) bool {
	sub := strings.TrimSuffix(a.host, weburl.Domain(a.host))
	return slices.ContainsFunc(strings.Split(sub, "."), func(label string) bool { return known().has("host", means, label) })
}

// leastOwnName is how many letters the name of a site's domain has at least, to be told within other names.
const leastOwnName = 6

// namesSite says whether the page's own name, shorter than headlines, has the site's in it, as /support-the-ferry-times has.
func (a *address) namesSite() bool {
	n := len(a.segments)
	name, _, _ := strings.Cut(weburl.Domain(a.host), ".")
	name = letters(name)
	return n > 0 && a.slug < 5 && len(name) >= leastOwnName && strings.Contains(letters(stem(a.segments[n-1])), name)
}

// asks says whether the page's own name, shorter than headlines, asks readers to do something, as /sign-up-for-the-letter does.
func (a *address) asks() bool {
	n := len(a.segments)
	return n > 0 && a.slug < 5 && known().begins("address", "call", stem(a.segments[n-1]))
}

// isMedia tells pictures, videos and broadcasts by their address.
func (a *address) isMedia() bool {
	n := len(a.segments)
	isMedia := func(s string) bool { return known().has("address", "media", stem(s)) }
	return n > 0 && (isMedia(a.segments[n-1]) || isMedia(a.segments[0]))
}

// language is that of the edition whose name an address begins with, "" for none.
func (a *address) language() string {
	if len(a.segments) > 0 {
		return site.Edition(a.segments[0])
	}
	return ""
}

// untranslated are the segments without the edition's name that an address begins with.
func (a *address) untranslated() []string {
	if a.language() != "" {
		return a.segments[1:]
	}
	return a.segments
}

// looksLikeSection tells addresses that, with no text to go by, are more likely a section's: a sitemap names both.
func looksLikeSection(canonical string) bool {
	a := readAddress(canonical)
	if len(a.segments) == 0 && len(a.query) == 0 || a.isMedia() && a.score < 1 {
		return true
	}
	return a.score <= -1.5 && !strings.ContainsAny(strings.Join(a.segments, ""), "0123456789")
}
