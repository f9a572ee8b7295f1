package frontier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
)

// LaneState is what a lane's record says to others.
type LaneState struct {
	NextAt   time.Time // when the lane may be asked next; zero if it never was asked
	Failures int       // the backoff level, as the last Release gave it
	InHand   string    // the page that was begun last and not given back, "" if none
	Held     bool      // a turn holds the lane, or died holding it less than AckWait ago
}

// record is a lane's entry in the bucket. It is only ever written by compare-and-set on its revision.
type record struct {
	V        int       `json:"v"`
	NextAt   time.Time `json:"next_at,omitzero"`
	Failures int       `json:"failures,omitempty"`
	// Holder is the turn that has the lane until HeldUntil; a record with a Holder whose time is up was left by a crash.
	Holder    string    `json:"holder,omitempty"`
	HeldUntil time.Time `json:"held_until,omitzero"`
	InHand    pageRef   `json:"in_hand,omitzero"`
	Alone     bool      `json:"alone,omitempty"`  // the page in hand is the only one that the holder's process has
	Struck    []strike  `json:"struck,omitempty"` // pages whose worker died, oldest first
	Front     front     `json:"front,omitzero"`
	// By and Write name this very write, so that its writer can recognise it after an answer was lost.
	By    string `json:"by"`
	Write int    `json:"write"`

	written time.Time // when it was stored, on the server's clock
}

// pageRef is a pending task. The sequence makes a page that was done and put again another one.
type pageRef struct {
	Page string `json:"page"`
	Seq  uint64 `json:"seq"`
}

type strike struct {
	pageRef
	Count int `json:"count"`           // deaths in all
	Alone int `json:"alone,omitempty"` // and of these the ones with no other page in hand
}

// maxStruck bounds the strikes kept per lane. More pages than this cannot be struck and unfinished at once unless
// workers die on every page, and then the oldest has been seen often enough.
const maxStruck = 8

func (r record) state(now time.Time) LaneState {
	return LaneState{NextAt: r.NextAt, Failures: r.Failures, InHand: r.InHand.Page, Held: r.heldAt(now)}
}

func (r record) heldAt(now time.Time) bool { return r.Holder != "" && r.HeldUntil.After(now) }

// takeOver closes what a holder that died left open: the task it had in hand gets a strike.
func (r *record) takeOver() {
	if r.Holder == "" {
		return
	}
	if ref := r.InHand; ref.Page != "" {
		r.Struck = slices.Clone(r.Struck)
		i := slices.IndexFunc(r.Struck, func(s strike) bool { return s.pageRef == ref })
		if i < 0 {
			r.Struck = append(r.Struck, strike{pageRef: ref})
			r.Struck = r.Struck[max(0, len(r.Struck)-maxStruck):]
			i = len(r.Struck) - 1
		}
		r.Struck[i].Count++
		if r.Alone {
			r.Struck[i].Alone++
		}
	}
	r.letGo()
}

// letGo removes the lease.
func (r *record) letGo() {
	r.Holder, r.HeldUntil, r.InHand, r.Alone = "", time.Time{}, pageRef{}, false
}

func (r record) suspicion(ref pageRef) Suspicion {
	for _, s := range r.Struck {
		if s.pageRef == ref {
			return Suspicion{Together: s.Count - s.Alone, Alone: s.Alone}
		}
	}
	return Suspicion{}
}

// clear forgets the strikes of a task that is done.
func (r *record) clear(ref pageRef) {
	r.Struck = slices.DeleteFunc(slices.Clone(r.Struck), func(s strike) bool { return s.pageRef == ref })
	if r.InHand == ref {
		r.InHand, r.Alone = pageRef{}, false
	}
}

// Lane reads the state of a lane. A lane that never had a turn has the zero state.
func (f *Frontier) Lane(ctx context.Context, lane string) (LaneState, error) {
	key, err := encodeLane(lane)
	if err != nil {
		return LaneState{}, fmt.Errorf("lane state: %w", err)
	}
	r, _, err := f.readRecord(ctx, key)
	if err != nil {
		return LaneState{}, fmt.Errorf("state of lane %s: %w", lane, err)
	}
	return r.state(time.Now()), nil
}

