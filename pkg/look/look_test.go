package look

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAges(t *testing.T) {
	last := 0.0
	for i := range ages {
		begin, end := edges(i)
		if begin != last || end <= begin {
			t.Errorf("age %d is from %v to %v", i, begin, end)
		}
		last = end
	}
	if last != Horizon.Hours() || Horizon < 7*24*time.Hour {
		t.Errorf("the ages end at %v h, the horizon is %v", last, Horizon)
	}
	if u := Unknown(); math.Abs(u.edits(0, Horizon.Hours())-0.4) > 1e-9 {
		t.Errorf("%v edits an article", u.edits(0, Horizon.Hours()))
	}
}

// TestLearn: a site is taken for what it shows, and one that shows little for others.
func TestLearn(t *testing.T) {
	prior := Unknown()
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	taught := func(n int, edited bool) float64 {
		var h Habit
		for range n {
			m := h.Model(&prior)
			h.Read()
			h.Learn(&Record{From: begin, At: begin}, begin.Add(time.Hour), edited, &m)
		}
		m := h.Model(&prior)
		return m.edits(0, 1)
	}
	none := taught(0, false)
	if few, many := taught(1, true), taught(200, true); none >= few || few >= many || many < 1 {
		t.Errorf("%v, then %v and %v", none, few, many)
	}
	if few, many := taught(1, false), taught(500, false); none <= few || few <= many || many > none/4 {
		t.Errorf("%v, then %v and %v", none, few, many)
	}
}

// TestEditedAgain: an article that was edited is looked at sooner again than one that was not.
func TestEditedAgain(t *testing.T) {
	prior := Unknown()
	plan := (&Pool{}).Plan(4)
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	wait := func(edits int) time.Duration {
		r := Record{From: begin, At: begin.Add(time.Hour), Looks: 2, Edits: edits}
		at, why, ok := plan.Next("x", &r, &Habit{}, &prior)
		if !ok || why == WhyEdited != (edits > 0) {
			t.Fatalf("%v, %s, %v", at, why, ok)
		}
		return at.Sub(r.At)
	}
	if never, twice := wait(0), wait(2); twice >= never {
		t.Errorf("%v, and %v after two edits", never, twice)
	}
	if _, why, ok := (Plan{}).Next("x", &Record{From: begin, At: begin}, &Habit{}, &prior); ok || why != WhySettled {
		t.Errorf("no looks are to be spent: %v, %s", ok, why)
	}
}

// TestBounds: whatever was seen, by whatever clocks, looks are apart and end, and what was learned stays finite.
func TestBounds(t *testing.T) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		var h Habit
		prior := Unknown()
		plan := Plan{rapid.Float64Range(1e-5, 1).Draw(t, "price")}
		for range rapid.IntRange(0, 30).Draw(t, "looks") {
			m := h.Model(&prior)
			at := func(name string) time.Time {
				return begin.Add(time.Duration(rapid.Int64Range(-1e16, 1e16).Draw(t, name)))
			}
			h.Read()
			h.Learn(&Record{From: at("from"), At: at("last"), Edits: rapid.IntRange(0, 1000).Draw(t, "edits")}, at("at"), rapid.Bool().Draw(t, "edited"), &m)
		}
		if !h.Valid() {
			t.Fatalf("%+v", h)
		}
		var p Pool
		p.Add(&h)
		if !p.Valid() {
			t.Fatalf("%+v", p)
		}
		prior = p.Prior()
		r := Record{From: begin, At: begin.Add(time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "found")))}
		for n := 0; ; n++ {
			next, _, ok := plan.Next("id", &r, &h, &prior)
			if !ok {
				break
			}
			if next.Sub(r.At) < Least-time.Second || next.Sub(begin) > Horizon+Horizon/10 || n > times {
				t.Fatalf("look %d at %v after %v", n, next.Sub(begin), r.At.Sub(begin))
			}
			r = r.Look(next, rapid.Bool().Draw(t, "found an edit"))
		}
	})
}
