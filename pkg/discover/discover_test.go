package discover

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/site"
)

// Of gives the links of one kind.
func (r Result) Of(kind Kind) []Link {
	var out []Link
	for _, l := range r.Links {
		if l.Kind == kind {
			out = append(out, l)
		}
	}
	return out
}

func urls(links []Link) string {
	var out []string
	for _, l := range links {
		out = append(out, l.URL)
	}
	return strings.Join(out, " ")
}

const homePage = `<!doctype html><html><head><title>Home</title>
<base href="http://news.example/start/">
<link rel="canonical" href="/">
<link rel="alternate" type="application/rss+xml" title="All" href="/feed/?utm_source=x">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">
<link rel="alternate" type="application/json+oembed" href="/wp-json/oembed">
<link rel="alternate" type="application/atom+xml" href="http://feeds.feedburner.com/news-example">
<link rel="alternate" hreflang="en" href="/en/">
</head><body class="menu-open footer-fixed">
<header><a href="/">News</a><nav><ul><li><a href="/politics">السياسة</a><li><a href="/economy/">الاقتصاد</a>
<li><a href="/category/sport">رياضة</a><li><a href="/video">فيديو</a><li><a href="/en/">English</a><li><a href="/login">دخول</a>
<li><a href="/about-us">About</a><li><a href="/p/1">من نحن</a><li><a href="http://sport.news.example/">Sport site</a><li><a href="http://mail.news.example/">Mail</a>
<li><a href="mailto:x@news.example">@</a><li><a href="javascript:void(0)">☰</a></ul></nav></header>
<main><article><h2><a href="story-one-of-the-day-today?fbclid=1">First headline of the day today</a></h2></article>
<article><h2><a href="/2026/10/24/second">Second</a></h2><a href="/2026/10/24/second#comments">7</a></article>
<article><a href="/item/3361940"><img src="x.jpg" alt="A picture says what the item is about"></a></article>
<article><a href="/item/3361941">One</a></article><article><a href="/item/3361942">Another item with a headline long enough</a></article>
<a href="/media/cover.jpg">A picture that is linked with many words</a>
<a href="http://other.example/2026/10/24/a-story-of-another-publisher-entirely">A story of another publisher entirely</a>
<a rel="nofollow" href="/promo/buy-this-now-and-be-happy-99881">Buy this now and be very happy</a></main>
<footer class="site-footer"><a href="/privacy">Privacy</a><a href="/rss">RSS</a><a href="/tag/iraq">العراق</a></footer></body></html>`

