package extract

import (
	"slices"
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
func (d *document) traitsOf(i int32) trait {
	if i < 0 {
		return 0 // text outside of any element
	}
	if t := d.traits[i]; t&traitKnown != 0 {
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
	d.traits[i] = t
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
	known := vocabulary().words
	flush := func() {
		if n > 0 {
			word = known[string(w[:n])]
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
	return slices.ContainsFunc(vocabulary().posts, func(n string) bool { return strings.Contains(class, n) })
}

// termName gives the length of the class name that a string begins with, where it names a topic or a kind of post.
func termName(v string) int {
	for _, p := range vocabulary().terms {
		if strings.HasPrefix(v, p) {
			if n := strings.IndexByte(v, ' '); n >= 0 {
				return n
			}
			return len(v)
		}
	}
	return 0
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

var traitNames = [...]string{"body", "related", "share", "comment", "nav", "ad", "caption", "author", "date", "newsletter", "tags",
	"hidden", "paywall", "summary", "title", "media", "poll", "box", "note", "toc", "kicker", "meta", "aside", "footer", "header",
	"embed", "modal", "widget", "live", "quote", "article"}

// String names the traits, parted by commas.
func (t trait) String() string {
	var out []string
	for i, n := range traitNames {
		if t&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return strings.Join(out, ",")
}
