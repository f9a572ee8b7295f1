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
	"github.com/khabar-crawler/khabar/pkg/likeness"
)

// Clusters follow the articles as any reader does: Cluster reads the list of changes on from where the last one stopped, which meta
// says, and settles each article that changed. One at a time does so, under a lock of its own; all others go on meanwhile.
//
// What package likeness says of the articles stands in two collections: sketches has for each article its keys, which one it is of, and
// those that may be of it; buckets has for each key the articles that have it. The articles show what follows from these.
//
// Settling an article may be broken off at any point, and is begun anew by the next one, for the list is read on only when it is done.
// The sketch says first, in one write, which keys the article has or had, and which other articles are touched; then come these and
// the buckets; the hash, which says that all is done, comes last. An article that is of another one is always among those that the
// other's sketch names, so none is lost when that is erased.

// sketch is what clusters know of an article.
type sketch struct {
	ID     string    `bson:"_id"`
	At     time.Time `bson:"at"`
	Hash   string    `bson:"hash,omitempty"` // of what it was settled by; absent while it is not settled
	Keys   []int64   `bson:"keys,omitempty"`
	Of     string    `bson:"of,omitempty"` // the earliest article that it is one with; absent for one that is of none
	Role   string    `bson:"role,omitempty"`
	First  string    `bson:"first,omitempty"`  // where that one, and the one it is of, and so on, lead to
	Copies []string  `bson:"copies,omitempty"` // the articles that may be of this one: among them all that are
}

func (k *sketch) entry() likeness.Entry { return likeness.Entry{ID: k.ID, At: k.At} }

// root is the first article of the cluster.
func (k *sketch) root() string {
	if k.Of == "" {
		return k.ID
	}
	return k.First
}

const (
	// clusterFor is how long one run settles articles: a third of what the lock is held for at most, so that the last one ends in it.
	clusterFor = lockHold / 3
	// maxVerified is how many texts are read in vain for one article: those that share some keys and are another text. Beyond, what is
	// searched for is among phrases that whole reports are made of.
	maxVerified = 60
)

// Cluster brings the clusters up to date with the list of changes, as far as it comes in some seconds, and says whether there is more
// to be done. It may be called by several at once.
func (s *Store) Cluster(ctx context.Context) (more bool, err error) {
	more, err = s.clusterSome(ctx)
	return more, wrap("find near-duplicates", err)
}

// ClusterAll is Cluster until there is no more, and puts what it changes in the list of changes.
func (s *Store) ClusterAll(ctx context.Context) error {
	for more := true; more; {
		if err := s.NumberAll(ctx); err != nil {
			return err
		}
		var err error
		if more, err = s.Cluster(ctx); err != nil {
			return err
		}
	}
	return s.NumberAll(ctx)
}

func (s *Store) clusterSome(ctx context.Context) (more bool, err error) {
	token, err := s.clusteredTo(ctx)
	if err != nil {
		return false, err
	}
	if news, err := s.entriesAfter(ctx, token.Seq); err != nil || len(news) == 0 {
		return false, err
	}
	err = s.clustering.do(ctx, func(ctx context.Context) error {
		if token, err = s.clusteredTo(ctx); err != nil { // somebody else may have been at it
			return err
		}
		c := newClusterer(s)
		end := time.Now().Add(clusterFor)
		before := token
		for change, err := range s.Changes(ctx, token) {
			switch {
			case isOfDocument(err): // left as it is, and told by those who read it
			case err != nil:
				return err
			case change.Erased:
				err = c.settle(ctx, change.Article.ID, nil)
			default:
				err = c.settle(ctx, change.Article.ID, &change.Article)
			}
			if err != nil && !isOfDocument(err) {
				return err
			}
			token = change.Token
			if more = time.Now().After(end); more {
				break
			}
		}
		if token == before {
			return nil
		}
		_, err := s.meta.UpdateOne(ctx, bson.D{{Key: "_id", Value: clusteredID}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "to", Value: token.String()}}}}, upsert())
		return err
	})
	return more, err
}

// clusteredID is the document of meta that says how far the list of changes has been read.
const clusteredID = "clusters"

