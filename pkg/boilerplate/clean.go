package boilerplate

import (
	"cmp"
	"time"
)

// claim says who runs through the stored articles, or did last.
type claim struct {
	at    time.Time // when it was claimed or given back
	owner string
	until time.Time
}

func newer(a, b claim) claim {
	if cmp.Or(a.at.Compare(b.at), cmp.Compare(a.owner, b.owner), a.until.Compare(b.until)) < 0 {
		return b
	}
	return a
}

// Due are the known lines that are still to be taken out of articles stored before they were known, and since when
// articles can have them; zero: all. Each line takes two runs: one when it is learned, and one when settle has passed
// since, by when no worker extracts with what was known before.
func (p *Profile) Due(now time.Time, settle time.Duration) (lines []Key, since time.Time) {
	for key, k := range p.known {
		if settled := k.Learned.Add(settle); k.Cleaned.IsZero() || k.Cleaned.Before(settled) && !now.Before(settled) {
			if len(lines) == 0 || k.Since.Before(since) {
				since = k.Since
			}
			lines = append(lines, key)
		}
	}
	return lines, since
}

// Claim makes owner the one that runs through the stored articles, until then; false where another one does. The claim
// holds when the profile was stored with it.
func (p *Profile) Claim(owner string, now, until time.Time) bool {
	if p.claim.owner != owner && now.Before(p.claim.until) {
		return false
	}
	p.claim = claim{at: millis(now), owner: owner, until: millis(until)}
	return true
}

// Release gives the claim back.
func (p *Profile) Release(owner string, now time.Time) {
	if p.claim.owner == owner {
		p.claim = claim{at: millis(now), owner: owner, until: millis(now)}
	}
}

// Cleaned records that a run which began at a time took the lines out of the stored articles.
func (p *Profile) Cleaned(lines []Key, began time.Time) {
	for _, key := range lines {
		if k, ok := p.known[key]; ok {
			k.Cleaned = later(k.Cleaned, seconds(began))
			p.known[key] = k
		}
	}
}

func millis(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
