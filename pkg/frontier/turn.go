package frontier

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
)

var (
	// ErrLaneEmpty is returned by Turn.Next when the lane's leader has no task: retire the turn.
	ErrLaneEmpty = errors.New("lane is empty")
	// ErrTurnLost is returned when the turn is, or may be, another worker's by now: stop what runs under the turn and
	// drop it. Done still works, and should be called for a task whose outcome is durable.
	ErrTurnLost = errors.New("turn lost")
	// ErrTurnOver is returned by calls on a turn after Release or Retire.
	ErrTurnOver = errors.New("turn is over")

	errNotNext = errors.New("task was not read by Next of this turn")
)

// earlyBy is how long before the lane may be asked a turn is handed out rather than put back: a wait shorter than
// this costs a worker less than another delivery costs the server.
const earlyBy = 250 * time.Millisecond

// grantFor is how long a request may go out after the time that the record gives for it: the way of the write, and from
// Begin to the first Pace. The record reserves it on top of the delay, so a crash brings no two requests closer together.
const grantFor = 250 * time.Millisecond

// Turn is the right to fetch from one lane. One goroutine uses it; Context may be watched from anywhere. End it with
// Release or Retire. While it is held it extends itself.
type Turn struct {
	f         *Frontier
	lane, key string
	shard     int
	tasks     string // subject prefix of the lane's tasks
	stream    string // that holds them
	reply     string // where the turn's message is acknowledged
	seq       uint64 // of the turn's message in its stream
	id        string
	found     record // as Take found it
	crowded   bool

	ctx    context.Context
	cancel context.CancelCauseFunc
	expire *time.Timer // cancels ctx when the lease can no longer be relied on
	lease  atomic.Int64

	beat    context.CancelFunc // stops the heartbeat
	beating chan struct{}      // closed when the heartbeat has ended

	read   map[string]pageRef // what Next gave, by page id
	nextAt time.Time          // when this turn may ask the lane again, on this process's clock
	grant  grant
	front  front
	doubt  time.Time // since when the lane's record may be behind; zero: it is not

	sem    chan struct{} // guards what follows, which the heartbeat uses too, and lets a caller give up waiting
	leased bool
	rec    record // as written last, or as it will be written next
	rev    uint64
}

// grant is a request that Begin has recorded and no Pace has used.
type grant struct {
	at    time.Time // zero: none
	delay time.Duration
}

// Suspicion is what earlier attempts say against a task: how many of them ended with the death of their worker, or with a
// worker that could not reach NATS for AckWait. Done clears it, a graceful Release adds nothing.
type Suspicion struct {
	// Together counts deaths of workers that had, or may have had, other pages in hand as well: any of these may be guilty.
	Together int
	// Alone counts deaths that no other page can have caused.
	Alone int
}

// Deaths is how many attempts ended with the death of their worker.
func (s Suspicion) Deaths() int { return s.Together + s.Alone }

// Take waits for a turn. It returns promptly when ctx ends. Errors: the context's, ErrClosed, and nats.ErrConnectionClosed;
// anything else is waited out.
func (f *Frontier) Take(ctx context.Context) (*Turn, error) {
	ctx, leave, err := f.enter(ctx)
	if err != nil {
		return nil, fmt.Errorf("take: %w", err)
	}
	defer leave()
	refused := retryFirst
	for {
		msg, err := f.pull.wait(ctx)
		if errors.Is(err, errPullRefused) {
			if err := sleep(ctx, refused); err != nil {
				return nil, fmt.Errorf("take: %w", err)
			}
			refused = min(2*refused, retryMost)
			f.restore(ctx, err)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("take: %w", err)
		}
		refused = retryFirst
		t, err := f.accept(ctx, msg)
		if err != nil {
			f.pull.nak(msg)
			return nil, fmt.Errorf("take: %w", err)
		}
		if t != nil {
			return t, nil
		}
	}
}

