package frontier

import (
	"testing"
	"time"
)

// The pause after a request outlives the turn, and is never shortened.
func TestRest(t *testing.T) {
	f := startServer(t).open(t, hour)
	turn := mustTakeNew(t, f, "a.example")
	err := turn.Begin(soon(t), mustNext(t, turn), 0, false)
	must(t, err)
	must(t, turn.Pace(soon(t), 0))
	before := time.Now()
	turn.Rest(time.Hour)
	at := turn.NextAt()
	if at.Before(before.Add(time.Hour)) {
		t.Fatalf("next at %v", at)
	}
	turn.Rest(time.Minute)
	if got := turn.NextAt(); !got.Equal(at) {
		t.Fatalf("%v was shortened to %v", at, got)
	}
	must(t, turn.Release(soon(t), time.Time{}, 0))
	if st, err := f.Lane(soon(t), "a.example"); err != nil || !st.NextAt.Equal(at) {
		t.Fatalf("%+v, %v; want %v", st, err, at)
	}
}
