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
	if _, problems := readNames("related: teaser, Teaser, teaser\nother: word\nlink next: next, next, one two three\nlink far: off\n" +
		"attribute time: data-src, data-at, data-at, at\nattribute far: data-off\n"); len(problems) != 10 {
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

func TestCallsLink(t *testing.T) {
	for _, c := range []struct {
		names string
		kind  Link
		want  bool
	}{
		{"btn nav-next", LinkNext, true}, {"loadMore", LinkNext, true}, {"btn-load-more", LinkNext, true}, {"read-more", LinkNext, false}, {"more load", LinkNext, false},
		{"slick-next", LinkNext, false}, {"slick next", LinkNext, true}, {"card__author", LinkByline, true}, {"authority", LinkByline, false}, {"", LinkNext, false},
	} {
		if got := CallsLink(c.names, c.kind); got != c.want {
			t.Errorf("%q called %s: %t", c.names, c.kind, got)
		}
	}
}

func TestCallsIcon(t *testing.T) {
	for names, want := range map[string]bool{"material-icons": true, "btn__ico": true, "Glyphicon star": true, "iconic": false, "": false} {
		if CallsIcon(names) != want {
			t.Errorf("%q is called an icon: %t", names, !want)
		}
	}
	if !CallsSite("header__site-title") || CallsSite("site") {
		t.Error("the site's name is not told")
	}
}

func TestSaysMissing(t *testing.T) {
	for names, want := range map[string]bool{"rtl error404 wp-custom-logo": true, "Error-404 not-found": true, "post-404 hentry": false, "errors": false, "": false} {
		if got := SaysMissing(names); got != want {
			t.Errorf("%q says so: %t", names, got)
		}
	}
}
