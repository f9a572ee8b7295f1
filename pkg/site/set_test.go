package site

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func ids(sites []*Site) (all []string) {
	for _, s := range sites {
		all = append(all, s.ID+" "+s.Name)
	}
	return all
}

// TestRenew: what is broken stays as it was, and so does what does not go together with others; the rest is taken up.
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
		want  []string
		says  string
	}{
		{"a good change", []Definition{a, def("b", "id: b\nname: B\nhome: https://b.com/\n")}, []string{"a a", "b B"}, ""},
		{"one is gone, one is new", []Definition{b, def("c", "id: c\nhome: https://c.com/\n")}, []string{"b b", "c c"}, ""},
		{"a broken one", []Definition{def("a", "id: a\nname: A\nhome: https://a.com/\n"), def("b", "id: b\nname: B\nhome: b\n")},
			[]string{"a A", "b b"}, "b:3:7: home"},
		{"a broken one that is new", []Definition{a, def("c", "id: c\n")}, []string{"a a"}, "c:1:1: home"},
		{"no YAML", []Definition{def("a", "id: [\n"), b}, []string{"a a", "b b"}, "a:1"},
		{"two of one id", []Definition{a, def("c", "id: a\nhome: https://c.com/\n"), b}, []string{"a a", "b b"}, `c:1:5: id: "a" is the id of a too`},
		{"two in one place", []Definition{a, def("c", "id: c\nhome: https://www.a.com/index.html\n")}, []string{"a a"}, "c:2:7: home: a.com is the place of a too"},
		{"a new one before the old one in its place", []Definition{def("0", "id: n\nhome: https://b.com/\n"), a, b}, []string{"a a", "b b"}, "0:2:7: home: b.com is the place of b too"},
		{"a new one beside two that do not go together", []Definition{a, def("c", "id: a\nhome: https://c.com/\n"), def("d", "id: d\nhome: https://d.com/\n")}, []string{"a a", "d d"}, "c:1:5"},
		{"one moves to another's place", []Definition{def("a", "id: a\nname: A\nhome: https://b.com/\n"), b}, []string{"a a", "b b"}, "a:3:7: home: b.com is the place of b too"},
		{"an old one in the place of a broken one", []Definition{def("a", "id: x\nhome: https://b.com/\n"), def("b", "id: b\nhome: b\nzone: x")}, []string{"a a", "b b"}, "a:2:7"},
		{"one goes where another was, which does not get away", []Definition{def("a", "id: a\nname: A\nhome: https://b.com/\n"), def("b", "id: a\nname: B\nhome: https://c.com/\n")},
			[]string{"a a", "b b"}, "b:1:5"},
	} {
		sites, problems := Renew(old, tc.defs...)
		if got := ids(sites); !slices.Equal(got, tc.want) || (problems.Err() == nil) != (tc.says == "") || !strings.Contains(problems.Error(), tc.says) {
			t.Errorf("%s: %q, %v", tc.about, got, problems)
		}
	}
}

// TestRenewPace: editions of one domain that name no delay have one pace, also where one of them stays as it was beside new ones.
func TestRenewPace(t *testing.T) {
	a := Parse("a", []byte("id: a\nhome: https://a.news.com/\n"))
	sites, _ := Renew(NewSet(), a)
	sites[0].SetDefaultDelay(7 * time.Second) // as is configured
	sites, problems := Renew(NewSet(sites...), Parse("a", []byte("id: [\n")), Parse("b", []byte("id: b\nhome: https://b.news.com/\n")))
	if got := ids(sites); !slices.Equal(got, []string{"a a", "b b"}) || len(problems) != 1 {
		t.Errorf("%q, %v", got, problems)
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
