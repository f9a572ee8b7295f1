package extract

import (
	"html"
	"slices"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// ldArticle is what a page's structured data says about its article.
type ldArticle struct {
	kind        string
	rank        int // how well its type fits an article, see articleRank
	headline    string
	alternative string
	description string
	body        string
	published   string
	modified    string
	created     string
	authors     []ldPerson
	publisher   string
	section     string
	language    string
	url         string
	keywords    []string
	images      []string
	paid        bool
	listing     bool           // the page calls itself a collection
	kinds       []article.Kind // that its objects are of, see kinds.yaml
	website     string
	others      []string // headlines of other articles that the page's data speaks of too, comparable
}

type ldPerson struct {
	name string
	org  bool
	url  string
}

// articleRank says how well a schema.org type fits an article; 0 is none.
func articleRank(t string) int {
	switch strings.TrimPrefix(strings.TrimPrefix(t, "http://schema.org/"), "https://schema.org/") {
	case "NewsArticle", "ReportageNewsArticle", "AnalysisNewsArticle", "OpinionNewsArticle", "BackgroundNewsArticle",
		"ReviewNewsArticle", "AskPublicNewsArticle", "LiveBlogPosting":
		return 4
	case "Article", "BlogPosting", "Report", "AdvertiserContentArticle", "SatiricalArticle", "ScholarlyArticle", "TechArticle",
		"MedicalScholarlyArticle", "ClaimReview", "Review", "Recipe":
		return 3
	case "SocialMediaPosting", "CreativeWork", "newsarticle", "article":
		return 2
	case "WebPage", "ItemPage":
		return 1
	}
	return 0
}

// readLD reads every script of linked data and gives what the objects say that speak of this page's article.
func readLD(d *page.Tree, own ownMarks) ldArticle {
	var out ldArticle
	var all []ldCandidate
	for _, i := range d.Scripts {
		if !strings.Contains(strings.ToLower(d.Attr(i, page.AttrType)), "ld+json") {
			continue
		}
		n := &d.Nodes[i]
		if n.T1 <= n.T0 {
			continue
		}
		j := parseJSON(d.Source[n.T0:n.T1])
		if j == nil || len(j.vals) == 0 {
			continue
		}
		all = j.collect(all, &out)
	}
	return own.choose(all, out)
}

// collect looks through the objects that stand at the top, in arrays and in @graph, in the document's order.
func (d *jsonDoc) collect(all []ldCandidate, out *ldArticle) []ldCandidate {
	todo := []int32{0}
	for len(todo) > 0 && len(all) < maxCandidates {
		i := todo[len(todo)-1]
		inner := d.inner(i)
		slices.Reverse(inner)
		todo = append(todo[:len(todo)-1], inner...)
		if d.vals[i].kind != jsonObject {
			continue
		}
		if rank := d.typeOf(i, out); rank > 0 {
			all = append(all, ldCandidate{doc: d, at: i, rank: rank})
		}
	}
	return all
}

// inner gives the values inside one that may be objects that speak of the page.
func (d *jsonDoc) inner(i int32) []int32 {
	var out []int32
	switch d.vals[i].kind {
	case jsonArray:
		for k := i + 1; k < d.vals[i].end; k = d.vals[k].end {
			out = append(out, k)
		}
	case jsonObject:
		for _, key := range []string{"@graph", "mainEntity"} {
			if g := d.get(i, key); g >= 0 {
				out = append(out, g)
			}
		}
		if g := d.get(i, "mainEntityOfPage"); g >= 0 && d.vals[g].kind == jsonObject {
			out = append(out, g)
		}
	}
	return out
}

// typeOf says how well an object's types fit an article, and notes those that speak of the page or site.
func (d *jsonDoc) typeOf(i int32, out *ldArticle) (rank int) {
	for _, t := range d.strs(d.get(i, "@type")) {
		rank = max(rank, articleRank(t))
		if k, ok := knownSigns().types[t]; ok && !slices.Contains(out.kinds, k) {
			out.kinds = append(out.kinds, k)
		}
		switch t {
		case "CollectionPage", "SearchResultsPage", "ItemList", "ProfilePage":
			out.listing = true
		case "WebSite":
			if out.website == "" {
				out.website = cleanLine(d.field(i, "name"))
			}
		}
	}
	return rank
}

// read takes an article object's fields, as far as no better object has told them.
func (d *jsonDoc) read(i int32, out *ldArticle) {
	set := func(dst *string, v string) {
		if *dst == "" {
			*dst = v
		}
	}
	set(&out.kind, d.field(i, "@type"))
	set(&out.headline, cleanLine(d.field(i, "headline")))
	set(&out.headline, cleanLine(d.field(i, "name")))
	set(&out.alternative, cleanLine(d.field(i, "alternativeHeadline")))
	set(&out.description, cleanLine(d.field(i, "description")))
	if b := d.field(i, "articleBody"); len(b) > len(out.body) {
		out.body = b
	}
	set(&out.published, d.field(i, "datePublished"))
	set(&out.modified, d.field(i, "dateModified"))
	set(&out.created, d.field(i, "dateCreated"))
	set(&out.publisher, cleanLine(d.field(i, "publisher")))
	set(&out.language, d.field(i, "inLanguage"))
	set(&out.url, d.field(i, "url"))
	set(&out.section, cleanLine(d.field(i, "articleSection")))
	if k := d.strs(d.get(i, "keywords")); len(k) > 0 && out.keywords == nil {
		out.keywords = k
	}
	if im := d.get(i, "image"); im >= 0 && out.images == nil {
		out.images = d.imageURLs(im)
	}
	if s := d.field(i, "isAccessibleForFree"); page.EqualFoldASCII(s, "false") {
		out.paid = true
	}
	if people := d.authorsOf(i); len(people) > 0 && out.authors == nil {
		out.authors = people
	}
}

// authorsOf gives whom an article object names as its authors, or else as its creators.
func (d *jsonDoc) authorsOf(i int32) []ldPerson {
	for _, key := range []string{"author", "creator"} {
		if a := d.get(i, key); a >= 0 {
			if people := d.people(a); len(people) > 0 {
				return people
			}
		}
	}
	return nil
}

// people reads authors: names, objects, references by @id to objects elsewhere in the document, and arrays of them.
func (d *jsonDoc) people(a int32) []ldPerson {
	if d.vals[a].kind != jsonArray {
		return d.person(a)
	}
	var out []ldPerson
	for k := a + 1; k < d.vals[a].end && len(out) < maxAuthors; k = d.vals[k].end {
		out = append(out, d.person(k)...)
	}
	return out
}

// person reads one author; an object may have several names.
func (d *jsonDoc) person(i int32) []ldPerson {
	switch d.vals[i].kind {
	case jsonString:
		return []ldPerson{{name: cleanLine(d.str(i))}}
	case jsonObject:
	default:
		return nil
	}
	if d.get(i, "name") < 0 {
		if id := d.field(i, "@id"); id != "" {
			if r := d.byID(id, i); r >= 0 {
				i = r
			}
		}
	}
	org := false
	for _, t := range d.strs(d.get(i, "@type")) {
		org = org || t == "Organization" || t == "NewsMediaOrganization"
	}
	var out []ldPerson
	for _, name := range d.strs(d.get(i, "name")) {
		out = append(out, ldPerson{name: cleanLine(name), url: d.field(i, "url"), org: org})
	}
	return out
}

// byID finds an object with a name by its @id. The index is made once: documents are met in which every one of many
// authors is such a reference.
func (d *jsonDoc) byID(id string, not int32) int32 {
	if d.ids == nil {
		d.ids = map[string]int32{}
		for i := range d.vals {
			k := int32(i)
			if d.vals[k].kind != jsonObject || d.get(k, "name") < 0 {
				continue
			}
			if x := d.get(k, "@id"); x >= 0 {
				if s := d.str(x); s != "" {
					d.ids[s] = k
				}
			}
		}
	}
	if k, ok := d.ids[id]; ok && k != not {
		return k
	}
	return -1
}

func (d *jsonDoc) imageURLs(im int32) []string {
	var out []string
	one := func(i int32) {
		switch d.vals[i].kind {
		case jsonString:
			out = append(out, d.str(i))
		case jsonObject:
			for _, k := range []string{"url", "contentUrl"} {
				if u := d.field(i, k); u != "" {
					out = append(out, u)
					return
				}
			}
		}
	}
	if d.vals[im].kind == jsonArray {
		for k := im + 1; k < d.vals[im].end; k = d.vals[k].end {
			one(k)
		}
	} else {
		one(im)
	}
	return out
}

// cleanLine evens a metadata value out to one line: entities that were escaped twice, markup, white space.
func cleanLine(s string) string {
	if s == "" {
		return ""
	}
	for n := 0; n < 2 && strings.IndexByte(s, '&') >= 0; n++ {
		u := html.UnescapeString(s)
		if u == s {
			break
		}
		s = u
	}
	if strings.IndexByte(s, '<') >= 0 {
		s = stripTags(s)
	}
	return page.Squeeze(s)
}

// stripTags drops markup that stands in a metadata value.
func stripTags(s string) string {
	var sb strings.Builder
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 || i+1 >= len(s) || !(page.IsLetterASCII(s[i+1]) || s[i+1] == '/' || s[i+1] == '!') {
			sb.WriteString(s)
			return sb.String()
		}
		sb.WriteString(s[:i])
		e := strings.IndexByte(s[i:], '>')
		if e < 0 {
			return sb.String()
		}
		s = s[i+e+1:]
	}
}

// sameURL compares two addresses but for scheme, www., query, fragment and a closing slash.
func sameURL(a, b string) bool { return a != "" && urlKey(a) == urlKey(b) }

func urlKey(u string) string {
	if i := strings.Index(u, "://"); i >= 0 {
		u = u[i+3:]
	}
	u = strings.TrimPrefix(u, "www.")
	if i := strings.IndexAny(u, "?#"); i >= 0 {
		u = u[:i]
	}
	return strings.TrimSuffix(u, "/")
}
