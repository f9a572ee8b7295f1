package lang

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/language"
)

const (
	longLetters  = 200 // of a text that is measured
	headLetters  = 60  // of a headline
	longGoal     = 0.99
	headlineGoal = 0.95
)

// pieces cuts sentences into texts of so many letters, at words; a text may go over several sentences, and one begins at each.
func pieces(sentences []string, letters int) []string {
	var out []string
	for i := range sentences {
		var b strings.Builder
		n := 0
		for k := 0; k < len(sentences) && n < letters; k++ {
			for _, w := range strings.Fields(sentences[(i+k)%len(sentences)]) {
				b.WriteString(w + " ")
				n += lettersIn(w)
				if n >= letters {
					break
				}
			}
		}
		out = append(out, b.String())
	}
	return out
}

// headlines cuts each sentence into parts of about so many letters; the last part may be shorter by a third.
func headlines(sentences []string, letters int) []string {
	var out []string
	for _, s := range sentences {
		var b strings.Builder
		n := 0
		for _, w := range strings.Fields(s) {
			b.WriteString(w + " ")
			if n += lettersIn(w); n >= letters*2/3 {
				out = append(out, b.String())
				n = 0
				b.Reset()
			}
		}
	}
	return out
}

func lettersIn(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// share reads texts of one language, and gives the share that reads as it and what the others read as.
func share(language string, texts []string) (float64, []string) {
	var wrong []string
	for _, text := range texts {
		if got := Read(text).Language(); got != language {
			wrong = append(wrong, fmt.Sprintf("%s: %s", got, text))
		}
	}
	return 1 - float64(len(wrong))/float64(len(texts)), wrong
}

// TestLanguages measures on the sentences that the tables were not made from.
func TestLanguages(t *testing.T) {
	var long, heads, n float64
	for _, s := range sources(t) {
		l, wrongLong := share(s.language, pieces(s.measure, longLetters))
		parts := headlines(s.measure, headLetters)
		h, wrongHeads := share(s.language, parts)
		least := never
		for _, text := range pieces(s.measure, longLetters) {
			r := Read(text)
			least = min(least, r.Points()/float64(r.letters))
		}
		t.Logf("%-4s %-5s texts %.3f of %d, headlines %.3f of %d, at least %.2f points a letter %q", s.language, s.script, l, len(s.measure), h, len(parts), least, append(wrongLong, wrongHeads...))
		long, heads, n = long+l, heads+h, n+1
	}
	t.Logf("%.0f languages: texts %.4f, headlines %.4f", n, long/n, heads/n)
	if long/n < longGoal || heads/n < headlineGoal {
		t.Errorf("texts %.4f, headlines %.4f; want %.2f and %.2f", long/n, heads/n, longGoal, headlineGoal)
	}
}

// TestLanguagesAreTags: what a reading says is a base tag as BCP 47 writes it.
func TestLanguagesAreTags(t *testing.T) {
	names := slices.Clone(known().languages)
	for _, s := range known().scripts {
		names = append(names, s.languages...)
	}
	for _, name := range names {
		if base, err := language.ParseBase(name); err != nil || base.String() != name {
			t.Errorf("%s: %v, %v", name, base, err)
		}
	}
}

// TestScripts: what one language alone is written in tells it, whatever the tables hold; few letters tell nothing.
func TestScripts(t *testing.T) {
	for text, want := range map[string]string{
		"Το δημοτικό συμβούλιο αποφάσισε":     "el",
		"Քաղաքային խորհուրդը որոշեց":          "hy",
		"საკრებულომ გადაწყვიტა ხიდის აღდგენა": "ka",
		"מועצת העיר החליטה לבנות מחדש":        "he",
		"የከተማው ምክር ቤት ድልድዩን ለመገንባት ወሰነ":       "am",
		"শহর পরিষদ সেতুটি পুনর্নির্মাণের":     "bn",
		"สภาเมืองมีมติให้สร้างสะพานใหม่":      "th",
		"시의회는 오래된 다리를 다시 짓기로 결정했다":            "ko",
		"市議会は古い橋を架け替えることを決めた":                 "ja",
		"市议会星期二晚上决定重建旧桥结束争议":                  "zh",
		"นะ": "", "": "", "1234 5678 -- 90": "",
	} {
		if got := Read(text).Language(); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// TestBehind: what a claim is worth beside the letters.
func TestBehind(t *testing.T) {
	german := Read("Der Stadtrat hat am Abend beschlossen, die alte Brücke nach neun Jahren neu zu bauen.")
	for claim, far := range map[string]bool{"de": false, "en": true, "ar": true, "zh": true} {
		if behind, told := german.Behind(claim); !told || (behind > 50) != far {
			t.Errorf("%s is %.0f points behind, told %v", claim, behind, told)
		}
	}
	if _, told := german.Behind("lb"); told {
		t.Error("the tables hold no Luxembourgish, and yet tell it from German")
	}
	if behind, told := Read("Ekipa je dobila utakmicu").Behind("bs"); behind > 60 || !told {
		t.Errorf("kin are %.0f behind, told %v", behind, told)
	}
}

// TestBounded: a text of any length and kind is read in parts.
func TestBounded(t *testing.T) {
	for _, text := range []string{strings.Repeat("a", 1<<20), strings.Repeat("1 ", 1<<20), strings.Repeat("\xff", 1<<20), strings.Repeat("'", 1<<20)} {
		if n := len(known().sample(text).runes); n > 3*sampleRunes {
			t.Errorf("%.10q… is sampled to %d characters", text, n)
		}
		Read(text)
	}
}

// FuzzRead: no text makes it fail, and what it says of a text is one of the languages that may be.
func FuzzRead(f *testing.F) {
	f.Add("The council decided")
	f.Add("\xff\xfe ﷺ ʻ’ 𠀀")
	f.Fuzz(func(t *testing.T, text string) {
		r := Read(text)
		if l := r.Language(); l != "" {
			if behind, told := r.Behind(l); !told || behind != 0 {
				t.Errorf("%q is %v behind itself, told %v", l, behind, told)
			}
		}
	})
}

// BenchmarkRead reads texts of 200 letters in all languages of the tables.
func BenchmarkRead(b *testing.B) {
	var texts []string
	for _, s := range sources(b) {
		texts = append(texts, pieces(s.measure, longLetters)...)
	}
	Read(texts[0])
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		Read(texts[i%len(texts)])
	}
}
