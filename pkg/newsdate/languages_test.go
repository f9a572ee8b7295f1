package newsdate

import (
	"strings"
	"testing"
	"time"
)

// TestLanguages has the dates of the world's news in the words and orders they are printed in.
func TestLanguages(t *testing.T) {
	const day = "2024-05-03"
	for _, r := range []reading{
		{"3 May 2024", "en", "", day}, {"May 3rd, 2024", "en", "", day}, {"Friday, 3rd of May 2024", "en", "", day},
		{"Fri., Sept. 6, 2024, 3:05 p.m. EDT", "en", "US", "2024-09-06T15:05:00-04:00"},
		{"06:15 AM ET, Fri May 3, 2024", "en", "US", "2024-05-03T06:15:00-04:00"},
		{"3-May-2024", "en", "", day}, {"03/05/2024", "en", "GB", day}, {"05/03/2024", "en", "US", day}, {"5/3/2024", "en", "", day},
		{"13/05/2024", "en", "US", "2024-05-13"}, {"05/13/2024", "en", "GB", "2024-05-13"},
		{"Friday 03/05/2024", "en", "US", day}, {"10.30am, 3 May 2024", "en", "GB", "2024-05-03T10:30:00+01:00"},
		{"3. Mai 2024, 15:05 Uhr", "de", "DE", "2024-05-03T15:05:00+02:00"}, {"Freitag, 03.05.2024, 15.05 Uhr", "de", "DE", "2024-05-03T15:05:00+02:00"},
		{"3. Jänner 2024", "de", "AT", "2024-01-03"}, {"3. März 2024", "de", "", "2024-03-03"},
		{"Publié le 3 mai 2024 à 15h05", "fr", "FR", "2024-05-03T15:05:00+02:00"}, {"1er août 2023", "fr", "", "2023-08-01"},
		{"vendredi 3 mai 2024", "fr", "", day}, {"3 févr. 2024", "fr", "", "2024-02-03"},
		{"3 de mayo de 2024, 15:05 h", "es", "ES", "2024-05-03T15:05:00+02:00"}, {"03 MAY 2024 - 3:05 p. m.", "es", "CO", "2024-05-03T15:05:00-05:00"},
		{"3 de maio de 2024 às 15h05", "pt", "BR", "2024-05-03T15:05:00-03:00"}, {"03 mai 2024", "pt", "", day},
		{"3 maggio 2024 alle 15:05", "it", "IT", "2024-05-03T15:05:00+02:00"}, {"venerdì 3 maggio 2024 ore 15.05", "it", "IT", "2024-05-03T15:05:00+02:00"},
		{"3 de maig de 2024", "ca", "", day}, {"3 mai 2024, ora 15:05", "ro", "RO", "2024-05-03T15:05:00+03:00"},
		{"3 mei 2024 om 15:05 uur", "nl", "NL", "2024-05-03T15:05:00+02:00"}, {"3 mrt 2024", "nl", "", "2024-03-03"},
		{"3 maja 2024, godz. 15:05", "pl", "PL", "2024-05-03T15:05:00+02:00"}, {"3 maja 2024 r.", "pl", "", day},
		{"3. května 2024 v 15:05", "cs", "CZ", "2024-05-03T15:05:00+02:00"}, {"3. 5. 2024 15:05", "cs", "CZ", "2024-05-03T15:05:00+02:00"},
		{"3. máj 2024", "sk", "", "2024-05-03"}, {"3. maj 2024 kl. 15.05", "da", "DK", "2024-05-03T15:05:00+02:00"},
		{"3 maj 2024 kl 15:05", "sv", "SE", "2024-05-03T15:05:00+02:00"}, {"3. mai 2024 kl. 15:05", "nb", "NO", "2024-05-03T15:05:00+02:00"},
		{"3. maí 2024 kl. 15:05", "is", "IS", "2024-05-03T15:05:00Z"}, {"3. toukokuuta 2024 klo 15.05", "fi", "FI", "2024-05-03T15:05:00+03:00"},
		{"3.5.2024 15.05", "fi", "FI", "2024-05-03T15:05:00+03:00"}, {"2024. május 3., péntek 15:05", "hu", "HU", "2024-05-03T15:05:00+02:00"},
		{"3. listopada 2023", "hr", "", "2023-10-03"}, {"3. listopadu 2023", "cs", "", "2023-11-03"}, {"3 листопада 2023", "uk", "", "2023-11-03"},
		{"3. maj 2024. u 15:05", "hr", "HR", "2024-05-03T15:05:00+02:00"}, {"3. мај 2024.", "sr", "", day}, {"3 май 2024 г.", "bg", "", day},
		{"3 мая 2024 г., 15:05 МСК", "ru", "RU", "2024-05-03T15:05:00+03:00"}, {"3 мая 2024, в 15:05", "ru", "RU", "2024-05-03T15:05:00+03:00"},
		{"3 травня 2024, 15:05", "uk", "UA", "2024-05-03T15:05:00+03:00"}, {"3 траўня 2024", "be", "", day}, {"2024 ж. 3 мамыр", "kk", "", day},
		{"3 Μαΐου 2024, 3:05 μ.μ.", "el", "GR", "2024-05-03T15:05:00+03:00"}, {"ΠΑΡΑΣΚΕΥΗ 3 ΜΑΪΟΥ 2024 ΩΡΑ 15:05", "el", "GR", "2024-05-03T15:05:00+03:00"},
		{"3 qershor 2023", "sq", "", "2023-06-03"}, {"2024. gada 3. maijs", "lv", "", day}, {"2024 m. gegužės 3 d. 15:05", "lt", "LT", "2024-05-03T15:05:00+03:00"},
		{"3. mai 2024 kell 15:05", "et", "EE", "2024-05-03T15:05:00+03:00"}, {"3 may 2024, 15:05", "az", "AZ", "2024-05-03T15:05:00+04:00"},
		{"3 мая 2024", "ru", "", day}, {"3 մայիսի 2024", "hy", "", day}, {"3 მაისი, 2024", "ka", "", day},
		{"3 Mayıs 2024, Cuma 15:05", "tr", "TR", "2024-05-03T15:05:00+03:00"}, {"3 Mayıs'ta", "tr", "TR", "2026-05-03"}, {"03 AĞUSTOS 2023", "tr", "", "2023-08-03"},
		{"Jumat, 03 Mei 2024 15:05 WIB", "id", "ID", "2024-05-03T15:05:00+07:00"}, {"03 Mei 2024, 15.05 WITA", "id", "ID", "2024-05-03T15:05:00+08:00"},
		{"3 Mac 2024, 3:05 pm", "ms", "MY", "2024-03-03T15:05:00+08:00"}, {"Mayo 3, 2024", "fil", "", day}, {"3 Agosti 2023", "sw", "", "2023-08-03"},
		{"3 मई 2024, 03:05 PM IST", "hi", "IN", "2024-05-03T15:05:00+05:30"}, {"३ मई २०२४", "hi", "", day}, {"Updated Fri, 03 May 2024 03:05 PM IST", "hi", "IN", "2024-05-03T15:05:00+05:30"},
		{"প্রকাশ: ০৩ মে ২০২৪, ১৫:০৫", "bn", "BD", "2024-05-03T15:05:00+06:00"}, {"৩ মে ২০২৪, বিকেল ৩:০৫", "bn", "BD", "2024-05-03T15:05:00+06:00"},
		{"3 மே 2024", "ta", "", day}, {"2024 मे 3", "ne", "", day},
		{"2024年5月3日 下午3:05", "zh", "CN", "2024-05-03T15:05:00+08:00"}, {"2024年05月03日15:05", "zh", "CN", "2024-05-03T15:05:00+08:00"},
		{"發布時間：2024/05/03 15:05", "zh-TW", "", "2024-05-03T15:05:00+08:00"}, {"民國113年5月3日", "zh-TW", "", day}, {"5月3日 15:05", "zh", "CN", "2026-05-03T15:05:00+08:00"},
		{"2024年5月3日(金) 15時05分", "ja", "JP", "2024-05-03T15:05:00+09:00"}, {"令和6年5月3日 午後3時5分", "ja", "JP", "2024-05-03T15:05:00+09:00"}, {"2024/5/3 15:05", "ja", "JP", "2024-05-03T15:05:00+09:00"},
		{"2024년 5월 3일 오후 3:05", "ko", "KR", "2024-05-03T15:05:00+09:00"}, {"2024. 5. 3. 오전 9:05", "ko", "KR", "2024-05-03T09:05:00+09:00"}, {"입력 2024.05.03. 오전 12:05", "ko", "KR", "2024-05-03T00:05:00+09:00"},
		{"24.05.03 15:05", "ko", "KR", "2024-05-03T15:05:00+09:00"},
		{"3 พฤษภาคม 2567 เวลา 15:05 น.", "th", "TH", "2024-05-03T15:05:00+07:00"}, {"วันศุกร์ที่ 3 พ.ค. 2567 15.05 น.", "th", "TH", "2024-05-03T15:05:00+07:00"}, {"3 พ.ค. 67", "th-TH", "TH", day}, {"3 พ.ค. 67 15:05 น.", "th", "TH", "2024-05-03T15:05:00+07:00"}, {"03/05/2567", "th", "", day},
		{"Thứ Sáu, 3/5/2024, 15:05 (GMT+7)", "vi", "VN", "2024-05-03T15:05:00+07:00"}, {"ngày 3 tháng 5 năm 2024", "vi", "", day}, {"15:05 | 03/05/2024", "vi", "VN", "2024-05-03T15:05:00+07:00"},
		{"۱۴ ثور ۱۴۰۳", "prs", "AF", day}, {"۱۴ غویی ۱۴۰۳", "ps", "AF", day}, {"جمعه ۱۴ اردیبهشت ۱۴۰۳ ساعت ۱۵:۰۵", "fa", "IR", "2024-05-03T15:05:00+03:30"},
		{"۳ می ۲۰۲۴", "fa", "", day}, {"۱۴۰۳/۲/۱۴", "fa", "", day}, {"۰۳/۰۲/۱۴", "fa", "IR", day}, {"14 Ordibehesht 1403", "en", "IR", day},
		{"3 مئی 2024 شام 3:05", "ur", "PK", "2024-05-03T15:05:00+05:00"}, {"جمعہ 3 مئی 2024ء", "ur", "", day},
		{"٣ی ئایاری ٢٠٢٤", "ckb", "", day}, {"2024-05-03 15:05 د.ن", "ckb", "IQ", "2024-05-03T15:05:00+03:00"}, {"١٤ی گوڵانی ٢٧٢٤", "ckb", "", day},
		{"3ê Gulana 2024an", "ku", "", day}, {"12ê Çileya Paşîn 2024", "ku", "", "2024-01-12"}, {"12 Kanûna Pêşîn 2023", "ku", "", "2023-12-12"},
		{"3 במאי 2024, 15:05", "he", "IL", "2024-05-03T15:05:00+03:00"}, {"יום שישי, 3.5.2024 בשעה 15:05", "he", "IL", "2024-05-03T15:05:00+03:00"}, {"ב-3 במאי 2024", "he", "", day},
		{"3 مايـــو 2024", "ar", "", day}, {"3 مَايُو 2024", "ar", "", day}, {"3 ﻣﺎﻳﻮ 2024", "ar", "", day}, {"３／５／２０２４", "ja", "", day},
		{"مارس/ آذار 3, 2024", "ar", "", "2024-03-03"}, {"3 أغسطس/آب 2023", "ar", "", "2023-08-03"}, {"3 يونيه 2023", "ar", "", "2023-06-03"},
		{"3 كانون ثاني 2024", "ar", "", "2024-01-03"}, {"3 غشت 2023", "ar", "MA", "2023-08-03"}, {"03 جوان 2023", "ar", "DZ", "2023-06-03"}, {"3 شتنبر 2023 - 15:05", "ar", "QA", "2023-09-03T15:05:00+03:00"},
		{"الجمعة 03 مايو 2024 الساعة 03:05 مساءً بتوقيت غرينتش", "ar", "AE", "2024-05-03T15:05:00Z"}, {"3-5-2024 | 15:05 بتوقيت بغداد", "ar", "", "2024-05-03T15:05:00+03:00"},
		{"\u200f3\u200f/\u200f5\u200f/\u200f2024", "ar", "", day}, {"3\u00a0مايو\u00a02024", "ar", "", day},
		{"١٥:٠٥ - ٣ مايو ٢٠٢٤", "ar", "SA", "2024-05-03T15:05:00+03:00"}, {"12:30 ص 3 مايو 2024", "ar", "SA", "2024-05-03T00:30:00+03:00"},
		{"25 شوال 1445هـ", "ar", "SA", "2024-05-04"}, {"25 Şevval 1445", "tr", "", "2024-05-04"},
		{"3 Feb 1999 10:15", "en", "GB", "1999-02-03T10:15:00Z"}, {"3 February 1912", "en", "", "1912-02-03"},
	} {
		got, ok := Parse(r.text, r.hint())
		check(t, r, got, ok)
	}
}

