package newsdate

import (
	"strings"
	"testing"
	"time"
)

// TestCalendars has days whose equivalents are public knowledge: new years, feasts, and the ends of leap years.
func TestCalendars(t *testing.T) {
	for _, c := range []struct {
		convert func(y, m, d int) (time.Time, bool)
		y, m, d int
		want    string
	}{
		{fromJalali, 1375, 1, 1, "1996-03-20"}, {fromJalali, 1399, 1, 1, "2020-03-20"}, {fromJalali, 1399, 12, 30, "2021-03-20"},
		{fromJalali, 1400, 1, 1, "2021-03-21"}, {fromJalali, 1403, 1, 1, "2024-03-20"}, {fromJalali, 1403, 12, 30, "2025-03-20"},
		{fromJalali, 1404, 1, 1, "2025-03-21"}, {fromJalali, 1357, 11, 22, "1979-02-11"}, {fromJalali, 1400, 12, 30, ""},
		{fromJalali, 1400, 7, 31, ""}, {fromJalali, 1400, 6, 31, "2021-09-22"}, {fromJalali, 1400, 13, 1, ""}, {fromJalali, 1400, 0, 1, ""},
		{fromHijri, 1439, 7, 4, "2018-03-21"}, {fromHijri, 1442, 12, 10, "2021-07-20"}, {fromHijri, 1445, 9, 1, "2024-03-11"},
		{fromHijri, 1446, 1, 1, "2024-07-07"}, {fromHijri, 1343, 1, 1, "1924-08-02"},
		{fromHijri, 1318, 1, 1, "1900-05-01"}, {fromHijri, 1445, 13, 1, ""}, {fromHijri, 1445, 1, 31, ""}, {fromHijri, 1500, 1, 1, ""},
		{fromEthiopian, 2000, 1, 1, "2007-09-12"}, {fromEthiopian, 2017, 1, 1, "2024-09-11"}, {fromEthiopian, 2016, 1, 1, "2023-09-12"}, {fromEthiopian, 2015, 13, 6, "2023-09-11"},
		{fromEthiopian, 2017, 11, 30, "2025-08-06"}, {fromEthiopian, 2017, 13, 6, ""}, {fromEthiopian, 2017, 1, 31, ""}, {fromEthiopian, 2017, 14, 1, ""},
		{fromSambat, 2040, 1, 1, "1983-04-14"}, {fromSambat, 2081, 1, 1, "2024-04-13"}, {fromSambat, 2082, 1, 1, "2025-04-14"}, {fromSambat, 2083, 1, 1, "2026-04-14"},
		{fromSambat, 2082, 4, 21, "2025-08-06"}, {fromSambat, 2072, 1, 12, "2015-04-25"}, {fromSambat, 2082, 1, 32, ""}, {fromSambat, 2091, 1, 1, ""}, {fromSambat, 2039, 1, 1, ""},
		{fromGregorian, 2024, 2, 29, "2024-02-29"}, {fromGregorian, 2023, 2, 29, ""},
	} {
		got, ok := c.convert(c.y, c.m, c.d)
		if ok != (c.want != "") || ok && got.Format(time.DateOnly) != c.want {
			t.Errorf("%d-%d-%d: %v %v, want %q", c.y, c.m, c.d, got, ok, c.want)
		}
	}
}

// TestCalendarsAreContinuous walks every day of both calendars: each is the day after the one before it.
func TestCalendarsAreContinuous(t *testing.T) {
	for name, c := range map[string]struct {
		convert     func(y, m, d int) (time.Time, bool)
		first, last int
	}{"ethiopian": {fromEthiopian, 1950, 2100}, "sambat": {fromSambat, sambatFirst, sambatFirst + len(sambat) - 1}, "jalali": {fromJalali, 1250, 1499}, "hijri": {fromHijri, umalquraFirst, umalquraFirst + len(umalqura) - 1}} {
		var previous time.Time
		for y := c.first; y <= c.last; y++ {
			for m := 1; m <= 13; m++ {
				days := 32
				if name == "hijri" && m <= 12 {
					days = 29 + int(umalqura[y-umalquraFirst]>>(m-1)&1)
				}
				for d := 1; d <= days; d++ {
					at, ok := c.convert(y, m, d)
					if !ok {
						break
					}
					if !previous.IsZero() && at.Sub(previous) != 24*time.Hour {
						t.Fatalf("%s %d-%d-%d is %v, the day before it %v", name, y, m, d, at, previous)
					}
					previous = at
				}
			}
		}
	}
}

// TestTables says that every line of the tables has its slots, and that no word folds to nothing.
func TestTables(t *testing.T) {
	for name, c := range map[string]struct {
		table string
		slots int
	}{
		"months": {monthTable, 12}, "jalali months": {jalaliMonthTable, 12}, "ethiopian months": {ethiopianMonthTable, 13}, "sambat months": {sambatMonthTable, 12}, "hijri months": {hijriMonthTable, 12}, "hebrew months": {hebrewMonthTable, 13},
		"weekdays": {weekdayTable, 7}, "units": {unitTable, 7}, "duals": {dualTable, 7}, "counts": {countTable, 10}, "days": {dayTable, 3}, "labels": {labelTable, 2},
	} {
		for line := range strings.Lines(c.table) {
			if line = strings.TrimSpace(line); line == "" {
				continue
			}
			if n := strings.Count(line, "|") + 1; n != c.slots && name != "hebrew months" {
				t.Errorf("%s: %d slots, want %d: %s", name, n, c.slots, line)
			}
		}
	}
	lx := words()
	if _, ok := lx.words[""]; ok {
		t.Error("a word of the tables folds to nothing")
	}
	if n := len(lx.langs); n > 127 {
		t.Errorf("%d languages, more than the set holds", n)
	}
}

// TestZones loads every zone that the tables name.
func TestZones(t *testing.T) {
	for country, load := range zones().byCountry {
		if len(country) != 2 || load() == nil {
			t.Errorf("country %q", country)
		}
	}
	for language, country := range zones().byLanguage {
		if ZoneFor("", language) == nil && country != "" {
			t.Errorf("language %q: country %q has no zone", language, country)
		}
	}
	for i := range zoneAbbreviations {
		for _, country := range []string{"", "IL", "CA", "US", "PK", "MY", "IE", "BD", "CN"} {
			if z := zoneOf(i, country); z.location == nil || z.name == "" {
				t.Errorf("%s in %q: %+v", zoneAbbreviations[i].names, country, z)
			}
		}
	}
}

func TestZoneFor(t *testing.T) {
	for _, c := range []struct{ country, language, want string }{
		{"IQ", "", "Asia/Baghdad"}, {"iq", "ar", "Asia/Baghdad"}, {"", "ar-EG", "Africa/Cairo"}, {"UK", "en", "Europe/London"},
		{"", "fa", "Asia/Tehran"}, {"", "he-IL", "Asia/Jerusalem"}, {"", "iw", "Asia/Jerusalem"}, {"", "zh-Hant-TW", "Asia/Taipei"},
		{"", "ckb", "Asia/Baghdad"}, {"", "tr", "Europe/Istanbul"}, {"", "ar", ""}, {"", "en", ""}, {"", "", ""}, {"XX", "fa", ""},
	} {
		got := ZoneFor(c.country, c.language)
		if c.want == "" && got == nil {
			continue
		}
		if got == nil || got.String() != c.want {
			t.Errorf("ZoneFor(%q, %q) = %v, want %q", c.country, c.language, got, c.want)
		}
	}
}
