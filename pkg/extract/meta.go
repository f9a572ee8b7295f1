package extract

import (
	"github.com/khabar-crawler/khabar/pkg/page"
	"strings"
)

// pageMeta is what a page's meta elements and links say, with linked data.
type pageMeta struct {
	pairs     []metaPair
	canonical string
	htmlTitle string
	lang      string
	ld        ldArticle
}

type metaPair struct {
	key   string // lower case
	value string
	node  int32
}

// get gives the first value that one of the keys has, in the order of the keys.
func (m *pageMeta) get(keys ...string) string {
	for _, k := range keys {
		for i := range m.pairs {
			if sameKey(m.pairs[i].key, k) && m.pairs[i].value != "" {
				return m.pairs[i].value
			}
		}
	}
	return ""
}

// all gives every value of a key.
func (m *pageMeta) all(key string) []string {
	var out []string
	for i := range m.pairs {
		if sameKey(m.pairs[i].key, key) && m.pairs[i].value != "" {
			out = append(out, m.pairs[i].value)
		}
	}
	return out
}

func readMeta(d *page.Tree, s *page.Parts, pageURL string) *pageMeta {
	m := &pageMeta{pairs: make([]metaPair, 0, len(s.Metas))}
	for _, i := range s.Metas {
		v := d.Attr(i, page.AttrContent)
		if v == "" {
			continue
		}
		v = page.Squeeze(v)
		for _, a := range [...]page.AttrKey{page.AttrProperty, page.AttrName, page.AttrItemprop, page.AttrHTTPEquiv} {
			if k := d.Attr(i, a); k != "" {
				m.pairs = append(m.pairs, metaPair{strings.ToLower(strings.TrimSpace(k)), v, i})
			}
		}
	}
	for _, i := range s.Links {
		if m.canonical == "" && page.EqualFoldASCII(d.Attr(i, page.AttrRel), "canonical") {
			m.canonical = address(strings.TrimSpace(d.Attr(i, page.AttrHref)))
		}
	}
	for _, i := range s.Titles {
		if t := page.TextOf(d, i); t != "" && m.htmlTitle == "" && !page.InForeign(d, i) {
			m.htmlTitle = t
		}
	}
	if d.HTML >= 0 {
		m.lang = d.Attr(d.HTML, page.AttrLang)
	}
	if m.canonical == "" {
		m.canonical = m.get("og:url")
	}
	m.ld = readLD(d, m.ownMarks(d, s, pageURL))
	return m
}

// sameKey compares names of meta elements but for their punctuation: "article:published_time" is met as
// "article.published-time" and "article:published:time".
func sameKey(a, b string) bool {
	i, j := 0, 0
	for {
		for i < len(a) && !isAlnumASCII(a[i]) {
			i++
		}
		for j < len(b) && !isAlnumASCII(b[j]) {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if a[i] != b[j] {
			return false
		}
		i++
		j++
	}
}

func isAlnumASCII(c byte) bool { return page.IsLetterASCII(c) || c >= '0' && c <= '9' }
