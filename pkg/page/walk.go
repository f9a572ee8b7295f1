package page

import "strings"

// What is asked of a tree that is built.

// Marked lists the elements that a site file's body selector chose, outermost only.
func (d *Tree) Marked() []int32 {
	var out []int32
	for i := int32(0); i < int32(len(d.Nodes)); i++ {
		if d.Nodes[i].Kind == KindElement && d.Nodes[i].A1 > d.Nodes[i].A0 && d.Has(i, attrMark) {
			out = append(out, i)
			i = d.Nodes[i].End - 1
		}
	}
	return out
}

// Common gives the innermost element around all of the nodes.
func (d *Tree) Common(nodes []int32) int32 {
	at := nodes[0]
	last := nodes[len(nodes)-1]
	for d.Nodes[at].End <= last {
		if d.Nodes[at].Parent < 0 {
			return at
		}
		at = d.Nodes[at].Parent
	}
	return at
}

// Path names an element and up to depth-1 elements around it (0: all).
func (d *Tree) Path(i int32, depth int) string {
	var parts []string
	for n := 0; i >= 0 && (depth == 0 || n < depth); n++ {
		nd := &d.Nodes[i]
		name := nd.Tag.String()
		if nd.Tag >= 1<<31 {
			name = d.Text[nd.T0:nd.T1]
		}
		if id := d.Attr(i, AttrID); id != "" {
			name += "#" + id
		}
		if c := d.Attr(i, AttrClass); c != "" {
			name += "." + strings.Join(strings.Fields(RunePrefix(c, 60)), ".")
		}
		parts = append(parts, name)
		i = nd.Parent
	}
	for a, b := 0, len(parts)-1; a < b; a, b = a+1, b-1 {
		parts[a], parts[b] = parts[b], parts[a]
	}
	return strings.Join(parts, " > ")
}
