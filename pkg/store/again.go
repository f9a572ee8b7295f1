package store

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/khabar-crawler/khabar/pkg/outcome"
)

// Repeat is what Again does with a page.
type Repeat string

// What Again does.
const (
	RepeatNow      Repeat = "now"       // the page is made due
	RepeatAsItIs   Repeat = "as it is"  // it is due already, with nothing to be forgiven
	RepeatUnderWay Repeat = "under way" // it is in the frontier, and left to whoever has it in hand
	RepeatErased   Repeat = "erased"    // what it held was erased, and it is never fetched again
	RepeatNewer    Repeat = "newer"     // a newer version of khabar wrote it, and it is left to that
)

// Repeat says what Again does with the page, as it is now.
func (p Page) Repeat(now time.Time) Repeat {
	conditional := p.HTTP != nil && (p.HTTP.ETag != "" || p.HTTP.LastModified != "")
	switch {
	case p.Version > PageVersion:
		return RepeatNewer
	case p.Outcome == outcome.Erased:
		return RepeatErased
	case p.Status == StatusQueued:
		return RepeatUnderWay
	case p.Status == StatusDue && p.NextAt != nil && !p.NextAt.After(now) && p.Attempts == 0 && !conditional:
		return RepeatAsItIs
	}
	return RepeatNow
}

// Again makes pages due now whatever became of them: failures are forgiven, and they are fetched without conditions, as
// if they had never been. All else on their records stays. A page that somebody changed since it was read stays as it is;
// so does one that Repeat says to leave. It returns how many were made due. Doing it again changes nothing.
func (s *Store) Again(ctx context.Context, pages []Page, now time.Time) (int, error) {
	var wanted []Page
	for _, p := range unique(pages, func(p Page) string { return p.ID }) {
		if p.Repeat(now) == RepeatNow {
			wanted = append(wanted, p)
		}
	}
	total := 0
	for part := range chunks(wanted, s.atOnce()) {
		err := s.exclusive(ctx, func(ctx context.Context) error {
			n, err := s.again(ctx, part, millis(now))
			total += n
			return err
		})
		if err != nil {
			return total, wrap(fmt.Sprintf("make %d pages due again", len(part)), err)
		}
	}
	return total, nil
}

func (s *Store) again(ctx context.Context, pages []Page, now time.Time) (int, error) {
	return s.move(ctx, pages, func(Page) bson.D {
		return bson.D{
			{Key: "$set", Value: bson.D{{Key: "status", Value: StatusDue}, {Key: "next_at", Value: now}}},
			{Key: "$unset", Value: bson.D{
				{Key: "attempts", Value: ""}, {Key: "held", Value: ""}, {Key: "http.etag", Value: ""}, {Key: "http.last_modified", Value: ""},
			}},
		}
	})
}

// unmoved are the pages whose status and next_at are still what they were, of no newer version, on a server where the lock makes that stay so.
func (s *Store) unmoved(ctx context.Context, pages []Page) ([]Page, error) {
	ids := make([]string, len(pages))
	for i, p := range pages {
		ids[i] = p.ID
	}
	now, err := s.Pages(ctx, ids)
	if err != nil {
		return nil, err
	}
	var same []Page
	for _, p := range pages {
		if cur, ok := now[p.ID]; ok && cur.Version <= PageVersion && cur.Status == p.Status && sameTime(cur.NextAt, p.NextAt) {
			same = append(same, p)
		}
	}
	return same, nil
}
