package store

import (
	"regexp"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// The JSON schemas that stand on the collections on MongoDB; where the server has no validators, check does the same
// before a document is sent. They hold what every reader may rely on: the fields that are always there, their types, and
// no empty strings. Fields that others add are allowed.

func object(required []string, properties bson.D) bson.D {
	return bson.D{
		{Key: "bsonType", Value: "object"},
		{Key: "required", Value: required},
		{Key: "properties", Value: properties},
	}
}

func nested(properties bson.D) bson.D {
	return bson.D{{Key: "bsonType", Value: "object"}, {Key: "properties", Value: properties}}
}

func listOf(item bson.D) bson.D {
	return bson.D{{Key: "bsonType", Value: "array"}, {Key: "minItems", Value: 1}, {Key: "items", Value: item}}
}

func fewOf(item bson.D) bson.D {
	return append(listOf(item), bson.E{Key: "maxItems", Value: article.MaxItems})
}

func oneOf[T ~string](values ...T) bson.D {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = string(v)
	}
	return bson.D{{Key: "enum", Value: names}}
}

func typed(bsonTypes ...string) bson.D { return bson.D{{Key: "bsonType", Value: bsonTypes}} }

func text() bson.D {
	return bson.D{{Key: "bsonType", Value: "string"}, {Key: "minLength", Value: 1}}
}

// The forms of strings.
const (
	idForm       = "^[0-9a-f]{32}$"
	placeForm    = "^[0-9]{16}$"
	keyForm      = "^[0-9a-f]{16}$"
	countryForm  = "^[A-Z]{2}$"
	languageForm = "^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$" // a BCP 47 tag that begins with a language (RFC 5646, section 2.1)
)

// forms has each of them compiled, for check.
var forms = map[string]*regexp.Regexp{
	idForm:       regexp.MustCompile(idForm),
	keyForm:      regexp.MustCompile(keyForm),
	placeForm:    regexp.MustCompile(placeForm),
	countryForm:  regexp.MustCompile(countryForm),
	languageForm: regexp.MustCompile(languageForm),
}

func upTo(characters int) bson.D {
	return append(text(), bson.E{Key: "maxLength", Value: characters})
}

func name() bson.D { return upTo(article.MaxName) }

func matching(form string) bson.D {
	return bson.D{{Key: "bsonType", Value: "string"}, {Key: "pattern", Value: form}}
}

func atLeast(n int) bson.D {
	return bson.D{{Key: "bsonType", Value: []string{"int", "long"}}, {Key: "minimum", Value: n}}
}

func hexID() bson.D { return matching(idForm) }

func archived() bson.D {
	return object([]string{"file", "offset", "digest", "url", "at"}, bson.D{
		{Key: "file", Value: text()},
		{Key: "offset", Value: atLeast(0)},
		{Key: "digest", Value: text()},
		{Key: "url", Value: text()},
		{Key: "at", Value: typed("date")},
	})
}

func pageSchema() bson.D {
	return object([]string{"_id", "url", "site", "kind", "lane", "priority", "status", "discovered_at"}, bson.D{
		{Key: "_id", Value: hexID()},
		{Key: "v", Value: atLeast(1)},
		{Key: "url", Value: text()},
		{Key: "site", Value: text()},
		{Key: "section", Value: text()},
		{Key: "kind", Value: oneOf(kinds...)},
		{Key: "lane", Value: text()},
		{Key: "priority", Value: typed("int", "long")},
		{Key: "depth", Value: atLeast(0)},
		{Key: "discovered_at", Value: typed("date")},
		{Key: "discovered_from", Value: text()},
		{Key: "run", Value: text()},
		{Key: "watched_since", Value: typed("date")},
		{Key: "dated_at", Value: typed("date")},
		{Key: "vouched", Value: typed("bool")},
		{Key: "linked_as", Value: typed("string")},
		{Key: "block", Value: typed("string")},
		{Key: "backfill", Value: text()},
		{Key: "told", Value: nested(bson.D{
			{Key: "by", Value: text()},
			{Key: "title", Value: text()},
			{Key: "published_at", Value: typed("date")},
			{Key: "day", Value: typed("bool")},
			{Key: "language", Value: text()},
			{Key: "category", Value: text()},
			{Key: "keywords", Value: listOf(text())},
			{Key: "access", Value: text()},
		})},
		{Key: "status", Value: oneOf(statuses...)},
		{Key: "next_at", Value: typed("date")},
		{Key: "held", Value: text()},
		{Key: "attempts", Value: atLeast(0)},
		{Key: "outcome", Value: text()},
		{Key: "reason", Value: text()},
		{Key: "last_error", Value: text()},
		{Key: "robots_rule", Value: text()},
		{Key: "redirect_to", Value: text()},
		{Key: "http", Value: nested(bson.D{
			{Key: "status", Value: atLeast(0)},
			{Key: "etag", Value: text()},
			{Key: "last_modified", Value: text()},
			{Key: "content_type", Value: text()},
			{Key: "bytes", Value: atLeast(0)},
			{Key: "unchanged", Value: atLeast(0)},
			{Key: "fixed", Value: typed("bool")},
		})},
		{Key: "fetched_at", Value: typed("date")},
		{Key: "content_hash", Value: text()},
		{Key: "interval", Value: atLeast(0)},
		{Key: "yield", Value: typed("number")},
		{Key: "rhythm", Value: typed("object")},
		{Key: "next_why", Value: text()},
		{Key: "look", Value: typed("object")},
		{Key: "listed", Value: nested(bson.D{
			{Key: "newest", Value: listOf(text())},
			{Key: "size", Value: atLeast(0)},
			{Key: "more", Value: typed("bool")},
			{Key: "disorder", Value: typed("number")},
			{Key: "proof", Value: text()},
		})},
		{Key: "gaps", Value: nested(bson.D{
			{Key: "found", Value: atLeast(0)},
			{Key: "closed", Value: atLeast(0)},
			{Key: "told", Value: atLeast(0)},
			{Key: "open", Value: atLeast(0)},
			{Key: "since", Value: typed("date")},
			{Key: "before", Value: listOf(text())},
			{Key: "why", Value: text()},
			{Key: "told_at", Value: typed("date")},
		})},
		{Key: "gap_of", Value: hexID()},
		{Key: "article_id", Value: hexID()},
		{Key: "archived", Value: archived()},
		{Key: "guess", Value: text()},
		{Key: "walk", Value: typed("object")},
		{Key: "claim", Value: text()},
	})
}

