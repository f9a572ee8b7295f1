// Package revisit decides when a page is next due that came to nothing: how long a failed fetch waits, and how long a host that
// asked for quiet is left alone. When a section is visited again that was read is package rhythm's, and when an article is
// looked at for edits package look's.
//
// Everything here is a pure function of what is on the page's record. Invariants: an interval never leaves
// [Min, Max]; the waits between failures never shrink; what is not visited for ever is asked a bounded number of times;
// jitter only adds.
package revisit

import (
	"hash/fnv"
	"time"
)

// Policy holds the tunable times. The zero value is not usable: start from Default.
type Policy struct {
	Delay    time.Duration // median time from an article's publication to its discovery that visits of sections aim for
	Requests int           // visits of a section a day to be spent in place of that, in the mean of all sections; 0: as Delay has it

	Start time.Duration // the longest interval of a section of which little is known
	Min   time.Duration // no section is listed more often
	Max   time.Duration // no section is listed less often

	Looks int // at an article for edits, in the mean of all, at most; 0: none

	RetryBase   time.Duration // wait after the first failure of a page; doubles with each further one
	RetryMax    time.Duration // longest wait after a failure
	MaxAttempts int           // failures in a row after which a page is given up, and a host's pages with it; a section is not

	HostBase time.Duration // quiet for a host that answered 429 or 503 with no Retry-After, or refuses; doubles
	HostMax  time.Duration // longest quiet for a host, and the cap on its Retry-After
	HostDown time.Duration // longest quiet for a host that could not be reached, which begins at HostBase too
}

// Default gives the policy used where the configuration is silent.
func Default() Policy {
	return Policy{
		Delay:       12 * time.Minute, // news within a quarter of an hour, with room for bursts, for some 25 requests a section and day
		Start:       30 * time.Minute, // a busy section of a daily shows about ten new articles in this time
		Min:         10 * time.Minute, // the floor that Media Cloud's rss-fetcher keeps
		Max:         24 * time.Hour,   // news older than a day is no news: a quiet section is still seen daily
		Looks:       4,                // they find three of four versions (docs/freshness.md), and a conditional GET makes most of them cheap
		RetryBase:   time.Minute,
		RetryMax:    6 * time.Hour,
		MaxAttempts: 5, // with the doubling above: given up after a quarter of an hour, and then tried daily: Again
		HostBase:    time.Minute,
		HostMax:     24 * time.Hour,
		HostDown:    10 * time.Minute, // a host that is back is seen soon, and one request in this time is no burden
	}
}

// Failing gives the wait after the attempts-th failure in a row of a section (1 for the first), whose interval was last
// (0: it has none yet): first as for any page, then its own rhythm, which slows down to Max. A section is never given up.
func (p Policy) Failing(id string, last time.Duration, attempts int, after time.Duration) time.Duration {
	if attempts < p.MaxAttempts {
		return p.Retry(id, attempts, after)
	}
	return p.Slowing(id, last, attempts-p.MaxAttempts+1, after)
}

// Slowing gives the wait of a section after so many visits in a row that came to nothing: its interval, doubled with each
// further one up to Max.
func (p Policy) Slowing(id string, last time.Duration, visits int, after time.Duration) time.Duration {
	if last <= 0 {
		last = p.Start
	}
	return max(backoff(p.clamp(last), p.Max, visits, id), min(after, p.HostMax))
}

// longestSitemap is how long a sitemap of an index is left alone at most: the longest for which visiting again is a schedule.
const longestSitemap = 31 * 24 * time.Hour

// Sitemap gives how long a sitemap of an index is left alone that brings yield new articles a visit: Start for one, and longer
// the fewer there are, which is twice as long after each visit that brings none.
func (p Policy) Sitemap(yield float64) time.Duration {
	if yield <= 0 || float64(p.Start) >= yield*float64(longestSitemap) {
		return longestSitemap
	}
	return max(time.Duration(float64(p.Start)/yield), p.Min)
}

// Expected is the yield to begin with of a sitemap whose newest article is that old: it is left alone for as long as nothing
// came to it before.
func (p Policy) Expected(age time.Duration) float64 {
	return float64(p.Start) / float64(max(age, p.Start))
}

func (p Policy) clamp(d time.Duration) time.Duration { return min(max(d, p.Min), p.Max) }

