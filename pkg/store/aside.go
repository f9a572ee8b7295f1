package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// A page that cannot be read is set aside: its status says so, with why, and it is never due again until somebody mends
// it. The update says nothing of the other fields, whatever stands in them. The validator does not object, for its level
// is moderate: a document that is against it already may be updated.

// SetAside sets a page aside that cannot be worked on, and logs why: the error that reading it gave, or another.
func (s *Store) SetAside(ctx context.Context, id string, why error) error {
	var u *UnreadableError
	if !errors.As(why, &u) || u.Collection != pageDocs.collection {
		typ, value, err := bson.MarshalValue(id)
		if err != nil {
			return fmt.Errorf("set page %s aside: %w", id, err)
		}
		u = &UnreadableError{Collection: pageDocs.collection, ID: id, Why: why.Error(), id: bson.RawValue{Type: typ, Value: value}}
	}
	return s.setAside(ctx, []*UnreadableError{u})
}

// setAside sets pages aside. One that the server does not let be updated is logged and left.
func (s *Store) setAside(ctx context.Context, bad []*UnreadableError) error {
	models := make([]mongo.WriteModel, len(bad))
	for i, u := range bad {
		why := strings.ToValidUTF8(u.Why[:min(len(u.Why), MaxLastError)], "")
		models[i] = s.update(bson.D{{Key: "_id", Value: u.id}}, bson.D{
			{Key: "$set", Value: bson.D{
				{Key: "status", Value: StatusAside},
				{Key: "reason", Value: outcome.ReasonUnreadableStore},
				{Key: "last_error", Value: why},
			}},
			{Key: "$unset", Value: bson.D{{Key: "next_at", Value: ""}, {Key: "held", Value: ""}}},
		}, false)
	}
	res, err := s.bulk(ctx, s.pages, models)
	if err != nil {
		return wrap(fmt.Sprintf("set %d pages aside", len(bad)), err)
	}
	for i, u := range bad {
		if res.errs[i] != nil {
			s.log.Error("a page that cannot be read cannot be set aside either; mend or remove it",
				zap.String("page", u.ID), zap.String("reason", u.Why), zap.Error(res.errs[i]))
			continue
		}
		s.log.Warn("page set aside, for it cannot be read; khabar pages list shows it",
			zap.String("page", u.ID), zap.String("reason", u.Why))
	}
	return nil
}

// ReplacePage puts a page in the place of what stands under its id, whatever that is, unless a newer version of khabar
// wrote it. It says whether there was anything to replace.
func (s *Store) ReplacePage(ctx context.Context, p Page) (bool, error) {
	p = normalPage(p)
	if err := s.check(s.pages, p); err != nil {
		return false, wrap("replace page "+p.ID, err)
	}
	res, err := s.pages.ReplaceOne(ctx, bson.D{{Key: "_id", Value: p.ID}, pageDocs.notNewer()}, p)
	if err != nil {
		return false, wrap("replace page "+p.ID, judgedAlone(err))
	}
	return res.MatchedCount > 0, nil
}

// Swept is what Sweep found.
type Swept struct {
	Aside int // pages set aside
	Newer int // due pages that a newer version of khabar wrote, at most 1000: they are left to it
	Woken int // pages that were to be fetched at no time, and are due now
	Early int // pages that a clock which was ahead had put off, and are due now
}

// What a clock that was ahead has put off is told by these.
const (
	// clocksApart is how far the clocks of processes may be apart: what they put each other off by is no more.
	clocksApart = 10 * time.Minute
	// farthest is longer than anything but a section is left alone, whose crontab may say once a year: what rules exclude is looked at
	// again after 90 days at most.
	farthest = 100 * 24 * time.Hour
)

// Sweep looks for pages that Due never lists although they were to be due: a next_at that is no date, a site that is no
// text. They are set aside. One that is due or queued and has no next_at at all is made due. So is what a clock that was ahead, and no
// longer is, has put off: sections whose last visit is still to come, and other pages that are due later than any page is.
func (s *Store) Sweep(ctx context.Context) (Swept, error) {
	// By types that it may have, not by those that it must not have: an index serves that.
	other := bson.A{"number", "object", "array", "binData", "objectId", "bool", "regex", "timestamp"}
	odd := bson.D{{Key: "$exists", Value: true}, {Key: "$type", Value: append(bson.A{"string"}, other...)}}
	oddSite := bson.D{{Key: "$type", Value: append(bson.A{"null", "date"}, other...)}}
	var swept Swept
	for _, filter := range []bson.D{
		{{Key: "next_at", Value: odd}, pageDocs.notNewer()},
		append(bson.D{{Key: "site", Value: oddSite}}, ever()...),
		append(bson.D{{Key: "site", Value: bson.D{{Key: "$exists", Value: false}}}}, ever()...),
	} {
		var bad []*UnreadableError
		for _, err := range pageDocs.read(ctx, s.find(s.pages, filter, options.Find().SetLimit(maxBulk))) {
			var u *UnreadableError
			if errors.As(err, &u) {
				bad = append(bad, u)
			} else if err != nil {
				return swept, err
			}
		}
		if err := s.setAside(ctx, bad); err != nil {
			return swept, err
		}
		swept.Aside += len(bad)
	}
	now := millis(time.Now())
	woken, err := s.pages.UpdateMany(ctx,
		append(in("status", []Status{StatusDue, StatusQueued}), bson.E{Key: "next_at", Value: nil}, pageDocs.notNewer()),
		bson.D{{Key: "$set", Value: bson.D{{Key: "next_at", Value: now}}}})
	if err != nil {
		return swept, wrap("make pages due that have no time", err)
	}
	swept.Woken = int(woken.ModifiedCount)
	if swept.Early, err = s.recall(ctx, now); err != nil {
		return swept, wrap("make pages due that a clock put off", err)
	}
	n, err := s.pages.CountDocuments(ctx, bson.D{
		{Key: "next_at", Value: bson.D{{Key: "$lte", Value: now}}},
		{Key: pageDocs.version, Value: bson.D{{Key: "$gt", Value: pageDocs.newest}}},
	}, options.Count().SetLimit(maxBulk))
	swept.Newer = int(n)
	return swept, wrap("count pages of a newer version", err)
}

// recall makes due what was put off by a clock that was ahead.
func (s *Store) recall(ctx context.Context, now time.Time) (n int, err error) {
	after := func(d time.Duration) bson.D { return bson.D{{Key: "$gt", Value: now.Add(d)}} }
	far := bson.E{Key: "next_at", Value: after(farthest)}
	filter := bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: "priority", Value: 0}, {Key: "next_at", Value: after(0)}, {Key: "fetched_at", Value: after(clocksApart)}},
		bson.D{{Key: "priority", Value: bson.D{{Key: "$gt", Value: 0}}}, far},
		append(in("status", []Status{StatusDue, StatusQueued}), far),
	}}, pageDocs.notNewer()}
	err = s.exclusive(ctx, func(ctx context.Context) error {
		res, err := s.pages.UpdateMany(ctx, filter, bson.D{{Key: "$set", Value: bson.D{{Key: "next_at", Value: now}}}})
		if err == nil {
			n = int(res.ModifiedCount)
		}
		return err
	})
	return n, err
}
