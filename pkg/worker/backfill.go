package worker

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/backfill"
	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// The pages of a backfill (package backfill) are worked on as all others. What is different is here: which of them are still to
// be asked for is decided when their turn comes, lists are read by their own rules, and what the crawl itself finds to be news
// is taken out of the backfill's queue.

// isOfBackfill is true for a page that stands in the frontier for a backfill alone.
func isOfBackfill(p store.Page) bool { return p.Priority >= backfill.Priority }

// longestWait is how long a page of a list waits at most until it is looked again whether the articles before it have been read.
const longestWait = 10 * time.Minute

// consider ends the task of a page of a backfill that is not needed any more, or that is for later: over says so. The page is
// changed to what is known of it now.
func (w *Worker) consider(work, ctx context.Context, turn *lane, t frontier.Task, page *store.Page, s *site.Site) (over bool, err error) {
	wait, why, err := w.weigh(ctx, page, s)
	switch {
	case err != nil:
		return false, err
	case why != "":
		v := w.unasked(*page, outcome.Left, why)
		v.page.Status, v.page.NextAt = store.StatusDone, nil
		if _, err := w.record(work, v, false); err != nil {
			return true, err
		}
		return true, turn.Done(work, t)
	case wait > 0:
		after := min(max(time.Duration(wait)*w.delay(s, page.URL), time.Second), longestWait)
		return true, w.leaveUntil(work, turn, t, *page, store.StatusDue, time.Now().UTC().Add(after))
	}
	return false, nil
}

// weigh says why a page of a backfill is not to be asked for, or for how many pages it has to wait.
func (w *Worker) weigh(ctx context.Context, page *store.Page, s *site.Site) (wait int, why outcome.Reason, err error) {
	b, err := w.Store.Backfill(ctx, page.Backfill)
	gone := errors.Is(err, store.ErrNotFound)
	switch {
	case err != nil && !gone:
		return 0, "", err
	case gone, b.State == store.BackfillStopped, b.State == store.BackfillDone && page.Walk != nil:
		return 0, outcome.ReasonStopped, nil
	case page.Walk == nil || s == nil:
		return 0, "", nil
	}
	wait, why, err = w.instead(ctx, b, *page, s)
	if err == nil && wait == 0 && why == "" && len(page.Walk.Undated)+page.Walk.Older+page.Walk.Newer > 0 {
		wait, why, err = w.settleWalk(ctx, page)
	}
	return wait, why, err
}

// instead says whether a list is not needed because one of all articles answers, or waits until that is known: then for how many
// pages.
func (w *Worker) instead(ctx context.Context, b store.Backfill, page store.Page, s *site.Site) (wait int, why outcome.Reason, err error) {
	if b.Wide || page.Walk.Way != backfill.WayListing && page.Walk.Way != backfill.WayMonth {
		return 0, "", nil // sitemaps cost little, and have what is no post
	}
	ids := []string{backfill.PageID(b.ID, s.Home)}
	for _, system := range discover.PostSystems() {
		if at, ok := discover.Posts(s.Home, system, b.From, b.To, 1); ok {
			ids = append(ids, backfill.PageID(b.ID, at))
		}
	}
	first, err := w.Store.Pages(ctx, ids)
	if err != nil {
		return 0, "", err
	}
	for _, p := range first {
		switch {
		case isPending(p):
			wait++
		case p.Walk != nil && p.Walk.Way == backfill.WayPosts && p.Outcome == outcome.OK:
			return 0, outcome.ReasonCovered, nil
		}
	}
	return wait, "", nil
}

// isPending is true for a page whose first answer is waited for. One that failed is not: it may fail for days.
func isPending(p store.Page) bool {
	return p.FetchedAt == nil && p.Attempts == 0 && (p.Status == store.StatusQueued || p.Status == store.StatusDue)
}

