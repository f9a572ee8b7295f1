package lang

import "unicode"

const (
	// sampleLetters of a text are looked at, a third each at its beginning, in the middle and near the end: a text that begins
	// with a quotation is in the language of the rest.
	sampleLetters = 240
	// sampleRunes bounds the same for texts that are mostly no letters.
	sampleRunes = 4 * sampleLetters
)

// sample is the part of a text that is looked at.
type sample struct {
	runes   []rune  // letters, and spaces for what parts words
	scripts []uint8 // of each
	count   []int   // letters by script
}

func (t *tables) sample(text string) *sample {
	room := min(len(text), sampleLetters*3/2) + 8 // letters and the spaces between them, for most
	s := &sample{runes: make([]rune, 0, room), scripts: make([]uint8, 0, room), count: make([]int, len(t.scripts))}
	const third, window = sampleLetters / 3, sampleLetters * 4 // bytes
	if len(text) <= window {
		s.add(t, text, sampleLetters)
		return s
	}
	for _, from := range []int{0, len(text) / 2, len(text) - window/3} {
		s.add(t, text[from:], third)
	}
	return s
}

// add takes up to so many letters.
func (s *sample) add(t *tables, text string, most int) {
	letters, runes := 0, 0
	s.push(' ', 0)
	for _, r := range text {
		if runes++; letters >= most || runes > sampleRunes {
			break
		}
		switch {
		case ignored(r):
		case isApostrophe(r):
			if s.runes[len(s.runes)-1] != ' ' {
				s.push('\'', 0)
			}
		case r >= 0x80 && !unicode.In(r, unicode.L, unicode.M), r < 'A', r < 0x80 && !asciiLetter(r):
			s.push(' ', 0)
		default:
			script := t.scriptOf(r)
			s.count[script]++
			s.push(lower(r), script)
			letters++
		}
	}
	s.push(' ', 0)
}

func (s *sample) push(r rune, script uint8) {
	if r == ' ' && len(s.runes) > 0 && s.runes[len(s.runes)-1] == ' ' {
		return
	}
	s.runes, s.scripts = append(s.runes, r), append(s.scripts, script)
}

func asciiLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// ignored: marks of Arabic and of decomposed letters, which texts set or leave out, and characters without an extent. (The
// zero-width non-joiner parts words.)
func ignored(r rune) bool {
	return r >= 0x300 && r < 0x370 || r >= 0x64B && r < 0x660 || r == 0x670 || r == 0x640 || r == 0xAD || r == 0x200D
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʻ', 'ʼ', '`', '´', 'ʹ':
		return true
	}
	return false
}

func lower(r rune) rune {
	if r < 0x80 {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	if r == 'İ' {
		return r // Turkish and Azerbaijani alone have it, and its small letter is everybody's
	}
	return unicode.ToLower(r)
}

// script gives the script of most letters, and how many there are. What has kana is Japanese: its other half is Han.
func (s *sample) script() (script uint8, letters int) {
	kana, han := s.count[kanaScript], s.count[hanScript]
	if kana > 0 && kana*5 > kana+han {
		s.count[kanaScript], s.count[hanScript] = kana+han, 0
	}
	for i := 1; i < len(s.count); i++ {
		if s.count[i] > s.count[script] || script == 0 {
			script = uint8(i)
		}
	}
	return script, s.count[script]
}

// folded gives the letters of one script, words parted by single spaces.
func (s *sample) folded(script uint8) []rune {
	out := make([]rune, 1, len(s.runes)+1)
	out[0] = ' '
	for i, r := range s.runes {
		if s.scripts[i] != script && r != '\'' {
			r = ' '
		}
		last := out[len(out)-1]
		if (r == ' ' || r == '\'') && last == ' ' {
			continue
		}
		out = append(out, r)
	}
	if out[len(out)-1] != ' ' {
		out = append(out, ' ')
	}
	return out
}
