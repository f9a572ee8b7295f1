package extract

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// trait is what an element's names (class, id, role, itemprop, test ids) and its tag say about its content. The
// words are those that content systems and themes use all over the web, in English even on pages of any script.
type trait uint32

const (
	traitBody       trait = 1 << iota // holds the article's text
	traitRelated                      // other articles
	traitShare                        // share, follow and print bars
	traitComment                      // reader comments
	traitNav                          // menus, breadcrumbs, paging
	traitAd                           // advertising, sponsored, shop
	traitCaption                      // what belongs to a picture
	traitAuthor                       // bylines and author boxes
	traitDate                         // publication dates
	traitNewsletter                   // sign-up, subscription, app promotion
	traitTags                         // topics
	traitHidden                       // not shown, or for screen readers only
	traitPaywall                      // offers in place of the text
	traitSummary                      // standfirst, deck, lead
	traitTitle                        // headline
	traitMedia                        // players, galleries, embeds
	traitPoll                         // polls, quizzes, games
	traitBox                          // fact boxes
	traitNote                         // disclaimers, corrections, copyright
	traitToc                          // tables of contents
	traitKicker                       // the line above the headline
	traitMeta                         // reading time, counters, sources
	traitAside                        // side columns
	traitFooter
	traitHeader
	traitEmbed // posts of social networks
	traitModal
	traitWidget
	traitLive
	traitQuote
	traitArticle // wraps one whole article
	traitKnown   // computed already
)

// traitsWrapper say something of a box and nothing of a single paragraph or heading ("p.paywall" is a paragraph
// behind the paywall, "h2.nav" one that a menu jumps to).
const traitsWrapper = traitPaywall | traitToc | traitNav | traitDate | traitModal | traitWidget

// traitsOf gives a node's own traits; the answer is kept.
func (d *document) traitsOf(i int32, memo []trait) trait {
	if i < 0 {
		return 0 // text outside of any element
	}
	if t := memo[i]; t&traitKnown != 0 {
		return t
	}
	n := &d.nodes[i]
	t := tagTraits(n.tag)
	leaf := n.tag == atom.P || isHeading(n.tag)
	var w [48]byte
	for _, a := range d.attrs[n.a0:n.a1] {
		switch a.key {
		case attrClass, attrID, attrHint, attrRole, attrItemprop, attrAriaLabel:
			v := d.text[a.v0:a.v1]
			if a.key == attrAriaLabel && len(v) > 40 || a.key == attrID && leaf {
				continue // a heading's id is where a table of contents jumps to
			}
			t |= nameTraits(v, a.key == attrClass && namesTerms(v), &w)
		}
	}
	if leaf {
		t &^= traitsWrapper
	}
	t |= traitKnown
	memo[i] = t
	return t
}

func tagTraits(t atom.Atom) trait {
	switch t {
	case atom.Nav, atom.Menu:
		return traitNav
	case atom.Aside:
		return traitAside
	case atom.Footer:
		return traitFooter
	case atom.Header:
		return traitHeader
	case atom.Figcaption:
		return traitCaption
	case atom.Figure:
		return traitMedia
	case atom.Form:
		return traitNewsletter
	case atom.Dialog:
		return traitModal
	case atom.Article:
		return traitArticle
	case atom.Address:
		return traitAuthor
	case atom.Time:
		return traitDate
	}
	return 0
}

