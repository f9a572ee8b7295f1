package frontier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// putChunk is how many tasks are under way to the server at once, and put before their lanes are woken: large enough to
// keep the server busy during the round trip, small enough that the first lanes start while a large put is still running.
const putChunk = 1024

// PutReport says what became of the tasks that were put.
type PutReport struct {
	Queued         int // now pending, and were not before
	AlreadyPending int // were pending already, at this or another priority
	// Over are the pages of tasks that were not put because their lane holds Config.LanePending of their priority already.
	Over []string
}

// Put adds tasks to the frontier and makes sure that their lanes have turns, also the lanes of tasks that were pending
// already. Where a lane has no room for all of a priority (Config.LanePending), the first of them go in; priority 0 always
// has room. Requests that fail are repeated until ctx ends, so ctx should have a deadline. When Put fails, the tasks that
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
	tasks, keys = byPriority(tasks, keys)
	for at := 0; at < len(tasks); at += putChunk {
		end := min(at+putChunk, len(tasks))
		r, err := f.putTasks(ctx, tasks[at:end], keys[at:end])
		report.Queued += r.Queued
		report.AlreadyPending += r.AlreadyPending
		report.Over = append(report.Over, r.Over...)
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

// putTasks publishes tasks whose lane keys are keys, as far as their lanes have room for them.
func (f *Frontier) putTasks(ctx context.Context, tasks []Task, keys []string) (PutReport, error) {
	var report PutReport
	msgs := make([]*nats.Msg, len(tasks))
	todo := make([]int, len(tasks))
	for i, t := range tasks {
		body, err := json.Marshal(taskBody{V: versionOf(t), URL: t.URL, Site: t.Site, Kind: t.Kind})
		if err != nil {
			return report, fmt.Errorf("%w: page %s: %w", ErrInvalidTask, t.PageID, err)
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
		todo[i] = i
	}
	shelves := shelvesOf(tasks, keys)
	room, err := f.roomOn(ctx, shelves)
	if err != nil {
		return report, err
	}
	for {
		now, later := room.choose(todo, shelves)
		if len(now) == 0 {
			break
		}
		stored, err := f.publish(ctx, "put tasks", pick(msgs, now))
		for k, i := range now {
			switch {
			case stored[k]:
				report.Queued++
				room.use(shelves[i])
			case err == nil:
				report.AlreadyPending++ // and its place is for another
			}
		}
		if err != nil {
			return report, err
		}
		todo = later
	}
	there, err := f.arePending(ctx, pick(msgs, todo))
	if err != nil {
		return report, err
	}
	for k, i := range todo {
		if there[k] {
			report.AlreadyPending++
		} else {
			report.Over = append(report.Over, tasks[i].PageID)
		}
	}
	return report, nil
}

func pick(msgs []*nats.Msg, which []int) []*nats.Msg {
	picked := make([]*nats.Msg, len(which))
	for k, i := range which {
		picked[k] = msgs[i]
	}
	return picked
}

// wakeAll publishes the turn of each lane.
func (f *Frontier) wakeAll(ctx context.Context, keys []string) error {
	seen := make(map[string]bool)
	var msgs []*nats.Msg
	for _, key := range keys {
		if !seen[key] {
			seen[key] = true
			msgs = append(msgs, f.turnMsg(key, 0))
		}
	}
	_, err := f.publish(ctx, "put turns", msgs)
	return err
}

// publish sends msgs and repeats those that fail until each is stored or refused as pending; it reports which are stored.
func (f *Frontier) publish(ctx context.Context, op string, msgs []*nats.Msg) ([]bool, error) {
	stored := make([]bool, len(msgs))
	return stored, f.retryAll(ctx, op, msgs, func(i int, _ apiReply, err error) error {
		stored[i] = err == nil
		if pending(err) {
			return nil
		}
		return publishError(err)
	})
}

// Withdraw takes the tasks of pages out of the frontier that stand in these lanes at a higher priority number than these say,
// so that they can be put anew. A task that a worker has in hand stays with that worker.
//
// Errors: ErrInvalidTask (nothing was taken out), ErrClosed, the context's.
func (f *Frontier) Withdraw(ctx context.Context, tasks []Task) error {
	ctx, leave, err := f.enter(ctx)
	if err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	defer leave()
	keys := make([]string, len(tasks))
	for i, t := range tasks {
		if err = t.validate(); err == nil {
			keys[i], err = encodeLane(t.Lane)
		}
		if err != nil {
			return fmt.Errorf("withdraw: %w", err)
		}
	}
	for i, t := range tasks {
		shard := shardOf(keys[i], f.cfg.Shards)
		for p := t.Priority + 1; p < Priorities && err == nil; p++ {
			subject := fmt.Sprintf("%s.%s.%d.%s", f.cfg.taskSubject(shard), keys[i], p, t.PageID)
			m, found := f.last(ctx, f.cfg.taskStream(shard), subject)
			if errors.Is(found, errNotFound) {
				continue
			}
			if err = found; err == nil {
				err = f.remove(ctx, f.cfg.taskStream(shard), m.Seq)
			}
		}
		if err != nil {
			return fmt.Errorf("withdraw page %s: %w", t.PageID, err)
		}
	}
	return nil
}
