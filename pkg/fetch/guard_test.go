package fetch

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

func TestPublicAddresses(t *testing.T) {
	g := newGuard(Config{})
	for _, tc := range []struct {
		addrs  string
		public bool
	}{
		{"1.1.1.1 8.8.8.8 37.236.0.1 100.63.255.255 100.128.0.0 169.253.0.1 172.15.255.255 172.32.0.0 192.167.0.1 198.17.0.1 198.20.0.1 223.255.255.255", true},
		{"2606:4700::1111 2a00:1450:4009::1 2001:200::1 2400::1 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2002:808:808::1", true},
		{"0.0.0.0 0.1.2.3", false},
		{"127.0.0.1 127.255.255.255 ::1", false},
		{"10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 fc00::1 fd00:ec2::254", false},
		{"169.254.169.254 169.254.0.1 fe80::1 fe80::1%eth0 fec0::1", false},
		{"100.64.0.1 100.100.100.200 100.127.255.255", false},
		{"168.63.129.16 192.0.0.192", false},
		{"224.0.0.1 239.255.255.255 255.255.255.255 240.0.0.1 ff02::1", false},
		{"192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1 198.18.0.1 192.88.99.1", false},
		{":: ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254", false},
		{"64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::10.0.0.1 64:ff9b:1::1", false},
		{"2002:7f00:1:: 2002:a00:1::1 2002:c0a8:101::1", false},
		{"2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:10::1 100::1 5f00::1 4000::1", false},
	} {
		for addr := range strings.FieldsSeq(tc.addrs) {
			if got := g.public(netip.MustParseAddr(addr)); got != tc.public {
				t.Errorf("%s: public %v, want %v", addr, got, tc.public)
			}
		}
	}
	if g.public(netip.Addr{}) {
		t.Error("the zero address is public")
	}
}

func TestGuardTargets(t *testing.T) {
	strict := newGuard(Config{})
	some := newGuard(Config{AllowPrefixes: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}})
	all := newGuard(Config{AllowPrivate: true})
	for _, tc := range []struct {
		url  string
		g    *guard
		pass bool
	}{
		{"http://news.example/", strict, true},
		{"https://news.example:8443/", strict, true},
		{"http://news.example:22/", strict, false},
		{"http://news.example:25/", strict, false},
		{"http://news.example:0/", strict, false},
		{"http://news.example:443/", strict, true},
		{"http://8.8.8.8/", strict, true},
		{"http://127.0.0.1/", strict, false},
		{"http://2130706433/", strict, false},
		{"http://0x7f.1/", strict, false},
		{"http://0177.0.0.1/", strict, false},
		{"http://１２７.0.0.1/", strict, false},
		{"http://[::1]/", strict, false},
		{"http://[::ffff:127.0.0.1]/", strict, false},
		{"http://169.254.169.254/latest/meta-data/", strict, false},
		{"http://localhost/", strict, false},
		{"http://LOCALHOST./", strict, false},
		{"http://a.localhost/", strict, false},
		{"http://10.1.2.3:22/", some, true},
		{"http://10.2.2.3/", some, false},
		{"http://127.0.0.1/", some, false},
		{"http://localhost:22/", all, true},
		{"http://[::1]/", all, true},
	} {
		u, err := parseURL(tc.url, nil)
		if err != nil {
			t.Fatalf("%s: %v", tc.url, err)
		}
		if err := tc.g.target(u); (err == nil) != tc.pass || err != nil && !errors.Is(err, ErrRefused) {
			t.Errorf("%s: %v, want pass %v", tc.url, err, tc.pass)
		}
	}
}

// TestGuardAtDialTime: a name that resolves to loopback is refused when it is connected to, whatever the URL looked like.
func TestGuardAtDialTime(t *testing.T) {
	g := newGuard(Config{})
	for addr, pass := range map[string]bool{
		"127.0.0.1:80": false, "[::1]:80": false, "[fe80::1%eth0]:80": false, "[::ffff:10.0.0.1]:443": false,
		"8.8.8.8:443": true, "[2606:4700::1111]:8080": true, "8.8.8.8:25": false, "nonsense": false,
	} {
		if err := g.control(context.Background(), "tcp", addr, nil); (err == nil) != pass {
			t.Errorf("%s: %v, want pass %v", addr, err, pass)
		}
	}

	var asked atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		html("inside")(w, r)
	})
	refuses := newClient(t, func(c *Config) { c.AllowPrivate = false })
	// The URL check is passed over here, as a name in DNS would pass it; the dialer still has to refuse.
	refuses.guard = newGuard(Config{AllowPrivate: true})
	if r := refuses.Fetch(t.Context(), Request{URL: s.URL}); r.Outcome != outcome.Refused || !errors.Is(r.Err, ErrRefused) || r.HostDown {
		t.Errorf("loopback by default: %+v", r)
	}
	if asked.Load() != 0 {
		t.Error("the listener was reached")
	}
	host, _, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	allows := newClient(t, func(c *Config) {
		c.AllowPrivate, c.AllowPrefixes = false, []netip.Prefix{netip.PrefixFrom(netip.MustParseAddr(host), 32)}
	})
	if r := allows.Fetch(t.Context(), Request{URL: s.URL}); r.Outcome != outcome.OK {
		t.Errorf("loopback as an allowed prefix: %+v", r)
	}
}

