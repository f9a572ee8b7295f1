package site

import (
	"errors"
	"fmt"
	"strings"
	"time"

	cron "github.com/netresearch/go-cron"
)

// Cron says by a crontab line when a section is visited: minute, hour, day of the month, month and day of the week, or a word
// such as @daily. Where both days are named one of them is enough, as in cron.
//
// It goes by the clock on the wall of its zone: a time that the change to summer time leaves out comes once, at the change, and
// one that the change back has twice comes once. A line for every hour comes in each hour that passes.
type Cron struct {
	line string
	zone *time.Location
	spec cron.SpecSchedule // in UTC, which stands for the wall's clock
}

const (
	// cronYears is how far ahead a line is looked for a time: 29 February is eight years away at most, as around 2100.
	cronYears = 9
	// everyHour is the bit by which the library marks a field that was given as a star.
	everyHour = 1 << 63
	// maxCron is how long a line may be: each minute and day named singly has less than half of that.
	maxCron = 600
	// mostHours is the longest change of a clock that is looked across, twice over: a whole day where a date line moves.
	mostHours = 48
)

// errNever is said of a line that no day fits.
var errNever = errors.New("never comes: no day fits it")

// ParseCron reads a crontab line. A CRON_TZ= or TZ= before it names its zone, which else is the one given. The error says what is
// wrong with the line, also where it never comes.
func ParseCron(line string, zone *time.Location) (*Cron, error) {
	if len(line) > maxCron {
		return nil, fmt.Errorf("longer than %d bytes", maxCron)
	}
	parser, err := cron.TryNewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor | cron.DowOrDom)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.WithMaxSearchYears(cronYears).Parse(line)
	if err != nil {
		return nil, err
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("%s is an interval: say every in place of cron", strings.Fields(line)[0])
	}
	c := &Cron{line: line, zone: zone, spec: *spec}
	if hasZone(line) {
		if c.zone = spec.Location; c.zone == time.Local {
			return nil, errors.New("the zone Local is another one on each machine; name one of the IANA database")
		}
	}
	c.spec.Location = time.UTC
	if c.Next(time.Now()).IsZero() {
		return nil, errNever
	}
	return c, nil
}

// hasZone says whether a line begins with the name of a zone.
func hasZone(line string) bool {
	return strings.HasPrefix(line, "CRON_TZ=") || strings.HasPrefix(line, "TZ=")
}

// String is the line with its zone.
func (c *Cron) String() string {
	if hasZone(c.line) {
		return c.line
	}
	return c.line + " " + c.zone.String()
}

// Next is the first time of the line after another; zero where there is none for years.
func (c *Cron) Next(after time.Time) time.Time {
	local := after.In(c.zone)
	_, offset := local.Zone()
	wall := local.Add(time.Duration(offset) * time.Second).UTC()
	if c.spec.Hour&everyHour != 0 { // a change of the clock does not take the hour that it has twice
		at := c.spec.Next(wall)
		if at.IsZero() {
			return at
		}
		at = at.Add(-time.Duration(offset) * time.Second)
		if _, then := at.In(c.zone).Zone(); then == offset || at.Sub(after) <= time.Hour {
			return at
		}
	}
	for range mostHours * 60 {
		if wall = c.spec.Next(wall); wall.IsZero() {
			return wall
		}
		if at := instant(wall, c.zone); at.After(after) {
			return at
		}
	}
	return time.Time{}
}

// instant is when a clock on the wall of the zone shows a time, the first time that it does; where it never does, that much later.
func instant(wall time.Time, zone *time.Location) time.Time {
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, zone)
	_, offset := at.Zone()
	if short := wall.Sub(at.Add(time.Duration(offset) * time.Second)); short > 0 {
		at = at.Add(short)
	}
	return at.UTC()
}

// apart gives the shortest and the longest time between two of the line's times in a row, of its next ones.
func (c *Cron) apart() (least, most time.Duration) {
	const looked = 60 // minutes of an hour, or hours of two days
	at := c.Next(time.Now())
	for range looked {
		next := c.Next(at)
		if next.IsZero() {
			break
		}
		d := next.Sub(at)
		if least == 0 || d < least {
			least = d
		}
		most, at = max(most, d), next
	}
	return least, most
}
