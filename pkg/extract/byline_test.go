package extract

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/khabar-crawler/khabar/pkg/extract/words"
)

// signers are names in each script, as they stand behind what opens a byline.
var signers = []struct {
	script *unicode.RangeTable
	name   string
}{
	{unicode.Latin, "Ada Lund"}, {unicode.Arabic, "سارة النجار"}, {unicode.Hebrew, "דנה לוי"}, {unicode.Cyrillic, "Анна Петрова"}, {unicode.Greek, "Άννα Παππά"},
	{unicode.Han, "李明"}, {unicode.Hangul, "김민수"}, {unicode.Devanagari, "अनिता शर्मा"}, {unicode.Bengali, "অনিতা সেন"}, {unicode.Tamil, "அனிதா குமார்"}, {unicode.Thai, "สมชาย ใจดี"},
}

// TestBylineLeads signs a page with each phrase that opens a byline: the line is no text, and the author is found.
func TestBylineLeads(t *testing.T) {
	const before, after = `<html><body><main><h1>Ferry to the islands sails again</h1><div class="content"><p>`,
		`</p><p>The ferry to the three islands sailed again on Monday, two winters after the old ship was taken out of service.</p>
<p>About sixty people stood on the quay when the first cars rolled on board, and somebody had brought a trumpet.</p></div></main></body></html>`
	for p := range words.Known().All(words.Byline) {
		name := "Ada Lund"
		for _, s := range signers {
			if strings.ContainsFunc(p.Raw, func(r rune) bool { return unicode.Is(s.script, r) }) {
				name = s.name
			}
		}
		line := p.Raw + " " + name
		r := Extract(Page{URL: "https://site.example/news/1", Body: []byte(before + line + after)}, Options{})
		if !slices.Equal(r.Article.Authors, []string{name}) {
			t.Errorf("%s.txt:%d: authors of %q: %q", p.Language, p.Line, line, r.Article.Authors)
		}
		if strings.Contains(r.Article.Text, name) {
			t.Errorf("%s.txt:%d: %q is in the text", p.Language, p.Line, line)
		}
	}
}

// TestNoByline has lines that begin like bylines and are text.
func TestNoByline(t *testing.T) {
	for _, line := range []string{"By the numbers", "By noon the square was full.", "Par exemple", "Por fin", "Di nuovo in piazza", "Door de bomen", "Av alla", "از تهران تا شیراز", "کتابخانه شهر", "Author of the century", ""} {
		if startsByline(line) {
			t.Errorf("%q opens a byline", line)
		}
	}
}
