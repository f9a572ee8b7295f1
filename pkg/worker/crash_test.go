package worker

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// points are the places between two effects where a process can die.
var points = []string{
	"after page", "before fetch", "after fetch", "before ensure", "after ensure", "before put", "after put",
	"before commit", "after commit", "done",
}

// ending is what a page's record says that does not depend on when and in which order things happened.
type ending struct {
	kind     store.Kind
	status   store.Status
	outcome  outcome.Outcome
	reason   outcome.Reason
	article  string
	attempts int
	due      bool
}

func endings(w *world) map[string]ending {
	m := make(map[string]ending)
	for url, p := range w.pages() {
		m[url] = ending{p.Kind, p.Status, p.Outcome, p.Reason, p.ArticleID, p.Attempts, p.NextAt != nil}
	}
	return m
}

// diedOrDone waits until a process is dead or, as looker sees it, has nothing left to do.
func (w *world) diedOrDone(p, looker *process) {
	w.t.Helper()
	w.eventually(func(ctx context.Context) bool {
		select {
		case <-p.done:
			return true
		default:
			left, err := looker.store.Outstanding(ctx, store.OutstandingQuery{})
			return err == nil && left == 0
		}
	})
}

// TestCrashBetweenEffects kills processes at every step, on various pages, and wants what an undisturbed crawl left.
func TestCrashBetweenEffects(t *testing.T) {
	t.Parallel()
	crashBetweenEffects(t, 0, points)
}

// TestCrashWithFullLanes is the same with lanes that have room for one task of a priority.
func TestCrashWithFullLanes(t *testing.T) {
	t.Parallel()
	crashBetweenEffects(t, 1, append([]string{"before hold", "after hold"}, points...))
}

func crashBetweenEffects(t *testing.T, lanePending int, points []string) {
	cfg := demosite.Config{Sites: 1, PerSection: 2, PageSize: 1}
	calm, _ := demoWorld(t, cfg)
	calm.crawl()
	want := endings(calm)

	w, web := demoWorld(t, cfg)
	w.worker.Strikes = 1000          // a page may be hit at every point
	w.worker.TurnWork = 5            // more turns to be killed in
	w.frontier.AckWait = time.Second // a dead worker's turn is soon another's, and a living one's is not even on a busy machine
	w.frontier.LanePending = lanePending
	looker := w.start(nil)
	_, stop := looker.seed()
	for i, point := range points {
		var count atomic.Int32
		nth := int32(i%3 + 1)
		p := w.start(func(at, _ string) bool { return at == point && count.Add(1) == nth })
		p.run()
		w.diedOrDone(p, looker)
		p.end()
	}
	last := w.start(nil).run()
	w.drained(looker)
	last.end()
	stop()

	expectAll(t, w, web)
	expectPolite(t, web, 1)
	got := endings(w)
	for url, o := range want {
		if got[url] != o {
			t.Errorf("%s: %+v, without crashes %+v", url, got[url], o)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d pages, without crashes %d", len(got), len(want))
	}
}

// TestStrikes has one page take down every worker that fetches it, until it does so no more.
func TestStrikes(t *testing.T) {
	t.Parallel()
	w, web := demoWorld(t, demosite.Config{Sites: 1, PerSection: 2, PageSize: 2})
	w.frontier.AckWait = 2 * time.Second // a turn that a living worker loses counts as a death
	poison := web.Articles()[3].URL
	looker := w.start(nil)
	_, stop := looker.seed()
	var deaths atomic.Int32
	fall := func(at, url string) bool {
		if at == "before fetch" && url == poison {
			deaths.Add(1)
			return true
		}
		return false
	}
	deadly := 1 + w.worker.Strikes // the first time it was not alone, for all that is known
	for range deadly {
		p := w.start(fall).run()
		<-p.done
		p.end()
	}
	last := w.start(fall).run()
	w.drained(looker)
	last.end()
	stop()
	if got := deaths.Load(); got != int32(deadly) {
		t.Errorf("took down %d workers, want %d", got, deadly)
	}
	page := w.pages()[poison]
	if page.Status != store.StatusDead || page.Outcome != outcome.Crash || page.Reason != outcome.ReasonKilledWorker || page.NextAt == nil ||
		!strings.Contains(page.LastError, "4 times with this page in hand, 3 times with no other") {
		t.Errorf("the poisonous page is %s, %s, %q, due %v", page.Status, page.Outcome, page.LastError, page.NextAt)
	}
	have := w.articles()
	missing := slices.DeleteFunc(web.Articles(), func(a demosite.Truth) bool { _, ok := have[a.URL]; return ok })
	if len(missing) != 1 || missing[0].URL != poison {
		t.Errorf("%d articles missing, want the poisonous one alone", len(missing))
	}

	// It is tried again, alone from the start: one more death is enough.
	again := func(tap func(at, url string) bool) {
		t.Helper()
		ctx := context.Background()
		won, err := looker.store.Claim(ctx, []store.Page{w.pages()[poison]}, time.Now().Add(time.Hour))
		if err != nil || len(won) != 1 {
			t.Fatalf("claimed %d pages, %v", len(won), err)
		}
		if _, err := looker.front.Put(ctx, []frontier.Task{taskOf(won[0])}); err != nil {
			t.Fatal(err)
		}
		p := w.start(tap).run()
		w.eventually(func(ctx context.Context) bool {
			select {
			case <-p.done:
				return true
			default:
				return looker.isDrained(ctx)
			}
		})
		p.end()
	}
	again(fall)
	again(fall)
	if page := w.pages()[poison]; deaths.Load() != int32(deadly+1) || page.Status != store.StatusDead || page.Reason != outcome.ReasonKilledWorker {
		t.Errorf("%d deaths, want %d; the page is %s, %s", deaths.Load(), deadly+1, page.Status, page.LastError)
	}
	again(nil)
	if page := w.pages()[poison]; page.Status != store.StatusDone || w.articles()[poison].ID == "" {
		t.Errorf("the page that does no harm any more is %s, %s, %s", page.Status, page.Outcome, page.LastError)
	}
}
