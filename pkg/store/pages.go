package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// maxBulk bounds the operations of one bulk in this package. The driver splits at the server's 100,000; a thousand
// keeps what is in memory, and what a broken connection makes us repeat, small, and costs nothing: from a few hundred
// on, the round trip is a small part.
const maxBulk = 1000

// EnsurePages makes the pages that are not there yet and leaves the others as they are. It returns the ids of those it
// made, and the pages that were not stored, with why. The error is that of all.
func (s *Store) EnsurePages(ctx context.Context, pages []Page) (created []string, refused []Refusal, err error) {
	for part := range chunks(unique(pages, func(p Page) string { return p.ID }), maxBulk) {
		ids, errs, err := s.ensurePages(ctx, part)
		created = append(created, ids...)
		if err != nil {
			return created, refused, wrap(fmt.Sprintf("ensure %d pages", len(pages)), err)
		}
		for i, err := range errs {
			if err != nil {
				refused = append(refused, Refusal{ID: part[i].ID, URL: part[i].URL, Err: err})
			}
		}
	}
	return created, refused, nil
}

// ensurePages is EnsurePages of distinct pages, with an error for each that was refused.
func (s *Store) ensurePages(ctx context.Context, pages []Page) (created []string, errs []error, err error) {
	if !s.caps.AtomicUpdates {
		// One insert of all, where the server takes those that are new: its updates are one statement each.
		docs := make([]any, len(pages))
		for i, p := range pages {
			docs[i] = normalPage(p)
		}
		made, errs, err := s.insert(ctx, s.pages, docs)
		for i, ok := range made {
			if ok && err == nil {
				created = append(created, pages[i].ID)
			}
		}
		return created, errs, err
	}
	models := make([]mongo.WriteModel, len(pages))
	for i, p := range pages {
		doc, err := s.withoutID(normalPage(p))
		if err != nil {
			return nil, nil, err
		}
		models[i] = s.update(bson.D{{Key: "_id", Value: p.ID}}, bson.D{{Key: "$setOnInsert", Value: doc}}, true)
	}
	res, err := s.bulk(ctx, s.pages, models)
	for i, err := range res.errs {
		if isDuplicateID(err) {
			res.errs[i] = nil // another upsert of the same page came first
		}
	}
	return res.upserted, res.errs, err
}

// Page reads one page. The error wraps ErrNotFound where there is none, and ErrUnreadable where what there is is no page.
func (s *Store) Page(ctx context.Context, id string) (Page, error) {
	raw, err := s.pages.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
	if err != nil {
		return Page{}, wrap("read page "+id, err)
	}
	return pageDocs.decode(raw)
}

// Pages reads pages by id. Those that are not there, or cannot be read, are not in the map. Of a page of a newer version
// that cannot be read there is the version.
func (s *Store) Pages(ctx context.Context, ids []string) (map[string]Page, error) {
	found := make(map[string]Page, len(ids))
	for part := range chunks(ids, maxBulk) {
		err := s.findByID(ctx, s.pages, part, func(raw bson.Raw) error {
			switch p, err := pageDocs.decode(raw); {
			case err == nil:
				found[p.ID] = p
			case errors.Is(err, ErrNewer):
				id := textOf(raw.Lookup("_id"))
				found[id] = Page{ID: id, Version: PageVersion + 1}
			}
			return nil
		})
		if err != nil {
			return nil, wrap(fmt.Sprintf("read %d pages", len(ids)), err)
		}
	}
	return found, nil
}

// DueQuery says which due pages are wanted.
type DueQuery struct {
	Now   time.Time
	Limit int // at most so many; 0 means 1000
	Scope Scope
	// Began is when a run began that ends: pages are left out that it has visited, and that became due for a visit since.
	// Zero is a run that does not end.
	Began time.Time
	// Urgent asks for sections alone: the pages of priority 0.
	Urgent bool
}

