package store

import (
	"reflect"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/khabar-crawler/khabar/pkg/look"
	"github.com/khabar-crawler/khabar/pkg/rhythm"
)

// TestRhythms: what sections have taught is found with them, and what was put together of it replaces what was there. What
// somebody spoilt is left out.
func TestRhythms(t *testing.T) {
	onServers(t, func(t *testing.T, db testDB) {
		s := db.open(t)
		section, spoilt, article := duePage(1, 0), duePage(2, 0), duePage(3, 0)
		section.Interval, section.Rhythm = 600, &rhythm.Stats{At: at(5), Count: 3.5, Days: 2, Hour: [24]float64{7: 3.5}}
		spoilt.Interval, spoilt.Rhythm = 600, &rhythm.Stats{At: at(5), Count: -1}
		if _, _, err := s.EnsurePages(t.Context(), []Page{section, spoilt, article}); err != nil {
			t.Fatal(err)
		}
		found := 0
		for p, err := range s.SectionRhythms(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if found++; p.ID != section.ID || p.Site != section.Site || !reflect.DeepEqual(p.Rhythm, section.Rhythm) {
				t.Errorf("%+v, %+v", p, p.Rhythm)
			}
		}
		if found != 1 {
			t.Errorf("%d sections", found)
		}
		var pool rhythm.Pool
		pool.Add(section.Rhythm, 0)
		all := []Rhythm{
			{ID: FleetRhythm, UpdatedAt: at(6), Pool: pool, Looks: &look.Pool{Habit: look.Habit{Articles: 3}}},
			{ID: CountryRhythm("IQ"), UpdatedAt: at(6), Pool: pool},
			{ID: SiteRhythm("news.example"), UpdatedAt: at(6), Shifts: map[string]float64{id(1): 2, id(2): -2}},
		}
		for range 2 {
			if err := s.SaveRhythms(t.Context(), all); err != nil {
				t.Fatal(err)
			}
			all[2].UpdatedAt = at(7)
		}
		if _, err := s.rhythms.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: "country IQ"}},
			bson.D{{Key: "$set", Value: bson.D{{Key: "pool", Value: bson.D{{Key: "hour", Value: "eight"}}}}}}); err != nil {
			t.Fatal(err)
		}
		got, err := s.Rhythms(t.Context())
		byID := map[string]Rhythm{}
		for _, r := range got {
			r.UpdatedAt = r.UpdatedAt.UTC()
			byID[r.ID] = r
		}
		if err != nil || len(got) != 2 || !reflect.DeepEqual(byID["fleet"], all[0]) || byID["site news.example"].Shifts[id(2)] != -2 || !byID["site news.example"].UpdatedAt.Equal(at(7)) {
			t.Errorf("%+v, %v", byID, err)
		}
	})
}
