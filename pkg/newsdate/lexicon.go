package newsdate

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// kind is what a word can stand for beside a date.
type kind uint8

const (
	kindMonth     kind = iota // n: 1..12
	kindWeekday               // n: 0 Sunday .. 6 Saturday
	kindMeridiem              // n: meridiemAM, meridiemPM, meridiemNight
	kindUnit                  // n: unit of time
	kindDual                  // n: unit of time, twice ("ساعتين")
	kindCount                 // n: a number in words
	kindBefore                // stands before a span of time that has passed ("منذ")
	kindAfter                 // stands after it ("ago")
	kindDay                   // n: days from today ("yesterday" is -1)
	kindLabel                 // n: labelPublished, labelModified
	kindZone                  // n: index into zoneAbbreviations
	kindFiller                // may stand between the parts of a date
	kindClock                 // stands beside a clock time ("الساعة", "Uhr"), and is a filler too
	kindHour                  // "h", "時": follows the hour
	kindMinute                // "分": follows the minute
	kindSecond                // "秒"
	kindYearMark              // "年": follows the year
	kindMonthMark             // "月": follows the month, or stands before it ("tháng")
	kindDayMark               // "日"
	kindOrdinal               // "th", "er", "ê": follows the day
	kindEra                   // n: calendar that the year counts in, follows the year
	kindYearEra               // n: year before the era's first; stands before the year ("令和")
	kindHebrew                // month of the Hebrew calendar
)

const (
	meridiemAM = iota
	meridiemPM
	meridiemNight
)

const (
	unitSecond = iota
	unitMinute
	unitHour
	unitDay
	unitWeek
	unitMonth
	unitYear
)

// languages is a set of language numbers of a lexicon.
type languages [2]uint64

func (l *languages) add(id int)     { l[id>>6&1] |= 1 << (id & 63) }
func (l languages) has(id int) bool { return id > 0 && l[id>>6&1]>>(id&63)&1 == 1 }

// sense is one meaning of a word.
type sense struct {
	kind     kind
	only     bool // holds in its languages only, because it is a common word elsewhere
	calendar Calendar
	n        int16
	langs    languages
}

type entry struct {
	senses []sense
	more   uint8 // most words of a phrase that begins with this word
}

// lexicon maps folded words and phrases to their senses. It is read-only once built.
type lexicon struct {
	words  map[string]entry
	starts map[rune]uint8 // of words in scripts without spaces: the longest one, in runes, that begins so
	langs  map[string]int // base language code to number, from 1
}

// words gives the lexicon, built at the first call from the tables of this package.
var words = sync.OnceValue(buildLexicon)

func buildLexicon() *lexicon {
	lx := &lexicon{words: make(map[string]entry, 4096), starts: map[rune]uint8{}, langs: map[string]int{}}
	slots := func(table string, k kind, base int) {
		lx.load(table, func(slot int) sense { return sense{kind: k, n: int16(base + slot)} })
	}
	lx.load(monthTable, func(slot int) sense { return sense{kind: kindMonth, n: int16(1 + slot)} })
	lx.load(jalaliMonthTable, func(slot int) sense { return sense{kind: kindMonth, n: int16(1 + slot), calendar: Jalali} })
	lx.load(hijriMonthTable, func(slot int) sense { return sense{kind: kindMonth, n: int16(1 + slot), calendar: Hijri} })
	lx.load(ethiopianMonthTable, func(slot int) sense { return sense{kind: kindMonth, n: int16(1 + slot), calendar: Ethiopian} })
	lx.load(sambatMonthTable, func(slot int) sense { return sense{kind: kindMonth, n: int16(1 + slot), calendar: Sambat} })
	slots(weekdayTable, kindWeekday, 0)
	slots(meridiemTable, kindMeridiem, 0)
	slots(unitTable, kindUnit, 0)
	slots(dualTable, kindDual, 0)
	slots(countTable, kindCount, 1)
	slots(beforeTable, kindBefore, 0)
	slots(afterTable, kindAfter, 0)
	slots(dayTable, kindDay, -2)
	slots(labelTable, kindLabel, labelPublished)
	slots(fillerTable, kindFiller, 0)
	slots(clockTable, kindClock, 0)
	for i, k := range []kind{kindYearMark, kindMonthMark, kindDayMark, kindHour, kindMinute, kindSecond} {
		slots(markTables[i], k, 0)
	}
	slots(ordinalTable, kindOrdinal, 0)
	slots(hebrewMonthTable, kindHebrew, 1)
	for word, era := range yearEras {
		lx.add(word, sense{kind: kindYearEra, n: int16(era)}, 0)
	}
	for era, table := range eraTables {
		lx.load(table, func(int) sense { return sense{kind: kindEra, n: int16(era)} })
	}
	for i, z := range zoneAbbreviations {
		for _, word := range strings.Split(z.names, ",") {
			lx.add(word, sense{kind: kindZone, n: int16(i)}, 0)
		}
	}
	return lx
}

