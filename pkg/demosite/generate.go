package demosite

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// story is one article: what was written (its truth) and what only its page shows.
type story struct {
	truth    Truth
	path     string // request URI on its host
	id       int
	section  int
	lead     string // first paragraph without dateline, for teasers
	place    string
	source   bool // the page ends with a source line
	local    time.Time
	modified time.Time // zero: never edited
	writer   *writer
}

// writer fills sentence templates. A name that a story has drawn once stays the same all through it.
type writer struct {
	rng   *rand.Rand
	lang  *language
	zero  rune
	local time.Time
	drawn map[string]string
	used  map[string]bool
	key   string // section
	// figures are the numbers drawn, by their bounds, while headline and lead are written: they tell the same news. The
	// body's are each its own: nil.
	figures map[string]string
}

func newWriter(seed uint64, host string, n int, lang *language, zero rune, key string, local time.Time) *writer {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%d", host, n)
	return &writer{
		rng: rand.New(rand.NewPCG(seed, h.Sum64())), lang: lang, zero: zero, local: local,
		drawn: map[string]string{}, used: map[string]bool{}, key: key,
	}
}

func (w *writer) pick(list []string) string { return list[w.rng.IntN(len(list))] }

// fill replaces every {slot} of a template.
func (w *writer) fill(template string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		b.WriteString(before)
		if !found {
			return capital(b.String(), w.lang.code)
		}
		slot, after, _ := strings.Cut(rest, "}")
		b.WriteString(w.slot(slot))
		template = after
	}
}

func (w *writer) slot(slot string) string {
	if bounds, ok := strings.CutPrefix(slot, "n:"); ok {
		s, ok := w.figures[bounds]
		if !ok {
			s = w.number(bounds)
			if w.figures != nil {
				w.figures[bounds] = s
			}
		}
		return s
	}
	if s, ok := w.drawn[slot]; ok {
		return s
	}
	var s string
	switch slot {
	case "weekday":
		s = w.lang.weekday(w.local)
	case "date":
		s = w.digits(w.lang.inText(w.local))
	case "man", "man2":
		s = w.fresh(func() string { return w.pick(w.lang.lists["men"]) + " " + w.pick(w.lang.lists["families"]) })
	case "woman":
		s = w.fresh(func() string { return w.pick(w.lang.lists["women"]) + " " + w.pick(w.lang.lists["families"]) })
	case "family":
		s = w.pick(w.lang.lists["families"])
	case "org", "org2":
		s = w.fresh(func() string { return w.pick(w.lang.lists[w.key+".orgs"]) })
	default: // city, city2
		s = w.fresh(func() string { return w.pick(w.lang.lists["cities"]) })
	}
	w.drawn[slot] = s
	return s
}

// headline begins a story: its title and the lead that belongs to it.
func (w *writer) headline() (title, lead string) {
	w.drawn, w.used, w.figures = map[string]string{}, map[string]bool{}, map[string]string{}
	titles, leads := w.lang.lists[w.key+".titles"], w.lang.lists[w.key+".leads"]
	n := w.rng.IntN(len(titles))
	return w.fill(titles[n]), w.fill(leads[n])
}

// fresh draws until the story has not used the name yet.
func (w *writer) fresh(draw func() string) string {
	s := draw()
	for w.used[s] {
		s = draw()
	}
	w.used[s] = true
	return s
}

// number draws from "low-high" or "low-high:step".
func (w *writer) number(bounds string) string {
	bounds, stepText, _ := strings.Cut(bounds, ":")
	lowText, highText, _ := strings.Cut(bounds, "-")
	low, _ := strconv.Atoi(lowText)
	high, _ := strconv.Atoi(highText)
	step, _ := strconv.Atoi(stepText)
	step = max(step, 1)
	return w.digits(strconv.Itoa(low + step*w.rng.IntN((high-low)/step+1)))
}

func (w *writer) digits(s string) string {
	if w.zero == 0 {
		return s
	}
	return digits(s, w.zero)
}

