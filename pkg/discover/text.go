package discover

import (
	"strings"
	"unicode"
)

// nextWords call a listing's next page, in lower case, without arrows.
var nextWords = phrases(`next | next page | older | older posts | older entries | older articles | older stories | more | more news | load more | show more
	التالي | التالية | الصفحة التالية | الأقدم | المزيد | المزيد من الأخبار | صفحه بعد | صفحه بعدی | بعدی | بعد | بیشتر | اخبار بیشتر | قدیمی تر
	sonraki | sonraki sayfa | ileri | daha fazla | daha fazla haber | eski yazılar | دواتر | دواتر » | زیاتر | لاپەڕەی دواتر | piştre | paşê | zêdetir
	اگلا | اگلا صفحہ | مزید | مزید خبریں | הבא | לעמוד הבא | עוד | הדף הבא | suivant | page suivante | plus anciens | siguiente | weiter | далее | следующая | 下一页 | 下一頁 | 次へ | 다음 | ถัดไป`)

// utilityTexts are what links to pages about the site are called.
var utilityTexts = phrases(`about | about us | contact | contact us | privacy | privacy policy | terms | terms of use | terms of service | advertise | advertise with us
	login | log in | sign in | sign up | register | subscribe | subscribe now | rss | sitemap | site map | newsletter | newsletters | careers | jobs | help | faq | cookie policy
	من نحن | عن الموقع | اتصل بنا | للاتصال بنا | تواصل معنا | سياسة الخصوصية | شروط الاستخدام | أعلن معنا | للإعلان معنا | تسجيل الدخول | دخول | خريطة الموقع | هيئة التحرير | الوظائف | وظائف | بحث | بحث متقدم
	درباره ما | تماس با ما | ارتباط با ما | پیوندها | جستجو | آرشیو | ورود | عضویت | تبلیغات | حریم خصوصی | نسخه چاپی | نسخه اصلی | آب و هوا | اوقات شرعی
	hakkımızda | iletişim | künye | gizlilik | gizlilik politikası | giriş | giriş yap | üye ol | reklam | abone ol | arama | sitene ekle | hava durumu | namaz vakitleri
	دەربارە | دەربارەی ئێمە | پەیوەندی | پەیوەندیمان پێوە بکە | گەڕان | چوونەژوورەوە | سیاسەتی تایبەتمەندی | der barê me de | têkilî
	ہمارے بارے میں | رابطہ | رابطہ کریں | نماز کے اوقات | אודות | צור קשר | צרו קשר | תנאי שימוש | מדיניות פרטיות | עזרה | פרסמו אצלנו | הרשמה | התחברות
	à propos | contactez-nous | mentions légales | über uns | kontakt | impressum | datenschutz | о нас | контакты | 关于我们 | 联系我们 | お問い合わせ`)

func phrases(list string) map[string]bool {
	out := map[string]bool{}
	for p := range strings.SplitSeq(strings.ReplaceAll(list, "\n", "|"), "|") {
		if p = strings.TrimSpace(p); p != "" {
			out[p] = true
		}
	}
	return out
}

// phrase evens a link's text out for looking it up: lower case, without arrows and punctuation round it.
func phrase(text string) string {
	return strings.ToLower(strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) }))
}

func isNextWord(text string) bool {
	if len(text) > 64 {
		return false
	}
	switch strings.TrimSpace(text) {
	case "»", "›", ">", ">>", "→":
		return true
	}
	return nextWords[phrase(text)]
}

func isUtilityText(text string) bool { return len(text) <= 80 && utilityTexts[phrase(text)] }

// countWords counts words; of scripts that do not part them, five letters count as two, the length of common words there.
func countWords(text string) float64 {
	words, letters, inWord := 0, 0, false
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
			if unicode.IsLetter(r) {
				letters++
			}
			inWord = false
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if !inWord {
				words++
			}
			inWord = true
		case !unicode.IsMark(r) && r != '\'' && r != '’' && r != '\u200c' && r != '\u0640':
			inWord = false
		}
	}
	return float64(words) + float64(letters)*2/5
}
