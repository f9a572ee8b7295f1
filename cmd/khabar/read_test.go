package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/embedded"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// TestRead looks at a crawled directory with every command that reads.
func TestRead(t *testing.T) {
	web, dir := newWeb(t, demosite.Config{Sites: 4, PerSection: 3}), t.TempDir()
	succeeds(t, web.crawl(dir, "--once")...)
	web.whole(t, dir)
	all := jsonLines(t, succeeds(t, "export", "--dir", dir))
	one := all[slices.IndexFunc(all, func(l line) bool { return l.URL == l.Canonical })]

	count := func(t *testing.T, want func(line) bool, args ...string) {
		t.Helper()
		n := 0
		for _, l := range all {
			if want(l) {
				n++
			}
		}
		got := jsonLines(t, succeeds(t, append([]string{"export", "--dir", dir}, args...)...))
		for _, l := range got {
			if !want(l) {
				t.Errorf("export %q gives %+v", args, l)
			}
		}
		if n == 0 || n == len(all) || len(got) != n {
			t.Errorf("export %q gives %d articles; want %d of %d", args, len(got), n, len(all))
		}
		if out := succeeds(t, append([]string{"articles", "--dir", dir, "--limit", "0"}, args...)...); !strings.Contains(out, fmt.Sprintf("%d of %d articles", n, n)) {
			t.Errorf("articles %q:\n%s", args, out)
		}
	}
	t.Run("filters", func(t *testing.T) {
		count(t, func(l line) bool { return l.Site == one.Site }, "--site", one.Site)
		count(t, func(l line) bool { return l.Language == "ar" }, "--language", "ar")
		var times []string
		for _, l := range all {
			if l.PublishedAt != "" {
				times = append(times, l.PublishedAt) // RFC 3339 in UTC: sorts as text
			}
		}
		slices.Sort(times)
		middle := times[len(times)/2]
		count(t, func(l line) bool { return l.PublishedAt >= middle }, "--since", middle)
		count(t, func(l line) bool { return l.PublishedAt != "" && l.PublishedAt < middle }, "--until", middle)
	})
	t.Run("articles", func(t *testing.T) {
		out := succeeds(t, "articles", "--dir", dir, "--limit", "3")
		if n := strings.Count(out, "\n"); n != 4 || !strings.Contains(out, fmt.Sprintf("3 of %d articles", len(all))) {
			t.Errorf("the newest three:\n%s", out)
		}
		for _, key := range []string{one.ID, one.URL} {
			out := succeeds(t, "articles", "show", key, "--dir", dir)
			for _, want := range []string{one.Title, one.URL, one.Site, one.Published} {
				if !strings.Contains(out, want) {
					t.Errorf("show %s does not say %q:\n%s", key, want, out)
				}
			}
			var shown line
			if err := json.Unmarshal([]byte(succeeds(t, "articles", "show", key, "--json", "--dir", dir)), &shown); err != nil || shown.Text != one.Text {
				t.Errorf("show %s --json: %v, %+v", key, err, shown)
			}
		}
		home := web.Sites()[0].Home
		fails(t, []string{"articles", "show", home, "--dir", dir}, home+" is no article", "khabar pages "+home)
		fails(t, []string{"articles", "show", "0123", "--dir", dir}, "no article and no page 0123")
	})
	t.Run("pages", func(t *testing.T) {
		out := succeeds(t, "pages", "--dir", dir)
		for _, want := range []string{"article", "listing", "feed", "sitemap", "robots", "gone", "in all"} {
			if !strings.Contains(out, want) {
				t.Errorf("no %q:\n%s", want, out)
			}
		}
		site := web.Sites()[0]
		for url, wants := range map[string][]string{
			one.URL:      {"done", "ok", one.ID, "200", "text/html"},
			site.Gone:    {"gone", "404"},
			site.Private: {"excluded", "robots", "Disallow"},
		} {
			out := succeeds(t, "pages", url, "--dir", dir)
			for _, want := range wants {
				if !strings.Contains(out, want) {
					t.Errorf("pages %s does not say %q:\n%s", url, want, out)
				}
			}
		}
		var record struct {
			HTTP struct {
				Status      int    `json:"status"`
				ContentType string `json:"content_type"`
			} `json:"http"`
			DiscoveredFrom string `json:"discovered_from"`
		}
		err := json.Unmarshal([]byte(succeeds(t, "pages", one.URL, "--json", "--dir", dir)), &record)
		if err != nil || record.HTTP.Status != 200 || record.HTTP.ContentType == "" || !strings.HasPrefix(record.DiscoveredFrom, "http://") {
			t.Errorf("pages --json: %v, %+v", err, record)
		}
		fails(t, []string{"pages", "http://elsewhere.example/", "--dir", dir}, "http://elsewhere.example/ is not known")
	})
	t.Run("export", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "articles.jsonl")
		succeeds(t, "export", "--dir", dir, "-o", file)
		data, err := os.ReadFile(file)
		if err != nil || len(jsonLines(t, string(data))) != len(all) {
			t.Errorf("export to a file: %v, %d bytes", err, len(data))
		}
		fails(t, []string{"export", "--dir", dir, "--format", "csv"}, "csv", "jsonl")
		fails(t, []string{"export", "--dir", dir, "--since", "yesterday"}, "--since", "yesterday", "7d")
		fails(t, []string{"export", "--dir", dir, "--limit", "-1"}, "--limit")
		missing := filepath.Join(t.TempDir(), "none", "articles.jsonl")
		fails(t, []string{"export", "--dir", dir, "-o", missing}, missing, "no such file or directory")
	})
	t.Run("an article that cannot be read", func(t *testing.T) {
		spoilt := all[len(all)/2]
		spoil(t, dir, "articles", spoilt.ID, "title")
		says := []string{spoilt.ID, "title", "articles that cannot be read: 1"}
		if got := jsonLines(t, fails(t, []string{"export", "--dir", dir}, says...).Output()); len(got) != len(all)-1 {
			t.Errorf("%d of %d articles exported", len(got), len(all))
		}
		file := filepath.Join(t.TempDir(), "articles.jsonl")
		fails(t, []string{"export", "--dir", dir, "-o", file}, says...)
		if data, err := os.ReadFile(file); err != nil || len(jsonLines(t, string(data))) != len(all)-1 {
			t.Errorf("%d bytes in the file, %v", len(data), err)
		}
		if out := fails(t, []string{"articles", "--dir", dir, "--limit", "0"}, says...).Output(); strings.Count(out, "\n") != len(all) {
			t.Errorf("listed:\n%s", out)
		}
		fails(t, []string{"articles", "show", spoilt.ID, "--dir", dir}, spoilt.ID, "title")
	})
	t.Run("nowhere to write", func(t *testing.T) {
		if _, err := os.Stat("/dev/full"); err != nil {
			t.Skip("this system has no /dev/full")
		}
		for _, args := range [][]string{{"export"}, {"articles"}, {"articles", "show", one.ID}, {"pages"}, {"pages", one.URL}} {
			p := proctest.Run(t, proctest.Environment(t), "/bin/sh", append([]string{"-c", `exec "$0" "$@" >/dev/full`, bin.Path("khabar")}, append(args, "--dir", dir)...)...)
			failed(t, p, args, "no space left on device")
		}
		page := filepath.Join(t.TempDir(), "page.html")
		if err := os.WriteFile(page, []byte("<html><title>t</title>"), 0o600); err != nil {
			t.Fatal(err)
		}
		p := proctest.Run(t, proctest.Environment(t), "/bin/sh", "-c", `exec "$0" extract "$1" >/dev/full`, bin.Path("khabar"), page)
		failed(t, p, []string{"extract"}, "no space left on device")
	})
	t.Run("elsewhere", func(t *testing.T) {
		none := filepath.Join(t.TempDir(), "none")
		for _, args := range [][]string{{"articles"}, {"articles", "show", "x"}, {"pages"}, {"export"}} {
			fails(t, append(args, "--dir", none), none+" holds no crawl", "--dir")
		}
		fails(t, []string{"pages", "--mongo", "http://x/"}, "http://x/", "mongodb")
	})
}

