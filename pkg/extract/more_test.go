package extract

import (
	"slices"
	"strings"
	"testing"
)

// TestBreaksOff flags texts that go on elsewhere, leaves the label for the rest out of them, and believes no other link.
func TestBreaksOff(t *testing.T) {
	const first = "<p>The council voted on Tuesday to reopen the old mill as a library, which ends four years of argument.</p>"
	const last = "Work on the roof begins in spring, and the reading rooms are to open before the end of next year"
	for _, c := range []struct {
		name, behind string // the last paragraph's end, and what follows
		off          bool
	}{
		{"nothing", `.</p>`, false},
		{"a page below", `.</p><p><a href="/news/1/full">Continue reading</a></p>`, true},
		{"where it was printed first", `.</p><div><a class="more" href="https://other.example/mill">Read the full story</a></div>`, true},
		{"a button", `.</p><button>Read more</button>`, true},
		{"a link that calls a script", `.</p><div><a href="#">Haberin devamı</a></div>`, true},
		{"in Arabic", `.</p><div><a href="#">اقرأ المزيد</a></div>`, true},
		{"at the end of the paragraph", `… <a href="/news/1#more-7">Continue reading <span>The mill</span> →</a></p>`, true},
		{"in brackets", ` <a href="/news/1">[Read more]</a></p>`, true},
		{"another article", `.</p><p><a href="/news/2">Read more</a></p>`, false},
		{"comments of the page", `.</p><p><a href="/news/1#comments">Read more</a></p>`, false},
		{"a label of other things", `.</p><button>Subscribe</button>`, false},
		{"a headline", `.</p><p><a href="https://other.example/2">Read more: what the neighbours of the old mill say of a library by the river</a></p>`, false},
		{"text in between", `.</p><p>It was a mill.</p><p>In print on Friday</p><p><a href="/news/1/full">Continue reading</a></p>`, false},
		{"the rest is there", `.</p><p><a href="#">Read more</a></p><div style="display:none">` + strings.Repeat("<p>Residents had asked for longer opening hours, which the council will discuss once the staff are in place.</p>", 3) + `</div>`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			page := `<html lang="en"><head><title>The mill - The Courier</title></head><body><main><h1>The mill</h1><div class="entry-content">` + first + `<p>` + last + c.behind + `</div></main></body></html>`
			a := Extract(Page{URL: "https://site.example/news/1", Body: []byte(page)}, Options{}).Article
			if off := slices.Contains(a.Quality.Flags, FlagTruncated); off != c.off {
				t.Errorf("flags %q, want truncated: %v", a.Quality.Flags, c.off)
			}
			if !strings.Contains(a.Text, last) || strings.Contains(strings.ToLower(a.Text), "read") && strings.Contains(a.Text, "→") || strings.Contains(a.Text, "[") {
				t.Errorf("text %q", a.Text)
			}
		})
	}
}
