package worker

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// desk is a site of one article, whose page is what the test says.
type desk struct {
	mu     sync.Mutex
	status int
	body   string
	to     string // redirects there
}

func (d *desk) serve(w http.ResponseWriter, url string, _ int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case strings.HasSuffix(url, ".example/"):
		fmt.Fprint(w, page20)
	case d.to != "":
		w.Header().Set("Location", d.to)
		w.WriteHeader(http.StatusFound)
	default:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(d.status)
		fmt.Fprint(w, d.body)
	}
}

func (d *desk) show(status int, body, to string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status, d.body, d.to = status, body, to
}

// reading has one process read a page again and again, as its task would.
type reading struct {
	*process
	site *site.Site
	page store.Page
}

func (d *desk) reading(t *testing.T, host string) *reading {
	t.Helper()
	web := newScript(t, d.serve)
	s := homeSite(t, "http://"+host+"/")
	r := &reading{process: newWorld(t, shared, web.URL, s).start(nil), site: s}
	if err := r.worker.learned.open(t.Context(), s.ID); err != nil {
		t.Fatal(err)
	}
	r.page = known(store.KindArticle, "http://"+host+"/2026/11/24/what-the-minister-said", time.Now().UTC())
	r.page.Site = s.ID
	return r
}

// look reads the page once, from the request to what is stored.
func (r *reading) look() Event {
	r.t.Helper()
	before := r.page
	req := fetchOf(r.page.URL)
	if h := r.page.HTTP; h != nil {
		req.ETag, req.LastModified = h.ETag, h.LastModified
	}
	out, err := r.worker.record(r.t.Context(), r.worker.judge(r.page, r.site, r.fetch.Fetch(r.t.Context(), req)), false)
	if err != nil {
		r.t.Fatal(err)
	}
	r.worker.learned.watch(before, out, &r.worker.rhythms.known.Load().edits)
	r.page = out.Page
	return out
}

