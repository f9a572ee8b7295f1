package page

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html/atom"
)

// script writes down what a visitor is shown.
type script struct {
	lines []string
	most  int // stop behind as many elements; 0: never
}

func (s *script) Enter(d *Tree, i int32) bool {
	s.lines = append(s.lines, enters(d, i))
	return s.most == 0 || len(s.lines) < s.most
}

func (s *script) Leave() { s.lines = append(s.lines, "leave") }

func (s *script) Text(n *Node, text []byte) {
	s.lines = append(s.lines, fmt.Sprintf("text %t %q", n.Linked, text))
}

func enters(d *Tree, i int32) string {
	n := &d.Nodes[i]
	if n.Tag == atom.Html {
		return "enter html" // it may get attributes later
	}
	return fmt.Sprintf("enter %s %t %q %q %q", n.Tag, n.Linked, d.Attr(i, AttrClass), d.Attr(i, AttrID), d.Attr(i, AttrHref))
}

// told is what a visitor should be shown, as the whole tree has it.
func told(d *Tree) (lines []string) {
	var ends []int32
	leave := func(i int32) {
		for len(ends) > 0 && ends[len(ends)-1] <= i {
			lines, ends = append(lines, "leave"), ends[:len(ends)-1]
		}
	}
	for i := range d.Nodes {
		n := &d.Nodes[i]
		leave(int32(i))
		if n.Kind == KindText {
			lines = append(lines, fmt.Sprintf("text %t %q", n.Linked, d.Text[n.T0:n.T1]))
			continue
		}
		lines, ends = append(lines, enters(d, int32(i))), append(ends, n.End)
	}
	leave(int32(len(d.Nodes)))
	return lines
}

// same fails where a page is shown as another than its tree has it.
func same(t *testing.T, source string) {
	t.Helper()
	var s script
	if whole := Visit([]byte(source), ForText, &s); !whole {
		t.Errorf("not all of %.80q was shown", source)
	}
	want := told(Parse([]byte(source)))
	if slices.Equal(s.lines, want) {
		return
	}
	for i, line := range want {
		if i >= len(s.lines) || s.lines[i] != line {
			t.Fatalf("%.200q: line %d: shown %q, the tree has %q", source, i, s.lines[min(i, len(s.lines)):min(i+3, len(s.lines))], line)
		}
	}
	t.Fatalf("%.200q: shown %q beyond the tree", source, s.lines[len(want):])
}

var pieces = []string{"<p>", "</p>", "<a href=/x class=b>", "<a href=#>", "</a>", "<div id=d>", "</div>", "<li>", "<ul>", "</ul>", "<td>", "<table>", "</table>", "<tr>",
	"<h1>", "</h2>", "<b class=c>", "</b>", "<svg>", "</svg>", "<template>", "</template>", "<script>a</script>", "<style>x</style>", "<br>", "</br>", "<img src=x>",
	"<x-y class=z>", "</x-y>", "<option>", "<button>", "word ", " ", "<!-- c -->", "<title>t</title>", "<body class=k>", "</body>", "<head>", "</head>", "<textarea>", "</textarea>"}

// TestVisit: who is shown a page one element after the other sees what the tree of it holds, however it is nested.
func TestVisit(t *testing.T) {
	for _, source := range []string{"", "x", "<p>", strings.Repeat("<p>", 2000), strings.Repeat("<p class=a>one<li id=b>", 2000), strings.Repeat("<x-y><a href=/1>", 600),
		"<li><a href=/x><div>in</a> behind</div> after</li>", strings.Repeat("<p id="+strings.Repeat("v", 1000)+">", 500)} {
		same(t, source)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		var b strings.Builder
		for range random.IntN(60) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		same(t, b.String())
	}
	var long strings.Builder
	for range 30_000 {
		long.WriteString(pieces[random.IntN(len(pieces))])
	}
	same(t, long.String())
}

// TestVisitStops: who has seen enough is shown no more, and says so.
func TestVisitStops(t *testing.T) {
	s := script{most: 5}
	if Visit([]byte(strings.Repeat("<p>x</p>", 10)), ForLinks, &s) || len(s.lines) > 5 {
		t.Errorf("shown %q", s.lines)
	}
}

// TestVisitForgets: what is kept of a page does not grow with it, whether its elements are closed or others' begins end them.
func TestVisitForgets(t *testing.T) {
	for _, unit := range []string{"<p>", "<p class=a>x", "<b>x</b>", "<img src=/a>", "<li><a href=/x>x</a>", "<option>"} {
		source := []byte(strings.Repeat(unit, 50_000))
		if most := mostKept(source); most > 3*mostHoles {
			t.Errorf("%q: %d nodes are kept", unit, most)
		}
	}
}

// mostKept is how many nodes there are at most while a page is shown.
func mostKept(source []byte) int {
	c := &counter{}
	Visit(source, ForLinks, c)
	return c.most
}

type counter struct{ most int }

func (c *counter) Enter(d *Tree, _ int32) bool { c.most = max(c.most, len(d.Nodes)); return true }
func (c *counter) Leave()                      {}
func (c *counter) Text(*Node, []byte)          {}

func FuzzVisit(f *testing.F) {
	f.Add("<li><a href=/x><div>in</a> behind</div> after</li>")
	f.Add("<p><p></br><svg><b></svg><html class=x>")
	f.Fuzz(same)
}