// accept makes a turn of its message; nil if the lane is held or may not be asked yet, and the turn was put back.
func (f *Frontier) accept(ctx context.Context, msg *nats.Msg) (*Turn, error) {
	meta, err := msg.Metadata()
	if err != nil {
		return nil, err
	}
	if isNewer(msg.Data) {
		f.leave("turn", msg.Subject)
		return nil, f.delay(msg.Reply, leftFor)
	}
	key := strings.TrimPrefix(msg.Subject, f.cfg.turnSubject()+".")
	lane, err := decodeLane(key)
	if err != nil {
		m := storedMsg{Subject: msg.Subject, Seq: meta.Sequence.Stream, Data: msg.Data, Time: meta.Timestamp}
		if err := f.setAside(ctx, f.cfg.turnsStream(), m, fmt.Errorf("turn of lane key %.80q: %w", key, err)); err != nil {
			return nil, err
		}
		return nil, f.nc.Publish(msg.Reply, []byte("+TERM"))
	}
	if meta.NumDelivered > 1 && meta.NumPending > 0 {
		// Without a look at the record, which is read when the turn comes again. Should it be held for all that, its holder's
		// delay is lost with the message that it would delay, and the new one waits for the lease.
		if queued, err := f.queueUp(ctx, key, meta.Sequence.Stream); queued || err != nil {
			return nil, err
		}
	}
	got := time.Now()
	met, _ := f.restarts.look()
	rec, rev, err := f.readRecord(ctx, key)
	if errors.Is(err, ErrNewer) {
		f.leave("lane record", key)
		return nil, f.delay(msg.Reply, leftFor)
	}
	if err != nil {
		return nil, err
	}
	now := rec.now()
	if rec.heldAt(now) {
		// Never longer than a lease lasts, whatever the holder's clock said.
		return nil, f.delay(msg.Reply, min(rec.HeldUntil.Sub(now), f.cfg.AckWait))
	}
	if wait := rec.NextAt.Sub(now); wait > earlyBy {
		return nil, f.delay(msg.Reply, wait)
	}
	shard := shardOf(key, f.cfg.Shards)
	t := &Turn{
		f: f, lane: lane, key: key, reply: msg.Reply, seq: meta.Sequence.Stream, id: nuid.Next(),
		shard: shard, tasks: f.cfg.taskSubject(shard) + "." + key + ".", stream: f.cfg.taskStream(shard),
		found: rec, crowded: meta.NumPending > 0,
		sem: make(chan struct{}, 1), read: make(map[string]pageRef), beating: make(chan struct{}),
		rec: rec, rev: rev, nextAt: rec.NextAt, front: rec.Front, doubt: f.doubt(rec),
	}
	t.rec.takeOver()
	t.rec.By, t.rec.Write = t.id, 0
	t.ctx, t.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	t.expire = time.AfterFunc(time.Hour, t.lose)
	t.trust(got)
	beat, stop := context.WithCancel(t.ctx)
	t.beat = stop
	if !f.hold(func() { t.heartbeat(beat, met) }) {
		t.expire.Stop()
		stop()
		return nil, ErrClosed
	}
	return t, nil
}

// delay puts a turn back for that long.
func (f *Frontier) delay(reply string, d time.Duration) error {
	// At least a millisecond: a turn put back without delay would be redelivered before lanes that never had one.
	d = max(d, time.Millisecond)
	return f.nc.Publish(reply, []byte(`-NAK {"delay": `+strconv.FormatInt(d.Nanoseconds(), 10)+`}`))
}

// Lane is the lane that the turn is for.
func (t *Turn) Lane() string { return t.lane }

// Crowded reports whether other lanes waited for a worker when the turn was taken.
func (t *Turn) Crowded() bool { return t.crowded }

// State is the lane's state as Take found it.
func (t *Turn) State() LaneState { return t.found.state(time.Now()) }

// Context ends when the turn is over, and before anybody else could hold the lane: run the lane's requests under it. Its
// cause is ErrTurnLost or ErrTurnOver.
func (t *Turn) Context() context.Context { return t.ctx }

