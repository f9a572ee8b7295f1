// Package status takes a look at a fleet, or at one of its sites: what became of pages in the last hour and day, how late news
// was stored, what waits and for how long, and which sites are in trouble and why. It puts together what others keep: counts in
// sheets (package ledger), pages in the store, the queue in the frontier.
//
// It only reads. A frontier that cannot be reached is told in the report, which has all else; a store that cannot be reached is
// an error, for without it there is nothing to report.
package status

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/ledger"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// Store is what is asked of the store; *store.Store is one.
type Store interface {
	FleetSheets(ctx context.Context, from, to time.Time) ([]ledger.Sheet, error)
	SiteSheets(ctx context.Context, sites []string, from, to time.Time) ([]ledger.Sheet, error)
	Waiting(ctx context.Context, scope store.Scope) (store.Waiting, error)
	Roots(ctx context.Context, sites []string) iter.Seq2[store.Page, error]
	Pulses(ctx context.Context) ([]store.Pulse, error)
}

// Frontier is what is asked of the frontier; *frontier.View is one.
type Frontier interface {
	Overview(ctx context.Context) (frontier.Overview, error)
	Lane(ctx context.Context, lane string) (frontier.LaneState, error)
}

// Site is a site that is defined.
type Site struct {
	ID     string
	Paused bool
	Broken string // what is wrong with its definition; "" for nothing
}

// Sources are what a report is made of.
type Sources struct {
	Store    Store
	Frontier Frontier // nil: WhyNoFrontier says why
	// WhyNoFrontier is what the report says where there is no frontier to be asked.
	WhyNoFrontier string
	// Stopped says that nothing can be at work: the servers were started for this look alone.
	Stopped bool
	Sites   []Site // those that are defined; none where sites are only named on command lines
}

const (
	hour = time.Hour
	day  = 24 * time.Hour
	week = 7 * day

	// seenWithin is how lately a page must have been counted for workers to count as seen. Counts are a minute old at most,
	// and a slow page takes another.
	seenWithin = 3 * time.Minute
	// aliveWithin is how lately a scheduler must have said that it is alive: it does so twice a minute, between two rounds, and
	// one on the embedded store may take a minute.
	aliveWithin = 3 * time.Minute
	// LateAfter is from when on a section that is due counts as late: a third of the delay that is wanted by default.
	LateAfter = 5 * time.Minute
	// frontierWait bounds what the frontier takes to answer, for a person waits: of two million pending tasks, a second.
	frontierWait = 10 * time.Second
	// mostLanes bounds the lanes that are asked whether they are left alone: those of the worst sites.
	mostLanes = 20
)

// Take looks at all sites or, where site is not "", at one.
func Take(ctx context.Context, src Sources, site string, now time.Time) (Report, error) {
	r := Report{At: now.UTC().Truncate(time.Millisecond), Site: site}
	if err := r.count(ctx, src, now); err != nil {
		return r, err
	}
	if err := r.schedulers(ctx, src, now); err != nil {
		return r, err
	}
	r.queue(ctx, src)
	scope := scopeOf(src.Sites, site)
	waiting, err := src.Store.Waiting(ctx, scope)
	if err != nil {
		return r, err
	}
	r.due(waiting, now)
	roots, err := r.sections(ctx, src, scope, now)
	if err != nil {
		return r, err
	}
	if err := r.bySite(ctx, src, roots, now); err != nil {
		return r, err
	}
	r.leftAlone(ctx, src, roots, now)
	r.seen(src.Stopped, now)
	return r, nil
}

// scopeOf are the pages that somebody is to fetch: not those of sites that are paused, or no more defined.
func scopeOf(sites []Site, site string) store.Scope {
	if site != "" {
		return store.Scope{Sites: []string{site}}
	}
	var active, paused []string
	for _, s := range sites {
		if s.Paused {
			paused = append(paused, s.ID)
		} else {
			active = append(active, s.ID)
		}
	}
	if len(active) > 0 {
		return store.Scope{Sites: active}
	}
	return store.Scope{Without: paused}
}

// count fills in what sheets say.
func (r *Report) count(ctx context.Context, src Sources, now time.Time) error {
	var sheets []ledger.Sheet
	var err error
	if r.Site == "" {
		sheets, err = src.Store.FleetSheets(ctx, now.Add(-week), now)
	} else {
		sheets, err = src.Store.SiteSheets(ctx, []string{r.Site}, now.Add(-week), now)
	}
	if err != nil {
		return err
	}
	for span, to := range map[time.Duration]*Window{hour: &r.LastHour, day: &r.LastDay} {
		total, since := ledger.Since(r.Site, sheets, now.Add(-span))
		*to = windowOf(total, since)
	}
	for span, to := range map[time.Duration]*Delay{day: &r.DelayLastDay, week: &r.DelayLastWeek} {
		total, since := ledger.Since(r.Site, sheets, now.Add(-span))
		*to = delayOf(total, since)
	}
	for _, s := range sheets {
		if at := s.UpdatedAt.UTC(); !at.IsZero() && (r.Work.LastPageAt == nil || at.After(*r.Work.LastPageAt)) {
			r.Work.LastPageAt = &at
		}
	}
	return nil
}

func windowOf(total ledger.Slot, since time.Time) Window {
	return Window{Since: since, Articles: countsOf(total.Articles), Sections: countsOf(total.Sections),
		New: total.Changes[string(store.ArticleNew)], Revised: total.Changes[string(store.ArticleRevised)]}
}

