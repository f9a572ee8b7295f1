package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// nowhere is an address that refuses connections: nothing listens below port 1024 for these tests.
const nowhere = "127.0.0.1:9"

func TestCrawlRefuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	config := filepath.Join(dir, "khabar.yaml")
	for path, content := range map[string]string{file: "", config: "worker:\n  slots: 3\n  slotts: 3\n"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name string
		args []string
		want []string
	}{
		{"nothing to crawl", nil, []string{"nothing to crawl", "home pages", "--config"}},
		{"no host", []string{"http:///news"}, []string{`"http:///news"`, "host", "https://news.example/"}},
		{"no scheme", []string{"news.example"}, []string{`"news.example"`, "http or https"}},
		{"other scheme", []string{"ftp://news.example/"}, []string{`"ftp://news.example/"`, "http or https"}},
		{"one site twice", []string{"http://news.example/", "http://www.news.example/"}, []string{"http://www.news.example/", "one site"}},
		{"bad configuration", []string{"--config", config}, []string{config + ":3:3", "slotts"}},
		{"no configuration", []string{"--config", dir + "/none.yaml"}, []string{dir + "/none.yaml", "no such file"}},
		{"negative delay", []string{"--delay", "-1s", "http://news.example/"}, []string{"--delay"}},
		{"no attempts", []string{"--attempts", "0", "http://news.example/"}, []string{"--attempts"}},
		{"delay without unit", []string{"--delay", "1", "http://news.example/"}, []string{"--delay", "--help"}},
		{"limit without end", []string{"--limit", "5", "http://news.example/"}, []string{"--limit", "--once"}},
		{"since without end", []string{"--since", "7d", "http://news.example/"}, []string{"--since", "--once"}},
		{"negative limit", []string{"--once", "--limit", "-5", "http://news.example/"}, []string{"--limit -5"}},
		{"no such age", []string{"--once", "--since", "7 days", "http://news.example/"}, []string{"--since", "7d"}},
		{"no proxy", []string{"--proxy", "10.0.0.1:3128", "http://news.example/"}, []string{"--proxy", "http://127.0.0.1:3128"}},
		{"password that needs escapes", []string{"--nats", "nats://u:%secret@" + nowhere, "http://news.example/"}, []string{"nats.url", "%25"}},
		{"directory is a file", []string{"--dir", file, "http://news.example/"}, []string{file, "name another one"}},
		{"directory in a file", []string{"--dir", file + "/data", "http://news.example/"}, []string{file + "/data", "name another one"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := fails(t, append([]string{"crawl"}, tc.args...), tc.want...)
			if strings.Contains(p.Log(), "secret") {
				t.Errorf("tells a password:\n%s", p.Log())
			}
			t.Logf("%s", p.Log())
		})
	}
}

// TestCrawlWaits: a server that is named and not there is waited for, which a person at the terminal sees and can end.
func TestCrawlWaits(t *testing.T) {
	for _, tc := range []struct {
		flags []string
		code  int
	}{{nil, 0}, {[]string{"--once"}, 1}} {
		args := append([]string{"crawl", "--dir", t.TempDir(), "--nats", "nats://u:secret@" + nowhere, "http://news.example/"}, tc.flags...)
		p := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), args...)
		p.Await(t, "Ctrl-C")
		p.Await(t, "waiting for NATS at nats://***@"+nowhere)
		p.Signal(t, syscall.SIGINT)
		if code := p.Exit(t); code != tc.code {
			t.Errorf("%v: ended with status %d", tc.flags, code)
		}
		if log := p.Log(); strings.Contains(log, "secret") || !strings.Contains(log, "process list") {
			t.Errorf("%v: tells a password, or does not warn of the flag:\n%s", tc.flags, log)
		}
	}
}

// TestNotWritable: a directory that cannot be written is said to be so. Root may write everywhere but where the system
// keeps no files.
func TestNotWritable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "read only")
	if err := os.Mkdir(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if dir = "/proc/khabar"; runtime.GOOS != "linux" {
			t.Skip("root may write everywhere on this system")
		}
	}
	for _, args := range [][]string{{"demo"}, {"crawl", "http://news.example/"}, {"servers"}} {
		p := fails(t, append(args, "--dir", dir), dir, "permissions")
		t.Logf("%s", p.Log())
	}
}

// TestUnreachableHost: a crawl of a host that is not there ends by itself and says why.
func TestUnreachableHost(t *testing.T) {
	dir, url := t.TempDir(), "http://"+nowhere+"/"
	fails(t, []string{"crawl", "--once", "--attempts", "1", "--allow-private", "--dir", dir, url}, "nothing could be fetched", "connection")
	record := succeeds(t, "pages", url, "--dir", dir)
	for _, want := range []string{"next_at", "refused", nowhere} {
		if !strings.Contains(record, want) {
			t.Errorf("the page's record does not say %q:\n%s", want, record)
		}
	}
}

