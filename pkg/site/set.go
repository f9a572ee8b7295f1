package site

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

// Set is the sites that are known together at one time. It never changes, so whoever has one in hand sees the same sites
// until it is done.
type Set struct {
	sites []*Site
	byID  map[string]*Site
	atlas *atlas
}

// NewSet makes a set of copies of the sites. Of several with one id the first counts.
func NewSet(sites ...*Site) *Set {
	set := &Set{byID: make(map[string]*Site, len(sites))}
	for _, s := range sites {
		if set.byID[s.ID] == nil {
			member := *s
			set.byID[s.ID] = &member
			set.sites = append(set.sites, &member)
		}
	}
	set.atlas = newAtlas(set.sites...)
	for _, s := range set.sites {
		s.around = set.atlas
	}
	return set
}

// Get finds a site by its id; nil where it is not known.
func (s *Set) Get(id string) *Site { return s.byID[id] }

// Like gives the ids of sites that somebody may have meant by a name: those that have it in them, or else the one that is written
// most like it.
func (s *Set) Like(name string) (ids []string) {
	all := make([]string, 0, len(s.sites))
	name = strings.ToLower(name)
	for _, st := range s.sites {
		all = append(all, st.ID)
		if len(name) >= leastLike && (strings.Contains(st.ID, name) || strings.Contains(name, st.ID)) {
			ids = append(ids, st.ID)
		}
	}
	if near := yamlfile.Closest(name, all); len(ids) == 0 && near != "" {
		ids = []string{near}
	}
	return ids[:min(len(ids), mostLike)]
}

// A name shorter than leastLike is in too many others, and more than mostLike are no help.
const (
	leastLike = 3
	mostLike  = 5
)

// Len is how many sites there are.
func (s *Set) Len() int { return len(s.sites) }

// All lists the sites, in the order in which they were given.
func (s *Set) All() []*Site { return slices.Clone(s.sites) }

// Of is the site that a URL belongs to; nil for none. Of several that name one host under hosts it is the first.
func (s *Set) Of(rawURL string) *Site {
	if owners := s.atlas.of(rawURL); len(owners) > 0 {
		return owners[0]
	}
	return nil
}

// At is the site whose home page is in the same place as the one at a canonical URL; nil for none.
func (s *Set) At(home string) *Site {
	at := homePlace(home)
	for _, o := range s.atlas.sites[at] {
		if homePlace(o.Home) == at {
			return o
		}
	}
	return nil
}

// Current holds the set of sites that is in force: one owner exchanges it, and any number of goroutines ask for it.
type Current struct{ set atomic.Pointer[Set] }

// NewCurrent begins with the set of these sites.
func NewCurrent(sites ...*Site) *Current {
	c := &Current{}
	c.Exchange(NewSet(sites...))
	return c
}

// Set is the set that is in force now. Who works on one page asks once.
func (c *Current) Set() *Set { return c.set.Load() }

// Exchange puts another set in force, whole and at once.
func (c *Current) Exchange(set *Set) { c.set.Store(set) }
