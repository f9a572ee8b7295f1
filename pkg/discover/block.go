package discover

import (
	"strings"
	"unicode"

	"golang.org/x/net/html/atom"
)

// A block is named by the elements around a link: the nearest ones whatever they are, and some further out that have a name of
// their own. Numbers are taken out, for many templates number what they repeat.
const (
	nearElements = 3  // what a list and its entries are made of
	farElements  = 3  // which list of the page it is
	blockDepth   = 24 // elements that are looked at
	maxName      = 40 // bytes of a class or id: some carry data
	maxBlock     = 160
)

// blockOf names the block that a link stands in, from the outside in, as "aside#sponsors ul.list li h3".
func blockOf(open []openElement) string {
	var names []string
	near, far := 0, 0
	for i := len(open) - 1; i >= 0 && i >= len(open)-blockDepth; i-- {
		e := open[i]
		switch {
		case e.tag == atom.Html || e.tag == atom.Body: // told by what the page is, not by its template
			continue
		case near < nearElements:
			near++
		case e.id == "" && e.class == "" || far == farElements:
			continue
		default:
			far++
		}
		name := e.tag.String()
		if e.id != "" {
			name += "#" + unnumbered(e.id)
		} else if e.class != "" {
			name += "." + unnumbered(e.class)
		}
		names = append(names, name)
	}
	var b strings.Builder
	for i := len(names) - 1; i >= 0; i-- {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(names[i])
	}
	block := b.String()
	if len(block) > maxBlock { // the nearest tell most
		block = strings.ToValidUTF8(block[len(block)-maxBlock:], "")
	}
	return block
}

// unnumbered takes the numbers out of a class or id.
func unnumbered(name string) string {
	name = strings.ToValidUTF8(name[:min(len(name), maxName)], "")
	if strings.IndexFunc(name, unicode.IsDigit) < 0 {
		return name
	}
	var b strings.Builder
	was := false
	for _, r := range name {
		is := unicode.IsDigit(r)
		switch {
		case is && !was:
			b.WriteByte('0')
		case !is:
			b.WriteRune(r)
		}
		was = is
	}
	return b.String()
}
