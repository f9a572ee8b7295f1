package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/caarlos0/env/v11"

	"github.com/khabar-crawler/khabar/pkg/site"
)

const shipped = "../../configs/khabar.yaml"

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestShipped: the file in configs says what the defaults are, and its sites load.
func TestShipped(t *testing.T) {
	cfg, err := Load(shipped, nil)
	if err != nil {
		t.Fatal(err)
	}
	if sites, err := site.LoadAll(cfg.Sites...); err != nil || len(sites) == 0 {
		t.Errorf("its sites %v: %d, %v", cfg.Sites, len(sites), err)
	}
	cfg.Sites = nil
	if want := Default(); !reflect.DeepEqual(cfg, want) {
		t.Errorf("configs/khabar.yaml gives\n%+v\nthe defaults are\n%+v", cfg, want)
	}
}

// keys lists the paths of all keys of the configuration.
func keys(t reflect.Type, prefix string) []string {
	var all []string
	for i := range t.NumField() {
		f := t.Field(i)
		key := f.Tag.Get("yaml")
		switch {
		case key == "-":
		case f.Type.Kind() == reflect.Struct:
			all = append(all, keys(f.Type, prefix+key+".")...)
		default:
			all = append(all, prefix+key)
		}
	}
	return all
}

// TestEveryKeyIsShown: the shipped file names each key, set or commented out, and nothing without a word on it.
func TestEveryKeyIsShown(t *testing.T) {
	data, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	part := ""
	for line := range strings.SplitSeq(string(data), "\n") {
		if m := regexp.MustCompile(`^(# )?([a-z_]+):`).FindStringSubmatch(line); m != nil {
			part = m[2]
			shown[part] = true
		} else if m := regexp.MustCompile(`^  (# )?([a-z_]+):`).FindStringSubmatch(line); m != nil {
			shown[part+"."+m[2]] = true
		}
	}
	for _, key := range keys(reflect.TypeFor[Config](), "") {
		if !shown[key] {
			t.Errorf("configs/khabar.yaml does not show %s", key)
		}
	}
}

// TestVariables: each key's variable is named after its path, as the file and the documentation promise.
func TestVariables(t *testing.T) {
	params, err := env.GetFieldParamsWithOptions(Default(), env.Options{Prefix: Prefix})
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, p := range params {
		if p.OwnKey != "" {
			got = append(got, p.Key)
		}
	}
	for _, key := range keys(reflect.TypeFor[Config](), "") {
		want = append(want, variable(key))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("variables\n%v\nkeys\n%v", got, want)
	}
}

func TestLoadWithoutFile(t *testing.T) {
	cfg, err := Load("", nil)
	if err != nil || !reflect.DeepEqual(cfg, Default()) {
		t.Errorf("Load of nothing = %+v, %v", cfg, err)
	}
}

