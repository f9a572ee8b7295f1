package discover

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// told are the links of a test's page with what they are, as their data-as attribute says; others may be anything.
var told = regexp.MustCompile(`<a [^>]*href="([^"]*)"[^>]* data-as="([a-z]*)"`)

// TestKindsOfLinks reads pages as sites of each sort have them.
func TestKindsOfLinks(t *testing.T) {
	cards := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			ref := fmt.Sprintf(format, i)
			fmt.Fprintf(&b, `<div class="card"><a href="%s" data-as="article"><img alt=""></a><h3><a href="%s">The council of the old town repairs bridge number %d</a></h3></div>`, ref, ref, i)
		}
		return b.String()
	}
	for _, test := range []struct{ name, base, body string }{
		{"menus, events, names and calls beside dated articles", "http://n.example/", `<header><nav>
			<a href="/politics" data-as="listing">Politics</a> <a href="/comment" data-as="listing">Comment</a> <a href="/columnists" data-as="listing">Columnists</a>
			<a href="/weather" data-as="listing">Weather</a> <a href="/guides/river-walk-map-3" data-as="listing">River Walk Map 3 New</a>
			<a rel="nofollow" href="/economy" data-as="listing">Economy</a></nav></header><main>` + cards("/2026/11/24/bridge-%d", 8) + `
			<h2><a href="/world/river-region" data-as="listing">River region</a></h2>
			<a href="/comment/leila/2026/11/23/lost-its-way" data-as="article">The ministry has lost its way</a>
			<div class=list><a href="/events/river-forum-autumn-2026" data-as="">River Forum Autumn 2026</a>
			<a href="/events/river-forum-autumn-2026/tickets" data-as="">Register now</a></div>
			<a href="/tag/river-bridge-and-its-towns" data-as="">#river bridge and its towns</a>
			<a href="/staff/leila-hassan" data-as="">Leila Hassan</a> <a href="/search.php?q=bridge" data-as="">More like this</a>
			<a href="/desk/life" data-as="listing">More in this desk: Life</a>
			<a rel="sponsored" href="/buy/the-best-boots-for-river-walks-1234567" data-as="">The best boots for walks at the river</a>
			<a href="/school/of-arts-and-letters" data-as="">School of Arts and Letters of the Town</a></main>
			<footer><a href="/privacy-policy" data-as="">How we keep what you tell us</a></footer>`},
		{"numbered articles, rates and menus of numbers", "http://n.example/", `<ul>
			<li><a href="/home/0,7340,L-201,00.html" data-as="listing">Sport</a><li><a href="/home/0,7340,L-202,00.html" data-as="listing">Culture</a>
			<li><a href="/home/0,7340,L-203,00.html" data-as="listing">Health and food</a><li><a href="/home/0,7340,L-4204,00.html" data-as="listing">Cars</a></ul>
			<div class=rates><a href="/money/1-gold" data-as="">Gold 2.438,67 0,10</a> <a href="/money/88-dinar" data-as="">Dinar 32,5090 -0,09</a></div>` +
			cards("/articles/0,7340,L-57351%d,00.html", 9) + `<a href="/articles/0,7340,L-5735999,00.html" data-as="article">Two words</a>`},
		{"addresses without dates and numbers", "http://n.example/", `<nav><a href="/news" data-as="listing">News</a> <a href="/town" data-as="listing">Town</a></nav><main>` +
			cards("/news/bridge-x%d", 7) + `<h3><a href="/news/green-river" data-as="article">What the towns at the river do about floods</a></h3>
			<a href="/news/short-name" data-as="article">Why the mill stands still since spring</a></main>`},
		{"pictures alone are linked", "http://n.example/", `<main><div><a href="/town/bridge" data-as="article"><img></a><h3>The council repairs the bridge</h3></div>
			<div><a href="/town/mill" data-as="article"><img></a><h3>Why the mill stands still</h3></div><div><a href="/town/dam" data-as="article"><img></a><h3>The old dam holds</h3></div>
			<a href="/private/area" data-as="">★</a></main>`},
		{"opinion under the columnists' names", "http://n.example/", `<main>` + cards("/yazarlar/ahmet-demir/koprunun-onarimi-neden-gecikti-4051234%d", 4) + `
			<a href="/yazarlar/ahmet-demir" data-as="">Ahmet Demir</a> <a href="/news/weather/2026/11/24/flood-in-the-valley" data-as="article">Flood in the valley</a>
			<a href="/business/jobs/2026/11/24/cement-works-to-hire" data-as="article">Cement works to hire four hundred</a></main>`},
		{"dates behind the headline, whitepapers and webinars, labels and long names in menus", "http://n.example/town/why-the-old-bridge-falls/2026/11", `<nav><ul>
			<li><a href="/town" data-as="listing">Town</a></li><li><a href="/world" data-as="listing">World</a></li>
			<li><a href="/town/letters-to-the-editor-and-more" data-as="">Letters to the Editor and More</a></li></ul></nav>
			<a href="/fa/town/why-the-old-bridge-falls/2026/11" data-as="">Persian</a> <a href="/cs/town/proc-stary-most-spadl-v-zime_127290" data-as=""><img alt="Čeština"></a> <a href="/bengali" data-as="">Bengali news</a><main>` + cards("/town/the-council-repairs-bridge-x%d/2026/11", 8) + `
			<p>As <a href="/town/the-mill-stands-still-since-spring/2026/02" data-as="article">some towns</a> say</p>
			<a href="/category/i-read-a-book" data-as="listing">I Read A Book</a> <div class=kicker><a href="/what-the-town-says" data-as="">What the Town Says</a></div>
			<a href="/town/the-dam-holds-since-the-spring/2026/03?like_comment=3133" data-as="">Like</a>
			<div class=list><h4><a href="/products/whitepaper/how-the-largest-town-improved-its-schools" data-as="">How the largest town improved its schools</a></h4></div>
			<div class=list><h4><a href="/events/webinar/reading-for-older-pupils-tips-and-tools" data-as="">Reading for older pupils: tips and tools</a></h4></div></main>
			<footer><a href="http://help.n.example/hc/articles/115015385887-Contact-The-River-Post">Contact The River Post</a></footer>`},
		{"buttons of numbered entries", "http://n.example/newest", `<table><tr><td><a href="/vote?id=47296369&how=up" data-as=""><div class=arrow></div></a>
			<a href="/item?id=47296369" data-as="article">The council of the old town repairs the bridge</a></td></tr><tr><td><a href="/vote?id=47296367&how=up" data-as=""><div class=arrow></div></a>
			<a href="/item?id=47296367" data-as="article">Why the mill at the river stands still</a></td></tr></table>`},
		{"what sells, asks and counts", "http://n.example/life/river/the-dam-holds-since-the-spring", `<main>` + cards("/life/river/the-council-repairs-bridge-x%d", 8) + `
			<a href="/artist/anna-berg-and-the-mills" data-as="">Anna Berg and the Mills</a> <a href="/producers/courtesy-of-leila-hassan" data-as="">Courtesy of Leila Hassan</a>
			<a href="/river-cement-works-ltd/stocks/companyid-12934.html" data-as="">River Cement share price</a>
			<a href="/product/report-on-the-river-towns" data-as="">Report on the river towns</a>
			<div class=shelf><a href="/product/what-farmers-of-the-valley-say-2026" data-as="">Quarterly report: what farmers of the valley say of their year</a></div>
			<a href="/advert-click/65b10a52f1def" data-as=""><img></a> <p>Please <a href="/sign-up-for-the-letter" data-as="">have our letter sent to you</a></p>
			<a href="/extras/correct/?url=http://n.example/life/river/x" data-as="">Tell us what is wrong in this report</a></main>`},
		{"headlines behind soft words, and before them", "http://n.example/", `<main>` + cards("/town/the-council-repairs-the-old-bridge/story/12606215%d.html", 6) + `
			<a href="/markets/stocks/news/why-the-cement-works-gain-since-the-spring/story/126055774.html" data-as="article">Why the cement works gain since the spring</a>
			<a href="/news/apps/is-the-ferry-timetable-app-down-today-too.html" data-as="article">Is the app of the ferries down today?</a></main>
			<footer><a href="/town/why-the-ferryman-of-the-old-town-retires/story/126039787.html" data-as="article">Old ferryman</a>
			<a href="/town/how-the-bakers-of-the-river-bake-bread/story/126037065.html" data-as="article">River bakers</a>
			<a href="/town/what-the-mills-of-the-valley-grind-now/story/126006224.html" data-as="article">Valley mills</a>
			<a href="/town/who-owns-the-boats-in-the-new-harbour/story/126020580.html" data-as="article">New harbour</a></footer>`},
		{"recommendations in what is called a pager", "http://n.example/life/the-dam-holds-since-the-spring-7654321", `<main>` + cards("/life/the-council-repairs-bridge-765%d", 4) + `
			<div class=pagination><a href="/life/why-the-mill-stands-still-7654999" data-as="article">Why the mill at the river stands still</a> <a href="/life?page=2">2</a></div>
			<a rel=sponsored href="/life/what-the-town-eats-in-autumn-7654998" data-as="article">What the town eats in autumn</a></main>`},
		{"comments counted", "http://n.example/", `<main>` + cards("/story/26/11/24/bridge-%d", 6) + `<div>` + strings.Repeat(" ", 1) +
			`<a href="/forum/discussion/242134" data-as="">14</a> <a href="/forum/discussion/242135" data-as="">3</a></div>
			<div><p><a href="/story/26/11/24/without-headline">Read more</a></p></div></main>`},
	} {
		r, err := Home(test.base, []byte("<html><body>"+test.body+"</body></html>"), "text/html", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		is := map[string]string{}
		for _, l := range r.Links {
			is[l.URL] = string(l.Kind)
			if l.Kind != KindFeed && l.Why() == "" {
				t.Errorf("%s: %s has no reason", test.name, l.URL)
			}
		}
		for _, o := range r.Others {
			if is[o.URL] != "" {
				t.Errorf("%s: %s was taken and left out", test.name, o.URL)
			}
		}
		for _, m := range told.FindAllStringSubmatch(test.body, -1) {
			ref, err := weburl.Canonical("http://n.example" + m[1])
			if err != nil {
				t.Fatal(err)
			}
			if is[ref] != m[2] {
				t.Errorf("%s: %s is %q, want %q", test.name, ref, is[ref], m[2])
			}
			if m[2] == "" && !slices.ContainsFunc(r.Others, func(o Other) bool { return o.URL == ref && o.Why.String() != "" }) {
				t.Errorf("%s: %s is not said to be left out", test.name, ref)
			}
		}
	}
}

