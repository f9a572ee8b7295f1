package demosite

import (
	"fmt"
	"strings"
	"time"
)

// The demo web stands still in time: its newest article is of epoch, and what its pages print as today's date is
// the day after. Fixed times make every run, and every page's hash, the same.
var (
	epoch = time.Date(2026, time.November, 14, 15, 42, 17, 0, time.UTC)
	today = epoch.AddDate(0, 0, 1)
)

// dateStyle is a site's printed form of a date.
type dateStyle string

const (
	dateArabic    dateStyle = "ar"       // 24 أكتوبر، 2026
	dateIraqi     dateStyle = "ar-iq"    // 24 تشرين الأول، 2026
	dateIraqiLong dateStyle = "ar-clock" // السبت ٢٤ تشرين الأول ٢٠٢٦ - ٠٤:٢٠ م
	dateSorani    dateStyle = "ckb"      // شەممە، 24ـی تشرینی یەکەمی 2026 - 16:20
	dateJalali    dateStyle = "fa"       // ۲ آبان ۱۴۰۵ - ۱۶:۲۰
	dateTurkish   dateStyle = "tr"       // 24.10.2026 16:20
	dateEnglish   dateStyle = "en"       // October 24, 2026, 4:20 pm
)

// hasClock reports whether the printed form gives the time of day.
func (d dateStyle) hasClock() bool { return d != dateArabic && d != dateIraqi }

// format prints a local time as the site does.
func (l *language) format(style dateStyle, t time.Time) string {
	y, m, d := t.Date()
	switch style {
	case dateArabic:
		return fmt.Sprintf("%d %s، %d", d, l.lists["months"][m-1], y)
	case dateIraqi:
		return fmt.Sprintf("%d %s، %d", d, l.lists["months2"][m-1], y)
	case dateIraqiLong:
		half := "ص"
		if t.Hour() >= 12 {
			half = "م"
		}
		return digits(fmt.Sprintf("%s %d %s %d - %s %s", l.weekday(t), d, l.lists["months2"][m-1], y, t.Format("03:04"), half), '٠')
	case dateSorani:
		return fmt.Sprintf("%s، %02dـی %sی %d - %s", l.weekday(t), d, l.lists["months"][m-1], y, t.Format("15:04"))
	case dateJalali:
		jy, jm, jd := jalali(t)
		return digits(fmt.Sprintf("%d %s %d - %s", jd, l.lists["months"][jm-1], jy, t.Format("15:04")), '۰')
	case dateTurkish:
		return t.Format("02.01.2006 15:04")
	default:
		return t.Format("January 2, 2006, 3:04 pm")
	}
}

// inText prints a date as a sentence holds it.
func (l *language) inText(t time.Time) string {
	y, m, d := t.Date()
	switch l.code {
	case "ar":
		return fmt.Sprintf("%d %s %d", d, l.lists["months2"][m-1], y)
	case "fa":
		jy, jm, jd := jalali(t)
		return fmt.Sprintf("%d %s %d", jd, l.lists["months"][jm-1], jy)
	default:
		return fmt.Sprintf("%d %s %d", d, l.lists["months"][m-1], y)
	}
}

func (l *language) weekday(t time.Time) string { return l.lists["weekdays"][t.Weekday()] }

// digits prints the Latin digits of s in the block that begins with zero.
func digits(s string, zero rune) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return zero + r - '0'
		}
		return r
	}, s)
}

// jalali converts a day on or after 21 March 2026, which is 1 Farvardin 1405, to the Iranian calendar. Leap years
// follow the 33-year cycle, which agrees with the astronomical calendar from 1244 to 1472.
func jalali(t time.Time) (year, month, day int) {
	y, m, d := t.Date()
	n := int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(2026, time.March, 21, 0, 0, 0, 0, time.UTC)).Hours() / 24)
	for year = 1405; n >= jalaliDays(year); year++ {
		n -= jalaliDays(year)
	}
	if n < 186 { // six months of 31 days
		return year, n/31 + 1, n%31 + 1
	}
	return year, (n-186)/30 + 7, (n-186)%30 + 1
}

func jalaliDays(year int) int {
	switch year % 33 {
	case 1, 5, 9, 13, 17, 22, 26, 30:
		return 366
	}
	return 365
}
