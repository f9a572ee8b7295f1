package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// Whoever follows the articles reads the collection changes: a list that only grows at its end, without gaps. An entry's _id
// is its place in the list, so that of several who add one at the same place one is let through, and whoever has read up to a
// place will never find anything new before it. Clocks have no part in it.
//
// A change takes two steps. The write that makes it puts a mark on the article, which says that it is not in the list yet; it
// is the same write, so neither is there without the other. Then somebody, the scheduler most of all, adds the marked articles
// to the list (Number), puts the place into the article as its seq, and takes the mark away. A mark belongs to one change and
// is in the list once, by a unique index; whoever dies between the steps leaves the rest to the next one.
//
// An article that changed several times before it was read is read once, as it is: an entry whose article has another mark or
// a later seq is one that a later entry stands for.

// change is an entry of the list.
type change struct {
	Place   string    `bson:"_id"` // see placeOf
	Article string    `bson:"article_id"`
	Mark    string    `bson:"mark"`
	At      time.Time `bson:"at"`               // by the clock of whoever added it
	Erased  bool      `bson:"erased,omitempty"` // there is no article any more
}

// placeDigits is the width of a place, so that places sort as numbers do. Sixteen digits take a thousand changes a second for
// 300,000 years. Places are strings because the embedded store looks up no other _id by its index.
const placeDigits = 16

func placeOf(seq int64) string { return fmt.Sprintf("%0*d", placeDigits, seq) }

// newMark makes a mark that no other change has.
func newMark() string { return bson.NewObjectID().Hex() }

// marked is the update, with the mark of a change that readers of articles should see.
func marked(update bson.D, now time.Time) bson.D {
	fields := bson.D{{Key: "updated_at", Value: bson.NewDateTimeFromTime(now)}, {Key: "mark", Value: newMark()}}
	for i, e := range update {
		if set, ok := e.Value.(bson.D); ok && e.Key == "$set" {
			update = slices.Clone(update)
			update[i].Value = append(slices.Clip(set), fields...)
			return update
		}
	}
	return append(slices.Clip(update), bson.E{Key: "$set", Value: fields})
}

// Token is a place in the list of changes, as a reader keeps it: all before it, and it, have been read. The zero token is the
// beginning of the list.
type Token struct {
	Seq  int64
	mark string // of the entry that is there, by which another database's token is known
}

// String is the token as text, which ParseToken reads.
func (t Token) String() string {
	if t.Seq == 0 {
		return "0"
	}
	return fmt.Sprintf("%d-%s", t.Seq, t.mark)
}

// ParseToken reads what String gave.
func ParseToken(s string) (Token, error) {
	if s == "0" {
		return Token{}, nil
	}
	seq, mark, ok := strings.Cut(s, "-")
	n, err := strconv.ParseInt(seq, 10, 64)
	if _, bad := bson.ObjectIDFromHex(mark); !ok || err != nil || bad != nil || n <= 0 {
		return Token{}, fmt.Errorf("%w: %q is no token of the feed, which looks like 42-6746f1a2b3c4d5e6f7a8b9c0; 0 is the beginning", ErrToken, s)
	}
	return Token{n, mark}, nil
}

// ErrToken: the token is none, or is one of another list of changes.
var ErrToken = errors.New("unusable token")

// Change is an article with the latest of its changes.
type Change struct {
	Token   Token
	Article article.Article // with the token's seq
	Erased  bool            // the article was erased: its id is all that is left
}

// numberAtOnce is how many changes are put in the list by one command: about 100 KB.
const numberAtOnce = 1000

// maxNumbering is how often it is tried anew to add changes to the list because others add theirs. There are as many of
// these as there are schedulers.
const maxNumbering = 100

// markedArticle is what numbering has to know of an article.
type markedArticle struct {
	ID     string `bson:"_id"`
	Mark   string `bson:"mark"`
	Erased bool   `bson:"-"` // the change is that it is no more
}

// Number adds to the list what changed since it was last called by anybody, numberAtOnce articles at most, and says how many
// articles it found: fewer means that there are no more. It may be called by several at once.
func (s *Store) Number(ctx context.Context) (int, error) {
	found, err := s.markedArticles(ctx)
	if err == nil && len(found) > 0 {
		err = s.number(ctx, found)
	}
	return len(found), wrap("number changes of articles", err)
}

