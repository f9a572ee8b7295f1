package discover

import (
	"slices"
	"strings"
)

// judge scores the candidates by address, text and place, then evens the scores out among addresses of one shape: a page
// whose sisters are articles is one, however short its link is. Where the headlines of the page lead to addresses with dates
// or numbers, as on most sites, those without are something else.
func (p *pageReader) judge() {
	type group struct {
		sum, n     float64 // of the members in the body
		all, short int     // of all members; those called by one to three words and in no heading
	}
	groups := map[string]*group{}
	places, menus := map[uint64][]float64{}, map[uint64][]float64{}
	called := map[string]bool{} // the numbers in queries of which a link has a text
	for _, k := range p.candidates {
		if k.body > 0 {
			places[k.place] = append(places[k.place], k.words)
		} else {
			menus[k.place] = append(menus[k.place], k.words)
		}
		if !k.heading && k.address.namesSite() {
			p.own++
		}
		if n := k.address.number; n != "" && k.words > 0 {
			called[n] = true
		}
	}
	lists := listsOfHeadlines(places, 3)
	teasers := listsOfHeadlines(menus, 2)
	marked, headlines := 0, 0
	for _, k := range p.candidates {
		k.score = k.address.score + textScore(k.words) + placeScore(k) + callScore(k)
		if lists[k.place] && !k.inMenu() {
			k.score += 0.5
		}
		if k.words == 0 && called[k.address.number] { // a button of the entry that another link is of
			k.score -= 3
		}
		if k.body > 0 && k.words >= 5 && (k.heading || lists[k.place] || k.body > 1) && k.address.isPlain() {
			headlines++
			if k.address.marked() {
				marked++
			}
		}
	}
	common := headlines >= fewHeadlines && 10*marked >= 7*headlines
	for _, k := range p.candidates {
		if common && !k.address.marked() && !(k.words == 0 && k.address.slug >= 2) { // a picture says nothing
			if k.score -= 2; k.heading && k.words >= 5 && k.address.isPlain() {
				if k.score++; lists[k.place] {
					k.score++ // a headline among headlines
				}
			} else if !k.heading && k.address.isCalled(k.text) { // a name
				k.score -= 2
			}
		}
		g := groups[k.address.shape]
		if g == nil {
			g = &group{}
			groups[k.address.shape] = g
		}
		if g.all++; k.words >= 1 && k.words <= 3 && !k.heading {
			g.short++
		}
		if k.body > 0 {
			g.sum += k.score
			g.n++
		}
	}
	for _, k := range p.candidates {
		g := groups[k.address.shape]
		k.sisters = int(g.n)
		k.row = g.all >= 4 && 5*g.short >= 4*g.all
		switch {
		case k.row && k.words <= 3 && !(k.address.id && k.address.slug >= longHeadline): // a subject of the day, which leads to its article
			k.score -= 2
		case k.body > 0 && g.n >= 3:
			k.score = (k.score + g.sum/g.n) / 2
		case k.body == 0 && k.words >= 1 && k.words <= 3 && !k.address.dated && k.address.slug < 5:
			k.score -= 1.5
		case k.body > 0 || k.address.marked():
		case !common && !k.inMenu() && k.heading && k.words >= 5 && k.address.slug >= 3: // a headline in what is called a footer
		case common || !teasers[k.place] || k.address.slug < 4 || k.words < 5:
			k.score = min(k.score, articleScore-0.5) // a menu's
		}
	}
}

// fewHeadlines is how many headlines show what a site's articles have in common.
const fewHeadlines = 6

// callScore weighs what a link's text says besides its length.
func callScore(k *candidate) float64 {
	score := 0.0
	switch {
	case isAll(k.text):
		score -= 3
	case k.words <= 5 && isCall(k.text):
		score -= 3
	case strings.HasPrefix(k.text, "#"), digitsOf(k.text) != "": // a tag, or how many comments there are
		score -= 2
	case !k.address.marked() && !k.heading && k.address.asks():
		score -= 4 // than what headlines have: their length, their place, and names of some words
	case !k.address.marked() && (k.words <= 3 || k.address.role == roleSection) && k.address.isCalled(k.text):
		score -= 1.5 // a name, of a tag, a section, a person
	case k.address.role == roleOffer && k.address.slug < longHeadline && k.address.isCalled(k.text): // of a product, an event
		score -= 3
	}
	return score
}

// textScore: headlines have five words or more; names of sections one or two.
func textScore(words float64) float64 {
	switch {
	case words == 0:
		return 0
	case words < 2:
		return -1
	case words < 3:
		return -0.5
	case words < 4:
		return 0.5
	case words < 5:
		return 1.5
	}
	return 2
}

func placeScore(k *candidate) float64 {
	score := 0.0
	switch k.best() {
	case zoneMain:
		score = 0.5
	case zoneHeader:
		score = -1
	case zoneNav, zoneFooter, zoneMeta:
		score = -2
	case zoneCrumbs, zonePager:
		score = -3
	}
	if k.heading && (k.words > 3 || k.words == 0 && k.address.slug > 1 || k.address.marked()) { // others lead to the section that they head
		score++
	}
	return score
}

// listsOfHeadlines gives the places that hold a list, which is so many links at least, of texts as long as headlines. It sorts
// the words of each place.
func listsOfHeadlines(places map[uint64][]float64, least int) map[uint64]bool {
	lists := map[uint64]bool{}
	for place, words := range places {
		slices.Sort(words)
		lists[place] = len(words) >= least && words[len(words)/2] >= 4
	}
	return lists
}

// articleScore is the least score of an article. Headings, headlines, dates and numbers each bring a link here from
// anywhere but a menu.
const articleScore = 1.5

// doubtScore is the least score of a link in the body of the page that is given the benefit of the doubt.
const doubtScore = 0.25
