package page

import (
	"slices"
	"strings"

	"golang.org/x/net/html/atom"
)

// Trait is what an element's names (class, id, role, itemprop, test ids) and its tag say about its content. The
// words are those that content systems and themes use all over the web, in English even on pages of any script.
type Trait uint32

const (
	TraitBody       Trait = 1 << iota // holds the article's text
	TraitRelated                      // other articles
	TraitShare                        // share, follow and print bars
	TraitComment                      // reader comments
	TraitNav                          // menus, breadcrumbs, paging
	TraitAd                           // advertising, sponsored, shop
	TraitCaption                      // what belongs to a picture
	TraitAuthor                       // bylines and author boxes
	TraitDate                         // publication dates
	TraitNewsletter                   // sign-up, subscription, app promotion
	TraitTags                         // topics
	TraitHidden                       // not shown, or for screen readers only
	TraitPaywall                      // offers in place of the text
	TraitSummary                      // standfirst, deck, lead
	TraitTitle                        // headline
	TraitMedia                        // players, galleries, embeds
	TraitPoll                         // polls, quizzes, games
	TraitBox                          // fact boxes
	TraitNote                         // disclaimers, corrections, copyright
	TraitToc                          // tables of contents
	TraitKicker                       // the line above the headline
	TraitMeta                         // reading time, counters, sources
	TraitAside                        // side columns
	TraitFooter                       // what ends a page
	TraitHeader                       // what opens a page
	TraitEmbed                        // posts of social networks
	TraitModal                        // dialogs over the page
	TraitWidget                       // boxes of any kind
	traitLive
	traitQuote
	traitArticle // wraps one whole article
	traitKnown   // computed already
)

// EachTrait goes over all traits.
func EachTrait(yield func(Trait) bool) {
	for t := Trait(1); t < traitKnown; t <<= 1 {
		if !yield(t) {
			return
		}
	}
}

// traitsWrapper say something of a box and nothing of a single paragraph or heading ("p.paywall" is a paragraph
// behind the paywall, "h2.nav" one that a menu jumps to).
const traitsWrapper = TraitPaywall | TraitToc | TraitNav | TraitDate | TraitModal | TraitWidget

// Traits gives a node's own traits; the answer is kept.
func (d *Tree) Traits(i int32) Trait {
	if i < 0 {
		return 0 // text outside of any element
	}
	if t := d.traits[i]; t&traitKnown != 0 {
		return t
	}
	n := &d.Nodes[i]
	t := tagTraits(n.Tag)
	if n.Tag == atom.Form && int(n.End-i) > len(d.Nodes)/2 {
		t = 0 // the whole page is one form
	}
	leaf := n.Tag == atom.P || IsHeading(n.Tag)
	for _, a := range d.attrs[n.A0:n.A1] {
		switch a.key {
		case AttrClass, AttrID, attrHint, AttrRole, AttrItemprop, AttrAriaLabel:
			v := d.Text[a.v0:a.v1]
			if a.key == AttrAriaLabel && len(v) > 40 || a.key == AttrID && leaf {
				continue // a heading's id is where a table of contents jumps to
			}
			t |= d.nameTraits(v, a.key == AttrClass)
		}
	}
	if leaf {
		t &^= traitsWrapper
	}
	t |= traitKnown
	d.traits[i] = t
	return t
}

func tagTraits(t atom.Atom) Trait {
	switch t {
	case atom.Nav, atom.Menu:
		return TraitNav
	case atom.Aside:
		return TraitAside
	case atom.Footer:
		return TraitFooter
	case atom.Header:
		return TraitHeader
	case atom.Figcaption:
		return TraitCaption
	case atom.Figure:
		return TraitMedia
	case atom.Form:
		return TraitNewsletter
	case atom.Dialog:
		return TraitModal
	case atom.Article:
		return traitArticle
	case atom.Address:
		return TraitAuthor
	case atom.Time:
		return TraitDate
	}
	return 0
}

// nameTraits gives the traits of an attribute's value; those of classes are kept, as many elements have the same.
func (d *Tree) nameTraits(v string, class bool) Trait {
	if !class {
		return nameTraits(v, false)
	}
	t, known := d.classes[v]
	if !known {
		t = nameTraits(v, namesTerms(v))
		if d.classes == nil {
			d.classes = map[string]Trait{}
		}
		d.classes[v] = t
	}
	return t
}

// nameTraits reads the words of names, and pairs of words within one name. With terms, names of the article's own topics
// are passed over.
func nameTraits(v string, terms bool) Trait {
	c := cutter{names: v, terms: terms}
	n := vocabulary()
	var t, own Trait // of the names so far, and of the one that is read
	var prev wordTrait
	for w, first := c.next(); len(w) > 0; w, first = c.next() {
		if first {
			t, own, prev = t|own, 0, wordTrait{}
		}
		word := n.words[string(w)]
		if prev.class == classHaving {
			word = wordTrait{class: classHaving} // "hasCaption", "with-sidebar" are about other elements
		}
		if prev.traits&TraitMedia != 0 && slices.Contains(n.beside, string(w)) {
			own &^= TraitMedia
		}
		own |= word.traits | pairTraits(prev.class, word.class)
		prev = word
	}
	return t | own
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
func pairTraits(a, b wordClass) Trait {
	switch {
	case a == classThing && b == classBody, a == classBody && b == classThing:
		return TraitBody
	case a == classThing && b == classItem:
		return TraitRelated
	case a == classMore && b == classMore, a == classMore && b == classThing, a == classThing && b == classMore:
		return TraitRelated
	}
	return 0
}

var traitNames = [...]string{"body", "related", "share", "comment", "nav", "ad", "caption", "author", "date", "newsletter", "tags",
	"hidden", "paywall", "summary", "title", "media", "poll", "box", "note", "toc", "kicker", "meta", "aside", "footer", "header",
	"embed", "modal", "widget", "live", "quote", "article"}

// String names the traits, parted by commas.
func (t Trait) String() string {
	var out []string
	for i, n := range traitNames {
		if t&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return strings.Join(out, ",")
}
