package frontier

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// trust says that the turn is ours for AckWait from sent on, and lets Context end a margin before that.
func (t *Turn) trust(sent time.Time) {
	until := sent.Add(t.f.cfg.AckWait - t.f.cfg.margin())
	t.lease.Store(until.UnixNano())
	t.expire.Reset(time.Until(until))
}

// lose ends the turn because it may be another's.
func (t *Turn) lose() {
	t.cancel(ErrTurnLost)
}

// heartbeat extends the turn until ctx ends: the message, so that the server does not redeliver it, and the lease. It does so
// at once where the server has been another since met, for that one may have forgotten the lease.
func (t *Turn) heartbeat(ctx context.Context, met time.Time) {
	defer close(t.beating)
	tick := time.NewTicker(t.f.cfg.heartbeat())
	defer tick.Stop()
	for {
		at, restart := t.f.restarts.look()
		if at.Equal(met) {
			select {
			case <-ctx.Done():
				return
			case <-t.f.ctx.Done():
				return
			case <-restart:
			case <-tick.C:
			}
		}
		met = at
		t.extend(ctx)
	}
}

// extend renews the lease. Only the record can confirm that the turn is still ours: the server confirms an
// acknowledgement of any delivery, also of one that was superseded.
func (t *Turn) extend(ctx context.Context) {
	if err := t.f.nc.Publish(t.reply, []byte("+WPI")); err != nil {
		t.f.log.Debug("turn not extended", zap.String("lane", t.lane), zap.Error(err))
	}
	select {
	case t.sem <- struct{}{}:
	default:
		return // a call is writing the record, which renews the lease as well
	}
	defer func() { <-t.sem }()
	if t.alive() != nil || ctx.Err() != nil {
		return
	}
	if err := t.write(ctx, t.rec); err != nil && ctx.Err() == nil {
		t.f.log.Warn("lease not renewed", zap.String("lane", t.lane), zap.Error(err))
	}
}
