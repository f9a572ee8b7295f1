package extract

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/page"
)

const (
	// listingHeads is how many linked headlines inside the text's own container make a list of articles. Articles of
	// the dev pages have up to two there, section pages from a dozen.
	listingHeads = 5
	// listingAround is how many linked headlines on a page with little text make it a section page.
	listingAround = 12
	// leastWords of a page that nothing marks as an article: a sentence.
	leastWords = 15
)

// outcome says whether the page is an article, and why not.
func (x *extraction) outcome() (Outcome, outcome.Reason) {
	f, a, m := x.found, &x.Article, x.m
	if len(f.chosen) > 0 && a.Text != "" {
		return OutcomeArticle, ""
	}
	if a.Text == "" && a.Title == "" {
		return OutcomeEmpty, outcome.ReasonNoText
	}
	if m.ld.rank < leastTold && x.saysMissing() {
		return OutcomeNotArticle, outcome.ReasonErrorPage
	}
	if a.Text == "" {
		return OutcomeNotArticle, outcome.ReasonNoBody
	}
	// Articles whose canonical link names the home page by mistake are met: where the address is known, it decides.
	if m.ld.rank < leastTold && (isRoot(x.page.URL) || x.page.URL == "" && isRoot(m.canonical)) {
		return OutcomeNotArticle, outcome.ReasonHomePage
	}
	inside, around := f.linkedHeads()
	switch {
	case m.tellsArticle():
	case m.ld.listing && inside+around >= listingHeads:
		return OutcomeNotArticle, outcome.ReasonCollection
	case inside >= listingHeads && !f.tells():
		return OutcomeNotArticle, outcome.ReasonList
	case around >= listingAround && a.WordCount < 2*shortWords && a.PublishedAt == nil:
		return OutcomeNotArticle, outcome.ReasonHeadlines
	case a.WordCount < leastWords && a.PublishedAt == nil:
		return OutcomeNotArticle, outcome.ReasonLittleText
	}
	return OutcomeArticle, ""
}

// doubt refuses a text as short as a note that there is no such page, where nothing tells that it is an article, nor what else.
func (x *extraction) doubt() {
	a := &x.Article
	if x.Outcome != OutcomeArticle || len(x.found.chosen) > 0 || x.m.tellsArticle() || a.Kind == article.KindDocumentation {
		return
	}
	if a.WordCount < shortWords && !x.isDated() && !x.isMarked() {
		x.refuse("", outcome.ReasonLittleText)
	}
}

// leastTold is the rank from which on linked data call the page itself an article, see articleRank.
const leastTold = 3

// tellsArticle says whether linked data or metadata call the page an article.
func (m *pageMeta) tellsArticle() bool {
	return m.ld.rank >= leastTold || m.get("article:published_time") != "" && m.get("og:type") == "article"
}

// isDated says whether the page itself says when it was published. Its address says so too where there is no page any more.
func (x *extraction) isDated() bool {
	p := x.Article.Published
	return p != nil && p.Source != fromAddress
}

// isMarked says whether something on the page, or in how it was found, shows it to be an article. A text as short as a note that
// there is no such page is none without. (Every brief of the saved pages is dated.)
func (x *extraction) isMarked() bool {
	a, m := &x.Article, x.m
	switch {
	case m.ld.rank >= leastArticle, m.get("og:type") == "article", len(m.sections()) > 0:
		return true
	case len(x.by.named) > 0, a.Agency != "", a.Dateline != nil:
		return true
	}
	if key := comparable(x.Headline); key != "" && key == comparable(a.Title) {
		return true
	}
	share, _ := x.listed()
	return share >= aboutWords || x.found.inArticle() || isNamedIn(x.page.URL, a.Title)
}

// listed is the share of the words of the headline by which the page is listed that stand on it. It is not told where no
// headline is, or one of so few words that chance decides.
func (x *extraction) listed() (share float64, told bool) {
	wanted := strings.FieldsFunc(x.Headline, isNoWord)
	said := strings.FieldsFunc(x.Article.Title+" "+page.RunePrefix(x.Article.Text, aboutText), isNoWord)
	if len(wanted) < aboutTitle || strings.ContainsFunc(x.Headline, page.Unspaced) {
		return 0, false
	}
	return sharedWords(strings.Join(wanted, " "), strings.Join(said, " ")), true
}

func isNoWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) }

// inArticle says whether the text stands in an element for articles.
func (f *finding) inArticle() bool {
	for i := f.root; i >= 0; i = f.d.Nodes[i].Parent {
		if f.d.Nodes[i].Tag == atom.Article {
			return true
		}
	}
	return false
}

