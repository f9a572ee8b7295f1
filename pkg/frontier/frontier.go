package frontier

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
)

// consumerName is the one durable consumer that all workers share.
const consumerName = "workers"

// maxWaiting is how many pull requests may wait at the server: one per idle worker goroutine of the fleet. The server's
// default of 512 is reached by 32 processes of 16 goroutines; a waiting request costs some 200 bytes.
const maxWaiting = 65536

// setupWait bounds making the streams, which in a cluster takes an election for each: under a second when all is well.
const setupWait = 30 * time.Second

// Stream metadata: the number of shards, and the version of khabar's that set the stream up last.
const (
	metaShards  = "khabar-shards"
	metaVersion = "khabar-version"
)

// Frontier is a connection to the frontier. Its methods are safe for concurrent use; all worker goroutines of a process
// share one.
type Frontier struct {
	cfg  Config
	log  *zap.Logger
	nc   *nats.Conn
	js   jetstream.JetStream
	api  string // prefix of the JetStream API, with a dot at the end
	pull *puller

	alone    map[string]bool // streams that one server has alone, and may be asked for directly
	restarts *restarts       // nil where replicas keep what one server forgets

	sayNewer sync.Once // that there is work for newer workers

	stop   context.CancelFunc // ends what the frontier runs in the background
	ctx    context.Context
	mu     sync.Mutex // guards closed, so that nothing is added to work once Close waits
	closed bool
	work   sync.WaitGroup // the sweeper, the turns' heartbeats, and calls in progress
}

// Open connects to the frontier on js, creating or updating its streams where that is needed. Close it before the
// connection. Errors that may pass by themselves: ErrUnreachable, ErrNoJetStream, ErrNotReady; others: ErrDenied,
// ErrIncompatible.
func Open(ctx context.Context, js jetstream.JetStream, cfg Config, log *zap.Logger) (*Frontier, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	if log == nil {
		log = zap.NewNop()
	}
	f := &Frontier{cfg: cfg, log: log, nc: js.Conn(), js: js, api: apiPrefix(js.Options())}
	if err := f.ensure(ctx); err != nil {
		return nil, fmt.Errorf("open frontier: %w", err)
	}
	if err := f.lookAround(ctx); err != nil {
		return nil, fmt.Errorf("open frontier: %w", err)
	}
	f.ctx, f.stop = context.WithCancel(context.Background()) // until Close; ctx is for opening
	f.pull = newPuller(f.nc, f.api+"CONSUMER.MSG.NEXT."+cfg.turnsStream()+"."+consumerName, log)
	f.work.Go(f.sweep)
	f.work.Go(f.watch)
	if f.restarts != nil {
		f.work.Go(f.meet)
	}
	return f, nil
}

// apiPrefix is what the subjects of the JetStream API begin with, a dot at the end.
func apiPrefix(o jetstream.JetStreamOptions) string {
	switch {
	case o.Domain != "":
		return "$JS." + o.Domain + ".API."
	case o.APIPrefix != "":
		return strings.TrimSuffix(o.APIPrefix, ".") + "."
	}
	return jetstream.DefaultAPIPrefix
}

// Close stops what the frontier runs and waits for it. Callers of Take get ErrClosed; a turn that is on its way goes
// back at once. Turns that are still held stop being extended: release them first. The connection stays open.
func (f *Frontier) Close() {
	f.mu.Lock()
	again := f.closed
	f.closed = true
	f.mu.Unlock()
	if again {
		f.work.Wait()
		return
	}
	f.stop()
	f.pull.close()
	f.work.Wait()
}

// Depth is how much work stands in the frontier.
type Depth struct {
	Tasks int // pending tasks over all shards, those in hand included
	Lanes int // lanes that have a turn, so the number of workers that could be busy
}

// Depth counts the pending tasks and the lanes with work.
func (f *Frontier) Depth(ctx context.Context) (Depth, error) {
	var d Depth
	count := func(stream string, into *int) error {
		return f.retry(ctx, "count "+stream, func() error {
			s, err := f.stream(ctx, stream)
			if err != nil {
				return err
			}
			*into += int(s.CachedInfo().State.Msgs)
			return nil
		})
	}
	for i := range f.cfg.Shards {
		if err := count(f.cfg.taskStream(i), &d.Tasks); err != nil {
			return Depth{}, err
		}
	}
	return d, count(f.cfg.turnsStream(), &d.Lanes)
}

