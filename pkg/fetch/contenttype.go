package fetch

import (
	"bytes"
	"mime"
	"net/http"
	"strings"
)

// sniffLen is how many bytes http.DetectContentType looks at.
const sniffLen = 512

// contentType sorts what a Content-Type header claims.
type contentType int

const (
	typeText    contentType = iota // HTML, XML, JSON or other text
	typeUnknown                    // nothing, or one of the types that servers give to what they do not know
	typeOther                      // something that is no text, or no page
)

// typeOf reads a Content-Type header.
func typeOf(header string) contentType {
	media, _, err := mime.ParseMediaType(header)
	if err != nil {
		media, _, _ = strings.Cut(header, ";")
		media = strings.ToLower(strings.TrimSpace(media))
	}
	switch media {
	case "", "application/octet-stream", "binary/octet-stream", "application/binary", "application/download",
		"application/force-download", "application/x-download", "application/unknown", "unknown/unknown", "*/*",
		"application/gzip", "application/x-gzip", "application/x-gunzip", "application/gzipped", "application/x-compressed":
		return typeUnknown
	case "text/css", "text/javascript", "text/calendar", "text/vcard":
		return typeOther
	case "application/xml", "application/json", "application/rss", "application/atom", "application/rdf", "application/feed",
		"application/xml-dtd", "application/x-rss", "application/x-httpd-php":
		return typeText
	}
	major, minor, ok := strings.Cut(media, "/")
	switch {
	case !ok: // "html", "utf-8": a header that somebody typed
		return typeUnknown
	case major == "text":
		return typeText
	case major == "image": // SVG is XML, and no article
		return typeOther
	case strings.HasSuffix(minor, "+xml"), strings.HasSuffix(minor, "+json"):
		return typeText
	}
	return typeOther
}

// textual looks at a body's first bytes, up to sniffLen, for its header is often wrong: it has to look like text where that
// did not say so, like a page or a document where it said something else, and must not be a known binary format where it
// did. It also returns the type they look like. An empty body is text.
func textual(claimed contentType, start []byte) (string, bool) {
	if len(start) == 0 {
		return "", true
	}
	detected := http.DetectContentType(start)
	if isText := strings.HasPrefix(detected, "text/"); isText || claimed == typeOther {
		return detected, claimed != typeOther || isDocument(start) && (isText || !isBinary(start))
	}
	// Control characters alone do not make a page binary: UTF-16 without a byte order mark has them, and so do broken CMSs.
	// What nobody called text may have a few.
	return detected, detected == "application/octet-stream" && (claimed == typeText || claimed == typeUnknown && !isBinary(start))
}

// isDocument says whether text begins as HTML, XML, JSON or a list of addresses does, which styles, scripts and calendars do
// not.
func isDocument(start []byte) bool {
	start = bytes.TrimLeft(start, "\ufeff \t\r\n")
	for _, mark := range []string{"<", "{", "[", "http://", "https://", "\xff\xfe<", "\xfe\xff\x00<"} {
		if bytes.HasPrefix(start, []byte(mark)) {
			return true
		}
	}
	return false
}

// isBinary says whether more than one in forty bytes is a control character that no text has (the binary data bytes of the
// MIME Sniffing Standard, section 3). Of compressed or encrypted bytes one in nine is.
func isBinary(start []byte) bool {
	n := 0
	for _, c := range start {
		if c < '\t' || c == '\v' || c > '\r' && c < ' ' && c != '\x1b' {
			n++
		}
	}
	return 40*n > len(start)
}
