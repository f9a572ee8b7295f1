package store

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.uber.org/zap"
)

// indexesOf are the indexes that this package's queries, and the readers of the articles, need.
func (s *Store) indexesOf() map[*mongo.Collection][]mongo.IndexModel {
	key := func(fields ...bson.E) mongo.IndexModel { return mongo.IndexModel{Keys: bson.D(fields)} }
	asc := func(f string) bson.E { return bson.E{Key: f, Value: 1} }
	desc := func(f string) bson.E { return bson.E{Key: f, Value: -1} }
	// Only pages that will be due, and articles that have a cluster, are in these two.
	where := func(m mongo.IndexModel, field string) mongo.IndexModel {
		m.Options = options.Index().SetPartialFilterExpression(
			bson.D{{Key: field, Value: bson.D{{Key: "$exists", Value: true}}}})
		return m
	}
	return map[*mongo.Collection][]mongo.IndexModel{
		s.pages: {
			where(key(asc("next_at")), "next_at"),              // Due, NextDue
			where(key(asc("site"), asc("next_at")), "next_at"), // Due of some sites
			key(asc("status"), asc("site")),                    // Outstanding
			key(asc("site"), asc("status"), asc("outcome")),    // Counts
			where(key(asc("run"), asc("status")), "run"),       // Outstanding of a run
		},
		s.articles: {
			key(desc("published_at"), asc("_id")),                  // Articles, newest first
			key(asc("site"), desc("published_at"), asc("_id")),     // of a site
			key(asc("language"), desc("published_at"), asc("_id")), // in a language
			key(asc("fetched_at")),                                 // what changed since
			where(key(asc("cluster_id")), "cluster_id"),            // a cluster's members
		},
		s.revisions: {
			key(asc("article_id"), asc("revision")), // Revisions
		},
	}
}

// ensureSchema makes what is missing of collections, indexes and validators. Several processes may do it at once.
func (s *Store) ensureSchema(ctx context.Context) error {
	colls := []*mongo.Collection{s.pages, s.articles, s.revisions, s.profiles, s.identities}
	for _, c := range colls {
		if err := s.ensureCollection(ctx, c, s.schemas[c]); err != nil {
			return wrap("make collection "+c.Name(), err)
		}
	}
	if !s.caps.Indexes {
		return nil
	}
	for c, models := range s.indexesOf() {
		if _, err := c.Indexes().CreateMany(ctx, models); err != nil {
			var se mongo.ServerError
			if errors.As(err, &se) && (se.HasErrorCode(codeIndexOptionsConflict) || se.HasErrorCode(codeIndexKeySpecsConflict)) {
				return fmt.Errorf("make indexes of %s: an index of the same name or keys but other options is there; drop it: %w", c.Name(), err)
			}
			return wrap("make indexes of "+c.Name(), err)
		}
	}
	return nil
}

// ensureCollection makes the collection. Its validator is put on it, or brought up to date, where the server has such:
// with level moderate, so that documents of an earlier schema can still be updated.
func (s *Store) ensureCollection(ctx context.Context, c *mongo.Collection, schema bson.D) error {
	opts := options.CreateCollection()
	if s.caps.Validators {
		opts.SetValidator(bson.D{{Key: "$jsonSchema", Value: schema}}).SetValidationLevel("moderate")
	}
	err := s.db.CreateCollection(ctx, c.Name(), opts)
	var se mongo.ServerError
	if err == nil || !errors.As(err, &se) || !se.HasErrorCode(codeNamespaceExists) {
		return err
	}
	if !s.caps.Validators {
		return nil
	}
	err = s.db.RunCommand(ctx, bson.D{
		{Key: "collMod", Value: c.Name()},
		{Key: "validator", Value: bson.D{{Key: "$jsonSchema", Value: schema}}},
		{Key: "validationLevel", Value: "moderate"},
	}).Err()
	if errors.As(err, &se) && se.HasErrorCode(codeUnauthorized) {
		// collMod needs the role dbAdmin, which a worker's user may well lack; the collection is there all the same.
		s.log.Warn("the schema's validator was not brought up to date: the user may not run collMod",
			zap.String("collection", c.Name()))
		return nil
	}
	return err
}
