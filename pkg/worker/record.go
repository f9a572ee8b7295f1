package worker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/archive"
	"github.com/khabar-crawler/khabar/pkg/coverage"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/rhythm"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// seenChunk is how many of the pages that a section lists are stored and queued at a time: it bounds what a flood of
// addresses takes in memory beside the list itself.
const seenChunk = 1000

// recording is a verdict on its way to being durable, with what the attempts so far have done.
type recording struct {
	verdict
	made map[string]bool // pages that this verdict made
	kept bool            // the answer is in the archive
	// again says that pages may have been made by an attempt of which nothing is known, and still lack their tasks.
	again bool
	// stirred says that a page was woken in which news comes.
	stirred bool
	listing *coverage.List // what a section lists now, and what that proves
	gaps    *coverage.Gaps // of the section, where this visit found one
	gapOf   string         // id of the section for whose gap the next page is to be read; "" where it is for none
	moved   []string       // ids of articles that the section lists and did not list at its last visit
}

// record makes a verdict durable: the pages that it leads to, then their tasks, then the article and the page's own state.
// So whatever it is interrupted by, the page stays to be done until nothing is left to be done for it.
//
// What was fetched is not thrown away because the store or the broker is away: record tries until it is done or ctx ends.
// Where the store takes others and fails for this page alone, the page is put off: its slot is of more use to others.
func (w *Worker) record(ctx context.Context, v verdict, again bool) (Event, error) {
	r := &recording{verdict: v, made: make(map[string]bool), again: again}
	for failures := 1; ; failures++ {
		e, err := w.attempt(ctx, r)
		if errors.Is(err, errAlone) && failures >= maxAlone {
			e, err = w.postpone(ctx, r.page, err)
		}
		switch {
		case err == nil:
			return e, nil
		case errors.Is(err, store.ErrNewer):
			w.Log.Warn("page left to a newer khabar", zap.String("page", v.page.ID), zap.String("url", v.page.URL), zap.Error(err))
			return Event{Page: v.page}, nil
		case ctx.Err() != nil, errors.Is(err, store.ErrClosed), errors.Is(err, archive.ErrClosed), errors.Is(err, frontier.ErrClosed), errors.Is(err, nats.ErrConnectionClosed):
			return Event{}, fmt.Errorf("record page %s (%s): %w", v.page.ID, v.page.URL, err)
		}
		w.Log.Warn("outcome not stored; trying again", zap.String("page", v.page.ID), zap.String("url", v.page.URL),
			zap.Int("attempt", failures), zap.Error(err))
		r.again = true
		pause(ctx, patience(failures))
	}
}

// errAlone is why the store did not write one page's outcome while it may have written others'.
var errAlone = errors.New("not stored")

// maxAlone is how often a page is tried that the store fails for alone: within some seconds, as patience has it, what
// passes by itself has passed.
const maxAlone = 5

// postpone makes a page due again later whose outcome the store does not write though the page is not at fault. It is no
// failure of the page, so that it is never given up for it.
func (w *Worker) postpone(ctx context.Context, page store.Page, why error) (Event, error) {
	at := time.Now().UTC().Add(w.cfg.Policy.Retry(page.ID, w.cfg.Policy.MaxAttempts, 0))
	page.Status, page.NextAt = store.StatusDue, &at
	page.Outcome, page.Reason, page.LastError = outcome.NotStored, outcome.ReasonStore, why.Error()
	page.ArticleID, page.ContentHash, page.HTTP, page.Look = "", "", nil, nil // nothing of it is stored: it is fetched without conditions
	w.Log.Warn("outcome not stored; fetching the page again later", zap.String("page", page.ID), zap.String("url", page.URL),
		zap.Time("next_at", at), zap.Error(why))
	out, err := w.Committer.Commit(ctx, store.Effect{Page: page})
	if err == nil {
		err = out[0].Err
	}
	return Event{Page: page}, err
}

