package page

import "bytes"

// A tag is read here where it is plain, as nearly all are: the tokenizer copies each name and value that it is asked for, and
// most attributes are not kept. What is not plain, with references to characters and the like, is left to it.

// tagText is the text of a tag, read from the front.
type tagText struct {
	raw []byte
	at  int
}

// tagName gives the name of the tag that is read, in lower case; it is the builder's until the next name.
func (b *builder) tagName() []byte {
	t := tagText{raw: b.raw, at: 1}
	if len(b.raw) > 1 && b.raw[1] == '/' {
		t.at = 2
	}
	b.name = appendLower(b.name[:0], t.name())
	if bytes.IndexByte(b.name, 0) >= 0 {
		name, _ := b.z.TagName()
		return name
	}
	return b.name
}

// addAttrs takes the tag's attributes in, and gives the place after the last one.
func (b *builder) addAttrs() int32 {
	attrs, buf := len(b.attrs), len(b.buf)
	if b.plainAttrs() {
		return int32(len(b.attrs))
	}
	b.attrs, b.buf = b.attrs[:attrs], b.buf[:buf]
	for more := true; more; {
		var k, v []byte
		k, v, more = b.z.TagAttr()
		if key := attrKeyOf(k); b.reading.keeps(key, v) {
			b.addAttr(key, v)
		}
	}
	return int32(len(b.attrs))
}

func (b *builder) addAttr(key AttrKey, v []byte) {
	v0 := int32(len(b.buf))
	b.buf = append(b.buf, v...)
	b.attrs = append(b.attrs, attr{key, v0, int32(len(b.buf))})
}

// plainAttrs takes in the attributes that are kept; false where one of them is not plain.
func (b *builder) plainAttrs() bool {
	t := tagText{raw: b.raw, at: 1}
	t.name()
	var seen uint64 // the keys met: of two attributes of one name the first counts
	for t.more() {
		k, v := t.attr()
		b.name = appendLower(b.name[:0], k)
		key := attrKeyOf(b.name)
		if keeps[b.reading]&(1<<key) == 0 {
			continue
		}
		again := seen&(1<<key) != 0
		seen |= 1 << key
		switch {
		case again && key.isShared() || !isPlain(v):
			return false
		case again:
			continue
		}
		if b.reading.keeps(key, v) {
			b.addAttr(key, v)
		}
	}
	return true
}

// isShared says whether attributes of several names have the key.
func (k AttrKey) isShared() bool {
	return k == AttrDataTime || k == AttrNextURL || k == AttrDataURL || k == attrHint
}

// isPlain says whether a value says what it means as it is written.
func isPlain(v []byte) bool {
	return bytes.IndexByte(v, '&') < 0 && bytes.IndexByte(v, '\r') < 0 && bytes.IndexByte(v, 0) < 0
}

// name reads the tag's name and the white space behind it.
func (t *tagText) name() []byte {
	from := t.at
	for t.at < len(t.raw) && !isGap(t.raw[t.at]) && t.raw[t.at] != '/' && t.raw[t.at] != '>' {
		t.at++
	}
	name := t.raw[from:t.at]
	t.space()
	return name
}

// more says whether there is more than the tag's end.
func (t *tagText) more() bool {
	return t.at < len(t.raw) && t.raw[t.at] != '>'
}

// attr reads an attribute, which has no name where there is a stray solidus, and the white space behind it.
func (t *tagText) attr() (key, value []byte) {
	from := t.at
	for ; t.at < len(t.raw); t.at++ {
		c := t.raw[t.at]
		if isGap(c) || c == '/' || c == '>' || c == '=' && t.at > from {
			break
		}
	}
	key = t.raw[from:t.at]
	t.space()
	value = t.value()
	t.space()
	return key, value
}

// value reads what stands behind an attribute's name.
func (t *tagText) value() []byte {
	switch {
	case t.at == len(t.raw):
		return nil
	case t.raw[t.at] == '/':
		t.at++
		return nil
	case t.raw[t.at] != '=':
		return nil
	}
	t.at++
	t.space()
	if t.at == len(t.raw) {
		return nil
	}
	if quote := t.raw[t.at]; quote == '"' || quote == '\'' {
		t.at++
		rest := t.raw[t.at:]
		n := bytes.IndexByte(rest, quote)
		if n < 0 {
			t.at = len(t.raw)
			return rest
		}
		t.at += n + 1
		return rest[:n]
	}
	from := t.at
	for t.at < len(t.raw) && !isGap(t.raw[t.at]) && t.raw[t.at] != '>' {
		t.at++
	}
	return t.raw[from:t.at]
}

func (t *tagText) space() {
	for t.at < len(t.raw) && isGap(t.raw[t.at]) {
		t.at++
	}
}

// isGap says whether a character parts what stands in a tag.
func isGap(c byte) bool {
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'
}

// appendLower appends a name with its letters of ASCII in lower case.
func appendLower(to, name []byte) []byte {
	for _, c := range name {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		to = append(to, c)
	}
	return to
}
