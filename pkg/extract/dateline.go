package extract

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/newsdate"
	"github.com/khabar-crawler/khabar/pkg/page"
)

const (
	// maxDateline is how far into the first paragraph a dateline reaches, in letters. The longest met is 44
	// ("گروه استان های باشگاه خبرنگاران جوان از یزد").
	maxDateline = 64
	// maxPlaceWords: "أبوظبي", "نیویارک", "دمشق، سوريا", "Washington, D.C.".
	maxPlaceWords = 4
)

// urduLetters are letters that Urdu has and Arabic, Persian and Kurdish have not.
const urduLetters = "ٹڈڑں"

// findDateline reads the place and agency that open a report: "بغداد/المسلة:", "BAGHDAD (Reuters) -",
// "{بغداد: الفرات نيوز}", "شفق نيوز- كركوك". The text itself stays as it is.
func findDateline(text string, names []string) *article.Dateline {
	first := text
	if i := strings.IndexByte(first, '\n'); i >= 0 {
		first = first[:i]
	}
	head := page.RunePrefix(first, maxDateline)
	if d := bracketed(head, names); d != nil {
		return d
	}
	if d := openedReport(first, names); d != nil {
		return d
	}
	end, sure := datelineEnd(head, first)
	if end <= 0 {
		return nil
	}
	place, outlet := splitDateline(head[:end])
	return makeDateline(place, outlet, names, sure)
}

// maxReport is how far the opening of a Persian report reaches, in letters.
const maxReport = 110

// openedReport reads the opening of a Persian report, "به گزارش خبرنگار گروه … باشگاه خبرنگاران جوان از یزد، ", and its
// shorter forms: the agency, and the place after the last "from".
func openedReport(first string, names []string) *article.Dateline {
	rest, p := words.Known().Cut(words.Report, page.RunePrefix(first, maxReport))
	end := strings.IndexAny(rest, "،؛:,;")
	if p == nil || end < 0 {
		return nil
	}
	said, place := strings.TrimSpace(rest[:end]), ""
	for from := range words.Known().All(words.From) {
		sep := " " + from.Raw + " "
		if i := strings.LastIndex(said, sep); i > 0 && from.Language == p.Language {
			said, place = strings.TrimSpace(said[:i]), strings.TrimSpace(said[i+len(sep):])
		}
	}
	if place != "" && !isPlace(place) {
		return nil
	}
	for _, n := range names {
		if strings.Contains(comparable(said), comparable(n)) {
			return &article.Dateline{Place: place, Agency: n}
		}
	}
	said, reporter := words.Known().Cut(words.Reporter, said)
	if agency, known := outletName(strings.TrimSpace(said), names); known {
		return &article.Dateline{Place: place, Agency: agency}
	}
	if reporter != nil && place != "" {
		return &article.Dateline{Place: place}
	}
	return nil
}

// placeLine reads a dateline that stands alone above the text, outside of its container: a place as a small heading
// between the headline and the first paragraph, which the text or headline names too.
func (f *finding) placeLine() string {
	first := -1
	for k := range f.blocks {
		if f.out[k].keep {
			first = k
			break
		}
	}
	for k := first - 1; k >= 0 && k >= first-8; k-- {
		b := &f.blocks[k]
		if b.Tag != atom.H6 && b.Tag != atom.H5 || b.Words > maxPlaceWords || b.LinkShare() > 0 || !isPlace(b.Text) || newsdate.HasDigit(b.Text) {
			continue
		}
		if c := comparable(b.Text); c != "" && (strings.Contains(comparable(f.title), c) || strings.Contains(comparable(f.blocks[first].Text), c)) {
			return strings.TrimSpace(b.Text)
		}
	}
	return ""
}

// bracketed reads "{بغداد: الفرات نيوز}" and "(أبوظبي - البيان)" at the very beginning.
func bracketed(head string, names []string) *article.Dateline {
	if head == "" || head[0] != '{' && head[0] != '(' && head[0] != '[' {
		return nil
	}
	end := strings.IndexAny(head, "})]")
	if end < 0 {
		return nil
	}
	place, outlet := splitDateline(head[1:end])
	if outlet == "" {
		return nil
	}
	return makeDateline(place, outlet, names, true)
}

