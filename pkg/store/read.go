package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// Sort is the order of articles.
type Sort string

// The orders. No order, "", is the quickest way through all of them.
const (
	SortNewest Sort = "newest" // published_at, the latest first; articles without a time last
	SortOldest Sort = "oldest" // published_at, the earliest first; articles without a time first
)

// ArticleFilter says which articles are wanted. Empty fields mean all.
type ArticleFilter struct {
	Sites     []string
	Languages []string
	Authors   []string  // any of them, as they are printed
	Since     time.Time // published at or after
	Until     time.Time // published before
	Undated   bool      // without a time of publication, whatever Since and Until say
	Changed   time.Time // changed at or after, by the clock of whoever changed it
	Firsts    bool      // those alone that are of no other article: of a cluster the first
	Limit     int
	Sort      Sort
}

func (f ArticleFilter) query() bson.D {
	q := append(in("site", f.Sites), in("language", f.Languages)...)
	q = append(q, in("authors", f.Authors)...)
	if span := between(f.Since, f.Until); f.Undated {
		q = append(q, bson.E{Key: "published_at", Value: nil})
	} else if len(span) > 0 {
		q = append(q, bson.E{Key: "published_at", Value: span})
	}
	if !f.Changed.IsZero() {
		q = append(q, bson.E{Key: "updated_at", Value: bson.D{{Key: "$gte", Value: millis(f.Changed)}}})
	}
	if f.Firsts {
		q = append(q, bson.E{Key: "cluster.of", Value: nil})
	}
	return q
}

// Matches says whether the filter wants an article; Limit and Sort are not looked at.
func (f ArticleFilter) Matches(a *article.Article) bool {
	at := a.PublishedAt
	switch {
	case len(f.Sites) > 0 && !slices.Contains(f.Sites, a.Site),
		len(f.Languages) > 0 && !slices.Contains(f.Languages, a.Language),
		len(f.Authors) > 0 && !slices.ContainsFunc(a.Authors, func(name string) bool { return slices.Contains(f.Authors, name) }),
		f.Firsts && a.Cluster != nil && a.Cluster.Of != "",
		!f.Changed.IsZero() && (a.UpdatedAt == nil || a.UpdatedAt.Before(millis(f.Changed))):
		return false
	case f.Undated:
		return at == nil
	case f.Since.IsZero() && f.Until.IsZero():
		return true
	}
	return at != nil && !at.Before(f.Since) && (f.Until.IsZero() || at.Before(f.Until))
}

// Articles reads the articles that match, one after the other. One that cannot be read is an error of its own in the
// sequence, which wraps ErrUnreadable or ErrNewer; any other error ends it.
func (s *Store) Articles(ctx context.Context, f ArticleFilter) iter.Seq2[article.Article, error] {
	opts := options.Find()
	if f.Limit > 0 {
		opts.SetLimit(int64(f.Limit))
	}
	switch f.Sort {
	case SortNewest:
		opts.SetSort(bson.D{{Key: "published_at", Value: -1}, {Key: "_id", Value: 1}})
	case SortOldest:
		opts.SetSort(bson.D{{Key: "published_at", Value: 1}, {Key: "_id", Value: 1}})
	}
	return articleDocs.report(ctx, s.find(s.reports, f.query(), opts))
}

// CountArticles counts the articles that match; Limit and Sort are not looked at.
func (s *Store) CountArticles(ctx context.Context, f ArticleFilter) (int64, error) {
	ctx, cancel := unhurried(ctx)
	defer cancel()
	n, err := s.reports.CountDocuments(ctx, f.query())
	return n, wrap("count articles", err)
}

// CountStale counts the articles of a site that were read by other rules than these, or before that was noted.
func (s *Store) CountStale(ctx context.Context, site, rules string) (int64, error) {
	ctx, cancel := unhurried(ctx)
	defer cancel()
	n, err := s.reports.CountDocuments(ctx, bson.D{{Key: "site", Value: site}, {Key: "extractor.rules", Value: bson.D{{Key: "$ne", Value: rules}}}})
	return n, wrap("count the stale articles of "+site, err)
}

// Article reads one article. The error wraps ErrNotFound where there is none, and ErrUnreadable where what there is is no
// article.
func (s *Store) Article(ctx context.Context, id string) (article.Article, error) {
	raw, err := s.articles.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
	if err != nil {
		return article.Article{}, wrap("read article "+id, err)
	}
	return articleDocs.decode(raw)
}

// ArticleAt reads the article that is known to be at an address, a canonical URL, or at another form of it. The error wraps
// ErrNotFound where there is none.
func (s *Store) ArticleAt(ctx context.Context, address string) (article.Article, error) {
	key := addressKey(address)
	owners, err := s.owners(ctx, []string{key})
	if err != nil {
		return article.Article{}, wrap("look up "+address, err)
	}
	if owners[key] == "" {
		return article.Article{}, fmt.Errorf("article at %s: %w", address, ErrNotFound)
	}
	return s.Article(ctx, owners[key])
}

// Revisions reads what the edits of an article replaced, the oldest first. Where some cannot be read it gives the others,
// and an error that wraps ErrUnreadable or ErrNewer.
func (s *Store) Revisions(ctx context.Context, articleID string) ([]article.Revision, error) {
	var revisions []article.Revision
	var bad error
	for r, err := range revisionDocs.read(ctx, s.find(s.revisions, bson.D{{Key: "article_id", Value: articleID}},
		options.Find().SetSort(bson.D{{Key: "revision", Value: 1}}))) {
		switch {
		case isOfDocument(err):
			bad = errors.Join(bad, err)
		case err != nil:
			return nil, err
		default:
			revisions = append(revisions, r)
		}
	}
	return revisions, bad
}
