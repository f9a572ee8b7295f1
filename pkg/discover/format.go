package discover

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// Format is what a document is, by its content.
type Format string

// The formats told apart.
const (
	FormatEmpty    Format = "empty"
	FormatHTML     Format = "html"
	FormatRSS      Format = "rss" // all of RSS 0.9x, 1.0 and 2.0
	FormatAtom     Format = "atom"
	FormatJSONFeed Format = "json_feed"
	FormatPosts    Format = "wordpress_posts" // as WordPress's REST API lists them
	FormatJSON     Format = "json"
	FormatURLSet   Format = "sitemap"
	FormatIndex    Format = "sitemap_index"
	FormatXML      Format = "xml" // some other XML
	FormatURLs     Format = "url_list"
	FormatText     Format = "text"
	FormatBinary   Format = "binary"
)

// IsFeed reports whether the format is one that Feed reads.
func (f Format) IsFeed() bool {
	return f == FormatRSS || f == FormatAtom || f == FormatJSONFeed || f == FormatPosts
}

// sniffBytes is how far into a document its root element is looked for: some feeds begin with long comments, style
// sheet instructions or document types.
const sniffBytes = 16 << 10

// Sniff says what a document is. Gzipped documents are looked into.
func Sniff(body []byte) Format {
	if isGzip(body) {
		body, _ = gunzip(body, sniffBytes)
	}
	return sniff(body)
}

var (
	xmlNoise = regexp.MustCompile(`(?s)^(?:\s+|<\?.*?\?>|<!--.*?-->|<!(?i:doctype)[^\[>]*(?:\[.*?\]\s*)?>)`)
	rootName = regexp.MustCompile(`^<(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)`)
)

// sniff says what a document is.
func sniff(body []byte) Format {
	head := utf8Head(body)
	head = bytes.TrimLeft(head, "\ufeff \t\r\n\x00")
	switch {
	case len(head) == 0:
		return FormatEmpty
	case head[0] == '{' || head[0] == '[':
		if bytes.Contains(head, []byte("jsonfeed.org/version")) {
			return FormatJSONFeed
		}
		if isPosts(head) {
			return FormatPosts
		}
		return FormatJSON
	case head[0] != '<':
		return sniffText(head)
	}
	for {
		m := xmlNoise.Find(head)
		if len(m) == 0 {
			break
		}
		if bytes.HasPrefix(bytes.ToLower(m), []byte("<!doctype html")) {
			return FormatHTML
		}
		head = head[len(m):]
	}
	m := rootName.FindSubmatch(head)
	if m == nil {
		return FormatHTML // whatever begins with a tag and is nothing else is shown by browsers as a page
	}
	switch strings.ToLower(string(m[2])) {
	case "rss", "rdf":
		return FormatRSS
	case "feed":
		return FormatAtom
	case "urlset":
		return FormatURLSet
	case "sitemapindex":
		return FormatIndex
	}
	if bytes.HasPrefix(bytes.TrimLeft(body, "\ufeff \t\r\n"), []byte("<?xml")) && !bytes.EqualFold(m[2], []byte("html")) {
		return FormatXML
	}
	return FormatHTML
}

func sniffText(head []byte) Format {
	if isBinary(head) {
		return FormatBinary
	}
	line, _, _ := bytes.Cut(head, []byte("\n"))
	line = bytes.TrimSpace(line)
	if (bytes.HasPrefix(line, []byte("http://")) || bytes.HasPrefix(line, []byte("https://"))) && !bytes.ContainsAny(line, " <>") {
		return FormatURLs
	}
	if i := bytes.IndexByte(head, '<'); i >= 0 && rootName.Match(head[i:]) {
		return FormatHTML
	}
	return FormatText
}

