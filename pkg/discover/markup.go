package discover

import (
	"bytes"
	"html"
	"iter"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// tokens reads the markup of feeds and sitemaps: XML, and what was meant to be XML. One bad byte ends what a parser of XML
// reads, and all that follows it would be lost; here whatever is no markup is text, and the next tag is looked for. It never
// fails, and each byte is looked at a fixed number of times.
type tokens struct {
	body   []byte
	pos    int
	names  map[string]string // names as written → in lower case: a document has few
	cdata  ahead             // "]]>"
	commed ahead             // "-->"
	nested ahead             // "<![CDATA["
	begun  bool              // past what may stand before the root
	flaws  int               // what was no XML so far
	flaw   string            // the last of it, in words
}

// maxNames bounds the names that are kept; a document of all formats together has some two hundred.
const maxNames = 1000

// tokenKind tells tokens apart.
type tokenKind int

const (
	noToken   tokenKind = iota // the document's end
	textToken                  // text, as written
	dataToken                  // text in which nothing is escaped
	openToken
	closeToken
)

// token is a piece of the document.
type token struct {
	kind   tokenKind
	prefix string // of the name, in lower case
	name   string // without the prefix, in lower case
	text   []byte // of the document: not to be kept. An open tag's attributes, as written.
	empty  bool   // <x/>
}

// ahead is where a mark is next. It is looked for once, however often it is asked for.
type ahead struct {
	mark  string
	at    int
	known bool
}

// from gives the place of the first mark at or after pos, the end of the body if there is none.
func (a *ahead) from(body []byte, pos int) int {
	if !a.known || a.at < pos {
		a.known, a.at = true, len(body)
		if i := bytes.Index(body[min(pos, len(body)):], []byte(a.mark)); i >= 0 {
			a.at = pos + i
		}
	}
	return a.at
}

func newTokens(body []byte) *tokens {
	return &tokens{
		body: body, names: map[string]string{},
		cdata: ahead{mark: "]]>"}, commed: ahead{mark: "-->"}, nested: ahead{mark: cdataStart},
	}
}

const cdataStart = "<![CDATA["

// wrong notes something that is no XML.
func (t *tokens) wrong(flaw string) { t.flaws, t.flaw = t.flaws+1, flaw }

// next gives the next token. Comments, instructions and declarations are none.
func (t *tokens) next() token {
	for t.pos < len(t.body) {
		rest := t.body[t.pos:]
		if rest[0] != '<' || len(rest) == 1 {
			end := bytes.IndexByte(rest[1:], '<') + 1
			if end == 0 {
				end = len(rest)
			}
			return t.textTo(t.pos + end)
		}
		switch c := rest[1]; {
		case c == '!':
			if tok, ok := t.declaration(rest); ok {
				return tok
			}
		case c == '?':
			t.instruction(rest)
		case c == '/' && len(rest) > 2 && isNameStart(rest[2]), isNameStart(c):
			if tok, ok := t.tag(rest); ok {
				return tok
			}
		default:
			t.wrong("a < that begins no tag")
			end := bytes.IndexByte(rest[1:], '<') + 1
			if end == 0 {
				end = len(rest)
			}
			return t.textTo(t.pos + end)
		}
	}
	return token{}
}

func (t *tokens) textTo(end int) token {
	tok := token{kind: textToken, text: t.body[t.pos:end]}
	t.pos = end
	return tok
}

// declaration reads what begins with "<!": CDATA, a comment, a document type.
func (t *tokens) declaration(rest []byte) (token, bool) {
	switch {
	case len(rest) >= len(cdataStart) && bytes.EqualFold(rest[:len(cdataStart)], []byte(cdataStart)):
		return t.data(), true
	case bytes.HasPrefix(rest, []byte("<!--")):
		if end := t.commed.from(t.body, t.pos+len("<!--")); end < len(t.body) {
			t.pos = end + len("-->")
			return token{}, false
		}
		t.wrong("a comment without an end")
	case t.begun:
		t.wrong("a declaration where none may stand")
	case len(rest) > len("<!doctype") && bytes.EqualFold(rest[:len("<!doctype")], []byte("<!doctype")) && !t.begun:
		// Its own declarations are not read: entities stay what they are called.
		t.begun = true
		head := rest[:min(len(rest), sniffBytes)]
		if inner := bytes.IndexAny(head, "[>"); inner > 0 && head[inner] == '[' {
			if closing := bytes.IndexByte(head, ']'); closing > 0 {
				t.pos += closing
				t.skipTag(rest[closing:])
				return token{}, false
			}
		}
	}
	t.skipTag(rest)
	return token{}, false
}

// data reads CDATA. Where it does not end before the next one begins, the first tag's end in it is taken for its end.
func (t *tokens) data() token {
	start := t.pos + len(cdataStart)
	end := t.cdata.from(t.body, start)
	next := t.nested.from(t.body, start)
	limit := min(end, next)
	if limit == end && end < len(t.body) {
		t.pos = end + len("]]>")
		return token{kind: dataToken, text: t.body[start:end]}
	}
	t.wrong("CDATA without an end")
	if i := bytes.Index(t.body[start:limit], []byte("</")); i >= 0 {
		limit = start + i
	}
	t.pos = limit
	return token{kind: dataToken, text: t.body[start:limit]}
}

// instruction skips <?x …?>, or what is one up to the next ">".
func (t *tokens) instruction(rest []byte) {
	limit := bytes.IndexByte(rest[1:], '<') + 1
	if limit == 0 {
		limit = len(rest)
	}
	if i := bytes.Index(rest[:limit], []byte("?>")); i >= 0 {
		t.pos += i + len("?>")
		return
	}
	t.skipTag(rest)
}

// skipTag goes on after the ">" that comes before the next "<", or else at that.
func (t *tokens) skipTag(rest []byte) {
	i := bytes.IndexAny(rest[1:], "<>")
	switch {
	case i < 0:
		t.pos = len(t.body)
	case rest[1+i] == '<':
		t.pos += 1 + i
	default:
		t.pos += 1 + i + 1
	}
}

// tag reads a start or end tag. It is none where the document ends in it.
func (t *tokens) tag(rest []byte) (token, bool) {
	tok, from := token{kind: openToken}, 1
	if rest[1] == '/' {
		tok.kind, from = closeToken, 2
	}
	end, after := t.tagEnd(rest, from)
	t.pos += after
	if end < 0 {
		return tok, false
	}
	t.begun = true
	inner := rest[from:end]
	n := 0
	for n < len(inner) && !isSpace(inner[n]) && inner[n] != '/' {
		n++
	}
	tok.prefix, tok.name = t.split(inner[:n])
	if tok.kind == openToken {
		tok.text = inner[n:]
		if l := len(tok.text); l > 0 && tok.text[l-1] == '/' {
			tok.text, tok.empty = tok.text[:l-1], true
		}
	}
	return tok, true
}

// tagEnd finds the ">" of a tag, and where to go on. A "<" in a tag says that a quote or the ">" was forgotten.
func (t *tokens) tagEnd(rest []byte, from int) (end, after int) {
	quote, value := byte(0), false
	for i := from; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '<':
			t.wrong("a tag without an end")
			if j := bytes.IndexByte(rest[from:i], '>'); j >= 0 {
				return from + j, from + j + 1
			}
			return i, i
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '>':
			return i, i + 1
		case (c == '"' || c == '\'') && value:
			quote, value = c, false
		case c == '=':
			value = true
		case !isSpace(c):
			value = false
		}
	}
	if j := bytes.IndexByte(rest[from:], '>'); quote != 0 && j >= 0 {
		t.wrong("a quote without an end")
		return from + j, from + j + 1
	}
	return -1, len(rest)
}