// Retry gives the wait after the attempts-th failure in a row (1 for the first). A server's own Retry-After wins where
// it asks for more.
func (p Policy) Retry(id string, attempts int, after time.Duration) time.Duration {
	return max(backoff(p.RetryBase, p.RetryMax, attempts, id), min(after, p.HostMax))
}

// lastTries is how long a page that was given up is still tried now and then: longer than the outages that sites come
// back from, and short enough that what stays broken costs nothing for long.
const (
	lastTries = 7 * 24 * time.Hour
	mostTries = 7 // as many fit in it by default
)

// Again gives when a page that was given up for failures that may pass is tried once more, for the tries-th time; false when
// it was tried so often, and has been known for so long, that it is not. Both count: a page that was found long ago may be
// tried for the first time now, after a long backlog or an outage of our own.
func (p Policy) Again(id string, tries int, first, now time.Time) (time.Time, bool) {
	at := now.Add(p.Max + Spread(id, p.Max/10))
	return at, tries <= mostTries || at.Sub(first) <= lastTries
}

// The looks at what a page said that may be the fault of an hour: an outage that answers 404, a maintenance page. It is
// believed when the page has said so three times, over a day.
const (
	secondLook = time.Hour
	thirdLook  = 24 * time.Hour
	// mostDoubts ends it for a page that says now this, now that.
	mostDoubts = 10
)

// Doubt gives when a page is looked at again that came to nothing, attempts times in a row, in a way that may pass; false
// when it is to be believed. sinceSame is how long ago it said the same before; 0: it says so for the first time.
func (p Policy) Doubt(id string, attempts int, sinceSame time.Duration, now time.Time) (time.Time, bool) {
	wait := secondLook
	switch {
	case sinceSame >= thirdLook/2 || attempts >= mostDoubts: // half: looks come late, never early
		return time.Time{}, false
	case sinceSame > 0:
		wait = thirdLook
	}
	return now.Add(wait + Spread(id, wait/10)), true
}

// Barred gives when a page is tried again that its site refuses, for the attempts-th time in a row: within the hour, for
// many refuse a guest who came too often for as long as that, and then as what was given up.
func (p Policy) Barred(id string, attempts int, first, now time.Time) (time.Time, bool) {
	if attempts <= 1 {
		return now.Add(secondLook + Spread(id, secondLook/10)), true
	}
	return p.Again(id, attempts, first, now)
}

// A page that a rule excludes is looked at again after a week, and then each time that it has been known for twice as long,
// for rules change seldom: four looks, the last after two months.
const (
	firstRuledLook = 7 * 24 * time.Hour
	lastRuledLook  = 90 * 24 * time.Hour
)

// Ruled gives when a page is looked at again that robots.txt or the guard excludes, or an article's that is gone for certain; false when it was looked at often enough.
func (p Policy) Ruled(id string, first, now time.Time) (time.Time, bool) {
	age := now.Sub(first)
	wait := max(age, firstRuledLook)
	return now.Add(wait + Spread(id, wait/10)), age+wait <= lastRuledLook
}

// Down gives how long a host is left alone that could not be reached failures times in a row.
func (p Policy) Down(host string, failures int) time.Duration {
	return backoff(min(p.HostBase, p.HostDown), p.HostDown, failures, host)
}

// Quiet gives how long a host is left alone after the failures-th 429 or 503 in a row. A Retry-After wins, capped.
func (p Policy) Quiet(host string, failures int, after time.Duration) time.Duration {
	if after > 0 {
		return min(after, p.HostMax)
	}
	return backoff(p.HostBase, p.HostMax, failures, host)
}

// backoff doubles base per attempt up to ceiling, and adds up to a tenth by a stable hash of the id, so that what
// failed together does not come back together.
func backoff(base, ceiling time.Duration, attempts int, id string) time.Duration {
	d := base
	for i := 1; i < attempts && d < ceiling; i++ {
		d *= 2
	}
	d = min(d, ceiling)
	return d + Spread(id, d/10)
}

// Spread maps an id to a stable offset in [0, over), so that a restart is no thundering herd (Prometheus spreads its
// scrapes the same way).
func Spread(id string, over time.Duration) time.Duration {
	if over <= 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(id)) // a hash never fails
	return time.Duration(h.Sum64() % uint64(over))
}
