package worker

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/boilerplate"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// gone is what a dead process answers.
func (p *process) gone() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return errKilled
	}
	return nil
}

func (t tapped) Profile(ctx context.Context, site string) (store.Profile, error) {
	if err := t.p.gone(); err != nil {
		return store.Profile{}, err
	}
	return t.p.store.Profile(ctx, site)
}

func (t tapped) SaveProfile(ctx context.Context, p store.Profile) (store.Profile, error) {
	if err := t.p.gone(); err != nil {
		return store.Profile{}, err
	}
	return t.p.store.SaveProfile(ctx, p)
}

func (t tapped) ArticlesFetchedSince(ctx context.Context, site string, since time.Time) iter.Seq2[article.Article, error] {
	return t.p.store.ArticlesFetchedSince(ctx, site, since)
}

func (t tapped) UpdateCleaned(ctx context.Context, all []store.Cleaning) (int, []store.Refusal, error) {
	if err := t.p.gone(); err != nil {
		return 0, nil, err
	}
	return t.p.store.UpdateCleaned(ctx, all)
}

// strangers are the stored lines that are not the articles' own.
func strangers(w *world, web *demosite.Server) map[string]int {
	lines := map[string]int{}
	have := w.articles()
	for _, truth := range web.Articles() {
		for _, line := range strings.FieldsFunc(have[truth.URL].Text, func(r rune) bool { return r == '\n' }) {
			if !slices.Contains(truth.Paragraphs, line) {
				lines[line]++
			}
		}
	}
	return lines
}

