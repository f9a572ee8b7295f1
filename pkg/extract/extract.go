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
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/page"
	"github.com/khabar-crawler/khabar/pkg/site"
)

// Version names the extractor in the documents it makes. It changes when the same page would give another document.
const Version = "3"

// Page is a page as it was fetched.
type Page struct {
	URL         string
	Body        []byte // decompressed, in the page's own encoding
	ContentType string // as sent, with its charset parameter
}

// Options say what is known beside the page. The zero value is a page of an unknown site.
type Options struct {
	Site     *site.Site // nil: an unknown site
	Now      time.Time  // when the page was fetched; relative dates need it
	Headline string     // by which a feed or sitemap lists the page; "": none does
	Explain  *Trace     // nil: no trace is kept

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
	x := &extraction{page: p, Options: o}
	if !x.read() {
		return Result{Outcome: OutcomeNotHTML, Reason: outcome.ReasonNotHTML}
	}
	x.headline()
	x.body()
	x.language()
	x.authors()
	x.dateline()
	x.dates()
	x.details()
	x.assess()
	return x.Result
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

// sharedDomains are the countries whose domains anybody takes for what they spell.
const sharedDomains = "AI CC CO FM GG IM IO LY ME TO TV WS"

// countryOf gives the country a page is printed in where its site does not say: that of its domain, or of its language tag.
func countryOf(lang, pageURL string) string {
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

// deckSample is how many characters tell the language for the deck: with what the page claims, two sentences are enough.
const deckSample = 160

// deckApart says whether the page's language is one whose news print a deck that restates the text beside the text
// (Arabic, Persian, Kurdish, Urdu, Hebrew, Turkish); elsewhere the deck is the article's first paragraph.
func deckApart(known string, m *pageMeta, s *page.Parts) bool {
	sample := ""
	for k := range s.Blocks {
		if b := &s.Blocks[k]; b.Chars > 80 && b.LinkWords == 0 {
			sample += b.Text
			if len(sample) >= deckSample*utf8.UTFMax {
				break
			}
		}
	}
	lang, _ := languageOf(page.RunePrefix(sample, deckSample), known, m.lang, m.ld.language, m.get("og:locale"))
	base, _, _ := strings.Cut(lang, "-")
	if base == "ku" {
		base = "kmr" // what is tagged as Kurdish in general is written in Latin letters
	}
	return words.Known().Has(words.Deck, base)
}
