package survey

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/khabar-crawler/khabar/pkg/newsdate"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// How much each sign says of where a publisher is. They were weighed on the saved pages of ninety publishers: a country's own
// domain is hardly ever another's, a postal address or telephone number is a publisher's or, seldom, somebody's else on the
// page; what a text names may be far away.
const (
	byDomain   = 8.0
	byRegion   = 4.0 // geo.region
	byAddress  = 4.0 // postal, in linked data
	byPhone    = 3.0
	byName     = 3.0 // the country, or a city of it, in the name or the domain
	byLanguage = 3.0 // that is printed in one country
	byTag      = 2.0 // en-GB; en-US and en-GB are what systems say by themselves: a quarter
	byPlaces   = 4.0 // at most: the country's share of all places that are named
	byImprint  = 1.0 // named at the foot of the page
	byZone     = 1.5 // at most: the offset of the articles' times

	// domestic is the share of places from which on a country is a publisher's own even if its language is another's.
	domestic = 0.6

	leastPoints = 1.5
	leastLead   = 0.3
)

// maxLines bounds the menu entries and headlines that places are looked for in.
const maxLines = 5000

// sharedDomains are countries' domains that anybody takes for what they spell.
const sharedDomains = " ai cc co fm gg im io ly me to tv ws ag nu la gl sh vc st cx tk ml ga cf gq pw eu "

// countryOf is where a publisher is.
func (t *tables) countryOf(pages []*seenPage, articles []*readArticle, titles []string, home, lang string) Found {
	votes := newTally()
	name := weburl.Host(home)
	tld := name[strings.LastIndexByte(name, '.')+1:]
	if code := countryCode(tld); len(tld) == 2 && code != "" && !strings.Contains(sharedDomains, " "+tld+" ") {
		votes.vote(code, byDomain, "domain .%s", tld)
	}
	names := t.countryNames(lang)
	lookup := func(n string) string {
		if c := t.places[n]; c != "" {
			return c
		}
		return names[n]
	}
	spoken := t.byCode[lang]
	switch {
	case spoken == nil:
		spoken = &tongue{}
	case spoken.Country != "":
		votes.vote(spoken.Country, byLanguage, "language %s", lang)
	case spoken.Mostly != "":
		votes.vote(spoken.Mostly, byLanguage*2/3, "language %s", lang)
	}
	t.said(votes, pages, spoken, lookup)
	named(votes, pages, articles, titles, spoken, lookup)
	domain := domainWord(home)
	for _, place := range sortedKeys(t.places) {
		if c := t.places[place]; len(place) >= 5 && !strings.ContainsAny(place, " .") && strings.Contains(domain, place) {
			votes.vote(c, byName, "%q in the domain", place)
		}
	}
	for _, place := range sortedKeys(names) {
		if c := names[place]; len(place) >= 5 && !strings.Contains(place, " ") && strings.Contains(domain, place) {
			votes.vote(c, byName, "%q in the domain", place)
		}
	}
	offsets(votes, articles)
	return votes.winner(leastPoints, leastLead)
}

// isAbroad says whether a country prints hardly any news in the language.
func (l *tongue) isAbroad(country string) bool {
	return l.Country != "" && country != l.Country || len(l.In) > 0 && !slices.Contains(l.In, country)
}

// said counts what the pages say of their publisher in so many words.
func (t *tables) said(votes *tally, pages []*seenPage, spoken *tongue, lookup func(string) string) {
	once := map[string]bool{}
	vote := func(c string, points float64, format string, args ...any) {
		if c != "" && !once[c+format] {
			once[c+format] = true
			votes.vote(c, points, format, args...)
		}
	}
	phones, full := map[string]int{}, 0
	for _, p := range pages {
		vote(regionOf(p.region), byRegion, "geo.region")
		for _, a := range p.addresses {
			c := countryCode(a)
			if c == "" {
				c = lookup(strings.Join(words(a), " "))
			}
			vote(c, byAddress, "postal address in linked data")
		}
		for _, tag := range []string{p.lang, p.locale} {
			c := regionOf(strings.ReplaceAll(tag, "_", "-"))
			points := byTag
			switch {
			case c == "US" || c == "GB" || strings.EqualFold(c, tag[:min(len(tag), 2)]): // ar_AR
				points /= 4
			}
			vote(c, points, "language tag")
		}
		for _, n := range append([]string{p.siteName}, p.publisher[:min(len(p.publisher), 2)]...) {
			for c := range placesIn(words(n), lookup) {
				vote(c, byName, "named in the publisher's name")
			}
		}
		if len(p.text) < 2*maxFoot {
			continue // no page of the site's template
		}
		full++
		for c := range placesIn(words(p.foot), lookup) {
			if !spoken.isAbroad(c) {
				vote(c, byImprint, "named at the foot of the page")
			}
		}
		seen := map[string]bool{}
		for _, digits := range p.phones {
			if c := t.phoneCountry(digits); c != "" && !seen[c] {
				seen[c] = true
				phones[c]++
			}
		}
	}
	for c, n := range phones {
		if 2*n > full || n >= 3 {
			vote(c, byPhone, "telephone numbers")
		} else {
			vote(c, byPhone/3, "a telephone number")
		}
	}
}

