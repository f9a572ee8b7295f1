package likeness

import (
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/text/unicode/norm"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestSet: pairs of a report's forms, and pairs of other articles, are found out as what they are, through keys and then texts.
func TestSet(t *testing.T) {
	for _, language := range languages {
		t.Run(language, func(t *testing.T) {
			all := sampled(t, language)
			found := candidates(all)
			var pairs score
			missed, wrong := make(map[string]int), make(map[string]int)
			for i := range all {
				for j := i + 1; j < len(all); j++ {
					a, b := all[i], all[j]
					is := found[[2]int{i, j}] && Compare(a.read, b.read, false) != Other
					if a.story == b.story && a.made != whole && b.made != whole {
						continue // two cuts may have nothing in common
					}
					if pairs.add(is, a.story == b.story); is != (a.story == b.story) {
						if is {
							wrong[a.made+" / "+b.made]++
						} else {
							missed[a.made+" / "+b.made]++
						}
					}
				}
			}
			if !pairs.atLeast(.97) {
				t.Errorf("%v; missed %v, wrong %v", pairs, missed, wrong)
			}
			t.Log(pairs)
		})
	}
}

// TestClusters: the pairs that are in one cluster, with the report itself as the earliest and the other forms at any time after it.
func TestClusters(t *testing.T) {
	for _, language := range languages {
		t.Run(language, func(t *testing.T) {
			all := sampled(t, language)
			slices.SortStableFunc(all, func(a, b sample) int { return a.order() - b.order() })
			found, roots := candidates(all), make([]int, len(all))
			for i := range all {
				roots[i] = i
				for j := range i {
					if found[[2]int{j, i}] && Compare(all[i].read, all[j].read, false) != Other {
						roots[i] = roots[j]
						break
					}
				}
			}
			var pairs score
			for i := range all {
				for j := range i {
					pairs.add(roots[i] == roots[j], all[i].story == all[j].story)
				}
			}
			if !pairs.atLeast(.97) {
				t.Error(pairs)
			}
			t.Log(pairs)
		})
	}
}

// TestCompare: what two texts are to each other.
func TestCompare(t *testing.T) {
	report := originals(t, "en", 3)
	text := func(paragraphs ...string) string { return strings.Join(paragraphs, "\n\n") }
	whole, other := text(report[0]...), text(report[1]...)
	for _, tc := range []struct {
		about string
		a, b  string
		want  Relation
	}{
		{"itself", whole, whole, Copy},
		{"in capitals", whole, strings.ToUpper(whole), Copy},
		{"a dateline", whole, "BAGHDAD — " + whole, Copy},
		{"two fifths", whole, text(cutTo(report[0], .4)...), Part},
		{"another report below it", whole, text(whole, other, text(report[2]...)), Part},
		{"another report", whole, other, Other},
		{"nothing", whole, "", Other},
		{"nothing twice", "", "", Other},
		{"a line twice", "Watch it here.", "Watch it here.", Other},
	} {
		a, b := Read(tc.a), Read(tc.b)
		if got := Compare(a, b, false); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.about, got, tc.want)
		}
		if Compare(a, b, false) != Compare(b, a, false) {
			t.Errorf("%s: it depends on the order", tc.about)
		}
	}
	// Of one agency: where the share is too small for others.
	between := 0
	for share := .3; share < .9; share += .05 {
		a, b := Read(whole), Read(text(text(cutTo(report[0], .4)...), text(cutTo(report[1], share)...), text(cutTo(report[2], share)...)))
		if Compare(a, b, false) == Other && Compare(a, b, true) == Part {
			between++
		}
	}
	if between == 0 {
		t.Error("an agency that both name makes no difference")
	}
}

// TestHash: typography changes neither the hash nor the keys, and a word does.
func TestHash(t *testing.T) {
	for _, language := range languages {
		report := strings.Join(originals(t, language, 1)[0], "\n\n")
		a, b := Read(report), Read(typeset(language, report))
		if a.Hash() != b.Hash() || !slices.Equal(a.Keys(), b.Keys()) || len(a.Hash()) != 32 {
			t.Errorf("%s: %s, %s", language, a.Hash(), b.Hash())
		}
		if Read(report+" 7").Hash() == a.Hash() {
			t.Errorf("%s: a number more is the same text", language)
		}
	}
	if h := Read(" — \n").Hash(); h != "" {
		t.Errorf("no words: %q", h)
	}
}

func FuzzCompare(f *testing.F) {
	f.Add(strings.Repeat("The council of the town said on Monday that 12 bridges are open. ", 4), "المجلس البلدي: «فُتح 12 جسراً»، أَعلن ذلك اليوم")
	f.Add("市长表示工程将在３个月后开工，工期至少两年。", "ŞEHİRDE ışık o\u0308dendi")
	f.Add("a'b\u0640\u200c\xff\u0661\u4e00\u3000", strings.Repeat("\u0301", 100))
	f.Fuzz(func(t *testing.T, x, y string) {
		a, b := Read(x), Read(y)
		if Compare(a, b, false) != Compare(b, a, false) || Compare(a, b, true) < Compare(a, b, false) {
			t.Error("it depends on the order, or agencies that agree make less of it")
		}
		if keys := a.Keys(); len(keys) > 0 && (Compare(a, a, false) != Copy || !slices.IsSorted(keys) || len(keys) > 20) {
			t.Errorf("keys %v", keys)
		}
		if n := norm.NFKC.String(x); len(x) < maxRead && len(n) < maxRead && Read(n).Hash() != a.Hash() {
			t.Error("another encoding is another text")
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for _, language := range languages {
		text := strings.Join(slices.Concat(originals(b, language, 2)...), "\n\n") // some 500 words
		b.Run(language, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Read(text)
			}
		})
	}
}

func BenchmarkCompare(b *testing.B) {
	all := originals(b, "en", 4)
	x, y := Read(strings.Join(slices.Concat(all[0], all[1], all[2]), "\n")), Read(strings.Join(slices.Concat(all[1], all[2], all[3]), "\n"))
	for b.Loop() {
		Compare(x, y, false)
	}
}
