package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/ledger"
	"github.com/khabar-crawler/khabar/pkg/store/storetest"
)

// onBothKinds runs a test on the servers without atomic updates, and on one that passes for MongoDB.
func onBothKinds(t *testing.T, f func(t *testing.T, s *Store)) {
	onServers(t, func(t *testing.T, db testDB) { f(t, db.open(t)) })
	t.Run("disguised", func(t *testing.T) {
		t.Parallel()
		_, _, s := disguised(t)
		if err := s.migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		f(t, s)
	})
}

// sheets are what a process counts of two sites at a time.
func sheetsAt(when time.Time, pages int) []ledger.Sheet {
	var b ledger.Book
	delay := 7 * time.Minute
	for i := range pages {
		site := "a.example"
		if i%2 == 1 {
			site = "b.example"
		}
		b.Enter(ledger.Entry{Site: site, At: when, Outcome: "ok", Change: "new", Delay: &delay})
		b.Enter(ledger.Entry{Site: site, At: when, Section: true, Outcome: "retry", Reason: "http_503"})
	}
	return b.TakeAll()
}

// counted is what is stored of a site, or of all for "", around a time.
func counted(t *testing.T, s *Store, site string, when time.Time) ledger.Slot {
	t.Helper()
	sheets, err := s.FleetSheets(t.Context(), when, when)
	if site != "" {
		sheets, err = s.SiteSheets(t.Context(), []string{site}, when, when)
	}
	if err != nil {
		t.Fatal(err)
	}
	total, _ := ledger.Since(site, sheets, when)
	return total
}

// TestAddSheets: many processes add to one sheet at once and nothing gets lost; a batch that is added again adds nothing.
func TestAddSheets(t *testing.T) {
	onBothKinds(t, func(t *testing.T, s *Store) {
		const processes, batches, pages = 4, 3, 10
		when := at(0)
		add := func(process string, batch int64) {
			if refused, err := s.addSheets(t.Context(), process, batch, sheetsAt(when, pages)); len(refused) > 0 || err != nil {
				t.Errorf("batch %d of %s: %v, %v", batch, process, refused, err)
			}
		}
		var all sync.WaitGroup
		for p := range processes {
			all.Go(func() {
				for b := range batches {
					add(fmt.Sprintf("p%d", p), int64(b+1))
					add(fmt.Sprintf("p%d", p), int64(b+1)) // as one whose answer was lost
				}
			})
		}
		all.Wait()
		add("p0", 1)
		for site, want := range map[string]int64{"": processes * batches * pages, "a.example": processes * batches * pages / 2, "b.example": processes * batches * pages / 2} {
			got := counted(t, s, site, when)
			p50, _ := got.Delays.Quantile(0.5)
			if got.Articles["ok"] != want || got.Sections["retry: http_503"] != want || got.Changes["new"] != want || got.Delays.Count() != want ||
				p50 < 7*time.Minute*95/100 || p50 > 7*time.Minute*105/100 {
				t.Errorf("%q: %+v, p50 %v; want %d of each", site, got, p50, want)
			}
		}
	})
}

// TestAddSheetsToSpoilt: a sheet that somebody spoilt keeps no other from being added to.
func TestAddSheetsToSpoilt(t *testing.T) {
	onBothKinds(t, func(t *testing.T, s *Store) {
		when := at(0)
		if _, err := s.siteDays.InsertOne(t.Context(), bson.D{{Key: "_id", Value: ledger.SiteDay("a.example", when)}, {Key: "slots", Value: "none"}}); err != nil {
			t.Fatal(err)
		}
		refused, err := s.addSheets(t.Context(), "p", 1, sheetsAt(when, 2))
		if err != nil || len(refused) != 1 || !strings.Contains(refused[0].ID, "a.example") {
			t.Errorf("refused %v, %v", refused, err)
		}
		if got := counted(t, s, "b.example", when); got.Articles["ok"] != 1 {
			t.Errorf("the other site: %+v", got)
		}
		if got := counted(t, s, "a.example", when); len(got.Articles) > 0 {
			t.Errorf("the spoilt one: %+v", got)
		}
	})
}

