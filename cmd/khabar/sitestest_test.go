package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const ruledPage = `<!doctype html><html lang="en"><head><title>The dam holds - River Post</title></head><body>
<h1>The dam holds</h1><div class="story">
<p>Engineers said on Monday that the old dam above the town held through the night, although the river rose by two metres.</p>
<p>Families who had left the lower quarter were told that they could go home in the course of the afternoon.</p>
<p class="app">Get the River Post on your phone today.</p></div></body></html>`

const ruledSite = `id: riverpost
name: River Post
home: https://riverpost.example/
language: en
extract:
  body: [div.story]
  remove: [p.app]
`

// onCommandLine runs khabar in this process.
func onCommandLine(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := root()
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func written(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSitesTest(t *testing.T) {
	page := written(t, "dam.html", ruledPage)
	out, err := onCommandLine(t, "sites", "test", written(t, "riverpost.yaml", ruledSite), page)
	if err != nil || !strings.Contains(out, "outcome        article") || strings.Contains(out, "drift") {
		t.Errorf("rules that match: %v\n%s", err, out)
	}
	for _, line := range strings.Split(out, "\n") {
		if strings.Contains(line, "River Post on your phone") && strings.HasPrefix(line, "+") {
			t.Errorf("a removed block was kept: %s", line)
		}
	}

	// The site changed its markup: the selector says so, and the article is read all the same.
	drifted := strings.Replace(ruledSite, "div.story", "div.artikel", 1)
	out, err = onCommandLine(t, "sites", "test", written(t, "riverpost.yaml", drifted), page)
	if !errors.Is(err, errReported) || !strings.Contains(out, "div.artikel matches nothing") || !strings.Contains(out, "outcome        article") {
		t.Errorf("a selector that matches nothing: %v\n%s", err, out)
	}

	if _, err := onCommandLine(t, "sites", "test", "nosuchsite", page); err == nil || !strings.Contains(err.Error(), "nosuchsite") {
		t.Errorf("a site that is not there: %v", err)
	}
}

func TestExtractExplain(t *testing.T) {
	out, err := onCommandLine(t, "extract", "--explain", written(t, "dam.html", ruledPage))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"dam: article", "title ", "The dam holds", "(h1)", "\n+ ", "\n- "} {
		if !strings.Contains(out, want) {
			t.Errorf("the explanation lacks %q:\n%s", want, out)
		}
	}
}
