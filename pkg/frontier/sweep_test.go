package frontier

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// aside gives what was set aside, by its subject. It waits until there is that much.
func aside(t *testing.T, f *Frontier, n int) map[string]jetstream.Msg {
	t.Helper()
	c, err := f.js.OrderedConsumer(soon(t), f.cfg.asideStream(), jetstream.OrderedConsumerConfig{})
	must(t, err)
	all := make(map[string]jetstream.Msg)
	for range n {
		m, err := c.Next(jetstream.FetchContext(soon(t)))
		must(t, err)
		all[m.Headers().Get(headerSubject)] = m
	}
	return all
}

func wantAside(t *testing.T, f *Frontier, subjects ...string) {
	t.Helper()
	got := aside(t, f, len(subjects))
	for _, s := range subjects {
		if m := got[s]; m == nil || m.Headers().Get(headerReason) == "" || m.Headers().Get(headerStored) == "" {
			t.Errorf("%s was not set aside", s)
		}
	}
}

// What no worker would ever read does not count as work for ever.
func TestUnworkableIsSetAside(t *testing.T) {
	ts := startServer(t)
	f := ts.open(t, Config{AckWait: minAckWait, Shards: 2})
	good := page("a.example", 1)
	key, err := encodeLane(good.Lane)
	must(t, err)
	right := f.cfg.taskSubject(shardOf(key, 2))
	wrong := f.cfg.taskSubject(1 - shardOf(key, 2))
	body := `{"v":1,"u":"https://a.example/1"}`
	bad := map[string]string{
		right + ".a_example":                            body,             // no priority and no page
		right + ".a_example.0":                          body,             // no page
		right + ".a_example.0.p.q":                      body,             // a token too many
		right + ".a_example.7.p":                        body,             // no such priority
		right + ".a_example.10.p":                       body,             // no such priority
		right + ".a_example.1.p%20q":                    body,             // no such page
		right + ".a_example.1.p-2":                      "not a task",     // no body
		right + ".a_example.1.p-3":                      `{"u":"","v":1}`, // no URL
		right + ".a~example.1.p-4":                      body,             // no such lane
		right + ".=61.1.p-5":                            body,             // no such lane: "a" is written plainly
		wrong + ".a_example.1.p-6":                      body,             // where it would not be looked for
		wrong + "." + strings.Repeat("a", 301) + ".1.p": body,
	}
	js := ts.connect(t)
	for subject, data := range bad {
		_, err := js.Publish(soon(t), subject, []byte(data))
		must(t, err)
	}
	mustPut(t, f, good)
	got := aside(t, f, len(bad)) // by the sweeper
	for subject, data := range bad {
		if m := got[subject]; m == nil || string(m.Data()) != data || m.Headers().Get(headerReason) == "" {
			t.Errorf("%s was not set aside", subject)
		}
	}
	turn := mustTake(t, f)
	if task := mustNext(t, turn); task != good {
		t.Fatalf("%+v", task)
	}
	wantDepth(t, f, Depth{Tasks: 1, Lanes: 1})
}

// A lane that lost its turn gets it back, whatever took it.
func TestWalkPutsLostTurns(t *testing.T) {
	ts := startServer(t)
	f := ts.open(t, hour)
	var want []string
	for i := range 3 {
		p := page(string(rune('a'+i))+".example", i)
		want = append(want, p.Lane)
		mustPut(t, f, p)
	}
	s, err := ts.connect(t).Stream(soon(t), f.cfg.turnsStream())
	must(t, err)
	must(t, s.Purge(soon(t)))
	at, err := f.walk(soon(t), 0, 0)
	if err != nil || at != 0 {
		t.Fatalf("walked to %d, %v; want to begin again", at, err)
	}
	wantDepth(t, f, Depth{Tasks: 3, Lanes: 3})
	var got []string
	for range want {
		got = append(got, mustTake(t, f).Lane())
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("turns of %v, want %v", got, want)
	}
}

// A long stream is gone through part by part, and then again.
func TestWalkGoesRound(t *testing.T) {
	f := startServer(t).open(t, hour)
	tasks := make([]Task, 2*walkMost+1)
	for i := range tasks {
		tasks[i] = page("a.example", i)
	}
	mustPut(t, f, tasks...)
	var at uint64
	for _, want := range []uint64{walkMost + 1, 2*walkMost + 1, 0, walkMost + 1} {
		var err error
		if at, err = f.walk(soon(t), 0, at); err != nil || at != want {
			t.Fatalf("walked to %d, %v; want %d", at, err, want)
		}
	}
}

// A message that is set aside twice, as after a crash between the two steps, is kept once.
func TestSetAsideTwice(t *testing.T) {
	f := startServer(t).open(t, hour)
	m := storedMsg{Subject: "frontier.x", Seq: 7, Data: []byte("x"), Time: time.Now()}
	for range 2 {
		must(t, f.setAside(soon(t), f.cfg.taskStream(0), m, ErrInvalidTask))
	}
	s, err := f.js.Stream(soon(t), f.cfg.asideStream())
	must(t, err)
	if n := s.CachedInfo().State.Msgs; n != 1 {
		t.Fatalf("%d messages", n)
	}
}
