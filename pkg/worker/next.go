package worker

import (
	"math"
	"time"

	"github.com/khabar-crawler/khabar/pkg/outcome"
	"github.com/khabar-crawler/khabar/pkg/store"
)

// course is what an outcome means for what comes next.
type course int

const (
	fine     course = iota // the page is done until its next visit, if it has one
	passing                // may pass in minutes: retried soon, which a crawl that is to end waits for
	doubtful               // may be the fault of an hour: believed when it was said three times over a day
	barred                 // may pass in days: tried for a week
	harmful                // does harm to the worker, until khabar or the page is another: tried daily for a week
	ruled                  // a rule excludes the page, and rules change seldom: looked at for two months
	final                  // never changes
)

// courseOf says what a page's outcome means.
func courseOf(p store.Page) course {
	switch p.Outcome {
	case outcome.OK, outcome.NotModified:
		return fine
	case outcome.Retry, outcome.RobotsUnavailable, outcome.Host, outcome.NoSite:
		return passing
	case outcome.Gone:
		if p.Reason == outcome.HTTP(410) { // which nobody answers by mistake, as 404 is when a server lost its database
			return final
		}
		return doubtful
	case outcome.Redirected:
		if p.Reason == "" || p.Reason == outcome.ReasonFollowed { // a page of its own goes on there
			return fine
		}
		return doubtful
	case outcome.Blocked:
		if p.Reason == outcome.ReasonTooMany {
			return passing
		}
		return barred
	case outcome.Robots, outcome.Refused, outcome.Cut:
		return ruled
	case outcome.TooLarge, outcome.NotText, outcome.Unreadable:
		return doubtful
	case outcome.NotArticle:
		return courseOfNoArticle(p.Reason)
	case outcome.Nothing:
		return fine // of a further page of a listing: it is the last; a section's is not asked here
	case outcome.Failed:
		if p.Reason == outcome.ReasonURL {
			return final
		}
	case outcome.Crash:
		if harms(p) {
			return harmful
		}
	}
	return barred
}

// harms says that a page takes workers down, or a core for good.
func harms(p store.Page) bool {
	return p.Reason == outcome.ReasonKilledWorker || p.Reason == outcome.ReasonEndless
}

// courseOfNoArticle tells what a site serves in the place of an article during an outage from what is no article by nature.
func courseOfNoArticle(why outcome.Reason) course {
	switch why {
	case outcome.ReasonErrorPage, outcome.ReasonLittleText, outcome.ReasonNoBody, outcome.ReasonNoText, outcome.ReasonLeadsElsewhere:
		return doubtful
	}
	return fine
}

// uncounted stands for the tries of a page that is read well each time and never stored: its attempts do not count them.
const uncounted = math.MaxInt

// next says what comes after a page's outcome, which the verdict has: its status, and when it is due. old is the page as it
// was before, and after what the site, or the rest that its host is given, asks for. A page that was read well is scheduled
// already.
func (w *Worker) next(v *verdict, old store.Page, after time.Duration, now time.Time) {
	p := &v.page
	p.NextWhy = v.why
	if old.Guess != "" && p.Outcome != outcome.Crash && p.Outcome != outcome.NotStored {
		w.nextOfGuess(v, old, after, now)
		return
	}
	if isRoot(old) {
		w.nextOfSection(v, old, after, now)
		return
	}
	c := courseOf(*p)
	if c == fine {
		p.Attempts = 0
		return
	}
	p.Attempts = old.Attempts + 1
	at, ok := time.Time{}, false
	policy := w.cfg.Policy
	if p.Walk != nil && c != passing && p.Outcome != outcome.Blocked {
		p.Status, p.NextAt = statusOf(*p), nil // there is no such list, or none that can be read
		return
	}
	switch c {
	case passing:
		if p.Attempts < policy.MaxAttempts {
			at = now.Add(policy.Retry(p.ID, p.Attempts, after))
			p.Status, p.NextAt = store.StatusDue, &at
			return
		}
		at, ok = policy.Again(p.ID, p.Attempts-policy.MaxAttempts+1, p.DiscoveredAt, now)
	case doubtful:
		if at, ok = policy.Doubt(p.ID, p.Attempts, sinceSame(*p, old, now), now); !ok && isGone(*p) {
			v.markGone(now)
			at, ok = policy.Ruled(p.ID, p.DiscoveredAt, now) // should it come back
		}
	case barred:
		if at, ok = policy.Barred(p.ID, p.Attempts, p.DiscoveredAt, now); p.Outcome == outcome.NotStored {
			at, ok = policy.Again(p.ID, uncounted, p.DiscoveredAt, now) // no document is taken an hour later that was not before
		}
	case harmful:
		at, ok = policy.Again(p.ID, p.Attempts, p.DiscoveredAt, now)
	case ruled:
		at, ok = policy.Ruled(p.ID, p.DiscoveredAt, now)
	}
	if c == final && isGone(*p) {
		v.markGone(now)
	}
	if p.Status = statusOf(*p); p.Walk != nil && ok {
		p.Status = store.StatusDue // the backfill is not done before
	}
	if p.Status != store.StatusDone {
		p.NextAt, p.NextWhy = nil, "" // what is done may have a next visit of its own
	}
	if at = later(at, now.Add(after)); ok && (p.NextAt == nil || at.Before(*p.NextAt)) {
		p.NextAt, p.NextWhy = &at, ""
	}
}