// TestGuardAfterRedirect: a page cannot lead khabar to a private address, and neither can a robots.txt.
func TestGuardAfterRedirect(t *testing.T) {
	for _, inside := range []string{"http://127.0.0.2:8080/", "http://169.254.169.254/latest/", "http://[::1]:9/", "http://localhost:1/"} {
		only := func(c *Config) {
			c.AllowPrivate, c.AllowPrefixes = false, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
		}
		s := serve(t, status(302, "Location", inside))
		r := newClient(t, only).Fetch(t.Context(), Request{URL: s.URL, SameLane: func(string) bool { return true }})
		want, _ := url.Parse(inside)
		if inside == "http://localhost:1/" {
			if r.Outcome != outcome.RobotsUnavailable && r.Outcome != outcome.Refused {
				t.Errorf("page to %s: %+v", inside, r)
			}
		} else if r.Outcome != outcome.Refused || r.URL != want.String() {
			t.Errorf("page to %s: %+v", inside, r)
		}
		s = serveRobots(t, status(302, "Location", inside), html("page"))
		if r := newClient(t, only).Fetch(t.Context(), Request{URL: s.URL}); r.Outcome != outcome.RobotsUnavailable {
			t.Errorf("robots.txt to %s: %+v", inside, r)
		}
	}
}

// TestProxy: the operator's proxy may be on loopback and resolves names; literal private addresses stay refused.
func TestProxy(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, pass, _ := parseProxyAuth(r); user != "op" || pass != "secret" {
			http.Error(w, "who are you", http.StatusProxyAuthRequired)
			return
		}
		asked = append(asked, r.Method+" "+r.URL.String()+" "+r.Host)
		switch {
		case r.Method == http.MethodConnect && r.Host == "down.example:443":
			http.Error(w, "no", http.StatusBadGateway)
		case r.Method == http.MethodConnect:
			http.Error(w, "no", http.StatusForbidden)
		case r.URL.Path == robotsPath:
			http.NotFound(w, r)
		default:
			html("by proxy")(w, r)
		}
	}))
	t.Cleanup(proxy.Close)
	viaProxy := func(c *Config) {
		c.AllowPrivate, c.ProxyURL = false, strings.Replace(proxy.URL, "http://", "http://op:secret@", 1)
	}
	c := newClient(t, viaProxy)
	if r := c.Fetch(t.Context(), Request{URL: "http://no-such-host.invalid/page"}); r.Outcome != outcome.OK || string(r.Body) != "by proxy" {
		t.Errorf("%+v", r)
	}
	if got := strings.Join(asked, ", "); got != "GET http://no-such-host.invalid/robots.txt no-such-host.invalid, GET http://no-such-host.invalid/page no-such-host.invalid" {
		t.Errorf("the proxy was asked %s", got)
	}
	asked = nil
	for _, private := range []string{"http://127.0.0.1/", "http://169.254.169.254/", "http://localhost/", "http://[fd00::1]/", "http://0x7f000001/", "http://x.example:25/"} {
		if r := c.Fetch(t.Context(), Request{URL: private}); r.Outcome != outcome.Refused {
			t.Errorf("%s: %+v", private, r)
		}
	}
	if len(asked) != 0 {
		t.Errorf("the proxy was asked %q", asked)
	}
	putRobots(c, "https://down.example", noRules("known"))
	if r := c.Fetch(t.Context(), Request{URL: "https://down.example/"}); r.Outcome != outcome.Retry || !r.HostDown || !errors.Is(r.Err, ErrProxy) {
		t.Errorf("CONNECT 502: %+v", r)
	}
	putRobots(c, "https://other.example", noRules("known"))
	if r := c.Fetch(t.Context(), Request{URL: "https://other.example/"}); r.Outcome != outcome.Failed || r.HostDown || !errors.Is(r.Err, ErrProxy) {
		t.Errorf("CONNECT 403: %+v", r)
	}

	stranger := newClient(t, func(c *Config) { c.AllowPrivate, c.ProxyURL = false, proxy.URL })
	for _, scheme := range []string{"http", "https"} {
		site := scheme + "://news.example"
		if r := stranger.Fetch(t.Context(), Request{URL: site}); r.Outcome != outcome.RobotsUnavailable {
			t.Errorf("%s, robots.txt without credentials: %+v", scheme, r)
		}
		putRobots(stranger, site, noRules("known"))
		if r := stranger.Fetch(t.Context(), Request{URL: site}); r.Outcome != outcome.Retry || !errors.Is(r.Err, ErrProxy) {
			t.Errorf("%s without credentials: %+v", scheme, r)
		}
	}

	proxy.Close()
	gone := newClient(t, viaProxy)
	r := gone.Fetch(t.Context(), Request{URL: "http://news.example/"})
	if r.Outcome != outcome.RobotsUnavailable || !r.HostDown {
		t.Errorf("without the proxy: %+v", r)
	}
	if r.Err == nil || strings.Contains(r.Err.Error(), "secret") {
		t.Errorf("the error shows the proxy's password, or nothing: %v", r.Err)
	}
}

func parseProxyAuth(r *http.Request) (user, pass string, ok bool) {
	h := http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
	return h.BasicAuth()
}

func TestBadConfig(t *testing.T) {
	for want, cfg := range map[string]Config{
		"ProxyURL":     {ProxyURL: "http://op:secret@ho st:1/"},
		"scheme must":  {ProxyURL: "ftp://op:secret@host/"},
		"not a URL":    {ProxyURL: "op:secret"},
		"Timeout":      {Timeout: -1},
		"MaxBody":      {MaxBody: -1},
		"MaxRedirects": {MaxRedirects: -1},
		"RobotsTTL":    {RobotsTTL: 25 * 3600e9},
		"Token":        {Token: "khabar bot", UserAgent: "khabar bot"},
		"contain":      {UserAgent: "Mozilla/5.0"},
		"printable":    {UserAgent: "khabar\r\nX: y"},
	} {
		_, err := New(cfg, nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", want, err)
		}
	}
}
