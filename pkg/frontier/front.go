package frontier

import (
	"context"
	"errors"
	"strconv"
	"strings"
)

// Finding the first message of a subject with wildcards costs the server a walk over all messages that match: 15 ms for a
// lane of 300,000 tasks, against 0.1 ms when it may start at the right sequence. A lane this long is an archive being put
// in one go, so its tasks stand close together in the stream, and the next one follows the last. Where tasks stand far
// apart the start would hurt, because the server then searches what lies between.
const (
	// longRun is after how many tasks close together a lane counts as long. Leaving a long lane costs one search to the
	// end of the stream, which this many tasks have earned.
	longRun = 64
	// closeBy is how many sequences apart tasks still count as close together: what the server searches in a millisecond.
	closeBy = 4096
)

// front is where in the stream a lane is being worked on.
type front struct {
	Priority int    `json:"p,omitempty"`
	Seq      uint64 `json:"seq"` // of the task begun last
	Run      int    `json:"run"` // how many tasks before it stood close together
}

// advance is the front after a task was begun.
func (f front) advance(task Task, seq uint64) front {
	switch {
	case task.Priority != f.Priority, seq < f.Seq, seq-f.Seq > closeBy:
		return front{Priority: task.Priority, Seq: seq}
	case seq == f.Seq:
		return f
	}
	return front{Priority: task.Priority, Seq: seq, Run: f.Run + 1}
}

// readNext finds the lane's next task. An empty task says that it set aside a message that is no task.
//
// Every answer is right even if the front is wrong: sequences only grow, so what the start skips is empty, and an empty
// answer from the start is asked again without it. Only a server that lost its last writes in a power cut can have tasks
// before the front, and they are found when those behind it are done.
func (t *Turn) readNext(ctx context.Context) (Task, error) {
	if fr := t.front; fr.Run >= t.f.cfg.longRun {
		m, err := t.lowerThan(ctx, fr.Priority)
		if errors.Is(err, errNotFound) {
			m, err = t.onward(ctx, fr)
		}
		if !errors.Is(err, errNotFound) {
			return t.parse(ctx, m, err)
		}
		t.front = front{}
	}
	m, err := t.f.next(ctx, t.stream, t.tasks+">", 0)
	if errors.Is(err, errNotFound) {
		return Task{}, ErrLaneEmpty
	}
	// The oldest task of all is the one, unless there is one of a lower priority number: most lanes hold one priority.
	task, err := t.parse(ctx, m, err)
	if err != nil || task.Priority == 0 {
		return task, err
	}
	lower, err := t.lowerThan(ctx, task.Priority)
	if errors.Is(err, errNotFound) {
		return task, nil
	}
	return t.parse(ctx, lower, err)
}

// onward finds the first task of the front's priority from the front on.
func (t *Turn) onward(ctx context.Context, fr front) (storedMsg, error) {
	subject := t.tasks + strconv.Itoa(fr.Priority) + "."
	// Where the front is also the first message of the stream, the server searches from there by the slow way. The task in
	// hand and the one right after it are read by their sequence instead.
	for seq := fr.Seq; seq <= fr.Seq+1; seq++ {
		m, err := t.f.get(ctx, t.stream, `{"seq":`+strconv.FormatUint(seq, 10)+`}`)
		if err == nil && strings.HasPrefix(m.Subject, subject) {
			return m, nil
		}
		if err != nil && !errors.Is(err, errNotFound) {
			return m, err
		}
	}
	return t.f.next(ctx, t.stream, subject+"*", fr.Seq+2)
}

// lowerThan finds the first task with a priority number below that.
func (t *Turn) lowerThan(ctx context.Context, priority int) (storedMsg, error) {
	for p := range priority {
		m, err := t.f.next(ctx, t.stream, t.tasks+strconv.Itoa(p)+".*", 0)
		if !errors.Is(err, errNotFound) {
			return m, err
		}
	}
	return storedMsg{}, errNotFound
}

// parse makes a task of what was read, and remembers where it stands. A message that is no task is set aside: it must not
// stop the lane. One of a newer khabar does: which task is next is for those to say who can read it.
func (t *Turn) parse(ctx context.Context, m storedMsg, err error) (Task, error) {
	if err != nil {
		return Task{}, err
	}
	task, _, err := t.f.readTask(t.shard, m)
	if errors.Is(err, ErrNewer) {
		t.f.leave("task", m.Subject)
		return Task{}, ErrNewer
	}
	if err != nil {
		return Task{}, t.f.setAside(ctx, t.stream, m, err)
	}
	t.read[task.PageID] = pageRef{task.PageID, m.Seq}
	return task, nil
}
