// Package demosite is a small news web of khabar's own: sites in Arabic, Sorani Kurdish, Persian, Turkish and English
// with the pages, feeds, sitemaps and traps that real regional sites have, and the truth about each of their articles.
// The demo, the tests and the benchmark crawl it.
//
// All hosts are under reserved top-level domains. The web answers by host name, asked directly (Host header) or as an
// HTTP proxy (absolute-form requests): a crawler that is given its address as a proxy sees the same URLs in every run,
// whatever port it listens on.
//
// Invariants: everything served follows from the Config alone (times are fixed too), so two webs of one Config are the
// same byte for byte; every article can be reached from its site's home page; nothing under /private/ is ever needed.
// The package fails only where it cannot listen.
package demosite

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// Config says how large the web is and how badly it behaves. The zero value is the demo's web.
type Config struct {
	Seed       uint64 // another seed writes other articles
	Sites      int    // number of sites; 0 is one of each make. Above that, makes are repeated under other host names
	PerSection int    // articles in each of the four sections; 0 is 10
	PageSize   int    // articles on a section page; 0 is 5
	Hard       bool   // disclaimers and promotions look like paragraphs: only learning can tell them
	// Past: sitemaps that are no index list the newest articles alone, and sites with WordPress's addresses have its archives of
	// months and its REST API.
	Past       bool
	Coming     int           // articles that each site has beside these and puts out when Publish says so
	CrawlDelay time.Duration // that robots.txt asks for, in whole seconds
	Latency    time.Duration // before each answer
	FailEvery  int           // every Nth article request is answered 503 with Retry-After: 1; 0 never
	Listen     string        // address for Start; "" is a free port on loopback
}

// Site describes a site for making a crawler's configuration, and names its pages that are no articles.
type Site struct {
	ID, Host, Name, Home        string
	Language, Country, TimeZone string
	Feed, Sitemap               string
	Sections                    []Section
	Gone                        string // linked, answers 404
	Redirect                    string // linked, redirects to an article
	Gallery                     string // linked, an index of pictures
	NotFound                    string // linked, says with status 200 that there is no such page
	Private                     string // linked, excluded by robots.txt
}

// Section is a site's section: the key is the same in every language.
type Section struct{ Key, Name, URL string }

// Truth is what a crawler should find out about an article.
type Truth struct {
	URL        string // canonical
	Site       string // Site.ID
	Language   string
	Section    string // as printed
	Title      string
	Paragraphs []string
	Text       string            // Paragraphs joined by blank lines
	Published  time.Time         // in the site's zone; start of the minute or day where Precision says so
	Precision  article.Precision // the finest that the page gives, metadata included
	Modified   *time.Time        // nil where the page does not say
	Dateline   *article.Dateline // nil where there is none
	Agency     string            // that the source line names
	Authors    []string
}

// Web is the whole news web: an http.Handler. Its methods may be called at any time from any goroutine.
type Web struct {
	cfg   Config
	sites []*news // never changes
	hosts map[string]*news

	mu sync.RWMutex // guards the stories and skins of the sites

	counting  sync.Mutex // guards the counts below and those of the sites
	asked     int        // article requests
	strangers int        // requests for hosts that are not of the web
}

// news is one site.
type news struct {
	id, host string
	spec     *spec
	lang     *language
	zone     *time.Location
	staff    []string // who writes here
	stories  []*story // newest first
	coming   []*story // those that are not out yet, the next one last
	byPath   map[string]*story
	past     bool            // Config.Past
	said     map[string]bool // paragraphs written so far; nil once the site is whole

	design int  // how often the site was redesigned; guarded by Web.mu as skin is
	skin   skin // spec.skins[design%2]
	edited time.Time

	count counter
}

// New writes the web. It fails only on word lists that are not as the generator needs them.
func New(cfg Config) (*Web, error) {
	all := specs()
	if cfg.Sites <= 0 {
		cfg.Sites = len(all)
	}
	if cfg.PerSection <= 0 {
		cfg.PerSection = 10
	}
	if cfg.PageSize <= 0 {
		cfg.PageSize = 5
	}
	w := &Web{cfg: cfg, hosts: map[string]*news{}}
	languages := map[string]*language{}
	for i := range cfg.Sites {
		sp := all[i%len(all)]
		if copies := i / len(all); copies > 0 {
			sp.host = fmt.Sprintf("%s-%d.example", sp.host[:len(sp.host)-len(".example")], copies+1)
		}
		if languages[sp.language] == nil {
			l, err := loadLanguage(sp.language)
			if err != nil {
				return nil, err
			}
			languages[sp.language] = l
		}
		s := newSite(cfg, &sp, languages[sp.language])
		w.sites = append(w.sites, s)
		w.hosts[s.host] = s
	}
	return w, nil
}

