package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"
	"go.uber.org/zap"
)

// Config says which server and which database.
type Config struct {
	// URI is MongoDB's connection string. What it says of pools, compressors, time-outs and TLS is kept.
	URI string
	// Database is the database's name; "" means the one in the URI, or DefaultDatabase. A URI that ends in /admin, as some do
	// to say where the user is known, names none.
	Database string
	// AppName shows in the server's log and in currentOp; "" means "khabar".
	AppName string
	// ConnectTimeout bounds Open and the choice of a server for each operation, unless the URI's serverSelectionTimeoutMS
	// does; 0 means DefaultConnectTimeout.
	ConnectTimeout time.Duration

	// monitor sees every command; the tests cut connections with it.
	monitor *event.CommandMonitor
}

// DefaultConnectTimeout is long enough for a replica set's election (10 s by its defaults, and some), so that an
// operation outlives a failover.
const DefaultConnectTimeout = 15 * time.Second

// operationTimeout bounds one operation whose context has no deadline, but for those that are unhurried. A bulk of a
// thousand documents takes well under a second on a healthy server; half a minute later its answer is of no use, for the
// page's lease runs.
const operationTimeout = 30 * time.Second

// longest is more than any operation takes: a deadline so far off that the driver, which sends no time limit beyond 24.8
// days, leaves it to the caller's context to end one.
const longest = 30 * 24 * time.Hour

// unhurried gives a context for what may take as long as the caller waits: reports over big collections, exports, index
// builds.
func unhurried(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, longest)
}

// DefaultDatabase is the database that is used where neither the configuration nor the URI names one.
const DefaultDatabase = "khabar"

// Store is a connection to the database. Its methods may be called concurrently.
type Store struct {
	client *mongo.Client
	db     *mongo.Database
	caps   Capabilities
	log    *zap.Logger
	lock   *writeLock // nil where the server needs none
	// clustering is held by whoever finds near-duplicates, on every server.
	clustering *writeLock

	registry *bson.Registry
	views    map[string]*view  // of a server without indexes, by name
	schemas  map[string]bson.D // of the documents, by collection
	refusals refusals

	// Read from the primary, whatever the URI prefers: what a secondary knows of the crawl is old.
	pages, articles, revisions, profiles, rhythms, siteDays, fleetHours, identities, erasures, sketches, buckets, sites, backfills, meta *mongo.Collection
	// changes is read as far as a majority has it.
	changes   *mongo.Collection
	lastKnown atomic.Int64 // a place in it that was there
	// reports are the articles as readers see them, from where the URI prefers to read.
	reports *mongo.Collection
}

// Open connects and asks the server what it can do. It writes nothing: Migrate makes the schema. Errors wrap ErrConfig,
// ErrUnreachable (within Config.ConnectTimeout), ErrServer or ErrUnauthorized.
func Open(ctx context.Context, cfg Config, log *zap.Logger) (*Store, error) {
	if log == nil {
		log = zap.NewNop()
	}
	s, err := open(ctx, cfg, log)
	if err != nil {
		return nil, redacted(fmt.Errorf("open store %q: %w", Redact(cfg.URI), err), cfg.URI)
	}
	return s, nil
}

func open(ctx context.Context, cfg Config, log *zap.Logger) (*Store, error) {
	opts, name, err := clientOptions(cfg)
	if err != nil {
		return nil, err
	}
	client, err := mongo.Connect(opts)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", unusable(err), err)
	}
	s, err := prepare(ctx, client, name, opts, log)
	if err != nil {
		// The caller's context may be over; the client's goroutines end all the same.
		_ = client.Disconnect(context.WithoutCancel(ctx))
		return nil, err
	}
	return s, nil
}