// settleWalk weighs what the page before this one of its list shows by the dates that are known now. It gives how many articles are
// still to be read for that.
func (w *Worker) settleWalk(ctx context.Context, page *store.Page) (wait int, why outcome.Reason, err error) {
	known, err := w.Store.Pages(ctx, page.Walk.Undated)
	if err != nil {
		return 0, "", err
	}
	dates, of := make(map[string]time.Time), make(map[string]string) // by page; the page of an article
	var pending, articles []string
	for _, id := range page.Walk.Undated {
		switch p, ok := known[id]; {
		case !ok:
		case p.DatedAt != nil:
			dates[id] = *p.DatedAt
		case p.ArticleID != "":
			articles, of[p.ArticleID] = append(articles, p.ArticleID), id
		case isPending(p):
			pending = append(pending, id)
		}
	}
	published, err := w.Store.PublishedAt(ctx, articles)
	if err != nil {
		return 0, "", err
	}
	for article, at := range published {
		dates[of[article]] = at
	}
	walk, why := backfill.Settle(*page.Walk, dates, pending)
	page.Walk = &walk
	return len(pending), why, nil
}

// readBack reads a list for a backfill.
func (w *Worker) readBack(v *verdict, s *site.Site, res fetch.Response, now time.Time) {
	found, err := discoverIn(v.page.Kind, s, res, w.learned.before(v.page.Site))
	if err != nil {
		v.page.Outcome, v.page.Reason, v.page.LastError = outcome.Unreadable, outcome.ReasonWrongKind, err.Error()
		w.done(v, now)
		return
	}
	b := &back{w: w, v: v, site: s, now: now, walk: *v.page.Walk, listed: backfill.NewListed(*v.page.Walk), seen: map[string]bool{v.page.ID: true}}
	links := found.Links
	if v.page.Kind == store.KindHome || v.page.Kind == store.KindListing {
		b.printed = discover.Dates(res.URL, res.Body, res.ContentType, links, s, now)
	}
	if v.page.Kind == store.KindHome {
		links = append(links, robotsSitemaps(s, res)...)
		b.systems(res.Body)
	}
	for _, l := range links {
		b.take(l)
	}
	for _, o := range found.Others {
		b.archive(o.URL)
	}
	if b.walk.Way == backfill.WayPosts {
		b.morePosts(found.Entries, res.Pages)
	}
	b.goOn()
	slices.SortStableFunc(v.seen, sooner)
	if len(links) == 0 {
		v.page.Outcome, v.page.Reason = outcome.Nothing, outcome.ReasonNoLinks
	}
	w.done(v, now)
}

// back is a list that is being read for a backfill.
type back struct {
	w      *Worker
	v      *verdict
	site   *site.Site
	now    time.Time
	walk   store.Walk
	listed *backfill.Listed
	seen   map[string]bool
	// printed are the dates that the list prints beside its articles.
	printed map[string]discover.Printed
	next    *store.Page // the list's next page
	ways    int         // lists that it leads to
}

// take follows a link, or leaves it.
func (b *back) take(l discover.Link) {
	switch l.Kind {
	case discover.KindArticle:
		b.article(l)
	case discover.KindSitemap:
		b.sitemap(l)
	case discover.KindListing:
		if b.walk.Way == backfill.WayHome {
			b.add(backfill.WayListing, l.URL, store.KindListing, sectionID(l.URL))
		}
		b.archive(l.URL)
	case discover.KindNext:
		if from, to, ok := discover.ArchiveOf(l.URL, b.site); !ok || backfill.Reaches(b.walk, from, to) {
			way := b.walk.Way
			if way == backfill.WayHome {
				way = backfill.WayListing
			}
			b.next = b.page(way, l.URL, store.KindListing, b.v.page.Section)
		}
	}
}

// page is a walk page at an address of the site's; nil for what is not the site's, and for the page itself.
func (b *back) page(way, address string, kind store.Kind, section string) *store.Page {
	if !b.site.Owns(address) {
		return nil
	}
	p := backfill.Step(b.v.page, way, b.site, address, kind, section, b.now, b.w.cfg.Lease)
	if b.seen[p.ID] {
		return nil
	}
	b.seen[p.ID] = true
	return &p
}

func (b *back) add(way, address string, kind store.Kind, section string) {
	if p := b.page(way, address, kind, section); p != nil {
		b.v.seen = append(b.v.seen, *p)
		b.ways++
	}
}

