package discover

import (
	"fmt"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/yield"
)

// twoBlocks is a front page with a list of stories at addresses of two words, and a block of headlines that are none.
const twoBlocks = `<html><body class="home page-7"><header><nav><a href=/world>World</a><a href=/town-life>Town life</a></nav></header>
<main><div id="lead" class="grid"><ul class="list"><li class="post-4711"><h3><a href=/harbour-opens>Harbour</a></h3></li>
<li class="post-4712"><h3><a href=/bridge-falls>Bridge</a></h3></li><li class="post-4713"><h3><a href=/mayor-resigns>Mayor</a></h3></li></ul></div>
<section id="partners"><div class="card"><h3><a href=/offers/seven-ways-to-save-on-your-next-kitchen>Seven ways to save on your next kitchen</a></h3></div>
<div class="card"><h3><a href=/offers/why-readers-love-this-new-mattress-so-much>Why readers love this new mattress so much</a></h3></div></section></main></body></html>`

// lastYear is what became of such links: the stories were articles, the block's never.
func lastYear() *yield.Past {
	past := yield.NewPast()
	for i := range 40 {
		word := string(rune('a'+i%26)) + string(rune('a'+i/26))
		past.Note("http://n.example/"+word+"-"+word, "div#lead ul.list li.post-0 h3", true)
		past.Note("http://n.example/offers/some-thing-to-buy-"+word, "section#partners div.card h3", false)
	}
	return past
}

// TestPastDecides: headlines of a block that never led to articles are none, and addresses without anything of an article that always
// did are, though their looks say otherwise; both say why. Nothing else of the page changes.
func TestPastDecides(t *testing.T) {
	as := func(past *yield.Past, s *site.Site) (map[string]Link, map[string]Other) {
		r, err := Home("http://n.example/", []byte(twoBlocks), "text/html", s, past)
		if err != nil {
			t.Fatal(err)
		}
		links, others := map[string]Link{}, map[string]Other{}
		for _, l := range r.Links {
			links[l.URL] = l
		}
		for _, o := range r.Others {
			others[o.URL] = o
		}
		return links, others
	}
	const story, offer, section = "http://n.example/harbour-opens", "http://n.example/offers/seven-ways-to-save-on-your-next-kitchen", "http://n.example/town-life"
	links, _ := as(nil, nil)
	if links[story].Kind == KindArticle || links[offer].Kind != KindArticle || links[section].Kind != KindListing {
		t.Fatalf("the looks alone tell it: %v, %v, %v", links[story].Kind, links[offer].Kind, links[section].Kind)
	}
	if got := links[offer].Block; got != "section#partners div.card h3" {
		t.Errorf("the block is %q", got)
	}
	links, others := as(lastYear(), nil)
	if l := links[story]; l.Kind != KindArticle || !strings.Contains(l.Why(), "of 40 addresses tried of its form (n.example/p) 40 were articles") || l.Block != "div#lead ul.list li.post-0 h3" {
		t.Errorf("the story: %v, %s, in %q", l.Kind, l.Why(), l.Block)
	}
	if o := others[offer]; o.Why != Unyielding || !strings.Contains(o.String(), "of 40 links tried in its block (section#partners div.card h3) none was an article") {
		t.Errorf("the offer: %v, %s", links[offer].Kind, o)
	}
	if links[section].Kind != KindListing {
		t.Errorf("the section of a menu: %v", links[section].Kind)
	}
	s, err := site.Parse("n.yaml", []byte("id: n\nhome: http://n.example/\narticles: {include: ['^/offers/']}\n")).Site()
	if err != nil {
		t.Fatal(err)
	}
	if links, _ = as(lastYear(), s); links[offer].Kind != KindArticle {
		t.Error("what the site's pattern says does not win")
	}
}

// TestBlocks: a block is alike on all pages of a template, whatever these number, and is bounded.
func TestBlocks(t *testing.T) {
	page := func(inner string) string {
		r, err := Listing("http://n.example/", []byte(inner), "text/html", nil, nil)
		if err != nil || len(r.Links) == 0 {
			t.Fatalf("%v, %d links", err, len(r.Links))
		}
		return r.Links[0].Block
	}
	link := "<a href=/2026/11/26/a-story-of-the-town>A story of the town that has seven words</a>"
	one := page("<body class=home><div id=c12><p class='x1 y'>" + link)
	if two := page("<body class=inner><div id=c999><p class='x22 z'>" + link); one != two || one != "div#c0 p.x0" {
		t.Errorf("%q and %q", one, two)
	}
	deep := page(strings.Repeat(fmt.Sprintf("<div class=%s>", strings.Repeat("w", 500)), 400) + link)
	if len(deep) > maxBlock {
		t.Errorf("%d bytes", len(deep))
	}
}
