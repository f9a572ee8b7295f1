package worker

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/revisit"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// The sitemaps that an index lists are visited when the index says so, or their time has come, and nobody but a visit of the
// index decides that: what it lists no more, as the address with a number of the hour that it listed yesterday, is not asked
// for again.

const (
	// front is how many sitemaps of an index are read before the articles of the past: some weeks by day, a year by month.
	// Reading all of an archive's first would keep its site busy for hours before the first article.
	front = 20
	// mostWoken bounds the sitemaps that one visit of an index has visited again: less than two minutes of a lane's time at
	// the default delay. The rest is woken at the next one.
	mostWoken = 20
	// newsYield is the yield from which a sitemap counts as one that news comes in: its last visit brought an article.
	newsYield = 0.5
)

// isChild is true for a sitemap that an index lists.
func isChild(p store.Page) bool {
	return p.Kind == store.KindSitemap && p.Depth > 0 && p.Walk == nil && !isRoot(p)
}

// reachedBy is up to when a sitemap goes that an index lists, as far as the index and the sitemap's name say: the end of the
// day or month in its name; of the current one, and where the name has none, when the index says that it changed.
func reachedBy(l discover.Link, now time.Time) *time.Time {
	switch {
	case l.Published != nil && !l.Published.After(now):
		return l.Published
	case l.Modified != nil && l.Modified.Sub(now) <= maxAhead:
		return l.Modified
	case l.Published != nil:
		return &now // it grows as we look
	}
	return nil
}

// published dates a sitemap's article by its address, at the end of the day that stands there, where the sitemap does not say
// when it was published.
func published(l discover.Link, s *site.Site, now time.Time) *time.Time {
	if l.Published != nil {
		return l.Published
	}
	at := discover.DayOf(l.URL, s)
	if at != nil && at.After(now) && at.Sub(now) < 24*time.Hour {
		return &now // today
	}
	return at
}

// seenAgain has known pages visited that this one names: the sitemaps of an index whose time has come, and what was but a
// guess until now.
func (w *Worker) seenAgain(ctx context.Context, r *recording) error {
	var ids []string
	listed := make(map[string]store.Page)
	for _, p := range r.seen {
		if (p.Kind == store.KindSitemap || p.Kind == store.KindFeed) && p.Guess == "" && !r.made[p.ID] {
			ids = append(ids, p.ID)
			listed[p.ID] = p
		}
	}
	if !r.visited || len(ids) == 0 {
		return nil
	}
	stored, err := w.Store.Pages(ctx, ids)
	if err != nil {
		return err
	}
	var again []store.Page
	if r.page.Kind == store.KindSitemap {
		again = w.ripe(ids, listed, stored, time.Now())
	} else {
		for _, id := range ids {
			if p, ok := stored[id]; ok && p.Guess != "" && isIdle(p) {
				p.Guess = ""
				again = append(again, p)
			}
		}
	}
	for _, p := range again {
		r.stirred = r.stirred || p.Yield >= newsYield
	}
	if len(again) == 0 {
		return nil
	}
	won, err := w.Store.Claim(ctx, again, time.Now().Add(w.cfg.Lease))
	if err != nil {
		return err
	}
	return w.put(ctx, won)
}

// isIdle is true for a page that was visited and is in nobody's hands.
func isIdle(p store.Page) bool {
	return p.Version <= store.PageVersion && p.FetchedAt != nil && p.Status != store.StatusQueued && p.Status != store.StatusDue && p.Status != store.StatusAside
}

// ripe are the known sitemaps of an index that are to be visited again, at most mostWoken of them in a crawl that goes on: first
// those that changed by what the index says, the latest first, then those whose yield lets expect something. An index that
// dates most of its sitemaps anew says nothing by that; then only the yield counts.
func (w *Worker) ripe(ids []string, listed, stored map[string]store.Page, now time.Time) []store.Page {
	type candidate struct {
		page    store.Page
		changed bool
		waited  float64 // how much of its wait is over
	}
	var all []candidate
	changed := 0
	for _, id := range ids {
		p, ok := stored[id]
		if !ok || !isIdle(p) {
			continue
		}
		c := candidate{page: p, changed: isLater(listed[id].DatedAt, p)}
		if c.changed {
			changed++
			c.page.DatedAt = listed[id].DatedAt
		}
		switch policy := w.policyOf(p); {
		case !isChild(p) || p.NextAt != nil: // has a time of its own
		case p.Status == store.StatusDone:
			c.waited = float64(now.Sub(*p.FetchedAt)) / float64(policy.Sitemap(p.Yield))
		default: // given up, and listed still
			c.waited = float64(now.Sub(*p.FetchedAt)) / float64(policy.Sitemap(0))
		}
		all = append(all, c)
	}
	believed := changed <= mostWoken || 2*changed <= len(all)
	all = slices.DeleteFunc(all, func(c candidate) bool { return c.waited < 1 && !(c.changed && believed) })
	slices.SortStableFunc(all, func(a, b candidate) int {
		switch {
		case a.changed != b.changed && believed:
			if a.changed {
				return -1
			}
			return 1
		case a.changed && believed:
			return b.page.DatedAt.Compare(*a.page.DatedAt)
		}
		return cmp.Compare(b.waited, a.waited)
	})
	if !w.tally.Once {
		all = all[:min(len(all), mostWoken)]
	}
	pages := make([]store.Page, len(all))
	for i, c := range all {
		pages[i] = c.page
	}
	return pages
}

// isLater says whether a date that an index gives says that the sitemap has changed since it was visited.
func isLater(said *time.Time, p store.Page) bool {
	switch {
	case said == nil:
		return false
	case p.DatedAt == nil:
		return said.After(*p.FetchedAt)
	}
	return said.Truncate(time.Millisecond).After(*p.DatedAt) // which the store keeps to the millisecond
}

// settleChild notes what a visit of a sitemap that an index lists lets expect of the next ones. From then on it is no part of
// the past: news comes in it, or nothing.
func settleChild(page *store.Page, r *recording, policy revisit.Policy, now time.Time) {
	switch page.Outcome {
	case outcome.OK, outcome.NotModified, outcome.Nothing:
	default:
		return
	}
	page.Priority = priorityFurther
	fresh := len(r.made)
	if r.stirred {
		fresh = max(fresh, 1)
	}
	if r.visited {
		page.Yield = (page.Yield + float64(fresh)) / 2
		return
	}
	// All that is in it is new at the first visit. What is to come is told by the age of the newest, or of itself.
	newest := r.newest
	if newest == nil {
		newest = page.DatedAt
	}
	age := policy.Max
	if newest != nil {
		age = now.Sub(*newest)
	}
	page.Yield = policy.Expected(age)
}
