package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/newsdate"
)

// maxAuthors bounds the list: live pages name a dozen.
const maxAuthors = 40

// bylineLeads are what stands before a name in a byline; longest first within a language.
var bylineLeads = []string{"© ", "view all posts by ", "see all posts by ", "all posts by ", "more posts by ", "more by ", "show all articles of ", "articles by ",
	"zeige alle beiträge von ", "alle beiträge von ", "alle artikel von ", "erstellt von ", "eingestellt von ", "veröffentlicht von ", "beitrag von ", "artikel von ", "ein artikel von ", "eine analyse von ", "ein kommentar von ", "text von ", "interview: ", "auteur : ", "auteur: ",
	"written by ", "reported by ", "story by ", "words by ", "article by ", "posted by ", "by: ", "by ",
	"von: ", "von ", "text: ", "autor: ", "autorin: ", "par ", "por ", "de: ", "di ", "da ", "door ", "af ", "av ", "av: ", "tekst: ", "text ", "foto ",
	"autorin/autor ", "autor/in ", "autor ", "author: ", "author ", "yazan: ", "haber: ", "muhabir: ", "kaynak: ", "nivîsandin: ", "ji hêla ",
	"كتبت:", "كتب:", "كتبت ", "كتب ", "بقلم:", "بقلم ", "إعداد:", "اعداد:", "حوار:", "تحرير:", "ترجمة:", "تقرير:", "حاوره:", "أجرى الحوار:", "الكاتب:", "الكاتب ", "المحرر:",
	"نویسنده:", "نویسنده ", "گزارش:", "خبرنگار:", "به قلم ", "نوسینی:", "نووسینی:", "ئامادەکردنی:", "מאת:", "מאת ", "כתב:", "تحریر:", "از ", "(责编：", "（责编：", "责编：", "quelle: ", "source: "}

// bylineBreaks part names in one byline.
var bylineBreaks = []string{" on ", " and ", " und ", " et ", " y ", " e ", " ve ", " og ", " och ", " en ", " & ", ", ", "،", "؛", ";", " / ", "/", " | ", "|", " • ", " · ", "、", " و ", " - ", " – ", " — ", "\n"}

// agencyNames are news agencies as bylines and source lines print them, in comparable form.
var agencyNames = func() map[string]bool {
	m := map[string]bool{}
	for _, n := range []string{"AFP", "Agence France-Presse", "AP", "Associated Press", "The Associated Press", "Reuters", "dpa", "DPA", "APA", "SDA", "Keystone-SDA", "sid", "epd", "KNA", "EFE",
		"Europa Press", "ANSA", "TASS", "RIA Novosti", "Interfax", "Xinhua", "Kyodo", "Jiji", "Yonhap", "PTI", "ANI", "IANS", "Bernama", "AA", "Anadolu Ajansı", "Anadolu Agency", "DHA", "İHA", "IHA", "ANKA",
		"Demirören Haber Ajansı", "İhlas Haber Ajansı", "UPI", "Bloomberg", "PA", "PA Media", "Press Association", "Canadian Press", "The Canadian Press", "AAP", "NTB", "Ritzau", "TT", "STT", "CTK", "ČTK", "PAP", "Belga", "ANP", "Lusa", "MTI", "SITA", "TASR",
		"CNN", "Sputnik", "سبوتنيك", "رويترز", "أ ف ب", "ا ف ب", "أ.ف.ب", "فرانس برس", "وكالة فرانس برس", "أ ش أ", "أ.ش.أ", "ا ش ا", "د ب أ", "د.ب.أ", "أ ب", "أسوشيتد برس", "بترا", "شينخوا", "واع", "نينا", "واس", "وام", "كونا", "قنا", "بنا", "سانا", "سبأ", "معا", "وفا", "الأناضول", "وكالة الأناضول",
		"وكالات", "الوكالات", "متابعة", "متابعات", "تاس", "نوفوستي", "العمانية", "تسنيم", "مهر", "فارس", "إرنا", "ارنا", "ایرنا", "ایسنا", "تسنیم", "مهر نیوز", "ایلنا", "برنا", "رویترز", "ئاژانسەکان", "רויטרס", "איי־פי", "AP news", "Reuters Staff", "AFP Deutschland",
		"BNS", "ELTA", "LETA", "STA", "HINA", "Tanjug", "FENA", "Agerpres", "BTA", "UNIAN", "Ukrinform", "BelTA", "Kazinform", "Azertac", "Armenpress", "Antara", "VNA", "SPA", "WAM", "KUNA", "QNA", "BNA", "ONA", "Petra", "NNA", "SANA", "WAFA",
		"IRNA", "ISNA", "Mehr News", "Fars", "Tasnim", "MENA", "INA", "NINA", "TAP", "APS"} {
		m[comparable(n)] = true
	}
	return m
}()