// named counts the places that headlines, menus, datelines and texts name: what a paper writes about most is its own country.
func named(votes *tally, pages []*seenPage, articles []*readArticle, titles []string, spoken *tongue, lookup func(string) string) {
	count, total := map[string]float64{}, 0.0
	add := func(text string, weight float64, each bool) {
		for c, n := range placesIn(words(text[:min(len(text), maxText)]), lookup) {
			points := weight
			if each {
				points = weight * float64(min(n, 5)) // one report does not outweigh the rest
			}
			count[c] += points
			total += points
		}
	}
	once := map[string]bool{} // each menu entry and each headline counts once, on however many pages it stands
	for _, p := range pages {
		for line := range strings.Lines(p.menu) {
			if line = squeeze(line); line != "" && !once[line] && len(once) < maxLines {
				once[line] = true
				add(line, 1, true)
			}
		}
	}
	for _, title := range titles {
		if !once[title] && len(once) < maxLines {
			once[title] = true
			add(title, 1, true)
		}
	}
	for _, a := range articles {
		if !a.is {
			continue
		}
		add(a.article.Title+"\n"+a.article.Text, 1, true)
		if d := a.article.Dateline; d != nil {
			add(d.Place, 3, false)
		}
	}
	if total < 3 {
		return
	}
	for c, n := range count {
		share := n / total
		points := byPlaces * share
		if spoken.isAbroad(c) && share < domestic {
			points /= 2
		}
		if share >= 0.1 {
			votes.vote(c, points, "%.0f%% of the places named", 100*share)
		}
	}
}

// placesIn counts the places that words name, by country; names of up to three words.
func placesIn(all []string, lookup func(string) string) map[string]int {
	count := map[string]int{}
	for i := 0; i < len(all); i++ {
		for n := min(3, len(all)-i); n > 0; n-- {
			if c := lookup(strings.Join(all[i:i+n], " ")); c != "" {
				count[c]++
				i += n - 1
				break
			}
		}
	}
	return count
}

// offsets holds the countries that have votes against the offset of the articles' times.
func offsets(votes *tally, articles []*readArticle) {
	for c := range votes.points {
		loc := newsdate.ZoneFor(c, "")
		if loc == nil {
			continue
		}
		zones := []*time.Location{loc}
		for _, name := range wideZones[c] {
			if other, err := time.LoadLocation(name); err == nil {
				zones = append(zones, other)
			}
		}
		with, without := 0, 0
		for _, a := range articles {
			off, at := offsetOf(a)
			if off == "" {
				continue
			}
			fits := false
			for _, z := range zones {
				fits = fits || at.In(z).Format("-07:00") == off
			}
			switch {
			case fits:
				with++
			case off != "+00:00":
				without++
			}
		}
		switch n := float64(with + without); {
		case with > 0:
			votes.vote(c, byZone*float64(with)/n, "times with its offset")
		case without > 0:
			votes.vote(c, -byZone, "times with another offset")
		}
	}
}

// phoneCountry is the country of an international number.
func (t *tables) phoneCountry(digits string) string {
	for n := 3; n > 0; n-- {
		if len(digits) > n+5 {
			if c := t.phones[digits[:n]]; c != "" {
				return c
			}
		}
	}
	return ""
}

// countryCode reads a code as sites write it: "gb", "UK", "IRQ"; "" for what is none.
func countryCode(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if s == "UK" {
		return "GB"
	}
	if len(s) != 2 && len(s) != 3 {
		return ""
	}
	r, err := language.ParseRegion(s)
	if err != nil || !site.IsCountry(r.String()) {
		return ""
	}
	return r.String()
}

// regionOf is the country of "IQ-BG", of "en-GB", and of "IQ".
func regionOf(tag string) string {
	parts := strings.Split(tag, "-")
	if c := countryCode(parts[0]); c != "" && parts[0] == strings.ToUpper(parts[0]) {
		return c
	}
	for _, p := range parts[1:] {
		if c := countryCode(p); c != "" && len(p) == 2 {
			return c
		}
	}
	return ""
}
