package edit

import (
	"slices"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/demosite"
)

// TestLikeness measures what sentences have in common that say different things, in all languages of the demo web, and what is
// left where a word of one is changed: the threshold lies between.
func TestLikeness(t *testing.T) {
	web, err := demosite.New(demosite.Config{PerSection: 4})
	if err != nil {
		t.Fatal(err)
	}
	var apart, edited []float64
	for _, a := range web.Articles() {
		all := sentences(a.Text, a.Language)
		sets := gramsOf(all)
		for i := range all {
			for j := range i {
				apart = append(apart, sets[i].likeness(sets[j]))
			}
			words := strings.Fields(all[i].text)
			if len(words) < 5 {
				continue
			}
			words[len(words)/2] = "12345"
			changed := gramsOf([]sentence{{key: evened(strings.Join(words, " "))}})
			edited = append(edited, sets[i].likeness(changed[0]))
		}
	}
	slices.Sort(apart)
	slices.Sort(edited)
	most, least := apart[len(apart)*99/100], edited[len(edited)/100]
	t.Logf("%d pairs: 99 of 100 below %.2f, all below %.2f; %d edited: 99 of 100 above %.2f, the median %.2f",
		len(apart), most, apart[len(apart)-1], len(edited), least, edited[len(edited)/2])
	if most >= alike || least <= alike {
		t.Errorf("99 of 100 different sentences have less than %.2f in common, and edited ones more than %.2f", most, least)
	}
}
