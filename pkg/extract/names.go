package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/page"
)

const (
	// maxNameWords is how many words a name has at the most, particles not counted.
	maxNameWords = 6
	// maxTailWords is how many words the longest phrase behind a name has: "voir tous les articles".
	maxTailWords = 4
	// maxAbbreviation is up to how many bytes an agency's name is an abbreviation, in capitals: "Jan van der Aa" is nobody at AA.
	maxAbbreviation = 4
	// maxUnspacedName is how many letters a name has at the most in a script without spaces, and in Korean.
	maxUnspacedName = 5
)

// nameWords counts the words of a name without its particles: "Mohammed bin Rashid al Maktoum" has three.
func nameWords(s string) int {
	n := 0
	for _, w := range strings.Fields(s) {
		if words.Known().Is(words.Particle, words.Fold(w)) == nil {
			n++
		}
	}
	return n
}

// opensWithParticle says whether a name begins with particles, which are written small: "van der Rohe", "al-Hassan".
func opensWithParticle(s string) bool {
	for n := 0; ; n++ {
		rest, p := words.Known().Cut(words.Particle, s)
		if p == nil {
			return n > 0 && !unicode.IsLower(firstRune(s))
		}
		s = strings.TrimLeft(rest, " -'’")
	}
}

// withoutTail cuts off what stands behind a name and is none: addresses, what buttons say, what somebody is in the house.
// A name of two words keeps both: "Tom Reporter" is one.
func withoutTail(s string) string {
	if at := strings.IndexByte(s, '@'); at >= 0 {
		s = strings.Trim(s[:strings.LastIndexByte(s[:at], ' ')+1], bylineMarks)
	}
	whole, cut := s, 0
	for again := true; again; {
		if s, again = cutTail(s, cut > 0); again {
			cut++
		}
	}
	// "Chief Political Editor", "Web Editor": nobody is named.
	if cut > 0 && allTail(s) {
		return whole
	}
	return s
}

// cutTail cuts one phrase off the end; behind one that was cut, a beat too.
func cutTail(s string, more bool) (string, bool) {
	fields := strings.Fields(s)
	for n := min(maxTailWords, len(fields)-1); n > 0; n-- {
		left := strings.Trim(strings.Join(fields[:len(fields)-n], " "), bylineMarks)
		if len(fields)-n < 2 && !shortName(left) {
			continue
		}
		tail := strings.Join(fields[len(fields)-n:], " ")
		if folded := words.Fold(tail); words.Known().Is(words.Tail, folded) != nil || more && words.Known().Is(words.Beat, folded) != nil || isAgency(tail) && (len(tail) > maxAbbreviation || tail == strings.ToUpper(tail)) {
			return left, true
		}
	}
	for p := range words.Known().All(words.Tail) {
		if left, ok := strings.CutSuffix(s, p.Raw); ok && shortName(left) && page.Unspaced(firstRune(p.Raw)) {
			return left, true
		}
	}
	return s, false
}

// allTail says whether every word may stand behind a name, so that there is none.
func allTail(s string) bool {
	for _, w := range strings.Fields(s) {
		if f := words.Fold(w); words.Known().Is(words.Tail, f) == nil && words.Known().Is(words.Beat, f) == nil {
			return false
		}
	}
	return true
}

// shortName says whether a word is short enough for a name where these are written in one word, as in Chinese, Japanese and
// Korean, and is no part of a house ("社会部").
func shortName(s string) bool {
	n := 0
	for _, r := range s {
		if !unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) {
			return false
		}
		n++
	}
	return n >= 2 && n <= maxUnspacedName && words.Known().Holds(words.Office, words.Fold(s)) == nil
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// surnamed says whether a name ends with a word of offices or outlets that is a surname too, behind a given name: "Eyal
// Press". What such words stand behind in the names of outlets ("Free Press") is no given name.
func surnamed(s string) bool {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 || words.Known().Is(words.Surname, words.Fold(s[i+1:])) == nil || strings.Count(s, " ") > 2 {
		return false
	}
	given := words.Fold(s[:i])
	for _, w := range strings.Fields(s[:i]) {
		if f := words.Fold(w); !unicode.IsUpper(firstRune(w)) || words.Known().Opens(words.Nobody, f) != nil || allTail(w) {
			return false
		}
	}
	for _, kind := range []words.Kind{words.Office, words.Outlet, words.Agencies, words.Agency} {
		if words.Known().Holds(kind, given) != nil {
			return false
		}
	}
	return true
}

// turned puts the names of metadata in order that begin with the surname: "Lund, Ada", and several of them parted by
// semicolons. What is no such name stays as it is.
func turned(s string) string {
	parts := strings.Split(s, ";")
	for k, part := range parts {
		last, first, two := strings.Cut(part, ",")
		last, first = strings.TrimSpace(last), strings.TrimSpace(first)
		if !two || nameWords(last) != 1 || !isGiven(first) || !isOneOfName(last) {
			return s
		}
		parts[k] = first + " " + last
	}
	return strings.Join(parts, "; ")
}

// isGiven says whether a part of a name may be given names: one or two words.
func isGiven(s string) bool {
	n := len(strings.Fields(s))
	return n >= 1 && n <= 2 && isOneOfName(s) && words.Known().Is(words.Degree, comparable(s)) == nil
}

// isOneOfName says whether a part of a name is nothing else: in letters of a script that has capitals, and with one.
func isOneOfName(s string) bool {
	return strings.ContainsFunc(s, unicode.IsUpper) && !strings.ContainsAny(s, ",;/|") && isPerson(s, nil)
}

// lettersJoin are words between two names that stand within one, too, before its second surname: "José Ortega y Gasset".
var lettersJoin = []string{" y ", " i "}

// secondSurname gives where a name goes on behind a joint: two words or more before it, one behind it.
func secondSurname(s string) bool {
	for _, joint := range lettersJoin {
		before, after, two := strings.Cut(s, joint)
		if two && len(strings.Fields(before)) >= 2 && !strings.ContainsAny(before, ",;&") && !strings.Contains(after, " ") && unicode.IsUpper(firstRune(after)) && isPerson(after, nil) {
			return true
		}
	}
	return false
}
