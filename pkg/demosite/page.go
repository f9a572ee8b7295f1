package demosite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"time"
)

// Paths that every site has besides its articles and sections.
const (
	gonePath     = "/archives/removed-story"
	redirectPath = "/go/editors-choice"
	galleryPath  = "/gallery/"
	softPath     = "/old/moved-story"
	privatePath  = "/private/drafts"
)

// page is an HTML page being written.
type page struct {
	bytes.Buffer
	s    *news
	hard bool // Config.Hard
}

// raw is HTML that put leaves as it is.
type raw string

// put writes HTML; arguments are escaped unless they are raw. %q puts plain quotes round an attribute's value.
func (p *page) put(format string, args ...any) {
	format = strings.ReplaceAll(format, "%q", `"%s"`)
	for i, a := range args {
		switch v := a.(type) {
		case raw:
			args[i] = string(v)
		case string:
			args[i] = html.EscapeString(v)
		}
	}
	fmt.Fprintf(p, format, args...)
}

func (p *page) label(key string) string { return p.s.lang.labels[key] }

func (s *news) rtl() bool { return s.lang.code != "en" && s.lang.code != "tr" }

func (s *news) direction() string {
	if s.rtl() {
		return "rtl"
	}
	return "ltr"
}

// head writes everything down to <body>; st is nil on pages that are no article.
func (p *page) head(title, canonical string, st *story) {
	s := p.s
	p.put("<!DOCTYPE html>\n<html dir=%q lang=%q>\n<head>\n<meta charset=\"utf-8\">\n<title>%s - %s</title>\n", s.direction(), s.lang.code, title, s.spec.name)
	p.put("<link rel=\"canonical\" href=\"http://%s%s\">\n", s.host, canonical)
	p.put("<link rel=\"alternate\" type=%q title=%q href=%q>\n", feedType(s.spec.feedKind), s.spec.name, s.spec.feed)
	p.put("<link rel=\"stylesheet\" href=\"/assets/site.css\"><link rel=\"icon\" href=\"/assets/icon.png\">\n")
	if s.past && s.isWordPress() {
		p.put("<link rel=\"stylesheet\" href=\"/wp-content/themes/%s/style.css\">\n", s.id)
	}
	if st != nil {
		p.metadata(st)
	}
	p.put("<script>window.ready=function(){document.title=\"<p>\"};</script>\n</head>\n")
}

func feedType(kind string) string {
	switch kind {
	case "atom":
		return "application/atom+xml"
	case "json":
		return "application/feed+json"
	default:
		return "application/rss+xml"
	}
}

// metadata writes what the site's template says about an article to machines.
func (p *page) metadata(st *story) {
	s, t := p.s, &st.truth
	if s.skin.openGraph {
		p.put("<meta property=\"og:type\" content=\"article\">\n<meta property=\"og:title\" content=%q>\n", t.Title)
		p.put("<meta property=\"og:site_name\" content=%q>\n<meta property=\"og:url\" content=%q>\n", s.spec.name, t.URL)
		p.put("<meta property=\"og:description\" content=%q>\n<meta property=\"og:image\" content=\"http://%s/media/%d.jpg\">\n", st.lead, s.host, st.id)
		if s.skin.machineDate {
			p.put("<meta property=\"article:published_time\" content=%q>\n", p.machineTime(st.local))
			if t.Modified != nil {
				p.put("<meta property=\"article:modified_time\" content=%q>\n", p.machineTime(*t.Modified))
			}
		}
	}
	if !s.skin.jsonLD {
		return
	}
	ld := map[string]any{
		"@type": "NewsArticle", "headline": t.Title, "mainEntityOfPage": t.URL, "inLanguage": s.lang.code,
		"articleSection": t.Section, "datePublished": p.machineTime(st.local),
		"publisher": map[string]any{"@type": "Organization", "name": s.spec.name},
		"image":     fmt.Sprintf("http://%s/media/%d.jpg", s.host, st.id),
	}
	if t.Modified != nil {
		ld["dateModified"] = p.machineTime(*t.Modified)
	}
	for _, a := range t.Authors {
		ld["author"] = []any{map[string]any{"@type": "Person", "name": a}}
	}
	doc := any(ld)
	if s.spec.skins[0].markup == coverNews { // its SEO plugin writes one graph of the page
		ld["author"] = map[string]any{"@type": "Person", "name": "editor1"}
		doc = map[string]any{"@context": "https://schema.org", "@graph": []any{ld,
			map[string]any{"@type": "WebPage", "url": t.URL, "name": t.Title + " - " + s.spec.name, "datePublished": p.machineTime(st.local)},
			map[string]any{"@type": "WebSite", "url": "http://" + s.host + "/", "name": s.spec.name},
			map[string]any{"@type": "Person", "name": "editor1"}}}
	} else {
		ld["@context"] = "https://schema.org"
	}
	data, _ := json.Marshal(doc) // maps of strings cannot fail
	p.put("<script type=\"application/ld+json\">%s</script>\n", raw(data))
}

// machineTime prints as the site's software does: WordPress in UTC, others in the site's zone.
func (p *page) machineTime(t time.Time) string {
	if p.s.spec.skins[0].markup == coverNews {
		return t.UTC().Format("2006-01-02T15:04:05+00:00")
	}
	return t.In(p.s.zone).Format(time.RFC3339)
}

