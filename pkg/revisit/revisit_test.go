package revisit

import (
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	p := Default()
	last := time.Duration(0)
	for n := 1; n <= 40; n++ {
		d := p.Retry("page", n, 0)
		if d < last || d > p.RetryMax+p.RetryMax/10 {
			t.Fatalf("attempt %d: %v after %v", n, d, last)
		}
		last = d
	}
	if d := p.Retry("page", 1, time.Hour); d != time.Hour {
		t.Errorf("Retry-After of an hour: %v", d)
	}
	if d := p.Quiet("host", 3, time.Second); d != time.Second {
		t.Errorf("a host's Retry-After wins: %v", d)
	}
	if d := p.Quiet("host", 1, 1000*time.Hour); d != p.HostMax {
		t.Errorf("a host's Retry-After is capped: %v", d)
	}
	if a, b := p.Quiet("a.example", 1, 0), p.Quiet("b.example", 1, 0); a == b {
		t.Error("two hosts come back at the same instant")
	}
}

func TestSpread(t *testing.T) {
	if Spread("a", 0) != 0 || Spread("a", -time.Second) != 0 {
		t.Error("nothing to spread over must be no offset")
	}
	if d := Spread("a", time.Minute); d < 0 || d >= time.Minute || d != Spread("a", time.Minute) {
		t.Errorf("offset %v is outside the range or not stable", d)
	}
}

func TestDown(t *testing.T) {
	p := Default()
	last := time.Duration(0)
	for n := 1; n <= 20; n++ {
		d := p.Down("host", n)
		if d < last || d < p.HostBase || d > p.HostDown+p.HostDown/10 {
			t.Fatalf("failure %d: %v after %v", n, d, last)
		}
		last = d
	}
	p.HostBase = time.Hour
	if d := p.Down("host", 1); d > p.HostDown+p.HostDown/10 {
		t.Errorf("a host that is down is quiet for %v", d)
	}
}

func TestAgain(t *testing.T) {
	p := Default()
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now, looks := first, 0
	for {
		at, ok := p.Again("page", mostTries+looks+1, first, now)
		if at.Sub(now) < p.Max || at.Sub(now) > p.Max+p.Max/10 {
			t.Fatalf("look %d after %v", looks, at.Sub(now))
		}
		if !ok {
			break
		}
		now = at
		looks++
	}
	if looks < 5 || looks > 7 {
		t.Errorf("%d looks at a page that was given up, want about one a day for a week", looks)
	}
}

// TestFailing: a section is asked as soon as any page that failed, then in its own rhythm, and never given up.
func TestFailing(t *testing.T) {
	p := Default()
	const own = 45 * time.Minute
	last := time.Duration(0)
	for n := 1; n <= 60; n++ {
		d := p.Failing("section", own, n, 0)
		switch {
		case n < p.MaxAttempts && d != p.Retry("section", n, 0):
			t.Errorf("failure %d: %v, want the retry's %v", n, d, p.Retry("section", n, 0))
		case n == p.MaxAttempts && (d < own || d > own+own/10):
			t.Errorf("after the retries: %v, want its own interval of %v", d, own)
		case d < last || d > p.Max+p.Max/10:
			t.Fatalf("failure %d: %v after %v", n, d, last)
		}
		last = d
	}
	if last < p.Max {
		t.Errorf("in the end every %v, want %v", last, p.Max)
	}
	if d := p.Failing("section", 0, p.MaxAttempts, 0); d < p.Start || d > p.Start+p.Start/10 {
		t.Errorf("a section that was never read: %v, want %v", d, p.Start)
	}
	if d := p.Failing("section", 0, p.MaxAttempts, 5*time.Hour); d != 5*time.Hour {
		t.Errorf("a Retry-After of five hours: %v", d)
	}
}

// TestDoubt: what is said once is asked again an hour and a day later, and then believed.
func TestDoubt(t *testing.T) {
	p := Default()
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now, since := first, time.Duration(0)
	var looks []time.Duration
	for n := 1; ; n++ {
		at, ok := p.Doubt("page", n, since, now)
		if !ok {
			break
		}
		since, now = at.Sub(now), at
		looks = append(looks, now.Sub(first).Round(6*time.Hour))
	}
	if len(looks) != 2 || looks[0] != 0 || looks[1] != 24*time.Hour {
		t.Errorf("looks after %v, want after an hour and after a day", looks)
	}
	if _, ok := p.Doubt("page", mostDoubts, 0, now); ok {
		t.Error("a page that says something else each time is asked for ever")
	}
}

// TestAgainLate: a page that was found long ago has its tries too, once it is tried at last.
func TestAgainLate(t *testing.T) {
	p := Default()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	long := now.Add(-90 * 24 * time.Hour)
	for tries, want := range map[int]bool{1: true, mostTries: true, mostTries + 1: false} {
		if _, ok := p.Again("page", tries, long, now); ok != want {
			t.Errorf("try %d: %v", tries, ok)
		}
	}
}

func TestBarred(t *testing.T) {
	p := Default()
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now, looks := first, 0
	for ; looks < 100; looks++ {
		at, ok := p.Barred("page", looks+1, first, now)
		if !ok {
			break
		}
		now = at
	}
	if looks < 6 || looks > 8 || now.Sub(first) > 8*24*time.Hour {
		t.Errorf("%d looks in %v, want one after an hour and one a day for a week", looks, now.Sub(first))
	}
	if at, _ := p.Barred("page", 1, first, first); at.Sub(first) > 2*time.Hour {
		t.Errorf("first after %v", at.Sub(first))
	}
}

func TestRuled(t *testing.T) {
	p := Default()
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now, looks := first, 0
	for ; looks < 100; looks++ {
		at, ok := p.Ruled("page", first, now)
		if !ok {
			break
		}
		if at.Sub(now) < 7*24*time.Hour {
			t.Fatalf("look %d after %v", looks, at.Sub(now))
		}
		now = at
	}
	if looks != 4 {
		t.Errorf("%d looks, want four", looks)
	}
}

func TestSitemap(t *testing.T) {
	p := Default()
	for _, c := range []struct {
		name  string
		yield float64
		want  time.Duration
	}{
		{"one article a visit", 1, p.Start},
		{"many", 1000, p.Min},
		{"none in three visits, after one", 0.125, 8 * p.Start},
		{"hardly any", 1e-9, longestSitemap},
		{"none at all", 0, longestSitemap},
	} {
		if got := p.Sitemap(c.yield); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	for age, want := range map[time.Duration]time.Duration{
		-time.Hour: p.Start, 0: p.Start, 24 * time.Hour: 24 * time.Hour, 5 * 365 * 24 * time.Hour: longestSitemap,
	} {
		if got := p.Sitemap(p.Expected(age)); got.Round(time.Second) != want {
			t.Errorf("the newest article is %v old: left alone for %v, want %v", age, got, want)
		}
	}
}
