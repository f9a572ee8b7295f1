package yield

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestFormOf: pages of one sort have one form, and others have another.
func TestFormOf(t *testing.T) {
	for _, c := range []struct{ url, form string }{
		{"https://www.news.example/", "news.example"},
		{"https://news.example/news/12345/council-hears-of-the-bridge", "news.example/news/n/s"},
		{"https://news.example/news/999/a-b-c", "news.example/news/n/s"},
		{"https://news.example/2026/11/24/council-hears-of-the-bridge", "news.example/n/n/n/s"},
		{"https://news.example/calendar/2031/04/05", "news.example/calendar/n/n/n"},
		{"https://news.example/calendar/2031-04-05", "news.example/calendar/n"},
		{"https://news.example/tag/river", "news.example/tag/w"},
		{"https://news.example/tag/town", "news.example/tag/w"},
		{"https://news.example/list?page=4&sort=up&color=red", "news.example/list?color&page&sort"},
		{"https://news.example/list?f[0]=a&f[1]=b", "news.example/list?f"},
		{"https://news.example/a/b/a/b/a/b", "news.example/(repeats)"},
		{"https://news.example/a/b/a/b/a/b/a/b", "news.example/(repeats)"},
		{"https://news.example/1/1/1/x", "news.example/n/n/n/w"},
		{"https://news.example/S(4f2kq0x)/default.aspx", "news.example/m/w"},
		{"https://news.example/a/b/c/d/e/f/g/h", "news.example/a/w/w/w/w/w/…"},
		{"https://news.example/harbour-opens", "news.example/p"},
		{"https://news.example/middle-east/harbour-opens", "news.example/middle-east/p"},
		{"https://news.example/sport/harbour-opens?sort-by=x", "news.example/sport/p?sort-by"},
		{"::", ""},
	} {
		if got := FormOf(c.url); got != c.form {
			t.Errorf("%s: %q, want %q", c.url, got, c.form)
		}
	}
}

// TestTrap: of a million invented addresses some thousand are tried, ever fewer, and what a form gives it keeps giving.
func TestTrap(t *testing.T) {
	f := NewPast()
	asked := func(format string, n int, article func(int) bool) (taken, late int) {
		for i := range n {
			u := fmt.Sprintf(format, i)
			if f.Takes(u) {
				if taken++; i > n/2 {
					late++
				}
				f.Note(u, "", article(i))
			}
		}
		return taken, late
	}
	never, always := func(int) bool { return false }, func(int) bool { return true }
	if n, late := asked("https://x.example/calendar/day-%d", 1_000_000, never); n < Trials || n > 4000 || late == 0 || late > n/2 {
		t.Errorf("%d of a million days were tried, %d of these in the second half", n, late)
	}
	if n, _ := asked("https://x.example/news/%d", 10_000, always); n != 10_000 {
		t.Errorf("%d of 10,000 articles were taken", n)
	}
	if n, _ := asked("https://x.example/old/%d", 5_000, func(i int) bool { return i%20 == 0 }); n != 5_000 {
		t.Errorf("%d of 5,000 pages were taken, of which each twentieth is an article", n)
	}
	// A form that begins to give articles is taken in full again.
	asked("https://x.example/reports/x-%d", 300, never)
	if n, _ := asked("https://x.example/reports/y-%d", 5_000, always); n < 4_000 {
		t.Errorf("%d of 5,000 articles were taken of a form that had given none", n)
	}
}

// TestBounded: whatever a site invents, what is kept of it is bounded, can be stored and read again, and nothing of it is lost.
func TestBounded(t *testing.T) {
	f := &Counts{}
	for i := range 200 {
		f.Note("x.example/news/n", i%2 == 0)
	}
	for i := range 5000 {
		f.Note(FormOf(fmt.Sprintf("https://%s.example/%s?k=1", word(i), word(i/3))), false)
	}
	if f.Len() > MaxKnown {
		t.Errorf("%d forms", f.Len())
	}
	if c := f.Of("x.example/news/n"); c != (Count{200, 100}) {
		t.Errorf("what tells most is forgotten: %+v", c)
	}
	if got := Restore(f.States()); !slices.Equal(got.States(), f.States()) {
		t.Error("stored and read again it is another")
	}
	if got := Restore([]State{{"a", -1, 0}, {"b", 1, 2}, {strings.Repeat("x", 999), 1, 1}, {"", 1, 0}, {"c", 3, 1}}); got.Len() != 1 {
		t.Errorf("taken from what is spoilt: %v", got.States())
	}
}

