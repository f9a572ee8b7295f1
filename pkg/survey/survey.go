// Package survey finds out what a site file says of a publisher, from its home page on: its name, language, country and time
// zone with the evidence for each, the sections that list articles and what each of them yielded, the form of its articles'
// addresses, and how gently it asks to be treated. What is no news site is refused, with the reason.
//
// A survey asks in the order of what is learned most from: the home page, the feeds and sitemaps that it and robots.txt name,
// the usual places of both where none is named, a few articles, and then every section of the menu, each once.
//
// Invariants: no more than Config.Requests requests go to one site, robots.txt and redirects among them, one at a time and the
// delay apart (Paces); what is kept of a page is bounded; the file that File writes is one that package site loads, and what
// nothing speaks for is left out of it. All judgements are pure functions of the pages read; I/O is the Fetcher's.
//
// Failure modes: every site ends as Findings or as a *Refusal; an error of another kind is the context's. Countries of
// languages that are written in many are uncertain: in doubt the file names none, and says what spoke for which.
package survey

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/khabar-crawler/khabar/pkg/discover"
	"github.com/khabar-crawler/khabar/pkg/extract"
	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// Config bounds a survey. The zero value of each field means its default.
type Config struct {
	// Requests is the most that one site is asked. Default 60: a menu of forty sections, and five minutes at the default delay.
	Requests int
	// Articles is how many articles are read. Default 6: a language and a country show in three, and one in two may be a video,
	// a ticker or a page of a kind of its own.
	Articles int
	// Delay is the least time between two requests of one host, which robots.txt can only lengthen. Default site.DefaultDelay;
	// negative: none, for webs of tests.
	Delay time.Duration
	// MaxBody caps a document. Default 20 MiB, for which sitemaps are the reason; pages are below 5.
	MaxBody int64
}

// Default gives the configuration used where nothing else is said; why each number is what it is, its field says.
func Default() Config {
	return Config{Requests: 60, Articles: 6, Delay: site.DefaultDelay, MaxBody: 20 << 20}
}

// Fetcher gets pages; *fetch.Client is one.
type Fetcher interface {
	Fetch(ctx context.Context, r fetch.Request) fetch.Response
}

// Surveyor surveys sites. It is safe for concurrent use; surveys of one host share its pace.
type Surveyor struct {
	cfg    Config
	fetch  Fetcher
	paces  *Paces
	tables *tables
	rooms  chan struct{} // large bodies in memory
	now    func() time.Time
}

// New makes a Surveyor. Its error is a problem of the package's own tables.
func New(cfg Config, f Fetcher) (*Surveyor, error) {
	def := Default()
	cfg.Requests, cfg.Articles = cmp.Or(cfg.Requests, def.Requests), cmp.Or(cfg.Articles, def.Articles)
	cfg.Delay, cfg.MaxBody = max(cmp.Or(cfg.Delay, def.Delay), 0), cmp.Or(cfg.MaxBody, def.MaxBody)
	t, err := readTables()
	if err != nil {
		return nil, fmt.Errorf("survey: %w", err)
	}
	return &Surveyor{cfg: cfg, fetch: f, paces: newPaces(), tables: t, rooms: make(chan struct{}, largeAtOnce), now: time.Now}, nil
}

// Section is a section found, with what one visit of it gave.
type Section struct {
	site.Section
	Title    string     // what the page that links it calls it
	Articles int        // that it lists
	Own      int        // of these, those that no section before it lists
	Newest   *time.Time // of what it dates
	From     string     // where its address was found
}

// Left is a section that is not in the file, and why.
type Left struct {
	URL, Why string
}

// Found is a value, and what it was concluded from. Without a value, the evidence says what was looked for.
type Found struct {
	Value    string
	Evidence []string
}

// Findings is what a survey found out.
type Findings struct {
	ID, Home                          string
	Name, Language, Country, TimeZone Found
	Sections                          []Section
	Left                              []Left
	Pattern                           Found         // of articles' addresses, RE2
	CrawlDelay                        time.Duration // that robots.txt asks for
	Read                              int           // articles read
	Notes                             []string      // what whoever reads the file should know
	Requests                          int
	At                                time.Time
}

