package boilerplate

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"
	"time"

	"github.com/khabar-crawler/khabar/pkg/extract"
)

// The sample's bounds. At a dozen lines an article, a full sample takes about 40 KB.
const (
	// newest is how many of the newest articles are all kept: a new template is on most of them within half as many.
	newest = 128
	// perLevel is how many are kept of the articles whose hash ends in at least so many zeros, for every level: with
	// them the sample reaches back over perLevel<<levels articles, 8192, each time half as densely. A site with 500
	// articles a day is then seen over a fortnight, as it takes to tell a template from one day's news.
	perLevel, levels = 32, 8
	// sampleSlack is how many articles may come in before the sample is thinned out again.
	sampleSlack = 64
	maxSample   = newest + levels*perLevel
)

const (
	// minDroppedWords leaves out labels and counters.
	minDroppedWords = 3
	// maxDropped is how many of the dropped blocks are kept of an article: those of lowest hash, which are the same on
	// every article that has them.
	maxDropped = 16
)

const (
	// headLines, tailLines and midLines are how many lines of a long article are kept: boilerplate stands at the ends,
	// and of the rest between them the lines of lowest hash are kept, which are the same on every article.
	headLines, midLines, tailLines = 16, 16, 16
	maxLines                       = headLines + midLines + tailLines + 2 // with two gaps
)

// Observation is an article as a learner sees it: its text as it was extracted, before anything was taken out.
type Observation struct {
	Article   string    // its id
	At        time.Time // when its page was fetched
	Published time.Time // zero where that is not known; At's day counts then
	Section   string    // the site's section, however it is named; "" where it is not known
	Agency    string    // that the article is from; "" for none
	Title     string
	Text      string
	// Dropped are the blocks that stand where the text does and that the extractor knows to be none of it.
	Dropped []extract.Fingerprint
}

// Dropped picks them from a page's blocks. A line that the extractor knows for what it is on most pages, and takes for
// text on some, is not rare for it.
func Dropped(blocks []extract.Block) []extract.Fingerprint {
	var out []extract.Fingerprint
	for _, b := range blocks {
		if b.Inside && !b.Kept && b.Words >= minDroppedWords {
			out = append(out, b.Fingerprint)
		}
	}
	return out
}

// seen is an article of the sample.
type seen struct {
	id              uint64
	at              int64 // unix seconds
	day             int32 // of publication, since 1970
	section, agency uint32
	topics          []uint16
	lines           []line
	dropped         []Key // sorted
}

// order is the sample's: the time it was seen, and where that is equal the rest, so that it is total. Two observations
// of one article in one second differ in their lines only.
func order(a, b seen) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.id, b.id), cmp.Compare(a.day, b.day),
		cmp.Compare(a.section, b.section), cmp.Compare(a.agency, b.agency),
		slices.Compare(a.topics, b.topics), slices.Compare(a.dropped, b.dropped),
		slices.CompareFunc(a.lines, b.lines, func(x, y line) int {
			return cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.flags, y.flags), cmp.Compare(x.words, y.words))
		}))
}

// knownLine is a line that was learned.
type knownLine struct {
	Text    string    // what it says, where it was seen since it was learned; cut to a few words
	Learned time.Time // when it was first learned
	Seen    time.Time // when it was last seen on an article
	Since   time.Time // articles seen before this do not have it; zero where that is not known
	Cleaned time.Time // when the last run through the stored articles began that took it out of them; zero before the first
}

// maxKnown bounds what is known of a site; those seen longest ago are forgotten first. Sites have a handful each, a
// hundred columns with notes of their own among them.
const maxKnown = 256

// Profile is what was seen and learned of one site. Make one with New. It is not for use by several goroutines at once.
type Profile struct {
	sample map[uint64]seen
	known  map[Key]knownLine
	claim  claim
}

// New gives the profile of a site of which nothing was seen.
func New() *Profile { return &Profile{sample: map[uint64]seen{}, known: map[Key]knownLine{}} }

// Articles is how many articles the sample holds.
func (p *Profile) Articles() int { return len(p.sample) }

