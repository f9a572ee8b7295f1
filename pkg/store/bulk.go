package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// bulkResult says what became of each operation of a bulk.
type bulkResult struct {
	matched  int64
	upserted []string // ids that upserts made
	errs     []error  // by operation, as judged; nil where it was done
}

// bulk writes models in any order. Its own error is a failure of the connection or of the server; an operation that fails
// by itself has its own entry in errs and takes no other down. All operations of this package may be repeated.
func (s *Store) bulk(ctx context.Context, c *mongo.Collection, models []mongo.WriteModel) (bulkResult, error) {
	res := bulkResult{errs: make([]error, len(models))}
	d := division{errs: res.errs, single: s.caps.AtomicUpdates, write: func(from, to int) (int64, error) {
		r, err := c.BulkWrite(ctx, models[from:to], options.BulkWrite().SetOrdered(false))
		if r == nil {
			return 0, err
		}
		for _, id := range r.UpsertedIDs {
			if id, ok := id.(string); ok {
				res.upserted = append(res.upserted, id)
			}
		}
		return r.MatchedCount, err
	}}
	err := d.do(0, len(models))
	if err == nil {
		s.refusals.weigh(c.Name(), res.errs, d.done, func(i int) string { return modelID(models[i]) })
	}
	res.matched = d.matched
	return res, err
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

// conditional is an update of a document, of no newer version, whose fields have these values: a string, nil for a field that is not
// there, or present for one that is.
type conditional struct {
	id            string
	where, update bson.D
}

// present is the condition that a field is there.
var present = bson.D{{Key: "$exists", Value: true}}

// versions tells documents of this version from newer ones.
type versions interface {
	notNewer() bson.E
	isNewer(bson.Raw) bool
}

// updateWhere does the updates, each where its condition holds, and gives the errors of those that the server refused. On a server
// whose updates are not atomic it is called exclusively: FerretDB looks up by _id alone, and reads the whole collection for a
// filter that says more.
func (s *Store) updateWhere(ctx context.Context, c *mongo.Collection, docs versions, updates []conditional) ([]error, error) {
	if s.lock == nil {
		models := make([]mongo.WriteModel, len(updates))
		for i, u := range updates {
			models[i] = s.update(append(bson.D{{Key: "_id", Value: u.id}, docs.notNewer()}, u.where...), u.update, false)
		}
		res, err := s.bulk(ctx, c, models)
		return res.errs, err
	}
	ids := make([]string, len(updates))
	for i, u := range updates {
		ids[i] = u.id
	}
	now := make(map[string]bson.Raw, len(ids))
	if err := s.findByID(ctx, c, ids, func(raw bson.Raw) error {
		now[textOf(raw.Lookup("_id"))] = slices.Clone(raw)
		return nil
	}); err != nil {
		return nil, err
	}
	errs := make([]error, len(updates))
	var models []mongo.WriteModel
	var whose []int
	for i, u := range updates {
		if raw := now[u.id]; raw != nil && !docs.isNewer(raw) && holds(raw, u.where) {
			models, whose = append(models, s.update(bson.D{{Key: "_id", Value: u.id}}, u.update, false)), append(whose, i)
		}
	}
	res, err := s.bulk(ctx, c, models)
	for j, i := range whose {
		errs[i] = res.errs[j]
	}
	return errs, err
}

// holds says whether the document's fields have these values.
func holds(doc bson.Raw, where bson.D) bool {
	for _, e := range where {
		has := doc.Lookup(e.Key)
		switch want := e.Value.(type) {
		case nil:
			if !has.IsZero() {
				return false
			}
		case string:
			if textOf(has) != want {
				return false
			}
		default: // present
			if has.IsZero() {
				return false
			}
		}
	}
	return true
}

// insert writes the documents that are not there yet, and says for each whether it made it. errs is as in bulk, but that
// a document which is there is no error.
func (s *Store) insert(ctx context.Context, c *mongo.Collection, docs []any) (made []bool, errs []error, err error) {
	made, errs = make([]bool, len(docs)), make([]error, len(docs))
	var valid []any
	var whose []int
	for i, doc := range docs {
		if !s.caps.Validators {
			errs[i] = s.check(c, doc)
		}
		if errs[i] == nil {
			valid, whose = append(valid, doc), append(whose, i)
		}
	}
	d := division{errs: make([]error, len(valid)), single: true, write: func(from, to int) (int64, error) {
		_, err := c.InsertMany(ctx, valid[from:to], options.InsertMany().SetOrdered(false))
		return 0, err
	}}
	if err := d.do(0, len(valid)); err != nil {
		return made, errs, err
	}
	s.refusals.weigh(c.Name(), d.errs, d.done, func(j int) string { return documentID(valid[j]) })
	for j, i := range whose {
		made[i] = d.errs[j] == nil
		if !isDuplicateID(d.errs[j]) {
			errs[i] = d.errs[j]
		}
	}
	return made, errs, nil
}

// division is one bulk on its way: where the server, or the driver, fails the command as a whole for what may be the fault
// of one operation, the halves are tried on their own.
type division struct {
	errs    []error                                     // by operation, as judged
	single  bool                                        // the server reports errors by operation
	write   func(from, to int) (matched int64, _ error) // one command
	matched int64
	done    bool // at least one operation
	failed  int  // operations that were tried alone and failed
}

// do does the operations from one up to another. Its error is a failure of all.
func (d *division) do(from, to int) error {
	if from == to {
		return nil
	}
	matched, err := d.write(from, to)
	if err == nil {
		d.done, d.matched = true, d.matched+matched
		return nil
	}
	if isBroken(err) {
		return err
	}
	var exc mongo.BulkWriteException
	byOperation := errors.As(err, &exc)
	switch {
	case byOperation && exc.WriteConcernError != nil:
		return err // not acknowledged by a majority: nothing may be taken for durable
	case byOperation && (d.single || to-from == 1):
		d.done, d.matched = d.done || len(exc.WriteErrors) < to-from, d.matched+matched
		for _, we := range exc.WriteErrors {
			if i := from + we.Index; i < to {
				d.errs[i] = judged(we)
			}
		}
	case to-from == 1:
		d.errs[from] = judged(err)
	default:
		half := from + (to-from)/2
		if err := d.do(from, half); err != nil {
			return err
		}
		return d.do(half, to)
	}
	if to-from == 1 && !isDuplicateID(d.errs[from]) {
		d.failed++
	}
	if d.failed >= manyRefused && !d.done {
		// Not a command for each of a thousand.
		return &told{ErrServer, fmt.Sprintf("%d writes failed one by one and none was done: %s", d.failed, shown(d.errs[from].Error(), maxErrorText)), err}
	}
	return nil
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
