package worker

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// inFlight is a worker with one page in flight, which hold keeps waiting.
func inFlight(t *testing.T, grace time.Duration, name string) (w *world, p *process, letGo func()) {
	t.Helper()
	asked, hold := make(chan struct{}, 10), make(chan struct{})
	web := newScript(t, func(rw http.ResponseWriter, url string, _ int) {
		asked <- struct{}{}
		<-hold
		page(rw)
	})
	open := true
	letGo = func() {
		if open {
			close(hold)
		}
		open = false
	}
	t.Cleanup(letGo) // before the server's own, which waits for its requests
	s := homeSite(t, "http://"+name+"/")
	s.Sections = []site.Section{{ID: "a", URL: "http://" + name + "/section", Kind: site.Listing}}
	w = newWorld(t, shared, web.URL, s)
	w.worker.Grace = grace
	w.frontier.AckWait = 2 * longest // what is not given back is not to be had in this test
	p = w.start(nil)
	_, stop := p.seed()
	p.run()
	<-asked
	stop()
	return w, p, letGo
}

// turnOf takes the one turn, which must have been given back.
func turnOf(t *testing.T, w *world) (*process, context.Context) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	t.Cleanup(cancel)
	return w.start(nil), ctx
}

func TestStopDrains(t *testing.T) {
	t.Parallel()
	w, p, letGo := inFlight(t, time.Minute, "drain.example")
	p.stop()
	letGo()
	<-p.done
	if p.err != nil {
		t.Errorf("Run: %v", p.err)
	}
	page := w.pages()["http://drain.example/section"]
	if page.Status != store.StatusDone || page.FetchedAt == nil {
		t.Errorf("the page in flight is %s, %s", page.Status, page.Outcome)
	}
	next, ctx := turnOf(t, w)
	turn, err := next.front.Take(ctx)
	if err != nil {
		t.Fatal("the turn was not given back:", err)
	}
	if err := turn.Release(ctx, time.Time{}, 0); err != nil {
		t.Error(err)
	}
}

func TestStopAfterGrace(t *testing.T) {
	t.Parallel()
	w, p, _ := inFlight(t, time.Millisecond, "stuck.example")
	p.stop()
	<-p.done // though the site has not answered
	if p.err != nil {
		t.Errorf("Run: %v", p.err)
	}
	if page := w.pages()["http://stuck.example/section"]; page.Status != store.StatusQueued {
		t.Errorf("the page in flight is %s, %s", page.Status, page.Outcome)
	}
	next, ctx := turnOf(t, w)
	turn, err := next.front.Take(ctx)
	if err != nil {
		t.Fatal("the turn was not given back:", err)
	}
	task, err := turn.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if s := turn.Suspicion(task); s.Deaths() != 0 {
		t.Errorf("%+v after an orderly stop", s)
	}
	if err := turn.Release(ctx, time.Time{}, 0); err != nil {
		t.Error(err)
	}
}

// TestFrontierClosed wants a worker whose frontier was closed under it to say so.
func TestFrontierClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, shared, "")
	p := w.start(nil).run()
	p.front.Close()
	<-p.done
	if p.err == nil {
		t.Error("Run ended without a word")
	}
}

// TestOutage stops each server in the middle of a crawl and starts it again.
func TestOutage(t *testing.T) {
	t.Parallel()
	servers := &pair{dir: t.TempDir()}
	if err := servers.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(servers.stop)
	w, web := demoWorld(t, demosite.Config{Sites: 2, PerSection: 2, PageSize: 2})
	w.servers = servers
	w.frontier.Storage = jetstream.FileStorage
	p := w.start(nil)
	p.seed()
	p.run()
	for range 5 {
		<-p.seen
	}
	servers.store.Stop()
	if err := servers.startStore(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		<-p.seen
	}
	servers.nats.Stop()
	if err := servers.startNATS(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.drained(p)
	expectAll(t, w, web)
	expectPolite(t, web, 1)
	for url, page := range w.pages() {
		if page.Status == store.StatusDead {
			t.Errorf("%s is dead: %s", url, page.LastError)
		}
	}
}
