package demosite

// The article pages of AF themes' CoverNews and Newsphere, with the author box of the plugin WP Post Author: element
// order and class names as these themes print them, all words our own.

func (p *page) afHeader() {
	s := p.s
	p.put("<body class=\"%s post-template-default single single-post single-format-standard wp-custom-logo\">\n", s.direction())
	p.put("<div id=\"page\" class=\"site\"><a class=\"skip-link screen-reader-text\" href=\"#content\">↓</a>\n<div class=\"header-layout-1\"><div class=\"top-masthead\"><span class=\"topbar-date\">%s</span>", s.lang.format(s.spec.dates, today.In(s.zone)))
	p.put("<div class=\"top-navigation\"><ul id=\"top-menu\" class=\"menu\"><li><a href=\"/about\">%s</a></li><li><a href=\"/contact\">%s</a></li></ul></div>", p.label("about"), p.label("contact"))
	p.put("<div class=\"social-navigation\"><ul id=\"social-menu\"><li><a href=\"http://social.invalid/%s\"><span class=\"screen-reader-text\">Facebook</span></a></li></ul></div></div>\n", s.id)
	p.put("<header id=\"masthead\" class=\"site-header\"><div class=\"masthead-banner\"><div class=\"site-branding\"><p class=\"site-title font-family-1\"><a href=\"/\" rel=\"home\">%s</a></p><p class=\"site-description\">%s</p></div></div>\n", s.spec.name, s.spec.tagline)
	p.put("<nav id=\"site-navigation\" class=\"main-navigation\"><span class=\"toggle-menu\"></span><span class=\"af-mobile-site-title-wrap\"><p class=\"site-title\"><a href=\"/\">%s</a></p></span><div class=\"menu main-menu menu-desktop\"><ul id=\"primary-menu\" class=\"menu\">", s.spec.name)
	p.menu("li")
	p.put("</ul></div><div class=\"cart-search\"><div class=\"af-search-wrap\"><form action=\"/\"><input name=\"s\" placeholder=%q></form></div></div></nav></header></div>\n", p.label("search"))
}

func (p *page) afFooter() {
	p.put("<footer class=\"site-footer\"><div class=\"secondary-footer\"><a href=\"/privacy\">%s</a> <a href=%q>%s</a></div><div class=\"site-info\">Copyright © %s. | by AF themes.</div></footer>\n<a id=\"scroll-up\" class=\"secondary-color\"></a></div></body></html>\n",
		p.label("privacy"), privatePath, p.label("login"), p.label("rights"))
}

func (p *page) authorBox(author string) {
	p.put("<h3 class=\"awpa-title\">About Post Author</h3>\n<div class=\"wp-post-author-wrap wp-post-author-shortcode left\"><div class=\"awpa-tab-content active\" id=\"1_awpa-tab1\"><div class=\"wp-post-author\"><div class=\"awpa-img awpa-author-block square\"><a href=\"/author/%s/\"><img src=\"/media/avatar.jpg\" class=\"avatar avatar-150 photo\" alt=\"\"></a></div>", author)
	p.put("<div class=\"wp-post-author-meta awpa-author-block\"><h4 class=\"awpa-display-name\"><a href=\"/author/%s/\">%s</a></h4><div class=\"wp-post-author-meta-bio\"></div><div class=\"wp-post-author-meta-more-posts\"><p class=\"awpa-more-posts round\"><a href=\"/author/%s/\" class=\"awpa-more-posts\">See author's posts</a></p></div></div></div></div></div>\n", author, author, author)
}

