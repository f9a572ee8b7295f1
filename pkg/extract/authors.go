package extract

import (
	"cmp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/newsdate"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// maxAuthors bounds the list: live pages name a dozen.
const maxAuthors = 40

// punctuation parts the names of one byline; words do too, with spaces around them.
var punctuation = []string{" & ", ", ", "،", "؛", ";", " / ", "/", " | ", "|", " • ", " · ", "、", " - ", " – ", " — ", "\n"}

// bylineBreaks part the names of one byline.
var bylineBreaks = sync.OnceValue(func() []string {
	breaks := []string{" on "} // a date, or the site that it was first printed in
	for p := range words.Known().All(words.Joint) {
		breaks = append(breaks, " "+p.Raw+" ")
		if up := strings.ToUpper(p.Raw); up != p.Raw && utf8.RuneCountInString(up) > 1 { // of one letter, it is an initial
			breaks = append(breaks, " "+up+" ")
		}
	}
	return append(breaks, punctuation...)
})

// agencies are what signs for agencies, by its name in comparable form.
var agencies = sync.OnceValue(func() map[string]*words.Phrase {
	out := map[string]*words.Phrase{}
	for _, kind := range []words.Kind{words.Agency, words.Agencies, words.Monitoring} {
		for p := range words.Known().All(kind) {
			if c := comparable(p.Raw); out[c] == nil {
				out[c] = p
			}
		}
	}
	return out
})

// isAgency says whether a name is a news agency's, or stands for several.
func isAgency(s string) bool { return agencies()[comparable(s)] != nil }

// agencyCountry gives the country whose papers print a national agency's news; "" for others.
func agencyCountry(agency string) string {
	if p := agencies()[comparable(agency)]; p != nil {
		return p.Of
	}
	return ""
}

// isPerson says whether a byline's part reads like a person's name.
func isPerson(s string, names []string) bool {
	n := utf8.RuneCountInString(s)
	if n < 2 || n > 60 || isAgency(s) || isSiteName(s, names) {
		return false
	}
	if strings.ContainsAny(s, "@<>{}[]=_") || strings.Contains(s, "://") || strings.Contains(s, "www.") {
		return false
	}
	letters := false
	for _, r := range s {
		if unicode.IsDigit(r) {
			return false
		}
		letters = letters || unicode.IsLetter(r)
	}
	if !letters || nameWords(s) > maxNameWords {
		return false
	}
	said, known := words.Fold(s), words.Known()
	// "The Washington Post", "About us": headings and links of author boxes.
	if p := known.Opens(words.Nobody, said); p != nil && len(said) > len(p.Text) {
		return false
	}
	return known.Holds(words.Office, said) == nil && known.Holds(words.Outlet, said) == nil && known.Holds(words.Agencies, said) == nil || surnamed(s)
}

// byline is the authors of an article and the agency among them.
type byline struct {
	people []string
	named  []string // as the page names them, organisations too
	agency string
	place  string // "حسام أبو العلا - القاهرة"
	source string
}

// add takes a name or a whole byline in.
func (b *byline) add(s string, names []string) {
	s = trimByline(s)
	if s == "" || strings.Contains(s, "://") || withoutTail(s) == "" || utf8.RuneCountInString(s) > 300 {
		return
	}
	whole := s
	s = b.cutPlace(s, names)
	// In Arabic the "و" that joins two names is written on to the second one and cannot be told from a name.
	people, orgs := 0, 0
	parts := []string{s}
	if !secondSurname(s) {
		parts = splitAny(s, bylineBreaks())
	}
	for _, p := range parts {
		p = withoutTail(trimByline(p))
		switch {
		case p == "" || p[0] == '(' || newsdate.HasDigit(p) || allTail(p) || words.Known().Is(words.Degree, comparable(p)) != nil:
		case people+orgs > 0 && unicode.IsLower(firstRune(p)) && words.Known().Opens(words.Tail, words.Fold(p)) != nil: // "envoyée spéciale à Kiev"
		case people+orgs > 0 && isWhere(p, s):
			b.place = cmp.Or(b.place, p)
		case isAgency(p):
			b.agency = cmp.Or(b.agency, p)
		case isPerson(p, names) && len(b.people) < maxAuthors:
			people++
			if !containsFold(b.people, p) {
				b.people = append(b.people, p)
				b.named = append(b.named, p)
			}
		default:
			orgs++
		}
	}
	if people == 0 && utf8.RuneCountInString(whole) <= 60 && !containsFold(b.named, whole) && len(b.named) < maxAuthors {
		b.named = append(b.named, whole)
	}
}

// cutPlace takes what stands behind a dash off a byline, which may be a place. Where it is the paper itself, a bare word
// before it is the place: "أبوظبي - البيان".
func (b *byline) cutPlace(s string, names []string) string {
	for _, dash := range []string{" - ", " – ", " — "} {
		i := strings.Index(s, dash)
		if i <= 0 {
			continue
		}
		place := strings.TrimSpace(s[i+len(dash):])
		s = s[:i]
		if !strings.Contains(s, " ") && strings.Contains(place, " ") && countryOfWord(words.Fold(s)) != "" { // "القاهرة - حسام أبو العلا"
			b.place = cmp.Or(b.place, s)
			return place
		}
		switch paper := isSiteName(place, names); {
		case paper && !strings.Contains(s, " ") && isPlace(s):
			b.place = cmp.Or(b.place, s)
			return ""
		case !paper && !isAgency(place) && isPlace(place) && !newsdate.HasDigit(place):
			b.place = cmp.Or(b.place, place)
		}
	}
	return s
}

// isWhere says whether a part of a byline is a bare word behind a comma, which says where whoever signs is: "Anna Sleegers,
// Frankfurt", "hessenschau.de, Frankfurt, Germany".
func isWhere(part, whole string) bool {
	r, _ := utf8.DecodeRuneInString(part)
	return !strings.Contains(part, " ") && strings.Contains(whole, ", "+part) && !unicode.IsLower(r) && !isAgency(part) && isPlace(part)
}

// dropRubric takes back a lone bare word that a menu of the page has too, or that is the page's section: sites sign with
// the name of a rubric ("News") where nobody else does.
func (b *byline) dropRubric(s *page.Parts, m *pageMeta) {
	if len(b.people) != 1 || strings.Contains(b.people[0], " ") {
		return
	}
	c := comparable(b.people[0])
	rubric := c == comparable(m.section())
	for k := 0; k < len(s.Blocks) && !rubric; k++ {
		bl := &s.Blocks[k]
		rubric = bl.Words == 1 && bl.LinkWords == 1 && comparable(bl.Text) == c && bl.List
	}
	if rubric {
		b.people = nil
	}
}

func containsFold(list []string, s string) bool {
	c := comparable(s)
	for _, x := range list {
		if comparable(x) == c {
			return true
		}
	}
	return false
}

// bylineMarks stand around the parts of a byline.
const bylineMarks = " .,;:|-–—•·،©"

// trimByline takes the words before a name off, and what stands in brackets after it.
func trimByline(s string) string {
	s = words.Known().CutGlued(words.Byline, strings.Trim(page.Squeeze(s), bylineMarks+")）"))
	for cut := true; cut; {
		s, cut = cutLead(s)
	}
	if i := strings.IndexByte(s, '('); i > 0 {
		s = strings.TrimSpace(s[:i])
	}
	for p := range words.Known().All(words.Employer) {
		if i := indexFold(s, " "+p.Raw+" "); i > 0 {
			s = strings.TrimSpace(s[:i]) // "Jane Doe for The Post"
		}
	}
	// What led to a date or a time that stood behind the name.
	for p := range words.Known().All(words.When) {
		if n := len(s) - len(p.Raw); n > 1 && s[n-1] == ' ' && (s[n:] == p.Raw || strings.EqualFold(s[n:], p.Raw) && s == strings.ToUpper(s)) {
			s = strings.Trim(s[:n], bylineMarks)
		}
	}
	return s
}

// indexFold is strings.Index, however the two are cased.
func indexFold(s, sub string) int {
	for i := 0; i+len(sub) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(sub)], sub) {
			return i
		}
	}
	return -1
}

