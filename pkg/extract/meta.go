package extract

import (
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

func readMeta(d *document, s *parts, pageURL string) *pageMeta {
	m := &pageMeta{pairs: make([]metaPair, 0, len(s.metas))}
	for _, i := range s.metas {
		v := d.attr(i, attrContent)
		if v == "" {
			continue
		}
		v = squeeze(v)
		for _, a := range [...]attrKey{attrProperty, attrName, attrItemprop, attrHTTPEquiv} {
			if k := d.attr(i, a); k != "" {
				m.pairs = append(m.pairs, metaPair{strings.ToLower(strings.TrimSpace(k)), v, i})
			}
		}
	}
	for _, i := range s.links {
		switch strings.ToLower(d.attr(i, attrRel)) {
		case "canonical":
			if m.canonical == "" {
				m.canonical = address(strings.TrimSpace(d.attr(i, attrHref)))
			}
		}
	}
	for _, i := range s.titles {
		if t := textOf(d, i); t != "" && m.htmlTitle == "" && !inForeign(d, i) {
			m.htmlTitle = t
		}
	}
	if d.html >= 0 {
		m.lang = d.attr(d.html, attrLang)
	}
	if m.canonical == "" {
		m.canonical = m.get("og:url")
	}
	m.ld = readLD(d, pageURL)
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

func isAlnumASCII(c byte) bool { return isLetterASCII(c) || c >= '0' && c <= '9' }
