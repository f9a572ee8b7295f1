package archive

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/gzip"
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

// identicalPayload is the profile of revisit records (WARC 1.1, section 6.7.2).
const identicalPayload = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"

// Pack makes a Record: the response, or a revisit record where the body is that of Before, and the request. Its errors are that
// something cannot be written to memory.
func (w *Writer) Pack(c Capture) (Record, error) {
	at := c.At.UTC()
	r := Record{digest: Digest(c.Body), at: at, before: c.Before}
	r.same = c.Before != nil && c.Before.Digest == r.digest && w.has(c.Before.File)
	kind, body, mime := "response", c.Body, mimeOf(c.Header)
	fields := []field{{"Content-Type", "application/http; msgtype=response"}, {"WARC-Payload-Digest", r.digest}}
	if r.same {
		kind, body, mime = "revisit", nil, mimeRevisit
		fields = append(fields, field{"WARC-Profile", identicalPayload}, field{"WARC-Refers-To-Target-URI", c.Before.URL},
			field{"WARC-Refers-To-Date", c.Before.At.UTC().Format(time.RFC3339Nano)})
	}
	id := recordID()
	z := w.gzips.Get().(*gzip.Writer)
	defer w.gzips.Put(z)
	var buf bytes.Buffer
	err := member(z, &buf, kind, id, c.URL, at, fields, responseHead(c), body)
	r.response = buf.Len()
	if err == nil {
		err = member(z, &buf, "request", recordID(), c.URL, at,
			[]field{{"Content-Type", "application/http; msgtype=request"}, {"WARC-Concurrent-To", id}}, requestHead(c), nil)
	}
	if err != nil {
		return Record{}, fmt.Errorf("archive: make a record of %s: %w", c.URL, err)
	}
	r.data = buf.Bytes()
	r.line = lineOf(c.URL, at, mime, c.Status, r.digest)
	return r, nil
}

// Digest is a body's digest as a Place has it.
func Digest(body []byte) string { return digest(body) }

func digest(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write(p)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// field is a line of a record's header.
type field struct{ name, value string }

func recordID() string { return "<urn:uuid:" + uuid.NewString() + ">" }

// oneLine keeps what a site sent from ending a line of a record's header.
func oneLine(value string) string {
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' {
			return ' '
		}
		return r
	}, value)
}

// member appends a record, compressed by itself, whose block has two parts: a header and a body. url is empty where the record is of
// none.
func member(z *gzip.Writer, to *bytes.Buffer, kind, id, url string, at time.Time, fields []field, head, body []byte) error {
	z.Reset(to)
	all := []field{{"WARC-Type", kind}, {"WARC-Record-ID", id}, {"WARC-Date", at.UTC().Format(time.RFC3339Nano)}}
	if url != "" {
		all = append(all, field{"WARC-Target-URI", url})
	}
	all = append(all, fields...)
	all = append(all, field{"WARC-Block-Digest", digest(head, body)}, field{"Content-Length", strconv.Itoa(len(head) + len(body))})
	var b bytes.Buffer
	b.WriteString("WARC/1.1\r\n")
	for _, f := range all {
		b.WriteString(f.name + ": " + oneLine(f.value) + "\r\n")
	}
	b.WriteString("\r\n")
	for _, part := range [][]byte{b.Bytes(), head, body, []byte("\r\n\r\n")} {
		if _, err := z.Write(part); err != nil {
			return err
		}
	}
	return z.Close()
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
	z := w.gzips.Get().(*gzip.Writer)
	defer w.gzips.Put(z)
	var buf bytes.Buffer
	err := member(z, &buf, "warcinfo", recordID(), "", at, []field{{"WARC-Filename", file}, {"Content-Type", "application/warc-fields"}},
		[]byte("software: khabar\r\nformat: WARC File Format 1.1\r\n"), nil)
	return buf.Bytes(), err
}
