package fetch

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	nethtml "golang.org/x/net/html"

	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

//go:embed walls.yaml
var wallsYAML []byte

// maxWall is the longest body that is looked into for a wall, beyond its title: walls have a few lines of text and a
// script, where news pages have hundreds of kilobytes.
const maxWall = 64 << 10

// maxEvidence bounds each piece of evidence in an error's text.
const maxEvidence = 120

// wall is an entry of walls.yaml, which explains the keys.
type wall struct {
	By        string         `yaml:"by"`
	Reason    outcome.Reason `yaml:"reason"`
	Source    string         `yaml:"source"`
	Status    []int          `yaml:"status"`
	Header    []string       `yaml:"header"`
	Address   []string       `yaml:"address"`
	Elsewhere bool           `yaml:"elsewhere"`
	Title     []string       `yaml:"title"`
	Markup    []string       `yaml:"markup"`
	Text      []string       `yaml:"text"`
	Short     int            `yaml:"short"`

	headers   []headerPattern
	addresses []*regexp.Regexp
	titles    []*regexp.Regexp
}

type headerPattern struct {
	name  string // canonical
	value *regexp.Regexp
}

// readWalls reads walls.yaml or what is written like it. Its error lists all that is wrong, with line and column.
func readWalls(file string, data []byte) ([]wall, error) {
	var into struct {
		Walls []wall `yaml:"walls"`
	}
	doc := yamlfile.Decode(file, data, &into)
	for i := range into.Walls {
		into.Walls[i].prepare(doc, fmt.Sprintf("walls[%d]", i))
	}
	return into.Walls, doc.Problems().Err()
}

// prepare compiles the entry's expressions and reports what is wrong with it.
func (w *wall) prepare(doc *yamlfile.Document, path string) {
	for key, v := range map[string]string{"by": w.By, "source": w.Source} {
		if v == "" {
			doc.Add(path+"."+key, "is missing")
		}
	}
	switch w.Reason {
	case outcome.ReasonChallenge, outcome.ReasonForbidden, outcome.ReasonConsent:
	default:
		doc.Add(path+".reason", "must be challenge, forbidden or consent")
	}
	if len(w.Header)+len(w.Address)+len(w.Title)+len(w.Markup) == 0 {
		doc.Add(path, "needs a header, address, title or markup")
	}
	if w.Short < 0 || w.Short == 0 && len(w.Markup) > 0 {
		doc.Add(path+".short", "must be positive, and be there with markup: a page that shows much is no wall")
	}
	for i, h := range w.Header {
		at := fmt.Sprintf("%s.header[%d]", path, i)
		name, value, ok := strings.Cut(h, ":")
		if !ok || strings.TrimSpace(name) == "" {
			doc.Add(at, `must be "Name: expression"`)
			continue
		}
		if re := compile(doc, at, strings.TrimSpace(value)); re != nil {
			w.headers = append(w.headers, headerPattern{http.CanonicalHeaderKey(strings.TrimSpace(name)), re})
		}
	}
	for i, s := range w.Address {
		if re := compile(doc, fmt.Sprintf("%s.address[%d]", path, i), s); re != nil {
			w.addresses = append(w.addresses, re)
		}
	}
	for i, s := range w.Title {
		if re := compile(doc, fmt.Sprintf("%s.title[%d]", path, i), s); re != nil {
			w.titles = append(w.titles, re)
		}
	}
	for i, s := range w.Text {
		if s != strings.ToLower(s) {
			doc.Add(fmt.Sprintf("%s.text[%d]", path, i), "must be in lower case")
		}
	}
}

// compile gives nil for what is no expression, and reports it.
func compile(doc *yamlfile.Document, path, expression string) *regexp.Regexp {
	re, err := regexp.Compile("(?i)" + expression)
	switch {
	case expression == "":
		doc.Add(path, "is empty, which fits everything")
	case err != nil:
		doc.Add(path, "%v", err)
	default:
		return re
	}
	return nil
}

// answer is what a wall is recognised by.
type answer struct {
	asked  *url.URL // the page's address
	url    *url.URL // where the answer came from, after redirects, or would come from
	status int
	header http.Header
	body   []byte // of an answer that is no page its beginning, as far as it could be read

	head, seen *sight // what was read of the body so far: the title, all
}

// wallOf finds the wall that an answer is; nil if it is none.
func wallOf(walls []wall, a *answer) *blockedError {
	for i := range walls {
		if evidence := walls[i].fits(a); evidence != nil {
			return &blockedError{reason: walls[i].Reason, by: walls[i].By, evidence: strings.Join(evidence, ", ")}
		}
	}
	return nil
}