func TestOverlay(t *testing.T) {
	path := write(t, "k.yaml", "sites: [a.yaml, /b]\ndata_dir: data\nworker: {slots: 4, hold: 2s}\nmongo: {uri: 'mongodb://file/'}\nfetch: {max_body: 1MiB}\n")
	cfg, err := Load(path, []string{
		"KHABAR_WORKER_SLOTS=7", "KHABAR_MONGO_URI=mongodb://u:p@h1:27017,h2:27017/?replicaSet=rs0", "KHABAR_FETCH_MAX_BODY=2MiB",
		"KHABAR_REVISIT_LOOKS=7", "KHABAR_FETCH_ALLOW_PRIVATE=true", "KHABAR_LOG_LEVEL=", "KHABAR_WORKER_SLOT=1",
		"KHABAR_SERVICE_HOST=10.0.0.1", "KHABAR_PORT_8080_TCP=x", "KHABAR_TEST_MONGO_URI=x", "OTHER=1",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Sites = []string{filepath.Join(filepath.Dir(path), "a.yaml"), "/b"}
	want.DataDir = filepath.Join(filepath.Dir(path), "data")
	want.Worker.Slots, want.Worker.Hold = 7, 2*time.Second
	want.Mongo.URI = "mongodb://u:p@h1:27017,h2:27017/?replicaSet=rs0"
	want.Fetch.MaxBody, want.Fetch.AllowPrivate = 2<<20, true
	want.Revisit.Looks = 7
	want.Warnings = []string{"KHABAR_WORKER_SLOT is set and is no variable of khabar's"}
	if !reflect.DeepEqual(cfg, want) {
		t.Errorf("got\n%#v\nwant\n%#v", cfg, want)
	}
}

func TestSitesFromTheEnvironment(t *testing.T) {
	cfg, err := Load(shipped, []string{"KHABAR_SITES=x.yaml,y"})
	if err != nil || !slices.Equal(cfg.Sites, []string{"x.yaml", "y"}) {
		t.Errorf("%v, %v", cfg, err)
	}
}

func TestSecretsByFile(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"uri": "mongodb://u:p@h/\n", "other": "mongodb://other/", "empty": "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "k.yaml")
	if err := os.WriteFile(file, []byte("mongo: {uri_file: uri}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, path string
		environ    []string
		want, err  string
	}{
		{"in the file", file, nil, "mongodb://u:p@h/", ""},
		{"the variable wins over the file's file", file, []string{"KHABAR_MONGO_URI=mongodb://env/"}, "mongodb://env/", ""},
		{"the variable's file wins", file, []string{"KHABAR_MONGO_URI_FILE=" + filepath.Join(dir, "other")}, "mongodb://other/", ""},
		{"both in the environment", "", []string{"KHABAR_MONGO_URI=mongodb://a/", "KHABAR_MONGO_URI_FILE=x"}, "",
			"KHABAR_MONGO_URI_FILE: is given beside mongo.uri; give one of them"},
		{"missing", "", []string{"KHABAR_NATS_URL_FILE=" + filepath.Join(dir, "none")}, "",
			"KHABAR_NATS_URL_FILE: cannot be read: open " + filepath.Join(dir, "none") + ": no such file or directory"},
		{"empty", "", []string{"KHABAR_FETCH_PROXY_FILE=" + filepath.Join(dir, "empty")}, "",
			"KHABAR_FETCH_PROXY_FILE: " + filepath.Join(dir, "empty") + " is empty"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg, err := Load(tc.path, tc.environ)
			if tc.err != "" {
				if err == nil || err.Error() != tc.err {
					t.Errorf("got %v; want %s", err, tc.err)
				}
				return
			}
			if err != nil || string(cfg.Mongo.URI) != tc.want {
				t.Errorf("got %v, %v; want %s", cfg, err, tc.want)
			}
		})
	}
}

func TestProblems(t *testing.T) {
	path := write(t, "k.yaml", `nats: {url: http://nats:4222, shards: 0, prefix: a.b}
mongo: {uri: localhost:27017, database: "a b", batch_bytes: 1 GB}
fetch:
  timout: 5s
  proxy: proxy:3128
  max_redirects: 3
  token: my bot
  allow_prefixes: [10.0.0.0/8, "10.1"]
worker: {slots: 0, hold: 2m}
revisit: {min: 2h, max: 1h, looks: 101}
log: {level: verbose, format: text}
health: {addr: 8080}
politeness: {delay: 5}
`)
	want := strings.ReplaceAll(`F:1:13: nats.url: is no NATS URL; want nats://host:4222 (or tls, ws, wss), several parted by commas
F:1:39: nats.shards: 0 is out of range; want from 1 to 256
F:1:50: nats.prefix: "a.b" is no prefix; want up to 64 letters, digits, - or _
F:2:14: mongo.uri: is no MongoDB URI; want mongodb://host:27017/ or mongodb+srv://host/
F:2:41: mongo.database: "a b" is no database; want up to 63 letters, digits, - or _
F:2:61: mongo.batch_bytes: "1 GB" is no size; want a size such as 512KiB, 10MiB or 2GiB
F:4:3: fetch.timout: unknown key, did you mean timeout?; allowed here: FETCH
F:5:10: fetch.proxy: is no proxy; want http://host:port, https://host:port or socks5://host:port
F:6:18: fetch.max_redirects: 3 is out of range; want from 5 to 50
F:7:10: fetch.token: "my bot" is no product token; want letters, digits, - or _
F:8:32: fetch.allow_prefixes[1]: "10.1" is no address prefix; want one such as 10.1.0.0/16 or fd00::/8
F:9:17: worker.slots: 0 is out of range; want from 1 to 10000
F:9:26: worker.hold: 2m is out of range; want from 0s to 1m
F:10:16: revisit.min: 2h is longer than revisit.max, 1h
F:10:36: revisit.looks: 101 is out of range; want from 0 to 20
F:11:14: log.level: "verbose" is not known; want one of debug, info, warn, error
F:11:31: log.format: "text" is not known; want one of json, console
F:12:16: health.addr: want text, got the number 8080 (put it in quotes)
F:13:21: politeness.delay: want a duration such as 5s, 30m or 1h, got the number 5
KHABAR_FETCH_USER_AGENT: does not contain fetch.token, "my bot", by which robots.txt knows the crawler
KHABAR_SCHEDULER_BATCH: 0 is out of range; want from 1 to 100000
KHABAR_WORKER_GRACE: cannot be read: `, "F:", path+":")
	want = strings.ReplaceAll(want, "FETCH\n", strings.Join(keys(reflect.TypeFor[Fetch](), ""), ", ")+"\n")
	_, err := Load(path, []string{"KHABAR_SCHEDULER_BATCH=0", "KHABAR_WORKER_GRACE=25", "KHABAR_FETCH_USER_AGENT=other"})
	if err == nil {
		t.Fatal("accepted")
	}
	got := strings.Split(err.Error(), "\n")
	slices.SortStableFunc(got, func(a, b string) int { // the environment's in order of name
		if strings.HasPrefix(a, Prefix) && strings.HasPrefix(b, Prefix) {
			return strings.Compare(a, b)
		}
		return 0
	})
	for i, w := range strings.Split(want, "\n") {
		if i >= len(got) || !strings.HasPrefix(got[i], w) || got[i] != w && !strings.HasSuffix(w, ": ") {
			t.Errorf("line %d: got\n%s\nwant\n%s", i, slices.Concat(got, make([]string, i+1))[i], w)
		}
	}
	if n := strings.Count(want, "\n") + 1; len(got) != n {
		t.Errorf("%d problems; want %d:\n%v", len(got), n, err)
	}
	var p Problem
	if !errors.As(err, &p) || p.Line != 1 {
		t.Errorf("no Problem in %T", err)
	}
}

func TestMissingFile(t *testing.T) {
	if _, err := Load("none.yaml", nil); err == nil || err.Error() != "none.yaml: cannot be read: no such file or directory" {
		t.Errorf("%v", err)
	}
}

// TestSecretsAreNotPrinted tries the ways in which a configuration ends up in a log.
func TestSecretsAreNotPrinted(t *testing.T) {
	const password = "hunter2"
	cfg, err := Load("", []string{
		"KHABAR_MONGO_URI=mongodb://user:" + password + "@h1,h2/db?authMechanismProperties=TOKEN:" + password,
		"KHABAR_NATS_URL=nats://" + password + "@nats:4222", "KHABAR_FETCH_PROXY=http://u:" + password + "@proxy:3128",
	})
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{fmt.Sprint(cfg), fmt.Sprintf("%+v", *cfg), fmt.Sprintf("%#v", cfg), string(asJSON)} {
		if strings.Contains(s, password) || !strings.Contains(s, "***@h1,h2/db?***") {
			t.Errorf("printed: %s", s)
		}
	}
	_, err = Load("", []string{"KHABAR_MONGO_URI=mysql://u:" + password + "@h/", "KHABAR_FETCH_PROXY=://" + password, "KHABAR_NATS_URL=" + password})
	if err == nil || strings.Contains(err.Error(), password) {
		t.Errorf("the error says %v", err)
	}
	for in, want := range map[string]string{
		"": "", "word": "***", "nats://h:1": "nats://h:1", "mongodb://u:p@ss@h/": "mongodb://***@h/",
		"mongodb://h/?proxyPassword=p@ss": "mongodb://***", "mongodb://u:p?ss@h/": "mongodb://***", "u:p@h://": "***",
	} {
		if got := Secret(in).String(); got != want {
			t.Errorf("Secret(%q) prints %q", in, got)
		}
	}
}

// TestSecretsInBrokenFiles: whatever is wrong with a file, its secrets are not told.
func TestSecretsInBrokenFiles(t *testing.T) {
	for _, content := range []string{
		"nats:\n  url: nats://u:hunter2@h\n bad: [\n",
		"nats: {url: nats://u:hunter2@h\nmongo: {uri: x}\n",
		"nats: {urll: nats://u:hunter2@h}\n",
		"nats: {url: [nats://u:hunter2@h]}\n",
		"nats: {url: {nats://u:hunter2@h: 1}}\n",
		"nats: nats://u:hunter2@h\n",
		"mongo: {uri: \"mongodb://u:hunter2@h\\q\"}\n",
		"mongo:\n\turi: mongodb://u:hunter2@h\n",
		"mongo: {uri: mongodb://u:hunter2@h, uri: mongodb://u:hunter2@h}\n",
		"fetch: {proxy: \"http://u:hunter2%zz@h\"}\n",
		"nats: {url: \"nats://u:hunter2%zz@h\"}\n",
		"nats: {url: \"nats://u:hunter2/@h\"}\n",
	} {
		if _, err := Load(write(t, "khabar.yaml", content), nil); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", content, err)
		}
	}
}

// FuzzSecret: a password is told neither when an address is printed nor when it cannot be used, however it is written.
func FuzzSecret(f *testing.F) {
	f.Add("correct horse", "nats:4222")
	f.Add("%41/battery%", "db1,db2/?w=1")
	f.Add("one@two:three?four#five", "h/?x=a@b")
	f.Fuzz(func(t *testing.T, password, after string) {
		for _, address := range []string{
			"nats://u:" + password + "@" + after, "nats://" + password + "@" + after, "nats://h,tls://u:" + password + "@" + after,
			"mongodb://u:" + password + "@" + after, "mongodb://h/?proxyPassword=" + password + "&x=" + after,
		} {
			told := Secret(address).String()
			if _, err := Load("", []string{"KHABAR_NATS_URL=" + address, "KHABAR_FETCH_PROXY=" + address, "KHABAR_MONGO_URI=" + address}); err != nil {
				told += err.Error()
			}
			kinds := slices.Compact(slices.Sorted(slices.Values([]byte(password))))
			if len(password) >= 8 && len(kinds) >= 6 && !strings.Contains(after, password) && strings.Contains(told, password) {
				t.Errorf("%q: %s", address, told)
			}
		}
	})
}

// TestNATSServers: what several URLs may look like, and what is no URL.
func TestNATSServers(t *testing.T) {
	for url, want := range map[string]string{
		"": "", "nats://h": "nats://h", " nats://a:1 , tls://u:p@b ,": "nats://a:1 tls://u:p@b", "nats://u:p%40%2F@h": "nats://u:p%40%2F@h",
		"wss://h/nats": "wss://h/nats", "nats://[::1]:4222": "nats://[::1]:4222",
	} {
		got, err := NATS{URL: Secret(url)}.Servers()
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %q, %v", url, got, err)
		}
	}
	for url, want := range map[string]error{
		"localhost:4222": errNATSURL, ",": errNATSURL, "nats://": errNATSURL, "http://h": errNATSURL, "nats://a,b": errNATSURL,
		"nats://u:p%ss@h": errNATSParse, "nats://u:p/ss@h": errNATSParse, "nats://u:12/ss@h": errNATSParse, "nats://u:12?ss@h": errNATSParse,
		"nats://u:12#ss@h": errNATSParse, "nats://:4222": errNATSParse, "nats://h:port": errNATSParse,
	} {
		if got, err := (NATS{URL: Secret(url)}).Servers(); !errors.Is(err, want) {
			t.Errorf("%q: %q, %v", url, got, err)
		}
	}
	for _, n := range []NATS{{URL: "nats://u:p@h", NkeyFile: "f"}, {URL: "nats://token@h", CredentialsFile: "f"}} {
		if _, err := n.Servers(); !errors.Is(err, errNATSAuth) {
			t.Errorf("%+v: %v", n, err)
		}
	}
}

