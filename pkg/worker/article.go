package worker

import (
	"net/url"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/extract"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// readArticle extracts the page's article.
func (w *Worker) readArticle(v *verdict, s *site.Site, res fetch.Response, now time.Time) {
	at, err := weburl.Canonical(res.URL)
	if err != nil {
		at = v.page.URL
	}
	if at != v.page.URL && s.IsArticle(at) == site.NotArticle {
		// Many sites send those who ask for what is no more to their home page.
		v.page.Outcome, v.page.Reason, v.page.RedirectTo = outcome.NotArticle, outcome.ReasonLeadsElsewhere, at
		w.done(v, now)
		return
	}
	got := extract.Extract(
		extract.Page{URL: res.URL, Body: res.Body, ContentType: res.ContentType},
		extract.Options{Site: s, Now: now})
	if got.Outcome != extract.OutcomeArticle {
		v.page.Outcome, v.page.Reason = outcome.NotArticle, got.Reason
		if got.Outcome == extract.OutcomeEmpty {
			v.page.Outcome = outcome.Unreadable
		}
		w.done(v, now) // if it was an article once, it may be one again
		return
	}
	a := got.Article
	a.Site, a.URL, a.FetchedAt = v.page.Site, v.page.URL, now
	a.CanonicalURL = canonicalOf(a.CanonicalURL, at, s)
	a.ID = weburl.ID(a.CanonicalURL)
	if v.page.Section != "" {
		a.Sections = []string{v.page.Section}
	}
	if a.Country == "" {
		a.Country = s.Country
	}
	w.learned.read(&a, got.Blocks)
	v.article = &a
	v.page.ArticleID, v.page.ContentHash = a.ID, a.ContentHash
	w.done(v, now)
	// Where it was redirected to has been fetched with it. The address that it calls its own has not: it may be wrong, and
	// is fetched should it be listed somewhere.
	if at != v.page.URL && s.Owns(at) {
		v.page.RedirectTo = at
		p := w.newPage(s, v.page, at, store.KindArticle, v.page.Section, 0, now)
		p.Status, p.NextAt = store.StatusDone, nil
		p.Outcome, p.Reason, p.ArticleID = outcome.OK, outcome.ReasonAlias, a.ID
		v.seen = append(v.seen, p)
	}
}

// canonicalOf trusts the address that a page calls its own as far as it is an article's of the same site: a template that
// names the home page for all articles would make one article of them.
func canonicalOf(said, own string, s *site.Site) string {
	c, err := weburl.Canonical(said)
	if err != nil || !weburl.SameSite(c, own) && !s.Owns(c) {
		return own
	}
	u, err := url.Parse(c)
	if err != nil || strings.Trim(u.Path, "/") == "" && u.RawQuery == "" {
		return own
	}
	if s.IsArticle(c) == site.NotArticle {
		return own
	}
	return c
}
