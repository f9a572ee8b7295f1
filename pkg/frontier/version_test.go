package frontier

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// unchanged checks that the last message on a subject is the one that was put there.
func unchanged(t *testing.T, f *Frontier, stream, subject, data string) {
	t.Helper()
	m, err := f.last(soon(t), stream, subject)
	if err != nil || string(m.Data) != data {
		t.Errorf("%s holds %s, %v; want %s", subject, m.Data, err, data)
	}
}

// What a newer khabar has written is neither worked on nor changed, and holds up nothing else.
func TestNewerIsLeft(t *testing.T) {
	ts := startServer(t)
	f := ts.open(t, hour)
	js := ts.connect(t)
	put := func(subject, data string) {
		t.Helper()
		_, err := js.Publish(soon(t), subject, []byte(data))
		must(t, err)
	}
	const task, turn, rec = `{"v":6,"way":"new"}`, `{"v":6,"lane":{}}`, `{"v":6,"next_at":7}`
	put("frontier.a_example.1.p-1", task)
	put("turn.a_example", `{"v":1}`)
	put("turn.b_example", turn)
	put("$KV.hosts.c_example", rec)
	mustPut(t, f, page("c.example", 3), page("d.example", 4))

	left := mustTake(t, f)
	if _, err := left.Next(soon(t)); left.Lane() != "a.example" || !errors.Is(err, ErrNewer) {
		t.Fatalf("next of %s: %v", left.Lane(), err)
	}
	must(t, left.Release(soon(t), time.Time{}, 0))
	if st, err := f.Lane(soon(t), "a.example"); err != nil || time.Until(st.NextAt) < leftFor/2 {
		t.Errorf("%+v, %v: want the lane left for a while", st, err)
	}
	if got := mustTake(t, f); got.Lane() != "d.example" {
		t.Fatalf("took %s", got.Lane())
	}
	if _, err := f.Lane(soon(t), "c.example"); !errors.Is(err, ErrNewer) {
		t.Errorf("lane c: %v", err)
	}
	_, err := f.walk(soon(t), 0, 0)
	must(t, err)
	unchanged(t, f, "FRONTIER", "frontier.a_example.1.p-1", task)
	unchanged(t, f, "TURNS", "turn.b_example", turn)
	unchanged(t, f, "KV_hosts", "$KV.hosts.c_example", rec)
}

// A turn whose record a newer worker has taken over is lost.
func TestNewerRecordFences(t *testing.T) {
	ts := startServer(t)
	f := ts.open(t, hour)
	turn := mustTakeNew(t, f, "a.example")
	task := mustNext(t, turn)
	must(t, turn.Begin(soon(t), task, 0, false))
	_, err := ts.connect(t).Publish(soon(t), "$KV.hosts.a_example", []byte(`{"v":6}`))
	must(t, err)
	if err := turn.Release(soon(t), time.Time{}, 0); !errors.Is(err, ErrTurnLost) {
		t.Fatal(err)
	}
	unchanged(t, f, "KV_hosts", "$KV.hosts.a_example", `{"v":6}`)
}

// What is written says its version, so that older workers can leave it alone one day.
func TestVersionIsWritten(t *testing.T) {
	f := startServer(t).open(t, hour)
	turn := mustTakeNew(t, f, "a.example")
	must(t, turn.Begin(soon(t), mustNext(t, turn), 0, false))
	for stream, subject := range map[string]string{
		"FRONTIER": "frontier.a_example.1.p-1", "TURNS": "turn.a_example", "KV_hosts": "$KV.hosts.a_example",
	} {
		m, err := f.last(soon(t), stream, subject)
		must(t, err)
		if old := isNewer([]byte(`{"v":6}`)); !old || isNewer(m.Data) || string(m.Data[:len(`{"v":1`)]) != `{"v":1` {
			t.Errorf("%s holds %s", subject, m.Data)
		}
	}
}

// An older process that is started beside newer ones does not set up the streams as it knows them.
func TestOlderDoesNotSetUp(t *testing.T) {
	ts := startServer(t)
	ts.open(t, Config{})
	js := ts.connect(t)
	s, err := js.Stream(soon(t), "TURNS")
	must(t, err)
	cfg := s.CachedInfo().Config
	cfg.MaxMsgsPerSubject, cfg.Metadata = 3, map[string]string{metaVersion: "6"}
	_, err = js.UpdateStream(soon(t), cfg)
	must(t, err)
	c, err := js.Consumer(soon(t), "TURNS", consumerName)
	must(t, err)
	cc := c.CachedInfo().Config
	cc.AckWait, cc.Metadata = time.Hour, map[string]string{metaVersion: "6"}
	_, err = js.UpdateConsumer(soon(t), "TURNS", cc)
	must(t, err)
	ts.open(t, Config{})
	s, err = js.Stream(soon(t), "TURNS")
	must(t, err)
	c, err = js.Consumer(soon(t), "TURNS", consumerName)
	must(t, err)
	if s.CachedInfo().Config.MaxMsgsPerSubject != 3 || c.CachedInfo().Config.AckWait != time.Hour {
		t.Errorf("%+v, %+v", s.CachedInfo().Config, c.CachedInfo().Config)
	}
}

