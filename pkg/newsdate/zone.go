package newsdate

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // local times would be read as UTC on an image without zone data
)

// countryZones gives the zone that a country's media print times in. Countries with one zone only, and of those with
// several the ones whose national media keep to one: Moscow, Jakarta, São Paulo. The United States, Canada, Australia
// and Mexico have the zone of the most populous part; a site there should name its own.
const countryZones = `
AE Asia/Dubai|AF Asia/Kabul|BH Asia/Bahrain|DJ Africa/Djibouti|DZ Africa/Algiers|EG Africa/Cairo|IL Asia/Jerusalem
IQ Asia/Baghdad|IR Asia/Tehran|JO Asia/Amman|KM Indian/Comoro|KW Asia/Kuwait|LB Asia/Beirut|LY Africa/Tripoli
MA Africa/Casablanca|MR Africa/Nouakchott|OM Asia/Muscat|PK Asia/Karachi|PS Asia/Gaza|QA Asia/Qatar|SA Asia/Riyadh
SD Africa/Khartoum|SO Africa/Mogadishu|SS Africa/Juba|SY Asia/Damascus|TN Africa/Tunis|TR Europe/Istanbul|YE Asia/Aden
AM Asia/Yerevan|AZ Asia/Baku|GE Asia/Tbilisi|CY Asia/Nicosia|TJ Asia/Dushanbe|TM Asia/Ashgabat|UZ Asia/Tashkent
KG Asia/Bishkek|KZ Asia/Almaty|BD Asia/Dhaka|IN Asia/Kolkata|LK Asia/Colombo|NP Asia/Kathmandu|MV Indian/Maldives
CN Asia/Shanghai|TW Asia/Taipei|HK Asia/Hong_Kong|MO Asia/Macau|JP Asia/Tokyo|KR Asia/Seoul|KP Asia/Pyongyang
MN Asia/Ulaanbaatar|TH Asia/Bangkok|VN Asia/Ho_Chi_Minh|KH Asia/Phnom_Penh|LA Asia/Vientiane|MM Asia/Yangon
MY Asia/Kuala_Lumpur|SG Asia/Singapore|ID Asia/Jakarta|PH Asia/Manila|BN Asia/Brunei|AD Europe/Andorra
AL Europe/Tirane|AT Europe/Vienna|BA Europe/Sarajevo|BE Europe/Brussels|BG Europe/Sofia|BY Europe/Minsk|CH Europe/Zurich
CZ Europe/Prague|DE Europe/Berlin|DK Europe/Copenhagen|EE Europe/Tallinn|ES Europe/Madrid|FI Europe/Helsinki
FO Atlantic/Faroe|FR Europe/Paris|GB Europe/London|GR Europe/Athens|HR Europe/Zagreb|HU Europe/Budapest|IE Europe/Dublin
IS Atlantic/Reykjavik|IT Europe/Rome|LI Europe/Vaduz|LT Europe/Vilnius|LU Europe/Luxembourg|LV Europe/Riga
MC Europe/Monaco|MD Europe/Chisinau|ME Europe/Podgorica|MK Europe/Skopje|MT Europe/Malta|NL Europe/Amsterdam
NO Europe/Oslo|PL Europe/Warsaw|PT Europe/Lisbon|RO Europe/Bucharest|RS Europe/Belgrade|RU Europe/Moscow|SE Europe/Stockholm
SI Europe/Ljubljana|SK Europe/Bratislava|SM Europe/San_Marino|UA Europe/Kyiv|VA Europe/Vatican|XK Europe/Belgrade
GL America/Nuuk|CI Africa/Abidjan|CM Africa/Douala|ER Africa/Asmara|ET Africa/Addis_Ababa|GH Africa/Accra|KE Africa/Nairobi
ML Africa/Bamako|NA Africa/Windhoek|NE Africa/Niamey|NG Africa/Lagos|RW Africa/Kigali|SN Africa/Dakar|TD Africa/Ndjamena
TZ Africa/Dar_es_Salaam|UG Africa/Kampala|ZA Africa/Johannesburg|ZM Africa/Lusaka|ZW Africa/Harare|MZ Africa/Maputo
AO Africa/Luanda|CD Africa/Kinshasa|BW Africa/Gaborone|AR America/Argentina/Buenos_Aires|BO America/La_Paz
BR America/Sao_Paulo|CL America/Santiago|CO America/Bogota|CR America/Costa_Rica|CU America/Havana
DO America/Santo_Domingo|EC America/Guayaquil|GT America/Guatemala|HN America/Tegucigalpa|JM America/Jamaica
NI America/Managua|PA America/Panama|PE America/Lima|PR America/Puerto_Rico|PY America/Asuncion|SV America/El_Salvador
UY America/Montevideo|VE America/Caracas|MX America/Mexico_City|US America/New_York|CA America/Toronto
AU Australia/Sydney|NZ Pacific/Auckland`

