package extract

import (
	"bytes"
	"encoding/json"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/khabar-crawler/khabar/pkg/page"
	"golang.org/x/text/encoding/unicode"
)

// hostilePages are pages made to cost more than they should: each as a function of its size.
var hostilePages = map[string]func(n int) []byte{
	"nested div":          func(n int) []byte { return []byte(strings.Repeat("<div>x ", n)) },
	"nested div closed":   func(n int) []byte { return []byte(strings.Repeat("<div>x", n) + strings.Repeat("</div>", n)) },
	"unclosed formatting": func(n int) []byte { return []byte(strings.Repeat("<b id=1><i><font color=2><p>x</p>", n)) },
	"unclosed links":      func(n int) []byte { return []byte(strings.Repeat("<a href=/x>word ", n)) },
	"unmatched end tags":  func(n int) []byte { return []byte(strings.Repeat("<div>", 300) + strings.Repeat("</span></p>", n)) },
	"nested tables":       func(n int) []byte { return []byte(strings.Repeat("<table><tr><td>word ", n)) },
	"table misnesting":    func(n int) []byte { return []byte("<table>" + strings.Repeat("<a>text<tr>", n)) },
	"headings":            func(n int) []byte { return []byte(strings.Repeat("<h1>The same headline again</h1>", n)) },
	"linked headings": func(n int) []byte {
		return []byte("<main>" + strings.Repeat("<h2><a href=/a>Another headline here</a></h2><p>Short text of it.</p>", n) + "</main>")
	},
	"lines": func(n int) []byte {
		return []byte("<div>" + strings.Repeat("a line of some words in it, with a stop.<br>", n) + "</div>")
	},
	"text nodes in one div": func(n int) []byte {
		return []byte("<div><p>First paragraph of the text.</p>" + strings.Repeat("loose words beside the paragraphs of it <hr>", n) + "</div>")
	},
	"list items": func(n int) []byte {
		return []byte("<main><p>Text.</p><ul>" + strings.Repeat("<li>item of a list <ul><li>inner</li></ul></li>", n) + "</ul></main>")
	},
	"dates": func(n int) []byte {
		return []byte("<main>" + strings.Repeat("<div>24.07.2024 10:11</div><time>2024</time>", n) + "</main>")
	},
	"classes": func(n int) []byte {
		return []byte("<div class='" + strings.Repeat("relatedArticle share-bar ", n) + "'><p>Text of the page.</p></div>")
	},
	"attributes": func(n int) []byte {
		return []byte("<div " + strings.Repeat("class=a id=b ", n) + "><p>Text.</p></div>")
	},
	"metas": func(n int) []byte {
		return []byte(strings.Repeat("<meta property=og:title content='A title of it'>", n))
	},
	"authors": func(n int) []byte {
		return []byte("<article><p>Some text is here to read.</p>" + strings.Repeat("<div rel=author itemprop=author>Jane Doe", n))
	},
	"hidden": func(n int) []byte {
		return []byte(strings.Repeat("<div hidden style='display : none'><p>Words that nobody sees, in a sentence.</p>", n))
	},
	"json nested": func(n int) []byte {
		return []byte("<script type=application/ld+json>" + strings.Repeat(`{"@graph":[`, n))
	},
	"json objects": func(n int) []byte {
		return []byte("<script type=application/ld+json>[" + strings.Repeat(`{"@type":"NewsArticle","author":{"@id":"#a"}},`, n))
	},
	"json authors": func(n int) []byte {
		return []byte(`<script type=application/ld+json>{"@type":"NewsArticle","author":[` + strings.Repeat(`{"@id":"#a"},`, n))
	},
	"json quotes": func(n int) []byte { return []byte(`<script type=application/ld+json>{"a":"` + strings.Repeat(`" `, n)) },
	"json keys": func(n int) []byte {
		return []byte(`<script type=application/ld+json>{"@type":"NewsArticle",` + strings.Repeat(`"a":1,`, n))
	},
	"entities":              func(n int) []byte { return []byte("<p>" + strings.Repeat("&amp;lt;&#1576;", n)) },
	"svg":                   func(n int) []byte { return []byte(strings.Repeat("<svg><title>x", n)) },
	"comments and brackets": func(n int) []byte { return []byte(strings.Repeat("<!-- -- ><", n)) },
	"script":                func(n int) []byte { return []byte("<script>" + strings.Repeat("<!--<script>", n)) },
	"templates":             func(n int) []byte { return []byte(strings.Repeat("<template shadowrootmode=open><p>x", n)) },
	"scripts that hold texts": func(n int) []byte {
		title := strings.Repeat("headline ", 400)
		return []byte("<title>" + title + "</title><h1>" + title + "</h1>" + strings.Repeat(`<script>x={"body":"`+strings.Repeat("Some words of a text that is another. ", 20)+`"}</script>`, n/10))
	},
	"author links": func(n int) []byte {
		return []byte("<article><h1>Headline</h1><p>A sentence of a text, which says enough to be one.</p>" + strings.Repeat("<div><a href='/author/jane-doe/'>Jane "+"Doe</a>", n))
	},
	"twins": func(n int) []byte {
		return []byte("<main>" + strings.Repeat("<section class='part a-1'><div><p>A sentence of a text, which says enough to be one.</p></div></section>", n))
	},
	"html elements": func(n int) []byte { return []byte(strings.Repeat("<html lang=en class=x>words ", n)) },
	"menus of one word": func(n int) []byte {
		return []byte("<meta name=author content=News>" + strings.Repeat("<li><a href=/n>Sport</a></li>", n))
	},
	"countries": func(n int) []byte {
		return []byte("<html lang=ar><p>" + strings.Repeat("والعراق ", n))
	},
	"blocks in deep wrapper": func(n int) []byte {
		return []byte(strings.Repeat("<div class=w>", 200) + strings.Repeat("<p class=x>A sentence of a paragraph.</p>", n))
	},
}

