package extract

// attrKey is an attribute that extraction reads; all others are dropped while parsing.
type attrKey uint8

const (
	attrNone attrKey = iota
	attrClass
	attrID
	attrHref
	attrSrc
	attrContent
	attrName
	attrProperty
	attrItemprop
	attrRole
	attrRel
	attrDatetime
	attrType
	attrLang
	attrHidden
	attrAriaLabel
	attrStyle
	attrHTTPEquiv
	attrDataSrc
	attrShadow
	attrMark // chosen by a site file's selector
	attrHint // data-testid and its like: names that a site's own tests and scripts rely on
)

type attr struct {
	key    attrKey
	v0, v1 int32 // its value in document.text
}

func attrKeyOf(k []byte) attrKey {
	switch string(k) {
	case "class":
		return attrClass
	case "id":
		return attrID
	case "href":
		return attrHref
	case "src":
		return attrSrc
	case "content":
		return attrContent
	case "name":
		return attrName
	case "property":
		return attrProperty
	case "itemprop":
		return attrItemprop
	case "role":
		return attrRole
	case "rel":
		return attrRel
	case "datetime":
		return attrDatetime
	case "type":
		return attrType
	case "lang":
		return attrLang
	case "hidden":
		return attrHidden
	case "aria-label":
		return attrAriaLabel
	case "style":
		return attrStyle
	case "http-equiv":
		return attrHTTPEquiv
	case "data-src":
		return attrDataSrc
	case bodyMark:
		return attrMark
	case "shadowrootmode":
		return attrShadow
	case "data-testid", "data-test-id", "data-qa", "data-component", "data-type", "data-name", "data-test",
		"data-gu-name", "data-module", "data-component-name", "data-area", "data-block", "data-t":
		return attrHint
	}
	return attrNone
}

// attr gives an attribute's value, "" when there is none.
func (d *document) attr(i int32, k attrKey) string {
	if i < 0 {
		return ""
	}
	n := &d.nodes[i]
	for _, a := range d.attrs[n.a0:n.a1] {
		if a.key == k {
			return d.text[a.v0:a.v1]
		}
	}
	return ""
}

// has says whether an attribute is there, with a value or without.
func (d *document) has(i int32, k attrKey) bool {
	n := &d.nodes[i]
	for _, a := range d.attrs[n.a0:n.a1] {
		if a.key == k {
			return true
		}
	}
	return false
}

// addAttrs takes the tag's attributes in, and gives the place after the last one.
func (b *builder) addAttrs(more bool) int32 {
	for more {
		var k, v []byte
		k, v, more = b.z.TagAttr()
		key := attrKeyOf(k)
		if key == attrNone {
			continue
		}
		v0 := int32(len(b.buf))
		b.buf = append(b.buf, v...)
		b.attrs = append(b.attrs, attr{key, v0, int32(len(b.buf))})
	}
	return int32(len(b.attrs))
}

// bodyMark is the attribute that marks elements chosen by a site file's body selector. It is removed from pages that
// come with it.
const bodyMark = "data-khabar-body"