// article takes an article that is, or may be, of the backfill's time.
func (b *back) article(l discover.Link) {
	if said, ok := b.printed[l.URL]; ok && l.Published == nil {
		l.Published, l.Day = &said.At, said.Day
	}
	from := b.v.page
	from.Depth = 0
	p, why := b.w.pageOf(b.site, from, l, b.now)
	if why != "" || b.seen[p.ID] || b.w.unyielding(p, b.site) {
		return
	}
	b.seen[p.ID] = true
	at, inBounds := b.dateOf(l)
	b.listed.Add(b.walk, p.ID, at)
	if !inBounds {
		return
	}
	if !isNews(l, b.now) {
		p.Priority = backfill.Priority
	}
	p.Backfill, p.DatedAt = b.v.page.Backfill, at
	b.v.seen = append(b.v.seen, p)
	b.v.listed++
}

// dateOf is when an article was published, as far as the list or the address says, and whether that is, or may be, within the bounds.
func (b *back) dateOf(l discover.Link) (at *time.Time, inBounds bool) {
	const day, noon = 24 * time.Hour, 12 * time.Hour
	begin, end := l.Published, l.Published
	_, isPrinted := b.printed[l.URL]
	exact := l.Published != nil && !l.Day && !isPrinted // feeds and sitemaps name the zone
	switch to := discover.DayOf(l.URL, b.site); {
	case begin == nil && to != nil:
		begin, end = ptr(to.Add(-day)), to
	case begin == nil && l.Modified != nil && l.Modified.Before(b.walk.From):
		return l.Modified, false // it was published before
	case begin == nil || begin.Sub(b.now) > maxAhead:
		return nil, true
	case l.Day:
		end = ptr(begin.Add(day))
	}
	if at = begin; !begin.Equal(*end) {
		at = ptr(begin.Add(noon))
	}
	if b.site.TimeZone == "" && !exact { // it may be of any place
		begin, end = ptr(begin.Add(-discover.Slack)), ptr(end.Add(discover.Slack))
	}
	if at.After(b.now) {
		at = &b.now
	}
	if begin.Equal(*end) {
		return at, backfill.InBounds(b.walk, begin)
	}
	return at, backfill.Reaches(b.walk, *begin, *end)
}

func ptr[T any](v T) *T { return &v }

// sitemap takes a sitemap that may list articles of the backfill's time: by the time in its name, or by when it changed.
func (b *back) sitemap(l discover.Link) {
	switch {
	case b.walk.Way != backfill.WayHome && b.walk.Way != backfill.WaySitemap,
		b.walk.Way == backfill.WaySitemap && b.v.page.Depth > maxSitemapDepth,
		l.Published != nil && l.Since != nil && !backfill.Reaches(b.walk, *l.Since, *l.Published),
		l.Modified != nil && l.Modified.Before(b.walk.From):
		return
	}
	section := b.v.page.Section
	if b.walk.Way == backfill.WayHome {
		section = sectionID(l.URL)
	}
	from := b.v.page
	from.Depth = 0
	if p, why := b.w.pageOf(b.site, from, l, b.now); why == "" {
		step := backfill.Step(b.v.page, backfill.WaySitemap, b.site, p.URL, store.KindSitemap, section, b.now, b.w.cfg.Lease)
		step.Vouched, step.DatedAt = p.Vouched, p.DatedAt
		if !b.seen[step.ID] {
			b.seen[step.ID] = true
			b.v.seen = append(b.v.seen, step)
		}
	}
}

// archive takes the archive of a month that is linked. Those of days are gone through one by one, where a list links them as its
// next page.
func (b *back) archive(address string) {
	from, to, ok := discover.ArchiveOf(address, b.site)
	if ok && to.Sub(from) > 27*24*time.Hour && backfill.Reaches(b.walk, from, to) {
		b.add(backfill.WayMonth, address, store.KindListing, "")
	}
}

// systems takes the list of all articles that the home page's content system has, and the archives of its two latest months: where
// one is there, that has the others.
func (b *back) systems(body []byte) {
	system := discover.System(body)
	if at, ok := discover.Posts(b.site.Home, system, b.walk.From, b.walk.To, 1); ok {
		b.add(backfill.WayPosts, at, store.KindFeed, backfill.SectionOf(at))
	}
	for _, months := range discover.Months(b.site.Home, system, b.walk.From, b.walk.To, b.site.Location()) {
		for _, at := range months[:min(len(months), 2)] {
			b.add(backfill.WayMonth, at, store.KindListing, "")
		}
	}
}

