package storetest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/goleak"

	"github.com/khabar-crawler/khabar/pkg/embedded"
	"github.com/khabar-crawler/khabar/pkg/store/storetest"
)

var (
	server    *embedded.Store
	databases atomic.Int64
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "khabar-proxy-")
	if err == nil {
		server, err = embedded.StartStore(context.Background(), embedded.StoreConfig{Dir: dir})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(served{m, dir})
}

// served stops the server between the last test and the search for leaks.
type served struct {
	m   *testing.M
	dir string
}

func (s served) Run() int {
	defer os.RemoveAll(s.dir)
	defer server.Stop()
	return s.m.Run()
}

// through is a collection of a test's own, seen through a proxy.
func through(t *testing.T, mongoDB bool, options string) (*storetest.Proxy, *mongo.Collection) {
	t.Helper()
	p, err := storetest.StartProxy(storetest.ProxyConfig{Server: server.URI() + options, MongoDB: mongoDB})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p, connect(t, p.URI).Database(fmt.Sprintf("db%d", databases.Add(1))).Collection("docs")
}

func connect(t *testing.T, uri string) *mongo.Client {
	t.Helper()
	c, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Disconnect(context.Background()) })
	return c
}

func doc(id string) bson.D { return bson.D{{Key: "_id", Value: id}} }

func upsert(id string) mongo.WriteModel {
	return mongo.NewUpdateOneModel().SetFilter(doc(id)).SetUpsert(true).
		SetUpdate(bson.D{{Key: "$set", Value: bson.D{{Key: "n", Value: 1}}}})
}

func idsIn(t *testing.T, c *mongo.Collection) []string {
	t.Helper()
	cur, err := c.Find(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	var docs []struct {
		ID string `bson:"_id"`
	}
	if err := cur.All(t.Context(), &docs); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, d := range docs {
		ids = append(ids, d.ID)
	}
	slices.Sort(ids)
	return ids
}

// TestProxyFailsOperations: of a bulk, some operations fail, and their indexes are those of the client's.
func TestProxyFailsOperations(t *testing.T) {
	for _, mongoDB := range []bool{false, true} {
		p, c := through(t, mongoDB, "")
		i := p.Inject(storetest.Fault{
			Op:    func(_ int, op bson.Raw) bool { return storetest.OpID(op) == "b" || storetest.OpID(op) == "d" },
			Error: &storetest.Error{Code: 17262, Message: "language override unsupported: ar"}, Times: 2,
		})
		models := []mongo.WriteModel{upsert("a"), upsert("b"), upsert("c"), upsert("d"), upsert("e")}
		_, err := c.BulkWrite(t.Context(), models, options.BulkWrite().SetOrdered(false))
		var failed mongo.BulkWriteException
		if !errors.As(err, &failed) || len(failed.WriteErrors) != 2 || failed.WriteErrors[0].Index != 1 || failed.WriteErrors[1].Index != 3 ||
			failed.WriteErrors[0].Code != 17262 || i.Count() != 2 {
			t.Fatalf("MongoDB %v: %v", mongoDB, err)
		}
		if got := idsIn(t, c); !slices.Equal(got, []string{"a", "c", "e"}) {
			t.Errorf("MongoDB %v: done: %v", mongoDB, got)
		}
		r, err := c.BulkWrite(t.Context(), models, options.BulkWrite().SetOrdered(false))
		if err != nil || r.MatchedCount != 3 || r.UpsertedCount != 2 || mongoDB && r.UpsertedIDs[3] != "d" {
			t.Errorf("MongoDB %v: afterwards: %+v, %v", mongoDB, r, err)
		}
	}
}

// TestProxyKeepsOrder: what comes after the first failure of an ordered command is not done.
func TestProxyKeepsOrder(t *testing.T) {
	p, c := through(t, false, "")
	p.Inject(storetest.Fault{Op: func(i int, _ bson.Raw) bool { return i == 1 }, Error: &storetest.Error{Code: 121}})
	_, err := c.InsertMany(t.Context(), []any{doc("a"), doc("b"), doc("c")})
	var failed mongo.BulkWriteException
	if !errors.As(err, &failed) || len(failed.WriteErrors) != 1 || failed.WriteErrors[0].Index != 1 {
		t.Fatal(err)
	}
	if got := idsIn(t, c); !slices.Equal(got, []string{"a"}) {
		t.Errorf("done: %v", got)
	}
}

func TestProxyFailsCommands(t *testing.T) {
	p, c := through(t, false, "")
	insert := func(id string) error { _, err := c.InsertOne(t.Context(), doc(id)); return err }
	has := func(err error, code int) bool {
		var se mongo.ServerError
		return errors.As(err, &se) && se.HasErrorCode(code)
	}
	i := p.Inject(storetest.Fault{Commands: []string{"insert"}, Collection: "docs", Skip: 1, Times: 1,
		Error: &storetest.Error{Code: 14031, Name: "OutOfDiskSpace", Message: "full"}})
	if err := insert("a"); err != nil {
		t.Error(err)
	}
	if err := insert("b"); !has(err, 14031) {
		t.Error(err)
	}
	if err := insert("c"); err != nil || i.Count() != 1 {
		t.Error(err, i.Count())
	}
	i = p.Inject(storetest.Fault{Executed: true, Error: &storetest.Error{Code: 189, Name: "PrimarySteppedDown"}, When: func(c storetest.Command) bool {
		return c.Name == "insert"
	}})
	if err := insert("d"); !has(err, 189) {
		t.Error(err)
	}
	i.Lift()
	i = p.Inject(storetest.Fault{Commands: []string{"insert"}, WriteConcern: &storetest.Error{Code: 64, Name: "WriteConcernTimeout"}})
	if err := insert("e"); !has(err, 64) {
		t.Error(err)
	}
	i.Lift()
	i = p.Inject(storetest.Fault{Commands: []string{"insert"}, Answer: bson.D{{Key: "ok", Value: 1}, {Key: "n", Value: 1}}})
	if err := insert("f"); err != nil {
		t.Error(err)
	}
	i.Lift()
	if got := idsIn(t, c); !slices.Equal(got, []string{"a", "c", "d", "e"}) {
		t.Errorf("done: %v", got)
	}
}

// TestProxyEndsConnections: before a command and after it, and by never answering.
func TestProxyEndsConnections(t *testing.T) {
	p, c := through(t, false, "?retryWrites=false")
	for id, f := range map[string]storetest.Fault{"a": {Cut: true}, "b": {Cut: true, Executed: true}} {
		f.Commands, f.Times = []string{"insert"}, 1
		p.Inject(f)
		if _, err := c.InsertOne(t.Context(), doc(id)); !mongo.IsNetworkError(err) {
			t.Errorf("cut off: %v", err)
		}
	}
	hang := p.Inject(storetest.Fault{Commands: []string{"insert"}, Hang: true})
	insert := func(ctx context.Context, id string) chan error {
		ended := make(chan error, 1)
		go func() { _, err := c.InsertOne(ctx, doc(id)); ended <- err }()
		return ended
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := insert(ctx, "c")
	<-hang.Hit()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("without an answer: %v", err)
	}
	hang.Lift()
	hang = p.Inject(storetest.Fault{Commands: []string{"insert"}, Hang: true})
	ended = insert(t.Context(), "c")
	<-hang.Hit()
	hang.Lift()
	if err := <-ended; !mongo.IsNetworkError(err) {
		t.Errorf("lifted: %v", err)
	}
	if _, err := c.InsertOne(t.Context(), doc("d")); err != nil {
		t.Error(err)
	}
	if got := idsIn(t, c); !slices.Equal(got, []string{"b", "d"}) {
		t.Errorf("done: %v", got)
	}
}

// TestProxyDisguise: a client takes FerretDB for a replica set, so it retries what was cut off, and nothing is done twice.
func TestProxyDisguise(t *testing.T) {
	p, c := through(t, true, "")
	var build, hello bson.M
	admin := c.Database().Client().Database("admin")
	if err := admin.RunCommand(t.Context(), bson.D{{Key: "buildInfo", Value: 1}}).Decode(&build); err != nil {
		t.Fatal(err)
	}
	if err := admin.RunCommand(t.Context(), bson.D{{Key: "hello", Value: 1}}).Decode(&hello); err != nil {
		t.Fatal(err)
	}
	for key := range build {
		if strings.Contains(key, "ferretdb") {
			t.Errorf("buildInfo says %s", key)
		}
	}
	if hello["setName"] == nil || !strings.Contains(p.URI, hello["me"].(string)) {
		t.Errorf("hello: %v", hello)
	}
	inc := bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}}}
	cut := p.Inject(storetest.Fault{Commands: []string{"update"}, Cut: true, Executed: true, Times: 1})
	r, err := c.UpdateOne(t.Context(), doc("a"), inc, options.UpdateOne().SetUpsert(true))
	if err != nil || r.UpsertedCount != 1 || cut.Count() != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	var got struct {
		N int `bson:"n"`
	}
	if err := c.FindOne(t.Context(), doc("a")).Decode(&got); err != nil || got.N != 1 {
		t.Errorf("written %d times, %v", got.N, err)
	}
}

