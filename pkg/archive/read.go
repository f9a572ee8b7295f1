package archive

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httputil"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// The bounds of what is read of a record, in bytes.
const (
	// MaxBlock bounds a record's block: more than the longest page that is ever fetched (sitemaps, of 50 MB) with its header.
	MaxBlock = 64 << 20
	// maxHead bounds a record's header, and that of the HTTP answer in it: servers and clients allow 8 to 32 KB.
	maxHead = 64 << 10
	// maxSkip bounds what is decompressed to get behind a record that is too large: archives hold films.
	maxSkip = 8 << 30
)

// Entry is one record.
type Entry struct {
	Offset int64       // of its first byte in the file; where several records are compressed together, that of their first
	Length int64       // in the file, in bytes
	Type   string      // response, request, revisit, warcinfo, …
	URL    string      // WARC-Target-URI
	At     time.Time   // WARC-Date; zero where there is none
	Fields http.Header // the record's own
	Block  []byte      // the content, as it stands there
}

// Reader reads the records of a WARC file, compressed or not, one after another. It holds one record at a time.
type Reader struct {
	in      *counter
	file    *bufio.Reader
	gz      *gzip.Reader
	records *bufio.Reader // the file, or the member that is read
	member  int64         // where that begins
	lost    bool          // the next record is to be looked for
	trial   gzip.Reader
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// NewReader reads records from r, which is at the beginning of one, or of a gzip member that begins with one.
func NewReader(r io.Reader) *Reader {
	in := &counter{r: r}
	return &Reader{in: in, file: bufio.NewReaderSize(in, maxHead)}
}

func (r *Reader) at() int64 { return r.in.n - int64(r.file.Buffered()) }

// gzipMagic begins a gzip member that is deflated (RFC 1952, section 2.3.1), version the header of a record.
var (
	gzipMagic = []byte{0x1f, 0x8b, 8}
	version   = []byte("WARC/")
)

// Next gives the next record, or io.EOF. An error that wraps ErrDamaged or ErrTooLarge is about one record: Next goes on behind
// it. Any other is that of reading the file.
func (r *Reader) Next() (*Entry, error) {
	start, err := r.begin()
	if err != nil {
		return nil, err
	}
	e, err := r.record()
	if err == nil || errors.Is(err, ErrTooLarge) {
		if end := r.end(); end != nil {
			err = end
		}
	}
	if err != nil {
		r.lost = !errors.Is(err, ErrTooLarge)
		return nil, fmt.Errorf("record at %d: %w", start, err)
	}
	e.Offset, e.Length = start, r.at()-start
	return e, nil
}

// begin gets to the first byte of a record, and gives its offset in the file.
func (r *Reader) begin() (int64, error) {
	if r.records != nil && r.records != r.file && !r.lost {
		if _, err := r.records.Peek(1); err == nil { // another one in the same member
			return r.member, nil
		}
	}
	r.records = nil
	for {
		if r.lost {
			if err := r.seek(); err != nil {
				return 0, err
			}
		}
		start := r.at()
		head, err := r.file.Peek(len(version))
		switch {
		case len(head) == 0 && err != nil:
			return 0, err
		case bytes.Equal(head, version):
			r.records, r.lost = r.file, false
			return start, nil
		case bytes.HasPrefix(head, gzipMagic) && r.isMember():
			r.lost = false
			return start, r.open(start)
		}
		if !r.lost {
			r.lost = true
			return 0, fmt.Errorf("%w at %d: no record begins there", ErrDamaged, start)
		}
		if _, err := r.file.Discard(1); err != nil {
			return 0, err
		}
	}
}

// open begins a member.
func (r *Reader) open(start int64) (err error) {
	if r.gz == nil {
		r.gz, err = gzip.NewReader(r.file)
	} else {
		err = r.gz.Reset(r.file)
	}
	if err != nil {
		return err // isMember has read it
	}
	r.gz.Multistream(false)
	r.records, r.member = bufio.NewReaderSize(&limited{r: r.gz, left: maxSkip}, maxHead), start
	return nil
}

// limited ends what a bomb decompresses to.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("%w: it decompresses to more than %d bytes", ErrTooLarge, int64(maxSkip))
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}