// TestNATSAuth: ways to prove who one is that do not go together are reported where they stand.
func TestNATSAuth(t *testing.T) {
	path := write(t, "k.yaml", "nats:\n  nkey_file: a\n  credentials_file: b\n  cert_file: c\n")
	_, err := Load(path, []string{"KHABAR_NATS_URL=nats://u:p@h"})
	want := "KHABAR_NATS_URL: " + errNATSAuth.Error()
	for _, w := range []string{want, path + ":2:14: nats.nkey_file: is given beside", path + ":4:14: nats.cert_file: is given without"} {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("not %q: %v", w, err)
		}
	}
	cfg, err := Load(write(t, "k.yaml", "nats: {url: 'tls://h', nkey_file: a, ca_file: b, cert_file: c, key_file: d}\n"), nil)
	if err != nil || !filepath.IsAbs(cfg.NATS.NkeyFile) || !filepath.IsAbs(cfg.NATS.CAFile) || !filepath.IsAbs(cfg.NATS.CertFile) || !filepath.IsAbs(cfg.NATS.KeyFile) {
		t.Errorf("%+v, %v", cfg, err)
	}
}

func TestSecretAsFlag(t *testing.T) {
	var s Secret
	if err := s.Set("nats://u:p@h"); err != nil || s != "nats://u:p@h" || s.Type() != "url" {
		t.Errorf("%v", err)
	}
}

