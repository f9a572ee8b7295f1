package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/cmd/internal/wire"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/status"
)

// The pace of --watch: often enough to see things move. A look reads a few hundred documents of MongoDB; on the embedded store
// it may take a second, and must not keep it from its work: it takes a tenth of the time at most.
const (
	watchEvery = 5 * time.Second
	watchShare = 10
)

func statusCommand() *cobra.Command {
	var flags siteFlags
	var siteID string
	var asJSON, watch bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what is fresh, what waits and what is in trouble: of all sites, or of one",
		Long: "Shows what became of pages in the last hour and the last day, by outcome and reason; how long after their publication\n" +
			"articles were stored; what waits in the queue and in the database, and for how long; and which sites are paused or in\n" +
			"trouble, the worst first, and why. Of one site it also lists its sections.\n\n" +
			"Counts are up to 15 seconds old; on the embedded store up to a minute, and those of a site up to ten. docs/status.md says\n" +
			"which articles count for the delay, and what each field of --json is.",
		Example: "  khabar status --watch\n  khabar status --site news.example\n  khabar status --json | jq .delay_last_day",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := cliLogger(cmd, "error")
			if err != nil {
				return err
			}
			l, err := openLook(cmd.Context(), flags, log)
			if err != nil {
				return err
			}
			defer l.close()
			show := func(ctx context.Context, w io.Writer) error { return l.show(ctx, w, siteID, asJSON) }
			if watch {
				return watched(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), asJSON, show)
			}
			return shown(cmd.Context(), cmd.OutOrStdout(), false, asJSON, show)
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&siteID, "site", "", "one site, by its id")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object, with --watch one a line")
	cmd.Flags().BoolVar(&watch, "watch", false, "look again every few seconds, until Ctrl-C")
	return cmd
}

// shown takes a look and prints it when it is whole, with clear in the place of the last one where out is a terminal.
func shown(ctx context.Context, out io.Writer, clear, asJSON bool, show func(context.Context, io.Writer) error) error {
	var text bytes.Buffer
	if err := show(ctx, &text); err != nil {
		return err
	}
	if screen, ok := out.(*terminal.Screen); ok && clear {
		if err := screen.Clear(); err != nil {
			return fmt.Errorf("%w: %w", errWrite, bare(err))
		}
	}
	if asJSON {
		out = terminal.JSON(out)
	}
	if _, err := text.WriteTo(out); err != nil {
		return fmt.Errorf("%w: %w", errWrite, bare(err))
	}
	return nil
}

// errWrite ends a watch whose reader went away.
var errWrite = errors.New("write")

// watched shows looks until ctx ends. One that fails is told, and another one follows: the servers may come back.
func watched(ctx context.Context, out, progress io.Writer, asJSON bool, show func(context.Context, io.Writer) error) error {
	for ctx.Err() == nil {
		began := time.Now()
		err := shown(ctx, out, !asJSON, asJSON, show)
		switch {
		case errors.Is(err, errWrite):
			return err
		case err != nil && ctx.Err() == nil:
			fmt.Fprintln(progress, "khabar:", err)
		case !asJSON:
			fmt.Fprintln(out)
		}
		select {
		case <-time.After(max(watchEvery, (watchShare-1)*time.Since(began))):
		case <-ctx.Done():
		}
	}
	return nil
}

// view is where a status is looked at.
type view struct {
	*siteSource
	nc      *nats.Conn
	stop    func() // of the store, and of servers that were started for the look
	sources status.Sources
}

func (l *view) close() {
	if l.nc != nil {
		l.nc.Close()
	}
	l.stop()
}

