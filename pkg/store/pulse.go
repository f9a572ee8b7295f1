package store

import (
	"context"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Pulse says that a scheduler is alive: one document of the collection meta for each.
type Pulse struct {
	ID      string    `bson:"_id"` // pulsePrefix and a name of its own
	Since   time.Time `bson:"since"`
	At      time.Time `bson:"at"`
	RoundAt time.Time `bson:"round_at,omitempty"` // when it last looked for due pages and put them; zero for never
	Problem string    `bson:"problem,omitempty"`  // why its last look came to nothing; "" where it did not
	Ended   bool      `bson:"ended,omitempty"`    // it was stopped, and said so
}

const pulsePrefix = "scheduler "

// pulseKept is how long the pulse of a scheduler that is gone is kept: whoever looks the next morning sees when it went.
const pulseKept = 7 * 24 * time.Hour

// Beat writes a scheduler's pulse; its ID is a name that no other has. Those of schedulers that are long gone are removed.
func (s *Store) Beat(ctx context.Context, p Pulse) error {
	set := bson.D{{Key: "since", Value: millis(p.Since)}, {Key: "at", Value: millis(p.At)}, {Key: "ended", Value: p.Ended}, {Key: "problem", Value: p.Problem}}
	if !p.RoundAt.IsZero() {
		set = append(set, bson.E{Key: "round_at", Value: millis(p.RoundAt)})
	}
	_, err := s.meta.UpdateOne(ctx, bson.D{{Key: "_id", Value: pulsePrefix + p.ID}}, bson.D{{Key: "$set", Value: set}}, options.UpdateOne().SetUpsert(true))
	if err != nil {
		return wrap("say that the scheduler is alive", err)
	}
	all, err := s.Pulses(ctx)
	if err != nil {
		return err
	}
	for _, old := range all {
		if p.At.Sub(old.At) > pulseKept {
			if _, err := s.meta.DeleteOne(ctx, bson.D{{Key: "_id", Value: old.ID}}); err != nil {
				return wrap("forget a scheduler", err)
			}
		}
	}
	return nil
}

// Pulses reads those of all schedulers. One that cannot be read is left out: it is written anew, or nobody's.
func (s *Store) Pulses(ctx context.Context) ([]Pulse, error) {
	cur, err := s.meta.Find(ctx, bson.D{}) // a handful
	if err != nil {
		return nil, wrap("read who schedules", err)
	}
	defer cur.Close(context.WithoutCancel(ctx))
	var all []Pulse
	for cur.Next(ctx) {
		id := textOf(cur.Current.Lookup("_id"))
		var p Pulse
		if strings.HasPrefix(id, pulsePrefix) && bson.Unmarshal(cur.Current, &p) == nil && !p.At.IsZero() {
			all = append(all, p)
		}
	}
	return all, wrap("read who schedules", cur.Err())
}
