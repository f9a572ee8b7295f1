package extract

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/newsdate"
)

// What single lines say of themselves: lines that lead to other articles, ask to share or subscribe, name the
// source, the photographer or the reporter, are no part of the text wherever they stand.

// linePrefixes open lines that are no text; compared in lower case with the line's beginning. Those that end in a
// colon or a bar are whole labels, the others stand alone on a line of few words.
var readAlso = []string{
	"read also", "also read", "read more", "read next", "read:", "read |", "must read", "see also", "related:", "related article", "more on this", "watch:", "watch |", "watch more", "listen:", "recommended", "more from", "more stories", "don't miss", "up next",
	"lesen sie auch", "lesen sie mehr", "mehr zum thema", "auch interessant", "weiterlesen", "lesetipp", "mehr dazu", "hier lesen sie", "lesen sie hier", "das könnte sie", "zum thema:", "mehr lesen",
	"lire aussi", "à lire aussi", "voir aussi", "a lire", "lisez aussi", "sur le même sujet",
	"lee también", "leer más", "lea también", "te puede interesar", "más información", "también te puede", "ver también", "leer también",
	"leia também", "leia mais", "leggi anche", "lees ook", "les også", "läs också", "läs mer", "læs også", "lue myös", "czytaj więcej", "czytaj też", "czytaj także", "zobacz także", "čtěte také", "číst dál", "čtěte více", "přečtěte si", "citește și", "olvassa el",
	"читайте также", "читайте по теме", "смотрите также", "διαβάστε",
	"haberin devamı", "ayrıca bakınız", "benzer haber", "ilginizi çekebilir", "önerilen video", "önerilen haber", "haberi görüntüle", "bunlar da ilginizi", "ilgili haber", "okumak için", "daha fazla",
	"إقرأ أيضاً", "إقرأ أيضا", "اقرأ أيضا", "اقرأ أيضاً", "اقرأ أيضًا", "اقرا ايضا", "إقرأ المزيد", "اقرأ المزيد", "انظر أيضا", "شاهد أيضا", "شاهد أيضاً", "مواضيع ذات", "موضوعات متعلقة", "الموضوعات المتعلقة", "ذات صلة", "المزيد من القصص", "لربما فاتك", "أخبار متعلقة", "اخبار متعلقة", "قد يهمك", "طالع أيضا", "طالع المزيد", "تابع أيضا", "لقراءة المزيد",
	"مطالب مرتبط", "بیشتر بخوانید", "اخبار مرتبط", "اخبار پیشنهادی", "سایر اخبار", "از سراسر وب", "همچنین بخوانید", "مطالب پیشنهادی", "بیشتر ببینید",
	"یہ بھی پڑھیں", "مزید پڑھیں", "مزید پڑھئے", "زیاتر بخوێنەوە", "هەروەها بخوێنەرەوە", "بابەتی پەیوەندیدار",
	"עוד באותו נושא", "קראו גם", "קראו עוד", "עוד בנושא", "כתבות נוספות", "אולי יעניין",
	"関連記事", "あわせて読みたい", "相关阅读", "延伸阅读", "相关新闻", "관련기사", "อ่านเพิ่มเติม", "यह भी पढ़ें", "ये भी पढ़ें",
}

var appeals = []string{
	"share this", "follow us", "sign up", "subscribe", "click here to", "join our", "download the app", "download our app", "advertisement", "get the latest", "support our", "our website is", "this article is for subscribers", "follow ", "do you have a story", "copyright ©", "© ", "all rights reserved",
	"with reporting by", "with reports from", "this is a breaking", "first published", "(first published", "additional reporting", "with files from", "dieser artikel ist eine", "dies ist eine maschinelle", "redaktion:", "faktencheck:", "übersetzung:", "dieses thema im programm", "© dpa", "noticia relacionada", "lo más leído", "reporta un error", "editing by", "reporting by", "this article was originally", "this story was originally", "last updated", "up next", "story continues", "continue reading", "listen to this", "weitere themen", "externer inhalt", "deine privatsphäre-einstellungen", "lest den originalartikel", "add us as", "don’t have an account",
	"anzeige", "empfohlener redaktioneller inhalt", "newsletter", "jetzt abonnieren", "folgen sie", "hat ihnen dieser artikel gefallen", "ihre meinung ist uns", "zur startseite", "teilen sie", "an dieser stelle finden sie", "ich bin damit einverstanden", "ein klick für den datenschutz",
	"suscríbete", "síguenos", "abonnez-vous", "inscrivez-vous", "esta funcionalidad es exclusiva", "contenido exclusivo",
	"reklam", "abone ol", "takip et", "şurada paylaş", "paylaş", "linki kopyala", "haberin tamamı",
	"شارك هذا", "شاركها", "شارك الخبر", "مشاركة الخبر", "تابعوا", "تابعنا", "للاشتراك", "اشترك", "انسخ الرابط", "نسخ الرابط", "طباعة", "للمزيد من الأخبار", "لمزيد من الأخبار", "لمزيد من الاخبار", "حمل تطبيق", "انضم إلى", "جميع الحقوق محفوظة", "إعلان", "اعلان",
	"اشتراک گذاری", "نسخه چاپی", "ارسال به دوستان", "لینک کوتاه", "کد خبر", "انتهای پیام", "/انتهای", "انتهاي پيام", "کپی لینک", "برای عضویت",
	"שתפו", "שלחו כתבה", "מצאתם טעות", "פנייה לכתב", "להרשמה", "הדפסה", "लिंक", "कॉपी लिंक", "ऐप डाउनलोड",
	"無断転載", "この記事は会員限定", "有料会員", "会員登録", "分享让更多人看到", "责任编辑", "(责编", "（责编",
}

