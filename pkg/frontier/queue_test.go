package frontier

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// crowd gives turns to slots that are far too few, and counts them by lane. Lanes may be asked again at once, so time plays
// no part: however fast or slow the machine, turns come back before the others have had theirs. between is called after each round
// of the slots.
func crowd(t *testing.T, f *Frontier, slots, turns int, count map[string]int, between ...func()) {
	t.Helper()
	for turns > 0 {
		var held []*Turn
		for range min(slots, turns) {
			turn := mustTake(t, f)
			task, err := turn.Next(soon(t))
			must(t, err)
			must(t, turn.Begin(soon(t), task, 0, false))
			must(t, turn.Done(soon(t), task))
			count[turn.Lane()]++
			held = append(held, turn)
		}
		for _, turn := range held {
			must(t, turn.Release(soon(t), time.Time{}, 0))
		}
		turns -= len(held)
		for _, f := range between {
			f()
		}
	}
}

// counted waits until the consumer knows of every turn. It counts what is stored in its own time: under load it may for a
// moment say that nobody waits, and where a turn takes no time at all that moment is as long as many turns.
func counted(t *testing.T, f *Frontier) {
	t.Helper()
	ctx := soon(t)
	d, err := f.Depth(ctx)
	must(t, err)
	for {
		c, err := f.js.Consumer(ctx, f.cfg.turnsStream(), consumerName)
		must(t, err)
		if info := c.CachedInfo(); info.NumPending+uint64(info.NumAckPending) == uint64(d.Lanes) {
			return
		}
	}
}

// spread are the fewest and the most turns that a lane had.
func spread(lanes []string, count map[string]int) (least, most int) {
	least = count[lanes[0]]
	for _, lane := range lanes {
		least, most = min(least, count[lane]), max(most, count[lane])
	}
	return least, most
}

// fill puts n lanes of so many tasks each.
func fill(t *testing.T, f *Frontier, from, n, tasks int) (lanes []string) {
	t.Helper()
	var all []Task
	for i := range n {
		lane := fmt.Sprintf("%d.example", from+i)
		lanes = append(lanes, lane)
		for k := range tasks {
			all = append(all, page(lane, (from+i)*tasks+k))
		}
	}
	mustPut(t, f, all...)
	return lanes
}

// Whatever the overload, no lane has a third turn before another has its first.
func TestEveryLaneHasItsTurn(t *testing.T) {
	const lanes, slots, rounds = 60, 6, 5
	f := startServer(t).open(t, hour)
	old := fill(t, f, 0, lanes, 2*rounds+4)
	count, wait := make(map[string]int), func() { counted(t, f) }
	for round := 1; round <= rounds; round++ {
		crowd(t, f, slots, lanes, count, wait)
		if least, most := spread(old, count); most-least > 2 {
			t.Fatalf("after %d rounds some lanes had %d turns, and others %d", round, least, most)
		}
	}
	// Lanes that are new are not behind those that come back.
	fresh := fill(t, f, lanes, slots, rounds)
	crowd(t, f, slots, 2*(lanes+slots), count, wait)
	if least, most := spread(fresh, count); least < 1 || most > 3 {
		t.Errorf("in two rounds new lanes had %d to %d turns", least, most)
	}
	if d, err := f.Depth(soon(t)); err != nil || d.Lanes != lanes+slots {
		t.Errorf("%+v, %v: want a turn for each lane", d, err)
	}
}

// As long as nobody waits, a turn that comes back is worked on: going to the tail would be for nothing.
func TestTurnOfAQuietFrontierStays(t *testing.T) {
	f := startServer(t).open(t, hour)
	mustPut(t, f, page("a.example", 1))
	turn := mustTake(t, f)
	seq := turn.seq
	for range 3 {
		must(t, turn.Release(soon(t), time.Time{}, 0))
		if turn = mustTake(t, f); turn.seq != seq || turn.Crowded() {
			t.Fatalf("turn %d, crowded %v; want %d", turn.seq, turn.Crowded(), seq)
		}
	}
	mustPut(t, f, page("b.example", 2), page("c.example", 3))
	for ctx := soon(t); ; { // the consumer counts what is stored in its own time
		c, err := f.js.Consumer(ctx, f.cfg.turnsStream(), consumerName)
		must(t, err)
		if c.CachedInfo().NumPending == 2 {
			break
		}
	}
	if turn := mustTake(t, f); !turn.Crowded() {
		t.Error("another lane waits, and the turn does not know")
	}
}

