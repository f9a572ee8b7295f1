package archive

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/nlnwa/gowarc/v3"
)

// Capture is one answer as it was fetched.
type Capture struct {
	URL     string // that was asked
	At      time.Time
	Status  int
	Header  http.Header // of the answer, as sent
	Request http.Header // what was asked with
	Body    []byte      // decoded: without content and transfer encodings
	// Before is where the page's last answer is kept; where that has the same body, the body is not kept again. Nil for nowhere.
	Before *Place
}

// Record is a Capture made ready to be appended.
type Record struct {
	data     []byte // two members: of the response or the revisit, and of the request
	response int    // the length of the first one
	line     line   // of the index, but for where it is
	digest   string
	at       time.Time
	same     bool // as Before
	before   *Place
}

// URL is the address that was asked.
func (r Record) URL() string { return r.line.said.URL }

// Place is where a record is.
type Place struct {
	File   string    // its name in the directory
	Offset int64     // of the record's first byte in the file
	Digest string    // of the body, as sha256:…
	URL    string    // that was asked
	At     time.Time // when it was fetched
}

// encodings are the header fields that are not true of a decoded body. They are kept under the name that other archives give them.
var encodings = []string{"Content-Encoding", "Transfer-Encoding", "Content-Length"}

// originalPrefix begins the names of header fields that say what came over the wire.
const originalPrefix = "X-Archive-Orig-"

// Pack makes a Record: the response, or a revisit record where the body is that of Before, and the request.
func (w *Writer) Pack(c Capture) (Record, error) {
	at := c.At.UTC()
	r := Record{digest: Digest(c.Body), at: at, before: c.Before}
	r.same = c.Before != nil && c.Before.Digest == r.digest && w.has(c.Before.File)
	head := responseHead(c)
	kind, block, mime := gowarc.Response, slices.Concat(head, c.Body), mimeOf(c.Header)
	if r.same {
		kind, block, mime = gowarc.Revisit, head, mimeRevisit
	}
	build := func(kind gowarc.RecordType, block []byte, more ...string) (gowarc.WarcRecord, error) {
		b := gowarc.NewRecordBuilder(kind, gowarc.WithStrictValidation(), gowarc.WithSkipParseBlock(), gowarc.WithAddMissingDigest(true),
			gowarc.WithBufferMaxMemBytes(int64(len(block))+spare))
		b.AddWarcHeaderTime(gowarc.WarcDate, at)
		b.AddWarcHeader(gowarc.WarcTargetURI, c.URL)
		for i := 0; i < len(more); i += 2 {
			b.AddWarcHeader(more[i], more[i+1])
		}
		if _, err := b.Write(block); err != nil {
			return nil, err
		}
		built, _, err := b.Build()
		return built, err
	}
	fields := []string{gowarc.ContentType, "application/http; msgtype=response", gowarc.WarcPayloadDigest, r.digest}
	if r.same {
		fields = append(fields, gowarc.WarcProfile, gowarc.ProfileIdenticalPayloadDigestV1_1,
			gowarc.WarcRefersToTargetURI, c.Before.URL, gowarc.WarcRefersToDate, c.Before.At.UTC().Format(time.RFC3339Nano))
	}
	response, err := build(kind, block, fields...)
	if err != nil {
		return Record{}, fmt.Errorf("archive: make a record of %s: %w", c.URL, err)
	}
	defer func() { _ = response.Close() }() // memory alone
	request, err := build(gowarc.Request, requestHead(c), gowarc.ContentType, "application/http; msgtype=request",
		gowarc.WarcConcurrentTo, "<"+response.RecordId()+">")
	if err != nil {
		return Record{}, fmt.Errorf("archive: make a record of the request for %s: %w", c.URL, err)
	}
	defer func() { _ = request.Close() }()
	if r.data, r.response, err = w.compress(response, request); err != nil {
		return Record{}, fmt.Errorf("archive: make a record of %s: %w", c.URL, err)
	}
	r.line = lineOf(c.URL, at, mime, c.Status, r.digest)
	return r, nil
}

// spare is what a record's buffer may take beside its block, in bytes: it would go on in a temporary file.
const spare = 64 << 10

// Digest is a body's digest as a Place has it.
func Digest(body []byte) string {
	sum := sha256.Sum256(body)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// compress gives the records as a member each, and the length of the first.
func (w *Writer) compress(records ...gowarc.WarcRecord) (data []byte, first int, err error) {
	z := w.gzips.Get().(*gzip.Writer)
	defer w.gzips.Put(z)
	var buf bytes.Buffer
	for i, rec := range records {
		z.Reset(&buf)
		if _, _, err := gowarc.NewMarshaler().Marshal(z, rec, 0); err != nil {
			return nil, 0, err
		}
		if err := z.Close(); err != nil {
			return nil, 0, err
		}
		if i == 0 {
			first = buf.Len()
		}
	}
	return buf.Bytes(), first, nil
}

// responseHead is the status line and the header of an answer whose body is decoded. What came by HTTP/2 has none as bytes; it is
// written as other archives write it.
func responseHead(c Capture) []byte {
	h := c.Header.Clone()
	if h == nil {
		h = http.Header{}
	}
	for _, name := range encodings {
		if v, ok := h[name]; ok {
			h[originalPrefix+name] = v
			delete(h, name)
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(c.Body)))
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %03d %s\r\n", c.Status, http.StatusText(c.Status))
	_ = h.Write(&b) // to memory
	b.WriteString("\r\n")
	return b.Bytes()
}

func requestHead(c Capture) []byte {
	_, rest, _ := strings.Cut(c.URL, "://")
	host, path := rest, "/"
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		host, path = rest[:i], rest[i:]
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "GET %s HTTP/1.1\r\nHost: %s\r\n", path, host)
	_ = c.Request.Write(&b)
	b.WriteString("\r\n")
	return b.Bytes()
}

func mimeOf(h http.Header) string {
	mime, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return cmp.Or(strings.ToLower(strings.TrimSpace(mime)), "unk") // as CDX has it where nothing is said
}

// warcinfo is the first record of a file, compressed.
func (w *Writer) warcinfo(file string, at time.Time) ([]byte, error) {
	b := gowarc.NewRecordBuilder(gowarc.Warcinfo, gowarc.WithStrictValidation(), gowarc.WithAddMissingDigest(true))
	b.AddWarcHeaderTime(gowarc.WarcDate, at.UTC())
	b.AddWarcHeader(gowarc.WarcFilename, file)
	b.AddWarcHeader(gowarc.ContentType, gowarc.ApplicationWarcFields)
	if _, err := io.WriteString(b, "software: khabar\r\nformat: WARC File Format 1.1\r\n"); err != nil {
		return nil, err
	}
	info, _, err := b.Build()
	if err != nil {
		return nil, err
	}
	defer func() { _ = info.Close() }()
	data, _, err := w.compress(info)
	return data, err
}
