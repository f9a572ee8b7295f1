package rhythm

import "time"

// A publisher may say how often a section is made anew: a feed by its ttl, or in the words of the syndication module, any page by
// how long a cache may keep it. Many do not mean it, for content systems write it for all. Where it is so, what was renewed is not
// renewed again before that time is over, and a visit before then is in vain.
//
// So it is believed where it is kept: where visits close enough to tell saw nothing new after something new, though articles were
// to be expected. Once is enough to refute it: two changes within the time. What is believed is put to the test now and then.
const (
	// keptEnough is how many articles must have been expected, and not have come, before a promise is believed: news comes in
	// batches of three or four, so that it is three batches.
	keptEnough = 10.0
	// keptMost bounds what a promise is believed, and keptUse is what each visit costs that is put off for it: after some dozens it
	// is put to the test again.
	keptMost, keptUse = 20.0, 0.25
)

// Promise is how often a publisher says that a section is made anew, and how far that is so.
type Promise struct {
	Said    int64     `bson:"said,omitempty"`    // seconds; 0: it does not say
	Kept    float64   `bson:"kept,omitempty"`    // articles that were to be expected while it forbade them, and did not come
	Renewed time.Time `bson:"renewed,omitempty"` // the visit before the last one that saw something new: it came after that
}

// learn adds a visit: what it saw since the one before, and how many articles were to be expected in between.
func (p *Promise) learn(v Visit, before time.Time, expected float64) {
	said := int64(max(v.Said, 0) / time.Second)
	if v.Same {
		said = p.Said // an answer that nothing has changed says nothing else
	}
	if said != p.Said {
		*p = Promise{Said: said}
	}
	if p.Said == 0 {
		return
	}
	within := !p.Renewed.IsZero() && v.At.Sub(p.Renewed) < p.every()
	changed := v.Moved > 0 || v.Fresh > 0
	switch {
	case within && changed:
		p.Kept = 0
	case within:
		p.Kept = min(p.Kept+expected, keptMost)
	}
	if changed {
		p.Renewed = before
	}
}

func (p *Promise) every() time.Duration { return time.Duration(p.Said) * time.Second }

// holds says before when nothing new comes, where the promise is believed, and that it is made use of.
func (p *Promise) holds(now time.Time) (until time.Time, ok bool) {
	if p.Said == 0 || p.Kept < keptEnough || p.Renewed.IsZero() || p.Renewed.After(now) {
		return time.Time{}, false
	}
	until = p.Renewed.Add(p.every())
	return until, until.After(now)
}
