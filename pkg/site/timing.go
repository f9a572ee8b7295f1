package site

import (
	"time"

	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

// Timing is what a site's definition says of when one of its sections is visited. Zero values say nothing: what visits teach
// decides.
type Timing struct {
	Cron     *Cron         // at these times
	Every    time.Duration // at this interval; where Min or Max is given, between these it is the first one
	Min, Max time.Duration
}

// Timing gives what the definition says of a section, by its id: what stands with the section, or else with the site. A section
// that says every or cron itself is not bound by the site's min and max.
func (s *Site) Timing(section string) Timing {
	t := Timing{Cron: s.Schedule.cron, Every: s.Schedule.Every, Min: s.Schedule.Min, Max: s.Schedule.Max}
	for i := range s.Sections {
		sec := &s.Sections[i]
		if sec.ID != section {
			continue
		}
		if sec.Every > 0 || sec.cron != nil {
			t = Timing{Cron: sec.cron, Every: sec.Every}
		}
		if sec.Min > 0 {
			t.Min = sec.Min
		}
		if sec.Max > 0 {
			t.Max = sec.Max
		}
	}
	return t
}

// timing checks what one place of the file says of when sections are visited; path is that of the keys, with a dot at its end.
func (c *checker) timing(path string, every, least, most time.Duration, line, zone string) *Cron {
	c.interval(path+"every", every)
	c.interval(path+"min", least)
	c.interval(path+"max", most)
	switch {
	case least > 0 && most > 0 && least > most:
		c.doc.Add(path+"min", "%s is longer than max, %s", yamlfile.Brief(least), yamlfile.Brief(most))
	case every > 0 && least > every:
		c.doc.Add(path+"every", "%s is shorter than min, %s", yamlfile.Brief(every), yamlfile.Brief(least))
	case most > 0 && every > most:
		c.doc.Add(path+"every", "%s is longer than max, %s", yamlfile.Brief(every), yamlfile.Brief(most))
	}
	in := c.zone(path, line, zone)
	if !c.doc.Has(path + "cron") {
		return nil
	}
	if c.doc.Has(path + "every") {
		c.doc.Add(path+"cron", "stands beside every: one of them says when to visit")
	}
	cron, err := ParseCron(line, in)
	if err != nil {
		c.doc.Add(path+"cron", "%.80q %s", line, cronFault(err))
		return nil
	}
	switch shortest, longest := cron.apart(); {
	case least > 0 && longest > 0 && longest < least:
		c.doc.Add(path+"min", "%s is longer than the time between two of cron's times, %s at most", yamlfile.Brief(least), yamlfile.Brief(longest))
	case most > 0 && shortest > most:
		c.doc.Add(path+"max", "%s is shorter than the time between two of cron's times, %s at least", yamlfile.Brief(most), yamlfile.Brief(shortest))
	}
	return cron
}

// cronFault words what is wrong with a line.
func cronFault(err error) string {
	if err == errNever {
		return err.Error()
	}
	return "is no crontab line: " + err.Error() + "; want minute, hour, day of the month, month and day of the week, as 30 7 * * 1-5"
}

// zone is the zone of a crontab line: its own, or else the site's.
func (c *checker) zone(path, line, zone string) *time.Location {
	if !c.doc.Has(path + "zone") {
		return c.site.Location()
	}
	loc, err := time.LoadLocation(zone)
	switch {
	case err != nil || zone == "" || zone == "Local":
		c.doc.Add(path+"zone", "%.60q is no time zone; want a name of the IANA database such as Asia/Baghdad", zone)
		return c.site.Location()
	case line == "":
		c.doc.Add(path+"zone", "says in which zone cron is meant, and there is no cron")
	case hasZone(line):
		c.doc.Add(path+"zone", "stands beside a zone in cron's own line: one of them is enough")
	}
	return loc
}

// against holds a section's bounds to those of the site, of which it may name one and leave the other.
func (c *checker) against(path string, sec *Section) {
	site := c.site.Schedule
	switch {
	case sec.Every > 0 || sec.Cron != "" || sec.Min > 0 && sec.Max > 0: // the site's do not count
	case sec.Min > 0 && site.Max > 0 && sec.Min > site.Max:
		c.doc.Add(path+"min", "%s is longer than schedule.max, %s; give the section a max of its own", yamlfile.Brief(sec.Min), yamlfile.Brief(site.Max))
	case sec.Max > 0 && site.Min > sec.Max:
		c.doc.Add(path+"max", "%s is shorter than schedule.min, %s; give the section a min of its own", yamlfile.Brief(sec.Max), yamlfile.Brief(site.Min))
	}
}