// attempt is one attempt to make a verdict durable. All that it does may be repeated.
func (w *Worker) attempt(ctx context.Context, r *recording) (Event, error) {
	if err := w.keep(ctx, r); err != nil {
		return Event{}, err
	}
	r.covers()
	seen := r.seen
	var known []store.Page // seen pages that need no task: other addresses of the article
	for len(seen) > 0 && seen[0].Status != store.StatusQueued {
		known, seen = append(known, seen[0]), seen[1:]
	}
	seen, err := w.withoutKnown(ctx, seen)
	if err != nil {
		return Event{}, err
	}
	all, err := w.spread(ctx, r, seen)
	if err != nil {
		return Event{}, err
	}
	visit := rhythm.Visit{Moved: len(r.moved), Full: r.gaps != nil, Said: r.renewed, Same: r.page.Outcome == outcome.NotModified}
	if visit.Tied, visit.Late, err = w.shares(ctx, r); err != nil {
		return Event{}, err
	}
	page := r.page
	page.Listed, page.Gaps = r.listing, r.gaps
	if page.Status != store.StatusDue { // it was read, or is given up
		page.GapOf = ""
	}
	w.schedule(&page, r, visit, all)
	effect := store.Effect{Page: page, Article: r.article, Address: r.address, Former: r.former, Before: r.before, Extracted: r.extracted, Seen: known,
		Template: r.template, Same: r.unedited, Gone: r.gone, Back: r.back}
	out, err := w.commit(ctx, &effect)
	if err != nil {
		return Event{}, err
	}
	if err := w.forget(r, out); err != nil {
		return Event{}, err
	}
	return Event{Page: out.Page, Article: out.Article, Created: len(r.made) + len(out.CreatedPages)}, nil
}

// spread stores the pages that a verdict leads to and queues those that are new. all is false where some are left for the
// next visit: by MaxNew, or because the store failed for them. What follows the page of a listing waits for what that one gives.
func (w *Worker) spread(ctx context.Context, r *recording, seen []store.Page) (all bool, err error) {
	if r.page.Walk != nil {
		return w.spreadBack(ctx, r, seen)
	}
	var after []store.Page
	if r.next != "" {
		isNext := func(p store.Page) bool { return p.ID == r.next }
		if i := slices.IndexFunc(seen, isNext); i >= 0 {
			after, seen = seen[i:i+1], slices.DeleteFunc(slices.Clone(seen), isNext)
		}
	}
	if all, err = w.spreadAll(ctx, r, seen); err != nil || !all {
		return all, err
	}
	if err := w.hasten(ctx, r, seen); err != nil {
		return false, err
	}
	on := false
	if isSection(r.page.Kind) {
		fresh, err := w.gaveNew(ctx, r, seen)
		if err == nil {
			on, err = w.goesOn(ctx, r, fresh)
		}
		if err != nil {
			return false, err
		}
	}
	if on && len(after) > 0 {
		after = slices.Clone(after)
		after[0].GapOf = r.gapOf
		if all, err = w.spreadAll(ctx, r, after); err != nil || !all {
			return false, err
		}
	}
	if err := w.retell(ctx, r); err != nil {
		return false, err
	}
	if err := w.seenAgain(ctx, r); err != nil || !on {
		return err == nil, err
	}
	return true, w.walkOn(ctx, r)
}

// gaveNew says whether the verdict made an article, in this attempt or in one before it.
func (w *Worker) gaveNew(ctx context.Context, r *recording, seen []store.Page) (bool, error) {
	if r.fresh() > 0 || !r.again {
		return r.fresh() > 0, nil
	}
	var ids []string
	for _, p := range seen {
		if p.Kind == store.KindArticle {
			ids = append(ids, p.ID)
		}
	}
	stored, err := w.Store.Pages(ctx, ids)
	for _, p := range stored {
		if p.DiscoveredFrom == r.page.ID {
			return true, err
		}
	}
	return false, err
}

