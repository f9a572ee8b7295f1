package wire

import (
	"context"
	"errors"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/embedded"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/store/storetest"
)

// base is a database without a schema, on a server that answers as MongoDB can.
type base struct {
	proxy *storetest.Proxy
	store *store.Store
	log   *zap.Logger
	logs  *observer.ObservedLogs
}

func newBase(t *testing.T) *base {
	t.Helper()
	server, err := embedded.StartStore(t.Context(), embedded.StoreConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	b := &base{}
	if b.proxy, err = storetest.StartProxy(storetest.ProxyConfig{Server: server.URI(), MongoDB: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.proxy.Close)
	cfg := config.Default()
	cfg.Mongo.URI = config.Secret(b.proxy.URI)
	core, logs := observer.New(zap.InfoLevel)
	b.log, b.logs = zap.New(core), logs
	if b.store, err = AwaitStore(t.Context(), cfg, "test", nil, b.log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { CloseStore(b.store, b.log) })
	return b
}

// make makes the schema beside the test, which is told when it is done.
func (b *base) make(ctx context.Context, patient bool) (stop chan func(), failed chan error) {
	stop, failed = make(chan func(), 1), make(chan error, 1)
	go func() {
		f, err := MakeSchema(ctx, b.store, nil, b.log, patient)
		stop <- f
		failed <- err
	}()
	return stop, failed
}

func (b *base) lacks(t *testing.T) int {
	t.Helper()
	plan, err := b.store.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(plan.Steps)
}

// TestSchemaGoesOn: crawling waits for no index that is not needed for it, and a stop waits for no build.
func TestSchemaGoesOn(t *testing.T) {
	b := newBase(t)
	build := b.proxy.Inject(storetest.Fault{Commands: []string{"createIndexes"}, Collection: "articles", Hang: true})
	stop, err := MakeSchema(t.Context(), b.store, nil, b.log, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.store.HasSchema(t.Context()); err != nil {
		t.Error(err)
	}
	<-build.Hit()
	stop()
	if n := b.lacks(t); n != 3 {
		t.Errorf("%d steps are left; want the indexes of articles, revisions and identities", n)
	}
	build.Lift()
	if stop, err = MakeSchema(t.Context(), b.store, nil, b.log, true); err != nil {
		t.Fatal(err)
	}
	stop()
}

// TestSchemaWaits: what crawling needs is waited for, however long it takes, and so is who may make it.
func TestSchemaWaits(t *testing.T) {
	for about, f := range map[string]storetest.Fault{
		"index build":               {Commands: []string{"createIndexes"}, Collection: "pages", Hang: true},
		"somebody else's":           {Commands: []string{"createIndexes"}, Collection: "pages", Error: &storetest.Error{Code: 12587}},
		"no primary":                {Commands: []string{"create"}, Error: &storetest.Error{Code: 10107, Name: "NotWritablePrimary"}},
		"a user who may not do it":  {Commands: []string{"create"}, Error: &storetest.Error{Code: 13, Name: "Unauthorized"}},
		"a user who may not see it": {Commands: []string{"listCollections"}, Error: &storetest.Error{Code: 13, Name: "Unauthorized"}},
	} {
		b := newBase(t)
		i := b.proxy.Inject(f)
		stop, failed := b.make(t.Context(), true)
		<-i.Hit()
		select {
		case <-stop:
			t.Fatalf("%s: not waited for: %v", about, <-failed)
		default:
		}
		i.Lift()
		(<-stop)()
		if err := <-failed; err != nil || b.store.HasSchema(t.Context()) != nil {
			t.Errorf("%s: %v", about, err)
		}

		b = newBase(t)
		i = b.proxy.Inject(f)
		ctx, cancel := context.WithCancel(t.Context())
		stop, failed = b.make(ctx, true)
		<-i.Hit()
		cancel()
		(<-stop)()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: asked to stop: %v", about, err)
		}
	}
}

// TestSchemaFails: a person at the terminal is told at once what waiting does not mend.
func TestSchemaFails(t *testing.T) {
	b := newBase(t)
	b.proxy.Inject(storetest.Fault{Commands: []string{"create"}, Error: &storetest.Error{Code: 13, Name: "Unauthorized"}})
	if _, err := MakeSchema(t.Context(), b.store, nil, b.log, false); !errors.Is(err, store.ErrUnauthorized) {
		t.Error(err)
	}
}

// TestSchemaWithoutIndex: an index that the server will not build is told, and is no reason not to crawl.
func TestSchemaWithoutIndex(t *testing.T) {
	b := newBase(t)
	b.proxy.Inject(storetest.Fault{Commands: []string{"createIndexes"}, Error: &storetest.Error{Code: 85, Name: "IndexOptionsConflict"}})
	stop, err := MakeSchema(t.Context(), b.store, nil, b.log, true)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if b.logs.FilterMessageSnippet("index not built").Len() == 0 {
		t.Error("not told")
	}
}

// TestSchemaOfNewer: nothing is done to the database of a newer khabar, and it is told.
func TestSchemaOfNewer(t *testing.T) {
	b := newBase(t)
	client, err := mongo.Connect(options.Client().ApplyURI(b.proxy.URI))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Disconnect(context.Background())
	newer := map[string]any{"_id": "schema", "version": store.SchemaVersion + 1}
	if _, err := client.Database(b.store.Database()).Collection("meta").InsertOne(t.Context(), newer); err != nil {
		t.Fatal(err)
	}
	changes := b.proxy.Inject(storetest.Fault{Commands: []string{"create", "collMod", "createIndexes", "insert", "update"}})
	stop, err := MakeSchema(t.Context(), b.store, nil, b.log, true)
	if err != nil || changes.Count() > 0 {
		t.Fatalf("%d changes, %v", changes.Count(), err)
	}
	stop()
	if b.logs.FilterMessageSnippet("newer khabar").Len() != 1 {
		t.Errorf("%v", b.logs.All())
	}
	if err := AwaitSchema(t.Context(), b.store, nil, b.log); err != nil {
		t.Errorf("a worker: %v", err)
	}
}
