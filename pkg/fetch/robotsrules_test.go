package fetch

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jimsmart/grobotstxt"
	"pgregory.net/rapid"
)

// TestRobotsRules holds the rules of RFC 9309 section 2.2, and what is honoured beyond it.
func TestRobotsRules(t *testing.T) {
	lines := func(s ...string) string { return strings.Join(s, "\n") + "\n" }
	for _, tc := range []struct {
		name       string
		robots     string
		allowed    []string
		disallowed []string
	}{
		{"empty file", "", []string{"/", "/a"}, nil},
		{"only comments", "# nothing\n#Disallow: /\n", []string{"/"}, nil},
		{"disallow all", lines("User-agent: *", "Disallow: /"), []string{"/robots.txt"}, []string{"/", "/a", "/a?b"}},
		{"empty disallow", lines("User-agent: *", "Disallow:"), []string{"/", "/a"}, nil},
		{"empty allow", lines("User-agent: *", "Allow:", "Disallow: /a"), []string{"/"}, []string{"/a"}},
		{"rules before any group", lines("Disallow: /", "User-agent: *", "Disallow: /a"), []string{"/b"}, []string{"/a"}},

		{"token without case", lines("User-agent: KHABAR", "Disallow: /"), nil, []string{"/a"}},
		{"token with a version", lines("User-agent: khabar/2.0", "Disallow: /"), nil, []string{"/a"}},
		{"token is not a prefix", lines("User-agent: khabarbot", "Disallow: /"), []string{"/a"}, nil},
		{"token is not the prefix of ours", lines("User-agent: kha", "Disallow: /"), []string{"/a"}, nil},
		{"own group instead of star", lines("User-agent: *", "Disallow: /", "User-agent: khabar", "Disallow: /p"), []string{"/a"}, []string{"/p"}},
		{"own group without rules", lines("User-agent: *", "Disallow: /", "", "User-agent: khabar"), []string{"/a"}, nil},
		{"own group first", lines("User-agent: khabar", "Disallow: /p", "", "User-agent: *", "Disallow: /"), []string{"/a"}, []string{"/p"}},
		{"other groups only", lines("User-agent: a", "Disallow: /", "User-agent: b", "Disallow: /"), []string{"/a"}, nil},
		{"groups of one token are merged", lines("User-agent: khabar", "Disallow: /a", "", "User-agent: x", "Disallow: /x", "", "User-agent: Khabar", "Disallow: /b"), []string{"/x"}, []string{"/a", "/b"}},
		{"groups of star are merged", lines("User-agent: *", "Disallow: /a", "User-agent: x", "Disallow: /x", "User-agent: *", "Disallow: /b"), []string{"/x"}, []string{"/a", "/b"}},
		{"several agents share a group", lines("User-agent: x", "User-agent: khabar", "Disallow: /a"), nil, []string{"/a"}},
		{"a blank line does not end a group", lines("User-agent: khabar", "", "Disallow: /a", "", "Disallow: /b"), nil, []string{"/a", "/b"}},
		{"an unknown line does not end a group", lines("User-agent: x", "Host: example", "User-agent: khabar", "Disallow: /a"), nil, []string{"/a"}},
		{"a sitemap does not end a group", lines("User-agent: khabar", "Sitemap: http://h/s.xml", "Disallow: /a"), nil, []string{"/a"}},
		{"crawl-delay is a member of its group", lines("User-agent: *", "Crawl-delay: 5", "User-agent: badbot", "Disallow: /"), []string{"/a"}, nil},

		{"longest match wins", lines("User-agent: *", "Disallow: /a", "Allow: /a/b", "Disallow: /a/b/c"), []string{"/", "/a/b", "/a/b/d"}, []string{"/a", "/a/x", "/a/b/c"}},
		{"order does not matter", lines("User-agent: *", "Allow: /a/b", "Disallow: /"), []string{"/a/b"}, []string{"/a", "/"}},
		{"allow wins ties", lines("User-agent: *", "Disallow: /page", "Allow: /page"), []string{"/page"}, nil},
		{"allow wins ties whatever the order", lines("User-agent: *", "Allow: /page", "Disallow: /page"), []string{"/page"}, nil},
		{"length counts octets of the pattern", lines("User-agent: *", "Allow: /page", "Disallow: /*.htm"), []string{"/page"}, []string{"/page.htm"}},
		{"prefix of the path", lines("User-agent: *", "Disallow: /fish"), []string{"/Fish", "/catfish", "/?id=fish"}, []string{"/fish", "/fish.html", "/fish/salmon", "/fishheads", "/fish.php?id=1"}},
		{"directory", lines("User-agent: *", "Disallow: /fish/"), []string{"/fish", "/fish.html"}, []string{"/fish/", "/fish/?id=1", "/fish/salmon.htm"}},
		{"case of paths", lines("User-agent: *", "Disallow: /A"), []string{"/a"}, []string{"/A"}},
		{"query", lines("User-agent: *", "Disallow: /*?print="), []string{"/a", "/a?x=1&print=1"}, []string{"/a?print=1", "/?print="}},
		{"empty query", lines("User-agent: *", "Disallow: /a?"), []string{"/a"}, []string{"/a?", "/a?b"}},
		{"no leading slash matches nothing", lines("User-agent: *", "Disallow: fish"), []string{"/fish"}, nil},

		{"star", lines("User-agent: *", "Disallow: /*.php"), []string{"/", "/windows.PHP"}, []string{"/index.php", "/a/b.php5", "/a.php?x", "/php.php/"}},
		{"star at the end", lines("User-agent: *", "Disallow: /fish*"), []string{"/Fish"}, []string{"/fish", "/fish/x"}},
		{"star first", lines("User-agent: *", "Disallow: *.gif"), []string{"/a"}, []string{"/a.gif"}},
		{"stars match nothing too", lines("User-agent: *", "Disallow: /a**b*c"), []string{"/ab", "/acb"}, []string{"/abc", "/aXbYc"}},
		{"dollar", lines("User-agent: *", "Disallow: /*.php$"), []string{"/a.php?x", "/a.php/", "/a.php5"}, []string{"/a.php", "/b/a.php", "/a.php.php"}},
		{"dollar alone", lines("User-agent: *", "Disallow: /$"), []string{"/a", "/?a"}, []string{"/"}},
		{"dollar inside is literal", lines("User-agent: *", "Disallow: /a$b"), []string{"/a", "/ab"}, []string{"/a$b", "/a%24b"}},
		{"star and dollar", lines("User-agent: *", "Disallow: /a*$"), []string{"/b"}, []string{"/a", "/abc"}},
		{"encoded star is literal", lines("User-agent: *", "Disallow: /a%2Ab"), []string{"/axb", "/ab"}, []string{"/a*b", "/a%2ab"}},
		{"encoded dollar at the end is literal", lines("User-agent: *", "Disallow: /a%24"), []string{"/a"}, []string{"/a$", "/a$b"}},

		{"encoding of the RFC's table", lines("User-agent: *", "Disallow: /foo/bar?baz=quz", "Disallow: /foo/bar/%62%61%7A", "Disallow: /x/ツ"),
			[]string{"/foo/bar?baz=", "/x/"}, []string{"/foo/bar?baz=quz1", "/foo/bar/baz", "/foo/bar/%62az", "/x/%E3%83%84", "/x/%e3%83%84", "/x/ツ"}},
		{"reserved characters keep their encoding", lines("User-agent: *", "Disallow: /a%2Fb"), []string{"/a/b"}, []string{"/a%2fb", "/a%2Fb"}},
		{"encoded slash is not a slash", lines("User-agent: *", "Disallow: /a/b"), []string{"/a%2Fb"}, []string{"/a/b"}},
		{"raw and encoded letters in one pattern", lines("User-agent: *", "Disallow: /%d8%a3خبار"), nil, []string{"/أخبار/1"}},
		{"tilde", lines("User-agent: *", "Disallow: /%7Ejoe/"), nil, []string{"/~joe/x", "/%7ejoe/x"}},
		{"Arabic path", lines("User-agent: *", "Disallow: /أخبار/"), []string{"/أخبار"}, []string{"/أخبار/1", "/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/1"}},

		{"byte order mark", "\xef\xbb\xbfUser-agent: *\nDisallow: /a\n", nil, []string{"/a"}},
		{"CR LF", "User-agent: *\r\nDisallow: /a\r\n\r\nDisallow: /b\r\n", []string{"/c"}, []string{"/a", "/b"}},
		{"CR alone", "User-agent: *\rDisallow: /a\r", []string{"/c"}, []string{"/a"}},
		{"no line end at the end", "User-agent: *\nDisallow: /a", nil, []string{"/a"}},
		{"comments and blanks", "  User-agent :  *  # all\n\tDisallow:/a#b\n", []string{"/b"}, []string{"/a"}},
		{"keys without case", "USER-AGENT: *\ndisallow: /a\nALLOW: /a/b\n", []string{"/a/b"}, []string{"/a"}},
		{"typing errors", "useragent: *\ndisalow: /a\n", nil, []string{"/a"}},
		{"HTML", "<!doctype html><html><head><title>404</title></head><body>Disallow nothing</body></html>", []string{"/"}, nil},
		{"NUL and binary", "\x00\x01\xff\xfe\nUser-agent: *\nDisallow: /a\n\x00", nil, []string{"/a"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := parse(t, tc.robots)
			for _, p := range tc.allowed {
				if ok, why := r.allows(page(t, p)); !ok {
					t.Errorf("%s: disallowed by %s", p, why)
				}
			}
			for _, p := range tc.disallowed {
				if ok, why := r.allows(page(t, p)); ok {
					t.Errorf("%s: allowed by %s", p, why)
				}
			}
		})
	}
}

