package extract

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// titleSeparators stand between a headline and the site's or section's name. A hyphen or colon counts only with
// spaces around it. What looks like a bar is a vowel of Korean here and there.
var titleSeparators = []string{" | ", " - ", " – ", " — ", " :: ", " » ", " « ", " • ", " · ", "|", " : ", " / ", " ‹ ", " › ", " > ", " < ", "｜", " ― ", "：", ", ",
	"ᅵ", "ㅣ", "│", "┃", "¦", "‖", "／", "－", " _ ", " ~ ", " ⋅ ", " ∙ ", " ⁄ ", " ● ", " ▪ ", " -- ", " ← ", " → "}

// gluedSeparators count without spaces where what follows is no Latin: there no hyphen is part of a word.
var gluedSeparators = []string{"-", "–", "—", "_", "·"}

// siteNames gives what the page and its site file call the site.
func siteNames(m *pageMeta, known, pageURL string) []string {
	var out []string
	add := func(s string) {
		s = cleanLine(s)
		if s != "" && utf8.RuneCountInString(s) <= 60 {
			out = append(out, s)
		}
	}
	add(known)
	add(m.get("og:site_name"))
	add(m.ld.publisher)
	add(m.ld.website)
	add(m.get("application-name", "apple-mobile-web-app-title", "publisher", "dc.publisher"))
	if h := hostName(pageURL); h != "" {
		add(h)
		if i := strings.LastIndexByte(h, '.'); i > 0 {
			add(h[:i])
		}
	}
	return out
}

// shortNames are the site's names without the word for its kind: "وكالة النهر للأنباء" signs as "النهر".
func shortNames(names []string) []string {
	var out []string
	for _, n := range names {
		short := n
		for p := range words.Known().All(words.Press) {
			short = strings.TrimSuffix(strings.TrimPrefix(short, p.Raw+" "), " "+p.Raw)
		}
		if short != n && utf8.RuneCountInString(short) >= 3 {
			out = append(out, short)
		}
	}
	return out
}

func hostName(u string) string {
	i := strings.Index(u, "://")
	if i < 0 {
		return ""
	}
	u = u[i+3:]
	if i := strings.IndexAny(u, "/?#:"); i >= 0 {
		u = u[:i]
	}
	return strings.TrimPrefix(strings.ToLower(u), "www.")
}

// isSiteName compares with the site's names but for case, spaces and punctuation.
func isSiteName(s string, names []string) bool {
	c := comparable(s)
	if c == "" {
		return false
	}
	for _, n := range names {
		if comparable(n) == c {
			return true
		}
	}
	return false
}

// headlines are what a page offers for its headline, without the site's name; "" where it offers none.
type headlines struct {
	ld, og, title string
	ldKey, ogKey  string // comparable, as titleKey
	titleKey      string
	h1s           []string
	best          string // the <h1> that is most like the others, and how much
	bestShare     float64
	sameAsLD      string // the <h1> that linked data has too
}

// maxHeadline bounds a headline in letters.
const maxHeadline = 400

func readHeadlines(d *page.Tree, s *page.Parts, m *pageMeta, names []string) *headlines {
	h := &headlines{ld: cleanTitle(m.ld.headline, names), og: ofSection(m, m.get("og:title"), names), title: ofSection(m, m.htmlTitle, names)}
	if isSiteName(h.og, names) {
		h.og = ""
	}
	if isSiteName(h.ld, names) {
		h.ld = ""
	}
	h.ldKey, h.ogKey, h.titleKey = comparable(h.ld), comparable(h.og), comparable(h.title)
	for _, i := range s.Heads {
		if t := cleanTitle(h.printed(d, i), names); t != "" && !isSiteName(t, names) && utf8.RuneCountInString(t) <= maxHeadline {
			h.h1s = append(h.h1s, t)
		}
	}
	for _, t := range h.h1s {
		if h.sameAsLD == "" && comparable(t) == h.ldKey {
			h.sameAsLD = t
		}
		for _, other := range []string{h.ld, h.og, h.title} {
			if share := sharedWords(t, other); share > h.bestShare {
				h.best, h.bestShare = t, share
			}
		}
	}
	return h
}

// printed gives the text of an <h1>: the last of the elements in it where these are what the page calls its headline.
func (h *headlines) printed(d *page.Tree, head int32) string {
	parts := headParts(d, head)
	if h.calls(joinParts(parts)) {
		return joinParts(parts)
	}
	for k := 1; k < len(parts); k++ {
		text := joinParts(parts[k:])
		if h.calls(text) {
			return text
		}
	}
	text := headText(d, head)
	if rest, ok := strings.CutSuffix(h.og, text); ok && strings.HasSuffix(rest, ": ") && joinParts(parts) != text {
		h.og, h.ogKey = text, comparable(text) // with a rubric before it that the page prints apart
	}
	return text
}

// calls says whether the page's data calls its headline so.
func (h *headlines) calls(text string) bool {
	key := comparable(text)
	return len(key) >= leastTitle && (key == h.ldKey || key == h.ogKey || key == h.titleKey)
}