// afContent is entry-content: the paragraphs and what plugins put after them.
func (p *page) afContent(st *story) {
	s := p.s
	p.body(st, inParagraphs)
	if st.source {
		p.put("<p>&nbsp;</p>\n<p>&nbsp;</p>\n<p>&nbsp;</p>\n<p>%s</p>\n", s.spec.sourceLine)
	}
	p.put("<p>%s</p>\n", s.disclaimer())
	p.authorBox("editor1")
	p.put("<div class=\"post-item-metadata entry-meta\"><span class=\"tags-links\">%s: <a href=\"/tag/%d/\" rel=\"tag\">%s</a>, <a href=\"/tag/news/\" rel=\"tag\">%s</a></span></div>\n", p.label("tags"), st.section, st.place, st.truth.Section)
	p.put("<nav class=\"navigation post-navigation\"><h2 class=\"screen-reader-text\">…</h2><div class=\"nav-links\">")
	before, after := s.neighbour(st, 1), s.neighbour(st, len(s.stories)-1)
	p.put("<div class=\"nav-previous\"><a href=%q rel=\"prev\">%s: <span class=\"em-post-navigation nav-title\">%s</span></a></div>", before.path, p.label("prev"), before.truth.Title)
	p.put("<div class=\"nav-next\"><a href=%q rel=\"next\">%s: <span class=\"em-post-navigation nav-title\">%s</span></a></div></div></nav>\n", after.path, p.label("next"), after.truth.Title)
}

func (p *page) coverNews(st *story) {
	s, t := p.s, &st.truth
	p.afHeader()
	p.put("<div id=\"content\" class=\"container\"><div class=\"em-breadcrumbs font-family-1 covernews-breadcrumbs\"><div class=\"row\"><div role=\"navigation\" class=\"breadcrumb-trail breadcrumbs\" itemprop=\"breadcrumb\"><ul class=\"trail-items\"><li class=\"trail-item trail-begin\"><a href=\"/\">%s</a></li><li class=\"trail-item\"><a href=%q>%s</a></li><li class=\"trail-item trail-end\">%s</li></ul></div></div></div>\n",
		p.label("home"), s.spec.section(sectionKeys[st.section], 1), t.Section, t.Title)
	p.put("<div class=\"section-block-upper row\"><div id=\"primary\" class=\"content-area\"><main id=\"main\" class=\"site-main\"><article id=\"post-%d\" class=\"af-single-article post-%d post type-post status-publish format-standard has-post-thumbnail hentry\"><div class=\"entry-content-wrap\">\n", st.id, st.id)
	p.put("<header class=\"entry-header\"><div class=\"header-details-wrapper\"><div class=\"entry-header-details\"><div class=\"figure-categories figure-categories-bg\"><ul class=\"cat-links\"><li class=\"meta-category\"><a class=\"covernews-categories category-color-1\" href=%q>%s</a></li></ul></div>", s.spec.section(sectionKeys[st.section], 1), t.Section)
	p.put("<h1 class=\"entry-title\">%s</h1><span class=\"author-links\"><span class=\"item-metadata posts-date\"><i class=\"far fa-clock\"></i><a href=%q>%s</a></span><span class=\"aft-comment-count\"><a href=\"#comments\">2</a></span></span></div></div>", t.Title, st.local.Format("/2006/01/"), p.date(st))
	p.put("<div class=\"aft-post-thumbnail-wrapper\"><div class=\"post-thumbnail full-width-image\"><img class=\"attachment-covernews-featured\" src=\"/media/%d.jpg\" alt=\"\"></div><span class=\"aft-image-caption\"><p>%s</p></span></div></header>\n<div class=\"entry-content\">\n", st.id, p.label("photo"))
	p.afContent(st)
	p.put("</div></div></article>\n<div class=\"promotionspace enable-promotionspace\"><div class=\"em-reated-posts col-ten\"><div class=\"row\"><h3 class=\"related-title\">%s</h3>", p.label("more"))
	for i := range 3 {
		o := s.neighbour(st, 4+i)
		p.put("<div class=\"col-sm-4 latest-posts-grid\"><div class=\"spotlight-post\"><figure class=\"categorised-article inside-img\"><a href=\"%s%s\"><img src=\"/media/%d.jpg\" alt=\"\"></a></figure><figcaption><h3 class=\"article-title article-title-1\"><a href=%q>%s</a></h3><div class=\"grid-item-metadata\"><span class=\"author-links\"><span class=\"item-metadata posts-date\">%s</span></span></div></figcaption></div></div>", o.path, p.tracking(o), o.id, o.path, o.truth.Title, p.date(o))
	}
	p.put("</div></div></div>\n")
	p.comments(st)
	p.put("</main></div><aside id=\"secondary\" class=\"widget-area\"><section class=\"widget covernews-widget\"><h2 class=\"widget-title\">%s</h2>", p.label("latest"))
	for i := range 4 {
		p.teaser(s.neighbour(st, 8+i), "widget-post", "h3")
	}
	p.put("</section></aside></div></div>\n<div class=\"af-main-banner-latest-posts grid-layout\"><h4 class=\"widget-title\">%s</h4>", p.label("missed"))
	for i := range 4 {
		o := s.neighbour(st, 14+i)
		p.put("<div class=\"spotlight-post\"><h3 class=\"article-title\"><a href=%q>%s</a></h3><span class=\"posts-date\">%s</span></div>", o.path, o.truth.Title, p.date(o))
	}
	p.put("</div>\n")
	p.afFooter()
}

