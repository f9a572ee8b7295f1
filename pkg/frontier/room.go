package frontier

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// shelf is where the tasks of one priority of a lane stand.
type shelf struct {
	key      string // of the lane
	priority int
}

func shelvesOf(tasks []Task, keys []string) []shelf {
	shelves := make([]shelf, len(tasks))
	for i, t := range tasks {
		shelves[i] = shelf{keys[i], t.Priority}
	}
	return shelves
}

// isBounded is false for priority 0: there are as many sections as sites have, and news is found in them.
func (s shelf) isBounded() bool { return s.priority > 0 }

// room is how many more tasks each shelf may hold; nil where none is bounded.
type room map[shelf]int

// roomOn counts what stands on the shelves that are bounded. Others may put at the same time: then a shelf holds more than
// it should by what they put.
func (f *Frontier) roomOn(ctx context.Context, shelves []shelf) (room, error) {
	if f.cfg.LanePending == 0 {
		return nil, nil
	}
	r := make(room)
	var counted []shelf
	var asked []*nats.Msg
	for _, s := range shelves {
		if _, known := r[s]; known || !s.isBounded() {
			continue
		}
		r[s] = 0
		counted = append(counted, s)
		asked = append(asked, f.countMsg(s))
	}
	for at := 0; at < len(asked); at += countAtOnce {
		end := min(at+countAtOnce, len(asked))
		if err := f.retryAll(ctx, "count tasks", asked[at:end], func(i int, a apiReply, err error) error {
			r[counted[at+i]] = max(0, f.cfg.LanePending-a.Total)
			return err
		}); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Room is how many more tasks of each priority a lane may hold.
type Room [Priorities]int

// LanePending is how many tasks of each priority but 0 a lane may hold; 0 where lanes are not bounded.
func (f *Frontier) LanePending() int { return f.cfg.LanePending }

// Room counts how much room there is in lanes, in the order of lanes. What can be no lane has none.
//
// Errors: ErrClosed, the context's.
func (f *Frontier) Room(ctx context.Context, lanes []string) ([]Room, error) {
	ctx, leave, err := f.enter(ctx)
	if err != nil {
		return nil, fmt.Errorf("room: %w", err)
	}
	defer leave()
	keys := make([]string, len(lanes))
	var shelves []shelf
	for i, lane := range lanes {
		if keys[i], err = encodeLane(lane); err != nil {
			continue // its key is "", which no lane has
		}
		for p := range Priorities {
			shelves = append(shelves, shelf{keys[i], p})
		}
	}
	counted, err := f.roomOn(ctx, shelves)
	if err != nil {
		return nil, fmt.Errorf("room: %w", err)
	}
	rooms := make([]Room, len(lanes))
	for i, key := range keys {
		if key == "" {
			continue
		}
		for p := range Priorities {
			s := shelf{key, p}
			rooms[i][p] = math.MaxInt
			if counted != nil && s.isBounded() {
				rooms[i][p] = counted[s]
			}
		}
	}
	return rooms, nil
}

// countAtOnce is how many lanes are counted at once. Unlike publishes, these requests stand in one queue of the server with
// all reads and deletes: they must not fill it, nor hold those up for longer than some milliseconds.
const countAtOnce = 128

// countMsg asks how many tasks stand on a shelf. An offset beyond them all makes the server count them and list none: 40 µs of
// its time for one of one, 200 µs for one of 500.
func (f *Frontier) countMsg(s shelf) *nats.Msg {
	return f.countOf(shardOf(s.key, f.cfg.Shards), s.key+"."+strconv.Itoa(s.priority)+".*")
}

// countOf is countMsg for whatever tasks of a shard.
func (f *Frontier) countOf(shard int, tasks string) *nats.Msg {
	subject := f.cfg.taskSubject(shard) + "." + tasks
	return &nats.Msg{
		Subject: f.api + "STREAM.INFO." + f.cfg.taskStream(shard),
		Data:    []byte(`{"subjects_filter":` + strconv.Quote(subject) + `,"offset":` + strconv.Itoa(math.MaxInt32) + `}`),
	}
}

// choose parts the tasks that are to be put into those for which there is room, and the rest.
func (r room) choose(todo []int, shelves []shelf) (now, later []int) {
	taken := make(map[shelf]int)
	for _, i := range todo {
		s := shelves[i]
		switch {
		case r == nil, !s.isBounded():
			now = append(now, i)
		case taken[s] < r[s]:
			taken[s]++
			now = append(now, i)
		default:
			later = append(later, i)
		}
	}
	return now, later
}

// use takes the room of a task that was put.
func (r room) use(s shelf) {
	if r != nil && s.isBounded() {
		r[s]--
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
