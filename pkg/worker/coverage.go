package worker

import (
	"cmp"
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/coverage"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// A visit of a section proves that nothing went by since the last one, or finds a gap (see package coverage). A gap is read back
// page by page: each further page, when it is read, says whether it has come to what was known before, and settles the section's
// gaps then. Where there is no further page the gap is told at once, in the log and on the section's record.

// covers says what the visit of a section, or of a sitemap that an index lists, proves. Nothing where it lists no articles.
func (r *recording) covers() {
	r.listing, r.gaps, r.moved = r.page.Listed, nil, nil
	if r.page.Outcome == outcome.NotModified && r.listing != nil {
		same := *r.listing
		same.Proof = coverage.Overlap
		r.listing = &same
	}
	if r.listed == 0 || !isRoot(r.page) && !isChild(r.page) {
		return
	}
	last := r.page.Listed
	now, moved := coverage.Follow(last, r.articles())
	now.More = r.next != ""
	r.listing, r.moved = &now, moved
	if now.Proof == coverage.Gap && r.visited {
		since := r.visitedAt
		if s := r.page.Rhythm; s != nil && !s.At.IsZero() {
			since = s.At
		}
		r.gaps = r.page.Gaps.Opened(since, last)
	}
}

// articles are the ids of the articles that the visit lists, the newest first.
func (r *recording) articles() []string {
	if r.order != nil {
		return r.order
	}
	ids := make([]string, 0, r.listed)
	for _, p := range r.seen {
		if p.Kind == store.KindArticle {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// goesOn says whether a listing is followed to its next page: by the first visit, to close a gap, and where nothing proves that
// there is none while at least half of what it lists is new. fresh says whether the visit made an article.
func (w *Worker) goesOn(ctx context.Context, r *recording, fresh bool) (bool, error) {
	if !isRoot(r.page) && !isChild(r.page) {
		if r.page.Kind == store.KindSitemap || r.page.Depth == 0 {
			return true, nil
		}
		return w.followsGap(ctx, r, fresh)
	}
	on, err := w.beginsGap(ctx, r)
	if err != nil || r.page.GapOf == "" {
		return on, err
	}
	// A section that is a further page of another one, too.
	also, err := w.followsGap(ctx, r, fresh)
	return on || also, err
}

// beginsGap is goesOn for a section.
func (w *Worker) beginsGap(ctx context.Context, r *recording) (bool, error) {
	switch {
	case !r.visited:
		return true, nil
	case r.gaps != nil && r.next == "":
		w.tell(r, coverage.WhyNoPages)
		return false, nil
	case r.gaps != nil:
		r.gapOf = r.page.ID
		return true, nil
	case r.listed > 0 && r.page.Gaps.Lasts(time.Now()) && r.next == "":
		return false, w.settle(ctx, r.page, coverage.WhyNoPages)
	case r.listed > 0 && r.page.Gaps.Lasts(time.Now()):
		r.gapOf = r.page.ID
		return true, nil
	case r.listing != nil && r.listing.Proof == coverage.Overlap:
		return false, nil
	}
	return r.fresh() > 0 && 2*r.fresh() >= r.listed, nil
}

// tell ends the gaps that this visit of the section itself found.
func (w *Worker) tell(r *recording, why coverage.Why) {
	w.logGap("articles may have gone by unseen", r.page, r.gaps, why)
	r.gaps = r.gaps.Settled(why, time.Now().UTC())
}

func (w *Worker) logGap(what string, section store.Page, g *coverage.Gaps, why coverage.Why) {
	w.Log.Info(what, zap.String("site", section.Site), zap.String("section", section.Section), zap.String("url", section.URL),
		zap.String("why", string(why)), zap.Timep("since", g.Since), zap.Int("gaps", g.Open))
}

// followsGap is goesOn for a further page of a listing. It settles the open gaps of the listing's section where they end here.
func (w *Worker) followsGap(ctx context.Context, r *recording, fresh bool) (bool, error) {
	section, ok, err := w.sectionOf(ctx, r.page)
	if err != nil {
		return false, err
	}
	if !ok || section.Gaps == nil || section.Gaps.Open == 0 {
		return fresh && (!r.visited || 2*r.fresh() >= r.listed), nil
	}
	why := coverage.Why("")
	switch {
	case r.listed > 0 && (section.Gaps.Reaches(r.articles(), section.Listed) || !fresh): // what is known is not missed
	case courseOf(r.page) != fine:
		if r.page.Status == store.StatusDue {
			return false, nil // it is tried again soon
		}
		why = coverage.WhyUnreached
	case r.page.Outcome == outcome.NotModified, r.page.Outcome == outcome.Redirected: // as it was, or it goes on elsewhere
		return false, nil
	case r.next != "":
		r.gapOf = section.ID
		return true, nil
	case r.page.Depth+1 >= w.pagesIn(r.page):
		why = coverage.WhyTooDeep
	default:
		why = coverage.WhyEnd
	}
	return false, w.settle(ctx, section, why)
}

// settle ends a section's open gaps.
func (w *Worker) settle(ctx context.Context, section store.Page, why coverage.Why) error {
	n, err := w.Store.SettleGaps(ctx, section.ID, why, time.Now().UTC())
	switch {
	case err != nil, n == 0:
		return err
	case why != "":
		w.logGap("articles may have gone by unseen", section, section.Gaps, why)
	default:
		w.Log.Debug("gap closed", zap.String("site", section.Site), zap.String("section", section.Section), zap.String("url", section.URL))
	}
	return nil
}

// unreached tells the gaps that a listing's next page is to close, which is given up.
func (w *Worker) unreached(ctx context.Context, r *recording) error {
	switch {
	case r.gapOf == "":
		return nil
	case r.gapOf == r.page.ID && r.gaps != nil:
		w.tell(r, coverage.WhyUnreached)
		return nil
	}
	known, err := w.Store.Pages(ctx, []string{r.gapOf})
	if section, ok := known[r.gapOf]; err == nil && ok && section.Gaps != nil {
		err = w.settle(ctx, section, coverage.WhyUnreached)
	}
	return err
}

// pagesIn is how many pages of a page's listing are followed.
func (w *Worker) pagesIn(p store.Page) int {
	if s := w.Sites.Set().Get(p.Site); s != nil {
		return w.pagesOf(s, p.Section)
	}
	return w.cfg.Pages
}

// sectionOf is the section for whose gap a further page is read, or else the one that it is of. Several may go on to the same page.
func (w *Worker) sectionOf(ctx context.Context, p store.Page) (store.Page, bool, error) {
	above := cmp.Or(p.GapOf, p.DiscoveredFrom)
	for range max(p.Depth, 1) {
		if above == "" {
			break
		}
		known, err := w.Store.Pages(ctx, []string{above})
		if err != nil {
			return store.Page{}, false, err
		}
		section, ok := known[above]
		if !ok || section.Version > store.PageVersion {
			break
		}
		if isRoot(section) || isChild(section) {
			return section, true, nil
		}
		above = section.DiscoveredFrom
	}
	return store.Page{}, false, nil
}
