package worker

import (
	"context"
	"errors"

	"github.com/khabar-crawler/khabar/pkg/fetch"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/site"
	"github.com/khabar-crawler/khabar/pkg/store"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// whereMoved gives the site as it is where its home page was followed to, for an article's page that redirects there: then what the
// old domain has, fetched or not, goes on on the new one. A redirect to any other domain is not the site's.
func (w *Worker) whereMoved(ctx context.Context, s *site.Site, page store.Page, res fetch.Response) (*site.Site, error) {
	if res.Outcome != outcome.Redirected || page.Kind != store.KindArticle || !s.FollowMoves || s.Owns(res.Location) {
		return s, nil
	}
	home, err := w.Store.Page(ctx, weburl.ID(s.Home))
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrUnreadable), errors.Is(err, store.ErrNewer):
		return s, nil
	case err != nil:
		return nil, err
	}
	if home.Reason != outcome.ReasonFollowed || !weburl.SameSite(home.RedirectTo, res.Location) {
		return s, nil
	}
	return s.At(home.RedirectTo), nil
}