// orgWords mark a byline that names an office or a company.
var orgWords = []string{"redaktion", "redaction", "rédaction", "redacción", "redacao", "redação", "redazione", "newsroom", "news desk", "editorial", "editor's", "staff", "team", "agency", "agence", "agencia",
	"agencias", "agenturen", "ajansı", "haber", "news", "press", "online", ".com", ".net", ".org", ".de", ".tr", ".be", "وكالة", "نيوز", "وکالة", "صحيفة", "موقع", "قناة", "شبكة", "تحرير", "خبرگزاری", "گروه", "سرویس", "مجلة", "جريدة",
	"welle", "image", "getty", "istock", "istockphoto", "shutterstock", "magazine", "zeitung", "correspondent", "مراسل", "رئيس", "الإشراف", "الاشراف", "مدير", "سردبیر", "مدیر", "مدیرمسئول", "editör", "desk", "group", "media", "gmbh", "ltd", "inc.", "tv", "webmaster", "admin", "wordpressadmin", "agencies", "author", "unknown", "veröffentlicht", "published", "publié", "publicado", "pubblicato", "опубликовано", "writer", "фото", "photo", "foto", "fotos", "rubrik", "beiträge", "artikelübersicht", "posts", "articles", "archive", "anonymous", "profile", "guest", "מערכת", "ynet", "کارگزاری", "ویب ڈیسک", "نیوز", "web desk", "service", "servis", "masası", "redakce", "redakcja", "toimitus", "redaksjonen", "redaktionen"}

// isAgency says whether a name is a news agency's.
func isAgency(s string) bool { return agencyNames[comparable(s)] }

// agencyCountry gives the country whose national agency it is; "" for others.
func agencyCountry(agency string) string {
	switch comparable(agency) {
	case comparable("بترا"):
		return "JO"
	case comparable("أ ش أ"):
		return "EG"
	case comparable("واع"), comparable("نينا"):
		return "IQ"
	case comparable("واس"):
		return "SA"
	case comparable("وام"):
		return "AE"
	case comparable("كونا"):
		return "KW"
	case comparable("قنا"):
		return "QA"
	case comparable("بنا"):
		return "BH"
	case comparable("سانا"):
		return "SY"
	case comparable("سبأ"):
		return "YE"
	case comparable("وفا"):
		return "PS"
	case comparable("العمانية"):
		return "OM"
	}
	return ""
}

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
	if strings.HasPrefix(low, "the ") {
		return false // "The Washington Post"
	}
	if strings.HasPrefix(low, "about ") || strings.HasPrefix(low, "see ") {
		return false // headings and links of author boxes
	}
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
	named  []string // as the page names them, organisations too
	agency string
	place  string // "حسام أبو العلا - القاهرة"
	source string
}

// add takes a name or a whole byline in.
func (b *byline) add(s string, names []string) {
	s = trimByline(s)
	if s == "" || strings.Contains(s, "://") || utf8.RuneCountInString(s) > 300 {
		return
	}
	whole := s
	for _, dash := range []string{" - ", " – ", " — "} {
		if i := strings.Index(s, dash); i > 0 {
			if place := strings.TrimSpace(s[i+len(dash):]); isPlace(place) && b.place == "" {
				b.place = place
			}
			s = s[:i]
		}
	}
	// In Arabic the "و" that joins two names is written on to the second one and cannot be told from a name.
	people, orgs := 0, 0
	parts := splitAny(s, bylineBreaks)
	for _, p := range parts {
		p = trimByline(p)
		if p == "" || p[0] == '(' || hasDigit(p) || credentials[comparable(p)] {
			continue
		}
		// "Anna Sleegers, Frankfurt", "hessenschau.de, Frankfurt, Germany": a bare word behind whoever signs is where.
		if r, _ := utf8.DecodeRuneInString(p); people+orgs > 0 && !strings.Contains(p, " ") && strings.Contains(s, ", "+p) && !unicode.IsLower(r) && !isAgency(p) && isPlace(p) {
			if b.place == "" {
				b.place = p
			}
			continue
		}
		if isAgency(p) {
			if b.agency == "" {
				b.agency = p
			}
			continue
		}
		if isPerson(p, names) && len(b.people) < maxAuthors {
			people++
			if !containsFold(b.people, p) {
				b.people = append(b.people, p)
				b.named = append(b.named, p)
			}
			continue
		}
		orgs++
	}
	if people == 0 && utf8.RuneCountInString(whole) <= 60 && !containsFold(b.named, whole) && len(b.named) < maxAuthors {
		b.named = append(b.named, whole)
	}
}

