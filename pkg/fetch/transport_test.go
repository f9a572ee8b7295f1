package fetch

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// TestConnectionIsReused: pages, error pages, redirects and robots.txt share one connection.
func TestConnectionIsReused(t *testing.T) {
	var mu sync.Mutex
	connections := 0
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/gone", robotsPath:
			http.NotFound(w, r)
		case "/redirect":
			http.Redirect(w, r, "/page", http.StatusFound)
		case "/gzip":
			encoded("text/html", "gzip", gz([]byte("<p>page")))(w, r)
		default:
			html("<p>page")(w, r)
		}
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		if state == http.StateNew {
			connections++
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	c := newClient(t)
	for _, path := range []string{"/page", "/gone", "/redirect", "/gzip", "/page", "/gone"} {
		if r := c.Fetch(t.Context(), Request{URL: s.URL + path}); r.Outcome != outcome.OK && r.Outcome != outcome.Gone {
			t.Errorf("%s: %+v", path, r)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if connections != 1 {
		t.Errorf("%d connections", connections)
	}
}

// TestNothingIsKept: no cookies and no visited URLs stay with colly, and its environment variables change nothing.
func TestNothingIsKept(t *testing.T) {
	t.Setenv("COLLY_MAX_BODY_SIZE", "1")
	t.Setenv("COLLY_DISALLOWED_DOMAINS", "127.0.0.1")
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if len(r.Cookies()) > 0 {
			t.Error("a cookie came back")
		}
		http.SetCookie(w, &http.Cookie{Name: "id", Value: "1"})
		html("<p>page")(w, r)
	})
	c := newClient(t)
	for range 3 {
		if r := c.Fetch(t.Context(), Request{URL: s.URL + "/"}); r.Outcome != outcome.OK || string(r.Body) != "<p>page" {
			t.Fatalf("%+v", r)
		}
	}
	if visited, err := c.collector.HasVisited(s.URL + "/"); visited || err != nil {
		t.Errorf("colly remembers the URL: %v, %v", visited, err)
	}
}

func TestRequestHeader(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.UserAgent() != DefaultUserAgent || r.Header.Get("Accept-Encoding") != "gzip" || !strings.HasPrefix(r.Header.Get("Accept"), "text/html") || r.Referer() != "" {
			t.Errorf("%v", r.Header)
		}
		html("")(w, r)
	})
	if r := newClient(t).Fetch(t.Context(), Request{URL: s.URL}); r.Outcome != outcome.OK {
		t.Errorf("%+v", r)
	}
}

// TestURLChangedOnTheWay: what reaches the wire is what robots.txt and the guard were asked about.
func TestURLChangedOnTheWay(t *testing.T) {
	c := newClient(t)
	if _, err := c.do(t.Context(), &exchange{url: "http://news.example/a/../private"}, http.Header{}); err == nil || !strings.Contains(err.Error(), "on the way") {
		t.Errorf("%v", err)
	}
}

// BenchmarkFetch fetches a page of a news site's size from loopback. Beside it, the same with net/http alone tells what
// khabar and colly add.
func BenchmarkFetch(b *testing.B) {
	doc := []byte("<!doctype html><title>t</title>" + strings.Repeat("<p>نص الخبر يأتي هنا مع <a href=/x>رابط</a>.</p>\n", 2000))
	for name, page := range map[string]http.HandlerFunc{"plain": encoded("text/html", "", doc), "gzip": encoded("text/html", "gzip", gz(doc))} {
		b.Run(name, func(b *testing.B) {
			s := serve(b, page)
			c, err := New(Config{AllowPrivate: true}, zap.NewNop())
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if r := c.Fetch(b.Context(), Request{URL: s.URL + "/ar/news/12345/a-slug"}); r.Outcome != outcome.OK || len(r.Body) != len(doc) {
					b.Fatalf("%+v", r)
				}
			}
		})
	}
	b.Run("net-http", func(b *testing.B) {
		s := serve(b, encoded("text/html", "", doc))
		client := &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}
		defer client.CloseIdleConnections()
		b.SetBytes(int64(len(doc)))
		b.ReportAllocs()
		for b.Loop() {
			res, err := client.Get(s.URL + "/ar/news/12345/a-slug")
			if err != nil {
				b.Fatal(err)
			}
			if body, err := io.ReadAll(res.Body); err != nil || len(body) != len(doc) {
				b.Fatal(err)
			}
			_ = res.Body.Close()
		}
	})
}
