package extract

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/newsdate"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// The rules that tell a line by what it says: lines that lead to other articles, ask to share or subscribe, or name who
// made a picture, are no part of the text wherever they stand.

const (
	// maxLine bounds a line of a few words in letters; what is longer is text.
	maxLine = 320
	// maxConsent bounds a notice on cookies in letters; what is longer is an article about cookies.
	maxConsent = 600
	// consentReach is how far into it, in letters, it has come to the point.
	consentReach = 100
	// maxRights bounds a note on rights in letters: with the publisher's name and address in two languages it is no longer.
	maxRights = 240
	// maxMark bounds a line that opens with the copyright sign, in letters: owners and numbers, no sentence.
	maxMark = 90
	// maxOpening is how much of a line, in letters, is looked at for how it opens; no phrase is longer.
	maxOpening = 64
	// wholePhrase is the letters of a phrase that says enough, whatever follows it on the line.
	wholePhrase = 12
	// wholeUnspaced is the same in scripts without spaces, where few characters make a phrase.
	wholeUnspaced = 4
)

// lineMemo is the block that was folded last.
type lineMemo struct {
	k                   int // from 1
	begins, opening, is string
	whole               bool // is, the whole line, is known
	key                 string
}

// lineOf gives what is known of a block's words.
func (p *progress) lineOf(k int) *lineMemo {
	if p.line.k != k+1 {
		p.line = lineMemo{k: k + 1}
	}
	return &p.line
}

// key is a block's text in comparable form.
func (p *progress) key(k int) string {
	m := p.lineOf(k)
	if m.key == "" {
		m.key = comparable(p.blocks[k].Text)
	}
	return m.key
}

// begins gives the beginning of a block's text as phrases are compared; "" for a block that is too long to be a line.
func (p *progress) begins(k int) string {
	m := p.lineOf(k)
	if m.begins == "" && p.blocks[k].Chars <= maxConsent {
		m.begins = words.Fold(page.RunePrefix(p.blocks[k].Text, consentReach))
		m.opening = strings.TrimLeft(page.RunePrefix(m.begins, maxOpening), "-–—•·>\"►▶*|[(/ ")
	}
	return m.begins
}

// opens gives the phrase of a kind that a short line opens with, and what follows it; nil where there is none.
func (p *progress) opens(kind words.Kind, k int) (phrase *words.Phrase, rest string) {
	if p.blocks[k].Chars > maxLine || p.begins(k) == "" {
		return nil, ""
	}
	opening := p.line.opening
	if phrase = words.Known().Opens(kind, opening); phrase != nil {
		rest = strings.TrimLeft(opening[len(phrase.Text):], " ")
	}
	return phrase, rest
}

// holds says whether a phrase of a kind stands in a line.
func (p *progress) holds(kind words.Kind, k int) bool {
	m := p.lineOf(k)
	if !m.whole {
		m.is, m.whole = words.Fold(p.blocks[k].Text), true
	}
	return words.Known().Holds(kind, m.is) != nil
}

func (p *progress) consentNote(k int) bool {
	return words.Known().Holds(words.Consent, p.begins(k)) != nil
}

// leadsAway says whether a line leads to other articles.
func (p *progress) leadsAway(k int) bool {
	phrase, rest := p.opens(words.Related, k)
	if phrase == nil {
		return false
	}
	b := &p.blocks[k]
	return b.Words <= 8 && !(b.LinkWords == 0 && endsStatement(b.Text)) || b.LinkShare() > 0.3 || isLabel(phrase.Text, rest)
}

// isLabel says whether a phrase ends in a colon or bar, or one follows it.
func isLabel(phrase, rest string) bool {
	for _, mark := range []string{":", "|", ".."} {
		if strings.HasSuffix(phrase, mark) || strings.HasPrefix(rest, mark) {
			return true
		}
	}
	return false
}

// appeals says whether a line asks readers to share, to subscribe and the like.
func (p *progress) appeals(k int) bool { return p.standsAlone(words.Appeal, k) }

// deskNote says whether a line tells how the article was made.
func (p *progress) deskNote(k int) bool { return p.standsAlone(words.Desk, k) }

// standsAlone says whether a line opens with a phrase of a kind and has little more to say: "إعلان" is an advertisement's
// label, "إعلان نتائج الثانوية العامة" a heading.
func (p *progress) standsAlone(kind words.Kind, k int) bool {
	b := &p.blocks[k]
	phrase, _ := p.opens(kind, k)
	if phrase == nil || b.Chars > 160 && b.Words >= 50 {
		return false
	}
	most := int32(2)
	if strings.Contains(phrase.Text, " ") {
		most = 5
	}
	if b.Words <= most || b.LinkShare() > 0.2 && b.Chars <= 160 || strings.HasSuffix(phrase.Text, ":") {
		return true
	}
	n := utf8.RuneCountInString(phrase.Text)
	first, _ := utf8.DecodeRuneInString(phrase.Text)
	return n > wholePhrase || n >= wholeUnspaced && page.Unspaced(first)
}

func (p *progress) rightsNote(k int) bool {
	b := &p.blocks[k]
	return b.Chars <= maxRights && p.holds(words.Rights, k) || b.Chars <= maxMark && strings.HasPrefix(b.Text, "©")
}

// invites says whether a line asks readers to follow the site elsewhere.
func (p *progress) invites(k int) bool {
	if p.blocks[k].Chars > 200 {
		return false
	}
	follow, _ := p.opens(words.Follow, k)
	if follow == nil {
		follow, _ = p.opens(words.Appeal, k)
	}
	return follow != nil && p.holds(words.Channel, k)
}

func (p *progress) photoNote(k int) bool {
	phrase, _ := p.opens(words.Photo, k)
	return phrase != nil && p.blocks[k].Chars <= 90
}

// isLine says whether a block is a line that is no text wherever it stands.
func (p *progress) isLine(k int) bool {
	for _, r := range lineRules {
		if r.reason != p.without && r.when(p, k) {
			return true
		}
	}
	return false
}

// endsStatement says whether a line closes with a full stop, as short sentences do and labels do not.
func endsStatement(s string) bool {
	for _, stop := range []string{".", "。", "۔", "।"} {
		if strings.HasSuffix(s, stop) && !strings.HasSuffix(s, "..") {
			return true
		}
	}
	return false
}

// opensPaywall says whether a line is one behind which the rest is for subscribers.
func opensPaywall(text string) bool {
	return words.Known().Opens(words.Paywall, words.Fold(page.RunePrefix(text, maxOpening))) != nil
}

// isDateLine says whether a short block is a date of publication and no sentence.
func isDateLine(b *page.Block) bool {
	if b.Words > 14 || b.Chars > 110 || !newsdate.HasDigit(b.Text) || b.Tag == atom.P && strings.HasSuffix(b.Text, ".") && b.Words > 7 {
		return false
	}
	found := newsdate.Find(b.Text, newsdate.Hint{})
	if len(found) == 0 {
		return false
	}
	dated := 0
	for _, x := range found {
		dated += x.End - x.Start
	}
	return dated*2 >= len(b.Text) || found[0].Label != newsdate.LabelNone
}

// opensWindow says whether a text tells those who cannot see a link's sign that it opens a window.
func opensWindow(text string) bool { return words.Known().Is(words.Window, words.Fold(text)) != nil }
