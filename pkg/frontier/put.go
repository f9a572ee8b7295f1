package frontier

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
)

// putChunk is how many tasks are under way to the server at once, and put before their lanes are woken: large enough to
// keep the server busy during the round trip, small enough that the first lanes start while a large put is still running.
const putChunk = 1024

// PutReport says what became of the tasks that were put.
type PutReport struct {
	Queued         int // now pending, and were not before
	AlreadyPending int // were pending already, at this or another priority
}

// Put adds tasks to the frontier and makes sure that their lanes have turns, also the lanes of tasks that were pending
// already. Requests that fail are repeated until ctx ends, so ctx should have a deadline. When Put fails, the tasks that
// it reports are in the frontier, and any of the others may be; putting them all again is safe and is what makes sure
// that they are crawled. A task whose publish had to be repeated may count as AlreadyPending although this call queued it.
//
// Errors: ErrInvalidTask (nothing was put), ErrStorageFull, ErrClosed, the context's.
func (f *Frontier) Put(ctx context.Context, tasks []Task) (PutReport, error) {
	var report PutReport
	keys := make([]string, len(tasks))
	for i, t := range tasks {
		if err := t.validate(); err != nil {
			return report, fmt.Errorf("put: %w", err)
		}
		key, err := encodeLane(t.Lane)
		if err != nil {
			return report, fmt.Errorf("put: %w: page %s: %w", ErrInvalidTask, t.PageID, err)
		}
		keys[i] = key
	}
	ctx, leave, err := f.enter(ctx)
	if err != nil {
		return report, fmt.Errorf("put: %w", err)
	}
	defer leave()
	for at := 0; at < len(tasks); at += putChunk {
		end := min(at+putChunk, len(tasks))
		r, err := f.putTasks(ctx, tasks[at:end], keys[at:end])
		report.Queued += r.Queued
		report.AlreadyPending += r.AlreadyPending
		// Wake the lanes also after an error: some of the tasks may be there.
		if werr := f.wakeAll(ctx, keys[at:end]); err == nil {
			err = werr
		}
		if err != nil {
			return report, fmt.Errorf("put: %w", err)
		}
	}
	return report, nil
}

// putTasks publishes tasks whose lane keys are keys.
func (f *Frontier) putTasks(ctx context.Context, tasks []Task, keys []string) (PutReport, error) {
	msgs := make([]*nats.Msg, len(tasks))
	for i, t := range tasks {
		body, err := json.Marshal(taskBody{V: version, URL: t.URL, Site: t.Site, Kind: t.Kind})
		if err != nil {
			return PutReport{}, fmt.Errorf("%w: page %s: %w", ErrInvalidTask, t.PageID, err)
		}
		lane := f.cfg.taskSubject(shardOf(keys[i], f.cfg.Shards)) + "." + keys[i]
		msgs[i] = &nats.Msg{
			Subject: fmt.Sprintf("%s.%d.%s", lane, t.Priority, t.PageID),
			Data:    body,
			Header: nats.Header{ // refuse the page while it is pending at any priority
				jetstream.ExpectedLastSubjSeqHeader:     {"0"},
				jetstream.ExpectedLastSubjSeqSubjHeader: {lane + ".*." + t.PageID},
			},
		}
	}
	queued, already, err := f.publish(ctx, "put tasks", msgs)
	return PutReport{Queued: queued, AlreadyPending: already}, err
}

// wakeAll publishes the turn of each lane.
func (f *Frontier) wakeAll(ctx context.Context, keys []string) error {
	seen := make(map[string]bool)
	var msgs []*nats.Msg
	for _, key := range keys {
		if !seen[key] {
			seen[key] = true
			msgs = append(msgs, f.turnMsg(key))
		}
	}
	_, _, err := f.publish(ctx, "put turns", msgs)
	return err
}

// publish sends msgs and repeats those that fail until each is stored or refused as pending.
func (f *Frontier) publish(ctx context.Context, op string, msgs []*nats.Msg) (stored, refused int, err error) {
	wait := retryFirst
	for n := 1; ; n++ {
		var failed []*nats.Msg
		var why error
		for i, err := range f.requestAll(ctx, msgs) {
			switch err = publishError(err); {
			case err == nil:
				stored++
			case pending(err):
				refused++
			default:
				failed, why = append(failed, msgs[i]), moreFinal(why, err)
			}
		}
		if len(failed) == 0 {
			return stored, refused, nil
		}
		if f.nc.IsClosed() {
			why = fmt.Errorf("%w: %w", nats.ErrConnectionClosed, why)
		}
		if final(why) {
			return stored, refused, fmt.Errorf("%s: %d of %d refused: %w", op, len(failed), len(msgs), why)
		}
		if n == 3 {
			f.log.Warn("JetStream does not take messages; repeating", zap.String("op", op), zap.Int("messages", len(failed)), zap.Error(why))
		}
		if err := sleep(ctx, wait+rand.N(wait)); err != nil {
			return stored, refused, fmt.Errorf("%s: %w (last attempt: %w)", op, err, why)
		}
		msgs, wait = failed, min(2*wait, retryMost)
	}
}

// moreFinal keeps the error that ends the repeating, if any does.
func moreFinal(a, b error) error {
	if a != nil && final(a) {
		return a
	}
	return b
}