func (w *Worker) spreadAll(ctx context.Context, r *recording, seen []store.Page) (all bool, err error) {
	all = true
	most := w.tally.maxNew(r.page.Site, w.cfg.MaxNew)
	if r.children > 0 {
		most -= most / 2 // the rest is for what its sitemaps list
	}
	for len(seen) > 0 {
		if len(r.made) >= most {
			return false, nil
		}
		part := seen[:min(len(seen), seenChunk, most-len(r.made))]
		seen = seen[len(part):]
		part, err = w.withRoom(ctx, part)
		if err != nil {
			return false, err
		}
		made, refused, err := w.Store.EnsurePages(ctx, part)
		for _, id := range made {
			r.made[id] = true
		}
		for _, p := range refused {
			w.Log.Warn("listed page not stored", zap.String("page", p.ID), zap.String("url", p.URL), zap.Error(p.Err))
			all = all && errors.Is(p.Err, store.ErrRefused)
		}
		if err != nil {
			return false, err
		}
		if err := w.enqueue(ctx, r, part); err != nil {
			return false, err
		}
	}
	return all, nil
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
	var queued []store.Page
	for _, p := range part {
		if s, ok := stored[p.ID]; ok && s.Status == store.StatusQueued {
			s.Lane = p.Lane
			queued = append(queued, s)
		} else if !r.again && r.made[p.ID] && p.Status == store.StatusQueued {
			queued = append(queued, p)
		}
	}
	return w.put(ctx, queued)
}

// withRoom has those of new pages be held from the start that their lanes have no room for now, which saves a write each.
// Where some of the pages are known, a few more than need be are held: their lane is fed with them soon.
func (w *Worker) withRoom(ctx context.Context, pages []store.Page) ([]store.Page, error) {
	var lanes []string
	at := make(map[string]int) // lane → its place in lanes
	for _, p := range pages {
		if _, known := at[p.Lane]; !known {
			at[p.Lane] = len(lanes)
			lanes = append(lanes, p.Lane)
		}
	}
	rooms, err := w.Frontier.Room(ctx, lanes)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	pages = slices.Clone(pages)
	for i, p := range pages {
		if p.Priority < 0 || p.Priority >= frontier.Priorities {
			continue // that is for the frontier to refuse
		}
		room := &rooms[at[p.Lane]][p.Priority]
		if *room <= 0 {
			pages[i] = p.Hold(now)
		}
		*room--
	}
	return pages, nil
}

// put queues pages whose status is queued, and has those held that their lanes have no room for. Should it be interrupted
// between the two, they are due when their lease ends.
func (w *Worker) put(ctx context.Context, pages []store.Page) error {
	if len(pages) == 0 {
		return nil
	}
	tasks := make([]frontier.Task, len(pages))
	for i, p := range pages {
		tasks[i] = taskOf(p)
	}
	report, err := w.Frontier.Put(ctx, tasks)
	if err != nil || len(report.Over) == 0 {
		return err
	}
	over := make(map[string]bool, len(report.Over))
	for _, id := range report.Over {
		over[id] = true
	}
	pages = slices.DeleteFunc(slices.Clone(pages), func(p store.Page) bool { return !over[p.ID] })
	_, err = w.Store.Hold(ctx, pages, time.Now())
	return err
}

