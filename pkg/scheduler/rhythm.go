package scheduler

import (
	"context"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/look"
	"github.com/khabar-crawler/khabar/pkg/rhythm"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// poolEvery is how often it is put together what the sections have taught: within it a section of some articles a day has
// shown one more.
const poolEvery = time.Hour

// pool puts together what the sections of each site, of each country and all have taught. Of several schedulers each does so
// with all that is stored.
func (s *Scheduler) pool(ctx context.Context) {
	if err := s.poolRhythms(ctx); err != nil && ctx.Err() == nil {
		s.log.Warn("what sections have taught was not put together; trying again", zap.Duration("after", poolEvery), zap.Error(err))
	}
}

func (s *Scheduler) poolRhythms(ctx context.Context) error {
	sites := make(map[string]map[string]*rhythm.Stats) // by site, by page
	for page, err := range s.store.SectionRhythms(ctx) {
		if err != nil {
			return err
		}
		if sites[page.Site] == nil {
			sites[page.Site] = make(map[string]*rhythm.Stats)
		}
		sites[page.Site][page.ID] = page.Rhythm
	}
	pools, shifts := make(map[string]*rhythm.Pool), make(map[string]map[string]float64)
	for id, sections := range sites {
		kinds := []string{store.FleetRhythm}
		if site := s.sites.Set().Get(id); site != nil {
			kinds = append(kinds, store.SiteRhythm(id))
			if site.Country != "" {
				kinds = append(kinds, store.CountryRhythm(site.Country))
			}
		}
		shift := rhythm.Shifts(sections)
		shifts[store.SiteRhythm(id)] = shift
		for _, kind := range kinds {
			if pools[kind] == nil {
				pools[kind] = &rhythm.Pool{}
			}
			for page, stats := range sections {
				pools[kind].Add(stats, shift[page])
			}
		}
	}
	looks, err := s.poolLooks(ctx)
	if err != nil {
		return err
	}
	if pools[store.FleetRhythm] == nil {
		pools[store.FleetRhythm] = &rhythm.Pool{}
	}
	now := time.Now().UTC()
	all := make([]store.Rhythm, 0, len(pools))
	for id, pool := range pools {
		r := store.Rhythm{ID: id, UpdatedAt: now, Pool: *pool, Shifts: shifts[id]}
		if id == store.FleetRhythm {
			r.Looks = looks
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b store.Rhythm) int { return strings.Compare(a.ID, b.ID) })
	return s.store.SaveRhythms(ctx, all)
}

// poolLooks puts together what looks at articles have taught of how sites edit them.
func (s *Scheduler) poolLooks(ctx context.Context) (*look.Pool, error) {
	looks := &look.Pool{}
	for habit, err := range s.store.Habits(ctx) {
		if err != nil {
			return nil, err
		}
		looks.Add(&habit)
	}
	return looks, nil
}
