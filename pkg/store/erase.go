package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/weburl"
)

// What is erased leaves a tombstone in three places: its erasure, which says who asked for it and is kept for good; its
// identities, by which every commit finds out whose a text is, so that neither its address nor its text is stored again;
// and the records of its pages, which are never due again. They are made in this order, and the text goes after that: a worker
// that has the page in hand meanwhile finds the identity, or stores the article a moment before it is erased once more
// (FinishErasures).

// Erasure is what was erased at somebody's word: one document of the erasures collection.
type Erasure struct {
	ID        string     `bson:"_id" json:"id"` // of the article, or of the page where there was none
	Site      string     `bson:"site,omitempty" json:"site,omitempty"`
	Addresses []string   `bson:"addresses" json:"addresses"` // the pages of it that are known
	At        time.Time  `bson:"at" json:"at"`
	By        string     `bson:"by,omitempty" json:"by,omitempty"`   // who asked for it
	Why       string     `bson:"why,omitempty" json:"why,omitempty"` // as they say
	Mark      string     `bson:"mark" json:"-"`                      // of the change that tells readers
	DoneAt    *time.Time `bson:"done_at,omitempty" json:"done_at,omitempty"`
}

// ErasureOf is the erasure of an article.
func ErasureOf(a article.Article) Erasure {
	e := Erasure{ID: a.ID, Site: a.Site}
	for _, address := range slices.Concat([]string{a.URL, a.CanonicalURL}, a.Aliases) {
		if address != "" && !slices.Contains(e.Addresses, address) {
			e.Addresses = append(e.Addresses, address)
		}
	}
	return e
}

// erasedOwner stands for the article of an identity that was erased; no article's id is like it.
const erasedOwner = "erased"

// Erase erases what the erasure names: the article with its revisions, and all that its pages' records say of it but their
// addresses. It is done when it returns without an error; doing it again changes nothing, and goes on where it was broken off.
func (s *Store) Erase(ctx context.Context, e Erasure) error {
	e.At, e.Mark, e.DoneAt = millis(e.At), newMark(), nil
	made, errs, err := s.insert(ctx, s.erasures, []any{e})
	if err == nil {
		err = errs[0]
	}
	if err == nil && !made[0] {
		before := e
		if err = s.erasures.FindOne(ctx, bson.D{{Key: "_id", Value: e.ID}}).Decode(&e); err == nil {
			err = s.addAddresses(ctx, &e, before.Addresses)
		}
	}
	if err == nil {
		err = s.finish(ctx, e)
	}
	return wrap("erase "+e.ID, err)
}

// addAddresses adds addresses that were not known when the erasure was made.
func (s *Store) addAddresses(ctx context.Context, e *Erasure, addresses []string) error {
	more := beyond(e.Addresses, addresses)
	if len(more) == 0 {
		return nil
	}
	e.Addresses = append(e.Addresses, more...)
	_, err := s.erasures.UpdateOne(ctx, bson.D{{Key: "_id", Value: e.ID}},
		bson.D{{Key: "$addToSet", Value: bson.D{{Key: "addresses", Value: bson.D{{Key: "$each", Value: more}}}}}})
	return err
}

func (s *Store) finish(ctx context.Context, e Erasure) error {
	for _, step := range []func(context.Context, Erasure) error{
		s.buryIdentities,
		s.buryPages,
		s.removeArticle,
		s.forgetCluster,
		s.tellErased,
	} {
		if err := step(ctx, e); err != nil {
			return err
		}
	}
	_, err := s.erasures.UpdateOne(ctx, bson.D{{Key: "_id", Value: e.ID}}, bson.D{{Key: "$set", Value: bson.D{{Key: "done_at", Value: millis(time.Now())}}}})
	return err
}

