package store

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/edit"
	"github.com/khabar-crawler/khabar/pkg/likeness"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// maxConflicts is how often an edit is tried again because somebody else edited the same article meanwhile. Two
// workers meet on one article when two of its pages are fetched at the same time; more than two are not to be expected.
const maxConflicts = 5

// commitArticles writes the effects' articles, and puts into the effects what became of them. Where several effects have the
// same article, or may have, they take turns.
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
	settled := make([]Effect, len(effects))
	conflicts := make(map[int]int)
	for len(pending) > 0 {
		round, rest := nextRound(pending, effects)
		lost, err := s.writeArticles(ctx, round, effects, settled, results, func(i int) bool { return conflicts[i] == maxConflicts })
		if err != nil {
			return err
		}
		var again []int
		for _, i := range lost {
			if conflicts[i]++; conflicts[i] > maxConflicts {
				results[i].Err = fmt.Errorf("write article %s: %w", effects[i].Article.ID, ErrConflict)
			} else {
				again = append(again, i)
			}
		}
		pending = slices.Concat(again, rest)
	}
	for i, e := range settled {
		if e.Article == nil && results[i].Article != ArticleErased {
			continue
		}
		effects[i] = e
		if results[i].Article == ArticleUnchanged && e.Page.Reason == outcome.ReasonAlias {
			results[i].Article = ArticleAlias
		}
	}
	return nil
}

// nextRound picks the effects that have nothing in common by which one of them might be the other's article.
func nextRound(pending []int, effects []Effect) (round, rest []int) {
	taken := make(map[string]bool)
	for _, i := range pending {
		e := &effects[i]
		names := append(handlesOf(e).all(), e.Article.ID)
		if e.Before != "" {
			names = append(names, e.Before)
		}
		if len(round) == maxBulk || slices.ContainsFunc(names, func(n string) bool { return taken[n] }) {
			rest = append(rest, i)
			continue
		}
		for _, n := range names {
			taken[n] = true
		}
		round = append(round, i)
	}
	return round, rest
}