// NumberAll is Number until there are no more.
func (s *Store) NumberAll(ctx context.Context) error {
	for {
		n, err := s.Number(ctx)
		if err != nil || n < numberAtOnce {
			return err
		}
	}
}

func (s *Store) markedArticles(ctx context.Context) ([]markedArticle, error) {
	coll, err := s.ordered(ctx, viewMarked)
	if err != nil {
		return nil, err
	}
	filter := bson.D{}
	if coll == nil {
		coll, filter = s.articles, bson.D{{Key: "mark", Value: bson.D{{Key: "$gt", Value: ""}}}}
	}
	cur, err := coll.Find(ctx, filter, options.Find().SetLimit(numberAtOnce).SetBatchSize(numberAtOnce).
		SetProjection(bson.D{{Key: "mark", Value: 1}}))
	if err != nil {
		return nil, err
	}
	var found []markedArticle
	return found, cur.All(ctx, &found)
}

// number puts the articles' changes in the list, and their places into the articles.
func (s *Store) number(ctx context.Context, found []markedArticle) error {
	seqs, err := s.place(ctx, found)
	if err != nil {
		return err
	}
	var refused []error // their marks stay, and are met again
	for part := range chunks(seqs, s.atOnce()) {
		err := s.exclusive(ctx, func(ctx context.Context) error {
			var updates []conditional
			for _, p := range part {
				// Of an article that changed once more meanwhile the later entry counts.
				updates = append(updates, conditional{p.ID, bson.D{{Key: "mark", Value: p.Mark}}, bson.D{
					{Key: "$set", Value: bson.D{{Key: "seq", Value: p.seq}}},
					{Key: "$unset", Value: bson.D{{Key: "mark", Value: ""}}},
				}})
			}
			errs, err := s.updateWhere(ctx, s.articles, articleDocs, updates)
			refused = append(refused, errs...)
			return err
		})
		if err != nil {
			return err
		}
	}
	return errors.Join(refused...)
}

type placed struct {
	markedArticle
	seq int64
}

// place adds the changes to the end of the list, those that are not in it, and says where each is.
func (s *Store) place(ctx context.Context, found []markedArticle) ([]placed, error) {
	var done []placed
	for range maxNumbering {
		last, err := s.lastSeq(ctx)
		if err != nil {
			return nil, err
		}
		docs, now := make([]any, len(found)), millis(time.Now())
		for i, m := range found {
			docs[i] = change{Place: placeOf(last + int64(i) + 1), Article: m.ID, Mark: m.Mark, At: now, Erased: m.Erased}
		}
		// In their order: so there is never a gap.
		_, err = s.changes.InsertMany(ctx, docs, options.InsertMany().SetOrdered(true))
		made, err := addedBefore(err, len(found))
		for i, m := range found[:made] {
			done = append(done, placed{m, last + int64(i) + 1})
		}
		found = found[made:]
		if made > 0 {
			s.lastKnown.Store(last + int64(made))
		}
		if len(found) == 0 || err != nil {
			return done, err
		}
		// Somebody else took the next place, or has added some of these very changes.
		there, err := s.placesOf(ctx, found)
		if err != nil {
			return nil, err
		}
		found = slices.DeleteFunc(slices.Clone(found), func(m markedArticle) bool {
			seq, ok := there[m.Mark]
			if ok {
				done = append(done, placed{m, seq})
			}
			return ok
		})
		if len(found) == 0 {
			return done, nil
		}
	}
	return done, fmt.Errorf("%w: others add to the list of changes all the time", ErrConflict)
}

// addedBefore is how many of n documents were inserted in order before a duplicate key ended it; an error is any other.
func addedBefore(err error, n int) (int, error) {
	if err == nil {
		return n, nil
	}
	var exc mongo.BulkWriteException
	if errors.As(err, &exc) && exc.WriteConcernError == nil && len(exc.WriteErrors) == 1 && mongo.IsDuplicateKeyError(exc.WriteErrors[0]) {
		return exc.WriteErrors[0].Index, nil
	}
	return 0, err
}

