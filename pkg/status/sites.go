package status

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/khabar-crawler/khabar/pkg/ledger"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
)

const (
	// leastFailures is how often in a row a section must have failed: once may be anything.
	leastFailures = 2
	// leastAttempts is how many attempts at a site's articles say something of the site.
	leastAttempts = 10
)

// failed says whether an outcome is a failure to get at a page, rather than what the page is.
func failed(o outcome.Outcome) bool {
	switch o {
	case outcome.Blocked, outcome.Refused, outcome.Retry, outcome.Failed, outcome.RobotsUnavailable, outcome.Host,
		outcome.NotStored, outcome.Crash, outcome.NoSite:
		return true
	}
	return false
}

// sections counts sections, and gives their pages: those of sites that are to be visited.
func (r *Report) sections(ctx context.Context, src Sources, scope store.Scope, now time.Time) (roots []store.Page, err error) {
	for p, err := range src.Store.Roots(ctx, scope.Sites) {
		if err != nil {
			return nil, err
		}
		if slices.Contains(scope.Without, p.Site) {
			continue
		}
		roots = append(roots, p)
		r.Sections.Known++
		if p.Attempts >= leastFailures {
			r.Sections.Failing++
		}
		// What is queued waits in the frontier, and its next_at is the end of a lease.
		if p.NextAt != nil && !p.NextAt.After(now) {
			r.Sections.Due++
			if now.Sub(*p.NextAt) > LateAfter {
				r.Sections.Late++
			}
		}
		if r.Site != "" {
			r.Sections.States = append(r.Sections.States, Section{
				URL: p.URL, Kind: p.Kind, Status: p.Status, Outcome: p.Outcome, Reason: p.Reason, Attempts: p.Attempts,
				FetchedAt: p.FetchedAt, NextAt: p.NextAt, NextWhy: string(p.NextWhy),
			})
		}
	}
	slices.SortFunc(r.Sections.States, func(a, b Section) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.URL, b.URL)) })
	return roots, nil
}

// bySite says of each site how late it is, and what is wrong with it.
func (r *Report) bySite(ctx context.Context, src Sources, roots []store.Page, now time.Time) error {
	r.Sites.Defined = len(src.Sites)
	known := make(map[string]bool)
	for _, s := range src.Sites {
		if r.Site != "" && s.ID != r.Site {
			continue
		}
		if s.Broken != "" {
			r.Sites.Trouble = append(r.Sites.Trouble, Trouble{Site: s.ID, What: BrokenDefinition, Detail: s.Broken, Bad: 1, Of: 1})
		}
		if s.Paused {
			r.Sites.Paused = append(r.Sites.Paused, s.ID)
			continue
		}
		known[s.ID] = true
	}
	sections := make(map[string][]store.Page)
	for _, p := range roots {
		known[p.Site] = true
		sections[p.Site] = append(sections[p.Site], p)
	}
	r.Sites.Known = len(known) + len(r.Sites.Paused)
	var ids []string
	for id := range known {
		ids = append(ids, id)
	}
	sheets, err := src.Store.SiteSheets(ctx, ids, now.Add(-day), now)
	if err != nil {
		return err
	}
	bySite := make(map[string][]ledger.Sheet)
	for _, s := range sheets {
		bySite[s.Site] = append(bySite[s.Site], s)
	}
	for _, id := range ids {
		total, since := ledger.Since(id, bySite[id], now.Add(-day))
		if d := delayOf(total, since); d.New > 0 {
			r.Sites.BySite = append(r.Sites.BySite, SiteDelay{Site: id, New: d.New, Articles: d.Articles, P50: d.P50, P95: d.P95})
		}
		if t, bad := troubleOf(id, sections[id], total); bad {
			r.Sites.Trouble = append(r.Sites.Trouble, t)
		}
	}
	r.sort()
	return nil
}

// sort puts the worst first: of what is wrong, and of what is late.
func (r *Report) sort() {
	slices.Sort(r.Sites.Paused)
	rank := map[What]int{BrokenDefinition: 0, FailingSections: 1, FailingArticles: 2}
	slices.SortFunc(r.Sites.Trouble, func(a, b Trouble) int {
		return cmp.Or(cmp.Compare(rank[a.What], rank[b.What]), cmp.Compare(b.share(), a.share()), cmp.Compare(b.Bad, a.Bad), cmp.Compare(a.Site, b.Site))
	})
	late := func(d SiteDelay) int64 {
		if d.P50 == nil {
			return -1
		}
		return *d.P50
	}
	slices.SortFunc(r.Sites.BySite, func(a, b SiteDelay) int { return cmp.Or(cmp.Compare(late(b), late(a)), cmp.Compare(a.Site, b.Site)) })
}

// share is how much of what there is is bad.
func (t Trouble) share() float64 { return float64(t.Bad) / float64(max(t.Of, 1)) }

// troubleOf says what is wrong with a site, if anything.
func troubleOf(site string, sections []store.Page, lastDay ledger.Slot) (Trouble, bool) {
	words := make(map[string]int64)
	bad := int64(0)
	for _, p := range sections {
		if p.Attempts >= leastFailures {
			words[ledger.Word(p.Outcome, p.Reason)]++
			bad++
		}
	}
	if of := int64(len(sections)); bad > 0 && 2*bad >= of {
		worst := countsOf(words)[0]
		return Trouble{Site: site, What: FailingSections, Outcome: worst.Outcome, Reason: worst.Reason, Bad: bad, Of: of}, true
	}
	of := ledger.Total(lastDay.Articles)
	clear(words)
	bad = 0
	for _, c := range countsOf(lastDay.Articles) {
		if failed(c.Outcome) {
			words[ledger.Word(c.Outcome, c.Reason)] = c.Pages
			bad += c.Pages
		}
	}
	if of >= leastAttempts && 2*bad >= of {
		worst := countsOf(words)[0]
		return Trouble{Site: site, What: FailingArticles, Outcome: worst.Outcome, Reason: worst.Reason, Bad: bad, Of: of}, true
	}
	return Trouble{}, false
}
