package discover

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// manyLinks is a page with n links in one list, as an archive of years on one page.
func manyLinks(n int) []byte {
	var b strings.Builder
	b.WriteString("<html><body><main><ul class=list>")
	for i := range n {
		fmt.Fprintf(&b, "<li><a href=/news/%d-x.html>A headline of more than four words %d</a></li>", i, i)
	}
	b.WriteString("</ul></main>")
	return []byte(b.String())
}

// TestWorkGrowsWithLinks: ten times the links take about ten times the memory, and no more than that: what is done for a
// link must not go over all links again.
func TestWorkGrowsWithLinks(t *testing.T) {
	allocated := func(n int) uint64 {
		body := manyLinks(n)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Home("http://n.example/", body, "text/html", nil, nil); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	few, many := allocated(maxAnchors/10), allocated(maxAnchors)
	if many > 15*few {
		t.Errorf("%d bytes for %d links, %d for ten times as many", few, maxAnchors/10, many)
	}
}

// TestTooManyAnchors: what is not read of an endless page is told.
func TestTooManyAnchors(t *testing.T) {
	r, err := Home("http://n.example/", manyLinks(maxAnchors+10), "text/html", nil, nil)
	if err != nil || len(r.Of(KindArticle)) != MaxLinks || r.Dropped[TooMany] == 0 || !r.List {
		t.Errorf("%d articles, dropped %v, a list %v, %v", len(r.Of(KindArticle)), r.Dropped, r.List, err)
	}
}

func BenchmarkManyLinks(b *testing.B) {
	body := manyLinks(maxAnchors)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if _, err := Home("http://n.example/", body, "text/html", nil, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// TestFeedsTakeNoMoreThanTheirShare: a feed of nothing but elements takes little memory, and one of many items gives all its
// links.
func TestFeedsTakeNoMoreThanTheirShare(t *testing.T) {
	item := func(i int) string { return fmt.Sprintf("<item><link>http://n.example/2026/story-%d</link></item>", i) }
	var items strings.Builder
	for i := range 15_000 {
		items.WriteString(item(i))
	}
	for name, c := range map[string]struct {
		body  string
		links int
	}{
		"items":      {"<rss version=\"2.0\"><channel>" + strings.Repeat("<item/>", 500_000) + item(1) + "</channel></rss>", 1},
		"extensions": {"<rss version=\"2.0\"><channel><item>" + strings.Repeat("<m:a/>", 500_000) + "<link>http://n.example/2026/story</link></item></channel></rss>", 1},
		"JSON":       {`{"version":"https://jsonfeed.org/version/1","items":[` + strings.Repeat("{},", 500_000) + `{}]}`, 0},
		"long":       {"<rss version=\"2.0\"><channel>" + items.String() + "</channel></rss>", 15_000},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r, err := Feed("http://n.example/feed", []byte(c.body), "", nil)
		runtime.ReadMemStats(&after)
		if got := len(r.Of(KindArticle)); err != nil || got != c.links || r.Broken || r.Flaw != "" {
			t.Errorf("%s: %d links, want %d, broken %v, %v", name, got, c.links, r.Broken, err)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 100<<20 {
			t.Errorf("%s: %d MB for a feed of %d MB", name, n>>20, len(c.body)>>20)
		}
	}
}

// frontPage is a front page of about n bytes: cards as news sites make them, each with a picture, a headline and the data that
// a script needs.
func frontPage(n int) []byte {
	var b strings.Builder
	b.WriteString("<!doctype html><html lang=en><head><title>News</title></head><body><nav class=menu><ul><li><a href=/world>World</a></ul></nav><main>")
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, `<article class="card card--story card-%d" data-testid="card"><div class="card__media"><img class="lazy" src="/img/%d-640.jpg" alt="The minister in the parliament" srcset="%s"></div>`, i, i, strings.Repeat("/img/one-of-many-sizes.jpg 640w, ", 20))
		fmt.Fprintf(&b, `<div class="card__body"><h3 class="card__title"><a class="card__link" href="/2026/11/27/%d-minister-says-something-of-weight">The minister says something of weight number %d</a></h3><p class="card__lead">%s</p><span class="card__time"><time datetime="2026-11-27T10:00:00Z">two hours ago</time></span></div></article>`, i, i, strings.Repeat("What was said was said at length and heard by few. ", 8))
	}
	b.WriteString("</main></body></html>")
	return []byte(b.String())
}

// BenchmarkFrontPage: the time for a byte stays the same however large a page is.
func BenchmarkFrontPage(b *testing.B) {
	for _, mb := range []int{1, 5, 20} {
		body := frontPage(mb<<20 - 4<<10)
		b.Run(fmt.Sprintf("%dMB", mb), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Home("http://n.example/", body, "text/html", nil, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestLinkEnds: a link's text ends where the link does, whatever stands open in it, or else with what it stands in.
func TestLinkEnds(t *testing.T) {
	for _, c := range []struct{ page, want string }{
		{"<li><a href=/a-story-of-note><div>The first of two</a> and what is behind</div> and after</li>", "The first of two"},
		{"<ul><li><a href=/a-story-of-note>The first of two<li>and another entry</ul>", "The first of two"},
		{"<p><a href=/a-story-of-note>The first <b>of</b> two", "The first of two"},
		{"<a href=/a-story-of-note><svg><title>icon</title><text>drawn</text></svg>The first of two</a>", "The first of two"},
		{"<a href=/a-story-of-note><img alt='The first of two'></a>", "The first of two"},
	} {
		doc := readPage([]byte(c.page), "text/html; charset=utf-8")
		if len(doc.anchors) != 1 || doc.anchors[0].text != c.want {
			t.Errorf("%s: %+v", c.page, doc.anchors)
		}
	}
}

// TestLargeFrontPages: a page, as large as one may be and whatever it is made of, is read with memory for a few times its bytes in
// all, most of which is free again at once, and no more of its links are kept than of the largest front pages.
func TestLargeFrontPages(t *testing.T) {
	for name, page := range map[string]func(b *strings.Builder, i int){
		"cards":      nil,
		"links":      func(b *strings.Builder, i int) { fmt.Fprintf(b, "<a href=/%d>x</a>", i) },
		"open links": func(b *strings.Builder, i int) { fmt.Fprintf(b, "<li><a href=/%d class=c%d>x", i, i) },
		"classes":    func(b *strings.Builder, i int) { fmt.Fprintf(b, "<div class='c%d menu' id=i%d>", i, i) },
		"attributes": func(b *strings.Builder, i int) {
			b.WriteString("<p")
			for k := range 10_000 {
				fmt.Fprintf(b, " data-url=/%d", k)
			}
			b.WriteString(">")
		},
		"scripts": func(b *strings.Builder, _ int) {
			b.WriteString("<script>if (a < b) {}</script><script><!--<script></script>")
		},
	} {
		t.Run(name, func(t *testing.T) {
			body := frontPage(maxHTML)
			if page != nil {
				var b strings.Builder
				for i := 0; b.Len() < maxHTML/4; i++ {
					page(&b, i)
				}
				body = []byte(b.String())
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			doc := readPage(body, "text/html; charset=utf-8")
			runtime.ReadMemStats(&after)
			if all := after.TotalAlloc - before.TotalAlloc; all > 8*uint64(len(body)) || len(doc.anchors) > maxAnchors {
				t.Errorf("%d bytes were allocated for %d, and %d links are kept", all, len(body), len(doc.anchors))
			}
		})
	}
}
