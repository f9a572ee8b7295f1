package discover

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/site"
)

// TestDates reads dates beside articles, in the ways that lists print them, and none that are not theirs.
func TestDates(t *testing.T) {
	a := func(n int) string { return fmt.Sprintf(`<a href="/story-%d">A story of the number %d</a>`, n, n) }
	for name, c := range map[string]struct{ page, want string }{
		"cards": {"<p>27.11.2026</p><article><h2>" + a(1) + "</h2><span>24.10.2026 16:20</span></article>" +
			"<article><h2>" + a(2) + "</h2><time datetime=2026-10-23>yesterday</time><a href=/tag>x</a></article>", "1 10-24T16:20 2 10-23"},
		"rows":      {"<table><tr><td>" + a(1) + "<td>24 October 2026<tr><td>" + a(2) + "<td>23 October 2026</table>", "1 10-24 2 10-23"},
		"in turns":  {"<div>" + a(1) + "<br><i>24.10.2026</i>" + a(2) + "<br><i>23.10.2026</i></div>", "1 10-24 2 10-23"},
		"in a link": {`<a href="/story-1"><h4>A story</h4><time>24.10.2026</time></a><a href="/story-2"><h4>A story</h4></a>`, "1 10-24"},
		"two links": {"<li><a href=/story-1><img></a>" + a(1) + " <b>24.10.2026</b><li>" + a(2), "1 10-24"},
		"of none":   {"<h1>24.10.2026</h1><div>" + a(1) + a(2) + "<p>23.10.2026</p></div>", ""},
		"headline":  {"<li><a href=/story-1>What the budget of 24.10.2026 means for schools and clinics in the south</a>", ""},
		"updated":   {"<li>" + a(1) + "<i>Updated: 24.10.2026</i>", ""},
		"broken":    {"</div></li><li>" + a(1) + "<i>24.10.2026", "1 10-24"},
	} {
		s, err := site.FromHome("http://n.example/")
		if err != nil {
			t.Fatal(err)
		}
		var links []Link
		for n := range 3 {
			links = append(links, Link{URL: fmt.Sprintf("http://n.example/story-%d", n), Kind: KindArticle})
		}
		found := Dates("http://n.example/list", []byte(c.page), "text/html; charset=utf-8", links, s, time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC))
		var got []string
		for _, u := range slices.Sorted(maps.Keys(found)) {
			layout := "01-02T15:04"
			if found[u].Day {
				layout = "01-02"
			}
			got = append(got, u[len(u)-1:], found[u].At.Format(layout))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// FuzzDates: no page takes it down, and it gives no date to what is not listed.
func FuzzDates(f *testing.F) {
	f.Add("<li><a href=/story-1>x</a><i>24.10.2026</i></a></li>")
	f.Fuzz(func(t *testing.T, page string) {
		links := []Link{{URL: "http://n.example/story-1", Kind: KindArticle}}
		for u := range Dates("http://n.example/", []byte(page), "text/html", links, nil, time.Now()) {
			if u != links[0].URL {
				t.Error(u)
			}
		}
	})
}
