package extract

import (
	"cmp"
	"slices"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// What a page is that nothing calls an article is told by signs, of which none decides alone: what the page says of itself
// (signs.go), what it looks like (look.go), and what an article would have. They are weighed against each other. The weights were
// found on 1,353 pages of seven kinds: of 709 articles they refuse one, which its template calls an archive, and they leave 22 of
// 98 listings, 22 of 91 collections and 52 of 164 pages of services.

const (
	// noArticle is the weight from which on a page is no article.
	noArticle = 4
	// looksAlone is that of a page that looks like another kind in all there is, whatever it says.
	looksAlone = 6
	// weighsDeclared is what a type in linked data or og:type weighs, and weighsNamed what the address or the template does:
	// as much as noArticle, so that a page that has nothing of an article is what its address says.
	weighsDeclared, weighsNamed = 8, noArticle
	// weighsAuthor, weighsPrinted and weighsPost are what speaks for an article: its author, a date that is printed, and a
	// template that is one for articles. Shops name authors of ratings, and print dates of deliveries.
	weighsAuthor, weighsPrinted, weighsPost = 4, 3, 2
)

// kind says what a page is, and refuses it as an article where it is another thing.
func (x *extraction) kind() {
	a, k := &x.Article, knownSigns()
	declared := k.first(k.declared(x.m))
	switch {
	case x.Outcome == OutcomeNotArticle && slices.Contains(reasonsOfLists, x.Reason):
		a.Kind = article.KindListing
	case x.Outcome != OutcomeArticle:
	case x.m.ld.kind == "LiveBlogPosting":
		a.Kind = article.KindLive
	case x.m.tellsArticle() && declared == article.KindDocumentation:
		a.Kind = article.KindDocumentation
	case x.m.tellsArticle(), len(x.found.chosen) > 0:
		a.Kind = article.KindArticle
	case declared == article.KindForum:
		x.refuse(article.KindForum, outcome.ReasonForum)
	default:
		x.weighKind(declared)
	}
	x.Explain.note("kind", string(a.Kind), "")
}

// reasonsOfLists are the reasons that make a page a listing.
var reasonsOfLists = []outcome.Reason{outcome.ReasonHomePage, outcome.ReasonCollection, outcome.ReasonList, outcome.ReasonHeadlines}

// refuse says that a page is no article, but of a kind.
func (x *extraction) refuse(kind article.Kind, why outcome.Reason) {
	x.Outcome, x.Reason, x.Article.Kind = OutcomeNotArticle, why, kind
}

// weighKind weighs the signs of a page that nothing calls an article.
func (x *extraction) weighKind(declared article.Kind) {
	k, parts := knownSigns(), addressParts(x.page.URL)
	template, address := k.first(k.templated(x.d)), k.addressed(parts)
	named := template
	if !isOther(named) {
		named = k.first(slices.DeleteFunc(slices.Clone(address), func(a article.Kind) bool { return !isOther(a) }))
	}
	l := x.found.look(x.Article.WordCount, x.Article.Paragraphs)
	says := l.says
	if isOther(declared) {
		says += weighsDeclared
	}
	if isOther(named) {
		says += weighsNamed
	}
	speaks := x.speaksForArticle(parts) + l.runs
	if slices.Contains(address, article.KindArticle) {
		speaks++
	}
	if template == article.KindArticle {
		speaks += weighsPost
	}
	switch {
	case says > 0 && says+l.shows-speaks >= noArticle, l.shows-speaks >= looksAlone:
		x.refuseAs(declared, named, l)
	case declared == article.KindDocumentation, k.generated(x.m) == article.KindDocumentation, slices.Contains(address, article.KindDocumentation):
		x.Article.Kind = article.KindDocumentation
	case x.Article.PublishedAt != nil || template == article.KindArticle:
		x.Article.Kind = article.KindArticle
	}
}

// isOther says whether pages of a kind are no articles.
func isOther(k article.Kind) bool {
	return k == article.KindListing || k == article.KindForum || k == article.KindProduct || k == article.KindService
}

// refuseAs refuses a page for the kind that it names, or else for the one that it looks like.
func (x *extraction) refuseAs(declared, named article.Kind, l look) {
	switch kind := cmp.Or(declared, named, l.kind); {
	case kind == article.KindProduct:
		x.refuse(kind, outcome.ReasonProduct)
	case kind == article.KindForum:
		x.refuse(kind, outcome.ReasonForum)
	case kind == article.KindListing && declared == kind:
		x.refuse(kind, outcome.ReasonCollection)
	case kind == article.KindListing:
		x.refuse(kind, outcome.ReasonList)
	default:
		x.refuse(article.KindService, outcome.ReasonService)
	}
}

// speaksForArticle weighs what else an article would have: an author, a date, and an address of its own.
func (x *extraction) speaksForArticle(parts []string) int {
	a, n := &x.Article, 0
	if len(a.Authors) > 0 {
		n += weighsAuthor
	}
	if a.PublishedAt != nil {
		n++
		if strings.HasPrefix(a.Published.Source, "text") || strings.HasPrefix(a.Published.Source, "time") {
			n += weighsPrinted
		}
	}
	if page.EqualFoldASCII(x.m.get("og:type"), "article") {
		n++
	}
	if len(parts) > 0 && isSlug(parts[len(parts)-1]) {
		n++
	}
	if slices.ContainsFunc(parts, hasNumber) {
		n++
	}
	return n
}
