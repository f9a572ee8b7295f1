package newsdate

import (
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// parser reads one text. It looks for the dates first, then for the clock times, and joins the two.
type parser struct {
	text    string
	toks    []token
	lang    int
	base    string // language
	country string
	hint    Hint
	local   zone
	latest  time.Time // end of the range of dates, zero without Hint.Now
	machine bool

	taken  int // token after the last date found: what lies before is not looked at again
	dates  []date
	clocks []clock

	tokBuf    [32]token // enough for a byline, so that it costs one allocation
	foldedBuf [192]byte
}

// date is a date in the text, without its time of day.
type date struct {
	start, end int // tokens
	day        time.Time
	calendar   Calendar
	yearGiven  bool
	ambiguous  bool
	relative   bool
	instant    bool // day is an instant: "3 hours ago"
	precision  article.Precision
	clock      *clock // the time that stands inside the date
}

// maxWordy is the longest text, in bytes, that is read for dates in words alone ("yesterday", "قبل ساعتين"): longer ones
// are prose, in which such words date something else.
const maxWordy = 256

func newParser(text string, h Hint, machine bool) *parser {
	p := &parser{text: text, hint: h, machine: machine, base: baseLanguage(h.Language), country: normalCountry(h.Country, h.Language)}
	lx := words()
	p.lang = lx.langs[p.base]
	p.local = zone{location: h.Location}
	if p.local.location == nil {
		if p.local.location = ZoneFor(p.country, p.base); p.local.location == nil {
			p.local.location = time.UTC
		}
	}
	p.local.name = p.local.location.String()
	if !h.Now.IsZero() {
		p.latest = h.Now.Add(FutureSlack)
	}
	if len(text) <= maxWordy || HasDigit(text) {
		p.toks, _ = tokenize(text, lx, p.tokBuf[:0], p.foldedBuf[:0])
	}
	return p
}

func (p *parser) is(i int, k kind) bool {
	return i >= 0 && i < len(p.toks) && p.toks[i].kind == tokenWord && p.toks[i].is(k, p.lang)
}

func (p *parser) get(i int, k kind) (sense, bool) {
	if i < 0 || i >= len(p.toks) || p.toks[i].kind != tokenWord {
		return sense{}, false
	}
	return p.toks[i].get(k, p.lang)
}

func (p *parser) isMark(i int, r rune) bool { return i >= 0 && i < len(p.toks) && p.toks[i].isMark(r) }

func (p *parser) isNumber(i int) bool {
	return i >= 0 && i < len(p.toks) && p.toks[i].kind == tokenNumber
}

// number gives the value of token i if it is a number of least to most digits.
func (p *parser) number(i, least, most int) (int, bool) {
	if !p.isNumber(i) || int(p.toks[i].digits) < least || int(p.toks[i].digits) > most {
		return 0, false
	}
	return int(p.toks[i].value), true
}

// glued says that no white space stands before token i.
func (p *parser) glued(i int) bool { return i < len(p.toks) && !p.toks[i].space }

func (p *parser) find() []Found {
	if len(p.toks) == 0 {
		return nil
	}
	p.findDates()
	if len(p.dates) == 0 {
		return nil
	}
	p.findClocks()
	return p.compose()
}

func (p *parser) findDates() {
	for i := 0; i < len(p.toks); {
		d, ok := p.dateAt(i)
		if !ok {
			i++
			continue
		}
		p.dates = append(p.dates, d)
		i = max(d.end, i+1)
		p.taken = i
	}
}

func (p *parser) dateAt(i int) (date, bool) {
	t := &p.toks[i]
	switch t.kind {
	case tokenNumber:
		if d, ok := p.numeric(i); ok {
			return d, true
		}
		if d, ok := p.marked(i); ok {
			return d, true
		}
		if d, ok := p.dayMonth(i); ok {
			return d, true
		}
		if d, ok := p.yearMonthDay(i); ok {
			return d, true
		}
	case tokenWord:
		if len(t.senses) == 0 {
			return date{}, false
		}
		if d, ok := p.monthDay(i); ok {
			return d, true
		}
		if d, ok := p.marked(i); ok {
			return d, true
		}
	default:
		return date{}, false
	}
	return p.relative(i)
}

// fields are the parts of a date as printed.
type fields struct {
	year, month, day int
	calendar         Calendar
	fixed            bool // calendar is known from the month's name or the era
	weekday          int  // -1: none
}

// resolve gives the day of fields that has a year.
func (p *parser) resolve(f fields) (time.Time, Calendar, bool) {
	switch {
	case f.fixed && f.calendar == Ethiopian:
		t, ok := fromEthiopian(f.year, f.month, f.day)
		return t, Ethiopian, ok && p.inRange(t)
	case f.fixed && f.calendar == Sambat, !f.fixed && p.nepali() && p.beyond(f.year):
		t, ok := fromSambat(f.year, f.month, f.day)
		return t, Sambat, ok && p.inRange(t)
	case f.year >= 1900 && f.year < 2200 && (!f.fixed || f.calendar == Gregorian):
		t, ok := fromGregorian(f.year, f.month, f.day)
		return t, Gregorian, ok && p.inRange(t)
	case f.year >= 2443 && f.year < 2700 && (!f.fixed || f.calendar == Gregorian) && (p.base == "th" || p.country == "TH" || f.fixed):
		t, ok := fromGregorian(f.year-543, f.month, f.day)
		return t, Gregorian, ok && p.inRange(t)
	case f.year >= 2700 && f.year < 2800 && f.fixed && f.calendar == Jalali: // the Kurdish count of years
		t, ok := fromJalali(f.year-1321, f.month, f.day)
		return t, Jalali, ok && p.inRange(t)
	case f.year < 1250 || f.year > 1500 || f.fixed && f.calendar == Gregorian:
		return time.Time{}, Gregorian, false
	}
	jalali, okJ := fromJalali(f.year, f.month, f.day)
	hijri, okH := fromHijri(f.year, f.month, f.day)
	okJ = okJ && p.inRange(jalali) && (!f.fixed || f.calendar == Jalali)
	okH = okH && p.inRange(hijri) && (!f.fixed || f.calendar == Hijri)
	if okJ && okH {
		// The years of the two are 42 apart now, so a year that is recent in one is old or to come in the other.
		recent := time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
		switch oldJ, oldH := jalali.Before(recent), hijri.Before(recent); {
		case p.persian() && (!oldJ || oldH), oldH && !oldJ:
			okH = false
		default:
			okJ = false
		}
	}
	if okJ {
		return jalali, Jalali, true
	}
	return hijri, Hijri, okH
}

// persian says that numeric years of the 14th and 15th century are Jalali ones.
func (p *parser) persian() bool {
	switch p.base {
	case "fa", "ps", "prs":
		return true
	case "ar", "ur":
		return p.country == "IR"
	}
	return p.country == "IR" || p.country == "AF"
}

// nepali says that the page's readers count years from 57 before ours.
func (p *parser) nepali() bool { return p.base == "ne" || p.country == "NP" }

// beyond says that a year is yet to come for us, and so one of Bikram Sambat where that is used.
func (p *parser) beyond(year int) bool {
	return year >= sambatFirst && (p.latest.IsZero() || year > p.latest.Year())
}

func (p *parser) inRange(t time.Time) bool {
	return t.Year() >= 1900 && (p.latest.IsZero() || !t.After(p.latest))
}

// resolveLast gives the last day before Hint.Now that fields without a year can mean; a weekday must agree.
func (p *parser) resolveLast(f fields) (time.Time, bool) {
	if p.hint.Now.IsZero() {
		return time.Time{}, false
	}
	now := p.hint.Now.In(p.local.location)
	convert, year := fromGregorian, now.Year()
	switch f.calendar {
	case Jalali:
		if !p.persian() {
			return time.Time{}, false
		}
		convert, year = fromJalali, year-621
	case Hijri, Ethiopian, Sambat: // days without a year name feasts, streets and towns
		return time.Time{}, false
	}
	for back := range 8 { // 29 February with a weekday can be 28 years back, which nobody prints without a year
		t, ok := convert(year-back, f.month, f.day)
		if ok && p.inRange(t) && (f.weekday < 0 || int(t.Weekday()) == f.weekday) {
			return t, true
		}
	}
	return time.Time{}, false
}

// weekdayBeside finds the weekday that stands before token start or after token end-1, and widens the span by it.
func (p *parser) weekdayBeside(start, end int) (day, newStart, newEnd int) {
	for i, steps := start-1, 0; i >= p.taken && steps < 3; i, steps = i-1, steps+1 {
		if s, ok := p.get(i, kindWeekday); ok {
			if p.toks[i].latin && len(p.text[p.toks[i].start:p.toks[i].end]) <= 2 && !p.toks[i].upper {
				break
			}
			return int(s.n), i, end
		}
		if !p.filler(i) {
			break
		}
	}
	for i, steps := end, 0; i < len(p.toks) && steps < 2; i, steps = i+1, steps+1 {
		if s, ok := p.get(i, kindWeekday); ok {
			if i+1 < len(p.toks) && p.isMark(i+1, ')') && p.isMark(i-1, '(') {
				i++
			}
			return int(s.n), start, i + 1
		}
		if p.toks[i].kind != tokenPunct && !p.filler(i) {
			break
		}
	}
	return -1, start, end
}

// filler says that token i may stand between a date and its weekday or time.
func (p *parser) filler(i int) bool {
	if i < 0 || i >= len(p.toks) {
		return false
	}
	t := &p.toks[i]
	switch t.kind {
	case tokenPunct:
		return t.mark != '%' && t.mark != '$' && t.mark != '€' && t.mark != '?' && t.mark != '!'
	case tokenWord:
		for k := range t.senses {
			switch t.senses[k].kind {
			case kindFiller, kindClock, kindEra, kindDayMark, kindOrdinal, kindHebrew:
				return true
			}
		}
	}
	return false
}

// finish resolves fields and makes the date of tokens start to end-1.
func (p *parser) finish(start, end int, f fields, hasYear bool) (date, bool) {
	f.weekday, start, end = p.weekdayBeside(start, end)
	d := date{start: start, end: end, yearGiven: hasYear, precision: article.PrecisionDay}
	var ok bool
	if hasYear {
		d.day, d.calendar, ok = p.resolve(f)
	} else {
		d.calendar = f.calendar
		d.day, ok = p.resolveLast(f)
	}
	return d, ok
}
