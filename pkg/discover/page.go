package discover

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
	"github.com/khabar-crawler/khabar/pkg/yield"
)

// candidate is one page of the site that a page links, with all that its links say.
type candidate struct {
	url      string
	text     string  // the longest of its links' texts
	words    float64 // of text
	name     string  // the first of its links' texts, a menu's before others: what a section is called
	inName   zone
	zones    [zoneMeta + 1]int
	heading  bool
	place    uint64
	block    string
	past     string // what became of such links before, where that decided
	body     int    // links outside menus, footers and the like
	noFollow bool
	paid     bool // rel=sponsored
	next     bool // rel=next
	called   bool // called the next page, or "more"
	classed  bool // called so by its class
	pager    bool // linked among page numbers
	paged    bool // differs from the page's own address as its further pages do
	sisters  int  // how many addresses of its shape are linked in the body, itself among them
	row      bool // one of several short links to addresses of one shape, as menus have
	address  address
	score    float64
	kind     Kind // what it is, or why it is nothing
	why      Reason
	chosen   bool // of the sections that are taken
}

// best is the zone that speaks most for the candidate's being an article.
func (k *candidate) best() zone {
	for _, z := range []zone{zoneMain, zoneNone, zoneAside, zoneHeader, zoneNav, zoneFooter, zoneCrumbs, zonePager, zoneMeta} {
		if k.zones[z] > 0 {
			return z
		}
	}
	return zoneNone
}

// inMenu says whether one of the links stands where menus stand.
func (k *candidate) inMenu() bool { return k.zones[zoneNav]+k.zones[zoneHeader] > 0 }

func isMenu(z zone) bool { return z == zoneNav || z == zoneHeader }

func inBody(z zone) bool { return z == zoneMain || z == zoneNone || z == zoneAside }

// Home reads a site's home page: its feeds, its section pages and the articles it shows. past is what became of the site's links
// before; nil is nothing known. The error is a *KindError or the base URL's.
func Home(base string, body []byte, contentType string, s *site.Site, past *yield.Past) (Result, error) {
	return page(base, body, contentType, s, past, true)
}

// Listing reads a page that lists articles: the articles, its next page and sections that it links. past is what became of the
// site's links before; nil is nothing known. The error is a *KindError or the base URL's.
func Listing(base string, body []byte, contentType string, s *site.Site, past *yield.Past) (Result, error) {
	return page(base, body, contentType, s, past, false)
}

// Feeds reads a page that stands where a feed was expected: many a site links one that lists its feeds. They are taken from the
// page's body, for its template may name feeds on any page. The error is a *KindError or the base URL's.
func Feeds(base string, body []byte, contentType string, s *site.Site) (Result, error) {
	c, err := newCollector(base, s)
	if err != nil {
		return Result{}, err
	}
	if format := sniff(c.unpack(body)); format != FormatHTML {
		return Result{}, &KindError{Want: "page", Got: format}
	}
	p := &pageReader{collector: c, doc: readPage(body, contentType)}
	p.setBase()
	for _, a := range p.doc.anchors {
		if !inBody(a.zone) {
			continue
		}
		if looksLikeFeed(a.ref) || IsFeedService(a.ref) || isFeedText(a.text) || strings.HasSuffix(strings.ToLower(a.ref), ".xml") {
			p.addFeed(a)
		}
	}
	return c.result, nil
}

func page(base string, body []byte, contentType string, s *site.Site, past *yield.Past, home bool) (Result, error) {
	c, err := newCollector(base, s)
	if err != nil {
		return Result{}, err
	}
	body = c.unpack(body)
	switch format := sniff(body); format {
	case FormatHTML, FormatXML, FormatText: // text/plain pages and XHTML with odd roots still show links
	default:
		return Result{}, &KindError{Want: "page", Got: format}
	}
	p := &pageReader{collector: c, doc: readPage(body, contentType), home: home, past: past, byURL: map[string]*candidate{}}
	p.setBase()
	if p.doc.cut {
		p.drop(TooMany)
	}
	p.result.Script = p.doc.scripts > 0 && p.doc.words <= fewWords
	if p.doc.refresh == "" && p.result.Script {
		p.doc.refresh = sentByScript(body)
	}
	if to, err := weburl.Resolve(p.base, p.doc.refresh); err == nil && p.doc.refresh != "" && to != p.page {
		p.result.Refresh = to
	}
	p.feeds()
	p.gather()
	p.judge()
	p.emit()
	return c.result, nil
}

// fewWords is the most that pages which a script makes show without it: a title, "Loading…", a note that asks for
// JavaScript where it is not in a noscript.
const fewWords = 12

// maxStub is the longest page, in bytes, that is a script which sends its readers on and nothing else. An application's page, which
// may do so for those who have to log in, is longer.
const maxStub = 4 << 10

