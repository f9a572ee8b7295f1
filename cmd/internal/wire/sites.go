package wire

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/telemetry"
)

// Sites are the sites that a process crawls: those of the files that the configuration names or, where it names none, those
// of the store. It is the one that exchanges the current set.
type Sites struct {
	cfg     *config.Config
	store   *store.Store // nil before Open, and with files
	log     *zap.Logger
	current *site.Current
	mark    string // of what was read last
}

// sitesEvery is how often it is looked whether sites have changed: whoever changes one and looks at once what comes of it
// waits no longer than that. A look costs reading the files, or one query for ids and numbers.
const sitesEvery = 2 * time.Second

// errNoSites is why a process waits that has nothing to do.
var errNoSites = errors.New("no sites are defined: khabar sites add does that, or name site files under sites in the configuration or in KHABAR_SITES")

// ReadSites reads the configured files. The error tells all that is wrong with them. Without files, Open reads the store.
func ReadSites(c *config.Config, log *zap.Logger) (*Sites, error) {
	s := &Sites{cfg: c, log: log, current: site.NewCurrent()}
	if !s.FromFiles() {
		return s, nil
	}
	s.mark = site.Mark(c.Sites...)
	sites, err := site.LoadAll(c.Sites...)
	if err != nil {
		return nil, err
	}
	s.exchange(sites)
	return s, nil
}

// FromFiles says whether files define the sites.
func (s *Sites) FromFiles() bool { return len(s.cfg.Sites) > 0 }

// Current is the set of sites that is in force, at any time.
func (s *Sites) Current() *site.Current { return s.current }

// Open reads the sites of the store where no files define them. What is broken there is left out, and logged.
func (s *Sites) Open(ctx context.Context, st *store.Store) error {
	if s.FromFiles() {
		return nil
	}
	s.store = st
	return s.read(ctx)
}

// Await is Open for a process that runs for good: it waits until there is a site. A worker without any would take the fleet's
// pages for those of no site.
func (s *Sites) Await(ctx context.Context, st *store.Store, health *telemetry.Health) error {
	err := await(ctx, health, s.log, "mongodb", "a site to crawl", func(ctx context.Context) error {
		if err := s.Open(ctx, st); err != nil {
			return err
		}
		if s.current.Set().Len() == 0 {
			return errNoSites
		}
		return nil
	}, func(err error) bool {
		return isAway(err) || errors.Is(err, errNoSites) || errors.Is(err, store.ErrUnreadable) || errors.As(err, new(site.Problems))
	})
	if err == nil {
		health.Set(telemetry.Check{Name: "mongodb", Probe: st.Ping})
	}
	return err
}

// Watch takes changes up as they come, until the function is called that it gives: a file that is written, added or removed, a
// site in the store. A broken one is logged with its place, and what it was before stays in force. With hangups, SIGHUP has
// everything read at once.
func (s *Sites) Watch(ctx context.Context, hangups bool) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	asked := make(chan os.Signal, 1)
	if hangups {
		signal.Notify(asked, syscall.SIGHUP)
	}
	var watching sync.WaitGroup
	watching.Go(func() {
		defer signal.Stop(asked)
		tick := time.NewTicker(sitesEvery)
		defer tick.Stop()
		away := false
		for {
			var err error
			select {
			case <-ctx.Done():
				return
			case <-asked:
				s.log.Info("asked to read the sites anew")
				err = s.read(ctx)
			case <-tick.C:
				err = s.look(ctx)
			}
			switch problems := (site.Problems)(nil); {
			case ctx.Err() != nil:
			case errors.As(err, &problems):
				s.tell(problems)
				s.log.Error("sites not taken up; all stay as they were")
			case err != nil && !away:
				s.log.Warn("cannot look at the sites; they stay as they are meanwhile", zap.Error(err))
			}
			away = err != nil
		}
	})
	return func() {
		cancel()
		watching.Wait()
	}
}

// look reads the sites if anything has changed.
func (s *Sites) look(ctx context.Context) error {
	mark, err := s.markNow(ctx)
	if err != nil || mark == s.mark {
		return err
	}
	return s.read(ctx)
}

// markNow is another one whenever what defines the sites has changed.
func (s *Sites) markNow(ctx context.Context) (string, error) {
	if s.FromFiles() {
		return site.Mark(s.cfg.Sites...), nil
	}
	revisions, err := s.store.SiteRevisions(ctx)
	return fmt.Sprint(revisions), err // in the order of the keys
}

// read takes up what stands there now. The error is site.Problems where nothing was taken up for what is wrong with it.
func (s *Sites) read(ctx context.Context) error {
	mark, err := s.markNow(ctx)
	if err != nil {
		return err
	}
	defs, err := s.definitions(ctx)
	if err != nil {
		if errors.As(err, new(site.Problems)) {
			s.mark = mark // to be told once
		}
		return err
	}
	sites, problems := site.Renew(s.current.Set(), defs...)
	s.mark = mark
	if sites == nil && len(problems) > 0 {
		return problems
	}
	s.tell(problems)
	s.exchange(sites)
	s.log.Info("sites read", zap.Int("sites", len(sites)))
	return nil
}

func (s *Sites) tell(problems site.Problems) {
	for _, p := range problems {
		s.log.Error("site refused; if it was known, it stays as it was", zap.String("problem", p.String()))
	}
}

// definitions are those of the files or of the store.
func (s *Sites) definitions(ctx context.Context) ([]site.Definition, error) {
	if s.FromFiles() {
		defs, problems := site.ReadFiles(s.cfg.Sites...)
		return defs, problems.Err()
	}
	files, err := s.store.SiteFiles(ctx)
	if err != nil {
		return nil, err
	}
	return Definitions(files), nil
}

// Definitions reads the definitions that the store has.
func Definitions(files []store.SiteFile) []site.Definition {
	defs := make([]site.Definition, len(files))
	for i, f := range files {
		defs[i] = site.Parse(SiteName(f.ID), []byte(f.Text))
		if f.Paused {
			defs[i].Pause()
		}
	}
	return defs
}

// SiteName is what problems call the place of a site that stands in the store.
func SiteName(id string) string { return "sites/" + id }

// exchange puts sites in force, those that name no delay with the configured one.
func (s *Sites) exchange(sites []*site.Site) {
	for _, st := range sites {
		st.SetDefaultDelay(s.cfg.Politeness.Delay)
	}
	s.current.Exchange(site.NewSet(sites...))
}
