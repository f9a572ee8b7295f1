// Package newsdate reads the dates of news pages: as printed for readers, in the calendars, scripts and languages of
// the region and the world, and as machine-readable values, which lie in ways of their own (years of the Hijri or
// Jalali calendar in ISO fields, prose in date fields, day and month swapped).
//
// Invariants: a date that does not exist, lies more than FutureSlack after Hint.Now, or before 1900, is no date; a
// year below 1700 is never Gregorian; numbers such as telephone numbers, scores, versions and prices are no dates. The
// package does no I/O and reads no clock: what depends on today (a date without a year, "3 hours ago") needs Hint.Now.
//
// Failure modes: text that holds no date gives none, and never an error; text longer than its cap is read up to the
// cap. A date whose day and month could be swapped is marked Ambiguous. A zone that the text does not state is taken
// from the hint, and Time.ZoneGiven says so; that a page says Z and means local time cannot be seen from its value
// alone, so callers who have two values should compare them.
package newsdate

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// FutureSlack is how far after Hint.Now a date may lie: a day for zones, a day for clocks that are wrong.
const FutureSlack = 48 * time.Hour

// Caps on the input in bytes; what lies beyond is not read.
const (
	MaxParse = 1 << 10  // a byline or a meta value
	MaxFind  = 16 << 10 // a block of text: longer than any paragraph
	MaxURL   = 2 << 10  // as weburl's cap on URLs
)

// Calendar is the calendar that a date was printed in.
type Calendar uint8

// The calendars. Years of the Buddhist era, of Japan's eras and of the Republic of China are Gregorian.
const (
	Gregorian Calendar = iota
	Jalali             // Solar Hijri: Iran, Afghanistan, and the Kurdish calendar
	Hijri              // lunar Hijri; a day off either way is possible, see fromHijri
	Ethiopian          // Ethiopia's
	Sambat             // Bikram Sambat: Nepal's
)

// String gives the calendar's name in lower case.
func (c Calendar) String() string {
	switch c {
	case Jalali:
		return "jalali"
	case Hijri:
		return "hijri"
	case Ethiopian:
		return "ethiopian"
	case Sambat:
		return "sambat"
	}
	return "gregorian"
}

// Hint is what is known about the page that a date stands on. Every field may be empty.
type Hint struct {
	Language string         // BCP 47 tag
	Country  string         // ISO 3166-1 alpha-2; the language tag's region if empty
	Location *time.Location // zone of times that state none; ZoneFor(Country, Language) if nil, UTC if that is nil too
	Now      time.Time      // when the page was fetched; without it dates without a year and relative ones are not read
}

// Time is a date that was read, with its time of day if there was one.
type Time struct {
	At        time.Time         // in the zone that it was read in; midnight if Precision is day, but the hour of "3 hours ago"
	Precision article.Precision // finest part that was given
	Zone      string            // IANA name or +hh:mm of At
	ZoneGiven bool              // the text states the zone
	Calendar  Calendar
	Relative  bool // counted from Hint.Now: "3 hours ago", "yesterday"
	YearGiven bool // false: the last such day before Hint.Now was taken
	Ambiguous bool // numeric, and also a date with day and month swapped; the hint decided
}

// Label is what the text says a date is.
type Label string

// The labels of dates.
const (
	LabelNone      Label = ""
	LabelPublished Label = "published"
	LabelModified  Label = "modified"
)

// Found is a date in a text.
type Found struct {
	Time
	Start, End int // bytes of the text that are the date, with weekday, time and zone, without label
	Label      Label
}

// Parse reads the date of a short text such as a byline. Of several it takes the one labelled as publication, else the
// first that is not labelled as modification, an absolute date before a relative one.
func Parse(s string, h Hint) (Time, bool) {
	return best(newParser(capped(s, MaxParse), h, false).find())
}

// ParseMachine reads a value meant for machines: of a meta tag, JSON-LD, <time datetime>, an RSS pubDate, in the
// ISO 8601 or RFC 822 family, a Unix time in seconds or milliseconds, and whatever Parse reads, for prose is met there
// too. The Unix epoch itself is a database's way of saying none, and is not a date.
func ParseMachine(s string, h Hint) (Time, bool) {
	s = strings.TrimSpace(capped(s, MaxParse))
	t, ok := parseDigits(s, h)
	if !ok {
		t, ok = best(newParser(s, h, true).find())
	}
	if !ok || t.At.Unix() == 0 {
		return Time{}, false
	}
	return t, true
}

// Find gives all dates of a text in order. Equivalents of one day in two calendars side by side are one date.
func Find(text string, h Hint) []Found {
	return newParser(capped(text, MaxFind), h, false).find()
}

// best picks the date that Parse returns.
func best(found []Found) (Time, bool) {
	rank := func(f *Found) int {
		n := 0
		switch f.Label {
		case LabelPublished:
			n = 4
		case LabelNone:
			n = 2
		}
		if !f.Relative && f.YearGiven {
			n++
		}
		return n
	}
	at := -1
	for i := range found {
		if at < 0 || rank(&found[i]) > rank(&found[at]) {
			at = i
		}
	}
	if at < 0 {
		return Time{}, false
	}
	return found[at].Time, true
}

// HasDigit says that a text has a decimal digit of any script that dates are read in.
func HasDigit(text string) bool {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c >= '0' && c <= '9' {
			return true
		}
	}
	for _, r := range text {
		if _, ok := DigitValue(r); ok {
			return true
		}
	}
	return false
}

// capped cuts s at a rune's border.
func capped(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
