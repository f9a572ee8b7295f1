package hostileweb

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strings"
	"time"
)

// Site is one host of the web.
type Site struct {
	// Name is the host's first label: Name + ".example" is the host.
	Name string
	// Secure sites are asked by https, behind a certificate for another name.
	Secure bool
	// Home is what becomes of its home page, in the words of the page's record: "ok", or "retry: timeout".
	Home string
	// Story is what becomes of the one page that the home page links as an article, in the same words; "" where there is none.
	Story string
	// Articles is how many true articles the site has, all linked from its home page and all to be stored.
	Articles int

	robots, serve http.HandlerFunc // robots: nil for a site without robots.txt
}

// URL is the address of the site's home page.
func (s *Site) URL() string {
	if s.Secure {
		return "https://" + s.Host() + "/"
	}
	return "http://" + s.Host() + "/"
}

// StoryURL is the address of the page that Story is about.
func (s *Site) StoryURL() string { return "http://" + s.Host() + storyPath(0) }

// Host is the site's host name.
func (s *Site) Host() string { return s.Name + ".example" }

// Server is the web as an HTTP proxy.
type Server struct {
	sites    map[string]*Site
	healthy  http.Handler // answers for all other hosts
	http     *http.Server
	listener net.Listener
	ctx      context.Context // ends with the server, and with it every answer that does not end by itself
	cancel   context.CancelFunc
	done     chan struct{}
	certs    *tls.Config
}

// Start serves the hostile sites, and healthy for every other host. Close it.
func Start(healthy http.Handler) (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("hostile web: %w", err)
	}
	certs, err := wrongCertificate()
	if err != nil {
		return nil, fmt.Errorf("hostile web: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		sites: make(map[string]*Site), healthy: healthy, listener: l,
		ctx: ctx, cancel: cancel, done: make(chan struct{}), certs: certs,
	}
	for _, site := range Sites() {
		s.sites[site.Host()] = site
	}
	s.http = &http.Server{
		Handler: s, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0), // clients hang up, as they should
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	go func() {
		defer close(s.done)
		_ = s.http.Serve(l) // ends with Close
	}()
	return s, nil
}

// ProxyURL is what a crawler is given as its proxy.
func (s *Server) ProxyURL() string { return "http://" + s.listener.Addr().String() }

// Close ends every answer and the server.
func (s *Server) Close() {
	s.cancel()
	_ = s.http.Close()
	<-s.done
}

// ServeHTTP answers a proxy's requests.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := r.URL.Host
	if host == "" {
		host = r.Host
	}
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	site := s.sites[strings.ToLower(host)]
	switch {
	case site == nil:
		s.healthy.ServeHTTP(w, r)
	case r.Method == http.MethodConnect:
		s.connect(w)
	case r.URL.Path == "/robots.txt" && site.robots == nil:
		http.NotFound(w, r)
	case r.URL.Path == "/robots.txt":
		site.robots(w, r)
	default:
		site.serve(w, r)
	}
}

// connect is a tunnel to a server whose certificate is for another name: there is nothing behind the handshake.
func (s *Server) connect(w http.ResponseWriter) {
	conn := hijack(w)
	if conn == nil {
		return
	}
	defer conn.Close()
	defer context.AfterFunc(s.ctx, func() { _ = conn.Close() })()
	_, _ = io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	secure := tls.Server(conn, s.certs)
	if secure.HandshakeContext(s.ctx) == nil {
		_, _ = io.Copy(io.Discard, secure) // a client that did not look goes unanswered
	}
}

// hijack gives the bare connection of a request.
func hijack(w http.ResponseWriter) net.Conn {
	h, ok := w.(http.Hijacker)
	if !ok {
		return nil
	}
	conn, _, err := h.Hijack()
	if err != nil {
		return nil
	}
	return conn
}

// raw is an answer written to the bare connection. write returns when it is at its end or the client is gone.
func raw(write func(ctx context.Context, w io.Writer) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context() // of the server: a hijacked connection is not watched any more
		conn := hijack(w)
		if conn == nil {
			return
		}
		defer conn.Close()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
		go func() { // a client that hangs up ends the answer
			_, _ = io.Copy(io.Discard, conn)
			cancel()
		}()
		_ = write(ctx, conn) // its errors are the client's having gone
	}
}

func wrongCertificate() (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "another.example"}, DNSNames: []string{"another.example"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, nil
}
