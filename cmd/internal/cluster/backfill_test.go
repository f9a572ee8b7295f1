package cluster

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/backfill"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// TestSchedulerKilledInBackfill: the scheduler alone is killed in a backfill, first while it makes the pages that that begins with,
// then at random moments, each within one of the backfill's requests, and started again. The worker goes on. Lanes have room for so little that
// all but the first pages need a scheduler, and some answers fail. Nothing is lost, and nothing is fetched more often than need be.
func TestSchedulerKilledInBackfill(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	const home = "http://rafidain.example/"
	file := filepath.Join(t.TempDir(), "rafidain.yaml")
	// The feed has the newest alone, so that the past is the backfill's.
	definition := "id: rafidain\nhome: " + home + "\ntime_zone: UTC\nsections: [{id: feed, url: " + home + "feed/, kind: feed}]\n"
	if err := os.WriteFile(file, []byte(definition), 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFleet(t, demosite.Config{Sites: 1, Past: true, PerSection: 20, FailEvery: 11}, "KHABAR_SITES="+file,
		"KHABAR_NATS_LANE_PENDING=4", "KHABAR_SCHEDULER_LEASE=5s", "KHABAR_REVISIT_RETRY_BASE=100ms")
	newest := f.web.Articles()[0].Published
	for _, a := range f.web.Articles() {
		if a.Published.After(newest) {
			newest = a.Published
		}
	}
	b := store.Backfill{ID: "rafidain", Site: "rafidain", From: newest.AddDate(0, 0, -40), To: newest.AddDate(0, 0, -8), State: store.BackfillRunning, StartedAt: time.Now().UTC()}
	scheduler := f.scheduler()
	f.worker("worker")
	f.drained()
	if err := f.store.AddBackfill(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	scheduler.Await(t, "a backfill goes back by more lists")
	scheduler.Kill()
	scheduler = f.scheduler()
	for range 5 {
		f.awaitAnswers(1 + random.IntN(8)) // of about 80
		scheduler.Kill()
		scheduler = f.scheduler()
	}
	proctest.Until(t, "the backfill has not ended", func(ctx context.Context) error {
		now, err := f.store.Backfill(ctx, b.ID)
		if err == nil && now.State != store.BackfillDone {
			err = fmt.Errorf("it is %s", now.State)
		}
		return err
	})
	f.drained()
	f.polite()
	f.backfilled(b)
}

// backfilled checks that all articles of a backfill's time are stored, each once, that the backfill says so, and that none was asked
// for more often than its answers failed.
func (f *fleet) backfilled(b store.Backfill) {
	t, ctx := f.t, f.t.Context()
	t.Helper()
	wanted, stored := 0, 0
	for _, a := range f.web.Articles() {
		canonical, err := weburl.Canonical(a.URL)
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.store.Article(ctx, weburl.ID(canonical))
		if err == nil {
			stored++
		}
		if a.Published.Before(b.From) || !a.Published.Before(b.To) {
			continue
		}
		if wanted++; err != nil {
			t.Errorf("%s: %v", a.URL, err)
		}
	}
	if n, err := f.store.CountArticles(ctx, store.ArticleFilter{}); err != nil || int(n) != stored {
		t.Errorf("%d articles of the web are stored as %d, %v", stored, n, err)
	}
	p, err := backfill.Measure(b, f.store.BackfillPages(ctx, b.ID))
	if err != nil || wanted == 0 || p.Stored < wanted || p.Pending+p.Ahead+p.Failed > 0 {
		t.Errorf("%d articles of the time: %+v, %v", wanted, p, err)
	}
	t.Logf("%d articles of the time: %+v", wanted, p.BackfillResult)
}
