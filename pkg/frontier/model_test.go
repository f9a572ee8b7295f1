package frontier

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// How many random interleavings TestInterleavings runs, and the seed of the first: KHABAR_FRONTIER_RUNS for CI.
var (
	modelRuns = flag.Int("frontier.runs", envInt("KHABAR_FRONTIER_RUNS", 10), "random interleavings to run")
	modelSeed = flag.Uint64("frontier.seed", 1, "seed of the first interleaving")
)

func envInt(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// TestInterleavings does random things to a real server with a file store and checks each answer against a model: puts,
// turns that work, end, stall, are redelivered elsewhere and go on all the same, workers that die anywhere in Put
// and Retire, restarts of the server. At the end every page that was put must come out, exactly once.
func TestInterleavings(t *testing.T) {
	t.Parallel()
	for i := range *modelRuns {
		seed := *modelSeed + uint64(i)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			m := newModel(t, seed)
			for range 80 {
				m.step()
			}
			m.drain()
		})
	}
}

// item is one putting of a page: the page put again after it was done is another item.
type item struct {
	task   Task
	n      int // order of puts
	deaths int // turns that stalled or died with it in hand
	alone  int // and said that they had nothing else in hand
}

// modelTurn is a turn and what the model knows of it.
type modelTurn struct {
	*Turn
	next    *item // what Next gave last
	inHand  *item
	alone   bool // as Begin was told
	stalled bool // its heartbeat has stopped, and its message was given to others
}

type modelLane struct {
	turns  []*modelTurn // that have not ended
	asleep bool         // it may have tasks and no turn, because a worker died; a put or a sweep wakes it
}

type model struct {
	t       *testing.T
	rnd     *rand.Rand
	ts      *testServer
	fs      []*Frontier
	pending map[string]*item // by page id
	lanes   map[string]*modelLane
	bound   int // of a lane's tasks of a priority
	puts    int
	done    int
	log     []string
}

func newModel(t *testing.T, seed uint64) *model {
	m := &model{
		t: t, rnd: rand.New(rand.NewPCG(seed, 0)), ts: startServer(t),
		pending: make(map[string]*item), lanes: make(map[string]*modelLane), bound: int(seed/2%2) * 2,
	}
	// Longer than an interleaving takes, so that nothing happens by time: leases are made to expire.
	cfg := Config{AckWait: 20 * time.Second, Shards: 1 + int(seed%2)*2, LanePending: m.bound, longRun: 2}
	for range 2 {
		m.fs = append(m.fs, m.ts.open(t, cfg))
	}
	for i := range 3 {
		m.lanes[fmt.Sprintf("%d.example", i)] = &modelLane{}
	}
	t.Cleanup(func() {
		if t.Failed() {
			for _, l := range m.log {
				t.Log(l)
			}
		}
	})
	return m
}

func (m *model) note(format string, args ...any) {
	m.log = append(m.log, time.Now().Format("05.000 ")+fmt.Sprintf(format, args...))
}

func (m *model) fail(format string, args ...any) {
	m.t.Helper()
	m.t.Fatalf(format, args...)
}

func (m *model) frontier() *Frontier { return m.fs[m.rnd.IntN(len(m.fs))] }

func (m *model) step() {
	m.t.Helper()
	switch r := m.rnd.IntN(100); {
	case r < 15:
		m.put(false)
	case r < 19:
		m.put(true)
	case r < 33:
		m.take()
	case r < 37:
		m.queue()
	case r < 97:
		if turn := m.anyTurn(); turn != nil {
			m.act(turn)
		}
	default:
		m.restart()
	}
}

// anyTurn is a random turn that has not ended, stalled ones included.
func (m *model) anyTurn() *modelTurn {
	var all []*modelTurn
	for _, name := range slices.Sorted(maps.Keys(m.lanes)) {
		all = append(all, m.lanes[name].turns...)
	}
	if len(all) == 0 {
		return nil
	}
	return all[m.rnd.IntN(len(all))]
}

