package extract

import (
	"strings"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/page"
)

const (
	maxTags   = 40 // more is the cloud of a site
	maxTag    = 60 // characters: what is longer is a sentence
	maxImages = 20 // more is a gallery
)

// maxSection is how long a rubric's name is, in characters.
const maxSection = 80

// section is the rubric as the page names it.
func (m *pageMeta) section() string {
	for _, s := range []string{m.ld.section, m.get(metaNames()[metaSection]...)} {
		if s = cleanLine(s); s != "" && utf8.RuneCountInString(s) <= maxSection {
			return s
		}
	}
	return ""
}

// sections are all names of rubrics that the page has.
func (m *pageMeta) sections() []string {
	var out []string
	for _, key := range append([]string{""}, metaNames()[metaSection]...) {
		s := m.ld.section
		if key != "" {
			s = m.get(key)
		}
		if s = cleanLine(s); s != "" && utf8.RuneCountInString(s) <= maxSection {
			out = append(out, s)
		}
	}
	return out
}

// printedSiteNames reads the site's name where a template prints it: the name that follows the headline in <title>,
// and elements named "site-title".
func printedSiteNames(d *page.Tree, s *page.Parts, m *pageMeta) []string {
	var out []string
	for _, i := range s.Heads {
		head := headText(d, i)
		if utf8.RuneCountInString(head) < leastHeading {
			continue
		}
		rest, ok := strings.CutPrefix(m.htmlTitle, head)
		if !ok {
			rest, ok = strings.CutSuffix(m.htmlTitle, head)
		}
		if rest = strings.Trim(rest, " -–—|·•»«‹›:"); ok && rest != "" && len(strings.Fields(rest)) <= 3 {
			out = append(out, rest)
		}
	}
	for k := range s.Blocks[:min(len(s.Blocks), namedWithin)] {
		if b := &s.Blocks[k]; b.Node >= 0 && b.Words > 0 && b.Words <= 5 && (callsSite(d, b.Node) || callsSite(d, d.Parent(b.Node))) {
			out = append(out, b.Text)
		}
	}
	return out
}

// namedWithin is how many blocks of a page are looked at for the site's name: it stands in the header.
const namedWithin = 41

// callsSite says whether an element is called the site's title.
func callsSite(d *page.Tree, i int32) bool {
	return page.CallsSite(d.Attr(i, page.AttrClass)) || page.CallsSite(d.Attr(i, page.AttrID))
}

// ruleTags are the texts that a site file's tag selectors found, as far as they are tags.
func ruleTags(texts []string) []string {
	var out []string
	for _, t := range texts {
		if t != "" && utf8.RuneCountInString(t) <= maxTag && len(out) < maxTags {
			out = append(out, t)
		}
	}
	return out
}
