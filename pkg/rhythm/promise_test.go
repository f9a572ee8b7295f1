package rhythm

import (
	"math/rand/v2"
	"testing"
	"time"
)

// feed is a section that says that it is made anew once an hour, visited for ten days; anew says whether that is so.
func feed(seed uint64, said time.Duration, anew bool) (visits, told int, delay time.Duration) {
	random := rand.New(rand.NewPCG(seed, 5))
	prior := Unknown()
	var s Stats
	plan := policy
	plan.Threshold = 12
	published := monday
	var waiting []time.Time
	articles := 0
	s.Learn(Visit{At: monday, Said: said}, &prior, baghdad)
	for at := monday; at.Sub(monday) < 10*24*time.Hour; {
		next, why := plan.Next(&s, &prior, baghdad)
		if visits++; why == WhyTold {
			told++
		}
		shown := next
		if anew {
			shown = next.Truncate(time.Hour)
		}
		for !published.After(next) {
			waiting = append(waiting, published)
			published = published.Add(time.Duration(random.ExpFloat64() * float64(10*time.Minute)))
		}
		n := 0
		for _, t := range waiting {
			if t.After(shown) {
				break
			}
			delay, n = delay+next.Sub(t), n+1
		}
		waiting, articles = waiting[n:], articles+n
		s.Learn(Visit{At: next, Fresh: n, Moved: n, Said: said}, &prior, baghdad)
		at = next
	}
	return visits, told, delay / time.Duration(articles)
}

// TestPromise: a publisher's word that nothing comes within the hour saves visits where it is kept, and changes nothing where not.
func TestPromise(t *testing.T) {
	for seed := range uint64(5) {
		silent, _, late := feed(seed, 0, true)
		visits, told, delay := feed(seed, time.Hour, true)
		t.Logf("kept: %d visits, %v; without a word %d, %v; %d put off", visits, delay, silent, late, told)
		if told == 0 || visits > silent*75/100 || delay > late*115/100 {
			t.Errorf("kept: %d visits, %v; without a word %d, %v; %d put off", visits, delay, silent, late, told)
		}
		silent, _, late = feed(seed, 0, false)
		visits, told, delay = feed(seed, time.Hour, false)
		t.Logf("not kept: %d visits, %v; without a word %d, %v; %d put off", visits, delay, silent, late, told)
		if told > 3 || delay > late*105/100 {
			t.Errorf("not kept: %d visits, %v; without a word %d, %v; %d put off", visits, delay, silent, late, told)
		}
	}
}

// TestPromiseRefuted: one change too many ends the belief, and so does another word.
func TestPromiseRefuted(t *testing.T) {
	at := monday
	p := Promise{Said: 3600, Kept: keptMost, Renewed: at}
	if until, ok := p.holds(at.Add(10 * time.Minute)); !ok || !until.Equal(at.Add(time.Hour)) {
		t.Errorf("until %v, %v", until, ok)
	}
	refuted := p
	refuted.learn(Visit{At: at.Add(20 * time.Minute), Fresh: 1, Said: time.Hour}, at.Add(10*time.Minute), 1)
	other := p
	other.learn(Visit{At: at.Add(20 * time.Minute), Said: 2 * time.Hour}, at.Add(10*time.Minute), 1)
	same := p
	same.learn(Visit{At: at.Add(20 * time.Minute), Same: true}, at.Add(10*time.Minute), 1)
	if refuted.Kept != 0 || other.Kept != 0 || other.Said != 7200 || same.Kept != keptMost || same.Said != 3600 {
		t.Errorf("%+v, %+v, %+v", refuted, other, same)
	}
}

// TestHint: of a section of which nothing is known a publisher's word that it is busy is taken, and that it is not is not.
func TestHint(t *testing.T) {
	prior := Unknown()
	for said, want := range map[time.Duration]time.Duration{0: policy.Start, time.Hour: policy.Start, 15 * time.Minute: 15 * time.Minute, time.Minute: policy.Min} {
		var s Stats
		s.Learn(Visit{At: monday.Add(3 * time.Hour), Said: said}, &prior, baghdad)
		plan := policy
		plan.Threshold = 1000
		if at, why := plan.Next(&s, &prior, baghdad); at.Sub(s.At) != want || why != WhyFresh {
			t.Errorf("%v: after %v, for %s", said, at.Sub(s.At), why)
		}
	}
}
