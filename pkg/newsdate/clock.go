package newsdate

import "strings"

// clock is a time of day in the text.
type clock struct {
	start, end           int // tokens, zone included
	hour, minute, second int
	nanos                int
	hasSecond            bool
	zone                 zone
}

// findClocks finds the times of day that lie outside the dates.
func (p *parser) findClocks() {
	next := 0
	for i := 0; i < len(p.toks); {
		for next < len(p.dates) && p.dates[next].end <= i {
			next++
		}
		if next < len(p.dates) && i >= p.dates[next].start {
			i = max(p.dates[next].end, i+1)
			continue
		}
		c, ok := p.clockAt(i)
		if !ok || next < len(p.dates) && c.end > p.dates[next].start {
			i++
			continue
		}
		p.clocks = append(p.clocks, c)
		i = c.end
	}
}

// clockAt reads the time at or just after token i: 10:08 م, 15:08:13.5, ٠٢:٠٠, 15h05, 15.05 Uhr, 下午3点05分, 오후 3:05,
// 3 pm, GMT 17:27.
func (p *parser) clockAt(i int) (clock, bool) {
	j := i
	for steps := 0; steps < 3 && j < len(p.toks) && p.filler(j) && !p.is(j, kindMeridiem) && !p.is(j, kindZone); steps++ {
		j++
	}
	c := clock{start: i}
	before, hasBefore := zone{}, false
	if s, ok := p.get(j, kindZone); ok && p.isNumber(j+1) {
		before, hasBefore = zoneOf(int(s.n), p.country), p.zoneWord(j)
		if !hasBefore {
			return clock{}, false
		}
		j++
	}
	half, hasHalf := p.get(j, kindMeridiem)
	if hasHalf {
		j++
	}
	hour, ok := p.number(j, 1, 2)
	if !ok {
		return p.compactClock(j)
	}
	c.start = min(i, j)
	marker := p.is(j-1, kindClock) || p.isMark(j-1, '.') && p.is(j-2, kindClock)
	iso := p.iso(j)
	c.hour = hour
	end := j + 1
	bare := false
	switch {
	case p.isMark(end, ':') && p.glued(end) && p.glued(end+1):
		if c.minute, ok = p.number(end+1, 2, 2); !ok {
			return clock{}, false
		}
		end = p.seconds(end+2, &c)
	case p.is(end, kindHour) && !(p.toks[end].latin && !p.glued(end) && !p.isNumber(end+1)):
		end++
		if m, ok := p.number(end, 1, 2); ok && (p.toks[end].digits == 2 || p.is(end+1, kindMinute)) && !p.isMark(end+1, ':') {
			c.minute = m
			if end++; p.is(end, kindMinute) {
				end++
				if s, ok := p.number(end, 1, 2); ok && p.is(end+1, kindSecond) {
					c.second, c.hasSecond = s, true
					end += 2
				}
			}
		}
	case p.isMark(end, '.') && p.glued(end) && p.glued(end+1):
		if c.minute, ok = p.number(end+1, 2, 2); !ok {
			return clock{}, false
		}
		end += 2
		if p.isMark(end, '.') && p.glued(end) && p.isNumber(end+1) && p.glued(end+1) {
			if c.second, c.hasSecond = p.number(end+1, 2, 2); !c.hasSecond {
				return clock{}, false
			}
			end += 2
		}
		if !marker && !p.is(end, kindClock) && !p.is(end, kindMeridiem) && !p.is(end, kindZone) && !p.dotted() {
			return clock{}, false
		}
	default:
		bare = true
	}
	if !hasHalf {
		if s, ok := p.get(end, kindMeridiem); ok && (!bare || len(p.text[p.toks[end].start:p.toks[end].end]) > 2 || p.toks[end].latin) {
			half, hasHalf = s, true
			if end++; p.isMark(end, '.') && p.glued(end) {
				end++
			}
		}
	}
	if bare && !hasHalf && !(iso && p.machine) {
		return clock{}, false
	}
	if hasHalf {
		if c.hour > 12 && bare {
			return clock{}, false
		}
		c.hour = halfDay(c.hour, int(half.n))
	}
	if c.hour > 23 || c.minute > 59 || c.second > 60 {
		return clock{}, false
	}
	c.second = min(c.second, 59)
	if p.is(end, kindClock) && p.glued(end) || p.is(end, kindClock) && !p.isNumber(end+1) {
		if end++; p.isMark(end, '.') && p.glued(end) {
			end++
		}
	}
	c.zone, c.end = p.zoneAt(end, iso || c.hasSecond, iso)
	if !c.zone.given && hasBefore {
		c.zone = before
	}
	return c, true
}

// seconds reads the seconds and their fraction that may follow the minutes.
func (p *parser) seconds(i int, c *clock) int {
	if !p.isMark(i, ':') || !p.glued(i) || !p.glued(i+1) {
		return i
	}
	s, ok := p.number(i+1, 2, 2)
	if !ok {
		return i
	}
	c.second, c.hasSecond = s, true
	i += 2
	if (p.isMark(i, '.') || p.isMark(i, ',')) && p.glued(i) && p.glued(i+1) && p.isNumber(i+1) {
		digits, value := int(p.toks[i+1].digits), p.toks[i+1].value
		for ; digits < 9; digits++ {
			value *= 10
		}
		for ; digits > 9 && value > 0; digits-- {
			value /= 10
		}
		c.nanos = int(max(value, 0))
		i += 2
	}
	return i
}

