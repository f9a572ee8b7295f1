package store

import (
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Scope says which pages a crawl looks after: those of the sites, these pages, and those that the run found. Nothing said
// means all pages.
type Scope struct {
	Sites []string
	IDs   []string
	Run   string
	// Backfill is the pages of that backfill alone.
	Backfill string
	// Before, where it is not 0, leaves out the pages of that priority and of less urgent ones.
	Before int
	// Without are sites that are left out of all these.
	Without []string
}

func (s Scope) filter() bson.D {
	var parts bson.A
	if len(s.Sites) > 0 {
		parts = append(parts, in("site", s.Sites))
	}
	if len(s.IDs) > 0 {
		parts = append(parts, in("_id", s.IDs))
	}
	if s.Run != "" {
		parts = append(parts, bson.D{{Key: "run", Value: s.Run}})
	}
	without := bson.D{}
	if len(s.Without) > 0 {
		without = bson.D{{Key: "site", Value: bson.D{{Key: "$nin", Value: s.Without}}}}
	}
	if s.Before > 0 {
		without = append(without, bson.E{Key: "priority", Value: bson.D{{Key: "$lt", Value: s.Before}}})
	}
	if s.Backfill != "" {
		without = append(without, bson.E{Key: "backfill", Value: s.Backfill})
	}
	switch len(parts) {
	case 0:
		return without
	case 1:
		return all(parts[0].(bson.D), without)
	}
	return all(bson.D{{Key: "$or", Value: parts}}, without)
}

// toDo is the filter for what a run that began then has to do: what is due or queued, and what else was due when it began.
// Where until is given, what is due later than that is none of it.
func toDo(began, until time.Time) bson.D {
	due := in("status", []Status{StatusDue, StatusQueued})
	if !until.IsZero() {
		due = bson.D{{Key: "$or", Value: bson.A{
			in("status", []Status{StatusQueued}),
			append(in("status", []Status{StatusDue}), bson.E{Key: "next_at", Value: bson.D{{Key: "$lte", Value: millis(until)}}}),
			bson.D{{Key: "held", Value: bson.D{{Key: "$gt", Value: ""}}}}, // its next_at says nothing
		}}}
	}
	if began.IsZero() {
		return due
	}
	return bson.D{{Key: "$or", Value: bson.A{due, wasDue(began)}}}
}

// wasDue is the filter for pages that were due by then, for whatever.
func wasDue(began time.Time) bson.D {
	return bson.D{{Key: "next_at", Value: bson.D{{Key: "$lte", Value: millis(began)}}}}
}

// all is the filter for documents that match each of the filters.
func all(filters ...bson.D) bson.D {
	var parts bson.A
	for _, f := range filters {
		if len(f) > 0 {
			parts = append(parts, f)
		}
	}
	switch len(parts) {
	case 0:
		return bson.D{}
	case 1:
		return parts[0].(bson.D)
	}
	return bson.D{{Key: "$and", Value: parts}}
}
