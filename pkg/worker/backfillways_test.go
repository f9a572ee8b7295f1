package worker

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/backfill"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// The site of these tests is http://past.example/: a home page that names a section, which is what a test makes it.
const pastHome = "http://past.example/"

// pastWeb is a site that answers by path; what it does not know is a story, if it is called so.
func pastWeb(t *testing.T, answer func(w http.ResponseWriter, path string) bool) (*world, *script) {
	web := newScript(t, func(w http.ResponseWriter, url string, _ int) {
		path := strings.TrimPrefix(url, pastHome)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		switch {
		case answer(w, path):
		case path == "":
			fmt.Fprint(w, `<!doctype html><title>Past</title><nav><a href="/world/">World</a></nav><p>The news of the past, told in a few words for those who come by.</p>`)
		case strings.Contains(path, "story-"):
			fmt.Fprint(w, tale(path))
		default:
			http.NotFound(w, nil)
		}
	})
	st := homeSite(t, pastHome)
	if err := st.SetTimeZone("UTC"); err != nil {
		t.Fatal(err)
	}
	st.Sections = []site.Section{{ID: "world", URL: pastHome + "world/", Kind: site.Listing}}
	w := newWorld(t, shared, web.URL, st)
	w.goesOn()
	return w, web
}

// rows writes a list of stories, by what their addresses end in, with a next page.
func rows(w http.ResponseWriter, next string, stories ...string) {
	fmt.Fprint(w, "<!doctype html><title>World</title><main>")
	for _, s := range stories {
		fmt.Fprintf(w, `<article><h2><a href="/%s">What happened in %s is told at length here</a></h2></article>`, s, s)
	}
	if next != "" {
		fmt.Fprintf(w, `<nav class="pagination"><a rel="next" href="%s">Next</a></nav>`, next)
	}
	fmt.Fprint(w, "</main>")
}

// back does a backfill of the world's site alone, to its end.
func (w *world) back(from, to time.Time) (store.Backfill, backfill.Progress) {
	w.t.Helper()
	p := w.start(nil)
	b := p.begin(w.sites[0], from, to)
	w.schedule.Backfill = b.ID
	_, stop := p.seed()
	p.run()
	b, m := p.ended(b.ID)
	stop()
	p.end()
	return b, m
}

// year is a time in 2026 by its day.
func year(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC)
}

// TestBackfillEndsByBounds: what a list shows on every page, old or new, does not end it, nor does it go on for it.
func TestBackfillEndsByBounds(t *testing.T) {
	t.Parallel()
	w, web := pastWeb(t, func(w http.ResponseWriter, path string) bool {
		n := 1
		if _, err := fmt.Sscanf(path, "world/page/%d/", &n); err != nil && path != "world/" {
			return false
		}
		stories := []string{"2026/01/01/story-of-new-year", "2026/09/30/story-that-is-pinned"}
		for i := range 4 {
			stories = append(stories, year(6, 30).AddDate(0, 0, 1-n).Format("2006/01/02/")+fmt.Sprintf("story-%d-%d", n, i))
		}
		rows(w, fmt.Sprintf("/world/page/%d/", n+1), stories...)
		return true
	})
	b, m := w.back(year(6, 21), year(6, 26))
	asked := web.paths()
	var articles []string
	for _, p := range asked {
		if strings.Contains(p, "story") {
			articles = append(articles, p)
		}
	}
	// Page 6 is of 25 June, page 10 of 21 June, and page 11 says that the bound is passed.
	if len(articles) != 5*4 || !slices.Contains(asked, "world/page/11/") || slices.Contains(asked, "world/page/13/") {
		t.Errorf("%d articles: %q", len(articles), asked)
	}
	if b.Result.Found != 20 || b.Result.Stored != 20 || len(m.Lists) == 0 || m.Lists[0].Why != outcome.ReasonBound || !m.HasWayBack() {
		t.Errorf("%+v, lists %+v", b.Result, m.Lists)
	}
}

// TestBackfillOfCalendar: days without end that show nothing new are left after a few.
func TestBackfillOfCalendar(t *testing.T) {
	t.Parallel()
	w, web := pastWeb(t, func(w http.ResponseWriter, path string) bool {
		n := 0
		if _, err := fmt.Sscanf(path, "world/?day=%d", &n); err != nil && path != "world/" {
			return false
		}
		rows(w, fmt.Sprintf("/world/?day=%d", n+1), "story-a-of-today", "story-b-of-today", "story-c-of-today")
		return true
	})
	b, m := w.back(year(1, 1), year(11, 1))
	if n := len(web.paths()); n > 25 || b.Result.Stored != 3 || !slices.ContainsFunc(m.Lists, func(l backfill.List) bool { return l.Why == outcome.ReasonFurther }) {
		t.Errorf("%d requests, %+v, lists %+v", n, b.Result, m.Lists)
	}
}

