package store

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/zap"
)

// DefaultLease is how long a claimed page may be under way before it is due again: longer than it takes in a short queue.
// A task is rarely lost, and until the lease ends its page is merely late.
const DefaultLease = 10 * time.Minute

// Claim moves pages, as Due or Held listed them, to status queued with next_at = until, and returns those that are the
// caller's now: each page whose status and next_at are still what they were. What the caller says of a page's dated_at, guess, gap_of and
// priority is stored with that. Of several callers that claim a page, one
// gets it. A page that the server will not move stays due, and is logged. Where Claim fails in the middle, pages it had
// moved become due again at until.
func (s *Store) Claim(ctx context.Context, pages []Page, until time.Time) ([]Page, error) {
	until = millis(until)
	var won []Page
	for part := range chunks(unique(pages, func(p Page) string { return p.ID }), s.atOnce()) {
		claim := s.claim
		if !s.caps.AtomicUpdates {
			claim = s.claimLocked
		}
		ids, err := claim(ctx, part, until, bson.NewObjectID().Hex())
		if err != nil {
			return won, wrap(fmt.Sprintf("claim %d pages", len(part)), err)
		}
		for _, p := range part {
			if ids[p.ID] {
				p.Status, p.NextAt, p.Held = StatusQueued, &until, ""
				won = append(won, p)
			}
		}
	}
	return won, nil
}

// claim is the compare-and-set of all pages in one bulk. A bulk tells how many matched, not which; as a rule all did.
// Otherwise the token that the claim wrote tells.
func (s *Store) claim(ctx context.Context, pages []Page, until time.Time, token string) (map[string]bool, error) {
	models := make([]mongo.WriteModel, len(pages))
	for i, p := range pages {
		models[i] = s.update(bson.D{
			{Key: "_id", Value: p.ID},
			{Key: "status", Value: p.Status},
			{Key: "next_at", Value: millisPtr(p.NextAt)},
			pageDocs.notNewer(),
		}, claimUpdate(pages[i], until, token), false)
	}
	res, err := s.bulk(ctx, s.pages, models)
	if err == nil {
		err = s.unmovable(pages, res.errs)
	}
	if err != nil {
		return nil, err
	}
	won := make(map[string]bool, len(pages))
	if res.matched == int64(len(pages)) {
		for _, p := range pages {
			won[p.ID] = true
		}
		return won, nil
	}
	ids := make([]string, len(pages))
	for i, p := range pages {
		ids[i] = p.ID
	}
	cur, err := s.pages.Find(ctx, bson.D{
		{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}},
		{Key: "claim", Value: token},
	}, options.Find().SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, err
	}
	var mine []struct {
		ID string `bson:"_id"`
	}
	if err := cur.All(ctx, &mine); err != nil {
		return nil, err
	}
	for _, p := range mine {
		won[p.ID] = true
	}
	return won, nil
}

// claimLocked is claim on a server without atomic updates.
func (s *Store) claimLocked(ctx context.Context, pages []Page, until time.Time, token string) (map[string]bool, error) {
	won := make(map[string]bool, len(pages))
	err := s.lock.do(ctx, func(ctx context.Context) error {
		same, err := s.unmoved(ctx, pages)
		if err != nil {
			return err
		}
		var models []mongo.WriteModel
		for _, p := range same {
			models = append(models, s.update(bson.D{{Key: "_id", Value: p.ID}}, claimUpdate(p, until, token), false))
		}
		res, err := s.bulk(ctx, s.pages, models)
		if err != nil {
			return err
		}
		for i, p := range same {
			won[p.ID] = res.errs[i] == nil
		}
		return s.unmovable(same, res.errs)
	})
	return won, err
}

// unmovable tells of the pages that the server did not move. Its error is that of all, where they are many and none moved.
func (s *Store) unmovable(pages []Page, errs []error) error {
	failed := 0
	var first int
	for i := len(errs) - 1; i >= 0; i-- {
		if errs[i] != nil {
			failed++
			first = i
		}
	}
	switch {
	case failed == 0:
		return nil
	case failed >= manyRefused && failed == len(errs):
		return errs[first]
	}
	s.log.Warn("pages not moved; they stay as they are", zap.Int("pages", failed), zap.String("page", pages[first].ID),
		zap.String("url", pages[first].URL), zap.Error(errs[first]))
	return nil
}

// claimUpdate writes what the caller says of the page's date, guess, gap and priority too, who may have learned it where the page is
// listed.
func claimUpdate(p Page, until time.Time, token string) bson.D {
	set := bson.D{
		{Key: "status", Value: StatusQueued},
		{Key: "next_at", Value: until},
		{Key: "claim", Value: token},
		{Key: "priority", Value: p.Priority},
	}
	unset := bson.D{{Key: "held", Value: ""}}
	if p.DatedAt != nil {
		set = append(set, bson.E{Key: "dated_at", Value: millis(*p.DatedAt)})
	}
	if p.GapOf != "" {
		set = append(set, bson.E{Key: "gap_of", Value: p.GapOf})
	}
	if p.Guess == "" {
		unset = append(unset, bson.E{Key: "guess", Value: ""})
	}
	return bson.D{{Key: "$set", Value: set}, {Key: "$unset", Value: unset}}
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return millis(*a).Equal(millis(*b))
}