// datelineEnd finds where a dateline ends: at a colon, a dash with spaces, or "--". sure says that the form itself
// (brackets around an agency, a doubled dash) makes it one.
func datelineEnd(head, first string) (end int, sure bool) {
	if i := strings.Index(head, "--"); i > 0 {
		return i, true
	}
	whole := len(head) == len(first) // the dateline may be a line of its own
	if i := bracketEnd(head, first, whole); i > 0 {
		return i, true
	}
	if whole && len(strings.Fields(first)) <= maxPlaceWords+2 && !strings.ContainsAny(first, ":.") {
		return len(first), false // "بغداد – النهر"
	}
	best := markEnd(head)
	switch {
	case best > 0 && urduCity(head, first, best):
		return best, true
	case best < 0 && whole:
		return len(first), false
	case best < 0:
		// "بغداد/ المدى تحوّل": site after a slash, told by its name.
		if i := strings.IndexByte(head, '/'); i > 0 && i < 40 {
			return len(head), false
		}
	}
	return best, false
}

// bracketEnd gives the end of brackets that a mark or the line's end follows; 0 where there are none.
func bracketEnd(head, first string, whole bool) int {
	i := strings.IndexByte(head, ')')
	if i <= 0 || strings.IndexByte(head, '(') <= 0 {
		return 0
	}
	rest := strings.TrimLeft(head[i+1:], " ")
	for _, mark := range []string{"-", "–", "—", ":", "،"} {
		if strings.HasPrefix(rest, mark) {
			return i + 1
		}
	}
	if whole && i == len(strings.TrimRight(first, " "))-1 {
		return i + 1
	}
	return 0
}

// markEnd gives the place of the first colon or dash that may end a dateline; -1 where there is none.
func markEnd(head string) int {
	best := -1
	if i := strings.IndexByte(head, ':'); i > 0 && (i+1 == len(head) || head[i+1] == ' ' || head[i+1] == '-' || head[i+1] >= 0x80) {
		best = i
	}
	for _, dash := range []string{" – ", " — "} {
		if i := strings.Index(head, dash); i > 0 && (best < 0 || i < best) && len(strings.Fields(head[:i])) <= maxPlaceWords {
			best = i
		}
	}
	return best
}

// urduCity says whether a report opens as Urdu ones do, with the city and a colon: "راولپنڈی: لاہور ہائیکورٹ نے ...".
func urduCity(head, first string, colon int) bool {
	return head[colon] == ':' && len(strings.Fields(head[:colon])) <= 2 && len(strings.Fields(first[colon:])) > 8 && strings.ContainsAny(first, urduLetters) &&
		!strings.ContainsAny(head[:colon], "\"“«")
}

// splitDateline parts "بغداد/المسلة", "شفق نيوز- كركوك", "BAGHDAD (Reuters)".
func splitDateline(s string) (a, b string) {
	s = strings.Trim(s, " :-–—")
	if i := strings.IndexByte(s, '('); i > 0 {
		return strings.Trim(s[:i], " -–—،,"), strings.Trim(strings.TrimRight(s[i+1:], ") "), " ")
	}
	for _, sep := range []string{"/", " - ", " – ", "- ", " -", "–", "-", ": "} {
		if i := strings.Index(s, sep); i > 0 {
			return strings.Trim(s[:i], " :-–—/"), strings.Trim(s[i+len(sep):], " :-–—/")
		}
	}
	return s, ""
}

