package fetch

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"
)

const (
	// maxDrain is how much of a body that nobody wants is read to keep its connection: one round trip's worth. Beyond
	// it, a new connection is cheaper.
	maxDrain = 16 << 10
	// tlsSessions is how many hosts' TLS sessions are kept for resumption, which saves the costly half of a handshake.
	tlsSessions = 2048
	// pingAfter is how long an HTTP/2 connection is silent before it is asked whether it is alive, and how long the answer
	// may take. Without, a connection that a firewall forgot would fail one page after another.
	pingAfter = 15 * time.Second
)

// exchange is one request of a Fetch and what came of it. It travels in the request's context, because colly has no
// other way of handing per-request state down to its transport, and keeps the true header out of colly's sight: colly
// converts a body whose Content-Type names a charset, and decompresses by its own rules, after its own cap.
type exchange struct {
	url    string // what robots.txt and the guard have passed
	robots bool   // robots.txt: any content type, and cut at maxBody, not refused
	ctx    context.Context
	cancel context.CancelCauseFunc
	limit  *limit // on the time that the request takes

	maxWire, maxBody int64
	free             int64 // how much of a body may be read before there is room for more
	room             func(context.Context) error

	status int // 0: no answer
	header http.Header
	notice []byte       // the beginning of what came with an answer that is no page
	wire   atomic.Int64 // body bytes off the wire so far
}

type exchangeKey struct{}

// limit ends a request that takes too long. It stands still while the request waits for something of ours.
type limit struct {
	timer *time.Timer
	end   time.Time
	left  time.Duration
}

func startLimit(d time.Duration, over func()) *limit {
	return &limit{timer: time.AfterFunc(d, over), end: time.Now().Add(d)}
}

func (l *limit) pause() {
	l.timer.Stop()
	l.left = time.Until(l.end)
}

func (l *limit) resume() {
	l.end = time.Now().Add(l.left)
	l.timer.Reset(l.left)
}

// transport is the http.RoundTripper below colly. It enforces the caps, decodes bodies, looks at their type before
// reading them, and watches their progress.
type transport struct {
	base        *http.Transport
	answers     http.RoundTripper // base, or what is in its place
	window      time.Duration     // Config.StallTimeout
	minProgress int64

	wide    chan struct{} // holds a place for each robots.txt whose decoder takes a window
	gzips   sync.Pool     // of *gzip.Reader
	buffers sync.Pool     // of *bufio.Reader
}

// newTransport builds the connection pool: guarded at dial time, or through a proxy that is trusted.
func newTransport(cfg Config, g *guard, proxy *url.URL) *transport {
	dialer := &net.Dialer{Timeout: cfg.ConnectTimeout, Resolver: cfg.resolver}
	base := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{ClientSessionCache: tls.NewLRUClientSessionCache(tlsSessions)},
		TLSHandshakeTimeout:    cfg.TLSTimeout,
		ResponseHeaderTimeout:  cfg.HeaderTimeout,
		MaxResponseHeaderBytes: cfg.MaxHeader,
		MaxIdleConns:           cfg.MaxIdleConns,
		IdleConnTimeout:        cfg.IdleTimeout,
		DisableCompression:     true, // bodies are decoded here, under the caps
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingAfter},
	}
	if proxy == nil {
		dialer.ControlContext = g.control
		base.MaxConnsPerHost = cfg.MaxConnsPerHost
		base.MaxIdleConnsPerHost = cfg.MaxConnsPerHost
	} else {
		// All dials go to the proxy, which the guard does not judge; net/http counts them as one host.
		base.Proxy = http.ProxyURL(proxy)
		base.MaxIdleConnsPerHost = cfg.MaxIdleConns
		base.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, res *http.Response) error {
			if res.StatusCode != http.StatusOK {
				return &connectError{status: res.StatusCode}
			}
			return nil
		}
	}
	answers := cfg.Answers
	if answers == nil {
		answers = base
	}
	return &transport{
		base: base, answers: answers, window: cfg.StallTimeout, minProgress: cfg.MinProgress,
		wide:    make(chan struct{}, robotsWindows),
		gzips:   sync.Pool{New: func() any { return new(gzip.Reader) }},
		buffers: sync.Pool{New: func() any { return bufio.NewReader(nil) }},
	}
}