// Next reads the lane's next task from the leader: the lowest priority number first, within it the oldest. It returns the
// same task until that is done. Errors: ErrLaneEmpty, ErrTurnLost, ErrTurnOver, and ErrNewer for a task that only newer
// workers understand: release the turn, which comes back in a while.
func (t *Turn) Next(ctx context.Context) (Task, error) {
	task, err := t.next(ctx)
	if errors.Is(err, ErrNewer) {
		t.Rest(leftFor)
	}
	if err != nil {
		return Task{}, fmt.Errorf("next task of lane %s: %w", t.lane, err)
	}
	return task, nil
}

func (t *Turn) next(ctx context.Context) (Task, error) {
	// Not locked while it reads, so that the lease can be renewed.
	ctx, cancel := t.within(ctx)
	defer cancel()
	for {
		if err := ctx.Err(); err != nil {
			return Task{}, context.Cause(ctx)
		}
		task, err := t.readNext(ctx)
		if err != nil || task.PageID != "" {
			return task, err
		}
	}
}

// Suspicion is what earlier attempts say against a task that Next read.
func (t *Turn) Suspicion(task Task) Suspicion {
	t.sem <- struct{}{} // held by others for one record write at most
	defer func() { <-t.sem }()
	return t.rec.suspicion(t.read[task.PageID])
}

// Begin takes a task that Next read in hand: it waits until the lane may be asked, then records in one write that this
// task is in hand, that this turn holds the lane, and that the lane may be asked again after delay. The write pays for the
// first request: the Pace before it returns at once. From then on Context ends when the lease does.
//
// alone says that this process has no other task in hand, and takes none before this one is done with: should it die now,
// the task is the one to blame.
//
// Errors: ErrTurnLost, ErrTurnOver, the context's.
func (t *Turn) Begin(ctx context.Context, task Task, delay time.Duration, alone bool) error {
	if err := t.begin(ctx, task, delay, alone); err != nil {
		return fmt.Errorf("begin page %s: %w", task.PageID, err)
	}
	return nil
}

func (t *Turn) begin(ctx context.Context, task Task, delay time.Duration, alone bool) error {
	if !t.doubt.IsZero() {
		t.restUntil(t.doubt.Add(othersMeet + max(delay, 0)))
		t.doubt = time.Time{}
	}
	ctx, cancel, err := t.lockAt(ctx)
	if err != nil {
		return err
	}
	defer t.unlock(cancel)
	at, ok := t.read[task.PageID]
	if !ok {
		return errNotNext
	}
	now := time.Now()
	rec := t.rec
	rec.InHand, rec.Alone = at, alone
	rec.Front = t.front.advance(task, at.Seq)
	rec.NextAt = now.Add(max(delay, 0) + grantFor)
	if err := t.write(ctx, rec); err != nil {
		return err
	}
	t.grant, t.front = grant{at: now, delay: delay}, rec.Front
	return nil
}

// Pace is to be called before every request: it waits until the lane may be asked, and records, before the request goes
// out, that it may be asked again after delay. Errors: ErrTurnLost, ErrTurnOver, the context's; then the request must
// not be made.
func (t *Turn) Pace(ctx context.Context, delay time.Duration) error {
	if err := t.pace(ctx, max(delay, 0)); err != nil {
		return fmt.Errorf("pace lane %s: %w", t.lane, err)
	}
	return nil
}

func (t *Turn) pace(ctx context.Context, delay time.Duration) error {
	ctx, cancel, err := t.lockAt(ctx)
	if err != nil {
		return err
	}
	defer t.unlock(cancel)
	now := time.Now()
	if g := t.grant; !g.at.IsZero() && delay <= g.delay && now.Sub(g.at) < grantFor {
		t.grant = grant{}
		t.nextAt = now.Add(delay)
		return nil
	}
	for reserve := grantFor; ; {
		rec := t.rec
		rec.NextAt = now.Add(delay + reserve)
		if err := t.write(ctx, rec); err != nil {
			return err
		}
		sent := now
		now = time.Now()
		took := now.Sub(sent)
		if took <= reserve {
			break
		}
		reserve = 2 * took
	}
	t.grant = grant{}
	t.nextAt = now.Add(delay)
	return nil
}

