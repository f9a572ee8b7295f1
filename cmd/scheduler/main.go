// Command scheduler finds the pages that are due and puts them in the frontier. Any number may run: each due page is
// claimed by one of them.
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
	"github.com/khabar-crawler/khabar/pkg/scheduler"
)

// version is set when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	cmd := wire.Process("scheduler", "Put due pages in the frontier", version, run)
	cmd.SetErr(terminal.Writer(os.Stderr))
	if err := cmd.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(cmd.ErrOrStderr(), "scheduler:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, cfg *config.Config, log *zap.Logger) (err error) {
	sites, err := wire.ReadSites(cfg, log)
	if err != nil {
		return err
	}
	health, err := wire.Health(cfg)
	if err != nil {
		return err
	}
	defer health.Close()
	st, err := wire.AwaitStore(ctx, cfg, "scheduler", health, log)
	if err != nil {
		return err
	}
	defer wire.CloseStore(st, log)
	stopBuilding, err := wire.MakeSchema(ctx, st, health, log, true)
	if err != nil {
		return err
	}
	defer stopBuilding()
	if err := sites.Await(ctx, st, health); err != nil {
		return err
	}
	defer sites.Watch(ctx, true)()
	f, nc, err := wire.OpenFrontier(ctx, cfg, "scheduler", health, log)
	if err != nil {
		return err
	}
	defer nc.Close()
	defer f.Close()

	s := scheduler.New(wire.Scheduler(cfg), st, f, sites.Current(), log)
	seeded, err := s.Seed(ctx)
	if err != nil {
		return err
	}
	log.Info("scheduler runs", zap.Int("sites", sites.Current().Set().Len()), zap.Int("new_sections", seeded), zap.String("version", version))
	err = s.Run(ctx)
	log.Info("scheduler stops")
	return err
}
