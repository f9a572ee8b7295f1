package discover

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"

	markup "github.com/khabar-crawler/khabar/pkg/page"
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
	for range maxGzip {
		if isGzip(body) {
			body, _ = gunzip(body, sniffBytes)
		}
	}
	return sniff(body)
}

var (
	xmlNoise = regexp.MustCompile(`(?s)^(?:\s+|<\?.*?\?>|<!--.*?-->|<!(?i:doctype)[^\[>]*(?:\[.*?\]\s*)?>)`)
	rootName = regexp.MustCompile(`^<(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*)`)
	// rootTag is the beginning of a feed or sitemap wherever it stands, and pageTag what only a page has before it.
	rootTag = regexp.MustCompile(`(?i)<(?:[a-z_][\w.-]*:)?(rss|rdf|feed|urlset|sitemapindex)[\s>]`)
	pageTag = regexp.MustCompile(`(?i)<(?:html|head|body|title|!doctype html)[\s>]`)
)

// sniff says what a document is.
func sniff(body []byte) Format {
	head := utf8Head(body)
	head = bytes.TrimLeft(head, "\ufeff \t\r\n\x00")
	switch {
	case len(head) == 0:
		return FormatEmpty
	case head[0] == '{' || head[0] == '[':
		if isJSONFeed(body) {
			return FormatJSONFeed
		}
		if isPosts(head) {
			return FormatPosts
		}
		return FormatJSON
	case head[0] != '<':
		if format, at := embedded(head); at >= 0 && !isBinary(head) {
			return format
		}
		return sniffText(head)
	}
	whole := head
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
	if format, ok := formatOf(m[2]); ok {
		return format
	}
	if format, at := embedded(whole); at >= 0 {
		return format
	}
	if bytes.HasPrefix(bytes.TrimLeft(body, "\ufeff \t\r\n"), []byte("<?xml")) && !bytes.EqualFold(m[2], []byte("html")) {
		return FormatXML
	}
	return FormatHTML
}

// formatOf knows feeds and sitemaps by the name of their root.
func formatOf(root []byte) (Format, bool) {
	switch strings.ToLower(string(root)) {
	case "rss", "rdf", "channel": // a channel alone is what some systems of the first years make
		return FormatRSS, true
	case "feed":
		return FormatAtom, true
	case "urlset":
		return FormatURLSet, true
	case "sitemapindex":
		return FormatIndex, true
	}
	return "", false
}

// embedded finds the feed or sitemap that begins behind what does not belong to it, as a warning of PHP; at is -1 where there is
// none, or where it stands in a page.
func embedded(head []byte) (format Format, at int) {
	format, at = buried(head)
	if at < 0 || pageTag.Match(head[:at]) {
		return "", -1
	}
	return format, at
}

// buried finds where a feed or sitemap begins, also in a page; at is -1 where there is none.
func buried(head []byte) (format Format, at int) {
	m := rootTag.FindSubmatchIndex(head[:min(len(head), sniffBytes)])
	if m == nil {
		return "", -1
	}
	format, _ = formatOf(head[m[2]:m[3]])
	return format, m[0]
}

// isJSONFeed looks for the version, which may stand behind everything else, and with its slashes escaped.
func isJSONFeed(body []byte) bool {
	return bytes.Contains(body, []byte("jsonfeed.org/version")) || bytes.Contains(body, []byte(`jsonfeed.org\/version`))
}

func sniffText(head []byte) Format {
	if isBinary(head) {
		return FormatBinary
	}
	for line := range bytes.Lines(head) {
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == '#' {
			continue
		}
		if isAbsolute(string(line[:min(len(line), 16)])) && !bytes.ContainsAny(line, "<>") {
			return FormatURLs
		}
		break
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
	if e := utf16Of(head); e != nil {
		if decoded, err := e.NewDecoder().Bytes(head[:len(head)&^1]); err == nil {
			return decoded
		}
	}
	return head
}

// utf16Of is the order of UTF-16's bytes by the mark that the document begins with, or by the zeros of its first tag; nil: it
// is not in UTF-16.
func utf16Of(body []byte) encoding.Encoding {
	if len(body) < 4 {
		return nil
	}
	switch head := [4]byte(body); {
	case head[0] == 0xfe && head[1] == 0xff, head[0] == 0 && head[2] == 0 && (head[1] == '<' || head[1] == '{') && head[3] != 0:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case head[0] == 0xff && head[1] == 0xfe, head[1] == 0 && head[3] == 0 && (head[0] == '<' || head[0] == '{') && head[2] != 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	}
	return nil
}

// maxGzip is how many times a file is unpacked that was packed by its maker, and again by what delivers it.
const maxGzip = 3

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
	return b.Bytes(), err == nil || errors.Is(err, io.EOF) || errors.Is(err, gzip.ErrHeader) // padding behind the file
}

