package ledger

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func date(day, hour, minute int) time.Time {
	return time.Date(2026, time.November, day, hour, minute, 0, 0, time.UTC)
}

// TestQuantiles compares those of the bins with those of the delays themselves.
func TestQuantiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seconds := rapid.SliceOfN(rapid.IntRange(60, 40*24*3600), 1, 200).Draw(t, "seconds")
		d := Delays{}
		for _, s := range seconds {
			d[binName(binOf(time.Duration(s)*time.Second))]++
		}
		slices.Sort(seconds)
		for _, q := range []float64{0.01, 0.5, 0.95, 1} {
			want := float64(seconds[int(math.Ceil(q*float64(len(seconds))))-1])
			got, ok := d.Quantile(q)
			if ratio := got.Seconds() / want; !ok || ratio < 1/1.05 || ratio > 1.05 {
				t.Errorf("of %d delays %v is %v; want %v s", len(seconds), q, got, want)
			}
		}
		if d.Count() != int64(len(seconds)) {
			t.Errorf("%d of %d", d.Count(), len(seconds))
		}
	})
	for about, delays := range map[string]Delays{"none": nil, "what is no bin": {"b-1": 3, "b007": 2, "x": 1, "b99999": 4}, "less than none": {"b5": -1}} {
		if got, ok := delays.Quantile(0.5); ok || delays.Count() != 0 {
			t.Errorf("of %s: %v, %d", about, got, delays.Count())
		}
	}
	for about, d := range map[string]time.Duration{"below zero": -time.Hour, "none": 0, "seconds": 59 * time.Second} {
		if bin := binOf(d); bin != 0 {
			t.Errorf("%s: bin %d", about, bin)
		}
	}
	if bin := binOf(math.MaxInt64); bin != lastBin {
		t.Errorf("for ever: bin %d", bin)
	}
}

// TestSince runs three days of a site and of all by the clock, and asks for the last hour and day at every minute of a day.
func TestSince(t *testing.T) {
	var b Book
	type visit struct {
		site string
		at   time.Time
	}
	var visits []visit
	rnd := rand.New(rand.NewPCG(1, 2))
	for at := date(1, 0, 0); at.Before(date(4, 0, 0)); at = at.Add(time.Duration(rnd.IntN(600)) * time.Second) {
		v := visit{[]string{"a.example", "b.example"}[rnd.IntN(2)], at}
		visits = append(visits, v)
		b.Enter(Entry{Site: v.site, At: v.at, Outcome: "ok"})
	}
	sheets := b.TakeAll()
	if b.TakeAll() != nil {
		t.Error("the book is not empty")
	}
	for now := date(3, 0, 0); now.Before(date(4, 0, 0)); now = now.Add(time.Minute) {
		for _, window := range []time.Duration{time.Hour, 24 * time.Hour} {
			for site, widest := range map[string]time.Duration{"": fleetSlot, "a.example": siteSlot} {
				total, from := Since(site, sheets, now.Add(-window))
				if early := now.Add(-window).Sub(from); early < 0 || early >= widest {
					t.Fatalf("the last %v of %q at %v begins at %v", window, site, now, from)
				}
				want := int64(0)
				for _, v := range visits {
					if (site == "" || site == v.site) && !v.at.Before(from) {
						want++
					}
				}
				if got := Total(total.Articles); got != want {
					t.Fatalf("since %v of %q: %d, want %d", from, site, got, want)
				}
			}
		}
	}
}

