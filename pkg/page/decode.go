package page

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// sniffWindow is how far into a page a declaration of its encoding is looked for: the standard says 1024 bytes,
// pages seen put long comments and preloads before it.
const sniffWindow = 4096

// Decode gives the page in UTF-8, the name of the encoding it was read in, and whether that was a guess.
//
// Bytes that are valid UTF-8 and hold anything beyond ASCII are UTF-8 whatever the page declares: declarations lie
// (or name encodings that do not exist), and text in another encoding is valid UTF-8 by accident hardly ever.
func Decode(body []byte, contentType string) (utf8Body []byte, name string, guessed bool) {
	switch {
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return body[3:], "utf-8", false
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("\xfe\xff")):
		if out, err := unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Bytes(body); err == nil {
			return out, "utf-16", false
		}
	}
	if utf8.Valid(body) {
		// ISO-2022-JP is all ASCII bytes and needs its declaration; so does UTF-16 of Latin letters without a byte order mark,
		// of which every other byte is NUL.
		if bytes.IndexByte(body, 0x1b) < 0 && !IsBinary(body[:min(len(body), HeadLen)]) {
			return body, "utf-8", false
		}
	}
	if out, n, ok := declared(body, contentType); ok {
		return out, n, false
	}
	if mostlyUTF8(body) {
		return bytes.ToValidUTF8(body, []byte("\uFFFD")), "utf-8", true
	}
	enc, n, _ := charset.DetermineEncoding(body[:min(len(body), 1024)], "")
	if out, ok := decodeWith(enc, body); ok {
		return out, n, true
	}
	return bytes.ToValidUTF8(body, []byte("\uFFFD")), "utf-8", true
}

// declared decodes a page as it says itself, if that can be.
func declared(body []byte, contentType string) (utf8Body []byte, name string, ok bool) {
	for _, label := range declaredLabels(body, contentType) {
		enc, err := htmlindex.Get(label)
		if err != nil || enc == nil {
			continue
		}
		n, _ := htmlindex.Name(enc)
		if n != "utf-8" {
			if out, ok := decodeWith(enc, body); ok {
				return out, n, true
			}
			continue
		}
		// A stray byte in a page of UTF-8 spoils that character, not the page.
		if mostlyUTF8(body) {
			return bytes.ToValidUTF8(body, []byte("\uFFFD")), n, true
		}
	}
	return nil, "", false
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
	return good >= 20*bad
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
		if label, head = nextLabel(head); label == "" {
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
