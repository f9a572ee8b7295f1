package extract

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// Topics that a page prints after its text and tells no machine: links in an element that is named for tags, or behind
// a label.

const (
	// maxTagScan is how many nodes after the text are looked at: share bars and author boxes stand between, and beyond
	// are other articles with topics of their own.
	maxTagScan = 1500
	// maxTagNodes bounds a block of topics: forty links with their markup.
	maxTagNodes = 400
	// maxTagRunes and maxTagWords tell topics from headlines; the longest topics met are names of offices, of five words.
	maxTagRunes = 48
	maxTagWords = 6
	// maxLabelBytes is the text that may stand outside the links; the longest label has 40 bytes.
	maxLabelBytes = 60
)

// isLabelOf says whether a text is a label of a kind, whatever signs are around it.
func isLabelOf(kind words.Kind, s string) bool {
	return words.Known().Is(kind, strings.Trim(words.Fold(s), " :-–|#")) != nil
}

// printedTags reads the topics after the text.
func (f *finding) printedTags(names []string) []string {
	last := -1
	for k := range f.out {
		if f.out[k].keep {
			last = k
		}
	}
	if last < 0 {
		return nil
	}
	text := f.blocks[last].Raw
	end := min(int32(len(f.d.Nodes)), text+maxTagScan)
	area := f.articleArea()
	for k := last + 1; k < len(f.blocks) && f.blocks[k].Raw < end; k++ {
		b := &f.blocks[k]
		if b.Hidden || b.Words == 0 {
			continue
		}
		var tags []string
		if isLabelOf(words.Tags, f.unlinkedStart(b)) {
			tags = f.labelled(f.d.Nodes[b.Raw].Parent, text, names)
		} else {
			tags = f.named(f.d.Nodes[b.Raw].Parent, text, names, area)
		}
		if len(tags) > 0 {
			return tags
		}
	}
	return nil
}

// labelled reads the topics beside a label, or beside what the label stands in.
func (f *finding) labelled(i, text int32, names []string) []string {
	for hop := 0; hop < 4 && i > text && f.d.Nodes[i].End-i <= maxTagNodes; hop++ {
		if f.foreign(i, nil) {
			return nil
		}
		if tags, full := f.linkedTopics(i, f.d.Nodes[i].End, names); len(tags) > 0 || full {
			return tags
		}
		up := f.d.Nodes[i].Parent
		if up >= 0 && up <= text {
			// They stand in one element with the text: from the label on.
			tags, _ := f.linkedTopics(i, min(f.d.Nodes[up].End, i+maxTagNodes), names)
			return tags
		}
		i = up
	}
	return nil
}

// named reads the topics of the outermost element after the text that is named for tags: each topic may stand in one.
func (f *finding) named(i, text int32, names []string, area func(int32) bool) []string {
	box := int32(-1)
	for ; i > text && f.d.Nodes[i].End-i <= maxTagNodes; i = f.d.Nodes[i].Parent {
		if f.d.Nodes[i].Tag != atom.A && f.d.Traits(i)&page.TraitTags != 0 {
			box = i
		}
	}
	if box < 0 || f.foreign(box, area) {
		return nil
	}
	tags, _ := f.linkedTopics(box, f.d.Nodes[box].End, names)
	if up := f.d.Nodes[box].Parent; len(tags) == 1 && up > text && f.d.Nodes[up].End-up <= maxTagNodes {
		if all, _ := f.linkedTopics(up, f.d.Nodes[up].End, names); len(all) > 1 {
			return all
		}
	}
	return tags
}

// foreign says whether an element stands in a box of other articles, of readers' comments or of the page. Footers
// inside the article are its own; area is nil where a label vouches for the element.
func (f *finding) foreign(box int32, area func(int32) bool) bool {
	for i := f.d.Nodes[box].Parent; i >= 0 && f.d.Nodes[i].Tag != atom.Body && f.d.Nodes[i].Tag != atom.Article; i = f.d.Nodes[i].Parent {
		t := f.d.Traits(i)
		if t&(page.TraitRelated|page.TraitComment|page.TraitAside|page.TraitNav|page.TraitModal) != 0 || t&page.TraitFooter != 0 && area != nil && !area(box) {
			return true
		}
	}
	return false
}

// unlinkedStart gives a block's text before its first link.
func (f *finding) unlinkedStart(b *page.Block) string {
	if b.LinkWords == 0 {
		if b.Words > 4 {
			return ""
		}
		return b.Text
	}
	var sb strings.Builder
	for i := b.Raw; i < min(int32(len(f.d.Nodes)), b.Raw+maxTagNodes) && !(f.d.Nodes[i].Kind == page.KindText && f.d.Nodes[i].Linked) && sb.Len() < 80; i++ {
		if n := &f.d.Nodes[i]; n.Kind == page.KindText {
			sb.WriteString(f.d.Text[n.T0:n.T1])
		}
	}
	return sb.String()
}

// linkedTopics reads the links of some nodes that hold little else. full says that there were links, but longer ones
// than topics are, or in running text.
func (f *finding) linkedTopics(from, to int32, names []string) (topics []string, full bool) {
	seen := map[string]bool{}
	apart := 0 // bytes of text outside the links
	for i := from; i < to; i++ {
		n := &f.d.Nodes[i]
		switch {
		case n.Kind == page.KindText:
			apart += len(strings.TrimSpace(f.d.Text[n.T0:n.T1]))
		case n.Tag == atom.Script || n.Tag == atom.Style || n.Tag == atom.Svg:
			i = n.End - 1
		case n.Tag == atom.A:
			t := strings.Trim(page.TextOf(f.d, i), "#,،;؛ ")
			i = n.End - 1
			c := comparable(t)
			if c == "" || seen[c] || isLabelOf(words.Tags, t) || isLabelOf(words.Topics, t) || isSiteName(t, names) {
				continue
			}
			if utf8.RuneCountInString(t) > maxTagRunes || len(strings.Fields(t)) > maxTagWords || len(topics) == maxTags {
				return nil, true
			}
			seen[c] = true
			topics = append(topics, t)
		}
	}
	// A label and the commas between: more is a sentence with links.
	if len(topics) > 0 && apart > maxLabelBytes+4*len(topics) {
		return nil, true
	}
	return topics, false
}
