package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nlnwa/gowarc/v3"
	"go.uber.org/goleak"

	"github.com/khabar-crawler/khabar/pkg/embedded/disktest"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// writeForever, set to a directory, has the test binary keep records there until it is killed.
const writeForever = "KHABAR_TEST_ARCHIVE_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writeForever); dir != "" {
		keepUntilKilled(dir)
	}
	goleak.VerifyTestMain(m)
}

func keepUntilKilled(dir string) {
	w, err := New(Config{Dir: dir, MaxFile: 64 << 10}, nil)
	if err != nil {
		panic(err)
	}
	for i := 0; ; i++ {
		r, err := w.Pack(captureOf(i))
		if err != nil {
			panic(err)
		}
		p, err := w.Append(context.Background(), r)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%d %s %d\n", i, p.File, p.Offset)
	}
}

var noon = time.Date(2026, 11, 27, 12, 0, 0, 123e6, time.UTC)

func urlOf(i int) string { return fmt.Sprintf("https://www.news.example/2026/story-%d?b=2&a=1", i) }

func bodyOf(i int) []byte {
	return fmt.Appendf(nil, "<!doctype html><title>Story %d</title><p>%s</p>", i, strings.Repeat(strconv.Itoa(i*7919)+" ", 200))
}

func captureOf(i int) Capture {
	return Capture{
		URL: urlOf(i), At: noon.Add(time.Duration(i) * time.Second), Status: 200,
		Header:  http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Content-Encoding": {"gzip"}, "Content-Length": {"17"}},
		Request: http.Header{"User-Agent": {"khabar"}},
		Body:    bodyOf(i),
	}
}

