package store

import (
	"context"
	"iter"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// PageFilter says which pages are wanted. Empty fields mean all.
type PageFilter struct {
	Sites    []string
	Statuses []Status
	Kinds    []Kind
	Outcomes []outcome.Outcome
	Reasons  []outcome.Reason
	// Since and Until are of the last fetch or, for pages that were never fetched, of when they were found: at or after,
	// and before.
	Since, Until time.Time
	Limit        int
}

func (f PageFilter) query() bson.D {
	q := append(in("site", f.Sites), in("status", f.Statuses)...)
	q = append(q, in("kind", f.Kinds)...)
	q = append(q, in("outcome", f.Outcomes)...)
	q = append(q, in("reason", f.Reasons)...)
	span := bson.D{}
	if !f.Since.IsZero() {
		span = append(span, bson.E{Key: "$gte", Value: millis(f.Since)})
	}
	if !f.Until.IsZero() {
		span = append(span, bson.E{Key: "$lt", Value: millis(f.Until)})
	}
	if len(span) > 0 {
		q = append(q, bson.E{Key: "$or", Value: bson.A{
			bson.D{{Key: "fetched_at", Value: span}},
			bson.D{{Key: "fetched_at", Value: nil}, {Key: "discovered_at", Value: span}},
		}})
	}
	return q
}

// FindPages reads the pages that match, one after the other, in no order. An error ends the sequence.
func (s *Store) FindPages(ctx context.Context, f PageFilter) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		opts := options.Find()
		if f.Limit > 0 {
			opts.SetLimit(int64(f.Limit))
		}
		cur, err := s.pages.Find(ctx, f.query(), opts)
		if err != nil {
			yield(Page{}, wrap("find pages", err))
			return
		}
		defer cur.Close(context.WithoutCancel(ctx))
		for cur.Next(ctx) {
			var p Page
			if err := cur.Decode(&p); err != nil {
				yield(Page{}, wrap("decode page", err))
				return
			}
			if !yield(p, nil) {
				return
			}
		}
		if err := cur.Err(); err != nil {
			yield(Page{}, wrap("read pages", err))
		}
	}
}

// Statuses lists the statuses that a page may have.
func Statuses() []Status {
	return []Status{StatusDue, StatusQueued, StatusDone, StatusGone, StatusExcluded, StatusDead}
}

// Kinds lists the kinds of a page.
func Kinds() []Kind { return []Kind{KindHome, KindListing, KindFeed, KindSitemap, KindArticle} }
