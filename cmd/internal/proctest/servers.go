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

// NATS is a nats-server with JetStream for one test.
type NATS struct {
	URL    string
	Prefix string // of the test's own streams

	start   func() *Process
	process *Process // nil for a server that was named
}

// StartNATS starts a nats-server, or uses the one that KHABAR_TEST_NATS_URL names.
func (b *Binaries) StartNATS(t testing.TB) *NATS {
	t.Helper()
	n := &NATS{Prefix: unique()}
	if n.URL = os.Getenv(natsVariable); n.URL != "" {
		t.Cleanup(func() { removeStreams(t, n) })
		return n
	}
	b.startOwn(t, n, "-js")
	return n
}

// StartOwnNATS starts a nats-server of the test's own with these arguments beside those of its address and its directory.
func (b *Binaries) StartOwnNATS(t testing.TB, args ...string) *NATS {
	t.Helper()
	n := &NATS{Prefix: unique()}
	b.startOwn(t, n, args...)
	return n
}

func (b *Binaries) startOwn(t testing.TB, n *NATS, args ...string) {
	t.Helper()
	path, err := b.buildNATS()
	if err != nil {
		t.Fatal(err)
	}
	port := FreePort(t)
	args = append([]string{"-a", "127.0.0.1", "-p", port, "-sd", t.TempDir()}, args...)
	n.URL = "nats://127.0.0.1:" + port
	n.start = func() *Process {
		t.Helper()
		p := Start(t, Environment(t), path, args...)
		p.Await(t, "Server is ready")
		return p
	}
	n.process = n.start()
}

// Ours says whether the server is the test's own, which may be killed.
func (n *NATS) Ours() bool { return n.process != nil }

// Kill ends the server with SIGKILL.
func (n *NATS) Kill() { n.process.Kill() }

// FillDisk makes the server's writes fail until the returned function is called.
func (n *NATS) FillDisk(t testing.TB) (room func()) {
	t.Helper()
	return n.process.FillDisk(t)
}

// Restart starts the server again on the same address and data.
func (n *NATS) Restart() { n.process = n.start() }

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
type Mongo struct{ URI, Database string }

// StartMongo starts FerretDB, or uses the server that KHABAR_TEST_MONGO_URI names.
func (b *Binaries) StartMongo(t testing.TB) *Mongo {
	t.Helper()
	m := &Mongo{URI: os.Getenv(mongoVariable), Database: unique()}
	if m.URI != "" {
		t.Cleanup(func() { dropDatabase(t, m) })
		return m
	}
	m.URI = b.StartMongoAt(t, FreePort(t))
	return m
}

// StartMongoAt starts FerretDB on a port of loopback, and gives its URI.
func (b *Binaries) StartMongoAt(t testing.TB, port string) (uri string) {
	t.Helper()
	path, err := storetest.Build()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p := Start(t, Environment(t), path, "--handler=sqlite", "--sqlite-url=file:"+dir+"/", "--state-dir="+dir,
		"--listen-addr=127.0.0.1:"+port, "--debug-addr=-", "--telemetry=disable")
	p.Await(t, "127.0.0.1:"+port)
	return "mongodb://127.0.0.1:" + port + "/"
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
