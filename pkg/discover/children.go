package discover

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/newsdate"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// resolveChild is resolve for an entry of an index of sitemaps. Below an index on a host that is not the site's, which the
// site vouched for, what stands in its own directory is vouched for too, and nothing else: sitemaps.org lets an index name
// no others, and many sites keep all theirs in one place.
func (c *collector) resolveChild(ref string) (canonical string, vouched bool, why Reason) {
	canonical, why = c.resolve(ref)
	if why != OffSite || c.owns(c.page) {
		return canonical, false, why
	}
	canonical, err := weburl.Resolve(c.base, ref)
	if err != nil || !strings.HasPrefix(canonical, c.page[:strings.LastIndexByte(c.page, '/')+1]) {
		return "", false, OffSite
	}
	return canonical, true, ""
}

// newestFirst puts the sitemaps of an index in the order in which news is to be expected in them, however the index has them:
// those whose names say news and that nothing dates, then by the end of the time that their names give, or else by when they
// changed, the latest first, and those without either last. Which end of a row of numbered ones is the new one nobody can
// tell: they come from both ends. A name's time becomes the link's Published: the end of the day, month or year.
func newestFirst(links []Link, s *site.Site) {
	hint := hintOf(s)
	rows := map[string]int{} // how many names are alike but for their digits
	names := make([]string, len(links))
	for i, l := range links {
		names[i] = digits.ReplaceAllString(l.URL, "#")
		rows[names[i]]++
	}
	for i, l := range links {
		links[i].Since, links[i].Published = period(l.URL, rows[names[i]] <= mostYears, hint)
	}
	fromBothEnds(links)
	slices.SortStableFunc(links, func(a, b Link) int {
		if c := cmp.Compare(rank(a), rank(b)); c != 0 {
			return c
		}
		return reached(b).Compare(reached(a))
	})
}

// rank is 0 for what is named news and not dated.
func rank(l Link) int {
	if reached(l).IsZero() && saysNews(l.URL) {
		return 0
	}
	return 1
}

// reached is up to when a sitemap goes, as far as is known.
func reached(l Link) time.Time {
	switch {
	case l.Published != nil:
		return *l.Published
	case l.Modified != nil:
		return *l.Modified
	}
	return time.Time{}
}

// saysNews looks for a word in a sitemap's name that those have which are made anew with each article.
func saysNews(canonical string) bool {
	u, err := url.Parse(canonical)
	if err != nil {
		return false
	}
	name := strings.ToLower(u.Path[strings.LastIndexByte(u.Path, '/')+1:] + "?" + u.RawQuery)
	words := strings.FieldsFunc(name, func(r rune) bool { return r < 'a' || r > 'z' })
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(builtIn().News, w) })
}

var (
	digits = regexp.MustCompile(`[0-9]+`)
	month  = regexp.MustCompile(`(?:^|[^0-9])((?:19|20)[0-9]{2})(?:[-_./]?(0[1-9]|1[0-2])|/([1-9]))(?:[^0-9]|$)`)
	year   = regexp.MustCompile(`(?:^|[^0-9])((?:199|20[0-9])[0-9])(?:[^0-9]|$)`)
)

// mostYears is the longest row of names that may be years: of a longer one with numbers alone each is a number.
const mostYears = 40

// period is the day, month or year that a sitemap's name gives: its begin and its end; nil where it gives none. years says that a
// number alone may be a year.
func period(canonical string, years bool, h newsdate.Hint) (from, to *time.Time) {
	loc := time.UTC
	if h.Location != nil {
		loc = h.Location
	}
	span := func(y, m, d int, years, months, days int) (from, to *time.Time) {
		begin := time.Date(y, time.Month(m), d, 0, 0, 0, 0, loc)
		begin, end := begin.UTC(), begin.AddDate(years, months, days).UTC()
		return &begin, &end
	}
	u, err := url.Parse(canonical)
	if err != nil {
		return nil, nil
	}
	name := u.Path
	if q := u.Query(); u.RawQuery != "" {
		name += "?" + u.RawQuery
		if y := number(q, "yyyy", "year", "yy", "y"); y >= 1990 && y < 2100 {
			m, d := number(q, "mm", "month", "m"), number(q, "dd", "day", "d")
			switch {
			case m < 1 || m > 12:
				return span(y, 1, 1, 1, 0, 0)
			case d < 1 || d > 31:
				return span(y, m, 1, 0, 1, 0)
			}
			return span(y, m, d, 0, 0, 1)
		}
	}
	if at := dayEnd(canonical, h); at != nil {
		begin := at.In(loc).AddDate(0, 0, -1).UTC()
		return &begin, at
	}
	if m := month.FindStringSubmatch(name); m != nil {
		y, _ := strconv.Atoi(m[1])
		n, _ := strconv.Atoi(m[2] + m[3])
		return span(y, n, 1, 0, 1, 0)
	}
	if m := year.FindStringSubmatch(name); m != nil && years {
		y, _ := strconv.Atoi(m[1])
		return span(y, 1, 1, 1, 0, 0)
	}
	return nil, nil
}

// DayOf is the end of the day that an address gives as its page's; nil where it gives none. The site's language and zone tell
// which day that is; s may be nil.
func DayOf(canonical string, s *site.Site) *time.Time { return dayEnd(canonical, hintOf(s)) }

func dayEnd(canonical string, h newsdate.Hint) *time.Time {
	t, ok := newsdate.FromURL(canonical, h)
	if !ok {
		return nil
	}
	at := t.At.AddDate(0, 0, 1).UTC()
	return &at
}

func hintOf(s *site.Site) newsdate.Hint {
	if s == nil {
		return newsdate.Hint{}
	}
	return newsdate.Hint{Language: s.Language, Country: s.Country, Location: s.Location()}
}

// number is the first of a query's parameters that is there, as a number; 0 for none.
func number(q url.Values, names ...string) int {
	for _, name := range names {
		if n, err := strconv.Atoi(q.Get(name)); err == nil {
			return n
		}
	}
	return 0
}

// fromBothEnds puts links in the order of the numbers in their addresses, the last, the first, the last but one and so on.
func fromBothEnds(links []Link) {
	slices.SortStableFunc(links, func(a, b Link) int { return natural(a.URL, b.URL) })
	sorted := slices.Clone(links)
	for i, from, to := 0, 0, len(sorted)-1; from <= to; i++ {
		if i%2 == 0 {
			links[i], to = sorted[to], to-1
		} else {
			links[i], from = sorted[from], from+1
		}
	}
}

// natural compares texts with their numbers as numbers: map-9 comes before map-10.
func natural(a, b string) int {
	for a != "" && b != "" {
		i, j := lead(a), lead(b)
		x, y := a[:i], b[:j]
		if isNumber(x) && isNumber(y) {
			x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
			if c := cmp.Compare(len(x), len(y)); c != 0 {
				return c
			}
		}
		if c := cmp.Compare(x, y); c != 0 {
			return c
		}
		a, b = a[i:], b[j:]
	}
	return cmp.Compare(len(a), len(b))
}

// lead is how long the number is that a text begins with, or else what comes before the first one.
func lead(s string) int {
	isDigit := func(i int) bool { return s[i] >= '0' && s[i] <= '9' }
	i := 1
	for i < len(s) && isDigit(i) == isDigit(0) {
		i++
	}
	return i
}
