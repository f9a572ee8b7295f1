package edit

import (
	"slices"
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	w, err := readWords("words.yaml", wordsYAML)
	if err != nil {
		t.Fatal(err)
	}
	if !w.abbreviates("en", "gov") || w.abbreviates("ar", "gov") || !w.abbreviates("ar", "dr") || !w.ordinals["de"] || w.ordinals["en"] {
		t.Errorf("%+v", w)
	}
	_, err = readWords("w.yaml", []byte("abbreviations:\n  - words: [Dr., x]\ncounters:\n  - heads: ['']\n"))
	for _, want := range []string{"language", "w.yaml:2", "w.yaml:4"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no word of %s: %v", want, err)
		}
	}
}

// TestSplit cuts lines of the languages that are collected; | is where.
func TestSplit(t *testing.T) {
	for _, c := range []struct{ language, line string }{
		{"ar", "وصل الوزير إلى بغداد، والتقى د. محمد العلي، مدير المصرف.| هل تنخفض الأسعار؟| قال: «لا أعرف!»| ثم غادر."},
		{"ar", "بلغت النسبة 3.5 بالمئة في عام 2026؛ وكانت 2,8 قبلها.| أضاف أ. د. سامي: نعم… ثم صمت."},
		{"ar", "أعلن م. علي حسن النتائج.| الخبر منقول عن أ.ف.ب. ولم يتأكد."},
		{"fa", "وزیر گفت: «قیمت\u200cها پایین می\u200cآید.»| آیا این درست است؟| دکتر. رضایی پاسخ داد، نه!"},
		{"ur", "وزیر اعظم نے کہا کہ قیمتیں کم ہوں گی۔| کیا یہ سچ ہے؟| ڈاکٹر. احمد، جو وہاں تھے، خاموش رہے۔"},
		{"ckb", "وەزیر گوتی نرخەکان دادەبەزن.| ئایا ئەمە ڕاستە؟| د. ئازاد، کە لەوێ بوو، بێدەنگ بوو."},
		{"he", `השר אמר: "המחירים יירדו".| האם זה נכון?| פרופ. כהן, מנכ"ל הבנק, לא השיב.`},
		{"en", "Dr. Smith of the U.S. Treasury paid $3.5 million on Jan. 5.| “Is it true?” he asked.| It is.| J. R. Brown, Sen. Green and others left..."},
		{"en", "It rose by 0.3%... but not for long.| He said so at 5 p.m. on Monday!| Really?!| Yes."},
		{"en", "1. Wash the rice.| 2. Boil it for 20 minutes.| Done in 2026.| Next."},
		{"de", "Am 3. Oktober kamen z.B. Herr Dr. Meier und ca. 20 Gäste.| Es regnete."},
		{"tr", "Sn. Yılmaz 3. Kolordu'yu gezdi.| Prof. Dr. Kaya, Doç. Dr. Demir ve Av. Şen geldi.| Sonra gittiler."},
		{"ru", "В 2026 г. Иванов заработал 3,5 млн. рублей.| Это правда?| Да."},
		{"zh", "市长说：“桥已经开放。”| 有人受伤吗？| 没有，她说。| 完！"},
		{"ja", "橋は月曜日に開通した。| 「けが人はいない。」| と市長は述べた。"},
		{"hi", "मंत्री ने कहा कि कीमतें घटेंगी।| क्या यह सच है?| डॉ. शर्मा, जो वहाँ थे, चुप रहे।"},
		{"hy", "Կամուրջը բացվեց։| Ոչ ոք չի տուժել։"},
		{"am", "ድልድዩ ተከፈተ።| ማንም አልተጎዳም።"},
		{"", "No stop at all"},
		{"", ""},
	} {
		want := strings.Split(c.line, "|")
		for i := range want {
			want[i] = strings.TrimSpace(want[i])
		}
		if c.line == "" {
			want = nil
		}
		if got := split(strings.ReplaceAll(c.line, "|", ""), c.language); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", c.language, got, want)
		}
	}
}

// TestEvened: what readers do not take in makes no difference, and what they do does.
func TestEvened(t *testing.T) {
	for _, same := range [][2]string{
		{"He said: \"It's over\" - and left.", "He said: “It’s over” – and left."},
		{"«قال»  نعم", "\"قال\" نعم\u200f"},
		{"می\u200cرود", "می رود"},
		{"كتاب يوم", "کتاب یوم"},
		{"في ٢٠٢٦ و۱۲", "في 2026 و12"},
		{"العـــراق", "العراق"},
		{"cafe\u0301 \ufb01n…", "café fin..."},
		{"soft\u00adhyphen\ufeff", "softhyphen"},
		{"דו״ח צה\"ל", "דו\"ח צה״ל"},
		{"東京「橋」", "東京 “橋”"},
	} {
		if evened(same[0]) != evened(same[1]) {
			t.Errorf("%q and %q: %q, %q", same[0], same[1], evened(same[0]), evened(same[1]))
		}
	}
	for _, other := range [][2]string{{"12 dead", "13 dead"}, {"على", "علي"}, {"He did.", "He did?"}, {"May", "may"}} {
		if evened(other[0]) == evened(other[1]) {
			t.Errorf("%q and %q are one", other[0], other[1])
		}
	}
}

func TestCounters(t *testing.T) {
	for _, line := range []string{
		"1,234 views", "Views: 12", "5 minutes ago", "Updated an hour ago", "3 Comments | 17 Shares", "1.2K likes", "No comments yet",
		"عدد المشاهدات: ١٬٢٣٤", "منذ 5 دقائق", "قبل ساعتين", "3 مشاركات", "آخر تحديث: منذ ساعة",
		"۱۲ دیدگاه", "بازدید: ۱۲۳۴", "۵ دقیقه پیش", "לפני 5 דקות", "12 תגובות", "עודכן לפני שעה", "5 dakika önce", "12 yorum", "12 комментариев",
		"il y a 3 heures", "hace 5 minutos", "vor 5 Minuten", "5分钟前", "阅读 1234",
	} {
		if !isCounter(line) {
			t.Errorf("%q does not count", line)
		}
	}
	for _, line := range []string{
		"", "12", "The views of the minister", "Two were hurt.", "قبل الوزير العرض.", "12 قتيلا", "قبل أيام من الانتخابات", "نظر رئیس جمهور", "3.5 percent", "لا تعليق من الوزارة",
		"Story 1 in version 2.", "לפני הבחירות", strings.Repeat("views ", 40),
	} {
		if isCounter(line) {
			t.Errorf("%q counts", line)
		}
	}
}