// ensure makes the streams, the bucket and the consumer what the frontier needs. Doing it again changes nothing.
func (f *Frontier) ensure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, setupWait)
	defer cancel()
	if err := f.probe(ctx); err != nil {
		return err
	}
	if err := f.checkShards(ctx); err != nil {
		return err
	}
	for i := range f.cfg.Shards {
		if err := f.ensureStream(ctx, f.cfg.taskStream(i), func(c *jetstream.StreamConfig) {
			c.MaxMsgsPerSubject, c.Discard, c.DiscardNewPerSubject = 1, jetstream.DiscardNew, true
			c.Description = "khabar: pending tasks, one message per page"
			c.Subjects = []string{f.cfg.taskSubject(i) + ".>"}
			c.Retention = jetstream.LimitsPolicy
			c.AllowDirect = true
			if f.cfg.MaxBytes > 0 {
				c.MaxBytes = f.cfg.MaxBytes
			}
			c.Metadata = withMeta(c.Metadata, metaShards, strconv.Itoa(f.cfg.Shards))
		}); err != nil {
			return err
		}
	}
	if err := f.ensureStream(ctx, f.cfg.turnsStream(), func(c *jetstream.StreamConfig) {
		// A turn that is put says which one it takes the place of: see turnMsg.
		c.MaxMsgsPerSubject, c.Discard, c.DiscardNewPerSubject = 1, jetstream.DiscardOld, false
		c.Description = "khabar: the right to fetch from a lane, one message per lane with work"
		c.Subjects = []string{f.cfg.turnSubject() + ".>"}
		c.Retention = jetstream.WorkQueuePolicy
	}); err != nil {
		return err
	}
	if err := f.ensureBucket(ctx); err != nil {
		return err
	}
	if err := f.ensureAside(ctx); err != nil {
		return err
	}
	return f.ensureConsumer(ctx)
}

func (f *Frontier) ensureConsumer(ctx context.Context) error {
	stream := f.cfg.turnsStream()
	before := time.Now()
	c, err := f.js.Consumer(ctx, stream, consumerName)
	if err == nil && newerMeta(c.CachedInfo().Config.Metadata) {
		f.leave("consumer", stream+" "+consumerName)
		return nil
	}
	if err == nil || errors.Is(err, jetstream.ErrConsumerNotFound) {
		c, err = f.js.CreateOrUpdateConsumer(ctx, stream, jetstream.ConsumerConfig{
			Durable:       consumerName,
			Description:   "khabar: all workers take their turns here",
			DeliverPolicy: jetstream.DeliverAllPolicy,
			AckPolicy:     jetstream.AckExplicitPolicy,
			AckWait:       f.cfg.AckWait,
			MaxDeliver:    -1, // a turn that ran out of deliveries would block its lane for ever; deaths are counted instead
			MaxAckPending: -1, // delayed turns count as pending: a limit would stop all deliveries
			MaxWaiting:    maxWaiting,
			Metadata:      withMeta(nil, metaVersion, strconv.Itoa(firstVersion)),
		})
	}
	if err != nil {
		return f.configError(err, stream+" consumer "+consumerName)
	}
	f.checkClock(before, c.CachedInfo().TimeStamp)
	return nil
}

// checkClock compares this machine's clock with the server's, which said its time after before: leases rest on clocks that
// agree.
func (f *Frontier) checkClock(before, server time.Time) {
	off := max(before.Sub(server), time.Until(server))
	if off > f.cfg.margin() && !server.IsZero() {
		f.log.Warn("this machine's clock and the NATS server's differ; while clocks do, two workers may fetch from one lane",
			zap.Duration("by", off), zap.Duration("allowed", f.cfg.margin()))
	}
}

// restore makes the streams and the consumer again if they are gone, as after a restart of a server that keeps them in
// memory. A server that is starting or electing refuses pull requests too, for why; then there is nothing to restore.
func (f *Frontier) restore(ctx context.Context, why error) {
	probe, cancel := context.WithTimeout(ctx, f.cfg.RequestTimeout)
	defer cancel()
	_, err := f.js.Consumer(probe, f.cfg.turnsStream(), consumerName)
	if !errors.Is(err, jetstream.ErrConsumerNotFound) && !errors.Is(err, jetstream.ErrStreamNotFound) {
		f.log.Debug("no turns for now", zap.Error(why))
		return
	}
	f.log.Warn("the frontier's consumer is gone; creating it again", zap.Error(why))
	if err := f.ensure(ctx); err != nil && ctx.Err() == nil {
		f.log.Warn("the frontier's streams are not ready", zap.Error(err))
	}
}

// probe tells "no JetStream" and "no server" apart before anything is created.
func (f *Frontier) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, f.cfg.RequestTimeout)
	defer cancel()
	_, err := f.js.AccountInfo(ctx)
	return f.explain(err)
}

