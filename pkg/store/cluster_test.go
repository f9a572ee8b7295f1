package store

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/khabar-crawler/khabar/pkg/article"
)

// wording is a paragraph of 30 words that no other number gives.
func wording(n int) string {
	rng := rand.New(rand.NewPCG(9, uint64(n)))
	words := strings.Fields("the council bridge river said that was people town week street year school water road market with after before many")
	var b strings.Builder
	for range 30 {
		b.WriteString(words[rng.IntN(len(words))] + " ")
	}
	return b.String() + "."
}

// printed is article n, published so many hours after the first, with these paragraphs.
func printed(n, hours int, paragraphs ...int) *article.Article {
	a := story(n, 1, 1)
	a.Site = fmt.Sprintf("news%d.example", n%3)
	a.PublishedAt = ptr(at(0).Add(time.Duration(hours-1000) * time.Hour)) // before it was seen
	a.Text = ""
	for _, p := range paragraphs {
		a.Text += wording(p) + "\n\n"
	}
	a.Text = strings.TrimSpace(a.Text)
	a.ContentHash = article.HashContent(a.Title, "", a.Text)
	return a
}

// press are articles with near-duplicates among them: copies, parts, a chain of these, a digest, and what is printed again too late.
func press() []*article.Article {
	return []*article.Article{
		printed(1, 10, 1, 2, 3, 4, 5), printed(2, 11, 1, 2, 3, 4, 5), printed(3, 12, 100, 2, 3, 4, 5), printed(4, 9, 1, 2), // 4 is the earliest
		printed(5, 20, 11, 12, 13, 14), printed(6, 21, 13, 14, 15, 16), printed(7, 22, 15, 16, 17, 18), printed(8, 23, 17, 18, 19),
		printed(9, 30, 21, 22, 23), printed(10, 31, 24, 25, 26), printed(11, 32, 21, 22, 23, 24, 25, 26), // a digest of two
		printed(12, 40, 31, 32, 33), printed(13, 40+9*24, 31, 32, 33), printed(14, 40+5*24, 31, 32, 33), // a bridge of days
		printed(15, 50, 41, 42), printed(16, 50, 41, 42), printed(17, 51, 43), printed(18, 52, 44, 45),
	}
}

// wantPress is what becomes of them: the cluster, the role, and which one each is of.
var wantPress = map[string]string{
	"4": "4 first", "1": "4 part 4", "2": "4 part 4", "3": "4 copy 1",
	"7": "7 first", "8": "7 part 7",
	"9": "9 first", "b": "9 part 9", // and not 10
	"c": "c first", "e": "c copy c", "d": "c copy e",
	"f": "f first", "10": "f copy f",
}

func commitArticle(t testing.TB, s *Store, a *article.Article) {
	t.Helper()
	e := Effect{Page: done(1, 1), Article: a, Address: a.CanonicalURL}
	e.Page.ID, e.Page.URL = a.ID, a.URL
	if _, err := s.Commit(t.Context(), []Effect{e}); err != nil {
		t.Fatal(err)
	}
}

// clusters are those of all articles, as "cluster role of" by id.
func clusters(t testing.TB, s *Store) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for a, err := range s.Articles(t.Context(), ArticleFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if c := a.Cluster; c != nil {
			all[strings.TrimLeft(a.ID, "0")] = strings.TrimSpace(strings.TrimLeft(c.ID, "0") + " " + c.Role + " " + strings.TrimLeft(c.Of, "0"))
		}
	}
	return all
}

func clusterAll(t testing.TB, s *Store) {
	t.Helper()
	if err := s.ClusterAll(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func wantClusters(t testing.TB, s *Store, about string, want map[string]string) {
	t.Helper()
	if got := clusters(t, s); !maps.Equal(got, want) {
		t.Errorf("%s: %v, want %v", about, got, want)
	}
}

// TestClusterOrder: clusters are the same in whatever order articles come, and however many find them at the same time.
func TestClusterOrder(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		for order := range uint64(3) {
			db := newDB(t, db.uri)
			s, other := db.open(t), db.open(t)
			all := press()
			rand.New(rand.NewPCG(order, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			for part := range slices.Chunk(all, 6) {
				for _, a := range part {
					commitArticle(t, s, a)
				}
				var both sync.WaitGroup
				for _, s := range []*Store{s, other} {
					both.Go(func() {
						if err := s.ClusterAll(t.Context()); err != nil {
							t.Error(err)
						}
					})
				}
				both.Wait()
			}
			wantClusters(t, s, fmt.Sprint("order ", order), wantPress)
		}
	})
}

// TestFirsts: one article of each cluster, and what is in none; exact copies have the same hash of their text, however it is typeset.
func TestFirsts(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		typeset := printed(2, 11, 1, 2, 3, 4, 5)
		typeset.Text = strings.ToUpper(strings.ReplaceAll(typeset.Text, "\n\n", "\n"))
		for _, a := range []*article.Article{printed(1, 10, 1, 2, 3, 4, 5), typeset, printed(3, 12, 100, 2, 3, 4, 5), printed(9, 30, 21, 22, 23)} {
			commitArticle(t, s, a)
		}
		clusterAll(t, s)
		hashes := make(map[string]string)
		for _, f := range []ArticleFilter{{Firsts: true}, {}} {
			var ids []string
			for a, err := range s.Articles(t.Context(), f) {
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, strings.TrimLeft(a.ID, "0"))
				hashes[a.ID] = a.TextHash
				if f.Firsts && !f.Matches(&a) {
					t.Errorf("%s is found and not wanted", a.ID)
				}
			}
			if slices.Sort(ids); f.Firsts && !slices.Equal(ids, []string{"1", "9"}) || !f.Firsts && len(ids) != 4 {
				t.Errorf("firsts %v: %v", f.Firsts, ids)
			}
		}
		if hashes[id(1)] != hashes[id(2)] || hashes[id(1)] == hashes[id(3)] || len(hashes[id(1)]) != 32 {
			t.Errorf("hashes %v", hashes)
		}
		if f := (ArticleFilter{Firsts: true}); f.Matches(&article.Article{Cluster: &article.Cluster{Of: "x"}}) {
			t.Error("a copy is wanted")
		}
	})
}

