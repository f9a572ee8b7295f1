package site

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/weburl"
)

func TestLoadAllTogether(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"a.yaml":       "id: a\nhome: https://a.com/\n",
		"b.yml":        "id: a\nhome: https://b.com/\n",
		"c.yaml":       "id: c\nhome: https://c.com/\npoliteness: {key: a.com, delay: 7s}\n",
		"d.yaml":       "id: d\nhome: https://www.a.com/\n",
		"e.yaml":       "id: e\nhome: https://e.a.com/\nhosts: [f.com, c.com]\n",
		".hidden.yaml": "no site",
		"readme.md":    "no site",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	_, err := LoadAll(dir)
	want := fmt.Sprintf("%[1]s/b.yml:1:5: id: \"a\" is the id of %[1]s/a.yaml too; each site needs its own\n"+
		"%[1]s/c.yaml:3:13: politeness: c is paced with a by the key \"a.com\" and must have the same pace: delay 5s and concurrency 1\n"+
		"%[1]s/d.yaml:2:7: home: a.com is the place of a too (%[1]s/a.yaml); a URL belongs to one site, so one of them needs another host or path\n"+
		"%[1]s/e.yaml:3:16: hosts[1]: c.com is the home of c (%[1]s/c.yaml); name it in one of them", dir)
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	sites, err := LoadAll(filepath.Join(dir, "a.yaml"), filepath.Join(dir, "e.yaml"))
	if err != nil || len(sites) != 2 || sites[0].ID != "a" || sites[1].ID != "e" {
		t.Errorf("two good files: %v, %v", sites, err)
	}
}

func TestLoadAllPaths(t *testing.T) {
	empty := t.TempDir()
	none := filepath.Join(empty, "none.yaml")
	_, err := LoadAll(empty, none)
	want := empty + ": no site files (*.yaml) in this directory\n" + none + ": cannot be read: no such file or directory"
	if err == nil || err.Error() != want {
		t.Errorf("got %v; want %s", err, want)
	}
	if sites, err := LoadAll(); err != nil || len(sites) != 0 {
		t.Errorf("no paths: %v, %v", sites, err)
	}
}

func TestFromHome(t *testing.T) {
	for _, tc := range []struct{ raw, id, home string }{
		{"https://www.Almasalah.com", "almasalah.com", "https://www.almasalah.com/"},
		{"http://127.0.0.1:8080/news", "127.0.0.1-8080_news", "http://127.0.0.1:8080/news"},
		{"https://ar.paper.example/", "ar.paper.example", "https://ar.paper.example/"},
		{"https://www.ar.paper.example:8443/index.php", "ar.paper.example", "https://www.ar.paper.example:8443/index.php"},
		{"https://m.paper.example/Sorani/home.html", "paper.example_sorani", "https://m.paper.example/Sorani/home.html"},
		{"https://paper.example/عربي", "paper.example_-d8-b9-d8-b1-d8-a8-d9-8a-a115609e", "https://paper.example/%D8%B9%D8%B1%D8%A8%D9%8A"},
		{"http://[::1]:80/", "1", "http://[::1]/"},
		{"http://[2001:db8::1]:8080/", "2001-db8--1--8080", "http://[2001:db8::1]:8080/"},
		{"http://localhost:1/", "localhost-1", "http://localhost:1/"},
		{"http://rafidain.example:8080/", "rafidain.example", "http://rafidain.example:8080/"},
	} {
		s, err := FromHome(tc.raw)
		if err != nil {
			t.Errorf("FromHome(%s): %v", tc.raw, err)
			continue
		}
		if s.ID != tc.id || s.Home != tc.home || s.Politeness.Delay != DefaultDelay || s.Politeness.Concurrency != 1 || !idForm.MatchString(s.ID) {
			t.Errorf("FromHome(%s) = %+v", tc.raw, s)
		}
		if s.SetDefaultDelay(time.Second); s.Politeness.Delay != time.Second {
			t.Errorf("%s does not take the configured delay", tc.raw)
		}
	}
	for raw, want := range map[string]error{"almasalah.com": weburl.ErrScheme, "https://": weburl.ErrHost, "": weburl.ErrScheme} {
		if s, err := FromHome(raw); s != nil || !errors.Is(err, want) {
			t.Errorf("FromHome(%q) = %v, %v; want %v", raw, s, err, want)
		}
	}
}

// parse is load for bytes in hand.
func parse(file string, data []byte) (*Site, Problems) {
	d := Parse(file, data)
	return d.site, d.doc.Problems()
}

