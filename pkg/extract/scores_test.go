package extract

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// scoreSlack is how far a score may fall below the best one recorded: half a page of the smaller set's exactness is
// more, a change of rules that costs whole pages shows.
const scoreSlack = 0.003

// bestScores reads the best scores recorded, by set.
func bestScores(t *testing.T, file string) (best map[string]map[string]float64) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &best); err != nil {
		t.Fatal(err)
	}
	return best
}

// TestScores scores what is extracted from the saved pages with their own scorer, and fails when a score falls below the
// best one recorded in testdata/scores.json. KHABAR_PREDICTIONS names a file that keeps the predictions.
func TestScores(t *testing.T) {
	shared, err := filepath.Abs(sharedDir(t))
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() || raced {
		t.Skip("scores take a while")
	}
	dir := t.TempDir()
	eval := filepath.Join(dir, "eval")
	build := exec.Command("go", "build", "-o", eval, "./eval")
	build.Dir = filepath.Join(shared, "tools")
	if out, err := build.CombinedOutput(); err != nil {
		t.Skipf("the scorer cannot be built: %v\n%s", err, out)
	}
	persons, named := filepath.Join(dir, "extract.jsonl"), filepath.Join(dir, "byline.jsonl")
	pages := readCorpus(t)
	quality := writePredictions(t, pages, persons, named)
	if keep := os.Getenv("KHABAR_PREDICTIONS"); keep != "" {
		data, err := os.ReadFile(persons)
		if err == nil {
			err = os.WriteFile(keep, data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	best := bestScores(t, "testdata/scores.json")
	for _, set := range []string{"world", "regional"} {
		perPage := filepath.Join(dir, set+".tsv")
		got := runEval(t, eval, filepath.Join(shared, "corpus", set+"-dev.tar.gz"), persons, "-pages", perPage)
		if auc, wrong := rankAUC(t, perPage, quality); wrong > 0 {
			t.Logf("%s: quality.score ranks the %d pages with F1 below %.1f with an AUC of %.3f", set, wrong, rightF1, auc)
		}
		got["persons_f1"] = personsF1(pages, set)
		got["byline_f1"] = runEval(t, eval, filepath.Join(shared, "corpus", set+"-dev.tar.gz"), named)["authors_f1"]
		for field, want := range best[set] {
			switch have := got[field]; {
			case field == "leaks" && have > want, field != "leaks" && have < want-scoreSlack:
				t.Errorf("%s %s: %.4f, the best recorded is %.4f", set, field, have, want)
			case field != "leaks" && have > want+scoreSlack:
				t.Logf("%s %s: %.4f is better than the best recorded %.4f", set, field, have, want)
			}
		}
		t.Logf("%s: %v", set, got)
	}
}

// notPersons are the agencies, newsrooms, sites and cities that the truth of the saved pages has among its authors. The
// field authors is for persons; the whole truth is what a byline says, and Result.Byline is held to that.
var notPersons = []string{"AFP", "AFP Deutschland", "Anadolu Ajansı", "Associated Press", "BBC News", "DER SPIEGEL", "Dizindaba", "DPA", "Gear Team", "Guardian staff reporter", "Habertürk",
	"IN-Redaktion", "Le Figaro et AFP", "Les Echos", "Lille", "mbl.is", "MND Staff", "Nairobi", "ndr.de", "nieuwsblad.be", "ntv.com.tr", "Redaktion hessenschau.de", "Reuters", "sportschau.de",
	"Sweidah", "The Associated Press", "Última Hora", "中日新聞Web", "日刊現代", "朝日新聞デジタル", "東京新聞デジタル"}

// personsF1 is the scorer's measure of authors over the pages whose truth names a person, with persons only.
func personsF1(pages []corpusPage, set string) float64 {
	sum, n := 0.0, 0
	for _, p := range pages {
		var truth []string
		for _, a := range p.gold.Authors {
			if !containsFold(notPersons, a) {
				truth = append(truth, a)
			}
		}
		if p.set != set || len(truth) == 0 {
			continue
		}
		found := Extract(Page{URL: p.gold.URL, Body: p.html}, Options{Now: time.Now()}).Article.Authors
		right := 0
		for _, a := range found {
			if containsFold(truth, a) {
				right++
			}
		}
		sum += 2 * float64(right) / float64(len(truth)+len(found))
		n++
	}
	return sum / float64(max(n, 1))
}

// rightF1 is from which F1 on an extraction counts as right.
const rightF1 = 0.9

// rankAUC is the chance that the quality score puts a wrong extraction below a right one, and how many are wrong.
func rankAUC(t *testing.T, perPage string, quality map[string]float64) (auc float64, wrong int) {
	data, err := os.ReadFile(perPage)
	if err != nil {
		t.Fatal(err)
	}
	var bad, good []float64
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n")[1:] {
		cols := strings.Split(line, "\t")
		f1, err := strconv.ParseFloat(cols[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		if f1 < rightF1 {
			bad = append(bad, quality[cols[1]])
		} else {
			good = append(good, quality[cols[1]])
		}
	}
	for _, b := range bad {
		for _, g := range good {
			switch {
			case b < g:
				auc++
			case b == g:
				auc += 0.5
			}
		}
	}
	return auc / float64(max(len(bad)*len(good), 1)), len(bad)
}

func runEval(t *testing.T, eval, corpus, predictions string, more ...string) map[string]float64 {
	out, err := exec.Command(eval, append(append([]string{"-json", "-corpus", corpus}, more...), predictions)...).Output()
	if err != nil {
		t.Fatalf("eval: %v", err)
	}
	var scores map[string]any
	if err := json.Unmarshal(bytes.TrimSpace(out), &scores); err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for k, v := range scores {
		if f, ok := v.(float64); ok {
			got[k] = f
		}
	}
	return got
}

// writePredictions extracts the pages, with the persons alone as authors and with everyone that the page names, and gives
// the quality scores.
func writePredictions(t *testing.T, pages []corpusPage, persons, named string) map[string]float64 {
	quality := map[string]float64{}
	var a, b bytes.Buffer
	encA, encB := json.NewEncoder(&a), json.NewEncoder(&b)
	for _, p := range pages {
		r := Extract(Page{URL: p.gold.URL, Body: p.html}, Options{Now: time.Now()})
		if r.Outcome != OutcomeArticle {
			t.Errorf("%s is %s: %s", p.id, r.Outcome, r.Reason)
		}
		pred := prediction(p, r)
		quality[p.gold.ID] = r.Article.Quality.Score
		if err := encA.Encode(pred); err != nil {
			t.Fatal(err)
		}
		pred["authors"] = r.Byline
		if err := encB.Encode(pred); err != nil {
			t.Fatal(err)
		}
	}
	for name, buf := range map[string]*bytes.Buffer{persons: &a, named: &b} {
		if err := os.WriteFile(name, buf.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return quality
}