// checkShards refuses to open a frontier whose tasks lie in another number of shards, where they would never be found.
func (f *Frontier) checkShards(ctx context.Context) error {
	for _, other := range []Config{{Prefix: f.cfg.Prefix, Shards: 1}, {Prefix: f.cfg.Prefix, Shards: 2}} {
		name := other.taskStream(0)
		s, err := f.stream(ctx, name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look at stream %s: %w", name, f.explain(err))
		}
		if got := s.CachedInfo().Config.Metadata[metaShards]; got != "" && got != strconv.Itoa(f.cfg.Shards) {
			return fmt.Errorf("%w: %s was made for %s shards, the configuration asks for %d: drain it and delete its streams first",
				ErrIncompatible, name, got, f.cfg.Shards)
		}
	}
	return nil
}

// stream looks at a stream. The answer to a look comes at once, or not at all; to a change, after an election.
func (f *Frontier) stream(ctx context.Context, name string) (jetstream.Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, f.cfg.RequestTimeout)
	defer cancel()
	return f.js.Stream(ctx, name)
}

// ensureStream creates the stream, or changes of an existing one only what set asks for. One that a newer khabar made or
// changed is left as it is.
func (f *Frontier) ensureStream(ctx context.Context, name string, set func(*jetstream.StreamConfig)) error {
	apply := func(c *jetstream.StreamConfig) {
		if f.cfg.Replicas > 0 {
			c.Replicas = f.cfg.Replicas
		}
		c.Metadata = withMeta(c.Metadata, metaVersion, strconv.Itoa(firstVersion))
		set(c)
	}
	s, err := f.stream(ctx, name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		c := jetstream.StreamConfig{Name: name, Storage: f.cfg.Storage}
		apply(&c)
		_, err = f.js.CreateStream(ctx, c)
		if !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			return f.configError(err, name)
		}
		s, err = f.stream(ctx, name) // another process was quicker
	}
	if err != nil {
		return fmt.Errorf("look at stream %s: %w", name, f.explain(err))
	}
	have := s.CachedInfo().Config
	if have.Storage != f.cfg.Storage {
		return fmt.Errorf("%w: %s is kept in %v storage, the configuration asks for %v", ErrIncompatible, name, have.Storage, f.cfg.Storage)
	}
	if newerMeta(have.Metadata) {
		f.leave("stream", name)
		return nil
	}
	want := have
	want.Metadata = maps.Clone(have.Metadata)
	apply(&want)
	if reflect.DeepEqual(have, want) {
		return nil
	}
	_, err = f.js.UpdateStream(ctx, want)
	return f.configError(err, name)
}

func (f *Frontier) ensureBucket(ctx context.Context) error {
	c := jetstream.KeyValueConfig{
		Bucket: f.cfg.bucket(), Description: "khabar: the record of each lane", History: 1,
		Storage: f.cfg.Storage, Replicas: f.cfg.Replicas,
	}
	_, err := f.js.CreateKeyValue(ctx, c)
	if !errors.Is(err, jetstream.ErrBucketExists) {
		return f.configError(err, c.Bucket)
	}
	s, err := f.stream(ctx, f.cfg.bucketStream())
	if err != nil {
		return fmt.Errorf("look at bucket %s: %w", c.Bucket, f.explain(err))
	}
	have := s.CachedInfo().Config
	if have.Storage != c.Storage || have.MaxMsgsPerSubject != 1 || have.MaxAge != 0 {
		return fmt.Errorf("%w: bucket %s needs %v storage, a history of 1 and no TTL", ErrIncompatible, c.Bucket, c.Storage)
	}
	if c.Replicas > 0 && have.Replicas != c.Replicas {
		have.Replicas = c.Replicas
		_, err = f.js.UpdateStream(ctx, have)
	}
	return f.configError(err, c.Bucket)
}

// configError names what could not be made as the configuration asks, and why.
func (f *Frontier) configError(err error, name string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("make %s: %w", name, f.explain(err))
}

// newerMeta reports whether a newer khabar set up the stream or consumer that has this metadata.
func newerMeta(m map[string]string) bool {
	v, err := strconv.Atoi(m[metaVersion])
	return err == nil && v > version
}

func withMeta(m map[string]string, key, value string) map[string]string {
	if m == nil {
		m = make(map[string]string, 1)
	}
	m[key] = value
	return m
}

// enter begins a call that Close waits for, and gives it a context that Close ends with ErrClosed.
func (f *Frontier) enter(ctx context.Context) (context.Context, func(), error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, nil, ErrClosed
	}
	f.work.Add(1)
	ctx, cancel := context.WithCancelCause(ctx)
	unlink := context.AfterFunc(f.ctx, func() { cancel(ErrClosed) })
	return ctx, func() {
		unlink()
		cancel(nil)
		f.work.Done()
	}, nil
}

// hold starts a goroutine that Close waits for; false means that the frontier is closed.
func (f *Frontier) hold(run func()) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return false
	}
	f.work.Go(run)
	return true
}
