package site

import (
	_ "embed"
	"iter"
	"net/url"
	"slices"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// place is a part of the web that a site has: a host with the hosts below it, and what is below a path. The path is in
// lower case, without a slash at its end; "" is the whole host.
type place struct{ host, path string }

// String is the place as people are shown it.
func (p place) String() string { return p.host + p.path }

// language is that of the edition which the place is, by its last segment or first label; "" where these name none.
func (p place) language() string {
	if p.path != "" {
		return Edition(p.path[strings.LastIndexByte(p.path, '/')+1:])
	}
	first, rest, _ := strings.Cut(p.host, ".")
	if rest == "" || weburl.Domain(p.host) == p.host {
		return ""
	}
	return Edition(first)
}

//go:embed editions.txt
var editionList string

// editions are the languages of editions by the names that hosts and paths have for them.
var editions = parseEditions(editionList)

func parseEditions(list string) map[string]string {
	names := make(map[string]string)
	for line := range strings.Lines(list) {
		if name, language, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			names[name] = language
		}
	}
	return names
}

// Edition is the language of the edition that a label of a host or a segment of a path names, as "arabic", "ar-iq" or
// "en_US"; "" where it names none.
func Edition(name string) string {
	name = strings.ToLower(name)
	if language := editions[name]; language != "" {
		return language
	}
	if code, region, ok := strings.Cut(strings.ReplaceAll(name, "_", "-"), "-"); ok && len(code) == 2 && IsCountry(strings.ToUpper(region)) {
		return editions[code]
	}
	return ""
}

// homeNames are what home pages are called where they have a name.
var homeNames = []string{"home", "homepage", "index", "default", "main"}

// homePlace is the place of a site by its canonical home page: the host, without www and the labels of mobile forms, and
// the directory that the page is in.
func homePlace(home string) place {
	u, err := url.Parse(home)
	if err != nil {
		return place{}
	}
	host := weburl.Bare(weburl.Host(home))
	if name, _, ok := strings.Cut(host, ":"); ok && weburl.Domain(host) != host {
		host = name // of a name in DNS every port is the site's
	}
	segments := pathSegments(u)
	if n := len(segments); n > 0 && (strings.Contains(segments[n-1], ".") || slices.Contains(homeNames, segments[n-1])) {
		segments = segments[:n-1]
	}
	return place{host, joined(segments)}
}

// pathSegments are those of a URL's path in lower case: servers that tell /News from /news have no two sites there.
func pathSegments(u *url.URL) []string {
	return strings.FieldsFunc(strings.ToLower(u.EscapedPath()), func(r rune) bool { return r == '/' })
}

func joined(segments []string) string {
	if len(segments) == 0 {
		return ""
	}
	return "/" + strings.Join(segments, "/")
}

// EditionHome gives the home page of the edition that a canonical URL is of: of its host, or of the language that its path
// begins with.
func EditionHome(canonical string) string {
	u, err := url.Parse(canonical)
	if err != nil {
		return canonical
	}
	home := u.Scheme + "://" + u.Host + "/"
	if first, _, _ := strings.Cut(strings.TrimPrefix(u.EscapedPath(), "/"), "/"); Edition(first) != "" {
		home += first + "/"
	}
	return home
}

// DomainHome gives the address of the registrable domain that a canonical URL is on, or of its host's first page where that
// is named for a language.
func DomainHome(canonical string) string {
	u, err := url.Parse(canonical)
	if err != nil {
		return canonical
	}
	host := u.Host
	for h := range hostsOf(host) {
		if strings.Contains(h, ":") == strings.Contains(host, ":") { // with its port, if it has one
			host = h
		}
	}
	return u.Scheme + "://" + host + "/"
}

// places are what the site has: its home's place, and its further hosts.
func (s *Site) places() []place {
	all := []place{homePlace(s.Home)}
	for _, h := range s.Hosts {
		all = append(all, place{host: h})
	}
	return all
}

// atlas says whose the places of the web are. Several sites may have one place, as the host of a feed service.
type atlas struct {
	sites map[place][]*Site
	depth int // segments of the longest path
}

func newAtlas(sites ...*Site) *atlas {
	a := &atlas{sites: make(map[place][]*Site)}
	for _, s := range sites {
		for _, p := range s.places() {
			if !slices.Contains(a.sites[p], s) {
				a.sites[p] = append(a.sites[p], s)
			}
			a.depth = max(a.depth, strings.Count(p.path, "/"))
		}
	}
	return a
}

// of gives the sites that have the longest host, and on it the longest path, that match a URL.
func (a *atlas) of(rawURL string) []*Site {
	for p := range placesOf(rawURL, a.depth) {
		if sites := a.sites[p]; len(sites) > 0 {
			return sites
		}
	}
	return nil
}

