package frontier

import (
	"errors"
	"testing"
	"time"
)

func TestCycle(t *testing.T) {
	f := startServer(t).open(t, Config{})
	ctx := soon(t)
	want := []Task{page("a.example", 1), page("a.example", 2), page("a.example", 3)}
	want[0].Priority, want[2].Priority = 2, 0
	if r := mustPut(t, f, want...); r != (PutReport{Queued: 3}) {
		t.Fatalf("put: %+v", r)
	}
	turn := mustTake(t, f)
	if turn.Lane() != "a.example" {
		t.Fatalf("lane %q", turn.Lane())
	}
	for _, i := range []int{2, 1, 0} {
		got, err := turn.Next(ctx)
		must(t, err)
		if got != want[i] {
			t.Fatalf("next: %+v, want %+v", got, want[i])
		}
		a, err := turn.Begin(ctx, got, time.Millisecond)
		must(t, err)
		if a.Strikes != 0 {
			t.Fatalf("%d strikes", a.Strikes)
		}
		must(t, turn.Pace(ctx, time.Millisecond))
		must(t, turn.Done(ctx, got))
	}
	if _, err := turn.Next(ctx); !errors.Is(err, ErrLaneEmpty) {
		t.Fatalf("next of an empty lane: %v", err)
	}
	must(t, turn.Retire(ctx))
	if _, err := turn.Next(ctx); !errors.Is(err, ErrTurnOver) {
		t.Fatalf("next after retire: %v", err)
	}
	d, err := f.Depth(ctx)
	must(t, err)
	if d != (Depth{}) {
		t.Fatalf("depth %+v", d)
	}
}
