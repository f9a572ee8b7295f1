package scheduler

import (
	"context"
	"time"

	"github.com/khabar-crawler/khabar/pkg/store"
)

// halfway is a batch of which a claim or a put has failed, so that some pages may be claimed and in no frontier. Where a busy
// store's answer is lost they would be as late as a lease is long, and a run that ends would wait for them.
type halfway struct {
	pages []store.Page // as a claim leaves them
	until time.Time
	tries int
}

// mostTries is how often a batch is taken up again: half a minute, as Run waits between two. What fails for longer is left to
// its lease, for if it fails by itself it keeps others from being scheduled.
const mostTries = 5

// send claims pages and puts those that it got, whose number it gives. What fails half way is taken up by resume.
func (s *Scheduler) send(ctx context.Context, pages []store.Page, until time.Time) (int, error) {
	won, err := s.store.Claim(ctx, pages, until)
	if err == nil {
		err = s.put(ctx, won)
	}
	if err != nil {
		s.halfway = halfway{pages: asClaimed(pages, until), until: until}
		return 0, err
	}
	return len(won), nil
}

// resume goes on where a send failed: it claims once more the pages that look as that claim leaves them, whose lease ends when
// it would have. Those that it had not moved are due still, and those that are done or another's look different.
func (s *Scheduler) resume(ctx context.Context) (int, error) {
	h := s.halfway
	s.halfway = halfway{}
	if len(h.pages) == 0 || h.tries == mostTries {
		return 0, nil
	}
	n, err := s.send(ctx, h.pages, h.until)
	if err != nil {
		s.halfway.tries = h.tries + 1
	}
	return n, err
}

func asClaimed(pages []store.Page, until time.Time) []store.Page {
	claimed := make([]store.Page, len(pages))
	for i, p := range pages {
		p.Status, p.NextAt, p.Held = store.StatusQueued, &until, ""
		claimed[i] = p
	}
	return claimed
}