// ofSection takes the site's name off a title, and the section's before or after it where the site's was there.
func ofSection(m *pageMeta, title string, names []string) string {
	whole := cleanLine(title)
	t := cleanTitle(whole, names)
	if t == whole {
		return t
	}
	if sections := m.sections(); len(sections) > 0 {
		return cleanTitle(t, sections)
	}
	return t
}

// shared gives the headline where OpenGraph has one; that is made for sharing.
func (h *headlines) shared() (title, source string) {
	if h.og == "" {
		return "", ""
	}
	for _, t := range h.h1s {
		if addsSection(h.og, t) {
			return t, "h1"
		}
	}
	for _, t := range h.h1s {
		// The headline that readers see and linked data agree, unless OpenGraph's is theirs without a kicker.
		if c := comparable(t); c == h.ldKey && c != h.ogKey && h.ogKey != "" && !strings.HasSuffix(c, h.ogKey) {
			return t, "h1"
		}
	}
	if !strings.HasSuffix(h.og, "...") && !strings.HasSuffix(h.og, "…") || h.ldKey == h.ogKey {
		return h.og, "meta og:title"
	}
	return "", ""
}

// findTitle gives the headline and where it was read.
func findTitle(d *page.Tree, s *page.Parts, m *pageMeta, names []string) (title, source string) {
	h := readHeadlines(d, s, m, names)
	if title, source = h.shared(); title != "" {
		return title, source
	}
	switch {
	case h.sameAsLD != "":
		return h.sameAsLD, "h1"
	// Half of the words in common: the two are versions of one headline.
	case h.bestShare >= 0.5:
		return h.best, "h1"
	case h.ld != "":
		return h.ld, "json-ld"
	case h.og != "":
		return h.og, "meta og:title"
	case len(h.h1s) == 1:
		return h.h1s[0], "h1"
	case h.title != "" && !isSiteName(h.title, names):
		return headingWithin(h.title, s), "title"
	case len(h.h1s) > 0:
		return h.h1s[0], "h1"
	}
	if t := cleanTitle(cleanLine(m.get("twitter:title", "dc.title")), names); t != "" {
		return t, "meta twitter:title"
	}
	return "", ""
}

// headingWithin gives the printed heading that a page's title is, with the site's name before or after it; the title
// itself where no heading is.
func headingWithin(title string, s *page.Parts) string {
	for k := range s.Blocks {
		if b := &s.Blocks[k]; page.IsHeading(b.Tag) && !b.Hidden && b.Words >= 2 && addsSection(title, b.Text) {
			return b.Text
		}
	}
	return title
}

// addsSection says whether a title is the printed headline with a section's name before or after it.
func addsSection(title, headline string) bool {
	if rest, ok := strings.CutPrefix(title, headline); ok && rest != "" {
		rest = strings.TrimLeft(rest, " ")
		for _, sep := range []string{"-", "–", "—", "|", "·", "•", "»", "›", "/"} {
			if strings.HasPrefix(rest, sep) {
				return true
			}
		}
	}
	if rest, ok := strings.CutSuffix(title, headline); ok && rest != "" {
		rest = strings.TrimRight(rest, " ")
		return strings.HasSuffix(rest, "|") || strings.HasSuffix(rest, "»")
	}
	return false
}

// sharedWords is the share of the shorter text's words that stand in the other.
func sharedWords(a, b string) float64 {
	wa, wb := strings.Fields(strings.ToLower(a)), strings.Fields(strings.ToLower(b))
	if len(wa) > len(wb) {
		wa, wb = wb, wa
	}
	if len(wa) == 0 {
		return 0
	}
	n := 0
	for _, x := range wa {
		for _, y := range wb {
			if x == y {
				n++
				break
			}
		}
	}
	return float64(n) / float64(len(wa))
}

// cleanTitle takes the site's name off a headline's end or beginning.
func cleanTitle(t string, names []string) string {
	is := siteNamer(names)
	for before := ""; before != t; {
		before = t
		for _, sep := range gluedSeparators {
			t = cutGlued(t, sep, is)
		}
		for _, sep := range titleSeparators {
			if i := strings.LastIndex(t, sep); i > 0 && is(t[i+len(sep):]) {
				t = strings.TrimSpace(t[:i])
			}
			if i := strings.Index(t, sep); i > 0 && is(t[:i]) {
				t = strings.TrimSpace(t[i+len(sep):])
			}
		}
	}
	return t
}

// cutGlued takes the site's name off the end of a headline that it is parted from by no space, in scripts other than Latin.
func cutGlued(t, sep string, is func(string) bool) string {
	i := strings.LastIndex(t, sep)
	if i <= 0 {
		return t
	}
	end := t[i+len(sep):]
	if r, _ := utf8.DecodeRuneInString(end); !unicode.IsLetter(r) || unicode.Is(unicode.Latin, r) || !is(end) {
		return t
	}
	return strings.TrimSpace(t[:i])
}

// siteNamer says whether a text is one of the site's names, which it makes comparable when it is first asked.
func siteNamer(names []string) func(string) bool {
	var keys []string
	return func(s string) bool {
		if keys == nil {
			for _, n := range names {
				keys = append(keys, comparable(n))
			}
		}
		key := comparable(s)
		return key != "" && slices.Contains(keys, key)
	}
}
