package newsdate

import "strings"

// numeric reads three numbers: 2020-08-24, 24.08.2020, ١ / ١٢ / ٢٠٢٠, 22.05.20, 2024. 5. 3., 12/11 2008.
func (p *parser) numeric(i int) (date, bool) {
	a, ok := p.number(i, 1, 4)
	if !ok {
		if p.machine {
			return p.compact(i)
		}
		return date{}, false
	}
	mark, ok := p.dateMark(i + 1)
	if !ok {
		return date{}, false
	}
	b, ok := p.number(i+2, 1, 2)
	if !ok {
		return date{}, false
	}
	last := i + 4
	if second, ok := p.dateMark(i + 3); !ok || second != mark {
		if mark != '/' || !p.isNumber(i+3) || p.toks[i+3].digits != 4 {
			return date{}, false
		}
		last = i + 3
	}
	c, ok := p.number(last, 1, 4)
	if !ok || p.chained(i, last) || mark == '.' && p.dottedTime(i, last) {
		return date{}, false
	}
	da, db, dc := p.toks[i].digits, p.toks[i+2].digits, p.toks[last].digits
	end := last + 1
	if mark == '.' && p.isMark(end, '.') && p.glued(end) { // 2024. 5. 3.
		end++
	}
	f := fields{weekday: -1}
	end = p.era(end, &f)
	switch {
	case da == 4 && dc <= 2:
		f.year, f.month, f.day = a, b, c
		return p.finish(i, end, f, true)
	case da == 3 && dc <= 2 && p.country == "TW": // 114/08/06
		f.year, f.month, f.day = a+minguo, b, c
		return p.finish(i, end, f, true)
	case dc == 4 && da <= 2:
		f.year = c
		return p.dayAndMonth(i, end, f, a, b, p.monthFirst(mark, i, last))
	case p.toks[i+2].space != p.toks[last].space: // "3.5. 20 Uhr"
		return date{}, false
	case da == 2 && p.yearFirst():
		return p.shortYear(i, end, f, a, b, c, mark)
	case dc == 2 && da <= 2 && (mark != '-' || db == 2):
		return p.shortYear(i, end, f, a, b, c, mark)
	}
	return date{}, false
}

// dateMark gives the mark between the numbers of a date at token i.
func (p *parser) dateMark(i int) (rune, bool) {
	if i >= len(p.toks) || p.toks[i].kind != tokenPunct {
		return 0, false
	}
	switch m := p.toks[i].mark; m {
	case '.', '/', '-', '\\':
		return m, true
	case '・', '·':
		return '.', true
	}
	return 0, false
}

// dottedTime says that 15.05.00 is a time: it follows a date, or a word for the time, where times are written so.
func (p *parser) dottedTime(first, last int) bool {
	if p.toks[first].digits != 2 || p.toks[last].digits != 2 {
		return false
	}
	return p.is(first-1, kindClock) || p.dotted() && len(p.dates) > 0 && p.gap(p.dates[len(p.dates)-1].end, first)
}

// yearFirst says that dates with a year of two digits begin with it.
func (p *parser) yearFirst() bool {
	switch p.base {
	case "zh", "ja", "ko", "hu", "fa", "lt", "mn", "ne", "eu":
		return true
	}
	return false
}

// chained says that the numbers of tokens first to last go on to either side as telephone numbers, versions, addresses
// and ids do, or are a price.
func (p *parser) chained(first, last int) bool {
	if first > 0 && p.glued(first) {
		before := &p.toks[first-1]
		if before.kind == tokenWord && before.latin && (len(before.senses) == 0 || before.end-before.start == 1) {
			return true
		}
		if before.kind == tokenPunct {
			switch before.mark {
			case '$', '€', '£', '#', '+', '=', '₺', '_':
				return true
			case '.', '-', '/':
				if p.isNumber(first-2) && p.glued(first-1) {
					return true
				}
			}
		}
	}
	if last+1 < len(p.toks) && p.glued(last+1) {
		switch after := &p.toks[last+1]; after.mark {
		case '%', '$', '€', '_':
			return after.kind == tokenPunct
		case '.', '-', '/':
			return p.isNumber(last+2) && p.glued(last+2) && !p.isMark(last+3, ':')
		}
	}
	return false
}

// monthFirst says that a numeric date with its year last has the month first: with slashes on pages of the countries
// that write so, and in machine values with AM or PM, which .NET's default culture makes.
func (p *parser) monthFirst(mark rune, first, last int) bool {
	if mark != '/' {
		return false
	}
	switch p.country {
	case "US", "PH", "PR", "FM", "GU":
		return true
	case "":
		if p.base == "en" || p.base == "fil" {
			return true
		}
	}
	if p.machine && p.toks[first].value < 10 && p.toks[first].digits == 1 || p.machine && p.toks[first+2].digits == 1 {
		for i := last + 1; i < len(p.toks); i++ {
			if p.toks[i].latin && p.is(i, kindMeridiem) {
				return true
			}
		}
	}
	return false
}

