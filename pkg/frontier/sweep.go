package frontier

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
)

// sweepMost bounds the notes looked at in one pass. Notes that stay are as rare as crashes; the rest waits for the next pass.
const sweepMost = 256

// walkMost is how many tasks one pass of the walk looks at: a few milliseconds of the server's time in an AckWait. What
// cannot be worked on comes to stand at the front of the stream, where every process's walk begins.
const walkMost = 128

// sweep looks after what crashes and strangers leave behind, until the frontier closes: notes of retirements, lanes whose
// turn got lost, messages that are no tasks.
func (f *Frontier) sweep() {
	tick := time.NewTicker(f.cfg.AckWait)
	defer tick.Stop()
	met := make(map[uint64]time.Time)
	at := make([]uint64, f.cfg.Shards)
	for {
		select {
		case <-f.ctx.Done():
			return
		case <-tick.C:
		}
		var err error
		if met, err = f.settleOld(f.ctx, met, f.cfg.AckWait); err != nil && f.ctx.Err() == nil {
			f.log.Warn("interrupted retirements not settled", zap.Error(err))
		}
		for shard := range at {
			if at[shard], err = f.walk(f.ctx, shard, at[shard]); err != nil && f.ctx.Err() == nil {
				f.log.Warn("pending tasks not looked through", zap.Error(err))
			}
		}
	}
}

// settleOld looks at the notes of retirements and settles those met before at least age ago whose lane has no turn: a note
// that is met twice, AckWait apart, is not one of a Retire that is still running. It returns when each note that stays was
// first met.
func (f *Frontier) settleOld(ctx context.Context, met map[uint64]time.Time, age time.Duration) (map[uint64]time.Time, error) {
	now := time.Now()
	still := make(map[uint64]time.Time)
	seq := uint64(0)
	for range sweepMost {
		m, err := f.next(ctx, f.cfg.bucketStream(), f.cfg.retiringSubject()+"*", seq)
		if errors.Is(err, errNotFound) {
			return still, nil
		}
		if err != nil {
			return met, err
		}
		seq = m.Seq + 1
		first, ok := met[m.Seq]
		if !ok {
			first = now
		}
		still[m.Seq] = first
		if now.Sub(first) < age {
			continue
		}
		key := m.Subject[len(f.cfg.retiringSubject()):]
		// A turn that is there will be retired with a note of its own, which replaces this one. Until then this one stays:
		// the removal that it announced may still be on its way.
		_, err = f.last(ctx, f.cfg.turnsStream(), f.cfg.turnSubject()+"."+key)
		if err == nil {
			continue
		}
		if !errors.Is(err, errNotFound) {
			return still, err
		}
		f.log.Info("settling the retirement of a turn whose worker died", zap.String("lane", key))
		if err := f.settle(ctx, key, m.Seq); err != nil {
			return still, err
		}
		delete(still, m.Seq)
	}
	return still, nil
}

// walk looks at the next tasks of a shard from a sequence on, and returns where the next walk begins. Messages in which no
// worker would find a task are set aside. Every lane that is met has its turn put, which changes nothing where it has
// one, and helps where it was lost: by a Put that died half way, or with a stream that was rolled back or removed.
func (f *Frontier) walk(ctx context.Context, shard int, from uint64) (uint64, error) {
	stream := f.cfg.taskStream(shard)
	var keys []string
	for range walkMost {
		m, err := f.next(ctx, stream, f.cfg.taskSubject(shard)+".>", from)
		if errors.Is(err, errNotFound) {
			from = 0 // around again
			break
		}
		if err != nil {
			return from, err
		}
		from = m.Seq + 1
		_, key, err := f.readTask(shard, m)
		switch {
		case errors.Is(err, ErrNewer):
			f.leave("task", m.Subject)
		case err != nil:
			if err := f.setAside(ctx, stream, m, err); err != nil {
				return from, err
			}
		default:
			keys = append(keys, key)
		}
	}
	return from, f.wakeAll(ctx, keys)
}
