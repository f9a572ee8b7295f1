package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	"pgregory.net/rapid"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/extract"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// TestBadFieldCostsNoArticle: what breaks the schema is left out, and nothing else.
func TestBadFieldCostsNoArticle(t *testing.T) {
	long := strings.Repeat("ن", article.MaxName+1)
	full := func() *article.Article {
		a := story(1, 1, 1)
		a.Country, a.Authors, a.Tags, a.Agency = "IQ", []string{"A", "B"}, []string{"x"}, "Agency"
		a.Images = []article.Image{{URL: "https://x/1.jpg", Caption: "c"}, {URL: "https://x/2.jpg"}}
		a.Dateline = &article.Dateline{Place: "بغداد"}
		a.ModifiedAt, a.Modified = ptr(at(-50)), &article.Provenance{Source: "json-ld", Precision: article.PrecisionDay}
		return a
	}
	for _, tc := range []struct {
		about string
		spoil func(*article.Article)
		want  func(*article.Article)
		said  string
	}{
		{"country", func(a *article.Article) { a.Country = "20" }, func(a *article.Article) { a.Country = "" }, "country"},
		{"language", func(a *article.Article) { a.Language = "en 12" }, func(a *article.Article) { a.Language = "" }, "language"},
		{"a tag", func(a *article.Article) { a.Tags = []string{"x", "", "y"} }, func(a *article.Article) { a.Tags = []string{"x", "y"} }, "tags[1]"},
		{"all tags", func(a *article.Article) { a.Tags = []string{""} }, func(a *article.Article) { a.Tags = nil }, "tags"},
		{"an author", func(a *article.Article) { a.Authors[0] = long }, func(a *article.Article) { a.Authors = []string{"B"} }, "authors[0]"},
		{"agency", func(a *article.Article) { a.Agency = long }, func(a *article.Article) { a.Agency = "" }, "agency"},
		{"a caption", func(a *article.Article) {
			a.Images[0].Caption = strings.Repeat(long, article.MaxCaption/article.MaxName)
		},
			func(a *article.Article) { a.Images[0].Caption = "" }, "images[0].caption"},
		{"an image", func(a *article.Article) { a.Images[0].URL = "" }, func(a *article.Article) { a.Images = a.Images[1:] }, "images[0].url"},
		{"dateline", func(a *article.Article) { a.Dateline.Place = long }, func(a *article.Article) { a.Dateline = nil }, "dateline.place"},
		{"precision", func(a *article.Article) { a.Modified.Precision = "week" }, func(a *article.Article) { a.Modified = nil }, "modified.precision"},
		{"a flag", func(a *article.Article) { a.Quality.Flags = []string{"short", ""} }, func(a *article.Article) { a.Quality.Flags = []string{"short"} }, "quality.flags[1]"},
		{"several", func(a *article.Article) { a.Country, a.WordCount = "x", -1 }, func(a *article.Article) { a.Country, a.WordCount = "", 0 }, "word_count"},
	} {
		t.Run(tc.about, func(t *testing.T) {
			core, logged := observer.New(zap.WarnLevel)
			s := schemasOnly(zap.New(core))
			a := full()
			tc.spoil(a)
			got, err := s.acceptable(Effect{Page: done(1, 1), Article: a})
			if err != nil {
				t.Fatal(err)
			}
			want := full()
			tc.want(want)
			want.Quality.Flags = append(want.Quality.Flags, article.FlagDroppedField)
			if w := firstVersion(*want); !sameArticle(*got, w) {
				t.Errorf("got  %+v\nwant %+v", *got, w)
			}
			if all := logged.All(); len(all) != 1 || all[0].ContextMap()["url"] != a.URL || all[0].ContextMap()["page"] != id(1) ||
				!strings.Contains(fmt.Sprint(all[0].ContextMap()["fields"]), "field "+tc.said+":") {
				t.Errorf("logged %+v", all)
			}
			if again, err := s.acceptable(Effect{Page: done(1, 1), Article: got}); err != nil || again != got {
				t.Errorf("what was mended is not acceptable: %v", err)
			}
		})
	}
	for about, spoil := range map[string]func(*article.Article){
		"id":   func(a *article.Article) { a.ID = "x" },
		"url":  func(a *article.Article) { a.URL = "" },
		"site": func(a *article.Article) { a.Site = "" },
	} {
		a := full()
		spoil(a)
		if _, err := schemasOnly(zap.NewNop()).acceptable(Effect{Article: a}); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v", about, err)
		}
	}
	a := full()
	if got, err := schemasOnly(zap.NewNop()).acceptable(Effect{Article: a}); err != nil || got != a {
		t.Errorf("a good article was changed: %v", err)
	}
}

