package extract

import (
	"bytes"
	"strings"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// Some pages carry their text only in what a framework left in scripts, or in linked data, and print it by script.

const (
	// stateWords: fewer printed words than this and the text is looked for elsewhere. Briefs have 30 to 60.
	stateWords = 60
	// stateGain is how many times more words another source must have: linked data repeats the printed text with
	// captions and notes in it, so more alone is no gain.
	stateGain = 2
)

// bodyElsewhere looks for the text in linked data and in framework state, when the page itself prints little of it.
func bodyElsewhere(d *page.Tree, m *pageMeta, a *article.Article) (text, method string) {
	best := max(a.WordCount*stateGain, minHidden/2)
	if t := plainBody(m.ld.body); page.CountWords(t) > best {
		text, method, best = t, "json-ld", page.CountWords(t)
	}
	if a.WordCount >= stateWords {
		return text, method
	}
	streamed := false
	for _, i := range d.Scripts {
		raw := d.Raw(i)
		if isStreamed(raw) {
			streamed = true
			continue
		}
		if len(raw) < 400 || strings.Contains(strings.ToLower(d.Attr(i, page.AttrType)), "ld+json") {
			continue
		}
		if t := stateBody(raw); page.CountWords(t) > best && sameNews(t, a, m) {
			text, method, best = t, "state", page.CountWords(t)
		}
	}
	if streamed {
		if t := streamedBody(d); page.CountWords(t) > best {
			text, method = t, "state"
		}
	}
	return text, method
}

// aboutWords is the share of the headline's words that a text about the same news has at least: scripts hold notices,
// offers and other articles too.
const aboutWords = 0.5

// sameNews says whether a text out of a script is the printed article's: it says again what is printed, or it begins as
// the page's description does, or it has the headline's words.
func sameNews(text string, a *article.Article, m *pageMeta) bool {
	const head = 40 // bytes of letters that tell two texts apart
	all := comparable(page.RunePrefix(text, 5000))
	for _, known := range []string{a.Text, m.get("og:description", "description")} {
		if c := comparable(known); len(c) >= head && strings.Contains(all, string([]byte(c)[:head])) {
			return true
		}
	}
	// Pages are met with thousands of scripts: a headline's beginning says enough.
	return a.WordCount < leastWords && sharedWords(page.RunePrefix(a.Title, 200), page.RunePrefix(text, 5000)) >= aboutWords
}

// plainBody makes paragraphs of a body that metadata holds as markup or as lines.
func plainBody(s string) string {
	if s == "" {
		return ""
	}
	if strings.Contains(s, "&lt;p") {
		s = cleanEntities(s)
	}
	if strings.Contains(s, "</p>") || strings.Contains(s, "<br") || strings.Contains(s, "<p>") {
		return markupText(s)
	}
	var out []string
	for _, l := range strings.Split(s, "\n") {
		if l = cleanLine(l); l != "" {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n\n")
}

func cleanEntities(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&").Replace(s)
}

// markupText reads the paragraphs of a piece of HTML.
func markupText(s string) string {
	frag := page.Split(page.Parse([]byte("<body>"+s)), opensWindow)
	var out []string
	for k := range frag.Blocks {
		b := &frag.Blocks[k]
		if b.Words == 0 || b.Hidden || b.LinkShare() > 0.6 || b.Tag == atom.Figcaption {
			continue
		}
		out = append(out, b.Text)
	}
	return strings.Join(out, "\n\n")
}

// stateBody reads the text out of the JSON that a framework left in a script: the smallest part of it that holds
// nearly all of its prose.
func stateBody(raw []byte) string {
	i := bytes.IndexAny(raw, "{[")
	if i < 0 || i > 4096 {
		return ""
	}
	j := parseJSON(raw[i:])
	if j == nil {
		return ""
	}
	sum, markup := j.prose()
	total := sum[len(j.vals)]
	if total == 0 {
		return ""
	}
	if markup >= 0 {
		if v := j.vals[markup]; float64(v.v1-v.v0) > 0.4*total {
			return plainBody(j.unescape(v.v0, v.v1))
		}
	}
	return j.texts(j.heart(sum), sum)
}

// prose weighs the strings that read like prose: sum[i] is the weight of the values before i. It gives the longest that is
// markup too, -1 where none is.
func (d *jsonDoc) prose() (sum []float64, markup int32) {
	sum, markup = make([]float64, len(d.vals)+1), -1
	longest := int32(0)
	for k := range d.vals {
		v := &d.vals[k]
		w := 0.0
		if n := v.v1 - v.v0; v.kind == jsonString && n >= 60 {
			s := d.src[v.v0:v.v1]
			if n > longest && bytes.Contains(s, []byte("p>")) {
				markup, longest = int32(k), n
			}
			if readsLikeProse(s) {
				w = float64(n)
			}
		}
		sum[k+1] = sum[k] + w
	}
	return sum, markup
}

// readsLikeProse says whether a string has the spaces, or the letters, of running text.
func readsLikeProse(s []byte) bool {
	return (bytes.Count(s, []byte(" ")) >= 8 || len(s) > 300 && s[0] >= 0xE0) && !bytes.HasPrefix(s, []byte("http")) && !bytes.HasPrefix(s, []byte("{"))
}

// heart gives the innermost value that holds nearly all of the prose.
func (d *jsonDoc) heart(sum []float64) int32 {
	cur := int32(0)
	for {
		best, bestW := int32(-1), 0.0
		for k := cur + 1; k < d.vals[cur].end; k = d.vals[k].end {
			if w := sum[d.vals[k].end] - sum[k]; w > bestW {
				best, bestW = k, w
			}
		}
		if best < 0 || bestW < 0.8*(sum[d.vals[cur].end]-sum[cur]) || d.vals[best].kind == jsonString {
			return cur
		}
		cur = best
	}
}

// texts joins the prose inside a value, each text once.
func (d *jsonDoc) texts(i int32, sum []float64) string {
	var out []string
	seen := map[string]bool{}
	for k := i; k < d.vals[i].end; k++ {
		if sum[k+1] == sum[k] {
			continue
		}
		v := d.vals[k]
		t := plainBody(d.unescape(v.v0, v.v1))
		if c := comparable(t); c != "" && !seen[c] {
			seen[c] = true
			out = append(out, t)
		}
	}
	return strings.Join(out, "\n\n")
}