// buryIdentities has the article's addresses and texts be an erased one's.
func (s *Store) buryIdentities(ctx context.Context, e Erasure) error {
	var keys []string
	for _, address := range e.Addresses {
		keys = append(keys, addressKey(address))
	}
	cur, err := s.identities.Find(ctx, bson.D{{Key: "article_id", Value: e.ID}}, options.Find().SetProjection(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return err
	}
	var known []identity
	if err := cur.All(ctx, &known); err != nil {
		return err
	}
	for _, k := range known {
		keys = append(keys, k.Key)
	}
	return s.bury(ctx, distinct(keys))
}

func (s *Store) bury(ctx context.Context, keys []string) error {
	for part := range chunks(keys, s.atOnce()) {
		models := make([]mongo.WriteModel, len(part))
		for i, key := range part {
			models[i] = s.update(bson.D{{Key: "_id", Value: key}}, bson.D{
				{Key: "$set", Value: bson.D{{Key: "erased", Value: true}}},
				{Key: "$unset", Value: bson.D{{Key: "article_id", Value: ""}, {Key: "refused", Value: ""}}},
			}, true)
		}
		res, err := s.bulk(ctx, s.identities, models)
		if err == nil {
			err = errors.Join(slices.DeleteFunc(res.errs, isDuplicateID)...)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// buryPages has the records of the article's pages say nothing of it, and never be due again.
func (s *Store) buryPages(ctx context.Context, e Erasure) error {
	return s.exclusive(ctx, func(ctx context.Context) error {
		ids := make([]string, len(e.Addresses))
		for i, address := range e.Addresses {
			ids[i] = weburl.ID(address)
		}
		known, err := s.Pages(ctx, ids)
		if err != nil {
			return err
		}
		var models []mongo.WriteModel
		for i, id := range ids {
			p, ok := known[id]
			if !ok {
				// Every page has a lane, and this one is fetched in none.
				lane := weburl.Domain(weburl.Host(e.Addresses[i]))
				p = Page{ID: id, URL: e.Addresses[i], Site: e.Site, Kind: KindArticle, Lane: lane, DiscoveredAt: e.At}
			}
			if p.Kind != KindArticle || p.Version > PageVersion { // a section that some article claimed to be at
				continue
			}
			update, err := s.pageUpdate(erased(p))
			if err != nil {
				return err
			}
			models = append(models, s.update(bson.D{{Key: "_id", Value: id}}, update, true))
		}
		res, err := s.bulk(ctx, s.pages, models)
		if err == nil {
			err = errors.Join(res.errs...)
		}
		return err
	})
}

// erased is the page as it is once what it holds was erased: where it is, and no more.
func erased(p Page) Page {
	return Page{
		ID: p.ID, URL: p.URL, Site: p.Site, Section: p.Section, Kind: p.Kind, Lane: p.Lane, Priority: p.Priority, DiscoveredAt: p.DiscoveredAt, Run: p.Run,
		Status: StatusExcluded, Outcome: outcome.Erased, Reason: outcome.ReasonAsked,
	}
}

func (s *Store) removeArticle(ctx context.Context, e Erasure) error {
	return s.exclusive(ctx, func(ctx context.Context) error {
		if _, err := s.revisions.DeleteMany(ctx, bson.D{{Key: "article_id", Value: e.ID}}); err != nil {
			return err
		}
		_, err := s.articles.DeleteOne(ctx, bson.D{{Key: "_id", Value: e.ID}})
		return err
	})
}

// tellErased puts the erasure in the list of changes.
func (s *Store) tellErased(ctx context.Context, e Erasure) error {
	_, err := s.place(ctx, []markedArticle{{ID: e.ID, Mark: e.Mark, Erased: true}})
	return err
}

// recheckErasures is for how long an erasure is done again now and then: longer than a worker has a page in hand.
const recheckErasures = 24 * time.Hour

// FinishErasures completes erasures that were broken off, and does recent ones again, for what a worker had in hand meanwhile.
// It gives the number of those that it completed.
func (s *Store) FinishErasures(ctx context.Context, now time.Time) (int, error) {
	cur, err := s.erasures.Find(ctx, bson.D{{Key: "$or", Value: bson.A{
		bson.D{{Key: "done_at", Value: nil}}, bson.D{{Key: "at", Value: bson.D{{Key: "$gte", Value: millis(now.Add(-recheckErasures))}}}},
	}}})
	if err != nil {
		return 0, wrap("look at erasures", err)
	}
	var open []Erasure
	if err := cur.All(ctx, &open); err != nil {
		return 0, wrap("read erasures", err)
	}
	completed := 0
	for _, e := range open {
		if err := s.finish(ctx, e); err != nil {
			return completed, wrap("erase "+e.ID, err)
		}
		if e.DoneAt == nil {
			completed++
		}
	}
	return completed, nil
}

// Erasures lists what was erased, the earliest first.
func (s *Store) Erasures(ctx context.Context) ([]Erasure, error) {
	ctx, cancel := unhurried(ctx)
	defer cancel()
	cur, err := s.erasures.Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "at", Value: 1}, {Key: "_id", Value: 1}}))
	if err != nil {
		return nil, wrap("list erasures", err)
	}
	var all []Erasure
	return all, wrap("list erasures", cur.All(ctx, &all))
}
