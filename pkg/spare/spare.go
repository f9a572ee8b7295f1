// Package spare learns which parts of a site's addresses change nothing: parameters that say where a link stood, sessions, forms
// that are no forms. A part is a parameter of the query, a parameter within the path, a segment that looks like a session's, or
// one that chooses the form of a page on other sites.
//
// That a part is spare is proved by pairs of addresses that differ in it alone and gave the same article, and disproved by a pair
// that gave two. From then on it is taken off before a page gets its id, but for a share of the addresses, by which a change is
// noticed.
//
// Invariants: a part is spare after several pairs, and never right after a counter-example; each one doubles the proof that is
// asked for from then on. What is taken off depends on the address and what is known alone. A Parts is bounded, whatever a site
// invents. All functions are pure but for the Parts they are called on.
//
// Failure modes: pairs are found among the last maxSightings addresses alone, so that what is seldom linked in two ways is learned
// late or never: its pages are fetched twice, and are one article all the same. That an address is not served without a part shows
// when it is asked for: whoever does so notes that, and the address as it was, which then are a counter-example.
package spare

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"slices"
)

const (
	// proof is how many pairs show that a part is spare: a page that is served for any address, as in an outage, makes one.
	proof = 5
	// maxAgainst bounds the doubling of proof: what was disproved so often changes something.
	maxAgainst = 16
	// maxParts bounds the parts that are known of one site; real ones have a handful.
	maxParts = 40
	// maxSightings bounds the addresses that new ones are compared with: some days of a site that links each article twice.
	maxSightings = 512
	// maxName bounds a part's name in bytes.
	maxName = 60
	// sample is the share of addresses that stays whole: one in so many.
	sample = 16
)

// Part is what is known of one part.
type Part struct {
	Name    string `bson:"name"`    // ?ref, ;sid, /amp, /*2: the second segment
	For     int32  `bson:"for"`     // pairs of addresses that gave one article, since the last one that gave two
	Against int32  `bson:"against"` // pairs that gave two, or an article and none
}

// Spare says whether it is proved that the part changes nothing.
func (p Part) Spare() bool {
	return p.Against < maxAgainst && p.For >= proof<<p.Against
}

// sighting is an address that an article was read at, whole or with one part taken off.
type sighting struct {
	key     uint64 // of the address without the part
	article uint32
	part    uint32 // 0: the whole address
	value   uint32 // what the part was
	counted bool   // in a pair of the part
}

// Parts is what is known of a site's addresses. The zero value knows nothing.
type Parts struct {
	known map[string]Part
	seen  []sighting // the newest last
}

// Note takes notice of the article that was read at a canonical address, "" for none where one was to be expected, and gives what
// that adds, for others to add.
func (p *Parts) Note(address, article string) (more *Parts) {
	more = &Parts{}
	parts := partsOf(address)
	if len(parts) == 0 && len(p.known) == 0 {
		return more
	}
	whole := sighting{key: hash64(address), article: hash32(article)}
	all := []sighting{whole}
	for _, part := range parts {
		p.ensure(part.name)
		more.ensure(part.name)
		all = append(all, sighting{key: hash64(part.bare), article: whole.article, part: hash32(part.name), value: hash32(part.value)})
	}
	names := p.names()
	for _, s := range all {
		s = p.compare(s, names, more)
		more.keep(s)
	}
	p.Add(more)
	return more
}

// compare finds the sightings that make a pair with a new one, and adds to more what that says. The addresses that are one without
// a part make one pair together.
func (p *Parts) compare(s sighting, names map[uint32]string, more *Parts) sighting {
	for _, old := range p.seen {
		if old.key != s.key || old.part == s.part && (s.part == 0 || old.value == s.value) || old.part != 0 && s.part != 0 && old.part != s.part {
			continue
		}
		part := max(old.part, s.part) // one of the two is 0, or both are the same
		name, ok := names[part]
		switch {
		case !ok:
		case old.article != s.article:
			more.add(Part{Name: name, Against: 1})
		case !s.counted && !p.counted(s.key, part) && !more.counted(s.key, part):
			more.add(Part{Name: name, For: 1})
			if s.part == part {
				s.counted = true
			} else {
				old.counted = true
				more.keep(old)
			}
		}
	}
	return s
}

// counted says whether there is a pair already of addresses that are one without a part.
func (p *Parts) counted(key uint64, part uint32) bool {
	return slices.ContainsFunc(p.seen, func(s sighting) bool { return s.key == key && s.part == part && s.counted })
}