// compactClock reads the 092313 of 20200824T092313Z.
func (p *parser) compactClock(i int) (clock, bool) {
	if !p.machine || !p.iso(i) {
		return clock{}, false
	}
	c := clock{start: i}
	v, ok := p.number(i, 6, 6)
	if c.hasSecond = ok; !ok {
		if v, ok = p.number(i, 4, 4); !ok {
			return clock{}, false
		}
		v *= 100
	}
	c.hour, c.minute, c.second = v/10000, v/100%100, v%100
	if c.hour > 23 || c.minute > 59 || c.second > 59 {
		return clock{}, false
	}
	c.zone, c.end = p.zoneAt(i+1, true, true)
	return c, true
}

// iso says that the T of ISO 8601 stands before token i.
func (p *parser) iso(i int) bool {
	if i < 2 || p.toks[i-1].kind != tokenWord {
		return false
	}
	t := &p.toks[i-1]
	return t.end-t.start == 1 && (p.text[t.start] == 'T' || p.text[t.start] == 't') && p.isNumber(i-2)
}

// dotted says that the page's language writes 15.05 for a time without saying so.
func (p *parser) dotted() bool {
	switch p.base {
	case "id", "da", "no", "fi", "it", "si", "kl":
		return true
	}
	return false
}

func halfDay(hour, half int) int {
	switch {
	case half == meridiemAM && hour == 12:
		return 0
	case half == meridiemPM && hour < 12:
		return hour + 12
	case half == meridiemNight && hour == 12:
		return 0
	case half == meridiemNight && hour >= 6 && hour < 12:
		return hour + 12
	}
	return hour
}

// zoneWord says that the zone's abbreviation at token i is written as one: in capitals, for in small letters most of
// them are words ("et", "art", "west").
func (p *parser) zoneWord(i int) bool {
	s, ok := p.get(i, kindZone)
	if !ok {
		return false
	}
	text := p.text[p.toks[i].start:p.toks[i].end]
	if !p.toks[i].latin {
		return true
	}
	if len(text) == 1 {
		return p.glued(i)
	}
	return s.n == 0 || text == strings.ToUpper(text)
}

// zoneAt reads the zone after a time. A minus sign is a zone's only where it cannot be a dash.
func (p *parser) zoneAt(i int, minus, iso bool) (zone, int) {
	j := i
	paren := p.isMark(j, '(') || p.isMark(j, '[')
	if paren {
		j++
	}
	named := false
	var z zone
	for steps := 0; !paren && steps < 2 && p.is(j, kindFiller) && !p.is(j, kindZone); steps++ { // 15:05 Uhr, بتوقيت
		if !p.is(j+1, kindZone) {
			break
		}
		j++
	}
	if s, ok := p.get(j, kindZone); ok && p.zoneWord(j) {
		z, named = zoneOf(int(s.n), p.country), true
		if j++; s.n != 0 || p.text[p.toks[j-1].start]|0x20 == 'z' {
			return z, p.closing(j, paren)
		}
	}
	if minutes, end, ok := p.offsetAt(j, minus || named, iso, named); ok {
		return offsetZone(minutes), p.closing(end, paren)
	}
	if named {
		return z, p.closing(j, paren)
	}
	return zone{}, i
}

func (p *parser) closing(i int, paren bool) int {
	if paren && (p.isMark(i, ')') || p.isMark(i, ']')) {
		i++
	}
	return i
}

// offsetAt reads +03, +0330, +03:30, -0500. In ISO values a lost plus sign, turned into a space on the way through a
// URL, is read too: 2020-08-24T09:23:13 02:00.
func (p *parser) offsetAt(i int, minus, iso, named bool) (minutes, end int, ok bool) {
	sign, j := 1, i+1
	switch {
	case p.isMark(i, '+'):
	case p.isMark(i, '-'):
		compact := p.isNumber(j) && p.toks[j].digits == 4 && p.toks[i].space
		if !minus && !compact {
			return 0, 0, false
		}
		sign = -1
	case iso && p.isNumber(i) && p.toks[i].space && p.toks[i].digits == 2 && p.isMark(i+1, ':'):
		j = i
	default:
		return 0, 0, false
	}
	if j >= len(p.toks) || !p.isNumber(j) || j > i && !p.glued(j) && !named {
		return 0, 0, false
	}
	v, digits := int(p.toks[j].value), p.toks[j].digits
	hours, mins := v, 0
	end = j + 1
	switch {
	case digits == 4:
		hours, mins = v/100, v%100
	case digits > 2:
		return 0, 0, false
	case p.isMark(end, ':') && p.glued(end):
		if mins, ok = p.number(end+1, 2, 2); !ok {
			return 0, 0, false
		}
		end += 2
	case sign < 0 && !named && !iso:
		return 0, 0, false
	}
	if hours > 14 || mins%15 != 0 || mins > 45 {
		return 0, 0, false
	}
	return sign * (hours*60 + mins), end, true
}
