package backfill

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// Progress is how far a backfill has come.
type Progress struct {
	store.BackfillResult
	Pending int    // articles that are to be fetched, in the queue or held
	Ahead   int    // pages of lists that are to be read
	Failed  int    // articles that could not be had, or are none
	Broken  bool   // the list of all articles could not be read to its end
	Lists   []List // what it goes through, by way and section
	// Latest is when a page of it was had last; nil for none.
	Latest *time.Time
}

// List is one list that a backfill goes through.
type List struct {
	Way, Section string
	Read         int            // its pages that were read
	Waiting      int            // its pages that are to be read
	Articles     int            // articles found in it that no list showed before
	Oldest       *time.Time     // the date of the oldest one whose date is known
	Why          outcome.Reason // why it ends where it does; "" for one that goes on, or that has no further page
	Failure      string         // what became of the page of it that could not be had
}

// Measure adds up the pages of a backfill.
func Measure(b store.Backfill, pages iter.Seq2[store.Page, error]) (Progress, error) {
	m := measure{b: b, lists: make(map[[2]string]*List), of: make(map[string]*List)}
	var articles []store.Page
	for page, err := range pages {
		switch {
		case err != nil:
			return m.Progress, err
		case page.Walk != nil:
			m.walk(page)
		case page.Kind == store.KindArticle:
			articles = append(articles, page)
		}
	}
	for _, page := range articles {
		m.article(page)
	}
	for _, l := range m.lists {
		m.Lists = append(m.Lists, *l)
	}
	slices.SortFunc(m.Lists, func(a, b List) int {
		return cmp.Or(cmp.Compare(b.Articles, a.Articles), cmp.Compare(a.Way, b.Way), cmp.Compare(a.Section, b.Section))
	})
	return m.Progress, nil
}

type measure struct {
	Progress
	b     store.Backfill
	lists map[[2]string]*List
	of    map[string]*List // by the id of a walk page
}

func isWaiting(p store.Page) bool {
	return p.Status == store.StatusDue || p.Status == store.StatusQueued
}

func (m *measure) walk(p store.Page) {
	key := [2]string{p.Walk.Way, p.Section}
	l := m.lists[key]
	if l == nil {
		l = &List{Way: key[0], Section: key[1]}
		m.lists[key] = l
	}
	m.of[p.ID] = l
	if p.Depth > 1 && p.Walk.Way != WayHome {
		m.Further++
	}
	m.had(p)
	if p.FetchedAt != nil {
		m.BackfillResult.Lists++
	}
	switch {
	case isWaiting(p):
		l.Waiting++
		m.Ahead++
		if p.Attempts > 0 {
			l.Failure = outcome.Text(p.Outcome, p.Reason)
		}
	case p.Outcome == outcome.Left, p.Outcome == outcome.OK && (p.Reason == outcome.ReasonFurther || p.Reason == outcome.ReasonBound):
		l.Why = p.Reason
	case p.Outcome == outcome.OK, p.Outcome == outcome.Nothing:
	case p.Walk.Way == WayMonth && p.Outcome == outcome.Gone: // a month without any, or a form of address that is none of the site's
	default:
		l.Failure = outcome.Text(p.Outcome, p.Reason)
		// The first page says whether there is such a list; after the last one some answer that it is not there.
		further := p.Depth > 2 && p.Outcome != outcome.Gone && p.Reason != outcome.HTTP(400)
		m.Broken = m.Broken || p.Walk.Way == WayPosts && further
	}
	if p.Outcome == outcome.OK || p.Outcome == outcome.Nothing {
		l.Read++
	}
}

// had counts the request for a page.
func (m *measure) had(p store.Page) {
	if p.FetchedAt == nil {
		return
	}
	m.Requests++
	if m.Latest == nil || p.FetchedAt.After(*m.Latest) {
		at := p.FetchedAt.UTC()
		m.Latest = &at
	}
}

func (m *measure) article(p store.Page) {
	if p.DatedAt != nil && p.ArticleID != "" && (p.DatedAt.Before(m.b.From) || !p.DatedAt.Before(m.b.To)) {
		if !p.DiscoveredAt.Before(m.b.StartedAt) {
			m.had(p) // nothing but the page told that it is none of it
			m.reach(p)
		}
		return
	}
	m.Found++
	if p.DiscoveredAt.Before(m.b.StartedAt) {
		m.Known++
	} else {
		m.had(p)
	}
	switch {
	case isWaiting(p):
		m.Pending++
	case p.ArticleID != "":
		m.Stored++
	case p.Outcome != outcome.Left:
		m.Failed++
	}
	if l := m.reach(p); l != nil {
		l.Articles++
	}
}

// reach notes how far back a list has come by an article that it shows.
func (m *measure) reach(p store.Page) *List {
	l := m.of[p.DiscoveredFrom]
	if l != nil && p.DatedAt != nil && !isWaiting(p) && (l.Oldest == nil || p.DatedAt.Before(*l.Oldest)) {
		at := p.DatedAt.UTC()
		l.Oldest = &at
	}
	return l
}

// Left estimates the requests that are still to be made: for what is waiting, and, of lists that go on, as many for the time that
// is left as were needed for the time that is behind.
func (p Progress) Left(b store.Backfill) int {
	left := p.Pending + p.Ahead
	for _, l := range p.Lists {
		if l.Waiting == 0 || l.Oldest == nil || l.Way == WaySitemap || !l.Oldest.Before(b.To) || !l.Oldest.After(b.From) {
			continue
		}
		behind, ahead := b.To.Sub(*l.Oldest), l.Oldest.Sub(b.From)
		left += int(float64(l.Articles+l.Read) * ahead.Seconds() / behind.Seconds())
	}
	return left
}

// HasWayBack says whether the site showed a way back: pages of lists beside those that it began with, or articles from before the
// crawl knew it.
func (p Progress) HasWayBack() bool {
	for _, l := range p.Lists {
		if l.Way == WaySitemap && l.Read > 0 && l.Articles > 0 {
			return true
		}
	}
	return p.Further > 0 && p.read() > 0
}

// read counts the pages of lists that were read beyond the first ones.
func (p Progress) read() (n int) {
	for _, l := range p.Lists {
		switch l.Way {
		case WayListing:
			n += max(0, l.Read-1)
		case WayPosts, WayMonth:
			n += l.Read
		}
	}
	return n
}
