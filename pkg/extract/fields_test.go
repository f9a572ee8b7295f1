package extract

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/page"
	"github.com/khabar-crawler/khabar/pkg/site"
)

func TestDateline(t *testing.T) {
	names := []string{"النهر نيوز", "النهر", "Rud"}
	for _, tc := range []struct{ text, place, agency string }{
		{"بغداد/النهر: استأنفت اللجنة أعمالها اليوم", "بغداد", "النهر"},
		{"بغداد/ النهر نيوز: استأنفت اللجنة", "بغداد", "النهر نيوز"},
		{"النهر نيوز - بغداد", "بغداد", "النهر نيوز"},
		{"النهر نيوز-اربيل", "اربيل", "النهر نيوز"},
		{"النهر نيوز/ ديالى", "ديالى", "النهر نيوز"},
		{"{بغداد: النهر نيوز} قال رئيس اللجنة", "بغداد", "النهر نيوز"},
		{"(أبوظبي - النهر)", "أبوظبي", "النهر"},
		{"بغداد (أ ش أ)", "بغداد", "أ ش أ"},
		{"دمشق، سوريا (CNN) -- أعلنت", "دمشق، سوريا", "CNN"},
		{"BERLIN (dpa) - Die Regierung hat", "BERLIN", "dpa"},
		{"قال الوزير في مؤتمر: سنعمل على ذلك", "", ""},
		{"Er sagte (wie immer) nichts dazu, bis er ging.", "", ""},
		{"", "", ""},
	} {
		d := findDateline(tc.text, names)
		place, agency := "", ""
		if d != nil {
			place, agency = d.Place, d.Agency
		}
		if place != tc.place || agency != tc.agency {
			t.Errorf("%q: place %q agency %q, want %q and %q", tc.text, place, agency, tc.place, tc.agency)
		}
	}
}

// TestGuessedCountryAndLanguage: a guess that is none of what it may be is no guess.
func TestGuessedCountryAndLanguage(t *testing.T) {
	english := strings.Repeat("The council said on Monday that the repair of the bridge would begin. ", 3)
	for _, tc := range []struct{ url, lang, language, country string }{
		{"http://127.0.0.20/a", "en-12", "en", ""},
		{"http://127.0.0.20:8080/a", "en-GB", "en-GB", "GB"},
		{"http://[::1]/a", "en-zz", "en", ""},
		{"https://news.example.uk/a", "en", "en", "GB"},
		{"https://news.example.iq/a", "en_us", "en-US", "IQ"},
		{"https://news.example.eu/a", "en-US", "en-US", ""},
		{"https://news.example.tv/a", "en-iq", "en-IQ", "IQ"},
		{"https://news.example.su/a", "qq", "en", ""},
		{"https://news.example.zz/a", "qq-XX", "en", ""},
		{"https://news.example.com/a", "eng", "en", ""},
		{"https://uk/a", "ENGLISH", "en", ""},
		{"https://news.example.com/a", "de-Latn-AT", "en", ""},
	} {
		page := "<html lang=" + tc.lang + "><h1>A bridge is repaired</h1><article><p>" + english + "</p></article>"
		a := Extract(Page{URL: tc.url, Body: []byte(page)}, Options{}).Article
		if a.Language != tc.language || a.Country != tc.country {
			t.Errorf("%s in %s: language %q, country %q; want %q and %q", tc.url, tc.lang, a.Language, a.Country, tc.language, tc.country)
		}
	}
}

// TestClaimedLanguage: a claim is evidence, no proof.
func TestClaimedLanguage(t *testing.T) {
	const (
		english = "The council said on Monday that the repair of the bridge would begin in the spring and last two years."
		danish  = "Byrådet oplyste mandag, at reparationen af broen begynder til foråret og kommer til at vare to år."
		luxem   = "De Gemengerot huet e Méindeg matgedeelt, datt d'Reparatur vun der Bréck am Fréijoer ufänkt an zwee Joer dauert."
		sorani  = "ئەنجومەنی شار ڕایگەیاند کە نۆژەنکردنەوەی پردەکە لە بەهاردا دەست پێ دەکات و دوو ساڵ دەخایەنێت."
	)
	for _, tc := range []struct {
		text     string
		claims   []string
		language string
		mismatch bool
	}{
		{english, nil, "en", false},
		{english, []string{"en_GB"}, "en-GB", false},
		{english, []string{"", "ar", "en-AU"}, "en-AU", true},
		{english, []string{"de-Latn-AT"}, "en", true},
		{danish, []string{"en-US"}, "da", true},
		{luxem, []string{"lb"}, "lb", false}, // the tables hold none
		{luxem, []string{"ar"}, "de", true},
		{sorani, []string{"ku"}, "ckb", false},
		{sorani, []string{"ku-IQ"}, "ckb-IQ", false},
		{sorani, []string{"ar"}, "ckb", true},
		{"", []string{"ar"}, "ar", false},
		{"12", nil, "", false},
	} {
		if got, mismatch := languageOf(tc.text, tc.claims...); got != tc.language || mismatch != tc.mismatch {
			t.Errorf("%q claimed as %q: %q, %v; want %q, %v", tc.text, tc.claims, got, mismatch, tc.language, tc.mismatch)
		}
	}
}