// morePosts takes the next page of a list of all articles, as the list says how many there are, or where this one is full.
func (b *back) morePosts(entries, pages int) {
	n := b.v.page.Depth - 1 // the home page is before the first
	for _, system := range discover.PostSystems() {
		at, ok := discover.Posts(b.site.Home, system, b.walk.From, b.walk.To, n)
		if !ok || at != b.v.page.URL || pages > 0 && n >= pages || pages == 0 && entries < discover.PerPage(system) {
			continue
		}
		if next, ok := discover.Posts(b.site.Home, system, b.walk.From, b.walk.To, n+1); ok {
			b.next = b.page(backfill.WayPosts, next, store.KindFeed, b.v.page.Section)
		}
	}
}

// months are the archives beside that of a month which is there.
func (b *back) months() {
	for _, system := range discover.Systems() {
		for _, months := range discover.Months(b.site.Home, system, b.walk.From, b.walk.To, b.site.Location()) {
			if !slices.Contains(months[:min(len(months), 2)], b.v.page.URL) {
				continue
			}
			for _, at := range months {
				b.add(backfill.WayMonth, at, store.KindListing, "")
			}
		}
	}
}

// goOn has the list's next page know what this one shows, unless it is not needed.
func (b *back) goOn() {
	if b.walk.Way == backfill.WayMonth && b.listed.Fresh() > 0 {
		b.months()
	}
	if b.next == nil {
		if b.walk.Way == backfill.WayHome && b.ways > 0 {
			// The articles of a home page that is no list itself are news, or stand in the lists too.
			b.v.seen = slices.DeleteFunc(b.v.seen, func(p store.Page) bool { return p.Kind == store.KindArticle && p.DatedAt == nil })
		}
		return
	}
	walk, why := b.listed.Next(b.walk, b.v.page.Depth)
	if why != "" {
		b.v.page.Reason = why
		return
	}
	walk.Way = b.next.Walk.Way
	b.next.Walk = &walk
	b.v.seen = append(b.v.seen, *b.next)
}

// spreadBack stores what a list gives to a backfill. Articles that are known already are noted to be of it, and go on as they are.
func (w *Worker) spreadBack(ctx context.Context, r *recording, seen []store.Page) (all bool, err error) {
	if all, err = w.spreadAll(ctx, r, seen); err != nil {
		return false, err
	}
	var known []string
	for _, p := range seen {
		if p.Kind == store.KindArticle && !r.made[p.ID] {
			known = append(known, p.ID)
		}
	}
	return all, w.Store.MarkBackfill(ctx, r.page.Backfill, known)
}

// hasten has articles fetched as news that a section lists and that a backfill found before it. Those which a backfill left when it
// was stopped are the crawl's own again.
func (w *Worker) hasten(ctx context.Context, r *recording, seen []store.Page) error {
	wanted := make(map[string]int)
	var ids []string
	for _, p := range seen {
		if p.Kind == store.KindArticle && !isOfBackfill(p) && !r.made[p.ID] {
			ids, wanted[p.ID] = append(ids, p.ID), p.Priority
		}
	}
	if len(ids) == 0 {
		return nil
	}
	open, err := w.Store.HasBackfill(ctx, r.page.Site)
	if err != nil || !open {
		return err
	}
	stored, err := w.Store.Pages(ctx, ids)
	if err != nil {
		return err
	}
	var late []store.Page
	for _, id := range ids {
		p, ok := stored[id]
		if ok && isOfBackfill(p) && p.Version <= store.PageVersion && (isPending(p) || p.Outcome == outcome.Left) {
			p.Priority = wanted[id]
			late = append(late, p)
		}
	}
	won, err := w.Store.Claim(ctx, late, time.Now().Add(w.cfg.Lease))
	if err != nil || len(won) == 0 {
		return err
	}
	tasks := make([]frontier.Task, len(won))
	for i, p := range won {
		tasks[i] = taskOf(p)
	}
	if err := w.Frontier.Withdraw(ctx, tasks); err != nil {
		return err
	}
	w.Log.Debug("articles of a backfill are fetched as news", zap.String("site", r.page.Site), zap.Int("pages", len(won)))
	return w.put(ctx, won)
}