// countsOf are counts by outcome and reason, the greatest first.
func countsOf(words map[string]int64) []Count {
	all := []Count{}
	for word, n := range words {
		o, why, _ := strings.Cut(word, ": ")
		all = append(all, Count{Outcome: outcome.Outcome(o), Reason: outcome.Reason(why), Pages: n})
	}
	slices.SortFunc(all, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Pages, a.Pages), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.Reason, b.Reason))
	})
	return all
}

func delayOf(total ledger.Slot, since time.Time) Delay {
	d := Delay{Since: since, Articles: total.Delays.Count(), New: total.Changes[string(store.ArticleNew)]}
	d.P50, d.P95 = quantile(total.Delays, 0.5), quantile(total.Delays, 0.95)
	return d
}

func quantile(d ledger.Delays, q float64) *int64 {
	at, ok := d.Quantile(q)
	if !ok {
		return nil
	}
	seconds := int64(at / time.Second)
	return &seconds
}

// schedulers says whether one is alive: since when the oldest of those that are, or when the last one was.
func (r *Report) schedulers(ctx context.Context, src Sources, now time.Time) error {
	all, err := src.Store.Pulses(ctx)
	if err != nil {
		return err
	}
	s := &r.Work.Schedulers
	var last store.Pulse
	for _, p := range all {
		if p.At.After(last.At) {
			last = p
		}
		if round := p.RoundAt.UTC(); !p.RoundAt.IsZero() && (s.LastRoundAt == nil || round.After(*s.LastRoundAt)) {
			s.LastRoundAt = &round
		}
		if src.Stopped || p.Ended || now.Sub(p.At) > aliveWithin {
			continue
		}
		s.Alive++
		if since := p.Since.UTC(); s.Since == nil || since.Before(*s.Since) {
			s.Since = &since
		}
		s.Problem = cmp.Or(s.Problem, p.Problem)
	}
	if at := last.At.UTC(); !last.At.IsZero() {
		s.SeenAt, s.Ended = &at, s.Alive == 0 && last.Ended
	}
	return nil
}

// queue fills in what stands in the frontier.
func (r *Report) queue(ctx context.Context, src Sources) {
	if src.Frontier == nil {
		r.QueueError = src.WhyNoFrontier
		return
	}
	ctx, cancel := context.WithTimeout(ctx, frontierWait)
	defer cancel()
	o, err := src.Frontier.Overview(ctx)
	switch {
	case errors.Is(err, frontier.ErrNoFrontier):
		r.QueueError = "nobody has put anything there yet"
		return
	case err != nil:
		r.QueueError = err.Error()
		return
	}
	q := &Queue{Tasks: o.Tasks, Lanes: o.Lanes, ReadyLanes: o.Ready, Aside: o.Aside}
	for p, pending := range o.Priorities {
		line := Pending{Priority: p, Pages: priorityNames[p], Tasks: pending.Tasks}
		if at := pending.Oldest.UTC(); !pending.Oldest.IsZero() {
			line.OldestAt = &at
		}
		q.Priorities = append(q.Priorities, line)
	}
	r.Queue, r.Work.IdleTurns = q, o.Idle
}

// priorityNames are the pages that have a priority, in a word or two; docs/design.md lists them under "News first".
var priorityNames = [frontier.Priorities]string{"sections", "news", "further pages", "archive", "older sitemaps", "backfill", "backfill lists"}

func (r *Report) due(w store.Waiting, now time.Time) {
	r.Due = Due{Pages: w.Pages, HeldLanes: w.Lanes}
	if w.Held >= 0 {
		r.Due.Held = &w.Held
	}
	if p := w.Oldest; p != nil && p.NextAt != nil {
		r.Due.Oldest = &DuePage{URL: p.URL, Site: p.Site, Kind: p.Kind, Since: p.NextAt.UTC(), LateSeconds: int64(now.Sub(*p.NextAt) / time.Second)}
	}
}

// seen says whether somebody works, as far as it can be told.
func (r *Report) seen(stopped bool, now time.Time) {
	last := r.Work.LastPageAt
	switch {
	case stopped:
		r.Work.Workers = WorkersUnseen
	case r.Work.IdleTurns > 0, last != nil && now.Sub(*last) < seenWithin:
		r.Work.Workers = WorkersSeen
	case r.Queue == nil, r.Site != "", r.Queue.Lanes > r.Queue.ReadyLanes && last == nil:
		r.Work.Workers = WorkersUnknown
	default:
		r.Work.Workers = WorkersUnseen
	}
}

// leftAlone says until when the lanes of sites in trouble are left alone.
func (r *Report) leftAlone(ctx context.Context, src Sources, roots []store.Page, now time.Time) {
	if src.Frontier == nil || r.Queue == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, frontierWait)
	defer cancel()
	asked := make(map[string]bool)
	for i := range r.Sites.Trouble {
		trouble := &r.Sites.Trouble[i]
		for _, p := range roots {
			if p.Site != trouble.Site || asked[p.Lane] || len(asked) == mostLanes {
				continue
			}
			asked[p.Lane] = true
			lane, err := src.Frontier.Lane(ctx, p.Lane)
			if err != nil {
				return // of use, and no more: the queue was counted
			}
			if until := lane.NextAt.UTC(); lane.Failures > 0 && until.After(now) && (trouble.AloneUntil == nil || until.After(*trouble.AloneUntil)) {
				trouble.AloneUntil = &until
			}
		}
	}
}