func parse(t testing.TB, body string) *rules {
	t.Helper()
	return parseRobots([]byte(body), "khabar", page(t, robotsPath), 120*time.Second)
}

func page(t testing.TB, ref string) *url.URL {
	t.Helper()
	base, _ := url.Parse("http://news.example/")
	u, err := parseURL(ref, base)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestRobotsRuleIsNamed(t *testing.T) {
	r := parse(t, "User-agent: khabar\nDisallow: /p\nAllow: /p/%6fpen # yes\n")
	for path, want := range map[string]string{
		"/p/x":    "Disallow: /p (line 2) for khabar",
		"/p/open": "Allow: /p/open (line 3) for khabar",
		"/q":      "no rule matches",
	} {
		if _, why := r.allows(page(t, path)); why != want {
			t.Errorf("%s: %q, want %q", path, why, want)
		}
	}
	if _, why := parse(t, "").allows(page(t, "/")); why != "no group applies" {
		t.Errorf("empty file: %q", why)
	}
}

func TestCrawlDelay(t *testing.T) {
	for _, tc := range []struct {
		robots string
		want   time.Duration
	}{
		{"User-agent: *\nCrawl-delay: 10\n", 10 * time.Second},
		{"User-agent: *\nDisallow: /a\ncrawl-delay: 0.5\n", 500 * time.Millisecond},
		{"User-agent: *\nCrawl-delay: 9\nUser-agent: khabar\nCrawl-delay: 3\n", 3 * time.Second},
		{"User-agent: *\nCrawl-delay: 9\nUser-agent: khabar\nDisallow: /a\n", 0},
		{"User-agent: khabar\nCrawl-delay: 3\nUser-agent: x\nCrawl-delay: 1\nUser-agent: khabar\nCrawl-delay: 7\n", 7 * time.Second},
		{"User-agent: *\nCrawl-delay: 86400\n", 120 * time.Second},
		{"User-agent: *\nCrawl-delay: 1e300\n", 120 * time.Second},
		{"User-agent: *\nCrawl-delay: inf\n", 120 * time.Second},
		{"User-agent: *\nCrawl-delay: -5\n", 0},
		{"User-agent: *\nCrawl-delay: NaN\n", 0},
		{"User-agent: *\nCrawl-delay: soon\n", 0},
		{"Crawl-delay: 5\n", 0},
	} {
		if got := parse(t, tc.robots).delay; got != tc.want {
			t.Errorf("%q: %v, want %v", tc.robots, got, tc.want)
		}
	}
}

func TestSitemaps(t *testing.T) {
	r := parse(t, "Sitemap: https://news.example/a.xml\nUser-agent: x\nSitemap: /b.xml#top\nsitemap:ftp://news.example/c.xml\nSitemap:\nSitemap: https://u:p@cdn.example/d.xml.gz\n")
	want := []string{"https://news.example/a.xml", "http://news.example/b.xml", "https://cdn.example/d.xml.gz"}
	if !slices.Equal(r.sitemaps, want) {
		t.Errorf("%q, want %q", r.sitemaps, want)
	}
	if n := len(parse(t, strings.Repeat("Sitemap: /s.xml\n", 10*maxSitemaps)).sitemaps); n != maxSitemaps {
		t.Errorf("%d sitemaps of a flood", n)
	}
}

// TestRobotsSize: 500 KiB are parsed and no more, and a line that the limit cuts is no rule.
func TestRobotsSize(t *testing.T) {
	head := "User-agent: *\nDisallow: /first\n"
	fill := func(n int) string { return strings.Repeat("#\n", n/2) + strings.Repeat("\n", n%2) }
	last := "Disallow: /last\n"
	fits := head + fill(maxRobotsBody-len(head)-len(last)) + last
	if len(fits) != maxRobotsBody {
		t.Fatal(len(fits))
	}
	r := parse(t, fits+"Disallow: /beyond\n")
	for path, want := range map[string]bool{"/first": false, "/last": false, "/beyond": true} {
		if ok, why := r.allows(page(t, path)); ok != want {
			t.Errorf("%s: %v (%s), want %v", path, ok, why, want)
		}
	}
	cut := head + fill(maxRobotsBody-len(head)-len("Disallow: /l")) + "Disallow: /last/long\n"
	if ok, why := parse(t, cut).allows(page(t, "/leisure")); !ok {
		t.Errorf("a cut line became a rule: %s", why)
	}
	if r := parse(t, strings.Repeat("x", 2*maxRobotsBody)); len(r.list) != 0 {
		t.Errorf("%d rules in one long line", len(r.list))
	}
}

// TestMatchLikeGoogle compares the matcher with that of Google's parser on random patterns and paths.
func TestMatchLikeGoogle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := "/" + rapid.StringOfN(rapid.SampledFrom([]rune("ab/?")), 0, 12, -1).Draw(t, "path")
		pattern := "/" + rapid.StringOfN(rapid.SampledFrom([]rune("ab/?**$")), 0, 8, -1).Draw(t, "pattern")
		got, want := matchRobots(matchablePattern(pattern), path), grobotstxt.Matches(path, pattern)
		if got != want {
			t.Fatalf("pattern %q, path %q: %v, Google's says %v", pattern, path, got, want)
		}
	})
}