// There is one turn of a lane at any time, and the server forgets that it has given out the one that was replaced.
func TestQueueUp(t *testing.T) {
	f := startServer(t).open(t, hour)
	mustPut(t, f, page("a.example", 1))
	old := mustTake(t, f)
	for range 2 { // the answer to the first may be lost
		if queued, err := f.queueUp(soon(t), old.key, old.seq); err != nil || !queued {
			t.Fatal(queued, err)
		}
		wantDepth(t, f, Depth{Tasks: 1, Lanes: 1})
	}
	young := mustTake(t, f)
	if young.seq <= old.seq {
		t.Fatalf("turn %d after %d", young.seq, old.seq)
	}
	must(t, old.Release(soon(t), time.Time{}, 0)) // of a turn that is no more: nothing comes of it
	finish(t, young, mustNext(t, young))
	must(t, young.Retire(soon(t)))
	if _, err := f.queueUp(soon(t), young.key, young.seq); err != nil { // nor does one that was retired come back
		t.Fatal(err)
	}
	wantDepth(t, f, Depth{})
	for ctx := soon(t); ; {
		c, err := f.js.Consumer(ctx, f.cfg.turnsStream(), consumerName)
		must(t, err)
		if info := c.CachedInfo(); info.NumAckPending == 0 && info.NumPending == 0 { // it forgets in its own time
			return
		}
	}
}

// Where a turn cannot go to the tail it is worked on where it stands.
func TestQueueUpWithoutRoom(t *testing.T) {
	ts := startServer(t)
	f := ts.open(t, hour)
	js := ts.connect(t)
	s, err := js.Stream(soon(t), "TURNS")
	must(t, err)
	cfg := s.CachedInfo().Config
	cfg.Discard, cfg.DiscardNewPerSubject = jetstream.DiscardNew, true // as an older khabar sets it up
	_, err = js.UpdateStream(soon(t), cfg)
	must(t, err)
	turn := mustTakeNew(t, f, "a.example")
	mustPut(t, f, page("b.example", 1))
	must(t, turn.Release(soon(t), time.Time{}, 0))
	if queued, err := f.queueUp(soon(t), turn.key, turn.seq); err != nil || queued {
		t.Fatal(queued, err)
	}
	wantDepth(t, f, Depth{Tasks: 2, Lanes: 2})
	got := []string{mustTake(t, f).Lane(), mustTake(t, f).Lane()}
	slices.Sort(got)
	if !slices.Equal(got, []string{"a.example", "b.example"}) {
		t.Fatal(got)
	}
}

// A turn that was put at the tail while somebody works under it harms neither.
func TestQueuedWhileHeld(t *testing.T) {
	f := startServer(t).open(t, Config{AckWait: time.Second})
	a, b := page("a.example", 1), page("a.example", 2)
	mustPut(t, f, a, b)
	turn := mustTake(t, f)
	must(t, turn.Begin(soon(t), mustNext(t, turn), 0, false))
	queued, err := f.queueUp(soon(t), turn.key, turn.seq)
	if err != nil || !queued {
		t.Fatal(queued, err)
	}
	must(t, turn.Done(soon(t), a))
	finish(t, turn, mustNext(t, turn))
	if _, err := turn.Next(soon(t)); !errors.Is(err, ErrLaneEmpty) {
		t.Fatal(err)
	}
	late := page("a.example", 3)
	mustPut(t, f, late)
	must(t, turn.Retire(soon(t)))
	again := mustTake(t, f)
	if task := mustNext(t, again); task != late {
		t.Fatalf("%+v", task)
	}
}
