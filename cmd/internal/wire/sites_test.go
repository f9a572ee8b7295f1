package wire

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/khabar-crawler/khabar/pkg/config"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// folder is a directory of site files that changes.
type folder struct {
	*Sites
	t    *testing.T
	dir  string
	logs *observer.ObservedLogs
}

func newFolder(t *testing.T) *folder {
	t.Helper()
	f := &folder{t: t, dir: t.TempDir()}
	f.write("a.yaml", "id: a\nname: A\nhome: https://a.example/\n")
	f.write("b.yaml", "id: b\nname: B\nhome: https://b.example/\n")
	cfg := config.Default()
	cfg.Sites = []string{f.dir}
	core, logs := observer.New(zap.InfoLevel)
	f.logs = logs
	var err error
	if f.Sites, err = ReadSites(cfg, zap.New(core)); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *folder) write(name, text string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

// names are those of the sites in force.
func (f *folder) names() string {
	var names []string
	for _, s := range f.Current().Set().All() {
		names = append(names, s.Name)
	}
	return strings.Join(names, " ")
}

// TestWatchFiles: what is written, added and removed is in force seconds later; what is broken is told, and what it was stays.
func TestWatchFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFolder(t)
		defer f.Watch(t.Context(), false)()
		for _, step := range []struct {
			about  string
			change func()
			want   string
			told   string
		}{
			{"nothing", func() {}, "A B", ""},
			{"changed", func() { f.write("b.yaml", "id: b\nname: Other\nhome: https://b.example/\n") }, "A Other", ""},
			{"added", func() { f.write("c.yaml", "id: c\nname: C\nhome: https://c.example/\n") }, "A Other C", ""},
			{"broken", func() { f.write("c.yaml", "id: c\nname: C\nhome: c.example\n") }, "A Other C", "c.yaml:3:7: home"},
			{"another one beside it", func() { f.write("a.yaml", "id: a\nname: First\nhome: https://a.example/\n") }, "First Other C", "c.yaml:3:7: home"},
			{"one place twice", func() { f.write("c.yaml", "id: c\nname: C\nhome: https://a.example/\n") }, "First Other C", "c.yaml:3:7: home: a.example is the place of a too"},
			{"removed", func() { _ = os.Remove(filepath.Join(f.dir, "c.yaml")) }, "First Other", ""},
			{"all removed", func() {
				_ = os.Remove(filepath.Join(f.dir, "a.yaml"))
				_ = os.Remove(filepath.Join(f.dir, "b.yaml"))
			}, "First Other", "no site files"},
		} {
			f.logs.TakeAll()
			step.change()
			<-time.After(2 * sitesEvery)
			synctest.Wait()
			var told []string
			for _, l := range f.logs.FilterLevelExact(zap.ErrorLevel).All() {
				problem, _ := l.ContextMap()["problem"].(string)
				told = append(told, problem)
			}
			if got, all := f.names(), strings.Join(told, "\n"); got != step.want || (step.told == "") != (all == "") || !strings.Contains(all, step.told) {
				t.Errorf("%s: %s, told %q", step.about, got, all)
			}
		}
	})
}

// TestWatchLinks: Kubernetes exchanges the files of a ConfigMap by one link to their directory.
func TestWatchLinks(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"old", "new"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		text := "id: a\nname: " + name + "\nhome: https://a.example/\n"
		if err := os.WriteFile(filepath.Join(dir, name, "a.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, "next")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "next"), filepath.Join(dir, "data")); err != nil {
			t.Fatal(err)
		}
	}
	link("old")
	cfg := config.Default()
	cfg.Sites = []string{filepath.Join(dir, "data")}
	s, err := ReadSites(cfg, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	link("new")
	if err := s.look(t.Context()); err != nil || s.Current().Set().Get("a").Name != "new" {
		t.Errorf("%s, %v", s.Current().Set().Get("a").Name, err)
	}
}

// TestSitesOfTheStore: without files the store defines the sites. A process waits for the first, takes changes up, and keeps
// what it had of one that somebody spoilt.
func TestSitesOfTheStore(t *testing.T) {
	b := newBase(t)
	stop, err := MakeSchema(t.Context(), b.store, nil, b.log, true)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	s, err := ReadSites(config.Default(), b.log)
	if err != nil {
		t.Fatal(err)
	}
	there := make(chan error, 1)
	go func() { there <- s.Await(t.Context(), b.store, nil) }()
	save := func(f store.SiteFile) store.SiteFile {
		t.Helper()
		f.AddedAt, f.UpdatedAt = time.Now(), time.Now()
		f, err := b.store.SaveSiteFile(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := save(store.SiteFile{ID: "a", Text: "id: a\nname: A\nhome: https://a.example/\n"})
	if err := <-there; err != nil || s.Current().Set().Get("a").Name != "A" {
		t.Fatal(err)
	}
	if err := s.look(t.Context()); err != nil { // it may have come between two looks, and is read once more
		t.Fatal(err)
	}
	set := s.Current().Set()
	if err := s.look(t.Context()); err != nil || s.Current().Set() != set {
		t.Errorf("nothing has changed, and the set is another one: %v", err)
	}
	f.Text, f.Paused = "id: a\nname: B\nhome: https://a.example/\n", true
	f = save(f)
	if err := s.look(t.Context()); err != nil || s.Current().Set().Get("a").Name != "B" || !s.Current().Set().Get("a").Paused {
		t.Errorf("%+v, %v", s.Current().Set().Get("a"), err)
	}
	f.Text = "id: a\nname: C\n"
	save(f)
	save(store.SiteFile{ID: "b", Text: "id: b\nhome: https://b.example/\n"})
	if err := s.look(t.Context()); err != nil || s.Current().Set().Get("a").Name != "B" || s.Current().Set().Get("b") == nil {
		t.Errorf("%+v, %v", s.Current().Set().Get("a"), err)
	}
	if told := b.logs.FilterMessageSnippet("site refused").All(); len(told) != 1 || !strings.Contains(told[0].ContextMap()["problem"].(string), "sites/a:1:1: home") {
		t.Errorf("told %v", told)
	}
	if err := b.store.RemoveSiteFile(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := s.look(t.Context()); err != nil || s.Current().Set().Len() != 1 {
		t.Errorf("%d sites, %v", s.Current().Set().Len(), err)
	}
}
