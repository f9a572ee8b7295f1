package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"
	"go.uber.org/zap"
)

// Config says which server and which database.
type Config struct {
	// URI is MongoDB's connection string. What it says of pools, compressors, time-outs and TLS is kept.
	URI string
	// Database is the database's name; "" means the one in the URI, or "khabar".
	Database string
	// AppName shows in the server's log and in currentOp; "" means "khabar".
	AppName string
	// ConnectTimeout bounds Open and the choice of a server for each operation; 0 means DefaultConnectTimeout, or what
	// the URI says.
	ConnectTimeout time.Duration

	// monitor sees every command; the tests cut connections with it.
	monitor *event.CommandMonitor
}

// DefaultConnectTimeout is long enough for a replica set's election (10 s by its defaults, and some), so that an
// operation outlives a failover.
const DefaultConnectTimeout = 15 * time.Second

// operationTimeout bounds one operation whose context has no deadline. A bulk of a thousand documents takes well under
// a second on a healthy server; half a minute later its answer is of no use, for the page's lease runs.
const operationTimeout = 30 * time.Second

// DefaultDatabase is the database that is used where neither the configuration nor the URI names one.
const DefaultDatabase = "khabar"

// Store is a connection to the database. Its methods may be called concurrently.
type Store struct {
	client *mongo.Client
	db     *mongo.Database
	caps   Capabilities
	log    *zap.Logger
	lock   *writeLock // nil where the server needs none

	registry *bson.Registry
	schemas  map[*mongo.Collection]bson.D
	refusals refusals

	pages, articles, revisions, profiles *mongo.Collection
}

// Open connects, asks the server what it can do, and makes the collections, indexes and validators that are missing.
// Errors wrap ErrConfig, ErrUnreachable (within Config.ConnectTimeout) or ErrUnauthorized.
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
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
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
	db := client.Database(name)
	s := &Store{
		client:    client,
		db:        db,
		caps:      caps,
		log:       log,
		registry:  opts.Registry,
		pages:     db.Collection("pages"),
		articles:  db.Collection("articles"),
		revisions: db.Collection("revisions"),
		profiles:  db.Collection("profiles"),
	}
	s.schemas = map[*mongo.Collection]bson.D{
		s.pages:     pageSchema(),
		s.articles:  articleSchema(),
		s.revisions: revisionSchema(),
		s.profiles:  profileSchema(),
	}
	if !caps.AtomicUpdates {
		s.lock = newWriteLock(db.Collection("locks"))
	}
	if err := s.ensureSchema(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// clientOptions reads the URI and adds what it leaves open.
func clientOptions(cfg Config) (*options.ClientOptions, string, error) {
	if cfg.URI == "" {
		return nil, "", fmt.Errorf("%w: no MongoDB URI is given; it looks like mongodb://host:27017/khabar", ErrConfig)
	}
	cs, err := connstring.ParseAndValidate(cfg.URI)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", ErrConfig, err)
	}
	name := cfg.Database
	if name == "" {
		name = cs.Database
	}
	if name == "" {
		name = DefaultDatabase
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
	if cfg.ConnectTimeout > 0 || !cs.ServerSelectionTimeoutSet {
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

// Close ends the connection. It waits for the operations that run, as long as ctx lets it.
func (s *Store) Close(ctx context.Context) error {
	if err := s.client.Disconnect(ctx); err != nil && !errors.Is(err, mongo.ErrClientDisconnected) {
		return wrap("close store", err)
	}
	return nil
}

// Ping asks the server for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	return wrap("ping store", s.client.Ping(ctx, nil))
}

// Database is the database's name.
func (s *Store) Database() string { return s.db.Name() }

// isCanceled is true where the caller's context ended the operation.
func isCanceled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