// TestMigrate: the schema of a database is made by the command that is for it, and by no other that only looks.
func TestMigrate(t *testing.T) {
	mongo := "mongodb://127.0.0.1:" + proctest.FreePort(t)
	bin.StartMongoIn(t, t.TempDir(), strings.TrimPrefix(mongo, "mongodb://127.0.0.1:"))
	papers := mongo + "/papers"
	for _, args := range [][]string{{"articles"}, {"pages"}, {"pages", "http://news.example/"}, {"pages", "list"}, {"export"}, {"articles", "show", "x"}} {
		fails(t, append(args, "--mongo", papers), `database "papers" holds nothing of khabar's`, "crawl first")
	}
	dry := succeeds(t, "migrate", "--dry-run", "--mongo", papers)
	if !strings.Contains(dry, "make collection pages") || !strings.Contains(dry, fmt.Sprintf("16 steps to schema version %d", store.SchemaVersion)) {
		t.Errorf("would do:\n%s", dry)
	}
	if names := databases(t, mongo); slices.Contains(names, "papers") {
		t.Errorf("made by who only looked: %v", names)
	}
	done := succeeds(t, "migrate", "--mongo", papers)
	if !strings.Contains(done, "make collection pages") || !strings.Contains(done, fmt.Sprintf("record version %d", store.SchemaVersion)) {
		t.Errorf("did:\n%s", done)
	}
	if again := succeeds(t, "migrate", "--mongo", papers); again != fmt.Sprintf("schema version %d\n", store.SchemaVersion) {
		t.Errorf("did again:\n%s", again)
	}
	if out := succeeds(t, "articles", "--mongo", papers); !strings.Contains(out, "0 of 0 articles") {
		t.Errorf("of an empty crawl:\n%s", out)
	}
	if names := databases(t, mongo); !slices.Contains(names, "papers") || slices.Contains(names, store.DefaultDatabase) {
		t.Errorf("the URI's database is not the one that is used: %v", names)
	}
}

