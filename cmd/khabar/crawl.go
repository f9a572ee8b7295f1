package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"sort"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/cmd/internal/wire"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/scheduler"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/telemetry"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

// cliLogger logs to standard error for a person at a terminal, for as long as the process lives.
func cliLogger(cmd *cobra.Command, level string) (*zap.Logger, error) {
	if said := os.Getenv("KHABAR_LOG_LEVEL"); said != "" && !cmd.Flags().Changed("log-level") {
		level = said
	}
	log, err := telemetry.NewLogger(cmd.ErrOrStderr(), level, "console")
	if err == nil {
		_, err = wire.StandardLog(log)
	}
	return log, err
}

func crawlCommand() *cobra.Command {
	var flags serverFlags
	var file, logLevel string
	var bounds worker.Bounds
	var since string
	var delay time.Duration
	var proxy config.Secret
	var allowPrivate bool
	var attempts int
	var warcs []string
	cmd := &cobra.Command{
		Use:   "crawl [URL…]",
		Short: "Crawl sites and store their articles",
		Long: "Crawls the sites whose home pages are named, or those that are defined, in the files that the configuration names or with\n" +
			"khabar sites add: scheduler and worker in one process.\n" +
			"Feeds, news sitemaps and sections are found from a home page. Any other address is visited for itself: an article is\n" +
			"fetched, again if it is known, and a feed, a sitemap or a section is read with what it lists. What is named is visited\n" +
			"now, however lately it was; other pages when they are due.\n\n" +
			"Without --once the sections are visited again when due. With --once the crawl ends when everything that was due, and\n" +
			"everything found, has been fetched: it waits an hour at most for a page that is to be tried again, and goes round\n" +
			"once. Of each site it takes --limit new articles, sections and news first, and the newest first; what is left, as the\n" +
			"archive of a large site, comes with the next run. --since leaves what a feed or sitemap dates before that, and the\n" +
			"further pages of a listing on which all is older; an article whose page alone tells its date is fetched and kept.\n" +
			"The same command on another day visits what is due then: sections, rechecks of articles, and pages that\n" +
			"khabar pages again made due.\n\n" +
			"With --warc nothing is asked of the web: the pages in these files, as of Common Crawl's news crawl, are read as if they had\n" +
			"been fetched then, and their articles stored, under the sites that are defined, or else under their hosts. Links are not\n" +
			"followed. What is known as of later stays, so that reading a file again changes nothing; a record that is damaged is told.\n\n" +
			"The exit status with --once is 0 if something was found, if everything is as it was, or if nothing is due. It is 1 if\n" +
			"something named on the command line, or everything, gave nothing: no page could be fetched, or no article is known\n" +
			"of it. Of the configuration's sites, those that gave nothing are told, each with the reason.",
		Example: "  khabar crawl --once https://news.example/\n  khabar crawl --once https://news.example/2026/11/24/story\n  khabar crawl --config configs/khabar.yaml\n  khabar crawl --warc CC-NEWS-20261127.warc.gz",
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := finish(cmd, &bounds, since); err != nil {
				return err
			}
			cfg, err := config.Load(file, os.Environ())
			if err != nil {
				return err
			}
			flags.overlay(cfg)
			if proxy != "" {
				if u, err := url.Parse(string(proxy)); err != nil || u.Hostname() == "" {
					return fmt.Errorf("--proxy %s: want a URL such as http://127.0.0.1:3128", proxy)
				}
				cfg.Fetch.Proxy = proxy
			}
			cfg.Fetch.AllowPrivate = cfg.Fetch.AllowPrivate || allowPrivate
			if cmd.Flags().Changed("delay") {
				cfg.Politeness.Delay = delay
			}
			if cmd.Flags().Changed("attempts") {
				cfg.Revisit.MaxAttempts = attempts
			}
			if cfg.Politeness.Delay < 0 || cfg.Revisit.MaxAttempts < 1 {
				return fmt.Errorf("--delay must not be negative and --attempts must be at least 1")
			}
			if len(warcs) > 0 && len(args) > 0 {
				return errors.New("give addresses, or WARC files: not both")
			}
			if len(args) > 0 {
				cfg.Scheduler.Spread = 0 // whoever names a few sites by hand waits for them
			}
			log, err := cliLogger(cmd, logLevel)
			if err != nil {
				return err
			}
			sites, err := wire.ReadSites(cfg, log)
			if err != nil {
				return err
			}
			if len(warcs) > 0 {
				return importWARC(cmd.Context(), cfg, sites, warcs, cmd.OutOrStdout(), cmd.ErrOrStderr(), log)
			}
			if sites.FromFiles() || len(args) > 0 { // what is wrong with these is told before servers are started
				if _, err := targetsOf(cfg, sites.Current().Set().All(), args); err != nil {
					return err
				}
			}
			for _, w := range cfg.Warnings {
				log.Warn(w)
			}
			return crawl(cmd.Context(), cfg, sites, args, bounds, cmd.OutOrStdout(), cmd.ErrOrStderr(), log)
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&file, "config", "", "configuration file, as configs/khabar.yaml")
	cmd.Flags().BoolVar(&bounds.Once, "once", false, "end when everything due and found has been fetched")
	cmd.Flags().IntVar(&bounds.Limit, "limit", defaultLimit, "with --once: new articles of a site after which the rest of it is left for the next run; 0: all")
	cmd.Flags().StringVar(&since, "since", "", "with --once: leave what was published before a date, a time, or an age as 24h or 7d")
	cmd.Flags().Var(&proxy, "proxy", "send all requests through this HTTP proxy")
	cmd.Flags().BoolVar(&allowPrivate, "allow-private", false, "let sites be on private and loopback addresses")
	cmd.Flags().DurationVar(&delay, "delay", config.Default().Politeness.Delay, "least time between two requests to a site that names none")
	cmd.Flags().IntVar(&attempts, "attempts", config.Default().Revisit.MaxAttempts, "failures after which a page is given up")
	cmd.Flags().StringSliceVar(&warcs, "warc", nil, "in place of the web: store what these WARC files hold, as if it had been fetched when they say")
	cmd.Flags().StringVar(&logLevel, "log-level", "warn", "debug, info, warn or error")
	return cmd
}