func TestHome(t *testing.T) {
	r, err := Home("http://news.example/", []byte(homePage), "text/html; charset=utf-8", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[Kind]string{
		KindFeed:    "http://news.example/feed/ http://feeds.feedburner.com/news-example http://news.example/rss",
		KindListing: "http://news.example/politics http://news.example/economy/ http://news.example/category/sport http://sport.news.example/",
		KindArticle: "http://news.example/start/story-one-of-the-day-today http://news.example/2026/10/24/second http://news.example/item/3361940 http://news.example/item/3361941 http://news.example/item/3361942 http://news.example/promo/buy-this-now-and-be-happy-99881",
		KindNext:    "", KindSitemap: "",
	} {
		if got := urls(r.Of(kind)); got != want {
			t.Errorf("%s:\n got %s\nwant %s", kind, got, want)
		}
	}
	for reason, want := range map[Reason]int{OffSite: 1, NotHTTP: 2, File: 1, Language: 1} {
		if r.Dropped[reason] != want {
			t.Errorf("%s: %d dropped, want %d: %v", reason, r.Dropped[reason], want, r.Dropped)
		}
	}
	for _, l := range r.Links {
		if l.NoFollow != strings.Contains(l.URL, "/promo/") {
			t.Errorf("%s: nofollow %v", l.URL, l.NoFollow)
		}
		if l.URL == "http://news.example/item/3361940" && l.Title != "A picture says what the item is about" {
			t.Errorf("title %q", l.Title)
		}
	}
}

func TestSitePatternsWin(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.yaml")
	if err := os.WriteFile(path, []byte("id: s\nhome: http://news.example/\nhosts: [partner.example]\narticles:\n  include: ['^/item/', '^/p/']\n  exclude: ['3361942']\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := site.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	body := strings.Replace(homePage, "</main>", `<a href="http://partner.example/item/1">x</a></main>`, 1)
	r, err := Home("http://news.example/", []byte(body), "text/html", s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := urls(r.Of(KindArticle)), "http://news.example/p/1 http://news.example/item/3361940 http://news.example/item/3361941 http://partner.example/item/1"; got != want {
		t.Errorf("articles:\n got %s\nwant %s", got, want)
	}
	if got := urls(r.Of(KindListing)); !strings.Contains(got, "http://news.example/politics") {
		t.Errorf("sections %s", got)
	}
	sitemap := `<urlset><url><loc>http://news.example/item/1</loc></url><url><loc>http://news.example/2026/10/24/a-long-headline-here</loc></url></urlset>`
	if r, err := Sitemap("http://news.example/s.xml", []byte(sitemap), "", s); err != nil || urls(r.Links) != "http://news.example/item/1" {
		t.Errorf("sitemap gave %v, %v", r.Links, err)
	}
}

func TestNextPage(t *testing.T) {
	headline := `<a href="/2026/10/24/next">A headline that is five words</a>`
	for _, test := range []struct{ name, base, html, want string }{
		{"rel on a link", "http://n.example/section/1", `<link rel=next href=/section/2>`, "/section/2"},
		{"rel on an anchor", "http://n.example/list", `<a rel="next" href="/list?from=20">Older</a>`, "/list?from=20"},
		{"wordpress", "http://n.example/category/a/page/2/", `<nav class="navigation pagination"><div class="nav-links"><a class="page-numbers" href="/category/a/">1</a><span>2</span><a class="page-numbers" href="/category/a/page/3/">3</a><a href="/category/a/page/9/">9</a><a class="next page-numbers" href="/category/a/page/3/">التالي</a></div></nav>`, "/category/a/page/3/"},
		{"query number", "http://n.example/s?cat=2", `<div><a href="/s?cat=2&page=2">2</a><a href="/s?cat=2&page=3">3</a><a href="/s?cat=3&page=2">2</a></div>`, "/s?cat=2&page=2"},
		{"word in a pager", "http://n.example/list", `<div class="pager"><a href="/list?after=abc">Older posts »</a></div>`, "/list?after=abc"},
		{"number at the end", "http://n.example/kategori/spor", `<p><a href="/kategori/spor/2">۲</a></p>`, "/kategori/spor/2"},
		{"more leads elsewhere", "http://n.example/list", `<a href="/category/x">المزيد</a>`, ""},
		{"the next article", "http://n.example/2026/10/23/this", `<nav class="post-navigation"><a rel="next" href="/2026/10/25/the-next-article-is-this">The next article has a headline</a></nav>`, ""},
		{"none after the last", "http://n.example/list?page=9", `<div class="pagination"><a href="/list?page=8">8</a><a href="/list">1</a></div>`, ""},
	} {
		r, err := Listing(test.base, []byte("<html><body>"+test.html+headline), "text/html", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := test.want
		if want != "" {
			want = "http://n.example" + want
		}
		if got := urls(r.Of(KindNext)); got != want {
			t.Errorf("%s: next is %q, want %q", test.name, got, want)
		}
		for _, l := range r.Of(KindArticle) {
			if strings.Contains(l.URL, "page") {
				t.Errorf("%s: a page of the listing taken for an article: %s", test.name, l.URL)
			}
		}
	}
}

func TestListingWithoutMarkup(t *testing.T) {
	// As of 2004: tables, query parameters, nothing named.
	body := `<table><tr><td><a href="section.php?cat=politics">سياسة</a><td><a href="section.php?cat=sport">رياضة</a></table>`
	for i := range 5 {
		body += fmt.Sprintf(`<tr><td><a href="news.php?id=%d"><b>خبر من المدينة رقم %d</b></a>`, 1000+i, i)
	}
	r, err := Home("http://old.example/index.php", []byte(body), "text/html", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n, m := len(r.Of(KindArticle)), len(r.Of(KindListing)); n != 5 || m != 2 {
		t.Errorf("%d articles, %d sections: %v", n, m, r.Links)
	}
	if r, err = Listing("http://old.example/", []byte("<a href=/\xc7\xe1>\xc7\xe1\xda\xd1\xc7\xde \xed\xda\xe1\xe4 \xde\xd1\xc7\xd1\xc7 \xcc\xcf\xed\xcf\xc7 \xc7\xe1\xed\xe6\xe3</a>"), "text/html; charset=windows-1256", nil, nil); err != nil || len(r.Links) != 1 || r.Links[0].Title != "العراق يعلن قرارا جديدا اليوم" {
		t.Errorf("windows-1256: %+v, %v", r.Links, err)
	}
}

func TestFeed(t *testing.T) {
	items := `<item><title>One &amp;amp; two</title><link>http://n.example/1?utm_source=rss</link><pubDate>Sat, 24 Oct 2026 10:00:00 +0300</pubDate><category>محليات</category></item>
<item><title>Elsewhere</title><link>http://ads.example/1</link><guid>http://n.example/2</guid></item>
<item><title>Only elsewhere</title><link>http://ads.example/3</link></item>
<item><title>Proxied</title><link>http://feedproxy.google.com/~r/x/1</link></item>
<item><title>Of the service</title><link>http://feedproxy.google.com/</link></item>
<item><title>Undone</title><link>http://feedproxy.google.com/~r/x/2</link><feedburner:origLink>http://n.example/4</feedburner:origLink></item>
<item><title>None</title></item><item><title>Again</title><link>http://n.example/1</link></item></channel>`
	rss := `<?xml version="1.0"?><!-- a comment --><rss version="2.0" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><title>n</title>` + items
	check := func(name string, r Result, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, want := urls(r.Links), "http://n.example/1 http://n.example/2 http://feedproxy.google.com/~r/x/1 http://n.example/4"; got != want {
			t.Fatalf("%s:\n got %s\nwant %s", name, got, want)
		}
		if r.Links[1].Vouched || !r.Links[2].Vouched {
			t.Errorf("%s: the site vouches for %v and %v", name, r.Links[1], r.Links[2])
		}
		if r.Dropped[OffSite] != 1 || r.Dropped[FeedProxy] != 1 || r.Dropped[NoLink] != 1 || r.Dropped[Duplicate] != 1 {
			t.Errorf("%s: dropped %v", name, r.Dropped)
		}
		l := r.Links[0]
		if l.Title != "One & two" || l.Section != "محليات" || l.Published == nil || !l.Published.Equal(time.Date(2026, 10, 24, 7, 0, 0, 0, time.UTC)) {
			t.Errorf("%s: %+v", name, l)
		}
	}
	r, err := Feed("http://n.example/feed", []byte(rss+"</rss>"), "text/xml", nil)
	check("rss", r, err)
	if r.Broken {
		t.Error("broken")
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	if _, err := w.Write([]byte(rss + "</rss>")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err = Feed("http://n.example/feed", z.Bytes(), "", nil)
	check("gzipped", r, err)
}

func TestBrokenFeedsGiveWhatCanBeRead(t *testing.T) {
	for name, body := range map[string]string{
		"cut off":      `<rss version="2.0"><channel><item><title>A</title><link>http://n.example/1</link></item><item><title>B</title><link>http://n.example/2</link><descr`,
		"tags crossed": `<rss><channel><item><title>A</b></title></i><link>http://n.example/1</link></item><item><link><![CDATA[ http://n.example/2 ]]></link></wrong></item>`,
		"nested deep":  `<rss><channel>` + strings.Repeat("<x>", 100_000) + `<item><link>http://n.example/1</link></item><item><link>http://n.example/2</link>`,
		"atom":         `<feed xmlns="http://www.w3.org/2005/Atom"><entry><link rel="alternate" href="http://n.example/1"/></entry><entry><link href='http://n.example/2'></entry`,
	} {
		r, err := Feed("http://n.example/feed", []byte(body), "", nil)
		if err != nil || !r.Broken || urls(r.Links) != "http://n.example/1 http://n.example/2" {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

func TestOtherFormatsOfFeed(t *testing.T) {
	for name, body := range map[string]string{
		"atom":      `<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://n.example/"><title>n</title><entry><title>A</title><link rel="alternate" href="http://n.example/1"/><updated>2026-10-24T10:00:00Z</updated></entry></feed>`,
		"rdf":       `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>n</title></channel><item rdf:about="http://n.example/1"><title>A</title><link>http://n.example/1</link></item></rdf:RDF>`,
		"json feed": `{"version":"https://jsonfeed.org/version/1.1","title":"n","items":[{"id":"1","url":"http://n.example/1","title":"A","date_modified":"2026-10-24T10:00:00Z"}]}`,
	} {
		r, err := Feed("http://n.example/feed", []byte(body), "", nil)
		if err != nil || r.Broken || urls(r.Links) != "http://n.example/1" || r.Links[0].Title != "A" {
			t.Errorf("%s: %+v, %v", name, r, err)
		} else if name != "rdf" && r.Links[0].Modified == nil {
			t.Errorf("%s: no time", name)
		}
	}
}

func TestSitemap(t *testing.T) {
	news := `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="n" xmlns:image="i" xmlns:xhtml="x">
<url><loc> http://n.example/a?x=1&amp;y=2 </loc><lastmod>2026-10-24</lastmod><image:image><image:loc>http://n.example/a.html</image:loc><image:title>no</image:title></image:image>
<news:news><news:publication><news:name>n</news:name></news:publication><news:publication_date>2026-10-24T10:00:00+03:00</news:publication_date><news:title>عنوان</news:title></news:news><xhtml:link rel="alternate" href="http://n.example/en"/></url>
<url><loc>http://n.example/sports</loc></url><url><loc>http://n.example/about-us</loc></url><url><loc>http://n.example/</loc></url><url><loc>http://x.example/2026/10/24/a</loc></url>
<url><loc>http://n.example/2026/10/24/b</loc></url></urlset>`
	r, err := Sitemap("http://n.example/sitemap.xml", []byte(news), "", nil)
	if err != nil || r.Broken || urls(r.Links) != "http://n.example/a?x=1&y=2 http://n.example/2026/10/24/b" {
		t.Fatalf("%+v, %v", r, err)
	}
	if l := r.Links[0]; l.Title != "عنوان" || l.Published == nil || !l.Published.Equal(time.Date(2026, 10, 24, 7, 0, 0, 0, time.UTC)) || l.Modified == nil {
		t.Errorf("%+v", l)
	}
	if r.Dropped[NotArticle] != 3 || r.Dropped[OffSite] != 1 {
		t.Errorf("dropped %v", r.Dropped)
	}
	index := `<sitemapindex><sitemap><loc>http://n.example/s1.xml</loc><lastmod>2026-01-01</lastmod></sitemap><sitemap><loc>http://n.example/s2.xml.gz</loc><lastmod>2026-10-01</lastmod></sitemap><sitemap><loc>http://n.example/s3.xml</loc></sitemap><sitemap><loc>http://x.example/s.xml</loc></sitemap>`
	if r, err = Sitemap("http://n.example/s.xml", []byte(index), "", nil); err != nil || urls(r.Of(KindSitemap)) != "http://n.example/s2.xml.gz http://n.example/s1.xml http://n.example/s3.xml" {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = Sitemap("http://n.example/s.txt", []byte("http://n.example/2026/10/24/a\r\nhttp://n.example/2026/10/24/b\n"), "text/plain", nil); err != nil || len(r.Links) != 2 {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = Sitemap("http://n.example/s.xml", []byte(news[:len(news)-60]), "", nil); err != nil || !r.Broken || len(r.Links) != 1 {
		t.Errorf("cut off: %+v, %v", r, err)
	}
}

func TestBounds(t *testing.T) {
	var many strings.Builder
	many.WriteString("<urlset>")
	for i := range MaxEntries + 10 {
		fmt.Fprintf(&many, "<url><loc>http://n.example/%d/%d/a</loc></url>", 100000+i, i)
	}
	r, err := Sitemap("http://n.example/s.xml", []byte(many.String()), "", nil)
	if err != nil || len(r.Links) != MaxEntries || r.Broken || r.Dropped[TooMany] == 0 {
		t.Errorf("%d links, broken %v, dropped %v, %v; want a whole sitemap with more than is taken", len(r.Links), r.Broken, r.Dropped, err)
	}
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	for range (MaxBytes + 1<<20) >> 10 {
		if _, err := z.Write(make([]byte, 1<<10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err = Sitemap("http://n.example/s.xml.gz", zipped.Bytes(), "", nil); !errors.Is(err, ErrKind) {
		t.Errorf("a bomb: %v", err)
	}
	var page strings.Builder
	for i := range MaxLinks + 500 {
		fmt.Fprintf(&page, `<div><p><a href="/2026/10/24/%d">A headline with enough words %d</a>`, i, i)
	}
	if r, err = Listing("http://n.example/", []byte(page.String()), "", nil, nil); err != nil || len(r.Links) != MaxLinks || r.Dropped[TooMany] != 500 {
		t.Errorf("%d links, %v, %v", len(r.Links), r.Dropped, err)
	}
	deep := strings.Repeat("<div class=nav><ul><li>", 200_000) + `<a href="/2026/10/24/x">A headline with enough words</a>`
	if _, err = Listing("http://n.example/", []byte(deep), "", nil, nil); err != nil {
		t.Error(err)
	}
}

func TestKinds(t *testing.T) {
	for body, want := range map[string]Format{
		"": FormatEmpty, " \n": FormatEmpty, "<!DOCTYPE html><html>": FormatHTML, "<p>x": FormatHTML, "Hello <b>you</b>": FormatHTML,
		"hello": FormatText, "{\"a\":1}": FormatJSON, "http://n.example/a\nhttp://": FormatURLs, "%PDF-1.4\x00": FormatBinary,
		"News \x00of the day: <div><a href='/a'>a headline of more than a few words</a></div>":           FormatHTML,
		"\ufeff<?xml version='1.0'?>\n<?xml-stylesheet href='x'?><!DOCTYPE rss [<!ENTITY a 'b>'>]><rss>": FormatRSS,
		"<!-- " + strings.Repeat("x", 5000) + " --><feed xmlns='a'>":                                     FormatAtom,
		"<rdf:RDF xmlns:rdf='x'>": FormatRSS, "<sm:urlset xmlns:sm='x'>": FormatURLSet, "<sitemapindex>": FormatIndex,
		"<?xml version='1.0'?><opml>": FormatXML, "<?xml version='1.0'?><html>": FormatHTML,
		"{\"version\":\"https://jsonfeed.org/version/1\"}": FormatJSONFeed, "<": FormatHTML,
	} {
		if got := sniff([]byte(body)); got != want {
			t.Errorf("%.40q is %s, want %s", body, got, want)
		}
	}
	for _, f := range []struct {
		read func(string, []byte, string, *site.Site) (Result, error)
		body string
		want KindError
	}{
		{Feed, "<html>", KindError{"feed", FormatHTML}}, {Sitemap, "<html>", KindError{"sitemap", FormatHTML}},
		{unknowing(Home), "<rss>", KindError{"page", FormatRSS}}, {unknowing(Listing), "", KindError{"page", FormatEmpty}},
	} {
		_, err := f.read("http://n.example/", []byte(f.body), "text/html", nil)
		var kind *KindError
		if !errors.As(err, &kind) || *kind != f.want || !errors.Is(err, ErrKind) {
			t.Errorf("%q: %v", f.body, err)
		}
		if _, err := f.read("not a URL", []byte(f.body), "", nil); err == nil || errors.Is(err, ErrKind) {
			t.Errorf("a bad base: %v", err)
		}
	}
}

// TestLeft: what is left out is said in words, the most frequent first.
func TestLeft(t *testing.T) {
	r := Result{Dropped: map[Reason]int{Utility: 3, OffSite: 12, Self: 3}}
	if got, want := r.Left(), "off_site 12, self 3, utility 3"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := (Result{}).Left(); got != "" {
		t.Errorf("nothing left out: %q", got)
	}
}

// TestScriptPages tells pages that a script makes from pages that have no links.
func TestScriptPages(t *testing.T) {
	for body, want := range map[string]bool{
		`<title>The News of the River and of the Towns on Both of its Banks</title><div id=root></div><script src="/main.js"></script><noscript>You need to enable JavaScript to run this app, which is made of it.</noscript>`: true,
		`<body><app-root>Loading…</app-root><script type=module src=/a.js></script><a href="#content">Skip</a>`:                                                                                                                 true,
		`<div id="__next"></div><script id="__NEXT_DATA__" type="application/json">{"props":{"title":"one two three four five six seven eight nine ten eleven twelve thirteen"}}</script>`:                                      true,
		`<h1>We will be back in five minutes</h1><p>The servers of the paper are being moved to a new house today.</p><script src="/count.js"></script>`:                                                                        false,
		`<h1>Back soon</h1>`: false,
	} {
		if r, err := Home("http://n.example/", []byte("<html>"+body), "text/html", nil, nil); err != nil || r.Script != want || len(r.Links) > 0 {
			t.Errorf("%s: script %v, %d links, %v", body, r.Script, len(r.Links), err)
		}
	}
}

func TestRefresh(t *testing.T) {
	for content, want := range map[string]string{
		"0; URL=/ar/": "http://n.example/ar/", "0;url='http://x.example/ar/'": "http://x.example/ar/", `1, url = "/ar/"`: "http://n.example/ar/",
		" 0 ; ar/ ": "http://n.example/ar/", "0.1;URL=/x=1": "http://n.example/x=1", "-1;url=/a": "http://n.example/a",
		"300": "", "300;url=/a": "", "0": "", "": "", "x;url=/a": "", "NaN;url=/a": "", "0;url=": "", "0;url=/": "", "0;url=javascript:x()": "",
	} {
		body := `<HTML><HEAD><META HTTP-EQUIV=REFRESH CONTENT="` + strings.ReplaceAll(content, `"`, "&quot;") + `"></HEAD></HTML>`
		if r, err := Home("http://n.example/", []byte(body), "text/html", nil, nil); err != nil || r.Refresh != want {
			t.Errorf("%q: %q, %v, want %q", content, r.Refresh, err, want)
		}
	}
	for script, want := range map[string]string{
		`window.location = "/ar/";`: "http://n.example/ar/", `location.href='ar/index.php'`: "http://n.example/ar/index.php", `top.location.replace( "/ar/" )`: "http://n.example/ar/",
		`if (location.href == "/ar/") go()`: "", `location.reload()`: "", `if (ar) location = "/ar/"; else location = "/en/"`: "", `location = "/"`: "", `allocation = "/ar/"`: "",
		`location = "/ar/" ` + strings.Repeat("//", maxStub): "",
	} {
		body := `<html><head><title>News</title><script>` + script + `</script></head><body></body></html>`
		if r, err := Home("http://n.example/", []byte(body), "text/html", nil, nil); err != nil || r.Refresh != want {
			t.Errorf("%.60q: %q, %v, want %q", script, r.Refresh, err, want)
		}
	}
	said := `<html><body><script>location = "/ar/"</script><p>` + strings.Repeat("What a page says is read. ", 6) + `</p></body></html>`
	if r, err := Home("http://n.example/", []byte(said), "text/html", nil, nil); err != nil || r.Refresh != "" {
		t.Errorf("a page with a text: %q, %v", r.Refresh, err)
	}
}
