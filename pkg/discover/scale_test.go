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