// Done removes a finished task from the frontier: exactly the message that Next read, never one that was put since. Call it
// when the outcome is durable. It needs no lease, so it works after ErrTurnLost too, and a task that is gone already is no
// error.
func (t *Turn) Done(ctx context.Context, task Task) error {
	if err := t.done(ctx, task); err != nil {
		return fmt.Errorf("done with page %s: %w", task.PageID, err)
	}
	return nil
}

func (t *Turn) done(ctx context.Context, task Task) error {
	at, ok := t.read[task.PageID]
	if !ok {
		return errNotNext
	}
	if err := t.f.remove(ctx, t.stream, at.Seq); err != nil {
		return err
	}
	delete(t.read, task.PageID)
	t.sem <- struct{}{} // held by others for one record write at most
	t.rec.clear(at)
	<-t.sem
	return nil
}

// within gives a context that ends with the turn as well.
func (t *Turn) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	unlink := context.AfterFunc(t.ctx, func() { cancel(context.Cause(t.ctx)) })
	if t.ctx.Err() != nil {
		cancel(context.Cause(t.ctx)) // at once: the function above runs in its own time
	}
	return ctx, func() { unlink(); cancel(nil) }
}

// lock takes the turn's record for one call, which within bounds.
func (t *Turn) lock(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, context.Cause(ctx)
	}
	select {
	case t.sem <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, context.Cause(ctx)
	}
	if err := t.alive(); err != nil {
		<-t.sem
		return nil, nil, err
	}
	ctx, cancel := t.within(ctx)
	return ctx, cancel, nil
}

func (t *Turn) unlock(cancel context.CancelFunc) {
	cancel()
	<-t.sem
}

// lockAt is lock at the time when the lane may be asked. It waits without the lock, so that the lease can be renewed.
func (t *Turn) lockAt(ctx context.Context) (context.Context, context.CancelFunc, error) {
	for {
		lctx, cancel, err := t.lock(ctx)
		if err != nil {
			return nil, nil, err
		}
		wait := time.Until(t.nextAt)
		if wait <= 0 {
			return lctx, cancel, nil
		}
		<-t.sem
		err = sleep(lctx, wait)
		cancel()
		if err != nil {
			return nil, nil, err
		}
	}
}

// alive is nil while the turn may be used. The lease is checked too: the timer may be late.
func (t *Turn) alive() error {
	if t.ctx.Err() != nil {
		return context.Cause(t.ctx)
	}
	if t.leased && time.Now().UnixNano() >= t.lease.Load() {
		t.lose()
		return ErrTurnLost
	}
	return nil
}

// write renews the lease and writes rec as the lane's record. The turn is locked.
func (t *Turn) write(ctx context.Context, rec record) error {
	sent := time.Now()
	rec.Holder, rec.HeldUntil = t.id, sent.Add(t.f.cfg.AckWait)
	if err := t.put(ctx, rec); err != nil {
		return err
	}
	t.leased = true
	t.trust(sent)
	return t.alive()
}

// put writes rec as the lane's record. The turn is locked.
func (t *Turn) put(ctx context.Context, rec record) error {
	rec.By, rec.Write = t.id, t.rec.Write+1
	t.rec.Write = rec.Write // also if the write fails: its name must not be used again
	rev, err := t.f.writeRecord(ctx, t.key, rec, t.rev)
	t.rev = rev
	if errors.Is(err, ErrTurnLost) {
		t.lose()
		return ErrTurnLost
	}
	if err != nil {
		return err
	}
	t.rec = rec
	return nil
}
