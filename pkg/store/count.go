package store

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.uber.org/zap"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/ledger"
)

// How often what was counted is added to the stored sheets, and so about how much of a process's work is not counted when it is
// killed.
const (
	// countEvery is for MongoDB, which is sent an increment of some microseconds; and for who has just begun a crawl and wants to
	// see it move.
	countEvery = 15 * time.Second
	// countSeldom is for the embedded store, which reads and writes a sheet in a millisecond of CPU where a page takes eight. A
	// site's sheet waits for countLeast pages, a hundredth of whose time that is, for countLatest at most.
	countSeldom = time.Minute
	countLeast  = 16
	countLatest = 10 * time.Minute
)

// countWait bounds one attempt to add them: commits wait meanwhile. What is not added then is tried again at the next.
const countWait = 10 * time.Second

// counter counts what a Committer has made durable. Its owner is the committer's one goroutine.
//
// An effect is counted once its page's state is durable: so an effect whose attempt failed is not, and a task that is redone
// after a crash finds its page done, or is the first to be counted. What is lost when the process is killed is what was counted
// since the sheets were added to last, and what was being committed: see countEvery.
type counter struct {
	store   *Store
	process string // in the sheets' batches
	book    ledger.Book
	batch   int64          // number of sent
	sent    []ledger.Sheet // a batch that may have been added, or not
	failing bool
	wait    time.Duration // until the next post
}

func newCounter(s *Store) *counter {
	return &counter{store: s, process: "p" + bson.NewObjectID().Hex(), wait: countEvery}
}

// next is how long its owner is to wait before it has it post.
func (c *counter) next() time.Duration {
	wait := c.wait
	if c.store.lock != nil {
		c.wait = min(2*c.wait, countSeldom)
	}
	return wait
}

// enter counts the effects of a commit that are durable now.
func (c *counter) enter(effects []Effect, results []EffectResult, now time.Time) {
	for i, e := range effects {
		if results[i].Err != nil || e.Left || e.Page.Outcome == "" {
			continue
		}
		entry := ledger.Entry{
			Site: e.Page.Site, At: now, Section: e.Page.Kind != KindArticle, Outcome: e.Page.Outcome, Reason: results[i].Page.Reason,
			Change: string(results[i].Article),
		}
		if stored := results[i].StoredAt; stored != nil && e.Article != nil {
			entry.Change = string(ArticleNew)
			entry.Delay = delayOf(e.Page, e.Article, *stored)
		}
		c.book.Enter(entry)
	}
}

// mostAhead is how far ahead of this machine's clock a time of publication may be: clocks differ by minutes, and what is
// further off is a wrong time zone, or an article that was announced for later.
const mostAhead = 5 * time.Minute

// delayOf is how long after its publication an article was stored; nil where it says nothing of how late khabar is: the page
// gives a day alone or a time to come, or the article was there before khabar knew of any page that links to it.
func delayOf(p Page, a *article.Article, stored time.Time) *time.Duration {
	switch {
	case a.PublishedAt == nil, a.Published == nil, a.Published.Precision == article.PrecisionDay:
		return nil
	case p.WatchedSince == nil, a.PublishedAt.Before(*p.WatchedSince):
		return nil
	}
	delay := stored.Sub(*a.PublishedAt)
	if delay < -mostAhead {
		return nil
	}
	delay = max(delay, 0)
	return &delay
}

// post adds what was counted to the stored sheets: all of it, or what is worth it. What fails is tried again at the next, as the same batch. Sheets that cannot be
// added to, as somebody spoilt them, lose these counts.
func (c *counter) post(all bool) {
	ctx, cancel := context.WithTimeout(context.Background(), countWait) // of no caller: the counts are of all
	defer cancel()
	if c.sent == nil {
		if all || c.store.lock == nil {
			c.sent = c.book.TakeAll()
		} else {
			c.sent = c.book.Take(countLeast, time.Now().Add(-countLatest))
		}
		if c.sent == nil {
			return
		}
		c.batch++
	}
	refused, err := c.store.addSheets(ctx, c.process, c.batch, c.sent)
	if err != nil {
		if !c.failing {
			c.store.log.Warn("counts not stored; they are tried again", zap.Duration("in", c.wait), zap.Error(err))
		}
		c.failing = true
		return
	}
	for _, r := range refused {
		c.store.log.Warn("counts not stored, and left out", zap.String("sheet", r.ID), zap.Error(r.Err))
	}
	if c.failing {
		c.store.log.Info("counts are stored again")
	}
	c.failing, c.sent = false, nil
}

// close adds what is left.
func (c *counter) close() {
	if c.post(true); c.sent == nil {
		c.post(true) // what came after a batch that had failed before
	}
	if c.sent != nil {
		c.store.log.Warn("the last counts of this process are not stored")
	}
}
