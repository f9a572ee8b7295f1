package frontier

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// hour is an AckWait that no test outlives: what happens under it does not happen by redelivery.
var hour = Config{AckWait: time.Hour}

// quick is an AckWait after which tests wait for redelivery.
var quick = Config{AckWait: time.Second}

// steal makes the server redeliver the turn although it is held, as after a pause of AckWait.
func steal(t *testing.T, turn *Turn) {
	t.Helper()
	// With a delay, which unlike a plain one the server remembers over a restart.
	must(t, turn.f.delay(turn.reply, 0))
	must(t, turn.f.nc.FlushWithContext(soon(t)))
}

// expire lets the lease of the turn run out in the lane's record.
func expire(t *testing.T, turn *Turn) {
	t.Helper()
	f := turn.f
	for {
		rec, rev, err := f.readRecord(soon(t), turn.key)
		must(t, err)
		if rec.Holder != turn.id {
			return
		}
		rec.HeldUntil = time.Now().Add(-time.Second)
		if _, err = f.writeRecord(soon(t), turn.key, rec, rev); err == nil {
			return
		}
		if !errors.Is(err, ErrTurnLost) {
			t.Fatal(err)
		}
	}
}

func TestLostTurnIsFenced(t *testing.T) {
	ts := startServer(t)
	f, other := ts.open(t, hour), ts.open(t, hour)
	ctx := soon(t)
	mustPut(t, f, page("a.example", 1))

	// Taken away before anything was begun: the first to begin has it.
	first := mustTake(t, f)
	task := mustNext(t, first)
	steal(t, first)
	second := mustTake(t, other)
	mustNext(t, second)
	must(t, second.Begin(ctx, task, 0, false))
	if err := first.Begin(ctx, task, 0, false); !errors.Is(err, ErrTurnLost) {
		t.Fatalf("begin of the loser: %v", err)
	}
	if err := context.Cause(first.Context()); !errors.Is(err, ErrTurnLost) {
		t.Fatalf("context of the loser: %v", err)
	}
	for name, err := range map[string]error{
		"pace": first.Pace(ctx, 0), "release": first.Release(ctx, time.Time{}, 0), "retire": first.Retire(ctx),
	} {
		if !errors.Is(err, ErrTurnLost) {
			t.Errorf("%s of the loser: %v", name, err)
		}
	}
	if second.Context().Err() != nil {
		t.Fatal("the holder lost its turn too")
	}

	// Taken away after a lease that ran out: the next request of the old holder fails.
	expire(t, second)
	steal(t, second)
	third := mustTake(t, f)
	mustNext(t, third)
	if s := third.Suspicion(task); s.Deaths() != 1 {
		t.Errorf("suspicion %+v", s)
	}
	must(t, third.Begin(ctx, task, 0, false))
	err := second.Pace(ctx, 0) // may be the request that its begin had paid for
	if err == nil {
		err = second.Pace(ctx, 0)
	}
	if !errors.Is(err, ErrTurnLost) {
		t.Fatalf("request of the old holder: %v", err)
	}
	// Its outcome may be durable all the same.
	must(t, second.Done(ctx, task))
	must(t, third.Done(ctx, task))
	wantDepth(t, f, Depth{Lanes: 1})
}

// A turn that is redelivered while its lease lives is not handed out.
func TestLeaseHoldsARedeliveredTurn(t *testing.T) {
	ts := startServer(t)
	f, other := ts.open(t, Config{AckWait: 20 * time.Second}), ts.open(t, Config{AckWait: 20 * time.Second})
	mustPut(t, f, page("a.example", 1))
	turn := mustTake(t, f)
	task := mustNext(t, turn)
	err := turn.Begin(soon(t), task, 0, false)
	must(t, err)
	steal(t, turn)
	// The other takes from another lane, which was put later, so it has met the stolen turn first and put it back.
	mustPut(t, f, page("b.example", 2))
	got := mustTake(t, other)
	if got.Lane() != "b.example" {
		t.Fatalf("took %s", got.Lane())
	}
	must(t, turn.Pace(soon(t), 0))
	must(t, turn.Release(soon(t), time.Time{}, 0))
	if got := mustTake(t, other); got.Lane() != "a.example" {
		t.Fatalf("took %s", got.Lane())
	}
}

func TestDoneIsExact(t *testing.T) {
	f := startServer(t).open(t, hour)
	p := page("a.example", 1)
	mustPut(t, f, p)
	old := mustTake(t, f)
	mustNext(t, old)
	steal(t, old)
	now := mustTake(t, f)
	finish(t, now, mustNext(t, now))
	mustPut(t, f, p)
	must(t, old.Done(soon(t), p))
	wantDepth(t, f, Depth{Tasks: 1, Lanes: 1})
	if err := old.Done(soon(t), p); !errors.Is(err, errNotNext) {
		t.Fatal(err)
	}
}

