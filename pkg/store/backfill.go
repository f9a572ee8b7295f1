package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// BackfillState is what is to become of a backfill.
type BackfillState string

// The states of a backfill.
const (
	BackfillRunning BackfillState = "running" // schedulers and workers go on with it
	BackfillDone    BackfillState = "done"    // nothing of it is left to be asked for
	BackfillStopped BackfillState = "stopped" // somebody stopped it; it may be gone on with
)

var backfillStates = []BackfillState{BackfillRunning, BackfillDone, BackfillStopped}

// Backfill is a stretch of a site's past that somebody wants: one document of the backfills collection. What became of it so far
// stands on its pages (Page.Backfill), and nowhere else until it is done.
type Backfill struct {
	ID        string          `bson:"_id"`
	Site      string          `bson:"site"`
	From      time.Time       `bson:"from"`           // articles that were published then or later
	To        time.Time       `bson:"to"`             // and before then
	Open      bool            `bson:"open,omitempty"` // To was not said: it is when the backfill began
	State     BackfillState   `bson:"state"`
	StartedAt time.Time       `bson:"started_at"`
	EndedAt   *time.Time      `bson:"ended_at,omitempty"` // when it was done, or stopped
	Wide      bool            `bson:"wide,omitempty"`     // no way back gives all by itself: all are gone
	Result    *BackfillResult `bson:"result,omitempty"`   // what it came to, of one that is done
}

// BackfillResult is what a backfill came to.
type BackfillResult struct {
	Found    int `bson:"found"`    // articles that may be of its time
	Stored   int `bson:"stored"`   // of these the ones that are stored
	Known    int `bson:"known"`    // of the found ones those that were known before
	Requests int `bson:"requests"` // for pages of lists and for articles
	Lists    int `bson:"lists"`    // of these the ones for lists
	Further  int `bson:"further"`  // pages of lists that were found beyond those that it began with
}

// Walk is what a page that a backfill goes back by knows of the pages before it in its list.
type Walk struct {
	Way  string    `bson:"way"`  // how it leads back (package backfill)
	From time.Time `bson:"from"` // the backfill's bounds
	To   time.Time `bson:"to"`
	// Before are the articles that the page before it lists, as page ids.
	Before []string `bson:"before,omitempty"`
	// Of those that this one was the first to list: Undated are the ones whose dates are known when they are read, and Older and
	// Newer count the others.
	Undated []string `bson:"undated,omitempty"`
	Older   int      `bson:"older,omitempty"`
	Newer   int      `bson:"newer,omitempty"`
	Past    int      `bson:"past,omitempty"`   // how much says that the bound is passed
	Barren  int      `bson:"barren,omitempty"` // pages in a row before it that list nothing else than those before them
}

// Backfills lists the backfills of a site, or of all for "", the latest first. A document that is none is left out.
func (s *Store) Backfills(ctx context.Context, site string) ([]Backfill, error) {
	filter := bson.D{}
	if site != "" {
		filter = bson.D{{Key: "site", Value: site}}
	}
	cur, err := s.backfills.Find(ctx, filter)
	if err != nil {
		return nil, wrap("list backfills", err)
	}
	defer cur.Close(context.WithoutCancel(ctx))
	var found []Backfill
	for cur.Next(ctx) {
		var b Backfill
		if bson.Unmarshal(cur.Current, &b) != nil || b.ID == "" {
			continue
		}
		found = append(found, b.inUTC())
	}
	slices.SortFunc(found, func(a, b Backfill) int { return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(a.ID, b.ID)) })
	return found, wrap("list backfills", cur.Err())
}

func (b Backfill) inUTC() Backfill {
	b.From, b.To, b.StartedAt = b.From.UTC(), b.To.UTC(), b.StartedAt.UTC()
	return b
}

// HasBackfill says whether a site has a backfill that is running or was stopped.
func (s *Store) HasBackfill(ctx context.Context, site string) (bool, error) {
	filter := bson.D{{Key: "site", Value: site}, {Key: "state", Value: bson.D{{Key: "$ne", Value: BackfillDone}}}}
	_, err := s.backfills.FindOne(ctx, filter, options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return false, nil
	}
	return err == nil, wrap("look for backfills of "+site, err)
}

