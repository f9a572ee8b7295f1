package extract

import (
	"strings"
	"unicode"

	"golang.org/x/text/language"

	"github.com/khabar-crawler/khabar/pkg/site"
)

// scriptSample is how many letters of the text decide on its script.
const scriptSample = 4000

// languageOf gives the text's language: by its letters where they tell, else as the page or the site says.
func languageOf(text string, claims ...string) (lang string, mismatch bool) {
	seen := scriptLanguage(text)
	for _, c := range claims {
		c = normalLanguage(c)
		if c == "" {
			continue
		}
		if seen == "" || agrees(seen, c) {
			return c, false
		}
		mismatch = true
	}
	switch {
	case seen == "":
		return "", false
	case strings.Contains(seen, "|"):
		return seen[:strings.IndexByte(seen, '|')], mismatch
	}
	return seen, mismatch
}

// agrees says whether a claimed language is one that the script allows ("ru|uk|bg").
func agrees(seen, claim string) bool {
	base, _, _ := strings.Cut(claim, "-")
	if base == "ku" && seen == "ckb" {
		return true
	}
	for _, s := range strings.Split(seen, "|") {
		if s == base {
			return true
		}
	}
	return false
}

// normalLanguage evens out a language tag: "ar_AR" and "AR" are "ar", "en_US" is "en-US", "per" is "fa", and of "en-12",
// whose second part is no country, it is "en". It is "" for what is no language.
func normalLanguage(c string) string {
	c = strings.TrimSpace(strings.ReplaceAll(c, "_", "-"))
	if i := strings.IndexAny(c, ", ;"); i >= 0 {
		c = c[:i]
	}
	said, region, _ := strings.Cut(c, "-")
	if len(said) < 2 || len(said) > 3 {
		return ""
	}
	tag, err := language.Parse(said)
	if err != nil || tag == language.Und {
		return ""
	}
	base, _ := tag.Base()
	lang := base.String()
	if region = strings.ToUpper(region); site.IsCountry(region) && !strings.EqualFold(region, said) {
		return lang + "-" + region
	}
	return lang
}

// letters counts a text's letters by script, and those that tell languages of one script apart.
type letters struct {
	all, latin, arabic, hebrew, cyrillic, greek, han, kana, hangul, thai, deva int
	urdu, sorani, persian, arabicOnly, kurmanji, turkish                       int
}

// lettersOf counts the letters of a text's beginning.
func lettersOf(text string) letters {
	var n letters
	for _, r := range text {
		if n.all >= scriptSample {
			break
		}
		if unicode.IsLetter(r) {
			n.all++
			n.add(r)
		}
	}
	return n
}

func (n *letters) add(r rune) {
	switch {
	case r < 0x370:
		n.latin++
		n.addLatin(r)
	case r < 0x400:
		n.greek++
	case r < 0x530:
		n.cyrillic++
	case r >= 0x590 && r < 0x600:
		n.hebrew++
	case r >= 0x600 && r < 0x700 || r >= 0x750 && r < 0x780:
		n.arabic++
		n.addArabic(r)
	case r >= 0x900 && r < 0x980:
		n.deva++
	case r >= 0xE00 && r < 0xE80:
		n.thai++
	case r >= 0x3040 && r < 0x3100:
		n.kana++
	case r >= 0x4E00 && r < 0xA000 || r >= 0x3400 && r < 0x4DC0:
		n.han++
	case r >= 0xAC00 && r < 0xD7B0:
		n.hangul++
	}
}

func (n *letters) addLatin(r rune) {
	switch r {
	case 'ğ', 'ı', 'İ', 'Ğ':
		n.turkish++
	case 'ê', 'î', 'û', 'Ê', 'Î', 'Û':
		n.kurmanji++
	}
}

func (n *letters) addArabic(r rune) {
	switch r {
	case 'ٹ', 'ڈ', 'ڑ', 'ے', 'ں', 'ہ', 'ھ':
		n.urdu++
	case 'ە', 'ێ', 'ۆ', 'ڕ', 'ڵ', 'ڤ':
		n.sorani++
	case 'پ', 'چ', 'ژ', 'گ', 'ی', 'ک':
		n.persian++
	case 'ي', 'ك', 'ة', 'أ', 'إ', 'ى':
		n.arabicOnly++
	}
}

// leastLetters: fewer letters tell no language.
const leastLetters = 20

// scriptLanguage tells a language by its letters; several that share them are parted by a bar, the likeliest first;
// "" where the letters tell nothing (most languages in Latin letters).
func scriptLanguage(text string) string {
	n := lettersOf(text)
	half := n.all / 2
	switch {
	case n.all < leastLetters:
	case n.arabic > half:
		return n.arabicLanguage()
	case n.hebrew > half:
		return "he|yi"
	case n.cyrillic > half:
		return "ru|uk|bg|sr|mk|be|kk|ky|mn|tg"
	case n.greek > half:
		return "el"
	case n.kana*5 > n.all:
		return "ja"
	case n.hangul > half:
		return "ko"
	case n.han > half:
		return "zh|ja"
	case n.thai > half:
		return "th"
	case n.deva > half:
		return "hi|mr|ne|sa"
	case n.latin > half && n.turkish*60 > n.latin:
		return "tr|az"
	case n.latin > half && n.kurmanji*25 > n.latin:
		return "ku|kmr|fr"
	}
	return ""
}

// arabicLanguage tells the languages in Arabic letters apart.
func (n *letters) arabicLanguage() string {
	switch {
	case n.sorani*20 > n.arabic:
		return "ckb"
	case n.urdu*25 > n.arabic:
		return "ur|pa|sd"
	case n.persian*25 > n.arabic && n.persian > n.arabicOnly/2:
		return "fa|ps|ug|azb"
	}
	return "ar"
}
