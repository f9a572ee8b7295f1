package newsdate

import (
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenPunct tokenKind = iota
	tokenNumber
	tokenWord
)

// token is a run of digits, a word or one punctuation mark of the text. Words that the lexicon knows as a phrase are
// one token.
type token struct {
	kind       tokenKind
	space      bool // white space stands before it
	upper      bool // a word that begins with a capital letter
	latin      bool // a word that begins with an ASCII letter
	more       uint8
	start, end int32 // bytes of the text
	from, to   int32 // bytes of the folded buffer
	digits     int32 // number of digits
	value      int64 // of a number of up to 18 digits, else -1
	mark       rune  // the punctuation mark, dashes and colons of every kind as '-' and ':'
	senses     []sense
}

func (t *token) isMark(r rune) bool { return t.kind == tokenPunct && t.mark == r }

// tokenize splits text. The tokens are appended to toks, the folded words to folded; both may be stack buffers.
func tokenize(text string, lx *lexicon, toks []token, folded []byte) ([]token, []byte) {
	space := false
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		if _, ok := DigitValue(r); ok {
			var t token
			t, i = scanNumber(text, i)
			t.space, space = space, false
			toks = append(toks, t)
			continue
		}
		switch {
		case r == ' ' || r >= '\t' && r <= '\r' || r >= 0x85 && (unicode.IsSpace(r) || r == 0x200B):
			space = true
			i += size
		case isDropped(r):
			i += size
		case isUnspaced(r):
			from := len(toks)
			toks, i = scanUnspaced(text, i, lx, toks)
			toks[from].space, space = space, false
		case isWordRune(r):
			var t token
			if t, folded, i = scanWord(text, i, folded); t.from == t.to { // the ء of a year in Urdu, a stray accent
				continue
			}
			if e, ok := lx.words[string(folded[t.from:t.to])]; ok {
				t.senses, t.more = e.senses, e.more
			}
			t.space, space = space, false
			toks = append(toks, t)
		default:
			toks = append(toks, token{kind: tokenPunct, space: space, start: int32(i), end: int32(i + size), mark: foldMark(r)})
			space = false
			i += size
		}
	}
	return mergePhrases(text, toks, folded, lx), folded
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if r >= 0x0620 && r <= 0x064A || r >= 0x0400 && r <= 0x0481 || r >= 0x05D0 && r <= 0x05EA {
		return true
	}
	return unicode.IsLetter(r) || unicode.IsMark(r)
}

func scanNumber(text string, i int) (token, int) {
	t := token{kind: tokenNumber, start: int32(i)}
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		v, ok := DigitValue(r)
		if !ok {
			if isDropped(r) && r != 0x0640 {
				i += size
				continue
			}
			break
		}
		if t.digits++; t.digits <= 18 {
			t.value = t.value*10 + int64(v)
		}
		i += size
		t.end = int32(i)
	}
	if t.digits > 18 {
		t.value = -1
	}
	return t, int(t.end)
}

func scanWord(text string, i int, folded []byte) (token, []byte, int) {
	first, _ := utf8.DecodeRuneInString(text[i:])
	t := token{kind: tokenWord, start: int32(i), from: int32(len(folded)), upper: unicode.IsUpper(first), latin: first < utf8.RuneSelf}
	for i < len(text) {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		if !isDropped(r) && (!isWordRune(r) || isUnspaced(r)) {
			break
		}
		folded = appendFolded(folded, r)
		i += size
	}
	t.end, t.to = int32(i), int32(len(folded))
	return t, folded, i
}

// scanUnspaced cuts a run of a script without spaces into the longest words that the lexicon knows, and dates in numerals;
// what lies between them becomes words without senses.
func scanUnspaced(text string, i int, lx *lexicon, toks []token) ([]token, int) {
	unknown := -1
	flush := func(end int) {
		if unknown >= 0 {
			toks = append(toks, token{kind: tokenWord, start: int32(unknown), end: int32(end)})
			unknown = -1
		}
	}
	for i < len(text) {
		r, size := utf8.DecodeRuneInString(text[i:])
		if !isUnspaced(r) {
			if isDropped(r) {
				i += size
				continue
			}
			break
		}
		if date, end := kanjiDate(text, i, lx); end > i {
			flush(i)
			toks = append(toks, date...)
			i = end
			continue
		}
		if end, senses := lx.longest(text, i, r); end > 0 {
			flush(i)
			toks = append(toks, token{kind: tokenWord, start: int32(i), end: int32(end), senses: senses})
			i = end
			continue
		}
		if unknown < 0 {
			unknown = i
		}
		i += size
	}
	flush(i)
	return toks, i
}

// mergePhrases joins the words of a phrase ("كانون الثاني", "il y a", "a.m.", "พ.ค.") into one token, in place.
func mergePhrases(text string, toks []token, folded []byte, lx *lexicon) []token {
	var keyBuf [96]byte
	out := toks[:0]
	for i := 0; i < len(toks); i++ {
		t := toks[i]
		if t.kind == tokenWord && (t.more > 1 || t.senses == nil && t.from == t.to) {
			if merged, last, ok := phraseAt(text, toks, i, folded, lx, keyBuf[:0]); ok {
				t, i = merged, last
			}
		}
		out = append(out, t)
	}
	return out
}

// phraseAt finds the longest phrase of the lexicon that begins with word i.
func phraseAt(text string, toks []token, i int, folded []byte, lx *lexicon, key []byte) (token, int, bool) {
	t := toks[i]
	most := int(t.more)
	if t.from == t.to { // a word of a script without spaces: only its dotted abbreviations are phrases
		if i+1 >= len(toks) || !toks[i+1].isMark('.') {
			return t, i, false
		}
		most = 3
	}
	key = appendWord(key, text, &t, folded)
	found, last := t, -1
	for k, words := i+1, 1; k < len(toks) && words < most; {
		sep := byte(' ')
		if toks[k].kind == tokenPunct && !toks[k].space {
			switch toks[k].mark {
			case '.', '\'', '"':
				sep = byte(toks[k].mark)
			case '-':
			default:
				k = len(toks)
				continue
			}
			if k++; k == len(toks) {
				break
			}
		}
		if toks[k].kind != tokenWord {
			break
		}
		key = append(key, sep)
		key = appendWord(key, text, &toks[k], folded)
		words++
		if e, ok := lx.words[string(key)]; ok && len(e.senses) > 0 {
			last, found = k, t
			found.end, found.senses = toks[k].end, e.senses
		}
		k++
	}
	return found, last, last >= 0
}

func appendWord(key []byte, text string, t *token, folded []byte) []byte {
	if t.from == t.to {
		return append(key, text[t.start:t.end]...)
	}
	return append(key, folded[t.from:t.to]...)
}

// foldMark makes one mark of the dashes, colons, slashes, commas and quotes that stand for each other in print.
func foldMark(r rune) rune {
	switch r {
	case '‐', '‑', '‒', '–', '—', '―', '−', '－', 'ー', '־', '﹣':
		return '-'
	case '：', '∶', '﹕', '׃':
		return ':'
	case '／', '⁄', '∕':
		return '/'
	case '．', '｡', '٫':
		return '.'
	case '،', '，', '、', '﹐', '፣', '፤', '၊', '။':
		return ','
	case '’', '‘', 'ʼ', '´', '`', '׳', '＇':
		return '\''
	case '”', '“', '״', '＂', '″':
		return '"'
	case '（':
		return '('
	case '）':
		return ')'
	case '＋':
		return '+'
	}
	return r
}