// connectError is a proxy's refusal of a CONNECT. It wraps ErrProxy.
type connectError struct{ status int }

func (e *connectError) Error() string {
	return fmt.Sprintf("%v: CONNECT answered %d", ErrProxy, e.status)
}
func (e *connectError) Unwrap() error { return ErrProxy }

// RoundTrip implements http.RoundTripper. The response it returns has the status and the decoded body, and no header:
// that is in the exchange. Its errors wrap the package's sentinels where it is the transport that gives up.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ex, ok := req.Context().Value(exchangeKey{}).(*exchange)
	if !ok {
		return nil, errors.New("request without an exchange")
	}
	if got := req.URL.String(); got != ex.url {
		return nil, fmt.Errorf("%w: %q became %q on the way", ErrURL, ex.url, got)
	}
	res, err := t.answers.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	ex.status, ex.header = res.StatusCode, res.Header
	out := &http.Response{
		Status: res.Status, StatusCode: res.StatusCode, Proto: res.Proto, ProtoMajor: res.ProtoMajor, ProtoMinor: res.ProtoMinor,
		Header: http.Header{}, Body: http.NoBody, Request: req,
		Uncompressed: true, // whatever colly believes about the URL's ending
	}
	b := &body{transport: t, res: res, ex: ex}
	b.watch()
	if !hasPage(res.StatusCode) {
		if !ex.robots && (res.StatusCode >= 400 || res.StatusCode == http.StatusAccepted) {
			ex.notice = b.notice()
		}
		b.drain()
		return out, nil
	}
	if err := b.open(); err != nil {
		_ = b.Close()
		return nil, err
	}
	out.Body = b
	return out, nil
}

// hasPage says whether the body of a response with this status is a page.
func hasPage(status int) bool {
	return status == http.StatusOK || status == http.StatusNonAuthoritativeInfo
}

// body reads one response's body: wire bytes are counted and capped, then decoded, then capped again.
type body struct {
	*transport
	res  *http.Response
	ex   *exchange
	stop func() // ends the watch
	read int64  // decoded bytes so far

	r       io.Reader
	gzips   []*gzip.Reader
	zstds   []*zstd.Decoder
	placed  bool // it has one of the places of transport.wide
	buffers []*bufio.Reader
}

// watch cancels the request when a window passes with less than the least progress.
func (b *body) watch() {
	var (
		mu    sync.Mutex
		timer *time.Timer
		seen  = b.ex.wire.Load()
		done  bool
	)
	mu.Lock()
	defer mu.Unlock()
	timer = time.AfterFunc(b.window, func() {
		mu.Lock()
		defer mu.Unlock()
		n := b.ex.wire.Load()
		switch {
		case done:
		case n-seen < b.minProgress:
			b.ex.cancel(fmt.Errorf("%w: %d bytes in %v", ErrStalled, n-seen, b.window))
		default:
			seen = n
			timer.Reset(b.window)
		}
	})
	b.stop = func() {
		mu.Lock()
		defer mu.Unlock()
		done = true
		timer.Stop()
	}
}

// notice reads the beginning of the body of a refusal, which often says who refuses. That it cannot be read is no failure:
// the status says enough.
func (b *body) notice() []byte {
	if b.open() != nil {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(b.r, maxDrain))
	return text
}

// drain gets rid of a body, keeping its connection if that is cheap. Its errors mean a lost connection, no more.
func (b *body) drain() {
	if b.res.ContentLength <= maxDrain && !b.res.Close {
		_, _ = io.CopyN(io.Discard, wireReader{b}, maxDrain+1)
	}
	_ = b.Close()
}

