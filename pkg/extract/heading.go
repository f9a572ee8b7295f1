package extract

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/page"
	"golang.org/x/net/html/atom"
)

// headText gives a printed headline without what themes put into its element: the names of icons, which a font draws as
// pictures, and a rubric before it in an element of its own.
func headText(d *page.Tree, head int32) string {
	parts := headParts(d, head)
	whole := 0
	for _, p := range parts {
		if !p.kicker {
			whole += page.CountWords(p.text)
		}
	}
	if whole < leastHeadline {
		return joinParts(parts)
	}
	rest := slices.DeleteFunc(slices.Clone(parts), func(p headPart) bool { return p.kicker })
	if len(rest) < len(parts) {
		return strings.TrimLeft(joinParts(rest), "-–—|:·• ") // what parted the two
	}
	return joinParts(rest)
}

func joinParts(parts []headPart) string {
	var sb strings.Builder
	for _, p := range parts {
		sb.WriteString(p.text)
	}
	return page.Squeeze(sb.String())
}

const (
	// leastHeadline: fewer words than this beside a rubric, and the rubric may be the headline.
	leastHeadline = 2
	// maxKickerWords is how long a rubric is.
	maxKickerWords = 5
)

// headPart is a piece of a headline's text.
type headPart struct {
	text   string
	kicker bool // in an element that is called a rubric
}

// headParts cuts a headline's element into the elements right inside it and the text between.
func headParts(d *page.Tree, head int32) []headPart {
	var out []headPart
	outer := head
	for only := onlyChild(d, outer); only >= 0; only = onlyChild(d, outer) {
		outer = only // a link or a span around the whole of it
	}
	for k, bytes := outer+1, 0; k < d.Nodes[outer].End && bytes < maxHeadBytes && len(out) < maxHeadNodes; k = d.Nodes[k].End {
		n := &d.Nodes[k]
		p := headPart{}
		switch {
		case n.Kind == page.KindText:
			p.text = d.Text[n.T0:n.T1]
		case n.Tag == atom.Br:
			p.text = " "
		case isIcon(d, k), n.Tag == atom.Script, n.Tag == atom.Style, n.Tag == atom.Svg, n.Tag == atom.Noscript, n.Tag == atom.Button, d.Traits(k)&page.TraitHidden != 0:
			continue
		default:
			p.text = inlineText(d, k)
			p.kicker = callsRubric(d, k) && page.CountWords(p.text) <= maxKickerWords
			if !page.IsInline(n.Tag) || p.kicker || len(out) > 0 && out[len(out)-1].kicker {
				p.text = " " + p.text + " "
			}
		}
		bytes += len(p.text)
		out = append(out, p)
	}
	return out
}

// callsRubric says whether an element is called a rubric and no headline. A part's name counts, not that of what it is a
// part of ("title__overline").
func callsRubric(d *page.Tree, i int32) bool {
	t := d.Traits(i)
	if t&page.TraitKicker == 0 || t&page.TraitTitle == 0 {
		return t&page.TraitKicker != 0
	}
	_, part, ok := strings.Cut(d.Attr(i, page.AttrClass), "__")
	return ok && !strings.Contains(part, "title") && !strings.Contains(part, "headline")
}

const (
	// maxHeadBytes bounds what is read of a headline: longer ones than maxHeadline are none.
	maxHeadBytes = 4 * maxHeadline
	// maxHeadNodes bounds its nodes: themes that put each letter in an element of its own have some hundreds.
	maxHeadNodes = 1000
)

// onlyChild gives the element that is all that stands in another; -1 where there is more, or none.
func onlyChild(d *page.Tree, i int32) int32 {
	only := int32(-1)
	for k := i + 1; k < d.Nodes[i].End; k = d.Nodes[k].End {
		n := &d.Nodes[k]
		switch {
		case n.Kind == page.KindText && strings.TrimSpace(d.Text[n.T0:n.T1]) == "":
		case n.Kind == page.KindText, only >= 0:
			return -1
		default:
			only = k
		}
	}
	return only
}

// inlineText is an element's text with the white space at its ends, without icons.
func inlineText(d *page.Tree, i int32) string {
	var sb strings.Builder
	for k := i + 1; k < min(d.Nodes[i].End, i+maxHeadNodes); k++ {
		n := &d.Nodes[k]
		switch {
		case n.Kind == page.KindText:
			sb.WriteString(d.Text[n.T0:n.T1])
		case isIcon(d, k), n.Tag == atom.Script, n.Tag == atom.Style, n.Tag == atom.Svg, n.Tag == atom.Noscript, n.Tag == atom.Button:
			k = n.End - 1
		case n.Tag == atom.Br, !page.IsInline(n.Tag):
			sb.WriteByte(' ')
		}
		if sb.Len() > maxHeadBytes {
			break
		}
	}
	return sb.String()
}

// isIcon says whether an element holds the name of an icon, or the character that a font draws one for: one word, in an
// element that is called an icon.
func isIcon(d *page.Tree, i int32) bool {
	n := &d.Nodes[i]
	if n.Tag != atom.I && n.Tag != atom.Span && n.Tag != atom.Em || n.End != i+2 || d.Nodes[i+1].Kind != page.KindText {
		return false
	}
	t := &d.Nodes[i+1]
	text := strings.TrimSpace(d.Text[t.T0:t.T1])
	if r, size := utf8.DecodeRuneInString(text); size == len(text) && r >= 0xE000 && r <= 0xF8FF {
		return true // of the range that characters of no script stand in
	}
	for k := 0; k < len(text); k++ {
		if c := text[k]; c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return text != "" && page.CallsIcon(d.Attr(i, page.AttrClass))
}
