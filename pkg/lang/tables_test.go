package lang

import (
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "make ngrams.txt anew from testdata/texts")

// source is a language's text: testdata/texts/LANGUAGE-SCRIPT.txt. Lines that begin with = hold words that are common in it, all
// others a sentence each. Of three sentences two make the tables, and the third measures them.
type source struct {
	language, script string
	words            []string
	making, measure  []string
}

func sources(t testing.TB) []source {
	t.Helper()
	files, err := filepath.Glob("testdata/texts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no texts", err)
	}
	var out []source
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		language, script, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".txt"), "-")
		s := source{language: language, script: script}
		n := 0
		for line := range strings.Lines(string(data)) {
			line = strings.TrimSpace(line)
			words, isWords := strings.CutPrefix(line, "=")
			switch {
			case line == "":
			case isWords:
				s.words = append(s.words, strings.Fields(words)...)
			case n%3 == 2:
				s.measure, n = append(s.measure, line), n+1
			default:
				s.making, n = append(s.making, line), n+1
			}
		}
		out = append(out, s)
	}
	return out
}

// faint is the share of a sequence's order, or of words, that counts for nothing: what is seen as often as this may be chance.
var faint = map[int]float64{2: 1e-4, 3: 2e-4, wordOrder: 1e-6}

const (
	// strange is the same for single letters: one beyond a to z that a language does not have is strong evidence against it.
	strange    = 1e-6
	commonWord = 0.004 // the share that a listed word has at least
	onceIn     = 1     // a sequence of three that a text has once is kept where no other language of the script has it
)

// counts counts a text's sequences and words.
func (s source) counts(t *tables) map[int]map[string]float64 {
	c := map[int]map[string]float64{1: {}, 2: {}, 3: {}, wordOrder: {}}
	script := uint8(slices.IndexFunc(t.scripts, func(r scriptRow) bool { return r.name == s.script }))
	for _, line := range s.making {
		x := &sample{count: make([]int, len(t.scripts))}
		x.add(t, line, 1<<20)
		text := x.folded(script)
		for n := 1; n <= maxOrder; n++ {
			for i := n; i <= len(text); i++ {
				if g := string(text[i-n : i]); g != " " {
					c[n][g]++
				}
			}
		}
		for _, w := range strings.Fields(string(text)) {
			c[wordOrder][w]++
		}
	}
	return c
}

// listed adds the words that a language's text lists as common, with the sequences that they hold.
func (s source) listed(shares map[string]float64) {
	for _, w := range s.words {
		shares[strings.ToLower(w)] = max(shares[strings.ToLower(w)], commonWord)
	}
}

// makeTables writes ngrams.txt.
func makeTables(t *testing.T) string {
	empty, err := load(scriptsFile, kinFile, "")
	if err != nil {
		t.Fatal(err)
	}
	all := sources(t)
	counts := make([]map[int]map[string]float64, len(all))
	spread := map[string]int{}
	for i, s := range all {
		counts[i] = s.counts(empty)
		for g := range counts[i][3] {
			spread[s.script+g]++
		}
	}
	var b strings.Builder
	b.WriteString("# Made by go test -run TestTables -update from testdata/texts. A language and its script, then lines of: an order, a weight in\n" +
		"# steps, and sequences of so many letters one after the other (order 4: words).\n")
	for i, s := range all {
		fmt.Fprintf(&b, "%s %s\n", s.language, s.script)
		for order := 1; order <= wordOrder; order++ {
			writeOrder(&b, order, s, counts[i][order], spread)
		}
	}
	return b.String()
}

func writeOrder(b *strings.Builder, order int, s source, counts map[string]float64, spread map[string]int) {
	total := 0.0
	for _, n := range counts {
		total += n
	}
	shares := map[string]float64{}
	for g, n := range counts {
		if n == 1 && (order == wordOrder || order == maxOrder && spread[s.script+g] > onceIn) {
			continue
		}
		shares[g] = n / total
	}
	if order == wordOrder {
		s.listed(shares)
	}
	rows := map[int][]string{}
	for g, share := range shares {
		least := faint[order]
		if order == 1 {
			if asciiLetter([]rune(g)[0]) {
				continue // all have them
			}
			least = strange
		}
		if steps := int(math.Log(1+share/least)/weightStep + 0.5); steps > 0 {
			rows[steps] = append(rows[steps], strings.ReplaceAll(g, " ", "_"))
		}
	}
	for _, steps := range slices.Sorted(maps.Keys(rows)) {
		slices.Sort(rows[steps])
		sep := ""
		if order == wordOrder {
			sep = " "
		}
		fmt.Fprintf(b, "%d %d %s\n", order, steps, strings.Join(rows[steps], sep))
	}
}

// TestTables: ngrams.txt is what the texts make, and small.
func TestTables(t *testing.T) {
	want := makeTables(t)
	if *update {
		if err := os.WriteFile("ngrams.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if ngramsFile != want {
		t.Error("ngrams.txt is not what testdata/texts make: go test ./pkg/lang -run TestTables -update")
	}
	if len(ngramsFile) > 200_000 {
		t.Errorf("ngrams.txt has %d bytes, at most 200,000 are wanted", len(ngramsFile))
	}
}

// TestTextsAreParted: no sentence stands twice, so none that makes the tables measures them.
func TestTextsAreParted(t *testing.T) {
	seen := map[string]string{}
	for _, s := range sources(t) {
		for _, line := range slices.Concat(s.making, s.measure) {
			if was, ok := seen[line]; ok {
				t.Errorf("%s and %s have the same sentence %q", was, s.language, line)
			}
			seen[line] = s.language
		}
	}
}
