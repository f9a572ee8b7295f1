package demosite

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// feedItems is how many of the newest articles a feed holds, as most systems do.
const feedItems = 20

// newsItems is how many of the newest articles stand in the news sitemap of a site that has an index; the rest are in
// the older one.
const newsItems = 25

// reply is what a path answers.
type reply struct {
	status      int
	contentType string
	body        []byte
	location    string // of a redirect
	article     bool
	unknown     bool // no page of the site
	pages       int  // of the list that this is a page of, as WordPress says
}

func htmlReply(body []byte) reply {
	return reply{status: 200, contentType: "text/html; charset=utf-8", body: body}
}

// answer gives what a site serves at a path with query. w.mu is held for reading.
func (w *Web) answer(s *news, path, query string) reply {
	uri := path
	if query = withoutTracking(query); query != "" {
		uri += "?" + query
	}
	if st := s.byPath[uri]; st != nil {
		r := htmlReply(w.articlePage(s, st))
		r.article = true
		return r
	}
	switch {
	case uri == "/":
		return htmlReply(s.home())
	case path == "/robots.txt":
		return reply{status: 200, contentType: "text/plain", body: s.robots(w.cfg.CrawlDelay)}
	case path == s.spec.feed:
		return s.feed()
	case path == gonePath:
		return s.notFound(404)
	case path == softPath:
		return s.notFound(200)
	case path == redirectPath:
		return reply{status: 302, location: s.stories[len(s.stories)/2].truth.URL}
	case path == galleryPath:
		return htmlReply(s.gallery())
	case strings.HasPrefix(path, "/media/"), strings.HasPrefix(path, "/assets/"):
		return reply{status: 200, contentType: "application/octet-stream", body: []byte{0}}
	case strings.HasPrefix(path, "/sitemap"):
		if r, ok := s.sitemaps(path); ok {
			return r
		}
	case path == "/about", path == "/contact", path == "/privacy", path == "/login", path == "/follow",
		strings.HasPrefix(path, "/tag/"), strings.HasPrefix(path, "/author/"), strings.HasPrefix(path, "/private/"):
		return htmlReply(s.plain())
	}
	if r, ok := s.before(path, query, w.cfg.PageSize); ok {
		return r
	}
	for section, key := range sectionKeys {
		for n := 1; (n-1)*w.cfg.PageSize*len(sectionKeys) < len(s.stories); n++ {
			if s.spec.section(key, n) == uri {
				return htmlReply(s.listing(section, n, w.cfg.PageSize))
			}
		}
	}
	r := s.notFound(404)
	r.unknown = true
	return r
}

// withoutTracking drops the parameters that page.tracking adds: they change nothing on a page.
func withoutTracking(query string) string {
	var kept []string
	for _, pair := range strings.Split(query, "&") {
		if pair != "" && !strings.HasPrefix(pair, "utm_") && !strings.HasPrefix(pair, "fbclid=") {
			kept = append(kept, pair)
		}
	}
	return strings.Join(kept, "&")
}

func (s *news) robots(delay time.Duration) []byte {
	var b bytes.Buffer
	b.WriteString("User-agent: *\nDisallow: /private/\n")
	if delay > 0 {
		fmt.Fprintf(&b, "Crawl-delay: %d\n", int(delay.Seconds()))
	} else if s.spec.zero != 0 { // some say so and ask for nothing
		b.WriteString("Crawl-delay: 0\n")
	}
	fmt.Fprintf(&b, "\nSitemap: http://%s%s\n", s.host, s.spec.sitemap)
	return b.Bytes()
}

func (s *news) notFound(status int) reply {
	p := &page{s: s}
	p.head(p.label("notfound"), "/404", nil)
	p.top()
	p.put("<main><h1>%s</h1><p>%s</p><p><a href=\"/\">%s</a></p></main>\n", p.label("notfound"), p.label("notfoundtext"), p.label("home"))
	p.bottom()
	r := htmlReply(p.Bytes())
	r.status = status
	return r
}

// plain is a page about the site: no article, no listing.
func (s *news) plain() []byte {
	p := &page{s: s}
	p.head(p.label("about"), "/about", nil)
	p.top()
	p.put("<main><h1>%s</h1><p>%s. %s</p></main>\n", p.label("about"), s.spec.name, s.spec.tagline)
	p.bottom()
	return p.Bytes()
}

func (s *news) gallery() []byte {
	p := &page{s: s}
	p.head(p.label("gallery"), galleryPath, nil)
	p.top()
	p.put("<main><h1>%s</h1><div class=\"grid\">\n", p.label("gallery"))
	for i := range 24 {
		p.put("<a href=\"/media/g%d.jpg\"><img src=\"/media/g%d-small.jpg\" alt=\"\"></a>\n", i, i)
	}
	p.put("</div></main>\n")
	p.bottom()
	return p.Bytes()
}

