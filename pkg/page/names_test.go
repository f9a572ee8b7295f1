package page

import "testing"

func TestNames(t *testing.T) {
	_, problems := readNames(namesFile)
	for _, p := range problems {
		t.Error(p)
	}
	if _, problems := readNames("related: teaser, Teaser, teaser\nother: word\n"); len(problems) != 3 {
		t.Errorf("%q", problems)
	}
}
