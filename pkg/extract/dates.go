package extract

import (
	"strings"
	"time"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/newsdate"
	"github.com/khabar-crawler/khabar/pkg/page"
)

// dateReader chooses the article's times among what the page offers.
type dateReader struct {
	d         *page.Tree
	s         *page.Parts
	m         *pageMeta
	hint      newsdate.Hint
	url       string
	from      int // blocks in which a printed date is the article's own
	head      int // the headline
	to        int
	next      int              // the text behind a deck
	root      int32            // the text's container
	liesInUTC bool             // the press of the language often marks local time as UTC
	area      func(int32) bool // whether a node belongs to the article
	cards     *cards
	header    int32 // the article's own header, -1 where it has none
}

// stamp is a time with where it was read.
type stamp struct {
	newsdate.Time
	source string
	ok     bool
}

func (s stamp) provenance() *article.Provenance {
	return &article.Provenance{Source: s.source, Precision: s.Precision, Zone: s.Zone}
}

// read gives the publication and the last modification.
func (r *dateReader) read() (published, modified stamp) {
	told := r.told()
	published = r.zoned(told)
	if other := r.disagreeing(published); other.ok {
		// Two values for machines: the one that is printed wins.
		if p := r.printed(); p.ok && p.Precision != article.PrecisionDay && p.At.Truncate(time.Minute).Equal(other.At.Truncate(time.Minute)) {
			published = other
		}
	}
	if r.needPrinted(published) {
		if p := r.printed(); p.ok {
			published = r.reconcile(published, p)
		}
	}
	for _, source := range []func(*dateReader) stamp{(*dateReader).addressed, (*dateReader).apart, (*dateReader).leading} {
		if !published.ok {
			published = source(r)
		}
	}
	modified = r.changed(told, published)
	if !published.ok && modified.ok {
		published = modified
		published.source += " (modified)"
	}
	if modified.ok && published.ok && modified.At.Before(published.At) {
		modified = stamp{}
	}
	return published, modified
}

// changed gives the last modification. A clock that was wrong about the publication is as wrong about the change; else the
// change is weighed against what is printed of it.
func (r *dateReader) changed(told, published stamp) stamp {
	modified := r.machine(r.m.ld.modified, "json-ld")
	if !modified.ok {
		modified = r.machineKeys(metaModified)
	}
	if told.ok && modified.ok && told.Precision != article.PrecisionDay && modified.Precision != article.PrecisionDay {
		_, off := told.At.Zone()
		_, same := modified.At.Zone()
		if shift := published.At.Sub(told.At); shift != 0 && off == same {
			modified.At = modified.At.Add(shift).In(published.At.Location())
			modified.Zone, modified.ZoneGiven = published.Zone, published.ZoneGiven
			modified.source += ", shifted as the publication"
			return modified
		}
	}
	if p := r.printedChange(); p.ok && r.needPrinted(modified) {
		return r.reconcile(modified, p)
	}
	return modified
}

// printedChange reads a date that is labelled as that of the last change, near the headline.
func (r *dateReader) printedChange() stamp {
	for k := r.from; k < r.next && k < len(r.s.Blocks); k++ {
		b := &r.s.Blocks[k]
		if !r.mayDate(b, traitsNoDate) {
			continue
		}
		for _, f := range newsdate.Find(b.Text, r.hint) {
			if f.Label == newsdate.LabelModified && f.YearGiven && !f.Relative {
				return stamp{f.Time, "text", true}
			}
		}
	}
	return stamp{}
}

// zoned gives a time that machines were told in UTC the zone of another such value that reads the same, where local time is
// often marked as UTC: who knows the zone knows the time.
func (r *dateReader) zoned(published stamp) stamp {
	if !r.liesInUTC || !published.ok || published.Precision == article.PrecisionDay || !published.ZoneGiven || !utcZone(published.At) {
		return published
	}
	for _, other := range []stamp{r.machineKeys(metaPublished), r.machine(r.m.ld.published, "json-ld"), r.timeElements()} {
		if other.ok && other.ZoneGiven && other.Precision != article.PrecisionDay && !utcZone(other.At) &&
			other.At.Format(clockFormat) == published.At.Format(clockFormat) {
			return other
		}
	}
	return published
}

