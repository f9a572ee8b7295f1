package boilerplate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/khabar-crawler/khabar/pkg/extract"
)

// drawn are articles as workers see them: some more than once, with another text each time.
func drawn(t *rapid.T) []Observation {
	lines := rapid.SliceOfN(rapid.SampledFrom([]string{notice, "A promotion of the paper.", "One.", "Two 2.", "Three: 3", "Four", "Five five five five.", "Six"}), 0, 9)
	n := rapid.IntRange(0, 400).Draw(t, "articles")
	spread := rapid.SampledFrom([]int{3, 40, 100_000}).Draw(t, "ids")
	out := make([]Observation, n)
	for i := range out {
		out[i] = Observation{
			Article: fmt.Sprint(rapid.IntRange(0, spread).Draw(t, "id")),
			At:      fetched.Add(time.Duration(rapid.IntRange(0, 100_000).Draw(t, "at")) * time.Second),
			Section: rapid.SampledFrom([]string{"", "sport", "world"}).Draw(t, "section"),
			Text:    strings.Join(append(lines.Draw(t, "lines"), fmt.Sprint("own ", i)), "\n\n"),
		}
	}
	return out
}

// TestMergeOrderDoesNotMatter: however the articles are dealt out to workers, in whichever order and however often what
// they saw is merged, the profile is that of one worker that saw all.
func TestMergeOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawn(t)
		one := New()
		for _, o := range all {
			one.Observe(o)
		}
		one.Merge(New())

		workers := make([]*Profile, rapid.IntRange(1, 5).Draw(t, "workers"))
		for i := range workers {
			workers[i] = New()
		}
		for _, o := range all {
			for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(workers)-1), 1, -1, rapid.ID).Draw(t, "seen by") {
				workers[i].Observe(o)
			}
		}
		merged := New()
		order := rapid.Permutation(append(slices.Clone(workers), workers[0])).Draw(t, "order")
		for _, w := range order {
			if rapid.Bool().Draw(t, "through the store") {
				w = restored(t, w)
			}
			merged.Merge(w)
			if rapid.Bool().Draw(t, "twice") {
				merged.Merge(w.Clone())
			}
		}
		if !merged.Equal(one) {
			t.Fatalf("merged: %d articles; seen by one: %d", merged.Articles(), one.Articles())
		}
		distinct := map[string]bool{}
		for _, o := range all {
			distinct[o.Article] = true
		}
		if merged.Articles() > min(len(distinct), maxSample) {
			t.Fatalf("%d articles of %d", merged.Articles(), len(distinct))
		}
		merged.Learn(fetched)
		one.Learn(fetched)
		if !merged.Equal(one) {
			t.Fatal("they learned different things")
		}
	})
}

// TestMergeKnown: what is known of a line is joined the same way in any order.
func TestMergeKnown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		moment := rapid.Custom(func(t *rapid.T) time.Time {
			if rapid.Bool().Draw(t, "unknown") {
				return time.Time{}
			}
			return fetched.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "hour")) * time.Hour)
		})
		profile := func() *Profile {
			p := New()
			for range rapid.IntRange(0, 8).Draw(t, "known") {
				p.known[Key(rapid.IntRange(1, 10).Draw(t, "key"))] = knownLine{
					Text:    rapid.SampledFrom([]string{"", "a notice", "another"}).Draw(t, "text"),
					Learned: moment.Draw(t, "learned"), Seen: moment.Draw(t, "seen"), Since: moment.Draw(t, "since"), Cleaned: moment.Draw(t, "cleaned")}
			}
			if rapid.Bool().Draw(t, "cleaned") {
				owner := rapid.SampledFrom([]string{"one", "two"}).Draw(t, "owner")
				p.Claim(owner, moment.Draw(t, "claimed"), moment.Draw(t, "until"))
			}
			return p
		}
		a, b, c := profile(), profile(), profile()
		left := a.Clone()
		left.Merge(b)
		left.Merge(c)
		right := c.Clone()
		right.Merge(b)
		right.Merge(a)
		right.Merge(b)
		if !left.Equal(right) {
			t.Fatalf("%v\n%v", left.known, right.known)
		}
	})
}

