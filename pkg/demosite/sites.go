package demosite

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// spec is what stays the same about a site, however often its template changes.
type spec struct {
	host, name, tagline   string
	language, country     string
	zone                  string
	offset                time.Duration // of zone, which knows no summer time here: the web needs no zone database
	zero                  rune          // first digit of the block that bodies print numbers in; 0: Latin
	dates                 dateStyle
	dateline              string // before the first sentence, % for the city; "" for none
	datelineApart         bool   // printed outside of the body
	datelineAgency        string
	always                bool // every article has a dateline; otherwise four of five
	byline                bool
	updates               bool // every sixth article says when it was updated
	sourceLine, endMarker string
	sourceAgency          string // what sourceLine names
	disclaimers, promos   [2]string
	skins                 [2]skin
	article               func(st *story, slug string) string // path of an article
	section               func(key string, page int) string   // path of a section page
	feed, feedKind        string
	sitemap               string
}

// skin is one template of a site.
type skin struct {
	markup      markup
	prefix      string // of class names
	body        bodyStyle
	jsonLD      bool
	openGraph   bool
	microdata   bool
	machineDate bool // the metadata gives the time to the second
	relatedTop  bool // teasers of other articles also stand above the body
}

type markup int

const (
	ownMarkup  markup = iota
	coverNews         // AF themes' CoverNews with WP Post Author
	newsphere         // AF themes' Newsphere with WP Post Author
	tableBased        // nested tables and presentational markup, as of 2004
)

type bodyStyle int

const (
	inParagraphs bodyStyle = iota
	inBreaks               // text nodes in one container, parted by <br><br>
	inOneP                 // the same inside a single <p>
	inDivs                 // a div of a div for each paragraph
)

func wpSection(key string, page int) string {
	if page == 1 {
		return "/category/" + key + "/"
	}
	return fmt.Sprintf("/category/%s/page/%d/", key, page)
}

func querySection(base, parameter string) func(string, int) string {
	return func(key string, page int) string {
		path := base + key
		if page == 1 {
			return path
		}
		mark := "?"
		if strings.Contains(path, "?") {
			mark = "&"
		}
		return fmt.Sprintf("%s%s%s=%d", path, mark, parameter, page)
	}
}

