package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestScoresByKind scores what is extracted from pages of seven kinds, most of them long and built, and fails when a score
// of the articles falls below the best one recorded in testdata/kinds.json, or more of the other kinds are taken for articles.
func TestScoresByKind(t *testing.T) {
	shared, err := filepath.Abs(sharedDir(t))
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() || raced {
		t.Skip("scores take a while")
	}
	archive := filepath.Join(shared, "corpus", "wcxb-dev.tar.gz")
	pages, err := readArchive(archive, "kinds")
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no saved pages: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var predictions bytes.Buffer
	for _, p := range pages {
		r := Extract(Page{URL: p.gold.URL, Body: p.html}, Options{Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)})
		pred := prediction(p, r)
		pred["id"] = p.id
		if err := json.NewEncoder(&predictions).Encode(pred); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(t.TempDir(), "extract.jsonl")
	if err := os.WriteFile(file, predictions.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	score := exec.Command("go", "run", "./eval", "-wcxb", archive, file)
	score.Dir = filepath.Join(shared, "tools")
	table, err := score.Output()
	if err != nil {
		t.Skipf("the scorer cannot be run: %v", err)
	}
	best := bestScores(t, "testdata/kinds.json")
	got := scoresByKind(t, string(table))
	for kind, want := range best {
		for field, w := range want {
			have, scored := got[kind][field]
			lower := field == "without" || field == "articles" && kind != "article" // the less the better
			switch {
			case !scored:
				t.Errorf("the scorer gives no %s of %s", field, kind)
			case lower && have > w+scoreSlack, !lower && have < w-scoreSlack:
				t.Errorf("%s %s: %.4f, the best recorded is %.4f", kind, field, have, w)
			case lower && have < w-scoreSlack, !lower && have > w+scoreSlack:
				t.Logf("%s %s: %.4f is better than the best recorded %.4f", kind, field, have, w)
			}
		}
	}
	t.Logf("%s", table)
}

// scoresByKind reads the scorer's table: a line that names the columns, and one for each kind of page.
func scoresByKind(t *testing.T, table string) map[string]map[string]float64 {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(table), "\n")
	names := strings.Fields(lines[0])[2:] // behind the benchmark's name and the file's
	out := map[string]map[string]float64{}
	for _, line := range lines[1:] {
		cols := strings.Fields(line)
		if len(cols) != len(names)+1 {
			t.Fatalf("the scorer's line has %d columns, its head %d: %q", len(cols), len(names)+1, line)
		}
		row := map[string]float64{}
		for i, name := range names {
			v, err := strconv.ParseFloat(cols[i+1], 64)
			if err != nil {
				t.Fatal(err)
			}
			row[strings.ToLower(name)] = v
		}
		out[cols[0]] = row
	}
	return out
}
