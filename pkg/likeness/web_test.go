package likeness

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/demosite"
)

// sample is one article of the set: texts of one story and family are one text, all others are not.
type sample struct {
	story int    // which report it was made of
	made  string // how
	text  string
	read  Text
}

var languages = []string{"ar", "fa", "ckb", "tr", "en", "he", "zh"}

// originals are n reports in a language, as paragraphs: the demo web's, or such as are made of testdata/reports.txt.
func originals(t testing.TB, language string, n int) [][]string {
	if language == "he" || language == "zh" {
		return composed(t, language, n)
	}
	web, err := demosite.New(demosite.Config{Seed: 5, PerSection: 30})
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for _, a := range web.Articles() {
		if a.Language == language && len(a.Paragraphs) >= 3 && len(all) < n {
			all = append(all, a.Paragraphs)
		}
	}
	return all
}

// lists reads a file of testdata: lists by the language and, before " = ", by name.
func lists(t testing.TB, name string) map[string]map[string][]string {
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, of := make(map[string]map[string][]string), ""
	for sc := bufio.NewScanner(f); sc.Scan(); {
		line := sc.Text()
		switch key, value, found := strings.Cut(line, " = "); {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			of = strings.Trim(line, "[]")
			all[of] = make(map[string][]string)
		case found && strings.Contains(value, " || "):
			all[of][key] = strings.Split(value, " || ")
		case found:
			all[of][key] = strings.Fields(value)
		default:
			all[of][""] = append(all[of][""], line)
		}
	}
	return all
}

func filled(rng *rand.Rand, template string, cities []string) string {
	template = strings.ReplaceAll(template, "{city}", cities[rng.IntN(len(cities))])
	for strings.Contains(template, "{n}") {
		template = strings.Replace(template, "{n}", strconv.Itoa(3+rng.IntN(9000)), 1)
	}
	return template
}

func composed(t testing.TB, language string, n int) [][]string {
	of := lists(t, "reports.txt")[language]
	var all [][]string
	for i := range n {
		rng := rand.New(rand.NewPCG(7, uint64(i)))
		begin, end := rng.Perm(len(of[""])), rng.Perm(len(of[""]))
		var paragraphs []string
		for k := 0; k < 15; k += 3 {
			var p string
			for n := k; n < k+3; n++ {
				first, _ := halves(of[""][begin[n]])
				_, second := halves(of[""][end[n]])
				p += filled(rng, first+second, of["cities"]) + ". "
			}
			paragraphs = append(paragraphs, p)
		}
		all = append(all, paragraphs)
	}
	return all
}

// halves cuts a clause at the space in its middle, or where there is none at its middle.
func halves(clause string) (first, second string) {
	clause = strings.TrimRight(clause, ".。")
	if before, after, ok := strings.Cut(clause[len(clause)/2:], " "); ok {
		return clause[:len(clause)/2] + before + " ", after
	}
	r := []rune(clause)
	return string(r[:len(r)/2]), string(r[len(r)/2:])
}

// cutTo leaves the share of a text that its first paragraphs and words are.
func cutTo(paragraphs []string, share float64) []string {
	total := 0
	for _, p := range paragraphs {
		total += len([]rune(p))
	}
	left := int(share * float64(total))
	var cut []string
	for _, p := range paragraphs {
		r := []rune(p)
		if len(r) > left {
			if left > 0 {
				cut = append(cut, string(r[:left]))
			}
			break
		}
		cut, left = append(cut, p), left-len(r)
	}
	return cut
}

