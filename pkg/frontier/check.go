package frontier

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
)

var (
	// ErrNoJetStream is returned by Open and Check when JetStream is off: in the server's configuration, for the account,
	// while the server starts, or since it switched JetStream off because its disk was full.
	ErrNoJetStream = errors.New("the NATS server has no JetStream for this account")
	// ErrUnreachable is returned by Open and Check when no server answers before the context or the request timeout ends.
	ErrUnreachable = errors.New("no answer from the NATS server")
	// ErrNotReady is returned by Open and Check when the server answers that it cannot serve yet, as a cluster that elects
	// or lacks a majority, and a server without room, do.
	ErrNotReady = errors.New("the NATS server is not ready")
	// ErrDenied is returned by Open and Check when the user of the connection may not use what the frontier needs.
	ErrDenied = errors.New("the NATS user lacks a permission")
	// ErrIncompatible is returned by Open when a stream of that name exists and cannot serve as the frontier, or cannot be
	// made as the configuration asks.
	ErrIncompatible = errors.New("the server's streams do not fit the frontier")
	// ErrStuck is returned by Check when a stream answers and stores nothing. The first write that fails, as on a full disk,
	// has nats-server refuse all later ones to that stream until it is started again, with or without room.
	ErrStuck = errors.New("the NATS server takes no messages since a write failed; see that its disk has room, and restart it")
)

// What the codes of the JetStream API say (nats-server 2.15, server/errors.json). An error of class 400 speaks of the request,
// but for those that passing lists; any other of the server's state, but for those that refusing lists. Several hold whatever
// error the server met, a full disk too (10012, 10049, 10069): they prove nothing about the request.
var (
	switchedOff = map[jetstream.ErrorCode]string{
		10035: "account not found",
		10039: "JetStream not enabled for account",
		10076: "JetStream not enabled",
	}
	passing = map[jetstream.ErrorCode]string{
		10005: "no suitable peers for placement",
		10040: "peer not a member",
		10044: "server is not a member of the cluster",
		10202: "cluster member change is in progress",
		10226: "stream reconfiguration already in progress",
	}
	refusing = map[jetstream.ErrorCode]string{
		10010: "JetStream clustering support required",
		10036: "not currently supported in clustered mode",
		10052: "invalid stream configuration",
		10053: "stream limits",
		10074: "replicas > 1 not supported in non-clustered mode",
	}
	storeFailed = map[jetstream.ErrorCode]string{
		10051:            "general stream error, as a purge in a cluster",
		codeDeleteFailed: "message could not be deleted",
		10110:            "stream could not be purged",
	}
)

// Check asks each stream for a change that changes nothing, which goes the way of a real one up to the store of the
// stream's leader. It so finds what a standing connection does not show: JetStream switched off, no leader or no majority,
// and a store that takes nothing since a write failed. Errors: ErrUnreachable, ErrNoJetStream, ErrNotReady, ErrDenied,
// ErrStuck.
func (f *Frontier) Check(ctx context.Context) error {
	if !f.nc.IsConnected() {
		return fmt.Errorf("%w: connection state %s", ErrUnreachable, f.nc.Status())
	}
	// The last sequence that there can be is never a message's.
	nothing := []byte(`{"seq":` + strconv.Itoa(math.MaxInt64) + `,"no_erase":true}`)
	streams := []string{f.cfg.turnsStream(), f.cfg.asideStream()}
	for i := range f.cfg.Shards {
		streams = append(streams, f.cfg.taskStream(i))
	}
	for _, stream := range streams {
		_, err := f.request(ctx, &nats.Msg{Subject: f.api + "STREAM.MSG.DELETE." + stream, Data: nothing})
		if gone(err) {
			continue
		}
		return fmt.Errorf("stream %s: %w", stream, f.stuck(err))
	}
	// A bucket allows no deletes, but purges: here of a subject that is neither a record's nor a note's. (Before sequence 1
	// the server answers without a look at its store.)
	_, err := f.request(ctx, &nats.Msg{
		Subject: f.api + "STREAM.PURGE." + f.cfg.bucketStream(),
		Data:    []byte(`{"filter":` + strconv.Quote(f.cfg.recordSubject()+"none.none") + `,"seq":2}`),
	})
	if err != nil {
		return fmt.Errorf("bucket %s: %w", f.cfg.bucket(), f.stuck(err))
	}
	return nil
}

// stuck is explain for the error of a change that changes nothing: the store's own error means that it takes no other either.
func (f *Frontier) stuck(err error) error {
	var ae *jetstream.APIError
	if errors.As(err, &ae) && storeFailed[ae.ErrorCode] != "" {
		return fmt.Errorf("%w: %w", ErrStuck, err)
	}
	return f.explain(err)
}

// explain gives the error of a request its kind: one of the server's state, ErrDenied or ErrIncompatible.
func (f *Frontier) explain(err error) error {
	var je jetstream.JetStreamError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &je) && je.APIError() != nil:
		kind := ErrNotReady
		switch ae := je.APIError(); {
		case switchedOff[ae.ErrorCode] != "":
			kind = ErrNoJetStream
		case refusing[ae.ErrorCode] != "", ae.Code == 400 && passing[ae.ErrorCode] == "":
			kind = ErrIncompatible
		}
		return fmt.Errorf("%w: %w", kind, err)
	case errors.Is(err, nats.ErrNoResponders):
		return fmt.Errorf("%w: %w", ErrNoJetStream, err)
	case !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, nats.ErrTimeout):
		return err
	}
	// A request that is not allowed is not answered either; the refusal comes beside it.
	if denied := f.nc.LastError(); errors.Is(denied, nats.ErrPermissionViolation) {
		return fmt.Errorf("%w: %w", ErrDenied, denied)
	}
	if on, _ := f.nc.ConnectedServerJetStream(); f.nc.IsConnected() && !on {
		return fmt.Errorf("%w: %s says so; a server that has met a full disk needs a restart", ErrNoJetStream, f.nc.ConnectedUrlRedacted())
	}
	return fmt.Errorf("%w (%s, state %s): %w", ErrUnreachable, f.nc.ConnectedUrlRedacted(), f.nc.Status(), err)
}

// The pace of watch. Ten seconds is how often orchestrators commonly ask whether a process is ready, so that log and
// readiness agree; while the trouble lasts, the lines about it grow to five minutes apart.
const (
	watchEvery = 10 * time.Second
	maxSilence = 5 * time.Minute
)

// watch tells the log when the server stops storing, and when it stores again, until the frontier closes. What hangs
// meanwhile says only that nothing answers.
func (f *Frontier) watch() {
	tick := time.NewTicker(f.cfg.watchEvery)
	defer tick.Stop()
	var since, last time.Time
	var silence time.Duration
	for {
		select {
		case <-f.ctx.Done():
			return
		case <-tick.C:
		}
		err := f.Check(f.ctx)
		now := time.Now()
		switch {
		case f.ctx.Err() != nil:
			return
		case err == nil && !since.IsZero():
			f.log.Info("the NATS server stores again", zap.Duration("after", now.Sub(since)))
			since, silence = time.Time{}, 0
		case err != nil && since.IsZero():
			since, last = now, now
			f.log.Warn("the frontier stands still", zap.Time("since", since), zap.Error(err))
		case err != nil && now.Sub(last) >= silence:
			last, silence = now, min(max(2*silence, f.cfg.watchEvery), maxSilence)
			f.log.Warn("the frontier stands still", zap.Time("since", since), zap.Error(err))
		}
	}
}
