package store

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/khabar-crawler/khabar/pkg/store/storetest"
)

var update = flag.Bool("update", false, "write the schema's description anew")

// TestSchemaVersion: a schema that was changed has another version, or two processes would undo each other's.
func TestSchemaVersion(t *testing.T) {
	var text strings.Builder
	for _, c := range collections() {
		for _, part := range append([]bson.D{c.validator()}, optionsOf(c)...) {
			data, err := bson.MarshalExtJSONIndent(part, false, false, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&text, "%s %s\n", c.name, data)
		}
	}
	file := fmt.Sprintf("testdata/schema-%d.txt", SchemaVersion)
	if *update {
		if err := os.WriteFile(file, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	known, err := os.ReadFile(file)
	if err != nil || string(known) != text.String() {
		t.Errorf("the schema is not that of %s (%v): raise SchemaVersion, say in docs/schema.md what changed, and run this test with -update", file, err)
	}
}

func optionsOf(c collection) (all []bson.D) {
	for _, i := range c.indexes {
		all = append(all, i.options())
	}
	return all
}

// commands are those that a store sends, by name.
type commands struct {
	mu  sync.Mutex
	all []string
}

func (c *commands) monitor() *event.CommandMonitor {
	return &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all = append(c.all, e.CommandName)
	}}
}

// writing lists those that change something, or that a user who may only read may not give.
func (c *commands) writing() (all []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range c.all {
		switch name {
		case "hello", "isMaster", "buildInfo", "ping", "find", "getMore", "killCursors", "aggregate", "listCollections", "listIndexes", "endSessions":
		default:
			all = append(all, name)
		}
	}
	return all
}

// readAll reads all that there is to be read, but where the server has no indexes for what only crawling asks: to find out
// whether it has views for that, a document is put in their place.
func readAll(t *testing.T, s *Store) {
	t.Helper()
	ctx := t.Context()
	ignored := func(error) {}
	for _, err := range s.Articles(ctx, ArticleFilter{Sort: SortNewest}) {
		ignored(err)
	}
	for _, err := range s.FindPages(ctx, PageFilter{}) {
		ignored(err)
	}
	reads := map[string]func() error{
		"empty":     func() error { _, err := s.IsEmpty(ctx); return err },
		"count":     func() error { _, err := s.CountArticles(ctx, ArticleFilter{}); return err },
		"article":   func() error { _, err := s.Article(ctx, id(1)); return err },
		"revisions": func() error { _, err := s.Revisions(ctx, id(1)); return err },
		"page":      func() error { _, err := s.Page(ctx, id(1)); return err },
		"pages":     func() error { _, err := s.Pages(ctx, []string{id(1), id(2)}); return err },
		"counts":    func() error { _, err := s.Counts(ctx, CountQuery{}); return err },
		"next":      func() error { _, err := s.NextDue(ctx, Scope{}); return err },
		"left":      func() error { _, err := s.Outstanding(ctx, OutstandingQuery{}); return err },
		"plan":      func() error { _, err := s.Plan(ctx); return err },
		"schema":    func() error { return s.HasSchema(ctx) },
	}
	if !s.caps.Indexes {
		delete(reads, "next")
		delete(reads, "left")
	}
	for about, f := range reads {
		if err := f(); err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrNoSchema) {
			t.Errorf("%s: %v", about, err)
		}
	}
}

// TestReadingWritesNothing: whoever only reads leaves no trace, in a database that is not there and in one that is.
func TestReadingWritesNothing(t *testing.T) {
	onFaulty(t, func(t *testing.T, server faulty) {
		_, db := server(t)
		var sent commands
		s := db.connect(t, Config{monitor: sent.monitor()})
		readAll(t, s)
		if empty, err := s.IsEmpty(t.Context()); err != nil || !empty {
			t.Errorf("a database that is not there: empty %v, %v", empty, err)
		}
		if names, err := s.client.ListDatabaseNames(t.Context(), bson.D{{Key: "name", Value: db.name}}); err != nil || len(names) > 0 {
			t.Errorf("it is there now: %v, %v", names, err)
		}
		writer := db.open(t)
		if empty, err := s.IsEmpty(t.Context()); err != nil || empty {
			t.Errorf("a schema without documents: empty %v, %v", empty, err)
		}
		mustCommit(t, writer, Effect{Page: done(1, 1), Article: story(1, 1, 1)})
		before := dump(t, writer)
		readAll(t, s)
		if d := diff(before, dump(t, writer)); len(d) > 0 {
			t.Errorf("changed:\n%s", strings.Join(d, "\n"))
		}
		if writing := slices.DeleteFunc(sent.writing(), func(name string) bool { return name == "listDatabases" }); len(writing) > 0 {
			t.Errorf("sent %v", writing)
		}
	})
}

