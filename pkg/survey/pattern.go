package survey

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/khabar-crawler/khabar/pkg/site"
)

// patternInput is what a pattern is learned from.
type patternInput struct {
	sure    []string // articles: feeds list them, or they were read
	listed  []string // that sitemaps list beside
	likely  []string // taken for articles by their links on pages
	others  []string // no articles: sections, and pages that turned out to be none
	sources int      // that list articles
}

func (v *survey) patternInput() patternInput {
	in := patternInput{others: append([]string{v.out.Home}, v.others...), sources: len(v.found)}
	sure, listed, not, unread := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, a := range v.articles {
		switch {
		case a.is && !a.elsewhere:
			sure[a.url] = true
		case !a.is && a.page != nil, a.elsewhere:
			not[a.url] = true
		case !a.is:
			unread[a.url] = true
		}
	}
	for _, s := range v.found {
		in.others = append(in.others, s.URL)
		for _, l := range s.links {
			switch s.Kind {
			case site.Feed:
				sure[l.URL] = true
			case site.Sitemap:
				listed[l.URL] = true
			}
		}
	}
	for _, u := range v.order {
		switch {
		case not[u]:
			in.others = append(in.others, u)
		case unread[u]:
		case sure[u]:
			in.sure = append(in.sure, u)
		case listed[u]:
			in.listed = append(in.listed, u)
		default:
			in.likely = append(in.likely, u)
		}
	}
	return in
}

const (
	// leastAddresses is how many articles' addresses a pattern is learned from: with fewer, what they have in common is chance.
	leastAddresses = 10
	// listedShare is how many of the addresses in sitemaps it must fit, and allShare how many of all that look like articles';
	// those in feeds, it must fit all. Sitemaps name a few pages of other kinds, and menus and boxes many.
	listedShare, allShare = 0.98, 0.9
	// constantFrom and constantSources are how many addresses, from how many sources, must share a word of the path for the
	// pattern to ask for it: a feed of one desk has that desk's name in all.
	constantFrom, constantSources = 20, 3
	// maxPatterns is how many forms of addresses one file lists: a site with more has none that tells.
	maxPatterns = 6
)

// patternOf is the form that all articles' addresses have and no other address: Value is RE2 expressions, a line each. A
// pattern that loses articles does more harm than none, so in doubt there is none.
func patternOf(in patternInput) Found {
	all := slices.Concat(in.sure, in.listed, in.likely)
	if len(in.sure) == 0 || len(all) < leastAddresses {
		return Found{Evidence: []string{fmt.Sprintf("%d addresses are too few to learn from", len(all))}}
	}
	certain := map[string]bool{} // keys of forms that an article has for sure
	for _, u := range in.sure {
		if f, ok := formOf(u); ok {
			certain[f.key()] = true
		}
	}
	groups := map[string][]form{}
	for _, u := range all {
		if f, ok := formOf(u); ok && certain[f.key()] {
			groups[f.key()] = append(groups[f.key()], f)
		}
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(groups[b]), len(groups[a])), cmp.Compare(a, b))
	})
	var exprs []string
	var res []*regexp.Regexp
	for _, k := range keys[:min(len(keys), maxPatterns)] {
		expr := expression(groups[k], in.sources)
		re, err := regexp.Compile(expr)
		if err != nil || slices.Contains(exprs, expr) {
			continue
		}
		exprs, res = append(exprs, expr), append(res, re)
	}
	fit := func(addresses []string) (n int, out []string) {
		for _, u := range addresses {
			p, err := url.Parse(u)
			if err == nil && slices.ContainsFunc(res, func(re *regexp.Regexp) bool { return re.MatchString(p.RequestURI()) }) {
				n++
			} else {
				out = append(out, u)
			}
		}
		return n, out
	}
	if n, out := fit(in.others); n > 0 {
		i := slices.IndexFunc(in.others, func(u string) bool { return !slices.Contains(out, u) })
		return Found{Evidence: []string{"articles' addresses look like others, as " + in.others[i]}}
	}
	sure, out := fit(in.sure)
	if len(out) > 0 {
		return Found{Evidence: []string{"articles' addresses have too many forms, as " + out[0]}}
	}
	listed, odd := fit(in.listed)
	likely, odder := fit(in.likely)
	odd = append(odd, odder...)
	if float64(listed) < listedShare*float64(len(in.listed)) || float64(sure+listed+likely) < allShare*float64(len(all)) {
		return Found{Evidence: []string{fmt.Sprintf("%d addresses that look like articles' have other forms than those in feeds, as %s", len(odd), odd[0])}}
	}
	f := Found{Value: strings.Join(exprs, "\n"),
		Evidence: []string{fmt.Sprintf("fits %d of %d articles' addresses and none of %d others", sure+listed+likely, len(all), len(in.others))}}
	if len(odd) > 0 {
		f.Evidence = append(f.Evidence, "left out "+strings.Join(odd[:min(len(odd), 3)], " "))
	}
	return f
}

// maxProbes is how many forms of addresses that nothing tells to be articles' are tried, one address each.
const maxProbes = 4