// databases lists those of a server.
func databases(t *testing.T, uri string) []string {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Disconnect(context.Background())
	names, err := client.ListDatabaseNames(t.Context(), struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// spoil puts a number into a document of a crawled directory, as anybody may.
func spoil(t *testing.T, dir, collection, id, field string) {
	t.Helper()
	server, err := embedded.StartStore(t.Context(), embedded.StoreConfig{Dir: filepath.Join(dir, "store")})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	client, err := mongo.Connect(options.Client().ApplyURI(server.URI()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Disconnect(context.Background())
	res, err := client.Database(store.DefaultDatabase).Collection(collection).UpdateOne(t.Context(),
		map[string]any{"_id": id}, map[string]any{"$set": map[string]any{field: 42}})
	if err != nil || res.ModifiedCount != 1 {
		t.Fatal(res, err)
	}
}

// TestServers: the embedded servers run alone, other commands use them by address, and they end on Ctrl-C. Nobody gets at
// them who cannot read the files that hold their addresses, which only their user can.
func TestServers(t *testing.T) {
	dir, addr := t.TempDir(), "127.0.0.1:"+proctest.FreePort(t)
	p := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), "servers", "--dir", dir, "--nats-addr", addr)
	natsURL, mongoURI := filepath.Join(dir, "nats-url"), filepath.Join(dir, "mongo-uri")
	proctest.Until(t, "no addresses", func(context.Context) error {
		for _, file := range []string{natsURL, mongoURI, filepath.Join(dir, "servers.json")} {
			if info, err := os.Stat(file); err != nil {
				return err
			} else if info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
				t.Errorf("%s can be read by others: %v", file, info.Mode())
			}
		}
		return nil
	})
	fails(t, []string{"servers", "--dir", t.TempDir(), "--nats-addr", addr}, addr, "another process listens there")
	fails(t, []string{"servers", "--dir", t.TempDir(), "--nats-addr", "0.0.0.0:4222"}, "0.0.0.0:4222", "loopback")
	fails(t, []string{"servers", "--dir", t.TempDir(), "--nats-addr", "127.0.0.1:0", "--mongo-addr", "0.0.0.0:27017"}, "0.0.0.0:27017", "loopback")

	web := newWeb(t, demosite.Config{Sites: 1, PerSection: 2})
	unused := filepath.Join(t.TempDir(), "unused")
	fails(t, web.crawl(t.TempDir(), "--once", "--nats", "nats://"+addr), "Authorization Violation")
	env := proctest.Environment(t, "KHABAR_NATS_URL_FILE="+natsURL, "KHABAR_MONGO_URI_FILE="+mongoURI)
	crawl := web.crawl(unused, "--once")
	if c := proctest.Run(t, env, bin.Path("khabar"), crawl...); c.Exit(t) != 0 {
		t.Errorf("a crawl on the named servers:\n%s\n%s", c.Output(), c.Log())
	}
	if _, err := os.Stat(unused); !os.IsNotExist(err) {
		t.Errorf("a crawl on named servers made %s: %v", unused, err)
	}
	uri, err := os.ReadFile(mongoURI)
	if err != nil {
		t.Fatal(err)
	}
	if out := succeeds(t, "articles", "--mongo", strings.TrimSpace(string(uri))); !strings.Contains(out, fmt.Sprintf("%d articles", len(web.Articles()))) {
		t.Errorf("articles on the named server:\n%s", out)
	}
	secret, err := os.ReadFile(natsURL)
	if err != nil {
		t.Fatal(err)
	}
	p.Signal(t, syscall.SIGINT)
	if code := p.Exit(t); code != 0 {
		t.Errorf("ended with status %d:\n%s", code, p.Log())
	}
	for _, want := range []string{dir, "nats://" + addr, natsURL, "KHABAR_NATS_URL_FILE='" + natsURL + "'", "KHABAR_MONGO_URI_FILE='" + mongoURI + "'"} {
		if !strings.Contains(p.Output(), want) {
			t.Errorf("does not say %q: %s", want, p.Output())
		}
	}
	if _, password, _ := strings.Cut(strings.TrimSuffix(strings.TrimSpace(string(secret)), "@"+addr), "khabar:"); password == "" || strings.Contains(p.Output()+p.Log(), password) {
		t.Errorf("tells the password %q:\n%s\n%s", password, p.Output(), p.Log())
	}
	web.whole(t, dir)
}