// TestHostile extracts pages made to blow up. A quadratic step over their forty thousand parts would take minutes
// and run into the test's deadline; memory is held against the page's size.
func TestHostile(t *testing.T) {
	for name, page := range hostilePages {
		t.Run(name, func(t *testing.T) {
			body := page(40_000)
			var m0, m1 runtime.MemStats
			runtime.ReadMemStats(&m0)
			start := time.Now()
			check(t, Extract(Page{URL: "https://site.example/a", Body: body, ContentType: "text/html"}, Options{Now: time.Unix(1_700_000_000, 0)}))
			runtime.ReadMemStats(&m1)
			perByte := float64(m1.TotalAlloc-m0.TotalAlloc) / float64(len(body))
			t.Logf("%d bytes, %v, %.0f bytes allocated for each", len(body), time.Since(start).Round(time.Millisecond), perByte)
			if perByte > maxAllocated {
				t.Errorf("allocates %.0f bytes for each byte of the page", perByte)
			}
		})
	}
}

// maxAllocated: tags of three bytes make nodes, blocks and their hashes of some hundred bytes each.
const maxAllocated = 400

// check holds what is true of every result.
func check(t testing.TB, r Result) {
	t.Helper()
	a := r.Article
	if !utf8.ValidString(a.Text) || !utf8.ValidString(a.Title) {
		t.Error("text is not UTF-8")
	}
	if a.Quality.Score < 0 || a.Quality.Score > 1 {
		t.Errorf("score %v", a.Quality.Score)
	}
	if r.Outcome == OutcomeArticle && strings.TrimSpace(a.Text) == "" {
		t.Error("an article without text")
	}
	if strings.Contains(a.Text, "\n\n\n") || strings.TrimSpace(a.Text) != a.Text {
		t.Error("text with blank paragraphs")
	}
	for _, x := range a.Authors {
		if x == "" {
			t.Error("an author without a name")
		}
	}
	if (a.PublishedAt == nil) != (a.Published == nil) {
		t.Error("a time without its source")
	}
	fields, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var printed any
	if err := json.Unmarshal(fields, &printed); err != nil {
		t.Fatal(err)
	}
	checkPrintable(t, "article", printed)
	checkPrintable(t, "byline", strings.Join(r.Byline, " "))
}

// checkPrintable looks for characters in any string of a JSON value that are no text.
func checkPrintable(t testing.TB, name string, value any) {
	t.Helper()
	switch v := value.(type) {
	case string:
		if strings.ContainsFunc(v, page.Steers) {
			t.Errorf("%s holds control characters: %q", name, v)
		}
	case []any:
		for _, x := range v {
			checkPrintable(t, name, x)
		}
	case map[string]any:
		for k, x := range v {
			checkPrintable(t, name+"."+k, x)
		}
	}
}