func (r *reading) stored() article.Article {
	r.t.Helper()
	a, err := r.store.Article(r.t.Context(), r.page.ArticleID)
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

func (r *reading) revisions() []article.Revision {
	r.t.Helper()
	revs, err := r.store.Revisions(r.t.Context(), r.page.ArticleID)
	if err != nil {
		r.t.Fatal(err)
	}
	return revs
}

// report is a news page of our own in some language: paragraphs, and the words around them.
type report struct {
	language, title, more, view, ago, related string
	paragraphs                                []string
}

func reports() []report {
	return []report{
		{"ar", "وزير النفط يعلن زيادة الإنتاج في الحقول الجنوبية", "اقرأ أيضاً", "مشاهدة", "منذ %d دقيقة", "أسعار الخبز ترتفع في أسواق العاصمة", []string{
			"أعلن وزير النفط يوم الأحد زيادة الإنتاج في الحقول الجنوبية إلى 3.5 مليون برميل يومياً. وقال إن القرار اتخذ بعد مشاورات طويلة مع الشركات العاملة هناك.",
			"وأضاف الوزير، خلال مؤتمر صحفي في البصرة، أن العمل بدأ فعلاً في عشرة آبار جديدة. هل يكفي ذلك لسد العجز؟ «نعم» أجاب د. سامي الحسن، مدير الحقول.",
			"ويرى خبراء أن الزيادة لن تظهر في الموازنة قبل نهاية العام المقبل. ولم تعلق الشركات الأجنبية على الإعلان حتى مساء أمس."}},
		{"fa", "وزیر نفت از افزایش تولید در میدان\u200cهای جنوبی خبر داد", "بیشتر بخوانید", "بازدید", "%d دقیقه پیش", "قیمت نان در بازارهای پایتخت بالا رفت", []string{
			"وزیر نفت روز یکشنبه از افزایش تولید در میدان\u200cهای جنوبی تا ۳٫۵ میلیون بشکه در روز خبر داد. او گفت این تصمیم پس از رایزنی\u200cهای طولانی با شرکت\u200cها گرفته شده است.",
			"وزیر در نشستی خبری در اهواز افزود که کار در ده چاه تازه آغاز شده است. آیا این برای جبران کسری کافی است؟ مدیر میدان\u200cها پاسخ داد: «بله».",
			"کارشناسان می\u200cگویند این افزایش پیش از پایان سال آینده در بودجه دیده نخواهد شد. شرکت\u200cهای خارجی تا عصر دیروز درباره این خبر نظری نداده بودند."}},
		{"he", "שר האנרגיה הודיע על הגדלת התפוקה בשדות הדרומיים", "קראו גם", "צפיות", "לפני %d דקות", "מחירי הלחם עלו בשווקי הבירה", []string{
			"שר האנרגיה הודיע ביום ראשון על הגדלת התפוקה בשדות הדרומיים ל-3.5 מיליון חביות ביום. הוא אמר שההחלטה התקבלה אחרי התייעצויות ארוכות עם החברות הפועלות שם.",
			"השר הוסיף במסיבת עיתונאים באשדוד כי העבודה כבר החלה בעשר בארות חדשות. האם זה יספיק כדי לסגור את הגירעון? \"כן\", השיב מנהל השדות.",
			"מומחים סבורים שהגידול לא ייראה בתקציב לפני סוף השנה הבאה. החברות הזרות לא הגיבו להודעה עד אתמול בערב."}},
		{"en", "Oil minister announces rise in output of the southern fields", "Read also", "views", "%d minutes ago", "Bread is dearer in the markets of the capital", []string{
			"The oil minister announced on Sunday that output of the southern fields would rise to 3.5 million barrels a day. He said that the decision was taken after long talks with the companies at work there.",
			"The minister added at a press conference in the port that work had begun on ten new wells. Would that be enough to close the gap? \"Yes,\" said Dr. Samuel Hill, who runs the fields.",
			"Experts believe that the rise will not be seen in the budget before the end of next year. Foreign companies had not commented on the news by yesterday evening."}},
	}
}

// frame is what stands beside an article's paragraphs, which no editor touches.
type frame struct {
	views, minutes int
	related        []string
	pictures       []string
	redesigned     bool
	inText         bool // the counters and what leads away stand between the paragraphs
}

func (r report) page(a frame) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html><html lang="%s"><head><title>%s</title><meta property="og:type" content="article"><meta property="og:title" content="%[2]s">`, r.language, r.title)
	fmt.Fprint(&b, `<meta property="article:published_time" content="2026-11-24T09:00:00Z"></head><body>`)
	fmt.Fprintf(&b, `<header><nav><a href="/">A</a><a href="/b/">B</a></nav></header>`)
	counters := fmt.Sprintf(`<p class="views">%d %s</p><p class="time">%s</p>`, a.views, r.view, fmt.Sprintf(r.ago, a.minutes))
	related := ""
	for _, title := range a.related {
		related += fmt.Sprintf(`<li><a href="/2026/11/20/%d-related-story-of-the-day">%s</a></li>`, len(title), title)
	}
	leads := fmt.Sprintf(`<p><strong>%s:</strong> <a href="/2026/11/20/another-story-of-the-day">%s</a></p>`, r.more, strings.Join(a.related, " "))
	pictures := ""
	for _, p := range a.pictures {
		pictures += fmt.Sprintf(`<figure><img src="%s" width="800" height="500"></figure>`, p)
	}
	open, end := `<main><article><h1>`+r.title+`</h1>`, `</article></main>`
	if a.redesigned {
		open, end = `<div class="page-wrap"><div class="story-head"><h1 class="story-headline">`+r.title+`</h1></div><div class="story-body">`, `</div></div>`
	}
	fmt.Fprint(&b, open)
	if a.inText {
		fmt.Fprintf(&b, `<p>%d %s</p><p>%s</p>`, a.views, r.view, fmt.Sprintf(r.ago, a.minutes))
	} else {
		fmt.Fprint(&b, counters)
	}
	fmt.Fprint(&b, pictures)
	for i, p := range r.paragraphs {
		if a.inText && i == 1 {
			p += fmt.Sprintf("<br>%d %s<br>%s", a.views, r.view, fmt.Sprintf(r.ago, a.minutes))
		}
		fmt.Fprintf(&b, "<p>%s</p>", p)
		if i == 0 && a.inText {
			fmt.Fprint(&b, leads)
		}
	}
	fmt.Fprint(&b, end)
	fmt.Fprintf(&b, `<aside class="related"><h3>%s</h3><ul>%s</ul></aside><footer><p>© 2026</p></footer></body></html>`, r.more, related)
	return b.String()
}

// TestNoEdit: what surrounds a text, how it is set, and who reads it how often, makes no revision.
func TestNoEdit(t *testing.T) {
	t.Parallel()
	for _, r := range reports() {
		t.Run(r.language, func(t *testing.T) {
			t.Parallel()
			base := frame{views: 12, minutes: 5, related: []string{r.related}, pictures: []string{"/a.jpg?w=800", "/b.jpg?w=800"}}
			inside := base
			inside.inText = true
			for name, c := range map[string]struct {
				was, is frame
				set     func(*report)
			}{
				"counters":                {base, frame{views: 15210, minutes: 47, related: base.related, pictures: base.pictures}, nil},
				"counters in the text":    {inside, frame{views: 15210, minutes: 47, related: base.related, pictures: base.pictures, inText: true}, nil},
				"related links":           {base, frame{views: 12, minutes: 5, related: []string{r.title, r.related + " 2"}, pictures: base.pictures}, nil},
				"related in the text":     {inside, frame{views: 12, minutes: 5, related: []string{r.related + " 2"}, pictures: base.pictures, inText: true}, nil},
				"pictures":                {base, frame{views: 12, minutes: 5, related: base.related, pictures: []string{"/b.jpg?w=1200&v=2", "/a.jpg?w=1200&v=2"}}, nil},
				"another design":          {base, frame{views: 12, minutes: 5, related: base.related, pictures: base.pictures, redesigned: true}, nil},
				"quotation marks, spaces": {base, base, func(r *report) { r.set(`"`, "“", "«", "“", "»", "”", ". ", ".\u00a0") }},
				"invisible characters":    {base, base, func(r *report) { r.set("\u200c", "", " ", " \u200f", "،", "\u200b،") }},
			} {
				d := &desk{}
				d.show(http.StatusOK, r.page(c.was), "")
				read := d.reading(t, "desk.example")
				if out := read.look(); out.Article != store.ArticleNew {
					t.Fatalf("%s: %s (%s, %s)", name, out.Article, out.Page.Outcome, out.Page.Reason)
				}
				next := r
				if c.set != nil {
					c.set(&next)
				}
				d.show(http.StatusOK, next.page(c.is), "")
				if out := read.look(); out.Article != store.ArticleUnchanged || len(read.revisions()) > 0 {
					t.Errorf("%s: %s; %+v\nit is:\n%s", name, out.Article, read.revisions(), read.stored().Text)
				}
			}
		})
	}
}

