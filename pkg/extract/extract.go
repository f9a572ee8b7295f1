// Package extract reads an article out of the bytes of a page: the headline, the text as paragraphs, authors,
// times, agency and dateline, language, pictures, tags, and how far all that can be trusted.
//
// Invariants: Extract is a pure function of the page and the options; it does no I/O, reads no clock, and takes
// time and memory linear in the page's size, however the page is nested. The text is the page's own: white space is
// evened out, characters that steer what shows them are dropped from every field, and nothing else changes. A rule of the site file wins over the extractor's own judgement.
//
// Failure modes are outcomes, never errors: a page that is no article, holds none, or is no HTML says so in
// Result.Outcome and Result.Reason; doubts about an article are flags in its Quality.
package extract

import (
	"bytes"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/newsdate"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/page"
	"github.com/khabar-crawler/khabar/pkg/site"
)

// Version names the extractor in the documents it makes. It changes when the same page would give another document.
const Version = "2"

// Page is a page as it was fetched.
type Page struct {
	URL         string
	Body        []byte // decompressed, in the page's own encoding
	ContentType string // as sent, with its charset parameter
}

// Options say what is known beside the page. The zero value is a page of an unknown site.
type Options struct {
	Site    *site.Site // nil: an unknown site
	Now     time.Time  // when the page was fetched; relative dates need it
	Explain *Trace     // nil: no trace is kept

	without Reason // for tests: the rules that give this reason are left out
}

// Outcome is what a page turned out to be.
type Outcome string

// The outcomes of an extraction.
const (
	OutcomeArticle    Outcome = "article"
	OutcomeNotArticle Outcome = "not_article" // a section, tag or home page, a gallery index, an error page
	OutcomeEmpty      Outcome = "empty"       // no text at all
	OutcomeNotHTML    Outcome = "not_html"    // feeds, JSON, images, PDF
)

// Result is what was read.
type Result struct {
	Outcome Outcome
	Reason  outcome.Reason  // why it is no article
	Byline  []string        // whom the page names as authors, organisations among them; Article.Authors has the persons
	Article article.Article // without ids, site and fetch times, which only the crawler knows; filled as far as possible for every outcome
	Blocks  []Block         // the page's blocks in order, for a learner
	Drift   []string        // selectors of the site file that matched nothing
}

