package survey

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

//go:embed languages.yaml
var languagesYAML []byte

//go:embed places.yaml
var placesYAML []byte

//go:embed kinds.yaml
var kindsYAML []byte

// tongue is an entry of languages.yaml, which explains the keys.
type tongue struct {
	Code    string   `yaml:"code"`
	Same    []string `yaml:"same"`
	Country string   `yaml:"country"`
	Mostly  string   `yaml:"mostly"`
	In      []string `yaml:"in"`
	Words   []string `yaml:"words"`

	words map[string]bool
}

// country is an entry of places.yaml, which explains the keys.
type country struct {
	Code  string   `yaml:"code"`
	Phone string   `yaml:"phone"`
	Names []string `yaml:"names"`
}

// kind is an entry of kinds.yaml, which explains the keys.
type kind struct {
	Kind      string   `yaml:"kind"`
	Generator []string `yaml:"generator"`
	Type      []string `yaml:"type"`
	Markup    []string `yaml:"markup"`
	Title     []string `yaml:"title"`
	Page      []string `yaml:"page"`
	Always    bool     `yaml:"always"`
}

// tables is what the package knows of languages, places and kinds of site. It is not changed once read.
type tables struct {
	languages []tongue
	byCode    map[string]*tongue
	places    map[string]string // a place's name, as words gives it → country
	phones    map[string]string // calling code → country
	kinds     []kind
	news      []string // types of linked data
}

// readTables reads the package's tables. Its error lists all that is wrong with them, with line and column.
func readTables() (*tables, error) {
	t := &tables{byCode: map[string]*tongue{}, places: map[string]string{}, phones: map[string]string{}}
	var tongues struct {
		Languages []tongue `yaml:"languages"`
	}
	doc := yamlfile.Decode("languages.yaml", languagesYAML, &tongues)
	t.languages = tongues.Languages
	for i := range t.languages {
		l := &t.languages[i]
		at := fmt.Sprintf("languages[%d]", i)
		l.words = map[string]bool{}
		for _, w := range l.Words {
			l.words[strings.ToLower(w)] = true
		}
		for _, c := range append([]string{l.Country, l.Mostly}, l.In...) {
			if c != "" && !site.IsCountry(c) {
				doc.Add(at, "%q is no country", c)
			}
		}
		for _, code := range append([]string{l.Code}, l.Same...) {
			if _, err := language.Parse(code); err != nil || t.byCode[code] != nil {
				doc.Add(at+".code", "%q is no language, or stands twice", code)
			}
			t.byCode[code] = l
		}
	}
	if err := doc.Problems().Err(); err != nil {
		return nil, err
	}
	var countries struct {
		Countries []country `yaml:"countries"`
	}
	doc = yamlfile.Decode("places.yaml", placesYAML, &countries)
	for i, c := range countries.Countries {
		at := fmt.Sprintf("countries[%d]", i)
		if !site.IsCountry(c.Code) {
			doc.Add(at+".code", "%q is no country", c.Code)
		}
		if other := t.phones[c.Phone]; other != "" && c.Phone != "" {
			doc.Add(at+".phone", "%s is that of %s", c.Phone, other)
		}
		if c.Phone != "" {
			t.phones[c.Phone] = c.Code
		}
		for k, n := range c.Names {
			name := strings.Join(words(n), " ")
			if other := t.places[name]; name == "" || other != "" && other != c.Code {
				doc.Add(fmt.Sprintf("%s.names[%d]", at, k), "%q is no word, or stands for %s too", n, other)
			}
			t.places[name] = c.Code
		}
	}
	if err := doc.Problems().Err(); err != nil {
		return nil, err
	}
	var kinds struct {
		News  []string `yaml:"news"`
		Kinds []kind   `yaml:"kinds"`
	}
	doc = yamlfile.Decode("kinds.yaml", kindsYAML, &kinds)
	t.kinds, t.news = kinds.Kinds, kinds.News
	return t, doc.Problems().Err()
}

// countryNames adds to the names of places what the language calls each country. What a word of the language is too, as
// the names of Turkey or Chad in English, stays out by its small letter: see named.
func (t *tables) countryNames(lang string) map[string]string {
	names := map[string]string{}
	for _, l := range []string{lang, "en"} {
		tag, err := language.Parse(l)
		if err != nil {
			continue
		}
		namer := display.Regions(tag)
		if namer == nil {
			continue
		}
		for _, c := range site.Countries() {
			region, err := language.ParseRegion(c)
			if err != nil {
				continue
			}
			if n := strings.Join(words(namer.Name(region)), " "); n != "" && names[n] == "" {
				names[n] = c
			}
		}
	}
	return names
}

// words splits a text into lower-case words of letters; Arabic ones without the particles that are written on to them.
func words(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '-' && r != '.' && r != '\u200c'
	}) {
		w = strings.Trim(strings.ToLower(w), "-.")
		if w == "" || len(w) > 80 {
			continue
		}
		out = append(out, bare(w))
	}
	return out
}

// bare takes the particles and the article off an Arabic word.
func bare(w string) string {
	for _, particle := range []string{"و", "ب", "ف", "ك"} {
		if rest, ok := strings.CutPrefix(w, particle); ok && strings.HasPrefix(rest, "ال") {
			w = rest
			break
		}
	}
	if rest, ok := strings.CutPrefix(w, "لل"); ok && len(rest) > 6 {
		return rest
	}
	if rest, ok := strings.CutPrefix(w, "ال"); ok && len(rest) > 4 {
		return rest
	}
	return w
}

// kindOf says what a site is that is no news by what its home page says; "" where nothing of that kind shows.
func (t *tables) kindOf(p *seenPage, always bool) string {
	title := strings.ToLower(p.title)
	for _, k := range t.kinds {
		fits := slices.ContainsFunc(k.Title, func(s string) bool { return strings.Contains(title, s) }) ||
			slices.ContainsFunc(k.Generator, func(s string) bool { return strings.Contains(p.generator, s) }) ||
			slices.ContainsFunc(k.Type, func(s string) bool { return slices.Contains(p.types, s) }) ||
			slices.ContainsFunc(k.Markup, func(s string) bool { return strings.Contains(string(p.markup), s) })
		if fits && k.Always == always {
			return k.Kind
		}
	}
	return ""
}

// kindOfPage says what a page is that a site lists and that is no news; "" where nothing of that kind shows.
func (t *tables) kindOfPage(p *seenPage) string {
	if slices.ContainsFunc(p.types, func(s string) bool { return slices.Contains(t.news, s) }) {
		return ""
	}
	for _, k := range t.kinds {
		if slices.ContainsFunc(k.Type, func(s string) bool { return slices.Contains(p.types, s) }) ||
			slices.ContainsFunc(k.Page, func(s string) bool { return strings.Contains(string(p.markup), s) }) {
			return k.Kind
		}
	}
	return ""
}
