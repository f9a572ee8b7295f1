package fetch

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

func gz(body []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(body)
	_ = w.Close()
	return b.Bytes()
}

func zl(body []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, _ = w.Write(body)
	_ = w.Close()
	return b.Bytes()
}

func deflate(body []byte) []byte {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	_, _ = w.Write(body)
	_ = w.Close()
	return b.Bytes()
}

// encoded is a handler that sends a body with a type and content encodings.
func encoded(contentType, encoding string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		if encoding != "" {
			w.Header().Set("Content-Encoding", encoding)
		}
		_, _ = w.Write(body)
	}
}

func TestEncodings(t *testing.T) {
	doc := []byte("<!doctype html>" + strings.Repeat("<p>نص طويل", 1000))
	bomb := gz(make([]byte, 4<<20))
	spaces := bytes.Repeat([]byte(" "), 4<<20)
	for _, tc := range []struct {
		name string
		page http.HandlerFunc
		want outcome.Outcome
		err  error
	}{
		{name: "none", page: encoded("text/html", "", doc), want: outcome.OK},
		{name: "identity", page: encoded("text/html", "identity", doc), want: outcome.OK},
		{name: "gzip", page: encoded("text/html", "gzip", gz(doc)), want: outcome.OK},
		{name: "x-gzip", page: encoded("text/html", "X-GZIP", gz(doc)), want: outcome.OK},
		{name: "gzip in two members", page: encoded("text/html", "gzip", append(gz(doc[:100]), gz(doc[100:])...)), want: outcome.OK},
		{name: "deflate as zlib", page: encoded("text/html", "deflate", zl(doc)), want: outcome.OK},
		{name: "deflate, raw", page: encoded("text/html", "deflate", deflate(doc)), want: outcome.OK},
		{name: "gzip that is none", page: encoded("text/html", "gzip", doc), want: outcome.OK},
		{name: "gzip file", page: encoded("application/gzip", "", gz(doc)), want: outcome.OK},
		{name: "gzip file without a type", page: encoded("application/octet-stream", "", gz(doc)), want: outcome.OK},
		{name: "gzip file, encoded once more", page: encoded("application/x-gzip", "gzip", gz(gz(doc))), want: outcome.OK},
		{name: "gzip file that is binary", page: encoded("application/gzip", "", gz([]byte("\x00\x01\x02"))), want: outcome.NotText, err: ErrNotText},
		{name: "gzip three times", page: encoded("application/gzip", "gzip", gz(gz(gz(doc)))), want: outcome.NotText, err: ErrNotText},
		{name: "nested encodings", page: encoded("text/html", "gzip, gzip", gz(gz(doc))), want: outcome.Failed, err: ErrEncoding},
		{name: "mixed encodings", page: encoded("text/html", "deflate, gzip", gz(zl(doc))), want: outcome.Failed, err: ErrEncoding},
		{name: "brotli, which was not asked for", page: encoded("text/html", "br", []byte{0x0b, 0x02, 0x80}), want: outcome.Failed, err: ErrEncoding},
		{name: "gzip cut short", page: encoded("text/html", "gzip", gz(doc)[:60]), want: outcome.Retry, err: io.ErrUnexpectedEOF},
		{name: "gzip damaged", page: encoded("text/html", "gzip", append(gz(doc)[:20], 0xff, 0xff, 0xff, 0xff, 0xff)), want: outcome.Retry},
		{name: "gzip bomb", page: encoded("text/html", "gzip", gz(spaces)), want: outcome.TooLarge, err: ErrTooLarge},
		{name: "deflate bomb", page: encoded("text/html", "deflate", deflate(spaces)), want: outcome.TooLarge, err: ErrTooLarge},
		{name: "bomb in a file", page: encoded("application/gzip", "gzip", gz(gz(spaces))), want: outcome.TooLarge, err: ErrTooLarge},
		{name: "bomb of members that are empty", page: encoded("application/gzip", "gzip", gz(bytes.Repeat(gz(nil), 100_000))), want: outcome.TooLarge, err: ErrTooLarge},
		{name: "binary bomb", page: encoded("text/html", "gzip", bomb), want: outcome.TooLarge, err: ErrTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, tc.page)
			c := newClient(t, func(c *Config) { c.MaxBody = 1 << 20 })
			for range 2 { // the second time with decoders that were used before
				r := c.Fetch(t.Context(), Request{URL: s.URL + "/sitemap.xml.gz"})
				if r.Outcome != tc.want || tc.err != nil && !errors.Is(r.Err, tc.err) {
					t.Fatalf("%s: %v; want %s", r.Outcome, r.Err, tc.want)
				}
				if r.Outcome == outcome.OK && !bytes.Equal(r.Body, doc) {
					t.Errorf("another body: %d bytes, %.40q", len(r.Body), r.Body)
				}
			}
		})
	}
}

// TestRawCharset: the bytes arrive as they were sent, and so does the header that names their charset.
func TestRawCharset(t *testing.T) {
	body, err := charmap.Windows1256.NewEncoder().Bytes([]byte("<p>بغداد/ المسلة: نص الخبر</p>"))
	if err != nil {
		t.Fatal(err)
	}
	for _, contentType := range []string{"text/html; charset=windows-1256", "text/html; charset=nonsense", "text/html", "TEXT/HTML;CHARSET=ISO-8859-6"} {
		s := serve(t, typed(contentType, string(body)))
		r := newClient(t).Fetch(t.Context(), Request{URL: s.URL})
		if r.Outcome != outcome.OK || !bytes.Equal(r.Body, body) || r.ContentType != contentType {
			t.Errorf("%s: %s, %q as %q: %v", contentType, r.Outcome, r.Body, r.ContentType, r.Err)
		}
	}
}

