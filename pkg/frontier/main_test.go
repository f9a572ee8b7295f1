package frontier

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// The parallel tests mostly wait for leases to end and for elections, so more of them fit than there are cores.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// testServer is a nats-server with a file store that can be stopped and started again on the same port and directory.
type testServer struct {
	opts *server.Options
	s    *server.Server
}

func startServer(t testing.TB) *testServer {
	t.Helper()
	ts := &testServer{opts: &server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: t.TempDir(),
	}}
	ts.start(t)
	t.Cleanup(func() { ts.stop() })
	return ts
}

func (ts *testServer) start(t testing.TB) {
	t.Helper()
	opts := *ts.opts
	s, err := server.NewServer(&opts)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		t.Fatal("nats-server is not ready")
	}
	ts.s = s
	ts.opts.Port = opts.Port
	if p := s.Addr(); p != nil {
		fmt.Sscanf(p.String(), "127.0.0.1:%d", &ts.opts.Port)
	}
}

func (ts *testServer) stop() {
	ts.s.Shutdown()
	ts.s.WaitForShutdown()
}

func (ts *testServer) connect(t testing.TB) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(fmt.Sprintf("nats://127.0.0.1:%d", ts.opts.Port), nats.Timeout(time.Minute),
		nats.MaxReconnects(-1), nats.ReconnectWait(5*time.Millisecond), nats.ReconnectJitter(time.Millisecond, time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// open opens a frontier on a connection of its own.
func (ts *testServer) open(t testing.TB, cfg Config) *Frontier {
	t.Helper()
	f, err := Open(t.Context(), ts.connect(t), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// soon bounds waits for events that must happen; it is long because it only ever elapses when a test fails.
func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func page(lane string, n int) Task {
	return Task{
		PageID: fmt.Sprintf("%s-%d", "p", n), Lane: lane, Priority: 1,
		URL: fmt.Sprintf("https://%s/%d", lane, n), Site: "site", Kind: "article",
	}
}

func mustPut(t testing.TB, f *Frontier, tasks ...Task) PutReport {
	t.Helper()
	r, err := f.Put(soon(t), tasks)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mustTake(t testing.TB, f *Frontier) *Turn {
	t.Helper()
	turn, err := f.Take(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	return turn
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// crash makes the turn what it is after its worker was killed: nothing is sent any more.
func (t *Turn) crash() {
	t.beat()
	<-t.beating
	t.lose()
}
