package frontier

import (
	"errors"
	"testing"
	"time"
)

// TestView: who looks sees what stands in the frontier and who waits for work, and makes nothing where there is none.
func TestView(t *testing.T) {
	for _, cfg := range []Config{{AckWait: hour.AckWait, Prefix: "one-"}, {AckWait: hour.AckWait, Prefix: "three-", Shards: 3}} {
		s := startServer(t)
		js := s.connect(t)
		v, err := Look(js, cfg, nil)
		must(t, err)
		if o, err := v.Overview(soon(t)); !errors.Is(err, ErrNoFrontier) {
			t.Fatalf("of none: %+v, %v", o, err)
		}
		for name := range js.StreamNames(t.Context()).Name() {
			t.Errorf("made %s", name)
		}
		f := s.open(t, cfg)
		if o, err := v.Overview(soon(t)); err != nil || o != (Overview{}) {
			t.Fatalf("of an empty one: %+v, %v", o, err)
		}
		before := time.Now().Add(-time.Second) // the server's clock is this one
		section := page("a.example", 1)
		section.Priority = 0
		mustPut(t, f, section, page("a.example", 2), page("b.example", 3), page("c.example", 4))
		o, err := v.Overview(soon(t))
		must(t, err)
		if o.Tasks != 4 || o.Lanes != 3 || o.Ready != 3 || o.Priorities[0].Tasks != 1 || o.Priorities[1].Tasks != 3 || o.Priorities[2] != (Pending{}) {
			t.Errorf("%+v", o)
		}
		for p, pending := range o.Priorities[:2] {
			if pending.Oldest.Before(before) || pending.Oldest.After(time.Now().Add(time.Second)) {
				t.Errorf("the oldest of priority %d is of %v", p, pending.Oldest)
			}
		}
		turns := []*Turn{mustTake(t, f), mustTake(t, f), mustTake(t, f)}
		waiting := make(chan error, 1)
		go func() {
			_, err := f.Take(t.Context())
			waiting <- err
		}()
		for o.Idle == 0 {
			o, err = v.Overview(soon(t))
			must(t, err)
		}
		if o.Ready != 0 || o.Lanes != 3 || o.Idle != 1 {
			t.Errorf("with all turns in hand: %+v", o)
		}
		until := time.Now().Add(time.Hour)
		must(t, turns[0].Release(soon(t), until, 5))
		if lane, err := v.Lane(soon(t), turns[0].Lane()); err != nil || lane.Failures != 5 || lane.NextAt.Before(until.Add(-time.Minute)) {
			t.Errorf("a lane that is left alone: %+v, %v", lane, err)
		}
		f.Close()
		if err := <-waiting; !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	}
	if _, err := Look(nil, Config{Shards: -1}, nil); err == nil {
		t.Error("took a configuration that is none")
	}
}
