package store

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/khabar-crawler/khabar/pkg/embedded"
	"github.com/khabar-crawler/khabar/pkg/store/storetest"
)

// testServers are the servers that the suite runs against: the one that KHABAR_TEST_MONGO_URI names, or else the
// embedded one and, unless -short is given, FerretDB as a process.
var testServers []testServer

type testServer struct {
	name, uri string
	tune      func(context.Context) error // of the embedded store; the process scans where that looks into its views
}

func TestMain(m *testing.M) { os.Exit(runMain(m)) }

func runMain(m *testing.M) int {
	stop, err := startServers()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	stop()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return code
}

func startServers() (func(), error) {
	if fuzzing() {
		return func() {}, nil // the fuzzer would take what goes on in a server for the target's own
	}
	if uri := os.Getenv("KHABAR_TEST_MONGO_URI"); uri != "" {
		testServers = []testServer{{"named", uri, nil}}
		return func() {}, nil
	}
	dir, err := os.MkdirTemp("", "khabar-store-test-")
	if err != nil {
		return nil, err
	}
	emb, err := embedded.StartStore(context.Background(), embedded.StoreConfig{Dir: dir + "/embedded"})
	if err != nil {
		return nil, err
	}
	testServers = []testServer{{"embedded", emb.URI(), emb.Tune}}
	stop := func() {
		emb.Stop()
		_ = os.RemoveAll(dir)
	}
	if short() {
		return stop, nil
	}
	if err := os.Mkdir(dir+"/process", 0o700); err != nil {
		return nil, err
	}
	p, err := storetest.Start(dir + "/process")
	if err != nil {
		stop()
		return nil, err
	}
	testServers = append(testServers, testServer{"process", p.URI, nil})
	return func() {
		_ = p.Stop()
		stop()
	}, nil
}

// short is testing.Short before the flags are parsed.
func short() bool {
	for _, a := range os.Args {
		if strings.HasPrefix(a, "-test.short") && !strings.HasSuffix(a, "=false") {
			return true
		}
	}
	return false
}

// fuzzing is whether a target is fuzzed, also before the flags are parsed.
func fuzzing() bool {
	return slices.ContainsFunc(os.Args, func(a string) bool { return strings.HasPrefix(a, "-test.fuzz=") || a == "-test.fuzzworker" })
}

// onServers runs a test against every server, with a fresh database each.
func onServers(t *testing.T, f func(t *testing.T, db testDB)) {
	for _, srv := range testServers {
		t.Run(srv.name, func(t *testing.T) {
			t.Parallel()
			f(t, newDB(t, srv.uri))
		})
	}
}

// testDB is a database of a test's own.
type testDB struct {
	uri, name string
}

var dbNumber atomic.Int64

func newDB(t testing.TB, uri string) testDB {
	t.Helper()
	db := testDB{uri, fmt.Sprintf("khabar_test_%d_%d_%d", os.Getpid(), time.Now().UnixNano(), dbNumber.Add(1))}
	t.Cleanup(func() {
		c, err := mongo.Connect(options.Client().ApplyURI(uri))
		if err == nil {
			err = c.Database(db.name).Drop(context.Background())
			_ = c.Disconnect(context.Background())
		}
		if err != nil {
			t.Errorf("drop %s: %v", db.name, err)
		}
	})
	return db
}

func (db testDB) open(t testing.TB) *Store { return db.openWith(t, Config{}) }

func (db testDB) openWith(t testing.TB, cfg Config) *Store {
	t.Helper()
	s := db.connect(t, cfg)
	if err := s.migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(testServers, func(srv testServer) bool { return srv.uri == db.uri }); i >= 0 && testServers[i].tune != nil {
		s.awaitViews(t, testServers[i].tune)
	}
	return s
}

// awaitViews asks for the views and has them made.
func (s *Store) awaitViews(t testing.TB, tune func(context.Context) error) {
	t.Helper()
	for _, made := range []bool{false, true} {
		for name := range s.views {
			v, err := s.ordered(t.Context(), name)
			if err != nil || made && v == nil {
				t.Fatalf("view %s: %v, %v", name, v, err)
			}
		}
		if err := tune(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// migrate makes the schema.
func (s *Store) migrate(ctx context.Context) error {
	plan, err := s.Plan(ctx)
	if err != nil {
		return err
	}
	return s.Migrate(ctx, plan.Steps...)
}

// connect opens the store on the database as it is.
func (db testDB) connect(t testing.TB, cfg Config) *Store {
	t.Helper()
	cfg.URI, cfg.Database = db.uri, db.name
	log := zap.NewNop()
	if t, ok := t.(*testing.T); ok {
		log = zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel))
	}
	s, err := Open(t.Context(), cfg, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	return s
}

// dump is everything that the database holds, by collection and _id, without the lock and the times at which articles were
// stored, which are the clock's.
func dump(t testing.TB, s *Store) map[string]string {
	t.Helper()
	out := make(map[string]string)
	for _, c := range []*mongo.Collection{s.pages, s.articles, s.revisions, s.profiles, s.identities, s.sites} {
		cur, err := c.Find(context.Background(), bson.D{})
		if err != nil {
			t.Fatal(err)
		}
		var docs []bson.D
		if err := cur.All(context.Background(), &docs); err != nil {
			t.Fatal(err)
		}
		for _, d := range docs {
			d = slices.DeleteFunc(d, func(e bson.E) bool { return e.Key == "stored_at" || e.Key == "updated_at" || e.Key == "mark" })
			// Updates of one document add their fields in any order.
			slices.SortFunc(d, func(a, b bson.E) int { return strings.Compare(a.Key, b.Key) })
			out[fmt.Sprintf("%s/%v", c.Name(), d[0].Value)] = d.String()
		}
	}
	return out
}

// diff lists what is different in two dumps.
func diff(want, got map[string]string) []string {
	var out []string
	for k, v := range want {
		if got[k] != v {
			out = append(out, fmt.Sprintf("%s:\n\twant %s\n\tgot  %s", k, v, got[k]))
		}
	}
	for k, v := range got {
		if _, ok := want[k]; !ok {
			out = append(out, fmt.Sprintf("%s:\n\tnot wanted: %s", k, v))
		}
	}
	return out
}

// id is a page id for tests.
func id(n int) string { return fmt.Sprintf("%032x", n) }

// at is a time for tests, n minutes into them.
func at(n int) time.Time {
	return time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC).Add(time.Duration(n) * time.Minute)
}

func ptr[T any](v T) *T { return &v }

// duePage is a new page that is due at minute next.
func duePage(n, next int) Page {
	return Page{
		ID: id(n), Version: PageVersion, URL: fmt.Sprintf("https://news.example/%d", n), Site: "news.example", Kind: KindArticle, Lane: "news.example",
		Priority: 1, DiscoveredAt: at(0), Status: StatusDue, NextAt: ptr(at(next)),
	}
}