// nameTraits reads words out of names: they are parted by anything but letters and digits and by capitals
// ("relatedArticles", "related-articles"). Pairs of words are looked at too.
// With terms, names of the article's own topics are passed over.
func nameTraits(v string, terms bool, w *[48]byte) trait {
	var t trait
	var prev, word wordTrait
	n := 0
	flush := func() {
		if n > 0 {
			word = wordOf(w[:n])
			if prev.class == classHaving {
				word = wordTrait{class: classHaving} // "hasCaption", "with-sidebar" are about other elements
			}
			t |= word.traits | pairTraits(prev.class, word.class)
			prev = word
			n = 0
		}
	}
	lower := false
	for i := 0; i < len(v); i++ {
		c := v[i]
		if terms && (i == 0 || v[i-1] == ' ') {
			if n := termName(v[i:]); n > 0 {
				i += n - 1
				continue
			}
		}
		switch {
		case c >= 'A' && c <= 'Z':
			if lower {
				flush()
			}
			lower = false
			c += 'a' - 'A'
		case c >= 'a' && c <= 'z':
			lower = true
		case c >= '0' && c <= '9':
			flush()
			lower = false
			continue
		case c == ' ' || c == '\n' || c == '\t':
			flush()
			prev = wordTrait{}
			lower = false
			continue
		default:
			flush()
			lower = false
			continue
		}
		if n < len(w) {
			w[n] = c
			n++
		}
	}
	flush()
	return t
}

// namesTerms says whether an element's classes are those that WordPress gives a whole post: among them is the name of
// each of its topics ("category-video tag-live format-gallery"), which says nothing of what the element holds.
func namesTerms(class string) bool {
	return strings.Contains(class, "hentry") || strings.Contains(class, "type-post")
}

// termName gives the length of the class name that a string begins with, where it names a topic or a kind of post.
func termName(v string) int {
	for _, p := range []string{"category-", "tag-", "format-", "status-", "author-", "post_tag-", "topic-"} {
		if strings.HasPrefix(v, p) {
			if n := strings.IndexByte(v, ' '); n >= 0 {
				return n
			}
			return len(v)
		}
	}
	return 0
}

// wordClass is the part that a word plays in pairs.
type wordClass uint8

const (
	classOther  wordClass = iota
	classThing            // article, story, post …
	classBody             // body, content, text …
	classMore             // more, read, also, see, next …
	classItem             // list, card, item …
	classHaving           // has, with, no …
)

type wordTrait struct {
	traits trait
	class  wordClass
}

// pairTraits: "article-body" holds the text, "read-more" and "also-read" lead away.
func pairTraits(a, b wordClass) trait {
	switch {
	case a == classThing && b == classBody, a == classBody && b == classThing:
		return traitBody
	case a == classThing && b == classItem:
		return traitRelated
	case a == classMore && b == classMore, a == classMore && b == classThing, a == classThing && b == classMore:
		return traitRelated
	}
	return 0
}

