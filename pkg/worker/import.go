package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// ErrNotImported is wrapped by the error that says why an answer of somebody else's changes nothing.
var ErrNotImported = errors.New("not imported")

// Importing begins with Import, and gives a function that ends with it: what was learned meanwhile is stored then.
func (w *Worker) Importing(ctx context.Context) (end func()) {
	templates, rhythms := w.learned.start(ctx), w.rhythms.start(ctx)
	return func() {
		rhythms()
		templates()
	}
}

// Import deals with an answer that somebody else fetched at res.At as if the worker had then: its article is stored, and the
// page's record says what became of it. What it links to is not followed. address is canonical, and s its site. An answer that is no
// newer than what is known of its page, or is of a page that is no article's, is not imported: doing it again changes nothing. The
// answers of one page are to be imported one after another, in the order of their times, for each edit to be one.
func (w *Worker) Import(ctx context.Context, s *site.Site, address string, res fetch.Response) (Event, error) {
	res.At = res.At.Truncate(time.Millisecond) // as the store keeps it
	page, err := w.importPage(ctx, s, address, res)
	if err != nil {
		return Event{}, err
	}
	if err := w.learned.open(ctx, page.Site); err != nil {
		return Event{}, err
	}
	v, err := w.watched(ctx, page, s, res, nil)
	if err != nil {
		return Event{}, err
	}
	out, err := w.record(ctx, v, false)
	if err != nil {
		return Event{}, err
	}
	if page.FetchedAt == nil {
		w.learned.note(out)
	}
	w.Observe(out)
	return out, nil
}

// importPage is the page of an answer, as it is known or as it is to be made.
func (w *Worker) importPage(ctx context.Context, s *site.Site, address string, res fetch.Response) (store.Page, error) {
	refuse := func(format string, args ...any) (store.Page, error) {
		return store.Page{}, fmt.Errorf("%s: %w: %s", address, ErrNotImported, fmt.Sprintf(format, args...))
	}
	if s.Paused {
		return refuse("the site %s is paused", s.ID)
	}
	if s.IsArticle(address) == site.NotArticle {
		return refuse("the site %s has no articles at such addresses", s.ID)
	}
	page, err := w.Store.Page(ctx, weburl.ID(address))
	switch {
	case errors.Is(err, store.ErrNotFound):
		at := fetchedAt(res, time.Now())
		return w.newPage(s, store.Page{}, address, store.KindArticle, "", 0, at), nil
	case errors.Is(err, store.ErrUnreadable), errors.Is(err, store.ErrNewer):
		return refuse("%v", err)
	case err != nil:
		return store.Page{}, err
	case page.Version > store.PageVersion:
		return refuse("its record is a newer khabar's")
	case page.Kind != store.KindArticle:
		return refuse("it is a %s", page.Kind)
	case page.Outcome == outcome.Erased:
		return refuse("it was erased")
	case page.FetchedAt != nil && !res.At.After(*page.FetchedAt):
		return refuse("it is known as of %s", page.FetchedAt.UTC().Format(time.RFC3339))
	}
	return page, nil
}
