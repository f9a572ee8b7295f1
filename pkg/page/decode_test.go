package page

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// brief gives texts in languages of which pkg/lang keeps none.
var brief = map[string]string{
	"gbk":          "市议会星期二晚上决定重建这座旧桥，结束了长达九年的争议。工程师表示，东侧的桥拱自去年洪水以来已经移动了四厘米，卡车在开工以前不能通过。",
	"big5":         "市議會星期二晚上決定重建這座舊橋，結束了長達九年的爭議。工程師表示，東側的橋拱自去年洪水以來已經移動了四公分，卡車在開工以前不能通過。",
	"shift_jis":    "市議会は火曜日の夜、九年にわたる論争の末に古い橋を架け替えることを決めた。技術者によると、東側のアーチは昨年の洪水の後に四センチ動いていた。",
	"euc-jp":       "市議会は火曜日の夜、九年にわたる論争の末に古い橋を架け替えることを決めた。技術者によると、東側のアーチは昨年の洪水の後に四センチ動いていた。",
	"euc-kr":       "시의회는 화요일 저녁 구 년 동안의 논란 끝에 오래된 다리를 다시 짓기로 결정했다. 기술자들은 동쪽 아치가 지난해 홍수 이후 사 센티미터 움직였다고 말했다.",
	"windows-874":  "สภาเมืองมีมติเมื่อเย็นวันอังคารให้สร้างสะพานเก่าขึ้นใหม่หลังจากมีข้อขัดแย้งมานานเก้าปี วิศวกรกล่าวว่าส่วนโค้งด้านตะวันออกได้เคลื่อนไปสี่เซนติเมตรตั้งแต่น้ำท่วมในปีที่แล้ว",
	"windows-1253": "Το δημοτικό συμβούλιο αποφάσισε το βράδυ της Τρίτης να ξαναχτίσει την παλιά γέφυρα μετά από εννέα χρόνια διαμάχης. Οι μηχανικοί είπαν ότι το ανατολικό τόξο έχει μετακινηθεί.",
	"windows-1255": "מועצת העיר החליטה ביום שלישי בערב לבנות מחדש את הגשר הישן לאחר תשע שנים של מחלוקת. המהנדסים אמרו כי הקשת המזרחית זזה ארבעה סנטימטרים מאז השיטפון של השנה שעברה.",
}

// alphabetOf are the encodings that pages in a language are in, where these are not UTF-8.
var alphabetOf = map[string][]string{
	"ar-Arab": {"windows-1256"}, "ru-Cyrl": {"windows-1251", "koi8-r", "ibm866"}, "bg-Cyrl": {"windows-1251"}, "uk-Cyrl": {"windows-1251", "koi8-u"},
	"sr-Cyrl": {"windows-1251"}, "mk-Cyrl": {"windows-1251"}, "be-Cyrl": {"windows-1251"}, "tr-Latn": {"windows-1254"}, "pl-Latn": {"windows-1250", "iso-8859-2"},
	"cs-Latn": {"windows-1250", "iso-8859-2"}, "sk-Latn": {"windows-1250"}, "hu-Latn": {"windows-1250"}, "hr-Latn": {"windows-1250"}, "lt-Latn": {"windows-1257"},
	"lv-Latn": {"windows-1257"}, "et-Latn": {"windows-1257"}, "de-Latn": {"windows-1252"}, "fr-Latn": {"windows-1252"}, "es-Latn": {"windows-1252"},
	"pt-Latn": {"windows-1252"}, "sv-Latn": {"windows-1252"}, "da-Latn": {"windows-1252"}, "fi-Latn": {"windows-1252"}, "sq-Latn": {"windows-1252"},
}

// encoded is a text as bytes.
type encoded struct {
	what, encoding, text string
	bytes                []byte
}

func encode(t *testing.T, name, text string) []byte {
	t.Helper()
	enc, err := htmlindex.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	out, err := enc.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v in %.60s", name, err, text)
	}
	return out
}

// holds says whether an encoding has all letters of a line.
func holds(name, line string) bool {
	enc, _ := encodingOf(name)
	_, err := enc.NewEncoder().String(line)
	return err == nil
}

func encodings(t *testing.T) []encoded {
	t.Helper()
	var out []encoded
	add := func(what, name, text string) {
		out = append(out, encoded{what, name, text, encode(t, name, text)})
	}
	for name, text := range brief {
		add("brief", name, text)
	}
	for source, names := range alphabetOf {
		data, err := os.ReadFile(filepath.Join("..", "lang", "testdata", "texts", source+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for line := range strings.Lines(string(data)) {
			if !strings.HasPrefix(line, "=") {
				lines = append(lines, strings.TrimSpace(line))
			}
		}
		for _, name := range names {
			lines := slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return !holds(name, line) })
			add(source, name, strings.Join(lines[:4], " "))
			add(source, name, strings.Join(lines[8:], " "))
		}
	}
	return out
}

// TestUndeclared: a page that says nothing of its encoding is read by how its text reads.
func TestUndeclared(t *testing.T) {
	for _, e := range encodings(t) {
		body := "<html><head><title>" + string(e.bytes) + "</title></head><body class=page><div><p>" + string(e.bytes) + "</p></div></body></html>"
		got, name, guessed := Decode([]byte(body), "text/html")
		if !strings.Contains(string(got), e.text) {
			t.Errorf("%s in %s is read in %s: %.80s", e.what, e.encoding, name, got[19:])
		}
		if !guessed {
			t.Errorf("%s in %s is no guess", e.what, e.encoding)
		}
	}
}

