package frontier

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func TestCycle(t *testing.T) {
	for _, shards := range []int{1, 4} {
		f := startServer(t).open(t, Config{Shards: shards})
		ctx := soon(t)
		want := []Task{page("a.example", 1), page("a.example", 2), page("a.example", 3)}
		want[0].Priority, want[2].Priority = 2, 0
		if r := mustPut(t, f, want...); !reflect.DeepEqual(r, PutReport{Queued: 3}) {
			t.Fatalf("put: %+v", r)
		}
		turn := mustTake(t, f)
		if turn.Lane() != "a.example" || turn.State() != (LaneState{}) {
			t.Fatalf("lane %q, %+v", turn.Lane(), turn.State())
		}
		for _, i := range []int{2, 1, 0} {
			got, err := turn.Next(ctx)
			must(t, err)
			if got != want[i] {
				t.Fatalf("next: %+v, want %+v", got, want[i])
			}
			finish(t, turn, got)
		}
		if _, err := turn.Next(ctx); !errors.Is(err, ErrLaneEmpty) {
			t.Fatalf("next of an empty lane: %v", err)
		}
		must(t, turn.Retire(ctx))
		if _, err := turn.Next(ctx); !errors.Is(err, ErrTurnOver) {
			t.Fatalf("next after retire: %v", err)
		}
		if err := context.Cause(turn.Context()); !errors.Is(err, ErrTurnOver) {
			t.Fatalf("context after retire: %v", err)
		}
		wantDepth(t, f, Depth{})
	}
}

// finish begins, requests and completes a task.
func finish(t testing.TB, turn *Turn, task Task) Suspicion {
	t.Helper()
	ctx := soon(t)
	s := turn.Suspicion(task)
	must(t, turn.Begin(ctx, task, 0, false))
	must(t, turn.Pace(ctx, 0))
	must(t, turn.Done(ctx, task))
	return s
}

func mustNext(t testing.TB, turn *Turn) Task {
	t.Helper()
	task, err := turn.Next(soon(t))
	must(t, err)
	return task
}

func wantDepth(t testing.TB, f *Frontier, want Depth) {
	t.Helper()
	if d, err := f.Depth(soon(t)); err != nil || d != want {
		t.Fatalf("depth %+v, %v; want %+v", d, err, want)
	}
}

func TestPutOncePerPage(t *testing.T) {
	f := startServer(t).open(t, Config{})
	p, other := page("a.example", 1), page("a.example", 1)
	other.Priority = 0
	if r := mustPut(t, f, p, p, other); !reflect.DeepEqual(r, PutReport{Queued: 1, AlreadyPending: 2}) {
		t.Fatalf("%+v", r)
	}
	if r := mustPut(t, f, p); !reflect.DeepEqual(r, PutReport{AlreadyPending: 1}) {
		t.Fatalf("%+v", r)
	}
	wantDepth(t, f, Depth{Tasks: 1, Lanes: 1})
	turn := mustTake(t, f)
	task := mustNext(t, turn)
	if r := mustPut(t, f, p); !reflect.DeepEqual(r, PutReport{AlreadyPending: 1}) {
		t.Fatalf("while in hand: %+v", r)
	}
	finish(t, turn, task)
	if r := mustPut(t, f, other); !reflect.DeepEqual(r, PutReport{Queued: 1}) {
		t.Fatalf("after done: %+v", r)
	}
}

