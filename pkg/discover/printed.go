package discover

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/newsdate"
	markup "github.com/khabar-crawler/khabar/pkg/page"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// Printed is a date that a list prints beside an article.
type Printed struct {
	At  time.Time
	Day bool // no time of day is printed
}

// Dates reads the dates that a page prints beside the articles that it lists. A date is an article's where both stand in one element
// with no other article, or where articles and dates stand in turns. What a page says of today, or beside several articles, is
// none of theirs, and a date that could be of another year, or has day and month in doubt, is none. It reads no further than Listing does.
func Dates(base string, body []byte, contentType string, articles []Link, s *site.Site, now time.Time) map[string]Printed {
	at, err := url.Parse(base)
	if err != nil {
		return nil
	}
	d := &datesReader{base: at, want: make(map[string]bool, len(articles)), hint: hintOf(s), found: make(map[string]Printed), open: []dated{{}}}
	d.hint.Now = now
	for _, l := range articles {
		if l.Kind == KindArticle {
			d.want[l.URL] = true
		}
	}
	text, _, _ := markup.Decode(body[:min(len(body), maxHTML)], contentType)
	markup.Visit(text, markup.ForLinks, d)
	d.close(0)
	return d.found
}

// Enter goes into an element.
func (d *datesReader) Enter(tree *markup.Tree, i int32) bool {
	n := &tree.Nodes[i]
	d.open = append(d.open, dated{tag: n.Tag})
	switch n.Tag {
	case atom.Template, atom.Svg, atom.Title:
		d.unseen++
	case atom.A:
		href := tree.Attr(i, markup.AttrHref)
		if canonical, err := weburl.Resolve(d.base, strings.TrimSpace(href[:min(len(href), maxValue)])); err == nil && d.want[canonical] {
			d.add(part{article: canonical})
		}
	case atom.Time:
		if at := tree.Attr(i, markup.AttrDatetime); at != "" {
			d.date(newsdate.ParseMachine(at[:min(len(at), maxPrinted)], d.hint))
		}
	}
	return true
}

// Leave ends an element.
func (d *datesReader) Leave() {
	n := len(d.open) - 1
	switch d.open[n].tag {
	case atom.Template, atom.Svg, atom.Title:
		d.unseen--
	}
	d.close(n)
}

// Text takes a run of text.
func (d *datesReader) Text(_ *markup.Node, text []byte) {
	if text = bytes.TrimSpace(text); d.unseen == 0 && len(text) > 0 && len(text) <= maxPrinted {
		d.read(string(text))
	}
}

// datesReader goes through the tags once, with a stack of what each open element holds.
type datesReader struct {
	base   *url.URL
	want   map[string]bool
	hint   newsdate.Hint
	found  map[string]Printed
	open   []dated
	unseen int // open elements that show nothing
	dates  int // read so far
}

// dated is an open element: what stands in it, in order, as far as it may still be part of a pair.
type dated struct {
	tag   atom.Atom
	parts []part
}

// part is an article, or a date.
type part struct {
	article string
	date    Printed
}

const (
	// maxParts bounds what is kept of one element: more than any list of articles and their dates.
	maxParts = 2 * MaxLinks
	// maxDates bounds the texts of a page that are read as dates.
	maxDates = 4 * MaxLinks
	// recent is how old what is dated from now on, as "3 hours ago", may be to be dated well enough.
	recent = 48 * time.Hour
	// maxPrinted is the longest text, in bytes, that is looked at for a date: weekday, date, time and a label, in any script.
	maxPrinted = 160
)

// date takes a date that was read.
func (d *datesReader) date(t newsdate.Time, ok bool) {
	if ok {
		d.add(part{date: Printed{At: t.At.UTC(), Day: t.Precision == article.PrecisionDay}})
	}
}

// add notes a part of the innermost element. An article that is linked twice in a row is one.
func (d *datesReader) add(p part) {
	e := &d.open[len(d.open)-1]
	if n := len(e.parts); n > 0 && p.article != "" && e.parts[n-1].article == p.article || n >= maxParts {
		return
	}
	e.parts = append(e.parts, p)
}

// read takes a text that is a date, for the most part.
func (d *datesReader) read(text string) {
	if strings.IndexFunc(text, unicode.IsDigit) < 0 || d.dates >= maxDates {
		return
	}
	d.dates++
	for _, f := range newsdate.Find(text, d.hint) {
		// Of day and month English alone has two orders; where no language is known either may be meant.
		clear := !f.Ambiguous || d.hint.Language != "" && !strings.HasPrefix(d.hint.Language, "en")
		certain := f.YearGiven && clear || f.Relative && d.hint.Now.Sub(f.At) < recent
		if certain && 2*(f.End-f.Start) >= len(text) && f.Label != newsdate.LabelModified {
			d.date(f.Time, true)
			return
		}
	}
}

// close ends the element at a place of the stack, and all within it.
func (d *datesReader) close(at int) {
	for n := len(d.open) - 1; n >= max(at, 1); n-- {
		left := d.pair(d.open[n].parts)
		d.open = d.open[:n]
		for _, p := range left {
			d.add(p)
		}
	}
	if at == 0 {
		d.pair(d.open[0].parts)
	}
}

// pair gives articles their dates where it is clear whose each one is, and what of the parts may still pair with what stands around
// them.
func (d *datesReader) pair(parts []part) (left []part) {
	var articles []string
	dates := 0
	for _, p := range parts {
		switch {
		case p.article == "":
			dates++
		case !slices.Contains(articles[max(0, len(articles)-8):], p.article):
			articles = append(articles, p.article)
		}
	}
	switch {
	case len(articles) == 0:
		return parts
	case dates == 0:
	case len(articles) == 1:
		i := slices.IndexFunc(parts, func(p part) bool { return p.article == "" })
		d.give(articles[0], parts[i].date)
	default:
		d.inTurns(parts)
	}
	for _, a := range articles {
		left = append(left, part{article: a})
	}
	return left
}

// inTurns pairs articles and dates that stand one after the other.
func (d *datesReader) inTurns(parts []part) {
	if len(parts)%2 != 0 {
		return
	}
	for i, p := range parts {
		if (p.article == "") == (parts[i%2].article == "") && (parts[0].article == "") != (parts[1].article == "") {
			continue
		}
		return
	}
	for i := 0; i < len(parts); i += 2 {
		a, date := parts[i], parts[i+1]
		if a.article == "" {
			a, date = date, a
		}
		d.give(a.article, date.date)
	}
}

// give notes an article's date; the first counts.
func (d *datesReader) give(article string, at Printed) {
	if _, known := d.found[article]; !known {
		d.found[article] = at
	}
}
