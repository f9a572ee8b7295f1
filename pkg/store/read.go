package store

import (
	"context"
	"fmt"
	"iter"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// Sort is the order of articles.
type Sort string

// The orders. SortNone is the quickest way through all of them.
const (
	SortNone   Sort = ""
	SortNewest Sort = "newest" // published_at, the latest first; articles without a time last
	SortOldest Sort = "oldest" // published_at, the earliest first; articles without a time first
)

// ArticleFilter says which articles are wanted. Empty fields mean all.
type ArticleFilter struct {
	Sites     []string
	Languages []string
	Since     time.Time // published at or after
	Until     time.Time // published before
	Limit     int
	Sort      Sort
}

func (f ArticleFilter) query() bson.D {
	q := append(in("site", f.Sites), in("language", f.Languages)...)
	span := bson.D{}
	if !f.Since.IsZero() {
		span = append(span, bson.E{Key: "$gte", Value: millis(f.Since)})
	}
	if !f.Until.IsZero() {
		span = append(span, bson.E{Key: "$lt", Value: millis(f.Until)})
	}
	if len(span) > 0 {
		q = append(q, bson.E{Key: "published_at", Value: span})
	}
	return q
}

// Articles reads the articles that match, one after the other. An error ends the sequence.
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
	return s.articlesWhere(ctx, f.query(), opts)
}

func (s *Store) articlesWhere(ctx context.Context, query bson.D, opts *options.FindOptionsBuilder) iter.Seq2[article.Article, error] {
	return func(yield func(article.Article, error) bool) {
		cur, err := s.articles.Find(ctx, query, opts)
		if err != nil {
			yield(article.Article{}, wrap("find articles", err))
			return
		}
		defer cur.Close(context.WithoutCancel(ctx))
		for cur.Next(ctx) {
			var a article.Article
			if err := cur.Decode(&a); err != nil {
				yield(article.Article{}, wrap("decode article "+cur.Current.Lookup("_id").String(), err))
				return
			}
			if !yield(a, nil) {
				return
			}
		}
		if err := cur.Err(); err != nil {
			yield(article.Article{}, wrap("read articles", err))
		}
	}
}

// CountArticles counts the articles that match; Limit and Sort are not looked at.
func (s *Store) CountArticles(ctx context.Context, f ArticleFilter) (int64, error) {
	n, err := s.articles.CountDocuments(ctx, f.query())
	return n, wrap("count articles", err)
}

// Article reads one article. The error wraps ErrNotFound where there is none.
func (s *Store) Article(ctx context.Context, id string) (article.Article, error) {
	var a article.Article
	err := s.articles.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(&a)
	return a, wrap("read article "+id, err)
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

// Revisions reads what the edits of an article replaced, the oldest first.
func (s *Store) Revisions(ctx context.Context, articleID string) ([]article.Revision, error) {
	cur, err := s.revisions.Find(ctx, bson.D{{Key: "article_id", Value: articleID}},
		options.Find().SetSort(bson.D{{Key: "revision", Value: 1}}))
	if err != nil {
		return nil, wrap("find revisions of article "+articleID, err)
	}
	var revisions []article.Revision
	return revisions, wrap("read revisions of article "+articleID, cur.All(ctx, &revisions))
}
