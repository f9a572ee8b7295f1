package discover

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// address is what a canonical URL shows of itself.
type address struct {
	host     string
	segments []string // of the path, decoded, without empty ones
	query    url.Values
	shape    string // the URL with what varies among pages of one sort taken out
	score    float64
	id       bool // carries an article's number
	page     int  // its page number, 0 where it has none
	paging   int  // how many of the last segments are the page number
}

// isFile tells by its ending that an address is no page, feed or sitemap.
func isFile(canonical string) bool {
	u, err := url.Parse(canonical)
	if err != nil {
		return true
	}
	switch strings.ToLower(strings.TrimPrefix(path.Ext(u.Path), ".")) {
	case "jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "ico", "bmp", "tif", "tiff",
		"pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "epub", "zip", "rar", "7z", "gz", "tar", "apk", "exe", "dmg", "ics",
		"mp3", "m4a", "ogg", "wav", "wma", "mp4", "m4v", "avi", "mov", "wmv", "webm", "flv", "m3u8", "3gp",
		"css", "js", "json", "txt", "woff", "woff2", "ttf":
		return true
	}
	return false
}

// utilities are path segments, whole, under which no site keeps articles: in English, which most sites use in
// addresses, and as met in the region's languages.
var utilities = words(`login signin signup sign-in sign-up register registration logout account my-account profile profiles user users
	member members membership subscribe subscription subscriptions newsletter newsletters donate cart checkout shop store
	search advanced-search arama ara suche buscar recherche tag tags etiket etiketler label labels keyword keywords hashtag
	author authors writer writers yazar yazarlar columnist columnists reporter reporters
	about about-us aboutus hakkimizda hakkinda who-we-are contact contact-us contactus iletisim kontakt impressum kunye imprint
	privacy privacy-policy gizlilik gizlilik-politikasi terms terms-of-use terms-of-service terms-and-conditions tos legal
	disclaimer cookies cookie-policy kvkk copyright advertise advertising advertisement ads reklam careers jobs vacancies
	help faq faqs sitemap site-map site_map wp-admin wp-login.php pdf epaper e-paper wp-json wp-content wp-includes cdn-cgi xmlrpc.php admin administrator
	feedback rss-feeds print printpdf share email-this forward comment comments comment-page reply weather hava-durumu
	prayer-time prayer-times namaz-vakitleri horoscope currency exchange-rates app apps mobile-app download downloads poll polls
	survey archive-search aboutus.aspx contactus.aspx search.aspx login.aspx contact.html about.html contact.php about.php search.php login.php`)

// sectionWords are path segments that introduce the name of a section.
var sectionWords = words(`category categories cat section sections topic topics kategori kategoriler rubric rubrics rubrik channel
	channels service services theme themes subject listing list archive archives tema temalar besh desk department hot-topics
	section.php category.php cat.php sections.php archive.php`)

// mediaWords introduce what is not written: a section of them has no articles.
var mediaWords = words(`video videos gallery galleries photo photos photo-gallery album albums fotogaleri foto-galeri videogaleri
	video-galeri galeri live live-tv livetv tv radio podcast podcasts audio cartoon cartoons caricatures karikatur multimedia`)

// utilityHosts are the first labels of hosts that serve a publisher's other business.
var utilityHosts = words(`mail webmail email login account accounts my shop store help support ads ad adserver static img images image
	cdn media assets files download api search jobs careers epaper e-paper mobileapp chat forum forums games weather tv radio podcast`)

// idParameters carry an article's number in old content systems.
var idParameters = words(`id newsid news_id articleid article_id aid nid sid storyid story_id itemid item_id postid post_id p n a story article
	news haber haberid contentid content_id`)

// languageCodes are the path segments by which sites part their languages; codes that also name places news are
// about (uk, us, eu) are left out.
var languageCodes = words(`en ar fa ku ckb kmr kr tr fr de es it pt ru he ur az hy ka ps tg uz zh cn ja ko hi bn id ms sw so am
	english arabic farsi persian kurdish kurdi turkish turkce french francais german deutsch spanish espanol russian hebrew urdu
	kurmanji sorani badini chinese azeri pashto dari hindi bahasa`)

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// pageParameters carry a listing's page number.
var pageParameters = words("page paged pg p pagenum pageno page_no pagenumber pageindex sayfa s seite start_page")

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

