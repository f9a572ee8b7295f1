package site

import (
	"slices"
	"strings"
	"testing"
)

func ids(sites []*Site) (all []string) {
	for _, s := range sites {
		all = append(all, s.ID+" "+s.Name)
	}
	return all
}

// TestRenew: what is broken stays as it was, and what does not go together changes nothing.
func TestRenew(t *testing.T) {
	def := func(name, text string) Definition { return Parse(name, []byte(text)) }
	a, b := def("a", "id: a\nhome: https://a.com/\n"), def("b", "id: b\nhome: https://b.com/\n")
	sites, problems := Renew(NewSet(), a, b)
	if len(problems) > 0 || len(sites) != 2 {
		t.Fatal(sites, problems)
	}
	old := NewSet(sites...)
	for _, tc := range []struct {
		about string
		defs  []Definition
		want  []string // nil: all stay as they are
		says  string
	}{
		{"a good change", []Definition{a, def("b", "id: b\nname: B\nhome: https://b.com/\n")}, []string{"a a", "b B"}, ""},
		{"one is gone, one is new", []Definition{b, def("c", "id: c\nhome: https://c.com/\n")}, []string{"b b", "c c"}, ""},
		{"a broken one", []Definition{def("a", "id: a\nname: A\nhome: https://a.com/\n"), def("b", "id: b\nname: B\nhome: b\n")},
			[]string{"a A", "b b"}, "b:3:7: home"},
		{"a broken one that is new", []Definition{a, def("c", "id: c\n")}, []string{"a a"}, "c:1:1: home"},
		{"no YAML", []Definition{def("a", "id: [\n"), b}, []string{"a a", "b b"}, "a:1"},
		{"two of one id", []Definition{a, def("c", "id: a\nhome: https://c.com/\n")}, nil, `c:1:5: id: "a" is the id of a too`},
		{"two in one place", []Definition{a, def("c", "id: c\nhome: https://www.a.com/index.html\n")}, nil, "c:2:7: home: a.com is the place of a too"},
		{"an old one in the place of a new one", []Definition{def("a", "id: x\nhome: https://b.com/\n"), def("b", "id: b\nhome: b\nzone: x")}, nil, "b:"},
	} {
		sites, problems := Renew(old, tc.defs...)
		if got := ids(sites); !slices.Equal(got, tc.want) || (problems.Err() == nil) != (tc.says == "") || !strings.Contains(problems.Error(), tc.says) {
			t.Errorf("%s: %q, %v", tc.about, got, problems)
		}
	}
}

// TestExchange: who has a set in hand sees the same sites until it is done.
func TestExchange(t *testing.T) {
	current := NewCurrent(parsed(t, "id: a\nhome: https://a.com/\n"))
	set := current.Set()
	current.Exchange(NewSet())
	if set.Get("a") == nil || set.Len() != 1 || current.Set().Get("a") != nil {
		t.Error("the set in hand changed, or the current one did not")
	}
}
