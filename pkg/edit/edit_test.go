package edit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/khabar-crawler/khabar/pkg/article"
)

func of(language, title, text string) *article.Article {
	return &article.Article{Language: language, Title: title, Text: text, FetchedAt: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
}

// told writes an edit in one line: + added, - removed, ~ changed, with the paragraph.
func told(e Edit) string {
	out := slices.Clone(e.Fields)
	for _, c := range e.Changes {
		switch c.Kind {
		case article.ChangeAdded:
			out = append(out, fmt.Sprintf("+%d %s", c.Paragraph, c.After))
		case article.ChangeRemoved:
			out = append(out, fmt.Sprintf("-%d %s", c.Paragraph, c.Before))
		default:
			out = append(out, fmt.Sprintf("~%d %s => %s", c.Paragraph, c.Before, c.After))
		}
	}
	return strings.Join(out, " | ")
}

func TestBetween(t *testing.T) {
	ar := "أعلن وزير النفط زيادة الإنتاج. وقال إن القرار نهائي.\n\nوبلغ الإنتاج 3.5 مليون برميل يومياً. ولم يعلق د. سامي على ذلك."
	fa := "وزیر نفت از افزایش تولید خبر داد. او گفت تصمیم نهایی است.\n\nتولید به ۳٫۵ میلیون بشکه در روز رسید."
	he := "שר האנרגיה הודיע על הגדלת התפוקה. הוא אמר שההחלטה סופית.\n\nהתפוקה הגיעה ל-3.5 מיליון חביות ביום."
	en := "The minister of oil announced a rise in output. He said that the decision is final.\n\nOutput came to 3.5 million barrels a day."
	zh := "石油部长宣布增产。他说决定是最终的。\n\n日产量达到350万桶。"
	for _, c := range []struct {
		about, language, was, is, want string
	}{
		{"nothing", "ar", ar, ar, ""},
		{"a figure", "ar", ar, strings.Replace(ar, "3.5", "4.1", 1), "text | ~2 وبلغ الإنتاج 3.5 مليون برميل يومياً. => وبلغ الإنتاج 4.1 مليون برميل يومياً."},
		{"a sentence more", "fa", fa, strings.Replace(fa, "\n\n", " مجلس هنوز نظری نداده است.\n\n", 1), "text | +1 مجلس هنوز نظری نداده است."},
		{"a sentence less", "he", he, strings.Replace(he, " הוא אמר שההחלטה סופית.", "", 1), "text | -1 הוא אמר שההחלטה סופית."},
		{"a paragraph in front", "en", en, "This report was corrected.\n\n" + en, "text | +1 This report was corrected."},
		{"one for another", "en", en, strings.Replace(en, "He said that the decision is final.", "Nobody in the chamber was asked about it beforehand.", 1),
			"text | -1 He said that the decision is final. | +1 Nobody in the chamber was asked about it beforehand."},
		{"without spaces", "zh", zh, strings.Replace(zh, "350", "380", 1), "text | ~2 日产量达到350万桶。 => 日产量达到380万桶。"},
		{"typography", "en", `He said: "It's over." - and left.`, "He said:  “It’s over.” – and\u200b left.", ""},
		{"a middle paragraph", "en", en + "\n\nThe end is the same.", strings.Replace(en, "3.5", "4", 1) + "\n\nThe end is the same.",
			"text | ~2 Output came to 3.5 million barrels a day. => Output came to 4 million barrels a day."},
		{"a paragraph twice", "en", "One is.\n\nOne is.\n\nTwo is.", "One is.\n\nTwo is.", "text | -2 One is."},
		{"other paragraphs", "en", en, strings.ReplaceAll(en, "\n\n", " "), ""},
		{"joiners", "fa", "او می\u200cرود. خبر تمام شد.", "او می رود. خبر تمام شد.", ""},
		{"a counter", "ar", ar + "\n\nعدد المشاهدات: 12", ar + "\n\nعدد المشاهدات: 1,512", ""},
		{"how long ago", "fa", "۵ دقیقه پیش\n\n" + fa, "۲ ساعت پیش\n\n" + fa, ""},
		{"a counter that is new", "he", he, he + "\n\n12 תגובות", ""},
		{"sentences that change places", "en", "One is here. Two is there. Three is gone.", "Two is there. One is here. Three is gone.", "text | -1 One is here. | +1 One is here."},
	} {
		got := Between(of(c.language, "t", c.was), of(c.language, "t", c.is), c.was)
		if told(got) != c.want || got.Rewritten || got.None() != (c.want == "") {
			t.Errorf("%s:\n got %s\nwant %s", c.about, told(got), c.want)
		}
	}
}

func TestFields(t *testing.T) {
	at := func(h int) *time.Time { v := time.Date(2026, 3, 1, h, 0, 0, 0, time.UTC); return &v }
	base := func() *article.Article {
		a := of("en", "A title", "A text.")
		a.Subtitle, a.Authors, a.PublishedAt, a.ModifiedAt = "A deck", []string{"Ann", "Bob"}, at(8), at(9)
		a.Published = &article.Provenance{Source: "json-ld", Precision: article.PrecisionSecond}
		return a
	}
	for _, c := range []struct {
		about  string
		change func(a *article.Article)
		want   string
		none   bool
	}{
		{"nothing", func(*article.Article) {}, "", true},
		{"title", func(a *article.Article) { a.Title = "Another title" }, "title", false},
		{"title's quotes", func(a *article.Article) { a.Title = "A  title\u200f" }, "", true},
		{"deck", func(a *article.Article) { a.Subtitle = "Another deck" }, "subtitle", false},
		{"no deck", func(a *article.Article) { a.Subtitle = "" }, "", true},
		{"the deck is in the text", func(a *article.Article) { a.Subtitle, a.Text = "", "A deck\n\nA text." }, "", true},
		{"authors", func(a *article.Article) { a.Authors = []string{"Ann", "Eve"} }, "authors", false},
		{"authors in another order", func(a *article.Article) { a.Authors = []string{"Bob", "Ann"} }, "", true},
		{"authors are not there", func(a *article.Article) { a.Authors = nil }, "", true},
		{"publication", func(a *article.Article) { a.PublishedAt = at(7) }, "published_at", false},
		{"publication, after it was seen", func(a *article.Article) { a.PublishedAt = at(13) }, "", true},
		{"publication, read elsewhere", func(a *article.Article) { a.PublishedAt, a.Published = at(7), &article.Provenance{Source: "text"} }, "", true},
		{"modification alone", func(a *article.Article) { a.ModifiedAt = at(10) }, "modified_at", true},
		{"pictures", func(a *article.Article) { a.Images = []article.Image{{URL: "https://x/?w=2"}} }, "", true},
	} {
		next := base()
		c.change(next)
		old := base()
		if got := Between(old, next, old.Text); told(got) != c.want || got.None() != c.none {
			t.Errorf("%s: %s, none: %v", c.about, told(got), got.None())
		}
	}
}

// TestTemplate: what is known by now to be the site's template has not been removed by the site.
func TestTemplate(t *testing.T) {
	old, next := of("en", "t", "A text.\n\nAll may be quoted."), of("en", "t", "A text.")
	if got := Between(old, next, "A text."); !got.None() {
		t.Errorf("%s", told(got))
	}
	if got := Between(old, next, old.Text); got.None() {
		t.Error("without knowing it is an edit")
	}
}

// TestBounds compares texts of hundreds of thousands of sentences that are made to take long.
func TestBounds(t *testing.T) {
	const n = 60_000
	var same, other, few, swapped, peeled strings.Builder
	random := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		fmt.Fprintf(&same, "S %d. ", i)
		fmt.Fprintf(&other, "O %d. ", i)
		fmt.Fprintf(&few, "F%d? ", random.IntN(3))
		fmt.Fprintf(&swapped, "S %d. ", i^1)
		fmt.Fprintf(&peeled, "P %d! P %d! ", i, i)
	}
	reversed := strings.Split(few.String(), " ")
	slices.Reverse(reversed)
	for _, c := range []struct {
		about, was, is string
		rewritten      bool
	}{
		{"the same", same.String(), same.String(), false},
		{"one more", same.String(), same.String() + "One more.", false},
		{"all others", same.String(), other.String(), true},
		{"pairs swapped", same.String(), swapped.String(), true},
		{"few of many", few.String(), strings.Join(reversed, " "), true},
		{"twice each", peeled.String(), "x. " + peeled.String()[:len(peeled.String())/2], true},
		{"many megabytes", strings.Repeat("Word. ", 1<<20), strings.Repeat("Words. ", 1<<20), true},
		{"one sentence without end", strings.Repeat("word ", 500_000), strings.Repeat("word ", 500_000) + "more", true},
		{"signs without end", "Hi." + strings.Repeat(")", 1<<20), "Ho." + strings.Repeat(") ", 1<<19), true},
	} {
		got := Between(of("en", "t", c.was), of("en", "t", c.is), c.was)
		if got.Rewritten != c.rewritten || got.Rewritten && len(got.Changes) > 0 || len(got.Changes) > article.MaxChanges {
			t.Errorf("%s: rewritten %v, %d changes", c.about, got.Rewritten, len(got.Changes))
		}
	}
}