// judge sets the shape, the page number and the score: how far the address alone looks like an article's. The weights are
// set against listings of the region's sites so that a date, a number or a headline in the address is enough with
// any text at all, and none of them can be missing without other signs.
func (a *address) judge() {
	var shape []string
	dated := 0
	for i, s := range a.segments {
		last := i == len(a.segments)-1
		low := strings.ToLower(s)
		ext := path.Ext(low)
		stem := strings.TrimSuffix(low, ext)
		hyphens := strings.Count(stem, "-") + strings.Count(stem, "_") + strings.Count(stem, " ")
		switch {
		case isNumber(low):
			if isDatePart(low, dated) {
				dated++
			}
			if len(low) >= 4 && dated == 0 || len(low) >= 5 {
				a.id = true
			}
			shape = append(shape, "#")
		case isDate(low):
			dated = 3
			shape = append(shape, "#")
		case hyphens >= 3 || len([]rune(stem)) > 40:
			shape = append(shape, "*")
			a.score += 2
		case hyphens == 2 && last:
			shape = append(shape, "*")
			a.score++
		case longestNumber(stem) >= 4:
			a.id = true
			shape = append(shape, "*#")
		default:
			shape = append(shape, low)
		}
		if longestNumber(stem) >= 5 {
			a.id = true
		}
		if last && (ext == ".html" || ext == ".htm" || ext == ".shtml") {
			a.score += 0.5
		}
	}
	if dated >= 2 {
		a.score += 2.5
	}
	a.judgeQuery(&shape)
	if a.id {
		a.score += 1.5
	}
	switch n := len(a.segments); {
	case n > 1:
		a.score += 0.5
	case n == 1 && !a.id && len(a.query) == 0 && a.score < 1:
		a.score -= 1.5
	}
	if n := len(a.segments); n > 0 && dated == n {
		a.score = -2 // a day's or month's archive
	}
	if len(a.segments) > 0 && sectionWords[strings.ToLower(a.segments[0])] || len(a.segments) > 2 && sectionWords[strings.ToLower(a.segments[1])] {
		a.score -= 2
	}
	a.shape = a.host + "/" + strings.Join(shape, "/")
	a.page, a.paging = a.pageNumber()
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
		if idParameters[low] && isNumber(value) && len(value) >= 3 {
			a.id = true
		}
		if isNumber(value) {
			value = "#"
		} else {
			value = "w"
		}
		*shape = append(*shape, "?"+low+"="+value)
	}
}

// pageNumber reads /page/2, ?page=2 and their like, and says how many segments of the path are that; 0 where there is
// none.
func (a *address) pageNumber() (number, segments int) {
	for name, values := range a.query {
		if pageParameters[strings.ToLower(name)] && len(values) == 1 {
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
	if n > 1 {
		switch strings.ToLower(a.segments[n-2]) {
		case "page", "pages", "sayfa", "p", "pg":
			return small(last), 2
		}
	}
	for _, prefix := range []string{"page-", "page_", "page", "sayfa-", "p-"} {
		if rest, ok := strings.CutPrefix(last, prefix); ok {
			return small(rest), 1
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

// longestNumber is the length of the longest run of digits.
func longestNumber(s string) int {
	longest, run := 0, 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
}

// isDatePart reports whether a number continues a date that has the given number of parts: year, month, day.
func isDatePart(s string, parts int) bool {
	n := small(s)
	switch parts {
	case 0:
		return len(s) == 4 && (n >= 1990 && n <= 2099 || n >= 1370 && n <= 1500)
	case 1:
		return len(s) <= 2 && n >= 1 && n <= 12
	case 2:
		return len(s) <= 2 && n >= 1 && n <= 31
	}
	return false
}

// isDate reads 20261024, 2026-10-24 and 24-10-2026.
func isDate(s string) bool {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '_' })
	switch len(parts) {
	case 1:
		return len(s) == 8 && isNumber(s) && isDatePart(s[:4], 0) && isDatePart(s[4:6], 1) && isDatePart(s[6:], 2)
	case 3:
		return isDatePart(parts[0], 0) && isDatePart(parts[1], 1) && isDatePart(parts[2], 2) ||
			isDatePart(parts[2], 0) && isDatePart(parts[1], 1) && isDatePart(parts[0], 2)
	}
	return false
}

// isUtility tells by its address a page that is about the site, its readers or its writers.
func isUtility(canonical string) bool {
	a := readAddress(canonical)
	return a.isUtility()
}

func (a *address) isUtility() bool {
	for i, s := range a.segments {
		low := strings.ToLower(s)
		// The last segment of a deep path is the page's own name, which may happen to be any word.
		if utilities[low] && (i < 3 || !a.id) {
			return true
		}
	}
	return a.query.Has("s") && len(a.segments) == 0 || a.query.Has("share") || a.query.Has("replytocom")
}

// isUtilityHost tells hosts of the publisher's other business.
func (a *address) isUtilityHost() bool {
	first, rest, _ := strings.Cut(a.host, ".")
	return utilityHosts[first] && weburl.Domain(a.host) == weburl.Domain(rest)
}

// isMedia tells pictures, videos and broadcasts by their address.
func (a *address) isMedia() bool {
	return len(a.segments) > 0 && mediaWords[strings.ToLower(a.segments[len(a.segments)-1])] ||
		len(a.segments) > 1 && mediaWords[strings.ToLower(a.segments[0])] && a.score < 2
}

// language is the language code that an address begins with, "" for none.
func (a *address) language() string {
	if len(a.segments) > 0 && languageCodes[strings.ToLower(a.segments[0])] {
		return strings.ToLower(a.segments[0])
	}
	return ""
}

// looksLikeSection tells addresses that, with no text to go by, are more likely a section's: a sitemap names both.
func looksLikeSection(canonical string) bool {
	a := readAddress(canonical)
	if len(a.segments) == 0 && len(a.query) == 0 || a.isMedia() && a.score < 1 {
		return true
	}
	return a.score <= -1.5 && !strings.ContainsAny(strings.Join(a.segments, ""), "0123456789")
}
