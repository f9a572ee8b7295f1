package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
)

// TestReextract corrects a site's definition after a crawl: the stored articles are made anew from their kept pages, without a
// revision, and told to those who follow. Twice at once is as once.
func TestReextract(t *testing.T) {
	web, dir, config := keepingTown(t)
	if out := succeeds(t, "reextract", "--all", "--dir", dir, "--config", config); !strings.Contains(out, "2 articles, 2 to be made anew: 0 would say something else, 2 the same") {
		t.Errorf("by the same rules:\n%s", out)
	}
	feed := fedLines(t, succeeds(t, "feed", "--dir", dir))
	token := feed[len(feed)-1].Token
	fedSince := func() []fed { return fedLines(t, succeeds(t, "feed", "--dir", dir, "--since", token)) }
	definition := filepath.Join(filepath.Dir(config), "town.yaml")
	define := func(more string) {
		text, err := os.ReadFile(definition)
		if err == nil {
			err = os.WriteFile(definition, append(text, more...), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	define("name: The Town Crier\n") // by which no page is read otherwise
	if out := succeeds(t, "reextract", "--dir", dir, "--config", config, "--yes"); !strings.Contains(out, "2 the same") || !strings.Contains(out, "2 written") {
		t.Errorf("by other rules that change nothing:\n%s", out)
	}
	if n := len(fedSince()); n != 0 {
		t.Errorf("%d changes, where nothing changed", n)
	}
	define("country: IQ\nextract:\n  remove: [p.call]\n")
	web.requests()
	out := succeeds(t, "reextract", "--dir", dir, "--config", config)
	for _, want := range []string{"country             2", "text                2", "2 would say something else", "nothing is written"} {
		if !strings.Contains(out, want) {
			t.Errorf("does not say %q:\n%s", want, out)
		}
	}
	if n := len(fedSince()); n != 0 {
		t.Errorf("%d changes by a look alone", n)
	}

	var both sync.WaitGroup
	servers := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), "servers", "--dir", dir, "--nats-addr", "127.0.0.1:0")
	proctest.Until(t, "no addresses", func(context.Context) error {
		_, err := os.Stat(filepath.Join(dir, serversFile))
		return err
	})
	for range 2 {
		both.Go(func() { succeeds(t, "reextract", "--dir", dir, "--config", config, "--yes") })
	}
	both.Wait()
	servers.Signal(t, os.Interrupt)
	servers.Exit(t)
	for _, l := range archivedLines(t, dir) {
		if l.Revision != 1 || l.Country != "IQ" || strings.Contains(l.Text, callText) || !strings.Contains(l.Text, "stone bridge") {
			t.Errorf("%+v", l)
		}
	}
	if fed := fedSince(); len(fed) != 2 {
		t.Errorf("%d changes, want 2", len(fed))
	}
	if out := succeeds(t, "reextract", "--dir", dir, "--config", config, "--yes"); !strings.Contains(out, "0 to be made anew") {
		t.Errorf("again:\n%s", out)
	}
	if asked := web.requests(); len(asked) > 0 {
		t.Errorf("asked for %v", asked)
	}

	// What was not kept is fetched again, where that is wanted.
	files, err := filepath.Glob(filepath.Join(dir, archiveName, "*.warc.gz"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	out = succeeds(t, "reextract", "--all", "--dir", dir, "--config", config, "--yes", "--fetch")
	if !strings.Contains(out, "2 have no kept page") || !strings.Contains(out, "2 pages due") {
		t.Errorf("without pages:\n%s", out)
	}
}

// TestReextractChangesNothing makes every article of the demo web anew by the extractor and the rules that made it.
func TestReextractChangesNothing(t *testing.T) {
	web, dir := newWeb(t, demosite.Config{Sites: 4, PerSection: 3}), t.TempDir()
	config := filepath.Join(t.TempDir(), "khabar.conf")
	if err := os.WriteFile(config, []byte("archive: articles\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	succeeds(t, web.crawl(dir, "--once", "--config", config)...)
	out := succeeds(t, "reextract", "--all", "--dir", dir)
	if !strings.Contains(out, " 0 would say something else") || strings.Contains(out, "no kept page") || strings.Contains(out, "no articles") ||
		strings.HasPrefix(out, "0 articles") {
		t.Errorf("not the same:\n%s", out)
	}
	if out := succeeds(t, "reextract", "--dir", dir, "--yes"); !strings.Contains(out, " 0 to be made anew") {
		t.Errorf("stale at once:\n%s", out)
	}
}
