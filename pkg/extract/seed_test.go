package extract

import (
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/site"
)

// seedArticle is the article that the project was started with, read from the folder beside the project: its text is
// not ours. Pages are built around it as the two themes of such sites do.
type seedArticle struct {
	site, tagline, title, date string
	paragraphs                 [][]string // lines of each paragraph
	source, disclaimer         string
}

func readSeed(t *testing.T) seedArticle {
	data, err := os.ReadFile(filepath.Join(sharedDir(t), "seed", "almasalah.txt"))
	if err != nil {
		t.Skipf("no seed article: %v", err)
	}
	var blocks [][]string
	var cur []string
	for _, line := range strings.Split(strings.ReplaceAll(string(data), "\u00a0", " ")+"\n", "\n") {
		if line = strings.TrimSpace(line); line == "" {
			if cur != nil {
				blocks = append(blocks, cur)
				cur = nil
			}
			continue
		}
		cur = append(cur, line)
	}
	n := len(blocks)
	if blocks[n-1][0] == "About Post Author" {
		n-- // the author box's heading; its box is made anew below
	}
	s := seedArticle{site: blocks[0][0], tagline: blocks[1][0], title: blocks[2][0], date: blocks[4][0], paragraphs: blocks[5 : n-2],
		source: blocks[n-2][0], disclaimer: blocks[n-1][0]}
	return s
}

func (s seedArticle) body() string {
	var sb strings.Builder
	for _, p := range s.paragraphs {
		lines := make([]string, len(p))
		for i, l := range p {
			lines[i] = html.EscapeString(l)
		}
		sb.WriteString("<p>" + strings.Join(lines, "<br />\n") + "</p>\n")
	}
	sb.WriteString("<p>&nbsp;</p>\n<p>&nbsp;</p>\n<p>&nbsp;</p>\n<p>" + s.source + "</p>\n<p>" + s.disclaimer + "</p>\n")
	return sb.String()
}

// authorBox is what the author plugin adds to the content, in its older and its newer form.
func authorBox(inside bool) string {
	head := `<h3 class="awpa-title">About Post Author</h3>`
	before, first := head, ""
	if inside {
		before, first = "", head
	}
	return before + `<div class="wp-post-author-wrap wp-post-author-shortcode left">` + first + `<div class="awpa-tab-content active" id="2_awpa-tab1">
<div class="wp-post-author"><div class="awpa-img awpa-author-block square"><a href="/author/desk/"><img class="avatar avatar-150 photo" src="https://secure.gravatar.example/a.png" alt=""></a></div>
<div class="wp-post-author-meta awpa-author-block"><h4 class="awpa-display-name"><a href="/author/desk/">desk</a></h4><div class="wp-post-author-meta-bio"></div>
<div class="wp-post-author-meta-more-posts"><p class="awpa-more-posts round"><a class="awpa-more-posts" href="/author/desk/">See author's posts</a></p></div></div></div></div></div>
<div class="awpa-rating-review" id="awpa-rating-review-render"></div>`
}