// credentials are what follows a name behind a comma and is none.
var credentials = map[string]bool{"phd": true, "md": true, "ma": true, "msc": true, "mba": true, "dphil": true, "llm": true, "rdn": true}

// dropRubric takes back a lone bare word that a menu of the page has too, or that is the page's section: sites sign with
// the name of a rubric ("News") where nobody else does.
func (b *byline) dropRubric(s *segmenter, m *pageMeta) {
	if len(b.people) != 1 || strings.Contains(b.people[0], " ") {
		return
	}
	c := comparable(b.people[0])
	rubric := c == comparable(m.section())
	for k := 0; k < len(s.blocks) && !rubric; k++ {
		bl := &s.blocks[k]
		rubric = bl.words == 1 && bl.linkWords == 1 && comparable(bl.text) == c && bl.list
	}
	if rubric {
		b.people = nil
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
	s = strings.Trim(squeeze(s), " .,;:|-–—•·،)）")
	// "ByEmily Burack": the space was in the markup.
	for _, lead := range []string{"By", "Von", "Par", "Por", "von"} {
		if rest, ok := strings.CutPrefix(s, lead); ok {
			if r, _ := utf8.DecodeRuneInString(rest); unicode.IsUpper(r) {
				s = rest
			}
		}
	}
	for again := true; again; {
		again = false
		for _, lead := range bylineLeads {
			if len(s) > len(lead) && strings.EqualFold(s[:len(lead)], lead) {
				s = strings.Trim(s[len(lead):], " .,;:|-–—•·،")
				again = true
			}
		}
	}
	if i := strings.IndexByte(s, '('); i > 0 {
		s = strings.TrimSpace(s[:i])
	}
	for i := 1; i+len(" for ") <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(" for ")], " for ") {
			s = strings.TrimSpace(s[:i]) // "Jane Doe for The Post"
			break
		}
	}
	// What led to a date or a time that stood behind the name.
	for _, tail := range []string{" am", " um", " le", " on", " at", " el", " em", " il", " den", " stand", " | "} {
		if len(s) > len(tail) && strings.EqualFold(s[len(s)-len(tail):], tail) {
			s = strings.Trim(s[:len(s)-len(tail)], " .,;:|-–—•·،")
		}
	}
	return s
}

