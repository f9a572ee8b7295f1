package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestRedirects(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		to := map[string]string{
			"/301": "/page", "/302": "/page#fragment", "/303": "page", "/307": "./x/../page", "/308": "//" + r.Host + "/page?",
			"/a": "/b", "/b": "/c", "/c": "/a", "/self": "/self",
			"/arabic": "/\xd8\xae\xd8\xa8\xd8\xb1", "/credentials": "http://u:p@" + r.Host + "/page",
		}[r.URL.Path]
		switch {
		case r.URL.Path == "/page", r.URL.Path == "/خبر":
			html("arrived")(w, r)
		case strings.HasPrefix(r.URL.Path, "/endless/"):
			n, _ := strconv.Atoi(r.URL.Path[len("/endless/"):])
			w.Header().Set("Location", "/endless/"+itoa(n+1))
			w.WriteHeader(302)
		case to != "":
			code, err := strconv.Atoi(r.URL.Path[1:])
			if err != nil {
				code = 302
			}
			w.Header().Set("Location", to)
			w.WriteHeader(code)
		default:
			http.NotFound(w, r)
		}
	})
	c := newClient(t)
	for path, final := range map[string]string{
		"/301": "/page", "/302": "/page", "/303": "/page", "/307": "/page", "/308": "/page?", "/arabic": "/%D8%AE%D8%A8%D8%B1", "/credentials": "/page",
	} {
		if r := c.Fetch(t.Context(), Request{URL: s.URL + path}); r.Outcome != outcome.OK || r.URL != s.URL+final || string(r.Body) != "arrived" {
			t.Errorf("%s: %s at %s: %v", path, r.Outcome, r.URL, r.Err)
		}
	}
	for _, path := range []string{"/a", "/self", "/endless/0"} {
		paced := 0
		pace := func(context.Context, time.Duration) error { paced++; return nil }
		r := c.Fetch(t.Context(), Request{URL: s.URL + path, Pace: pace})
		if r.Outcome != outcome.Failed || !errors.Is(r.Err, ErrRedirects) || r.Status != 302 {
			t.Errorf("%s: %s, %v", path, r.Outcome, r.Err)
		}
		if want := map[string]int{"/a": 3, "/self": 1, "/endless/0": c.cfg.MaxRedirects + 1}[path]; paced != want {
			t.Errorf("%s: paced %d times, want %d", path, paced, want)
		}
	}
}

func TestRedirectOffLane(t *testing.T) {
	foreign := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the foreign host was asked") })
	s := serve(t, status(301, "Location", foreign.URL+"/there?x=1#y"))
	host := strings.TrimPrefix(foreign.URL, "http://")
	for name, lane := range map[string]func(string) bool{
		"own host only": nil,
		"a lane":        func(h string) bool { return h != host },
	} {
		r := newClient(t).Fetch(t.Context(), Request{URL: s.URL + "/here", SameLane: lane})
		if r.Outcome != outcome.Redirected || r.Location != foreign.URL+"/there?x=1" || r.URL != s.URL+"/here" || r.Status != 301 || r.Err != nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestEachHopObeysRobots: a redirect inside the lane does not get around the other host's robots.txt, and each request is
// paced with what robots.txt asks for.
func TestEachHopObeysRobots(t *testing.T) {
	var asked []string
	other := serveRobots(t, text("User-agent: *\nCrawl-delay: 7\nDisallow: /private/\n"), func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		html("other")(w, r)
	})
	s := serveRobots(t, text("User-agent: *\nCrawl-delay: 3\n"), func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusFound)
	})
	c := newClient(t)
	var delays []time.Duration
	request := Request{
		SameLane: func(string) bool { return true },
		Pace:     func(_ context.Context, d time.Duration) error { delays = append(delays, d); return nil },
	}
	request.URL = s.URL + "/private/x"
	if r := c.Fetch(t.Context(), request); r.Outcome != outcome.Robots || r.URL != other.URL+"/private/x" || !errors.Is(r.Err, ErrRobots) || r.RobotsRule != "Disallow: /private/ (line 3) for *" {
		t.Errorf("%+v", r)
	}
	if want := []time.Duration{0, 3 * time.Second, 0}; !slices.Equal(delays, want) {
		t.Errorf("paced with %v, want %v", delays, want)
	}
	delays = nil
	request.URL = s.URL + "/public"
	if r := c.Fetch(t.Context(), request); r.Outcome != outcome.OK || r.URL != other.URL+"/public" || r.CrawlDelay != 7*time.Second {
		t.Errorf("%+v", r)
	}
	if want := []time.Duration{3 * time.Second, 7 * time.Second}; !slices.Equal(delays, want) {
		t.Errorf("paced with %v, want %v", delays, want)
	}
	if !slices.Equal(asked, []string{"/public"}) {
		t.Errorf("asked for %q", asked)
	}
}