// TestIsEmptyOfOld: a database of a khabar that recorded no version is not empty.
func TestIsEmptyOfOld(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.connect(t, Config{})
		insertRaw(t, s, s.articles, firstVersion(*story(1, 1, 1)))
		if empty, err := s.IsEmpty(t.Context()); err != nil || empty {
			t.Errorf("empty %v, %v", empty, err)
		}
		if err := s.HasSchema(t.Context()); !errors.Is(err, ErrNoSchema) {
			t.Error(err)
		}
	})
}

// TestMigrate: the schema is made once, in as few commands as it takes, and by several at the same time.
func TestMigrate(t *testing.T) {
	onFaulty(t, func(t *testing.T, server faulty) {
		p, db := server(t)
		s := db.connect(t, Config{})
		if err := s.HasSchema(t.Context()); !errors.Is(err, ErrNoSchema) {
			t.Error(err)
		}
		builds := p.Inject(storetest.Fault{Commands: []string{"createIndexes"}})
		changes := p.Inject(storetest.Fault{Commands: []string{"create", "collMod", "insert", "update"}})
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := db.connect(t, Config{}).migrate(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if err := s.HasSchema(t.Context()); err != nil {
			t.Error(err)
		}
		if plan, err := s.Plan(t.Context()); err != nil || len(plan.Steps) > 0 || plan.Version != SchemaVersion {
			t.Errorf("still to be done: %+v, %v", plan, err)
		}
		changed, built := changes.Count(), builds.Count()
		least := 1 // the unique one
		if s.caps.Indexes {
			least = 5
		}
		if built < least || built > 4*least {
			t.Errorf("%d commands to build indexes", built)
		}
		if err := s.migrate(t.Context()); err != nil || changes.Count() != changed || builds.Count() != built {
			t.Errorf("changed again: %v", err)
		}
	})
}

// disguised gives a MongoDB, or a FerretDB that passes for one, and a store on it that has no schema yet.
func disguised(t *testing.T) (*storetest.Proxy, testDB, *Store) {
	t.Helper()
	server := testServers[0].uri
	ferret := newDB(t, server).connect(t, Config{}).caps.FerretDB
	p, err := storetest.StartProxy(storetest.ProxyConfig{Server: server, MongoDB: ferret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	db := newDB(t, p.URI)
	s := db.connect(t, Config{})
	if !s.caps.Validators || !s.caps.Indexes {
		t.Fatalf("%+v", s.caps)
	}
	return p, db, s
}

// withOption is a URI with one more option.
func withOption(uri, option string) string {
	if strings.Contains(uri, "?") {
		return uri + "&" + option
	}
	return uri + "?" + option
}

func steps(t *testing.T, s *Store) (all []string) {
	t.Helper()
	plan, err := s.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range plan.Steps {
		all = append(all, step.String())
	}
	return all
}

// TestPlan: what is to be done is what is not there as it should be, and nothing else.
func TestPlan(t *testing.T) {
	p, _, s := disguised(t)
	n := len(collections())
	if got := steps(t, s); len(got) != n+1+5 || got[n] != fmt.Sprintf("record version %d", SchemaVersion) || !strings.HasPrefix(got[n+1], "build indexes of pages: next_at_1, site_1_next_at_1") {
		t.Errorf("of nothing: %q", got)
	}
	if err := s.migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	run := func(command bson.D) {
		t.Helper()
		if err := s.db.RunCommand(t.Context(), command).Err(); err != nil {
			t.Fatal(err)
		}
	}
	run(bson.D{{Key: "collMod", Value: "pages"}, {Key: "validator", Value: bson.D{{Key: "url", Value: bson.D{{Key: "$exists", Value: true}}}}}})
	run(bson.D{{Key: "collMod", Value: "profiles"}, {Key: "validationLevel", Value: "strict"}})
	mods := p.Inject(storetest.Fault{Commands: []string{"collMod"}})
	if got, want := steps(t, s), []string{"set validator pages", "set validator profiles"}; !slices.Equal(got, want) {
		t.Errorf("of other validators: %q", got)
	}
	if err := s.migrate(t.Context()); err != nil || mods.Count() != 2 || len(steps(t, s)) > 0 {
		t.Errorf("%d collMods, %v, %q", mods.Count(), err, steps(t, s))
	}
	// Indexes as a server gives them back: in another order, with numbers of other types, under another name.
	listed := func(specs ...bson.D) bson.D {
		return bson.D{{Key: "cursor", Value: bson.D{{Key: "id", Value: int64(0)}, {Key: "ns", Value: s.Database() + ".revisions"},
			{Key: "firstBatch", Value: specs}}}, {Key: "ok", Value: 1.0}}
	}
	ours := bson.E{Key: "key", Value: bson.D{{Key: "article_id", Value: 1.0}, {Key: "revision", Value: int64(1)}}}
	for about, tc := range map[string]struct {
		spec bson.D
		want bool // it is to be built
	}{
		"another name":    {bson.D{{Key: "name", Value: "mine"}, ours, {Key: "unique", Value: false}}, false},
		"unique":          {bson.D{{Key: "name", Value: "mine"}, ours, {Key: "unique", Value: true}}, true},
		"other keys":      {bson.D{{Key: "name", Value: "article_id_1_revision_1"}, {Key: "key", Value: bson.D{{Key: "article_id", Value: 1}}}}, true},
		"descending":      {bson.D{{Key: "key", Value: bson.D{{Key: "article_id", Value: 1}, {Key: "revision", Value: -1}}}}, true},
		"partial":         {bson.D{ours, {Key: "partialFilterExpression", Value: bson.D{{Key: "x", Value: 1}}}}, true},
		"under way":       {bson.D{{Key: "spec", Value: bson.D{{Key: "name", Value: "n"}, ours}}, {Key: "buildUUID", Value: bson.Binary{Subtype: 4, Data: make([]byte, 16)}}}, true},
		"of no such keys": {bson.D{{Key: "name", Value: "odd"}, {Key: "key", Value: "text"}}, true},
	} {
		i := p.Inject(storetest.Fault{Commands: []string{"listIndexes"}, Collection: "revisions", Answer: listed(tc.spec)})
		if got := steps(t, s); len(got) == 1 != tc.want {
			t.Errorf("%s: %q", about, got)
		}
		i.Lift()
	}
	// A server that does not know how to mark those under way.
	i := p.Inject(storetest.Fault{Commands: []string{"listIndexes"}, When: func(c storetest.Command) bool { return !c.Body.Lookup("includeBuildUUIDs").IsZero() },
		Error: &storetest.Error{Code: 40415, Name: "IDLUnknownField"}})
	if got := steps(t, s); len(got) > 0 || i.Count() == 0 {
		t.Errorf("%q", got)
	}
}

// TestNeverBackwards: the schema of a newer khabar stays.
func TestNeverBackwards(t *testing.T) {
	onFaulty(t, func(t *testing.T, server faulty) {
		_, db := server(t)
		s := db.connect(t, Config{})
		if _, err := s.meta.InsertOne(t.Context(), bson.D{{Key: "_id", Value: "schema"}, {Key: "version", Value: SchemaVersion + 1}}); err != nil {
			t.Fatal(err)
		}
		plan, err := s.Plan(t.Context())
		if err != nil || !plan.IsNewer() || len(plan.Steps) > 0 {
			t.Errorf("%+v, %v", plan, err)
		}
		if err := s.Migrate(t.Context(), Step{Kind: StepVersion}); err != nil {
			t.Error(err)
		}
		if plan, err := s.Plan(t.Context()); err != nil || plan.Version != SchemaVersion+1 {
			t.Errorf("%+v, %v", plan, err)
		}
		if err := s.HasSchema(t.Context()); err != nil {
			t.Errorf("a newer schema will do: %v", err)
		}
	})
}

// TestIndexBuildInTheWay: an index build of somebody else's is waited for.
func TestIndexBuildInTheWay(t *testing.T) {
	for _, code := range []int32{117, 276, 285, 12587} {
		p, _, s := disguised(t)
		i := p.Inject(storetest.Fault{Commands: []string{"createIndexes"}, Collection: "articles", Times: 1, Error: &storetest.Error{Code: code}})
		err := s.migrate(t.Context())
		if !errors.Is(err, ErrBuilding) || errors.Is(err, ErrServer) || errors.Is(err, ErrIndex) || i.Count() != 1 {
			t.Errorf("code %d: %v", code, err)
		}
		if err := s.HasSchema(t.Context()); err != nil {
			t.Errorf("code %d: nobody else need wait: %v", code, err)
		}
		if err := s.migrate(t.Context()); err != nil || len(steps(t, s)) > 0 {
			t.Errorf("code %d: afterwards: %v, %q", code, err, steps(t, s))
		}
	}
	p, _, s := disguised(t)
	if err := s.migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.db.RunCommand(t.Context(), bson.D{{Key: "collMod", Value: "articles"}, {Key: "validationLevel", Value: "off"}}).Err(); err != nil {
		t.Fatal(err)
	}
	p.Inject(storetest.Fault{Commands: []string{"collMod"}, Times: 1, Error: &storetest.Error{Code: 12587}})
	if err := s.migrate(t.Context()); !errors.Is(err, ErrBuilding) || errors.Is(err, ErrServer) {
		t.Errorf("collMod: %v", err)
	}
	if err := s.migrate(t.Context()); err != nil || len(steps(t, s)) > 0 {
		t.Errorf("collMod afterwards: %v, %q", err, steps(t, s))
	}
}

// TestIndexConflict: an index in the way of one keeps no other from being built.
func TestIndexConflict(t *testing.T) {
	for _, code := range []int32{85, 86, 67, 13} {
		p, _, s := disguised(t)
		p.Inject(storetest.Fault{Commands: []string{"createIndexes"}, Collection: "articles",
			When:  func(c storetest.Command) bool { return strings.Contains(c.Body.String(), `"fetched_at_1"`) },
			Error: &storetest.Error{Code: code, Message: "an existing index has the same name"}})
		err := s.migrate(t.Context())
		if !errors.Is(err, ErrIndex) || errors.Is(err, ErrServer) || errors.Is(err, ErrUnauthorized) || !strings.Contains(err.Error(), "existing index") {
			t.Errorf("code %d: %v", code, err)
		}
		if code == 85 && !strings.Contains(err.Error(), "fetched_at_1") {
			t.Errorf("which one: %v", err)
		}
		if got := steps(t, s); !slices.Equal(got, []string{"build indexes of articles: fetched_at_1", "build indexes of revisions: article_id_1_revision_1", "build indexes of identities: article_id_1"}) {
			t.Errorf("code %d: %q", code, got)
		}
	}
}

// TestValidatorInTheWay: where validators cannot be had, or not by this user.
func TestValidatorInTheWay(t *testing.T) {
	p, _, s := disguised(t)
	without := p.Inject(storetest.Fault{Commands: []string{"create"}, When: func(c storetest.Command) bool { return !c.Body.Lookup("validator").IsZero() },
		Error: &storetest.Error{Code: 115, Name: "CommandNotSupported"}})
	p.Inject(storetest.Fault{Commands: []string{"collMod"}, Error: &storetest.Error{Code: 115, Name: "CommandNotSupported", Message: "Command collMod not supported."}})
	for range 2 {
		if err := s.migrate(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if err := s.HasSchema(t.Context()); err != nil || without.Count() != len(collections()) {
		t.Errorf("%v, after %d commands", err, without.Count())
	}

	p, _, s = disguised(t)
	if _, err := s.pages.InsertOne(t.Context(), normalPage(duePage(1, 1))); err != nil { // of an old khabar
		t.Fatal(err)
	}
	i := p.Inject(storetest.Fault{Commands: []string{"collMod"}, Error: &storetest.Error{Code: 13, Name: "Unauthorized"}})
	if err := s.migrate(t.Context()); !errors.Is(err, ErrUnauthorized) || !strings.Contains(err.Error(), "dbAdmin") {
		t.Errorf("a user who may not: %v", err)
	}
	if err := s.HasSchema(t.Context()); !errors.Is(err, ErrNoSchema) {
		t.Errorf("documents would be stored against the old one: %v", err)
	}
	i.Lift()
	if err := s.migrate(t.Context()); err != nil || s.HasSchema(t.Context()) != nil {
		t.Errorf("a user who may: %v", err)
	}
}

// TestUnhurried: index builds and reports take longer than the time-out of an operation, and end with their caller.
func TestUnhurried(t *testing.T) {
	_, db, _ := disguised(t) // without a schema, so that there are indexes to build
	ctx := t.Context()
	for about, tc := range map[string]struct {
		command string
		f       func(context.Context, *Store) error
	}{
		"index build": {"createIndexes", func(ctx context.Context, s *Store) error {
			return s.buildIndexes(ctx, collections()[0])
		}},
		"counts": {"aggregate", func(ctx context.Context, s *Store) error { _, err := s.Counts(ctx, CountQuery{}); return err }},
		"count":  {"aggregate", func(ctx context.Context, s *Store) error { _, err := s.CountArticles(ctx, ArticleFilter{}); return err }},
		"outstanding": {"aggregate", func(ctx context.Context, s *Store) error {
			_, err := s.Outstanding(ctx, OutstandingQuery{})
			return err
		}},
		"articles": {"find", func(ctx context.Context, s *Store) (err error) {
			for _, err = range s.Articles(ctx, ArticleFilter{}) {
			}
			return err
		}},
		"pages": {"find", func(ctx context.Context, s *Store) (err error) {
			for _, err = range s.FindPages(ctx, PageFilter{}) {
			}
			return err
		}},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			p, err := storetest.StartProxy(storetest.ProxyConfig{Server: db.uri})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			s := testDB{withOption(p.URI, "timeoutMS=500"), db.name}.connect(t, Config{})
			mine := p.Inject(storetest.Fault{Commands: []string{tc.command}, Times: 1, Hang: true})
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				err := tc.f(ctx, s)
				if err == nil {
					err = errors.New("it had an answer")
				}
				ended <- err
			}()
			select {
			case <-mine.Hit():
			case err := <-ended:
				t.Fatal(err)
			}
			// What begins later and has the time-out of an operation ends before.
			other := p.Inject(storetest.Fault{Commands: []string{"find"}, Collection: "profiles", Hang: true})
			defer other.Lift()
			if _, err := s.Profile(t.Context(), "news.example"); !errors.Is(err, ErrUnreachable) {
				t.Errorf("an operation without an answer: %v", err)
			}
			select {
			case err := <-ended:
				t.Fatalf("it had the time of an operation: %v", err)
			default:
			}
			cancel()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
}

// TestReadPreference: what is known of the crawl is read from the primary, whatever the URI prefers.
func TestReadPreference(t *testing.T) {
	_, db, s := disguised(t)
	if err := s.migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustCommit(t, s, Effect{Page: done(1, 1), Article: story(1, 1, 1)})
	var mu sync.Mutex
	elsewhere := map[string]bool{} // collections that were read from where the URI prefers
	all := map[string]bool{}
	db.uri = withOption(db.uri, "readPreference=secondaryPreferred")
	reader := db.connect(t, Config{monitor: &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
		mu.Lock()
		defer mu.Unlock()
		if name, ok := e.Command.Lookup(e.CommandName).StringValueOK(); ok {
			name = e.CommandName + " " + name
			all[name] = true
			mode, _ := e.Command.Lookup("$readPreference", "mode").StringValueOK()
			elsewhere[name] = elsewhere[name] || mode == "secondaryPreferred"
		}
	}}})
	readAll(t, reader)
	if _, err := reader.Due(t.Context(), DueQuery{Now: at(5)}); err != nil {
		t.Error(err)
	}
	mustCommit(t, reader, Effect{Page: done(1, 2), Article: story(1, 2, 2)})
	for name := range all {
		want := name == "find articles" || name == "aggregate articles"
		if elsewhere[name] != want {
			t.Errorf("%s: elsewhere %v", name, elsewhere[name])
		}
	}
	if !all["find pages"] || !all["aggregate pages"] || !all["find articles"] {
		t.Errorf("sent %v", all)
	}
}

func TestDatabaseOf(t *testing.T) {
	for _, tc := range []struct{ uri, database, want string }{
		{"mongodb://db/", "", "khabar"},
		{"mongodb://db/news", "", "news"},
		{"mongodb://db/news?w=1", "papers", "papers"},
		{"mongodb://u:p@db/admin", "", "khabar"},
		{"mongodb://u:p@db/admin", "news", "news"},
		{"mongodb://u:p@db/local", "", "khabar"},
	} {
		if _, got, err := clientOptions(Config{URI: tc.uri, Database: tc.database}); err != nil || got != tc.want {
			t.Errorf("%s, %q: got %q, %v; want %q", tc.uri, tc.database, got, err, tc.want)
		}
	}
	for _, own := range []string{"admin", "local", "config"} {
		if _, _, err := clientOptions(Config{URI: "mongodb://db/", Database: own}); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", own, err)
		}
	}
	for uri, want := range map[string]time.Duration{
		"mongodb://db/?serverSelectionTimeoutMS=7000": 7 * time.Second,
		"mongodb://db/": 3 * time.Second,
	} {
		opts, _, err := clientOptions(Config{URI: uri, ConnectTimeout: 3 * time.Second})
		if err != nil || *opts.ServerSelectionTimeout != want {
			t.Errorf("%s: %v, %v", uri, opts.ServerSelectionTimeout, err)
		}
	}
}
