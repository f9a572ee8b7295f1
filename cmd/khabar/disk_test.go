package main

import (
	"context"
	"fmt"
	"syscall"
	"testing"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
)

// TestRoomAgain: a crawl on the embedded servers whose disk is full goes on by itself when there is room, in the same
// process, and loses nothing.
func TestRoomAgain(t *testing.T) {
	web, dir := newWeb(t, demosite.Config{Sites: 2, PerSection: 3}), t.TempDir()
	asked, release := web.holdBack(t)
	p := proctest.Start(t, proctest.Environment(t), bin.Path("khabar"), web.crawl(dir, "--config", shortLease(t))...)
	<-asked
	room := p.FillDisk(t)
	release()
	p.Await(t, "JetStream takes no messages")
	room()
	p.Await(t, "JetStream was started again")
	proctest.Until(t, "the crawl goes on", func(context.Context) error {
		list := command(t, "export", "--dir", dir)
		if code := list.Exit(t); code != 0 {
			return fmt.Errorf("export ended with status %d: %s", code, list.Log())
		}
		if n := len(jsonLines(t, list.Output())); n < len(web.Articles()) {
			return fmt.Errorf("%d of %d articles", n, len(web.Articles()))
		}
		return nil
	})
	p.Signal(t, syscall.SIGINT)
	if code := p.Exit(t); code != 0 {
		t.Errorf("ended with status %d:\n%s", code, p.Log())
	}
	web.whole(t, dir)
}