func word(i int) string {
	var b strings.Builder
	for ; i > 0 || b.Len() == 0; i /= 26 {
		b.WriteByte(byte('a' + i%26))
	}
	return b.String()
}

// TestAdding: what two workers counted is what one would have.
func TestAdding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var one, a, b Counts
		for range rapid.IntRange(0, 200).Draw(t, "pages") {
			form, article := rapid.SampledFrom([]string{"x/a", "x/b", "x/c"}).Draw(t, "form"), rapid.Bool().Draw(t, "article")
			one.Note(form, article)
			if rapid.Bool().Draw(t, "whose") {
				a.Note(form, article)
			} else {
				b.Note(form, article)
			}
		}
		a.Add(&b)
		if !slices.Equal(a.States(), one.States()) {
			t.Errorf("%v, not %v", a.States(), one.States())
		}
	})
}

// TestJudge: what became of links decides where it is plain, a form that gives articles speaks for its addresses in any block, and
// nothing is decided for good.
func TestJudge(t *testing.T) {
	const news, event = "https://x.example/news/n-a-b-%s", "https://x.example/events/a-b-c-%s"
	past := func(block, format string, tried, articles int) *Past {
		p := NewPast()
		for i := range tried {
			p.Note(fmt.Sprintf(format, word(i)), block, i < articles)
		}
		return p
	}
	both := past("div.most", event, 60, 0)
	both.Add(past("", news, 20, 20))
	var nothing *Past
	for _, c := range []struct {
		name           string
		past           *Past
		block, address string
		want           Verdict
	}{
		{"nothing known", nothing, "div.most", "https://x.example/events/e-f-g-1", Silent},
		{"too few", past("div.most", event, blockTrials-1, 0), "div.most", "https://x.example/events/e-f-g-1", Silent},
		{"none", past("div.most", event, 60, 0), "div.most", "https://x.example/events/e-f-g-1", Other},
		{"some", past("div.most", event, 60, 6), "div.most", "https://x.example/events/e-f-g-1", Silent},
		{"another block", past("div.most", event, 60, 0), "div.lead", "https://x.example/events/e-f-g-1", Silent},
		{"no block", past("", event, 60, 0), "", "https://x.example/events/e-f-g-1", Silent},
		{"news in a block of events", both, "div.most", "https://x.example/news/n-a-b-99", Silent},
		{"another form in it", past("div.most", event, 60, 0), "div.most", "https://x.example/news/n-a-b-99", Silent},
		{"an odd address, always articles", past("", "https://x.example/harbour-%s", 12, 12), "ul.x", "https://x.example/bridge-falls", Article},
		{"an odd address, mostly", past("", "https://x.example/harbour-%s", 12, 8), "ul.x", "https://x.example/bridge-falls", Silent},
		{"a block, always articles", past("ul.lead", news, 12, 12), "ul.lead", "https://x.example/bridge-falls", Article},
	} {
		if got, why := c.past.Judge(c.address, c.block); got != c.want || (why == "") != (got == Silent) {
			t.Errorf("%s: %d (%s), want %d", c.name, got, why, c.want)
		}
	}
	tried := 0
	for i := range 1000 {
		if v, _ := both.Judge(fmt.Sprintf("https://x.example/events/other-event-%d", i), "div.most"); v != Other {
			tried++
		}
	}
	if tried == 0 || tried > 50 {
		t.Errorf("of a thousand links of a barren block %d are tried", tried)
	}
}

func FuzzFormOf(f *testing.F) {
	f.Add("https://news.example/a/b?c=d")
	f.Fuzz(func(t *testing.T, u string) {
		if form := FormOf(u); len(form) > maxKey {
			t.Errorf("%d bytes", len(form))
		}
	})
}
