// Command worker takes turns from the frontier, fetches their pages and stores what they hold. Any number may run, and
// any of them may be killed at any moment.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // sites name time zones, and a container has no zone database

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/cmd/internal/wire"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

// version is set when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	cmd := wire.Process("worker", "Fetch pages and store their articles", version, run)
	cmd.SetErr(terminal.Writer(os.Stderr))
	if err := cmd.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(cmd.ErrOrStderr(), "worker:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, cfg *config.Config, log *zap.Logger) error {
	sites, err := wire.ReadSites(cfg, log)
	if err != nil {
		return err
	}
	fetchCfg, err := wire.Fetch(cfg)
	if err != nil {
		return err
	}
	client, err := fetch.New(fetchCfg, log)
	if err != nil {
		return err
	}
	defer client.Close()
	health, err := wire.Health(cfg)
	if err != nil {
		return err
	}
	defer health.Close()
	st, err := wire.AwaitStore(ctx, cfg, "worker", health, log)
	if err != nil {
		return err
	}
	defer wire.CloseStore(st, log)
	if err := wire.AwaitSchema(ctx, st, health, log); err != nil {
		return err
	}
	if err := sites.Await(ctx, st, health); err != nil {
		return err
	}
	defer sites.Watch(ctx, true)()
	committer := store.NewCommitter(st, wire.Committer(cfg))
	defer committer.Stop()
	f, nc, err := wire.OpenFrontier(ctx, cfg, "worker", health, log)
	if err != nil {
		return err
	}
	defer nc.Close()
	defer f.Close()

	kept, err := wire.Archive(cfg, log)
	if err != nil {
		return err
	}
	deps := worker.Deps{
		Frontier: f, Fetch: client, Store: st, Committer: committer, Profiles: st, Rhythms: st, Sites: sites.Current(), Log: log,
	}
	if kept != nil {
		defer kept.Close()
		deps.Archive = kept
	}
	name := wire.Name()
	w := worker.New(wire.Worker(cfg, name), deps)
	log.Info("worker runs", zap.Int("sites", sites.Current().Set().Len()), zap.Int("slots", cfg.Worker.Slots), zap.String("worker", name), zap.String("version", version))
	defer context.AfterFunc(ctx, func() {
		log.Info("asked to stop; the pages in flight are finished", zap.Duration("grace", cfg.Worker.Grace), zap.String("worker", name))
	})()
	err = w.Run(ctx)
	log.Info("worker stops", zap.String("worker", name))
	return err
}
