package spare

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestPartsOf: what of an address may be spare.
func TestPartsOf(t *testing.T) {
	const session = "4f2kq0x8a7b6c5d4"
	for _, c := range []struct {
		address string
		want    string
	}{
		{"http://n.example/a/b", ""},
		{"http://n.example/a?ref=home", "?ref=home http://n.example/a"},
		{"http://n.example/a?id=5&ref=home", "?id=5 http://n.example/a?ref=home, ?ref=home http://n.example/a?id=5"},
		{"http://n.example/a?x=1&x=2", ""},
		{"http://n.example/a;v=2/b", ";v=2 http://n.example/a/b"},
		{"http://n.example/" + session + "/a", "/*1=" + session + " http://n.example/a"},
		{"http://n.example/s/(S(" + session + "))/a", "/*2=(S(" + session + ")) http://n.example/s/a"},
		{"http://n.example/news/" + session, ""}, // the page's own name
		{"http://n.example/a/amp", "/amp=amp http://n.example/a"},
		{"http://n.example/a/amp/", "/amp=amp http://n.example/a/"},
		{"http://n.example/amp", ""},
		{"http://n.example/", ""},
		{"nothing", ""},
	} {
		var got []string
		for _, p := range partsOf(c.address) {
			got = append(got, p.name+"="+p.value+" "+p.bare)
		}
		if all := strings.Join(got, ", "); all != c.want {
			t.Errorf("%s: %q, want %q", c.address, all, c.want)
		}
	}
}

// TestSpare: what is proved to change nothing is taken off, what changes something never, and a counter-example ends it.
func TestSpare(t *testing.T) {
	p := &Parts{}
	read := func(format string, from, to int, article string) {
		for i := from; i < to; i++ {
			p.Note(fmt.Sprintf(format, i), strings.ReplaceAll(article, "#", fmt.Sprint(i)))
		}
	}
	spare := func() (names []string) {
		for _, part := range p.Of() {
			if part.Spare() {
				names = append(names, part.Name)
			}
		}
		return names
	}
	read("http://n.example/story-%d?ref=home", 0, proof, "article #")
	if len(spare()) > 0 {
		t.Fatalf("spare without a pair: %q", spare())
	}
	read("http://n.example/story-%d?ref=side", 0, proof-1, "article #")
	if len(spare()) > 0 {
		t.Fatalf("spare after too few: %q", spare())
	}
	read("http://n.example/story-%d", proof-1, proof, "article #")
	if got := spare(); !slices.Equal(got, []string{"?ref"}) {
		t.Fatalf("spare: %q", got)
	}
	// Numbers name articles, and one address served for many is one pair.
	read("http://n.example/show?id=%d", 0, 40, "article #")
	read("http://n.example/down?id=%d&lang=ar", 0, 40, "the same")
	if got := spare(); !slices.Equal(got, []string{"?ref"}) {
		t.Errorf("spare: %q", got)
	}
	bare, whole := 0, 0
	for i := range 1000 {
		address := fmt.Sprintf("http://n.example/other-%d?id=7&ref=top", i)
		switch p.Bare(address, false) {
		case fmt.Sprintf("http://n.example/other-%d?id=7", i):
			bare++
		case address:
			whole++
		}
	}
	if bare+whole != 1000 || whole == 0 || whole > 2*1000/sample {
		t.Errorf("%d are bare and %d whole", bare, whole)
	}
	if got := p.Bare("http://n.example/list?ref=top", true); got != "http://n.example/list?ref=top" {
		t.Errorf("a list's parameter that is no session: %s", got)
	}
	p.Note("http://n.example/live?ref=a", "one")
	p.Note("http://n.example/live?ref=b", "another")
	if len(spare()) > 0 {
		t.Error("spare after a counter-example")
	}
	read("http://n.example/late-%d?ref=home", 0, 2*proof, "article #")
	read("http://n.example/late-%d?ref=side", 0, 2*proof-1, "article #")
	if len(spare()) > 0 {
		t.Error("spare again by half of what is asked for then")
	}
	read("http://n.example/late-%d?ref=side", 2*proof-1, 2*proof, "article #")
	if got := spare(); !slices.Equal(got, []string{"?ref"}) {
		t.Errorf("not spare again: %q", got)
	}
	p.Note("http://n.example/gone", "")
	p.Note("http://n.example/gone?ref=top", "an article")
	if len(spare()) > 0 {
		t.Error("spare though its bare address is not served")
	}
}