// fits gives the evidence for the wall, nil where one of its conditions does not hold. What costs most is looked at last.
func (w *wall) fits(a *answer) []string {
	if len(w.Status) > 0 && !slices.Contains(w.Status, a.status) || w.Elsewhere && a.url.Path == a.asked.Path {
		return nil
	}
	evidence := []string{}
	for _, condition := range []condition{
		{"header", len(w.headers) > 0, func() string { return a.headerLike(w.headers) }},
		{"redirect to", len(w.addresses) > 0, func() string { return a.addressLike(w.addresses) }},
		{"title", len(w.titles) > 0, func() string { return like(w.titles, a.title()) }},
		{"", w.Short > 0, func() string { return a.shorterThan(w.Short) }}, // before the markup: few pages are
		{"markup", len(w.Markup) > 0, func() string { return oneIn(w.Markup, a.sight().markup) }},
		{"text", len(w.Text) > 0, func() string { return oneIn(w.Text, a.sight().text) }},
	} {
		if !condition.set {
			continue
		}
		found := condition.find()
		if found == "" {
			return nil
		}
		if condition.name == "" {
			continue
		}
		if len(found) > maxEvidence {
			found = strings.ToValidUTF8(found[:maxEvidence], "") + "…"
		}
		evidence = append(evidence, fmt.Sprintf("%s %q", condition.name, found))
	}
	return evidence
}

// condition is a key of an entry.
type condition struct {
	name string // in the evidence; "": it is none
	set  bool
	find func() string // what fits; "": nothing does
}

func (a *answer) shorterThan(most int) string {
	if len(a.body) > maxWall || utf8.RuneCountInString(a.sight().text) > most {
		return ""
	}
	return "short"
}

func (a *answer) headerLike(patterns []headerPattern) string {
	for _, p := range patterns {
		for _, v := range a.header[p.name] {
			if p.value.MatchString(v) {
				return p.name + ": " + v
			}
		}
	}
	return ""
}

// addressLike says where the page redirected to if that, and not the page's own address, is like one of the patterns.
func (a *answer) addressLike(patterns []*regexp.Regexp) string {
	if like(patterns, place(a.url)) == "" || like(patterns, place(a.asked)) != "" {
		return ""
	}
	return a.url.String()
}

// place is the part of a URL that says what it is: host and path.
func place(u *url.URL) string { return strings.ToLower(u.Host + u.Path) }

func like(patterns []*regexp.Regexp, s string) string {
	for _, re := range patterns {
		if s != "" && re.MatchString(s) {
			return s
		}
	}
	return ""
}

func oneIn(texts []string, s string) string {
	for _, t := range texts {
		if strings.Contains(s, t) {
			return t
		}
	}
	return ""
}

func (a *answer) start() []byte { return a.body[:min(len(a.body), maxWall)] }

// title is the page's title, without reading the page beyond it.
func (a *answer) title() string {
	if a.seen != nil {
		return a.seen.title
	}
	if a.head == nil {
		a.head = readSight(a.start(), true)
	}
	return a.head.title
}

// says is what the answer is called, or else how its text begins.
func (a *answer) says() string {
	if t := a.title(); t != "" || hasPage(a.status) {
		return t
	}
	return a.sight().text
}

func (a *answer) sight() *sight {
	if a.seen == nil {
		a.seen = readSight(a.start(), false)
	}
	return a.seen
}

// sight is a page as far as walls are told by it.
type sight struct {
	title  string // white space evened out
	markup string // its tags and scripts, as written
	text   string // what readers see, in lower case, white space evened out
}

// readSight reads a page, or its title alone.
func readSight(page []byte, titleAlone bool) *sight {
	var title, markup, text strings.Builder
	z := nethtml.NewTokenizer(bytes.NewReader(page))
	z.AllowCDATA(true) // what a feed quotes of other pages is text
	within := ""       // the element whose content is no text: title, script …
	for {
		switch z.Next() {
		case nethtml.ErrorToken:
			return &sight{title: even(title.String()), markup: markup.String(), text: strings.ToLower(even(text.String()))}
		case nethtml.StartTagToken, nethtml.SelfClosingTagToken:
			markup.Write(z.Raw())
			name, _ := z.TagName()
			switch string(name) {
			case "title", "script", "style", "template":
				within = string(name)
			case "body":
				if titleAlone {
					return &sight{title: even(title.String())}
				}
			}
		case nethtml.EndTagToken:
			name, _ := z.TagName()
			if string(name) != within {
				continue
			}
			if within == "title" && titleAlone {
				return &sight{title: even(title.String())}
			}
			within = ""
		case nethtml.TextToken:
			switch within {
			case "title":
				title.Write(z.Text())
			case "script":
				markup.Write(z.Raw())
			case "":
				text.Write(z.Text())
				text.WriteByte(' ')
			}
		}
	}
}

func even(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ") }

// blockedError is a refusal with its evidence. It wraps ErrBlocked.
type blockedError struct {
	reason   outcome.Reason
	by       string // "": the site itself
	evidence string
}

func (e *blockedError) Error() string {
	if e.by == "" {
		return fmt.Sprintf("%v: %s", ErrBlocked, e.evidence)
	}
	return fmt.Sprintf("%v by %s: %s", ErrBlocked, e.by, e.evidence)
}
func (e *blockedError) Unwrap() error { return ErrBlocked }
