package newsdate

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// appendFolded appends r as the lexicon spells it: lower case, without accents, vowel signs or tatweel, with the
// spellings that Arabic-script pages mix (hamza forms, ى/ي/ی, ك/ک, ة/ه/ە) made one. Presentation and full-width
// forms become ordinary letters. What carries no meaning folds to nothing.
func appendFolded(dst []byte, r rune) []byte {
	switch {
	case r < utf8.RuneSelf:
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return append(dst, byte(r))
	case r >= 0x0600 && r <= 0x06FF:
		if r = foldArabic(r); r == 0 {
			return dst
		}
		return utf8.AppendRune(dst, r)
	case isDropped(r):
		return dst
	}
	switch r {
	case 'ı', 'İ':
		return append(dst, 'i')
	case 'ß':
		return append(dst, "ss"...)
	case 'ø', 'Ø':
		return append(dst, 'o')
	case 'æ', 'Æ':
		return append(dst, "ae"...)
	case 'œ', 'Œ':
		return append(dst, "oe"...)
	case 'ł', 'Ł':
		return append(dst, 'l')
	case 'đ', 'Đ', 'ð', 'Ð':
		return append(dst, 'd')
	case 'þ', 'Þ':
		return append(dst, "th"...)
	case 'ə', 'Ə':
		return append(dst, 'e')
	case 'ς':
		return append(dst, "σ"...)
	}
	if hasDecomposition(r) {
		var buf [utf8.UTFMax]byte
		n := utf8.EncodeRune(buf[:], r)
		if d := norm.NFKD.Properties(buf[:n]).Decomposition(); d != nil {
			for len(d) > 0 {
				c, size := utf8.DecodeRune(d)
				d = d[size:]
				if hasDecomposition(c) && c != r {
					c = unicode.ToLower(c)
					dst = utf8.AppendRune(dst, c)
					continue
				}
				dst = appendFolded(dst, c)
			}
			return dst
		}
	}
	return utf8.AppendRune(dst, unicode.ToLower(r))
}

// hasDecomposition says that r lies in a block whose letters fold by compatibility decomposition. Hangul and the
// Indic scripts are left whole: there the parts of a letter are what tells words apart.
func hasDecomposition(r rune) bool {
	return r >= 0x00C0 && r <= 0x024F || r >= 0x0370 && r <= 0x052F || r >= 0x1E00 && r <= 0x1FFF ||
		r >= 0xFB1D && r <= 0xFDFF || r >= 0xFE70 && r <= 0xFEFC || r >= 0xFF01 && r <= 0xFF5E
}

// isDropped says that r is written over, under or between letters and is not part of a word's spelling: accents,
// Arabic and Hebrew points, joiners, direction marks, variation selectors.
func isDropped(r rune) bool {
	switch {
	case r >= 0x0300 && r <= 0x036F, r >= 0x0591 && r <= 0x05C7 && r != 0x05BE && r != 0x05C0 && r != 0x05C3,
		r >= 0x0610 && r <= 0x061A, r == 0x061C, r == 0x0640, r >= 0x064B && r <= 0x065F, r == 0x0670,
		r >= 0x06D6 && r <= 0x06ED && r != 0x06DD && r != 0x06DE && r != 0x06E9,
		r >= 0x200C && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2069, r == 0xFEFF, r == 0x00AD,
		r >= 0xFE00 && r <= 0xFE0F:
		return true
	}
	return false
}

// foldArabic folds a letter of the Arabic block; 0 means that it folds to nothing.
func foldArabic(r rune) rune {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ', 'ٲ', 'ٳ':
		return 'ا'
	case 'ؤ', 'ۆ', 'ۇ', 'ۈ', 'ۋ':
		return 'و'
	case 'ئ', 'ى', 'ی', 'ې', 'ێ', 'ۍ', 'ے', 'ۓ':
		return 'ي'
	case 'ک', 'ڪ':
		return 'ك'
	case 'ة', 'ە', 'ہ', 'ۂ', 'ۀ', 'ھ', 'ۃ':
		return 'ه'
	case 'ڵ':
		return 'ل'
	case 'ڕ':
		return 'ر'
	case 'ڤ':
		return 'ف'
	case 'ګ', 'ڭ':
		return 'گ'
	case 'ء':
		return 0
	}
	if isDropped(r) {
		return 0
	}
	return r
}

// DigitValue gives the value of a decimal digit of the scripts that news is printed in.
func DigitValue(r rune) (int, bool) {
	if r < utf8.RuneSelf {
		return int(r - '0'), '0' <= r && r <= '9'
	}
	switch r &^ 0xF {
	case 0x0660, 0x06F0, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0xFF10:
		v := int(r & 0xF)
		return v, v <= 9
	case 0x0960, 0x09E0, 0x0A60, 0x0AE0, 0x0B60, 0x0BE0, 0x0C60, 0x0CE0, 0x0D60: // Indic digits begin at 6
		v := int(r&0xF) - 6
		return v, v >= 0
	}
	return 0, false
}

// isUnspaced says that r belongs to a script that writes no spaces between words, or glues its date units to the
// next word.
func isUnspaced(r rune) bool {
	return r >= 0x3040 && r <= 0x30FF && r != '・' && r != 'ー' || r >= 0x3400 && r <= 0x9FFF || r >= 0xAC00 && r <= 0xD7AF ||
		r >= 0x0E01 && r <= 0x0E4E && r != '฿' || r >= 0x0E81 && r <= 0x0ECD || r >= 0x1000 && r <= 0x103F ||
		r >= 0x1780 && r <= 0x17D3 || r == '々' || r == '〇'
}