// TestSessions: sessions differ at each visit, in the path and in the query, and the address without is never linked.
func TestSessions(t *testing.T) {
	for _, format := range []string{"http://n.example/%016xab/story-%d", "http://n.example/story/%[2]d?sid=%016[1]xab", "http://n.example/story;session=%016xab/%d"} {
		p := &Parts{}
		for visit := range 2 {
			for i := range proof {
				p.Note(fmt.Sprintf(format, 0xabc000+visit*1000+i, i), fmt.Sprint("article ", i))
			}
		}
		address := fmt.Sprintf(format, 0xfff, 77)
		if got := p.Bare(address, true); got == address || strings.Contains(got, "0fff") {
			t.Errorf("%s: %s", address, got)
		}
	}
}

// TestBounded: whatever a site invents, what is kept of it is bounded, and stored and read again it is the same.
func TestBounded(t *testing.T) {
	p := &Parts{}
	for i := range 3000 {
		p.Note(fmt.Sprintf("http://n.example/a%d?p%d=1&%s=2", i, i, strings.Repeat("x", i)), fmt.Sprint(i))
	}
	if len(p.Of()) > maxParts || len(p.seen) > maxSightings {
		t.Errorf("%d parts, %d addresses", len(p.Of()), len(p.seen))
	}
	again := Restore(p.Of(), p.Sightings())
	if !slices.Equal(again.Of(), p.Of()) || !slices.Equal(again.Sightings(), p.Sightings()) {
		t.Error("stored and read again it is another")
	}
	if got := Restore([]Part{{Name: "", For: 1}, {Name: "?a", For: -1}, {Name: strings.Repeat("x", 99)}}, []byte("rubbish")); len(got.Of()) != 0 || len(got.seen) != 0 {
		t.Errorf("taken from what is spoilt: %v", got.Of())
	}
}

// TestShared: what two workers noticed is known to one that adds it.
func TestShared(t *testing.T) {
	a, b := &Parts{}, &Parts{}
	for i := range proof {
		a.Note(fmt.Sprintf("http://n.example/%d?ref=x", i), fmt.Sprint(i))
	}
	b.Add(a)
	unshared := &Parts{}
	for i := range proof {
		unshared.Add(b.Note(fmt.Sprintf("http://n.example/%d?ref=y", i), fmt.Sprint(i)))
	}
	stored := Restore(a.Of(), a.Sightings())
	stored.Add(unshared)
	if got := stored.Of(); len(got) != 1 || !got[0].Spare() || !slices.Equal(got, b.Of()) || !slices.Equal(stored.Sightings(), b.Sightings()) {
		t.Errorf("%v and %v", got, b.Of())
	}
}

// TestBare: taking off goes on until nothing spare is left, and what is left has none of it.
func TestBare(t *testing.T) {
	known := Restore([]Part{{Name: "?a", For: proof}, {Name: "?b", For: proof}, {Name: ";s", For: proof}, {Name: "/amp", For: proof}}, nil)
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SampledFrom([]string{"/x", "/amp", "/x;s=1", "?a=1", "?b=2", "?c=3", "&a=2", "&b", "&c=1", "&&", ";", "="})
		address := "http://n.example/y" + strings.Join(rapid.SliceOfN(pieces, 0, 6).Draw(t, "pieces"), "")
		bare := known.Bare(address, false)
		if bare != address && known.Bare(bare, false) != bare || !strings.HasPrefix(bare, "http://n.example/y") {
			t.Errorf("%s: %s: %s", address, bare, known.Bare(bare, false))
		}
	})
}
