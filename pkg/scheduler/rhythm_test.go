package scheduler

import (
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/look"
	"github.com/khabar-crawler/khabar/pkg/rhythm"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// TestPool: what sections have taught is put together by site, by country and for all.
func TestPool(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/", "http://b.example/", "http://c.example/")
	p.sites[0].Country, p.sites[1].Country = "IQ", "IQ"
	for i, s := range p.sites {
		p.grow(i+1, s, func(pg *store.Page) {
			pg.Kind, pg.Interval = store.KindListing, 600
			pg.Rhythm = &rhythm.Stats{At: time.Now().UTC(), Count: 10, Days: 5, Hour: [24]float64{9: 10}}
		})
	}
	for i, s := range p.sites {
		profile := store.Profile{Site: s.ID, UpdatedAt: time.Now()}
		if err := profile.Encode(map[string]any{"habit": look.Habit{Articles: float64(10 * (i + 1)), Looks: 20}}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.store.SaveProfile(t.Context(), profile); err != nil {
			t.Fatal(err)
		}
	}
	p.scheduler(nil).pool(t.Context())
	all, err := p.store.Rhythms(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, r := range all {
		got[r.ID] = r.Pool.Hour[9]
		if fleet := r.ID == store.FleetRhythm; fleet != (r.Looks != nil) || fleet && r.Looks.Habit.Articles != 60 {
			t.Errorf("%s: looks have taught %+v", r.ID, r.Looks)
		}
	}
	for id, want := range map[string]float64{"fleet": 60, "country IQ": 30, "site " + p.sites[0].ID: 10, "site " + p.sites[2].ID: 30} {
		if got[id] != want {
			t.Errorf("%s: %g articles at nine, want %g", id, got[id], want)
		}
	}
	if len(got) != 5 {
		t.Errorf("%v", got)
	}
}

// TestShared: of the sections of one site the cheapest that shows what others show is visited for all of it.
func TestShared(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/")
	pages := p.grow(2, p.sites[0], func(pg *store.Page) {
		pg.Kind, pg.Interval = store.KindListing, 600
		pg.Rhythm = &rhythm.Stats{At: time.Now().UTC(), Count: 50, Days: 10}
	})
	for i, pg := range pages {
		other := pages[1-i].ID
		pg.Rhythm.Account = rhythm.Account{Moved: 100, Tied: map[string]float64{other: 40}, Cost: []float64{9_000, 200_000}[i]}
		if _, err := p.store.Commit(t.Context(), []store.Effect{{Page: pg}}); err != nil {
			t.Fatal(err)
		}
	}
	p.scheduler(nil).pool(t.Context())
	all, err := p.store.Rhythms(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.ID == store.SiteRhythm(p.sites[0].ID) && (r.Shifts[pages[0].ID] != 4 || r.Shifts[pages[1].ID] != -4) {
			t.Errorf("%v", r.Shifts)
		}
	}
}
