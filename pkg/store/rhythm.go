package store

import (
	"context"
	"iter"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/khabar-crawler/khabar/pkg/look"
	"github.com/khabar-crawler/khabar/pkg/rhythm"
)

// Rhythm is what the sections of one kind have taught of when they publish: one document of the rhythms collection.
type Rhythm struct {
	ID        string      `bson:"_id"` // FleetRhythm, or as CountryRhythm and SiteRhythm name it
	UpdatedAt time.Time   `bson:"updated_at"`
	Pool      rhythm.Pool `bson:"pool"`
	// Shifts is how a site's sections share what several of them list, by the ids of their pages: see rhythm.Shifts.
	Shifts map[string]float64 `bson:"shifts,omitempty"`
	Looks  *look.Pool         `bson:"looks,omitempty"` // what looks for edits have taught, in FleetRhythm alone
}

// FleetRhythm is the id of the rhythm of all sections.
const FleetRhythm = "fleet"

// CountryRhythm is the id of the rhythm of a country's sections, by its ISO 3166-1 code.
func CountryRhythm(code string) string { return "country " + code }

// SiteRhythm is the id of the rhythm of a site's sections.
func SiteRhythm(id string) string { return "site " + id }

// Rhythms reads what was learned of all kinds of sections. What cannot be read is left out: it is written anew within hours.
func (s *Store) Rhythms(ctx context.Context) ([]Rhythm, error) {
	ctx, cancel := unhurried(ctx)
	defer cancel()
	cur, err := s.rhythms.Find(ctx, bson.D{})
	if err != nil {
		return nil, wrap("read rhythms", err)
	}
	defer cur.Close(context.WithoutCancel(ctx))
	var all []Rhythm
	for cur.Next(ctx) {
		var r Rhythm
		if cur.Decode(&r) == nil && r.Pool.Valid() && rhythm.AreShifts(r.Shifts) && (r.Looks == nil || r.Looks.Valid()) {
			all = append(all, r)
		}
	}
	return all, wrap("read rhythms", cur.Err())
}

// SaveRhythms writes what was learned of kinds of sections in place of what was there. Of several who do so at once the last
// one counts: they have read the same pages.
func (s *Store) SaveRhythms(ctx context.Context, all []Rhythm) error {
	for part := range chunks(all, s.atOnce()) {
		err := s.exclusive(ctx, func(ctx context.Context) error {
			models := make([]mongo.WriteModel, len(part))
			for i, r := range part {
				set := bson.D{{Key: "updated_at", Value: millis(r.UpdatedAt)}, {Key: "pool", Value: r.Pool}}
				if r.Looks != nil {
					set = append(set, bson.E{Key: "looks", Value: r.Looks})
				}
				update := bson.D{{Key: "$unset", Value: bson.D{{Key: "shifts", Value: ""}}}}
				if len(r.Shifts) > 0 {
					set, update = append(set, bson.E{Key: "shifts", Value: r.Shifts}), nil
				}
				update = append(update, bson.E{Key: "$set", Value: set})
				models[i] = s.update(bson.D{{Key: "_id", Value: r.ID}}, update, true)
			}
			_, err := s.bulk(ctx, s.rhythms, models)
			return err
		})
		if err != nil {
			return wrap("save rhythms", err)
		}
	}
	return nil
}

// Habits reads from all sites' profiles what looks at their articles have taught. What cannot be read is left out: it is learned
// anew.
func (s *Store) Habits(ctx context.Context) iter.Seq2[look.Habit, error] {
	return func(yield func(look.Habit, error) bool) {
		ctx, cancel := unhurried(ctx)
		defer cancel()
		cur, err := s.profiles.Find(ctx, bson.D{}, options.Find().SetProjection(bson.D{{Key: "data.habit", Value: 1}}))
		if err != nil {
			yield(look.Habit{}, wrap("read the habits of sites", err))
			return
		}
		defer cur.Close(context.WithoutCancel(ctx))
		for cur.Next(ctx) {
			var p struct {
				Data struct {
					Habit *look.Habit `bson:"habit"`
				} `bson:"data"`
			}
			if cur.Decode(&p) != nil || p.Data.Habit == nil || !p.Data.Habit.Valid() {
				continue
			}
			if !yield(*p.Data.Habit, nil) {
				return
			}
		}
		if err := cur.Err(); err != nil {
			yield(look.Habit{}, wrap("read the habits of sites", err))
		}
	}
}

// SectionRhythms reads what the visits of sections have taught: of each page its id, its site and its rhythm, alone.
func (s *Store) SectionRhythms(ctx context.Context) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		ctx, cancel := unhurried(ctx)
		defer cancel()
		coll := s.pages
		v, err := s.ordered(ctx, viewRhythm)
		if err != nil {
			yield(Page{}, wrap("look for the view of sections", err))
			return
		}
		if v != nil {
			coll = v
		}
		// By comparison, which the index serves.
		filter := bson.D{{Key: "rhythm.at", Value: bson.D{{Key: "$gte", Value: time.Time{}}}}}
		cur, err := coll.Find(ctx, filter, options.Find().SetProjection(bson.D{{Key: "site", Value: 1}, {Key: "rhythm", Value: 1}}))
		if err != nil {
			yield(Page{}, wrap("read the rhythms of sections", err))
			return
		}
		defer cur.Close(context.WithoutCancel(ctx))
		for cur.Next(ctx) {
			var p Page
			if cur.Decode(&p) != nil || p.Rhythm == nil || !p.Rhythm.Valid() {
				continue // the next visit begins it anew
			}
			if !yield(p, nil) {
				return
			}
		}
		if err := cur.Err(); err != nil {
			yield(Page{}, wrap("read the rhythms of sections", err))
		}
	}
}
