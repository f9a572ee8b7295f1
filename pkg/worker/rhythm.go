package worker

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/look"
	"github.com/khabar-crawler/khabar/pkg/revisit"
	"github.com/khabar-crawler/khabar/pkg/rhythm"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// rhythmsEvery is how often it is read anew what sections like one have taught; it is written once an hour.
const rhythmsEvery = 20 * time.Minute

// rhythms says when a section is visited next, by what its visits and those of others have taught.
type rhythms struct {
	src    Rhythms
	policy revisit.Policy
	log    *zap.Logger
	known  atomic.Pointer[knownRhythms]
}

// worthTelling is how far a clock goes back before that is told: clocks of workers differ by less.
const worthTelling = 10 * time.Minute

// knownRhythms is what is taken for true of sections that have shown little themselves.
type knownRhythms struct {
	threshold float64
	fleet     *rhythm.Prior
	pools     map[string]*rhythm.Pool
	shifts    map[string]map[string]float64 // by site's rhythm, by page
	edits     look.Model                    // of articles of any site
	plan      func() look.Plan              // of looks for them
}

func newRhythms(src Rhythms, policy revisit.Policy, log *zap.Logger) *rhythms {
	r := &rhythms{src: src, policy: policy, log: log}
	r.learn(nil)
	return r
}

// start reads what is known until ctx ends or the function that it gives, which waits for it, is called.
func (r *rhythms) start(ctx context.Context) (stop func()) {
	if r.src == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(rhythmsEvery)
		defer tick.Stop()
		for {
			all, err := r.src.Rhythms(ctx)
			switch {
			case err == nil:
				r.learn(all)
			case ctx.Err() == nil:
				r.log.Warn("what sections have taught could not be read; going on with what was known", zap.Duration("again_in", rhythmsEvery), zap.Error(err))
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() { cancel(); <-done }
}

// learn makes priors of what was read, and finds the threshold that comes to the configured goal with such sections.
func (r *rhythms) learn(all []store.Rhythm) {
	k := &knownRhythms{pools: make(map[string]*rhythm.Pool, len(all)), shifts: make(map[string]map[string]float64)}
	for i := range all {
		k.pools[all[i].ID] = &all[i].Pool
		if len(all[i].Shifts) > 0 {
			k.shifts[all[i].ID] = all[i].Shifts
		}
	}
	fleet := k.pools[store.FleetRhythm]
	if fleet == nil {
		fleet = &rhythm.Pool{}
	}
	unknown := rhythm.Unknown()
	prior := fleet.Prior(&unknown)
	k.fleet = &prior
	looks := &look.Pool{}
	for i := range all {
		if all[i].ID == store.FleetRhythm && all[i].Looks != nil {
			looks = all[i].Looks
		}
	}
	k.edits = looks.Prior()
	k.plan = sync.OnceValue(func() look.Plan { return looks.Plan(float64(r.policy.Looks)) }) // which takes a while, and is for articles alone
	goal := rhythm.Goal{Delay: r.policy.Delay, Requests: float64(r.policy.Requests)}
	k.threshold = goal.Threshold(fleet, k.fleet, schedule(r.policy, 0))
	r.known.Store(k)
}

// schedule is the part of a policy that is for sections.
func schedule(p revisit.Policy, threshold float64) rhythm.Schedule {
	return rhythm.Schedule{Threshold: threshold, Start: p.Start, Min: p.Min, Max: p.Max}
}

// prior is what is taken for true of a site's sections. It is made when it is asked for.
func (k *knownRhythms) prior(s *site.Site) *rhythm.Prior {
	prior := k.fleet
	for _, id := range []string{store.CountryRhythm(s.Country), store.SiteRhythm(s.ID)} {
		if pool := k.pools[id]; pool != nil {
			narrower := pool.Prior(prior)
			prior = &narrower
		}
	}
	return prior
}

// next has a section's page learn from a visit, and says when to visit it again. The policy is the section's own.
func (r *rhythms) next(page *store.Page, policy revisit.Policy, s *site.Site, v rhythm.Visit) (time.Time, rhythm.Why) {
	k := r.known.Load()
	zone, prior, plan := time.UTC, k.fleet, schedule(policy, k.threshold)
	if s != nil {
		prior, zone = k.prior(s), s.Location()
		plan.Shift = k.shifts[store.SiteRhythm(s.ID)][page.ID]
		if t := s.Timing(page.Section); t.Cron != nil {
			plan.Cron, plan.Min, plan.Max = t.Cron, t.Min, t.Max
		}
	}
	if page.Listed != nil && !page.Listed.More {
		plan.List = page.Listed.Size
	}
	stats := &rhythm.Stats{}
	if page.Rhythm != nil && page.Rhythm.Valid() {
		*stats = *page.Rhythm
	}
	if back := stats.At.Sub(v.At); back > worthTelling {
		r.log.Warn("the clock has gone back, or another one went ahead; the section is visited as if its last visit were now",
			zap.String("url", page.URL), zap.Time("last_visit", stats.At), zap.Duration("back", back))
	}
	stats.Learn(v, prior, zone)
	page.Rhythm = stats
	return plan.Next(stats, prior, zone)
}

// mostShared bounds how many of the articles that came into a section's list are looked up: enough for its share to be known.
const mostShared = 100

// shares finds out whose the articles are that came into a section's list since its last visit and were known: found since then
// by another section, or before, when this one did not show them yet. What somebody puts up again counts as neither.
func (w *Worker) shares(ctx context.Context, r *recording) (tied map[string]int, late int, err error) {
	if r.page.Rhythm == nil || !r.section {
		return nil, 0, nil
	}
	var ids []string
	for _, id := range r.moved {
		if !r.made[id] && len(ids) < mostShared {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, 0, nil
	}
	known, err := w.Store.Pages(ctx, ids)
	if err != nil {
		return nil, 0, err
	}
	last := r.page.Rhythm.At
	tied = make(map[string]int)
	for _, p := range known {
		switch {
		case p.DiscoveredFrom == "", p.DiscoveredFrom == r.page.ID, last.Sub(p.DiscoveredAt) > newsAge:
		case p.DiscoveredAt.After(last):
			tied[p.DiscoveredFrom]++
		default:
			late++
		}
	}
	return tied, late, nil
}

// timingOf is what the page's site says of when its section is visited.
func (w *Worker) timingOf(page store.Page) site.Timing {
	if s := w.Sites.Set().Get(page.Site); s != nil {
		return s.Timing(page.Section)
	}
	return site.Timing{}
}

// policyOf is the revisit policy with what the page's site says of its sections. Where that is one bound, it moves the other
// that the policy has out of its way.
func (w *Worker) policyOf(page store.Page) revisit.Policy {
	p, t := w.cfg.Policy, w.timingOf(page)
	switch {
	case t.Min > 0 && t.Max > 0:
		p.Min, p.Max = t.Min, t.Max
	case t.Min > 0:
		p.Min, p.Max = t.Min, max(p.Max, t.Min)
	case t.Max > 0:
		p.Min, p.Max = min(p.Min, t.Max), t.Max
	case t.Every > 0:
		p.Min, p.Max = t.Every, t.Every
	}
	if t.Every > 0 {
		p.Start = t.Every
	}
	return p
}