// TestBackfillOfNoWay: a site without any list of its past is told.
func TestBackfillOfNoWay(t *testing.T) {
	t.Parallel()
	w, _ := pastWeb(t, func(w http.ResponseWriter, path string) bool {
		if path == "world/" {
			rows(w, "", "2026/10/30/story-a", "2026/10/29/story-b", "2026/10/28/story-c")
		}
		return path == "world/"
	})
	if b, m := w.back(year(1, 1), year(11, 1)); m.HasWayBack() || b.Result.Stored != 3 {
		t.Errorf("%+v, lists %+v", b.Result, m.Lists)
	}
}

// TestBackfillBroken: where a list of all articles breaks off, the others are gone through after all.
func TestBackfillBroken(t *testing.T) {
	t.Parallel()
	w, web := pastWeb(t, func(w http.ResponseWriter, path string) bool {
		switch {
		case path == "":
			fmt.Fprint(w, `<!doctype html><title>Past</title><link rel=stylesheet href=/wp-content/a.css><nav><a href="/world/">World</a></nav>`)
		case strings.HasPrefix(path, "wp-json/") && strings.HasSuffix(path, "page=1"):
			w.Header().Set("X-WP-TotalPages", "2")
			fmt.Fprintf(w, `[{"link":"%s2026/10/30/story-a","date_gmt":"2026-10-30T10:00:00","title":{"rendered":"A"}}]`, pastHome)
		case strings.HasPrefix(path, "wp-json/"):
			http.Error(w, "no", http.StatusTeapot)
		case path == "world/":
			rows(w, "", "2026/10/30/story-a", "2026/10/29/story-b", "2026/10/28/story-c")
		default:
			return false
		}
		return true
	})
	b, _ := w.back(year(10, 1), year(11, 1))
	if asked := web.paths(); !b.Wide || b.Result.Stored != 3 || strings.Count(strings.Join(asked, " "), "story-a") != 1 {
		t.Errorf("%+v: %q", b.Result, asked)
	}
}

// TestNewsBeforeBackfill has a section that news comes in while a backfill fills the site's lane: its visit is the next request, and
// the news the ones after that, be it known to the backfill already or not.
func TestNewsBeforeBackfill(t *testing.T) {
	t.Parallel()
	for name, news := range map[string][]string{
		"some that nobody knows": {"2026/10/31/story-of-today", "old/story-that-is-new"},
		"all known to it":        {"old/story-that-is-new"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newsBeforeBackfill(t, news)
		})
	}
}

func newsBeforeBackfill(t *testing.T, comes []string) {
	var mu sync.Mutex
	news := []string{"2026/10/30/story-of-before"}
	var during func(path string)
	w, web := pastWeb(t, func(w http.ResponseWriter, path string) bool {
		mu.Lock()
		f, stories := during, slices.Clone(news)
		mu.Unlock()
		if f != nil {
			f(path)
		}
		switch path {
		case "world/":
			rows(w, "", stories...)
		case "map.xml":
			var all []string
			for i := range 60 {
				all = append(all, fmt.Sprintf("%sold/story-%d", pastHome, i))
			}
			w.Header().Set("Content-Type", "text/xml")
			fmt.Fprint(w, sitemapOf(append(all, pastHome+"old/story-that-is-new")...))
		default:
			return false
		}
		return true
	})
	w.sites[0].Sections = append(w.sites[0].Sections, site.Section{ID: "map", URL: pastHome + "map.xml", Kind: site.Sitemap})
	p := w.start(nil)
	b := p.begin(w.sites[0], year(1, 1), year(11, 1))
	w.schedule.Backfill = b.ID
	_, stop := p.seed()
	old := 0
	var once sync.Once
	during = func(path string) {
		if !strings.HasPrefix(path, "old/") {
			return
		}
		if old++; old < 10 {
			return
		}
		once.Do(func() { // within a request of the backfill
			mu.Lock()
			news = append(slices.Clone(comes), "2026/10/30/story-of-before")
			mu.Unlock()
			page, err := p.store.Page(context.Background(), weburl.ID(pastHome+"world/"))
			var won []store.Page
			if err == nil {
				won, err = p.store.Claim(context.Background(), []store.Page{page}, time.Now().Add(time.Minute))
			}
			if err == nil && len(won) == 1 {
				err = p.worker.put(context.Background(), won)
			}
			if err != nil || len(won) != 1 {
				t.Errorf("visit the section: %d, %v", len(won), err)
			}
		})
	}
	p.run()
	b, _ = p.ended(b.ID)
	stop()
	p.end()
	asked := web.paths()
	tenth, seen := 0, 0
	for i, path := range asked {
		if strings.HasPrefix(path, "old/") {
			if seen++; seen == 10 {
				tenth = i
			}
		}
	}
	next := slices.Clone(asked[tenth+1 : min(len(asked), tenth+2+len(comes))])
	slices.Sort(next[1:])
	if want := append([]string{"world/"}, comes...); !slices.Equal(next, want) {
		t.Errorf("after the tenth of the past: %q, want %q", next, want)
	}
	if b.Result.Stored < 61 || len(asked)-tenth < 50 {
		t.Errorf("%+v of %d requests", b.Result, len(asked))
	}
}

