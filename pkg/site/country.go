package site

import (
	"strings"

	"golang.org/x/text/language"
)

// countries are the codes that ISO 3166-1 alpha-2 assigns, and XK, which all who need one for Kosovo use.
// https://www.iso.org/obp/ui/#search/code
const countries = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
	"GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
	"KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
	"NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"

// IsCountry says whether a code is that of a country or territory, in ISO 3166-1's two capital letters.
func IsCountry(code string) bool {
	return len(code) == 2 && strings.Contains(countries, code) && !strings.Contains(code, " ")
}

// Countries lists the codes that IsCountry knows, in alphabetical order but for Kosovo's and Yemen's.
func Countries() []string { return strings.Fields(countries) }

// countryMeant gives the code that was meant by one in small letters, by "UK" or by a former code; "" where that is not
// known.
func countryMeant(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil || len(code) != 2 {
		return ""
	}
	if c := region.Canonicalize().String(); IsCountry(c) {
		return c
	}
	return ""
}
