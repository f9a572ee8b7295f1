package worker

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/budget"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// ErrStuck is returned by Run when as many pages as can be read at once were given up and are being read all the same: Go
// cannot stop them, so the process is to be started anew. Everything else was finished or given back.
var ErrStuck = errors.New("pages that do not end take up all that reads")

// watchTicks is in how many parts the time that a page may be read for is counted. Time that the process stood still for,
// as under SIGSTOP, counts as one part at most.
const watchTicks = 8

// watched judges an answer within Config.ReadTimeout. A page that takes longer is given up, and goes on being read for
// nothing: it keeps its place among those that are read, for it has its memory and a core.
//
// memory is what the answer holds; it is given back when the reading has ended.
func (w *Worker) watched(work context.Context, page store.Page, s *site.Site, res fetch.Response, memory *budget.Held) (verdict, error) {
	select {
	case w.reading <- struct{}{}:
	case <-work.Done(): // the page is fetched again: what waits here may be many times what is read in the time of a stop
		memory.Release()
		return verdict{}, context.Cause(work)
	}
	var settled atomic.Bool // read, or given up
	read := make(chan verdict, 1)
	go func() {
		defer func() {
			memory.Release()
			<-w.reading
		}()
		v := w.opinion(page, s, res)
		w.pack(&v, res)
		read <- v
		if !settled.CompareAndSwap(false, true) {
			w.stuck.Add(-1)
			w.Log.Warn("a page that was given up has been read after all", zap.String("page", page.ID), zap.String("url", page.URL))
		}
	}()
	tick := time.NewTicker(w.cfg.ReadTimeout / watchTicks)
	defer tick.Stop()
	for left := watchTicks; ; {
		select {
		case v := <-read:
			return v, nil
		case <-work.Done():
			return verdict{}, context.Cause(work)
		case <-tick.C:
			left--
		}
		if left > 0 {
			continue
		}
		if !settled.CompareAndSwap(false, true) {
			return <-read, nil // at the last moment
		}
		w.stuck.Add(1)
		return w.convicted(page, outcome.ReasonEndless, fmt.Sprintf("reading it took longer than %v", w.cfg.ReadTimeout)), nil
	}
}

// isStuck is ErrStuck when nothing can be read any more.
func (w *Worker) isStuck() error {
	if int(w.stuck.Load()) >= cap(w.reading) {
		return ErrStuck
	}
	return nil
}