// TestBackfillStopped: what a backfill that is stopped had found is left without requests, and fetched when it goes on.
func TestBackfillStopped(t *testing.T) {
	t.Parallel()
	var p *process
	var b store.Backfill
	asked, stopped := 0, false
	var mu sync.Mutex
	w, web := pastWeb(t, func(w http.ResponseWriter, path string) bool {
		mu.Lock()
		defer mu.Unlock()
		if strings.Contains(path, "story-") {
			asked++
		}
		if asked == 3 && !stopped {
			stopped = true
			stop := b
			stop.State = store.BackfillStopped
			if ok, err := p.store.MoveBackfill(context.Background(), stop, store.BackfillRunning); !ok || err != nil {
				t.Errorf("stop: %v, %v", ok, err)
			}
		}
		n := 1
		if _, err := fmt.Sscanf(path, "world/page/%d/", &n); err != nil && path != "world/" {
			return false
		}
		var stories []string
		for i := range 8 {
			stories = append(stories, fmt.Sprintf("2026/10/%02d/story-%d-%d", 31-n, n, i))
		}
		next := ""
		if n < 4 {
			next = fmt.Sprintf("/world/page/%d/", n+1)
		}
		rows(w, next, stories...)
		return true
	})
	p = w.start(nil)
	b = p.begin(w.sites[0], year(1, 1), year(11, 1))
	w.schedule.Backfill = b.ID
	_, stop := p.seed()
	p.run()
	scope := store.OutstandingQuery{Scope: store.Scope{Backfill: b.ID}}
	p.eventually(func(ctx context.Context) bool {
		now, err := p.store.Backfill(ctx, b.ID)
		left, lerr := p.store.Outstanding(ctx, scope)
		return err == nil && lerr == nil && now.State == store.BackfillStopped && left == 0
	})
	mu.Lock()
	if asked > 4 {
		t.Errorf("%d stories were asked for", asked)
	}
	mu.Unlock()
	if ok, err := p.store.MoveBackfill(context.Background(), b, store.BackfillStopped); !ok || err != nil {
		t.Fatal(ok, err)
	}
	done, _ := p.ended(b.ID)
	stop()
	p.end()
	if done.Result.Stored != 32 || asked > 32+1 {
		t.Errorf("%+v, %d stories were asked for: %v", done.Result, asked, counts(web.paths()))
	}
}

