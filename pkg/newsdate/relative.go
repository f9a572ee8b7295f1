package newsdate

import (
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// maxBack bounds "N units ago": what is further back is no date of a news page, but a sentence about history.
const maxBack = 40 * 365 * 24 * time.Hour

// maxParts is the most units that one span is given in ("1 day, 3 hours and 5 minutes ago").
const maxParts = 3

// relative reads spans of time before now (منذ ٣ ساعات, 2 saat önce, il y a 3 heures, 3小时前) and named days
// (أمس, yesterday), which count only where they open the text.
func (p *parser) relative(i int) (date, bool) {
	if p.hint.Now.IsZero() {
		return date{}, false
	}
	if s, ok := p.get(i, kindDay); ok {
		if i > 2 && !p.is(i-1, kindLabel) && !p.isMark(i-1, ':') {
			return date{}, false
		}
		return p.namedDay(i, int(s.n)), true
	}
	j := i
	before := p.is(j, kindBefore)
	if before {
		j++
		for steps := 0; steps < 3 && (p.is(j, kindFiller) || p.is(j, kindBefore)); steps++ {
			j++
		}
	}
	var back span
	end := 0
	for parts := 0; parts < maxParts; parts++ {
		k, ok := p.span(j, &back, before)
		if !ok {
			break
		}
		end = k
		if j = k; p.isMark(j, ',') || p.is(j, kindFiller) {
			j++
		}
	}
	if end == 0 {
		return date{}, false
	}
	j = end
	if p.is(j, kindFiller) && p.is(j+1, kindAfter) {
		j++
	}
	// In Arabic قبل stands before its span, and after one it begins something else ("مدته 13 يوماً قبل انطلاق الدوري").
	if p.is(j, kindAfter) && !(p.base == "ar" && p.is(j, kindBefore)) {
		end = j + 1
	} else if !before {
		return date{}, false
	}
	at := back.before(p.hint.Now.In(p.local.location))
	if p.hint.Now.Sub(at) > maxBack {
		return date{}, false
	}
	return date{start: i, end: end, day: at, relative: true, instant: true, yearGiven: true, precision: back.precision()}, true
}

// namedDay is the date of a day counted from today.
func (p *parser) namedDay(i, days int) date {
	y, m, d := p.hint.Now.In(p.local.location).Date()
	return date{start: i, end: i + 1, day: time.Date(y, m, d+days, 0, 0, 0, 0, time.UTC), relative: true, yearGiven: true, precision: article.PrecisionDay}
}

// span is a time that has passed.
type span struct {
	months, days int
	clock        time.Duration
	finest       int // unit
	any          bool
}

// span reads a number and a unit at token i into s. Without a number the unit stands for one, after a word that
// announces it only ("قبل ساعة").
func (p *parser) span(i int, s *span, announced bool) (end int, ok bool) {
	if u, ok := p.get(i, kindDual); ok && announced {
		s.add(2, int(u.n))
		return i + 1, true
	}
	n, ok := p.number(i, 1, 4)
	j := i + 1
	if !ok {
		var c sense
		if c, ok = p.get(i, kindCount); ok && p.is(i+1, kindUnit) {
			n = int(c.n)
		} else {
			n, j = 1, i
			if !announced || s.any {
				return 0, false
			}
		}
	}
	u, ok := p.get(j, kindUnit)
	if !ok {
		if p.isMark(j, '+') || p.is(j, kindFiller) {
			j++
			u, ok = p.get(j, kindUnit)
		}
		if !ok {
			return 0, false
		}
	}
	s.add(n, int(u.n))
	return j + 1, true
}

func (s *span) add(n, unit int) {
	switch unit {
	case unitSecond:
		s.clock += time.Duration(n) * time.Second
	case unitMinute:
		s.clock += time.Duration(n) * time.Minute
	case unitHour:
		s.clock += time.Duration(n) * time.Hour
	case unitDay:
		s.days += n
	case unitWeek:
		s.days += 7 * n
	case unitMonth:
		s.months += n
	case unitYear:
		s.months += 12 * n
	}
	if !s.any || unit < s.finest {
		s.finest = unit
	}
	s.any = true
}

// before gives the beginning of the unit that the span says: "3 hours ago" is an hour, "2 days ago" a day of now's zone.
func (s *span) before(now time.Time) time.Time {
	at := now.AddDate(0, -s.months, -s.days).Add(-s.clock)
	switch y, m, d := at.Date(); {
	case s.finest > unitHour:
		return time.Date(y, m, d, 0, 0, 0, 0, at.Location())
	case s.finest == unitHour:
		return at.Truncate(time.Hour)
	case s.finest == unitMinute:
		return at.Truncate(time.Minute)
	}
	return at.Truncate(time.Second)
}

// precision is that of the finest unit: "5 minutes ago" gives a minute; "3 hours ago" gives no better than a day.
func (s *span) precision() article.Precision {
	if s.finest <= unitMinute {
		return article.PrecisionMinute
	}
	return article.PrecisionDay
}
