package scheduler

import (
	"context"
	"time"

	"github.com/nats-io/nuid"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/store"
)

// beatEvery is how often a scheduler says that it is alive. Whoever looks takes one for dead that has not for some minutes.
const beatEvery = 30 * time.Second

// beat says that the scheduler is alive, and what its last round came to.
func (s *Scheduler) beat(ctx context.Context, err error) {
	now := time.Now().UTC()
	problem := ""
	if err != nil {
		problem = err.Error()
	} else {
		s.pulse.RoundAt = now
	}
	// A round that failed where the last one did not, or the other way round, is told at once.
	if now.Sub(s.pulse.At) < beatEvery && (problem == "") == (s.pulse.Problem == "") {
		return
	}
	s.pulse.At, s.pulse.Problem = now, problem
	s.tellPulse(ctx)
}

// patienceAtEnd is how long a scheduler that stops tries to say so.
const patienceAtEnd = 2 * time.Second

// lastBeat says that the scheduler was stopped.
func (s *Scheduler) lastBeat(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patienceAtEnd)
	defer cancel()
	s.pulse.At, s.pulse.Ended = time.Now().UTC(), true
	s.tellPulse(ctx)
}

func (s *Scheduler) tellPulse(ctx context.Context) {
	if err := s.store.Beat(ctx, s.pulse); err != nil && ctx.Err() == nil {
		s.log.Debug("not said that the scheduler is alive", zap.Error(err)) // what keeps it from that is told by what is due
	}
}

func newPulse() store.Pulse { return store.Pulse{ID: nuid.Next(), Since: time.Now().UTC()} }
