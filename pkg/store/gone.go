package store

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// commitGone marks articles whose page is no more, and takes the mark from those whose page is there again. An article that is
// read at another page than the effect's, or is marked already, stays as it is; nothing of it is ever removed.
func (s *Store) commitGone(ctx context.Context, effects []Effect, results []EffectResult) error {
	var whose []int
	for i, e := range effects {
		if e.Article == nil && e.Page.ArticleID != "" && (e.Gone != nil || e.Back && e.Page.FetchedAt != nil) {
			whose = append(whose, i)
		}
	}
	for part := range chunks(whose, s.atOnce()) {
		updates := make([]conditional, len(part))
		for j, i := range part {
			updates[j] = goneUpdate(&effects[i])
		}
		err := s.exclusive(ctx, func(ctx context.Context) error {
			errs, err := s.updateWhere(ctx, s.articles, articleDocs, updates)
			if err != nil {
				return err
			}
			for j, i := range part {
				if errs[j] != nil {
					results[i].Err = fmt.Errorf("mark article %s: %w", effects[i].Page.ArticleID, errs[j])
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// goneUpdate is the update of an effect's article, on conditions that make doing it again harmless.
func goneUpdate(e *Effect) conditional {
	u := conditional{id: e.Page.ArticleID, where: bson.D{{Key: "url", Value: e.Page.URL}}}
	if e.Gone != nil {
		gone := *e.Gone
		gone.At = millis(gone.At)
		u.where = append(u.where, bson.E{Key: "gone", Value: nil})
		u.update = bson.D{{Key: "$set", Value: bson.D{{Key: "gone", Value: gone}}}}
	} else {
		u.where = append(u.where, bson.E{Key: "gone", Value: present})
		u.update = bson.D{
			{Key: "$set", Value: bson.D{{Key: "returned_at", Value: millis(*e.Page.FetchedAt)}}},
			{Key: "$unset", Value: bson.D{{Key: "gone", Value: ""}}},
		}
	}
	u.update = marked(u.update, time.Now())
	return u
}