var photoNotes = []string{"foto:", "fotoğraf:", "fotoğraf,", "fotos:", "photo:", "photos:", "photo credit", "bild:", "bilder:", "image:", "(image:", "image credit", "picture:", "صورة:", "الصورة:", "تصوير:", "تصویر:", "عکس:", "צילום:", "video:", "vidéo:", "credit:", "getty images", "(photo"}

// maxLine bounds a line of a few words in letters; what is longer is text.
const maxLine = 320

// openedLow gives the beginning of a short line in lower case, without the signs before it; "" for a longer one.
func openedLow(b *block) string {
	if b.chars > maxLine {
		return ""
	}
	return strings.TrimLeft(strings.ToLower(runePrefix(b.text, 48)), "-–—•·>»►▶*|[(\u200e\u200f ")
}

func (p *progress) consentNote(k int) bool {
	b := &p.blocks[k]
	return b.chars <= maxConsent && has(runePrefix(b.text, consentReach), consentNotes)
}

// leadsAway says whether a line leads to other articles.
func (p *progress) leadsAway(k int) bool {
	b := &p.blocks[k]
	low := openedLow(b)
	for _, l := range readAlso {
		if strings.HasPrefix(low, l) && (b.words <= 8 && !(b.linkWords == 0 && endsStatement(b.text)) || b.linkShare() > 0.3 || afterLabel(low, l)) {
			return true
		}
	}
	return false
}

// appeals says whether a line asks readers to share, to subscribe and the like.
func (p *progress) appeals(k int) bool {
	b := &p.blocks[k]
	if b.chars > 160 && b.words >= 50 {
		return false
	}
	low := openedLow(b)
	for _, l := range appeals {
		if strings.HasPrefix(low, l) && (wordEdge(low, 0, len(l)) || spaceless(l)) && (b.words <= soleWords(l) || b.linkShare() > 0.2 && b.chars <= 160 || strings.HasSuffix(l, ":") || utf8.RuneCountInString(l) > 12 || spaceless(l)) {
			return true
		}
	}
	return false
}

func (p *progress) rightsNote(k int) bool {
	b := &p.blocks[k]
	return b.chars <= maxRights && has(b.text, rightsNotes) || b.chars <= maxMark && strings.HasPrefix(b.text, "©")
}

func (p *progress) invites(k int) bool {
	b := &p.blocks[k]
	return b.chars <= 200 && invites(openedLow(b), b.text)
}

func (p *progress) photoNote(k int) bool {
	b := &p.blocks[k]
	if b.chars > 90 {
		return false
	}
	low := openedLow(b)
	for _, l := range photoNotes {
		if strings.HasPrefix(low, l) {
			return true
		}
	}
	return false
}

// isLine says whether a block is a line that is no text wherever it stands.
func (p *progress) isLine(k int) bool {
	for i := range lineRules {
		if lineRules[i].reason != p.without && lineRules[i].when(p, k) {
			return true
		}
	}
	return false
}

// rightsNotes are what publishers say of their rights, in lower case; none of them is a phrase of news.
var rightsNotes = []string{"all rights reserved", "alle rechte vorbehalten", "tous droits réservés", "todos los derechos reservados", "todos os direitos reservados", "riproduzione riservata",
	"tüm hakları saklıdır", "все права защищены", "wszelkie prawa zastrzeżone", "無断転載", "無断複製", "무단전재", "무단 전재", "版权所有", "未经授权不得", "未经授权，不得", "未经许可不得", "جميع الحقوق محفوظة", "كافة الحقوق محفوظة", "کلیه حقوق مادی", "کلیه حقوق این", "کلیه حقوق محفوظ", "تمام حقوق مادی", "تمام حقوق این سایت", "تمامی حقوق این", "כל הזכויות שמורות"}

// maxRights bounds such a note in letters: with the publisher's name and address in two languages it is no longer.
const maxRights = 240

// maxMark bounds a line that opens with the copyright sign, in letters: owners and numbers, no sentence.
const maxMark = 90

