package discover

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

const (
	storyURL = "http://n.example/2026/11/26/a-story-of-the-town"
	otherURL = "http://n.example/2026/11/26/another-story-of-the-town"
	thirdURL = "http://n.example/2026/11/26/a-third-story-of-the-town"
)

func zipped(body string, times int) string {
	for range times {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(body))
		_ = z.Close()
		body = b.String()
	}
	return body
}

func wide(t *testing.T, body string, e unicode.Endianness, mark unicode.BOMPolicy) string {
	t.Helper()
	s, err := unicode.UTF16(e, mark).NewEncoder().String(body)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func urlset(locs ...string) string {
	return `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>` + strings.Join(locs, "</loc></url><url><loc>") + "</loc></url></urlset>"
}

// TestSitemapShapes: whatever a sitemap is wrapped in, its page is found.
func TestSitemapShapes(t *testing.T) {
	one := urlset(storyURL)
	for name, c := range map[string]struct {
		body string
		flaw string // "": well-formed
	}{
		"plain":                          {one, ""},
		"gzipped":                        {zipped(one, 1), ""},
		"gzipped three times":            {zipped(one, 3), ""},
		"gzipped, with padding":          {zipped(one, 1) + strings.Repeat("\x00", 512), ""},
		"two marks and a blank line":     {"\ufeff\ufeff\n" + one, ""},
		"UTF-16 with a mark":             {wide(t, `<?xml version="1.0" encoding="utf-16"?>`+one, unicode.BigEndian, unicode.UseBOM), ""},
		"UTF-16 without a mark":          {wide(t, one, unicode.LittleEndian, unicode.IgnoreBOM), ""},
		"UTF-16, big, without a mark":    {wide(t, one, unicode.BigEndian, unicode.IgnoreBOM), ""},
		"UTF-8 that says UTF-16":         {`<?xml version="1.0" encoding="UTF-16"?>` + one, ""},
		"blanks before the declaration":  {"\n\n <?xml version='1.0'?>" + one, ""},
		"a warning before it":            {"<br />\n<b>Warning</b>:  Undefined $x in <b>/map.php</b> on line <b>3</b><br />\n<?xml version='1.0'?>" + one, "something before"},
		"a warning without markup":       {"PHP Notice: Undefined $x in /map.php on line 3\n" + one, "something before"},
		"in a page":                      {"<!doctype html><html><head><title>x</title></head><body>" + one + "</body></html>", "something before"},
		"a prefix":                       {`<ns0:urlset xmlns:ns0="http://www.sitemaps.org/schemas/sitemap/0.9"><ns0:url><ns0:loc>` + storyURL + `</ns0:loc></ns0:url></ns0:urlset>`, ""},
		"a prefix of another name":       {`<m:urlset xmlns:m="http://maps.example/"><m:url><m:loc>` + storyURL + `</m:loc></m:url></m:urlset>`, ""},
		"a prefix that nothing declares": {`<m:urlset><m:url><m:loc>` + storyURL + `</m:loc></m:url></m:urlset>`, ""},
		"a vocabulary in each entry":     {`<urlset><url xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><loc xmlns="">` + storyURL + `</loc></url></urlset>`, ""},
		"upper case":                     {`<URLSET><URL><LOC>` + storyURL + `</LOC></URL></URLSET>`, ""},
		"CDATA":                          {urlset("<![CDATA[\n " + storyURL + " ]]>"), ""},
		"CDATA in CDATA":                 {urlset("<![CDATA[<![CDATA[" + storyURL + "]]>]]>"), "CDATA"},
		"CDATA without an end":           {urlset("<![CDATA["+storyURL, otherURL), "CDATA"},
		"broken into lines":              {urlset("\n\t" + storyURL[:30] + "\n\t" + storyURL[30:] + "\n"), ""},
		"escaped twice":                  {urlset(storyURL + "?a=1&amp;amp;b=2"), ""},
		"not escaped":                    {urlset(storyURL + "?a=1&b=2"), ""},
		"not escaped, like a reference":  {urlset(storyURL + "?a=1&section=2&copy=3"), ""},
		"relative":                       {urlset("/2026/11/26/a-story-of-the-town"), ""},
		"without a scheme":               {urlset("//n.example/2026/11/26/a-story-of-the-town"), ""},
		"the home page before it":        {urlset("http://n.example/" + storyURL), ""},
		"the host before it":             {urlset("https://n.example" + storyURL), ""},
		"marks that nobody sees":         {urlset("\u200f" + storyURL + "\u200e\u200b"), ""},
		"two addresses":                  {urlset(storyURL + "\n" + otherURL), ""},
		"an end forgotten":               {`<urlset><url><loc>` + storyURL + `<lastmod>2026-11-26</lastmod></url></urlset>`, "without an end"},
		"an entry's end forgotten":       {`<urlset><url><loc>` + storyURL + `</loc><url><loc>` + otherURL + `</loc></url></urlset>`, "without an end"},
		"a picture's address":            {`<urlset xmlns:i="http://www.google.com/schemas/sitemap-image/1.1"><url><loc>` + storyURL + `</loc><i:image><i:loc>http://n.example/2026/11/26/p</i:loc></i:image></url></urlset>`, ""},
		"a picture of no prefix":         {`<urlset><url><loc>` + storyURL + `</loc><image xmlns="http://www.google.com/schemas/sitemap-image/1.1"><loc>http://n.example/2026/11/26/p</loc></image></url></urlset>`, ""},
		"other languages":                {`<urlset><url><loc>` + storyURL + `</loc><xhtml:link rel="alternate" hreflang="en" href="http://n.example/en/2026/11/26/a"/></url></urlset>`, ""},
		"entities declared":              {`<!DOCTYPE urlset [<!ENTITY a "b>"> <!ENTITY c SYSTEM "file:///etc/passwd">]>` + one, ""},
		"a comment":                      {`<!-- <url><loc>http://n.example/2026/11/26/no</loc></url> -->` + one, ""},
		"a comment without an end":       {`<urlset><!-- made by hand <url><loc>` + storyURL + `</loc></url></urlset>`, "comment"},
		"a list":                         {storyURL + "\r\n" + otherURL, ""},
		"a list with a heading":          {"\ufeff# sitemap\n\nhttp://n.example/2026/11/26/a-story-of-the-town 2026-11-26\nthat is all\n", ""},
		"a feed":                         {`<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="` + storyURL + `"/></entry></feed>`, ""},
		"bytes that are none":            {`<urlset><url><loc>` + storyURL + `</loc><news:title>` + "\xc3\x28" + `</news:title></url></urlset>`, "no text"},
		"a byte of another encoding":     {`<?xml version="1.0" encoding="windows-1256"?><urlset><url><loc>` + storyURL + `</loc><news:title>` + "\xc7\xe1" + `</news:title></url></urlset>`, ""},
		"a quote without an end":         {`<urlset><url id="x><loc>` + storyURL + `</loc></url></urlset>`, "tag without an end"},
		"nothing but what is called one": {`<urlset><url><loc>` + storyURL + `</loc></url></urlset><!-- cached -->`, ""},
	} {
		r, err := Sitemap("http://n.example/map.xml", []byte(c.body), "text/xml", nil)
		if err != nil || len(r.Links) == 0 || !strings.HasPrefix(r.Links[0].URL, storyURL) || r.Broken {
			t.Errorf("%s: %v, broken %v, dropped %v, %v", name, urls(r.Links), r.Broken, r.Dropped, err)
		}
		if (r.Flaw != "") != (c.flaw != "") || !strings.Contains(r.Flaw, c.flaw) {
			t.Errorf("%s: the flaw is %q, want %q", name, r.Flaw, c.flaw)
		}
		for _, l := range r.Links {
			if strings.Contains(l.URL, "/p") || strings.Contains(l.URL, "/no") || strings.Contains(l.URL, "/en/") {
				t.Errorf("%s: %s is none of its pages", name, l.URL)
			}
		}
		if rest := strings.TrimPrefix(urls(r.Links), storyURL); strings.HasPrefix(rest, "?") && !slices.Contains([]string{"?a=1&b=2", "?a=1&section=2&copy=3", "?a=1&copy=3&section=2"}, rest) {
			t.Errorf("%s: %s", name, rest)
		}
	}
}

// badTitles are what one title spoils a document with.
var badTitles = []string{
	"Before \x0b after", "Before &#29; after", "Prices < last year", "A &hellip; b &foo; c & d", "Sun &#55356;&#57118; up", "Half &#55356; a sun",
	"Nonchar \uffff here", "A <b>bold</b> word", "He said </b> so", "x <a href=y&z>q</a>", "Before \x00 after", "A <?php echo 1 ?> b", "A <?php echo $a->b; b",
	"<![CDATA[never ended", "<!-- never ended", "a > b", "1<2", "<", "<>", "</>", "<a b=\"never ended", "<a b='<c d=\"'>", "</url></urlset>", "</item></channel></rss>",
	"<img src=x>", "<br>", "\xff\xfe", "&#x110000;", "&#xfffffffff;", "&;", "&#;", "]]>", "<!doctype x [", "<url", "<item", "<title>", "&amp", "<loc>", "<link>",
	strings.Repeat("<i>", 300),
}

// TestOneBadEntry: what is wrong in one entry loses neither it nor those before and after it, and is told.
func TestOneBadEntry(t *testing.T) {
	for _, bad := range badTitles {
		sitemap, feed := badEntry(bad)
		for what, r := range map[string]Result{"sitemap": must(Sitemap("http://n.example/map.xml", []byte(sitemap), "text/xml", nil)), "feed": must(Feed("http://n.example/feed", []byte(feed), "text/xml", nil))} {
			if got := urls(r.Links); got != storyURL+" "+otherURL+" "+thirdURL && !(strings.Contains(bad, "<lo") && what == "sitemap") {
				t.Errorf("%s, %.40q: %s, dropped %v", what, bad, got, r.Dropped)
			}
			if r.Broken && !strings.Contains(bad, "</") {
				t.Errorf("%s, %.40q: broken", what, bad)
			}
			harmless := slices.Contains([]string{"A &hellip; b &foo; c & d", "Sun &#55356;&#57118; up", "Nonchar \uffff here", "A <b>bold</b> word", "x <a href=y&z>q</a>",
				"A <?php echo 1 ?> b", "A <?php echo $a->b; b", "a > b", "&#x110000;", "&#xfffffffff;", "&;", "&#;", "]]>", "&amp"}, bad)
			if (r.Flaw != "") == harmless {
				t.Errorf("%s, %.40q: the flaw is %q, in %d of %d entries", what, bad, r.Flaw, r.Bad, r.Entries)
			}
		}
	}
	sitemap, _ := badEntry("Sun &#55356;&#57118; up &hellip; &amp; &unknown; & <b>on</b>")
	if got := must(Sitemap("http://n.example/map.xml", []byte(sitemap), "text/xml", nil)).Links[1].Title; got != "Sun 🌞 up … & &unknown; & on" {
		t.Errorf("the title is read as %q", got)
	}
}

func must(r Result, err error) Result {
	if err != nil {
		panic(err)
	}
	return r
}

// badEntry is a sitemap and a feed of three entries, the second of which has a bad title.
func badEntry(title string) (sitemap, feed string) {
	var s, f strings.Builder
	s.WriteString(`<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">`)
	f.WriteString(`<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>n</title><link>http://n.example/</link>`)
	for i, u := range []string{storyURL, otherURL, thirdURL} {
		t := "A story of the town"
		if i == 1 {
			t = title
		}
		fmt.Fprintf(&s, "<url><loc>%s</loc><news:news><news:publication><news:name>n</news:name><news:language>en</news:language></news:publication><news:title>%s</news:title></news:news></url>\n", u, t)
		fmt.Fprintf(&f, "<item><link>%s</link><title>%s</title><description>x</description></item>\n", u, t)
	}
	return s.String() + "</urlset>", f.String() + "</channel></rss>"
}

// FuzzBadEntry: whatever a title is, the entries before and after it are found.
func FuzzBadEntry(f *testing.F) {
	for _, bad := range badTitles {
		f.Add(bad)
	}
	f.Fuzz(func(t *testing.T, bad string) {
		sitemap, feed := badEntry(bad)
		for what, r := range map[string]Result{"sitemap": must(Sitemap("http://n.example/map.xml", []byte(sitemap), "text/xml; charset=utf-8", nil)), "feed": must(Feed("http://n.example/feed", []byte(feed), "text/xml; charset=utf-8", nil))} {
			got := urls(r.Links)
			if !strings.Contains(got, storyURL) || !strings.Contains(got, thirdURL) {
				t.Errorf("%s: %s, dropped %v", what, got, r.Dropped)
			}
		}
	})
}

// TestNews: what a news sitemap says of a page.
func TestNews(t *testing.T) {
	body := `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9" xmlns:video="http://www.google.com/schemas/sitemap-video/1.1">
<url><loc>` + storyURL + `</loc><n:news><n:publication><n:name>The Town</n:name><n:language>ar</n:language></n:publication><n:access>Subscription</n:access>
<n:publication_date>2026-11-26T08:00+03:00</n:publication_date><n:title>العنوان &quot;هنا&quot;</n:title><n:keywords>نفط، غاز, oil ; oil,, </n:keywords></n:news>
<video:video><video:title>no</video:title><video:publication_date>2001-01-01</video:publication_date></video:video></url></urlset>`
	r := must(Sitemap("http://n.example/news.xml", []byte(body), "text/xml", nil))
	if len(r.Links) != 1 || r.Flaw != "" {
		t.Fatalf("%+v", r)
	}
	l := r.Links[0]
	if l.Title != `العنوان "هنا"` || l.Language != "ar" || l.Access != "Subscription" || !slices.Equal(l.Keywords, []string{"نفط", "غاز", "oil"}) ||
		l.Published == nil || !l.Published.Equal(time.Date(2026, 11, 26, 5, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", l)
	}
}

// TestIndexShapes: an index is one whatever its entries are called.
func TestIndexShapes(t *testing.T) {
	for name, body := range map[string]string{
		"an index":                     `<sitemapindex><sitemap><loc>http://n.example/news-1.xml</loc><lastmod>2026-11</lastmod></sitemap><sitemap><loc>http://n.example/post-2.xml.gz</loc><lastmod>2026-10-01</lastmod></sitemap></sitemapindex>`,
		"sitemaps in a set of pages":   `<urlset><sitemap><loc>http://n.example/news-1.xml</loc><lastmod>2026-11-01</lastmod></sitemap><sitemap><loc>http://n.example/post-2.xml.gz</loc></sitemap></urlset>`,
		"sitemaps called pages":        `<sitemapindex><url><loc>http://n.example/news-1.xml</loc></url><url><loc>http://n.example/post-2.xml.gz</loc></url></sitemapindex>`,
		"cut off behind what it holds": `<sitemapindex><sitemap><loc>http://n.example/news-1.xml</loc></sitemap><sitemap><loc>http://n.example/post-2.xml.gz</loc></sitemap><sitemap><loc>http://n.example/new`,
	} {
		r := must(Sitemap("http://n.example/s.xml", []byte(body), "text/xml", nil))
		if got := urls(r.Of(KindSitemap)); got != "http://n.example/news-1.xml http://n.example/post-2.xml.gz" || r.Broken != strings.HasPrefix(name, "cut") {
			t.Errorf("%s: %s, broken %v", name, got, r.Broken)
		}
	}
	mixed := `<urlset><url><loc>` + storyURL + `</loc></url><url><loc>http://n.example/sitemap-2026.xml</loc></url></urlset>`
	if r := must(Sitemap("http://n.example/s.xml", []byte(mixed), "", nil)); len(r.Of(KindSitemap)) != 1 || len(r.Of(KindArticle)) != 1 {
		t.Errorf("mixed: %+v", r.Links)
	}
}

// TestFeedShapes: wherever a feed has the address of an article, it is found.
func TestFeedShapes(t *testing.T) {
	atom := func(entry string) string {
		return `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"><title>n</title><link href="http://n.example/"/>` + entry + `</feed>`
	}
	rss := func(item string) string {
		return `<rss version="2.0" xmlns:a10="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>n</title><link>http://n.example/</link><image><link>http://n.example/logo</link></image>` + item + `</channel></rss>`
	}
	arabic, err := charmap.Windows1256.NewEncoder().String(`<?xml version="1.0" encoding="windows-1256"?>` + rss("<item><title>رئيس المجلس</title><link>"+storyURL+"</link></item>"))
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"RSS 0.91":                        `<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><item><title>x</title><link>` + storyURL + `</link></item></channel></rss>`,
		"RSS 0.90":                        `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel><link>http://n.example/</link></channel><item><link>` + storyURL + `</link></item></rdf:RDF>`,
		"RSS 1.0 by its name":             `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:r="http://purl.org/rss/1.0/"><r:item rdf:about="` + storyURL + `"><r:title>x</r:title></r:item></rdf:RDF>`,
		"a channel alone":                 `<?xml version="1.0"?><channel><item><link>` + storyURL + `</link></item></channel>`,
		"upper case":                      `<RSS><CHANNEL><ITEM><TITLE>x</TITLE><LINK>` + storyURL + `</LINK></ITEM></CHANNEL></RSS>`,
		"windows-1256":                    arabic,
		"in UTF-16":                       wide(t, rss("<item><link>"+storyURL+"</link></item>"), unicode.LittleEndian, unicode.UseBOM),
		"relative to the channel":         strings.Replace(rss("<item><link>26/a-story-of-the-town</link></item>"), "http://n.example/<", "http://n.example/2026/11/<", 1),
		"no scheme":                       rss("<item><link>//n.example/2026/11/26/a-story-of-the-town</link></item>"),
		"no scheme and no slashes":        rss("<item><link>www.n.example/2026/11/26/a-story-of-the-town</link></item>"),
		"link without an end":             rss("<item><title>x<link>" + storyURL + "<guid>7</guid></item>"),
		"link as in HTML":                 rss("<item><title>x</title><link/>" + storyURL + "\n<guid>7</guid></item>"),
		"link of Atom in RSS":             rss(`<item><a10:link href="` + storyURL + `"/></item>`),
		"own data first":                  rss(`<item><a10:link rel="self" href="http://n.example/api/7"/><link>` + storyURL + `</link></item>`),
		"home page first":                 rss(`<item><link>http://n.example/</link><guid isPermaLink="true">` + storyURL + `</guid></item>`),
		"home page first, guid a path":    rss(`<item><link>http://www.n.example</link><guid isPermaLink="true">/2026/11/26/a-story-of-the-town</guid></item>`),
		"the feed's page first":           strings.Replace(rss(`<item><link>http://n.example/politics</link><guid>`+storyURL+`</guid></item>`), "http://n.example/<", "http://n.example/politics<", 1),
		"guid of Drupal":                  rss(`<item><guid isPermaLink="false">7 at http://n.example</guid><link>` + storyURL + `</link></item>`),
		"a redirector with the original":  rss(`<item><link>http://feedproxy.google.com/~r/x/7</link><feedburner:origLink>` + storyURL + `</feedburner:origLink></item>`),
		"a redirector's query":            rss(`<item><link>https://www.google.com/url?rct=j&amp;sa=t&amp;url=http%3A%2F%2Fn.example%2F2026%2F11%2F26%2Fa-story-of-the-town&amp;ct=ga</link></item>`),
		"a picture's link":                rss(`<item><media:content url="http://n.example/p.jpg"><media:link>http://n.example/2026/11/26/no</media:link></media:content><link>` + storyURL + `</link></item>`),
		"the source's link":               rss(`<item><source url="http://n.example/f"><link>http://n.example/2026/11/26/no</link></source><link>` + storyURL + `</link></item>`),
		"HTML that is not escaped":        rss(`<item><description><p>One<br>two <a href="http://n.example/2026/11/26/no">three</a></description><link>` + storyURL + `</link></item>`),
		"HTML that is not escaped before": rss(`<item><description><p>One<br>two<link>` + storyURL + `</link></item>`),
		"Atom 0.3":                        `<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><link rel="alternate" type="text/html" href="` + storyURL + `"/><issued>2026-11-26T08:00:00Z</issued></entry></feed>`,
		"Atom with a prefix":              `<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:link href="` + storyURL + `"/></a:entry></a:feed>`,
		"Atom, threaded":                  atom(`<entry><link rel="replies" type="text/html" href="` + storyURL + `#comments" thr:count="2"/><thr:in-reply-to href="http://n.example/2026/11/26/no"/><link href="` + storyURL + `"/></entry>`),
		"Atom, several links":             atom(`<entry><link rel="edit" href="http://n.example/e/7"/><link rel="enclosure" href="http://n.example/p.jpg"/><link rel="related" href="http://n.example/2026/11/26/no"/><link rel="alternate" type="application/json" href="http://n.example/j/7"/><link rel="alternate" type="text/html" href="` + storyURL + `"/></entry>`),
		"Atom, links not ended":           atom(`<entry><link rel="self" href="http://n.example/e/7"><link rel="alternate" href="` + storyURL + `"><id>x</id></entry>`),
		"Atom, by its id":                 atom(`<entry><title>x</title><id>` + storyURL + `</id></entry>`),
		"Atom, based":                     atom(`<entry xml:base="http://n.example/2026/11/"><link xml:base="26/" href="a-story-of-the-town"/></entry>`),
		"Atom, based where it was made":   atom(`<entry xml:base="http://localhost:8080/"><link href="/2026/11/26/a-story-of-the-town"/></entry>`),
		"Atom, another's page":            atom(`<entry><source><link href="http://n.example/2026/11/26/no"/></source><link href="` + storyURL + `"/></entry>`),
		"Atom, content that is a page":    atom(`<entry><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><div><link href="http://n.example/2026/11/26/no"/></div></div></content><link href="` + storyURL + `"/></entry>`),
		"JSON":                            `{"version":"https:\/\/jsonfeed.org\/version\/1.1","items":[{"id":7,"url":"` + storyURL + `","title":{"no":1},"tags":"none"}]}`,
		"JSON, version last":              `{"items":[{"id":"7","external_url":"http://a.example/1","url":"` + storyURL + `"}],"title":"` + strings.Repeat("x", 20_000) + `","version":"https://jsonfeed.org/version/1"}`,
		"JSON with a line in a string":    "{\"version\":\"https://jsonfeed.org/version/1\",\"items\":[{\"id\":\"7\",\"title\":\"a\nb\",\"url\":\"" + storyURL + "\"}]}",
		"JSON, an item that is none":      `{"version":"https://jsonfeed.org/version/1","items":[{"url":x},{"url":"` + storyURL + `"}]}`,
		"JSON, by its id":                 `{"version":"https://jsonfeed.org/version/1","home_page_url":"http://n.example/politics","items":[{"url":"http://n.example/politics","id":"` + storyURL + `"}]}`,
		"JSON, escaped":                   `{"version":"https://jsonfeed.org/version/1","items":[{"url":"http:\/\/n.example\/2026\/11\/26\/a-story-of-the-town"}]}`,
	} {
		r, err := Feed("http://n.example/feeds/all", []byte(body), "text/html", nil)
		if err != nil || strings.Replace(urls(r.Links), "www.", "", 1) != storyURL || r.Broken {
			t.Errorf("%s: %s, broken %v, dropped %v, %v", name, urls(r.Links), r.Broken, r.Dropped, err)
		}
	}
}

// TestFeedDates: dates in what forms they come, and under what names.
func TestFeedDates(t *testing.T) {
	want := time.Date(2026, 10, 24, 7, 0, 0, 0, time.UTC)
	for _, said := range []string{
		"<pubDate>Sat, 24 Oct 2026 10:00:00 +0300</pubDate>", "<pubDate>24 Oct 26 07:00 GMT</pubDate>", "<pubDate>2026-10-24 07:00:00</pubDate>", "<PubDate>Sat, 24 Oct 2026 10:00:00 AST</PubDate>",
		"<pubDate><![CDATA[ السبت, 24 أكتوبر 2026 10:00:00 +0300 ]]></pubDate>", "<dc:date>2026-10-24T10:00:00+03:00</dc:date>", "<published>2026-10-24T07:00Z</published>",
		"<pubDate>1792825200</pubDate>", "<pubDate>Sat Oct 24 07:00:00 UTC 2026</pubDate>", "<x:issued xmlns:x='http://purl.org/dc/terms/'>2026-10-24T07:00:00.000Z</x:issued>",
		"<pubDate>2026-10-24T10:00:00 03:00</pubDate>", "<pubDate></pubDate><dc:date>2026-10-24T07:00:00Z</dc:date>",
	} {
		r := must(Feed("http://n.example/feed", []byte("<rss><channel><item><link>"+storyURL+"</link>"+said+"</item></channel></rss>"), "", nil))
		if len(r.Links) != 1 || r.Links[0].Published == nil || !r.Links[0].Published.Equal(want) {
			t.Errorf("%s: %+v", said, r.Links)
		}
	}
	for _, none := range []string{"0000-00-00 00:00:00", "Thu, 01 Jan 1970 00:00:00 +0000", "soon", "-0001-11-30T00:00:00+00:00"} {
		r := must(Feed("http://n.example/feed", []byte("<rss><channel><item><link>"+storyURL+"</link><pubDate>"+none+"</pubDate></item></channel></rss>"), "", nil))
		if len(r.Links) != 1 || r.Links[0].Published != nil {
			t.Errorf("%s: %+v", none, r.Links)
		}
	}
}

// TestCutFeeds: what stands before the cut is taken, and no part of an address.
func TestCutFeeds(t *testing.T) {
	for _, body := range []string{
		"<rss><channel><item><link>" + storyURL + "</link></item><item><link>http://n.example/2026/11",
		`<feed><entry><link href="` + storyURL + `"/></entry><entry><link href="http://n.example/2026/11`,
		"<urlset><url><loc>" + storyURL + "</loc></url><url><loc>http://n.example/2026/11",
		"<urlset><url><loc>" + storyURL + "</loc><lastm",
		`{"version":"https://jsonfeed.org/version/1","items":[{"url":"` + storyURL + `"},{"url":"http://n.example/2026/11`,
		`{"version":"https://jsonfeed.org/version/1","items":[{"url":"` + storyURL + `"}`,
		zipped("<urlset><url><loc>"+storyURL+"</loc></url></urlset>", 1)[:82],
	} {
		r := must(Sitemap("http://n.example/s", []byte(body), "", nil))
		if urls(r.Links) != storyURL || !r.Broken {
			t.Errorf("%.60q: %s, broken %v", body, urls(r.Links), r.Broken)
		}
	}
}

// TestHostileMarkup: work grows with the document and no faster: with its square, this would take minutes.
func TestHostileMarkup(t *testing.T) {
	for _, piece := range []string{"<url xml:base='" + strings.Repeat("x", 1000) + "/'><a xml:base='" + strings.Repeat("y", 7000) + "/'>", "<", "<![CDATA[", "<!--", "<!doctype [", "<?", "<a b=\"", "</a", "<url>", "<url><loc>", "&", "&#", "<a xmlns:b='c'>", "<a:b xml:base='/x/'>", "]]>", "-->", "<![CDATA[</"} {
		body := []byte("<urlset>" + strings.Repeat(piece, 1<<20/len(piece)))
		r := must(Sitemap("http://n.example/s", body, "", nil))
		if !r.Broken || len(r.Links) > 0 {
			t.Errorf("%q: broken %v, %d links", piece, r.Broken, len(r.Links))
		}
	}
}

func BenchmarkSitemap(b *testing.B) {
	body := []byte(urlset(slices.Repeat([]string{storyURL + "?a=1&amp;b=2"}, 20_000)...))
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		must(Sitemap("http://n.example/s", body, "", nil))
	}
}
