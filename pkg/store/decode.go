package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// Documents are decoded one by one, for anybody may have written them: one that cannot be used is an UnreadableError of
// its own and takes no other down. One of a newer version is given as far as it can be read, and otherwise is ErrNewer.

// UnreadableError is a stored document that cannot be used. It wraps ErrUnreadable.
type UnreadableError struct {
	Collection string
	ID         string // its _id; as extended JSON where that is no text
	Why        string // what is wrong with it, naming the field

	id bson.RawValue
}

// Error names the document and the field.
func (e *UnreadableError) Error() string {
	return fmt.Sprintf("%s %s: %s: %s", e.Collection, e.ID, ErrUnreadable, e.Why)
}

// Is makes the error one of the kind ErrUnreadable.
func (e *UnreadableError) Is(kind error) bool { return kind == ErrUnreadable }

// maxShownID bounds in bytes what is shown of an _id, which may be a document of any size.
const maxShownID = 200

// textOf is a value as text: a string as it is, anything else as extended JSON; "" for one that is not there.
func textOf(v bson.RawValue) string {
	if s, ok := v.StringValueOK(); ok || v.IsZero() {
		return s
	}
	s := v.String()
	return s[:min(len(s), maxShownID)]
}

// schema is what this code makes of a collection's documents.
type schema[T any] struct {
	collection string
	version    string // the field that holds a document's version; absent counts as 1
	newest     int    // the version that this code writes
	// check says what is wrong with a document that could be decoded, for it may come from anybody.
	check func(bson.Raw, T) string
}

var (
	pageDocs     = schema[Page]{"pages", "v", PageVersion, checkPage}
	articleDocs  = schema[article.Article]{"articles", "schema_version", article.SchemaVersion, checkArticle}
	revisionDocs = schema[article.Revision]{"revisions", "schema_version", 1, func(bson.Raw, article.Revision) string { return "" }}
)

// decode reads one document. The error is an *UnreadableError or wraps ErrNewer.
func (d schema[T]) decode(raw bson.Raw) (T, error) {
	var doc T
	version, why := d.versionOf(raw)
	if why == "" {
		if err := bson.Unmarshal(raw, &doc); err != nil {
			why = err.Error()
		} else if version <= float64(d.newest) {
			why = d.check(raw, doc)
		}
	}
	id := raw.Lookup("_id")
	switch {
	case why == "":
		return doc, nil
	case version > float64(d.newest):
		return doc, fmt.Errorf("%s %s: %w: version %v, not %d: %s", d.collection, textOf(id), ErrNewer, version, d.newest, why)
	}
	return doc, &UnreadableError{Collection: d.collection, ID: textOf(id), Why: why, id: id}
}

func (d schema[T]) versionOf(raw bson.Raw) (version float64, why string) {
	v := raw.Lookup(d.version)
	if v.IsZero() {
		return 1, ""
	}
	if f, ok := v.DoubleOK(); ok {
		return f, ""
	}
	n, ok := v.AsInt64OK()
	if !ok {
		return 0, fmt.Sprintf("field %s: %s is no version", d.version, textOf(v))
	}
	return float64(n), ""
}

// notNewer is the filter for documents that this code may write.
func (d schema[T]) notNewer() bson.E {
	return bson.E{Key: d.version, Value: bson.D{{Key: "$not", Value: bson.D{{Key: "$gt", Value: d.newest}}}}}
}

// isNewer is true for a document that this code may not write.
func (d schema[T]) isNewer(raw bson.Raw) bool {
	version, _ := d.versionOf(raw)
	return version > float64(d.newest)
}

// read decodes what a query finds. A document that cannot be read is an error of its own in the sequence, which wraps
// ErrUnreadable or ErrNewer; any other error ends it.
func (d schema[T]) read(ctx context.Context, find func(context.Context) (*mongo.Cursor, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		cur, err := find(ctx)
		if err != nil {
			yield(none, wrap("find "+d.collection, err))
			return
		}
		defer cur.Close(context.WithoutCancel(ctx))
		for cur.Next(ctx) {
			doc, err := d.decode(cur.Current)
			if err != nil {
				doc = none
			}
			if !yield(doc, err) {
				return
			}
		}
		if err := cur.Err(); err != nil {
			yield(none, wrap("read "+d.collection, err))
		}
	}
}

// report is read for somebody who waits as long as it takes.
func (d schema[T]) report(ctx context.Context, find func(context.Context) (*mongo.Cursor, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ctx, cancel := unhurried(ctx)
		defer cancel()
		d.read(ctx, find)(yield)
	}
}

// isOfDocument is true for an error that says something of one document, and nothing of the others.
func isOfDocument(err error) bool { return errors.Is(err, ErrUnreadable) || errors.Is(err, ErrNewer) }

// checkPage says what keeps a page from being crawled, or from being written as JSON.
func checkPage(raw bson.Raw, p Page) string {
	next := raw.Lookup("next_at")
	switch {
	case !isID(p.ID):
		return fmt.Sprintf("field _id: %.40q is no page id", p.ID)
	case p.URL == "":
		return "field url is missing"
	case p.Site == "":
		return "field site is missing"
	case p.Lane == "":
		return "field lane is missing"
	case !slices.Contains(kinds, p.Kind):
		return fmt.Sprintf("field kind: %.40q is none of %v", p.Kind, kinds)
	case !next.IsZero() && next.Type != bson.TypeDateTime && next.Type != bson.TypeNull:
		return fmt.Sprintf("field next_at: is of type %s, not date", next.Type)
	}
	return noJSON("yield", p.Yield, p.NextAt, &p.DiscoveredAt, p.FetchedAt)
}

// checkArticle says what keeps an article from being written as JSON.
func checkArticle(_ bson.Raw, a article.Article) string {
	return noJSON("quality.score", a.Quality.Score, a.PublishedAt, a.ModifiedAt, a.DiscoveredAt, &a.FirstSeenAt, a.StoredAt, &a.FetchedAt)
}

// noJSON says what of a document's one fraction and its times JSON has no numbers and years for.
func noJSON(field string, fraction float64, times ...*time.Time) string {
	if math.IsNaN(fraction) || math.IsInf(fraction, 0) {
		return fmt.Sprintf("field %s: is no number", field)
	}
	for _, t := range times {
		if t != nil && (t.UTC().Year() < 0 || t.UTC().Year() > 9999) {
			return fmt.Sprintf("a time is in the year %d", t.UTC().Year())
		}
	}
	return ""
}

// isID is true for a page id: 32 hex digits.
func isID(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return len(s) == 32
}