func (p *page) newsphere(st *story) {
	s, t := p.s, &st.truth
	p.afHeader()
	p.put("<div id=\"content\" class=\"container-wrapper\"><div class=\"em-breadcrumbs font-family-1\"><ul class=\"trail-items\"><li class=\"trail-item\"><a href=\"/\">%s</a></li><li class=\"trail-item trail-end\">%s</li></ul></div>\n", p.label("home"), t.Title)
	p.put("<div id=\"primary\" class=\"content-area\"><main id=\"main\" class=\"site-main\"><article id=\"post-%d\" class=\"post-%d post type-post hentry\"><div class=\"entry-content-wrap read-single\"><header class=\"entry-header pos-rel\"><div class=\"read-details marg-btm-lr\"><div class=\"entry-header-details\"><div class=\"figure-categories read-categories\"><ul class=\"cat-links\"><li class=\"meta-category\"><a href=%q>%s</a></li></ul></div>", st.id, st.id, s.spec.section(sectionKeys[st.section], 1), t.Section)
	p.put("<h1 class=\"entry-title\">%s</h1><span class=\"min-read-post-format\"><span class=\"min-read\">1 %s</span></span><div class=\"entry-meta\"><span class=\"author-links\"><span class=\"item-metadata posts-date\"><i class=\"far fa-clock\"></i> %s</span> <span class=\"item-metadata posts-author byline\"><i class=\"far fa-user-circle\"></i><a href=\"/author/editor1/\">editor1</a></span></span></div></div></div>", t.Title, p.label("minutes"), p.date(st))
	p.put("<div class=\"read-img pos-rel\"><img src=\"/media/%d.jpg\" alt=\"\"><span class=\"aft-image-caption\"><p>%s</p></span></div></header>\n<div class=\"color-pad\"><div class=\"entry-content read-details color-tp-pad no-color-pad\">\n", st.id, p.label("photo"))
	p.afContent(st)
	p.put("</div></div></div></article>\n")
	p.comments(st)
	p.put("<div class=\"promotionspace\"><div class=\"af-reated-posts col-ten\"><h2 class=\"widget-title header-after1\">%s</h2>", p.label("more"))
	for i := range 3 {
		o := s.neighbour(st, 4+i)
		p.put("<div class=\"col-3 float-l pad latest-posts-grid af-sec-post\"><div class=\"read-single color-pad\"><div class=\"read-details\"><div class=\"read-title\"><h3><a href=%q>%s</a></h3></div><div class=\"entry-meta\"><span class=\"posts-date\">%s</span></div></div></div></div>", o.path, o.truth.Title, p.date(o))
	}
	p.put("</div></div></main></div><aside id=\"secondary\" class=\"widget-area\"><section class=\"widget\"><h2 class=\"widget-title\">%s</h2>", p.label("latest"))
	for i := range 4 {
		p.teaser(s.neighbour(st, 8+i), "widget-post", "h3")
	}
	p.put("</section></aside></div>\n")
	p.afFooter()
}
