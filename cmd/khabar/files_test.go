package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
)

// savedPage is an article's page with its truth.
func savedPage(t *testing.T) ([]byte, demosite.Truth) {
	t.Helper()
	web, err := demosite.New(demosite.Config{Sites: 1, PerSection: 1})
	if err != nil {
		t.Fatal(err)
	}
	truth := web.Articles()[0]
	rec := httptest.NewRecorder()
	web.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, truth.URL, nil))
	return rec.Body.Bytes(), truth
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestExtract(t *testing.T) {
	page, truth := savedPage(t)
	dir := t.TempDir()
	file := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	packed := gzipped(t, page)
	good := map[string]string{
		file("plain.html", page): "plain", file("folder/page.html", page): "folder", file("packed/page.html.gz", packed): "packed",
		file("two.dots.html", page): "two.dots", file("other.htm.gz", packed): "other", file("packed without saying.html", packed): "packed without saying",
		file("no ending", page): "no ending",
	}
	large := filepath.Join(dir, "large.html")
	f, err := os.Create(large)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(100 << 20); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	check := func(t *testing.T, l line, id string) {
		t.Helper()
		if l.ID != id || l.Outcome != "article" || l.Title != truth.Title || l.Text != truth.Text {
			t.Errorf("%s: %+v", id, l)
		}
	}

	t.Run("articles", func(t *testing.T) {
		args := []string{"extract"}
		for path := range good {
			args = append(args, path)
		}
		got := jsonLines(t, succeeds(t, args...))
		if len(got) != len(good) {
			t.Fatalf("%d lines", len(got))
		}
		for i, l := range got {
			check(t, l, good[args[1+i]])
		}
	})
	t.Run("standard input", func(t *testing.T) {
		for _, data := range [][]byte{page, packed} {
			p := proctest.StartInput(t, bytes.NewReader(data), proctest.Environment(t), bin.Path("khabar"), "extract", "--url", truth.URL, "-")
			if code := p.Exit(t); code != 0 {
				t.Fatalf("ended with status %d: %s", code, p.Log())
			}
			l := jsonLines(t, p.Output())[0]
			check(t, l, "stdin")
			if l.URL != truth.URL {
				t.Errorf("url %q, given %s", l.URL, truth.URL)
			}
		}
	})
	t.Run("no articles", func(t *testing.T) {
		got := jsonLines(t, succeeds(t, "extract", file("empty.html", nil), file("picture.png", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00")),
			file("blank.html", []byte("<html><body></body></html>"))))
		for i, want := range []string{"empty", "not_html", "empty"} {
			if got[i].Outcome != want || got[i].Reason == "" || got[i].Text != "" {
				t.Errorf("%s: %+v", got[i].ID, got[i])
			}
		}
	})
	t.Run("unreadable among others", func(t *testing.T) {
		missing := filepath.Join(dir, "missing.html")
		broken, cut := file("broken.html.gz", []byte("\x1f\x8b\x08broken")), file("cut.html.gz", packed[:len(packed)/2])
		bomb := file("bomb.html.gz", gzipped(t, make([]byte, 100<<20)))
		last := file("last.html", page)
		p := fails(t, []string{"extract", missing, broken, cut, large, bomb, dir, last},
			missing+" cannot be read: no such file", broken+" cannot be unpacked", cut+" cannot be read",
			large+": larger than 50 MB", bomb+": larger than 50 MB", dir+" cannot be read: is a directory")
		got := jsonLines(t, p.Output())
		if len(got) != 1 {
			t.Fatalf("%d lines: %s", len(got), p.Output())
		}
		check(t, got[0], "last")
	})
	t.Run("arguments", func(t *testing.T) {
		fails(t, []string{"extract"}, "name saved pages", "standard input")
		fails(t, []string{"extract", "--url", "news.example/1", large}, "--url", "news.example/1", "http or https")
		fails(t, []string{"extract", "--url", "http://news.example/1", large, large}, "--url names one page")
		fails(t, []string{"extract", "--site", filepath.Join(dir, "none.yaml"), large}, "none.yaml", "no such file")
	})
}

func TestSites(t *testing.T) {
	configs := filepath.Join("..", "..", "configs", "sites")
	absolute, err := filepath.Abs(configs)
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := os.ReadDir(configs)
	if err != nil {
		t.Fatal(err)
	}
	if out := succeeds(t, "sites", "check", absolute); strings.Count(out, ": ok\n") != len(shipped) {
		t.Errorf("the shipped sites:\n%s", out)
	}
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one := write("one.yaml", "id: one\nhome: http://one.example/\npoliteness:\n  delay: quick\nsections:\n  - id: news\n    url: http://one.example/news\n    kind: blog\n")
	two := write("two.yaml", "id: two\nhome: nowhere\n")
	text := write("text.yaml", "just words\n")
	broken := write("broken.yaml", "id: [\n")
	p := command(t, "sites", "check", dir)
	if code := p.Exit(t); code != 1 {
		t.Errorf("ended with status %d", code)
	}
	for _, want := range []string{one + ":4:10: politeness.delay: ", one + ":8:11: sections[0].kind: ", "listing", "sitemap",
		two + ":2:7: home: ", text + ":1:1: ", broken + ":1:"} {
		if !strings.Contains(p.Output(), want) {
			t.Errorf("does not say %q:\n%s", want, p.Output())
		}
	}
	t.Logf("%s", p.Output())
	if p := command(t, "sites", "check", filepath.Join(dir, "none.yaml")); p.Exit(t) != 1 || !strings.Contains(p.Output(), "no such file") {
		t.Errorf("a file that is not there: %s", p.Output())
	}
	var schema map[string]any
	if err := json.Unmarshal([]byte(succeeds(t, "sites", "schema")), &schema); err != nil || schema["$schema"] == nil {
		t.Errorf("schema: %v, %v", err, schema)
	}
}

func TestExportKeepsLinks(t *testing.T) {
	dir := t.TempDir()
	target, link := filepath.Join(dir, "news.jsonl"), filepath.Join(dir, "link.jsonl")
	if err := os.WriteFile(target, nil, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, link); err != nil {
		t.Skipf("no links here: %v", err)
	}
	data := filepath.Join(dir, "data")
	if out, err := onCommandLine(t, "demo", "--dir", data); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := onCommandLine(t, "export", "--dir", data, "--limit", "3", "-o", link); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v, %v", info, err)
	}
	written, err := os.ReadFile(target)
	if err != nil || bytes.Count(written, []byte("\n")) != 3 {
		t.Errorf("the link's target has %d lines, %v", bytes.Count(written, []byte("\n")), err)
	}
	if info, err := os.Stat(target); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the target's mode changed: %v, %v", info.Mode(), err)
	}
}
