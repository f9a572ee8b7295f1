package fetch

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
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

func br(body []byte) []byte {
	var b bytes.Buffer
	w := brotli.NewWriter(&b)
	_, _ = w.Write(body)
	_ = w.Close()
	return b.Bytes()
}

func zs(body []byte, options ...zstd.EOption) []byte {
	var b bytes.Buffer
	w, _ := zstd.NewWriter(&b, append(options, zstd.WithEncoderConcurrency(1))...)
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
	spaces := bytes.Repeat([]byte(" "), 2<<20)
	noise := deflate([]byte(strings.Join(strings.Fields(rand.Text()+strings.Repeat(rand.Text()+" ", 100)), rand.Text())))
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
		{name: "gzip with padding", page: encoded("text/html", "gzip", append(gz(doc), make([]byte, 512)...)), want: outcome.OK},
		{name: "gzip with a word behind it", page: encoded("text/html", "gzip", append(gz(doc), "ok\n"...)), want: outcome.OK},
		{name: "gzip of many members, some empty", page: encoded("text/html", "gzip", slices.Concat(gz(nil), gz(doc[:9]), bytes.Repeat(gz(nil), 500), gz(doc[9:]), gz(nil))), want: outcome.OK},
		{name: "deflate as zlib", page: encoded("text/html", "deflate", zl(doc)), want: outcome.OK},
		{name: "deflate, raw", page: encoded("text/html", "deflate", deflate(doc)), want: outcome.OK},
		{name: "gzip that is none", page: encoded("text/html", "gzip", doc), want: outcome.OK},
		{name: "gzip file", page: encoded("application/gzip", "", gz(doc)), want: outcome.OK},
		{name: "gzip file without a type", page: encoded("application/octet-stream", "", gz(doc)), want: outcome.OK},
		{name: "gzip file, encoded once more", page: encoded("application/x-gzip", "gzip", gz(gz(doc))), want: outcome.OK},
		{name: "gzip file that is binary", page: encoded("application/gzip", "", gz([]byte("\x00\x01\x02"))), want: outcome.NotText, err: ErrNotText},
		{name: "gzip three times", page: encoded("application/gzip", "gzip", gz(gz(gz(doc)))), want: outcome.OK},
		{name: "gzip four times", page: encoded("application/gzip", "gzip", gz(gz(gz(gz(doc))))), want: outcome.NotText, err: ErrNotText},
		{name: "nested encodings", page: encoded("text/html", "gzip, gzip", gz(gz(doc))), want: outcome.OK},
		{name: "nested encodings, undone once", page: encoded("text/html", "gzip, gzip", gz(doc)), want: outcome.OK},
		{name: "mixed encodings", page: encoded("text/html", "deflate, gzip", gz(zl(doc))), want: outcome.OK},
		{name: "deflate in brotli in zstd", page: encoded("text/html", "deflate, br, zstd", zs(br(deflate(doc)))), want: outcome.OK},
		{name: "too many encodings", page: encoded("text/html", "gzip, gzip, gzip, gzip", gz(doc)), want: outcome.Failed, err: ErrEncoding},
		{name: "brotli", page: encoded("text/html", "br", br(doc)), want: outcome.OK},
		{name: "brotli that is none", page: encoded("text/html", "br", doc), want: outcome.OK},
		{name: "brotli cut short", page: encoded("text/html", "br", br(doc)[:20]), want: outcome.Retry, err: io.ErrUnexpectedEOF},
		{name: "gzip file in brotli", page: encoded("application/gzip", "br", br(gz(doc))), want: outcome.OK},
		{name: "zstd", page: encoded("text/html", "zstd", zs(doc)), want: outcome.OK},
		{name: "zstd without a word of it", page: encoded("text/html", "", zs(doc)), want: outcome.OK},
		{name: "zstd that is none", page: encoded("text/html", "zstd", doc), want: outcome.OK},
		{name: "zstd cut short", page: encoded("text/html", "zstd", zs(doc)[:30]), want: outcome.Retry},
		{name: "deflate that is none", page: encoded("text/html", "deflate", doc), want: outcome.OK},
		{name: "a charset for an encoding", page: encoded("text/html", "UTF-8", doc), want: outcome.OK},
		{name: "an encoding of a store", page: encoded("text/html", "aws-chunked", doc), want: outcome.OK},
		{name: "an encoding of a store, and gzip", page: encoded("text/html", "aws-chunked, gzip", gz(doc)), want: outcome.OK},
		{name: "an encoding that nobody knows", page: encoded("text/html", "exi", noise), want: outcome.NotText, err: ErrNotText},
		{name: "gzip cut short", page: encoded("text/html", "gzip", gz(doc)[:60]), want: outcome.Retry, err: io.ErrUnexpectedEOF},
		{name: "gzip damaged", page: encoded("text/html", "gzip", append(gz(doc)[:20], 0xff, 0xff, 0xff, 0xff, 0xff)), want: outcome.Retry},
		{name: "gzip bomb", page: encoded("text/html", "gzip", gz(spaces)), want: outcome.TooLarge, err: ErrTooLarge},
		{name: "deflate bomb", page: encoded("text/html", "deflate", deflate(spaces)), want: outcome.TooLarge, err: ErrTooLarge},
		{name: "bomb in a file", page: encoded("application/gzip", "gzip", gz(gz(spaces))), want: outcome.TooLarge, err: ErrTooLarge},
		{name: "bomb of members that are empty", page: encoded("application/gzip", "gzip", gz(bytes.Repeat(gz(nil), 100_000))), want: outcome.TooLarge, err: ErrTooLarge},
		{name: "brotli bomb", page: encoded("text/html", "br", br(spaces)), want: outcome.TooLarge, err: ErrTooLarge},
		{name: "zstd bomb", page: encoded("text/html", "zstd", zs(spaces)), want: outcome.TooLarge, err: ErrTooLarge},
		{name: "bomb in brotli in zstd", page: encoded("text/html", "gzip, br, zstd", zs(br(gz(spaces)))), want: outcome.TooLarge, err: ErrTooLarge},
		{name: "bomb in a bomb", page: encoded("text/html", "gzip, br", br(bytes.Repeat(gz(spaces), 50))), want: outcome.TooLarge, err: ErrTooLarge},
		{name: "window of zstd beyond the web's", page: encoded("text/html", "zstd", []byte("\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00")), want: outcome.TooLarge, err: zstd.ErrWindowSizeExceeded},
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

// TestLargeSitemap: the protocol's bound of 50 MB is one of sitemaps that are not compressed, and they are sent so.
func TestLargeSitemap(t *testing.T) {
	const size = 50_000_000
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		w.Header().Set("Content-Length", itoa(size))
		entry := bytes.Repeat([]byte("<url/>\n   "), 100_000)
		for sent := 0; sent < size; sent += len(entry) {
			if _, err := w.Write(entry); err != nil {
				return
			}
		}
	})
	if r := newClient(t).Fetch(t.Context(), Request{URL: s.URL}); r.Outcome != outcome.OK || len(r.Body) != size {
		t.Errorf("%s, %d bytes: %v", r.Outcome, len(r.Body), r.Err)
	}
}

