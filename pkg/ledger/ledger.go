// Package ledger counts what became of pages, and how late news was stored, in sheets that any number of processes add to: a
// sheet of a site has a day, in slots of an hour; one of the fleet has an hour, in slots of five minutes. So the last hour and
// the last day of a site, and of all, are sums of a few small documents, however many pages there were.
//
// A process enters what it has made durable in a Book, and has the sheets of that added to the stored ones now and then, as a
// numbered batch: a sheet remembers the last batch of each process, so that a batch which is added again adds nothing. What a
// process had not yet added when it was killed is not counted; nothing is counted twice.
//
// The package is data and sums of it. Invariants: sheets can be added in any order with the same result; what is no count, slot
// or bin in a stored sheet is left out of every sum. It does no I/O, and cannot fail.
package ledger

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// Slot is what was counted in a part of a sheet's time.
type Slot struct {
	Articles map[string]int64 `bson:"articles,omitempty"` // attempts at articles' pages, by what became of them: see Word
	Sections map[string]int64 `bson:"sections,omitempty"` // the same of all other pages: home pages, listings, feeds, sitemaps
	Changes  map[string]int64 `bson:"changes,omitempty"`  // articles, by what an attempt did to them: new, revised …
	Delays   Delays           `bson:"delays,omitempty"`   // of the new ones from published to stored, those that count
}

// Sheet is what was counted of a site in a day, or of all sites in an hour: one document.
type Sheet struct {
	ID        string          `bson:"_id"`            // SiteDay or FleetHour
	Site      string          `bson:"site,omitempty"` // "": the fleet's
	From      time.Time       `bson:"from"`           // when its time begins, UTC
	UpdatedAt time.Time       `bson:"updated_at"`     // of the last entry
	Slots     map[string]Slot `bson:"slots,omitempty"`
}

// Word is an outcome and its reason as sheets have it: "retry: timeout".
func Word(o outcome.Outcome, r outcome.Reason) string { return outcome.Text(o, r) }

// Day is the day, in UTC, that a time is in.
func Day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// SiteDay is the id of a site's sheet of the day that a time is in. The day comes first, so that days are removed in one go.
func SiteDay(site string, t time.Time) string { return Day(t).Format(time.DateOnly) + " " + site }

// FleetHour is the id of the fleet's sheet of the hour that a time is in.
func FleetHour(t time.Time) string { return t.UTC().Format("2006-01-02T15") }

// The widths of slots. Five minutes is fine enough for "the last hour" and makes a sheet of some kilobytes.
const (
	siteSlot  = time.Hour
	fleetSlot = 5 * time.Minute
)

// slotOf is the name of the slot that a time is in.
func (s *Sheet) slotOf(t time.Time) string {
	if s.Site != "" {
		return fmt.Sprintf("h%02d", t.UTC().Hour())
	}
	return fmt.Sprintf("m%02d", t.UTC().Truncate(fleetSlot).Minute())
}

// begin is when a slot begins, by its name; false for no slot of the sheet's.
func (s *Sheet) begin(slot string) (time.Time, bool) {
	form, unit := "m", time.Minute
	if s.Site != "" {
		form, unit = "h", time.Hour
	}
	digits, ok := strings.CutPrefix(slot, form)
	n, err := strconv.Atoi(digits)
	return s.From.Add(time.Duration(n) * unit), ok && err == nil
}

// Entry is one attempt at a page.
type Entry struct {
	Site    string
	At      time.Time
	Section bool // a page that is no article's
	Outcome outcome.Outcome
	Reason  outcome.Reason
	Change  string         // what it did to an article; "" for nothing
	Delay   *time.Duration // of a new article that counts; nil for others
}

// Book holds what was entered and is not added to the stored sheets yet. The zero Book is empty.
type Book struct{ sheets map[string]*open }

// open is a sheet of a book.
type open struct {
	Sheet
	entries int
	first   time.Time // entry
}

