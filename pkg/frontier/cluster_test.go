package frontier

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// startCluster starts three servers that replicate, and returns how to reach them and to stop and start one.
func startCluster(t *testing.T) (urls string, stop, start func(int)) {
	t.Helper()
	const n = 3
	var ports, routePorts []int
	var routes []*url.URL
	for range 2 * n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		defer l.Close()
		port := l.Addr().(*net.TCPAddr).Port
		if len(ports) < n {
			ports = append(ports, port)
			continue
		}
		routePorts = append(routePorts, port)
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", port)})
		must(t, l.Close())
	}
	dirs := []string{t.TempDir(), t.TempDir(), t.TempDir()}
	servers := make([]*server.Server, n)
	start = func(i int) {
		s, err := server.NewServer(&server.Options{
			ServerName: fmt.Sprintf("n%d", i), Host: "127.0.0.1", Port: ports[i], NoSigs: true, NoLog: true,
			JetStream: true, StoreDir: dirs[i], Routes: routes,
			Cluster: server.ClusterOpts{Name: "c", Host: "127.0.0.1", Port: routePorts[i]},
		})
		must(t, err)
		servers[i] = s
		s.Start()
	}
	stop = func(i int) {
		servers[i].Shutdown()
		servers[i].WaitForShutdown()
	}
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("nats://127.0.0.1:%d", ports[i]))
	}
	return strings.Join(all, ","), stop, start
}

// TestCluster goes through what a cluster answers differently, and loses each of its servers once.
func TestCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("elections take seconds")
	}
	t.Parallel()
	urls, stop, start := startCluster(t)
	for i := range 3 {
		start(i)
		defer func() { stop(i) }()
	}
	nc, err := nats.Connect(urls, nats.MaxReconnects(-1), nats.RetryOnFailedConnect(true),
		nats.ReconnectWait(20*time.Millisecond), nats.ReconnectJitter(time.Millisecond, time.Millisecond))
	must(t, err)
	defer nc.Close()
	js, err := jetstream.New(nc)
	must(t, err)
	var f *Frontier
	for ctx := soon(t); ; { // until the cluster has a leader
		if f, err = Open(ctx, js, Config{Replicas: 3, AckWait: 3 * time.Second}, nil); err == nil {
			break
		}
		if !errors.Is(err, ErrNotReady) && !errors.Is(err, ErrNoJetStream) && !errors.Is(err, ErrUnreachable) {
			t.Fatalf("a cluster that starts is taken for one that cannot serve: %v", err)
		}
		must(t, sleep(ctx, retryMost/10))
	}
	defer f.Close()
	if f.alone["FRONTIER"] || f.alone["KV_hosts"] {
		t.Error("what has replicas would be read from one that lags")
	}

	// Turns that come back queue up here as they do on one server.
	crowded, err := Open(soon(t), js, Config{Prefix: "crowded-", Replicas: 3, AckWait: time.Hour}, nil)
	must(t, err)
	defer crowded.Close()
	lanes, count := fill(t, crowded, 0, 20, 8), make(map[string]int)
	crowd(t, crowded, 4, 4*len(lanes), count, func() { counted(t, crowded) })
	if least, most := spread(lanes, count); most-least > 2 {
		t.Errorf("after four rounds some lanes had %d turns, and others %d", most, least)
	}
	wantDepth(t, crowded, Depth{Tasks: 4 * len(lanes), Lanes: len(lanes)})

	for down := range 3 {
		p, other := page("a.example", down), page("a.example", down)
		other.Priority = 0
		if r := mustPut(t, f, p, other, p, page("b.example", down)); !reflect.DeepEqual(r, PutReport{Queued: 2, AlreadyPending: 2}) {
			t.Errorf("put %+v", r)
		}
		for key, want := range map[string]bool{"a_example": false, "c_example": true} {
			if quiet, err := f.quiet(soon(t), key); err != nil || quiet != want {
				t.Errorf("quiet %s: %v, %v", key, quiet, err)
			}
		}
		current(t, f) // or the one that stops leaves no majority
		must(t, f.Check(soon(t)))
		stop(down)
		for left := (Depth{Tasks: 1}); left != (Depth{}); {
			if err := crawl(t, mustTake(t, f)); err != nil && !errors.Is(err, ErrTurnLost) { // an election may outlast a lease
				t.Fatal(err)
			}
			var err error
			left, err = f.Depth(soon(t))
			must(t, err)
		}
		start(down)
	}
}

// crawl works the lane of the turn off and retires it.
func crawl(t *testing.T, turn *Turn) error {
	t.Helper()
	ctx := soon(t)
	for {
		task, err := turn.Next(ctx)
		if errors.Is(err, ErrLaneEmpty) {
			return turn.Retire(ctx)
		}
		if err != nil {
			return err
		}
		if err := turn.Begin(ctx, task, 0, false); err != nil {
			return err
		}
		if err := turn.Pace(ctx, 0); err != nil {
			return err
		}
		if err := turn.Done(ctx, task); err != nil {
			return err
		}
	}
}

// current waits until all replicas of the streams have caught up.
func current(t *testing.T, f *Frontier) {
	t.Helper()
	for _, name := range []string{"FRONTIER", "TURNS", "KV_hosts"} {
		must(t, f.retry(soon(t), "wait for "+name, func() error {
			ctx, cancel := context.WithTimeout(soon(t), time.Second)
			defer cancel()
			s, err := f.js.Stream(ctx, name)
			if err != nil {
				return err
			}
			c := s.CachedInfo().Cluster
			if c == nil || c.Leader == "" || len(c.Replicas) != 2 {
				return fmt.Errorf("no leader of %s", name)
			}
			for _, r := range c.Replicas {
				if !r.Current || r.Offline {
					return fmt.Errorf("%s is behind with %s", r.Name, name)
				}
			}
			return nil
		}))
	}
}