// TestLandingHosts: pages to sign up at have hosts of their own on many sites, and links to them that are as long as headlines.
func TestLandingHosts(t *testing.T) {
	body := `<main><h3><a href="http://www.river.example/town/the-council-repairs-the-bridge">The council repairs the bridge</a></h3>
		<h3><a href="http://register.river.example/river-forum-2026-outlook">The river forum and what is to come of it</a></h3>
		<a href="http://link4.river.example/hTjhs">Boats for all weathers, now with a better motor</a>
		<p><a href="http://www.rivertimes.example/support-the-river-times">please consider what you can give</a></p></main>`
	s := &site.Site{ID: "river", Hosts: []string{"river.example", "rivertimes.example"}}
	r, err := Home("http://www.river.example/", []byte(body), "text/html", s, nil)
	if got := urls(r.Of(KindArticle)); err != nil || got != "http://www.river.example/town/the-council-repairs-the-bridge" {
		t.Errorf("%s, %v", got, err)
	}
}

// TestLargeStyles: what a page's scripts and styles take does not hide its links.
func TestLargeStyles(t *testing.T) {
	body := "<style>" + strings.Repeat("p{color:red}", 200_000) + `</style><h2><a href="/2026/11/24/dam">The old dam above the town holds</a></h2>`
	if r, err := Home("http://n.example/", []byte(body), "text/html", nil, nil); err != nil || urls(r.Links) != "http://n.example/2026/11/24/dam" {
		t.Errorf("%s, %v", urls(r.Links), err)
	}
}