// dayAndMonth settles which of a and b is the day: what exists, what the weekday says, what the page's readers expect.
func (p *parser) dayAndMonth(start, end int, f fields, a, b int, monthFirst bool) (date, bool) {
	f.day, f.month = a, b
	swapped := f
	swapped.day, swapped.month = b, a
	if monthFirst {
		f, swapped = swapped, f
	}
	d, ok := p.finish(start, end, f, true)
	s, okSwapped := p.finish(start, end, swapped, true)
	switch {
	case !ok:
		return s, okSwapped
	case !okSwapped || a == b:
		return d, true
	}
	if w, _, _ := p.weekdayBeside(start, end); w >= 0 && int(d.day.Weekday()) != w && int(s.day.Weekday()) == w {
		return s, true
	} else if w >= 0 && int(d.day.Weekday()) == w {
		return d, true
	}
	d.ambiguous = true
	return d, true
}

// shortYear reads a numeric date with a year of two digits: last, but first in East Asia, Hungary and Iran.
func (p *parser) shortYear(start, end int, f fields, a, b, c int, mark rune) (date, bool) {
	if p.yearFirst() {
		f.year, f.month, f.day = p.century(a), b, c
		if p.base == "fa" {
			f.year, f.fixed, f.calendar = 1300+a, true, Jalali
			if a < 50 {
				f.year += 100
			}
		}
		if d, ok := p.finish(start, end, f, true); ok {
			return d, true
		}
		if p.base == "fa" {
			return date{}, false
		}
	}
	if f.year = p.century(c); p.base == "th" && c >= 40 {
		f.year = 2500 + c
	}
	return p.dayAndMonth(start, end, f, a, b, p.monthFirst(mark, start, end-1))
}

// century gives the year that two digits mean: of 1990 to 2089, before the future is cut off.
func (p *parser) century(yy int) int {
	if yy >= 90 {
		return 1900 + yy
	}
	return 2000 + yy
}

// compact reads 20200824 at the start of a machine value's date.
func (p *parser) compact(i int) (date, bool) {
	v, ok := p.number(i, 8, 8)
	if !ok {
		return date{}, false
	}
	return p.finish(i, i+1, fields{year: v / 10000, month: v / 100 % 100, day: v % 100, weekday: -1}, true)
}

// dayMonth reads a day, a month's name, and mostly a year: 24 يوليو، 2024, 04ـی ئەیلوولی 2025, 24 نيسان / أبريل 2020,
// 3rd of May 2024, 10-Nov-2000, 3 tháng 5 năm 2024.
func (p *parser) dayMonth(i int) (date, bool) {
	day, ok := p.number(i, 1, 2)
	if !ok || day < 1 || day > 31 {
		return date{}, false
	}
	if p.isMark(i-1, '.') && p.isNumber(i-2) && p.glued(i) || p.isMark(i-1, ':') && p.glued(i) && p.isNumber(i-2) {
		return date{}, false // the end of 10.30 or of a time
	}
	dashed := false
	j := i + 1
	for steps := 0; j < len(p.toks) && steps < 4; j, steps = j+1, steps+1 {
		if p.is(j, kindMonth) || p.is(j, kindMonthMark) {
			break
		}
		if p.is(j, kindOrdinal) || p.is(j, kindFiller) {
			continue
		}
		if p.toks[j].kind == tokenPunct {
			switch p.toks[j].mark {
			case '-':
				dashed = true
				continue
			case '.', '/', ',', '\'', 'º', 'ª', '°', '(', '|':
				continue
			}
		}
		return date{}, false
	}
	f := fields{day: day, weekday: -1}
	end := p.month(j, &f)
	if end == 0 {
		if !p.is(j, kindMonthMark) || !p.toks[j].latin || p.base != "vi" && p.base != "" {
			return date{}, false
		}
		if f.month, ok = p.number(j+1, 1, 2); !ok {
			return date{}, false
		}
		end = j + 2
	}
	return p.withYear(i, end, j, f, dashed)
}

