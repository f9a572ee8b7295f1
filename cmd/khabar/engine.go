package main

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/cmd/internal/wire"
	"github.com/khabar-crawler/khabar/pkg/archive"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/scheduler"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

// aim says what a crawl is to visit, once the store is there. Where sites is not nil, the crawl goes by these, and takes up
// their changes.
type aim func(ctx context.Context, st *store.Store) (to targets, sites *site.Current, err error)

// at is the aim of a crawl that knows its targets from the start.
func at(to targets) aim {
	return func(context.Context, *store.Store) (targets, *site.Current, error) { return to, nil, nil }
}

// engine is a scheduler and a worker in one process, on whichever servers it is given.
type engine struct {
	targets  targets
	nc       *nats.Conn
	frontier *frontier.Frontier
	fetch    *fetch.Client
	store    *store.Store
	// stopBuilding ends the index builds that go on beside the crawl.
	stopBuilding func()
	committer    *store.Committer
	archive      *archive.Writer // nil: nothing is kept
	scheduler    *scheduler.Scheduler
	worker       *worker.Worker
	tally        *tally
	log          *zap.Logger
}

// newEngine connects to the servers that cfg names and joins the parts. Close it.
func newEngine(ctx context.Context, cfg *config.Config, what aim, bounds worker.Bounds, t *tally, log *zap.Logger) (_ *engine, err error) {
	e := &engine{tally: t, log: log}
	defer func() {
		if err != nil {
			e.close()
		}
	}()
	fetchCfg, err := wire.Fetch(cfg)
	if err != nil {
		return nil, err
	}
	if e.fetch, err = fetch.New(fetchCfg, log); err != nil {
		return nil, err
	}
	if e.store, err = wire.AwaitStore(ctx, cfg, "crawl", nil, log); err != nil {
		return nil, err
	}
	if e.stopBuilding, err = wire.MakeSchema(ctx, e.store, nil, log, false); err != nil {
		return nil, err
	}
	var sites *site.Current
	if e.targets, sites, err = what(ctx, e.store); err != nil {
		return nil, err
	}
	if err = e.targets.recall(ctx, e.store); err != nil {
		return nil, err
	}
	known := sites
	if sites == nil {
		sites, known = site.NewCurrent(e.targets.sites...), site.NewCurrent(e.targets.defined()...)
	}
	e.committer = store.NewCommitter(e.store, wire.Committer(cfg))
	if e.frontier, e.nc, err = wire.OpenFrontier(ctx, cfg, "crawl", nil, log); err != nil {
		return nil, err
	}
	run := time.Now().UTC().Format("20060102T150405Z")
	schedulerCfg, workerCfg := wire.Scheduler(cfg), wire.Worker(cfg, "crawl")
	schedulerCfg.Once, schedulerCfg.Run, workerCfg.Run = bounds.Once, run, run
	schedulerCfg.Named, workerCfg.Bounds = e.targets.named, bounds
	schedulerCfg.Backfill = e.targets.backfill
	deps := worker.Deps{
		Frontier: e.frontier, Fetch: e.fetch, Store: e.store, Committer: e.committer, Profiles: e.store, Rhythms: e.store,
		Sites: known, Observe: t.observe, Log: log,
	}
	if cfg.ArchiveDir == "" {
		cfg.ArchiveDir = filepath.Join(cfg.DataDir, archiveName)
	}
	if e.archive, err = wire.Archive(cfg, log); err != nil {
		return nil, err
	}
	if e.archive != nil {
		deps.Archive = e.archive
	}
	e.worker = worker.New(workerCfg, deps)
	schedulerCfg.Spent = e.worker.Spent
	e.scheduler = scheduler.New(schedulerCfg, e.store, e.frontier, sites, log)
	t.watch(e.scheduler.Full)
	return e, nil
}

// close ends what newEngine made, in the opposite order.
func (e *engine) close() {
	if e.frontier != nil {
		e.frontier.Close()
	}
	if e.nc != nil {
		e.nc.Close()
	}
	if e.committer != nil {
		e.committer.Stop()
	}
	if e.archive != nil {
		e.archive.Close()
	}
	if e.stopBuilding != nil {
		e.stopBuilding()
	}
	if e.store != nil {
		wire.CloseStore(e.store, e.log)
	}
	if e.fetch != nil {
		e.fetch.Close()
	}
}

// run crawls until ctx ends or, with once, until nothing is left to be fetched in this run.
func (e *engine) run(ctx context.Context, once bool) error {
	seeded, err := e.scheduler.Seed(ctx)
	if err != nil {
		return err
	}
	e.log.Info("crawl begins", zap.Int("sites", len(e.targets.sites)), zap.Int("named", len(e.targets.named)), zap.Int("new_sections", seeded))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var parts sync.WaitGroup
	parts.Go(func() {
		if err := e.scheduler.Run(ctx); err != nil {
			cancel(err)
		}
	})
	parts.Go(func() {
		if err := e.worker.Run(ctx); err != nil {
			cancel(err)
		}
	})
	bound := lastNumbering
	if once && e.awaitDrained(ctx) == nil {
		e.log.Info("nothing is left to be fetched")
		bound = lastClusters
		cancel(nil)
	}
	parts.Wait()
	e.number(ctx, bound)
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// number puts what the crawl changed last in the list of changes, and finds the near-duplicates among it, which the scheduler did while
// it ran.
func (e *engine) number(ctx context.Context, bound time.Duration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), bound)
	defer cancel()
	if err := e.store.NumberAll(ctx); err != nil {
		e.log.Warn("some changes of articles are put in their list by the next crawl, or by khabar feed", zap.Error(err))
	} else if err := e.store.ClusterAll(ctx); err != nil {
		e.log.Warn("some near-duplicates are marked by the next crawl", zap.Error(err))
	}
}

// lastClusters bounds how long a crawl that has come to its end goes on for the near-duplicates that are not found yet: some
// thousand articles.
const lastClusters = time.Minute

// lastNumbering bounds how long a crawl that was stopped goes on for those who follow it. Some hundred changes take a second.
const lastNumbering = 5 * time.Second

// The pace of looking for the end. The frontier answers at once; the store may have to scan, so it is asked only when the
// frontier is empty, and seldom while retries are waited for.
const (
	lookFrontier = 100 * time.Millisecond
	lookStore    = time.Second
)

// awaitDrained returns when no page is left that the run has to visit. The tally is told how many are due later while nothing
// is to be fetched now, and at the end how many the run does not wait for.
func (e *engine) awaitDrained(ctx context.Context) error {
	wait := lookFrontier
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait = lookFrontier
		depth, err := e.frontier.Depth(ctx)
		if err == nil && depth.Tasks > 0 {
			e.tally.wait(0)
			continue
		}
		var left int64
		asked := time.Now()
		if err == nil {
			left, err = e.scheduler.Left(ctx)
		}
		switch {
		case err != nil && ctx.Err() == nil:
			e.log.Warn("cannot tell whether the crawl has ended; looking again", zap.Error(err))
			wait = lookStore
		case err == nil && left == 0:
			later, err := e.scheduler.Later(ctx)
			if err != nil {
				later = 0 // not worth another look
			}
			e.tally.wait(later)
			return nil
		case err == nil:
			e.tally.wait(left)
			// The embedded store scans its pages to answer: it must not do little else.
			wait = max(lookStore, 10*time.Since(asked))
		}
	}
}
