package frontier

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

// Release gives the turn back: somebody takes it again at until, or when the lane may be asked, whichever is later. The task
// in hand, if any, stays in the frontier without a strike. failures is the lane's backoff level for its next turn, and
// appears in its State. After an error the turn is over too: it is redelivered after AckWait.
//
// Errors: ErrTurnLost, ErrTurnOver, the context's.
func (t *Turn) Release(ctx context.Context, until time.Time, failures int) error {
	if err := t.release(ctx, until, failures); err != nil {
		return fmt.Errorf("release lane %s: %w", t.lane, err)
	}
	return nil
}

func (t *Turn) release(ctx context.Context, until time.Time, failures int) error {
	ctx, cancel, err := t.finish(ctx)
	if err != nil {
		return err
	}
	defer t.unlock(cancel)
	defer t.cancel(ErrTurnOver)
	rec := t.ended(until, failures)
	if err := t.putIfNews(ctx, rec); err != nil {
		return err
	}
	return t.f.delay(t.reply, time.Until(rec.NextAt))
}

// Retire ends the turn of a lane that Next found empty. If a task arrives meanwhile, the lane has a turn again when
// Retire returns, or soon after a crash within it.
//
// Errors: ErrTurnLost, ErrTurnOver, the context's.
func (t *Turn) Retire(ctx context.Context) error {
	if err := t.retire(ctx); err != nil {
		return fmt.Errorf("retire lane %s: %w", t.lane, err)
	}
	return nil
}

func (t *Turn) retire(ctx context.Context) error {
	ctx, cancel, err := t.finish(ctx)
	if err != nil {
		return err
	}
	defer t.unlock(cancel)
	defer t.cancel(ErrTurnOver)
	for _, step := range t.retirement() {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// retirement is what Retire does, in this order. The worker may die after any of the steps.
func (t *Turn) retirement() []func(context.Context) error {
	var note uint64
	return []func(context.Context) error{
		// From the removal until the second look, a task that was put is nobody's but the note's.
		func(ctx context.Context) (err error) { note, err = t.f.note(ctx, t.key); return err },
		// Written also without news: a turn that was superseded must not take the message away from the one that has the lane.
		func(ctx context.Context) error { return t.put(ctx, t.ended(time.Time{}, t.rec.Failures)) },
		t.vacate,
		func(ctx context.Context) error { return t.f.settle(ctx, t.key, note) },
	}
}

// finish stops the heartbeat, because an extension after the turn was put back would undo its delay, and locks the turn
// for the last time.
func (t *Turn) finish(ctx context.Context) (context.Context, context.CancelFunc, error) {
	t.beat()
	<-t.beating
	ctx, cancel, err := t.lock(ctx)
	if err != nil {
		return nil, nil, err
	}
	t.expire.Stop()
	return ctx, cancel, nil
}

// ended is the record that the turn leaves behind.
func (t *Turn) ended(until time.Time, failures int) record {
	rec := t.rec
	rec.letGo()
	rec.Front = t.front
	rec.Failures = max(failures, 0)
	rec.NextAt = t.nextAt
	if most := time.Now().Add(t.f.cfg.MaxQuiet); until.After(most) {
		until = most
	}
	if until.After(rec.NextAt) {
		rec.NextAt = until
	}
	return rec
}

// putIfNews writes the record unless it says what Take found: then nothing was begun, and there is no lease to end.
func (t *Turn) putIfNews(ctx context.Context, rec record) error {
	same := rec
	same.By, same.Write = t.found.By, t.found.Write
	if !t.leased && reflect.DeepEqual(same, t.found) {
		return nil
	}
	return t.put(ctx, rec)
}

// vacate removes the turn's message, exactly this one. It is deleted by sequence although it is acknowledged too: in a
// cluster the answer to an acknowledgement comes before the message leaves the stream, and a turn that is published in
// between would be refused in favour of one that is about to vanish. The answer to a delete comes after.
func (t *Turn) vacate(ctx context.Context) error {
	if err := t.f.nc.Publish(t.reply, []byte("+ACK")); err != nil {
		return err
	}
	return t.f.remove(ctx, t.f.cfg.turnsStream(), t.seq)
}

// note writes down that the lane's turn is being retired, and returns the note's sequence.
func (f *Frontier) note(ctx context.Context, key string) (uint64, error) {
	var seq uint64
	err := f.retry(ctx, "note retirement", func() error {
		r, err := f.request(ctx, &nats.Msg{Subject: f.cfg.retiringSubject() + key})
		seq = r.Seq
		return publishError(err)
	})
	return seq, err
}

// settle looks at a lane that has no turn: if it has tasks it gets one. Then the note is removed, unless a later one has
// replaced it.
func (f *Frontier) settle(ctx context.Context, key string, note uint64) error {
	quiet, err := f.quiet(ctx, key)
	if err != nil {
		return err
	}
	if !quiet {
		if err := f.wake(ctx, key); err != nil {
			return err
		}
	}
	return f.forget(ctx, key, note)
}

// forget removes the note with that sequence. The bucket allows no deletes, but a purge of what is older than the next
// sequence is as exact: a bucket keeps one message per subject.
func (f *Frontier) forget(ctx context.Context, key string, note uint64) error {
	return f.retry(ctx, "forget retirement", func() error {
		_, err := f.request(ctx, &nats.Msg{
			Subject: f.api + "STREAM.PURGE." + f.cfg.bucketStream(),
			Data:    []byte(`{"filter":` + strconv.Quote(f.cfg.retiringSubject()+key) + `,"seq":` + strconv.FormatUint(note+1, 10) + `}`),
		})
		return err
	})
}
