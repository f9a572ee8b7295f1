package extract

import (
	"cmp"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/page"
	"golang.org/x/net/html/atom"
)

// Which of a page's pictures are the article's: the one that it is shared with, and those that stand in its text. Logos, icons,
// counters, portraits and the pictures of other stories are not.

const (
	// leastSide is how many pixels the sides of a picture have at least that is more than a sign or a portrait; thumbnails
	// of other stories have 100 to 150.
	leastSide = 100
	// signWords: a file whose name has more words tells of a picture, whatever words they are ("the logo on the hall").
	signWords = 4
	// nearText is how many nodes behind the last line of the text a picture may stand: its own element and those around it.
	nearText = 40
	// maxCardBlocks bounds what stands around one picture that leads to another story: a rubric, a headline, a line, a date.
	maxCardBlocks = 30
	// ownName is how long a file's name is, in bytes, that two pictures do not have by chance.
	ownName = 10
)

// isSign says whether an address is that of a logo, an icon, a stand-in or a counter.
func isSign(u *url.URL) bool {
	names := pictureNames()
	holds := func(kind string, words []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(names[kind], w) })
	}
	dir, file := path.Split(u.Path)
	words := nameParts(strings.TrimSuffix(file, path.Ext(file)))
	return holds("host", nameParts(u.Host)) || holds("folder", nameParts(dir)) || len(words) <= signWords && holds("file", words)
}

// nameParts cuts a name into its words, in lower case.
func nameParts(s string) []string {
	var out []string
	start := -1
	end := func(i int) {
		if start >= 0 {
			out = append(out, strings.ToLower(s[start:i]))
		}
		start = -1
	}
	lower := false
	for i, r := range s {
		switch {
		case !unicode.IsLetter(r):
			end(i)
		case unicode.IsUpper(r) && lower:
			end(i)
			start = i
		case start < 0:
			start = i
		}
		lower = unicode.IsLower(r)
	}
	end(len(s))
	return out
}

// gallery collects an article's pictures, each once.
type gallery struct {
	base   *url.URL // nil: unknown
	images []article.Image
	seen   map[string]int // by path and by file
}

func newGallery(base string) *gallery {
	b, err := url.Parse(base)
	if err != nil {
		b = nil
	}
	return &gallery{base: b, seen: map[string]int{}}
}

// add takes a picture in. One that is there already, in whatever size, may get its caption.
func (g *gallery) add(src, caption string) {
	u := imageURL(src, g.base)
	if u == nil || len(g.images) == maxImages {
		return
	}
	vector := strings.EqualFold(path.Ext(u.Path), ".svg")
	if caption == "" && (vector && len(g.images) > 0 || isSign(u)) {
		return
	}
	if utf8.RuneCountInString(caption) > article.MaxCaption {
		caption = "" // a text that stands in a figure
	}
	file := path.Base(u.Path)
	at, ok := g.seen[u.Path]
	if !ok && len(file) >= ownName && strings.ContainsAny(file, "0123456789-_") {
		at, ok = g.seen[file]
	}
	if ok {
		g.images[at].Caption = cmp.Or(g.images[at].Caption, caption)
		return
	}
	g.seen[u.Path], g.seen[file] = len(g.images), len(g.images)
	g.images = append(g.images, article.Image{URL: address(u.String()), Caption: caption})
}

// traitsNoImage are what no picture of the article stands in.
const traitsNoImage = page.TraitRelated | page.TraitAuthor | page.TraitAd | page.TraitComment | page.TraitNav | page.TraitShare | page.TraitModal |
	page.TraitFooter | page.TraitAside | page.TraitEmbed | page.TraitNewsletter | page.TraitPaywall