// TestCounted: a committer counts what is durable, once, whatever it is told twice, and adds it when it stops.
func TestCounted(t *testing.T) {
	onBothKinds(t, func(t *testing.T, s *Store) {
		before := time.Now()
		c := NewCommitter(s, CommitterConfig{})
		defer c.Stop()
		news := story(1, 1, 1)
		news.PublishedAt = ptr(before.Add(-40 * time.Minute))
		watched := done(1, 1)
		watched.WatchedSince = ptr(before.Add(-time.Hour))
		failed := duePage(2, 9)
		failed.Kind, failed.Outcome, failed.Reason = KindFeed, "retry", "timeout"
		left := duePage(4, 9)
		left.Outcome = "ok" // of another time
		for _, e := range []Effect{
			{Page: watched, Article: news}, {Page: failed}, {Page: done(3, 1), Article: &article.Article{}}, {Page: left, Left: true}, {Page: duePage(5, 9)},
			{Page: done(6, 1), Article: story(6, 1, 1)}, // of before anything was watched
		} {
			if _, err := c.Commit(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		c.Stop()
		for _, site := range []string{"", "news.example"} {
			got := counted(t, s, site, before)
			articles, sections := got.Articles, got.Sections
			p50, _ := got.Delays.Quantile(0.5)
			if articles["ok"] != 2 || ledger.Total(articles) != 2 || sections["retry: timeout"] != 1 || ledger.Total(sections) != 1 ||
				got.Changes["new"] != 2 || got.Delays.Count() != 1 || p50 < 38*time.Minute || p50 > 43*time.Minute {
				t.Errorf("of %q: %+v, p50 %v", site, got, p50)
			}
		}
	})
}

// TestCountedOnceAfterFaults: neither a commit that failed, nor an answer that was lost on the way back, counts anything twice, or
// loses it: an article that was stored by an attempt that failed is counted as new.
func TestCountedOnceAfterFaults(t *testing.T) {
	onFaulty(t, func(t *testing.T, server faulty) {
		p, db := server(t)
		s := db.open(t)
		c := newCounter(s)
		effect := Effect{Page: done(1, 1), Article: story(1, 1, 1)}
		now := time.Now()
		commit := func() error {
			effects := []Effect{effect}
			results, err := s.Commit(t.Context(), effects)
			if err == nil && results[0].Err == nil {
				c.enter(effects, results, now)
			}
			return errors.Join(err, errorsOf(results))
		}
		full := storetest.Error{Code: 14031, Name: "OutOfDiskSpace"}
		fault := p.Inject(storetest.Fault{Commands: []string{"update"}, Collection: "pages", Error: &full})
		if err := commit(); !errors.Is(err, ErrServer) {
			t.Fatalf("with a full disk: %v", err)
		}
		fault.Lift()
		if err := commit(); err != nil {
			t.Fatal(err)
		}
		fault = p.Inject(storetest.Fault{Commands: []string{"update"}, Collection: "sitedays", Executed: true, Cut: true})
		c.post(true)
		if fault.Count() == 0 || c.sent == nil {
			t.Fatal("a batch is taken for added that was not acknowledged")
		}
		effect.Page.Outcome = "gone"
		if err := commit(); err != nil { // counted while the batch waits
			t.Fatal(err)
		}
		fault.Lift()
		c.close()
		for _, site := range []string{"", "news.example"} {
			if got := counted(t, s, site, now); got.Articles["ok"] != 1 || got.Articles["gone"] != 1 || ledger.Total(got.Articles) != 2 || got.Changes["new"] == 0 {
				t.Errorf("of %q: %+v", site, got)
			}
		}
	})
}

func errorsOf(results []EffectResult) error {
	var errs []error
	for _, r := range results {
		errs = append(errs, r.Err)
	}
	return errors.Join(errs...)
}

// TestCountSeldom: a store that reads and writes sheets is asked to by and by, and for what is worth it.
func TestCountSeldom(t *testing.T) {
	for lock, want := range map[*writeLock][]time.Duration{nil: {countEvery, countEvery, countEvery, countEvery}, {}: {countEvery, 2 * countEvery, countSeldom, countSeldom}} {
		c := newCounter(&Store{lock: lock})
		for i, w := range want {
			if got := c.next(); got != w {
				t.Errorf("lock %v: wait %d is %v, want %v", lock != nil, i, got, w)
			}
		}
	}
	db := newDB(t, testServers[0].uri)
	s := db.open(t)
	if s.lock == nil {
		t.Skip("its updates are atomic")
	}
	c, now := newCounter(s), time.Now()
	effects := []Effect{{Page: done(1, 1)}}
	for range countLeast - 1 {
		c.enter(effects, make([]EffectResult, 1), now)
	}
	c.post(false)
	if one, all := counted(t, s, "news.example", now), counted(t, s, "", now); len(one.Articles) > 0 || all.Articles["ok"] != countLeast-1 {
		t.Errorf("of few pages: %+v, of all %+v", one, all)
	}
	c.enter(effects, make([]EffectResult, 1), now)
	c.post(false)
	if one, all := counted(t, s, "news.example", now), counted(t, s, "", now); one.Articles["ok"] != countLeast || all.Articles["ok"] != countLeast {
		t.Errorf("of enough: %+v, of all %+v", one, all)
	}
}

// TestTimesOfAnArticle: when an article was discovered and first stored is what its first version says, whatever comes after.
func TestTimesOfAnArticle(t *testing.T) {
	onBothKinds(t, func(t *testing.T, s *Store) {
		first := story(1, 1, 1)
		first.DiscoveredAt = ptr(at(-5))
		made := mustCommit(t, s, Effect{Page: done(1, 1), Article: first})[0]
		was, err := s.Article(t.Context(), id(1))
		if err != nil || was.StoredAt == nil || made.StoredAt == nil || !was.StoredAt.Equal(*made.StoredAt) || !was.DiscoveredAt.Equal(at(-5)) {
			t.Fatalf("stored at %v, discovered at %v: %v", was.StoredAt, was.DiscoveredAt, err)
		}
		again := mustCommit(t, s, Effect{Page: done(1, 1), Article: first})[0]
		if again.StoredAt == nil || !again.StoredAt.Equal(*made.StoredAt) {
			t.Errorf("the same effect again: stored at %v, not %v", again.StoredAt, made.StoredAt)
		}
		later, edited := story(1, 1, 2), story(1, 2, 3)
		later.DiscoveredAt, edited.DiscoveredAt = ptr(at(1)), ptr(at(2))
		edited.StoredAt = ptr(at(3))
		for about, a := range map[string]*article.Article{"a later visit": later, "an edit": edited} {
			if r := mustCommit(t, s, Effect{Page: done(1, 3), Article: a})[0]; r.StoredAt != nil {
				t.Errorf("%s: stored at %v", about, r.StoredAt)
			}
		}
		now, err := s.Article(t.Context(), id(1))
		if err != nil {
			t.Fatal(err)
		}
		clean := now
		clean.Text, clean.ContentHash = "Clean.", article.HashContent(clean.Title, "", "Clean.")
		if n, refused, err := s.UpdateCleaned(t.Context(), []Cleaning{{now, clean}}); n != 1 || len(refused) > 0 || err != nil {
			t.Fatal(n, refused, err)
		}
		if now, err = s.Article(t.Context(), id(1)); err != nil || now.Text != "Clean." || now.Revision != 2 ||
			!now.StoredAt.Equal(*was.StoredAt) || !now.DiscoveredAt.Equal(*was.DiscoveredAt) || !now.FirstSeenAt.Equal(was.FirstSeenAt) {
			t.Errorf("%+v, %v", now, err)
		}
		// One of before these were noted stays without them.
		old := story(2, 1, 1)
		mustCommit(t, s, Effect{Page: done(2, 1), Article: old})
		unset := s.update(bson.D{{Key: "_id", Value: id(2)}}, bson.D{{Key: "$unset", Value: bson.D{{Key: "stored_at", Value: ""}}}}, false)
		if _, err := s.bulk(context.Background(), s.articles, []mongo.WriteModel{unset}); err != nil {
			t.Fatal(err)
		}
		newer := story(2, 2, 3)
		newer.DiscoveredAt = ptr(at(2))
		mustCommit(t, s, Effect{Page: done(2, 3), Article: newer})
		if now, err := s.Article(t.Context(), id(2)); err != nil || now.Revision != 2 || now.StoredAt != nil || now.DiscoveredAt != nil {
			t.Errorf("%+v, %v", now, err)
		}
	})
}

// TestDelayOf: which articles say how late khabar is.
func TestDelayOf(t *testing.T) {
	stored := at(100)
	for _, tc := range []struct {
		about     string
		published *time.Time
		precision article.Precision
		watched   *time.Time
		want      time.Duration // below 0: does not count
	}{
		{"news", ptr(at(90)), article.PrecisionMinute, ptr(at(0)), 10 * time.Minute},
		{"news of long ago", ptr(at(1)), article.PrecisionSecond, ptr(at(0)), 99 * time.Minute},
		{"published as its section became known", ptr(at(0)), article.PrecisionMinute, ptr(at(0)), 100 * time.Minute},
		{"there before its section was known", ptr(at(-1)), article.PrecisionMinute, ptr(at(0)), -1},
		{"a day alone", ptr(at(90)), article.PrecisionDay, ptr(at(0)), -1},
		{"no time", nil, article.PrecisionMinute, ptr(at(0)), -1},
		{"a page that somebody named", ptr(at(90)), article.PrecisionMinute, nil, -1},
		{"a clock that is ahead", ptr(at(104)), article.PrecisionMinute, ptr(at(0)), 0},
		{"a time to come", ptr(at(160)), article.PrecisionMinute, ptr(at(0)), -1},
	} {
		a := &article.Article{PublishedAt: tc.published, Published: &article.Provenance{Precision: tc.precision}}
		got := delayOf(Page{WatchedSince: tc.watched}, a, stored)
		if (got == nil) != (tc.want < 0) || got != nil && *got != tc.want {
			t.Errorf("%s: %v, want %v", tc.about, got, tc.want)
		}
	}
}

// BenchmarkCounted measures what counting costs an effect: entering it, and adding the sheets of a quarter of a minute's work.
func BenchmarkCounted(b *testing.B) {
	now := time.Now()
	pages := make([]Page, 256)
	for i := range pages {
		pages[i] = done(i, 1)
		pages[i].Site = fmt.Sprintf("site-%d.example", i%50)
	}
	effects := make([]Effect, len(pages))
	results := make([]EffectResult, len(pages))
	for i := range pages {
		a := story(i, 1, 1)
		pages[i].WatchedSince = ptr(at(-1000))
		effects[i], results[i] = Effect{Page: pages[i], Article: a}, EffectResult{Article: ArticleNew, StoredAt: &now}
	}
	b.Run("enter", func(b *testing.B) {
		c := &counter{}
		for b.Loop() {
			c.enter(effects, results, now)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(effects)), "ns/effect")
	})
	b.Run("increments", func(b *testing.B) { // what MongoDB is sent
		c := &counter{}
		c.enter(effects, results, now)
		sheets := c.book.TakeAll()
		for b.Loop() {
			for _, sheet := range sheets {
				if _, err := bson.Marshal(increments(sheet, "p", 1)); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(sheets)), "ns/sheet")
	})
	for _, srv := range testServers {
		b.Run("post/"+srv.name, func(b *testing.B) {
			c := newCounter(newDB(b, srv.uri).open(b))
			sheets := 0
			for b.Loop() {
				c.enter(effects, results, now)
				c.post(true)
				sheets += 51
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(sheets), "µs/sheet")
		})
	}
}
