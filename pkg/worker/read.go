package worker

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
	"github.com/khabar-crawler/khabar/pkg/yield"
)

// maxSitemapDepth bounds indexes of sitemaps that name indexes: the protocol allows one level, and some sites use two.
const maxSitemapDepth = 3

// The frontier's priorities, by what is to be expected of a page. Within one, what is queued first is fetched first, and
// what one page leads to is queued by its dates, the newest first.
const (
	prioritySection = 0 // sections' first pages: news is found there
	priorityNews    = 1 // articles that sections list, and those of sitemaps that are dated as news
	priorityFurther = 2 // further pages of listings, the newest sitemaps of an index, and usual places that nothing names
	priorityArchive = 3 // what only sitemaps know
	priorityOlder   = 4 // the older sitemaps of an index: one after the other, each when what newer ones list is read
)

// readSection finds the pages that a section lists.
func (w *Worker) readSection(v *verdict, s *site.Site, res fetch.Response, now time.Time) {
	found, err := discoverIn(v.page.Kind, s, res, w.learned.before(v.page.Site))
	if err != nil {
		if v.page.Guess == "" && (w.isSentOn(v, s, res, now) || w.listsFeeds(v, s, res, now)) { // a feed's address may be a page
			return
		}
		v.page.Outcome, v.page.Reason, v.page.LastError = outcome.Unreadable, outcome.ReasonWrongKind, err.Error()
		w.done(v, now)
		return
	}
	links := found.Links
	v.renewed = cmp.Or(found.Renewed, v.renewed)
	if v.page.Kind == store.KindHome {
		if !isPart(s, v.page) { // they are of the whole site
			links = append(links, robotsSitemaps(s, res)...)
		}
	}
	seen, followed := map[string]bool{v.page.ID: true}, 0
	for i, l := range links {
		if v.page.Kind == store.KindSitemap && l.Kind == discover.KindArticle {
			l.Published = published(l, s, now)
			v.newest = latest(v.newest, dateOf(l, now))
		}
		p, why := w.pageOf(s, v.page, l, now)
		switch {
		case why == "" && seen[p.ID]:
			why = discover.Duplicate
		case why == "" && p.Kind == store.KindArticle && w.unyielding(p, s):
			why = discover.Unyielding
		case why == "" && w.tally.isOld(l, now):
			why, v.older = discover.TooOld, true
		}
		if why != "" {
			found.Dropped[why]++
			continue
		}
		if i < len(found.Links) {
			followed++
		}
		seen[p.ID] = true
		if p.Kind == store.KindSitemap && v.page.Kind == store.KindSitemap {
			if v.children++; v.children > front {
				p.Priority = priorityOlder
			}
		}
		v.seen = append(v.seen, p)
		switch {
		case p.Kind == store.KindArticle:
			v.listed++
		case l.Kind == discover.KindNext:
			v.next = p.ID
		}
	}
	if v.page.Kind == store.KindFeed {
		v.order = newestFirst(v.seen)
	}
	slices.SortStableFunc(v.seen, sooner)
	if len(v.seen) == 0 && found.Refresh != "" && v.page.Guess == "" {
		w.sendOn(v, s, found.Refresh, now)
		return
	}
	v.page.Reason, v.page.LastError = missed(found, followed)
	if len(v.seen) == 0 {
		v.page.Outcome = outcome.Nothing
		v.page.LastError += ofAnother(v.page, s, found, res)
	}
	if v.page.Kind == store.KindHome && (v.page.URL == s.Home || v.page.DiscoveredFrom != "") { // not any page that somebody named
		v.seen = append(v.seen, w.guesses(v, s, res, now)...)
	}
	w.done(v, now)
}

// listsFeeds takes the feeds that a page names which stands where the home page said one of them was; one level of such pages, and
// only as long as no feed ever stood there. False where it names none.
func (w *Worker) listsFeeds(v *verdict, s *site.Site, res fetch.Response, now time.Time) bool {
	if v.page.Kind != store.KindFeed || v.page.Yield > 0 || v.page.DiscoveredFrom != weburl.ID(s.Home) {
		return false
	}
	found, err := discover.Feeds(res.URL, res.Body, res.ContentType, s)
	if err != nil {
		return false
	}
	as := v.page
	as.Kind = store.KindHome
	for _, l := range found.Links {
		if p, why := w.pageOf(s, as, l, now); why == "" && p.ID != v.page.ID {
			v.seen = append(v.seen, p)
		}
	}
	if len(v.seen) == 0 {
		return false
	}
	w.done(v, now)
	return true
}