func (s seedArticle) page(newsphere, meta bool) string {
	var sb strings.Builder
	sb.WriteString(`<!DOCTYPE html><html dir="rtl" lang="ar"><head><meta charset="UTF-8"><title>` + s.title + ` – ` + s.site + `</title>`)
	if meta {
		sb.WriteString(`<link rel="canonical" href="https://almasalah.com/archives/97641"><meta property="og:type" content="article"><meta property="og:locale" content="ar_AR">
<meta property="og:title" content="` + s.title + ` - ` + s.site + `"><meta property="og:site_name" content="` + s.site + `">
<meta property="article:published_time" content="2024-07-24T09:20:11+00:00"><meta property="og:image" content="https://almasalah.com/wp-content/uploads/2024/07/1.jpg">
<script type="application/ld+json">{"@context":"https://schema.org","@graph":[{"@type":"NewsArticle","@id":"https://almasalah.com/archives/97641#article","headline":"` + s.title + `",
"datePublished":"2024-07-24T09:20:11+00:00","author":{"@id":"https://almasalah.com/#/schema/person/1"},"publisher":{"@id":"https://almasalah.com/#organization"},"articleSection":["العراق"]},
{"@type":"WebPage","url":"https://almasalah.com/archives/97641","name":"` + s.title + ` - ` + s.site + `"},{"@type":"Organization","@id":"https://almasalah.com/#organization","name":"` + s.site + `"},
{"@type":"Person","@id":"https://almasalah.com/#/schema/person/1","name":"` + s.site + `"}]}</script>`)
	}
	sb.WriteString(`</head><body class="rtl post-template-default single single-post postid-97641 single-format-standard wp-custom-logo">
<div id="af-preloader"><div id="loader-wrapper"><div id="loader"></div></div></div><div id="page" class="site"><a class="skip-link screen-reader-text" href="#content">Skip to content</a>
<div class="header-layout-1"><div class="top-masthead"><span class="topbar-date">الأحد, نوفمبر 22, 2026</span><div class="top-navigation"><ul id="top-menu"><li><a href="/about">من نحن</a></li></ul></div></div>
<header id="masthead" class="site-header"><div class="masthead-banner"><div class="site-branding"><p class="site-title font-family-1"><a href="/" rel="home">` + s.site + `</a></p><p class="site-description">` + s.tagline + `</p></div></div>
<nav id="site-navigation" class="main-navigation"><span class="toggle-menu">القائمة</span><div class="menu main-menu menu-desktop"><ul id="primary-menu"><li><a href="/iraq">العراق</a></li><li><a href="/world">العالم</a></li></ul></div></nav></header></div>
<div id="content" class="container"><div class="em-breadcrumbs font-family-1 covernews-breadcrumbs"><div class="row"><div role="navigation" class="breadcrumb-trail breadcrumbs" itemprop="breadcrumb"><ul class="trail-items"><li class="trail-item trail-begin"><a href="/">الرئيسية</a></li><li class="trail-item trail-end">` + s.title + `</li></ul></div></div></div>
<div class="section-block-upper row"><div id="primary" class="content-area"><main id="main" class="site-main"><article id="post-97641" class="af-single-article post-97641 post type-post status-publish format-standard has-post-thumbnail hentry category-iraq">`)
	if newsphere {
		sb.WriteString(`<div class="entry-content-wrap read-single"><header class="entry-header pos-rel"><div class="read-details marg-btm-lr"><div class="entry-header-details"><div class="read-categories"><ul class="cat-links"><li class="meta-category"><a href="/iraq">العراق</a></li></ul></div>
<h1 class="entry-title">` + s.title + `</h1><span class="min-read-post-format"><span class="min-read">1 min read</span></span><div class="entry-meta"><span class="author-links"><span class="item-metadata posts-date"><i class="far fa-clock"></i>` + s.date + `</span></span></div></div></div>
<div class="read-img pos-rel"><div class="post-thumbnail full-width-image"><img src="/wp-content/uploads/2024/07/1.jpg"></div></div></header><div class="color-pad"><div class="entry-content read-details color-tp-pad no-color-pad">`)
	} else {
		sb.WriteString(`<div class="entry-content-wrap"><header class="entry-header"><div class="header-details-wrapper"><div class="entry-header-details"><div class="figure-categories figure-categories-bg"><ul class="cat-links"><li class="meta-category"><a class="covernews-categories category-color-1" href="/iraq">العراق</a></li></ul></div>
<h1 class="entry-title">` + s.title + `</h1><span class="author-links"><span class="item-metadata posts-date"><i class="far fa-clock"></i><a href="/2024/07/">` + s.date + `</a></span></span></div></div>
<div class="aft-post-thumbnail-wrapper"><div class="post-thumbnail full-width-image"><img src="/wp-content/uploads/2024/07/1.jpg"></div></div></header><div class="entry-content">`)
	}
	sb.WriteString(s.body() + authorBox(newsphere) + `<div class="post-item-metadata entry-meta"><span class="tags-links">Tags: <a href="/tag/a">بغداد</a></span></div>
<nav class="navigation post-navigation"><h2 class="screen-reader-text">تصفّح المقالات</h2><div class="nav-links"><div class="nav-previous"><a rel="prev" href="/p"><span class="em-post-navigation nav-title">السابق: </span> خبر سابق من أخبار الموقع عن السوق المحلية</a></div><div class="nav-next"><a rel="next" href="/n"><span class="em-post-navigation">Next: </span> خبر لاحق</a></div></div></nav></div>`)
	if newsphere {
		sb.WriteString(`</div>`)
	}
	card := `<div class="col-sm-4 latest-posts-grid"><div class="spotlight-post"><figcaption><h3 class="article-title article-title-1"><a href="/x">عنوان خبر آخر من أخبار اليوم</a></h3><div class="grid-item-metadata"><span class="author-links"><span class="item-metadata posts-date">20 نوفمبر، 2026</span></span></div></figcaption></div></div>`
	sb.WriteString(`</div></article><div class="promotionspace enable-promotionspace"><div class="em-reated-posts col-ten"><div class="row"><h3 class="related-title">المزيد من القصص</h3>` + card + card + card + `</div></div></div><div id="comments" class="comments-area"></div></main></div>
<aside id="secondary" class="widget-area"><section class="widget"><h2 class="widget-title">أحدث الأخبار</h2><ul><li><a href="/y">خبر جديد</a> 21 نوفمبر، 2026</li></ul></section></aside></div></div>
<div class="af-main-banner-latest-posts grid-layout"><h2>لربما فاتك</h2>` + card + card + `</div><footer class="site-footer"><div class="site-info">Copyright © All rights reserved. | CoverNews by AF themes.</div></footer></div></body></html>`)
	return sb.String()
}

