package likeness

import (
	"cmp"
	"slices"
	"time"
)

// Entry is an article that has a key.
type Entry struct {
	ID string    `bson:"id"`
	At time.Time `bson:"at"` // of its publication
}

// Before orders articles: by publication, then by id.
func (e Entry) Before(o Entry) bool { return e.Compare(o) < 0 }

// Compare orders articles, as cmp.Compare does.
func (e Entry) Compare(o Entry) int { return cmp.Or(e.At.Compare(o.At), cmp.Compare(e.ID, o.ID)) }

// IsNear says whether two publications may be of one report.
func (e Entry) IsNear(o Entry) bool { return e.At.Sub(o.At).Abs() <= Window }

// Bucket holds the articles that have one key, the earliest first.
type Bucket []Entry

// Add gives the bucket with an article, in the place of what it had of it, and changes the bucket, as append does. Where that makes
// more than Crowd, those go that are of no use to the newest, which is what a phrase of a template has most of, and then the newest.
func (b Bucket) Add(e Entry) Bucket {
	b = b.Remove(e.ID)
	i, _ := slices.BinarySearchFunc(b, e, Entry.Compare)
	if i >= Crowd && b[0].IsNear(e) {
		return b
	}
	b = slices.Insert(b, i, e)
	if len(b) <= Crowd {
		return b
	}
	newest := b[len(b)-1]
	if b = slices.DeleteFunc(b, func(o Entry) bool { return !o.IsNear(newest) }); len(b) > Crowd {
		b = b[:Crowd]
	}
	return b
}

// Remove gives the bucket without an article, and changes it.
func (b Bucket) Remove(id string) Bucket {
	return slices.DeleteFunc(b, func(e Entry) bool { return e.ID == id })
}

// Has says whether the article is in the bucket as it is now.
func (b Bucket) Has(e Entry) bool {
	return slices.ContainsFunc(b, func(o Entry) bool { return o.ID == e.ID && o.At.Equal(e.At) })
}

// Near gives the articles in the buckets of an article's keys that are to be compared with it, the earliest first. Its own entry is
// none of them.
func Near(e Entry, buckets []Bucket) []Entry {
	shared := make(map[string]int)
	var near []Entry
	for _, b := range buckets {
		for _, o := range b {
			if o.ID == e.ID || !o.IsNear(e) {
				continue
			}
			if shared[o.ID]++; shared[o.ID] == LeastShared {
				near = append(near, o)
			}
		}
	}
	slices.SortFunc(near, Entry.Compare)
	return near
}
