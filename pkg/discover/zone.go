package discover

import (
	"slices"
	"strings"

	"golang.org/x/net/html/atom"

	markup "github.com/khabar-crawler/khabar/pkg/page"
)

// zone is the part of a page that a link stands in.
type zone uint8

const (
	zoneNone zone = iota
	zoneMain
	zoneAside
	zoneHeader
	zoneNav
	zoneFooter
	zoneCrumbs
	zonePager
	zoneMeta // share bars, tags, comments, authors
)

// maxZones bounds the classes and ids whose zone is remembered: more than a page has that does not number them.
const maxZones = 1000

// zoneOf gives an element's zone and whether a class or id named it: its own if its tag, role or class says one, else
// its parent's. Tags and roles mean what they say; class names only hint, and wrappers of whole pages carry odd ones.
func (r *reader) zoneOf(tag atom.Atom, role string, called named, parent zone, byName bool) (zone, bool) {
	if tag == atom.Html || tag == atom.Body {
		return zoneNone, false // their classes tell what the page has, not what they are
	}
	own := zoneByTag(tag, role)
	if (tag == atom.Footer || tag == atom.Header) && parent == zoneMain {
		return parent, byName // an article's own header or footer
	}
	if own != zoneNone {
		if byName {
			return own, false
		}
		return narrower(parent, own), false
	}
	if called != (named{}) {
		own, known := r.zones[called]
		if !known {
			own = zoneByName(called)
			if len(r.zones) < maxZones {
				r.zones[called] = own
			}
		}
		if own != zoneNone {
			if z := narrower(parent, own); z != parent {
				return z, true
			}
		}
	}
	return parent, byName
}

func zoneByTag(tag atom.Atom, role string) zone {
	switch tag {
	case atom.Nav:
		return zoneNav
	case atom.Footer:
		return zoneFooter
	case atom.Aside:
		return zoneAside
	case atom.Main, atom.Article:
		return zoneMain
	case atom.Header:
		return zoneHeader
	}
	switch role {
	case "navigation", "menu", "menubar":
		return zoneNav
	case "contentinfo":
		return zoneFooter
	case "main":
		return zoneMain
	case "banner":
		return zoneHeader
	}
	return zoneNone
}

// narrower keeps what is known: a list in the footer stays the footer's, whatever its class says; the page's pager
// and menu are taken for what they are wherever they stand.
func narrower(parent, own zone) zone {
	switch {
	case parent == zoneFooter || parent == zoneCrumbs || parent == zonePager || parent == zoneMeta:
		return parent
	case parent == zoneNav && own != zonePager && own != zoneCrumbs:
		return parent
	case parent == zoneAside && own == zoneMain:
		return parent
	}
	return own
}

// zoneByName reads the words of class names and ids, which most sites take from English whatever they are written in.
func zoneByName(called named) zone {
	found := zoneNone
	for _, names := range [...]string{called.class, called.id} {
		for name := range strings.FieldsSeq(names[:min(len(names), maxCalled)]) {
			if found = zoneOfName(name, found); found == zonePager {
				return zonePager
			}
		}
	}
	return found
}

// zoneOfName is the zone that one name tells of, where those before it told of found.
func zoneOfName(name string, found zone) zone {
	words := markup.NameWords(name)
	for _, w := range words {
		switch markup.ZoneOf(w) {
		case markup.ZoneCrumbs:
			found = zoneCrumbs
		case markup.ZonePager:
			return zonePager
		case markup.ZoneNav:
			if found == zoneNone || found == zoneAside {
				found = zoneNav
			}
		case markup.ZoneFooter:
			found = zoneFooter
		case markup.ZoneMeta:
			found = zoneMeta
		case markup.ZoneAside:
			if found == zoneNone && !isFrame(words) {
				found = zoneAside
			}
		}
	}
	return found
}

// isFrame knows names of whole pages that are called after one of their parts, as content-sidebar-wrap, no-sidebar.
func isFrame(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return markup.ZoneOf(w) == markup.ZoneFrame })
}