func TestSuspicion(t *testing.T) {
	f := startServer(t).open(t, hour)
	ctx := soon(t)
	bad := page("a.example", 1)
	mustPut(t, f, bad)
	begin := func(together, alone int, next bool) *Turn {
		t.Helper()
		turn := mustTake(t, f)
		task := mustNext(t, turn)
		if s := turn.Suspicion(task); s != (Suspicion{Together: together, Alone: alone}) {
			t.Fatalf("suspicion %+v, want %d together and %d alone", s, together, alone)
		}
		must(t, turn.Begin(ctx, task, 0, next))
		return turn
	}
	die := func(turn *Turn) {
		turn.crash()
		expire(t, turn)
		steal(t, turn)
	}
	die(begin(0, 0, false))
	turn := begin(1, 0, true)
	must(t, turn.Begin(ctx, bad, 0, true))
	if s := turn.Suspicion(bad); s != (Suspicion{Together: 1}) {
		t.Fatalf("begun twice in one turn: %+v", s)
	}
	must(t, turn.Release(ctx, time.Time{}, 0)) // graceful: no death
	die(begin(1, 0, true))

	// A section that arrives in between is done, and does not hide the deaths.
	section := page("a.example", 2)
	section.Priority = 0
	mustPut(t, f, section)
	turn = mustTake(t, f)
	if s := finish(t, turn, mustNext(t, turn)); s != (Suspicion{}) {
		t.Fatalf("the section: %+v", s)
	}
	mustNext(t, turn)
	if s := turn.Suspicion(bad); s != (Suspicion{Together: 1, Alone: 1}) {
		t.Fatalf("after the section: %+v", s)
	}
	must(t, turn.Begin(ctx, bad, 0, false))
	die(turn)
	turn = begin(2, 1, true)
	must(t, turn.Done(ctx, bad))
	mustPut(t, f, bad)
	must(t, turn.Release(ctx, time.Time{}, 0))
	// Died after done: no suspicion falls on anything, also not on the same page put again.
	turn = begin(0, 0, true)
	must(t, turn.Done(ctx, bad))
	mustPut(t, f, bad)
	die(turn)
	begin(0, 0, false)
}

func TestStruckIsBounded(t *testing.T) {
	var r record
	for i := range 2 * maxStruck {
		r.Holder, r.InHand = "x", pageRef{"p", uint64(i)}
		r.takeOver()
	}
	if len(r.Struck) != maxStruck || r.suspicion(pageRef{"p", 2*maxStruck - 1}).Deaths() != 1 || r.suspicion(pageRef{"p", 0}).Deaths() != 0 {
		t.Fatalf("%+v", r.Struck)
	}
}

func TestReleaseKeepsBackoff(t *testing.T) {
	f := startServer(t).open(t, hour)
	ctx := soon(t)
	mustPut(t, f, page("a.example", 1), page("b.example", 2))
	turn := mustTake(t, f)
	until := time.Now().Add(time.Hour)
	must(t, turn.Release(ctx, until, 3))
	if got, err := f.Lane(ctx, turn.Lane()); err != nil || got.Failures != 3 || !got.NextAt.Equal(until) || got.Held || got.InHand != "" {
		t.Fatalf("%+v, %v", got, err)
	}
	// Redelivered early, it goes back until its time: another lane comes first.
	steal(t, turn)
	lane := turn.Lane()
	if got := mustTake(t, f); got.Lane() == lane {
		t.Fatal("a lane in backoff was handed out")
	}
}

