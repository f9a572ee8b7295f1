package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"golang.org/x/sync/errgroup"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// Effect is what one finished task leaves behind.
type Effect struct {
	Page    Page             // the page's new state, whole (see Page)
	Article *article.Article // what was extracted from it, if anything; Revision and FirstSeenAt are Commit's
	Seen    []Page           // the pages it links to; those that are not known yet are made
}

// ArticleChange is what a commit did to an article.
type ArticleChange string

// The changes. ArticleUnchanged is also what an effect makes that is no newer than the stored article, as one that is
// committed again.
const (
	ArticleNone      ArticleChange = ""          // the effect has no article
	ArticleNew       ArticleChange = "new"       // stored for the first time
	ArticleUnchanged ArticleChange = "unchanged" // the same title and text: no revision
	ArticleRevised   ArticleChange = "revised"   // an edit: what it replaced is a revision now
)

// EffectResult is what became of one effect.
type EffectResult struct {
	Article ArticleChange
	// CreatedPages are the ids of the pages in Seen that this effect made.
	CreatedPages []string
	// Err is set where one of the effect's documents was not written: the server fails for it while it takes others
	// (ErrServer), an article changed under every attempt (ErrConflict), what is stored in an article's or a page's place
	// cannot be read (ErrUnreadable) or is of a newer version (ErrNewer) and stays, or the document is at fault (ErrRefused;
	// of several, ErrRefused is the last to be looked for). The page's own state is not written then. An effect that was
	// refused, or has no place, is to be followed by another one that says so; the others may be committed again.
	Err error
}

// Commit writes the effects in bulk and returns when they are durable. Where it fails as a whole (its own error, as
// ErrUnreachable) any part may have been written, and committing the same effects again completes it. Committing them
// again after a success changes nothing.
//
// The order: articles (a revision before the edit that replaces it) and new pages, then the pages' own states. An
// effect of a later place in the slice counts as later for the same article or page.
func (s *Store) Commit(ctx context.Context, effects []Effect) ([]EffectResult, error) {
	effects = slices.Clone(effects) // articles are mended before they are sent
	results := make([]EffectResult, len(effects))
	errs := make([]error, len(effects)) // of the new pages, apart from those of the articles
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.commitArticles(gctx, effects, results) })
	g.Go(func() error { return s.commitSeen(gctx, effects, results, errs) })
	err := g.Wait()
	if err == nil {
		for i := range results {
			results[i].Err = errors.Join(results[i].Err, errs[i])
		}
		err = s.commitStates(ctx, effects, results)
	}
	if err != nil {
		return nil, wrap(fmt.Sprintf("commit %d effects", len(effects)), err)
	}
	return results, nil
}

// commitSeen makes the new pages. A page that several effects list is made for the first of them.
func (s *Store) commitSeen(ctx context.Context, effects []Effect, results []EffectResult, errs []error) error {
	var all []Page
	lists := make(map[string][]int) // page id → effects that list it
	for i := range effects {
		for _, p := range effects[i].Seen { // alone: the articles are being mended at the same time
			if len(lists[p.ID]) == 0 {
				all = append(all, p)
			}
			lists[p.ID] = append(lists[p.ID], i)
		}
	}
	for part := range chunks(all, maxBulk) {
		created, refused, err := s.ensurePages(ctx, part)
		if err != nil {
			return err
		}
		for _, id := range created {
			r := &results[lists[id][0]]
			r.CreatedPages = append(r.CreatedPages, id)
		}
		for j, err := range refused {
			if err == nil {
				continue
			}
			for _, i := range lists[part[j].ID] {
				errs[i] = fmt.Errorf("make page %s (%s): %w", part[j].ID, part[j].URL, err)
			}
		}
	}
	return nil
}

// commitStates writes the pages' own states, for the effects whose other writes are done.
func (s *Store) commitStates(ctx context.Context, effects []Effect, results []EffectResult) error {
	last := make(map[string]int) // page id → its last effect
	for i, e := range effects {
		if results[i].Err == nil {
			last[e.Page.ID] = i
		}
	}
	var order []int
	for i, e := range effects {
		if j, ok := last[e.Page.ID]; ok && j == i {
			order = append(order, i)
		}
	}
	for part := range chunks(order, s.atOnce()) {
		var models []mongo.WriteModel
		var whose []int
		for _, i := range part {
			p := effects[i].Page
			update, err := s.pageUpdate(p)
			if err != nil {
				return err
			}
			if err := s.checkUpdate(s.pages, update); err != nil {
				results[i].Err = stateError(p, err)
				continue
			}
			filter := bson.D{{Key: "_id", Value: p.ID}}
			if s.caps.AtomicUpdates {
				// One of a newer version does not match, and is in the upsert's way.
				filter = append(filter, pageDocs.notNewer())
			}
			models = append(models, s.update(filter, update, true))
			whose = append(whose, i)
		}
		// Alone: a claim that read the page before would write back what it read over the state that is written here.
		if err := s.exclusive(ctx, func(ctx context.Context) error {
			return s.writeStates(ctx, whose, models, effects, results)
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) writeStates(ctx context.Context, part []int, models []mongo.WriteModel, effects []Effect, results []EffectResult) error {
	res, err := s.bulk(ctx, s.pages, models)
	if err != nil {
		return err
	}
	// Two upserts of one page that was missing: the second time it is there.
	var again []mongo.WriteModel
	var whose []int
	for j, err := range res.errs {
		switch {
		case isDuplicateID(err):
			again, whose = append(again, models[j]), append(whose, part[j])
		case err != nil:
			results[part[j]].Err = stateError(effects[part[j]].Page, err)
		}
	}
	res, err = s.bulk(ctx, s.pages, again)
	if err != nil {
		return err
	}
	for j, err := range res.errs {
		if isDuplicateID(err) {
			err = ErrNewer
		}
		if err != nil {
			results[whose[j]].Err = stateError(effects[whose[j]].Page, err)
		}
	}
	return nil
}

func stateError(p Page, err error) error {
	return fmt.Errorf("write page %s (%s): %w", p.ID, p.URL, err)
}
