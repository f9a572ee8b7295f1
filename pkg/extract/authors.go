package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// maxAuthors bounds the list: live pages name a dozen.
const maxAuthors = 40

// bylineLeads are what stands before a name in a byline; longest first within a language.
var bylineLeads = []string{"written by ", "reported by ", "story by ", "words by ", "article by ", "posted by ", "by: ", "by ",
	"von: ", "von ", "text: ", "autor: ", "autorin: ", "par ", "por ", "de: ", "di ", "da ", "door ", "af ", "av ", "av: ", "tekst: ", "text ", "foto ",
	"autor ", "author: ", "yazan: ", "haber: ", "muhabir: ", "kaynak: ", "nivîsandin: ", "ji hêla ",
	"كتبت:", "كتب:", "كتبت ", "كتب ", "بقلم:", "بقلم ", "إعداد:", "اعداد:", "حوار:", "تحرير:", "ترجمة:", "تقرير:", "حاوره:", "أجرى الحوار:", "الكاتب:", "الكاتب ", "المحرر:",
	"نویسنده:", "نویسنده ", "گزارش:", "خبرنگار:", "به قلم ", "نوسینی:", "نووسینی:", "ئامادەکردنی:", "מאת:", "מאת ", "כתב:", "تحریر:", "از "}

// bylineBreaks part names in one byline.
var bylineBreaks = []string{" and ", " und ", " et ", " y ", " e ", " ve ", " og ", " och ", " en ", " & ", ", ", "،", "؛", ";", " / ", "/", " | ", "|", " • ", " · ", "、", " و ", " - ", " – ", " — ", "\n"}

// agencyNames are news agencies as bylines and source lines print them, in comparable form.
var agencyNames = func() map[string]bool {
	m := map[string]bool{}
	for _, n := range []string{"AFP", "Agence France-Presse", "AP", "Associated Press", "The Associated Press", "Reuters", "dpa", "DPA", "APA", "SDA", "Keystone-SDA", "sid", "epd", "KNA", "EFE",
		"Europa Press", "ANSA", "TASS", "RIA Novosti", "Interfax", "Xinhua", "Kyodo", "Jiji", "Yonhap", "PTI", "ANI", "IANS", "Bernama", "AA", "Anadolu Ajansı", "Anadolu Agency", "DHA", "İHA", "IHA", "ANKA",
		"Demirören Haber Ajansı", "İhlas Haber Ajansı", "UPI", "Bloomberg", "PA", "PA Media", "Press Association", "Canadian Press", "The Canadian Press", "AAP", "NTB", "Ritzau", "TT", "STT", "CTK", "ČTK", "PAP", "Belga", "ANP", "Lusa", "MTI", "SITA", "TASR",
		"CNN", "Sputnik", "سبوتنيك", "رويترز", "أ ف ب", "ا ف ب", "أ.ف.ب", "فرانس برس", "وكالة فرانس برس", "أ ش أ", "أ.ش.أ", "ا ش ا", "د ب أ", "د.ب.أ", "أ ب", "أسوشيتد برس", "بترا", "شينخوا", "واع", "نينا", "واس", "وام", "كونا", "قنا", "بنا", "سانا", "سبأ", "معا", "وفا", "الأناضول", "وكالة الأناضول",
		"وكالات", "الوكالات", "متابعة", "متابعات", "تاس", "نوفوستي", "العمانية", "تسنيم", "مهر", "فارس", "إرنا", "ارنا", "ایرنا", "ایسنا", "تسنیم", "مهر نیوز", "ایلنا", "برنا", "رویترز", "ئاژانسەکان", "רויטרס", "איי־פי", "AP news", "Reuters Staff", "AFP Deutschland"} {
		m[comparable(n)] = true
	}
	return m
}()

// orgWords mark a byline that names an office or a company.
var orgWords = []string{"redaktion", "redaction", "rédaction", "redacción", "redacao", "redação", "redazione", "newsroom", "news desk", "editorial", "editor's", "staff", "team", "agency", "agence", "agencia",
	"agencias", "agenturen", "ajansı", "haber", "news", "press", "online", ".com", ".net", ".org", ".de", ".tr", ".be", "وكالة", "نيوز", "وکالة", "صحيفة", "موقع", "قناة", "شبكة", "تحرير", "خبرگزاری", "گروه", "سرویس", "مجلة", "جريدة",
	"magazine", "zeitung", "correspondent", "مراسل", "desk", "group", "media", "gmbh", "ltd", "inc.", "tv", "webmaster", "admin", "מערכת", "ynet", "کارگزاری", "ویب ڈیسک", "نیوز", "web desk", "service", "servis", "masası", "redakce", "redakcja", "toimitus", "redaksjonen", "redaktionen"}

// isAgency says whether a name is a news agency's.
func isAgency(s string) bool { return agencyNames[comparable(s)] }