// capital sets the first letter as a sentence does; Turkish has its own capital of i.
func capital(s, lang string) string {
	r, n := utf8.DecodeRuneInString(s)
	if lang == "tr" {
		return string(unicode.TurkishCase.ToUpper(r)) + s[n:]
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// write makes the n-th newest story of a site.
func (s *news) write(seed uint64, n, total int, titles map[string]bool) *story {
	section := n % len(sectionKeys)
	key := sectionKeys[section]
	// Spread evenly over forty days, so that several months, and two in every calendar, occur.
	age := time.Duration(n) * (40 * 24 * time.Hour / time.Duration(total))
	age += time.Duration(n*7919%1800) * time.Second
	local := epoch.Add(-age).In(s.zone)
	w := newWriter(seed, s.host, n, s.lang, s.spec.zero, key, local)
	title, lead := w.headline()
	for try := 0; titles[title]; try++ {
		title, lead = w.headline()
		if try == 100 { // the word lists are used up: a very large web
			title += " (" + w.digits(strconv.Itoa(n)) + ")"
		}
	}
	titles[title] = true
	w.figures = nil
	st := &story{
		id: 10240 + 7*(total-n), section: section, lead: lead, place: w.slot("city"), local: local, writer: w,
		source: n%3 != 2,
		truth: Truth{
			Site: s.id, Language: s.lang.code, Section: s.lang.section(key), Title: title,
			Paragraphs: s.paragraphs(w, lead, n),
		},
	}
	st.path = s.uniquePath(st)
	st.truth.URL = "http://" + s.host + st.path
	if s.spec.dateline != "" && (s.spec.always || n%5 != 4) {
		st.truth.Dateline = &article.Dateline{Place: st.place, Agency: s.spec.datelineAgency}
	}
	if s.spec.byline && n%4 != 3 {
		st.truth.Authors = []string{s.staff[n%len(s.staff)]}
	}
	if s.spec.updates && n%6 == 0 {
		st.modified = local.Add(2*time.Hour + 17*time.Minute)
	}
	if s.spec.sourceAgency != "" && st.source {
		st.truth.Agency = s.spec.sourceAgency
	}
	st.finish(s)
	return st
}

// paragraphs writes the body: the lead with its dateline, then three to eight paragraphs of one to three sentences.
func (s *news) paragraphs(w *writer, lead string, n int) []string {
	pool := append(append([]string{}, s.lang.lists[w.key+".body"]...), s.lang.reserve...)
	w.rng.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
	first := lead
	if s.spec.dateline != "" && !s.spec.datelineApart && (s.spec.always || n%5 != 4) {
		first = strings.ReplaceAll(s.spec.dateline, "%", w.slot("city")) + first
	}
	out := []string{first}
	for range 3 + w.rng.IntN(6) {
		var sentences []string
		for range 1 + w.rng.IntN(3) {
			if len(pool) > 0 {
				sentences = append(sentences, w.fill(pool[0]))
				pool = pool[1:]
			}
		}
		// No paragraph stands in two articles of a site, for whatever does is the template's by all appearances.
		for s.said[strings.Join(sentences, " ")] && len(pool) > 0 {
			sentences = append(sentences, w.fill(pool[0]))
			pool = pool[1:]
		}
		if text := strings.Join(sentences, " "); text != "" && !s.said[text] {
			s.said[text] = true
			out = append(out, text)
		}
	}
	return out
}

// finish derives the parts of the truth that follow from others and from the site's present template.
func (st *story) finish(s *news) {
	st.truth.Text = strings.Join(st.truth.Paragraphs, "\n\n")
	st.truth.Published, st.truth.Precision = st.local, article.PrecisionSecond
	if !s.skin.machineDate {
		st.truth.Published, st.truth.Precision = st.local.Truncate(time.Minute), article.PrecisionMinute
		if !s.spec.dates.hasClock() {
			y, m, d := st.local.Date()
			st.truth.Published, st.truth.Precision = time.Date(y, m, d, 0, 0, 0, 0, s.zone), article.PrecisionDay
		}
	}
	st.truth.Modified = nil
	if !st.modified.IsZero() && (s.skin.machineDate || s.spec.updates) {
		m := st.modified
		st.truth.Modified = &m
	}
}
