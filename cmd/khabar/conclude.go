package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/scheduler"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// maxBarrenShown bounds the sites that a crawl names which gave nothing: what fails on many sites is seen on a few.
const maxBarrenShown = 20

// goal is what one target of a crawl is judged by: a whole site, or a page that was named for itself.
type goal struct {
	site  string // id
	page  bool
	pages []string // where the site begins, or the page: ids, in the order of their telling
	named bool     // on the command line
}

// goals are the targets of a crawl, each site once.
func (t *targets) goals() []goal {
	var goals []goal
	at := map[string]int{} // site id → its place in goals
	add := func(n scheduler.Named, named bool) {
		id := weburl.ID(n.URL)
		if i, ok := at[n.Site.ID]; ok && !n.Alone {
			goals[i].pages = append(goals[i].pages, id)
			return
		}
		if !n.Alone {
			at[n.Site.ID] = len(goals)
		}
		goals = append(goals, goal{site: n.Site.ID, page: n.Alone, pages: []string{id}, named: named})
	}
	for _, s := range t.sites {
		for _, n := range scheduler.Seeds(s) {
			add(n, false)
		}
	}
	for _, n := range t.named {
		add(n, true)
	}
	return goals
}

// conclude tells which sites gave nothing, and why. Its error is the crawl's: nothing at all was found, or nothing of what
// was named on the command line. A file of a thousand sites always has some that fail; they are told and no error.
func (e *engine) conclude(ctx context.Context, out io.Writer, s snapshot) error {
	visited, barren, err := e.barren(ctx, s)
	if err != nil {
		return fmt.Errorf("tell what the crawl came to: %w", err)
	}
	if len(barren) == 0 {
		return nil
	}
	var why []string
	named := false
	for i, g := range barren {
		named = named || g.named
		if i == maxBarrenShown {
			why = append(why, fmt.Sprintf("and %d more", len(barren)-i))
			break
		}
		line, err := e.why(ctx, g)
		if err != nil {
			return fmt.Errorf("tell why %s gave nothing: %w", g.site, err)
		}
		why = append(why, line)
	}
	what := "nothing was found"
	if s.fetched == 0 {
		what = "nothing could be fetched"
	}
	switch {
	case !named && len(barren) < visited:
		fmt.Fprintf(out, "%d of %d sites gave nothing:\n  %s\n", len(barren), visited, strings.Join(why, "\n  "))
		return nil
	case len(barren) == 1:
		return fmt.Errorf("%s: %s; khabar pages URL tells all about a page", what, why[0])
	}
	return fmt.Errorf("%s at %d of %d:\n  %s\nkhabar pages URL tells all about a page", what, len(barren), visited, strings.Join(why, "\n  "))
}

// barren are the goals that were visited and gave nothing: no page of a site brought anything, or no article of it is
// known; the page that was named brought nothing. What was named and is left to a newer khabar, or was erased, counts as visited.
func (e *engine) barren(ctx context.Context, s snapshot) (visited int, barren []goal, err error) {
	var doubtful []goal
	var sites, pages []string
	for _, g := range e.targets.goals() {
		y := s.sites[g.site]
		if y.pages > 0 {
			visited++
		}
		switch {
		case y.pages == 0 && !g.named:
		case y.pages > 0 && y.brought == 0:
			barren = append(barren, g)
		case y.pages == 0 || g.page:
			doubtful, pages = append(doubtful, g), append(pages, g.pages...)
		case y.articles == 0:
			doubtful, sites = append(doubtful, g), append(sites, g.site)
		}
	}
	articles, err := e.articles(ctx, sites)
	if err != nil {
		return 0, nil, err
	}
	records, err := e.store.Pages(ctx, pages)
	if err != nil {
		return 0, nil, err
	}
	for _, g := range doubtful {
		p := records[g.pages[0]]
		// Where it leads to within the site is a page of its own.
		moved := p.Outcome == outcome.Redirected && (p.Reason == "" || p.Reason == outcome.ReasonFollowed)
		switch unvisited := s.sites[g.site].pages == 0; {
		case isNewer(p), p.Outcome == outcome.Erased:
			barren = append(barren, g)
			if unvisited {
				visited++
			}
		case unvisited: // by another crawl on the same servers
		case g.page && failure(p) != "" && !moved, !g.page && articles[g.site] == 0:
			barren = append(barren, g)
		}
	}
	return visited, barren, nil
}

// isNewer is true for a page that a newer khabar wrote, which this one does not visit.
func isNewer(p store.Page) bool { return p.Version > store.PageVersion }

// articles counts the pages of sites that are known as articles.
func (e *engine) articles(ctx context.Context, sites []string) (map[string]int64, error) {
	if len(sites) == 0 {
		return nil, nil
	}
	counts, err := e.store.Counts(ctx, store.CountQuery{Sites: sites})
	if err != nil {
		return nil, err
	}
	known := map[string]int64{}
	for _, c := range counts {
		if c.Kind == store.KindArticle && (c.Outcome == outcome.OK || c.Outcome == outcome.NotModified) {
			known[c.Site] += c.Count
		}
	}
	return known, nil
}

// why says why a goal gave nothing: what became of the page that it begins with, or else of most of its pages.
func (e *engine) why(ctx context.Context, g goal) (string, error) {
	records, err := e.store.Pages(ctx, g.pages)
	if err != nil {
		return "", err
	}
	for _, id := range g.pages {
		if p, ok := records[id]; ok && (failure(p) != "" || isNewer(p)) {
			return told(p), nil
		}
	}
	counts, err := e.store.Counts(ctx, store.CountQuery{Sites: []string{g.site}})
	if err != nil {
		return "", err
	}
	failures := map[string]int{}
	for _, c := range counts {
		if text := failure(store.Page{Outcome: c.Outcome, Reason: c.Reason}); text != "" && c.Outcome != "" {
			failures[text] += int(c.Count)
		}
	}
	most := byCount(failures)
	if len(most) == 0 {
		return g.site + " lists no article", nil
	}
	return fmt.Sprintf("%s has no article: %s (%d pages)", g.site, most[0], failures[most[0]]), nil
}

// maxTold bounds in characters what of a page's last error is told beside its reason.
const maxTold = 200

// told is a page with what became of it and what comes next.
func told(p store.Page) string {
	line := p.URL + ": " + outcome.Text(p.Outcome, p.Reason)
	switch first, _, _ := strings.Cut(p.LastError, "\n"); {
	case first != "":
		line += " (" + foreign(firstWords(first, maxTold)) + ")"
	case p.RedirectTo != "":
		line += " (" + p.RedirectTo + ")"
	}
	return line + "; " + next(p, time.Now())
}