// Due lists the pages whose next_at is not after Now, the longest due first. Those that are held are left to Held. What is found
// and cannot be read is set aside, and does not count towards the limit.
func (s *Store) Due(ctx context.Context, q DueQuery) ([]Page, error) {
	filter := all(bson.D{{Key: "next_at", Value: bson.D{{Key: "$lte", Value: millis(q.Now)}}}, pageDocs.notNewer()}, q.Scope.filter())
	if !q.Began.IsZero() {
		filter = all(filter, toDo(q.Began, time.Time{}))
	}
	if q.Urgent {
		filter = all(bson.D{{Key: "priority", Value: 0}}, filter)
	}
	if q.Limit <= 0 {
		q.Limit = maxBulk
	}
	var pages []Page
	// Not limited on the server: as many pages as the limit that can neither be read nor set aside would be all there is.
	opts := options.Find().SetSort(bson.D{{Key: "next_at", Value: 1}}).SetBatchSize(int32(q.Limit))
	coll := s.pages
	if !q.Now.After(time.Now()) { // the view goes by the server's clock
		v, err := s.ordered(ctx, viewDue)
		if err != nil {
			return nil, wrap("look for the view of due pages", err)
		}
		if v != nil {
			coll, opts = v, options.Find().SetBatchSize(int32(q.Limit)) // in the view's own order
		}
	}
	err := s.readDue(ctx, coll, filter, opts, func(p Page) bool {
		pages = append(pages, p)
		return len(pages) < q.Limit
	})
	return pages, err
}

// ever is the filter for pages that are due at some time: those that Due lists sooner or later.
func ever() bson.D {
	// By comparison, which the index on next_at serves; it finds dates only.
	return bson.D{{Key: "next_at", Value: bson.D{{Key: "$gte", Value: time.Time{}}}}, pageDocs.notNewer()}
}

// NextDue is when the next page of the scope is due, or was. The error wraps ErrNotFound where none will ever be.
func (s *Store) NextDue(ctx context.Context, scope Scope) (time.Time, error) {
	var p struct {
		NextAt time.Time `bson:"next_at"`
	}
	coll, opts := s.pages, options.FindOne().SetSort(bson.D{{Key: "next_at", Value: 1}})
	v, err := s.ordered(ctx, viewNext)
	if err != nil {
		return time.Time{}, wrap("look for the view of pages by time", err)
	}
	if v != nil {
		coll, opts = v, options.FindOne() // in the view's own order
	}
	err = coll.FindOne(ctx, all(ever(), scope.filter()), opts.SetProjection(bson.D{{Key: "next_at", Value: 1}})).Decode(&p)
	return p.NextAt.UTC(), wrap("find the next due page", err)
}

// OutstandingQuery says which pages count.
type OutstandingQuery struct {
	Scope Scope
	Began time.Time // of a run that ends: what was due by then counts too, as in DueQuery
	Until time.Time // pages that are to be tried again later than this do not count; zero: all do
}

// Outstanding counts the pages that still have to be fetched: due or queued. Pages that wait for their next visit are
// done, and do not count; nor does what Due will never list. The embedded store counts no further than some ten thousand.
func (s *Store) Outstanding(ctx context.Context, q OutstandingQuery) (int64, error) {
	ctx, cancel := unhurried(ctx)
	defer cancel()
	n, err := s.outstanding(ctx, q)
	return n, wrap("count outstanding pages", err)
}

// countMost is where the embedded store stops counting: it reads what it counts, and nobody who waits for so many pages
// asks for more.
const countMost = 10_000

func (s *Store) outstanding(ctx context.Context, q OutstandingQuery) (int64, error) {
	open, err := s.ordered(ctx, viewOpen)
	if err != nil {
		return 0, err
	}
	due, err := s.ordered(ctx, viewDue)
	if err != nil {
		return 0, err
	}
	if open == nil || due == nil || q.Began.After(time.Now()) {
		return s.pages.CountDocuments(ctx, all(ever(), q.Scope.filter(), toDo(q.Began, q.Until)))
	}
	most := options.Count().SetLimit(countMost)
	listed := toDo(time.Time{}, q.Until)
	n, err := open.CountDocuments(ctx, all(ever(), q.Scope.filter(), listed), most)
	if err != nil || q.Began.IsZero() {
		return n, err
	}
	others := bson.D{{Key: "$nor", Value: bson.A{listed}}}
	visits, err := due.CountDocuments(ctx, all(ever(), q.Scope.filter(), wasDue(q.Began), others), most)
	return n + visits, err
}

// PageCount is how many pages are alike in these.
type PageCount struct {
	Site    string
	Kind    Kind
	Status  Status
	Outcome outcome.Outcome // "" for pages that were never fetched
	Reason  outcome.Reason
	Count   int64
}

// CountQuery says which pages count.
type CountQuery struct {
	Sites []string
	Run   string
}