func articleSchema() bson.D {
	provenance := object([]string{"source", "precision"}, bson.D{
		{Key: "source", Value: name()},
		{Key: "precision", Value: oneOf(article.PrecisionDay, article.PrecisionMinute, article.PrecisionSecond)},
		{Key: "zone", Value: name()},
	})
	return object([]string{"_id", "url", "canonical_url", "site", "content_hash", "quality", "revision",
		"first_seen_at", "fetched_at", "extractor", "schema_version"}, bson.D{
		{Key: "_id", Value: hexID()},
		{Key: "url", Value: text()},
		{Key: "canonical_url", Value: text()},
		{Key: "aliases", Value: listOf(text())},
		{Key: "site", Value: text()},
		{Key: "sections", Value: listOf(text())},
		{Key: "country", Value: matching(countryForm)},
		{Key: "language", Value: matching(languageForm)},
		{Key: "title", Value: text()},
		{Key: "subtitle", Value: text()},
		{Key: "text", Value: text()},
		{Key: "paragraphs", Value: atLeast(0)},
		{Key: "authors", Value: fewOf(name())},
		{Key: "agency", Value: name()},
		{Key: "dateline", Value: append(nested(bson.D{{Key: "place", Value: name()}, {Key: "agency", Value: name()}}),
			bson.E{Key: "minProperties", Value: 1})},
		{Key: "published_at", Value: typed("date")},
		{Key: "published", Value: provenance},
		{Key: "modified_at", Value: typed("date")},
		{Key: "modified", Value: provenance},
		{Key: "kind", Value: oneOf(article.Kinds()...)},
		{Key: "images", Value: fewOf(object([]string{"url"}, bson.D{{Key: "url", Value: upTo(article.MaxImageURL)}, {Key: "caption", Value: upTo(article.MaxCaption)}}))},
		{Key: "tags", Value: fewOf(name())},
		{Key: "category", Value: name()},
		{Key: "word_count", Value: atLeast(0)},
		{Key: "content_hash", Value: text()},
		{Key: "text_hash", Value: hexID()},
		{Key: "cluster", Value: object([]string{"id", "role"}, bson.D{
			{Key: "id", Value: hexID()},
			{Key: "role", Value: oneOf(article.RoleFirst, article.RoleCopy, article.RolePart)},
			{Key: "of", Value: hexID()},
		})},
		{Key: "quality", Value: object([]string{"score"}, bson.D{
			{Key: "score", Value: typed("number")},
			{Key: "flags", Value: listOf(text())},
		})},
		{Key: "revision", Value: atLeast(1)},
		{Key: "discovered_at", Value: typed("date")},
		{Key: "first_seen_at", Value: typed("date")},
		{Key: "stored_at", Value: typed("date")},
		{Key: "fetched_at", Value: typed("date")},
		{Key: "gone", Value: object([]string{"at", "reason"}, bson.D{{Key: "at", Value: typed("date")}, {Key: "reason", Value: name()}})},
		{Key: "returned_at", Value: typed("date")},
		{Key: "updated_at", Value: typed("date")},
		{Key: "seq", Value: atLeast(1)},
		{Key: "mark", Value: text()},
		{Key: "extractor", Value: object([]string{"version"}, bson.D{{Key: "version", Value: typed("string")}, {Key: "method", Value: name()}, {Key: "rules", Value: text()}})},
		{Key: "archived", Value: archived()},
		{Key: "schema_version", Value: atLeast(0)},
	})
}