var sends = regexp.MustCompile(`\blocation(?:\.href)?\s*=\s*["']([^"'\s]+)["']|\blocation\.(?:replace|assign)\(\s*["']([^"'\s]+)["']\s*\)`)

// sentByScript reads where a page without text leads whose script names one address to go to; "" for nowhere.
func sentByScript(body []byte) string {
	if len(body) > maxStub {
		return ""
	}
	all := sends.FindAllSubmatch(body, 2)
	if len(all) != 1 {
		return ""
	}
	return string(all[0][1]) + string(all[0][2])
}

type pageReader struct {
	*collector
	doc          document
	home         bool
	past         *yield.Past
	here         address // of the page itself
	byURL        map[string]*candidate
	candidates   []*candidate
	own          int // links to pages that are called after the site, in no heading
	feedCount    int
	sitemapCount int
}

// setBase obeys <base> and rel=canonical.
func (p *pageReader) setBase() {
	if p.doc.base != "" {
		if b, err := p.base.Parse(strings.TrimSpace(p.doc.base)); err == nil && (b.Scheme == "http" || b.Scheme == "https") && b.Host != "" {
			p.base = b
		}
	}
	if canonical, why := p.resolve(p.doc.queried(p.doc.canonical)); why == "" {
		p.also = canonical
	}
	p.here = readAddress(p.page)
}

// feeds takes the feeds and sitemaps that the head names and those linked in the page, by words or icons. Feeds of comments are
// none of news.
func (p *pageReader) feeds() {
	for _, f := range p.doc.feeds {
		if _, why := p.resolve(f.ref); why == "" && strings.Contains(strings.ToLower(f.ref), "comments") {
			p.drop(Utility)
			continue
		}
		p.addFeed(f)
	}
	for _, ref := range p.doc.sitemaps {
		p.addSitemap(ref)
	}
	for _, a := range p.doc.anchors {
		if looksLikeSitemap(a.ref) {
			p.addSitemap(a.ref)
		}
		if looksLikeFeed(a.ref) || isServiceFeed(a.ref) || isFeedText(a.text) {
			p.addFeed(a)
		}
	}
}

func (p *pageReader) addFeed(a anchor) {
	canonical, why := p.resolve(p.doc.queried(a.ref))
	vouched := false
	if why == OffSite && IsFeedService(a.ref) { // the site's own feed, kept by a feed service
		if at, err := weburl.Canonical(a.ref); err == nil && !isRoot(at) {
			canonical, why, vouched = at, "", true
		}
	}
	if why == "" && (canonical == p.page || isRoot(canonical)) {
		why = Self // as an icon that a script was to change
	}
	if why != "" {
		p.drop(why)
		return
	}
	if p.feedCount >= MaxFeeds {
		p.drop(TooMany)
		return
	}
	if p.add(Link{URL: canonical, Title: a.text, Kind: KindFeed, Vouched: vouched}, MaxLinks) {
		p.feedCount++
	}
}

func (p *pageReader) addSitemap(ref string) {
	canonical, why := p.resolve(ref)
	if why == "" && p.sitemapCount >= MaxFeeds {
		why = TooMany
	}
	if why != "" {
		p.drop(why)
		return
	}
	if p.add(Link{URL: canonical, Kind: KindSitemap}, MaxLinks) {
		p.sitemapCount++
	}
}

// isServiceFeed knows links to feeds that a feed service keeps, from its links for mail, items and the like.
func isServiceFeed(ref string) bool {
	u, err := url.Parse(ref)
	return err == nil && IsFeedService(ref) && strings.HasPrefix(u.Host, "feeds.") && strings.Count(strings.Trim(u.Path, "/"), "/") == 0
}

// looksLikeFeed knows the addresses that content systems give their feeds.
func looksLikeFeed(ref string) bool {
	u, err := url.Parse(ref)
	if err != nil || strings.Contains(strings.ToLower(u.Path), "comments") {
		return false
	}
	switch q := u.Query(); {
	case q.Get("format") == "feed", q.Get("format") == "rss", q.Get("feed") == "rss2", q.Get("feed") == "rss", q.Get("feed") == "atom":
		return true
	}
	dir, last := path.Split(strings.TrimSuffix(strings.ToLower(u.Path), "/"))
	name, ending, _ := strings.Cut(last, ".")
	switch {
	case strings.HasPrefix(dir, "/feed/"), slices.Contains(strings.Split(dir, "/"), "rss"), feedNames[name] && !strings.HasPrefix(ending, "htm"):
		return true
	}
	switch ending {
	case "rss", "rdf", "atom":
		return true
	}
	return ending == "xml" && (strings.Contains(last, "rss") || strings.Contains(last, "feed") || strings.Contains(last, "atom")) || last == "feeds.xml"
}

