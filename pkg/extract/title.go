package extract

import (
	"strings"
	"unicode/utf8"
)

// titleFinder chooses the headline among what the page offers, and learns the site's name on the way.
type titleFinder struct {
	d    *document
	s    *segmenter
	m    *pageMeta
	name string // the site's name where it is known
	h1   []string
	h1at []int32
}

// titleSeparators stand between a headline and the site's or section's name. A hyphen or colon counts only with
// spaces around it.
var titleSeparators = []string{" | ", " - ", " – ", " — ", " :: ", " » ", " « ", " • ", " · ", "|", " : ", " / ", " ‹ ", " > ", "｜", " ― "}

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

// findTitle gives the headline and where it was read.
func findTitle(d *document, s *segmenter, m *pageMeta, names []string) (title, source string) {
	type cand struct{ text, source string }
	var cands []cand
	add := func(text, source string) {
		if text = cleanTitle(cleanLine(text), names); text != "" && !isSiteName(text, names) {
			cands = append(cands, cand{text, source})
		}
	}
	add(m.ld.headline, "json-ld")
	add(m.get("og:title"), "meta og:title")
	add(m.get("twitter:title"), "meta twitter:title")
	var h1s []cand
	for _, i := range s.heads {
		if t := cleanTitle(textOf(d, i), names); t != "" && !isSiteName(t, names) && utf8.RuneCountInString(t) <= 400 {
			h1s = append(h1s, cand{t, "h1"})
		}
	}
	page := cleanTitle(cleanLine(m.htmlTitle), names)
	agrees := func(t string) int {
		n, c := 0, comparable(t)
		for _, o := range cands {
			if comparable(o.text) == c {
				n++
			}
		}
		if strings.HasPrefix(comparable(m.htmlTitle), c) {
			n++
		}
		return n
	}
	// The headline as readers see it, when metadata says the same.
	for _, h := range h1s {
		if agrees(h.text) > 0 {
			return h.text, h.source
		}
	}
	if len(h1s) > 0 && len(cands) > 0 {
		// Metadata is often shortened or made for search engines: the printed headline that shares most words wins.
		best, bestShare := -1, 0.0
		for k, h := range h1s {
			for _, c := range cands {
				if sh := sharedWords(h.text, c.text); sh > bestShare {
					best, bestShare = k, sh
				}
			}
		}
		if best >= 0 && bestShare >= 0.3 {
			return h1s[best].text, h1s[best].source
		}
	}
	if len(h1s) == 1 && utf8.RuneCountInString(h1s[0].text) >= 15 {
		return h1s[0].text, h1s[0].source
	}
	if len(cands) > 0 {
		return cands[0].text, cands[0].source
	}
	if len(h1s) > 0 {
		return h1s[0].text, h1s[0].source
	}
	return page, "title"
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
	for again := true; again; {
		again = false
		for _, sep := range titleSeparators {
			if i := strings.LastIndex(t, sep); i > 0 && isSiteName(t[i+len(sep):], names) {
				t = strings.TrimSpace(t[:i])
				again = true
			}
			if i := strings.Index(t, sep); i > 0 && isSiteName(t[:i], names) {
				t = strings.TrimSpace(t[i+len(sep):])
				again = true
			}
		}
	}
	return t
}