// ID names a site by the address of its home page: by the registrable domain, or where the page is not at its root, by host and
// path, so that editions of one publisher each have a name.
func ID(canonical string) string {
	u, err := url.Parse(canonical)
	if err != nil {
		return ""
	}
	host := strings.TrimPrefix(u.Host, "www.")
	id := host + "-" + strings.Trim(u.Path, "/")
	id = strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, id), "-._")
	return strings.Trim(id[:min(len(id), maxID)], "-._")
}

// maxID is the longest id that a site file takes.
const maxID = 64

// survey is one site being surveyed.
type survey struct {
	*Surveyor
	site     *site.Site // as far as it is known: the home page alone
	lane     *pace
	requests int
	refusals int  // in a row
	leave    bool // the host asked to be left alone for a while
	large    bool // a large body is in hand
	out      *Findings
	now      time.Time
	kind     string // what the home page is that of, if not of a newspaper

	pages    []*seenPage     // whose markup was read
	articles []*readArticle  // that were read
	found    []*source       // sections, in the order of their reading
	tried    map[string]bool // addresses that were asked for
	listed   map[string]listing
	order    []string // keys of listed, as they came
	left     map[string]string
	others   []string // addresses that are no articles: sections and pages of the menu
}

// listing is what is known of an address that a source lists as an article.
type listing struct {
	sources int
	title   string
	date    *time.Time
}

// Site surveys the site of a home page. Its error is a *Refusal, or the context's.
func (s *Surveyor) Site(ctx context.Context, home string) (*Findings, error) {
	canonical, err := weburl.Canonical(home)
	if err != nil {
		return nil, &Refusal{URL: home, Reason: BadAddress, Text: err.Error(), Final: true}
	}
	st, err := site.FromHome(site.EditionHome(canonical))
	if err != nil {
		return nil, &Refusal{URL: home, Reason: BadAddress, Text: err.Error(), Final: true}
	}
	v := &survey{Surveyor: s, site: st, now: s.now().UTC(), tried: map[string]bool{}, listed: map[string]listing{}, left: map[string]string{}}
	v.out = &Findings{ID: ID(canonical), Home: canonical, At: v.now}
	v.lane = s.paces.of(st.Key(weburl.Host(canonical)))
	err = v.protected(ctx)
	v.release()
	v.out.Requests = v.requests
	if ctx.Err() != nil {
		return nil, fmt.Errorf("survey %s: %w", canonical, context.Cause(ctx))
	}
	var refused *Refusal
	if errors.As(err, &refused) {
		refused.URL, refused.Requests = canonical, v.requests
		if home := site.EditionHome(canonical); home != canonical && (refused.Reason == NoPage || refused.Reason == NoArticles) {
			refused.Text += "; a site is named by its home page, as " + home
		}
	}
	if err != nil {
		return nil, err
	}
	return v.out, nil
}

// protected is run, of which a panic ends this site alone.
func (v *survey) protected(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Refusal{Reason: Crashed, Text: fmt.Sprintf("a page of it cannot be read: %v", p)}
		}
	}()
	return v.run(ctx)
}