// set replaces in the paragraphs, pair by pair.
func (r *report) set(pairs ...string) {
	r.paragraphs = slices.Clone(r.paragraphs)
	for i := range r.paragraphs {
		r.paragraphs[i] = strings.NewReplacer(pairs...).Replace(r.paragraphs[i])
	}
}

// TestEditBySentence: a revision says which sentences an editor changed, added and removed, and the page that it was edited.
func TestEditBySentence(t *testing.T) {
	t.Parallel()
	for _, r := range reports() {
		t.Run(r.language, func(t *testing.T) {
			t.Parallel()
			d := &desk{}
			base := frame{views: 12, minutes: 5, related: []string{r.related}}
			d.show(http.StatusOK, r.page(base), "")
			read := d.reading(t, "desk.example")
			read.look()
			next := r
			next.set("3.5", "4.1", "۳٫۵", "۴٫۱")
			last := next.paragraphs[2]
			cut := strings.IndexAny(last, ".") + 1
			next.paragraphs[2] = last[:cut] // one sentence less
			next.paragraphs = append(next.paragraphs, r.related+".")
			d.show(http.StatusOK, next.page(frame{views: 900, minutes: 60}), "")
			if out := read.look(); out.Article != store.ArticleRevised || out.Page.Look == nil || out.Page.Look.Edits != 1 || out.Page.Look.Looks != 1 {
				t.Fatalf("%s: %+v", out.Article, out.Page.Look)
			}
			revs := read.revisions()
			if len(revs) != 1 || !slices.Equal(revs[0].Fields, []string{"text"}) || len(revs[0].Changes) != 3 {
				t.Fatalf("%+v", revs)
			}
			first := r.paragraphs[0]
			for i, want := range []article.Change{
				{Kind: article.ChangeChanged, Before: first[:strings.Index(first, ". ")+1], Paragraph: 1},
				{Kind: article.ChangeRemoved, Before: strings.TrimSpace(last[cut:]), Paragraph: 3},
				{Kind: article.ChangeAdded, After: r.related + ".", Paragraph: 4},
			} {
				got := revs[0].Changes[i]
				if i == 0 {
					want.After = strings.NewReplacer("3.5", "4.1", "۳٫۵", "۴٫۱").Replace(want.Before)
				}
				if got != want {
					t.Errorf("change %d: %+v\nwant %+v", i, got, want)
				}
			}
			if a := read.stored(); a.Revision != 2 || !strings.Contains(a.Text, r.related+".") || strings.Contains(a.Text, "3.5") {
				t.Errorf("stored: %+v", a)
			}
			if h := read.worker.learned.habit(read.site.ID); h.Articles != 1 || h.Looks != 1 {
				t.Errorf("the site has taught %+v", h)
			}
			read.worker.learned.sync(t.Context(), true)
			n := 0
			for h, err := range read.store.Habits(t.Context()) {
				if n++; err != nil || h.Articles != 1 || h.Looks != 1 {
					t.Errorf("of the site is stored %+v, %v", h, err)
				}
			}
			if n != 1 {
				t.Errorf("%d sites", n)
			}
		})
	}
}

