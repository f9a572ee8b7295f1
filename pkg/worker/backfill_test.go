package worker

import (
	"context"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/backfill"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/frontier"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// TestPrioritiesOfBackfill: the frontier has room for them, behind all others.
func TestPrioritiesOfBackfill(t *testing.T) {
	if backfill.Priority != priorityOlder+1 || backfill.PriorityWalk != frontier.Priorities-1 {
		t.Error(backfill.Priority, backfill.PriorityWalk, frontier.Priorities)
	}
}

// begin stores a backfill of a site.
func (p *process) begin(s *site.Site, from, to time.Time) store.Backfill {
	p.t.Helper()
	b := store.Backfill{ID: "backfill of " + s.ID, Site: s.ID, From: from, To: to, State: store.BackfillRunning, StartedAt: time.Now()}
	if err := p.store.AddBackfill(context.Background(), b); err != nil {
		p.t.Fatal(err)
	}
	return b
}

// ended waits until a backfill is done, and says what it came to.
func (p *process) ended(id string) (b store.Backfill, m backfill.Progress) {
	p.t.Helper()
	p.eventually(func(ctx context.Context) bool {
		var err error
		b, err = p.store.Backfill(ctx, id)
		return err == nil && b.State == store.BackfillDone
	})
	m, err := backfill.Measure(b, p.store.BackfillPages(context.Background(), id))
	if err != nil {
		p.t.Fatal(err)
	}
	return b, m
}

// goesOn has the world's schedulers go on for ever, and its first visits come at once.
func (w *world) goesOn() {
	w.schedule.Once, w.schedule.Spread = false, 0
}

// newest is the date of the demo web's newest article.
func newest(web *demosite.Server) (at time.Time) {
	for _, a := range web.Articles() {
		if a.Published.After(at) {
			at = a.Published
		}
	}
	return at
}

// TestBackfill goes back by each of the ways that the demo web has, and by nothing else: WordPress's REST API, an index of sitemaps,
// and the pages of sections, which print their articles' dates. It tells what an article costs.
func TestBackfill(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		site string
		way  string  // by which most is found
		cost float64 // requests for each article of the time, at most
	}{
		{"rafidain", backfill.WayPosts, 1.1},
		{"twinrivers", backfill.WaySitemap, 1.9},
		{"bozkir", backfill.WayListing, 1.9},
	} {
		t.Run(c.site, func(t *testing.T) {
			t.Parallel()
			w, web := demoWorld(t, demosite.Config{Past: true, PerSection: 24})
			w.sites = siteOfWeb(t, w, web, c.site)
			w.goesOn()
			from, to := newest(web).AddDate(0, 0, -30), newest(web).AddDate(0, 0, -12)
			p := w.start(nil)
			b := p.begin(w.sites[0], from, to)
			w.schedule.Backfill = b.ID
			_, stop := p.seed()
			p.run()
			b, m := p.ended(b.ID)
			stop()
			p.end()

			stored, wanted, outside := w.articles(), 0, 0
			for _, a := range web.Articles() {
				if a.Site != c.site {
					continue
				}
				switch _, ok := stored[a.URL]; {
				case a.Published.Before(from) || !a.Published.Before(to):
					if ok {
						outside++
					}
				case !ok:
					t.Errorf("%s of %v is not stored", a.URL, a.Published)
				default:
					wanted++
				}
			}
			most := ""
			for _, l := range m.Lists {
				t.Logf("%s %s: %d pages, %d articles, back to %v, %s %s", l.Way, l.Section, l.Read, l.Articles, l.Oldest, l.Why, l.Failure)
				if most == "" && l.Articles > 0 {
					most = l.Way
				}
			}
			requests := web.Stats().Hosts[c.site+".example"].Requests
			t.Logf("%d articles of the time, %d others, %d requests (%.2f an article), of these %d for lists", wanted, outside, requests,
				float64(requests)/float64(wanted), m.BackfillResult.Lists)
			if most != c.way || wanted == 0 || float64(requests) > c.cost*float64(wanted) || b.Result == nil || b.Result.Stored != m.Stored {
				t.Errorf("most by %q, result %+v", most, b.Result)
			}
			if c.way == backfill.WayPosts && (outside > 0 || m.Requests > wanted+3) {
				t.Errorf("%d others, %d requests", outside, m.Requests)
			}
		})
	}
}

// siteOfWeb is one site of a demo web, as its file would describe it.
func siteOfWeb(t *testing.T, w *world, web *demosite.Server, id string) []*site.Site {
	t.Helper()
	for i, d := range web.Sites() {
		if d.ID == id {
			w.sites[i].Language, w.sites[i].Country = d.Language, d.Country
			if err := w.sites[i].SetTimeZone(d.TimeZone); err != nil {
				t.Fatal(err)
			}
			return w.sites[i : i+1]
		}
	}
	t.Fatalf("no site %s", id)
	return nil
}
