package extract

import (
	"maps"
	"net/url"
	"slices"
	"testing"
)

func TestPictureNames(t *testing.T) {
	kinds := slices.Sorted(maps.Keys(pictureNames()))
	if want := []string{"file", "folder", "host"}; !slices.Equal(kinds, want) {
		t.Errorf("pictures.txt has the kinds %q, want %q", kinds, want)
	}
	for kind, list := range pictureNames() {
		for _, w := range list {
			if !slices.Equal(nameParts(w), []string{w}) {
				t.Errorf("%s: %q is no single word in lower case", kind, w)
			}
		}
	}
}

func TestIsSign(t *testing.T) {
	for at, want := range map[string]bool{
		"https://site.example/img/siteLogo200_200.png":            true,
		"https://site.example/static/logos/x.png":                 true,
		"https://site.example/sites/default/files/bridge.jpg":     false,
		"https://site.example/p/the-logo-above-the-old-gate.jpg":  false,
		"https://site.example/2025/catalogue.jpg":                 false,
		"https://counter.vgwort.example/na/ab":                    true,
		"https://site.example/foto/%D9%BE%D9%84-%D8%A7%D9%88.jpg": false,
	} {
		u, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		if got := isSign(u); got != want {
			t.Errorf("%s: %v, want %v", at, got, want)
		}
	}
}