// clusteredTo is how far the list was read; its beginning where the list is another one since.
func (s *Store) clusteredTo(ctx context.Context) (Token, error) {
	raw, err := s.meta.FindOne(ctx, bson.D{{Key: "_id", Value: clusteredID}}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return Token{}, nil
	}
	if err != nil {
		return Token{}, err
	}
	token, err := ParseToken(textOf(raw.Lookup("to")))
	if err == nil {
		err = s.CheckToken(ctx, token)
	}
	if errors.Is(err, ErrToken) {
		return Token{}, nil
	}
	return token, err
}

// forgetCluster takes an article that was erased out of the clusters.
func (s *Store) forgetCluster(ctx context.Context, e Erasure) error {
	err := s.sketches.FindOne(ctx, bson.D{{Key: "_id", Value: e.ID}}).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.clustering.do(ctx, func(ctx context.Context) error { return newClusterer(s).settle(ctx, e.ID, nil) })
}

// clusterer settles articles one after the other. What it has read it need not read again, for nobody else writes it.
type clusterer struct {
	*Store
	sketches map[string]*sketch // nil for those that are not there
	texts    map[string]*specimen
}

// specimen is an article as it is compared.
type specimen struct {
	text   likeness.Text
	entry  likeness.Entry
	agency string // a hash of its name; "" for none
}

func newClusterer(s *Store) *clusterer {
	return &clusterer{s, make(map[string]*sketch), make(map[string]*specimen)}
}

// specimenOf takes an article apart.
func specimenOf(a *article.Article) *specimen {
	r := &specimen{text: likeness.Read(a.Text), entry: likeness.Entry{ID: a.ID, At: publishedBy(a)}}
	name := a.Agency
	if name == "" && a.Dateline != nil {
		name = a.Dateline.Agency
	}
	r.agency = likeness.Read(name).Hash()
	return r
}

// publishedBy is when an article was published at the latest: at the end of the day where that is all that is known, so that a date alone
// makes no article the first. One without a date counts as published when it was first seen.
func publishedBy(a *article.Article) time.Time {
	switch {
	case a.PublishedAt == nil:
		return millis(a.FirstSeenAt)
	case a.Published != nil && a.Published.Precision == article.PrecisionDay:
		return millis(a.PublishedAt.Add(24*time.Hour - time.Millisecond))
	}
	return millis(*a.PublishedAt)
}

// hash says what an article is settled by; "" for one that is in no cluster.
func (r *specimen) hash() string {
	if r == nil || len(r.text.Keys()) == 0 {
		return ""
	}
	return fmt.Sprintf("%s %d %s", r.text.Hash(), r.entry.At.UnixMilli(), r.agency)
}

func (r *specimen) keys() []int64 {
	if r.hash() == "" {
		return nil
	}
	var keys []int64
	for _, k := range r.text.Keys() {
		keys = append(keys, int64(k))
	}
	return keys
}

// compare says what an article is to another one: a role, or "" where they are not one.
func (r *specimen) compare(o *specimen) string {
	switch likeness.Compare(r.text, o.text, r.agency != "" && r.agency == o.agency) {
	case likeness.Copy:
		return article.RoleCopy
	case likeness.Part:
		return article.RolePart
	}
	return ""
}

// settle finds anew which article this one is of, and which ones are of it; a is nil where it is no more.
func (c *clusterer) settle(ctx context.Context, id string, a *article.Article) error {
	if len(c.texts) > maxVerified*10 { // some tens of megabytes
		c.texts = make(map[string]*specimen)
	}
	var now *specimen
	if a != nil {
		now = specimenOf(a)
		c.texts[id] = now
	}
	want := now.hash()
	k, err := c.sketch(ctx, id)
	if err != nil || k == nil && want == "" || k != nil && k.Hash != "" && k.Hash == want {
		return err
	}
	if k == nil {
		k = &sketch{ID: id}
		c.sketches[id] = k
	}
	keys := now.keys()
	k.Hash, k.Keys = "", union(k.Keys, keys)
	if now != nil {
		k.At = now.entry.At
	}
	if err := c.write(ctx, k); err != nil {
		return err
	}
	buckets, err := c.index(ctx, k, keys)
	if err != nil {
		return err
	}
	plan, err := c.plan(ctx, k, now, buckets)
	if err != nil {
		return err
	}
	if err := c.carryOut(ctx, k, plan); err != nil {
		return err
	}
	if want == "" {
		delete(c.sketches, id)
		_, err := c.Store.sketches.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
		return err
	}
	k.Hash, k.Keys = want, keys
	k.Copies = slices.DeleteFunc(k.Copies, func(of string) bool { return c.sketches[of] == nil || c.sketches[of].Of != id })
	return c.write(ctx, k)
}

