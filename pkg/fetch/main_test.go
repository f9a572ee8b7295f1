package fetch

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"
	"go.uber.org/zap/zaptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newClient makes a Client that may connect to loopback.
func newClient(t testing.TB, change ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{AllowPrivate: true}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg, zaptest.NewLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// serve runs a site without robots.txt on loopback.
func serve(t testing.TB, page http.HandlerFunc) *httptest.Server {
	t.Helper()
	return serveRobots(t, http.NotFound, page)
}

// serveRobots runs a site with a robots.txt on loopback.
func serveRobots(t testing.TB, robots, page http.HandlerFunc) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/", page)
	mux.HandleFunc("/robots.txt", robots)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// text is a handler that sends a text.
func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte(body))
	}
}

// html is a handler that sends a page.
func html(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(body))
	}
}