// openLook connects to the servers that the flags, the configuration and the environment name, to those of a crawl that runs in
// the directory, or to the directory's own, started for this.
func openLook(ctx context.Context, flags siteFlags, log *zap.Logger) (_ *view, err error) {
	cfg, err := config.Load(flags.file, os.Environ())
	if err != nil {
		return nil, err
	}
	flags.overlay(cfg)
	l := &view{siteSource: &siteSource{cfg: cfg, byFile: len(cfg.Sites) > 0}, stop: func() {}}
	stop, stopped, err := nameServers(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	if l.store, l.stop, err = openStore(ctx, cfg, log, stop); err != nil {
		return nil, err
	}
	empty, err := l.store.IsEmpty(ctx)
	if err == nil && empty {
		err = fmt.Errorf("database %q holds nothing of khabar's: crawl first, or name another one, as in mongodb://host/database", l.store.Database())
	}
	if err != nil {
		l.stop()
		return nil, err
	}
	l.sources = status.Sources{Store: l.store, Stopped: stopped, WhyNoFrontier: "no NATS server is named: give nats.url, --nats or the directory of the crawl"}
	if cfg.NATS.URL == "" {
		return l, nil
	}
	view, nc, err := wire.LookAtFrontier(cfg, "status", log)
	if err != nil {
		l.sources.WhyNoFrontier = err.Error()
		return l, nil
	}
	l.sources.Frontier, l.nc = view, nc
	return l, nil
}

// nameServers has the configuration name the servers of the data directory where it names none. stopped says that nobody works
// there: they were started for this, until stop is called.
func nameServers(ctx context.Context, cfg *config.Config, log *zap.Logger) (stop func(), stopped bool, err error) {
	dir, err := dataDir(cfg.DataDir)
	if err != nil {
		return nil, false, err
	}
	if cfg.Mongo.URI != "" {
		if a, ok := runningNATS(dir); ok && cfg.NATS.URL == "" {
			cfg.NATS.URL = config.Secret(a)
		}
		return func() {}, false, nil
	}
	if _, err := os.Stat(filepath.Join(dir, "store")); errors.Is(err, os.ErrNotExist) {
		return nil, false, fmt.Errorf("%s %w: crawl first, or name its directory with --dir or its servers with --mongo and --nats", dir, errNoCrawl)
	}
	named := addresses{NATS: string(cfg.NATS.URL)}
	if _, err := os.Stat(filepath.Join(dir, "nats")); errors.Is(err, os.ErrNotExist) && named.NATS == "" {
		named.NATS = unusedNATS // it was another one's
	}
	s, err := startServers(ctx, named, dir, "", "", log)
	if err == nil {
		if s.nats != nil {
			cfg.NATS.URL = config.Secret(s.natsURL)
		}
		cfg.Mongo.URI = config.Secret(s.mongoURI)
		return s.stop, true, nil
	}
	if a, ok := running(dir); ok && inUse(err) {
		cfg.Mongo.URI = config.Secret(a.Mongo)
		if cfg.NATS.URL == "" {
			cfg.NATS.URL = config.Secret(a.NATS)
		}
		return func() {}, false, nil
	}
	return nil, false, err
}

// show takes a look, and writes it to a buffer.
func (l *view) show(ctx context.Context, out io.Writer, id string, asJSON bool) error {
	if err := l.readSites(ctx); err != nil {
		return err
	}
	r, err := status.Take(ctx, l.sources, id, time.Now())
	if err != nil {
		return err
	}
	defined := slices.ContainsFunc(l.sources.Sites, func(s status.Site) bool { return s.ID == id })
	if id != "" && !defined && r.Sections.Known == 0 && r.Work.LastPageAt == nil {
		return l.unknown(id)
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		return enc.Encode(r)
	}
	printStatus(out, r, l)
	return nil
}

// readSites reads the sites as they are defined now.
func (l *view) readSites(ctx context.Context) (err error) {
	if !l.byFile {
		if l.files, err = l.store.SiteFiles(ctx); err != nil {
			return err
		}
	}
	defs, err := l.definitions()
	if err != nil {
		return err
	}
	_, problems := site.Renew(site.NewSet(), defs...)
	l.sources.Sites = nil
	for _, d := range defs {
		record := recordOfSite(d, problems)
		s := status.Site{ID: record.ID, Paused: record.State == "paused"}
		if record.State == "broken" {
			s.Broken = "the definition is broken"
			if len(record.Problems) > 0 {
				s.Broken = record.Problems[0]
			}
		}
		l.sources.Sites = append(l.sources.Sites, s)
	}
	return nil
}