// TestCommitMends: an article with a bad field is stored by every server, is revised and refreshed, and takes no neighbour
// down.
func TestCommitMends(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		bad := func(v, fetched int) *article.Article {
			a := story(1, v, fetched)
			a.Country, a.Tags = "20", []string{""}
			return a
		}
		first := bad(1, 1)
		results := mustCommit(t, s, Effect{Page: done(1, 1), Article: first}, Effect{Page: done(2, 1), Article: story(2, 1, 1)})
		if results[0].Article != ArticleNew || results[1].Article != ArticleNew {
			t.Fatal(changes(results))
		}
		if first.Country != "20" {
			t.Error("the caller's article was changed")
		}
		got, err := s.Article(t.Context(), id(1))
		if err != nil || got.Country != "" || got.Tags != nil || got.Text != first.Text || !slices.Contains(got.Quality.Flags, article.FlagDroppedField) {
			t.Errorf("%+v, %v", got, err)
		}
		if r := mustCommit(t, s, Effect{Page: done(1, 2), Article: bad(1, 2)}); r[0].Article != ArticleUnchanged {
			t.Error(changes(r))
		}
		if r := mustCommit(t, s, Effect{Page: done(1, 3), Article: bad(2, 3)}); r[0].Article != ArticleRevised {
			t.Error(changes(r))
		}
	})
}

func schemasOnly(log *zap.Logger) *Store {
	return &Store{registry: newRegistry(), schemas: map[string]bson.D{"articles": articleSchema()}, log: log}
}

// crawled is an extracted article with what a crawl adds to it.
func crawled(a article.Article, n int, s *site.Site) *article.Article {
	a.URL = fmt.Sprintf("https://news.example/%d", n)
	a.CanonicalURL, a.ID, a.FetchedAt, a.Site = a.URL, weburl.ID(a.URL), at(1), "news.example"
	if s != nil {
		a.Site = s.ID
	}
	return &a
}

// values are what a page may say where it should name a language, a person, a time …
var values = []string{"", " ", "\x00", "\u00a0", "20", "en-12", "en_GB", "xx", "qq-QQ", "\xff\xfe", "\u200b", "<b></b>", "&amp;nbsp;", ",,", "-", "2024-07-24", "0000-00-00",
	"9999-12-31T23:59:59-12:00", "-1", "1e999", "بغداد", "By Jane Doe", "Jane Doe, ", "AFP", "http://", "http://[::1", "//x/y.jpg", "data:,x", "javascript:1", "a|b", strings.Repeat("long ", 3000), strings.Repeat("x", 9000)}

const paragraph = "<p>The council of the town said on Monday that the repair of the stone bridge would begin within a month, and cost less than was thought.</p>"

