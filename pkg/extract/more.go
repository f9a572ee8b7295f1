package extract

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"github.com/khabar-crawler/khabar/pkg/extract/words"
	"github.com/khabar-crawler/khabar/pkg/page"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// A page may have the beginning of a text alone, and a link or a button for the rest: on the page where it was first printed, on a
// page below this one, or fetched by a script. Such a label stands right behind the text, or ends its last paragraph.

const (
	// labelReach is how many nodes behind the text a label is looked for: the elements around it, and white space between them.
	labelReach = 24
	// maxLabel bounds a label, in characters: what is longer names another article.
	maxLabel = 60
)

// breaksOff says whether the text goes on elsewhere, and which label at its end says so, "" where it stands behind the text.
func (f *finding) breaksOff() (label string, off bool) {
	last := len(f.out) - 1
	for ; last >= 0 && !f.out[last].keep; last-- {
	}
	if last < 0 || len(f.rests) > 0 {
		return "", false
	}
	b := &f.blocks[last]
	if b.LinkWords > 0 {
		if i := f.lastLink(b); i >= 0 && f.asksForRest(i) {
			label := strings.TrimRight(page.TextOf(f.d, i), restClosers)
			if strings.HasSuffix(strings.TrimRight(b.Text, restClosers), label) {
				return label, true
			}
		}
		return "", false
	}
	return "", f.restBehind(b)
}

// restClosers are what may stand behind a label's words.
const restClosers = "]) .:…→»›"

// lastLink gives the last link in a block's element, -1 where there is none.
func (f *finding) lastLink(b *page.Block) int32 {
	if b.Node < 0 {
		return -1
	}
	for i := f.d.Nodes[b.Node].End - 1; i > b.Raw; i-- {
		if f.d.Nodes[i].Tag == atom.A {
			return i
		}
	}
	return -1
}

// restBehind says whether what is printed next behind a block is a label for the rest.
func (f *finding) restBehind(b *page.Block) bool {
	i := b.Raw
	if b.Node >= 0 && f.d.Nodes[b.Node].Tag == atom.P {
		i = f.d.Nodes[b.Node].End - 1
	}
	for n := 0; n < labelReach; n++ {
		if i++; int(i) >= len(f.d.Nodes) {
			return false
		}
		switch nd := &f.d.Nodes[i]; {
		case nd.Tag == atom.A, nd.Tag == atom.Button:
			return f.asksForRest(i)
		case nd.Kind == page.KindText && strings.TrimSpace(f.d.Text[nd.T0:nd.T1]) != "":
			return false
		}
	}
	return false
}

// asksForRest says whether a link or button is called as those are that lead on, and leads to this page, to one below it or off the
// site. What leads to other articles of the site is called so too.
func (f *finding) asksForRest(i int32) bool {
	text := page.TextOf(f.d, i)
	if utf8.RuneCountInString(text) > maxLabel || words.Known().Opens(words.Related, words.Fold(strings.TrimLeft(text, "[( "))) == nil {
		return false
	}
	to := strings.TrimSpace(f.d.Attr(i, page.AttrHref))
	if f.d.Nodes[i].Tag == atom.Button || to == "" || to == "#" {
		return true
	}
	here, err := url.Parse(f.url)
	if err != nil || here.Host == "" || isRoot(f.url) {
		return false
	}
	there, err := here.Parse(to)
	if err != nil || there.Host == "" {
		return false
	}
	if weburl.Domain(there.Hostname()) != weburl.Domain(here.Hostname()) {
		return true
	}
	key, own := urlKey(there.String()), urlKey(f.url)
	return key == own && (there.Fragment == "" || strings.HasPrefix(there.Fragment, "more")) || strings.HasPrefix(key, own+"/")
}