type fataler interface{ Fatal(args ...any) }

func restored(t fataler, p *Profile) *Profile {
	back, err := Restore(p.State())
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// TestStoredForm: a profile comes back from the store as it was, and takes little there.
func TestStoredForm(t *testing.T) {
	n := newNewsroom(5)
	p := New()
	for i := range 3000 {
		p.Observe(n.article(i/100, ending(notice)))
	}
	p.Learn(fetched)
	p.Observe(n.article(30, ending(notice)))
	p.thin()
	if len(p.known) != 1 || p.known[keyOf(notice)].Text != notice {
		t.Fatalf("known: %v", p.known)
	}
	if !restored(t, p).Equal(p) {
		t.Error("the profile came back changed")
	}
	packed := len(p.State().Sample)
	if perArticle := packed / p.Articles(); perArticle > 150 {
		t.Errorf("%d bytes for each of %d articles", perArticle, p.Articles())
	}
	t.Logf("%d articles in %d bytes", p.Articles(), packed)
}

// TestLongTextsAreBounded: of an endless page the ends are kept and a few lines between them.
func TestLongTextsAreBounded(t *testing.T) {
	n := newNewsroom(6)
	p := New()
	for i := range 12 {
		o := n.article(i, nil)
		o.Text = strings.Join(append(n.paragraphs(1000), notice), "\n\n")
		for range 100 {
			o.Dropped = append(o.Dropped, extract.Fingerprint(n.rng.Uint64()))
		}
		p.Observe(o)
	}
	for _, s := range p.sample {
		if len(s.lines) > maxLines || len(s.dropped) > maxDropped {
			t.Fatalf("%d lines, %d dropped blocks", len(s.lines), len(s.dropped))
		}
	}
	p.Learn(fetched)
	if !p.Template().known[keyOf(notice)] {
		t.Error("the notice at the end of long texts was not learned")
	}
	if !restored(t, p).Equal(p) {
		t.Error("the profile came back changed")
	}
}

// TestCleanIsStable: cleaning takes whole known lines, never the first, and cleaning again changes nothing.
func TestCleanIsStable(t *testing.T) {
	p := New()
	for _, line := range []string{notice, "A promotion of the paper.", "In 2027 everything changes."} {
		p.known[keyOf(line)] = knownLine{Learned: fetched}
	}
	template := p.Template()
	for text, want := range map[string]string{
		"":                                   "",
		notice:                               notice,
		"One.\n\n" + notice:                  "One.",
		"One.\n\n" + notice + "\n\n" + "Two": "One.\n\nTwo",
		"One.\nTwo.\n" + notice + "\nThree.\n\nFour.": "One.\nTwo.\n\nThree.\n\nFour.",
		notice + "\n\nOne.\n\n" + notice:              notice + "\n\nOne.",
		"One.\n\nIn 2027 everything changes.":         "One.",
		"One.\n\nIn 2028 everything changes.":         "One.\n\nIn 2028 everything changes.",
		"One.\n\nA promotion  of the PAPER":           "One.",
	} {
		if got, _ := template.Clean("A title", text); got != want {
			t.Errorf("of %q was left %q", text, got)
		}
	}
	if got, _ := template.Clean("Stories and paper", "One.\n\n"+notice); !strings.HasSuffix(got, notice) {
		t.Error("a line that speaks of the title was taken")
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{notice, "One.", "Two.\nA promotion of the paper.", "A promotion of the paper.\nThree"})).Draw(t, "text"), "\n\n")
		once, _ := template.Clean("", text)
		if twice, taken := template.Clean("", once); twice != once || taken != 0 {
			t.Fatalf("%q, then %q", once, twice)
		}
	})
	var none *Template
	if got, taken := none.Clean("", notice); got != notice || taken != 0 {
		t.Error("no template does something")
	}
}