// makeDateline tells place and outlet apart; nil when the two are neither.
func makeDateline(a, b string, names []string, sure bool) *article.Dateline {
	a, b = cutFrom(a), cutFrom(b)
	an, aOut := outletName(a, names)
	bn, bOut := outletName(b, names)
	switch {
	case b == "" && aOut:
		return &article.Dateline{Agency: an}
	case b == "":
		if sure && isPlace(a) {
			return &article.Dateline{Place: a}
		}
		return nil
	case aOut && bOut:
		return &article.Dateline{Agency: an}
	case bOut && isPlace(a):
		return &article.Dateline{Place: a, Agency: bn}
	case aOut && isPlace(b):
		return &article.Dateline{Place: b, Agency: an}
	case aOut:
		return &article.Dateline{Agency: an}
	}
	return nil
}

// cutFrom takes the word before a dateline's place off.
func cutFrom(s string) string {
	if rest, p := words.Known().Cut(words.From, s); p != nil && strings.HasPrefix(rest, " ") {
		return rest[1:]
	}
	return s
}

// outletName says whether a name is an agency's or the site's, and gives it in the site's own form.
func outletName(s string, names []string) (string, bool) {
	if s == "" {
		return "", false
	}
	c := comparable(s)
	for _, n := range names {
		nc := comparable(n)
		if nc == c || len(nc) >= 6 && strings.HasPrefix(c, nc) {
			return n, true
		}
	}
	if isAgency(s) {
		return s, true
	}
	if len(strings.Fields(s)) > 5 {
		return "", false
	}
	low := words.Fold(s)
	return s, words.Known().Holds(words.Outlet, low) != nil || words.Known().Holds(words.Agencies, low) != nil || words.Known().Holds(words.Monitoring, low) != nil
}

func isPlace(s string) bool {
	n := utf8.RuneCountInString(s)
	return n >= 2 && n <= 40 && len(strings.Fields(s)) <= maxPlaceWords && !strings.ContainsAny(s, ".!?؟\"«»“")
}

// maxSource bounds a line that names the source, in letters.
const maxSource = 70

// sourceLine reads a line that says where an article comes from ("المسلة – متابعة – وكالات", "--(بترا)",
// "المصدر: سكاي نيوز"); ok says that the line is nothing else.
func sourceLine(line string, names []string) (agency string, ok bool) {
	if utf8.RuneCountInString(line) > maxSource {
		return "", false
	}
	s := strings.TrimSpace(line)
	if agency, labelled, ok := labelledSource(s); labelled {
		return agency, ok
	}
	bare := strings.Trim(s, " -–—()[]./|{}")
	if bare == "" {
		return "", false
	}
	known := 0
	for _, p := range splitAny(bare, []string{" – ", " - ", " — ", "/", "|", "،", ",", "–", " + ", "-", " و"}) {
		p = strings.Trim(p, " -–—()[].")
		switch {
		case p == "":
		case isAgency(p):
			known++
			if agency == "" || agencyRank(p) > agencyRank(agency) {
				agency = p
			}
		case isSiteName(p, names):
			known++
		default:
			return "", false
		}
	}
	return agency, known > 0
}

// labelledSource reads a line that opens with a label for the source.
func labelledSource(s string) (agency string, labelled, ok bool) {
	rest, p := words.Known().Cut(words.Source, s)
	if p == nil {
		rest, p = words.Known().Cut(words.Agencies, s)
	}
	rest = strings.TrimLeft(rest, " ")
	if p == nil || !strings.HasPrefix(rest, ":") && !strings.HasPrefix(rest, "/") {
		return "", false, false
	}
	rest = strings.Trim(rest, " :/.")
	if strings.Contains(rest, "http") || strings.Contains(rest, "www.") {
		return "", true, true
	}
	return rest, true, len(strings.Fields(rest)) <= 6
}

// agencyRank puts a named agency before "agencies" and that before "follow-up".
func agencyRank(name string) int {
	switch agencies()[comparable(name)].Kind {
	case words.Monitoring:
		return 0
	case words.Agencies:
		return 1
	}
	return 2
}

func splitAny(s string, seps []string) []string {
	parts := []string{s}
	for _, sep := range seps {
		var next []string
		for _, p := range parts {
			next = append(next, strings.Split(p, sep)...)
		}
		parts = next
	}
	return parts
}