// nextOfSection is next for a section, which is never given up. What it says for certain, as that it is not there, a crawl
// that is to end does not wait for to change.
func (w *Worker) nextOfSection(v *verdict, old store.Page, after time.Duration, now time.Time) {
	p := &v.page
	c := courseOf(*p)
	if c == fine && p.Outcome != outcome.Nothing {
		p.Attempts = 0
		return
	}
	v.section = false
	p.Attempts = old.Attempts + 1
	policy, last := w.policyOf(old), time.Duration(old.Interval)*time.Second
	gave := old.Yield > 0 || old.Interval > 0 && old.Depth == 0 // links, at some time
	unproven := !gave && old.DiscoveredFrom != ""               // perhaps no section at all
	wait := policy.Failing(p.ID, last, p.Attempts, after)
	switch {
	case c == harmful:
		wait = policy.Max // each visit may cost workers their lives
	case p.Outcome == outcome.NotStored, unproven && (p.Outcome == outcome.Nothing || p.Outcome == outcome.Unreadable):
		wait = policy.Slowing(p.ID, last, p.Attempts, after) // a minute changes nothing
	}
	at := now.Add(wait)
	if cron := w.timingOf(old).Cron; cron != nil && p.Attempts >= policy.MaxAttempts {
		at = later(cron.Next(now), now.Add(min(after, policy.HostMax)))
	}
	p.Status, p.NextAt = statusOf(*p), &at
	switch {
	case p.Status == store.StatusDead:
		p.Status = store.StatusDone
	case p.Attempts < policy.MaxAttempts && p.Outcome == outcome.Unreadable && !unproven,
		p.Attempts < policy.MaxAttempts && p.Outcome == outcome.Nothing && gave:
		p.Status = store.StatusDue // it was a section before, or somebody says that it is one: a maintenance page
	}
	if c == passing && p.Attempts < policy.MaxAttempts && p.Reason != outcome.ReasonNoHost {
		p.Status = store.StatusDue
	}
}

// statusOf is the status of a page that came to nothing for now.
func statusOf(p store.Page) store.Status {
	switch p.Outcome {
	case outcome.Gone:
		return store.StatusGone
	case outcome.Robots, outcome.Refused, outcome.Cut, outcome.TooLarge, outcome.NotText, outcome.Redirected:
		return store.StatusExcluded
	case outcome.NotArticle, outcome.Unreadable, outcome.Nothing:
		return store.StatusDone
	}
	return store.StatusDead
}

// sinceSame is how long ago the page said the same before; 0 if it says so for the first time.
func sinceSame(p, old store.Page, now time.Time) time.Duration {
	if old.Outcome != p.Outcome || old.Reason != p.Reason || old.FetchedAt == nil {
		return 0
	}
	return max(now.Sub(*old.FetchedAt), 1)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
