package page

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// AttrKey is an attribute that somebody reads; all others are dropped while parsing.
type AttrKey uint8

const (
	attrNone     AttrKey = iota
	AttrClass            // class
	AttrID               // id
	AttrHref             // href
	AttrSrc              // src
	AttrContent          // content
	AttrName             // name
	AttrProperty         // property
	AttrItemprop         // itemprop
	AttrRole             // role
	AttrRel              // rel
	AttrDatetime         // datetime
	AttrType             // type
	AttrLang             // lang
	attrHidden
	AttrAriaLabel // aria-label
	attrStyle
	AttrHTTPEquiv // http-equiv
	AttrWidth     // width
	AttrHeight    // height
	AttrDataSrc   // data-src: the picture that a script shows
	AttrTitle     // title; for a text, where it may hold a date
	AttrDataTime  // data-timestamp and its like: the time that a script shows
	AttrAlt       // alt; for a text, where it is a letter: a picture of the text's first one
	AttrNextURL   // data-next-url and its like: where a script loads more from
	AttrDataURL   // data-url and its like, which say so of what is called so
	attrShadow
	attrMark // chosen by a site file's selector
	attrHint // data-testid and its like: names that a site's own tests and scripts rely on
)

// Reading is what a page is read for, which says which attributes are kept of it.
type Reading uint8

// The readings.
const (
	ForText  Reading = iota // an article
	ForLinks                // where a page leads
)

// keeps are the attributes that each reading wants, as bits.
var keeps = [...]uint64{
	ForText: 1<<AttrClass | 1<<AttrID | 1<<AttrHref | 1<<AttrSrc | 1<<AttrContent | 1<<AttrName | 1<<AttrProperty | 1<<AttrItemprop | 1<<AttrRole |
		1<<AttrRel | 1<<AttrDatetime | 1<<AttrType | 1<<AttrLang | 1<<attrHidden | 1<<AttrAriaLabel | 1<<attrStyle | 1<<AttrHTTPEquiv |
		1<<AttrWidth | 1<<AttrHeight | 1<<AttrDataSrc | 1<<AttrTitle | 1<<AttrDataTime | 1<<AttrAlt | 1<<attrShadow | 1<<attrMark | 1<<attrHint,
	ForLinks: 1<<AttrClass | 1<<AttrID | 1<<AttrHref | 1<<AttrContent | 1<<AttrName | 1<<AttrProperty | 1<<AttrRole | 1<<AttrRel | 1<<AttrDatetime |
		1<<AttrType | 1<<AttrAriaLabel | 1<<AttrHTTPEquiv | 1<<AttrTitle | 1<<AttrAlt | 1<<AttrNextURL | 1<<AttrDataURL,
}

// keeps says whether an attribute is kept with the value that it has.
func (r Reading) keeps(key AttrKey, v []byte) bool {
	switch {
	case keeps[r]&(1<<key) == 0:
		return false
	case key == AttrNextURL || key == AttrDataURL:
		return bytes.ContainsAny(v, "/?") // a number of the next page is no address
	case r == ForText && (key == AttrTitle || key == AttrDataTime):
		return dated(v)
	case r == ForText && key == AttrAlt:
		return isLetter(v)
	}
	return true
}

type attr struct {
	key    AttrKey
	v0, v1 int32 // its value in Tree.Text
}

// attrKeyOf gives the key of an attribute by its name.
func attrKeyOf(k []byte) AttrKey {
	key := fixedKey(k)
	if key == attrNone && bytes.HasPrefix(k, []byte("data-")) {
		return vocabulary().attributes[string(k)]
	}
	return key
}

// fixedKey is the key of an attribute of HTML's, or of khabar's own.
func fixedKey(k []byte) AttrKey {
	switch string(k) {
	case "class":
		return AttrClass
	case "id":
		return AttrID
	case "href":
		return AttrHref
	case "src":
		return AttrSrc
	case "content":
		return AttrContent
	case "name":
		return AttrName
	case "property":
		return AttrProperty
	case "itemprop":
		return AttrItemprop
	case "role":
		return AttrRole
	case "rel":
		return AttrRel
	case "datetime":
		return AttrDatetime
	case "type":
		return AttrType
	case "lang":
		return AttrLang
	case "hidden":
		return attrHidden
	case "aria-label":
		return AttrAriaLabel
	case "style":
		return attrStyle
	case "http-equiv":
		return AttrHTTPEquiv
	case "width":
		return AttrWidth
	case "height":
		return AttrHeight
	case "data-src":
		return AttrDataSrc
	case "title":
		return AttrTitle
	case "alt":
		return AttrAlt
	case BodyMark:
		return attrMark
	case "shadowrootmode":
		return attrShadow
	}
	return attrNone
}

// Attr gives an attribute's value, "" when there is none.
func (d *Tree) Attr(i int32, k AttrKey) string {
	if i < 0 {
		return ""
	}
	n := &d.Nodes[i]
	for _, a := range d.attrs[n.A0:n.A1] {
		if a.key != k {
			continue
		}
		if d.buf != nil { // the tree is not built yet
			return string(d.buf[a.v0:a.v1])
		}
		return d.Text[a.v0:a.v1]
	}
	return ""
}

// Has says whether an attribute is there, with a value or without.
func (d *Tree) Has(i int32, k AttrKey) bool {
	n := &d.Nodes[i]
	for _, a := range d.attrs[n.A0:n.A1] {
		if a.key == k {
			return true
		}
	}
	return false
}

// stamped says whether an element has an attribute that times for machines are kept in, beside those of <time> and <meta>.
func (d *Tree) stamped(i int32) bool {
	n := &d.Nodes[i]
	for _, a := range d.attrs[n.A0:n.A1] {
		switch a.key {
		case AttrDatetime, AttrDataTime, AttrTitle:
			return true
		case AttrContent:
			if d.Has(i, AttrItemprop) {
				return true
			}
		}
	}
	return false
}

// maxDated is how long a date is, in bytes, with its weekday and time in words.
const maxDated = 100

// dated says whether a title may be a date, for those of links and pictures are many: it holds a year's digits.
func dated(v []byte) bool {
	if len(v) > maxDated {
		return false
	}
	digits := 0
	for _, c := range v {
		if c >= '0' && c <= '9' || c >= utf8.RuneSelf {
			digits++
		}
	}
	return digits >= 4
}

// isLetter says whether a value is one letter and nothing else.
func isLetter(v []byte) bool {
	r, n := utf8.DecodeRune(v)
	return n > 0 && n == len(v) && unicode.IsLetter(r)
}

// BodyMark is the attribute that marks elements chosen by a site file's body selector. It is removed from pages that
// come with it.
const BodyMark = "data-khabar-body"

// leadsOff says whether an <a> leads off the page, and whether it calls a script: one without an address is a place to lead to, as
// Word's bookmarks are, and one with a fragment alone leads to such a place.
func (b *builder) leadsOff(i int32) (leads, calls bool) {
	n := &b.Nodes[i]
	for _, a := range b.attrs[n.A0:n.A1] {
		if a.key == AttrHref {
			v := strings.TrimSpace(string(b.buf[a.v0:a.v1]))
			return v != "" && v[0] != '#' && v != "about:blank", isScript(v)
		}
	}
	return false, false
}

// isScript says whether an address is a script.
func isScript(v string) bool {
	const scheme = "javascript:"
	return len(v) >= len(scheme) && EqualFoldASCII(v[:len(scheme)], scheme)
}