// isBinary says whether more than one in forty bytes is a control character that no text has. A few got into many a page;
// of compressed bytes one in nine is such a character.
func isBinary(head []byte) bool {
	n := 0
	for _, c := range head {
		if c < '\t' || c == '\v' || c > '\r' && c < ' ' && c != '\x1b' {
			n++
		}
	}
	return 40*n > len(head)
}

// utf8Head is the beginning of a document with UTF-16, the one encoding in which tags are not ASCII, decoded.
func utf8Head(body []byte) []byte {
	head := body[:min(len(body), sniffBytes)]
	if bytes.HasPrefix(head, []byte{0xfe, 0xff}) || bytes.HasPrefix(head, []byte{0xff, 0xfe}) {
		if e, _, _ := charset.DetermineEncoding(head, ""); e != nil {
			if decoded, err := e.NewDecoder().Bytes(head[:len(head)&^1]); err == nil {
				return decoded
			}
		}
	}
	return head
}

func isGzip(body []byte) bool { return len(body) > 2 && body[0] == 0x1f && body[1] == 0x8b }

// gunzip decompresses at most limit bytes; what was read before an error counts. full is false where something is
// missing.
func gunzip(body []byte, limit int64) (out []byte, full bool) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, false
	}
	var b bytes.Buffer
	n, err := io.CopyN(&b, z, limit+1)
	if n > limit {
		b.Truncate(int(limit))
		return b.Bytes(), false
	}
	return b.Bytes(), err == nil || errors.Is(err, io.EOF)
}

var declared = regexp.MustCompile(`^[\s\x{feff}]*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

var declaration = regexp.MustCompile(`^[\s\x{feff}]*<\?xml.*?\?>`)

// xmlText decodes an XML document to UTF-8 without its declaration. Bytes that are UTF-8 are taken as such whatever is
// declared: other encodings' text hardly ever happens to be valid. Then the declaration counts before the header.
func xmlText(body []byte, contentType string) []byte {
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if !utf8.Valid(body) {
		label := ""
		if m := declared.FindSubmatch(body[:min(len(body), 1024)]); m != nil {
			label = string(m[1])
		}
		e, _ := charset.Lookup(label)
		if e == nil {
			e, _, _ = charset.DetermineEncoding(body[:min(len(body), 1024)], contentType)
		}
		if decoded, err := e.NewDecoder().Bytes(body); err == nil {
			body = decoded
		}
	}
	body = bytes.ToValidUTF8(bytes.TrimPrefix(body, []byte("\ufeff")), nil)
	return bytes.TrimLeft(body[len(declaration.Find(body[:min(len(body), 1024)])):], " \t\r\n")
}

// maxDepth bounds the nesting of XML: feed and sitemap formats need six levels, text constructs in Atom some dozens.
const maxDepth = 200

// maxElements bounds what the feed parser is given, which makes a map of each element: 1.3 KB of memory each, so this is some
// 25 MB. A thousand items have as many elements.
const maxElements = 20_000

// tooMuch reports whether XML has more than maxElements or nests deeper than maxDepth, at the cost of one scan, so that no
// recursive parser gets such a document. Void and unclosed elements make it overestimate, which only sends a document to the tolerant scanner.
func tooMuch(body []byte) bool {
	depth, elements := 0, 0
	for {
		i := bytes.IndexByte(body, '<')
		if i < 0 || i+1 >= len(body) {
			return false
		}
		body = body[i+1:]
		switch {
		case bytes.HasPrefix(body, []byte("![CDATA[")):
			_, body, _ = bytes.Cut(body, []byte("]]>"))
		case bytes.HasPrefix(body, []byte("!--")):
			_, body, _ = bytes.Cut(body, []byte("-->"))
		case body[0] == '/':
			depth--
		case body[0] == '!' || body[0] == '?':
		default:
			if elements++; elements > maxElements {
				return true
			}
			end := bytes.IndexByte(body, '>')
			if end > 0 && body[end-1] == '/' {
				continue
			}
			if depth++; depth > maxDepth {
				return true
			}
		}
	}
}
