package extract

import (
	"strings"

	"golang.org/x/text/language"

	"github.com/khabar-crawler/khabar/pkg/lang"
	"github.com/khabar-crawler/khabar/pkg/site"
)

// doubt: a claim stands that is so many points behind what the letters say. Where a measured text of 200 letters reads as the
// wrong one of two near languages (Malay and Indonesian, Norwegian and Danish), fewer part them; languages that are no
// neighbours are hundreds apart.
const doubt = 20

// languageOf gives the text's language: the first claim that its letters bear out, with the country that it names, else what the
// letters say. mismatch: a claim before it is wrong. A claim is evidence, no proof: templates are copied from other languages'
// sites, and en-US is what systems say that nobody has told.
func languageOf(text string, claims ...string) (seen string, mismatch bool) {
	r := lang.Read(text)
	for _, c := range claims {
		c = normalLanguage(c)
		base, region, _ := strings.Cut(c, "-")
		switch {
		case c == "":
		case base == "ku" && r.Language() == "ckb":
			return strings.TrimSuffix("ckb-"+region, "-"), mismatch // Kurdish in general
		case bornOut(r, base):
			return c, mismatch
		default:
			mismatch = true
		}
	}
	if !r.Known() {
		return "", mismatch
	}
	return r.Language(), mismatch
}

// strangeness: a claim that is so many points behind is wrong even where the text is in a language that the tables do not hold:
// Xhosa that is claimed to be English is some hundreds behind Swahili, a page of names and numbers that is English a few tens.
const strangeness = 150

// bornOut says whether a text may be in a language. One that the tables do not hold is believed where the letters are those that
// it is written in.
func bornOut(r lang.Reading, base string) bool {
	behind, told := r.Behind(base)
	if !told || behind <= doubt {
		return true
	}
	return !r.Known() && r.Writes(base) && behind <= strangeness
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
