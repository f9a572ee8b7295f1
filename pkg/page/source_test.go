package page

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// scripted are pieces of pages with scripts and styles, whole and broken.
var scripted = []string{"<script>", "<script type=a>", "<SCRIPT>", "<script/>", "</script>", "</SCRIPT >", "</script", "</scripts>", "<style>", "</style\n>", "<!--", "-->", "<!", "<", "</", ">", "word ",
	"<svg>", "</svg>", "<a title='<script>'>", "<script data=\"a>b\">", "<p>", "<noscript>", "</noscript>", "<title>", "</title>", "if (a</b) ", "<span>", "<template>", "</template>", "<textarea>", "</textarea>"}

// sameTree fails where a page of which texts are passed over has another tree than one that is read whole.
func sameTree(t *testing.T, page []byte) {
	t.Helper()
	got := Parse(page)
	d := &Tree{Source: page, HTML: -1, headline: -1}
	b := newBuilder(d, ForText)
	b.source, b.z = &source{at: -1}, html.NewTokenizer(bytes.NewReader(page))
	b.run()
	if string(d.buf) != got.Text || !slices.Equal(d.Nodes, got.Nodes) || !slices.Equal(d.attrs, got.attrs) || !slices.Equal(d.Scripts, got.Scripts) {
		t.Errorf("%.300q: nodes %+v, want %+v", page, got.Nodes, d.Nodes)
	}
}

// TestPassedOver: passing over the texts of scripts and styles changes nothing of the tree.
func TestPassedOver(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var b strings.Builder
		for range random.IntN(30) {
			b.WriteString(scripted[random.IntN(len(scripted))])
		}
		sameTree(t, []byte(b.String()))
	}
}

// TestRawTexts: a script's text is what stands between its tags, whether it is passed over or not.
func TestRawTexts(t *testing.T) {
	for text, want := range map[string]string{
		"<script>a</b</script>c": "a</b", "<script>a<!--<script></script>--></script>c": "a<!--<script></script>-->", "<p>a<script></script>": "",
		"<!-- <script> --><script a='>'>b</SCRIPT\n>": "b", "<script>a": "a",
	} {
		d := Parse([]byte(text))
		if len(d.Scripts) != 1 || string(d.Raw(d.Scripts[0])) != want {
			t.Errorf("%s: %d scripts", text, len(d.Scripts))
		}
	}
	long := []byte("<p>a<script>" + strings.Repeat("if (a < b) {}\n", 10_000) + "</script>b")
	s := &source{page: long}
	if n, err := s.Read(make([]byte, len(long))); err != nil || n != len("<p>a<script>") {
		t.Errorf("%d bytes are fed, %v", n, err)
	}
	if to := s.pass(len("<p>a<script>"), 0); to != len("<p>a<script>") {
		t.Errorf("the text of no script is passed over to %d", to)
	}
}

// TestStopsInVain: a token that is full of what looks like scripts is fed in few pieces.
func TestStopsInVain(t *testing.T) {
	s := &source{page: []byte("<!--" + strings.Repeat("<script>", 1<<17))}
	buf, n := make([]byte, len(s.page)), 0
	for _, err := s.Read(buf); err == nil; _, err = s.Read(buf) {
		n++
	}
	if n > 20 {
		t.Errorf("%d pieces", n)
	}
}

func FuzzPassedOver(f *testing.F) {
	for _, s := range scripted {
		f.Add([]byte("<script>" + s + "</script>"))
	}
	f.Fuzz(sameTree)
}
