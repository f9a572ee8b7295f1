package fetch

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
)

const (
	// maxLayers is how many encodings on top of one another are undone: a compressed file, which the server compresses, and
	// a cache before it once more. Each layer is capped, so that a bomb inside of a bomb costs no more than three.
	maxLayers = 3
	// maxWindow is what a zstd frame may ask to be remembered of what it decoded: the most that RFC 9659 allows on the web.
	// Brotli's largest window is 16 MiB, by its format.
	maxWindow = 8 << 20
	// maxOverhead is how much longer than what it holds an encoded body may be: headers of the encoding, and of members.
	maxOverhead = 64 << 10
	// robotsWindows is how many robots.txt files may be read at a time whose decoder takes a window: 64 MiB together.
	robotsWindows = 4
)

// encodings are those of the Content-Encoding header that can be undone, the outermost first. What else is met there is
// mostly no encoding at all: a charset, "none", "binary", a step of the way from a store to its server ("aws-chunked"). Then
// strange is true, and the bytes have to look like text by themselves.
func encodings(h http.Header) (known []string, strange bool, err error) {
	for v := range strings.SplitSeq(strings.Join(h.Values("Content-Encoding"), ","), ",") {
		switch v = strings.ToLower(strings.TrimSpace(v)); v {
		case "", "identity", "none":
		case "gzip", "x-gzip":
			known = append(known, "gzip")
		case "deflate", "br", "zstd":
			known = append(known, v)
		default:
			strange = true
		}
	}
	if len(known) > maxLayers {
		return nil, strange, fmt.Errorf("%w: %d encodings in one another", ErrEncoding, len(known))
	}
	slices.Reverse(known)
	return known, strange, nil
}

// decode undoes what a body is encoded in: by its first bytes where the encoding has a mark, and else by the header, if the
// bytes agree. An encoding that is none is ignored, as in browsers; one that the header does not name is that of a file such
// as sitemap.xml.gz.
func (b *body) decode(known []string) (*bufio.Reader, error) {
	buf := b.buffer(wireReader{b})
	for layers := 0; layers < maxLayers; {
		start, err := buf.Peek(sniffLen)
		if len(start) == 0 && err != nil && err != io.EOF {
			return nil, err
		}
		name := marked(start)
		if len(known) > 0 {
			if name == "" && known[0] == "br" {
				if err := b.widen(); err != nil { // the look takes a window too
					return nil, err
				}
			}
			if name == "" && isEncoded(known[0], start) {
				name = known[0]
			}
			known = known[1:]
		}
		if name == "" {
			if len(known) == 0 {
				break
			}
			continue
		}
		if buf, err = b.layer(name, buf); err != nil {
			return nil, err
		}
		layers++
	}
	return buf, nil
}

// marked is the encoding that bytes begin with the mark of, "" for none.
func marked(start []byte) string {
	switch {
	case bytes.HasPrefix(start, []byte{0x1f, 0x8b}):
		return "gzip"
	case bytes.HasPrefix(start, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return "zstd"
	}
	return ""
}

// isEncoded says whether bytes can be the beginning of an encoding that has no mark.
func isEncoded(name string, start []byte) bool {
	var r io.Reader
	switch name {
	case "deflate":
		r, _ = inflate(bytes.NewReader(start), start)
	case "br":
		r = brotli.NewReader(bytes.NewReader(start))
	}
	if r == nil || len(start) == 0 {
		return false
	}
	n, err := r.Read(make([]byte, 1))
	return n > 0 || err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// layer undoes one encoding.
func (b *body) layer(name string, r *bufio.Reader) (*bufio.Reader, error) {
	var from io.Reader
	switch name {
	case "gzip":
		z := b.transport.gzips.Get().(*gzip.Reader)
		b.gzips = append(b.gzips, z)
		m := &members{z: z, r: r}
		if err := m.next(); err != nil {
			return nil, fmt.Errorf("gunzip: %w", err)
		}
		from = m
	case "deflate":
		start, _ := r.Peek(2)
		z, err := inflate(r, start)
		if err != nil {
			return nil, fmt.Errorf("inflate: %w", err)
		}
		from = z
	case "br":
		from = brotli.NewReader(r)
	case "zstd":
		if err := b.widen(); err != nil {
			return nil, err
		}
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, fmt.Errorf("zstd: %w", err)
		}
		b.zstds = append(b.zstds, z)
		from = z
	}
	return b.buffer(&cappedReader{r: from, left: b.ex.maxBody, cut: b.ex.robots}), nil
}

// members reads the members of a gzip file one after another, and ignores what stands behind the last: padding, the output
// of whatever made the file.
type members struct {
	z *gzip.Reader
	r *bufio.Reader
}

func (m *members) next() error {
	err := m.z.Reset(m.r)
	m.z.Multistream(false)
	return err
}

// Read implements io.Reader.
func (m *members) Read(p []byte) (int, error) {
	for {
		n, err := m.z.Read(p)
		if err != io.EOF {
			return n, err
		}
		if start, _ := m.r.Peek(2); marked(start) != "gzip" {
			return n, io.EOF
		}
		if err = m.next(); err != nil || n > 0 {
			return n, err
		}
	}
}

// inflate decodes "deflate", which is zlib by RFC 9110 and raw deflate by many servers.
func inflate(r io.Reader, start []byte) (io.Reader, error) {
	if len(start) >= 2 && start[0]&0x0f == 8 && (uint(start[0])<<8|uint(start[1]))%31 == 0 {
		return zlib.NewReader(r)
	}
	return flate.NewReader(r), nil
}

// widen waits, once, for the room of a large page, whatever the page's size, for a decoder that remembers megabytes of what
// it decoded. Who asks for gzip gets such encodings seldom. A robots.txt has no room to ask for, and takes one of a few
// places.
func (b *body) widen() error {
	switch {
	case b.ex.robots && !b.placed:
		select {
		case b.wide <- struct{}{}:
			b.placed = true
		case <-b.ex.ctx.Done():
			return context.Cause(b.ex.ctx)
		}
	case b.ex.room != nil:
		return b.await()
	}
	return nil
}
