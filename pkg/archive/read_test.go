package archive

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

// recordOf is a record as another program writes it.
func recordOf(url, http string, length int) string {
	return fmt.Sprintf("WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <%s>\r\nWARC-Date: 2026-11-27T12:00:00Z\r\n"+
		"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", url, length, http)
}

func plain(url, http string) string { return recordOf(url, http, len(http)) }

func zipped(t testing.TB, texts ...string) string {
	var b bytes.Buffer
	for _, text := range texts {
		z := gzip.NewWriter(&b)
		if _, err := io.WriteString(z, text); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// readAll gives what a file holds, a word for each record: its URL and its body, or what is wrong.
func readAll(t testing.TB, r io.Reader) (got []string) {
	reader := NewReader(r)
	for range 1000 {
		e, err := reader.Next()
		switch {
		case errors.Is(err, ErrTooLarge):
			got = append(got, "too large")
		case errors.Is(err, ErrDamaged):
			got = append(got, "damaged")
		case err == io.EOF:
			return got
		case err != nil:
			t.Fatal(err)
		default:
			_, _, body, _, err := e.Response()
			if err != nil {
				body = []byte("no answer")
			}
			got = append(got, e.URL+" "+string(body))
		}
	}
	t.Fatal("no end")
	return nil
}

func TestReader(t *testing.T) {
	answer := func(text string) string { return "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + text }
	a, b, c := plain("http://a/", answer("A")), plain("http://b/", answer("B")), plain("http://c/", answer("C"))
	long := strings.Repeat("x", maxHead)
	for _, tt := range []struct {
		name, file string
		want       []string
	}{
		{"empty", "", nil},
		{"no WARC", "hello world, this is no archive", []string{"damaged"}},
		{"plain", a + b, []string{"http://a/ A", "http://b/ B"}},
		{"zipped", zipped(t, a, b), []string{"http://a/ A", "http://b/ B"}},
		{"zipped as one", zipped(t, a+b) + zipped(t, c), []string{"http://a/ A", "http://b/ B", "http://c/ C"}},
		{"cut off", zipped(t, a, b)[:len(zipped(t, a, b))-20], []string{"http://a/ A", "damaged"}},
		{"cut off, plain", (a + b)[:len(a)+len(b)-20], []string{"http://a/ A", "damaged"}},
		{"length too small", zipped(t, a, recordOf("http://b/", answer("B"), 3), c), []string{"http://a/ A", "damaged", "http://c/ C"}},
		{"length too large", zipped(t, a, recordOf("http://b/", answer("B"), 900), c), []string{"http://a/ A", "damaged", "http://c/ C"}},
		{"length too small, plain", a + recordOf("http://b/", answer("B"), 3) + c, []string{"http://a/ A", "damaged", "http://c/ C"}},
		{"length that is none", zipped(t, recordOf("http://b/", answer("B"), -1), c), []string{"damaged", "http://c/ C"}},
		{"length of petabytes", zipped(t, recordOf("http://b/", answer("B"), 1<<52), c), []string{"damaged", "http://c/ C"}},
		{"larger than is read", zipped(t, recordOf("http://b/", strings.Repeat(" ", MaxBlock+1), MaxBlock+1), c), []string{"too large", "http://c/ C"}},
		{"header without end", zipped(t, "WARC/1.0\r\n"+strings.Repeat("A: b\r\n", maxHead), c), []string{"damaged", "http://c/ C"}},
		{"line without end", zipped(t, "WARC/1.0\r\nA: "+long+long, c), []string{"damaged", "http://c/ C"}},
		{"rubbish between", zipped(t, a) + "\x1f\x8b\x08rubbish\x1f\x8b" + zipped(t, b), []string{"http://a/ A", "damaged", "http://b/ B"}},
		{"checksum", func() string {
			z := []byte(zipped(t, a))
			z[len(z)-6] ^= 1
			return string(z) + zipped(t, b)
		}(), []string{"damaged", "http://b/ B"}},
		{"chunked", zipped(t, plain("http://a/", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")), []string{"http://a/ abc"}},
		{"chunked no more", zipped(t, plain("http://a/", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<p>abc")), []string{"http://a/ <p>abc"}},
		{"no status", zipped(t, plain("http://a/", "hello\r\n\r\nabc")), []string{"http://a/ no answer"}},
		{"lines that are none", zipped(t, plain("http://a/", "HTTP/1.1 200\r\nhello\r\n: x\r\n folded\r\nA b: c\r\n\r\nabc")), []string{"http://a/ abc"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := readAll(t, strings.NewReader(tt.file)); !slices.Equal(got, tt.want) {
				t.Errorf("read %.200q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzReader: whatever a file holds, reading it ends, and gives no more than is in it.
func FuzzReader(f *testing.F) {
	one := plain("http://a/", "HTTP/1.1 200 OK\r\n\r\nA")
	f.Add([]byte(zipped(f, one, one)))
	f.Add([]byte(one + one))
	f.Add([]byte(one[:40]))
	f.Fuzz(func(t *testing.T, file []byte) {
		reader := NewReader(bytes.NewReader(file))
		for range len(file) + 2 {
			e, err := reader.Next()
			if err == io.EOF {
				return
			}
			if err == nil {
				_, _, _, _, _ = e.Response()
				if e.Offset < 0 || e.Offset+e.Length > int64(len(file)) {
					t.Fatalf("a record at %d of %d bytes in a file of %d", e.Offset, e.Length, len(file))
				}
			} else if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrTooLarge) {
				t.Fatal(err)
			}
		}
		t.Fatal("no end")
	})
}

func TestKeyOf(t *testing.T) {
	for url, want := range map[string]string{
		"https://www.News.example/A/b?z=1&a=2": "example,news)/a/b?a=2&z=1",
		"http://news.example":                  "example,news)/",
		"http://news.example:8080/":            "example,news:8080)/",
		"https://news.example:443/x":           "example,news)/x",
		"http://127.0.0.1/x":                   "127.0.0.1)/x",
		"http://[::1]/x":                       "::1)/x",
		"no address at all":                    "no%20address%20at%20all",
	} {
		if got := keyOf(url); got != want {
			t.Errorf("%s: %s, want %s", url, got, want)
		}
	}
}
