package discover

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/khabar-crawler/khabar/pkg/site"
)

// step is how a listing's further page differs from the page at hand.
type step struct {
	ok    bool
	value int  // the number that differs: a page's or how many entries are before it; -1 for a cursor
	own   int  // the page's own number of that kind, 0 where it has none
	known bool // differs where page numbers, offsets and cursors are known to stand
}

// stepTo finds the one place where an address differs from the page's own: a part of the query, or a number in the path.
func (p *pageReader) stepTo(a *address) step {
	here := &p.here
	if a.host != here.host {
		return step{}
	}
	if slices.Equal(a.segments, here.segments) {
		return queryStep(here.query, a.query)
	}
	if !sameQuery(here.query, a.query) {
		return step{}
	}
	if a.page > 0 && slices.Equal(unpaged(a), unpaged(here)) {
		return step{ok: true, value: a.page, own: here.page, known: true}
	}
	return pathStep(here.segments, a.segments)
}

func unpaged(a *address) []string {
	if a.page == 0 {
		return a.segments
	}
	return a.segments[:len(a.segments)-a.paging]
}

func sameQuery(a, b url.Values) bool { return a.Encode() == b.Encode() }

// queryStep compares the queries of two addresses of one path.
func queryStep(here, there url.Values) step {
	differs := ""
	for name, values := range there {
		if !slices.Equal(values, here[name]) {
			if differs != "" || len(values) != 1 {
				return step{}
			}
			differs = name
		}
	}
	for name := range here {
		if there[name] == nil {
			return step{}
		}
	}
	if differs == "" {
		return step{}
	}
	s, low := step{ok: true, value: -1}, strings.ToLower(differs)
	x := known()
	s.known = x.has("parameter", "page", low) || x.has("parameter", "offset", low) || x.has("parameter", "cursor", low)
	if value := there.Get(differs); isNumber(value) && len(value) <= 6 && !x.has("parameter", "cursor", low) {
		s.value, s.own = small(value), small(here.Get(differs))
	}
	return s
}

// pathStep compares two paths whose last segments end in a number, as /list and /list/2, or index.html and index_2.html.
func pathStep(here, there []string) step {
	n := len(there)
	if n == 0 {
		return step{}
	}
	name, value := cutNumber(there[n-1])
	if value < 1 {
		return step{}
	}
	own, mine := 0, here
	if m := len(here); m > 0 {
		if name, value := cutNumber(here[m-1]); value > 0 {
			own, mine = value, append(slices.Clone(here[:m-1]), name)
		} else if m == n && stem(here[m-1]) == name {
			mine = append(slices.Clone(here[:m-1]), name)
		}
	}
	other := append(slices.Clone(there[:n-1]), name)
	bare := func(segments []string) []string {
		if m := len(segments); m > 0 && (segments[m-1] == "" || segments[m-1] == "index") {
			return segments[:m-1]
		}
		return segments
	}
	return step{ok: slices.Equal(bare(mine), bare(other)), value: value, own: own}
}

// cutNumber splits "index_2.html" into "index" and 2; 0 where there is no number at the end.
func cutNumber(segment string) (string, int) {
	low := stem(segment)
	name := strings.TrimRight(low, "0123456789")
	if len(low)-len(name) == 0 || len(low)-len(name) > 5 {
		return low, 0
	}
	return strings.TrimRight(name, "-_"), small(low[len(name):])
}

// nextPage finds the listing's next page: what says so itself, or the page after this one among those that differ from it
// in a number alone, or the month before this one in an archive. What is merely called "more" leads to a section as often,
// unless it stands among page numbers or differs as further pages do.
func (p *pageReader) nextPage() *candidate {
	var said, numbered *candidate
	lowest := 0
	for _, k := range p.candidates {
		s := p.stepTo(&k.address)
		k.paged = s.ok && s.known
		if p.verdict(k.url) == site.Article || s.ok && s.value >= 0 && s.value < s.own {
			continue // an article, or a page before this one
		}
		number := small(digitsOf(k.text))
		// On an article's page rel=next leads to the next article, which has a headline and no pager around it.
		if k.next && (s.ok || k.pager || k.score < articleScore) {
			return k
		}
		if said == nil && (k.called || k.classed) && (s.ok && (s.known || k.pager || k.classed) || k.pager && k.score < articleScore) {
			said = k
		}
		if !s.ok || s.value < 1 || number == 1 || number == 0 && !s.known || number > 0 && !p.isNumbered(s, number) {
			continue
		}
		if s.value > s.own && (numbered == nil || s.value < lowest) && (number > 0 || k.words <= 2) && !(s.own == 0 && number == 0 && s.value == 1) {
			numbered, lowest = k, s.value
		}
	}
	switch {
	case said != nil:
		return said
	case numbered != nil:
		return numbered
	}
	return p.earlier()
}

// isNumbered says whether a link called by a number is that page: its address has the number, or one less, or so many entries.
func (p *pageReader) isNumbered(s step, number int) bool {
	return s.value == number || s.value == number-1 || s.known && s.value >= number && s.value%(number-1) == 0
}

// earlier finds the page of the month, or the day, before this one's among those of its archive; on a page that is of no month
// it is the latest of the archive that lies under it.
func (p *pageReader) earlier() *candidate {
	own := p.here.archive()
	prefix := p.here.segments[:len(p.here.segments)-len(own)]
	var best *candidate
	for _, k := range p.candidates {
		date := k.address.archive()
		switch {
		case date == nil || k.address.host != p.here.host || !slices.Equal(k.address.segments[:len(k.address.segments)-len(date)], prefix):
			continue
		case own != nil && (len(date) != len(own) || slices.Compare(date, own) >= 0):
			continue
		}
		if best == nil || len(date) == len(best.address.archive()) && slices.Compare(date, best.address.archive()) > 0 {
			best = k
		}
	}
	return best
}

// archive is the date of an archive's page, nil for others: the date is the end of its path, a segment for each number. A word
// before the last number, as in 2026/06/page/2, says that it is none of the date.
func (a *address) archive() []int {
	n := len(a.segments) - len(a.date)
	if len(a.date) < 2 || a.dated || len(a.query) > 0 || n < 0 || slices.ContainsFunc(a.segments[n:], func(s string) bool { return len(s) > 9 }) {
		return nil
	}
	for i, s := range a.segments[n:] {
		_, isMonth := known()[wordKey{"address", "month"}][stem(s)]
		if i > 0 && !isMonth && !strings.ContainsFunc(s, unicode.IsDigit) {
			return nil
		}
	}
	return a.date
}

// digitsOf gives a text of digits of any script in Latin ones, "" for other texts.
func digitsOf(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '٠' && r <= '٩':
			b.WriteRune('0' + r - '٠')
		case r >= '۰' && r <= '۹':
			b.WriteRune('0' + r - '۰')
		case !unicode.IsSpace(r):
			return ""
		}
	}
	return b.String()
}
