package newsdate

import (
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// TestFind has lines with several dates, labels and times.
func TestFind(t *testing.T) {
	type want struct {
		text  string // of the span
		at    string
		label Label
	}
	for _, c := range []struct {
		line, lang, country string
		want                []want
	}{
		{"GMT 17:27 17.03.2020(محدثة GMT 17:49 17.03.2020)", "ar", "", []want{
			{"GMT 17:27 17.03.2020", "2020-03-17T17:27:00Z", LabelNone},
			{"GMT 17:49 17.03.2020", "2020-03-17T17:49:00Z", LabelModified},
		}},
		{"الأربعاء، 28 آب/اغسطس 2013، آخر تحديث 14:00 (GMT+0400)", "ar", "", []want{
			{"الأربعاء، 28 آب/اغسطس 2013", "2013-08-28", LabelNone},
			{"14:00 (GMT+0400)", "2013-08-28T14:00:00+04:00", LabelModified},
		}},
		{"Giriş: 03.07.2024 - 18:24 Güncelleme: 03.07.2024 - 18:57", "tr", "TR", []want{
			{"03.07.2024 - 18:24", "2024-07-03T18:24:00+03:00", LabelPublished},
			{"03.07.2024 - 18:57", "2024-07-03T18:57:00+03:00", LabelModified},
		}},
		{"20 Nisan 2026•Güncelleme: 20 Nisan 2026", "tr", "TR", []want{
			{"20 Nisan 2026", "2026-04-20", LabelNone},
			{"20 Nisan 2026", "2026-04-20", LabelModified},
		}},
		{"05.04.2025 - Güncelleme : 05.04.2025", "tr", "TR", []want{
			{"05.04.2025", "2025-04-05", LabelNone},
			{"05.04.2025", "2025-04-05", LabelModified},
		}},
		{"نشر في: 17 أكتوبر, 2011: 09:34 م", "ar", "IQ", []want{{"17 أكتوبر, 2011: 09:34 م", "2011-10-17T21:34:00+03:00", LabelPublished}}},
		{"نُشر في 3 مايو 2024 10:15 ص | عُدّل في 4 مايو 2024 11:20 ص", "ar", "SA", []want{
			{"3 مايو 2024 10:15 ص", "2024-05-03T10:15:00+03:00", LabelPublished},
			{"4 مايو 2024 11:20 ص", "2024-05-04T11:20:00+03:00", LabelModified},
		}},
		{"פורסם: 22.05.20 , 15:08 עודכן: 22.05.20, 18:01", "he", "IL", []want{
			{"22.05.20 , 15:08", "2020-05-22T15:08:00+03:00", LabelPublished},
			{"22.05.20, 18:01", "2020-05-22T18:01:00+03:00", LabelModified},
		}},
		{"اپریل 8, 2022 فُوری اپڈیٹ: اپریل 9, 2022", "ur", "PK", []want{
			{"اپریل 8, 2022", "2022-04-08", LabelNone},
			{"اپریل 9, 2022", "2022-04-09", LabelModified},
		}},
		{"تاریخ انتشار: ۱۲ خرداد ۱۴۰۳ - ۱۰:۳۰ آخرین به\u200cروزرسانی: ۱۳ خرداد ۱۴۰۳ - ۰۹:۰۰", "fa", "IR", []want{
			{"۱۲ خرداد ۱۴۰۳ - ۱۰:۳۰", "2024-06-01T10:30:00+03:30", LabelPublished},
			{"۱۳ خرداد ۱۴۰۳ - ۰۹:۰۰", "2024-06-02T09:00:00+03:30", LabelModified},
		}},
		{"Published 3 May 2024, 10:15 BST. Updated 4 May 2024 at 09:00", "en", "GB", []want{
			{"3 May 2024, 10:15 BST", "2024-05-03T10:15:00+01:00", LabelPublished},
			{"4 May 2024 at 09:00", "2024-05-04T09:00:00+01:00", LabelModified},
		}},
		{"入力 2024.05.03. 오후 3:05 수정 2024.05.03. 오후 4:10", "ko", "KR", []want{
			{"2024.05.03. 오후 3:05", "2024-05-03T15:05:00+09:00", LabelNone},
			{"2024.05.03. 오후 4:10", "2024-05-03T16:10:00+09:00", LabelModified},
		}},
		{"2024年5月3日 15時05分 公開 2024年5月4日 更新", "ja", "JP", []want{
			{"2024年5月3日 15時05分", "2024-05-03T15:05:00+09:00", LabelPublished},
			{"2024年5月4日", "2024-05-04", LabelModified},
		}},
		{"发布时间：2024-05-03 15:05 来源：新华网", "zh", "CN", []want{{"2024-05-03 15:05", "2024-05-03T15:05:00+08:00", LabelPublished}}},
		{"الأربعاء 18 ذو الحجة 1442هـ - 28 يوليو 2021م 10:30 ص", "ar", "SA", []want{
			{"الأربعاء 18 ذو الحجة 1442هـ - 28 يوليو 2021م 10:30 ص", "2021-07-28T10:30:00+03:00", LabelNone},
		}},
		{"۲۱ اردیبهشت ۱۳۹۹ ۱۸:۵۹ - 10 May 2020", "fa", "IR", []want{{"۲۱ اردیبهشت ۱۳۹۹ ۱۸:۵۹ - 10 May 2020", "2020-05-10T18:59:00+04:30", LabelNone}}},
		{"Am 3.5. und am 4. Mai 2024 sowie am 05.05.2024 um 15.30 Uhr", "de", "DE", []want{
			{"4. Mai 2024", "2024-05-04", LabelNone},
			{"05.05.2024 um 15.30 Uhr", "2024-05-05T15:30:00+02:00", LabelNone},
		}},
	} {
		got := Find(c.line, Hint{Language: c.lang, Country: c.country, Now: now})
		if len(got) != len(c.want) {
			t.Errorf("%q: %d dates, want %d: %+v", c.line, len(got), len(c.want), got)
			continue
		}
		for i, w := range c.want {
			if s := c.line[got[i].Start:got[i].End]; s != w.text {
				t.Errorf("%q: date %d is %q, want %q", c.line, i, s, w.text)
			}
			if got[i].Label != w.label {
				t.Errorf("%q: date %d is labelled %q, want %q", c.line, i, got[i].Label, w.label)
			}
			check(t, reading{text: c.line, want: w.at}, got[i].Time, true)
		}
	}
}

// TestNoDates has what looks like a date and is none.
func TestNoDates(t *testing.T) {
	for _, r := range []reading{
		{text: "هاتف: 07901234567", lang: "ar"},
		{text: "+964 790 123 4567", lang: "ar"},
		{text: "Tel. 01.42.34.56.78", lang: "fr"},
		{text: "Tel. 030/12/34/56", lang: "de"},
		{text: "192.168.10.12", lang: "en"},
		{text: "version 1.12.20.3", lang: "en"},
		{text: "v1.2.2020", lang: "en"},
		{text: "CVE-2020-12-34567", lang: "en"},
		{text: "فاز الفريق 3-1-2", lang: "ar"},
		{text: "a 4-4-2 formation", lang: "en"},
		{text: "$12.05.20", lang: "en"},
		{text: "الدولار بـ 1.480.500 دينار", lang: "ar"},
		{text: "کد خبر 1353889", lang: "fa"},
		{text: "31 شباط 2024", lang: "ar"},
		{text: "2024-02-30", lang: "en"},
		{text: "30.02.2024", lang: "de"},
		{text: "2024-13-13", lang: "en"},
		{text: "31/04/2024", lang: "ar"},
		{text: "3 May 2030", lang: "en"},
		{text: "3 May 1750", lang: "en", want: "2026-05-03"},
		{text: "May 2024", lang: "en"},
		{text: "أيار 2024", lang: "ar"},
		{text: "you may 3 times", lang: "en"},
		{text: "march 10 miles", lang: "en"},
		{text: "10 رمضان", lang: "ar"},
		{text: "14:30", lang: "en"},
		{text: "2:1", lang: "en"},
		{text: "5 تموز", lang: "ar", want: "2025-07-05"},
		{text: "1 min read", lang: "en"},
		{text: "القرار 242 / 1967", lang: "ar"},
		{text: "2/3 of 2020", lang: "en"},
		{text: "3.5. 20 Uhr", lang: "de"},
	} {
		got, ok := Parse(r.text, r.hint())
		check(t, r, got, ok)
	}
}

func TestRelative(t *testing.T) {
	at := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) string { return at.Add(-d).Format(time.RFC3339) }
	for _, c := range []struct {
		text, lang string
		want       string
		precision  article.Precision
	}{
		{"منذ ٣ ساعات", "ar", ago(3 * time.Hour), article.PrecisionDay},
		{"قبل ساعتين", "ar", ago(2 * time.Hour), article.PrecisionDay},
		{"منذ ساعة", "ar", ago(time.Hour), article.PrecisionDay},
		{"منذ 15 دقيقة", "ar", ago(15 * time.Minute), article.PrecisionMinute},
		{"منذ ساعة و 5 دقائق", "ar", ago(65 * time.Minute), article.PrecisionMinute},
		{"قبل يومين", "ar", "2026-06-13T00:00:00Z", article.PrecisionDay},
		{"منذ ثلاثة أيام", "ar", "2026-06-12T00:00:00Z", article.PrecisionDay},
		{"5 hours ago", "en", ago(5 * time.Hour), article.PrecisionDay},
		{"an hour ago", "en", ago(time.Hour), article.PrecisionDay},
		{"20 mins ago", "en", ago(20 * time.Minute), article.PrecisionMinute},
		{"2 saat önce", "tr", ago(2 * time.Hour), article.PrecisionDay},
		{"bir saat önce", "tr", ago(time.Hour), article.PrecisionDay},
		{"۳ دقیقه پیش", "fa", ago(3 * time.Minute), article.PrecisionMinute},
		{"۲ ساعت قبل", "fa", ago(2 * time.Hour), article.PrecisionDay},
		{"3 گھنٹے قبل", "ur", ago(3 * time.Hour), article.PrecisionDay},
		{"پێش 3 کاتژمێر", "ckb", ago(3 * time.Hour), article.PrecisionDay},
		{"3 کاتژمێر لەمەوبەر", "ckb", ago(3 * time.Hour), article.PrecisionDay},
		{"berî 3 saetan", "ku", ago(3 * time.Hour), article.PrecisionDay},
		{"לפני שעה", "he", ago(time.Hour), article.PrecisionDay},
		{"לפני שעתיים", "he", ago(2 * time.Hour), article.PrecisionDay},
		{"לפני 40 דקות", "he", ago(40 * time.Minute), article.PrecisionMinute},
		{"vor 3 Stunden", "de", ago(3 * time.Hour), article.PrecisionDay},
		{"il y a 3 heures", "fr", ago(3 * time.Hour), article.PrecisionDay},
		{"hace 3 horas", "es", ago(3 * time.Hour), article.PrecisionDay},
		{"há 3 horas", "pt", ago(3 * time.Hour), article.PrecisionDay},
		{"3 ore fa", "it", ago(3 * time.Hour), article.PrecisionDay},
		{"3 uur geleden", "nl", ago(3 * time.Hour), article.PrecisionDay},
		{"3 godziny temu", "pl", ago(3 * time.Hour), article.PrecisionDay},
		{"för 3 timmar sedan", "sv", ago(3 * time.Hour), article.PrecisionDay},
		{"for 3 timer siden", "no", ago(3 * time.Hour), article.PrecisionDay},
		{"3 часа назад", "ru", ago(3 * time.Hour), article.PrecisionDay},
		{"3 години тому", "uk", ago(3 * time.Hour), article.PrecisionDay},
		{"πριν από 3 ώρες", "el", ago(3 * time.Hour), article.PrecisionDay},
		{"3 jam yang lalu", "id", ago(3 * time.Hour), article.PrecisionDay},
		{"3小时前", "zh", ago(3 * time.Hour), article.PrecisionDay},
		{"3時間前", "ja", ago(3 * time.Hour), article.PrecisionDay},
		{"3시간 전", "ko", ago(3 * time.Hour), article.PrecisionDay},
		{"3 ชั่วโมงที่แล้ว", "th", ago(3 * time.Hour), article.PrecisionDay},
		{"3 giờ trước", "vi", ago(3 * time.Hour), article.PrecisionDay},
		{"3 घंटे पहले", "hi", ago(3 * time.Hour), article.PrecisionDay},
		{"३ घण्टा अघि", "ne", ago(3 * time.Hour), article.PrecisionDay},
		{"৩ ঘণ্টা আগে", "bn", ago(3 * time.Hour), article.PrecisionDay},
		{"昨日", "ja", "2026-06-14T00:00:00+09:00", article.PrecisionDay},
		{"昨天 15:05", "zh", "2026-06-14T15:05:00+08:00", article.PrecisionMinute},
		{"dün 14:30", "tr", "2026-06-14T14:30:00+03:00", article.PrecisionMinute},
		{"Today at 10:15", "en", "2026-06-15T10:15:00Z", article.PrecisionMinute},
		{"أمس", "ar", "2026-06-14T00:00:00Z", article.PrecisionDay},
		{"אתמול, 10:15", "he", "2026-06-14T10:15:00+03:00", article.PrecisionMinute},
	} {
		got, ok := Parse(c.text, Hint{Language: c.lang, Now: at})
		want, err := time.Parse(time.RFC3339, c.want)
		if err != nil {
			t.Fatal(err)
		}
		if !ok || !got.At.Equal(want) || got.Precision != c.precision || !got.Relative {
			t.Errorf("%q: %v %+v, want %v (%s)", c.text, ok, got, want, c.precision)
		}
		if _, ok := Parse(c.text, Hint{Language: c.lang}); ok {
			t.Errorf("%q: read without knowing when now is", c.text)
		}
	}
	// A span says no more than its unit.
	odd := time.Date(2026, 6, 15, 12, 34, 56, 789, time.UTC)
	for text, want := range map[string]string{"3 hours ago": "2026-06-15T09:00:00Z", "20 minutes ago": "2026-06-15T12:14:00Z", "5 seconds ago": "2026-06-15T12:34:51Z", "2 days ago": "2026-06-13T00:00:00Z", "1 week ago": "2026-06-08T00:00:00Z",
		"1 hour, 5 minutes ago": "2026-06-15T11:29:00Z"} {
		if got, ok := Parse(text, Hint{Language: "en", Now: odd}); !ok || got.At.Format(time.RFC3339Nano) != want {
			t.Errorf("%q: %v %v, want %s", text, ok, got.At, want)
		}
	}
	if got := Find("معسكر مدته 13 يوماً قبل انطلاق الدوري", Hint{Language: "ar", Now: at}); len(got) != 0 {
		t.Errorf("a span before an event was read as a date: %+v", got)
	}
	if got := Find("۱۳ روز قبل", Hint{Language: "fa", Now: at}); len(got) != 1 {
		t.Errorf("a Persian span before now: %+v", got)
	}
}