// placesOf looks up which of the changes are in the list, and where, by their marks.
func (s *Store) placesOf(ctx context.Context, found []markedArticle) (map[string]int64, error) {
	ids := make([]string, len(found))
	for i, m := range found {
		ids[i] = m.ID
	}
	cur, err := s.changes.Find(ctx, bson.D{{Key: "article_id", Value: bson.D{{Key: "$in", Value: ids}}}})
	if err != nil {
		return nil, err
	}
	var entries []change
	if err := cur.All(ctx, &entries); err != nil {
		return nil, err
	}
	there := make(map[string]int64, len(entries))
	for _, c := range entries {
		if there[c.Mark], err = seqOf(c); err != nil {
			return nil, err
		}
	}
	return there, nil
}

func seqOf(c change) (int64, error) {
	seq, err := strconv.ParseInt(c.Place, 10, 64)
	if err != nil {
		return 0, &UnreadableError{Collection: "changes", ID: c.Place, Why: "field _id is no place in the list"}
	}
	return seq, nil
}

// lastSeq is the place of the last entry that is there to stay; 0 for an empty list.
func (s *Store) lastSeq(ctx context.Context) (int64, error) {
	if s.caps.Indexes {
		var c change
		err := s.changes.FindOne(ctx, bson.D{}, options.FindOne().SetSort(bson.D{{Key: "_id", Value: -1}})).Decode(&c)
		if errors.Is(err, mongo.ErrNoDocuments) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		return seqOf(c)
	}
	return s.searchLast(ctx)
}

// searchLast finds the last entry by looking places up, since the server would read the whole list: by steps that double
// from where it was seen last, and then by halves.
func (s *Store) searchLast(ctx context.Context) (int64, error) {
	there, step := s.lastKnown.Load(), int64(1)
	if c, err := s.entry(ctx, there); err != nil {
		return 0, err
	} else if c == nil { // the database was put back to an earlier state
		there = 0
	}
	for {
		c, err := s.entry(ctx, there+step)
		if err != nil {
			return 0, err
		}
		if c == nil {
			break
		}
		there, step = there+step, 2*step
	}
	missing := there + step
	for missing-there > 1 {
		middle := there + (missing-there)/2
		c, err := s.entry(ctx, middle)
		if err != nil {
			return 0, err
		}
		if c == nil {
			missing = middle
		} else {
			there = middle
		}
	}
	s.lastKnown.Store(there)
	return there, nil
}

// entry reads the entry at a place; nil where there is none.
func (s *Store) entry(ctx context.Context, seq int64) (*change, error) {
	c := new(change)
	err := s.changes.FindOne(ctx, bson.D{{Key: "_id", Value: placeOf(seq)}}).Decode(c)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, nil
	}
	return c, err
}

// LastChange is the end of the list, for a reader who wants what comes from now on.
func (s *Store) LastChange(ctx context.Context) (Token, error) {
	last, err := s.lastSeq(ctx)
	if err != nil || last == 0 {
		return Token{}, wrap("look at the end of the changes", err)
	}
	c, err := s.entry(ctx, last)
	if err == nil && c == nil {
		err = ErrConflict
	}
	if err != nil {
		return Token{}, wrap("look at the end of the changes", err)
	}
	return Token{last, c.Mark}, nil
}

// CheckToken says whether the list has what the token says was read. The error wraps ErrToken.
func (s *Store) CheckToken(ctx context.Context, t Token) error {
	if t.Seq == 0 {
		return nil
	}
	c, err := s.entry(ctx, t.Seq)
	switch {
	case err != nil:
		return wrap("look up the token "+t.String(), err)
	case c == nil:
		last, err := s.lastSeq(ctx)
		if err != nil {
			return wrap("look up the token "+t.String(), err)
		}
		return fmt.Errorf("%w: %s is beyond the end of database %s, at %d: it is another database's, or this one was restored from a copy since; begin anew at 0",
			ErrToken, t, s.Database(), last)
	case c.Mark != t.mark:
		return fmt.Errorf("%w: %s is another database's than %s, or this one was restored from a copy since; begin anew at 0", ErrToken, t, s.Database())
	}
	return nil
}

// changesAtOnce is how many entries are read before their articles: these come in one answer, of some megabytes.
const changesAtOnce = 100

