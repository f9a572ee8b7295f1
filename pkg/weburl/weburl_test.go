package weburl

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	whatwg "github.com/nlnwa/whatwg-url/url"
	"pgregory.net/rapid"
)

func TestCanonical(t *testing.T) {
	for _, tc := range []struct{ name, raw, want string }{
		{"empty path", "https://almasalah.com", "https://almasalah.com/"},
		{"case of scheme and host only", "HTTPS://AlMasalah.COM/News", "https://almasalah.com/News"},
		{"default ports", "http://a.example:80/", "http://a.example/"},
		{"default port of https", "https://a.example:0443/", "https://a.example/"},
		{"other port", "http://a.example:8080/", "http://a.example:8080/"},
		{"other scheme's port", "http://a.example:443/", "http://a.example:443/"},
		{"empty port", "http://a.example:/", "http://a.example/"},
		{"trailing dot", "http://a.example./x", "http://a.example/x"},
		{"percent-encoded host", "http://exampl%65.org/", "http://example.org/"},
		{"Arabic host", "http://بغداد.com/", "http://xn--mgbbvb6c.com/"},
		{"full-width host", "http://ａ.example/", "http://a.example/"},
		{"underscore host", "http://my_blog.example/", "http://my_blog.example/"},
		{"userinfo", "http://user:p@ss@a.example/", "http://a.example/"},
		{"fragment", "http://a.example/x#top?utm=1", "http://a.example/x"},
		{"IPv4", "http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"},
		{"IPv4 in hexadecimal", "http://0x7f.1/", "http://127.0.0.1/"},
		{"IPv4 as a number", "http://2130706433/", "http://127.0.0.1/"},
		{"IPv6", "http://[0:0::1]:80/", "http://[::1]/"},
		{"IPv6 with port", "https://[2001:DB8::1]:8443/a", "https://[2001:db8::1]:8443/a"},
		{"raw Arabic path", "https://a.example/خبر/عاجل", "https://a.example/%D8%AE%D8%A8%D8%B1/%D8%B9%D8%A7%D8%AC%D9%84"},
		{"encoded Arabic path", "https://a.example/%d8%ae%d8%a8%d8%b1", "https://a.example/%D8%AE%D8%A8%D8%B1"},
		{"half encoded", "https://a.example/%d8%aeبر", "https://a.example/%D8%AE%D8%A8%D8%B1"},
		{"bytes that are not UTF-8", "https://a.example/\xc7\xe1", "https://a.example/%C7%E1"},
		{"unreserved escapes", "https://a.example/%7Eali/%61%2D%2e", "https://a.example/~ali/a-."},
		{"reserved escapes stay", "https://a.example/a%2fb%3Fc%21", "https://a.example/a%2Fb%3Fc%21"},
		{"stray percent", "https://a.example/100%/%zz/%4", "https://a.example/100%25/%25zz/%254"},
		{"space, quote, bar, bracket", `https://a.example/a b"|[]^`, "https://a.example/a%20b%22%7C%5B%5D%5E"},
		{"dot segments", "https://a.example/a/./b/../../c/%2e%2E/d/.", "https://a.example/d/"},
		{"above the root", "https://a.example/../..", "https://a.example/"},
		{"double slashes stay", "https://a.example//a//b/", "https://a.example//a//b/"},
		{"backslashes", `https:\\a.example\x\..\y`, "https://a.example/y"},
		{"backslash in query", `https://a.example/?p=\x`, "https://a.example/?p=%5Cx"},
		{"white space", " \u0000https://a.exa\nmple/a\tb\r\n ", "https://a.example/ab"},
		{"session id in path", "https://a.example/n;JSESSIONID=A1;v=2/x;jsessionid=3?id=1", "https://a.example/n;v=2/x?id=1"},
		{"tracking", "https://a.example/n?utm_source=x&id=5&fbclid=1&UTM_Medium=y", "https://a.example/n?id=5"},
		{"only tracking", "https://a.example/n?utm_source=x&gclid", "https://a.example/n"},
		{"encoded tracking", "https://a.example/n?%75tm_source=x&a=1", "https://a.example/n?a=1"},
		{"doubly escaped ampersand", "https://a.example/n?id=1&amp;utm_source=x", "https://a.example/n?id=1"},
		{"order and repeats kept", "https://a.example/n?b=2&a=1&b=1", "https://a.example/n?b=2&a=1&b=1"},
		{"names that choose content are kept", "https://a.example/?ref=1&from=2&s=3&p=4&id", "https://a.example/?ref=1&from=2&s=3&p=4&id"},
		{"empty query", "https://a.example/n?", "https://a.example/n"},
		{"empty parameters", "https://a.example/n?&&a=&", "https://a.example/n?a="},
		{"query encoding", "https://a.example/?q=خبر&x=%7e+a b&y[]='1'", "https://a.example/?q=%D8%AE%D8%A8%D8%B1&x=~+a%20b&y%5B%5D='1'"},
		{"query without path", "https://a.example?p=1", "https://a.example/?p=1"},
		{"question mark in query", "https://a.example/?a=b?c/d", "https://a.example/?a=b?c/d"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := Canonical(tc.raw)
			if err != nil || got != tc.want {
				t.Errorf("Canonical(%q) = %q, %v; want %q", tc.raw, got, err, tc.want)
			}
		})
	}
}