// home is the front page: two articles of each section, the sections, and the links that lead nowhere good.
func (s *news) home() []byte {
	p := &page{s: s}
	p.head(s.spec.tagline, "/", nil)
	p.top()
	p.put("<main>\n<h1 class=\"screen-reader-text\">%s</h1>\n", s.spec.name)
	for i, key := range sectionKeys {
		p.put("<section><h2><a href=%q>%s</a></h2>\n", s.spec.section(key, 1), s.lang.section(key))
		shown := 0
		for _, st := range s.stories {
			if st.section == i && shown < 2 {
				p.card(st)
				shown++
			}
		}
		p.put("</section>\n")
	}
	st := s.stories[len(s.stories)/2]
	p.put("<section class=\"choice\"><h3><a href=%q>%s</a></h3></section>\n", redirectPath, st.truth.Title)
	p.put("<div class=\"banner\"><a href=\"http://ads.invalid/click?to=home\">%s</a></div>\n</main>\n", p.label("ad"))
	p.bottom()
	return p.Bytes()
}

// card writes an article's entry in a listing, in the manner of the site.
func (p *page) card(st *story) {
	c, link := p.s.skin.prefix, raw(st.path+string(p.escapedTracking(st)))
	teaser := shorten(st.lead, 120)
	switch {
	case p.s.skin.markup == coverNews || p.s.skin.markup == newsphere:
		p.put("<article class=\"latest-posts-grid post\"><h3 class=\"article-title\"><a href=\"%s\">%s</a></h3><span class=\"posts-date\">%s</span><div class=\"post-excerpt\">%s</div></article>\n", link, st.truth.Title, p.date(st), teaser)
	case p.s.skin.markup == tableBased:
		p.put("<table><tr><td><a href=\"%s\"><b>%s</b></a></td><td><font size=\"1\">%s</font></td></tr></table>\n", link, st.truth.Title, p.date(st))
	case p.s.skin.body == inDivs:
		p.put("<a class=\"%s-tile\" href=\"%s\"><img src=\"/media/%d.jpg\" alt=\"\"><div><h4>%s</h4><time>%s</time></div></a>\n", c, link, st.id, st.truth.Title, p.date(st))
	default:
		p.put("<div class=\"%s-item\"><h2><a href=\"%s\">%s</a></h2><time>%s</time><p>%s</p></div>\n", c, link, st.truth.Title, p.date(st), teaser)
	}
}

func (p *page) escapedTracking(st *story) raw {
	return raw(strings.ReplaceAll(p.tracking(st), "&", "&amp;"))
}

// listing is the n-th page of a section.
func (s *news) listing(section, n, size int) []byte {
	p := &page{s: s}
	key := sectionKeys[section]
	p.head(s.lang.section(key), s.spec.section(key, n), nil)
	p.top()
	p.put("<main><h1>%s</h1>\n", s.lang.section(key))
	if n == 1 && section == 0 {
		p.put("<div class=\"%s-item\"><h2><a href=%q>%s</a></h2></div>\n", s.skin.prefix, gonePath, s.stories[0].lead)
	}
	if n == 1 && section == 1 {
		p.put("<div class=\"%s-item\"><h2><a href=%q>%s</a></h2></div>\n", s.skin.prefix, softPath, s.stories[1].lead)
		p.put("<div class=\"%s-item\"><h2><a href=%q>%s</a></h2></div>\n", s.skin.prefix, privatePath, s.stories[len(s.stories)-1].lead)
	}
	at := 0
	for _, st := range s.stories {
		if st.section != section {
			continue
		}
		if at >= (n-1)*size && at < n*size {
			p.card(st)
		}
		at++
	}
	p.put("</main>\n<div class=\"pagination\">")
	if n > 1 {
		p.put("<a class=\"prev\" href=%q>%s</a> ", s.spec.section(key, n-1), p.label("prev"))
	}
	last := (at + size - 1) / size
	for i := 1; i <= last && i <= 9; i++ {
		if i == n {
			p.put("<span class=\"current\">%s</span> ", strconv.Itoa(i))
		} else {
			p.put("<a href=%q>%s</a> ", s.spec.section(key, i), strconv.Itoa(i))
		}
	}
	if n < last {
		p.put("<a class=\"next\" href=%q>%s</a>", s.spec.section(key, n+1), p.label("next"))
	}
	p.put("</div>\n<aside><h3>%s</h3><ul>", p.label("latest"))
	for i := range 5 {
		o := s.stories[i%len(s.stories)]
		p.put("<li><a href=%q>%s</a></li>", o.path, o.truth.Title)
	}
	p.put("</ul><a rel=\"nofollow\" href=%q>%s</a></aside>\n", privatePath, p.label("login"))
	p.bottom()
	return p.Bytes()
}

