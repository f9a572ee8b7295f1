package store

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// bulkResult says what became of each operation of a bulk.
type bulkResult struct {
	matched  int64
	upserted []string // ids that upserts made
	errs     []error  // by operation; nil where it was done
}

// bulk writes models in any order. Its own error is a failure of the connection; an operation that the server refuses
// has its own entry in errs and takes no other down: where the server, or the driver, fails a bulk as a whole for one
// document, the halves are tried on their own. All operations of this package may be repeated.
func (s *Store) bulk(ctx context.Context, c *mongo.Collection, models []mongo.WriteModel) (bulkResult, error) {
	res := bulkResult{errs: make([]error, len(models))}
	err := s.bulkInto(ctx, c, models, res.errs, &res)
	return res, err
}

func (s *Store) bulkInto(ctx context.Context, c *mongo.Collection, models []mongo.WriteModel, errs []error, res *bulkResult) error {
	if len(models) == 0 {
		return nil
	}
	r, err := c.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
	if r != nil {
		res.matched += r.MatchedCount
		for _, id := range r.UpsertedIDs {
			if id, ok := id.(string); ok {
				res.upserted = append(res.upserted, id)
			}
		}
	}
	if err == nil {
		return nil
	}
	if isBroken(err) {
		return err
	}
	var exc mongo.BulkWriteException
	if errors.As(err, &exc) && exc.WriteConcernError != nil {
		return err // not acknowledged by a majority: nothing may be taken for durable
	}
	if s.caps.AtomicUpdates && errors.As(err, &exc) {
		for _, we := range exc.WriteErrors {
			if isServerFailure(we.WriteError) {
				return err
			}
			if we.Index < len(errs) {
				errs[we.Index] = refusal(we)
			}
		}
		return nil
	}
	if len(models) == 1 {
		errs[0] = refusal(err)
		return nil
	}
	half := len(models) / 2
	if err := s.bulkInto(ctx, c, models[:half], errs[:half], res); err != nil {
		return err
	}
	return s.bulkInto(ctx, c, models[half:], errs[half:], res)
}

// update is the write model of an update of one document, by a filter on its _id.
//
// FerretDB 1.x gets an update of "many": of the other kind it keeps a connection to SQLite, of a hundred, for each
// operation until the bulk ends, and a bulk of a hundred stops for good. MongoDB gets an update of one, which it can
// retry by itself.
func (s *Store) update(filter, update bson.D, upsert bool) mongo.WriteModel {
	if s.caps.AtomicUpdates {
		return mongo.NewUpdateOneModel().SetFilter(filter).SetUpdate(update).SetUpsert(upsert)
	}
	return mongo.NewUpdateManyModel().SetFilter(filter).SetUpdate(update).SetUpsert(upsert)
}

// refusal is the error of one document. A duplicate key is not a refusal: it says that the document is there.
func refusal(err error) error {
	if mongo.IsDuplicateKeyError(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrRefused, err)
}

// insert writes the documents that are not there yet, and says for each whether it made it. errs is as in bulk.
func (s *Store) insert(ctx context.Context, c *mongo.Collection, docs []any) (made []bool, errs []error, err error) {
	made, errs = make([]bool, len(docs)), make([]error, len(docs))
	if s.caps.Validators {
		err = s.insertInto(ctx, c, docs, made, errs)
		return made, errs, err
	}
	var valid []any
	var whose []int
	for i, doc := range docs {
		if errs[i] = s.check(c, doc); errs[i] == nil {
			valid, whose = append(valid, doc), append(whose, i)
		}
	}
	validMade, validErrs := make([]bool, len(valid)), make([]error, len(valid))
	err = s.insertInto(ctx, c, valid, validMade, validErrs)
	for j, i := range whose {
		made[i], errs[i] = validMade[j], validErrs[j]
	}
	return made, errs, err
}

func (s *Store) insertInto(ctx context.Context, c *mongo.Collection, docs []any, made []bool, errs []error) error {
	if len(docs) == 0 {
		return nil
	}
	_, err := c.InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
	for i := range made {
		made[i] = true
	}
	if err == nil {
		return nil
	}
	var exc mongo.BulkWriteException
	switch {
	case isBroken(err):
		return err
	case errors.As(err, &exc):
		if exc.WriteConcernError != nil {
			return err
		}
		for _, we := range exc.WriteErrors {
			if isServerFailure(we.WriteError) {
				return err
			}
			if we.Index >= len(docs) {
				continue
			}
			made[we.Index] = false
			if !mongo.IsDuplicateKeyError(we) {
				errs[we.Index] = refusal(we)
			}
		}
		return nil
	case len(docs) == 1:
		made[0], errs[0] = false, refusal(err)
		return nil
	}
	half := len(docs) / 2
	if err := s.insertInto(ctx, c, docs[:half], made[:half], errs[:half]); err != nil {
		return err
	}
	return s.insertInto(ctx, c, docs[half:], made[half:], errs[half:])
}

// findByID reads the documents with these ids, in any order, and passes each one on.
func (s *Store) findByID(ctx context.Context, c *mongo.Collection, ids []string, each func(bson.Raw) error) error {
	if len(ids) == 0 {
		return nil
	}
	if s.caps.AtomicUpdates || len(ids) == 1 {
		filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}}
		if len(ids) == 1 {
			filter = bson.D{{Key: "_id", Value: ids[0]}}
		}
		cur, err := c.Find(ctx, filter)
		if err != nil {
			return err
		}
		defer cur.Close(ctx)
		for cur.Next(ctx) {
			if err := each(cur.Current); err != nil {
				return err
			}
		}
		return cur.Err()
	}
	for _, id := range ids {
		raw, err := c.FindOne(ctx, bson.D{{Key: "_id", Value: id}}).Raw()
		if errors.Is(err, mongo.ErrNoDocuments) {
			continue
		}
		if err != nil {
			return err
		}
		if err := each(raw); err != nil {
			return err
		}
	}
	return nil
}