// told gives the publication as the page tells it machines.
func (r *dateReader) told() stamp {
	published := r.machine(r.m.ld.published, "json-ld")
	if !published.ok {
		published = r.machineKeys(metaPublished, metaIssued)
	}
	if !published.ok || published.Precision == article.PrecisionDay {
		if t := r.timeElements(); t.ok && (!published.ok || sameDay(t.At, published.At)) {
			published = t
		}
	}
	if !published.ok || published.Precision == article.PrecisionDay || published.Relative {
		if t := r.stamps(); t.ok && (!published.ok || published.Relative || sameDay(t.At, published.At)) {
			published = t
		}
	}
	if !published.ok {
		published = r.machine(r.m.ld.created, "json-ld dateCreated")
	}
	return published
}

// fromAddress is the source of a date that only the page's address has.
const fromAddress = "url"

// addressed reads the date in the page's address.
func (r *dateReader) addressed() stamp {
	t, ok := newsdate.FromURL(r.url, r.hint)
	return stamp{t, fromAddress, ok}
}

// maxDisagree is how far two times of one publication lie apart: offsets applied twice or not at all make up to this;
// more is another event, such as the last update of a live page.
const maxDisagree = 4 * time.Hour

// disagreeing gives the time of the meta elements, where it differs from the one chosen.
func (r *dateReader) disagreeing(published stamp) stamp {
	if !published.ok || published.source != "json-ld" || published.Precision == article.PrecisionDay {
		return stamp{}
	}
	other := r.machineKeys(metaPublished)
	if !other.ok || other.Precision == article.PrecisionDay || !other.ZoneGiven {
		return stamp{}
	}
	if d := other.At.Sub(published.At).Abs(); d < time.Minute || d > maxDisagree {
		return stamp{}
	}
	return other
}

// needPrinted: a printed date is looked for where machines were told none, only a day, or a time in UTC, which pages
// that mean local time often claim. Where that is usual, the clock of other zones may be UTC's, too.
func (r *dateReader) needPrinted(p stamp) bool {
	return !p.ok || p.Precision == article.PrecisionDay || p.ZoneGiven && (r.liesInUTC || utcZone(p.At))
}

func utcZone(t time.Time) bool {
	_, off := t.Zone()
	return off == 0
}

func sameDay(a, b time.Time) bool { return a.Format(time.DateOnly) == b.Format(time.DateOnly) }

// reconcile weighs a machine's time against the printed one.
func (r *dateReader) reconcile(m, p stamp) stamp {
	if !m.ok {
		return p
	}
	if p.Precision == article.PrecisionDay || p.Relative {
		return m
	}
	if m.Precision == article.PrecisionDay {
		if sameDay(m.At, p.At) {
			return p
		}
		return m
	}
	if !r.liesInUTC || p.ZoneGiven || utcZone(p.At) {
		return m
	}
	// Local time marked as UTC: the clocks read the same. Or the offset was added and not taken off. Either way the
	// two differ by whole hours, and what is printed is what the editors saw.
	diff := m.At.Truncate(time.Minute).Sub(p.At.Truncate(time.Minute))
	if _, off := m.At.Zone(); off != 0 {
		// Marked as local time: the offset was taken off, or added once more.
		if diff.Abs() == (time.Duration(off)*time.Second).Abs() && diff != 0 {
			return p
		}
		return m
	}
	if diff != 0 && diff.Abs() < 15*time.Hour && diff%time.Hour == 0 {
		if _, off := p.At.Zone(); m.At.Format(clockFormat) == p.At.Format(clockFormat) && off != 0 {
			// The seconds are the machine's.
			at := m.At
			m.At = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), p.At.Location())
			m.Zone, m.ZoneGiven = p.Zone, false
			m.source += ", zone as printed"
			return m
		}
		return p
	}
	return m
}

const clockFormat = "2006-01-02T15:04"

func (r *dateReader) machine(v, source string) stamp {
	if v = strings.TrimSpace(v); v == "" {
		return stamp{}
	}
	t, ok := newsdate.ParseMachine(v, r.hint)
	return stamp{t, source, ok}
}

// machineKeys reads the first of the meta elements of some kinds that has a time; one that has a day where none does, or the times are of
// another day.
func (r *dateReader) machineKeys(kinds ...string) stamp {
	var keys []string
	for _, kind := range kinds {
		keys = append(keys, metaNames()[kind]...)
	}
	var day stamp
	for _, k := range keys {
		for i := range r.m.pairs {
			p := &r.m.pairs[i]
			if !sameKey(p.key, k) {
				continue
			}
			switch s := r.machine(p.value, "meta "+k); {
			case !s.ok:
			case s.Precision == article.PrecisionDay:
				if !day.ok {
					day = s
				}
			case day.ok && !sameDay(day.At, s.At):
				return day
			default:
				return s
			}
		}
	}
	return day
}