// feed is the site's RSS, Atom or JSON feed.
func (s *news) feed() reply {
	newest := s.stories[:min(feedItems, len(s.stories))]
	base := "http://" + s.host
	var b bytes.Buffer
	switch s.spec.feedKind {
	case "json":
		type item struct {
			ID        string `json:"id"`
			URL       string `json:"url"`
			Title     string `json:"title"`
			Summary   string `json:"summary"`
			Published string `json:"date_published"`
		}
		items := []item{}
		for _, st := range newest {
			items = append(items, item{st.truth.URL, st.truth.URL, st.truth.Title, shorten(st.lead, 120), st.local.Format(time.RFC3339)})
		}
		data, _ := json.Marshal(map[string]any{"version": "https://jsonfeed.org/version/1.1", "title": s.spec.name, "home_page_url": base + "/", "items": items})
		b.Write(data)
	case "atom":
		fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>%s</title><id>%s/</id><link href=%q/><updated>%s</updated>\n", xmlText(s.spec.name), base, base+"/", s.edited.Format(time.RFC3339))
		for _, st := range newest {
			fmt.Fprintf(&b, "<entry><title>%s</title><id>%s</id><link rel=\"alternate\" href=%q/><published>%s</published><updated>%s</updated><summary>%s</summary></entry>\n",
				xmlText(st.truth.Title), xmlText(st.truth.URL), xmlText(st.truth.URL), st.local.Format(time.RFC3339), laterOf(st.local, st.modified).Format(time.RFC3339), xmlText(shorten(st.lead, 120)))
		}
		b.WriteString("</feed>\n")
	default:
		fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- %s -->\n<rss version=\"2.0\" xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\"><channel><title>%s</title><link>%s/</link><description>%s</description><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>\n", s.id, xmlText(s.spec.name), base, xmlText(s.spec.tagline))
		for _, st := range newest {
			fmt.Fprintf(&b, "<item><title>%s</title><link>%s</link><guid isPermaLink=\"false\">%s-%d</guid><pubDate>%s</pubDate><description>%s</description></item>\n",
				xmlText(st.truth.Title), xmlText(st.truth.URL), s.id, st.id, st.local.Format(time.RFC1123Z), xmlText(shorten(st.lead, 120)))
		}
		b.WriteString("</channel></rss>\n")
	}
	return reply{status: 200, contentType: feedType(s.spec.feedKind) + "; charset=utf-8", body: b.Bytes()}
}

// sitemaps serves the site's sitemap: plain, gzipped, or an index of two.
func (s *news) sitemaps(path string) (reply, bool) {
	r := reply{status: 200, contentType: "application/xml; charset=utf-8"}
	switch {
	case path == "/sitemap_index.xml" && s.spec.sitemap == path:
		r.body = fmt.Appendf(nil, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><sitemap><loc>http://%s/sitemap-news.xml</loc><lastmod>%s</lastmod></sitemap><sitemap><loc>http://%s/sitemap-older.xml</loc></sitemap></sitemapindex>\n", s.host, s.edited.Format(time.RFC3339), s.host)
	case path == "/sitemap-older.xml" && s.spec.sitemap == "/sitemap_index.xml":
		r.body = s.urlset(s.stories[min(newsItems, len(s.stories)):], false)
	case path == "/sitemap-news.xml" && s.spec.sitemap == "/sitemap_index.xml":
		r.body = s.urlset(s.stories[:min(newsItems, len(s.stories))], true)
	case path != s.spec.sitemap:
		return reply{}, false
	case strings.HasSuffix(path, ".gz"):
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(s.urlset(s.listed(), true)) // a buffer takes everything
		_ = z.Close()
		r.body, r.contentType = b.Bytes(), "application/gzip"
	default:
		r.body = s.urlset(s.listed(), true)
	}
	return r, true
}

// listed are the stories that a sitemap lists which is the site's only one.
func (s *news) listed() []*story {
	if s.past {
		return s.stories[:min(newsItems, len(s.stories))]
	}
	return s.stories
}

func (s *news) urlset(stories []*story, isNews bool) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\" xmlns:image=\"http://www.google.com/schemas/sitemap-image/1.1\">\n")
	for _, st := range stories {
		fmt.Fprintf(&b, "<url><loc>%s</loc><lastmod>%s</lastmod>", xmlText(st.truth.URL), laterOf(st.local, st.modified).Format(time.RFC3339))
		if isNews {
			fmt.Fprintf(&b, "<news:news><news:publication><news:name>%s</news:name><news:language>%s</news:language></news:publication><news:publication_date>%s</news:publication_date><news:title>%s</news:title></news:news>",
				xmlText(s.spec.name), s.lang.code, st.local.Format(time.RFC3339), xmlText(st.truth.Title))
		}
		fmt.Fprintf(&b, "<image:image><image:loc>http://%s/media/%d.jpg</image:loc></image:image></url>\n", s.host, st.id)
	}
	b.WriteString("</urlset>\n")
	return b.Bytes()
}

func xmlText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	return b.String()
}
