package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

// backfillFlags are the flags of a backfill.
type backfillFlags struct {
	siteFlags
	look        lookFlags
	from, to    string
	once, again bool
	delay       time.Duration
	delaySaid   bool
}

func backfillCommand() *cobra.Command {
	var flags backfillFlags
	cmd := &cobra.Command{
		Use:   "backfill SITE --from DATE [--to DATE]",
		Short: "Collect a site's articles back to a date",
		Long: "Has the schedulers and workers that run, or a khabar crawl, collect what a site published between two dates: by the list of all\n" +
			"articles that WordPress and Blogger have, by its sitemaps, by the archives of months, and by the further pages of its sections.\n" +
			"SITE is the id of a defined site, or an address of it. Dates are days at the site's place (2026-09-01), times with or without\n" +
			"a zone (2026-09-01T06:00), or ages (90d); --to is the end of its day, and without it all up to now is meant.\n\n" +
			"A backfill goes behind all else of its host: news is fetched first, and waits for one request at most. The command shows how\n" +
			"far it has come, and may be ended and given again at any time: the backfill goes on without it. Where it was stopped, the same\n" +
			"command goes on with it; where it is done, it says what it came to, and --again goes through the lists once more.\n\n" +
			"With --once this process does it alone, on the servers of --dir or those that are named, and fetches nothing else of the site.",
		Example: "  khabar backfill news.example --from 2026-01-01\n  khabar backfill news.example --from 2025-01-01 --to 2025-03-31 --once\n  khabar backfill stop news.example",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.delaySaid = cmd.Flags().Changed("delay")
			if flags.from == "" {
				return errors.New("back to when? --from 2026-01-01, or an age as --from 90d")
			}
			if flags.once {
				return backfillHere(cmd, flags, args[0])
			}
			for _, name := range []string{"proxy", "allow-private", "delay"} {
				if cmd.Flags().Changed(name) {
					return fmt.Errorf("--%s is for --once: those who fetch go by their own configuration", name)
				}
			}
			if err := flags.isServed(); err != nil {
				return err
			}
			return onSites(cmd, flags.siteFlags, needWrite, func(ctx context.Context, src *siteSource) error {
				st, err := src.siteCalled(args[0])
				if err != nil {
					return err
				}
				b, done, err := begin(ctx, src.store, st, flags, time.Now(), cmd.OutOrStdout())
				if err != nil || done {
					return err
				}
				f := follower{store: src.store, site: st, out: cmd.OutOrStdout(), progress: cmd.ErrOrStderr()}
				return f.follow(ctx, b)
			})
		},
	}
	flags.add(cmd)
	flags.look.add(cmd)
	cmd.Flags().StringVar(&flags.from, "from", "", "the first day, a time, or an age as 90d")
	cmd.Flags().StringVar(&flags.to, "to", "", "the last day, a time, or an age (default now)")
	cmd.Flags().BoolVar(&flags.once, "once", false, "do it in this process, and end when it is done")
	cmd.Flags().BoolVar(&flags.again, "again", false, "begin anew where the same backfill is done")
	cmd.Flags().DurationVar(&flags.delay, "delay", config.Default().Politeness.Delay, "with --once: least time between two requests to a site that names none")
	cmd.AddCommand(backfillListCommand(), backfillStopCommand())
	return cmd
}

// isServed is an error where nothing runs that would go on with a backfill.
func (f *backfillFlags) isServed() error {
	cfg, err := config.Load(f.file, os.Environ())
	if err != nil {
		return err
	}
	f.overlay(cfg)
	dir, served, err := served(cfg)
	if err == nil && !served {
		err = fmt.Errorf("nothing runs on %s that would go on with a backfill: give --once to do it in this process, start khabar crawl there, "+
			"or name the servers of a fleet with --mongo", dir)
	}
	return err
}

// siteCalled is the defined site of that id, or that an address belongs to.
func (s *siteSource) siteCalled(name string) (*site.Site, error) {
	set, err := s.set()
	if err != nil {
		return nil, err
	}
	if st := set.Get(name); st != nil {
		return st, nil
	}
	address := name
	if !strings.Contains(address, "://") {
		address = "https://" + name + "/"
	}
	if canonical, err := weburl.Canonical(address); err == nil {
		if st := set.Of(canonical); st != nil {
			return st, nil
		}
	}
	hint := "khabar sites list shows which there are, and khabar sites add defines one"
	if like := set.Like(name); len(like) > 0 {
		hint = "did you mean " + strings.Join(like, ", ") + "?"
	}
	return nil, fmt.Errorf("no site %q in %s: %s", name, s, hint)
}

