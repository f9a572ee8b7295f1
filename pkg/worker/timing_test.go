package worker

import (
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/rhythm"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// timed is a site whose sections have schedules of their own.
const timed = `
id: timed
home: http://timed.example/
time_zone: Asia/Baghdad
schedule: {min: 20m}
sections:
  - {id: plain, url: http://timed.example/1, kind: listing}
  - {id: cron, url: http://timed.example/2, kind: listing, cron: 0 7 * * *}
  - {id: every, url: http://timed.example/4, kind: listing, every: 15m}
  - {id: weekly, url: http://timed.example/5, kind: listing, cron: CRON_TZ=Asia/Tehran 30 6 * * 6}
`

func timedWorker(t *testing.T, text string) *Worker {
	t.Helper()
	s, err := site.Parse("timed.yaml", []byte(text)).Site()
	if err != nil {
		t.Fatal(err)
	}
	return New(Default(), Deps{Sites: site.NewCurrent(s)})
}

func sectionOf(id string, at time.Time) store.Page {
	return store.Page{ID: "0123456789abcdef0123456789abcdef", Site: "timed", Section: id, Kind: store.KindListing, DiscoveredAt: at}
}

// TestSaidTimes: what the site's file says of a section is kept to, and the page says so.
func TestSaidTimes(t *testing.T) {
	w := timedWorker(t, timed)
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) // a Monday
	for _, tc := range []struct {
		id          string
		why         rhythm.Why
		least, most time.Duration
	}{
		{"plain", rhythm.WhyFresh, 20 * time.Minute, 30 * time.Minute},
		{"cron", rhythm.WhyCron, 16 * time.Hour, 16 * time.Hour},
		{"every", rhythm.WhySaid, 15 * time.Minute, 15 * time.Minute},
		{"weekly", rhythm.WhyCron, 4*24*time.Hour + 15*time.Hour, 4*24*time.Hour + 15*time.Hour},
	} {
		page := sectionOf(tc.id, at)
		next, why := w.rhythms.next(&page, w.policyOf(page), w.Sites.Set().Get("timed"), rhythm.Visit{At: at})
		if wait := next.Sub(at); why != tc.why || wait < tc.least || wait > tc.most {
			t.Errorf("%s: after %v, for %s", tc.id, wait, why)
		}
	}
}

// TestFailingAtTimes: a section that fails is tried again soon, and then at its times.
func TestFailingAtTimes(t *testing.T) {
	w := timedWorker(t, timed)
	page := sectionOf("cron", time.Now())
	for attempt := 1; attempt <= w.cfg.Policy.MaxAttempts; attempt++ {
		v := w.unasked(page, outcome.Retry, outcome.ReasonTimeout)
		page = v.page
		wait := time.Until(*page.NextAt)
		if last := attempt == w.cfg.Policy.MaxAttempts; last != page.NextAt.Equal(w.timingOf(page).Cron.Next(time.Now())) || !last && wait > time.Hour {
			t.Errorf("attempt %d: again after %v", attempt, wait)
		}
	}
}