// TestClusterChanges: an edit, another date and an erasure take an article out of its cluster and into it, the others find their places,
// and readers of the changes are told of each article that shows another cluster.
func TestClusterChanges(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		for _, a := range press()[:4] {
			commitArticle(t, s, a)
		}
		clusterAll(t, s)
		_, token := follow(t, s, Token{})
		clusterAll(t, s)
		if got, _ := follow(t, s, token); len(got) > 0 {
			t.Errorf("changes of nothing: %+v", got)
		}
		version := 1
		edit := func(a *article.Article) {
			version++
			a.FetchedAt = at(version)
			commitArticle(t, s, a)
			clusterAll(t, s)
		}
		told := func(about string, ids ...string) {
			t.Helper()
			var got []Change
			got, token = follow(t, s, token)
			var have []string
			for _, c := range got {
				have = append(have, strings.TrimLeft(c.Article.ID, "0"))
			}
			slices.Sort(have)
			if !slices.Equal(have, ids) {
				t.Errorf("%s: told of %v, want %v", about, have, ids)
			}
		}
		edit(printed(4, 9, 51, 52))
		wantClusters(t, s, "the first is another text", map[string]string{"1": "1 first", "2": "1 copy 1", "3": "1 copy 1"})
		told("the first is another text", "1", "2", "3", "4")
		edit(printed(4, 9, 1, 2))
		wantClusters(t, s, "it is back", map[string]string{"4": "4 first", "1": "4 part 4", "2": "4 part 4", "3": "4 copy 1"})
		edit(printed(4, 13, 1, 2))
		wantClusters(t, s, "it is the latest", map[string]string{"1": "1 first", "2": "1 copy 1", "3": "1 copy 1", "4": "1 part 1"})
		told("it is the latest", "1", "2", "3", "4")

		first, err := s.Article(t.Context(), id(1))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Erase(t.Context(), ErasureOf(first)); err != nil {
			t.Fatal(err)
		}
		wantClusters(t, s, "the first is erased", map[string]string{"2": "2 first", "3": "2 copy 2", "4": "2 part 2"})
		clusterAll(t, s)
		for _, a := range []int{2, 3} {
			stored, err := s.Article(t.Context(), id(a))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Erase(t.Context(), ErasureOf(stored)); err != nil {
				t.Fatal(err)
			}
		}
		wantClusters(t, s, "one is left", map[string]string{})
		edit(printed(4, 13, 99))
		for key, doc := range dump(t, s) {
			if strings.HasPrefix(key, "sketches/") && !strings.HasPrefix(key, "sketches/"+id(4)) || strings.HasPrefix(key, "buckets/") && strings.Contains(doc, id(1)) {
				t.Errorf("left of what was erased: %s %s", key, doc)
			}
		}
	})
}

// TestClusterBrokenOff: whoever finds clusters may be stopped at any command, and they come out the same.
func TestClusterBrokenOff(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		all := press()
		slices.Reverse(all) // so that most articles take others over
		for _, a := range all {
			commitArticle(t, s, a)
		}
		if err := s.NumberAll(t.Context()); err != nil {
			t.Fatal(err)
		}
		broken := 0
		for n := 4; ; n += 1 + n/6 {
			ctx, cancel := context.WithCancel(t.Context())
			left := n
			stopped := db.openWith(t, Config{monitor: &event.CommandMonitor{Started: func(_ context.Context, e *event.CommandStartedEvent) {
				if left--; left == 0 {
					cancel()
				}
			}}})
			_, err := stopped.Cluster(ctx)
			done := ctx.Err() == nil
			cancel()
			if done {
				if err != nil {
					t.Fatal(err)
				}
				break
			}
			broken++
		}
		clusterAll(t, s)
		wantClusters(t, s, fmt.Sprintf("broken off %d times", broken), wantPress)
		if broken < 20 {
			t.Errorf("broken off %d times only", broken)
		}
	})
}

// TestClusterAnew: where the list of changes is another one, or what is known of the clusters was removed, it is found anew.
func TestClusterAnew(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		for _, a := range press()[:4] {
			commitArticle(t, s, a)
		}
		clusterAll(t, s)
		for _, c := range []string{"sketches", "buckets"} {
			if _, err := s.db.Collection(c).DeleteMany(t.Context(), bson.D{}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.meta.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: clusteredID}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "to", Value: "7-000000000000000000000000"}}}}); err != nil {
			t.Fatal(err)
		}
		commitArticle(t, s, printed(19, 8, 1, 2, 3, 4, 5))
		clusterAll(t, s)
		want := map[string]string{"13": "13 first", "4": "13 part 13", "1": "13 copy 13", "2": "13 copy 13", "3": "13 copy 13"}
		wantClusters(t, s, "anew", want)
	})
}

// BenchmarkCluster: an article more, of which no other one is.
func BenchmarkCluster(b *testing.B) {
	s := newDB(b, testServers[0].uri).open(b)
	n := 0
	for b.Loop() {
		b.StopTimer()
		n++
		commitArticle(b, s, printed(1000+n, n, 1000+5*n, 1001+5*n, 1002+5*n, 1003+5*n))
		if err := s.NumberAll(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := s.Cluster(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
