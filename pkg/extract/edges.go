package extract

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// The rules for the first and last lines of the text: bylines, source lines, reporters in brackets and end marks are
// taken off, and what they say is kept as fields.

func (p *progress) kept(k int) bool     { return p.out[k].keep }
func (p *progress) keptText(k int) bool { return p.out[k].keep && !page.IsHeading(p.blocks[k].Tag) }

func (p *progress) keptOrByline(k int) bool {
	return p.out[k].keep && (!page.IsHeading(p.blocks[k].Tag) || startsByline(p.blocks[k].Text))
}

// maxByline bounds a byline in letters.
const maxByline = 70

func (p *progress) opensByline(k int) bool {
	return p.blocks[k].Chars <= maxByline && startsByline(p.blocks[k].Text)
}

func (p *progress) takesByline(k int) { p.byline = p.blocks[k].Text }

// sourceOf reads a short line that names the source of the news.
func (p *progress) sourceOf(k int) (string, bool) {
	if p.blocks[k].Words > 9 {
		return "", false
	}
	return sourceLine(p.blocks[k].Text, p.names)
}

func (p *progress) sourceLine(k int) bool {
	_, is := p.sourceOf(k)
	return is
}

// sourceBelowFirst: a first line that names a source is a dateline.
func (p *progress) sourceBelowFirst(k int) bool {
	return p.looked > 1 && p.blocks[k].Words <= 6 && p.sourceLine(k)
}

func (p *progress) takesSource(k int) {
	agency, _ := p.sourceOf(k)
	p.setAgency(agency)
}

func (p *progress) setAgency(agency string) {
	if p.agency == "" && agency != "" && !isSiteName(agency, p.names) {
		p.agency = agency
	}
}

// longEnough says whether there is enough text for another one behind it, and reads the text's own dateline.
func (p *progress) longEnough() bool {
	n := 0
	for k := p.a; k < p.b; k++ {
		if !p.keptText(k) {
			continue
		}
		if n++; n == 1 {
			p.own = p.siteDateline(k)
		}
	}
	return n >= 3
}

// siteDateline gives a dateline of the site's own that opens a block, nil where there is none.
func (p *progress) siteDateline(k int) *article.Dateline {
	if d := findDateline(p.blocks[k].Text, p.names); d != nil && isSiteName(d.Agency, p.names) {
		return d
	}
	return nil
}

// anotherBegins says whether a second dateline of the site begins: sites print the first lines of another article after
// their own. It takes a whole dateline, place and site: the site's name alone opens its own promotions too.
func (p *progress) anotherBegins(k int) bool {
	if p.looked < 3 || p.sourceLine(k) {
		return false
	}
	if p.teased(k) {
		return true
	}
	if p.blocks[k].List {
		return false // an item with a name in brackets
	}
	d := p.siteDateline(k)
	return d != nil && d.Place != "" && (p.own == nil || d.Agency == p.own.Agency)
}

// teased says whether a block stands under a linked headline and a date of its own, as another article's first lines do.
func (p *progress) teased(k int) bool {
	return k >= 2 && p.out[k-1].why == ReasonDate && p.out[k-2].why == ReasonLinkedLabel
}

const (
	// afterPaywall is the most of the text, as a share of its words, that may stand behind a paywall's line and be an offer.
	afterPaywall = 0.34
	// maxPaywall bounds such a line in letters.
	maxPaywall = 120
)

// findsPaywall looks for the line by which a paywall begins, and says whether little enough follows to be its offers.
func (p *progress) findsPaywall() bool {
	before, after := 0, 0
	for k := p.a; k < p.b; k++ {
		b := &p.blocks[k]
		if !p.paywalled && b.Chars <= maxPaywall && !b.Hidden && opensPaywall(b.Text) {
			p.paywalled, p.offers = true, k
		}
		switch {
		case !p.out[k].keep:
		case p.paywalled:
			after += int(b.Words)
		default:
			before += int(b.Words)
		}
	}
	return p.paywalled && float64(after) <= afterPaywall*float64(before+after)
}

func (p *progress) behindPaywall(k int) bool { return k >= p.offers }

// reporterInBrackets says whether one of the last two lines is nothing but a short name in brackets.
func (p *progress) reporterInBrackets(k int) bool {
	_, is := inBrackets(p.blocks[k].Text)
	return is && p.looked <= 2
}

func (p *progress) takesBrackets(k int) {
	name, _ := inBrackets(p.blocks[k].Text)
	if agency, known := sourceLine(name, p.names); known {
		p.setAgency(agency)
	} else if p.byline == "" {
		p.byline = name
	}
}

// inBrackets reads a line that is nothing but a short name in brackets: "(גלעד מורג)".
func inBrackets(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if len(s) < 3 || s[0] != '(' || s[len(s)-1] != ')' || utf8.RuneCountInString(s) > 42 {
		return "", false
	}
	in := strings.TrimSpace(s[1 : len(s)-1])
	return in, len(strings.Fields(in)) <= 4 && !strings.ContainsAny(in, ".!?:")
}

func (p *progress) endMark(k int) bool { return endMark(p.blocks[k].Text) }

// endMark reads lines that only end an article: "/انتهى/", "###", a reporter's number.
func endMark(s string) bool {
	s = strings.Trim(s, " /-–—.*#_")
	if s == "" || words.Known().Is(words.End, words.Fold(s)) != nil {
		return true
	}
	return len(s) >= 4 && len(s) <= 8 && strings.Trim(s, "0123456789") == ""
}

func (p *progress) hasPeople() bool { return len(p.people) > 0 }

// tellsOfAuthor says whether a line begins with one of the authors.
func (p *progress) tellsOfAuthor(k int) bool {
	head := comparable(page.RunePrefix(p.blocks[k].Text, 70))
	for _, name := range p.people {
		if strings.Contains(head, name) {
			return true
		}
	}
	return false
}

func (p *progress) labelAfter(k int) bool {
	b := &p.blocks[k]
	short := !b.Joined && b.Chars < 60 && b.Words <= 5 && !endsSentence(b.Text) && !(p.deckApart && b.Tag != atom.P)
	return short || strings.HasSuffix(b.Text, ":") && b.Words <= 8
}

func (p *progress) labelBefore(k int) bool {
	b := &p.blocks[k]
	return b.Tag == atom.P && b.Chars < 40 && b.Words <= 3 && !endsSentence(b.Text) && k+1 < p.b && !p.blocks[k+1].Joined &&
		findDateline(b.Text, p.names) == nil
}

// keptUnnumbered says whether a block is kept and is no numbered heading, as lists in pictures have them.
func (p *progress) keptUnnumbered(k int) bool {
	b := &p.blocks[k]
	return p.out[k].keep && !p.headsAlone && !(page.IsHeading(b.Tag) && b.Text[0] >= '0' && b.Text[0] <= '9' && b.Words >= 5)
}