// split parts a name from its prefix, both in lower case.
func (t *tokens) split(raw []byte) (prefix, name string) {
	full, ok := t.names[string(raw)]
	if !ok {
		full = strings.ToLower(string(raw))
		if len(t.names) < maxNames {
			t.names[string(raw)] = full
		}
	}
	if prefix, name, ok = strings.Cut(full, ":"); !ok {
		return "", full
	}
	return prefix, name
}

func isNameStart(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' || c >= utf8.RuneSelf
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// attribute gives the value of an open tag's attribute, as it is meant; "" where it has none.
func (t *tokens) attribute(tok token, name string) string {
	for key, value := range attributesIn(tok.text) {
		if strings.EqualFold(string(key), name) {
			return t.meant(value, maxText)
		}
	}
	return ""
}

// attributesIn walks through the attributes of a tag: names and values as written.
func attributesIn(raw []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for {
			raw = bytes.TrimLeft(raw, " \t\r\n/")
			n := bytes.IndexAny(raw, "= \t\r\n")
			if n < 0 {
				return
			}
			name := raw[:n]
			raw = bytes.TrimLeft(raw[n:], " \t\r\n")
			if len(raw) == 0 || raw[0] != '=' {
				continue
			}
			raw = bytes.TrimLeft(raw[1:], " \t\r\n")
			var value []byte
			switch {
			case len(raw) > 0 && (raw[0] == '"' || raw[0] == '\''):
				end := bytes.IndexByte(raw[1:], raw[0])
				if end < 0 {
					end = len(raw) - 1
				}
				value, raw = raw[1:1+end], raw[min(end+2, len(raw)):]
			default:
				end := bytes.IndexAny(raw, " \t\r\n")
				if end < 0 {
					end = len(raw)
				}
				value, raw = raw[:end], raw[end:]
			}
			if !yield(name, value) {
				return
			}
		}
	}
}

