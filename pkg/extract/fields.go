package extract

import (
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

// section is the rubric as the page names it.
func (m *pageMeta) section() string {
	for _, s := range []string{m.ld.section, m.get("article:section", "og:article:section", "section", "category", "articlesection", "parsely-section", "cxenseparse:section", "dc.subject")} {
		if s = cleanLine(s); s != "" && utf8.RuneCountInString(s) <= 80 {
			return s
		}
	}
	return ""
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
		if rest, ok := strings.CutPrefix(m.htmlTitle, page.TextOf(d, i)); ok {
			if rest = strings.Trim(rest, " -–—|·•»:"); rest != "" && len(strings.Fields(rest)) <= 3 {
				out = append(out, rest)
			}
		}
	}
	for k := range s.Blocks {
		if k > 40 {
			break
		}
		b := &s.Blocks[k]
		if b.Node < 0 || b.Words == 0 || b.Words > 5 {
			continue
		}
		for i, hops := b.Node, 0; i >= 0 && hops < 2; i, hops = d.Nodes[i].Parent, hops+1 {
			if strings.Contains(d.Attr(i, page.AttrClass), "site-title") || strings.Contains(d.Attr(i, page.AttrClass), "site-name") || d.Attr(i, page.AttrID) == "site-title" {
				out = append(out, b.Text)
				break
			}
		}
	}
	return out
}

// findImages gives the lead image and the pictures of the container with their captions.
func findImages(d *page.Tree, s *page.Parts, f *finding, m *pageMeta, base string) []article.Image {
	var out []article.Image
	seen := map[string]bool{}
	b, _ := url.Parse(base)
	add := func(src, caption string) {
		src = strings.TrimSpace(src)
		if src == "" || strings.HasPrefix(src, "data:") || len(out) == maxImages {
			return
		}
		u, err := url.Parse(src)
		if err != nil {
			return
		}
		if b != nil {
			u = b.ResolveReference(u)
		}
		at := address(u.String())
		if u.Scheme != "http" && u.Scheme != "https" || utf8.RuneCountInString(at) > article.MaxImageURL {
			return
		}
		if utf8.RuneCountInString(caption) > article.MaxCaption {
			caption = "" // a text that stands in a figure
		}
		key := u.Path
		if seen[key] {
			if caption != "" {
				for i := range out {
					if out[i].Caption == "" && strings.Contains(out[i].URL, key) {
						out[i].Caption = caption
					}
				}
			}
			return
		}
		seen[key] = true
		out = append(out, article.Image{URL: at, Caption: caption})
	}
	if lead := m.get("og:image", "og:image:url", "twitter:image", "twitter:image:src"); lead != "" {
		add(lead, "")
	} else if len(m.ld.images) > 0 {
		add(m.ld.images[0], "")
	}
	if f.root < 0 {
		return out
	}
	area := f.articleArea()
	for _, i := range s.Images {
		if !area(i) || f.chain(i, f.root)&(page.TraitRelated|page.TraitAuthor|page.TraitAd|page.TraitComment|page.TraitNav|page.TraitShare|page.TraitModal|page.TraitFooter|page.TraitAside|page.TraitEmbed) != 0 {
			continue
		}
		src := d.Attr(i, page.AttrDataSrc)
		if src == "" {
			src = d.Attr(i, page.AttrSrc)
		}
		add(src, captionOf(d, i))
	}
	return out
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
		u, err := url.Parse(src)
		if err != nil || len(out) == maxImages {
			continue
		}
		if b != nil {
			u = b.ResolveReference(u)
		}
		if at := address(u.String()); (u.Scheme == "http" || u.Scheme == "https") && utf8.RuneCountInString(at) <= article.MaxImageURL {
			out = append(out, article.Image{URL: at})
		}
	}
	return out
}
