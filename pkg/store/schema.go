package store

import (
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// SchemaVersion is the version of the database's schema that this code makes: its collections, their validators and
// indexes. It rises with every change of them, and docs/schema.md says what each one changed. 1 was not recorded in the
// database.
const SchemaVersion = 4

// index is one index of a collection. One that is unique is made on every server, for it is not about speed alone.
type index struct {
	keys   bson.D
	where  string // only documents that have this field; "" for all
	unique bool
}

// name is the index's name, as the shell and the drivers make it.
func (i index) name() string {
	var parts []string
	for _, e := range i.keys {
		parts = append(parts, fmt.Sprintf("%s_%v", e.Key, e.Value))
	}
	return strings.Join(parts, "_")
}

// options are an index's, as createIndexes takes and listIndexes gives them.
func (i index) options() bson.D {
	d := bson.D{{Key: "key", Value: i.keys}, {Key: "name", Value: i.name()}}
	if i.where != "" {
		d = append(d, bson.E{Key: "partialFilterExpression", Value: bson.D{{Key: i.where, Value: bson.D{{Key: "$exists", Value: true}}}}})
	}
	if i.unique {
		d = append(d, bson.E{Key: "unique", Value: true})
	}
	return d
}

// collection is one of this package's collections, as it should be.
type collection struct {
	name    string
	schema  bson.D // of its documents
	indexes []index
	// awaited are its indexes that crawling waits for: without them each look for due pages reads the whole collection, or what
	// must be there once may be there twice.
	awaited bool
}

// collections are what khabar keeps, with the indexes that this package's queries, and the readers of the articles, need.
func collections() []collection {
	asc := func(f string) bson.E { return bson.E{Key: f, Value: 1} }
	desc := func(f string) bson.E { return bson.E{Key: f, Value: -1} }
	return []collection{
		{name: "pages", schema: pageSchema(), awaited: true, indexes: []index{
			{keys: bson.D{asc("next_at")}, where: "next_at"},                                    // Due, NextDue: only pages that will be due
			{keys: bson.D{asc("site"), asc("next_at")}, where: "next_at"},                       // Due of some sites
			{keys: bson.D{asc("priority"), asc("next_at")}, where: "next_at"},                   // Due of sections
			{keys: append(bson.D{asc("held"), asc("priority")}, heldOrder()...), where: "held"}, // HeldLanes, Held
			{keys: bson.D{asc("status"), asc("site")}},                                          // Outstanding
			{keys: bson.D{asc("site"), asc("status"), asc("outcome")}},                          // Counts
			{keys: bson.D{asc("run"), asc("status")}, where: "run"},                             // Outstanding of a run
			{keys: bson.D{asc("rhythm.at")}, where: "rhythm.at"},                                // SectionRhythms
			{keys: bson.D{asc("backfill"), asc("status")}, where: "backfill"},                   // BackfillPages, Outstanding of a backfill
		}},
		{name: "articles", schema: articleSchema(), indexes: []index{
			{keys: bson.D{desc("published_at"), asc("_id")}},                  // Articles, newest first
			{keys: bson.D{asc("site"), desc("published_at"), asc("_id")}},     // of a site
			{keys: bson.D{asc("language"), desc("published_at"), asc("_id")}}, // in a language
			{keys: bson.D{asc("fetched_at")}},                                 // what changed since
			{keys: bson.D{asc("cluster.id")}, where: "cluster"},               // a cluster's members
			{keys: bson.D{asc("text_hash")}, where: "text_hash"},              // exact copies
			{keys: bson.D{asc("mark")}, where: "mark"},                        // Number
			{keys: bson.D{asc("updated_at")}},                                 // Articles that changed since
			{keys: bson.D{asc("seq")}},                                        // MarkStored, and readers who follow by themselves
		}},
		{name: "changes", schema: changeSchema(), awaited: true, indexes: []index{
			{keys: bson.D{asc("article_id"), asc("mark")}, unique: true}, // Number
		}},
		{name: "revisions", schema: revisionSchema(), indexes: []index{
			{keys: bson.D{asc("article_id"), asc("revision")}}, // Revisions
		}},
		{name: "profiles", schema: profileSchema()},
		{name: "rhythms", schema: rhythmSchema()},
		{name: "sitedays", schema: sheetSchema()},
		{name: "fleethours", schema: sheetSchema()},
		{name: "identities", schema: identitySchema(), indexes: []index{
			{keys: bson.D{asc("article_id")}, where: "article_id"}, // Erase
		}},
		{name: "sketches", schema: sketchSchema()},
		{name: "buckets", schema: bucketSchema()},
		{name: "erasures", schema: erasureSchema()},
		{name: "sites", schema: siteSchema()},
		{name: "backfills", schema: backfillSchema()},
	}
}

// validator is what stands on a collection on MongoDB.
func (c collection) validator() bson.D { return bson.D{{Key: "$jsonSchema", Value: c.schema}} }

// validationLevel lets documents of an earlier schema, or that somebody spoilt, still be updated.
const validationLevel = "moderate"
