package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// corrections are what becomes of addresses and claims, each with the effect by which it does.
type corrections struct {
	owners []ownerChange
	wrong  []wrongClaim
}

type ownerChange struct {
	effect       int
	key, article string // "": no article's any more
}

type wrongClaim struct {
	effect  int
	article *article.Article
}

// disown gives articles the address where they were read in place of the one that they wrongly call their own, and then
// writes whose the addresses are.
func (s *Store) disown(ctx context.Context, c corrections, fail func(int, error)) error {
	if len(c.wrong) > 0 {
		if err := s.exclusive(ctx, func(ctx context.Context) error { return s.takeClaimsBack(ctx, c.wrong, fail) }); err != nil {
			return err
		}
	}
	models := make([]mongo.WriteModel, len(c.owners))
	for j, o := range c.owners {
		set, unset := bson.E{Key: "article_id", Value: o.article}, "refused"
		if o.article == "" {
			set, unset = bson.E{Key: "refused", Value: true}, "article_id"
		}
		models[j] = s.update(bson.D{{Key: "_id", Value: o.key}}, bson.D{
			{Key: "$set", Value: bson.D{set}},
			{Key: "$unset", Value: bson.D{{Key: unset, Value: ""}}},
		}, true)
	}
	res, err := s.bulk(ctx, s.identities, models)
	for j, o := range c.owners {
		if !isDuplicateID(res.errs[j]) { // else another upsert of the same key came first
			fail(o.effect, res.errs[j])
		}
	}
	return err
}

func (s *Store) takeClaimsBack(ctx context.Context, wrong []wrongClaim, fail func(int, error)) error {
	var models []mongo.WriteModel
	var whose []int
	for _, w := range wrong {
		a := w.article
		filter := bson.D{{Key: "_id", Value: a.ID}}
		if s.lock == nil {
			filter = append(filter, bson.E{Key: "canonical_url", Value: a.CanonicalURL}, articleDocs.notNewer())
		} else if now, err := s.Article(ctx, a.ID); err != nil || now.CanonicalURL != a.CanonicalURL || now.SchemaVersion > article.SchemaVersion {
			continue
		}
		whose = append(whose, w.effect)
		models = append(models, s.update(filter, marked(bson.D{
			{Key: "$set", Value: bson.D{{Key: "canonical_url", Value: ownAddress(a)}}},
			{Key: "$addToSet", Value: bson.D{{Key: "quality.flags", Value: article.FlagWrongCanonical}}},
		}, time.Now()), false))
		s.log.Info("an article is not where it says: another text or a section is there, or another text says so too",
			zap.String("site", a.Site), zap.String("url", a.URL), zap.String("canonical_url", a.CanonicalURL))
	}
	res, err := s.bulk(ctx, s.articles, models)
	for j, i := range whose {
		fail(i, res.errs[j])
	}
	return err
}

// disownSections takes the claims back of articles that named a page as their own which turns out to list articles, and
// notes that no article is there.
func (s *Store) disownSections(ctx context.Context, effects []Effect, results []EffectResult) error {
	sections := make(map[string]int) // by key
	for i, e := range effects {
		if e.Article == nil && e.Page.URL != "" && (e.Page.Outcome == outcome.OK || e.Page.Outcome == outcome.NotArticle) &&
			isNoArticle(e.Page.Kind, e.Page.Outcome, e.Page.Reason) {
			sections[addressKey(e.Page.URL)] = i
		}
	}
	k := &knowledge{articles: make(map[string]*article.Article)}
	var err error
	if k.owners, err = s.owners(ctx, slices.Collect(maps.Keys(sections))); err != nil {
		return err
	}
	if err := s.readArticles(ctx, k, slices.Collect(maps.Values(k.owners))); err != nil {
		return err
	}
	var c corrections
	for key, i := range sections {
		owner, there := k.owners[key]
		other := k.articles[owner]
		if there && owner == "" || other != nil && isAt(other, key) {
			continue
		}
		c.owners = append(c.owners, ownerChange{i, key, ""})
		if other != nil && claims(other, key) {
			c.wrong = append(c.wrong, wrongClaim{i, other})
		}
	}
	return s.disown(ctx, c, failing(effects, results))
}
