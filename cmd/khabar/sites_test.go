package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSitesInTheStore: sites are defined, crawled, paused, changed, removed and forgotten, and each word of it is told.
func TestSitesInTheStore(t *testing.T) {
	web, dir := newTown(t), t.TempDir()
	in := func(args ...string) []string { return append(append([]string{"sites"}, args...), "--dir", dir) }
	says := func(out string, want ...string) {
		t.Helper()
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("does not say %q:\n%s", w, out)
			}
		}
	}
	file := func(name, text string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	web.list(home, storyURL(1))
	web.story(storyURL(1), "The council plans a bridge")

	fails(t, in("list"), "holds no crawl")
	town := file("town.yaml", "# of the town\nid: town\nhome: "+home+"\n")
	says(succeeds(t, in("add", town, "https://ar.paper.example/")...), "town: added", "ar.paper.example: added", "2 sites in the database", "within seconds")
	fails(t, in("add", town), "town is defined already", "khabar sites import")
	for text, want := range map[string]string{
		"id: x\nhome: x\n": `bad.yaml:2:7: home: "x" is no web address`,
		"id: x\nhome: https://www.town.example/index.html\n":     "bad.yaml:2:7: home: town.example is the place of town too",
		"id: x\nhome: https://x.example/\nhosts: [town.example]": "bad.yaml:3:9: hosts[0]: town.example is the home of town",
		"id: x\nhome: https://x.example/\ntime_zone: Asia/Foo":   `bad.yaml:3:12: time_zone: "Asia/Foo" is no time zone`,
	} {
		bad := command(t, in("add", file("bad.yaml", text))...)
		if bad.Exit(t) == 0 {
			t.Errorf("%q was added", text)
		}
		says(bad.Output(), want)
	}
	says(succeeds(t, in("list")...), "town", "active", "2 sites, defined by the database")
	if got := succeeds(t, in("export", "town")...); got != "# of the town\nid: town\nhome: "+home+"\n" {
		t.Errorf("exported %q", got)
	}
	says(succeeds(t, in("remove", "ar.paper.example")...), "ar.paper.example: removed")

	crawl := web.crawl(dir)
	succeeds(t, crawl...)
	says(succeeds(t, in("show", "town")...), "defined in    the database", "pages         11 done", "articles      1") // the home page, the article, and the usual places of what it does not name

	// Paused, nothing is fetched; the pages wait, and go on.
	says(succeeds(t, in("pause", "town")...), "town: paused")
	says(succeeds(t, in("list")...), "paused")
	web.requests()
	succeeds(t, "pages", "again", "--dir", dir, "--site", "town", "--yes")
	succeeds(t, crawl...)
	fails(t, append(crawl, home), "town is paused")
	if asked := web.requests(); len(asked) > 0 {
		t.Errorf("paused, and asked for %q", asked)
	}
	says(succeeds(t, in("resume", "town")...), "town: goes on")
	succeeds(t, crawl...)
	if asked := web.requests(); len(asked) != 11 {
		t.Errorf("resumed, and asked for %q", asked)
	}

	says(succeeds(t, in("import", file("town.yaml", "id: town\nname: The Town\nhome: "+home+"\n"))...), "town: replaced")
	says(succeeds(t, in("import", file("town.yaml", "id: town\nname: The Town\nhome: "+home+"\n"))...), "town: as it was")
	says(succeeds(t, in("show", "town")...), "stale         1 articles")
	to := filepath.Join(t.TempDir(), "out")
	says(succeeds(t, in("export", "--to", to)...), "1 site files")
	fails(t, in("export", "--to", to), "exists")
	says(succeeds(t, "sites", "list", "--json", "--dir", dir), `"id":"town","state":"active","name":"The Town"`)

	fails(t, in("remove", "nobody"), `no site "nobody"`)
	says(succeeds(t, in("remove", "town")...), "town: removed", "11 pages wait", "--forget deletes them", "1 articles stay")
	says(succeeds(t, in("show", "town")...), "not defined (any more)", "pages         11 done")
	says(succeeds(t, in("remove", "town", "--forget")...), "11 pages forgotten", "1 articles stay")
	if n := len(pagesIn(t, dir)); n != 0 {
		t.Errorf("%d pages are known still", n)
	}
	if n := len(jsonLines(t, succeeds(t, "export", "--dir", dir))); n != 1 {
		t.Errorf("%d articles", n)
	}
	fails(t, crawl, "nothing to crawl")
}

// TestSitesInFiles: files win, and are changed by whoever writes them.
func TestSitesInFiles(t *testing.T) {
	config, dir := siteFiles(t, map[string]string{"town": home}), t.TempDir()
	in := func(args ...string) []string {
		return append(append([]string{"sites"}, args...), "--dir", dir, "--config", config)
	}
	if out := succeeds(t, in("list")...); !strings.Contains(out, "1 sites, defined by the files of "+filepath.Dir(config)) {
		t.Error(out)
	}
	if out := succeeds(t, in("show", "town")...); !strings.Contains(out, "town.yaml") {
		t.Error(out)
	}
	for _, args := range [][]string{{"add", "https://x.example/"}, {"pause", "town"}, {"resume", "town"}, {"remove", "town", "--forget"}, {"import", filepath.Dir(config)}} {
		fails(t, in(args...), "defined by the files of", "edit these")
	}
	fails(t, in("export", "town"), "there they are")
}
