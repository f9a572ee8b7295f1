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

// scriptLanguage tells a language by its letters; several that share them are parted by a bar, the likeliest first;
// "" where the letters tell nothing (most languages in Latin letters).
func scriptLanguage(text string) string {
	var latin, arabic, hebrew, cyrillic, greek, han, kana, hangul, thai, deva, other, n int
	var urdu, sorani, persian, arabicOnly, kurmanji, turkish int
	for _, r := range text {
		if n >= scriptSample {
			break
		}
		if r < 0x80 {
			if r|0x20 >= 'a' && r|0x20 <= 'z' {
				latin++
				n++
			}
			continue
		}
		if !unicode.IsLetter(r) {
			continue
		}
		n++
		switch {
		case r < 0x250:
			latin++
			switch r {
			case 'ğ', 'ı', 'İ', 'Ğ':
				turkish++
			case 'ê', 'î', 'û', 'Ê', 'Î', 'Û':
				kurmanji++
			}
		case r < 0x370:
			latin++
		case r < 0x400:
			greek++
		case r < 0x530:
			cyrillic++
		case r >= 0x590 && r < 0x600:
			hebrew++
		case r >= 0x600 && r < 0x700 || r >= 0x750 && r < 0x780:
			arabic++
			switch r {
			case 'ٹ', 'ڈ', 'ڑ', 'ے', 'ں', 'ہ', 'ھ':
				urdu++
			case 'ە', 'ێ', 'ۆ', 'ڕ', 'ڵ', 'ڤ':
				sorani++
			case 'پ', 'چ', 'ژ', 'گ', 'ی', 'ک':
				persian++
			case 'ي', 'ك', 'ة', 'أ', 'إ', 'ى':
				arabicOnly++
			}
		case r >= 0x900 && r < 0x980:
			deva++
		case r >= 0xE00 && r < 0xE80:
			thai++
		case r >= 0x3040 && r < 0x3100:
			kana++
		case r >= 0x4E00 && r < 0xA000 || r >= 0x3400 && r < 0x4DC0:
			han++
		case r >= 0xAC00 && r < 0xD7B0:
			hangul++
		default:
			other++
		}
	}
	if n < 20 {
		return ""
	}
	half := n / 2
	switch {
	case arabic > half:
		switch {
		case sorani*20 > arabic:
			return "ckb"
		case urdu*25 > arabic:
			return "ur|pa|sd"
		case persian*25 > arabic && persian > arabicOnly/2:
			return "fa|ps|ug|azb"
		}
		return "ar"
	case hebrew > half:
		return "he|yi"
	case cyrillic > half:
		return "ru|uk|bg|sr|mk|be|kk|ky|mn|tg"
	case greek > half:
		return "el"
	case kana*5 > n:
		return "ja"
	case hangul > half:
		return "ko"
	case han > half:
		return "zh|ja"
	case thai > half:
		return "th"
	case deva > half:
		return "hi|mr|ne|sa"
	case latin > half:
		switch {
		case turkish*60 > latin:
			return "tr|az"
		case kurmanji*25 > latin:
			return "ku|kmr|fr"
		}
	}
	return ""
}
