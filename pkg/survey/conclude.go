package survey

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/newsdate"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// conclude fills in the findings from all that was read.
func (v *survey) conclude() {
	o := v.out
	o.Read = v.readCount()
	o.Name = nameOf(v.pages, o.Home)
	o.Language = v.tables.languageOf(v.pages, v.articles)
	var titles []string
	for _, u := range v.order {
		titles = append(titles, v.listed[u].title)
	}
	o.Country = v.tables.countryOf(v.pages, v.articles, titles, o.Home, o.Language.Value)
	o.TimeZone = zoneOf(v.articles, o.Country.Value, o.Language.Value)
	o.Sections = v.sections()
	o.Pattern = patternOf(v.patternInput())
	for _, u := range sortedKeys(v.left) {
		o.Left = append(o.Left, Left{URL: u, Why: v.left[u]})
	}
	var newest *time.Time
	for _, a := range v.articles {
		if at := a.article.PublishedAt; a.is && at != nil && (newest == nil || at.After(*newest)) {
			newest = at
		}
	}
	for _, s := range o.Sections {
		if s.Newest != nil && (newest == nil || s.Newest.After(*newest)) {
			newest = s.Newest
		}
	}
	if newest != nil && o.At.Sub(*newest) > stale {
		o.Notes = append(o.Notes, fmt.Sprintf("The newest article that was seen is of %s: the site may have ended.", newest.Format(time.DateOnly)))
	}
}

// stale is how long a site may be silent before whoever reads its file is told: weeklies pause for a summer.
const stale = 90 * 24 * time.Hour

// sections are the sources that list something of their own: what stands on more than half of all listings is the site's frame.
func (v *survey) sections() []Section {
	listings, on := 0, map[string]int{}
	for _, s := range v.found {
		if s.Kind == site.Listing {
			listings++
			for _, l := range s.links {
				on[l.URL]++
			}
		}
	}
	var out []Section
	ids := map[string]bool{}
	for _, s := range v.found {
		if s.Kind == site.Listing && listings >= leastFramed {
			framed := 0
			for _, l := range s.links {
				if 2*on[l.URL] > listings {
					framed++
				}
			}
			if framed == len(s.links) {
				v.left[s.URL] = "lists only what stands on the other pages too"
				continue
			}
		}
		s.ID = sectionID(s.URL, string(s.Kind), ids)
		ids[s.ID] = true
		out = append(out, s.Section)
	}
	return out
}

// leastFramed is how many listings show what all of them have in common.
const leastFramed = 4

// sectionID names a section by its address, in the letters that ids have, and as no other is named.
func sectionID(address, kind string, taken map[string]bool) string {
	id := kind
	if u, err := url.Parse(address); err == nil {
		name := strings.Map(func(r rune) rune {
			switch {
			case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_':
				return r
			case r >= 'A' && r <= 'Z':
				return r + 'a' - 'A'
			}
			return '-'
		}, strings.Trim(u.EscapedPath(), "/")+"-"+u.RawQuery)
		if strings.Contains(u.EscapedPath()+u.RawQuery, "%") { // not Latin: nothing to read
			name = ""
		}
		name = strings.Trim(name, "-._")
		if name = strings.Trim(name[:min(len(name), maxID-4)], "-._"); name != "" {
			id = name
		}
	}
	for n, base := 2, id; taken[id]; n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	return id
}

// tally counts votes, with what each was cast for.
type tally struct {
	points   map[string]float64
	evidence map[string][]string
}

func newTally() *tally {
	return &tally{points: map[string]float64{}, evidence: map[string][]string{}}
}

func (t *tally) vote(value string, points float64, format string, args ...any) {
	t.points[value] += points
	if why := fmt.Sprintf(format, args...); !slices.Contains(t.evidence[value], why) {
		t.evidence[value] = append(t.evidence[value], why)
	}
}

// ranked gives the values, the most points first.
func (t *tally) ranked() []string {
	return slices.SortedFunc(maps.Keys(t.points), func(a, b string) int {
		return cmp.Or(cmp.Compare(t.points[b], t.points[a]), cmp.Compare(a, b))
	})
}

// winner is the value with the least points and the least lead, or what spoke for the first few.
func (t *tally) winner(least, lead float64) Found {
	all := t.ranked()
	if len(all) == 0 {
		return Found{}
	}
	second := 0.0
	if len(all) > 1 {
		second = t.points[all[1]]
	}
	if best := all[0]; t.points[best] >= least && t.points[best]-second >= lead {
		return Found{Value: best, Evidence: t.evidence[best]}
	}
	var f Found
	for _, value := range all[:min(len(all), 3)] {
		f.Evidence = append(f.Evidence, value+": "+strings.Join(t.evidence[value], ", "))
	}
	return f
}

