package main

import (
	"encoding/json"
	"syscall"
	"testing"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
)

// TestDemo: the demo stores what its web knows to be true; its data can be looked at while it is kept up, is nobody
// else's meanwhile, and a second run on it finds nothing new.
func TestDemo(t *testing.T) {
	dir := t.TempDir()
	first := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), "demo", "--json", "--keep", "--dir", dir)
	first.Await(t, "The store is at mongodb://")
	if n := len(jsonLines(t, succeeds(t, "export", "--dir", dir))); n < 240 {
		t.Errorf("%d articles while the demo is kept up", n)
	}
	for _, other := range [][]string{{"demo"}, {"servers", "--nats-addr", "127.0.0.1:0", "--mongo-addr", "127.0.0.1:0"}} {
		fails(t, append(other, "--dir", dir), dir, "is used by process", "stop it or name another directory")
	}
	first.Signal(t, syscall.SIGINT)
	if code := first.Exit(t); code != 0 {
		t.Errorf("ended with status %d", code)
	}
	sum := summary(t, first)
	if sum.PagesFetched < sum.ArticlesExpected || sum.ArticlesNew != sum.ArticlesStored || sum.Seconds <= 0 || sum.PagesPerSecond <= 0 {
		t.Errorf("first run: %+v", sum)
	}

	second := command(t, "demo", "--json", "--dir", dir)
	if code := second.Exit(t); code != 0 {
		t.Errorf("the second run ended with status %d", code)
	}
	if sum := summary(t, second); sum.PagesFetched != 0 || sum.ArticlesNew != 0 {
		t.Errorf("the second run fetched %d pages and stored %d articles", sum.PagesFetched, sum.ArticlesNew)
	}
}

func summary(t *testing.T, p *proctest.Process) demoSummary {
	t.Helper()
	var sum demoSummary
	if err := json.Unmarshal([]byte(p.Output()), &sum); err != nil {
		t.Fatalf("%v in %q", err, p.Output())
	}
	if sum.ArticlesExpected < 240 || sum.ArticlesStored != sum.ArticlesExpected || sum.ArticlesWrong != 0 || sum.MaxAtOnce > 1 || sum.Private > 0 {
		t.Errorf("stored %d of %d, %d wrong, %d at once, %d private: %q", sum.ArticlesStored, sum.ArticlesExpected, sum.ArticlesWrong,
			sum.MaxAtOnce, sum.Private, sum.Wrong)
	}
	return sum
}