// findImages gives the lead image and the pictures of the text with their captions.
func findImages(d *page.Tree, s *page.Parts, f *finding, m *pageMeta, base string) []article.Image {
	g := newGallery(base)
	for _, lead := range []string{m.get("og:image", "og:image:url"), m.get("twitter:image", "twitter:image:src"), first(m.ld.images)} {
		if g.add(lead, ""); len(g.images) > 0 {
			break
		}
	}
	if f.root < 0 {
		return g.images
	}
	area, end := f.articleArea(), f.textEnd()
	for _, i := range s.Images {
		if !area(i) || f.chain(i, f.root)&traitsNoImage != 0 || isSmall(d, i) {
			continue
		}
		caption := captionOf(d, i)
		if i > end && caption == "" || f.leadsAstray(i, base) || f.inCardOut(i) {
			continue
		}
		g.add(cmp.Or(d.Attr(i, page.AttrDataSrc), d.Attr(i, page.AttrSrc)), caption)
	}
	return g.images
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// textEnd gives the last node that a picture of the text may be.
func (f *finding) textEnd() int32 {
	for k := len(f.out) - 1; k >= 0; k-- {
		if f.out[k].keep {
			return f.blocks[k].Raw + nearText
		}
	}
	return f.d.Nodes[f.root].End
}

// isSmall says whether a picture's element gives it a size that no picture of a text has.
func isSmall(d *page.Tree, i int32) bool {
	for _, key := range []page.AttrKey{page.AttrWidth, page.AttrHeight} {
		if n, err := strconv.Atoi(strings.TrimSuffix(d.Attr(i, key), "px")); err == nil && n < leastSide {
			return true
		}
	}
	return false
}

// leadsAstray says whether a picture is a link to another page: not to a picture, nor to something below the page itself.
func (f *finding) leadsAstray(i int32, base string) bool {
	hops := 0
	for p := f.d.Nodes[i].Parent; p >= 0 && p != f.root && hops < wrapDepth; p, hops = f.d.Nodes[p].Parent, hops+1 {
		if f.d.Nodes[p].Tag == atom.Figure && captionOf(f.d, i) != "" {
			return false
		}
		if f.d.Nodes[p].Tag != atom.A {
			continue
		}
		b, err := url.Parse(base)
		if err != nil {
			return false
		}
		to, err := b.Parse(strings.TrimSpace(f.d.Attr(p, page.AttrHref)))
		if err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Path == b.Path && to.Host == b.Host {
			return false
		}
		switch strings.ToLower(path.Ext(to.Path)) {
		case ".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".svg":
			return false
		}
		return !strings.HasPrefix(to.Path, strings.TrimSuffix(b.Path, "/")+"/")
	}
	return false
}

// inCardOut says whether a picture stands together with words that were all left out as leading to other articles.
func (f *finding) inCardOut(i int32) bool {
	for p := f.d.Nodes[i].Parent; p >= 0 && p != f.root && f.d.Nodes[p].Tag != atom.Article; p = f.d.Nodes[p].Parent {
		a, b := f.blockRange(p)
		if b-a > maxCardBlocks {
			return false
		}
		words := false
		for k := a; k < b; k++ {
			if f.blocks[k].Words == 0 {
				continue
			}
			words = true
			if !slices.Contains(leadingAway, f.out[k].why) {
				return false
			}
		}
		if words {
			return true
		}
	}
	return false
}

// leadingAway are the reasons of blocks that lead to other articles.
var leadingAway = []Reason{ReasonCard, ReasonOther, ReasonRelated, ReasonHeadline, ReasonLinkedLabel, ReasonLinks, inside(page.TraitRelated)}

// captionOf gives the caption of the figure that an image stands in, or of what is named like one.
func captionOf(d *page.Tree, img int32) string {
	for i, hops := d.Nodes[img].Parent, 0; i >= 0 && hops < 6; i, hops = d.Nodes[i].Parent, hops+1 {
		if d.Nodes[i].Tag != atom.Figure {
			continue
		}
		for k := i + 1; k < d.Nodes[i].End; k++ {
			if d.Nodes[k].Tag == atom.Figcaption {
				return page.TextOf(d, k)
			}
		}
		return ""
	}
	return ""
}

// ruleImages resolves the addresses that a site file's image selectors found.
func ruleImages(srcs []string, base string) []article.Image {
	b, _ := url.Parse(base)
	var out []article.Image
	for _, src := range srcs {
		if at := imageURL(src, b); at != nil && len(out) < maxImages {
			out = append(out, article.Image{URL: address(at.String())})
		}
	}
	return out
}

// imageURL resolves a picture's address against the page's; nil where it is none that can be fetched.
func imageURL(src string, base *url.URL) *url.URL {
	u, err := url.Parse(strings.TrimSpace(src))
	if err != nil || src == "" {
		return nil
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if u.Scheme != "http" && u.Scheme != "https" || utf8.RuneCountInString(address(u.String())) > article.MaxImageURL {
		return nil
	}
	return u
}