func parsed(t *testing.T, yaml string) *Site {
	t.Helper()
	s, problems := parse("x.yaml", []byte(yaml))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOwns(t *testing.T) {
	s := parsed(t, "id: a\nhome: https://www.a.co.uk/\nhosts: [feeds.b.org, c.example:8080]\n")
	for raw, want := range map[string]bool{
		"https://a.co.uk/x":             true,
		"http://NEWS.a.co.uk/x":         true,
		"https://b.co.uk/":              false,
		"https://feeds.b.org/a":         true,
		"https://x.feeds.b.org/a":       true,
		"https://notfeeds.b.org/a":      false,
		"https://b.org/":                false,
		"http://c.example:8080/":        true,
		"http://c.example/":             false,
		"mailto:x@a.co.uk":              false,
		"https://a.co.uk.evil.example/": false,
		"":                              false,
	} {
		if got := s.Owns(raw); got != want {
			t.Errorf("Owns(%q) = %v", raw, got)
		}
	}
}

func TestLane(t *testing.T) {
	one := parsed(t, "id: a\nhome: https://www.a.com/\nhosts: [feeds.b.org]\n")
	for raw, want := range map[string]string{
		"https://a.com/x": "a.com", "http://m.a.com/": "a.com", "https://feeds.b.org/a": "b.org", "nonsense": "",
	} {
		if got := one.Lane(raw); got != want {
			t.Errorf("Lane(%s) = %q; want %q", raw, got, want)
		}
	}
	three := parsed(t, "id: a\nhome: https://www.a.com/\nhosts: [feeds.b.org]\npoliteness: {concurrency: 3}\n")
	count := map[string]int{}
	for i := range 3000 {
		raw := fmt.Sprintf("https://a.com/%d", i)
		lane := three.Lane(raw)
		if lane != three.Lane(raw) {
			t.Fatalf("%s has two lanes", raw)
		}
		count[lane]++
	}
	for _, lane := range []string{"a.com/0", "a.com/1", "a.com/2"} {
		if count[lane] < 800 || len(count) != 3 {
			t.Errorf("3000 URLs went to the lanes %v", count)
		}
	}
	if got := three.Lane("https://feeds.b.org/a"); got != "b.org" {
		t.Errorf("a foreign host's lane is %q", got)
	}
	shared := parsed(t, "id: a\nhome: https://a.com/\nhosts: [b.org]\npoliteness: {key: host.example}\n")
	if shared.Lane("https://a.com/") != "host.example" || shared.Lane("https://b.org/") != "host.example" {
		t.Error("the named key does not cover the site's hosts")
	}
}

func TestIsArticle(t *testing.T) {
	s := parsed(t, `
id: a
home: https://a.com/
sections: [{id: news, url: https://a.com/story/all, kind: listing}]
articles:
  include: [^/story/, ^/خبر/\d+]
  exclude: [/amp$, '\?page=']
`)
	for raw, want := range map[string]Verdict{
		"https://a.com/":                     NotArticle,
		"https://a.com/story/all":            NotArticle,
		"https://a.com/story/1":              Article,
		"https://a.com/story/1/amp":          NotArticle,
		"https://a.com/story/1?page=2":       NotArticle,
		"https://a.com/about":                NotArticle,
		"https://a.com/%D8%AE%D8%A8%D8%B1/7": Article,
		"://":                                NotArticle,
	} {
		if got := s.IsArticle(raw); got != want {
			t.Errorf("IsArticle(%s) = %v; want %v", raw, got, want)
		}
	}
	silent := parsed(t, "id: a\nhome: https://a.com/\narticles: {exclude: [^/tag/]}\n")
	if silent.IsArticle("https://a.com/x") != Unknown || silent.IsArticle("https://a.com/tag/x") != NotArticle {
		t.Error("a site without include patterns must leave the rest open")
	}
}

// FuzzLoad holds any file to: no panic, and a site that is valid as a whole or problems with their place.
func FuzzLoad(f *testing.F) {
	for _, glob := range []string{"testdata/*.bad.yml", "../../configs/sites/*.yaml"} {
		files, err := filepath.Glob(glob)
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, problems := parse("x.yaml", data)
		if len(problems) > 0 {
			if problems.Error() == "" || !strings.HasPrefix(problems.Error(), "x.yaml") {
				t.Errorf("problems without a place: %v", problems)
			}
			return
		}
		if home, err := weburl.Canonical(s.Home); err != nil || home != s.Home || !idForm.MatchString(s.ID) || s.Politeness.Concurrency < 1 {
			t.Errorf("accepted %+v", s)
		}
		for _, sec := range s.Sections {
			if !s.Serves(sec.URL) || s.Lane(sec.URL) == "" || s.IsArticle(sec.URL) != NotArticle {
				t.Errorf("accepted section %+v", sec)
			}
		}
	})
}