func (v *survey) run(ctx context.Context) error {
	res, err := v.home(ctx)
	if err != nil {
		return err
	}
	found, err := discover.Home(res.URL, res.Body, res.ContentType, v.site, nil)
	if err != nil {
		return &Refusal{Reason: NoPage, Text: err.Error(), Final: true}
	}
	front := readHead(res.Body, res.ContentType)
	always := v.tables.kindOf(front, true)
	v.kind, front.markup = v.tables.kindOf(front, false), nil
	v.pages = append(v.pages, front)
	if always != "" {
		return &Refusal{Reason: OtherKind, Text: "the home page is that of " + always, Final: true}
	}
	var feeds, sitemaps, sections []discover.Link
	for _, l := range found.Links {
		switch l.Kind {
		case discover.KindFeed:
			feeds = append(feeds, l)
		case discover.KindListing:
			sections = append(sections, l)
		case discover.KindArticle:
			v.list(l)
		}
	}
	for _, u := range res.Sitemaps {
		if c, err := weburl.Canonical(u); err == nil && v.site.Owns(c) {
			sitemaps = append(sitemaps, discover.Link{URL: c, Kind: discover.KindSitemap, Title: "named in robots.txt"})
		}
	}
	// The first of each kind tell what articles there are; the rest comes when it is known that this is a news site.
	rest := v.readSources(ctx, feeds, 2, "linked in the home page")
	rest = append(rest, v.readSources(ctx, sitemaps, 2, "named in robots.txt")...)
	if len(v.listed) == 0 {
		v.guess(ctx, res.URL, discover.System(res.Body))
	}
	if len(v.listed) == 0 && len(sections) > 0 {
		v.readSources(ctx, sections[:1], 1, "linked in the home page")
		sections = sections[1:]
	}
	v.readArticles(ctx)
	if err := v.judge(found); err != nil {
		return err
	}
	v.guess(ctx, res.URL, discover.System(res.Body))
	for _, l := range append(rest, sections...) {
		where := "linked in the home page"
		if l.Kind == discover.KindSitemap {
			where = "named in robots.txt"
		}
		v.readSources(ctx, []discover.Link{l}, 1, where)
	}
	v.probe(ctx)
	v.conclude()
	if len(v.out.Sections) == 0 {
		return &Refusal{Reason: NoSections, Text: "articles were read, and nothing lists them: no feed, sitemap or section was found" + v.leftWords(), Final: true}
	}
	return nil
}

// home gets the home page, at its http address too where only a host was named.
func (v *survey) home(ctx context.Context) (fetch.Response, error) {
	for hops := 0; ; hops++ {
		res := v.get(ctx, v.out.Home)
		if err := refusalOf(res, v.out.Home); err != nil {
			return res, err
		}
		canonical, err := weburl.Canonical(res.URL)
		if err != nil {
			return res, &Refusal{Reason: BadAddress, Text: err.Error(), Final: true}
		}
		if canonical != v.out.Home {
			v.out.Notes = append(v.out.Notes, fmt.Sprintf("%s redirects to %s, which is the home page below.", v.out.Home, canonical))
		}
		v.out.Home, v.tried[canonical] = canonical, true
		if v.site, err = site.FromHome(site.EditionHome(canonical)); err != nil {
			return res, &Refusal{Reason: BadAddress, Text: err.Error(), Final: true}
		}
		// A page that is nothing but a redirect in its markup leads on, once.
		found, err := discover.Home(res.URL, res.Body, res.ContentType, v.site, nil)
		if err != nil || found.Refresh == "" || len(found.Links) > 0 {
			return res, nil
		}
		to, err := weburl.Canonical(found.Refresh)
		if err != nil || !weburl.SameSite(v.out.Home, to) {
			return res, movedTo(found.Refresh)
		}
		if hops > 0 {
			return res, &Refusal{Reason: NoPage, Text: "its pages redirect to one another without end", Final: true}
		}
		v.out.Home = to
	}
}

// get asks for one page, in the pace of its host.
func (v *survey) get(ctx context.Context, address string) fetch.Response {
	v.tried[address] = true
	v.release()
	res := v.lane.fetch(ctx, v.fetch, fetch.Request{
		URL: address, MaxBody: v.cfg.MaxBody, Free: freeBody, Room: v.room,
		SameLane: func(host string) bool { return weburl.SameSite(v.out.Home, "https://"+host+"/") },
	}, v.cfg.Delay, func(crawlDelay time.Duration) {
		v.requests++
		v.out.CrawlDelay = max(v.out.CrawlDelay, crawlDelay)
	})
	if res.Outcome == outcome.Blocked || res.HostDown {
		v.refusals++
	} else {
		v.refusals = 0
	}
	v.leave = v.leave || res.RetryAfter > 0
	return res
}