// typeset prints a text as another system does: quotation marks, dashes, digits, joiners, letters, the cut of paragraphs.
func typeset(language, text string) string {
	pairs := []string{"\n\n", "\n", "'", "’", "\"", "»", "-", "–", ", ", " , ", ". ", ".  "}
	switch language {
	case "ar":
		pairs = append(pairs, "ي", "ی", "أ", "ا", "ك", "ک", "ة", "ه", "ا ", "ـا ")
	case "fa", "ckb":
		pairs = append(pairs, "ی", "ي", "ک", "ك")
	case "tr":
		pairs = append(pairs, "ö", "o\u0308", "ü", "u\u0308", "Ş", "ş")
	case "zh":
		pairs = append(pairs, "，", ",", "。", ". ", "0", "０", "1", "１", "2", "２")
	}
	if language == "ar" || language == "fa" || language == "ckb" {
		for d := range 10 {
			pairs = append(pairs, strconv.Itoa(d), string('٠'+rune(d)))
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// whole is the form that a report has where it was written.
const whole = "as it is"

// variants are the forms in which other sites print a report; foreign is another report, of which paragraphs are taken.
func variants(language string, ps, foreign []string) map[string][]string {
	join := func(parts ...[]string) (all []string) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	last := len(ps) - 1
	turned := append([]string{ps[0]}, join(ps[2:], ps[1:2])...)
	own := foreign[len(foreign)-1:]
	return map[string][]string{
		whole:             ps,
		"other lead":      join(foreign[:1], ps[1:]),
		"dateline":        join([]string{"SITE / AGENCY — " + ps[0]}, ps[1:]),
		"cut by 30 %":     cutTo(ps, .7),
		"cut by 60 %":     cutTo(ps, .4),
		"led anew, cut":   join(cutTo(foreign[:1], .6), cutTo(ps, .6)),
		"reordered":       turned,
		"added":           join(ps[:last], own, ps[last:], cutTo(foreign[1:2], .9)),
		"typography":      strings.Split(typeset(language, strings.Join(ps, "\n\n")), "\n\n"),
		"first cut, led":  join(cutTo(foreign[:1], .4), cutTo(ps[1:], .7)),
		"one word edited": join([]string{strings.Replace(ps[0], " ", " X ", 1)}, ps[1:]),
	}
}

// sampled is the whole set of a language.
func sampled(t testing.TB, language string) []sample {
	const reports = 40
	texts := originals(t, language, 2*reports)
	if len(texts) < 2*reports {
		t.Fatalf("%s: %d reports", language, len(texts))
	}
	var all []sample
	add := func(story int, made string, paragraphs []string) {
		text := strings.Join(paragraphs, "\n\n")
		all = append(all, sample{story: story, made: made, text: text, read: Read(text)})
	}
	for i, ps := range texts[:reports] {
		for made, v := range variants(language, ps, texts[reports+i]) {
			add(i, made, v)
		}
	}
	boilerplate := "This text was written by the editors of the site. All rights of what is printed here are with its publisher, who is not bound by what readers write below it."
	for i, ps := range texts[reports:] { // other reports on the same topics, with the same lines below
		add(1000+i, "other", append(ps[:len(ps):len(ps)], boilerplate))
	}
	serial, cities := lists(t, "serial.txt")[language], lists(t, "reports.txt")["he"]["cities"]
	for i := range 12 {
		rng := rand.New(rand.NewPCG(11, uint64(i)))
		for n, kind := range []string{"weather", "prices"} {
			var ps []string
			for _, p := range serial[kind] {
				ps = append(ps, filled(rng, p, cities[:1]))
			}
			add(2000+100*n+i, kind, ps)
		}
	}
	return all
}

// order is by which a report comes before what was made of it.
func (s sample) order() int {
	if s.made == whole {
		return 0
	}
	return 1 + len(s.text)%97
}

// candidates are the pairs that share keys enough, the lower first.
func candidates(all []sample) map[[2]int]bool {
	by, shared := make(map[uint64][]int), make(map[[2]int]int)
	for i, s := range all {
		for _, k := range s.read.Keys() {
			for _, j := range by[k] {
				shared[[2]int{j, i}]++
			}
			by[k] = append(by[k], i)
		}
	}
	found := make(map[[2]int]bool)
	for pair, n := range shared {
		if n >= LeastShared {
			found[pair] = true
		}
	}
	return found
}

// score counts pairs: those that were taken for one text, those that are, and those that are both.
type score struct{ found, wanted, right int }

func (s *score) add(found, wanted bool) {
	if found {
		s.found++
	}
	if wanted {
		s.wanted++
	}
	if found && wanted {
		s.right++
	}
}

func (s score) precision() float64 { return float64(s.right) / float64(max(s.found, 1)) }
func (s score) recall() float64    { return float64(s.right) / float64(max(s.wanted, 1)) }

func (s score) atLeast(share float64) bool { return s.precision() >= share && s.recall() >= share }

func (s score) String() string {
	return fmt.Sprintf("precision %.4f of %d pairs, recall %.4f of %d", s.precision(), s.found, s.recall(), s.wanted)
}