// consentNotes are what sites say of themselves and their cookies, in lower case.
var consentNotes = []string{"this website uses cookies", "this site uses cookies", "we use cookies", "uses cookies to", "verwendet cookies", "verwenden cookies", "wir nutzen cookies", "utilise des cookies", "utilisons des cookies",
	"utilizamos cookies", "utiliza cookies", "utilizza cookie", "utilizziamo i cookie", "gebruikt cookies", "çerez politika", "çerez kullan", "использует файлы cookie", "używa plików cookie", "نستخدم ملفات تعريف الارتباط", "يستخدم هذا الموقع ملفات", "از کوکی\u200cها استفاده", "עושה שימוש בעוגיות"}

const (
	// maxConsent bounds such a note in letters; what is longer is an article about cookies.
	maxConsent = 600
	// consentReach is how far into it, in letters, it has come to the point.
	consentReach = 100
)

// has says whether one of some phrases stands in a text, however it is cased.
func has(text string, phrases []string) bool {
	low := strings.ToLower(text)
	for _, p := range phrases {
		if strings.Contains(low, p) {
			return true
		}
	}
	return false
}

// endsStatement says whether a line closes with a full stop, as short sentences do and labels do not.
func endsStatement(s string) bool {
	for _, stop := range []string{".", "。", "۔", "।"} {
		if strings.HasSuffix(s, stop) && !strings.HasSuffix(s, "..") {
			return true
		}
	}
	return false
}

// soleWords is how many words a line has at the most that is an appeal by its first words alone: "إعلان" is an
// advertisement's label, "إعلان نتائج الثانوية العامة" a heading.
func soleWords(phrase string) int32 {
	if strings.Contains(strings.TrimSpace(phrase), " ") {
		return 5
	}
	return 2
}

// spaceless says whether a phrase is written in a script without spaces; there few characters make a whole phrase.
func spaceless(phrase string) bool {
	r, _ := utf8.DecodeRuneInString(phrase)
	return isSpaceless(r) && utf8.RuneCountInString(phrase) >= 4
}

// invitations and channels: a line that opens with the one and names the other asks readers to follow the site there.
var (
	invitations = []string{"follow ", "add ", "get ", "join ", "subscribe", "folgen", "takip", "suivez", "sigue", "تابعوا", "تابعونا", "تابعنا", "تابع ", "اشترك", "انضم", "للمزيد", "لمتابعة", "يمكنكم", "ما را در", "به کانال", "הצטרפו", "עקבו"}
	channels    = []string{"Google News", "Google Haberler", "غوغل نيوز", "جوجل نيوز", "أخبار جوجل", "واتساب", "واتس", "تلغرام", "تليجرام", "تيليغرام", "تلگرام", "WhatsApp", "Telegram", "الفيسبوك", "فيسبوك", "تويتر", "يوتيوب", "إنستغرام", "וואטסאפ", "טלגרם"}
)

func invites(low, text string) bool {
	for _, i := range invitations {
		if !strings.HasPrefix(low, i) {
			continue
		}
		for _, c := range channels {
			if strings.Contains(text, c) {
				return true
			}
		}
	}
	return false
}

// afterLabel says whether a colon or bar follows a label.
func afterLabel(low, p string) bool {
	rest := strings.TrimLeft(low[len(p):], " ")
	return strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "|") || strings.HasPrefix(rest, "..") || strings.HasPrefix(rest, "：") || strings.HasSuffix(p, ":") || strings.HasSuffix(p, "|")
}

// paywallNotes open the line behind which the rest is for subscribers, in lower case.
var paywallNotes = []string{"this article is for subscribers", "this content is for subscribers", "this story is for subscribers", "subscribe to continue", "subscribe to read", "to continue reading", "to read the full article", "to read the full story",
	"dieser artikel ist exklusiv", "nur für abonnenten", "weiterlesen mit", "jetzt weiterlesen", "weiter lesen mit", "cet article est réservé", "article réservé", "la suite de cet article est", "contenido exclusivo para suscriptores", "exclusivo para suscriptores", "conteúdo exclusivo para assinantes",
	"questo articolo è riservato", "contenuto riservato", "artykuł dostępny dla", "artikkelen er for abonnenter", "denne artikkelen er for", "artikeln är för", "статья доступна по подписке", "この記事は会員限定", "この記事は有料", "有料会員限定", "会員限定記事", "이 기사는 유료", "本文为付费", "此内容仅限", "هذا المحتوى للمشتركين", "هذا المقال للمشتركين", "هذا المحتوى متاح للمشتركين", "הכתבה למנויים", "תוכן זה למנויים"}

func opensPaywall(text string) bool {
	low := strings.ToLower(runePrefix(text, 48))
	for _, p := range paywallNotes {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return false
}

// isDateLine says whether a short block is a date of publication and no sentence.
func isDateLine(b *block) bool {
	if b.words > 14 || b.chars > 110 || !hasDigit(b.text) || b.tag == atom.P && strings.HasSuffix(b.text, ".") && b.words > 7 {
		return false
	}
	found := newsdate.Find(b.text, newsdate.Hint{})
	if len(found) == 0 {
		return false
	}
	dated := 0
	for _, x := range found {
		dated += x.End - x.Start
	}
	return dated*2 >= len(b.text) || found[0].Label != newsdate.LabelNone
}
