package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/FerretDB/FerretDB/ferretdb"
	"go.uber.org/zap"
)

// StoreConfig says where the embedded store keeps its data and listens.
type StoreConfig struct {
	// Dir holds one SQLite file for each database; it is made if it is not there.
	Dir string
	// Addr is the loopback host:port to listen on, where every user of the machine may connect, as FerretDB asks for no
	// password; "" means a Unix socket in Dir, for this user alone (on Windows, 127.0.0.1 and any free port).
	Addr string
	// Views are made in every database that has their collections. nil means StoreViews.
	Views []View
	// Log takes the server's errors; nil means nowhere.
	Log *zap.Logger
}

// Store is a running FerretDB, which speaks MongoDB's wire protocol.
type Store struct {
	lock  *dirLock
	uri   string
	log   *zap.Logger
	views []View

	cancel      context.CancelFunc // of the server
	cancelWatch context.CancelFunc // of the watcher, which some tests end early
	running     sync.WaitGroup
	stop        sync.Once
	tuning      sync.Mutex // held by Tune: two would make the same view, and the second not find what it replaces
}

// StartStore starts FerretDB over the SQLite files in cfg.Dir and returns when it takes connections. ctx bounds the
// start only. The errors are those of the package.
//
// A goroutine of the store makes the indexes and views that FerretDB lacks on collections as they appear (see Tune).
func StartStore(ctx context.Context, cfg StoreConfig) (*Store, error) {
	s, err := startStore(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("embedded store: %w", err)
	}
	return s, nil
}

func startStore(ctx context.Context, cfg StoreConfig) (_ *Store, err error) {
	var listen ferretdb.ListenerConfig
	if cfg.Addr != "" || !hasSockets {
		addr, err := parseAddr(cfg.Addr)
		if err != nil {
			return nil, err
		}
		// Before ferretdb.New, which leaves SQLite open when it cannot listen.
		if err := checkFree("the store", addr); err != nil {
			return nil, err
		}
		listen.TCP = addr.String()
	}
	// SQLite takes the directory as part of a URI and FerretDB does not escape it.
	if strings.ContainsAny(cfg.Dir, "?#%") {
		return nil, fmt.Errorf("%w: %s: the name may not have ?, # or %% in it", ErrDir, cfg.Dir)
	}
	lock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			lock.release()
		}
	}()
	if err := checkDatabases(ctx, lock.dir); err != nil {
		return nil, err
	}
	keepPrivate(lock.dir, cfg.Log)
	if listen.TCP == "" {
		if listen.Unix, err = socketPath(lock.dir); err != nil {
			return nil, err
		}
		// What a process left that was killed: nobody else listens while the directory is locked.
		if err := os.Remove(listen.Unix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: %w", ErrAddress, err)
		}
	}
	log := cfg.Log
	if log == nil {
		log = zap.NewNop()
	}
	log = log.Named("ferretdb").WithOptions(zap.WithCaller(false))
	if cfg.Views == nil {
		cfg.Views = StoreViews()
	}
	f, err := ferretdb.New(&ferretdb.Config{
		Listener:  listen,
		Logger:    slog.New(&slogToZap{log: log}),
		Handler:   "sqlite",
		SQLiteURL: sqliteURI(lock.dir),
	})
	if err != nil {
		return nil, fmt.Errorf("%w: open %s: %w; move the directory away to begin anew", ErrCorrupt, lock.dir, err)
	}

	runCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	watchCtx, cancelWatch := context.WithCancel(runCtx)
	s := &Store{lock: lock, log: log, views: cfg.Views, cancel: cancel, cancelWatch: cancelWatch}
	if s.uri = socketURI(listen.Unix); listen.TCP != "" {
		s.uri = f.MongoDBURI()
	}
	s.running.Go(func() { _ = f.Run(runCtx) }) // it returns nil always
	s.running.Go(func() { s.watch(watchCtx) })
	return s, nil
}

// sqliteURI is the URI that FerretDB opens its files with. busy_timeout (milliseconds) and WAL are FerretDB's own
// defaults. synchronous=NORMAL takes the disk out of each commit; with WAL it is safe against corruption and the loss of
// the process (the package comment says what it costs). A checkpoint every 8,000 pages of 4 KB, in place of SQLite's
// 1,000, halves the time of an update among 10,000 documents, and bounds the log to about 32 MB.
func sqliteURI(dir string) string {
	q := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(wal)", "synchronous(normal)", "wal_autocheckpoint(8000)"}}
	return "file:" + filepath.ToSlash(dir) + "/?" + q.Encode()
}

// URI is the address to connect to, as mongodb://%2Fvar%2Flib%2Fkhabar%2Fstore%2Fmongod.sock/ or mongodb://127.0.0.1:27017/.
func (s *Store) URI() string { return s.uri }

// Stop ends the server and waits. Clients that are still connected are given three seconds, which is FerretDB's own
// figure: disconnect them first. Twice is harmless.
func (s *Store) Stop() {
	s.stop.Do(func() {
		s.cancel()
		s.running.Wait()
		s.lock.release()
	})
}

// slogToZap passes FerretDB's errors on. Its warnings are one for each client that hangs up, and its information one
// for each connection.
type slogToZap struct {
	log   *zap.Logger
	attrs []zap.Field
}

func (h *slogToZap) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelError
}

func (h *slogToZap) Handle(_ context.Context, r slog.Record) error {
	fields := append([]zap.Field(nil), h.attrs...)
	r.Attrs(func(a slog.Attr) bool {
		fields = append(fields, zap.String(a.Key, a.Value.String()))
		return true
	})
	h.log.Error(r.Message, fields...)
	return nil
}

func (h *slogToZap) WithAttrs(attrs []slog.Attr) slog.Handler {
	n := &slogToZap{log: h.log, attrs: append([]zap.Field(nil), h.attrs...)}
	for _, a := range attrs {
		n.attrs = append(n.attrs, zap.String(a.Key, a.Value.String()))
	}
	return n
}

func (h *slogToZap) WithGroup(name string) slog.Handler {
	return &slogToZap{log: h.log.Named(name), attrs: h.attrs}
}