// Counts counts the pages by site, kind, status, outcome and reason. Callers add up what they do not tell apart.
func (s *Store) Counts(ctx context.Context, q CountQuery) ([]PageCount, error) {
	filter := in("site", q.Sites)
	if q.Run != "" {
		filter = append(filter, bson.E{Key: "run", Value: q.Run})
	}
	ctx, cancel := unhurried(ctx)
	defer cancel()
	cur, err := s.pages.Aggregate(ctx, mongo.Pipeline{
		{{Key: "$match", Value: filter}},
		{{Key: "$group", Value: bson.D{
			{Key: "_id", Value: bson.D{
				{Key: "site", Value: "$site"}, {Key: "kind", Value: "$kind"}, {Key: "status", Value: "$status"},
				{Key: "outcome", Value: "$outcome"}, {Key: "reason", Value: "$reason"},
			}},
			{Key: "n", Value: bson.D{{Key: "$sum", Value: 1}}},
		}}},
		{{Key: "$sort", Value: bson.D{{Key: "_id", Value: 1}}}},
	})
	if err != nil {
		return nil, wrap("count pages", err)
	}
	defer cur.Close(context.WithoutCancel(ctx))
	var counts []PageCount
	for cur.Next(ctx) {
		// Anything may stand in these fields.
		field := func(name string) string { return textOf(cur.Current.Lookup("_id", name)) }
		n, _ := cur.Current.Lookup("n").AsInt64OK()
		counts = append(counts, PageCount{
			field("site"), Kind(field("kind")), Status(field("status")),
			outcome.Outcome(field("outcome")), outcome.Reason(field("reason")), n,
		})
	}
	return counts, wrap("count pages", cur.Err())
}

// PageFilter says which pages are wanted. Empty fields mean all.
type PageFilter struct {
	Sites    []string
	Statuses []Status
	Kinds    []Kind
	Outcomes []outcome.Outcome
	Reasons  []outcome.Reason
	Backfill string // that met them last
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
	if f.Backfill != "" {
		q = append(q, bson.E{Key: "backfill", Value: f.Backfill})
	}
	if span := between(f.Since, f.Until); len(span) > 0 {
		q = append(q, bson.E{Key: "$or", Value: bson.A{
			bson.D{{Key: "fetched_at", Value: span}},
			bson.D{{Key: "fetched_at", Value: nil}, {Key: "discovered_at", Value: span}},
		}})
	}
	return q
}

// FindPages reads the pages that match, one after the other, in no order. A page that cannot be read is an error of its
// own in the sequence, which wraps ErrUnreadable and is an *UnreadableError, or ErrNewer; any other error ends it.
func (s *Store) FindPages(ctx context.Context, f PageFilter) iter.Seq2[Page, error] {
	opts := options.Find()
	if f.Limit > 0 {
		opts.SetLimit(int64(f.Limit))
	}
	return pageDocs.report(ctx, s.find(s.pages, f.query(), opts))
}

// Sections reads the sections of some sites, or of all, in no order. Errors are as those of FindPages.
func (s *Store) Sections(ctx context.Context, sites []string) iter.Seq2[Page, error] {
	// All have a next visit, which the index on priority and next_at has; other pages of priority 0 are few.
	filter := all(bson.D{{Key: "priority", Value: 0}, {Key: "next_at", Value: bson.D{{Key: "$gte", Value: time.Time{}}}}}, in("site", sites))
	return func(yield func(Page, error) bool) {
		for p, err := range pageDocs.report(ctx, s.find(s.pages, filter, options.Find())) {
			if (err != nil || p.IsSection()) && !yield(p, err) {
				return
			}
		}
	}
}

// find is a query that is not made yet.
func (s *Store) find(c *mongo.Collection, filter bson.D, opts *options.FindOptionsBuilder) func(context.Context) (*mongo.Cursor, error) {
	return func(ctx context.Context) (*mongo.Cursor, error) { return c.Find(ctx, filter, opts) }
}

// in is the filter for a field that has one of the values, or no filter where there are none.
func in[T any](field string, values []T) bson.D {
	switch len(values) {
	case 0:
		return bson.D{}
	case 1:
		return bson.D{{Key: field, Value: values[0]}}
	}
	return bson.D{{Key: field, Value: bson.D{{Key: "$in", Value: values}}}}
}

// between is the span of times from since on and before until, each left open where it is zero.
func between(since, until time.Time) bson.D {
	span := bson.D{}
	if !since.IsZero() {
		span = append(span, bson.E{Key: "$gte", Value: millis(since)})
	}
	if !until.IsZero() {
		span = append(span, bson.E{Key: "$lt", Value: millis(until)})
	}
	return span
}
