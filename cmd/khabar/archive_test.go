package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
	web.list(home, storyURL(1), storyURL(2))
	succeeds(t, web.crawl(dir, "--config", config)...)
	return web, dir, config
}

// TestArchive keeps what a crawl fetches, shows a page, tells a damage, and forgets what is erased.
func TestArchive(t *testing.T) {
	_, dir, _ := keepingTown(t)
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
	fails(t, []string{"erase", storyURL(2), "--yes", "--dir", dir, "--archive", filepath.Join(dir, "elsewhere")}, "the archive still has it")
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
}