// TestUTF16WithoutMark: the header alone tells that every other byte is NUL.
func TestUTF16WithoutMark(t *testing.T) {
	const page = "<html><title>Council opens a second well</title><article><h1>Council opens a second well</h1><p>The engineers measured ninety litres " +
		"a minute, which is more than the old well gave in its best year.</p></article></html>"
	encoded, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().Bytes([]byte(page))
	if err != nil {
		t.Fatal(err)
	}
	r := Extract(Page{Body: encoded, ContentType: "text/html; charset=utf-16"}, Options{})
	if r.Outcome != OutcomeArticle || r.Article.Title != "Council opens a second well" {
		t.Errorf("%s %s: %q", r.Outcome, r.Reason, r.Article.Title)
	}
	if r := Extract(Page{Body: encoded, ContentType: "text/html"}, Options{}); r.Outcome != OutcomeNotHTML {
		t.Errorf("without a word of UTF-16: %s %s: %q", r.Outcome, r.Reason, r.Article.Title)
	}
}

// TestDeep keeps what is nested 10,000 deep.
func TestDeep(t *testing.T) {
	page := "<html><body>" + strings.Repeat("<div>", 10_000) + "<p>A paragraph at the very bottom of the page, which is long enough to be read as a text.</p>" + strings.Repeat("</div>", 10_000) +
		"<footer>The end of it.</footer></body></html>"
	r := Extract(Page{URL: "https://site.example/a", Body: []byte(page)}, Options{})
	if !strings.Contains(r.Article.Text, "at the very bottom") {
		t.Errorf("text %q", r.Article.Text)
	}
}

// TestNodeCap reads no more nodes than the cap, and says so.
func TestNodeCap(t *testing.T) {
	d := page.Parse(bytes.Repeat([]byte("<br>"), page.MaxNodes+10))
	if len(d.Nodes) > page.MaxNodes || !d.Truncated {
		t.Errorf("%d nodes, truncated %v", len(d.Nodes), d.Truncated)
	}
}

func FuzzExtract(f *testing.F) {
	for name, page := range hostilePages {
		_ = name
		f.Add(page(3), "text/html")
	}
	f.Add([]byte("<html lang=ar><title>خبر - موقع</title><h1>خبر</h1><p>بغداد/ موقع: نص الخبر هنا.</p>"), "text/html; charset=windows-1256")
	f.Fuzz(func(t *testing.T, page []byte, contentType string) {
		check(t, Extract(Page{URL: "https://site.example/2024/1/2/x", Body: page, ContentType: contentType}, Options{Now: time.Unix(1_700_000_000, 0), Explain: &Trace{}}))
	})
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"@type":"NewsArticle","headline":"a \"b\" c"}`, `[{"a":[1,2,{"b":null}]},]`, `{"a":"x "y" z","b":"\ud83d\ude00"}`, `<!--{"a":1}-->`, `{&quot;a&quot;:1}`, "1:T3,abc2:{}\n3:T0,", `["$","p",null,{"children":["a ",["$","a","k",{"href":"/x","children":"b"}]]}]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		d := parseJSON(src)
		if d == nil {
			return
		}
		for i := range d.vals {
			if e := d.vals[i].end; e <= int32(i) || int(e) > len(d.vals) {
				t.Fatalf("value %d ends at %d of %d", i, e, len(d.vals))
			}
			d.str(int32(i))
		}
		var out ldArticle
		if len(d.vals) > 0 {
			own := ownMarks{addresses: []string{"https://site.example/1"}, titles: []string{"pumpscametothedocks"}}
			own.choose(d.collect(nil, &out), out)
		}
		stateBody(src)
		elementsText(src)
		for rest := string(src); rest != ""; {
			was := len(rest)
			if _, _, rest = cutRow(rest); len(rest) >= was {
				t.Fatalf("a row of %d bytes leaves %d", was, len(rest))
			}
		}
	})
}

// TestHTMLByItsBytes: a page is one whatever it is sent as, and what is none is not.
func TestHTMLByItsBytes(t *testing.T) {
	page := "\ufeff\n<!DOCTYPE html><title>x</title>" + strings.Repeat("<p>The council of the town met on Monday and said that it would begin the repair of the bridge.</p>", 5)
	for _, c := range []struct {
		contentType, body string
		not               bool
	}{
		{"application/pdf", page, false}, {"application/rss+xml", page, false}, {"application/json", "<HTML><p>x", false}, {"image/png", page, false},
		{"application/pdf", "%PDF-1.7", true}, {"image/svg+xml", "<svg/>", true}, {"application/json", "{}", true}, {"text/html", "<html>" + strings.Repeat("\x00\x01", 300), true},
	} {
		if got := notHTML([]byte(c.body), c.contentType); got != c.not {
			t.Errorf("%s, %.30q: %v", c.contentType, c.body, got)
		}
	}
}