// Enter counts an attempt, on its site's sheet and on the fleet's.
func (b *Book) Enter(e Entry) {
	if b.sheets == nil {
		b.sheets = make(map[string]*open)
	}
	at := e.At.UTC()
	b.enter(SiteDay(e.Site, at), e.Site, Day(at), e)
	b.enter(FleetHour(at), "", at.Truncate(time.Hour), e)
}

func (b *Book) enter(id, site string, from time.Time, e Entry) {
	s := b.sheets[id]
	if s == nil {
		s = &open{Sheet: Sheet{ID: id, Site: site, From: from, Slots: make(map[string]Slot)}, first: e.At}
		b.sheets[id] = s
	}
	s.entries++
	s.enter(e)
}

func (s *Sheet) enter(e Entry) {
	name := s.slotOf(e.At)
	slot, known := s.Slots[name]
	if !known {
		slot = Slot{Articles: map[string]int64{}, Sections: map[string]int64{}, Changes: map[string]int64{}, Delays: Delays{}}
		s.Slots[name] = slot
	}
	pages := slot.Articles
	if e.Section {
		pages = slot.Sections
	}
	pages[Word(e.Outcome, e.Reason)]++
	if e.Change != "" {
		slot.Changes[e.Change]++
	}
	if e.Delay != nil {
		slot.Delays[binName(binOf(*e.Delay))]++
	}
	if e.At.After(s.UpdatedAt) {
		s.UpdatedAt = e.At.UTC()
	}
}

// Take takes sheets out of the book, by id: those of the fleet, and those of sites that have so many entries, or one from before
// that time.
func (b *Book) Take(entries int, before time.Time) []Sheet {
	var all []Sheet
	for id, s := range b.sheets {
		if s.Site == "" || s.entries >= entries || s.first.Before(before) {
			all = append(all, s.Sheet)
			delete(b.sheets, id)
		}
	}
	slices.SortFunc(all, func(x, y Sheet) int { return cmp.Compare(x.ID, y.ID) })
	return all
}

// TakeAll takes all sheets out of the book, by id.
func (b *Book) TakeAll() []Sheet { return b.Take(0, time.Time{}) }

// Add adds another sheet of the same id.
func (s *Sheet) Add(other Sheet) {
	if s.Slots == nil {
		s.Slots = make(map[string]Slot)
	}
	for name, more := range other.Slots {
		slot := s.Slots[name]
		slot.add(more)
		s.Slots[name] = slot
	}
	if other.UpdatedAt.After(s.UpdatedAt) {
		s.UpdatedAt = other.UpdatedAt
	}
}

// add adds counts, in maps of its own: what it was copied from stays as it is.
func (s *Slot) add(more Slot) {
	s.Articles, s.Sections = sum(s.Articles, more.Articles), sum(s.Sections, more.Sections)
	s.Changes, s.Delays = sum(s.Changes, more.Changes), sum(s.Delays, more.Delays)
}

func sum[M ~map[string]int64](a, b M) M {
	if len(b) == 0 {
		return a
	}
	all := maps.Clone(a)
	if all == nil {
		all = make(M, len(b))
	}
	for name, n := range b {
		all[name] = believed(all[name]) + believed(n)
	}
	return all
}

// Since adds up what the sheets of a site, or of the fleet (""), have from a time on, and says from when that is: the slot that
// the time is in counts whole.
func Since(site string, sheets []Sheet, t time.Time) (total Slot, from time.Time) {
	width := fleetSlot
	if site != "" {
		width = siteSlot
	}
	from = t.UTC().Truncate(width)
	for i := range sheets {
		if sheets[i].Site != site {
			continue
		}
		for name, slot := range sheets[i].Slots {
			if at, ok := sheets[i].begin(name); ok && !at.Before(from) {
				total.add(slot)
			}
		}
	}
	return total, from
}

// Total is how many there are in all.
func Total(counts map[string]int64) int64 {
	n := int64(0)
	for _, count := range counts {
		n += believed(count)
	}
	return n
}
