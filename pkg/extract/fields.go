package extract

import (
	"cmp"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/page"
	"golang.org/x/net/html/atom"
)

const (
	maxTags   = 40 // more is the cloud of a site
	maxTag    = 60 // characters: what is longer is a sentence
	maxImages = 20 // more is a gallery
)

// sectionKeys are where pages name their rubric.
var sectionKeys = []string{"article:section", "og:article:section", "section", "category", "articlesection", "parsely-section", "cxenseparse:section", "dc.subject"}

// maxSection is how long a rubric's name is, in characters.
const maxSection = 80

// section is the rubric as the page names it.
func (m *pageMeta) section() string {
	for _, s := range []string{m.ld.section, m.get(sectionKeys...)} {
		if s = cleanLine(s); s != "" && utf8.RuneCountInString(s) <= maxSection {
			return s
		}
	}
	return ""
}

// sections are all names of rubrics that the page has.
func (m *pageMeta) sections() []string {
	var out []string
	for _, key := range append([]string{""}, sectionKeys...) {
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

// tags are the topics that the page's own metadata lists.
func (m *pageMeta) tags(names []string) []string {
	var out []string
	seen := map[string]bool{}
	add := func(list []string) {
		for _, v := range list {
			for _, t := range splitAny(v, []string{",", "،", ";", "|"}) {
				t = strings.TrimPrefix(cleanLine(t), "#")
				c := comparable(t)
				if c == "" || seen[c] || utf8.RuneCountInString(t) > maxTag || len(out) == maxTags || isSiteName(t, names) {
					continue
				}
				seen[c] = true
				out = append(out, t)
			}
		}
	}
	add(m.all("article:tag"))
	add(m.ld.keywords)
	if len(out) == 0 {
		add(m.all("news_keywords"))
	}
	if len(out) == 0 {
		add(m.all("keywords"))
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
	class := d.Attr(i, page.AttrClass)
	return strings.Contains(class, "site-title") || strings.Contains(class, "site-name") || d.Attr(i, page.AttrID) == "site-title"
}

// gallery collects an article's pictures, each once.
type gallery struct {
	base   *url.URL // nil: unknown
	images []article.Image
	seen   map[string]bool // by path
}

func newGallery(base string) *gallery {
	b, err := url.Parse(base)
	if err != nil {
		b = nil
	}
	return &gallery{base: b, seen: map[string]bool{}}
}

// add takes a picture in. One that is there already may get its caption.
func (g *gallery) add(src, caption string) {
	u := imageURL(src, g.base)
	if u == nil || len(g.images) == maxImages {
		return
	}
	if utf8.RuneCountInString(caption) > article.MaxCaption {
		caption = "" // a text that stands in a figure
	}
	if g.seen[u.Path] {
		g.caption(u.Path, caption)
		return
	}
	g.seen[u.Path] = true
	g.images = append(g.images, article.Image{URL: address(u.String()), Caption: caption})
}

// caption gives a picture its caption where it has none.
func (g *gallery) caption(path, caption string) {
	for i := range g.images {
		if im := &g.images[i]; caption != "" && im.Caption == "" && strings.Contains(im.URL, path) {
			im.Caption = caption
		}
	}
}

// traitsNoImage are what no picture of the article stands in.
const traitsNoImage = page.TraitRelated | page.TraitAuthor | page.TraitAd | page.TraitComment | page.TraitNav | page.TraitShare | page.TraitModal |
	page.TraitFooter | page.TraitAside | page.TraitEmbed

// findImages gives the lead image and the pictures of the container with their captions.
func findImages(d *page.Tree, s *page.Parts, f *finding, m *pageMeta, base string) []article.Image {
	g := newGallery(base)
	if lead := m.get("og:image", "og:image:url", "twitter:image", "twitter:image:src"); lead != "" {
		g.add(lead, "")
	} else if len(m.ld.images) > 0 {
		g.add(m.ld.images[0], "")
	}
	if f.root < 0 {
		return g.images
	}
	area := f.articleArea()
	for _, i := range s.Images {
		if area(i) && f.chain(i, f.root)&traitsNoImage == 0 {
			g.add(cmp.Or(d.Attr(i, page.AttrDataSrc), d.Attr(i, page.AttrSrc)), captionOf(d, i))
		}
	}
	return g.images
}

// captionOf gives the caption of the figure that an image stands in.
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
