package demosite

import (
	"fmt"
	"html"
)

// articlePage writes an article with the template that its site now has.
func (w *Web) articlePage(s *news, st *story) []byte {
	p := &page{s: s, hard: w.cfg.Hard}
	p.head(st.truth.Title, st.path, st)
	switch s.skin.markup {
	case coverNews:
		p.coverNews(st)
	case newsphere:
		p.newsphere(st)
	case tableBased:
		p.tables(st)
	default:
		p.own(st)
	}
	return p.Bytes()
}

// menu writes the links to the sections, each in an element of its own.
func (p *page) menu(element string) {
	p.put("<%s><a href=\"/\">%s</a></%s>", raw(element), p.label("home"), raw(element))
	for _, key := range sectionKeys {
		p.put("<%s><a href=%q>%s</a></%s>", raw(element), p.s.spec.section(key, 1), p.s.lang.section(key), raw(element))
	}
	p.put("<%s><a href=%q>%s</a></%s>", raw(element), galleryPath, p.label("gallery"), raw(element))
}

// top writes the site's header.
func (p *page) top() {
	s, c := p.s, p.s.skin.prefix
	p.put("<body>\n<div class=\"%s-bar\"><span>%s</span> <a href=\"/login\">%s</a> <a href=%q>★</a></div>\n", c, s.lang.format(s.spec.dates, today.In(s.zone)), p.label("login"), privatePath)
	p.put("<header class=\"%s-head\"><a href=\"/\"><img src=\"/media/logo.jpg\" alt=%q></a><p>%s</p></header>\n<nav class=\"%s-menu\"><ul>", c, s.spec.name, s.spec.tagline, c)
	p.menu("li")
	p.put("</ul></nav>\n")
}

func (p *page) bottom() {
	s, c := p.s, p.s.skin.prefix
	p.put("<footer class=\"%s-foot\"><a href=\"/about\">%s</a> <a href=\"/contact\">%s</a> <a href=\"/privacy\">%s</a> <a href=\"http://social.invalid/%s\">Facebook</a><p>© %s %s</p></footer>\n</body></html>\n",
		c, p.label("about"), p.label("contact"), p.label("privacy"), s.id, s.spec.name, p.label("rights"))
}

