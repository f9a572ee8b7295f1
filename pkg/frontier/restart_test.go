package frontier

import (
	"errors"
	"os"
	"testing"
	"time"
)

// roll has something happen, and then puts the server back to what it had stored before.
func (ts *testServer) roll(t *testing.T, happen func()) {
	t.Helper()
	before := t.TempDir()
	ts.stop()
	must(t, os.CopyFS(before, os.DirFS(ts.opts.StoreDir)))
	ts.start(t)
	happen()
	ts.stop()
	must(t, os.RemoveAll(ts.opts.StoreDir))
	must(t, os.CopyFS(ts.opts.StoreDir, os.DirFS(before)))
	ts.start(t)
}

// TestRollBackKeepsPace: where the server has forgotten a request, the lane still rests for the delay.
func TestRollBackKeepsPace(t *testing.T) {
	t.Parallel()
	const delay = time.Second
	ts := startServer(t)
	f, other := ts.open(t, hour), ts.open(t, hour)
	mustPut(t, f, page("a.example", 1))
	var asked time.Time
	ts.roll(t, func() {
		turn := mustTake(t, f)
		task := mustNext(t, turn)
		must(t, turn.Begin(soon(t), task, delay, false))
		must(t, turn.Pace(soon(t), delay))
		asked = time.Now()
		must(t, turn.Done(soon(t), task))
		must(t, turn.Release(soon(t), time.Time{}, 0))
	})
	turn := mustTake(t, other)
	must(t, turn.Begin(soon(t), mustNext(t, turn), delay, false))
	must(t, turn.Pace(soon(t), delay))
	if gap := time.Since(asked); gap < delay {
		t.Errorf("asked again after %v", gap)
	}
}

// TestRollBackEndsTurns: who holds a turn that the server has forgotten hears of it at once.
func TestRollBackEndsTurns(t *testing.T) {
	t.Parallel()
	ts := startServer(t)
	f := ts.open(t, hour)
	mustPut(t, f, page("a.example", 1))
	var held *Turn
	ts.roll(t, func() {
		held = mustTake(t, f)
		must(t, held.Begin(soon(t), mustNext(t, held), 0, false))
	})
	select {
	case <-held.Context().Done():
	case <-soon(t).Done():
		t.Fatal("still held")
	}
	if err := held.Release(soon(t), time.Time{}, 0); !errors.Is(err, ErrTurnLost) {
		t.Fatal(err)
	}
}