// TestRuleTags: elements that a site file's selector finds and that hold no tag are no tags.
func TestRuleTags(t *testing.T) {
	s := &site.Site{Extract: site.Rules{Tags: []string{".tags li"}}}
	page := "<article><h1>A bridge is repaired</h1><p>The council said on Monday that the repair of the bridge would begin.</p></article>" +
		"<ul class=tags><li></li><li>Bridges</li><li>" + strings.Repeat("many words ", 20) + "</li></ul>"
	if tags := Extract(Page{URL: "https://news.example/a", Body: []byte(page)}, Options{Site: s}).Article.Tags; !slices.Equal(tags, []string{"Bridges"}) {
		t.Errorf("tags %q", tags)
	}
}

func TestSourceLine(t *testing.T) {
	names := []string{"النهر"}
	for _, tc := range []struct {
		line, agency string
		ok           bool
	}{
		{"النهر – متابعة – وكالات", "وكالات", true},
		{"--(بترا)", "بترا", true},
		{"المصدر: سكاي نيوز", "سكاي نيوز", true},
		{"منبع: https://site.example/a", "", true},
		{"متابعة - رويترز", "رويترز", true},
		{"وقال مصدر في الوزارة إن العمل مستمر", "", false},
		{"", "", false},
	} {
		agency, ok := sourceLine(tc.line, names)
		if agency != tc.agency || ok != tc.ok {
			t.Errorf("%q: %q %v, want %q %v", tc.line, agency, ok, tc.agency, tc.ok)
		}
	}
}

func TestByline(t *testing.T) {
	names := []string{"River Post", "النهر"}
	for _, tc := range []struct {
		byline string
		want   []string
	}{
		{"By Mara Lindqvist and Jon Ek", []string{"Mara Lindqvist", "Jon Ek"}},
		{"Von Mara Lindqvist", []string{"Mara Lindqvist"}},
		{"كتبت سلمى الهادي", []string{"سلمى الهادي"}},
		{"بقلم: سلمى الهادي", []string{"سلمى الهادي"}},
		{"سلمى الهادي - القاهرة", []string{"سلمى الهادي"}},
		{"Mara Lindqvist, Reuters", []string{"Mara Lindqvist"}},
		{"River Post", nil},
		{"River Post staff", nil},
		{"https://site.example/mara", nil},
		{"mara@site.example", nil},
		{"رويترز", nil},
		{"About Post Author", nil},
	} {
		var b byline
		b.add(tc.byline, names)
		if !slices.Equal(b.people, tc.want) {
			t.Errorf("%q: %q, want %q", tc.byline, b.people, tc.want)
		}
	}
}

// TestLines keeps sentences that open as appeals and labels do.
func TestLines(t *testing.T) {
	for _, tc := range []struct {
		line string
		text bool
	}{
		{"شارك هذا الفريق في البطولة للمرة الأولى منذ عشر سنوات وخسر مباراتين منها", true},
		{"إعلان النتائج تأخر بسبب العطل الذي أصاب الحواسيب في المركز أمس", true},
		{"مشاركة الخبراء في الندوة كانت واسعة كما قال منظموها لوكالات الأنباء", true},
		{"Follow the river down to the old mill and you will find the new library.", true},
		{"تابعوا أخبار النهر عبر غوغل نيوز", false},
		{"Follow the River Post on Google News and never miss a story from the town", false},
		{"إقرأ أيضاً: أسعار الخضار تنخفض", false},
		{"اقرأ المزيد", false},
		{"REKLAM", false},
		{"شارك هذا الخبر", false},
		{"Photo: Mara Lindqvist / River Post", false},
		{"Bu haberin devamı yarın gazetede, okurlar için geniş biçimde yer alacak.", true},
	} {
		d := page.Parse([]byte("<p>" + tc.line + "</p>"))
		s := page.Split(d, opensWindow)
		f := newScene(facts{d: d, s: s, blocks: s.Blocks}, false)
		p := &progress{finding: finding{scene: f, out: make([]verdict, 1)}}
		if p.isLine(0) == tc.text {
			t.Errorf("%q is text: %t", tc.line, !tc.text)
		}
	}
}