// languageCountries gives the country of a language that is written in one zone, or nearly. Arabic, English, Spanish,
// Portuguese and Bengali are not: their pages need a country.
const languageCountries = `am ET|az AZ|be BY|bg BG|bs BA|ca ES|ckb IQ|cs CZ|da DK|de DE|el GR|et EE|eu ES|fa IR|fi FI|fil PH
fo FO|fr FR|gl ES|gu IN|ha NG|he IL|hi IN|hr HR|hu HU|hy AM|id ID|is IS|it IT|ja JP|ka GE|kk KZ|kl GL|km KH|kn IN|ko KR
ku TR|ky KG|lb LU|lo LA|lt LT|lv LV|mk MK|ml IN|mn MN|mr IN|ms MY|mt MT|my MM|ne NP|nl NL|no NO|pa IN|pl PL|prs AF|ps AF
ro RO|ru RU|si LK|sk SK|sl SI|so SO|sq AL|sr RS|sv SE|sw KE|ta IN|te IN|tg TJ|th TH|tk TM|tr TR|uk UA|ur PK|uz UZ|vi VN
zh CN|zu ZA`

// zoneTable is the zones of countryZones by country, and their countries by language.
type zoneTable struct {
	byCountry  map[string]func() *time.Location
	byLanguage map[string]string
}

var zones = sync.OnceValue(func() *zoneTable {
	t := &zoneTable{byCountry: make(map[string]func() *time.Location, 256), byLanguage: make(map[string]string, 128)}
	pairs := func(table string, put func(key, value string)) {
		for _, pair := range strings.FieldsFunc(table, func(r rune) bool { return r == '|' || r == '\n' }) {
			key, value, _ := strings.Cut(pair, " ")
			put(key, value)
		}
	}
	pairs(countryZones, func(country, name string) {
		t.byCountry[country] = sync.OnceValue(func() *time.Location { return mustZone(name) })
	})
	pairs(languageCountries, func(language, country string) { t.byLanguage[language] = country })
	return t
})

// mustZone loads a zone that a table of this package names; the data is compiled in, and a test loads them all.
func mustZone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic("newsdate: " + err.Error())
	}
	return loc
}

// ZoneFor gives the zone that the news of a country (ISO 3166-1 alpha-2) is printed in; without a country, that of
// the tag's region or of a language that is written in one zone only. It gives nil when neither tells.
func ZoneFor(country, language string) *time.Location {
	t := zones()
	if country = normalCountry(country, language); country == "" {
		country = t.byLanguage[baseLanguage(language)]
	}
	if load, ok := t.byCountry[country]; ok {
		return load()
	}
	return nil
}

// normalCountry gives the upper-case country code, from the language tag's region if country is empty.
func normalCountry(country, language string) string {
	if country == "" {
		for _, part := range strings.FieldsFunc(language, func(r rune) bool { return r == '-' || r == '_' })[min(1, len(language)):] {
			if len(part) == 2 {
				country = part
				break
			}
		}
	}
	if country = strings.ToUpper(strings.TrimSpace(country)); country == "UK" {
		return "GB"
	}
	return country
}

// baseLanguage gives the language of a BCP 47 tag under the code that the tables have for it.
func baseLanguage(tag string) string {
	base := strings.TrimSpace(tag)
	if at := strings.IndexAny(base, "-_"); at >= 0 {
		base = base[:at]
	}
	switch base = strings.ToLower(base); base {
	case "iw":
		return "he"
	case "in":
		return "id"
	case "nb", "nn":
		return "no"
	case "pes":
		return "fa"
	case "sh":
		return "sr"
	case "kmr":
		return "ku"
	case "arz", "ary", "arb", "apc", "acm", "ajp", "aeb", "afb":
		return "ar"
	case "cmn", "yue":
		return "zh"
	case "tl":
		return "fil"
	}
	return base
}

// zoneAbbreviation is what news prints for a zone: a fixed offset, or a zone with its summer time.
type zoneAbbreviation struct {
	names    string // parted by commas
	minutes  int    // east of UTC, where name is empty
	location string // country whose zone it is
	choices  string // "IL:IL CA:-240": in these countries it is the zone of that country, or that many minutes
}

