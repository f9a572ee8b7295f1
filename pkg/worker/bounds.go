package worker

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// Bounds end a run that is to end, also where a site lists more than can be fetched, or invents addresses: each section is
// read once, and what a bound leaves is due for the next run. The zero value bounds nothing.
type Bounds struct {
	Once bool
	// Limit is how many new articles a site gives before the rest of it is left; 0 is any number. A site is left too after as
	// many pages without result, and adds twice as many pages at most; of these, minTrials are always tried.
	Limit int
	// Since leaves what its source dates before that, and the further pages of a listing on which all is older.
	Since time.Time
}

// minTrials keeps a small limit from ending a site by its sections or a few failures.
const minTrials = 1000

// tally is what a run with bounds has seen of its sites so far.
type tally struct {
	Bounds
	mu       sync.Mutex
	sites    map[string]*share   // by id
	listings map[string]*isOlder // by the id of a listing's page
}

// share is what a site has given.
type share struct {
	articles, failures, made int
	left                     bool // something of it
}

// isOlder counts the new articles of one page of a listing by whether they are older than Bounds.Since.
type isOlder struct{ yes, no int }

func newTally(b Bounds) *tally {
	return &tally{Bounds: b, sites: make(map[string]*share), listings: make(map[string]*isOlder)}
}

// of is a site's share. The lock is held.
func (t *tally) of(site string) *share {
	if t.sites[site] == nil {
		t.sites[site] = &share{}
	}
	return t.sites[site]
}

// note counts what came of a page, and published, when its article says that it was published.
func (t *tally) note(e Event, published *time.Time) {
	if !t.Once {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.of(e.Page.Site)
	s.made += e.Created
	switch {
	case e.Article == store.ArticleNew:
		s.articles++
	case e.Page.Outcome == outcome.Cut: // cost nothing
	case e.Page.Outcome != outcome.OK && e.Page.Outcome != outcome.NotModified && e.Page.Outcome != outcome.Absent,
		e.Article == store.ArticleAlias: // a site can invent addresses of one text without end
		s.failures++
	}
	if e.Article == store.ArticleNew && published != nil && !t.Since.IsZero() {
		from := e.Page.DiscoveredFrom
		if t.listings[from] == nil {
			t.listings[from] = &isOlder{}
		}
		if published.Before(t.Since) {
			t.listings[from].yes++
		} else {
			t.listings[from].no++
		}
	}
}

// isSpent says whether no more of a site is fetched in this run. The lock is held.
func (t *tally) isSpent(s *share) bool {
	return t.Limit > 0 && (s.articles >= t.Limit || s.failures >= max(t.Limit, minTrials))
}

// leaves says whether a page is left to the next run.
func (t *tally) leaves(p store.Page) bool {
	if !t.Once {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.of(p.Site)
	older := t.listings[p.DiscoveredFrom]
	further := isSection(p.Kind) && !isRoot(p)
	leave := t.isSpent(s) ||
		p.Kind == store.KindArticle && p.ArticleID == "" && p.DatedAt != nil && p.DatedAt.Before(t.Since) || // known from another run
		further && t.Limit > 0 && s.made >= t.most() || // nothing that it lists would be taken
		further && older != nil && older.yes > 0 && older.no == 0
	s.left = s.left || leave
	return leave
}

// maxNew is how many pages one visit of a section of the site may add.
func (t *tally) maxNew(site string, most int) int {
	switch {
	case !t.Once:
		return most
	case t.Limit == 0:
		return math.MaxInt // there is no other visit in this run, and what one document lists is bounded
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(0, min(most, t.most()-t.of(site).made))
}

// most is how many pages a site may add.
func (t *tally) most() int { return 2 * max(t.Limit, minTrials) }

// rest notes that a section of the site has more than was taken.
func (t *tally) rest(site string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.of(site).left = true
}

// isOld says whether a link is to be left out for its date.
func (t *tally) isOld(l discover.Link, now time.Time) bool {
	at := dateOf(l, now)
	return at != nil && at.Before(t.Since)
}

// Spent lists the sites of which no more is fetched in a run with bounds.
func (w *Worker) Spent() []string {
	return w.tally.list(func(s *share) bool { return w.tally.isSpent(s) })
}

// Left lists the sites of which a run with bounds left something to the next one.
func (w *Worker) Left() []string { return w.tally.list(func(s *share) bool { return s.left }) }

func (t *tally) list(which func(*share) bool) (ids []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, s := range t.sites {
		if which(s) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// cuts says whether a page is not asked for because addresses of its form lead nowhere. Whoever has it fetched again by hand
// gets it: such a page was cut before, and has no attempts any more.
func (w *Worker) cuts(page store.Page, s *site.Site) bool {
	first := page.Outcome == "" && page.Attempts == 0
	again := page.Outcome == outcome.Cut && page.Attempts > 0
	return page.Kind == store.KindArticle && page.FetchedAt == nil && (first || again) && w.unyielding(page, s)
}

// unyielding says whether a new page is one of those that are left out because addresses of their form lead nowhere. What
// somebody named is not, nor what the site's patterns say to be an article.
func (w *Worker) unyielding(page store.Page, s *site.Site) bool {
	return page.DiscoveredFrom != "" && s.IsArticle(page.URL) != site.Article && !w.learned.takes(page.Site, page.URL)
}

// leave ends a page's task without a request: the page is due as it was, for the next run (StatusDone) or for when its site
// is not paused any more (StatusDue).
func (w *Worker) leave(work context.Context, turn *lane, t frontier.Task, page store.Page, as store.Status) error {
	return w.leaveUntil(work, turn, t, page, as, time.Now().UTC())
}

// leaveUntil is leave with the page due at a time.
func (w *Worker) leaveUntil(work context.Context, turn *lane, t frontier.Task, page store.Page, as store.Status, at time.Time) error {
	page.Status, page.NextAt = as, &at
	out, err := w.Committer.Commit(work, store.Effect{Page: page, Left: true})
	if err == nil {
		err = out[0].Err
	}
	switch {
	case errors.Is(err, store.ErrNewer), errors.Is(err, store.ErrRefused):
		w.Log.Warn("page not left for later; it is due again when its lease ends", zap.String("page", page.ID), zap.String("url", page.URL), zap.Error(err))
		return turn.Done(work, t)
	case err != nil:
		return err
	}
	w.Log.Debug("page left for later", zap.String("site", page.Site), zap.String("url", page.URL))
	return turn.Done(work, t)
}