// monthDay reads a month's name, a day, and mostly a year: May 3, 2024, Feb. 19 2020, ديسمبر 25, 2020, اپریل 8, 2022.
func (p *parser) monthDay(i int) (date, bool) {
	f := fields{weekday: -1}
	j := p.month(i, &f)
	if j == 0 {
		return date{}, false
	}
	dashed := false
	for steps := 0; steps < 2 && j < len(p.toks); j, steps = j+1, steps+1 {
		if p.isMark(j, '.') || p.isMark(j, ',') || p.isMark(j, '/') || p.is(j, kindFiller) && !p.toks[j].latin {
			continue
		}
		if p.isMark(j, '-') {
			dashed = true
			continue
		}
		break
	}
	day, ok := p.number(j, 1, 2)
	if !ok || p.isMark(j+1, ':') && p.glued(j+1) || p.isMark(j+1, '%') {
		return date{}, false
	}
	f.day = day
	end := j + 1
	for steps := 0; steps < 2 && p.is(end, kindOrdinal); steps++ {
		end++
	}
	return p.withYear(i, end, i, f, dashed)
}

// withYear completes a day and month of tokens start to end-1 by the year after or before them, and takes the last
// such day where none stands there; month is the token of the month's name.
func (p *parser) withYear(start, end, month int, f fields, dashed bool) (date, bool) {
	if y, next, ok := p.year(end, dashed); ok {
		f.year, end = y, p.era(next, &f)
		return p.finish(start, end, f, true)
	}
	if y, first, ok := p.yearBefore(start); ok {
		f.year = y
		return p.finish(first, end, f, true)
	}
	if p.commonWord(month) {
		return date{}, false
	}
	d, ok := p.finish(start, end, f, false)
	return p.yearAfterClock(d, ok, f, start, end)
}

// yearBefore reads the year before a day and month: 2024. gada 5. janvāris, 2024 5-يانۋار.
func (p *parser) yearBefore(start int) (year, first int, ok bool) {
	for i, steps := start-1, 0; i >= p.taken && steps < 5; i, steps = i-1, steps+1 {
		if y, ok := p.number(i, 4, 4); ok {
			return y, i, plausibleYear(y) && !p.isMark(i-1, '.') && !p.isMark(i-1, '/') && !p.isMark(i-1, '-')
		}
		if !p.filler(i) && !p.is(i, kindYearMark) {
			break
		}
	}
	return 0, 0, false
}

// commonWord says that the month at token i is also an everyday word in that spelling, so that only a year makes it a
// date: "may" and "march" in small letters, and any name of the Latin script that is not capitalised in English.
func (p *parser) commonWord(i int) bool {
	return p.toks[i].latin && !p.toks[i].upper && (p.base == "en" || p.base == "" || p.base == "de")
}

// yearMonthDay reads a year, a month's name and a day: 2024. május 3., 2024 May 3.
func (p *parser) yearMonthDay(i int) (date, bool) {
	year, ok := p.number(i, 4, 4)
	if !ok {
		return date{}, false
	}
	j := i + 1
	for steps := 0; steps < 3 && j < len(p.toks) && (p.isMark(j, '.') || p.isMark(j, ',') || p.isMark(j, '-') || p.isMark(j, '/') || p.is(j, kindFiller) || p.is(j, kindYearMark)); steps++ {
		if p.is(j, kindMonth) {
			break
		}
		j++
	}
	f := fields{year: year, weekday: -1}
	if j = p.month(j, &f); j == 0 {
		return date{}, false
	}
	if p.isMark(j, '-') || p.isMark(j, '.') || p.isMark(j, '/') || p.isMark(j, ',') || p.is(j, kindFiller) {
		j++
	}
	if f.day, ok = p.number(j, 1, 2); !ok || p.isMark(j+1, ':') {
		return date{}, false
	}
	end := j + 1
	if p.isMark(end, '.') && p.glued(end) {
		end++
	}
	return p.finish(i, end, f, true)
}

// month reads a month's name at token i, in the double form of the Levant too (نيسان / أبريل), and gives the token
// after it, 0 if there is none.
func (p *parser) month(i int, f *fields) int {
	s, ok := p.get(i, kindMonth)
	if !ok {
		return 0
	}
	f.month, f.calendar, f.fixed = int(s.n), s.calendar, true
	end := i + 1
	if p.isMark(end, '.') && p.toks[i].latin && p.glued(end) {
		end++
	}
	j := end
	if p.isMark(j, '/') || p.isMark(j, '-') || p.isMark(j, '(') || p.isMark(j, '.') || p.isMark(j, '|') {
		j++
	}
	if other, ok := p.get(j, kindMonth); ok && other.n == s.n && other.calendar == s.calendar {
		if end = j + 1; p.isMark(end, ')') {
			end++
		}
	}
	return end
}