// place is what an article turns out to be of: of none where of is "".
type place struct{ id, of, role string }

// plan finds the new places of the article, of those that may be of it, and of later ones that are from now on. It only reads.
func (c *clusterer) plan(ctx context.Context, k *sketch, now *specimen, buckets []likeness.Bucket) ([]place, error) {
	var plan []place
	if now.hash() != "" {
		near := likeness.Near(now.entry, buckets)
		own, err := c.earliest(ctx, now, near)
		if err != nil {
			return nil, err
		}
		plan = append(plan, own)
		if plan, err = c.claims(ctx, k, now, near, plan); err != nil {
			return nil, err
		}
	} else if k.Of != "" {
		plan = append(plan, place{id: k.ID})
	}
	for _, id := range k.Copies {
		if slices.ContainsFunc(plan, func(p place) bool { return p.id == id }) {
			continue
		}
		p, err := c.anew(ctx, id)
		if err != nil {
			return nil, err
		}
		plan = append(plan, p)
	}
	return plan, nil
}

// claims adds the later articles that are of this one from now on, for it is the earliest one that they are one with.
func (c *clusterer) claims(ctx context.Context, k *sketch, now *specimen, near []likeness.Entry, plan []place) ([]place, error) {
	for _, e := range near {
		if !now.entry.Before(e) {
			continue
		}
		later, err := c.sketch(ctx, e.ID)
		if err != nil {
			return nil, err
		}
		if later == nil {
			continue
		}
		if later.Of != "" && later.Of != k.ID {
			of, err := c.sketch(ctx, later.Of)
			if err != nil {
				return nil, err
			}
			if of != nil && of.entry().Before(now.entry) {
				continue
			}
		}
		other, err := c.specimen(ctx, e.ID)
		if err != nil {
			return nil, err
		}
		if other == nil || later.Of == k.ID && slices.Contains(k.Copies, e.ID) { // that is looked at with the copies
			continue
		}
		if role := other.compare(now); role != "" {
			plan = append(plan, place{e.ID, k.ID, role})
		}
	}
	return plan, nil
}

// anew finds the place of an article by what is indexed of it.
func (c *clusterer) anew(ctx context.Context, id string) (place, error) {
	k, err := c.sketch(ctx, id)
	if err != nil || k == nil {
		return place{id: id}, err
	}
	now, err := c.specimen(ctx, id)
	if err != nil || now.hash() == "" {
		return place{id: id}, err
	}
	buckets, err := c.buckets(ctx, now.keys())
	if err != nil {
		return place{}, err
	}
	return c.earliest(ctx, now, likeness.Near(now.entry, buckets))
}

// earliest finds the earliest article that this one is one with.
func (c *clusterer) earliest(ctx context.Context, now *specimen, near []likeness.Entry) (place, error) {
	before := slices.DeleteFunc(slices.Clone(near), func(e likeness.Entry) bool { return !e.Before(now.entry) })
	for _, e := range before[:min(len(before), maxVerified)] {
		other, err := c.specimen(ctx, e.ID)
		if err != nil {
			return place{}, err
		}
		if other == nil {
			continue
		}
		if role := now.compare(other); role != "" {
			return place{now.entry.ID, e.ID, role}, nil
		}
	}
	return place{id: now.entry.ID}, nil
}

// specimen reads an article; nil where there is none, or none that can be used.
func (c *clusterer) specimen(ctx context.Context, id string) (*specimen, error) {
	if r, ok := c.texts[id]; ok {
		return r, nil
	}
	var r *specimen
	err := c.findByID(ctx, c.articles, []string{id}, func(raw bson.Raw) error {
		if a, err := articleDocs.decode(raw); err == nil {
			r = specimenOf(&a)
		}
		return nil
	})
	if err == nil {
		c.texts[id] = r
	}
	return r, err
}

func union(a, b []int64) []int64 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