// TestChangesMakeTheNext: whatever two texts are, the changes lead from the one to the other.
func TestChangesMakeTheNext(t *testing.T) {
	word := rapid.SampledFrom([]string{"One two three four", "One two three five", "Nine lives", "خبر عاجل من بغداد", "خبر عاجل من البصرة", "Six", "Seven"})
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) string {
			return strings.Join(rapid.SliceOfN(word, 0, 12).Draw(t, name), ". ") + "."
		}
		was, is := draw("was"), draw("is")
		before, after := sentences(was, "en"), sentences(is, "en")
		changes, _ := diff(before, after)
		bag := map[string]int{}
		for _, s := range before {
			bag[s.text]++
		}
		for _, c := range changes {
			if c.Before != "" {
				bag[c.Before]--
			}
			if c.After != "" {
				bag[c.After]++
			}
			if c.Before == c.After || c.Kind == article.ChangeChanged != (c.Before != "" && c.After != "") || c.Paragraph < 1 {
				t.Fatalf("%+v", c)
			}
		}
		for _, s := range after {
			bag[s.text]--
		}
		for s, n := range bag {
			if n != 0 {
				t.Fatalf("%q: %d left of %q to %q by %+v", s, n, was, is, changes)
			}
		}
	})
}

func FuzzBetween(f *testing.F) {
	f.Add("A text. Another.", "A text. And another.", "en")
	f.Add("خبر عاجل؟ نعم. د. سامي", "1. x\n\n2. y", "ar")
	f.Fuzz(func(t *testing.T, was, is, language string) {
		a, b := of(language, "t", was), of(language, "t", is)
		e := Between(a, b, was)
		if got := Between(a, a, was); !got.None() {
			t.Errorf("a text differs from itself: %s", told(got))
		}
		if len(e.Changes) > article.MaxChanges || e.Rewritten && len(e.Changes) > 0 {
			t.Errorf("%d changes", len(e.Changes))
		}
	})
}

// BenchmarkBetween is of an article as long as most, with one edit.
func BenchmarkBetween(b *testing.B) {
	text := strings.Repeat("أعلن وزير النفط زيادة الإنتاج إلى مستوى جديد. ", 60)
	is := text + "وقال إن القرار نهائي."
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Between(of("ar", "t", text), of("ar", "t", is), text)
	}
}