// keep remembers a sighting in place of an older one of the same address.
func (p *Parts) keep(s sighting) {
	p.seen = slices.DeleteFunc(p.seen, func(o sighting) bool { return o.key == s.key && o.part == s.part && o.value == s.value })
	p.seen = append(p.seen, s)
	if n := len(p.seen) - maxSightings; n > 0 {
		p.seen = slices.Delete(p.seen, 0, n)
	}
}

// add counts. What speaks against a part ends what spoke for it before.
func (p *Parts) add(more Part) {
	p.ensure(more.Name)
	was, ok := p.known[more.Name]
	if !ok {
		return
	}
	if more.Against > 0 {
		was.For = 0
	}
	was.For = min(was.For+more.For, proof<<maxAgainst)
	was.Against = min(was.Against+more.Against, maxAgainst)
	p.known[more.Name] = was
}

// ensure has a part be known, in place of one of which nothing is if there is no room.
func (p *Parts) ensure(name string) {
	if p.known == nil {
		p.known = map[string]Part{}
	}
	if _, ok := p.known[name]; ok || len(name) > maxName {
		return
	}
	if len(p.known) >= maxParts {
		all := p.Of()
		i := slices.IndexFunc(all, func(part Part) bool { return part.For == 0 && part.Against == 0 })
		if i < 0 {
			return
		}
		delete(p.known, all[i].Name)
	}
	p.known[name] = Part{Name: name}
}

func (p *Parts) names() map[uint32]string {
	names := make(map[uint32]string, len(p.known))
	for name := range p.known {
		names[hash32(name)] = name
	}
	return names
}

// Bare gives a canonical address without its spare parts. Of sessions alone, only values that look like a session's are taken off,
// for a parameter that changes no article may choose a list.
func (p *Parts) Bare(address string, sessions bool) string {
	bare := address
	for range maxOfAddress {
		next := ""
		for _, part := range partsOf(bare) {
			if p.known[part.name].Spare() && (!sessions || isSession(part.value)) {
				next = part.bare
				break
			}
		}
		if next == "" {
			break
		}
		bare = next
	}
	if bare != address && hash32(bare)%sample == 0 {
		return address
	}
	return bare
}

// Of lists what is known of each part, by name.
func (p *Parts) Of() []Part {
	var all []Part
	for _, part := range p.known {
		all = append(all, part)
	}
	slices.SortFunc(all, func(a, b Part) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Add adds what others noticed.
func (p *Parts) Add(other *Parts) {
	for _, part := range other.Of() {
		p.add(part)
	}
	for _, s := range other.seen {
		p.keep(s)
	}
}

// Len is how many parts and addresses are known.
func (p *Parts) Len() int { return len(p.known) + len(p.seen) }

// sightingBytes is the length of a sighting as it is stored.
const sightingBytes = 8 + 3*4 + 1

// Sightings gives the addresses that were seen as they are to be stored.
func (p *Parts) Sightings() []byte {
	var b []byte
	for _, s := range p.seen {
		b = binary.BigEndian.AppendUint64(b, s.key)
		b = binary.BigEndian.AppendUint32(b, s.article)
		b = binary.BigEndian.AppendUint32(b, s.part)
		b = binary.BigEndian.AppendUint32(b, s.value)
		b = append(b, 0)
		if s.counted {
			b[len(b)-1] = 1
		}
	}
	return b
}

// Restore makes a Parts of what was stored. What cannot be is left out: it is learned anew.
func Restore(known []Part, sightings []byte) *Parts {
	p := &Parts{}
	for _, part := range known {
		if part.Name != "" && part.For >= 0 && part.Against >= 0 {
			p.ensure(part.Name)
			if _, ok := p.known[part.Name]; ok {
				p.known[part.Name] = part
			}
		}
	}
	for len(sightings) >= sightingBytes && len(p.seen) < maxSightings {
		b := sightings
		p.seen = append(p.seen, sighting{
			key: binary.BigEndian.Uint64(b), article: binary.BigEndian.Uint32(b[8:]), part: binary.BigEndian.Uint32(b[12:]),
			value: binary.BigEndian.Uint32(b[16:]), counted: b[20] != 0,
		})
		sightings = sightings[sightingBytes:]
	}
	return p
}

func hash64(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // a hash never fails
	return h.Sum64()
}

// hash32 is never 0.
func hash32(s string) uint32 {
	return max(1, uint32(hash64(s)>>32))
}
