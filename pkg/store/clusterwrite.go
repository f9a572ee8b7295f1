package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/khabar-crawler/khabar/pkg/article"
	"github.com/khabar-crawler/khabar/pkg/likeness"
)

// carryOut gives the articles of a plan their places. The sketch that is settled names all that it touches before it does.
func (c *clusterer) carryOut(ctx context.Context, k *sketch, plan []place) error {
	touched := []string{k.ID}
	for _, p := range plan {
		touched = append(touched, p.id, p.of)
		if was := c.sketches[p.id]; was != nil {
			touched = append(touched, was.Of)
		}
	}
	touched = distinct(append(touched, k.Copies...))
	if more := beyond(append(k.Copies, k.ID), touched); len(more) > 0 {
		k.Copies = append(k.Copies, more...)
		if err := c.write(ctx, k); err != nil {
			return err
		}
	}
	for _, p := range plan {
		if err := c.put(ctx, p); err != nil {
			return err
		}
	}
	// Those that others are of come first, for these follow them.
	var known []*sketch
	for _, id := range touched {
		of, err := c.sketch(ctx, id)
		if err != nil {
			return err
		}
		if of != nil {
			known = append(known, of)
		}
	}
	slices.SortFunc(known, func(a, b *sketch) int { return a.entry().Compare(b.entry()) })
	for _, of := range known {
		if err := c.follow(ctx, of); err != nil {
			return err
		}
	}
	return nil
}

// put writes of which article another one is: first there, then here.
func (c *clusterer) put(ctx context.Context, p place) error {
	k, err := c.sketch(ctx, p.id)
	if err != nil || k == nil || k.Of == p.of && k.Role == p.role {
		return err
	}
	if p.of != "" {
		of, err := c.sketch(ctx, p.of)
		if err != nil {
			return err
		}
		if of == nil { // somebody removed it: it is settled anew when the article changes
			of = &sketch{ID: p.of, At: c.texts[p.of].entry.At}
			c.sketches[p.of] = of
		}
		if !slices.Contains(of.Copies, p.id) {
			of.Copies = append(of.Copies, p.id)
			if err := c.write(ctx, of); err != nil {
				return err
			}
		}
	}
	k.Of, k.Role = p.of, p.role
	return c.write(ctx, k)
}

