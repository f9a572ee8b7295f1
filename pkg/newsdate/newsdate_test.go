package newsdate

import (
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// now is when the pages of these tests were fetched.
var now = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// reading is a text and what must be read in it: an instant in RFC 3339, or a day alone, which must be midnight in the
// zone it was read in; "" for no date.
type reading struct {
	text, lang, country string
	want                string
}

func (r reading) hint() Hint { return Hint{Language: r.lang, Country: r.country, Now: now} }

func check(t *testing.T, r reading, got Time, ok bool) {
	t.Helper()
	if r.want == "" {
		if ok {
			t.Errorf("%q (%s %s): read as %v, want no date", r.text, r.lang, r.country, got.At)
		}
		return
	}
	if !ok {
		t.Errorf("%q (%s %s): no date, want %s", r.text, r.lang, r.country, r.want)
		return
	}
	if len(r.want) == len(time.DateOnly) {
		if s := got.At.Format(time.DateOnly); s != r.want || got.Precision != article.PrecisionDay || got.At.Hour() != 0 {
			t.Errorf("%q (%s %s): read as %v (%s), want the day %s", r.text, r.lang, r.country, got.At, got.Precision, r.want)
		}
		return
	}
	want, err := time.Parse(time.RFC3339Nano, r.want)
	if err != nil {
		t.Fatal(err)
	}
	if !got.At.Equal(want) || got.Precision == article.PrecisionDay {
		t.Errorf("%q (%s %s): read as %v (%s), want %s", r.text, r.lang, r.country, got.At, got.Precision, r.want)
	}
}

// TestVisibleDates has every form of date met on pages of the region.
func TestVisibleDates(t *testing.T) {
	for _, r := range []reading{
		{"24 يوليو، 2024", "ar", "IQ", "2024-07-24"},
		{"18 يناير، 2025 10:08 م", "ar", "IQ", "2025-01-18T22:08:00+03:00"},
		{"الإثنين، 24 أغسطس 2020 09:23 ص", "ar", "EG", "2020-08-24T09:23:00+02:00"},
		{"الأربعاء، 07 أكتوبر 2020 - 12:09 م", "ar", "EG", "2020-10-07T12:09:00+02:00"},
		{"تم نشره الجمعة 24 نيسان / أبريل 2020 09:22 مساءً", "ar", "JO", "2020-04-24T21:22:00+03:00"},
		{"الجمعة 8 فيفري 2019", "ar", "TN", "2019-02-08"},
		{"05جويلية 2021م", "ar", "DZ", "2021-07-05"},
		{"01أاوت 2021م", "ar", "DZ", "2021-08-01"},
		{"٢٢ماي", "ar", "DZ", "2026-05-22"},
		{"٠٢:٠٠ الثلاثاء ١ / ١٢ / ٢٠٢٠", "ar", "SA", "2020-12-01T02:00:00+03:00"},
		{"GMT 17:27 17.03.2020(محدثة GMT 17:49 17.03.2020)", "ar", "", "2020-03-17T17:27:00Z"},
		{"التاريخ: 03 يونيو 2020", "ar", "AE", "2020-06-03"},
		{"2020/12/25 - 1:59 صباحًا", "ar", "EG", "2020-12-25T01:59:00+02:00"},
		{"ديسمبر 25, 2020", "ar", "EG", "2020-12-25"},
		{"2026-01-08 | 12:42", "ar", "LB", "2026-01-08T12:42:00+02:00"},
		{"2019-10-26 | 04:04", "ar", "IQ", "2019-10-26T04:04:00+03:00"},
		{"محليات | 7-12-2021, 17:48 |", "ar", "IQ", "2021-12-07T17:48:00+03:00"},
		{"نشر في: 17 أكتوبر, 2011: 09:34 م", "ar", "IQ", "2011-10-17T21:34:00+03:00"},
		{"متابعة السيمر / الخميس 10 . 08 . 2017 —", "ar", "IQ", "2017-08-10"},
		{"2023-12-18 16:51:38 - المصدر: سكاي نيوز", "ar", "AE", "2023-12-18T16:51:38+04:00"},
		{"اليوم السبت (16 آب 2025)", "ar", "IQ", "2025-08-16"},
		{"(3 كانون الأول 2019)", "ar", "IQ", "2019-12-03"},
		{"(26 تشرين الأول 2025)", "ar", "IQ", "2025-10-26"},
		{"(23 شباط 2025)", "ar", "IQ", "2025-02-23"},
		{"(20 تموز 2023)", "ar", "IQ", "2023-07-20"},
		{"November 9, 2020", "ar", "LB", "2020-11-09"},
		{"18:33 ... 02-08-2021", "ar", "DZ", "2021-08-02T18:33:00+01:00"},
		{"10 ذي الحجة 1442 هـ الموافق 21 يوليوز 2021 م", "ar", "MA", "2021-07-21"},
		{"28 جويلية 2021م", "ar", "DZ", "2021-07-28"},
		{"18 ذو الحجة 1442هـ", "ar", "SA", "2021-07-28"},
		{"۲۹ بهمن ۱۳۹۸ - ۰۶:۵۵", "fa", "IR", "2020-02-18T06:55:00+03:30"},
		{"۲۱ ارديبهشت ۱۳۹۹ - ۱۸:۵۹", "fa", "IR", "2020-05-10T18:59:00+04:30"},
		{"شنبه / ۶ آبان ۱۳۹۱ / ۱۰:۳۹", "fa", "IR", "2012-10-27T10:39:00+03:30"},
		{"2 تير 1399 - 12:09:08 ب.ظ", "fa", "IR", "2020-06-22T12:09:08+04:30"},
		{"۱۳۸۹/۱۲/۱۹ , ۱۹:۲۷", "fa", "IR", "2011-03-10T19:27:00+03:30"},
		{"اپریل 8, 2022", "ur", "PK", "2022-04-08"},
		{"By Irfan Rana on اپریل 8, 2022", "ur", "PK", "2022-04-08"},
		{"پێنجشەممە، 04ـی ئەیلوولی 2025", "ckb", "IQ", "2025-09-04"},
		{"8ی تەمووزی 2025", "ckb", "IQ", "2025-07-08"},
		{"ھەینی 22 تشرینی دووەم 16:41", "ckb", "IQ", "2024-11-22T16:41:00+03:00"},
		{"١٦/١٢/٢٠١٨", "ckb", "IQ", "2018-12-16"},
		{"Monday, 06/06/2016, 21:02", "ckb", "IQ", "2016-06-06T21:02:00+03:00"},
		{"1 û 2ê Hezîrana 2017", "ku", "TR", "2017-06-02"},
		{"27'ê Gulanê", "ku", "TR", "2026-05-27"},
		{"CIZÎRA BOTAN, 12/11 2008 —", "ku", "TR", "2008-11-12"},
		{"30.11.2020 18:14", "tr", "TR", "2020-11-30T18:14:00+03:00"},
		{"Giriş: 03.07.2024 - 18:24 Güncelleme: 03.07.2024 - 18:57", "tr", "TR", "2024-07-03T18:24:00+03:00"},
		{"20 Nisan 2026•Güncelleme: 20 Nisan 2026", "tr", "TR", "2026-04-20"},
		{"05.04.2025 - Güncelleme : 05.04.2025", "tr", "TR", "2025-04-05"},
		{"פורסם: 22.05.20 , 15:08", "he", "IL", "2020-05-22T15:08:00+03:00"},
		{"יום שבת 23.05.2020 כ״ט אייר התש\"פ 19:55", "he", "IL", "2020-05-23T19:55:00+03:00"},
		{"יום ראשון 03.03.2024 / כ״ג אדר א התשפ\"ד", "he", "IL", "2024-03-03"},
	} {
		got, ok := Parse(r.text, r.hint())
		check(t, r, got, ok)
	}
}

// TestMachineDates has the values of machine-readable fields, with what is wrong with them on real pages.
func TestMachineDates(t *testing.T) {
	for _, r := range []reading{
		{"۱۳۹۹/۰۲/۲۱ - ۱۸:۵۹", "fa", "IR", "2020-05-10T18:59:00+04:30"},
		{"1439-07-04T12:23:48Z", "ar", "IQ", "2018-03-21T12:23:48Z"},
		{"الأربعاء، 07 أكتوبر 2020 - 12:09 م", "ar", "EG", "2020-10-07T12:09:00+02:00"},
		{"2020-05-22T18:08:48z", "he", "IL", "2020-05-22T18:08:48Z"},
		{"2020-12-01 02:00:00", "ar", "SA", "2020-12-01T02:00:00+03:00"},
		{"2024-03-03 13:52", "he", "IL", "2024-03-03T13:52:00+02:00"},
		{"2026-04-20T14:09:42.493", "tr", "TR", "2026-04-20T14:09:42.493+03:00"},
		{"2020-06-03T03:01+0400", "ar", "AE", "2020-06-03T03:01:00+04:00"},
		{"2020-02-18 T 07:20:50 +0330", "fa", "IR", "2020-02-18T07:20:50+03:30"},
		{"15:08 , 22.05.20", "he", "IL", "2020-05-22T15:08:00+03:00"},
		{"05.04.2025", "tr", "TR", "2025-04-05"},
		{"1399-02-21T18:59:00+04:30", "fa", "IR", "2020-05-10T18:59:00+04:30"},
		{"Sun, 03 Mar 2024 11:36:00 GMT", "he", "IL", "2024-03-03T11:36:00Z"},
		{"Fri, 22 May 2020 18:08:48 +0200", "he", "IL", "2020-05-22T18:08:48+02:00"},
		{"Mon Aug 24 2020 09:23:13 GMT+0300 (Arabian Standard Time)", "ar", "IQ", "2020-08-24T09:23:13+03:00"},
		{"Mon Aug 24 09:23:13 2020", "en", "GB", "2020-08-24T09:23:13+01:00"},
		{"Mon Aug 24 09:23:13 +0000 2020", "en", "", "2020-08-24T09:23:13Z"},
		{"Mon Aug 24 09:23:13 EDT 2020", "en", "US", "2020-08-24T09:23:13-04:00"},
		{"Monday, 24-Aug-20 09:23:13 UTC", "en", "", "2020-08-24T09:23:13Z"},
		{"24 Aug 20 09:23 +0200", "en", "", "2020-08-24T09:23:00+02:00"},
		{"2020-08-24T09:23:13-05:00", "en", "US", "2020-08-24T09:23:13-05:00"},
		{"2020-08-24T09:23-05:00", "en", "US", "2020-08-24T09:23:00-05:00"},
		{"2020-08-24T09:23:13.123456789Z", "en", "", "2020-08-24T09:23:13.123456789Z"},
		{"2020-08-24T09:23:13+03", "ar", "", "2020-08-24T09:23:13+03:00"},
		{"2020-08-24T09:23:13 02:00", "de", "DE", "2020-08-24T09:23:13+02:00"},
		{"2020-08-24 09:23:13 +0000 UTC", "en", "", "2020-08-24T09:23:13Z"},
		{"20200824T092313Z", "en", "", "2020-08-24T09:23:13Z"},
		{"20200824", "en", "", "2020-08-24"},
		{"20200824092313", "ar", "IQ", "2020-08-24T09:23:13+03:00"},
		{"1598260993", "ar", "IQ", "2020-08-24T09:23:13Z"},
		{"1598260993123", "ar", "IQ", "2020-08-24T09:23:13.123Z"},
		{"/Date(1598260993000)/", "ar", "IQ", "2020-08-24T09:23:13Z"},
		{"8/24/2020 9:23:00 AM", "ar", "EG", "2020-08-24T09:23:00+02:00"},
		{"5/4/2025 9:23:00 PM", "ar", "AE", "2025-05-04T21:23:00+04:00"},
		{"2020-02-30T10:00:00Z", "en", "", ""},
		{"0000-00-00 00:00:00", "en", "", ""},
		{"-0001-11-30T00:00:00+00:00", "en", "", ""},
		{"1970-01-01T00:00:00Z", "en", "", ""},
		{"2031-01-01T00:00:00Z", "en", "", ""},
		{"0", "en", "", ""},
		{"", "en", "", ""},
	} {
		got, ok := ParseMachine(r.text, r.hint())
		check(t, r, got, ok)
	}
}

func TestFromURL(t *testing.T) {
	for _, r := range []reading{
		{"https://www.youm7.com/story/2020/8/24/some-slug/4943459", "ar", "EG", "2020-08-24"},
		{"https://www.albayan.ae/across-the-uae/news-and-reports/2020-06-03-1.3874341", "ar", "AE", "2020-06-03"},
		{"https://arabic.cnn.com/2013/middle_east/8/3/sisi.egypt/index.html", "ar", "", "2013-08-03"},
		{"https://arabic.sputniknews.com/world/202003171044893040-title/", "ar", "", "2020-03-17T10:44:00Z"},
		{"https://www.isna.ir/news/1403030201246/title", "fa", "IR", "2024-05-22"},
		{"https://www.tasnimnews.com/fa/news/1403/03/02/3091234/title", "fa", "IR", "2024-05-22"},
		{"http://www.aryanews.com/News/120200622120908039/title", "fa", "IR", "2020-06-22T12:09:08+04:30"},
		{"https://www.beirutobserver.com/2020/11/some-slug/", "ar", "LB", ""},
		{"https://www.theguardian.com/world/2024/may/03/some-slug", "en", "GB", "2024-05-03"},
		{"http://politics.people.com.cn/n1/2024/0424/c1001-40222222.html", "zh", "CN", "2024-04-24"},
		{"http://www.xinhuanet.com/politics/2024-04/24/c_1130000000.htm", "zh", "CN", "2024-04-24"},
		{"https://example.org/20240424/slug.html", "en", "", "2024-04-24"},
		{"https://example.org/2024/02/30/slug.html", "en", "", ""},
		{"https://example.org/article/110106661445", "tr", "TR", ""},
		{"https://example.org/article/4943459", "tr", "TR", ""},
		{"https://example.org/1/2/3", "en", "", ""},
		{"https://example.org/shownews.html?id=20311020", "en", "", ""},
		{"https://example.org/archive/2203-11-22-8", "en", "", ""},
		{"https://example.org/journal/2021/04/92713", "en", "", ""},
		{"https://example.org/2021/04/92713-slug/", "en", "", ""},
		{"https://example.org/2021/04/9-things-to-do/", "en", "", ""},
		{"https://example.org/2021/4/9-slug/", "en", "", "2021-04-09"},
		{"https://example.org/2021/04/09-slug/", "en", "", "2021-04-09"},
		{"https://example.org/2021/04/09.html", "en", "", "2021-04-09"},
		{"https://example.org/news/20991231001", "en", "", ""},
		{"https://example.org/news/20201345", "en", "", ""},
		{"https://example.org/news/1722888018", "en", "", ""},
		{"https://example.org/2024-25-season-preview", "en", "", ""},
		{"https://example.org/news/२०८१/०१/२१/slug", "ne", "", ""},
		{"https://example.org/news/2081/01/21/slug", "ne", "", "2024-05-03"},
		{"https://example.org/", "en", "", ""},
		{"https://20240424.example.org", "en", "", ""},
	} {
		got, ok := FromURL(r.text, r.hint())
		check(t, r, got, ok)
	}
}