// TestAmbiguous says which numeric dates could be read with day and month swapped.
func TestAmbiguous(t *testing.T) {
	for text, want := range map[string]bool{
		"05.04.2025": true, "13.04.2025": false, "04.04.2025": false, "2025-04-05": false, "Saturday 05/04/2025": false, "5 April 2025": false,
	} {
		got, ok := Parse(text, Hint{Language: "en", Country: "GB", Now: now})
		if !ok || got.Ambiguous != want {
			t.Errorf("%q: %v, ambiguous %v, want %v", text, ok, got.Ambiguous, want)
		}
	}
}

// TestFields has what is reported beside the instant.
func TestFields(t *testing.T) {
	for _, c := range []struct {
		text      string
		hint      Hint
		zone      string
		given     bool
		calendar  Calendar
		yearGiven bool
	}{
		{"2020-06-03T03:01+0400", Hint{Country: "AE"}, "+04:00", true, Gregorian, true},
		{"2020-06-03T03:01Z", Hint{Country: "AE"}, "UTC", true, Gregorian, true},
		{"2020-06-03T03:01", Hint{Country: "AE"}, "Asia/Dubai", false, Gregorian, true},
		{"2020-06-03T03:01", Hint{}, "UTC", false, Gregorian, true},
		{"2020-06-03T03:01", Hint{Country: "AE", Location: time.FixedZone("+02:00", 7200)}, "+02:00", false, Gregorian, true},
		{"3 May 2024 10:15 IST", Hint{Country: "IL"}, "Asia/Jerusalem", true, Gregorian, true},
		{"3 May 2024 10:15 IST", Hint{Country: "IN"}, "Asia/Kolkata", true, Gregorian, true},
		{"3 May 2024 10:15 AST", Hint{Country: "SA"}, "Asia/Riyadh", true, Gregorian, true},
		{"3 May 2024 10:15 AST", Hint{Country: "CA"}, "-04:00", true, Gregorian, true},
		{"3 May 2024 10:15 et al.", Hint{Country: "GB"}, "Europe/London", false, Gregorian, true},
		{"1439-07-04", Hint{Language: "ar"}, "UTC", false, Hijri, true},
		{"1399-07-04", Hint{Language: "fa"}, "Asia/Tehran", false, Jalali, true},
		{"3 May", Hint{Language: "en", Now: now}, "UTC", false, Gregorian, false},
	} {
		got, ok := ParseMachine(c.text, c.hint)
		if !ok || got.Zone != c.zone || got.ZoneGiven != c.given || got.Calendar != c.calendar || got.YearGiven != c.yearGiven {
			t.Errorf("%q in %+v: %v %+v", c.text, c.hint, ok, got)
		}
	}
}

// TestCappedInput says that what lies beyond the cap is not read, and that a cut rune does no harm.
func TestCappedInput(t *testing.T) {
	if _, ok := Parse(strings.Repeat("ا", MaxParse)+" 3 May 2024", Hint{}); ok {
		t.Error("read beyond the cap")
	}
	if got := Find(strings.Repeat("3 May 2024 ", MaxFind), Hint{}); len(got) == 0 || got[len(got)-1].End > MaxFind {
		t.Errorf("%d dates, the last beyond the cap", len(got))
	}
}
