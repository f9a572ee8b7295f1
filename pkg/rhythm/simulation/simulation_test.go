package simulation

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/rhythm"
)

func small(list int) Config {
	return Config{
		Sections: 40, Days: 30, List: list, Seed: 11,
		Schedule: rhythm.Schedule{Start: 30 * time.Minute, Min: 10 * time.Minute, Max: 24 * time.Hour},
		Goal:     rhythm.Goal{Delay: 12 * time.Minute},
	}
}

func named(t *testing.T, name string) Policy {
	t.Helper()
	for _, p := range Policies() {
		if p.Name == name {
			return p
		}
	}
	t.Fatal(name)
	return Policy{}
}

func spend(t *testing.T, cfg Config, name string, requests float64) Result {
	t.Helper()
	r, err := Spend(t.Context(), cfg, named(t, name), requests)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%-13s %6.2f requests, median %6.1f, mean %6.1f, p95 %7.1f, beyond %.4f", r.Policy, r.Requests, r.Delay.Median, r.Delay.Mean, r.Delay.P95, r.Beyond)
	return r
}

// TestAgainstOthers holds the schedule to what it is for: at equal requests it finds news sooner than other rules, nearly as
// soon as one that knows each section's habits, however long lists
// are. The fleet is small: docs/freshness.md has the figures.
func TestAgainstOthers(t *testing.T) {
	t.Parallel()
	const requests = 6
	cfg := small(20)
	own := spend(t, cfg, "khabar", requests)
	for _, other := range []struct {
		name      string
		mean, p95 float64
	}{{"stormcrawler", .75, .6}, {"sqrt", .97, 1.1}, {"oracle", 1.1, 1.1}} {
		r := spend(t, cfg, other.name, requests)
		if own.Delay.Mean > other.mean*r.Delay.Mean || own.Delay.P95 > other.p95*r.Delay.P95 {
			t.Errorf("mean %.1f and p95 %.1f; %s has %.1f and %.1f", own.Delay.Mean, own.Delay.P95, r.Policy, r.Delay.Mean, r.Delay.P95)
		}
	}
}

// TestDefault: half of all news is found within a quarter of an hour, and on a day of four times as much hardly later.
func TestDefault(t *testing.T) {
	t.Parallel()
	r, err := Run(t.Context(), small(20), named(t, "khabar"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if r.Delay.Median >= 15 || r.Requests > 45 || r.Beyond > .02 || r.News.Mean > 1.3*r.Delay.Mean || r.News.Median == 0 {
		t.Errorf("%+v", r)
	}
	again, err := Run(t.Context(), small(20), named(t, "khabar"), 0)
	if err != nil || again != r {
		t.Errorf("the same again is another: %+v, %v", again, err)
	}
}

func TestCurve(t *testing.T) {
	t.Parallel()
	cfg := small(20)
	cfg.Sections, cfg.Days = 5, 9
	var b bytes.Buffer
	if err := Curve(t.Context(), &b, cfg); err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(&b); ; {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Curve(ctx, &b, cfg); err == nil {
		t.Error("no error though it was stopped")
	}
}

// TestOwn: an operator's own sections are simulated as they are.
func TestOwn(t *testing.T) {
	t.Parallel()
	cfg := small(20)
	cfg.Days = 12
	day := rhythm.Unknown().Profile
	for i := range day.Hour {
		day.Hour[i] = 0
	}
	day.Hour[9] = 24
	zone := time.FixedZone("+03", 3*3600)
	cfg.Own = []Habit{{Prior: rhythm.Prior{Rate: 48, Profile: day}, Zone: zone}, {Prior: rhythm.Prior{Rate: 3, Profile: day}, Zone: zone}}
	count := []int{0, 0}
	for i, s := range fleet(cfg) {
		count[i%2] += len(s.times)
		for _, at := range s.times {
			if local := at.In(zone).Add(-batchWithin * time.Minute); local.Hour() != 8 && local.Hour() != 9 {
				t.Fatalf("published at %v", at.In(zone))
			}
		}
	}
	if count[0] < 8*count[1] || count[0] > 30*count[1] || count[1] < 20*3*12/2 {
		t.Errorf("published %v", count)
	}
	if r, err := Run(t.Context(), cfg, named(t, "khabar"), 0); err != nil || r.Delay.Median == 0 {
		t.Errorf("%+v, %v", r, err)
	}
}