// Backfill reads one backfill. The error wraps ErrNotFound where there is none.
func (s *Store) Backfill(ctx context.Context, id string) (Backfill, error) {
	var b Backfill
	err := s.backfills.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Decode(&b)
	return b.inUTC(), wrap("read backfill "+id, err)
}

// AddBackfill stores a new backfill. The error wraps ErrConflict where there is one of that id.
func (s *Store) AddBackfill(ctx context.Context, b Backfill) error {
	_, err := s.backfills.InsertOne(ctx, b.inMillis())
	if isDuplicateID(err) {
		err = ErrConflict
	}
	return wrap("add backfill "+b.ID, err)
}

func (b Backfill) inMillis() Backfill {
	b.From, b.To, b.StartedAt, b.EndedAt = millis(b.From), millis(b.To), millis(b.StartedAt), millisPtr(b.EndedAt)
	return b
}

// MoveBackfill writes a backfill whose state is still was; false where it is not. Of several that move it, one does.
func (s *Store) MoveBackfill(ctx context.Context, b Backfill, was BackfillState) (moved bool, err error) {
	err = s.exclusive(ctx, func(ctx context.Context) error {
		res, err := s.backfills.ReplaceOne(ctx, bson.D{{Key: "_id", Value: b.ID}, {Key: "state", Value: was}}, b.inMillis())
		moved = err == nil && res.MatchedCount > 0
		return judgedAlone(err)
	})
	return moved, wrap("write backfill "+b.ID, err)
}

// MarkBackfill notes on pages that are known that a backfill met them. Pages that are not there are left out.
func (s *Store) MarkBackfill(ctx context.Context, backfill string, ids []string) error {
	for part := range chunks(ids, s.atOnce()) {
		err := s.exclusive(ctx, func(ctx context.Context) error {
			updates := make([]conditional, len(part))
			for i, id := range part {
				updates[i] = conditional{id: id, update: bson.D{{Key: "$set", Value: bson.D{{Key: "backfill", Value: backfill}}}}}
			}
			_, err := s.updateWhere(ctx, s.pages, pageDocs, updates)
			return err
		})
		if err != nil {
			return wrap(fmt.Sprintf("note backfill %s on %d pages", backfill, len(ids)), err)
		}
	}
	return nil
}

// PublishedAt reads when articles say that they were published, by their ids. Those that do not, or are not there, are left out.
func (s *Store) PublishedAt(ctx context.Context, ids []string) (map[string]time.Time, error) {
	at := make(map[string]time.Time, len(ids))
	for part := range chunks(ids, maxBulk) {
		err := s.findByID(ctx, s.articles, part, func(raw bson.Raw) error {
			if t, ok := raw.Lookup("published_at").TimeOK(); ok {
				at[textOf(raw.Lookup("_id"))] = t.UTC()
			}
			return nil
		})
		if err != nil {
			return nil, wrap(fmt.Sprintf("read when %d articles were published", len(ids)), err)
		}
	}
	return at, nil
}

// BackfillPages reads the pages of a backfill as far as its progress goes by them, in no order. The pages of lists have all
// fields, articles those that say what became of them. What cannot be read is left out.
func (s *Store) BackfillPages(ctx context.Context, id string) iter.Seq2[Page, error] {
	opts := options.Find().SetProjection(bson.D{{Key: "walk.before", Value: 0}, {Key: "walk.undated", Value: 0}, {Key: "told", Value: 0}})
	return func(yield func(Page, error) bool) {
		for p, err := range pageDocs.report(ctx, s.find(s.pages, bson.D{{Key: "backfill", Value: id}}, opts)) {
			if errors.Is(err, ErrUnreadable) || errors.Is(err, ErrNewer) {
				continue
			}
			if !yield(p, err) {
				return
			}
		}
	}
}