// TestInterrupted: Ctrl-C ends a crawl cleanly, and the next one goes on where it ended. Meanwhile the data can be read.
func TestInterrupted(t *testing.T) {
	web, dir := newWeb(t, demosite.Config{Sites: 2, PerSection: 2}), t.TempDir()
	asked, release := web.holdBack(t)
	p := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), web.crawl(dir)...)
	p.Await(t, "data in "+dir)
	<-asked
	if out := succeeds(t, "pages", "--dir", dir); !strings.Contains(out, "home") || !strings.Contains(out, "2  in all") {
		t.Errorf("pages of the running crawl:\n%s", out)
	}
	if out := succeeds(t, "articles", "--dir", dir); !strings.Contains(out, "0 of 0 articles") {
		t.Errorf("articles of the running crawl:\n%s", out)
	}
	p.Signal(t, syscall.SIGINT)
	release()
	if code := p.Exit(t); code != 0 {
		t.Errorf("ended with status %d:\n%s", code, p.Log())
	}
	if !strings.Contains(p.Output(), "pages, ") {
		t.Errorf("no summary: %q", p.Output())
	}
	succeeds(t, web.crawl(dir, "--once")...)
	web.whole(t, dir)
	for host, s := range web.Stats().Hosts {
		if s.MaxConcurrent != 1 {
			t.Errorf("%s: %d requests at once", host, s.MaxConcurrent)
		}
	}
}

// TestToldState: the record of a page that is held says what it waits for, and the progress that the frontier is full.
func TestToldState(t *testing.T) {
	now := time.Now()
	held := store.Page{URL: "http://a.example/story", Lane: "a.example", Priority: 3}.Hold(now)
	if got := newPageRecord(held, now); got.Held != "a.example" || !strings.Contains(got.Next, "when its lane, a.example, has room") {
		t.Errorf("a page that is held: %+v", got)
	}
	tl := newTally()
	full := false
	tl.watch(func() bool { return full })
	for _, full = range []bool{false, true, false} {
		if line := tl.snapshot().line(); strings.Contains(line, "the frontier is full") != full {
			t.Errorf("full is %t: %s", full, line)
		}
	}
}

// TestLimit: a crawl takes so many articles of each site and says what it left, and the next one goes on with that.
func TestLimit(t *testing.T) {
	web, dir := newWeb(t, demosite.Config{Sites: 2, PerSection: 3}), t.TempDir()
	out := succeeds(t, web.crawl(dir, "--once", "--limit", "2")...)
	for _, want := range []string{" 4 new articles", "of 2 sites are left for the next run", "--limit 0 takes all"} {
		if !strings.Contains(out, want) {
			t.Errorf("the summary does not say %q:\n%s", want, out)
		}
	}
	if out = succeeds(t, web.crawl(dir, "--once", "--limit", "0")...); strings.Contains(out, "left for the next run") {
		t.Errorf("without a limit:\n%s", out)
	}
	web.whole(t, dir)
}

// TestDiskFull: a disk that takes no more (here: files that may not grow further) is said to be the reason, and costs
// nothing that was stored: with room again, the crawl goes on.
func TestDiskFull(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no ulimit here")
	}
	web, dir := newWeb(t, demosite.Config{Sites: 2, PerSection: 3}), t.TempDir()
	// 1400 blocks of 512 bytes: enough to start, not enough for the crawl.
	crawl := web.crawl(dir, "--once", "--config", shortLease(t))
	args := append([]string{"-c", `ulimit -f 1400; exec "$0" "$@"`, bin.Path("khabar")}, crawl...)
	p := proctest.Start(t, proctest.Environment(t, "KHABAR_WORKER_GRACE=100ms"), "/bin/sh", args...)
	line := p.Await(t, "disk")
	t.Logf("%s", line)
	p.Signal(t, syscall.SIGINT)
	failed(t, p, crawl, "stopped before the crawl had ended")
	t.Logf("%s", succeeds(t, "pages", "--dir", dir))
	succeeds(t, crawl...)
	web.whole(t, dir)
}

// shortLease is a configuration in which what got lost is due again at once.
func shortLease(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "khabar.yaml")
	if err := os.WriteFile(path, []byte("scheduler: {lease: 1s}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestNoRoom: a disk without room ends a crawl that would wait for it, with the reason; with room again, it goes on.
func TestNoRoom(t *testing.T) {
	disk := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", disk).CombinedOutput(); err != nil {
			t.Errorf("unmount: %v: %s", err, out)
		}
	})
	web, dir := newWeb(t, demosite.Config{Sites: 3, PerSection: 4}), filepath.Join(disk, "data")
	args := web.crawl(dir, "--once", "--config", shortLease(t))
	p := proctest.Run(t, proctest.Environment(t, "KHABAR_WORKER_GRACE=100ms"), bin.Path("khabar"), args...)
	failed(t, p, args, dir+" cannot be written: no space left on device; make room")
	if out, err := exec.Command("mount", "-o", "remount,size=200m", disk).CombinedOutput(); err != nil {
		t.Fatalf("make room: %v: %s", err, out)
	}
	succeeds(t, args...)
	web.whole(t, dir)
}
