package frontier

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// room is how many more tasks each lane may hold, by its key; nil where lanes are not bounded.
type room map[string]int

// roomFor counts what the lanes of tasks hold. Priority 0 needs no room, so where there is nothing else nothing is counted.
// Others may put at the same time: then a lane holds more than it should by what they put.
func (f *Frontier) roomFor(ctx context.Context, tasks []Task, keys []string) (room, error) {
	if f.cfg.LanePending == 0 {
		return nil, nil
	}
	r := make(room)
	var lanes []string
	var asked []*nats.Msg
	for i, key := range keys {
		if _, known := r[key]; known || tasks[i].Priority == 0 {
			continue
		}
		r[key] = 0
		lanes = append(lanes, key)
		asked = append(asked, f.countMsg(key))
	}
	for at := 0; at < len(asked); at += countAtOnce {
		end := min(at+countAtOnce, len(asked))
		if err := f.retryAll(ctx, "count tasks", asked[at:end], func(i int, a apiReply, err error) error {
			r[lanes[at+i]] = max(0, f.cfg.LanePending-a.Total)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// countAtOnce is how many lanes are counted at once. Unlike publishes, these requests stand in one queue of the server with
// all reads and deletes: they must not fill it, nor hold those up for longer than some milliseconds.
const countAtOnce = 128

// countMsg asks how many tasks a lane has. An offset beyond them all makes the server count them and list none: 40 µs of its
// time for a lane of one, 200 µs for one of 500.
func (f *Frontier) countMsg(key string) *nats.Msg {
	shard := shardOf(key, f.cfg.Shards)
	return &nats.Msg{
		Subject: f.api + "STREAM.INFO." + f.cfg.taskStream(shard),
		Data:    []byte(`{"subjects_filter":` + strconv.Quote(f.cfg.taskSubject(shard)+"."+key+".>") + `,"offset":` + strconv.Itoa(math.MaxInt32) + `}`),
	}
}

// choose parts the tasks that are to be put into those for which there is room, and the rest.
func (r room) choose(todo []int, tasks []Task, keys []string) (now, later []int) {
	taken := make(map[string]int)
	for _, i := range todo {
		switch {
		case r == nil, tasks[i].Priority == 0:
			now = append(now, i)
		case taken[keys[i]] < r[keys[i]]:
			taken[keys[i]]++
			now = append(now, i)
		default:
			later = append(later, i)
		}
	}
	return now, later
}

// use takes the room of a task that was put.
func (r room) use(t Task, key string) {
	if r != nil && t.Priority > 0 {
		r[key]--
	}
}

// arePending reports which of the tasks that these messages would put are pending, at whichever priority. It asks by
// publishes that can never be accepted, whose refusal says what is there.
func (f *Frontier) arePending(ctx context.Context, msgs []*nats.Msg) ([]bool, error) {
	probes := make([]*nats.Msg, len(msgs))
	for i, m := range msgs {
		probes[i] = &nats.Msg{Subject: m.Subject, Header: nats.Header{
			jetstream.ExpectedLastSubjSeqHeader:     {strconv.FormatUint(math.MaxInt64, 10)},
			jetstream.ExpectedLastSubjSeqSubjHeader: m.Header[jetstream.ExpectedLastSubjSeqSubjHeader],
		}}
	}
	there := make([]bool, len(msgs))
	return there, f.retryAll(ctx, "look for tasks", probes, func(i int, _ apiReply, err error) error {
		var ae *jetstream.APIError
		if errors.As(err, &ae) && ae.ErrorCode == codeWrongLastSequence {
			there[i] = ae.Description != textNothing
			return nil
		}
		return publishError(err)
	})
}

// byPriority orders tasks, and their keys with them, by priority, and keeps the order within one.
func byPriority(tasks []Task, keys []string) ([]Task, []string) {
	order := make([]int, len(tasks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return tasks[a].Priority - tasks[b].Priority })
	sorted, sortedKeys := make([]Task, len(tasks)), make([]string, len(keys))
	for k, i := range order {
		sorted[k], sortedKeys[k] = tasks[i], keys[i]
	}
	return sorted, sortedKeys
}
