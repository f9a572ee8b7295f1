package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/demosite"
)

// TestSections lists the sections of a crawl: when they are visited, why then, and what their visits prove.
func TestSections(t *testing.T) {
	t.Parallel()
	w := newWeb(t, demosite.Config{PerSection: 3})
	dir := t.TempDir()
	for range 2 {
		succeeds(t, w.crawl(dir, "--once")...)
	}
	var sites []string
	proofs := map[string]int{}
	for l := range strings.Lines(succeeds(t, "sections", "--dir", dir, "--json")) {
		var r sectionRecord
		if err := json.Unmarshal([]byte(l), &r); err != nil {
			t.Fatalf("%v in %q", err, l)
		}
		if r.LastVisit == nil || r.NextVisit == nil || !r.NextVisit.After(*r.LastVisit) || r.Why == "" {
			t.Errorf("%+v", r)
		}
		if sites = append(sites, r.Site); r.Listed > 0 {
			proofs[r.Proof]++
		}
	}
	below := 0
	for l := range strings.Lines(succeeds(t, "sections", "--dir", dir, "--sitemaps", "--json")) {
		var r sectionRecord
		if err := json.Unmarshal([]byte(l), &r); err != nil {
			t.Fatalf("%v in %q", err, l)
		}
		if r.Index != "" {
			if below++; r.Kind != "sitemap" || r.LastVisit == nil || r.Why == "" {
				t.Errorf("%+v", r)
			}
		}
	}
	if text := succeeds(t, "sections", "--dir", dir, "--sitemaps"); below == 0 || strings.Count(text, "next by its index: when that says") != below {
		t.Errorf("%d sitemaps are below an index:\n%s", below, text)
	}
	if len(sites) < 6 || proofs["overlap"] < 2 || proofs["first"] < 4 || proofs["gap"] > 0 {
		t.Errorf("%d sections: %v", len(sites), proofs)
	}
	text := succeeds(t, "sections", "--dir", dir, "--site", sites[0])
	for _, want := range []string{sites[0], "visited  2", "gaps     none", " sections\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if text := succeeds(t, "sections", "--dir", dir, "--site", "none.example"); !strings.Contains(text, "no section of none.example is known") {
		t.Error(text)
	}
}