func FuzzRobots(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /a*b$\nAllow: /%7e\nCrawl-delay: 1\nSitemap: /s.xml\n"), "/a?b")
	f.Add([]byte("\xef\xbb\xbfuser-agent khabar\r\ndisallow /\r"), "/%")
	f.Add(bytes.Repeat([]byte("Disallow: /*a*a*a*a*a*a*a*a$\n"), 100), "/"+strings.Repeat("a", 1000))
	base, _ := url.Parse("http://news.example/robots.txt")
	f.Fuzz(func(t *testing.T, body []byte, ref string) {
		r := parseRobots(body, "khabar", base, 120*time.Second)
		if r.delay < 0 || r.delay > 120*time.Second || len(r.sitemaps) > maxSitemaps {
			t.Errorf("delay %v, %d sitemaps", r.delay, len(r.sitemaps))
		}
		for _, s := range r.sitemaps {
			if u, err := url.Parse(s); err != nil || u.Host == "" {
				t.Errorf("sitemap %q: %v", s, err)
			}
		}
		u, err := parseURL(ref, base)
		if err != nil {
			return
		}
		first, _ := r.allows(u)
		if again, _ := parseRobots(body, "KHABAR", base, 120*time.Second).allows(u); first != again {
			t.Errorf("%s: %v and %v by the same file", u, first, again)
		}
		if ok, _ := parseRobots([]byte("User-agent: khabar\nDisallow: /\n"), "khabar", base, 0).allows(u); ok && u.Path != robotsPath {
			t.Errorf("%s escapes Disallow: /", u)
		}
	})
}