func revisionSchema() bson.D {
	return object([]string{"_id", "article_id", "revision", "replaced_at", "content_hash", "fetched_at"}, bson.D{
		{Key: "article_id", Value: hexID()},
		{Key: "revision", Value: atLeast(0)},
		{Key: "replaced_at", Value: typed("date")},
		{Key: "title", Value: text()},
		{Key: "subtitle", Value: text()},
		{Key: "text", Value: text()},
		{Key: "authors", Value: listOf(text())},
		{Key: "published_at", Value: typed("date")},
		{Key: "modified_at", Value: typed("date")},
		{Key: "content_hash", Value: text()},
		{Key: "fetched_at", Value: typed("date")},
		{Key: "fields", Value: listOf(name())},
		{Key: "changes", Value: append(listOf(object([]string{"kind", "paragraph"}, bson.D{
			{Key: "kind", Value: oneOf(article.ChangeAdded, article.ChangeRemoved, article.ChangeChanged)},
			{Key: "before", Value: text()},
			{Key: "after", Value: text()},
			{Key: "paragraph", Value: atLeast(1)},
		})), bson.E{Key: "maxItems", Value: article.MaxChanges})},
		{Key: "rewritten", Value: typed("bool")},
	})
}

func changeSchema() bson.D {
	return object([]string{"_id", "article_id", "mark", "at"}, bson.D{
		{Key: "_id", Value: matching(placeForm)},
		{Key: "article_id", Value: hexID()},
		{Key: "mark", Value: text()},
		{Key: "at", Value: typed("date")},
		{Key: "erased", Value: typed("bool")},
	})
}

func sketchSchema() bson.D {
	return object([]string{"_id", "at"}, bson.D{
		{Key: "_id", Value: hexID()},
		{Key: "at", Value: typed("date")},
		{Key: "hash", Value: text()},
		{Key: "keys", Value: listOf(typed("long"))},
		{Key: "of", Value: hexID()},
		{Key: "role", Value: oneOf(article.RoleCopy, article.RolePart)},
		{Key: "first", Value: hexID()},
		{Key: "copies", Value: listOf(hexID())},
	})
}

func bucketSchema() bson.D {
	return object([]string{"_id", "in"}, bson.D{
		{Key: "_id", Value: matching(keyForm)},
		{Key: "in", Value: typed("array")},
	})
}

func erasureSchema() bson.D {
	return object([]string{"_id", "addresses", "at", "mark"}, bson.D{
		{Key: "_id", Value: hexID()},
		{Key: "site", Value: text()},
		{Key: "addresses", Value: listOf(text())},
		{Key: "at", Value: typed("date")},
		{Key: "by", Value: text()},
		{Key: "why", Value: text()},
		{Key: "mark", Value: text()},
		{Key: "done_at", Value: typed("date")},
	})
}

func identitySchema() bson.D {
	return object([]string{"_id"}, bson.D{
		{Key: "_id", Value: hexID()},
		{Key: "article_id", Value: hexID()},
		{Key: "refused", Value: typed("bool")},
		{Key: "erased", Value: typed("bool")},
	})
}

func rhythmSchema() bson.D {
	return object([]string{"_id", "updated_at", "pool"}, bson.D{
		{Key: "_id", Value: text()},
		{Key: "updated_at", Value: typed("date")},
		{Key: "pool", Value: typed("object")},
		{Key: "looks", Value: typed("object")},
		{Key: "shifts", Value: typed("object")},
	})
}

// sheetSchema is that of both collections of counts.
func sheetSchema() bson.D {
	return object([]string{"_id", "from", "updated_at", "slots"}, bson.D{
		{Key: "_id", Value: text()},
		{Key: "site", Value: text()},
		{Key: "from", Value: typed("date")},
		{Key: "updated_at", Value: typed("date")},
		{Key: "slots", Value: typed("object")},
		{Key: "batches", Value: typed("object")},
	})
}

func profileSchema() bson.D {
	return object([]string{"_id", "version", "updated_at"}, bson.D{
		{Key: "_id", Value: text()},
		{Key: "version", Value: atLeast(0)},
		{Key: "updated_at", Value: typed("date")},
	})
}

func backfillSchema() bson.D {
	return object([]string{"_id", "site", "from", "to", "state", "started_at"}, bson.D{
		{Key: "_id", Value: text()},
		{Key: "site", Value: text()},
		{Key: "from", Value: typed("date")},
		{Key: "to", Value: typed("date")},
		{Key: "open", Value: typed("bool")},
		{Key: "state", Value: oneOf(backfillStates...)},
		{Key: "started_at", Value: typed("date")},
		{Key: "ended_at", Value: typed("date")},
		{Key: "wide", Value: typed("bool")},
		{Key: "result", Value: typed("object")},
	})
}

func siteSchema() bson.D {
	return object([]string{"_id", "text", "revision", "added_at", "updated_at"}, bson.D{
		{Key: "_id", Value: text()},
		{Key: "text", Value: text()},
		{Key: "paused", Value: typed("bool")},
		{Key: "revision", Value: atLeast(1)},
		{Key: "added_at", Value: typed("date")},
		{Key: "updated_at", Value: typed("date")},
	})
}
