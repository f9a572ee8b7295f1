package proctest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/khabar-crawler/khabar/pkg/store/storetest"
)

// The variables that name real servers to test against, in place of processes that the tests start.
const (
	natsVariable  = "KHABAR_TEST_NATS_URL"
	mongoVariable = "KHABAR_TEST_MONGO_URI"
)

// Server is a server process that keeps its address and its directory, so that it can be ended and started again.
type Server struct {
	*Process
	Dir string // its data, and nothing else

	start func() *Process
}

// Restart starts the server again on the same address and data, once it has ended.
func (s *Server) Restart() { s.Process = s.start() }

func newServer(dir string, start func() *Process) *Server {
	return &Server{Process: start(), Dir: dir, start: start}
}

// NATS is a nats-server with JetStream for one test, or a cluster of them.
type NATS struct {
	URL     string // of all servers, parted by commas
	Prefix  string // of the test's own streams
	*Server        // the first; nil for a server that was named

	Nodes []*Server // of a cluster, all of them
}

// StartNATS starts a nats-server, or uses the one that KHABAR_TEST_NATS_URL names.
func (b *Binaries) StartNATS(t testing.TB) *NATS {
	t.Helper()
	if url := os.Getenv(natsVariable); url != "" {
		n := &NATS{URL: url, Prefix: unique()}
		t.Cleanup(func() { removeStreams(t, n) })
		return n
	}
	return b.StartNATSIn(t, t.TempDir())
}

// StartNATSIn starts a nats-server over a directory, or a cluster of as many as there are directories. Its servers are
// called by their numbers, 0 first.
func (b *Binaries) StartNATSIn(t testing.TB, dirs ...string) *NATS {
	t.Helper()
	return b.startNATS(t, dirs, "-js")
}

// StartOwnNATS starts a nats-server of the test's own with these arguments beside those of its address and its directory.
func (b *Binaries) StartOwnNATS(t testing.TB, args ...string) *NATS {
	t.Helper()
	return b.startNATS(t, []string{t.TempDir()}, args...)
}

func (b *Binaries) startNATS(t testing.TB, dirs []string, more ...string) *NATS {
	t.Helper()
	path, err := b.buildNATS()
	if err != nil {
		t.Fatal(err)
	}
	var ports, routePorts, urls, routes []string
	for range dirs {
		port, routePort := FreePort(t), FreePort(t)
		ports, routePorts = append(ports, port), append(routePorts, routePort)
		urls, routes = append(urls, "nats://127.0.0.1:"+port), append(routes, "nats://127.0.0.1:"+routePort)
	}
	n := &NATS{URL: strings.Join(urls, ","), Prefix: unique()}
	for i, dir := range dirs {
		args := []string{"-n", strconv.Itoa(i), "-a", "127.0.0.1", "-p", ports[i], "-sd", dir}
		if len(dirs) > 1 {
			// Clients are told of no other addresses than those that the test gives them.
			args = append(args, "--no_advertise", "--cluster_name", "khabar-test", "--cluster", "nats://127.0.0.1:"+routePorts[i],
				"--routes", strings.Join(routes, ","))
		}
		args = append(args, more...)
		n.Nodes = append(n.Nodes, newServer(dir, func() *Process {
			t.Helper()
			p := Start(t, Environment(t), path, args...)
			p.Await(t, "Server is ready")
			return p
		}))
	}
	n.Server = n.Nodes[0]
	return n
}

// Ours says whether the server is the test's own, which may be killed.
func (n *NATS) Ours() bool { return n.Server != nil }

// removeStreams takes the test's streams off a server that stays.
func removeStreams(t testing.TB, n *NATS) {
	nc, err := nats.Connect(n.URL)
	if err != nil {
		t.Errorf("remove streams: %v", err)
		return
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Errorf("remove streams: %v", err)
		return
	}
	names := js.StreamNames(ctx)
	for name := range names.Name() {
		if strings.HasPrefix(strings.TrimPrefix(name, "KV_"), n.Prefix) {
			if err := js.DeleteStream(ctx, name); err != nil {
				t.Errorf("remove stream %s: %v", name, err)
			}
		}
	}
	if err := names.Err(); err != nil {
		t.Errorf("list streams: %v", err)
	}
}

// Mongo is a server that speaks MongoDB's protocol, for one test.
type Mongo struct {
	URI, Database string
	*Server       // nil for a server that was named
}

// StartMongo starts FerretDB, or uses the server that KHABAR_TEST_MONGO_URI names.
func (b *Binaries) StartMongo(t testing.TB) *Mongo {
	t.Helper()
	if uri := os.Getenv(mongoVariable); uri != "" {
		m := &Mongo{URI: uri, Database: unique()}
		t.Cleanup(func() { dropDatabase(t, m) })
		return m
	}
	return b.StartMongoIn(t, t.TempDir(), FreePort(t))
}

// StartMongoIn starts FerretDB over a directory, on a port of loopback.
func (b *Binaries) StartMongoIn(t testing.TB, dir, port string) *Mongo {
	t.Helper()
	path, err := storetest.Build()
	if err != nil {
		t.Fatal(err)
	}
	return &Mongo{URI: "mongodb://127.0.0.1:" + port + "/", Database: unique(), Server: newServer(dir, func() *Process {
		t.Helper()
		p := Start(t, Environment(t), path, "--handler=sqlite", "--sqlite-url=file:"+dir+"/", "--state-dir="+dir,
			"--listen-addr=127.0.0.1:"+port, "--debug-addr=-", "--telemetry=disable")
		p.Await(t, "127.0.0.1:"+port)
		return p
	})}
}

// OwnMongo is a FerretDB of the test's own that asks for TLS with a client's certificate, and for a password.
type OwnMongo struct {
	TLS      string // host:port
	Database string // where the user is
}

// StartOwnMongo starts one that knows one user.
func (b *Binaries) StartOwnMongo(t testing.TB, c *Certificates, user, password string) *OwnMongo {
	t.Helper()
	path, err := storetest.Build()
	if err != nil {
		t.Fatal(err)
	}
	m := &OwnMongo{TLS: "127.0.0.1:" + FreePort(t), Database: unique()}
	dir := t.TempDir()
	p := Start(t, Environment(t), path, "--handler=sqlite", "--sqlite-url=file:"+dir+"/", "--state-dir="+dir, "--debug-addr=-", "--telemetry=disable",
		"--listen-addr=", "--listen-tls="+m.TLS, "--listen-tls-cert-file="+c.Server, "--listen-tls-key-file="+c.ServerKey, "--listen-tls-ca-file="+c.CA,
		"--test-enable-new-auth", "--setup-database="+m.Database, "--setup-username="+user, "--setup-password="+password)
	p.Await(t, m.TLS)
	return m
}

func dropDatabase(t testing.TB, m *Mongo) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	client, err := mongo.Connect(options.Client().ApplyURI(m.URI))
	if err != nil {
		t.Errorf("drop database %s: %v", m.Database, err)
		return
	}
	defer func() { _ = client.Disconnect(ctx) }() // its connections end with the test
	if err := client.Database(m.Database).Drop(ctx); err != nil {
		t.Errorf("drop database %s: %v", m.Database, err)
	}
}

// unique names what tests leave on servers that others use too.
func unique() string { return fmt.Sprintf("khabar-test-%08x", rand.Uint32()) }

// FreePort is a port of loopback that nothing listens on. It lies below the ports that the system gives to outgoing
// connections (from 32768 on Linux, 49152 elsewhere), so that none of these takes it while a server is down.
func FreePort(t testing.TB) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(20000 + rand.IntN(12000))
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
		if err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no free port on loopback")
	return ""
}
