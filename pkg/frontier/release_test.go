package frontier

import (
	"errors"
	"testing"
	"time"
)

// emptyTurn is a turn whose lane was found empty.
func emptyTurn(t *testing.T, f *Frontier) *Turn {
	t.Helper()
	mustPut(t, f, page("a.example", 1))
	turn := mustTake(t, f)
	finish(t, turn, mustNext(t, turn))
	if _, err := turn.Next(soon(t)); !errors.Is(err, ErrLaneEmpty) {
		t.Fatal(err)
	}
	return turn
}

func TestRetireLooksAgain(t *testing.T) {
	f := startServer(t).open(t, hour)
	turn := emptyTurn(t, f)
	late := page("a.example", 2)
	mustPut(t, f, late)
	wantDepth(t, f, Depth{Tasks: 1, Lanes: 1})
	must(t, turn.Retire(soon(t)))
	again := mustTake(t, f)
	finish(t, again, mustNext(t, again))
	must(t, again.Retire(soon(t)))
	wantDepth(t, f, Depth{})
	if _, err := f.next(soon(t), "KV_hosts", "$KV.hosts.retiring.*", 0); !errors.Is(err, errNotFound) {
		t.Fatalf("a note is left: %v", err)
	}
}

// A worker that dies within Retire takes nobody's wake-up with it, wherever it dies.
func TestRetireCrashes(t *testing.T) {
	t.Parallel()
	for stop, name := range []string{"before the note", "after the note", "after the record", "after the removal"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ts := startServer(t)
			f, other := ts.open(t, quick), ts.open(t, quick)
			turn := emptyTurn(t, f)
			late := page("a.example", 2)
			mustPut(t, f, late) // its turn is refused: there is one
			turn.dieIn(t, stop)
			f.Close()
			got := mustTake(t, other)
			if task := mustNext(t, got); task != late {
				t.Fatalf("%+v", task)
			}
		})
	}
}

// dieIn does the first steps of Retire and then nothing more.
func (turn *Turn) dieIn(t *testing.T, steps int) {
	t.Helper()
	ctx := soon(t)
	turn.beat()
	<-turn.beating
	for _, step := range turn.retirement()[:steps] {
		must(t, step(ctx))
	}
	turn.crash()
}

func TestSweepLeavesLiveTurnsAlone(t *testing.T) {
	f := startServer(t).open(t, hour)
	turn := emptyTurn(t, f)
	ctx := soon(t)
	_, err := f.note(ctx, turn.key)
	must(t, err)
	met, err := f.settleOld(ctx, nil, time.Hour)
	must(t, err)
	if len(met) != 1 {
		t.Fatalf("%v", met)
	}
	// Old enough, but the turn is there: its holder will retire it.
	if met, err = f.settleOld(ctx, met, 0); err != nil || len(met) != 1 {
		t.Fatalf("%v, %v", met, err)
	}
	must(t, turn.Retire(ctx))
	if met, err = f.settleOld(ctx, met, 0); err != nil || len(met) != 0 {
		t.Fatalf("%v, %v", met, err)
	}
	wantDepth(t, f, Depth{})
}

// A later note is not removed with an earlier one.
func TestForgetIsExact(t *testing.T) {
	f := startServer(t).open(t, hour)
	ctx := soon(t)
	old, err := f.note(ctx, "a_example")
	must(t, err)
	later, err := f.note(ctx, "a_example")
	must(t, err)
	must(t, f.forget(ctx, "a_example", old))
	m, err := f.last(ctx, "KV_hosts", "$KV.hosts.retiring.a_example")
	if err != nil || m.Seq != later {
		t.Fatalf("%+v, %v; want sequence %d", m, err, later)
	}
	must(t, f.forget(ctx, "a_example", later))
	must(t, f.forget(ctx, "a_example", later))
}

// A record write whose answer was lost is recognised, and one by another turn is not.
func TestRecordWrites(t *testing.T) {
	f := startServer(t).open(t, hour)
	ctx := soon(t)
	mine := record{By: "me", Write: 1}
	rev, err := f.writeRecord(ctx, "a", mine, 0)
	must(t, err)
	if again, err := f.writeRecord(ctx, "a", mine, 0); err != nil || again != rev {
		t.Fatalf("repeated: %d, %v", again, err)
	}
	mine.Write = 2 // the answer to 1 was lost for good: 2 still goes from there
	next, err := f.writeRecord(ctx, "a", mine, 0)
	if err != nil || next <= rev {
		t.Fatalf("after a lost one: %d, %v", next, err)
	}
	if _, err := f.writeRecord(ctx, "a", record{By: "you", Write: 1}, rev); !errors.Is(err, ErrTurnLost) {
		t.Fatalf("another's: %v", err)
	}
	if got, at, err := f.readRecord(ctx, "a"); err != nil || at != next || got.By != "me" || got.Write != 2 {
		t.Fatalf("%+v at %d, %v", got, at, err)
	}
}

func TestQuiet(t *testing.T) {
	for _, cfg := range []Config{{}, {MaxBytes: 2000}} {
		f := startServer(t).open(t, cfg)
		ctx := soon(t)
		look := func(key string, want bool) {
			t.Helper()
			if got, err := f.quiet(ctx, key); err != nil || got != want {
				t.Fatalf("quiet %v, %v", got, err)
			}
		}
		look("a_example", true)
		var tasks []Task
		for i := range 30 {
			tasks = append(tasks, page("a.example", i))
		}
		_, err := f.Put(ctx, tasks)
		if err != nil && !errors.Is(err, ErrStorageFull) {
			t.Fatal(err)
		}
		look("a_example", false)
		look("a_exampl", true)
		wantDepth(t, f, Depth{Tasks: tasksOf(t, f), Lanes: 1}) // looking puts nothing
	}
}

func tasksOf(t *testing.T, f *Frontier) int {
	t.Helper()
	n := 0
	turn := mustTake(t, f)
	defer func() { must(t, turn.Release(soon(t), time.Time{}, 0)) }()
	for seq := uint64(0); ; n++ {
		m, err := f.next(soon(t), turn.stream, turn.tasks+">", seq)
		if errors.Is(err, errNotFound) {
			return n
		}
		must(t, err)
		seq = m.Seq + 1
	}
}
