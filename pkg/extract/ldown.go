package extract

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/page"
)

// A page's linked data may speak of many articles: the page's own, those beside it, those that an endless scroll has
// loaded. Which is its own is told by address and headline, and only then by how well its type fits.

// maxCandidates bounds the objects that are compared; pages seen have up to sixty.
const maxCandidates = 200

// ldCandidate is an object that may speak of the page's article.
type ldCandidate struct {
	doc   *jsonDoc
	at    int32
	rank  int // see articleRank
	claim claim
}

// claim is how an object stands to the page.
type claim int

const (
	claimNone  claim = iota // it says nothing that tells
	claimOwn                // the page's own headline or address
	claimOther              // another headline
	claimApart              // another headline and another address
)

// ownMarks are what a page's own article is known by before any text is read.
type ownMarks struct {
	base      *url.URL // nil: unknown
	addresses []string
	titles    []string // comparable
}

// ownMarks gathers the addresses and the headlines that the page gives itself outside its linked data.
func (m *pageMeta) ownMarks(d *page.Tree, s *page.Parts, pageURL string) ownMarks {
	var own ownMarks
	if u, err := url.Parse(pageURL); err == nil && u.Host != "" {
		own.base = u
	}
	for _, a := range []string{pageURL, m.canonical, m.get("og:url")} {
		if a != "" && !isRoot(a) {
			own.addresses = append(own.addresses, own.resolve(a))
		}
	}
	add := func(t string) {
		if c := comparable(page.RunePrefix(t, maxHeadline)); len(c) >= leastTitle {
			own.titles = append(own.titles, c)
		}
	}
	add(cleanLine(m.htmlTitle))
	add(cleanLine(m.get("og:title")))
	add(cleanLine(m.get("twitter:title")))
	if len(own.titles) == 0 && len(s.Heads) == 1 {
		add(headText(d, s.Heads[0])) // of several, it is not known yet which is the page's
	}
	return own
}

// leastTitle is how long a headline is, in bytes of letters, that no other holds by chance.
const leastTitle = 8

// choose orders the objects and reads them, the page's own first. What speaks of another article is not read, unless
// nothing speaks of this one and the address does not contradict it: headlines differ between search engines and readers.
func (own ownMarks) choose(all []ldCandidate, out ldArticle) ldArticle {
	known := false
	for k := range all {
		c := &all[k]
		c.claim = own.claimOf(c)
		known = known || c.claim == claimOwn && c.rank >= leastArticle
	}
	slices.SortStableFunc(all, func(a, b ldCandidate) int { return b.weight() - a.weight() })
	for _, c := range all {
		if c.claim == claimApart || c.claim == claimOther && known {
			if t := comparable(page.RunePrefix(cleanLine(c.doc.headlineOf(c.at)), maxHeadline)); len(t) >= leastTitle && c.wholeArticle() {
				out.others = append(out.others, t)
			}
			continue
		}
		out.rank = max(out.rank, c.rank)
		c.doc.read(c.at, &out)
	}
	return out
}

// The ranks from which on an object speaks of an article and not of its page, and of news.
const (
	leastArticle = 2
	mostRank     = 4
)

// weight orders objects: articles that are the page's own, then by type, and of one type those that are the page's first.
func (c ldCandidate) weight() int {
	w := 2 * c.rank
	if c.claim == claimOwn {
		w++
		if c.rank >= leastArticle {
			w += 2 * mostRank
		}
	}
	return w
}

// wholeArticle says whether an object is of a type that is a page of its own: reviews and recipes are parts of articles.
func (c ldCandidate) wholeArticle() bool {
	return c.rank == mostRank || slices.ContainsFunc(c.doc.strs(c.doc.get(c.at, "@type")), func(t string) bool { return t == "Article" || t == "BlogPosting" })
}

// claimOf holds an object's headline and addresses against the page's.
func (own ownMarks) claimOf(c *ldCandidate) claim {
	headline, address := own.headline(c.doc.headlineOf(c.at)), own.address(c.doc, c.at)
	switch {
	case address > 0, headline > 0 && c.rank >= leastArticle:
		return claimOwn
	case c.rank < leastArticle && address < 0, headline < 0 && address < 0:
		return claimApart
	case headline < 0 && c.rank >= leastArticle:
		return claimOther
	}
	return claimNone
}

// headlineOf gives an object's headline, or its name.
func (d *jsonDoc) headlineOf(i int32) string {
	if h := d.field(i, "headline"); h != "" {
		return h
	}
	return d.field(i, "name")
}

// headline says whether a headline is one of the page's: above 0 where it is, below where nothing is alike.
func (own ownMarks) headline(h string) int {
	key := comparable(page.RunePrefix(cleanLine(h), maxHeadline))
	if len(key) < leastTitle || len(own.titles) == 0 {
		return 0
	}
	best := 0.0
	for _, t := range own.titles {
		if strings.Contains(t, key) || strings.Contains(key, t) {
			return 1
		}
		best = max(best, likeness(key, t))
	}
	if best < unlike {
		return -1
	}
	return 0
}

// unlike is the share of pairs of letters that two versions of one headline have in common at least; headlines of
// different news in one language share a third.
const unlike = 0.5

// likeness is the share of the shorter text's pairs of letters that the other has too.
func likeness(a, b string) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	pairs := map[[2]rune]bool{}
	eachPair(b, func(p [2]rune) { pairs[p] = true })
	n, common := 0, 0
	eachPair(a, func(p [2]rune) {
		n++
		if pairs[p] {
			common++
		}
	})
	return float64(common) / float64(max(n, 1))
}

func eachPair(s string, yield func([2]rune)) {
	before := utf8.RuneError
	for _, r := range s {
		if before != utf8.RuneError {
			yield([2]rune{before, r})
		}
		before = r
	}
}

// address says whether an object has the page's address: above 0 where it has, below where it has another.
func (own ownMarks) address(d *jsonDoc, i int32) int {
	says := 0
	for _, key := range []string{"url", "mainEntityOfPage", "@id"} {
		at := d.address(d.get(i, key))
		if at == "" || !strings.Contains(at, "/") || len(own.addresses) == 0 {
			continue
		}
		at = own.resolve(at)
		if slices.ContainsFunc(own.addresses, func(a string) bool { return samePage(a, at) }) {
			return 1
		}
		if key != "@id" && !isRoot(at) {
			says = -1
		}
	}
	return says
}

// address gives the address that a value is, or that the page has that it refers to.
func (d *jsonDoc) address(i int32) string {
	if i < 0 {
		return ""
	}
	if d.vals[i].kind == jsonObject {
		if id := d.field(i, "@id"); id != "" {
			return id
		}
		return d.field(i, "url")
	}
	return d.str(i)
}

// resolve makes an address whole.
func (own ownMarks) resolve(a string) string {
	u, err := url.Parse(strings.TrimSpace(a))
	if err != nil || own.base == nil {
		return a
	}
	return own.base.ResolveReference(u).String()
}

// samePage compares addresses as sameURL does; where both have a query, that tells pages apart too.
func samePage(a, b string) bool {
	return sameURL(a, b) && (queryOf(a) == queryOf(b) || queryOf(a) == "" || queryOf(b) == "")
}

func queryOf(u string) string {
	u, _, _ = strings.Cut(u, "#")
	_, q, _ := strings.Cut(u, "?")
	return q
}
