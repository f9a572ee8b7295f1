package store

import (
	"context"
	"strings"
	"sync/atomic"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// A server without indexes (Capabilities.Indexes) scans pages for every look for due ones, which at 50,000 pages takes
// longer than the time between two looks. The embedded store can show parts of a collection in order, by an index of its
// own: it puts such a view in the place of a collection that has the view's name. These are the names and what each view
// shows; package embedded makes them, and a test of this package holds the two together.
const (
	viewNext   = "pages.next"      // pages with a next_at, the earliest first
	viewDue    = "pages.due"       // of these the ones that are due by the server's clock
	viewOpen   = "pages.open"      // pages that are due or queued
	viewHeld   = "pages.held"      // of the pages that are held, those first in order, some hundreds of each lane and priority
	viewRhythm = "pages.rhythm"    // sections
	viewLane   = "pages.lanes"     // one page that is held of each lane
	viewMarked = "articles.marked" // articles whose last change is not in the list of changes yet
)

// view is a collection that may have become a view.
type view struct {
	coll *mongo.Collection
	is   atomic.Bool // it stays one
}

func newViews(db *mongo.Database) map[string]*view {
	views := make(map[string]*view)
	for _, name := range []string{viewNext, viewDue, viewOpen, viewHeld, viewLane, viewRhythm, viewMarked} {
		views[name] = &view{coll: db.Collection(name)}
	}
	return views
}

// ordered gives the view where there is one to be used in place of pages: nil where the server has indexes, or is not the
// embedded store, or has not made the view yet. It asks for it by making the collection: a document that can be put there
// says that it is no view.
func (s *Store) ordered(ctx context.Context, name string) (*mongo.Collection, error) {
	if s.caps.Indexes {
		return nil, nil
	}
	v := s.views[name]
	if v.is.Load() {
		return v.coll, nil
	}
	_, err := v.coll.InsertOne(ctx, bson.D{{Key: "_id", Value: "place of a view"}})
	switch {
	case err == nil, isDuplicateID(err):
		return nil, nil
	case strings.Contains(err.Error(), "because it is a view"): // SQLite's words; FerretDB passes them on as an internal error
		v.is.Store(true)
		return v.coll, nil
	}
	return nil, err
}