// nameOf is what a publisher calls itself, on most pages.
func nameOf(pages []*seenPage, home string) Found {
	t := newTally()
	ends := map[string]int{}
	for _, p := range pages {
		if isName(p.siteName) {
			t.vote(p.siteName, 2, "og:site_name")
		}
		for _, n := range p.publisher[:min(len(p.publisher), 3)] {
			if isName(n) {
				t.vote(n, 1, "publisher in linked data")
			}
		}
		if parts := titleParts(p.title); len(parts) > 1 {
			ends[parts[len(parts)-1]]++
			ends[parts[0]]++
		}
	}
	for end, n := range ends {
		if n >= 2 && 2*n > len(pages) && isName(end) {
			t.vote(end, float64(n), "part of %d titles", n)
		}
	}
	if f := t.winner(1, 0); f.Value != "" {
		return f
	}
	if len(pages) > 0 {
		if parts := titleParts(pages[0].title); len(parts) > 0 && isName(parts[len(parts)-1]) {
			return Found{Value: parts[len(parts)-1], Evidence: []string{"the home page's title"}}
		}
	}
	return Found{Value: weburl.Domain(weburl.Host(home)), Evidence: []string{"the host: no page says another name"}}
}

// isName says whether a text may be what a publisher is called: longer ones are slogans and headlines.
func isName(s string) bool {
	return s != "" && len([]rune(s)) <= 60 && !strings.ContainsAny(s, "\n\r\t")
}

