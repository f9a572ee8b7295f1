package newsdate

import (
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// parseDigits reads a value whose only number is a Unix time in seconds or milliseconds ("1598250193",
// "/Date(1598250193000)/") or a date run together (20200824, 202008240923, 20200824092313).
func parseDigits(s string, h Hint) (Time, bool) {
	from, to := -1, -1
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			continue
		}
		if from >= 0 && i != to {
			return Time{}, false
		}
		if from < 0 {
			from = i
		}
		to = i + 1
	}
	if from < 0 || from > 8 || len(s)-to > 8 || from > 0 && s[from-1] == '-' {
		return Time{}, false
	}
	digits := s[from:to]
	p := newParser("", h, true)
	switch len(digits) {
	case 10, 13:
		v := number(digits)
		at := time.Unix(int64(v), 0)
		precision := article.PrecisionSecond
		if len(digits) == 13 {
			at = time.UnixMilli(int64(v))
		}
		if at = at.UTC(); p.latest.IsZero() && at.Year() < 2100 || !at.After(p.latest) {
			return Time{At: at, Precision: precision, Zone: "UTC", ZoneGiven: true, YearGiven: true}, true
		}
		return Time{}, false
	case 8, 12, 14:
		return p.runTogether(digits)
	}
	return Time{}, false
}

// number gives the value of up to 18 ASCII digits.
func number(digits string) int {
	n := 0
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return n
}

// runTogether reads YYYYMMDD with hhmm and ss after it where they are a time of day.
func (p *parser) runTogether(digits string) (Time, bool) {
	f := fields{year: number(digits[:4]), month: number(digits[4:6]), day: number(digits[6:8]), weekday: -1}
	day, calendar, ok := p.resolve(f)
	if !ok {
		return Time{}, false
	}
	t := Time{Precision: article.PrecisionDay, Zone: p.local.name, Calendar: calendar, YearGiven: true}
	var hour, minute, second int
	if len(digits) >= 12 {
		if h, m := number(digits[8:10]), number(digits[10:12]); h < 24 && m < 60 {
			hour, minute, t.Precision = h, m, article.PrecisionMinute
			if len(digits) >= 14 {
				if s := number(digits[12:14]); s < 60 {
					second, t.Precision = s, article.PrecisionSecond
				}
			}
		}
	}
	t.At = in(day, hour, minute, second, 0, p.local.location)
	return t, p.latest.IsZero() || !t.At.After(p.latest)
}
