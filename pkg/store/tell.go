package store

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Tell writes what their sources say of pages by now (Page.Told), and has their next visit read them whether or not they have
// changed, for what the pages do not say themselves. All else on their records stays. A page that somebody changed since it was
// read stays as it is. It returns how many were told.
func (s *Store) Tell(ctx context.Context, pages []Page) (int, error) {
	total := 0
	for part := range chunks(unique(pages, func(p Page) string { return p.ID }), s.atOnce()) {
		err := s.exclusive(ctx, func(ctx context.Context) error {
			n, err := s.move(ctx, part, func(p Page) bson.D {
				return bson.D{
					{Key: "$set", Value: bson.D{{Key: "told", Value: normalPage(p).Told}}},
					{Key: "$unset", Value: bson.D{{Key: "http.etag", Value: ""}, {Key: "http.last_modified", Value: ""}}},
				}
			})
			total += n
			return err
		})
		if err != nil {
			return total, wrap(fmt.Sprintf("tell %d pages", len(part)), err)
		}
	}
	return total, nil
}
