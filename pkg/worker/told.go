package worker

import (
	"context"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// retell has known pages learn what the feed or news sitemap says of them now, where that is another thing than before. A page that
// was found otherwise learns it too. What one feed says never takes the place of what another said, lest two of them change it to
// and fro; news sitemaps are the site's own word.
func (w *Worker) retell(ctx context.Context, r *recording) error {
	var ids []string
	told := make(map[string]*article.Told)
	for _, p := range r.seen {
		// What a sitemap dates by an address alone, as those of archives, does not change.
		if p.Told != nil && p.Told.Title != "" && !r.made[p.ID] && told[p.ID] == nil {
			ids = append(ids, p.ID)
			told[p.ID] = p.Told
		}
	}
	if len(ids) == 0 {
		return nil
	}
	known, err := w.Store.Pages(ctx, ids)
	if err != nil {
		return err
	}
	var other []store.Page
	for _, id := range ids {
		p, ok := known[id]
		if !ok || p.Version > store.PageVersion || p.Kind != store.KindArticle || p.Told.Same(told[id]) {
			continue
		}
		if p.Told.IsEmpty() || r.page.Kind == store.KindSitemap || p.DiscoveredFrom == r.page.ID {
			p.Told = told[id]
			other = append(other, p)
		}
	}
	if len(other) == 0 {
		return nil
	}
	_, err = w.Store.Tell(ctx, other)
	return err
}