// cutLead takes one phrase that opens a byline, or the label of a source, off a name. Metadata leaves the colon behind the
// phrase out.
func cutLead(s string) (rest string, cut bool) {
	rest, p := words.Known().Cut(words.Byline, strings.TrimLeft(s, "(（"))
	if p == nil {
		if source, q := words.Known().Cut(words.Source, s); q != nil && strings.HasPrefix(strings.TrimLeft(source, " "), ":") {
			rest, p = source, q
		}
	}
	if p == nil {
		if head, tail, two := strings.Cut(s, " "); two && strings.Contains(tail, " ") {
			if _, p = words.Known().Cut(words.Byline, head+":"); p != nil {
				rest = tail
			}
		}
	}
	rest = strings.Trim(rest, bylineMarks)
	if p == nil || rest == "" {
		return s, false
	}
	return rest, true
}

// signed is where a byline is looked for.
type signed struct {
	d      *page.Tree
	s      *page.Parts
	m      *pageMeta
	names  []string
	area   func(int32) bool // whether a node belongs to the article, and to no card of another in it
	cards  *cards
	inText string // the byline that the text itself has
	byline
}

// findAuthors reads the byline: from linked data, meta elements, the text itself, microdata, and what is printed near the
// headline. The first that names a person decides.
func findAuthors(m *pageMeta, names []string, f *finding, others *cards) byline {
	area := f.articleArea()
	x := &signed{d: f.d, s: f.s, m: m, names: names, cards: others, inText: f.byline,
		area: func(i int32) bool { return area(i) && !others.hold(i) }}
	if x.linkedData() {
		return x.byline
	}
	// Organisations that metadata names are kept unless a later source names persons.
	orgs := x.named
	x.named = nil
	for _, source := range []func(*signed){(*signed).meta, (*signed).text, (*signed).microdata, (*signed).links, (*signed).printed} {
		if source(x); len(x.people) > 0 {
			return x.byline
		}
	}
	x.source = ""
	if len(orgs) > 0 {
		x.named = orgs
	}
	return x.byline
}