// defaultLimit is a third of a day's work for one lane at the default delay: more than any site prints in a week, and an
// end where a site's archive is endless, or made up.
const defaultLimit = 5000

// finish completes the bounds of a crawl from the flags.
func finish(cmd *cobra.Command, bounds *worker.Bounds, since string) (err error) {
	for _, name := range []string{"limit", "since"} {
		if cmd.Flags().Changed(name) && !bounds.Once {
			return fmt.Errorf("--%s is for a crawl that ends: add --once", name)
		}
	}
	if bounds.Limit < 0 {
		return fmt.Errorf("--limit %d: want a number of articles, or 0 for all", bounds.Limit)
	}
	bounds.Since, err = span("since", since, time.Now())
	return err
}

// overlay puts what the flags say over the configuration.
func (f serverFlags) overlay(cfg *config.Config) {
	if f.dir != "" {
		cfg.DataDir = f.dir
	}
	wire.OverlaySecret(cfg, &cfg.NATS.URL, "--nats", config.Secret(f.nats))
	wire.OverlaySecret(cfg, &cfg.Mongo.URI, "--mongo", config.Secret(f.mongo))
}

// embeddedAckWait is shorter than the default: server and worker are one process, so there is no election to outlast, and
// turns that were given back as both stopped are taken up again this long after the next start.
const embeddedAckWait = 10 * time.Second

