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

// index is one index of a collection.
type index struct {
	keys  bson.D
	where string // only documents that have this field; "" for all
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
	return d
}

// collection is one of this package's collections, as it should be.
type collection struct {
	name    string
	schema  bson.D // of its documents
	indexes []index
	// scheduling waits for its indexes: without them each look for due pages reads the whole collection.
	scheduling bool
}

// collections are what khabar keeps, with the indexes that this package's queries, and the readers of the articles, need.
func collections() []collection {
	asc := func(f string) bson.E { return bson.E{Key: f, Value: 1} }
	desc := func(f string) bson.E { return bson.E{Key: f, Value: -1} }
	return []collection{
		{name: "pages", schema: pageSchema(), scheduling: true, indexes: []index{
			{bson.D{asc("next_at")}, "next_at"},                                    // Due, NextDue: only pages that will be due
			{bson.D{asc("site"), asc("next_at")}, "next_at"},                       // Due of some sites
			{bson.D{asc("priority"), asc("next_at")}, "next_at"},                   // Due of sections
			{append(bson.D{asc("held"), asc("priority")}, heldOrder()...), "held"}, // HeldLanes, Held
			{bson.D{asc("status"), asc("site")}, ""},                               // Outstanding
			{bson.D{asc("site"), asc("status"), asc("outcome")}, ""},               // Counts
			{bson.D{asc("run"), asc("status")}, "run"},                             // Outstanding of a run
			{bson.D{asc("rhythm.at")}, "rhythm.at"},                                // SectionRhythms
			{bson.D{asc("backfill"), asc("status")}, "backfill"},                   // BackfillPages, Outstanding of a backfill
		}},
		{name: "articles", schema: articleSchema(), indexes: []index{
			{bson.D{desc("published_at"), asc("_id")}, ""},                  // Articles, newest first
			{bson.D{asc("site"), desc("published_at"), asc("_id")}, ""},     // of a site
			{bson.D{asc("language"), desc("published_at"), asc("_id")}, ""}, // in a language
			{bson.D{asc("fetched_at")}, ""},                                 // what changed since
			{bson.D{asc("cluster_id")}, "cluster_id"},                       // a cluster's members
		}},
		{name: "revisions", schema: revisionSchema(), indexes: []index{
			{bson.D{asc("article_id"), asc("revision")}, ""}, // Revisions
		}},
		{name: "profiles", schema: profileSchema()},
		{name: "rhythms", schema: rhythmSchema()},
		{name: "sitedays", schema: sheetSchema()},
		{name: "fleethours", schema: sheetSchema()},
		{name: "identities", schema: identitySchema()},
		{name: "sites", schema: siteSchema()},
		{name: "backfills", schema: backfillSchema()},
	}
}

// validator is what stands on a collection on MongoDB.
func (c collection) validator() bson.D { return bson.D{{Key: "$jsonSchema", Value: c.schema}} }

// validationLevel lets documents of an earlier schema, or that somebody spoilt, still be updated.
const validationLevel = "moderate"
