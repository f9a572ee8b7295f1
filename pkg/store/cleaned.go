package store

import (
	"context"
	"iter"
	"reflect"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/likeness"
)

// ArticlesFetchedSince reads the articles of a site that were fetched at a time or after, in any order. Its errors are
// those of Articles.
func (s *Store) ArticlesFetchedSince(ctx context.Context, site string, since time.Time) iter.Seq2[article.Article, error] {
	q := bson.D{{Key: "site", Value: site}}
	if !since.IsZero() {
		q = append(q, bson.E{Key: "fetched_at", Value: bson.D{{Key: "$gte", Value: millis(since)}}})
	}
	return articleDocs.read(ctx, s.find(s.articles, q, options.Find()))
}

// Cleaning is an article as it was read, and as it is now known that it should have been extracted.
type Cleaning struct{ Was, Now article.Article }

// UpdateCleaned writes articles anew that were extracted too early to know better. The site has not edited them: they
// keep their revision number, and no revision is made of what is replaced. An article that somebody changed since it was
// read stays as it is then, and is not counted; so does one that was not stored as it is now, which is returned. Doing it
// again changes nothing. The error is that of all.
func (s *Store) UpdateCleaned(ctx context.Context, all []Cleaning) (updated int, refused []Refusal, err error) {
	for part := range chunks(all, s.atOnce()) {
		err = s.exclusive(ctx, func(ctx context.Context) error {
			n, r, err := s.updateCleaned(ctx, part)
			updated, refused = updated+n, append(refused, r...)
			return err
		})
		if err != nil {
			return updated, refused, wrap("write cleaned articles", err)
		}
	}
	return updated, refused, nil
}

func (s *Store) updateCleaned(ctx context.Context, all []Cleaning) (updated int, refused []Refusal, err error) {
	unchanged, err := s.unchanged(ctx, all)
	if err != nil {
		return 0, nil, err
	}
	var models []mongo.WriteModel
	var whose []article.Article
	refuse := func(a article.Article, err error) {
		refused = append(refused, Refusal{ID: a.ID, URL: a.URL, Err: err})
	}
	for _, c := range all {
		if !unchanged[c.Was.ID] || c.Was.SchemaVersion > article.SchemaVersion {
			continue
		}
		update, err := s.difference(c)
		if err != nil {
			return 0, refused, err
		}
		if len(update) == 0 {
			continue
		}
		if !isExtractorAlone(update) {
			update = marked(update, time.Now())
		}
		if err := s.checkUpdate(s.articles, update); err != nil {
			refuse(c.Was, err)
			continue
		}
		filter := bson.D{{Key: "_id", Value: c.Was.ID}}
		if s.lock == nil {
			filter = append(filter, bson.E{Key: "revision", Value: c.Was.Revision}, bson.E{Key: "content_hash", Value: c.Was.ContentHash},
				bson.E{Key: "extractor.version", Value: c.Was.Extractor.Version}, bson.E{Key: "extractor.rules", Value: orNull(c.Was.Extractor.Rules)})
		}
		models, whose = append(models, s.update(filter, update, false)), append(whose, c.Was)
	}
	res, err := s.bulk(ctx, s.articles, models)
	if err != nil {
		return 0, refused, err
	}
	for i, err := range res.errs {
		if err != nil {
			refuse(whose[i], err)
		}
	}
	return int(res.matched), refused, nil
}

// unchanged says which of the articles are still as they were read. Where updates are atomic their filter says it.
func (s *Store) unchanged(ctx context.Context, all []Cleaning) (map[string]bool, error) {
	out := make(map[string]bool, len(all))
	was := make(map[string]*article.Article, len(all))
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = all[i].Was.ID
		was[ids[i]], out[ids[i]] = &all[i].Was, s.lock == nil
	}
	if s.lock == nil {
		return out, nil
	}
	err := s.findByID(ctx, s.articles, ids, func(raw bson.Raw) error {
		if now, err := articleDocs.decode(raw); err == nil {
			w := was[now.ID]
			out[now.ID] = now.Revision == w.Revision && now.ContentHash == w.ContentHash &&
				now.Extractor.Version == w.Extractor.Version && now.Extractor.Rules == w.Extractor.Rules
		}
		return nil
	})
	return out, err
}

// orNull is a value that a field has, or none where it is not there.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// isExtractorAlone says whether an update changes nothing that a reader sees: what the article was made by, and no more.
func isExtractorAlone(update bson.D) bool {
	set, ok := lookup(update, "$set").(bson.D)
	return ok && len(update) == 1 && len(set) == 1 && set[0].Key == "extractor"
}

// Changed names the fields that UpdateCleaned would change, in the order of the document.
func (s *Store) Changed(c Cleaning) ([]string, error) {
	update, err := s.difference(c)
	var fields []string
	for _, part := range update {
		for _, e := range part.Value.(bson.D) {
			fields = append(fields, e.Key)
		}
	}
	return fields, wrap("compare article "+c.Was.ID, err)
}

// difference is the update from an article as it was to what it is now; empty where there is none.
func (s *Store) difference(c Cleaning) (bson.D, error) {
	if c.Now.Text != c.Was.Text {
		c.Now.TextHash = likeness.Read(c.Now.Text).Hash()
	}
	was, err := s.toDoc(normalArticle(c.Was))
	if err != nil {
		return nil, err
	}
	now, err := s.toDoc(normalArticle(c.Now))
	if err != nil {
		return nil, err
	}
	set, unset := bson.D{}, bson.D{}
	for _, e := range now {
		if e.Key != "_id" && e.Key != "seq" && e.Key != "cluster" && !reflect.DeepEqual(e.Value, lookup(was, e.Key)) {
			set = append(set, e)
		}
	}
	for _, e := range was {
		if lookup(now, e.Key) == nil {
			unset = append(unset, bson.E{Key: e.Key, Value: ""})
		}
	}
	update := bson.D{}
	if len(set) > 0 {
		update = append(update, bson.E{Key: "$set", Value: set})
	}
	if len(unset) > 0 {
		update = append(update, bson.E{Key: "$unset", Value: unset})
	}
	return update, nil
}
