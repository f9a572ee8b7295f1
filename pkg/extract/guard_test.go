package extract

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// reasons lists all reasons, in the order of the rules that give them.
func reasons() []Reason {
	var out []Reason
	for _, s := range passes {
		for _, r := range s.rules {
			for _, reason := range []Reason{r.reason, r.rest} {
				if reason != "" && !slices.Contains(out, reason) {
					out = append(out, reason)
				}
			}
		}
	}
	return out
}

// TestReasonsHavePages lists the reasons that no golden page shows.
func TestReasonsHavePages(t *testing.T) {
	shown := map[Reason]bool{"": true}
	for _, p := range readGolden(t) {
		trace := &Trace{}
		p.extract(Options{Explain: trace})
		for _, b := range trace.Blocks {
			shown[b.Why] = true
		}
	}
	all := reasons()
	for _, r := range all {
		if !shown[r] {
			t.Errorf("no golden page has a block that is %q", r)
		}
	}
	for r := range shown {
		if r != "" && !slices.Contains(all, r) {
			t.Errorf("%q is no rule's reason", r)
		}
	}
}

// TestRulesAreNeeded leaves the rules of each reason out in turn: a golden page must fail.
func TestRulesAreNeeded(t *testing.T) {
	pages := readGolden(t)
	for _, r := range reasons() {
		if !slices.ContainsFunc(pages, func(p goldenPage) bool { return len(p.want.compare(p.extract(Options{without: r}))) > 0 }) {
			t.Errorf("no golden page fails without the rules for %q", r)
		}
	}
}

// TestNeeds counts the pages that come out differently without the rules of each reason. It takes minutes and is left
// out unless KHABAR_NEEDS is set; with -v it prints the table.
func TestNeeds(t *testing.T) {
	if os.Getenv("KHABAR_NEEDS") == "" {
		t.Skip("KHABAR_NEEDS is not set")
	}
	type page struct {
		set, url string
		body     []byte
	}
	var pages []page
	for _, p := range readCorpus(t) {
		pages = append(pages, page{"saved", p.gold.URL, p.html})
	}
	more, err := readArchive(filepath.Join(sharedDir(t), "corpus", "wcxb-dev.tar.gz"), "wcxb")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range more {
		pages = append(pages, page{"wcxb", p.gold.URL, p.html})
	}
	for _, p := range readGolden(t) {
		pages = append(pages, page{"golden", p.want.URL, p.body})
	}
	cases, err := filepath.Glob(filepath.Join(sharedDir(t), "cases", "extract", "*", "page.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range cases {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page{"cases", "https://site.example/news/1", body})
	}
	hash := func(p page, without Reason) string {
		a := Extract(Page{URL: p.url, Body: p.body}, Options{Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), without: without}).Article
		return a.ContentHash + a.Agency
	}
	whole := make([]string, len(pages))
	for i, p := range pages {
		whole[i] = hash(p, "")
	}
	for _, r := range reasons() {
		n := map[string]int{}
		for i, p := range pages {
			if hash(p, r) != whole[i] {
				n[p.set]++
			}
		}
		t.Logf("%-34s saved %3d  wcxb %4d  golden %3d  cases %3d", r, n["saved"], n["wcxb"], n["golden"], n["cases"])
	}
}