// Changes reads the articles that changed after a token, each once, with its latest change, up to the end of the list. An article that
// cannot be read is an error of its own in the sequence, as of Articles, and comes with its token; any other error ends it.
func (s *Store) Changes(ctx context.Context, after Token) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for seq := after.Seq; ; {
			entries, err := s.entriesAfter(ctx, seq)
			if err != nil {
				yield(Change{}, wrap("read changes of articles", err))
				return
			}
			changes, errs, err := s.changed(ctx, entries)
			if err != nil {
				yield(Change{}, wrap("read changed articles", err))
				return
			}
			for i, c := range changes {
				if !yield(c, errs[i]) {
					return
				}
			}
			if len(entries) < changesAtOnce {
				return
			}
			if seq, err = seqOf(entries[len(entries)-1]); err != nil {
				yield(Change{}, err)
				return
			}
		}
	}
}

// entriesAfter are the next entries after a place.
func (s *Store) entriesAfter(ctx context.Context, seq int64) (entries []change, err error) {
	if s.caps.Indexes {
		cur, err := s.changes.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: placeOf(seq)}}}},
			options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(changesAtOnce).SetBatchSize(changesAtOnce))
		if err != nil {
			return nil, err
		}
		return entries, cur.All(ctx, &entries)
	}
	for i := range int64(changesAtOnce) {
		c, err := s.entry(ctx, seq+i+1)
		if err != nil || c == nil {
			return entries, err
		}
		entries = append(entries, *c)
	}
	return entries, nil
}

// changed reads the entries' articles, after the entries: those for which no later entry stands.
func (s *Store) changed(ctx context.Context, entries []change) (changes []Change, errs []error, err error) {
	ids := make([]string, len(entries))
	for i, c := range entries {
		ids[i] = c.Article
	}
	now := make(map[string]bson.Raw, len(ids))
	err = s.findByID(ctx, s.articles, distinct(ids), func(raw bson.Raw) error {
		now[textOf(raw.Lookup("_id"))] = slices.Clone(raw)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	for _, c := range entries {
		seq, err := seqOf(c)
		if err != nil {
			return nil, nil, err
		}
		if c.Erased {
			changes, errs = append(changes, Change{Token{seq, c.Mark}, article.Article{ID: c.Article, Seq: seq}, true}), append(errs, nil)
			continue
		}
		raw, there := now[c.Article]
		mark := textOf(raw.Lookup("mark"))
		has, _ := raw.Lookup("seq").AsInt64OK()
		if !there || mark != c.Mark && has != seq || mark != "" && mark != c.Mark {
			continue
		}
		a, err := articleDocs.decode(raw)
		a.Seq = seq
		changes, errs = append(changes, Change{Token{seq, c.Mark}, a, false}), append(errs, err)
	}
	return changes, errs, nil
}

// MarkStored marks articles that no list of changes has, for they were stored before there was one. It gives their number.
func (s *Store) MarkStored(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := s.markStored(ctx)
		if total += n; err != nil || n < markAtOnce {
			return total, wrap("mark articles of before the changes", err)
		}
	}
}

// markAtOnce is how many ids of articles are held in memory: some ten megabytes.
const markAtOnce = 100_000

func (s *Store) markStored(ctx context.Context) (int, error) {
	unhurriedCtx, cancel := unhurried(ctx)
	defer cancel()
	cur, err := s.articles.Find(unhurriedCtx, bson.D{{Key: "seq", Value: nil}, {Key: "mark", Value: nil}},
		options.Find().SetProjection(bson.D{{Key: "_id", Value: 1}}).SetLimit(markAtOnce))
	if err != nil {
		return 0, err
	}
	var found []markedArticle
	if err := cur.All(unhurriedCtx, &found); err != nil {
		return 0, err
	}
	now := time.Now()
	for part := range chunks(found, s.atOnce()) {
		updates := make([]conditional, len(part))
		for i, m := range part {
			updates[i] = conditional{m.ID, bson.D{{Key: "seq", Value: nil}, {Key: "mark", Value: nil}}, marked(nil, now)}
		}
		err := s.exclusive(ctx, func(ctx context.Context) error {
			_, err := s.updateWhere(ctx, s.articles, articleDocs, updates) // one that the server will not take stays as it is
			return err
		})
		if err != nil {
			return 0, err
		}
	}
	return len(found), nil
}

// majority reads what is there to stay, where the server has replicas.
func majority(caps Capabilities) *options.CollectionOptionsBuilder {
	if !caps.ReplicaSet {
		return options.Collection()
	}
	return options.Collection().SetReadConcern(readconcern.Majority())
}