// linkedData says whether linked data names a person. One bare word is a rubric or a desk more often than a name, when the
// text itself names its reporter.
func (x *signed) linkedData() bool {
	x.source = "json-ld"
	for _, a := range x.m.ld.authors {
		x.add(turned(a.name), x.names)
	}
	x.dropRubric(x.s, x.m)
	if len(x.people) == 0 {
		return false
	}
	if x.inText != "" && len(x.people) == 1 && !strings.Contains(x.people[0], " ") {
		x.people, x.named = nil, nil
		return false
	}
	return true
}

func (x *signed) meta() {
	for _, key := range metaNames()[metaAuthor] {
		x.source = "meta " + key
		for _, v := range x.m.all(key) {
			x.add(turned(v), x.names)
		}
		if x.dropRubric(x.s, x.m); len(x.people) > 0 {
			return
		}
	}
}

func (x *signed) text() {
	x.source = "text"
	if x.inText != "" {
		x.add(withoutDates(x.inText), x.names)
	}
}

// maxMarked bounds what microdata marks as an author's name, in letters.
const maxMarked = 80

func (x *signed) microdata() {
	x.source = "rel author"
	d := x.d
	for i := int32(0); i < int32(len(d.Nodes)); i++ {
		n := &d.Nodes[i]
		if n.Kind != page.KindElement || n.A1 == n.A0 || n.Tag == atom.Meta || n.Tag == atom.Link || !x.area(i) {
			continue
		}
		if !hasWord(d.Attr(i, page.AttrRel), "author") && !hasWord(d.Attr(i, page.AttrItemprop), "author") {
			continue
		}
		if t := markedName(d, i); utf8.RuneCountInString(t) <= maxMarked && !x.aside(i) {
			x.add(t, x.names)
		}
	}
}

// aside says whether an element stands beside the article inside its area: among related articles, comments or menus, or in a
// side column that is not the author's own.
func (x *signed) aside(i int32) bool {
	for at := i; at >= 0; at = x.d.Nodes[at].Parent {
		if tag := x.d.Nodes[at].Tag; tag == atom.Body || tag == atom.Main || tag == atom.Article {
			return false
		}
		t := x.d.Traits(at)
		if t&(page.TraitRelated|page.TraitComment|page.TraitNav) != 0 || t&page.TraitAside != 0 && t&page.TraitAuthor == 0 {
			return !x.holdsText(at)
		}
	}
	return false
}

// holdsText says whether an element holds the text, whatever it is called.
func (x *signed) holdsText(i int32) bool {
	return len(x.cards.own) > 0 && among(x.cards.own, i, x.d.Nodes[i].End) > 0
}

// markedName gives the name that an author's element holds: what is marked as one, else all of it.
func markedName(d *page.Tree, i int32) string {
	for k := i; k < d.Nodes[i].End; k++ {
		if d.Attr(k, page.AttrItemprop) == "name" {
			if t := page.TextOf(d, k); t != "" {
				return t
			}
			break
		}
	}
	return page.TextOf(d, i)
}

