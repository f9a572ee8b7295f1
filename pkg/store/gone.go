package store

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
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
		models := make([]mongo.WriteModel, len(part))
		for j, i := range part {
			models[j] = s.goneUpdate(&effects[i])
		}
		err := s.exclusive(ctx, func(ctx context.Context) error {
			res, err := s.bulk(ctx, s.articles, models)
			if err != nil {
				return err
			}
			for j, i := range part {
				if res.errs[j] != nil {
					results[i].Err = fmt.Errorf("mark article %s: %w", effects[i].Page.ArticleID, res.errs[j])
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

// goneUpdate is the update of an effect's article, by a filter that makes doing it again harmless.
func (s *Store) goneUpdate(e *Effect) mongo.WriteModel {
	filter := bson.D{
		{Key: "_id", Value: e.Page.ArticleID},
		{Key: "url", Value: e.Page.URL},
		{Key: "gone", Value: bson.D{{Key: "$exists", Value: e.Gone == nil}}},
		articleDocs.notNewer(),
	}
	if e.Gone != nil {
		gone := *e.Gone
		gone.At = millis(gone.At)
		return s.update(filter, bson.D{{Key: "$set", Value: bson.D{{Key: "gone", Value: gone}}}}, false)
	}
	return s.update(filter, bson.D{
		{Key: "$set", Value: bson.D{{Key: "returned_at", Value: millis(*e.Page.FetchedAt)}}},
		{Key: "$unset", Value: bson.D{{Key: "gone", Value: ""}}},
	}, false)
}
