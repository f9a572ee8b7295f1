package frontier

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestFleet lets two processes of workers crawl a few hundred pages of a few lanes while workers die at random and the
// server restarts. Every page comes out, nothing else does, and no lane ever has two requests at once.
func TestFleet(t *testing.T) {
	t.Parallel()
	const (
		lanes, perLane = 8, 30
		workers        = 4 // to a process
		mostDeaths     = 12
	)
	ts := startServer(t)
	fl := &fleet{t: t, busy: make(map[string]*Turn), begun: make(map[string]int), left: lanes * perLane}
	fl.deaths.Store(mostDeaths)
	ctx, stop := context.WithCancel(soon(t))
	defer stop()
	fl.finished = stop

	var fs []*Frontier
	for range 2 {
		// Long enough that a busy machine does not lose turns for nothing, short enough to wait for.
		fs = append(fs, ts.open(t, Config{AckWait: 2 * time.Second, RequestTimeout: time.Second}))
	}
	var wg sync.WaitGroup
	for i, f := range fs {
		for w := range workers {
			wg.Go(func() { fl.work(ctx, f, rand.New(rand.NewPCG(uint64(i), uint64(w)))) })
		}
	}
	var tasks []Task
	for n := range lanes * perLane {
		task := page(fmt.Sprintf("%d.example", n%lanes), n)
		task.Priority = n % Priorities
		tasks = append(tasks, task)
	}
	for at := 0; at < len(tasks); at += 20 {
		// Both put the same: one of them is refused.
		for _, f := range fs {
			wg.Go(func() {
				if _, err := f.Put(ctx, tasks[at:at+20]); err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("put: %v", err)
				}
			})
		}
		if at == 100 {
			ts.stop()
			ts.start(t)
		}
	}
	wg.Wait()
	if fl.left != 0 {
		t.Fatalf("%d pages were never done", fl.left)
	}
	// The later of two puts may have come after a page was done, so pages can be left. They are to be had all the same.
	for {
		d, err := fs[0].Depth(soon(t))
		must(t, err)
		if d.Tasks == 0 {
			break
		}
		turn := mustTake(t, fs[0])
		if task, err := turn.Next(soon(t)); err == nil {
			fl.begun[task.PageID]++
			must(t, turn.Done(soon(t), task))
		}
		must(t, turn.Release(soon(t), time.Time{}, 0))
	}
	for _, task := range tasks {
		if fl.begun[task.PageID] == 0 {
			t.Errorf("page %s was not begun", task.PageID)
		}
		delete(fl.begun, task.PageID)
	}
	if len(fl.begun) != 0 {
		t.Errorf("pages that nobody put: %v", fl.begun)
	}
}

type fleet struct {
	t        *testing.T
	deaths   atomic.Int32 // that may still happen
	finished func()

	mu    sync.Mutex
	busy  map[string]*Turn // by lane: who is making a request
	begun map[string]int   // by page
	done  sync.Map         // by page
	left  int
}

// work takes turns until the crawl has finished, and now and then dies and starts again.
func (fl *fleet) work(ctx context.Context, f *Frontier, rnd *rand.Rand) {
	for {
		turn, err := f.Take(ctx)
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				fl.t.Errorf("take: %v", err)
			}
			return
		}
		if err := fl.turn(ctx, turn, rnd); err != nil && ctx.Err() == nil && !errors.Is(err, ErrTurnLost) {
			fl.t.Errorf("turn of %s: %v", turn.Lane(), err)
		}
	}
}

// dies reports whether the worker dies here, which takes its turn with it.
func (fl *fleet) dies(turn *Turn, rnd *rand.Rand) bool {
	if rnd.IntN(40) > 0 || fl.deaths.Add(-1) < 0 {
		return false
	}
	turn.crash()
	return true
}

func (fl *fleet) turn(ctx context.Context, turn *Turn, rnd *rand.Rand) error {
	for range 1 + rnd.IntN(3) {
		task, err := turn.Next(ctx)
		if errors.Is(err, ErrLaneEmpty) {
			if fl.dies(turn, rnd) {
				return nil
			}
			return turn.Retire(ctx)
		}
		if err != nil {
			return err
		}
		if err := turn.Begin(ctx, task, time.Millisecond, false); err != nil {
			return err
		}
		for range 1 + rnd.IntN(2) {
			if err := turn.Pace(ctx, time.Millisecond); err != nil {
				return err
			}
			fl.request(turn, task)
			if fl.dies(turn, rnd) {
				return nil
			}
		}
		if err := turn.Done(ctx, task); err != nil {
			return err
		}
		fl.finish(task)
		if fl.dies(turn, rnd) {
			return nil
		}
	}
	return turn.Release(ctx, time.Time{}, 0)
}

// request is the time that a request takes. Another one on the lane may not be under way, unless its turn was told that it
// is lost.
func (fl *fleet) request(turn *Turn, task Task) {
	fl.mu.Lock()
	if other := fl.busy[turn.Lane()]; other != nil && other.Context().Err() == nil && turn.Context().Err() == nil {
		fl.t.Errorf("two requests at once on lane %s", turn.Lane())
	}
	fl.busy[turn.Lane()] = turn
	fl.begun[task.PageID]++
	fl.mu.Unlock()
	// Long enough for others to get in if they could: a round trip.
	if err := turn.f.nc.FlushTimeout(time.Second); err != nil && turn.f.nc.IsClosed() {
		fl.t.Errorf("flush: %v", err)
	}
	fl.mu.Lock()
	defer fl.mu.Unlock()
	if fl.busy[turn.Lane()] == turn {
		delete(fl.busy, turn.Lane())
	}
}

func (fl *fleet) finish(task Task) {
	if _, again := fl.done.LoadOrStore(task.PageID, true); again {
		return // a worker that lost its turn had fetched it too
	}
	fl.mu.Lock()
	defer fl.mu.Unlock()
	if fl.left--; fl.left == 0 {
		fl.finished()
	}
}