// readRecord reads a lane's record and its revision from the leader: an old revision would make the next
// compare-and-set fail for no reason. Errors: ErrNewer.
func (f *Frontier) readRecord(ctx context.Context, key string) (record, uint64, error) {
	m, err := f.last(ctx, f.cfg.bucketStream(), f.cfg.recordSubject()+key)
	if errors.Is(err, errNotFound) {
		return record{}, 0, nil
	}
	if err != nil {
		return record{}, 0, err
	}
	if isNewer(m.Data) {
		return record{}, 0, ErrNewer
	}
	var r record
	// A record that somebody deleted or damaged by hand counts as new; its revision still orders the writes.
	if err := json.Unmarshal(m.Data, &r); err != nil {
		if len(m.Data) > 0 {
			f.log.Error("a lane's record cannot be read, and is begun anew", zap.String("lane", key),
				zap.ByteString("data", m.Data[:min(len(m.Data), sampleBytes)]), zap.Error(err))
		}
		return record{}, m.Seq, nil
	}
	if sane := r.bounded(m.Time, time.Now(), f.cfg); sane.NextAt != r.NextAt || sane.HeldUntil != r.HeldUntil {
		f.log.Warn("a lane's record was written by a clock that is wrong, and is believed no further than a right one could have gone",
			zap.String("lane", key), zap.Time("written", m.Time), zap.Time("next_at", r.NextAt), zap.Time("held_until", r.HeldUntil))
		r = sane
	}
	r.written = m.Time
	return r, m.Seq, nil
}

// now is this machine's time, or that of the record where a clock that is behind says that it is to be written yet: waits
// that were counted from such a clock would keep a lane from everybody.
func (r record) now() time.Time {
	now := time.Now()
	if r.written.After(now) {
		return r.written
	}
	return now
}

// bounded cuts times that no clock near the server's can have written when the record was: written is on the server's.
func (r record) bounded(written, now time.Time, cfg Config) record {
	if last := written.Add(cfg.MaxQuiet); r.NextAt.After(last) {
		r.NextAt = last
	}
	// Clocks that differ by less than a lease are left to compare as they are: another server's is no better.
	if r.HeldUntil.After(now.Add(2 * cfg.AckWait)) {
		r.HeldUntil = written.Add(cfg.AckWait)
	}
	return r
}

// writeRecord replaces revision rev by r and returns the new revision, or ErrTurnLost if another turn has written since.
// A lost answer is resolved by reading the record back and looking for r's own name in it.
func (f *Frontier) writeRecord(ctx context.Context, key string, r record, rev uint64) (uint64, error) {
	r.V = firstVersion
	data, err := json.Marshal(r)
	if err != nil {
		return rev, fmt.Errorf("record of lane: %w", err)
	}
	err = f.retry(ctx, "write lane record", func() error {
		reply, err := f.request(ctx, &nats.Msg{
			Subject: f.cfg.recordSubject() + key, Data: data,
			Header: nats.Header{jetstream.ExpectedLastSubjSeqHeader: {strconv.FormatUint(rev, 10)}},
		})
		if err == nil {
			rev = reply.Seq
			return nil
		}
		var ae *jetstream.APIError
		if !errors.As(err, &ae) || ae.ErrorCode != codeWrongLastSequence && ae.ErrorCode != codeWriteInProcess {
			return publishError(err)
		}
		have, at, rerr := f.readRecord(ctx, key)
		switch {
		case errors.Is(rerr, ErrNewer):
			return ErrTurnLost
		case rerr != nil:
			return rerr
		case at == rev:
			return err // another write was in process and came to nothing
		case have.By != r.By:
			return ErrTurnLost
		}
		rev = at // ours: this write, or one before it whose answer was lost
		if have.Write == r.Write {
			return nil
		}
		return err
	})
	return rev, err
}
