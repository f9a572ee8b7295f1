package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// A page is held while its lane's queue in the frontier has no room for it: it is due, and its field held names the lane.
// Due does not list it, for it would find it at every look before what can be put. Whoever feeds the lane finds it by Held,
// the most urgent and newest first; claiming it ends that. Its next_at is only for the case that nobody does.

// HoldFor is how long a held page may be forgotten, its lane's name having changed or all that feeds being away, until
// it is due as any other: a day of a lane's work is more than waits for most.
const HoldFor = 24 * time.Hour

// Hold is the page as it is while it waits for room in its lane.
func (p Page) Hold(now time.Time) Page {
	until := millis(now.Add(HoldFor))
	p.Status, p.NextAt, p.Held = StatusDue, &until, p.Lane
	return p
}

// Hold has pages wait for room in their lanes. A page whose status or next_at are not what they were is somebody else's, and
// stays as it is. It returns how many are held now.
func (s *Store) Hold(ctx context.Context, pages []Page, now time.Time) (int, error) {
	total := 0
	for part := range chunks(unique(pages, func(p Page) string { return p.ID }), s.atOnce()) {
		err := s.exclusive(ctx, func(ctx context.Context) error {
			n, err := s.move(ctx, part, func(p Page) bson.D {
				p = p.Hold(now)
				return bson.D{{Key: "$set", Value: bson.D{
					{Key: "status", Value: p.Status}, {Key: "next_at", Value: *p.NextAt}, {Key: "held", Value: p.Held},
				}}}
			})
			total += n
			return err
		})
		if err != nil {
			return total, wrap(fmt.Sprintf("hold %d pages", len(part)), err)
		}
	}
	return total, nil
}

// HeldLanes lists the lanes that pages are held for, of all sites.
func (s *Store) HeldLanes(ctx context.Context) ([]string, error) {
	lanes, err := s.heldLanes(ctx)
	return lanes, wrap("list lanes that pages are held for", err)
}

func (s *Store) heldLanes(ctx context.Context) (lanes []string, err error) {
	// By comparison, which the index serves: one step in it for each lane.
	filter := bson.D{{Key: "held", Value: bson.D{{Key: "$gt", Value: ""}}}}
	if s.caps.Indexes {
		found, err := s.pages.Distinct(ctx, "held", filter).Raw()
		if err != nil {
			return nil, err
		}
		values, err := found.Values()
		for _, v := range values {
			lanes = append(lanes, textOf(v))
		}
		return lanes, err
	}
	// FerretDB 1.x refuses a distinct that has a time limit.
	coll, err := s.held(ctx, viewLane)
	if err != nil {
		return nil, err
	}
	cur, err := coll.Find(ctx, filter, options.Find().SetProjection(bson.D{{Key: "held", Value: 1}}))
	if err != nil {
		return nil, err
	}
	defer cur.Close(context.WithoutCancel(ctx))
	seen := make(map[string]bool)
	for cur.Next(ctx) {
		if lane := textOf(cur.Current.Lookup("held")); !seen[lane] {
			seen[lane] = true
			lanes = append(lanes, lane)
		}
	}
	return lanes, cur.Err()
}

// Shelf is where the pages of one priority are held for a lane.
type Shelf struct {
	Lane     string
	Priority int
}