// timeElements reads the first <time> near the headline, or the one that the page marks as publication.
func (r *dateReader) timeElements() stamp {
	var first stamp
	for _, i := range r.s.Times {
		marked := hasWord(r.d.Attr(i, page.AttrItemprop), "datePublished") || r.d.Has(i, page.AttrName)
		if !marked && (first.ok || !r.owns(i)) {
			continue
		}
		s := r.timeElement(i)
		if s.ok && marked {
			return s
		}
		if s.ok {
			first = s
		}
	}
	return first
}

// owns says whether a <time> may be the article's own, and neither another article's, nor a reader's, nor of a change.
func (r *dateReader) owns(i int32) bool {
	return r.area(i) && !hasWord(r.d.Attr(i, page.AttrItemprop), "dateModified") && r.around(i)&(page.TraitRelated|page.TraitComment) == 0 &&
		!r.cards.hold(i)
}

func (r *dateReader) timeElement(i int32) stamp {
	v := r.d.Attr(i, page.AttrDatetime)
	if v != "" {
		return r.machine(v, "time")
	}
	t, ok := newsdate.Parse(page.TextOf(r.d, i), r.hint)
	return stamp{t, "time", ok}
}

// stamps reads the first time for machines in an attribute of an element that is no <time>: one that microdata marks as the
// publication, or that is called a date and stands in the article.
func (r *dateReader) stamps() stamp {
	var first stamp
	for _, i := range r.s.Stamps {
		marked := hasWord(r.d.Attr(i, page.AttrItemprop), "datePublished")
		if !r.owns(i) || !marked && (first.ok || !r.callsDate(i)) {
			continue
		}
		s := r.attribute(i)
		if s.ok && marked {
			return s
		}
		if s.ok {
			first = s
		}
	}
	return first
}

// callsDate says whether an element is called the date of publication by its name or by that of the one around it, or shows
// a date, or is made for one: an <abbr>, whose title is what its text stands for, and what has a datetime but marks edits.
func (r *dateReader) callsDate(i int32) bool {
	for _, at := range []int32{i, r.d.Parent(i)} {
		if c := words.Fold(r.d.Attr(at, page.AttrClass)); strings.Contains(c, "modified") || strings.Contains(c, "updated") && !strings.Contains(c, "published") {
			return false
		}
	}
	switch tag := r.d.Nodes[i].Tag; {
	case tag == atom.Ins || tag == atom.Del:
		return false
	case tag == atom.Abbr || r.d.Has(i, page.AttrDatetime) || (r.d.Traits(i)|r.d.Traits(r.d.Parent(i)))&page.TraitDate != 0:
		return true
	case r.d.Nodes[i].End-i > maxShown:
		return false
	}
	_, shown := newsdate.Parse(page.TextOf(r.d, i), r.hint)
	return shown
}

// maxShown is how many nodes an element has at the most that shows nothing but a date: an icon, a weekday, a time.
const maxShown = 12

// attribute reads an element's attributes, the plainest first.
func (r *dateReader) attribute(i int32) stamp {
	for _, key := range []page.AttrKey{page.AttrDatetime, page.AttrContent, page.AttrDataTime, page.AttrTitle} {
		if s := r.machine(r.d.Attr(i, key), "attribute"); s.ok && s.YearGiven && !s.Relative {
			return s
		}
	}
	return stamp{}
}

// printed reads the date in the text between the headline and the first paragraph, or a little above the headline,
// where the page's header with today's date is not looked at.
func (r *dateReader) printed() stamp {
	for _, whole := range []bool{true, false} {
		if s := r.printedIn(r.head, r.to, 0, whole); s.ok {
			return s
		}
		if s := r.printedIn(r.from, r.head, page.TraitHeader|page.TraitNav|page.TraitAside|page.TraitRelated, whole); s.ok {
			return s
		}
		if s := r.printedIn(r.to, r.next, traitsNoDate, whole); s.ok {
			return s
		}
	}
	return stamp{}
}

// traitsNoDate are what holds dates of other things beside the text.
const traitsNoDate = page.TraitRelated | page.TraitNav | page.TraitEmbed | page.TraitComment | page.TraitCaption | page.TraitMedia | page.TraitAd

// maxPartial is how many words may stand around a date without a year: in a sentence it is when something happened.
const maxPartial = 8

