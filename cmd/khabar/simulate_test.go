package main

import (
	"encoding/json"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/rhythm"
	"github.com/khabar-crawler/khabar/pkg/rhythm/simulation"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// TestSimulateFromStore simulates the sections that are stored, once something is known of them.
func TestSimulateFromStore(t *testing.T) {
	t.Parallel()
	w := newWeb(t, demosite.Config{Sites: 1, PerSection: 1})
	dir := t.TempDir()
	fails(t, []string{"simulate", "--from-store", "--dir", dir}, "holds no crawl")
	succeeds(t, w.crawl(dir, "--once")...)
	fails(t, []string{"simulate", "--from-store", "--dir", dir}, "no section was visited over two days yet")
	st, done, err := readStore(t.Context(), serverFlags{dir: dir}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	busy := 0
	for p, err := range st.Sections(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if p.Kind != store.KindListing {
			continue
		}
		busy++
		p.Rhythm = &rhythm.Stats{At: time.Now().UTC(), Count: 900, Days: 10}
		if _, err := st.Commit(t.Context(), []store.Effect{{Page: p}}); err != nil {
			t.Fatal(err)
		}
	}
	done()
	results := map[bool]simulation.Result{}
	for _, own := range []bool{false, true} {
		args := []string{"simulate", "--dir", dir, "--days", "12", "--json", "--requests", "48", "--list", "10"}
		if own {
			args = append(args, "--from-store")
		} else {
			args = append(args, "--sections", "10")
		}
		var r simulation.Result
		if err := json.Unmarshal([]byte(succeeds(t, args...)), &r); err != nil {
			t.Fatal(err)
		}
		results[own] = r
	}
	// Ninety articles a day in each: they are seen as often, and more of them go by.
	if own, drawn := results[true], results[false]; busy == 0 || own.Requests < 40 || own.Beyond <= drawn.Beyond {
		t.Errorf("%d sections: own %+v, drawn %+v", busy, own, drawn)
	}
}