func TestJSON(t *testing.T) {
	for _, tc := range []struct{ src, want string }{
		{`{"headline":"a"}`, "a"},
		{`[{"x":1},{"headline":"a"}]`, ""},
		{`{"headline":"a "quoted" word"}`, `a "quoted" word`},
		{"{\"headline\":\"two\nlines\"}", "two\nlines"},
		{`{"a":[1,2,],"headline":"a",}`, "a"},
		{`{"a":"b" "headline":"a"}`, "a"},
		{`<!--{"headline":"a"}-->`, "a"},
		{`//<![CDATA[` + "\n" + `{"headline":"a"}//]]>`, "a"},
		{`{&quot;headline&quot;:&quot;a&quot;}`, "a"},
		{`{"headline":"\u0628\ud83d\ude00\/"}`, "ب😀/"},
		{`{"headline":"cut off`, "cut off"},
		{`{"headline":{"@value":"a"}}`, "a"},
		{`{"HEADLINE":["a","b"]}`, "a"},
		{`{"headline":null}`, ""},
	} {
		d := parseJSON([]byte(tc.src))
		if d == nil {
			t.Errorf("%s: not read", tc.src)
			continue
		}
		if got := d.field(0, "headline"); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.src, got, tc.want)
		}
	}
}

const rulesPage = `<html lang="en"><head><title>x</title></head><body><h1>Wrong headline of the page</h1><div class="t">The right headline</div>
<div class="who">Mara Lindqvist</div><div class="when">5 March 2024 10:20</div><ul class="k"><li>mill</li><li>library</li></ul>
<div class="odd"><p>The council voted on Tuesday to reopen the old mill as a library for the town.</p><p class="promo2">Our shop has new mugs for you to buy this week.</p><p>Work will begin in spring, it said.</p></div>
<div class="content"><p>Another long text which has nothing to do with the article but would be chosen by its length alone.</p><p>And it goes on for a while, with several sentences. More of them here. And here.</p></div></body></html>`

func TestSiteRules(t *testing.T) {
	s := &site.Site{Extract: site.Rules{Title: []string{".t"}, Body: []string{".nothing", ".odd"}, Authors: []string{".who"}, Date: []string{".when"}, Tags: []string{".k li"}, Remove: []string{".promo2"}}}
	r := Extract(Page{URL: "https://site.example/a", Body: []byte(rulesPage)}, Options{Site: s, Now: time.Unix(1_720_000_000, 0)})
	a := r.Article
	if a.Title != "The right headline" || !slices.Equal(a.Authors, []string{"Mara Lindqvist"}) || !slices.Equal(a.Tags, []string{"mill", "library"}) {
		t.Errorf("title %q, authors %q, tags %q", a.Title, a.Authors, a.Tags)
	}
	if want := "The council voted on Tuesday to reopen the old mill as a library for the town.\n\nWork will begin in spring, it said."; a.Text != want {
		t.Errorf("text %q", a.Text)
	}
	if a.PublishedAt == nil || a.PublishedAt.Format("2006-01-02 15:04") != "2024-03-05 10:20" || a.Published.Source != "site file" {
		t.Errorf("published %v %v", a.PublishedAt, a.Published)
	}
	if a.Extractor.Method != "rules" || len(r.Drift) != 0 {
		t.Errorf("method %s, drift %q", a.Extractor.Method, r.Drift)
	}
}

// TestRuleDrift falls back to the extractor's own judgement where a selector stopped matching, and says so.
func TestRuleDrift(t *testing.T) {
	s := &site.Site{Extract: site.Rules{Body: []string{".gone"}}}
	r := Extract(Page{URL: "https://site.example/a", Body: []byte(rulesPage)}, Options{Site: s})
	if len(r.Drift) != 1 || !strings.HasPrefix(r.Drift[0], "body") || !slices.Contains(r.Article.Quality.Flags, FlagDrift) {
		t.Errorf("drift %q, flags %q", r.Drift, r.Article.Quality.Flags)
	}
	if r.Article.Text == "" || r.Article.Extractor.Method != "dom" {
		t.Errorf("method %s, text %q", r.Article.Extractor.Method, r.Article.Text)
	}
}
