package frontier

import (
	"errors"
	"testing"

	"github.com/nats-io/nats.go"
)

// TestReadsAreTrue reads messages whose own headers say what only the server should: where they stand, or that there are none.
func TestReadsAreTrue(t *testing.T) {
	t.Parallel()
	ts := startServer(t)
	f := ts.open(t, hour)
	if !f.alone["FRONTIER"] || !f.alone["KV_hosts"] {
		t.Fatalf("one server does not have %v alone", f.alone)
	}
	if _, err := f.next(soon(t), "FRONTIER", "frontier.>", 0); !errors.Is(err, errNotFound) {
		t.Errorf("of an empty stream: %v", err)
	}
	js := ts.connect(t)
	for subject, c := range map[string]struct {
		header nats.Header
		body   string
	}{
		"frontier.a_example.1.p-1": {nil, "{}"},
		"frontier.a_example.1.p-2": {nats.Header{"Nats-Sequence": {"9"}, "Nats-Subject": {"frontier.b_example.1.p-9"}, "Nats-Time-Stamp": {"never"}}, "{}"},
		"frontier.a_example.1.p-3": {nats.Header{"Status": {"404"}}, "{}"},
		"frontier.a_example.1.p-4": {nats.Header{"Status": {"503"}}, ""},
	} {
		ack, err := js.PublishMsg(soon(t), &nats.Msg{Subject: subject, Header: c.header, Data: []byte(c.body)})
		must(t, err)
		m, err := f.next(soon(t), "FRONTIER", subject, 0)
		if err != nil || m.Subject != subject || m.Seq != ack.Sequence || string(m.Data) != c.body || m.Time.IsZero() {
			t.Errorf("%s, which is message %d: %+v, %v", subject, ack.Sequence, m, err)
		}
	}
}

// TestPageIsCheap: of a page whose turn waited in a queue, the one request to the JetStream API is its removal. Each costs the
// server twice what a direct read or a publish does.
func TestPageIsCheap(t *testing.T) {
	t.Parallel()
	ts := startServer(t)
	f := ts.open(t, hour)
	lanes, count := fill(t, f, 0, 20, 8), make(map[string]int)
	crowd(t, f, 4, len(lanes), count)
	asked := func() uint64 {
		info, err := ts.connect(t).AccountInfo(soon(t))
		must(t, err)
		return info.API.Total
	}
	const pages = 80
	before := asked()
	crowd(t, f, 4, pages, count)
	if n := asked() - before; n > pages+1 { // and the question itself
		t.Errorf("%d requests to the API for %d pages", n, pages)
	}
}