// put puts a few tasks; if the putter dies, their lanes' turns are not put.
func (m *model) put(dies bool) {
	m.t.Helper()
	var tasks []Task
	var keys []string
	for range 1 + m.rnd.IntN(4) {
		lane := fmt.Sprintf("%d.example", m.rnd.IntN(len(m.lanes)))
		n := m.rnd.IntN(12)
		task := page(lane, n)
		task.PageID = fmt.Sprintf("%s-%d", lane[:1], n)
		task.Priority = m.rnd.IntN(Priorities)
		tasks = append(tasks, task)
		key, err := encodeLane(lane)
		must(m.t, err)
		keys = append(keys, key)
	}
	tasks, keys = byPriority(tasks, keys)
	type place struct {
		lane     string
		priority int
	}
	held := make(map[place]int)
	for _, it := range m.pending {
		held[place{it.task.Lane, it.task.Priority}]++
	}
	var want PutReport
	for _, task := range tasks {
		at := place{task.Lane, task.Priority}
		switch {
		case m.pending[task.PageID] != nil:
			want.AlreadyPending++
			continue
		case task.Priority > 0 && m.bound > 0 && held[at] >= m.bound:
			want.Over = append(want.Over, task.PageID)
			continue
		}
		held[at]++
		want.Queued++
		m.puts++
		m.pending[task.PageID] = &item{task: task, n: m.puts}
	}
	// A page that is over at one priority may be put at another in the same call.
	over := want.Over
	want.Over = nil
	for _, id := range over {
		if m.pending[id] != nil {
			want.AlreadyPending++
		} else {
			want.Over = append(want.Over, id)
		}
	}
	f := m.frontier()
	var got PutReport
	var err error
	if dies {
		got, err = f.putTasks(soon(m.t), tasks, keys)
	} else {
		got, err = f.Put(soon(m.t), tasks)
	}
	m.note("put %v dies=%v: %+v %v", tasks, dies, got, err)
	must(m.t, err)
	if !reflect.DeepEqual(got, want) {
		m.fail("put reported %+v, want %+v", got, want)
	}
	for i, task := range tasks {
		lane := m.lanes[task.Lane]
		if !dies {
			lane.asleep = false
		} else if !m.hasTurn(f, keys[i]) {
			lane.asleep = true
		}
	}
}

func (m *model) hasTurn(f *Frontier, key string) bool {
	m.t.Helper()
	_, err := f.last(soon(m.t), f.cfg.turnsStream(), f.cfg.turnSubject()+"."+key)
	if err != nil && !errors.Is(err, errNotFound) {
		m.t.Fatal(err)
	}
	return err == nil
}