func (x *signed) links() {
	x.source = "link to an author"
	x.linked(x.d, x.names, x.area)
}

// printed reads the lines of the article, and just behind it, that are bylines by their name or by how they open.
func (x *signed) printed() {
	x.source = "text"
	last := -1
	for k := range x.s.Blocks {
		b := &x.s.Blocks[k]
		in := x.area(b.Node)
		if in {
			last = k
		}
		if b.Hidden || b.Chars > 120 || b.Chars < 3 || b.Words > 14 || last < 0 || k > last+bylineReach {
			continue
		}
		label := startsByline(b.Text)
		if !label && !(in && x.calledByline(b.Node)) || x.cards.hold(b.Node) {
			continue
		}
		text := withoutDates(b.Text)
		if label || b.Words >= 2 && len(strings.Fields(trimByline(text))) >= 2 {
			x.add(text, x.names)
		}
		if len(x.people) > 0 {
			return
		}
	}
}

// calledByline says whether an element or the one around it is called a byline, and nothing else.
func (x *signed) calledByline(i int32) bool {
	own := x.d.Traits(i) | x.d.Traits(x.d.Parent(i))
	return own&page.TraitAuthor != 0 && own&(page.TraitComment|page.TraitShare|page.TraitRelated|page.TraitCaption|page.TraitMedia) == 0
}

// linked reads names that are links to the pages of their authors, next to the text.
func (b *byline) linked(d *page.Tree, names []string, area func(int32) bool) {
	for i := int32(0); i < int32(len(d.Nodes)); i++ {
		if d.Nodes[i].Tag != atom.A || !area(i) || !leadsToAuthor(d.Attr(i, page.AttrHref)) {
			continue
		}
		var t page.Trait
		for k := i; k >= 0 && d.Nodes[k].Tag != atom.Body && d.Nodes[k].Tag != atom.Main && d.Nodes[k].Tag != atom.Article; k = d.Nodes[k].Parent {
			t |= d.Traits(k)
		}
		if t&(page.TraitRelated|page.TraitComment|page.TraitNav|page.TraitAside|page.TraitFooter|page.TraitShare|page.TraitCaption) != 0 {
			continue
		}
		if name := page.TextOf(d, i); strings.Contains(name, " ") && len(strings.Fields(trimByline(name))) >= 2 {
			b.add(name, names)
		}
	}
}

// leadsToAuthor says whether a link's path names authors ("/author/jane-doe/").
func leadsToAuthor(href string) bool {
	if i := strings.IndexAny(href, "?#"); i >= 0 {
		href = href[:i]
	}
	if !strings.Contains(href, "/") || len(href) > 300 {
		return false
	}
	parts := strings.Split(href, "/")
	for _, part := range parts[:len(parts)-1] {
		if words.Known().Is(words.Profile, words.Fold(part)) != nil {
			return true
		}
	}
	return false
}

// withoutDates takes the dates out of a line, so that what is left of "28. Jan. 2022 Jane Doe" is the name.
func withoutDates(line string) string {
	found := newsdate.Find(line, newsdate.Hint{})
	for k := len(found) - 1; k >= 0; k-- {
		line = line[:found[k].Start] + " | " + line[found[k].End:]
	}
	return line
}

// bylineReach is how many blocks after the text a labelled byline still belongs to it.
const bylineReach = 12

const (
	// maxLead bounds a line that opens as a byline does, in letters.
	maxLead = 60
	// maxSigned is how many words a byline names people in.
	maxSigned = 7
)

// startsByline says whether a short line opens as a byline does.
func startsByline(t string) bool {
	if utf8.RuneCountInString(t) > maxLead {
		return false
	}
	rest, p := words.Known().Cut(words.Byline, strings.TrimLeft(t, "(（"))
	if p == nil {
		return false
	}
	rest = strings.TrimLeft(rest, " :")
	if r, _ := utf8.DecodeRuneInString(rest); unicode.IsLower(r) && !opensWithParticle(rest) {
		return false // "By the numbers"
	}
	// A sentence may begin with these words too, but ends with a stop.
	return rest != "" && !strings.HasSuffix(t, ".") && len(strings.Fields(rest)) <= maxSigned
}

func hasWord(v, w string) bool {
	for len(v) > 0 {
		i := strings.IndexByte(v, ' ')
		word := v
		if i >= 0 {
			word, v = v[:i], v[i+1:]
		} else {
			v = ""
		}
		if page.EqualFoldASCII(word, w) {
			return true
		}
	}
	return false
}