func TestCanonicalErrors(t *testing.T) {
	for _, tc := range []struct {
		raw  string
		want error
	}{
		{"", ErrScheme},
		{"almasalah.com", ErrScheme},
		{"//almasalah.com/", ErrScheme},
		{"/news", ErrScheme},
		{"ftp://a.example/", ErrScheme},
		{"javascript:void(0)", ErrScheme},
		{"mailto:a@a.example", ErrScheme},
		{"data:text/html,x", ErrScheme},
		{"http:", ErrHost},
		{"http://", ErrHost},
		{"http:///news", ErrHost},
		{"http:news", ErrHost},
		{"https://?q", ErrHost},
		{"https://@/", ErrHost},
		{"https://:80/", ErrHost},
		{"https://./", ErrHost},
		{"https://a..example/", ErrHost},
		{"https://.a.example/", ErrHost},
		{"https://a b.example/", ErrHost},
		{"https://a%00.example/", ErrHost},
		{"https://a%2fb.example/", ErrHost},
		{"https://a%252e.example/", ErrHost},
		{"https://*.example/", ErrHost},
		{"https://xn--a.example/", ErrHost},
		{"https://a.example:0/", ErrHost},
		{"https://a.example:65536/", ErrHost},
		{"https://a.example:http/", ErrHost},
		{"https://a.example:-1/", ErrHost},
		{"https://[::1/", ErrHost},
		{"https://[::1]x/", ErrHost},
		{"https://[fe80::1%25eth0]/", ErrHost},
		{"https://[127.0.0.1]/", ErrHost},
		{"https://1.2.3.4.5/", ErrHost},
		{"https://256.1.1.1/", ErrHost},
		{"https://" + strings.Repeat("a", 64) + ".example/", ErrHost},
		{"https://" + strings.Repeat("a.", 130) + "example/", ErrHost},
		{"https://a.example/" + strings.Repeat("a", MaxLength), ErrTooLong},
		{"https://a.example/" + strings.Repeat("خ", MaxLength/6), ErrTooLong},
		{"https://a.example/?fbclid=" + strings.Repeat("a", maxRaw), ErrTooLong},
	} {
		if got, err := Canonical(tc.raw); !errors.Is(err, tc.want) || got != "" {
			t.Errorf("Canonical(%.60q) = %q, %v; want %v", tc.raw, got, err, tc.want)
		}
	}
}

// TestLongestURL shows that what is dropped does not count towards the length.
func TestLongestURL(t *testing.T) {
	longest := "https://a.example/" + strings.Repeat("a", MaxLength-len("https://a.example/"))
	for _, raw := range []string{longest, longest + "?fbclid=" + strings.Repeat("b", MaxLength)} {
		if got, err := Canonical(raw); err != nil || got != longest {
			t.Errorf("Canonical of %d bytes = %d bytes, %v", len(raw), len(got), err)
		}
	}
}