// follow has an article, and all that are of it, know the first of their cluster, and shows it in the articles. The sketch says so last,
// so that whoever finds it said need not look at those that are of it.
func (c *clusterer) follow(ctx context.Context, k *sketch) error {
	first := ""
	if k.Of != "" {
		of, err := c.sketch(ctx, k.Of)
		if err != nil {
			return err
		}
		if first = k.Of; of != nil {
			first = of.root()
		}
	}
	changed := k.First != first
	k.First = first
	if err := c.show(ctx, k); err != nil {
		return err
	}
	for _, id := range k.Copies {
		of, err := c.sketch(ctx, id)
		if err != nil {
			return err
		}
		if of == nil || of.Of != k.ID || of.First == k.root() {
			continue
		}
		if err := c.follow(ctx, of); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	return c.write(ctx, k)
}

// show has the article say in which cluster it is.
func (c *clusterer) show(ctx context.Context, k *sketch) error {
	var cluster *article.Cluster
	if k.Of != "" {
		cluster = &article.Cluster{ID: k.First, Role: k.Role, Of: k.Of}
	} else if leads, err := c.leads(ctx, k); err != nil {
		return err
	} else if leads {
		cluster = &article.Cluster{ID: k.ID, Role: article.RoleFirst}
	}
	var now struct {
		Cluster *article.Cluster `bson:"cluster"`
	}
	err := c.findByID(ctx, c.articles, []string{k.ID}, func(raw bson.Raw) error { return bson.Unmarshal(raw, &now) })
	if err != nil || now.Cluster == cluster || now.Cluster != nil && cluster != nil && *now.Cluster == *cluster {
		return err
	}
	update := bson.D{{Key: "$unset", Value: bson.D{{Key: "cluster", Value: ""}}}}
	if cluster != nil {
		update = bson.D{{Key: "$set", Value: bson.D{{Key: "cluster", Value: cluster}}}}
	}
	return c.exclusive(ctx, func(ctx context.Context) error {
		errs, err := c.updateWhere(ctx, c.articles, articleDocs, []conditional{{id: k.ID, update: marked(update, time.Now())}})
		if err == nil {
			err = errs[0]
		}
		return err
	})
}

// leads says whether there are articles that are of this one.
func (c *clusterer) leads(ctx context.Context, k *sketch) (bool, error) {
	for _, id := range k.Copies {
		of, err := c.sketch(ctx, id)
		if err != nil || of != nil && of.Of == k.ID {
			return err == nil, err
		}
	}
	return false, nil
}

// sketch reads what is known of an article; nil for nothing.
func (c *clusterer) sketch(ctx context.Context, id string) (*sketch, error) {
	if k, ok := c.sketches[id]; ok {
		return k, nil
	}
	var k *sketch
	err := c.findByID(ctx, c.Store.sketches, []string{id}, func(raw bson.Raw) error {
		k = new(sketch)
		return bson.Unmarshal(raw, k)
	})
	if err == nil {
		c.sketches[id] = k
	}
	return k, err
}

func (c *clusterer) write(ctx context.Context, k *sketch) error {
	update, err := c.replacement(k)
	if err != nil {
		return err
	}
	_, err = c.Store.sketches.UpdateOne(ctx, bson.D{{Key: "_id", Value: k.ID}}, update, upsert())
	return err
}

// replacement is the update by which a document becomes k.
func (s *Store) replacement(k *sketch) (bson.D, error) {
	set, err := s.withoutID(k)
	if err != nil {
		return nil, err
	}
	unset := bson.D{}
	for _, name := range fieldsOf[sketch]() {
		if name != "_id" && lookup(set, name) == nil {
			unset = append(unset, bson.E{Key: name, Value: ""})
		}
	}
	update := bson.D{{Key: "$set", Value: set}}
	if len(unset) > 0 {
		update = append(update, bson.E{Key: "$unset", Value: unset})
	}
	return update, nil
}

func upsert() options.Lister[options.UpdateOneOptions] { return options.UpdateOne().SetUpsert(true) }

// bucketDoc is the articles that have a key, which its _id is in hex: the embedded store looks up strings alone.
type bucketDoc struct {
	ID string          `bson:"_id"`
	In likeness.Bucket `bson:"in"`
}

func bucketID(key int64) string { return fmt.Sprintf("%016x", uint64(key)) }

// index has the article in the buckets of these keys, and in those of no other ones that its sketch has, and gives the former.
func (c *clusterer) index(ctx context.Context, k *sketch, keys []int64) ([]likeness.Bucket, error) {
	there, err := c.readBuckets(ctx, k.Keys)
	if err != nil {
		return nil, err
	}
	var models []mongo.WriteModel
	var fresh []any // which takes the embedded store a tenth of the time of updates
	var of []likeness.Bucket
	for _, key := range k.Keys {
		b, is := there[bucketID(key)]
		wanted := slices.Contains(keys, key)
		changed := wanted && !b.Has(k.entry())
		size := len(b)
		if b = b.Remove(k.ID); wanted {
			b = b.Add(k.entry())
			of = append(of, b)
		} else {
			changed = len(b) < size
		}
		switch {
		case !changed:
		case !is:
			fresh = append(fresh, bucketDoc{bucketID(key), b})
		default:
			models = append(models, c.update(bson.D{{Key: "_id", Value: bucketID(key)}}, bson.D{{Key: "$set", Value: bson.D{{Key: "in", Value: b}}}}, true))
		}
	}
	_, errs, err := c.insert(ctx, c.Store.buckets, fresh)
	if err != nil {
		return nil, err
	}
	res, err := c.bulk(ctx, c.Store.buckets, models)
	if err == nil {
		err = errors.Join(append(errs, res.errs...)...)
	}
	return of, err
}

func (c *clusterer) buckets(ctx context.Context, keys []int64) ([]likeness.Bucket, error) {
	there, err := c.readBuckets(ctx, keys)
	return slices.Collect(maps.Values(there)), err
}

func (c *clusterer) readBuckets(ctx context.Context, keys []int64) (map[string]likeness.Bucket, error) {
	ids := make([]string, len(keys))
	for i, key := range keys {
		ids[i] = bucketID(key)
	}
	there := make(map[string]likeness.Bucket, len(ids))
	return there, c.findByID(ctx, c.Store.buckets, ids, func(raw bson.Raw) error {
		var d bucketDoc
		if err := bson.Unmarshal(raw, &d); err == nil { // what cannot be read leads to nothing, and is written anew
			there[d.ID] = d.In
		}
		return nil
	})
}
