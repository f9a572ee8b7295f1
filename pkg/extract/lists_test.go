package extract

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestMetaNames: meta.txt has the kinds that are read, and no name tells of two.
func TestMetaNames(t *testing.T) {
	kinds := slices.Sorted(maps.Keys(metaNames()))
	if want := []string{metaAuthor, metaIssued, metaModified, metaPublished, metaSection}; !slices.Equal(kinds, want) {
		t.Errorf("meta.txt has the kinds %q, want %q", kinds, want)
	}
	of := map[string]string{}
	for kind, list := range metaNames() {
		for _, name := range list {
			key := strings.ToLower(name)
			if other := of[key]; other != "" || strings.ContainsAny(name, " \t") {
				t.Errorf("%s: %q is also of %q, or no name", kind, name, other)
			}
			of[key] = kind
		}
	}
}