// seek gets to what may be the beginning of a record.
func (r *Reader) seek() error {
	for {
		b, err := r.file.Peek(len(version))
		if len(b) < len(gzipMagic) {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.EOF
			}
			return err
		}
		if bytes.Equal(b, version) || bytes.HasPrefix(b, gzipMagic) && r.isMember() {
			return nil
		}
		if _, err := r.file.Discard(1); err != nil {
			return err
		}
	}
}

// Likely is how much of what looks like a member is tried, in bytes: its own header, which may name a file, and the beginning of what
// is in it.
const Likely = 1 << 10

// IsWARC says whether a file that begins so is a WARC file, compressed or not: Likely bytes are enough.
func IsWARC(head []byte) bool {
	return bytes.HasPrefix(head, version) || bytes.HasPrefix(head, gzipMagic) && isMember(new(gzip.Reader), head)
}

// isMember says whether a member with a record begins here. What looks like one may stand in the middle of another.
func (r *Reader) isMember() bool {
	head, _ := r.file.Peek(Likely)
	return isMember(&r.trial, head)
}

func isMember(z *gzip.Reader, head []byte) bool {
	if z.Reset(bytes.NewReader(head)) != nil {
		return false
	}
	var text [len("WARC/")]byte
	_, err := io.ReadFull(z, text[:])
	return err == nil && bytes.Equal(text[:], version)
}

func (r *Reader) record() (*Entry, error) {
	lines, err := readHead(r.records)
	if err != nil {
		return nil, err
	}
	fields := fieldsOf(lines)
	e := &Entry{Type: strings.ToLower(fields.Get("WARC-Type")), URL: trimURI(fields.Get("WARC-Target-URI")), Fields: fields}
	if at, err := time.Parse(time.RFC3339, fields.Get("WARC-Date")); err == nil {
		e.At = at.UTC()
	}
	length, err := strconv.ParseInt(fields.Get("Content-Length"), 10, 64)
	switch {
	case err != nil || length < 0:
		return nil, fmt.Errorf("%w: Content-Length %.40q", ErrDamaged, fields.Get("Content-Length"))
	case length > MaxBlock:
		if _, err := io.CopyN(io.Discard, r.records, length); err != nil {
			return nil, fmt.Errorf("%w: Content-Length %d: %w", ErrDamaged, length, err)
		}
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, length)
	}
	e.Block, err = io.ReadAll(io.LimitReader(r.records, length)) // which grows with what is there, not with what is said
	if err == nil && int64(len(e.Block)) < length {
		err = fmt.Errorf("%d of %d bytes are there", len(e.Block), length)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return e, nil
}

// end reads what ends a record: two empty lines, and where it was compressed by itself the checksum.
func (r *Reader) end() error {
	mark, err := r.records.Peek(4)
	if !bytes.Equal(mark, []byte("\r\n\r\n")) {
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		return fmt.Errorf("%w: it does not end where its Content-Length says", ErrDamaged)
	}
	if _, err := r.records.Discard(4); err != nil || r.records == r.file {
		return err
	}
	if next, err := r.records.Peek(1); len(next) == 0 && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// readHead reads lines to the first empty one.
func readHead(r *bufio.Reader) (lines []string, err error) {
	for size := 0; ; {
		text, err := r.ReadSlice('\n')
		if size += len(text); err != nil || size > maxHead {
			if err == nil || errors.Is(err, bufio.ErrBufferFull) {
				err = fmt.Errorf("a header of more than %d bytes", maxHead)
			}
			return lines, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		if text = bytes.TrimRight(text, "\r\n"); len(text) == 0 {
			return lines, nil
		}
		lines = append(lines, string(text))
	}
}

// fieldsOf reads header fields behind a first line. What is none is left out: servers send all kinds of lines.
func fieldsOf(lines []string) http.Header {
	h := http.Header{}
	last := ""
	for i, text := range lines {
		name, value, ok := strings.Cut(text, ":")
		switch {
		case i == 0:
		case (text[0] == ' ' || text[0] == '\t') && last != "":
			values := h[last]
			values[len(values)-1] += " " + strings.TrimSpace(text)
		case ok && name != "" && !strings.ContainsAny(name, " \t"):
			last = textproto.CanonicalMIMEHeaderKey(name)
			h[last] = append(h[last], strings.TrimSpace(value))
		}
	}
	return h
}

// trimURI takes off the angle brackets that WARC 1.0 had around an address.
func trimURI(s string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(s), "<"), ">")
}

