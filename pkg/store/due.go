package store

import (
	"context"
	"errors"
	"iter"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Waiting is what is due and not in the frontier.
type Waiting struct {
	Pages int64 // due; the embedded store counts no further than some ten thousand
	// Oldest is the one that has been due for the longest, as far as it can be read; nil where none is.
	Oldest *Page
	Held   int64 // pages that wait for room in their lanes, of all sites; -1 where the server would read them all to count them
	Lanes  int   // the lanes that they wait for
}

// Waiting counts the pages of a scope that are due now and whose tasks nobody has put into the frontier, and those that are
// held. It only reads.
func (s *Store) Waiting(ctx context.Context, scope Scope) (Waiting, error) {
	ctx, cancel := unhurried(ctx)
	defer cancel()
	w, err := s.waiting(ctx, scope)
	return w, wrap("count the pages that are due", err)
}

func (s *Store) waiting(ctx context.Context, scope Scope) (w Waiting, err error) {
	coll, count, first := s.pages, options.Count(), options.FindOne().SetSort(bson.D{{Key: "next_at", Value: 1}})
	v, err := s.ordered(ctx, viewDue)
	if err != nil {
		return w, err
	}
	if v != nil {
		coll, count, first = v, options.Count().SetLimit(countMost), options.FindOne() // in the view's own order
	}
	due := all(bson.D{{Key: "next_at", Value: bson.D{{Key: "$lte", Value: millis(time.Now())}}}}, scope.filter())
	if w.Pages, err = coll.CountDocuments(ctx, due, count); err != nil {
		return w, err
	}
	raw, err := coll.FindOne(ctx, due, first).Raw()
	switch {
	case errors.Is(err, mongo.ErrNoDocuments):
	case err != nil:
		return w, err
	default:
		if p, err := pageDocs.decode(raw); err == nil { // the scheduler sets aside what is none
			w.Oldest = &p
		}
	}
	lanes, err := s.heldLanes(ctx)
	if err != nil {
		return w, err
	}
	w.Lanes, w.Held = len(lanes), -1
	if s.caps.Indexes || len(lanes) == 0 {
		w.Held, err = s.pages.CountDocuments(ctx, bson.D{{Key: "held", Value: bson.D{{Key: "$gt", Value: ""}}}})
	}
	return w, err
}

// Roots reads the pages that are visited again and again, those of sections, of some sites or of all: what became of the last
// visit, and when the next one is. What cannot be read is left out.
func (s *Store) Roots(ctx context.Context, sites []string) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		coll := s.pages
		v, err := s.ordered(ctx, viewNext)
		if err != nil {
			yield(Page{}, wrap("look for the view of pages by time", err))
			return
		}
		if v != nil {
			coll = v
		}
		filter := all(bson.D{{Key: "priority", Value: 0}}, ever(), in("site", sites))
		for p, err := range pageDocs.report(ctx, s.find(coll, filter, options.Find())) {
			if isOfDocument(err) || err == nil && p.Kind == KindArticle {
				continue
			}
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}
