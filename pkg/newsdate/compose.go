package newsdate

import (
	"time"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// The most tokens that may stand between a date and its time, and between a label and its date. A Hebrew-calendar date
// between the two is the longest gap met.
const (
	maxGap      = 12
	maxLabelGap = 6
)

// compose joins dates, times and labels.
func (p *parser) compose() []Found {
	found := make([]Found, 0, len(p.dates)+1)
	used := make([]bool, len(p.clocks))
	leftFirst, trailing := p.clocksFirst(), p.labelsTrail()
	previous := 0 // token after the last thing taken
	for k := range p.dates {
		d := &p.dates[k]
		limit := len(p.toks)
		if k+1 < len(p.dates) {
			limit = p.dates[k+1].start
		}
		start, end := d.start, d.end
		c := d.clock
		var update *clock
		if c == nil && !d.instant {
			if leftFirst {
				c = p.clockBefore(d.start, previous, used)
			} else {
				c, update = p.clockAfter(d.end, limit, k, used)
				if c == nil {
					c = p.clockBefore(d.start, previous, used)
				}
			}
		}
		if c != nil {
			start, end = min(start, c.start), max(end, c.end)
		}
		f := p.found(d, c, start, end)
		if trailing {
			f.Label = p.labelAfter(end, limit)
		} else {
			f.Label = p.labelBefore(start, previous)
		}
		if n := len(found); n > 0 && p.equivalent(&found[n-1], &f) {
			found[n-1] = merged(found[n-1], f)
		} else {
			found = append(found, f)
		}
		previous = end
		if update != nil {
			u := p.found(d, update, update.start, update.end)
			u.Label = LabelModified
			found = append(found, u)
			previous = update.end
		}
	}
	if !p.latest.IsZero() {
		kept := found[:0]
		for _, f := range found {
			if !f.At.After(p.latest) {
				kept = append(kept, f)
			}
		}
		found = kept
	}
	return found
}

func (p *parser) found(d *date, c *clock, start, end int) Found {
	f := Found{Start: int(p.toks[start].start), End: int(p.toks[end-1].end)}
	f.Precision, f.Calendar = d.precision, d.calendar
	f.Relative, f.YearGiven, f.Ambiguous = d.relative, d.yearGiven, d.ambiguous
	z := p.local
	switch {
	case d.instant:
		f.At = d.day.In(z.location)
	case c == nil:
		f.At = in(d.day, 0, 0, 0, 0, z.location)
	default:
		if c.zone.given {
			z = c.zone
		}
		f.At = in(d.day, c.hour, c.minute, c.second, c.nanos, z.location)
		if f.Precision = article.PrecisionMinute; c.hasSecond {
			f.Precision = article.PrecisionSecond
		}
	}
	f.Zone, f.ZoneGiven = z.name, z.given
	return f
}

func in(day time.Time, hour, minute, second, nanos int, loc *time.Location) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, hour, minute, second, nanos, loc)
}

// clocksFirst says that each date of the text has its time before it, as in "17:27 17.03.2020 (17:49 17.03.2020)".
func (p *parser) clocksFirst() bool {
	if len(p.dates) < 2 || len(p.clocks) != len(p.dates) {
		return false
	}
	for k := range p.dates {
		if p.clocks[k].end > p.dates[k].start || k > 0 && p.clocks[k].start < p.dates[k-1].end || !p.gap(p.clocks[k].end, p.dates[k].start) {
			return false
		}
	}
	return true
}

// clockAfter finds the time that follows a date. A label of modification between the two ("28 August 2013, last update
// 14:00") makes it the time of the update, given apart.
func (p *parser) clockAfter(from, limit, k int, used []bool) (own, update *clock) {
	for n := range p.clocks {
		c := &p.clocks[n]
		if c.start < from || used[n] {
			continue
		}
		if c.start >= limit {
			return nil, nil
		}
		if p.gap(from, c.start) {
			used[n] = true
			return c, nil
		}
		if k+1 < len(p.dates) && p.gap(c.end, p.dates[k+1].start) {
			return nil, nil
		}
		if p.labelBefore(c.start, from) == LabelModified && c.start-from <= maxGap {
			used[n] = true
			return nil, c
		}
		return nil, nil
	}
	return nil, nil
}