// TestSeed extracts the seed article from pages in both themes, with metadata and without.
func TestSeed(t *testing.T) {
	s := readSeed(t)
	var want []string
	for _, p := range s.paragraphs {
		for _, l := range p {
			want = append(want, strings.Join(strings.Fields(l), " "))
		}
	}
	known := &site.Site{ID: "almasalah", Name: "المسلة", Home: "https://almasalah.com/", Language: "ar", Country: "IQ", TimeZone: "Asia/Baghdad"}
	for _, tc := range []struct {
		name            string
		newsphere, meta bool
		site            *site.Site
	}{
		{"covernews with metadata", false, true, known},
		{"newsphere with metadata", true, true, known},
		{"covernews bare", false, false, known},
		{"newsphere bare", true, false, known},
		{"covernews unknown site", false, false, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := Extract(Page{URL: "https://almasalah.com/archives/97641", Body: []byte(s.page(tc.newsphere, tc.meta)), ContentType: "text/html; charset=UTF-8"},
				Options{Site: tc.site, Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)})
			a := r.Article
			if r.Outcome != OutcomeArticle {
				t.Errorf("outcome %s (%s)", r.Outcome, r.Reason)
			}
			if a.Title != s.title {
				t.Errorf("title %q", a.Title)
			}
			var got []string
			for _, l := range strings.Split(a.Text, "\n") {
				if l != "" {
					got = append(got, l)
				}
			}
			for i := range max(len(got), len(want)) {
				g, w := "", ""
				if i < len(got) {
					g = got[i]
				}
				if i < len(want) {
					w = want[i]
				}
				if g != w {
					t.Errorf("line %d\n got %q\nwant %q", i, g, w)
				}
			}
			if a.Dateline == nil || a.Dateline.Place != "بغداد" || a.Dateline.Agency != "المسلة" {
				t.Errorf("dateline %+v", a.Dateline)
			}
			if a.Agency != "وكالات" {
				t.Errorf("agency %q", a.Agency)
			}
			if len(a.Authors) != 0 {
				t.Errorf("authors %q", a.Authors)
			}
			if a.PublishedAt == nil {
				t.Fatal("no date")
			}
			if d := inZone(*a.PublishedAt, a.Published.Zone).Format(time.DateOnly); d != "2024-07-24" {
				t.Errorf("published %s", d)
			}
			if !tc.meta && a.Published.Precision != article.PrecisionDay {
				t.Errorf("precision %s", a.Published.Precision)
			}
			// Without a site file, the country is the one that the page names most.
			if !tc.meta && a.Published.Zone != "Asia/Baghdad" {
				t.Errorf("zone %s", a.Published.Zone)
			}
			if a.Language != "ar" {
				t.Errorf("language %q", a.Language)
			}
		})
	}
}