var zoneAbbreviations = [...]zoneAbbreviation{
	{names: "gmt,utc,ut,z,غرينتش,غرينيتش,جرينتش,جرينيتش,بتوقيت غرينتش,بتوقيت غرينيتش,بتوقيت جرينتش,توقيت غرينتش,توقيت جرينتش,ت.غ"},
	{names: "wet", minutes: 0}, {names: "west", minutes: 60},
	{names: "bst", location: "GB", choices: "BD:BD"},
	{names: "cet,mez", minutes: 60}, {names: "cest,mesz", minutes: 120},
	{names: "eet,oez", minutes: 120}, {names: "eest,oesz", minutes: 180},
	{names: "msk,мск", location: "RU"}, {names: "trt,tsi", location: "TR"},
	{names: "ist", location: "IN", choices: "IL:IL IE:IE"}, {names: "idt", minutes: 180},
	{names: "irst,irt", minutes: 210}, {names: "irdt", minutes: 270},
	{names: "ast,ksa", location: "SA", choices: "CA:-240 PR:-240 DO:-240 BB:-240 TT:-240 BM:-240 US:-240"}, {names: "adt", minutes: -180},
	{names: "pkt", minutes: 300}, {names: "gst,uae", minutes: 240}, {names: "aft", minutes: 270}, {names: "npt", minutes: 345},
	{names: "est", minutes: -300}, {names: "edt", minutes: -240},
	{names: "cst", minutes: -360, choices: "CN:CN TW:TW HK:HK MO:MO"}, {names: "cdt", minutes: -300},
	{names: "mst", minutes: -420, choices: "MY:MY"}, {names: "mdt", minutes: -360},
	{names: "pst", minutes: -480, choices: "PH:PH PK:PK"}, {names: "pdt", minutes: -420},
	{names: "et", location: "US"}, {names: "akst", minutes: -540}, {names: "hst", minutes: -600},
	{names: "aest", minutes: 600}, {names: "aedt", minutes: 660}, {names: "acst", minutes: 570}, {names: "acdt", minutes: 630},
	{names: "awst", minutes: 480}, {names: "aet", location: "AU"}, {names: "nzst", minutes: 720}, {names: "nzdt", minutes: 780},
	{names: "jst", minutes: 540}, {names: "kst", minutes: 540}, {names: "hkt,sgt,myt", minutes: 480}, {names: "pht", minutes: 480},
	{names: "wib", minutes: 420}, {names: "wita", minutes: 480}, {names: "wit", minutes: 540}, {names: "ict", minutes: 420},
	{names: "sast", minutes: 120}, {names: "eat", minutes: 180}, {names: "wat", minutes: 60}, {names: "cat", minutes: 120},
	{names: "brt", minutes: -180}, {names: "art", minutes: -180}, {names: "clt", location: "CL"},
	{names: "بتوقيت مكة,بتوقيت مكة المكرمة,بتوقيت السعودية,بتوقيت الرياض", location: "SA"},
	{names: "بتوقيت بغداد,بتوقيت العراق", location: "IQ"}, {names: "بتوقيت القاهرة,بتوقيت مصر", location: "EG"},
	{names: "بتوقيت أبوظبي,بتوقيت الإمارات,بتوقيت دبي", location: "AE"}, {names: "بتوقيت القدس,بتوقيت فلسطين", location: "PS"},
	{names: "بتوقيت بيروت,بتوقيت لبنان", location: "LB"}, {names: "بتوقيت تونس", location: "TN"}, {names: "بتوقيت الجزائر", location: "DZ"},
	{names: "بتوقيت المغرب", location: "MA"}, {names: "بتوقيت عمان,بتوقيت الأردن", location: "JO"}, {names: "بتوقيت الكويت", location: "KW"},
	{names: "بتوقيت الدوحة,بتوقيت قطر", location: "QA"}, {names: "بتوقيت دمشق,بتوقيت سوريا", location: "SY"},
	{names: "به وقت تهران", location: "IR"}, {names: "به وقت کابل", location: "AF"},
}

// zone is the zone that a time was read in.
type zone struct {
	location *time.Location
	name     string // as Time.Zone reports it
	given    bool
}

// zoneOf resolves an abbreviation, which may mean different zones in different countries.
func zoneOf(index int, country string) zone {
	z := zoneAbbreviations[index]
	if index == 0 {
		return zone{location: time.UTC, name: "UTC", given: true}
	}
	where := z.location
	for _, choice := range strings.Fields(z.choices) {
		if from, to, _ := strings.Cut(choice, ":"); from == country {
			if minutes, err := strconv.Atoi(to); err == nil {
				return offsetZone(minutes)
			}
			where = to
		}
	}
	if where == "" {
		return offsetZone(z.minutes)
	}
	loc := ZoneFor(where, "")
	return zone{location: loc, name: loc.String(), given: true}
}

// offsetZone is the zone of a printed offset in minutes east of UTC.
func offsetZone(minutes int) zone {
	sign, abs := '+', minutes
	if minutes < 0 {
		sign, abs = '-', -minutes
	}
	name := fmt.Sprintf("%c%02d:%02d", sign, abs/60, abs%60)
	return zone{location: time.FixedZone(name, minutes*60), name: name, given: true}
}
