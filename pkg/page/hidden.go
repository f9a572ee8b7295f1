package page

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// Hides says whether the element itself hides its content from readers. A whole page is hidden until its script runs, and what
// is hidden until it is found is there to be found.
func (d *Tree) Hides(i int32) bool {
	nd := &d.Nodes[i]
	if nd.Tag == atom.Html || nd.Tag == atom.Body || d.isPage(i) {
		return false
	}
	for _, a := range d.attrs[nd.A0:nd.A1] {
		switch a.key {
		case attrHidden:
			v := d.Text[a.v0:a.v1]
			return v != "false" && v != "until-found"
		case attrStyle:
			if hiddenStyle(d.Text[a.v0:a.v1]) {
				return true
			}
		}
	}
	return false
}

// hiddenStyle finds display:none and visibility:hidden in an inline style.
func hiddenStyle(v string) bool {
	return hasDeclaration(v, "display", "none") || hasDeclaration(v, "visibility", "hidden")
}

func hasDeclaration(v, name, value string) bool {
	is := declared(v, name)
	return len(is) >= len(value) && EqualFoldASCII(is[:len(value)], value)
}

// declared is what a style says of a property, to the style's next semicolon; "" for nothing.
func declared(v, name string) string {
	for i := 0; i+len(name) < len(v); i++ {
		if v[i]|0x20 != name[0] || !EqualFoldASCII(v[i:i+len(name)], name) || i > 0 && (IsLetterASCII(v[i-1]) || v[i-1] == '-') {
			continue
		}
		rest := v[i+len(name):]
		for len(rest) > 0 && rest[0] == ' ' {
			rest = rest[1:]
		}
		if len(rest) == 0 || rest[0] != ':' {
			continue
		}
		rest = rest[1:]
		for len(rest) > 0 && rest[0] == ' ' {
			rest = rest[1:]
		}
		is, _, _ := strings.Cut(rest, ";")
		return is
	}
	return ""
}

// isZero says whether a value of a style is nothing, in whatever unit.
func isZero(v string) bool {
	return strings.HasPrefix(v, "0") && strings.Trim(v, "0.pxtemr% ") == ""
}

// isPage says whether an element is the whole page but for what may be around it: it holds its first headline and more than half
// of its nodes.
func (d *Tree) isPage(i int32) bool {
	end := d.Nodes[i].End
	return int(end-i) > len(d.Nodes)/2 && d.headline > i && d.headline < end
}
