package survey

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// The bounds of what is kept of one page.
const (
	maxMarkup = 2 << 20  // bytes read of a page: heads and menus come first
	maxText   = 24 << 10 // bytes of text kept, and of menus
	maxFoot   = 1500     // of it, the last
	maxLinked = 256 << 10
	maxNodes  = 5000 // of linked data
)

// seenPage is what a page says of itself and of its publisher.
type seenPage struct {
	title, heading string
	lang           string // of <html>
	locale         string // og:locale
	siteName       string // og:site_name, application-name
	generator      string
	region         string // geo.region, geo.country
	types          []string
	publisher      []string // names that linked data gives the publisher
	addresses      []string // countries in its postal addresses
	phones         []string // numbers that begin with +
	menu           string   // text of links
	text           string   // the first of it
	foot           string   // the last of it, where imprints are
	kind           string   // of a page that a site lists, if it is no news
	markup         []byte   // of a home page, as long as it is looked into
}

// readArticle is a page that was read as an article.
type readArticle struct {
	url     string
	is      bool
	outcome string
	// elsewhere: the address redirects to the article's own.
	elsewhere bool
	article   article.Article
	page      *seenPage
}

var international = regexp.MustCompile(`(?:^|[^\d+])(?:\+|00)\s?([1-9]\d{0,2}[\d\s().\-/]{6,16}\d)`)

// readHead reads a page. It never fails: what is not there stays empty.
func readHead(body []byte, contentType string) *seenPage {
	p := &seenPage{}
	if len(body) > maxMarkup {
		body = body[:maxMarkup]
	}
	body, _, _ = page.Decode(body, contentType)
	p.markup = body
	var text, menu strings.Builder
	var foot []byte
	z := html.NewTokenizer(bytes.NewReader(body))
	z.SetMaxBuf(maxMarkup)
	hidden, inLinked, link, inTitle, inHeading := atom.Atom(0), false, false, false, false
	for {
		switch z.Next() {
		case html.ErrorToken:
			p.text, p.menu = text.String(), menu.String()
			p.title, p.heading = squeeze(p.title), squeeze(p.heading)
			p.foot = strings.ToValidUTF8(string(foot[max(0, len(foot)-maxFoot):]), "")
			p.phones = append(p.phones, phonesIn(p.text)...)
			p.phones = append(p.phones, phonesIn(p.foot)...)
			return p
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if of := attr(t, "itemtype"); of != "" && len(of) < 200 && len(p.types) < maxNodes {
				p.types = append(p.types, of[strings.LastIndexByte(of, '/')+1:])
			}
			switch t.DataAtom {
			case atom.Html:
				p.lang = attr(t, "lang")
			case atom.Meta:
				p.meta(t)
			case atom.Title:
				inTitle = p.title == ""
			case atom.H1:
				inHeading = p.heading == ""
			case atom.A:
				link = true
				if to, ok := strings.CutPrefix(attr(t, "href"), "tel:"); ok && strings.HasPrefix(to, "+") {
					text.WriteString(" " + to + " ")
				}
			case atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Svg:
				if t.Type == html.StartTagToken {
					hidden = t.DataAtom
					inLinked = t.DataAtom == atom.Script && strings.Contains(strings.ToLower(attr(t, "type")), "ld+json")
				}
			}
			text.WriteByte(' ')
			foot = append(foot, ' ')
		case html.EndTagToken:
			t := z.Token()
			if t.DataAtom == hidden {
				hidden, inLinked = 0, false
			}
			switch t.DataAtom {
			case atom.A:
				link = false
				menu.WriteByte('\n')
			case atom.Title:
				inTitle = false
			case atom.H1:
				inHeading = false
			}
			text.WriteByte(' ')
		case html.TextToken:
			if inLinked {
				p.linked(z.Text())
			}
			if hidden != 0 {
				continue
			}
			t := html.UnescapeString(string(z.Text()))
			switch {
			case inTitle:
				p.title += t
			case inHeading:
				p.heading += t
			}
			if link && menu.Len() < maxText {
				menu.WriteString(t)
			}
			if text.Len() < maxText {
				text.WriteString(t)
			}
			if foot = append(foot, t...); len(foot) > 2*maxFoot {
				foot = append(foot[:0], foot[len(foot)-maxFoot:]...)
			}
		}
	}
}

func attr(t html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

func (p *seenPage) meta(t html.Token) {
	value := squeeze(attr(t, "content"))
	if value == "" || len(value) > 500 {
		return
	}
	switch strings.ToLower(attr(t, "property") + attr(t, "name") + attr(t, "http-equiv")) {
	case "og:site_name":
		p.siteName = value
	case "application-name", "apple-mobile-web-app-title":
		if p.siteName == "" {
			p.siteName = value
		}
	case "og:locale":
		p.locale = value
	case "og:type":
		p.types = append(p.types, value)
	case "content-language":
		if p.lang == "" {
			p.lang = value
		}
	case "generator":
		p.generator += " " + strings.ToLower(value)
	case "geo.region", "geo.country":
		p.region = value
	}
}

// linked reads a block of linked data: the types in it, and the publisher's name and country.
func (p *seenPage) linked(raw []byte) {
	if len(raw) > maxLinked {
		return
	}
	var doc any
	if json.Unmarshal(bytes.TrimSpace(raw), &doc) != nil {
		return
	}
	nodes := 0
	var walk func(v any, role string, depth int)
	walk = func(v any, role string, depth int) {
		if nodes++; nodes > maxNodes || depth > 20 {
			return
		}
		switch x := v.(type) {
		case []any:
			for _, e := range x {
				walk(e, role, depth+1)
			}
		case map[string]any:
			types := texts(x["@type"])
			p.types = append(p.types, types[:min(len(types), 5)]...)
			owner := role == "publisher" || role == "sourceOrganization" || slices.ContainsFunc(types, func(t string) bool {
				return t == "NewsMediaOrganization" || t == "WebSite" || depth <= 3 && role != "author" && (t == "Organization" || t == "Corporation")
			})
			if owner {
				p.publisher = append(p.publisher, texts(x["name"])...)
			}
			if c := texts(x["addressCountry"]); len(c) > 0 {
				p.addresses = append(p.addresses, c...)
			} else if m, ok := x["addressCountry"].(map[string]any); ok {
				p.addresses = append(p.addresses, texts(m["name"])...)
			}
			if t := texts(x["telephone"]); len(t) > 0 {
				p.phones = append(p.phones, phonesIn(" "+t[0])...)
			}
			for _, k := range sortedKeys(x) {
				// Where an event or a person is says nothing of the publisher.
				if k != "@type" && k != "contentLocation" && k != "location" && k != "about" && k != "mentions" {
					walk(x[k], k, depth+1)
				}
			}
		}
	}
	walk(doc, "", 0)
}

// texts gives a value of linked data that is a text, or a list of them.
func texts(v any) []string {
	switch x := v.(type) {
	case string:
		if x = squeeze(x); x != "" && len(x) < 500 {
			return []string{x}
		}
	case []any:
		var out []string
		for _, e := range x {
			if s, ok := e.(string); ok && len(out) < 10 {
				out = append(out, squeeze(s))
			}
		}
		return out
	}
	return nil
}

// phonesIn gives the digits of international telephone numbers in a text.
func phonesIn(text string) []string {
	var out []string
	for _, m := range international.FindAllStringSubmatch(text, 20) {
		out = append(out, strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, m[1]))
	}
	return out
}

func squeeze(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ") }