// newestFirst gives the ids of a feed's articles in the feed's own order, which tells more than dates of which some may be wrong;
// some feeds have theirs the other way round.
func newestFirst(seen []store.Page) (ids []string) {
	rising, pairs := 0, 0 // dates from one to the next
	var last *time.Time
	for _, p := range seen {
		if p.Kind != store.KindArticle {
			continue
		}
		ids = append(ids, p.ID)
		if last != nil && p.DatedAt != nil {
			pairs++
			if p.DatedAt.After(*last) {
				rising++
			}
		}
		last = p.DatedAt
	}
	if rising > 0 && 10*rising >= 9*pairs {
		slices.Reverse(ids)
	}
	return ids
}

// readRobots finds the sitemaps that robots.txt names where the home page itself has not changed.
func (w *Worker) readRobots(v *verdict, s *site.Site, res fetch.Response, now time.Time) {
	for _, l := range robotsSitemaps(s, res) {
		if p, why := w.pageOf(s, v.page, l, now); why == "" {
			v.seen = append(v.seen, p)
		}
	}
}

// latest is the later of two times, each of which may be unknown.
func latest(a, b *time.Time) *time.Time {
	if a == nil || b != nil && b.After(*a) {
		return b
	}
	return a
}

// isSentOn follows a page that turned out not to be what it should, if it only sends its readers on.
func (w *Worker) isSentOn(v *verdict, s *site.Site, res fetch.Response, now time.Time) bool {
	if len(res.Body) > maxSender {
		return false
	}
	found, err := discoverIn(store.KindListing, s, res, nil)
	if err != nil || found.Refresh == "" {
		return false
	}
	w.sendOn(v, s, found.Refresh, now)
	return true
}

// maxSender is the longest page that is looked at for where it sends its readers in place of a text: such pages have a few
// lines, and a script or two.
const maxSender = 64 << 10

// sendOn follows a page that is nothing but a redirect in its markup.
func (w *Worker) sendOn(v *verdict, s *site.Site, to string, now time.Time) {
	v.page.Outcome = outcome.Redirected
	w.redirected(v, s, fetch.Response{Location: to}, now)
}

// ofAnother says whose the articles are of a feed or sitemap that somebody named by itself, on a host that is not theirs; "" for none.
func ofAnother(p store.Page, s *site.Site, found discover.Result, res fetch.Response) string {
	if p.DiscoveredFrom != "" || p.Kind != store.KindFeed && p.Kind != store.KindSitemap || found.Dropped[discover.OffSite] == 0 {
		return ""
	}
	home := discover.Own(res.Body, res.ContentType)
	if home == "" || s.Owns(home) {
		return ""
	}
	return fmt.Sprintf("; what it lists is of %s: crawl that, or name this address among the sections of its site file, and %s under hosts", home, weburl.Host(p.URL))
}

// missed says why none of a document's links is followed, or that it may have had more of them; "" where neither is so.
func missed(found discover.Result, followed int) (outcome.Reason, string) {
	left, flawed := found.Left(), flawed(found)
	switch {
	case found.Broken:
		return outcome.ReasonCutOff, fmt.Sprintf("cut off; %d links could be read%s", len(found.Links), flawed)
	case followed > 0 && flawed == "":
		return "", ""
	case found.Script:
		return outcome.ReasonScript, "the HTML has scripts and hardly any text; left out: " + cmp.Or(left, "nothing")
	case followed == 0 && left != "":
		return outcome.ReasonLinksRefused, "left out: " + left + flawed
	case flawed != "":
		return outcome.ReasonMalformed, fmt.Sprintf("%d links could be read%s", len(found.Links), flawed)
	}
	return outcome.ReasonNoLinks, ""
}

// flawed says in words how much of a document is malformed, "" where nothing is.
func flawed(found discover.Result) string {
	switch {
	case found.Bad > 0:
		return fmt.Sprintf("; %d of %d entries are malformed, the first: %s", found.Bad, found.Entries, found.Flaw)
	case found.Flaw != "":
		return "; malformed: " + found.Flaw
	}
	return ""
}

