package store

import (
	"errors"
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestArticles(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		var effects []Effect
		for n := range 5 {
			a := story(n, 1, 1)
			a.PublishedAt = ptr(at(n * 10))
			if n%2 == 1 {
				a.Site, a.Language = "other.example", "en"
			}
			if n == 4 {
				a.PublishedAt, a.Published = nil, nil
			}
			effects = append(effects, Effect{Page: done(n, 1), Article: a})
		}
		mustCommit(t, s, effects...)
		for _, tc := range []struct {
			about  string
			filter ArticleFilter
			want   []int
		}{
			{"newest first, those without a time last", ArticleFilter{Sort: SortNewest}, []int{3, 2, 1, 0, 4}},
			{"oldest", ArticleFilter{Sort: SortOldest, Since: at(0)}, []int{0, 1, 2, 3}},
			{"limit", ArticleFilter{Sort: SortNewest, Limit: 2}, []int{3, 2}},
			{"site", ArticleFilter{Sort: SortNewest, Sites: []string{"other.example"}}, []int{3, 1}},
			{"language", ArticleFilter{Sort: SortNewest, Languages: []string{"ar", "fa"}}, []int{2, 0, 4}},
			{"both", ArticleFilter{Sites: []string{"other.example"}, Languages: []string{"ar"}}, nil},
			{"since, inclusive", ArticleFilter{Sort: SortOldest, Since: at(20)}, []int{2, 3}},
			{"until, exclusive", ArticleFilter{Sort: SortOldest, Since: at(0), Until: at(20)}, []int{0, 1}},
			{"times in other zones", ArticleFilter{Since: at(30).In(time.FixedZone("", 3*3600))}, []int{3}},
		} {
			var want, got []string
			for _, n := range tc.want {
				want = append(want, id(n))
			}
			for a, err := range s.Articles(t.Context(), tc.filter) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, a.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", tc.about, got, want)
			}
			tc.filter.Limit = 0
			if n, err := s.CountArticles(t.Context(), tc.filter); err != nil || n < int64(len(want)) {
				t.Errorf("%s: counted %d, %v", tc.about, n, err)
			}
		}
		for range s.Articles(t.Context(), ArticleFilter{}) {
			break // leaving early closes the cursor
		}
		if _, err := s.Article(t.Context(), id(99)); !errors.Is(err, ErrNotFound) {
			t.Errorf("an article that is not there: %v", err)
		}
		if revs, err := s.Revisions(t.Context(), id(99)); err != nil || len(revs) != 0 {
			t.Errorf("revisions of nothing: %v, %v", revs, err)
		}
	})
}

func TestProfile(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		if _, err := s.Profile(t.Context(), "news.example"); !errors.Is(err, ErrNotFound) {
			t.Fatalf("a profile that is not there: %v", err)
		}
		data := func(n int) bson.Raw {
			raw, err := bson.Marshal(bson.D{{Key: "learned", Value: n}})
			if err != nil {
				t.Fatal(err)
			}
			return raw
		}
		p := Profile{Site: "news.example", UpdatedAt: at(1), Data: data(1)}
		first, err := s.SaveProfile(t.Context(), p)
		if err != nil || first.Version != 1 {
			t.Fatalf("%+v, %v", first, err)
		}
		if _, err := s.SaveProfile(t.Context(), p); !errors.Is(err, ErrConflict) {
			t.Fatalf("a second first one: %v", err)
		}
		first.Data = data(2)
		second, err := s.SaveProfile(t.Context(), first)
		if err != nil || second.Version != 2 {
			t.Fatalf("%+v, %v", second, err)
		}
		if _, err := s.SaveProfile(t.Context(), first); !errors.Is(err, ErrConflict) {
			t.Fatalf("over a version that was replaced: %v", err)
		}
		got, err := s.Profile(t.Context(), "news.example")
		if err != nil || got.Version != 2 || got.Data.Lookup("learned").Int32() != 2 || !got.UpdatedAt.Equal(at(1)) {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}