func TestPutInvalid(t *testing.T) {
	f := startServer(t).open(t, Config{})
	for name, spoil := range map[string]func(*Task){
		"no page":       func(t *Task) { t.PageID = "" },
		"page token":    func(t *Task) { t.PageID = "a.b" },
		"page wildcard": func(t *Task) { t.PageID = ">" },
		"long page":     func(t *Task) { t.PageID = strings.Repeat("a", maxPageID+1) },
		"no lane":       func(t *Task) { t.Lane = "" },
		"long lane":     func(t *Task) { t.Lane = strings.Repeat("a", maxLane+1) },
		"priority":      func(t *Task) { t.Priority = Priorities },
		"negative":      func(t *Task) { t.Priority = -1 },
		"no URL":        func(t *Task) { t.URL = "" },
		"long URL":      func(t *Task) { t.URL = strings.Repeat("a", maxURL+1) },
		"long site":     func(t *Task) { t.Site = strings.Repeat("a", maxLane+1) },
	} {
		bad := page("a.example", 2)
		spoil(&bad)
		if r, err := f.Put(soon(t), []Task{page("a.example", 1), bad}); !errors.Is(err, ErrInvalidTask) || !reflect.DeepEqual(r, PutReport{}) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	wantDepth(t, f, Depth{})
}

func TestPutManyAtOnce(t *testing.T) {
	f := startServer(t).open(t, Config{})
	tasks := make([]Task, putChunk+1)
	for i := range tasks {
		tasks[i] = page(fmt.Sprintf("%d.example", i%7), i)
	}
	errs := make(chan error)
	const puts = 5
	for range puts {
		go func() {
			_, err := f.Put(soon(t), tasks)
			errs <- err
		}()
	}
	for range puts {
		must(t, <-errs)
	}
	wantDepth(t, f, Depth{Tasks: len(tasks), Lanes: 7})
}

// A Put that died between task and turn is repeated by the scheduler later, and must wake the lane then.
func TestPutOfPendingTaskWakes(t *testing.T) {
	f := startServer(t).open(t, Config{})
	p := page("a.example", 1)
	key, err := encodeLane(p.Lane)
	must(t, err)
	_, err = f.putTasks(soon(t), []Task{p}, []string{key})
	must(t, err)
	wantDepth(t, f, Depth{Tasks: 1})
	if r := mustPut(t, f, p); !reflect.DeepEqual(r, PutReport{AlreadyPending: 1}) {
		t.Fatalf("%+v", r)
	}
	if got := mustNext(t, mustTake(t, f)); got != p {
		t.Fatalf("%+v", got)
	}
}

func TestStorageFull(t *testing.T) {
	f := startServer(t).open(t, Config{MaxBytes: 4096})
	var tasks []Task
	for i := range 100 {
		tasks = append(tasks, page("a.example", i))
	}
	r, err := f.Put(soon(t), tasks)
	if !errors.Is(err, ErrStorageFull) || r.Queued == 0 || r.Queued == len(tasks) {
		t.Fatalf("%+v, %v", r, err)
	}
	// What fitted can be crawled, and makes room.
	turn := mustTake(t, f)
	for range r.Queued {
		finish(t, turn, mustNext(t, turn))
	}
	must(t, turn.Retire(soon(t)))
	if r := mustPut(t, f, tasks[:5]...); r.Queued != 5 {
		t.Fatalf("%+v", r)
	}
}

func TestPutEndsWithContext(t *testing.T) {
	ts := startServer(t)
	f := ts.open(t, Config{})
	ts.stop()
	defer ts.start(t)
	ctx, cancel := context.WithCancel(context.Background())
	errs := make(chan error, 1)
	go func() {
		_, err := f.Put(ctx, []Task{page("a.example", 1)})
		errs <- err
	}()
	cancel()
	if err := <-errs; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestLongLaneKeepsOrder(t *testing.T) {
	f := startServer(t).open(t, Config{longRun: 2})
	var want []string
	for i := range 12 {
		p := page("a.example", i)
		p.Priority = 2
		mustPut(t, f, p, page("b.example", 100+i))
		want = append(want, p.PageID)
	}
	urgent := page("a.example", 50)
	urgent.Priority = 0
	want = slices.Insert(want, 6, urgent.PageID)
	turn := mustTake(t, f)
	for turn.Lane() != "a.example" {
		turn = mustTake(t, f)
	}
	var got []string
	for i := range want {
		if i == 6 {
			mustPut(t, f, urgent)
		}
		task := mustNext(t, turn)
		if again := mustNext(t, turn); again != task {
			t.Fatalf("next is %+v, then %+v", task, again)
		}
		finish(t, turn, task)
		got = append(got, task.PageID)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("order %v, want %v", got, want)
	}
	if _, err := turn.Next(soon(t)); !errors.Is(err, ErrLaneEmpty) {
		t.Fatal(err)
	}
}

func TestForeignMessageDoesNotStopALane(t *testing.T) {
	ts := startServer(t)
	f := ts.open(t, Config{})
	js := ts.connect(t)
	_, err := js.Publish(soon(t), "frontier.a_example.0.bad", []byte("not a task"))
	must(t, err)
	_, err = js.Publish(soon(t), "turn.=00=", nil)
	must(t, err)
	p := page("a.example", 1)
	mustPut(t, f, p)
	if got := mustNext(t, mustTake(t, f)); got != p {
		t.Fatalf("%+v", got)
	}
	wantAside(t, f, "frontier.a_example.0.bad", "turn.=00=")
}

func TestPrefixesAreApart(t *testing.T) {
	ts := startServer(t)
	one, two := ts.open(t, Config{Prefix: "one-"}), ts.open(t, Config{Prefix: "two-", Storage: jetstream.MemoryStorage})
	p := page("a.example", 1)
	mustPut(t, one, p)
	wantDepth(t, two, Depth{})
	if r := mustPut(t, two, p); r.Queued != 1 {
		t.Fatalf("%+v", r)
	}
	for _, f := range []*Frontier{one, two} {
		turn := mustTake(t, f)
		finish(t, turn, mustNext(t, turn))
		wantDepth(t, f, Depth{Lanes: 1})
	}
}

func TestOpenErrors(t *testing.T) {
	ts := startServer(t)
	js := ts.connect(t)
	ctx := soon(t)
	open := func(js jetstream.JetStream, cfg Config, want error, text string) {
		t.Helper()
		f, err := Open(ctx, js, cfg, nil)
		if err == nil {
			f.Close()
		}
		if err == nil || want != nil && !errors.Is(err, want) || !strings.Contains(err.Error(), text) {
			t.Errorf("error %v, want %v with %q", err, want, text)
		}
	}
	for text, cfg := range map[string]Config{
		"prefix": {Prefix: "a."}, "300 shards": {Shards: 300}, "-1 shards": {Shards: -1}, "9 replicas": {Replicas: 9},
		"ack wait": {AckWait: 1}, "pending tasks": {LanePending: -1}, "max quiet": {MaxQuiet: -1}, "max bytes": {MaxBytes: -1}, "request timeout": {RequestTimeout: -1},
	} {
		open(js, cfg, nil, text)
	}

	ts.open(t, Config{})
	ts.open(t, Config{}) // as it is: fine
	open(js, Config{Shards: 4}, ErrIncompatible, "made for 1 shards")
	open(js, Config{Storage: jetstream.MemoryStorage}, ErrIncompatible, "FRONTIER")
	open(js, Config{Replicas: 3}, ErrIncompatible, "FRONTIER") // one server cannot
	ts.open(t, Config{Prefix: "s", Shards: 4})
	open(js, Config{Prefix: "s"}, ErrIncompatible, "made for 4 shards")

	_, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "theirs", Subjects: []string{"x-turn.>"}})
	must(t, err)
	open(js, Config{Prefix: "x-"}, ErrIncompatible, "x-TURNS")
	_, err = js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "y-hosts", History: 9})
	must(t, err)
	open(js, Config{Prefix: "y-"}, ErrIncompatible, "y-hosts")

	none, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	must(t, err)
	none.Start()
	defer none.WaitForShutdown()
	defer none.Shutdown()
	nc, err := nats.Connect(none.ClientURL())
	must(t, err)
	defer nc.Close()
	js, err = jetstream.New(nc)
	must(t, err)
	open(js, Config{}, ErrNoJetStream, "")

	away, err := nats.Connect("nats://127.0.0.1:1", nats.RetryOnFailedConnect(true))
	must(t, err)
	defer away.Close()
	js, err = jetstream.New(away)
	must(t, err)
	open(js, Config{RequestTimeout: 50_000_000}, ErrUnreachable, "RECONNECTING")
}

// An operator's own settings survive what Open updates.
func TestOpenUpdates(t *testing.T) {
	ts := startServer(t)
	ctx := soon(t)
	js := ts.connect(t)
	ts.open(t, Config{})
	s, err := js.Stream(ctx, "FRONTIER")
	must(t, err)
	cfg := s.CachedInfo().Config
	cfg.DiscardNewPerSubject, cfg.MaxMsgsPerSubject, cfg.MaxMsgs = false, -1, 12345
	_, err = js.UpdateStream(ctx, cfg)
	must(t, err)
	ts.open(t, Config{MaxBytes: 1 << 30})
	s, err = js.Stream(ctx, "FRONTIER")
	must(t, err)
	got := s.CachedInfo().Config
	if !got.DiscardNewPerSubject || got.MaxMsgsPerSubject != 1 || got.MaxBytes != 1<<30 || got.MaxMsgs != 12345 {
		t.Fatalf("%+v", got)
	}
	c, err := js.Consumer(ctx, "TURNS", consumerName)
	must(t, err)
	if cc := c.CachedInfo().Config; cc.MaxDeliver != -1 || cc.MaxAckPending != -1 || cc.AckWait != DefaultAckWait {
		t.Fatalf("%+v", cc)
	}
}