// TestMegaMenu: a menu of hundreds of towns leaves room for the sections beside it.
func TestMegaMenu(t *testing.T) {
	var b strings.Builder
	b.WriteString(`<nav class="mega-menu"><div class="towns"><ul>`)
	for i := range 4 * MaxSections {
		fmt.Fprintf(&b, `<li><a href="/towns/t%d">Town %d</a></li>`, i, i)
	}
	b.WriteString(`</ul></div></nav><header><nav><p class="main">`)
	for i := range 20 {
		fmt.Fprintf(&b, `<a href="/section%d">Section %d</a>`, i, i)
	}
	r, err := Home("http://n.example/", []byte(b.String()), "text/html", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	sections := urls(r.Of(KindListing))
	if n := len(r.Of(KindListing)); n != MaxSections || r.Dropped[TooMany] != 3*MaxSections+20 {
		t.Errorf("%d sections, dropped %v", n, r.Dropped)
	}
	for i := range 20 {
		if !strings.Contains(sections+" ", fmt.Sprintf("/section%d ", i)) {
			t.Errorf("section %d is lost", i)
		}
	}
}

// TestFurtherPages finds the page that follows, of each kind of numbering, from the first page and from the second.
func TestFurtherPages(t *testing.T) {
	for _, test := range []struct{ name, base, html, want string }{
		{"offsets", "/list", `<div class=pagination><a href="/list?start=6">2</a><a href="/list?start=12">3</a></div>`, "/list?start=6"},
		{"offsets, second", "/list?start=6", `<div class=pagination><a href="/list">1</a><a href="/list?start=12">3</a><a href="/list?start=18">4</a></div>`, "/list?start=12"},
		{"counted from 0", "/list", `<ul class=pager><li><a href="?page=1" title="Go to page 2">2</a><li><a href="?page=2">3</a><li class=pager__item--next><a href="?page=1" rel=next>Next</a></ul>`, "/list?page=1"},
		{"counted from 0, no words", "/list", `<ul class=pager><li><a href="?page=0">1</a><li><a href="?page=1">2</a><li><a href="?page=2">3</a></ul>`, "/list?page=1"},
		{"counted from 0, second", "/list?page=1", `<ul class=pager><li><a href="?page=0">1</a><li><a href="?page=2">3</a><li><a href="?page=3">4</a></ul>`, "/list?page=2"},
		{"counted from 1", "/list", `<ul class=pager><li><a href="?page=1">1</a><li><a href="?page=2">2</a><li><a href="?page=3">3</a></ul>`, "/list?page=2"},
		{"offset in the path", "/list/12", `<div class=pagination><a href="/list/18" rel=next>&gt;</a></div>`, "/list/18"},
		{"file names", "/list/index.html", `<div class=pages><a href="/list/index_2.html">2</a><a href="/list/index_3.html">3</a></div>`, "/list/index_2.html"},
		{"file names, second", "/list/index_2.html", `<div class=pages><a href="/list/index.html">1</a><a href="/list/index_3.html">3</a></div>`, "/list/index_3.html"},
		{"cursor", "/list", `<a class="btn load-more" href="/list?before=1763200">Load more</a>`, "/list?before=1763200"},
		{"cursor, second", "/list?before=1763200", `<a class="load-more" href="/list?before=1762100">تحميل المزيد</a>`, "/list?before=1762100"},
		{"a script's address", "/list", `<button class="load-more" data-url="/list?offset=10">More</button>`, "/list?offset=10"},
		{"a script's address on a link", "/list", `<a href="#" class="load-more" data-url="/list?offset=10">More</a>`, "/list?offset=10"},
		{"a blog's older posts", "/", `<div class="blog-pager"><a class="blog-pager-older-link" href="/search?updated-max=2026-11-20T10:00:00&max-results=7">Older Posts</a></div>`, "/search?updated-max=2026-11-20T10:00:00&max-results=7"},
		{"older posts of the home page", "/", `<div class="nav-previous"><a href="/page/2/">Older posts</a></div>`, "/page/2/"},
		{"older, in Persian", "/list", `<p><a href="/list?p=2">قدیمی تر</a></p>`, "/list?p=2"},
		{"older, in Turkish", "/liste", `<p><a href="/liste/sayfa/2">Eski yazılar</a></p>`, "/liste/sayfa/2"},
		{"older, in Sorani", "/list", `<p><a href="/list?page=2">کۆنتر</a></p>`, "/list?page=2"},
		{"months", "/blog/", `<aside><a href="/blog/2026/09/">September</a><a href="/blog/2026/11/">November</a><a href="/blog/2026/10/">October</a></aside>`, "/blog/2026/11/"},
		{"months, second", "/blog/2026/11/", `<aside><a href="/blog/2026/09/">September</a><a href="/blog/2026/11/">November</a><a href="/blog/2026/10/">October</a></aside>`, "/blog/2026/10/"},
		{"another section's months", "/sport/", `<aside><a href="/2026/11/">November</a><a href="/2026/10/">October</a></aside>`, ""},
		{"a slider's next", "/list", `<a class="swiper-button-next" href="/list?slide=2"></a>`, ""},
		{"other parts of the query", "/list?t=news", `<a href="/list?t=sport">3</a><a href="/list?t=news&sort=2">2</a>`, "/list?t=news&sort=2"},
		{"other sections with numbers", "/list?cat=5", `<a href="/list?cat=6">Sport</a><a href="/list?cat=7">Life</a>`, ""},
	} {
		base, err := url.Parse("http://n.example" + test.base)
		if err != nil {
			t.Fatal(err)
		}
		html := "<html><body>" + test.html + `<h2><a href="/2026/10/24/x">A headline that is five words</a></h2>`
		r, err := Listing(base.String(), []byte(html), "text/html; charset=utf-8", nil, nil)
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
	}
}

// TestQueriesKeepTheEncoding: a server reads its queries in the encoding that its pages are in.
func TestQueriesKeepTheEncoding(t *testing.T) {
	link := "<nav><a href='/list.asp?cat=\xd3\xed\xc7\xd3\xc9&n=1'>\xd3\xed\xc7\xd3\xc9</a><a href='/%d3?q=%d3'>x</a><a href='/\xd3\xed?q=\xd3'>x</a></nav>"
	for contentType, want := range map[string]string{
		"text/html; charset=windows-1256": "http://n.example/list.asp?cat=%D3%ED%C7%D3%C9&n=1",
		"text/html; charset=iso-8859-9":   "http://n.example/list.asp?cat=%D3%ED%C7%D3%C9&n=1",
	} {
		r, err := Home("http://n.example/", []byte(link), contentType, nil, nil)
		if err != nil || !slices.ContainsFunc(r.Of(KindListing), func(l Link) bool { return l.URL == want }) {
			t.Errorf("%s: %s, %v", contentType, urls(r.Links), err)
		}
	}
	r, err := Home("http://n.example/", []byte("<nav><a href='/list.asp?cat=سياسة'>سياسة</a></nav>"), "text/html; charset=windows-1256", nil, nil)
	if want := "http://n.example/list.asp?cat=%D8%B3%D9%8A%D8%A7%D8%B3%D8%A9"; err != nil || urls(r.Links) != want {
		t.Errorf("UTF-8 that is said to be windows-1256: %s, %v", urls(r.Links), err)
	}
}

// TestWords holds words.yaml to its own rules, and has what is wrong with such a file be said with its place.
func TestWords(t *testing.T) {
	if _, err := readWords("words.yaml", wordsYAML); err != nil {
		t.Error(err)
	}
	_, err := readWords("w.yaml", []byte("words:\n  - {in: address, means: joy, language: en, words: [a]}\n  - {in: text, means: next, language: en, words: [Next]}\n"))
	for _, want := range []string{"w.yaml:2", `"joy" says nothing in "address"`, "w.yaml:3", "must be there, in lower case"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}

// TestChannel finds out which site a feed is of.
func TestChannel(t *testing.T) {
	for body, want := range map[string]string{
		`<?xml version="1.0"?><rss><channel><title>a</title><link>http://n.example/x</link><item><link>http://n.example/1</link>`:      "http://n.example/x",
		`<feed xmlns="http://www.w3.org/2005/Atom"><link rel="self" href="http://f.example/"/><link href="http://n.example/"/><entry>`: "http://n.example/",
		`<rss><channel><title>a</title><atom:link href="http://f.example/"/><link/>x<link> http://n.example/ </link>`:                  "http://n.example/",
		`<rss><channel><title>a</title><item><link>http://n.example/1</link>`:                                                          "", "": "", "<link>": "", "{}": "",
	} {
		if got := Channel([]byte(body), ""); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

// TestFeedsAreTold tells feeds by what links to them are called, and by their addresses; and lists of feeds.
func TestFeedsAreTold(t *testing.T) {
	const base = "https://n.example/town"
	feeds := func(read func() (Result, error)) (got []string) {
		r, err := read()
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range r.Links {
			if l.Kind == KindFeed {
				got = append(got, strings.TrimPrefix(l.URL, "https://n.example"))
			}
		}
		slices.Sort(got)
		return got
	}
	page := []byte(`<html><head><link rel="feed" href="/a"><link rel="alternate" type="application/json" href="/feed.json"><link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">
		<link rel="alternate" hreflang="ar" href="/ar"></head><body><nav><a href="/rss/all">All</a></nav><main><a href="/syndicate/1" title="RSS"><i></i></a> <a href="/2">خدمة RSS</a>
		<a href="/rss.ashx?c=3">Town</a> <a href="/rss-is-dead-they-say-and-live-by-it">RSS is dead, they say</a> <a href="/maps/town.xml">Town</a> <a href="/town">RSS</a></main></body></html>`)
	got := feeds(func() (Result, error) { return Home(base, page, "", nil, nil) })
	if want := []string{"/2", "/a", "/feed.json", "/rss.ashx?c=3", "/rss/all", "/syndicate/1"}; !slices.Equal(got, want) {
		t.Errorf("of a home page: %q, want %q", got, want)
	}
	got = feeds(func() (Result, error) { return Feeds(base, page, "", nil) })
	if want := []string{"/2", "/maps/town.xml", "/rss.ashx?c=3", "/syndicate/1"}; !slices.Equal(got, want) {
		t.Errorf("of a list of feeds: %q, want %q", got, want)
	}
	if _, err := Feeds(base, []byte(`<rss><channel></channel></rss>`), "", nil); err == nil {
		t.Error("a feed is no list of feeds")
	}
}