// page draws a page that says any of these anywhere.
func page(t *rapid.T) string {
	v := rapid.OneOf(rapid.SampledFrom(values), rapid.String())
	attr := func() string { return strings.ReplaceAll(v.Draw(t, "value"), `"`, "") }
	json := func() string {
		return fmt.Sprintf(rapid.SampledFrom([]string{`%q`, `[%q]`, `{"name":%q}`, `[[%q]]`, `{"@value":%q}`}).Draw(t, "form"), v.Draw(t, "value"))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<html lang="%s"><head><title>%s</title><link rel="canonical" href="%s">`, attr(), attr(), attr())
	metas := []string{"og:title", "og:locale", "og:url", "og:image", "description", "language", "article:published_time", "article:modified_time", "article:section", "article:tag",
		"keywords", "author", "og:site_name", "content-language"}
	for _, name := range rapid.SliceOfN(rapid.SampledFrom(metas), 0, 6).Draw(t, "metas") {
		fmt.Fprintf(&b, `<meta property="%s" content="%s">`, name, attr())
	}
	b.WriteString(`<script type="application/ld+json">{"@type":"NewsArticle"`)
	for _, name := range rapid.SliceOfN(rapid.SampledFrom([]string{"headline", "author", "datePublished", "dateModified", "image", "keywords", "articleSection", "inLanguage", "publisher", "url", "articleBody"}), 0, 6).Draw(t, "linked data") {
		fmt.Fprintf(&b, `,%q:%s`, name, json())
	}
	fmt.Fprintf(&b, `}</script></head><body><article><h1>%s</h1><span class="author">%s</span><time datetime="%s">%s</time>`, attr(), attr(), attr(), attr())
	b.WriteString(strings.Repeat(paragraph, rapid.IntRange(0, 5).Draw(t, "paragraphs")))
	fmt.Fprintf(&b, `<figure><img src="%s"><figcaption>%s</figcaption></figure><p>%s</p><ul class="tags"><li><a href="/tag/x">%s</a></li></ul></article></body></html>`, attr(), attr(), attr(), attr())
	return b.String()
}

var pageURLs = []string{"https://news.example/2024/7/24/x", "http://127.0.0.20:8080/a", "http://[::1]/a", "http://localhost/a", "https://x.co.uk/a", "https://x.eu/", "https://x.12/", "https://x.zz/a", "", "http:///"}

// siteFiles choose elements that may have no text, and fields that do not fit them.
var siteFiles = []string{"", `id: news.example
home: https://news.example/
language: ar-IQ
country: IQ
time_zone: Asia/Baghdad
extract: {title: [h1], subtitle: [p], authors: [.author, img], date: [time, img], tags: [li, img, article], images: [img, time], body: [article]}
`, `id: news.example
home: https://news.example/
language: x-none
extract: {title: [time], subtitle: [html], authors: [html], tags: [html, p], images: [a]}
`}

// isAcceptable extracts and fails unless the store takes every field.
func isAcceptable(t testing.TB, p extract.Page, s *site.Site) {
	t.Helper()
	core, logged := observer.New(zap.WarnLevel)
	r := extract.Extract(p, extract.Options{Site: s, Now: time.Unix(1_700_000_000, 0)})
	if r.Article.ContentHash == "" {
		return // the page was not read
	}
	a := crawled(r.Article, 1, s)
	if _, err := schemasOnly(zap.New(core)).acceptable(Effect{Article: a}); err != nil {
		t.Errorf("%s: refused: %v", p.URL, err)
	}
	for _, l := range logged.All() {
		t.Errorf("%s: %v", p.URL, l.ContextMap()["fields"])
	}
	if !(a.Quality.Score >= 0 && a.Quality.Score <= 1) {
		t.Errorf("score %v", a.Quality.Score)
	}
	if a.Country != "" && !site.IsCountry(a.Country) {
		t.Errorf("country %q", a.Country)
	}
	for _, at := range []*time.Time{a.PublishedAt, a.ModifiedAt} {
		if at != nil && (at.Year() < 1 || at.Year() > 9999) {
			t.Errorf("time %v, which has no form in JSON", at)
		}
	}
}

func loadSite(t testing.TB, dir, file string) *site.Site {
	t.Helper()
	if file == "" {
		return nil
	}
	path := filepath.Join(dir, "site.yaml")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := site.Load(path)
	if err != nil {
		return nil // it is not crawled by
	}
	return s
}

// TestExtractedIsAcceptable: whatever a page says, what is extracted from it passes the schema whole.
func TestExtractedIsAcceptable(t *testing.T) {
	var sites []*site.Site
	for _, f := range siteFiles {
		if sites = append(sites, loadSite(t, t.TempDir(), f)); f != "" && sites[len(sites)-1] == nil {
			t.Fatalf("no valid site file:\n%s", f)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		p := extract.Page{URL: rapid.SampledFrom(pageURLs).Draw(rt, "url"), Body: []byte(page(rt)), ContentType: "text/html; charset=utf-8"}
		isAcceptable(rapidTB{t, rt}, p, rapid.SampledFrom(sites).Draw(rt, "site"))
	})
}

// rapidTB has a property's failures reported to rapid.
type rapidTB struct {
	testing.TB
	rt *rapid.T
}

func (t rapidTB) Errorf(format string, args ...any) { t.rt.Errorf(format, args...) }
func (t rapidTB) Helper()                           { t.rt.Helper() }

// TestExtractedIsStored has servers take what TestExtractedIsAcceptable draws: their validators, and their own ideas of a
// string.
func TestExtractedIsStored(t *testing.T) {
	gen := rapid.Custom(page)
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		var effects []Effect
		for n := range 60 {
			p := extract.Page{URL: pageURLs[n%len(pageURLs)], Body: []byte(gen.Example(n)), ContentType: "text/html; charset=utf-8"}
			if a := extract.Extract(p, extract.Options{}).Article; a.ContentHash != "" {
				effects = append(effects, Effect{Page: done(n, 1), Article: crawled(a, n, nil)})
			}
		}
		mustCommit(t, s, effects...)
		for _, e := range effects {
			got, err := s.Article(t.Context(), e.Article.ID)
			if err != nil || slices.Contains(got.Quality.Flags, article.FlagDroppedField) {
				t.Errorf("article of %s: %v, flags %v", e.Article.URL, err, got.Quality.Flags)
			}
		}
	})
}

func FuzzExtractedIsAcceptable(f *testing.F) {
	dir := f.TempDir()
	for n, u := range pageURLs {
		f.Add([]byte(`<html lang="en-12"><title>A title of it</title><meta property="article:tag" content=","><h1>A title of it</h1><time datetime="2024-07-24">x</time>`+
			paragraph+`<figure><img src="/x.jpg"><figcaption></figcaption></figure>`), "text/html; charset=utf-8", u, siteFiles[n%len(siteFiles)])
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType, url, siteFile string) {
		isAcceptable(t, extract.Page{URL: url, Body: body, ContentType: contentType}, loadSite(t, dir, siteFile))
	})
}