// Held lists the pages of the scope that are held on shelves, at most so many of each as room says: those that their
// sources date the latest, and of undated ones those that were found last. What cannot be read is set aside.
func (s *Store) Held(ctx context.Context, scope Scope, room map[Shelf]int) ([]Page, error) {
	if !s.caps.Indexes {
		return s.heldScanned(ctx, scope, room)
	}
	var pages []Page
	for shelf, n := range room {
		if n <= 0 {
			continue
		}
		filter := all(bson.D{{Key: "held", Value: shelf.Lane}, {Key: "priority", Value: shelf.Priority}, pageDocs.notNewer()}, scope.filter())
		opts := options.Find().SetSort(heldOrder()).SetLimit(int64(n))
		err := s.readDue(ctx, s.pages, filter, opts, func(p Page) bool {
			pages = append(pages, p)
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	return pages, nil
}

func heldOrder() bson.D {
	return bson.D{{Key: "dated_at", Value: -1}, {Key: "discovered_at", Value: -1}}
}

// held is where pages that are held are looked for: a view of the embedded store's, where there is one.
func (s *Store) held(ctx context.Context, view string) (*mongo.Collection, error) {
	v, err := s.ordered(ctx, view)
	if v == nil {
		v = s.pages
	}
	return v, err
}

// heldScanned is Held on a server where each query reads all that is held, or the first of it of all shelves: one does for
// all that are asked for.
func (s *Store) heldScanned(ctx context.Context, scope Scope, room map[Shelf]int) ([]Page, error) {
	found := make(map[Shelf][]Page)
	filter := all(bson.D{{Key: "held", Value: bson.D{{Key: "$gt", Value: ""}}}, pageDocs.notNewer()}, scope.filter())
	coll, err := s.held(ctx, viewHeld)
	if err != nil {
		return nil, wrap("look for the view of held pages", err)
	}
	err = s.readDue(ctx, coll, filter, options.Find(), func(p Page) bool {
		shelf := Shelf{p.Held, p.Priority}
		n := room[shelf]
		if n <= 0 {
			return true
		}
		found[shelf] = append(found[shelf], p)
		if len(found[shelf]) >= 2*n {
			found[shelf] = newest(found[shelf], n)
		}
		return true
	})
	var pages []Page
	for shelf, some := range found {
		pages = append(pages, newest(some, room[shelf])...)
	}
	return pages, err
}

// newest are the first n pages in the order of heldOrder.
func newest(pages []Page, n int) []Page {
	slices.SortStableFunc(pages, func(a, b Page) int {
		if c := dated(b).Compare(dated(a)); c != 0 {
			return c
		}
		return b.DiscoveredAt.Compare(a.DiscoveredAt)
	})
	return pages[:min(n, len(pages))]
}

func dated(p Page) time.Time {
	if p.DatedAt == nil {
		return time.Time{}
	}
	return *p.DatedAt
}

// readDue reads pages that are to be fetched until take says that it is enough. What is found and cannot be read is set aside.
func (s *Store) readDue(ctx context.Context, coll *mongo.Collection, filter bson.D, opts *options.FindOptionsBuilder, take func(Page) bool) error {
	var bad []*UnreadableError
	for p, err := range pageDocs.read(ctx, s.find(coll, filter, opts)) {
		var u *UnreadableError
		more := true
		switch {
		case errors.As(err, &u):
			bad = append(bad, u)
		case err != nil:
			return err
		default:
			more = take(p)
		}
		if !more || len(bad) == maxBulk {
			break
		}
	}
	return s.setAside(ctx, bad)
}

// move makes an update of each page whose status and next_at are still what they were, and says how many there were.
// The caller has the lock, where there is one.
func (s *Store) move(ctx context.Context, pages []Page, update func(Page) bson.D) (int, error) {
	if s.lock != nil {
		var err error
		if pages, err = s.unmoved(ctx, pages); err != nil {
			return 0, err
		}
	}
	models := make([]mongo.WriteModel, len(pages))
	for i, p := range pages {
		filter := bson.D{{Key: "_id", Value: p.ID}}
		if s.lock == nil {
			filter = append(filter, bson.E{Key: "status", Value: p.Status}, bson.E{Key: "next_at", Value: millisPtr(p.NextAt)},
				pageDocs.notNewer())
		}
		models[i] = s.update(filter, update(p), false)
	}
	res, err := s.bulk(ctx, s.pages, models)
	if err != nil {
		return 0, err
	}
	return int(res.matched), s.unmovable(pages, res.errs)
}
