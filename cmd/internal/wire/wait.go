package wire

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"
)

// The pace of waiting for a server. A server that starts beside this process is there within seconds; one that is away
// for long is asked every few seconds, which it does not feel.
const (
	firstPause = 100 * time.Millisecond
	maxPause   = 5 * time.Second
	// firstWord is when waiting is told first: by then a server that is there has answered.
	firstWord = time.Second
	// maxSilence is how far apart the lines of a long wait grow. Who looks at a process sees within that what it waits for.
	maxSilence = 5 * time.Minute
)

// waitFor calls try until it succeeds. It gives up on an error that is not passing, and returns it as it is, and when ctx
// ends, with an error that wraps ctx's. what is what is waited for, "NATS". The log says so, since when, and the last
// error, at growing intervals.
func waitFor(ctx context.Context, log *zap.Logger, what string, try func(context.Context) error, passing func(error) bool) error {
	began := time.Now()
	say := func(why error) {
		log.Warn("waiting for "+what, zap.Time("since", began), zap.Duration("waited", time.Since(began)), zap.Error(why))
	}
	first := time.AfterFunc(firstWord, func() { say(nil) }) // the first attempt may take longer
	err := try(ctx)
	silent := first.Stop()
	pause, silence, last := firstPause, firstWord, began
	for err != nil {
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("wait for %s: %w", what, ctx.Err())
		case !passing(err):
			return err
		case silent || time.Since(last) >= silence:
			say(err)
			silent, last, silence = false, time.Now(), min(2*silence, maxSilence)
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
		}
		pause = min(2*pause, maxPause)
		err = try(ctx)
	}
	if !silent {
		log.Info(what+" is there", zap.Duration("waited", time.Since(began)))
	}
	return nil
}
