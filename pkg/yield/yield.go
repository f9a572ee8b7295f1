// Package yield learns what comes of a site's addresses by their form, so that what a site invents without end (days of a
// calendar, combinations of filters, sessions, paths that grow) costs a bounded number of requests. A form is an address with
// what varies among pages of one sort taken out.
//
// Invariants: a form that gives articles loses no page; one that gives none after Trials pages gets ever fewer, and never none,
// so that it is noticed when it changes; what is decided of an address follows from the form's counts and the address alone, so
// that asking again decides the same. A Forms has at most MaxForms forms, whatever a site invents; forms are at most maxForm
// bytes. All functions are pure but for the Forms they are called on.
//
// Failure modes: forms are told by looks, so that articles among a hundred times as many other pages of the same form come late.
package yield

import (
	"cmp"
	"hash/fnv"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

const (
	// Trials is how many pages of a form are tried before it counts that none was an article: as many as the widest menus of
	// places and tags have, whose links are taken for articles' once.
	Trials = 100
	// poor is the least number of pages for one article at which a form counts as one that gives none.
	poor = 100
	// MaxForms bounds the forms kept of one site: real ones have some dozens.
	MaxForms = 300
	// halveAt is the number of pages from which on the counts are halved, so that what a form gives now outweighs what it gave.
	halveAt = 5000
	// maxForm bounds a form in bytes, and maxSegments and maxKeys what is told apart in it.
	maxForm, maxSegments, maxKeys = 200, 6, 6
	// maxWord is the longest segment that may name a part of the site.
	maxWord = 24
)

// Count is what came of the pages of one form.
type Count struct {
	Tried    int // fetched for the first time, with a result that says what they are
	Articles int // of these, new ones
}

// Poor says whether the form gives next to nothing.
func (c Count) Poor() bool { return c.Tried >= Trials && c.Articles*poor < c.Tried }

// Share is the part of a form's new pages that is fetched: all of one that is not poor, and of one that is ever fewer, falling
// with the square of how often it was tried in vain, so that a million addresses cost some three thousand requests.
func (c Count) Share() float64 {
	if !c.Poor() {
		return 1
	}
	part := float64(Trials) / float64(c.Tried)
	return part * part
}

// Forms is what came of a site's pages by the form of their address. The zero value is empty.
type Forms struct {
	counts map[string]Count
}

// Note counts one page of a form.
func (f *Forms) Note(form string, article bool) {
	c := Count{Tried: 1}
	if article {
		c.Articles = 1
	}
	f.add(form, c)
}

func (f *Forms) add(form string, c Count) {
	if form == "" {
		return
	}
	if f.counts == nil {
		f.counts = map[string]Count{}
	}
	was, known := f.counts[form]
	if !known && len(f.counts) >= MaxForms {
		f.forget()
	}
	was.Tried, was.Articles = was.Tried+c.Tried, was.Articles+c.Articles
	for was.Tried > halveAt {
		was.Tried, was.Articles = was.Tried/2, was.Articles/2
	}
	f.counts[form] = was
}

// forget drops the half of the forms that tell least: those that were tried least.
func (f *Forms) forget() {
	forms := slices.SortedFunc(maps.Keys(f.counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.counts[a].Tried, f.counts[b].Tried), cmp.Compare(a, b))
	})
	for _, form := range forms[:len(forms)/2] {
		delete(f.counts, form)
	}
}

// Add adds what others counted.
func (f *Forms) Add(other *Forms) {
	for _, form := range slices.Sorted(maps.Keys(other.counts)) {
		f.add(form, other.counts[form])
	}
}

// Len is how many forms are known.
func (f *Forms) Len() int { return len(f.counts) }

// Of is what came of a form.
func (f *Forms) Of(form string) Count { return f.counts[form] }

// Takes says whether a new page is fetched, by its canonical address.
func (f *Forms) Takes(address string) bool {
	share := f.Of(FormOf(address)).Share()
	if share >= 1 {
		return true
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(address)) // a hash never fails
	return float64(h.Sum32())/(1<<32) < share
}

// State is one form as it is stored.
type State struct {
	Form     string `bson:"form"`
	Tried    int32  `bson:"tried"`
	Articles int32  `bson:"articles"`
}

// States gives what is known as it is to be stored, in the order of the forms.
func (f *Forms) States() []State {
	var out []State
	for _, form := range slices.Sorted(maps.Keys(f.counts)) {
		c := f.counts[form]
		out = append(out, State{Form: form, Tried: int32(c.Tried), Articles: int32(c.Articles)})
	}
	return out
}

// Restore makes a Forms of what was stored. What cannot be is left out: it is learned anew.
func Restore(states []State) *Forms {
	f := &Forms{}
	for _, s := range states[:min(len(states), MaxForms)] {
		if s.Tried > 0 && s.Articles >= 0 && s.Articles <= s.Tried && len(s.Form) <= maxForm {
			f.add(s.Form, Count{Tried: int(s.Tried), Articles: int(s.Articles)})
		}
	}
	return f
}

// FormOf gives the form of a canonical address: the host, the first segment of the path where it is a word, what kind of thing
// each further one is (n a number, w a word, s a slug, m what has digits in it), and the names of the query's parameters. A
// path that repeats itself is a form of its own. "" for what is no URL.
func FormOf(canonical string) string {
	u, err := url.Parse(canonical)
	if err != nil || u.Host == "" {
		return ""
	}
	segments := strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
	var b strings.Builder
	b.WriteString(strings.TrimPrefix(u.Host, "www."))
	if repeats(segments) {
		b.WriteString("/(repeats)")
		return cut(b.String())
	}
	for i, s := range segments {
		if i == maxSegments {
			b.WriteString("/…")
			break
		}
		b.WriteByte('/')
		if kind := kindOf(s); i == 0 && kind == "w" {
			b.WriteString(strings.ToLower(s))
		} else {
			b.WriteString(kind)
		}
	}
	if keys := keysOf(u.RawQuery); len(keys) > 0 {
		b.WriteByte('?')
		b.WriteString(strings.Join(keys, "&"))
	}
	return cut(b.String())
}

// repeats says whether a path has a segment three times: links that are relative where they should not be make it grow.
func repeats(segments []string) bool {
	count := map[string]int{}
	for _, s := range segments {
		if count[s]++; count[s] >= 3 && kindOf(s) != "n" {
			return true
		}
	}
	return false
}

func kindOf(segment string) string {
	digits, letters, breaks := 0, 0, 0
	for _, r := range segment {
		switch {
		case unicode.IsDigit(r):
			digits++
		case r == '-' || r == '_' || r == '+' || r == ' ':
			breaks++
		default:
			letters++
		}
	}
	switch {
	case digits > 0 && letters == 0:
		return "n"
	case breaks >= 2 || len(segment) > maxWord:
		return "s"
	case digits > 0:
		return "m"
	}
	return "w"
}

// keysOf gives the names of a query's parameters, sorted, each once.
func keysOf(query string) []string {
	var keys []string
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if name, _, _ = strings.Cut(strings.ToLower(name), "["); name != "" && kindOf(name) == "w" && !slices.Contains(keys, name) {
			keys = append(keys, name)
		} else if name != "" && kindOf(name) != "w" && !slices.Contains(keys, "*") {
			keys = append(keys, "*")
		}
		if len(keys) > maxKeys {
			keys[maxKeys] = "…"
			break
		}
	}
	slices.Sort(keys)
	return keys
}

func cut(form string) string {
	if len(form) > maxForm {
		form = strings.ToValidUTF8(form[:maxForm], "")
	}
	return form
}
