package worker

import (
	"slices"
	"time"

	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// maxVouched bounds the sitemaps on hosts that are not the site's which one robots.txt may have khabar ask for: sites that
// keep them elsewhere name one or two, and a robots.txt must not send a crawler after others.
const maxVouched = 20

// robotsSitemaps are the sitemaps that the robots.txt names which applied to a response, as links.
func robotsSitemaps(s *site.Site, res fetch.Response) (links []discover.Link) {
	foreign := 0
	for _, u := range res.Sitemaps {
		l := discover.Link{URL: u, Kind: discover.KindSitemap, Vouched: !s.Owns(u)}
		if l.Vouched {
			foreign++
		}
		if !l.Vouched || foreign <= maxVouched {
			links = append(links, l)
		}
	}
	return links
}

// guesses are the first usual places of feeds, and of sitemaps, where the home page and robots.txt name none. That they are
// known already, from an earlier visit, is for the store to find.
func (w *Worker) guesses(v *verdict, s *site.Site, res fetch.Response, now time.Time) (pages []store.Page) {
	system := ""
	for _, kind := range []store.Kind{store.KindFeed, store.KindSitemap} {
		if slices.ContainsFunc(v.seen, func(p store.Page) bool { return p.Kind == kind }) {
			continue
		}
		if system == "" {
			system = discover.System(res.Body)
		}
		pages = append(pages, w.guess(s, v.page, kind, system, "", now)...)
	}
	return pages
}

// guess is the usual place that comes after the one at tried. They are asked for one after the other, each where the one before
// it came to nothing, behind the site's news.
func (w *Worker) guess(s *site.Site, from store.Page, kind store.Kind, system, tried string, now time.Time) []store.Page {
	for {
		at, ok := discover.Guess(s.Home, system, discover.Kind(kind), tried)
		if !ok {
			return nil
		}
		if tried = at; !s.Owns(at) || s.IsArticle(at) == site.Article {
			continue
		}
		p := w.newPage(s, from, at, kind, sectionID(at), 0, now)
		p.Guess, p.Priority = system, priorityFurther
		return []store.Page{p}
	}
}

// mostOfNothing is how much a site may send in place of a feed or sitemap, in bytes, for the next usual place to be tried: error
// pages, and home pages in their place, are shorter.
const mostOfNothing = 1 << 20

// nextOfGuess is next for a usual place of feeds or sitemaps. What is there is a section as any other from now on. What is not
// is no failure of the site: the next place is tried, and this one looked at again as seldom as what a rule excludes. Where
// nothing can be said of it, as in an outage, it is looked at again first.
func (w *Worker) nextOfGuess(v *verdict, old store.Page, after time.Duration, now time.Time) {
	p := &v.page
	c := courseOf(*p)
	if c == fine && p.Outcome != outcome.Nothing {
		p.Guess, p.Priority, p.Attempts = "", prioritySection, 0
		return
	}
	v.section, v.seen = false, nil
	policy := w.cfg.Policy
	p.Attempts = old.Attempts + 1
	at, again := time.Time{}, false
	switch c {
	case passing, barred:
		at, again = policy.Barred(p.ID, p.Attempts, p.DiscoveredAt, now)
		at = later(at, now.Add(min(after, policy.HostMax)))
	default:
		if s := w.Sites.Set().Get(p.Site); s != nil && p.Outcome != outcome.TooLarge && v.size <= mostOfNothing {
			v.seen = w.guess(s, old, old.Kind, old.Guess, old.URL, now)
		}
	}
	if !again {
		at, again = policy.Ruled(p.ID, p.DiscoveredAt, now)
	}
	p.Outcome, p.Status, p.NextAt = outcome.Absent, store.StatusDone, nil
	if again {
		p.NextAt = &at
	}
}

// delay is the least time between two requests to a page's host: the site's own, or for a host that others own what they ask
// for, should they be crawled too, and the default at least.
func (w *Worker) delay(s *site.Site, address string) time.Duration {
	host := weburl.Host(address)
	d := s.Delay(host)
	if s.Owns(address) {
		return d
	}
	key := s.Key(host)
	for _, other := range w.Sites.Set().All() {
		if other.Key(weburl.Host(other.Home)) == key {
			d = max(d, other.Politeness.Delay)
		}
	}
	return d
}