// feedNames are what content systems call the page or program that makes a feed.
var feedNames = map[string]bool{"feed": true, "rss": true, "rss2": true, "atom": true, "rdf": true, "rssfeed": true, "rssfeeds": true}

// gather joins the links of one address.
func (p *pageReader) gather() {
	if p.doc.next != "" {
		p.doc.anchors = append(p.doc.anchors, anchor{ref: p.doc.next, rel: "next", zone: zonePager})
	}
	for _, a := range p.doc.anchors {
		p.hand = ""
		canonical, why := p.resolve(p.doc.queried(a.ref))
		if why == "" {
			why = p.unwanted(canonical)
		}
		if why != "" {
			p.drop(why)
			continue
		}
		k := p.byURL[canonical]
		if k == nil {
			k = &candidate{url: canonical, place: a.place, block: a.block, address: readAddress(canonical)}
			p.byURL[canonical] = k
			p.candidates = append(p.candidates, k)
		} else {
			p.drop(Duplicate)
		}
		k.zones[a.zone]++
		k.heading = k.heading || a.heading
		if inBody(a.zone) {
			k.body++
		}
		k.paid = k.paid || strings.Contains(a.rel, "sponsored")
		k.classed = k.classed || a.classed
		k.noFollow = k.noFollow || p.doc.noFollow || strings.Contains(a.rel, "nofollow") || strings.Contains(a.rel, "sponsored")
		k.pager = k.pager || a.zone == zonePager
		k.next = k.next || slices.Contains(strings.Fields(a.rel), "next")
		k.called = k.called || isNextWord(a.text)
		if a.text != "" && (k.name == "" || isMenu(a.zone) && !isMenu(k.inName)) {
			k.name, k.inName = a.text, a.zone
		}
		if !isMenu(a.zone) && isLabel(a.text) {
			a.text = ""
		}
		if w := countWords(a.text); w > k.words || k.text == "" {
			k.text, k.words, k.place, k.block = a.text, w, a.place, a.block
		}
	}
}

// unwanted says why a page of the site is of no interest whatever its link says.
func (p *pageReader) unwanted(canonical string) Reason {
	switch {
	case canonical == p.page || canonical == p.also:
		return Self
	case p.seen[canonical]:
		return Duplicate // a feed
	case isFile(canonical):
		return File
	}
	return ""
}

// emit turns candidates into links, in the page's order.
func (p *pageReader) emit() {
	next := p.nextPage()
	for _, k := range p.candidates {
		k.kind, k.why = p.kind(k)
	}
	p.choose()
	headlines := 0
	for _, k := range p.candidates {
		p.hand = k.url
		l := Link{URL: k.url, Title: k.text, NoFollow: k.noFollow, Block: k.block, told: k.evidence()}
		if k == next {
			l.Kind = KindNext
			p.add(l, MaxLinks)
			continue
		}
		switch {
		case k.why != "":
			p.drop(k.why)
			p.explain(k)
			continue
		case k.kind == KindListing && !k.chosen:
			p.drop(TooMany)
			continue
		case k.kind == KindListing:
			l.Title = k.name
		case k.score >= 2 && (k.best() == zoneMain || k.best() == zoneNone):
			headlines++
		}
		l.Kind = k.kind
		p.add(l, MaxLinks)
	}
	p.result.List = headlines >= listHeadlines
}

// explain adds to what was left out last what it was told by.
func (p *pageReader) explain(k *candidate) {
	n := len(p.result.Others)
	if n == 0 || p.result.Others[n-1].URL != k.url {
		return
	}
	o := &p.result.Others[n-1]
	o.Past = k.past
	if k.why == NotArticle && p.verdict(k.url) != site.NotArticle {
		o.told = k.evidence()
	}
}

// choose takes MaxSections of the sections, where there are more: as many of each list, the first ones, so that a menu of all
// towns leaves room for the sections beside it.
func (p *pageReader) choose() {
	rank := map[uint64]int{} // by list, how many sections it has so far
	var rounds []int         // how many lists have a first section, a second …
	var ranks []int
	for _, k := range p.candidates {
		if k.why != "" || k.kind != KindListing {
			continue
		}
		r := rank[k.place]
		rank[k.place]++
		if r == len(rounds) {
			rounds = append(rounds, 0)
		}
		rounds[r]++
		ranks = append(ranks, r)
	}
	whole := 0 // rounds that are taken whole
	room := MaxSections
	for whole < len(rounds) && rounds[whole] <= room {
		room -= rounds[whole]
		whole++
	}
	i := 0
	for _, k := range p.candidates {
		if k.why != "" || k.kind != KindListing {
			continue
		}
		if k.chosen = ranks[i] < whole; ranks[i] == whole && room > 0 {
			k.chosen = true
			room--
		}
		i++
	}
}

// listHeadlines is how many headlines make a list: article pages show fewer of others' in their body, or show them in asides.
const listHeadlines = 8

