package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/revisit"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// recorded is what storing a verdict did.
type recorded struct {
	page    store.Page
	article store.ArticleChange
	created int
}

// record makes a verdict durable: new pages first, then the article and the page's own state, then the new pages' tasks.
// again says that an earlier attempt may have died in the middle, so that pages it made may still lack their tasks.
func (w *Worker) record(ctx context.Context, v verdict, again bool) (recorded, error) {
	var fresh []string
	if isSection(v.page.Kind) {
		// A section's next visit depends on how much of what it lists is new.
		var err error
		if fresh, err = w.Store.EnsurePages(ctx, v.seen); err != nil && !errors.Is(err, store.ErrRefused) {
			return recorded{}, fmt.Errorf("store %s: %w", v.describe(), err)
		}
		w.schedule(&v, len(fresh))
	}
	effect := store.Effect{Page: v.page, Article: v.article}
	if !isSection(v.page.Kind) {
		effect.Seen = v.seen
	}
	out, err := w.commit(ctx, &effect)
	if err != nil {
		return recorded{}, fmt.Errorf("store %s: %w", v.describe(), err)
	}
	fresh = append(fresh, out.CreatedPages...)
	if err := w.enqueue(ctx, v.seen, fresh, again); err != nil {
		return recorded{}, fmt.Errorf("queue what %s links to: %w", v.describe(), err)
	}
	return recorded{page: effect.Page, article: out.Article, created: len(fresh)}, nil
}

// commit stores an effect. A document that the server will not take makes the page dead rather than stuck; the effect
// is that then.
func (w *Worker) commit(ctx context.Context, e *store.Effect) (store.EffectResult, error) {
	out, err := w.Committer.Commit(ctx, *e)
	if err != nil {
		return store.EffectResult{}, err
	}
	if out[0].Err == nil || !errors.Is(out[0].Err, store.ErrRefused) {
		return out[0], out[0].Err
	}
	why := out[0].Err
	*e = store.Effect{Page: w.dead(e.Page, outcomeRefused, why.Error()).page}
	e.Page.ArticleID = ""
	if out, err = w.Committer.Commit(ctx, *e); err != nil {
		return store.EffectResult{}, err
	}
	return out[0], out[0].Err
}

// schedule sets a section's next visit by its yield.
func (w *Worker) schedule(v *verdict, fresh int) {
	if !v.section {
		return
	}
	policy := w.policyOf(v.page)
	interval := policy.Section(time.Duration(v.page.Interval)*time.Second, v.listed, min(fresh, v.listed))
	if v.page.Outcome == outcomeUnreadable {
		interval = policy.Max
	}
	at := time.Now().UTC().Add(interval)
	v.page.NextAt, v.page.Interval = &at, int64(interval/time.Second)
	v.page.Yield = (v.page.Yield + float64(fresh)) / 2 // the last few visits: each counts half of the one after it
}

// policyOf is the revisit policy with what the page's site says of its sections.
func (w *Worker) policyOf(page store.Page) (p revisit.Policy) {
	p = w.cfg.Policy
	s := w.Sites[page.Site]
	if s == nil {
		return p
	}
	override := func(to *time.Duration, said time.Duration) {
		if said > 0 {
			*to = said
		}
	}
	override(&p.Start, s.Schedule.Every)
	override(&p.Min, s.Schedule.Min)
	override(&p.Max, s.Schedule.Max)
	for _, sec := range s.Sections {
		if sec.ID == page.Section && sec.Every > 0 {
			p.Start, p.Min, p.Max = sec.Every, sec.Every, sec.Every // said for this very section: kept to
		}
	}
	return p
}

// enqueue puts the tasks of pages that are queued: those just made, and after a crash those made before it.
func (w *Worker) enqueue(ctx context.Context, seen []store.Page, fresh []string, again bool) error {
	put := make(map[string]bool, len(fresh))
	for _, id := range fresh {
		put[id] = true
	}
	if again {
		ids := make([]string, len(seen))
		for i, p := range seen {
			ids[i] = p.ID
		}
		now, err := w.Store.Pages(ctx, ids)
		if err != nil {
			return err
		}
		for id, p := range now {
			put[id] = put[id] || p.Status == store.StatusQueued
		}
	}
	var tasks []frontier.Task
	for _, p := range seen {
		if put[p.ID] && p.Status == store.StatusQueued {
			tasks = append(tasks, taskOf(p))
		}
	}
	if len(tasks) == 0 {
		return nil
	}
	_, err := w.Frontier.Put(ctx, tasks)
	return err
}