func TestResolve(t *testing.T) {
	const base = "https://a.example/news/iraq/index.html?page=2"
	for _, tc := range []struct{ base, ref, want string }{
		{base, "story", "https://a.example/news/iraq/story"},
		{base, "../story?id=1", "https://a.example/news/story?id=1"},
		{base, "/story", "https://a.example/story"},
		{base, "//b.example/x", "https://b.example/x"},
		{base, `\\b.example\x`, "https://b.example/x"},
		{base, "?page=3", "https://a.example/news/iraq/index.html?page=3"},
		{base, "", base},
		{base, " #comments", base},
		{base, "HTTP://b.example", "http://b.example/"},
		{base, "خبر", "https://a.example/news/iraq/%D8%AE%D8%A8%D8%B1"},
		{base, "12:30-report", "https://a.example/news/iraq/12:30-report"},
		{base, "a?next=http://b.example/", "https://a.example/news/iraq/a?next=http://b.example/"},
		{"https://a.example", "x", "https://a.example/x"},
		{"https://a.example", "?x", "https://a.example/?x"},
		{"http://a.example:8080/x", "/y", "http://a.example:8080/y"},
	} {
		b, err := url.Parse(tc.base)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Resolve(b, tc.ref); err != nil || got != tc.want {
			t.Errorf("Resolve(%s, %q) = %q, %v; want %q", tc.base, tc.ref, got, err, tc.want)
		}
	}
	b, _ := url.Parse(base)
	for _, ref := range []string{"mailto:x@a.example", "javascript:;", "tel:+964", "data:,x", "whatsapp://send?text=x"} {
		if got, err := Resolve(b, ref); !errors.Is(err, ErrScheme) {
			t.Errorf("Resolve(%q) = %q, %v; want ErrScheme", ref, got, err)
		}
	}
	if _, err := Resolve(&url.URL{Path: "/x"}, "y"); !errors.Is(err, ErrScheme) {
		t.Errorf("a relative base gave %v; want ErrScheme", err)
	}
}

func TestID(t *testing.T) {
	// printf %s https://almasalah.com/ | sha256sum | cut -c1-32
	if got, want := ID("https://almasalah.com/"), "d5e35c24e9c985fb273a9026d392a4f8"; len(got) != 32 || got != want {
		t.Errorf("ID = %s; want %s", got, want)
	}
}

func TestHostAndDomain(t *testing.T) {
	for _, tc := range []struct{ raw, host, domain string }{
		{"https://www.AlMasalah.com:443/x", "www.almasalah.com", "almasalah.com"},
		{"https://ar.mehrnews.com:8443/", "ar.mehrnews.com:8443", "mehrnews.com"},
		{"https://www.bbc.co.uk/arabic", "www.bbc.co.uk", "bbc.co.uk"},
		{"https://news.gov.iq/", "news.gov.iq", "news.gov.iq"},
		{"https://a.blogspot.com/", "a.blogspot.com", "a.blogspot.com"},
		{"https://co.uk/", "co.uk", "co.uk"},
		{"http://rafidain.example:8080/", "rafidain.example:8080", "rafidain.example"},
		{"http://127.0.0.1:4222/", "127.0.0.1:4222", "127.0.0.1:4222"},
		{"https://127.0.0.1:80/", "127.0.0.1:80", "127.0.0.1:80"},
		{"http://[::1]:4222/", "[::1]:4222", "[::1]:4222"},
		{"http://localhost:1/", "localhost:1", "localhost:1"},
		{"http://a.localhost:1/", "a.localhost:1", "a.localhost:1"},
		{"http://nats:8222/", "nats:8222", "nats:8222"},
		{"http://مثال.إختبار/", "xn--mgbh0fb.xn--kgbechtv", "xn--mgbh0fb.xn--kgbechtv"},
		{"mailto:a@b.example", "", ""},
		{"https:///x", "", ""},
		{"https://a..b/", "", ""},
		{"https://" + strings.Repeat("a", maxRaw), "", ""},
	} {
		host := Host(tc.raw)
		if host != tc.host {
			t.Errorf("Host(%.60q) = %q; want %q", tc.raw, host, tc.host)
		}
		if got := Domain(host); got != tc.domain {
			t.Errorf("Domain(%q) = %q; want %q", host, got, tc.domain)
		}
	}
	if got := Domain("WWW.exampl%65.ORG."); got != "example.org" {
		t.Errorf("Domain of a raw host = %q", got)
	}
}

func TestSameSite(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want bool
	}{
		{"https://almasalah.com/", "http://www.almasalah.com/x", true},
		{"https://a.example.co.uk/", "https://b.example.co.uk/", true},
		{"https://a.co.uk/", "https://b.co.uk/", false},
		{"https://a.blogspot.com/", "https://b.blogspot.com/", false},
		{"http://127.0.0.1:1/", "http://127.0.0.1:2/", false},
		{"/x", "/x", false},
		{"", "", false},
	} {
		if got := SameSite(tc.a, tc.b); got != tc.want {
			t.Errorf("SameSite(%q, %q) = %v", tc.a, tc.b, got)
		}
	}
}

