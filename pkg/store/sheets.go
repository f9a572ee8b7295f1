package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/khabar-crawler/khabar/pkg/ledger"
)

// storedSheet is a sheet with the last batch of each process that was added to it, by the name of the process.
type storedSheet struct {
	ledger.Sheet `bson:",inline"`
	Batches      map[string]int64 `bson:"batches,omitempty"`
}

// SiteSheets reads what was counted of a site on the days from that of one time to that of another; days without any are left
// out.
func (s *Store) SiteSheets(ctx context.Context, sites []string, from, to time.Time) ([]ledger.Sheet, error) {
	var ids []string
	for day := ledger.Day(from); !day.After(to); day = day.Add(24 * time.Hour) {
		for _, site := range sites {
			ids = append(ids, ledger.SiteDay(site, day))
		}
	}
	sheets, err := s.sheets(ctx, s.siteDays, ids)
	return sheets, wrap("read the counts of sites", err)
}

// FleetSheets reads what was counted of all sites in the hours from that of one time to that of another.
func (s *Store) FleetSheets(ctx context.Context, from, to time.Time) ([]ledger.Sheet, error) {
	var ids []string
	for hour := from.UTC().Truncate(time.Hour); !hour.After(to); hour = hour.Add(time.Hour) {
		ids = append(ids, ledger.FleetHour(hour))
	}
	sheets, err := s.sheets(ctx, s.fleetHours, ids)
	return sheets, wrap("read the counts of all sites", err)
}

func (s *Store) sheets(ctx context.Context, c *mongo.Collection, ids []string) (all []ledger.Sheet, err error) {
	ctx, cancel := unhurried(ctx)
	defer cancel()
	for part := range chunks(ids, maxBulk) {
		err := s.findByID(ctx, c, part, func(raw bson.Raw) error {
			var sheet storedSheet
			if bson.Unmarshal(raw, &sheet) == nil { // one that somebody spoilt says nothing
				all = append(all, sheet.Sheet)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// addSheets adds what a process has counted to the stored sheets, as its batch of that number. Adding the batch again adds
// nothing, nor does one of an earlier number: a process adds its batches in order. It returns the sheets that were not added, with
// why; the error is that of all, of which any part may be added.
func (s *Store) addSheets(ctx context.Context, process string, batch int64, sheets []ledger.Sheet) (refused []Refusal, err error) {
	byCollection := map[*mongo.Collection][]ledger.Sheet{}
	for _, sheet := range sheets {
		c := s.siteDays
		if sheet.Site == "" {
			c = s.fleetHours
		}
		byCollection[c] = append(byCollection[c], sheet)
	}
	for c, some := range byCollection {
		for part := range chunks(some, s.atOnce()) {
			var errs []error
			err := s.exclusive(ctx, func(ctx context.Context) (err error) {
				if s.lock != nil {
					errs, err = s.mergeSheets(ctx, c, process, batch, part)
				} else {
					errs, err = s.incrementSheets(ctx, c, process, batch, part)
				}
				return err
			})
			if err != nil {
				return refused, wrap(fmt.Sprintf("add to %d counts", len(sheets)), err)
			}
			for i, err := range errs {
				if err != nil {
					refused = append(refused, Refusal{ID: c.Name() + " " + part[i].ID, Err: err})
				}
			}
		}
	}
	return refused, nil
}

// incrementSheets adds by atomic updates. One that matches nothing finds its batch added already, or no document yet.
func (s *Store) incrementSheets(ctx context.Context, c *mongo.Collection, process string, batch int64, sheets []ledger.Sheet) ([]error, error) {
	models := func(upsert bool, which []int) (all []mongo.WriteModel) {
		for _, i := range which {
			filter := bson.D{{Key: "_id", Value: sheets[i].ID}, {Key: "batches." + process, Value: bson.D{{Key: "$not", Value: bson.D{{Key: "$gte", Value: batch}}}}}}
			all = append(all, s.update(filter, increments(sheets[i], process, batch), upsert))
		}
		return all
	}
	which := make([]int, len(sheets))
	for i := range which {
		which[i] = i
	}
	errs := make([]error, len(sheets))
	res, err := s.bulk(ctx, c, models(true, which))
	if err != nil {
		return nil, err
	}
	// There is a document in the way of the upsert: it has the batch, or somebody made it meanwhile.
	var there []int
	for i, err := range res.errs {
		if isDuplicateID(err) {
			there = append(there, i)
		} else {
			errs[i] = err
		}
	}
	res, err = s.bulk(ctx, c, models(false, there))
	for j, i := range there {
		errs[i] = res.errs[j]
	}
	return errs, err
}

// increments is the update that adds a sheet.
func increments(sheet ledger.Sheet, process string, batch int64) bson.D {
	inc := bson.D{}
	add := func(slot, what string, counts map[string]int64) {
		for name, n := range counts {
			inc = append(inc, bson.E{Key: "slots." + slot + "." + what + "." + name, Value: n})
		}
	}
	for name, slot := range sheet.Slots {
		add(name, "articles", slot.Articles)
		add(name, "sections", slot.Sections)
		add(name, "changes", slot.Changes)
		add(name, "delays", slot.Delays)
	}
	made := bson.D{{Key: "from", Value: millis(sheet.From)}}
	if sheet.Site != "" {
		made = append(made, bson.E{Key: "site", Value: sheet.Site})
	}
	return bson.D{
		{Key: "$inc", Value: inc},
		{Key: "$max", Value: bson.D{{Key: "updated_at", Value: millis(sheet.UpdatedAt)}}},
		{Key: "$set", Value: bson.D{{Key: "batches." + process, Value: batch}}},
		{Key: "$setOnInsert", Value: made},
	}
}

// mergeSheets adds where updates are not atomic: it reads and writes, with the lock.
func (s *Store) mergeSheets(ctx context.Context, c *mongo.Collection, process string, batch int64, sheets []ledger.Sheet) ([]error, error) {
	ids := make([]string, len(sheets))
	for i, sheet := range sheets {
		ids[i] = sheet.ID
	}
	stored, spoilt := make(map[string]storedSheet), make(map[string]error)
	err := s.findByID(ctx, c, ids, func(raw bson.Raw) error {
		id := textOf(raw.Lookup("_id"))
		var sheet storedSheet
		if err := bson.Unmarshal(raw, &sheet); err != nil {
			spoilt[id] = errors.Join(ErrUnreadable, err)
		}
		stored[id] = sheet
		return nil
	})
	if err != nil {
		return nil, err
	}
	errs := make([]error, len(sheets))
	var models []mongo.WriteModel
	var whose []int
	for i, sheet := range sheets {
		has := stored[sheet.ID]
		if errs[i] = spoilt[sheet.ID]; errs[i] != nil || has.Batches[process] >= batch {
			continue
		}
		has.Site, has.From = sheet.Site, millis(sheet.From)
		has.Add(sheet)
		has.UpdatedAt = millis(has.UpdatedAt)
		if has.Batches == nil {
			has.Batches = make(map[string]int64)
		}
		has.Batches[process] = batch
		doc, err := s.withoutID(has)
		if err != nil {
			return nil, err
		}
		models = append(models, s.update(bson.D{{Key: "_id", Value: sheet.ID}}, bson.D{{Key: "$set", Value: doc}}, true))
		whose = append(whose, i)
	}
	res, err := s.bulk(ctx, c, models)
	for j, i := range whose {
		errs[i] = res.errs[j]
	}
	return errs, err
}