// crawl runs servers, scheduler and worker in this process.
func crawl(ctx context.Context, cfg *config.Config, sites *wire.Sites, args []string, bounds worker.Bounds, out, progress io.Writer, log *zap.Logger) error {
	dir, err := dataDir(cfg.DataDir)
	if err != nil {
		return err
	}
	cfg.DataDir = dir
	srv, err := startServers(ctx, addresses{NATS: string(cfg.NATS.URL), Mongo: string(cfg.Mongo.URI)}, cfg.DataDir, "", "", log)
	if err != nil {
		return err
	}
	defer srv.stop()
	if srv.nats != nil || srv.store != nil {
		fmt.Fprintf(progress, "data in %s\n", cfg.DataDir)
	}
	cfg.NATS.URL, cfg.Mongo.URI = config.Secret(srv.natsURL), config.Secret(srv.mongoURI)
	if srv.nats != nil {
		cfg.NATS.AckWait = min(cfg.NATS.AckWait, embeddedAckWait)
	}

	if srv.nats == nil || srv.store == nil {
		fmt.Fprintf(progress, "NATS at %s, MongoDB at %s; a server that is not there is waited for, Ctrl-C ends that\n", cfg.NATS.URL, cfg.Mongo.URI)
	}

	t := newTally()
	e, err := newEngine(ctx, cfg, func(ctx context.Context, st *store.Store) (targets, *site.Current, error) {
		if err := sites.Open(ctx, st); err != nil {
			return targets{}, nil, err
		}
		to, err := targetsOf(cfg, sites.Current().Set().All(), args)
		if err != nil || len(args) > 0 {
			return to, nil, err
		}
		return to, sites.Current(), nil
	}, bounds, t, log)
	switch {
	case err != nil && ctx.Err() != nil && bounds.Once:
		return fmt.Errorf("stopped before the crawl had begun: %w", err)
	case err != nil && ctx.Err() != nil && errors.Is(err, context.Canceled):
		return nil
	case err != nil:
		return err
	}
	defer e.close()
	if len(args) == 0 && !bounds.Once {
		defer sites.Watch(ctx, false)() // whoever closes the terminal means an end
	}
	stop := t.progress(progress)
	defer stop()
	room := ctx
	if bounds.Once {
		var release func()
		room, release = srv.withRoom(ctx)
		defer release()
	}
	err = e.run(room, bounds.Once)
	stop()
	s := t.snapshot()
	fmt.Fprintf(out, "%s in %.1f s\n%s", s.line(), s.seconds, failureLines(s.failures))
	for _, move := range s.moves {
		fmt.Fprintln(out, foreign(move))
	}
	switch {
	case err != nil || !bounds.Once:
		return err
	case ctx.Err() != nil:
		return errors.New("stopped before the crawl had ended; the same command goes on with it")
	case s.pages == 0:
		fmt.Fprintf(out, "nothing is due%s\n", nextVisit(ctx, e.scheduler))
	}
	if err := e.tellLeft(ctx, out, bounds); err != nil {
		return err
	}
	return e.conclude(ctx, out, s)
}

// tellLeft says how much the bounds of the crawl left, and of which sites.
func (e *engine) tellLeft(ctx context.Context, out io.Writer, bounds worker.Bounds) error {
	sites := e.worker.Left()
	if len(sites) == 0 {
		return nil
	}
	n, err := e.scheduler.ForNext(ctx, sites)
	if err != nil {
		return fmt.Errorf("count what is left: %w", err)
	}
	of := sites[0]
	if len(sites) > 1 {
		of = fmt.Sprintf("%d sites", len(sites))
	}
	fmt.Fprintf(out, "%d pages of %s are left for the next run: the same command goes on with them", n, of)
	if bounds.Limit > 0 {
		fmt.Fprint(out, ", --limit 0 takes all")
	}
	fmt.Fprintln(out)
	return nil
}

// nextVisit says when a page is due again, as far as the store knows.
func nextVisit(ctx context.Context, s *scheduler.Scheduler) string {
	at, err := s.NextVisit(ctx)
	if err != nil {
		return "" // none, or it cannot be told: not worth failing a crawl that has ended
	}
	return "; the next visit is at " + clock(at)
}

// byCount gives the keys, the largest count first.
func byCount(counts map[string]int) []string {
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool {
		if counts[keys[i]] != counts[keys[j]] {
			return counts[keys[i]] > counts[keys[j]]
		}
		return keys[i] < keys[j]
	})
	return keys
}
