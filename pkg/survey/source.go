package survey

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/extract"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// source is a section that was read.
type source struct {
	Section
	links []discover.Link // articles
}

// list notes an article that a source lists.
func (v *survey) list(l discover.Link) {
	known, again := v.listed[l.URL]
	if !again {
		if len(v.listed) >= maxListed {
			return
		}
		v.order = append(v.order, l.URL)
	}
	known.sources++
	known.title = cmp.Or(known.title, l.Title)
	if known.date == nil {
		if known.date = l.Published; known.date == nil {
			known.date = l.Modified
		}
	}
	v.listed[l.URL] = known
}

// maxListed bounds the addresses kept of one site: a pattern shows in a few hundred.
const maxListed = 5000

// has says whether a section of the kind was found that lists something.
func (v *survey) has(k site.Kind) bool {
	return slices.ContainsFunc(v.found, func(s *source) bool { return s.Kind == k })
}

// readSources reads the first few of the links, and gives those that remain.
func (v *survey) readSources(ctx context.Context, links []discover.Link, most int, from string) (rest []discover.Link) {
	read := 0
	for _, l := range links {
		switch {
		case v.tried[l.URL]:
		case !v.site.Owns(l.URL):
			v.left[l.URL] = "kept at another host: to take it, name that host under hosts"
		case read >= most:
			rest = append(rest, l)
		case v.spent() || ctx.Err() != nil:
			v.left[l.URL] = v.whySpent()
		default:
			read++
			v.readSource(ctx, l, from)
		}
	}
	return rest
}

// guess tries the usual places of what was not found: of each kind until one is there.
func (v *survey) guess(ctx context.Context, home, system string) {
	for _, kind := range []discover.Kind{discover.KindSitemap, discover.KindFeed} {
		for at, ok := discover.Guess(home, system, kind, ""); ok && !v.has(site.Kind(kind)); at, ok = discover.Guess(home, system, kind, at) {
			if v.spent() || ctx.Err() != nil {
				return
			}
			if v.tried[at] {
				continue
			}
			v.readSource(ctx, discover.Link{URL: at, Kind: kind}, "found at its usual place")
			delete(v.left, at)  // nobody said that it is there
			if v.refusals > 0 { // some guards refuse whoever asks for what is not there
				v.refusals = 0
				return
			}
		}
	}
}

// readSource reads a feed, a sitemap or a section, and keeps it if it lists articles.
func (v *survey) readSource(ctx context.Context, l discover.Link, from string) {
	res := v.get(ctx, l.URL)
	if res.Outcome != outcome.OK {
		v.left[l.URL] = outcome.Text(res.Outcome, res.Reason)
		return
	}
	address, err := weburl.Canonical(res.URL)
	if err != nil || address != l.URL && v.tried[address] {
		v.left[l.URL] = "redirects to " + res.URL
		return
	}
	v.tried[address] = true
	s := &source{Section: Section{Section: site.Section{URL: address, Kind: site.Kind(l.Kind)}, Title: l.Title, From: from}}
	switch why := v.readInto(ctx, s, res); {
	case why != "":
		v.left[l.URL] = why
	default:
		v.found = append(v.found, s)
	}
}

// readInto reads what a source lists, or says why it is none.
func (v *survey) readInto(ctx context.Context, s *source, res fetch.Response) (why string) {
	var found discover.Result
	var err error
	switch s.Kind {
	case site.Feed:
		found, err = discover.Feed(res.URL, res.Body, res.ContentType, v.site)
	case site.Sitemap:
		found, err = discover.Sitemap(res.URL, res.Body, res.ContentType, v.site)
	default:
		found, err = discover.Listing(res.URL, res.Body, res.ContentType, v.site, nil)
	}
	if err != nil {
		return err.Error()
	}
	var children []discover.Link
	for _, l := range found.Links {
		switch l.Kind {
		case discover.KindArticle:
			s.links = append(s.links, l)
		case discover.KindSitemap:
			children = append(children, l)
		case discover.KindListing:
			v.others = append(v.others, l.URL)
		}
	}
	if s.Kind == site.Listing {
		p := v.see(res)
		s.Title = cmp.Or(s.Title, p.heading)
		if r := extract.Extract(extract.Page{URL: res.URL, Body: res.Body, ContentType: res.ContentType}, extract.Options{Now: v.now}); r.Outcome == extract.OutcomeArticle &&
			!found.List && r.Article.PublishedAt != nil {
			return "an article rather than a section"
		}
	}
	if s.Kind == site.Sitemap && len(s.links) == 0 && len(children) > 0 && !v.spent() {
		// An index: its newest child tells what it leads to.
		newest := children[0]
		for _, c := range children {
			if c.Modified != nil && (newest.Modified == nil || c.Modified.After(*newest.Modified)) {
				newest = c
			}
		}
		child := v.get(ctx, newest.URL)
		if child.Outcome != outcome.OK {
			return fmt.Sprintf("an index of %d sitemaps, and %s: %s", len(children), newest.URL, outcome.Text(child.Outcome, child.Reason))
		}
		below, err := discover.Sitemap(child.URL, child.Body, child.ContentType, v.site)
		if err != nil {
			return fmt.Sprintf("an index of %d sitemaps, and %s: %v", len(children), newest.URL, err)
		}
		for _, l := range below.Links {
			if l.Kind == discover.KindArticle {
				s.links = append(s.links, l)
			}
		}
		s.Title = fmt.Sprintf("an index of %d; counted is what %s lists", len(children), newest.URL)
		if len(below.Links) > 0 && len(s.links) == 0 { // an index of indexes
			s.links = below.Links[:1]
		}
	}
	if len(s.links) == 0 {
		return strings.TrimSuffix("lists no articles; left out: "+found.Left(), "; left out: ")
	}
	for _, other := range v.found {
		if other.Kind == s.Kind && s.Kind == site.Feed && sameLinks(other.links, s.links) {
			return "lists what " + other.URL + " lists"
		}
	}
	for _, l := range s.links {
		if v.listed[l.URL].sources == 0 {
			s.Own++
		}
		for _, at := range []*time.Time{l.Published, l.Modified} {
			if at != nil && at.Before(v.now.Add(24*time.Hour)) && (s.Newest == nil || at.After(*s.Newest)) {
				s.Newest = at
			}
		}
		v.list(l)
	}
	s.Articles = len(s.links)
	s.links = slices.Clone(s.links[:min(len(s.links), maxListed)])
	return ""
}

func sameLinks(a, b []discover.Link) bool {
	return slices.EqualFunc(a, b, func(x, y discover.Link) bool { return x.URL == y.URL })
}