// TestBodyCaps: a body may be as long as its cap and no longer, and what is longer is not read to its end.
func TestBodyCaps(t *testing.T) {
	const limit = 1 << 20
	for _, tc := range []struct {
		name    string
		size    int
		chunked bool
		want    outcome.Outcome
	}{
		{"at the cap", limit, false, outcome.OK},
		{"at the cap, chunked", limit, true, outcome.OK},
		{"over the cap", limit + 1, false, outcome.TooLarge},
		{"over the cap, chunked", limit + 1, true, outcome.TooLarge},
		{"100 MB", 100 << 20, false, outcome.TooLarge},
		{"100 MB, chunked", 100 << 20, true, outcome.TooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sent := make(chan int, 1)
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				if tc.chunked {
					w.(http.Flusher).Flush()
				} else {
					w.Header().Set("Content-Length", itoa(tc.size))
				}
				n, chunk := 0, bytes.Repeat([]byte("x"), 64<<10)
				for n < tc.size {
					m, err := w.Write(chunk[:min(len(chunk), tc.size-n)])
					n += m
					if err != nil {
						break
					}
				}
				sent <- n
			})
			r := newClient(t, func(c *Config) { c.MaxWire, c.MaxBody = limit, limit }).Fetch(t.Context(), Request{URL: s.URL})
			if r.Outcome != tc.want || (tc.want == outcome.OK) != (len(r.Body) == tc.size) {
				t.Fatalf("%s with %d bytes: %v", r.Outcome, len(r.Body), r.Err)
			}
			if n := <-sent; tc.size > 10*limit && n > 32<<20 {
				t.Errorf("the site got rid of %d bytes", n)
			}
			if r.Bytes > limit+64<<10 {
				t.Errorf("%d bytes read", r.Bytes)
			}
		})
	}
}

// TestBinaryIsNotRead: a body of a foreign type is not downloaded.
func TestBinaryIsNotRead(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "video/mp4")
		w.(http.Flusher).Flush()
		<-r.Context().Done() // until the crawler hangs up
	})
	if r := newClient(t).Fetch(t.Context(), Request{URL: s.URL}); r.Outcome != outcome.NotText || r.Bytes != 0 {
		t.Errorf("%s, %d bytes: %v", r.Outcome, r.Bytes, r.Err)
	}
}

func FuzzBody(f *testing.F) {
	f.Add("text/html", "gzip", gz([]byte("<p>x")))
	f.Add("application/gzip", "gzip", gz(gz([]byte("<p>x"))))
	f.Add("text/xml", "deflate", zl([]byte("<x/>")))
	f.Add("text/xml", "deflate", deflate([]byte("<x/>")))
	f.Add("", "identity, gzip", []byte{0x1f, 0x8b})
	c := newClient(f, func(c *Config) { c.MaxBody = 64 << 10 })
	f.Fuzz(func(t *testing.T, contentType, encoding string, data []byte) {
		ex := &exchange{maxWire: 1 << 20, maxBody: c.cfg.MaxBody, cancel: func(error) {}}
		res := &http.Response{
			Header: http.Header{"Content-Type": {contentType}, "Content-Encoding": {encoding}},
			Body:   io.NopCloser(bytes.NewReader(data)), ContentLength: -1,
		}
		b := &body{transport: c.transport, res: res, ex: ex, stop: func() {}}
		defer func() {
			_ = b.Close()
			if _, err := b.Read(make([]byte, 1)); err == nil {
				t.Error("a closed body is read")
			}
		}()
		if b.open() != nil {
			return
		}
		if got, err := io.ReadAll(b); err == nil && int64(len(got)) > max(ex.maxBody, int64(len(data))) {
			t.Errorf("%d bytes out of %d", len(got), len(data))
		}
	})
}

// TestRoom: a page that turns out to be long waits for room, once, and no other does.
func TestRoom(t *testing.T) {
	long := strings.Repeat("<p>long", 20_000)
	enough := errors.New("no room")
	for _, tc := range []struct {
		name    string
		page    http.HandlerFunc
		free    int64
		maxBody int64
		err     error // of Room
		want    outcome.Outcome
		asked   int
	}{
		{"short", html("<p>short"), 1000, 0, enough, outcome.OK, 0},
		{"as long as is free", html(long), int64(len(long)), 0, enough, outcome.OK, 0},
		{"long", html(long), 1000, 0, nil, outcome.OK, 1},
		{"long, compressed", encoded("text/html", "gzip", gz([]byte(long))), 1000, 0, nil, outcome.OK, 1},
		{"no room", html(long), 1000, 0, enough, outcome.Canceled, 1},
		{"longer than its kind may be", html(long), 1 << 20, 1000, nil, outcome.TooLarge, 0},
		{"longer, compressed", encoded("text/html", "gzip", gz([]byte(long))), 1 << 20, 1000, nil, outcome.TooLarge, 0},
		{"as long as its kind may be", html(long), 1 << 20, int64(len(long)), nil, outcome.OK, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, asked := serve(t, tc.page), 0
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			r := newClient(t).Fetch(ctx, Request{URL: s.URL, Free: tc.free, MaxBody: tc.maxBody, Room: func(context.Context) error {
				asked++
				if tc.err != nil {
					cancel(tc.err) // as whoever gives the room up does
				}
				return tc.err
			}})
			if r.Outcome != tc.want || asked != tc.asked || tc.want == outcome.OK && len(r.Body) == 0 {
				t.Errorf("%s (%v), asked %d times", r.Outcome, r.Err, asked)
			}
		})
	}
}