func prepare(ctx context.Context, client *mongo.Client, name string, opts *options.ClientOptions, log *zap.Logger) (*Store, error) {
	askCtx, cancel := context.WithTimeout(ctx, *opts.ServerSelectionTimeout)
	defer cancel()
	caps, err := askCapabilities(askCtx, client)
	if err != nil {
		return nil, wrap("connect", err)
	}
	db := client.Database(name, options.Database().SetReadPreference(readpref.Primary()))
	s := &Store{
		client:     client,
		db:         db,
		caps:       caps,
		log:        log,
		registry:   opts.Registry,
		schemas:    make(map[string]bson.D),
		pages:      db.Collection("pages"),
		articles:   db.Collection("articles"),
		revisions:  db.Collection("revisions"),
		profiles:   db.Collection("profiles"),
		rhythms:    db.Collection("rhythms"),
		siteDays:   db.Collection("sitedays"),
		fleetHours: db.Collection("fleethours"),
		identities: db.Collection("identities"),
		erasures:   db.Collection("erasures"),
		sketches:   db.Collection("sketches"),
		buckets:    db.Collection("buckets"),
		sites:      db.Collection("sites"),
		backfills:  db.Collection("backfills"),
		meta:       db.Collection("meta"),
		changes:    db.Collection("changes", majority(caps)),
		views:      newViews(db),
		reports:    client.Database(name).Collection("articles"),
	}
	for _, c := range collections() {
		s.schemas[c.name] = c.schema
	}
	s.clustering = newWriteLock(db.Collection("clusterlocks"))
	if !caps.AtomicUpdates {
		s.lock = newWriteLock(db.Collection("locks"))
	}
	return s, nil
}

// unusable is the kind of an error about a URI. A name in DNS that is not there yet, as of a cluster that starts, is no
// mistake in it.
func unusable(err error) error {
	if errors.As(err, new(*net.DNSError)) {
		return ErrUnreachable
	}
	return ErrConfig
}

// clientOptions reads the URI and adds what it leaves open.
func clientOptions(cfg Config) (*options.ClientOptions, string, error) {
	if cfg.URI == "" {
		return nil, "", fmt.Errorf("%w: no MongoDB URI is given; it looks like mongodb://host:27017/khabar", ErrConfig)
	}
	cs, err := connstring.ParseAndValidate(cfg.URI)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", unusable(err), err)
	}
	name := cfg.Database
	if name == "" && !isServersOwn(cs.Database) {
		name = cs.Database
	}
	if name == "" {
		name = DefaultDatabase
	}
	if isServersOwn(name) {
		return nil, "", fmt.Errorf("%w: database %q is the server's own", ErrConfig, name)
	}
	// What MongoDB takes on every platform, and FerretDB as a file's name.
	if len(name) > 63 || strings.ContainsAny(name, "/\\. \"$*<>:|?\x00") {
		return nil, "", fmt.Errorf("%w: database %q: a name has at most 63 bytes and none of / \\ . \" $ * < > : | ? and space", ErrConfig, name)
	}
	opts := options.Client().ApplyURI(cfg.URI).
		SetWriteConcern(writeconcern.Majority()).
		SetRegistry(newRegistry()).
		SetAppName(cfg.AppName)
	if cfg.AppName == "" && cs.AppName == "" {
		opts.SetAppName("khabar")
	}
	if !cs.ServerSelectionTimeoutSet {
		t := cfg.ConnectTimeout
		if t <= 0 {
			t = DefaultConnectTimeout
		}
		opts.SetServerSelectionTimeout(t)
	}
	if !cs.TimeoutSet {
		opts.SetTimeout(operationTimeout)
	}
	if len(cs.Compressors) == 0 {
		// Article text shrinks to about a third; zstd first because it costs the least for that.
		opts.SetCompressors([]string{"zstd", "snappy", "zlib"})
	}
	if cfg.monitor != nil {
		opts.SetMonitor(cfg.monitor)
	}
	return opts, name, nil
}

// isServersOwn is true for the databases that MongoDB keeps for itself.
func isServersOwn(database string) bool {
	return database == "admin" || database == "local" || database == "config"
}

// Close ends the connection. It waits for the operations that run, as long as ctx lets it.
func (s *Store) Close(ctx context.Context) error {
	if err := s.client.Disconnect(ctx); err != nil && !errors.Is(err, mongo.ErrClientDisconnected) {
		return wrap("close store", err)
	}
	return nil
}

// Ping asks the server that takes writes for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	return wrap("ping store", s.client.Ping(ctx, readpref.Primary()))
}

// Database is the database's name.
func (s *Store) Database() string { return s.db.Name() }

// isCanceled is true where the caller's context ended the operation.
func isCanceled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
