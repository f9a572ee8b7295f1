package store

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Profile is what was learned of a site's pages: one document of the profiles collection.
type Profile struct {
	Site      string    `bson:"_id"`
	Version   int64     `bson:"version"` // 1 for the first; 0 for a profile that is not stored yet
	UpdatedAt time.Time `bson:"updated_at"`
	Data      bson.Raw  `bson:"data,omitempty"` // the learner's own document

	odd *bson.RawValue // what is stored in place of a version: SaveProfile replaces that
}

// Decode reads the learner's document into v.
func (p Profile) Decode(v any) error {
	if err := bson.Unmarshal(p.Data, v); err != nil {
		return fmt.Errorf("decode profile of %s: %w", p.Site, err)
	}
	return nil
}

// Encode makes v the learner's document.
func (p *Profile) Encode(v any) error {
	data, err := bson.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode profile of %s: %w", p.Site, err)
	}
	p.Data = data
	return nil
}

// Profile reads a site's profile. The error wraps ErrNotFound where there is none. Of a document that is not what it
// should be it gives what can be read: the data is the learner's to judge, and SaveProfile puts a good one in its place.
func (s *Store) Profile(ctx context.Context, site string) (Profile, error) {
	raw, err := s.profiles.FindOne(ctx, bson.D{{Key: "_id", Value: site}}).Raw()
	if err != nil {
		return Profile{}, wrap("read profile of "+site, err)
	}
	p := Profile{Site: site}
	version := raw.Lookup("version")
	if n, ok := version.AsInt64OK(); ok && n > 0 {
		p.Version = n
	} else {
		p.odd = &version
	}
	if t, ok := raw.Lookup("updated_at").TimeOK(); ok {
		p.UpdatedAt = t.UTC()
	}
	p.Data, _ = raw.Lookup("data").DocumentOK()
	return p, nil
}

// SaveProfile writes a profile that was read with p.Version (0: there was none), and returns it with its new version.
// The error wraps ErrConflict where somebody else wrote it meanwhile, and ErrRefused where it cannot be stored as it is.
func (s *Store) SaveProfile(ctx context.Context, p Profile) (Profile, error) {
	read, odd := p.Version, p.odd
	was := bson.E{Key: "version", Value: read}
	switch {
	case odd == nil:
	case odd.IsZero():
		was.Value = bson.D{{Key: "$exists", Value: false}}
	default:
		was.Value = *odd
	}
	p.Version, p.odd = read+1, nil
	p.UpdatedAt = millis(p.UpdatedAt)
	err := s.exclusive(ctx, func(ctx context.Context) error {
		if read == 0 && odd == nil {
			_, err := s.profiles.InsertOne(ctx, p)
			if isDuplicateID(err) {
				return ErrConflict
			}
			return judgedAlone(err)
		}
		res, err := s.profiles.ReplaceOne(ctx,
			bson.D{{Key: "_id", Value: p.Site}, was}, p)
		if err == nil && res.MatchedCount == 0 {
			return ErrConflict
		}
		return judgedAlone(err)
	})
	if err != nil {
		return Profile{}, wrap(fmt.Sprintf("save profile of %s over version %d", p.Site, read), err)
	}
	return p, nil
}