func discoverIn(kind store.Kind, s *site.Site, res fetch.Response, past *yield.Past) (discover.Result, error) {
	switch kind {
	case store.KindHome:
		return discover.Home(res.URL, res.Body, res.ContentType, s.Wide(), past)
	case store.KindFeed:
		found, err := discover.Feed(res.URL, res.Body, res.ContentType, s)
		if res.Pages > 0 && discover.PageOf(res.URL) >= res.Pages {
			found.Links = slices.DeleteFunc(found.Links, func(l discover.Link) bool { return l.Kind == discover.KindNext })
		}
		return found, err
	case store.KindSitemap:
		return discover.Sitemap(res.URL, res.Body, res.ContentType, s.Wide())
	}
	return discover.Listing(res.URL, res.Body, res.ContentType, s, past)
}

// pageOf makes the page of a link, or says why the link is not to be followed from here.
func (w *Worker) pageOf(s *site.Site, from store.Page, l discover.Link, now time.Time) (p store.Page, why discover.Reason) {
	target, err := weburl.Canonical(l.URL)
	if err != nil {
		return store.Page{}, discover.BadURL
	}
	home, of, vouched := from.Kind == store.KindHome, s, false
	if s = ownerOf(of, from, l.Kind, target); s == nil && l.Vouched {
		s, vouched = of, true
	}
	if s == nil {
		return store.Page{}, discover.OffSite
	}
	linked := target
	if !vouched {
		target = w.bareOf(s, linked, l.Kind)
	}
	defer func() {
		if p.Vouched = vouched; target != linked {
			p.LinkedAs = linked
		}
	}()
	if home && l.Kind != discover.KindArticle && l.Kind != discover.KindNext && isPart(of, from) && !isBelow(from.URL, target) {
		return store.Page{}, discover.Section
	}
	switch l.Kind {
	case discover.KindArticle:
		if !vouched && s.IsArticle(target) == site.NotArticle {
			return store.Page{}, discover.NotArticle
		}
		p = w.newPage(s, from, target, store.KindArticle, from.Section, 0, now)
		p.DatedAt, p.Told, p.Block = dateOf(l, now), toldBy(from.Kind, l, now), l.Block
		if from.Kind == store.KindSitemap && !isNews(l, now) {
			p.Priority = priorityArchive
		}
		return p, ""
	case discover.KindNext:
		if from.Depth+1 >= w.pagesOf(s, from.Section) {
			return store.Page{}, discover.TooDeep
		}
		kind := store.KindListing
		if from.Kind == store.KindFeed {
			kind = store.KindFeed // WordPress's REST API has pages too
		}
		return w.newPage(s, from, target, kind, from.Section, from.Depth+1, now), ""
	case discover.KindSitemap:
		switch {
		case home:
			return w.newPage(s, from, target, store.KindSitemap, sectionID(target), 0, now), ""
		case from.Kind != store.KindSitemap:
			return store.Page{}, discover.Section
		case from.Depth+1 >= maxSitemapDepth:
			return store.Page{}, discover.TooDeep
		}
		p = w.newPage(s, from, target, store.KindSitemap, from.Section, from.Depth+1, now)
		p.DatedAt = reachedBy(l, now)
		return p, ""
	case discover.KindFeed:
		if home {
			return w.newPage(s, from, target, store.KindFeed, sectionID(target), 0, now), ""
		}
	case discover.KindListing:
		if home {
			return w.newPage(s, from, target, store.KindListing, sectionID(target), 0, now), ""
		}
	}
	return store.Page{}, discover.Section
}

// ownerOf is the site that a link of a page is followed for; nil for none. The page's own, as a rule. A sitemap may list
// pages of all the sites of its domain, and a site under a path has its feeds and sitemaps outside of that.
func ownerOf(s *site.Site, from store.Page, kind discover.Kind, target string) *site.Site {
	switch {
	case s.Owns(target):
		return s
	case kind == discover.KindFeed || kind == discover.KindSitemap:
		if s.Serves(target) {
			return s
		}
	case from.Kind == store.KindSitemap && weburl.SameSite(from.URL, target):
		return s.Other(target)
	}
	return nil
}

// isPart says whether a page that was taken for a home page is that of a part of the site, as a section that somebody named:
// it is not the site's own, nor where that redirects to.
func isPart(s *site.Site, p store.Page) bool {
	return p.Kind == store.KindHome && p.DiscoveredFrom == "" && p.URL != s.Home
}

