package discover

import (
	"fmt"
	"strings"
)

// zoneNames are the parts of a page as people call them.
var zoneNames = [zoneMeta + 1]string{
	zoneNone: "the page", zoneMain: "the main part", zoneAside: "a side column", zoneHeader: "the header", zoneNav: "a menu",
	zoneFooter: "the footer", zoneCrumbs: "breadcrumbs", zonePager: "a pager", zoneMeta: "tags or comments",
}

// evidence is what a link of a page was told by.
type evidence struct {
	score, address, words float64
	shape                 string
	zone                  zone
	heading               bool
	past                  string
}

func (k *candidate) evidence() *evidence {
	return &evidence{score: k.score, address: k.address.score, words: k.words, shape: k.address.shape, zone: k.best(), heading: k.heading, past: k.past}
}

// String says for people why the link was left out.
func (o Other) String() string {
	switch {
	case o.Past != "":
		return o.Why.String() + ": " + o.Past
	case o.told != nil:
		return o.Why.String() + ": " + o.told.String()
	}
	return o.Why.String()
}

// Why says for people what a page's link was told by: how much speaks for an article, and what of it. It is "" where the
// document itself says what its entries are.
func (l Link) Why() string {
	if l.told == nil {
		return ""
	}
	return l.told.String()
}

// String is how much speaks for an article, and what of it.
func (e *evidence) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%+.1f: address %+.1f (%s), %g words in %s", e.score, e.address, e.shape, e.words, zoneNames[e.zone])
	if e.heading {
		b.WriteString(", in a heading")
	}
	if e.past != "" {
		b.WriteString("; " + e.past)
	}
	return b.String()
}