// Observe adds an article. Seen again, it takes the place of what was seen before.
func (p *Profile) Observe(o Observation) {
	day := o.Published
	if day.IsZero() || day.After(o.At.Add(24*time.Hour)) || day.Year() < 1980 {
		day = o.At
	}
	s := seen{
		id: hashOf(o.Article), at: o.At.Unix(), day: int32(day.Unix() / (24 * 60 * 60)),
		section: uint32(hashOf(o.Section)), agency: uint32(hashOf(o.Agency)),
	}
	title := wordsOf(o.Title)
	s.topics = title.topics()
	texts := linesOf(o.Text)
	s.lines = make([]line, 0, min(len(texts), maxLines))
	for _, i := range sampled(texts) {
		if i < 0 {
			s.lines = append(s.lines, line{})
			continue
		}
		l := newLine(texts[i], title)
		s.lines = append(s.lines, l)
		if k, ok := p.known[l.key]; ok {
			k.Text = max(k.Text, excerpt(texts[i]))
			k.Seen = later(k.Seen, o.At.UTC().Truncate(time.Second))
			p.known[l.key] = k
		}
	}
	for _, f := range o.Dropped {
		s.dropped = append(s.dropped, fold(uint64(f)))
	}
	slices.Sort(s.dropped)
	s.dropped = slices.Compact(s.dropped)
	s.dropped = s.dropped[:min(len(s.dropped), maxDropped)]
	p.add(s)
	if len(p.sample) > maxSample+sampleSlack {
		p.thin()
	}
}

// sampled are the places of the lines that are kept, -1 for a gap.
func sampled(texts []string) []int {
	n := len(texts)
	all := make([]int, 0, min(n, maxLines))
	if n <= headLines+midLines+tailLines {
		for i := range texts {
			all = append(all, i)
		}
		return all
	}
	mid := make([]int, 0, n-headLines-tailLines)
	hash := make(map[int]Key, n-headLines-tailLines)
	for i := headLines; i < n-tailLines; i++ {
		mid = append(mid, i)
		hash[i] = keyOf(texts[i])
	}
	slices.SortFunc(mid, func(a, b int) int { return cmp.Or(cmp.Compare(hash[a], hash[b]), cmp.Compare(a, b)) })
	mid = mid[:midLines]
	slices.Sort(mid)
	for i := range headLines {
		all = append(all, i)
	}
	all = append(append(append(all, -1), mid...), -1)
	for i := n - tailLines; i < n; i++ {
		all = append(all, i)
	}
	return all
}

// maxExcerpt is how many characters of a known line are kept to show it to people.
const maxExcerpt = 160

func excerpt(text string) string {
	if r := []rune(text); len(r) > maxExcerpt {
		return string(r[:maxExcerpt])
	}
	return text
}

func (p *Profile) add(s seen) {
	if old, ok := p.sample[s.id]; !ok || order(old, s) < 0 {
		p.sample[s.id] = s
	}
}

// Merge adds what another profile of the site has. The other one is not changed.
func (p *Profile) Merge(other *Profile) {
	for _, s := range other.sample {
		p.add(s)
	}
	p.thin()
	for key, k := range other.known {
		if mine, ok := p.known[key]; ok {
			k = join(mine, k)
		}
		p.known[key] = k
	}
	p.bound()
	p.claim = newer(p.claim, other.claim)
}

// join is what two workers know of one line.
func join(a, b knownLine) knownLine {
	return knownLine{Text: max(a.Text, b.Text), Learned: earlier(a.Learned, b.Learned), Seen: later(a.Seen, b.Seen),
		Since: earlier(a.Since, b.Since), Cleaned: later(a.Cleaned, b.Cleaned)}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Equal says whether two profiles hold the same.
func (p *Profile) Equal(other *Profile) bool {
	return p.claim == other.claim && maps.Equal(p.known, other.known) &&
		maps.EqualFunc(p.sample, other.sample, func(a, b seen) bool { return order(a, b) == 0 })
}

// Clone gives a copy.
func (p *Profile) Clone() *Profile {
	return &Profile{sample: maps.Clone(p.sample), known: maps.Clone(p.known), claim: p.claim}
}

// thin keeps of the sample what its bounds say. Each level is the newest so many of a part of the articles that their
// hash alone chooses: so it does not matter whether a sample is thinned before it is merged.
func (p *Profile) thin() {
	if len(p.sample) <= newest {
		return
	}
	var left [levels + 1]int
	left[0] = newest
	for i := 1; i <= levels; i++ {
		left[i] = perLevel
	}
	for _, s := range p.newestFirst() {
		keep := false
		for level := 0; level <= min(levels, bits.TrailingZeros64(s.id)); level++ {
			if left[level] > 0 {
				left[level]--
				keep = true
			}
		}
		if !keep {
			delete(p.sample, s.id)
		}
	}
}

func (p *Profile) newestFirst() []seen {
	return slices.SortedFunc(maps.Values(p.sample), func(a, b seen) int { return order(b, a) })
}

// bound forgets known lines beyond maxKnown.
func (p *Profile) bound() {
	if len(p.known) <= maxKnown {
		return
	}
	keys := slices.SortedFunc(maps.Keys(p.known), func(a, b Key) int {
		return cmp.Or(p.known[b].Seen.Compare(p.known[a].Seen), cmp.Compare(a, b))
	})
	for _, k := range keys[maxKnown:] {
		delete(p.known, k)
	}
}
