package likeness

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var day = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)

func at(id string, hours int) Entry { return Entry{id, day.Add(time.Duration(hours) * time.Hour)} }

func TestBucket(t *testing.T) {
	var b Bucket
	for _, e := range []Entry{at("c", 3), at("b", 1), at("a", 1), at("b", 2), at("old", -24*30)} {
		b = b.Add(e)
	}
	if want := (Bucket{at("old", -24*30), at("a", 1), at("b", 2), at("c", 3)}); !slices.Equal(b, want) {
		t.Errorf("%v, want %v", b, want)
	}
	if !b.Has(at("b", 2)) || b.Has(at("b", 1)) || slices.Clone(b).Remove("b").Has(at("b", 2)) {
		t.Error("what it has of b is not what was added last, or is there when it was removed")
	}
	for i := range 2 * Crowd {
		b = b.Add(at(fmt.Sprint("x", i), 5))
	}
	if len(b) != Crowd || b.Has(at("old", -24*30)) || !b.Has(at("a", 1)) {
		t.Errorf("%d are left, the first %v", len(b), b[0])
	}
}

// TestBucketOrder: what is left does not depend on the order in which articles of one window came.
func TestBucketOrder(t *testing.T) {
	var all []Entry
	for i := range Crowd + 50 {
		all = append(all, at(fmt.Sprint(i), i%100))
	}
	var want Bucket
	for try := range 3 {
		rand.New(rand.NewPCG(1, uint64(try))).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		var b Bucket
		for _, e := range all {
			b = b.Add(e)
		}
		if try > 0 && !slices.Equal(b, want) {
			t.Errorf("order %d leaves another bucket", try)
		}
		want = b
	}
}

func TestNear(t *testing.T) {
	e := at("e", 0)
	buckets := []Bucket{{at("a", -1), e, at("z", 1)}, {at("far", -24*8), at("a", -1)}, {at("far", -24*8), at("z", 1), at("once", 1), e}}
	if got, want := Near(e, buckets), []Entry{at("a", -1), at("z", 1)}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// BenchmarkIndex: how much is read to add an article to an index of so many, and to find those that it is to be compared with. A fifth of
// the articles have half of their keys of another one, and a hundredth of all keys are phrases: the more usual, the more have them.
// Of the larger ones a share of the keys is held, as one shard of so many would; entries/op is of all.
func BenchmarkIndex(b *testing.B) {
	for _, size := range []struct {
		articles int
		shards   uint64
	}{{10_000, 1}, {100_000, 4}, {1_000_000, 40}, {10_000_000, 400}} {
		b.Run(fmt.Sprint(size.articles), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(3, 3))
			phrases := rand.NewZipf(rng, 1.1, 10, 1<<20)
			index := make(map[uint64]Bucket)
			var last [64][20]uint64
			read, n := 0, 0
			add := func() {
				from, own := &last[rng.IntN(len(last))], &last[n%len(last)]
				// A million articles a week, however many there are.
				e := Entry{At: day.Add(time.Duration(n) * Window / 1_000_000)}
				var buckets []Bucket
				for k := range own {
					key := rng.Uint64()
					switch {
					case n%5 == 0 && k%2 == 0:
						key = from[k]
					case key%100 == 0:
						key = mixed(phrases.Uint64())
					}
					if own[k] = key; key%size.shards != 0 {
						continue
					}
					if e.ID == "" {
						e.ID = fmt.Sprintf("%032x", n)
					}
					read += len(index[key])
					buckets = append(buckets, index[key])
					index[key] = index[key].Add(e)
				}
				Near(e, buckets)
				n++
			}
			for n < size.articles {
				add()
			}
			read = 0
			b.ResetTimer()
			for range b.N {
				add()
			}
			b.ReportMetric(float64(read)*float64(size.shards)/float64(b.N), "entries/op")
		})
	}
}
