package page

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

const (
	// sniffWindow is how far into a page a declaration of its encoding is looked for: the standard says 1024 bytes, pages seen
	// put comments, preloads and styles of many kilobytes before it. Only pages that are no UTF-8 are searched.
	sniffWindow = 64 << 10
	// mostLabels that a page declares are tried; scripts and forms have a charset too.
	mostLabels = 8
)

// Decode gives the page in UTF-8, the name of the encoding it was read in, and whether that was a guess.
//
// Bytes that are valid UTF-8 and hold anything beyond ASCII are UTF-8 whatever the page declares: declarations lie
// (or name encodings that do not exist), and text in another encoding is valid UTF-8 by accident hardly ever. Any other
// declaration stands if the text reads about as well in it as in the best of the usual encodings; where none does, the best is a
// guess.
func Decode(body []byte, contentType string) (utf8Body []byte, name string, guessed bool) {
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return body[3:], "utf-8", false
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("\xfe\xff")):
		if out, err := unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Bytes(body); err == nil {
			return out, "utf-16", false
		}
	}
	valid := utf8.Valid(body)
	// ISO-2022-JP is all ASCII bytes and needs its declaration; so does UTF-16 of Latin letters without a byte order mark,
	// of which every other byte is NUL.
	if valid && bytes.IndexByte(body, 0x1b) < 0 && !IsBinary(body[:min(len(body), HeadLen)]) {
		return body, "utf-8", false
	}
	labels := declaredLabels(body, contentType)
	if !valid && mostlyUTF8(body) {
		// A stray byte in a page of UTF-8 spoils that character, not the page.
		return bytes.ToValidUTF8(body, []byte("\uFFFD")), "utf-8", !declares(labels, "utf-8")
	}
	var e *evidence
	if !valid {
		e = weigh(body)
	}
	for _, label := range labels {
		enc, n := encodingOf(label)
		if enc == nil || n == "utf-8" || e != nil && !e.bears(n) {
			continue
		}
		if out, ok := decodeWith(enc, body); ok {
			return out, n, false
		}
	}
	return guess(body, e)
}

// guess decodes a page that declares nothing that can be.
func guess(body []byte, e *evidence) (utf8Body []byte, name string, guessed bool) {
	n := alphabets[0] // what the standard says of such pages
	switch {
	case bytes.Contains(body, []byte("\x1b$B")):
		n = "iso-2022-jp"
	case utf8.Valid(body):
		return body, "utf-8", true
	case e != nil && e.best.name != "":
		n = e.best.name
	}
	if enc, _ := encodingOf(n); enc != nil {
		if out, ok := decodeWith(enc, body); ok {
			return out, n, true
		}
	}
	return bytes.ToValidUTF8(body, []byte("\uFFFD")), "utf-8", true
}

// declares says whether an encoding is among those that a page names.
func declares(labels []string, name string) bool {
	for _, label := range labels {
		if _, n := encodingOf(label); n == name {
			return true
		}
	}
	return false
}

func decodeWith(enc encoding.Encoding, body []byte) ([]byte, bool) {
	out, err := enc.NewDecoder().Bytes(body)
	return out, err == nil && utf8.Valid(out)
}

// mostlyUTF8 says whether bytes are UTF-8 but for a few spoilt places: at least twenty valid sequences of several
// bytes for each invalid byte.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good > 0 && good >= 20*bad
}

// declaredLabels gives the encodings a page names, best source first: the HTTP header, then its own meta elements
// or XML prolog in order.
func declaredLabels(body []byte, contentType string) []string {
	var out []string
	if _, params, err := mime.ParseMediaType(contentType); err == nil && params["charset"] != "" {
		out = append(out, strings.TrimSpace(params["charset"]))
	}
	head := body[:min(len(body), sniffWindow)]
	for {
		var label string
		if label, head = nextLabel(head); label == "" || len(out) >= mostLabels {
			return out
		}
		out = append(out, label)
	}
}

// nextLabel finds the next charset= or encoding= in the page's head and gives the rest.
func nextLabel(head []byte) (string, []byte) {
	for i := 0; i < len(head); i++ {
		var skip int
		switch head[i] {
		case 'c', 'C':
			skip = len("charset")
			if len(head)-i < skip || !bytes.EqualFold(head[i:i+skip], []byte("charset")) {
				continue
			}
		case 'e', 'E':
			skip = len("encoding")
			if len(head)-i < skip || !bytes.EqualFold(head[i:i+skip], []byte("encoding")) {
				continue
			}
		default:
			continue
		}
		rest := bytes.TrimLeft(head[i+skip:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '=' {
			continue
		}
		rest = bytes.TrimLeft(rest[1:], " \t\r\n\"'")
		end := bytes.IndexAny(rest, "\"'> ;/\t\r\n?")
		if end <= 0 {
			continue
		}
		return string(rest[:end]), rest[end:]
	}
	return "", nil
}
