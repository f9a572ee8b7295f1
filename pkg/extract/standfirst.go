package extract

import (
	"strings"

	"golang.org/x/net/html/atom"
)

const (
	// standfirstReach is how many blocks above the container a standfirst is looked for: share bars, bylines and
	// captions stand in between.
	standfirstReach = 40
	// standfirstWords is the least of a standfirst that nothing but its place tells.
	standfirstWords = 8
	// standfirstMost: longer leads are met ("kısa spot" of Turkish pages has 120 words), whole texts are not leads.
	standfirstMost = 130
)

// traitsNoStandfirst are what no standfirst stands in.
const traitsNoStandfirst = traitNav | traitComment | traitAd | traitShare | traitCaption | traitModal | traitHidden |
	traitAuthor | traitNewsletter | traitTags | traitMedia | traitPoll | traitEmbed | traitToc | traitDate | traitPaywall

// standfirst keeps a summary that stands between the headline and the container.
func (f *bodyFinder) standfirst(a int, title string) {
	from := -1
	for k := a - 1; k >= 0 && k > a-standfirstReach; k-- {
		if f.blocks[k].tag == atom.H1 || !f.blocks[k].hidden && f.repeatsTitle(comparable(f.blocks[k].text), title) {
			from = k + 1
			break
		}
	}
	if from < 0 {
		return
	}
	found, onlyHead, headed := false, false, false
	for k := from; k < a; k++ {
		b := &f.blocks[k]
		if b.hidden || b.words < 3 || int(b.words) > standfirstMost || b.linkShare() > 0.5 || b.table || f.captions(b.node) {
			continue
		}
		key := comparable(b.text)
		if f.repeatsTitle(key, title) || f.seen[key] || isHeading(b.tag) && sharedWords(b.text, f.title) > 0.5 {
			continue
		}
		t := f.near(b.node)
		own := f.d.traitsOf(b.node, f.s.memo)
		if f.sameMake(b) && b.words >= 20 && (own|t)&traitsFar == 0 {
			f.out[k] = verdict{true, "text before the container"}
			f.seen[key] = true
			found = true
			continue
		}
		if own&traitSummary != 0 && own&traitsNoStandfirst == 0 {
			t &= traitRelated | traitComment | traitNav | traitAd | traitHidden | traitModal
		}
		if own&traitsNoStandfirst != 0 || t&(traitsNoStandfirst&^(traitMedia|traitCaption)) != 0 {
			continue
		}
		if f.isDateLine(b) || f.lineKind(b) != "" || startsByline(b.text) || len(b.text) <= maxCredit && has(b.text, pictureCredits) {
			continue
		}
		named := (own|t)&traitSummary != 0
		told := f.deck != "" && len(key) > 20 && (strings.HasPrefix(f.deck, key) || strings.HasPrefix(key, f.deck))
		if isHeading(b.tag) && len(f.s.heads) == 0 && !headed && !named && !told {
			headed = true // a page without <h1>: its first heading is the headline
			continue
		}
		if t&traitRelated != 0 && f.leadsNowhere(b) {
			t &^= traitRelated
		}
		placed := (!found || onlyHead && b.tag == atom.P) && b.words >= standfirstWords && !b.list && (b.stops > 0 || b.words > 12) && b.linkShare() < 0.3 && t&(traitRelated|traitMeta|traitNote|traitMedia|traitCaption) == 0
		if named && b.words >= 4 || told || placed {
			f.out[k] = verdict{!f.deckApart, "standfirst"}
			if f.subtitle == "" {
				f.subtitle = b.text
			}
			f.seen[key] = true
			found, onlyHead = true, isHeading(b.tag)
		}
	}
}

// pictureCredits stand in captions, in lower case, and not in leads.
var pictureCredits = []string{"(fot.", "fot. ", "(foto", "foto:", "fotó:", "(photo", "photo:", "photo by", "photo credit", "ap photo", "getty images", "shutterstock", "istock", "©", "(bild:", "bild:", "nuotr.", "fotoğraf:", "(صورة", "تصوير:", "صورة:", "عکس:", "צילום:"}

// maxCredit bounds a caption with its credit, in bytes.
const maxCredit = 400

// captions says whether a block stands in a picture's caption or beside an author's portrait.
func (f *bodyFinder) captions(i int32) bool {
	for n := 0; n < 5 && i >= 0; n++ {
		tag := f.d.nodes[i].tag
		if tag == atom.Figcaption || tag == atom.Figure {
			return true
		}
		if tag == atom.Body || tag == atom.Main || tag == atom.Article || tag == atom.Header {
			return false
		}
		i = f.d.nodes[i].parent
	}
	return false
}

// leadsNowhere says whether the element that is called a teaser has no link in it: many content systems call an
// article's own deck its teaser.
func (f *bodyFinder) leadsNowhere(b *block) bool {
	if b.linkWords > 0 || b.words < standfirstWords || !endsSentence(b.text) {
		return false
	}
	i := b.node
	for i >= 0 && f.d.traitsOf(i, f.s.memo)&traitRelated == 0 {
		i = f.d.nodes[i].parent
	}
	if i < 0 {
		return false
	}
	a, e := f.blockRange(i)
	for k := a; k < e; k++ {
		if f.blocks[k].linkWords > 0 {
			return false
		}
	}
	return true
}

// near gathers the traits of a node and of the three around it.
func (f *bodyFinder) near(i int32) trait {
	var t trait
	for n := 0; n < 3 && i >= 0; n++ {
		tag := f.d.nodes[i].tag
		if tag == atom.Body || tag == atom.Main || tag == atom.Article {
			break
		}
		t |= f.d.traitsOf(i, f.s.memo)
		i = f.d.nodes[i].parent
	}
	return t
}

// repeatsTitle says whether a block is the headline again, alone or with a kicker before it.
func (f *bodyFinder) repeatsTitle(key, title string) bool {
	if key == title {
		return true
	}
	for _, t := range f.titles {
		if key == t {
			return true
		}
		if len(t) > 24 && len(key) < len(t)*2+40 && (strings.HasSuffix(key, t) || !f.begun && strings.HasSuffix(t, key) && len(key) > 24) {
			return true
		}
	}
	return false
}

// endsSentence says whether a text ends as sentences do.
func endsSentence(s string) bool {
	s = strings.TrimRight(s, " \"'”’»)]“")
	for _, stop := range []string{".", "!", "?", "…", "。", "！", "？", "؟", "۔", "।"} {
		if strings.HasSuffix(s, stop) {
			return true
		}
	}
	return false
}

// deckLike says whether a block in the container is its deck, told by its name or by the page's description.
func (f *bodyFinder) deckLike(b *block) bool {
	if f.near(b.node)&traitSummary != 0 {
		return true
	}
	key := comparable(b.text)
	return f.deck != "" && len(key) > 20 && (strings.HasPrefix(f.deck, key) || strings.HasPrefix(key, f.deck))
}
