package newsdate

import (
	"net/url"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// FromURL reads the date in a URL's path: /2020/8/24/, /2020/aug/24/, /2024-04/24/, /2013/section/8/3/, 2020-06-03-…,
// and ids that begin with a date (202003171044893040; 1403030201246 on Persian pages). Years are of 1990 or later. An
// address that gives only year and month holds no date.
func FromURL(u string, h Hint) (Time, bool) {
	path, query := urlPath(capped(u, MaxURL))
	p := newParser("", h, true)
	if t, ok := p.pathDate(path); ok {
		return t, true
	}
	if t, ok := p.idDate(path); ok {
		return t, true
	}
	return p.idDate(query)
}

// urlPath cuts scheme, host and fragment off, and undoes percent-encoding.
func urlPath(u string) (path, query string) {
	if at := strings.Index(u, "://"); at >= 0 {
		u = u[at+3:]
		if at = strings.IndexByte(u, '/'); at < 0 {
			return "", ""
		}
		u = u[at:]
	}
	u, _, _ = strings.Cut(u, "#")
	u, query, _ = strings.Cut(u, "?")
	if plain, err := url.PathUnescape(u); err == nil {
		u = plain
	}
	return u, query
}

// pathDate reads a date spelled out in the path's segments.
func (p *parser) pathDate(path string) (Time, bool) {
	segments := strings.Split(path, "/")
	for i, s := range segments {
		rest := segments[i+1:]
		switch {
		case isDigits(s, 4) && len(rest) >= 2:
			if t, ok := p.splitDate(s, rest[0], rest[1]); ok {
				return t, true
			}
			if isDigits(rest[0], 4) { // /2024/0424/
				if t, ok := p.splitDate(s, rest[0][:2], rest[0][2:]); ok {
					return t, true
				}
			}
			if len(rest) >= 3 && !isDigits(rest[0], len(rest[0])) { // /2013/middle_east/8/3/
				if t, ok := p.splitDate(s, rest[1], rest[2]); ok {
					return t, true
				}
			}
		case len(s) == 7 && (s[4] == '-' || s[4] == '_') && len(rest) >= 1: // /2024-04/24/
			if t, ok := p.splitDate(s[:4], s[5:], rest[0]); ok {
				return t, true
			}
		case isDigits(s, 6) && len(rest) >= 1: // /202404/24/
			if t, ok := p.splitDate(s[:4], s[4:], rest[0]); ok {
				return t, true
			}
		case len(s) >= 8:
			if t, ok := p.slugDate(s); ok {
				return t, true
			}
		}
	}
	return Time{}, false
}

// splitDate makes a date of three path segments; the month may be a name, and the day may have a slug after it.
func (p *parser) splitDate(year, month, day string) (Time, bool) {
	f := fields{weekday: -1}
	if !isDigits(year, 4) {
		return Time{}, false
	}
	f.year = number(year)
	switch {
	case isDigits(month, len(month)) && len(month) <= 2 && month != "":
		f.month = number(month)
	case len(month) >= 3 && len(month) <= 12:
		e, ok := words().words[foldKey(month)]
		if !ok {
			return Time{}, false
		}
		t := token{kind: tokenWord, senses: e.senses}
		s, ok := t.get(kindMonth, p.lang)
		if !ok || s.calendar != Gregorian {
			return Time{}, false
		}
		f.month = int(s.n)
	default:
		return Time{}, false
	}
	n := 0
	for n < len(day) && day[n] >= '0' && day[n] <= '9' {
		n++
	}
	if n == 0 || n > 2 || n < len(day) && day[n] != '-' && day[n] != '_' && day[n] != '.' {
		return Time{}, false
	}
	if n == 1 && n < len(day) && day[n] != '.' && len(month) == 2 {
		return Time{}, false // /2021/04/9-things-to-do: a day would be padded as the month is
	}
	f.day = number(day[:n])
	return p.urlTime(f)
}

// slugDate reads 2020-06-03 or 03-06-2020 at the start, at the end or within a slug.
func (p *parser) slugDate(s string) (Time, bool) {
	for i := 0; i+8 <= len(s); i++ {
		if s[i] < '0' || s[i] > '9' || i > 0 && s[i-1] >= '0' && s[i-1] <= '9' {
			continue
		}
		parts, end := numbersFrom(s, i)
		if len(parts) < 3 {
			i = max(i, end-1)
			continue
		}
		a, b, c := parts[0], parts[1], parts[2]
		f := fields{weekday: -1, month: number(b)}
		switch {
		case len(a) == 4 && len(b) <= 2 && len(c) <= 2:
			f.year, f.day = number(a), number(c)
		case len(c) == 4 && len(a) <= 2 && len(b) == 2:
			f.year, f.day = number(c), number(a)
		default:
			continue
		}
		if t, ok := p.urlTime(f); ok {
			return t, true
		}
	}
	return Time{}, false
}

// numbersFrom gives up to three numbers parted by one kind of mark (-, _ or .) from s[i:] on.
func numbersFrom(s string, i int) (parts []string, end int) {
	var mark byte
	for len(parts) < 3 {
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		if i == start || i-start > 4 {
			break
		}
		parts = append(parts, s[start:i])
		if i == len(s) || s[i] != '-' && s[i] != '_' && s[i] != '.' || mark != 0 && s[i] != mark {
			break
		}
		mark = s[i]
		i++
	}
	return parts, i
}

func (p *parser) urlTime(f fields) (Time, bool) {
	day, calendar, ok := p.resolve(f)
	if !ok || day.Year() < 1990 || calendar == Hijri && p.persian() {
		return Time{}, false
	}
	at := in(day, 0, 0, 0, 0, p.local.location)
	return Time{At: at, Precision: article.PrecisionDay, Zone: p.local.name, Calendar: calendar, YearGiven: true}, true
}

// idDate reads the date that an id begins with. Of longer ids hours and minutes are read where the length says that
// they are there: with 12 or 14 digits, or at least 17 (a date, a time and a counter); others have a counter right
// after the day. A date with its whole time is found inside an id too, behind at most three digits.
func (p *parser) idDate(s string) (Time, bool) {
	for i := 0; i < len(s); {
		if s[i] < '0' || s[i] > '9' {
			i++
			continue
		}
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		if t, ok := p.digitRun(s[from:i]); ok {
			return t, true
		}
	}
	return Time{}, false
}

func (p *parser) digitRun(run string) (Time, bool) {
	n := len(run)
	if n < 8 || n > 24 {
		return Time{}, false
	}
	jalali := run[0] == '1' && (run[1] == '3' || run[1] == '4')
	switch {
	case jalali && (!p.persian() || n > 14):
		return Time{}, false
	case jalali:
		return p.recent(run[:8])
	case n == 12 || n == 14:
		if t, ok := p.recent(run); ok {
			return t, true
		}
	case n >= 17:
		for skip := range 4 {
			if n-skip < 14 {
				break
			}
			t, ok := p.recent(run[skip : skip+14])
			if ok && (skip == 0 && t.Precision != article.PrecisionDay || t.Precision == article.PrecisionSecond) {
				return t, true
			}
		}
		return Time{}, false
	}
	return p.recent(run[:8])
}

// recent reads digits as runTogether does, for years from 1990 on.
func (p *parser) recent(digits string) (Time, bool) {
	t, ok := p.runTogether(digits)
	return t, ok && t.At.Year() >= 1990
}

// isDigits says that s is n ASCII digits.
func isDigits(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
