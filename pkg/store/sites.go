package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// SiteFile is a site's definition where no files have it: one document of the sites collection. What the text says is not this
// package's to judge.
type SiteFile struct {
	ID       string `bson:"_id"`
	Text     string `bson:"text"`             // of a site file
	Paused   bool   `bson:"paused,omitempty"` // beside what the text says
	Revision int64  `bson:"revision"`         // 1 for the first; it rises with every change
	// AddedAt and UpdatedAt are when the site was defined, and when its definition changed last.
	AddedAt   time.Time `bson:"added_at"`
	UpdatedAt time.Time `bson:"updated_at"`
}

// SiteFiles lists the definitions, by their ids. One that cannot be read is an error that wraps ErrUnreadable: to go on without it
// would be to take the site for removed.
func (s *Store) SiteFiles(ctx context.Context) ([]SiteFile, error) {
	var files []SiteFile
	err := s.eachSite(ctx, nil, func(raw bson.Raw) error {
		var f SiteFile
		if err := bson.Unmarshal(raw, &f); err != nil || f.ID == "" || f.Revision < 1 {
			return &UnreadableError{Collection: s.sites.Name(), ID: shownID(raw), Why: "it is no site's definition: mend the document, or remove it"}
		}
		f.AddedAt, f.UpdatedAt = f.AddedAt.UTC(), f.UpdatedAt.UTC()
		files = append(files, f)
		return nil
	})
	return files, wrap("list sites", err)
}

// SiteRevisions gives the definitions' revisions by their ids: what tells whether any has changed, for little.
func (s *Store) SiteRevisions(ctx context.Context) (map[string]int64, error) {
	revisions := make(map[string]int64)
	err := s.eachSite(ctx, bson.D{{Key: "revision", Value: 1}}, func(raw bson.Raw) error {
		n, _ := raw.Lookup("revision").AsInt64OK()
		revisions[shownID(raw)] = n
		return nil
	})
	return revisions, wrap("look at the sites", err)
}

func (s *Store) eachSite(ctx context.Context, fields bson.D, f func(bson.Raw) error) error {
	opts := options.Find().SetSort(bson.D{{Key: "_id", Value: 1}})
	if fields != nil {
		opts.SetProjection(fields)
	}
	cursor, err := s.sites.Find(ctx, bson.D{}, opts)
	if err != nil {
		return err
	}
	defer func() { _ = cursor.Close(context.WithoutCancel(ctx)) }() // it was read to its end, or an error is on its way
	for cursor.Next(ctx) {
		if err := f(cursor.Current); err != nil {
			return err
		}
	}
	return cursor.Err()
}

// shownID is a document's id as text.
func shownID(raw bson.Raw) string {
	id := raw.Lookup("_id")
	if text, ok := id.StringValueOK(); ok {
		return text
	}
	return id.String()
}

// SaveSiteFile writes a definition that was read with f.Revision (0: there was none), and returns it with its new one. The error
// wraps ErrConflict where somebody else wrote it meanwhile, and ErrRefused where it cannot be stored as it is.
func (s *Store) SaveSiteFile(ctx context.Context, f SiteFile) (SiteFile, error) {
	read := f.Revision
	f.Revision++
	f.UpdatedAt = millis(f.UpdatedAt)
	f.AddedAt = millis(f.AddedAt)
	err := s.exclusive(ctx, func(ctx context.Context) error {
		if read == 0 {
			_, err := s.sites.InsertOne(ctx, f)
			if isDuplicateID(err) {
				return ErrConflict
			}
			return judgedAlone(err)
		}
		res, err := s.sites.ReplaceOne(ctx, bson.D{{Key: "_id", Value: f.ID}, {Key: "revision", Value: read}}, f)
		if err == nil && res.MatchedCount == 0 {
			return ErrConflict
		}
		return judgedAlone(err)
	})
	if err != nil {
		return SiteFile{}, wrap(fmt.Sprintf("save site %s over revision %d", f.ID, read), err)
	}
	return f, nil
}

// RemoveSiteFile removes a site's definition; its pages and articles stay. The error wraps ErrNotFound where there is none.
func (s *Store) RemoveSiteFile(ctx context.Context, id string) error {
	res, err := s.sites.DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	if err == nil && res.DeletedCount == 0 {
		err = mongo.ErrNoDocuments
	}
	return wrap("remove site "+id, err)
}

// ForgetPages deletes the pages of a site, so that khabar knows nothing more of what it fetched there, and returns how many they
// were. Articles stay, and so do the records of pages whose articles were erased: they say so. A page that a worker has in hand meanwhile may come back by what it stores.
func (s *Store) ForgetPages(ctx context.Context, site string) (int64, error) {
	if site == "" {
		return 0, errors.New("forget the pages of which site?")
	}
	ctx, cancel := unhurried(ctx)
	defer cancel()
	res, err := s.pages.DeleteMany(ctx, bson.D{{Key: "site", Value: site}, {Key: "outcome", Value: bson.D{{Key: "$ne", Value: outcome.Erased}}}})
	if err != nil {
		return 0, wrap("forget the pages of "+site, err)
	}
	return res.DeletedCount, nil
}
