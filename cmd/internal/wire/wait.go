package wire

import (
	"context"
	"fmt"
	"sync/atomic"
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
// error, at growing intervals, also while one attempt takes long.
func waitFor(ctx context.Context, log *zap.Logger, what string, try func(context.Context) error, passing func(error) bool) error {
	w := &wait{log: log, what: what, began: time.Now(), quit: make(chan struct{}), done: make(chan struct{})}
	go w.tell()
	err := w.out(ctx, try, passing)
	close(w.quit)
	<-w.done
	if err == nil && w.told {
		log.Info(what+" is there", zap.Duration("waited", time.Since(w.began)))
	}
	return err
}

// wait is one wait. Its goroutine tells of it.
type wait struct {
	log   *zap.Logger
	what  string
	began time.Time
	last  atomic.Pointer[error] // of the attempts so far

	told       bool // guarded by done
	quit, done chan struct{}
}

func (w *wait) tell() {
	defer close(w.done)
	for silence := firstWord; ; silence = min(2*silence, maxSilence) {
		t := time.NewTimer(silence)
		select {
		case <-w.quit:
			t.Stop()
			return
		case <-t.C:
		}
		var why error
		if e := w.last.Load(); e != nil {
			why = *e
		}
		w.told = true
		w.log.Warn("waiting for "+w.what, zap.Time("since", w.began), zap.Duration("waited", time.Since(w.began)), zap.Error(why))
	}
}

func (w *wait) out(ctx context.Context, try func(context.Context) error, passing func(error) bool) error {
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		err := try(ctx)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("wait for %s: %w", w.what, ctx.Err())
		case !passing(err):
			return err
		}
		w.last.Store(&err)
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
		}
	}
}