// clockBefore finds the time that stands before a date, no further back than token after.
func (p *parser) clockBefore(date, after int, used []bool) *clock {
	for n := len(p.clocks) - 1; n >= 0; n-- {
		c := &p.clocks[n]
		if c.end > date {
			continue
		}
		if c.start < after || used[n] || !p.gap(c.end, date) {
			return nil
		}
		used[n] = true
		return c
	}
	return nil
}

// gap says that only fillers stand in tokens from to to-1, or one word that the lexicon does not know, for "at" is a
// word of every language. A date of the Hebrew calendar counts as a filler.
func (p *parser) gap(from, to int) bool {
	if to-from > maxGap {
		return false
	}
	hebrew, unknown := false, 0
	for i := from; i < to; i++ {
		hebrew = hebrew || p.is(i, kindHebrew)
	}
	for i := from; i < to; i++ {
		switch {
		case p.filler(i) || p.is(i, kindWeekday):
		case p.toks[i].kind != tokenWord || p.is(i, kindLabel):
			return false
		case !hebrew:
			if unknown++; unknown > 1 || to-from > 3 {
				return false
			}
		}
	}
	return true
}

// labelBefore gives the nearest label before token i, no further back than token after.
func (p *parser) labelBefore(i, after int) Label {
	for j, wordsSeen := i-1, 0; j >= after && wordsSeen <= maxLabelGap; j-- {
		if s, ok := p.get(j, kindLabel); ok {
			return labelOf(s)
		}
		if p.toks[j].kind != tokenPunct {
			wordsSeen++
		}
	}
	return LabelNone
}

// labelsTrail says that labels stand after their dates, as East Asia writes (2024年5月3日 公開 2024年5月4日 更新).
func (p *parser) labelsTrail() bool {
	first, last := p.dates[0], p.dates[len(p.dates)-1]
	end := last.end
	for n := range p.clocks {
		if c := &p.clocks[n]; c.start >= last.end && p.gap(last.end, c.start) {
			end = c.end
		}
	}
	return p.labelAfter(end, len(p.toks)) != LabelNone && p.labelBefore(first.start, 0) == LabelNone
}

// labelAfter gives the label that stands right after token end-1, if it is one of those that may.
func (p *parser) labelAfter(end, limit int) Label {
	if p.isMark(end, '(') {
		end++
	}
	if end >= limit || p.isMark(end+1, ':') || !startsUnspaced(p.text, &p.toks[end]) {
		return LabelNone
	}
	s, ok := p.get(end, kindLabel)
	if !ok {
		return LabelNone
	}
	return labelOf(s)
}

func startsUnspaced(text string, t *token) bool {
	r, _ := utf8.DecodeRuneInString(text[t.start:t.end])
	return isUnspaced(r)
}

func labelOf(s sense) Label {
	if s.n == labelPublished {
		return LabelPublished
	}
	return LabelModified
}

// equivalent says that a and b, which stand side by side, are one day in two calendars (10 ذي الحجة 1442 هـ الموافق 21
// يوليوز 2021). The lunar one may be a day or two off.
func (p *parser) equivalent(a, b *Found) bool {
	if a.Calendar == b.Calendar || a.Calendar != Gregorian && b.Calendar != Gregorian || a.Relative || b.Relative {
		return false
	}
	if b.Start-a.End > 64 || b.Label != LabelNone && b.Label != a.Label {
		return false
	}
	y, m, d := a.At.Date()
	y2, m2, d2 := b.At.Date()
	days := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(y2, m2, d2, 0, 0, 0, 0, time.UTC)).Hours() / 24
	return days >= -2 && days <= 2
}

// merged keeps the Gregorian date of two equivalents, and the time of day of whichever has one.
func merged(a, b Found) Found {
	out, other := a, b
	if b.Calendar == Gregorian {
		out, other = b, a
	}
	if out.Precision == article.PrecisionDay && other.Precision != article.PrecisionDay {
		out.At = in(out.At, other.At.Hour(), other.At.Minute(), other.At.Second(), other.At.Nanosecond(), other.At.Location())
		out.Precision, out.Zone, out.ZoneGiven = other.Precision, other.Zone, other.ZoneGiven
	}
	out.Start, out.End = min(a.Start, b.Start), max(a.End, b.End)
	if out.Label == LabelNone {
		out.Label = other.Label
	}
	return out
}
