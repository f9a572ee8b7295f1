package worker

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/khabar-crawler/khabar/pkg/archive"
	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/demosite"
	"github.com/khabar-crawler/khabar/pkg/extract"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// keeping is a small world whose answers are kept.
func keeping(t *testing.T, keep archive.Keep) (*world, *demosite.Server) {
	w, web := demoWorld(t, demosite.Config{Sites: 1, PerSection: 2, PageSize: 2})
	w.kept, w.worker.Keep = t.TempDir(), keep
	return w, web
}

// soundArchive wants an archive in which nothing is wrong, and gives what is in it.
func (w *world) soundArchive() archive.Report {
	w.t.Helper()
	report, err := archive.Verify(w.kept, func(file string, err error) error {
		w.t.Errorf("%s: %v", file, err)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return report
}

// articlesAreKept wants each article's page to be where the article says.
func (w *world) articlesAreKept() {
	w.t.Helper()
	shelf, err := archive.OpenShelf(w.kept)
	if err != nil {
		w.t.Fatal(err)
	}
	for url, a := range w.articles() {
		if a.Archived == nil {
			w.t.Errorf("%s is kept nowhere", url)
			continue
		}
		body, _, err := shelf.Read(archive.Place(*a.Archived))
		if err != nil || !bytes.Contains(body, []byte("<title>")) || a.Archived.At.After(a.FetchedAt) {
			w.t.Errorf("%s: %d bytes of %v, fetched at %v, %v", url, len(body), a.Archived.At, a.FetchedAt, err)
		}
	}
}

func TestKeepArticles(t *testing.T) {
	t.Parallel()
	w, web := keeping(t, archive.KeepArticles)
	w.crawl()
	expectAll(t, w, web)
	w.articlesAreKept()
	if r := w.soundArchive(); r.Records < len(web.Articles()) {
		t.Errorf("%+v of %d articles", r, len(web.Articles()))
	}
	for url, p := range w.pages() {
		if p.Archived != nil && p.ArticleID == "" {
			t.Errorf("%s, %s, %s: kept at %+v", url, p.Kind, p.Reason, p.Archived)
		}
	}
}

func TestKeepAll(t *testing.T) {
	t.Parallel()
	w, _ := keeping(t, archive.KeepAll)
	w.crawl()
	w.articlesAreKept()
	w.soundArchive()
	kinds := map[store.Kind]int{}
	for _, p := range w.pages() {
		if p.Archived != nil {
			kinds[p.Kind]++
		}
	}
	if kinds[store.KindHome] == 0 || kinds[store.KindListing] == 0 || kinds[store.KindArticle] == 0 {
		t.Errorf("kept %v", kinds)
	}
}

// TestKeptBeforeStored kills processes around what is kept: no article is stored whose page is not.
func TestKeptBeforeStored(t *testing.T) {
	t.Parallel()
	w, web := keeping(t, archive.KeepArticles)
	w.worker.Strikes = 1000
	w.frontier.AckWait = time.Second // a dead worker's turn is soon another's
	looker := w.start(nil)
	_, stop := looker.seed()
	for _, point := range []string{"before keep", "after keep", "before commit", "after commit"} {
		var count atomic.Int32
		p := w.start(func(at, _ string) bool { return at == point && count.Add(1) == 2 })
		p.run()
		w.diedOrDone(p, looker)
		w.articlesAreKept()
		p.end()
	}
	last := w.start(nil).run()
	w.drained(looker)
	last.end()
	stop()
	expectAll(t, w, web)
	w.articlesAreKept()
	looker.end()
	w.soundArchive()
}

// failing is an archive whose disk is full for a while.
type failing struct {
	Archive
	left atomic.Int32
}

func (f *failing) Append(ctx context.Context, r archive.Record) (archive.Place, error) {
	if f.left.Add(-1) >= 0 {
		return archive.Place{}, errors.New("no space left on device")
	}
	return f.Archive.Append(ctx, r)
}

// TestArchiveIsFull: while nothing can be kept nothing is stored, and nothing of what was fetched is lost.
func TestArchiveIsFull(t *testing.T) {
	t.Parallel()
	w, web := keeping(t, archive.KeepArticles)
	p := w.start(nil)
	full := &failing{Archive: p.worker.Archive}
	full.left.Store(2)
	p.worker.Archive = full
	_, stop := p.seed()
	p.run()
	w.drained(p)
	stop()
	p.end()
	expectAll(t, w, web)
	w.articlesAreKept()
	w.soundArchive()
}

// TestRemade makes articles anew from what was kept of them: by what made them, nothing is other than it was.
func TestRemade(t *testing.T) {
	t.Parallel()
	w, web := keeping(t, archive.KeepArticles)
	w.crawl()
	p := w.start(nil)
	defer p.end()
	shelf, err := archive.OpenShelf(w.kept)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for url, a := range w.articles() {
		body, header, err := shelf.Read(archive.Place(*a.Archived))
		if err != nil {
			t.Fatal(err)
		}
		page := extract.Page{URL: a.Archived.URL, Body: body, ContentType: header.Get("Content-Type")}
		now, err := p.worker.Remade(t.Context(), w.sites[0], a, w.pages()[a.URL].Told, page)
		if err != nil {
			t.Fatal(err)
		}
		changed, err := p.store.Changed(store.Cleaning{Was: a, Now: now})
		if err != nil || len(changed) > 0 {
			t.Errorf("%s: changed %v, %v", url, changed, err)
		}
		n++
	}
	if n < len(web.Articles()) {
		t.Errorf("%d of %d articles", n, len(web.Articles()))
	}
	if _, err := p.worker.Remade(t.Context(), w.sites[0], article.Article{Archived: &article.Archived{}}, nil, extract.Page{Body: []byte("nothing")}); !errors.Is(err, ErrNotRemade) {
		t.Errorf("of a page without an article: %v", err)
	}
}

// BenchmarkRemade is one article made anew, from the disk on.
func BenchmarkRemade(b *testing.B) {
	dir := b.TempDir()
	kept, err := archive.New(archive.Config{Dir: dir}, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer kept.Close()
	url := "http://archive.example/old/story-of-long-ago-0001.html"
	r, err := kept.Pack(archive.Capture{URL: url, Status: 200, Body: []byte(tale("old/story-of-long-ago-0001.html"))})
	if err != nil {
		b.Fatal(err)
	}
	place, err := kept.Append(b.Context(), r)
	if err != nil {
		b.Fatal(err)
	}
	s, err := site.FromHome("http://archive.example/")
	if err != nil {
		b.Fatal(err)
	}
	shelf, err := archive.OpenShelf(dir)
	if err != nil {
		b.Fatal(err)
	}
	w := New(Config{}, Deps{})
	at := article.Archived(place)
	for b.Loop() {
		body, _, err := shelf.Read(place)
		if err == nil {
			_, err = w.Remade(b.Context(), s, article.Article{URL: url, Archived: &at}, nil, extract.Page{URL: url, Body: body})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// TestErasedIsForgotten erases an article while its page is in hand: what was kept of it by then is in no index.
func TestErasedIsForgotten(t *testing.T) {
	t.Parallel()
	w, web := keeping(t, archive.KeepArticles)
	url := web.Articles()[0].URL
	var erased atomic.Bool
	var p *process
	p = w.start(func(at, of string) bool {
		if at == "after keep" && of == url && erased.CompareAndSwap(false, true) {
			if err := p.store.Erase(context.Background(), store.Erasure{ID: weburl.ID(url), Addresses: []string{url}}); err != nil {
				t.Error(err)
			}
		}
		return false
	})
	_, stop := p.seed()
	p.run()
	w.drained(p)
	stop()
	p.end()
	if r := w.soundArchive(); !erased.Load() || r.Erased == 0 {
		t.Errorf("erased %v, %+v", erased.Load(), r)
	}
}