// Extract reads a page.
func Extract(p Page, o Options) Result {
	body, encoding, guessed := page.Decode(p.Body, p.ContentType)
	if notHTML(body, p.ContentType) {
		return Result{Outcome: OutcomeNotHTML, Reason: outcome.ReasonNotHTML}
	}
	o.Explain.note("encoding", encoding, "")
	var rules *ruled
	if o.Site != nil {
		if rules = applyRules(body, &o.Site.Extract); rules != nil {
			body = rules.source
		}
	}
	d := page.Parse(body)
	s := page.Split(d, opensWindow)
	m := readMeta(d, s, p.URL)
	called := ""
	if o.Site != nil {
		called = o.Site.Name
	}
	r := Result{Outcome: OutcomeArticle}
	a := &r.Article
	names := siteNames(m, called, p.URL)
	names = append(names, printedSiteNames(d, s, m)...)
	names = append(names, shortNames(names)...)

	var source string
	a.Title, source = findTitle(d, s, m, names)
	o.Explain.note("title", a.Title, source)

	known := facts{d: d, s: s, blocks: s.Blocks, title: a.Title, names: names, without: o.without}
	known.deck = comparable(m.get("og:description", "description"))
	for _, t := range []string{a.Title, m.ld.headline, cleanTitle(cleanLine(m.get("og:title")), names)} {
		if c := comparable(t); c != "" {
			known.titles = append(known.titles, c)
		}
	}
	for _, p := range m.ld.authors {
		if c := comparable(p.name); len(c) > 7 && !p.org && isPerson(p.name, names) {
			known.people = append(known.people, c)
		}
	}
	if rules != nil {
		r.Drift = rules.drift
		if rules.title != "" {
			a.Title = rules.title
			known.title = rules.title
			o.Explain.note("title", a.Title, "site file")
		}
		if rules.body {
			known.chosen = d.Marked()
		}
	}
	known.deckApart = deckApart(siteLanguage(o.Site), m, s)
	f := newScene(known, false).judge()
	if a.Text, a.Paragraphs, a.WordCount = f.text(); a.WordCount < leastWords && len(f.chosen) == 0 {
		// Next to nothing was found: a theme may call the text itself a box, an advertisement or a share bar.
		again := newScene(known, true).judge()
		text, paragraphs, words := again.text()
		if again.tells() && sharedWords(page.RunePrefix(a.Title, 200), page.RunePrefix(text, 5000)) >= aboutWords {
			f = again
			a.Text, a.Paragraphs, a.WordCount = text, paragraphs, words
		}
	}
	a.Extractor = article.Extractor{Version: Version, Method: "dom"}
	if len(f.chosen) > 0 {
		a.Extractor.Method = "rules"
		if a.Text == "" {
			r.Drift = append(r.Drift, "body: no text in "+strings.Join(o.Site.Extract.Body, ", "))
			known.chosen = nil
			f = newScene(known, false).judge()
			a.Text, a.Paragraphs, a.WordCount = f.text()
			a.Extractor.Method = "dom"
		}
	}
	if t, method := bodyElsewhere(d, m, a); t != "" && len(f.chosen) == 0 {
		a.Text, a.Extractor.Method = t, method
		a.Paragraphs, a.WordCount = strings.Count(t, "\n\n")+1, page.CountWords(t)
	}
	o.Explain.note("text", "", a.Extractor.Method)
	a.Subtitle = f.subtitle
	lang, mismatch := languageOf(a.Text, siteLanguage(o.Site), m.lang, m.ld.language, m.get("og:locale", "language", "content-language", "dc.language"))
	a.Language = lang
	o.Explain.note("language", lang, "")

	area := f.articleArea()
	by := findAuthors(d, s, m, names, area, f.byline)
	r.Byline = by.named
	if rules != nil && len(rules.authors) > 0 {
		by = byline{source: "site file"}
		for _, t := range rules.authors {
			by.add(t, names)
		}
		r.Byline = by.named
	}
	if rules != nil && rules.subtitle != "" {
		a.Subtitle = rules.subtitle
	}
	a.Authors = by.people
	o.Explain.note("authors", strings.Join(by.people, "; "), by.source)
	a.Dateline = findDateline(a.Text, names)
	a.Agency = f.agency
	if a.Agency == "" {
		a.Agency = by.agency
	}
	if a.Agency == "" && a.Dateline != nil && isAgency(a.Dateline.Agency) {
		a.Agency = a.Dateline.Agency
	}
	if place := f.placeLine(); place != "" && a.Dateline == nil {
		a.Dateline = &article.Dateline{Place: place}
	}
	if f.place != "" && a.Dateline == nil {
		a.Dateline = &article.Dateline{Place: f.place}
	}
	if by.place != "" && a.Dateline == nil {
		a.Dateline = &article.Dateline{Place: by.place}
	}

	hint := newsdate.Hint{Language: lang, Country: countryOf(o.Site, lang, p.URL), Now: o.Now}
	if o.Site != nil && o.Site.TimeZone != "" {
		if loc, err := time.LoadLocation(o.Site.TimeZone); err == nil {
			hint.Location = loc
		}
	}
	a.Country = hint.Country
	if hint.Country == "" && hint.Location == nil && !strings.Contains(lang, "-") {
		// Guesses at the zone, not worth storing.
		if hint.Country = agencyCountry(a.Agency); hint.Country == "" && lang == "ar" {
			hint.Country = countryNamed(s.Blocks)
		}
	}
	from, head, to, next := f.dateArea()
	dr := &dateReader{d: d, s: s, m: m, hint: hint, url: p.URL, from: from, head: head, to: to, next: next, root: f.root, area: area, liesInUTC: f.deckApart}
	pub, mod := dr.read()
	if rules != nil {
		for _, v := range rules.date {
			if t, ok := newsdate.ParseMachine(v, hint); ok {
				pub = stamp{t, "site file", true}
				break
			}
		}
	}
	if pub.ok {
		at := pub.At.UTC()
		if pub.Precision == article.PrecisionDay {
			at = pub.At
		}
		a.PublishedAt, a.Published = &at, pub.provenance()
		o.Explain.note("published_at", at.Format(time.RFC3339), pub.source)
	}
	if mod.ok {
		at := mod.At.UTC()
		a.ModifiedAt, a.Modified = &at, mod.provenance()
		o.Explain.note("modified_at", at.Format(time.RFC3339), mod.source)
	}

	a.CanonicalURL = m.canonical
	a.Category = m.section()
	if a.Tags = m.tags(names); len(a.Tags) == 0 {
		a.Tags = f.printedTags(names)
	}
	a.Images = findImages(d, s, f, m, p.URL)
	if rules != nil {
		if tags := ruleTags(rules.tags); len(tags) > 0 {
			a.Tags = tags
		}
	}
	if rules != nil && len(rules.images) > 0 {
		a.Images = ruleImages(rules.images, p.URL)
	}
	a.Quality.Flags = flagsOf(a, f, m, o.Now)
	if mismatch {
		a.Quality.Flags = append(a.Quality.Flags, FlagLanguage)
	}
	if len(r.Drift) > 0 {
		a.Quality.Flags = append(a.Quality.Flags, FlagDrift)
	}
	if guessed {
		a.Quality.Flags = append(a.Quality.Flags, FlagGuessed)
	}
	a.Quality.Score = score(a.Quality.Flags, f.uniform, f.density())
	a.ContentHash = article.HashContent(a.Title, a.Subtitle, a.Text)
	r.Blocks = f.fingerprints()
	o.Explain.body(f)
	r.Outcome, r.Reason = f.outcome(a, m, p.URL)
	return r
}

