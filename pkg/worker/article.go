package worker

import (
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/edit"
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
	if !s.Owns(at) { // a feed service that did not lead on
		v.page.Outcome, v.page.Reason = outcome.NotArticle, outcome.ReasonOffSite
		w.done(v, now)
		return
	}
	if at != v.page.URL && s.IsArticle(at) == site.NotArticle {
		// Many sites send those who ask for what is no more to their home page.
		v.page.Outcome, v.page.Reason, v.page.RedirectTo = outcome.NotArticle, outcome.ReasonLeadsElsewhere, at
		w.done(v, now)
		return
	}
	got := extract.Extract(extract.Page{URL: res.URL, Body: res.Body, ContentType: res.ContentType}, optionsFor(s, v.page.Told, fetchedAt(res, now)))
	if got.Outcome != extract.OutcomeArticle {
		if w.isSentOn(v, s, res, now) {
			return
		}
		v.page.Outcome, v.page.Reason = outcome.NotArticle, got.Reason
		if got.Outcome == extract.OutcomeEmpty {
			v.page.Outcome = outcome.Unreadable
		}
		w.done(v, now) // if it was an article once, it may be one again
		return
	}
	a := got.Article
	if a.PublishedAt == nil && leadsAway(v.page.URL, at) {
		// A wall of consent, a form to log in: nothing tells that it is an article, let alone this one.
		v.page.Outcome, v.page.Reason, v.page.RedirectTo = outcome.NotArticle, outcome.ReasonLeadsElsewhere, at
		w.done(v, now)
		return
	}
	extract.Complete(&a, v.page.Told)
	a.Site, a.URL, a.FetchedAt = v.page.Site, v.page.URL, fetchedAt(res, now)
	if found := v.page.DiscoveredAt; !found.IsZero() {
		a.DiscoveredAt = &found
	}
	claim, wrong := claimOf(a.CanonicalURL, at, s)
	a.ID, a.CanonicalURL = weburl.ID(at), claim
	if wrong {
		a.Quality.Flags = append(a.Quality.Flags, article.FlagWrongCanonical)
	}
	if v.page.Section != "" {
		a.Sections = []string{v.page.Section}
	}
	if a.Country == "" {
		a.Country = s.Country
	}
	a.Extractor.Rules = s.Rules()
	v.address, v.former, v.before, v.extracted = at, s.Former(at), v.page.ArticleID, a.ContentHash
	v.mark = edit.Mark(a.Title, a.Subtitle, a.Text) // before what the site's template repeats is taken out: of that more is known each day
	v.template = w.learned.read(&a, got.Blocks)
	v.article = &a
	v.page.ArticleID, v.page.ContentHash = a.ID, a.ContentHash
	if v.page.Backfill != "" && v.page.DatedAt == nil {
		v.page.DatedAt = a.PublishedAt // which tells how far back its backfill has come
	}
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

// optionsFor is how an article's page is read that was fetched at a time: by its site's rules, and by what the feed or sitemap said of
// it that listed it, if any did.
func optionsFor(s *site.Site, told *article.Told, at time.Time) extract.Options {
	opts := extract.Options{Site: s, Now: at}
	if told != nil {
		opts.Headline = told.Title
	}
	return opts
}

// leadsAway says whether a redirect leads to an address that has nothing of the first one: no number, no word, no name. A
// query that carries the first one, to come back to it, is none of the second one's.
func leadsAway(from, to string) bool {
	if from == to {
		return false
	}
	was, is := namesIn(from), namesIn(to)
	for name := range is {
		if was[name] {
			return false
		}
	}
	return len(was) > 0
}

// namesIn are the words and numbers of an address's path and query, without those that say nothing of the page.
func namesIn(canonical string) map[string]bool {
	u, err := url.Parse(canonical)
	if err != nil {
		return nil
	}
	text := u.Path
	for _, values := range u.Query() {
		for _, v := range values {
			if !strings.Contains(v, "/") { // an address
				text += "/" + v
			}
		}
	}
	names := make(map[string]bool)
	for name := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
	}) {
		switch name {
		case "html", "htm", "shtml", "php", "asp", "aspx", "jsp", "cgi", "index", "default", // how a page is made
			"news", "article", "articles", "story", "post", "page", "content", "view", "detail", "details", "show": // what all pages are
		default:
			names[name] = true
		}
	}
	return names
}