// FuzzURL: a URL that passed the checks is what colly requests.
func FuzzURL(f *testing.F) {
	for _, s := range []string{"http://h/a/../b?c#d", "HTTP://u:p@EXAMPL%65.org:80/%7e|%2f", "//x.example/أخبار", "http://0x7f.1/", "http://[::1]:8080/", "\\\\h\\p"} {
		f.Add(s)
	}
	base, _ := url.Parse("https://news.example/x/y?z")
	f.Fuzz(func(t *testing.T, ref string) {
		u, err := parseURL(ref, base)
		if err != nil {
			return
		}
		if u.User != nil || u.Fragment != "" || u.Hostname() == "" {
			t.Errorf("%q became %q", ref, u)
		}
		again, err := parseURL(u.String(), nil)
		if err != nil || again.String() != u.String() {
			t.Errorf("%q became %q, then %v (%v)", ref, u, again, err)
		}
	})
}

func BenchmarkRobots(b *testing.B) {
	var s strings.Builder
	s.WriteString("User-agent: *\n")
	for i := range 200 {
		fmt.Fprintf(&s, "Disallow: /section-%d/*/print$\n", i)
	}
	r := parse(b, s.String())
	u := page(b, "/section-7/2026/11/24/a-long-slug-of-an-article-about-something/")
	b.ReportAllocs()
	for b.Loop() {
		r.allows(u)
	}
}