// Response is the HTTP answer of a response record: its status, its header and its body, without the transfer encoding, as it came
// over the wire. An error wraps ErrDamaged; ok is false where the record holds no such answer.
func (e *Entry) Response() (status int, header http.Header, body []byte, ok bool, err error) {
	if e.Type != "response" {
		return 0, nil, nil, false, nil
	}
	return e.answer()
}

// answer is also that of a revisit record, which has no body.
func (e *Entry) answer() (status int, header http.Header, body []byte, ok bool, err error) {
	if e.Type != "response" && e.Type != "revisit" || !strings.HasPrefix(strings.ToLower(e.Fields.Get("Content-Type")), "application/http") {
		return 0, nil, nil, false, nil
	}
	r := bufio.NewReaderSize(bytes.NewReader(e.Block), maxHead)
	lines, err := readHead(r)
	if err != nil || len(lines) == 0 {
		return 0, nil, nil, true, cmp.Or(err, fmt.Errorf("%w: no status line", ErrDamaged))
	}
	proto, rest, _ := strings.Cut(lines[0], " ")
	code, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	status, err = strconv.Atoi(code)
	if err != nil || !strings.HasPrefix(proto, "HTTP/") || status < 100 || status > 999 {
		return 0, nil, nil, true, fmt.Errorf("%w: status line %.60q", ErrDamaged, lines[0])
	}
	header = fieldsOf(lines)
	if body, err = io.ReadAll(r); err != nil {
		return 0, nil, nil, true, err
	}
	if strings.EqualFold(header.Get("Transfer-Encoding"), "chunked") {
		// Some archives take the chunks out and leave the field.
		if whole, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(body))); err == nil {
			body = whole
		}
	}
	header.Del("Transfer-Encoding")
	header.Set("Content-Length", strconv.Itoa(len(body))) // the record's length is true, and what servers say often is not
	return status, header, body, true, nil
}

// Shelf reads the records of a directory by their places. It is safe for concurrent use.
type Shelf struct {
	dir  string
	gone map[string]bool
}

// OpenShelf opens a directory for reading. What is forgotten later is read from it all the same.
func OpenShelf(dir string) (*Shelf, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	gone, err := forgotten(dir)
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return &Shelf{dir: dir, gone: gone}, nil
}

// Read gives the record at a place: its body, decoded, and its header as sent. The error wraps ErrNoRecord where there is none, or it
// was forgotten.
func (s *Shelf) Read(p Place) (body []byte, header http.Header, err error) {
	if body, header, err = s.read(p); err != nil {
		return nil, nil, fmt.Errorf("archive: read %s at %d: %w", p.File, p.Offset, err)
	}
	return body, header, nil
}

func (s *Shelf) read(p Place) ([]byte, http.Header, error) {
	if p.File != filepath.Base(p.File) || p.Offset < 0 || s.gone[pageOf(p.URL)] {
		return nil, nil, ErrNoRecord
	}
	f, err := openFile(s.dir, p.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%w: the file is not there", ErrNoRecord)
	}
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = f.Close() }()
	if _, err := f.Seek(p.Offset, io.SeekStart); err != nil {
		return nil, nil, err
	}
	e, err := NewReader(f).Next()
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrNoRecord, err)
	}
	_, header, body, ok, err := e.Response()
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("%w: %w", ErrNoRecord, err)
	case !ok || e.URL != p.URL || Digest(body) != p.Digest:
		return nil, nil, fmt.Errorf("%w: another one is there", ErrNoRecord)
	}
	return body, header, nil
}

// openFile opens a WARC file of the directory, whether or not it is still written to.
func openFile(dir, file string) (*os.File, error) {
	f, err := os.Open(filepath.Join(dir, file))
	if errors.Is(err, fs.ErrNotExist) {
		if f, err = os.Open(filepath.Join(dir, file+endOpen)); errors.Is(err, fs.ErrNotExist) {
			f, err = os.Open(filepath.Join(dir, file)) // closed meanwhile
		}
	}
	return f, err
}