// TestBinaryIsNotRead: no more of a body than its beginning is downloaded where that is no text, whatever its type.
func TestBinaryIsNotRead(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.URL.Query().Get("type"))
		_, _ = w.Write(append([]byte("\x00\x00\x00\x18ftypmp42"), make([]byte, sniffLen)...))
		w.(http.Flusher).Flush()
		<-r.Context().Done() // until the crawler hangs up
	})
	for _, sent := range []string{"video/mp4", "text/html", "application/rss+xml"} {
		r := newClient(t).Fetch(t.Context(), Request{URL: s.URL + "/?type=" + url.QueryEscape(sent)})
		if r.Outcome != outcome.NotText || r.Bytes > 4<<10 {
			t.Errorf("%s: %s, %d bytes: %v", sent, r.Outcome, r.Bytes, r.Err)
		}
	}
}

// TestJudgedByTheBytes: what a feed, a sitemap or a page is sent as does not matter, but styles and scripts are none.
func TestJudgedByTheBytes(t *testing.T) {
	feed, page := "\ufeff\n<?xml version='1.0'?><rss/>", "<p>page"
	utf16 := string([]byte{0xff, 0xfe, '<', 0, 'r', 0, 's', 0, 's', 0, '/', 0, '>', 0})
	for _, tc := range []struct {
		contentType, body string
		want              outcome.Outcome
	}{
		{"application/pdf", feed, outcome.OK}, {"image/xml", feed, outcome.OK}, {"application/javascript", `{"version":"x"}`, outcome.OK},
		{"application/x-netcdf", feed, outcome.OK}, {"application/vnd.rss", feed, outcome.OK}, {"content-type", feed, outcome.OK},
		{"video/mp4", page, outcome.OK}, {"application/x-tar", string(gz([]byte(feed))), outcome.OK}, {"application/zip", "https://x.example/1\n", outcome.OK},
		{"application/pdf", utf16, outcome.OK}, {"image/svg", "PK\x03\x04<p>", outcome.NotText}, {"application/x-tar", string(gz(append([]byte("a.xml"), make([]byte, 600)...))), outcome.NotText},
		{"text/css", "a{}", outcome.NotText}, {"text/javascript", "let a", outcome.NotText}, {"text/calendar", "BEGIN:VCALENDAR", outcome.NotText},
		{"application/pdf", "<" + strings.Repeat("\x00\x01", 300), outcome.NotText},
	} {
		s := serve(t, typed(tc.contentType, tc.body))
		if r := newClient(t).Fetch(t.Context(), Request{URL: s.URL}); r.Outcome != tc.want {
			t.Errorf("%s, %.20q: %s, want %s: %v", tc.contentType, tc.body, r.Outcome, tc.want, r.Err)
		}
	}
}

func FuzzBody(f *testing.F) {
	f.Add("text/html", "gzip", gz([]byte("<p>x")))
	f.Add("application/gzip", "gzip", gz(gz([]byte("<p>x"))))
	f.Add("text/xml", "deflate", zl([]byte("<x/>")))
	f.Add("text/xml", "deflate", deflate([]byte("<x/>")))
	f.Add("", "identity, gzip", []byte{0x1f, 0x8b})
	f.Add("text/xml", "br", br([]byte("<x/>")))
	f.Add("text/xml", "gzip, zstd, br", br(zs(gz([]byte("<x/>")))))
	f.Add("application/pdf", "aws-chunked, zstd", zs([]byte("<x/>")))
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
		{"short, with a decoder that remembers much", encoded("text/html", "br", br([]byte("<p>short"))), 1000, 0, nil, outcome.OK, 1},
		{"short, twice", encoded("text/html", "zstd, br", br(zs([]byte("<p>short")))), 1000, 0, nil, outcome.OK, 1},
		{"no room for a decoder", encoded("text/html", "zstd", zs([]byte("<p>short"))), 1000, 0, enough, outcome.Canceled, 1},
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