// TestBackfillKilled kills the worker at each of its steps; others go on. Nothing is lost, and nothing fetched more often than there
// were deaths.
func TestBackfillKilled(t *testing.T) {
	t.Parallel()
	w, web := pastWeb(t, func(w http.ResponseWriter, path string) bool {
		n := 1
		if _, err := fmt.Sscanf(path, "world/page/%d/", &n); err != nil && path != "world/" {
			return false
		}
		next := ""
		if n < 3 {
			next = fmt.Sprintf("/world/page/%d/", n+1)
		}
		rows(w, next, fmt.Sprintf("2026/10/%02d/story-%d-a", 31-n, n), fmt.Sprintf("2026/10/%02d/story-%d-b", 31-n, n), fmt.Sprintf("2026/10/%02d/story-%d-c", 31-n, n))
		return true
	})
	w.worker.Lease = 200 * time.Millisecond // a lost task is due again soon
	w.schedule.Lease = w.worker.Lease
	w.worker.Strikes = 100
	first := w.start(nil)
	b := first.begin(w.sites[0], year(1, 1), year(11, 1))
	w.schedule.Backfill = b.ID
	_, stop := first.seed() // which outlives the workers
	points := []string{"after page", "before fetch", "after fetch", "after ensure", "after put", "after mark", "before commit", "after commit"}
	for _, point := range points {
		var mu sync.Mutex
		deadAt := false
		p := w.start(func(at, url string) bool {
			mu.Lock()
			defer mu.Unlock()
			if at != point || deadAt {
				return false
			}
			deadAt = true
			return true
		})
		p.run()
		<-p.done
	}
	first.run()
	done, _ := first.ended(b.ID)
	stop()
	first.end()
	stories := counts(web.paths())
	for path, n := range stories {
		if strings.Contains(path, "story-") && n > len(points)+1 {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
	if done.Result.Found != 9 || done.Result.Stored != 9 || len(w.articles()) != 9 {
		t.Errorf("%+v, %d articles", done.Result, len(w.articles()))
	}
}

// TestPostsHavePages: WordPress's REST API is read page by page in the crawl itself, to the first page with nothing new.
func TestPostsHavePages(t *testing.T) {
	t.Parallel()
	w, web := pastWeb(t, func(w http.ResponseWriter, path string) bool {
		n := 1
		if _, err := fmt.Sscanf(path, "wp-json/wp/v2/posts?per_page=2&page=%d", &n); err != nil && path != "wp-json/wp/v2/posts?per_page=2" {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		if n == 2 {
			w.Header().Set("X-WP-TotalPages", "2") // though it is full
		}
		var posts []string
		for i := range 2 {
			posts = append(posts, fmt.Sprintf(`{"link":"%sstory-%d-%d","date_gmt":"2026-10-0%dT10:00:00","title":{"rendered":"A"}}`, pastHome, n, i, 9-n))
		}
		fmt.Fprint(w, "["+strings.Join(posts, ",")+"]")
		return true
	})
	w.schedule.Once = true
	w.sites[0].Sections = []site.Section{{ID: "posts", URL: pastHome + "wp-json/wp/v2/posts?per_page=2", Kind: site.Feed}}
	w.crawl()
	if asked := counts(web.paths()); len(w.articles()) != 4 || asked["wp-json/wp/v2/posts?per_page=2&page=2"] != 1 || asked["wp-json/wp/v2/posts?per_page=2&page=3"] != 0 {
		t.Errorf("%d articles, %v", len(w.articles()), asked)
	}
}

// TestBackfillOfMonths goes back by the archives of months that a list links, each page by page: by those that the bounds reach into
// and no others.
func TestBackfillOfMonths(t *testing.T) {
	t.Parallel()
	w, web := pastWeb(t, func(w http.ResponseWriter, path string) bool {
		if path == "world/" {
			rows(w, "", "2026/10/31/story-new-a", "2026/10/30/story-new-b", "2026/10/29/story-new-c")
			for m := 1; m <= 10; m++ {
				fmt.Fprintf(w, `<ul class="archives"><li><a href="/2026/%02d/">%s 2026</a></li></ul>`, m, time.Month(m))
			}
			return true
		}
		month, n := 0, 1
		if k, _ := fmt.Sscanf(path, "2026/%d/page/%d/", &month, &n); k != 2 {
			if path != fmt.Sprintf("2026/%02d/", month) {
				return false
			}
		}
		next := ""
		if n < 3 {
			next = fmt.Sprintf("/2026/%02d/page/%d/", month, n+1)
		}
		var stories []string
		for i := range 4 { // the newest first: three pages of a month
			stories = append(stories, year(time.Month(month), 28-8*(n-1)-2*i).Format("2006/01/02/")+fmt.Sprintf("story-%d-%d", n, i))
		}
		rows(w, next, stories...)
		return true
	})
	from, to := year(6, 10), year(8, 20)
	b, m := w.back(from, to)
	want := 0
	for month := 6; month <= 8; month++ {
		for day := 28; day > 4; day -= 2 {
			if at := year(time.Month(month), day); !at.Before(from) && at.Before(to) {
				want++
			}
		}
	}
	asked := web.paths()
	for _, path := range asked {
		if strings.HasPrefix(path, "2026/") && !strings.HasPrefix(path, "2026/06/") && !strings.HasPrefix(path, "2026/07/") && !strings.HasPrefix(path, "2026/08/") {
			t.Errorf("%s was asked for", path)
		}
	}
	months := slices.IndexFunc(m.Lists, func(l backfill.List) bool { return l.Way == backfill.WayMonth })
	if b.Result.Found != want || b.Result.Stored != want || months < 0 || !m.HasWayBack() {
		t.Errorf("%d of %d articles: %+v, lists %+v, asked %q", b.Result.Stored, want, b.Result, m.Lists, asked)
	}
}
