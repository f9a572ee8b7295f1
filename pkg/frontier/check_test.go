package frontier

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// TestCheck: what keeps the frontier from storing is told apart.
func TestCheck(t *testing.T) {
	t.Parallel()
	ts := startServer(t)
	f := ts.open(t, Config{Storage: jetstream.MemoryStorage, Shards: 3})
	must(t, f.Check(soon(t)))
	must(t, f.js.DeleteStream(soon(t), "TURNS"))
	if err := f.Check(soon(t)); !errors.Is(err, ErrNotReady) || !strings.Contains(err.Error(), "TURNS") {
		t.Errorf("without a stream: %v", err)
	}
	must(t, ts.s.ShutdownJetStream())
	if err := f.Check(soon(t)); !errors.Is(err, ErrNoJetStream) && !errors.Is(err, ErrUnreachable) {
		t.Errorf("with JetStream switched off: %v", err)
	}
	down := f.nc.StatusChanged(nats.RECONNECTING)
	ts.stop()
	<-down
	if err := f.Check(soon(t)); !errors.Is(err, ErrUnreachable) {
		t.Errorf("without a server: %v", err)
	}
}

// TestExplain: only an error that is proof against the request is taken for one.
func TestExplain(t *testing.T) {
	t.Parallel()
	f := startServer(t).open(t, Config{})
	for _, tc := range []struct {
		err  error
		want error
	}{
		{&jetstream.APIError{Code: 400, ErrorCode: 10058}, ErrIncompatible}, // name in use
		{&jetstream.APIError{Code: 500, ErrorCode: 10074}, ErrIncompatible}, // replicas on one server
		{&jetstream.APIError{Code: 400, ErrorCode: 10005}, ErrNotReady},     // too few servers are up
		{&jetstream.APIError{Code: 500, ErrorCode: 10012, Description: "write meta.inf.tmp: no space left on device"}, ErrNotReady},
		{&jetstream.APIError{Code: 503, ErrorCode: 10008}, ErrNotReady},
		{&jetstream.APIError{Code: 599, ErrorCode: 19999}, ErrNotReady}, // of a later version
		{jetstream.ErrJetStreamNotEnabledForAccount, ErrNoJetStream},
		{nats.ErrNoResponders, ErrNoJetStream},
		{context.DeadlineExceeded, ErrUnreachable},
		{nats.ErrConnectionClosed, nats.ErrConnectionClosed},
	} {
		if got := f.explain(fmt.Errorf("look: %w", tc.err)); !errors.Is(got, tc.want) {
			t.Errorf("%v: %v, want %v", tc.err, got, tc.want)
		}
	}
}

// TestPermissions: a user that lacks a permission is told which, and one that has those that the documentation names is
// enough.
func TestPermissions(t *testing.T) {
	t.Parallel()
	allowed := []string{"$JS.API.INFO", "$JS.API.STREAM.>", "$JS.API.DIRECT.GET.>", "$JS.API.CONSUMER.>", "$JS.ACK.TURNS.>", "frontier.>", "turn.>", "$KV.hosts.>", "aside"}
	user := func(name string, publish, subscribe []string) *server.User {
		return &server.User{Username: name, Password: "p", Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Allow: publish}, Subscribe: &server.SubjectPermission{Allow: subscribe},
		}}
	}
	ts := &testServer{opts: &server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(),
		Users: []*server.User{
			user("enough", allowed, []string{"_INBOX.>"}),
			user("no-api", allowed[4:], []string{"_INBOX.>"}),
			user("no-streams", append([]string{allowed[0]}, allowed[2:]...), []string{"_INBOX.>"}),
			user("no-inbox", allowed, []string{"other"}),
		},
	}}
	ts.start(t)
	defer ts.stop()
	open := func(name string) (*Frontier, error) {
		nc, err := nats.Connect(fmt.Sprintf("nats://%s:p@127.0.0.1:%d", name, ts.opts.Port))
		must(t, err)
		t.Cleanup(nc.Close)
		js, err := jetstream.New(nc)
		must(t, err)
		f, err := Open(soon(t), js, Config{}, nil)
		if err == nil {
			t.Cleanup(f.Close)
		}
		return f, err
	}
	for name, says := range map[string]string{"no-api": "$JS.API.INFO", "no-streams": "$JS.API.STREAM.INFO.FRONTIER", "no-inbox": "_INBOX."} {
		if _, err := open(name); !errors.Is(err, ErrDenied) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f, err := open("enough")
	must(t, err)
	must(t, f.Check(soon(t)))
	mustPut(t, f, page("a.example", 1), page("a.example", 2))
	must(t, crawl(t, mustTake(t, f)))
	if d, err := f.Depth(soon(t)); err != nil || d != (Depth{}) {
		t.Errorf("left: %+v, %v", d, err)
	}
}