var declared = regexp.MustCompile(`<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']`)

// xmlText decodes an XML document to UTF-8, as a page is decoded, but that its own declaration counts before the header. clean is
// false where bytes were left out that are no text, or nothing says what they are.
func xmlText(body []byte, contentType string) (text []byte, clean bool) {
	if e := utf16Of(body); e != nil {
		if decoded, err := e.NewDecoder().Bytes(body); err == nil {
			return trimXML(decoded), true
		}
		return trimXML(bytes.ToValidUTF8(body, nil)), false
	}
	switch {
	case utf8.Valid(body):
		return trimXML(body), true
	case isMostlyUTF8(body):
		return trimXML(bytes.ToValidUTF8(body, nil)), false
	case declared.Match(body[:min(len(body), sniffBytes)]):
		contentType = ""
	}
	decoded, _, guessed := markup.Decode(body, contentType)
	return trimXML(decoded), !guessed
}

// isMostlyUTF8 says whether more characters beyond ASCII are valid than there are bytes that are not.
func isMostlyUTF8(body []byte) bool {
	valid, bad := 0, 0
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			valid++
		}
		body = body[n:]
	}
	return valid > bad
}

func trimXML(text []byte) []byte { return bytes.TrimLeft(text, "\ufeff \t\r\n") }

// document reads whatever has entries: feeds, and where a sitemap is wanted sitemaps and lists of addresses too.
func (c *collector) document(want string, body []byte, contentType string) (Result, error) {
	body = c.unpack(body)
	format := sniff(body)
	if format == FormatHTML { // as a page that shows a feed
		if inner, at := buried(body); at >= 0 {
			format = inner
		}
	}
	sitemap := format == FormatURLSet || format == FormatIndex || format == FormatURLs
	if !format.IsFeed() && !(sitemap && want == "sitemap") {
		return Result{}, &KindError{Want: want, Got: format}
	}
	text, clean := xmlText(body, contentType)
	if !clean {
		c.result.Flaw = "bytes that are no text"
	}
	switch format {
	case FormatURLSet, FormatIndex:
		c.sitemap(text, format)
	case FormatURLs:
		c.list(text)
	case FormatJSONFeed:
		c.jsonFeed(text)
	case FormatPosts:
		c.posts(text)
	default:
		f := &feedForm{collector: c}
		c.read(text, f)
		f.finish()
	}
	return c.result, nil
}

// read reads the entries of a document, from its root on.
func (c *collector) read(text []byte, f form) {
	head := text[:min(len(text), sniffBytes)]
	for m := xmlNoise.Find(head); len(m) > 0; m = xmlNoise.Find(head) {
		head = head[len(m):]
	}
	if m := rootName.FindSubmatch(head); m == nil || !roots[strings.ToLower(string(m[2]))] {
		if _, at := buried(text); at >= 0 {
			text, c.result.Flaw = text[at:], "something before its beginning"
		}
	}
	r := readEntries(text, c.base, f)
	c.result.Broken = c.result.Broken || !r.whole
	c.result.Entries, c.result.Bad = r.count, r.bad
	c.result.Flaw = cmp.Or(r.flaw, c.result.Flaw, r.tokens.flaw)
}

// unpack decompresses and cuts a document to what is read of it.
func (c *collector) unpack(body []byte) []byte {
	for range maxGzip {
		if isGzip(body) {
			var full bool
			body, full = gunzip(body, MaxBytes)
			c.result.Broken = c.result.Broken || !full
		}
	}
	if len(body) > MaxBytes {
		body, c.result.Broken = body[:MaxBytes], true
	}
	return body
}