// year reads the year that may follow a month and day: four digits, or two after an apostrophe or dash, or in machine
// values where no time begins there.
func (p *parser) year(i int, dashed bool) (year, end int, ok bool) {
	short := dashed
	j := i
	for steps := 0; steps < 3 && j < len(p.toks); j, steps = j+1, steps+1 {
		if p.toks[j].kind == tokenPunct {
			switch p.toks[j].mark {
			case '\'':
				short = true
				continue
			case ',', '.', '/', '(', '-', '|', '॰':
				continue
			}
			break
		}
		if p.is(j, kindYearEra) || !p.is(j, kindFiller) && !p.is(j, kindYearMark) {
			break
		}
	}
	if y, ok := p.number(j, 4, 4); ok && plausibleYear(y) {
		if p.is(j+1, kindYearMark) {
			j++
		}
		return y, j + 1, true
	}
	if y, ok := p.number(j, 2, 2); ok && !p.isMark(j+1, ':') && !p.isMark(j+1, '.') {
		if p.base == "th" && y >= 40 { // of the Buddhist era
			return 2500 + y, j + 1, true
		}
		if short || p.machine {
			return p.century(y), j + 1, true
		}
	}
	return 0, 0, false
}

func plausibleYear(y int) bool {
	return y >= 1900 && y < 2200 || y >= 1250 && y <= 1500 || y >= 2443 && y < 2800
}

// era reads the word after a year that says which calendar it counts in.
func (p *parser) era(i int, f *fields) int {
	if s, ok := p.get(i, kindEra); ok && !p.is(i, kindMonth) {
		switch c := Calendar(s.n); {
		case f.fixed || c == Gregorian:
		case c == Ethiopian && strings.Contains(p.text, "እ.ኤ.አ"): // "as Europeans count"
		default:
			f.fixed, f.calendar = true, c
		}
		i++
		if p.isMark(i, '.') && p.glued(i) {
			i++
		}
	}
	return i
}

// yearAfterClock completes a date without a year by the year that follows its time, as C's asctime prints it (Mon Aug
// 24 09:23:13 2020).
func (p *parser) yearAfterClock(d date, ok bool, f fields, start, end int) (date, bool) {
	if c, isClock := p.clockAt(end); isClock {
		if y, isYear := p.number(c.end, 4, 4); isYear && y >= 1900 && y < 2200 {
			f.year = y
			if full, ok := p.finish(start, end, f, true); ok {
				full.clock, full.end = &c, c.end+1
				return full, true
			}
		}
	}
	return d, ok
}

// eraNumbers reads the rest of a date whose numbers follow an era's name with one mark between them; year is at token j.
func (p *parser) eraNumbers(i, j, year int, mark rune) (date, bool) {
	f := fields{year: year, weekday: -1}
	second, marked := p.dateMark(j + 3)
	var ok bool
	if f.month, ok = p.number(j+2, 1, 2); !ok || !marked || second != mark {
		return date{}, false
	}
	if f.day, ok = p.number(j+4, 1, 2); !ok {
		return date{}, false
	}
	return p.finish(i, j+5, f, true)
}

// minguo is the year before the first one of the Republic of China's era, which Taiwan counts in.
const minguo = 1911

// marked reads dates whose numbers carry units: 2024年5月3日, 5月3日, 令和6年5月3日, 2024년 5월 3일.
func (p *parser) marked(i int) (date, bool) {
	f := fields{weekday: -1}
	j := i
	since := 0
	if s, ok := p.get(j, kindYearEra); ok {
		since = int(s.n)
		j++
	}
	n, ok := p.number(j, 1, 4)
	if since > 0 && !ok && j < len(p.toks) {
		n, ok = 1, p.text[p.toks[j].start:p.toks[j].end] == "元" // an era's first year
	}
	if !ok {
		return date{}, false
	}
	hasYear := p.is(j+1, kindYearMark)
	if mark, dotted := p.dateMark(j + 1); since > 0 && dotted { // 令和6.5.3
		return p.eraNumbers(i, j, n+since, mark)
	}
	if hasYear {
		switch f.year = n + since; {
		case since == 0 && p.toks[j].digits == 2:
			f.year = p.century(n)
		case since == 0 && p.toks[j].digits == 3 && p.country == "TW":
			f.year = n + minguo
		case since == 0 && p.toks[j].digits != 4:
			return date{}, false
		}
		if j += 2; p.isMark(j, ',') || p.is(j, kindFiller) {
			j++
		}
		if n, ok = p.number(j, 1, 2); !ok {
			return date{}, false
		}
	} else if since > 0 {
		return date{}, false
	}
	if j++; hasYear && p.isMark(j, '-') { // 8-р сарын
		j++
	}
	if hasYear && p.is(j, kindFiller) && !p.is(j, kindMonthMark) { // 8 дугаар сарын
		j++
	}
	if !p.is(j, kindMonthMark) || p.toks[j].latin {
		return date{}, false
	}
	f.month = n
	if f.day, ok = p.number(j+1, 1, 2); !ok || !p.is(j+2, kindDayMark) && !hasYear {
		return date{}, false
	}
	end := j + 2
	if p.is(end, kindDayMark) {
		end++
	}
	return p.finish(i, end, f, hasYear)
}
