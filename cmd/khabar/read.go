package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/cmd/internal/wire"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// readStore opens the store that the flags and the environment name: the named MongoDB, the store of a crawl that runs in
// the directory, or the directory's own. Call the function when done.
func readStore(ctx context.Context, f serverFlags, log *zap.Logger) (*store.Store, func(), error) {
	cfg, err := config.Load("", os.Environ()) // what crawl reads too, so that both look at the same place
	if err != nil {
		return nil, nil, err
	}
	f.overlay(cfg)
	for _, w := range cfg.Warnings {
		log.Warn(w)
	}
	return storeOf(ctx, cfg, log, false)
}

// errNoCrawl is why there is no store to be read.
var errNoCrawl = errors.New("holds no crawl")

// storeOf is readStore for a configuration that is read. With create, a directory without a store gets one.
func storeOf(ctx context.Context, cfg *config.Config, log *zap.Logger, create bool) (_ *store.Store, done func(), err error) {
	if cfg.Mongo.URI != "" {
		return openStore(ctx, cfg, log, func() {})
	}
	dir, err := dataDir(cfg.DataDir)
	if err != nil {
		return nil, nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, "store")); errors.Is(err, os.ErrNotExist) && !create {
		return nil, nil, fmt.Errorf("%s %w: crawl first, or name its directory with --dir or its MongoDB with --mongo", dir, errNoCrawl)
	}
	s, err := startServers(ctx, addresses{NATS: unusedNATS}, dir, "", "", log)
	if err == nil {
		cfg.Mongo.URI = config.Secret(s.mongoURI)
		return openStore(ctx, cfg, log, s.stop)
	}
	if a, ok := running(dir); ok && inUse(err) {
		cfg.Mongo.URI = config.Secret(a.Mongo)
		return openStore(ctx, cfg, log, func() {})
	}
	return nil, nil, err
}

func openStore(ctx context.Context, cfg *config.Config, log *zap.Logger, stop func()) (*store.Store, func(), error) {
	st, err := wire.OpenStore(ctx, cfg, "read", log)
	if err != nil {
		stop()
		return nil, nil, err
	}
	return st, func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second) // idle connections close at once
		defer cancel()
		_ = st.Close(ctx) // nothing was written
		stop()
	}, nil
}

// withStore runs f, which only looks, on the store that the flags name, if khabar has ever stored anything there.
func withStore(cmd *cobra.Command, f serverFlags, run func(ctx context.Context, st *store.Store) error) error {
	return onStore(cmd, f, func(ctx context.Context, st *store.Store) error {
		empty, err := st.IsEmpty(ctx)
		if err != nil {
			return err
		}
		if empty {
			return fmt.Errorf("database %q holds nothing of khabar's: crawl first, or name another one, as in mongodb://host/database", st.Database())
		}
		return run(ctx, st)
	})
}

// onStore runs f on the store that the flags name.
func onStore(cmd *cobra.Command, f serverFlags, run func(ctx context.Context, st *store.Store) error) error {
	log, err := cliLogger(cmd, "warn")
	if err != nil {
		return err
	}
	st, done, err := readStore(cmd.Context(), f, log)
	if err != nil {
		return err
	}
	defer done()
	return run(cmd.Context(), st)
}

// span reads a time given as a date, an RFC 3339 time or an age such as 24h or 7d.
func span(name, s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	var days int
	if n, err := fmt.Sscanf(s, "%dd", &days); err == nil && n == 1 && fmt.Sprintf("%dd", days) == s && days >= 0 {
		return now.AddDate(0, 0, -days), nil
	}
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	return time.Time{}, fmt.Errorf("--%s %q: give a date (2026-11-24), a time (2026-11-24T08:00:00Z) or an age (24h, 7d)", name, s)
}