// walkOn visits a listing's next page again where that was seen before: articles have moved on to it since the last visit.
func (w *Worker) walkOn(ctx context.Context, r *recording) error {
	if r.next == "" || r.made[r.next] || !r.visited && r.gapOf == "" {
		return nil
	}
	stored, err := w.Store.Pages(ctx, []string{r.next})
	if err != nil {
		return err
	}
	p, ok := stored[r.next]
	switch {
	case !ok, p.Status == store.StatusDue, p.Status == store.StatusQueued: // under way already
		return nil
	case p.Status != store.StatusDone:
		return w.unreached(ctx, r)
	}
	p.GapOf = r.gapOf
	won, err := w.Store.Claim(ctx, []store.Page{p}, time.Now().Add(w.cfg.Lease))
	if err != nil || len(won) == 0 {
		return err
	}
	return w.put(ctx, won)
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

// commit stores an effect. What the store does not take changes the effect, rather than keep the page in hand for ever. A
// refused document makes the page dead, until it is tried again a day later: by then the site, khabar or the schema may be
// another one. An article that cannot be read where this one belongs sets the page aside, and what a newer khabar wrote is
// left to it.
func (w *Worker) commit(ctx context.Context, e *store.Effect) (store.EffectResult, error) {
	out, err := w.Committer.Commit(ctx, *e)
	if err != nil {
		return store.EffectResult{}, err
	}
	why := out[0].Err
	switch {
	case why == nil:
		return out[0], nil
	case errors.Is(why, store.ErrUnreadable):
		w.Log.Warn("page set aside, for its article cannot be read", zap.String("page", e.Page.ID), zap.String("url", e.Page.URL), zap.Error(why))
		*e = store.Effect{Page: w.dead(e.Page, outcome.NotStored, outcome.ReasonUnreadableStore, why.Error()).page}
		e.Page.Status, e.Page.NextAt, e.Page.HTTP, e.Page.Look = store.StatusAside, nil, nil, nil
	case errors.Is(why, store.ErrNewer) && e.Article != nil:
		w.Log.Warn("article left to a newer khabar", zap.String("page", e.Page.ID), zap.String("url", e.Page.URL), zap.Error(why))
		*e = store.Effect{Page: e.Page, Seen: e.Seen}
		e.Page.HTTP, e.Page.ContentHash, e.Page.Look = nil, "", nil // so that the next visit asks for the page whole
	case errors.Is(why, store.ErrNewer):
		return out[0], why
	case errors.Is(why, store.ErrServer), !errors.Is(why, store.ErrRefused):
		return store.EffectResult{}, fmt.Errorf("%w: %w", errAlone, why)
	default:
		*e = store.Effect{Page: w.dead(e.Page, outcome.NotStored, outcome.ReasonDocument, why.Error()).page}
		e.Page.ArticleID, e.Page.HTTP, e.Page.Look = "", nil, nil
		w.Log.Warn("document refused; the page is tried again later", zap.String("page", e.Page.ID), zap.String("url", e.Page.URL),
			zap.Timep("next_at", e.Page.NextAt), zap.Error(why))
	}
	if out, err = w.Committer.Commit(ctx, *e); err != nil {
		return store.EffectResult{}, err
	}
	switch why = out[0].Err; {
	case why == nil:
		return out[0], nil
	case errors.Is(why, store.ErrServer), !errors.Is(why, store.ErrRefused):
		return store.EffectResult{}, fmt.Errorf("%w: %w", errAlone, why)
	}
	// Not even that can be said of it: what is stored of the page is at fault. It stays as it is until its lease ends.
	w.Log.Error("page's state refused; the page is due again when its lease ends", zap.String("page", e.Page.ID),
		zap.String("url", e.Page.URL), zap.Error(why))
	return store.EffectResult{}, nil
}

// schedule sets a section's next visit by its yield. A section that had more to give than was taken is due again soon, or in
// a run that ends for the next one, and is read then even if it has not changed.
func (w *Worker) schedule(page *store.Page, r *recording, visit rhythm.Visit, all bool) {
	policy := w.policyOf(*page)
	now := time.Now().UTC()
	if r.older {
		dropValidators(page)
	}
	if !all {
		at := now.Add(policy.Min)
		page.Status, page.NextAt = store.StatusDue, &at
		if w.tally.Once {
			page.Status, page.NextAt = store.StatusDone, &now
			w.tally.rest(page.Site)
		}
		dropValidators(page)
		return
	}
	if r.children > 0 {
		dropValidators(page) // that the index has not changed says nothing of what it lists
	}
	if isChild(*page) {
		settleChild(page, r, policy, now)
	}
	if !r.section {
		return
	}
	made := r.fresh()
	if r.same && made > 0 {
		doubt(page)
	}
	fresh := made
	if page.Kind == store.KindSitemap && fresh == 0 && (r.stirred || len(r.made) > 0) {
		fresh = 1 // what an index brings comes with the sitemaps that it lists
	}
	visit.At, visit.Fresh = now, fresh
	if page.HTTP != nil {
		visit.Bytes = page.HTTP.Bytes
	}
	at, why := w.rhythms.next(page, policy, w.Sites.Set().Get(page.Site), visit)
	if page.RedirectTo != "" && r.listed == 0 {
		at, why = now.Add(policy.Max), rhythm.WhyMost // it lives elsewhere now
	}
	page.NextAt, page.NextWhy, page.Interval = &at, why, int64(at.Sub(now)/time.Second)
	page.Yield = (page.Yield + float64(made)) / 2 // the last few visits: each counts half of the one after it
}

// dropValidators has a page be read next time whether or not it has changed.
func dropValidators(page *store.Page) {
	if page.HTTP != nil {
		h := *page.HTTP
		h.ETag, h.LastModified = "", ""
		page.HTTP = &h
	}
}