func titleParts(title string) []string {
	var out []string
	for _, p := range strings.FieldsFunc(strings.NewReplacer(" - ", "\x00", " – ", "\x00", " — ", "\x00", " :: ", "\x00", ": ", "\x00").Replace(title),
		func(r rune) bool { return strings.ContainsRune("\x00|•»·", r) }) {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// languageOf is the language of most articles: by their letters where these tell, else by their words, else as they say.
func (t *tables) languageOf(pages []*seenPage, articles []*readArticle) Found {
	votes := newTally()
	read := 0
	for _, a := range articles {
		if !a.is {
			continue
		}
		read++
		claim := baseOf(a.article.Language)
		if l, why := t.byWords(a.article.Title+"\n"+a.article.Text, claim); l != "" {
			votes.vote(l, 1, "%s", why)
		}
	}
	if read == 0 || len(votes.points) == 0 {
		for _, p := range pages {
			if l, why := t.byWords(p.text, baseOf(p.lang)); l != "" {
				votes.vote(l, 1, "%s", why)
			}
		}
	}
	f := votes.winner(1, 0)
	if f.Value == "" {
		return f
	}
	f.Evidence = append([]string{fmt.Sprintf("of %d articles %.0f", read, votes.points[f.Value])}, f.Evidence...)
	for _, p := range pages {
		if p.lang != "" {
			if said := baseOf(p.lang); said != f.Value && t.byCode[said] != t.byCode[f.Value] {
				f.Evidence = append(f.Evidence, fmt.Sprintf("although the pages say lang=%q", p.lang))
			}
			break
		}
	}
	return f
}

// byWords is a text's language, and what tells it. A claim stands unless the text has hardly any of its words and far more of
// another's.
func (t *tables) byWords(text, claim string) (lang, why string) {
	all := strings.FieldsFunc(strings.ToLower(text[:min(len(text), maxText)]), func(r rune) bool { return !isWordRune(r) })
	if len(all) == 0 {
		return claim, "as they say"
	}
	hits := func(l *tongue) float64 {
		n := 0
		for _, w := range all {
			if l.words[w] {
				n++
			}
		}
		return float64(n)
	}
	said := t.byCode[claim]
	of := 0.0
	if said != nil {
		of = hits(said)
		if len(said.Words) == 0 { // its letters told
			return claim, "by their letters"
		}
	}
	best, most := said, of
	for i := range t.languages {
		if n := hits(&t.languages[i]); n > most {
			best, most = &t.languages[i], n
		}
	}
	switch share := most / float64(len(all)); {
	case best == nil || most < leastWords || share < leastShare:
		return claim, "as they say"
	case best != said && of > 0 && most < wordLead*of:
		return claim, "as they say"
	case best == said:
		return claim, "by their words"
	}
	return best.Code, "by their words"
}

const (
	// leastWords and leastShare are how many of a text's words must be among a language's most frequent ones: in most
	// languages one word in four is, in those that join them up (Zulu, Xhosa) one in forty.
	leastWords, leastShare = 4, 0.02
	// wordLead is how many times as many of its words another language must have than the one that is claimed: neighbours,
	// as Spanish and Galician, share half of theirs.
	wordLead = 2.5
)

func isWordRune(r rune) bool {
	return r == '\'' || r == '\u200c' || r == '-' || r >= 'a' && r <= 'z' || r > 0x7f && r != '،' && r != '؛' && r != '।' && r != '»' && r != '«' && r != '“' && r != '”' && r != '–' && r != '—' && r != 0xa0
}

// baseOf is a tag's language without script and region; "" for what is no language.
func baseOf(tag string) string {
	t, err := language.Parse(strings.ReplaceAll(strings.TrimSpace(tag), "_", "-"))
	if err != nil || t == language.Und {
		return ""
	}
	base, _ := t.Base()
	return base.String()
}

// zoneOf is the zone that a country's news is printed in, held against the offsets that the articles' times have.
func zoneOf(articles []*readArticle, country, lang string) Found {
	offsets := map[string]int{}
	seen := 0
	agree := func(loc *time.Location) (n int) {
		for _, a := range articles {
			off, at := offsetOf(a)
			if off == "" {
				continue
			}
			if at.In(loc).Format("-07:00") == off {
				n++
			}
		}
		return n
	}
	for _, a := range articles {
		if off, _ := offsetOf(a); off != "" && off != "+00:00" { // servers that print UTC are everywhere
			offsets[off]++
			seen++
		}
	}
	loc := newsdate.ZoneFor(country, "")
	if country == "" {
		loc = newsdate.ZoneFor("", lang)
	}
	if loc == nil {
		f := Found{}
		for _, off := range sortedKeys(offsets) {
			f.Evidence = append(f.Evidence, fmt.Sprintf("%d articles have times with %s", offsets[off], off))
		}
		return f
	}
	f := Found{Value: loc.String(), Evidence: []string{"that of the country's news"}}
	if country == "" {
		f.Evidence[0] = "that of the language's news"
	}
	if seen == 0 {
		return f
	}
	n := agree(loc)
	if 2*n >= seen {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%d of %d articles have times with its offset", n, seen))
		return f
	}
	for _, name := range wideZones[country] {
		other, err := time.LoadLocation(name)
		if err == nil && 2*agree(other) >= seen {
			return Found{Value: name, Evidence: []string{fmt.Sprintf("%d of %d articles have times with its offset", agree(other), seen)}}
		}
	}
	f.Evidence = append(f.Evidence, fmt.Sprintf("although the articles' times have %s", strings.Join(sortedKeys(offsets), ", ")))
	return f
}

// wideZones are the further zones of countries that have several, the most populous first.
var wideZones = map[string][]string{
	"US": {"America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu"},
	"CA": {"America/Vancouver", "America/Edmonton", "America/Winnipeg", "America/Halifax", "America/Regina", "America/St_Johns"},
	"MX": {"America/Tijuana", "America/Hermosillo", "America/Cancun"},
	"BR": {"America/Manaus", "America/Fortaleza", "America/Rio_Branco"},
	"AU": {"Australia/Brisbane", "Australia/Perth", "Australia/Adelaide", "Australia/Darwin"},
	"RU": {"Asia/Yekaterinburg", "Asia/Novosibirsk", "Europe/Samara", "Asia/Omsk", "Asia/Krasnoyarsk", "Asia/Irkutsk", "Asia/Vladivostok", "Europe/Kaliningrad"},
	"ID": {"Asia/Makassar", "Asia/Jayapura"},
	"CD": {"Africa/Lubumbashi"},
	"ES": {"Atlantic/Canary"},
	"PT": {"Atlantic/Azores"},
	"CL": {"Pacific/Easter"},
}

// offsetOf is the offset from UTC that an article's own time has; "" where it names none.
func offsetOf(a *readArticle) (string, time.Time) {
	p := a.article.Published
	if !a.is || p == nil || p.Precision == article.PrecisionDay || a.article.PublishedAt == nil || len(p.Zone) != len("+00:00") || p.Zone[3] != ':' {
		return "", time.Time{}
	}
	return p.Zone, *a.article.PublishedAt
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