// placesOf lists the places that a URL is in, the longest host first, and of each host the longest path, of depth segments
// at most. A host that is named for a language is no part of the host above it.
func placesOf(rawURL string, depth int) iter.Seq[place] {
	return func(yield func(place) bool) {
		host := weburl.Host(rawURL)
		u, err := url.Parse(rawURL)
		if host == "" || err != nil {
			return
		}
		var paths []string
		segments := pathSegments(u)
		for n := min(depth, len(segments)); n >= 0; n-- {
			paths = append(paths, joined(segments[:n]))
		}
		for h := range hostsOf(host) {
			for _, path := range paths {
				if !yield(place{h, path}) {
					return
				}
			}
		}
	}
}

// hostsOf lists a host and those above it, with their port and without, up to the registrable domain.
func hostsOf(host string) iter.Seq[string] {
	return func(yield func(string) bool) {
		domain := weburl.Domain(host)
		if domain == host {
			yield(host)
			return
		}
		name, port, _ := strings.Cut(host, ":")
		for {
			if port != "" && !yield(name+":"+port) || !yield(name) || name == domain {
				return
			}
			first, rest, ok := strings.Cut(name, ".")
			if !ok || Edition(first) != "" {
				return
			}
			name = rest
		}
	}
}

// Owns says whether a URL belongs to the site: of the sites that are known together, to the one with the longest matching
// host and path.
func (s *Site) Owns(rawURL string) bool {
	owners := s.atlas().of(rawURL)
	if s.wide {
		return len(owners) > 0 && s.isNear(owners[0]) || s.onHosts(rawURL)
	}
	if len(owners) > 0 {
		return slices.ContainsFunc(owners, func(o *Site) bool { return o.ID == s.ID })
	}
	for p := range placesOf(rawURL, strings.Count(s.moved.path, "/")) {
		if p == s.moved {
			return true
		}
	}
	return false
}

func (s *Site) atlas() *atlas {
	if s.around != nil {
		return s.around
	}
	return newAtlas(s)
}

// isNear says whether another site is on the same registrable domain.
func (s *Site) isNear(o *Site) bool { return o.ID == s.ID || weburl.SameSite(o.Home, s.Home) }

// onHosts says whether a URL is on one of the site's hosts, whatever its path.
func (s *Site) onHosts(rawURL string) bool {
	places := append(s.places(), s.moved)
	for p := range placesOf(rawURL, 0) {
		if slices.ContainsFunc(places, func(own place) bool { return own.host == p.host }) {
			return true
		}
	}
	return false
}

// Serves says whether a feed or a sitemap may be the site's: it is on one of its hosts, whatever the path, unless it is
// another site's or another language's. A site under a path has such files outside of it as a rule.
func (s *Site) Serves(rawURL string) bool {
	if s.Owns(rawURL) {
		return true
	}
	if !s.onHosts(rawURL) {
		return false
	}
	home := homePlace(EditionHome(rawURL))
	own := homePlace(s.Home)
	if home.path != "" && home.path != own.path {
		return false
	}
	return !slices.ContainsFunc(s.atlas().of(rawURL), func(o *Site) bool { return homePlace(o.Home).path != "" })
}

// Other is another site that has a URL, of those that are known together; nil where none has it.
func (s *Site) Other(rawURL string) *Site {
	for _, o := range s.atlas().of(rawURL) {
		if o.ID != s.ID {
			return o
		}
	}
	return nil
}

// Wide gives the site as a file is read that may list pages of the whole domain, as a sitemap: what is another site's there
// counts as its own, and is judged by the other's patterns.
func (s *Site) Wide() *Site {
	w := *s
	w.around, w.wide = s.atlas(), true
	return &w
}

// Former gives the address that a page had before its site moved, should it have kept its path; "" for one where the site has its
// own place.
func (s *Site) Former(canonical string) string {
	u, err := url.Parse(canonical)
	home, homeErr := url.Parse(s.Home)
	if s.moved == (place{}) || err != nil || homeErr != nil || s.onOwnHosts(canonical) {
		return ""
	}
	u.Scheme, u.Host = home.Scheme, home.Host
	return u.String()
}

// onOwnHosts is onHosts without where the site moved to.
func (s *Site) onOwnHosts(rawURL string) bool {
	own := *s
	own.moved = place{}
	return own.onHosts(rawURL)
}

// At gives the site where one of its pages lives: that may be a place that the site moved to, which no file names, and
// which is the site's then unless another one has it.
func (s *Site) At(canonical string) *Site {
	if len(s.atlas().of(canonical)) > 0 {
		return s
	}
	m := *s
	m.around, m.moved = s.atlas(), homePlace(EditionHome(canonical))
	return &m
}
