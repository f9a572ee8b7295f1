package store

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/khabar-crawler/khabar/pkg/coverage"
)

// settleTries is how often SettleGaps begins anew where a visit of the section finds another gap meanwhile.
const settleTries = 5

// SettleGaps ends the open gaps of a section: closed or, where why is not "", told. It gives how many there were; doing it again
// finds none. The error wraps ErrNotFound where the section is not known.
func (s *Store) SettleGaps(ctx context.Context, id string, why coverage.Why, at time.Time) (settled int, err error) {
	for range settleTries {
		done := false
		err = s.exclusive(ctx, func(ctx context.Context) error {
			settled, done, err = s.settleGaps(ctx, id, why, millis(at))
			return err
		})
		if err != nil || done {
			return settled, wrap("settle gaps of "+id, err)
		}
	}
	return 0, wrap("settle gaps of "+id, ErrConflict)
}

func (s *Store) settleGaps(ctx context.Context, id string, why coverage.Why, at time.Time) (settled int, done bool, err error) {
	p, err := s.Page(ctx, id)
	if err != nil || p.Version > PageVersion || p.Gaps == nil || p.Gaps.Open == 0 {
		return 0, true, err
	}
	filter := bson.D{{Key: "_id", Value: id}}
	if s.lock == nil {
		filter = append(filter, bson.E{Key: "gaps.found", Value: p.Gaps.Found}, bson.E{Key: "gaps.open", Value: p.Gaps.Open})
	}
	res, err := s.pages.UpdateOne(ctx, filter,
		bson.D{{Key: "$set", Value: bson.D{{Key: "gaps", Value: p.Gaps.Settled(why, at)}}}})
	if err != nil {
		return 0, false, err
	}
	return p.Gaps.Open, res.MatchedCount > 0, nil
}