// open sets up the decoding and looks at the first bytes. Its errors wrap ErrTooLarge, ErrNotText or ErrEncoding, or are
// the connection's.
func (b *body) open() error {
	if b.res.ContentLength > min(b.ex.maxWire, b.ex.maxBody) && !b.ex.robots {
		return fmt.Errorf("%w: %d bytes announced", ErrTooLarge, b.res.ContentLength)
	}
	known, strange, err := encodings(b.res.Header)
	if err != nil {
		return err
	}
	buf, err := b.decode(known)
	if err != nil {
		return err
	}
	if b.ex.robots {
		b.r = io.LimitReader(buf, b.ex.maxBody)
		return nil
	}
	start, err := buf.Peek(sniffLen)
	if err != nil && err != io.EOF {
		return err
	}
	kind := typeOf(b.res.Header.Get("Content-Type"))
	if strange {
		kind = max(kind, typeUnknown)
	}
	if detected, ok := textual(kind, start); !ok {
		return fmt.Errorf("%w: sent as %q, looks like %s", ErrNotText, b.res.Header.Get("Content-Type"), detected)
	}
	b.r = &cappedReader{r: buf, left: b.ex.maxBody}
	return nil
}

func (b *body) buffer(r io.Reader) *bufio.Reader {
	buf := b.transport.buffers.Get().(*bufio.Reader)
	buf.Reset(r)
	b.buffers = append(b.buffers, buf)
	return buf
}

// Read implements io.Reader. It waits for room where the body turns out to be long.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.read += int64(n)
	if b.read > b.ex.free && b.ex.room != nil {
		if err := b.await(); err != nil {
			return 0, err
		}
	}
	return n, err
}

// await waits for room, once. Meanwhile neither the watch nor the limit runs: the site does not know why it is not read.
func (b *body) await() error {
	room := b.ex.room
	b.ex.room = nil
	b.stop()
	b.ex.limit.pause()
	err := room(b.ex.ctx)
	b.ex.limit.resume()
	b.watch()
	return err
}

// Close implements io.Closer. It ends the watch and gives the decoders back.
func (b *body) Close() error {
	b.stop()
	err := b.res.Body.Close()
	for _, buf := range b.buffers {
		buf.Reset(nil)
		b.transport.buffers.Put(buf)
	}
	for _, z := range b.gzips {
		b.transport.gzips.Put(z)
	}
	for _, z := range b.zstds {
		z.Close()
	}
	if b.placed {
		<-b.wide
	}
	b.buffers, b.gzips, b.zstds, b.placed = nil, nil, nil, false
	b.r = closedReader{}
	return err
}

type closedReader struct{}

func (closedReader) Read([]byte) (int, error) { return 0, http.ErrBodyReadAfterClose }

// wireReader reads the undecoded body, counting and capping it.
type wireReader struct{ b *body }

func (w wireReader) Read(p []byte) (int, error) {
	n, err := w.b.res.Body.Read(p)
	if total := w.b.ex.wire.Add(int64(n)); total > w.b.ex.maxWire {
		return 0, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, w.b.ex.maxWire)
	}
	return n, err
}

// cappedReader ends what a decoder gives: with ErrTooLarge where more follows the cap, or, if cut, with io.EOF.
type cappedReader struct {
	r    io.Reader
	left int64
	cut  bool
}

func (c *cappedReader) Read(p []byte) (int, error) {
	if c.left < 0 || c.cut && c.left == 0 {
		if c.cut {
			return 0, io.EOF
		}
		return 0, fmt.Errorf("%w: more than the cap", ErrTooLarge)
	}
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1] // one more than the cap tells whether there is more
	}
	n, err := c.r.Read(p)
	c.left -= int64(n)
	if c.left < 0 {
		if c.cut {
			return n - 1, io.EOF
		}
		return n - 1, fmt.Errorf("%w: more than the cap", ErrTooLarge)
	}
	return n, err
}