// room waits until there is memory for a large body, which is given back when the next page is asked for.
func (v *survey) room(ctx context.Context) error {
	select {
	case v.rooms <- struct{}{}:
		v.large = true
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (v *survey) release() {
	if v.large {
		<-v.rooms
		v.large = false
	}
}

const (
	// freeBody is how long a body may be without waiting for room: nearly all pages are shorter.
	freeBody = 2 << 20
	// largeAtOnce is how many longer bodies are in memory, with what they are parsed into.
	largeAtOnce = 4
	// maxRefusals is how many refusals in a row end a survey: who does not want to be asked is not asked on.
	maxRefusals = 3
)

// spent says whether the site was asked as often as it may be, or does not want to be asked any more.
func (v *survey) spent() bool {
	return v.requests >= v.cfg.Requests || v.refusals >= maxRefusals || v.leave
}

// whySpent says which.
func (v *survey) whySpent() string {
	if v.leave {
		return "not tried: the host asked to be left alone for a while"
	}
	if v.refusals >= maxRefusals {
		return fmt.Sprintf("not tried: the host refused %d requests in a row", v.refusals)
	}
	return fmt.Sprintf("not tried: the bound of %d requests was reached", v.cfg.Requests)
}

// see keeps what a page says of itself.
func (v *survey) see(res fetch.Response) *seenPage {
	p := readHead(res.Body, res.ContentType)
	p.kind, p.markup = v.tables.kindOfPage(p), nil
	v.pages = append(v.pages, p)
	return p
}

// readArticles reads a few of the articles that are listed: those of most sources first, which are articles for sure, and not
// all of one part of the site.
func (v *survey) readArticles(ctx context.Context) {
	candidates := slices.Clone(v.order)
	slices.SortStableFunc(candidates, func(a, b string) int { return cmp.Compare(min(v.listed[b].sources, 2), min(v.listed[a].sources, 2)) })
	step := max(1, min(len(candidates)/max(v.cfg.Articles, 1), 5)) // neighbours in a feed are of one hour and desk
	for tries, i := 0, 0; i < len(candidates) && v.readCount() < v.cfg.Articles && tries < 2*v.cfg.Articles; i, tries = i+step, tries+1 {
		u := candidates[i]
		if v.tried[u] || v.spent() || ctx.Err() != nil {
			continue
		}
		v.readArticle(ctx, u)
	}
}

func (v *survey) readArticle(ctx context.Context, address string) {
	res := v.get(ctx, address)
	a := &readArticle{url: address, outcome: outcome.Text(res.Outcome, res.Reason)}
	v.articles = append(v.articles, a)
	if res.Outcome != outcome.OK {
		return
	}
	to, err := weburl.Canonical(res.URL)
	a.elsewhere = err != nil || weburl.Neutral(to) != weburl.Neutral(address)
	a.page = v.see(res)
	r := extract.Extract(extract.Page{URL: res.URL, Body: res.Body, ContentType: res.ContentType}, extract.Options{Now: v.now})
	a.outcome, a.is, a.article = outcome.Text(outcome.Outcome(r.Outcome), r.Reason), r.Outcome == extract.OutcomeArticle, r.Article
}

// readCount is how many of the articles asked for turned out to be such.
func (v *survey) readCount() int {
	n := 0
	for _, a := range v.articles {
		if a.is {
			n++
		}
	}
	return n
}

// leftWords says what came of the sources that gave nothing, for a refusal.
func (v *survey) leftWords() string {
	var b strings.Builder
	n := 0
	for _, u := range sortedKeys(v.left) {
		if n++; n > 3 {
			fmt.Fprintf(&b, "; and %d more", len(v.left)-3)
			break
		}
		fmt.Fprintf(&b, "; %s: %s", u, v.left[u])
	}
	return b.String()
}

// domainWord is the word that a domain was registered for: "mexiconewsdaily" of www.mexiconewsdaily.com.
func domainWord(home string) string {
	domain := weburl.Domain(weburl.Host(home))
	suffix, _ := publicsuffix.PublicSuffix(domain)
	return strings.TrimSuffix(domain, "."+suffix)
}
