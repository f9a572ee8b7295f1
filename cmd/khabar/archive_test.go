package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// callText is a line of the town's articles that no article should have.
const callText = "Those who remember how the mill was built may write a few lines about it to the old school."

// keepingTown is a town that was crawled with its answers kept.
func keepingTown(t *testing.T) (web *town, dir, config string) {
	t.Helper()
	web, dir = newTown(t), t.TempDir()
	config = siteFiles(t, map[string]string{"town": home})
	f, err := os.OpenFile(config, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString("archive: all\n")
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	web.story(storyURL(1), "The council plans a bridge")
	web.story(storyURL(2), "The market is closed on Sunday")
	for url, page := range web.pages {
		web.pages[url] = strings.Replace(page, "</article>", `<p class="call">`+callText+"</p></article>", 1)
	}
	web.list(home, storyURL(1), storyURL(2))
	succeeds(t, web.crawl(dir, "--config", config)...)
	return web, dir, config
}

// TestArchive keeps what a crawl fetches, shows a page, tells a damage, and forgets what is erased.
func TestArchive(t *testing.T) {
	_, dir, _ := keepingTown(t)
	fails(t, []string{"archive", "verify", "--dir", t.TempDir()}, "nothing was kept there", "KHABAR_ARCHIVE=articles")
	if out := succeeds(t, "archive", "verify", "--dir", dir); !strings.Contains(out, "1 files (0 open)") || !strings.Contains(out, "0 erased") {
		t.Errorf("verify:\n%s", out)
	}
	if out := succeeds(t, "archive", "show", storyURL(1), "--dir", dir); !strings.Contains(out, "<title>The council plans a bridge") {
		t.Errorf("show:\n%s", out)
	}
	succeeds(t, "erase", storyURL(1), "--yes", "--dir", dir)
	if out := succeeds(t, "archive", "verify", "--dir", dir); !strings.Contains(out, "1 erased") {
		t.Errorf("verify after erase:\n%s", out)
	}
	indexes, err := filepath.Glob(filepath.Join(dir, archiveName, "*.cdxj"))
	if err != nil || len(indexes) != 1 {
		t.Fatalf("%v, %v", indexes, err)
	}
	index, err := os.ReadFile(indexes[0])
	if err != nil || strings.Contains(string(index), storyURL(1)) || !strings.Contains(string(index), storyURL(2)) {
		t.Errorf("the index: %v\n%s", err, index)
	}
	if out := succeeds(t, "archive", "verify", "--articles", "--dir", dir); !strings.Contains(out, "1 of 1 articles say where") {
		t.Errorf("verify --articles:\n%s", out)
	}
	fails(t, []string{"erase", storyURL(2), "--yes", "--dir", dir, "--archive", filepath.Join(dir, "elsewhere")}, "the archive still has it")
	if err := os.Rename(filepath.Join(dir, archiveName), filepath.Join(dir, "moved")); err != nil {
		t.Fatal(err)
	}
	fails(t, []string{"erase", storyURL(2), "--yes", "--dir", dir}, "the archive still has it")
	if err := os.Rename(filepath.Join(dir, "moved"), filepath.Join(dir, archiveName)); err != nil {
		t.Fatal(err)
	}
	succeeds(t, "archive", "show", storyURL(2), "--dir", dir)

	file := strings.TrimSuffix(indexes[0], ".cdxj") + ".warc.gz"
	data, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, data[:len(data)-30], 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	if out := fails(t, []string{"archive", "verify", "--dir", dir}).Output(); !strings.Contains(out, "damaged record") {
		t.Errorf("verify of a file that was cut off:\n%s", out)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if out := fails(t, []string{"archive", "verify", "--articles", "--dir", dir}).Output(); !strings.Contains(out, "no such record") {
		t.Errorf("verify --articles without the file:\n%s", out)
	}
}

// TestWARCIn reads what one crawl kept as if it had been fetched: the same articles come of it, twice as once.
func TestWARCIn(t *testing.T) {
	_, dir, config := keepingTown(t)
	files, err := filepath.Glob(filepath.Join(dir, archiveName, "*.warc.gz"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	want := map[string]string{}
	for _, l := range jsonLines(t, succeeds(t, "export", "--dir", dir)) {
		want[l.ID] = l.Text
	}
	other := t.TempDir()
	if out := succeeds(t, "crawl", "--warc", files[0], "--dir", other, "--config", config); !strings.Contains(out, "2 new articles, 0 edits") {
		t.Errorf("the first time:\n%s", out)
	}
	if out := succeeds(t, "crawl", "--warc", files[0], "--dir", other, "--config", config); !strings.Contains(out, " 0 new articles, 0 edits, 0 unchanged") {
		t.Errorf("again:\n%s", out)
	}
	got := jsonLines(t, succeeds(t, "export", "--dir", other))
	for _, l := range got {
		if want[l.ID] != l.Text {
			t.Errorf("%s: %q, want %q", l.URL, l.Text, want[l.ID])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d articles, want %d", len(got), len(want))
	}
	at := func(dir string) (fetched time.Time) {
		for _, l := range archivedLines(t, dir) {
			if l.URL == storyURL(1) {
				fetched = l.FetchedAt
			}
		}
		return fetched
	}
	if a, b := at(dir), at(other); !a.Equal(b) || a.IsZero() {
		t.Errorf("fetched at %s, and by the file at %s", a, b)
	}
	fails(t, []string{"crawl", "--warc", files[0], "--dir", other, home}, "not both")
}

// archivedLine is an exported article, as far as these tests look at it.
type archivedLine struct {
	URL       string    `json:"url"`
	FetchedAt time.Time `json:"fetched_at"`
	Country   string    `json:"country"`
	Text      string    `json:"text"`
	Revision  int       `json:"revision"`
}

func archivedLines(t *testing.T, dir string) (lines []archivedLine) {
	t.Helper()
	for text := range strings.Lines(succeeds(t, "export", "--dir", dir)) {
		var l archivedLine
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, l)
	}
	return lines
}

// TestForeignWARC stores and extracts what is sound in a file of somebody else's, and tells the rest.
func TestForeignWARC(t *testing.T) {
	file, dir := foreignWARC(t), t.TempDir()
	p := fails(t, []string{"crawl", "--warc", file, "--dir", dir}, "record at", "damaged record")
	for _, want := range []string{"1 new articles", "2 damaged records", "1 redirected", "1 too_large"} {
		if !strings.Contains(p.Output(), want) {
			t.Errorf("does not say %q:\n%s", want, p.Output())
		}
	}
	if lines := archivedLines(t, dir); len(lines) != 1 || lines[0].URL != storyURL(1) || lines[0].FetchedAt.Format(time.DateOnly) != "2026-11-20" {
		t.Errorf("stored %+v", lines)
	}
	p = fails(t, []string{"extract", file}, "damaged record", "redirected")
	if n := strings.Count(p.Output(), `"outcome":"article"`); n != 2 || !strings.Contains(p.Output(), `"url":"`+storyURL(1)+`"`) {
		t.Errorf("%d articles extracted:\n%.2000s", n, p.Output())
	}
}

// foreignWARC is a file as others write it: chunked and compressed bodies as they came, other kinds of records, an article of 15 MB,
// and a record that is damaged.
func foreignWARC(t *testing.T) string {
	t.Helper()
	web := newTown(t)
	storyPage := func(title string) string {
		web.story(storyURL(1), title)
		return web.pages[storyURL(1)]
	}
	page := storyPage("The ferry runs again")
	var chunked strings.Builder
	z := gzip.NewWriter(&chunked)
	if _, err := io.WriteString(z, page); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	packed := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", chunked.Len(), chunked.String())
	record := func(kind, url, block string, length int) string {
		return fmt.Sprintf("WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: %s\r\nWARC-Date: 2026-11-20T12:00:00Z\r\n"+
			"Content-Type: application/http; msgtype=%[1]s\r\nContent-Length: %[3]d\r\n\r\n%[4]s\r\n\r\n", kind, url, length, block)
	}
	answer := func(head, body string) string { return "HTTP/1.1 " + head + "\r\n\r\n" + body }
	whole := func(url, block string) string { return record("response", url, block, len(block)) }
	html := "200 OK\r\nContent-Type: text/html; charset=utf-8"
	var b bytes.Buffer
	for _, text := range []string{
		whole(storyURL(1), answer(html+"\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip", packed)),
		record("request", storyURL(1), "GET / HTTP/1.1\r\n\r\n", 18),
		whole(storyURL(2), answer("301 Moved\r\nLocation: "+storyURL(1), "")),
		record("response", storyURL(3), answer(html, page), 20),
		whole(storyURL(4), answer(html, page+"<!--"+strings.Repeat(" ", 15<<20)+"-->")),
		whole("http://harbour.example/2026/11/20/story-5.html", answer(html, storyPage("The harbour is dredged"))),
	} {
		z := gzip.NewWriter(&b)
		if _, err := io.WriteString(z, text); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(t.TempDir(), "foreign.warc.gz")
	if err := os.WriteFile(name, b.Bytes()[:b.Len()-1], 0o600); err != nil { // the last one is cut off
		t.Fatal(err)
	}
	return name
}