func newWriter(t *testing.T, dir string, maxFile int64) *Writer {
	t.Helper()
	w, err := New(Config{Dir: dir, MaxFile: maxFile}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

func keep(t *testing.T, w *Writer, c Capture) Place {
	t.Helper()
	r, err := w.Pack(c)
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Append(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// read reads what is at a place now.
func read(dir string, p Place) ([]byte, http.Header, error) {
	s, err := OpenShelf(dir)
	if err != nil {
		return nil, nil, err
	}
	return s.Read(p)
}

// verified is the report of a directory in which nothing is wrong.
func verified(t *testing.T, dir string) Report {
	t.Helper()
	report, problems := verify(t, dir)
	for _, p := range problems {
		t.Error(p)
	}
	return report
}

func verify(t *testing.T, dir string) (Report, []string) {
	t.Helper()
	var problems []string
	report, err := Verify(dir, func(file string, err error) error {
		problems = append(problems, file+": "+err.Error())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return report, problems
}

func glob(t *testing.T, dir, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestKeptIsRead(t *testing.T) {
	dir := t.TempDir()
	w := newWriter(t, dir, 8<<10)
	const n = 40
	places := make([]Place, n)
	var all sync.WaitGroup
	for i := range n {
		r, err := w.Pack(captureOf(i))
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			var err error
			if places[i], err = w.Append(t.Context(), r); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	check := func() {
		t.Helper()
		for i, p := range places {
			body, header, err := read(dir, p)
			if err != nil || !bytes.Equal(body, bodyOf(i)) || header.Get("Content-Type") != "text/html; charset=utf-8" ||
				header.Get("X-Archive-Orig-Content-Encoding") != "gzip" || header.Get("Content-Encoding") != "" {
				t.Errorf("%d: %d bytes, %v, %v", i, len(body), header, err)
			}
		}
		if r := verified(t, dir); r.Records != n {
			t.Errorf("%d records, want %d", r.Records, n)
		}
	}
	check() // also of the file that is written to
	w.Close()
	check()
	if files := glob(t, dir, "*"+endWARC); len(files) < 2 {
		t.Errorf("%d files: none was closed for being full", len(files))
	}
	if r, err := w.Pack(captureOf(1)); err != nil {
		t.Error(err)
	} else if _, err := w.Append(t.Context(), r); !errors.Is(err, ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
}

// TestOthersRead reads the files strictly with another reader than ours.
func TestOthersRead(t *testing.T) {
	dir := t.TempDir()
	w := newWriter(t, dir, 1<<20)
	first := keep(t, w, captureOf(1))
	again := captureOf(1)
	again.At, again.Before = noon.Add(time.Hour), &first
	keep(t, w, again)
	empty := captureOf(2)
	empty.Body, empty.Header, empty.Request = nil, nil, nil
	keep(t, w, empty)
	w.Close()
	files := glob(t, dir, "*"+endWARC)
	if len(files) != 1 {
		t.Fatalf("files: %v", files)
	}
	r, err := gowarc.NewWarcFileReader(files[0], 0, gowarc.WithStrictValidation())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	var kinds []string
	for rec, err := range r.Records() {
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, rec.WarcRecord.Type().String())
		if rec.WarcRecord.Version() != gowarc.V1_1 {
			t.Error("not WARC 1.1")
		}
		if block, ok := rec.WarcRecord.Block().(gowarc.HttpResponseBlock); ok && rec.WarcRecord.WarcHeader().Get(gowarc.WarcTargetURI) == urlOf(1) {
			if block.HttpStatusCode() != 200 || block.HttpHeader().Get("Content-Length") != strconv.Itoa(len(bodyOf(1))) {
				t.Errorf("status %d, header %v", block.HttpStatusCode(), block.HttpHeader())
			}
		}
		_ = rec.Close()
	}
	if want := []string{"warcinfo", "response", "request", "revisit", "request", "response", "request"}; !slices.Equal(kinds, want) {
		t.Errorf("records %v, want %v", kinds, want)
	}
}

func TestSameBodyIsKeptOnce(t *testing.T) {
	dir := t.TempDir()
	w := newWriter(t, dir, 1<<20)
	first := keep(t, w, captureOf(1))
	again := captureOf(1)
	again.At, again.Before = noon.Add(time.Hour), &first
	if p := keep(t, w, again); p != first {
		t.Errorf("the same body is at %+v, want %+v", p, first)
	}
	changed := captureOf(1)
	changed.Body, changed.Before = []byte("<p>Another text."), &first
	if p := keep(t, w, changed); p == first {
		t.Error("another body is kept nowhere")
	}
	w.Close()
	if r := verified(t, dir); r.Records != 3 || r.Revisits != 1 {
		t.Errorf("%+v", r)
	}
	// A body whose file was taken away is kept anew.
	if err := os.Remove(filepath.Join(dir, first.File)); err != nil {
		t.Fatal(err)
	}
	w = newWriter(t, dir, 1<<20)
	if p := keep(t, w, again); p.File == first.File {
		t.Error("a body that is in no file any more was not kept")
	}
}

// TestPagesStayPages: what a site sends is one record, whatever it looks like.
func TestPagesStayPages(t *testing.T) {
	dir := t.TempDir()
	w := newWriter(t, dir, 1<<20)
	fake := plain("http://victim.example/", "HTTP/1.1 200 OK\r\n\r\nLies")
	c := captureOf(1)
	c.Body = []byte("<p>Hello\r\n\r\n" + fake + fake + zipped(t, fake))
	c.Header.Set("X-Lie", "a\r\n\r\n"+fake)
	place := keep(t, w, c)
	w.Close()
	body, _, err := read(dir, place)
	if err != nil || !bytes.Equal(body, c.Body) {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	if r := verified(t, dir); r.Records != 1 {
		t.Errorf("%d records", r.Records)
	}
	index, err := os.ReadFile(glob(t, dir, "*"+endIndex)[0])
	if err != nil || strings.Contains(string(index), "victim") {
		t.Errorf("%v in the index:\n%s", err, index)
	}
}

// TestKilled kills a process that writes, again and again, and wants all that it said to be there.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	places := map[int]Place{}
	for range 3 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), writeForever+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		for strings.Count(said.String(), "\n") < 50 {
			if _, err := io.CopyN(&said, out, 1); err != nil {
				t.Fatal(err)
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(&said, out)
		_ = cmd.Wait() // it was killed
		lines := strings.Split(said.String(), "\n")
		for _, text := range lines[:len(lines)-1] {
			var i int
			var p Place
			if _, err := fmt.Sscan(text, &i, &p.File, &p.Offset); err != nil {
				t.Fatal(err)
			}
			p.Digest, p.URL = Digest(bodyOf(i)), urlOf(i)
			places[i+1000*len(places)] = p
		}
	}
	// And one that died in the middle of a record.
	open := glob(t, dir, "*"+endOpen)
	if len(open) == 0 {
		t.Fatal("no file was left open")
	}
	f, err := os.OpenFile(open[len(open)-1], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	w := &Writer{}
	w.gzips.New = newGzip
	r, err := w.Pack(captureOf(1))
	if err == nil {
		_, err = f.Write(r.data[:len(r.data)/3])
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	living := newWriter(t, dir, 1<<20)
	keep(t, living, captureOf(7))
	for i, p := range places {
		if _, _, err := read(dir, p); err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if r := verified(t, dir); r.Open != 1 || r.Records < len(places) {
		t.Errorf("%+v, of %d records", r, len(places))
	}
}

// TestMendLeavesTheLiving: what a process has in hand is no other's to finish.
func TestMendLeavesTheLiving(t *testing.T) {
	dir := t.TempDir()
	one, other := newWriter(t, dir, 1<<20), newWriter(t, dir, 1<<20)
	a, b := keep(t, one, captureOf(1)), keep(t, other, captureOf(2))
	newWriter(t, dir, 1<<20)
	if n := len(glob(t, dir, "*"+endOpen)); n != 2 {
		t.Errorf("%d files are open, want 2", n)
	}
	c := keep(t, one, captureOf(3))
	one.Close()
	other.Close()
	for _, p := range []Place{a, b, c} {
		if _, _, err := read(dir, p); err != nil {
			t.Error(err)
		}
	}
	if r := verified(t, dir); r.Files != 2 || r.Records != 3 || r.Open != 0 {
		t.Errorf("%+v", r)
	}
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	disktest.Mount(t, dir, 2)
	w := newWriter(t, dir, 256<<10)
	places := []Place{keep(t, w, captureOf(0))}
	room := disktest.Ballast(t, dir)
	var failed Record
	for i := 1; failed.data == nil; i++ {
		r, err := w.Pack(captureOf(i))
		if err != nil {
			t.Fatal(err)
		}
		if p, err := w.Append(t.Context(), r); err == nil {
			places = append(places, p)
		} else {
			failed = r
		}
	}
	for _, p := range places {
		if _, _, err := read(dir, p); err != nil {
			t.Error(err)
		}
	}
	if _, err := w.Append(t.Context(), failed); err == nil {
		t.Error("kept on a full disk")
	}
	room()
	p, err := w.Append(t.Context(), failed)
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	for _, p := range append(places, p) {
		if _, _, err := read(dir, p); err != nil {
			t.Error(err)
		}
	}
	if r := verified(t, dir); r.Records != len(places)+1 || r.Open != 0 {
		t.Errorf("%+v, want %d records", r, len(places)+1)
	}
}

func TestForget(t *testing.T) {
	dir := t.TempDir()
	w := newWriter(t, dir, 1<<20)
	id := func(i int) string {
		canonical, err := weburl.Canonical(urlOf(i))
		if err != nil {
			t.Fatal(err)
		}
		return weburl.ID(canonical)
	}
	old := keep(t, w, captureOf(1))
	w.Close()
	w = newWriter(t, dir, 1<<20)
	now := keep(t, w, captureOf(2))
	other := keep(t, w, captureOf(3))
	for range 2 {
		if err := Forget(dir, id(1), id(2)); err != nil {
			t.Fatal(err)
		}
	}
	late := captureOf(2)
	late.At = noon.Add(time.Hour)
	keep(t, w, late) // that was in hand meanwhile
	w.Close()
	for _, p := range []Place{old, now} {
		if _, _, err := read(dir, p); !errors.Is(err, ErrNoRecord) {
			t.Errorf("read what was forgotten: %v", err)
		}
	}
	if _, _, err := read(dir, other); err != nil {
		t.Error(err)
	}
	for _, name := range glob(t, dir, "*"+endIndex) {
		lines, err := readIndex(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			if l.said.URL != urlOf(3) {
				t.Errorf("%s names %s", name, l.said.URL)
			}
		}
	}
	if r := verified(t, dir); r.Erased != 3 || r.Records != 4 {
		t.Errorf("%+v", r)
	}
}

func TestVerifyTells(t *testing.T) {
	for _, c := range []struct {
		name string
		harm func(t *testing.T, dir, file string)
		want string
	}{
		{"nothing", func(*testing.T, string, string) {}, ""},
		{"no index", func(t *testing.T, dir, file string) { remove(t, dir, indexName(file)) }, "its index is not there"},
		{"an index of another", func(t *testing.T, dir, file string) {
			if err := writeIndex(dir, file, []line{lineOf(urlOf(9), noon, "text/html", 200, "").at(file, 7, 7)}); err != nil {
				t.Fatal(err)
			}
		}, "names a record of " + urlOf(9)},
		{"cut off", func(t *testing.T, dir, file string) {
			edit(t, dir, file, func(b []byte) []byte { return b[:len(b)-100] })
		}, "damaged record"},
		{"a bit turned", func(t *testing.T, dir, file string) {
			edit(t, dir, file, func(b []byte) []byte { b[len(b)/2] ^= 4; return b })
		}, "damaged record"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			w := newWriter(t, dir, 1<<20)
			file := keep(t, w, captureOf(1)).File
			keep(t, w, captureOf(2))
			w.Close()
			c.harm(t, dir, file)
			report, problems := verify(t, dir)
			if found := strings.Join(problems, "\n"); !strings.Contains(found, c.want) || (c.want == "") != (found == "") || report.Problems != len(problems) {
				t.Errorf("told %q, want %q", found, c.want)
			}
		})
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func edit(t *testing.T, dir, name string, by func([]byte) []byte) {
	t.Helper()
	name = filepath.Join(dir, name)
	b, err := os.ReadFile(name)
	if err == nil {
		err = os.WriteFile(name, by(b), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