func TestSize(t *testing.T) {
	for in, want := range map[string]Size{"0": 0, "123": 123, "1KiB": 1024, "10 MiB": 10 << 20, "2GiB": 2 << 30} {
		var s Size
		if err := s.UnmarshalText([]byte(in)); err != nil || s != want {
			t.Errorf("%q = %d, %v", in, s, err)
		}
	}
	for _, in := range []string{"", "x", "-1", "1.5MiB", "1MB", "99999999999GiB", "KiB"} {
		var s Size
		if err := s.UnmarshalText([]byte(in)); err == nil {
			t.Errorf("%q = %d", in, s)
		}
	}
	for s, want := range map[Size]string{0: "0", 1000: "1000", 1024: "1KiB", 3 << 19: "1536KiB", 5 << 30: "5GiB"} {
		if s.String() != want {
			t.Errorf("%d prints %s", int64(s), s)
		}
	}
}

func TestAgent(t *testing.T) {
	for _, tc := range []struct {
		f    Fetch
		want string
	}{
		{Fetch{Token: "khabar"}, ""},
		{Fetch{Token: "khabar", Contact: "https://a.example/bot"}, "Mozilla/5.0 (compatible; khabar/1.0; +https://a.example/bot)"},
		{Fetch{Token: "khabar", Contact: "x", UserAgent: "khabar-test"}, "khabar-test"},
	} {
		if got := tc.f.Agent(); got != tc.want {
			t.Errorf("%+v: %q", tc.f, got)
		}
	}
}

func FuzzLoad(f *testing.F) {
	data, err := os.ReadFile(shipped)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data, "KHABAR_WORKER_SLOTS=3")
	f.Add([]byte("mongo: {uri: x}\nfetch: {max_body: 1MiB}\n"), "KHABAR_REVISIT_LOOKS=7")
	path := filepath.Join(f.TempDir(), "k.yaml")
	f.Fuzz(func(t *testing.T, data []byte, variable string) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := Load(path, []string{variable})
		if (cfg == nil) == (err == nil) {
			t.Errorf("both or neither: %v, %v", cfg, err)
		}
		if err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