// findAuthors reads the byline: from linked data, meta elements, the text itself, microdata, and what is printed
// near the headline.
func findAuthors(d *document, s *segmenter, m *pageMeta, names []string, area func(int32) bool, inText string) (b byline) {
	for _, a := range m.ld.authors {
		b.add(a.name, names)
	}
	b.dropRubric(s, m)
	// One bare word is a rubric or a desk more often than a name, when the text itself names its reporter.
	if len(b.people) > 0 && !(inText != "" && len(b.people) == 1 && !strings.Contains(b.people[0], " ")) {
		b.source = "json-ld"
		return b
	}
	if inText != "" && len(b.people) > 0 {
		b.people, b.named = nil, nil
	}
	// Organisations that metadata names are kept unless a later source names persons.
	orgs := b.named
	defer func() {
		if len(b.people) == 0 && len(orgs) > 0 {
			b.named = orgs
		}
	}()
	if len(orgs) > 0 {
		b.named = nil
	}
	for _, key := range authorKeys {
		for _, v := range m.all(key) {
			b.add(v, names)
		}
		b.dropRubric(s, m)
		if len(b.people) > 0 {
			b.source = "meta " + key
			return b
		}
	}
	if inText != "" {
		b.add(inText, names)
		if len(b.people) > 0 {
			b.source = "text"
			return b
		}
	}
	for i := int32(0); i < int32(len(d.nodes)); i++ {
		n := &d.nodes[i]
		if n.kind != kindElement || n.a1 == n.a0 || n.tag == atom.Meta || n.tag == atom.Link || !area(i) {
			continue
		}
		if hasWord(d.attr(i, attrRel), "author") || hasWord(d.attr(i, attrItemprop), "author") {
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
	b.linked(d, s, names, area)
	if len(b.people) > 0 {
		b.source = "link to an author"
		return b
	}
	last := -1
	for k := range s.blocks {
		bl := &s.blocks[k]
		in := area(bl.node)
		if in {
			last = k
		}
		if bl.hidden || bl.chars > 120 || bl.chars < 3 || bl.words > 14 || last < 0 || k > last+bylineReach {
			continue
		}
		label := startsByline(bl.text)
		if !in && !label {
			continue
		}
		own := d.traitsOf(bl.node, s.memo)
		own |= d.traitsOf(d.parent(bl.node), s.memo)
		if own&traitAuthor != 0 && own&(traitComment|traitShare|traitRelated|traitCaption|traitMedia) == 0 || label {
			text := withoutDates(bl.text)
			if t := trimByline(text); bl.words >= 2 && len(strings.Fields(t)) >= 2 || label {
				b.add(text, names)
			}
			if len(b.people) > 0 {
				b.source = "text"
				return b
			}
		}
	}
	return b
}

// linked reads names that are links to the pages of their authors, next to the text.
func (b *byline) linked(d *document, s *segmenter, names []string, area func(int32) bool) {
	for i := int32(0); i < int32(len(d.nodes)); i++ {
		if d.nodes[i].tag != atom.A || !area(i) || !leadsToAuthor(d.attr(i, attrHref)) {
			continue
		}
		var t trait
		for k := i; k >= 0 && d.nodes[k].tag != atom.Body && d.nodes[k].tag != atom.Main && d.nodes[k].tag != atom.Article; k = d.nodes[k].parent {
			t |= d.traitsOf(k, s.memo)
		}
		if t&(traitRelated|traitComment|traitNav|traitAside|traitFooter|traitShare|traitCaption) != 0 {
			continue
		}
		if name := textOf(d, i); strings.Contains(name, " ") && len(strings.Fields(trimByline(name))) >= 2 {
			b.add(name, names)
		}
	}
}

// authorPaths are the parts of an address by which content systems lead to an author's own page.
var authorPaths = []string{"author", "authors", "autor", "autores", "autoren", "auteur", "auteurs", "writer", "writers", "reporter", "reporters", "journalist", "journalists",
	"yazar", "yazarlar", "contributor", "contributors", "redakteur", "forfatter", "skribent", "autore", "autori", "كاتب", "الكاتب", "نویسنده"}

// leadsToAuthor says whether a link's path names authors ("/author/jane-doe/").
func leadsToAuthor(href string) bool {
	if i := strings.IndexAny(href, "?#"); i >= 0 {
		href = href[:i]
	}
	if !strings.Contains(href, "/") || len(href) > 300 {
		return false
	}
	parts := strings.Split(href, "/")
	for _, part := range parts[:len(parts)-1] {
		for _, a := range authorPaths {
			if strings.EqualFold(part, a) {
				return true
			}
		}
	}
	return false
}

// withoutDates takes the dates out of a line, so that what is left of "28. Jan. 2022 Jane Doe" is the name.
func withoutDates(line string) string {
	found := newsdate.Find(line, newsdate.Hint{})
	for k := len(found) - 1; k >= 0; k-- {
		line = line[:found[k].Start] + " | " + line[found[k].End:]
	}
	return line
}

// bylineReach is how many blocks after the text a labelled byline still belongs to it.
const bylineReach = 12

// authorKeys are meta elements that name the author, most telling first.
var authorKeys = []string{"author", "article:author", "articleAuthor", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl",
	"citation_author", "cxenseparse:author", "og:article:author", "dc.author", "authors", "article:author_name", "twitter:creator:name", "writer", "creator"}

// startsByline says whether a short line opens as a byline does.
func startsByline(t string) bool {
	if utf8.RuneCountInString(t) > 60 {
		return false
	}
	for _, lead := range []string{"كتب ", "كتبت ", "كتب:", "كتبت:", "بقلم", "حوار:", "By ", "Von ", "von ", "Von: ", "Autor: ", "Autorin/Autor ", "Autorin: ", "Author: ", "Par ", "Por ", "Text: ",
		"מאת", "（责编", "(责编", "责编", "نویسنده:", "خبرنگار:", "Yazan: ", "Haber: "} {
		if rest, ok := strings.CutPrefix(t, lead); ok {
			if r, _ := utf8.DecodeRuneInString(rest); unicode.IsLower(r) {
				return false // "By the numbers"
			}
			// A sentence may begin with these words too, but ends with a stop.
			return !strings.HasSuffix(t, ".") && len(strings.Fields(rest)) <= 7
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