// kind decides what a candidate is: by the site's patterns, by its looks, and by what became of such links before where that
// speaks against the looks.
func (p *pageReader) kind(k *candidate) (Kind, Reason) {
	switch p.verdict(k.url) {
	case site.Article:
		return KindArticle, ""
	case site.NotArticle:
		if k.score < articleScore && p.isSection(k) {
			return KindListing, ""
		}
		return "", NotArticle
	}
	kind, why := p.looksLike(k)
	learned, past := p.past.Judge(k.url, k.block)
	switch {
	case learned == yield.Other && kind == KindArticle:
		k.past = past
		if (k.inMenu() || hasSectionWord(&k.address)) && p.isSection(k) {
			return KindListing, ""
		}
		return "", Unyielding
	case learned == yield.Article && k.body > 0 && (why == NotArticle || kind == KindListing && !k.inMenu()):
		k.past = past
		return KindArticle, ""
	}
	return kind, why
}

// looksLike says what a candidate is by what the page shows of it.
func (p *pageReader) looksLike(k *candidate) (Kind, Reason) {
	a := &k.address
	switch {
	case len(a.segments) == 0 && len(a.query) == 0:
		if a.host == p.here.host || !p.isSection(k) {
			return "", Self // the home page
		}
		return KindListing, "" // a section that has a host of its own
	case k.paid && a.shape != p.here.shape: // an article page's own recommendations are counted like advertisements
		return "", Advert
	case a.role == roleName && a.isCalled(k.text), a.isLandingHost() && !a.dated, p.isOwn(k):
		return "", Utility
	case a.role == roleService, a.isUtility() && k.score < articleScore, a.isUtilityHost() && !a.dated && (k.words < 5 || k.body == 0), isUtilityText(k.text):
		return "", Utility
	case a.language() != p.here.language() && (a.language() != "" && len(a.segments) == 1 || slices.Equal(a.untranslated(), p.here.untranslated())):
		return "", Language
	case a.slug >= 3 && isLanguage(k.text): // an article in another
		return "", Language
	case a.page > 0 && a.dated && k.words <= 3: // of an article's comments
		return "", Pagination
	case k.pager && (k.words < 5 || a.slug < 3) || k.paged && k.words <= 2: // the next article's headline is none
		return "", Pagination
	case (k.words < 4 || k.body == 0) && a.isMedia():
		return "", NotArticle
	case k.score >= articleScore:
		return KindArticle, ""
	case p.isSection(k):
		return KindListing, ""
	case k.score >= doubtScore && p.inDoubt(k):
		return KindArticle, ""
	}
	return "", NotArticle
}

// isOwn says whether a page is called after its site, as where it asks for support and sells its space. Sites that write about
// themselves link more than a few of those.
func (p *pageReader) isOwn(k *candidate) bool {
	return p.own <= maxOwn && !k.heading && !k.address.marked() && k.address.namesSite()
}

// maxOwn is how many pages sites call after themselves, in prose and menus, that are none of news.
const maxOwn = 6

// inDoubt says whether a link in the body of the page that is not enough of an article has what gives it the benefit of the
// doubt: several words, or links, or a number, and no word in its address that calls it something else than a section.
func (p *pageReader) inDoubt(k *candidate) bool {
	a := &k.address
	switch {
	case k.body == 0 || a.asks() && !k.heading || a.role != roleNone && !(a.role == roleSection && k.heading && k.words >= 5):
		return false
	case len(a.segments) == 1 && a.slug < 2 && len(a.query) == 0 && (k.words < 5 || a.host != p.here.host):
		return false
	}
	return k.body > 1 || k.words >= 4 || k.heading || a.marked() || k.words == 0 && k.sisters >= 3 // pictures of a row of stories
}

// isSection says whether a link that is no headline leads to a section: named in a menu, or by its address, or one of a
// row of short links to addresses of one shape, as menus were before they had a name in HTML.
func (p *pageReader) isSection(k *candidate) bool {
	a := &k.address
	switch {
	case a.isUtility() || a.isUtilityHost() || isUtilityText(k.text) || a.isMedia() || k.paid:
		return false
	case k.words == 0 || k.words > 5 || len(a.segments) > 4 || a.page > 1 || digitCount(k.text) > 4: // names have a year at most
		return false
	case a.language() != "" && len(a.segments) == 1 && a.language() != p.here.language():
		return false
	case a.id && !k.row && !hasSectionWord(a):
		return false
	case k.inMenu():
		return true
	case k.zones[zoneMeta] > 0 || k.zones[zoneCrumbs] > 0:
		return false
	}
	if hasSectionWord(a) {
		return true
	}
	return p.home && k.words <= 3
}

func hasSectionWord(a *address) bool {
	return slices.ContainsFunc(a.segments, func(s string) bool { return known().has("address", "section", stem(s)) })
}