// notHTML says whether a body is no HTML page for certain. Where it begins as one does, it is one, whatever it is sent as.
func notHTML(body []byte, contentType string) bool {
	ct := strings.ToLower(contentType)
	start := bytes.ToLower(bytes.TrimLeft(body[:min(len(body), page.HeadLen)], "\ufeff \t\r\n"))
	if bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html")) {
		return page.IsBinary(start)
	}
	for _, t := range []string{"image/", "application/pdf", "application/json", "audio/", "video/", "font/", "application/zip", "application/rss", "application/atom", "text/css", "javascript"} {
		if strings.Contains(ct, t) {
			return true
		}
	}
	head := bytes.TrimSpace(body[:min(len(body), page.HeadLen)])
	for _, magic := range []string{"%PDF-", "\x89PNG", "GIF8", "\xff\xd8\xff", "PK\x03\x04", "{", "["} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	if bytes.HasPrefix(head, []byte("<?xml")) && !bytes.Contains(bytes.ToLower(head), []byte("<html")) {
		low := bytes.ToLower(body[:min(len(body), 4096)])
		for _, root := range []string{"<rss", "<feed", "<urlset", "<sitemapindex", "<rdf:rdf"} {
			if bytes.Contains(low, []byte(root)) {
				return true
			}
		}
	}
	return bytes.HasPrefix(head, []byte("<rss")) || bytes.HasPrefix(head, []byte("<feed")) || bytes.HasPrefix(head, []byte("<urlset")) ||
		page.IsBinary(head)
}

func siteLanguage(s *site.Site) string {
	if s == nil {
		return ""
	}
	return s.Language
}

// sharedDomains are the countries whose domains anybody takes for what they spell.
const sharedDomains = "AI CC CO FM GG IM IO LY ME TO TV WS"

// countryOf gives the country a page is printed in: the site's, that of its domain, or that of its language tag.
func countryOf(s *site.Site, lang, pageURL string) string {
	if s != nil && s.Country != "" {
		return s.Country
	}
	host := hostName(pageURL)
	if i := strings.LastIndexByte(host, '.'); i >= 0 {
		tld := strings.ToUpper(host[i+1:])
		if tld == "UK" {
			tld = "GB"
		}
		if site.IsCountry(tld) && !strings.Contains(sharedDomains, tld) {
			return tld
		}
	}
	if _, region, _ := strings.Cut(lang, "-"); lang != "en-US" && site.IsCountry(region) {
		return region
	}
	return ""
}

// deckApart says whether the page's language is one whose news print a deck that restates the text beside the text
// (Arabic, Persian, Kurdish, Urdu, Hebrew, Turkish); elsewhere the deck is the article's first paragraph.
func deckApart(known string, m *pageMeta, s *page.Parts) bool {
	sample := ""
	for k := range s.Blocks {
		if b := &s.Blocks[k]; b.Chars > 80 && b.LinkWords == 0 {
			sample += b.Text
			if len(sample) > 1500 {
				break
			}
		}
	}
	lang, _ := languageOf(sample, known, m.lang, m.ld.language, m.get("og:locale"))
	base, _, _ := strings.Cut(lang, "-")
	if base == "ku" {
		base = "kmr" // what is tagged as Kurdish in general is written in Latin letters
	}
	return words.Known().Has(words.Deck, base)
}
