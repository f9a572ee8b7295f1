package coverage

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// ids are those of a row of articles, as "P f3 f2 a1".
func ids(row string) []string { return strings.Fields(row) }

func TestFollow(t *testing.T) {
	for _, tc := range []struct {
		name, last, now string
		want            Proof
		moved           int
	}{
		{"nothing new", "a5 a4 a3 a2 a1", "a5 a4 a3 a2 a1", Overlap, 0},
		{"two new", "a5 a4 a3 a2 a1", "f2 f1 a5 a4 a3", Overlap, 2},
		{"the newest is the last that is left", "a5 a4 a3 a2 a1", "f4 f3 f2 f1 a5", Overlap, 4},
		{"all new", "a5 a4 a3 a2 a1", "f5 f4 f3 f2 f1", Gap, 5},
		{"a row of one", "a1", "f1", Gap, 1},
		{"on top and all new", "P a4 a3 a2 a1", "P f4 f3 f2 f1", Gap, 0},
		{"two on top and all new", "P Q a3 a2 a1", "P Q f3 f2 f1", Gap, 0},
		{"on top and two new", "P a4 a3 a2 a1", "P f2 f1 a4 a3", Overlap, 2},
		{"at the side and all new", "a3 a2 a1 S T U V W", "f3 f2 f1 S T U V W", Gap, 3},
		{"at the side and one new", "a3 a2 a1 S T U V W", "f1 a3 a2 S T U V W", Overlap, 1},
		{"on top, at the side, all new", "P a3 a2 a1 S T", "P f3 f2 f1 S T", Gap, 3},
		{"the newest was withdrawn", "a5 a4 a3 a2 a1", "f2 f1 a4 a3 a2", Overlap, 2},
		{"what was on top is exchanged", "P a5 a4 a3 a2 a1", "Q a5 a4 a3 a2 a1", Overlap, 1},
		{"what was on top takes its place", "P a5 a4 a3 a2", "f1 P a5 a4 a3", Overlap, 1},
		{"one is put in between", "a5 a4 a3 a2 a1", "a5 a4 X a3 a2", Overlap, 1},
		{"a longer list than before", "a2 a1", "a2 a1 a0 z9 z8", Overlap, 0},
		{"a shorter one", "a5 a4 a3 a2 a1", "a5 a4", Overlap, 0},
		{"shuffled", "a1 a2 a3 a4 a5 a6", "a4 a2 a6 a1 a5 a3", NoOrder, 0},
		{"republished with new dates", "a5 a4 a3 a2 a1 a0", "a2 a5 a4 a3 a1 a0", Overlap, 0},
	} {
		last, _ := Follow(nil, ids(tc.last))
		if last.Proof != First {
			t.Errorf("%s: at first %s", tc.name, last.Proof)
		}
		now, moved := Follow(&last, ids(tc.now))
		if now.Proof != tc.want || len(moved) != tc.moved {
			t.Errorf("%s: %s, %v moved; want %s, %d", tc.name, now.Proof, moved, tc.want, tc.moved)
		}
	}
}

// TestMostRead: a list of what is most read is known for one within some visits, and proves nothing from then on; one in which an
// editor moves something now and then keeps its order.
func TestMostRead(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	read, edited := ids("a1 a2 a3 a4 a5 a6 a7 a8 a9 b1"), ids("a1 a2 a3 a4 a5 a6 a7 a8 a9 b1")
	most, _ := Follow(nil, read)
	list, _ := Follow(nil, edited)
	for visit := range 50 {
		random.Shuffle(len(read), func(i, j int) { read[i], read[j] = read[j], read[i] })
		read[random.IntN(len(read))] = fmt.Sprint("n", visit)
		if most, _ = Follow(&most, read); visit > 3 && most.Proof != NoOrder {
			t.Fatalf("visit %d: %s, %.2f", visit, most.Proof, most.Disorder)
		}
		edited = append([]string{fmt.Sprint("n", visit)}, edited[:9]...)
		i := 1 + random.IntN(8)
		edited[i], edited[i+1] = edited[i+1], edited[i]
		if list, _ = Follow(&list, edited); list.Proof != Overlap {
			t.Fatalf("visit %d of the other: %s, %.2f", visit, list.Proof, list.Disorder)
		}
	}
}

// TestProved has sections of all sorts publish at random, and wants every gap found: where a visit says overlap, nothing that was
// published since the last one has left the list.
func TestProved(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 7))
		size, pins, side := 3+random.IntN(30), random.IntN(3), random.IntN(4)
		var fixed, aside []string
		for i := range pins {
			fixed = append(fixed, fmt.Sprint("pin", i))
		}
		for i := range side {
			aside = append(aside, fmt.Sprint("side", i))
		}
		published := size
		show := func() (all []string) {
			all = append(all, fixed...)
			for i := range size {
				all = append(all, fmt.Sprintf("%08d", published-i))
			}
			return append(all, aside...)
		}
		last, _ := Follow(nil, show())
		for range 30 {
			n := random.IntN(2 * size)
			published += n
			now, _ := Follow(&last, show())
			if missed := n > size; missed && now.Proof != Gap || n < size && n != 0 && now.Proof != Overlap {
				t.Fatalf("seed %d: %d of %d new, %d on top, %d aside: %s", seed, n, size, pins, side, now.Proof)
			}
			last = now
		}
	}
}

func TestGaps(t *testing.T) {
	at := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	last, _ := Follow(nil, ids("P a3 a2 a1"))
	first, _ := Follow(&last, ids("P f3 f2 f1"))
	var none *Gaps
	g := none.Opened(at, &last).Opened(at.Add(time.Hour), &first)
	if g.Found != 2 || g.Open != 2 || !g.Since.Equal(at) {
		t.Errorf("%+v", g)
	}
	if g.Reaches(ids("P e3 e2 e1"), &first) || !g.Reaches(ids("P e1 a3 a2"), &first) {
		t.Error("an article that stands on every page is no proof, and what was known is one")
	}
	if none.Lasts(at) || g.Lasts(at.Add(time.Minute)) || !g.Lasts(at.Add(2*time.Hour)) || g.Settled("", at).Lasts(at.Add(2*time.Hour)) {
		t.Error("it lasts while it is open, from an hour on")
	}
	if c := g.Settled("", at); c.Closed != 2 || c.Open != 0 || c.Since != nil || c.Before != nil {
		t.Errorf("%+v", c)
	}
	if c := g.Settled(WhyEnd, at); c.Told != 2 || c.Why != WhyEnd || !c.ToldAt.Equal(at) {
		t.Errorf("%+v", c)
	}
}

// FuzzFollow: whatever is listed, what is kept is bounded.
func FuzzFollow(f *testing.F) {
	f.Add("a b c", "c b a")
	f.Add("", "a")
	f.Add("a a a", "a a")
	f.Fuzz(func(t *testing.T, before, after string) {
		last, _ := Follow(nil, ids(before))
		now, moved := Follow(&last, ids(after))
		if len(now.Newest) > Kept || len(moved) > now.Size || !(now.Disorder >= 0 && now.Disorder <= 1) {
			t.Errorf("%+v, %v", now, moved)
		}
	})
}