// A clock that is years ahead does not silence a lane for years.
func TestWrongClockIsBounded(t *testing.T) {
	ts := startServer(t)
	f := ts.open(t, Config{AckWait: time.Second, MaxQuiet: time.Millisecond})
	_, err := ts.connect(t).Publish(soon(t), "$KV.hosts.a_example",
		[]byte(`{"next_at":"2099-01-01T00:00:00Z","holder":"x","held_until":"2099-01-01T00:00:00Z","by":"x","write":1}`))
	must(t, err)
	turn := mustTakeNew(t, f, "a.example") // when the lease would have ended that the holder can have had
	must(t, turn.Release(soon(t), time.Now().Add(time.Hour), 0))
	if st, err := f.Lane(soon(t), "a.example"); err != nil || st.Held || time.Until(st.NextAt) > time.Minute {
		t.Errorf("%+v, %v: want no longer than the longest quiet", st, err)
	}
}

func TestBounded(t *testing.T) {
	now := time.Now()
	cfg := Config{AckWait: time.Minute, MaxQuiet: time.Hour}
	for name, c := range map[string]struct{ next, held, wantNext, wantHeld time.Duration }{
		"right":            {time.Hour, time.Minute, time.Hour, time.Minute},
		"a little ahead":   {time.Hour, time.Minute + 50*time.Second, time.Hour, time.Minute + 50*time.Second},
		"an hour ahead":    {2 * time.Hour, time.Hour, time.Hour, time.Minute},
		"of the past":      {-time.Hour, -time.Hour, -time.Hour, -time.Hour},
		"a decade ahead":   {87600 * time.Hour, 87600 * time.Hour, time.Hour, time.Minute},
		"quiet, not taken": {87600 * time.Hour, 0, time.Hour, 0},
	} {
		r := record{NextAt: now.Add(c.next), HeldUntil: now.Add(c.held)}.bounded(now, now, cfg)
		if !r.NextAt.Equal(now.Add(c.wantNext)) || !r.HeldUntil.Equal(now.Add(c.wantHeld)) {
			t.Errorf("%s: next after %v, held for %v", name, r.NextAt.Sub(now), r.HeldUntil.Sub(now))
		}
	}
	// A clock that is behind counts from when the record was written, which was no later than now.
	later := now.Add(24 * time.Hour)
	if got := (record{written: later}).now(); !got.Equal(later) {
		t.Errorf("now is %v", got)
	}
	if got := (record{written: now.Add(-time.Hour)}).now(); got.Before(now) {
		t.Errorf("now is %v", got)
	}
}

// A record that was damaged does not stop its lane.
func TestDamagedRecord(t *testing.T) {
	ts := startServer(t)
	f := ts.open(t, hour)
	_, err := ts.connect(t).Publish(soon(t), "$KV.hosts.a_example", []byte(`{"next_at":"soon"}`))
	must(t, err)
	turn := mustTakeNew(t, f, "a.example")
	finish(t, turn, mustNext(t, turn))
	if kv, err := f.js.KeyValue(soon(t), "hosts"); err != nil {
		t.Fatal(err)
	} else if _, err := kv.Get(soon(t), "a_example"); err != nil && !errors.Is(err, jetstream.ErrKeyNotFound) {
		t.Fatal(err)
	}
}

// Workers of before there was a priority leave its tasks alone, and do all others.
func TestVersionOfTasks(t *testing.T) {
	f := startServer(t).open(t, hour)
	for p, want := range []int{1, 1, 1, 2, 3, 4, 5} {
		task := page("a.example", p)
		task.Priority = p
		mustPut(t, f, task)
		m, err := f.last(soon(t), "FRONTIER", fmt.Sprintf("frontier.a_example.%d.p-%d", p, p))
		if err != nil || !strings.Contains(string(m.Data), fmt.Sprintf(`{"v":%d,`, want)) {
			t.Errorf("priority %d: %s, %v", p, m.Data, err)
		}
	}
}
