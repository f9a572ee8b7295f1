package cluster

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/cmd/internal/proctest"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// clocks are what sites may take a time for.
var clocks = []struct {
	name string
	says func(time.Time) time.Time
}{
	{"a year ahead", func(at time.Time) time.Time { return at.AddDate(1, 0, 0) }},
	{"twenty years late", func(at time.Time) time.Time { return at.AddDate(-20, 0, 0) }},
	{"a day and a half ahead", func(at time.Time) time.Time { return at.Add(36 * time.Hour) }},
	{"all is of now", func(time.Time) time.Time { return time.Now() }},
	{"it stands", func(time.Time) time.Time { return time.Date(2038, 1, 19, 3, 14, 7, 0, time.UTC) }},
}

var stamps = []struct {
	layout string
	form   *regexp.Regexp
}{
	{time.RFC3339, regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)`)},
	{time.RFC1123Z, regexp.MustCompile(`[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}`)},
}

// lying serves a web whose hosts have wrong clocks: the dates of pages, feeds and sitemaps, and those of the answers' headers, are
// what these say. What is as old as the copy that somebody has, by such a clock, has not changed.
func lying(web http.Handler, clock map[string]func(time.Time) time.Time) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		says := clock[r.URL.Host]
		if says == nil {
			web.ServeHTTP(rw, r)
			return
		}
		plain := r.Clone(r.Context())
		plain.Header.Del("If-None-Match")
		plain.Header.Del("If-Modified-Since")
		answer := httptest.NewRecorder()
		web.ServeHTTP(answer, plain)
		for name, values := range answer.Header() {
			rw.Header()[name] = values
		}
		h := rw.Header()
		h.Del("ETag")
		h.Set("Date", says(time.Now()).UTC().Format(http.TimeFormat))
		if seconds, err := strconv.Atoi(h.Get("Retry-After")); err == nil {
			h.Set("Retry-After", says(time.Now()).Add(time.Duration(seconds)*time.Second).UTC().Format(http.TimeFormat))
		}
		if at, err := http.ParseTime(h.Get("Last-Modified")); err == nil {
			h.Set("Last-Modified", says(at).UTC().Format(http.TimeFormat))
			if h.Get("Last-Modified") == r.Header.Get("If-Modified-Since") {
				rw.WriteHeader(http.StatusNotModified)
				return
			}
		}
		body := answer.Body.Bytes()
		for _, s := range stamps {
			body = s.form.ReplaceAllFunc(body, func(stamp []byte) []byte {
				at, err := time.Parse(s.layout, string(stamp))
				if err != nil {
					return stamp
				}
				return []byte(says(at).In(at.Location()).Format(s.layout))
			})
		}
		rw.WriteHeader(answer.Code)
		_, _ = rw.Write(body) // the client may be gone
	}
}

// TestLyingClocks has sites put out news whose clocks are wrong, in all that they say, while they fail now and then and say by that
// clock how long. All of it is found, once, as of any site, without a gap, and no section is visited more often than the bounds let it.
func TestLyingClocks(t *testing.T) {
	t.Parallel()
	const least, often = 3 * time.Second, 5 * time.Second
	f := newFleet(t, demosite.Config{Sites: len(clocks), PerSection: 3, Coming: 9, FailEvery: 5}, "KHABAR_REVISIT_MIN="+least.String(),
		"KHABAR_REVISIT_START="+often.String(), "KHABAR_REVISIT_RETRY_BASE=100ms", "KHABAR_REVISIT_LOOKS=0")
	names, hosts := map[string]string{}, map[string]func(time.Time) time.Time{}
	for i, s := range f.web.Sites() {
		names[s.ID], hosts[s.Host] = clocks[i].name, clocks[i].says
	}
	f.answers(lying(f.web, hosts))
	began := time.Now()
	scheduler, worker := f.scheduler(), f.worker("worker")
	for range 3 {
		f.found()
		f.web.Publish(3) // of each site
	}
	f.found()
	for _, p := range []*proctest.Process{scheduler, worker} {
		p.Kill() // that sections are due again is of no interest
	}
	most := int(time.Since(began)/least) + 1
	stats := f.web.Stats().Hosts
	for p, err := range f.store.Sections(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(p.URL)
		if err != nil {
			t.Fatal(err)
		}
		n := stats[u.Host].Hits[u.RequestURI()]
		if n > most {
			t.Errorf("%s: %s was asked for %d times in %v", names[p.Site], p.URL, n, time.Since(began))
		}
		if p.Gaps != nil && p.Gaps.Told > 0 {
			t.Errorf("%s: %s: gaps %+v", names[p.Site], p.URL, p.Gaps)
		}
		if p.Status == store.StatusDone && p.NextAt.Sub(*p.FetchedAt) > often+time.Hour { // which a busy machine has to spare
			t.Errorf("%s: %s was visited at %v and is next at %v, for %s", names[p.Site], p.URL, p.FetchedAt, p.NextAt, p.NextWhy)
		}
	}
	for id, name := range names {
		t.Logf("%s: %d requests in %v", name, stats[id+".example"].Requests, time.Since(began).Round(time.Second))
	}
	f.polite()
}

// answers has the web's requests answered by a handler.
func (f *fleet) answers(h http.Handler) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.handler = h
}

// found waits until all that the web has put out is stored, each once and never revised.
func (f *fleet) found() {
	f.t.Helper()
	all := f.web.Articles()
	proctest.Until(f.t, "not all is found", func(ctx context.Context) error {
		for _, a := range all {
			canonical, err := weburl.Canonical(a.URL)
			if err != nil {
				return err
			}
			got, err := f.store.Article(ctx, weburl.ID(canonical))
			if err != nil {
				return fmt.Errorf("%s: %w", a.URL, err)
			}
			if got.Revision != 1 || got.Title != a.Title {
				return fmt.Errorf("%s: revision %d, title %q, want %q", a.URL, got.Revision, got.Title, a.Title)
			}
		}
		return nil
	})
	if n, err := f.store.CountArticles(f.t.Context(), store.ArticleFilter{}); err != nil || int(n) != len(all) {
		f.t.Errorf("%d articles are stored of %d, %v", n, len(all), err)
	}
}
