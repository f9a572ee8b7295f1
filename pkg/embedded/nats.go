package embedded

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/zap"
	"golang.org/x/crypto/bcrypt"
)

// NATSConfig says where the embedded nats-server keeps its data and listens.
type NATSConfig struct {
	// Dir holds JetStream's files; it is made if it is not there.
	Dir string
	// Addr is the loopback host:port to listen on; "" means 127.0.0.1 and any free port.
	Addr string
	// MaxStore bounds JetStream's files in bytes; 0 means three quarters of what is free on the disk at start.
	MaxStore int64
	// Log takes the server's warnings and errors; nil means nowhere.
	Log *zap.Logger
}

// maxMemory bounds JetStream's memory streams in bytes. khabar keeps its streams on disk; this is room for a client's
// own experiments, not for a crawl.
const maxMemory = 64 << 20

// natsUser is the one user that the server knows.
const natsUser = "khabar"

// authTimeout is how long a client may take to say its password. The server's two seconds are for strangers; here a client is a
// process of the same machine that waits for a core.
const authTimeout = 30 * time.Second

// NATS is a running nats-server.
type NATS struct {
	srv  *server.Server
	opts *server.Options
	lock *dirLock
	log  *natsLog

	password string // of natsUser

	cancel  context.CancelFunc // of the mender
	running sync.WaitGroup
	stop    sync.Once
}

// StartNATS starts a nats-server with JetStream and returns when it takes connections. ctx bounds the start only.
// Reading back a large store takes time: about a second for each million pending messages.
// The errors are those of the package.
func StartNATS(ctx context.Context, cfg NATSConfig) (*NATS, error) {
	n, err := startNATS(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("embedded nats-server: %w", err)
	}
	return n, nil
}

func startNATS(ctx context.Context, cfg NATSConfig) (_ *NATS, err error) {
	addr, err := parseAddr(cfg.Addr)
	if err != nil {
		return nil, err
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
	if err := checkFree("nats-server", addr); err != nil {
		return nil, err
	}
	port := int(addr.Port())
	if port == 0 {
		port = server.RANDOM_PORT
	}
	keepPrivate(lock.dir, cfg.Log)
	secret, err := password(lock.dir)
	if err != nil {
		return nil, err
	}
	// The server warns of passwords in the clear. That guessing one takes long is of no use where it is 128 random bits.
	hash, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.MinCost)
	if err != nil {
		return nil, fmt.Errorf("password: %w", err)
	}
	opts := &server.Options{
		ServerName:             "khabar",
		Host:                   addr.Addr().String(),
		Port:                   port,
		Username:               natsUser,
		Password:               string(hash),
		AuthTimeout:            authTimeout.Seconds(),
		JetStream:              true,
		StoreDir:               lock.dir,
		JetStreamMaxMemory:     maxMemory,
		JetStreamMaxStore:      cfg.MaxStore,
		NoSigs:                 true,
		DisableJetStreamBanner: true,
	}
	srv, err := server.NewServer(opts)
	if err != nil {
		return nil, err
	}
	log := newNATSLog(cfg.Log)
	srv.SetLoggerV2(log, false, false, false)
	n := &NATS{srv: srv, opts: opts, lock: lock, log: log, password: secret}

	started := make(chan struct{})
	go func() {
		defer close(started)
		srv.Start()
	}()
	select {
	case <-started:
	case <-ctx.Done():
		<-started // the server cannot be interrupted while it reads its store
		n.shutdown()
		return nil, ctx.Err()
	}
	problem := log.startProblem()
	if problem == "" && (!srv.JetStreamEnabled() || srv.Addr() == nil) {
		problem = "it did not start: " + log.lastError()
	}
	if problem != "" {
		n.shutdown()
		return nil, fmt.Errorf("%w: %s: %s; move the directory away to begin anew: tasks that are lost with it become due again by themselves",
			ErrCorrupt, lock.dir, problem)
	}
	mendCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	n.cancel = cancel
	n.running.Go(func() { n.mend(mendCtx) })
	return n, nil
}

// URL is what to connect to, with the password: nats://khabar:….@127.0.0.1:4222.
func (n *NATS) URL() string {
	u := url.URL{Scheme: "nats", User: url.UserPassword(natsUser, n.password), Host: n.Addr()}
	return u.String()
}

// Addr is the host:port that the server listens on.
func (n *NATS) Addr() string { return n.srv.Addr().String() }

// Stop ends the server and waits until its files are written and its goroutines gone. Twice is harmless.
func (n *NATS) Stop() {
	n.stop.Do(func() {
		n.cancel()
		n.running.Wait()
		n.shutdown()
		n.lock.release()
	})
}

func (n *NATS) shutdown() {
	n.srv.Shutdown()
	n.srv.WaitForShutdown()
}

// natsLog passes nats-server's log on, and keeps what it says of the start: its Start returns nothing.
type natsLog struct {
	log *zap.Logger

	mu       sync.Mutex
	problems []string // what makes a start fail
	lastErr  string
}

func newNATSLog(log *zap.Logger) *natsLog {
	if log == nil {
		log = zap.NewNop()
	}
	return &natsLog{log: log.Named("nats").WithOptions(zap.WithCaller(false))}
}

// maxProblems bounds what is kept of a start that fails for every stream of a large store.
const maxProblems = 3

func (l *natsLog) keep(msg string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.problems) < maxProblems {
		l.problems = append(l.problems, strings.TrimSpace(msg))
	}
}

// startProblem is what went wrong so far, or "".
func (l *natsLog) startProblem() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.problems, "; ")
}

// lastError is the last error that was logged, or "".
func (l *natsLog) lastError() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lastErr
}

func (l *natsLog) Noticef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l *natsLog) Debugf(string, ...any)           {}
func (l *natsLog) Tracef(string, ...any)           {}

// Warnf is also where JetStream says that it leaves out a stream or a consumer that it cannot read back, in lines that
// are indented. One whose files are missing was being made when the process was killed, and is no loss.
func (l *natsLog) Warnf(format string, v ...any) {
	msg := fmt.Sprintf(format, v...)
	l.log.Warn(msg)
	if strings.HasPrefix(msg, "  ") && (strings.Contains(msg, "checksums do not match") || strings.Contains(msg, "Error ")) {
		l.keep(msg)
	}
}

func (l *natsLog) Errorf(format string, v ...any) {
	msg := fmt.Sprintf(format, v...)
	l.log.Error(msg)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lastErr = msg
}

func (l *natsLog) Fatalf(format string, v ...any) {
	l.Errorf(format, v...)
	l.keep(fmt.Sprintf(format, v...))
}

var _ server.Logger = (*natsLog)(nil)