// TestDue: a line is taken out of stored articles when it is learned, and once more when all workers know it; one worker
// does it at a time.
func TestDue(t *testing.T) {
	const settle = 10 * time.Minute
	p := New()
	p.known[1] = knownLine{Learned: fetched, Since: fetched.Add(-time.Hour)}
	p.known[2] = knownLine{Learned: fetched, Since: fetched.Add(-2 * time.Hour)}
	at := func(m int) time.Time { return fetched.Add(time.Duration(m) * time.Minute) }
	due := func(m, want int) []Key {
		t.Helper()
		lines, since := p.Due(at(m), settle)
		if len(lines) != want || want == 2 && !since.Equal(fetched.Add(-2*time.Hour)) {
			t.Errorf("at minute %d: %d lines since %v, want %d", m, len(lines), since, want)
		}
		return lines
	}
	lines := due(0, 2)
	if !p.Claim("one", at(0), at(5)) || p.Claim("two", at(4), at(9)) || !p.Claim("one", at(4), at(9)) {
		t.Error("the claim is not exclusive")
	}
	p.Release("one", at(5))
	if !p.Claim("two", at(6), at(9)) {
		t.Error("the claim is not given back")
	}
	p.Cleaned(lines, at(1))
	due(9, 0)
	p.Cleaned(due(10, 2)[:1], at(10))
	due(11, 1)
	p.known[3] = knownLine{Learned: at(11)}
	if lines, since := p.Due(at(11), settle); len(lines) != 2 || !since.IsZero() {
		t.Errorf("%d lines since %v", len(lines), since)
	}
}

func FuzzRestore(f *testing.F) {
	n := newNewsroom(7)
	p := New()
	for i := range 20 {
		p.Observe(n.article(i, ending(notice)))
		p.Learn(fetched)
	}
	f.Add(int64(keyOf(notice)), notice, fetched.UnixMilli(), fetched.UnixMilli(), "worker-1", p.pack())
	f.Add(int64(0), "", int64(0), int64(math.MinInt64), "", []byte{})
	f.Add(int64(-1), "\xff", int64(math.MaxInt64), int64(1), "", []byte{1})
	f.Fuzz(func(t *testing.T, key int64, text string, learned, since int64, owner string, sample []byte) {
		at := time.UnixMilli(since)
		s := State{Format: format, Sample: sample, Known: []LineState{{Key: key, Text: text, Learned: time.UnixMilli(learned), Since: &at}}}
		if owner != "" {
			s.Cleaner = &ClaimState{Owner: owner, At: at, Until: at.Add(time.Hour)}
		}
		p, err := Restore(s)
		if err != nil {
			if p != nil || !errors.Is(err, ErrFormat) {
				t.Fatal(p, err)
			}
			return
		}
		if p.Articles() > maxSample || len(p.known) > maxKnown {
			t.Fatalf("%d articles, %d known lines", p.Articles(), len(p.known))
		}
		p.Learn(fetched)
		p.Template().Clean("title", "text\n\n"+notice)
		if !restored(t, p).Equal(p) {
			t.Error("the profile is not stored as it is")
		}
	})
}

func BenchmarkObserve(b *testing.B) {
	n := newNewsroom(8)
	all := make([]Observation, 1000)
	for i := range all {
		all[i] = n.article(i, ending(notice))
	}
	p := New()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		p.Observe(all[i%len(all)])
	}
}

func BenchmarkLearn(b *testing.B) {
	n := newNewsroom(9)
	p := New()
	for i := range 10_000 {
		p.Observe(n.article(i/100, ending(notice)))
	}
	b.ReportAllocs()
	for b.Loop() {
		p.Learn(fetched)
	}
}

func BenchmarkClean(b *testing.B) {
	n := newNewsroom(10)
	p := New()
	p.known[keyOf(notice)] = knownLine{}
	template := p.Template()
	o := n.article(0, ending(notice))
	b.ReportAllocs()
	for b.Loop() {
		template.Clean(o.Title, o.Text)
	}
}
