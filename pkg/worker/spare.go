package worker

import (
	"context"
	"slices"
	"time"

	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/spare"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// What is proved to change nothing in a site's addresses (see package spare) is taken off a link before its page gets an id. Such
// a page keeps the address as it was linked: it stays with a page of that address which is known already, and should the bare one
// not be served, the page is asked for as it was linked. If that gives an article, the proof has to be given anew.

// Spare gives what a stored profile says of the parts of the site's addresses that change nothing. What cannot be read is not known.
func Spare(p store.Profile) *spare.Parts {
	var data struct {
		Parts     []spare.Part `bson:"parts"`
		Sightings []byte       `bson:"sightings"`
	}
	if len(p.Data) == 0 || p.Decode(&data) != nil {
		return &spare.Parts{}
	}
	return spare.Restore(data.Parts, data.Sightings)
}

// sighted takes notice of the address that an article was read at, or that a bare address gave none.
func (s *template) sighted(page store.Page) {
	if page.Outcome == outcome.OK && page.ArticleID != "" || page.LinkedAs != "" && isRefuted(page) {
		s.unshared.parts.Add(s.taught.parts.Note(page.URL, page.ArticleID))
	}
}

// isRefuted says whether a page's answer may come of that its address lacks something.
func isRefuted(p store.Page) bool {
	switch p.Outcome {
	case outcome.NotArticle, outcome.Gone, outcome.Nothing, outcome.Unreadable:
		return true
	}
	return false
}

// bare gives the address of a link without what changes nothing. Of a section only sessions are taken off.
func (t *templates) bare(site, address string, kind discover.Kind) string {
	if t == nil || kind == discover.KindFeed || kind == discover.KindSitemap {
		return address
	}
	s := t.of(site, false)
	if s == nil {
		return address
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.profile == nil {
		return address
	}
	return s.taught.parts.Bare(address, kind != discover.KindArticle)
}

// bareOf is the address that a link's page gets its id of.
func (w *Worker) bareOf(s *site.Site, target string, kind discover.Kind) string {
	bare := w.learned.bare(s.ID, target, kind)
	if bare == target || !s.Owns(bare) || s.IsArticle(bare) != s.IsArticle(target) {
		return target
	}
	return bare
}

// whole puts the page of the address as it was linked beside the verdict on one whose bare address was not served.
func (w *Worker) whole(v *verdict, s *site.Site, before store.Page, res fetch.Response, now time.Time) {
	if v.page.LinkedAs == "" || before.FetchedAt != nil || res.Status == 0 || !isRefuted(v.page) {
		return
	}
	p := w.newPage(s, v.page, v.page.LinkedAs, v.page.Kind, v.page.Section, v.page.Depth, now)
	p.Priority, p.DatedAt, p.Told, p.Block, p.DiscoveredFrom = v.page.Priority, v.page.DatedAt, v.page.Told, v.page.Block, v.page.DiscoveredFrom
	v.seen = append(v.seen, p)
}

// withoutKnown leaves out of the pages that a verdict leads to those that are known as they were linked.
func (w *Worker) withoutKnown(ctx context.Context, seen []store.Page) ([]store.Page, error) {
	var ids []string
	for _, p := range seen {
		if p.LinkedAs != "" {
			ids = append(ids, weburl.ID(p.LinkedAs))
		}
	}
	if len(ids) == 0 {
		return seen, nil
	}
	known, err := w.Store.Pages(ctx, ids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(seen), func(p store.Page) bool {
		_, ok := known[weburl.ID(p.LinkedAs)]
		return ok && p.LinkedAs != ""
	}), nil
}