// TestTemplatesAreLearned crawls a web whose disclaimers and promotions look like paragraphs: in the end no stored
// article has them, those stored before they were known included, and fetching all again finds nothing changed.
func TestTemplatesAreLearned(t *testing.T) {
	t.Parallel()
	w, web := demoWorld(t, demosite.Config{Sites: 2, PerSection: 14, Hard: true})
	plain := newWorld(t, shared, web.ProxyURL(), w.sites...)
	plain.unlearning = true
	plain.crawl()
	if len(strangers(plain, web)) == 0 {
		t.Fatal("nothing of the templates is stored without learning: the test tests nothing")
	}
	w.crawl()
	for line, n := range strangers(w, web) {
		t.Errorf("on %d articles: %s", n, line)
	}
	before, unlearned := w.articles(), plain.articles()
	for url, a := range before {
		if own := unlearned[url]; a.Paragraphs != strings.Count(a.Text, "\n\n")+1 || a.ContentHash != article.HashContent(a.Title, a.Subtitle, a.Text) ||
			(a.Text == own.Text) != (a.WordCount == own.WordCount) || a.Revision != 1 {
			t.Errorf("%s: %d paragraphs, %d words, revision %d", url, a.Paragraphs, a.WordCount, a.Revision)
		}
	}

	p := w.start(nil)
	now := time.Now()
	for _, page := range w.pages() {
		if page.Kind == store.KindArticle && page.Status == store.StatusDone {
			page.NextAt, page.HTTP = &now, nil
			if _, err := p.committer.Commit(t.Context(), store.Effect{Page: page}); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.schedule.Once = false
	_, stop := p.seed()
	p.run()
	w.eventually(func(context.Context) bool {
		for url, a := range w.articles() {
			if !a.FetchedAt.After(before[url].FetchedAt) {
				return false
			}
		}
		return true
	})
	stop()
	p.end()
	if revs := all[article.Revision](w, "revisions"); len(revs) != 0 {
		t.Errorf("%d revisions of articles that nobody edited", len(revs))
	}
	for url, a := range w.articles() {
		if a.Text != before[url].Text {
			t.Errorf("%s has changed", url)
		}
	}
}

const slogan = "All that stands here may be quoted at up to fifty words with its source."

// storedStory is article n of a site, as it is extracted.
func storedStory(n int) *article.Article {
	text := fmt.Sprintf("Story %d begins with a line of its own%s.\n\nIt has line %d too.\n\n%s", n, strings.Repeat(" and more of it", n%5), n, slogan)
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * 11 * time.Hour)
	id, title := fmt.Sprintf("%032x", n), strings.Repeat(string(rune('a'+n%26)), 5+n/26)
	return &article.Article{
		ID: id, URL: "https://news.example/" + id, CanonicalURL: "https://news.example/" + id, Site: "news.example",
		Title: title, Text: text, Paragraphs: 3, WordCount: 40, PublishedAt: &at,
		ContentHash: article.HashContent(title, "", text), FetchedAt: at.Add(time.Hour),
		Quality: article.Quality{Score: 1}, Extractor: article.Extractor{Version: "1"},
	}
}

// TestWorkersShareWhatTheySaw has two workers see articles, some of them both, and share at the same time: the stored
// profile counts each once, and what neither could tell alone is known, and gone from what was stored.
func TestWorkersShareWhatTheySaw(t *testing.T) {
	t.Parallel()
	w := newWorld(t, shared, "")
	p := w.start(nil)
	ctx := t.Context()
	workers := []*templates{newTemplates("one", p.store, w.log), newTemplates("two", p.store, w.log)}
	for _, tpl := range workers {
		if err := tpl.open(ctx, "news.example"); err != nil {
			t.Fatal(err)
		}
	}
	const count = 12
	for n := range count {
		for i, tpl := range workers {
			if n%2 == i || n%6 == 0 {
				a := storedStory(n)
				tpl.read(a, nil)
				if _, err := p.committer.Commit(ctx, store.Effect{Page: store.Page{
					ID: a.ID, URL: a.URL, Site: a.Site, Kind: store.KindArticle, Lane: "news.example", DiscoveredAt: a.FetchedAt, Status: store.StatusDone,
				}, Article: storedStory(n)}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	var both sync.WaitGroup
	for _, tpl := range workers {
		both.Go(func() {
			for range 4 {
				tpl.sync(ctx, true)
			}
		})
	}
	both.Wait()
	stored, err := p.store.Profile(ctx, "news.example")
	if err != nil {
		t.Fatal(err)
	}
	var state boilerplate.State
	if err := stored.Decode(&state); err != nil {
		t.Fatal(err)
	}
	if state.Articles != count || len(state.Known) != 1 {
		t.Fatalf("%d articles were seen, %d lines learned", state.Articles, len(state.Known))
	}
	for _, tpl := range workers {
		tpl.read(storedStory(99), nil)
		tpl.sync(ctx, true) // takes over what the other one shared last
		a := storedStory(100)
		tpl.read(a, nil)
		if strings.Contains(a.Text, slogan) || a.Paragraphs != 2 {
			t.Errorf("%s does not know what both learned", tpl.name)
		}
	}
	for _, a := range w.articles() {
		if strings.Contains(a.Text, slogan) || a.Revision != 1 {
			t.Errorf("stored: %s", a.Text)
		}
	}
	p.end()
}

// TestTemplatesSurvive: a profile that cannot be read is learned anew, and a store that is away loses nothing.
func TestTemplatesSurvive(t *testing.T) {
	t.Parallel()
	w := newWorld(t, shared, "")
	p := w.start(nil)
	ctx := t.Context()
	junk := store.Profile{Site: "news.example"}
	if err := junk.Encode(boilerplate.State{Format: -1}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.store.SaveProfile(ctx, junk); err != nil {
		t.Fatal(err)
	}
	tpl := newTemplates("one", p.store, w.log)
	if err := tpl.open(ctx, "news.example"); err != nil {
		t.Fatal(err)
	}
	for n := range 10 {
		tpl.read(storedStory(n), nil)
	}
	away, cancel := context.WithCancel(ctx)
	cancel()
	tpl.sync(away, true)
	tpl.sync(ctx, true)
	again := newTemplates("two", p.store, w.log)
	if err := again.open(ctx, "news.example"); err != nil {
		t.Fatal(err)
	}
	a := storedStory(100)
	again.read(a, nil)
	if strings.Contains(a.Text, slogan) {
		t.Error("what was learned is lost")
	}
	if err := again.open(away, "other.example"); err == nil {
		t.Error("a site is read without what is known of it")
	}
	p.end()
}

// TestTemplatesAreBounded: profiles beyond the bound leave memory once they are shared.
func TestTemplatesAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, shared, "")
	p := w.start(nil)
	tpl := newTemplates("one", p.store, w.log)
	for n := range maxTemplates + 3 {
		a := storedStory(n)
		a.Site = fmt.Sprintf("site%d.example", n)
		if err := tpl.open(t.Context(), a.Site); err != nil {
			t.Fatal(err)
		}
		if n < 5 {
			tpl.read(a, nil)
		}
	}
	tpl.sync(t.Context(), false)
	if len(tpl.sites) != maxTemplates {
		t.Errorf("%d profiles are in memory", len(tpl.sites))
	}
	for n := range 5 {
		_, err := p.store.Profile(t.Context(), fmt.Sprintf("site%d.example", n))
		if evicted := tpl.sites[fmt.Sprintf("site%d.example", n)] == nil; evicted != (err == nil) {
			t.Errorf("site %d: evicted: %v, stored: %v", n, evicted, err)
		}
	}
	p.end()
}