// TestTake: the fleet's sheets are taken each time, those of sites when they are worth it or have waited.
func TestTake(t *testing.T) {
	var b Book
	for i := range 3 {
		b.Enter(Entry{Site: "busy.example", At: date(1, 0, 10+i), Outcome: "ok"})
	}
	b.Enter(Entry{Site: "old.example", At: date(1, 0, 0), Outcome: "ok"})
	b.Enter(Entry{Site: "quiet.example", At: date(1, 0, 13), Outcome: "ok"})
	ids := func(sheets []Sheet) (all []string) {
		for _, s := range sheets {
			all = append(all, s.ID)
		}
		return all
	}
	want := []string{"2026-11-01 busy.example", "2026-11-01 old.example", "2026-11-01T00"}
	if got := ids(b.Take(3, date(1, 0, 5))); !slices.Equal(got, want) {
		t.Errorf("took %v, want %v", got, want)
	}
	if got := ids(b.Take(3, date(1, 0, 5))); got != nil {
		t.Errorf("took %v again", got)
	}
	b.Enter(Entry{Site: "busy.example", At: date(1, 0, 14), Outcome: "ok"})
	rest := b.TakeAll()
	if got := ids(rest); !slices.Equal(got, []string{"2026-11-01 busy.example", "2026-11-01 quiet.example", "2026-11-01T00"}) {
		t.Errorf("left %v", got)
	}
	if n := Total(rest[0].Slots["h00"].Articles); n != 1 {
		t.Errorf("%d of one", n)
	}
}

// TestAdd: sheets come to the same in whatever order they are added, and what they were made of stays.
func TestAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts []Sheet
		var whole Book
		for range rapid.IntRange(1, 6).Draw(t, "parts") {
			var b Book
			for range rapid.IntRange(1, 8).Draw(t, "entries") {
				delay := time.Duration(rapid.IntRange(0, 1e6).Draw(t, "delay")) * time.Second
				e := Entry{
					Site: "a.example", At: date(1, rapid.IntRange(0, 23).Draw(t, "hour"), 0), Section: rapid.Bool().Draw(t, "section"),
					Outcome: "retry", Reason: "timeout", Change: rapid.SampledFrom([]string{"", "new"}).Draw(t, "change"), Delay: &delay,
				}
				b.Enter(e)
				whole.Enter(e)
			}
			parts = append(parts, b.TakeAll()[0])
		}
		all := whole.TakeAll()[0]
		want := Sheet{ID: all.ID, Site: all.Site, From: all.From}
		want.Add(all)
		for _, order := range [][]Sheet{parts, reversed(parts)} {
			got := Sheet{ID: want.ID, Site: want.Site, From: want.From}
			for _, p := range order {
				got.Add(p)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		}
	})
}

func reversed(sheets []Sheet) []Sheet {
	all := slices.Clone(sheets)
	slices.Reverse(all)
	return all
}

// TestHostileSheet: whatever stands in a stored sheet, sums are finite and count only what can be counts.
func TestHostileSheet(t *testing.T) {
	sheets := []Sheet{{Site: "a.example", From: date(1, 0, 0), Slots: map[string]Slot{
		"h00":        {Articles: map[string]int64{"ok": math.MaxInt64, "gone": math.MinInt64}},
		"h01":        {Articles: map[string]int64{"ok": math.MaxInt64}, Delays: Delays{"b1": math.MaxInt64, "b2": math.MaxInt64}},
		"m00":        {Articles: map[string]int64{"ok": 5}},
		"hour three": {Articles: map[string]int64{"ok": 5}},
	}}}
	total, _ := Since("a.example", sheets, date(1, 0, 0))
	if got := Total(total.Articles); got < 0 || got > 3*mostCount {
		t.Errorf("%d", got)
	}
	if n := total.Delays.Count(); n < 0 || n > 3*mostCount {
		t.Errorf("%d delays", n)
	}
	if _, ok := total.Delays.Quantile(0.95); !ok {
		t.Error("no quantile")
	}
}

func TestIDs(t *testing.T) {
	zone := time.FixedZone("", 3*60*60)
	at := time.Date(2026, time.November, 27, 1, 30, 0, 0, zone) // the day before, in UTC
	if id := SiteDay("a.example", at); id != "2026-11-26 a.example" {
		t.Error(id)
	}
	if id := FleetHour(at); id != "2026-11-26T22" {
		t.Error(id)
	}
}