// set is the sites that are defined, as far as their definitions can be read.
func (s *siteSource) set() (*site.Set, error) {
	defs, err := s.definitions()
	if err != nil {
		return nil, err
	}
	var sites []*site.Site
	for _, d := range defs {
		st, err := d.Site()
		if err != nil {
			continue // khabar sites check tells, and it is not crawled either
		}
		st.SetDefaultDelay(s.cfg.Politeness.Delay)
		sites = append(sites, st)
	}
	return site.NewSet(sites...), nil
}

// bounds are the times that a backfill is for. Said says that its end was.
func (f *backfillFlags) bounds(zone *time.Location, now time.Time) (from, to time.Time, said bool, err error) {
	if from, _, err = dayOf("from", f.from, zone, now); err != nil {
		return from, to, false, err
	}
	to = now
	if said = f.to != ""; said {
		begin, end, err := dayOf("to", f.to, zone, now)
		switch {
		case err != nil:
			return from, to, said, err
		case begin.After(now):
			return from, to, said, fmt.Errorf("--to %s is in the future", f.to)
		case end.Before(now):
			to = end
		}
	}
	switch {
	case from.After(now):
		err = fmt.Errorf("--from %s is in the future", f.from)
	case !from.Before(to):
		err = fmt.Errorf("--from %s is not before --to %s", f.from, f.to)
	case from.Year() < firstYear:
		err = fmt.Errorf("--from %s is before the web: the earliest is %d-01-01", f.from, firstYear)
	}
	return from.UTC(), to.UTC(), said, err
}

// firstYear is that of the first page of the web.
const firstYear = 1991

// dayOf reads a day, a time or an age. A day has a begin and an end; the others are one time. What names no zone is of the site's.
func dayOf(name, s string, zone *time.Location, now time.Time) (begin, end time.Time, err error) {
	if t, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return t, t.AddDate(0, 0, 1), nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, t, nil
		}
	}
	t, err := span(name, s, now)
	if err != nil {
		err = fmt.Errorf("%w; what names no zone is meant at the site's place, %s", err, zone)
	}
	return t, t, err
}

// begin finds the backfill with these bounds, or makes it. done says that there is nothing to wait for, and that it was told.
func begin(ctx context.Context, st *store.Store, s *site.Site, f backfillFlags, now time.Time, out io.Writer) (b store.Backfill, done bool, err error) {
	from, to, said, err := f.bounds(s.Location(), now)
	if err != nil {
		return b, false, err
	}
	all, err := st.Backfills(ctx, s.ID)
	if err != nil {
		return b, false, err
	}
	now = now.UTC()
	b = store.Backfill{
		ID: s.ID + " " + now.Format("20060102T150405.000Z"), Site: s.ID, From: from, To: to, Open: !said, State: store.BackfillRunning, StartedAt: now,
	}
	found := false
	for _, other := range all {
		same := isSame(other, b, f.isAge())
		switch {
		case same && !found && (other.State != store.BackfillDone || !f.again):
			b, found = other, true
		case other.State == store.BackfillRunning && !same:
			return b, false, fmt.Errorf("another backfill of %s is under way: %s; wait for it, or khabar backfill stop %s", s.ID, shownBounds(other, s), s.ID)
		}
	}
	switch {
	case !found:
		return b, false, st.AddBackfill(ctx, b)
	case b.State == store.BackfillStopped:
		b.State, b.EndedAt = store.BackfillRunning, nil
		moved, err := st.MoveBackfill(ctx, b, store.BackfillStopped)
		if err == nil && !moved {
			err = errors.New("somebody else changed the backfill meanwhile: try again")
		}
		return b, false, err
	case b.State == store.BackfillDone:
		f := follower{store: st, site: s, out: out}
		err := f.conclude(ctx, b)
		fmt.Fprintln(out, "it is done; --again goes through the site's lists once more")
		return b, true, err
	}
	return b, false, nil
}

// isAge says whether the bounds are counted from now, and so are others at each call.
func (f *backfillFlags) isAge() bool {
	return strings.HasSuffix(f.from, "d") || strings.HasSuffix(f.from, "h")
}