// TestOtherRulesAreNoEdit: a corrected rule of the site file changes what is stored, and is not the site's edit; unless the page
// says that it was modified since.
func TestOtherRulesAreNoEdit(t *testing.T) {
	t.Parallel()
	r := reports()[3]
	d := &desk{}
	d.show(http.StatusOK, r.page(frame{}), "")
	read := d.reading(t, "desk.example")
	read.look()
	first := read.stored()
	rules := *read.site
	rules.Extract.Remove = []string{"article p:nth-of-type(5)"}
	read.site = &rules
	if out := read.look(); out.Article != store.ArticleRemade || len(read.revisions()) > 0 {
		t.Fatalf("%s, %+v", out.Article, read.revisions())
	}
	a := read.stored()
	if a.Text == first.Text || a.Revision != 1 || a.Extractor.Rules != rules.Rules() || a.Extractor.Rules == first.Extractor.Rules {
		t.Errorf("%+v", a)
	}
	if out := read.look(); out.Article != store.ArticleUnchanged {
		t.Errorf("by the same rules: %s", out.Article)
	}
	rules2 := rules
	rules2.Extract.Remove = nil
	read.site = &rules2
	d.show(http.StatusOK, strings.Replace(r.page(frame{}), "</head>",
		`<meta property="article:modified_time" content="`+time.Now().Add(time.Minute).UTC().Format(time.RFC3339)+`"></head>`, 1), "")
	if out := read.look(); out.Article != store.ArticleRevised {
		t.Errorf("modified since: %s", out.Article)
	}
}

// TestGone: an article is gone when its site has said so for certain, and never erased: a 404 of an hour's outage is no proof,
// 410 is, and so is a page that leads home for a day. When it is back, the mark is taken away, and it is the same article.
func TestGone(t *testing.T) {
	t.Parallel()
	r := reports()[0]
	notFound := strings.Replace(page20, "News", "404 Not Found", 2)
	for _, c := range []struct {
		about  string
		status int
		body   string
		to     string
		reason string
		times  int // it says so until it is believed
	}{
		{"404", http.StatusNotFound, "", "", "http_404", 3},
		{"410", http.StatusGone, "", "", "http_410", 1},
		{"leads to the home page", http.StatusOK, "", "/", string(outcome.ReasonLeadsElsewhere), 3},
		{"an error page that is served as none", http.StatusOK, "<html><head><title>404 Not Found</title></head><body><h1>Page not found</h1><p>The page that you look for does not exist.</p></body></html>" + notFound[:0], "", string(outcome.ReasonErrorPage), 3},
	} {
		t.Run(c.about, func(t *testing.T) {
			t.Parallel()
			d := &desk{}
			d.show(http.StatusOK, r.page(frame{}), "")
			read := d.reading(t, "desk.example")
			read.look()
			before := read.stored()
			d.show(c.status, c.body, c.to)
			for n := 1; n <= c.times; n++ {
				if a := read.stored(); a.Gone != nil {
					t.Fatalf("gone after %d looks", n-1)
				}
				read.look()
				past := time.Now().Add(-25 * time.Hour) // as if a day had passed until the next look
				if n == 1 {
					past = time.Now().Add(-time.Hour)
				}
				read.page.FetchedAt = &past
			}
			a := read.stored()
			if a.Gone == nil || a.Gone.Reason != c.reason || time.Since(a.Gone.At) > time.Minute || a.Text != before.Text || a.Revision != 1 {
				t.Fatalf("%+v (%s, %s)", a.Gone, read.page.Outcome, read.page.Reason)
			}
			if c.times > 1 && (read.page.NextAt == nil || time.Until(*read.page.NextAt) < 6*24*time.Hour && read.page.Status == store.StatusGone) {
				t.Errorf("never looked at again: %v", read.page.NextAt)
			}
			d.show(http.StatusOK, r.page(frame{}), "")
			if out := read.look(); out.Article != store.ArticleUnchanged {
				t.Errorf("back: %s", out.Article)
			}
			if a = read.stored(); a.Gone != nil || a.ReturnedAt == nil || a.ID != before.ID || len(read.articles()) != 1 || len(read.revisions()) != 0 {
				t.Errorf("back: %+v, %d articles", a, len(read.articles()))
			}
		})
	}
}
