package extract

import (
	"bytes"
	"github.com/khabar-crawler/khabar/pkg/page"
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A tolerant reader of JSON as pages carry it: values stand in one slice in document order, strings are decoded only
// when they are asked for. What pages get wrong is read as it was meant: raw line breaks and quotes in strings,
// trailing and missing commas, wrapping in comments or CDATA, escaping as HTML, ends cut off.

const (
	// maxJSONValues bounds one document; the largest framework states seen have 60,000.
	maxJSONValues = 400_000
	maxJSONDepth  = 200
)

type jsonKind uint8

const (
	jsonNull jsonKind = iota
	jsonString
	jsonNumber // numbers, booleans and bare words, as written
	jsonArray
	jsonObject
)

type jsonValue struct {
	kind   jsonKind
	end    int32 // first value after the subtree
	k0, k1 int32 // key, undecoded
	v0, v1 int32 // string or number, undecoded
}

type jsonDoc struct {
	src  []byte
	vals []jsonValue
	ids  map[string]int32 // objects with a name by their @id, made when first asked for
}

// parseJSON reads the first value of src; nil when there is none.
func parseJSON(src []byte) *jsonDoc {
	src = bytes.TrimSpace(src)
	for _, junk := range []string{"<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA[", "\ufeff"} {
		src = bytes.TrimSpace(bytes.TrimPrefix(src, []byte(junk)))
	}
	if bytes.HasPrefix(src, []byte("{&quot;")) || bytes.HasPrefix(src, []byte("[{&quot;")) || bytes.HasPrefix(src, []byte("{ &quot;")) {
		src = []byte(html.UnescapeString(string(src)))
	}
	if len(src) == 0 || src[0] != '{' && src[0] != '[' {
		return nil
	}
	d := &jsonDoc{src: src, vals: make([]jsonValue, 0, len(src)/40+8)}
	d.parse()
	return d
}

// jsonReader reads values into a document.
type jsonReader struct {
	*jsonDoc
	at     int
	open   [maxJSONDepth]int32 // arrays and objects that have not ended
	depth  int
	k0, k1 int32 // the key that waits for its value, -1 for none
}

func (d *jsonDoc) parse() {
	r := &jsonReader{jsonDoc: d, k0: -1, k1: -1}
	for r.at < len(d.src) && len(d.vals) < maxJSONValues && r.next() {
	}
	for r.depth > 0 {
		r.closeValue()
	}
}

// next reads one token; false where the document's first value has ended.
func (r *jsonReader) next() bool {
	switch c := r.src[r.at]; c {
	case ' ', '\n', '\t', '\r', ',', ':', ';':
		r.at++
		return true
	case '{', '[':
		return r.openValue(c)
	case '}', ']':
		r.at++
		r.k0, r.k1 = -1, -1
		if r.depth > 0 {
			r.closeValue()
		}
		return r.depth > 0
	case '"':
		start, end, next := r.scanString(r.at)
		r.at = next
		r.scalar(jsonString, start, end)
	default:
		r.bare()
	}
	return r.depth > 0 || len(r.vals) == 0
}

// put adds a value under the key that waits for it.
func (r *jsonReader) put(kind jsonKind, v0, v1 int) {
	r.vals = append(r.vals, jsonValue{kind: kind, end: int32(len(r.vals)) + 1, k0: r.k0, k1: r.k1, v0: int32(v0), v1: int32(v1)})
	r.k0, r.k1 = -1, -1
}

// openValue opens an object or array; false where they are nested too deep.
func (r *jsonReader) openValue(c byte) bool {
	if r.depth == maxJSONDepth {
		return false
	}
	kind := jsonObject
	if c == '[' {
		kind = jsonArray
	}
	r.open[r.depth] = int32(len(r.vals))
	r.put(kind, r.at, r.at)
	r.depth++
	r.at++
	return true
}

func (r *jsonReader) closeValue() {
	r.depth--
	r.vals[r.open[r.depth]].end = int32(len(r.vals))
}

// scalar takes a string or a bare word in, as a key where an object waits for one.
func (r *jsonReader) scalar(kind jsonKind, start, end int) {
	if r.depth > 0 && r.vals[r.open[r.depth-1]].kind == jsonObject && r.k0 < 0 {
		r.k0, r.k1 = int32(start), int32(end)
		return
	}
	r.put(kind, start, end)
}

// bare reads a number or a word without quotes; what is neither is passed over.
func (r *jsonReader) bare() {
	start := r.at
	for r.at < len(r.src) && !isJSONEnd(r.src[r.at]) {
		r.at++
	}
	switch {
	case r.at == start:
		r.at++
	case string(r.src[start:r.at]) == "null":
		r.scalar(jsonNull, start, r.at)
	default:
		r.scalar(jsonNumber, start, r.at)
	}
}

func isJSONEnd(c byte) bool {
	switch c {
	case ' ', '\n', '\t', '\r', ',', ':', '{', '}', '[', ']', '"':
		return true
	}
	return false
}

// scanString reads a string that opens at i. A quote that neither comma, colon, bracket nor the end follows is taken
// for one that the page forgot to escape.
func (d *jsonDoc) scanString(i int) (start, end, next int) {
	start = i + 1
	for k := start; k < len(d.src); k++ {
		switch d.src[k] {
		case '\\':
			k++
		case '"':
			j := k + 1
			for j < len(d.src) && (d.src[j] == ' ' || d.src[j] == '\n' || d.src[j] == '\t' || d.src[j] == '\r') {
				j++
			}
			if j >= len(d.src) {
				return start, k, k + 1
			}
			switch d.src[j] {
			case ',', ':', '}', ']', '"':
				return start, k, k + 1
			}
			if j > k+1 && d.src[k+1] == '\n' {
				return start, k, k + 1 // a comma is missing at the line's end
			}
		}
	}
	return start, len(d.src), len(d.src)
}

// get gives the value of an object's key, -1 when there is none. Keys compare without case.
func (d *jsonDoc) get(obj int32, key string) int32 {
	if obj < 0 || d.vals[obj].kind != jsonObject {
		return -1
	}
	end := d.vals[obj].end
	for i := obj + 1; i < end; i = d.vals[i].end {
		v := &d.vals[i]
		if v.k0 >= 0 && int(v.k1-v.k0) == len(key) && page.EqualFoldASCII(string(d.src[v.k0:v.k1]), key) && v.kind != jsonNull {
			return i
		}
	}
	return -1
}

// str gives a value as text: a string decoded, a number as written, of an array its first, of an object its name, @value or @id.
func (d *jsonDoc) str(i int32) string {
	for hop := 0; i >= 0 && hop < 4; hop++ {
		v := &d.vals[i]
		switch v.kind {
		case jsonString:
			return d.unescape(v.v0, v.v1)
		case jsonNumber:
			return string(d.src[v.v0:v.v1])
		case jsonArray:
			if v.end == i+1 {
				return ""
			}
			i++
		case jsonObject:
			n := d.get(i, "name")
			if n < 0 {
				n = d.get(i, "@value")
			}
			if n < 0 {
				n = d.get(i, "url")
			}
			if n < 0 {
				n = d.get(i, "@id")
			}
			i = n
		default:
			return ""
		}
	}
	return ""
}

// field is str of an object's key.
func (d *jsonDoc) field(obj int32, key string) string { return d.str(d.get(obj, key)) }

// strs gives the texts of a value: one, or those of an array.
func (d *jsonDoc) strs(i int32) []string {
	if i < 0 {
		return nil
	}
	if d.vals[i].kind != jsonArray {
		if s := d.str(i); s != "" {
			return []string{s}
		}
		return nil
	}
	var out []string
	for k := i + 1; k < d.vals[i].end; k = d.vals[k].end {
		if s := d.str(k); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (d *jsonDoc) unescape(a, b int32) string {
	raw := d.src[a:b]
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	var sb strings.Builder
	sb.Grow(len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' || i+1 >= len(raw) {
			sb.WriteByte(raw[i])
			continue
		}
		i++
		switch raw[i] {
		case 'n':
			sb.WriteByte('\n')
		case 't':
			sb.WriteByte('\t')
		case 'r', 'b', 'f':
			sb.WriteByte(' ')
		case 'u':
			r, n := escaped(raw[i+1:])
			sb.WriteRune(r)
			i += n
		default:
			sb.WriteByte(raw[i])
		}
	}
	return sb.String()
}

// escaped reads the digits behind "\u", and those of the second half where a character is written as two; a "u" where
// there are none. It gives how many bytes they take.
func escaped(b []byte) (rune, int) {
	r, n := hexRune(b)
	if n == 0 {
		return 'u', 0
	}
	if utf16.IsSurrogate(r) && bytes.HasPrefix(b[n:], []byte(`\u`)) {
		if low, m := hexRune(b[n+len(`\u`):]); m > 0 {
			if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
				return full, n + len(`\u`) + m
			}
		}
	}
	return r, n
}

func hexRune(b []byte) (rune, int) {
	if len(b) < 4 {
		return 0, 0
	}
	v, err := strconv.ParseUint(string(b[:4]), 16, 32)
	if err != nil {
		return 0, 0
	}
	return rune(v), 4
}