// body writes the paragraphs with what the site pushes between them.
func (p *page) body(st *story, style bodyStyle) {
	s := p.s
	paragraphs := st.truth.Paragraphs
	promoAt := 1 + st.id%max(len(paragraphs)-1, 1) // before this paragraph
	other := s.neighbour(st, 3)
	switch style {
	case inBreaks, inOneP:
		if style == inOneP {
			p.put("<p>")
		}
		for i, text := range paragraphs {
			if i > 0 {
				p.put("<br><br>\n")
			}
			p.put("%s", text)
			if i+1 == promoAt && style == inBreaks {
				p.put("<div class=\"%s-more\">%s: <a href=%q>%s</a></div>\n", s.skin.prefix, p.label("readalso"), other.path, other.truth.Title)
			}
		}
		if style == inOneP {
			p.put("</p>\n")
			p.promotion()
		}
	default:
		for i, text := range paragraphs {
			if i == promoAt {
				p.inset(st, other, i)
			}
			if style == inDivs {
				p.put("<div class=\"%s-block\"><div><span>%s</span></div></div>\n", s.skin.prefix, text)
			} else {
				p.put("<p>%s</p>\n", text)
			}
		}
	}
}

// inset writes a read-also line, an advertisement or a promotion between two paragraphs.
func (p *page) inset(st, other *story, i int) {
	s := p.s
	switch (st.id/7 + i) % 3 {
	case 0:
		p.put("<p><strong>%s: <a href=%q>%s</a></strong></p>\n", p.label("readalso"), other.path, other.truth.Title)
	case 1:
		p.put("<div class=\"%s-ad\"><span>%s</span><a rel=\"sponsored nofollow\" href=\"http://ads.invalid/click?to=%d\"><img src=\"/media/ad.jpg\" alt=\"\"></a></div>\n", s.skin.prefix, p.label("ad"), st.id)
	default:
		p.promotion()
	}
}

// promotion writes the site's advertisement for itself; where the web is hard, nothing but its recurrence tells it
// from the article's own paragraphs.
func (p *page) promotion() {
	if p.hard {
		p.put("<p>%s</p>\n", p.s.promo())
		return
	}
	p.put("<div class=\"%s-promo\"><a href=\"/follow\">%s</a></div>\n", p.s.skin.prefix, p.s.promo())
}

func (s *news) promo() string { return s.spec.promos[s.design%2] }

func (s *news) disclaimer() string { return s.spec.disclaimers[s.design%2] }

// neighbour is the story n places further on, in the circle of the site's stories.
func (s *news) neighbour(st *story, n int) *story {
	total := len(s.stories)
	at := total - (st.id-10240)/7
	return s.stories[(at+n)%total]
}

// date prints a story's date as the site does.
func (p *page) date(st *story) string { return p.s.lang.format(p.s.spec.dates, st.local) }

// teaser writes a card of another article, with its date and the beginning of its text.
func (p *page) teaser(st *story, class, heading string) {
	p.put("<div class=%q><a href=\"%s%s\"><img src=\"/media/%d.jpg\" alt=\"\"></a>", class, st.path, p.tracking(st), st.id)
	p.put("<%s><a href=\"%s%s\">%s</a></%s>", raw(heading), st.path, p.tracking(st), st.truth.Title, raw(heading))
	p.put("<span class=\"date\">%s</span><p>%s</p></div>\n", p.date(st), shorten(st.truth.Paragraphs[0], 90))
}

// tracking gives every third link the parameters that newsletters and social networks add.
func (p *page) tracking(st *story) string {
	mark := "?"
	if strings.Contains(st.path, "?") {
		mark = "&"
	}
	switch st.id % 3 {
	case 0:
		return mark + "utm_source=site&utm_medium=teaser&utm_campaign=related"
	case 1:
		return mark + "fbclid=IwAR0k" + fmt.Sprint(st.id)
	default:
		return ""
	}
}

// shorten cuts a text after a word, at most n runes in.
func shorten(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	cut := string(runes[:n])
	if i := strings.LastIndex(cut, " "); i > 0 {
		cut = cut[:i]
	}
	return cut + " …"
}

// comments writes two readers' opinions.
func (p *page) comments(st *story) {
	p.put("<div id=\"comments\" class=\"comments-area\"><h2 class=\"comments-title\">%s</h2><ol class=\"comment-list\">\n", p.label("comments"))
	for i := range 2 {
		from := strings.ReplaceAll(p.label("reader"), "{city}", p.s.lang.lists["cities"][(st.id+i)%len(p.s.lang.lists["cities"])])
		p.put("<li class=\"comment\"><b class=\"fn\">%s</b> <time>%s</time><div class=\"comment-content\"><p>%s</p></div></li>\n",
			from, p.s.lang.format(p.s.spec.dates, st.local.Add(time.Duration(3+i)*time.Hour)), p.label("comment"))
	}
	p.put("</ol></div>\n")
}

// share writes the share bar.
func (p *page) share(st *story) {
	p.put("<ul class=\"share-bar\"><li>%s</li>", p.label("share"))
	for _, to := range []string{"facebook", "x", "telegram", "whatsapp"} {
		p.put("<li><a rel=\"nofollow\" href=\"http://%s.invalid/share?u=%s\">%s</a></li>", raw(to), st.truth.URL, raw(to))
	}
	p.put("<li><a href=\"mailto:?subject=%s\">@</a></li><li><a href=\"javascript:print()\">⎙</a></li></ul>\n", st.truth.Title)
}
