package store

import (
	"context"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// maxConflicts is how often an edit is tried again because somebody else edited the same article meanwhile. Two
// workers meet on one article when two of its pages are fetched at the same time; more than two are not to be expected.
const maxConflicts = 5

// commitArticles writes the effects' articles. Where several effects have the same article, they take turns.
func (s *Store) commitArticles(ctx context.Context, effects []Effect, results []EffectResult) error {
	var pending []int
	for i, e := range effects {
		switch {
		case e.Article == nil:
		case e.Article.ID == "" || e.Article.ContentHash == "":
			results[i].Err = fmt.Errorf("%w: article of page %s has no id or no content hash", ErrRefused, e.Page.ID)
		default:
			a, err := s.acceptable(e)
			if err == nil && textBytes(a) > probablySmall && s.tooLarge(*a) {
				err = fmt.Errorf("%w: more than the server's %d bytes", ErrRefused, s.caps.MaxDocument)
			}
			if err != nil {
				results[i].Err = fmt.Errorf("article %s: %w", e.Article.ID, err)
				continue
			}
			effects[i].Article = a
			pending = append(pending, i)
		}
	}
	conflicts := make(map[int]int)
	for len(pending) > 0 {
		var round, rest []int
		taken := make(map[string]bool)
		for _, i := range pending {
			if id := effects[i].Article.ID; taken[id] || len(round) == maxBulk {
				rest = append(rest, i)
			} else {
				taken[id] = true
				round = append(round, i)
			}
		}
		lost, err := s.writeArticles(ctx, round, effects, results)
		if err != nil {
			return err
		}
		pending = rest
		var again []int
		for _, i := range lost {
			if conflicts[i]++; conflicts[i] > maxConflicts {
				results[i].Err = fmt.Errorf("revise article %s: %w", effects[i].Article.ID, ErrConflict)
			} else {
				again = append(again, i)
			}
		}
		pending = slices.Concat(again, rest)
	}
	return nil
}

// acceptable is the effect's article as every server takes it: a field that breaks the schema and need not be there is
// left out, flagged and logged, for the article is worth more than the field. The error is about what must be there.
//
// The schema is checked here and not left to MongoDB's validator, which would refuse the document as a whole: so both
// kinds of server store the same. It costs some 60 µs an article, where extracting one takes milliseconds.
func (s *Store) acceptable(e Effect) (*article.Article, error) {
	doc, err := s.toDoc(firstVersion(*e.Article))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	mended, dropped, err := mend(s.schemas[articleDocs.collection], doc, "")
	if err != nil || len(dropped) == 0 {
		return e.Article, err
	}
	raw, err := bson.Marshal(mended)
	if err != nil {
		return nil, err
	}
	a := new(article.Article)
	if err := bson.Unmarshal(raw, a); err != nil {
		return nil, err
	}
	if !slices.Contains(a.Quality.Flags, article.FlagDroppedField) {
		a.Quality.Flags = append(a.Quality.Flags, article.FlagDroppedField)
	}
	s.log.Warn("stored an article without fields that do not pass the schema", zap.String("page", e.Page.ID),
		zap.String("url", e.Article.URL), zap.Errors("fields", dropped))
	return a, nil
}

// probablySmall is a size in bytes of an article's texts from which on the document is measured before it is sent. With
// all else that an article has it stays far below 16 MB.
const probablySmall = 1 << 20

// tooLarge is true for an article that the server would refuse for its size: some servers, or the driver, fail the
// whole bulk for it, and FerretDB takes it although nobody can read it back.
func (s *Store) tooLarge(a article.Article) bool {
	raw, err := bson.Marshal(a)
	// An edit's update has the names of fields that go away beside the document.
	return err == nil && s.caps.MaxDocument > 0 && len(raw)+documentBytes > s.caps.MaxDocument
}

// writeArticles writes distinct articles: inserts them, and has those that were there already updated. It returns the
// effects that are to be tried again.
func (s *Store) writeArticles(ctx context.Context, round []int, effects []Effect, results []EffectResult) (lost []int, err error) {
	docs := make([]any, len(round))
	for j, i := range round {
		docs[j] = firstVersion(*effects[i].Article)
	}
	made, errs, err := s.insert(ctx, s.articles, docs)
	if err != nil {
		return nil, err
	}
	var stored []int
	for j, i := range round {
		switch {
		case errs[j] != nil:
			results[i].Err = fmt.Errorf("insert article %s: %w", effects[i].Article.ID, errs[j])
		case made[j]:
			results[i].Article = ArticleNew
		default:
			stored = append(stored, i)
		}
	}
	for part := range chunks(stored, s.atOnce()) {
		err := s.exclusive(ctx, func(ctx context.Context) error {
			again, err := s.updateArticles(ctx, part, effects, results)
			lost = append(lost, again...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return lost, nil
}

// exclusive runs f alone where the server's own updates are not atomic.
func (s *Store) exclusive(ctx context.Context, f func(context.Context) error) error {
	if s.lock == nil {
		return f(ctx)
	}
	return s.lock.do(ctx, f)
}

func firstVersion(a article.Article) article.Article {
	a = normalArticle(a)
	a.Revision = 1
	if a.FirstSeenAt.Equal(millis(article.Article{}.FirstSeenAt)) {
		a.FirstSeenAt = a.FetchedAt
	}
	if a.SchemaVersion == 0 {
		a.SchemaVersion = article.SchemaVersion
	}
	return a
}

// updateArticles brings articles up to date that are stored already.
func (s *Store) updateArticles(ctx context.Context, round []int, effects []Effect, results []EffectResult) (lost []int, err error) {
	ids := make([]string, len(round))
	for j, i := range round {
		ids[j] = effects[i].Article.ID
	}
	stored := make(map[string]article.Article, len(ids))
	kept := make(map[string]error) // those that are not to be touched
	err = s.findByID(ctx, s.articles, ids, func(raw bson.Raw) error {
		a, err := articleDocs.decode(raw)
		if err == nil && a.SchemaVersion > article.SchemaVersion {
			err = fmt.Errorf("%w: schema_version %d, not %d", ErrNewer, a.SchemaVersion, article.SchemaVersion)
		}
		if err != nil {
			kept[textOf(raw.Lookup("_id"))] = err
		} else {
			stored[a.ID] = a
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var refreshes []mongo.WriteModel
	var refreshed, changed []int
	for _, i := range round {
		next := normalArticle(*effects[i].Article)
		old, ok := stored[next.ID]
		switch {
		case kept[next.ID] != nil:
			results[i].Err = fmt.Errorf("update article %s: %w", next.ID, kept[next.ID])
		case !ok: // removed meanwhile
			lost = append(lost, i)
		case next.ContentHash != old.ContentHash && next.FetchedAt.After(old.FetchedAt):
			changed = append(changed, i)
		default:
			results[i].Article = ArticleUnchanged
			update, err := s.refresh(old, next)
			if err != nil {
				return nil, err
			}
			if update == nil {
				continue
			}
			refreshed = append(refreshed, i)
			filter := bson.D{{Key: "_id", Value: next.ID}}
			if s.lock == nil {
				filter = append(filter, articleDocs.notNewer())
			}
			refreshes = append(refreshes, s.update(filter, update, false))
		}
	}
	res, err := s.bulk(ctx, s.articles, refreshes)
	if err != nil {
		return nil, err
	}
	for j, i := range refreshed {
		if res.errs[j] != nil {
			results[i].Err = fmt.Errorf("refresh article %s: %w", effects[i].Article.ID, res.errs[j])
		}
	}
	more, err := s.revise(ctx, changed, stored, effects, results)
	return append(lost, more...), err
}

// refresh is the update of an article whose text is still the same: the time, sections that list it too, and metadata
// that was not known. It is nil where there is nothing to write. Of an effect that is older than what is stored only
// the sections count, for its metadata belongs to another version.
func (s *Store) refresh(old, next article.Article) (bson.D, error) {
	update := bson.D{}
	var sections []string
	for _, sec := range next.Sections {
		if !slices.Contains(old.Sections, sec) {
			sections = append(sections, sec)
		}
	}
	if len(sections) > 0 {
		update = append(update, bson.E{Key: "$addToSet",
			Value: bson.D{{Key: "sections", Value: bson.D{{Key: "$each", Value: sections}}}}})
	}
	if next.FetchedAt.After(old.FetchedAt) {
		update = append(update, bson.E{Key: "$max", Value: bson.D{{Key: "fetched_at", Value: next.FetchedAt}}})
	}
	if next.ContentHash == old.ContentHash {
		missing, err := s.missing(old, next)
		if err != nil {
			return nil, err
		}
		if len(missing) > 0 {
			update = append(update, bson.E{Key: "$set", Value: missing})
		}
	}
	if len(update) == 0 {
		return nil, nil
	}
	return update, nil
}

// missing are the fields that next has and old has not.
func (s *Store) missing(old, next article.Article) (bson.D, error) {
	oldDoc, err := s.toDoc(old)
	if err != nil {
		return nil, err
	}
	nextDoc, err := s.toDoc(next)
	if err != nil {
		return nil, err
	}
	has := make(map[string]bool, len(oldDoc))
	for _, e := range oldDoc {
		has[e.Key] = true
	}
	return slices.DeleteFunc(nextDoc, func(e bson.E) bool { return has[e.Key] || e.Key == "sections" }), nil
}

// revise writes edits: what they replace as a revision first, whose id makes doing it again harmless, then the article
// by compare-and-set on its revision.
func (s *Store) revise(ctx context.Context, changed []int, stored map[string]article.Article, effects []Effect, results []EffectResult) (lost []int, err error) {
	if len(changed) == 0 {
		return nil, nil
	}
	docs := make([]any, len(changed))
	for j, i := range changed {
		docs[j] = replacedBy(stored[effects[i].Article.ID], normalArticle(*effects[i].Article))
	}
	_, errs, err := s.insert(ctx, s.revisions, docs)
	if err != nil {
		return nil, err
	}
	var models []mongo.WriteModel
	var whose []int
	for j, i := range changed {
		if errs[j] != nil {
			results[i].Err = fmt.Errorf("write revision of article %s: %w", effects[i].Article.ID, errs[j])
			continue
		}
		old := stored[effects[i].Article.ID]
		update, err := s.edit(old, normalArticle(*effects[i].Article))
		if err != nil {
			return nil, err
		}
		if err := s.checkUpdate(s.articles, update); err != nil {
			results[i].Err = fmt.Errorf("revise article %s: %w", old.ID, err)
			continue
		}
		filter := bson.D{{Key: "_id", Value: old.ID}}
		if s.lock == nil {
			filter = append(filter, bson.E{Key: "revision", Value: old.Revision}, articleDocs.notNewer())
		}
		models = append(models, s.update(filter, update, false))
		whose = append(whose, i)
	}
	res, err := s.bulk(ctx, s.articles, models)
	if err != nil {
		return nil, err
	}
	refused := 0
	for j, i := range whose {
		if res.errs[j] != nil {
			refused++
			results[i].Err = fmt.Errorf("revise article %s: %w", effects[i].Article.ID, res.errs[j])
		} else {
			results[i].Article = ArticleRevised
		}
	}
	if res.matched+int64(refused) == int64(len(whose)) {
		return nil, nil
	}
	return s.outrun(ctx, whose, stored, effects, results)
}

// outrun finds the edits whose compare-and-set did not match, since a bulk tells only how many did.
func (s *Store) outrun(ctx context.Context, whose []int, stored map[string]article.Article, effects []Effect, results []EffectResult) (lost []int, err error) {
	var ids []string
	for _, i := range whose {
		ids = append(ids, effects[i].Article.ID)
	}
	ours := make(map[string]bool)
	err = s.findByID(ctx, s.articles, ids, func(raw bson.Raw) error {
		var now struct {
			ID          string `bson:"_id"`
			Revision    int    `bson:"revision"`
			ContentHash string `bson:"content_hash"`
		}
		if bson.Unmarshal(raw, &now) != nil {
			return nil // not ours: the next attempt says what it is
		}
		for _, i := range whose {
			a := effects[i].Article
			if a.ID == now.ID && a.ContentHash == now.ContentHash && now.Revision == stored[a.ID].Revision+1 {
				ours[a.ID] = true
			}
		}
		return nil
	})
	for _, i := range whose {
		if results[i].Err == nil && !ours[effects[i].Article.ID] {
			results[i].Article = ArticleNone
			lost = append(lost, i)
		}
	}
	return lost, err
}

// replacedBy is the revision that old becomes when next replaces it.
func replacedBy(old, next article.Article) article.Revision {
	return article.Revision{
		ID:          fmt.Sprintf("%s.%d", old.ID, old.Revision),
		ArticleID:   old.ID,
		Revision:    old.Revision,
		ReplacedAt:  next.FetchedAt,
		Title:       old.Title,
		Subtitle:    old.Subtitle,
		Text:        old.Text,
		Authors:     old.Authors,
		PublishedAt: old.PublishedAt,
		ModifiedAt:  old.ModifiedAt,
		ContentHash: old.ContentHash,
		FetchedAt:   old.FetchedAt,
	}
}

// edit is the update from old to next: every field of the schema is as next has it, but for those that belong to the
// article and not to its version. Fields that others added stay.
func (s *Store) edit(old, next article.Article) (bson.D, error) {
	next = firstVersion(next)
	next.Revision = old.Revision + 1
	next.FirstSeenAt = old.FirstSeenAt
	for _, sec := range old.Sections {
		if !slices.Contains(next.Sections, sec) {
			next.Sections = append(slices.Clip(next.Sections), sec)
		}
	}
	if next.ClusterID == "" {
		next.ClusterID = old.ClusterID
	}
	set, err := s.withoutID(next)
	if err != nil {
		return nil, err
	}
	present := map[string]bool{"_id": true}
	for _, e := range set {
		present[e.Key] = true
	}
	unset := bson.D{}
	for _, name := range fieldsOf[article.Article]() {
		if !present[name] {
			unset = append(unset, bson.E{Key: name, Value: ""})
		}
	}
	update := bson.D{{Key: "$set", Value: set}}
	if len(unset) > 0 {
		update = append(update, bson.E{Key: "$unset", Value: unset})
	}
	return update, nil
}
