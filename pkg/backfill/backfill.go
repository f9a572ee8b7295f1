// Package backfill is how a stretch of a site's past is gone back to: by which pages, how far, and what that comes to.
//
// A backfill is a document of the store, and its pages are pages of the store as any other: those that lists are read from (walk
// pages) and the articles that are found there. They stand in the frontier behind all else of their host (Priority and
// PriorityWalk), so that news is never delayed by more than the request in hand. Walk pages are apart from the pages of the
// same addresses that the crawl itself visits: those keep their rhythm, their validators and their place in the queue.
//
// A backfill begins with the home page and with all sections and sitemaps that are known of the site (Entries), and goes on with what
// these lead to: further pages of lists, the sitemaps of an index, the archives of months, and the list of all articles that some
// content systems have. Where that one answers, nothing else is asked for.
//
// How far: what is dated outside of the bounds is not asked for. A list ends where what its pages are the first to show is older
// than the bounds (Walk.Past), however old or new what stands on every page is; where pages in a row show nothing else than those
// before them, as the days of a calendar without end do; or after MaxSteps. Where nothing dates the articles of a page, the next
// page waits until they have been read.
//
// Invariants: all functions are pure. What has become of a backfill follows from its pages alone, so that whatever is killed
// loses nothing and counts nothing twice.
//
// Failure modes: a list that is not in the order of dates may end early, where two of its pages in a row are older than the bounds.
// An article whose page alone tells its date is fetched whatever that is.
package backfill

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// The frontier's last priorities: what a backfill finds goes before what leads to more of it, so that little waits at a time.
const (
	Priority     = 5 // articles, and what decides which lists are gone through
	PriorityWalk = 6 // lists
)

// The ways back.
const (
	WayHome    = "home"    // the home page, which shows the others
	WayListing = "listing" // a section, page by page
	WaySitemap = "sitemap"
	WayPosts   = "posts" // a list of all articles that is asked for within the bounds
	WayMonth   = "month" // the archive of a month, or of a day
)

// The bounds of one list.
const (
	// MaxSteps is a hundred thousand articles of one section, at ten on a page.
	MaxSteps = 10_000
	// maxBarren is how many pages in a row may show nothing new: days off come in such rows.
	maxBarren = 5
	// passed is when the bound counts as passed: one page says it alone where all that it is the first to show is older, and there
	// are enough; else two in a row where four fifths are.
	passed = 2
	// enough is how many articles say something of a page: of fewer each may be a story that was brought up again.
	enough = 3
	// maxBefore bounds what is kept of one page for the next: ten times what lists show.
	maxBefore = 400
)

// PageID is the id of a backfill's own page at an address.
func PageID(id, canonical string) string { return weburl.ID("backfill " + id + " " + canonical) }

// step makes a walk page of an address.
func step(id string, w store.Walk, s *site.Site, address string, kind store.Kind, section string, now time.Time) store.Page {
	priority := PriorityWalk
	if w.Way == WayHome || w.Way == WayPosts {
		priority = Priority
	}
	return store.Page{
		ID: PageID(id, address), URL: address, Site: s.ID, Section: section, Kind: kind, Lane: s.Lane(address), Priority: priority, Depth: 1,
		DiscoveredAt: now, Backfill: id, Walk: &w, Status: store.StatusDue, NextAt: &now,
	}
}

// Entries are the pages that a backfill begins with: the site's home page, and what is known of its sections and sitemaps. Known are
// all its pages that are no articles.
func Entries(b store.Backfill, s *site.Site, known []store.Page, now time.Time) []store.Page {
	walk := func(way string) store.Walk { return store.Walk{Way: way, From: b.From, To: b.To} }
	pages := []store.Page{step(b.ID, walk(WayHome), s, s.Home, store.KindHome, "home", now)}
	seen := map[string]bool{pages[0].ID: true}
	add := func(address string, kind store.Kind, section string) {
		way := WayListing
		switch kind {
		case store.KindSitemap:
			way = WaySitemap
		case store.KindListing, store.KindHome:
			kind = store.KindListing
		default:
			return // a feed has the newest alone
		}
		if p := step(b.ID, walk(way), s, address, kind, section, now); !seen[p.ID] {
			seen[p.ID] = true
			pages = append(pages, p)
		}
	}
	for _, sec := range s.Sections {
		add(sec.URL, store.Kind(sec.Kind), sec.ID)
	}
	for _, p := range known {
		root := p.Walk == nil && p.Kind != store.KindArticle && (p.Depth == 0 || p.Interval > 0)
		if root && p.Section != "" && (p.Outcome == outcome.OK || p.Outcome == outcome.NotModified) && p.Guess == "" && (s.Owns(p.URL) || p.Vouched) {
			add(p.URL, p.Kind, p.Section)
		}
	}
	return pages
}