// TestProxySchema: validators and indexes are there as they were made.
func TestProxySchema(t *testing.T) {
	_, c := through(t, true, "")
	db := c.Database()
	validator := bson.D{{Key: "n", Value: bson.D{{Key: "$gt", Value: int32(0)}}}}
	if err := db.CreateCollection(t.Context(), "docs", options.CreateCollection().SetValidator(validator).SetValidationLevel("moderate")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: bson.D{{Key: "n", Value: -1}},
		Options: options.Index().SetPartialFilterExpression(validator)}); err != nil {
		t.Fatal(err)
	}
	indexes, err := c.Indexes().ListSpecifications(t.Context())
	if err != nil || len(indexes) != 2 || indexes[1].Name != "n_-1" {
		t.Errorf("indexes: %v, %v", indexes, err)
	}
	level := func() string {
		t.Helper()
		all, err := db.ListCollectionSpecifications(t.Context(), bson.D{})
		if err != nil || len(all) != 1 {
			t.Fatal(all, err)
		}
		if v := all[0].Options.Lookup("validator"); v.IsZero() {
			t.Error("no validator")
		}
		return all[0].Options.Lookup("validationLevel").StringValue()
	}
	if got := level(); got != "moderate" {
		t.Errorf("validation level %q", got)
	}
	if err := db.RunCommand(t.Context(), bson.D{{Key: "collMod", Value: "docs"}, {Key: "validationLevel", Value: "strict"}}).Err(); err != nil {
		t.Fatal(err)
	}
	if got := level(); got != "strict" {
		t.Errorf("validation level %q after collMod", got)
	}
}

func TestStartProxyErrors(t *testing.T) {
	for _, uri := range []string{"", "mongodb://a,b/", "mongodb://a/?tls=true"} {
		if p, err := storetest.StartProxy(storetest.ProxyConfig{Server: uri}); err == nil {
			p.Close()
			t.Errorf("%q is taken", uri)
		}
	}
}
