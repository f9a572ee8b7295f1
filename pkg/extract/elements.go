package extract

import (
	"github.com/khabar-crawler/khabar/pkg/page"
	"html"
	"strings"
)

// elementsText reads the text out of a row of React elements, ["$", tag, key, {props}], as out of a page: they are
// written as markup first, so that links stay in their sentences and menus outside of the text.
func elementsText(row []byte) string {
	j := parseJSON(row)
	if j == nil || len(j.vals) == 0 {
		return ""
	}
	w := elementWriter{j: j}
	w.value(0)
	if w.elements == 0 {
		return ""
	}
	d := page.Parse([]byte("<body>" + w.sb.String()))
	s := page.Split(d, opensWindow)
	text, _, _ := newScene(facts{d: d, s: s, blocks: s.Blocks}, false).judge().text()
	return text
}

// elementWriter writes elements as markup. Values nest no deeper than maxJSONDepth, and so does it.
type elementWriter struct {
	j        *jsonDoc
	sb       strings.Builder
	elements int
}

func (w *elementWriter) value(i int32) {
	v := &w.j.vals[i]
	switch v.kind {
	case jsonString:
		if s := w.j.unescape(v.v0, v.v1); !strings.HasPrefix(s, "$") {
			w.sb.WriteString(html.EscapeString(s))
		}
	case jsonArray:
		if w.element(i, v.end) {
			return
		}
		for k := i + 1; k < v.end; k = w.j.vals[k].end {
			w.value(k)
		}
	case jsonObject:
		children := w.j.get(i, "children")
		for k := i + 1; k < v.end; k = w.j.vals[k].end {
			if k == children || w.shows(k) {
				w.value(k)
			}
		}
	}
}

// shows says whether a prop of a component may hold elements: beside them are names, settings and lists of words.
func (w *elementWriter) shows(k int32) bool {
	switch w.j.vals[k].kind {
	case jsonObject:
		return true
	case jsonArray:
		return k+1 < w.j.vals[k].end && w.j.vals[k+1].kind != jsonString || w.j.isElement(k)
	}
	return false
}

// element writes one element; false when the array is none.
func (w *elementWriter) element(i, end int32) bool {
	if !w.j.isElement(i) {
		return false
	}
	props := w.j.vals[i+3].end
	if props >= end || w.j.vals[props].kind != jsonObject {
		return false
	}
	w.elements++
	name := w.j.str(i + 2)
	if strings.HasPrefix(name, "$") || !plainName(name) {
		w.value(props) // a component: what it makes of its props is unknown, elements among them are shown
		return true
	}
	w.sb.WriteString("<" + name)
	if c := w.j.get(props, "className"); c >= 0 && w.j.vals[c].kind == jsonString {
		w.sb.WriteString(` class="` + html.EscapeString(w.j.str(c)) + `"`)
	}
	if c := w.j.get(props, "href"); c >= 0 && w.j.vals[c].kind == jsonString {
		w.sb.WriteString(` href="` + html.EscapeString(w.j.str(c)) + `"`)
	}
	w.sb.WriteString(">")
	if c := w.j.get(props, "children"); c >= 0 {
		w.value(c)
	}
	if name != "br" && name != "img" && name != "hr" {
		w.sb.WriteString("</" + name + ">")
	}
	return true
}

// isElement says whether an array is written as elements are.
func (d *jsonDoc) isElement(i int32) bool {
	return i+4 < d.vals[i].end && d.vals[i+1].kind == jsonString && d.str(i+1) == "$" && d.vals[i+2].kind == jsonString
}

// plainName says whether a tag can be written as it is.
func plainName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !page.IsLetterASCII(c) && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && len(s) <= 16
}