func newSite(cfg Config, sp *spec, lang *language) *news {
	s := &news{
		id: sp.host[:len(sp.host)-len(".example")], host: sp.host, spec: sp, lang: lang,
		zone: time.FixedZone(sp.zone, int(sp.offset.Seconds())), skin: sp.skins[0],
		byPath: map[string]*story{}, said: map[string]bool{}, edited: epoch, count: newCounter(), past: cfg.Past,
	}
	names := newWriter(cfg.Seed, s.host, -1, lang, 0, sectionKeys[0], epoch)
	for range 5 {
		names.drawn = map[string]string{}
		s.staff = append(s.staff, names.slot("man"), names.slot("woman"))
	}
	titles := map[string]bool{}
	total := cfg.PerSection*len(sectionKeys) + max(cfg.Coming, 0)
	for n := range total {
		st := s.write(cfg.Seed, n, total, titles)
		s.stories = append(s.stories, st)
		s.byPath[st.path] = st
	}
	s.coming, s.stories = s.stories[:total-cfg.PerSection*len(sectionKeys)], s.stories[total-cfg.PerSection*len(sectionKeys):]
	for _, st := range s.coming {
		delete(s.byPath, st.path)
	}
	s.said = nil
	return s
}

// Sites describes the sites.
func (w *Web) Sites() []Site {
	var out []Site
	for _, s := range w.sites {
		base := "http://" + s.host
		d := Site{
			ID: s.id, Host: s.host, Name: s.spec.name, Home: base + "/",
			Language: s.spec.language, Country: s.spec.country, TimeZone: s.spec.zone,
			Feed: base + s.spec.feed, Sitemap: base + s.spec.sitemap,
			Gone: base + gonePath, Redirect: base + redirectPath, Gallery: base + galleryPath, NotFound: base + softPath,
			Private: base + privatePath,
		}
		for _, key := range sectionKeys {
			d.Sections = append(d.Sections, Section{Key: key, Name: s.lang.section(key), URL: base + s.spec.section(key, 1)})
		}
		out = append(out, d)
	}
	return out
}

// Articles gives the truth of every article as its page now stands, site by site, newest first.
func (w *Web) Articles() []Truth {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var out []Truth
	for _, s := range w.sites {
		for _, st := range s.stories {
			out = append(out, st.truth)
		}
	}
	return out
}

// Article gives the truth of one article by its canonical URL.
func (w *Web) Article(url string) (Truth, bool) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	_, st := w.find(url)
	if st == nil {
		return Truth{}, false
	}
	return st.truth, true
}

// Edit changes an article as its site's editors would (a figure in a new closing paragraph, a later modification time)
// and gives its new truth; false for a URL that is no article's. Editing again adds another paragraph.
func (w *Web) Edit(url string) (Truth, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, st := w.find(url)
	if st == nil {
		return Truth{}, false
	}
	st.modified = laterOf(st.local, st.modified).Add(95 * time.Minute)
	s.edited = laterOf(s.edited, st.modified).Add(time.Second)
	st.truth.Paragraphs = append(st.truth.Paragraphs[:len(st.truth.Paragraphs):len(st.truth.Paragraphs)],
		st.writer.fill(s.lang.lists["edit"][0]))
	st.finish(s)
	return st.truth, true
}

// Publish puts out so many of the articles that each site has coming, as many of each section in turn, and gives how many there
// were in all.
func (w *Web) Publish(n int) (published int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.sites {
		some := s.coming[len(s.coming)-min(max(n, 0), len(s.coming)):]
		s.coming = s.coming[:len(s.coming)-len(some)]
		s.stories = append(append([]*story{}, some...), s.stories...)
		for _, st := range some {
			s.byPath[st.path] = st
			s.edited = laterOf(s.edited, st.local.Add(time.Second))
		}
		published += len(some)
	}
	return published
}

// Redesign gives a site its other template, disclaimer and promotions; the articles stay. False for an unknown host.
func (w *Web) Redesign(host string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.hosts[host]
	if s == nil {
		return false
	}
	s.design++
	s.skin = s.spec.skins[s.design%2]
	s.edited = s.edited.Add(time.Hour)
	for _, st := range s.stories {
		st.finish(s)
	}
	return true
}

func laterOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// find looks an article up by its URL; w.mu is held.
func (w *Web) find(rawURL string) (*news, *story) {
	host, path, _ := strings.Cut(strings.TrimPrefix(rawURL, "http://"), "/")
	s := w.hosts[host]
	if s == nil {
		return nil, nil
	}
	return s, s.byPath["/"+path]
}
