package scheduler

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/backfill"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// How often it is looked after backfills: whoever began one sees it begin, and one that has ended is known to have soon. Those that
// run are looked for sections that have been found meanwhile at lookEntries, which reads all pages of lists of their sites.
const (
	tendEvery   = 2 * time.Second
	lookEntries = 10 * time.Minute
)

// tend looks after the backfills that run: it makes the pages that they begin with, and says when nothing is left of one. Any number
// of schedulers may do so: all of it may be done again.
func (s *Scheduler) tend(ctx context.Context) error {
	all, err := s.store.Backfills(ctx, "")
	if err != nil {
		return err
	}
	for _, b := range all {
		st := s.now().byID[b.Site]
		if b.State != store.BackfillRunning || st == nil || st.Paused || s.cfg.Backfill != "" && b.ID != s.cfg.Backfill {
			continue
		}
		if err := s.tendTo(ctx, b, st); err != nil {
			return err
		}
	}
	return nil
}

func (s *Scheduler) tendTo(ctx context.Context, b store.Backfill, st *site.Site) error {
	began := time.Since(s.entered[b.ID]) < lookEntries
	if !began {
		if err := s.enter(ctx, b, st); err != nil {
			return err
		}
	}
	left, err := s.store.Outstanding(ctx, store.OutstandingQuery{Scope: store.Scope{Backfill: b.ID}})
	if err != nil || left > 0 {
		return err
	}
	// What became known meanwhile is looked for once more; and what a list of all articles was to give, where that broke off.
	if err := s.enter(ctx, b, st); err != nil {
		return err
	}
	if left, err = s.store.Outstanding(ctx, store.OutstandingQuery{Scope: store.Scope{Backfill: b.ID}}); err != nil || left > 0 {
		return err
	}
	// Of a backfill that was stopped and goes on.
	if n, err := Resume(ctx, s.store, b.ID, outcome.ReasonStopped); err != nil || n > 0 {
		return err
	}
	p, err := backfill.Measure(b, s.store.BackfillPages(ctx, b.ID))
	if err != nil {
		return err
	}
	if p.Broken && !b.Wide {
		return s.widen(ctx, b)
	}
	now := time.Now().UTC()
	b.State, b.EndedAt, b.Result = store.BackfillDone, &now, &p.BackfillResult
	moved, err := s.store.MoveBackfill(ctx, b, store.BackfillRunning)
	if moved {
		s.log.Info("a backfill is done", zap.String("backfill", b.ID), zap.String("site", b.Site), zap.Int("found", p.Found), zap.Int("stored", p.Stored),
			zap.Int("requests", p.Requests))
	}
	return err
}

// enter makes the pages that a backfill begins with, where they are not there yet.
func (s *Scheduler) enter(ctx context.Context, b store.Backfill, st *site.Site) error {
	var known []store.Page
	lists := []store.Kind{store.KindHome, store.KindListing, store.KindFeed, store.KindSitemap}
	for p, err := range s.store.FindPages(ctx, store.PageFilter{Sites: []string{st.ID}, Kinds: lists}) {
		switch {
		case errors.Is(err, store.ErrUnreadable), errors.Is(err, store.ErrNewer):
		case err != nil:
			return err
		default:
			known = append(known, p)
		}
	}
	pages := backfill.Entries(b, st, known, time.Now().UTC())
	for i := range pages {
		pages[i].Run = s.cfg.Run
	}
	made, refused, err := s.store.EnsurePages(ctx, pages)
	for _, r := range refused {
		s.log.Warn("page of a backfill not stored", zap.String("backfill", b.ID), zap.String("url", r.URL), zap.Error(r.Err))
	}
	if err != nil {
		return err
	}
	if len(made) > 0 {
		s.log.Info("a backfill goes back by more lists", zap.String("backfill", b.ID), zap.String("site", b.Site), zap.Int("lists", len(made)))
	}
	s.entered[b.ID] = time.Now()
	return nil
}

// widen has a backfill go through the lists that it left to one of all articles, for that broke off.
func (s *Scheduler) widen(ctx context.Context, b store.Backfill) error {
	b.Wide = true
	if moved, err := s.store.MoveBackfill(ctx, b, store.BackfillRunning); err != nil || !moved {
		return err
	}
	s.log.Info("the list of all articles broke off: a backfill goes through the others", zap.String("backfill", b.ID), zap.String("site", b.Site))
	_, err := Resume(ctx, s.store, b.ID, outcome.ReasonCovered)
	return err
}

// Resume has the pages of a backfill asked for that were left for a reason.
func Resume(ctx context.Context, st *store.Store, id string, why outcome.Reason) (int, error) {
	var left []store.Page
	q := store.PageFilter{Backfill: id, Outcomes: []outcome.Outcome{outcome.Left}, Reasons: []outcome.Reason{why}}
	for p, err := range st.FindPages(ctx, q) {
		switch {
		case errors.Is(err, store.ErrUnreadable), errors.Is(err, store.ErrNewer):
		case err != nil:
			return 0, err
		default:
			left = append(left, p)
		}
	}
	return st.Again(ctx, left, time.Now().UTC())
}
