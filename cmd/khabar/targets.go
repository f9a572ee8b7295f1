package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/scheduler"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// targets is what a crawl is to visit: the sites that are defined, or else what was named on the command line.
type targets struct {
	sites []*site.Site // whole
	named []scheduler.Named
	// described are all that are defined: whose a URL is they say too where others are named.
	described []*site.Site
	byID      map[string]*site.Site // all that are described or named
	backfill  string                // the id of the backfill that alone is to be gone on with
}

// targetsOf reads the command line. An address of a home page stands for its site, as a site file describes it or as
// it can be found out; any other stands for itself, and what it is follows from what is known of it (recall) and from
// what comes of it.
func targetsOf(cfg *config.Config, described []*site.Site, addresses []string) (targets, error) {
	if len(addresses) == 0 {
		if len(described) == 0 {
			return targets{}, fmt.Errorf("nothing to crawl: name home pages (khabar crawl https://…), define sites (khabar sites add), " +
				"or name a configuration with site files (--config configs/khabar.yaml)")
		}
		return targets{sites: described}, nil
	}
	t := targets{described: described, byID: map[string]*site.Site{}}
	byHome := map[string]*site.Site{}
	for _, s := range described {
		byHome[s.Home], t.byID[s.ID] = s, s
	}
	known := site.NewSet(described...)
	var pages []string
	named := map[string]*site.Site{} // home pages that were named, by their sites' ids
	seen := map[string]bool{}
	for _, raw := range addresses {
		address, err := weburl.Canonical(raw)
		if err != nil {
			return targets{}, fmt.Errorf("%w; a home page looks like https://news.example/", err)
		}
		if seen[address] {
			continue
		}
		seen[address] = true
		s := byHome[address]
		if s == nil && address != site.EditionHome(address) && address+"/" != site.EditionHome(address) {
			pages = append(pages, address)
			continue
		}
		if s == nil {
			if at := known.At(address); at != nil {
				s = byHome[at.Home] // under another address, as without www
			} else if s, err = siteOf(cfg, address); err != nil {
				return targets{}, err
			}
		}
		if s.Paused {
			return targets{}, fmt.Errorf("%s: the site %s is paused (%s)", address, s.ID, s.Source)
		}
		if other := named[s.ID]; other != nil {
			return targets{}, fmt.Errorf("%s and %s are one site, %s: name one of them, or describe them in site files", other.Home, address, s.ID)
		}
		named[s.ID], t.byID[s.ID] = s, s
		t.named = append(t.named, scheduler.Seeds(s)...)
	}
	// After the home pages: a page belongs to the site that was named beside it.
	for _, s := range named {
		described = append(described, s)
	}
	known = site.NewSet(described...)
	for _, address := range pages {
		n, err := t.pageOf(cfg, address, known)
		if err != nil {
			return targets{}, err
		}
		t.byID[n.Site.ID] = n.Site
		t.named = append(t.named, n)
	}
	return t, nil
}

// pageOf is a page that was named for itself, as far as its address tells. What looks like nothing else is the home page of
// a part of its site, as a section, or a publisher under a path.
func (t *targets) pageOf(cfg *config.Config, address string, known *site.Set) (scheduler.Named, error) {
	n := scheduler.Named{URL: address}
	if s := known.Of(address); s != nil {
		n.Site = t.byID[s.ID]
		for _, seed := range scheduler.Seeds(n.Site) {
			if seed.URL == address {
				seed.Alone = true
				return seed, nil
			}
		}
		n.Kind = kindOf(address, n.Site)
		n.Alone = n.Site.Source != "" || n.Kind != store.KindHome
		return n, nil
	}
	n.Kind = kindOf(address, nil)
	n.Alone = n.Kind != store.KindHome
	home := site.EditionHome(address)
	if n.Kind == store.KindFeed || n.Kind == store.KindSitemap {
		home = site.DomainHome(address) // what it lists may be anywhere on the domain
	}
	s, err := siteOf(cfg, home)
	if err != nil {
		return n, err
	}
	if n.Site = t.byID[s.ID]; n.Site == nil {
		n.Site = s
	}
	return n, nil
}

func kindOf(address string, s *site.Site) store.Kind {
	if look := discover.Look(address, s); look != discover.KindListing {
		return store.Kind(look)
	}
	return store.KindHome
}

// siteOf is the site of a home page that no file describes.
func siteOf(cfg *config.Config, home string) (*site.Site, error) {
	s, err := site.FromHome(home)
	if err != nil {
		return nil, err
	}
	s.SetDefaultDelay(cfg.Politeness.Delay)
	s.FollowMoves = true // whoever names an old address means the site
	return s, nil
}

// recall has named pages that are known stay what they are: of the site that they were stored under, and of their kind.
func (t *targets) recall(ctx context.Context, st *store.Store) error {
	ids := make([]string, len(t.named))
	for i, n := range t.named {
		ids[i] = weburl.ID(n.URL)
	}
	known, err := st.Pages(ctx, ids)
	if err != nil {
		return err
	}
	for i := range t.named {
		n := &t.named[i]
		p, ok := known[ids[i]]
		if !ok || n.Section != "" && n.Site.Source != "" {
			continue // a file says what it is
		}
		if t.byID[p.Site] == nil {
			s := *n.Site
			s.ID = p.Site
			t.byID[s.ID] = &s
		} else if n.Section != "" && t.byID[p.Site].Home != n.Site.Home {
			continue // the id is another edition's, which was named beside it
		}
		n.Site = t.byID[p.Site]
		if n.Section == "" {
			n.Alone = p.Kind != store.KindHome || n.Site.Source != ""
		} else if p.Kind == n.Kind {
			n.Section = p.Section
		}
	}
	return nil
}

// defined are the sites whose pages the crawl may meet.
func (t *targets) defined() []*site.Site {
	defined := slices.Clone(t.sites)
	for _, n := range t.named {
		defined = append(defined, n.Site)
	}
	return append(defined, t.described...)
}