// isCalledMissing says whether what the text stands in is called as error pages call it.
func (f *finding) isCalledMissing() bool {
	k := slices.IndexFunc(f.out, func(v verdict) bool { return v.keep })
	if k < 0 {
		return false
	}
	for i := f.blocks[k].Node; i >= 0; i = f.d.Nodes[i].Parent {
		if page.SaysMissing(f.d.Attr(i, page.AttrClass)) || page.SaysMissing(f.d.Attr(i, page.AttrID)) {
			return true
		}
	}
	return false
}

// aboutText is how many characters of a text are looked through for the words of its headline.
const aboutText = 5000

// aboutTitle is how many words of a headline must stand elsewhere to be no chance.
const aboutTitle = 3

// isNamedIn says whether an address is made of a headline.
func isNamedIn(address, headline string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	names := strings.FieldsFunc(strings.ToLower(u.Path), isNoWord)
	said := strings.FieldsFunc(strings.ToLower(headline), isNoWord)
	n := 0
	for _, w := range said {
		if slices.Contains(names, w) {
			n++
		}
	}
	return n >= aboutTitle && 2*n >= len(said)
}

// errorOpening is how many characters of a text say that there is no such page, where that is all that it says.
const errorOpening = 200

// saysMissing says whether the page tells its readers that there is no such page, though it was served as one: in its title, or
// at the beginning of a text that nothing dates.
func (x *extraction) saysMissing() bool {
	a := &x.Article
	short := a.WordCount < 2*shortWords
	if x.isDated() { // "Access denied: court keeps reporters out" is a headline
		return short && isErrorTitle(a.Title)
	}
	if short && (namesError(a.Title) || x.found.isCalledMissing()) || isErrorTitle(a.Title) {
		return true
	}
	if share, told := x.listed(); told && share == 0 {
		return true
	}
	opening := words.Fold(page.RunePrefix(a.Text, errorOpening))
	return (short || !x.isMarked()) && words.Known().Holds(words.Missing, opening) != nil
}

// namesError says whether a title says, among little else, what error pages say.
func namesError(title string) bool {
	low := words.Fold(title)
	n := errorLetters(low)
	return n > 0 && len(low) < n+60
}

// isErrorTitle says whether a title is for the most part what error pages say.
func isErrorTitle(title string) bool {
	low := words.Fold(title)
	return 2*errorLetters(low) > len(low)
}

// maxErrorTitle is longer, in bytes, than any title of an error page with its site's name, in any script.
const maxErrorTitle = 500

// errorLetters counts the bytes of a folded title that stand in phrases of error pages.
func errorLetters(low string) (n int) {
	if len(low) > maxErrorTitle {
		return 0
	}
	known := words.Known()
	for low != "" {
		p, at := known.Find(words.Error, low)
		if q, other := known.Find(words.Missing, low); q != nil && (p == nil || other < at) {
			p, at = q, other
		}
		if p == nil {
			break
		}
		n += len(p.Text)
		low = low[at+len(p.Text):]
	}
	return n
}

// linkedHeads counts the headings that are links to elsewhere on the site, inside the container and on the whole page. What leads
// off the site is what the text is about, as the things that it compares.
func (f *finding) linkedHeads() (inside, around int) {
	a, b := 0, 0
	if f.root >= 0 {
		a, b = f.blockRange(f.root)
	}
	for k := range f.blocks {
		bl := &f.blocks[k]
		if !page.IsHeading(bl.Tag) || bl.Words < 3 || bl.Hidden || bl.LinkShare() < linkedHead || f.leadsOff(bl) {
			continue
		}
		around++
		if k >= a && k < b {
			inside++
		}
	}
	return inside, around
}

// leastRun is how many words in one run make a text with linked headlines beside it: a teaser has fewer than 60, and
// two are not one run, as each has its headline.
const leastRun = 120

// tells says whether most of the text stands in one run, with no linked headline in between, as an article's does; the
// teasers of a list each follow a headline of their own.
func (f *finding) tells() bool {
	all, longest := f.runs()
	return longest >= leastRun && 2*longest >= all
}

// runs counts the words of the text, and of its longest run with no linked headline in between.
func (f *finding) runs() (all, longest int) {
	if f.root < 0 {
		return 0, 0
	}
	run := 0
	a, b := f.blockRange(f.root)
	for k := a; k < b; k++ {
		bl := &f.blocks[k]
		switch {
		case f.out[k].keep:
			all += int(bl.Words)
			run += int(bl.Words)
			longest = max(longest, run)
		case page.IsHeading(bl.Tag) && bl.LinkShare() >= linkedHead:
			run = 0
		}
	}
	return all, longest
}

// linkedHead is the share of a heading's words in links that makes it lead elsewhere.
const linkedHead = 0.7

// isRoot says whether an address is a site's home page.
func isRoot(raw string) bool {
	if raw == "" {
		return false
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.RawQuery != "" {
		return false
	}
	p := strings.Trim(u.Path, "/")
	return p == "" || len(p) == 2 && page.IsLetterASCII(p[0]) && page.IsLetterASCII(p[1])
}