// acceptable is the effect's article as every server takes it: a field that breaks the schema and need not be there is
// left out, flagged and logged, for the article is worth more than the field. The error is about what must be there.
//
// The schema is checked here and not left to MongoDB's validator, which would refuse the document as a whole: so both
// kinds of server store the same. It costs some 60 µs an article, where extracting one takes milliseconds.
func (s *Store) acceptable(e Effect) (*article.Article, error) {
	doc, err := s.toDoc(completed(*e.Article))
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
	*a = firstVersion(*a)
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

// writeArticles finds out which articles the effects' are, inserts those that are new and has the others updated. It
// returns the effects that are to be tried again.
func (s *Store) writeArticles(ctx context.Context, round []int, effects, settled []Effect, results []EffectResult, last func(int) bool) (lost []int, err error) {
	fresh, stored, lost, err := s.identify(ctx, round, effects, settled, results, last)
	if err != nil {
		return nil, err
	}
	docs, now := make([]any, len(fresh)), millis(time.Now())
	for j, i := range fresh {
		first := firstVersion(*settled[i].Article)
		first.StoredAt, first.UpdatedAt, first.Mark = &now, &now, newMark()
		docs[j] = first
	}
	made, errs, err := s.insert(ctx, s.articles, docs)
	if err != nil {
		return nil, err
	}
	for j, i := range fresh {
		switch {
		case errs[j] != nil:
			results[i].Err = fmt.Errorf("insert article %s: %w", settled[i].Article.ID, errs[j])
		case made[j]:
			results[i].Article, results[i].StoredAt = ArticleNew, &now
		default:
			lost = append(lost, i)
		}
	}
	for part := range chunks(stored, s.atOnce()) {
		err := s.exclusive(ctx, func(ctx context.Context) error {
			more, err := s.updateArticles(ctx, part, settled, results)
			lost = append(lost, more...)
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

// firstVersion is a new article as it is stored.
func firstVersion(a article.Article) article.Article {
	a = completed(a)
	a.TextHash = likeness.Read(a.Text).Hash()
	return a
}

// completed is firstVersion but for the hash of the text, which takes as long as all else and is of what is stored alone.
func completed(a article.Article) article.Article {
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
	edits := make(map[int]edit.Edit)
	for _, i := range round {
		next := normalArticle(*effects[i].Article)
		old, ok := stored[next.ID]
		switch {
		case kept[next.ID] != nil:
			results[i].Err = fmt.Errorf("update article %s: %w", next.ID, kept[next.ID])
		case !ok: // removed meanwhile
			lost = append(lost, i)
		case next.FetchedAt.After(old.FetchedAt) && s.replaces(&effects[i], &old, &next, edits, i):
			changed = append(changed, i)
		default:
			results[i].Article = ArticleUnchanged
			if next.URL == old.URL && next.FetchedAt.Equal(old.FirstSeenAt) {
				results[i].StoredAt = old.StoredAt // by an earlier attempt to commit this very effect
			}
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
	more, err := s.revise(ctx, changed, edits, stored, effects, results)
	return append(lost, more...), err
}

// replaces says whether the stored article is to be replaced by what was read now, and notes the edit that it is: none where
// it was read by other rules, or by another extractor, and the page does not say that it was modified since.
func (s *Store) replaces(e *Effect, old, next *article.Article, edits map[int]edit.Edit, i int) bool {
	if next.Extractor.Version != old.Extractor.Version || next.Extractor.Rules != old.Extractor.Rules {
		if next.ModifiedAt == nil || !next.ModifiedAt.After(old.FetchedAt) {
			return next.ContentHash != old.ContentHash || !readsAlike(*old, *next)
		}
	}
	if e.Same && next.ContentHash != old.ContentHash {
		return false
	}
	text := old.Text
	if e.Template != nil {
		text, _ = e.Template.Clean(old.Title, old.Text)
	}
	found := edit.Between(old, next, text)
	if found.None() {
		return false
	}
	edits[i] = found
	return true
}

// refresh is the update of an article whose text is still the same: the time, sections that list it too, further addresses,
// what it calls its own address, and metadata that was not known. It is nil where there is nothing to write. Of an effect that is older than what is stored only
// the sections and aliases count, for its metadata belongs to another version.
func (s *Store) refresh(old, next article.Article) (bson.D, error) {
	update, add, set := bson.D{}, bson.D{}, bson.D{}
	each := func(field string, more []string) {
		if len(more) > 0 {
			add = append(add, bson.E{Key: field, Value: bson.D{{Key: "$each", Value: more}}})
		}
	}
	each("sections", beyond(old.Sections, next.Sections))
	newer := next.FetchedAt.After(old.FetchedAt)
	next.URL = urlOf(old, next)
	if !newer {
		next.CanonicalURL = old.CanonicalURL
	}
	each("aliases", beyond(old.Aliases, aliasesOf(old, next)))
	if newer && slices.Contains(next.Quality.Flags, article.FlagWrongCanonical) {
		each("quality.flags", beyond(old.Quality.Flags, []string{article.FlagWrongCanonical}))
	}
	unset := bson.D{}
	if newer {
		update = append(update, bson.E{Key: "$max", Value: bson.D{{Key: "fetched_at", Value: next.FetchedAt}}})
		if old.Gone != nil {
			set = append(set, bson.E{Key: "returned_at", Value: next.FetchedAt})
			unset = append(unset, bson.E{Key: "gone", Value: ""})
		}
	}
	if next.URL != old.URL {
		set = append(set, bson.E{Key: "url", Value: next.URL})
	}
	if next.CanonicalURL != old.CanonicalURL {
		set = append(set, bson.E{Key: "canonical_url", Value: next.CanonicalURL})
	}
	if next.ContentHash == old.ContentHash {
		missing, err := s.missing(old, next)
		if err != nil {
			return nil, err
		}
		set = append(set, missing...)
	}
	isChange := len(set)+len(unset) > 0
	if newer && old.Archived == nil && next.Archived != nil {
		// Which is no change of what it says. One that is there is where what is stored was read from.
		set = append(set, bson.E{Key: "archived", Value: next.Archived})
	}
	if next.ContentHash == old.ContentHash && newer && next.Extractor != old.Extractor && readsAlike(old, next) {
		set = append(set, bson.E{Key: "extractor", Value: next.Extractor})
	}
	if len(add) > 0 {
		update = append(update, bson.E{Key: "$addToSet", Value: add})
	}
	if len(set) > 0 {
		update = append(update, bson.E{Key: "$set", Value: set})
	}
	if len(unset) > 0 {
		update = append(update, bson.E{Key: "$unset", Value: unset})
	}
	switch {
	case len(update) == 0:
		return nil, nil
	case isChange:
		return marked(update, time.Now()), nil
	}
	return update, nil
}

// readsAlike says whether what is stored is what the page gave now, beside a text that is the same: by whichever rules it was read,
// these would give it too.
func readsAlike(old, next article.Article) bool {
	fields := func(a article.Article) []any {
		return []any{a.Language, a.Country, a.Authors, a.Agency, a.Dateline, a.PublishedAt, a.Published, a.ModifiedAt, a.Modified, a.Kind, a.Images, a.Tags, a.Category}
	}
	return reflect.DeepEqual(fields(old), fields(next))
}

// beyond are those of next that are not in old.
func beyond(old, next []string) []string {
	var more []string
	for _, v := range next {
		if !slices.Contains(old, v) {
			more = append(more, v)
		}
	}
	return more
}

// urlOf is the page that the article's versions are read from: the one that has the article's id, if it is ever read, or
// else the one that was read first.
func urlOf(old, next article.Article) string {
	if weburl.ID(next.URL) == old.ID {
		return next.URL
	}
	return old.URL
}

// aliasesOf are the old article's aliases, and those that next adds as far as there is room.
func aliasesOf(old, next article.Article) []string {
	all := slices.DeleteFunc(slices.Concat(old.Aliases, beyond(old.Aliases, next.Aliases)), func(address string) bool {
		return address == next.URL || address == next.CanonicalURL
	})
	return all[:min(len(all), article.MaxAliases)]
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
	return slices.DeleteFunc(nextDoc, func(e bson.E) bool {
		switch e.Key {
		case "sections", "aliases", "discovered_at", "stored_at", "archived": // what is added by itself, and what only the first version says
			return true
		}
		return has[e.Key]
	}), nil
}

// revise writes edits: what they replace as a revision first, whose id makes doing it again harmless, then the article
// by compare-and-set on its revision. What is replaced and no edit leaves no revision.
func (s *Store) revise(ctx context.Context, changed []int, edits map[int]edit.Edit, stored map[string]article.Article, effects []Effect, results []EffectResult) (lost []int, err error) {
	if len(changed) == 0 {
		return nil, nil
	}
	var docs []any
	var edited []int
	for _, i := range changed {
		if e, ok := edits[i]; ok {
			docs = append(docs, s.replacedBy(stored[effects[i].Article.ID], normalArticle(*effects[i].Article), e))
			edited = append(edited, i)
		}
	}
	_, errs, err := s.insert(ctx, s.revisions, docs)
	if err != nil {
		return nil, err
	}
	for j, i := range edited {
		if errs[j] != nil {
			results[i].Err = fmt.Errorf("write revision of article %s: %w", effects[i].Article.ID, errs[j])
		}
	}
	var models []mongo.WriteModel
	var whose []int
	for _, i := range changed {
		if results[i].Err != nil {
			continue
		}
		old := stored[effects[i].Article.ID]
		_, isEdit := edits[i]
		update, err := s.edit(old, normalArticle(*effects[i].Article), isEdit)
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
			continue
		}
		if results[i].Article = ArticleRemade; edits[i].Fields != nil {
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
			rise := 0
			if results[i].Article == ArticleRevised {
				rise = 1
			}
			if a.ID == now.ID && a.ContentHash == now.ContentHash && now.Revision == stored[a.ID].Revision+rise {
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

// replacedBy is the revision that old becomes when next replaces it. What it says of the edit is left out where a text of many
// megabytes leaves no room for it.
func (s *Store) replacedBy(old, next article.Article, e edit.Edit) article.Revision {
	if s.caps.MaxDocument > 0 && textBytes(&old)+2*article.MaxChangeBytes > s.caps.MaxDocument {
		e.Changes, e.Rewritten = nil, len(e.Changes) > 0 || e.Rewritten
	}
	return article.Revision{
		Fields:      e.Fields,
		Changes:     e.Changes,
		Rewritten:   e.Rewritten,
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
func (s *Store) edit(old, next article.Article, isEdit bool) (bson.D, error) {
	next = firstVersion(next)
	if next.Revision = old.Revision; isEdit {
		next.Revision++
	}
	if next.ReturnedAt = old.ReturnedAt; old.Gone != nil {
		next.ReturnedAt = &next.FetchedAt
	}
	next.DiscoveredAt, next.FirstSeenAt, next.StoredAt = old.DiscoveredAt, old.FirstSeenAt, old.StoredAt
	next.Sections = append(slices.Clip(next.Sections), beyond(next.Sections, old.Sections)...)
	next.URL = urlOf(old, next)
	next.Aliases = aliasesOf(old, next)
	now := millis(time.Now())
	next.UpdatedAt, next.Mark = &now, newMark()
	set, err := s.withoutID(next)
	if err != nil {
		return nil, err
	}
	// The place of the last change stays until there is one for this, and so does the cluster.
	set = slices.DeleteFunc(set, func(e bson.E) bool { return e.Key == "seq" || e.Key == "cluster" })
	present := map[string]bool{"_id": true, "seq": true, "cluster": true}
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
