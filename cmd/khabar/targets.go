package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/khabar-crawler/khabar/cmd/internal/wire"
	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/scheduler"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// targets is what a crawl is to visit: the sites of the configuration, or else what was named on the command line.
type targets struct {
	sites []*site.Site // whole
	named []scheduler.Named
	byID  map[string]*site.Site // all that are described or named
}

// targetsOf reads the command line. An address of a home page stands for its site, as a site file describes it or as
// it can be found out; any other stands for itself, and what it is follows from what is known of it (recall) and from
// what comes of it.
func targetsOf(cfg *config.Config, addresses []string) (targets, error) {
	described, err := wire.Sites(cfg)
	if err != nil {
		return targets{}, err
	}
	if len(addresses) == 0 {
		if len(described) == 0 {
			return targets{}, fmt.Errorf("nothing to crawl: name home pages (khabar crawl https://…) or a configuration with sites (--config configs/khabar.yaml)")
		}
		return targets{sites: described}, nil
	}
	t := targets{byID: map[string]*site.Site{}}
	byHome := map[string]*site.Site{}
	for _, s := range described {
		byHome[s.Home], t.byID[s.ID] = s, s
	}
	var pages []string
	homes := map[string]*site.Site{} // that were named, by id
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
		if s == nil && !isRoot(address) {
			pages = append(pages, address)
			continue
		}
		if s == nil {
			if s, err = siteOf(cfg, address); err != nil {
				return targets{}, err
			}
		}
		if other := homes[s.ID]; other != nil {
			return targets{}, fmt.Errorf("%s and %s are one site, %s: name one of them, or describe them in site files", other.Home, s.Home, s.ID)
		}
		homes[s.ID], t.byID[s.ID] = s, s
		t.named = append(t.named, scheduler.Seeds(s)...)
	}
	// After the home pages: a page belongs to the site that was named beside it.
	for _, address := range pages {
		n, err := pageOf(cfg, address, described, homes)
		if err != nil {
			return targets{}, err
		}
		homes[n.Site.ID], t.byID[n.Site.ID] = n.Site, n.Site
		t.named = append(t.named, n)
	}
	return t, nil
}

// pageOf is a page that was named for itself, as far as its address tells. What looks like nothing else is a home page, of
// a site that lives under a path.
func pageOf(cfg *config.Config, address string, described []*site.Site, named map[string]*site.Site) (scheduler.Named, error) {
	if s := owner(described, address); s != nil {
		for _, n := range scheduler.Seeds(s) {
			if n.URL == address {
				n.Alone = true
				return n, nil
			}
		}
		return scheduler.Named{URL: address, Site: s, Kind: kindOf(address, s), Alone: true}, nil
	}
	n := scheduler.Named{URL: address, Kind: kindOf(address, nil)}
	n.Alone = n.Kind != store.KindHome
	home := address
	if n.Alone {
		home = rootOf(address)
	}
	s, err := siteOf(cfg, home)
	if err != nil {
		return n, err
	}
	if n.Site = named[s.ID]; n.Site == nil {
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

// owner is the described site that an address belongs to; of several the one whose home page it has most in common with.
func owner(described []*site.Site, address string) *site.Site {
	var best *site.Site
	most := -1
	for _, s := range described {
		if n := common(s.Home, address); n > most && s.Owns(address) {
			best, most = s, n
		}
	}
	return best
}

// common is how many bytes two texts have in common at their beginning.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// siteOf is the site of a home page that no file describes.
func siteOf(cfg *config.Config, home string) (*site.Site, error) {
	s, err := site.FromHome(home)
	if err != nil {
		return nil, err
	}
	s.SetDefaultDelay(cfg.Politeness.Delay)
	return s, nil
}

func isRoot(canonical string) bool { return canonical == rootOf(canonical) }

// rootOf is the home page of a canonical URL's host.
func rootOf(canonical string) string {
	u, err := url.Parse(canonical)
	if err != nil {
		return canonical
	}
	return u.Scheme + "://" + u.Host + "/"
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
	return defined
}
