package scheduler

import (
	"context"
	"testing"

	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/store/storetest"
)

// TestHalfClaimed has the answer to a claim get lost, once the store has moved the pages: they are put at the next pass, and do
// not wait for their lease to end.
func TestHalfClaimed(t *testing.T) {
	t.Parallel()
	p := newPlant(t, "http://a.example/")
	pages := p.grow(3, p.sites[0], nil)
	proxy, err := storetest.StartProxy(storetest.ProxyConfig{Server: servers.store.URI()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Close)
	behind, err := store.Open(t.Context(), store.Config{URI: proxy.URI, Database: p.name}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = behind.Close(context.Background()) })
	s := New(Default(), behind, p.front, site.NewCurrent(p.sites...), zap.NewNop())
	lost := proxy.Inject(storetest.Fault{Commands: []string{"update"}, Collection: "pages", Executed: true, Cut: true})
	if _, err := s.Tick(t.Context()); err == nil {
		t.Fatal("the claim did not fail")
	}
	lost.Lift()
	if at, err := p.store.Page(t.Context(), pages[0].ID); err != nil || at.Status != store.StatusQueued {
		t.Fatalf("%s, %v: the claim was not made", at.Status, err)
	}
	p.pending(0)
	p.tick(s, 3)
	p.pending(3)
	p.tick(s, 0)
}