func wordOf(w []byte) wordTrait {
	switch string(w) {
	case "article", "story", "post", "entry", "news", "artikel", "haber", "noticia", "maincontent", "articulo", "clanek":
		return wordTrait{class: classThing}
	case "body", "content", "text", "copy", "detail", "details", "richtext", "paragraphs", "fulltext", "bodytext", "contents",
		"icerik", "texto", "cuerpo", "corps", "txt":
		return wordTrait{class: classBody}
	case "articlebody", "storybody", "postbody", "articletext", "articlecontent", "storycontent", "postcontent",
		"newscontent", "newsdetail", "entrycontent", "storytext", "newstext", "newsbody", "articlebodycontent":
		return wordTrait{traits: traitBody}
	case "related", "relateds", "recommend", "recommended", "recommendation", "recommendations", "recirc", "recirculation", "teaser",
		"teasers", "teaserlist", "relatedarticles", "relatedlinks", "relatedcontent", "relatedposts", "reated", "readalso", "readmore", "seealso",
		"morenews", "popular", "trending", "mostread", "mostpopular", "similar", "suggested", "suggestions", "linkbox", "crosslink",
		"crosslinks", "infolinks", "youmaylike", "benzer", "ilgili", "onerilen", "weiterlesen", "mehr", "verwandt", "relacionadas", "relacionados",
		"ligacoes", "outbrain", "taboola", "plista", "strossle", "upnext", "nextarticle", "latest", "spotlight", "backlinks", "crossreference",
		"crosspromo", "readnext", "inarticle", "linklist", "relatednews", "clamp", "featured", "inject", "pullquote", "pullquotes", "moreon", "articlelist":
		return wordTrait{traits: traitRelated}
	case "more", "read", "also", "see", "next", "other", "others":
		return wordTrait{class: classMore}
	case "share", "sharing", "social", "socials", "addthis", "sharethis", "sharebar", "sharebox", "sharetools", "sharer", "follow",
		"followus", "toolbar", "actions", "print", "bookmark", "addtoany", "sassy", "paylas", "shares", "articletools", "tools", "sociallinks",
		"socialshare", "like", "likes", "clap", "reactions", "feedback":
		return wordTrait{traits: traitShare}
	case "comment", "comments", "kommentar", "kommentare", "disqus", "respond", "commentlist", "yorum", "yorumlar", "commentaire",
		"commentaires", "comentarios", "talkback", "responses", "talkbacks", "discussion", "leserbriefe", "coral":
		return wordTrait{traits: traitComment}
	case "nav", "navigation", "menu", "breadcrumb", "breadcrumbs", "pagination", "pager", "navbar", "topbar", "sitemap", "paginator",
		"prevnext", "skip", "skiplink", "submenu", "megamenu", "tabs", "tablist":
		return wordTrait{traits: traitNav}
	case "ad", "ads", "advert", "adverts", "advertisement", "advertising", "advertorial", "sponsor", "sponsored", "adslot",
		"adunit", "adbox", "dfp", "gpt", "banner", "reklam", "werbung", "anzeige", "adcontainer", "adwrapper", "publicidad", "pub", "mpu", "affiliate", "shop",
		"product", "products", "commerce", "buy", "deal", "deals", "promotion", "promo", "promos", "promobox", "cta", "adsense", "adv", "promotionspace",
		"pubmatic", "admanager":
		return wordTrait{traits: traitAd}
	case "caption", "captions", "figcaption", "credit", "credits", "imagecaption", "bildunterschrift", "bu", "legend", "copyright",
		"photographer", "photocredit", "imagecredit", "byphoto", "imgcaption", "attribution", "quelle", "bildquelle", "legende", "photo", "imagetext", "bildtext", "caption_text":
		return wordTrait{traits: traitCaption}
	case "image", "images", "img", "imgbox", "imagebox", "photobox", "picture", "figure", "gallery", "galleries", "slideshow", "carousel", "slider", "swiper", "video", "videos", "player",
		"audio", "podcast", "media", "lightbox", "bildergalerie", "photos", "fotogalerie", "slick", "jwplayer", "brightcove", "thumb", "thumbnail", "bild":
		return wordTrait{traits: traitMedia}
	case "author", "authors", "byline", "bylines", "autor", "autoren", "autorenbox", "authorbox", "bio", "biography", "contributor", "contributors",
		"writer", "journalist", "journalists", "reporter", "yazar", "vcard", "autores", "auteur", "awpa", "creator", "contrib", "signature", "auteurs", "avatar":
		return wordTrait{traits: traitAuthor}
	case "date", "datetime", "time", "timestamp", "published", "pubdate", "publish", "updated", "modified", "dateline", "datum", "tarih", "fecha",
		"dates", "posttime", "publishdate", "pubtime", "datepublished", "uhrzeit", "horodatage":
		return wordTrait{traits: traitDate}
	case "newsletter", "newsletters", "subscribe", "subscription", "signup", "signin", "register", "registration", "login", "inscription",
		"abone", "app", "appbox", "download", "optin", "abo", "abonnement", "telegram", "whatsapp", "notification", "notifications", "alert", "alerts", "membership",
		"donate", "donation", "donations", "spenden", "support", "push", "suscripcion":
		return wordTrait{traits: traitNewsletter}
	case "tag", "tags", "taglist", "topics", "topic", "keywords", "keyword", "labels", "etiket", "etiketler", "tagcloud", "taxonomy", "themen", "schlagworte",
		"stichworte", "tagsline", "chips":
		return wordTrait{traits: traitTags}
	case "hidden", "hide", "invisible", "visuallyhidden", "sronly", "offscreen", "noprint", "aural", "screenreader", "assistive":
		return wordTrait{traits: traitHidden}
	case "paywall", "piano", "paygate", "regwall", "meter", "metered", "barrier", "paid", "locked", "abobox", "offer", "offers":
		return wordTrait{traits: traitPaywall}
	case "summary", "standfirst", "deck", "dek", "lead", "lede", "intro", "introduction", "excerpt", "subtitle", "subhead", "subheadline", "subheading",
		"abstract", "teasertext", "leadtext", "vorspann", "chapo", "spot", "ozet", "sapo", "ingress", "perex", "sinopsis", "entradilla", "bajada",
		"leadin", "summery", "kisaspot", "strapline", "anlauf", "description", "desc", "sommaire", "manchette", "preamble", "anrisstext", "leadparagraph",
		"subtitulo", "postexcerpt", "blurb":
		return wordTrait{traits: traitSummary}
	case "title", "headline", "titulo", "titre", "baslik", "headlines", "entrytitle", "posttitle", "articletitle", "titel", "heading":
		return wordTrait{traits: traitTitle}
	case "poll", "quiz", "survey", "vote", "voting", "umfrage", "anket", "opinary", "weather", "ticker", "horoscope", "rating", "ratings", "game", "calculator", "stockticker",
		"lottery", "widgetpoll":
		return wordTrait{traits: traitPoll}
	case "infobox", "factbox", "faktenbox", "box", "boxes", "faktbox", "fakta", "infokasten", "kasten", "sidebox", "callout", "explainer", "glossary", "factsheet",
		"faktaboks", "faktaruta", "keypoints":
		return wordTrait{traits: traitBox}
	case "disclaimer", "correction", "corrections", "legal", "imprint", "impressum", "transparency", "disclosure", "trust", "note", "notice", "footnote", "footnotes",
		"license", "rights", "disclaimers", "editorsnote":
		return wordTrait{traits: traitNote}
	case "toc", "inhaltsverzeichnis", "inhalt", "tableofcontents", "jumplinks", "outline":
		return wordTrait{traits: traitToc}
	case "kicker", "eyebrow", "overline", "dachzeile", "rubric", "rubrik", "section", "category", "categories", "cat", "roofline", "spitzmarke", "surtitle", "label", "badge",
		"rotitr", "flag", "channel", "ressort", "pretitle":
		return wordTrait{traits: traitKicker}
	case "meta", "metadata", "info", "readtime", "readingtime", "duration", "views", "counter", "source", "sources", "stats", "minread", "lesezeit", "postmeta", "entrymeta",
		"location", "edition", "viewcount":
		return wordTrait{traits: traitMeta}
	case "sidebar", "aside", "sidecolumn", "rail", "rightrail", "complementary", "sidecontent", "marginalia", "secondary", "leftrail":
		return wordTrait{traits: traitAside}
	case "footer", "foot", "bottom", "contentinfo", "siteinfo", "colophon", "fuss", "pagefooter":
		return wordTrait{traits: traitFooter}
	case "header", "masthead", "pageheader", "siteheader", "articleheader":
		return wordTrait{traits: traitHeader}
	case "embed", "embeds", "tweet", "twitter", "instagram", "facebook", "tiktok", "youtube", "embedded", "iframely", "telegramembed", "socialembed", "oembed", "datawrapper",
		"consent", "embedly", "sourcepoint", "placeholder":
		return wordTrait{traits: traitEmbed}
	case "modal", "popup", "overlay", "cookie", "cookies", "gdpr", "dialog", "toast", "interstitial", "tooltip", "flyout", "lightboxes", "drawer", "offcanvas":
		return wordTrait{traits: traitModal}
	case "widget", "widgets", "module", "block", "blocks":
		return wordTrait{traits: traitWidget}
	case "live", "liveblog", "liveticker", "liveupdates":
		return wordTrait{traits: traitLive}
	case "quote", "blockquote", "zitat", "citation":
		return wordTrait{traits: traitQuote}
	case "has", "with", "no", "without", "not", "show", "enable", "enabled":
		return wordTrait{class: classHaving}
	case "card", "cards":
		return wordTrait{class: classItem}
	}
	return wordTrait{}
}