func TestPaceKeepsApart(t *testing.T) {
	f := startServer(t).open(t, hour)
	ctx := soon(t)
	const delay = 40 * time.Millisecond
	mustPut(t, f, page("a.example", 1), page("a.example", 2))
	var last time.Time // not after the last request
	apart := func(before time.Time, request func()) {
		t.Helper()
		request()
		if now := time.Now(); !last.IsZero() && now.Sub(last) < delay {
			t.Errorf("requests %v apart", now.Sub(last))
		}
		last = before
	}
	for range 2 {
		turn := mustTake(t, f)
		task := mustNext(t, turn)
		apart(time.Now(), func() {
			err := turn.Begin(ctx, task, delay, false)
			must(t, err)
			must(t, turn.Pace(ctx, delay))
		})
		for range 2 {
			apart(time.Now(), func() { must(t, turn.Pace(ctx, delay)) })
		}
		must(t, turn.Done(ctx, task))
		st, err := f.Lane(ctx, "a.example")
		must(t, err)
		if st.NextAt.Before(last.Add(delay)) || !st.Held {
			t.Errorf("record %+v, last request after %v", st, last)
		}
		must(t, turn.Release(ctx, time.Time{}, 0))
	}
	// A longer delay than Begin reserved is written down.
	mustPut(t, f, page("a.example", 3))
	turn := mustTake(t, f)
	err := turn.Begin(ctx, mustNext(t, turn), 0, false)
	must(t, err)
	must(t, turn.Pace(ctx, time.Hour))
	if st, err := f.Lane(ctx, "a.example"); err != nil || time.Until(st.NextAt) < 50*time.Minute {
		t.Fatalf("%+v, %v", st, err)
	}
	// A request that goes out long after its begin is written down anew.
	must(t, turn.Done(ctx, page("a.example", 3)))
	other := mustTakeNew(t, f, "b.example")
	err = other.Begin(ctx, mustNext(t, other), delay, false)
	must(t, err)
	other.grant.at = other.grant.at.Add(-grantFor)
	before := other.rev
	must(t, other.Pace(ctx, delay))
	if other.rev == before {
		t.Error("a late request was not written down")
	}
	cctx, cancel := context.WithCancel(ctx)
	cancel()
	if err := turn.Pace(cctx, 0); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// mustTakeNew puts a task in a new lane and takes its turn.
func mustTakeNew(t *testing.T, f *Frontier, lane string) *Turn {
	t.Helper()
	mustPut(t, f, page(lane, 1))
	turn := mustTake(t, f)
	if turn.Lane() != lane {
		t.Fatalf("took %s", turn.Lane())
	}
	return turn
}

// A process that stood still finds its lease over before its timers tell.
func TestLeaseIsCheckedByTheClock(t *testing.T) {
	f := startServer(t).open(t, hour)
	turn := mustTakeNew(t, f, "a.example")
	task := mustNext(t, turn)
	err := turn.Begin(soon(t), task, 0, false)
	must(t, err)
	turn.lease.Store(time.Now().UnixNano())
	if err := turn.Pace(soon(t), 0); !errors.Is(err, ErrTurnLost) {
		t.Fatal(err)
	}
}

// A held turn outlives AckWait many times over, and nobody else gets it.
func TestHeartbeatKeepsTheTurn(t *testing.T) {
	t.Parallel()
	ts := startServer(t)
	f := ts.open(t, Config{AckWait: 1500 * time.Millisecond})
	ctx := soon(t)
	mustPut(t, f, page("a.example", 1))
	turn := mustTake(t, f)
	task := mustNext(t, turn)
	err := turn.Begin(ctx, task, 0, false)
	must(t, err)
	kv, err := ts.connect(t).KeyValue(ctx, "hosts")
	must(t, err)
	w, err := kv.Watch(ctx, "a_example", jetstream.UpdatesOnly())
	must(t, err)
	for range 7 { // renewals, three to an AckWait
		select {
		case <-w.Updates():
		case <-turn.Context().Done():
			t.Fatal("the lease was not renewed")
		}
	}
	must(t, w.Stop())
	must(t, turn.Pace(ctx, 0))
	must(t, turn.Done(ctx, task))
	c, err := f.js.Consumer(ctx, "TURNS", consumerName)
	must(t, err)
	if info := c.CachedInfo(); info.NumRedelivered != 0 || info.NumAckPending != 1 {
		t.Fatalf("%d redelivered, %d held", info.NumRedelivered, info.NumAckPending)
	}
	must(t, turn.Retire(ctx))
}

func TestCrashedTurnIsRedelivered(t *testing.T) {
	t.Parallel()
	ts := startServer(t)
	f, other := ts.open(t, quick), ts.open(t, quick)
	p := page("a.example", 1)
	mustPut(t, f, p)
	turn := mustTake(t, f)
	err := turn.Begin(soon(t), mustNext(t, turn), 0, false)
	must(t, err)
	turn.crash()
	got := mustTake(t, other)
	if s := got.Suspicion(mustNext(t, got)); s.Deaths() != 1 {
		t.Fatalf("suspicion %+v", s)
	}
	must(t, got.Done(soon(t), p))
}

// When NATS is away for longer than the lease, the holder is told to stop before anybody else could start.
func TestContextEndsWithoutServer(t *testing.T) {
	t.Parallel()
	ts := startServer(t)
	f := ts.open(t, quick)
	p := page("a.example", 1)
	mustPut(t, f, p)
	turn := mustTake(t, f)
	err := turn.Begin(soon(t), mustNext(t, turn), 0, false)
	must(t, err)
	ts.stop()
	<-turn.Context().Done()
	if err := context.Cause(turn.Context()); !errors.Is(err, ErrTurnLost) {
		t.Fatal(err)
	}
	if err := turn.Pace(soon(t), 0); !errors.Is(err, ErrTurnLost) {
		t.Fatal(err)
	}
	ts.start(t)
	must(t, turn.Done(soon(t), p)) // what it had fetched is not lost
	again := mustTake(t, f)
	if _, err := again.Next(soon(t)); !errors.Is(err, ErrLaneEmpty) {
		t.Fatal(err)
	}
}

func TestTakeGivesBackWhatItsCallerDoesNotWant(t *testing.T) {
	ts := startServer(t)
	f, other := ts.open(t, hour), ts.open(t, hour)
	for range 3 {
		ctx, cancel := context.WithCancel(context.Background())
		errs := make(chan error)
		go func() {
			_, err := f.Take(ctx)
			errs <- err
		}()
		for !f.pull.asked() {
			must(t, f.nc.FlushWithContext(soon(t)))
		}
		cancel()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	// The pull request of f still stands, so the server gives it the turn; nobody waits there.
	mustPut(t, f, page("a.example", 1))
	turn := mustTake(t, other)
	must(t, turn.Release(soon(t), time.Time{}, 0))
	mustTake(t, f)
}

// A turn that is delivered while its caller is leaving goes back too.
func TestTakeGivesBackWhatComesTooLate(t *testing.T) {
	ts := startServer(t)
	f, other := ts.open(t, hour), ts.open(t, hour)
	mustPut(t, f, page("a.example", 1))
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	for {
		s, caller, err := f.pull.enter()
		must(t, err)
		for len(caller) == 0 {
			must(t, f.nc.FlushWithContext(soon(t)))
		}
		msg, err := f.pull.await(gone, s, caller)
		if err != nil {
			break
		}
		f.pull.nak(msg) // the turn was seen before the context
	}
	mustTake(t, other)
}

// asked reports whether a pull request is at the server.
func (p *puller) asked() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.slots {
		if s.reply != "" {
			return true
		}
	}
	return false
}

func TestClose(t *testing.T) {
	ts := startServer(t)
	f, other := ts.open(t, hour), ts.open(t, hour)
	mustPut(t, f, page("a.example", 1))
	held := mustTake(t, f)
	errs := make(chan error, 8)
	for range cap(errs) {
		go func() {
			_, err := f.Take(soon(t))
			errs <- err
		}()
	}
	f.Close()
	for range cap(errs) {
		if err := <-errs; !errors.Is(err, ErrClosed) {
			t.Fatal(err)
		}
	}
	f.Close()
	if _, err := f.Put(soon(t), []Task{page("a.example", 2)}); !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
	// Nothing that was delivered to the closed frontier rots there.
	mustPut(t, other, page("b.example", 1))
	if turn := mustTake(t, other); turn.Lane() != "b.example" {
		t.Fatal(turn.Lane())
	}
	must(t, held.Done(soon(t), mustNext(t, held)))
	must(t, held.Release(soon(t), time.Time{}, 0))
	if turn := mustTake(t, other); turn.Lane() != "a.example" {
		t.Fatal(turn.Lane())
	}
}

func TestTakeSurvivesRestartAndDeletion(t *testing.T) {
	ts := startServer(t)
	f := ts.open(t, hour)
	turns := make(chan *Turn)
	errs := make(chan error, 1)
	take := func() {
		turn, err := f.Take(soon(t))
		if err != nil {
			errs <- err
			return
		}
		turns <- turn
	}
	wait := func() *Turn {
		t.Helper()
		select {
		case turn := <-turns:
			return turn
		case err := <-errs:
			t.Fatal(err)
		}
		return nil
	}
	go take()
	ts.stop()
	ts.start(t)
	mustPut(t, f, page("a.example", 1))
	turn := wait()
	finish(t, turn, mustNext(t, turn))
	must(t, turn.Retire(soon(t)))

	js := ts.connect(t)
	must(t, js.DeleteStream(soon(t), "TURNS"))
	go take()
	mustPut(t, f, page("b.example", 1))
	if turn := wait(); turn.Lane() != "b.example" {
		t.Fatal(turn.Lane())
	}
}

func TestClosedConnection(t *testing.T) {
	ts := startServer(t)
	f := ts.open(t, hour)
	errs := make(chan error, 1)
	go func() {
		_, err := f.Take(soon(t))
		errs <- err
	}()
	for !f.pull.asked() {
		must(t, f.nc.FlushWithContext(soon(t)))
	}
	f.nc.Close()
	if err := <-errs; err == nil {
		t.Fatal("a turn without a connection")
	}
	if _, err := f.Take(soon(t)); err == nil {
		t.Fatal("a turn without a connection")
	}
	if _, err := f.Put(soon(t), []Task{page("a.example", 1)}); err == nil {
		t.Fatal("put without a connection")
	}
}