// isBelow says whether a canonical URL is below the path of another.
func isBelow(above, canonical string) bool {
	return strings.HasPrefix(canonical, strings.TrimSuffix(above, "/")+"/")
}

// newsAge is what Google's news sitemaps hold: articles of the last two days.
const newsAge = 48 * time.Hour

// isNews tells a sitemap's new articles from its archive. A time of change is no sign: many systems renew it for all. Nor is a date
// to come: by a clock that is a year ahead all of an archive would be news.
func isNews(l discover.Link, now time.Time) bool {
	return l.Published != nil && now.Sub(*l.Published) < newsAge && l.Published.Sub(now) <= maxAhead
}

// dateOf is when what a link leads to was published, or else changed, as far as the source says. A date to come would keep
// a page before all others: it counts as none.
func dateOf(l discover.Link, now time.Time) *time.Time {
	at := l.Published
	if at == nil {
		at = l.Modified
	}
	if at == nil || at.Sub(now) > maxAhead {
		return nil
	}
	return at
}

// toldBy is what a feed or sitemap says of an article, nil for nothing.
func toldBy(kind store.Kind, l discover.Link, now time.Time) *article.Told {
	if kind != store.KindFeed && kind != store.KindSitemap {
		return nil
	}
	told := &article.Told{
		By: string(kind), Title: l.Title, Language: l.Language, Category: l.Section, Keywords: l.Keywords, Access: l.Access,
	}
	if l.Published != nil && l.Published.Sub(now) <= maxAhead {
		told.PublishedAt, told.Day = l.Published, l.Day
	}
	if told.IsEmpty() {
		return nil
	}
	return told
}

// maxAhead is how far ahead of the clock a date may be: a time zone may have been forgotten.
const maxAhead = 24 * time.Hour

// sooner orders pages by priority, and within one by their dates: the newest first, then those without one.
func sooner(a, b store.Page) int {
	if c := cmp.Compare(a.Priority, b.Priority); c != 0 || a.DatedAt == nil && b.DatedAt == nil {
		return c
	}
	switch {
	case a.DatedAt == nil:
		return 1
	case b.DatedAt == nil:
		return -1
	}
	return b.DatedAt.Compare(*a.DatedAt)
}

// pagesOf is how many pages of a section's listing are followed.
func (w *Worker) pagesOf(s *site.Site, section string) int {
	for _, sec := range s.Sections {
		if sec.ID == section && sec.Pages > 0 {
			return sec.Pages
		}
	}
	return w.cfg.Pages
}

// sectionID names a section that was found rather than configured by its path: "/world/asia/" is "world/asia".
func sectionID(canonical string) string {
	u, err := url.Parse(canonical)
	if err != nil {
		return ""
	}
	id := strings.Trim(u.Path, "/")
	if u.RawQuery != "" {
		id += "?" + u.RawQuery
	}
	return id
}

// newPage makes a page that is queued as it is stored: whoever stores it puts its task into the frontier, and should that
// be lost, the page is due again when the lease ends.
func (w *Worker) newPage(s *site.Site, from store.Page, canonical string, kind store.Kind, section string, depth int, now time.Time) store.Page {
	lease := now.Add(w.cfg.Lease)
	priority := prioritySection
	switch {
	case kind == store.KindArticle:
		priority = priorityNews
	case depth > 0:
		priority = priorityFurther
	}
	since := from.WatchedSince // of one that only leads on: a redirect, a further page
	if from.Kind != store.KindArticle && (from.Depth == 0 || since == nil) && !from.DiscoveredAt.IsZero() {
		since = &from.DiscoveredAt
	}
	return store.Page{
		ID: weburl.ID(canonical), URL: canonical, Site: s.ID, Section: section, Kind: kind,
		Lane: s.Lane(canonical), Priority: priority, Depth: depth,
		DiscoveredAt: now, DiscoveredFrom: from.ID, Run: w.cfg.Run, WatchedSince: since,
		Status: store.StatusQueued, NextAt: &lease,
	}
}

// taskOf is a page's task in the frontier.
func taskOf(p store.Page) frontier.Task {
	return frontier.Task{PageID: p.ID, Lane: p.Lane, Priority: p.Priority, URL: p.URL, Site: p.Site, Kind: string(p.Kind)}
}
