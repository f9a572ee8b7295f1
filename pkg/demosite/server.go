package demosite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// shutdownGrace is how long Close waits for requests in hand: pages take microseconds, so only Config.Latency counts.
const shutdownGrace = 2 * time.Second

// ServeHTTP answers for every host of the web, and as a proxy for it. Hosts that are not of the web get 502, as from
// a proxy that cannot resolve them.
func (w *Web) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	host := r.URL.Host
	if host == "" {
		host = r.Host
	}
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if r.Method == http.MethodConnect {
		http.Error(rw, "demosite: sites are served as http, not https", http.StatusNotImplemented)
		return
	}
	s := w.hosts[strings.ToLower(host)]
	if s == nil {
		w.stranger()
		http.Error(rw, "demosite: no such host: "+host, http.StatusBadGateway)
		return
	}
	leave := w.enter(s, r.URL)
	defer leave()
	if w.cfg.Latency > 0 {
		t := time.NewTimer(w.cfg.Latency)
		defer t.Stop()
		select {
		case <-t.C:
		case <-r.Context().Done():
			return
		}
	}
	w.mu.RLock()
	a, edited := w.answer(s, (&url.URL{Path: r.URL.Path}).EscapedPath(), r.URL.RawQuery), s.edited
	w.mu.RUnlock()
	if a.article && w.fails(s) {
		rw.Header().Set("Retry-After", "1")
		http.Error(rw, "demosite: made to fail", http.StatusServiceUnavailable)
		return
	}
	if a.unknown {
		w.countUnknown(s)
	}
	write(rw, r, a, edited)
}

// write sends a reply, or 304 where the client has it already.
func write(rw http.ResponseWriter, r *http.Request, a reply, edited time.Time) {
	h := rw.Header()
	if a.location != "" {
		h.Set("Location", a.location)
		rw.WriteHeader(a.status)
		return
	}
	h.Set("Content-Type", a.contentType)
	if a.pages > 0 {
		h.Set("X-WP-TotalPages", strconv.Itoa(a.pages))
	}
	if a.status == http.StatusOK {
		sum := sha256.Sum256(a.body)
		etag := `"` + hex.EncodeToString(sum[:8]) + `"`
		h.Set("ETag", etag)
		h.Set("Last-Modified", edited.UTC().Format(http.TimeFormat))
		if notModified(r, etag, edited) {
			h.Del("Content-Type")
			rw.WriteHeader(http.StatusNotModified)
			return
		}
	}
	rw.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		_, _ = rw.Write(a.body) // the client may be gone
	}
}

// notModified decides a conditional request: If-None-Match wins over If-Modified-Since (RFC 9110, section 13.2.2).
func notModified(r *http.Request, etag string, edited time.Time) bool {
	if match := r.Header.Get("If-None-Match"); match != "" {
		return match == "*" || strings.Contains(match, etag)
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !edited.Truncate(time.Second).After(since)
}

// Server is a Web that listens.
type Server struct {
	*Web
	listener net.Listener
	http     *http.Server
	done     chan error
}

// Start writes the web and serves it until Close, or until ctx ends.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	web, err := New(cfg)
	if err != nil {
		return nil, err
	}
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("demosite: %w", err)
	}
	s := &Server{Web: web, listener: l, done: make(chan error, 1), http: &http.Server{
		Handler:           web,
		ReadHeaderTimeout: 10 * time.Second, // a test that hangs should end
	}}
	stop := context.AfterFunc(ctx, func() { _ = s.http.Close() })
	go func() {
		err := s.http.Serve(l)
		stop()
		s.done <- err
		close(s.done)
	}()
	return s, nil
}

// Addr is the address listened on, as "127.0.0.1:40123".
func (s *Server) Addr() string { return s.listener.Addr().String() }

// ProxyURL is what a crawler is given as its proxy.
func (s *Server) ProxyURL() string { return (&url.URL{Scheme: "http", Host: s.Addr()}).String() }

// Close stops the server and waits for its goroutines; closing twice is harmless.
func (s *Server) Close() error {
	// Close takes no context, as io.Closer; the grace bounds it.
	ctx, cancel := context.WithTimeout(context.Background(), shutdownGrace)
	defer cancel()
	if err := s.http.Shutdown(ctx); err != nil {
		_ = s.http.Close()
	}
	if err := <-s.done; err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("demosite: %w", err)
	}
	return nil
}
