package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/revisit"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// seenChunk is how many of the pages that a section lists are stored and queued at a time: it bounds what a flood of
// addresses takes in memory beside the list itself.
const seenChunk = 1000

// recording is a verdict on its way to being durable, with what the attempts so far have done.
type recording struct {
	verdict
	made map[string]bool // pages that this verdict made
	// again says that pages may have been made by an attempt of which nothing is known, and still lack their tasks.
	again bool
}

// record makes a verdict durable: the pages that it leads to, then their tasks, then the article and the page's own state.
// So whatever it is interrupted by, the page stays to be done until nothing is left to be done for it.
//
// What was fetched is not thrown away because the store or the broker is away: record tries until it is done or ctx ends.
func (w *Worker) record(ctx context.Context, v verdict, again bool) (Event, error) {
	r := &recording{verdict: v, made: make(map[string]bool), again: again}
	for failures := 1; ; failures++ {
		e, err := w.attempt(ctx, r)
		switch {
		case err == nil:
			return e, nil
		case ctx.Err() != nil, errors.Is(err, store.ErrClosed), errors.Is(err, frontier.ErrClosed), errors.Is(err, nats.ErrConnectionClosed):
			return Event{}, fmt.Errorf("record page %s (%s): %w", v.page.ID, v.page.URL, err)
		}
		w.Log.Warn("outcome not stored; trying again", zap.String("page", v.page.ID), zap.String("url", v.page.URL),
			zap.Int("attempt", failures), zap.Error(err))
		r.again = true
		pause(ctx, patience(failures))
	}
}

// attempt is one attempt to make a verdict durable. All that it does may be repeated.
func (w *Worker) attempt(ctx context.Context, r *recording) (Event, error) {
	seen := r.seen
	var known []store.Page // seen pages that need no task: other addresses of the article
	for len(seen) > 0 && seen[0].Status != store.StatusQueued {
		known, seen = append(known, seen[0]), seen[1:]
	}
	all, err := w.spread(ctx, r, seen)
	if err != nil {
		return Event{}, err
	}
	page := r.page
	w.schedule(&page, r, all)
	effect := store.Effect{Page: page, Article: r.article, Address: r.address, Extracted: r.extracted, Seen: known}
	out, err := w.commit(ctx, &effect)
	if err != nil {
		return Event{}, err
	}
	return Event{Page: out.Page, Article: out.Article, Created: len(r.made) + len(out.CreatedPages)}, nil
}

// spread stores the pages that a verdict leads to and queues those that are new. all is false where MaxNew left
// some for the next visit.
func (w *Worker) spread(ctx context.Context, r *recording, seen []store.Page) (all bool, err error) {
	for len(seen) > 0 {
		if len(r.made) >= w.cfg.MaxNew {
			return false, nil
		}
		part := seen[:min(len(seen), seenChunk, w.cfg.MaxNew-len(r.made))]
		seen = seen[len(part):]
		made, err := w.Store.EnsurePages(ctx, part)
		for _, id := range made {
			r.made[id] = true
		}
		if err != nil && !errors.Is(err, store.ErrRefused) { // a page that cannot be stored is no page
			return false, err
		}
		if err := w.enqueue(ctx, r, part); err != nil {
			return false, err
		}
	}
	return true, w.walkOn(ctx, r)
}

// enqueue puts the tasks of the pages that the verdict made, and after an interruption of all that are still queued: their
// tasks may be missing, and those that are there are not doubled.
func (w *Worker) enqueue(ctx context.Context, r *recording, part []store.Page) error {
	ids := make([]string, len(part))
	for i, p := range part {
		ids[i] = p.ID
	}
	var stored map[string]store.Page
	if r.again {
		var err error
		if stored, err = w.Store.Pages(ctx, ids); err != nil {
			return err
		}
	}
	var tasks []frontier.Task
	for _, p := range part {
		if s, ok := stored[p.ID]; ok && s.Status == store.StatusQueued {
			s.Lane = p.Lane
			tasks = append(tasks, taskOf(s))
		} else if !r.again && r.made[p.ID] {
			tasks = append(tasks, taskOf(p))
		}
	}
	if len(tasks) == 0 {
		return nil
	}
	_, err := w.Frontier.Put(ctx, tasks)
	return err
}

// walkOn visits a listing's next page again where this one, seen before, lists nothing known: then articles have moved on
// to the next page since the last visit, and would be missed.
func (w *Worker) walkOn(ctx context.Context, r *recording) error {
	if r.next == "" || !r.visited || r.made[r.next] || r.listed == 0 || r.fresh() < r.listed {
		return nil
	}
	stored, err := w.Store.Pages(ctx, []string{r.next})
	if err != nil {
		return err
	}
	p, ok := stored[r.next]
	if !ok || p.Status != store.StatusDone {
		return nil // under way already, or of no use
	}
	won, err := w.Store.Claim(ctx, []store.Page{p}, time.Now().Add(w.cfg.Lease))
	if err != nil || len(won) == 0 {
		return err
	}
	_, err = w.Frontier.Put(ctx, []frontier.Task{taskOf(won[0])})
	return err
}

// fresh counts the articles that the verdict made.
func (r *recording) fresh() int {
	n := 0
	for _, p := range r.seen {
		if p.Kind == store.KindArticle && r.made[p.ID] {
			n++
		}
	}
	return n
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
	*e = store.Effect{Page: w.dead(e.Page, outcome.NotStored, outcome.ReasonDocument, why.Error()).page}
	e.Page.ArticleID, e.Page.HTTP = "", nil
	if out, err = w.Committer.Commit(ctx, *e); err != nil {
		return store.EffectResult{}, err
	}
	return out[0], out[0].Err
}

// schedule sets a section's next visit by its yield. A section that had more to give than was taken is due again soon,
// and is read then even if it has not changed.
func (w *Worker) schedule(page *store.Page, r *recording, all bool) {
	policy := w.policyOf(*page)
	now := time.Now().UTC()
	if !all {
		at := now.Add(policy.Min)
		page.Status, page.NextAt = store.StatusDue, &at
		if page.HTTP != nil {
			h := *page.HTTP
			h.ETag, h.LastModified = "", ""
			page.HTTP = &h
		}
		return
	}
	if !r.section {
		return
	}
	fresh, listed := r.fresh(), r.listed
	if page.Outcome == outcome.NotModified {
		listed = max(listed, 1) // all that it lists is known, which is not to say that it lists nothing
	}
	interval := policy.Section(time.Duration(page.Interval)*time.Second, listed, fresh)
	if page.Outcome == outcome.Unreadable || page.RedirectTo != "" && r.listed == 0 {
		interval = policy.Max
	}
	at := now.Add(interval)
	page.NextAt, page.Interval = &at, int64(interval/time.Second)
	page.Yield = (page.Yield + float64(fresh)) / 2 // the last few visits: each counts half of the one after it
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