// isSame says whether a backfill has the bounds of another. An age is within a day of what it was.
func isSame(a, b store.Backfill, age bool) bool {
	slack := time.Millisecond
	if age {
		slack = 24 * time.Hour
	}
	near := func(x, y time.Time) bool { return x.Sub(y).Abs() < slack }
	return near(a.From, b.From) && a.Open == b.Open && (a.Open || near(a.To, b.To))
}

func shownBounds(b store.Backfill, s *site.Site) string {
	at := func(t time.Time) string { return t.In(s.Location()).Format("2006-01-02 15:04") }
	return "from " + at(b.From) + " to " + at(b.To)
}

// backfillHere does a backfill in this process.
func backfillHere(cmd *cobra.Command, f backfillFlags, name string) error {
	ctx := cmd.Context()
	log, err := cliLogger(cmd, "warn")
	if err != nil {
		return err
	}
	cfg, err := config.Load(f.file, os.Environ())
	if err != nil {
		return err
	}
	f.overlay(cfg)
	if f.look.proxy != "" {
		if u, err := url.Parse(string(f.look.proxy)); err != nil || u.Hostname() == "" {
			return fmt.Errorf("--proxy %s: want a URL such as http://127.0.0.1:3128", f.look.proxy)
		}
		cfg.Fetch.Proxy = f.look.proxy
	}
	cfg.Fetch.AllowPrivate = cfg.Fetch.AllowPrivate || f.look.allowPrivate
	if f.delaySaid {
		cfg.Politeness.Delay = f.delay
	}
	if cfg.DataDir, err = dataDir(cfg.DataDir); err != nil {
		return err
	}
	srv, err := startServers(ctx, addresses{NATS: string(cfg.NATS.URL), Mongo: string(cfg.Mongo.URI)}, cfg.DataDir, "", "", log)
	if inUse(err) {
		return fmt.Errorf("%w: what runs there does the backfill, without --once", err)
	}
	if err != nil {
		return err
	}
	defer srv.stop()
	cfg.NATS.URL, cfg.Mongo.URI = config.Secret(srv.natsURL), config.Secret(srv.mongoURI)
	if srv.nats != nil {
		cfg.NATS.AckWait = min(cfg.NATS.AckWait, embeddedAckWait)
	}
	h := here{flags: f, name: name, cmd: cmd, log: log}
	return h.run(ctx, cfg)
}

// here is a backfill of this process.
type here struct {
	flags backfillFlags
	name  string
	cmd   *cobra.Command
	log   *zap.Logger

	site     *site.Site
	backfill store.Backfill
	done     bool
}

func (h *here) run(ctx context.Context, cfg *config.Config) error {
	e, err := newEngine(ctx, cfg, func(ctx context.Context, st *store.Store) (targets, *site.Current, error) {
		to, err := h.aim(ctx, cfg, st)
		return to, nil, err
	}, worker.Bounds{}, newTally(), h.log)
	if err != nil {
		return err
	}
	defer e.close()
	if h.done {
		return nil
	}
	if h.site.Paused {
		return fmt.Errorf("the site %s is paused: khabar sites resume %s lets it go on", h.site.ID, h.site.ID)
	}
	f := follower{store: e.store, site: h.site, out: h.cmd.OutOrStdout(), progress: h.cmd.ErrOrStderr(), here: true}
	work, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		defer stop()
		ended <- f.follow(work, h.backfill)
	}()
	err = e.run(work, false)
	stop()
	return errors.Join(err, <-ended)
}

// aim finds the site among those that are defined, or takes the one at the address that is named, and begins its backfill.
func (h *here) aim(ctx context.Context, cfg *config.Config, st *store.Store) (targets, error) {
	src := &siteSource{cfg: cfg, store: st, byFile: len(cfg.Sites) > 0}
	var err error
	if !src.byFile {
		if src.files, err = st.SiteFiles(ctx); err != nil {
			return targets{}, err
		}
	}
	set, err := src.set()
	if err != nil {
		return targets{}, err
	}
	if h.site, err = src.siteCalled(h.name); err != nil && strings.Contains(h.name, "://") {
		h.site, err = siteOf(cfg, h.name)
	}
	if err != nil {
		return targets{}, err
	}
	h.backfill, h.done, err = begin(ctx, st, h.site, h.flags, time.Now(), h.cmd.OutOrStdout())
	return targets{sites: []*site.Site{h.site}, described: set.All(), backfill: h.backfill.ID}, err
}