// printedIn reads the first date of some blocks; a whole one has its year.
func (r *dateReader) printedIn(from, to int, not page.Trait, whole bool) stamp {
	var day stamp
	for k := from; k < to && k < len(r.s.Blocks); k++ {
		b := &r.s.Blocks[k]
		if !r.mayDate(b, not) {
			continue
		}
		t, ok := newsdate.Parse(b.Text, r.hint)
		if !ok || whole != (t.YearGiven || t.Relative) || !whole && b.Words > maxPartial {
			continue
		}
		s := stamp{t, "text", true}
		switch timed := t.Precision != article.PrecisionDay && !t.Relative; {
		case timed && (!day.ok || sameDay(day.At, t.At)):
			return s
		case !timed && !day.ok:
			day = s
		}
	}
	return day
}

// mayDate says whether a block may print the article's date: a short line with digits, in nothing that has a trait of not.
func (r *dateReader) mayDate(b *page.Block, not page.Trait) bool {
	if b.Hidden || b.Chars > 160 || b.Chars < 6 || b.Words > 25 || b.Tag == atom.H1 || !newsdate.MayDate(b.Text) {
		return false
	}
	if r.cards.hold(b.Node) {
		return false
	}
	// Teasers are links; so are the date and the author of a byline that leads to archives.
	if b.LinkShare() > 0.5 && b.Words > 5 && r.around(b.Node)&(page.TraitDate|page.TraitMeta|page.TraitAuthor) == 0 {
		return false
	}
	// A heading's own name says where it stands to its text ("date-header"), not where on the page.
	at := b.Node
	if page.IsHeading(b.Tag) && r.d.Nodes[at].Tag == b.Tag {
		at = r.d.Parent(at)
	}
	return not == 0 || r.around(at)&not == 0 || r.d.Traits(b.Node)&page.TraitDate != 0 && r.area(b.Node)
}

// apart reads a date of publication that is printed elsewhere in the article, as its element's name or a label says.
func (r *dateReader) apart() stamp {
	for k := range r.s.Blocks {
		b := &r.s.Blocks[k]
		if b.Hidden || b.Chars > 160 || b.Chars < 6 || !newsdate.MayDate(b.Text) || !r.area(b.Node) {
			continue
		}
		t := r.around(b.Node)
		if t&(page.TraitRelated|page.TraitComment|page.TraitNav|page.TraitAside|page.TraitFooter|page.TraitCaption|page.TraitAd) != 0 {
			continue
		}
		for _, f := range newsdate.Find(b.Text, r.hint) {
			if f.YearGiven && (f.Label == newsdate.LabelPublished || f.Label == newsdate.LabelNone && t&page.TraitDate != 0) {
				return stamp{f.Time, "text", true}
			}
		}
	}
	return stamp{}
}

// leadingReach is how far into the first paragraph, in bytes, a date still opens it: behind a place, in brackets.
const leadingReach = 32

// leading reads the date that opens the text: "Karlsruhe (12.11.2021).", "27.1.2022 - ".
func (r *dateReader) leading() stamp {
	k := r.to - 1
	if k < 0 || k >= len(r.s.Blocks) {
		return stamp{}
	}
	found := newsdate.Find(page.RunePrefix(r.s.Blocks[k].Text, 80), r.hint)
	if len(found) == 0 || !found[0].YearGiven || found[0].Start > leadingReach || found[0].Label == newsdate.LabelModified {
		return stamp{}
	}
	return stamp{found[0].Time, "text", true}
}

// around gathers the traits of a node and of all around it inside the page's body, main part or article, or inside the
// text's container, whatever that is called.
func (r *dateReader) around(i int32) page.Trait {
	var t page.Trait
	for ; i >= 0 && i != r.root; i = r.d.Nodes[i].Parent {
		if tag := r.d.Nodes[i].Tag; tag == atom.Body || tag == atom.Main || tag == atom.Article {
			break
		}
		own := r.d.Traits(i)
		if i == r.header {
			own &^= page.TraitHeader
		}
		t |= own
	}
	return t
}

// ownHeader gives the article's own header, which holds its headline and no menu as the page's does; -1 where there is none.
func (r *dateReader) ownHeader() int32 {
	if r.head >= len(r.s.Blocks) {
		return -1
	}
	for i := r.s.Blocks[r.head].Node; i >= 0; i = r.d.Nodes[i].Parent {
		if r.d.Traits(i)&page.TraitHeader == 0 || page.IsHeading(r.d.Nodes[i].Tag) {
			continue
		}
		for k := i; k < r.d.Nodes[i].End; k++ {
			if r.d.Nodes[k].Tag == atom.Nav {
				return -1
			}
		}
		return i
	}
	return -1
}