// load reads a table: one line a language, "code: words of slot 0|words of slot 1|…", words parted by commas. After
// the code, "!" marks words that mean this in that language only, and "+x+y" endings that each word can also take.
func (lx *lexicon) load(table string, mean func(slot int) sense) {
	for line := range strings.Lines(table) {
		head, rest, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		parts := strings.Split(head, "+")
		code, only := strings.CutSuffix(parts[0], "!")
		lang := 0
		if code != "" {
			if lang = lx.langs[code]; lang == 0 {
				lang = len(lx.langs) + 1
				lx.langs[code] = lang
			}
		}
		for slot, forms := range strings.Split(rest, "|") {
			for _, form := range strings.Split(forms, ",") {
				if form = strings.TrimSpace(form); form == "" {
					continue
				}
				s := mean(slot)
				s.only = only
				lx.add(form, s, lang)
				for _, ending := range parts[1:] {
					lx.add(form+ending, s, lang)
				}
			}
		}
	}
}

func (lx *lexicon) add(form string, s sense, lang int) {
	key := foldKey(form)
	if lang > 0 {
		s.langs.add(lang)
	}
	e := lx.words[key]
	e.senses = addSense(e.senses, s)
	lx.words[key] = e
	if first, _ := utf8.DecodeRuneInString(key); isUnspaced(first) {
		lx.starts[first] = max(lx.starts[first], uint8(utf8.RuneCountInString(key)))
	}
	if parts := strings.FieldsFunc(key, isPhraseMark); len(parts) > 1 {
		first := lx.words[parts[0]]
		first.more = max(first.more, uint8(len(parts)))
		lx.words[parts[0]] = first
	}
}

func addSense(senses []sense, s sense) []sense {
	for i := range senses {
		o := &senses[i]
		if o.kind == s.kind && o.n == s.n && o.calendar == s.calendar && o.only == s.only {
			o.langs[0] |= s.langs[0]
			o.langs[1] |= s.langs[1]
			return senses
		}
	}
	return append(senses, s)
}

// isPhraseMark says that r parts the words of a phrase in the lexicon.
func isPhraseMark(r rune) bool { return r == ' ' || r == '.' || r == '\'' || r == '"' }

// foldKey folds a table's word as the tokenizer folds the text.
func foldKey(form string) string {
	var out []byte
	for _, r := range form {
		switch {
		case r == '-':
			out = append(out, ' ')
		case isPhraseMark(r):
			out = append(out, byte(r))
		case isUnspaced(r):
			out = utf8.AppendRune(out, r)
		default:
			out = appendFolded(out, r)
		}
	}
	return string(out)
}

// longest gives the end and the senses of the longest known word at text[i:], which begins with r.
func (lx *lexicon) longest(text string, i int, r rune) (int, []sense) {
	most := lx.starts[r]
	if most == 0 {
		return 0, nil
	}
	var ends [24]int
	n := 0
	for k := i; k < len(text) && n < int(most) && n < len(ends); n++ {
		c, size := utf8.DecodeRuneInString(text[k:])
		if !isUnspaced(c) {
			break
		}
		k += size
		ends[n] = k
	}
	for ; n > 0; n-- {
		if e, ok := lx.words[text[i:ends[n-1]]]; ok && len(e.senses) > 0 {
			return ends[n-1], e.senses
		}
	}
	return 0, nil
}

// get finds the meaning of kind k, that of language lang first.
func (t *token) get(k kind, lang int) (sense, bool) {
	var other *sense
	for i := range t.senses {
		s := &t.senses[i]
		if s.kind != k {
			continue
		}
		if s.langs.has(lang) {
			return *s, true
		}
		if other == nil && !s.only {
			other = s
		}
	}
	if other == nil {
		return sense{}, false
	}
	return *other, true
}

func (t *token) is(k kind, lang int) bool {
	_, ok := t.get(k, lang)
	return ok
}
