package newsdate

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var fuzzHints = []Hint{
	{},
	{Language: "ar", Country: "IQ", Now: now},
	{Language: "fa", Country: "IR", Now: now},
	{Language: "en", Country: "US", Now: now},
	{Language: "ja", Now: now},
	{Language: "th", Now: now},
	{Language: "tr-TR", Now: now, Location: time.FixedZone("", 3*3600)},
}

var fuzzSeeds = []string{
	"24 يوليو، 2024", "18 يناير، 2025 10:08 م", "GMT 17:27 17.03.2020(محدثة GMT 17:49 17.03.2020)", "1439-07-04T12:23:48Z",
	"2020-02-18 T 07:20:50 +0330", "15:08 , 22.05.20", "2 تير 1399 - 12:09:08 ب.ظ", "پێنجشەممە، 04ـی ئەیلوولی 2025",
	"יום שבת 23.05.2020 כ״ט אייר התש\"פ 19:55", "2024年5月3日 下午3:05", "令和6年5月3日", "3 พ.ค. 2567 15.05 น.", "il y a 3 heures",
	"10 ذي الحجة 1442 هـ الموافق 21 يوليوز 2021 م", "Mon Aug 24 09:23:13 +0000 2020", "https://a.b/2013/x/8/3/202003171044893040",
	"1.2.3.4.5", "99999999999999999999999", "\xff\xfe12.12.12", "a.m.", "5 a.", "ال 1 / 2 / 2020 +99:99", "منذ 99999999 سنة", "1يوليو2000A1يوليو",
}

func checkTime(t *testing.T, s string, got Time, ok bool, h Hint) {
	t.Helper()
	if !ok {
		return
	}
	if got.Precision == "" || got.Zone == "" && h.Location == nil {
		t.Errorf("%q: incomplete: %+v", s, got)
	}
	if got.At.UTC().Year() < 1899 || !h.Now.IsZero() && got.At.After(h.Now.Add(FutureSlack)) {
		t.Errorf("%q: %v is out of range", s, got.At)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, h := range fuzzHints {
			got, ok := Parse(s, h)
			checkTime(t, s, got, ok, h)
		}
	})
}

func FuzzParseMachine(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, h := range fuzzHints {
			got, ok := ParseMachine(s, h)
			checkTime(t, s, got, ok, h)
		}
	})
}

func FuzzFind(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add(s)
		f.Add(strings.Repeat(s+" ", 20))
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, h := range fuzzHints {
			last := 0
			for _, found := range Find(s, h) {
				checkTime(t, s, found.Time, true, h)
				if found.Start < 0 || found.End > len(s) || found.Start >= found.End {
					t.Fatalf("%q: span %d to %d", s, found.Start, found.End)
				}
				if found.Start < last {
					t.Fatalf("%q: span at %d begins before the last one ended (%d)", s, found.Start, last)
				}
				last = found.End
				if utf8.ValidString(s) && !utf8.ValidString(s[found.Start:found.End]) {
					t.Fatalf("%q: span %d to %d cuts a rune", s, found.Start, found.End)
				}
			}
		}
	})
}

func FuzzFromURL(f *testing.F) {
	for _, s := range fuzzSeeds {
		f.Add(s)
	}
	f.Add("https://www.isna.ir/news/1403030201246/%D8%B9")
	f.Add("https://a.b/2024-04/24/c_1.htm?x=20240424101112#2020/1/1")
	f.Fuzz(func(t *testing.T, s string) {
		for _, h := range fuzzHints {
			got, ok := FromURL(s, h)
			checkTime(t, s, got, ok, h)
		}
	})
}