// Step makes the walk page that another one leads to. It is queued as it is stored, until the lease ends.
func Step(from store.Page, way string, s *site.Site, address string, kind store.Kind, section string, now time.Time, lease time.Duration) store.Page {
	p := step(from.Backfill, store.Walk{Way: way, From: from.Walk.From, To: from.Walk.To}, s, address, kind, section, now)
	until := now.Add(lease)
	p.Depth, p.DiscoveredFrom, p.Run = from.Depth+1, from.ID, from.Run
	p.Status, p.NextAt = store.StatusQueued, &until
	return p
}

// InBounds says whether an article belongs to a backfill by its date, as far as that is known.
func InBounds(w store.Walk, at *time.Time) bool {
	return at == nil || !at.Before(w.From) && at.Before(w.To)
}

// Listed is what one page of a list shows, on the way to the next one.
type Listed struct {
	before  map[string]bool
	ids     []string
	undated []string
	older   int
	newer   int
}

// NewListed begins to read the page that w is of.
func NewListed(w store.Walk) *Listed {
	l := &Listed{before: make(map[string]bool, len(w.Before))}
	for _, id := range w.Before {
		l.before[id] = true
	}
	return l
}

// Add takes an article that the page lists, and its date, where anything gives it.
func (l *Listed) Add(w store.Walk, id string, at *time.Time) {
	if slices.Contains(l.ids, id) || len(l.ids) >= maxBefore {
		return
	}
	l.ids = append(l.ids, id)
	switch {
	case l.before[id]:
	case at == nil:
		l.undated = append(l.undated, id)
	case at.Before(w.From):
		l.older++
	default:
		l.newer++
	}
}

// Fresh is how many articles the page is the first to show.
func (l *Listed) Fresh() int { return len(l.undated) + l.older + l.newer }

// Next is what the next page of the list is to know. Reason says why there is to be none, "" where there is.
func (l *Listed) Next(w store.Walk, depth int) (next store.Walk, why outcome.Reason) {
	next = store.Walk{
		Way: w.Way, From: w.From, To: w.To, Before: l.ids, Undated: l.undated, Older: l.older, Newer: l.newer, Past: w.Past,
	}
	if l.Fresh() == 0 {
		next.Barren = w.Barren + 1
	}
	if next.Barren >= maxBarren || depth >= MaxSteps {
		return next, outcome.ReasonFurther
	}
	return Settle(next, nil, l.undated)
}

// Settle weighs what the page before shows, once the dates of more of its articles are known. What is in unknown waits still.
// Reason says why the page is not to be asked for, "" where it is.
func Settle(w store.Walk, dates map[string]time.Time, unknown []string) (store.Walk, outcome.Reason) {
	for _, at := range dates {
		if at.Before(w.From) {
			w.Older++
		} else {
			w.Newer++
		}
	}
	w.Undated = unknown
	n := w.Older + w.Newer
	if len(unknown) > 0 || n == 0 {
		return w, ""
	}
	switch {
	case w.Newer == 0 && w.Older >= enough:
		w.Past += passed
	case 5*w.Older >= 4*n:
		w.Past++
	default:
		w.Past = 0
	}
	w.Older, w.Newer = 0, 0
	if w.Past >= passed {
		return w, outcome.ReasonBound
	}
	return w, ""
}

// Reaches says whether a time reaches into the bounds.
func Reaches(w store.Walk, from, to time.Time) bool { return to.After(w.From) && from.Before(w.To) }

// SectionOf names what a walk page lists by its path, as sections are named that are found.
func SectionOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.Trim(u.Path, "/")
}