// TestMarksBeyondASCII: a page whose bytes beyond ASCII are quotation marks and the like is in windows-1252, declared or not.
func TestMarksBeyondASCII(t *testing.T) {
	text := strings.Repeat("“I don’t know – perhaps it’s true,” she said… and they’d agreed. £20, €30. ", 5)
	for _, head := range []string{"", "<meta charset=iso-8859-1>", "<meta charset=utf-8>"} {
		got, name, _ := Decode(append([]byte(head+"<p>"), encode(t, "windows-1252", text)...), "")
		if !strings.Contains(string(got), text) {
			t.Errorf("%s: read in %s: %s", head, name, got)
		}
	}
}

// TestDeclared: a true declaration stands wherever it is, and a false one does not.
func TestDeclared(t *testing.T) {
	for _, e := range encodings(t) {
		for _, tc := range []struct {
			name, before, contentType string
			guessed                   bool
		}{
			{"meta", "<meta charset=" + e.encoding + ">", "", false},
			{"http-equiv after 7 KB", "<style>" + strings.Repeat("a { color: red }\n", 500) + "</style><meta http-equiv=Content-Type content='text/html; charset=" + e.encoding + "'>", "", false},
			{"header", "", "text/html; charset=" + e.encoding, false},
			{"a header that lies before a meta", "<meta charset=" + e.encoding + ">", "text/html; charset=utf-8", false},
			{"utf-8 by a lie", "<meta charset=utf-8>", "text/html; charset=utf-8", true},
			{"an encoding that is none", "<meta charset=windows-arabic>", "", true},
		} {
			got, name, guessed := Decode([]byte("<html><head>"+tc.before+"</head><body><p>"+string(e.bytes)+"</p></body></html>"), tc.contentType)
			if !strings.Contains(string(got), e.text) || guessed != tc.guessed {
				t.Errorf("%s in %s, %s: read in %s, guessed %v: %.80s", e.what, e.encoding, tc.name, name, guessed, got[strings.Index(string(got), "<p>"):])
			}
		}
	}
}

// TestFalseDeclarations: an encoding of other letters than the page's.
func TestFalseDeclarations(t *testing.T) {
	for _, e := range encodings(t) {
		for _, lie := range []string{"windows-1256", "windows-1251", "gbk", "shift_jis", "euc-kr", "windows-1255", "iso-8859-1"} {
			if strings.HasPrefix(e.encoding, "windows-125") && strings.HasSuffix(e.what, "Latn") || e.encoding == "iso-8859-2" {
				continue // Latin letters: see TestNeighbours
			}
			got, name, guessed := Decode([]byte("<html><head><meta charset="+lie+"></head><body><p>"+string(e.bytes)+"</p></body></html>"), "")
			if !strings.Contains(string(got), e.text) {
				t.Errorf("%s in %s, declared as %s: read in %s: %.80s", e.what, e.encoding, lie, name, got[strings.Index(string(got), "<p>"):])
			}
			if _, n := encodingOf(lie); guessed == (n == e.encoding) {
				t.Errorf("%s in %s, declared as %s: guessed %v", e.what, e.encoding, lie, guessed)
			}
		}
	}
}

// TestNeighbours: encodings of Latin letters differ in few of them, and what the server says by default is often not the page's.
func TestNeighbours(t *testing.T) {
	for _, e := range encodings(t) {
		if !strings.HasSuffix(e.what, "Latn") || e.what == "hu-Latn" { // õ for ő, one letter in fifty: too near
			continue
		}
		got, name, _ := Decode([]byte("<html><body><p>"+string(e.bytes)+"</p></body></html>"), "text/html; charset=iso-8859-1")
		if !strings.Contains(string(got), e.text) {
			t.Errorf("%s in %s, declared as iso-8859-1: read in %s: %.80s", e.what, e.encoding, name, got[15:])
		}
	}
}

// TestUTF8WhateverIsDeclared: and with a spoilt character.
func TestUTF8WhateverIsDeclared(t *testing.T) {
	for name, text := range brief {
		for _, spoilt := range []string{"", "\xe9"} {
			body := "<meta charset=" + name + "><p>" + text + text + spoilt + "</p>"
			got, read, _ := Decode([]byte(body), "text/html; charset=windows-1256")
			if read != "utf-8" || !strings.Contains(string(got), text) {
				t.Errorf("UTF-8 declared as %s is read in %s", name, read)
			}
		}
	}
}

// TestCommonFile: every line of common.txt is understood.
func TestCommonFile(t *testing.T) {
	for _, c := range knownCommon() {
		if enc, _ := encodingOf(c.name); enc == nil || c.share <= 0 || c.share >= 1 || len(c.signs)+len(c.words) == 0 {
			t.Errorf("common.txt: %s, share %v, %d signs, %d words", c.name, c.share, len(c.signs), len(c.words))
		}
	}
	for _, name := range alphabets {
		if enc, _ := encodingOf(name); enc == nil {
			t.Errorf("%s is no encoding", name)
		}
	}
}

// FuzzDecode: whatever comes, what is given is UTF-8 where it was not so before.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("<meta charset=gbk>\xb5\xc4\xca\xc7\x1b$B<"), "text/html; charset=utf-8")
	f.Add([]byte("\xff\xfea\x00"), "")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		out, _, _ := Decode(body, contentType)
		if !utf8.Valid(out) && !strings.HasPrefix(string(body), "\xef\xbb\xbf") {
			t.Errorf("%q is decoded to %q", body, out)
		}
	})
}