// own is the layout of the sites that have a template of their own: what differs among them is the skin.
func (p *page) own(st *story) {
	s, t, c := p.s, &st.truth, p.s.skin.prefix
	p.top()
	p.put("<div class=\"%s-crumbs\"><a href=\"/\">%s</a> › <a href=%q>%s</a> › <span>%s</span></div>\n<main>\n", c, p.label("home"), s.spec.section(sectionKeys[st.section], 1), t.Section, shorten(t.Title, 30))
	item, prop := raw(""), func(string) raw { return "" }
	if s.skin.microdata {
		item = " itemscope itemtype=\"https://schema.org/NewsArticle\""
		prop = func(name string) raw { return raw(fmt.Sprintf(" itemprop=%q", name)) }
	}
	p.put("<article class=\"%s-story\"%s>\n<h1 class=\"%s-title\"%s>%s</h1>\n", c, item, c, prop("headline"), t.Title)
	p.put("<div class=\"%s-meta\">", c)
	for _, a := range t.Authors {
		p.put("<span class=\"%s-by\">%s: <a href=\"/author/%d\" rel=\"author\"%s>%s</a></span> ", c, p.label("by"), st.id%10, prop("author"), a)
	}
	p.put("<span class=\"%s-date\">%s: %s</span>", c, p.label("published"), p.date(st))
	if s.spec.updates && t.Modified != nil {
		p.put(" <span class=\"%s-date\">%s: %s</span>", c, p.label("updated"), s.lang.format(s.spec.dates, t.Modified.In(s.zone)))
	}
	p.put("</div>\n")
	p.share(st)
	if s.spec.datelineApart && t.Dateline != nil {
		p.put("<h6>%s</h6>\n", t.Dateline.Place)
	}
	p.put("<figure><img src=\"/media/%d.jpg\" alt=\"\"><figcaption>%s</figcaption></figure>\n", st.id, p.label("photo"))
	if s.skin.relatedTop {
		p.put("<div class=\"%s-latest\"><h4>%s</h4>", c, p.label("latest"))
		p.teaser(s.neighbour(st, 5), c+"-card", "h5")
		p.put("</div>\n")
	}
	p.put("<div class=\"%s-text\"%s>\n", c, prop("articleBody"))
	p.body(st, s.skin.body)
	if st.source && s.spec.sourceLine != "" {
		p.put("<p>%s</p>\n", s.spec.sourceLine)
	}
	if s.spec.endMarker != "" {
		p.put("<p>%s</p>\n", s.spec.endMarker)
	}
	p.put("%s\n", p.note())
	if len(t.Authors) > 0 {
		p.put("<aside class=\"%s-author\"><h4>%s</h4><b>%s</b><p><a href=\"/author/%d\">%s</a></p></aside>\n", c, p.label("author"), t.Authors[0], st.id%10, p.label("posts"))
	}
	p.put("</div>\n<div class=\"%s-tags\">%s: <a href=\"/tag/%d\">%s</a> <a href=\"/tag/news\">%s</a></div>\n</article>\n", c, p.label("tags"), st.section, st.place, t.Section)
	p.put("<section class=\"%s-related\"><h3>%s</h3>\n", c, p.label("more"))
	for i := range 4 {
		p.teaser(s.neighbour(st, 9+i), c+"-card", "h4")
	}
	p.put("</section>\n")
	p.comments(st)
	p.put("</main>\n<aside class=\"%s-side\"><h3>%s</h3><ol>", c, p.label("latest"))
	for i := range 5 {
		o := s.stories[i%len(s.stories)]
		p.put("<li><a href=\"%s%s\">%s</a> <time>%s</time></li>", o.path, p.tracking(o), o.truth.Title, p.date(o))
	}
	p.put("</ol></aside>\n")
	p.bottom()
}

// note is the disclaimer, marked as such unless the web is hard.
func (p *page) note() raw {
	text := raw(html.EscapeString(p.s.disclaimer()))
	if p.hard {
		return "<p>" + text + "</p>"
	}
	return "<div class=\"disclaimer\"><small>" + text + "</small></div>"
}

// tables is a layout from before style sheets: the headline is bold, the text lies bare in a cell.
func (p *page) tables(st *story) {
	s, t := p.s, &st.truth
	p.put("<body bgcolor=\"#ffffff\">\n<table width=\"100%%\"><tr><td>%s</td><td align=\"left\">%s</td></tr></table>\n<table width=\"100%%\"><tr>", s.spec.name, s.lang.format(s.spec.dates, today.In(s.zone)))
	p.menu("td")
	p.put("</tr></table>\n<table width=\"980\" align=\"center\"><tr><td width=\"180\" valign=\"top\">")
	for i := range 6 {
		o := s.neighbour(st, 6+i)
		p.put("<a href=%q>%s</a><br>", o.path, o.truth.Title)
	}
	p.put("<a href=%q>%s</a></td>\n<td valign=\"top\"><h1 class=\"h\"><font size=\"5\">%s</font></h1><font size=\"1\">%s | %s</font><br>\n<img src=\"/media/%d.jpg\" alt=\"\"><br>\n<div class=\"txt\" align=\"right\">", privatePath, p.label("login"), t.Title, t.Section, p.date(st), st.id)
	p.body(st, s.skin.body)
	p.put("%s</div>\n<hr>%s<br>\n", p.note(), s.promo())
	for i := range 3 {
		o := s.neighbour(st, 13+i)
		p.put("<b><a href=\"%s%s\">%s</a></b><br><font size=\"1\">%s</font><br>%s<br>\n", o.path, p.tracking(o), o.truth.Title, p.date(o), shorten(o.truth.Paragraphs[0], 110))
	}
	p.put("</td></tr></table>\n<center><a href=\"/about\">%s</a> | <a href=\"/contact\">%s</a><br>© %s</center>\n</body></html>\n", p.label("about"), p.label("contact"), p.label("rights"))
}
