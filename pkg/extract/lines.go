package extract

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/article"
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

// lineKind says what a line is; "" is text.
func (f *bodyFinder) lineKind(b *block) string {
	n := b.chars
	if n <= maxConsent && has(runePrefix(b.text, consentReach), consentNotes) {
		return "consent note"
	}
	if n > 320 {
		return ""
	}
	low := strings.ToLower(runePrefix(b.text, 48))
	low = strings.TrimLeft(low, "-–—•·>»►▶*|[(\u200e\u200f ")
	for _, p := range readAlso {
		if strings.HasPrefix(low, p) && (b.words <= 8 && !(b.linkWords == 0 && endsStatement(b.text)) || b.linkShare() > 0.3 || afterLabel(low, p)) {
			return "leads to other articles"
		}
	}
	if n <= 160 || b.words < 50 {
		for _, p := range appeals {
			if strings.HasPrefix(low, p) && (wordEdge(low, 0, len(p)) || spaceless(p)) && (b.words <= soleWords(p) || b.linkShare() > 0.2 && n <= 160 || strings.HasSuffix(p, ":") || utf8.RuneCountInString(p) > 12 || spaceless(p)) {
				return "appeal to the reader"
			}
		}
	}
	if n <= maxRights && has(b.text, rightsNotes) || n <= maxMark && strings.HasPrefix(b.text, "©") {
		return "copyright"
	}
	if n <= 200 && invites(low, b.text) {
		return "appeal to the reader"
	}
	if n <= 90 {
		for _, p := range photoNotes {
			if strings.HasPrefix(low, p) {
				return "photo note"
			}
		}
	}
	return ""
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

// edges goes over the first and last lines of the kept text: bylines, source lines, reporters in brackets and end
// marks are taken off, and what they say is kept as fields.
func (f *bodyFinder) edges(a, b int) {
	kept := 0
	for k := a; k < b && kept < 3; k++ {
		if !f.out[k].keep || isHeading(f.blocks[k].tag) && !startsByline(f.blocks[k].text) {
			continue
		}
		kept++
		if bl := &f.blocks[k]; disclaims(bl.text) {
			f.out[k] = verdict{false, "disclaimer"}
		} else if bl.chars <= 70 && startsByline(bl.text) {
			f.out[k] = verdict{false, "byline"}
			f.byline = bl.text
		} else if ag, ok := f.sourceOf(bl); ok && bl.words <= 6 && kept > 1 {
			f.out[k] = verdict{false, "source line"}
			f.setAgency(ag)
		}
	}
	f.nextArticle(a, b)
	f.paywall(a, b)
	// A source line stands among the last lines, disclaimers and author boxes may follow it.
	kept = 0
	for k := b - 1; k >= a && kept < 5; k-- {
		if !f.out[k].keep {
			continue
		}
		bl := &f.blocks[k]
		kept++
		if ag, ok := f.sourceOf(bl); ok {
			f.out[k] = verdict{false, "source line"}
			f.setAgency(ag)
			// What comes after the source line speaks of the site, not of the news.
			for j := k + 1; j < b; j++ {
				if f.out[j].keep {
					f.out[j] = verdict{false, "after the source line"}
				}
			}
			continue
		}
		if name, ok := inBrackets(bl.text); ok && kept <= 2 {
			f.out[k] = verdict{false, "reporter in brackets"}
			if ag, known := sourceLine(name, f.names); known {
				f.setAgency(ag)
			} else if f.byline == "" {
				f.byline = name
			}
			continue
		}
		if endMark(bl.text) {
			f.out[k] = verdict{false, "end mark"}
		} else if disclaims(bl.text) {
			f.out[k] = verdict{false, "disclaimer"}
		}
	}
}

// nextArticle cuts the text where a second dateline of the site begins: sites print the first lines of another article
// after their own. It takes a whole dateline, place and site: the site's name alone opens its own promotions too.
func (f *bodyFinder) nextArticle(a, b int) {
	var kept []int
	for k := a; k < b; k++ {
		if f.out[k].keep && !isHeading(f.blocks[k].tag) {
			kept = append(kept, k)
		}
	}
	if len(kept) < 3 {
		return
	}
	sites := func(k int) *article.Dateline {
		d := findDateline(f.blocks[k].text, f.names)
		if d == nil || !isSiteName(d.Agency, f.names) {
			return nil
		}
		return d
	}
	own := sites(kept[0])
	for _, k := range kept[2:] {
		if _, source := f.sourceOf(&f.blocks[k]); source {
			continue
		}
		d := sites(k)
		if !f.teased(k) && (d == nil || d.Place == "" || own != nil && d.Agency != own.Agency) {
			continue
		}
		for j := k; j < b; j++ {
			if f.out[j].keep {
				f.out[j] = verdict{false, "another article's first lines"}
			}
		}
		return
	}
}

// paywallNotes open the line behind which the rest is for subscribers, in lower case.
var paywallNotes = []string{"this article is for subscribers", "this content is for subscribers", "this story is for subscribers", "subscribe to continue", "subscribe to read", "to continue reading", "to read the full article", "to read the full story",
	"dieser artikel ist exklusiv", "nur für abonnenten", "weiterlesen mit", "jetzt weiterlesen", "weiter lesen mit", "cet article est réservé", "article réservé", "la suite de cet article est", "contenido exclusivo para suscriptores", "exclusivo para suscriptores", "conteúdo exclusivo para assinantes",
	"questo articolo è riservato", "contenuto riservato", "artykuł dostępny dla", "artikkelen er for abonnenter", "denne artikkelen er for", "artikeln är för", "статья доступна по подписке", "この記事は会員限定", "この記事は有料", "有料会員限定", "会員限定記事", "이 기사는 유료", "本文为付费", "此内容仅限", "هذا المحتوى للمشتركين", "هذا المقال للمشتركين", "هذا المحتوى متاح للمشتركين", "הכתבה למנויים", "תוכן זה למנויים"}

// afterPaywall is the most of the text, as a share of its words, that may stand behind such a line and be an offer.
const afterPaywall = 0.34

// paywall drops the offers that follow the line by which a paywall begins, and remembers that there is one.
func (f *bodyFinder) paywall(a, b int) {
	at, before, after := -1, 0, 0
	for k := a; k < b; k++ {
		bl := &f.blocks[k]
		if at < 0 && bl.chars <= 120 && !bl.hidden && opensPaywall(bl.text) {
			at = k
		}
		switch {
		case !f.out[k].keep:
		case at < 0:
			before += int(bl.words)
		default:
			after += int(bl.words)
		}
	}
	if at < 0 {
		return
	}
	f.paywalled = true
	if float64(after) > afterPaywall*float64(before+after) {
		return
	}
	for k := at; k < b; k++ {
		if f.out[k].keep {
			f.out[k] = verdict{false, "offer behind a paywall"}
		}
	}
}

func opensPaywall(text string) bool {
	low := strings.ToLower(runePrefix(text, 48))
	for _, p := range paywallNotes {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return false
}

// Two of the verdicts on blocks, by which later rules know what stands above a block.
const (
	whyDate        = "date"
	whyLinkedLabel = "label with a link"
)

// teased says whether a block stands under a linked headline and a date of its own, as another article's first lines do.
func (f *bodyFinder) teased(k int) bool {
	return k >= 2 && f.out[k-1].why == whyDate && f.out[k-2].why == whyLinkedLabel
}

func (f *bodyFinder) sourceOf(b *block) (string, bool) {
	if b.words > 9 {
		return "", false
	}
	return sourceLine(b.text, f.names)
}

func (f *bodyFinder) setAgency(ag string) {
	if f.agency == "" && ag != "" && !isSiteName(ag, f.names) {
		f.agency = ag
	}
}

// inBrackets reads a line that is nothing but a short name in brackets: "(גלעד מורג)".
func inBrackets(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 3 || s[0] != '(' || s[len(s)-1] != ')' || utf8.RuneCountInString(s) > 42 {
		return "", false
	}
	in := strings.TrimSpace(s[1 : len(s)-1])
	return in, len(strings.Fields(in)) <= 4 && !strings.ContainsAny(in, ".!?:")
}

// endMark reads lines that only end an article: "/انتهى/", "###", a reporter's number.
func endMark(s string) bool {
	s = strings.Trim(s, " /-–—.*#_")
	switch s {
	case "", "انتهى", "انتهى/", "انتهای پیام", "ends", "END", "Ends":
		return true
	}
	if len(s) >= 4 && len(s) <= 8 {
		for i := 0; i < len(s); i++ {
			if s[i] < '0' || s[i] > '9' {
				return false
			}
		}
		return true
	}
	return false
}

// isDateLine says whether a short block is a date of publication and no sentence.
func (f *bodyFinder) isDateLine(b *block) bool {
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