// meant is what text as written stands for, of at most so many bytes: references are resolved, those of HTML too, and
// control characters are left out. A reference ends with a semicolon; an "&" without one, as in many an address, is itself.
func (t *tokens) meant(raw []byte, limit int) string {
	raw = raw[:min(len(raw), limit)]
	var b strings.Builder
	b.Grow(len(raw))
	for {
		i := bytes.IndexByte(raw, '&')
		if i < 0 {
			break
		}
		t.plain(&b, raw[:i])
		raw = raw[i:]
		end := bytes.IndexByte(raw[:min(len(raw), maxReference)], ';')
		if end < 2 {
			b.WriteByte('&')
			raw = raw[1:]
			continue
		}
		n, ok := t.reference(&b, raw[1:end], raw[end+1:])
		if !ok {
			b.WriteByte('&')
			raw = raw[1:]
			continue
		}
		raw = raw[end+1+n:]
	}
	t.plain(&b, raw)
	return b.String()
}

// maxReference is longer than the longest name of HTML's references, with its "&" and ";".
const maxReference = 34

// reference writes what a reference stands for, and says how much of what follows belongs to it: a character beyond the
// first plane may be written as two of UTF-16.
func (t *tokens) reference(b *strings.Builder, name, rest []byte) (more int, ok bool) {
	if name[0] != '#' {
		whole := "&" + string(name) + ";"
		if char := html.UnescapeString(whole); char != whole && !strings.HasSuffix(char, ";") {
			b.WriteString(char)
			return 0, true
		}
		return 0, false
	}
	r, ok := codeOf(name[1:])
	if !ok {
		return 0, false
	}
	if utf16.IsSurrogate(r) {
		end := bytes.IndexByte(rest[:min(len(rest), maxReference)], ';')
		if end > 2 && rest[0] == '&' && rest[1] == '#' {
			if low, ok := codeOf(rest[2:end]); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
				b.WriteRune(utf16.DecodeRune(r, low))
				return end + 1, true
			}
		}
		t.wrong("a character that is none")
		return 0, true
	}
	t.plain(b, []byte(string(r)))
	return 0, true
}

// codeOf reads the digits of a reference to a character.
func codeOf(digits []byte) (rune, bool) {
	base := 10
	if len(digits) > 0 && digits[0]|0x20 == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	return rune(n), err == nil && n <= utf8.MaxRune
}

// plain writes text without the control characters in it.
func (t *tokens) plain(b *strings.Builder, raw []byte) {
	from := 0
	for i, c := range raw {
		if c < ' ' && !isSpace(c) || c == 0x7f {
			t.wrong("a control character")
			b.Write(raw[from:i])
			from = i + 1
		}
	}
	b.Write(raw[from:])
}