// probe reads an address of each form of which no article is known: a pattern would leave them all out.
func (v *survey) probe(ctx context.Context) {
	in := v.patternInput()
	known := map[string]bool{}
	for _, u := range in.sure {
		if f, ok := formOf(u); ok {
			known[f.key()] = true
		}
	}
	probes := 0
	for _, u := range slices.Concat(in.listed, in.likely) {
		f, ok := formOf(u)
		if !ok || known[f.key()] || v.tried[u] || v.spent() || ctx.Err() != nil {
			continue
		}
		if probes++; probes > maxProbes {
			return
		}
		known[f.key()] = true
		v.readArticle(ctx, u)
	}
}

// form is an address taken apart into what varies among articles and what does not.
type form struct {
	parts []part
	slash bool // the path ends with one
	query []string
	nums  []bool // of the query's parameters, whether they are numbers
}

// part is a segment of a path: sort is what it may be.
type part struct {
	text, ext string
	sort      byte // 'd' digits, 'm' words and digits at the end, 's' words joined by hyphens, 't' text, 'f' a file of a program
}

var (
	digits     = regexp.MustCompile(`^\d+$`)
	endsNumber = regexp.MustCompile(`\d{3,}$`)
	extension  = regexp.MustCompile(`^\.(?:s?html?|aspx?|php|jsp|cms|ece|bild\.html)$`)
)

func formOf(address string) (form, bool) {
	u, err := url.Parse(address)
	if err != nil {
		return form{}, false
	}
	var f form
	escaped := u.EscapedPath()
	f.slash = strings.HasSuffix(escaped, "/")
	for _, s := range strings.Split(strings.Trim(escaped, "/"), "/") {
		p := part{text: s}
		if e := path.Ext(s); extension.MatchString(strings.ToLower(e)) {
			p.text, p.ext = strings.TrimSuffix(s, e), e
		}
		switch {
		case p.ext != "" && u.RawQuery != "":
			p.sort = 'f'
		case digits.MatchString(p.text):
			p.sort = 'd'
		case endsNumber.MatchString(p.text):
			p.sort = 'm'
		case strings.Count(p.text, "-") >= 2:
			p.sort = 's'
		default:
			p.sort = 't'
		}
		f.parts = append(f.parts, p)
	}
	for _, pair := range strings.Split(u.RawQuery, "&") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			f.query, f.nums = append(f.query, name), append(f.nums, digits.MatchString(value))
		}
	}
	return f, len(f.parts) > 0
}

// key is what addresses of one form have in common. A number is a number wherever it stands; text and hyphened text are one
// sort unless the whole group is hyphened.
func (f form) key() string {
	var b strings.Builder
	for _, p := range f.parts {
		sort := p.sort
		if sort == 's' {
			sort = 't'
		}
		fmt.Fprintf(&b, "/%c%s", sort, p.ext)
		if p.sort == 'f' {
			b.WriteString(p.text)
		}
	}
	fmt.Fprintf(&b, "?%s", strings.Join(f.query, "&"))
	return b.String()
}

// expression is what all addresses of a group fit.
func expression(group []form, sources int) string {
	var b strings.Builder
	b.WriteByte('^')
	steady := len(group) >= constantFrom && sources >= constantSources
	first := group[0]
	slash, bare := false, false
	for _, f := range group {
		slash, bare = slash || f.slash, bare || !f.slash
	}
	for i, p := range first.parts {
		same, hyphened, shortest, longest := true, true, len(p.text), len(p.text)
		for _, f := range group {
			same = same && f.parts[i].text == p.text
			hyphened = hyphened && f.parts[i].sort == 's'
			shortest, longest = min(shortest, len(f.parts[i].text)), max(longest, len(f.parts[i].text))
		}
		b.WriteByte('/')
		switch {
		case p.sort == 'f', same && p.sort == 't' && steady:
			b.WriteString(regexp.QuoteMeta(p.text))
		case p.sort == 'd' && shortest == 4 && longest == 4:
			b.WriteString(`\d{4}`)
		case p.sort == 'd' && longest <= 2:
			b.WriteString(`\d{1,2}`)
		case p.sort == 'd':
			b.WriteString(`\d+`)
		case p.sort == 'm':
			b.WriteString(`[^/?]*\d+`)
		case hyphened:
			b.WriteString(`[^/?]+-[^/?]+-[^/?]+`)
		default:
			b.WriteString(`[^/?]*[^/?0-9][^/?]*`)
		}
		b.WriteString(regexp.QuoteMeta(p.ext))
	}
	switch {
	case slash && bare:
		b.WriteString("/?")
	case slash:
		b.WriteByte('/')
	}
	if len(first.query) == 0 {
		return b.String() + "(?:\\?|$)"
	}
	b.WriteString(`\?`)
	for i, name := range first.query {
		if i > 0 {
			b.WriteString("&")
		}
		value := `[^&]+`
		if !slices.ContainsFunc(group, func(f form) bool { return !f.nums[i] }) {
			value = `\d+`
		}
		b.WriteString(regexp.QuoteMeta(name) + "=" + value)
	}
	return b.String()
}
