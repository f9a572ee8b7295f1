package extract

import (
	"cmp"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/newsdate"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// extraction is a page on its way to an article. Each stage reads what those before it made, and fills fields of the result.
type extraction struct {
	Options
	Result
	page     Page
	guessed  bool // the encoding
	wishes   wishes
	d        *page.Tree
	s        *page.Parts
	m        *pageMeta
	names    []string // what the site is called
	title    string   // the headline as the page has it
	found    *finding // the body
	cards    *cards   // those of other articles in it
	mismatch bool     // the text is not in the language that the page claims
	by       byline
}

// read makes a tree of the page and reads what it tells machines; false where it is no HTML.
func (x *extraction) read() bool {
	body, encoding, guessed := page.Decode(x.page.Body, x.page.ContentType)
	if notHTML(body, x.page.ContentType) {
		return false
	}
	x.guessed = guessed
	x.Explain.note("encoding", encoding, "")
	x.wishes, body = wishesOf(x.Site, body)
	x.Drift = x.wishes.drift
	x.d = page.Parse(body)
	x.s = page.Split(x.d, opensWindow)
	x.m = readMeta(x.d, x.s, x.page.URL)
	x.names = siteNames(x.m, x.wishes.name, x.page.URL)
	x.names = append(x.names, printedSiteNames(x.d, x.s, x.m)...)
	x.names = append(x.names, shortNames(x.names)...)
	return true
}

// headline finds the title.
func (x *extraction) headline() {
	a := &x.Article
	title, source := findTitle(x.d, x.s, x.m, x.names)
	x.title, a.Title = title, title
	x.Explain.note("title", title, source)
	x.wishes.layTitle(a, x.Explain)
}

// facts gathers what is known before the body is looked for.
func (x *extraction) facts() facts {
	known := facts{d: x.d, s: x.s, blocks: x.s.Blocks, title: x.Article.Title, names: x.names, url: x.page.URL, without: x.without}
	known.deck = comparable(x.m.get("og:description", "description"))
	for _, t := range []string{x.title, x.m.ld.headline, cleanTitle(cleanLine(x.m.get("og:title")), x.names)} {
		if c := comparable(t); c != "" {
			known.titles = append(known.titles, c)
		}
	}
	known.told = x.m.ld.others
	for _, p := range x.m.ld.authors {
		if c := comparable(turned(p.name)); len(c) >= leastName && !p.org && isPerson(p.name, x.names) {
			known.people = append(known.people, c)
		}
	}
	if x.wishes.body {
		known.chosen = x.d.Marked()
	}
	known.deckApart = deckApart(x.wishes.language, x.m, x.s)
	known.unfolded()
	return known
}

// leastName is how long a name is, in bytes of letters, that no other words hold by chance.
const leastName = 8

// body finds the text.
func (x *extraction) body() {
	known := x.facts()
	x.take(newScene(known, false).judge(), "dom")
	a := &x.Article
	switch {
	case len(known.chosen) == 0 && a.WordCount < leastWords:
		// Next to nothing was found: a theme may call the text itself a box, an advertisement or a share bar.
		again := newScene(known, true).judge()
		text, _, _ := again.text()
		if again.tells() && sharedWords(page.RunePrefix(a.Title, 200), page.RunePrefix(text, 5000)) >= aboutWords {
			x.take(again, "dom")
		}
	case len(known.chosen) > 0 && a.Text != "":
		a.Extractor.Method = "rules"
	case len(known.chosen) > 0:
		x.Drift = append(x.Drift, "body: no text in "+strings.Join(x.wishes.bodies, ", "))
		known.chosen = nil
		x.take(newScene(known, false).judge(), "dom")
	}
	if text, method := bodyElsewhere(x.d, x.m, a); text != "" && len(x.found.chosen) == 0 {
		a.Text, a.Extractor.Method = text, method
		a.Paragraphs, a.WordCount = strings.Count(text, "\n\n")+1, page.CountWords(text)
	}
	x.Explain.note("text", "", a.Extractor.Method)
	a.Subtitle = x.found.subtitle
	x.wishes.laySubtitle(a)
}

// take takes a finding for the article's body.
func (x *extraction) take(f *finding, method string) {
	a := &x.Article
	x.found = f
	x.cards = newCards(f)
	var label string
	label, f.broken = f.breaksOff()
	a.Text, a.Paragraphs, a.WordCount = f.text()
	if rest, cut := strings.CutSuffix(strings.TrimRight(a.Text, restClosers), label); cut && label != "" {
		a.Text, a.WordCount = strings.TrimRight(rest, " [("), a.WordCount-page.CountWords(label)
	}
	a.Extractor = article.Extractor{Version: Version, Method: method}
}

// language tells the text's language, and where it is printed.
func (x *extraction) language() {
	a, m := &x.Article, x.m
	a.Language, x.mismatch = languageOf(a.Text, x.wishes.language, m.lang, m.ld.language, m.get("og:locale", "language", "content-language", "dc.language"))
	a.Country = cmp.Or(x.wishes.country, countryOf(a.Language, x.page.URL))
	x.Explain.note("language", a.Language, "")
}

// authors reads the byline.
func (x *extraction) authors() {
	x.by = x.wishes.layByline(findAuthors(x.m, x.names, x.found, x.cards), x.names)
	x.Byline = x.by.named
	x.Article.Authors = x.by.people
	x.Explain.note("authors", strings.Join(x.by.people, "; "), x.by.source)
}

// dateline reads the place that the article is from, and the agency.
func (x *extraction) dateline() {
	a, f := &x.Article, x.found
	a.Dateline = findDateline(a.Text, x.names)
	a.Agency = f.agency
	if a.Agency == "" {
		a.Agency = x.by.agency
	}
	if a.Agency == "" && a.Dateline != nil && isAgency(a.Dateline.Agency) {
		a.Agency = a.Dateline.Agency
	}
	for _, place := range []string{f.placeLine(), f.place, x.by.place} {
		if a.Dateline == nil && place != "" && !isSiteName(place, x.names) && !isAgency(place) {
			a.Dateline = &article.Dateline{Place: place}
		}
	}
}

// hint says how to read the page's dates.
func (x *extraction) hint() newsdate.Hint {
	a := &x.Article
	hint := newsdate.Hint{Language: a.Language, Country: a.Country, Now: x.Now, Location: x.wishes.zone}
	if hint.Country == "" && hint.Location == nil && !strings.Contains(a.Language, "-") {
		// Guesses at the zone, not worth storing.
		if hint.Country = agencyCountry(a.Agency); hint.Country == "" && newsdate.ZoneFor("", a.Language) == nil {
			hint.Country, hint.Location = x.printedWhere()
		}
	}
	return hint
}

// dates reads when the article was published and changed.
func (x *extraction) dates() {
	a, f, hint := &x.Article, x.found, x.hint()
	r := &dateReader{d: x.d, s: x.s, m: x.m, hint: hint, url: x.page.URL, root: f.root, area: f.articleArea(), cards: x.cards, liesInUTC: f.deckApart}
	r.from, r.head, r.to, r.next = f.dateArea()
	r.header = r.ownHeader()
	published, modified := r.read()
	if claim := normalLanguage(x.m.lang); !published.ok && x.mismatch && claim != "" {
		// A template prints dates in its own language, whatever its texts are in.
		r.hint.Language = claim
		published, modified = r.read()
	}
	published = x.wishes.layDate(published, hint)
	if published.ok {
		at := published.At.UTC()
		if published.Precision == article.PrecisionDay {
			at = published.At
		}
		a.PublishedAt, a.Published = &at, published.provenance()
		x.Explain.note("published_at", at.Format(time.RFC3339), published.source)
	}
	if modified.ok {
		at := modified.At.UTC()
		a.ModifiedAt, a.Modified = &at, modified.provenance()
		x.Explain.note("modified_at", at.Format(time.RFC3339), modified.source)
	}
}

// details reads what else the page says of its article: address, section, topics and pictures.
func (x *extraction) details() {
	a := &x.Article
	a.CanonicalURL = x.m.canonical
	a.Category = x.m.section()
	if a.Tags = x.m.tags(a.Title, a.Text, x.names); len(a.Tags) == 0 {
		a.Tags = x.found.printedTags(x.names)
	}
	a.Images = findImages(x.d, x.s, x.found, x.m, x.page.URL)
	x.wishes.layDetails(a, x.page.URL)
}

// assess says how far the article can be trusted, and whether it is one.
func (x *extraction) assess() {
	a, f := &x.Article, x.found
	a.Quality.Flags = flagsOf(a, f, x.m, x.Now)
	for _, doubt := range []struct {
		on   bool
		flag string
	}{{x.mismatch, FlagLanguage}, {len(x.Drift) > 0, FlagDrift}, {x.guessed, FlagGuessed}} {
		if doubt.on {
			a.Quality.Flags = append(a.Quality.Flags, doubt.flag)
		}
	}
	a.Quality.Score = score(a.Quality.Flags, f.uniform, f.density())
	a.ContentHash = article.HashContent(a.Title, a.Subtitle, a.Text)
	x.Blocks = f.fingerprints()
	x.Explain.body(f)
	x.Outcome, x.Reason = x.outcome()
	x.kind()
	x.doubt()
}
