package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/khabar-crawler/khabar/cmd/internal/terminal"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/worker"
)

// tally counts what a crawl does. It is fed from many goroutines.
type tally struct {
	started time.Time

	mu       sync.Mutex
	pages    int // fetches and what else was done for a page
	fetched  int // pages that were had, whatever is on them
	brought  int // pages that brought something
	articles map[store.ArticleChange]int
	failures map[string]int     // pages without result now, by reason
	retries  map[string]int     // those of them that are to be tried again
	failed   map[string]failing // by page id, so that a page counts once and no more when it succeeds
	sites    map[string]yield   // by site id
	moves    []string           // sites that moved and are followed, in words
	waiting  int64              // pages that are to be tried again later
	last     string             // site of the last page
	isFull   func() bool        // of the frontier as a whole; nil: not known yet
}

// failing is a page without result.
type failing struct {
	reason string
	again  bool // it is to be tried again
}

// yield is what a site gave in this crawl.
type yield struct {
	pages    int // fetches and what else was done for a page
	brought  int // those that brought something
	articles int // stored, or seen to be as they were
}

// maxFailed bounds the pages whose reasons are remembered; beyond it a page that is tried again counts again.
const maxFailed = 100_000

func newTally() *tally {
	return &tally{
		started: time.Now(), articles: map[store.ArticleChange]int{},
		failures: map[string]int{}, retries: map[string]int{}, failed: map[string]failing{}, sites: map[string]yield{},
	}
}

// wait notes how many pages are to be tried again later.
func (t *tally) wait(pages int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting = pages
}

// watch has the tally tell while the frontier is full.
func (t *tally) watch(isFull func() bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.isFull = isFull
}

// observe counts one task.
func (t *tally) observe(e worker.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pages++
	t.last = e.Page.Site
	if e.Article != store.ArticleNone {
		t.articles[e.Article]++
	}
	if old, ok := t.failed[e.Page.ID]; ok {
		less(t.failures, old.reason)
		if old.again {
			less(t.retries, old.reason)
		}
		delete(t.failed, e.Page.ID)
	}
	y := t.sites[e.Page.Site]
	y.pages++
	if e.Page.Outcome == outcome.Absent { // neither brought anything nor failed
		t.sites[e.Page.Site] = y
		return
	}
	if wasFetched(e.Page) {
		t.fetched++
	}
	if e.Page.Reason == outcome.ReasonFollowed && e.Page.DiscoveredFrom == "" && len(t.moves) < maxBarrenShown {
		t.moves = append(t.moves, fmt.Sprintf("%s has moved to %s, and is crawled there: name that address from now on", e.Page.URL, e.Page.RedirectTo))
	}
	reason := failure(e.Page)
	if reason == "" {
		t.brought++
		y.brought++
		if e.Page.Kind == store.KindArticle && e.Page.ArticleID != "" {
			y.articles++
		}
	}
	t.sites[e.Page.Site] = y
	if reason == "" {
		return
	}
	f := failing{reason, e.Page.Status == store.StatusDue}
	t.failures[reason]++
	if f.again {
		t.retries[reason]++
	}
	if len(t.failed) < maxFailed {
		t.failed[e.Page.ID] = f
	}
}

func less(counts map[string]int, key string) {
	if counts[key]--; counts[key] == 0 {
		delete(counts, key)
	}
}

// failure is why a page brought nothing, or "" where it did, or where nothing says that there should be any.
func failure(p store.Page) string {
	switch p.Outcome {
	case outcome.OK, outcome.NotModified, outcome.Absent:
		return ""
	}
	return outcome.Text(p.Outcome, p.Reason)
}

// wasFetched says whether a page was had, whatever was on it.
func wasFetched(p store.Page) bool {
	switch p.Outcome {
	case outcome.NotArticle, outcome.Unreadable, outcome.Nothing, outcome.NotStored, outcome.Crash:
		return true
	}
	return failure(p) == ""
}

// snapshot is a copy of the counts.
type snapshot struct {
	pages, fetched, brought   int
	fresh, revised, unchanged int
	waiting                   int64
	failures, retries         map[string]int
	sites                     map[string]yield
	moves                     []string
	last                      string
	full                      bool
	seconds                   float64
}

func (t *tally) snapshot() snapshot {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := snapshot{
		pages: t.pages, fetched: t.fetched, brought: t.brought, waiting: t.waiting, fresh: t.articles[store.ArticleNew], revised: t.articles[store.ArticleRevised],
		unchanged: t.articles[store.ArticleUnchanged] + t.articles[store.ArticleRemade], last: t.last,
		failures: maps.Clone(t.failures), retries: maps.Clone(t.retries), sites: maps.Clone(t.sites), seconds: time.Since(t.started).Seconds(),
		full: t.isFull != nil && t.isFull(), moves: slices.Clone(t.moves),
	}
	return s
}

func (s snapshot) failed() int {
	n := 0
	for _, k := range s.failures {
		n += k
	}
	return n
}

func (s snapshot) rate() float64 {
	if s.seconds <= 0 {
		return 0
	}
	return float64(s.pages) / s.seconds
}

func (s snapshot) line() string {
	line := fmt.Sprintf("%d pages, %d new articles, %d without result, %.0f pages/s", s.pages, s.fresh, s.failed(), s.rate())
	switch reasons := byCount(s.retries); {
	case s.waiting > 0 && len(reasons) > 0:
		line += fmt.Sprintf(", %d wait to be tried again (%s)", s.waiting, reasons[0])
	case s.waiting > 0:
		line += fmt.Sprintf(", %d wait for their turn", s.waiting)
	}
	if s.full {
		line += ", the frontier is full"
	}
	return line
}

// How often progress is shown: a terminal line that is drawn over is pleasant at five a second; plain lines end up in
// logs, where few are enough.
const (
	terminalEvery = 200 * time.Millisecond
	plainEvery    = 5 * time.Second
)

// progress shows the tally until the function it returns is called: one line drawn over and over on a terminal, plain
// lines elsewhere.
func (t *tally) progress(w io.Writer) (stop func()) {
	every := plainEvery
	screen, live := w.(*terminal.Screen)
	if live {
		every = terminalEvery
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-quit:
				if live {
					_ = screen.Redraw("") // a crawl needs no terminal
				} else if s := t.snapshot(); s.seconds < every.Seconds() {
					fmt.Fprintf(w, "%.0f s: %s\n", s.seconds, s.line()) // ended before its first line was due
				}
				return
			}
			s := t.snapshot()
			if !live {
				fmt.Fprintf(w, "%.0f s: %s\n", s.seconds, s.line())
				continue
			}
			line := fmt.Sprintf("%5.1f s  %s  %s", s.seconds, s.line(), s.last)
			if width := screen.Columns(); width > 1 && len(line) >= width {
				line = line[:width-1] // ASCII: numbers and site ids
			}
			_ = screen.Redraw(line)
		}
	}()
	var once sync.Once
	return func() { once.Do(func() { close(quit); <-done }) }
}

// failureLines lists failures, the most frequent first.
func failureLines(failures map[string]int) string {
	var b strings.Builder
	for _, k := range byCount(failures) {
		fmt.Fprintf(&b, "  %6d  %s\n", failures[k], k)
	}
	return b.String()
}