// check holds a URL to the package's invariants.
func check(t interface {
	Helper()
	Errorf(string, ...any)
}, raw string) {
	t.Helper()
	got, err := Canonical(raw)
	if err != nil {
		if !errors.Is(err, ErrScheme) && !errors.Is(err, ErrHost) && !errors.Is(err, ErrTooLong) {
			t.Errorf("Canonical(%q): unnamed error %v", raw, err)
		}
		return
	}
	if again, err := Canonical(got); err != nil || again != got {
		t.Errorf("not idempotent: %q gave %q, then %q (%v)", raw, got, again, err)
	}
	for i := range len(got) {
		if got[i] <= ' ' || got[i] >= 0x7f {
			t.Errorf("Canonical(%q) = %q: byte %#x", raw, got, got[i])
			break
		}
	}
	u, err := url.Parse(got)
	if err != nil {
		t.Errorf("net/url refuses %q: %v", got, err)
		return
	}
	if u.String() != got || u.User != nil || u.Fragment != "" || u.Host == "" || u.Host != Host(got) || len(got) > MaxLength {
		t.Errorf("Canonical(%q) = %q; net/url makes it %q", raw, got, u)
	}
	if Host(raw) != Host(got) || Domain(u.Host) == "" {
		t.Errorf("%q: host %q, canonical host %q, domain %q", raw, Host(raw), Host(got), Domain(u.Host))
	}
	// The oracle: where a browser accepts the URL too, it would connect to the same host.
	if w, err := whatwg.Parse(raw); err == nil && strings.TrimSuffix(w.Hostname(), ".") != oracleHost(u) {
		t.Errorf("%q: browsers go to %q, the canonical form to %q", raw, w.Hostname(), u.Host)
	}
	if joined, err := Resolve(u, raw); err != nil || joined != got {
		t.Errorf("Resolve(%q) = %q, %v; want %q", raw, joined, err, got)
	}
}

// oracleHost writes a host as the WHATWG serialiser does, which prints an IPv4 address in IPv6 as hexadecimal.
func oracleHost(u *url.URL) string {
	w, err := whatwg.Parse(u.String())
	if err != nil {
		return "error: " + err.Error()
	}
	return w.Hostname()
}

func TestCanonicalProperties(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		"http://", "https://", "HTTP:\\\\", "//", "/", "\\", ".", "..", "%2e", "%2E%2e", "%", "%2", "%zz", "%C3", "%25", "%41", ":", ":80", ":443",
		":8080", "@", "?", "&", "=", "#", ";", ";jsessionid=1", "amp;", "utm_source=", "fbclid", "a", "B", "خبر", "\t", "\n", " ", "\x00", "[", "]", "[::1]",
		"[::ffff:1.2.3.4]", "1", "127.0.0.1", "0x7f", "xn--", "xn--mgbh0fb", ".example", "\xff", "+", "~", "|", "'", "\"", "\u00ad", "ｅ", "。", "ß", "-", "_",
	})
	rapid.Check(t, func(t *rapid.T) {
		start := rapid.SampledFrom([]string{"", "http://", "https://", "http://a.example", "https://a.example/"}).Draw(t, "start")
		check(t, start+strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), ""))
	})
}

func FuzzCanonical(f *testing.F) {
	for _, s := range []string{
		"https://almasalah.com/archives/2024/07/24?utm_source=x&id=1#top", "http://exampl%65.org./a/../b", "http://0x7f.1:80/%d8%ae",
		"https://[::1]:8443/;jsessionid=1?a=1&amp;b=2", "HTTP:\\\\u:p@بغداد.com\\خبر?q='خ'", "http:///x", "http://a.example/%zz%\xff",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) { check(t, raw) })
}

func FuzzResolve(f *testing.F) {
	f.Add("https://a.example/x/y?z", "../a?b#c")
	f.Add("http://a.example", "//b\\c")
	f.Fuzz(func(t *testing.T, base, ref string) {
		u, err := url.Parse(base)
		if err != nil {
			return
		}
		got, err := Resolve(u, ref)
		if err != nil {
			return
		}
		if again, err := Canonical(got); err != nil || again != got {
			t.Errorf("Resolve(%q, %q) = %q is not canonical (%q, %v)", base, ref, got, again, err)
		}
	})
}

func BenchmarkCanonical(b *testing.B) {
	for name, raw := range map[string]string{
		"plain":  "https://almasalah.com/archives/2024/07/24/some-article?id=5",
		"arabic": "https://almasalah.com/%d8%a5%d8%af%d8%a7%d8%b1%d8%a9-بايدن-تبحث/?utm_source=x",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Canonical(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
