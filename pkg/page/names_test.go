package page

import (
	"slices"
	"testing"
)

func TestNames(t *testing.T) {
	_, problems := readNames(namesFile)
	for _, p := range problems {
		t.Error(p)
	}
	if _, problems := readNames("related: teaser, Teaser, teaser\nother: word\n"); len(problems) != 3 {
		t.Errorf("%q", problems)
	}
}

func TestNameWords(t *testing.T) {
	for _, c := range []struct {
		name string
		want []string
	}{
		{"newMainMenu", []string{"new", "main", "menu"}}, {"top-bar_2items", []string{"top", "bar", "items"}}, {"NAV", []string{"nav"}}, {"", nil}, {"--", nil}, {"is-Öffnen", []string{"is", "ffnen"}},
	} {
		if got := NameWords(c.name); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if ZoneOf("pager") != ZonePager || ZoneOf("mill") != "" {
		t.Error("zones are not told")
	}
}

func TestSaysMissing(t *testing.T) {
	for names, want := range map[string]bool{"rtl error404 wp-custom-logo": true, "Error-404 not-found": true, "post-404 hentry": false, "errors": false, "": false} {
		if got := SaysMissing(names); got != want {
			t.Errorf("%q says so: %t", names, got)
		}
	}
}