// TestDowngrade: a redirect from https to http is followed, and the final URL tells.
func TestDowngrade(t *testing.T) {
	plain := serve(t, html("plain"))
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL+"/x", http.StatusFound)
	}))
	t.Cleanup(s.Close)
	c := newClient(t)
	c.transport.base.TLSClientConfig.RootCAs = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	putRobots(c, s.URL, noRules("known"))
	r := c.Fetch(t.Context(), Request{URL: s.URL, SameLane: func(h string) bool { u, _ := url.Parse(plain.URL); return h == u.Host }})
	if r.Outcome != outcome.OK || r.URL != plain.URL+"/x" {
		t.Errorf("%+v", r)
	}
}

// TestCookieGate: a gatekeeper that sets a cookie and redirects to the same URL lets the Fetch through, each time anew;
// one that is never content is a loop.
func TestCookieGate(t *testing.T) {
	gates := 0
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if c, err := r.Cookie("gate"); err == nil && c.Value == "open" && r.URL.Path == "/page" {
			html("inside")(w, r)
			return
		}
		gates++
		http.SetCookie(w, &http.Cookie{Name: "gate", Value: "open", Path: "/"})
		http.SetCookie(w, &http.Cookie{Name: "lang", Value: "ar", Path: "/"})
		w.Header().Set("Location", r.URL.Path)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	c := newClient(t)
	for want := range 2 {
		if r := c.Fetch(t.Context(), Request{URL: s.URL + "/page"}); r.Outcome != outcome.OK || string(r.Body) != "inside" || gates != want+1 {
			t.Errorf("%d gates: %+v", gates, r)
		}
	}
	if r := c.Fetch(t.Context(), Request{URL: s.URL + "/closed"}); r.Outcome != outcome.Failed || !errors.Is(r.Err, ErrRedirects) {
		t.Errorf("%+v", r)
	}
}

// TestCookieFlood: a site that sets thousands of cookies on each hop costs no more than one that sets a few.
func TestCookieFlood(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if n := len(r.Cookies()); n > maxCookies {
			t.Errorf("%s: %d cookies sent back", r.URL.Path, n)
		}
		hop, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/page"))
		if hop == 8 {
			html("<p>through")(w, r)
			return
		}
		for i := range 2000 {
			http.SetCookie(w, &http.Cookie{Name: fmt.Sprintf("c%d-%d", hop, i), Value: "1", Path: "/"})
		}
		http.SetCookie(w, &http.Cookie{Name: "large", Value: strings.Repeat("x", 2*maxCookie), Path: "/"})
		http.Redirect(w, r, fmt.Sprintf("/page%d", hop+1), http.StatusFound)
	})
	r := newClient(t).Fetch(t.Context(), Request{URL: s.URL + "/page0"})
	if r.Outcome != outcome.OK || string(r.Body) != "<p>through" {
		t.Errorf("%s: %v", r.Outcome, r.Err)
	}
}