// ready are the lanes that must have a turn to take: tasks, and nobody who holds them.
func (m *model) ready() []string {
	var names []string
	for _, it := range m.pending {
		lane := m.lanes[it.task.Lane]
		if !lane.asleep && !slices.ContainsFunc(lane.turns, func(t *modelTurn) bool { return !t.stalled && !m.superseded(t) }) {
			names = append(names, it.task.Lane)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (m *model) take() {
	m.t.Helper()
	ready := m.ready()
	if len(ready) == 0 {
		return
	}
	turn, err := m.frontier().Take(soon(m.t))
	if err != nil {
		m.fail("no turn although %v have tasks: %v", ready, err)
	}
	lane := m.lanes[turn.Lane()]
	m.note("took %s (id %s)", turn.Lane(), turn.id)
	for _, other := range lane.turns {
		if _, leased := other.peek(); leased && !other.stalled && !m.superseded(other) {
			m.fail("took lane %s, which %s holds", turn.Lane(), other.id)
		}
	}
	lane.turns = append(lane.turns, &modelTurn{Turn: turn})
}

// queue has a worker put the turn of a lane that nobody works on at the tail, and die right after or before.
func (m *model) queue() {
	m.t.Helper()
	if len(m.ready()) == 0 {
		return
	}
	f := m.frontier()
	msg, err := f.pull.wait(soon(m.t))
	must(m.t, err)
	meta, err := msg.Metadata()
	must(m.t, err)
	key := strings.TrimPrefix(msg.Subject, f.cfg.turnSubject()+".")
	rec, _, err := f.readRecord(soon(m.t), key)
	must(m.t, err)
	if !rec.heldAt(time.Now()) && m.rnd.IntN(4) > 0 {
		queued, err := f.queueUp(soon(m.t), key, meta.Sequence.Stream)
		m.note("turn %d of %s to the tail: %v %v", meta.Sequence.Stream, key, queued, err)
		must(m.t, err)
	}
	must(m.t, f.delay(msg.Reply, 0)) // as after AckWait
}

// act does what a worker might do next.
func (m *model) act(t *modelTurn) {
	m.t.Helper()
	switch r := m.rnd.IntN(100); {
	case r < 25 || t.next == nil:
		m.next(t)
	case r < 45:
		m.begin(t)
	case r < 55:
		m.pace(t)
	case r < 75:
		m.finishItem(t)
	case r < 87:
		m.release(t)
	case r < 97 && !t.stalled:
		m.stall(t)
	}
}

func (m *model) next(t *modelTurn) {
	m.t.Helper()
	var want *item
	for _, it := range m.pending {
		if it.task.Lane == t.Lane() && (want == nil || cmp.Or(cmp.Compare(it.task.Priority, want.task.Priority), cmp.Compare(it.n, want.n)) < 0) {
			want = it
		}
	}
	got, err := t.Next(soon(m.t))
	m.note("%s next: %s %v", t.id, got.PageID, err)
	switch {
	case errors.Is(err, ErrTurnLost) && m.superseded(t):
		m.drop(t)
	case errors.Is(err, ErrLaneEmpty) && want == nil:
		t.next = nil
		m.retire(t)
	case err != nil:
		m.fail("next of %s: %v", t.Lane(), err)
	case want == nil || got != want.task:
		m.fail("next of %s is %+v, want %+v", t.Lane(), got, want)
	default:
		t.next = want
	}
}

// superseded reports whether another turn has written the lane's record since this one knew it.
func (m *model) superseded(t *modelTurn) bool {
	m.t.Helper()
	// What it knows comes first: its heartbeat may write between the two readings, and that write bears its name.
	known, _ := t.peek()
	rec, rev, err := m.fs[0].readRecord(soon(m.t), t.key)
	must(m.t, err)
	return rev != known && rec.By != t.id
}

// peek reads what the heartbeat may be changing.
func (t *modelTurn) peek() (rev uint64, leased bool) {
	t.sem <- struct{}{}
	defer func() { <-t.sem }()
	return t.rev, t.leased
}

// wrote checks the answer of a call that must write the record: it works exactly for a turn that knows the last write.
// lost is what superseded said before the call.
func (m *model) wrote(t *modelTurn, what string, lost bool, err error) bool {
	m.t.Helper()
	m.note("%s %s: %v", t.id, what, err)
	if lost {
		if !errors.Is(err, ErrTurnLost) {
			m.fail("%s by %s, which was superseded: %v", what, t.id, err)
		}
		m.drop(t)
		return false
	}
	if err != nil {
		m.fail("%s by %s: %v", what, t.id, err)
	}
	t.stalled = false // if it was, it has the lane again, until it stalls again
	return true
}

func (m *model) begin(t *modelTurn) {
	m.t.Helper()
	lost := m.superseded(t)
	s := t.Suspicion(t.next.task)
	alone := m.rnd.IntN(2) == 0
	err := t.Begin(soon(m.t), t.next.task, time.Millisecond, alone)
	if errors.Is(err, errNotNext) {
		return // done already
	}
	if !m.wrote(t, "begin "+t.next.task.PageID, lost, err) {
		return
	}
	t.inHand, t.alone = t.next, alone
	if s.Deaths() > t.next.deaths || s.Alone > t.next.alone {
		m.fail("%+v against %s, which was in hand of %d deaths, %d alone", s, t.next.task.PageID, t.next.deaths, t.next.alone)
	}
}

func (m *model) pace(t *modelTurn) {
	m.t.Helper()
	lost := m.superseded(t)
	before, _ := t.peek()
	err := t.Pace(soon(m.t), time.Millisecond)
	if after, _ := t.peek(); err == nil && after == before {
		m.note("%s pace: granted", t.id)
		return // its begin has paid for it
	}
	m.wrote(t, "pace", lost, err)
}

func (m *model) finishItem(t *modelTurn) {
	m.t.Helper()
	it := t.next
	err := t.Done(soon(m.t), it.task)
	m.note("%s done %s: %v", t.id, it.task.PageID, err)
	if err != nil && !errors.Is(err, errNotNext) {
		m.fail("done: %v", err)
	}
	if err == nil && m.pending[it.task.PageID] == it {
		delete(m.pending, it.task.PageID)
		m.done++
	}
}

func (m *model) release(t *modelTurn) {
	m.t.Helper()
	_, leased := t.peek()
	m.ended(t, "release", leased, func() error { return t.Release(soon(m.t), time.Time{}, 0) })
}

// ended checks a call that ends the turn. A release of a turn that began nothing may need no write, and then it does no
// harm either.
func (m *model) ended(t *modelTurn, what string, writes bool, end func() error) {
	m.t.Helper()
	lost := m.superseded(t)
	err := end()
	m.note("%s %s: %v (superseded %v, writes %v)", t.id, what, err, lost, writes)
	if lost && writes && !errors.Is(err, ErrTurnLost) || !lost && err != nil {
		m.fail("%s of %s by %s (superseded %v, writes %v): %v", what, t.Lane(), t.id, lost, writes, err)
	}
	m.drop(t)
}

// retire retires a turn, or dies in it.
func (m *model) retire(t *modelTurn) {
	m.t.Helper()
	if m.rnd.IntN(2) == 0 {
		m.put(m.rnd.IntN(4) == 0) // something may arrive first
	}
	if m.superseded(t) || m.rnd.IntN(2) == 0 {
		m.ended(t, "retire", true, func() error { return t.Retire(soon(m.t)) })
		return
	}
	steps := m.rnd.IntN(4)
	m.note("%s dies in retire, after %d steps", t.id, steps)
	t.dieIn(m.t, steps)
	m.expire(t)
	m.drop(t)
	if !m.hasTurn(m.fs[0], t.key) {
		m.lanes[t.Lane()].asleep = true
	}
}

// stall makes the worker stop answering: its turn is given to others. It may go on later, or never.
func (m *model) stall(t *modelTurn) {
	m.t.Helper()
	m.note("%s stalls", t.id)
	t.beat()
	<-t.beating
	if t.inHand != nil {
		t.inHand.deaths++
		if t.alone {
			t.inHand.alone++
		}
	}
	t.stalled = true
	m.expire(t)
	if m.rnd.IntN(2) == 0 {
		t.crash()
		m.drop(t)
	}
}

// expire is what AckWait without a heartbeat does: the lease is over and the message is redelivered.
func (m *model) expire(t *modelTurn) {
	m.t.Helper()
	expire(m.t, t.Turn)
	steal(m.t, t.Turn)
}

// drop forgets a turn that has ended or will never act again.
func (m *model) drop(t *modelTurn) {
	lane := m.lanes[t.Lane()]
	lane.turns = slices.DeleteFunc(lane.turns, func(o *modelTurn) bool { return o == t })
}

func (m *model) restart() {
	m.t.Helper()
	m.note("restart")
	// What was acknowledged or put back is known to the server first: it would be redelivered, but only after AckWait. The
	// server works off acknowledgements in order, so an answer to one of no message says that it has seen the others.
	for _, f := range m.fs {
		must(m.t, f.nc.FlushWithContext(soon(m.t)))
	}
	_, err := m.fs[0].nc.RequestWithContext(soon(m.t), "$JS.ACK.TURNS.workers.1.999999999.1.1.0", []byte("+WPI"))
	must(m.t, err)
	m.ts.stop()
	m.ts.start(m.t)
	for _, f := range m.fs {
		for f.nc.FlushWithContext(soon(m.t)) != nil { // until it is connected again
		}
	}
}

// drain lets everything that still acts end, wakes what dead workers left asleep, and works until nothing is left.
func (m *model) drain() {
	m.t.Helper()
	m.note("drain")
	for _, name := range slices.Sorted(maps.Keys(m.lanes)) {
		for _, t := range slices.Clone(m.lanes[name].turns) {
			if t.stalled {
				t.crash()
				m.expire(t)
				m.drop(t)
			} else {
				m.release(t)
			}
		}
		m.lanes[name].asleep = false
	}
	// What the sweeper does after AckWait, now; and what the scheduler does after a page's lease.
	met, err := m.fs[0].settleOld(soon(m.t), nil, 0)
	must(m.t, err)
	m.note("notes left: %v", met)
	for _, it := range m.pending {
		mustPut(m.t, m.fs[0], it.task)
	}
	for len(m.pending) > 0 {
		turn := mustTake(m.t, m.frontier())
		for {
			task, err := turn.Next(soon(m.t))
			if errors.Is(err, ErrLaneEmpty) {
				must(m.t, turn.Retire(soon(m.t)))
				break
			}
			must(m.t, err)
			if m.pending[task.PageID] == nil || m.pending[task.PageID].task != task {
				m.fail("%+v is in the frontier, and was not put or was done", task)
			}
			finish(m.t, turn, task)
			delete(m.pending, task.PageID)
			m.done++
		}
	}
	if d, err := m.fs[0].Depth(soon(m.t)); err != nil || d.Tasks != 0 {
		m.fail("depth %+v, %v after the last task", d, err)
	}
	if m.done != m.puts {
		m.fail("%d put, %d done", m.puts, m.done)
	}
}
