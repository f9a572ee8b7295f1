package store

import (
	"errors"
	"fmt"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// Refusal is a document that was not stored, and why. Err wraps ErrRefused where the document is at fault, or ErrServer
// where the server is.
type Refusal struct {
	ID, URL string
	Err     error
}

// manyRefused is how many documents the server may refuse in a row before that is taken for its own fault: khabar's
// documents are made by the same code, so that a score of bad ones and no good one between them is a validator, an index
// or a limit that stands in the way of all. Fewer would blame the server for one odd site.
const manyRefused = 20

// refusals remembers which documents the server refused in a row, by collection: manyRefused of each at most.
type refusals struct {
	mu    sync.Mutex
	inRow map[string]map[string]bool
}

// weigh looks at what became of a bulk, whose documents id names; done says that at least one was stored. When too many
// were refused in a row, those of this bulk wait for the server instead.
func (r *refusals) weigh(collection string, errs []error, done bool, id func(int) string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if done {
		delete(r.inRow, collection)
		return
	}
	var refused []int
	for i, err := range errs {
		if errors.Is(err, ErrRefused) {
			refused = append(refused, i)
		}
	}
	if len(refused) == 0 {
		return
	}
	if r.inRow == nil {
		r.inRow = make(map[string]map[string]bool)
	}
	row := r.inRow[collection]
	if row == nil {
		row = make(map[string]bool)
		r.inRow[collection] = row
	}
	for _, i := range refused {
		if len(row) < manyRefused {
			row[id(i)] = true
		}
	}
	if len(row) < manyRefused {
		return
	}
	for _, i := range refused {
		errs[i] = &told{kind: ErrServer, text: fmt.Sprintf("it refuses document after document of %s and takes none, so the fault is taken "+
			"for its own; look for a validator that is not khabar's: %s", collection, shown(errs[i].Error(), maxErrorText)), err: unwrapped(errs[i])}
	}
}

// unwrapped is the server's own error in one that was told.
func unwrapped(err error) error {
	var t *told
	if errors.As(err, &t) {
		return t.err
	}
	return err
}

// modelID is the _id of what one of this package's write models writes.
func modelID(m mongo.WriteModel) string {
	var filter any
	switch m := m.(type) {
	case *mongo.UpdateOneModel:
		filter = m.Filter
	case *mongo.UpdateManyModel:
		filter = m.Filter
	}
	d, _ := filter.(bson.D)
	id, _ := lookup(d, "_id").(string)
	return id
}

// documentID is the _id of one of this package's documents.
func documentID(doc any) string {
	switch d := doc.(type) {
	case Page:
		return d.ID
	case article.Article:
		return d.ID
	case article.Revision:
		return d.ID
	case identity:
		return d.Key
	}
	return ""
}
