package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// Effect is what one finished task leaves behind.
type Effect struct {
	// Page is the page's new state, whole (see Page). Where the effect has an article, ArticleID is for Commit to say, and
	// Reason and NextAt of an alias.
	Page Page
	// Article is what was extracted from the page, if anything. URL is the page's; the ID is that of Address; CanonicalURL,
	// where it is not Address, is what the page calls its own, and is kept as far as nothing speaks against it. Revision,
	// FirstSeenAt and Aliases are Commit's.
	Article *article.Article
	// Address is where the article was read, after redirects; "" means its CanonicalURL.
	Address string
	// Former is an address that the page may have had before its site moved; "" for none.
	Former string
	// Before is the id of the article that the page was when it was read last; "" for none.
	Before string
	// Extracted is the article's content hash before what its site's template repeats was taken out, so that it does not
	// depend on what is known of the template; "" means the article's own.
	Extracted string
	// Template is what is known of the site's template, which is no edit where it was removed; nil for nothing.
	Template Template
	// Same says that the page says what it said when it was read last, typography and counters aside: then nothing was edited,
	// whatever is known of its site's template by now.
	Same bool
	// Gone marks the page's article, which is read nowhere else, as one whose page is no more; Back takes the mark away where
	// the page is there and was not read.
	Gone *article.Gone
	Back bool
	Seen []Page // the pages it links to; those that are not known yet are made
	// Left says that no attempt was made at the page, which is only put back: it is not counted.
	Left bool
}

// Template takes what a site's template repeats out of a text, and counts the lines taken.
type Template interface {
	Clean(title, text string) (cleaned string, taken int)
}

// ArticleChange is what a commit did to an article.
type ArticleChange string

// The changes. ArticleUnchanged is also what an effect makes that is no newer than the stored article, as one that is
// committed again.
const (
	ArticleNone      ArticleChange = ""          // the effect has no article
	ArticleNew       ArticleChange = "new"       // stored for the first time
	ArticleUnchanged ArticleChange = "unchanged" // no edit (see package edit): no revision
	ArticleRevised   ArticleChange = "revised"   // an edit: what it replaced is a revision now
	ArticleRemade    ArticleChange = "remade"    // read by other rules or another extractor than before: no revision
	ArticleAlias     ArticleChange = "alias"     // the page is another address of an article that is stored
	ArticleErased    ArticleChange = "erased"    // it was erased once, and is not stored
)

// EffectResult is what became of one effect.
type EffectResult struct {
	Article ArticleChange
	// StoredAt is when the article was first stored, where that was by this effect, in this attempt to commit it or an earlier
	// one; nil for others.
	StoredAt *time.Time
	// Page is the page's state as it was written.
	Page Page
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
// The order: articles (whose they are before what they say, a revision before the edit that replaces it), new pages, then
// the pages' own states. An effect of a later place in the slice counts as later for the same article or page.
func (s *Store) Commit(ctx context.Context, effects []Effect) ([]EffectResult, error) {
	effects = slices.Clone(effects) // which articles they have is found out on the way
	results := make([]EffectResult, len(effects))
	err := s.commitArticles(ctx, effects, results)
	if err == nil {
		err = s.commitGone(ctx, effects, results)
	}
	if err == nil {
		err = s.disownSections(ctx, effects, results)
	}
	if err == nil {
		err = s.commitSeen(ctx, effects, results)
	}
	if err == nil {
		err = s.commitStates(ctx, effects, results)
	}
	if err != nil {
		return nil, wrap(fmt.Sprintf("commit %d effects", len(effects)), err)
	}
	for i, e := range effects {
		results[i].Page = normalPage(e.Page)
	}
	return results, nil
}

// commitSeen makes the new pages. A page that several effects list is made for the first of them.
func (s *Store) commitSeen(ctx context.Context, effects []Effect, results []EffectResult) error {
	var all []Page
	lists := make(map[string][]int) // page id → effects that list it
	for i, e := range effects {
		for _, p := range e.Seen {
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
				results[i].Err = errors.Join(results[i].Err, fmt.Errorf("make page %s (%s): %w", part[j].ID, part[j].URL, err))
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