func specs() []spec {
	return []spec{
		{
			host: "rafidain.example", name: "الرافدين", tagline: "الرافدين الخبر كما جرى",
			language: "ar", country: "IQ", zone: "Asia/Baghdad", offset: 3 * time.Hour, dates: dateArabic,
			dateline: "%/الرافدين الخبر: ", datelineAgency: "الرافدين", always: true,
			sourceLine: "الرافدين – متابعة – وكالات", sourceAgency: "وكالات",
			disclaimers: [2]string{
				"المواد المنقولة عن كتّاب أو جهات أخرى لا تعبّر بالضرورة عن رأي الرافدين، التي تنشرها كما وردت وتلتزم الحياد في نقل الخبر.",
				"ما يرد في هذه الصفحة من مواد منقولة لا يلزم الرافدين بشيء، ويتحمل المصدر وحده ما جاء فيه.",
			},
			promos: [2]string{"تابعوا الرافدين عبر تلغرام لتصلكم الأخبار أولاً بأول", "حمّلوا تطبيق الرافدين الجديد على هواتفكم"},
			skins: [2]skin{
				{markup: coverNews, jsonLD: true, openGraph: true, machineDate: true},
				{markup: newsphere, jsonLD: true, openGraph: true, machineDate: true},
			},
			article: func(st *story, slug string) string { return st.local.Format("/2006/01/") + url.PathEscape(slug) + "/" },
			section: wpSection, feed: "/feed/", feedKind: "rss", sitemap: "/sitemap-news.xml",
		},
		{
			host: "shatt.example", name: "شط نيوز", tagline: "صوت الضفتين",
			language: "ar", country: "IQ", zone: "Asia/Baghdad", offset: 3 * time.Hour, dates: dateIraqi,
			dateline: "شط نيوز - %: ", datelineAgency: "شط نيوز", sourceLine: "المصدر: وكالات", sourceAgency: "وكالات",
			disclaimers: [2]string{
				"جميع المقالات المنشورة تمثل رأي كتابها ولا تمثل بالضرورة رأي شط نيوز.",
				"شط نيوز غير مسؤولة عن محتوى التعليقات والمواد المنقولة من مواقع أخرى.",
			},
			promos: [2]string{"اشتركوا في نشرة شط نيوز البريدية", "شط نيوز على واتساب: أرسلوا كلمة اشتراك"},
			skins: [2]skin{
				{markup: newsphere},
				{prefix: "sn", body: inDivs, openGraph: true, relatedTop: true},
			},
			article: func(st *story, _ string) string { return fmt.Sprintf("/archives/%d", st.id) },
			section: wpSection, feed: "/feed/", feedKind: "rss", sitemap: "/sitemap-news.xml",
		},
		{
			host: "difaf.example", name: "ضفاف نيوز", tagline: "أخبار المدن والقرى", zero: '٠',
			language: "ar", country: "IQ", zone: "Asia/Baghdad", offset: 3 * time.Hour, dates: dateIraqiLong,
			dateline: "{%: ضفاف نيوز} ", datelineAgency: "ضفاف نيوز",
			disclaimers: [2]string{
				"يسمح بنقل الأخبار عن ضفاف نيوز بشرط ذكر المصدر.",
				"حقوق النشر محفوظة لضفاف نيوز ولا يجوز النقل إلا بإذن مكتوب من الإدارة.",
			},
			promos: [2]string{"لمزيد من الأخبار زوروا صفحتنا على فيسبوك", "استمعوا إلى نشرة ضفاف المسائية عند الثامنة"},
			skins: [2]skin{
				{markup: tableBased, prefix: "df", body: inBreaks},
				{prefix: "dif-x", body: inParagraphs, openGraph: true},
			},
			article: func(st *story, _ string) string { return fmt.Sprintf("/news.php?id=%d", st.id) },
			section: querySection("/section.php?cat=", "page"), feed: "/rss.xml", feedKind: "rss", sitemap: "/sitemap-news.xml",
		},
		{
			host: "zagros.example", name: "زاگرۆس نیوز", tagline: "دەنگی چیا",
			language: "ckb", country: "IQ", zone: "Asia/Baghdad", offset: 3 * time.Hour, dates: dateSorani,
			dateline: "% (زاگرۆس نیوز) – ", datelineAgency: "زاگرۆس نیوز", byline: true,
			disclaimers: [2]string{
				"ئەو وتارانەی بڵاو دەکرێنەوە ڕای نووسەرەکانیانن و زاگرۆس نیوز لێیان بەرپرس نییە.",
				"زاگرۆس نیوز مافی بڵاوکردنەوەی بابەتەکان بۆ خۆی دەپارێزێت.",
			},
			promos: [2]string{"کەناڵی تێلیگرامی زاگرۆس نیوز فۆڵۆ بکە", "ئەپی نوێی زاگرۆس نیوز دابەزێنە"},
			skins: [2]skin{
				{prefix: "zg", body: inDivs, microdata: true, relatedTop: true},
				{prefix: "zn2", body: inOneP, openGraph: true},
			},
			article: func(st *story, _ string) string { return fmt.Sprintf("/ckb/hewal/%d", st.id) },
			section: querySection("/ckb/besh/", "page"), feed: "/feed.json", feedKind: "json", sitemap: "/sitemap-news.xml",
		},
		{
			host: "alborz.example", name: "البرزنامه", tagline: "خبرهای شهر و روستا", zero: '۰',
			language: "fa", country: "IR", zone: "Asia/Tehran", offset: 3*time.Hour + 30*time.Minute, dates: dateJalali,
			dateline: "به گزارش خبرنگار البرزنامه از %، ", datelineAgency: "البرزنامه", endMarker: "انتهای پیام/",
			disclaimers: [2]string{
				"مسئولیت نوشته\u200cهای خوانندگان با خود آنان است و البرزنامه تنها آن\u200cها را بازتاب می\u200cدهد.",
				"بازنشر خبرهای البرزنامه با یاد کردن از منبع آزاد است.",
			},
			promos: [2]string{"البرزنامه را در پیام\u200cرسان\u200cها دنبال کنید", "خبرنامه روزانه البرزنامه را با رایانامه بگیرید"},
			skins: [2]skin{
				{prefix: "alb", body: inParagraphs, openGraph: true},
				{prefix: "an", body: inBreaks, microdata: true, relatedTop: true},
			},
			article: func(st *story, slug string) string { return fmt.Sprintf("/news/%d/%s", st.id, url.PathEscape(slug)) },
			section: querySection("/service/", "page"), feed: "/rss", feedKind: "rss", sitemap: "/sitemap-news.xml",
		},
		{
			host: "bozkir.example", name: "Bozkır Postası", tagline: "Bozkırın gazetesi",
			language: "tr", country: "TR", zone: "Europe/Istanbul", offset: 3 * time.Hour, dates: dateTurkish,
			dateline: "%", datelineApart: true, byline: true, updates: true,
			disclaimers: [2]string{
				"Bozkır Postası internet sitesinde yayımlanan haberler kaynak gösterilmeden kullanılamaz; haberlerin özet olarak sunulduğunu okurlarımıza hatırlatırız.",
				"Bu sayfadaki haberlerin her hakkı Bozkır Postası gazetesine aittir, izinsiz çoğaltılamaz.",
			},
			promos: [2]string{"Bozkır Postası haberlerini cebinizden izleyin", "E-gazeteye abone olun, ilk ay ücretsiz okuyun"},
			skins: [2]skin{
				{prefix: "bp", body: inParagraphs, openGraph: true, machineDate: true},
				{prefix: "bozkir", body: inOneP, jsonLD: true, machineDate: true, relatedTop: true},
			},
			article: func(st *story, slug string) string { return fmt.Sprintf("/gundem/%s-h%d", ascii(slug), st.id) },
			section: querySection("/kategori/", "sayfa"), feed: "/rss.xml", feedKind: "rss", sitemap: "/sitemap-news.xml.gz",
		},
		{
			host: "twinrivers.example", name: "Twin Rivers", tagline: "News from between the rivers",
			language: "en", country: "IQ", zone: "Asia/Baghdad", offset: 3 * time.Hour, dates: dateEnglish,
			dateline: "% (Twin Rivers) - ", datelineAgency: "Twin Rivers", byline: true,
			disclaimers: [2]string{
				"Twin Rivers is not answerable for what other sites publish; opinions are those of their writers.",
				"Stories may be quoted at up to fifty words when Twin Rivers is named as their source.",
			},
			promos: [2]string{"Get the Twin Rivers morning letter in your inbox", "Support local reporting: become a Twin Rivers member"},
			skins: [2]skin{
				{prefix: "tr", body: inParagraphs, jsonLD: true, openGraph: true, machineDate: true},
				{prefix: "twin", body: inDivs, jsonLD: true, machineDate: true, relatedTop: true},
			},
			article: func(st *story, slug string) string { return st.local.Format("/2006/01/02/") + ascii(slug) },
			section: func(key string, page int) string {
				if page == 1 {
					return "/section/" + key
				}
				return fmt.Sprintf("/section/%s/page/%d", key, page)
			},
			feed: "/atom.xml", feedKind: "atom", sitemap: "/sitemap_index.xml",
		},
	}
}

// slug is the title's letters and digits, joined by hyphens.
func slug(title string) string {
	words := strings.FieldsFunc(title, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
	return strings.ToLower(strings.Join(words, "-"))
}

// ascii writes a Turkish or English slug in plain letters, as such sites do.
func ascii(slug string) string {
	return strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII {
			return r
		}
		return -1
	}, strings.NewReplacer("ç", "c", "ğ", "g", "ı", "i", "ö", "o", "ş", "s", "ü", "u", "â", "a", "i̇", "i").Replace(slug))
}

// uniquePath is the story's path; titles that differ in punctuation alone share a slug, which the id then parts.
func (s *news) uniquePath(st *story) string {
	base := slug(st.truth.Title)
	path := s.spec.article(st, base)
	if s.byPath[path] != nil {
		path = s.spec.article(st, fmt.Sprintf("%s-%d", base, st.id))
	}
	return path
}
