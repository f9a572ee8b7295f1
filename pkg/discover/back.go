package discover

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
	"github.com/khabar-crawler/khabar/pkg/yamlfile"
)

// Where a site's past is: the lists of all articles and the archives that its content system has as a rule (places.yaml), and the
// archives that are linked.

// Slack is how much longer on either side a time is asked for than is wanted: systems compare with the site's own time, and some
// do not look at the zone that a time comes with.
const Slack = 24 * time.Hour

// maxMonths bounds the archives of one backfill: a hundred years.
const maxMonths = 1200

// checkBack holds the ways back of the systems to what can be asked for.
func checkBack(doc *yamlfile.Document, systems []system) {
	for i, s := range systems {
		if s.Posts != "" && strings.Contains(s.Posts, "{page}") == strings.Contains(s.Posts, "{first}") {
			doc.Add(fmt.Sprintf("systems[%d].posts", i), "must have {page} or {first}")
		}
		for j, m := range s.Months {
			if !strings.Contains(m, "{yyyy}") || !strings.Contains(m, "{mm}") {
				doc.Add(fmt.Sprintf("systems[%d].months[%d]", i, j), "must have {yyyy} and {mm}")
			}
		}
	}
}

// Posts is the address of a page, counted from 1, of the list of all articles of a time that a system has; false where it has none.
// home is the site's home page, and system one that System named.
func Posts(home, system string, from, to time.Time, page int) (address string, ok bool) {
	for _, s := range builtIn().Systems {
		if s.Name == system && s.Posts != "" {
			per := perPage(s.Posts)
			return placed(home, strings.NewReplacer(
				"{page}", strconv.Itoa(page), "{first}", strconv.Itoa(1+(page-1)*per),
				"{from}", from.Add(-Slack).UTC().Format(time.RFC3339), "{to}", to.Add(Slack).UTC().Format(time.RFC3339),
			).Replace(s.Posts))
		}
	}
	return "", false
}

// PostSystems are the systems that have a list of all articles.
func PostSystems() (names []string) {
	for _, s := range builtIn().Systems {
		if s.Posts != "" {
			names = append(names, s.Name)
		}
	}
	return names
}

// Systems are the content systems that are known, by name.
func Systems() (names []string) {
	for _, s := range builtIn().Systems {
		names = append(names, s.Name)
	}
	return names
}

// PerPage is how many articles a full page of a system's list of all has; 0 where it has none.
func PerPage(system string) int {
	for _, s := range builtIn().Systems {
		if s.Name == system && s.Posts != "" {
			return perPage(s.Posts)
		}
	}
	return 0
}

func perPage(posts string) int {
	_, query, _ := strings.Cut(posts, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		return 0
	}
	return number(q, "per_page", "max-results")
}

// Months are the addresses where a system has the archives of the months of a time, the latest first, one list for each form of
// address. Zone is the site's.
func Months(home, system string, from, to time.Time, zone *time.Location) (forms [][]string) {
	last := to.In(zone).Add(-time.Nanosecond)
	for _, s := range builtIn().Systems {
		if s.Name != system {
			continue
		}
		for _, form := range s.Months {
			var months []string
			at := time.Date(last.Year(), last.Month(), 1, 0, 0, 0, 0, zone)
			for len(months) < maxMonths && at.AddDate(0, 1, 0).After(from) {
				filled := strings.NewReplacer("{yyyy}", at.Format("2006"), "{mm}", at.Format("01")).Replace(form)
				if address, ok := placed(home, filled); ok {
					months = append(months, address)
				}
				at = at.AddDate(0, -1, 0)
			}
			forms = append(forms, months)
		}
	}
	return forms
}

// placed is a reference of places.yaml at a site.
func placed(home, ref string) (string, bool) {
	base, err := url.Parse(home)
	if err != nil {
		return "", false
	}
	if last := base.Path[strings.LastIndexByte(base.Path, '/')+1:]; !strings.Contains(last, ".") && last != "" {
		base = base.JoinPath("/")
	}
	address, err := weburl.Resolve(base, ref)
	return address, err == nil
}

// ArchiveOf says which month or day the page of an archive lists, by its address; false for other addresses. The site's zone tells
// when that began; s may be nil.
func ArchiveOf(canonical string, s *site.Site) (from, to time.Time, ok bool) {
	a := readAddress(canonical)
	date := a.archive()
	if len(date) < 2 || date[0] < 1990 || date[0] > 2100 || date[1] < 1 || date[1] > 12 {
		return from, to, false
	}
	zone := time.UTC
	if s != nil {
		zone = s.Location()
	}
	if len(date) == 2 {
		from = time.Date(date[0], time.Month(date[1]), 1, 0, 0, 0, 0, zone)
		return from.UTC(), from.AddDate(0, 1, 0).UTC(), true
	}
	from = time.Date(date[0], time.Month(date[1]), date[2], 0, 0, 0, 0, zone)
	return from.UTC(), from.AddDate(0, 0, 1).UTC(), true
}
