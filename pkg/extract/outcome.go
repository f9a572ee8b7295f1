package extract

import (
	"net/url"
	"strings"

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

// namesError says whether a title is what error pages are called that are served with status 200.
func namesError(title string) bool {
	low := words.Fold(title)
	p := words.Known().Holds(words.Error, low)
	return p != nil && len(low) < len(p.Text)+60
}

// outcome says whether the page is an article, and why not.
func (f *finding) outcome(a *article.Article, m *pageMeta, pageURL string) (Outcome, outcome.Reason) {
	if len(f.chosen) > 0 && a.Text != "" {
		return OutcomeArticle, ""
	}
	if a.Text == "" && a.Title == "" {
		return OutcomeEmpty, outcome.ReasonNoText
	}
	if a.WordCount < 2*shortWords && m.ld.rank < leastTold && namesError(a.Title) {
		return OutcomeNotArticle, outcome.ReasonErrorPage
	}
	if a.Text == "" {
		return OutcomeNotArticle, outcome.ReasonNoBody
	}
	// Articles whose canonical link names the home page by mistake are met: where the address is known, it decides.
	if m.ld.rank < leastTold && (isRoot(pageURL) || pageURL == "" && isRoot(m.canonical)) {
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

// leastTold is the rank from which on linked data call the page itself an article, see articleRank.
const leastTold = 3

// tellsArticle says whether linked data or metadata call the page an article.
func (m *pageMeta) tellsArticle() bool {
	return m.ld.rank >= leastTold || m.get("article:published_time") != "" && m.get("og:type") == "article"
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