// isPerson says whether a byline's part reads like a person's name.
func isPerson(s string, names []string) bool {
	n := utf8.RuneCountInString(s)
	if n < 2 || n > 60 || isAgency(s) || isSiteName(s, names) {
		return false
	}
	if strings.ContainsAny(s, "@<>{}[]=_") || strings.Contains(s, "://") || strings.Contains(s, "www.") {
		return false
	}
	letters := false
	for _, r := range s {
		if unicode.IsDigit(r) {
			return false
		}
		letters = letters || unicode.IsLetter(r)
	}
	if !letters || len(strings.Fields(s)) > 6 {
		return false
	}
	low := strings.ToLower(s)
	for _, w := range orgWords {
		if i := strings.Index(low, w); i >= 0 && wordEdge(low, i, i+len(w)) {
			return false
		}
	}
	return true
}

// wordEdge says whether s[a:b] is not a part of a longer word.
func wordEdge(s string, a, b int) bool {
	if a > 0 {
		if r, _ := utf8.DecodeLastRuneInString(s[:a]); unicode.IsLetter(r) && s[a] != '.' {
			return false
		}
	}
	if b < len(s) {
		if r, _ := utf8.DecodeRuneInString(s[b:]); unicode.IsLetter(r) {
			return false
		}
	}
	return true
}

// byline is the authors of an article and the agency among them.
type byline struct {
	people []string
	agency string
	source string
}

// add takes a name or a whole byline in.
func (b *byline) add(s string, names []string) {
	s = trimByline(s)
	if s == "" {
		return
	}
	// In Arabic the "و" that joins two names is written on to the second one and cannot be told from a name.
	parts := []string{s}
	for _, br := range bylineBreaks {
		var next []string
		for _, p := range parts {
			next = append(next, strings.Split(p, br)...)
		}
		parts = next
	}
	for _, p := range parts {
		p = trimByline(p)
		if p == "" {
			continue
		}
		if isAgency(p) {
			if b.agency == "" {
				b.agency = p
			}
			continue
		}
		if isPerson(p, names) && len(b.people) < maxAuthors && !containsFold(b.people, p) {
			b.people = append(b.people, p)
		}
	}
}

func containsFold(list []string, s string) bool {
	c := comparable(s)
	for _, x := range list {
		if comparable(x) == c {
			return true
		}
	}
	return false
}

// trimByline takes the words before a name off, and what stands in brackets after it.
func trimByline(s string) string {
	s = strings.Trim(squeeze(s), " .,;:|-–—•·،")
	for again := true; again; {
		again = false
		for _, lead := range bylineLeads {
			if len(s) > len(lead) && equalFold(s[:len(lead)], lead) {
				s = strings.Trim(s[len(lead):], " .,;:|-–—•·،")
				again = true
			}
		}
	}
	if i := strings.IndexByte(s, '('); i > 0 {
		s = strings.TrimSpace(s[:i])
	}
	return s
}

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }

// findAuthors reads the byline: from linked data, meta elements, microdata, and what is printed.
func findAuthors(d *document, s *segmenter, m *pageMeta, names []string, area func(int32) bool) byline {
	var b byline
	for _, a := range m.ld.authors {
		b.add(a.name, names)
	}
	if len(b.people) > 0 {
		b.source = "json-ld"
		return b
	}
	for _, key := range []string{"author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl", "citation_author", "cxenseparse:author", "og:article:author", "dc.author"} {
		for _, v := range m.all(key) {
			b.add(v, names)
		}
		if len(b.people) > 0 {
			b.source = "meta " + key
			return b
		}
	}
	for i := int32(0); i < int32(len(d.nodes)); i++ {
		n := &d.nodes[i]
		if n.kind != kindElement || n.a1 == n.a0 || !area(i) {
			continue
		}
		if n.tag != atom.Meta && (hasWord(d.attr(i, attrRel), "author") || hasWord(d.attr(i, attrItemprop), "author")) {
			t := ""
			for k := i; k < n.end; k++ {
				if d.attr(k, attrItemprop) == "name" {
					t = textOf(d, k)
					break
				}
			}
			if t == "" {
				t = textOf(d, i)
			}
			if utf8.RuneCountInString(t) <= 80 {
				b.add(t, names)
			}
		}
	}
	if len(b.people) > 0 {
		b.source = "rel author"
		return b
	}
	for k := range s.blocks {
		bl := &s.blocks[k]
		if bl.hidden || bl.chars > 120 || bl.chars < 3 || !area(bl.node) {
			continue
		}
		own := d.traitsOf(bl.node, s.memo)
		if p := d.nodes[max(bl.node, 0)].parent; p >= 0 {
			own |= d.traitsOf(p, s.memo)
		}
		if own&traitAuthor != 0 && own&(traitComment|traitShare|traitRelated) == 0 || startsByline(bl.text) {
			b.add(bl.text, names)
			if len(b.people) > 0 {
				b.source = "text"
				return b
			}
		}
	}
	return b
}

func startsByline(t string) bool {
	for _, lead := range []string{"كتب ", "كتبت ", "كتب:", "كتبت:", "بقلم", "حوار:", "By ", "מאת"} {
		if strings.HasPrefix(t, lead) && utf8.RuneCountInString(t) <= 60 {
			return true
		}
	}
	return false
}

func hasWord(v, w string) bool {
	for len(v) > 0 {
		i := strings.IndexByte(v, ' ')
		word := v
		if i >= 0 {
			word, v = v[:i], v[i+1:]
		} else {
			v = ""
		}
		if equalFoldASCII(word, w) {
			return true
		}
	}
	return false
}
