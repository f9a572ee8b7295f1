package store

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// writeLock makes "read, compare, write" one step on a server that has no atomic update. It is a lease: documents
// {_id: n, until} in the collection locks, where the highest n holds. Inserting n+1 takes the lock, and of several that
// try, the unique _id lets one through. The document of a holder that died is overtaken when its lease has ended.
//
// The highest document is never removed, only marked as released, and its holder removes the lower ones: so a late
// insert of an old number either fails, or is found to be lower than the highest and is taken back. The goroutines of
// one process queue on a mutex first.
//
// Limits: the clocks of the processes must agree within the margin between hold and lease. They run on one machine:
// the servers that need this lock are those of one machine. A clock that was wrong when the lock was taken makes others
// wait for one lease. Documents that are no locks are not looked at.
type writeLock struct {
	coll  *mongo.Collection
	owner string        // this process, or this store of it
	sem   chan struct{} // its goroutines' turn
	lease time.Duration // lockLease
}

const (
	// lockHold bounds what is done under the lock: the reading and writing of lockedBatch documents, which takes a tenth of
	// a second, and on a machine that has twenty other things to do a few.
	lockHold    = 10 * time.Second
	lockedBatch = 32
	// lockLease is when a holder counts as dead: lockHold, and as much again for a process that was suspended.
	lockLease = 2 * lockHold
	// lockRetryMin and lockRetryMax bound the waits between two looks at a lock that is held. The first is about what
	// a claim of a few pages takes; at the second, ten waiting processes ask 200 times a second in all.
	lockRetryMin = 2 * time.Millisecond
	lockRetryMax = 50 * time.Millisecond
)

type lockDoc struct {
	N        int64     `bson:"_id"`
	Owner    string    `bson:"owner"`
	Until    time.Time `bson:"until"`
	Released bool      `bson:"released,omitempty"`
}

// readLock reads a lock; false for a document that is none. One whose end cannot be read has ended.
func readLock(raw bson.Raw) (d lockDoc, ok bool) {
	d.N, ok = raw.Lookup("_id").AsInt64OK()
	d.Until, _ = raw.Lookup("until").TimeOK()
	d.Released, _ = raw.Lookup("released").BooleanOK()
	return d, ok
}

// held is the lock that somebody who waits saw last, and since when. The time is of a clock that nobody sets.
type held struct {
	n     int64
	since time.Time
}

// longer says whether the lock has been seen for longer than d.
func (h *held) longer(n int64, d time.Duration) bool {
	if h.n != n {
		h.n, h.since = n, time.Now()
	}
	return time.Since(h.since) > d
}

func newWriteLock(coll *mongo.Collection) *writeLock {
	return &writeLock{coll: coll, owner: bson.NewObjectID().Hex(), sem: make(chan struct{}, 1), lease: lockLease}
}

// atOnce is how many documents are read, compared and written in one step.
func (s *Store) atOnce() int {
	if s.lock != nil {
		return lockedBatch
	}
	return maxBulk
}

// do runs f while no other caller, in any process, runs its own.
func (l *writeLock) do(ctx context.Context, f func(context.Context) error) error {
	select {
	case l.sem <- struct{}{}:
		defer func() { <-l.sem }()
	case <-ctx.Done():
		return ctx.Err()
	}
	n, err := l.acquire(ctx)
	if err != nil {
		return wrap("take the write lock", err)
	}
	holdCtx, cancel := context.WithTimeout(ctx, lockHold)
	defer cancel()
	err = f(holdCtx)
	l.release(ctx, n)
	return err
}

func (l *writeLock) acquire(ctx context.Context) (int64, error) {
	wait := lockRetryMin
	var seen held
	for {
		n, err := l.try(ctx, &seen)
		if err != nil || n > 0 {
			return n, err
		}
		t := time.NewTimer(wait)
		select {
		case <-t.C:
			wait = min(2*wait, lockRetryMax)
		case <-ctx.Done():
			t.Stop()
			return 0, ctx.Err()
		}
	}
}

// try takes the lock and returns its number, or 0 if somebody holds it: for no longer than a lease, whatever its end says.
func (l *writeLock) try(ctx context.Context, seen *held) (int64, error) {
	top, _, err := l.top(ctx)
	if err != nil {
		return 0, err
	}
	if top.N > 0 && !top.Released && time.Now().Before(top.Until) && !seen.longer(top.N, l.lease) {
		return 0, nil
	}
	n := top.N + 1
	_, err = l.coll.InsertOne(ctx, lockDoc{N: n, Owner: l.owner, Until: time.Now().Add(l.lease)})
	if mongo.IsDuplicateKeyError(err) {
		return 0, nil
	}
	if err != nil {
		l.abandon(ctx, n)
		return 0, err
	}
	if err := l.confirm(ctx, &n); err != nil {
		l.release(ctx, n)
		return 0, err
	}
	return n, nil
}

// abandon makes sure that an insert whose answer was lost holds nothing, even if the server does it only after this:
// the same document, released, takes its place.
func (l *writeLock) abandon(ctx context.Context, n int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lockHold)
	defer cancel()
	_, err := l.coll.InsertOne(ctx, lockDoc{N: n, Owner: l.owner, Released: true})
	if mongo.IsDuplicateKeyError(err) {
		l.release(ctx, n)
	}
}

// confirm looks whether the lock that was just inserted is the highest, and makes n zero where it is not.
func (l *writeLock) confirm(ctx context.Context, n *int64) error {
	top, lower, err := l.top(ctx)
	if err != nil {
		return err
	}
	if top.N != *n {
		_, err := l.coll.DeleteOne(ctx, bson.D{{Key: "_id", Value: *n}})
		*n = 0
		return err
	}
	if lower > 0 {
		_, err = l.coll.DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$lt", Value: *n}}}})
	}
	return err
}

// top reads the highest document (zero if there is none), and how many lower ones there are.
func (l *writeLock) top(ctx context.Context) (top lockDoc, lower int, err error) {
	cur, err := l.coll.Find(ctx, bson.D{})
	if err != nil {
		return top, 0, err
	}
	defer cur.Close(context.WithoutCancel(ctx))
	locks := 0
	for cur.Next(ctx) {
		d, ok := readLock(cur.Current)
		if !ok {
			continue
		}
		locks++
		if d.N > top.N {
			top = d
		}
	}
	return top, max(locks-1, 0), cur.Err()
}

// release marks the lock as free. Should that fail, the lease ends by itself.
func (l *writeLock) release(ctx context.Context, n int64) {
	// The caller's context may be what ended the work.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lockHold)
	defer cancel()
	_, _ = l.coll.UpdateOne(ctx, bson.D{{Key: "_id", Value: n}, {Key: "owner", Value: l.owner}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "released", Value: true}}}})
}
