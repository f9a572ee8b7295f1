package extract

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// missingPage is a page as sites serve it for what is no more, or a brief that looks like one.
type missingPage struct {
	name, path, title, head, around, text string // around: the class of what holds it
	listed                                string // the headline in a feed
	want                                  outcome.Reason
}

func (p missingPage) read() Result {
	around := p.around
	if around == "" {
		around = "content"
	}
	html := fmt.Sprintf(`<!doctype html><html><head><meta charset="utf-8"><title>%s - The River Post</title><meta property="og:site_name" content="The River Post">%s</head>
<body><header><a href="/">The River Post</a><nav><a href="/town/">Town</a> <a href="/sport/">Sport</a></nav></header><main><div class="%s"><h1>%s</h1><p>%s</p>
<p><a href="/">Home</a></p></div></main><aside><ul><li><a href="/news/7">The mill gets a new wheel</a> <time datetime="2026-11-20T10:00:00Z">20 November 2026</time></li></ul></aside>
<footer>© 2026 The River Post</footer></body></html>`, p.title, p.head, around, p.title, p.text)
	path := p.path
	if path == "" {
		path = "/2026/11/02/102938" // whose date says nothing of what is served there now
	}
	return Extract(Page{URL: "https://riverpost.example" + path, Body: []byte(html), ContentType: "text/html"},
		Options{Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), Headline: p.listed})
}

// TestMissing: pages that only say that there is none, in any language, and briefs beside them.
func TestMissing(t *testing.T) {
	const brief = "The bridge over the lower canal was closed to lorries this morning after a crack was found in its middle pier."
	for _, p := range []missingPage{
		{name: "by its title", title: "Article not available", text: "It was taken down by its publisher, who may put it up again on another day, and whom you can ask.", want: outcome.ReasonErrorPage},
		{name: "by its text", title: "Sorry", text: "The page you requested could not be found. It may have been moved, or was never here.", want: outcome.ReasonErrorPage},
		{name: "by its class", title: "Lost at sea?", around: "error-404 not-found", text: strings.Repeat("Every tide takes something along, and this time it took what you came for. ", 4), want: outcome.ReasonErrorPage},
		{name: "though its template says that it is an article", title: "Sorry", head: `<meta property="og:type" content="article">`,
			text: "The article you are looking for has been moved, or its name has changed, or it is not here for the time being.", want: outcome.ReasonErrorPage},
		{name: "with a long text", title: "Page not found", text: strings.Repeat("Here is what others have read today in all of our sections, while you look for what you wanted. ", 8), want: outcome.ReasonErrorPage},
		{name: "ar", title: "عذرا", text: "عذراً، الصفحة التي تبحث عنها غير موجودة أو تم نقلها. عد إلى الرئيسية أو استخدم البحث في أعلى الموقع.", want: outcome.ReasonErrorPage},
		{name: "fa", title: "متاسفیم", text: "صفحه ای که به دنبال آن هستید وجود ندارد. نشانی را بررسی کنید یا به صفحه نخست بروید و از آنجا جستجو کنید.", want: outcome.ReasonErrorPage},
		{name: "tr", title: "Üzgünüz", text: "Aradığınız haber yayından kaldırılmış olabilir. Ana sayfaya dönüp günün öteki haberlerini okuyabilirsiniz.", want: outcome.ReasonErrorPage},
		{name: "ckb", title: "ببورە", text: "ئەو لاپەڕەیەی بۆی دەگەڕێیت بوونی نییە یان سڕاوەتەوە. تکایە بگەڕێوە بۆ پەڕەی سەرەکی و لەوێوە بگەڕێ.", want: outcome.ReasonErrorPage},
		{name: "he", title: "אופס", text: "הדף שחיפשת אינו קיים או שהוסר מהאתר. אפשר לחזור לדף הבית ולחפש משם את הכתבה המבוקשת.", want: outcome.ReasonErrorPage},
		{name: "ur", title: "معذرت", text: "آپ جس صفحے کو تلاش کر رہے ہیں وہ موجود نہیں ہے۔ براہ کرم ہوم پیج پر واپس جائیں اور وہاں سے تلاش کریں۔", want: outcome.ReasonErrorPage},
		{name: "ru", title: "Увы", text: "Запрашиваемая страница не существует или была удалена. Вернитесь на главную и воспользуйтесь поиском.", want: outcome.ReasonErrorPage},
		{name: "in a language of which no words are known", title: "ይቅርታ", text: "የሚፈልጉት ገጽ አልተገኘም ወይም ተሰርዟል። እባክዎ ወደ መነሻ ገጽ ይመለሱ ወይም ፍለጋን ይጠቀሙ እና የዛሬን ዜና ያንብቡ።", want: outcome.ReasonLittleText},
		{name: "in such a language, long, and called an article", head: `<meta property="og:type" content="article">`, title: "ይቅርታ", listed: "ድልድዩ ለከባድ መኪናዎች ተዘጋ",
			text: "የሚፈልጉት ገጽ አልተገኘም ወይም ተሰርዟል። እባክዎ ወደ መነሻ ገጽ ይመለሱ ወይም ፍለጋን ይጠቀሙ እና የዛሬን ዜና ያንብቡ። " + strings.Repeat("ከከተማው ከክልሉ እና ከዓለም የመጡ ዜናዎች በየሰዓቱ እዚህ ይወጣሉ ስለዚህ ተመልሰው ይምጡ። ", 8), want: outcome.ReasonErrorPage},

		{name: "an article that its feed calls otherwise", title: "Lorries off the canal bridge", listed: "Bridge shut after crack is found", text: brief + "</p><p>The council wants it open again before the beet harvest, and has asked the army for boats."},
		{name: "a brief with a date", title: "Access denied to the tower: court keeps climbers out", text: `<time datetime="2026-11-02T09:00:00Z">2 November 2026</time></p><p>` + brief},
		{name: "a brief whose headline has a number", title: "404 pupils move to the new school", text: `<time datetime="2026-11-02T09:00:00Z">2 November 2026</time></p><p>` + brief},
		{name: "a brief that a feed lists", title: "Lorries off the canal bridge", listed: "Lorries off the canal bridge", text: brief},
		{name: "a brief that another's headline was listed for", title: "Lorries off the canal bridge", listed: "Mayor opens the fair", text: brief, want: outcome.ReasonLittleText},
		{name: "a brief that its address names", path: "/town/lorries-off-the-canal-bridge-102938", title: "Lorries off the canal bridge", text: brief},
		{name: "a brief that says what it is", head: `<meta property="og:type" content="article">`, title: "Lorries off the canal bridge", text: brief},
		{name: "a brief with an author", title: "Lorries off the canal bridge", text: `<span class="byline">By Ada Lund</span></p><p>` + brief},
		{name: "a text without a date", title: "Lorries off the canal bridge", text: brief + "</p><p>The council wants it open again before the beet harvest, and has asked the army for a bridge of boats until then."},
	} {
		t.Run(p.name, func(t *testing.T) {
			r := p.read()
			want := OutcomeArticle
			if p.want != "" {
				want = OutcomeNotArticle
			}
			if r.Outcome != want || r.Reason != p.want {
				t.Errorf("%s %s, want %s %s: %d words, %q", r.Outcome, r.Reason, want, p.want, r.Article.WordCount, r.Article.Text)
			}
		})
	}
}
