package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

func startTestStore(t testing.TB, cfg StoreConfig) *Store {
	t.Helper()
	s, err := StartStore(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func connect(t testing.TB, uri string) *mongo.Client {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	return client
}

func TestStoreKeepsDocuments(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made by the store")
	s := startTestStore(t, StoreConfig{Dir: dir})
	c := connect(t, s.URI())
	if _, err := c.Database("news").Collection("pages").InsertOne(t.Context(), bson.D{{Key: "_id", Value: "a"}}); err != nil {
		t.Fatal(err)
	}
	_ = c.Disconnect(t.Context())
	s.Stop()
	s.Stop()

	again := startTestStore(t, StoreConfig{Dir: dir})
	n, err := connect(t, again.URI()).Database("news").Collection("pages").CountDocuments(t.Context(), bson.D{})
	if err != nil || n != 1 {
		t.Fatalf("after a restart: %d documents, %v", n, err)
	}
}

func TestIndexIDs(t *testing.T) {
	s := startTestStore(t, StoreConfig{Dir: t.TempDir()})
	c := connect(t, s.URI())
	for _, name := range []string{"pages", "two words"} {
		if _, err := c.Database("news").Collection(name).InsertOne(t.Context(), bson.D{{Key: "_id", Value: "a"}}); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := s.Tune(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// EXPLAIN alone would not make the server's connection read the new schema.
	if err := c.Database("news").Collection("pages").FindOne(t.Context(), bson.D{{Key: "_id", Value: "a"}}).Err(); err != nil {
		t.Fatal(err)
	}
	var plan bson.M
	err := c.Database("news").RunCommand(t.Context(), bson.D{{Key: "explain", Value: bson.D{
		{Key: "find", Value: "pages"}, {Key: "filter", Value: bson.D{{Key: "_id", Value: "a"}}},
	}}}).Decode(&plan)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(plan); !strings.Contains(got, "USING INDEX") {
		t.Fatalf("a lookup does not use the index: %s", got)
	}
	if err := c.Database("news").Drop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Tune(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestStartFailures(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	servers := map[string]func(dir, addr string) error{
		"nats": func(dir, addr string) error {
			n, err := StartNATS(t.Context(), NATSConfig{Dir: dir, Addr: addr})
			if err == nil {
				n.Stop()
			}
			return err
		},
		"store": func(dir, addr string) error {
			s, err := StartStore(t.Context(), StoreConfig{Dir: dir, Addr: addr})
			if err == nil {
				s.Stop()
			}
			return err
		},
	}
	for name, start := range servers {
		for _, tc := range []struct {
			about, dir, addr string
			want             error
			says             string
		}{
			{"port taken", t.TempDir(), taken.Addr().String(), ErrAddress, "another process listens there"},
			{"not loopback", t.TempDir(), "0.0.0.0:0", ErrAddress, "loopback"},
			{"no port", t.TempDir(), "127.0.0.1", ErrAddress, "host:port"},
			{"port out of range", t.TempDir(), "127.0.0.1:70000", ErrAddress, "65535"},
			{"no directory", "", "", ErrDir, "no directory"},
			{"a file for a directory", file, "", ErrDir, file},
			{"below a file", filepath.Join(file, "x"), "", ErrDir, file},
		} {
			t.Run(name+"/"+tc.about, func(t *testing.T) {
				err := start(tc.dir, tc.addr)
				if !errors.Is(err, tc.want) || !strings.Contains(err.Error(), tc.says) {
					t.Fatalf("got %v; want %v saying %q", err, tc.want, tc.says)
				}
			})
		}
		t.Run(name+"/two at once", func(t *testing.T) {
			dir := t.TempDir()
			lock, err := lockDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			err = start(dir, "")
			if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) {
				t.Fatalf("got %v", err)
			}
			lock.release()
			if err := start(dir, ""); err != nil {
				t.Fatalf("after the first ended: %v", err)
			}
		})
		t.Run(name+"/not writable", func(t *testing.T) {
			if os.Getuid() == 0 {
				t.Skip("root may write anywhere")
			}
			dir := t.TempDir()
			if err := os.Chmod(dir, 0o500); err != nil {
				t.Fatal(err)
			}
			if err := start(dir, ""); !errors.Is(err, ErrDir) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestDamagedDatabase(t *testing.T) {
	dir := t.TempDir()
	s := startTestStore(t, StoreConfig{Dir: dir})
	c := connect(t, s.URI())
	docs := make([]any, 2000)
	for i := range docs {
		docs[i] = bson.D{{Key: "_id", Value: fmt.Sprint(i)}, {Key: "text", Value: strings.Repeat("x", 500)}}
	}
	if _, err := c.Database("news").Collection("pages").InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
	_ = c.Disconnect(t.Context())
	s.Stop()
	file := filepath.Join(dir, "news.sqlite")
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for about, damaged := range map[string][]byte{
		"not a database": []byte(strings.Repeat("no database ", 1000)),
		"cut short":      whole[:len(whole)/2],
		"overwritten":    append(append(append([]byte(nil), whole[:8192]...), make([]byte, 64<<10)...), whole[8192+64<<10:]...),
	} {
		if err := os.WriteFile(file, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := StartStore(t.Context(), StoreConfig{Dir: dir})
		if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: got %v", about, err)
		}
	}
	// What failed to start holds neither the lock nor the files.
	if err := os.WriteFile(file, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	startTestStore(t, StoreConfig{Dir: dir})
}

// BenchmarkByID measures lookups and updates by _id among 10,000 documents, without and with the index.
func BenchmarkByID(b *testing.B) {
	s := startTestStore(b, StoreConfig{Dir: b.TempDir()})
	c := connect(b, s.URI())
	const n = 10_000
	docs := make([]any, n)
	for i := range docs {
		docs[i] = bson.D{{Key: "_id", Value: fmt.Sprintf("%032x", i)}, {Key: "n", Value: 0}, {Key: "text", Value: strings.Repeat("x", 400)}}
	}
	for _, indexed := range []bool{false, true} {
		coll := c.Database("news").Collection(fmt.Sprintf("indexed_%v", indexed))
		if _, err := coll.InsertMany(b.Context(), docs); err != nil {
			b.Fatal(err)
		}
		if indexed {
			if err := s.Tune(b.Context()); err != nil {
				b.Fatal(err)
			}
		} else {
			s.cancelWatch()
		}
		i := 0
		id := func() bson.D {
			i++
			return bson.D{{Key: "_id", Value: fmt.Sprintf("%032x", i*7919%n)}}
		}
		inc := bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: 1}}}}
		b.Run(fmt.Sprintf("find/indexed=%v", indexed), func(b *testing.B) {
			for b.Loop() {
				if err := coll.FindOne(b.Context(), id()).Err(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("upsert/indexed=%v", indexed), func(b *testing.B) {
			for b.Loop() {
				if _, err := coll.UpdateMany(b.Context(), id(), inc, options.UpdateMany().SetUpsert(true)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("bulk of 100 upserts/indexed=%v", indexed), func(b *testing.B) {
			for b.Loop() {
				models := make([]mongo.WriteModel, 100)
				for j := range models {
					// Not UpdateOne: FerretDB keeps a connection to SQLite, of 100, for each until the bulk's end.
					models[j] = mongo.NewUpdateManyModel().SetFilter(id()).SetUpdate(inc).SetUpsert(true)
				}
				if _, err := coll.BulkWrite(b.Context(), models, options.BulkWrite().SetOrdered(false)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/100, "µs/doc")
		})
	}
}
