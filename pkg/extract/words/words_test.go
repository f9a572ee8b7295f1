package words

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/khabar-crawler/khabar/pkg/page"
)

// region is the languages of which every kind is known.
var region = []string{"ar", "fa", "ckb", "kmr", "tr", "az", "he", "ur", "ps", "ug", "sd"}

// apart are kinds whose phrases stand where those of other kinds never do: in addresses, and between or behind names.
var apart = map[Kind]bool{Profile: true, Joint: true, When: true, Employer: true, Degree: true, Nobody: true, Press: true, From: true, Reporter: true, Country: true, Deck: true,
	Tail: true, Beat: true, Surname: true, Particle: true}

// TestFiles holds the files to what Known wants of them.
func TestFiles(t *testing.T) {
	x, problems := readAll()
	for _, p := range problems {
		t.Error(p)
	}
	kinds := map[string]Phrase{}
	for _, p := range x.phrases {
		at := fmt.Sprintf("%s.txt:%d: %s %q", p.Language, p.Line, p.Kind, p.Text)
		if n := letters(p.Text); n < kindTable[p.Kind].least && n > 0 {
			t.Errorf("%s has %d letters, fewer than %d", at, n, kindTable[p.Kind].least)
		}
		key := p.Text
		if apart[p.Kind] {
			key = p.Kind.String() + " " + key
		}
		switch first, twice := kinds[key]; {
		case twice && first.Kind != p.Kind:
			t.Errorf("%s is %s in %s.txt:%d too", at, first.Kind, first.Language, first.Line)
		case twice && first.Language == p.Language:
			t.Errorf("%s stands there twice", at)
		case !twice:
			kinds[key] = p
		}
		if p.Of != "" && p.Kind != Agency && p.Kind != Country {
			t.Errorf("%s: %q after the kind", at, p.Of)
		}
	}
}

// letters counts letters and digits, those of scripts without spaces twice: a word of theirs has half as many.
func letters(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case page.Unspaced(r) || unicode.Is(unicode.Hangul, r):
			n += 2
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			n++
		}
	}
	return n
}

func TestUnknownKind(t *testing.T) {
	_, problems := read("xx.txt", "# ours\nrelated: more of it\nunrelated: nothing,\n   that, is, read\n")
	if len(problems) != 1 || !strings.HasPrefix(problems[0], "xx.txt:3:") {
		t.Errorf("%q", problems)
	}
}

// TestCoverage prints which language knows how many phrases of which kind, and wants some of each in the languages that
// khabar is for first.
func TestCoverage(t *testing.T) {
	n := map[string]*[kinds]int{}
	for _, p := range Known().phrases {
		if n[p.Language] == nil {
			n[p.Language] = &[kinds]int{}
		}
		n[p.Language][p.Kind]++
	}
	var languages []string
	for l := range n {
		languages = append(languages, l)
	}
	slices.Sort(languages)
	head := "     "
	for k := range fewOnly {
		head += fmt.Sprintf("%5.4s", k)
	}
	t.Log(head)
	for _, l := range languages {
		row, kindsOf := fmt.Sprintf("%-5s", l), 0
		for k := range fewOnly {
			row += fmt.Sprintf("%5d", n[l][k])
			if n[l][k] > 0 {
				kindsOf++
			}
		}
		t.Logf("%s  %d of %d kinds", row, kindsOf, fewOnly)
	}
	for _, l := range region {
		for k := range fewOnly {
			if n[l] == nil || n[l][k] == 0 {
				t.Errorf("%s has no phrase of %s", l, k)
			}
		}
	}
}

func TestFold(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Read Also:", "read also:"}, {"إقرأ أيضاً", "اقرا ایضا"}, {"اقرا  ايضا", "اقرا ایضا"}, {"Auteur : Léa", "auteur: léa"}, {"İLGİLİ HABERLER", "ilgili haberler"},
		{"نوشته\u200cها", "نوشته ها"}, {"’s ‘x’", "'s 'x'"}, {" a\u00a0\u00a0b ", "a b"}, {"（责编：", "(责编:"}, {"", ""}, {"מָקוֹר", "מקור"},
	} {
		if got := Fold(c.text); got != c.want || Fold(got) != got {
			t.Errorf("Fold(%q) = %q, want %q", c.text, got, c.want)
		}
	}
}

func TestLookUp(t *testing.T) {
	x := Known()
	for _, c := range []struct {
		kind Kind
		text string
		want bool
	}{
		{Related, "Read also: the mill", true}, {Related, "Readalsome", false}, {Related, "مواضيع ذات صلة", true}, {Related, "関連記事一覧", true},
		{Related, "Benzer haberler", true}, {Appeal, "إعلان", true}, {Appeal, "إعلانات", true}, {Appeal, "اعلانها", false},
	} {
		if got := x.Opens(c.kind, Fold(c.text)) != nil; got != c.want {
			t.Errorf("%q opens as %s: %t", c.text, c.kind, got)
		}
	}
	for _, c := range []struct {
		text string
		want bool
	}{{"The River News", true}, {"Newsom", false}, {"قناة النهر", true}} {
		if got := x.Holds(Outlet, Fold(c.text)) != nil; got != c.want {
			t.Errorf("%q holds an outlet: %t", c.text, got)
		}
	}
	if rest, p := x.Cut(Byline, "Auteur : Léa Morel"); p == nil || rest != " Léa Morel" {
		t.Errorf("%q %v", rest, p)
	}
}
